"""The parents as their table has them, where the index by which SQLite looks them up cannot be believed."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from typing import TYPE_CHECKING

from sqlfix.model.schema import Column, ForeignKey, Index, IndexColumn, Schema, Table
from sqlfix.scan.access_paths import looked_up, lookups, own_index, refers_to_ids
from sqlfix.scan.pieces import Piece, piece_by_piece, pieces_of
from sqlfix.scan.table_pass import probing
from sqlfix.sql.literals import free_name, names, quote
from sqlfix.sql.predicates import affinity, has_key, is_there, key_types, match_parent, stored

if TYPE_CHECKING:
    from sqlfix.scan.orphans import Probe


def misses_parents(probe: Probe) -> bool:
    """True if a key that SQLite's own rule takes for missing stands in the parent table after all."""
    fk, parent = probe.foreign_key, probe.parent
    own = own_index(probe.schema, fk)
    if (probe.suspects and not probe.suspects.count) or (parent.without_rowid and own and own.origin == "pk"):
        return False
    if refers_to_ids(probe.schema, fk):
        return _misses_ids(probe)
    if own is not None and probe.look.tables.is_known_to_agree(parent, own):
        return False
    if probe.suspects and probe.suspects.many:
        return _misses_any(probe)
    return not probe.look.parents(fk).lack and bool(probe.flagged) and _has_flagged(probe)


def _misses_ids(probe: Probe) -> bool:
    """True if a table of parents does not find its own rows by their ids, which is noted of it then.

    All its rows may be met in order, and the pages above them still lead elsewhere. Where SQLite looks for an id that
    is there, and does not find it, the next row that it finds on one side is on the other side of that id.
    """
    tables, parent, many = probe.look.tables, probe.parent, probe.suspects is not None and probe.suspects.many
    if not tables.is_only_walked(parent) or not (many or probe.flagged):
        return False
    if not tables.is_in_order(parent):
        return True
    ids, key = tables.ids_of(parent.name), quote(probe.foreign_key.parent_columns[0])
    if ids.least is None:  # there is no row
        return False
    if many:
        if parent.name not in tables.found:
            tables.found[parent.name] = _found_by_ids(probe)
        missed = tables.found[parent.name] != tables.sizes[parent.name]
    else:
        before, after = (
            f"(SELECT {end}(p.{key}) FROM {quote(parent.name)} AS p NOT INDEXED WHERE p.{key} {sign} c.{key})"
            for end, sign in (("max", "<="), ("min", ">="))
        )
        # SQLite's own rule does not find the least integer there can be by the REAL that is equal to it
        beyond = f"({before} >= c.{key} OR {after} <= c.{key})"
        whole = f"typeof(c.{key}) = 'integer' AND c.{key} BETWEEN {ids.least} AND {ids.greatest}"
        query = f"SELECT 1 FROM temp.{_flagged(probe)} AS c WHERE {whole} AND {beyond} LIMIT 1"
        missed = probe.connection.execute(query).fetchone() is not None
    tables.ordered[parent.name] = not missed
    return missed


def _found_by_ids(probe: Probe) -> int:
    """How many of the parents are found by their ids.

    They are looked for from the last to the first: the one behind the one that it found last SQLite does not look for,
    but steps to it.
    """
    tables, parent, key = probe.look.tables, probe.parent, quote(probe.foreign_key.parent_columns[0])

    def found(connection: sqlite3.Connection, piece: Piece) -> int:
        downwards = f"SELECT c.{key} AS id FROM {stored(parent, 'c')} WHERE 1{piece.condition} ORDER BY 1 DESC LIMIT -1"
        query = f"SELECT count(p.{key}) FROM ({downwards}) AS d LEFT JOIN {stored(parent, 'p')} ON p.{key} = d.id"
        return int(connection.execute(query, piece.values).fetchone()[0])

    readers = probe.look.readers
    with probing(readers, [(parent.name, None)], tables.sizes, parent.name):
        return sum(readers.run(found, pieces_of(readers, parent, tables.sizes[parent.name])))


def _flagged(probe: Probe) -> str:
    """A temporary table of the flagged keys, of the same affinities and collations as the parent's key."""
    missing = probe.temporary("missing", _like_parent_key(probe))
    probe.connection.execute(
        f"INSERT INTO temp.{missing} SELECT {names(probe.foreign_key.child_columns)} FROM {probe.flagged_keys}"
    )
    return missing


def _has_flagged(probe: Probe) -> bool:
    """True if the parent table has one of the flagged keys; it is read through once itself."""
    fk, missing = probe.foreign_key, _flagged(probe)
    probe.connection.execute(f"CREATE INDEX temp.{missing}_key ON {missing} ({names(fk.parent_columns)})")
    same = " AND ".join(f"m.{quote(name)} = p.{quote(name)}" for name in fk.parent_columns)
    there = f"EXISTS (SELECT 1 FROM temp.{missing} AS m WHERE {same})"
    query = f"SELECT 1 FROM {stored(probe.parent, 'p')} WHERE {there} LIMIT 1"
    return probe.connection.execute(query).fetchone() is not None


def _misses_any(probe: Probe) -> bool:
    """True if the index by which SQLite looks parents up does not find one of the rows of their table."""
    fk, parent = probe.foreign_key, probe.parent
    if not any(index for _, index in lookups(probe.schema, fk)):
        return False
    same = " AND ".join(f"p.{quote(name)} = c.{quote(name)}" for name in fk.parent_columns)
    there = " AND ".join(is_there(f"c.{quote(name)}") for name in fk.parent_columns)
    query = (
        f"SELECT 1 FROM {stored(parent, 'c')} LEFT JOIN {looked_up(probe.schema, fk, 'p')}"
        f" ON {same} WHERE {there} AND p.{quote(fk.parent_columns[0])} IS NULL"
    )
    readers, sizes = probe.look.readers, probe.look.sizes
    with probing(readers, lookups(probe.schema, fk), sizes, fk.parent):
        return any(piece_by_piece(readers, parent, sizes[fk.parent], query))


def with_parents_copied(probe: Probe) -> tuple[Schema, ForeignKey]:
    """The relationship with a temporary table of the parents' keys in the place of their table."""
    fk, parent = probe.foreign_key, probe.parent
    columns = [column for name in fk.parent_columns if (column := parent.column(name))]
    ids = refers_to_ids(probe.schema, fk)
    declared = f"{quote(fk.parent_columns[0])} INTEGER PRIMARY KEY" if ids else _like_parent_key(probe)
    name, key = probe.temporary("parents", declared), free_name(probe.schema, "sqlfix_parents_key")
    indexes: tuple[Index, ...] = ()
    if not ids:
        probe.connection.execute(f"CREATE UNIQUE INDEX temp.{key} ON {name} ({names(fk.parent_columns)})")
        told = [IndexColumn(c.name, by) for c, (_, by) in zip(columns, key_types(probe.schema, fk), strict=True)]
        indexes = (Index(key, True, "c", False, tuple(told)),)
    probe.connection.execute(
        f"INSERT OR IGNORE INTO temp.{name} SELECT {names(fk.parent_columns)} FROM {stored(parent)}"
    )
    copy = Table(
        name, "table", "",
        columns=tuple(Column(c.name, affinity(c, parent.strict), False, None, 0, False, c.collation)
                      for c in columns),
        integer_key=columns[0].name if ids else None, row_id=("rowid",), indexes=indexes,
    )  # fmt: skip
    return Schema((*probe.schema.tables, copy)), replace(fk, parent=name)


def disagreeing(probe: Probe) -> tuple[int, int]:
    """How many rows have a parent that its index does not find, and how many have one that the index alone has."""
    found = [
        f"EXISTS (SELECT 1 FROM {looked_up(schema, fk, 'p')} WHERE {match_parent(fk)})"
        for schema, fk in ((probe.schema, probe.foreign_key), probe.asked)
    ]
    by_index, in_table = found
    unseen, hidden = probe.connection.execute(
        f"SELECT total(NOT {by_index} AND {in_table}), total({by_index} AND NOT {in_table})"
        f" FROM {stored(probe.child, 'c')} WHERE {has_key(probe.child, probe.foreign_key)}"
    ).fetchone()
    return int(unseen), int(hidden)


def _like_parent_key(probe: Probe) -> str:
    """The columns of a table that holds keys just as the parent's own index would."""
    types = zip(probe.foreign_key.parent_columns, key_types(probe.schema, probe.foreign_key), strict=True)
    return ", ".join(f"{quote(name)} {kind} COLLATE {quote(by)}" for name, (kind, by) in types)
