"""The contract of a fix: what it mends, what it promises, when it cannot be used, and what it writes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlfix.model.plans import Fix
from sqlfix.model.schema import ForeignKey, Schema
from sqlfix.model.values import Applicability, Loss, Subject
from sqlfix.registry import Registry
from sqlfix.sql.statements import delete, update


def never(schema: Schema, fk: ForeignKey) -> str | None:
    """The reason not to use a fix that can always be used."""
    return None


@dataclass(frozen=True, slots=True)
class FixRule:
    """A fix: which checks it mends, what it promises, when it cannot be used, and what it writes.

    ``refusal`` gives the reason why the fix cannot be applied to a relationship, or None. ``settings`` gives the SQL of
    what is written into the columns of a relationship, from the values that were chosen; one that takes rows deletes.
    """

    name: str
    checks: frozenset[str]
    applicability: Applicability
    loss: Loss
    doc: str
    refusal: Callable[[Schema, ForeignKey], str | None] = never
    settings: Callable[[Schema, ForeignKey, tuple[str, ...]], Mapping[str, str]] | None = None

    def statement(self, schema: Schema, fk: ForeignKey, condition: str, values: tuple[str, ...] = ()) -> str:
        """One complete statement over all the child rows ``c`` of a relationship that a condition picks.

        Raises:
            LookupError: for a fix that is not for a foreign key.
        """
        if self.loss == Loss.ROWS:
            return delete(fk.child, condition)
        table = schema.table(fk.child)
        if self.settings is None or table is None:
            raise LookupError(f"{self.name} is no fix for the foreign key of {fk.child}")
        return update(table, self.settings(schema, fk, values), condition)

    def step(self, subject: Subject, *statements: str, **more: Any) -> Fix:
        """A step of a plan that makes this fix; ``more`` are further fields of the `Fix`."""
        promised = {"checks": (), "rows": 0, "applicability": self.applicability, "loss": self.loss}
        return Fix(self.name, *subject, statements=statements, **{**promised, **more})


FIXES: Registry[FixRule] = Registry("sqlfix.fixes")
