"""What a value means that a person typed: the column that holds it, or is to hold it, decides.

``07001`` is a text where the column keeps texts, and the number 7001 where the column makes one of it. ``x'00ff'`` is a
BLOB, and what stands in single quotes a text.
"""

import math
import re

from sqlfix.sql.literals import literal

NUMERIC = frozenset({"INTEGER", "REAL", "NUMERIC"})
"""The affinities with which a column makes a number of a text that looks like one."""
_WHOLE = re.compile(r"[+-]?[0-9]{1,4000}")
_DECIMAL = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_BLANKS = " \t\r\n"
_PART = re.compile(rf"[{_BLANKS}]*(?:(?:[^=',]*=[{_BLANKS}]*)?'(?:[^']|'')*+'[{_BLANKS}]*(?=,|\Z)|[^,]*)")
_BLOB = re.compile(r"[xX]'(?:[0-9a-fA-F]{2})*'")


def parts(text: str) -> list[str]:
    """The values of a key, separated by commas, without blanks around them.

    A comma in quotes is part of a value, also of one that is written with its column (a='x, y'). A quote that does not
    open or close a value is a character like any: it's.
    """
    found, at = [], 0
    while match := _PART.match(text, at):
        found.append(match[0].strip(_BLANKS))
        at = match.end() + 1
        if at > len(text):
            break
    return found


def is_blob(text: str) -> bool:
    """True for a BLOB as SQL writes it."""
    return _BLOB.fullmatch(text) is not None


def is_text(text: str) -> bool:
    """False for the bytes of a command line, or of a value, that are not UTF-8."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def in_quotes(text: str) -> str | None:
    """What stands in single quotes; None where nothing does."""
    if len(text) > 1 and text.startswith("'") and text.endswith("'"):
        return text[1:-1].replace("''", "'")
    return None


def number(text: str, affinity: str = "NUMERIC") -> int | float | None:
    """The number that a column of this affinity makes of a text; None where it makes none, or nothing finite."""
    value: int | float
    if _WHOLE.fullmatch(text) and -(2**63) <= int(text) < 2**63:
        value = int(text)
    elif _DECIMAL.fullmatch(text):
        value = float(text)
        if math.isfinite(value) and value.is_integer() and abs(value) < 2**53:
            value = int(value)
    else:
        return None
    if affinity == "REAL":
        value = float(value)
    return value if math.isfinite(value) else None


def is_spelled(text: str, value: int | float) -> bool:
    """True for a text that is how the number itself is written: 7 and -4.5, and not 07 or 4.50; +7 is meant as one."""
    return text.removeprefix("+") == str(value)


def as_sql(text: str, affinity: str) -> str:
    """What was typed as SQL of the value that a column makes of it, and NULL for the word.

    Args:
        affinity: that of the column; BLOB for one that takes texts and numbers as they come, where all that does not
            look like anything else is a text.
    """
    if text.upper() == "NULL":
        return "NULL"
    if is_blob(text):
        return text.lower()
    quoted = in_quotes(text)
    if quoted is None and affinity in NUMERIC and (value := number(text, affinity)) is not None:
        return literal(value)
    return literal(text if quoted is None else quoted)
