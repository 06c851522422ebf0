"""Rows and keys in temporary tables of their own: the database itself is not written to."""

from __future__ import annotations

import sqlite3
from array import array
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count

from sqlfix.model.schema import ForeignKey, Schema, Table
from sqlfix.model.values import folded
from sqlfix.sql.literals import free_name
from sqlfix.sql.predicates import affinity, gathered_keys, in_rows, is_gathered

AT_ONCE = 500
"""Numbers that one statement adds: one by one they take twice as long."""


class RowSet:
    """Rows of a table, each once where it has a key.

    Args:
        name: of the temporary table; no other table may be called so: see `sqlfix.sql.literals.free_name`.
    """

    def __init__(self, connection: sqlite3.Connection, table: Table, name: str) -> None:
        self.source = f"temp.{name}"
        self._connection = connection
        self._table = table
        keys = gathered_keys(table)
        # without a key each of the rows that are alike stands there
        unique = f", PRIMARY KEY ({keys})" if table.row_id else ""
        connection.execute(f"DROP TABLE IF EXISTS {self.source}")
        connection.execute(f"CREATE TEMP TABLE {name} ({keys}{unique})")

    def add(self, query: str) -> int:
        """Add the rows whose keys a query gives; how many were not there yet."""
        return self._connection.execute(f"INSERT OR IGNORE INTO {self.source} {query}").rowcount

    def holds(self, alias: str) -> str:
        """SQL that is true of the rows of the table that are there, where they stand under an alias."""
        # not IN: for a key of two columns SQLite would read all of its list for each row
        return f"EXISTS (SELECT 1 FROM {self.source} AS d WHERE {is_gathered(self._table, 'd', alias)})"

    def holds_since(self, alias: str, mark: int) -> str:
        """The same of those that were added after a `mark`, which are looked up where the key has one column."""
        if len(self._table.row_id) != 1:
            return self.holds(alias)
        return in_rows(self._table, alias, f"SELECT d.k0 FROM {self.source} AS d WHERE d.rowid > {mark}")

    def mark(self) -> int:
        """A number that tells those that were added until now from those that are added later."""
        return int(self._connection.execute(f"SELECT ifnull(max(rowid), 0) FROM {self.source}").fetchone()[0])

    def count(self) -> int:
        """How many there are."""
        return int(self._connection.execute(f"SELECT count(*) FROM {self.source}").fetchone()[0])

    def clear(self) -> None:
        """Take all out: to begin anew costs less than to make another, for which SQLite reads through all there are."""
        self._connection.execute(f"DELETE FROM {self.source}")

    def drop(self) -> None:
        """Forget the rows; after another error nothing is raised, so that this one is not hidden."""
        with suppress(sqlite3.OperationalError):
            self._connection.execute(f"DROP TABLE {self.source}")


def add_ids(connection: sqlite3.Connection, table: str, ids: array[int]) -> None:
    """Add whole numbers to a temporary table of one column; those that are there already are left as they are."""
    insert = f"INSERT OR IGNORE INTO {table} VALUES "
    whole = len(ids) - len(ids) % AT_ONCE
    many = insert + ", ".join(["(?)"] * AT_ONCE)
    for at in range(0, whole, AT_ONCE):
        connection.execute(many, ids[at : at + AT_ONCE])
    connection.executemany(f"{insert}(?)", zip(ids[whole:]))


@contextmanager
def as_child_stores(
    connection: sqlite3.Connection, schema: Schema, fk: ForeignKey, rows: str, *others: str
) -> Iterator[str]:
    """Keys as the child's columns of a relationship store them: a column of numbers makes 7 of '007'.

    Args:
        rows: SELECT or VALUES with a key in each row, and further columns beside it, which are kept as they are.
        others: the names of these.

    Yields:
        the temporary table with the keys as ``k0, …``.
    """
    table, name = schema.known_table(fk.child), free_name(schema, "sqlfix_stored")
    kinds = [affinity(column, table.strict) for n in fk.child_columns if (column := table.column(n))]
    declared = ", ".join((*(f"k{place} {kind}" for place, kind in enumerate(kinds)), *others))
    connection.execute(f"DROP TABLE IF EXISTS temp.{name}")
    connection.execute(f"CREATE TEMP TABLE {name} ({declared})")
    connection.execute(f"INSERT INTO temp.{name} {rows}")
    yield f"temp.{name}"
    connection.execute(f"DROP TABLE temp.{name}")


def unused_name(connection: sqlite3.Connection, schema: Schema, word: str) -> str:
    """A name for a temporary table, made from a word, that no other table of the file or the connection has."""
    taken = {folded(name) for (name,) in connection.execute("SELECT name FROM sqlite_temp_master")}
    numbered = (free_name(schema, f"{word}_{number}") for number in count())
    return next(name for name in numbered if folded(name) not in taken)
