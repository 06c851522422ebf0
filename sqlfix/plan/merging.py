"""Which rows `--merge` names, and the plan that merges them; nothing is written."""

from __future__ import annotations

import sqlite3
from dataclasses import replace

from sqlfix.errors import Refused
from sqlfix.model.findings import SameRows
from sqlfix.model.plans import Left, Plan
from sqlfix.model.schema import Schema
from sqlfix.model.values import folded
from sqlfix.plan.apply import FixFailed
from sqlfix.plan.merge_rows import colliding, group_of, merge_fixes, refusal, with_preparation
from sqlfix.plan.rehearsal import plan_changes, private_copy
from sqlfix.plan.unfinished import why_unfinished
from sqlfix.scan.known_tables import KnownTables
from sqlfix.scan.run import count_rows
from sqlfix.scan.same_rows import MOST_SHOWN, count_groups, of_none, only_part, values_for_none, where_too, without_none
from sqlfix.schema.database import Database
from sqlfix.schema.leftovers import CHECK
from sqlfix.schema.names import Place, columns_named, require_columns
from sqlfix.sql.literals import quote
from sqlfix.sql.predicates import affinity
from sqlfix.sql.typed_values import as_sql, parts
from sqlfix.sqlite.deadline import limited, stop_if_interrupted
from sqlfix.sqlite.readers import ReaderPool
from sqlfix.text import address, pairs_text

BOTH = ("update", "delete")
"""What a merge does to rows that refer to one that goes: they are led to another, or go if it has their like."""


def merge(
    database: Database, text: str, keep: str = "most-referenced", finished: bool = False, backup: bool = True
) -> Plan:
    """Plan to merge the rows of a table that are the same in some columns.

    Args:
        text: ``table.column[,column]``, or ``table.column[,column]=value[,value]`` for those with just these values.
        keep: which row of each group stays: one of `sqlfix.plan.merge_rows.KEEP`.
        finished: the table is known not to be left over from a migration that was cut off.
        backup: one will be made; without it, what could not be taken back is refused.

    Raises:
        SqlfixError: where they cannot be merged, or the file cannot be read.
    """
    group = _named_group(database, text)
    if group.index and not backup:
        raise Refused(
            f"without a backup it could not be undone: {group.index[0]} forbids the rows that would be deleted"
        )
    if not finished:
        _require_finished(database, group)
    return replace(_plan(database, group, keep), schema=database.schema)


def _named_group(database: Database, text: str) -> SameRows:
    """The rows that ``table.column[,column]`` means, or ``table.column[,column]=value[,value]``.

    Raises:
        Refused: where there are no such columns, or rows with the same values there are not the same.
    """
    (table, names), values = _columns_and_values(database.schema, text)
    group = group_of(table, names)
    if reason := only_part(table, names):
        raise Refused(
            f"--merge {text}: {reason}: rows with the same {', '.join(names)} are not the same",
            "name all columns that make rows the same",
        )
    if values is None:
        return group
    kinds = [affinity(column, table.strict) for name in names if (column := table.column(name))]
    wanted = [as_sql(value, kind) for value, kind in zip(values, kinds, strict=True)]
    if "NULL" in wanted:
        raise Refused(f"--merge {text}: rows with NULL are never the same", "write the text as 'NULL'")
    terms = [next(term for term in group.terms if term.startswith(f"{quote(name)} COLLATE ")) for name in names]
    equal = (f"{term} = {value}" for term, value in zip(terms, wanted, strict=True))
    return replace(where_too(group, f"({' AND '.join(equal)})"), by_value=True)


def _columns_and_values(schema: Schema, text: str) -> tuple[Place, list[str] | None]:
    """What stands before an equals sign and after it; a name may hold one as well."""
    if "=" not in text or columns_named(schema, text, "--merge"):
        return require_columns(schema, text, "--merge"), None
    cuts = (at for at, character in enumerate(text) if character == "=" and columns_named(schema, text[:at], "--merge"))
    place = next(cuts, len(text))
    columns = require_columns(schema, text[:place], "--merge")
    values = parts(text[place + 1 :])
    if len(values) != len(columns[1]):
        needed = "a value is" if len(columns[1]) == 1 else f"{len(columns[1])} values are"
        raise Refused(f"--merge {text}: {needed} needed for {', '.join(columns[1])}")
    return columns, values


def _require_finished(database: Database, group: SameRows) -> None:
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


def _plan(database: Database, group: SameRows, keep: str) -> Plan:
    """The plan that merges the rows of a group, with the figures of a rehearsal on a private copy."""
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
