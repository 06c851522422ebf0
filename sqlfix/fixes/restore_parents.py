"""Bring the missing parent back from an older copy.

*What it does*: `INSERT INTO … SELECT …` of the parents that an orphan needs and that a copy named with `--donor` still
has, with all their columns, and with their own missing parents. It comes before all other fixes. *What that loses*:
nothing; the link is back.

A parent whose key or UNIQUE value another row has by now is left, with both rows shown, and so are its orphans. So is
one that SQLite refuses. If its own parent is nowhere, its key becomes NULL, or it is left, too. [Older
copies](older-copies.md) says more.
"""

from sqlfix.model.values import Applicability, Loss
from sqlfix.plan.fix import FIXES, FixRule

CHECKS = frozenset({"orphan-rows"})
FIXES.add(
    "restore-parents",
    FixRule(
        "restore-parents", CHECKS, Applicability.LOSSLESS, Loss.NOTHING, __doc__, rank=-1, option="--donor OLDER.db"
    ),
)
