"""What one stage of a plan makes of a database: see `sqlfix.plan.stages`."""

from collections.abc import Callable
from dataclasses import replace
from typing import Self

from sqlfix.frozen import frozen
from sqlfix.model.plans import Fix, Left
from sqlfix.plan.policy import ORPHANS, Held, Policy
from sqlfix.schema.database import Database


@frozen
class Stage:
    """What one stage makes of a database: its fixes in order, what it leaves, and the policy for what comes after it.

    A fix is complete: its statements run as they are, in the order of the fixes, also on the file itself. What is left
    is held back by the policy, too, if the rest is not to take it; and a stage makes nothing of what is held back.
    """

    policy: Policy
    fixes: tuple[Fix, ...] = ()
    left: tuple[Left, ...] = ()

    def holding(self, held: Held, rows: int = 0) -> Self:
        """The stage that also holds back some orphans; where it says so of so many rows, these are left by it."""
        left = (Left(ORPHANS, *held.subject, rows, held.reason, held.hint),) if rows else ()
        return replace(self, policy=self.policy.holding(held), left=self.left + left)


MakeStage = Callable[[Database, Policy], Stage]
"""It looks at a database, with a policy, and makes a stage; one without fixes where there is nothing for it to do."""
