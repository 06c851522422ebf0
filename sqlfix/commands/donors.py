"""Donors for commands: opening those that are named, and telling of copies beside a file that have missing parents."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from sqlfix.commands.opening import tell_note
from sqlfix.commands.options import FileOptions
from sqlfix.model.findings import Finding, Report
from sqlfix.model.plans import Plan
from sqlfix.model.values import Fact, Subject, Value
from sqlfix.repair.copies_beside import Copy, copies_with_parents
from sqlfix.repair.donors import Wanted, open_donor
from sqlfix.schema.database import Database, Donor
from sqlfix.text import command_line, plural, shown

ORPHANS = "orphan-rows"
MOST_ROWS = 200_000
"""Of a table with more rows only the keys of the finding's sample are looked up: it is not read a second time."""


def opened_donors(
    stack: contextlib.ExitStack, file: FileOptions, database: Database, paths: Iterable[Path]
) -> tuple[Donor, ...]:
    """The donors that are named, open for as long as the stack.

    Raises:
        SqlfixError: where one cannot be read.
    """
    wanted = Wanted.of(file.path, database, file.timeout, file.progress.sign)
    donors = tuple(stack.enter_context(open_donor(path, wanted)) for path in paths)
    for donor in donors if not file.quiet else ():
        for note in donor.notes:
            tell_note(donor.name, note)
    return donors


def with_copies(report: Report) -> tuple[Report, str | None]:
    """A report that says which missing parents a copy beside the file has, and what to type; None if there is none."""
    large = {each.foreign_key.subject for each in report.relationships if (each.rows or 0) > MOST_ROWS}
    missed: dict[Subject, tuple[tuple[Value, ...], ...]] = {}
    for finding in report.findings:
        if finding.check == ORPHANS and finding.count:
            sample = {tuple(dict(row.values).get(name) for name in finding.columns) for row in finding.sample}
            missed[finding.subject] = tuple(sample) if finding.subject in large else ()
    copies = copies_with_parents(Path(report.database), missed)
    if not copies:
        return report, None
    findings = tuple(_with_copy(finding, copies[0]) for finding in report.findings)
    return replace(report, findings=findings), _advice(report.database, copies)


def _with_copy(finding: Finding, copy: Copy) -> Finding:
    """A finding of orphans with what a copy has of their parents."""
    found, asked = copy.parents.get(finding.subject, (0, 0))
    if finding.check != ORPHANS or not found:
        return finding
    facts: dict[str, Fact] = {"restorable": found, "restorable_of": asked, "restorable_from": copy.path.name}
    return replace(finding, facts={**finding.facts, **facts})


def advice_beside_plan(plan: Plan) -> str | None:
    """What to type for the orphans that a plan deletes, changes or leaves; None where no copy has their parents."""
    fixed = [fix.subject for fix in plan.fixes if ORPHANS in fix.checks and fix.parent]
    left = [part.subject for part in plan.left if part.check == ORPHANS]
    copies = copies_with_parents(Path(plan.database), dict.fromkeys([*fixed, *left], ()))
    return _advice(plan.database, copies) if copies else None


def _advice(database: str, copies: Sequence[Copy]) -> str:
    best, others = copies[0], len(copies) - 1
    has = "the missing parent" if best.asked == 1 else f"{best.found:,} of {plural(best.asked, 'missing parent')}"
    more = f" ({plural(others, 'other copy has', 'other copies have')} some, too)" if others else ""
    typed = str(Path(database).with_name(best.path.name))
    words = command_line(("repair", "--dry-run", "--donor", typed), database)
    return f"{shown(best.path.name)} has {has}{more}; to bring them back:  {words}"
