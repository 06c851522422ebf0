"""Who repairs: `sqlfix` with what it is given, each run a process of its own, and what people do by hand today."""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from bench.repairs.states import ForeignKey, address_of, foreign_keys, quoted
from bench.repairs.work import Case

SQLFIX = [sys.executable, "-m", "sqlfix"]


@dataclass
class Deed:
    """What a repair said of itself: whether it has a record, and how many orphans of which columns it left."""

    refused: str = ""
    record: bool = False
    left: Counter[tuple[str, tuple[str, ...]]] | None = None
    after: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Contestant:
    """Somebody who repairs a file.

    ``sources`` is what the repair may find answers in; ``always`` says that it is run on all cases, and not only on
    those that name it; ``option`` is what `sqlfix repair --help` has to know of.
    """

    key: str
    name: str
    repair: Callable[[Path, Case], Deed]
    sources: frozenset[str] = frozenset({"file"})
    always: bool = False
    option: str = ""
    ours: bool = True


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run sqlfix as a process."""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    return subprocess.run([*SQLFIX, *arguments], capture_output=True, text=True, check=False, env=environment)


@cache
def usage() -> str:
    """What the commands say that they can do."""
    words = " ".join(run(*command, "--help").stdout for command in (("repair",), ()))
    return " ".join(words.split())


def is_there(contestant: Contestant) -> bool:
    """Whether this version has the option of a contestant."""
    return not contestant.option or contestant.option in usage()


def _by_sqlfix(*options: str) -> Callable[[Path, Case], Deed]:
    def repair(path: Path, case: Case) -> Deed:
        ran = run("repair", "--yes", "--format", "json", *options, str(path))
        if ran.returncode not in (0, 1) or not ran.stdout:
            return Deed(refused=ran.stderr.strip()[-300:])
        return _read_plan(json.loads(ran.stdout))

    return repair


def _read_plan(plan: dict[str, Any]) -> Deed:
    left: Counter[tuple[str, tuple[str, ...]]] = Counter()
    for each in plan["left"]:
        if each["check"] in ("orphan-rows", "placeholder-values"):
            left[each["table"], tuple(each["columns"])] += each["count"]
    return Deed(record=plan["record"] is not None, left=left)


def _with_donors(path: Path, case: Case) -> Deed:
    return _by_sqlfix(*(word for donor in case.donors for word in ("--donor", str(donor))))(path, case)


def _with_maps(path: Path, case: Case) -> Deed:
    return _by_sqlfix(*(word for at, file in case.maps.items() for word in ("--map", f"{at}={file}")))(path, case)


def unpark(path: Path, case: Case) -> str:
    """Bring the parents back, as somebody who finds them does, and then the rows that were parked; what went wrong."""
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'lost_and_found'").fetchone():
            return ""  # nothing was parked
        connection.execute("ATTACH ? AS sound", (str(case.sound),))
        for table in {fk.parent: None for fk in foreign_keys(connection)}:
            keys = ", ".join(n if n == "rowid" else quoted(n) for n in address_of(connection, table))
            connection.execute(
                f"INSERT OR IGNORE INTO main.{quoted(table)} SELECT * FROM sound.{quoted(table)}"
                f" WHERE ({keys}) NOT IN (SELECT {keys} FROM main.{quoted(table)})"
            )
    ran = run("unpark", "--yes", str(path))
    return "" if ran.returncode in (0, 1) else ran.stderr.strip()[-300:]


# -- by hand ------------------------------------------------------------------------------------------------------


def _orphan(fk: ForeignKey) -> str:
    found = " AND ".join(
        f"p.{quoted(theirs)} = +c.{quoted(ours)}" for ours, theirs in zip(fk.columns, fk.parent_columns, strict=True)
    )
    there = " AND ".join(f"c.{quoted(name)} IS NOT NULL" for name in fk.columns)
    return f"{there} AND NOT EXISTS (SELECT 1 FROM {quoted(fk.parent)} AS p WHERE {found})"


def _by_hand(empty_first: bool) -> Callable[[Path, Case], Deed]:
    """The rows that `PRAGMA foreign_key_check` names are emptied or deleted, until it names none."""

    def repair(path: Path, case: Case) -> Deed:
        with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
            keys = foreign_keys(connection)
            connection.execute("BEGIN")
            while connection.execute("PRAGMA foreign_key_check").fetchone():
                for fk in keys:
                    deed = f"DELETE FROM {quoted(fk.child)} AS c"
                    if empty_first and fk.optional:
                        emptied = ", ".join(f"{quoted(name)} = NULL" for name in fk.columns)
                        deed = f"UPDATE {quoted(fk.child)} AS c SET {emptied}"
                    connection.execute(f"{deed} WHERE {_orphan(fk)}")
            connection.execute("COMMIT")
        return Deed()

    return repair


CONTESTANTS = (
    Contestant("repair", "`sqlfix repair`", _by_sqlfix(), always=True),
    Contestant("donor", "`--donor`", _with_donors, frozenset({"file", "donor"}), option="--donor"),
    Contestant("map", "`--map`", _with_maps, frozenset({"file", "map"}), option="--map"),
    Contestant("stand-in", "`--on-orphan stand-in`", _by_sqlfix("--on-orphan", "stand-in"), option="stand-in"),
    Contestant("park", "`--on-orphan park`", _by_sqlfix("--on-orphan", "park"), option="unpark"),
    Contestant("delete", "by hand: delete", _by_hand(False), always=True, ours=False),
    Contestant("null", "by hand: NULL or delete", _by_hand(True), always=True, ours=False),
)
