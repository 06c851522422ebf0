"""Point the key at the one parent that it matches except for its spelling.

*What it does*: `UPDATE … SET key = the key as the parent spells it`, for each key that
[differs only in its spelling](scan.md#keys-that-differ-in-their-spelling) from one parent: `' abc'` becomes `'ABC'`. It
comes before all other fixes. *What that loses*: nothing; the link is back.

Where most orphans of a relationship hold the name of a parent instead of its key (text that is the value of another
UNIQUE column that is NOT NULL), each gets the key of the parent that it names. A number is no name; and where the keys
are text as well, at least three different ones have to be names.

A key that matches several parents is left, and so is one that its column cannot hold as the parent spells it. If a row
would then be the same as another one in a unique index, it is left too; but of link rows that hold nothing but the
link, one is kept and the others are deleted.
"""

from sqlfix.model.values import Applicability, Loss
from sqlfix.plan.fix import FIXES, FixRule, as_given
from sqlfix.schema.writable_keys import why_no_value

CHECKS = frozenset({"orphan-rows"})
FIXES.add("relink", FixRule("relink", CHECKS, Applicability.LOSSLESS, Loss.NOTHING, __doc__, why_no_value, as_given))
