"""Which key columns of a relationship can be written, and what with."""

from __future__ import annotations

from sqlfix.model.schema import ForeignKey, Schema, Table
from sqlfix.model.values import folded
from sqlfix.sql.literals import default_expression


def columns_to_null(schema: Schema, fk: ForeignKey) -> tuple[str, ...]:
    """The key columns that can be set to NULL and are best set; empty where none can."""
    table = schema.table(fk.child)
    if table is None:
        return ()
    possible = tuple(name for name in fk.child_columns if why_not_null(table, name) is None)
    if fk.on_delete == "SET NULL":
        return possible if len(possible) == len(fk.child_columns) else ()
    return tuple(name for name in possible if not _serves_another(schema, fk, name)) or possible


def _serves_another(schema: Schema, fk: ForeignKey, name: str) -> bool:
    """True if a column of the key is part of another foreign key, or is what others refer to."""
    return bool(schema.references_to_column(fk.child, name)) or any(
        other.child_columns != fk.child_columns or folded(other.parent) != folded(fk.parent)
        for other in schema.keys_with(fk.child, name)
    )


def why_not_null(table: Table, name: str) -> str | None:
    """Why a column cannot be set to NULL, to stand after its name; or None."""
    column = table.column(name)
    if column is None:
        return "is not a column"
    if column.generated:
        return "is computed from other columns"
    if column.primary_key:
        return "is part of the primary key"
    if column.not_null:
        return "is NOT NULL"
    return None


def default_values(schema: Schema, fk: ForeignKey) -> tuple[str, ...]:
    """The DEFAULT of each key column as SQL; NULL for a column without one."""
    table = schema.table(fk.child)
    columns = [table.column(name) for name in fk.child_columns] if table else []
    return tuple(default_expression(column) for column in columns if column is not None)
