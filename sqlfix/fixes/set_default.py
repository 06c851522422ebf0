"""Set the key to its column's DEFAULT, if the DEFAULT has a parent.

*What it does*: `UPDATE … SET key = DEFAULT value`, as ON DELETE SET DEFAULT would have done. It is used only if the
default is NULL or has a parent row. It also writes the DEFAULT into a column that is NOT NULL and holds NULL.
*What that loses*: the value of the key, which pointed nowhere.
"""

from sqlfix.model.values import Applicability, Loss
from sqlfix.plan.fix import FIXES, FixRule, as_given
from sqlfix.schema.writable_keys import why_no_default

CHECKS = frozenset({"orphan-rows", "placeholder-values", "not-null-violations"})
FIXES.add(
    "set-default", FixRule("set-default", CHECKS, Applicability.CHOICE, Loss.VALUES, __doc__, why_no_default, as_given)
)
