"""An undo after other writes: what a row that stays still references is not taken away, and rows are named."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from support import build, contents, run_script, sqlfix


def rows(path: Path, query: str) -> list[tuple[Any, ...]]:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        return connection.execute(query).fetchall()


CLUBS = """CREATE TABLE g (id {key}, name TEXT UNIQUE); CREATE TABLE w (id {own}, name TEXT, g_id {type} REFERENCES g);
    INSERT INTO w VALUES (1, 'a', NULL), (2, 'b', NULL), (3, 'c', NULL), (4, 'd', NULL);"""


@pytest.mark.parametrize(("key", "type"), [("INTEGER PRIMARY KEY", "INT"), ("CHAR(32) PRIMARY KEY", "CHAR(32)")])
@pytest.mark.parametrize("own", ["INTEGER PRIMARY KEY", "INT PRIMARY KEY", "INT"])
def test_a_backfilled_row_that_was_edited_keeps_its_parent_and_the_rest_is_undone(
    tmp_path: Path, key: str, type: str, own: str
) -> None:
    path = build(tmp_path / "x.db", CLUBS.format(key=key, type=type, own=own))
    assert sqlfix("backfill", path, "w.g_id", "--set", "g.name={name} Admin", "--yes", "--no-backup").code == 0
    build(path, "UPDATE w SET name = 'bb' WHERE id = 2; UPDATE g SET name = 'mine' WHERE name = 'c Admin';")
    before = contents(path)
    ran = sqlfix("undo", path, "--dry-run")
    assert "5 rows can be put back" in ran.out and "Conflicts: 3 rows" in ran.out, ran
    assert "a row of w that stays as it is references it (g_id)" in ran.out
    assert "w: " in ran.out and "--skip-conflicts undoes everything except these" in ran.err
    assert (sqlfix("undo", path, "--yes").code, contents(path)) == (2, before)
    ran = sqlfix("undo", path, "--yes", "--skip-conflicts")
    assert (ran.code, "Undone:   5 rows." in ran.out) == (1, True), ran
    assert rows(path, "SELECT w.name, g.name FROM w LEFT JOIN g ON g.id = g_id ORDER BY w.id") == [
        ("a", None), ("bb", "b Admin"), ("c", None), ("d", None)
    ]  # fmt: skip
    assert rows(path, "SELECT name FROM g ORDER BY 1") == [("b Admin",), ("mine",)]
    assert rows(path, "PRAGMA foreign_key_check") == []


def test_what_a_parent_that_stays_references_stays_too(tmp_path: Path) -> None:
    tables = """CREATE TABLE t (id INTEGER PRIMARY KEY); CREATE TABLE p (id INTEGER PRIMARY KEY, t INT REFERENCES t);
        CREATE TABLE c (id INTEGER PRIMARY KEY, p INT REFERENCES p, n);"""
    donor = build(
        tmp_path / "donor.db", f"{tables} INSERT INTO t VALUES (7), (8); INSERT INTO p VALUES (5, 7), (6, 8);"
    )
    path = build(tmp_path / "x.db", f"{tables} INSERT INTO c VALUES (1, 5, NULL), (2, 6, NULL);")
    assert sqlfix("repair", path, "--donor", donor, "--yes", "--no-backup").code == 0
    build(path, "INSERT INTO c VALUES (3, 5, 'new'); DELETE FROM p WHERE id = 6;")
    ran = sqlfix("undo", path, "--yes", "--skip-conflicts")
    assert "Undone:   1 row." in ran.out, ran
    assert (rows(path, "SELECT * FROM p"), rows(path, "SELECT * FROM t")) == ([(5, 7)], [(7,)])


def test_rows_that_had_no_parent_before_keep_none_in_its_place(tmp_path: Path) -> None:
    path = build(
        tmp_path / "x.db",
        "CREATE TABLE p (id INTEGER PRIMARY KEY, n TEXT); CREATE TABLE c (id INTEGER PRIMARY KEY, p INT REFERENCES p);"
        "INSERT INTO p VALUES (1, 'one'); INSERT INTO c VALUES (1, 1), (2, 8), (3, 9);",
    )
    assert sqlfix("repair", path, "--set", "c.p=stand-in", "--yes", "--no-backup").code == 0
    build(path, "UPDATE p SET n = 'mine' WHERE id = 9;")
    ran = sqlfix("undo", path, "--yes", "--skip-conflicts")
    assert "Undone:   1 row." in ran.out, ran
    assert rows(path, "SELECT id FROM p") == [(1,), (9,)]


def test_rows_that_would_lose_their_parent_are_named_with_a_way_on(tmp_path: Path) -> None:
    path = build(tmp_path / "x.db", CLUBS.format(key="INTEGER PRIMARY KEY", type="INT", own="INTEGER PRIMARY KEY"))
    assert sqlfix("backfill", path, "w.g_id", "--set", "g.name={name} Admin", "--yes", "--no-backup").code == 0
    build(path, "INSERT INTO w VALUES (8, 'new', 3), (9, 'newer', 4);")
    for how in ("--dry-run", "--yes"):
        ran = sqlfix("undo", path, how)
        assert ran.code == 2
        assert "2 rows of w would lose the parent in g: by g_id they reference what the undo removes" in ran.err
        assert "id=8 (g_id=3); id=9 (g_id=4)" in ran.err
        assert 'UPDATE "w" SET "g_id" = ' in ran.err and "then undo again" in ran.err
    build(path, 'UPDATE "w" SET "g_id" = NULL WHERE id > 7')
    assert sqlfix("undo", path, "--yes").code == 0


def test_a_script_lets_no_row_lose_its_parent_either(tmp_path: Path) -> None:
    path = build(tmp_path / "x.db", CLUBS.format(key="INTEGER PRIMARY KEY", type="INT", own="INTEGER PRIMARY KEY"))
    assert sqlfix("backfill", path, "w.g_id", "--set", "g.name={name} Admin", "--yes", "--no-backup").code == 0
    script = sqlfix("undo", path, "--sql").out
    build(path, "INSERT INTO w VALUES (8, 'new', 3);")
    ran = sqlfix("undo", path, "--sql")
    assert (ran.code, ran.out, "1 row of w would lose the parent" in ran.err) == (2, "", True)
    before = contents(path)
    with pytest.raises(sqlite3.IntegrityError, match="a row would lose its parent: nothing was changed"):
        run_script(path, script)
    assert contents(path) == before
    build(path, "UPDATE w SET g_id = NULL, name = 'x' WHERE id = 8;")
    run_script(path, script)
    assert rows(path, "SELECT count(*), count(g_id) FROM w") == [(5, 0)] and rows(path, "SELECT * FROM g") == []


def test_a_script_does_not_skip_rows_whose_parents_it_would_take_away(tmp_path: Path) -> None:
    path = build(tmp_path / "x.db", CLUBS.format(key="INTEGER PRIMARY KEY", type="INT", own="INTEGER PRIMARY KEY"))
    assert sqlfix("backfill", path, "w.g_id", "--set", "g.name={name} Admin", "--yes", "--no-backup").code == 0
    assert sqlfix("undo", path, "--sql", "--skip-conflicts").code == 0
    build(path, "UPDATE w SET name = 'bb' WHERE id = 2;")
    ran = sqlfix("undo", path, "--sql", "--skip-conflicts")
    assert (ran.code, ran.out, "without --sql" in ran.err) == (2, "", True)
