"""Messages as people paste them, with what their tools put around them, lead to the same causes as the bare ones."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import build, together

from sqlfix.explain.errors.recognise import recognise
from tests.explain.test_causes import explain

SCHEMA = """
CREATE TABLE users(id INTEGER PRIMARY KEY, email TEXT NOT NULL UNIQUE, nick TEXT, age INTEGER);
CREATE TABLE posts(id INTEGER PRIMARY KEY, user_id INTEGER NOT NULL REFERENCES users(id), gone_id REFERENCES gone(id));
CREATE VIEW v1 AS SELECT * FROM lost_table;
CREATE TRIGGER tr1 AFTER UPDATE ON posts BEGIN INSERT INTO lost_table VALUES(1); END;
CREATE VIEW v2 AS SELECT lost_col FROM users;
INSERT INTO users VALUES(1,'a@x','n',1),(2,'b@x','n',2); INSERT INTO posts VALUES(1,1,NULL),(2,2,NULL);
"""
TABLE = {("trigger", "posts"), ("view", "v1")}
PASTED = {
    "bare": ("no such table: main.lost_table", TABLE),
    "Room": ("error in view v1: no such table: main.lost_table (code 1 SQLITE_ERROR)", TABLE),
    "Android": ("no such table: lost_table (code 1 SQLITE_ERROR): , while compiling: SELECT * FROM v1", TABLE),
    "GRDB": ("SQLite error 1: no such table: main.lost_table - while executing `UPDATE posts`", TABLE),
    "the shell": ("Error: in prepare, no such table: main.lost_table (1)", TABLE),
    "Laravel": (
        'SQLSTATE[HY000]: General error: 1 no such table: main.lost_table (SQL: update "posts" set "user_id" = 1)',
        TABLE,
    ),
    "System.Data.SQLite": ('no such table: main.lost_table in "UPDATE posts SET user_id=1"', TABLE),
    "sqlx": ('Database(SqliteError { code: 1, message: "no such table: main.lost_table" })', TABLE),
    "D1": ("no such table: main.lost_table: SQLITE_ERROR [code: 7500]", TABLE),
    "a column": (
        "no such column: lost_col (code 1 SQLITE_ERROR): , while compiling: SELECT * FROM v2",
        {("view", "v2")},
    ),
    "a value": (
        "Runtime error near line 2: UNIQUE constraint failed: users.nick (19)",
        {("duplicate-keys", "users")},
    ),
    "a column twice": ("sqlite3.OperationalError: duplicate column name: nick", {("declaration", "users")}),
    "a schema": (
        'sqlite3.DatabaseError: malformed database schema (tr1) - near ">>": syntax error',
        {("declaration", "posts")},
    ),
}


@together
@pytest.mark.parametrize(("message", "causes"), PASTED.values(), ids=PASTED)
def test_a_message_as_it_is_pasted(tmp_path: Path, message: str, causes: set[tuple[str, str]]) -> None:
    explanation = explain(build(tmp_path / "x.db", SCHEMA), message)
    assert {(c.kind, c.table) for c in explanation.causes} == causes


def test_the_object_that_a_message_names_comes_first(tmp_path: Path) -> None:
    path = build(tmp_path / "x.db", SCHEMA)
    for name, kind in (("view v1", "view"), ("trigger tr1", "trigger")):
        explanation = explain(path, f"error in {name}: no such table: main.lost_table (code 1 SQLITE_ERROR)")
        assert explanation.causes[0].kind == kind


@pytest.mark.parametrize("padded", [True, False])
@pytest.mark.parametrize("width", range(60, 100))
def test_a_message_that_a_console_has_cut_at_its_width(width: int, padded: bool) -> None:
    """Symfony's cuts within words, and puts two blanks on either side; those at the end are often lost."""
    said = (
        "SQLSTATE[23000]: Integrity constraint violation: 19 UNIQUE constraint failed: users.email (Connection: sqlite,"
        ' SQL: insert into "users" ("id", "email", "nick") values (7, a@x, Ann Other))'
    )
    lines = [said[at : at + width] for at in range(0, len(said), width)]
    box = "\n".join(f"  {line.ljust(width)}  " if padded else f"  {line}".rstrip() for line in lines)
    found = recognise(f"In Connection.php line 817:\n\n{box}\n\nIn Connection.php line 568:\n")
    assert found is not None and found.columns == ("email",)
    if padded or (found.statement and not found.statement.unread):
        assert found.statement and found.statement.values == (("id", 7), ("email", "a@x"), ("nick", "Ann Other"))


def test_lines_that_are_shorter_than_the_width_of_a_console_are_lines(tmp_path: Path) -> None:
    path = build(tmp_path / "x.db", SCHEMA)
    box = (
        '  SQLSTATE[23000]: 19 UNIQUE constraint failed: users.nick (SQL: insert into "users" ("nick")\n  values (n))\n'
    )
    assert explain(path, box).recognised.statement is not None
