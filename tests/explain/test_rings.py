"""A DELETE whose cascade goes in a ring, or through a table that refers to itself: SQLite itself is the judge."""

from __future__ import annotations

import contextlib
import random
import sqlite3
from pathlib import Path

import pytest
from support import build, sqlfix

from sqlfix.explain.errors.deletes import FREE
from tests.explain.test_causes import as_text, explain, keys, told

FOLDERS = """
CREATE TABLE folder(id INTEGER PRIMARY KEY, up REFERENCES folder ON DELETE CASCADE);
CREATE TABLE doc(id INTEGER PRIMARY KEY, folder_id REFERENCES folder{});
INSERT INTO folder VALUES (1, NULL), (2, 1), (3, 2), (4, 3), (5, NULL), (6, 5);
INSERT INTO doc VALUES (10, 4), (11, 4), (12, 6);
"""
RING = """
CREATE TABLE a(id INTEGER PRIMARY KEY, c REFERENCES c ON DELETE CASCADE);
CREATE TABLE b(id INTEGER PRIMARY KEY, a REFERENCES a ON DELETE CASCADE);
CREATE TABLE c(id INTEGER PRIMARY KEY, b REFERENCES b ON DELETE CASCADE);
CREATE TABLE held(id INTEGER PRIMARY KEY, b REFERENCES b);
INSERT INTO a VALUES (1, 1), (2, NULL); INSERT INTO b VALUES (1, 1), (2, 2); INSERT INTO c VALUES (1, 1), (2, 2);
INSERT INTO held VALUES (7, 1), (8, 2);
"""
FAILED = "FOREIGN KEY constraint failed [SQL: {}]"


def test_what_goes_along_in_a_tree_is_followed_row_by_row(tmp_path: Path) -> None:
    path = build(tmp_path / "x.db", FOLDERS.format(""))
    (culprit,) = explain(path, FAILED.format("DELETE FROM folder WHERE id = 1")).causes
    assert (keys(culprit), culprit.command) == ([10, 11], ("why", "folder", "1"))
    assert "also deletes other rows of folder" in culprit.message
    assert culprit.message.endswith("reference folder id=4 through folder_id (NO ACTION)")
    said = " ".join(sqlfix("why", path, "folder", "1").out.split())
    assert "2 rows reference folder id=4, which would be deleted with folder id=1, ON DELETE NO ACTION" in said
    said = " ".join(sqlfix("why", path, "folder", "4").out.split())
    assert "2 rows reference it, ON DELETE NO ACTION" in said
    build(path, "INSERT INTO doc VALUES (13, 1), (14, 2)")
    said = " ".join(sqlfix("why", path, "folder", "1").out.split())
    assert "4 rows reference it, or rows of folder that would be deleted with it (id=2; id=4)" in said


def test_what_goes_along_in_a_ring_of_tables(tmp_path: Path) -> None:
    path = build(tmp_path / "x.db", RING)
    for row in (1, 2):
        assert told(explain(path, FAILED.format(f"DELETE FROM a WHERE id = {row}"))) == [
            ("references", "held", ("b",), [6 + row])
        ]


def test_a_delete_that_nothing_holds_any_longer_is_said_to_be_free(tmp_path: Path) -> None:
    path = build(tmp_path / "x.db", FOLDERS.format("") + "DELETE FROM doc WHERE folder_id = 4")
    ran = sqlfix("why", path, "--error", FAILED.format("DELETE FROM folder WHERE id = 1"))
    assert (ran.code, "Nothing stored in" in ran.out) == (0, True)
    gone = sqlfix("why", path, "--error", FAILED.format("DELETE FROM folder WHERE id = 99"))
    assert (gone.code, "the rows have changed since" in gone.out) == (0, True)


def test_what_was_not_shown_to_be_free_is_not_said_to_be(tmp_path: Path) -> None:
    path = build(tmp_path / "x.db", FOLDERS.format("") + "DELETE FROM doc WHERE folder_id = 4")
    explanation = explain(path, FAILED.format("DELETE FROM folder WHERE id = 1 AND lower(up) = 'x'"))
    assert explanation.closing != FREE
    assert explanation.exit_code > 0


@pytest.mark.parametrize(("raises", "code"), [("SELECT 1", 0), ("SELECT RAISE(ABORT, 'no')", 2)])
def test_what_a_trigger_does_is_tried(tmp_path: Path, raises: str, code: int) -> None:
    trigger = f"CREATE TRIGGER tr AFTER DELETE ON folder BEGIN {raises}; END;"
    path = build(tmp_path / "x.db", FOLDERS.format("") + "DELETE FROM doc WHERE folder_id = 4;" + trigger)
    explanation = explain(path, FAILED.format("DELETE FROM folder WHERE id = 1"))
    assert (explanation.exit_code, explanation.causes) == (code, ())
    assert [entry.reason for entry in explanation.not_checked] == [f"{ANOTHER}: no"] * (code == 2)


ANOTHER = "tried on a copy, SQLite gives another message"


@pytest.mark.parametrize("rows", [1000, 1001])
def test_a_chain_that_is_too_deep_for_sqlite_is_said_to_be(tmp_path: Path, rows: int) -> None:
    path = build(
        tmp_path / "x.db",
        "CREATE TABLE t(id INTEGER PRIMARY KEY, up REFERENCES t ON DELETE CASCADE);"
        f"WITH n(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM n WHERE n < {rows})"
        " INSERT INTO t SELECT n, nullif(n - 1, 0) FROM n",
    )
    explanation = explain(path, FAILED.format("DELETE FROM t WHERE id = 1"))
    if rows == 1000:
        assert (explanation.exit_code, explanation.closing) == (0, FREE)
        return
    assert (explanation.causes, explanation.exit_code) == ((), 2)
    assert explanation.not_checked[0].reason == f"{ANOTHER}: too many levels of trigger recursion"


def test_a_row_that_may_stay_is_a_cause(tmp_path: Path) -> None:
    """Row 3 is among those that the statement may be for, and refers to one that may go."""
    path = build(
        tmp_path / "x.db",
        "CREATE TABLE t(id INTEGER PRIMARY KEY, up REFERENCES t); INSERT INTO t VALUES (1, NULL), (2, NULL), (3, 2);",
    )
    statement = FAILED.format("DELETE FROM t WHERE id IN (1, 2, 3) AND lower(id) < '3'")
    assert told(explain(path, statement)) == [("references", "t", ("up",), [3])]


# -- random rings -------------------------------------------------------------------------------------------------

ACTIONS = ("CASCADE", "CASCADE", "NO ACTION", "RESTRICT", "SET NULL", "SET DEFAULT")


def tangle(random: random.Random) -> str:
    """A few tables that refer to one another and to themselves, and rows of them."""
    tables, sql = "abcd"[: random.randint(1, 4)], []
    for table in tables:
        columns = [
            f"r{n} {random.choice(('', 'INTEGER', 'DEFAULT 2'))} REFERENCES {random.choice(tables)}"
            f" ON DELETE {random.choice(ACTIONS)}{random.choice(('', '', ' DEFERRABLE INITIALLY DEFERRED'))}"
            for n in range(random.randint(1, 2))
        ]
        sql.append(f"CREATE TABLE {table}(id INTEGER PRIMARY KEY, {', '.join(columns)});")
        for row in range(1, 5):
            refs = [random.choice(("NULL", "1", "2", "3", "4")) for _ in columns]
            sql.append(f"INSERT INTO {table} VALUES ({row}, {', '.join(refs)});")
    return "".join(sql)


def outcome(path: Path, statement: str) -> str:
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA foreign_keys = ON")
        try:
            connection.execute("BEGIN")
            connection.execute(statement)
            connection.execute("COMMIT")
        except sqlite3.IntegrityError as error:
            connection.execute("ROLLBACK")
            return str(error)
        return ""


@pytest.mark.oracle
@pytest.mark.parametrize("seed", range(25))
def test_what_is_said_of_a_ring_is_what_sqlite_does(tmp_path: Path, seed: int) -> None:
    chosen = random.Random(seed)
    schema, some = tangle(chosen), ", ".join(map(str, chosen.sample(range(1, 5), chosen.randint(1, 2))))
    statement = f"DELETE FROM a WHERE id IN ({some})"
    explanation = explain(build(tmp_path / "x.db", schema), FAILED.format(statement))
    failed = outcome(tmp_path / "x.db", statement)
    if failed:
        assert [c.kind for c in explanation.causes if c.count], "".join(as_text(explanation))
    else:
        assert not explanation.causes, "".join(as_text(explanation))
        assert explanation.closing == FREE
