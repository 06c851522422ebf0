"""Rows that stand in for missing parents: made so that SQLite finds no orphan any more, and nothing else changes."""

from __future__ import annotations

import contextlib
import sqlite3
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import Ran, build, contents, run_script, sqlfix

from sqlfix.model.schema import Column
from sqlfix.plan.new_keys import from_template, listed_values, plain_values
from sqlfix.schema.catalogue import read_schema
from tests.laws.test_properties import SLOW

KEYS = {
    "integer": ("k INTEGER PRIMARY KEY{}", False, True),
    "counted": ("k INTEGER PRIMARY KEY AUTOINCREMENT{}", False, False),
    "text": ("k TEXT PRIMARY KEY{}", True, True),
    "without case": ("k VARCHAR(12) COLLATE NOCASE PRIMARY KEY{}", True, True),
    "untyped": ("k UNIQUE{}", False, False),
    "beside an id": ("id INTEGER PRIMARY KEY, k NUMERIC NOT NULL UNIQUE{}", False, False),
    "of two": ("k, j INT{}, PRIMARY KEY (k, j)", True, False),
}
"""The declaration of the parent's key, whether it can be WITHOUT ROWID, and whether it can be STRICT."""
COLUMNS = (
    "name TEXT NOT NULL", "code VARCHAR(3) NOT NULL UNIQUE", "mail TEXT COLLATE NOCASE NOT NULL UNIQUE",
    "n INT NOT NULL CHECK (n > 0)", "n INT NOT NULL UNIQUE", "kind NOT NULL CHECK (kind IN ('a''b', -1))",
    "day DATETIME NOT NULL", "b BLOB NOT NULL", "d NOT NULL DEFAULT (1 + 1)", "o VARCHAR(5) UNIQUE DEFAULT 'x'",
    "flag BOOLEAN NOT NULL CHECK (flag IS 1)", "g AS (k || 'x')", "q INT NOT NULL REFERENCES q",
    "q INT NOT NULL UNIQUE REFERENCES q", "q INT REFERENCES q", "q NOT NULL DEFAULT 1 REFERENCES q",
    "up NOT NULL REFERENCES p (k)", "shape POINT NOT NULL", "x REAL NOT NULL CHECK (typeof(x) = 'real')",
    "t NOT NULL CHECK (length(t) = 40)", "a NOT NULL, z NOT NULL CHECK (a < z)",
    "js JSON NOT NULL CHECK (json_valid(js))",
)  # fmt: skip
VALUES = (
    1,
    2,
    3,
    7,
    8,
    2**60,
    "7",
    "07",
    " 7",
    "Ann",
    "ann",
    "ann ",
    "bob",
    7.0,
    2.5,
    b"ann",
    "a\x00b",
    "é'\n",
    "x" * 9,
)


@st.composite
def databases(draw: st.DrawFn) -> tuple[str, list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    """A script that makes the tables, the keys of parents, and those of children."""
    name = draw(st.sampled_from(sorted(KEYS)))
    declared, without, strict = KEYS[name]
    more = draw(st.lists(st.sampled_from(COLUMNS), max_size=3, unique_by=lambda column: column.split()[0]))
    suffix = " WITHOUT ROWID" if without and draw(st.booleans()) else ""
    two = name == "of two"
    if two:
        more = [column for column in more if not column.startswith("up")]
    if strict and not more and draw(st.booleans()):
        declared, suffix = declared.replace("VARCHAR(12)", "TEXT"), f"{suffix}{',' if suffix else ''} STRICT"
    columns, _, rest = declared.partition(", PRIMARY")
    body = ", ".join([columns.format(""), *more, *([f"PRIMARY{rest}"] if two else [])])
    key = "k, j" if two else "k"
    of_child = draw(st.sampled_from(["", "INT", "TEXT", "REAL"]))
    script = (
        f"CREATE TABLE q (id INTEGER PRIMARY KEY, name TEXT NOT NULL); INSERT INTO q VALUES (1, 'one');"
        f"CREATE TABLE p ({body}){suffix};"
        f"CREATE TABLE c (id INTEGER PRIMARY KEY, k {of_child}{', j' if two else ''},"
        f" FOREIGN KEY ({key}) REFERENCES p ({key}));"
        "CREATE TABLE e (id INTEGER PRIMARY KEY, q REFERENCES q); INSERT INTO e VALUES (1, 2), (2, 1);"
    )
    width = 2 if two else 1
    keys = st.tuples(*[st.sampled_from(VALUES)] * width)
    return script, [], draw(st.lists(keys, min_size=1, max_size=6))


def made(path: Path, script: str, children: list[tuple[Any, ...]]) -> Path:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.executescript(script)
        for key in children:
            columns = ", ".join(("k", "j")[: len(key)])
            connection.execute(f"INSERT INTO c ({columns}) VALUES ({', '.join('?' * len(key))})", key)
        connection.commit()
    return path


def faults(path: Path, table: str = "c") -> int:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        return len(connection.execute(f"PRAGMA foreign_key_check({table})").fetchall())


@settings(parent=SLOW, max_examples=settings.default.max_examples // 5)  # each repairs a file and undoes it
@given(made_of=databases(), how=st.sampled_from(["stand-in", "stand-in:one"]))
def test_after_it_no_row_misses_its_parent_or_nothing_was_done(made_of: Any, how: str) -> None:
    script, _, children = made_of
    with tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as folder:
        path = made(Path(folder) / "x.db", script, children)
        before = contents(path)
        place = "c.k" if "j INT" not in script else "c.k,j"
        chosen = ["--set", f"{place}={how}", "--select", "c", "--no-backup"]
        ran = sqlfix("repair", path, *chosen, "--yes", "--format", "json")
        after = contents(path)
        if ran.code == 2:
            assert after == before
            return
        assert ran.code in (0, 1), ran.err
        unfit = sum(left["count"] for left in ran.json["left"])
        assert faults(path) == unfit, ran.out
        assert faults(path, "p") == 0
        assert faults(path, "e") == 1  # an orphan of another relationship gets no parent by it
        if how == "stand-in":
            assert after["c"] == before["c"]
        for table in ("p", "q", "e"):
            assert set(before[table]) <= set(after[table])
        assert sqlfix("repair", path, *chosen, "--yes", "--format", "json").json["fixes"] == []
        scripted = made(Path(folder) / "y.db", script, children)
        text = sqlfix("export-sql", scripted, *chosen[:-1]).out
        for _ in range(2):
            run_script(scripted, text)
            assert contents(scripted) == after
        if ran.json["fixes"]:
            assert sqlfix("undo", path, "--yes").code == 0
        assert contents(path) == before


def kept(path: Path, table: str = "p") -> list[tuple[Any, ...]]:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        return connection.execute(f"SELECT * FROM {table}").fetchall()


def test_the_first_rows_are_shown_with_all_their_values(tmp_path: Path) -> None:
    path = build(
        tmp_path / "x.db",
        "CREATE TABLE p (k INTEGER PRIMARY KEY, t TEXT NOT NULL UNIQUE, n TEXT NOT NULL,"
        " d NOT NULL DEFAULT CURRENT_DATE, z NOT NULL DEFAULT 7, up REFERENCES p);"
        "CREATE TABLE c (k TEXT NOT NULL REFERENCES p);"
        "INSERT INTO c VALUES (5), (6), (6);",
    )
    (fix,) = sqlfix("repair", path, "--on-orphan", "stand-in", "--dry-run", "--format", "json").json["fixes"]
    assert fix["examples"] == ["k=5, t='stand-in 5'", "k=6, t='stand-in 6'"]
    assert fix["in_each"] == "n='stand-in', z=7, d=CURRENT_DATE"
    assert sqlfix("repair", path, "--on-orphan", "stand-in", "--yes").code == 0
    with contextlib.closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT k, t, n, z, up FROM p").fetchall()
    assert rows == [(n, f"stand-in {n}", "stand-in", 7, None) for n in (5, 6)]


def refused(folder: Path, columns: str, *options: str) -> Ran:
    path = build(
        folder / "x.db",
        f"CREATE TABLE p ({columns}); CREATE TABLE c (k NOT NULL REFERENCES p (k)); INSERT INTO c VALUES (5), (6);",
    )
    before = contents(path)
    ran = sqlfix("repair", path, "--set", "c.k=stand-in", "--yes", *options)
    assert contents(path) == before
    return ran


@pytest.mark.parametrize(
    ("columns", "names"),
    [
        ("k INTEGER PRIMARY KEY, place POINT NOT NULL", "p.place"),
        ("k INTEGER PRIMARY KEY, a NOT NULL, b NOT NULL, CONSTRAINT ab CHECK (a <> b)", "p.a=VALUE; --stand-in p.b"),
        ("k INTEGER PRIMARY KEY, t TEXT NOT NULL CHECK (t LIKE '%@%')", "p.t"),
        ("k INTEGER PRIMARY KEY, t DATE NOT NULL UNIQUE", "p.t"),
    ],
)
def test_what_cannot_be_made_is_refused_with_the_columns_to_give(tmp_path: Path, columns: str, names: str) -> None:
    ran = refused(tmp_path, columns)
    assert ran.code == 2
    assert f"hint: give a value: --stand-in {names}=VALUE" in ran.err


@pytest.mark.parametrize(
    ("columns", "given", "names"),
    [
        ("k INTEGER PRIMARY KEY, t TEXT NOT NULL UNIQUE", ["p.t=x"], "another value: --stand-in p.t"),
        ("k INTEGER PRIMARY KEY, a NOT NULL, b NOT NULL, CHECK (a <> b)", ["p.a=stand-in"], "a value: --stand-in p.b"),
        (
            "k INTEGER PRIMARY KEY, a NOT NULL, b NOT NULL, CHECK (a <> b)",
            ["p.a=0", "P.B=0"],
            "another value: --stand-in p.a=VALUE; --stand-in p.b",
        ),
    ],
)
def test_what_was_given_is_not_asked_for_as_if_it_were_not(
    tmp_path: Path, columns: str, given: list[str], names: str
) -> None:
    ran = refused(tmp_path, columns, *(word for text in given for word in ("--stand-in", text)))
    assert ran.code == 2
    assert f"hint: give {names}=VALUE" in ran.err


@pytest.mark.parametrize(
    ("columns", "option", "says"),
    [
        ("k INTEGER PRIMARY KEY, t", "p.u=1", "there is no such column"),
        ("k INTEGER PRIMARY KEY, t", "p.k=1", "p.k is the key"),
        ("k INTEGER PRIMARY KEY CHECK (k < 6)", "p.k=1", "p.k is the key"),
        ("k INTEGER PRIMARY KEY, t AS (k)", "p.t=1", "t is computed from other columns"),
        ("k INTEGER PRIMARY KEY, up REFERENCES p (k)", "p.up=7", "p.up=7 has no parent in p"),
        ("k INTEGER PRIMARY KEY, t", "p.t=\udcff", "that is not valid text"),
        ("k INTEGER PRIMARY KEY, t UNIQUE", "p.t=7", "UNIQUE constraint failed: p.t"),
    ],
)
def test_a_value_that_cannot_be_written_is_refused(tmp_path: Path, columns: str, option: str, says: str) -> None:
    ran = refused(tmp_path, columns, "--stand-in", option)
    assert ran.code == 2
    assert says in ran.err


@pytest.mark.parametrize(
    ("key", "says"), [("NULL", "NULL is no key"), ("1", "choose update:1"), ("x", "datatype mismatch")]
)
def test_the_key_of_one_row_for_all_is_one_that_no_row_has(tmp_path: Path, key: str, says: str) -> None:
    path = build(
        tmp_path / "x.db",
        "CREATE TABLE p (k INTEGER PRIMARY KEY); INSERT INTO p VALUES (1);"
        "CREATE TABLE c (k REFERENCES p); INSERT INTO c VALUES (5), (6), (6);",
    )
    ran = sqlfix("repair", path, "--set", "c.k=stand-in:one", "--stand-in", f"p.k={key}", "--yes")
    assert (ran.code, says in ran.err, kept(path)) == (2, True, [(1,)])
    assert sqlfix("repair", path, "--set", "c.k=stand-in:one", "--stand-in", "p.k=-9", "--yes").code == 0
    assert (kept(path), kept(path, "c")) == ([(-9,), (1,)], [(-9,), (-9,), (-9,)])


def test_a_check_of_the_key_refuses_the_rows(tmp_path: Path) -> None:
    ran = refused(tmp_path, "k INTEGER PRIMARY KEY CHECK (k < 6)")
    assert ran.code == 2
    assert "CHECK constraint failed: k < 6" in ran.err
    assert "--set c.k=keep" in ran.err


def test_values_are_only_given_to_rows_that_are_made(tmp_path: Path) -> None:
    path = build(tmp_path / "x.db", "CREATE TABLE p (k INTEGER PRIMARY KEY, t); CREATE TABLE c (k REFERENCES p);")
    ran = sqlfix("repair", path, "--stand-in", "p.t=1", "--yes")
    assert ran.code == 2
    assert "--stand-in has no effect without" in ran.err


@pytest.mark.parametrize("option", ["--on-orphan=stand-in", "--set=c.k=stand-in", "--set=c.k=stand-in:one"])
def test_a_key_that_a_parent_has_in_another_spelling_gets_no_stand_in(tmp_path: Path, option: str) -> None:
    path = build(
        tmp_path / "x.db",
        "CREATE TABLE p (k TEXT PRIMARY KEY); CREATE TABLE c (id INTEGER PRIMARY KEY, k REFERENCES p);"
        "INSERT INTO p VALUES ('ab'), ('AB'), ('cd'); INSERT INTO c (k) VALUES ('aB'), ('Cd'), ('ef'), ('');",
    )
    assert sqlfix("repair", path, option, "--yes").code == 1
    made = {"--on-orphan=stand-in": ["ef"], "--set=c.k=stand-in": ["", "ef"]}.get(option, ["stand-in"])
    assert sorted(k for (k,) in kept(path)) == sorted(["ab", "AB", "cd", *made])
    empty = {"--on-orphan=stand-in": None, "--set=c.k=stand-in": ""}.get(option, "stand-in")
    assert kept(path, "c") == [(1, "aB"), (2, "cd"), (3, made[-1]), (4, empty)]


@pytest.mark.parametrize(
    ("type_", "like", "value"),
    [
        ("VARCHAR(4)", None, "'stan'"),
        ("DATE", None, "'1970-01-01'"),
        ("DATETIME", None, "'1970-01-01 00:00:00'"),
        ("DATETIME", "2024-02-03T04:05:06.789+02:00", "'1970-01-01T00:00:00.000+00:00'"),
        ("TIMESTAMP", 1714000000, "0"),
        ("DATETIME", 2460000.5, "2440587.5"),
        ("BLOB", None, "x''"),
        ("", None, "'stand-in'"),
        ("POINT", None, None),
    ],
)
def test_values_by_the_declared_type(type_: str, like: Any, value: str | None) -> None:
    values = plain_values(Column("x", type_, True, None, 0), like=like)
    assert (values[0] if values else None) == value


def test_values_that_a_check_lists(tmp_path: Path) -> None:
    path = build(
        tmp_path / "x.db",
        """CREATE TABLE t (a CHECK (a IN ('x''y', -1, NULL, "z", 1.5, x'00', lower('q'), (2))), b CHECK (b IN ()),
        CHECK (a IS NULL OR "B" IN (+7, 8)));""",
    )
    with contextlib.closing(sqlite3.connect(path)) as connection:
        (table,) = read_schema(connection).tables
    assert listed_values(table, "a") == ("'x''y'", "-1", "'z'", "1.5", "x'00'")
    assert listed_values(table, "b") == ("+7", "8")


def test_a_template_is_text_with_the_key_in_it() -> None:
    assert from_template("a'{key}-{x}{key}", ["k.k0"]) == "'a''' || k.k0 || '-{x}' || k.k0"


def test_stand_ins_whose_keys_differ_in_their_spelling_are_in_no_relinks_way(tmp_path: Path) -> None:
    path = build(
        tmp_path / "x.db",
        "CREATE TABLE p (name TEXT PRIMARY KEY); CREATE TABLE c (id INTEGER PRIMARY KEY, p TEXT REFERENCES p);"
        "INSERT INTO p VALUES ('Ann'); INSERT INTO c (p) VALUES ('ann'), ('X'), ('x'), ('Y'), ('y');",
    )
    ran = sqlfix("repair", path, "--on-orphan", "stand-in", "--yes", "--format", "json")
    assert [(fix["name"], fix["rows"]) for fix in ran.json["fixes"]] == [("relink", 1), ("stand-in", 4)]
    assert (ran.code, ran.json["left"]) == (0, [])
