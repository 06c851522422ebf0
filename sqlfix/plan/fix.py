"""The contract of a fix: what it mends, what it promises, and its statement."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlfix.model.schema import ForeignKey, Schema
from sqlfix.model.values import Applicability, Loss
from sqlfix.registry import Registry


@dataclass(frozen=True, slots=True)
class FixRule:
    """A fix: which checks it mends, what it promises, when it cannot be used, and its statement.

    ``refusal`` gives the reason why the fix cannot be applied to a relationship, or None. ``statement`` takes the
    schema, the relationship, the SQL condition that picks the rows (the child table stands under the alias ``c``) and
    the SQL text of the values to write, and gives one complete statement.
    """

    name: str
    checks: frozenset[str]
    applicability: Applicability
    loss: Loss
    refusal: Callable[[Schema, ForeignKey], str | None]
    statement: Callable[[Schema, ForeignKey, str, tuple[str, ...]], str]
    doc: str


FIXES: Registry[FixRule] = Registry("sqlfix.fixes")
