"""The reversal of a repair as an SQL script, from its record alone: each row with its values, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator

from sqlfix.archive import Archived, all_of, rows_as_stored
from sqlfix.database import looking_at
from sqlfix.display import shown
from sqlfix.model import Value
from sqlfix.record import Record
from sqlfix.sql import literal, quote

ORDER = {"insert": 1, "update": 2, "delete": 3}


def undo_script(record: Record) -> Iterator[str]:
    """The script, in lines without their line ends; one row is held at a time.

    A row that was changed again since is left alone by it. The file's own triggers fire: where they do more than
    keeping a search index in step, use ``sqlfix undo`` itself.
    """
    yield f"-- Reversal of the {shown(record.kind)} {shown(record.name)}: {record.rows:,} rows. Written by sqlfix."
    yield "-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT"
    yield "PRAGMA foreign_keys = OFF;"
    yield "BEGIN;"
    with looking_at(record.path) as connection:
        for what in sorted(ORDER, key=lambda word: ORDER[word]):
            for archived in record.tables:
                rows = rows_as_stored(connection, quote(archived.rows), archived, f"what = '{what}'")
                first = True
                for row in rows:
                    if first:
                        yield f"-- {shown(archived.table)}: rows that were {shown(what.rstrip('e'))}ed"
                        first = False
                    width = len(archived.columns)
                    yield _statement(archived, what, row[1 : 1 + width], row[1 + width :])
    yield "COMMIT;"


def _statement(archived: Archived, what: str, old: tuple[Value, ...], new: tuple[Value, ...]) -> str:
    table = quote(archived.table)
    if what == "delete":
        columns = ", ".join(quote(name) for name in archived.columns)
        values = ", ".join(literal(value) for value in old)
        return f"INSERT OR IGNORE INTO {table} ({columns}) VALUES ({values});"
    now = dict(zip(archived.columns, new, strict=True))
    keys = [f"{quote(name)} = {literal(now[name])}" for name in archived.row_id]  # these find it by an index
    still = all_of([*keys, *(_holds(name, value) for name, value in now.items())])
    if what == "insert":
        return f"DELETE FROM {table} WHERE {still};"
    changed = [
        f"{quote(name)} = {literal(before)}"
        for name, before, after in zip(archived.columns, old, new, strict=True)
        if (type(before), before) != (type(after), after)
    ]
    return f"UPDATE {table} SET {', '.join(changed)} WHERE {still};"


def _holds(name: str, value: Value) -> str:
    """That a column holds this very value; ``IS NULL`` would be taken for never true where the column is NOT NULL."""
    if value is None:
        return f"typeof({quote(name)}) = 'null'"
    return f"+{quote(name)} IS {literal(value)} COLLATE BINARY AND typeof({quote(name)}) = typeof({literal(value)})"
