"""Delete the rows that are at fault.

*What it does*: `DELETE` of the child rows without a parent. *What that loses*: the rows, with all their columns. Where
other tables refer to the deleted rows, the plan goes on to those, until nothing is left hanging.

It is the default where the schema itself says ON DELETE CASCADE, for the link rows of a join table, and for a row
whose key may not be NULL. Of rows that are the same it deletes all but one where that is asked for with `--merge`.
"""

from __future__ import annotations

from sqlfix.model.values import Applicability, Loss
from sqlfix.plan.fix import FIXES, FixRule

CHECKS = frozenset({"orphan-rows", "placeholder-values", "duplicate-keys"})
FIXES.add("delete-rows", FixRule("delete-rows", CHECKS, Applicability.CHOICE, Loss.ROWS, __doc__))
