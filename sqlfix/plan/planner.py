"""From what a scan found to a plan: choose, order, close over consequences, hold back what is in doubt.

Nothing here writes to the database. Where the simulation cannot know (triggers, CHECKs, collisions), the plan is
rehearsed on a private copy. A rule that turns out to be wrong is held back and the plan is made anew, until nothing
is left to object to; each round holds back at least one rule more, so it ends.
"""

import contextlib
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from sqlfix.checks.index_disagrees import of_index
from sqlfix.errors import Refused
from sqlfix.model.findings import Finding, Report, held_for_spelling, number_of
from sqlfix.model.plans import Change, Fix, Left, Plan, TableTotal
from sqlfix.model.schema import ForeignKey, Schema
from sqlfix.model.values import Applicability, Subject, folded
from sqlfix.plan.apply import FixFailed
from sqlfix.plan.defaults import propose
from sqlfix.plan.doomed import Doomed
from sqlfix.plan.fix import FIXES
from sqlfix.plan.guards import hold_back, hold_damaged, left_of, no_more_than, not_repairable
from sqlfix.plan.objections import hold_failed, object_to_rehearsal, object_to_simulation
from sqlfix.plan.policy import ORPHANS, PARK, PLACEHOLDERS, Policy, Seen, make_rules, may_relink, require_targets
from sqlfix.plan.proposals import Case, table_fixes
from sqlfix.plan.questions import alternatives, with_literals
from sqlfix.plan.rehearsal import CHECK as OF_INDEXES
from sqlfix.plan.rehearsal import (
    Rehearsal,
    affected,
    as_rehearsed,
    expect,
    is_uncertain,
    left_in_indexes,
    private_copy,
    rehearse,
    require_possible,
    totals_of,
    without_repeats,
)
from sqlfix.plan.remaining import settle
from sqlfix.plan.scanning import Scan
from sqlfix.plan.simulation import Outcome, Simulation, Step
from sqlfix.scan.candidates import Look
from sqlfix.scan.near_parents import carried_keys, relinks_of
from sqlfix.scan.orphans import measured_again
from sqlfix.scan.run import check_all, look_at
from sqlfix.scan.scope import require_known
from sqlfix.schema.database import Database, Met
from sqlfix.schema.leftovers import CHECK, left_alone
from sqlfix.sql.literals import quote
from sqlfix.sql.lost_and_found import CREATE, conflict, parked
from sqlfix.sql.parked_table import NAME
from sqlfix.sql.relinking import shown_pairs
from sqlfix.sqlite import interrupts
from sqlfix.text import address

USUAL = Policy()
"""What a repair does where nothing is chosen."""


def look_over(
    database: Database,
    policy: Policy,
    progress: Callable[[float | None, str], object] | None,
    met: Met | None = None,
) -> Scan:
    """Scan a database for a repair: all of it, as a fix must not make orphans of rows out of scope.

    Args:
        met: called as soon as there is a row that may be an orphan.

    Raises:
        Refused: for a choice that names what is not there.
    """
    require_known(policy.scope, database.schema)
    require_targets(database.schema, policy)
    look = look_at(database.readers, database.schema, progress=progress)
    if met and any(suspects.count for suspects in look.suspects.values()):
        met(database)
    if progress:
        progress(None, "planning")
    look.compare_parents()
    report = propose(database.schema, check_all(database.connection, look, database.name))
    return Scan(database, database.schema, look, report)


def plan_for(scan: Scan, policy: Policy) -> Plan:
    """Plan the repair of what a scan saw; nothing is written.

    Raises:
        Refused: for a choice that cannot be carried out.
    """
    connection, schema, look, report = scan.database.connection, scan.schema, scan.look, scan.report
    policy = with_literals(connection, schema, policy)
    seen = _what_was_seen(report)
    _look_at_misspelled(connection, look, policy, seen)
    # whoever ignores that check has said that they are no leftovers
    alone = {} if CHECK in policy.scope.ignore else left_alone(schema, report.findings)
    case = Case(connection, schema, report, policy, seen, look, alone=alone)
    for fk in schema.foreign_keys:
        if fk.fault is None and fk.subject not in case.rules:
            case.rules[fk.subject] = make_rules(schema, fk, case.seen.get(fk.subject, Seen()), policy)
    case = hold_back(case)
    case = _distrust(case, [name for child, _, parent, _ in case.seen for name in (child, parent)])
    plan = _settle(case)
    touched = [name for fix in plan.fixes if fix.kind != "reindex" for name in (fix.table, fix.parent)]
    trusted = case
    case = _distrust(case, touched)  # the tables beneath, too, and those that are changed on their own account
    plan = plan if case is trusted else _settle(case)
    return replace(plan, not_repairable=not_repairable(case, plan), schema=schema)


def _look_at_misspelled(connection: sqlite3.Connection, look: Look, policy: Policy, seen: dict[Subject, Seen]) -> None:
    """Add the keys that match a parent except for spelling: those that a script has to carry, and those to relink."""
    schema = look.schema
    for number, fk in enumerate(schema.foreign_keys):
        before = seen.get(fk.subject, Seen())
        if not before.misspelled or fk.fault is not None or before.relinks:
            continue
        probe, relinks = measured_again(connection, look, fk), None
        if before.misspelled > before.ambiguous and may_relink(schema, fk, policy):
            relinks = relinks_of(probe, number)
        seen[fk.subject] = replace(before, carried=carried_keys(probe), relinks=relinks)


def _what_was_seen(report: Report) -> dict[Subject, Seen]:
    seen: dict[Subject, Seen] = {}
    for finding in report.findings:
        subject = finding.subject
        before = seen.get(subject, Seen())
        if finding.check == ORPHANS:
            seen[subject] = replace(
                before,
                orphans=finding.count,
                misspelled=held_for_spelling(finding),
                ambiguous=number_of(finding, "spelling_matches_several"),
            )
        elif finding.check == PLACEHOLDERS:
            seen[subject] = replace(before, placeholders=finding.count)
    return seen


def _distrust(case: Case, names: Iterable[str | None]) -> Case:
    """The case with the indexes of some tables that turn out not to agree with them, all rows compared.

    SQLite may use any index of a table that is changed, or of the parents that are looked up, to decide which rows a
    fix takes; and a scan compares only some rows of large tables.
    """
    tables = [table for name in dict.fromkeys(names) if name is not None and (table := case.schema.table(name))]
    found = tuple(
        of_index(table, index, case.look.tables.difference(table, index))
        for table in tables
        for index in table.indexes
        if not case.look.tables.agrees_wholly(table, index) and not _is_reported(case, table.name, index.name)
    )
    if not found:
        return case
    case = replace(case, report=replace(case.report, findings=(*case.report.findings, *found)))
    hold_damaged(case)
    return case


def _is_reported(case: Case, table: str, index: str) -> bool:
    """True if a scan has said already that an index does not agree with its table."""
    checks = ("index-disagrees", "duplicate-keys")
    return any(
        f.check in checks and folded(f.indexed) == folded(table) and f.facts.get("index") == index
        for f in case.report.findings
    )


# -- rounds -------------------------------------------------------------------------------------------------------


def _settle(case: Case) -> Plan:
    """Simulate, hold back what is objected to, and again, until there is no objection; then rehearse likewise."""
    with interrupts.giving_back() as stack:
        copy: sqlite3.Connection | None = None
        so_far: object = None
        while True:
            if so_far == (so_far := (dict(case.rules), dict(case.held), dict(case.unmendable))):
                raise Refused(
                    "no plan was found: what fails on a copy cannot be left out",
                    "leave out some findings with --ignore, or choose a fix for them with --set",
                )
            outcome = _simulate(case)
            if object_to_simulation(case, outcome):
                continue
            plan = _plan(case, outcome)
            try:
                certain = not _touches_what_is_left(plan) and all(
                    fix.kind != "reindex" and fix.parent is not None
                    and (len(fix.statements) == 1 or fix.name == "relink") for fix in plan.fixes
                )  # fmt: skip
                certain = certain and not any(is_uncertain(case.schema, step.rule) for step in outcome.steps)
                if copy is None and certain:
                    require_possible(case.connection, plan.fixes)
                    return _only_what_remains(plan)
                if copy is None:
                    copy = stack.enter_context(private_copy(case.connection))
                rehearsal = rehearse(copy, case.schema, plan)
            except FixFailed as failed:
                hold_failed(case, failed)
                continue
            if not object_to_rehearsal(case, plan, rehearsal):
                return _only_what_remains(_as_rehearsed(plan, rehearsal))


def _simulate(case: Case) -> Outcome:
    with contextlib.closing(Doomed(case.connection, case.schema, case.look)) as doomed:
        simulation = Simulation(doomed, case.rules, case.seen)
        simulation.run()
        settle(simulation)
    return simulation.outcome


def _touches_what_is_left(plan: Plan) -> bool:
    """True if fixes may delete or mend rows that the plan lists as left by another check: only a trial can tell."""
    touched = {folded(total.table) for total in plan.totals}
    return any(
        part.count_sql is not None and (part.check == OF_INDEXES or folded(part.table) in touched) for part in plan.left
    )


def _only_what_remains(plan: Plan) -> Plan:
    """The plan without what is left of one relationship but goes, or finds a parent, by the fix of another."""
    room: dict[Subject, int] = {e.foreign_key.subject: e.remaining for e in plan.expectations}
    return replace(plan, left=tuple(no_more_than(room, plan.left)))


def _as_rehearsed(plan: Plan, rehearsal: Rehearsal) -> Plan:
    """The plan with the figures of the rehearsal, without the fixes that it does not need, and with what appeared."""
    seen = as_rehearsed(plan, rehearsal)
    # a trigger may have done it already; or have done it in its place, and then the fix has to set it off
    fixes = tuple(
        fix
        for fix, idle in zip(seen.fixes, rehearsal.applied.idle, strict=True)
        if not idle or fix.kind == "reindex" or len(fix.statements) > 1  # which others may need
    )
    totals = without_repeats(plan, fixes, totals_of(fixes, rehearsal))
    appeared = tuple(
        Left(
            ORPHANS, *e.foreign_key.subject, now.orphans - e.remaining,
            "the damaged index hid them", "run repair again",
        )
        for e, now in zip(plan.expectations, rehearsal.remaining, strict=True)
        if now.orphans > e.remaining
    )  # fmt: skip
    return replace(seen, fixes=fixes, totals=totals, left=seen.left + appeared)


# -- the plan itself ----------------------------------------------------------------------------------------------


def _plan(case: Case, outcome: Outcome) -> Plan:
    others = table_fixes(case)
    fixes = [*_reindex(case), *(fix for step in outcome.steps for fix in _fixes(case, step)), *others]
    changed: dict[str, int] = {}
    for step in outcome.steps:
        if step.rule.fix != "delete-rows":
            name = step.rule.foreign_key.child
            changed[name] = changed.get(name, 0) + step.rows
    changed |= outcome.changed
    for fix in others:
        changed[fix.table] = changed.get(fix.table, 0) + fix.rows
    touched = [name for name, rows in outcome.deleted.items() if rows]
    totals = tuple(
        TableTotal(name, case.rows_of(name), outcome.deleted.get(name, 0), changed.get(name, 0))
        for name in dict.fromkeys([*touched, *changed])
    )
    emptied, written = (total.table for total in totals if total.deleted), (total.table for total in totals)
    left = (*left_of(case, outcome), *left_in_indexes(case.connection, case.schema, emptied, written))
    expected = _affected(case, outcome, totals, fixes)
    return Plan(case.report.database, tuple(fixes), left, totals, expect(case.schema, expected, fixes))


def _reindex(case: Case) -> list[Fix]:
    found: dict[str, Finding] = {}
    for finding in case.report.findings:
        name = finding.indexed
        if finding.check == "index-disagrees" and case.asks_for(finding) and name not in case.unmendable:
            found.setdefault(name, finding)
    return [
        FIXES["reindex"].step(
            case.schema,
            (name, finding.columns, name, finding.parent_columns or finding.columns),
            Change("reindex", name),
            checks=("index-disagrees",),
        )
        for name, finding in found.items()
    ]


def fix_of(schema: Schema, seen: Mapping[Subject, Seen], step: Step) -> Fix:
    """One step of a simulation as one of a plan."""
    rule = step.rule
    fix, fk = FIXES[rule.fix or ""], rule.foreign_key
    link = schema.join_table(fk.child)
    checks = tuple(
        check
        for check in (ORPHANS, PLACEHOLDERS)
        if check in rule.checks and any(rule.meets(check, seen.get(of.subject, Seen())) for of in step.covers)
    )
    return fix.step(
        schema,
        fk.subject,
        fix.change(schema, fk, step.condition, rule.values),
        checks=checks if step.follows < step.rows else (),
        follows=step.follows,
        rows=step.rows,
        applicability=rule.applicability,
        value=", ".join(rule.values) if rule.values and not rule.relinks else None,
        # what is done with the keys that match a parent except for their spelling
        why=rule.relinks and ("the same link is there already" if rule.surplus else shown_pairs(rule.relinks)),
        link_rows=link is not None and rule.fix == "delete-rows",
        carries_data=link is not None and link.carries_data,
        decided_by=rule.decided_by(later=False) if step.follows < step.rows else "",
        follows_by=rule.decided_by(later=True) if step.follows else "",
        on_delete=fk.on_delete,
    ).between(step.before, step.after)


def _fixes(case: Case, step: Step) -> tuple[Fix, ...]:
    """The same with what can be chosen instead; where its rows are parked first, that is a step by itself.

    Rows that lose their parent because others are parked are parked, too.
    """
    made = fix_of(case.schema, case.seen, step)
    rule, follows = step.rule, case.policy.parks and step.follows > 0
    if rule.fix == "delete-rows" and not rule.surplus and (rule.parks or follows):
        return parking(case.schema, rule.foreign_key, made, step)
    asked = bool(case.policy.donors)
    return (replace(made, alternatives=alternatives(case.connection, case.schema, rule.foreign_key, made, asked)),)


def _affected(
    case: Case, outcome: Outcome, totals: tuple[TableTotal, ...], fixes: list[Fix]
) -> list[tuple[ForeignKey, int | None, int]]:
    """Every relationship that the plan could have an effect on, and how many orphans it has before and afterwards."""
    tables = [*(total.table for total in totals), *(fix.table for fix in fixes)]
    relationships = case.report.relationships
    unchecked = {r.foreign_key.subject for r in relationships if not r.checked and r.foreign_key.fault is None}
    found = []
    for fk in affected(case.schema, (r.foreign_key for r in relationships), tables):
        if fk.subject not in unchecked:
            seen = case.seen.get(fk.subject, Seen())
            was = seen.orphans + seen.placeholders
            found.append((fk, was if case.look.is_believed(fk) else None, outcome.remaining.get(fk.subject, was)))
    return found


# -- rows that are parked rather than deleted ---------------------------------------------------------------------


def preparation(schema: Schema, policy: Policy) -> tuple[str, ...]:
    """The statements that make the table for parked rows; none where it is there, or nothing is parked.

    Raises:
        Refused: where another table has its name.
    """
    if not policy.parks:
        return ()
    if reason := conflict(schema):
        raise Refused(f"rows cannot be parked: {reason}", f"rename the table {NAME}, or choose another fix")
    return () if schema.table(NAME) else (CREATE.replace("CREATE TABLE", "CREATE TABLE IF NOT EXISTS", 1),)


def parking(schema: Schema, fk: ForeignKey, deletion: Fix, step: Step) -> tuple[Fix, ...]:
    """The step that parks some rows, and the one that deletes them where they stand."""
    table = schema.known_table(fk.child)
    place, keys = address(fk.child, fk.child_columns), ", ".join(fk.child_columns)
    why = f"no parent in {fk.parent} ({keys})"
    source = f"FROM {quote(table.name)} AS c"
    change = Change("insert", NAME, step.condition, parked(table, why), source)
    kept = FIXES[PARK].step(
        schema, (NAME, ("row",), None, ()), change, checks=(ORPHANS,), rows=step.rows,
        applicability=Applicability.CHOICE, decided_by="choice", orphans_of=fk.subject,
        why=f"the rows of {place} that have no parent in {fk.parent}",
    )  # fmt: skip
    own = deletion.statements[len(step.before) : len(deletion.statements) - len(step.after)]
    return kept.between(step.before, ()), replace(deletion, statements=own).between((), step.after)
