"""Whether the rows of a table stand in the order of their keys, and how many they are."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlfix.model.schema import Table
from sqlfix.model.values import folded
from sqlfix.scan.pieces import Piece
from sqlfix.sql.literals import free_column, quote
from sqlfix.sql.predicates import COLLATIONS, stored
from sqlfix.sqlite.deadline import stop_if_interrupted

TOO_MUCH = 2**62 + 2**61
"""Of such numbers SQLite adds up one and its opposite in turn, and no two that are alike: that is an overflow."""
BITS = 32
"""Of the sum so many are for the rows, and those above for the rows at fault."""


@dataclass(slots=True)
class KeysOnce:
    """Whether a table surely holds its rows in the order of their keys, each once, and how many it has.

    SQLite merges the keys with the keys themselves, so that each comes twice. If they stand in order, those of the one
    side and of the other come in turn. Where a key is not greater than the one before, the second of both comes before
    the other side's first: the same number is added twice, and sum() fails as soon as it is too large for an INTEGER
    (https://www.sqlite.org/lang_aggfunc.html#sumunc). Of a table WITHOUT ROWID there are rows on the pages above others
    as well, which are met in that order too: then each row is found by its key.

    Args:
        known: how many rows the table has, if they were counted in all of it at once.
        keys: the columns of its key, as SQL.
        order: in which order they have the rows.
    """

    table: Table
    known: int | None
    keys: str
    order: str
    rows: int = 0
    ends: None = None

    def asking(self, condition: str, joins: str, where: str) -> str:
        """A query that reads the rows once; the last of its results says whether a condition holds for any."""
        flag = f"{TOO_MUCH + 1} + (({condition}) IS TRUE) * {1 << BITS}"
        source, v = stored(self.table, "c"), free_column(self.table, "v")
        # without LIMIT SQLite may leave the ORDER BY out
        merged = (
            f"SELECT {self.keys}, {-TOO_MUCH} AS {v} FROM {source}"
            f" UNION ALL SELECT {self.keys}, {flag} FROM {source} {joins} WHERE 1{where} ORDER BY {self.order} LIMIT -1"
        )
        return f"SELECT sum({v}) & {(1 << BITS) - 1}, sum({v}) >> {BITS} FROM ({merged})"

    def can_ask(self, connection: sqlite3.Connection, query: str, values: dict[str, object]) -> bool:
        """True if SQLite sorts nothing for a query of `asking`, and leaves nothing out."""
        steps = [str(step[3]) for step in connection.execute(f"EXPLAIN QUERY PLAN {query}", values)]
        return "MERGE (UNION ALL)" in steps and not any("TEMP B-TREE" in step for step in steps)

    def note(self, counts: Sequence[Any]) -> None:
        """Take note of what was counted."""
        self.rows = counts[0] or 0

    def read(self, connection: sqlite3.Connection, piece: Piece) -> None:
        """Read the keys alone; where that fails, they are not sure to be in order."""
        try:
            self.note(connection.execute(self.asking("0", "", piece.condition)).fetchone())
        except sqlite3.DatabaseError as error:
            stop_if_interrupted(error)

    def is_sure(self) -> bool:
        """True if all of it was read, and each row comes after the one before; if not, nothing is known."""
        return self.rows > 0 and self.known in (None, self.rows)


def keys_once(connection: sqlite3.Connection, table: Table, known: int | None = None) -> KeysOnce | None:
    """Whether a table holds each key once, or each rowid, to be asked; None where SQLite cannot tell in one reading."""
    keys, order = [f"c.{quote(name)}" for name in table.row_id], ["1"]
    if table.without_rowid:
        index = next((index for index in table.indexes if index.origin == "pk"), None)
        if not index or not COLLATIONS.issuperset(folded(column.collation) for column in index.columns):
            return None
        query = "SELECT desc FROM temp.pragma_index_xinfo(?) WHERE key ORDER BY seqno"
        falling = ["DESC" if desc else "" for (desc,) in connection.execute(query, (index.name,))]
        keys = [f"c.{quote(column.name or '')}" for column in index.columns]
        told = enumerate(zip(index.columns, falling, strict=True), 1)
        order = [f"{place} COLLATE {quote(column.collation)} {down}" for place, (column, down) in told]
    once = KeysOnce(table, known, ", ".join(keys), ", ".join(order))
    return once if once.can_ask(connection, once.asking("0", "", ""), {}) else None


def steps_back(connection: sqlite3.Connection, table: Table) -> bool:
    """True if a row does not come after the one before it, as they stand in the table's own b-tree."""
    try:
        if once := keys_once(connection, table):
            connection.execute(once.asking("0", "", "")).fetchone()
    except sqlite3.OperationalError as error:
        if str(error) != "integer overflow":
            raise
        return True
    return False
