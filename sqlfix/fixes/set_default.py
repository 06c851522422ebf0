"""Set the key to its column's DEFAULT, where that has a parent.

*What it does*: `UPDATE … SET key = DEFAULT value`, as ON DELETE SET DEFAULT would have done. It is used only where
the default is NULL or has a parent row. A column that is NOT NULL and holds NULL gets its DEFAULT likewise.
*What that loses*: the value of the key, which pointed nowhere.
"""

from __future__ import annotations

from sqlfix.fixes.update import refusal as cannot_write
from sqlfix.fixes.update import statement
from sqlfix.model.schema import ForeignKey, Schema
from sqlfix.model.values import Applicability, Loss
from sqlfix.plan.fix import FIXES, FixRule


def refusal(schema: Schema, fk: ForeignKey) -> str | None:
    """Why the key cannot be set to its default, or None; whether the default has a parent is for the data to say."""
    if reason := cannot_write(schema, fk):
        return reason
    table = schema.table(fk.child)
    for name in fk.child_columns:
        column = table.column(name) if table else None
        if column is not None and (column.not_null or column.primary_key) and column.default is None:
            return f"{name} has no DEFAULT and cannot be NULL"
    return None


FIXES.add(
    "set-default",
    FixRule(
        "set-default",
        frozenset({"orphan-rows", "placeholder-values", "not-null-violations"}),
        Applicability.CHOICE,
        Loss.VALUES,
        refusal,
        statement,
        __doc__,
    ),
)
