"""What a statement says of the rows that it is for, as values: conditions on columns, and how they are linked. Pure.

They are read off a text that somebody pasted, and never run: `narrowed` makes SQL of its own of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from sqlfix.frozen import frozen
from sqlfix.model.schema import Schema, Table
from sqlfix.model.values import ROWID_NAMES, Pairs, Value, folded
from sqlfix.sql.literals import all_of, any_of, literal, quote
from sqlfix.text import dots, shown_name, shown_value


class DoubleQuoted(str):
    """A value in double quotes: a string to SQLite only where no column is called so."""

    __slots__ = ()


@frozen
class Query:
    """``SELECT column FROM table WHERE where``; without a ``where``, of all rows; ``limited``, of some of them."""

    column: str
    table: str
    where: Where | None = None
    limited: bool = False


@frozen
class Condition:
    """One condition on a column.

    ``operator`` is ``=``, ``<>``, ``<``, ``<=``, ``>``, ``>=``, ``IS``, ``IS NOT``, ``IN``, ``NOT IN``, ``LIKE``, ``NOT
    LIKE``, ``GLOB`` or ``NOT GLOB``. Those with IN have any number of ``values``, or a ``query`` in their place; LIKE
    may have its ESCAPE as a second one; the others have one.
    """

    column: str
    operator: str
    values: tuple[Value, ...] = ()
    query: Query | None = None


@frozen
class Group:
    """Conditions that all have to be true (``AND``), or one of them (``OR``)."""

    link: str
    parts: tuple[Where, ...]


Where = Condition | Group
ALWAYS = Group("AND", ())
"""What is true of every row: ``1 = 1``, as some frameworks write it."""


def group(link: str, parts: Iterable[Where]) -> Where | None:
    """Conditions linked to one; those of a group with the same link stand beside the others."""
    found: list[Where] = []
    for part in parts:
        found += part.parts if isinstance(part, Group) and part.link == link else (part,)
    if len(found) < 2:
        return found[0] if found else None
    return Group(link, tuple(found))


_OPPOSITES = (("=", "<>"), ("<", ">="), (">", "<="), ("IS", "IS NOT"), ("IN", "NOT IN"), ("LIKE", "NOT LIKE"),
              ("GLOB", "NOT GLOB"))  # fmt: skip
_OPPOSITE = {one: other for pair in _OPPOSITES for one, other in (pair, pair[::-1])}


def negated(where: Where) -> Where:
    """True where a condition is false; where that is NULL, this is NULL as well, as SQL's own NOT is."""
    if isinstance(where, Condition):
        return replace(where, operator=_OPPOSITE[where.operator])
    return Group("OR" if where.link == "AND" else "AND", tuple(map(negated, where.parts)))


def any_of_them(parts: Iterable[Where | None]) -> Where | None:
    """True where one of the conditions is; None where there are none, or one is missing: that is true of every row."""
    found = list(parts)
    if not found or any(part is None for part in found):
        return None
    one = [
        part for part in found if isinstance(part, Condition) and part.operator == "=" and part.values[0] is not None
    ]
    if len(one) == len(found) > 1 and len({folded(part.column) for part in one}) == 1:
        return Condition(one[0].column, "IN", tuple(dict.fromkeys(part.values[0] for part in one)))
    return group("OR", (part for part in found if part is not None))


def equalities(where: Where | None) -> Pairs:
    """The values of columns, where a condition says nothing but these."""
    parts = where.parts if isinstance(where, Group) and where.link == "AND" else () if where is None else (where,)
    pairs = [(p.column, p.values[0]) for p in parts if isinstance(p, Condition) and p.operator in ("=", "IS")]
    return tuple(pairs) if len(pairs) == len(parts) else ()


# -- in words ----------------------------------------------------------------------------------------------------

MOST_SHOWN = 12
"""How many causes are written out for a person; the JSON has them all."""


def where_text(where: Where, unicode: bool = True) -> str:
    """Conditions for a person: ``id IN (7, 8)``, ``a=1, b=2``; of a long list, its beginning."""
    if not isinstance(where, Condition):
        equal = where.link == "AND" and all(isinstance(p, Condition) and p.operator == "=" for p in where.parts)
        parts = [where_text(part, unicode) for part in where.parts[:MOST_SHOWN]]
        parts = [p if isinstance(o, Condition) else f"({p})" for p, o in zip(parts, where.parts, strict=False)]
        more = [dots(unicode)] if len(where.parts) > MOST_SHOWN else []
        return (", " if equal else f" {where.link} ").join([*parts, *more])
    name = shown_name(where.column, unicode)
    if where.query is not None:
        inner = f" WHERE {where_text(where.query.where, unicode)}" if where.query.where else ""
        of = f"{shown_name(where.query.column, unicode)} FROM {shown_name(where.query.table, unicode)}"
        return f"{name} {where.operator} (SELECT {of}{inner})"
    values = [shown_value(value, unicode) for value in where.values[:MOST_SHOWN]]
    if where.operator in ("IN", "NOT IN"):
        more = [dots(unicode)] if len(where.values) > MOST_SHOWN else []
        return f"{name} {where.operator} ({', '.join([*values, *more])})"
    if len(values) > 1:  # of LIKE
        return f"{name} {where.operator} {values[0]} ESCAPE {values[1]}"
    return f"{name}={values[0]}" if where.operator == "=" else f"{name} {where.operator} {values[0]}"


# -- the rows of a file that they are true of -------------------------------------------------------------------------
# Nothing of the statement is run: only columns that the file has, known operators and values as literals are written.


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
