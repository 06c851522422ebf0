"""Telling few orphans apart: their keys are gathered in one temporary table, and asked about there.

To compile a question about the spelling of a key takes SQLite a hundred times as long as to answer it for one key. So
what can be said of a key by itself is asked in words that are the same for every relationship, and compiled once; the
parents are asked only where that does not tell.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

from sqlfix.model.schema import ForeignKey, Schema
from sqlfix.model.values import Value
from sqlfix.scan.key_forms import FORMS, Form
from sqlfix.sql.literals import quote
from sqlfix.sql.own_names import free_name, free_of
from sqlfix.sql.predicates import is_placeholder_value

MOST_FEW = 1000
"""Rows whose keys are gathered so."""
WIDEST = 8
"""Columns of a key that are asked about so; the statement for all of them grows with each."""


@dataclass(frozen=True, slots=True)
class FewKey:
    """A missing key: the rows that have it, the lowest of their own keys, and what `Probe` tells keys apart by.

    ``near`` is how many parents it matches but for its spelling (2: several), ``none`` whether it stands for "none".
    """

    rows: int
    first: Value
    near: int
    none: bool


Found = tuple[str, list[tuple[int, int, Value]]]
"""The temporary table, and of each key its number there, how many rows have it, and the lowest of these."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked about keys in the temporary table, as ``c`` and by the names of the child's columns, if it must be.

    ``near`` and ``looks_empty`` are SQL; ``forms`` are those of all parents, None where they have none in common;
    ``ids`` is true where the key is the parents' INTEGER PRIMARY KEY, ``no_parents`` where there is no parent at all.
    """

    near: Callable[[], str]
    looks_empty: Callable[[], str]
    forms: Sequence[Form] | None
    ids: bool
    no_parents: bool


def gather(
    connection: sqlite3.Connection, schema: Schema, fk: ForeignKey, first: str, source: str, where: str
) -> Found:
    """Fill the temporary table with the distinct keys of some rows, those of the lowest rows first.

    Keys are told apart by what is stored, whatever the collation.

    Args:
        first: SQL for what tells the row ``c`` from others, if that is one column.
        source: a FROM clause in which the rows stand under the alias ``c``.
        where: the condition that picks them.
    """
    columns = [f"c.{quote(name)}" for name in dict.fromkeys(fk.child_columns)]
    keys = ", ".join(f"k{place}" for place in range(len(columns)))
    table = free_name(schema, f"sqlfix_few_{len(columns)}")
    connection.execute(f"CREATE TEMP TABLE IF NOT EXISTS {table} (id INTEGER PRIMARY KEY, n, first, {keys})")
    connection.execute(f"DELETE FROM temp.{table}")
    groups = ", ".join(f"{column} COLLATE BINARY, typeof({column})" for column in columns)
    connection.execute(
        f"INSERT INTO temp.{table} (n, first, {keys}) SELECT count(*), min({first}), {', '.join(columns)}"
        f" FROM {source} WHERE {where} GROUP BY {groups}"
    )
    return table, connection.execute(f"SELECT id, n, first FROM temp.{table} ORDER BY first").fetchall()


def tell_apart(connection: sqlite3.Connection, fk: ForeignKey, found: Found, asked: Asked) -> list[FewKey]:
    """Of what class each of the keys is that `gather` found."""
    table, keys = found
    once = list(dict.fromkeys(fk.child_columns))
    answers = connection.execute(_by_itself(table, len(once))).fetchall()
    near, looks = {}, {}
    for number, *told in answers:
        values = [told[place * _TOLD : (place + 1) * _TOLD] for place in map(once.index, fk.child_columns)]
        near[number] = _is_near(asked, values)
        looks[number] = _looks_empty(asked, values)
    named = ", ".join(f"k{place} AS {quote(name)}" for place, name in enumerate(once))
    own = free_of("id", once)
    for answer, question in ((near, asked.near), (looks, asked.looks_empty)):
        if unknown := [number for number, known in answer.items() if known is None]:
            chosen = ", ".join(map(str, unknown))
            source = f"SELECT id AS {own}, {named} FROM temp.{table} WHERE id IN ({chosen}) LIMIT -1"
            query = question()  # it may make temporary tables of its own
            answer.update(connection.execute(f"SELECT c.{own}, {query} FROM ({source}) AS c").fetchall())
    return [
        FewKey(rows, first, int(near[number] or 0), bool(looks[number]) and not near[number])
        for number, rows, first in keys
    ]


_TOLD = 2 + len(FORMS)
"""What `_by_itself` tells of one column."""


@cache
def _by_itself(table: str, width: int) -> str:
    """The query for what can be said of each key, column by column: a placeholder, no number, of each of the forms."""
    told = [
        f"{is_placeholder_value(value, quick=True)}, typeof({value}) IN ('text', 'blob'),"
        f" {', '.join(form.holds(value) for form in FORMS)}"
        for value in (f"c.k{place}" for place in range(width))
    ]
    return f"SELECT c.id, {', '.join(told)} FROM temp.{table} AS c"


def _is_near(asked: Asked, values: Sequence[Sequence[int]]) -> int | None:
    """0 where a key is seen to match no parent by another spelling, None where the parents have to be asked.

    It is what `key_spelling.in_words` and `spelling.near` say first.
    """
    if asked.no_parents or (asked.ids and not values[0][1]):
        return 0
    if not asked.forms or any(form.twin for form in asked.forms):
        return None
    of_their_form = all(value[2 + FORMS.index(form)] for form, value in zip(asked.forms, values, strict=True))
    return 0 if of_their_form else None


def _looks_empty(asked: Asked, values: Sequence[Sequence[int]]) -> int | None:
    """Whether a key looks like one that stands for "none"; None where the parents have to be asked."""
    if len(values) == 1 or not any(value[0] for value in values) or asked.no_parents:
        return int(any(value[0] for value in values))
    return None
