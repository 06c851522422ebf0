"""Constraints that are yet to be added: what ``scan --unique`` asks about, and what an error message speaks of.

A table with such a constraint is scanned like any other, and the findings say which rows are in its way.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace

from sqlfix.model.schema import Schema, Table
from sqlfix.schema.names import require_columns


def with_wanted_keys(schema: Schema, texts: Iterable[str]) -> Schema:
    """The schema with the keys that are named as ``table.column[,column]``.

    Raises:
        Refused: for a text that names no columns of a table; there is nothing to ask then.
    """
    wanted: dict[str, list[tuple[str, ...]]] = {}
    for text in texts:
        table, columns = require_columns(schema, text, "--unique")
        wanted.setdefault(table.name, []).append(columns)
    if not wanted:
        return schema
    tables = tuple(replace(t, wanted_keys=tuple(wanted[t.name])) if t.name in wanted else t for t in schema.tables)
    return replace(schema, tables=tables)


def with_key(table: Table, columns: tuple[str, ...]) -> Table:
    """The table, if these columns of its own were unique."""
    return replace(table, wanted_keys=(*table.wanted_keys, columns))


def with_not_null(table: Table, columns: Collection[str]) -> Table:
    """The table, if these columns of its own were NOT NULL."""
    return replace(table, columns=tuple(replace(c, not_null=c.not_null or c.name in columns) for c in table.columns))


def with_check(table: Table, name: str | None, text: str) -> Table:
    """The table, if it had a CHECK constraint of that name, or of none, with that expression."""
    return replace(table, wanted_checks=(*table.wanted_checks, (name, text)))


def with_type(table: Table, column: str, type: str) -> Table:
    """The table, if it were STRICT and a column of its own had that type: INTEGER, REAL, TEXT, BLOB or ANY."""
    return replace(table, wanted_types=(*table.wanted_types, (column, type)))


def with_table(schema: Schema, table: Table) -> Schema:
    """The schema with this table in the place of its own one of that name."""
    return replace(schema, tables=tuple(table if t.name == table.name else t for t in schema.tables))
