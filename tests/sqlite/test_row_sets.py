"""Rows by their keys in a temporary table: each once, told from all others, and gone when they are dropped."""

from __future__ import annotations

import contextlib
import sqlite3
from array import array

import pytest
from support import together

from sqlfix.schema.catalogue import read_schema
from sqlfix.sqlite.row_sets import AT_ONCE, RowSet, add_ids

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


@together
@pytest.mark.parametrize("number", [0, 1, AT_ONCE - 1, AT_ONCE, AT_ONCE + 1, 2 * AT_ONCE + 7])
def test_all_ids_are_added_once(number: int) -> None:
    ids = array("q", [-(2**63), 2**63 - 1, *range(number)][:number])
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("CREATE TEMP TABLE some (id INTEGER PRIMARY KEY)")
        for some in (ids, array("q", reversed(ids)), ids[: number // 2]):
            add_ids(connection, "temp.some", some)
            assert connection.execute("SELECT id FROM temp.some").fetchall() == [(each,) for each in sorted(ids)]
