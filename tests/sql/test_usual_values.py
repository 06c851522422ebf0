"""Of what looks like nearly all values of a column, no check that leaves it out would have said anything."""

from __future__ import annotations

import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import together

from sqlfix.checks.mixed_formats import dates_of, differs
from sqlfix.model.values import Value
from sqlfix.schema.catalogue import read_schema
from sqlfix.sql.dates import AsFirst, no_date
from sqlfix.sql.declared_types import usual

DAYS = st.builds(
    "{:04}{}{:02}{}{:02}".format,
    st.sampled_from((0, 1969, 2021, 2024, 9999)), st.sampled_from("-/."),
    st.integers(0, 13), st.just("-"), st.integers(0, 32),
)  # fmt: skip
TIMES = st.builds(
    "{}{:02}:{:02}:{:02}".format, st.sampled_from(" T "), st.integers(0, 25), st.integers(0, 60), st.integers(0, 60)
)
ENDS = st.sampled_from(
    ("", "Z", "z", ".1", ".123", ".123456", ".1234567", ".12345678", ".123Z", ".123456Z", "+05:00", "-00:00", " ", "Z ",
     ".1+05:00", ".12+05:00", "\0x", ".123\0", "M", " PM", ".+5:00")
)  # fmt: skip
TEXTS = st.builds("{}{}".format, DAYS, st.one_of(st.just(""), st.builds("{}{}".format, TIMES, ENDS), ENDS))
VALUES = st.one_of(
    st.none(),
    TEXTS,
    st.builds(str.encode, TEXTS),
    st.sampled_from((0, 1.5, 1620036000, "", "now", "12:00", "2459000.5")),
)
USUAL = ("2021-05-03", "2021-05-03 10:00:00", "2021-05-03T10:00:00Z", "2021-05-03 10:00:00.123456",
         "2021-05-03 10:00:00.1234567")  # fmt: skip


def holds(connection: sqlite3.Connection, condition: str | AsFirst) -> bool:
    """Whether a condition is true of the last row."""
    if isinstance(condition, AsFirst):
        condition = condition.sql(connection.execute(condition.asked).fetchone()[0]) or "0"
    return connection.execute(f"SELECT 1 FROM t AS c WHERE id = 2 AND ({condition})").fetchone() is not None


@given(
    declared=st.sampled_from(("DATETIME", "DATE", "TIMESTAMP", "DATE VARCHAR")),
    first=st.one_of(st.sampled_from(USUAL), VALUES), value=VALUES,
)  # fmt: skip
def test_a_date_that_is_written_as_the_first(declared: str, first: Value, value: Value) -> None:
    connection = sqlite3.connect(":memory:")
    connection.execute(
        f"CREATE TABLE t (id INTEGER PRIMARY KEY, d {declared} NOT NULL, e BLOB DEFAULT CURRENT_TIMESTAMP)"
    )
    connection.execute("PRAGMA writable_schema = ON")
    connection.execute("UPDATE sqlite_master SET sql = replace(sql, 'NOT NULL', '')")
    connection.execute("PRAGMA writable_schema = RESET")
    connection.executemany("INSERT INTO t VALUES (?, ?, ?)", [(1, first, first), (2, value, value)])
    table = read_schema(connection).known_table("t")
    column = table.column("d")
    assert column and (dates := dates_of(column))
    if holds(connection, usual(table, column)):
        assert value is not None
        assert not holds(connection, no_date("c.d"))
        assert not holds(connection, differs(table, dates))


@pytest.mark.parametrize("value", ["2021-05-03 10:00:00", "2024-02-29 04:59:59", "1999-12-31 23:00:00"])
@pytest.mark.parametrize(("mark", "end"), [(" ", ""), ("T", ""), (" ", ".123456"), (" ", ".1234567"), ("T", ".123Z")])
def test_all_dates_of_a_usual_format_are_seen_at_once(value: str, mark: str, end: str) -> None:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, d DATETIME)")
    values = [(place, one.replace(" ", mark) + end) for place, one in enumerate(("2021-05-03 10:00:00", value), 1)]
    connection.executemany("INSERT INTO t VALUES (?, ?)", values)
    table = read_schema(connection).known_table("t")
    column = table.column("d")
    assert column and holds(connection, usual(table, column))


@together
@pytest.mark.parametrize(
    ("declared", "value", "seen"),
    [
        ("INTEGER", 5, True), ("INTEGER", 5.5, False), ("INTEGER", "5x", False), ("INTEGER", None, False),
        ("INTEGER", b"5", False), ("REAL", 5.5, True), ("DECIMAL(5,2)", 5, True), ("DECIMAL(5,2)", "5x", False),
        ("DECIMAL(5,2)", None, False), ("REAL", b"5", False), ("BOOLEAN", 1, True), ("BOOLEAN", 2, False),
        ("BOOLEAN", None, False), ("BOOLEAN", "true", False), ("BOOLEAN", b"1", False),
        ("VARCHAR(3)", "abc", True), ("VARCHAR(3)", "abcd", False),
        ("VARCHAR(3)", None, False),
        ("VARCHAR(3)", "äöü", True),
    ],
)  # fmt: skip
def test_a_number_or_a_text_of_the_declared_kind(declared: str, value: Value, seen: bool) -> None:
    connection = sqlite3.connect(":memory:")
    connection.execute(f"CREATE TABLE t (id INTEGER PRIMARY KEY, d {declared})")
    connection.execute("INSERT INTO t VALUES (2, ?)", (value,))
    table = read_schema(connection).known_table("t")
    column = table.column("d")
    assert column and holds(connection, usual(table, column)) is seen
