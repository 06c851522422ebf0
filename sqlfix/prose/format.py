"""The contract of a format, and how a person looks at the output.

A format is a file in `sqlfix/formats` that files, under its name, a function for each kind of document that it can
write. The kinds are `Report`, `Plan` and those that stand here: what each is made from.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlfix.errors import Refused
from sqlfix.frozen import frozen
from sqlfix.registry import Registry

LISTED_FIRST = ("table", "json", "jsonl", "csv", "markdown")
"""The order in which --format lists the formats; those that are not named here follow by name."""


@frozen
class View:
    """How a person looks at the output: columns of the screen, colour, characters beyond ASCII, and how much detail.

    ``follows`` says that a document of the same kind stands before it: a table of all has its header once.
    """

    width: int = 80
    colour: bool = False
    unicode: bool = True
    verbose: int = 0
    follows: bool = False


Writer = Callable[[Any, View], Iterator[str]]
"""Gives a document as text in pieces; of a stream nothing is held back but the one row."""

FORMATS: Registry[Mapping[type, Writer]] = Registry("sqlfix.formats")


def written(format: str, document: object, view: View) -> Iterator[str]:
    """A document as a format writes it, in pieces.

    Raises:
        Refused: where the format cannot write a document of this kind.
    """
    return writer(format, type(document))(document, view)


def writer(format: str, kind: type) -> Writer:
    """The function by which a format writes documents of a kind.

    Raises:
        Refused: where it cannot, with the formats that can.
    """
    found = FORMATS[format].get(kind) if format in FORMATS.names() else None
    if found is None:
        raise Refused(f"{format!r} is not one of {', '.join(map(repr, formats_of(kind)))}")
    return found


def formats_of(kind: type) -> tuple[str, ...]:
    """The formats that can write documents of a kind, in the order in which they are listed."""
    found = [name for name, writers in FORMATS.all().items() if kind in writers]
    return tuple(sorted(found, key=lambda n: LISTED_FIRST.index(n) if n in LISTED_FIRST else len(LISTED_FIRST)))


def later(module: str, function: str) -> Writer:
    """A writer in a module of `sqlfix.prose` that is imported when it is needed, since most runs need none of them."""

    def write(document: object, view: View) -> Iterator[str]:
        found: Writer = getattr(importlib.import_module(f"sqlfix.prose.{module}"), function)
        return found(document, view)

    return write


if TYPE_CHECKING:
    from sqlfix.explain.answers import Explanation, Group, Why, WhyTable
    from sqlfix.model.differences import DifferentRow
    from sqlfix.model.findings import FaultyRow, Row
    from sqlfix.model.plans import Meant, Plan
    from sqlfix.repair.record import Record, Unreadable


# -- the kinds of documents, beside a `Report` and a `Plan` -------------------------------------------------------


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


class Fixes(Checks):
    """The same of the fixes, in the order of preference."""
