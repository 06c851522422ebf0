"""That nothing in a file causes a message is said only where that was shown; and what compiles is called no cause."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from support import build, sqlfix, together

from tests.explain.test_causes import explain, told

SOUND = (
    "CREATE TABLE p(id INTEGER PRIMARY KEY, a UNIQUE, b NOT NULL, c CHECK (c > 0));"
    "CREATE TABLE c(id INTEGER PRIMARY KEY, p INTEGER REFERENCES p(id) ON DELETE CASCADE);"
)
FULL = SOUND + "INSERT INTO p VALUES (1, 'x', 1, 1); INSERT INTO c VALUES (1, 1);"
LONELY = SOUND + "INSERT INTO p VALUES (1, 'x', 1, 1);"

SHOWN = {
    "no parent is missing": (FULL, "FOREIGN KEY constraint failed", "Only the statement can tell what is left"),
    "nothing refers": (LONELY, "FOREIGN KEY constraint failed", "Only the statement can tell what is left"),
    "no two rows": (FULL, "UNIQUE constraint failed: p.a", "No two rows in"),
    "no NULL": (FULL, "NOT NULL constraint failed: p.b", "No row in"),
    "no NULL, whatever was written": (
        FULL,
        "NOT NULL constraint failed: p.b: INSERT INTO p (a, b) VALUES (?, ?)",
        "No row in",
    ),
    "no row breaks it": (FULL, "CHECK constraint failed: c > 0", "No row in"),
    "the table is there": (FULL, "no such table: main.p", "Nothing in"),
    "another lock": (FULL, "database is locked", "The message is not about"),
    "a row that is sound now": (
        FULL,
        "The row in table 'c' with primary key '1' has an invalid foreign key: c.p contains a value '1' that does not"
        " have a corresponding value in p.id.",
        "Nothing in",
    ),
}


@together
@pytest.mark.parametrize(("schema", "message", "said"), SHOWN.values(), ids=SHOWN)
def test_what_was_shown_is_said(tmp_path: Path, schema: str, message: str, said: str) -> None:
    ran = sqlfix("why", build(tmp_path / "x.db", schema), "--error", message)
    assert ran.code == 0
    assert said in " ".join(ran.out.split())


NOT_SHOWN = {
    "a table that is not there": "Foreign key violations found: gone",
    "a key of a table that is not there": (
        "The row in table 'gone' with primary key '1' has an invalid foreign key: gone.p contains a value '1' that does"
        " not have a corresponding value in p.id."
    ),
    "Room without its description": "Migration didn't properly handle: p(com.x.P).",
    "Room of another file": "Migration didn't properly handle: gone(com.x.Gone).",
    "values that are not printed": "UNIQUE constraint failed: p.a: INSERT INTO p (a) VALUES (?)",
    "a WHERE that is not understood": "FOREIGN KEY constraint failed: DELETE FROM c WHERE lower(p) = 'x'",
    "a key that is computed": "FOREIGN KEY constraint failed: INSERT INTO c (id, p) SELECT id, id + 1 FROM p",
    "a schema of nothing": "malformed database schema - near x",
    "a column of a STRICT table": "cannot store TEXT value in INTEGER column p.gone",
    "a type that is not known": "cannot store TEXT value in MONEY column p.a",
}


@together
@pytest.mark.parametrize("message", NOT_SHOWN.values(), ids=NOT_SHOWN)
def test_what_was_not_shown_is_not_said(tmp_path: Path, message: str) -> None:
    ran = sqlfix("why", build(tmp_path / "x.db", FULL), "--error", message)
    assert (ran.code, "Found nothing in" in ran.out) == (2, True)
    assert "Nothing in" not in ran.out.replace("Nothing in this file's schema", "")
    assert "Not checked:" in ran.out


def test_a_table_that_cannot_be_read_is_not_said_to_be_sound(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    connection = sqlite3.connect(path)
    connection.create_collation("OURS", lambda one, other: (one > other) - (one < other))
    connection.executescript(
        "CREATE TABLE p(id TEXT COLLATE OURS PRIMARY KEY); CREATE TABLE c(p TEXT REFERENCES p);"
        "INSERT INTO p VALUES ('x'); INSERT INTO c VALUES ('x');"
    )
    connection.close()
    for message in "FOREIGN KEY constraint failed", "database disk image is malformed":
        explanation = explain(path, message)
        assert explanation.causes == ()
        assert explanation.exit_code == 2


# -- what compiles is no cause ------------------------------------------------------------------------------------

SPEAKING = """
CREATE TABLE t(id INTEGER PRIMARY KEY, a); CREATE TABLE log(x);
CREATE VIEW fine AS WITH gone AS (SELECT 1 AS nick) SELECT gone.nick FROM gone;
CREATE VIEW broken AS SELECT * FROM gone;
CREATE TRIGGER tr_fine AFTER INSERT ON t BEGIN INSERT INTO log SELECT 1 AS gone; END;
CREATE TRIGGER tr_broken AFTER DELETE ON t BEGIN INSERT INTO gone VALUES (1); END;
CREATE TRIGGER tr_column AFTER UPDATE ON t BEGIN INSERT INTO log VALUES (NEW.nick); END;
"""


def test_only_what_does_not_compile_is_the_cause(tmp_path: Path) -> None:
    path = build(tmp_path / "x.db", SPEAKING)
    explanation = explain(path, "no such table: main.gone")
    assert [(c.kind, c.table) for c in explanation.causes] == [("trigger", "t"), ("view", "broken")]
    assert explanation.causes[0].message == "the trigger tr_broken on t needs the table gone, which does not exist"
    assert "DROP TRIGGER" in str(explanation.causes[0].hint)
    (column,) = explain(path, "no such column: NEW.nick").causes
    assert column.message == "the trigger tr_column on t needs the column NEW.nick, which does not exist"
    assert told(explain(path, "no such index: gone")) == []
    path = build(
        tmp_path / "y.db", "CREATE TABLE t(a); CREATE INDEX i ON t(a); CREATE VIEW v AS SELECT * FROM t INDEXED BY i;"
    )
    build(path, "DROP INDEX i")
    assert told(explain(path, "no such index: i")) == [("view", "v", (), [])]


def test_an_index_can_be_what_needs_a_function(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    connection = sqlite3.connect(path)
    connection.create_function("our_own", 1, str, deterministic=True)
    connection.executescript("CREATE TABLE t(a); CREATE INDEX i ON t(our_own(a));")
    connection.close()
    for message in "no such function: our_own", "unsafe use of our_own()":
        assert [c.message for c in explain(path, message).causes] == ["the index i on t needs our_own"]


# -- ON CONFLICT --------------------------------------------------------------------------------------------------

CONFLICT = "ON CONFLICT clause does not match any PRIMARY KEY or UNIQUE constraint"


def test_the_columns_of_an_on_conflict_are_named(tmp_path: Path) -> None:
    path = build(
        tmp_path / "x.db", "CREATE TABLE t(id INTEGER PRIMARY KEY, a, b, live); INSERT INTO t VALUES (1, 1, 1, 1)"
    )
    statement = 'INSERT INTO t (a, b) VALUES (?, ?) ON CONFLICT ("a", b) DO UPDATE SET b = 1'
    (culprit,) = explain(path, f"{CONFLICT}\n[SQL: {statement}]\n[parameters: (1, 2)]").causes
    assert culprit.columns == ("a", "b")
    assert culprit.command == ("scan", "--unique", "t.a,b")
    assert culprit.message.endswith("; the statement names (a, b)")
    assert sqlfix("scan", path, *culprit.command[1:]).code in (0, 1)
    (unknown,) = explain(path, f"{CONFLICT}: INSERT INTO t (a) VALUES (1)").causes
    assert unknown.command == ()
    build(path, "CREATE UNIQUE INDEX i ON t(b, a) WHERE live")
    (partial,) = explain(path, f"{CONFLICT}: {statement}").causes
    assert partial.command == ()
    assert partial.hint == "i covers these columns for some rows only: the statement must repeat its WHERE"


GROUPS = (
    "CREATE TABLE g (id TEXT PRIMARY KEY);"
    "CREATE TABLE m (member TEXT NOT NULL REFERENCES g (id) {}, c TEXT NOT NULL REFERENCES g (id) ON DELETE CASCADE,"
    " PRIMARY KEY (member, c));"
    "INSERT INTO g VALUES ('a'), ('b'), ('c'); INSERT INTO m VALUES ('a', 'b'), ('b', 'c'), ('c', 'a');"
)


@pytest.mark.parametrize("action", ["", "ON DELETE RESTRICT"])
def test_a_row_that_goes_along_by_another_of_its_keys_is_no_cause(tmp_path: Path, action: str) -> None:
    path = build(tmp_path / "x.db", GROUPS.format(action))
    explanation = explain(path, "FOREIGN KEY constraint failed [SQL: DELETE FROM g WHERE id IN ('a', 'b')]")
    assert [(culprit.count, culprit.sample[0].values) for culprit in explanation.causes] == [(1, (("member", "b"),))]


COMPUTED = {
    "over an expression": ("lower(a)", "INSERT INTO t (a) VALUES ('X')", [1]),
    "over an expression, and nothing is in the way": ("lower(a)", "INSERT INTO t (a) VALUES ('z')", []),
    "a row that stays itself": ("lower(a)", "UPDATE t SET a = 'X' WHERE id = 1", []),
    "over an expression, twice in the statement": ("lower(a)", "INSERT INTO t (a) VALUES ('z'), ('Z')", [None]),
    "over an expression of two columns": ("a || d", "UPDATE t SET d = 0 WHERE id = 3", [1]),
    "over some rows": ("a) WHERE (d = 0", "UPDATE t SET d = 0, a = 'x' WHERE id = 3", [1]),
    "a row that comes to be one of them": ("a) WHERE (d = 0", "UPDATE t SET d = 0 WHERE id = 2", [1]),
    "a row that is none of them": ("a) WHERE (d = 0", "INSERT INTO t (a, d) VALUES ('x', 5)", []),
    "by the type of the column": ("a) WHERE (d = 0", "INSERT INTO t (a, d) VALUES ('x', '0')", [1]),
    "by the collation of the index": ("a COLLATE NOCASE) WHERE (d = 0", "INSERT INTO t (a, d) VALUES ('X', 0)", [1]),
    "a value that SQLite gives": ("a) WHERE (id < 9", "INSERT INTO t (a) VALUES ('x')", None),
    "a default": ("a || e", "INSERT INTO t (a) VALUES ('x')", None),
    "a computed column": ("lower(g)", "INSERT INTO t (a) VALUES ('x')", None),
    "a value that is not printed": ("lower(a)", "INSERT INTO t (a) VALUES (?)", None),
}


@together
@pytest.mark.parametrize(("index", "statement", "rows"), COMPUTED.values(), ids=COMPUTED)
def test_what_an_index_over_expressions_or_some_rows_would_hold(
    tmp_path: Path, index: str, statement: str, rows: list[int | None] | None
) -> None:
    path = build(
        tmp_path / "x.db",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, d INT, e DEFAULT 1, g AS (a));"
        "INSERT INTO t (a, d) VALUES ('x', 0);"
        f"CREATE UNIQUE INDEX i ON t ({index});"
        + ("INSERT INTO t (a, d) VALUES ('x', 1), ('y', 0);" if "WHERE (d" in index else "")
        + ("INSERT INTO t (id, a, d) VALUES (2, 'w', 1), (3, 'x', 7);" if "|| d" in index else ""),
    )
    name = "t.a" if index.startswith(("a)", "a COLLATE")) else "index 'i'"
    explanation = explain(path, f"UNIQUE constraint failed: {name} [SQL: {statement}]")
    found = [row.key[0][1] for culprit in explanation.causes for row in culprit.sample]
    assert (found or [None] * len(explanation.causes)) == (rows or [])
    assert explanation.exit_code == (2 if rows is None else 1 if rows else 0)
    assert bool(explanation.not_checked) == (rows is None)


TWO_CHILDREN = """
CREATE TABLE p(id INTEGER PRIMARY KEY);
CREATE TABLE c(id INTEGER PRIMARY KEY, p_id INTEGER REFERENCES p(id));
CREATE TABLE d(id INTEGER PRIMARY KEY, p_id INTEGER REFERENCES p(id));
INSERT INTO p VALUES (1), (2); INSERT INTO c VALUES (10, 1), (11, 1), (12, 2);
"""
RAILS = """
  TRANSACTION (0.1ms)  begin transaction
  C Destroy (0.1ms)  DELETE FROM "c" WHERE "c"."id" = ?  [["id", 10]]
  C Destroy (0.1ms)  DELETE FROM "c" WHERE "c"."id" = ?  [["id", 11]]
  P Destroy (0.4ms)  DELETE FROM "p" WHERE "p"."id" = ?  [["id", 1]]
  TRANSACTION (0.1ms)  rollback transaction
SQLite3::ConstraintException: FOREIGN KEY constraint failed (ActiveRecord::InvalidForeignKey)
"""
FAILED = "\nError: FOREIGN KEY constraint failed"
TOGETHER = {
    "Rails deletes the children first": (RAILS, []),
    "SQL": ("BEGIN; DELETE FROM c WHERE p_id = 1; DELETE FROM p WHERE id = 1; COMMIT;", []),
    "unlinked": ("BEGIN TRANSACTION; UPDATE c SET p_id = NULL WHERE p_id = 1; DELETE FROM p WHERE id = 1;", []),
    "not all of them": ("BEGIN; DELETE FROM c WHERE id = 10; DELETE FROM p WHERE id = 1;", [11]),
    "others": ("BEGIN; DELETE FROM c WHERE p_id = 2; DELETE FROM p WHERE id = 1;", [10, 11]),
    "committed before": ("BEGIN; DELETE FROM c WHERE p_id = 1; COMMIT; DELETE FROM p WHERE id = 1;", [10, 11]),
    "no transaction": ("DELETE FROM c WHERE p_id = 1; DELETE FROM p WHERE id = 1;", [10, 11]),
    "not understood": ("BEGIN; DELETE FROM c WHERE p_id = abs(1); DELETE FROM p WHERE id = 1;", [10, 11]),
    "a parent that is written first": ("BEGIN; INSERT INTO p VALUES (9); INSERT INTO c VALUES (13, 9);", []),
}


@together
@pytest.mark.parametrize(("pasted", "rows"), TOGETHER.values(), ids=TOGETHER)
def test_what_ran_before_in_the_same_transaction_has_run(tmp_path: Path, pasted: str, rows: list[int]) -> None:
    explanation = explain(build(tmp_path / "x.db", TWO_CHILDREN), pasted + FAILED)
    assert [row.key[0][1] for culprit in explanation.causes for row in culprit.sample] == rows
    assert explanation.exit_code == bool(rows)
    build(tmp_path / "x.db", "INSERT INTO d VALUES (20, 1)")
    if "DELETE FROM p" in pasted or "p Destroy" in pasted:
        explanation = explain(tmp_path / "x.db", pasted + FAILED)
        found = sorted(row.key[0][1] for culprit in explanation.causes for row in culprit.sample)
        assert found == sorted([*rows, 20])
