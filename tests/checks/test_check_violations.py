"""The check check-violations: where it finds nothing, and what it finds elsewhere."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

import pytest
from support import OF_ROWS, build, check_finds, scan_rows, sqlfix, stored_as, together

from sqlfix.checks import check_violations
from sqlfix.schema.catalogue import read_schema
from sqlfix.sql.table_text import TableText
from sqlfix.sql.tokens import DdlError

UNCHECKED = "PRAGMA ignore_check_constraints = ON;"


CLEAN = {
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
FOUND = {
    "a column's": ("CREATE TABLE t (a CHECK (a > 0)); INSERT INTO t VALUES (1), (0), (-1), (NULL)", [("t.a", 2)]),
    "the table's": (
        "CREATE TABLE t (a, b, CHECK (a < b)); INSERT INTO t VALUES (1, 2), (2, 1), (1, NULL)", [("t.a,b", 1)],
    ),
    "of two, one": ("CREATE TABLE t (a CHECK (a > 0) CHECK (a < 9)); INSERT INTO t VALUES (3), (10)", [("t.a", 1)]),
    "a text is false": ("CREATE TABLE t (a CHECK (a)); INSERT INTO t VALUES ('x'), ('1x'), (0.0), (0.1)", [("t.a", 2)]),
    "no column at all": ("CREATE TABLE t (a, CHECK (1 = 2)); INSERT INTO t VALUES (1)", [("t", 1)]),
    "by the table's name": ("CREATE TABLE t (a CHECK (t.a > 0)); INSERT INTO t VALUES (0)", [("t.a", 1)]),
    "by the table's name in quotes": (
        'CREATE TABLE "t t" (a CHECK ("t t"."a" > 0)); INSERT INTO "t t" VALUES (0)', [("t t.a", 1)],
    ),
    "a string in double quotes": (
        """CREATE TABLE t (a CHECK (a <> "x")); INSERT INTO t VALUES ('x'), ('y')""", [("t.a", 1)],
    ),
    "names in all quotes": (
        """CREATE TABLE t ("a b" CHECK ([a b] > 0 AND `a b` < 9)); INSERT INTO t VALUES (0), (5)""", [("t.a b", 1)],
    ),
    "names that are keywords": (
        'CREATE TABLE t ("order" CHECK ("order" > 0), "end", CHECK (CASE WHEN "end" THEN 1 ELSE 0 END));'
        "INSERT INTO t VALUES (0, 1)", [("t.order", 1)],
    ),
    "a name that is a keyword elsewhere, in no quotes": (
        "CREATE TABLE t (start, end, CHECK (end >= start)); INSERT INTO t VALUES (1, 2), (2, 1)", [("t.start,end", 1)],
    ),
    "such a name inside of a CASE": (
        "CREATE TABLE t (end, CHECK (CASE WHEN end NOT LIKE end THEN end ELSE 1 END), CHECK (CASE end WHEN end THEN"
        " NOT end END)); INSERT INTO t VALUES (0), (3)", [("t.end", 1)],
    ),
    "a column called like an operator": (
        "CREATE TABLE t (like, CHECK (like NOT LIKE like AND NOT like)); INSERT INTO t VALUES ('x'), (NULL)",
        [("t.like", 1)],
    ),
    "a column called as a statement is": (
        "CREATE TABLE t (show, CHECK (show IN (0, 1) /* x */), CHECK (show || show)); INSERT INTO t VALUES (1), (2)",
        [("t.show", 1)],
    ),
    "a column called true": ("CREATE TABLE t (true, CHECK (true)); INSERT INTO t VALUES (0), (1)", [("t.true", 1)]),
    "a column called as a function is": (
        "CREATE TABLE t (abs CHECK (abs(abs) > 1)); INSERT INTO t VALUES (-1), (-2)", [("t.abs", 1)],
    ),
    "a column called as a type is": (
        "CREATE TABLE t (text CHECK (CAST(text AS text) <> '1')); INSERT INTO t VALUES (1)", [("t.text", 1)],
    ),
    "comments": (
        "CREATE TABLE t (a CHECK (a /* b */ > -- c)\n 0 -- d\n)); INSERT INTO t VALUES (0), (1)", [("t.a", 1)],
    ),
    "a comment that speaks of a CHECK": (
        "CREATE TABLE t (a /* CHECK (a > 5) */ CHECK (a)); INSERT INTO t VALUES (1), (0)", [("t.a", 1)],
    ),
    "upper case": ("CREATE TABLE t (A CHECK (a > 0)); INSERT INTO t VALUES (0)", [("t.A", 1)]),
    "the collation of the column": (
        "CREATE TABLE t (a TEXT COLLATE NOCASE CHECK (a <> 'X')); INSERT INTO t VALUES ('x'), ('y')", [("t.a", 1)],
    ),
    "the affinity of the column": (
        "CREATE TABLE t (a INTEGER CHECK (a <> '7')); INSERT INTO t VALUES (7), (8)", [("t.a", 1)],
    ),
    "a pattern": (
        "CREATE TABLE t (a CHECK (a LIKE 'x%' OR a GLOB '[0-9]')); INSERT INTO t VALUES ('xy'), ('7'), ('77')",
        [("t.a", 1)],
    ),
    "a function of many": (
        "CREATE TABLE t (a CHECK (substr(a, 1, 1) = 'x')); INSERT INTO t VALUES ('xy'), ('y')", [("t.a", 1)],
    ),
    "a computed column": (
        "CREATE TABLE t (a, b AS (a * 2) CHECK (b > 2)); INSERT INTO t VALUES (1), (2)", [("t.b", 1)],
    ),
    "the rowid": ("CREATE TABLE t (a, CHECK (rowid > 1)); INSERT INTO t VALUES ('x'), ('y')", [("t", 1)]),
    "without rowid": (
        "CREATE TABLE t (a PRIMARY KEY, b CHECK (b)) WITHOUT ROWID; INSERT INTO t VALUES ('x', 0), ('y', 1)",
        [("t.b", 1)],
    ),
    "evil names": (
        'CREATE TABLE "t\u202e""\n" ("a\n--" CHECK ("a\n--" > 0)); INSERT INTO "t\u202e""\n" VALUES (0)',
        [('t\u202e"\n.a\n--', 1)],
    ),
}  # fmt: skip

BROKEN = {words: (UNCHECKED + sql, [(*told, "error") for told in places]) for words, (sql, places) in FOUND.items()}
test_check_violations = check_finds("check-violations", CLEAN, BROKEN, OF_ROWS)


@together
@pytest.mark.parametrize("sql", [sql for sql, _ in BROKEN.values()], ids=BROKEN)
def test_sqlite_itself_sees_that_something_is_broken(sql: str, tmp_path: Path) -> None:
    with contextlib.closing(sqlite3.connect(build(tmp_path / "t.db", sql))) as connection:
        said = connection.execute("PRAGMA quick_check").fetchall()
    assert any("CHECK constraint failed" in line for (line,) in said)


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
    path = build(tmp_path / "t.db", stored_as(f"CREATE TABLE t (a CHECK ({text}))", (1,)))
    report = scan_rows(path).json
    assert report["findings"] == []
    (entry,) = report["not_checked"]
    assert "neither a query nor a parameter" in entry["reason"]


def test_a_check_is_asked_beside_parents_with_columns_of_the_same_names(tmp_path: Path) -> None:
    path = build(
        tmp_path / "t.db",
        UNCHECKED + "CREATE TABLE p (id TEXT PRIMARY KEY, a, b);"
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
    ran = scan_rows(path)
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
    ran = scan_rows(path)
    assert (ran.code, ran.json["findings"]) == (3, [])
    assert ran.json["not_checked"] == [
        {"subject": "t", "reason": "check-violations: the declaration cannot be read: it is odd"}
    ]


@pytest.mark.usefixtures("soon")
def test_a_check_that_takes_too_long_is_cut_off(tmp_path: Path) -> None:
    slow = "length(replace(printf('%.*c', 8000000 + a, 'x'), 'x', 'yy')) > a"
    path = build(
        tmp_path / "t.db",
        UNCHECKED + f"CREATE TABLE t (a CHECK ({slow}), b CHECK (b > 0));"
        "WITH RECURSIVE k (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM k WHERE i < 400)"
        " INSERT INTO t SELECT i, i FROM k;",
    )
    ran = scan_rows(path, "--timeout", "0")
    assert [(f["columns"], f["count"]) for f in ran.json["findings"]] == [(["b"], 1)]
    assert [entry["subject"] for entry in ran.json["not_checked"]] == ["t.a"]


def test_a_check_and_its_rows_in_words(tmp_path: Path) -> None:
    path = build(
        tmp_path / "t.db",
        UNCHECKED + "CREATE TABLE t (id INTEGER PRIMARY KEY, a CONSTRAINT positive CHECK (a\n  > 0));"
        "INSERT INTO t VALUES (7, -1)",
    )
    shown = " ".join(sqlfix("scan", path, "-v").out.split())
    assert "error check-violations: 1 row of t breaks the constraint positive CHECK (a > 0)" in shown
    assert "sample: id=7 (a=-1)" in shown
    assert "check-violations" in sqlfix("scan", path, "--rows").out


@pytest.mark.parametrize(
    ("text", "apart"),
    [
        ("a LIKE 'x%'", False),
        ("a NOT GLOB '*[^a-z]*' AND b > 0", False),
        ("(a LIKE '%!%%' ESCAPE '!') OR a IS NULL", False),
        ("CASE WHEN a LIKE 'x' THEN b LIKE 'y' ELSE 1 END", False),
        ("a = date(a) AND max(a, b) > round(b)", False),
        ("a LIKE '%' || b", True),
        ("a LIKE b", True),
        ("a LIKE ('%' || b)", True),
        (f"a LIKE '{'%a' * 40}'", True),
        ("like('x%', a)", True),
        ("a REGEXP 'x'", True),
        ("a -> '$' IS NOT NULL", True),
        ("replace(a, b, a) > 0", True),
    ],
)
def test_a_pattern_that_is_written_out_and_short_is_asked_with_the_rest(text: str, apart: bool) -> None:
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("CREATE TABLE t (a, b)")
        table = read_schema(connection).known_table("t")
    assert check_violations.condition_of(table, text)[2] is apart
