"""Which parent each of the keys that match one except for their spelling means, and which of them a script carries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

from sqlfix.model.findings import Row
from sqlfix.model.values import Value
from sqlfix.scan.key_forms import key_of_parent
from sqlfix.sql.key_spelling import (
    MOST_CARRIED,
    SPELLINGS,
    Carried,
    can_be_read_otherwise,
    misspelled,
    spelled,
    spelled_otherwise,
)
from sqlfix.sql.literals import free_name, names, quote, rows_of_literals
from sqlfix.sql.predicates import affinity, has_values
from sqlfix.sql.relinking import MOST_SHOWN, Pair, Relinks, gather_pairs, query_for_pairs, relinked
from sqlfix.sqlite.row_sets import as_child_stores

if TYPE_CHECKING:
    from sqlfix.scan.orphans import Probe

MOST_PAIRS = 50_000
"""Pairs of keys that a script carries; for more it has a query."""

_Key = tuple[Value, ...]
_Form = tuple[Value, ...]
Near = tuple[Row, tuple[Row, ...]]
"""An orphan, and the keys of parents that it matches except for spelling."""


def relinks_of(probe: Probe, number: int) -> Relinks | None:
    """The orphans of one relationship that can be pointed at their parent; the temporary table of pairs stands then.

    Args:
        number: tells its temporary table from those of other relationships.

    Returns:
        None where there is nothing to be pointed anywhere, or where the keys are too many to be carried by a script and
        SQL alone cannot tell what they mean.
    """
    schema, fk = probe.schema, probe.foreign_key
    if not probe.by_index or not schema.known_table(fk.child).row_id:
        return None
    keys = list(_pairs(probe))
    if len(keys) > MOST_PAIRS:
        return _many_relinks(probe, number)
    return paired(probe, number, keys) if keys else None


def paired(probe: Probe, number: int, keys: list[Pair]) -> Relinks:
    """The orphans of one relationship that have one of some keys, each beside that of a parent."""
    fit = tuple(that_fit(probe, keys)) if keys else ()
    name = free_name(probe.schema, f"sqlfix_pairs_{number}")
    fitting = set(map(id, fit))  # of very many keys; not themselves: 1 and 1.0 are the same to Python
    unfit = count_paired(probe, Relinks(name, tuple(key for key in keys if id(key) not in fitting)))
    rows = count_paired(probe, Relinks(name, fit))
    return Relinks(name, fit, rows, unfit)


def by_query(probe: Probe, number: int, query: str) -> Relinks:
    """The same by a query for the pairs of keys of one column, however many they are."""
    name, run = free_name(probe.schema, f"sqlfix_pairs_{number}"), probe.connection.execute
    relinks = Relinks(name, (), query=query)
    rows = count_paired(probe, relinks)
    pairs = [((old,), (new,)) for old, new in run(f"SELECT o0, n0 FROM temp.{name} LIMIT {MOST_SHOWN}")]
    found = int(run(f"SELECT count(*) FROM temp.{name}").fetchone()[0])
    return replace(relinks, keys=tuple(pairs), rows=rows, number=found)


def _many_relinks(probe: Probe, number: int) -> Relinks | None:
    """The same where the keys are too many: those that have one column, and are ASCII like all of their parents."""
    schema, fk = probe.schema, probe.foreign_key
    ends = schema.known_table(fk.child), schema.known_table(fk.parent)
    columns = [table.column(n[0]) for table, n in zip(ends, (fk.child_columns, fk.parent_columns), strict=True)]
    kinds = [affinity(column, table.strict) for table, column in zip(ends, columns, strict=True) if column]
    if len(fk.child_columns) > 1 or kinds[0] not in ("BLOB", kinds[1]) or probe.accidental != SPELLINGS:
        return None
    theirs, run = f"p.{quote(fk.parent_columns[0])}", probe.connection.execute
    beyond = f"typeof({theirs}) = 'blob' OR {theirs} GLOB '*[^ -~]*'"
    if run(f"SELECT 1 FROM {quote(fk.parent)} AS p WHERE {beyond} LIMIT 1").fetchone():
        return None
    forms = probe.look.parents(fk).forms
    meant = key_of_parent(fk, forms, ["c.f"]) if forms else None
    return by_query(probe, number, query_for_pairs(schema, fk, meant[0] if meant else None))


def count_paired(probe: Probe, relinks: Relinks) -> int:
    """Make the table of the pairs, and count the orphans that have one of the keys."""
    if not relinks.keys and not relinks.query:
        return 0
    for statement in gather_pairs(relinks):
        probe.connection.execute(statement)
    of_pairs = relinked(probe.foreign_key, relinks)
    if probe.counted:
        query = f"SELECT count(*) FROM {probe.children} WHERE {probe.condition} AND {of_pairs}"
    else:
        query = f"SELECT total({probe.rows_of_key}) FROM {probe.keys} AS c WHERE {of_pairs}"
    return int(probe.number(query))


def _pairs(probe: Probe) -> Iterator[Pair]:
    """Each key that matches one parent except for its spelling, with that parent's key."""
    fk = probe.foreign_key
    width, ours = len(fk.child_columns), [f"c.{quote(name)}" for name in fk.child_columns]
    keys = list(map(spelled, ours)), spelled_otherwise(ours)
    forms = probe.look.parents(fk).forms
    if forms and (meant := [key_of_parent(fk, forms, some) for some in keys]) and meant[0] and meant[1]:
        other = (f"CASE WHEN {can_be_read_otherwise(ours)} THEN {key} END" for key in meant[1])  # else it is the same
        for row in _near_keys(probe, (*ours, *meant[0], *other), _is_near(probe, 1), MOST_PAIRS + 1):
            own, one, another = row[:width], row[width : 2 * width], row[2 * width :]
            if found := next((key for key in (one, another) if None not in key), None):
                yield own, found
        return
    if orphans := _near_keys(probe, (*ours, *keys[0], *keys[1]), _is_near(probe, 1), MOST_PAIRS + 1):
        yield from _looked_for(probe, orphans)


def _looked_for(probe: Probe, orphans: list[tuple[Value, ...]]) -> Iterator[Pair]:
    """The pairs of orphans, of which each has its key, the spelled key, and that in its other reading."""
    width = len(probe.foreign_key.child_columns)
    parents = _by_form(probe, (form for row in orphans for form in (row[width : 2 * width], row[2 * width :])))
    for row in orphans:
        candidates = parents.get(row[width : 2 * width]) or parents.get(row[2 * width :]) or []
        meant = candidates[0] if len(candidates) == 1 else _mildest(probe, row[:width], candidates)
        if meant is not None:
            yield row[:width], meant


def nearby_rows(probe: Probe, most: int) -> Iterator[Near]:
    """Some orphans that match a parent, or several, except for spelling, so many at most, to be shown."""
    fk, own = probe.foreign_key, probe.child.known_by
    query = f"SELECT {names((*own, *fk.child_columns), 'c')} FROM {probe.children} WHERE {probe.condition}"
    found = probe.connection.execute(f"{query} AND {probe.near} LIMIT {most}").fetchall()
    rows = [Row.of(own, fk.child_columns, values) for values in found]
    if not rows:
        return
    width = len(fk.child_columns)
    columns = [f"column{place + 1}" for place in range(width)]
    keys = [tuple(value for _, value in row.values) for row in rows]
    listed = rows_of_literals(keys)
    query = f"SELECT {', '.join((*map(spelled, columns), *spelled_otherwise(columns)))} FROM (VALUES {listed})"
    forms = [(form[:width], form[width:]) for form in probe.connection.execute(query).fetchall()]
    parents = _by_form(probe, (form for both in forms for form in both))
    for orphan, both in zip(rows, forms, strict=True):
        meant = dict.fromkeys(key for form in both for key in parents.get(form, ()))
        yield orphan, tuple(Row.of(fk.parent_columns, (), key) for key in islice(meant, MOST_SHOWN))


def _by_form(probe: Probe, forms: Iterable[_Form]) -> dict[_Form, list[_Key]]:
    """The keys of the parents that have one of some spelled keys, by these; one with a NULL in it is nobody's."""
    width, found = len(probe.foreign_key.child_columns), dict[_Form, list[_Key]]()
    for row in _parents_spelled(probe, sorted({form for form in forms if None not in form}, key=repr)):
        found.setdefault(row[width:], []).append(row[:width])
    return found


def _mildest(probe: Probe, key: _Key, candidates: list[_Key]) -> _Key | None:
    """The one of several parents that a key matches in the mildest way that finds any; None where that finds more."""
    columns = [f"column{place + 1}" for place in range(len(key))]
    rows = rows_of_literals((key, *candidates))
    for last in SPELLINGS:
        forms = ", ".join(spelled(column, last) for column in columns)
        own, *others = probe.connection.execute(f"SELECT {forms} FROM (VALUES {rows})").fetchall()
        same = [candidate for candidate, form in zip(candidates, others, strict=True) if form == own]
        if same:
            return same[0] if len(same) == 1 else None
    return None


def that_fit(probe: Probe, keys: list[Pair]) -> Iterator[Pair]:
    """The pairs whose new key is that of the parent even once the child's columns have stored it."""
    fk, run = probe.foreign_key, probe.connection.execute
    places = range(len(fk.child_columns))
    values = ", ".join(f"column{place + 1}" for place in places)
    listed = rows_of_literals((*new, place) for place, (_, new) in enumerate(keys))
    rows = f"SELECT {values}, {values}, column{len(places) + 1} FROM (VALUES {listed})"
    others = (*(f"m{place}" for place in places), "id")
    found = has_values(fk, [f"+r.k{place}" for place in places])
    # as it is stored it may be the key of another one: 1.5 is what a column of numbers makes of '01.5'
    found += "".join(f" AND +p.{quote(n)} COLLATE BINARY = +r.m{place}" for place, n in enumerate(fk.parent_columns))
    there = f"EXISTS (SELECT 1 FROM {quote(fk.parent)} AS p WHERE {found})"
    with as_child_stores(probe.connection, probe.schema, fk, rows, *others) as stored:
        fitting = run(f"SELECT r.id FROM {stored} AS r WHERE {there} ORDER BY r.id").fetchall()
    for (place,) in fitting:
        yield keys[place]


# -- the keys that a script has to carry, for SQL alone cannot say how they are nearly the same --------------------


def carried_keys(probe: Probe) -> Carried | None:
    """The keys that are nearly the same in a way that a script cannot tell; None if they are too many to carry."""
    ours = [f"c.{quote(name)}" for name in probe.asked[1].child_columns]
    read = (*ours, *map(spelled, ours), *spelled_otherwise(ours))
    children = _near_keys(probe, read, _near_and_more(probe), MOST_CARRIED + 1)
    width = len(ours)
    numbers: dict[tuple[Value, ...], int] = {}
    for row in children:
        for form in (row[width : 2 * width], row[2 * width :]):
            numbers.setdefault(form, len(numbers))
    if not children:
        return Carried()
    parents = list(islice(_parents_spelled(probe, numbers), MOST_CARRIED + 1))
    if max(len(children), len(parents)) > MOST_CARRIED:
        return None
    return Carried(
        tuple(
            (row[:width], numbers[form])
            for row in children
            for form in dict.fromkeys((row[width : 2 * width], row[2 * width :]))
        ),
        tuple((row[:width], numbers[row[width:]]) for row in parents),
    )


def _near_and_more(probe: Probe) -> str:
    """True of the near keys of which SQL alone cannot tell that they are.

    Where all parents are of a form, they are ASCII. Of a key that is ASCII as well, our own functions say the same as
    SQL alone, and so the parents need not be read for it.
    """
    needs_more = f"{_is_near(probe)} AND NOT {misspelled(*probe.asked)}"
    if not probe.look.parents(probe.foreign_key).forms:
        return needs_more
    ours = [f"c.{quote(name)}" for name in probe.asked[1].child_columns]
    plain = " AND ".join(f"typeof({own}) <> 'blob' AND {own} NOT GLOB '*[^ -~]*'" for own in ours)
    return f"CASE WHEN {plain} THEN 0 ELSE {needs_more} END"


def _is_near(probe: Probe, parents: int | None = None) -> str:
    """SQL that is true of the missing keys that are near, or near so many parents.

    Of few keys that is known already, and they are named: to compile the question takes milliseconds.
    """
    known = [key for key in probe.few_keys or () if (key.near if parents is None else key.near == parents)]
    if known and not probe.counted and all(isinstance(key.first, int) for key in known):
        return f"c.{probe.lowest} IN ({', '.join(str(key.first) for key in known)})"
    return probe.near if parents is None else f"{probe.near} = {parents}"


def _near_keys(probe: Probe, read: Iterable[str], near: str, most: int) -> list[tuple[Value, ...]]:
    """What is read of the keys of orphans, each once and so many at most, of which it is true that they are near."""
    source, condition = probe.children, probe.condition
    if not probe.counted:
        source, condition = f"{probe.keys} AS c", "1"
    query = f"SELECT DISTINCT {', '.join(read)} FROM {source} WHERE {condition} AND {near} LIMIT {most}"
    return probe.connection.execute(query).fetchall()


def _parents_spelled(probe: Probe, forms: Iterable[tuple[Value, ...]]) -> Iterator[tuple[Value, ...]]:
    """The keys of the parents that have one of some spelled keys, each followed by that."""
    fk = probe.asked[1]
    theirs = [f"p.{quote(name)}" for name in fk.parent_columns]
    listed = rows_of_literals(forms)
    key = ", ".join(map(spelled, theirs))
    yield from probe.connection.execute(
        f"SELECT {', '.join(theirs)}, {key} FROM {quote(fk.parent)} AS p WHERE ({key}) IN (VALUES {listed})"
    )
