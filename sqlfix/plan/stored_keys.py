"""What the rows of a file say about a key that is yet to be declared: whether it is one, and who refers to it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from sqlfix.model.schema import ForeignKey, Schema, Table
from sqlfix.sql.literals import names, quote
from sqlfix.sql.predicates import count_stored, has_key, is_there, match_parent, stored
from sqlfix.sqlite.deadline import limited, overlooking


@dataclass(frozen=True)
class StoredKeys:
    """Asks one file; ``name`` says what a table of the draft is called there.

    None as an answer: SQLite cannot tell here, for want of a collation or a function, or it took too long.
    """

    connection: sqlite3.Connection
    name: Callable[[str], str]

    def rows(self, table: str) -> int | None:
        """How many rows a table has."""
        return self._number(count_stored(self.name(table)), 0)

    def keys(self, child: Table, fk: ForeignKey) -> int:
        """How many rows of a child have a key; 0 where that cannot be told."""
        query = f"SELECT count(*) FROM {quote(self.name(child.name))} AS c WHERE {has_key(child, fk)}"
        return self._of_rows(child, query) or 0

    def nulls(self, table: Table, columns: Sequence[str]) -> int | None:
        """How many rows have a NULL in some of these columns."""
        condition = " OR ".join(f"NOT {is_there(quote(name))}" for name in columns)
        return self._of_rows(table, f"SELECT count(*) FROM {self._stored(table)} WHERE {condition}")

    def duplicates(self, table: Table, columns: Sequence[str]) -> int | None:
        """How many values of these columns stand there more than once, as the columns' own collations compare them."""
        there = " AND ".join(is_there(quote(name)) for name in columns)
        query = f"SELECT 1 FROM {self._stored(table)} WHERE {there} GROUP BY {names(columns)} HAVING count(*) > 1"
        return self._of_rows(table, f"SELECT count(*) FROM ({query})")

    def others_than(self, table: Table, column: str, kind: str) -> int | None:
        """How many values of a column are not of a storage class."""
        query = f"SELECT count(*) FROM {self._stored(table)} WHERE typeof({quote(column)}) <> '{kind}'"
        return self._of_rows(table, query)

    def other_rowids(self, table: Table, column: str) -> int | None:
        """How many rows have another rowid than what stands in a column."""
        if not table.row_id:
            return None
        query = f"SELECT count(*) FROM {self._stored(table)} WHERE {quote(table.row_id[0])} IS NOT {quote(column)}"
        return self._of_rows(table, query)

    def references(self, schema: Schema, fk: ForeignKey) -> tuple[int, int] | None:
        """How many rows of the child have a key, and how many of these no parent, as if the key could be used.

        By a join and not by NOT EXISTS: where the parent has no index, SQLite makes one of its own for it.
        """
        child = schema.known_table(fk.child)
        parent = schema.table(fk.parent)
        if parent is None or any(parent.column(name) is None for name in fk.parent_columns):
            return None
        query = (
            f"SELECT count(*), total(+p.{quote(fk.parent_columns[0])} IS NULL)"
            f" FROM {quote(self.name(fk.child))} AS c LEFT JOIN {quote(self.name(fk.parent))} AS p"
            f" ON {match_parent(fk)} WHERE {has_key(child, fk)}"
        )
        with overlooking(sqlite3.OperationalError):
            rows = (self.rows(fk.child) or 0) + (self.rows(fk.parent) or 0)
            with limited(rows, self.connection):
                having, lost = self.connection.execute(query).fetchone()
            return int(having), int(lost)
        return None

    def _stored(self, table: Table) -> str:
        return stored(replace(table, name=self.name(table.name)))

    def _of_rows(self, table: Table, query: str) -> int | None:
        return self._number(query, self.rows(table.name) or 0)

    def _number(self, query: str, rows: int) -> int | None:
        with overlooking(sqlite3.OperationalError), limited(rows, self.connection):
            return int(self.connection.execute(query).fetchone()[0])
        return None
