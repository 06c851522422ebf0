"""The plans that `--merge` and `--empty` make: which rows or columns these name; nothing is written."""

import sqlite3
from collections.abc import Iterable
from dataclasses import replace

from sqlfix.errors import Refused
from sqlfix.model.findings import SameRows
from sqlfix.model.plans import Change, Fix, Left, Plan
from sqlfix.model.schema import Schema, Table
from sqlfix.model.values import folded
from sqlfix.plan.apply import FixFailed
from sqlfix.plan.fix import FIXES
from sqlfix.plan.merge_rows import colliding, each_once, group_of, merge_fixes, refusal, with_preparation
from sqlfix.plan.rehearsal import affected, plan_changes, private_copy
from sqlfix.scan.known_tables import KnownTables
from sqlfix.scan.run import count_rows, scan
from sqlfix.scan.same_rows import MOST_SHOWN, count_groups, of_none, only_part, values_for_none, where_too, without_none
from sqlfix.scan.scope import Scope
from sqlfix.schema.bookkeeping import is_bookkeeping
from sqlfix.schema.database import Database
from sqlfix.schema.leftovers import CHECK, FINISH, left_alone, why_no_trigger
from sqlfix.schema.names import Place, columns_named, require_columns, typed_place
from sqlfix.schema.writable_keys import NOT_NULL, why_not_null
from sqlfix.sql.literals import quote
from sqlfix.sql.predicates import affinity, stored
from sqlfix.sql.typed_values import as_sql, parts
from sqlfix.sqlite.deadline import limited, stop_if_interrupted
from sqlfix.sqlite.snapshot import ReaderPool
from sqlfix.text import address, command_line, pairs_text, shown, shown_name, typed_address

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
        raise _cannot(group, reason, FINISH)


def _cannot(group: SameRows, reason: str, hint: str | None = None) -> Refused:
    return Refused(f"the rows of {group.table.name} cannot be merged: {reason}", hint)


def _plan(database: Database, group: SameRows, keep: str) -> Plan:
    """The plan that merges the rows of a group, with the figures of a rehearsal on a private copy."""
    connection, schema = database.connection, database.schema
    if reason := refusal(schema, group):
        raise _cannot(group, reason)
    with limited(count_rows(connection, group.table.name), connection):  # one of the columns may be a computed one
        groups, _ = count_groups(connection, same := without_none(group))
        left = () if group.by_value else _of_none(connection, group)
    if left and group.index:
        raise _cannot(group, f"{left[0].reason}, and {group.index[0]} forbids them", left[0].hint)
    group = same if left else group
    if not groups:
        return Plan(database.name, (), left, (), ())
    refer = [fk.child for fk in schema.references_to(group.table.name)]
    own = group.index[0] if group.index else None  # it is dropped before, and made anew at the end
    if reason := KnownTables(ReaderPool([connection]), schema).distrusted([group.table.name, *refer], but=own):
        raise _cannot(group, reason)
    fixes = merge_fixes(schema, group)
    with private_copy(connection) as copy:
        try:
            tried = plan_changes(copy, schema, database.name, with_preparation(schema, group, keep, fixes))
            tried = replace(tried, totals=each_once(tried.totals, copy, schema, group, keep))
        except FixFailed as failed:
            reason = f"{failed.fix.table}: {failed}{_which_collide(copy, schema, group, keep, failed)}"
            hint = "nothing was changed; fix that first, or merge these rows by hand"
            raise _cannot(group, reason, hint) from failed
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
    values, advice = values_for_none(connection, group)
    reason = f'rows with {values} are not the same: the value means "none"'
    value = typed_address(group.table.name, group.columns, "=VALUE")
    hint = f"{advice}. If they are the same after all, name the value: --merge {value}"
    return (Left("duplicate-keys", group.table.name, group.columns, None, (), rows, reason, hint),)


# -- migrations that were not finished, where rows of one of their tables are to be changed -----------------------

Written = tuple[str, str]
"""A table, and what is done to its rows: ``update`` or ``delete``."""


def why_unfinished(database: Database, written: Iterable[Written], deleted: str = "") -> str | None:
    """Why rows are better left alone until a migration is finished, or None.

    Args:
        written: what is done; triggers may do more.
        deleted: the table whose rows go, as that is what is done; those of the others are changed.
    """
    schema, done = database.schema, [(folded(name), event) for name, event in written]
    alone = left_alone(schema, scan(database.connection, schema, "", Scope((CHECK,))).findings)
    found = ((alone[name], name) for name in dict.fromkeys(name for name, _ in done) if name in alone)
    reasons = [spared.reason for spared, name in found if not spared.only_deletes or name == folded(deleted)]
    return next(filter(None, [*reasons, *(why_no_trigger(schema, alone, *each) for each in done)]), None)


# -- a column becomes NULL in every row, since nobody needs its values any more -----------------------------------

OPTION, WHY = "--empty", "the column is emptied"


def empty(database: Database, texts: Iterable[str], finished: bool = False) -> Plan:
    """Plan to make columns NULL in every row; nothing is written.

    Args:
        texts: each ``table.column[,column]``.
        finished: the tables are known not to be left over from a migration that was cut off.

    Raises:
        SqlfixError: where a column cannot be NULL, or rows refer to its values; or the file cannot be read.
    """
    schema, connection = database.schema, database.connection
    fixes: list[Fix] = []
    for table, columns in _places(schema, texts):
        _require_possible(database, table, columns, finished)
        where = " OR ".join(f"c.{quote(name)} IS NOT NULL" for name in columns)
        counting = f"SELECT count(*) FROM {stored(table, 'c')} WHERE {where}"
        if rows := int(connection.execute(counting).fetchone()[0]):
            change = Change("update", table.name, where, dict.fromkeys(columns, "NULL"))
            fix = FIXES["set-null"].step(
                schema, (table.name, columns, None, ()), change, rows=rows, why=WHY, decided_by="choice",
                remaining_sql=counting,
            )  # fmt: skip
            fixes.append(fix)
    if not fixes:
        return Plan(database.name, (), (), (), (), schema=schema)
    concerned = affected(schema, schema.foreign_keys, [fix.table for fix in fixes])
    with private_copy(connection) as copy:
        try:
            return replace(plan_changes(copy, schema, database.name, tuple(fixes), concerned), schema=schema)
        except FixFailed as failed:
            place = address(failed.fix.table, failed.fix.columns)
            raise Refused(f"{place} cannot be emptied: {failed}", "nothing was changed; fix that first") from failed


def _places(schema: Schema, texts: Iterable[str]) -> Iterable[Place]:
    """The columns that are meant, all of a table together."""
    found: dict[str, Place] = {}
    for table, columns in (require_columns(schema, text, OPTION) for text in texts):
        _, had = found.get(table.name, (table, ()))
        found[table.name] = table, tuple(dict.fromkeys((*had, *columns)))
    return found.values()


def _require_possible(database: Database, table: Table, columns: Iterable[str], finished: bool) -> None:
    """Raise Refused where columns of a table cannot be made NULL, or better should not."""
    name = shown_name(table.name)
    if table.unreadable:
        raise Refused(f"{OPTION}: {name} cannot be read: {shown(table.unreadable)}")
    if is_bookkeeping(table.name):
        raise Refused(f"{OPTION}: a framework keeps account of its own doings in {name}")
    for column in columns:
        if reason := why_not_null(table, column):
            place = typed_place(database.schema, table.name, [column])
            alter = command_line(("alter", place, "--no-not-null"), database.name)
            way = f"let it be NULL first: {alter}"
            raise Refused(f"{OPTION} {place}: {column} {reason}", way if reason == NOT_NULL else None)
    if reason := KnownTables(ReaderPool([database.connection]), database.schema).distrusted([table.name]):
        raise Refused(f"{name} cannot be changed: {reason}")
    if not finished and (reason := why_unfinished(database, [(table.name, "update")])):
        raise Refused(f"{name} cannot be changed: {reason}", FINISH)
