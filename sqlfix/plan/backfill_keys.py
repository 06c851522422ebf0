"""Keys for parents that are made: the next number, or a random key of the form of those that are there."""

from __future__ import annotations

import re
from collections.abc import Mapping

from sqlfix.model.schema import Column, Table
from sqlfix.plan.new_keys import CannotMake, NewKeys
from sqlfix.plan.stand_in_values import is_counted
from sqlfix.sql.literals import quote
from sqlfix.sql.predicates import affinity
from sqlfix.sql.tokens import expression
from sqlfix.text import address

LARGEST = 2**63 - 1
_DIGIT = "[0-9a-fA-F]"
_DASHED = "-".join(_DIGIT * long for long in (8, 4, 4, 4, 12))
_HEX, _DASHES, _BYTES = "hex", "dashed", "bytes"
_FORMS: Mapping[str, str] = {
    _HEX: f"typeof(v) = 'text' AND v GLOB '{_DIGIT * 32}'",
    _DASHES: f"typeof(v) = 'text' AND v GLOB '{_DASHED}'",
    _BYTES: "typeof(v) = 'blob' AND length(v) = 16",
}
_DECLARED = {"char(32)": _HEX, "char(36)": _DASHES, "uuid": _DASHES, "guid": _DASHES, "uniqueidentifier": _DASHES}
"""What a type says of the keys of a table that has no rows yet."""


def new_key(keys: NewKeys, table: Table, name: str, rows: int) -> str:
    """SQL over ``r`` of a key that no row has, for each of some rows, which are numbered by ``r.n`` from 1.

    Args:
        name: the column of the key.
        rows: how many there are.

    Raises:
        CannotMake: where there is no rule for it.
    """
    column = table.column(name)
    if column is None or column.generated:
        raise CannotMake(f"{address(table.name, (name,))} cannot be written")
    own = f"SELECT {quote(name)} AS v FROM {quote(table.name)} WHERE {quote(name)} IS NOT NULL"
    numbers = not keys.is_there(f"SELECT 1 FROM ({own}) WHERE typeof(v) <> 'integer'")
    if name == table.integer_key or (numbers and (is_counted(column) or affinity(column, table.strict) == "INTEGER")):
        return _next_number(keys, table, column, rows)
    if form := _form(keys, column, own):
        return form
    there = "those that are there have no form that sqlfix knows" if keys.is_there(own) else "there are none to go by"
    place = address(table.name, (name,))
    raise CannotMake(f"no new key can be made for {place}: {there}", (table.name, name))


def _next_number(keys: NewKeys, table: Table, column: Column, rows: int) -> str:
    made = keys.free_number(table, column.name)
    first = keys.connection.execute(f"SELECT free FROM temp.{made}").fetchone()[0]
    if not isinstance(first, int) or first > LARGEST - rows:
        place = address(table.name, (column.name,))
        raise CannotMake(f"no greater number is left for {place}", (table.name, column.name))
    return f"(SELECT free FROM temp.{made}) + r.n - 1"


def _form(keys: NewKeys, column: Column, own: str) -> str | None:
    """SQL of a random key of the form of those that are there; None where they are not all of one form."""
    if not keys.is_there(own):
        declared = re.sub(r"\s", "", expression(column.type).lower())
        form = next((form for type_, form in _DECLARED.items() if declared.endswith(type_)), None)
    else:
        form = next(
            (f for f, of in _FORMS.items() if not keys.is_there(f"SELECT 1 FROM ({own}) WHERE NOT ({of})")), None
        )
    if form is None:
        return None
    if form == _BYTES:
        return "randomblob(16)"
    upper = "SELECT 1 FROM ({}) WHERE v GLOB '*[{}]*'"
    case = "lower"
    if keys.is_there(upper.format(own, "A-F")) and not keys.is_there(upper.format(own, "a-f")):
        case = "upper"
    return _version_4(case, "-" if form == _DASHES else "")


def _version_4(case: str, mark: str) -> str:
    """A random GUID (RFC 9562, section 5.4), in either case."""
    between = f" || '{mark}' || " if mark else " || "
    parts = (
        "hex(randomblob(4))",
        "hex(randomblob(2))",
        "'4' || substr(hex(randomblob(2)), 2)",
        "substr('89AB', 1 + (random() & 3), 1) || substr(hex(randomblob(2)), 2)",
        "hex(randomblob(6))",
    )
    return f"{case}({between.join(parts)})"
