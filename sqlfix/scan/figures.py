"""How many orphans of which class a relationship has."""

from __future__ import annotations

from collections.abc import Iterable

from sqlfix.frozen import frozen
from sqlfix.scan.few_orphans import FewKey


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


def figures_of(keys: Iterable[FewKey]) -> Figures:
    """The figures of a relationship whose missing keys were told apart."""
    orphans = distinct = placeholders = distinct_placeholders = misspelled = ambiguous = differing = 0
    for key in keys:
        if key.none:
            placeholders += key.rows
            distinct_placeholders += 1
            continue
        orphans += key.rows
        distinct += 1
        misspelled += key.rows if key.near else 0
        ambiguous += key.rows if key.near > 1 else 0
        differing += key.rows if key.near > 2 else 0
    return Figures(orphans, distinct, placeholders, distinct_placeholders, misspelled, ambiguous, differing)
