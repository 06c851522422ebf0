"""What the declared type of a column promises of its values."""

from __future__ import annotations

import re
from functools import lru_cache

from sqlfix.model.schema import Column
from sqlfix.sql.predicates import affinity
from sqlfix.sql.tokens import expression

_TYPE = re.compile(r"(?:DATE|SMALLDATETIME|DATETIME(?:2|TZ|OFFSET)?|TIMESTAMP(?:TZ)?)(?![A-Z0-9_]).*", re.DOTALL)
_SIZED = re.compile(r"[A-Z0-9_ ]*(?:CHAR|TEXT)[A-Z0-9_ ]*\( *([0-9]{1,18}) *\)[A-Z0-9_ ]*")


def is_date_column(column: Column) -> bool:
    """True if the declared type says that the column holds days, with or without a time."""
    return _is_date(column.type)


@lru_cache(maxsize=1024)
def _is_date(declared: str) -> bool:
    return _TYPE.fullmatch(expression(declared).upper()) is not None


WHOLE = frozenset(
    ("INT", "INTEGER", "TINYINT", "SMALLINT", "MEDIUMINT", "BIGINT", "INT2", "INT4", "INT8", "INT16", "INT32", "INT64")
)
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
