"""Delete the rows that are at fault.

*What it does*: `DELETE` of the child rows without a parent. *What that loses*: the rows, with all their columns. If
other tables reference the deleted rows, the plan also covers those, until nothing is left hanging.

It is the default if the schema itself says ON DELETE CASCADE, for the link rows of a join table, and for a row whose
key may not be NULL. With `--merge` it deletes all except one of the rows that are the same.
"""

from sqlfix.model.values import Applicability, Loss
from sqlfix.plan.fix import FIXES, FixRule

CHECKS = frozenset({"orphan-rows", "placeholder-values", "duplicate-keys", "duplicate-links"})
FIXES.add("delete-rows", FixRule("delete-rows", CHECKS, Applicability.CHOICE, Loss.ROWS, __doc__))
