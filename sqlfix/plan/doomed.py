"""The rows that a plan would delete, gathered in temporary tables, and what still stands."""

import sqlite3
from contextlib import suppress

from sqlfix.model.schema import ForeignKey, Schema
from sqlfix.model.values import folded
from sqlfix.scan.candidates import Look
from sqlfix.sql.literals import free_name, quote
from sqlfix.sql.predicates import is_row_of, refers_to_some, stored
from sqlfix.sqlite.row_sets import RowSet


class Doomed:
    """The rows that are to be deleted, by table, over one read-only connection."""

    def __init__(self, connection: sqlite3.Connection, schema: Schema, look: Look) -> None:
        """Begin with none.

        Args:
            look: the look that a scan took, which spares reading rows that cannot be orphans.
        """
        self.connection = connection
        self.schema = schema
        self._look = look
        self._sets: dict[str, RowSet] = {}
        self._suspects: dict[ForeignKey, str] = {}

    def __contains__(self, table: str) -> bool:
        """True if rows of a table are to be deleted."""
        return folded(table) in self._sets

    def add(self, table: str, query: str) -> int:
        """Add the rows of a table whose keys a query gives; how many were not there yet."""
        if table not in self:
            name = free_name(self.schema, f"sqlfix_doomed_{len(self._sets)}")
            self._sets[folded(table)] = RowSet(self.connection, self.schema.known_table(table), name)
        return self._sets[folded(table)].add(query)

    def alive(self, table: str, alias: str) -> str:
        """SQL that is true of a table's rows that are not to be deleted; beginning with AND, or empty."""
        return f" AND NOT {self._sets[folded(table)].holds(alias)}" if table in self else ""

    def gone(self, table: str, alias: str) -> str:
        """SQL that is true of a table's rows that are to be deleted; beginning with AND."""
        return f" AND {self._sets[folded(table)].holds(alias) if table in self else '0'}"

    def count(self, table: str, condition: str) -> int:
        """How many rows ``c`` of a table a condition holds for."""
        query = f"SELECT count(*) FROM {stored(self.schema.known_table(table), 'c')} WHERE {condition}"
        return int(self.connection.execute(query).fetchone()[0])

    def possible(self, fk: ForeignKey) -> str:
        """SQL that is true of all rows that can be orphans now, and is quicker than to look; beginning with AND.

        They are those that a look suspected, and the children of rows that are to be deleted.
        """
        table, suspects = self.schema.known_table(fk.child), self._look.suspects.get(fk)
        if suspects is None or suspects.rows is None:
            return ""
        kept = self._look.kept(self.connection, fk)
        if kept is None and fk not in self._suspects:
            name = free_name(self.schema, f"sqlfix_suspects_{len(self._suspects)}")
            self._suspects[fk] = f"temp.{name}"
            self.connection.execute(f"DROP TABLE IF EXISTS temp.{name}")
            self.connection.execute(f"CREATE TEMP TABLE {name} (id INTEGER PRIMARY KEY)")
            rows = ((row,) for row in suspects.rows)
            self.connection.executemany(f"INSERT OR IGNORE INTO temp.{name} VALUES (?)", rows)
        suspected = f"c.{quote(table.row_id[0])} IN (SELECT id FROM {kept or self._suspects[fk]})"
        if fk.parent not in self:
            return f" AND {suspected}"
        same = is_row_of(self.schema.known_table(fk.parent), "p", "d")
        gone = f"{self._sets[folded(fk.parent)].source} AS d CROSS JOIN {quote(fk.parent)} AS p ON {same}"
        return f" AND ({suspected} OR {refers_to_some(self.schema, fk, gone)})"

    def close(self) -> None:
        """Drop the temporary tables."""
        for rows in self._sets.values():
            rows.drop()
        for name in self._suspects.values():
            with suppress(sqlite3.OperationalError):  # after another error, which must not be hidden by this one
                self.connection.execute(f"DROP TABLE {name}")
