"""Telling few orphans apart: their keys are gathered in one temporary table, and asked about there.

To compile a question about the spelling of a key takes SQLite a hundred times as long as to answer it for one key. So
what can be said of a key by itself is asked in words that are the same for every relationship, and compiled once; the
parents are asked only where that does not tell.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Any

from sqlfix.frozen import frozen
from sqlfix.model.schema import ForeignKey, Schema
from sqlfix.model.values import Value
from sqlfix.scan import tiny_tables as tiny
from sqlfix.scan.access_paths import outer_join, refers_to_ids
from sqlfix.scan.key_forms import FORMS, Form
from sqlfix.scan.table_pass import Suspects
from sqlfix.sql.key_spelling import looks_empty
from sqlfix.sql.literals import free_name, free_of, quote
from sqlfix.sql.predicates import has_key, is_placeholder_value, stored

if TYPE_CHECKING:
    from sqlfix.scan.orphans import Probe

MOST_FEW = 1000
"""Rows whose keys are gathered so."""
WIDEST = 8
"""Columns of a key that are asked about so; the statement for all of them grows with each."""


@frozen
class FewKey:
    """A missing key: the rows that have it, the lowest of their own keys, and what `Probe` tells keys apart by.

    ``values`` are those of the child's columns, each column once. ``near`` is how many parents it matches but for its
    spelling (2: several), ``none`` whether it stands for "none".
    """

    rows: int
    first: Value
    values: tuple[Value, ...]
    near: int
    none: bool

    def of(self, fk: ForeignKey) -> tuple[Value, ...]:
        """The values of all columns of the foreign key."""
        once = list(dict.fromkeys(fk.child_columns))
        return tuple(self.values[once.index(name)] for name in fk.child_columns)


@frozen
class Found:
    """The missing keys of a relationship, as rows of `_by_itself` without the place.

    ``table`` is the temporary table where they are to be found by their numbers, None if they are there no more.
    """

    keys: list[tuple[Any, ...]]
    table: str | None

    @property
    def rows(self) -> int:
        """How many rows have these keys."""
        return sum(int(key[1]) for key in self.keys)


def gather(connection: sqlite3.Connection, schema: Schema, fk: ForeignKey, suspects: Suspects) -> Found:
    """The distinct keys of those of the suspects that SQLite's own rule takes for orphans, the lowest rows first."""
    width = len(set(fk.child_columns))
    table = _new_table(connection, schema, f"sqlfix_few_{width}", width)
    (found,) = _gather(connection, table, width, [_keys(schema, fk, suspects, 0)])
    return Found(found, table)


class Together:
    """The few orphans of very many relationships, gathered of many with one statement.

    What SQLite cannot answer in this way is left out, and hides nothing of the others.
    """

    def __init__(self, connection: sqlite3.Connection, schema: Schema, suspects: Mapping[ForeignKey, Suspects]) -> None:
        self._connection, self._schema = connection, schema
        some = {
            fk: found
            for fk, found in suspects.items()
            if found.rows is not None and 0 < found.count <= tiny.TINY and len(fk.child_columns) <= WIDEST
        }
        self._waiting = some if len(some) >= tiny.MANY else {}
        self._found: dict[ForeignKey, Found] = {}

    def pop(self, fk: ForeignKey) -> Found | None:
        """What `gather` says of a relationship, but for the table; None where it is to be asked, or asked once more."""
        if fk in self._waiting:
            width = len(set(fk.child_columns))
            others = (each for each in self._waiting if each is not fk and len(set(each.child_columns)) == width)
            some = [fk, *islice(others, tiny.TOGETHER - 1)]
            table = _new_table(self._connection, self._schema, f"sqlfix_few_of_many_{width}", width)

            def gathered(asked: Sequence[tuple[ForeignKey, Suspects]]) -> list[list[tuple[Any, ...]]]:
                arms = [_keys(self._schema, each, suspects, place) for place, (each, suspects) in enumerate(asked)]
                return _gather(self._connection, table, width, arms)

            asked = [(each, self._waiting.pop(each)) for each in some]
            self._found.update((each, Found(keys, None)) for (each, _), keys in tiny.in_halves(gathered, asked))
        return self._found.pop(fk, None)


def _new_table(connection: sqlite3.Connection, schema: Schema, word: str, width: int) -> str:
    """The temporary table of that name, or of one like it; it may still hold keys that were gathered before."""
    table, keys = free_name(schema, word), ", ".join(f"k{place}" for place in range(width))
    connection.execute(f"CREATE TEMP TABLE IF NOT EXISTS {table} (id INTEGER PRIMARY KEY, place, n, first, {keys})")
    return table


def _gather(connection: sqlite3.Connection, table: str, width: int, arms: Sequence[str]) -> list[list[tuple[Any, ...]]]:
    """Fill the temporary table anew by some of `_keys`, which are numbered, and tell what is in it of each of them."""
    connection.execute(f"DELETE FROM temp.{table}")
    keys = ", ".join(f"k{place}" for place in range(width))
    connection.execute(f"INSERT INTO temp.{table} (place, n, first, {keys}) {' UNION ALL '.join(arms)}")
    return tiny.by_place(connection.execute(_by_itself(table, width)), len(arms))


def _keys(schema: Schema, fk: ForeignKey, suspects: Suspects, place: int) -> str:
    """The query for the keys of those of the suspects that SQLite's own rule takes for orphans.

    With each come ``place``, how many rows have it, and the lowest of what tells these rows from others, if that is one
    column. Where the suspects are listed, there is a key for each row; `_by_itself` puts those together.
    """
    child = schema.known_table(fk.child)
    join, missing = ("", "1") if suspects.exact else outer_join(schema, fk)
    columns = [f"c.{quote(name)}" for name in dict.fromkeys(fk.child_columns)]
    source, where = f"{stored(child, 'c')} {join}", f"{missing} AND {has_key(child, fk)}"
    first = f"c.{quote(child.row_id[0])}" if len(child.row_id) == 1 else "NULL"
    if suspects.rows is not None:
        listed = f"{first} IN ({', '.join(map(str, suspects.rows))})"
        return f"SELECT {place}, 1, {first}, {', '.join(columns)} FROM {source} WHERE {where} AND {listed}"
    return (
        f"SELECT {place}, count(*), min({first}), {', '.join(columns)} FROM {source} WHERE {where}"
        f" GROUP BY {_stored(columns)}"
    )


def _stored(columns: Sequence[str]) -> str:
    """What tells keys apart by what is stored, whatever the collation."""
    return ", ".join(f"{column} COLLATE BINARY, typeof({column})" for column in columns)


def tell_apart(probe: Probe, found: Found) -> list[FewKey] | None:
    """Of what class each of the keys is; None where that has to be asked of keys that are no more in their table."""
    fk = probe.foreign_key
    no_parents, forms = probe.look.sizes.get(fk.parent) == 0, probe.look.parents(fk).forms
    ids = refers_to_ids(probe.schema, fk)
    once = list(dict.fromkeys(fk.child_columns))
    width, places = len(once), [once.index(name) for name in fk.child_columns]
    near, looks = {}, {}
    for number, _, _, *rest in found.keys:
        told = [rest[width + place * _TOLD : width + (place + 1) * _TOLD] for place in places]
        near[number] = 0 if no_parents or (ids and not told[0][1]) else _is_near(forms, told)
        looks[number] = _looks_empty(told, no_parents)
    for answer in (near, looks):
        if unknown := [number for number, known in answer.items() if known is None]:
            if found.table is None:
                return None
            named = ", ".join(f"k{place} AS {quote(name)}" for place, name in enumerate(once))
            own, chosen = free_of("id", once), ", ".join(map(str, unknown))
            source = f"SELECT id AS {own}, {named} FROM temp.{found.table} WHERE id IN ({chosen}) LIMIT -1"
            # it may make temporary tables of its own
            query = probe.near if answer is near else looks_empty(probe.schema, fk, quick=True)
            answer.update(probe.connection.execute(f"SELECT c.{own}, {query} FROM ({source}) AS c").fetchall())
    return [
        FewKey(rows, first, tuple(rest[:width]), int(near[number] or 0), bool(looks[number]) and not near[number])
        for number, rows, first, *rest in found.keys
    ]


_TOLD = 2 + len(FORMS)
"""What `_by_itself` tells of one column."""


@cache
def _by_itself(table: str, width: int) -> str:
    """The query for the keys, those of the lowest rows first: the place, the number, rows, the first, and the values.

    After these comes what can be said of each value by itself: a placeholder, no number, of each of the forms.
    """
    values = [f"c.k{place}" for place in range(width)]
    told = [
        f"{is_placeholder_value(value, quick=True)}, typeof({value}) IN ('text', 'blob'),"
        f" {', '.join(form.holds(value) for form in FORMS)}"
        for value in values
    ]
    keys = ", ".join(f"k{place}" for place in range(width))
    source = (  # of a key the values and the number are those of its first row, as SQLite has it with min()
        f"SELECT place, id, sum(n) AS n, min(first) AS first, {keys} FROM temp.{table}"
        f" GROUP BY place, {_stored(keys.split(', '))} LIMIT -1"
    )
    told_of = ", ".join(("c.place, c.id, c.n, c.first", *values, *told))
    return f"SELECT {told_of} FROM ({source}) AS c ORDER BY c.first"


def _is_near(forms: Sequence[Form] | None, values: Sequence[Sequence[int]]) -> int | None:
    """0 where a key is seen to match no parent by another spelling, None where the parents have to be asked.

    It is what `key_spelling.in_words` and `key_forms.near` say first.

    Args:
        forms: those of all parents, None where they have none in common.
    """
    if not forms or any(form.twin for form in forms):
        return None
    of_their_form = all(value[2 + FORMS.index(form)] for form, value in zip(forms, values, strict=True))
    return 0 if of_their_form else None


def _looks_empty(values: Sequence[Sequence[int]], no_parents: bool) -> int | None:
    """Whether a key looks like one that stands for "none"; None where the parents have to be asked."""
    if len(values) == 1 or not any(value[0] for value in values) or no_parents:
        return int(any(value[0] for value in values))
    return None


# -- how many orphans of which class a relationship has -----------------------------------------------------------


@frozen
class Figures:
    """How many rows, of all orphans of a relationship, are of which class.

    ``distinct`` counts distinct keys; it is None where the rows are too many to tell their keys apart.

    ``misspelled`` are those of the orphans that match a parent but for their spelling, ``ambiguous`` those of these
    that match several, so that nobody can tell which is meant, or that match one in a way in which many parents differ:
    these are the ``differing``.

    ``disagreeing`` are rows of which the parents' index says something else than their table: those whose parent it
    does not find, which are no orphans, and those whose parent it alone has, ``hidden``, which are.
    """

    orphans: int = 0
    orphans_distinct: int | None = 0
    placeholders: int = 0
    placeholders_distinct: int | None = 0
    misspelled: int = 0
    ambiguous: int = 0
    differing: int = 0
    disagreeing: int = 0
    hidden: int = 0


def figures_of(keys: Sequence[FewKey]) -> Figures:
    """The figures of a relationship whose missing keys were told apart."""
    orphans, none = [key for key in keys if not key.none], [key.rows for key in keys if key.none]
    near = (sum(key.rows for key in orphans if key.near > least) for least in range(3))
    return Figures(sum(key.rows for key in orphans), len(orphans), sum(none), len(none), *near)
