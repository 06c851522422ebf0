"""When orphans came about, and what speaks for a placeholder: facts of a finding, compared with the rows themselves."""

from __future__ import annotations

import random
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from support import build, contents, sqlfix

WHEN = {"dated_by", "first_day", "last_day", "newest_day", "keyed_by", "first_key", "last_key", "newest_key"}


def found(path: Path, check: str = "orphan-rows") -> dict[str, Any]:
    (facts,) = [f["facts"] for f in sqlfix("scan", "--format", "json", path).json["findings"] if f["check"] == check]
    return dict(facts)


def when(path: Path, check: str = "orphan-rows") -> dict[str, Any]:
    return {name: value for name, value in found(path, check).items() if name in WHEN}


def table(column: str, rows: str, key: str = "id INTEGER PRIMARY KEY", end: str = "") -> str:
    return (
        "CREATE TABLE p(id INTEGER PRIMARY KEY); INSERT INTO p VALUES (1);"
        f"CREATE TABLE c({key}, {column}, p INTEGER REFERENCES p){end}; INSERT INTO c VALUES {rows};"
    )


GROWS = "(1, '2024-01-01', 1), (2, '2024-05-14 10:00:00', 9), (3, '2024-05-15', 8), (4, '2024-11-02', 1)"
DAYS = {"dated_by": "at", "first_day": "2024-05-14", "last_day": "2024-05-15", "newest_day": "2024-11-02"}


@pytest.mark.parametrize(
    "script, expected",
    [
        pytest.param(table("at DATETIME", GROWS), DAYS, id="days as text"),
        pytest.param(table("at TIMESTAMP", GROWS, "id", ""), DAYS, id="a rowid that is no key"),
        pytest.param(
            table("at DATETIME", "(1, 1700000000, 1), (2, 1715680000, 9), (3, 1715770000, 9), (4, 1730550000, 1)"),
            DAYS,
            id="seconds since 1970",
        ),
        pytest.param(
            table("at DATE", "(1, '2024-05-14', 1), (2, '2024-05-15', 1), (3, '2024-11-02', 9)"),
            {"dated_by": "at", **dict.fromkeys(("first_day", "last_day", "newest_day"), "2024-11-02")},
            id="the newest row itself",
        ),
        pytest.param(table("at DATE", "(1, '2024-05-14', 9)"), {}, id="one row"),
        pytest.param(table("at TEXT", GROWS), {}, id="a column that is not declared to hold days"),
        pytest.param(table("at DATE", GROWS.replace("2024-11", "2023-11")), {}, id="days that do not grow"),
        pytest.param(table("at DATE", GROWS.replace("'2024-05-15'", "NULL")), {}, id="an orphan without a day"),
        pytest.param(table("at DATE", GROWS.replace("'2024-05-15'", "char(27) || '2024-05-15'")), {}, id="no day"),
        pytest.param(table("at DATE", GROWS, "id PRIMARY KEY", " WITHOUT ROWID"), {}, id="without rowid"),
        pytest.param(table("at DATE AS ('2024-01-01')", "(1, 9)"), {}, id="a computed day"),
    ],
)  # fmt: skip
def test_when(tmp_path: Path, script: str, expected: dict[str, Any]) -> None:
    assert when(build(tmp_path / "x.db", script)) == expected


def test_by_the_keys_of_a_table_that_is_not_tiny(tmp_path: Path) -> None:
    rows = ", ".join(f"({n}, 'x', {9 if n in (40, 70) else 0 if n > 90 else 1})" for n in range(1, 101))
    path = build(tmp_path / "x.db", table("note", rows))
    assert when(path) == {"keyed_by": "id", "first_key": 40, "last_key": 70, "newest_key": 100}
    assert when(path, "placeholder-values") == {"keyed_by": "id", "first_key": 91, "last_key": 100, "newest_key": 100}
    said = " ".join(sqlfix("scan", "-v", path).out.split())
    assert "through p; orphans: id 40 to 70, newest row 100" in said


@pytest.mark.parametrize("seed", range(6))
def test_the_days_are_those_of_the_rows(tmp_path: Path, seed: int) -> None:
    choose = random.Random(seed)
    day, rows = date(2020, 1, 1), []
    for number in range(1, choose.choice((5, 300, 3000))):
        day += timedelta(days=choose.choice((0, 0, 1)))
        rows.append((number, day.isoformat(), choose.choice((1, 1, 1, 0, 9 + number % 3))))
    rows += [(5000, day.isoformat(), 9), (5001, day.isoformat(), 0)]
    path = build(tmp_path / "x.db", table("at DATE", ", ".join(map(repr, rows))))
    before = contents(path)
    for check, keys in (("orphan-rows", (9, 10, 11)), ("placeholder-values", (0,))):
        days = [at for _, at, p in rows if p in keys]
        expected = {"first_day": min(days), "last_day": max(days), "newest_day": day.isoformat()}
        assert when(path, check) == {"dated_by": "at", **expected}
    assert contents(path) == before


def test_it_is_said(tmp_path: Path) -> None:
    said = " ".join(sqlfix("scan", build(tmp_path / "x.db", table("at DATE", GROWS))).out.split())
    assert "through p; orphans: at 2024-05-14 to 2024-05-15, newest row 2024-11-02" in said


@pytest.mark.parametrize(
    "column, values, facts",
    [
        ("k", "(1), (0), (0), (9)", {"of_orphans": 3}),
        ("k INTEGER DEFAULT 0", "(1), (0)", {"of_orphans": 1, "is_default": "0"}),
        ("k INTEGER DEFAULT (1 - 1)", "(1), (0)", {"of_orphans": 1}),
        ("k TEXT DEFAULT ''", "(1), ('')", {"of_orphans": 1, "is_default": "''"}),
    ],
)  # fmt: skip
def test_what_speaks_for_a_placeholder(tmp_path: Path, column: str, values: str, facts: dict[str, Any]) -> None:
    script = "CREATE TABLE p(id INTEGER PRIMARY KEY); INSERT INTO p VALUES (1), (7);"
    script += f"CREATE TABLE c({column} REFERENCES p); INSERT INTO c VALUES {values};"
    assert found(build(tmp_path / "x.db", script), "placeholder-values") == {**facts, "lowest_key": 1, "highest_key": 7}


def test_keys_that_are_gone_are_told_from_sqlite_sequence(tmp_path: Path) -> None:
    path = build(
        tmp_path / "x.db",
        "CREATE TABLE p(id INTEGER PRIMARY KEY AUTOINCREMENT); INSERT INTO p VALUES (1), (2), (40);"
        "DELETE FROM p WHERE id = 40; CREATE TABLE c(k DEFAULT -1 REFERENCES p); INSERT INTO c VALUES (1), (-1), (30);",
    )
    said = " ".join(sqlfix("scan", path).out.split())
    assert "they are 1 of 2 orphans; -1 is the column's DEFAULT; the keys of p are 1 to 2, and were up to 40" in said
