"""What the file's own triggers would delete or change along with fixes that lose nothing: for ``--only lossless``.

A row that comes back sets off the INSERT triggers of its table, a key that is set right those of an UPDATE. What they
do is found out by running the fixes on a copy, where temporary triggers count. Rows that they only add lose nothing.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from sqlfix.model.plans import Fix, Plan
from sqlfix.model.schema import Schema, Table
from sqlfix.model.values import Applicability, folded
from sqlfix.plan.apply import apply_fixes, carried, table_sizes
from sqlfix.plan.policy import Held, Policy
from sqlfix.plan.rehearsal import private_copy
from sqlfix.schema.database import Database
from sqlfix.sql.create_trigger import set_off
from sqlfix.sql.literals import literal, quote
from sqlfix.sql.own_names import free_name
from sqlfix.sqlite.deadline import limited
from sqlfix.text import plural, shown_name

EVENTS = ("INSERT", "UPDATE", "DELETE")


def without_losses(database: Database, plan: Plan, policy: Policy) -> Policy:
    """The policy that also holds back what triggers make a loss of; the same if there is nothing, or it is no matter.

    Raises:
        FixFailed: at the first statement that SQLite refuses.
    """
    if policy.left_out(Applicability.DECLARED) is None or not any(
        _may_lose(database.schema, fix) for fix in plan.fixes
    ):
        return policy
    known = {(held.subject, held.only) for held in policy.held if not held.keys}
    with private_copy(database.connection) as copy:
        # where the place is all that there is, all of it is held back, and not that fix alone
        found = [
            ((fix.subject, "relink" if fix.parent is not None else ""), said)
            for fix, said in _losses(copy, database.schema, plan)
        ]
    reasons = {at: f"left out by --only {policy.only}: {said}" for at, said in reversed(found) if at not in known}
    return policy.holding(*(Held(subject, reason, only=only) for (subject, only), reason in reasons.items()))


def _may_lose(schema: Schema, fix: Fix) -> bool:
    """True if triggers that a fix sets off may delete or change rows."""
    if fix.kind == "reindex":
        return False
    statements = set_off(schema, fix.table, fix.kind)
    return any(each.verb in ("update", "delete") or each.conflict == "replace" for each in statements)


def _losses(copy: sqlite3.Connection, schema: Schema, plan: Plan) -> Iterator[tuple[Fix, str]]:
    """The fixes with which triggers delete or change rows, and what they do, in words."""
    copy.execute("BEGIN")
    sizes = table_sizes(copy, schema)
    tables = [schema.known_table(name) for name in sizes]
    log = free_name(schema, "sqlfix_met")
    with limited(sum(sizes.values()) + carried(plan.fixes), copy, statements=len(plan.fixes)):
        for statement in plan.prepares:
            copy.execute(statement)
        _count_all(copy, tables, log)
        for fix in plan.fixes:
            copy.execute(f"DELETE FROM temp.{log}")
            own = sum(apply_fixes(copy, [fix]).rows)
            after = table_sizes(copy, schema)
            met = {(name, what): rows for name, what, rows in copy.execute(
                f"SELECT name, what, count(*) FROM temp.{log} GROUP BY 1, 2")}  # fmt: skip
            if said := _said(fix, own, met, {name: after[name] - rows for name, rows in sizes.items()}):
                yield fix, said
            sizes = after
    copy.execute("ROLLBACK")


def _count_all(copy: sqlite3.Connection, tables: list[Table], log: str) -> None:
    """Have each row that is written counted in a temporary table."""
    copy.execute(f"CREATE TEMP TABLE {log} (name, what)")
    for place, table in enumerate(tables):
        for event in EVENTS:
            copy.execute(
                f"CREATE TEMP TRIGGER {log}_{place}_{event} AFTER {event} ON main.{quote(table.name)}"
                f" BEGIN INSERT INTO {log} VALUES ({literal(table.name)}, {literal(event)}); END"
            )


def _said(fix: Fix, own: int, met: dict[tuple[str, str], int], grown: dict[str, int]) -> str:
    """What triggers delete and change beside what a fix does itself; a row that is replaced is deleted unseen."""
    parts = []
    for name, more in grown.items():
        mine = own if folded(name) == folded(fix.table) else 0
        deleted = met.get((name, "DELETE"), 0) - (mine if fix.kind == "delete" else 0)
        changed = met.get((name, "UPDATE"), 0) - (mine if fix.kind == "update" else 0)
        deleted += max(met.get((name, "INSERT"), 0) - met.get((name, "DELETE"), 0) - more, 0)
        for rows, verb in ((deleted, "delete"), (changed, "change")):
            if rows > 0:
                parts.append(f"{verb} {plural(rows, 'row')} of {shown_name(name)}")
    return f"the triggers that it sets off would {' and '.join(parts)}" if parts else ""
