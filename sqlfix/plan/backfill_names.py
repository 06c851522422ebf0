"""Which columns of new parents have to tell them apart, and the tables of their names."""

from __future__ import annotations

from collections.abc import Iterable

from sqlfix.frozen import frozen
from sqlfix.model.schema import Column, Index, Table
from sqlfix.model.values import folded
from sqlfix.plan.backfill_wish import Wish
from sqlfix.plan.new_keys import CannotMake, NewKeys
from sqlfix.sql.declared_types import most_characters
from sqlfix.sql.literals import compound, default_expression, quote
from sqlfix.sql.own_names import free_name
from sqlfix.sql.predicates import COLLATIONS, affinity
from sqlfix.sql.statements import gather
from sqlfix.sql.tokens import DdlError, expression_columns
from sqlfix.sql.typed_values import as_sql, is_blob
from sqlfix.sql.unique_names import (
    MOST_DIGITS,
    Naming,
    Round,
    all_names,
    plain_names,
    with_numbers,
    without_name,
    without_number,
)
from sqlfix.text import address, plural


@frozen
class Apart:
    """A column whose values are made unique: among the rows with the same values in ``among``, by some collations."""

    column: str
    among: tuple[str, ...]
    collations: frozenset[str]


def unique_columns(wish: Wish) -> tuple[str, ...]:
    """The columns with a template that are part of a UNIQUE constraint or index of the parent."""
    found = {name for index in wish.parent.indexes if index.unique for name in _given(wish, index)}
    return tuple(name for name in wish.templates if name in found or name == wish.parent.integer_key)


def told_apart(wish: Wish) -> tuple[Apart, ...]:
    """The columns that are made unique: of each unique index the first template that a number can be put into."""
    found: dict[str, list[tuple[frozenset[str], frozenset[str]]]] = {}
    for index in wish.parent.indexes:
        if not index.unique or not _can_collide(wish, index):
            continue
        texts = [name for name in _given(wish, index) if _takes_number(wish, name)]
        if not texts:
            continue
        chosen = min(texts, key=lambda name: not wish.templates[name].fields)
        by_name = {folded(column.name or ""): folded(column.collation) for column in index.columns}
        plain = not index.partial and "" not in by_name
        others = frozenset(by_name) - {folded(chosen)} if plain else frozenset()
        by = by_name.get(folded(chosen), "nocase") if plain else "nocase"
        known = frozenset({by} if by in COLLATIONS else {"nocase", "rtrim"})
        found.setdefault(chosen, []).append((others, known))
    return tuple(
        Apart(
            name, tuple(sorted(frozenset.intersection(*(o for o, _ in uses)))), frozenset().union(*(k for _, k in uses))
        )
        for name, uses in found.items()
    )


def _given(wish: Wish, index: Index) -> list[str]:
    """The templates that an index is about."""
    names = {folded(column.name) for column in index.columns if column.name is not None}
    if index.expressions:
        try:
            names |= {folded(name) for name in expression_columns(index.expressions)}
        except DdlError:
            return []
    return [name for name in wish.templates if folded(name) in names]


def _can_collide(wish: Wish, index: Index) -> bool:
    """False where a column of the index is new in each row, or NULL in all: NULLs never collide."""
    fk = wish.foreign_key
    new = fk.parent_columns if len(fk.child_columns) == 1 else ()  # each row gets another value there
    for column in index.columns:
        own = wish.parent.column(column.name or "")
        if own is not None and own.name in wish.templates and value_of(wish, own.name) == "NULL":
            return False
        if own is None or own.name in wish.templates:
            continue
        if own.name in new or own.name == wish.parent.integer_key or _stays_null(wish, own):
            return False
    return True


def _stays_null(wish: Wish, column: Column) -> bool:
    in_key = folded(column.name) in map(folded, wish.foreign_key.parent_columns)
    return not (in_key or column.not_null or column.primary_key or column.generated or column.default)


def _takes_number(wish: Wish, name: str) -> bool:
    """True where a number can be put into the text of a column; not into a BLOB that was typed."""
    column, constant = wish.parent.column(name), wish.templates[name].constant
    holds_text = column is not None and affinity(column, wish.parent.strict) in ("TEXT", "BLOB")
    return holds_text and not (constant is not None and is_blob(constant))


# -- values ---------------------------------------------------------------------------------------------------------


def value_of(wish: Wish, name: str) -> str:
    """SQL over ``c`` of the value of a column with a template, before it is made unique."""
    template, column = wish.templates[name], _column(wish.parent, name)
    if template.constant is not None:
        return as_sql(template.constant, affinity(column, wish.parent.strict))
    most = most_characters(column)
    if template.alone is not None and most is None:
        return template.alone.sql()
    base = template.base()
    plain = Naming("", "", template.ending, template.separator, most, frozenset()).plain()
    return f"(SELECT {plain} FROM (SELECT {base} AS p))"


def _column(table: Table, name: str) -> Column:
    column = table.column(name)
    assert column is not None
    return column


def kept_value(wish: Wish, own: str) -> str:
    """SQL over ``c`` of a column of its key; NULL where a new value is written."""
    return f"CASE WHEN {wish.missing(own)} THEN NULL ELSE c.{quote(own)} END"


class Names:
    """The names of one column, in a temporary table ``n, name``.

    Args:
        rows: a FROM clause with the rows ``r`` to be made and the child ``c`` of each.
    """

    def __init__(self, keys: NewKeys, wish: Wish, apart: Apart, rows: str) -> None:
        self._keys, self._wish, self._apart, self._rows = keys, wish, apart, rows
        self._template = wish.templates[apart.column]
        column = _column(wish.parent, apart.column)
        self._naming = Naming(
            self._temporary("base"), self._temporary("taken"), self._template.ending,
            self._template.separator, most_characters(column), apart.collations,
        )  # fmt: skip

    def make(self) -> str:
        """Make the table; its name.

        Raises:
            CannotMake: where there is no name that is short enough.
        """
        naming = self._naming
        place = address(self._wish.parent.name, (self._apart.column,))
        room = naming.room(0)
        if room is not None and room < 0:
            raise CannotMake(f"{place} takes {naming.most} characters, and what ends the template is longer")
        base = self._template.base()
        if self._template.constant is not None:
            base = f"CAST({value_of(self._wish, self._apart.column)} AS TEXT)"
        # the values among which a name of a new row has to be unique, as one text
        among = self._text(self._new_value(_column(self._wish.parent, name)) for name in self._apart.among)
        self._keys.run(gather(naming.source, f"SELECT r.n AS n, {among} AS q, {base} AS p {self._rows}", "n"))
        self._keys.run(gather(naming.taken, self._taken(), "q, x"))
        plain = self._temporary("plain")
        self._keys.run(plain_names(naming, plain))
        rounds: list[Round] = []
        rest = without_name(plain)
        while self._keys.is_there(rest):
            digits = len(rounds) + 1
            room = naming.room(digits)
            if digits > MOST_DIGITS or (room is not None and room < 1):
                left = self._keys.connection.execute(f"SELECT count(*) FROM ({rest})").fetchone()[0]
                raise CannotMake(f"{place} has no room for a number that tells {plural(left, 'row')} apart")
            round_ = Round(digits, *map(self._temporary, ("group", "size", "free")))
            self._keys.run(with_numbers(naming, plain, rest, round_, lambda word: free_name(self._wish.schema, word)))
            rest = without_number(round_)
            rounds.append(round_)
        made = self._temporary("name")
        self._keys.run(all_names(naming, made, plain, rounds))
        return made

    def _temporary(self, word: str) -> str:
        return self._keys.temporary(f"sqlfix_backfill_{word}")

    def _new_value(self, column: Column) -> str:
        fk = self._wish.foreign_key
        for own, above in zip(fk.child_columns, fk.parent_columns, strict=True):
            if folded(above) == folded(column.name):
                kept = kept_value(self._wish, own)
                given = column.name in self._wish.templates
                return f"coalesce({kept}, {value_of(self._wish, column.name)})" if given else kept
        if column.name in self._wish.templates:
            return value_of(self._wish, column.name)
        return "NULL" if column.generated else default_expression(column)

    def _text(self, values: Iterable[str]) -> str:
        texts = [f"quote({self._naming.normal(f'CAST({value} AS TEXT)')})" for value in values]
        return " || ',' || ".join(texts) or "''"

    def _taken(self) -> str:
        """A query for the names that are there, and of a key those that rows without a parent hold."""
        parent, name = self._wish.parent, quote(self._apart.column)
        among = self._text(f"p.{quote(_column(parent, other).name)}" for other in self._apart.among)

        def named(value: str) -> str:
            return self._naming.normal(f"CAST({value} AS TEXT)")

        queries = [
            f"SELECT {among} AS q, {named(f'p.{name}')} AS x FROM {quote(parent.name)} AS p WHERE p.{name} IS NOT NULL"
        ]
        if not self._apart.among:
            for fk in self._wish.schema.references_to_column(parent.name, self._apart.column):
                at = [folded(above) for above in fk.parent_columns].index(folded(self._apart.column))
                own = f"c.{quote(fk.child_columns[at])}"
                queries.append(f"SELECT '', {named(own)} FROM {quote(fk.child)} AS c WHERE {own} IS NOT NULL")
        return compound(queries)
