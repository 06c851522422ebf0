"""From what a scan found to a plan: choose, order, close over consequences, hold back what is in doubt.

Nothing here writes to the database. Where the simulation cannot know (triggers, CHECKs, collisions), the plan is
rehearsed on a private copy. A rule that turns out to be wrong is held back and the plan is made anew, until nothing
is left to object to; each round holds back at least one rule more, so it ends.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from sqlfix.apply import FixFailed
from sqlfix.errors import Refused
from sqlfix.measure import MANY
from sqlfix.model import (
    Expectation,
    Finding,
    Fix,
    ForeignKey,
    Left,
    Plan,
    Report,
    Schema,
    Subject,
    TableTotal,
    folded,
)
from sqlfix.registry import FIXES
from sqlfix.rehearsal import Rehearsal, needs_rehearsal, private_copy, rehearse, require_possible
from sqlfix.rules import ORPHANS, PLACEHOLDERS, Policy, Rule, Seen, make_rules, require_targets, written_columns
from sqlfix.scan import count_rows, scan
from sqlfix.scope import names_relationship
from sqlfix.simulate import Conflict, Outcome, Simulation, Step, half_of_table
from sqlfix.sql import lookup, orphan, quote

MASS = "until --allow-mass-delete says that it is meant"
Rules = dict[Subject, tuple[Rule, ...]]


@dataclass(frozen=True, slots=True)
class Case:
    """All that a plan is made from.

    Only ``unmendable`` grows while it is made: the parents whose REINDEX fails, and why.
    """

    connection: sqlite3.Connection
    schema: Schema
    report: Report
    policy: Policy
    seen: Mapping[Subject, Seen]
    unmendable: dict[str, str] = field(default_factory=dict)
    guarded: frozenset[Subject] = frozenset()
    """The relationships whose orphans are held back because not one row has its parent."""


def make_plan(connection: sqlite3.Connection, schema: Schema, database: str, policy: Policy) -> tuple[Plan, Report]:
    """Scan a database and plan its repair; also the report that the plan was made from.

    The scan covers everything, also what is not in scope: a fix must not make orphans of rows out of scope.

    Raises:
        Refused: for a choice that cannot be carried out.
    """
    require_targets(schema, policy)
    report = scan(connection, schema, database)
    case = Case(connection, schema, report, policy, _what_was_seen(report))
    rules: Rules = {}
    for fk in schema.foreign_keys:
        if fk.fault is None and fk.subject not in rules:
            rules[fk.subject] = make_rules(schema, fk, case.seen.get(fk.subject, Seen()), policy)
    _hold_unchecked(case, rules)
    _hold_ambiguous(case, rules)
    _hold_damaged(case, rules)
    if not policy.allow_mass_delete:
        case = replace(case, guarded=_guard_relationships(case, rules))
    return _settle(case, rules), report


def _what_was_seen(report: Report) -> dict[Subject, Seen]:
    seen: dict[Subject, Seen] = {}
    for finding in report.findings:
        subject = finding.subject
        before = seen.get(subject, Seen())
        if finding.check == ORPHANS:
            near = finding.facts.get("spelling_matches")
            seen[subject] = replace(before, orphans=finding.count, misspelled=near if isinstance(near, int) else 0)
        elif finding.check == PLACEHOLDERS:
            seen[subject] = replace(before, placeholders=finding.count)
    return seen


# -- what is held back from the start -----------------------------------------------------------------------------


def _hold(rules: Rules, subject: Subject, reason: str, hint: str | None = None) -> bool:
    """Hold back every fix of a relationship; False if there was none."""
    before = rules.get(subject, ())
    rules[subject] = tuple(rule.held(reason, hint) if rule.fix else rule for rule in before)
    return rules[subject] != before


def _hold_unchecked(case: Case, rules: Rules) -> None:
    for relationship in case.report.relationships:
        fk = relationship.foreign_key
        if relationship.checked or fk.fault is not None:
            continue
        _hold(rules, fk.subject, f"it could not be checked: {relationship.reason}")
        reason = f"rows of {fk.child} may refer to those that it would delete, which could not be checked"
        for above in case.schema.foreign_keys:
            if folded(above.child) == folded(fk.parent):
                rules[above.subject] = tuple(
                    rule.held(f"{reason}: {relationship.reason}") if rule.fix == "delete-rows" else rule
                    for rule in rules.get(above.subject, ())
                )


def _hold_ambiguous(case: Case, rules: Rules) -> None:
    """One relationship that is declared twice, with and without parent columns, may be looked up by two collations."""
    lookups: dict[Subject, set[tuple[str, ...]]] = {}
    for fk in case.schema.foreign_keys:
        if fk.fault is None:
            lookups.setdefault(fk.subject, set()).add(lookup(case.schema, fk))
    for subject, found in lookups.items():
        if len(found) > 1:
            _hold(rules, subject, "it is declared twice, and SQLite compares the keys differently for the two")


def _hold_damaged(case: Case, rules: Rules) -> None:
    """Where an index disagrees with its table nothing is believed of that table until after the REINDEX."""
    damaged = {folded(f.parent) for f in case.report.findings if f.check == "index-disagrees"}
    for fk in case.schema.foreign_keys:
        for name in (fk.parent, fk.child):
            if folded(name) in damaged:
                reason = f"an index of {name} disagrees with its table: REINDEX comes first"
                _hold(rules, fk.subject, reason, "run repair once more after this one")


def _guard_relationships(case: Case, rules: Rules) -> frozenset[Subject]:
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


# -- rounds -------------------------------------------------------------------------------------------------------


def _settle(case: Case, rules: Rules) -> Plan:
    """Simulate, hold back what is objected to, and again, until there is no objection; then rehearse likewise."""
    with contextlib.ExitStack() as stack:
        copy: sqlite3.Connection | None = None
        while True:
            outcome = _simulate(case, rules)
            if _object(case, rules, outcome):
                continue
            plan = _plan(case, rules, outcome)
            done = [step.rule for step in outcome.steps]
            try:
                reindexes = any(fix.name == "reindex" for fix in plan.fixes)
                if copy is None and not reindexes and not needs_rehearsal(case.schema, done):
                    require_possible(case.connection, plan.fixes)
                    return _only_what_remains(plan)
                if copy is None:
                    copy = stack.enter_context(private_copy(case.connection))
                rehearsal = rehearse(copy, case.schema, plan.fixes, plan.expectations)
            except FixFailed as failed:
                _hold_failed(case, rules, failed)
                continue
            if not _object_to_rehearsal(case, rules, plan, rehearsal):
                return _only_what_remains(_as_rehearsed(plan, rehearsal))


def _simulate(case: Case, rules: Rules) -> Outcome:
    simulation = Simulation(case.connection, case.schema, rules, case.seen)
    try:
        return simulation.run()
    finally:
        simulation.close()


def _object(case: Case, rules: Rules, outcome: Outcome) -> bool:
    """Hold back the rules that a simulation speaks against; True if there were any."""
    held = False
    for conflict in outcome.conflicts:
        _refuse_named(case, rules, conflict)
        held |= _hold(rules, conflict.subject, conflict.reason, conflict.hint)
    if held or case.policy.allow_mass_delete:
        return held
    for subject, reason in _too_few_left(case, rules, outcome.remaining):
        for step in outcome.steps:
            if step.rule.fix == "delete-rows" and folded(step.rule.foreign_key.child) == folded(subject[0]):
                for fk in step.covers:
                    held |= _hold(rules, fk.subject, reason)
    for table, deleted in outcome.deleted.items():
        before = half_of_table(case.connection, table, deleted)
        if before is None:
            continue
        reason = f"it would delete {deleted:,} of the {before:,} rows of {table}; held back {MASS}"
        for step in outcome.steps:
            if step.rule.fix == "delete-rows" and folded(step.rule.foreign_key.child) == folded(table):
                for fk in step.covers:
                    held |= _hold(rules, fk.subject, reason)
    return held


def _refuse_named(case: Case, rules: Rules, conflict: Conflict) -> None:
    """A value given by name that has no parent is an error of the command, not a doubt about the data."""
    for rule in rules.get(conflict.subject, ()):
        fk = rule.foreign_key
        named = any(names_relationship(target, fk) for target, _ in case.policy.choices)
        if rule.values and (rule.fix == "update" or named):
            raise Refused(
                f"--set {fk.child}.{','.join(fk.child_columns)}={rule.fix}: {conflict.reason}", "name a row that exists"
            )


def _hold_failed(case: Case, rules: Rules, failed: FixFailed) -> None:
    fix = failed.fix
    subject = (fix.table, fix.columns, fix.parent, fix.parent_columns)
    if fix.name == "reindex":
        case.unmendable[fix.parent] = f"REINDEX {fix.parent} fails: {failed}"
        return
    if not _hold(rules, subject, f"SQLite refuses it: {failed}", _why_refused(fix, str(failed))):
        raise failed.error


def _why_refused(fix: Fix, text: str) -> str:
    if text.startswith(("no such function", "no such collation", "no such module")):
        return "the application brings what is missing; repair it from within the application"
    return f"choose another fix for it: --set {fix.table}.{','.join(fix.columns)}=delete, for one"


def _object_to_rehearsal(case: Case, rules: Rules, plan: Plan, rehearsal: Rehearsal) -> bool:
    """Hold back what did not work out on the copy: links broken anew, or more rows gone than a plan may take."""
    held = False
    reindexed = {folded(fix.parent) for fix in plan.fixes if fix.name == "reindex"}
    for expectation, remaining in zip(plan.expectations, rehearsal.remaining, strict=True):
        fk = expectation.foreign_key
        if remaining <= expectation.remaining or folded(fk.parent) in reindexed:
            continue
        reason = (
            f"on a copy it left {remaining:,} {'row' if remaining == 1 else 'rows'} of {fk.child} without a parent in"
            f" {fk.parent} instead of {expectation.remaining:,} (a trigger, or a column shared with another key)"
        )
        held |= _hold_those_at(rules, plan, {folded(fk.child), folded(fk.parent)}, reason)
    for fix, rows in zip(plan.fixes, rehearsal.rows, strict=True):
        # an UPDATE of a key that the table itself refers to can make new orphans while it is still looking for them
        if fix.written and folded(fix.table) == folded(fix.parent) and rows > fix.rows:
            reason = f"on a copy it changed {rows:,} rows instead of {fix.rows:,}"
            held |= _hold(rules, (fix.table, fix.columns, fix.parent, fix.parent_columns), reason)
    if held or case.policy.allow_mass_delete:
        return held
    now = {e.foreign_key.subject: left for e, left in zip(plan.expectations, rehearsal.remaining, strict=True)}
    for subject, reason in _too_few_left(case, rules, now):
        held |= _hold_those_at(rules, plan, {folded(subject[0])}, reason)
    for table, before in rehearsal.before.items():
        lost = before - rehearsal.after[table]
        if before >= 100 and lost > before / 2:
            reason = f"with the file's own triggers it would delete {lost:,} of {before:,} rows of {table}"
            held |= _hold_those_at(rules, plan, {folded(t.name) for t in case.schema.tables if t.triggers}, reason)
    return held


def _hold_those_at(rules: Rules, plan: Plan, tables: set[str], reason: str) -> bool:
    """Hold back the fixes of some tables, the changes before the deletes; all fixes if none of them is to blame."""
    for chosen in (
        [fix for fix in plan.fixes if folded(fix.table) in tables and fix.name != "delete-rows"],
        [fix for fix in plan.fixes if folded(fix.table) in tables],
        list(plan.fixes),
    ):
        held = [_hold(rules, (f.table, f.columns, f.parent, f.parent_columns), reason) for f in chosen]
        if any(held):
            return True
    return False


def _only_what_remains(plan: Plan) -> Plan:
    """The plan without what is left of one relationship but goes, or finds a parent, by the fix of another."""
    remaining = {e.foreign_key.subject: e.remaining for e in plan.expectations}
    left = []
    for part in plan.left:
        subject = (part.table, part.columns, part.parent, part.parent_columns)
        if part.check in (ORPHANS, PLACEHOLDERS) and subject in remaining:
            part = replace(part, count=min(part.count, remaining[subject]))
            remaining[subject] -= part.count
            if not part.count:
                continue
        left.append(part)
    return replace(plan, left=tuple(left))


def _as_rehearsed(plan: Plan, rehearsal: Rehearsal) -> Plan:
    """The plan with the figures of the rehearsal, which counts what triggers do as well."""
    done = zip(plan.fixes, rehearsal.rows, rehearsal.idle, strict=True)
    # a trigger may have done it already; or have done it in its place, and then the fix has to set it off
    fixes = tuple(
        replace(fix, rows=rows, follows=min(fix.follows, rows))
        for fix, rows, idle in done
        if not idle or fix.name == "reindex"
    )
    deleted: dict[str, int] = {}
    changed: dict[str, int] = {}
    for fix in fixes:
        target = deleted if fix.name == "delete-rows" else changed
        if fix.name != "reindex":
            target[fix.table] = target.get(fix.table, 0) + fix.rows
    totals = tuple(
        TableTotal(
            name, before, deleted.get(name, 0), changed.get(name, 0),
            by_triggers=rehearsal.after[name] - before + deleted.get(name, 0),
        )
        for name, before in rehearsal.before.items()
        if name in deleted or name in changed or rehearsal.after[name] != before
    )  # fmt: skip
    expectations = tuple(
        replace(expectation, remaining=remaining)
        for expectation, remaining in zip(plan.expectations, rehearsal.remaining, strict=True)
    )
    appeared = tuple(
        Left(
            ORPHANS, *e.foreign_key.subject, now - e.remaining, "the damaged index hid them", "run repair once more"
        )
        for e, now in zip(plan.expectations, rehearsal.remaining, strict=True)
        if now > e.remaining
    )  # fmt: skip
    return replace(
        plan, fixes=fixes, totals=totals, expectations=expectations, left=plan.left + appeared, rehearsed=True
    )


# -- the plan itself ----------------------------------------------------------------------------------------------


def _plan(case: Case, rules: Rules, outcome: Outcome) -> Plan:
    fixes = [*_reindex(case), *(_fix(case, step) for step in outcome.steps)]
    changed: dict[str, int] = {}
    for step in outcome.steps:
        if step.rule.fix != "delete-rows":
            name = step.rule.foreign_key.child
            changed[name] = changed.get(name, 0) + step.rows
    touched = [name for name, rows in outcome.deleted.items() if rows]
    totals = tuple(
        TableTotal(name, count_rows(case.connection, name), outcome.deleted.get(name, 0), changed.get(name, 0))
        for name in dict.fromkeys([*touched, *changed])
    )
    return Plan(
        case.report.database, tuple(fixes), _left(case, rules), totals, _expectations(case, outcome, totals, fixes)
    )


def _reindex(case: Case) -> list[Fix]:
    rule = FIXES["reindex"]
    found = {
        f.parent: f
        for f in case.report.findings
        if f.check == "index-disagrees" and _in_scope(case, f) and f.parent not in case.unmendable
    }
    fixes = []
    for finding in found.values():
        fk = _foreign_key(case.schema, finding)
        statement = rule.statement(case.schema, fk, "", ())
        fixes.append(
            Fix(
                rule.name, finding.parent, finding.columns, finding.parent, finding.parent_columns,
                ("index-disagrees",), 0, rule.applicability, rule.loss, (statement,),
            )
        )  # fmt: skip
    return fixes


def _fix(case: Case, step: Step) -> Fix:
    rule = step.rule
    fix = FIXES[rule.fix or ""]
    fk = rule.foreign_key
    link = case.schema.join_table(fk.child)
    checks = tuple(
        check
        for check in (ORPHANS, PLACEHOLDERS)
        if check in rule.checks
        and any(
            getattr(case.seen.get(covered.subject, Seen()), "orphans" if check == ORPHANS else "placeholders")
            for covered in step.covers
        )
    )
    return Fix(
        fix.name,
        *fk.subject,
        checks=checks if step.follows < step.rows else (),
        follows=step.follows,
        rows=step.rows,
        applicability=rule.applicability,
        loss=fix.loss,
        statements=(fix.statement(case.schema, fk, step.condition, rule.values),),
        value=", ".join(rule.values) if rule.values else None,
        written=written_columns(case.schema, rule),
        link_rows=link is not None and rule.fix == "delete-rows",
        carries_data=link is not None and link.carries_data,
    )


def _expectations(
    case: Case, outcome: Outcome, totals: tuple[TableTotal, ...], fixes: list[Fix]
) -> tuple[Expectation, ...]:
    """Every relationship that the plan could have an effect on, and how many orphans it has afterwards."""
    touched = {folded(total.table) for total in totals} | {folded(fix.table) for fix in fixes}
    triggers = any(table.triggers for table in case.schema.tables if folded(table.name) in touched)
    sound = [r for r in case.report.relationships if r.foreign_key.fault is None]
    unchecked = {r.foreign_key.subject for r in sound if not r.checked}
    found = []
    for fk in {r.foreign_key.subject: r.foreign_key for r in sound}.values():
        if fk.subject in unchecked:
            continue
        if triggers or folded(fk.child) in touched or folded(fk.parent) in touched:
            seen = case.seen.get(fk.subject, Seen())
            remaining = outcome.remaining.get(fk.subject, seen.orphans + seen.placeholders)
            count = f"SELECT count(*) FROM {quote(fk.child)} AS c WHERE {orphan(case.schema, fk)}"
            found.append(Expectation(fk, max(remaining, 0), count))
    return tuple(found)


# -- what is left -------------------------------------------------------------------------------------------------


def _left(case: Case, rules: Rules) -> tuple[Left, ...]:
    left = [
        part for finding in case.report.findings if _in_scope(case, finding) for part in _left_of(case, rules, finding)
    ]
    left += [
        Left("not-checked", *r.foreign_key.subject, 0, r.reason or "it could not be checked")
        for r in case.report.relationships
        if not r.checked and r.foreign_key.fault is None and case.policy.scope.covers(r.foreign_key)
    ]
    tables = {table.name for table in case.schema.tables if table.unreadable}
    left += [
        Left("not-checked", item.subject, (), "", (), 0, item.reason)
        for item in case.report.not_checked
        if item.subject in tables
    ]
    return tuple(left)


def _left_of(case: Case, rules: Rules, finding: Finding) -> list[Left]:
    subject = finding.subject
    if finding.check == "index-disagrees":
        why = case.unmendable.get(finding.parent)
        hint = "its rows are not unique; mend them first"
        return [Left(finding.check, *subject, finding.count, why, hint)] if why else []
    rule = next((rule for rule in rules.get(subject, ()) if finding.check in rule.checks), None)
    if rule is None:
        reason = "the schema is at fault, not the rows; it has to be mended first"
        return [Left(finding.check, *subject, finding.count, reason)]
    if rule.fix is None:
        return [Left(finding.check, *subject, finding.count, rule.reason, rule.hint)]
    if rule.spare and finding.check == ORPHANS:
        near = case.seen[subject].misspelled
        reason = (
            "they match a parent but for the spelling of their keys, so neither deleting nor emptying them is right"
        )
        name = f"{finding.table}.{','.join(finding.columns)}"
        return [Left(ORPHANS, *subject, near, reason, f"to decide for yourself: --set {name}=delete, for example")]
    return []


def _in_scope(case: Case, finding: Finding) -> bool:
    return case.policy.scope.has(finding.check, _foreign_key(case.schema, finding))


def _foreign_key(schema: Schema, finding: Finding) -> ForeignKey:
    return next(fk for fk in schema.foreign_keys if fk.subject == finding.subject)
