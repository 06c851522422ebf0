"""How many rows a table has about, where they are not counted, and what shares them out."""

from __future__ import annotations

import contextlib
import sqlite3
from itertools import pairwise
from pathlib import Path

import pytest
from support import build

from sqlfix.scan.pieces import rows_about, shared_out
from sqlfix.schema.database import open_database

ROWS = 50_000
IDS = {
    "none missing": "i",
    "below none": "i - 40000",
    "every third is there": "3 * i",
    "one in twenty is gone": "i + i / 20",
    "a third is gone in the middle": "i + (i > 25000) * 25000",
    "at random": "random()",
    "new ones far apart": "CASE WHEN i < 30000 THEN i ELSE 30000 + (i - 30000) * 3 END",
    "two parts, none missing, far apart": "i + (i > 25000) * 1000000000",
    "one far from all others": "i + (i = 50000) * (1 << 40)",
    "a part that is far apart": "i + (i > 49000) * 900000",
    "as far apart as can be": "i + (i > 20000) * (1 << 62) - (i < 10000) * (1 << 62)",
    "between two far apart": "CASE i WHEN 1 THEN 1 WHEN 50000 THEN 1 << 50 ELSE (1 << 48) + 12345 + i END",
    "hashes": "(i * 2654435761 & 4294967295) << 31 | i",
    "farther and farther apart": "i * i",
}


@pytest.mark.parametrize("ids", IDS)
def test_the_rows_are_guessed_to_a_third_and_shared_out(tmp_path: Path, ids: str) -> None:
    guessed, places, most = looked_up(tmp_path, IDS[ids])
    assert ROWS * 2 / 3 < guessed < ROWS * 3 / 2
    assert guessed == ROWS or "none" not in ids or "far" in ids
    assert len(places) == 33 and most < ROWS / 32 * 3


def looked_up(folder: Path, ids: str) -> tuple[int, list[int], int]:
    """Of 50,000 rows with such ids: how many there are about, what shares them out, and the most rows of a share."""
    numbers = f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {ROWS})"
    path = build(
        folder / "x.db", f"CREATE TABLE t (id INTEGER PRIMARY KEY); {numbers} INSERT INTO t SELECT {ids} FROM n"
    )
    with contextlib.closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT count(*) FROM t").fetchone() == (ROWS,)
    with open_database(path) as database:
        connection, table = database.connection, database.schema.known_table("t")
        places = shared_out(connection, table, 33)
        assert (places[0], places[-1]) == connection.execute("SELECT min(id), max(id) FROM t").fetchone()
        count = "SELECT count(*) FROM t WHERE id BETWEEN ? AND ?"
        shares = [connection.execute(count, share).fetchone()[0] for share in pairwise(places)]
        return rows_about(connection, table), places, max(shares)
