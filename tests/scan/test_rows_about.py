"""How many rows a table has about, where they are not counted."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

import pytest
from support import build

from sqlfix.scan.pieces import rows_about
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
}


@pytest.mark.parametrize("ids", IDS)
def test_the_rows_are_guessed_to_a_third(tmp_path: Path, ids: str) -> None:
    guessed = rows(tmp_path, IDS[ids])
    assert guessed is not None and ROWS * 2 / 3 < guessed < ROWS * 3 / 2
    assert guessed == ROWS or "none" not in ids


@pytest.mark.parametrize(
    "ids", ["i + (i > 25000) * 1000000000", "i + (i = 50000) * (1 << 40)", "i + (i > 49000) * 900000"]
)
def test_a_table_with_most_rows_in_small_parts_is_taken_for_a_small_one_which_is_counted(
    tmp_path: Path, ids: str
) -> None:
    assert (rows(tmp_path, ids) or 0) < ROWS / 10


def rows(folder: Path, ids: str) -> int | None:
    """How many rows a table of 50,000 has about, with such ids."""
    numbers = f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {ROWS})"
    path = build(
        folder / "x.db", f"CREATE TABLE t (id INTEGER PRIMARY KEY); {numbers} INSERT INTO t SELECT {ids} FROM n"
    )
    with contextlib.closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT count(*) FROM t").fetchone() == (ROWS,)
    with open_database(path) as database:
        return rows_about(database.connection, database.schema.known_table("t"))
