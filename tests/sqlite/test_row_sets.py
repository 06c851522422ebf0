"""Rows by their keys in a temporary table: each once, told from all others, and gone when they are dropped."""

from __future__ import annotations

import sqlite3

import pytest

from sqlfix.schema.catalogue import read_schema
from sqlfix.sqlite.row_sets import RowSet

TABLES = {
    "a rowid": "CREATE TABLE t (a, b)",
    "a number as the key": "CREATE TABLE t (a INTEGER PRIMARY KEY, b)",
    "a key of two columns": "CREATE TABLE t (a, b, PRIMARY KEY (a, b)) WITHOUT ROWID",
    "no key, all names of the rowid being taken": "CREATE TABLE t (a, b, rowid, oid, _rowid_)",
}


@pytest.mark.parametrize("name", TABLES)
def test_rows_are_there_once_and_told_from_others(name: str) -> None:
    connection = sqlite3.connect(":memory:")
    connection.execute(TABLES[name])
    connection.execute("INSERT INTO t (a, b) VALUES (1, 'x'), (2, 'y'), (3, 'z')")
    table = read_schema(connection).tables[0]
    rows = RowSet(connection, table, "some")
    keys = ", ".join(f'"{column}"' for column in table.row_id) or '"a", "b", "rowid", "oid", "_rowid_"'
    query = f"SELECT {keys} FROM t WHERE a > 1"
    assert rows.add(query) == 2
    assert rows.add(query) == (0 if table.row_id else 2)
    assert connection.execute(f"SELECT a FROM t AS c WHERE {rows.holds('c')} ORDER BY a").fetchall() == [(2,), (3,)]
    rows.drop()
    rows.drop()
    assert connection.execute("SELECT count(*) FROM sqlite_temp_master").fetchone() == (0,)
    connection.close()
