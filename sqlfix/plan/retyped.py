"""The keys of a table as another type of one of its columns would store them, in a temporary table.

There two keys can become the same, and a child can lose its parent: SQLite itself stores them, and is asked.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlfix.frozen import frozen
from sqlfix.model.findings import Row
from sqlfix.model.schema import Column, ForeignKey, Index, Schema, Table
from sqlfix.sql.literals import names, quote
from sqlfix.sql.predicates import affinity, has_values, is_there, match_parent, stored
from sqlfix.sqlite.row_sets import unused_name

SAMPLES = 5


@frozen
class Retyped:
    """The keys of ``table`` as they would be stored, in the temporary table ``then``, under the names of its columns.

    ``indexes`` are those that keep a key unique which has the column in it, ``keys`` are the foreign keys that
    reference it.
    """

    connection: sqlite3.Connection
    table: Table
    then: str
    indexes: tuple[Index, ...]
    keys: tuple[ForeignKey, ...]

    def same(self) -> Iterator[tuple[tuple[str, ...], int, tuple[Row, ...]]]:
        """The keys that would be the same: their columns, how many rows have one of them, and a few of the keys."""
        for index in self.indexes:
            columns = tuple(column.name or "" for column in index.columns)
            groups = ", ".join(f"k.{quote(c.name or '')} COLLATE {quote(c.collation)}" for c in index.columns)
            there = " AND ".join(is_there(f"k.{quote(name)}") for name in columns)
            twice = (
                f"SELECT count(*) AS n, {names(columns, 'k')} FROM {self.then} AS k"
                f" WHERE {there} GROUP BY {groups} HAVING count(*) > 1"
            )
            rows = int(self.connection.execute(f"SELECT total(n) FROM ({twice})").fetchone()[0])
            if rows:
                some = self.connection.execute(f"{twice} LIMIT {SAMPLES}").fetchall()
                yield columns, rows, tuple(Row.of(columns, (), values[1:]) for values in some)

    def parted(self, fk: ForeignKey) -> str:
        """True of a child row ``c`` of a foreign key to this table that has a parent and would have none."""
        values = [f"+c.{quote(name)}" for name in fk.child_columns]
        now = f"EXISTS (SELECT 1 FROM {quote(fk.parent)} AS p WHERE {match_parent(fk)})"
        return f"{now} AND NOT EXISTS (SELECT 1 FROM {self.then} AS p WHERE {has_values(fk, values)})"


@contextmanager
def retyped(connection: sqlite3.Connection, schema: Schema, table: Table, new: Column) -> Iterator[Retyped | None]:
    """Have SQLite store the keys of a table by another type of a column; None where no key has the column in it."""
    indexes = tuple(
        index
        for index in table.indexes
        if index.unique and not index.partial and any(column.name == new.name for column in index.columns)
        if all(column.name for column in index.columns)
    )
    keys = tuple(fk for fk in schema.references_to_column(table.name, new.name) if fk.fault is None)
    used = {name for index in indexes for column in index.columns if (name := column.name)}
    used |= {name for fk in keys for name in fk.parent_columns}
    if not used:
        yield None
        return
    columns = [new if column.name == new.name else column for column in table.columns if column.name in used]
    declared = (f"{quote(c.name)} {affinity(c, table.strict)} COLLATE {quote(c.collation)}" for c in columns)
    name, listed = unused_name(connection, schema, "sqlfix_retyped"), names([column.name for column in columns])
    connection.execute(f"CREATE TEMP TABLE {name} ({', '.join(declared)})")
    connection.execute(f"INSERT INTO temp.{name} SELECT {listed} FROM {stored(table)}")
    for number, fk in enumerate(keys):
        of_key = names(fk.parent_columns)
        connection.execute(f"CREATE INDEX temp.{name}_{number} ON {name} ({of_key})")
    yield Retyped(connection, table, f"temp.{name}", indexes, keys)
    connection.execute(f"DROP TABLE temp.{name}")
