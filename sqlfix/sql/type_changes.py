"""Which stored values another type of their column would make others of, and which of these would lose something.

SQLite stores a value as the affinity of its column has it: https://www.sqlite.org/datatype3.html, section 3.
"""

import re

EXACT_DIGITS = 15
"""What a REAL keeps of a decimal number."""
WHOLE = 2**53
"""Up to here, a REAL is every whole number."""


def changed(x: str, affinity: str) -> str:
    """SQL that is true of a value ``x`` that a column of another affinity would store as another value or type."""
    if affinity == "TEXT":
        return f"typeof({x}) IN ('integer', 'real')"
    if affinity == "REAL":
        return f"(typeof({x}) = 'integer' OR {_is_number(x)})"
    if affinity in ("INTEGER", "NUMERIC"):
        return f"({_is_number(x)} OR (typeof({x}) = 'real' AND {_is_whole(x)}))"
    return "0"


def is_odd(x: str, affinity: str) -> str:
    """SQL that is true of a value of a column ``x`` that this very column would now store as another value or type.

    Only a text that was written into the schema by hand leaves such values. A comparison converts as the column does.
    """
    if affinity == "TEXT":
        return f"+{x} < ''"  # every number is less than every text
    if affinity == "REAL":
        return f"(typeof({x}) = 'text' AND {x} < '')"
    if affinity == "BLOB":
        return "0"
    return f"CASE typeof({x}) WHEN 'text' THEN {x} < '' WHEN 'real' THEN {_is_whole(x)} ELSE 0 END"


def loses(x: str, affinity: str) -> str:
    """SQL that is true of such a value that cannot be told any more from what it is stored as then."""
    if affinity == "TEXT":
        return f"(typeof({x}) = 'real' AND CAST(CAST({x} AS TEXT) AS REAL) IS NOT {x})"
    if affinity == "REAL":
        text = (
            f"{_is_number(x)} AND (length({x}) > {EXACT_DIGITS}"
            f" OR NOT ({is_spelled(x, 'REAL')} OR {is_spelled(x, 'INTEGER')}))"
        )
        whole = f"typeof({x}) = 'integer' AND {x} NOT BETWEEN -{WHOLE} AND {WHOLE}"
        return f"(({whole}) OR ({text}))"
    if affinity in ("INTEGER", "NUMERIC"):
        # one with an exponent may become a whole number without one
        return f"({_is_number(x)} AND ({x} GLOB '*[eE]*' OR NOT {is_spelled(x, 'NUMERIC')}))"
    return "0"


def lost(x: str, now: str, affinity: str) -> str:
    """The same where it is known what it is stored as ``now``: of a text, it has to be read back alone."""
    return f"(typeof({x}) = 'real' AND CAST({now} AS REAL) IS NOT {x})" if affinity == "TEXT" else loses(x, affinity)


def kept(x: str, affinity: str) -> str:
    """The value for a column of another affinity; where it would lose something, SQLite says *integer overflow*.

    The rows may have become others since they were looked at, and outside of a trigger SQL has no other way to fail.
    """
    lost = loses(x, affinity)
    return x if lost == "0" else f"CASE WHEN {lost} THEN {_failing(x)} ELSE {x} END"


def was_kept(value: str) -> str:
    """The same value where it is known that SQLite has not said so: it is asked for once a row alone."""
    found = re.fullmatch(r"CASE WHEN .* THEN (.*) ELSE (.*) END", value, re.DOTALL)
    return found[2] if found and found[1] == _failing(found[2]) else value


def _failing(x: str) -> str:
    return f"abs(({x} IS NULL) - 9223372036854775807 - 1)"


def comes_back(before: str, now: str) -> bool:
    """True if what a column of one affinity held can be told from what one of another affinity has made of it.

    A column of numbers holds no text that is a number, and nothing was lost: so each number is read back. Of text,
    '5' and '5.0' are the same REAL.
    """
    return before == now or before in ("INTEGER", "NUMERIC", "REAL") or (before == "TEXT" and now != "REAL")


def _is_number(x: str) -> str:
    """True of a text that is a number to its end: what it is compared with makes SQLite read it as one."""
    return f"(typeof({x}) = 'text' AND +{x} COLLATE BINARY = CAST({x} AS NUMERIC))"


def _is_whole(x: str) -> str:
    """True of a REAL that a column of whole numbers or of numbers of any kind stores as an integer."""
    return f"{x} = CAST({x} AS INTEGER) AND {x} > -9223372036854775808.0 AND {x} < 9223372036854775808.0"


def is_spelled(x: str, kind: str) -> str:
    """True of a text that is just as SQLite writes the number that it reads from it: so '007' is not the number 7."""
    return f"+{x} = CAST(CAST({x} AS {kind}) AS TEXT) COLLATE BINARY"
