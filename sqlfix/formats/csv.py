"""CSV for spreadsheets: one record to a line, and no cell that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator

from sqlfix.model.findings import FaultyRow, Finding, Report
from sqlfix.model.plans import Fix, Left, Plan
from sqlfix.prose.format import FORMATS, View
from sqlfix.prose.objects import compact, values_object
from sqlfix.prose.report import unchecked
from sqlfix.scan.check import rule_of
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

# What begins a formula in one spreadsheet or another, the full-width forms included.
_FORMULA = tuple("=+-@＝＋－＠")

Cell = str | int | None


class Csv:
    """A header, then one line for each finding, faulty row, or step of a plan."""

    def report(self, report: Report, view: View) -> Iterator[str]:
        """A line for each finding; what was not checked follows as the check ``not-checked``."""
        yield _line(REPORT_HEADER, view)
        for finding in report.findings:
            yield _line((report.database, *_finding(finding)), view)
        for entry in unchecked(report):
            cells = ("not-checked", None, entry.subject, *(None,) * 6, entry.reason)
            yield _line((report.database, *cells), view)

    def rows(self, database: str, rows: Iterable[FaultyRow], view: View) -> Iterator[str]:
        """A line for each row, its key and its values as JSON objects."""
        yield _line(ROWS_HEADER, view)
        for faulty in rows:
            ends = _ends(*faulty.subject)
            key, values = (compact(values_object(pairs)) for pairs in (faulty.row.key, faulty.row.values))
            yield _line((database, faulty.check, *ends, key, values), view)

    def plan(self, plan: Plan, view: View) -> Iterator[str]:
        """A line for each step in order, of the kind ``fix``, then one for each finding that stays, ``left``."""
        yield _line(PLAN_HEADER, view)
        for fix in plan.fixes:
            yield _line((plan.database, *_fix(fix)), view)
        for left in plan.left:
            yield _line((plan.database, *_left(left)), view)


def _ends(table: str, columns: tuple[str, ...], parent: str | None, parent_columns: tuple[str, ...]) -> tuple[str, ...]:
    return (table, ", ".join(columns), parent or "", ", ".join(parent_columns))


def _finding(finding: Finding) -> tuple[Cell, ...]:
    return (
        finding.check,
        finding.severity.name.lower(),
        *_ends(finding.table, finding.columns, finding.parent, finding.parent_columns),
        finding.count,
        finding.distinct,
        finding.fix,
        rule_of(finding.check).message(finding),
    )


def _fix(fix: Fix) -> tuple[Cell, ...]:
    return (
        "fix",
        fix.name,
        ", ".join(fix.checks),
        *_ends(fix.table, fix.columns, fix.parent, fix.parent_columns),
        fix.rows,
        fix.applicability.name.lower(),
        fix.loss.name.lower(),
        fix.value,
        "yes" if fix.link_rows else "no",
        "yes" if fix.carries_data else "no",
        None,
        None,
    )


def _left(left: Left) -> tuple[Cell, ...]:
    ends = _ends(left.table, left.columns, left.parent, left.parent_columns)
    return ("left", None, left.check, *ends, left.count, *(None,) * 5, left.reason, left.hint)


def _line(cells: Iterable[Cell], view: View) -> str:
    line = io.StringIO()
    # All text is quoted, because where the decimal sign is a comma a spreadsheet parts cells at semicolons.
    csv.writer(line, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n").writerow(_safe(cell, view) for cell in cells)
    return line.getvalue()


def _safe(cell: Cell, view: View) -> str | int:
    if cell is None:
        return ""
    if isinstance(cell, int):
        return cell
    text = shown(cell, view.unicode)
    return f"'{text}" if text.lstrip().startswith(_FORMULA) else text


FORMATS.add("csv", Csv())
