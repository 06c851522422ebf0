"""Pointing orphans at the one parent that each of their keys matches except for its spelling: SQL for a script.

Which key becomes which is decided once, value by value, and the script carries the pairs: so it does not depend on
functions that only our own connections have, and whoever reads it sees what is written. Where the keys are too many for
that, it finds the pairs itself, of those keys of which SQL alone can tell.
"""

from collections.abc import Sequence

from sqlfix.frozen import frozen
from sqlfix.model.schema import ForeignKey, Schema, Table
from sqlfix.model.values import Value, folded
from sqlfix.sql.key_spelling import looks_empty, spelled
from sqlfix.sql.literals import any_of, literal, names, quote, rows_of_literals
from sqlfix.sql.predicates import (
    ALL_ALIVE,
    Alive,
    as_stored,
    gathered_keys,
    has_values,
    is_gathered,
    key_types,
    orphan,
    stored,
    told_by,
)
from sqlfix.sql.statements import gather

Pair = tuple[tuple[Value, ...], tuple[Value, ...]]
"""A key as the orphans have it, and as its parent spells it."""


@frozen
class Relinks:
    """The orphans of one relationship that match one parent except for the spelling of their keys.

    ``pairs`` is the name of a temporary table of the ``keys``, ``rows`` how many orphans have one of them. ``unfit`` is
    how many more match a parent whose key their column cannot hold. With ``query``, which finds the pairs, ``keys`` are
    only a few of as many as ``number`` says.
    """

    pairs: str
    keys: tuple[Pair, ...]
    rows: int = 0
    unfit: int = 0
    query: str = ""
    number: int = 0


MOST_SHOWN = 3
"""Pairs that are shown of a relationship."""

Relinked = Sequence[tuple[ForeignKey, Relinks]]
"""The relationships of one table whose orphans get the keys of their parents."""


def gather_pairs(relinks: Relinks) -> tuple[str, ...]:
    """The statements that write the pairs down: ``o0, …`` the key as it is, ``n0, …`` as it is to be."""
    if relinks.query:
        return gather(relinks.pairs, relinks.query, "o0")
    width = range(len(relinks.keys[0][0]))
    columns = [f"column{place + 1} AS o{place}" for place in width]
    columns += [f"column{len(width) + place + 1} AS n{place}" for place in width]
    values = rows_of_literals((*old, *new) for old, new in relinks.keys)
    query = f"SELECT {', '.join(columns)} FROM (VALUES {values})"
    return gather(relinks.pairs, query, ", ".join(f"o{place}" for place in width))


def query_for_pairs(schema: Schema, fk: ForeignKey, meant: str | None = None) -> str:
    """A query for the pairs of a key of one column, of those that only one parent has in the widest sense.

    It is right where no parent's key has a character beyond ASCII: then our own functions would say the same.

    Args:
        meant: SQL for the key of the parent of the spelled key ``c.f``; without it all parents are gone through.
    """
    ours, theirs = quote(fk.child_columns[0]), quote(fk.parent_columns[0])
    plain = f"typeof(c.{ours}) <> 'blob' AND c.{ours} NOT GLOB '*[^ -~]*'"
    orphans = f"SELECT DISTINCT +c.{ours} COLLATE BINARY AS o FROM {quote(fk.child)} AS c WHERE {orphan(schema, fk)}"
    alone = (
        f"SELECT min(k) AS n, f FROM (SELECT p.{theirs} AS k, {spelled(f'p.{theirs}', ours=False)} AS f"
        f" FROM {quote(fk.parent)} AS p) GROUP BY f HAVING count(*) = 1"
    )
    spelled_orphans = f"SELECT o, {spelled('o', ours=False)} AS f FROM ({orphans} AND {plain})"
    if meant:
        # LIMIT keeps SQLite from working a long expression out wherever its value is used
        found = f"SELECT c.o AS o0, {meant} AS n0 FROM ({spelled_orphans} LIMIT -1) AS c LIMIT -1"
        return f"SELECT o0, n0 FROM ({found}) WHERE n0 IS NOT NULL"
    return f"SELECT c.o AS o0, a.n AS n0 FROM ({spelled_orphans}) AS c JOIN ({alone}) AS a ON a.f = c.f"


def query_by_name(schema: Schema, fk: ForeignKey, column: str, doubtful: bool = False) -> str:
    """A query for the pairs of orphans that hold, as text, the value of another column of their parents.

    Args:
        column: one of which each value is there once.
        doubtful: those instead that match the key of another parent except for spelling.
    """
    ours, theirs, key = (f"c.{quote(fk.child_columns[0])}", f"p.{quote(column)}", f"p.{quote(fk.parent_columns[0])}")
    # told apart as they are stored, whatever the collation of an index by which a value is looked up
    same = f"{theirs} = +{ours} AND +{theirs} COLLATE BINARY = +{ours} COLLATE BINARY"
    pairs = (
        f"SELECT DISTINCT +{ours} COLLATE BINARY AS o, {key} AS n FROM {quote(fk.child)} AS c"
        f" CROSS JOIN {quote(fk.parent)} AS p ON {same}"
        f" WHERE {orphan(schema, fk)} AND typeof({ours}) = 'text' AND NOT {looks_empty(schema, fk)}"
    )
    spelling = f"{spelled('o', ours=False)} AS f, {spelled('n', ours=False)} AS g"
    keys = f"SELECT {spelled('p.' + quote(fk.parent_columns[0]), ours=False)} FROM {quote(fk.parent)} AS p"
    near = f"CASE WHEN f = g THEN 0 WHEN f IN ({keys}) THEN 1 ELSE 0 END"
    # LIMIT keeps SQLite from working a long expression out wherever its value is used
    return (
        f"SELECT o AS o0, n AS n0 FROM (SELECT o, n, {spelling} FROM ({pairs}) LIMIT -1) WHERE {near} = {int(doubtful)}"
    )


def gather_taken(schema: Schema, some: Relinked, name: str, alive: Alive = ALL_ALIVE) -> tuple[str, ...]:
    """The statements that write down, under a name, the rows that would become the same as another one.

    That is another one as it will be: a row whose own key is in the pairs gets another key. Of several that would
    become the same, and as no other, one is not among them, if possible one that is the same already to the index.
    There are none where nothing says that no two rows may be the same.
    """
    table = schema.known_table(some[0][0].child)
    unique = uniques(schema, table, {folded(name) for fk, _ in some for name in fk.child_columns})
    if not unique:
        return ()
    new: dict[str, str] = {}
    becomes: dict[str, str] = {}
    joins, paired, stays = "", [], alive(table.name, "x")
    for number, (fk, relinks) in enumerate(some):
        pair = f"r{number}"
        joins += f" LEFT JOIN temp.{relinks.pairs} AS {pair} ON {_is_old(fk, pair)}"
        paired.append(_is_paired(schema, fk, pair, alive))
        stays += f" AND NOT EXISTS (SELECT 1 FROM temp.{relinks.pairs} AS r WHERE {_is_old(fk, 'r', 'x')})"
        for place, column in enumerate(fk.child_columns):
            new.setdefault(folded(column), f"ifnull({pair}.n{place}, c.{quote(column)})")
            becomes.setdefault(folded(column), f"{pair}.o0 IS NOT NULL")
    same, again = [], []
    for columns in unique:
        own = [f"c.{quote(n)}" for n, _ in columns]
        values = [f"{new.get(folded(n), f'c.{quote(n)}')} COLLATE {quote(by)}" for n, by in columns]
        there = " AND ".join(f"{value} IS NOT NULL" for value in values)
        changed = any_of(list(dict.fromkeys(becomes[folded(n)] for n, _ in columns if folded(n) in becomes)))
        same.append(f"({changed}) AND {_is_there(table, columns, values, stays)}")
        order = f"ORDER BY NOT ({_equal(own, values)}), {names(told_by(table), 'c')}"
        nth = f"row_number() OVER (PARTITION BY {', '.join(values)} {order})"
        again.append(f"({changed}) AND {there} AND {nth} > 1")
    keys = ", ".join(f"c.{quote(column)} AS k{place}" for place, column in enumerate(told_by(table)))
    query = (
        f"SELECT {gathered_keys(table)} FROM"
        f" (SELECT {keys}, {' OR '.join(same)} AS there, {' OR '.join(again)} AS again"
        f" FROM {stored(table, 'c')}{joins} WHERE ({any_of(paired)}){alive(table.name, 'c')}) WHERE there OR again"
    )
    return gather(name, query, gathered_keys(table))


def _is_there(table: Table, columns: list[tuple[str, str]], values: Sequence[str], stays: str) -> str:
    """True where a row has some values in some columns, and keeps them."""
    others = [f"x.{quote(name)}" for name, _ in columns]
    if columns in _unique_indexes(table):
        return f"EXISTS (SELECT 1 FROM {quote(table.name)} AS x WHERE {_equal(others, values)}{stays})"
    # no index to look it up in: all rows are read once, by CASE, for which a NULL need not be told from false
    rows = f"SELECT {', '.join(others)} FROM {quote(table.name)} AS x WHERE 1{stays}"
    return f"CASE WHEN ({', '.join(values)}) IN ({rows}) THEN 1 ELSE 0 END"


def _is_paired(schema: Schema, fk: ForeignKey, pair: str, alive: Alive) -> str:
    """True of an orphan ``c`` that was joined to its pair, if the parent of it stands."""
    found = has_values(fk, [f"{pair}.n{place}" for place in range(len(fk.child_columns))])
    stands = f"EXISTS (SELECT 1 FROM {quote(fk.parent)} AS p WHERE {found}{alive(fk.parent, 'p')})"
    return f"({pair}.o0 IS NOT NULL AND {orphan(schema, fk, alive)} AND {stands})"


def _equal(some: Sequence[str], others: Sequence[str]) -> str:
    return " AND ".join(f"{one} = {other}" for one, other in zip(some, others, strict=True))


def _is_old(fk: ForeignKey, pair: str, alias: str = "c") -> str:
    """True where a pair is that of a row's key, compared as it is stored."""
    return " AND ".join(
        f"{pair}.o{place} = +{alias}.{quote(name)} COLLATE BINARY" for place, name in enumerate(fk.child_columns)
    )


def uniques(schema: Schema, table: Table, written: set[str]) -> list[list[tuple[str, str]]]:
    """The columns, each with its collation, of which no two rows may have the same values; each has one of some.

    Those of unique indexes, and of a join table those of a link. An index that has conditions or is computed is left to
    SQLite to refuse.
    """
    found = _unique_indexes(table)
    if is_bare_link(schema, table) and (link := _link_columns(schema, table)) not in found:
        found.append(link)
    return [columns for columns in found if written & {folded(name) for name, _ in columns}]


def _unique_indexes(table: Table) -> list[list[tuple[str, str]]]:
    return [
        [(column.name or "", column.collation) for column in index.columns]
        for index in table.indexes
        if index.unique and not index.partial and all(column.name for column in index.columns)
    ]


def _link_columns(schema: Schema, table: Table) -> list[tuple[str, str]]:
    """The columns of a link, each with the collation by which its parent is looked up."""
    join = schema.join_table(table.name)
    ends = (join.left, join.right) if join else ()
    return [(name, by) for fk in ends for name, (_, by) in zip(fk.child_columns, key_types(schema, fk), strict=True)]


def is_bare_link(schema: Schema, table: Table) -> bool:
    """True of a join table whose rows say nothing but that two rows belong together, and that nothing refers to.

    Only of such a one the same link can be deleted where it is there twice. So it is none if an index forbids links
    that are not the same: it has one of their columns only, or compares them otherwise than their parents' keys.
    """
    join = schema.join_table(table.name)
    if join is None or join.carries_data or schema.references_to(table.name):
        return False
    link = {(folded(name), by.lower()) for name, by in _link_columns(schema, table)}
    columns = {name for name, _ in link}
    indexed = [{(folded(name), by.lower()) for name, by in index} for index in _unique_indexes(table)]
    return all(index >= link or columns.isdisjoint(name for name, _ in index) for index in indexed)


def relinked(fk: ForeignKey, relinks: Relinks, alive: Alive = ALL_ALIVE) -> str:
    """True of the rows whose key becomes that of a parent, while the parent stands.

    The pairs are looked through once for the whole statement, since the inner query does not depend on the row; CASE,
    as where a NULL has to be told from false, SQLite reads all of a list for each row.
    """
    places = range(len(fk.child_columns))
    found = has_values(fk, [f"r.n{place}" for place in places])
    old = ", ".join(f"r.o{place}" for place in places)
    standing = f"temp.{relinks.pairs} AS r CROSS JOIN {quote(fk.parent)} AS p ON {found}{alive(fk.parent, 'p')}"
    return f"CASE WHEN ({as_stored(fk)}) IN (SELECT {old} FROM {standing}) THEN 1 ELSE 0 END"


def is_taken(table: Table, name: str) -> str:
    """True of the rows that `gather_taken` wrote down."""
    return f"EXISTS (SELECT 1 FROM temp.{name} AS d WHERE {is_gathered(table, 'd', 'c')})"


def new_values(fk: ForeignKey, relinks: Relinks) -> tuple[str, ...]:
    """For each column of the key the SQL of what is written."""
    pair = f"FROM temp.{relinks.pairs} AS r WHERE {_is_old(fk, 'r')}"
    return tuple(f"(SELECT r.n{place} {pair})" for place in range(len(fk.child_columns)))


def shown_pairs(relinks: Relinks) -> str:
    """A few of the pairs as SQL: ``'abc ' is 'ABC'``."""
    said = [f"{_shown(old)} is {_shown(new)}" for old, new in relinks.keys[:MOST_SHOWN]]
    more = (relinks.number or len(relinks.keys)) - len(said)
    return ", ".join(said) + (f", and {more:,} more" if more else "")


def _shown(key: tuple[Value, ...]) -> str:
    listed = ", ".join(map(literal, key))
    return listed if len(key) == 1 else f"({listed})"
