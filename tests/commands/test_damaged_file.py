"""Of a damaged file nothing is told to be repaired: every command that would do it refuses."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

import pytest
from support import build, sqlfix

DATA = """
    CREATE TABLE a (id INTEGER PRIMARY KEY, name TEXT); CREATE TABLE b (id INTEGER PRIMARY KEY, name TEXT);
    INSERT INTO a VALUES (1, 'a'), (2, 'b'); INSERT INTO b VALUES (1, 'x'), (2, 'y');
    CREATE TABLE a_b (id INTEGER PRIMARY KEY, a_id INTEGER NOT NULL REFERENCES a, b_id INTEGER NOT NULL REFERENCES b);
    INSERT INTO a_b VALUES (1, 1, 1), (2, 1, 1), (3, 2, 2), (4, 1, 2), (5, 2, 1);
    CREATE TABLE o (id INTEGER PRIMARY KEY, a_id INTEGER REFERENCES a ON DELETE CASCADE, d DATE);
    INSERT INTO o VALUES (1, 9, '2020-01-01'), (2, 1, '2020-02-31'), (3, 0, '2020-01-02');
    CREATE TABLE u (id INTEGER PRIMARY KEY, c TEXT, n INT); INSERT INTO u VALUES (1, 'q', 1), (2, 'q', NULL);
    CREATE TABLE k__old (id INTEGER PRIMARY KEY); CREATE TABLE kk (id INTEGER PRIMARY KEY, k REFERENCES k__gone);
"""
REPAIRS = ["repair", "export-sql", "--merge", "--set", "alter", "ALTER TABLE"]


def damaged(path: Path) -> Path:
    """Let the last row of a_b have the rowid of the one before it."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        (page,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'a_b'").fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    content, begin = bytearray(path.read_bytes()), (page - 1) * size
    cell = begin + int.from_bytes(content[begin + 16 : begin + 18], "big")
    assert content[cell + 1] == 5
    content[cell + 1] = 4
    path.write_bytes(content)
    return path


def test_a_scan_of_a_damaged_file_names_no_command_that_would_be_refused(tmp_path: Path) -> None:
    path = build(tmp_path / "x.db", DATA)
    for is_damaged in (False, True):
        ran = sqlfix("scan", damaged(path) if is_damaged else path, "--unique", "u.c")
        said = ran.out.replace("is not repaired", "")
        assert ran.code == 1
        assert [word for word in REPAIRS if word in said] == ([] if is_damaged else REPAIRS), said
        assert (".recover" in said) == is_damaged
        document = sqlfix("scan", path, "--format", "json").json
        assert is_damaged != any(finding["fix"] for finding in document["findings"])
        found = {finding["check"]: finding["hint"] for finding in document["findings"]}
        assert is_damaged == (found["duplicate-links"] is None)


REFUSED = [
    ["repair"],
    ["repair", "--merge=u.c"],
    ["repair-schema"],
    ["alter", "u.c", "--unique"],
    ["alter", "u.n", "--not-null"],
    ["backfill", "o.a_id"],
]


@pytest.mark.parametrize("words", REFUSED, ids=" ".join)
def test_each_of_them_says_that_the_file_is_damaged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    monkeypatch.setenv("SQLFIX_DATABASE", str(damaged(build(tmp_path / "x.db", DATA))))
    ran = sqlfix(*words, "--dry-run")
    assert (ran.code, "a damaged file is not repaired" in ran.err or "u is damaged" in ran.err) == (2, True), ran


def test_what_a_plan_leaves_of_it_is_told_with_what_comes_first(tmp_path: Path) -> None:
    path = damaged(build(tmp_path / "x.db", DATA))
    for how in ("--dry-run", "--yes"):
        ran = sqlfix("repair", path, "--select=invalid-dates", how)
        assert (ran.code, "--set" in ran.out, ".recover" in ran.out) == (1, False, True), ran


def test_an_error_of_a_damaged_file_leads_to_no_repair(tmp_path: Path) -> None:
    path = build(tmp_path / "x.db", DATA)
    assert "next: sqlfix repair" in sqlfix("why", path, "--error", "FOREIGN KEY constraint failed").out
    ran = sqlfix("why", damaged(path), "--error", "FOREIGN KEY constraint failed")
    assert ran.code == 1 and "sqlfix repair" not in ran.out and ".recover" in ran.out
