"""What a statement says of the rows that it is for, as values: conditions on columns, and how they are linked. Pure.

They are read off a text that somebody pasted, and never run: `statement_rows` makes SQL of its own of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from sqlfix.frozen import frozen
from sqlfix.model.values import Pairs, Value, folded
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
