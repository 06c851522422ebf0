"""What a plan holds back, and why: suspicions from the start, and objections to what a trial of it showed.

A rule that is held back stays so. Each round of planning holds back at least one more, so it ends.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from sqlfix.errors import Refused
from sqlfix.model.findings import Finding, Report
from sqlfix.model.plans import Fix, Plan
from sqlfix.model.schema import Schema
from sqlfix.model.values import Subject, folded
from sqlfix.plan.apply import FixFailed
from sqlfix.plan.forbidden_null import checks_forbid_null, without_null
from sqlfix.plan.policy import ORPHANS, PLACEHOLDERS, Policy, Rule, Seen, make_rules
from sqlfix.plan.proposals import table_fixes
from sqlfix.plan.rehearsal import Rehearsal
from sqlfix.plan.simulation import Conflict, Outcome, half_of_table
from sqlfix.scan.candidates import Look
from sqlfix.scan.orphans import MANY
from sqlfix.scan.scope import names_relationship
from sqlfix.schema.leftovers import FINISH, Alone, parents_elsewhere, why_no_trigger
from sqlfix.sql.create_trigger import read_trigger
from sqlfix.sql.literals import quote
from sqlfix.sql.predicates import lookup
from sqlfix.sql.statements import can_be_overruled
from sqlfix.sql.tokens import DdlError, has_words
from sqlfix.sqlite.lacking import is_lacking
from sqlfix.text import address

_NOT_THERE = re.compile(r"no such (?:table|column|index|view|module)\b|error in ")
"""What SQLite says of a trigger that does not compile."""
MASS = "until --allow-mass-delete says that it is meant"
Rules = dict[Subject, tuple[Rule, ...]]


@dataclass(frozen=True, slots=True)
class Case:
    """All that a plan is made from.

    Only ``unmendable`` and ``held`` grow while it is made: the parents whose REINDEX fails, and the findings of tables
    that are held back, each with the reason.
    """

    connection: sqlite3.Connection
    schema: Schema
    report: Report
    policy: Policy
    seen: Mapping[Subject, Seen]
    look: Look
    unmendable: dict[str, str] = field(default_factory=dict)
    held: dict[tuple[str, Subject], str] = field(default_factory=dict)
    guarded: frozenset[Subject] = frozenset()
    """The relationships whose orphans are held back because not one row has its parent."""
    alone: Mapping[str, Alone] = field(default_factory=dict)
    """The tables that are left alone since a migration of them was not finished."""


def _hold(rules: Rules, subject: Subject, reason: str, hint: str | None = None, only: str | None = None) -> bool:
    """Hold back every fix of a relationship, or only those of one name; False if there was none.

    Where rows stay that have no parent now, they could not be told from those that lose it later: then these stay, too.
    """
    before = rules.get(subject, ())
    stays = any(rule.when == "now" and (rule.fix is None or only in (None, rule.fix)) for rule in before)
    rules[subject] = tuple(
        rule.held(reason, hint) if rule.fix and (only in (None, rule.fix) or (stays and rule.when == "later")) else rule
        for rule in before
    )
    return rules[subject] != before


def hold_unchecked(case: Case, rules: Rules) -> None:
    """Hold back what could not be checked, and the deletes of rows to which unchecked ones may refer."""
    for relationship in case.report.relationships:
        fk = relationship.foreign_key
        if relationship.checked or fk.fault is not None:
            continue
        _hold(rules, fk.subject, f"it could not be checked: {relationship.reason}")
        reason = f"rows of {fk.child} may refer to those that it would delete, which could not be checked"
        parent = case.schema.table(fk.parent)
        for above in parent.foreign_keys if parent else ():
            _hold(rules, above.subject, f"{reason}: {relationship.reason}", only="delete-rows")


def hold_ambiguous(case: Case, rules: Rules) -> None:
    """One relationship that is declared twice, with and without parent columns, may be looked up by two collations."""
    lookups: dict[Subject, set[tuple[str, ...]]] = {}
    for fk in case.schema.foreign_keys:
        if fk.fault is None:
            lookups.setdefault(fk.subject, set()).add(lookup(case.schema, fk))
    for subject, found in lookups.items():
        if len(found) > 1:
            _hold(rules, subject, "it is declared twice, and SQLite compares the keys differently for the two")


def hold_damaged(case: Case, rules: Rules) -> None:
    """Where an index disagrees with its table nothing is believed of that table until after the REINDEX."""
    damaged: dict[str, tuple[str, str]] = {}
    spoilt: list[Finding] = []
    for finding in case.report.findings:
        name = finding.indexed
        if finding.check == "index-disagrees":
            reason = f"an index of {name} disagrees with its table: REINDEX comes first"
            damaged[folded(name)] = (reason, "run repair once more after this one")
        elif finding.check == "duplicate-keys" and finding.facts.get("disagrees"):
            spoilt.append(finding)
    for table in case.schema.tables:
        if case.look.is_damaged(table.name):
            reason = f"{table.name} is damaged: its rows do not stand in the order of their keys"
            damaged[folded(table.name)] = (reason, "work on a copy, and save its rows with .recover of sqlite3")
    for fk in case.schema.foreign_keys:
        for name, columns in ((fk.parent, fk.parent_columns), (fk.child, fk.child_columns)):
            if why := damaged.get(folded(name)) or _spoilt(case, spoilt, name, columns):
                _hold(rules, fk.subject, *why)
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
            return reason, "mend its duplicate keys first"
    return None


def hold_unfinished(case: Case, rules: Rules) -> None:
    """Hold back what touches the leftovers of a migration, and tables of which one may hold the only copy of rows."""
    if case.alone:
        for subject, leftover in parents_elsewhere(case.report.findings).items():
            _hold(rules, subject, f"some of their parents stand in {leftover} alone", FINISH)
    for name, table in case.alone.items():
        for subject, some in list(rules.items()):
            for rule in some:
                if rule.fix and table.holds(name, subject[0], subject[2], rule.fix):
                    _hold(rules, subject, table.reason, FINISH, only=rule.fix)


def guard_relationships(case: Case, rules: Rules) -> frozenset[Subject]:
    """Hold back what looks like lost parents rather than like stray children; the wholly orphaned ones of them."""
    guarded = set()
    for finding in case.report.findings:
        if not (suspicion := finding.facts.get("suspicion")):
            continue
        hint = "are the parents in an older copy of the file?"
        if suspicion == "parent-empty":
            reason = f"{finding.parent} is empty: its rows may be what was lost"
        elif suspicion == "own-key":
            reason = f"most rows of {finding.table} would go for a reference that is the table's own key"
            hint = "the declaration looks wrong; was another column meant?"
        else:
            reason = f"not one row of {finding.table} has its parent in {finding.parent}"
        reason = f"{reason}; held back {MASS}"
        before = rules[finding.subject]
        rules[finding.subject] = tuple(
            held
            for rule in rules[finding.subject]
            for held in (
                (rule,) if rule.fix == "update" else _without_orphans(rule, case.seen[finding.subject], reason, hint)
            )
        )
        if suspicion == "wholly-orphaned" and rules[finding.subject] != before:
            guarded.add(finding.subject)
    return frozenset(guarded)


def _too_few_left(case: Case, rules: Rules, remaining: Mapping[Subject, int]) -> list[tuple[Subject, str]]:
    """Guarded relationships of which so few orphans would be left that the next run would guard them no longer."""
    found = []
    for subject in case.guarded:
        seen = case.seen[subject]
        stay = any(PLACEHOLDERS in rule.checks and rule.fix is None for rule in rules[subject])
        orphans = remaining.get(subject, 0) - (seen.placeholders if stay else 0)
        if 0 < orphans < min(MANY, seen.orphans):
            child, columns, parent, _ = subject
            reason = f"after it too few rows would show that {child} has lost its parents in {parent}"
            found.append((subject, f"{reason} ({', '.join(columns)}); held back {MASS}"))
    return found


def _without_orphans(rule: Rule, seen: Seen, reason: str, hint: str) -> tuple[Rule, ...]:
    """The rule without its orphans, which are held back; a placeholder stands for "none" whatever became of parents."""
    if rule.fix is None or ORPHANS not in rule.checks:
        return (rule,)
    if PLACEHOLDERS not in rule.checks or not seen.placeholders:
        return (rule.held(reason, hint),)
    orphans = replace(rule, checks=frozenset({ORPHANS}), split=True).held(reason, hint)
    return (orphans, replace(rule, checks=frozenset({PLACEHOLDERS}), split=True, spare=False))


def object_to_simulation(case: Case, rules: Rules, outcome: Outcome) -> bool:
    """Hold back the rules that a simulation speaks against; True if there were any."""
    held = False
    for conflict in outcome.conflicts:
        _refuse_named(case, rules, conflict)
        held |= _hold(rules, conflict.subject, conflict.reason, conflict.hint, conflict.only)
    if held or case.policy.allow_mass_delete:
        return held
    for subject, reason in _too_few_left(case, rules, outcome.remaining):
        for step in outcome.steps:
            if step.rule.fix == "delete-rows" and folded(step.rule.foreign_key.child) == folded(subject[0]):
                for fk in step.covers:
                    held |= _hold(rules, fk.subject, reason, only="delete-rows")
    for table, deleted in outcome.deleted.items():
        before = half_of_table(case.connection, table, deleted)
        if before is None:
            continue
        reason = f"it would delete {deleted:,} of the {before:,} rows of {table}; held back {MASS}"
        for step in outcome.steps:
            if step.rule.fix == "delete-rows" and folded(step.rule.foreign_key.child) == folded(table):
                for fk in step.covers:
                    held |= _hold(rules, fk.subject, reason, only="delete-rows")
    return held


def _refuse_named(case: Case, rules: Rules, conflict: Conflict) -> None:
    """A value given by name that has no parent is an error of the command, not a doubt about the data."""
    for rule in rules.get(conflict.subject, ()):
        fk = rule.foreign_key
        named = any(names_relationship(target, fk) for target, _ in case.policy.choices)
        if rule.values and rule.chosen and (rule.fix == "update" or named):
            raise Refused(
                f"--set {address(fk.child, fk.child_columns)}={rule.fix}: {conflict.reason}", "name a row that exists"
            )


def hold_failed(case: Case, rules: Rules, failed: FixFailed) -> None:
    """Hold back the fix that SQLite refused on the copy."""
    fix = failed.fix
    reason = f"SQLite refuses it: {failed}{_by_whose_rule(case, fix)}"
    if fix.parent is None:
        case.held[fix.checks[0], fix.subject] = reason
        return
    if fix.name == "reindex":
        case.unmendable[fix.parent] = f"REINDEX {fix.parent} fails: {failed}"
        return
    hint = _why_refused(case, fix, failed.error)
    if fix.name == "set-null" and str(failed).startswith("CHECK ") and _treat_as_not_null(case, rules, fix, reason):
        return
    if not _hold(rules, fix.subject, reason, hint, only=fix.name):
        raise failed.error


def _treat_as_not_null(case: Case, rules: Rules, fix: Fix, reason: str) -> bool:
    """Give a relationship whose key a CHECK forbids to be NULL the fix of one that is NOT NULL; True if that is one.

    Not where somebody chose NULL, where the schema itself says SET NULL, or where some of the orphans may have a NULL.
    """
    before = rules[fix.subject]
    fk = before[0].foreign_key
    named = any(names_relationship(target, fk) for target, _ in case.policy.choices)
    chosen = named or case.policy.on_orphan or fk.on_delete == "SET NULL"
    if chosen or fix.follows or any(rule.fix != "set-null" for rule in before):
        return False  # what loses its parent only later has not been looked at
    if not checks_forbid_null(case.connection, case.schema, fk):
        return False
    anew = make_rules(without_null(case.schema, fk), fk, case.seen.get(fk.subject, Seen()), case.policy)
    rules[fix.subject] = tuple(rule if rule.fix else replace(rule, reason=reason) for rule in anew)
    return any(rule.fix for rule in anew)


def _by_whose_rule(case: Case, fix: Fix) -> str:
    """Says so where the fix overrules what the triggers of its table say of their own collisions."""
    table = case.schema.table(fix.table)
    if table is None or not fix.written or not can_be_overruled(table, fix.written, fix.name == "set-null"):
        return ""
    if not any(_decides(case.schema, trigger.sql) for trigger in table.triggers):
        return ""
    return (
        f" (an ON CONFLICT clause of {table.name} could delete rows or pass them over, so UPDATE OR ABORT is written;"
        " and that overrules the conflict clauses of its triggers)"
    )


def _decides(schema: Schema, trigger_sql: str) -> bool:
    """True if a trigger, or a table that it writes to, says what becomes of a collision."""
    try:
        statements = read_trigger(trigger_sql).statements
    except DdlError:
        return False
    written = [table for statement in statements if (table := schema.table(statement.table or ""))]
    return any(statement.conflict for statement in statements) or any(
        has_words(table.sql, "on", "conflict") for table in written
    )


def _why_refused(case: Case, fix: Fix, error: sqlite3.Error) -> str:
    if is_lacking(error):
        return "the application brings what is missing; repair it from within the application"
    if isinstance(error, sqlite3.OperationalError) and _NOT_THERE.match(str(error)):
        broken = [
            f for f in case.report.findings if f.check == "broken-triggers" and folded(f.table) == folded(fix.table)
        ]
        drops = "; ".join(f"DROP TRIGGER {quote(str(finding.facts['trigger']))}" for finding in broken)
        if drops:
            return f"a trigger of {fix.table} does not compile; write it anew, or drop it: {drops}"
    return f"choose another fix for it: --set {address(fix.table, fix.columns)}=delete, for one"


def object_to_rehearsal(case: Case, rules: Rules, plan: Plan, rehearsal: Rehearsal) -> bool:
    """Hold back what did not work out on the copy: links broken anew, or more rows gone than a plan may take."""
    held = False
    reindexed = {folded(fix.table) for fix in plan.fixes if fix.name == "reindex"}
    for expectation, remaining in zip(plan.expectations, rehearsal.remaining, strict=True):
        fk, now = expectation.foreign_key, remaining.broken or remaining.orphans
        seen = case.seen.get(fk.subject, Seen())
        most = min(expectation.remaining, seen.orphans + seen.placeholders)  # no row that has a parent may lose it
        if not remaining.broken and (now <= most or folded(fk.parent) in reindexed):
            continue
        rows = f"{now:,} {'row' if now == 1 else 'rows'} of {fk.child}"
        reason = (
            f"on a copy {rows} lost {'its' if now == 1 else 'their'} parent in {fk.parent}"
            if remaining.broken
            else f"on a copy it left {rows} without a parent in {fk.parent} instead of {most:,}"
        )
        reason += " (a trigger, or a column shared with another key)"
        tables, columns = {folded(fk.child), folded(fk.parent)}, (*fk.child_columns, *fk.parent_columns)
        held |= _hold_those_at(case, rules, plan, tables, reason, columns)
    held |= _hold_if_others_are_met(case, rules, plan, rehearsal)
    held |= _hold_what_triggers_bring_to_leftovers(case, rules, plan)
    if held or case.policy.allow_mass_delete:
        return held
    left = zip(plan.expectations, rehearsal.remaining, strict=True)
    for subject, reason in _too_few_left(case, rules, {e.foreign_key.subject: now.orphans for e, now in left}):
        held |= _hold_those_at(case, rules, plan, {folded(subject[0])}, reason)
    for table, before in rehearsal.before.items():
        lost = before - rehearsal.after[table]
        if before >= 100 and lost > before / 2:
            reason = f"with the file's own triggers it would delete {lost:,} of {before:,} rows of {table}"
            held |= _hold_those_at(
                case, rules, plan, {folded(t.name) for t in case.schema.tables if t.triggers}, reason
            )
    return held


def _hold_if_others_are_met(case: Case, rules: Rules, plan: Plan, rehearsal: Rehearsal) -> bool:
    """Hold back each fix that met rows that were not planned.

    An UPDATE of a key that the table itself refers to can make new orphans while it is still looking for them; so can a
    trigger. Fewer rows are met where an earlier fix has done it already, or a trigger; of what is deleted first, the
    figures are exact.
    """
    held = False
    quiet = not any(table.triggers for table in case.schema.tables)
    for fix, rows in zip(plan.fixes, rehearsal.applied.rows, strict=True):
        if rows > fix.rows or (rows < fix.rows and quiet and fix.parent is not None and fix.name == "delete-rows"):
            did = "deleted" if fix.name == "delete-rows" else "changed"
            reason = f"on a copy it {did} {rows:,} {'row' if rows == 1 else 'rows'} instead of {fix.rows:,}"
            held |= _hold_fix(case, rules, fix, reason)
    return held


def _hold_what_triggers_bring_to_leftovers(case: Case, rules: Rules, plan: Plan) -> bool:
    """Hold back each fix that sets off a trigger which writes to what a half-finished migration left."""
    held = False
    for fix in plan.fixes if case.alone else ():
        event = "delete" if fix.name == "delete-rows" else "update"
        if fix.name != "reindex" and (reason := why_no_trigger(case.schema, case.alone, fix.table, event)):
            held |= _hold_fix(case, rules, fix, reason, FINISH)
    return held


def _hold_fix(case: Case, rules: Rules, fix: Fix, reason: str, hint: str | None = None) -> bool:
    """Hold back the relationship that a fix is for, or the fix alone if it is for none; False if there was nothing."""
    if fix.parent is not None:
        return _hold(rules, fix.subject, reason, hint)
    case.held[fix.checks[0], fix.subject] = reason
    return True


def _hold_those_at(
    case: Case, rules: Rules, plan: Plan, tables: set[str], reason: str, columns: Collection[str] = ()
) -> bool:
    """Hold back the fixes of some tables, the changes before the deletes; all fixes if none of them is to blame.

    First those that are for no relationship, and of these the ones that write one of some columns: they are what the
    simulation does not know of.
    """
    own = [fix for fix in plan.fixes if fix.parent is None and folded(fix.table) in tables]
    own = [fix for fix in own if set(fix.written) & set(columns)] or own
    if own:
        case.held.update({(fix.checks[0], fix.subject): reason for fix in own})
        return True
    for chosen in (
        [fix for fix in plan.fixes if folded(fix.table) in tables and fix.name != "delete-rows"],
        [fix for fix in plan.fixes if folded(fix.table) in tables],
        list(plan.fixes),
    ):
        held = [_hold(rules, fix.subject, reason) for fix in chosen]
        if any(held):
            return True
    return False
