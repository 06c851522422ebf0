"""Which pairs of whole numbers two columns of a large table hold more than once, without sorting them.

GROUP BY sorts all pairs, which is three quarters of the time of a whole scan where a link table is large. Here SQLite
makes one number of each pair, and one text of the numbers of many rows, on all cores; Python puts these into a set.
"""

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

BUCKET = 500_000
"""Pairs that are held in one set, about, which takes 60 MB; the table is read as often as there are buckets."""
MOST_PAIRS = 650_000
"""Of a bucket; where its pairs are not as mixed as they should be, it would take too much memory."""
MOST_ROWS = 10_000_000
"""Of a larger table the pairs are not looked at here: it would be read too often."""
MOST_NUMBERS = 2**53
"""So many different pairs can be told apart by one number, also where SQLite reckons with REALs."""


@frozen
class End:
    """One of the two columns, and the least number in it, which is not negative, and the greatest."""

    column: str
    least: int
    greatest: int

    @property
    def name(self) -> str:
        """The column; the plus has SQLite compare the values as they are stored."""
        return f"+c.{quote(self.column)}"

    @property
    def is_between(self) -> str:
        """True where its number is in the range."""
        return f"{self.name} BETWEEN {self.least} AND {self.greatest}"

    @property
    def span(self) -> int:
        """How many numbers there are in the range."""
        return self.greatest - self.least + 1


@frozen
class Pairs:
    """The columns of which the pairs are looked at, and the rows that are left out, by their rowids.

    In all other rows each of the two has to be NULL or a whole number in its range.
    """

    table: Table
    left: End
    right: End
    others: tuple[int, ...] = ()

    @property
    def left_out(self) -> str:
        """True of the rows that are left out."""
        return f"c.{quote(self.table.row_id[0])} IN ({', '.join(map(str, self.others))})"

    @property
    def is_taken(self) -> str:
        """True of rows that may have a pair."""
        return f"{self.left.is_between} AND {self.right.is_between}"


def repeated_pairs(readers: ReaderPool, asked: Pairs, rows: int) -> tuple[int, int, list[tuple[int, int]]] | None:
    """How many pairs a table holds more than once, how many rows have them, and the least of these pairs.

    Args:
        rows: how many rows the table has.

    Returns:
        None where they cannot be looked at in this way.

    Raises:
        sqlite3.DatabaseError: where the table cannot be read.
    """
    if rows > MOST_ROWS or asked.left.span * asked.right.span > MOST_NUMBERS:
        return None
    taken = asked.is_taken
    if asked.others:  # nearly always their numbers are out of the range, and that is quicker to ask than the rowid
        query = f"SELECT 1 FROM {stored(asked.table, 'c')} WHERE {asked.left_out} AND {taken} LIMIT 1"
        if readers.connections[0].execute(query).fetchone():
            taken += f" AND NOT {asked.left_out}"
    number = -(-rows // BUCKET) | 1  # an odd one, lest even numbers come into one half of the buckets
    found: list[tuple[int, int]] = []
    for bucket in range(number):
        pieces = pieces_of(readers, asked.table, rows)
        mine = (
            f"{max(asked.left, asked.right, key=lambda end: end.span).name} % {number} = {bucket} AND "
            if number > 1
            else ""
        )
        texts = readers.run(partial(_collect, asked, f"{mine}{taken}"), pieces)
        if sum(text.count(b",") for text in texts) > MOST_PAIRS:
            return None
        found += _more_than_once([text for text in texts if text])
    firsts = [divmod(pair, asked.right.span) for pair in nsmallest(5, (pair for pair, _ in found))]
    first = [(left + asked.left.least, right + asked.right.least) for left, right in firsts]
    return len(found), sum(times for _, times in found), first


def _collect(asked: Pairs, where: str, connection: sqlite3.Connection, piece: Piece) -> bytes:
    """The pairs of the rows of a piece for which a condition holds: their numbers with commas between them."""
    left, right = (f"({end.name} - ({end.least}))" for end in (asked.left, asked.right))
    query = (
        f"SELECT group_concat({left} * {asked.right.span} + {right} | 0) FROM {stored(asked.table, 'c')} WHERE {where}"
    )
    (text,) = connection.execute(f"{query}{piece.condition}", piece.values).fetchone()
    return text.encode() if text else b""  # a byte for each digit: a text of them takes no less, and is copied


def _more_than_once(texts: Sequence[bytes]) -> Iterator[tuple[int, int]]:
    """The pairs that are there more than once, and how often."""
    numbers = b",".join(texts).split(b",") if texts else []
    if len(set(numbers)) < len(numbers):
        yield from ((int(number), times) for number, times in Counter(numbers).items() if times > 1)
