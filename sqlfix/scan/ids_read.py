"""What is found out of the ids of a large table: whether each is there once, how many they are, and which are missing.

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


@dataclass(slots=True)
class IdsOnce:
    """Whether a table with rowids surely holds each once, as far as its pieces are read, and how many rows it has.

    Of each row but the first it is asked, from the pages above, which id comes before: the one that is less by one, or
    one before a gap. Whoever has met n rows, and lacks as many ids between the least and the greatest as are in all
    gaps together, has met n ids. And none is hidden: where a page stands in the place of another, and in its own as
    well, SQLite finds its first row in one of the two, and the rows before it, which are greater, in the other.

    Args:
        known: how many rows the table has, if they were counted in all of it at once.
    """

    table: Table
    least: int
    greatest: int
    known: int | None = None
    _counts: list[tuple[int, int, int]] = field(default_factory=list)

    def asking(self, condition: str, joins: str, where: str) -> str:
        """A query for the rows, those that come after the id before, the ids in the gaps, and the ids at fault."""
        key, before = quote(self.table.row_id[0]), _before(self.table)
        # what is negative, as before a row that stands in a wrong place, is to be far more than there can be
        gap = f"sum(c.{key} - {before} - 1 & {2**63 - 1}) FILTER (WHERE b.{key} IS NULL AND c.{key} > {self.least})"
        return _asking(self.table, f"count(*), count(b.{key}), {gap}", condition, joins, where)

    @property
    def ends(self) -> tuple[int, int]:
        """The least and the greatest id."""
        return self.least, self.greatest

    @property
    def rows(self) -> int:
        """How many rows were met."""
        return sum(rows for rows, _, _ in self._counts)

    def can_ask(self, *_: object) -> bool:
        """Such a query is always answered as it is meant."""
        return True

    def note(self, counts: Sequence[Any]) -> None:
        """Take note of what was counted in one piece."""
        rows, followed, missed = counts
        self._counts.append((rows, followed, missed or 0))

    def read(self, connection: sqlite3.Connection, piece: Piece) -> None:
        """Read the ids of one piece; where that fails, they are not sure to be there once."""
        try:
            self.note(_read(self, connection, piece))
        except sqlite3.DatabaseError as error:
            stop_if_interrupted(error)

    def is_sure(self) -> bool:
        """True if all of it was read, and each id is there once; if not, nothing is known."""
        _, followed, missed = (sum(numbers) for numbers in zip((0, 0, 0), *self._counts, strict=True))
        lacking, gaps = self.greatest - self.least + 1 - self.rows, self.rows - followed - 1
        counted = self.known in (None, self.rows) and missed == lacking
        return counted and 0 <= gaps <= lacking and bool(gaps) == bool(lacking)


@dataclass(slots=True)
class Gaps:
    """The map of the missing ids of a table with an INTEGER PRIMARY KEY, as far as its pieces are read.

    It has a byte for each 2 ** `Ids.shift` ids from the least on: 1 if one of them is missing, else 0.

    Args:
        known: as of `IdsOnce`.
    """

    table: Table
    ids: Ids
    known: int | None = None
    marks: bytearray = field(init=False)
    rows: int = 0
    missing: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.marks = bytearray((self.ids.span - 1 >> self.ids.shift) + 1)

    @property
    def ends(self) -> tuple[int, int]:
        """The least and the greatest id."""
        assert self.ids.least is not None and self.ids.greatest is not None
        return self.ids.least, self.ids.greatest

    def asking(self, condition: str, joins: str, where: str) -> str:
        """A query for the rows, the gaps, each as the first id that is missing and the next, and the ids at fault."""
        key = quote(self.table.row_id[0])
        end = f"b.{key} IS NULL AND c.{key} > {self.ids.least}"
        gaps = f"group_concat(({_before(self.table)} + 1) || ' ' || c.{key}, ' ') FILTER (WHERE {end})"
        return _asking(self.table, f"count(*), {gaps}", condition, joins, where)

    can_ask = IdsOnce.can_ask

    def note(self, counts: Sequence[Any]) -> None:
        """Take note of the gaps in one piece."""
        (least, greatest), shift, missing = self.ends, self.ids.shift, 0
        numbers = map(int, (counts[1] or "").split())
        for first, following in zip(numbers, numbers, strict=True):
            if not least < first < following <= greatest:  # only in a damaged table, and how far is anywhere
                missing += self.ids.span  # more than there can be, so that nothing is sure
                continue
            low, high = (first - least) >> shift, (following - 1 - least) >> shift
            self.marks[low : high + 1] = b"\x01" * (high - low + 1)
            missing += following - first
        self.rows += counts[0]
        self.missing.append(missing)

    def read(self, connection: sqlite3.Connection, piece: Piece) -> None:
        """Read the ids of one piece."""
        self.note(_read(self, connection, piece))

    def is_sure(self) -> bool:
        """True if each id is there once: where one is held twice, there are fewer ids than rows."""
        return self.known in (None, self.rows) and sum(self.missing) == self.ids.span - self.rows


def _before(table: Table) -> str:
    """The greatest id that is less than that of ``c``."""
    key = quote(table.row_id[0])
    return f"(SELECT max(n.{key}) FROM {quote(table.name)} AS n NOT INDEXED WHERE n.{key} < c.{key})"


def _asking(table: Table, counted: str, condition: str, joins: str, where: str) -> str:
    """A query for what is counted in rows, each with the one before, and the ids for which a condition holds."""
    key = quote(table.row_id[0])
    met = f"group_concat(c.{key}) FILTER (WHERE {condition})"
    before = f"LEFT JOIN {quote(table.name)} AS b NOT INDEXED ON b.{key} = c.{key} - 1"
    return f"SELECT {counted}, {met} FROM {stored(table, 'c')} {before} {joins} WHERE 1{where}"


def _read(ids: IdsOnce | Gaps, connection: sqlite3.Connection, piece: Piece) -> Sequence[Any]:
    row: Sequence[Any] = connection.execute(ids.asking("0", "", piece.condition), piece.values).fetchone()
    return row[:-1]


def ids_once(readers: ReaderPool, table: Table, known: int | None) -> IdsOnce:
    """Whether a table that has rows with rowids holds each once, to be asked of its pieces."""
    return IdsOnce(table, *ends_of(readers.connections[0], table), known)


def read_ids(readers: ReaderPool, ids: IdsOnce, rows: int) -> None:
    """Read the ids of a table by all connections, and nothing else; ``rows`` is how many it has, about."""
    with unchecked(readers):
        readers.run(ids.read, pieces_of(readers, ids.table, rows))


def map_of_gaps(readers: ReaderPool, table: Table, ids: Ids, known: int | None) -> Gaps:
    """The map of a table's missing ids, read by all connections."""
    gaps = Gaps(table, ids, known)
    with probing(readers, [(table.name, None)], {table.name: ids.count}, table.name):
        readers.run(gaps.read, pieces_of(readers, table, ids.count))
    return gaps
