"""What another type makes of stored values, measured against what SQLite stores of them."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from support import together

from sqlfix.sql.type_changes import changed, kept, loses, was_kept

VALUES = (
    *(None, 0, 1, 5, -3, 2**53, 2**53 + 1, 2**63 - 1, -(2**63), 0.0, 1.0, 1.5, -2.0, 1e15, 1e18, 9.2e18, 9.3e18, 1e300),
    *(
        float("inf"),
        1 / 3,
        0.1,
        "",
        "a",
        "12",
        "012",
        " 12",
        "12 ",
        "1.0",
        "1.5",
        "1e3",
        ".5",
        "5.",
        "-7",
        "+7",
        "0x10",
    ),
    *("9223372036854775807", "9223372036854775808", "123456789012345678901234567890", "0.10", "inf", "nan", "1e400"),
    *("12abc", "٣", "1_000", "-0", "-0.0", "1.0e0", "100000.0", "1e15", "1000000000000000.0", b"12", b"", b"\x00"),
)
TYPES = ("", "TEXT", "INTEGER", "REAL", "NUMERIC", "BLOB")


@together
@pytest.mark.parametrize("old", TYPES)
@pytest.mark.parametrize("new", TYPES[1:])
def test_which_values_change_and_which_of_these_lose_something(old: str, new: str) -> None:
    with closing(sqlite3.connect(":memory:")) as db:
        db.execute(f"CREATE TABLE o (id INTEGER PRIMARY KEY, x {old})")
        db.execute(f"CREATE TABLE n (id INTEGER PRIMARY KEY, x {new})")
        db.executemany("INSERT INTO o (x) VALUES (?)", [(value,) for value in VALUES])
        db.execute("INSERT INTO n SELECT id, c.x FROM o AS c")
        asked = f"SELECT o.x, typeof(o.x), n.x, typeof(n.x), {changed('o.x', new)}, {loses('o.x', new)}"
        for was, kind, now, other, told, lost in db.execute(f"{asked} FROM o JOIN n USING (id)").fetchall():
            assert bool(told) == (kind != other or was != now), was
            assert not lost or told, was
            if told and not lost:
                assert float(was) == float(now), was
                if kind == "text":  # SQLite itself writes the number like that
                    (written,) = db.execute("SELECT CAST(? AS TEXT)", (now,)).fetchone()
                    assert was in (written, written.removesuffix(".0")), was


@pytest.mark.parametrize("value, new", [("007", "INTEGER"), ("1e3", "INTEGER"), (2**53 + 1, "REAL")])
def test_a_value_that_loses_something_is_known(value: object, new: str) -> None:
    with closing(sqlite3.connect(":memory:")) as db:
        db.execute("CREATE TABLE o (x)")
        db.execute("INSERT INTO o VALUES (?)", (value,))
        assert db.execute(f"SELECT {loses('o.x', new)} FROM o").fetchone() == (1,)


@pytest.mark.parametrize("affinity", ["TEXT", "REAL", "INTEGER", "NUMERIC", "BLOB", ""])
@pytest.mark.parametrize(
    "x", ['c."a"', 'c."END ELSE x END"', 'c."CASE WHEN x THEN abs((x IS NULL) ELSE y END"', 'c."a\nb"']
)
def test_the_value_that_was_kept_is_the_value_itself(x: str, affinity: str) -> None:
    assert was_kept(kept(x, affinity)) in (x, kept(x, affinity))
    assert was_kept(kept('c."a"', affinity)) == 'c."a"'
    for other in (x, "CASE WHEN 1 THEN 2 ELSE 3 END", f"CASE WHEN 1 THEN abs(({x} IS NULL)) ELSE {x} END"):
        assert was_kept(other) == other
