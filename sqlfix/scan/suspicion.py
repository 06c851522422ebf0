"""Signs that the orphans of a relationship are no stray rows, but that something else is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlfix.scan.pieces import piece_by_piece
from sqlfix.sql.literals import names, quote
from sqlfix.sql.predicates import count_stored, has_key, match_parent, stored

if TYPE_CHECKING:
    from sqlfix.scan.orphans import Probe

FIRST = 1000
"""Of how many rows is looked for a parent before all of them are counted."""
MANY = 10
"""From how many orphans on a relationship without one sound row is suspicious."""


def suspicion_of(probe: Probe) -> str | None:
    """Why these look like no stray children: ``parent-empty``, ``wholly-orphaned`` or ``own-key``."""
    if probe.figures.orphans <= 2 * probe.figures.misspelled or probe.named:  # the parents are there
        return None
    if _parent_is_empty(probe):
        return "parent-empty"
    if probe.figures.orphans < MANY:
        return None
    if _wholly_orphaned(probe):
        return "wholly-orphaned"
    # the table's own key as a reference is inheritance; where most of it refers to nothing, it was never meant so
    own_key = set(probe.foreign_key.child_columns) == set(probe.child.primary_key)
    rows = int(probe.number(count_stored(probe.child.name))) if own_key else 0
    return "own-key" if probe.figures.orphans > rows / 2 > 0 else None


def _wholly_orphaned(probe: Probe) -> bool:
    """True if not one row has a parent, rows with a NULL or a placeholder aside."""
    fk, child = probe.asked[1], stored(probe.child, "c")
    has_parent = f"EXISTS (SELECT 1 FROM {quote(fk.parent)} AS p WHERE {match_parent(fk)})"
    some = f"SELECT {names(fk.child_columns, 'c')} FROM {child} WHERE {has_key(probe.child, fk)} LIMIT {FIRST}"
    if probe.connection.execute(f"SELECT 1 FROM ({some}) AS c WHERE {has_parent} LIMIT 1").fetchone():
        return False
    if probe.counted:
        query = f"SELECT count(*) FROM {child} WHERE {has_key(probe.child, fk)}"
        counts = piece_by_piece(probe.look.readers, probe.child, probe.look.sizes[fk.child], query)
        return sum(int(count) for (count,) in counts) == probe.figures.orphans + probe.figures.placeholders
    return probe.connection.execute(f"SELECT 1 FROM {child} WHERE {has_parent} LIMIT 1").fetchone() is None


def _parent_is_empty(probe: Probe) -> bool:
    """True if the parent table has no row."""
    if probe.look.sizes.get(probe.parent.name):
        return False
    return probe.connection.execute(f"SELECT 1 FROM {stored(probe.parent)} LIMIT 1").fetchone() is None
