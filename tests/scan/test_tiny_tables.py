"""Very many tiny tables are asked about together, and no answer is another than one by one."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from support import contents, sqlfix

from sqlfix.model.findings import Report
from sqlfix.scan import tiny_tables as tiny
from sqlfix.scan.check import CHECKS
from sqlfix.scan.run import check_all, look_at
from sqlfix.scan.scope import Scope
from sqlfix.schema.catalogue import read_schema
from sqlfix.schema.names import with_table
from sqlfix.sqlite.snapshot import ReaderPool, reading

TABLES = 60
ODD = (
    "CREATE TABLE broken (id INTEGER PRIMARY KEY, k INTEGER REFERENCES parent, d DATE NOT NULL, f BOOLEAN)",
    "INSERT INTO broken VALUES (1, 1, '2024-01-31', 1), (2, 99, '2024-02-30', 'x'), (3, NULL, '', 0)",
    "CREATE TABLE no_rowid (k TEXT PRIMARY KEY, p INTEGER REFERENCES parent) WITHOUT ROWID",
    "INSERT INTO no_rowid VALUES ('a', 1), ('b', 7)",
    "CREATE TABLE wide (id INTEGER PRIMARY KEY, s VARCHAR(3), c INTEGER CHECK (c < 5))",
    "PRAGMA ignore_check_constraints = ON",
    "INSERT INTO wide VALUES (1, 'abcd', 9), (2, 'abc', 4), (3, 'abcde', 3)",
    "CREATE TABLE collated (id INTEGER PRIMARY KEY, k TEXT COLLATE theirs REFERENCES collated_parent (k))",
    "CREATE TABLE collated_parent (k TEXT COLLATE theirs UNIQUE)",
    "INSERT INTO collated VALUES (1, 'a')",
    "CREATE TABLE many_rows (id INTEGER PRIMARY KEY, k INTEGER REFERENCES parent)",
    f"INSERT INTO many_rows SELECT value, 4 FROM json_each('[{','.join(map(str, range(tiny.TINY + 1)))}]')",
    "CREATE TABLE hidden (rowid TEXT, _rowid_ TEXT, oid TEXT, k INTEGER REFERENCES parent)",
    "INSERT INTO hidden VALUES ('a', 'b', 'c', 98)",
    "CREATE TABLE computed (id INTEGER PRIMARY KEY, k INTEGER AS (id + 5) REFERENCES parent)",
    "INSERT INTO computed VALUES (1)",
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Many tables that are sound, and each oddity once among them."""
    return build(tmp_path / "x.db", ODD)


@pytest.fixture
def even(tmp_path: Path) -> Path:
    """The same, where all tables with foreign keys are tiny; one of them has two keys, and two have orphans."""
    pair = "CREATE TABLE pair (id INTEGER PRIMARY KEY, a INTEGER REFERENCES parent, b TEXT REFERENCES parent)"
    return build(tmp_path / "x.db", (pair, "INSERT INTO pair VALUES (1, 1, '4'), (2, 2, 3), (7, 98, 1)", *ODD[:2]))


def build(path: Path, odd: Sequence[str]) -> Path:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.create_collation("theirs", lambda a, b: (a > b) - (a < b))
    connection.execute("BEGIN")
    connection.execute("CREATE TABLE parent (id INTEGER PRIMARY KEY)")
    connection.execute("INSERT INTO parent VALUES (1), (2), (4)")
    for place in range(TABLES):
        if place == TABLES // 2:
            for statement in odd:
                connection.execute(statement)
        connection.execute(f"CREATE TABLE c{place} (id INTEGER PRIMARY KEY, k INTEGER NOT NULL REFERENCES parent)")
        connection.execute(f"INSERT INTO c{place} VALUES (1, 1), (5, 4)")
    connection.execute("COMMIT")
    connection.close()
    return path


def scanned(path: Path) -> tuple[Report, dict[tuple[str, ...], int]]:
    with reading(path) as opened:
        look = look_at(opened.readers, read_schema(opened.connection))
        report = check_all(opened.connection, look, "x")
        return report, {(fk.child, *fk.child_columns): found.count for fk, found in look.suspects.items()}


def test_no_answer_is_another_than_one_by_one(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    together, suspects = scanned(path)
    monkeypatch.setattr(tiny, "MANY", 10**9)
    alone, suspects_alone = scanned(path)
    assert together == alone
    assert suspects == suspects_alone
    assert suspects["broken", "k"] == 1
    assert {f.check for f in together.findings} >= {"orphan-rows", "invalid-dates", "check-violations"}


def test_nor_where_all_are_tiny(even: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    together, _ = scanned(even)
    monkeypatch.setattr(tiny, "MANY", 10**9)
    assert together == scanned(even)[0]
    found = {(f.table, f.columns): f.count for f in together.findings if f.check == "orphan-rows"}
    assert found == {("pair", ("a",)): 1, ("pair", ("b",)): 1, ("broken", ("k",)): 1}


def statements_of_look(path: Path) -> list[str]:
    """What SQLite is told while the relationships of a file are looked at."""
    said: list[str] = []
    with reading(path) as opened:
        schema = read_schema(opened.connection)
        opened.connection.set_trace_callback(said.append)
        look_at(ReaderPool([opened.connection]), schema)
        opened.connection.set_trace_callback(None)
    return said


def test_all_are_checked_by_one_statement(even: Path) -> None:
    said = statements_of_look(even)
    assert said.count("PRAGMA main.foreign_key_check") == 1
    assert len(said) < tiny.MANY


def test_one_that_fails_hides_no_other(path: Path) -> None:
    with reading(path) as opened:
        schema = read_schema(opened.connection)
        look = look_at(opened.readers, schema)
        assert sum(way == "check" for way in look.ways.values()) >= TABLES
        report = check_all(opened.connection, look, "x")
    assert [r.foreign_key.child for r in report.relationships if not r.checked] == ["collated"]


def test_a_table_whose_rows_stand_in_no_order_is_left_to_the_exact_look(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        (page,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'c3'").fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    connection.close()
    data = bytearray(path.read_bytes())
    start = size * (page - 1)
    pointers = slice(start + 8, start + 12)
    data[pointers] = data[start + 10 : start + 12] + data[start + 8 : start + 10]
    path.write_bytes(data)
    with reading(path) as opened:
        schema = read_schema(opened.connection)
        look = look_at(opened.readers, schema)
        check_all(opened.connection, look, "x")
        table = schema.table("c3")
        assert table is not None
        assert look.tables.is_damaged("c3")
        assert not look.tables.is_damaged("c4")


def test_many_tables_take_few_statements(path: Path) -> None:
    CHECKS.all()
    said = statements_of_look(path)
    assert len([one for one in said if not one.startswith("--")]) < TABLES  # so begin those that SQLite makes of one


@pytest.mark.parametrize(
    "words",
    [
        ("why", "parent", "2", "--delete"),
        ("backfill", "late.k", "--references", "parent(id)"),
        ("repair", "--set", "broken.k=update:2", "--set", "broken.d=value:NULL"),
        ("repair", "--empty", "broken.k"),
    ],
    ids=" ".join,
)
def test_a_change_is_verified_among_them(tmp_path: Path, words: tuple[str, ...]) -> None:
    """What a relationship is to SQLite's own check, it need not be to a plan: that may know more of it, or add it."""
    late = ("CREATE TABLE late (id INTEGER PRIMARY KEY, k INTEGER)", "INSERT INTO late VALUES (1, NULL), (2, 4)")
    path = build(tmp_path / "x.db", (*ODD[:2], *late))
    before = contents(path)
    ran = sqlfix(words[0], path, *words[1:], "--yes")
    assert ran.code in (0, 1), ran.err
    assert contents(path) != before
    assert sqlfix("undo", path, "--yes").code == 0
    assert contents(path) == before


@pytest.mark.parametrize("declared", ["", " REFERENCES c1"], ids=["no-other-key", "another-key"])
def test_a_key_that_is_yet_to_be_declared_is_not_taken_for_one_that_is(tmp_path: Path, declared: str) -> None:
    """SQLite's own check numbers the keys that the file declares, and knows of no others."""
    late = f"CREATE TABLE late (id INTEGER PRIMARY KEY, a INTEGER{declared}, k INTEGER)"
    path = build(tmp_path / "x.db", (late, "INSERT INTO late VALUES (1, 1, 98), (2, 77, 1)"))
    with reading(path) as opened:
        schema = read_schema(opened.connection)
        table = schema.known_table("late")
        (like, *_) = schema.known_table("c2").foreign_keys
        wanted = replace(like, child="late", child_columns=("k",))
        wishing = with_table(schema, replace(table, foreign_keys=(*table.foreign_keys, wanted)))
        look = look_at(opened.readers, wishing, only=wishing.foreign_keys)
        report = check_all(opened.connection, look, "x", Scope(select=("orphan-rows",)))
    found = {finding.columns: [row.key for row in finding.sample] for finding in report.findings}
    first = {("a",): [(("id", 2),)]} if declared else {}
    assert found == {**first, ("k",): [(("id", 1),)]}
