"""An undo takes added parents away: rows that had none before may be without one again, and no other row."""

from __future__ import annotations

import contextlib
import sqlite3
from itertools import product
from pathlib import Path

import pytest
from support import build, sqlfix

TABLES = {
    "by rowid": "CREATE TABLE c (k INT REFERENCES p, note)",
    "by its id": "CREATE TABLE c (id INTEGER PRIMARY KEY, k INT REFERENCES p, note)",
    "without rowid": "CREATE TABLE c (note TEXT COLLATE NOCASE PRIMARY KEY, k INT REFERENCES p) WITHOUT ROWID",
}
SINCE = {
    "UPDATE p SET note = 'x' WHERE k = 1": True,
    "DELETE FROM c WHERE note = 'b'": True,
    "INSERT INTO c (k, note) VALUES (8, 'new')": False,
    "UPDATE c SET k = 8 WHERE note = 'a'": False,
    "UPDATE c SET k = 9 WHERE note = 'b'": False,
}


@pytest.mark.parametrize(
    ("declared", "since"),
    [*product(["by rowid"], SINCE), *product(TABLES, [next(iter(SINCE)), "UPDATE c SET k = 9 WHERE note = 'b'"])],
)
def test_only_rows_that_had_no_parent_may_lose_it(tmp_path: Path, declared: str, since: str) -> None:
    path = build(
        tmp_path / "x.db",
        f"PRAGMA encoding = 'UTF-16'; CREATE TABLE p (k INTEGER PRIMARY KEY, note); {TABLES[declared]};"
        "INSERT INTO p VALUES (1, 'é'); INSERT INTO c (k, note) VALUES (1, 'a'), (8, 'b'), (8, 'c'), (9, 'd');",
    )
    assert sqlfix("repair", path, "--on-orphan", "stand-in", "--yes").code == 0
    build(path, since)
    ran = sqlfix("undo", path, "--yes")
    with contextlib.closing(sqlite3.connect(path)) as connection:
        parents = [k for (k,) in connection.execute("SELECT k FROM p ORDER BY k")]
    assert (ran.code, parents) == ((0, [1]) if SINCE[since] else (2, [1, 8, 9])), ran.err


def test_a_damaged_list_is_no_record(tmp_path: Path) -> None:
    path = build(
        tmp_path / "x.db",
        "CREATE TABLE p (k INTEGER PRIMARY KEY); CREATE TABLE c (k REFERENCES p); INSERT INTO c VALUES (8);",
    )
    assert sqlfix("repair", path, "--on-orphan", "stand-in", "--yes").code == 0
    (record,) = tmp_path.glob("x.db.sqlfix-*")
    build(record, 'ALTER TABLE "adopted 1" RENAME COLUMN k0 TO x')
    ran = sqlfix("undo", path, record, "--yes")
    assert ran.code == 2
    assert "other columns than it says" in ran.err
