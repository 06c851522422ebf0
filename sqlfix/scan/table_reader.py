"""One table of one database, as the checks of tables see it: what was asked of its rows, and the rows themselves."""

import sqlite3
from collections.abc import Iterator
from dataclasses import replace

from sqlfix.frozen import frozen
from sqlfix.model.findings import Row
from sqlfix.model.schema import Schema, Table
from sqlfix.scan.candidates import Look
from sqlfix.scan.check import Condition
from sqlfix.scan.known_tables import MOST_CHOSEN
from sqlfix.scan.pieces import Piece, pieces_of
from sqlfix.scan.table_pass import Suspects
from sqlfix.sql.literals import names, quote
from sqlfix.sql.predicates import stored

SAMPLE_ROWS = 5
SMALL = 10_000
"""Rows that may be read again, and sorted, in a fast scan as well: that takes no time."""


class LeftOut(Exception):
    """A check would sort the rows of a large table, or read them a second time, and the scan is to be fast."""


@frozen
class TableReader:
    """A table, the connection to ask, and the look that was taken at all tables; ``fast`` as in `Scope`."""

    connection: sqlite3.Connection
    schema: Schema
    table: Table
    look: Look
    fast: bool = False

    @property
    def reads_once(self) -> bool:
        """True if the rows are neither to be sorted nor to be read a second time: see `read_again`."""
        return self.fast and (self.size or 0) > SMALL

    def read_again(self, *others: Table | None) -> None:
        """Called by a check before it sorts all rows, or reads them a second time, whatever they hold.

        Args:
            others: the tables whose rows are read, where it is not this one; None for one that is not known.

        Raises:
            LeftOut: where that is to be left out.
        """
        readers = [replace(self, table=table) if table else None for table in others] if others else [self]
        if self.fast and any(reader is None or reader.reads_once for reader in readers):
            raise LeftOut

    @property
    def size(self) -> int | None:
        """How many rows the table has, counted in the table itself; None where SQLite cannot count them."""
        name, sizes = self.table.name, self.look.sizes
        if name not in sizes:
            self.look.count((), [name])
        return sizes.get(name)

    def clues(self, check: str) -> tuple[Condition, ...]:
        """The clues of a check, as they were asked for."""
        return self.look.clues.get(self.table.name, {}).get(check, ())

    def answer(self, condition: Condition) -> Suspects | sqlite3.DatabaseError | None:
        """What was answered to a condition; None where the table could not be asked at all."""
        return self.look.answers.get(condition)

    def count(self, where: str, found: Suspects) -> int:
        """How many rows a condition holds for; counted anew only where they were too many to be listed."""
        return sum(self.numbers("count(*)", where, None)) if found.many else found.count

    def numbers(self, what: str, where: str, found: Suspects | None) -> list[int]:
        """An aggregate over the rows that a condition holds for: one number for each piece of the table.

        Where the rows were listed, and are few, nothing else is read.
        """
        query = f"SELECT {what} FROM {stored(self.table, 'c')} WHERE ({where})"
        pieces = pieces_of(self.look.readers, self.table, self.look.sizes[self.table.name])
        if found is not None and found.rows is not None and len(found.rows) <= MOST_CHOSEN:
            chosen = ", ".join(map(str, found.rows))
            pieces = [Piece(len(found.rows), f" AND c.{quote(self.table.row_id[0])} IN ({chosen})")]
        numbers = self.look.readers.run(
            lambda connection, piece: connection.execute(f"{query}{piece.condition}", piece.values).fetchone()[0],
            pieces,
        )
        return [int(number) for number in numbers if number is not None]

    def sample(self, columns: tuple[str, ...], where: str, found: Suspects) -> tuple[Row, ...]:
        """A few of the rows, those with the lowest rowids if they were listed."""
        if found.rows is None:
            return tuple(self.rows(columns, where, SAMPLE_ROWS))
        chosen = ", ".join(map(str, sorted(found.rows)[:SAMPLE_ROWS]))
        return tuple(self._rows(columns, f"c.{quote(self.table.row_id[0])} IN ({chosen})"))

    def rows(self, columns: tuple[str, ...], where: str, limit: int = -1) -> Iterator[Row]:
        """Every row that a condition holds for, one at a time, with its key and some columns."""
        yield from self._rows(columns, f"({where}) LIMIT {limit}")

    def _rows(self, columns: tuple[str, ...], condition: str) -> Iterator[Row]:
        key = self.table.known_by
        if columns == self.table.primary_key and not self.table.without_rowid:
            key = self.table.row_id  # by a key that is at fault itself no row is found
        query = f"SELECT {names((*key, *columns), 'c')} FROM {stored(self.table, 'c')} WHERE {condition}"
        yield from (Row.of(key, columns, values) for values in self.connection.execute(query))
