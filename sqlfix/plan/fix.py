"""The contract of a fix: what it mends, what it promises, when it cannot be used, and what it writes."""

from collections.abc import Callable, Mapping
from typing import Any

from sqlfix.frozen import frozen
from sqlfix.model.plans import Change, Fix
from sqlfix.model.schema import ForeignKey, Schema
from sqlfix.model.values import Applicability, Loss, Subject
from sqlfix.registry import Registry
from sqlfix.sql.statements import statement


def never(schema: Schema, fk: ForeignKey) -> str | None:
    """The reason not to use a fix that can always be used."""
    return None


def as_given(schema: Schema, fk: ForeignKey, values: tuple[str, ...]) -> dict[str, str]:
    """The values that were chosen, one for each key column."""
    return dict(zip(fk.child_columns, values, strict=True))


@frozen
class FixRule:
    """A fix: which checks it mends, what it promises, when it cannot be used, and what it writes.

    ``refusal`` gives the reason why the fix cannot be applied to a relationship, or None. ``settings`` gives the SQL of
    what is written into the columns of a relationship, from the values that were chosen; one that takes rows deletes.
    Of fixes that lose the same, the one of the lower ``rank`` comes first. ``option`` is what to type for one that no
    word of ``--set`` asks for.
    """

    name: str
    checks: frozenset[str]
    applicability: Applicability
    loss: Loss
    doc: str
    refusal: Callable[[Schema, ForeignKey], str | None] = never
    settings: Callable[[Schema, ForeignKey, tuple[str, ...]], Mapping[str, str]] | None = None
    rank: int = 0
    option: str = ""

    def change(self, schema: Schema, fk: ForeignKey, where: str, values: tuple[str, ...] = ()) -> Change:
        """The change of all the child rows ``c`` of a relationship that a condition picks.

        Raises:
            LookupError: for a fix that is not for a foreign key.
        """
        if self.loss == Loss.ROWS:
            return Change("delete", fk.child, where)
        if self.settings is None:
            raise LookupError(f"{self.name} is no fix for the foreign key of {fk.child}")
        return Change("update", fk.child, where, self.settings(schema, fk, values))

    def step(self, schema: Schema, subject: Subject, change: Change, **more: Any) -> Fix:
        """A step of a plan that makes this fix by one change; ``more`` are further fields of the `Fix`."""
        given = {"checks": (), "rows": 0, "applicability": self.applicability, "loss": self.loss}
        given |= {"statements": (statement(schema, change),), "written": tuple(change.set), "kind": change.kind}
        return Fix(self.name, *subject, **{**given, **more})


FIXES: Registry[FixRule] = Registry("sqlfix.fixes")


def by_preference() -> tuple[str, ...]:
    """The names of all fixes in the order of preference: first what is lossless, then by the least loss."""

    def place(name: str) -> tuple[bool, Loss, int, str]:
        rule = FIXES[name]
        return rule.applicability is not Applicability.LOSSLESS, rule.loss, rule.rank, name

    return tuple(sorted(FIXES.names(), key=place))
