"""Real databases of many programs: scanned, held against SQLite's own check, repaired on a copy, and scanned again.

They are not part of this repository: SQLFIX_SHARED names the folder in which `corpus/db` lies.
"""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import sqlite3
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from support import FIGURES, Ran, contents, counts_for_repair, fingerprint, run_script, sqlfix

from sqlfix.commands import options
from sqlfix.prose.format import written

pytestmark = [pytest.mark.corpus, pytest.mark.oracle]

FOLDER = Path(os.environ["SQLFIX_SHARED"]) / "corpus" / "db" if os.environ.get("SQLFIX_SHARED") else None
SIDE_FILES = ("-wal", "-shm", "-journal")
FILES = (
    sorted(path for path in FOLDER.iterdir() if path.is_file() and not path.name.endswith(SIDE_FILES))
    if FOLDER and FOLDER.is_dir()
    else []
)
ABSENT = pytest.param(None, marks=pytest.mark.skip(reason="SQLFIX_SHARED names no folder with corpus/db in it"))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "original" in metafunc.fixturenames:
        metafunc.parametrize("original", FILES or [ABSENT], ids=[p.name for p in FILES] or ["absent"])


@pytest.fixture
def path(original: Path, tmp_path: Path) -> Path:
    """A copy that can be written to, with what lay beside the original."""
    for suffix in ("", "-wal", "-journal"):
        source = original.with_name(original.name + suffix)
        if source.exists():
            shutil.copyfile(source, tmp_path / f"x.db{suffix}")
    return tmp_path / "x.db"


def opened(path: Path) -> contextlib.closing[sqlite3.Connection]:
    connection = sqlite3.connect(path)
    connection.text_factory = bytes
    return contextlib.closing(connection)


def is_corrupt(path: Path) -> bool:
    """True if SQLite itself cannot read the file, or says that its structure is damaged."""
    try:
        with opened(path) as connection:
            verdict = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.DatabaseError as error:
        return "malformed" in str(error) or "not a database" in str(error)
    damaged = (b"Page ", b"Tree ", b"On tree page", b"*** in database", b"Freelist", b"Main freelist", b"database disk")
    return verdict.startswith(damaged)


def integrity(path: Path) -> list[bytes] | str:
    """SQLite's verdict; where it cannot give one, why not."""
    try:
        with opened(path) as connection:
            return [row[0] for row in connection.execute("PRAGMA integrity_check")]
    except sqlite3.DatabaseError as error:
        return str(error)


def oracle(path: Path) -> dict[str, dict[tuple[str, tuple[str, ...], str], int] | None]:
    """SQLite's own count of orphans for each child table, by relationship; None where it cannot say.

    A foreign key whose parent is missing makes every row a violation there, so such a table is left out.
    """
    found: dict[str, dict[tuple[str, tuple[str, ...], str], int] | None] = {}
    with contextlib.closing(sqlite3.connect(path)) as connection:
        listed = connection.execute("SELECT name, type FROM sqlite_master WHERE type IN ('table', 'view')").fetchall()
        tables = {name.lower() for name, kind in listed if kind == "table"}
        for name, kind in listed:
            if kind != "table":
                continue
            quoted = name.replace('"', '""')
            try:
                keys: dict[int, list[Any]] = {}
                for row in connection.execute(f'PRAGMA foreign_key_list("{quoted}")'):
                    keys.setdefault(row[0], []).append(row)
                rows = connection.execute(f'PRAGMA foreign_key_check("{quoted}")').fetchall()
            except sqlite3.DatabaseError:
                found[name] = None
                continue
            if any(parts[0][2].lower() not in tables for parts in keys.values()):
                found[name] = None
                continue
            columns = {
                number: tuple(part[3] for part in sorted(parts, key=lambda part: part[1]))
                for number, parts in keys.items()
            }
            counted: dict[tuple[str, tuple[str, ...], str], int] = {}
            for number, parts in keys.items():
                subject = (name, columns[number], parts[0][2])
                wrong = sum(1 for row in rows if row[3] == number)
                counted[folded(subject)] = counted.get(folded(subject), 0) + wrong
            found[name] = counted
    return found


def folded(subject: tuple[str, tuple[str, ...], str]) -> tuple[str, tuple[str, ...], str]:
    child, columns, parent = subject
    return child.lower(), tuple(column.lower() for column in columns), parent.lower()


def faults(report: Any) -> dict[tuple[str, ...], int]:
    """How many rows each finding of a report speaks of."""
    return {
        (f["check"], f["table"], *f["columns"], f["parent"], *f["parent_columns"]): f["count"]
        for f in report["findings"]
        if counts_for_repair(f)
    }


# -- the tests ----------------------------------------------------------------------------------------------------


def beside(path: Path) -> list[Path]:
    """The file and what is made beside it by its name; others may be scanned in the same folder at the same time."""
    return sorted(other for other in path.parent.iterdir() if other.name.startswith(path.name))


@cache
def scanned(original: Path) -> Ran:
    """What a scan says, which leaves no trace, and which can be shown in other formats; several tests look at it."""
    before, listed = fingerprint(original), beside(original)
    shown: list[Any] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(options, "written", lambda *given: (shown.append(given), written(*given))[1])
        ran = sqlfix("scan", original, "--format", "json")
    assert fingerprint(original) == before
    assert beside(original) == listed
    for _, document, view in shown:
        for form in ("table", "markdown"):
            assert "".join(written(form, document, view)).strip()
    assert len(shown) == (ran.code != 2)
    return ran


def test_it_is_scanned_without_a_trace(original: Path) -> None:
    ran = scanned(original)
    assert "Traceback" not in ran.err and "internal error" not in ran.err, ran.err
    assert ran.code in (0, 1, 2, 3)
    FIGURES["files"] += 1


def test_a_scan_refuses_only_what_is_corrupt(original: Path, path: Path) -> None:
    """A file is refused only where SQLite too finds its structure damaged."""
    ran = scanned(original)
    if ran.code == 2:
        assert is_corrupt(path), ran.err
        FIGURES["refused as damaged"] += 1


def test_it_counts_as_sqlite_does(original: Path, path: Path) -> None:
    ran = scanned(original)
    if ran.code == 2:
        pytest.skip("a damaged file")
    expected = oracle(path)
    counted: dict[str, dict[Any, int]] = {}
    repeated: set[Any] = set()
    damaged = {f["table"] for f in ran.json["findings"] if f["check"] == "index-disagrees"}
    for relationship in ran.json["relationships"]:
        FIGURES["relationships"] += 1
        if not relationship["checked"]:
            FIGURES["not checked"] += 1
            continue
        FIGURES["orphans"] += relationship["orphans"]
        child = relationship["child"]
        subject = folded((child, tuple(relationship["child_columns"]), relationship["parent"]))
        table = counted.setdefault(child, {})
        if subject in table:
            repeated.add(subject)
        table[subject] = table.get(subject, 0) + relationship["orphans"]
    compared = 0
    for child, table in counted.items():
        wanted = expected[child]
        if wanted is None or child in damaged:
            continue
        assert table == wanted
        compared += len(table)
    FIGURES["compared with SQLite"] += compared


def test_a_repair_leaves_what_it_says_and_the_script_does_the_same(original: Path, path: Path) -> None:
    if is_corrupt(path):
        ran = sqlfix("repair", path, "--yes", "--format", "json")
        assert ran.code in (0, 1, 2) and "internal error" not in ran.err
        pytest.skip("a damaged file")
    before, bytes_before = integrity(path), fingerprint(path)
    twin = path.with_name("twin.db")
    copy(path, twin)
    exported = sqlfix("export-sql", twin)
    ran = sqlfix("repair", path, "--yes", "--no-backup", "--format", "json")
    assert ran.code in (0, 1), ran.err
    plan = ran.json
    FIGURES["repaired rows"] += sum(fix["rows"] for fix in plan["fixes"])
    FIGURES["left rows"] += sum(left["count"] for left in plan["left"])
    FIGURES["left findings"] += len(plan["left"])
    left: Counter[tuple[str, ...]] = Counter()
    for part in plan["left"]:
        if part["check"] != "not-checked":
            left[part["check"], part["table"], *part["columns"], part["parent"], *part["parent_columns"]] += part[
                "count"
            ]
    if not plan["fixes"]:  # then all that a second look would tell is known of the first
        assert fingerprint(path) == bytes_before
        assert faults(scanned(original).json) == dict(left)
        assert "BEGIN" not in exported.out
        return
    again = sqlfix("scan", path, "--format", "json")
    assert again.code in (0, 1, 3)
    assert faults(again.json) == dict(left)
    second = sqlfix("repair", path, "--dry-run", "--format", "json").json
    assert second["fixes"] == []
    assert integrity(path) == before
    run_script(twin, exported.out)
    assert contents(twin) == contents(path)
    FIGURES["repaired files"] += bool(plan["fixes"])


# -- damage -------------------------------------------------------------------------------------------------------

ONE_IN = 12
"""One parent in this many is deleted, of those to which rows refer; at least one."""


def damage(path: Path, relationships: list[Any]) -> int:
    """Delete parents of each relationship with enforcement off, the same ones in every run; how many rows went."""
    deleted = 0
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for relationship in relationships:
            child, parent = (quoted(relationship[name]) for name in ("child", "parent"))
            pairs = list(zip(relationship["child_columns"], relationship["parent_columns"], strict=True))
            match = " AND ".join(f"p.{quoted(theirs)} = +c.{quoted(ours)}" for ours, theirs in pairs)
            key = [f"p.{quoted(theirs)}" for _, theirs in pairs]
            with contextlib.suppress(sqlite3.OperationalError):  # no such function, or collation, or it is a view
                found = connection.execute(
                    f"SELECT DISTINCT {', '.join(key)} FROM {parent} AS p JOIN {child} AS c ON {match} ORDER BY 1"
                ).fetchall()
                chosen = random.Random(12).sample(found, -(-len(found) // ONE_IN))
                where = " AND ".join(f"{quoted(theirs)} = ?" for _, theirs in pairs)
                for values in chosen:
                    deleted += connection.execute(f"DELETE FROM {parent} WHERE {where}", values).rowcount
    return deleted


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def of_rows(report: Any) -> set[tuple[str, ...]]:
    """The faults of a report, without their figures."""
    return set(faults(report))


def test_a_damaged_copy_is_repaired_and_taken_back(original: Path, path: Path) -> None:
    """Nothing is left but what was at fault before, and the undo is exact, by the backup as well as row by row."""
    if is_corrupt(path):
        pytest.skip("a damaged file")
    sound = scanned(original).json
    orphans = counted_by_sqlite(path)
    if not damage(path, [r for r in sound["relationships"] if r["checked"]]):
        pytest.skip("no row refers to another one")
    FIGURES["damaged"] += 1
    FIGURES["orphans made"] += counted_by_sqlite(path) - orphans
    before = contents(path)
    ran = sqlfix("repair", path, "--yes", "--allow-mass-delete", "--format", "json")
    assert ran.code in (0, 1), ran.err
    again = sqlfix("scan", path, "--format", "json").json
    assert of_rows(again) - of_rows(sound) == set()
    FIGURES["damaged and repaired"] += 1
    assert sqlfix("repair", path, "--dry-run", "--format", "json", "--allow-mass-delete").json["fixes"] == []
    repaired = path.with_name("repaired")
    copy(path, repaired)
    assert sqlfix("undo", path, "--yes").code == 0
    assert contents(path) == before
    FIGURES["taken back"] += 1
    copy(repaired, path)
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 77")  # the file is no longer the one that the repair left
    undone = sqlfix("undo", path, ran.json["record"], "--yes")
    assert (undone.code, "as it was before" in undone.out) == (0, False), undone.err
    assert contents(path) == before
    FIGURES["taken back row by row"] += 1


def counted_by_sqlite(path: Path) -> int:
    """All orphans of the tables of which SQLite can tell them."""
    return sum(sum(table.values()) for table in oracle(path).values() if table)


def copy(path: Path, to: Path) -> None:
    """Make a file the same as another one, page by page."""
    with opened(path) as source, opened(to) as target:
        source.backup(target)
