"""A statement that stands in a text, read token by token: its names, and the values that it writes. Pure.

What is not understood is skipped, and why is kept in ``reasons``. Its conditions are read by `condition_reader`.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

from sqlfix.explain.errors.conditions import DoubleQuoted
from sqlfix.explain.errors.printed_values import UNKNOWN, Parameter, Parameters, Unknown, bare_text
from sqlfix.frozen import frozen
from sqlfix.model.values import folded
from sqlfix.sql.tokens import unquoted

_T = TypeVar("_T")

WHERE = "not all of its WHERE is understood"
PARAMETERS = "the values of its parameters are not printed"
VALUES = "not all of the values that it writes are known"
JOINED = "it takes rows or values from several tables"

_WORDS_BEHIND = """
set where returning from order limit group union except intersect join left inner cross natural right full outer indexed
not on
"""
_BEHIND_A_TABLE = tuple(_WORDS_BEHIND.split())
_WORDS_WITHIN = """
= == <> != < <= > >= + - * / % & | ~ || … ( collate is in like glob match regexp between not isnull notnull escape over
filter
"""
GOES_ON = tuple(_WORDS_WITHIN.split())
"""What goes on with an expression after a value."""


# -- its pieces ---------------------------------------------------------------------------------------------------

_MOST_TOKENS = 4_000

_TOKEN = re.compile(
    r"""(?:(?P<name>"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^]]*\])|(?P<text>'(?:[^']|'')*')|(?P<number>-?\d+(?:\.\d+)?(?!\w))"""
    r"""|(?P<hole>%s|%\(\w+\)s|\?\d*|[:@$]\w+)|(?P<word>[^\W\d]\w*)|(?P<sign><=|>=|<>|!=|==|\|\||[(),.=;<>*+/%&|~…-])"""
    r"""|(?P<other>\S))"""
)
_BLANK = re.compile(r"(?:\s|\\[nrt]|/\*(?:[^*]|\*(?!/)){0,2000}\*/|--[^\n]{0,2000})*")


@frozen
class Token:
    """A piece of a statement, where it begins, and how many holes for parameters stand before it.

    ``kind`` is ``name`` (in quotes), ``text``, ``number``, ``hole``, ``word``, ``sign``, ``other`` or ``end``.
    """

    kind: str
    text: str
    begin: int = 0
    holes: int = 0

    @property
    def word(self) -> str:
        """A keyword or a sign in lower case; empty for anything else."""
        return self.text.lower() if self.kind in ("word", "sign") else ""


END = Token("end", "")
"""What stands behind the last."""


def tokens_of(sql: str, bare: bool) -> list[Token]:
    """The pieces of a statement, up to what can be none.

    Args:
        bare: that values stand in it without quotes, so that anything can be a piece of one.
    """
    found: list[Token] = []
    at = holes = 0
    while len(found) < _MOST_TOKENS:
        blank = _BLANK.match(sql, at)
        match = _TOKEN.match(sql, blank.end() if blank else at)
        if match is None or (match.lastgroup == "other" and not bare):
            break
        kind = match.lastgroup or ""
        found.append(Token(kind, match[kind], match.start(kind), holes))
        at, holes = match.end(), holes + (kind == "hole")
    return found


# -- the reader ----------------------------------------------------------------------------------------------------


class Reader:
    """One statement while it is read.

    Args:
        table: what its columns may be qualified with.
        bare: the statement itself, where values may stand in it without quotes.
    """

    def __init__(self, tokens: list[Token], table: str, parameters: Parameters, bare: str = "") -> None:
        self._tokens = tokens
        self._parameters = parameters
        self._bare = bare
        self.at = 0
        self.called = {folded(table)}
        self.alone = True
        """That a name without a table is a column of the statement's own, since there is no other."""
        self.hidden = False
        """That a parameter was met whose value is not known."""
        self.in_where = self.unsure = False
        self.reasons: dict[str, None] = {}

    # -- tokens ---------------------------------------------------------------------------------------------------

    def peek(self, ahead: int = 0) -> Token:
        """The token that is next, or one behind it."""
        return self._tokens[self.at + ahead] if self.at + ahead < len(self._tokens) else END

    def take(self, *words: str) -> bool:
        """Step over one of some words or signs, if it is next."""
        found = self.peek().word in words
        self.at += found
        return found

    def _up_to(self, words: tuple[str, ...], cases: bool = False) -> Iterator[Token]:
        """Step over all up to one of some words outside of parentheses, or to the end.

        Args:
            cases: that a CASE is as good as a parenthesis.
        """
        depth = 0
        while (token := self.peek()) is not END and token.word != ";" and not (depth == 0 and token.word in words):
            depth += (token.word == "(") - (token.word == ")")
            depth += cases * ((token.word == "case") - (token.word == "end"))
            self.at += 1
            yield token

    def skip_to(self, word: str) -> bool:
        """Step over all up to a word outside of parentheses; False, where there is none, at the end."""
        for _ in self._up_to((word,)):
            pass
        return self.peek().word == word

    def skip_term(self) -> None:
        """Step over the rest of a condition or of a value: up to what can follow one."""
        ends = (")", ",", "and", "or", "where", "from", "returning", "order", "limit")
        for token in self._up_to(ends, cases=True):
            if token.word == "between" and self.skip_to("and"):  # its AND is no link
                self.at += 1

    # -- names and values -----------------------------------------------------------------------------------------

    def alias(self) -> None:
        """Read the name that a table is given in the statement, and which index is to be used."""
        token = self.peek()
        named = token.kind == "name" or (token.kind == "word" and token.word not in _BEHIND_A_TABLE)
        if self.take("as") or (named and self.peek(1).word in ("set", "where")):
            self.called = {folded(self.name() or "")}
        if self.take("not"):
            self.take("indexed")
        elif self.take("indexed") and self.take("by"):
            self.name()

    def source(self, table: str) -> None:
        """Read the name that a table is given in a query, of which it is the one that names may be qualified with."""
        token, self.called = self.peek(), {folded(table)}
        named = token.kind == "name" or (token.kind == "word" and token.word not in _BEHIND_A_TABLE)
        if self.take("as") or named:
            self.called = {folded(self.name() or "")}

    def name(self) -> str | None:
        """A column or table; its qualifiers are stepped over."""
        found = self.qualified()
        return found[1] if found else None

    def qualified(self) -> tuple[str | None, str] | None:
        """A name, and the one before its last point."""
        found: tuple[str | None, str] | None = None
        while self.peek().kind in ("name", "word"):
            found = (found[1] if found else None, unquoted(self.peek().text))
            self.at += 1
            if not self.take("."):
                return found
        return None

    def column(self) -> str | None:
        """A column of the statement's own table; None of any other's, and of what may be one."""
        found = self.qualified()
        return found[1] if found and self.is_own(found[0]) else None

    def is_own(self, qualifier: str | None) -> bool:
        """True if a column that is qualified so is one of the statement's own table."""
        return self.alone if qualifier is None else folded(qualifier) in self.called

    def names(self) -> list[str]:
        """A list of names in parentheses; empty where it is not one."""
        return self.in_parentheses(self.name)

    def in_parentheses(self, read: Callable[[], _T | None]) -> list[_T]:
        """What stands in parentheses, one by one; empty where one of it cannot be read."""
        found: list[_T] = []
        begin = self.at
        if not self.take("("):
            return []
        while (one := read()) is not None:
            found.append(one)
            if self.take(")"):
                return found
            if not self.take(","):
                break
        self.at = begin
        return []

    def value(self) -> Parameter:
        """The value that is next and nothing more than one; the place stays where it is not one."""
        begin, value, after = self.at, self.literal(), self.peek()
        goes_on = after.word in GOES_ON or (after.kind == "number" and after.text[0] == "-")
        cut_short = after.word == "." and (isinstance(value, DoubleQuoted) or self.peek(1).word == ".")
        if goes_on or cut_short or isinstance(value, Unknown):
            self.at = begin
            return UNKNOWN
        return value

    def literal(self) -> Parameter:
        """The value that is next, whatever goes on with it."""
        token = self.peek()
        self.at += 1
        match token.kind:
            case "text":
                return unquoted(token.text)
            case "name" if token.text[0] == '"':
                return DoubleQuoted(unquoted(token.text))
            case "number":
                return float(token.text) if "." in token.text else int(token.text) if len(token.text) < 19 else UNKNOWN
            case "hole":
                return self._parameter(token)
            case "word" if token.word in ("null", "true", "false"):
                return {"null": None, "true": 1, "false": 0}[token.word]
            case "word" if token.word == "x" and self.peek().kind == "text":
                digits = unquoted(self.peek().text)
                self.at += 1
                return bytes.fromhex(digits) if re.fullmatch(r"(?:[0-9A-Fa-f]{2})*", digits) else UNKNOWN
        return UNKNOWN

    def _parameter(self, token: Token) -> Parameter:
        hole = token.text
        place = int(hole[1:6]) - 1 if hole[1:].isdecimal() else token.holes
        value: Parameter = UNKNOWN
        if isinstance(self._parameters, Mapping):
            value = self._parameters.get(hole.strip("%()?").removesuffix(")s").lstrip(":@$"), UNKNOWN)
        elif 0 <= place < len(self._parameters):
            value = self._parameters[place]
        self.hidden = self.hidden or isinstance(value, Unknown)
        return value

    # -- what is written ------------------------------------------------------------------------------------------

    def rows(self, width: int) -> list[list[Parameter]]:
        """The rows of VALUES."""
        found = [self.row(width)]
        while self.peek().word == "," and self.peek(1).word == "(":
            self.at += 1
            found.append(self.row(width))
        return found

    def row(self, width: int) -> list[Parameter]:
        """The values in parentheses, those that are none as unknown."""
        found: list[Parameter] = []
        if not self.take("("):
            return found
        if self._bare and (cut := self._bare_row(width)) is not None:
            return cut
        while True:
            found.append(self._written())
            if self.take(")"):
                return found
            if not self.take(","):
                return []

    def _written(self) -> Parameter:
        value = self.value()
        if isinstance(value, Unknown):
            self.skip_term()
        return value

    def conflict_target(self) -> tuple[str, ...]:
        """The columns of an ON CONFLICT that is next; empty where there is none, or it names an expression."""
        return tuple(self.names()) if self.take("on") and self.take("conflict") else ()

    def assignments(self) -> list[tuple[str, Parameter]]:
        """``a = 1, b = c + 1``: the columns that are set, and to what, as far as that is a value."""
        found: list[tuple[str, Parameter]] = []
        while True:
            if names := self.names():  # (a, b) = (1, 2)
                found += ((name, UNKNOWN) for name in names)
                self.skip_term()
            elif (name := self.name()) is not None and self.take("="):
                value = self.bare_value()
                found.append((name, self._written() if isinstance(value, Unknown) else value))
            else:
                return found
            if not self.take(","):
                return found

    # -- INSERT … SELECT ------------------------------------------------------------------------------------------

    def selected(self) -> tuple[list[str | None], str | None]:
        """The terms of a SELECT, as columns or None for an expression, and the one table that they are from."""
        terms: list[list[Token]] = [[]]
        depth = 0
        for token in self._up_to(("from",)):
            depth += (token.word == "(") - (token.word == ")")
            if depth == 0 and token.word == ",":
                terms.append([])
            else:
                terms[-1].append(token)
        source = self.name() if self.take("from") else None
        names = [_column_of(term) for term in terms]
        if source is None:
            return names, None
        self.source(source)
        if self.peek().word in (",", "join", "left", "inner", "cross", "natural", "right", "full", "outer"):
            self.reasons[JOINED] = None
            return [], source
        if self.peek().word in ("group", "union", "except", "intersect", "limit", "order"):
            self.reasons[JOINED if self.peek().word == "union" else WHERE] = None
        return names, source

    # -- values without quotes ------------------------------------------------------------------------------------

    def _bare_row(self, width: int) -> list[Parameter] | None:
        """The values up to the end of a row, cut at its commas; None where that gives another number of them."""
        begin = self.peek().begin
        end = _END_OF_ROW.search(self._bare, begin)
        parts = self._bare[begin : end.start()].split(", ") if end else []
        if end is None or len(parts) != width:
            return None
        self._move_to(end.end())
        return [bare_text(part) for part in parts]

    def bare_value(self) -> Parameter:
        """The value that is next, where it may stand without quotes."""
        value = self.value() if self._bare else UNKNOWN
        if not self._bare or not isinstance(value, Unknown):
            return value
        begin = self.peek().begin
        end = _END_OF_VALUE.search(self._bare, begin)
        if self.peek() is END or end is None:
            return UNKNOWN
        if len(_WHERE.findall(self._bare, begin)) > (not self.in_where):  # one of them may be a part of a value
            self.unsure = True
            return UNKNOWN
        self._move_to(end.start())
        return bare_text(self._bare[begin : end.start()])

    @property
    def place(self) -> int:
        """Where in the statement what is next begins; behind the last piece, where that ends."""
        if self.peek() is not END or not self._tokens:
            return self.peek().begin
        return self._tokens[-1].begin + len(self._tokens[-1].text)

    def _move_to(self, place: int) -> None:
        while self.peek() is not END and self.peek().begin < place:
            self.at += 1


_END_OF_ROW = re.compile(r"\)(?=, \(|\)|\s*$| returning\b| on conflict\b)")
_NAME = r"(?:\"(?:[^\"]|\"\")+\"|`[^`]+`)(?:\.(?:\"(?:[^\"]|\"\")+\"|`[^`]+`))*"
_CONDITION = rf"(?:(?:not )?\(*{_NAME} (?:[=<>!]|in \(|is |not |like |between )|(?:not )?exists \()"
_WHERE = re.compile(rf" where {_CONDITION}")
_END_OF_VALUE = re.compile(
    rf", {_NAME} = | (?:where|and|or) {_CONDITION}|\)+\s*$|\)(?= (?:and|or) )| limit \d| order by |\n|$"
)
"""What can follow a value that stands without quotes: a comma alone, or a word, may be a part of it."""


def _column_of(term: list[Token]) -> str | None:
    """The column that a term of a SELECT is, with or without its table, or None for an expression."""
    if len(term) > 2 and term[1].word == ".":
        term = term[2:]
    if len(term) > 2 and term[-2].word == "as":
        term = term[:-2]
    if len(term) != 1 or (term[0].kind not in ("name", "word") and term[0].word != "*"):
        return None
    plain = unquoted(term[0].text)
    constants = ("null", "true", "false", "current_timestamp", "current_date", "current_time")
    return None if plain.lower() in constants else plain
