"""Whose ON CONFLICT decides: that of a table, of a trigger's statement, or of the repair's own UPDATE."""

from __future__ import annotations

import contextlib
import random
import sqlite3
from pathlib import Path

import pytest
from support import build, sqlfix

from sqlfix.schema.catalogue import read_schema
from sqlfix.sql.statements import can_be_overruled, update_of

pytestmark = pytest.mark.oracle

GAPS = (" ", "\n", "/* */", "-- x\n", "/* on conflict ignore */ ")
WORDS = ("REPLACE", "IGNORE", "ABORT", "FAIL", "ROLLBACK", "replace")
COLUMNS = ("a", "b", "c")


def clause(random: random.Random) -> str:
    if random.random() < 0.4:
        return ""
    return f" ON{random.choice(GAPS)}CONFLICT{random.choice(GAPS)}{random.choice(WORDS)}"


def declaration(random: random.Random) -> str:
    """A table with constraints that say what becomes of a collision, or do not."""
    parts = ["id INTEGER PRIMARY KEY"]
    for name in COLUMNS:
        constraints = [
            f"NOT NULL{clause(random)} DEFAULT 7" if random.random() < 0.3 else "DEFAULT 'on conflict replace'"
        ]
        if random.random() < 0.4:
            constraints.append(f"UNIQUE{clause(random)}")
        parts.append(f"{name} {' '.join(constraints)}")
    if random.random() < 0.4:
        parts.append(f"g AS (a + 1) UNIQUE{clause(random)}")
    if random.random() < 0.5:
        parts.append(f"UNIQUE ({random.choice('ab')}, c){clause(random)}")
    return f"CREATE TABLE t({', '.join(parts)})"


def outcome(sql: str, rows: list[tuple[object, ...]], statement: str) -> tuple[object, ...]:
    """The rows after a statement, and the error that it ended with."""
    with contextlib.closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.execute(sql)
        for row in rows:
            connection.execute("INSERT OR IGNORE INTO t(a, b, c) VALUES (?, ?, ?)", row)
        connection.execute("BEGIN")
        error = ""
        try:
            connection.execute(statement)
        except sqlite3.IntegrityError as failed:
            error = str(failed)
        after = connection.execute("SELECT * FROM t").fetchall() if not error else []
        return error, after


@pytest.mark.parametrize("seed", range(4))
def test_or_abort_is_left_out_only_where_it_changes_nothing(seed: int) -> None:
    """SQLite itself is asked, on random tables: with and without it, the UPDATE does the same."""
    random_ = random.Random(seed)
    without = needed = 0
    for _ in range(120):
        sql = declaration(random_)
        rows = [tuple(random_.choice((1, 2, 3, 4)) for _ in COLUMNS) for _ in range(5)]
        written = random_.sample((*COLUMNS, "id"), random_.choice((1, 1, 2)))
        to_null = random_.random() < 0.4
        value = "NULL" if to_null else str(random_.choice((1, 2, 8)))
        settings = ", ".join(f"{name} = {value}" for name in written)
        where = f"WHERE c.id IN ({random_.choice((1, 2))}, 3)"
        with contextlib.closing(sqlite3.connect(":memory:")) as connection:
            connection.execute(sql)
            table = read_schema(connection).table("t")
        assert table is not None
        strict = outcome(sql, rows, f"UPDATE OR ABORT t AS c SET {settings} {where}")
        # what is written never lets a collision be settled by the table's own clause
        assert outcome(sql, rows, f"{update_of(table, written, to_null)} SET {settings} {where}") == strict, sql
        plain = outcome(sql, rows, f"UPDATE t AS c SET {settings} {where}")
        overruled = can_be_overruled(table, written, to_null)
        assert overruled or plain == strict, sql
        without += not overruled
        needed += plain != strict
    assert without > 20
    assert needed > 5


def test_a_merge_deletes_no_row_by_the_conflict_clause_of_a_table_that_refers_to_it(tmp_path: Path) -> None:
    path = build(
        tmp_path / "x.db",
        "CREATE TABLE person(id INTEGER PRIMARY KEY, name TEXT);"
        "CREATE TABLE badge(id INTEGER PRIMARY KEY, person INT UNIQUE ON/**/CONFLICT REPLACE REFERENCES person, no);"
        "INSERT INTO person VALUES (1, 'ann'), (2, 'ann'); INSERT INTO badge VALUES (1, 1, 'x'), (2, 2, 'y');",
    )
    with contextlib.closing(sqlite3.connect(path)) as connection:
        before = connection.execute("SELECT * FROM badge").fetchall()
        ran = sqlfix("repair", path, "--yes", "--merge", "person.name")
        assert ran.code != 0
        assert "UNIQUE constraint failed: badge.person" in ran.out + ran.err
        assert connection.execute("SELECT * FROM badge").fetchall() == before


def test_why_a_repair_is_held_back_names_both_clauses(tmp_path: Path) -> None:
    path = build(
        tmp_path / "x.db",
        "CREATE TABLE p(id INTEGER PRIMARY KEY);"
        "CREATE TABLE c(id INTEGER PRIMARY KEY, p INT DEFAULT 1 REFERENCES p ON DELETE SET DEFAULT, n,"
        " UNIQUE (n, p) ON CONFLICT REPLACE);"
        "CREATE TABLE last(k PRIMARY KEY ON CONFLICT REPLACE, v);"  # here it is the table that says so
        "CREATE TRIGGER t AFTER UPDATE ON c BEGIN INSERT INTO last VALUES ('c', new.id); END;"
        "INSERT INTO p VALUES (1); INSERT INTO c VALUES (1, 9, 1), (2, 9, 2);",
    )
    (left,) = sqlfix("repair", path, "--dry-run", "--format", "json").json["left"]
    assert "UNIQUE constraint failed: last.k (an ON CONFLICT clause of c could delete or skip rows" in left["reason"]


def test_the_script_of_an_undo_deletes_no_row_by_the_conflict_clause_of_the_table(tmp_path: Path) -> None:
    path = build(
        tmp_path / "x.db",
        "CREATE TABLE p(id INTEGER PRIMARY KEY);"
        "CREATE TABLE c(id INTEGER PRIMARY KEY, p INT UNIQUE ON/**/CONFLICT REPLACE REFERENCES p);"
        "CREATE TABLE d(id INTEGER PRIMARY KEY, p INT REFERENCES p, n UNIQUE ON CONFLICT REPLACE);"
        "INSERT INTO p VALUES (1); INSERT INTO c VALUES (1, 8), (2, 9); INSERT INTO d VALUES (1, 8, 1), (2, 9, 2);",
    )
    assert sqlfix("repair", "--yes", path).code == 0
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("INSERT INTO c VALUES (3, 9)")  # the value of row 2 has come to stand in another row
        whole = sqlfix("undo", "--sql", path).out
        with pytest.raises(sqlite3.IntegrityError, match="not the rows that were planned: nothing was changed"):
            connection.executescript(whole)
        assert not connection.in_transaction
        assert connection.execute("SELECT * FROM c").fetchall() == [(1, None), (2, None), (3, 9)]
        assert connection.execute("SELECT * FROM d").fetchall() == [(1, None, 1), (2, None, 2)]
        script = sqlfix("undo", "--sql", "--skip-conflicts", path).out
        connection.executescript(script)
        assert connection.execute("SELECT * FROM c").fetchall() == [(1, 8), (2, None), (3, 9)]
        assert connection.execute("SELECT * FROM d").fetchall() == [(1, 8, 1), (2, 9, 2)]
    for text in (whole, script):
        assert 'UPDATE OR IGNORE "c"' in text
        assert 'UPDATE "d"' in text  # its triggers, if it had some, are not overruled


def test_what_a_hint_offers_deletes_no_row_either(tmp_path: Path) -> None:
    path = build(
        tmp_path / "x.db",
        "CREATE TABLE t(id INTEGER PRIMARY KEY, n BOOLEAN UNIQUE ON CONFLICT /* ! */ REPLACE, m BOOLEAN);"
        "INSERT INTO t VALUES (1, 1, 1), (2, 'true', 'true'), (3, 0, 0);",
    )
    findings = sqlfix("scan", path, "--format", "json").json["findings"]
    casts = {tuple(finding["columns"]): finding["facts"]["cast"] for finding in findings}
    assert casts["n",].startswith('UPDATE OR ABORT "t" SET "n"')
    assert casts["m",].startswith('UPDATE "t" SET "m"')
    with contextlib.closing(sqlite3.connect(path)) as connection, pytest.raises(sqlite3.IntegrityError):
        connection.execute(casts["n",])
