"""The check not-null-violations: where it finds nothing, and what it finds elsewhere."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

from support import OF_ROWS, build, check_finds, sqlfix, stored_as

CLEAN = {
    "a primary key of text": "CREATE TABLE t (a TEXT PRIMARY KEY); INSERT INTO t VALUES (NULL), (NULL)",
    "a primary key of two": "CREATE TABLE t (a, b, PRIMARY KEY (a, b)); INSERT INTO t VALUES (NULL, 1)",
    "the rowid but for its quirk": "CREATE TABLE t (a INTEGER PRIMARY KEY DESC, b); INSERT INTO t VALUES (NULL, 1)",
    "the rowid": "CREATE TABLE t (a INTEGER PRIMARY KEY NOT NULL, b); INSERT INTO t VALUES (NULL, 1)",
    "words": "CREATE TABLE t (a INTEGER NULL, b DEFAULT 'NOT NULL'); INSERT INTO t VALUES (NULL, NULL)",
    "what is empty": "CREATE TABLE t (a NOT NULL); INSERT INTO t VALUES (''), (0), (x'')",
    "computed": "CREATE TABLE t (a, b AS (a) NOT NULL, c AS (a) STORED NOT NULL); INSERT INTO t VALUES (1)",
}
COMPUTED = (
    "CREATE TABLE t (id INTEGER PRIMARY KEY, a, b AS (a + 1)); INSERT INTO t (a) VALUES (1), (NULL);"
    "PRAGMA writable_schema = ON; UPDATE sqlite_master SET sql = replace(sql, '(a + 1)', '(a + 1) NOT NULL');"
)
FOUND = {
    # NOT NULL is implied there; an index is made the table's tree, for SQLite would write no such row
    "the key of a table without rowid": (
        "CREATE TABLE s (a, b); CREATE INDEX i ON s (a, b); INSERT INTO s VALUES (1, 2), (NULL, 3), (4, NULL);"
        "CREATE TABLE t (a, b, c, PRIMARY KEY (a, b, c)) WITHOUT ROWID; PRAGMA writable_schema = ON;"
        "UPDATE sqlite_master SET rootpage = (SELECT rootpage FROM sqlite_master WHERE name = 'i') WHERE name = 't';"
        "DELETE FROM sqlite_master WHERE name = 'i';",
        [("t.a", 1, "error"), ("t.b", 1, "error")],
    ),
    "a computed column": (COMPUTED, [("t.b", 1, "error")]),
}

test_not_null_violations = check_finds("not-null-violations", CLEAN, FOUND, OF_ROWS)


def test_a_computed_column_is_said_to_be_one(tmp_path: Path) -> None:
    assert "the column is computed" in sqlfix("scan", build(tmp_path / "t.db", COMPUTED)).out


def test_the_default_that_is_shown_mends_the_row(tmp_path: Path) -> None:
    declared = """CREATE TABLE t (a, b TEXT NOT NULL DEFAULT "it's", c NOT NULL, d NOT NULL DEFAULT NULL)"""
    path = build(tmp_path / "t.db", stored_as(declared, (1, None, None, None), (2, "x", 1, 1), columns="abcd"))
    shown = sqlfix("scan", path, "--format", "json").json["findings"]
    assert [(f["columns"], f["count"]) for f in shown if f["check"] == "not-null-violations"] == [
        (["b"], 1), (["c"], 1), (["d"], 1),
    ]  # fmt: skip
    out = " ".join(sqlfix("scan", path).out.split())
    assert "repair writes the column's DEFAULT: 'it''s'" in out
    assert out.count("the column has no DEFAULT; choose the right value: --set t.") == 2
    assert sqlfix("repair", "--yes", "--set", "t.c=update:5", "--set", "t.d=update:6", path).code == 0
    with contextlib.closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT b FROM t ORDER BY a").fetchall() == [("it's",), ("x",)]


def test_a_parent_is_not_to_be_made_where_it_would_lack_one_itself(tmp_path: Path) -> None:
    for number, (parent, said) in enumerate({"P": True, "T": False}.items()):
        declared = f"CREATE TABLE t (id INTEGER PRIMARY KEY, up INT NOT NULL REFERENCES {parent} (id))"
        sql = stored_as(declared, (1, None), (2, 1), columns=("id", "up"))
        path = build(tmp_path / f"{number}.db", f"CREATE TABLE p (id INTEGER PRIMARY KEY); {sql}")
        assert ("make a parent for each row: sqlfix backfill" in " ".join(sqlfix("scan", path).out.split())) is said
