"""A statement that stands in a text, read token by token: its conditions, and the values that it writes. Pure.

What is not understood is skipped, and why is kept in ``reasons``. A condition that is not understood is left out where
others have to be true as well; where it is one of several that may be, all of them are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TypeVar

from sqlfix.explain.errors.conditions import ALWAYS, Condition, DoubleQuoted, Query, Where, group, negated
from sqlfix.explain.errors.printed_values import UNKNOWN, Parameter, Parameters, Unknown
from sqlfix.explain.errors.statement_tokens import END, Token, unquoted
from sqlfix.model.values import Value, folded

_T = TypeVar("_T")

WHERE = "not all of its WHERE is understood"
PARAMETERS = "the values of its parameters are not printed"
VALUES = "not all of the values that it writes are known"
JOINED = "it takes rows or values from several tables"
_DEEPEST = 20

_OPERATORS = {"=": "=", "==": "=", "<>": "<>", "!=": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
_WORDS_BEHIND = """
set where returning from order limit group union except intersect join left inner cross natural right full outer indexed
not on
"""
_BEHIND_A_TABLE = tuple(_WORDS_BEHIND.split())
_WORDS_WITHIN = """
= == <> != < <= > >= + - * / % & | ~ || … ( collate is in like glob match regexp between not isnull notnull escape over
filter
"""
_GOES_ON = tuple(_WORDS_WITHIN.split())
"""What goes on with an expression after a value."""


class Reader:
    """One statement while it is read.

    Args:
        table: what its columns may be qualified with.
        bare: the statement itself, where values may stand in it without quotes.
    """

    def __init__(self, tokens: list[Token], table: str, parameters: Parameters, bare: str = "") -> None:
        self._tokens = tokens
        self._at = 0
        self._parameters = parameters
        self._holes = 0
        self._bare = bare
        self._called = {folded(table)}
        self._depth = 0
        self._hidden = False
        self._in_where = False
        self._unsure = False
        self.reasons: dict[str, None] = {}

    # -- tokens ---------------------------------------------------------------------------------------------------

    def _peek(self, ahead: int = 0) -> Token:
        return self._tokens[self._at + ahead] if self._at + ahead < len(self._tokens) else END

    def take(self, *words: str) -> bool:
        """Step over one of some words or signs, if it is next."""
        if self._peek().word in words:
            self._at += 1
            return True
        return False

    def skip_to(self, word: str) -> bool:
        """Step over all up to a word outside of parentheses, and over it; False, where there is none, at the end."""
        depth = 0
        while (token := self._peek()) is not END and token.word != ";":
            self._step()
            if depth == 0 and token.word == word:
                return True
            depth += (token.word == "(") - (token.word == ")")
        return False

    def _step(self) -> None:
        self._holes += self._peek().kind == "hole"
        self._at += 1

    def _skip_term(self) -> None:
        """Step over the rest of a condition or of a value: up to what can follow one."""
        depth = 0
        while (token := self._peek()) is not END and token.word != ";":
            if depth == 0 and token.word in (")", ",", "and", "or", "where", "from", "returning", "order", "limit"):
                return
            depth += (token.word in ("(", "case")) - (token.word in (")", "end"))
            between = token.word == "between"
            self._step()
            if between:  # its AND is no link
                self.skip_to("and")

    # -- names and values -----------------------------------------------------------------------------------------

    def alias(self) -> None:
        """Read the name that a table is given in the statement, and which index is to be used."""
        token = self._peek(1 if self._peek().word == "as" else 0)
        named = token.kind == "name" or (token.kind == "word" and token.word not in _BEHIND_A_TABLE)
        if self.take("as") or (named and self._peek(1).word in ("set", "where")):
            self._called = {folded(self.name() or "")}
        if self.take("not"):
            self.take("indexed")
        elif self.take("indexed") and self.take("by"):
            self.name()

    def name(self) -> str | None:
        """A column or table; its qualifiers are stepped over."""
        found = self._qualified()
        return found[1] if found else None

    def _qualified(self) -> tuple[str | None, str] | None:
        """A name, and the one before its last point."""
        found: tuple[str | None, str] | None = None
        while self._peek().kind in ("name", "word"):
            found = (found[1] if found else None, unquoted(self._peek().text))
            self._at += 1
            if not self.take("."):
                return found
        return None

    def _column(self, unqualified: bool) -> str | None:
        """A column of the statement's own table; None of any other's, and of what may be one."""
        found = self._qualified()
        if found is None:
            return None
        qualifier, name = found
        return name if (unqualified if qualifier is None else folded(qualifier) in self._called) else None

    def names(self) -> list[str]:
        """A list of names in parentheses; empty where it is not one."""
        return self._in_parentheses(self.name)

    def _in_parentheses(self, read: Callable[[], _T | None]) -> list[_T]:
        found: list[_T] = []
        begin = self._at
        if not self.take("("):
            return []
        while (one := read()) is not None:
            found.append(one)
            if self.take(")"):
                return found
            if not self.take(","):
                break
        self._at = begin
        return []

    def _value(self) -> Parameter:
        """The value that is next and nothing more than one; the place stays where it is not one."""
        begin, holes = self._at, self._holes
        value = self._literal()
        after = self._peek()
        goes_on = after.word in _GOES_ON or (after.kind == "number" and after.text[0] == "-")
        cut_short = after.word == "." and (isinstance(value, DoubleQuoted) or self._peek(1).word == ".")
        if goes_on or cut_short:
            value = UNKNOWN
        if isinstance(value, Unknown):
            self._at, self._holes = begin, holes
        return value

    def _literal(self) -> Parameter:
        token = self._peek()
        self._step()
        match token.kind:
            case "text":
                return token.text[1:-1].replace("''", "'")
            case "name" if token.text[0] == '"':
                return DoubleQuoted(token.text[1:-1].replace('""', '"'))
            case "number":
                return float(token.text) if "." in token.text else int(token.text) if len(token.text) < 19 else UNKNOWN
            case "hole":
                return self._parameter(token.text)
            case "word" if token.word in ("null", "true", "false"):
                return {"null": None, "true": 1, "false": 0}[token.word]
            case "word" if token.word == "x" and self._peek().kind == "text":
                return self._blob()
        return UNKNOWN

    def _blob(self) -> Parameter:
        digits = self._peek().text[1:-1]
        self._at += 1
        return bytes.fromhex(digits) if re.fullmatch(r"(?:[0-9A-Fa-f]{2})*", digits) else UNKNOWN

    def _parameter(self, hole: str) -> Parameter:
        place = int(hole[1:6]) - 1 if hole[1:].isdecimal() else self._holes - 1
        value: Parameter = UNKNOWN
        if isinstance(self._parameters, Mapping):
            value = self._parameters.get(hole.strip("%()?").removesuffix(")s").lstrip(":@$"), UNKNOWN)
        elif 0 <= place < len(self._parameters):
            value = self._parameters[place]
        self._hidden = self._hidden or isinstance(value, Unknown)
        return value

    # -- what is written ------------------------------------------------------------------------------------------

    def rows(self, width: int) -> list[list[Parameter]]:
        """The rows of VALUES."""
        found = [self._row(width)]
        while self._peek().word == "," and self._peek(1).word == "(":
            self._at += 1
            found.append(self._row(width))
        return found

    def _row(self, width: int) -> list[Parameter]:
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
        value = self._value()
        if isinstance(value, Unknown):
            self._skip_term()
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
                self._skip_term()
            elif (name := self.name()) is not None and self.take("="):
                value = self._bare_value() if self._bare else UNKNOWN
                found.append((name, self._written() if isinstance(value, Unknown) else value))
            else:
                return found
            if not self.take(","):
                return found

    # -- conditions -----------------------------------------------------------------------------------------------

    def where(self, unqualified: bool = True) -> Where | None:
        """The conditions that are next; None where none of them is understood.

        Args:
            unqualified: that a name alone is a column of the statement's own table, since there is no other.
        """
        self._in_where = True
        found = self._any(unqualified) if not self._unsure else None
        if self._unsure:
            self.reasons[WHERE] = None
        return None if found is ALWAYS or self._unsure else found

    def _any(self, unqualified: bool) -> Where | None:
        """Conditions of which one has to be true: all of them are understood, or none is taken."""
        parts = [self._all(unqualified)]
        while self.take("or"):
            parts.append(self._all(unqualified))
        if any(part is None for part in parts):
            return None
        if any(part is ALWAYS for part in parts):
            return ALWAYS
        return group("OR", (part for part in parts if part is not None))

    def _all(self, unqualified: bool) -> Where | None:
        parts = [self._term(unqualified)]
        while self.take("and"):
            parts.append(self._term(unqualified))
        if all(part is ALWAYS for part in parts):
            return ALWAYS
        return group("AND", (part for part in parts if part is not None and part is not ALWAYS))

    def _term(self, unqualified: bool) -> Where | None:
        begin, holes, self._hidden = self._at, self._holes, False
        denied = False
        while self.take("not"):
            denied = not denied
        before, self.reasons = self.reasons, {}
        found = self._of_a_row(unqualified) or self._nested(unqualified) or self._predicate(unqualified)
        if denied and found is not None:  # what is not wholly understood cannot be turned round
            found = negated(found) if found is not ALWAYS and not self.reasons else None
            self._at, self._holes = (begin, holes) if found is None else (self._at, self._holes)
        self.reasons = before | self.reasons
        if found is None or self._peek().word in _GOES_ON:
            self.reasons[PARAMETERS if self._hidden else WHERE] = None
            if found is not None:
                self._at, self._holes = begin, holes
            self._skip_term()
            return None
        return found

    def _nested(self, unqualified: bool) -> Where | None:
        """Conditions in parentheses."""
        begin, holes, reasons = self._at, self._holes, dict(self.reasons)
        if self._depth < _DEEPEST and self.take("("):
            self._depth += 1
            found = self._any(unqualified)
            self._depth -= 1
            if found is not None and self.take(")"):
                return found
        self._at, self._holes, self.reasons = begin, holes, reasons
        return None

    def _of_a_row(self, unqualified: bool) -> Where | None:
        """``(a, b) = (1, 2)``, or ``IN (VALUES (1, 2), (3, 4))``, where it is all of a condition."""
        begin, holes = self._at, self._holes
        columns = self._in_parentheses(lambda: self._column(unqualified))
        denied = len(columns) > 1 and self.take("not")
        rows: list[list[Parameter]] = []
        if len(columns) > 1 and self.take("in") and self.take("("):
            self.take("values")
            rows = self.rows(0)
            rows = rows if self.take(")") else []
        elif len(columns) > 1 and not denied and self._peek().word in ("=", "==", "<>", "!="):
            denied = _OPERATORS[self._peek().word] == "<>"
            self._at += 1
            rows = [self._row(0)]
        values = [[(value,) for value in row if not isinstance(value, Unknown)] for row in rows]
        if not values or any(len(row) != len(columns) for row in values):
            self._at, self._holes = begin, holes
            return None
        same = (
            group("AND", (Condition(name, "=", value) for name, value in zip(columns, row, strict=True)))
            for row in values
        )
        found = group("OR", (one for one in same if one is not None))
        return negated(found) if denied and found is not None else found

    def _predicate(self, unqualified: bool) -> Where | None:
        begin, holes = self._at, self._holes
        column = self._column(unqualified)
        found = self._compared(column) if column is not None else None
        if found is None:
            self._at, self._holes = begin, holes
            value = self._literal()
            operator = _OPERATORS.get(self._peek().word)
            if operator and not isinstance(value, Unknown) and not isinstance(value, DoubleQuoted):
                self._at += 1
                if (name := self._column(unqualified)) is not None:  # 7 = id
                    return Condition(name, _FLIPPED.get(operator, operator), (value,))
                if operator == "=" and value is not None and self._value() == value:  # 1 = 1
                    return ALWAYS
            self._at, self._holes = begin, holes
        return found

    def _compared(self, column: str) -> Where | None:
        token = self._peek()
        if operator := _OPERATORS.get(token.word):
            self._at += 1
            value = self._bare_value() if self._bare else UNKNOWN
            return self._with(column, operator, self._value() if isinstance(value, Unknown) else value)
        if self.take("isnull"):
            return Condition(column, "IS", (None,))
        if self.take("notnull"):
            return Condition(column, "IS NOT", (None,))
        if self.take("is"):
            operator = "IS NOT" if self.take("not") else "IS"
            return self._with(column, operator, self._value())
        denied = self.take("not")
        if self.take("between"):
            low = self._literal()
            high = self._value() if self.take("and") else UNKNOWN
            from_, to = self._with(column, ">=", low), self._with(column, "<=", high)
            within = group("AND", (from_, to)) if from_ and to else None
            return negated(within) if within and denied else within
        if self.take("in"):
            return self._in(column, "NOT IN" if denied else "IN")
        for word in ("like", "glob"):
            if self.take(word):
                return self._like(column, f"NOT {word.upper()}" if denied else word.upper())
        return None

    def _like(self, column: str, operator: str) -> Condition | None:
        """A pattern, and the character of its ESCAPE."""
        pattern = self._literal()
        if not isinstance(pattern, str):
            return None
        if not self.take("escape"):
            return Condition(column, operator, (pattern,))
        escape = self._literal()
        fits = operator.endswith("LIKE") and isinstance(escape, str) and len(escape) == 1
        return Condition(column, operator, (pattern, escape)) if fits and isinstance(escape, str) else None

    def _with(self, column: str, operator: str, value: Parameter) -> Condition | None:
        return None if isinstance(value, Unknown) else Condition(column, operator, (value,))

    def _in(self, column: str, operator: str) -> Where | None:
        if self._peek().word == "(" and self._peek(1).word == "select":
            return self._in_query(column, operator)
        if self._peek().word == "(" and self._peek(1).word == ")":
            self._at += 2
            return Condition(column, operator)
        values = self._in_parentheses(self._known_value)
        return Condition(column, operator, tuple(one for (one,) in values)) if values else None

    def _known_value(self) -> tuple[Value] | None:
        value = self._value()
        return None if isinstance(value, Unknown) else (value,)

    def _in_query(self, column: str, operator: str) -> Condition | None:
        """``IN (SELECT a FROM t WHERE …)``: one plain column of one table."""
        self._at += 2
        mine, reasons, called = self._depth, dict(self.reasons), self._called
        self.take("distinct")
        qualified = self._qualified()
        table = self.name() if qualified and self.take("from") else None
        if qualified is None or table is None or mine >= _DEEPEST:
            return None
        self._called, self._depth, self.reasons = {folded(table)}, mine + 1, {}
        self.take("as")
        if self._peek().kind in ("name", "word") and self._peek().word not in ("where", "order", "limit"):
            self._called = {folded(self.name() or "")}
        of_it = qualified[0] is None or folded(qualified[0]) in self._called
        has_where = self.take("where")
        where = self.where() if has_where else None
        whole = not self.reasons and (where is not None or not has_where)
        self._called, self._depth, self.reasons = called, mine, reasons
        limited = self._peek().word in ("limit", "order")
        if limited:
            self._skip_to_end()
        if not of_it or not self.take(")") or (operator == "NOT IN" and not whole):
            return None
        if not whole:
            self.reasons[WHERE] = None
        return Condition(column, operator, query=Query(qualified[1], table, where, limited))

    def _skip_to_end(self) -> None:
        """Step up to the parenthesis that ends a query."""
        depth = 0
        while (token := self._peek()) is not END and not (depth == 0 and token.word == ")"):
            depth += (token.word == "(") - (token.word == ")")
            self._step()

    # -- INSERT … SELECT ------------------------------------------------------------------------------------------

    def selected(self) -> tuple[list[str | None], str | None]:
        """The terms of a SELECT, as columns or None for an expression, and the one table that they are from."""
        terms: list[list[Token]] = [[]]
        depth = 0
        while (token := self._peek()) is not END and token.word != ";" and not (depth == 0 and token.word == "from"):
            depth += (token.word == "(") - (token.word == ")")
            self._step()
            if depth == 0 and token.word == ",":
                terms.append([])
            else:
                terms[-1].append(token)
        source = self.name() if self.take("from") else None
        names = [_column_of(term) for term in terms]
        if source is None:
            return names, None
        self._called = {folded(source)}
        if (
            self.take("as")
            or self._peek().kind == "name"
            or self._peek().word not in (*_BEHIND_A_TABLE, ",", "", ")", ";")
        ):
            self._called = {folded(self.name() or "")}
        if self._peek().word in (",", "join", "left", "inner", "cross", "natural", "right", "full", "outer"):
            self.reasons[JOINED] = None
            return [], source
        if self._peek().word in ("group", "union", "except", "intersect", "limit", "order"):
            self.reasons[JOINED if self._peek().word == "union" else WHERE] = None
        return names, source

    # -- values without quotes ------------------------------------------------------------------------------------

    def _bare_row(self, width: int) -> list[Parameter] | None:
        """The values up to the end of a row, cut at its commas; None where that gives another number of them."""
        begin = self._peek().begin
        end = _END_OF_ROW.search(self._bare, begin)
        parts = self._bare[begin : end.start()].split(", ") if end else []
        if end is None or len(parts) != width:
            return None
        self._move_to(end.end())
        return [_bare_text(part) for part in parts]

    def _bare_value(self) -> Parameter:
        """The value that is next, with or without quotes."""
        value = self._value()
        if not isinstance(value, Unknown):
            return value
        begin = self._peek().begin
        end = _END_OF_VALUE.search(self._bare, begin)
        if self._peek() is END or end is None:
            return UNKNOWN
        if len(_WHERE.findall(self._bare, begin)) > (not self._in_where):  # one of them may be a part of a value
            self._unsure = True
            return UNKNOWN
        self._move_to(end.start())
        return _bare_text(self._bare[begin : end.start()])

    def _move_to(self, place: int) -> None:
        while self._peek() is not END and self._peek().begin < place:
            self._at += 1


_END_OF_ROW = re.compile(r"\)(?=, \(|\)|\s*$| returning\b| on conflict\b)")
_NAME = r"(?:\"(?:[^\"]|\"\")+\"|`[^`]+`)(?:\.(?:\"(?:[^\"]|\"\")+\"|`[^`]+`))*"
_CONDITION = rf"(?:(?:not )?\(*{_NAME} (?:[=<>!]|in \(|is |not |like |between )|(?:not )?exists \()"
_WHERE = re.compile(rf" where {_CONDITION}")
_END_OF_VALUE = re.compile(
    rf", {_NAME} = | (?:where|and|or) {_CONDITION}|\)+\s*$|\)(?= (?:and|or) )| limit \d| order by |\n|$"
)
"""What can follow a value that stands without quotes: a comma alone, or a word, may be a part of it."""


def _bare_text(text: str) -> Parameter:
    """A value that stands without quotes; what is empty may be NULL as well."""
    plain = text.strip()
    if re.fullmatch(r"-?\d{1,18}", plain):
        return int(plain)
    if len(plain) > 1 and plain[0] == plain[-1] == "'":
        return plain[1:-1].replace("''", "'")
    return plain or UNKNOWN


def _column_of(term: list[Token]) -> str | None:
    """The column that a term of a SELECT is, with or without its table, or None for an expression."""
    if len(term) > 2 and term[1].word == ".":
        term = term[2:]
    if len(term) > 2 and term[-2].word == "as":
        term = term[:-2]
    if len(term) == 1 and term[0].word == "*":
        return "*"
    if len(term) != 1 or term[0].kind not in ("name", "word"):
        return None
    plain = unquoted(term[0].text)
    return (
        None
        if plain.lower() in ("null", "true", "false", "current_timestamp", "current_date", "current_time")
        else plain
    )
