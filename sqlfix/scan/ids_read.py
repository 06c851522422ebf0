"""What is found out of the ids of a large table: whether each is there once, and which are missing.

Both are asked of a piece of the table at a time, so that it can be done in the same reading as something else.
"""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlfix.model.schema import Table
from sqlfix.scan.access_paths import Ids
from sqlfix.scan.pieces import Piece, ends_of, pieces_of
from sqlfix.scan.table_pass import probing, unchecked
from sqlfix.sql.literals import quote
from sqlfix.sql.predicates import stored
from sqlfix.sqlite.deadline import stop_if_interrupted
from sqlfix.sqlite.snapshot import ReaderPool

MOST_EXACT = 2**53
"""Up to here sums of numbers are exact that SQLite adds up as REAL."""


@dataclass(slots=True)
class IdsOnce:
    """Whether a table with rowids surely holds each once, as far as its pieces are read.

    Whoever has n rows, of which each is followed by the next id or by a gap, and lacks just as many ids between the
    least and the greatest as all the gaps together, has n ids. The number of rows alone does not say so: a damaged page
    can hold one id twice, in the place of another.

    Args:
        rows: how many rows the table has, counted in all of it at once.
        lacking: how many ids it lacks between the least and the greatest, if it holds each once.
    """

    table: Table
    rows: int
    lacking: int
    _counts: list[tuple[int, int, float]] = field(default_factory=list)

    @property
    def counted(self) -> str:
        """What is counted: the rows, those that are followed by the next id, and the ids that the others lack."""
        key, name = quote(self.table.row_id[0]), quote(self.table.name)
        following = f"(SELECT min(n.{key}) FROM {name} AS n NOT INDEXED WHERE n.{key} > c.{key})"
        # where none is missing, there is nothing to add up
        missing = f"total(CASE WHEN b.{key} IS NULL THEN {following} - c.{key} - 1 END)" if self.lacking else "0"
        return f"count(*), count(b.{key}), {missing}"

    @property
    def join(self) -> str:
        """The row with the next id."""
        return _with_next(self.table)

    def note(self, counts: Sequence[Any]) -> None:
        """Take note of what was counted in one piece."""
        rows, followed, missed = counts
        self._counts.append((rows, followed, missed))

    def read(self, connection: sqlite3.Connection, piece: Piece) -> None:
        """Read the ids of one piece; where that fails, they are not sure to be there once."""
        try:
            self.note(_read(self, connection, piece))
        except sqlite3.DatabaseError as error:
            stop_if_interrupted(error)

    def is_sure(self) -> bool:
        """True if all of it was read, and each id is there once; if not, nothing is known."""
        read, followed, missed = (sum(numbers) for numbers in zip((0, 0, 0), *self._counts, strict=True))
        gaps = read - followed - 1
        return (
            self.lacking <= MOST_EXACT
            and read == self.rows
            and missed == self.lacking
            and 0 <= gaps <= self.lacking
            and bool(gaps) == bool(self.lacking)
        )


@dataclass(slots=True)
class Gaps:
    """The map of the missing ids of a table with an INTEGER PRIMARY KEY, as far as its pieces are read.

    It has a byte for each 2 ** `Ids.shift` ids from the least on: 1 if one of them is missing, else 0.
    """

    table: Table
    ids: Ids
    marks: bytearray = field(init=False)
    missing: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.marks = bytearray((self.ids.span - 1 >> self.ids.shift) + 1)

    @property
    def counted(self) -> str:
        """The gaps, each as the first id that is missing and the next that is there."""
        key, name = quote(self.table.row_id[0]), quote(self.table.name)
        following = f"(SELECT min(n.{key}) FROM {name} AS n NOT INDEXED WHERE n.{key} > c.{key})"
        end = f"b.{key} IS NULL AND c.{key} < {self.ids.greatest}"
        return f"group_concat((c.{key} + 1) || ' ' || {following}, ' ') FILTER (WHERE {end})"

    @property
    def join(self) -> str:
        """The row with the next id."""
        return _with_next(self.table)

    def note(self, counts: Sequence[Any]) -> None:
        """Take note of the gaps in one piece."""
        assert self.ids.least is not None and self.ids.greatest is not None
        least, shift, missing = self.ids.least, self.ids.shift, 0
        numbers = map(int, (counts[0] or "").split())
        for first, following in zip(numbers, numbers, strict=True):
            if not least < first < following <= self.ids.greatest:  # only in a damaged table, and how far is anywhere
                missing += self.ids.span  # more than there can be, so that nothing is sure
                continue
            low, high = (first - least) >> shift, (following - 1 - least) >> shift
            self.marks[low : high + 1] = b"\x01" * (high - low + 1)
            missing += following - first
        self.missing.append(missing)

    def read(self, connection: sqlite3.Connection, piece: Piece) -> None:
        """Read the ids of one piece."""
        self.note(_read(self, connection, piece))

    def is_sure(self) -> bool:
        """True if each id is there once: where one is held twice, there are fewer ids than rows."""
        return sum(self.missing) == self.ids.span - self.ids.count


def _with_next(table: Table) -> str:
    key = quote(table.row_id[0])
    return f"LEFT JOIN {quote(table.name)} AS b NOT INDEXED ON b.{key} = c.{key} + 1"


def _read(ids: IdsOnce | Gaps, connection: sqlite3.Connection, piece: Piece) -> Sequence[Any]:
    query = f"SELECT {ids.counted} FROM {stored(ids.table, 'c')} {ids.join} WHERE 1{piece.condition}"
    row: Sequence[Any] = connection.execute(query, piece.values).fetchone()
    return row


def ids_once(readers: ReaderPool, table: Table, rows: int) -> IdsOnce:
    """Whether a table that has rows with rowids holds each once, to be asked of its pieces."""
    least, greatest = ends_of(readers.connections[0], table)
    return IdsOnce(table, rows, greatest - least + 1 - rows)


def ids_are_distinct(readers: ReaderPool, table: Table, rows: int) -> bool:
    """True if a table with rowids surely holds each once; read by all connections, and only its keys.

    Args:
        rows: how many rows the table has.
    """
    ids = ids_once(readers, table, rows)
    with unchecked(readers):
        readers.run(ids.read, pieces_of(readers, table, rows))
    return ids.is_sure()


def map_of_gaps(readers: ReaderPool, table: Table, ids: Ids) -> Gaps:
    """The map of a table's missing ids, read by all connections."""
    gaps = Gaps(table, ids)
    with probing(readers, [(table.name, None)], {table.name: ids.count}, table.name):
        readers.run(gaps.read, pieces_of(readers, table, ids.count))
    return gaps
