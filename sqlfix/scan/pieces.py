"""The rows of a table shared out in pieces, of which each connection reads one at a time."""

import sqlite3
from collections.abc import Sequence
from dataclasses import field
from itertools import pairwise
from typing import Any

from sqlfix.frozen import frozen
from sqlfix.model.schema import Column, Index, Table
from sqlfix.model.values import NotUtf8
from sqlfix.scan.access_paths import Question
from sqlfix.sql.literals import names, quote
from sqlfix.sqlite.snapshot import ReaderPool

PIECE, MOST_PIECES = 20_000, 32
"""Rows that one statement reads at least, and the most statements for one pass over a table."""
SAMPLED = 99
"""Rows by which the values of a column are shared out evenly, about."""
PLACES, NEAR = 32, 20
"""Into how many stretches the rowids of a table are cut, in each of which it is looked how far so many rows reach."""
BESIDE = 4
"""Rows that are looked at where a piece is to begin."""


@frozen
class Piece:
    """A part of a table's rows, as further SQL over ``c``; ``rows`` is how many there are, about.

    ``of_parents`` is the same of the parents' keys, where a question reads them side by side with the rows.
    """

    rows: int
    condition: str = ""
    of_parents: str = ""
    values: dict[str, object] = field(default_factory=dict)


def pieces_of(
    readers: ReaderPool, table: Table, rows: int, question: Question | None = None, most: int = MOST_PIECES
) -> list[Piece]:
    """The rows of a table in pieces of about the same size, ``most`` at most; one where they cannot be shared out."""
    number = min(rows // PIECE, most)
    if number < 2 or table.without_rowid or len(table.row_id) != 1:
        return [Piece(rows)]
    if question and question.index:
        return _pieces_of_index(readers.connections[0], question, number, rows)
    connection = readers.connections[0]
    least, *cuts = shared_out(connection, table, number + 1, rows)
    if not cuts or (greatest := cuts.pop()) < least:  # the last row of a damaged table may be its first, or any other
        return [Piece(rows)]
    bounds = [least, *(cut for cut in cuts if _is_in_order(connection, table, cut)), greatest + 1]
    return [between(table, low, high - 1, rows // number) for low, high in pairwise(bounds)]


def _is_in_order(connection: sqlite3.Connection, table: Table, cut: int) -> bool:
    """True if the last rows before the first with a rowid from so many on stand in their order.

    Where they do not, on a damaged page, rows may be passed over by whoever begins to read there.
    """
    rowid = quote(table.row_id[0])
    there = f"FROM {quote(table.name)} NOT INDEXED WHERE {rowid}"
    query = f"SELECT {rowid} {there} <= (SELECT min({rowid}) {there} >= ?) ORDER BY 1 DESC LIMIT {BESIDE}"
    found = [row[0] for row in connection.execute(query, (cut,))]
    return all(before < row for row, before in pairwise(found))


def between(table: Table, least: int, greatest: int, rows: int) -> Piece:
    """The rows of a table with rowids from one to another, of which there are so many."""
    condition = f" AND c.{quote(table.row_id[0])} BETWEEN :least AND :greatest"
    return Piece(rows, condition, values={"least": least, "greatest": greatest})


def shares_of(readers: ReaderPool, table: Table, column: Column) -> list[Piece]:
    """The rows of a table that has some by ranges of a column's values, in its own order: one for each connection.

    Each has to read all rows: it is for what takes longer than that, such as to sort them. A NULL is in no range, but
    where there is one range alone.
    """
    number = len(readers.connections)
    if number < 2 or table.without_rowid or len(table.row_id) != 1:
        return [Piece(0)]
    ordered = _in_order(readers.connections[0], table, column.name, column.collation, SAMPLED)
    cuts = dict.fromkeys(ordered[len(ordered) * place // number] for place in range(1, number) if ordered)
    # by its affinity, two numbers that are equal may be two texts that are not, where the type was put in later
    return _ranges([None, *cuts, None], f"+c.{quote(column.name)} COLLATE {quote(column.collation)}", 0)


def piece_by_piece(readers: ReaderPool, table: Table, rows: int, query: str) -> list[tuple[Any, ...]]:
    """The first row that a query gives for each piece of a table; the query ends in a WHERE over ``c``."""
    return readers.run(
        lambda connection, piece: connection.execute(f"{query}{piece.condition}", piece.values).fetchone(),
        pieces_of(readers, table, rows),
    )


def ends_of(connection: sqlite3.Connection, table: Table) -> tuple[int, int]:
    """The least and the greatest rowid of a table that has rows."""
    rowid, name = quote(table.row_id[0]), quote(table.name)
    least, greatest = connection.execute(
        f"SELECT (SELECT min({rowid}) FROM {name} NOT INDEXED), (SELECT max({rowid}) FROM {name} NOT INDEXED)"
    ).fetchone()
    return least, greatest


def are_ends(connection: sqlite3.Connection, table: Table, least: int, greatest: int) -> bool:
    """True if a table finds its first row and its last, and none beyond; a damaged one may not."""
    rowid = quote(table.row_id[0])
    found = ", ".join(
        f"(SELECT {one}({rowid}) FROM {quote(table.name)} NOT INDEXED WHERE {rowid} {there})"
        for one, there in (
            ("max", f"< {least}"),
            ("max", f"= {least}"),
            ("max", f"= {greatest}"),
            ("min", f"> {greatest}"),
        )
    )
    return bool(connection.execute(f"SELECT {found}").fetchone() == (None, least, greatest, None))


@frozen
class _Stretch:
    """The rowids from one to another, and how many rows there are about.

    ``before`` and ``after`` are the rowids on both sides of where it would be cut.
    """

    least: int
    greatest: int
    rows: float
    before: int | None
    after: int | None

    @property
    def width(self) -> int:
        """How many rowids there can be."""
        return self.greatest - self.least + 1

    @property
    def is_divisible(self) -> bool:
        """True if more would be known of its halves; in a damaged table what is met may stand anywhere."""
        if self.width <= 2 * NEAR or self.before is None or self.after is None:
            return False
        return self.least <= self.before < self.after <= self.greatest


def rows_about(connection: sqlite3.Connection, table: Table) -> int:
    """How many rows a table with rows and rowids has, by how near to each other these are in all parts of it.

    If no rowid is missing where it was looked, none is.
    """
    least, greatest = ends_of(connection, table)
    span, rows = greatest - least + 1, sum(one.rows for one in _stretches(connection, table, least, greatest))
    return span if rows == span else min(round(rows), span - 1)


def _stretches(connection: sqlite3.Connection, table: Table, least: int, greatest: int) -> list[_Stretch]:
    """The rowids of a table in stretches, in order and without the widest gaps between them.

    In turn the one with the most rows is cut in two, and the widest: so rows in small parts far from each other are
    come upon, and what is much too large a guess is the first to be mended.
    """
    rowid = quote(table.row_id[0])
    there = f"FROM {quote(table.name)} NOT INDEXED WHERE {rowid}"
    query = (
        f"SELECT (SELECT max({rowid}) {there} < :middle), (SELECT min({rowid}) {there} >= :middle),"
        f" (SELECT {rowid} {there} >= :middle ORDER BY 1 LIMIT 1 OFFSET {NEAR})"
    )

    def look(least: int, greatest: int) -> _Stretch:
        width = greatest - least + 1
        middle = greatest - width * 1000 // 2618  # by halves, parts at regular distances would be hit too often
        before, after, far = connection.execute(query, {"middle": middle}).fetchone()
        reached = max((greatest if far is None else min(far, greatest)) - middle, NEAR)
        return _Stretch(least, greatest, width if reached == NEAR else width * NEAR / reached, before, after)

    stretches = [look(least, greatest)]
    while len(stretches) < PLACES and (some := [one for one in stretches if one.is_divisible]):
        most = max(some, key=lambda one: one.rows if len(stretches) % 2 else one.width)
        assert most.before is not None and most.after is not None
        place = stretches.index(most)
        stretches[place : place + 1] = look(most.least, most.before), look(most.after, most.greatest)
    return stretches


def shared_out(connection: sqlite3.Connection, table: Table, number: int, rows: int = 0) -> list[int]:
    """Rowids in order, so many at most, between which a table has about as many rows each: its first to its last.

    Args:
        rows: how many it has, about, if that is known: where half of the rowids are there, nothing is looked up.
    """
    least, greatest = ends_of(connection, table)
    parts = number - 1
    if greatest - least < 2 * rows or greatest < least:
        return list(dict.fromkeys(least + (greatest - least) * place // parts for place in range(number)))
    stretches, passed, places = _stretches(connection, table, least, greatest), 0.0, {least, greatest}
    total = sum(one.rows for one in stretches)
    for one in stretches:
        wanted = [total * place / parts - passed for place in range(1, parts)]
        places |= {one.least + int(one.width * rows / one.rows) for rows in wanted if 0 < rows <= one.rows}
        passed += one.rows
    return sorted(place for place in places if least <= place <= greatest)


def sample_rows(
    connection: sqlite3.Connection, table: Table, columns: Sequence[str], number: int
) -> list[tuple[object, ...]]:
    """The values of some columns in about so many rows, from all parts of a table that has rows and rowids.

    A row with text that is not UTF-8 is left out: it cannot be asked for. So is one that a damaged table does not find.
    """
    rowid = quote(table.row_id[0])
    query = f"SELECT {names(columns)} FROM {quote(table.name)} NOT INDEXED WHERE {rowid} >= ? ORDER BY {rowid} LIMIT 1"
    rows = [connection.execute(query, (place,)).fetchone() for place in shared_out(connection, table, number)]
    return [row for row in rows if row and not any(isinstance(value, NotUtf8) for value in row)]


def count_entries(connection: sqlite3.Connection, table: Table, index: Index, where: str = "") -> int:
    """How many entries an index has, of the rows for which a condition holds.

    count(*) by itself is answered from the smallest index there is, whatever INDEXED BY says.
    """
    query = f"SELECT count(*), 1 FROM {quote(table.name)} INDEXED BY {quote(index.name)}{where}"
    return int(connection.execute(query).fetchone()[0])


def _pieces_of_index(connection: sqlite3.Connection, question: Question, number: int, rows: int) -> list[Piece]:
    """Ranges of an index's first column, between the values of some rows."""
    assert question.index is not None
    column = question.index.columns[0]
    ordered = _in_order(connection, question.table, column.name or "", column.collation, number)
    if not ordered:
        return [Piece(rows)]
    parents = f"c.{quote(question.merged.columns[0])}" if question.merged else ""
    return _ranges([None, *ordered, None], f"c.{quote(column.name or '')}", rows // (len(ordered) + 1), parents)


def _in_order(connection: sqlite3.Connection, table: Table, name: str, collation: str, number: int) -> list[object]:
    """The values of a column in some rows, each of them once and none of them NULL, in the order of a collation."""
    values = [row for row in sample_rows(connection, table, (name,), number) if row[0] is not None]
    if not values:
        return []
    collated = f"column1 COLLATE {quote(collation)}"
    query = f"SELECT DISTINCT {collated} FROM (VALUES {', '.join(['(?)'] * len(values))}) ORDER BY {collated}"
    return [row[0] for row in connection.execute(query, [row[0] for row in values])]


def _ranges(bounds: Sequence[object], own: str, rows: int, parents: str = "") -> list[Piece]:
    """The pieces between some values of a column; ``parents`` is that of the parents, where they are asked as well."""

    def piece(low: object, high: object) -> Piece:
        limits = [
            *([(">= :least", "least", low)] if low is not None else []),
            *([("< :below", "below", high)] if high is not None else []),
        ]
        ours, theirs = ("".join(f" AND {column} {limit}" for limit, _, _ in limits) for column in (own, parents))
        return Piece(rows, ours, theirs if parents else "", {key: value for _, key, value in limits})

    return [piece(low, high) for low, high in pairwise(bounds)]
