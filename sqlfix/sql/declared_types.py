"""What the declared type of a column promises of its values."""

import re
from functools import lru_cache

from sqlfix.model.schema import Column, Table
from sqlfix.sql.dates import AsFirst
from sqlfix.sql.literals import quote
from sqlfix.sql.predicates import affinity
from sqlfix.sql.tokens import expression
from sqlfix.text import words_of

_TYPE = re.compile(r"(?:DATE|SMALLDATETIME|DATETIME(?:2|TZ|OFFSET)?|TIMESTAMP(?:TZ)?)(?![A-Z0-9_]).*", re.DOTALL)
_SIZED = re.compile(r"[A-Z0-9_ ]*(?:CHAR|TEXT)[A-Z0-9_ ]*\( *([0-9]{1,18}) *\)[A-Z0-9_ ]*")


def is_date_column(column: Column) -> bool:
    """True if the declared type says that the column holds days, with or without a time."""
    return _is_date(column.type)


@lru_cache(maxsize=1024)
def _is_date(declared: str) -> bool:
    return _TYPE.fullmatch(expression(declared).upper()) is not None


WHOLE = words_of("INT INTEGER TINYINT SMALLINT MEDIUMINT BIGINT INT2 INT4 INT8 INT16 INT32 INT64")
REAL = frozenset(("REAL", "DOUBLE", "FLOAT", "FLOAT4", "FLOAT8"))
DECIMAL = frozenset(("NUMERIC", "DECIMAL", "NUMBER"))
TRUTH = frozenset(("BOOL", "BOOLEAN"))
BESIDE = frozenset(("SIGNED", "UNSIGNED", "BIG", "LONG", "PRECISION", "ZEROFILL"))
"""Words that may stand beside those; any other word, and nothing is said of the column: POINT is not a number."""


def kind_of(column: Column) -> frozenset[str] | None:
    """Which of the sets of type names the declared type is of; None where it says nothing that can be held to."""
    return _kind(column.type)


@lru_cache(maxsize=1024)
def _kind(declared: str) -> frozenset[str] | None:
    words = set(re.sub(r"\(.*\)", " ", expression(declared).upper(), flags=re.DOTALL).split())
    return next((kind for kind in (WHOLE, REAL, DECIMAL, TRUTH) if words & kind and words <= kind | BESIDE), None)


@lru_cache(maxsize=1024)
def most_characters(column: Column) -> int | None:
    """How many characters the declared type of a column allows; None where it says nothing of them."""
    match = _SIZED.fullmatch(" ".join(expression(column.type).upper().split()))
    return (int(match[1]) or None) if match and affinity(column) == "TEXT" else None


def usual(table: Table, column: Column) -> str | AsFirst:
    """SQL over ``c`` that is true only of values that are not NULL and what the type declares; "" if there is none.

    An INTEGER in a column of whole numbers, any number in one of others, 0 or 1 in one of truth values, a text of no
    more characters than its column has, a date in a column of dates.
    """
    name = f"c.{quote(column.name)}"
    if column.generated:
        return ""
    if is_date_column(column):
        return AsFirst(table, column.name)
    kind = kind_of(column)
    if kind is WHOLE:
        return f"+{name} & -1 = +{name}"
    if kind is TRUTH:
        return f"+{name} IN (0, 1)"
    if kind is not None:  # text and BLOBs are greater than any number
        return f"+{name} < '' COLLATE BINARY"
    most = most_characters(column)
    return "" if most is None else f"length({name}) <= {most}"
