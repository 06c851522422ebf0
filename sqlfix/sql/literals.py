"""SQL text: names quoted, and values as literals that SQLite reads back as they were."""

import math
import re
from collections.abc import Iterable, Sequence
from typing import TypeVar

from sqlfix.model.schema import Column, Schema, Table
from sqlfix.model.values import NotUtf8, Value, folded
from sqlfix.sql.tokens import expression, known_tokens

_T = TypeVar("_T")


def quote(name: str) -> str:
    """A name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def names(columns: Sequence[str], alias: str = "") -> str:
    """Column names as a list for SQL, under an alias if one is given."""
    prefix = f"{alias}." if alias else ""
    return ", ".join(prefix + quote(name) for name in columns)


def literal(value: Value) -> str:
    """A stored value as an SQL literal that reads back as the same value of the same storage class."""
    match value:
        case str():
            return _text(value)
        case None:
            return "NULL"
        case bytes():
            return f"x'{value.hex()}'"
        case NotUtf8():
            return f"CAST(x'{value.raw.hex()}' AS TEXT)"
        case float():
            return _real(value)
        case int():
            return str(value)


def rows_of_literals(rows: Iterable[Iterable[Value]]) -> str:
    """Rows for VALUES, one behind the other: ``(1, 'a'), (2, 'b')``."""
    return ", ".join(f"({', '.join(map(literal, row))})" for row in rows)


_CONTROLS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
"""What a terminal would act upon; of these the sqlite3 shell loses NUL, and CR before a line's end."""
_MOST_NESTED, _MOST_ARGUMENTS, _MOST_JOINED = 10, 100, 400
"""Of SQLite's limits: 100 entries on the parser's stack, 127 arguments of a function, an expression 1,000 deep."""


def _text(value: str) -> str:
    """A text as an expression without control characters, whatever the encoding of the file.

    Like .dump of the sqlite3 shell it writes a mark for each of these, one that the text does not hold, and replaces
    it. A mark begins with the only backslash in it and ends with the only semicolon, so no two can overlap.
    """
    if value.isprintable():  # there is none: it is the usual case, and a script may carry a hundred thousand
        return "'" + value.replace("'", "''") + "'"
    text, marks = value, {}
    for character in sorted(set(_CONTROLS.findall(value))):
        mark = f"\\{ord(character):x};"
        while mark in value:
            mark = f"\\0{mark[1:]}"
        marks[character] = mark
        text = text.replace(character, mark)
    if len(marks) > _MOST_NESTED:
        parts = [f"char({','.join(map(str, map(ord, part)))})" for part in _pieces(value, _MOST_ARGUMENTS)]
        return "(" + " || ".join(f"({' || '.join(some)})" for some in _pieces(parts, _MOST_JOINED)) + ")"
    sql = "'" + text.replace("'", "''") + "'"
    for character, mark in marks.items():
        sql = f"replace({sql}, '{mark}', char({ord(character)}))"
    return sql


def _pieces(whole: Sequence[_T], length: int) -> list[Sequence[_T]]:
    return [whole[at : at + length] for at in range(0, len(whole), length)]


_STEP = 60


def _real(value: float) -> str:
    """A REAL as SQL that gives back its very bits.

    SQLite reads decimal digits exactly only up to 15 of them with a small exponent; beyond that the number is written
    as a whole number times or divided by powers of two, of which each step is exact.
    """
    if math.isinf(value):
        return "9e999" if value > 0 else "-9e999"
    text = repr(value)
    digits = text.split("e")[0].replace(".", "").strip("-0")
    if len(digits) <= 15 and (value == 0 or 1e-15 < abs(value) < 1e15):
        return text
    fraction, exponent = math.frexp(value)
    exponent -= 53
    sign, steps = ("*" if exponent > 0 else "/"), abs(exponent)
    powers = [_STEP] * (steps // _STEP) + [steps % _STEP]
    return f"({int(fraction * 2**53)}" + "".join(f" {sign} {2**power}.0" for power in powers) + ")"


def holds(column: str, value: Value) -> str:
    """True where a column, as SQL, holds this very value, byte for byte and of this type.

    ``IS NULL`` would be taken for never true where the column is NOT NULL.
    """
    if value is None:
        return f"typeof({column}) = 'null'"
    return f"+{column} IS {literal(value)} COLLATE BINARY AND typeof({column}) = typeof({literal(value)})"


_KEYWORD_DEFAULTS = {"null", "current_time", "current_date", "current_timestamp"}
_NO_WORD = tuple("'(+-.0123456789")
"""With these begins nothing that could be taken for a name."""


def default_expression(column: Column) -> str:
    """A column's DEFAULT as an expression that means the same outside the CREATE TABLE text, without its comments.

    There a bare word and one in any quotes are strings; anywhere else they would name a column.
    """
    text = expression(column.default or "NULL")
    if text[:1] in _NO_WORD:
        return f"({text})"
    cut = known_tokens(text)
    if len(cut) == 1 and (name := cut[0].name) is not None and cut[0].text[0] != "'":
        if cut[0].word in ("true", "false"):
            return str(int(cut[0].word == "true"))
        if cut[0].word not in _KEYWORD_DEFAULTS:
            return literal(name)
    return f"({text})"


def computed_default(column: Column) -> str | None:
    """A column's DEFAULT where SQLite works it out for each row; None where it is a constant, or there is none."""
    cut = known_tokens(expression(column.default or ""))
    return column.default if any(token.word == "(" or token.word.startswith("current_") for token in cut) else None


MOST_TERMS = 200
"""Of a compound SELECT: SQLite takes 500, and some builds fewer."""


def compound(queries: Iterable[str], operator: str = "UNION ALL") -> str:
    """Queries joined by an operator: any number of them."""
    parts = list(queries)
    while len(parts) > MOST_TERMS:
        some = (parts[at : at + MOST_TERMS] for at in range(0, len(parts), MOST_TERMS))
        parts = [f"SELECT * FROM ({f' {operator} '.join(terms)})" for terms in some]
    return f" {operator} ".join(parts)


def all_of(terms: Sequence[str]) -> str:
    """Terms joined by AND."""
    return balanced(terms, "AND")


def any_of(terms: Sequence[str]) -> str:
    """Terms joined by OR."""
    return balanced(terms, "OR")


def balanced(terms: Sequence[str], operator: str) -> str:
    """Terms joined by an operator; halved into parentheses, since SQLite allows an expression a depth of 1,000."""
    if len(terms) <= 20:
        return f" {operator} ".join(terms)
    half = len(terms) // 2
    return f"({balanced(terms[:half], operator)}) {operator} ({balanced(terms[half:], operator)})"


# -- names of what sqlfix makes for itself, in a connection or in a script: none is a name of the file ------------
# A temporary table, or a common table expression, hides a table of the file that is called so. A column of ours that
# stands beside columns of the file would be taken for one of them. What can do neither has a fixed name: the aliases of
# tables, since every column is written behind one, and the columns of our own tables that hold nothing else.


def free_of(word: str, names: Iterable[str]) -> str:
    """The word, with as many underscores after it as make it none of some names."""
    used = {folded(name) for name in names}
    while folded(word) in used:
        word += "_"
    return word


def free_name(schema: Schema, word: str) -> str:
    """The word, with as many underscores after it as make it the name of no table."""
    while schema.table(word):
        word += "_"
    return word


def free_column(table: Table, word: str) -> str:
    """The word, with as many underscores after it as make it the name of no column of a table."""
    return free_of(word, (column.name for column in table.columns))
