"""What is sorted by several connections, each of which takes a range of values, is sorted whole."""

from __future__ import annotations

import contextlib
import random
import sqlite3
from pathlib import Path

import pytest
from support import build, by_hand, sqlfix

from sqlfix.model.schema import Table
from sqlfix.scan.pieces import Piece, shares_of
from sqlfix.scan.run import check_all, look_at
from sqlfix.schema.catalogue import read_schema
from sqlfix.schema.database import open_database
from sqlfix.sqlite import snapshot
from sqlfix.sqlite.connect import connect
from sqlfix.sqlite.snapshot import ReaderPool

VALUES = (None, 0, 1, 1.0, 1.5, -7, 2**62, 1e300, "", "a", "A", "a ", "b", "7", "x" * 40, b"", b"a", b"\xff", "é", "日")
COLUMNS = ("a", "a TEXT", "a TEXT COLLATE NOCASE", "a COLLATE RTRIM", "a NUMERIC", "a INTEGER", "a REAL", "a BLOB")


@pytest.mark.parametrize("declared", COLUMNS)
def test_each_value_is_in_one_range_with_all_that_are_equal_to_it(tmp_path: Path, declared: str) -> None:
    chance = random.Random(declared)
    for number in range(12):
        path = tmp_path / f"{number}.db"
        some = chance.choices(VALUES, k=chance.choice([1, 2, 9, 60]))
        with contextlib.closing(sqlite3.connect(path)) as db, db:
            db.execute(f"CREATE TABLE t ({declared})")
            db.executemany("INSERT INTO t VALUES (?)", [(value,) for value in some])
            if number % 2:  # values that the type would not have let in
                db.execute("PRAGMA writable_schema = ON")
                db.execute("UPDATE sqlite_master SET sql = 'CREATE TABLE t (a TEXT COLLATE NOCASE)'")
        with contextlib.ExitStack() as stack:
            opened = [stack.enter_context(contextlib.closing(connect(path, "mode=ro"))) for _ in range(3)]
            table = read_schema(opened[0]).known_table("t")
            shares = shares_of(ReaderPool(opened), table, table.columns[0])
            assert 1 <= len(shares) <= 3
            found = [row for share in shares for row in groups(opened[0], table, share)]
            assert sorted(found) == sorted(groups(opened[0], table, Piece(0)))


def groups(connection: sqlite3.Connection, table: Table, share: Piece) -> list[tuple[int, int]]:
    """The first row and the number of those that have the same value."""
    by = f"GROUP BY a COLLATE {table.columns[0].collation}"
    query = f"SELECT min(rowid), count(*) FROM t AS c WHERE a IS NOT NULL {share.condition} {by}"
    return connection.execute(query, share.values).fetchall()


@pytest.mark.parametrize("at", [0, 1, 50_000, 99_998])
def test_what_is_there_twice_is_found_in_any_share(tmp_path: Path, at: int) -> None:
    """In a file that is large enough for more than one connection."""
    path = tmp_path / "x.db"
    with contextlib.closing(sqlite3.connect(path)) as db, db:
        db.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT, more TEXT)")
        rows = "WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 99999)"
        db.execute(f"{rows} INSERT INTO t SELECT i, printf('%06d', i), hex(zeroblob(30)) FROM n")
    assert path.stat().st_size > 4 << 20
    assert sqlfix("alter", path, "t.name", "--unique", "--dry-run").code == 0
    with contextlib.closing(sqlite3.connect(path)) as db, db:
        db.execute("UPDATE t SET name = (SELECT name FROM t WHERE id = ?) WHERE id = ?", (at, at + 1))
    ran = sqlfix("alter", path, "t.name", "--unique", "--dry-run")
    assert ran.code == 1, ran
    assert "1 value more than once" in ran.out


@pytest.mark.parametrize("alone", [True, False])
def test_a_unique_index_that_holds_a_text_twice_is_told_whoever_reads_it(
    tmp_path: Path, alone: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By one connection where several would wait for one another's memory, else by all."""
    monkeypatch.setattr(ReaderPool, "share_memory", alone)
    monkeypatch.setattr(snapshot, "cores", lambda: 2)
    rows = "WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 99999)"
    path = build(
        tmp_path / "x.db",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT NOT NULL, more TEXT); CREATE INDEX k ON t (name);"
        f"{rows} INSERT INTO t SELECT i, printf('%06d', i - (i = 70001)), hex(zeroblob(30)) FROM n;"
        + by_hand("CREATE UNIQUE INDEX k ON t (name)", "k"),
    )
    asked: list[str] = []
    with open_database(path) as database:
        for connection in database.readers.connections:
            connection.set_trace_callback(asked.append)
        report = check_all(database.connection, look_at(database.readers, database.schema), "")
        for connection in database.readers.connections:
            connection.set_trace_callback(None)
    assert [(finding.check, finding.distinct) for finding in report.findings] == [("duplicate-keys", 1)]
    counted = sum(text.startswith("SELECT count(*) FROM (SELECT DISTINCT") for text in asked)
    assert counted == 1 if alone else counted > 1
