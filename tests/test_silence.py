"""Faults that no foreign key tells of, and the sound files in which nothing is to be said: a line for each."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from support import build, fingerprint, sqlfix

STRICT = pytest.mark.skipif(sqlite3.sqlite_version_info < (3, 37), reason="this SQLite knows no STRICT")


def scanned(path: Path, *checks: str) -> dict[str, Any]:
    """The report of some checks; the file is not touched."""
    before = fingerprint(path)
    ran = sqlfix("scan", path, "--format", "json", *(word for check in checks for word in ("--select", check)))
    assert ran.code in (0, 1), ran.err or ran.out
    assert fingerprint(path) == before
    report: dict[str, Any] = ran.json
    return report


# -- null-in-primary-key ------------------------------------------------------------------------------------------

NULLS: dict[str, tuple[str, int]] = {
    "a key of text": ("CREATE TABLE t (id TEXT PRIMARY KEY, x); INSERT INTO t VALUES (NULL, 1), (NULL, 2), ('', 3)", 2),
    "INT is not INTEGER": ("CREATE TABLE t (id INT PRIMARY KEY); INSERT INTO t VALUES (NULL), (1)", 1),
    "an INTEGER PRIMARY KEY that goes down": (
        "CREATE TABLE t (id INTEGER PRIMARY KEY DESC, x); INSERT INTO t VALUES (NULL, 1), (2, 2)", 1,
    ),
    "in any column of a composite key": (
        "CREATE TABLE t (a, b, PRIMARY KEY (b, a)); INSERT INTO t VALUES (1, 1), (NULL, 1), (1, NULL), (NULL, NULL)", 3,
    ),
    "only the column that may be": (
        "CREATE TABLE t (a NOT NULL, b, PRIMARY KEY (a, b)); INSERT INTO t VALUES (1, 1), (1, NULL)", 1,
    ),
    "names in quotes": (
        'CREATE TABLE "t""" ("a b", "rowid" TEXT, PRIMARY KEY ("a b")); INSERT INTO "t""" VALUES (NULL, 1)', 1,
    ),
    "no name for the rowid": (
        "CREATE TABLE t (rowid PRIMARY KEY, oid, _rowid_); INSERT INTO t VALUES (NULL, 1, 1), (1, 1, 1)", 1,
    ),
    "silent: the rowid itself": ("CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (NULL)", 0),
    "silent: the rowid as the table's last word": (
        "CREATE TABLE t (x, id integer, PRIMARY KEY (id)); INSERT INTO t VALUES (NULL, NULL)", 0,
    ),
    "silent: WITHOUT ROWID": ("CREATE TABLE t (a PRIMARY KEY, x) WITHOUT ROWID; INSERT INTO t VALUES ('', NULL)", 0),
    "silent: no primary key": ("CREATE TABLE t (a, b, UNIQUE (a, b)); INSERT INTO t VALUES (NULL, NULL)", 0),
    "silent: NULL beside the key": ("CREATE TABLE t (a TEXT PRIMARY KEY, b); INSERT INTO t VALUES ('a', NULL)", 0),
    "silent: no rows": ("CREATE TABLE t (a TEXT PRIMARY KEY)", 0),
    "silent: empty text and zero": ("CREATE TABLE t (a TEXT PRIMARY KEY); INSERT INTO t VALUES (''), (0), (x'')", 0),
}  # fmt: skip


@pytest.mark.parametrize(("sql", "rows"), NULLS.values(), ids=NULLS.keys())
def test_null_in_a_primary_key(tmp_path: Path, sql: str, rows: int) -> None:
    report = scanned(build(tmp_path / "x.db", sql), "null-in-primary-key")
    assert report["not_checked"] == []
    assert sum(finding["count"] for finding in report["findings"]) == rows
    assert len(report["findings"]) == (rows > 0)


@STRICT
def test_the_key_of_a_strict_table_is_never_null(tmp_path: Path) -> None:
    sql = "CREATE TABLE t (a TEXT PRIMARY KEY, x ANY) STRICT; INSERT INTO t VALUES ('', NULL)"
    assert scanned(build(tmp_path / "x.db", sql), "null-in-primary-key")["findings"] == []


def test_rows_without_a_key_are_shown_by_their_rowid(tmp_path: Path) -> None:
    sql = (
        "CREATE TABLE t (a TEXT, b TEXT, PRIMARY KEY (a, b)); INSERT INTO t VALUES ('x', 'y'), (NULL, 'y'), (NULL, 'y')"
    )
    path = build(tmp_path / "x.db", sql)
    (finding,) = scanned(path, "null-in-primary-key")["findings"]
    assert [row["key"] for row in finding["sample"]] == [{"rowid": 2}, {"rowid": 3}]
    assert finding["message"] == "2 rows of t have NULL in the primary key (a, b)"
    assert finding["hint"].endswith('by its rowid: SELECT rowid, * FROM "t" WHERE "a" IS NULL OR "b" IS NULL')
    assert finding["fix"] is None
    before = path.read_bytes()
    sqlfix("repair", path, "--yes")
    assert path.read_bytes() == before, "a row without a key is never changed by itself"


def test_a_key_can_be_chosen_for_one_row_and_not_for_two(tmp_path: Path) -> None:
    sql = "(id TEXT PRIMARY KEY); INSERT INTO"
    path = build(
        tmp_path / "x.db", f"CREATE TABLE u {sql} u VALUES (NULL), ('a'); CREATE TABLE v {sql} v VALUES (NULL), (NULL)"
    )
    chosen = sqlfix(
        "repair", path, "--yes", "--format", "json", "--set", "u.id=update:7", "--set", "v.id=update:7"
    ).json
    assert [(fix["table"], fix["rows"]) for fix in chosen["fixes"]] == [("u", 1)]
    assert [(left["table"], left["count"]) for left in chosen["left"]] == [("v", 2)]
