"""Point the key at a parent that was named.

*What it does*: `UPDATE … SET key = VALUE` with the value given as `--set table.column=update:VALUE`; it is refused
unless a parent row with that key exists. For a column that is no foreign key it writes the value into the rows that a
check of that column finds, if that mends them. *What that loses*: the values that stood there.
"""

from __future__ import annotations

from sqlfix.model.schema import ForeignKey, Schema
from sqlfix.model.values import Applicability, Loss
from sqlfix.plan.fix import FIXES, FixRule
from sqlfix.sql.literals import quote
from sqlfix.sql.statements import update_of


def refusal(schema: Schema, fk: ForeignKey) -> str | None:
    """Why the key cannot be written, or None."""
    table = schema.table(fk.child)
    for name in fk.child_columns:
        column = table.column(name) if table else None
        if column is not None and column.generated:
            return f"{name} is computed from other columns"
    return None


def statement(schema: Schema, fk: ForeignKey, condition: str, values: tuple[str, ...]) -> str:
    """One UPDATE over all the rows that ``condition`` picks."""
    table = schema.table(fk.child)
    assert table is not None
    settings = ", ".join(f"{quote(name)} = {value}" for name, value in zip(fk.child_columns, values, strict=True))
    return f"{update_of(table, fk.child_columns)} SET {settings} WHERE {condition}"


FIXES.add(
    "update",
    FixRule(
        "update",
        frozenset(
            {
                *("orphan-rows", "placeholder-values", "not-null-violations", "check-violations", "type-mismatches"),
                *("invalid-dates", "too-long-values", "null-in-primary-key"),
            }
        ),
        Applicability.CHOICE,
        Loss.VALUES,
        refusal,
        statement,
        __doc__,
    ),
)
