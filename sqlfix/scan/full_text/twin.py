"""A full-text index and its text alone, copied out of a file that is too large to be copied as a whole."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

from sqlfix.frozen import frozen
from sqlfix.model.schema import Schema, Table
from sqlfix.model.values import NotUtf8, folded
from sqlfix.sql.create_virtual_table import makes, read_virtual
from sqlfix.sql.literals import names, quote
from sqlfix.sqlite.connect import empty_database, make_virtual, memory_copy

MOST_BYTES = 64 << 20
"""Of an index and its text together, as they are copied into memory."""
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
