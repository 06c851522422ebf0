"""What pragmas say of all tables together is what they say of each by itself, whatever stands in the file."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from support import build

from sqlfix.database import reading
from sqlfix.pragmas import Pragmas
from sqlfix.schema import read_schema

SCHEMAS = {
    "kinds of keys": """
        CREATE TABLE a (id INTEGER PRIMARY KEY, "b""c]" TEXT UNIQUE, e AS (id + 1), f AS (2) STORED);
        CREATE TABLE "" (x INTEGER PRIMARY KEY DESC, y REFERENCES a, z REFERENCES "" (x));
        CREATE TABLE "it's" (x, y, PRIMARY KEY (y, x COLLATE nocase)) WITHOUT ROWID;
        CREATE TABLE i (x INTEGER PRIMARY KEY) WITHOUT ROWID;
        CREATE TABLE j (rowid, _rowid_, oid, x UNIQUE, FOREIGN KEY (rowid, x) REFERENCES "it's");
        CREATE TABLE k (rowid PRIMARY KEY, _rowid_, oid) WITHOUT ROWID;
        CREATE INDEX " " ON j (lower(x), oid DESC) WHERE oid > 1;
    """,
    "tables called as pragmas": """
        CREATE TABLE pragma_foreign_key_list (id, seq, "table", arg, schema);
        CREATE VIEW Pragma_Table_Xinfo AS SELECT 1 AS cid;
        CREATE VIRTUAL TABLE pragma_index_list USING fts4 (seq, name);
        CREATE TABLE a (id INTEGER PRIMARY KEY, b UNIQUE REFERENCES a);
    """,
    "a module that is not there": """
        CREATE TABLE a (id INTEGER PRIMARY KEY, b UNIQUE REFERENCES a);
        PRAGMA writable_schema = ON;
        INSERT INTO sqlite_master VALUES ('table', 'v', 'v', 0, 'CREATE VIRTUAL TABLE v USING nowhere (a, b)');
    """,
    "a name that ends at a NUL": """
        CREATE TABLE a (id INTEGER PRIMARY KEY, b UNIQUE REFERENCES a);
        CREATE TABLE c (id INTEGER PRIMARY KEY, b UNIQUE REFERENCES a);
        PRAGMA writable_schema = ON;
        UPDATE sqlite_master SET name = 'c' || char(0) || 'd' WHERE name = 'c';
    """,
    "a view that needs what is not there": """
        CREATE TABLE a (id INTEGER PRIMARY KEY, b UNIQUE REFERENCES v);
        CREATE VIEW v AS SELECT * FROM gone;
    """,
}


class OneByOne(Pragmas):
    """Each pragma asked for one table."""

    def _all(self, query: str, pragma: str) -> dict[str, list[tuple[Any, ...]]]:
        raise sqlite3.OperationalError("no such table-valued function")


@pytest.mark.parametrize("what", SCHEMAS)
def test_the_schema_is_the_same_where_each_table_is_asked_by_itself(
    what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = build(tmp_path / "x.db", SCHEMAS[what])
    with reading(path) as opened:
        together = read_schema(opened.connection)
        monkeypatch.setattr("sqlfix.schema.Pragmas", OneByOne)
        assert read_schema(opened.connection) == together
        assert any(table.foreign_keys for table in together.tables)


@pytest.mark.skipif(sqlite3.sqlite_version_info < (3, 37), reason="PRAGMA table_list")
def test_a_table_has_no_rowid_just_where_sqlite_says_so(tmp_path: Path) -> None:
    with reading(build(tmp_path / "x.db", SCHEMAS["kinds of keys"])) as opened:
        said = {
            name: bool(without) for _, name, _, _, without, _ in opened.connection.execute("PRAGMA main.table_list")
        }
        found = {table.name: table.without_rowid for table in read_schema(opened.connection).tables}
    assert found == {name: said[name] for name in found}
    assert sorted(name for name in found if found[name]) == ["i", "it's", "k"]


def test_a_schema_of_many_tables_takes_no_statement_for_each(tmp_path: Path) -> None:
    tables = "".join(f"CREATE TABLE t{n} (id INTEGER PRIMARY KEY, b UNIQUE REFERENCES t0);" for n in range(50))
    asked: list[str] = []
    with reading(build(tmp_path / "x.db", tables)) as opened:
        opened.connection.set_trace_callback(asked.append)
        read_schema(opened.connection)
        opened.connection.set_trace_callback(None)
    assert len([statement for statement in asked if not statement.startswith("-- ")]) < 10
