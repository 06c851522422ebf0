"""What a change of the schema drops, as an SQL script beside the backup: it puts back the tables and columns."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from sqlfix.errors import RolledBack
from sqlfix.model.schema import Column, Schema, Table
from sqlfix.model.schema_plans import SchemaStep
from sqlfix.model.values import folded
from sqlfix.repair.verification import AGAIN
from sqlfix.scan.run import count_rows
from sqlfix.sql.create_table import read_create_table
from sqlfix.sql.literals import literal, names, quote, rows_of_literals
from sqlfix.sql.predicates import is_row, stored
from sqlfix.sql.rebuild_statements import terminated
from sqlfix.sqlite.files import new_file, stamped
from sqlfix.sqlite.stored_values import as_stored
from sqlfix.text import plural, shown

AT_A_TIME = 100
"""Rows to a statement."""


def export_path(database: Path, folder: Path) -> Path:
    """Where the script goes: into the folder of the backup, under the database's name; one that is not there yet."""
    return stamped(folder / database.name, ".dropped-{}.sql")


def export(
    connection: sqlite3.Connection, schema: Schema, steps: Iterable[SchemaStep], database: Path, to: Path
) -> None:
    """Write what some steps drop, with all rows, before it is dropped.

    Raises:
        SqlfixError: where the script cannot be written; nothing is left of it then.
    """
    with (
        new_file(to, database, "script of what is dropped") as partial,
        partial.open("w", encoding="utf-8", newline="\n") as file,
    ):
        file.writelines(f"{line}\n" for line in _script(connection, schema, steps, database))


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
    yield from (terminated(index.created_by[1]) for index in table.indexes if index.created_by)
    yield from (terminated(trigger.sql) for trigger in table.triggers)


def _columns(connection: sqlite3.Connection, table: Table, step: SchemaStep) -> Iterator[str]:
    kept = {folded(column.name) for column in read_create_table(step.text).columns}
    for column in (column for column in table.columns if folded(column.name) not in kept):
        yield f"-- {shown(table.name)}.{shown(column.name)} was a column of this table: {shown(table.sql)}"
        yield f"ALTER TABLE {quote(table.name)} ADD COLUMN {_declared(column)};"
        if column.generated:
            continue
        wanted = [quote(name) for name in (*table.row_id, column.name)]
        for *key, value in as_stored(connection, wanted, f"FROM {stored(table)}"):
            which = is_row(table, "c", [literal(part) for part in key])
            yield f"UPDATE {quote(table.name)} AS c SET {quote(column.name)} = {literal(value)} WHERE {which};"
        yield from (
            terminated(index.created_by[1])
            for index in table.indexes
            if index.created_by and [part.name for part in index.columns] == [column.name]
        )


def _declared(column: Column) -> str:
    """The column as ALTER TABLE can add it: what else was declared stands in the text of the table."""
    collation = f" COLLATE {quote(column.collation)}" if column.collation != "BINARY" else ""
    return f"{quote(column.name)} {column.type}{collation}"
