"""The conditions of a pasted statement, as words for a person."""

from __future__ import annotations

from sqlfix.explain.errors.conditions import Condition, Where
from sqlfix.text import dots, shown_name, shown_value

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
