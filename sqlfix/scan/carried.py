"""The keys that a script has to carry, for SQL alone cannot say how they are nearly the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING

from sqlfix.model.values import Value
from sqlfix.sql.key_spelling import MOST_CARRIED, Carried, misspelled, spelled, spelled_otherwise
from sqlfix.sql.literals import quote, rows_of_literals

if TYPE_CHECKING:
    from sqlfix.scan.orphans import Probe


def carried_keys(probe: Probe) -> Carried | None:
    """The keys that are nearly the same in a way that a script cannot tell; None if they are too many to carry."""
    ours = [f"c.{quote(name)}" for name in probe.asked[1].child_columns]
    read = (*ours, *map(spelled, ours), *spelled_otherwise(ours))
    children = near_keys(probe, read, _near_and_more(probe), MOST_CARRIED + 1)
    width = len(ours)
    numbers: dict[tuple[Value, ...], int] = {}
    for row in children:
        for form in (row[width : 2 * width], row[2 * width :]):
            numbers.setdefault(form, len(numbers))
    if not children:
        return Carried()
    parents = list(islice(parents_spelled(probe, numbers), MOST_CARRIED + 1))
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
    needs_more = f"{probe.near} AND NOT {misspelled(*probe.asked)}"
    if not probe.look.parents(probe.foreign_key).forms:
        return needs_more
    ours = [f"c.{quote(name)}" for name in probe.asked[1].child_columns]
    plain = " AND ".join(f"typeof({own}) <> 'blob' AND {own} NOT GLOB '*[^ -~]*'" for own in ours)
    return f"CASE WHEN {plain} THEN 0 ELSE {needs_more} END"


def near_keys(probe: Probe, read: Iterable[str], near: str, most: int) -> list[tuple[Value, ...]]:
    """What is read of the keys of orphans, each once and so many at most, of which it is true that they are near."""
    source, condition = probe.children, probe.condition
    if not probe.counted:
        source, condition = f"{probe.keys} AS c", "1"
    query = f"SELECT DISTINCT {', '.join(read)} FROM {source} WHERE {condition} AND {near} LIMIT {most}"
    return probe.connection.execute(query).fetchall()


def parents_spelled(probe: Probe, forms: Iterable[tuple[Value, ...]]) -> Iterator[tuple[Value, ...]]:
    """The keys of the parents that have one of some spelled keys, each followed by that."""
    fk = probe.asked[1]
    theirs = [f"p.{quote(name)}" for name in fk.parent_columns]
    listed = rows_of_literals(forms)
    key = ", ".join(map(spelled, theirs))
    yield from probe.connection.execute(
        f"SELECT {', '.join(theirs)}, {key} FROM {quote(fk.parent)} AS p WHERE ({key}) IN (VALUES {listed})"
    )
