"""Opening a donor to read it: a database, a record of a repair, or an SQL dump. It is never written to.

The rows of a record and of a dump are put into a private file first, which goes away with the donor.
"""

import contextlib
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Literal, Self

from sqlfix.errors import Malformed, Refused, SqlfixError
from sqlfix.frozen import frozen
from sqlfix.model.schema import ForeignKey, Schema
from sqlfix.model.values import Subject
from sqlfix.plan.missing_parents import Key, find_parents, missing_keys
from sqlfix.repair.archive import Archived
from sqlfix.repair.matching import RECORD, in_record
from sqlfix.repair.record import APPLICATION_ID, Record, read
from sqlfix.schema.database import Database, Donor, open_database
from sqlfix.sql.literals import names, quote
from sqlfix.sqlite import interrupts
from sqlfix.sqlite.connect import attach, connect
from sqlfix.sqlite.deadline import overlooking, watch
from sqlfix.sqlite.dumps import load_dump
from sqlfix.sqlite.failures import plain_errors
from sqlfix.sqlite.files import temporary_folder
from sqlfix.sqlite.odd_files import copies_beside, is_sql_script, is_sqlite_file
from sqlfix.text import typed_path, typed_words


@frozen
class Wanted:
    """For what a donor is opened: the file that has lost rows, what it says of itself; and as for `open_database`."""

    file: Path
    schema: Schema
    encoding: str
    timeout: float = 5.0
    sign: Callable[[], object] | None = None

    @classmethod
    def of(cls, file: Path, database: Database, timeout: float = 5.0, sign: Callable[[], object] | None = None) -> Self:
        """What is wanted for a database that is open."""
        encoding = str(database.connection.execute("PRAGMA encoding").fetchone()[0])
        return cls(file, database.schema, encoding, timeout, sign)


@contextmanager
def open_donor(path: Path, wanted: Wanted) -> Iterator[Donor]:
    """Open a donor to read it, and leave it and its folder as they were.

    Raises:
        SqlfixError: where it cannot be read, or is the file itself.
    """
    with contextlib.suppress(OSError):
        if path.samefile(wanted.file):
            raise Refused(f"{path} is the database itself", "name an older copy of it")
    with interrupts.giving_back() as stack:
        if is_record(path):
            record = read(path)
            file, kind, notes = _loaded(stack, wanted, path, lambda c: _load_record(c, wanted.schema, record))
        elif is_sql_script(path):
            file, kind, notes = _loaded(stack, wanted, path, lambda c: load_dump(path, c))
        else:
            file, kind, notes = path, "database", ()
        with _named(path):
            opened = stack.enter_context(open_database(file, wanted.timeout, wanted.sign, threads=1))
        notes = (*((opened.note,) if opened.note else ()), *notes)
        yield Donor(str(path), kind, replace(opened, name=str(path)), notes)


@contextmanager
def _named(path: Path) -> Iterator[None]:
    """Say of a damaged donor how what is left in it can be used."""
    try:
        yield
    except Malformed as error:
        typed = typed_words([typed_path(path)])
        hint = f"save what is left of it as SQL, and name that instead: sqlite3 {typed} .recover > saved.sql"
        raise Malformed(error.message, hint) from error


def is_record(path: Path) -> bool:
    """True for a database that says of itself that it is a record."""
    if not is_sqlite_file(path):
        return False
    with contextlib.suppress(OSError), path.open("rb") as file:
        return file.read(72)[68:] == APPLICATION_ID.to_bytes(4, "big")  # its place in the header of every database
    return False


Kind = Literal["database", "record", "dump"]
Load = Callable[[sqlite3.Connection], tuple[str, ...]]


def _loaded(stack: contextlib.ExitStack, wanted: Wanted, path: Path, load: Load) -> tuple[Path, Kind, tuple[str, ...]]:
    """A private file that was filled with what a record or a dump holds, and what is to be said of it."""
    kind: Kind = "record" if is_record(path) else "dump"
    file = stack.enter_context(temporary_folder()) / "donor.db"
    with plain_errors(path), contextlib.closing(connect(file, "mode=rwc", wanted.timeout)) as connection:
        watch(connection, wanted.sign)
        connection.execute(f"PRAGMA encoding = '{wanted.encoding}'")  # two files can only be compared in one encoding
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA journal_mode = MEMORY")
        notes = load(connection)
    return file, kind, notes


def _load_record(connection: sqlite3.Connection, schema: Schema, record: Record) -> tuple[str, ...]:
    """Make a table of each that lost rows by the change that a record tells of, and put these rows into it."""
    attach(connection, record.path, RECORD)
    connection.execute("BEGIN")
    for archived in record.tables:
        if archived.told_by != "documents" and archived.values and not archived.table.lower().startswith("sqlite_"):
            _load_table(connection, schema, archived)
    connection.execute("COMMIT")
    return () if record.state == "applied" else ("the repair it records was cut off, and may not have been committed",)


def _load_table(connection: sqlite3.Connection, schema: Schema, archived: Archived) -> None:
    """One table with the rows that were deleted; a column has the collation of the table that lost them."""
    table = schema.table(archived.table)
    columns = []
    for name in archived.values:
        column = table.column(name) if table else None
        known = column is not None and column.collation.upper() in ("NOCASE", "RTRIM")
        columns.append(f"{quote(name)} COLLATE {column.collation}" if known and column else quote(name))
    connection.execute(f"CREATE TABLE {quote(archived.table)} ({', '.join(columns)})")
    rows = in_record(archived)
    values = ", ".join(rows.old(name) for name in archived.values)
    connection.execute(
        f"INSERT INTO main.{quote(archived.table)} ({names(archived.values)})"
        f" SELECT {values} FROM {rows.source} WHERE r.what = 'delete'"
    )


# -- how many of its missing parents the copies that lie beside a database have -----------------------------------
# It is asked only of a file that has orphans, and costs little: few copies, few keys, and a limit of time.

MOST_KEYS = 1000
MOST_SECONDS = 2.0
"""After this much time no further copy is looked into."""


Missed = Mapping[Subject, tuple[Key, ...]]
"""The relationships that have orphans, each with the keys to look up; without keys they are read from the file."""


@frozen
class Copy:
    """A copy, and how many of the missing parents it has: ``found`` of those that were ``asked`` for.

    ``parents`` says the same of each relationship of which it has some.
    """

    path: Path
    found: int
    asked: int
    parents: Mapping[Subject, tuple[int, int]]


def copies_with_parents(path: Path, missed: Missed) -> tuple[Copy, ...]:
    """The copies beside a database that have some of its missing parents, the one with most of them first."""
    if not missed or not (copies := copies_beside(path.resolve())):
        return ()
    until = time.monotonic() + MOST_SECONDS
    try:
        with open_database(path, threads=1) as database:
            wanted, keys = Wanted.of(path, database), dict(_keys(database, missed))
        found = tuple(_looked_into(copies, wanted, keys, until))
    except SqlfixError:  # it was read a moment ago: this is only advice
        return ()
    return tuple(sorted(found, key=lambda copy: -copy.found))


def _keys(database: Database, missed: Missed) -> Iterator[tuple[ForeignKey, tuple[Key, ...]]]:
    """The keys to look up of each relationship."""
    for fk in {fk.subject: fk for fk in database.schema.foreign_keys if fk.fault is None}.values():
        if fk.subject in missed:
            with overlooking(sqlite3.DatabaseError):
                known = missed[fk.subject]
                more = f" LIMIT {MOST_KEYS}"
                yield fk, known or missing_keys(database.connection, database.schema, fk, more)


def _looked_into(
    copies: Sequence[Path], wanted: Wanted, keys: Mapping[ForeignKey, tuple[Key, ...]], until: float
) -> Iterator[Copy]:
    for copy in copies:
        if time.monotonic() > until:
            return
        with contextlib.suppress(SqlfixError, sqlite3.DatabaseError), open_donor(copy, wanted) as donor:
            found = {fk.subject: len(find_parents(donor, wanted.schema, fk, some).places) for fk, some in keys.items()}
            parents: dict[Subject, tuple[int, int]]
            parents = {fk.subject: (found[fk.subject], len(some)) for fk, some in keys.items() if found[fk.subject]}
            if parents:
                yield Copy(copy, sum(found.values()), sum(map(len, keys.values())), parents)
