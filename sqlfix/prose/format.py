"""The contract of a format, and how a person looks at the output."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from sqlfix.model.findings import FaultyRow, Report
from sqlfix.model.plans import Plan
from sqlfix.registry import Registry


@dataclass(frozen=True, slots=True)
class View:
    """How a person looks at the output: columns of the screen, colour, characters beyond ASCII, and how much detail."""

    width: int = 80
    colour: bool = False
    unicode: bool = True
    verbose: int = 0


class Format(Protocol):
    """A way to write a report, a stream of rows, or a plan; each gives the text in pieces."""

    def report(self, report: Report, view: View) -> Iterator[str]:
        """The report of one database."""
        ...

    def rows(self, database: str, rows: Iterable[FaultyRow], view: View) -> Iterator[str]:
        """Every faulty row, as it comes; nothing is held back but the one row."""
        ...

    def plan(self, plan: Plan, view: View) -> Iterator[str]:
        """The plan of a repair."""
        ...


FORMATS: Registry[Format] = Registry("sqlfix.formats")
