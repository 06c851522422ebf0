"""JSON Lines for programs that read as it comes: the objects of docs/json.md, each on a line of its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sqlfix.model.findings import FaultyRow, Report
from sqlfix.model.plans import Plan
from sqlfix.prose.format import FORMATS, View
from sqlfix.prose.objects import compact, plan_object, report_object, row_object


class JsonLines:
    """One line for each report, each faulty row, and each plan."""

    def report(self, report: Report, view: View) -> Iterator[str]:
        """The report of one database on one line."""
        yield f"{compact(report_object(report))}\n"

    def rows(self, database: str, rows: Iterable[FaultyRow], view: View) -> Iterator[str]:
        """A line for each row; each names its database, so that the lines of several can be mixed."""
        for faulty in rows:
            yield f"{compact({'database': database, **row_object(faulty)})}\n"

    def plan(self, plan: Plan, view: View) -> Iterator[str]:
        """The plan on one line."""
        yield f"{compact(plan_object(plan))}\n"


FORMATS.add("jsonl", JsonLines())
