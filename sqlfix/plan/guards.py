"""What a plan holds back from the start, and why: what is in doubt before anything is tried."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from sqlfix.model.findings import Finding, Report
from sqlfix.model.schema import Schema
from sqlfix.model.values import Subject, folded
from sqlfix.plan.defaults import AMBIGUOUS, is_ambiguous
from sqlfix.plan.policy import ORPHANS, PLACEHOLDERS, Policy, Rule, Seen
from sqlfix.plan.proposals import doubts, table_fixes
from sqlfix.scan.candidates import Look
from sqlfix.scan.run import count_rows
from sqlfix.schema.leftovers import FINISH, Alone, parents_elsewhere

MASS = "unless you give --allow-mass-delete"


@dataclass(frozen=True, slots=True)
class Case:
    """All that a plan is made from.

    Only these change while it is made: ``rules``, of each sound relationship, and ``unmendable`` and ``held``, the
    parents whose REINDEX fails and the findings of tables that are held back, each with the reason.
    """

    connection: sqlite3.Connection
    schema: Schema
    report: Report
    policy: Policy
    seen: Mapping[Subject, Seen]
    look: Look
    rules: dict[Subject, tuple[Rule, ...]] = field(default_factory=dict)
    unmendable: dict[str, str] = field(default_factory=dict)
    held: dict[tuple[str, Subject], str] = field(default_factory=dict)
    guarded: frozenset[Subject] = frozenset()
    """The relationships whose orphans are held back because not one row has its parent."""
    alone: Mapping[str, Alone] = field(default_factory=dict)
    """The tables that are left alone since a migration of them was not finished."""

    def rows_of(self, table: str) -> int:
        """How many rows a table has: as a look has counted them, or counted now."""
        counted = self.look.sizes.get(table)
        return count_rows(self.connection, table) if counted is None else counted


def hold(case: Case, subject: Subject, reason: str, hint: str | None = None, only: str | None = None) -> bool:
    """Hold back every fix of a relationship, or only those of one name; False if there was none.

    Where rows stay that have no parent now, they could not be told from those that lose it later: then these stay, too.
    """
    before = case.rules.get(subject, ())
    stays = any(rule.when == "now" and (rule.fix is None or only in (None, rule.fix)) for rule in before)
    case.rules[subject] = tuple(
        rule.held(reason, hint)
        if rule.fix and (only in (None, *rule.steps) or (stays and rule.when == "later"))
        else rule
        for rule in before
    )
    return case.rules[subject] != before


def hold_back(case: Case) -> Case:
    """Hold back all that is in doubt; the case with the relationships that look like lost parents."""
    _hold_unchecked(case)
    _hold_ambiguous(case)
    hold_damaged(case)
    case.held.update(doubts(case.connection, case.schema, case.report.findings, case.policy, case.alone))
    _hold_unfinished(case)
    return case if case.policy.allow_mass_delete else replace(case, guarded=_guard_relationships(case))


def _hold_unchecked(case: Case) -> None:
    """Hold back what could not be checked, and the deletes of rows to which unchecked ones may refer."""
    for relationship in case.report.relationships:
        fk = relationship.foreign_key
        if relationship.checked or fk.fault is not None:
            continue
        hold(case, fk.subject, f"it could not be checked: {relationship.reason}")
        reason = f"rows of {fk.child} may reference what it would delete, and they could not be checked"
        parent = case.schema.table(fk.parent)
        for above in parent.foreign_keys if parent else ():
            hold(case, above.subject, f"{reason}: {relationship.reason}", only="delete-rows")


def _hold_ambiguous(case: Case) -> None:
    """One relationship that is declared twice, with and without parent columns, may be looked up by two collations."""
    for fk in case.schema.foreign_keys:
        if fk.fault is None and is_ambiguous(case.schema, fk):
            hold(case, fk.subject, AMBIGUOUS)


def hold_damaged(case: Case) -> None:
    """Where an index disagrees with its table nothing is believed of that table until after the REINDEX."""
    damaged: dict[str, tuple[str, str]] = {}
    spoilt: list[Finding] = []
    for finding in case.report.findings:
        name = finding.indexed
        if finding.check == "index-disagrees":
            reason = f"an index of {name} disagrees with its table: REINDEX comes first"
            damaged[folded(name)] = (reason, "run repair again after this one")
        elif finding.check == "duplicate-keys" and finding.facts.get("disagrees"):
            spoilt.append(finding)
    for table in case.schema.tables:
        if case.look.tables.is_damaged(table.name):
            reason = f"{table.name} is damaged: its rows are not in the order of their keys"
            damaged[folded(table.name)] = (reason, "work on a copy, and save its rows with sqlite3's .recover")
    for fk in case.schema.foreign_keys:
        for name, columns in ((fk.parent, fk.parent_columns), (fk.child, fk.child_columns)):
            if why := damaged.get(folded(name)) or _spoilt(case, spoilt, name, columns):
                hold(case, fk.subject, *why)
    for fix in table_fixes(case.schema, case.report.findings, case.policy, case.held):
        if why := damaged.get(folded(fix.table)) or _spoilt(case, spoilt, fix.table, fix.columns):
            case.held[fix.checks[0], fix.subject] = why[0]


def _spoilt(case: Case, spoilt: list[Finding], name: str, columns: tuple[str, ...]) -> tuple[str, str] | None:
    """Why nothing is done by some columns of a table, if an index of them cannot be built anew for its duplicates."""
    table = case.schema.table(name)
    wanted = {folded(column) for column in columns}
    for finding in spoilt:
        known = (*finding.columns, *(table.primary_key if table and table.without_rowid else ()))
        if folded(finding.table) == folded(name) and wanted & {folded(column) for column in known}:
            reason = f"an index of {name} disagrees with its table, and REINDEX fails: its rows are not unique"
            return reason, "fix its duplicate keys first"
    return None


def _hold_unfinished(case: Case) -> None:
    """Hold back what touches the leftovers of a migration, and tables of which one may hold the only copy of rows."""
    if case.alone:
        for subject, leftover in parents_elsewhere(case.report.findings).items():
            hold(case, subject, f"some of their parents are only in {leftover}", FINISH)
    for name, table in case.alone.items():
        for subject, some in list(case.rules.items()):
            for rule in some:
                if rule.fix and table.holds(name, subject[0], subject[2], rule.fix):
                    hold(case, subject, table.reason, FINISH, only=rule.fix)


def _guard_relationships(case: Case) -> frozenset[Subject]:
    """Hold back what looks like lost parents rather than like stray children; the wholly orphaned ones of them."""
    guarded = set()
    for finding in case.report.findings:
        if not (suspicion := finding.facts.get("suspicion")):
            continue
        hint = "are the parents in an older copy of the file?"
        if suspicion == "parent-empty":
            reason = f"{finding.parent} is empty: its rows may have been lost"
        elif suspicion == "own-key":
            reason = f"most rows of {finding.table} would be deleted because of a reference that is the table's own key"
            hint = "the foreign key looks wrong; was another column meant?"
        else:
            reason = f"not one row of {finding.table} has its parent in {finding.parent}"
        reason = f"{reason}; held back {MASS}"
        before = case.rules[finding.subject]
        case.rules[finding.subject] = tuple(
            held
            for rule in case.rules[finding.subject]
            for held in (
                (rule,) if rule.fix == "update" else _without_orphans(rule, case.seen[finding.subject], reason, hint)
            )
        )
        if suspicion == "wholly-orphaned" and case.rules[finding.subject] != before:
            guarded.add(finding.subject)
    return frozenset(guarded)


def _without_orphans(rule: Rule, seen: Seen, reason: str, hint: str) -> tuple[Rule, ...]:
    """The rule without its orphans, which are held back; a placeholder stands for "none" whatever became of parents."""
    if rule.fix is None or ORPHANS not in rule.checks:
        return (rule,)
    if PLACEHOLDERS not in rule.checks or not seen.placeholders:
        return (rule.held(reason, hint),)
    orphans = replace(rule, checks=frozenset({ORPHANS}), split=True).held(reason, hint)
    return (orphans, replace(rule, checks=frozenset({PLACEHOLDERS}), split=True, spare=False))
