"""The plan that merges rows which are the same, for a repair to carry out or a script to hold."""

from __future__ import annotations

import sqlite3
from dataclasses import replace

from sqlfix.errors import Refused
from sqlfix.model.findings import SameRows
from sqlfix.model.plans import Left, Plan
from sqlfix.model.schema import Schema
from sqlfix.model.values import folded
from sqlfix.plan.apply import FixFailed
from sqlfix.plan.merge_rows import (
    colliding,
    merge_fixes,
    refusal,
    with_preparation,
)
from sqlfix.plan.rehearsal import plan_changes, private_copy
from sqlfix.plan.unfinished import why_unfinished
from sqlfix.scan.known_tables import KnownTables
from sqlfix.scan.run import count_rows
from sqlfix.scan.same_rows import MOST_SHOWN, count_groups, of_none, values_for_none, without_none
from sqlfix.schema.database import Database
from sqlfix.schema.leftovers import CHECK
from sqlfix.sqlite.deadline import limited, stop_if_interrupted
from sqlfix.sqlite.readers import ReaderPool
from sqlfix.text import address, pairs_text

BOTH = ("update", "delete")
"""What a merge does to rows that refer to one that goes: they are led to another, or go if it has their like."""


def require_finished(database: Database, group: SameRows) -> None:
    """Raise Refused where a migration of the table, or of one that refers to it, was not finished.

    No row goes then: see the check ``unfinished-migration``.
    """
    own = group.table.name
    concerned = sorted({folded(fk.child) for fk in database.schema.references_to(own)})
    written = [(own, "delete"), *((name, event) for name in concerned for event in BOTH)]
    if reason := why_unfinished(database, written, own):
        raise Refused(
            f"the rows of {group.table.name} cannot be merged: {reason}",
            f"finish the migration first; if this is not a migration: --ignore {CHECK}",
        )


def merge_plan(database: Database, group: SameRows, keep: str) -> Plan:
    """The plan that merges the rows of a group, with the figures of a rehearsal on a private copy; read only.

    Args:
        keep: one of `sqlfix.plan.merge_rows.KEEP`.

    Raises:
        Refused: where the rows cannot be merged, and why.
    """
    connection, schema = database.connection, database.schema
    if reason := refusal(schema, group):
        raise Refused(f"the rows of {group.table.name} cannot be merged: {reason}")
    with limited(count_rows(connection, group.table.name), connection):  # one of the columns may be a computed one
        groups, _ = count_groups(connection, same := without_none(group))
        left = () if group.by_value else _of_none(connection, group)
    if left and group.index:
        raise Refused(
            f"the rows of {group.table.name} cannot be merged: {left[0].reason}, and {group.index[0]} forbids them",
            left[0].hint,
        )
    group = same if left else group
    if not groups:
        return Plan(database.name, (), left, (), ())
    refer = [fk.child for fk in schema.references_to(group.table.name)]
    own = group.index[0] if group.index else None  # it is dropped before, and made anew at the end
    if reason := KnownTables(ReaderPool([connection]), schema).distrusted([group.table.name, *refer], but=own):
        raise Refused(f"the rows of {group.table.name} cannot be merged: {reason}")
    fixes = merge_fixes(schema, group)
    with private_copy(connection) as copy:
        try:
            tried = plan_changes(copy, schema, database.name, with_preparation(schema, group, keep, fixes))
        except FixFailed as failed:
            raise Refused(
                f"the rows of {group.table.name} cannot be merged: {failed.fix.table}: {failed}"
                f"{_which_collide(copy, schema, group, keep, failed)}",
                "nothing was changed; fix that first, or merge these rows by hand",
            ) from failed
    needed = [replace(fix, rows=done.rows) for fix, done in zip(fixes, tried.fixes, strict=True) if done.rows]
    return replace(tried, fixes=with_preparation(schema, group, keep, needed), left=(*left, *tried.left))


def _which_collide(copy: sqlite3.Connection, schema: Schema, group: SameRows, keep: str, failed: FixFailed) -> str:
    """The rows of the table that failed which would be the same once led to one row; empty where there are none."""
    fk = next((fk for fk in schema.references_to(group.table.name) if fk.subject == failed.fix.subject), None)
    if fk is None or failed.fix.name != "update":
        return ""
    for key, statements in colliding(schema, group, keep, fk):
        try:
            for statement in statements[:-1]:
                copy.execute(statement)
            rows = copy.execute(statements[-1]).fetchall()
        except sqlite3.DatabaseError as error:  # a collation that only the application has
            stop_if_interrupted(error)
            continue
        if rows:
            named = "; ".join(pairs_text(zip(key, row, strict=True)) for row in rows)
            return f" (these rows would then be the same: {named}{', …' if len(rows) == MOST_SHOWN else ''})"
    return ""


def _of_none(connection: sqlite3.Connection, group: SameRows) -> tuple[Left, ...]:
    """The groups whose value stands for "none", as something that the plan leaves."""
    groups, rows = count_groups(connection, of_none(group))
    if not groups:
        return ()
    values = values_for_none(connection, group)
    reason = f'rows with {values.shown} are not the same: the value means "none"'
    place = address(group.table.name, group.columns)
    hint = f"{values.advice}. If they are the same after all, name the value: --merge {place}=VALUE"
    return (Left("duplicate-keys", group.table.name, group.columns, None, (), rows, reason, hint),)
