"""The checks whose conditions are on single rows, together: NOT NULL, CHECK, types, dates and lengths."""

from __future__ import annotations

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
from support import Stored, build, contents, fingerprint, scan_rows, sqlfix, stored_as, told_of_rows
from texts_of_dates import DATES, NO_DATES, in_calendar


def test_rows_too_many_to_be_listed_are_counted(tmp_path: Path) -> None:
    path = build(
        tmp_path / "t.db",
        "CREATE TABLE t (a INTEGER, b VARCHAR(2));"
        "WITH RECURSIVE k (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM k WHERE i < 150000)"
        " INSERT INTO t SELECT CASE WHEN i % 10 THEN 'x' ELSE i END, printf('%.*c', i % 7, 'y') FROM k;",
    )
    findings = {f["check"]: f for f in scan_rows(path).json["findings"]}
    assert findings["type-mismatches"]["count"] == 135_000
    assert findings["too-long-values"]["count"] == sum(i % 7 > 2 for i in range(1, 150_001))
    assert findings["too-long-values"]["facts"]["longest"] == 6


def test_values_of_any_bytes(tmp_path: Path) -> None:
    path = build(
        tmp_path / "t.db",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER, b DATE, c VARCHAR(1), d BOOLEAN);"
        "INSERT INTO t VALUES (1, CAST(x'ff1b5b' AS TEXT), CAST(x'fe00' AS TEXT), CAST(x'ffff' AS TEXT), x'00');",
    )
    before = fingerprint(path)
    assert [check for _, check, _, _ in told_of_rows(path)] == [
        "invalid-dates", "too-long-values", "type-mismatches", "type-mismatches",
    ]  # fmt: skip
    for options in (("-v",), ("--rows",), ("--format", "csv"), ("--format", "markdown")):
        assert "\x1b" not in sqlfix("scan", path, *options).out
    assert fingerprint(path) == before


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
    path = build(tmp_path_factory.mktemp("rows") / "t.db", stored_as(declared, *rows, columns="ab"))
    expected = []
    for place, name in enumerate("ab"):
        values = [row[place] for row in rows]
        expected += [(*of, name, count) for of, count in plain_reading(kinds[place], must[place], values) if count]
    refused = sum(breaks(declared, row) for row in rows)
    found = told_of_rows(path)
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
    path = build(
        tmp_path / "t.db",
        "PRAGMA ignore_check_constraints = ON; CREATE TABLE t (a INTEGER CHECK (a > 0), b DATE);"
        "INSERT INTO t VALUES ('x', 'y'), (0, '')",
    )
    before, rows = fingerprint(path), contents(path)
    assert scan_rows(path).code == 1
    assert (fingerprint(path), contents(path)) == (before, rows)
    assert [entry.name for entry in tmp_path.iterdir()] == ["t.db"]
