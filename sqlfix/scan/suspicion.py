"""Signs that the orphans of a relationship are no stray rows, but that something else is wrong with all of them."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from sqlfix.model.schema import ForeignKey, Schema
from sqlfix.model.values import folded
from sqlfix.scan.pieces import piece_by_piece
from sqlfix.sql.literals import names, quote
from sqlfix.sql.predicates import affinity, count_stored, has_key, match_parent, stored
from sqlfix.sql.relinking import query_by_name
from sqlfix.sql.typed_values import NUMERIC
from sqlfix.sqlite.deadline import overlooking
from sqlfix.sqlite.row_sets import as_child_stores

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
    some = f"SELECT 1 FROM {stored(probe.parent)} LIMIT 1"
    if not probe.look.sizes.get(probe.parent.name) and probe.connection.execute(some).fetchone() is None:
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


# -- orphans that hold the name of a parent where its key belongs: an import that took the wrong column ------------

FEWEST = 3
"""So many different keys have to be names where the parents' keys are text as well: one may be so by accident."""


def names_of_parents(probe: Probe) -> tuple[str, int] | None:
    """The column of the parents that most orphans of a relationship hold a value of, and how many do; None without one.

    Only text is a name: a number that is also some other number of a parent says nothing. It has to be a column that
    is NOT NULL and of which each value is there once, and there may be no second one that says something else.
    """
    schema, fk = probe.schema, probe.foreign_key
    columns = _unique_columns(schema, fk) if probe.by_index and len(fk.child_columns) == 1 else []
    if not columns or not _holds_text(schema, fk) or not schema.known_table(fk.child).row_id:
        return None
    if probe.few_keys is not None and not any(isinstance(key.values[0], str) for key in probe.few_keys):
        return None
    with overlooking(sqlite3.OperationalError):  # a collation that only the application has
        found = [named for column in columns if (named := _count(probe, column))]
        if len(found) == 1 and 2 * found[0][1] > probe.figures.orphans and _every_key_fits(probe, found[0][0]):
            return found[0]
    return None


def _unique_columns(schema: Schema, fk: ForeignKey) -> list[str]:
    """The columns of text that a parent can be named by."""
    table = schema.known_table(fk.parent)
    unique = {
        folded(index.columns[0].name or "")
        for index in table.indexes
        if index.unique and not index.partial and len(index.columns) == 1
    }
    own = {folded(name) for name in fk.parent_columns}
    return [
        column.name
        for column in table.columns
        if column.not_null and folded(column.name) in unique - own and affinity(column, table.strict) not in NUMERIC
    ]


def _holds_text(schema: Schema, fk: ForeignKey) -> bool:
    """True if the child's column can hold a text, as far as its declaration says."""
    table = schema.known_table(fk.child)
    column = table.column(fk.child_columns[0])
    return column is not None and not column.generated and not (table.strict and affinity(column, True) in NUMERIC)


def _count(probe: Probe, column: str) -> tuple[str, int] | None:
    """A column of the parents, and how many orphans hold a value of it as text; None if that may be by accident."""
    schema, fk = probe.schema, probe.foreign_key
    pairs = f"SELECT o0 FROM ({query_by_name(schema, fk, column)})"
    which = f"{probe.condition} AND c.{quote(fk.child_columns[0])} COLLATE BINARY IN ({pairs})"
    key = f"c.{quote(fk.child_columns[0])} COLLATE BINARY"
    query = f"SELECT count(*), count(DISTINCT {key}) FROM {probe.children} WHERE {which}"
    rows, names = probe.connection.execute(query).fetchone()
    parent_key = probe.parent.column(fk.parent_columns[0])
    certain = parent_key is not None and affinity(parent_key, probe.parent.strict) in NUMERIC
    return (column, rows) if rows and (certain or names >= FEWEST) else None


def _every_key_fits(probe: Probe, column: str) -> bool:
    """True if the keys of all parents that are named are theirs even once the child's column has stored them."""
    schema, fk = probe.schema, probe.foreign_key
    key = quote(fk.parent_columns[0])
    same = f"p.{key} = r.k0 AND +p.{key} COLLATE BINARY = +r.m"
    there = f"EXISTS (SELECT 1 FROM {quote(fk.parent)} AS p WHERE {same})"
    rows = f"SELECT n0, n0 FROM ({query_by_name(schema, fk, column)})"
    with as_child_stores(probe.connection, schema, fk, rows, "m") as stored:
        unfit = probe.connection.execute(f"SELECT 1 FROM {stored} AS r WHERE NOT {there} LIMIT 1").fetchone()
    return unfit is None
