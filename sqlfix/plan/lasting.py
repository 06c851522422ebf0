"""Whether what the stages of a plan add to a database lasts until the end of the plan.

A parent that comes back, or that is made, may refer to a row which another step of the same plan deletes, since that
row is an orphan itself. Then it would go again, or its key would be emptied. Which rows those are is found out by
running the plan on a copy. A row of a donor then stays away, and its orphans are left with the reason: nothing of them
is lost. Where the key would be emptied, it comes back like this from the start.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from sqlfix.frozen import frozen
from sqlfix.model.plans import Fix
from sqlfix.model.schema import Schema
from sqlfix.model.values import Subject, Value, folded
from sqlfix.plan.apply import apply_fixes
from sqlfix.plan.fleeting import LOSES_ITS_PARENT
from sqlfix.plan.policy import Held, Policy
from sqlfix.sql.literals import quote
from sqlfix.sql.own_names import free_name

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
    found: list[_Undone] = []
    try:
        watched = [_Watched(copy, schema, place, fix) for place, fix in enumerate(stages)]
        for each in watched:
            each.run()
        for fix in rest:
            apply_fixes(copy, [fix])
            found += [_Undone(each.fix, key, fix) for each in watched for key in each.undone()]
    finally:
        if copy.in_transaction:  # a trigger's RAISE(ROLLBACK) has ended it already
            copy.execute("ROLLBACK")
    tried = policy.fleeting.defaults
    for undone in found:
        policy = _without_stand_in(policy, undone, tried) if undone.added.orphans_of else policy
    rows = dict(policy.fleeting.rows)
    for undone in found:
        if undone.added.orphans_of is None:
            at = undone.added.table, undone.key
            rows[at] = _cut(undone, rows.get(at))
    return replace(policy, fleeting=replace(policy.fleeting, rows=rows)) if rows != policy.fleeting.rows else policy


@frozen
class _Undone:
    """A row, by what tells it from others, that one fix adds and another one deletes or changes."""

    added: Fix
    key: tuple[Value, ...]
    by: Fix


class _Watched:
    """A fix whose rows are watched once they are added: `undone` gives those that another one deletes or changes."""

    def __init__(self, copy: sqlite3.Connection, schema: Schema, place: int, fix: Fix) -> None:
        self._copy = copy
        self._name = free_name(schema, f"sqlfix_watched_{place}")
        self.fix = fix
        self.table = schema.known_table(fix.table)

    def run(self) -> None:
        """Carry the fix out."""
        keys = self.table.row_id if self.fix.kind == "insert" else ()
        if not keys:
            apply_fixes(self._copy, [self.fix])
            return
        name, table = self._name, f"main.{quote(self.table.name)}"
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
        if self.fix.kind == "insert" and self.table.row_id:
            for *key, _ in self._copy.execute(f"SELECT * FROM temp.{self._name} WHERE undone = 1").fetchall():
                yield tuple(key)
            self._copy.execute(f"UPDATE temp.{self._name} SET undone = 2 WHERE undone = 1")


def _cut(undone: _Undone, before: tuple[str, ...] | None) -> tuple[str, ...]:
    """The columns in which a row comes back with NULL; none where it stays away."""
    by = undone.by
    if by.name != "set-null" or folded(by.table) != folded(undone.added.table):
        return ()
    if before is not None and set(by.written) <= set(before):
        return ()
    return tuple(dict.fromkeys((*(before or ()), *by.written)))


def _without_stand_in(policy: Policy, undone: _Undone, tried: Collection[Subject]) -> Policy:
    """The policy by which a stand-in gets another parent than its DEFAULT names; else, it is not made at all."""
    by, fleeting = undone.by, policy.fleeting
    if by.parent is not None and folded(by.table) == folded(undone.added.table) and by.subject not in tried:
        return replace(policy, fleeting=replace(fleeting, defaults=fleeting.defaults | {by.subject}))
    assert undone.added.orphans_of is not None
    held = Held(undone.added.orphans_of, f"no stand-in is made: {LOSES_ITS_PARENT}")
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
