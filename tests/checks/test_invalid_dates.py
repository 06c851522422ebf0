"""The check invalid-dates: which texts are dates, and in which columns they have to be."""

from __future__ import annotations

import contextlib
import math
import sqlite3
from pathlib import Path

import pytest
from support import OF_ROWS, Stored, build, check_finds, sqlfix, together
from texts_of_dates import DATES, NO_DATES, in_calendar

from sqlfix.sql.dates import no_date

CLEAN = {
    f"a column of type {of}": f"CREATE TABLE t (a {of}); INSERT INTO t VALUES ('soon')"
    for of in ("TIME", "TEXT", "DATE_TEXT", "UPDATED", "")
}
FOUND = {
    "tables that only look like those behind a virtual one, and no view": (
        "CREATE TABLE v_data (id INTEGER PRIMARY KEY, block DATE); CREATE VIRTUAL TABLE r USING rtree(id, a, b);"
        "INSERT INTO r VALUES (1, 2, 3); INSERT INTO v_data VALUES (1, 'soon'); CREATE VIEW w AS SELECT 'soon' AS d;",
        [("v_data.block", 1, "warning")],
    ),
    **{
        f"a column of type {of}": (f"CREATE TABLE t (a {of}); INSERT INTO t VALUES ('soon')", [("t.a", 1, "warning")])
        for of in ("DATE", "datetime", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE", "DATETIME(6)", "timestamptz")
    },
}

test_invalid_dates = check_finds("invalid-dates", CLEAN, FOUND, OF_ROWS)


@together
@pytest.mark.parametrize("text", DATES)
def test_a_text_that_is_a_date(text: str) -> None:
    assert not is_no_date(text)


@together
@pytest.mark.parametrize("text", [*NO_DATES, b"2024-01-31", b""], ids=repr)
def test_a_text_that_is_no_date(text: Stored) -> None:
    assert is_no_date(text)


@together
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


def test_dates_in_words(tmp_path: Path) -> None:
    path = build(
        tmp_path / "t.db",
        "CREATE TABLE t (a DATE, b DATE); INSERT INTO t VALUES ('', ''), ('0000-00-00', '2024-02-30')",
    )
    shown = " ".join(sqlfix("scan", path).out.split())
    assert "warning invalid-dates: 2 values of t.a, declared DATE, are not dates (2 empty or zero)" in shown
    assert "every reader understands NULL for that" in shown
    assert "2 values of t.b, declared DATE, are not dates (1 empty or zero)" in shown
