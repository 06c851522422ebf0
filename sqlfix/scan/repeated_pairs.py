"""Which pairs of whole numbers two columns of a large table hold more than once, without sorting them.

GROUP BY sorts all pairs, which is three quarters of the time of a whole scan where a link table is large. Here SQLite
makes one number of each pair, and one text of the numbers of many rows, on all cores; Python puts these into a set.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial
from heapq import nsmallest

from sqlfix.frozen import frozen
from sqlfix.model.schema import Table
from sqlfix.scan.pieces import Piece, pieces_of
from sqlfix.sql.literals import quote
from sqlfix.sql.predicates import stored
from sqlfix.sqlite.snapshot import ReaderPool

MOST_LEFT, MOST_RIGHT = 2**31 - 1, 2**32 - 1
"""The greatest numbers of which a pair fits into one."""
BUCKET = 500_000
"""Pairs that are held in one set, about, which takes 60 MB; the table is read as often as there are buckets."""
MOST_BYTES = 15_000_000
"""Of a bucket; where its pairs are not as mixed as they should be, it would take too much memory."""
MOST_ROWS = 10_000_000
"""Of a larger table the pairs are not looked at here: it would be read too often."""


@frozen
class Pairs:
    """The columns of which the pairs are looked at, and the rows that are left out, by their rowids.

    In all other rows each of the two has to be NULL or a whole number from 0 to `MOST_LEFT` and `MOST_RIGHT`.
    """

    table: Table
    columns: tuple[str, str]
    others: tuple[int, ...] = ()

    @property
    def left_out(self) -> str:
        """True of the rows that are left out."""
        return f"c.{quote(self.table.row_id[0])} IN ({', '.join(map(str, self.others))})"


@frozen
class Repeated:
    """How many pairs are there more than once, how many rows have them, and the least of them."""

    pairs: int
    rows: int
    first: tuple[tuple[int, int], ...]


def repeated_pairs(readers: ReaderPool, asked: Pairs, rows: int) -> Repeated | None:
    """The pairs that a table holds more than once; None where they cannot be looked at in this way.

    Args:
        rows: how many rows the table has.

    Raises:
        sqlite3.DatabaseError: where the table cannot be read.
    """
    if rows > MOST_ROWS:
        return None
    number = -(-rows // BUCKET) | 1  # an odd one, lest all pairs of equal numbers come into one half of the buckets
    found: list[tuple[int, int]] = []
    for bucket in range(number):
        pieces = pieces_of(readers, asked.table, rows)
        texts = readers.run(partial(_collect, asked, (bucket, number)), pieces)
        if sum(map(len, texts)) > MOST_BYTES:
            return None
        found += _more_than_once([text for text in texts if text])
    first_ones = nsmallest(5, (pair for pair, _ in found))
    first_pairs = tuple((pair >> 32, pair & MOST_RIGHT) for pair in first_ones)
    return Repeated(len(found), sum(times for _, times in found), first_pairs)


def _collect(asked: Pairs, which: tuple[int, int], connection: sqlite3.Connection, piece: Piece) -> bytes:
    """The pairs of one bucket, of so many, in a piece of a table: their numbers with commas between them."""
    bucket, number = which
    left, right = (f"c.{quote(name)}" for name in asked.columns)
    mine = f"({left} + {right}) % {number} = {bucket}" if number > 1 else "1"
    others = f" AND NOT {asked.left_out}" if asked.others else ""
    query = f"SELECT group_concat({left} << 32 | {right}) FROM {stored(asked.table, 'c')} WHERE {mine}{others}"
    (text,) = connection.execute(f"{query}{piece.condition}", piece.values).fetchone()
    return text.encode() if text else b""  # a byte for each digit: a text of them takes no less, and is copied


def _more_than_once(texts: Sequence[bytes]) -> Iterator[tuple[int, int]]:
    """The pairs that are there more than once, and how often."""
    numbers = b",".join(texts).split(b",") if texts else []
    if len(set(numbers)) < len(numbers):
        yield from ((int(number), times) for number, times in Counter(numbers).items() if times > 1)
