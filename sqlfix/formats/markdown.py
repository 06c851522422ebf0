"""Markdown for issues and pull requests: headings and pipe tables in which every name stays text."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from sqlfix.model.findings import FaultyRow, Report
from sqlfix.model.plans import Left, Plan
from sqlfix.prose import report as words
from sqlfix.prose.format import FORMATS, FaultyRows, View
from sqlfix.prose.plan import alternatives, deed, plan_beyond, plan_closing, plan_headline, step_name, totals
from sqlfix.scan.check import CHECKS
from sqlfix.text import pairs_text, shown

# Entities for what HTML and tables read, since renderers differ on a backslash before a pipe. An underscore between
# letters and a colon before a blank mean nothing, and are left alone so that the source stays legible.
_SPECIAL = re.compile(r"[<>&|]|[\\`*\[\]#~$]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])|:(?=\S)|(?<=www)\.")
_ENTITIES = {"<": "&lt;", ">": "&gt;", "&": "&amp;", "|": "&#124;", ":": "&#58;", ".": "&#46;"}


def escaped(text: str) -> str:
    """Text without control characters as Markdown that renders as that text, and as nothing else."""
    return _SPECIAL.sub(lambda found: _ENTITIES.get(found[0], f"\\{found[0]}"), text)


def report(report: Report, view: View) -> Iterator[str]:
    """Headline, table, join tables, findings in words, what was not checked, and the totals."""
    yield f"## {escaped(words.headline(report, view.unicode))}\n"
    rows = list(words.summary(report, view.verbose > 0, view.unicode))
    if rows:
        yield from _table(words.HEADINGS, "lrrrll", rows)
    if report.join_tables and view.verbose:
        yield "\n### Join tables\n"
        joins = ((words.join_table(join, view.unicode),) for join in report.join_tables)
        yield from _table(("join table",), "l", joins)
    yield from _findings(report, view)
    missed = words.unchecked(report)
    if missed:
        yield "\n### Not checked\n"
        lines = ((shown(entry.subject, view.unicode), shown(entry.reason, view.unicode)) for entry in missed)
        yield from _table(("what", "reason"), "ll", lines)
    if report.relationships or report.findings or missed:
        yield f"\n{words.closing(report)}\n"


def rows(found: FaultyRows, view: View) -> Iterator[str]:
    """A table with a line for each row."""
    yield f"## {_text(found.database, view)}: faulty rows\n"
    lines = _table(("check", "relationship", "row", "values"), "llll", _rows(found.rows, view))
    # Without a row there is no table: its heading is written together with the first.
    head = "".join(islice(lines, 3))
    first = next(lines, None)
    yield "\nNo faulty rows.\n" if first is None else head + first
    yield from lines


def plan(plan: Plan, view: View) -> Iterator[str]:
    """The steps as a numbered list, the totals as a table, and what is left."""
    yield f"## {escaped(plan_headline(plan, view.unicode))}\n"
    if plan.fixes:
        yield "\n"
    for place, fix in enumerate(plan.fixes, 1):
        said = escaped(deed(fix, plan.applied, view.unicode))
        promise = f", {fix.applicability.name.lower()}" if fix.rests_on != "lossless" else ""
        yield f"{place}. {said} ({step_name(fix)}{promise})\n"
        if not plan.applied and (other := alternatives(fix, view.unicode)):
            yield f"   - {escaped(other)}\n"
    if plan.totals:
        headings, lines = totals(plan, view.unicode)
        yield from _table(headings, "l" + "r" * (len(headings) - 1), lines)
    if plan.left:
        yield "\n### Left unchanged\n"
        headings = ("check", "relationship", "rows", "reason", "hint")
        yield from _table(headings, "llrll", (_left(left, view) for left in plan.left))
    if plan.fixes or plan.left:
        yield f"\n{plan_closing(plan)}\n"
    if beyond := plan_beyond(plan):
        yield f"\n{_text(beyond, view)}\n"
    if plan.backup is not None:
        yield f"\nBackup: {_text(plan.backup, view)}\n"
        for table, reason in plan.unverified:
            yield f"\nNot verified: {_text(table, view)}: {_text(reason, view)}\n"


def _findings(report: Report, view: View) -> Iterator[str]:
    wordy = [finding for finding in report.findings if words.needs_words(finding) or view.verbose]
    if wordy:
        yield "\n### Findings\n\n"
    for finding in wordy:
        rule = CHECKS[finding.check]
        severity = finding.severity.name.lower()
        yield f"- **{severity}** {finding.check}: {_text(rule.message(finding), view)}\n"
        hint = rule.advice(finding)
        if hint is not None:
            yield f"  - hint: {_text(hint, view)}\n"


def _rows(rows: Iterable[FaultyRow], view: View) -> Iterator[tuple[str, ...]]:
    for faulty in rows:
        link = words.relationship(faulty.subject, view.unicode)
        key, values = (pairs_text(pairs, view.unicode) for pairs in (faulty.row.key, faulty.row.values))
        yield (faulty.check, link, key, values)


def _left(left: Left, view: View) -> tuple[str, ...]:
    link = words.relationship(left.subject, view.unicode)
    texts = (shown(text, view.unicode) for text in (left.reason, left.hint or ""))
    return (left.check, link, f"{left.count:,}", *texts)


def _table(headings: Sequence[str], sides: str, rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """A pipe table; ``sides`` has an ``l`` or an ``r`` for each column."""
    yield "\n"
    yield f"| {' | '.join(headings)} |\n"
    yield f"| {' | '.join('---:' if side == 'r' else '---' for side in sides)} |\n"
    for row in rows:
        yield f"| {' | '.join(escaped(cell) for cell in row)} |\n"


def _text(text: str, view: View) -> str:
    return escaped(shown(text, view.unicode))


FORMATS.add("markdown", {Report: report, FaultyRows: rows, Plan: plan})
