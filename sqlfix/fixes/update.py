"""Point the key at the parent that you name.

*What it does*: `UPDATE … SET key = VALUE` with the value given as `--set table.column=update:VALUE`; it is refused
unless a parent row with that key exists. `update:email=ann@example.org` names the parent by another of its columns.

`--map table.column=FILE` does it for many keys at once, where parents got new keys: FILE is a CSV whose first line is
`old,new`, with a key and its new key on each further line (of several columns: `old_a,old_b,new_a,new_b`). Only orphans
are changed, and a new key that no parent has is refused by the number of its line.

In a column that is not a foreign key, it writes the value into the rows that a check of that column finds, if the value
corrects them. *What that loses*: the old values.
"""

from sqlfix.model.values import Applicability, Loss
from sqlfix.plan.fix import FIXES, FixRule, as_given
from sqlfix.scan.check import CHECKS
from sqlfix.schema.writable_keys import why_no_value

OF_SINGLE_ROWS = frozenset(name for name, check in CHECKS.all().items() if check.conditions)
ALL = OF_SINGLE_ROWS | {"orphan-rows", "placeholder-values"}
FIXES.add("update", FixRule("update", ALL, Applicability.CHOICE, Loss.VALUES, __doc__, why_no_value, as_given))
