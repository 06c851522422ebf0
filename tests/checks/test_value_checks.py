"""The checks whose conditions are on single rows: NOT NULL, CHECK, types, dates and lengths."""

from __future__ import annotations

import calendar
import contextlib
import math
import re
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import Ran, build, contents, fingerprint, sqlfix

from sqlfix.checks import check_violations
from sqlfix.sql.dates import no_date
from sqlfix.sql.table_text import TableText
from sqlfix.sql.tokens import DdlError

NAMES = ("check-violations", "invalid-dates", "not-null-violations", "too-long-values", "type-mismatches")
STRICT = pytest.mark.skipif(sqlite3.sqlite_version_info < (3, 37), reason="this SQLite knows no STRICT")
Stored = int | float | str | bytes | None


def scan(path: Path, *options: object) -> Ran:
    """A scan by the checks of this file alone."""
    return sqlfix("scan", path, "--format", "json", *(w for name in NAMES for w in ("--select", name)), *options)


def told(path: Path) -> list[tuple[str, str, str, int]]:
    """What was found: severity, check, columns, rows; and nothing was left unchecked."""
    report = scan(path).json
    assert report["not_checked"] == []
    return [(f["severity"], f["check"], ",".join(f["columns"]), f["count"]) for f in report["findings"]]


def build_unchecked(path: Path, sql: str) -> Path:
    """A database whose rows are written while CHECK constraints are off."""
    return build(path, f"PRAGMA ignore_check_constraints = ON;{sql}")


def redeclared(path: Path, declared: str, rows: Sequence[Sequence[Stored]], columns: Sequence[str]) -> Path:
    """A table t that holds just these values, and is declared so afterwards: no affinity has touched them."""
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("BEGIN")
        names = ", ".join(f'"{name}"' for name in columns)
        connection.execute(f"CREATE TABLE t ({names})")
        connection.executemany(f"INSERT INTO t VALUES ({', '.join('?' * len(columns))})", rows)
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("UPDATE sqlite_master SET sql = ? WHERE name = 't'", (declared,))
        connection.execute("COMMIT")
    return path


# -- CHECK --------------------------------------------------------------------------------------------------------

BROKEN = {
    "a column's": ("CREATE TABLE t (a CHECK (a > 0)); INSERT INTO t VALUES (1), (0), (-1), (NULL)", "a", 2),
    "the table's": ("CREATE TABLE t (a, b, CHECK (a < b)); INSERT INTO t VALUES (1, 2), (2, 1), (1, NULL)", "a,b", 1),
    "of two, one": ("CREATE TABLE t (a CHECK (a > 0) CHECK (a < 9)); INSERT INTO t VALUES (3), (10)", "a", 1),
    "a text is false": ("CREATE TABLE t (a CHECK (a)); INSERT INTO t VALUES ('x'), ('1x'), (0.0), (0.1)", "a", 2),
    "no column at all": ("CREATE TABLE t (a, CHECK (1 = 2)); INSERT INTO t VALUES (1)", "", 1),
    "by the table's name": ("CREATE TABLE t (a CHECK (t.a > 0)); INSERT INTO t VALUES (0)", "a", 1),
    "by the table's name in quotes": (
        'CREATE TABLE "t t" (a CHECK ("t t"."a" > 0)); INSERT INTO "t t" VALUES (0)', "a", 1,
    ),
    "a string in double quotes": ("""CREATE TABLE t (a CHECK (a <> "x")); INSERT INTO t VALUES ('x'), ('y')""", "a", 1),
    "names in all quotes": (
        """CREATE TABLE t ("a b" CHECK ([a b] > 0 AND `a b` < 9)); INSERT INTO t VALUES (0), (5)""", "a b", 1,
    ),
    "names that are keywords": (
        'CREATE TABLE t ("order" CHECK ("order" > 0), "end", CHECK (CASE WHEN "end" THEN 1 ELSE 0 END));'
        "INSERT INTO t VALUES (0, 1)", "order", 1,
    ),
    "a name that is a keyword elsewhere, in no quotes": (
        "CREATE TABLE t (start, end, CHECK (end >= start)); INSERT INTO t VALUES (1, 2), (2, 1)", "start,end", 1,
    ),
    "such a name inside of a CASE": (
        "CREATE TABLE t (end, CHECK (CASE WHEN end NOT LIKE end THEN end ELSE 1 END), CHECK (CASE end WHEN end THEN"
        " NOT end END)); INSERT INTO t VALUES (0), (3)", "end", 1,
    ),
    "a column called like an operator": (
        "CREATE TABLE t (like, CHECK (like NOT LIKE like AND NOT like)); INSERT INTO t VALUES ('x'), (NULL)", "like", 1,
    ),
    "a column called as a statement is": (
        "CREATE TABLE t (show, CHECK (show IN (0, 1) /* x */), CHECK (show || show)); INSERT INTO t VALUES (1), (2)",
        "show", 1,
    ),
    "a column called true": ("CREATE TABLE t (true, CHECK (true)); INSERT INTO t VALUES (0), (1)", "true", 1),
    "a column called as a function is": (
        "CREATE TABLE t (abs CHECK (abs(abs) > 1)); INSERT INTO t VALUES (-1), (-2)", "abs", 1,
    ),
    "a column called as a type is": (
        "CREATE TABLE t (text CHECK (CAST(text AS text) <> '1')); INSERT INTO t VALUES (1)", "text", 1,
    ),
    "comments": ("CREATE TABLE t (a CHECK (a /* b */ > -- c)\n 0 -- d\n)); INSERT INTO t VALUES (0), (1)", "a", 1),
    "a comment that speaks of a CHECK": (
        "CREATE TABLE t (a /* CHECK (a > 5) */ CHECK (a)); INSERT INTO t VALUES (1), (0)", "a", 1,
    ),
    "upper case": ("CREATE TABLE t (A CHECK (a > 0)); INSERT INTO t VALUES (0)", "A", 1),
    "the collation of the column": (
        "CREATE TABLE t (a TEXT COLLATE NOCASE CHECK (a <> 'X')); INSERT INTO t VALUES ('x'), ('y')", "a", 1,
    ),
    "the affinity of the column": (
        "CREATE TABLE t (a INTEGER CHECK (a <> '7')); INSERT INTO t VALUES (7), (8)", "a", 1,
    ),
    "a pattern": (
        "CREATE TABLE t (a CHECK (a LIKE 'x%' OR a GLOB '[0-9]')); INSERT INTO t VALUES ('xy'), ('7'), ('77')", "a", 1,
    ),
    "a function of many": (
        "CREATE TABLE t (a CHECK (substr(a, 1, 1) = 'x')); INSERT INTO t VALUES ('xy'), ('y')", "a", 1,
    ),
    "a computed column": ("CREATE TABLE t (a, b AS (a * 2) CHECK (b > 2)); INSERT INTO t VALUES (1), (2)", "b", 1),
    "the rowid": ("CREATE TABLE t (a, CHECK (rowid > 1)); INSERT INTO t VALUES ('x'), ('y')", "", 1),
    "without rowid": (
        "CREATE TABLE t (a PRIMARY KEY, b CHECK (b)) WITHOUT ROWID; INSERT INTO t VALUES ('x', 0), ('y', 1)", "b", 1,
    ),
    "evil names": (
        'CREATE TABLE "t\u202e""\n" ("a\n--" CHECK ("a\n--" > 0)); INSERT INTO "t\u202e""\n" VALUES (0)', "a\n--", 1,
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", BROKEN)
def test_rows_that_break_a_check(case: str, tmp_path: Path) -> None:
    sql, columns, count = BROKEN[case]
    path = build_unchecked(tmp_path / "t.db", sql)
    with contextlib.closing(sqlite3.connect(path)) as connection:
        said = connection.execute("PRAGMA quick_check").fetchall()
    assert any("CHECK constraint failed" in line for (line,) in said), "SQLite itself sees that something is broken"
    assert told(path) == [("error", "check-violations", columns, count)]


KEPT = {
    "NULL": "CREATE TABLE t (a CHECK (a > 0)); INSERT INTO t VALUES (NULL)",
    "true by another number than 1": "CREATE TABLE t (a CHECK (a)); INSERT INTO t VALUES (-1), (0.5), ('2 apples')",
    "an empty table": "CREATE TABLE t (a CHECK (0))",
    "only a comment": "CREATE TABLE t (a /* CHECK (a > 0) */, b DEFAULT 'CHECK (0)'); INSERT INTO t VALUES (0, 0)",
    "a word like it": "CREATE TABLE t (checked); INSERT INTO t VALUES (0)",
    "a string, not the column of another table": (
        "CREATE TABLE p (x TEXT PRIMARY KEY); INSERT INTO p VALUES ('7');"
        "CREATE TABLE t (a TEXT REFERENCES p (x), CHECK (a <> \"x\")); INSERT INTO t VALUES ('7')"
    ),
}


@pytest.mark.parametrize("case", KEPT)
def test_rows_that_keep_their_checks(case: str, tmp_path: Path) -> None:
    assert told(build(tmp_path / "t.db", KEPT[case])) == []


@pytest.mark.parametrize(
    "text",
    [
        "a IN (WITH RECURSIVE r AS (SELECT 1 UNION ALL SELECT 2 FROM r) SELECT * FROM r)",
        "(WITH RECURSIVE r AS (VALUES (1) UNION ALL VALUES (2)) SELECT 1)",
        "a IN sqlite_master",
        "a = :least",
    ],
)
def test_a_query_in_a_check_is_never_run(text: str, tmp_path: Path) -> None:
    path = redeclared(tmp_path / "t.db", f"CREATE TABLE t (a CHECK ({text}))", [(1,)], ["a"])
    report = scan(path).json
    assert report["findings"] == []
    (entry,) = report["not_checked"]
    assert "neither a query nor a parameter" in entry["reason"]


def test_a_check_is_asked_beside_parents_with_columns_of_the_same_names(tmp_path: Path) -> None:
    path = build_unchecked(
        tmp_path / "t.db",
        "CREATE TABLE p (id TEXT PRIMARY KEY, a, b);"
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT REFERENCES p (id), b TEXT REFERENCES p (id), CHECK (a <> b));"
        "INSERT INTO p VALUES ('x', 1, 1), ('y', 2, 2);"
        "INSERT INTO t VALUES (1, 'x', 'y'), (2, 'x', 'x'), (3, 'y', 'z');",
    )
    report = sqlfix("scan", path, "--format", "json", "--ignore", "unindexed-foreign-keys").json
    found = [
        (f["check"], f["columns"], f["count"], [row["key"]["id"] for row in f["sample"]]) for f in report["findings"]
    ]
    assert found == [("orphan-rows", ["b"], 1, [3]), ("check-violations", ["a", "b"], 1, [2])]


def test_what_only_the_application_can_compute_is_not_checked_and_hides_nothing(tmp_path: Path) -> None:
    path = tmp_path / "t.db"
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.create_function("is_good", 1, lambda value: 1, deterministic=True)
        connection.create_collation("OURS", lambda one, other: (one > other) - (one < other))
        connection.execute("PRAGMA ignore_check_constraints = ON")
        connection.execute(
            "CREATE TABLE t (a CHECK (is_good(a)), b COLLATE OURS CHECK (b <> 'x'), c CHECK (c > 0), d INTEGER, e DATE)"
        )
        connection.execute("INSERT INTO t VALUES (1, 'x', 0, 'four', 'soon')")
        connection.commit()
    ran = scan(path)
    assert ran.code == 1
    assert [(f["check"], f["columns"]) for f in ran.json["findings"]] == [
        ("check-violations", ["c"]), ("invalid-dates", ["e"]), ("type-mismatches", ["d"]),
    ]  # fmt: skip
    assert [(entry["subject"], entry["reason"]) for entry in ran.json["not_checked"]] == [
        ("t.a", "check-violations: no such function: is_good; it belongs to the application"),
        ("t.b", "check-violations: no such collation sequence: OURS; it belongs to the application"),
    ]


def test_a_declaration_that_cannot_be_read_is_not_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(sql: str) -> TableText:
        raise DdlError("it is odd")

    monkeypatch.setattr(check_violations, "read_create_table", refuse)
    path = build(tmp_path / "t.db", "CREATE TABLE t (very_odd CHECK (very_odd > 0)); INSERT INTO t VALUES (1)")
    ran = scan(path)
    assert (ran.code, ran.json["findings"]) == (3, [])
    assert ran.json["not_checked"] == [
        {"subject": "t", "reason": "check-violations: the declaration cannot be read: it is odd"}
    ]


@pytest.mark.usefixtures("soon")
def test_a_check_that_takes_too_long_is_cut_off(tmp_path: Path) -> None:
    slow = "length(replace(printf('%.*c', 8000000 + a, 'x'), 'x', 'yy')) > a"
    path = build_unchecked(
        tmp_path / "t.db",
        f"CREATE TABLE t (a CHECK ({slow}), b CHECK (b > 0));"
        "WITH RECURSIVE k (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM k WHERE i < 400)"
        " INSERT INTO t SELECT i, i FROM k;",
    )
    ran = scan(path, "--timeout", "0")
    assert [(f["columns"], f["count"]) for f in ran.json["findings"]] == [(["b"], 1)]
    assert [entry["subject"] for entry in ran.json["not_checked"]] == ["t.a"]


def test_a_check_and_its_rows_in_words(tmp_path: Path) -> None:
    path = build_unchecked(
        tmp_path / "t.db",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a CONSTRAINT positive CHECK (a\n  > 0)); INSERT INTO t VALUES (7, -1)",
    )
    shown = " ".join(sqlfix("scan", path, "-v").out.split())
    assert "error check-violations: 1 row of t breaks the constraint positive CHECK (a > 0)" in shown
    assert "sample: id=7 (a=-1)" in shown
    assert "check-violations" in sqlfix("scan", path, "--rows").out


# -- types --------------------------------------------------------------------------------------------------------

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


@pytest.mark.parametrize(("declared", "value", "severity"), MISMATCHED, ids=repr)
def test_a_value_that_is_not_of_the_declared_type(declared: str, value: Stored, severity: str, tmp_path: Path) -> None:
    path = redeclared(tmp_path / "t.db", f"CREATE TABLE t (a {declared})", [(value,), (None,)], "a")
    assert told(path) == [(severity, "type-mismatches", "a", 1)]


def test_numbers_in_another_spelling_are_counted_apart(tmp_path: Path) -> None:
    others = ("1,234.50", "12,5", "-1 234 567,8", "1'000", "1,234,567")
    none = ("abc", "1,2,3", "2024-01-31", "10.12.2021", "12 EUR", "1,,2", ",5", b"1,5")
    rows = [(1, value) for value in (*others, *none, 0.5)]
    path = redeclared(tmp_path / "t.db", "CREATE TABLE t (id, a DECIMAL(9, 2))", rows, ("id", "a"))
    (finding,) = scan(path).json["findings"]
    assert (finding["count"], finding["facts"]["written_otherwise"]) == (len(others) + len(none), len(others))
    assert finding["hint"].startswith("5 of them are numbers with a comma or with marks between its digits")


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


@pytest.mark.parametrize(("declared", "value"), FITTING, ids=repr)
def test_a_value_of_which_nothing_is_said(declared: str, value: Stored, tmp_path: Path) -> None:
    assert told(redeclared(tmp_path / "t.db", f"CREATE TABLE t (a {declared})", [(value,), (None,)], "a")) == []


def test_nothing_is_said_of_foreign_keys_and_computed_columns(tmp_path: Path) -> None:
    path = build(
        tmp_path / "t.db",
        "CREATE TABLE p (code TEXT PRIMARY KEY); INSERT INTO p VALUES ('x');"
        "CREATE TABLE t (a INTEGER REFERENCES p, b INTEGER AS ('text'), c DATE AS ('text'), d VARCHAR(2) AS ('text'));"
        "INSERT INTO t VALUES ('x');",
    )
    assert told(path) == []


def test_a_reference_that_sqlite_cannot_use_is_a_column_like_any_other(tmp_path: Path) -> None:
    path = build(tmp_path / "t.db", "CREATE TABLE t (a INTEGER REFERENCES gone); INSERT INTO t VALUES ('x')")
    assert told(path) == [("warning", "type-mismatches", "a", 1)]


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
    path = redeclared(tmp_path / "t.db", f"CREATE TABLE t (a {declared}) STRICT", [(value,), (None,)], "a")
    assert told(path) == [("error", "type-mismatches", "a", 1)]
    facts = scan(path).json["findings"][0]["facts"]
    assert (facts.get("lossless"), facts.get("cast") is not None) == ((1, True) if cast else (None, False))
    if cast:
        with contextlib.closing(sqlite3.connect(path)) as connection:
            connection.execute(facts["cast"])
            connection.commit()
            assert [row[0] for row in connection.execute("SELECT quote(a) FROM t WHERE a NOT NULL")] == [cast]
        assert told(path) == []


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
    assert told(path) == ([("error", "type-mismatches", "a", 1)] if strict else [])


@STRICT
@pytest.mark.parametrize(
    ("declared", "value"),
    [("INT", 1), ("REAL", 1), ("REAL", 1.5), ("TEXT", ""), ("BLOB", b""), ("ANY", "x"), ("ANY", b"x"), ("INT", None)],
)
def test_a_value_that_a_strict_table_takes(declared: str, value: Stored, tmp_path: Path) -> None:
    assert told(redeclared(tmp_path / "t.db", f"CREATE TABLE t (a {declared}) STRICT", [(value,)], "a")) == []


def test_truth_in_words_is_cast_without_loss(tmp_path: Path) -> None:
    path = build(
        tmp_path / "t.db",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a BOOLEAN);"
        "INSERT INTO t (a) VALUES ('true'), ('F'), ('no'), ('On'), (1), (0), (NULL), ('maybe'), (2);",
    )
    (finding,) = scan(path).json["findings"]
    assert (finding["count"], finding["facts"]["lossless"]) == (6, 4)
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute(finding["facts"]["cast"])
        connection.commit()
        assert [row[0] for row in connection.execute("SELECT a FROM t ORDER BY id")] == [
            1,
            0,
            0,
            1,
            1,
            0,
            None,
            "maybe",
            2,
        ]
    assert "4 of them can be written" not in sqlfix("scan", path).out


def test_rows_too_many_to_be_listed_are_counted(tmp_path: Path) -> None:
    path = build(
        tmp_path / "t.db",
        "CREATE TABLE t (a INTEGER, b VARCHAR(2));"
        "WITH RECURSIVE k (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM k WHERE i < 150000)"
        " INSERT INTO t SELECT CASE WHEN i % 10 THEN 'x' ELSE i END, printf('%.*c', i % 7, 'y') FROM k;",
    )
    findings = {f["check"]: f for f in scan(path).json["findings"]}
    assert findings["type-mismatches"]["count"] == 135_000
    assert findings["too-long-values"]["count"] == sum(i % 7 > 2 for i in range(1, 150_001))
    assert findings["too-long-values"]["facts"]["longest"] == 6


def test_a_table_with_more_columns_than_one_statement_can_ask_for(tmp_path: Path) -> None:
    columns = [f"c{place}" for place in range(1500)]
    path = build(
        tmp_path / "t.db",
        f"CREATE TABLE t ({', '.join(f'{name} INTEGER NOT NULL' for name in columns)});"
        f"INSERT INTO t VALUES ({', '.join(repr('x') if name in ('c3', 'c1499') else '1' for name in columns)});",
    )
    assert told(path) == [("warning", "type-mismatches", "c3", 1), ("warning", "type-mismatches", "c1499", 1)]


# -- dates --------------------------------------------------------------------------------------------------------

DATES = (
    *("2024-01-31", "2024-02-29", "2000-02-29", "2024-1-2", "2024/01/02", "2024.1.2", "2024-01", " 2024-01-31 "),
    *("20240131T103000", "20240131T1030Z", "20240131T103000.123+0200", "2024-01-31 10:30", "2024-01-31 9:30"),
    *("2024-01-31T10:30:00Z", "2024-01-31t10:30:00z", "2024-01-31 23:30:00+02:00", "2024-01-31 00:30:00+02:00"),
    *("2024-01-31 00:30:00 +0200", "2024-01-31 00:30:00+02", "2024-01-31 10:00:00.123456789 +0000 UTC"),
    *("2024-01-31 10:00:00.1 +0200 CEST m=+0.013", "2024-01-31 10:00:00 UTC", "2024-01-31 24:00:00"),
    *("2016-12-31T23:59:60Z", "2024-01-31 10:30 PM", "-0044-03-15", "0001-01-01 00:00:00", "9999-12-31 23:59:59.999"),
    *("2024-01-31 10:30:00,123", "2024-01-31  10:30", "2024-01-31 23:59:59.9999999"),
)
NO_DATES = (
    *(
        "",
        " ",
        "0000-00-00",
        "0000-00-00 00:00:00",
        "2024-13-01",
        "2024-02-30",
        "2023-02-29",
        "1900-02-29",
        "2024-04-31",
    ),
    *(
        "2024-00-10",
        "2024-01-00",
        "2024-01-",
        "2024-01-32",
        "01/02/2024",
        "31.12.2024",
        "CURRENT_TIMESTAMP",
        "now",
        "datetime('now')",
    ),
    *("12:30", "12:30:00", "2024-01-31 25:00", "2024-01-31 10:60", "2024-01-31 10:00:61", "2024-01-31x"),
    *("2024-01-31 soon", "2024-01-31 10:00 soon", "2024-02-30 10:00:00", "2024-02-30T10:00:00+02:00", "2024-1/2"),
    *("2024-001-01", "24-01-01", "yesterday", "infinity", "2024-01-31 24:30", "12:00  -14:00", "20240230T1000"),
    *(
        "2024-01-31 10:00:00+2",
        "2024-01-31 10:00:00 +02:00; DROP",
        "Jan 31, 2024",
        "2024-W05-3",
        "\u0662\u0660\u0662\u0664-01-31",
    ),
)


@pytest.mark.parametrize("text", DATES)
def test_a_text_that_is_a_date(text: str) -> None:
    assert not is_no_date(text)


@pytest.mark.parametrize("text", [*NO_DATES, b"2024-01-31", b""], ids=repr)
def test_a_text_that_is_no_date(text: Stored) -> None:
    assert is_no_date(text)


@pytest.mark.parametrize("number", [0, 1, -1, 1700000000, 1700000000123, 2460340.5, 1e300, -math.inf, None])
def test_a_number_may_be_a_date(number: Stored) -> None:
    assert not is_no_date(number)


def is_no_date(value: Stored) -> bool:
    """What the condition says of one value."""
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        (said,) = connection.execute(f"SELECT {no_date('c.x')} FROM (SELECT ? AS x) AS c", (value,)).fetchone()
    return bool(said)


def test_each_day_of_some_years_as_the_calendar_has_it() -> None:
    texts = [f"{y}-{m:02}-{d:02}" for y in (1900, 2000, 2023, 2024) for m in range(14) for d in range(33)]
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("CREATE TABLE t (x)")
        connection.executemany(
            "INSERT INTO t VALUES (?)", [(text + end,) for text in texts for end in ("", " 10:00:00")]
        )
        wrong = {row[0][:10] for row in connection.execute(f"SELECT x FROM t AS c WHERE {no_date('c.x')}")}
    assert wrong == {text for text in texts if not in_calendar(*map(int, text.split("-")))}


def in_calendar(year: int, month: int, day: int) -> bool:
    """True for a day that there is."""
    return 1 <= month <= 12 and 1 <= day <= calendar.monthrange(year or 4, month)[1]


@pytest.mark.parametrize(
    ("declared", "found"),
    [
        ("DATE", True),
        ("datetime", True),
        ("TIMESTAMP", True),
        ("TIMESTAMP WITH TIME ZONE", True),
        ("DATETIME(6)", True),
        ("timestamptz", True),
        ("TIME", False),
        ("TEXT", False),
        ("DATE_TEXT", False),
        ("UPDATED", False),
        ("", False),
    ],
)
def test_which_columns_are_of_dates(declared: str, found: bool, tmp_path: Path) -> None:
    path = build(tmp_path / "t.db", f"CREATE TABLE t (a {declared}); INSERT INTO t VALUES ('soon')")
    assert told(path) == ([("warning", "invalid-dates", "a", 1)] if found else [])


def test_dates_in_words(tmp_path: Path) -> None:
    path = build(
        tmp_path / "t.db",
        "CREATE TABLE t (a DATE, b DATE); INSERT INTO t VALUES ('', ''), ('0000-00-00', '2024-02-30')",
    )
    shown = " ".join(sqlfix("scan", path).out.split())
    assert "warning invalid-dates: 2 values of t.a, declared DATE, are not dates (2 empty or zero)" in shown
    assert "every reader understands NULL for that" in shown
    assert "2 values of t.b, declared DATE, are not dates (1 empty or zero)" in shown


# -- lengths ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("declared", "value", "longest"),
    [
        ("VARCHAR(3)", "abcd", 4),
        ("varchar ( 3 )", "äöüß", 4),
        ("CHAR(3)", "\U0001f41d" * 5, 5),
        ("NATIONAL CHARACTER VARYING(3)", "abc ", 4),
        ("VARCHAR2(3)", "abcd", 4),
        ("NVARCHAR(3)", 1234, 4),
        ("TEXT(3)", "abcd", 4),
        ("VARCHAR(3)", "abc", None),
        ("VARCHAR(3)", "äöü", None),
        ("VARCHAR(3)", b"abcdef", None),
        ("VARCHAR(3)", None, None),
        ("VARCHAR", "abcdef", None),
        ("VARCHAR(0)", "abcdef", None),
        ("TEXT", "abcdef", None),
        ("BLOB(3)", "abcdef", None),
        ("INTEGER(3)", 123456, None),
        ("DECIMAL(3, 1)", 123456, None),
        ("CHARINT(3)", 123456, None),
    ],
)
def test_the_length_of_a_text(declared: str, value: Stored, longest: int | None, tmp_path: Path) -> None:
    path = build(tmp_path / "t.db", f"CREATE TABLE t (a {declared})")
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("INSERT INTO t VALUES (?)", (value,))
        connection.commit()
    ran = scan(path)
    assert ran.code == 0
    found = [(f["severity"], f["check"], f["facts"]["longest"]) for f in ran.json["findings"]]
    assert found == ([("hint", "too-long-values", longest)] if longest else [])


def test_a_text_that_is_too_long_is_a_hint_in_one_line(tmp_path: Path) -> None:
    path = build(tmp_path / "t.db", "CREATE TABLE t (a VARCHAR(2)); INSERT INTO t VALUES ('abc')")
    assert "1 hint: scan -v shows it." in sqlfix("scan", path).out
    assert "1 value of t.a is longer than VARCHAR(2) allows: up to 3 characters" in " ".join(
        sqlfix("scan", path, "-v").out.split()
    )
    assert sqlfix("scan", path, "--fail-on", "hint").code == 1


# -- NOT NULL -----------------------------------------------------------------------------------------------------


def test_null_in_the_key_of_a_without_rowid_table(tmp_path: Path) -> None:
    """NOT NULL is implied there. An index is made the table's tree, for SQLite would write no such row."""
    path = build(
        tmp_path / "t.db",
        "CREATE TABLE s (a, b); CREATE INDEX i ON s (a, b); INSERT INTO s VALUES (1, 2), (NULL, 3), (4, NULL);"
        "CREATE TABLE t (a, b, c, PRIMARY KEY (a, b, c)) WITHOUT ROWID; PRAGMA writable_schema = ON;"
        "UPDATE sqlite_master SET rootpage = (SELECT rootpage FROM sqlite_master WHERE name = 'i') WHERE name = 't';"
        "DELETE FROM sqlite_master WHERE name = 'i';",
    )
    assert told(path) == [("error", "not-null-violations", "a", 1), ("error", "not-null-violations", "b", 1)]


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE TABLE t (a TEXT PRIMARY KEY); INSERT INTO t VALUES (NULL), (NULL)",
        "CREATE TABLE t (a, b, PRIMARY KEY (a, b)); INSERT INTO t VALUES (NULL, 1)",
        "CREATE TABLE t (a INTEGER PRIMARY KEY DESC, b); INSERT INTO t VALUES (NULL, 1)",
        "CREATE TABLE t (a INTEGER PRIMARY KEY NOT NULL, b); INSERT INTO t VALUES (NULL, 1)",
        "CREATE TABLE t (a INTEGER NULL, b DEFAULT 'NOT NULL'); INSERT INTO t VALUES (NULL, NULL)",
        "CREATE TABLE t (a NOT NULL); INSERT INTO t VALUES (''), (0), (x'')",
        "CREATE TABLE t (a, b AS (a) NOT NULL, c AS (a) STORED NOT NULL); INSERT INTO t VALUES (1)",
    ],
)
def test_null_where_it_may_be(sql: str, tmp_path: Path) -> None:
    assert told(build(tmp_path / "t.db", sql)) == []


def test_null_in_a_computed_column(tmp_path: Path) -> None:
    path = build(
        tmp_path / "t.db",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a, b AS (a + 1)); INSERT INTO t (a) VALUES (1), (NULL);"
        "PRAGMA writable_schema = ON;"
        "UPDATE sqlite_master SET sql = replace(sql, '(a + 1)', '(a + 1) NOT NULL');",
    )
    assert told(path) == [("error", "not-null-violations", "b", 1)]
    assert "the column is computed" in sqlfix("scan", path).out


def test_the_default_that_is_shown_mends_the_row(tmp_path: Path) -> None:
    declared = """CREATE TABLE t (a, b TEXT NOT NULL DEFAULT "it's", c NOT NULL, d NOT NULL DEFAULT NULL)"""
    path = redeclared(tmp_path / "t.db", declared, [(1, None, None, None), (2, "x", 1, 1)], "abcd")
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


# -- all of them --------------------------------------------------------------------------------------------------


def test_virtual_tables_and_what_is_behind_them_are_not_looked_at(tmp_path: Path) -> None:
    path = build(
        tmp_path / "t.db",
        "CREATE TABLE v_data (id INTEGER PRIMARY KEY, block DATE); CREATE VIRTUAL TABLE r USING rtree(id, a, b);"
        "INSERT INTO r VALUES (1, 2, 3); INSERT INTO v_data VALUES (1, 'soon');"
        "CREATE VIEW w AS SELECT 'soon' AS d;",
    )
    assert told(path) == [("warning", "invalid-dates", "block", 1)]


def test_values_of_any_bytes(tmp_path: Path) -> None:
    path = build(
        tmp_path / "t.db",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER, b DATE, c VARCHAR(1), d BOOLEAN);"
        "INSERT INTO t VALUES (1, CAST(x'ff1b5b' AS TEXT), CAST(x'fe00' AS TEXT), CAST(x'ffff' AS TEXT), x'00');",
    )
    before = fingerprint(path)
    assert [check for _, check, _, _ in told(path)] == [
        "invalid-dates", "too-long-values", "type-mismatches", "type-mismatches",
    ]  # fmt: skip
    for options in (("-v",), ("--rows",), ("--format", "csv"), ("--format", "markdown")):
        assert "\x1b" not in sqlfix("scan", path, *options).out
    assert fingerprint(path) == before


# -- against a plain reading of the rows --------------------------------------------------------------------------

DECLARED = (
    "INTEGER",
    "REAL",
    "NUMERIC",
    "DECIMAL(4,2)",
    "BOOLEAN",
    "DATE",
    "DATETIME",
    "VARCHAR(3)",
    "TEXT",
    "",
    "BLOB",
)
VALUES = st.one_of(
    st.none(),
    st.sampled_from((0, 1, 2, -1, 1.0, 1.5, 1e300, 2**63 - 1, -(2**63), math.inf)),
    st.sampled_from(("", "0", "1", "abcd", "true", b"", b"1")),
    st.sampled_from((*DATES, *NO_DATES, "äöü", "äöüß")),
    st.builds(
        "{:04}-{:02}-{:02}{}".format,
        st.integers(0, 9999), st.integers(0, 13), st.integers(0, 32), st.sampled_from(("", " 10:00", "T24:00", "x")),
    ),
)  # fmt: skip
CHECKS = ("typeof(a) <> 'text'", "a <> 1", "a IN (0, 'abcd', b)", "length(a) < 4 OR b", "a < b", "a LIKE '2%'")


@given(data=st.data())
def test_each_count_is_what_a_plain_reading_of_the_rows_says(
    tmp_path_factory: pytest.TempPathFactory, data: Any
) -> None:
    kinds = [data.draw(st.sampled_from(DECLARED)) for _ in "ab"]
    must = [data.draw(st.booleans()) for _ in "ab"]
    check = data.draw(st.sampled_from(CHECKS))
    rows = data.draw(st.lists(st.tuples(VALUES, VALUES), max_size=12))
    columns = [f"{name} {kind}{' NOT NULL' * null}" for name, kind, null in zip("ab", kinds, must, strict=True)]
    declared = f"CREATE TABLE t ({', '.join(columns)}, CHECK ({check}))"
    path = redeclared(tmp_path_factory.mktemp("rows") / "t.db", declared, rows, "ab")
    expected = []
    for place, name in enumerate("ab"):
        values = [row[place] for row in rows]
        expected += [(*of, name, count) for of, count in plain_reading(kinds[place], must[place], values) if count]
    refused = sum(breaks(declared, row) for row in rows)
    found = told(path)
    checks = [count for _, kind, _, count in found if kind == "check-violations"]
    assert sum(checks) == refused
    assert sorted(one for one in found if one[1] != "check-violations") == sorted(expected)


def plain_reading(kind: str, must: bool, values: Sequence[Stored]) -> list[tuple[tuple[str, str], int]]:
    """How many of a column's values are at fault, by severity and check."""
    strange = [value for value in values if isinstance(value, str | bytes)]
    numbers = [value for value in values if isinstance(value, int | float)]
    wrong = fractions = dates = long = 0
    if kind in ("INTEGER", "REAL", "DECIMAL(4,2)"):
        wrong = len(strange)
    if kind == "NUMERIC":
        dated = (isinstance(v, str) and sqlite_takes(v) and re.search("[0-9][-:][0-9]", v) for v in strange)
        wrong = sum(not one for one in dated)
    if kind == "BOOLEAN":
        wrong = len(strange) + sum(number not in (0, 1) for number in numbers)
    if kind == "INTEGER":
        fractions = sum(isinstance(n, float) and not (n.is_integer() and abs(n) < 2**63) for n in numbers)
    if kind in ("DATE", "DATETIME"):
        dates = sum(isinstance(value, bytes) or not reads_as_date(value) for value in strange)
    if kind == "VARCHAR(3)":
        long = sum(isinstance(value, str) and len(value) > 3 for value in strange)
    return [
        (("error", "not-null-violations"), values.count(None) if must else 0),
        (("warning", "type-mismatches"), wrong),
        (("hint", "type-mismatches"), fractions),
        (("warning", "invalid-dates"), dates),
        (("hint", "too-long-values"), long),
    ]


def reads_as_date(text: str) -> bool:
    """The same as the condition says, in the words of another language."""
    match = re.fullmatch(
        r" *(-?\d{4})(?:([-/.])(\d{1,2})(?:\2(\d{1,2}))?|(\d\d)(\d\d))"
        r"(?:[Tt]| +|[Tt] *)?(?:(?<=[Tt ])(\d\d?):?(\d\d)(?::?(\d\d)(?:[.,]\d+)?)?"
        r" *(|[Zz]|UTC|GMT|[AP]M|[-+]\d\d(?::?\d\d)?(?: [-+A-Za-z0-9=.: ]*)?))? *",
        text,
        re.ASCII,
    )
    if match is None:
        return False
    year, _, month, day, month2, day2, hour, minute, second, _ = match.groups()
    there = in_calendar(int(year), int(month or month2), int(day or day2 or 1))
    hours = (int(hour or 0), int(minute or 0), int(second or 0))
    return there and (hours <= (23, 59, 60) or hours == (24, 0, 0)) and hours[1] < 60 and hours[2] <= 60


def sqlite_takes(text: str) -> bool:
    """True for a text that SQLite itself takes for a date or a time."""
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        return connection.execute("SELECT julianday(?) IS NOT NULL", (text,)).fetchone()[0] == 1


def breaks(declared: str, row: tuple[Stored, ...]) -> bool:
    """True if SQLite refuses a row with such values, without a change of their types by affinity."""
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("CREATE TABLE t (a, b)")
        connection.execute("INSERT INTO t VALUES (?, ?)", row)
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("UPDATE sqlite_master SET sql = ?", (declared,))
        connection.execute("PRAGMA writable_schema = RESET")
        said = connection.execute("PRAGMA quick_check").fetchall()
    return any("CHECK constraint failed" in line for (line,) in said)


def test_a_scan_by_these_checks_writes_nothing(tmp_path: Path) -> None:
    path = build_unchecked(
        tmp_path / "t.db", "CREATE TABLE t (a INTEGER CHECK (a > 0), b DATE); INSERT INTO t VALUES ('x', 'y'), (0, '')"
    )
    before, rows = fingerprint(path), contents(path)
    assert scan(path).code == 1
    assert (fingerprint(path), contents(path)) == (before, rows)
    assert [entry.name for entry in tmp_path.iterdir()] == ["t.db"]


def test_a_number_that_is_too_large_is_not_said_to_be_a_fraction(tmp_path: Path) -> None:
    path = build(tmp_path / "x.db", "CREATE TABLE t(i INTEGER); INSERT INTO t VALUES (1e19);")
    said = " ".join(sqlfix("scan", "-v", path).out.split())
    assert "1 value of t.i, declared INTEGER, is not a whole number of 64 bits" in said
