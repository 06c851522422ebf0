"""A full-text index that the application keeps itself is not left out of step without a word by what a plan deletes."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

import pytest
from support import build, sqlfix

pytestmark = pytest.mark.oracle

TABLES = """
CREATE TABLE p (id INTEGER PRIMARY KEY);
CREATE TABLE "n{0}" (id INTEGER PRIMARY KEY, p INTEGER NOT NULL REFERENCES p (id), t TEXT, u TEXT);
INSERT INTO p VALUES (1);
INSERT INTO "n{0}" VALUES (1, 1, 'one', 'a'), (2, 1, 'two', 'a'), (3, 9, 'three', 'b'), (4, 1, 'four', 'c');
"""
FTS5 = """CREATE VIRTUAL TABLE "f{x}" USING fts5(t, content='n{0}', content_rowid='id');"""
FTS4 = """CREATE VIRTUAL TABLE "f{x}" USING fts4(content='n{0}', t);"""
REBUILD = """INSERT INTO "f{x}"("f{x}") VALUES ('rebuild');"""
BY_TRIGGER = {
    FTS5: """CREATE TRIGGER d AFTER DELETE ON "n{0}" BEGIN
        INSERT INTO "f{x}"("f{x}", rowid, t) VALUES ('delete', old.id, old.t); END;""",
    FTS4: """CREATE TRIGGER d BEFORE DELETE ON "n{0}" BEGIN DELETE FROM "f{x}" WHERE docid = old.id; END;""",
}
BY_ANOTHER = """
CREATE TABLE q (id INTEGER PRIMARY KEY, p INTEGER NOT NULL REFERENCES p (id), n INTEGER);
INSERT INTO q VALUES (7, 9, 2);
CREATE TRIGGER e AFTER DELETE ON q BEGIN DELETE FROM "n{0}" WHERE id = old.n; END;
"""
COMMANDS = {
    "repair": (("repair", "--yes"), 1),
    "why": (("why", "n{0}", "2", "--delete", "--yes"), 0),
    "merge": (("repair", "--merge", "n{0}.u", "--yes"), 1),
}


def left_of(path: Path, *command: str, code: int) -> list[tuple[str, int]]:
    """What a command lists as left in the full-text index; the hint of it is run, and then the file is sound."""
    ran = sqlfix(command[0], path, *command[1:], "--format", "json")
    assert ran.code == code, ran.err
    left = [part for part in ran.json["left"] if part["check"] == "fts-out-of-step"]
    found = sqlfix("scan", path, "--format", "json", "--select", "fts-out-of-step").json["findings"]
    assert [(f["table"], f["count"]) for f in found] == [(part["table"], part["count"]) for part in left]
    with contextlib.closing(sqlite3.connect(path)) as connection:
        for part in left:
            connection.execute(part["hint"].split(" rebuilds ")[0])
        connection.commit()
    assert sqlfix("scan", path, "--format", "json", "--select", "fts-out-of-step").json["findings"] == []
    return [(part["table"], part["count"]) for part in left]


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("index", [FTS5, FTS4], ids=["fts5", "fts4"])
def test_what_the_application_keeps_in_step_is_listed_as_left(tmp_path: Path, index: str, command: str) -> None:
    arguments, code = COMMANDS[command]
    path = build(tmp_path / "x.db", TABLES + index + REBUILD)
    assert left_of(path, *arguments, code=code) == [("f{x}", 1)]


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("index", [FTS5, FTS4], ids=["fts5", "fts4"])
def test_what_a_trigger_takes_out_is_not(tmp_path: Path, index: str, command: str) -> None:
    arguments = COMMANDS[command][0]
    path = build(tmp_path / "x.db", TABLES + index + REBUILD + BY_TRIGGER[index])
    assert left_of(path, *arguments, code=0) == []


def test_rows_that_the_index_has_too_many_before_are_told_apart(tmp_path: Path) -> None:
    path = build(tmp_path / "x.db", TABLES + FTS5 + REBUILD + """DELETE FROM "n{0}" WHERE id = 4;""")
    ran = sqlfix("repair", path, "--yes", "--format", "json")
    assert sorted(part["count"] for part in ran.json["left"]) == [1, 1]
    assert sqlfix("scan", path, "--format", "json").json["findings"][0]["count"] == 2


def test_a_row_that_goes_by_the_trigger_of_another_table_counts(tmp_path: Path) -> None:
    path = build(tmp_path / "x.db", TABLES + FTS5 + REBUILD + BY_ANOTHER)
    assert left_of(path, "repair", "--yes", code=1) == [("f{x}", 2)]


def test_the_script_lists_it_and_undo_brings_the_index_back(tmp_path: Path) -> None:
    path = build(tmp_path / "x.db", TABLES + FTS5 + REBUILD)
    exported = sqlfix("export-sql", path)
    assert exported.code == 1
    assert "--   fts-out-of-step: 1 row of f{x}: the index still has what is deleted from n{0}" in exported.out
    assert sqlfix("repair", path, "--yes").code == 1
    assert left_of_undo(path) == []


def test_names_that_hold_braces_are_names(tmp_path: Path) -> None:
    """Also in a table whose rows nothing tells apart, which are compared by their values."""
    path = build(
        tmp_path / "x.db",
        """
        CREATE TABLE p (id INTEGER PRIMARY KEY);
        CREATE TABLE "n{0}" (rowid, oid, _rowid_, "{x}" NOT NULL REFERENCES p (id));
        INSERT INTO "n{0}" VALUES (1, 1, 1, 9), (1, 1, 1, 9), (2, 2, 2, 1);
        INSERT INTO p VALUES (1);
        """,
    )
    ran = sqlfix("repair", path, "--yes", "--allow-mass-delete")
    assert ran.code == 0, ran.err
    assert sqlfix("undo", path, "--yes").code == 0


def left_of_undo(path: Path) -> list[str]:
    assert sqlfix("undo", path, "--yes", "--no-backup").code == 0
    return [
        f["check"] for f in sqlfix("scan", path, "--format", "json").json["findings"] if f["check"] != "orphan-rows"
    ]
