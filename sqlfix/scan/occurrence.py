"""When orphans came about, and what speaks for a placeholder: facts that are measured only where there are orphans."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from sqlfix.model.findings import Row
from sqlfix.model.schema import Column
from sqlfix.model.values import Fact, Value
from sqlfix.sql.declared_types import is_date_column
from sqlfix.sql.literals import quote
from sqlfix.sql.predicates import stored
from sqlfix.sqlite.deadline import overlooking

if TYPE_CHECKING:
    from sqlfix.scan.orphans import Probe

ENOUGH = 100
"""A table of fewer rows has too few keys to tell from them when something happened."""
POINTS = 4
"""Into so many parts a table is cut, to see at their ends that the days grow with the keys."""
_LITERAL = re.compile(r"([-+]?[0-9]+)|'([^']*)'")
_DAY = "[0-9]" * 4 + "-[0-9][0-9]-[0-9][0-9]*"


def occurrence(probe: Probe, check: str) -> dict[str, Fact]:
    """When the rows of a class came about: their first and last day, and that of the newest row of the table.

    The newest row is that of the greatest rowid, so the days must grow with it. Without days the keys themselves say
    it, if they are the rowid. Nothing is said where neither tells.
    """
    table = probe.child
    if table.without_rowid or len(table.row_id) != 1 or not probe.by_index:
        return {}
    with overlooking(sqlite3.DatabaseError):
        days = (column for column in table.columns if is_date_column(column) and not column.generated)
        column = next((column for column in days if _grows(probe, column)), None)
        if column is None and (not table.integer_key or (probe.look.sizes.get(table.name) or 0) < ENOUGH):
            return {}
        if column is not None:
            return _days(probe, column, check)
        ends = (_end(probe, check, "ASC"), _end(probe, check, "DESC"), _end(probe, None, "DESC"))
        return {"keyed_by": table.integer_key, **dict(zip(("first_key", "last_key", "newest_key"), ends, strict=True))}
    return {}


def _days(probe: Probe, column: Column, check: str) -> dict[str, Fact]:
    """The days of a class and of the newest row; nothing where one of its rows has none."""
    day, which = _day(column), f"{probe.condition} AND {probe.of_class(check)}"
    first, last, without = probe.connection.execute(
        f"SELECT min({day}), max({day}), count(*) - count({day}) FROM {probe.children} WHERE {which}"
    ).fetchone()
    rowid = f"c.{quote(probe.child.row_id[0])}"
    newest = probe.connection.execute(
        f"SELECT {day} FROM {stored(probe.child, 'c')} ORDER BY {rowid} DESC LIMIT 1"
    ).fetchone()[0]
    if first is None or without or newest is None or newest < last:
        return {}
    return {"dated_by": column.name, "first_day": first, "last_day": last, "newest_day": newest}


def when(facts: Mapping[str, Fact]) -> str:
    """What `occurrence` has found, in words, to follow what a finding says; empty if that is nothing."""
    by, what = ("dated_by", "day") if facts.get("dated_by") else ("keyed_by", "key")
    if not facts.get(by):
        return ""
    first, last, newest = (facts[f"{name}_{what}"] for name in ("first", "last", "newest"))
    span = f"{first}" if first == last else f"{first} to {last}"
    return f"; orphans: {facts[by]} {span}, newest row {newest}"


def _day(column: Column) -> str:
    """SQL for the day of a row ``c``; NULL where its value is none that is surely a day."""
    value = f"c.{quote(column.name)}"
    return (
        f"CASE WHEN typeof({value}) = 'text' AND {value} GLOB '{_DAY}' THEN substr({value}, 1, 10)"
        f" WHEN typeof({value}) = 'integer' AND {value} BETWEEN 100000000 AND 4102444800"
        f" THEN date({value}, 'unixepoch') END"
    )


def _end(probe: Probe, check: str | None, order: str) -> int:
    """The first or the last rowid: of a class, or of the table."""
    rowid = f"c.{quote(probe.child.row_id[0])}"
    source = probe.children if check else stored(probe.child, "c")
    which = f"{probe.condition} AND {probe.of_class(check)}" if check else "1"
    query = f"SELECT {rowid} FROM {source} WHERE {which} ORDER BY {rowid} {order} LIMIT 1"
    return int(probe.connection.execute(query).fetchone()[0])


def _grows(probe: Probe, column: Column) -> bool:
    """True if the days of a column grow with the rowid, as far as a few rows show it."""
    rowid, source = f"c.{quote(probe.child.row_id[0])}", stored(probe.child, "c")
    low, high = probe.connection.execute(f"SELECT min({rowid}), max({rowid}) FROM {source}").fetchone()
    if low is None or high - low < 2:  # so few rows show nothing
        return False
    said: list[str | None] = []
    for part in range(POINTS + 1):
        start = low + (high - low) * part // POINTS
        query = f"SELECT {_day(column)} FROM {source} WHERE {rowid} >= {start} ORDER BY {rowid} LIMIT 1"
        said += probe.connection.execute(query).fetchone() or ()
    days = [day for day in said if day is not None]
    return len(days) == len(said) and days == sorted(days)


# -- placeholders -------------------------------------------------------------------------------------------------


def evidence(probe: Probe, sample: tuple[Row, ...]) -> dict[str, Fact]:
    """What speaks for a value that means "none": how many of the orphans hold one, the DEFAULT, the keys of parents."""
    figures, fk = probe.figures, probe.foreign_key
    found: dict[str, Fact] = {"of_orphans": figures.orphans + figures.placeholders}
    values = [value for row in sample for _, value in row.values]
    column = probe.child.column(fk.child_columns[0])
    if len(fk.child_columns) == 1 and column and any(_is_default(column, value) for value in values):
        found["is_default"] = column.default
    if len(fk.child_columns) == 1 and probe.parent.integer_key in fk.parent_columns:
        found.update(_keys(probe))
    return found


def _is_default(column: Column, value: Value) -> bool:
    """True for a value that is the DEFAULT of its column, if that is a plain literal; no other is run."""
    match = _LITERAL.fullmatch((column.default or "").strip())
    return match is not None and value is not None and str(value) == (match[1] or match[2] or "")


def _keys(probe: Probe) -> Iterator[tuple[str, Fact]]:
    """The lowest and the highest key of the parents, and the highest there ever was, if SQLite has written it down."""
    parent = probe.parent
    with overlooking(sqlite3.DatabaseError):
        key, source = f"c.{quote(parent.integer_key or '')}", stored(parent, "c")
        ends = [
            probe.connection.execute(f"SELECT {key} FROM {source} ORDER BY {key} {order} LIMIT 1").fetchone()
            for order in ("ASC", "DESC")
        ]
        if all(ends):
            yield from (("lowest_key", ends[0][0]), ("highest_key", ends[1][0]))
    with overlooking(sqlite3.DatabaseError):
        ever = probe.connection.execute("SELECT seq FROM sqlite_sequence WHERE name = ?", (parent.name,)).fetchone()
        if ever and isinstance(ever[0], int):
            yield "highest_key_ever", ever[0]
