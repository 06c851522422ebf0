"""A DROP COLUMN that fails since something else uses the column: that is named, and what takes it away."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

import pytest
from support import build, sqlfix, together

from tests.explain.test_causes import explain

SCHEMA = """
CREATE TABLE users (id TEXT PRIMARY KEY);
CREATE TABLE items (
    id TEXT PRIMARY KEY, user_id TEXT, a INT, b INT, c INT, d INT, e INT, f INT, CHECK (b > 0 OR a > 0),
    FOREIGN KEY (user_id) REFERENCES users (id)
);
CREATE INDEX by_c ON items (c);
CREATE VIEW dear AS SELECT d, items.id FROM items;
CREATE TRIGGER after_e AFTER INSERT ON items BEGIN SELECT new.e; END;
"""
USED = {
    "user_id": ("declaration", "the foreign key items.user_id uses user_id"),
    "a": ("declaration", "the declaration of items uses a elsewhere, in a CHECK or a computed column"),
    "c": ("declaration", "the index by_c uses c"),
    "d": ("view", "the view dear uses d"),
    "e": ("trigger", "the trigger after_e uses e"),
}


def message(path: Path, column: str) -> str:
    """What SQLite says where the column of items is dropped; nothing where it drops it."""
    with contextlib.closing(sqlite3.connect(":memory:")) as copy, contextlib.closing(sqlite3.connect(path)) as source:
        source.backup(copy)
        try:
            copy.execute(f"ALTER TABLE items DROP COLUMN {column}")
        except sqlite3.OperationalError as error:
            return str(error)
        return ""


@together
@pytest.mark.parametrize(("column", "told"), USED.items(), ids=USED)
def test_what_uses_the_column_is_named(tmp_path: Path, column: str, told: tuple[str, str]) -> None:
    path = build(tmp_path / "x.db", SCHEMA)
    said = message(path, column)
    assert "after drop column" in said
    explanation = explain(path, f"LibsqlError: SQLITE_ERROR: {said}")
    assert [(culprit.kind, culprit.message) for culprit in explanation.causes] == [told]
    assert explanation.exit_code == 1


def test_after_the_command_that_is_named_the_column_can_be_dropped(tmp_path: Path) -> None:
    path = build(tmp_path / "x.db", SCHEMA)
    (culprit,) = explain(path, message(path, "user_id")).causes
    name, *options = culprit.command
    assert sqlfix(name, path, *options, "--yes").code == 0
    assert message(path, "user_id") == ""


def test_of_something_that_this_file_does_not_have_nothing_is_said(tmp_path: Path) -> None:
    path = build(tmp_path / "x.db", SCHEMA)
    for named in ("index gone", "view dear", "table users"):
        assert not explain(path, f"error in {named} after drop column: no such column: f").causes, named
