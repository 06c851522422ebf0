"""Tables and sentences for people at a terminal; nothing passes the width of the screen, and nothing is cut off."""

from collections.abc import Iterator, Sequence

from sqlfix.model.differences import Difference
from sqlfix.model.findings import Finding, Report
from sqlfix.model.plans import Plan, SchemaPlan
from sqlfix.model.values import Severity
from sqlfix.prose import report as words
from sqlfix.prose.format import (
    FORMATS,
    Answer,
    Checks,
    DifferentRows,
    FaultyRows,
    Fixes,
    History,
    KeptRows,
    View,
    later,
)
from sqlfix.prose.page import BOLD, CYAN, GREEN, NARROWEST, Page
from sqlfix.prose.plan import alternatives, deed, plan_beyond, plan_closing, plan_headline, preview, step_name, totals
from sqlfix.scan.check import CHECKS
from sqlfix.text import cells, plural, row_text, wide, wrapped

_COLOURS = {Severity.ERROR: "\x1b[31m", Severity.WARNING: "\x1b[33m", Severity.HINT: CYAN}

_GAP = 2
_WORDS_WIDTH = 14
"""Where a column of words, such as that of the fixes, is wrapped."""
_SAMPLES = 5
_PAD = "\0"
"""Stands after a character that takes two columns, so that its cell is as long as it is wide. No cell holds one."""


def report(report: Report, view: View) -> Iterator[str]:
    """Headline, table, findings in words, what was not checked, and the totals."""
    page = Page(view)
    page.title(words.headline(report, view.unicode), GREEN if report.clean and report.relationships else BOLD)
    if rows := list(words.summary(report, view.verbose > 0, view.unicode)):
        page.line()
        _grid(page, words.HEADINGS, "lrrrll", rows)
    joins = (words.join_table(join, view.unicode) for join in report.join_tables if view.verbose)
    page.items("Join tables:", joins)
    for finding in report.findings:
        if view.verbose or (words.needs_words(finding) and finding.severity > Severity.HINT):
            _finding(page, finding)
    hints = sum(finding.severity == Severity.HINT for finding in report.findings)
    if hints and not view.verbose:
        page.heading(f"{plural(hints, 'hint')}: scan -v shows {'it' if hints == 1 else 'them'}.")
    missed = words.unchecked(report)
    page.items("Not checked:", (f"{page.shown(entry.subject)}: {page.shown(entry.reason)}" for entry in missed))
    if report.relationships or report.findings or missed:
        page.heading(words.closing(report))
    yield from page.lines


def rows(found: FaultyRows, view: View) -> Iterator[str]:
    """Under a heading for each relationship and check, a line for each row."""
    page, last = Page(view), None
    for faulty in found.rows:
        if last is None:
            page.title(f"{page.shown(found.database)}: faulty rows", BOLD)
        if last != (faulty.subject, faulty.check):
            page.heading(f"{words.relationship(faulty.subject, view.unicode)}: {faulty.check}")
            last = (faulty.subject, faulty.check)
        page.item(row_text(faulty.row, view.unicode))
        yield from page.taken()
    if last is None:
        page.title(f"{page.shown(found.database)}: no faulty rows", GREEN)
    yield from page.lines


def plan(plan: Plan, view: View) -> Iterator[str]:
    """What will be done in order, what that does to each table, and what is left."""
    page = Page(view)
    page.title(plan_headline(plan, view.unicode), BOLD)
    if plan.fixes:
        page.line()
    for place, fix in enumerate(plan.fixes, 1):
        promise = f", {fix.applicability.name.lower()}" if view.verbose and fix.rests_on != "lossless" else ""
        page.numbered(place, f"{deed(fix, plan.applied, view.unicode)} [{step_name(fix)}{promise}]")
        if not plan.applied and (other := alternatives(fix, view.unicode)):
            page.beneath(other)
        for example in () if plan.applied else preview(fix, view.unicode):
            page.beneath(example)
    if plan.totals:
        page.line()
        # The last column is for the file's triggers, which most files do not have.
        end = None if any(total.by_triggers for total in plan.totals) else -1
        headings, lines = totals(plan, view.unicode)
        _grid(page, headings[:end], ("l" + "r" * (len(headings) - 1))[:end], [line[:end] for line in lines])
    page.left(plan.left)
    if plan.fixes or plan.left:
        page.heading(plan_closing(plan))
    if beyond := plan_beyond(plan):
        page.say(page.shown(beyond))
    if plan.backup is not None:
        page.line(f"Backup: {page.shown(plan.backup)}")
    yield from page.lines


def _finding(page: Page, finding: Finding) -> None:
    rule, severity = CHECKS[finding.check], finding.severity.name.lower()
    page.line()
    place = len(page.lines)
    page.say(f"{severity} {finding.check}: {page.shown(rule.message(finding))}", rest="  ")
    page.paint(place, severity, _COLOURS[finding.severity])
    hint = rule.advice(finding)
    if hint is not None:
        page.hint(hint)
    if page.view.verbose and finding.sample:
        page.item(f"sample: {page.rows(finding.sample[:_SAMPLES], 0)}")


# -- the grid -----------------------------------------------------------------------------------------------------


def _grid(page: Page, headings: Sequence[str], sides: str, rows: Sequence[Sequence[str]]) -> None:
    """The rows under their headings; the first column takes what the others leave it.

    ``sides`` has an ``l`` or an ``r`` for each column.
    """
    widths = [max(cells(line[place]) for line in (headings, *rows)) for place in range(len(headings))]
    widths[1:] = [min(w, _WORDS_WIDTH) if side == "l" else w for w, side in zip(widths[1:], sides[1:], strict=True)]
    room = max(page.view.width, NARROWEST) - sum(widths[1:]) - _GAP * (len(widths) - 1)
    if room < min(NARROWEST, widths[0]):  # a column of names needs so much: the cells are listed instead
        _list(page, headings, rows)
        return
    widths[0] = min(room, widths[0])
    from tabulate import tabulate  # imported here, because not every run draws a table

    # The headings go in as a row: as headings they would be given two columns more than they need.
    body = [headings, ["-" * width for width in widths]]
    body += [[_cell(cell, width) for cell, width in zip(row, widths, strict=True)] for row in rows]
    aligned = ["left" if side == "l" else "right" for side in sides]
    grid = tabulate(body, tablefmt="plain", colalign=aligned, disable_numparse=True)
    for line in grid.split("\n"):
        page.line(line.replace(_PAD, "").rstrip(" "))


def _cell(text: str, width: int) -> str:
    lines = "\n".join(wrapped(text, width, rest="  "))
    return lines if cells(lines) == len(lines) else "".join(c + _PAD if wide(c) else c for c in lines)


def _list(page: Page, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    for row in rows:
        page.say(row[0], rest="  ")
        told = (f"{heading} {cell}" for heading, cell in zip(headings[1:], row[1:], strict=True) if cell != "-")
        page.say("; ".join(told), "  ", "  ")


FORMATS.add(
    "table",
    {
        Report: report,
        FaultyRows: rows,
        Plan: plan,
        SchemaPlan: later("schema_plan", "plan"),
        Answer: later("answers", "answer"),
        KeptRows: later("answers", "kept_rows"),
        History: later("lists", "history"),
        Difference: later("differences", "difference"),
        DifferentRows: later("differences", "rows"),
        Checks: later("lists", "checks"),
        Fixes: later("lists", "fixes"),
    },
)
