"""Rows that share a value which stands for "none", or only a part of a key, are different rows, and never merged."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from support import build, contents, run_script, sqlfix, together

USERS = """
CREATE TABLE users (id TEXT PRIMARY KEY, email {kind}, name TEXT, town TEXT);
CREATE TABLE beats (id INTEGER PRIMARY KEY, user_id TEXT NOT NULL REFERENCES users (id));
INSERT INTO users VALUES ('ann', {none}, 'Ann', 'x'), ('bob', {none}, 'Bob', 'x'), ('cyd', 'c@x', 'Cyd', 'x'),
                         ('dan', NULL, 'Dan', 'x'), ('eve', 'c@x', 'Eve', 'x');
INSERT INTO beats VALUES (1, 'ann'), (2, 'bob'), (3, 'bob'), (4, 'cyd');
"""
NONES = [
    "''", "' '", "'-'", "'NULL'", "'none'", "'N/A'", "'nan'", "'Unknown'", "'?'", "x''",
    "'00000000-0000-0000-0000-000000000000'", "zeroblob(16)",
]  # fmt: skip
OTHERS = ["'a@x'", "'-a'", "'nobody'", "'n/a@x'", "'0 0'", "x'00'"]


def users(kind: str = "TEXT", none: str = "''") -> str:
    return USERS.format(kind=kind, none=none)


def query(path: Path, sql: str) -> list[Any]:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        return connection.execute(sql).fetchall()


@pytest.mark.parametrize("none", NONES)
def test_rows_without_a_value_are_not_merged(tmp_path: Path, none: str) -> None:
    path = build(tmp_path / "x.db", users(none=none))
    before = contents(path)["beats"]
    ran = sqlfix("repair", path, "--yes", "--merge", "users.email", "--format", "json")
    assert ran.code == 1, ran.err
    assert [part["count"] for part in ran.json["left"]] == [2]
    assert 'means "none"' in ran.json["left"][0]["reason"]
    assert query(path, "SELECT id FROM users ORDER BY id") == [("ann",), ("bob",), ("cyd",), ("dan",)]
    assert contents(path)["beats"] == before


@pytest.mark.parametrize("value", OTHERS)
def test_rows_with_a_value_are_merged(tmp_path: Path, value: str) -> None:
    path = build(tmp_path / "x.db", users(none=value))
    assert sqlfix("repair", path, "--yes", "--merge", "users.email").code == 0
    assert query(path, "SELECT count(*) FROM users") == [(3,)]


@pytest.mark.parametrize(("value", "asked"), [("0", "0"), ("-1", "-1"), ("''", "''"), ("'-'", "-"), ("'0'", "'0'")])
def test_a_value_that_is_named_is_merged_and_nothing_else(tmp_path: Path, value: str, asked: str) -> None:
    kind = "INTEGER" if value in ("0", "-1") else "TEXT"
    path = build(tmp_path / "x.db", users(kind, value))
    ran = sqlfix("repair", path, "--yes", f"--merge=users.email={asked}")
    assert ran.code == 0, ran.err
    assert query(path, "SELECT id FROM users ORDER BY id") == [("bob",), ("cyd",), ("dan",), ("eve",)]
    assert query(path, "SELECT DISTINCT user_id FROM beats ORDER BY 1") == [("bob",), ("cyd",)]


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ("users.email=NULL", "rows with NULL are never the same"),
        ("users.email=a,b", "a value is needed for email"),
        ("users.emial=''", "there are no such columns"),
    ],
)
def test_a_value_that_cannot_be_meant(tmp_path: Path, option: str, said: str) -> None:
    path = build(tmp_path / "x.db", users())
    ran = sqlfix("repair", path, "--yes", f"--merge={option}")
    assert ran.code == 2
    assert said in ran.err


def test_a_name_may_hold_an_equals_sign(tmp_path: Path) -> None:
    sql = 'CREATE TABLE "t=1" (id INTEGER PRIMARY KEY, "a=b" TEXT); INSERT INTO "t=1" VALUES (1, ?), (2, ?), (3, ?);'
    path = build(tmp_path / "x.db", sql.replace("?", "'v'"))
    assert sqlfix("repair", path, "--yes", "--merge=t=1.a=b").code == 0
    assert query(path, 'SELECT id FROM "t=1"') == [(1,)]
    other = build(tmp_path / "y.db", sql.replace("?", "''"))
    assert sqlfix("repair", other, "--yes", "--merge=t=1.a=b=''").code == 0
    assert query(other, 'SELECT id FROM "t=1"') == [(1,)]


def finding(path: Path, *unique: str) -> dict[str, Any]:
    options = [word for name in unique for word in ("--unique", name)]
    report = sqlfix("scan", path, "--format", "json", *options).json
    (found,) = (f for f in report["findings"] if f["check"] == "duplicate-keys")
    assert isinstance(found, dict)
    return found


def test_a_scan_says_how_such_values_are_done_with(tmp_path: Path) -> None:
    found = finding(build(tmp_path / "x.db", users() + "DELETE FROM users WHERE id = 'eve';"), "users.email")
    assert "they have email '', which means \"none\", and are not the same" in found["message"]
    assert found["hint"] == (
        'UPDATE "users" SET "email" = NULL WHERE "email" = \'\'; UNIQUE takes any number of NULLs'
    )  # fmt: skip
    assert found["facts"]["merge"] is None
    run_script(tmp_path / "x.db", found["hint"].split(";")[0])
    assert sqlfix("scan", tmp_path / "x.db", "--unique", "users.email").code == 0


def test_a_scan_tells_both_kinds_apart(tmp_path: Path) -> None:
    path = build(tmp_path / "x.db", users())
    found = finding(path, "users.email")
    assert (found["count"], found["distinct"]) == (4, 2)
    assert "2 of them have email ''" in found["message"]
    assert "sqlfix repair with --merge users.email merges them" in found["hint"]
    assert 'UPDATE "users" SET "email" = NULL' in found["hint"]
    run_script(path, found["facts"]["merge"])
    assert query(path, "SELECT id FROM users ORDER BY id") == [("ann",), ("bob",), ("cyd",), ("dan",)]


def test_a_column_that_cannot_be_null(tmp_path: Path) -> None:
    sql = "CREATE TABLE t (id INTEGER PRIMARY KEY, code TEXT NOT NULL); INSERT INTO t VALUES (1, ''), (2, '');"
    found = finding(build(tmp_path / "x.db", sql), "t.code")
    assert "UPDATE" not in found["hint"]
    assert "code cannot be NULL" in found["hint"]


def test_one_part_of_a_composite_key_that_stands_for_none(tmp_path: Path) -> None:
    sql = """CREATE TABLE t (id INTEGER PRIMARY KEY, firm INTEGER, email TEXT);
             INSERT INTO t VALUES (1, 1, ''), (2, 1, ''), (3, 1, 'a'), (4, 1, 'a'), (5, 2, 'a');"""
    path = build(tmp_path / "x.db", sql)
    assert sqlfix("repair", path, "--yes", "--merge", "t.firm,email").code == 1
    assert query(path, "SELECT id FROM t") == [(1,), (2,), (3,), (5,)]
    assert sqlfix("repair", path, "--yes", "--merge", "t.firm,email=1,''").code == 0
    assert query(path, "SELECT id FROM t") == [(1,), (3,), (5,)]


DAMAGED = """
CREATE TABLE t (id INTEGER PRIMARY KEY, code TEXT COLLATE NOCASE, n);
CREATE UNIQUE INDEX t_code ON t (code) WHERE id < 2;
INSERT INTO t VALUES (1, 'none', 1), (2, 'NONE', 2), (3, 'a', 3), (4, 'A', 4);
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = 'CREATE UNIQUE INDEX t_code ON t (code)' WHERE name = 't_code';
"""


def test_an_index_that_forbids_them_is_not_made_anew_over_them(tmp_path: Path) -> None:
    path = build(tmp_path / "x.db", DAMAGED)
    found = finding(path)
    assert (found["count"], found["facts"]["none"]) == (4, 2)
    before = path.read_bytes()
    ran = sqlfix("repair", path, "--yes", "--merge", "t.code")
    assert (ran.code, path.read_bytes()) == (2, before)
    assert "t_code forbids them" in ran.err
    assert 'UPDATE "t" SET "code" = NULL' in ran.err


@together
@pytest.mark.parametrize(
    ("declared", "columns", "said"),
    [
        pytest.param("UNIQUE (a, b)", "a", "only (a, b) together are unique", id="one of two columns of a UNIQUE"),
        pytest.param("PRIMARY KEY (a, b)", "b", "only (a, b) together are unique", id="of a primary key"),
        pytest.param("UNIQUE (a, b, c)", "c,a", "only (a, b, c) together are unique", id="two of three columns"),
        pytest.param("", "a", "the unique index i covers more than these columns", id="those of a partial index"),
        pytest.param("-", "a", "the unique index i covers more than these columns", id="beside an expression"),
        pytest.param("UNIQUE (a, b)", "a,b", "part of the declaration", id="all of it"),
        pytest.param("UNIQUE (a, b)", "c", None, id="another column"),
        pytest.param("UNIQUE (a, b)", "a,c", None, id="one of them and another column"),
    ],
)
def test_a_part_of_a_key_never_leads_to_a_merge(tmp_path: Path, declared: str, columns: str, said: str | None) -> None:
    constraint = f", {declared}" if len(declared) > 1 else ""
    sql = f"CREATE TABLE t (a TEXT, b TEXT, c TEXT{constraint});"
    if len(declared) < 2:
        sql += f"CREATE UNIQUE INDEX i ON t ({'a, lower(b)' if declared else 'a'})"
        sql += ";" if declared else " WHERE c = 'q';"
    path = build(tmp_path / "x.db", f"{sql} INSERT INTO t VALUES ('x', 'y', 'z'), ('x', 'v', 'z'), ('w', 'v', 'z');")
    before = contents(path)
    ran = sqlfix("repair", path, "--yes", "--merge", f"t.{columns}")
    if said is None:
        assert ran.code == 0, ran.err
        return
    assert ran.code == 2
    assert said in ran.err
    assert contents(path) == before
    if "part of the declaration" not in said:
        found = finding(path, f"t.{columns}")
        assert said in found["hint"]
        assert "--merge" not in found["hint"]
        assert found["facts"]["merge"] is None
