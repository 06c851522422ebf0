"""How many parents the key of an orphan would find but for its spelling.

Where many parents differ from each other in their spelling alone, that accident is none in their table: it tells keys
apart. A key that would find one parent by it alone may be that of another one, which is gone. So it is
none that finds one parent.
"""

import sqlite3
from collections.abc import Sequence

from sqlfix.model.schema import ForeignKey, Schema
from sqlfix.sql.key_spelling import SPELLINGS, Spelling, can_be_read_otherwise, in_words, spelled, spelled_otherwise
from sqlfix.sql.literals import quote
from sqlfix.sql.predicates import is_there

Spellings = tuple[Spelling, ...]
FEWEST_TWINS, SHARE_OF_TWINS = 2, 100
"""Groups of parents that differ in a spelling alone, and of how many parents one has to be in such a group: one pair
may be an accident of its own, and of a share so small hardly any missing key had a twin."""


def gather_forms(fk: ForeignKey, table: str) -> tuple[str, ...]:
    """Statements that make a table of the forms ``f0, …`` of all parents' keys, with the number ``n`` of each."""
    forms = ", ".join(f"f{place}" for place in range(len(fk.parent_columns)))
    spelled_keys = ", ".join(spelled(f"p.{quote(name)}") for name in fk.parent_columns)
    groups = ", ".join(str(place + 1) for place in range(len(fk.parent_columns)))
    there = " AND ".join(is_there(f"p.{quote(name)}") for name in fk.parent_columns)
    return (
        f"CREATE TEMP TABLE {table} ({forms}, n, PRIMARY KEY ({forms})) WITHOUT ROWID",
        f"INSERT INTO temp.{table} SELECT {spelled_keys}, count(*) FROM {quote(fk.parent)} AS p WHERE {there}"
        f" GROUP BY {groups}",
    )


def gather_alike(fk: ForeignKey, table: str, forms: str) -> str:
    """The statement that makes a table of the keys of those parents that are alike but for their spelling.

    Args:
        forms: the table that `gather_forms` made.
    """
    found = " AND ".join(f"f.f{place} = {spelled(f'p.{quote(name)}')}" for place, name in enumerate(fk.parent_columns))
    keys = ", ".join(f"p.{quote(name)}" for name in fk.parent_columns)
    return (
        f"CREATE TEMP TABLE {table} AS SELECT {keys} FROM {quote(fk.parent)} AS p"
        f" CROSS JOIN temp.{forms} AS f ON {found} WHERE f.n > 1"
    )


def accidental(connection: sqlite3.Connection, fk: ForeignKey, forms: str, alike: str | None) -> Spellings:
    """The spellings, the mildest first, in which keys of this parent table differ by accident, and not by habit.

    Args:
        forms: the table that `gather_forms` made.
        alike: that of `gather_alike`, None if no parents are alike.
    """
    if alike is None:
        return SPELLINGS
    counts = f"SELECT total(n), (SELECT count(*) FROM temp.{alike}) FROM temp.{forms}"
    parents, most = connection.execute(counts).fetchone()
    if most < 2 * FEWEST_TWINS or most * SHARE_OF_TWINS < parents:  # no spelling makes groups of more
        return SPELLINGS
    for place, last in enumerate(SPELLINGS):
        keys = ", ".join(spelled(f"p.{quote(name)}", last) for name in fk.parent_columns)
        groups = ", ".join(str(number + 2) for number in range(len(fk.parent_columns)))
        twins = f"SELECT count(*) AS n, {keys} FROM temp.{alike} AS p GROUP BY {groups} HAVING count(*) > 1"
        number, members = connection.execute(f"SELECT count(*), total(n) FROM ({twins})").fetchone()
        if number >= FEWEST_TWINS and members * SHARE_OF_TWINS >= parents:
            return SPELLINGS[:place]
    return SPELLINGS


def parents_nearby(
    schema: Schema, fk: ForeignKey, forms: str, alike: str | None, trusted: Spellings = SPELLINGS
) -> str:
    """How many parents an orphan's key would find but for its spelling, as SQL that is never NULL.

    It is 0, 1, or 2 for several; 3 for one that it finds only in a way in which many parents differ.

    The mildest way that finds any decides. It calls our own functions, so it finds more than `misspelled` does where
    nothing is carried.

    Args:
        forms: the temporary table that `gather_forms` made.
        alike: that of `gather_alike`, None if no parents are alike: to compile what is asked about them takes several
            times as long as all the rest.
        trusted: what `accidental` gave.
    """
    columns = [f"c.{quote(name)}" for name in fk.child_columns]

    def number(keys: Sequence[str]) -> str:
        same = " AND ".join(f"f.f{place} = {key}" for place, key in enumerate(keys))
        return f"ifnull((SELECT min(f.n, 2) FROM temp.{forms} AS f WHERE {same}), 0)"

    groups = ", ".join(str(place + 1) for place in range(len(columns)))
    alone = f" GROUP BY {groups} HAVING count(*) = 1"
    ways = trusted if trusted != SPELLINGS else SPELLINGS[:-1]
    mildest = "".join(f" WHEN {_is_among(fk, each, f'temp.{alike}', alone)} THEN 1" for each in ways) if alike else ""
    one, other = "1", number(spelled_otherwise(columns))
    if trusted != SPELLINGS:
        one = f"CASE WHEN {_is_among(fk, trusted[-1], quote(fk.parent))} THEN 1 ELSE 3 END" if trusted else "3"
        other = f"3 * ({other} > 0)"
    otherwise = f"CASE WHEN {can_be_read_otherwise(columns)} THEN {other} ELSE 0 END"
    return in_words(
        schema,
        fk,
        f"CASE {number([spelled(column) for column in columns])} WHEN 0 THEN {otherwise} WHEN 1 THEN {one}"
        f" ELSE {f'CASE{mildest} ELSE 2 END' if mildest else '2'} END",
    )


def _is_among(fk: ForeignKey, last: Spelling, parents: str, only: str = "") -> str:
    """True of an orphan ``c`` whose key is spelled, as far as that goes, like that of a row of some parents."""
    ours = ", ".join(spelled(f"c.{quote(name)}", last) for name in fk.child_columns)
    theirs = ", ".join(spelled(f"p.{quote(name)}", last) for name in fk.parent_columns)
    return f"({ours}) IN (SELECT {theirs} FROM {parents} AS p{only})"
