"""Write the same value in the type that the column declares.

*What it does*: `UPDATE … SET column = CAST(…)` for values that read back as the same, such as `'12'` in a column of
whole numbers or `'true'` in a BOOLEAN. *What that loses*: nothing.
"""

from sqlfix.model.values import Applicability, Loss
from sqlfix.plan.fix import FIXES, FixRule

CHECKS = frozenset({"type-mismatches"})
FIXES.add("cast", FixRule("cast", CHECKS, Applicability.LOSSLESS, Loss.NOTHING, __doc__))
