"""What new parents are called: which columns have to tell them apart, and which parents are there already."""

from collections.abc import Iterable, Iterator

from sqlfix.frozen import frozen
from sqlfix.model.schema import Column, Index
from sqlfix.model.values import folded
from sqlfix.plan.backfill_wish import Wish
from sqlfix.plan.new_keys import CannotMake, NewKeys
from sqlfix.sql.declared_types import most_characters
from sqlfix.sql.literals import compound, default_expression, free_name, quote
from sqlfix.sql.predicates import COLLATIONS, affinity, gathered_keys, has_values, is_row_of
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
    template, column = wish.templates[name], wish.parent.known_column(name)
    if template.constant is not None:
        return as_sql(template.constant, affinity(column, wish.parent.strict))
    most = most_characters(column)
    if template.alone is not None and most is None:
        return template.alone.sql()
    base = template.base()
    plain = Naming("", "", template.ending, template.separator, most, frozenset()).plain()
    return f"(SELECT {plain} FROM (SELECT {base} AS p))"


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
        self._naming = Naming(
            self._temporary("base"), self._temporary("taken"), self._template.ending,
            self._template.separator, most_characters(wish.parent.known_column(apart.column)), apart.collations,
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
        among = self._text(self._new_value(self._wish.parent.known_column(name)) for name in self._apart.among)
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
        among = self._text(f"p.{quote(parent.known_column(other).name)}" for other in self._apart.among)

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


# -- parents that are there already: where the templates name exactly one, no new one is made ---------------------


@frozen
class Matches:
    """Temporary tables of the numbers ``n`` of new parents that need not, or cannot, be made.

    ``found``: all of those. ``linked``: those with one parent, and its key ``p0, …``. ``several``: of more than one
    parent; ``contested``: the one parent is another row's already, or another row wants it, too, of a UNIQUE reference.
    ``beneath``: with the one parent the row would come beneath itself, in a tree. ``columns`` are those that were
    compared.
    """

    columns: tuple[str, ...]
    found: str
    linked: str
    several: str
    contested: str
    beneath: str


def find_matches(wish: Wish, rows: str, source: str, keys: NewKeys) -> Matches:
    """Look for parents that have what the templates say, in every column that tells parents apart.

    Args:
        rows: the temporary table of the rows without a parent, each with the number ``n`` of the one that it would get.
        source: a FROM clause with the first row ``c`` for which a new parent would be made, and its number ``r.n``.
        keys: notes the temporary tables, and makes them.
    """
    columns = unique_columns(wish) or tuple(wish.templates)
    words = ("wanted", "found", "alone", "linked", "several", "contested", "beneath")
    wanted, found, alone, linked, several, contested, beneath = (
        keys.temporary(f"sqlfix_backfill_{word}") for word in words
    )
    values, same = _compared(wish, columns)
    keys.run(gather(wanted, f"SELECT r.n AS n, {', '.join(values)} {source}", "n"))
    above = wish.foreign_key.parent_columns
    listed = ", ".join(f"p.{quote(name)} AS p{place}" for place, name in enumerate(above))
    joined = f"FROM temp.{wanted} AS v CROSS JOIN {quote(wish.parent.name)} AS p ON {' AND '.join(same)}"
    keys.run(gather(found, f"SELECT v.n AS n, count(*) AS parents, {listed} {joined} GROUP BY v.n", "n"))
    keys.run(gather(alone, _one_parent(wish, found), "n"))
    none = gather(beneath, f"SELECT n FROM temp.{alone} LIMIT 0", "n")
    keys.run(_beneath(wish, rows, alone, beneath) if wish.is_tree else none)
    keys.run(gather(linked, f"SELECT * FROM temp.{alone} WHERE n NOT IN (SELECT n FROM temp.{beneath})", "n"))
    keys.run(gather(several, f"SELECT n FROM temp.{found} WHERE parents > 1", "n"))
    others = f"SELECT n FROM temp.{found} WHERE parents = 1 AND n NOT IN (SELECT n FROM temp.{alone})"
    keys.run(gather(contested, others, "n"))
    return Matches(columns, found, linked, several, contested, beneath)


def _compared(wish: Wish, columns: Iterable[str]) -> tuple[list[str], list[str]]:
    """What of the child is compared, ``v0, …`` and the parts of its key ``h0, …``, and when the parent ``p`` has it."""
    fk, values, same = wish.foreign_key, [], []
    for place, name in enumerate(columns):
        values.append(f"{value_of(wish, name)} AS v{place}")
        same.append(f"p.{quote(name)} = +v.v{place}")
    for place, (own, above) in enumerate(zip(fk.child_columns, fk.parent_columns, strict=True)):
        same.append(f"p.{quote(above)} IS NOT NULL")
        if len(fk.child_columns) > 1:
            values.append(f"{kept_value(wish, own)} AS h{place}")
            same.append(f"(v.h{place} IS NULL OR p.{quote(above)} = +v.h{place})")
    return values, same


def _one_parent(wish: Wish, found: str) -> str:
    """A query for the numbers of one parent, with its key; of a UNIQUE reference one that nobody else wants or has."""
    fk, parent = wish.foreign_key, quote(wish.parent.name)
    keys = [f"p{place}" for place in range(len(fk.parent_columns))]
    one = f"SELECT f.n, {', '.join(f'f.{key}' for key in keys)} FROM temp.{found} AS f WHERE f.parents = 1"
    if not wish.one_to_one:
        return one
    alone = f"SELECT n, count(*) OVER (PARTITION BY {', '.join(keys)}) AS wanting FROM ({one})"
    parents = has_values(fk, [f"+o.{quote(own)}" for own in fk.child_columns])
    of_key = " AND ".join(f"p.{quote(above)} = f.{key}" for key, above in zip(keys, fk.parent_columns, strict=True))
    free = f"NOT EXISTS (SELECT 1 FROM {parent} AS p JOIN {quote(fk.child)} AS o ON {parents} WHERE {of_key})"
    return f"{one} AND f.n IN (SELECT n FROM ({alone}) WHERE wanting = 1) AND {free}"


def _beneath(wish: Wish, rows: str, alone: str, beneath: str) -> Iterator[str]:
    """Gather the numbers of the parents that would stand beneath what is linked to them, by all of these links."""
    fk, child, links, up = wish.foreign_key, wish.child, f"{beneath}_links", free_name(wish.schema, "sqlfix_up")
    parts = range(len(fk.parent_columns))
    wanted = f"{gathered_keys(child, 'r')}, r.n AS n, {', '.join(f'a.p{part} AS p{part}' for part in parts)}"
    source = f"FROM temp.{rows} AS r JOIN temp.{alone} AS a ON a.n = r.n"
    yield from gather(links, f"SELECT {wanted} {source}", gathered_keys(child))
    here = f"FROM {up} AS u JOIN {quote(fk.parent)} AS p ON {has_values(fk, [f'+u.u{part}' for part in parts])}"
    link = f"JOIN temp.{links} AS s ON {is_row_of(child, 'p', 's')}"
    owns = enumerate(fk.child_columns)
    further = ", ".join(f"CASE WHEN s.n IS NULL THEN p.{quote(own)} ELSE s.p{part} END" for part, own in owns)
    walk = f"SELECT n, {', '.join(f'p{part}' for part in parts)} FROM temp.{alone}"
    walk += f" UNION SELECT u.n, {further} {here} LEFT {link}"
    named = f"WITH RECURSIVE {up} (n, {', '.join(f'u{part}' for part in parts)}) AS ({walk})"
    yield from gather(beneath, f"{named} SELECT DISTINCT u.n AS n {here} {link} WHERE s.n = u.n", "n")
    yield f"DROP TABLE temp.{links}"
