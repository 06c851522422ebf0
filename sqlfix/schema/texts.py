"""What only the CREATE TABLE texts say of foreign keys: the names of constraints, DEFERRABLE, MATCH, the exact text."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from sqlfix.model.schema import ForeignKey, Schema, Table
from sqlfix.model.values import folded
from sqlfix.schema.join_tables import find_join_tables
from sqlfix.sql.create_table import read_create_table
from sqlfix.sql.tokens import DdlError

if TYPE_CHECKING:
    from sqlfix.sql.table_text import ForeignKeyText, TableText


def text_of(sql: object) -> TableText | None:
    """A CREATE TABLE statement, read; None of one that cannot be read, and of what is no text."""
    try:
        return read_create_table(sql) if isinstance(sql, str) else None
    except DdlError:
        return None


def with_text(schema: Schema) -> Schema:
    """The schema with what only the texts say of its foreign keys.

    It is a step of its own because reading the texts takes longer than all the pragmas together, and a scan of a
    sound database needs none of it.
    """
    tables = tuple(map(table_with_text, schema.tables))
    return Schema(tables, find_join_tables(tables))


def table_with_text(table: Table) -> Table:
    """The table with what only its text knows of its foreign keys, if the text agrees with what SQLite enforces.

    ``constraint``, ``deferrable``, ``match`` and ``text`` are filled in if the columns and the foreign keys of the
    text are, in number, order, names and actions, those of ``table``. Otherwise ``table`` comes back as it is.
    """
    text = text_of(table.sql) if table.foreign_keys else None
    if text is None or _folded(c.name for c in text.columns) != _folded(c.name for c in table.columns):
        return table
    if len(text.foreign_keys) != len(table.foreign_keys):
        return table
    pairs = list(zip(table.foreign_keys, text.foreign_keys, strict=True))
    if not all(_agree(fact, said) for fact, said in pairs):
        return table
    return replace(
        table,
        foreign_keys=tuple(
            replace(fact, constraint=said.constraint, deferrable=said.deferrable, match=said.match, text=said.text)
            for fact, said in pairs
        ),
    )


def _folded(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(folded(name) for name in names)


def _agree(fact: ForeignKey, said: ForeignKeyText) -> bool:
    """True if the pragmas and the text tell of the same foreign key."""
    return (
        _folded(fact.child_columns) == _folded(said.columns)
        and folded(fact.parent) == folded(said.parent)
        and _folded(said.parent_columns) == (() if fact.implicit else _folded(fact.parent_columns))
        and fact.implicit == (not said.parent_columns)
        and (fact.on_delete, fact.on_update) == (said.on_delete, said.on_update)
    )
