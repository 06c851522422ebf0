"""What a scan measures of one relationship; every check of it reads these figures, and none is taken twice."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from sqlfix.model import ForeignKey, Row, Schema, Table, Value
from sqlfix.sql import affinity, match_parent, misspelled, names, orphan, placeholder, quote

SAMPLE_ROWS = 5
MANY = 10
"""From how many orphans on a relationship without one sound row is suspicious."""


@dataclass(frozen=True, slots=True)
class Figures:
    """How many rows, of all orphans of a relationship, are of which class; ``distinct`` counts distinct keys.

    ``disagreeing`` are rows whose parent is missing from the parent's index but stands in its table: no orphans.
    """

    orphans: int = 0
    orphans_distinct: int = 0
    placeholders: int = 0
    placeholders_distinct: int = 0
    misspelled: int = 0
    disagreeing: int = 0


class Probe:
    """One relationship of one database, measured when asked and only once."""

    def __init__(self, connection: sqlite3.Connection, schema: Schema, foreign_key: ForeignKey) -> None:
        self.connection = connection
        self.schema = schema
        self.foreign_key = foreign_key

    @property
    def child(self) -> Table:
        """The child table."""
        table = self.schema.table(self.foreign_key.child)
        assert table is not None
        return table

    @property
    def parent(self) -> Table:
        """The parent table."""
        table = self.schema.table(self.foreign_key.parent)
        assert table is not None
        return table

    @cached_property
    def flagged(self) -> int:
        """Rows that SQLite's own rule, by way of the parent's index, takes for orphans."""
        return self._count(orphan(self.schema, self.foreign_key))

    @cached_property
    def present(self) -> str | None:
        """The temporary table of the flagged keys that stand in the parent table after all; None if there are none.

        An index can be damaged in such a way that a key is not found by it, while ``quick_check`` says ok. So the
        missing keys are gathered in a table of the same affinities and collations as the parent's key, and the parent
        table itself is read through once.
        """
        fk, parent = self.foreign_key, self.parent
        in_table = fk.parent_columns == (parent.integer_key,) or (parent.without_rowid and fk.implicit)
        if in_table or not self.flagged:
            return None
        missing = self._key_table("missing")
        self.connection.execute(
            f"INSERT INTO {missing} SELECT DISTINCT {names(fk.child_columns, 'c')} FROM {self._children()}"
            f" WHERE {orphan(self.schema, fk)}"
        )
        self.connection.execute(f"CREATE INDEX temp.sqlfix_missing_key ON sqlfix_missing ({names(fk.parent_columns)})")
        present = self._key_table("present")
        same = " AND ".join(f"m.{quote(name)} = p.{quote(name)}" for name in fk.parent_columns)
        found = self.connection.execute(
            f"INSERT INTO {present} SELECT {names(fk.parent_columns, 'p')} FROM {quote(fk.parent)} AS p NOT INDEXED"
            f" WHERE EXISTS (SELECT 1 FROM {missing} AS m WHERE {same})"
        ).rowcount
        return present if found else None

    @cached_property
    def condition(self) -> str:
        """What a confirmed orphan of this relationship is, in SQL."""
        condition = orphan(self.schema, self.foreign_key)
        if self.present is None:
            return condition
        return f"{condition} AND NOT EXISTS (SELECT 1 FROM {self.present} AS p WHERE {match_parent(self.foreign_key)})"

    @cached_property
    def figures(self) -> Figures:
        """The flagged rows, told apart."""
        if self.flagged == 0:
            return Figures()
        confirmed = self._count(self.condition) if self.present else self.flagged
        if confirmed == 0:
            return Figures(disagreeing=self.flagged)
        none = placeholder(self.foreign_key)
        orphans, placeholders, near = self.connection.execute(
            f"SELECT count(*), total(none), total(NOT none AND near) FROM (SELECT {none} AS none,"
            f" {misspelled(self.foreign_key)} AS near FROM {self._children()}"
            f" WHERE {self.condition})"
        ).fetchone()
        distinct = dict(
            self.connection.execute(
                f"SELECT none, count(*) FROM (SELECT DISTINCT {none} AS none, {self._raw_keys()}"
                f" FROM {self._children()} WHERE {self.condition}) GROUP BY none"
            )
        )
        return Figures(
            orphans=int(orphans - placeholders),
            orphans_distinct=distinct.get(0, 0),
            placeholders=int(placeholders),
            placeholders_distinct=distinct.get(1, 0),
            misspelled=int(near),
            disagreeing=self.flagged - confirmed,
        )

    def sample(self, check: str, limit: int = SAMPLE_ROWS) -> tuple[Row, ...]:
        """The first rows of a class, by the order in which they are stored."""
        return tuple(self.rows(check, limit))

    def rows(self, check: str, limit: int = -1) -> Iterator[Row]:
        """Every row of a class (``orphan-rows`` or ``placeholder-values``), one at a time."""
        key = self.child.primary_key or self.child.row_id
        shown = [*key, *self.foreign_key.child_columns]
        wanted = "" if check == "placeholder-values" else "NOT "
        for values in self.connection.execute(
            f"SELECT {names(shown, 'c')} FROM {self._children()}"
            f" WHERE {self.condition} AND {wanted}{placeholder(self.foreign_key)} LIMIT {limit}"
        ):
            pairs: list[tuple[str, Value]] = list(zip(shown, values, strict=True))
            yield Row(key=tuple(pairs[: len(key)]), values=tuple(pairs[len(key) :]))

    @cached_property
    def suspicion(self) -> str | None:
        """Why the orphans look like lost parents rather than stray children: ``parent-empty``, ``wholly-orphaned``."""
        if not self.figures.orphans:
            return None
        if self._parent_is_empty():
            return "parent-empty"
        return "wholly-orphaned" if self.figures.orphans >= MANY and self._wholly_orphaned() else None

    def _wholly_orphaned(self) -> bool:
        """True if not one row has a parent, rows with a NULL or a placeholder aside."""
        fk = self.foreign_key
        found = self.connection.execute(
            f"SELECT 1 FROM {self._children()} WHERE EXISTS"
            f" (SELECT 1 FROM {quote(fk.parent)} AS p WHERE {match_parent(fk)}) LIMIT 1"
        ).fetchone()
        return found is None

    def _parent_is_empty(self) -> bool:
        """True if the parent table has no row."""
        return self.connection.execute(f"SELECT 1 FROM {quote(self.foreign_key.parent)} LIMIT 1").fetchone() is None

    # -- how ------------------------------------------------------------------------------------------------------

    def _children(self) -> str:
        # the child's own index is not trusted to know all of its rows, nor only them
        return f"{quote(self.child.name)} AS c NOT INDEXED"

    def _count(self, condition: str) -> int:
        return int(self.connection.execute(f"SELECT count(*) FROM {self._children()} WHERE {condition}").fetchone()[0])

    def _key_table(self, name: str) -> str:
        """A new temporary table that holds keys just as the parent's own index would."""
        fk, parent = self.foreign_key, self.parent
        collations = fk.parent_collations or (None,) * len(fk.parent_columns)
        columns = ", ".join(
            f"{quote(column.name)} {affinity(column, parent.strict)} COLLATE {quote(collation or column.collation)}"
            for name, collation in zip(fk.parent_columns, collations, strict=True)
            if (column := parent.column(name)) is not None
        )
        self.connection.execute(f"DROP TABLE IF EXISTS temp.sqlfix_{name}")
        self.connection.execute(f"CREATE TEMP TABLE sqlfix_{name} ({columns})")
        return f"temp.sqlfix_{name}"

    def _raw_keys(self) -> str:
        """The key columns, told apart by what is stored, whatever the columns' collation."""
        return ", ".join(
            f"c.{quote(name)} COLLATE BINARY, typeof(c.{quote(name)})" for name in self.foreign_key.child_columns
        )
