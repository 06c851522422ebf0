"""The check type-mismatches: where it finds nothing, what it finds elsewhere, and what can be cast without loss."""

from __future__ import annotations

import contextlib
import math
import sqlite3
from pathlib import Path

import pytest
from support import OF_ROWS, Stored, build, check_finds, scan_rows, sqlfix, stored_as, told_of_rows

HAS_STRICT = sqlite3.sqlite_version_info >= (3, 37)
STRICT = pytest.mark.skipif(not HAS_STRICT, reason="this SQLite knows no STRICT")


FITTING: tuple[tuple[str, Stored], ...] = (
    ("INTEGER", 2**63 - 1),
    ("INTEGER", -(2**63)),
    ("INTEGER", 7.0),
    ("TINYINT(1)", 2),
    ("REAL", 7),
    ("REAL", math.inf),
    ("DECIMAL", 1),
    ("DECIMAL", 0.1),
    ("NUMERIC", "2024-01-31"),
    ("NUMERIC", "10:30"),
    ("BOOLEAN", 0),
    ("BOOLEAN", 1),
    ("BOOLEAN", 1.0),
    ("DATETIME", 1700000000),
    ("TIMESTAMP", 1700000000.5),
    ("DATE", "2024-01-31"),
    ("TEXT", b"\xff"),
    ("VARCHAR(9)", 7),
    ("CHAR(32)", "6f9619ff8b86d011b42d00cf4fc964ff"),
    ("UUID", "6f9619ff8b86d011b42d00cf4fc964ff"),
    ("JSON", "{}"),
    ("BLOB", "text"),
    ("ANY", "text"),
    ("", "text"),
    ("POINT", b"\x00"),
    ("STRING", "text"),
    ("TIME", "noon"),
    ("MONEY", "12 EUR"),
    ("INTERVAL", "a day"),
    ("INTEGER TEXT", "text"),
)
MISMATCHED: tuple[tuple[str, Stored, str], ...] = (
    ("INTEGER", "abc", "warning"),
    ("int(11)", "", "warning"),
    ("BIGINT UNSIGNED", "12abc", "warning"),
    ("unsigned big int", b"\x01", "warning"),
    ("INTEGER", 1.5, "hint"),
    ("INTEGER", 1e300, "hint"),
    ("INT8", "inf", "warning"),
    ("REAL", "abc", "warning"),
    ("DOUBLE PRECISION", "1,5", "warning"),
    ("FLOAT", b"", "warning"),
    ("NUMERIC", "abc", "warning"),
    ("NUMERIC", b"2024-01-31", "warning"),
    ("NUMERIC", "12", "warning"),  # which the affinity has not touched
    ("NUMERIC", "1.50", "warning"),
    ("decimal(10, 2)", "12.50 EUR", "warning"),
    ("DECIMAL", "2024-01-31", "warning"),
    ("BOOLEAN", "true", "warning"),
    ("BOOLEAN", 2, "warning"),
    ("bool", -1, "warning"),
    ("BOOLEAN", 0.5, "warning"),
    ("BOOLEAN", b"\x01", "warning"),
)
TAKEN: tuple[tuple[str, Stored], ...] = (
    ("INT", 1), ("REAL", 1), ("REAL", 1.5), ("TEXT", ""), ("BLOB", b""), ("ANY", "x"), ("ANY", b"x"), ("INT", None),
)  # fmt: skip
"""What a STRICT table takes."""

CLEAN = {
    "foreign keys and computed columns": "CREATE TABLE p (code TEXT PRIMARY KEY); INSERT INTO p VALUES ('x');"
    "CREATE TABLE t (a INTEGER REFERENCES p, b INTEGER AS ('text'), c DATE AS ('text'), d VARCHAR(2) AS ('text'));"
    "INSERT INTO t VALUES ('x');",
    **{f"{of} {value!r}": stored_as(f"CREATE TABLE t (a {of})", (value,), (None,)) for of, value in FITTING},
    **{
        f"STRICT {of} {value!r}": stored_as(f"CREATE TABLE t (a {of}) STRICT", (value,))
        for of, value in TAKEN * HAS_STRICT
    },
}
FOUND = {
    "a reference that SQLite cannot use is a column like any other": (
        "CREATE TABLE t (a INTEGER REFERENCES gone); INSERT INTO t VALUES ('x')", [("t.a", 1, "warning")],
    ),
    "of a table with more columns than one statement can ask for, two": (
        f"CREATE TABLE t ({', '.join(f'c{place} INTEGER NOT NULL' for place in range(1500))});"
        f"INSERT INTO t VALUES ({', '.join(repr('x') if place in (3, 1499) else '1' for place in range(1500))});",
        [("t.c3", 1, "warning"), ("t.c1499", 1, "warning")],
    ),
    **{
        f"{of} {value!r}": (stored_as(f"CREATE TABLE t (a {of})", (value,), (None,)), [("t.a", 1, severity)])
        for of, value, severity in MISMATCHED
    },
}  # fmt: skip

test_type_mismatches = check_finds("type-mismatches", CLEAN, FOUND, OF_ROWS)


def test_numbers_in_another_spelling_are_counted_apart(tmp_path: Path) -> None:
    others = ("1,234.50", "12,5", "-1 234 567,8", "1'000", "1,234,567")
    none = ("abc", "1,2,3", "2024-01-31", "10.12.2021", "12 EUR", "1,,2", ",5", b"1,5")
    rows = [(1, value) for value in (*others, *none, 0.5)]
    path = build(tmp_path / "t.db", stored_as("CREATE TABLE t (id, a DECIMAL(9, 2))", *rows, columns=("id", "a")))
    (finding,) = scan_rows(path).json["findings"]
    assert (finding["count"], finding["facts"]["written_otherwise"]) == (len(others) + len(none), len(others))
    assert finding["hint"].startswith("5 of them are numbers with a comma or with marks between its digits")


IN_STRICT: tuple[tuple[str, Stored, str | None], ...] = (
    ("INT", "12", "12"),
    ("INTEGER", 12.0, "12"),
    ("INTEGER", "007", None),
    ("INTEGER", "9223372036854775808", None),
    ("INTEGER", 1e19, None),
    ("INTEGER", 1.5, None),
    ("INTEGER", b"12", None),
    ("REAL", "1.5", "1.5"),
    ("REAL", "-12", "-12.0"),
    ("REAL", "1e5", None),
    ("REAL", "9007199254740993", None),
    ("REAL", "x", None),
    ("TEXT", 12, "'12'"),
    ("TEXT", 1.5, None),
    ("TEXT", b"x", None),
    ("BLOB", "x", "X'78'"),
    ("BLOB", 1, None),
)


@STRICT
@pytest.mark.parametrize(("declared", "value", "cast"), IN_STRICT, ids=repr)
def test_a_value_in_a_strict_table(declared: str, value: Stored, cast: str | None, tmp_path: Path) -> None:
    """The UPDATE that is shown is run: it gives the same value in the right type, and the scan is content."""
    path = build(tmp_path / "t.db", stored_as(f"CREATE TABLE t (a {declared}) STRICT", (value,), (None,)))
    assert told_of_rows(path) == [("error", "type-mismatches", "a", 1)]
    facts = scan_rows(path).json["findings"][0]["facts"]
    assert (facts.get("lossless"), facts.get("cast") is not None) == ((1, True) if cast else (None, False))
    if cast:
        with contextlib.closing(sqlite3.connect(path)) as connection:
            connection.execute(facts["cast"])
            connection.commit()
            assert [row[0] for row in connection.execute("SELECT quote(a) FROM t WHERE a NOT NULL")] == [cast]
        assert told_of_rows(path) == []


@STRICT
@pytest.mark.parametrize(
    ("options", "strict"),
    [("/* not STRICT */ WITHOUT ROWID", False), ("/* ) */ STRICT /* (yes) */, WITHOUT ROWID", True)],
)
def test_a_comment_does_not_make_a_table_strict(options: str, strict: bool, tmp_path: Path) -> None:
    loose = options.replace("/* ) */ STRICT /* (yes) */,", "")
    declared = f"CREATE TABLE t (k TEXT PRIMARY KEY, a TEXT) {options}"
    path = build(
        tmp_path / "t.db",
        f"CREATE TABLE t (k TEXT PRIMARY KEY, a TEXT) {loose}; INSERT INTO t VALUES ('k', x'00');"
        f"PRAGMA writable_schema = ON; UPDATE sqlite_master SET sql = '{declared}' WHERE name = 't';",
    )
    assert told_of_rows(path) == ([("error", "type-mismatches", "a", 1)] if strict else [])


def test_truth_in_words_is_cast_without_loss(tmp_path: Path) -> None:
    path = build(
        tmp_path / "t.db",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a BOOLEAN);"
        "INSERT INTO t (a) VALUES ('true'), ('F'), ('no'), ('On'), (1), (0), (NULL), ('maybe'), (2);",
    )
    (finding,) = scan_rows(path).json["findings"]
    assert (finding["count"], finding["facts"]["lossless"]) == (6, 4)
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute(finding["facts"]["cast"])
        connection.commit()
        assert [row[0] for row in connection.execute("SELECT a FROM t ORDER BY id")] == [
            1, 0, 0, 1, 1, 0, None, "maybe", 2,
        ]  # fmt: skip
    assert "4 of them can be written" not in sqlfix("scan", path).out


def test_a_number_that_is_too_large_is_not_said_to_be_a_fraction(tmp_path: Path) -> None:
    path = build(tmp_path / "x.db", "CREATE TABLE t(i INTEGER); INSERT INTO t VALUES (1e19);")
    said = " ".join(sqlfix("scan", "-v", path).out.split())
    assert "1 value of t.i, declared INTEGER, is not a whole number of 64 bits" in said
