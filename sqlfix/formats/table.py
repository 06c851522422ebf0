"""Tables and sentences for people at a terminal; nothing passes the width of the screen, and nothing is cut off."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlfix.model.findings import Finding, Report
from sqlfix.model.plans import Left, Plan
from sqlfix.model.values import Severity
from sqlfix.prose import documents
from sqlfix.prose import report as words
from sqlfix.prose.format import FORMATS, View, later
from sqlfix.prose.plan import deed, plan_beyond, plan_closing, plan_headline, totals
from sqlfix.scan.check import CHECKS
from sqlfix.text import cells, plural, row_text, shown, wide, wrapped

_RESET = "\x1b[0m"
_BOLD = "\x1b[1m"
_GREEN = "\x1b[32m"
_CYAN = "\x1b[36m"
_COLOURS = {Severity.ERROR: "\x1b[31m", Severity.WARNING: "\x1b[33m", Severity.HINT: _CYAN}

_GAP = 2
_NARROWEST = 20
"""What a column of names needs at least; where the screen has no room for it, the cells are listed instead."""
_WORDS_WIDTH = 14
"""Where a column of words, such as that of the fixes, is wrapped."""
_SAMPLES = 5
_PAD = "\0"
"""Stands after a character that takes two columns, so that its cell is as long as it is wide. No cell holds one."""


def report(report: Report, view: View) -> Iterator[str]:
    """Headline, table, findings in words, what was not checked, and the totals."""
    clean = report.clean and report.relationships
    yield from _head(words.headline(report, view.unicode), _GREEN if clean else _BOLD, view)
    rows = list(words.summary(report, view.verbose > 0, view.unicode))
    if rows:
        yield "\n"
        yield from _grid(words.HEADINGS, "lrrrll", rows, view)
    if report.join_tables and view.verbose:
        yield "\nJoin tables:\n"
        for join in report.join_tables:
            yield from _text(words.join_table(join, view.unicode), view, "  ", "    ")
    for finding in report.findings:
        if view.verbose or (words.needs_words(finding) and finding.severity > Severity.HINT):
            yield "\n"
            yield from _finding(finding, view)
    hints = sum(finding.severity == Severity.HINT for finding in report.findings)
    if hints and not view.verbose:
        yield "\n"
        yield from _text(f"{plural(hints, 'hint')}: scan -v shows {'it' if hints == 1 else 'them'}.", view)
    missed = words.unchecked(report)
    if missed:
        yield "\nNot checked:\n"
        for entry in missed:
            said = f"{shown(entry.subject, view.unicode)}: {shown(entry.reason, view.unicode)}"
            yield from _text(said, view, "  ", "    ")
    if report.relationships or report.findings or missed:
        yield "\n"
        yield from _text(words.closing(report), view)


def rows(found: documents.FaultyRows, view: View) -> Iterator[str]:
    """Under a heading for each relationship and check, a line for each row."""
    last: tuple[object, str] | None = None
    for faulty in found.rows:
        subject = faulty.subject
        if last != (subject, faulty.check):
            title = f"{words.relationship(*subject, unicode=view.unicode)}: {faulty.check}"
            if last is None:
                yield from _head(f"{shown(found.database, view.unicode)}: faulty rows", _BOLD, view)
            yield "\n"
            yield from _text(title, view)
            last = (subject, faulty.check)
        yield from _text(row_text(faulty.row, view.unicode), view, "  ", "    ")
    if last is None:
        yield from _head(f"{shown(found.database, view.unicode)}: no faulty rows", _GREEN, view)


def plan(plan: Plan, view: View) -> Iterator[str]:
    """What will be done in order, what that does to each table, and what is left."""
    yield from _head(plan_headline(plan, view.unicode), _BOLD, view)
    if plan.fixes:
        yield "\n"
    for place, fix in enumerate(plan.fixes, 1):
        number = f"{place:>3}. "
        kind = f"{fix.name}, {fix.applicability.name.lower()}" if view.verbose else fix.name
        yield from _text(f"{deed(fix, plan.applied, view.unicode)} [{kind}]", view, number, " " * len(number))
    if plan.totals:
        yield "\n"
        # The last column is for the file's triggers, which most files do not have.
        end = None if any(total.by_triggers for total in plan.totals) else -1
        rows = [line[:end] for line in totals(plan, view.unicode)]
        yield from _grid(words.TOTAL_HEADINGS[:end], "lrrrrr"[:end], rows, view)
    if plan.left:
        yield "\nLeft unchanged:\n"
        for left in plan.left:
            yield from _left(left, view)
    if plan.fixes or plan.left:
        yield "\n"
        yield from _text(plan_closing(plan), view)
    if beyond := plan_beyond(plan):
        yield from _text(shown(beyond, view.unicode), view)
    if plan.backup is not None:
        yield f"Backup: {shown(plan.backup, view.unicode)}\n"


# -- the parts ----------------------------------------------------------------------------------------------------


def _head(text: str, colour: str, view: View) -> Iterator[str]:
    for line in wrapped(text, _width(view), whole=True):
        yield f"{_painted(line, colour, view)}\n"


def _finding(finding: Finding, view: View) -> Iterator[str]:
    rule = CHECKS[finding.check]
    severity = finding.severity.name.lower()
    said = shown(rule.message(finding), view.unicode)
    first = f"{severity} {finding.check}: {said}"
    for line in _text(first, view, rest="  "):
        # The first line alone begins at the margin.
        yield (
            line.replace(severity, _painted(severity, _COLOURS[finding.severity], view), 1) if line[0] != " " else line
        )
    hint = rule.hint(finding)
    if hint is not None:
        yield from _hint(hint, view)
    if view.verbose and finding.sample:
        rows = "; ".join(row_text(row, view.unicode) for row in finding.sample[:_SAMPLES])
        yield from _text(f"sample: {rows}", view, "  ", "    ")


def _left(left: Left, view: View) -> Iterator[str]:
    link = words.relationship(*left.subject, view.unicode)
    rows = f", {plural(left.count, 'row')}" if left.count else ""
    said = f"{left.check} in {link}{rows}: {shown(left.reason, view.unicode)}"
    yield from _text(said, view, "  ", "    ")
    if left.hint is not None:
        yield from _hint(left.hint, view, "    ")


def _hint(hint: str, view: View, indent: str = "  ") -> Iterator[str]:
    for line in _text(f"hint: {shown(hint, view.unicode)}", view, indent, f"{indent}  "):
        yield line.replace("hint:", _painted("hint:", _CYAN, view), 1) if line.startswith(f"{indent}hint:") else line


def _text(text: str, view: View, first: str = "", rest: str = "") -> Iterator[str]:
    for line in wrapped(text, _width(view), first, rest):
        yield f"{line.rstrip(' ')}\n"


def _painted(text: str, colour: str, view: View) -> str:
    return f"{colour}{text}{_RESET}" if view.colour else text


def _width(view: View) -> int:
    return max(view.width, _NARROWEST)


# -- the grid -----------------------------------------------------------------------------------------------------


def _grid(headings: Sequence[str], sides: str, rows: Sequence[Sequence[str]], view: View) -> Iterator[str]:
    """The rows under their headings; the first column takes what the others leave it.

    ``sides`` has an ``l`` or an ``r`` for each column.
    """
    widths = [max(cells(line[place]) for line in (headings, *rows)) for place in range(len(headings))]
    widths[1:] = [min(w, _WORDS_WIDTH) if side == "l" else w for w, side in zip(widths[1:], sides[1:], strict=True)]
    room = _width(view) - sum(widths[1:]) - _GAP * (len(widths) - 1)
    if room < min(_NARROWEST, widths[0]):
        yield from _list(headings, rows, view)
        return
    widths[0] = min(room, widths[0])
    from tabulate import tabulate  # imported here, because not every run draws a table

    # The headings go in as a row: as headings they would be given two columns more than they need.
    body = [headings, ["-" * width for width in widths]]
    body += [[_cell(cell, width) for cell, width in zip(row, widths, strict=True)] for row in rows]
    aligned = ["left" if side == "l" else "right" for side in sides]
    grid = tabulate(body, tablefmt="plain", colalign=aligned, disable_numparse=True)
    for line in grid.split("\n"):
        yield f"{line.replace(_PAD, '').rstrip(' ')}\n"


def _cell(text: str, width: int) -> str:
    lines = "\n".join(wrapped(text, width, rest="  "))
    return lines if lines.isascii() else "".join(c + _PAD if wide(c) else c for c in lines)


def _list(headings: Sequence[str], rows: Sequence[Sequence[str]], view: View) -> Iterator[str]:
    for row in rows:
        yield from _text(row[0], view, rest="  ")
        rest = "; ".join(
            f"{heading} {cell}" for heading, cell in zip(headings[1:], row[1:], strict=True) if cell != "-"
        )
        yield from _text(rest, view, "  ", "  ")


FORMATS.add(
    "table",
    {
        Report: report,
        documents.FaultyRows: rows,
        Plan: plan,
        documents.Answer: later("answers", "answer"),
        documents.KeptRows: later("answers", "kept_rows"),
        documents.History: later("history", "history"),
        documents.Checks: later("checks", "checks"),
    },
)
