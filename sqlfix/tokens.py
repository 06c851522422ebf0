"""Cuts SQL into the tokens of SQLite, and tells the columns of an expression: the only importer of sqlglot.

sqlglot is imported when the first text is read, for that takes longer than many a whole scan.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from sqlfix.model import folded

Span = tuple[int, int]
"""Where something stands in the text: ``text[span[0]:span[1]]``."""


class DdlError(Exception):
    """The text cannot be read; the message says why."""


@dataclass(frozen=True, slots=True)
class Token:
    """A token of SQLite.

    ``word`` is a plain word in lower case, or a sign; it is empty for anything in quotes and for a number. ``name``
    is the name where this may be one (a plain word, or anything in quotes), without its quotes.
    """

    text: str
    word: str
    name: str | None
    start: int
    end: int


_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")
_WORD = re.compile(r"[A-Za-z_\x80-\U0010ffff][A-Za-z0-9_$\x80-\U0010ffff]*")
_NUMBER = re.compile(r"\.?[0-9][\w.]*", re.ASCII)
_BLANK = re.compile(r"(?:[ \t\n\f\r]++|--[^\n]*+(?:\n|\Z)|/\*(?:[^*]++|\*(?!/))*+\*/)*+")
_UNBROKEN = re.compile(r"[^ \t\n\f\r]+")
SPACE = " \t\n\v\f\r"
QUOTES = "'\"`["

EXPRESSION_WORDS = frozenset(
    (
        *("and", "or", "not", "is", "null", "isnull", "notnull", "in", "like", "glob", "regexp", "match", "between"),
        *("escape", "collate", "case", "when", "then", "else", "end", "cast", "as", "distinct", "from"),
        *("true", "false", "current_date", "current_time", "current_timestamp"),
    )
)
"""What keeps its meaning inside an expression; any other plain word is a name."""


def tokens(sql: str) -> list[Token]:
    """The tokens of a text as SQLite would cut it.

    Raises:
        DdlError: the text cannot be cut into tokens, or something stands between two of them.
    """
    import logging

    import sqlglot

    logging.getLogger("sqlglot").setLevel(logging.CRITICAL)
    # To SQLite every character beyond ASCII is a letter; to sqlglot some are white space.
    masked = _BEYOND_ASCII.sub("_", sql)
    try:
        cut = sqlglot.tokenize(masked, read="sqlite")
    except Exception as error:  # a foreign tokenizer on damaged text: whatever it raises, the text is unreadable
        raise DdlError(f"the text cannot be cut into words: {_first_line(error)}") from error
    found: list[Token] = []
    end = 0
    for start, stop in _pieces(masked, [(token.start, token.end + 1) for token in cut]):
        if not _BLANK.fullmatch(masked, end, start):
            raise DdlError(f"{sql[end:start][:40]!r} at character {end} cannot be read")
        if found and start == end and _NUMBER.fullmatch(found[-1].text + masked[start:stop]):
            start = found.pop().start  # .5 and 1_000 come in two pieces
        found.append(_token(sql[start:stop], start))
        end = stop
    if not _BLANK.fullmatch(masked, end):
        raise DdlError(f"{sql[end:][:40]!r} at character {end} cannot be read")
    return found


def _pieces(text: str, spans: list[Span]) -> Iterator[Span]:
    """The spans, with those cut at their blanks that sqlglot takes as one keyword (PRIMARY KEY)."""
    for start, stop in spans:
        if text[stop - 1].isalnum():
            yield from (word.span() for word in _UNBROKEN.finditer(text, start, stop))
        else:
            yield start, stop


def _token(text: str, start: int) -> Token:
    word, name = "", None
    if text[0] in QUOTES:
        quote = "]" if text[0] == "[" else text[0]
        name = text[1:-1] if quote == "]" else text[1:-1].replace(quote * 2, quote)
    elif _WORD.fullmatch(text):
        word, name = folded(text), text
    elif not text[0].isalnum() and not _NUMBER.match(text):
        word = text
    return Token(text, word, name, start, start + len(text))


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)


def expression_columns(expression: str) -> frozenset[str]:
    """The folded names of the columns that an SQL expression speaks of.

    A name in double quotes counts although SQLite takes it for a string where the table has no such column; TRUE and
    FALSE do not count. Qualified names lose what stands before the point.

    Args:
        expression: the text of a CHECK, a DEFAULT, a generated column or an index column.

    Raises:
        DdlError: this is not one expression, or it cannot be read.
    """
    import sqlglot
    from sqlglot import exp

    # In parentheses no word of the text can be taken for the start of another statement, such as REPLACE.
    cut = tokens(f"({expression}\n)")
    words: list[str] = []
    for token, following in zip(cut, [*cut[1:], None], strict=True):
        # A plain word that is no keyword to SQLite may well be one to sqlglot; in quotes it is a name to both.
        plain = token.word and token.name is not None and token.word not in EXPRESSION_WORDS
        named = plain and following is not None and following.word != "(" and words[-1:] not in (["as"], ["collate"])
        words.append(f'"{token.name}"' if named else token.word or token.text)
    try:
        tree = sqlglot.parse_one(" ".join(words), read="sqlite", into=exp.Condition)
    except Exception as error:  # a foreign parser on damaged text: besides its own errors, also RecursionError
        raise DdlError(f"the expression cannot be read: {_first_line(error)}") from error
    if not isinstance(tree, exp.Paren) or tree.find(exp.Alias):  # sqlglot takes two names in a row for an alias
        raise DdlError("this is not one expression")
    return frozenset(folded(column.name) for column in tree.find_all(exp.Column))
