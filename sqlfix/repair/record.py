"""The record of a repair: one SQLite file beside the database that says what was done, and can take it back.

One file, because a pile of them comes apart; an SQLite file, because whoever needs it has the tool to open it. Its
tables: ``about`` (what, when, versions, counts, fingerprints; a key and a value a row), ``script`` (the statements as
run), ``tables`` (which tables changed, and how their rows are told apart), and for each of these ``rows of NAME``.

Format 2 has ``told_by`` in ``tables``, ``alike`` in the rows that are found by their values, and rows of many columns
in parts. A record of format 1 is read as well. With ``adopted`` it has the rows that got a parent by rows that were
added.
"""

import json
import os
import platform
import re
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlfix import __version__
from sqlfix.errors import SqlfixError
from sqlfix.frozen import frozen
from sqlfix.model.plans import Plan
from sqlfix.model.schema import Schema
from sqlfix.model.values import folded
from sqlfix.repair import stored_rows
from sqlfix.repair.adopted import read_list, write_adopted
from sqlfix.repair.archive import Adopted, Archive, Archived
from sqlfix.sql.literals import quote
from sqlfix.sql.parked_table import COLUMNS, is_ours
from sqlfix.sql.parked_table import NAME as PARKED
from sqlfix.sqlite.connect import beside, looking_at
from sqlfix.sqlite.files import new_file, stamped
from sqlfix.sqlite.odd_files import is_sqlite_file

FORMAT = 2
TOLD_BY = ("key", "rowid", "values", "documents")
NAME = re.compile(r"\.sqlfix-(\d{8}T\d{6}Z(?:-\d+)?)\.sqlite3$")
NOT_KNOWN = "0" * 64
"""Stands for a sum until it is known: as long as one, so that to note it moves nothing else in the record."""
APPLICATION_ID = 0x73716C78
"""``sqlx``: by it a record is known, whatever its name."""


@frozen
class Record:
    """A record as it is read: ``kind`` is ``repair``, ``schema`` or ``undo``.

    ``state`` is ``prepared`` until the transaction it belongs to has been committed, then ``applied``. ``after`` is
    the file's fingerprint as the repair left it, ``backup_sum`` that of the backup.
    """

    path: Path
    kind: str
    state: str
    made: str
    rows: int
    backup: Path | None
    backup_sum: str | None
    after: str | None
    undoes: str | None
    tables: tuple[Archived, ...]
    about: Mapping[str, str]
    adopted: tuple[Adopted, ...] = ()

    @property
    def name(self) -> str:
        """By what it is called on the command line: its time."""
        return name_of(self.path)

    @property
    def old_format(self) -> bool:
        """True for a record that says nothing of search indexes, and of how rows without a key are told apart."""
        return int(self.about["format"]) < 2


def record_path(database: Path) -> Path:
    """Where the record of a change of a database goes: beside it, with the time in UTC."""
    return stamped(database, ".sqlfix-{}.sqlite3")


@contextmanager
def new_record(
    archive: Archive, database: Path, target: Path, about: Mapping[str, str | None], script: tuple[str, ...]
) -> Iterator[Path]:
    """Write a record, whole and on the disk, before the change it tells of is committed.

    If the block fails, the change was not made, and the record is removed again.

    Args:
        about: what it says of the change, beside what every record says.
        script: the statements as they were run.

    Raises:
        SqlfixError: where it cannot be written.
    """
    counts = {archived: archive.count(archived) for archived in archive.tables}
    changed = tuple(t for t in archive.tables if t.told_by == "documents" or counts[t])
    facts = {**_facts(database, counts), **about}
    with new_file(target, database, "record") as partial:
        encoding = archive.connection.execute("PRAGMA encoding").fetchone()[0]
        try:
            with beside(partial, write=True) as record:
                record.execute(f"PRAGMA encoding = '{encoding}'")
                record.execute("PRAGMA synchronous = OFF")  # it is fsynced once, when it gets its name
                record.execute("PRAGMA journal_mode = OFF")
                record.execute(f"PRAGMA application_id = {APPLICATION_ID}")
                record.execute("BEGIN")
                _write(record, facts, script, changed)
                stored_rows.write(archive, changed, record)
                write_adopted(archive, record)
                record.execute("COMMIT")
        except sqlite3.OperationalError as error:
            if "full" not in str(error) and "disk I/O" not in str(error):
                raise
            raise SqlfixError(f"the record {target} cannot be written: {error}", "nothing was changed") from error
    try:
        yield target
    except BaseException:
        target.unlink(missing_ok=True)
        raise


def _facts(database: Path, counts: Mapping[Archived, int]) -> dict[str, str | None]:
    """What every record says, by the number of rows that it has of each table."""
    # a person counts the rows of the tables, and not SQLite's own counters of AUTOINCREMENT
    rows = sum(number for archived, number in counts.items() if archived.table != "sqlite_sequence")
    return {
        "format": str(FORMAT),
        "database": str(database),
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "state": "prepared",
        "after": NOT_KNOWN,
        "rows": str(rows),
        "sqlfix": __version__,
        "sqlite": sqlite3.sqlite_version,
        "python": platform.python_version(),
    }


def _write(
    record: sqlite3.Connection, facts: Mapping[str, str | None], script: tuple[str, ...], tables: tuple[Archived, ...]
) -> None:
    record.execute("CREATE TABLE about (key TEXT PRIMARY KEY, value TEXT)")
    record.executemany("INSERT INTO about VALUES (?, ?)", [(key, _storable(value)) for key, value in facts.items()])
    record.execute("CREATE TABLE script (place INTEGER PRIMARY KEY, statement TEXT)")
    record.executemany("INSERT INTO script VALUES (?, ?)", enumerate(script, 1))
    record.execute(
        "CREATE TABLE tables (number INTEGER PRIMARY KEY, name TEXT, columns TEXT, row_id TEXT, told_by TEXT)"
    )
    record.executemany(
        "INSERT INTO tables VALUES (?, ?, ?, ?, ?)",
        [(t.number, t.table, json.dumps(t.columns), json.dumps(t.row_id), t.told_by) for t in tables],
    )


def _storable(value: str | None) -> str | bytes | None:
    """A text as it is; the name of a file that is not UTF-8 as its bytes."""
    if value is None:
        return None
    try:
        value.encode()
    except UnicodeEncodeError:
        return os.fsencode(value)
    return value


def finish(path: Path, after: str | None) -> None:
    """Note in a record that its change was committed, and the fingerprint of the file that it left."""
    with suppress(sqlite3.Error), beside(path, write=True) as record:  # else it stays `prepared`, as history says
        record.execute("BEGIN")
        record.execute("UPDATE about SET value = 'applied' WHERE key = 'state'")
        record.execute("UPDATE about SET value = ? WHERE key = 'after'", (after or NOT_KNOWN,))
        record.execute("COMMIT")


# -- reading ------------------------------------------------------------------------------------------------------


def read(path: Path) -> Record:
    """Read a record.

    Raises:
        SqlfixError: where the file is none.
    """
    try:
        with looking_at(path) as record:
            if record.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
                raise SqlfixError(f"{path} is not a record of sqlfix")
            _require_tables_alone(record)
            about = _about(path, record)
            backup, after = Path(about.get("backup", "")), about.get("after")
            tables = _tables(record, int(about["format"]))
            return Record(
                path=path,
                kind=about["kind"],
                state=about["state"],
                made=about["made"],
                rows=int(about["rows"]) - _moved(record, tables),
                backup=backup if backup.name else None,
                backup_sum=about.get("backup_sum"),
                after=None if after == NOT_KNOWN else after,
                undoes=about.get("undoes"),
                tables=tables,
                about=about,
                adopted=read_list(record),
            )
    except (sqlite3.Error, KeyError, TypeError, ValueError, RecursionError) as error:
        raise SqlfixError(f"{path} cannot be read as a record: {error}") from error


def _moved(record: sqlite3.Connection, tables: Iterable[Archived]) -> int:
    """How many rows were parked or brought back: each of them is one row, and stands there for two tables."""
    moved = (table for table in tables if holds_parked(table))
    queries = (f"SELECT count(*) FROM {table.in_record().tables[0]} WHERE what <> 'update'" for table in moved)
    return sum(int(record.execute(query).fetchone()[0]) for query in queries)


def holds_parked(archived: Archived) -> bool:
    """True of the table of the rows that are parked."""
    return folded(archived.table) == PARKED and archived.columns == COLUMNS


def script_of(record: Record) -> tuple[str, ...]:
    """The statements of a change, as they were run."""
    with looking_at(record.path) as connection:
        found = connection.execute("SELECT statement FROM script ORDER BY place").fetchall()
    return tuple(statement for (statement,) in found if isinstance(statement, str))


def _about(path: Path, record: sqlite3.Connection) -> dict[str, str]:
    """What a record says about itself."""
    about = {
        str(key): os.fsdecode(value) if isinstance(value, bytes) else value
        for key, value in record.execute("SELECT key, value FROM about")
        if value
    }
    if not all(isinstance(value, str) for value in about.values()):
        raise ValueError("what it says about itself is not text")
    if int(about["format"]) > FORMAT:
        raise SqlfixError(f"{path} was written by a newer sqlfix ({about['sqlfix']})", "use that version")
    return about


def _tables(record: sqlite3.Connection, version: int) -> tuple[Archived, ...]:
    """The tables that a record tells of."""
    told_by = "told_by" if version > 1 else "'key'"
    query = f"SELECT number, name, columns, row_id, {told_by} FROM tables ORDER BY number"
    tables = tuple(_archived(record, row) for row in record.execute(query))
    if len({folded(table.table) for table in tables} | {table.number for table in tables}) < 2 * len(tables):
        raise ValueError("it names a table twice")
    return tables


def _require_tables_alone(record: sqlite3.Connection) -> None:
    """Raise ValueError for a file that could make SQLite compute when it is read: a record is a stranger's file too."""
    for kind, name, sql in record.execute("SELECT type, name, sql FROM sqlite_master"):
        own_index = kind == "index" and sql is None
        if not own_index and (kind != "table" or not re.match(r"CREATE TABLE\b", str(sql), re.IGNORECASE)):
            raise ValueError(f"it contains a {kind} {name}, which no record has")
        if any(row[6] for row in record.execute(f"PRAGMA main.table_xinfo({quote(str(name))})")):
            raise ValueError(f"{name} has a generated column, which no record has")


def _archived(record: sqlite3.Connection, row: tuple[Any, ...]) -> Archived:
    """What a record says of one table, if it holds together."""
    number, name, columns, row_id, told_by = row
    named, keys = json.loads(columns), json.loads(row_id)
    if not isinstance(number, int) or not isinstance(name, str) or told_by not in TOLD_BY:
        raise ValueError("it does not name its tables")
    if not all(isinstance(part, list) and all(isinstance(n, str) for n in part) for part in (named, keys)):
        raise ValueError(f"it does not name the columns of {name}")
    archived = Archived(number, name, tuple(named), tuple(keys), told_by)
    if not named or bool(keys) != (told_by != "values") or not set(keys) <= set(named):
        raise ValueError(f"it does not say how the rows of {name} are identified")
    if archived.by_value and keys not in ([], named[:1]):
        raise ValueError(f"it does not say which column of {name} is the rowid")
    for place, table in enumerate(archived.in_record().tables):
        found = [row[1] for row in record.execute(f"PRAGMA main.table_xinfo({table})")]
        if found != list(archived.part_columns(place)):
            raise ValueError(f"its rows of {name} have other columns than it says")
    return archived


@frozen
class Unreadable:
    """A file that has the name of a record and cannot be read as one, and why."""

    path: Path
    problem: str

    @property
    def name(self) -> str:
        """By what it would be called on the command line."""
        return name_of(self.path)


def name_of(path: Path) -> str:
    """By what a record is called on the command line: its time."""
    found = NAME.search(path.name)
    return found[1] if found else path.name


def records_beside(database: Path) -> tuple[tuple[Record, ...], tuple[Unreadable, ...]]:
    """The records beside a database, the oldest first, and the files that should be records and are none.

    One that cannot be read says nothing of the others.
    """
    found, unreadable = [], []
    for path in sorted(database.parent.iterdir()):
        if path.name.startswith(database.name) and NAME.fullmatch(path.name[len(database.name) :]):
            try:
                if not is_sqlite_file(path):
                    raise SqlfixError(f"{path} cannot be read as a record: it is not an SQLite database")
                found.append(read(path))
            except SqlfixError as error:
                unreadable.append(Unreadable(path, error.message))
    return tuple(sorted(found, key=_age)), tuple(unreadable)


def _age(record: Record) -> tuple[str, str, int]:
    """Of several that were made in one second, the names say which came first: by their own second, and the number."""
    second, _, number = record.name.partition("-")
    return record.made, second, int(number or 1)


# -- the table for parked rows, where a repair made it: an undo that empties it drops it, and a redo makes it again ----

MAKES, DROPS = "makes", "drops"
"""What a record says of the table."""


def told_of_parked(plan: Plan) -> dict[str, str | None]:
    """What the record of a plan says of the table for parked rows."""
    return {MAKES: PARKED if plan.prepares else None}


def is_missing(schema: Schema, record: Record) -> bool:
    """True if what a record tells of dropped the table, and it has to be there for that to be taken back."""
    return record.about.get(DROPS) == PARKED and not schema.has(PARKED)


def drop_if_empty(connection: sqlite3.Connection, schema: Schema, record: Record) -> dict[str, str | None]:
    """Drop the table that a repair made, if nobody has put anything into it or onto it; what a record says of that."""
    table = schema.table(PARKED)
    made = record.about.get(MAKES) == PARKED or record.about.get(DROPS) == PARKED
    if not made or table is None or not is_ours(table) or table.indexes or table.triggers:
        return {}
    if connection.execute(f"SELECT 1 FROM main.{PARKED} LIMIT 1").fetchone():
        return {}
    connection.execute(f"DROP TABLE main.{PARKED}")
    return {DROPS: PARKED}
