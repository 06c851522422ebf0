"""Rebuild an index from its table.

*What it does*: `REINDEX` of the table whose index does not agree with it. *What that loses*: nothing; an index holds no
information of its own.
"""

from sqlfix.model.values import Applicability, Loss
from sqlfix.plan.fix import FIXES, FixRule

CHECKS = frozenset({"index-disagrees"})
FIXES.add("reindex", FixRule("reindex", CHECKS, Applicability.LOSSLESS, Loss.NOTHING, __doc__))
