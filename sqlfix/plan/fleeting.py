"""What a plan is not to add, since another step of the same plan would delete or change it: found by trying it out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from sqlfix.frozen import frozen
from sqlfix.model.values import Subject, Value

LOSES_ITS_PARENT = "it would lose its own parent by this plan"


@frozen
class Fleeting:
    """All that did not last.

    ``rows`` are those of donors that would lose their own parent by the plan: by their table, and what tells them from
    other rows, the columns in which they come back with NULL, as the plan would leave them; without such columns they
    stay away. ``defaults`` are relationships in which no new row is to refer to the parent that its DEFAULT names.
    """

    rows: Mapping[tuple[str, tuple[Value, ...]], tuple[str, ...]] = field(default_factory=dict)
    defaults: frozenset[Subject] = frozenset()


ALL_LASTS = Fleeting()
"""Nothing that was added is undone by the same plan, as far as is known."""
