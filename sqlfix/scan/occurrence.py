"""When orphans came about, and what speaks for a placeholder: facts that are measured only where there are orphans."""

import re
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import replace

from sqlfix.model.findings import Finding, Report, Row
from sqlfix.model.schema import Column
from sqlfix.model.values import Fact, Subject, Value
from sqlfix.scan.candidates import Look
from sqlfix.scan.orphans import Probe
from sqlfix.sql.declared_types import is_date_column
from sqlfix.sql.literals import quote
from sqlfix.sql.predicates import stored
from sqlfix.sqlite.deadline import overlooking

CHECKS = ("orphan-rows", "placeholder-values")
ENOUGH = 100
"""A table of fewer rows has too few keys to tell from them when something happened."""
FEW = 1000
"""So many rows can be named in a statement."""
POINTS = 4
"""Into so many parts a table is cut, to see at their ends that the days grow with the keys."""
_LITERAL = re.compile(r"([-+]?[0-9]+)|'([^']*)'")
_DAY = "[0-9]" * 4 + "-[0-9][0-9]-[0-9][0-9]*"


def with_occurrence(connection: sqlite3.Connection, look: Look, report: Report) -> Report:
    """The report of a scan, its findings of orphans with what is measured here among their facts."""
    schema = look.schema
    keys = schema.usable_keys()
    every: dict[Subject, int | None] = {
        seen.foreign_key.subject: seen.orphans for seen in report.relationships if seen.checked
    }
    found: list[Finding] = []
    growing: dict[str, Column | None] = {}
    for finding in report.findings:
        if finding.check not in CHECKS or finding.subject not in keys:
            found.append(finding)
            continue
        probe = Probe(connection, schema, keys[finding.subject], look)
        facts = occurrence(probe, finding.check, growing) if _is_plain(probe) else {}
        if finding.check == CHECKS[1]:
            facts = {"of_orphans": every.get(finding.subject), **evidence(probe, finding.sample), **facts}
        found.append(replace(finding, facts={**finding.facts, **facts}) if facts else finding)
    return replace(report, findings=tuple(found))


def _is_plain(probe: Probe) -> bool:
    """True where nothing is damaged, and no column of the key is computed by what the schema says."""
    columns = [probe.child.column(name) for name in probe.foreign_key.child_columns]
    columns += [probe.parent.column(name) for name in probe.foreign_key.parent_columns]
    return not probe.doubt and not any(column is None or column.generated for column in columns)


def occurrence(probe: Probe, check: str, growing: dict[str, Column | None]) -> dict[str, Fact]:
    """When the rows of a class came about: their first and last day, and that of the newest row of the table.

    The newest row is that of the greatest rowid, so the days must grow with it. Without days the keys themselves say
    it, if they are the rowid. Nothing is said where neither tells.

    Args:
        growing: what `_growing` says of a table, by its name; it is filled here, for a table may have very many keys.
    """
    table = probe.child
    if table.without_rowid or len(table.row_id) != 1:
        return {}
    with overlooking(sqlite3.DatabaseError):
        if table.name not in growing:
            growing[table.name] = _growing(probe)
        if column := growing[table.name]:
            return _days(probe, column, check)
        if table.integer_key and (probe.look.sizes.get(table.name) or 0) >= ENOUGH:
            return {"keyed_by": table.integer_key, **_keys(probe, check)}
    return {}


def _days(probe: Probe, column: Column, check: str) -> dict[str, Fact]:
    """The days of a class and of the newest row; nothing where one of its rows has none."""
    day = _day(column)
    newest = f"SELECT {day} FROM {stored(probe.child, 'c')} ORDER BY {_rowid(probe)} DESC LIMIT 1"
    first, last, without, newest_day = probe.connection.execute(
        f"SELECT min({day}), max({day}), count(*) - count({day}), ({newest}) FROM {_orphans(probe, check)}"
    ).fetchone()
    if first is None or without or newest_day is None or newest_day < last:
        return {}
    return {"dated_by": column.name, "first_day": first, "last_day": last, "newest_day": newest_day}


def _keys(probe: Probe, check: str) -> dict[str, Fact]:
    """The first and the last key of a class, and that of the newest row."""
    rowid, some = _rowid(probe), _orphans(probe, check)
    ends = (f"SELECT {rowid} FROM {some} ORDER BY {rowid} {by} LIMIT 1" for by in ("ASC", "DESC"))
    newest = f"SELECT max({rowid}) FROM {stored(probe.child, 'c')}"
    found = probe.connection.execute(f"SELECT {', '.join(f'({query})' for query in (*ends, newest))}").fetchone()
    return dict(zip(("first_key", "last_key", "newest_key"), found, strict=True))


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


def _orphans(probe: Probe, check: str) -> str:
    """The rows ``c`` of a class, for a FROM clause; a few are named, which takes no temporary table."""
    which, suspects = f"{probe.condition} AND {probe.of_class(check)}", probe.suspects
    if suspects and suspects.rows is not None and len(suspects.rows) <= FEW:
        named = f"{_rowid(probe)} IN ({', '.join(map(str, suspects.rows))})"
        return f"{stored(probe.child, 'c')} WHERE {named} AND {which}"
    return f"{probe.children} WHERE {which}"


def _rowid(probe: Probe) -> str:
    return f"c.{quote(probe.child.row_id[0])}"


def _growing(probe: Probe) -> Column | None:
    """The first column whose days grow with the rowid, as far as a few rows show it."""
    columns = [column for column in probe.child.columns if is_date_column(column) and not column.generated]
    if not columns:
        return None
    rowid, source = _rowid(probe), stored(probe.child, "c")
    points = [f"(low + (high - low) * {part} / {POINTS})" for part in range(POINTS + 1)]
    days = ", ".join(
        f"(SELECT {_day(column)} FROM {source} WHERE {rowid} >= {point} ORDER BY {rowid} LIMIT 1)"
        for column in columns
        for point in points
    )
    ends = f"SELECT (SELECT min({rowid}) FROM {source}) AS low, (SELECT max({rowid}) FROM {source}) AS high"
    spread, *said = probe.connection.execute(f"SELECT high - low, {days} FROM ({ends})").fetchone()
    if spread is None or spread < 2:  # so few rows show nothing
        return None
    for place, column in enumerate(columns):
        own = said[place * len(points) : (place + 1) * len(points)]
        if None not in own and own == sorted(own):
            return column
    return None


# -- placeholders -------------------------------------------------------------------------------------------------


def evidence(probe: Probe, sample: tuple[Row, ...]) -> dict[str, Fact]:
    """What speaks for a value that means "none": the DEFAULT of its column, and the keys of the parents."""
    fk = probe.foreign_key
    found: dict[str, Fact] = {}
    values = [value for row in sample for _, value in row.values]
    column = probe.child.column(fk.child_columns[0])
    if len(fk.child_columns) == 1 and column and any(_is_default(column, value) for value in values):
        found["is_default"] = column.default
    if len(fk.child_columns) == 1 and probe.parent.integer_key in fk.parent_columns:
        found.update(_keys_of_parents(probe))
    return found


def _is_default(column: Column, value: Value) -> bool:
    """True for a value that is the DEFAULT of its column, if that is a plain literal; no other is run."""
    match = _LITERAL.fullmatch((column.default or "").strip())
    return match is not None and value is not None and str(value) == (match[1] or match[2] or "")


def _keys_of_parents(probe: Probe) -> Iterator[tuple[str, Fact]]:
    """The lowest and the highest key of the parents, and the highest there ever was, if SQLite has written it down."""
    parent = probe.parent
    with overlooking(sqlite3.DatabaseError):
        key, source = f"c.{quote(parent.integer_key or '')}", stored(parent, "c")
        low, high = probe.connection.execute(
            f"SELECT (SELECT min({key}) FROM {source}), (SELECT max({key}) FROM {source})"
        ).fetchone()
        if low is not None:
            yield from (("lowest_key", low), ("highest_key", high))
    with overlooking(sqlite3.DatabaseError):
        ever = probe.connection.execute("SELECT seq FROM sqlite_sequence WHERE name = ?", (parent.name,)).fetchone()
        if ever and isinstance(ever[0], int):
            yield "highest_key_ever", ever[0]
