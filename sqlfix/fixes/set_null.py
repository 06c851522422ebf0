"""Set the key to NULL, and keep the row.

*What it does*: `UPDATE … SET key = NULL`; with a NULL in its key a row refers to nothing, and nothing is promised
of it (MATCH SIMPLE). *What that loses*: the value of the key, which pointed nowhere.

Of a composite key as few columns as possible are set: those that may be NULL, are not part of the primary key, and
serve no other foreign key, be it as part of one or as what others refer to. Where the schema says ON DELETE SET NULL,
all of them are, as SQLite would have done.
"""

from __future__ import annotations

from sqlfix.fixes.update import update_of
from sqlfix.model import Applicability, ForeignKey, Loss, Schema, Table, folded
from sqlfix.registry import FIXES, FixRule
from sqlfix.sql import quote


def columns_to_null(schema: Schema, fk: ForeignKey) -> tuple[str, ...]:
    """The key columns that can be set to NULL and are best set; empty where none can."""
    table = schema.table(fk.child)
    if table is None:
        return ()
    possible = tuple(name for name in fk.child_columns if _why_not_null(table, name) is None)
    if fk.on_delete == "SET NULL":
        return possible if len(possible) == len(fk.child_columns) else ()
    return tuple(name for name in possible if not _serves_another(schema, fk, name)) or possible


def _serves_another(schema: Schema, fk: ForeignKey, name: str) -> bool:
    """True if a column of the key is part of another foreign key, or is what others refer to."""
    return bool(schema.references_to_column(fk.child, name)) or any(
        other.child_columns != fk.child_columns or folded(other.parent) != folded(fk.parent)
        for other in schema.keys_with(fk.child, name)
    )


def _why_not_null(table: Table, name: str) -> str | None:
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


def refusal(schema: Schema, fk: ForeignKey) -> str | None:
    """Why the key cannot be NULL, or None."""
    table = schema.table(fk.child)
    if columns_to_null(schema, fk) or table is None:
        return None
    for name in fk.child_columns:
        if reason := _why_not_null(table, name):
            return f"{name} {reason}"
    return None


def statement(schema: Schema, fk: ForeignKey, condition: str, values: tuple[str, ...]) -> str:
    """One UPDATE over all the rows that ``condition`` picks."""
    table, columns = schema.table(fk.child), columns_to_null(schema, fk)
    assert table is not None
    settings = ", ".join(f"{quote(name)} = NULL" for name in columns)
    return f"{update_of(table, columns, to_null=True)} SET {settings} WHERE {condition}"


FIXES.add(
    "set-null",
    FixRule(
        "set-null",
        frozenset({"orphan-rows", "placeholder-values"}),
        Applicability.CHOICE,
        Loss.VALUES,
        refusal,
        statement,
        __doc__,
    ),
)
