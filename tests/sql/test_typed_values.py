"""Values that people type keep their spelling; a number is made of one only where the column makes one."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

import pytest
from support import build, sqlfix, together

from sqlfix.model.schema import Column
from sqlfix.sql.predicates import affinity
from sqlfix.sql.typed_values import as_sql, number, parts

pytestmark = pytest.mark.oracle

TYPED = [
    *("07001", "0", "-0", "+7", "-7", "7.0", "1.10", ".5", "5.", "-.5e1", "1e3", "1E-3", "1e400", "-1e400", "0x1F"),
    *("1_000", "9223372036854775807", "9223372036854775808", "-9223372036854775808", "-9223372036854775809"),
    *("99999999999999999999", "00000000000000000000000000000001", "123456789012345678", "0.1", "1 2", "--1", "1e", "."),
    *(
        "",
        "it's",
        "NaN",
        "inf",
        "true",
        "2020-01-01",
        "٣",
        "\u00a07",
        "9007199254740993.0",
        "1e15",
        "4503599627370497.5",
    ),
]
TYPES = ["TEXT", "VARCHAR(9)", "INTEGER", "INT", "REAL", "DOUBLE", "NUMERIC", "DECIMAL(9, 2)", "DATETIME", "UUID"]


@together
@pytest.mark.parametrize("kind", TYPES)
def test_a_column_decides_what_a_value_is(kind: str) -> None:
    """SQLite is asked: the value is stored as the text that was typed would be."""
    column = Column("c", kind, False, None, 0)
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(f"CREATE TABLE t(c {kind})")
        for text in TYPED:
            connection.execute("INSERT INTO t VALUES (?)", (text,))
            connection.execute(f"INSERT INTO t VALUES ({as_sql(text, affinity(column))})")
            mine, theirs = connection.execute("SELECT typeof(c), c FROM t").fetchall()
            assert mine == theirs, text
            connection.execute("DELETE FROM t")


@together
@pytest.mark.parametrize(
    ("text", "sql"),
    [
        ("NULL", "NULL"),
        ("null", "NULL"),
        ("'NULL'", "'NULL'"),
        ("X'00FF'", "x'00ff'"),
        ("x'0'", "'x''0'''"),
        ("'07'", "'07'"),
        ("'it''s'", "'it''s'"),
        ("''", "''"),
        ("'", "''''"),
    ],
)
@pytest.mark.parametrize("kind", ["TEXT", "INTEGER", "BLOB"])
def test_what_looks_the_same_to_every_column(text: str, sql: str, kind: str) -> None:
    assert as_sql(text, kind) == sql


@together
@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("a", ["a"]),
        ("", [""]),
        (" 7 , 'cellar, left' ", ["7", "'cellar, left'"]),
        ("it's", ["it's"]),
        ("O'Neil,D'Arcy", ["O'Neil", "D'Arcy"]),
        ("'it''s',2", ["'it''s'", "2"]),
        ("a,", ["a", ""]),
        ("x'00',1", ["x'00'", "1"]),
        ("'a'b,c", ["'a'b", "c"]),
        ("\u00a07", ["\u00a07"]),
    ],
)
def test_the_values_of_a_key(text: str, values: list[str]) -> None:
    assert parts(text) == values


def test_digits_that_are_none_to_sqlite() -> None:
    assert number("٣") is None
    assert number("1" * 5000) is None  # which is infinite


# -- repair --set -------------------------------------------------------------------------------------------------


def set_to(tmp_path: Path, schema: str, choice: str, table: str = "c") -> list[tuple[str, object]]:
    """What the column x of the first row holds after a repair that sets it."""
    path = build(tmp_path / "x.db", schema)
    ran = sqlfix("repair", "--no-backup", "--yes", "--allow-mass-delete", "--set", choice, path)
    assert ran.code == 0, ran.out + ran.err
    with contextlib.closing(sqlite3.connect(path)) as connection:
        rows: list[tuple[str, object]] = connection.execute(
            f"SELECT typeof(x), x FROM {table} ORDER BY rowid LIMIT 1"
        ).fetchall()
    return rows


@pytest.mark.parametrize(
    ("child", "parent", "keys", "typed", "stored"),
    [
        ("TEXT", "TEXT", "'07001', '7001'", "07001", ("text", "07001")),
        ("TEXT", "TEXT", "'07001', '7001'", "7001", ("text", "7001")),
        ("TEXT", "TEXT", "'1.10', '1.1'", "1.10", ("text", "1.10")),
        ("INTEGER", "INTEGER", "7001", "07001", ("integer", 7001)),
        ("INTEGER", "INTEGER", "-5", "-5", ("integer", -5)),
        ("INTEGER", "INTEGER", "9223372036854775807", "9223372036854775807", ("integer", 2**63 - 1)),
        ("REAL", "REAL", "0.1", "0.1", ("real", 0.1)),
        ("", "TEXT", "'07'", "07", ("text", "07")),
        ("", "INTEGER", "7", "07", ("integer", 7)),
        ("", "", "'07'", "07", ("text", "07")),
        ("", "", "7", "07", ("integer", 7)),
        ("BLOB", "", "'7', 8", "7", ("text", "7")),
        ("", "", "'7', 7", "+7", ("integer", 7)),
        ("", "", "'7', 7", "'7'", ("text", "7")),
        ("", "", "x'07'", "X'07'", ("blob", b"\x07")),
    ],
)
def test_a_parent_is_named_as_it_is_spelled(
    tmp_path: Path, child: str, parent: str, keys: str, typed: str, stored: tuple[str, object]
) -> None:
    values = ", ".join(f"({key})" for key in keys.split(", "))
    schema = (
        f"CREATE TABLE p(k {parent} PRIMARY KEY NOT NULL); CREATE TABLE c(x {child} REFERENCES p, y);"
        f"INSERT INTO p VALUES {values}; INSERT INTO c VALUES (98765, 0);"
    )
    assert set_to(tmp_path, schema, f"c.x=update:{typed}") == [stored]


def test_a_key_that_may_be_either_is_refused(tmp_path: Path) -> None:
    path = build(
        tmp_path / "x.db",
        "CREATE TABLE p(k PRIMARY KEY); CREATE TABLE c(x REFERENCES p); INSERT INTO p VALUES ('7'), (7);"
        "INSERT INTO c VALUES (8);",
    )
    ran = sqlfix("repair", "--dry-run", "--set", "c.x=update:7", path)
    assert (ran.code, ran.err.count("\n")) == (2, 2)
    assert "p has both the number 7 and the text '7'" in ran.err
    assert "update:'7' or update:+7" in ran.err


def test_another_spelling_is_another_parent(tmp_path: Path) -> None:
    path = build(
        tmp_path / "x.db",
        "CREATE TABLE p(k TEXT PRIMARY KEY); CREATE TABLE c(x TEXT REFERENCES p); INSERT INTO p VALUES ('7001');"
        "INSERT INTO c VALUES ('gone');",
    )
    ran = sqlfix("repair", "--dry-run", "--set", "c.x=update:07001", path)
    assert ran.code == 2
    assert "'07001' has no parent in p" in ran.err


@together
@pytest.mark.parametrize(
    ("kind", "others", "typed", "stored"),
    [
        ("TEXT", "", "0049123", ("text", "0049123")),
        ("INTEGER", "", "0049", ("integer", 49)),
        ("NUMERIC", "", "1.10", ("real", 1.1)),
        ("", "", "0049", ("text", "0049")),
        ("", "", "49", ("integer", 49)),
        ("", "", "+49", ("integer", 49)),
        ("", ", (5, 'a')", "49", ("text", "49")),
        ("BLOB", ", (5, 1.5)", "049", ("integer", 49)),
        ("", ", (5, 1.5), (6, 'b')", "4.50", ("text", "4.50")),
        ("TEXT", "", "'x,y'", ("text", "x,y")),
        ("TEXT", "", "it's", ("text", "it's")),
    ],
)
def test_the_value_of_a_column_that_refers_to_nothing(
    tmp_path: Path, kind: str, others: str, typed: str, stored: tuple[str, object]
) -> None:
    schema = (
        f"CREATE TABLE c(id INTEGER PRIMARY KEY, x {kind}); INSERT INTO c VALUES (1, NULL){others};"
        f"PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, 'x {kind}', 'x {kind} NOT NULL');"
        "PRAGMA writable_schema = RESET;"
    )
    assert set_to(tmp_path, schema, f"c.x=value:{typed}") == [stored]


def test_one_choice_for_files_that_differ(tmp_path: Path) -> None:
    """Each file's own column decides."""
    tables = "CREATE TABLE p(k {0} PRIMARY KEY); CREATE TABLE c(id INTEGER PRIMARY KEY, x {0} REFERENCES p, y);"
    rows = "INSERT INTO p VALUES ('07'); INSERT INTO c VALUES (1, 'gone', 0);"
    text = build(tmp_path / "text.db", tables.format("TEXT") + rows)
    numbers = build(tmp_path / "numbers.db", tables.format("INTEGER") + rows)
    for path, value in ((text, "07"), (numbers, 7)):
        assert sqlfix("repair", "--no-backup", "--yes", "--set", "c.x=update:07", path).code == 0
        with contextlib.closing(sqlite3.connect(path)) as connection:
            assert connection.execute("SELECT x FROM c").fetchall() == [(value,)]


# -- why TABLE KEY ------------------------------------------------------------------------------------------------


@together
@pytest.mark.parametrize(
    ("kind", "keys", "typed", "found"),
    [
        ("TEXT", "('7001'), ('07001')", "07001", "07001"),
        ("TEXT", "('7001')", "07001", None),
        ("TEXT", "('7001')", "+7001", None),
        ("TEXT", "('1.10')", "1.1", None),
        ("INTEGER", "(7001)", "07001", "7001"),
        ("INTEGER", "(7001)", "+7001.0", "7001"),
        ("", "('07'), (7)", "07", "07"),
        ("", "('7'), (7)", "+7", "7"),
        ("", "('7'), (7)", "'7'", "7"),
        ("TEXT", "('it''s, so')", "'it''s, so'", "it's, so"),
    ],
)
def test_the_key_of_a_row_is_typed_as_it_is_spelled(
    tmp_path: Path, kind: str, keys: str, typed: str, found: str | None
) -> None:
    path = build(tmp_path / "x.db", f"CREATE TABLE p(k {kind} PRIMARY KEY NOT NULL); INSERT INTO p VALUES {keys}")
    ran = sqlfix("why", path, "p", typed, "--format", "json")
    if found is None:
        assert ran.code == 2
        assert "p has no row with k=" in ran.err
    else:
        assert str(ran.json["key"]["k"]) == found


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    path = build(tmp_path / "x.db", "CREATE TABLE p(k TEXT PRIMARY KEY); CREATE TABLE c(x REFERENCES p)")
    for command in (("repair", "--set", "c.x=update:\udcff", path), ("why", path, "p", "\udcff")):
        ran = sqlfix(*command)
        assert ran.code == 2
        assert "that is not valid text" in ran.err
