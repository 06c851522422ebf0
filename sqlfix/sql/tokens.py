"""Cuts SQL into the tokens of SQLite, and tells the columns of an expression: the only importer of sqlglot.

A schema is read by its tokens, never searched as characters: any word may stand in a comment or in quotes, and a
comment may stand between any two words. The cutting needs no parser; sqlglot is imported when the first expression is
taken apart, for that takes longer than many a whole scan.
"""

import re
from collections.abc import Iterable, Sequence
from functools import cache
from typing import NamedTuple

from sqlfix.model.values import folded
from sqlfix.text import words_of

Span = tuple[int, int]
"""Where something stands in the text: ``text[span[0]:span[1]]``."""


class DdlError(Exception):
    """The text cannot be read; the message says why."""


class Token(NamedTuple):
    """A token of SQLite.

    ``word`` is a plain word in lower case, or a sign (of a parameter, the first of its characters); it is empty for
    anything in quotes and for a number. ``name`` is the name where this may be one (a plain word, or anything in
    quotes), without its quotes.
    """

    text: str
    word: str
    name: str | None
    start: int
    end: int


SPACE = " \t\n\v\f\r"
QUOTES = "'\"`["

_LETTER = r"[^\x00-\#%-/:-@\[-^`{-\x7f]"  # by what it is not: a class of a million characters takes 20 ms to compile
_DIGITS = r"[0-9]++(?:_[0-9]++)*+"
_TOKEN = rf"""
    (?P<blank>(?:[ \t\n\f\r][ \t\n\v\f\r]*+|--[^\n]*+|/\*(?=.)(?:[^*]++|\*(?!/))*+(?:\*/|\Z)|\ufeff)++)
    |(?P<quoted>'(?:[^']++|'')*+'|"(?:[^"]++|"")*+"|`(?:[^`]++|``)*+`|\[[^\]]*+\])
    |(?P<other>[xX]'(?:[0-9a-fA-F]{{2}})*+'
        |(?>0[xX][0-9a-fA-F]++(?:_[0-9a-fA-F]++)*+|(?:{_DIGITS}(?:\.(?:{_DIGITS})?)?|\.{_DIGITS})(?:[eE][+-]?{_DIGITS})?)
            (?!{_LETTER}))
    |(?P<word>(?![xX]'|[0-9$]){_LETTER}++)
    |(?P<sign>->>?|\|\||<<|<=|<>|>>|>=|!=|==|[-+*/%&|~<>=(),;.])
    |(?P<parameter>\?[0-9]*+|[$@\#:](?:{_LETTER}|:)++)
"""
"""The rules of sqlite3GetToken: https://www.sqlite.org/src/file/src/tokenize.c. Of a byte order mark at the beginning
of a token it makes white space; of every other character beyond ASCII, a letter."""


@cache
def _token() -> re.Pattern[str]:
    """Made when the first text is read: a scan of most sound files reads none."""
    return re.compile(_TOKEN, re.DOTALL | re.VERBOSE)


EXPRESSION_WORDS = words_of(
    "and or not is null isnull notnull in like glob regexp match between escape collate case when then else end cast"
    " as distinct from true false current_date current_time current_timestamp"
)
"""What keeps its meaning inside an expression; any other plain word is a name."""


def tokens(sql: str) -> list[Token]:
    """The tokens of a text as SQLite cuts it, without white space and comments; to SQLite it ends at a NUL.

    Raises:
        DdlError: there is something in it that is no token.
    """
    found: list[Token] = []
    at, end = 0, len(sql.partition("\0")[0])
    token = _token()
    while at < end:
        match = token.match(sql, at, end)
        if match is None:
            raise DdlError(f"{sql[at:][:40]!r} at character {at} cannot be read")
        at = match.end()
        kind = match.lastgroup
        if kind == "blank":
            continue
        text = match[0]
        word, name = "", None
        if kind == "word":
            word, name = folded(text), text
        elif kind == "quoted":
            name = unquoted(text)
        elif kind != "other":
            word = text if kind == "sign" else text[0]
        found.append(Token(text, word, name, match.start(), at))
    return found


def known_tokens(sql: str) -> list[Token]:
    """The same; none of a text in which something is no token."""
    try:
        return tokens(sql)
    except DdlError:
        return []


def unquoted(text: str) -> str:
    """A text without the quotes around it, of whichever of SQLite's four kinds; one without any as it is."""
    if len(text) < 2 or text[0] not in QUOTES or text[-1] != ("]" if text[0] == "[" else text[0]):
        return text
    return text[1:-1] if text[0] == "[" else text[1:-1].replace(text[0] * 2, text[0])


def has_words(sql: str, *words: str) -> bool:
    """True if these words and signs, in lower case, follow one another in a text.

    Where the text cannot be cut into tokens, it is said to hold them if all their characters are there.
    """
    searched = folded(sql)
    if not all(word in searched for word in words):
        return False  # of most texts the characters alone rule it out
    try:
        cut = [token.word for token in tokens(sql)]
    except DdlError:
        return True
    return any(tuple(cut[at : at + len(words)]) == words for at in range(len(cut)))


def split(cut: Iterable[Token], word: str) -> list[list[Token]]:
    """Some tokens, parted at a word or a sign wherever that stands outside of parentheses."""
    parts: list[list[Token]] = [[]]
    depth = 0
    for token in cut:
        depth += (token.word == "(") - (token.word == ")")
        if depth == 0 and token.word == word:
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


def names_in(sql: str) -> frozenset[str]:
    """Every word of a text that can be a name, and everything in quotes, without the quotes and in lower case.

    Raises:
        DdlError: the text cannot be read.
    """
    return frozenset(folded(token.name) for token in tokens(sql) if token.name is not None)


def plain(sql: str, cut: Sequence[Token]) -> str:
    """The text from the first to the last of some neighbouring tokens, with a blank in place of each comment."""
    parts = []
    end = cut[0].start if cut else 0
    for token in cut:
        gap = sql[end : token.start]
        parts.append(" " if gap.strip(SPACE) else gap)
        parts.append(token.text)
        end = token.end
    return "".join(parts)


def expression(text: str) -> str:
    """An expression of the schema as it can stand in a line of other SQL: without the comments in and around it.

    A line comment at its end would hide what comes after it. A text that cannot be read gets a line of its own.
    """
    if "--" not in text and "/*" not in text:
        return text.strip(SPACE)
    try:
        return plain(text, tokens(text))
    except DdlError:
        return f"{text}\n"


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
        said = next(iter(str(error).splitlines()), type(error).__name__)
        raise DdlError(f"the expression cannot be read: {said}") from error
    if not isinstance(tree, exp.Paren) or tree.find(exp.Alias):  # sqlglot takes two names in a row for an alias
        raise DdlError("this is not one expression")
    return frozenset(folded(column.name) for column in tree.find_all(exp.Column))
