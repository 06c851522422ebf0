"""`repair --empty`: a column becomes NULL in every row, whatever stands in it, and comes back by an undo."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
from pathlib import Path

import pytest
from support import build, contents, run_script, sqlfix, together

TABLES = """
CREATE TABLE p (id INTEGER PRIMARY KEY, code TEXT UNIQUE);
CREATE TABLE c (id INTEGER PRIMARY KEY, p_id REFERENCES p, q_id REFERENCES p, v TEXT NOT NULL, w CHECK (w <> ''));
CREATE TABLE k (a INT, b TEXT, x BLOB, PRIMARY KEY (a, b)) WITHOUT ROWID;
CREATE TABLE e (code REFERENCES p (code));
CREATE TABLE "odd.t" ("a,b" INT, g AS ("a,b" + 1));
CREATE VIRTUAL TABLE found USING fts5 (text);
CREATE VIEW seen AS SELECT p_id FROM c;
INSERT INTO p VALUES (1, 'one'), (2, 'two');
INSERT INTO c VALUES (1, 1, NULL, 'x', 1), (2, 9, 2, 'y', NULL), (3, NULL, NULL, 'z', 'w');
INSERT INTO k VALUES (1, 'a', x'00'), (1, 'b', NULL), (2, 'a', 'text');
INSERT INTO e VALUES ('one');
INSERT INTO "odd.t" VALUES (1), (2);
"""


def rows(path: Path, query: str) -> list[tuple[object, ...]]:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        return connection.execute(query).fetchall()


@together
@pytest.mark.parametrize("by", ["repair", "script"])
@pytest.mark.parametrize(
    ("typed", "query", "after"),
    [
        (["c.p_id"], "SELECT p_id, q_id FROM c", [(None, None), (None, 2), (None, None)]),  # an orphan among them
        (["c.p_id,w"], "SELECT p_id, q_id, w FROM c", [(None, None, None), (None, 2, None), (None, None, None)]),
        (["c.p_id", "K.x"], "SELECT p_id, (SELECT count(x) FROM k) FROM c", [(None, 0)] * 3),
        (["c.p_id", "c.q_id"], "SELECT p_id, q_id FROM c", [(None, None)] * 3),
        (["'odd.t'.'a,b'"], 'SELECT * FROM "odd.t"', [(None, None)] * 2),
    ],
)
def test_every_value_goes_and_an_undo_brings_it_back(
    by: str, typed: list[str], query: str, after: list[tuple[object, ...]], tmp_path: Path
) -> None:
    path = build(tmp_path / "x.db", TABLES)
    before = contents(path)
    options = [word for place in typed for word in ("--empty", place)]
    if by == "script":
        script = sqlfix("export-sql", path, *options)
        assert script.code == 0, script.err
        run_script(path, script.out)
        run_script(path, script.out)  # a second time there is nothing to do
        assert rows(path, query) == after
        return
    assert sqlfix("repair", path, *options, "--dry-run").code == 0
    assert contents(path) == before
    ran = sqlfix("repair", path, *options, "--yes")
    assert ran.code == 0 and "the column is emptied, as you chose" in " ".join(ran.out.split()), ran.err
    assert rows(path, query) == after
    again = sqlfix("repair", path, *options, "--yes")
    assert again.code == 0 and "nothing to repair" in again.out
    build(path, "INSERT INTO p VALUES (3, 'since')")  # so that rows are put back one by one
    assert sqlfix("undo", path, "--yes").code == 0
    build(path, "DELETE FROM p WHERE id = 3")
    assert contents(path) == before


@together
@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (["c.v"], "c.v: v is NOT NULL"),
        (["c.v"], " c.v --no-not-null\n"),
        (["c.id"], "id is part of the primary key"),
        (["k.a"], "a is part of the primary key"),
        (["'odd.t'.g"], "g is computed from other columns"),
        (["c.p"], "there are no such columns"),
        (["seen.p_id"], "there are no such columns"),
        (["found_content.c0"], "there are no such columns"),
        (["p.code"], "p.code cannot be emptied: e would have rows without a parent"),
        (["c.w", "--merge", "c.v"], "--empty and --merge contradict each other"),
        (["c.w", "--keep", "last"], "--keep has no effect without --merge"),
        (["c.w", "--set", "c.p_id=delete"], "--set is for other repairs, not for --empty"),
    ],
)
def test_what_cannot_be_emptied_is_refused(typed: list[str], said: str, tmp_path: Path) -> None:
    path = build(tmp_path / "x.db", TABLES)
    before = path.read_bytes()
    ran = sqlfix("repair", path, "--empty", *typed, "--yes")
    assert ran.code == 2 and said in ran.err
    assert path.read_bytes() == before


@together
@pytest.mark.parametrize(
    ("more", "said"),
    [
        (
            "CREATE TRIGGER t AFTER UPDATE ON c BEGIN UPDATE c SET w = 'again' WHERE id = NEW.id; END",
            "still be at fault",
        ),
        ("CREATE TRIGGER t BEFORE UPDATE ON c BEGIN SELECT RAISE(ABORT, 'not here'); END", "not here"),
        (
            "CREATE TABLE c__old (id INTEGER PRIMARY KEY, p_id, q_id, v, w); INSERT INTO c__old VALUES (4, 1, 1, 1, 1)",
            "",
        ),
    ],
)
def test_what_would_not_last_or_is_in_doubt_is_refused(more: str, said: str, tmp_path: Path) -> None:
    path = build(tmp_path / "x.db", f"{TABLES}{more};")
    before = path.read_bytes()
    ran = sqlfix("repair", path, "--empty", "c.w", "--yes")
    assert ran.code == 2 and (said or "c cannot be changed: ") in ran.err
    assert path.read_bytes() == before
    if not said:
        copy = tmp_path / "finished.db"
        shutil.copy(path, copy)
        assert sqlfix("repair", copy, "--empty", "c.w", "--ignore", "unfinished-migration", "--yes").code == 0
        assert rows(copy, "SELECT count(w) FROM c") == [(0,)]
