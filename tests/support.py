"""Building databases, running the tool, and looking at what is in a file: for all tests."""

from __future__ import annotations

import contextlib
import hashlib
import inspect
import io
import json
import re
import shutil
import sqlite3
import stat
import subprocess
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product, zip_longest
from pathlib import Path
from textwrap import shorten
from typing import Any

import jsonschema
import pytest

from sqlfix import formats
from sqlfix.cli import run as run_cli
from sqlfix.scan.run import scan
from sqlfix.scan.scope import Scope
from sqlfix.schema.catalogue import read_schema
from sqlfix.sql.literals import literal

Stored = int | float | str | bytes | None
Told = tuple[str, int] | tuple[str, int, str]
"""The place of a finding, the number of its rows, and its severity."""

FIGURES: Counter[str] = Counter()
"""What tests over many real files have counted; it is shown at the end of the run."""
FORMATS = Path(formats.__file__).parent


def build(path: Path, sql: str) -> Path:
    """A database file made by a script, with foreign keys off."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.executescript(sql)
    return path


@dataclass(frozen=True)
class Ran:
    """What a run of the command line left."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The output read as JSON."""
        return json.loads(self.out)


def sqlfix(*arguments: object) -> Ran:
    """Run the command line in this process."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = run_cli([str(argument) for argument in arguments])
    return Ran(code, out.getvalue(), err.getvalue())


@cache
def json_schema(name: str) -> dict[str, Any]:
    """The JSON schema of a kind of document; that it is one is checked once, and not for every document."""
    found: dict[str, Any] = json.loads((FORMATS / f"{name}.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(found)
    return found


def keep_to(schema: Mapping[str, Any], document: object) -> None:
    """Raise jsonschema.ValidationError where a document does not keep to a schema, such as one of `json_schema`."""
    jsonschema.Draft202012Validator(schema).validate(document)


def fingerprint(path: Path) -> tuple[str, int]:
    """The content and the time of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_mtime_ns


class TextBytes(bytes):
    """The bytes of a TEXT, which need not be UTF-8; a BLOB is plain bytes."""


def contents(path: Path) -> dict[str, Any]:
    """Everything that a database holds: the schema, and each table's rows with the types of their values."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.text_factory = TextBytes
        schema = connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY 1, 2").fetchall()
        ordinary = [row for row in schema if row[0] == b"table" and not row[3].upper().startswith(b"CREATE VIRT")]
        tables = [row[1].decode() for row in ordinary]
        found: dict[str, Any] = {"schema": schema}
        texts = b" ".join(row[3] or b"" for row in schema).decode(errors="replace")
        for word in set(re.findall(r"COLLATE\s+(\w+)", texts)):
            if word.upper() not in ("BINARY", "NOCASE", "RTRIM"):  # to read all rows, any order will do
                connection.create_collation(word, lambda a, b: (a > b) - (a < b))
        for name in tables:
            rows = connection.execute(f"SELECT * FROM {_read_without_indexes(connection, name)}").fetchall()
            found[name] = sorted(repr([(type(value).__name__, value) for value in row]) for row in rows)
        return found


def _read_without_indexes(connection: sqlite3.Connection, name: str) -> str:
    """A table for a FROM clause: what it holds is read from itself, not from an index that may disagree with it."""
    quoted = name.replace('"', '""')
    key = connection.execute(
        "SELECT name FROM pragma_index_list(?) WHERE origin = 'pk'"
        " AND name NOT IN (SELECT name FROM sqlite_master WHERE type = 'index')",
        (name,),
    ).fetchone()
    if key is None:
        return f'"{quoted}" NOT INDEXED'
    # of a table WITHOUT ROWID this index is the table itself, and NOT INDEXED would let SQLite read another one
    return '"{}" INDEXED BY "{}"'.format(quoted, key[0].decode().replace('"', '""'))


def violations(path: Path) -> dict[tuple[str, int], int]:
    """SQLite's own count of orphans, by child table and number of the foreign key; tables with a mismatch left out."""
    found: dict[tuple[str, int], int] = {}
    with contextlib.closing(sqlite3.connect(path)) as connection:
        names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for name in names:
            quoted = name.replace('"', '""')
            try:
                rows = connection.execute(f'PRAGMA foreign_key_check("{quoted}")').fetchall()
            except sqlite3.OperationalError:
                continue
            for table, _, _, number in rows:
                found[table, number] = found.get((table, number), 0) + 1
    return found


def files(folder: Path) -> list[Path]:
    """What lies in a folder, but for the records that repairs leave there; by name."""
    record = re.compile(r"\.sqlfix-\d{8}T\d{6}Z(-\d+)?\.sqlite3$")
    return sorted(path for path in folder.iterdir() if not record.search(path.name))


PARAM = type(pytest.param())


def together(test: Callable[..., None]) -> Callable[..., None]:
    """The cases of a parametrised test as one test: all of them run, and each that fails is told with what it is.

    It is for the cases that take a few milliseconds: for pytest to begin and to report a test takes as long. A test
    with a ``tmp_path`` gets a folder of its own for each case, and other fixtures there are none.
    """
    marks: list[pytest.Mark] = test.pytestmark  # type: ignore[attr-defined]
    given = [mark for mark in marks if mark.name == "parametrize"]
    names = [mark.args[0].split(",") if isinstance(mark.args[0], str) else mark.args[0] for mark in given]

    def run(folder: Path | None) -> None:
        failed: list[Exception] = []
        for number, chosen in enumerate(product(*(mark.args[1] for mark in given))):
            case: dict[str, Any] = {}
            for called, values in zip(names, chosen, strict=True):
                held = values.values if isinstance(values, PARAM) else values if len(called) > 1 else (values,)
                case.update(zip(map(str.strip, called), held, strict=True))
            if folder:
                (folder / str(number)).mkdir()
            try:
                test(**case, **({"tmp_path": folder / str(number)} if folder else {}))
            except (Exception, pytest.skip.Exception) as error:  # one that is skipped would take the others with it
                error.add_note(f"with {shorten(repr(case), 400)}")
                failed.append(error if isinstance(error, Exception) else RuntimeError("skipped", error))
        if failed:
            raise ExceptionGroup(f"{len(failed)} of the cases of {test.__name__}", failed)

    def in_a_folder(tmp_path: Path) -> None:
        run(tmp_path)

    def alone() -> None:
        run(None)

    made = in_a_folder if "tmp_path" in inspect.signature(test).parameters else alone
    made.__name__, made.__doc__, made.__module__ = test.__name__, test.__doc__, test.__module__
    made.pytestmark = [mark for mark in marks if mark not in given]  # type: ignore[attr-defined]
    return made


def check_finds(
    check: str, clean: Mapping[str, str], found: Mapping[str, tuple[str, Sequence[Told]]], beside: Sequence[str] = ()
) -> Any:
    """A test that a check finds nothing in some databases, and in others just what is told.

    Args:
        clean: the SQL of databases that are sound, by words for what is tried.
        found: the SQL of others, each with the places (`table`, or `table.column,column`), the numbers of rows, and
            the severity if it matters.
        beside: further checks, which find nothing in any of them.
    """
    tried = {**{words: (sql, ()) for words, sql in clean.items()}, **found}

    @together
    @pytest.mark.parametrize(("sql", "told"), tried.values(), ids=tried)
    def test(tmp_path: Path, sql: str, told: Sequence[Told]) -> None:
        path = build(tmp_path / "x.db", sql)
        before = fingerprint(path)
        selected = [word for name in {check: 1, **dict.fromkeys(beside)} for word in ("--select", name)]
        report = sqlfix("scan", *selected, "--format", "json", path).json
        places = [".".join(filter(None, (f["table"], ",".join(f["columns"])))) for f in report["findings"]]
        seen = [(place, f["count"], f["severity"]) for place, f in zip(places, report["findings"], strict=True)]
        assert [one[: len(wanted)] for one, wanted in zip_longest(seen, told, fillvalue=())] == [*told]
        assert all(finding["check"] == check and finding["message"] for finding in report["findings"])
        assert report["not_checked"] == []
        assert fingerprint(path) == before, "a scan writes nothing"

    return test


def found(path: Path, check: str, *options: str) -> list[dict[str, Any]]:
    """The findings of one check; nothing may be left unchecked, and the file not be touched."""
    before = fingerprint(path)
    ran = sqlfix("scan", path, "--format", "json", "--select", check, *options)
    assert ran.code in (0, 1), ran.err or ran.out
    assert fingerprint(path) == before
    findings: list[dict[str, Any]] = ran.json["findings"]
    return findings


def unchecked(path: Path, *options: str) -> list[dict[str, str]]:
    """What a scan could not check."""
    entries: list[dict[str, str]] = sqlfix("scan", path, "--format", "json", *options).json["not_checked"]
    return entries


def made(connection: sqlite3.Connection, check: str) -> list[Any]:
    """The findings of one check in a database in memory."""
    return [*scan(connection, read_schema(connection), "x", Scope((check,))).findings]


def by_hand(statement: str, name: str) -> str:
    """SQL that gives an index another text and leaves its entries as they are."""
    text = statement.replace("'", "''")
    return (
        "PRAGMA writable_schema = ON;"
        f"UPDATE sqlite_schema SET sql = '{text}' WHERE name = '{name}';"
        "PRAGMA writable_schema = RESET;"
    )


def stored_as(declared: str, *rows: Sequence[Stored], columns: Sequence[str] = "a") -> str:
    """The SQL of a table t with just these values, which is declared so afterwards: no affinity has touched them."""
    values = ", ".join(f"({', '.join(map(literal, row))})" for row in rows)
    return (
        f"PRAGMA synchronous = OFF; CREATE TABLE t ({', '.join(columns)});"
        + f"INSERT INTO t VALUES {values};" * bool(rows)
        + f"PRAGMA writable_schema = ON; UPDATE sqlite_master SET sql = {literal(declared)} WHERE name = 't';"
    )


OF_ROWS = ("check-violations", "invalid-dates", "not-null-violations", "too-long-values", "type-mismatches")
"""The checks whose conditions are on single rows."""


def scan_rows(path: Path, *options: object) -> Ran:
    """A scan by the checks of single rows alone."""
    return sqlfix("scan", path, "--format", "json", *(w for name in OF_ROWS for w in ("--select", name)), *options)


def told_of_rows(path: Path) -> list[tuple[str, str, str, int]]:
    """What such a scan found: severity, check, columns, rows; and nothing was left unchecked."""
    report = scan_rows(path).json
    assert report["not_checked"] == []
    return [(f["severity"], f["check"], ",".join(f["columns"]), f["count"]) for f in report["findings"]]


def run_script(path: Path, script: str) -> None:
    """Run a script on a database as the sqlite3 shell would: statement by statement in one connection."""
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.executescript(script)


@cache
def old(shell: str) -> bool:
    """True for a sqlite3 shell that is older than the tool's own oldest SQLite."""
    version = subprocess.run([shell, "--version"], capture_output=True, text=True).stdout.split()
    return tuple(int(part) for part in version[0].split(".")) < (3, 35)


def counts_for_repair(finding: dict[str, Any]) -> bool:
    """True of a finding that a repair mends or lists as left: of a table as a whole, and of hints, it says nothing."""
    by_rows = ("type-mismatches", "invalid-dates", "null-in-primary-key")
    of_rows = finding["check"] in by_rows and finding["severity"] == "warning"
    return bool(finding["parent"]) or finding["severity"] == "error" or of_rows


# -- as somebody else ---------------------------------------------------------------------------------------------

NOBODY = 65534
"""An ordinary user, who owns nothing."""


@contextlib.contextmanager
def open_folder() -> Iterator[Path]:
    """A folder that an ordinary user can reach, which the folders that pytest makes are not; removed afterwards.

    Raises:
        LookupError: where this machine has none.
    """
    tried = [Path(name).resolve() for name in (tempfile.gettempdir(), "/tmp", "/var/tmp")]
    for place in tried:
        if place.is_dir() and all(folder.stat().st_mode & stat.S_IXOTH for folder in (place, *place.parents)):
            break
    else:
        raise LookupError(f"an ordinary user can reach none of {', '.join(map(str, tried))}")
    folder = Path(tempfile.mkdtemp(prefix="sqlfix-test-", dir=place))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        folder.chmod(0o700)
        shutil.rmtree(folder)
