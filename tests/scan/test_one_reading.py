"""A sound table is read once for the keys and all checks of single rows; what reads it besides reads its ids alone.

The statements are counted, not the seconds: each that goes through all rows of a table names it without an index.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from support import build

from sqlfix.checks import duplicate_links
from sqlfix.model.findings import Report
from sqlfix.scan import known_tables, pieces, table_pass
from sqlfix.scan.run import check_all, look_at, scan
from sqlfix.scan.scope import EVERYTHING, Scope
from sqlfix.schema.database import open_database
from sqlfix.sqlite import snapshot

SOUND = """
CREATE TABLE users (id INTEGER PRIMARY KEY, name VARCHAR(20) NOT NULL UNIQUE);
CREATE TABLE posts (id INTEGER PRIMARY KEY, user_id INTEGER NOT NULL REFERENCES users,
  editor_id INTEGER REFERENCES users,
  title VARCHAR(30) NOT NULL CHECK (title LIKE 't%_' ESCAPE '!' AND title NOT GLOB '*[!]'), created DATETIME NOT NULL,
  day DATE CHECK (day = date(day)), price DECIMAL, open BOOLEAN NOT NULL,
  score INTEGER NOT NULL CHECK (score >= 0), data TEXT CHECK (json_valid(data)));
CREATE TABLE tags (id INTEGER PRIMARY KEY, name TEXT);
CREATE TABLE post_tags (id INTEGER PRIMARY KEY, post_id INTEGER NOT NULL REFERENCES posts,
  tag_id INTEGER NOT NULL REFERENCES tags);
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500)
  INSERT INTO users SELECT i, 'u' || i FROM n;
INSERT INTO posts SELECT id, id, NULL, 'title ' || id, datetime(id * 86400, 'unixepoch'), date(id * 86400, 'unixepoch'),
  id / 7.0, id % 2, id, '{}' FROM users;
INSERT INTO tags SELECT id, name FROM users;
INSERT INTO post_tags SELECT id, id, 501 - id FROM users;
"""


def readings(path: Path, table: str, scope: Scope) -> tuple[list[str], Report]:
    """What goes through all rows of a table, each piece of it counted as one."""
    run: list[str] = []
    with open_database(path) as database:
        schema = database.schema
        database.connection.set_trace_callback(run.append)
        report = scan(database.connection, schema, "", scope)
        database.connection.set_trace_callback(None)
    named = re.compile(rf'FROM "?{table}"?(?: AS c)? NOT INDEXED')
    few = re.compile(r"SELECT \(SELECT m(in|ax)\(|.*LIMIT 1( OFFSET \d+)?\)*$", re.DOTALL)
    whole = [text for text in run if named.search(text) and not few.match(text)]
    return list(dict.fromkeys(re.sub(r" AND c\S+ BETWEEN -?\d+ AND -?\d+", "", text) for text in whole)), report


@pytest.fixture(autouse=True)
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """All tables are taken for large ones."""
    monkeypatch.setattr(known_tables, "WHOLE", 2)
    monkeypatch.setattr(known_tables, "all_with_rowid_in_order", lambda *_: False)
    monkeypatch.setattr(duplicate_links, "SMALL", 2)


@pytest.mark.parametrize("table", ["posts", "users"])
def test_all_checks_read_a_table_once(tmp_path: Path, table: str) -> None:
    path = build(tmp_path / "x.db", SOUND)
    all_checks, report = readings(path, table, EVERYTHING)
    assert not [finding for finding in report.findings if finding.check != "unindexed-foreign-keys"]
    assert len(all_checks) == 1, "all that is asked of single rows is asked at once"
    assert "count(b." in all_checks[0], "and whether no row is held twice"


def test_links_are_read_again_for_their_pairs_alone(tmp_path: Path) -> None:
    path = build(tmp_path / "x.db", SOUND)
    texts, _ = readings(path, "post_tags", EVERYTHING)
    assert sorted(text.split("(")[0].split("c.")[0].strip() for text in texts) == [
        "SELECT count", "SELECT group_concat",
    ]  # fmt: skip


def test_the_checks_add_no_reading_of_rows_to_that_of_the_keys(tmp_path: Path) -> None:
    path = build(tmp_path / "x.db", SOUND)
    keys, _ = readings(path, "posts", Scope(select=("orphan-rows",)))
    assert len(keys) == 1


@pytest.mark.parametrize("single", [0, 3, 20])
@pytest.mark.parametrize("lost", [False, True])
def test_rows_at_fault_are_found_few_or_many_and_where_their_own_rowid_does_not_lead_to_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, single: int, lost: bool
) -> None:
    path = build(
        tmp_path / "x.db",
        f"{SOUND} UPDATE posts SET user_id = 1000 + id, score = 'x' || id WHERE id % 100 = 7;"
        " UPDATE posts SET created = 'never' WHERE id BETWEEN 20 AND 45; UPDATE posts SET open = 3 WHERE id = 499;",
    )
    expected = readings(path, "posts", Scope(fast=True))[1]
    assert len(expected.findings) > 3
    monkeypatch.setattr(pieces, "PIECE", 50)
    monkeypatch.setattr(table_pass, "MOST_SINGLE", single)
    if lost:
        monkeypatch.setattr(
            table_pass, "between", lambda table, row, last, rows: pieces.between(table, row + 1, last, rows)
        )
    assert readings(path, "posts", Scope(fast=True))[1] == expected


@pytest.mark.parametrize("bad", [0, 1, 7, 30, 400])
def test_what_is_asked_apart_of_each_piece_finds_the_same(
    tmp_path: Path, bad: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By one connection all is asked at once; by several, what SQLite allocates memory for is asked apart."""
    faults = f"""
    UPDATE posts SET data = '[' WHERE id <= {bad}; UPDATE posts SET user_id = 9000 WHERE id % 3 = 0 AND id <= {bad};
    UPDATE posts SET score = -1, created = 'no day' WHERE id % 5 = 0 AND id <= {bad};
    """
    path = build(tmp_path / "x.db", f"{SOUND} PRAGMA ignore_check_constraints = ON; {faults}")
    monkeypatch.setattr(snapshot, "LARGE", 1)
    monkeypatch.setattr(pieces, "PIECE", 40)
    monkeypatch.setattr(table_pass, "MOST_LISTED", 100)
    found = []
    for cores in (1, 3):
        monkeypatch.setattr(snapshot, "cores", lambda cores=cores: cores)
        asked: list[str] = []
        with open_database(path) as database:
            readers = database.readers
            assert len(readers.connections) == cores
            for connection in readers.connections:
                connection.set_trace_callback(asked.append)
            found.append(check_all(database.connection, look_at(readers, database.schema), ""))
            for connection in readers.connections:
                connection.set_trace_callback(None)
        together = [text for text in asked if 'FROM "posts" AS c' in text and "json_valid" in text and "date(" in text]
        assert bool(together) is (cores == 1)
    assert found[0] == found[1]
    counts = {finding.columns: finding.count for finding in found[0].findings if finding.table == "posts"}
    assert counts.get(("data",), 0) == bad and counts.get(("score",), 0) == bad // 5
