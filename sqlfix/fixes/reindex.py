"""Build an index anew from its table.

*What it does*: `REINDEX` of the table whose index does not agree with it. *What that loses*: nothing; an index holds
no information of its own.
"""

from __future__ import annotations

from sqlfix.model.schema import ForeignKey, Schema
from sqlfix.model.values import Applicability, Loss
from sqlfix.plan.fix import FIXES, FixRule
from sqlfix.sql.statements import reindex


def refusal(schema: Schema, fk: ForeignKey) -> str | None:
    """An index can always be built anew, unless its table holds duplicates; the rehearsal tells."""
    return None


def statement(schema: Schema, fk: ForeignKey, condition: str, values: tuple[str, ...]) -> str:
    """REINDEX of the parent table."""
    return reindex(fk.parent)


FIXES.add(
    "reindex",
    FixRule(
        "reindex",
        frozenset({"index-disagrees"}),
        Applicability.LOSSLESS,
        Loss.NOTHING,
        refusal,
        statement,
        __doc__,
    ),
)
