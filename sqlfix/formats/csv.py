"""CSV for spreadsheets: one record to a line, and no cell that a spreadsheet would run."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sqlfix.model.differences import Difference
from sqlfix.model.findings import Report
from sqlfix.model.plans import Plan
from sqlfix.prose.format import FORMATS, DifferentRows, FaultyRows, View, Writer
from sqlfix.prose.objects import compact, object_of
from sqlfix.prose.report import unchecked
from sqlfix.text import shown

REPORT_HEADER = (
    "database", "check", "severity", "table", "columns", "parent", "parent_columns", "count", "distinct", "fix",
    "message",
)  # fmt: skip
ROWS_HEADER = ("database", "check", "table", "columns", "parent", "parent_columns", "key", "values")
PLAN_HEADER = (
    "database", "kind", "name", "checks", "table", "columns", "parent", "parent_columns", "rows", "applicability",
    "loss", "value", "link_rows", "carries_data", "reason", "hint",
)  # fmt: skip
DIFFERENCE_HEADER = ("database", "table", "key", "added", "removed", "changed", "only_here", "only_older", "reason")
DIFFERENT_ROWS_HEADER = ("database", "table", "what", "key", "here", "older")

# What begins a formula in one spreadsheet or another, the full-width forms included.
_FORMULA = tuple("=+-@＝＋－＠")


def report(report: Report, view: View) -> Iterator[str]:
    """A line for each finding; what was not checked follows as the check ``not-checked``."""
    missed = ({"check": "not-checked", "table": entry.subject, "message": entry.reason} for entry in unchecked(report))
    return _lines(REPORT_HEADER, report.database, [*map(object_of, report.findings), *missed], view)


def plan(plan: Plan, view: View) -> Iterator[str]:
    """A line for each step in order, of the kind ``fix``, then one for each finding that stays, ``left``."""
    fixes = [{"kind": "fix", **object_of(fix)} for fix in plan.fixes]
    found = map(object_of, plan.left)
    left = [{**one, "kind": "left", "checks": one["check"], "rows": one["count"]} for one in found]
    return _lines(PLAN_HEADER, plan.database, [*fixes, *left], view)


def each(header: tuple[str, ...], parts: str) -> Writer:
    """A line for each part of a document, which an attribute of it has; keys and values of rows as JSON objects."""
    return lambda found, view: _lines(header, found.database, map(object_of, getattr(found, parts)), view)


def _lines(
    header: tuple[str, ...], database: str, records: Iterable[Mapping[str, object]], view: View
) -> Iterator[str]:
    """The header and a line for each record; what a record does not have stays empty."""
    if not view.follows:
        yield _line(header, view)
    for record in records:
        yield _line((database, *map(record.get, header[1:])), view)


def _line(cells: Iterable[object], view: View) -> str:
    line = io.StringIO()
    # All text is quoted, because where the decimal sign is a comma a spreadsheet parts cells at semicolons.
    csv.writer(line, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n").writerow(_cell(cell, view) for cell in cells)
    return line.getvalue()


def _cell(cell: Any, view: View) -> str | int:
    if isinstance(cell, (dict, list)):
        cell = compact(cell) if isinstance(cell, dict) else ", ".join(cell)
    elif isinstance(cell, bool):
        cell = "yes" if cell else "no"
    if not isinstance(cell, str):
        return "" if cell is None else cell
    text = shown(cell, view.unicode)
    return f"'{text}" if text.lstrip().startswith(_FORMULA) else text


rows, different_rows = each(ROWS_HEADER, "rows"), each(DIFFERENT_ROWS_HEADER, "rows")
difference = each(DIFFERENCE_HEADER, "tables")
FORMATS.add(
    "csv", {Report: report, FaultyRows: rows, Plan: plan, Difference: difference, DifferentRows: different_rows}
)
