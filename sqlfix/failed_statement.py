"""The SQL statement that an error message carries with it: its verb, its table and the values it names. Pure.

Frameworks print the statement that failed, each in its own way, with its parameters beside it or not. What is read
here is only what a person would read off it at a glance; where a statement is more than that, less is said of it.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from sqlfix.model import Value

_T = TypeVar("_T")

Pairs = tuple[tuple[str, Value], ...]
"""Values by the names of their columns."""

NEAR = 8_000
"""How many characters before and after a message its statement is looked for."""
_MOST_TOKENS = 2_000
_LONGEST = 10_000
"""Of a list of parameters, as it is printed."""


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement that failed: ``verb`` is ``DELETE``, ``INSERT``, ``UPDATE`` or ``DROP``.

    ``where`` is the row that it was for, if it names one by equality alone; ``values`` what it was to write, as far as
    the text tells. ``source`` is the table of an INSERT … SELECT, and ``copied`` says which column gets which of its
    columns.
    """

    verb: str
    table: str
    where: Pairs = ()
    values: Pairs = ()
    source: str | None = None
    copied: tuple[tuple[str, str], ...] = ()


_NAME = r"""(?:"(?:[^"\n]|""){1,200}"|`(?:[^`\n]|``){1,200}`|\[[^]\n]{1,200}\]|[^\W\d][\w$]{0,200})"""
_START = re.compile(
    rf"\b(?:(?P<delete>DELETE\s{{1,20}}FROM)|(?P<insert>(?:INSERT|REPLACE)\s{{1,20}}(?:OR\s{{1,20}}\w{{1,9}}\s{{1,20}})?INTO)"
    rf"|(?P<update>UPDATE(?:\s{{1,20}}OR\s{{1,20}}\w{{1,9}})?)"
    rf"|(?P<drop>DROP\s{{1,20}}TABLE(?:\s{{1,20}}IF\s{{1,20}}EXISTS)?))\s{{1,20}}(?:{_NAME}\.)?(?P<table>{_NAME})",
    re.IGNORECASE,
)
_TOKEN = re.compile(
    r"""\s*(?:(?P<name>"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^]]*\])|(?P<text>'(?:[^']|'')*')|(?P<number>-?\d+(?:\.\d+)?(?!\w))"""
    r"""|(?P<hole>%s|%\((?P<formatted>\w+)\)s|\?\d*|[:@$]\w+)|(?P<word>[^\W\d]\w*)|(?P<sign>[(),.=;]))"""
)


def find_statement(text: str, at: int) -> Statement | None:
    """The statement that stands nearest to a message, or None.

    Args:
        text: all that was pasted.
        at: where the message begins.
    """
    begin = max(0, at - NEAR)
    window = text[begin : at + NEAR].replace('\\"', '"').replace("\\'", "'")
    starts = [m for m in _START.finditer(window) if not m["update"] or _sets_something(window, m.end())]
    if not starts:
        return None
    nearest = min(starts, key=lambda m: abs(m.start() + begin - at))
    verb = next(word for word in ("delete", "insert", "update", "drop") if nearest[word]).upper()
    return _Reader(window, nearest.end(), _parameters(window, nearest.start())).read(verb, unquoted(nearest["table"]))


def _sets_something(text: str, at: int) -> bool:
    return re.match(r"\s{1,20}SET\s", text[at : at + 30], re.IGNORECASE) is not None


def unquoted(name: str) -> str:
    """A name of SQL without its quotes."""
    if name[:1] == "[":
        return name[1:-1]
    if name[:1] in ('"', "`") and len(name) > 1:
        return name[1:-1].replace(name[0] * 2, name[0])
    return name


def split_list(text: str, separator: str = ",") -> list[str]:
    """The parts of a list, cut where a separator stands in no quotes and no parentheses."""
    parts, depth, quote, begin = [], 0, "", 0
    closing = {"[": "]"}
    for place, character in enumerate(text):
        if quote:
            quote = "" if character == quote else quote
        elif character in "'\"`":
            quote = closing.get(character, character)
        elif character in "([{":
            depth += 1
        elif character in ")]}":
            depth -= 1
        elif character == separator and depth == 0:
            parts.append(text[begin:place].strip())
            begin = place + 1
    return [*parts, text[begin:].strip()]


# -- parameters ---------------------------------------------------------------------------------------------------


class _Unknown:
    """What is printed is not a value that can be read."""


_UNKNOWN = _Unknown()
_Parameter = int | float | str | bytes | None | _Unknown
_Parameters = Sequence[_Parameter] | Mapping[str, _Parameter]

_PYTHON = re.compile(rf"\[parameters: (?P<list>[(\[{{][^\n]{{0,{_LONGEST}}})\]")
_RUBY = re.compile(rf"(?<!\[)\[(?P<list>\[\"\w[^\n]{{0,{_LONGEST}}}\])\]")
_NET = re.compile(rf"\[Parameters=\[(?P<list>@[^\n]{{0,{_LONGEST}}})\], CommandType")
_NODE = re.compile(rf"\bparameters: \[(?P<list>[^]\n]{{0,{_LONGEST}}})\]")
_DRIZZLE = re.compile(rf"^params: (?P<list>[^\n]{{1,{_LONGEST}}})$", re.MULTILINE)


def _parameters(text: str, at: int) -> _Parameters:
    """The parameters that are printed after a statement, or for some frameworks before it."""
    if match := _PYTHON.search(text, at):
        return _python(match["list"])
    if match := _NODE.search(text, at) or _DRIZZLE.search(text, at):
        return [_python_value(part) for part in split_list(match["list"])]
    if match := _RUBY.search(text, at):
        pairs = [split_list(part.strip()[1:-1]) for part in split_list(match["list"])]
        return [_python_value(pair[-1]) for pair in pairs]
    if before := deque(_NET.finditer(text, 0, at), maxlen=1):
        named = (part.partition("=") for part in split_list(before[0]["list"]))
        return {name.strip().lstrip("@"): _net_value(value) for name, _, value in named}
    return ()


def _python(text: str) -> _Parameters:
    inside = text[1:-1]
    parts = [part for part in split_list(inside) if part]
    if text[0] == "{":
        named = (split_list(part, ":") for part in parts)
        return {str(_python_value(pair[0])): _python_value(pair[1]) for pair in named if len(pair) == 2}
    if text[0] == "[":
        return _python(parts[0]) if len(parts) == 1 and parts[0][:1] in ("(", "{") else ()  # one of many rows: which?
    return [_python_value(part) for part in parts]


def _python_value(text: str) -> _Parameter:
    words = {"nil": None, "null": None, "None": None, "NULL": None, "true": 1, "false": 0}
    if text in words:
        return words[text]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of an escape that is none
            value = ast.literal_eval(text)
        if isinstance(value, str):
            value.encode()
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return _UNKNOWN
    if isinstance(value, bool):
        return int(value)
    return value if isinstance(value, int | float | str | bytes) else _UNKNOWN


def _net_value(text: str) -> _Parameter:
    match = re.match(r"'(.*?)'(?=$|\s*\()|NULL", text.strip())
    if match is None or match[1] == "?":  # which is printed where the values are held to be secrets
        return _UNKNOWN
    return None if match[1] is None else int(match[1]) if re.fullmatch(r"-?\d{1,18}", match[1]) else match[1]


# -- the statement ------------------------------------------------------------------------------------------------


class _Reader:
    """One statement while it is read, token by token."""

    def __init__(self, text: str, at: int, parameters: _Parameters) -> None:
        self._tokens = list(_tokens(text, at))
        self._at = 0
        self._parameters = parameters
        self._holes = 0

    def read(self, verb: str, table: str) -> Statement:
        """The statement whose verb and table have been read."""
        values: Pairs = ()
        if verb == "INSERT":
            columns = self._list(self._name)
            if self._take("select"):
                return Statement(verb, table, source=(copied := self._copied(columns))[0], copied=copied[1])
            return Statement(verb, table, values=self._inserted(columns))
        if verb == "UPDATE" and self._take("set"):
            values = self._equalities(",")[0]
        where, whole = self._equalities("and") if self._take("where") else ((), False)
        return Statement(verb, table, where if whole else (), values)

    def _peek(self) -> tuple[str, str]:
        return self._tokens[self._at] if self._at < len(self._tokens) else ("end", "")

    def _take(self, *words: str) -> bool:
        kind, text = self._peek()
        if kind in ("word", "sign") and text.lower() in words:
            self._at += 1
            return True
        return False

    def _name(self) -> str | None:
        kind, text = self._peek()
        if kind not in ("name", "word"):
            return None
        self._at += 1
        if self._take("."):
            return self._name()
        return unquoted(text)

    def _value(self) -> _Parameter:
        kind, text = self._peek()
        self._at += 1
        match kind:
            case "text":
                return text[1:-1].replace("''", "'")
            case "name" if text[0] == '"':  # a string to SQLite where no column is called so
                return text[1:-1].replace('""', '"')
            case "number":
                return float(text) if "." in text else int(text) if len(text) < 19 else _UNKNOWN
            case "hole":
                return self._parameter(text)
            case "word" if text.lower() in ("null", "true", "false"):
                return {"null": None, "true": 1, "false": 0}[text.lower()]
        return _UNKNOWN

    def _parameter(self, hole: str) -> _Parameter:
        place = self._holes
        self._holes += 1
        if isinstance(self._parameters, Mapping):
            return self._parameters.get(hole.strip("%()?").removesuffix(")s").lstrip(":@$"), _UNKNOWN)
        if hole[1:].isdecimal():
            place = int(hole[1:6]) - 1
        return self._parameters[place] if 0 <= place < len(self._parameters) else _UNKNOWN

    def _copied(self, columns: Sequence[str | None]) -> tuple[str | None, tuple[tuple[str, str], ...]]:
        """The table that rows are copied from, and which columns: those that are copied as they are."""
        terms: list[list[tuple[str, str]]] = [[]]
        depth = 0
        while self._peek()[0] != "end" and not (depth == 0 and self._take("from")):
            kind, text = self._peek()
            depth += (text == "(") - (text == ")")
            self._at += 1
            if depth == 0 and text == ",":
                terms.append([])
            else:
                terms[-1].append((kind, text))
        source = self._name()
        names = [_column_of(term) for term in terms]
        if len(names) != len(columns):
            return source, ()
        return source, tuple((to, name) for to, name in zip(columns, names, strict=True) if to and name)

    def _inserted(self, columns: Sequence[str | None]) -> Pairs:
        if not self._take("values"):
            return ()
        values = self._list(self._value)
        if len(values) != len(columns):
            return ()
        pairs = zip(columns, values, strict=True)
        return tuple((name, value) for name, value in pairs if name is not None and not isinstance(value, _Unknown))

    def _list(self, read: Callable[[], _T]) -> list[_T]:
        """What stands in a pair of parentheses; cut short where it is not a plain list."""
        found: list[_T] = []
        if not self._take("("):
            return found
        while self._peek()[0] != "end":
            found.append(read())
            depth = 0
            while depth or not self._take(","):  # the rest of an expression that is no plain value
                if depth == 0 and self._take(")"):
                    return found
                text = self._peek()[1]
                if not text:
                    return []
                depth += (text == "(") - (text == ")")
                self._at += 1
        return []

    def _equalities(self, link: str) -> tuple[Pairs, bool]:
        """``name = value`` and more of it, and whether that was all of it, with no value left unknown."""
        pairs: list[tuple[str, Value]] = []
        whole = True
        while True:
            while self._take("("):
                pass
            name = self._name()
            if name is None or not (self._take("=", "is") or (self._take("in") and self._take("("))):
                return tuple(pairs), False
            if self._take("select"):  # DELETE … WHERE rowid IN (SELECT rowid FROM t WHERE id = 7 LIMIT 1)
                while self._peek()[0] != "end" and not self._take("where"):
                    self._at += 1
                return self._equalities(link)
            value = self._value()
            if isinstance(value, _Unknown):
                whole = False
            else:
                pairs.append((name, value))
            while self._take(")"):
                pass
            if not self._take(link):
                return tuple(pairs), whole and self._peek()[1].lower() not in ("or", ",", "(", "=", "collate")


def _column_of(term: Sequence[tuple[str, str]]) -> str | None:
    """The column that a term of a SELECT is, with or without its table, or None for an expression."""
    if term[1:2] == [("sign", ".")]:
        term = term[2:]
    if term[2:] and term[-2][1].lower() == "as":
        term = term[:-2]
    return unquoted(term[0][1]) if len(term) == 1 and term[0][0] in ("name", "word") else None


def _tokens(text: str, at: int) -> Iterator[tuple[str, str]]:
    for _ in range(_MOST_TOKENS):
        match = _TOKEN.match(text, at)
        if match is None:
            return
        at = match.end()
        kind = match.lastgroup or ""
        yield ("hole" if kind == "formatted" else kind), match[0].strip()
