"""Build an index anew from its table.

*What it does*: `REINDEX` of the table whose index does not agree with it. *What that loses*: nothing; an index holds
no information of its own.
"""

from __future__ import annotations

from sqlfix.model import Applicability, ForeignKey, Loss, Schema
from sqlfix.registry import FIXES, FixRule
from sqlfix.sql import quote


def refusal(schema: Schema, fk: ForeignKey) -> str | None:
    """An index can always be built anew, unless its table holds duplicates; the rehearsal tells."""
    return None


def statement(schema: Schema, fk: ForeignKey, condition: str, values: tuple[str, ...]) -> str:
    """REINDEX of the parent table."""
    return reindex(fk.parent)


def reindex(table: str) -> str:
    """REINDEX of a table: all its indexes, since one that is wrong is seldom alone."""
    return f"REINDEX {quote(table)}"


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
