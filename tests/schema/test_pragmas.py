"""What SQLite says of all tables together is what it says of each by itself, whatever stands in the file."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from support import build

from sqlfix.scan.run import scan
from sqlfix.schema.catalogue import read_schema
from sqlfix.schema.pragmas import Pragmas
from sqlfix.sqlite.snapshot import reading

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
    "primary keys that have an index, and that have none": """
        CREATE TABLE a (id INTEGER PRIMARY KEY, b REFERENCES a);
        CREATE TABLE b (id INTEGER, b REFERENCES a, PRIMARY KEY (id, id));
        CREATE TABLE c (id "INTEGER" PRIMARY/**/KEY DESC, b REFERENCES a);
        CREATE TABLE d (id INTEGER /* primary key b */, PRIMARY/**/KEY/**/(id, id));
        CREATE TABLE e (id INT PRIMARY KEY, b REFERENCES a);
        CREATE TABLE f (id INTEGER PRIMARY KEY) WITHOUT/**/ROWID;
        CREATE TABLE g (id INTEGER CONSTRAINT "desk" PRIMARY KEY AUTOINCREMENT NOT NULL, b INTEGER);
    """,
    "names and types that are not UTF-8": """
        CREATE TABLE a (id INTEGER PRIMARY KEY, b);
        CREATE TABLE c (id b PRIMARY KEY, b REFERENCES a);
        CREATE TABLE b (id INTEGER PRIMARY KEY, b REFERENCES a);
        PRAGMA writable_schema = ON;
        UPDATE sqlite_master SET sql = CAST(replace(sql, 'b)', x'ff' || ')') AS TEXT) WHERE name = 'a';
        UPDATE sqlite_master SET sql = CAST(replace(sql, 'id b', 'id "' || x'fe' || '"') AS TEXT) WHERE name = 'c';
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
        monkeypatch.setattr("sqlfix.schema.catalogue.Pragmas", OneByOne)
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


def test_no_table_is_asked_for_its_indexes_that_has_none(tmp_path: Path) -> None:
    tables = "".join(f"CREATE TABLE t{n} (id INTEGER PRIMARY KEY, b REFERENCES t0);" for n in range(50))
    asked: list[str] = []
    with reading(build(tmp_path / "x.db", tables + "CREATE INDEX i ON t7 (b); CREATE TABLE u (b UNIQUE);")) as opened:
        opened.connection.set_trace_callback(asked.append)
        schema = read_schema(opened.connection)
        opened.connection.set_trace_callback(None)
    assert {table.name for table in schema.tables if table.indexes} == {"t7", "u"}
    about = {name for statement in asked if "index_list=" in statement for name in re.findall(r"'(\w+)'$", statement)}
    assert about == {"t7", "u"}


MANY = "".join(
    f"CREATE TABLE t{n} (id INTEGER PRIMARY KEY, x); INSERT INTO t{n} VALUES (1, 'a'), (2, 'b');" for n in range(50)
)


def _checks(path: Path) -> tuple[list[str], list[str]]:
    """The checks that a scan has SQLite make, and the tables in which it finds a row twice."""
    asked: list[str] = []
    with reading(path) as opened:
        opened.connection.set_trace_callback(asked.append)
        report = scan(opened.connection, read_schema(opened.connection), "x")
        opened.connection.set_trace_callback(None)
    checks = [statement for statement in asked if "quick_check" in statement or "integrity_check" in statement]
    return checks, [finding.table for finding in report.findings if finding.check == "duplicate-keys"]


def test_many_small_tables_are_checked_together(tmp_path: Path) -> None:
    assert _checks(build(tmp_path / "x.db", MANY)) == (["PRAGMA main.quick_check"], [])


def test_of_a_file_that_is_not_in_order_each_table_is_checked_by_itself(tmp_path: Path) -> None:
    path = build(tmp_path / "x.db", MANY + "INSERT INTO t7 VALUES (3, 'held twice')")
    held = bytearray(path.read_bytes())
    place = held.index(b"held twice") - 4  # before it stand the rowid, the length of the head, and two types
    assert held[place] == 3
    held[place] = 2
    path.write_bytes(held)
    checks, found = _checks(path)
    assert found == ["t7"]
    assert len(checks) == 51


def test_where_something_would_be_computed_no_more_is_checked_than_has_to_be(tmp_path: Path) -> None:
    path = build(tmp_path / "x.db", "CREATE TABLE a (x); INSERT INTO a VALUES (1); CREATE TABLE b (x, y AS (abs(x)));")
    assert _checks(path) == (['PRAGMA main.quick_check("a")'], [])
