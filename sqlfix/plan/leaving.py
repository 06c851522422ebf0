"""What a plan leaves, and why."""

from __future__ import annotations

from collections.abc import Iterator

from sqlfix.model.findings import Finding
from sqlfix.model.plans import Left, Plan
from sqlfix.model.values import Severity, Subject
from sqlfix.plan.guards import Case
from sqlfix.plan.policy import ORPHANS, Rule, Seen
from sqlfix.plan.proposals import left_of_table
from sqlfix.plan.simulation import Outcome
from sqlfix.schema.leftovers import CHECK
from sqlfix.text import address

MATCH_ONE = "they match a parent except for spelling, so it would be wrong to delete them or to set them to NULL"
MATCH_SEVERAL = "they match several parents except for spelling, and sqlfix cannot tell which one is meant"
DIFFER = (
    "they match one parent or several except for spelling, but many keys of parents differ in nothing else ({}), so"
    " sqlfix cannot tell which one is meant"
)
WOULD_BE_THE_SAME = "with the key of the parent they match, they would be the same as another row, which UNIQUE forbids"
PARENT_GOES = "the parent that they match is deleted by this plan, and they match another one except for spelling, too"
AGAIN = "run repair again after this one"
CANNOT_HOLD = "they match a parent except for spelling, and their column cannot hold the key as it is spelled there"


def left_of(case: Case, outcome: Outcome) -> tuple[Left, ...]:
    """All that a plan leaves, as far as it is known before anything is tried."""
    left = [
        part for finding in case.report.findings if in_scope(case, finding) for part in _left_of(case, finding, outcome)
    ]
    left += [
        Left("not-checked", *r.foreign_key.subject, 0, r.reason or "it could not be checked")
        for r in case.report.relationships
        if not r.checked and r.foreign_key.fault is None and case.policy.scope.covers(r.foreign_key)
    ]
    tables = {table.name for table in case.schema.tables if table.unreadable}
    left += [
        Left("not-checked", item.subject, (), None, (), 0, item.reason)
        for item in case.report.not_checked
        if item.subject in tables
    ]
    return tuple(left)


def _left_of(case: Case, finding: Finding, outcome: Outcome) -> list[Left]:
    subject = finding.subject
    if finding.check == "index-disagrees":
        why = case.unmendable.get(finding.indexed)
        hint = "its rows are not unique; fix them first"
        return [Left(finding.check, *subject, finding.count, why, hint)] if why else []
    if finding.parent is None:
        left = left_of_table(case.schema, finding, case.policy, case.held, case.alone)
        return [left] if left else []
    if finding.check == CHECK:
        reason = f"their parents are only in {finding.facts['leftover']}; bring them back first"
        return [Left(finding.check, *subject, finding.count, reason)]
    rules = [rule for rule in case.rules.get(subject, ()) if finding.check in rule.checks]
    rule = next((rule for rule in rules if not rule.relinks), None)
    if rule is None:
        reason = "the schema is at fault, not the rows; correct the schema first"
        return [Left(finding.check, *subject, finding.count, reason)]
    relink = next((rule for rule in rules if rule.relinks), None)
    same = outcome.same.get(subject, 0)
    if rule.fix is None:
        apart = relink if relink and not relink.fix and relink.reason != rule.reason else None
        certain = apart.relinks.rows if apart and apart.relinks else 0
        rows = finding.count - certain - (_restored(outcome, subject) if relink else 0)
        parts = [Left(ORPHANS, *subject, certain, apart.reason, apart.hint)] if apart and certain else []
        return [*parts, *([Left(finding.check, *subject, rows, rule.reason, rule.hint)] if rows > 0 else [])]
    if rule.spare and finding.check == ORPHANS:
        parts = list(_spared(case.seen[subject], finding, relink, same))
        if relink and relink.relinks and relink.fix:
            # in the end no more are listed than there are: none of those that other fixes delete or mend
            gone = relink.relinks.rows - same - _restored(outcome, subject)
            parts += [Left(ORPHANS, *subject, gone, PARENT_GOES, AGAIN)] if gone > 0 else []
        return parts
    return []


def _restored(outcome: Outcome, subject: Subject) -> int:
    """How many orphans of a relationship get the key of their parent."""
    steps = [step for step in outcome.steps if step.rule.relinks and not step.rule.surplus]
    return sum(step.rows for step in steps if step.rule.foreign_key.subject == subject)


def _spared(seen: Seen, finding: Finding, relink: Rule | None, same: int) -> Iterator[Left]:
    """The rows that match a parent except for spelling and do not get its key."""
    certain = seen.misspelled - seen.ambiguous
    give_up = f"to give them up: --set {address(finding.table, finding.columns)}=delete"
    by_hand = f"an UPDATE to the parent's own spelling restores them; {give_up}"
    parts: list[tuple[int, str, str | None]] = []
    if seen.relinks:
        parts.append((seen.relinks.unfit, CANNOT_HOLD, f"the type of the column has to change first; {give_up}"))
        certain -= seen.relinks.unfit
    if seen.relinks and relink:
        which = WOULD_BE_THE_SAME, f"decide which row stays; {give_up}"
        parts.append((same, *which) if relink.fix else (seen.relinks.rows, relink.reason, relink.hint))
        certain -= seen.relinks.rows
    spelling = finding.facts.get("parents_differ_in")
    several = DIFFER.format(spelling) if spelling else MATCH_SEVERAL
    parts = [(certain, MATCH_ONE, by_hand), *parts, (seen.ambiguous, several, by_hand)]
    yield from (Left(ORPHANS, *finding.subject, rows, reason, hint) for rows, reason, hint in parts if rows > 0)


def unmended(case: Case, plan: Plan) -> int:
    """How many warnings about tables as a whole there are that the plan neither mends nor lists."""
    told = {(part.check, part.table, part.columns) for part in plan.left}
    told |= {(check, fix.table, fix.columns) for fix in plan.fixes for check in fix.checks}
    return sum(
        finding.parent is None
        and finding.severity == Severity.WARNING
        and (finding.check, finding.table, finding.columns) not in told
        and finding.check != "index-disagrees"
        and finding.where is None
        for finding in case.report.findings
        if in_scope(case, finding)
    )


def in_scope(case: Case, finding: Finding) -> bool:
    """True of a finding that was asked for."""
    return case.policy.scope.has_at(finding.check, finding.table, finding.columns)
