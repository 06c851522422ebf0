"""What the module of a full-text index says of it: its own check is a write, and is run on a copy of the index.

FTS5: https://www.sqlite.org/fts5.html#the_integrity_check_command. FTS3 and FTS4:
https://www.sqlite.org/fts3.html#integcheck; of the contents of a table they have but the one check, which compares.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from enum import Enum

from sqlfix.frozen import frozen
from sqlfix.model.schema import Schema, Table
from sqlfix.model.values import NotUtf8, folded
from sqlfix.schema.search_index import columns_with_language
from sqlfix.sql.create_virtual_table import makes, module_of, read_virtual
from sqlfix.sql.literals import names, quote
from sqlfix.sqlite.connect import empty_database, make_virtual, memory_copy
from sqlfix.sqlite.deadline import limited, stop_if_interrupted, was_cut_off
from sqlfix.sqlite.failures import in_words
from sqlfix.sqlite.integrity import bytes_of

MOST_BYTES = 64 << 20
"""Of an index and its text together, as they are copied into memory."""
MOST_WHOLE = MOST_BYTES
"""Bytes of a file that is copied as a whole."""
BYTES_A_ROW = 1000
"""For so much of what is copied the check is given the time of one row."""
TELLS_DAMAGE = sqlite3.sqlite_version_info >= (3, 40)
"""Older versions of FTS5 may compare the text whatever they are asked for: then what they find may be either."""

_FAULT = r"database disk image is malformed|fts5: (corrupt|checksum mismatch|missing row)"
"""What a module says that finds a fault: newer versions of FTS5 say more than older ones."""


class Verdict(Enum):
    """What the module says: all is well, the index is that of another text, or it does not hold together itself."""

    SOUND = "sound"
    STALE = "stale"
    DAMAGED = "damaged"


@frozen
class Part:
    """The rows of another table that are to be in an index.

    ``key`` is the column that has the id, as SQL; ``where`` is true of these rows, by the name ``new``. ``texts`` are
    the SQL of what is indexed of a row, by the columns of the index in lower case, where it is not the columns.
    """

    content: Table
    key: str
    where: str = "1"
    texts: Mapping[str, str] | None = None


def command(index: Table, text: str = "integrity-check", rank: int | None = None) -> str:
    """The statement that has an index do something."""
    name = quote(index.name)
    if rank is None:
        return f"INSERT INTO {name}({name}) VALUES ('{text}')"
    return f"INSERT INTO {name}({name}, rank) VALUES ('{text}', {rank})"


def whole_check(index: Table) -> str:
    """The statement by which the module compares an index with all its text."""
    return command(index, rank=1 if module_of(index.sql) == "fts5" else None)


def holds_together(connection: sqlite3.Connection, schema: Schema, index: Table) -> Verdict:
    """What is said of an index that has no text to be compared with.

    Raises:
        sqlite3.DatabaseError: where it cannot be checked, as where it is too large.
    """
    with _copy(connection, schema, index, None) as copy:
        if not _is_damaged(copy, index):
            return Verdict.SOUND
        _require_pages(connection, schema, index)
        return Verdict.DAMAGED


def compared(connection: sqlite3.Connection, schema: Schema, index: Table, part: Part | None) -> Verdict:
    """What is said of an index and its text: the rows of a part of another table, or else its own.

    Raises:
        sqlite3.DatabaseError: where it cannot be checked, as where it is too large.
    """
    if module_of(index.sql) == "fts4" and (by := read_virtual(index.sql).options.get("compress")):
        raise sqlite3.OperationalError(f"its text is compressed by {by}(), a function of the application")
    with _copy(connection, schema, index, part) as copy:
        if not _fails(copy, whole_check(index), index):
            return Verdict.SOUND
        _require_pages(connection, schema, index)
        return Verdict.DAMAGED if _is_damaged(copy, index) else Verdict.STALE


@contextmanager
def _copy(
    connection: sqlite3.Connection, schema: Schema, index: Table, part: Part | None
) -> Iterator[sqlite3.Connection]:
    """A database in memory that has the index, and the part of the rows that it is of.

    A small file is copied as it is, which is fast; of a larger one, the index and the rows.
    """
    rows = _rows_of(connection, index, part) if part else None
    try:
        with ExitStack() as stack:
            with limited(MOST_WHOLE // BYTES_A_ROW, connection):  # a view need not end
                if bytes_of(connection) > MOST_WHOLE:
                    copy = stack.enter_context(twin_of(connection, schema, index, rows))
                else:
                    copy = stack.enter_context(memory_copy(connection))
            with limited(MOST_WHOLE // BYTES_A_ROW, connection, copy):
                some = part and (part.where != "1" or part.texts is not None)  # not all rows with the text as it is
                if rows and part and some and bytes_of(connection) <= MOST_WHOLE:
                    _leave_only(copy, rows, part)
                yield copy
    except TooLarge:
        raise sqlite3.OperationalError(
            "an index is compared with its text only if the two have no more than 64 MB together; in a copy of this"
            f" file, {whole_check(index)} fails if they differ"
        ) from None


def _leave_only(copy: sqlite3.Connection, rows: Rows, part: Part) -> None:
    """Put a table of some rows in the place of the one that an index is of."""
    name = quote(rows.content)
    copy.execute(f"CREATE TEMP TABLE sqlfix_part AS {rows.query}")
    copy.execute(f"DROP {'VIEW' if part.content.kind == 'view' else 'TABLE'} main.{name}")
    copy.execute(rows.table())
    copy.execute(f"INSERT INTO main.{name} ({rows.listed()}) SELECT * FROM temp.sqlfix_part")


def _rows_of(connection: sqlite3.Connection, index: Table, part: Part) -> Rows:
    columns = [
        column for column in columns_with_language(connection, index) if folded(quote(column)) != folded(part.key)
    ]
    texts = part.texts or {}
    values = [f"new.{part.key}", *(texts.get(folded(column), f"new.{quote(column)}") for column in columns)]
    query = f"SELECT {', '.join(values)} FROM main.{quote(part.content.name)} AS new WHERE {part.where}"
    return Rows(part.content.name, part.key, tuple(columns), query)


def _is_damaged(copy: sqlite3.Connection, index: Table) -> bool:
    """True if an index does not hold together, whatever the text is that it is of."""
    if module_of(index.sql) == "fts5":
        return TELLS_DAMAGE and _fails(copy, command(index, rank=0), index)
    make_virtual(copy, f"CREATE VIRTUAL TABLE IF NOT EXISTS temp.sqlfix_terms USING fts4aux(main, {quote(index.name)})")
    return _fails(copy, "SELECT count(*) FROM temp.sqlfix_terms", index)  # to read all terms is to read all of it


def _fails(copy: sqlite3.Connection, statement: str, index: Table) -> bool:
    """True if the module finds a fault.

    Raises:
        sqlite3.DatabaseError: where something else keeps it from the check.
    """
    try:
        copy.execute(statement).fetchall()
    except sqlite3.DatabaseError as error:
        if was_cut_off():
            raise
        stop_if_interrupted(error)
        if re.match(_FAULT, str(error)):
            return True
        module = module_of(index.sql).upper()
        raise sqlite3.OperationalError(f"{module} cannot check it: {in_words(error)}") from error
    return False


def _require_pages(connection: sqlite3.Connection, schema: Schema, index: Table) -> None:
    """Raise DatabaseError where the pages of an index are damaged: then it is not the index that is to be mended."""
    for name in shadows_of(schema, index):
        (said,) = connection.execute(f"PRAGMA main.quick_check({quote(name)})").fetchone()
        if said != "ok":
            raise sqlite3.DatabaseError(f"the file itself is damaged, in the pages of {name}: {said}")


# -- an index and its text alone, copied out of a file that is too large to be copied as a whole ----------------------

ROWS_AT_A_TIME = 256
SHADOWS = ("data", "idx", "content", "docsize", "config", "segments", "segdir", "stat")


class TooLarge(Exception):
    """The index and its text have more than MOST_BYTES."""


@frozen
class Rows:
    """The rows that an index is of: the table's name, its column with the id as SQL, the other columns, and a query."""

    content: str
    key: str
    columns: tuple[str, ...]
    query: str

    def table(self) -> str:
        """The statement that makes a table for them."""
        is_rowid = folded(self.key) in ('"rowid"', '"_rowid_"', '"oid"')
        declared = ([] if is_rowid else [f"{self.key} INTEGER PRIMARY KEY"]) + [quote(name) for name in self.columns]
        return f"CREATE TABLE main.{quote(self.content)} ({', '.join(declared) or 'nothing'})"

    def listed(self) -> str:
        """The columns in the order of the query."""
        return ", ".join([self.key, *map(quote, self.columns)])


@contextmanager
def twin_of(
    connection: sqlite3.Connection, schema: Schema, index: Table, rows: Rows | None
) -> Iterator[sqlite3.Connection]:
    """A database in memory that has an index as it is in the file, and the rows that it is of, if it has none itself.

    Raises:
        TooLarge: it would be larger than MOST_BYTES.
        sqlite3.DatabaseError: where it cannot be made.
    """
    text = read_virtual(index.sql)
    arguments = ", ".join(argument for argument, _ in text.arguments)
    with closing(empty_database()) as made:
        left = MOST_BYTES
        if rows is not None:
            made.execute(rows.table())
            left = _copied(connection, made, rows.query, f"{quote(rows.content)} ({rows.listed()})", left)
        make_virtual(made, f"CREATE VIRTUAL TABLE main.{quote(index.name)} USING {text.module}({arguments})")
        for name in shadows_of(schema, index):
            columns = [str(row[1]) for row in connection.execute(f"PRAGMA main.table_info({quote(name)})")]
            if not made.execute(f"PRAGMA main.table_info({quote(name)})").fetchall():
                continue  # FTS3 makes one later, to merge by itself
            made.execute(f"DELETE FROM main.{quote(name)}")
            query = f"SELECT {names(columns)} FROM main.{quote(name)}"
            left = _copied(connection, made, query, f"{quote(name)} ({names(columns)})", left)
        with memory_copy(made) as twin:  # which has yet to read what its index is
            yield twin


def shadows_of(schema: Schema, index: Table) -> Iterator[str]:
    """The tables in which an index is kept, and its text if it is its own."""
    for suffix in SHADOWS:
        table = schema.table(f"{index.name}_{suffix}")
        if table is not None and table.kind == "shadow" and makes(index.sql, suffix, table.sql):
            yield table.name


def _copied(source: sqlite3.Connection, target: sqlite3.Connection, query: str, into: str, left: int) -> int:
    """Copy rows into a table, as long as they are no more than so many bytes; how many are left then."""
    found = source.execute(query)
    marks = ", ".join("?" * len(found.description))
    while some := found.fetchmany(ROWS_AT_A_TIME):
        for values in some:
            left -= sum(len(value) if isinstance(value, (str, bytes)) else 8 for value in values)
        if left < 0:
            found.close()
            raise TooLarge
        as_read = ([value.raw if isinstance(value, NotUtf8) else value for value in values] for values in some)
        target.executemany(f"INSERT INTO main.{into} VALUES ({marks})", as_read)
    return left
