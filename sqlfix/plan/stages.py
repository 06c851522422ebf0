"""A plan made in stages: what gives links back comes first, and the rest is planned as if that were done.

A stage looks at the database as the stages before it left it, on a private copy, and gives the fixes that it makes of
it. So no stage has to know of the others: an orphan whose parent came back is none any more for those that follow.
"""

import contextlib
import sqlite3
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from sqlfix.errors import Refused
from sqlfix.model.findings import Report, number_of
from sqlfix.model.plans import LOSES_ITS_PARENT, Fix, Fleeting, Left, Plan
from sqlfix.model.schema import Schema
from sqlfix.model.values import Subject, Value, folded
from sqlfix.plan import planner
from sqlfix.plan.apply import Applied, FixFailed, apply_fixes, carried, table_sizes
from sqlfix.plan.by_pairs import goes_first, mapped, named, respelled
from sqlfix.plan.guards import OF_ORPHANS, no_more_than
from sqlfix.plan.objections import without_losses
from sqlfix.plan.planner import preparation
from sqlfix.plan.policy import ORPHANS, Held, Policy
from sqlfix.plan.rehearsal import affected, copied, plan_changes, private_copy, written_at_will
from sqlfix.plan.restored_parents import restore_parents
from sqlfix.plan.stage import MakeStage, Stage
from sqlfix.plan.stand_ins import stand_ins, wants_stand_ins
from sqlfix.schema.catalogue import read_schema
from sqlfix.schema.database import Database, Met, open_database
from sqlfix.sql.literals import free_name, quote
from sqlfix.sql.parked_table import NAME
from sqlfix.sqlite.deadline import limited, timeout_of

Progress = Callable[[float | None, str], object]


def make_plan(
    database: Database, policy: Policy = planner.USUAL, progress: Progress | None = None, met: Met | None = None
) -> Plan:
    """Scan a database and plan its repair; nothing is written.

    The scan covers everything, also what is not in scope: a fix must not make orphans of rows out of scope.

    Args:
        policy: what is repaired and how; by default all that loses nothing but what the schema itself would drop.
        progress: called with the part of the scan that is done, or None after it, and words for what is worked on.
        met: called as soon as there is a row that may be an orphan, so that what a repair will need can be begun.

    Raises:
        Refused: for a choice that cannot be carried out.
    """
    scan = planner.look_over(database, policy, progress, met)
    wanted, prepares = wanted_stages(policy, database.schema, scan.report), preparation(database.schema, policy)
    while True:  # each round leaves out more of what would not last, or is not to be
        made: Plan | Policy = (
            _staged(database, policy, wanted, prepares, progress)
            if wanted or prepares
            else planner.plan_for(scan, policy)
        )
        better = without_losses(database, made, policy) if isinstance(made, Plan) else made
        if isinstance(made, Plan) and better == policy:
            made = made if any(fix.table == NAME for fix in made.fixes) else replace(made, prepares=())
            return replace(made, scanned=database.stamp)
        policy = better


def _staged(
    database: Database,
    policy: Policy,
    wanted: list[MakeStage],
    prepares: tuple[str, ...],
    progress: Progress | None,
) -> Plan | Policy:
    """The plan that some stages and the rest make; or a policy to begin again with, where not all of it would last."""
    done: list[Stage] = []
    timeout, first = timeout_of(database.connection), policy
    with copied(database.connection) as copy:
        if prepares:
            with written_at_will(copy, timeout) as connection:
                for statement in prepares:
                    connection.execute(statement)
        for place, make in enumerate(wanted):
            done.append(_carried_out(copy, make, policy, timeout, database.name))
            if make in wanted[:place]:  # what it left before it looks at anew
                done[wanted.index(make)] = replace(done[wanted.index(make)], left=())
            policy = done[-1].policy
        with open_database(copy, timeout, name=database.name) as now:
            rest = planner.plan_for(planner.look_over(now, policy, progress), policy)
        if first.donors and _may_make_room(done, rest):
            better = _with_second_look(copy, first, rest, timeout, database.name)
            if better != first:
                return better
    return _joined(database, done, rest, prepares, first)


def _may_make_room(done: list[Stage], rest: Plan) -> bool:
    """True if a plan leaves orphans, and changes what may be in the way of their parents."""
    left = [part for stage in done for part in stage.left] + list(rest.left)
    return any(part.check in OF_ORPHANS for part in left) and any(
        fix.kind in ("delete", "update") for fix in rest.fixes
    )


def _with_second_look(copy: Path, policy: Policy, rest: Plan, timeout: float, name: str) -> Policy:
    """The policy that holds back what would let further rows come back by a second plan; the same if there is nothing.

    Args:
        copy: the database as the stages left it; the rest of the plan is carried out on it.
        name: what the database itself is called.
    """
    with open_database(copy, timeout, name=name) as now:
        rows = sum(table_sizes(now.connection, now.schema).values())
    with contextlib.suppress(FixFailed), written_at_will(copy, timeout) as connection:
        connection.execute("BEGIN")
        with limited(rows, connection, statements=len(rest.fixes)):
            apply_fixes(connection, rest.fixes)
        connection.execute("COMMIT")
        with open_database(copy, timeout, name=name) as now:
            back = restore_parents(now, replace(policy, fleeting=Fleeting())).fixes
        return holding_places(policy, back, rest.fixes) if back else policy
    return policy


def wanted_stages(policy: Policy, schema: Schema, report: Report) -> list[MakeStage]:
    """The stages that a policy asks for, and what a scan found, in their order."""
    stages: list[MakeStage] = []
    if policy.maps:
        stages.append(mapped)  # what is said of keys by name comes first
    misspelled = {f.subject for f in report.findings if f.check == ORPHANS and number_of(f, "spelling_matches")}
    if any(fk.subject in misspelled and goes_first(schema, fk, policy) for fk in schema.foreign_keys):
        stages.append(respelled)
    if policy.donors and any(f.count and f.check in OF_ORPHANS for f in report.findings):
        stages.append(restore_parents)
    if any(finding.facts.get("named_by") for finding in report.findings):
        stages.append(named)
    if wants_stand_ins(policy):
        stages.append(stand_ins)
        if restore_parents in stages:  # for a parent whose own parent is a stand-in
            stages.append(restore_parents)
    return stages


def _carried_out(copy: Path, make: MakeStage, policy: Policy, timeout: float, name: str) -> Stage:
    """What a stage makes of the copy, carried out there; a fix that SQLite refuses is left out, with the reason.

    Args:
        name: what the database itself is called, of which it is a copy.
    """
    refused: list[Left] = []
    while True:
        with open_database(copy, timeout, name=name) as now:
            stage = make(now, policy)
            rows = sum(table_sizes(now.connection, now.schema).values())
        try:
            with written_at_will(copy, timeout) as connection:
                connection.execute("BEGIN")
                with limited(rows + carried(stage.fixes), connection, statements=len(stage.fixes)):
                    _require_effect(stage.fixes, apply_fixes(connection, stage.fixes))
                connection.execute("COMMIT")
        except FixFailed as failed:
            reason = f"{failed.fix.name} failed: {failed}"
            if Held(failed.fix.subject, reason) in policy.held:  # it would go on for ever
                raise Refused(f"no plan was found: {reason}", "leave it out with --ignore") from failed
            refused.append(Left(ORPHANS, *failed.fix.subject, failed.fix.rows, reason))
            policy = policy.holding(Held(failed.fix.subject, reason))
        else:
            return replace(stage, left=(*stage.left, *refused))


def _require_effect(fixes: tuple[Fix, ...], applied: Applied) -> None:
    """Raise FixFailed for a fix that a trigger kept from some rows: the rest of the plan is not to take those."""
    for place, (fix, rows) in enumerate(zip(fixes, applied.rows, strict=True)):
        if fix.kind == "update" and rows < fix.rows:
            kept = "1 row as it is" if fix.rows - rows == 1 else f"{fix.rows - rows:,} rows as they are"
            raise FixFailed(place, fix, sqlite3.IntegrityError(f"a trigger keeps {kept}"))


def _joined(
    database: Database, done: list[Stage], rest: Plan, prepares: tuple[str, ...], policy: Policy
) -> Plan | Policy:
    """One plan of the fixes of some stages and of the rest, tried out as a whole; or a better policy: see `_staged`."""
    fixes = [fix for stage in done for fix in stage.fixes]
    left = [part for stage in done for part in stage.left]
    if not fixes:
        return replace(rest, left=_told_once(left, rest.left, rest), schema=database.schema, prepares=prepares)
    stages, fixes = fixes, [*fixes, *rest.fixes]
    try:
        with private_copy(database.connection) as copy:
            for statement in prepares:
                copy.execute(statement)
            schema = read_schema(copy) if prepares else database.schema
            if may_undo(schema, stages, rest.fixes):
                better = lasting(copy, schema, policy, stages, rest.fixes)
                if better != policy:
                    return better
            which = affected(schema, reversed(schema.foreign_keys), (fix.table for fix in fixes))
            plan = plan_changes(copy, schema, database.name, tuple(fixes), which)
    except FixFailed as failed:
        raise Refused(
            f"no plan was found: {failed.fix.name} on {failed.fix.table} failed on a copy ({failed})",
            "leave out some findings with --ignore, or choose another fix for them with --set",
        ) from failed
    told = {(part.check, part.subject) for part in (*left, *rest.left)}
    new = (part for part in plan.left if (part.check, part.subject) not in told)
    every = (*_told_once(left, rest.left, plan), *new)
    return replace(plan, left=every, not_repairable=rest.not_repairable, schema=database.schema, prepares=prepares)


def _told_once(stages: list[Left], rest: tuple[Left, ...], plan: Plan) -> tuple[Left, ...]:
    """What stages and the rest leave: no more than is left at the end, since the rest may delete some of it.

    Of what the rest leaves, those orphans are left out of which a stage has said already that they are left, and why.
    """
    remaining: dict[Subject, int] = {e.foreign_key.subject: e.remaining for e in plan.expectations}
    told = tuple(no_more_than(remaining, stages))
    counted, here = _orphans(told), _orphans(rest)
    room = {subject: remaining.get(subject, here[subject]) - counted[subject] for subject in here if counted[subject]}
    return (*told, *no_more_than(room, rest))


def _orphans(left: Iterable[Left]) -> Counter[Subject]:
    """How many orphans are left of each relationship."""
    found: Counter[Subject] = Counter()
    for part in left:
        found[part.subject] += part.count if part.check in OF_ORPHANS else 0
    return found


# -- whether what the stages add to a database lasts until the end of the plan ------------------------------------
# A parent that comes back, or that is made, may refer to a row which another step of the same plan deletes, since that
# row is an orphan itself. Then it would go again, or its key would be emptied. Which rows those are is found out by
# running the plan on a copy. A row of a donor then stays away, and its orphans are left with the reason: nothing of
# them is lost. Where the key would be emptied, it comes back like this from the start.

ITS_PLACE = "it would delete rows that stand where missing parents of an older copy could come back; these come first"


def may_undo(schema: Schema, stages: Sequence[Fix], rest: Sequence[Fix]) -> bool:
    """True if fixes may undo what others before them have added: only a trial can tell."""
    added = {folded(fix.table) for fix in stages if fix.kind == "insert"}
    touched = {folded(fix.table) for fix in rest if fix.kind != "reindex"}
    triggers = any(table.triggers for table in schema.tables if folded(table.name) in touched)
    return bool(added) and (triggers or not added.isdisjoint(touched))


def lasting(
    copy: sqlite3.Connection, schema: Schema, policy: Policy, stages: Sequence[Fix], rest: Sequence[Fix]
) -> Policy:
    """The policy that leaves out what the rest of a plan would undo of what its stages added; the same if all lasts.

    Args:
        copy: a private copy of the database as it was; it is left as it was.
        stages: the fixes that come first and add rows.

    Raises:
        FixFailed: at the first statement that SQLite refuses.
    """
    copy.execute("BEGIN")
    found: list[tuple[Fix, tuple[Value, ...], Fix]] = []  # what adds a row, its key, and what deletes or changes it
    try:
        watched = [_Watched(copy, schema, place, fix) for place, fix in enumerate(stages)]
        for each in watched:
            each.run()
        for fix in rest:
            apply_fixes(copy, [fix])
            found += [(each.fix, key, fix) for each in watched for key in each.undone()]
    finally:
        if copy.in_transaction:  # a trigger's RAISE(ROLLBACK) has ended it already
            copy.execute("ROLLBACK")
    tried, rows = policy.fleeting.defaults, dict(policy.fleeting.rows)
    for added, key, by in found:
        if added.orphans_of is not None:
            policy = _without_stand_in(policy, added, by, tried)
        else:
            rows[added.table, key] = _cut(added, by, rows.get((added.table, key)))
    return replace(policy, fleeting=replace(policy.fleeting, rows=rows)) if rows != policy.fleeting.rows else policy


class _Watched:
    """A fix whose rows are watched once they are added: `undone` gives those that another one deletes or changes."""

    def __init__(self, copy: sqlite3.Connection, schema: Schema, place: int, fix: Fix) -> None:
        self._copy = copy
        self._name = free_name(schema, f"sqlfix_watched_{place}")
        self.fix = fix
        self._table = schema.known_table(fix.table)
        self._keys = self._table.row_id if fix.kind == "insert" else ()

    def run(self) -> None:
        """Carry the fix out."""
        keys = self._keys
        if not keys:
            apply_fixes(self._copy, [self.fix])
            return
        name, table = self._name, f"main.{quote(self._table.name)}"
        columns = ", ".join(f"k{place}" for place in range(len(keys)))
        new = ", ".join(f"NEW.{quote(key)}" for key in keys)
        same = " AND ".join(f"k{place} IS +OLD.{quote(key)}" for place, key in enumerate(keys))
        self._copy.execute(f"CREATE TEMP TABLE {name} ({columns}, undone)")
        self._copy.execute(f"CREATE INDEX temp.{name}_by ON {name} ({columns})")
        self._copy.execute(
            f"CREATE TEMP TRIGGER {name}_new AFTER INSERT ON {table} BEGIN INSERT INTO {name} VALUES ({new}, 0); END"
        )
        apply_fixes(self._copy, [self.fix])
        self._copy.execute(f"DROP TRIGGER temp.{name}_new")
        for event in ("DELETE", "UPDATE"):
            self._copy.execute(
                f"CREATE TEMP TRIGGER {name}_{event} AFTER {event} ON {table}"
                f" BEGIN UPDATE {name} SET undone = 1 WHERE {same}; END"
            )

    def undone(self) -> Iterator[tuple[Value, ...]]:
        """The rows that were deleted or changed since it was asked before, by what tells them from others."""
        if self._keys:
            for *key, _ in self._copy.execute(f"SELECT * FROM temp.{self._name} WHERE undone = 1").fetchall():
                yield tuple(key)
            self._copy.execute(f"UPDATE temp.{self._name} SET undone = 2 WHERE undone = 1")


def _cut(added: Fix, by: Fix, before: tuple[str, ...] | None) -> tuple[str, ...]:
    """The columns in which a row comes back with NULL; none where it stays away."""
    if by.name != "set-null" or folded(by.table) != folded(added.table):
        return ()
    if before is not None and set(by.written) <= set(before):
        return ()
    return tuple(dict.fromkeys((*(before or ()), *by.written)))


def _without_stand_in(policy: Policy, added: Fix, by: Fix, tried: Collection[Subject]) -> Policy:
    """The policy by which a stand-in gets another parent than its DEFAULT names; else, it is not made at all."""
    fleeting = policy.fleeting
    if by.parent is not None and folded(by.table) == folded(added.table) and by.subject not in tried:
        return replace(policy, fleeting=replace(fleeting, defaults=fleeting.defaults | {by.subject}))
    assert added.orphans_of is not None
    held = Held(added.orphans_of, f"no stand-in is made: {LOSES_ITS_PARENT}")
    return policy if held in policy.held else policy.holding(held)


def holding_places(policy: Policy, back: Sequence[Fix], rest: Sequence[Fix]) -> Policy:
    """The policy that holds back what would make room for rows that could come back only by a second plan.

    Args:
        back: the fixes that would bring rows back after the plan.
        rest: the fixes of the plan that delete or change rows.
    """
    known = {held.subject for held in policy.held if not held.keys}
    tables = {folded(fix.table) for fix in back}
    able = [fix for fix in rest if fix.parent is not None and fix.kind in ("delete", "update")]
    able = [fix for fix in able if fix.subject not in known]
    chosen = [fix for fix in able if folded(fix.table) in tables] or able
    return policy.holding(*(Held(subject, ITS_PLACE) for subject in dict.fromkeys(fix.subject for fix in chosen)))
