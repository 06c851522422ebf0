"""Rows of one table that are the same in some columns: what makes them so, and how many there are."""

import sqlite3
from collections.abc import Sequence
from dataclasses import replace

from sqlfix.model.findings import SameRows
from sqlfix.model.schema import Table
from sqlfix.model.values import folded
from sqlfix.sql.literals import literal, quote
from sqlfix.sql.predicates import grouped, is_placeholder_value, is_there, stored

MOST_SHOWN = 5
"""Values that are shown."""


def where_too(rows: SameRows, condition: str) -> SameRows:
    """Those of the rows for which a condition holds as well."""
    return replace(rows, where=f"({rows.where}) AND {condition}" if rows.where else condition)


def without_none(rows: SameRows) -> SameRows:
    """The rows but for those whose value stands for "none", unless that was asked for: those are not the same."""
    return rows if rows.by_value else where_too(rows, f"NOT ({_stands_for_none(rows.terms)})")


def of_none(rows: SameRows) -> SameRows:
    """The rows whose value stands for "none", of a composite key one of the values."""
    return where_too(rows, f"({_stands_for_none(rows.terms)})")


def _stands_for_none(terms: Sequence[str]) -> str:
    """True of a row one of whose terms (SQL) is a value that programs store for "none"; never NULL."""
    return " OR ".join(f"({is_placeholder_value(f'({term})')})" for term in terms)


def only_part(table: Table, columns: Sequence[str]) -> str | None:
    """Why rows with the same values there are not the same: the columns are only a part of what has to be unique."""
    wanted = {folded(name) for name in columns}
    keys = [(table.primary_key, "")]
    for index in (index for index in table.indexes if index.unique):
        key = tuple(c.name for c in index.columns if c.name)
        keys.append((key, index.name if index.partial or len(key) < len(index.columns) else ""))
    found = [(key, {folded(name) for name in key}, special) for key, special in keys]
    if any(own == wanted and not special for _, own, special in found):
        return None
    if special := next((special for _, own, special in found if special and wanted <= own), None):
        return f"the unique index {special} covers more than these columns, or only some rows"
    larger = next((key for key, own, _ in found if wanted < own), None)
    return f"only ({', '.join(larger)}) together are unique" if larger else None


def values_for_none(connection: sqlite3.Connection, rows: SameRows) -> tuple[str, str]:
    """The values that stand for "none" as SQL for a person, and what is to be done with them.

    They are those of the first column that has such values, where there is one; of many the first.
    """
    table = quote(rows.table.name)
    for column in (column for name in rows.columns if (column := rows.table.column(name))):
        name = quote(column.name)
        found = connection.execute(
            f"SELECT DISTINCT {name} COLLATE BINARY FROM {stored(rows.table)}"
            f" WHERE {is_placeholder_value(name)} LIMIT {MOST_SHOWN}"
        ).fetchall()
        if not found:
            continue
        values = [literal(value) for (value,) in found]
        which = f"= {values[0]}" if len(values) == 1 else f"IN ({', '.join(values)})"
        shown = f"{column.name} {' or '.join(values)}"
        if column.generated or column.not_null or column.primary_key:
            return shown, f"{column.name} cannot be NULL, so no UNIQUE allows them"
        return shown, f"UPDATE {table} SET {name} = NULL WHERE {name} {which}; UNIQUE takes any number of NULLs"
    raise LookupError(rows.table.name)


def count_groups(connection: sqlite3.Connection, rows: SameRows) -> tuple[int, int]:
    """How many groups of rows that are the same there are, and how many rows are in them."""
    groups, number = connection.execute(counting(rows, "count(*), total(n)")).fetchone()
    return int(groups), int(number)


def counting(rows: SameRows, what: str = "count(*)") -> str:
    """SQL of how many groups of rows are the same, or something else about them; ``n`` is how many rows are in one."""
    where = f" WHERE {rows.where}" if rows.where else ""
    return f"SELECT {what} FROM (SELECT count(*) AS n FROM {stored(rows.table)}{where}{by_twos(rows.terms)})"


def by_twos(terms: Sequence[str]) -> str:
    """SQL that groups rows by some terms, and keeps groups of more than one; rows with a NULL are never the same."""
    return f" GROUP BY {grouped(terms)} HAVING {' AND '.join(['count(*) > 1', *map(is_there, terms)])}"
