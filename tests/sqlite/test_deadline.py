"""Schemas beyond SQLite's limits: 500 terms of a compound, expressions 1,000 deep, rings and chains of many tables."""

from __future__ import annotations

import contextlib
import sqlite3
import sys
import time
from collections.abc import Callable
from itertools import product
from pathlib import Path

import pytest
from support import build, contents, sqlfix

from sqlfix.plan import simulation as simulate
from sqlfix.sql.literals import any_of, compound


def ring(tables: int) -> str:
    """Each table refers to the next one, the last to the first; row 3 of the first has no parent."""
    return "".join(
        f"CREATE TABLE t{n} (id INTEGER PRIMARY KEY, u INTEGER NOT NULL REFERENCES t{(n + 1) % tables}"
        f" ON DELETE CASCADE); INSERT INTO t{n} VALUES (1, 1), (2, 2), (3, {3 if n else 99});\n"
        for n in range(tables)
    )


def chain(tables: int) -> str:
    """Each table refers to the one before it."""
    made = ["CREATE TABLE t0 (id INTEGER PRIMARY KEY); INSERT INTO t0 VALUES (1), (2);\n"]
    made += [
        f"CREATE TABLE t{n} (id INTEGER PRIMARY KEY REFERENCES t{n - 1} ON DELETE CASCADE);"
        f" INSERT INTO t{n} VALUES (1), (2);\n"
        for n in range(1, tables)
    ]
    return "".join(made)


@pytest.mark.parametrize("operator", ["UNION ALL", "UNION"])
def test_a_compound_of_any_number_of_terms_is_one_that_sqlite_takes(operator: str) -> None:
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("CREATE TABLE t AS SELECT 1 AS a")
        query = compound((f"SELECT {number % 700} FROM t" for number in range(1400)), operator)
        rows = connection.execute(f"SELECT count(*) FROM ({query})").fetchone()[0]
    assert rows == (1400 if operator == "UNION ALL" else 700)


def test_any_number_of_conditions_is_an_expression_that_sqlite_takes() -> None:
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        assert connection.execute(f"SELECT {any_of(['0'] * 3000)}, {any_of(['0'] * 3000 + ['1'])}").fetchone() == (0, 1)


def test_why_of_a_table_with_600_references_to_it(tmp_path: Path) -> None:
    keys = ", ".join(f"k{n} INTEGER REFERENCES p" for n in range(600))
    sql = f"CREATE TABLE p (id INTEGER PRIMARY KEY); INSERT INTO p VALUES (1), (2), (3);\nCREATE TABLE c ({keys});\n"
    path = build(tmp_path / "x.db", sql + f"INSERT INTO c VALUES ({', '.join(str(n % 2 + 1) for n in range(600))})")
    ran = sqlfix("why", "--format", "json", path, "p")
    assert (ran.code, ran.json["rows"], ran.json["kept"], len(ran.json["groups"])) == (1, 3, 2, 600)


def test_the_rows_beneath_an_orphan_are_the_same_whether_they_are_written_down_or_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = []
    for most in (0, 100):
        monkeypatch.setattr(simulate, "MOST_ANEW", most)
        path = build(tmp_path / f"{most}.db", ring(7))
        script = sqlfix("export-sql", path)
        assert script.code == 0, script.err
        with contextlib.closing(sqlite3.connect(path)) as copy, contextlib.closing(sqlite3.connect(":memory:")) as run:
            copy.backup(run)
            run.executescript(script.out)
            by_script = [run.execute(f"SELECT id FROM t{n}").fetchall() for n in range(7)]
        before = contents(path)
        ran = sqlfix("repair", "--yes", path)
        assert ran.code == 0, ran.err
        with contextlib.closing(sqlite3.connect(path)) as repaired:
            assert [repaired.execute(f"SELECT id FROM t{n}").fetchall() for n in range(7)] == by_script
        assert sqlfix("scan", path).code == 0
        found.append(contents(path))
        assert sqlfix("undo", path, "--yes").code == 0
        assert contents(path) == before
        assert "sqlfix_beneath" in script.out or most
    assert found[0] == found[1]


def test_a_row_above_a_long_chain_has_a_script_that_deletes_it(tmp_path: Path) -> None:
    path = build(tmp_path / "x.db", chain(120))
    script = sqlfix("why", "--sql", path, "t0", "1")
    assert script.code == 0, script.err
    assert max(map(len, script.out.splitlines())) < 60_000
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.executescript(script.out)
        assert [connection.execute(f"SELECT id FROM t{n}").fetchall() for n in (0, 60, 119)] == [[(2,)]] * 3


@pytest.mark.parametrize("declared", ["", "BLOB"])
def test_a_parent_key_without_a_type_is_looked_up_and_not_read_through(tmp_path: Path, declared: str) -> None:
    path = build(
        tmp_path / "x.db",
        f"CREATE TABLE p (k {declared} PRIMARY KEY); CREATE TABLE c (id INTEGER PRIMARY KEY, x TEXT REFERENCES p (k));"
        "WITH RECURSIVE i(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM i WHERE n < 8000) INSERT INTO p SELECT n FROM i;"
        "INSERT INTO c SELECT k, k FROM p;",
    )
    begun = time.monotonic()
    ran = sqlfix("scan", path)  # with all keys held against all parents it takes 15 s
    assert (ran.code, time.monotonic() - begun < 6) == (1, True), ran.err
    assert "8,000 orphans" in ran.out + ran.err


def from_one_table(number: int) -> str:
    """A table with so many references to another one, and an orphan in each."""
    keys = ", ".join(f"k{n} INTEGER REFERENCES p" for n in range(number))
    rows = ", ".join(f"({', '.join([str(key)] * number)})" for key in (1, 1, 99))
    return f"CREATE TABLE p (id INTEGER PRIMARY KEY); INSERT INTO p VALUES (1), (2); CREATE TABLE c ({keys});" + (
        f"INSERT INTO c VALUES {rows};"
    )


def from_many_tables(number: int) -> str:
    """So many tables that refer to another one, and an orphan in each; no text of them is known from another file."""
    names = [f"c{number}_{n}" for n in range(number)]
    made = (
        f"CREATE TABLE {c} (k INTEGER REFERENCES p ON DELETE CASCADE); INSERT INTO {c} VALUES (1), (99);" for c in names
    )
    return "CREATE TABLE p (id INTEGER PRIMARY KEY); INSERT INTO p VALUES (1), (2);" + "".join(made)


def to_missing_tables(number: int) -> str:
    """So many tables, each of which refers to another one that is not there."""
    return "".join(
        f"CREATE TABLE c{n} (k INTEGER REFERENCES gone{n}); INSERT INTO c{n} VALUES (1);" for n in range(number)
    )


def without_a_key(number: int) -> str:
    """So many tables that refer to a column which is not unique, and as many that migrations may have left."""
    return "".join(
        f"CREATE TABLE p{n} (k); CREATE TABLE p{n}_old (x); CREATE TABLE c{n} (k REFERENCES p{n} (k));"
        for n in range(number)
    )


def calls(path: Path, command: list[str]) -> int:
    """How many functions of Python a command calls."""
    made = 0

    def count(frame: object, event: str, argument: object) -> None:
        nonlocal made
        made += event == "call"

    sys.setprofile(count)
    try:
        ran = sqlfix(command[0], path, *command[1:])
    finally:
        sys.setprofile(None)
    assert ran.code in (0, 1), ran.err
    return made


@pytest.mark.parametrize(
    ("shape", "command"),
    [
        *product([from_one_table, from_many_tables], (["repair", "--dry-run"], ["why", "p"], ["why", "p", "1"])),
        *product([to_missing_tables, without_a_key], (["scan"],)),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else value.__name__,
)
def test_what_is_done_grows_with_the_relationships_and_not_with_their_square(
    tmp_path: Path, shape: Callable[[int], str], command: list[str]
) -> None:
    paths = [build(tmp_path / f"{number}.db", f"BEGIN; {shape(number)} COMMIT;") for number in (2, 20, 40, 80)]
    _, few, more, most = (calls(path, command) for path in paths)  # the first run loads modules
    assert most - more < 2.4 * (more - few)  # with the square of them it is up to 4
