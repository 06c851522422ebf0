"""The kinds of documents that a format can write, beside a `Report` and a `Plan`: what each is made from."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from sqlfix.explain.answers import Explanation, Group, Why, WhyTable
    from sqlfix.model.differences import DifferentRow
    from sqlfix.model.findings import FaultyRow, Row
    from sqlfix.model.plans import Meant, Plan
    from sqlfix.repair.record import Record, Unreadable


class FaultyRows(NamedTuple):
    """Every faulty row of a database, as it comes."""

    database: str
    rows: Iterable[FaultyRow]


class Answer(NamedTuple):
    """What `why` answers about a row, a table or an error message."""

    database: str
    of: Why | WhyTable | Explanation


class KeptRows(NamedTuple):
    """Every row of a table that cannot be deleted or edited, with what keeps it, as it comes."""

    rows: Iterable[tuple[Group, Row]]


class Script(NamedTuple):
    """A plan as SQL to run; without ``transaction`` for a host that begins and ends one itself.

    ``meant`` is the one row that it is about, if it is about one; it has to be there before and gone afterwards.
    """

    plan: Plan
    transaction: bool = True
    meant: Meant | None = None


class History(NamedTuple):
    """The records of the repairs of a database, the oldest first, and what should be a record and is none."""

    database: str
    records: tuple[Record, ...]
    unreadable: tuple[Unreadable, ...]


class DifferentRows(NamedTuple):
    """Every row that is not the same in a database and an older copy of it, as it comes."""

    database: str
    older: str
    rows: Iterable[DifferentRow]


class Checks(NamedTuple):
    """The checks of a scan by their names; ``page``: the page of one, and not a line for each."""

    names: tuple[str, ...]
    page: bool = False


class Fixes(NamedTuple):
    """The fixes by their names, in the order of preference; ``page``: the page of one, and not a line for each."""

    names: tuple[str, ...]
    page: bool = False
