"""Set the key to NULL, and keep the row.

*What it does*: `UPDATE … SET key = NULL`; with a NULL in its key a row refers to nothing, and nothing is promised
of it (MATCH SIMPLE). *What that loses*: the value of the key, which pointed nowhere.

Of a composite key as few columns as possible are set: those that may be NULL, are not part of the primary key, and
serve no other foreign key, be it as part of one or as what others refer to. Where the schema says ON DELETE SET NULL,
all of them are, as SQLite would have done.
"""

from __future__ import annotations

from sqlfix.model.schema import ForeignKey, Schema
from sqlfix.model.values import Applicability, Loss
from sqlfix.plan.fix import FIXES, FixRule
from sqlfix.schema.writable_keys import columns_to_null, why_not_null
from sqlfix.sql.literals import quote
from sqlfix.sql.statements import update_of


def refusal(schema: Schema, fk: ForeignKey) -> str | None:
    """Why the key cannot be NULL, or None."""
    table = schema.table(fk.child)
    if columns_to_null(schema, fk) or table is None:
        return None
    for name in fk.child_columns:
        if reason := why_not_null(table, name):
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
