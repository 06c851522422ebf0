"""Point the key at a parent that was named.

*What it does*: `UPDATE … SET key = VALUE` with the value given as `--set table.column=update:VALUE`; it is refused
unless a parent row with that key exists. For a column that is no foreign key it writes the value into the rows that a
check of that column finds, if that mends them. *What that loses*: the values that stood there.
"""

from __future__ import annotations

from sqlfix.model import Applicability, ForeignKey, Loss, Schema, Table
from sqlfix.registry import FIXES, FixRule
from sqlfix.sql import quote


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
    settings = ", ".join(f"{quote(name)} = {value}" for name, value in zip(fk.child_columns, values, strict=True))
    return f"{update(schema, fk)} SET {settings} WHERE {condition}"


def update(schema: Schema, fk: ForeignKey) -> str:
    """The beginning of an UPDATE of the child table, see `update_of`."""
    table = schema.table(fk.child)
    assert table is not None
    return update_of(table)


def update_of(table: Table) -> str:
    """The beginning of an UPDATE that fails where it collides, whatever the table itself says.

    A constraint with ON CONFLICT REPLACE would delete the sound row that is in the way, without a word.
    """
    or_abort = " OR ABORT" if "on conflict" in " ".join(table.sql.lower().split()) else ""
    return f"UPDATE{or_abort} {quote(table.name)} AS c"


FIXES.add(
    "update",
    FixRule(
        "update",
        frozenset(
            {
                *("orphan-rows", "placeholder-values", "not-null-violations", "check-violations", "type-mismatches"),
                *("invalid-dates", "too-long-values"),
            }
        ),
        Applicability.CHOICE,
        Loss.VALUES,
        refusal,
        statement,
        __doc__,
    ),
)
