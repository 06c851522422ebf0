"""The plan that `--empty` makes: a column becomes NULL in every row, since nobody needs its values any more."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from sqlfix.errors import Refused
from sqlfix.model.plans import Change, Fix, Plan
from sqlfix.model.schema import Schema, Table
from sqlfix.plan.apply import FixFailed
from sqlfix.plan.fix import FIXES
from sqlfix.plan.rehearsal import affected, plan_changes, private_copy
from sqlfix.plan.unfinished import why_unfinished
from sqlfix.scan.known_tables import KnownTables
from sqlfix.schema.bookkeeping import is_bookkeeping
from sqlfix.schema.database import Database
from sqlfix.schema.leftovers import CHECK
from sqlfix.schema.names import Place, require_columns, typed_place
from sqlfix.schema.writable_keys import NOT_NULL, why_not_null
from sqlfix.sql.literals import quote
from sqlfix.sql.predicates import stored
from sqlfix.sqlite.readers import ReaderPool
from sqlfix.text import address, command_line, shown, shown_name

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
    nothing = Plan(database.name, (), (), (), (), schema=schema)
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
        return nothing
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
        way = f"finish the migration first; if this is not a migration: --ignore {CHECK}"
        raise Refused(f"{name} cannot be changed: {reason}", way)
