"""The check fts-out-of-step: where FTS5 itself says that an index is out of step, and what cannot be told."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import build, found, made, run_script, sqlfix, unchecked


def has_fts5() -> bool:
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        return bool(connection.execute("SELECT 1 FROM pragma_module_list WHERE name = 'fts5'").fetchone())


pytestmark = pytest.mark.skipif(not has_fts5(), reason="this SQLite has no fts5")


@settings(max_examples=40)
@given(st.sets(st.integers(-3, 8)), st.sets(st.integers(-3, 8)))
def test_an_index_is_out_of_step_where_fts5_itself_says_so(before: set[int], after: set[int]) -> None:
    with contextlib.closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.executescript(
            "CREATE TABLE notes (id INTEGER PRIMARY KEY, body);"
            "CREATE VIRTUAL TABLE f USING fts5 (body, content = notes, content_rowid = id);"
        )
        connection.executemany("INSERT INTO notes VALUES (?, 'word')", [(number,) for number in before])
        connection.execute("INSERT INTO f (f) VALUES ('rebuild')")
        connection.execute("DELETE FROM notes")
        connection.executemany("INSERT INTO notes VALUES (?, 'word')", [(number,) for number in after])
        findings = made(connection, "fts-out-of-step")
        try:
            connection.execute("INSERT INTO f (f, rank) VALUES ('integrity-check', 1)")
        except sqlite3.DatabaseError:
            assert [(f.facts["missing"], f.facts["superfluous"]) for f in findings] == [
                (len(after - before), len(before - after))
            ]
        else:
            assert findings == []
        connection.execute("INSERT INTO f (f) VALUES ('rebuild')")  # as the hint says
        assert made(connection, "fts-out-of-step") == []


def test_superfluous_entries_are_errors_and_missing_ones_warnings(tmp_path: Path) -> None:
    path = build(
        tmp_path / "x.db",
        "CREATE TABLE notes (body); INSERT INTO notes VALUES ('a'), ('b');"
        "CREATE VIRTUAL TABLE f USING fts5 (body, content = 'notes'); INSERT INTO f (f) VALUES ('rebuild');"
        "INSERT INTO notes VALUES ('c');",
    )
    (finding,) = found(path, "fts-out-of-step")
    assert (finding["table"], finding["severity"]) == ("f", "warning")
    assert finding["message"] == "the full-text index f is missing 1 row of notes"
    assert """INSERT INTO "f"("f") VALUES ('rebuild')""" in finding["hint"]
    run_script(path, "DELETE FROM notes WHERE rowid <> 1")
    (finding,) = found(path, "fts-out-of-step")
    assert (finding["severity"], finding["message"]) == (
        "error",
        "the full-text index f contains 1 row that does not exist in notes",
    )


def test_an_index_with_content_of_its_own(tmp_path: Path) -> None:
    path = build(
        tmp_path / "x.db",
        "CREATE VIRTUAL TABLE f USING fts5 (body); INSERT INTO f VALUES ('one'), ('two'), ('three');"
        "DELETE FROM f WHERE rowid = 1;",
    )
    assert found(path, "fts-out-of-step") == []
    run_script(path, "DELETE FROM f_docsize WHERE id = 2")
    (finding,) = found(path, "fts-out-of-step")
    assert (finding["count"], finding["sample"][0]["key"]) == (1, {"rowid": 2})


@pytest.mark.usefixtures("soon")
def test_a_view_that_never_ends_is_not_waited_for(tmp_path: Path) -> None:
    path = build(
        tmp_path / "x.db",
        "CREATE VIEW v AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"
        " SELECT i AS id, 'x' AS body FROM n;"
        "CREATE VIRTUAL TABLE f USING fts5 (body, content = 'v', content_rowid = 'id');",
    )
    (entry,) = unchecked(path, "--timeout", "0.1", "--select", "fts-out-of-step")
    assert (entry["subject"], "longer than --timeout allows" in entry["reason"]) == ("f", True)


@pytest.mark.parametrize("content", ["gone", "v", "t", "other_f"])
def test_content_that_cannot_be_compared(tmp_path: Path, content: str) -> None:
    path = build(
        tmp_path / "x.db",
        "CREATE TABLE t (k TEXT PRIMARY KEY, body) WITHOUT ROWID; INSERT INTO t VALUES ('a', 'b');"
        "CREATE VIEW v AS SELECT body FROM t; CREATE VIRTUAL TABLE other_f USING fts5 (body);"
        f"CREATE VIRTUAL TABLE f USING fts5 (body, content = '{content}');",
    )
    (entry,) = unchecked(path, "--select", "fts-out-of-step")
    assert (entry["subject"], f"the table {content} that it indexes" in entry["reason"]) == ("f", True)


def test_an_index_without_a_list_of_its_documents_is_checked_by_fts5(tmp_path: Path) -> None:
    path = build(
        tmp_path / "x.db",
        "CREATE TABLE notes (body); INSERT INTO notes VALUES ('a'), ('b');"
        "CREATE VIRTUAL TABLE f /* of USING fts4 */ USING fts5 (body, content = 'notes', columnsize = 0);"
        "INSERT INTO f (f) VALUES ('rebuild');",
    )
    assert found(path, "fts-out-of-step") == []
    run_script(path, "INSERT INTO notes VALUES ('c')")
    (finding,) = found(path, "fts-out-of-step")
    assert finding["message"] == "the full-text index f does not match the text in notes"


def test_another_module_is_left_alone_whatever_its_name_says(tmp_path: Path) -> None:
    sql = """CREATE VIRTUAL TABLE "USING fts5" USING fts4 (body); INSERT INTO "USING fts5" VALUES ('a')"""
    path = build(tmp_path / "x.db", sql)
    assert found(path, "fts-out-of-step") == []
    assert unchecked(path) == []


def test_a_text_that_was_changed_behind_the_index_is_noticed(tmp_path: Path) -> None:
    path = build(
        tmp_path / "x.db",
        "CREATE TABLE notes (id INTEGER PRIMARY KEY, body TEXT); INSERT INTO notes VALUES (1, 'one'), (2, 'two');"
        "CREATE VIRTUAL TABLE f USING fts5(body, content='notes', content_rowid='id');"
        "INSERT INTO f(f) VALUES ('rebuild');",
    )
    before = path.read_bytes()
    assert sqlfix("scan", path).code == 0
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE notes SET body = 'three' WHERE id = 2")
        connection.commit()
    changed = path.read_bytes()
    (finding,) = sqlfix("scan", path, "--format", "json").json["findings"]
    assert (finding["check"], finding["severity"], finding["facts"]["stale"]) == ("fts-out-of-step", "error", 1)
    assert "does not match the text in notes" in finding["message"]
    assert path.read_bytes() == changed != before
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("INSERT INTO f(f) VALUES ('rebuild')")
        connection.commit()
    assert sqlfix("scan", path).code == 0
