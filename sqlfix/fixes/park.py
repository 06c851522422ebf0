"""Move the rows to a table of their own, `lost_and_found`, from which they can come back.

*What it does*: `INSERT INTO lost_and_found SELECT …` of the child rows without a parent, each whole as JSON with its
table, its key, the time and the reason; then they are deleted where they stood. It is only done if you choose it:
`--on-orphan park`, or `--set table.column=park`. *What that loses*: nothing; but the rows are gone for the application
until `sqlfix unpark` brings them back.

Rows that lose their parent because others are parked follow their ON DELETE; those that would be deleted are parked as
well. If the file has another table called `lost_and_found`, such as the sqlite3 shell's `.recover` makes, nothing is
parked.
"""

from sqlfix.model.values import Applicability, Loss
from sqlfix.plan.fix import FIXES, FixRule

CHECKS = frozenset({"orphan-rows", "placeholder-values"})
FIXES.add("park", FixRule("park", CHECKS, Applicability.CHOICE, Loss.NOTHING, __doc__, rank=2))
