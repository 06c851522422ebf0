"""The check cycles: what walking comes back to, and where it finds nothing."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import build, check_finds, found, made

from sqlfix.checks import cycles

RING = "CREATE TABLE t (id INTEGER PRIMARY KEY, {} REFERENCES t); INSERT INTO t VALUES (1, 2), (2, 1), (3, NULL);"
NO_TREES = ("spouse_id", "next_id", "PartnerId", "prev", "related_item_id", "translationOf")
CLEAN = {f"no tree by its name: {column}": RING.format(column) for column in NO_TREES}
FOUND = {"two rows above one another": (RING.format("parent_id"), [("t.parent_id", 2)])}

test_cycles = check_finds("cycles", CLEAN, FOUND)


def on_cycles(above: dict[int, int | None]) -> set[int]:
    """The rows that come back to themselves, followed one by one."""
    back = set()
    for start in above:
        at: int | None = above[start]
        for _ in above:
            if at == start:
                back.add(start)
            at = above.get(at) if at is not None else None
    return back


KEYS = {
    "id INTEGER PRIMARY KEY, up INTEGER": str,
    "id INTEGER PRIMARY KEY, up TEXT": str,
    "id TEXT PRIMARY KEY, up TEXT": lambda number: f"'k{number * 7 % 10}'",
    "id TEXT COLLATE NOCASE UNIQUE, up BLOB": lambda number: f"'K{number * 3 % 10}'",
    "id REAL UNIQUE, up": str,
}


@pytest.mark.parametrize("columns", KEYS)
@settings(max_examples=60)
@given(st.lists(st.integers(0, 9) | st.none(), max_size=10))
def test_cycles_are_what_walking_comes_back_to(columns: str, ups: list[int | None]) -> None:
    above = dict(enumerate(ups))
    key = KEYS[columns]
    with contextlib.closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.execute(f"CREATE TABLE t ({columns} REFERENCES t(id))")
        for number, up in above.items():
            value = "NULL" if up is None else key(up).lower() if "NOCASE" in columns else key(up)
            connection.execute(f"INSERT INTO t VALUES ({key(number)}, {value})")
        findings = made(connection, "cycles")
        assert connection.execute("SELECT count(*) FROM sqlite_temp_master").fetchone() == (0,)
    expected = on_cycles(above)
    if None not in ups:  # then it is how a root is marked
        expected -= {number for number, up in above.items() if number == up}
    assert sum(finding.count for finding in findings) == len(expected)


@settings(max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 1), st.integers(0, 4) | st.none()), max_size=10))
def test_cycles_of_a_composite_key(ups: list[tuple[int, int | None]]) -> None:
    places = [(number // 5, number % 5) for number in range(len(ups))]
    above = {n: places.index(up) if up in places else None for n, up in enumerate(ups)}
    with contextlib.closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.execute(
            "CREATE TABLE t (a, b, up_a, up_b, PRIMARY KEY (a, b), FOREIGN KEY (up_a, up_b) REFERENCES t) WITHOUT ROWID"
        )
        connection.executemany(
            "INSERT INTO t VALUES (?, ?, ?, ?)", [(*p, *u) for p, u in zip(places, ups, strict=True)]
        )
        findings = made(connection, "cycles")
    expected = on_cycles(above)
    if all(up is not None for _, up in ups):
        expected -= {number for number, up in above.items() if number == up}
    assert sum(finding.count for finding in findings) == len(expected)


@settings(max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 1), st.integers(0, 4) | st.none()), max_size=10), st.permutations(range(10)))
def test_cycles_of_a_composite_key_whatever_stands_first(ups: list[tuple[int, int | None]], order: list[int]) -> None:
    places = [(number // 5, number % 5) for number in range(len(ups))]
    above = {n: places.index(up) if up in places else None for n, up in enumerate(ups)}
    with contextlib.closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.execute(
            "CREATE TABLE t (a, b, up_a, up_b, UNIQUE (b, a), FOREIGN KEY (up_a, up_b) REFERENCES t (a, b))"
        )
        rows = [(*p, *u) for p, u in zip(places, ups, strict=True)]
        connection.executemany("INSERT INTO t VALUES (?, ?, ?, ?)", [rows[n] for n in order if n < len(rows)])
        findings = made(connection, "cycles")
    expected = on_cycles(above)
    if all(up is not None for _, up in ups):
        expected -= {number for number, up in above.items() if number == up}
    assert sum(finding.count for finding in findings) == len(expected)


@pytest.mark.parametrize(("up", "followed"), [("i / 2", False), ("i + 1", True)])
def test_no_row_is_followed_where_all_stand_behind_what_is_above_them(up: str, followed: bool) -> None:
    key, numbers = "'k' || ({} * 7919 % 10007)", "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
    run: list[str] = []
    with contextlib.closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.execute("CREATE TABLE t (id TEXT PRIMARY KEY, up_id TEXT REFERENCES t)")
        connection.execute(f"INSERT INTO t VALUES ({key.format(0)}, NULL)")
        connection.execute(
            f"{numbers} WHERE i < 1000) INSERT INTO t SELECT {key.format('i')}, {key.format(f'({up})')} FROM n"
        )
        connection.set_trace_callback(run.append)
        assert made(connection, "cycles") == []
    assert any("CREATE TEMP TABLE sqlfix_nodes" in text for text in run) is followed


@given(st.lists(st.integers(0, 9) | st.none(), max_size=10), st.permutations(range(10)))
def test_cycles_are_sought_among_rows_that_have_others_below_them(ups: list[int | None], order: list[int]) -> None:
    run: list[str] = []
    with (
        contextlib.closing(sqlite3.connect(":memory:", isolation_level=None)) as connection,
        pytest.MonkeyPatch.context() as patch,
    ):
        for name, value in (("FEW_ROWS", 0), ("FEW_ABOVE", 1), ("TOO_MANY", 1000)):
            patch.setattr(cycles, name, value)
        connection.execute("CREATE TABLE t (id TEXT PRIMARY KEY, up TEXT REFERENCES t (id))")
        connection.execute("CREATE INDEX up ON t (up)")
        rows = [(f"k{number * 7 % 10}", None if up is None else f"k{up * 7 % 10}") for number, up in enumerate(ups)]
        connection.executemany("INSERT INTO t VALUES (?, ?)", [rows[place] for place in order if place < len(rows)])
        connection.set_trace_callback(run.append)
        findings = made(connection, "cycles")
    expected = on_cycles(dict(enumerate(ups)))
    if None not in ups:
        expected -= {number for number, up in enumerate(ups) if number == up}
    assert sum(finding.count for finding in findings) == len(expected)
    upwards = any(above is not None and key < above for key, above in rows)
    assert any(") AS d CROSS JOIN" in text for text in run) is upwards


def test_a_long_chain_beneath_a_ring(tmp_path: Path) -> None:
    path = build(
        tmp_path / "x.db",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, up INTEGER REFERENCES t);"
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 30000)"
        " INSERT INTO t SELECT i, i + 1 FROM n; INSERT INTO t VALUES (30001, 30002), (30002, 30003), (30003, 30001);",
    )
    (finding,) = found(path, "cycles")
    assert finding["count"] == 3
    assert [row["key"]["id"] for row in finding["sample"]] == [30001, 30002, 30003]
