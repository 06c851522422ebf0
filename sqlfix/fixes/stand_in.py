"""Make the missing parent: one new row for each missing key, or one row for all.

*What it does*: `INSERT INTO parent … SELECT …`, one row with each key that the child rows have and no parent has, so
that every child keeps its row and its key. `--set table.column=stand-in:one` makes a single row instead, with a new
key, and points all of the orphans to it. It is only done if you choose it: `--on-orphan stand-in`, or
`--set table.column=stand-in`. *What that loses*: nothing with a row for each key; with one row for all, the old keys.
The new rows are not data: somebody has to fill them in, or to know that they are stand-ins.

The other columns of a new row stay NULL or get their DEFAULT where that is allowed. A column that has to have a value
gets one by [a rule for its type](repair.md#rows-that-stand-in-for-missing-parents); `--stand-in table.column=VALUE`
gives it yours. A foreign key gets NULL, or its DEFAULT if that has a parent, or one more stand-in in its own parent
table.

If a row cannot be made, none of that relationship is made: sqlfix names the column to give a value for. Keys that match
a parent except for spelling get no stand-in, and placeholders only if you name the column with `--set`.
"""

from sqlfix.model.values import Applicability, Loss
from sqlfix.plan.fix import FIXES, FixRule

CHECKS = frozenset({"orphan-rows", "placeholder-values"})
FIXES.add("stand-in", FixRule("stand-in", CHECKS, Applicability.CHOICE, Loss.NOTHING, __doc__, rank=1))
