"""Reads what only the text of a CREATE TABLE statement tells: names of constraints, DEFERRABLE, MATCH, CHECK, places.

It walks over the tokens and follows the rules of SQLite's own grammar, parse.y; sqlglot's parser for CREATE statements
is left aside because it gives up on, or misreads, some of what SQLite accepts. It takes for granted that SQLite has
accepted the text once: it is no judge of what is valid.
"""

import re
from dataclasses import replace
from functools import lru_cache
from typing import NoReturn

from sqlfix.model.values import folded
from sqlfix.sql.table_text import CheckText, ClauseText, ColumnText, ConflictText, ForeignKeyText, TableText
from sqlfix.sql.tokens import QUOTES, SPACE, DdlError, Span, Token, tokens
from sqlfix.text import words_of


@lru_cache(maxsize=256)  # a change of a table reads the same text ten times
def read_create_table(sql: str) -> TableText:
    """Read one CREATE TABLE statement.

    Args:
        sql: the text as it stands in ``sqlite_schema.sql``.

    Raises:
        DdlError: the text is not a CREATE TABLE statement with a list of columns, or is damaged.
    """
    return _Statement(sql).table()


# -- the grammar --------------------------------------------------------------------------------------------------

# Where the type of a column ends. GENERATED is not among them: SQLite too takes it into the type, and out again.
_AFTER_TYPE = words_of("constraint default null not primary unique check references deferrable collate as")
_TABLE_CONSTRAINTS = frozenset(("constraint", "primary", "unique", "check", "foreign"))
_ACTIONS = (("set", "null"), ("set", "default"), ("cascade",), ("restrict",), ("no", "action"))
_GENERATED_ALWAYS = re.compile(rf"(?:generated[{SPACE}]*)?always\Z", re.IGNORECASE | re.ASCII)


class _Statement:
    """One CREATE TABLE statement while it is read: the tokens, how far the reading has come, and what was found."""

    def __init__(self, sql: str) -> None:
        self._sql = sql
        self._tokens = [*tokens(sql), Token("", "", None, len(sql), len(sql))]  # the last one stands for the end
        self._at = 0
        self._columns: list[ColumnText] = []
        self._foreign_keys: list[ForeignKeyText] = []
        self._checks: list[CheckText] = []
        self._uniques: list[tuple[str, ...]] = []
        self._primary_key: tuple[str, ...] = ()
        self._conflicts: list[ConflictText] = []
        self._clauses: list[ClauseText] = []  # of the column that is being read, and at last of the table

    # What comes next, and going past it.

    def _fail(self) -> NoReturn:
        token = self._tokens[self._at]
        if not token.text:
            raise DdlError("the text ends too early")
        raise DdlError(f"{token.text[:40]!r} at character {token.start} was not expected")

    def _next(self) -> Token:
        token = self._tokens[self._at]
        if not token.text:
            self._fail()
        self._at += 1
        return token

    def _word(self) -> str:
        return self._tokens[self._at].word

    def _take(self, *words: str) -> bool:
        """Go past these words if they come next."""
        at = self._at
        for word in words:
            if self._tokens[at].word != word:  # that of the last one is empty
                return False
            at += 1
        self._at = at
        return True

    def _need(self, *words: str) -> None:
        if not self._take(*words):
            self._fail()

    def _name(self) -> str:
        name = self._tokens[self._at].name
        if name is None:
            self._fail()
        self._at += 1
        return name

    def _span(self, first: int) -> Span:
        """The place from the token of that number to the last one that was read."""
        return self._tokens[first].start, self._tokens[self._at - 1].end

    def _text(self, span: Span) -> str:
        return self._sql[span[0] : span[1]]

    def _parenthesis(self) -> None:
        """Go past one pair of parentheses and what is in it."""
        self._need("(")
        depth = 1
        while depth:
            word = self._next().word
            depth += (word == "(") - (word == ")")

    def _names(self, spans: list[Span] | None = None) -> tuple[str, ...]:
        """The names of a list in parentheses; COLLATE, ASC and the like after a name are passed over.

        Args:
            spans: gets the place of each.
        """
        self._need("(")
        names = []
        depth, wanted = 1, True
        while depth:
            word = self._word()
            if wanted and word != "(":
                names.append(self._name())
                if spans is not None:
                    spans.append(self._span(self._at - 1))
                wanted = False
            else:
                self._next()
                depth += (word == "(") - (word == ")")
                wanted = wanted or (word == "," and depth == 1)
        return tuple(names)

    # The rules of parse.y, from the whole down to its parts.

    def table(self) -> TableText:
        self._need("create")
        if not self._take("temp"):
            self._take("temporary")
        self._need("table")
        self._take("if", "not", "exists")
        name = self._name()
        if self._take("."):
            name = self._name()
        self._need("(")
        self._column()
        while self._take(","):
            if self._word() in _TABLE_CONSTRAINTS:
                self._table_constraints()
                break
            self._column()
        self._need(")")
        end = self._tokens[self._at - 1].start
        options = self._options()
        return TableText(
            name=name,
            columns=tuple(self._columns),
            foreign_keys=tuple(self._foreign_keys),
            checks=tuple(self._checks),
            uniques=tuple(self._uniques),
            primary_key=self._primary_key,
            without_rowid="rowid" in options,
            strict="strict" in options,
            conflicts=tuple(self._conflicts),
            clauses=tuple(self._clauses),
            end=end,
        )

    def _options(self) -> set[str]:
        options = set()
        while self._word() in ("without", "strict"):
            if self._take("strict"):
                options.add("strict")
            else:
                self._need("without", "rowid")
                options.add("rowid")
            if not self._take(","):
                break
        self._take(";")
        if self._tokens[self._at].text:
            self._fail()
        return options

    def _column(self) -> None:
        first = self._at
        name = self._name()
        type, type_span = self._type()
        column = ColumnText(name, type, type_span=type_span)
        while (label := self._label()) and self._word() not in (",", ")"):
            kind, begun = self._kind(), self._at
            column = self._column_constraint(column, label[0])
            self._note(kind, (column.name,), begun, label[1])
        self._columns.append(replace(column, span=self._span(first), clauses=tuple(self._clauses)))
        self._clauses = []

    def _label(self) -> tuple[str | None, int]:
        """Go past the names of a constraint, of which the last one counts: that, and the token with which it begins."""
        name, first = None, self._at
        while self._take("constraint"):
            name = self._name()
        return name, first

    def _kind(self) -> str:
        """Which kind of clause begins here: see `ClauseText`."""
        word, following = self._word(), self._tokens[min(self._at + 1, len(self._tokens) - 1)].word
        if word == "not":
            return "not null" if following == "null" else "deferrable"
        return {"primary": "primary key", "as": "generated", "foreign": "references"}.get(word, word)

    def _note(self, kind: str, columns: tuple[str, ...], begun: int, first: int) -> None:
        """Note the clause that was read; its first word and its beginning are the tokens of these numbers."""
        self._clauses.append(ClauseText(kind, columns, self._tokens[begun].start, self._span(first)))

    def _type(self) -> tuple[str, Span]:
        first = self._at
        while self._tokens[self._at].name is not None and self._word() not in _AFTER_TYPE:
            self._at += 1
        start, end = self._span(first)
        if first == self._at:
            return "", (end, end)
        if self._word() == "(":
            self._parenthesis()
        start, end = self._span(first)
        text = self._text((start, end))
        if len(text) >= 16:  # the length of GENERATED ALWAYS; SQLite then also drops a lone ALWAYS
            text = _GENERATED_ALWAYS.sub("", text).rstrip(SPACE)
            end = start + len(text) if text else self._tokens[first - 1].end
        # Of a type in quotes SQLite keeps the first quoted part.
        type = (self._tokens[first].name or "") if text[:1] and text[0] in QUOTES else text
        return type, (start if text else end, end)

    def _column_constraint(self, column: ColumnText, label: str | None) -> ColumnText:
        first = self._at
        if self._take("default"):
            return replace(column, default=self._default())
        if self._take("not", "null"):
            self._on_conflict((column.name,), unique=False)
            return replace(column, not_null=True)
        if self._take("collate"):
            return replace(column, collation=self._name())
        if self._take("generated", "always", "as") or self._take("as"):
            self._parenthesis()
            if self._word() not in _AFTER_TYPE | {"generated", ",", ")"}:
                self._name()  # VIRTUAL or STORED
            return replace(column, generated=True)
        if self._take("null"):
            self._on_conflict(())
        elif self._take("primary", "key"):
            self._primary_key = (column.name,)
            if not self._take("asc"):
                self._take("desc")
            self._on_conflict((column.name,))
            self._take("autoincrement")
        elif self._take("unique"):
            self._uniques.append((column.name,))
            self._on_conflict((column.name,))
        elif self._word() == "check":
            self._check(label)
        elif self._word() == "references":
            self._references((column.name,), label, first)
        else:
            deferred = self._deferrable()
            if deferred is None:
                self._fail()
            # It belongs to the most recent foreign key, whichever column that is on; without any it is void.
            if self._foreign_keys:
                last = self._foreign_keys[-1]
                deferrals = (*last.deferrals, (deferred, self._span(first)))
                self._foreign_keys[-1] = replace(last, deferrable=deferred, deferrals=deferrals)
        return column

    def _table_constraints(self) -> None:
        while self._word() != ")":
            self._take(",")  # which SQLite does not ask for
            label, first = self._label()
            if label is None or self._word() not in (",", ")"):  # a name may stand alone
                kind, begun = self._kind(), self._at
                self._note(kind, self._table_constraint(label), begun, first)

    def _table_constraint(self, label: str | None) -> tuple[str, ...]:
        """Go past a constraint of the table; the columns that it is about."""
        first = self._at
        if self._take("primary", "key"):
            columns = self._primary_key = self._names()
            self._on_conflict(self._primary_key)
        elif self._take("unique"):
            columns = self._names()
            self._uniques.append(columns)
            self._on_conflict(columns)
        elif self._take("foreign", "key"):
            columns = self._names()
            self._references(columns, label, first)
        else:
            columns = ()
            self._check(label)
            self._on_conflict(())
        return columns

    def _default(self) -> str:
        first = self._at
        if self._word() == "(":
            self._parenthesis()
            start, end = self._span(first)
            return self._sql[start + 1 : end - 1].strip(SPACE)
        if not self._take("+"):
            self._take("-")
        token = self._next()
        if token.word and token.name is None:
            self._at -= 1
            self._fail()
        return self._text(self._span(first))

    def _on_conflict(self, columns: tuple[str, ...], unique: bool = True) -> None:
        if self._take("on", "conflict"):
            word = folded(self._name())
            if columns:
                self._conflicts.append(ConflictText(columns, unique, word))

    def _check(self, label: str | None) -> None:
        first = self._at
        self._need("check")
        self._parenthesis()
        # From token to token: a line comment at the edge would make the text unfit to stand anywhere else.
        inside = self._tokens[first + 2 : self._at - 1]
        if not inside:
            self._at -= 1
            self._fail()
        text = self._text((inside[0].start, inside[-1].end))
        self._checks.append(CheckText(label, text, self._span(first)))

    def _references(self, columns: tuple[str, ...], label: str | None, first: int) -> None:
        self._need("references")
        parent, key_spans = self._name(), list[Span]()
        parent_span = self._span(self._at - 1)
        parent_columns = self._names(key_spans) if self._word() == "(" else ()
        said, actions, match = self._actions()
        action_end, deferrals = self._tokens[self._at - 1].end, list[tuple[bool, Span]]()
        begun = self._at
        while (deferred := self._deferrable()) is not None:
            deferrals.append((deferred, self._span(begun)))
            begun = self._at
        span = self._span(first)
        self._foreign_keys.append(
            ForeignKeyText(
                columns=columns,
                parent=parent,
                parent_columns=parent_columns,
                on_delete=said["delete"],
                on_update=said["update"],
                constraint=label,
                deferrable=bool(deferrals) and deferrals[-1][0],
                match=match,
                text=self._text(span),
                span=span,
                parent_span=parent_span,
                key_spans=tuple(key_spans),
                actions=tuple(actions),
                action_end=action_end,
                deferrals=tuple(deferrals),
            )
        )

    def _actions(self) -> tuple[dict[str, str], list[tuple[str, Span]], str | None]:
        """Go past the ON and MATCH clauses of a foreign key: the actions by event, their places, and the last MATCH."""
        said, places, match = {"delete": "NO ACTION", "update": "NO ACTION"}, list[tuple[str, Span]](), None
        while self._word() in ("match", "on"):
            begun = self._at
            if self._take("match"):
                match = self._name().upper()
                continue
            self._need("on")
            event = self._word()
            if event not in ("delete", "update", "insert"):
                self._fail()
            self._at += 1
            words = next((words for words in _ACTIONS if self._take(*words)), None)
            if words is None:
                self._fail()
            said[event] = " ".join(words).upper()
            places.append((event, self._span(begun)))
        return said, places, match

    def _deferrable(self) -> bool | None:
        """Go past a DEFERRABLE clause; whether SQLite defers because of it, or None if there is no such clause."""
        refused = self._take("not", "deferrable")
        if not refused and not self._take("deferrable"):
            return None
        deferred = self._take("initially", "deferred")
        if not deferred:
            self._take("initially", "immediate")
        return deferred and not refused
