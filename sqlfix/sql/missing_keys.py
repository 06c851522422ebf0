"""The keys that orphans have and no parent has, each once: SQL that gives them as the parent's column would store them.

Which spellings are one key is for the parent's columns to say, as in SQLite's own rule: their affinity makes 7 of '07',
and their collation makes one key of 'a' and 'A'. In every query here the keys stand under the alias ``k``, as
``k0, …``.
"""

from collections.abc import Sequence

from sqlfix.model.schema import ForeignKey, Schema
from sqlfix.sql.declared_types import DECIMAL, REAL, WHOLE, kind_of
from sqlfix.sql.literals import quote
from sqlfix.sql.predicates import affinity, has_values, key_types
from sqlfix.sql.typed_values import NUMERIC


def as_stored(kind: str, value: str) -> str:
    """A value as a column stores it; ``value`` is an expression without an affinity.

    Args:
        kind: the affinity of the column.
    """
    if kind == "TEXT":
        return f"CASE WHEN typeof({value}) IN ('integer', 'real') THEN CAST({value} AS TEXT) ELSE {value} END"
    if kind not in NUMERIC:
        return value
    # a text that is a number altogether is equal to what it becomes; CAST alone makes 7 of '7x'
    number = f"CAST({value} AS NUMERIC)"
    return f"CASE WHEN typeof({value}) = 'text' AND {number} = {value} THEN {number} ELSE {value} END"


def missing_keys(schema: Schema, fk: ForeignKey, condition: str) -> str:
    """A query for the keys of the orphans of a relationship, which a condition picks.

    Of several spellings that are one key, it gives the one that most rows have.
    """
    child, values = schema.known_table(fk.child), []
    for own, (kind, _) in zip(fk.child_columns, key_types(schema, fk), strict=True):
        column, value = child.column(own), f"c.{quote(own)}"
        same = column is not None and affinity(column, child.strict) == kind
        values.append(value if same else as_stored(kind, f"+{value}"))
    return _each_once(schema, fk, values, f"FROM {quote(fk.child)} AS c WHERE {condition}")


def keys_above(schema: Schema, fk: ForeignKey, values: Sequence[str], source: str) -> str:
    """A query for the keys that rows which are yet to be made need in the parent of one of their own relationships.

    Args:
        values: the SQL of each column of the key, over the rows ``k`` that ``source`` gives.
        source: a query.
    """
    child, bare, stored = schema.known_table(fk.child), [f"+{value}" for value in values], []
    for own, value, (kind, _) in zip(fk.child_columns, values, key_types(schema, fk), strict=True):
        column = child.column(own)
        same = "k." not in value or (column is not None and affinity(column, child.strict) == kind)
        stored.append(value if same else as_stored(kind, f"(+{value})"))
    there = f"EXISTS (SELECT 1 FROM {quote(fk.parent)} AS p WHERE {has_values(fk, bare)})"
    return _each_once(schema, fk, stored, f"FROM ({source}) AS k WHERE NOT {there}")


def _each_once(schema: Schema, fk: ForeignKey, values: Sequence[str], source: str) -> str:
    places = range(len(values))
    listed = ", ".join(f"{value} COLLATE BINARY AS k{place}" for value, place in zip(values, places, strict=True))
    collations = [by.lower() for _, by in key_types(schema, fk)]
    if set(collations) == {"binary"}:
        return f"SELECT DISTINCT {listed} {source}"
    keys = ", ".join(f"k{place}" for place in places)
    alike = ", ".join(f"k{place} COLLATE {quote(by)}" for place, by in enumerate(collations))
    counted = f"SELECT {keys}, count(*) AS often FROM (SELECT {listed} {source}) GROUP BY {keys}"
    nth = f"row_number() OVER (PARTITION BY {alike} ORDER BY often DESC, {keys})"
    return f"SELECT {keys} FROM (SELECT {keys}, {nth} AS nth FROM ({counted})) WHERE nth = 1"


def fits(schema: Schema, fk: ForeignKey) -> str:
    """SQL beginning with AND, true of the rows ``c`` whose key the columns of the parent can hold, or empty.

    An INTEGER PRIMARY KEY takes whole numbers alone, a STRICT table only what the type says; and a word in a column of
    numbers would be stored, but is none of its values.
    """
    parent, terms = schema.known_table(fk.parent), []
    for own, name, (kind, _) in zip(fk.child_columns, fk.parent_columns, key_types(schema, fk), strict=True):
        column = parent.column(name)
        if column is None:
            continue
        value = as_stored(kind, f"+c.{quote(own)}")
        if name == parent.integer_key or (parent.strict and kind == "INTEGER"):
            terms.append(
                f"(typeof({value}) = 'integer' OR typeof({value}) = 'real' AND CAST({value} AS INTEGER) = {value})"
            )
        elif kind_of(column) in (WHOLE, REAL, DECIMAL):
            terms.append(f"typeof({value}) IN ('integer', 'real')")
        elif parent.strict and column.type.upper() != "ANY":
            terms.append(f"typeof({value}) = '{'blob' if kind == 'BLOB' else 'text'}'")
    return "".join(f" AND {term}" for term in dict.fromkeys(terms))
