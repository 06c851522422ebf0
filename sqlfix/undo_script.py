"""The reversal of a repair as an SQL script, from its record: each row with its values, and nothing else."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from sqlfix.archive import Archived, all_of
from sqlfix.database import looking_at
from sqlfix.display import shown
from sqlfix.fixes.update import can_be_overruled
from sqlfix.model import Schema, Table, Value
from sqlfix.record import Record
from sqlfix.sql import literal, quote
from sqlfix.stored_rows import as_stored

ORDER = {"insert": 1, "update": 2, "delete": 3}


def undo_script(record: Record, schema: Schema) -> Iterator[str]:
    """The script, in lines without their line ends; one row is held at a time.

    A row that was changed again since is left alone by it, and so is one whose value has come to stand in another row:
    an ON CONFLICT REPLACE of its table would delete that one. The file's own triggers fire: where they do more than
    keeping a search index in step, use ``sqlfix undo`` itself. Of rows that only their values tell apart, those that
    have their like are left alone.

    Args:
        schema: that of the database which the script is for.
    """
    yield f"-- Reversal of the {shown(record.kind)} {shown(record.name)}: {record.rows:,} rows. Written by sqlfix."
    yield "-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT"
    yield "PRAGMA foreign_keys = OFF;"
    yield "BEGIN;"
    documents = [archived for archived in record.tables if archived.told_by == "documents"]
    with looking_at(record.path) as connection:
        for what in sorted(ORDER, key=lambda word: ORDER[word]):
            for archived in record.tables:
                if archived.told_by != "documents":
                    yield from _reversal(connection, schema.table(archived.table), archived, what)
    for archived in documents:
        name = quote(archived.table)
        yield "-- made anew from the text that it is of, if that is in a table:"
        yield f"INSERT INTO {name} ({name}) VALUES ('rebuild');"
    yield "COMMIT;"


def _reversal(connection: sqlite3.Connection, table: Table | None, archived: Archived, what: str) -> Iterator[str]:
    """The statements for the rows of a table to which one thing happened."""
    first = True
    for old, new in _rows(connection, archived, what):
        if first:
            yield f"-- {shown(archived.table)}: rows that were {shown(what.rstrip('e'))}ed"
            if archived.told_by == "values":
                yield "-- only their values tell these rows apart: run this once; of several alike none is changed"
        first = False
        yield _statement(table, archived, what, old, new)


Side = dict[str, Value]


def _rows(connection: sqlite3.Connection, archived: Archived, what: str) -> Iterator[tuple[Side, Side]]:
    """The rows of the record, each as it was and as it became; one is held at a time, also where it is in parts."""
    rows = archived.in_record()
    parts = []
    for place, table in enumerate(rows.tables):
        columns = [
            f"r{place or ''}.{quote(f'{side} {name}')}" for side in ("old", "new") for name in archived.parts[place]
        ]
        joined = "" if place == 0 else f" CROSS JOIN {table} AS r{place} ON r{place}.rowid = r.rowid"
        query = f"FROM {rows.tables[0]} AS r{joined} WHERE r.what = '{what}' ORDER BY r.rowid"
        parts.append(as_stored(connection, columns, query))
    for found in zip(*parts, strict=True):
        old: Side = {}
        new: Side = {}
        for names, values in zip(archived.parts, found, strict=True):
            old |= zip(names, values[: len(names)], strict=True)
            new |= zip(names, values[len(names) :], strict=True)
        yield old, new


def _statement(declared: Table | None, archived: Archived, what: str, old: Side, new: Side) -> str:
    table = quote(archived.table)
    if what == "delete":
        columns = ", ".join(quote(name) for name in archived.columns)
        values = ", ".join(literal(old[name]) for name in archived.columns)
        return f"INSERT OR IGNORE INTO {table} ({columns}) VALUES ({values});"
    keys = [f"{quote(name)} = {literal(new[name])}" for name in archived.row_id]  # these find it by an index
    still = all_of([*keys, *(_holds(name, new[name]) for name in archived.columns)])
    if not keys:
        still = f"{still} AND (SELECT count(*) FROM {table} WHERE {still}) = 1"
    if what == "insert":
        return f"DELETE FROM {table} WHERE {still};"
    changed = [name for name in archived.columns if (type(old[name]), old[name]) != (type(new[name]), new[name])]
    settings = ", ".join(f"{quote(name)} = {literal(old[name])}" for name in changed)
    or_ignore = " OR IGNORE" if declared and can_be_overruled(declared, changed) else ""
    return f"UPDATE{or_ignore} {table} SET {settings} WHERE {still};"


def _holds(name: str, value: Value) -> str:
    """That a column holds this very value; ``IS NULL`` would be taken for never true where the column is NOT NULL."""
    if value is None:
        return f"typeof({quote(name)}) = 'null'"
    return f"+{quote(name)} IS {literal(value)} COLLATE BINARY AND typeof({quote(name)}) = typeof({literal(value)})"
