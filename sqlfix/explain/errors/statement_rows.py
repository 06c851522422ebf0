"""Which rows of a file the conditions of a failed statement are true of, as SQL of the tool's own.

Nothing of the statement is run: only columns that the file has, known operators and values as literals are written.
"""

from __future__ import annotations

from sqlfix.explain.errors.conditions import Condition, DoubleQuoted, Query, Where, equalities
from sqlfix.frozen import frozen
from sqlfix.model.schema import Schema, Table
from sqlfix.model.values import ROWID_NAMES, Value, folded
from sqlfix.sql.literals import all_of, any_of, literal, quote


@frozen
class Narrowed:
    """SQL that is true of the rows a statement is for; ``whole`` is false where it may be true of others as well."""

    sql: str
    whole: bool = True


def narrowed(
    where: Where | None, table: Table, schema: Schema, alias: str = "", around: tuple[Table, ...] = ()
) -> Narrowed | None:
    """The rows of a table that conditions are true of, or None where they tell none from others.

    Args:
        alias: of the table in the statement that the SQL becomes a part of.
        around: of the conditions of a query, the tables that it stands within: their columns are known in it as well.
    """
    if where is None or table.kind != "table":
        return None
    if isinstance(where, Condition):
        return _condition(where, table, schema, alias, around)
    parts = [narrowed(part, table, schema, alias, around) for part in where.parts]
    some = [part for part in parts if part is not None]
    whole = len(some) == len(parts) and all(part.whole for part in some)
    if not some or (where.link == "OR" and len(some) < len(parts)):
        return None
    return Narrowed((all_of if where.link == "AND" else any_of)([f"({part.sql})" for part in some]), whole)


def _condition(
    condition: Condition, table: Table, schema: Schema, alias: str, around: tuple[Table, ...]
) -> Narrowed | None:
    name = column_of(table, condition.column)
    named = [value for value in condition.values if isinstance(value, DoubleQuoted)]
    if name is None or any(column_of(known, value) for value in named for known in (table, *around)):
        return None
    column = f"{alias}.{quote(name)}" if alias else quote(name)
    if condition.query is not None:
        inner = _query(condition.query, schema, f"{alias or 'q'}q", (table, *around))
        if inner is None or not (inner.whole or condition.operator == "IN"):
            return None
        return Narrowed(f"{column} {condition.operator} ({inner.sql})", inner.whole)
    if condition.operator in ("IN", "NOT IN"):
        return Narrowed(f"{column} {condition.operator} ({', '.join(map(literal_of, condition.values))})")
    escape = f" ESCAPE {literal_of(condition.values[1])}" if len(condition.values) > 1 else ""
    return Narrowed(f"{column} {condition.operator} {literal_of(condition.values[0])}{escape}")


def column_of(table: Table, name: str) -> str | None:
    """What a table calls a column; the rowid as well, by any of its names."""
    column = table.column(name)
    if column is not None:
        return column.name
    if folded(name) in ROWID_NAMES and not table.without_rowid and len(table.row_id) == 1:
        return table.row_id[0]
    return name if name in table.row_id else None


def _query(query: Query, schema: Schema, alias: str, around: tuple[Table, ...]) -> Narrowed | None:
    table = schema.table(query.table)
    name = column_of(table, query.column) if table and table.kind == "table" else None
    if table is None or name is None:
        return None
    where = narrowed(query.where, table, schema, alias, around)
    condition = f" WHERE {where.sql}" if where else ""
    whole = query.where is None or (where is not None and where.whole)
    if query.limited:
        given = {folded(name) for name, _ in equalities(query.where)}
        whole = whole and bool(table.primary_key) and {folded(name) for name in table.primary_key} <= given
    return Narrowed(f"SELECT {alias}.{quote(name)} FROM {quote(table.name)} AS {alias}{condition}", whole)


def literal_of(value: Value) -> str:
    """A value of a statement as SQL."""
    return literal(str(value) if isinstance(value, DoubleQuoted) else value)
