"""Reads what only the text of a CREATE TABLE statement tells: names of constraints, DEFERRABLE, MATCH, CHECK, places.

It walks over the tokens and follows the rules of SQLite's own grammar, parse.y; sqlglot's parser for CREATE statements
is left aside because it gives up on, or misreads, some of what SQLite accepts. It takes for granted that SQLite has
accepted the text once: it is no judge of what is valid.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import NoReturn

from sqlfix.model.values import folded
from sqlfix.sql.table_text import CheckText, ColumnText, ConflictText, ForeignKeyText, TableText
from sqlfix.sql.tokens import QUOTES, SPACE, DdlError, Span, Token, tokens


def read_create_table(sql: str) -> TableText:
    """Read one CREATE TABLE statement.

    Args:
        sql: the text as it stands in ``sqlite_schema.sql``.

    Raises:
        DdlError: the text is not a CREATE TABLE statement with a list of columns, or is damaged.
    """
    return _Statement(sql).table()


def collations(table_sql: str) -> dict[str, str]:
    """The collations that columns are declared with, by the folded name of the column; no entry without a COLLATE.

    Raises:
        DdlError: the text cannot be read.
    """
    columns = read_create_table(table_sql).columns
    return {folded(c.name): c.collation for c in columns if c.collation is not None}


# -- the grammar --------------------------------------------------------------------------------------------------

# Where the type of a column ends. GENERATED is not among them: SQLite too takes it into the type, and out again.
_AFTER_TYPE = frozenset(
    ("constraint", "default", "null", "not", "primary", "unique", "check", "references", "deferrable", "collate", "as")
)
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

    def _names(self) -> tuple[str, ...]:
        """The names of a list in parentheses; COLLATE, ASC and the like after a name are passed over."""
        self._need("(")
        names = []
        depth, wanted = 1, True
        while depth:
            word = self._word()
            if wanted and word != "(":
                names.append(self._name())
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
        column = ColumnText(self._name(), self._type())
        label = None
        while self._word() not in (",", ")"):
            if self._take("constraint"):
                label = self._name()
            else:
                column = self._column_constraint(column, label)
                label = None
        self._columns.append(replace(column, span=self._span(first)))

    def _type(self) -> str:
        first = self._at
        while self._tokens[self._at].name is not None and self._word() not in _AFTER_TYPE:
            self._at += 1
        if first == self._at:
            return ""
        if self._word() == "(":
            self._parenthesis()
        text = self._text(self._span(first))
        if len(text) >= 16:  # the length of GENERATED ALWAYS; SQLite then also drops a lone ALWAYS
            text = _GENERATED_ALWAYS.sub("", text).rstrip(SPACE)
        # Of a type in quotes SQLite keeps the first quoted part.
        return (self._tokens[first].name or "") if text[:1] and text[0] in QUOTES else text

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
                self._foreign_keys[-1] = replace(self._foreign_keys[-1], deferrable=deferred)
        return column

    def _table_constraints(self) -> None:
        label = None
        while self._word() != ")":
            if self._take(","):  # which SQLite does not ask for
                label = None
            if self._take("constraint"):
                label = self._name()
            else:
                self._table_constraint(label)
                label = None

    def _table_constraint(self, label: str | None) -> None:
        first = self._at
        if self._take("primary", "key"):
            self._primary_key = self._names()
            self._on_conflict(self._primary_key)
        elif self._take("unique"):
            self._uniques.append(self._names())
            self._on_conflict(self._uniques[-1])
        elif self._take("foreign", "key"):
            self._references(self._names(), label, first)
        else:
            self._check(label)
            self._on_conflict(())

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
        parent = self._name()
        parent_columns = self._names() if self._word() == "(" else ()
        actions = {"delete": "NO ACTION", "update": "NO ACTION"}
        match = None
        while self._word() in ("match", "on"):
            if self._take("match"):
                match = self._name().upper()
            else:
                self._need("on")
                event = self._word()
                if event not in ("delete", "update", "insert"):
                    self._fail()
                self._at += 1
                actions[event] = self._action()
        deferrable = False
        while (deferred := self._deferrable()) is not None:
            deferrable = deferred
        span = self._span(first)
        self._foreign_keys.append(
            ForeignKeyText(
                columns=columns,
                parent=parent,
                parent_columns=parent_columns,
                on_delete=actions["delete"],
                on_update=actions["update"],
                constraint=label,
                deferrable=deferrable,
                match=match,
                text=self._text(span),
                span=span,
            )
        )

    def _action(self) -> str:
        words = next((words for words in _ACTIONS if self._take(*words)), None)
        if words is None:
            self._fail()
        return " ".join(words).upper()

    def _deferrable(self) -> bool | None:
        """Go past a DEFERRABLE clause; whether SQLite defers because of it, or None if there is no such clause."""
        refused = self._take("not", "deferrable")
        if not refused and not self._take("deferrable"):
            return None
        deferred = self._take("initially", "deferred")
        if not deferred:
            self._take("initially", "immediate")
        return deferred and not refused
