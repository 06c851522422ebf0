"""What stands in the columns of a row that is made for a key without a parent: the rule for each type, as SQL.

The row is there so that others keep their link. So its values say that it is a stand-in where they can, and nothing
that could be taken for a fact: the number 0, the first day of 1970. What no rule is right for has to be given by hand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from sqlfix.model.schema import Column, Table
from sqlfix.model.values import Value, folded
from sqlfix.sql.create_table import read_create_table
from sqlfix.sql.declared_types import DECIMAL, REAL, TRUTH, WHOLE, is_date_column, kind_of, most_characters
from sqlfix.sql.literals import literal
from sqlfix.sql.predicates import affinity
from sqlfix.sql.tokens import DdlError, Token, expression, tokens

WORD = "stand-in"
"""The text of a column that has to have one."""
EPOCH = "1970-01-01"
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?P<time>[T ][0-9:.]{1,20}(?:Z|[+-][0-9:]{1,6})?)?", re.ASCII)
_WITH_TIME = ("DATETIME", "TIMESTAMP", "SMALLDATETIME")
_BY_NAME = {"STRING": literal(WORD), "JSON": "'{}'", "JSONB": "'{}'", "TIME": "'00:00:00'", "MONEY": "0"}
"""Types that no rule of SQLite knows, and that mean one thing to all programs."""


def plain_values(column: Column, strict: bool = False, like: Value = None) -> tuple[str, ...]:
    """Values for a column of which several rows may have the same, as SQL, the best first; none where no rule is right.

    Args:
        strict: its table is.
        like: a value that the column has in another row: days are written as that one is.
    """
    if is_date_column(column):
        return (_first_day(column, like),)
    kind, own = kind_of(column), affinity(column, strict)
    if kind == TRUTH:
        return ("0", "1")
    if kind in (WHOLE, REAL, DECIMAL):
        return ("0", "1")
    named = _BY_NAME.get(expression(column.type).upper())
    if named is not None:
        return (named,)
    if own == "TEXT" or (strict and folded(column.type) == "any"):
        most = most_characters(column)
        return tuple(dict.fromkeys(literal(text[:most]) for text in (WORD, "-", "0")))
    if own == "BLOB":
        return ("x''",) if column.type else (literal(WORD), "0")
    return ()


def unique_values(column: Column, key: Sequence[str], number: str, strict: bool = False) -> tuple[str, ...]:
    """Values for a column that has to tell the rows apart, as SQL over each row's key, the best first.

    Whether they do so, and whether other rows have them already, is for the data to say.

    Args:
        key: the SQL of the text of each column of the key.
        number: SQL that gives each row another whole number: 1, 2, …
    """
    own, kind = affinity(column, strict), kind_of(column)
    if is_date_column(column) or kind in (TRUTH, WHOLE, REAL, DECIMAL):
        return ()
    text = as_text(key)
    text = f"CAST({text} AS TEXT)" if len(key) == 1 and text.startswith("k.") and own == "BLOB" else text
    if own == "TEXT" or column.type == "" or (strict and folded(column.type) == "any"):
        most = most_characters(column)
        short = () if most is None or most >= len(WORD) + 2 else (f"'-' || {number}", f"CAST({number} AS TEXT)")
        return (f"'{WORD} ' || {text}", text, f"'{WORD} ' || {number}", *short)
    if own == "BLOB":
        return (f"CAST('{WORD} ' || {text} AS BLOB)", f"CAST('{WORD} ' || {number} AS BLOB)")
    return ()


def is_counted(column: Column) -> bool:
    """True of a column of whole numbers, for which a number can be found that no row has."""
    return kind_of(column) in (WHOLE, DECIMAL, REAL)


def as_text(key: Sequence[str]) -> str:
    """The text of a key, a composite one with a hyphen between its parts."""
    return " || '-' || ".join(key)


def key_text(column: Column, value: str) -> str:
    """SQL for the text of a value of a column; of the bytes of a BLOB, as digits."""
    if kind_of(column) is WHOLE:
        return value
    return f"CASE typeof({value}) WHEN 'blob' THEN hex({value}) ELSE CAST({value} AS TEXT) END"


def _first_day(column: Column, like: Value) -> str:
    """The first of January 1970 as other rows write their days, or else as the type says."""
    if isinstance(like, int):
        return "0"
    if isinstance(like, float):
        return "2440587.5"  # as julianday() counts
    with_time = expression(column.type).upper().startswith(_WITH_TIME)
    match = _DAY.fullmatch(like) if isinstance(like, str) else None
    if match is not None:
        return literal(EPOCH + re.sub("[0-9]", "0", match["time"] or ""))
    return literal(f"{EPOCH} 00:00:00" if with_time else EPOCH)


# -- what a CHECK lists ---------------------------------------------------------------------------------------------


def listed_values(table: Table, column: str) -> tuple[str, ...]:
    """The values of a CHECK (column IN (…)) as SQL, in their order; none without one, or where it is not read."""
    if "check" not in folded(table.sql):
        return ()
    try:
        checks = [tokens(f"({check.text}\n)")[1:-1] for check in read_create_table(table.sql).checks]
    except DdlError:
        return ()
    return tuple(dict.fromkeys(value for check in checks for value in _listed(check, folded(column))))


def _listed(check: Sequence[Token], column: str) -> Iterator[str]:
    for at, token in enumerate(check[:-3]):
        if token.name is None or folded(token.name) != column:
            continue
        if [check[at + 1].word, check[at + 2].word] != ["in", "("]:
            continue
        yield from _literals(check[at + 3 :])
        return


def _literals(cut: Sequence[Token]) -> Iterator[str]:
    """The literals up to the closing parenthesis; a name, NULL or an expression among them is passed over."""
    part: list[Token] = []
    for token in cut:
        if token.word not in (",", ")"):
            part.append(token)
            continue
        if (value := _literal_of(part)) is not None:
            yield value
        part = []
        if token.word == ")":
            return


def _literal_of(part: Sequence[Token]) -> str | None:
    sign = "".join(token.word for token in part[:-1])
    if not part or len(part) > 2 or sign not in ("", "-", "+"):
        return None
    last = part[-1]
    if last.name is None:
        return f"{sign}{last.text}" if not last.word else None
    return literal(last.name) if last.text[0] in "'\"" and not sign else None


# -- what was typed -------------------------------------------------------------------------------------------------

KEY = "{key}"


def from_template(text: str, key: Sequence[str]) -> str:
    """The SQL of a text with ``{key}`` in it, over the key of each row; what else stands in braces stays as it is."""
    parts = [literal(part) for part in text.split(KEY)]
    joined = f" || {as_text(key)} || ".join(parts)
    return joined.removeprefix("'' || ").removesuffix(" || ''")
