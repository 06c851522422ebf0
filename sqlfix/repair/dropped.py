"""What a change of the schema drops, as an SQL script beside the backup: it puts back the tables and columns."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path

from sqlfix.errors import RolledBack
from sqlfix.model.schema import Column, Schema, Table
from sqlfix.model.schema_plans import SchemaPlan, SchemaStep
from sqlfix.model.values import folded
from sqlfix.repair.change import USUAL, ChangeOptions
from sqlfix.repair.returned_column import returned
from sqlfix.repair.schema_change import change_schema
from sqlfix.repair.verification import AGAIN
from sqlfix.scan.run import count_rows
from sqlfix.schema.catalogue import read_schema
from sqlfix.sql.create_table import read_create_table
from sqlfix.sql.literals import literal, names, quote, rows_of_literals
from sqlfix.sql.predicates import is_row, stored
from sqlfix.sql.rebuild_statements import terminated
from sqlfix.sql.tokens import known_tokens
from sqlfix.sqlite import interrupts
from sqlfix.sqlite.files import new_file, stamped
from sqlfix.sqlite.stored_values import as_stored
from sqlfix.text import plural, shown

AT_A_TIME = 100
"""Rows to a statement."""


def change_with_export(path: Path, plan: SchemaPlan, options: ChangeOptions = USUAL) -> SchemaPlan:
    """Carry out a change of the schema; what it drops is exported first, by the state that is locked.

    Raises:
        SqlfixError: and nothing was changed.
    """
    if plan.schema is None or not any(_drops(plan.schema, step) for step in plan.steps):
        return change_schema(path, plan, options)
    database = path.resolve()
    beside = options.backup_to or database
    to = stamped((beside if beside.is_dir() else beside.parent) / database.name, ".dropped-{}.sql")

    def first(connection: sqlite3.Connection) -> None:
        require_as_planned(connection, plan.steps)
        _export(connection, plan.steps, database, to)

    try:
        done = change_schema(path, plan, replace(options, first=first))
    except BaseException:
        if not interrupts.was_committed():  # nothing was changed
            to.unlink(missing_ok=True)
        raise
    return replace(done, exported=str(to))


def _drops(schema: Schema, step: SchemaStep) -> bool:
    """True of a step by which a table or a column goes."""
    if step.deed == "drop":
        return step.kind == "table"
    table = schema.table(step.name)
    return step.deed == "rebuild" and table is not None and bool(_columns_that_go(table, step))


def _columns_that_go(table: Table, step: SchemaStep) -> list[Column]:
    """The columns of a table that its new text has no more, and whose values no other column gets."""
    kept = {folded(column.name) for column in read_create_table(step.text).columns}
    kept |= {folded(token.name or "") for value in step.values.values() for token in known_tokens(value)}
    return [column for column in table.columns if folded(column.name) not in kept]


def _export(connection: sqlite3.Connection, steps: Iterable[SchemaStep], database: Path, to: Path) -> None:
    """Write what some steps drop, with all rows, before it is dropped.

    Raises:
        SqlfixError: where the script cannot be written; nothing is left of it then.
    """
    with (
        new_file(to, database, "script of what is dropped") as partial,
        partial.open("w", encoding="utf-8", newline="\n") as file,
    ):
        file.writelines(f"{line}\n" for line in _script(connection, read_schema(connection), steps, database))


def require_as_planned(connection: sqlite3.Connection, steps: Iterable[SchemaStep]) -> None:
    """Raise RolledBack where a table that goes has not as many rows as the plan said: no row goes unseen."""
    for step in steps:
        if step.kind == "table" and step.deed == "drop" and (rows := count_rows(connection, step.name)) != step.rows:
            raise RolledBack(f"{step.name} has {plural(rows, 'row')}, but {step.rows:,} were to go", AGAIN)


def _script(
    connection: sqlite3.Connection, schema: Schema, steps: Iterable[SchemaStep], database: Path
) -> Iterator[str]:
    yield f"-- What sqlfix dropped from {shown(str(database))}. To put it back: sqlite3 -bail FILE < THIS_SCRIPT"
    yield "PRAGMA foreign_keys = OFF;"
    yield "BEGIN;"
    for step in steps:
        table = schema.table(step.name)
        if table is not None and step.kind == "table" and step.deed == "drop":
            yield from _table(connection, table)
        elif table is not None and step.deed == "rebuild":
            yield from _columns(connection, table, step)
    yield "COMMIT;"


def _table(connection: sqlite3.Connection, table: Table) -> Iterator[str]:
    yield terminated(table.sql)
    columns = [column.name for column in table.columns if not column.generated]
    # a rowid that is no column is kept as well: something outside of the file may know it
    key = [name for name in table.row_id if not table.without_rowid and not table.column(name)]
    listed = [*key, *columns]
    rows = as_stored(connection, [quote(name) for name in listed], f"FROM {stored(table)}")
    while some := list(islice(rows, AT_A_TIME)):
        yield f"INSERT INTO {quote(table.name)} ({names(listed)}) VALUES {rows_of_literals(some)};"
    yield from _sequence(connection, table)
    yield from (terminated(index.created_by[1]) for index in table.indexes if index.created_by)
    yield from (terminated(trigger.sql) for trigger in table.triggers)


def _sequence(connection: sqlite3.Connection, table: Table) -> Iterator[str]:
    """The highest key that an AUTOINCREMENT has ever given."""
    if not connection.execute("SELECT 1 FROM main.sqlite_master WHERE name = 'sqlite_sequence'").fetchone():
        return
    for (seq,) in connection.execute("SELECT seq FROM main.sqlite_sequence WHERE name = ?", (table.name,)):
        yield f"DELETE FROM main.sqlite_sequence WHERE name = {literal(table.name)};"
        yield f"INSERT INTO main.sqlite_sequence VALUES ({literal(table.name)}, {literal(seq)});"


def _columns(connection: sqlite3.Connection, table: Table, step: SchemaStep) -> Iterator[str]:
    columns = _columns_that_go(table, step)
    if not columns:
        return
    yield f"-- {shown(table.name)} was: {shown(table.sql)}"
    keyed = _by_key(table)
    if keyed is table and not table.without_rowid and not table.integer_key:
        yield f"-- {shown(table.name)} has no key, so its rows are named by their rowids. The script works for this"
        yield "-- file only: not after a VACUUM, nor for a dump or a copy loaded from one."
    yield from _without_triggers(table)
    for column in columns:
        back = returned(table, column.name)
        yield f"ALTER TABLE {quote(table.name)} ADD COLUMN {_ended(back.definition)};"
        for clause in back.lost:
            yield f"-- ADD COLUMN does not take this of {shown(column.name)}: {shown(clause)}"
        if column.generated:
            continue
        wanted = [quote(name) for name in (*keyed.row_id, column.name)]
        for *key, value in as_stored(connection, wanted, f"FROM {stored(table)}"):
            which = is_row(keyed, "c", [literal(part) for part in key])
            yield f"UPDATE {quote(table.name)} AS c SET {quote(column.name)} = {literal(value)} WHERE {which};"
        yield from (
            terminated(index.created_by[1])
            for index in table.indexes
            if index.created_by and [part.name for part in index.columns] == [column.name]
        )
    yield from (terminated(trigger.sql) for trigger in table.triggers)


def _by_key(table: Table) -> Table:
    """The table with its rows told apart by its own primary key, which a VACUUM leaves as it is, if it has one."""
    index = next((index for index in table.indexes if index.origin == "pk"), None)
    columns = [table.column(name) for name in table.primary_key]
    if table.without_rowid or not index or not all(column and column.not_null for column in columns):
        return table
    by_name = {folded(part.name or ""): part.collation for part in index.columns}
    return replace(
        table, row_id=table.primary_key, row_collations=tuple(by_name[folded(name)] for name in table.primary_key)
    )


def _without_triggers(table: Table) -> Iterator[str]:
    """Drop the triggers of a table, unless they are others by now: at the end they are made again, to the letter."""
    if not table.triggers:
        return
    of_table = f"type = 'trigger' AND lower(tbl_name) = lower({literal(table.name)})"
    known = rows_of_literals([(trigger.name, trigger.sql) for trigger in table.triggers])
    there = f"(SELECT count(*) FROM main.sqlite_master WHERE {of_table})"
    alike = f"(SELECT count(*) FROM main.sqlite_master WHERE {of_table} AND (name, sql) IN (VALUES {known}))"
    yield f"-- The triggers of {shown(table.name)} would fire: they go, and are made again at the end."
    yield (
        "CREATE TEMP TABLE sqlfix_triggers (there INTEGER, alike INTEGER, known INTEGER,"
        ' CONSTRAINT "the triggers are others by now: nothing was changed" CHECK (there = alike AND there = known));'
    )
    yield f"INSERT OR ROLLBACK INTO temp.sqlfix_triggers SELECT {there}, {alike}, {len(table.triggers)};"
    yield "DROP TABLE temp.sqlfix_triggers;"
    yield from (f"DROP TRIGGER main.{quote(trigger.name)};" for trigger in table.triggers)


def _ended(definition: str) -> str:
    """A definition behind which a semicolon can stand: a comment at its end would hide it."""
    return terminated(definition).removesuffix(";")
