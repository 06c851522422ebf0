"""JSON for programs: one document, indented; docs/json.md is its contract.

Everything that is not printable ASCII is written as an escape, so that no name reaches a terminal as it is stored.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from sqlfix.model.findings import FaultyRow, Report
from sqlfix.model.plans import Plan
from sqlfix.prose.format import FORMATS, View
from sqlfix.prose.objects import FORMAT_VERSION, compact, plan_object, report_object, row_object


def _document(thing: object) -> Iterator[str]:
    yield from json.JSONEncoder(indent=2, allow_nan=False).iterencode(thing)
    yield "\n"


class Json:
    """One indented document for each report, stream of rows or plan; several of them simply follow one another."""

    def report(self, report: Report, view: View) -> Iterator[str]:
        """One document for the report."""
        yield from _document(report_object(report))

    def rows(self, database: str, rows: Iterable[FaultyRow], view: View) -> Iterator[str]:
        """One document whose ``rows`` are written as they come, one to a line."""
        yield f'{{\n  "format_version": {FORMAT_VERSION},\n  "database": {compact(database)},\n  "rows": ['
        comma = ""
        for faulty in rows:
            yield f"{comma}\n    {compact(row_object(faulty))}"
            comma = ","
        yield "\n  ]\n}\n" if comma else "]\n}\n"

    def plan(self, plan: Plan, view: View) -> Iterator[str]:
        """One document for the plan."""
        yield from _document(plan_object(plan))


FORMATS.add("json", Json())
