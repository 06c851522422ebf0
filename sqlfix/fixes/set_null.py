"""Set the key to NULL, and keep the row.

*What it does*: `UPDATE … SET key = NULL`. A row with a NULL in its key references nothing, and nothing is promised
about it (MATCH SIMPLE). *What that loses*: the value of the key, which pointed nowhere.

In a composite key, as few columns as possible are set: those that may be NULL, are not part of the primary key, and
serve no other foreign key, neither as part of one nor as what others reference. If the schema says ON DELETE SET NULL,
all columns are set, as SQLite would have done.
"""

from sqlfix.model.schema import ForeignKey, Schema
from sqlfix.model.values import Applicability, Loss
from sqlfix.plan.fix import FIXES, FixRule
from sqlfix.schema.writable_keys import columns_to_null, why_no_null


def settings(schema: Schema, fk: ForeignKey, values: tuple[str, ...]) -> dict[str, str]:
    """NULL for as few columns as possible."""
    return dict.fromkeys(columns_to_null(schema, fk), "NULL")


CHECKS = frozenset({"orphan-rows", "placeholder-values"})
FIXES.add("set-null", FixRule("set-null", CHECKS, Applicability.CHOICE, Loss.VALUES, __doc__, why_no_null, settings))
