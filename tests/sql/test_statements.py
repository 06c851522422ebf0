"""Changes of rows as SQL: what each is written as, and that SQLite takes it."""

from __future__ import annotations

import sqlite3

import pytest
from support import together

from sqlfix.model.plans import Change
from sqlfix.schema.catalogue import read_schema
from sqlfix.sql.statements import statement

SCHEMA = """
CREATE TABLE p (id INTEGER PRIMARY KEY, x, y);
CREATE TABLE "the child" (id INTEGER PRIMARY KEY, a, b UNIQUE);
CREATE TABLE strange (id INTEGER PRIMARY KEY, k UNIQUE ON CONFLICT REPLACE);
"""
WRITTEN = {
    "rows that go": (Change("delete", "the child", "c.a = 1"), 'DELETE FROM "the child" AS c WHERE c.a = 1'),
    "values": (
        Change("update", "the child", "c.a = 1", {"a": "NULL", "b": "'x'"}),
        """UPDATE "the child" AS c SET "a" = NULL, "b" = 'x' WHERE c.a = 1""",
    ),
    "values of another row": (
        Change("update", "the child", "c.a > 0", {"a": "s.x", "b": "s.y"}, "FROM p AS s WHERE s.id = c.a"),
        'UPDATE "the child" AS c SET ("a", "b") = (SELECT s.x, s.y FROM p AS s WHERE s.id = c.a) WHERE c.a > 0',
    ),
    "a key that would replace another row": (
        Change("update", "strange", "c.id = 1", {"k": "2"}),
        'UPDATE OR ABORT "strange" AS c SET "k" = 2 WHERE c.id = 1',
    ),
    "a key that is emptied": (
        Change("update", "strange", "c.id = 1", {"k": "NULL"}),
        'UPDATE "strange" AS c SET "k" = NULL WHERE c.id = 1',
    ),
    "indexes": (Change("reindex", "the child"), 'REINDEX "the child"'),
}


@together
@pytest.mark.parametrize("name", WRITTEN)
def test_a_change_is_written_so(name: str) -> None:
    change, expected = WRITTEN[name]
    connection = sqlite3.connect(":memory:")
    connection.executescript(SCHEMA)
    written = statement(read_schema(connection), change)
    assert written == expected
    connection.execute(written)
    connection.close()
