"""Which key columns of a relationship can be written, what with, and why not."""

from sqlfix.model.schema import Column, ForeignKey, Schema, Table
from sqlfix.model.values import folded
from sqlfix.sql.literals import default_expression

NOT_NULL = "is NOT NULL"
"""Why a column cannot be set to NULL, where a constraint alone says so."""


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
        return NOT_NULL
    return None


def default_values(schema: Schema, fk: ForeignKey) -> tuple[str, ...]:
    """The DEFAULT of each key column as SQL; NULL for a column without one."""
    return tuple(map(default_expression, _key_columns(schema, fk)))


def _key_columns(schema: Schema, fk: ForeignKey) -> list[Column]:
    table = schema.table(fk.child)
    return [column for name in fk.child_columns if table and (column := table.column(name))]


def why_no_null(schema: Schema, fk: ForeignKey) -> str | None:
    """Why the key of a relationship cannot be set to NULL, or None."""
    table = schema.table(fk.child)
    if columns_to_null(schema, fk) or table is None:
        return None
    reasons = ((name, why_not_null(table, name)) for name in fk.child_columns)
    return next((f"{name} {reason}" for name, reason in reasons if reason), None)


def why_no_value(schema: Schema, fk: ForeignKey) -> str | None:
    """Why no value can be written into the key of a relationship, or None."""
    name = computed(schema, fk)
    return f"{name} is computed from other columns" if name else None


def computed(schema: Schema, fk: ForeignKey) -> str | None:
    """The first column of a key that is computed from other columns, and so cannot be written."""
    return next((column.name for column in _key_columns(schema, fk) if column.generated), None)


def why_no_default(schema: Schema, fk: ForeignKey) -> str | None:
    """Why the key cannot be set to its DEFAULT, or None; whether the default has a parent is for the data to say."""
    if reason := why_no_value(schema, fk):
        return reason
    lacking = (c for c in _key_columns(schema, fk) if (c.not_null or c.primary_key) and c.default is None)
    return next((f"{column.name} has no DEFAULT and cannot be NULL" for column in lacking), None)


def wider_key(child: Table, fk: ForeignKey, parent: Table) -> tuple[tuple[str, ...], tuple[str, ...] | None] | None:
    """The key of the parent of which a foreign key names only a part, and the child's columns for it.

    None for these where the child has none that are called so; None at all where it names no such part.
    """
    named = {folded(name) for name in fk.parent_columns}
    key = next((key for key in parent.keys if named and named < {folded(name) for name in key}), None)
    if key is None:
        return None
    ours = dict(zip(map(folded, fk.parent_columns), fk.child_columns, strict=True))
    alike = [column.name for name in key if (column := child.column(name))]
    if len(alike) == len(key):  # all have the names of the parent's
        return key, tuple(alike)
    rest = [child.column(name) for name in key if folded(name) not in ours]
    free = [column.name for column in rest if column is not None and column.name not in fk.child_columns]
    if len(free) < len(rest):
        return key, None
    missing = {folded(name): name for name in free}
    return key, tuple(ours.get(folded(name)) or missing[folded(name)] for name in key)
