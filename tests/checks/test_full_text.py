"""Full-text indexes: what is found of FTS3, FTS4 and FTS5, what is left out on purpose, and what cannot be told."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import build, fingerprint, run_script, sqlfix

from sqlfix.scan.full_text import integrity as index_integrity
from sqlfix.scan.run import scan
from sqlfix.scan.scope import Scope
from sqlfix.schema.catalogue import read_schema

CHECK = "fts-out-of-step"


def modules() -> set[str]:
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        return {name for (name,) in connection.execute("SELECT name FROM pragma_module_list")}


pytestmark = [
    pytest.mark.skipif(not {"fts3", "fts4", "fts5"} <= modules(), reason="this SQLite has not all of them"),
    pytest.mark.oracle,
]

NOTES = """
CREATE TABLE notes (id INTEGER PRIMARY KEY, title, body, deleted DEFAULT 0);
CREATE TABLE settings (on_disk); INSERT INTO settings VALUES (1);
"""
ROWS = """
INSERT INTO notes VALUES (1, 'one', 'alpha', 0), (2, 'two', 'beta', 1), (3, 'three', 'gamma', 0), (4, 'four', 'x', 1);
UPDATE notes SET title = 'third' WHERE id = 3;
"""
FTS5 = "CREATE VIRTUAL TABLE f USING fts5(title, body, content='notes', content_rowid='id');"
FTS4 = 'CREATE VIRTUAL TABLE f USING fts4(content="notes", title, body);'
PUT = "INSERT INTO f(rowid, title, body) VALUES (new.id, new.title, new.body);"
PUT_SOME = "INSERT INTO f(rowid, title, body) SELECT new.id, new.title, new.body WHERE {0};"
TAKE = "INSERT INTO f(f, rowid, title, body) VALUES ('delete', old.id, old.title, old.body);"
TAKE_SOME = "INSERT INTO f(f, rowid, title, body) SELECT 'delete', old.id, old.title, old.body WHERE {0};"


def trigger(name: str, event: str, body: str, when: str = "") -> str:
    return f"CREATE TRIGGER {name} {event} ON notes {f'WHEN {when}' if when else ''} BEGIN {body} END;"


SOFT = (
    trigger("note_in", "AFTER INSERT", PUT, "new.deleted = 0")
    + trigger("note_out", "AFTER DELETE", TAKE, "old.deleted = 0")
    + trigger("note_before", "BEFORE UPDATE", TAKE, "old.deleted = 0")
    + trigger("note_after", "AFTER UPDATE", PUT, "new.deleted = 0")
)
SOFT4 = (
    SOFT.replace("rowid,", "docid,").replace("AFTER DELETE", "BEFORE DELETE")
    .replace(TAKE.replace("rowid", "docid"), "DELETE FROM f WHERE docid = old.id;")
)  # fmt: skip
HARD = (
    trigger("note_in", "AFTER INSERT", PUT)
    + trigger("note_out", "AFTER DELETE", TAKE)
    + trigger("note_change", "AFTER UPDATE", TAKE + PUT)
)


def report(path: Path) -> dict[str, Any]:
    before = fingerprint(path)
    ran = sqlfix("scan", path, "--format", "json", "--select", CHECK)
    assert ran.code in (0, 1, 3), ran.err or ran.out
    assert fingerprint(path) == before
    return dict(ran.json)


@pytest.fixture(params=[False, True], ids=["a small file", "a large file"])
def large(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether the file is so large that the index alone is copied; it is copied as a whole otherwise."""
    if request.param:
        monkeypatch.setattr(index_integrity, "MOST_WHOLE", 0)


def told(path: Path) -> tuple[list[str], list[str]]:
    """The messages of what is found, and the reasons for what is not checked."""
    said = report(path)
    return [one["message"] for one in said["findings"]], [one["reason"] for one in said["not_checked"]]


SOUND = {
    "FTS4 with its own text": "CREATE VIRTUAL TABLE f USING fts4(a); INSERT INTO f VALUES ('x'), ('y'); DELETE FROM f;",
    "FTS3": "CREATE VIRTUAL TABLE f USING fts3(a, b); INSERT INTO f VALUES ('x', 'y'), ('z', '');",
    "FTS3 without columns": "CREATE VIRTUAL TABLE f USING fts3; INSERT INTO f VALUES ('x y');",
    "FTS4 that some columns are not in": "CREATE VIRTUAL TABLE f USING fts4(a, b, notindexed=b);"
    "INSERT INTO f VALUES ('x', 'y');",
    "FTS4 with prefixes": "CREATE VIRTUAL TABLE f USING fts4(a, prefix=\"1,2\"); INSERT INTO f VALUES ('abc abd');",
    "FTS4 with languages": "CREATE VIRTUAL TABLE f USING fts4(a, languageid=\"lid\");"
    "INSERT INTO f(a, lid) VALUES ('abc', 1), ('abc', 7);",
    "FTS4 without sizes": "CREATE VIRTUAL TABLE f USING fts4(a, matchinfo=fts3); INSERT INTO f VALUES ('abc');",
    "FTS4 from the last on": "CREATE VIRTUAL TABLE f USING fts4(a, order=desc); INSERT INTO f VALUES ('a'), ('b');",
    "FTS4 with stems": "CREATE VIRTUAL TABLE f USING fts4(a, tokenize=porter); INSERT INTO f VALUES ('running');",
    "FTS4 without text": "CREATE VIRTUAL TABLE f USING fts4(content='', a); INSERT INTO f(docid, a) VALUES (5, 'x');",
    "FTS4 of a table": f"{NOTES}{ROWS}{FTS4} INSERT INTO f(f) VALUES ('rebuild');",
    "FTS4 of a table with languages": "CREATE TABLE n (id INTEGER PRIMARY KEY, a, lid);"
    "INSERT INTO n VALUES (1, 'x', 3);"
    "CREATE VIRTUAL TABLE f USING fts4(content=\"n\", a, languageid=\"lid\"); INSERT INTO f(f) VALUES ('rebuild');",
    "FTS5 without text": "CREATE VIRTUAL TABLE f USING fts5(a, content=''); INSERT INTO f(rowid, a) VALUES (5, 'x');",
    "all rows are in": NOTES + FTS5 + HARD + ROWS,
    "soft deletes": NOTES + FTS5 + SOFT + ROWS,
    "soft deletes, FTS4": NOTES + FTS4 + SOFT4 + ROWS + "DELETE FROM notes WHERE id IN (1, 2);",
    "soft deletes, no sizes": NOTES + FTS5.replace("='id'", "='id', columnsize=0") + SOFT + ROWS,
    "soft deletes by SELECT": NOTES
    + FTS5
    + trigger("i", "AFTER INSERT", PUT_SOME.format("new.deleted = 0"))
    + trigger("u", "AFTER UPDATE", TAKE_SOME.format("old.deleted = 0") + PUT_SOME.format("new.deleted = 0"))
    + trigger("d", "AFTER DELETE", TAKE_SOME.format("old.deleted = 0"))
    + ROWS,
    "soft deletes by reading the row again": NOTES
    + FTS5
    + trigger(
        "i", "AFTER INSERT",
        "INSERT INTO f(rowid, title, body) SELECT n.id, n.title, n.body FROM notes AS n WHERE n.id = new.id"
        " AND deleted = 0;",
    )
    + "INSERT INTO notes VALUES (1, 'one', 'alpha', 0), (2, 'two', 'beta', 1);",
    "FTS4 that reads each row again": NOTES
    + FTS4
    + trigger("o", "BEFORE UPDATE", "DELETE FROM f WHERE docid = old.rowid;")
    + trigger(
        "i", "AFTER INSERT",
        "INSERT INTO f(docid, title, body) SELECT rowid, title, body FROM notes WHERE new.rowid = notes.rowid;",
    )
    + trigger(
        "u", "AFTER UPDATE",
        "INSERT INTO f(docid, title, body) SELECT rowid, title, body FROM notes WHERE new.rowid = notes.rowid;",
    )
    + ROWS,
    "only a change leaves rows out": NOTES
    + FTS5
    + trigger("i", "AFTER INSERT", PUT)
    + trigger("off", "AFTER UPDATE", TAKE, "old.deleted = 0 AND new.deleted <> 0")
    + "INSERT INTO notes VALUES (1, 'one', 'alpha', 0), (2, 'two', 'beta', 0);"
    "UPDATE notes SET deleted = 1 WHERE id = 2;",
    "only what has changed is put in again": NOTES
    + FTS5
    + trigger("i", "AFTER INSERT", PUT)
    + trigger("u", "AFTER UPDATE OF title, body", TAKE + PUT, "old.title IS NOT new.title OR old.body IS NOT new.body")
    + ROWS,
    "a condition with AND, OR and BETWEEN": NOTES
    + FTS5
    + trigger("i", "AFTER INSERT", PUT, "(new.deleted BETWEEN 1 AND 1) AND (new.body = 'x' OR new.title = 'no AND')")
    + ROWS.replace("UPDATE", "--UPDATE"),
    "another text than that of the columns": NOTES
    + FTS5
    + HARD.replace("new.body", "replace(new.body, 'a', ' ')").replace("old.body", "replace(old.body, 'a', ' ')")
    + ROWS,
    "a trigger that only optimizes": NOTES + FTS5 + HARD + ROWS
    + "CREATE TRIGGER tidy AFTER DELETE ON settings BEGIN INSERT INTO f(f) VALUES ('optimize'); END;",
}  # fmt: skip


@pytest.mark.parametrize("sql", SOUND.values(), ids=SOUND)
@pytest.mark.usefixtures("large")
def test_nothing_is_found_of_an_index_that_holds_what_it_should(tmp_path: Path, sql: str) -> None:
    assert told(build(tmp_path / "x.db", sql)) == ([], [])


FOUND = {
    "FTS4 that is damaged": (
        "CREATE VIRTUAL TABLE f USING fts4(a); INSERT INTO f VALUES ('abc'); UPDATE f_segdir SET root = x'00ff';",
        "the full-text index f is damaged",
    ),
    "FTS3 that is damaged": (
        "CREATE VIRTUAL TABLE f USING fts3(a); INSERT INTO f VALUES ('abc'); UPDATE f_segdir SET root = x'00ff';",
        "the full-text index f is damaged",
    ),
    "FTS4 without text that is damaged": (
        "CREATE VIRTUAL TABLE f USING fts4(content='', a); INSERT INTO f(docid, a) VALUES (1, 'abc');"
        "UPDATE f_segdir SET root = x'00ff';",
        "the full-text index f is damaged",
    ),
    "FTS5 without text that is damaged": (
        "CREATE VIRTUAL TABLE f USING fts5(a, content=''); INSERT INTO f(rowid, a) VALUES (1, 'abc');"
        "UPDATE f_data SET block = x'00ff' WHERE id > 10;",
        "the full-text index f is damaged",
    ),
    "FTS5 of a table that is damaged": (
        NOTES + FTS5 + HARD + ROWS + "UPDATE f_data SET block = x'00ff' WHERE id > 10;",
        "the full-text index f is damaged",
    ),
    "FTS3 of another text": (
        "CREATE VIRTUAL TABLE f USING fts3(a); INSERT INTO f VALUES ('abc'); UPDATE f_content SET c0a = 'other';",
        "the full-text index f does not match the text in f_content",
    ),
    "FTS4 of another text": (
        NOTES + FTS4 + ROWS + "INSERT INTO f(f) VALUES ('rebuild'); UPDATE notes SET body = 'other' WHERE id = 1;",
        "the full-text index f does not match the text in notes",
    ),
    "FTS4 lacks a row": (
        NOTES + FTS4 + ROWS + "INSERT INTO f(f) VALUES ('rebuild'); INSERT INTO notes VALUES (9, 'nine', '', 0);",
        "the full-text index f is missing 1 row of notes",
    ),
    "FTS4 holds a row that is gone": (
        NOTES + FTS4 + ROWS + "INSERT INTO f(f) VALUES ('rebuild'); DELETE FROM notes WHERE id = 2;",
        "the full-text index f contains 1 row that does not exist in notes",
    ),
    "soft deletes, and a row is missing": (
        NOTES + FTS5 + SOFT + ROWS + "DROP TRIGGER note_in; INSERT INTO notes VALUES (9, 'nine', '', 0);"
        + SOFT.partition("END;")[0] + "END;",
        "the full-text index f is missing 1 row of notes",
    ),
    "soft deletes, and a row is in that should not be": (
        NOTES + FTS5 + SOFT + ROWS + "INSERT INTO f(rowid, title, body) VALUES (2, 'two', 'beta');",
        "the full-text index f contains 1 row that its triggers leave out in notes",
    ),
    "soft deletes, and another text": (
        NOTES + FTS5 + SOFT + ROWS + "INSERT INTO f(f, rowid, title, body) VALUES ('delete', 1, 'one', 'alpha');"
        "INSERT INTO f(rowid, title, body) VALUES (1, 'other', 'alpha');",
        "the full-text index f does not match the text in notes",
    ),
    "soft deletes, FTS4, and a row is missing": (
        NOTES + FTS4 + SOFT4 + ROWS + "DELETE FROM f WHERE docid = 1;",
        "the full-text index f is missing 1 row of notes",
    ),
    "a delete that does not know of the soft deletes": (
        NOTES + FTS5 + trigger("note_in", "AFTER INSERT", PUT, "new.deleted = 0")
        + trigger("note_out", "AFTER DELETE", TAKE) + ROWS.replace("UPDATE", "--UPDATE"),
        "the trigger note_out removes rows of notes from the full-text index f that were never added: 2 rows",
    ),
    "a delete that does not know of the soft deletes, FTS4": (
        NOTES + FTS4 + SOFT4.replace("DELETE ON notes WHEN old.deleted = 0", "DELETE ON notes") + ROWS,
        "the trigger note_out removes rows of notes from the full-text index f that were never added: 2 rows",
    ),
    "the same, after a delete": (
        NOTES + FTS4 + SOFT4.replace("DELETE ON notes WHEN old.deleted = 0", "DELETE ON notes") + ROWS
        + "DELETE FROM notes WHERE deleted;",
        "the full-text index f counts 0 documents, but has 2",
    ),
    "a change that does not know of the soft deletes": (
        NOTES + FTS5 + trigger("note_in", "AFTER INSERT", PUT, "new.deleted = 0")
        + trigger("note_change", "AFTER UPDATE", TAKE + PUT_SOME.format("new.deleted = 0"))
        + ROWS.replace("UPDATE", "--UPDATE"),
        "the trigger note_change removes rows of notes from the full-text index f that were never added: 2 rows",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("sql", "message"), FOUND.values(), ids=FOUND)
@pytest.mark.usefixtures("large")
def test_what_is_found_of_an_index(tmp_path: Path, sql: str, message: str) -> None:
    assert told(build(tmp_path / "x.db", sql)) == ([message], [])


ROW = "INSERT INTO notes(id) VALUES (1);"
WHETHER = "cannot tell whether the missing row is left out on purpose"
NOT_TOLD = {
    "a query in a WHEN": (
        NOTES + FTS5 + trigger("i", "AFTER INSERT", PUT, "(SELECT on_disk FROM settings) = 0") + ROW,
        f"{WHETHER}: it depends on more than the row itself (i)",
    ),
    "the time in a WHEN": (
        NOTES + FTS5 + trigger("i", "AFTER INSERT", PUT, "new.title > datetime('now')") + ROW,
        f"{WHETHER}: it depends on more than the row itself (i)",
    ),
    "a string in double quotes, which names a column as well": (
        NOTES + FTS5 + trigger("i", "AFTER INSERT", PUT, 'new.title = "body"') + ROW,
        f"{WHETHER}: it depends on more than the row itself (i)",
    ),
    "what a SELECT reads": (
        NOTES + FTS5 + trigger(
            "i", "AFTER INSERT",
            "INSERT INTO f(rowid, title, body) SELECT new.id, new.title, new.body FROM settings WHERE on_disk = 0;",
        ) + ROW,
        f"{WHETHER}: the trigger i: its SELECT reads more than the row",
    ),
    "a trigger of another table": (
        NOTES + FTS5 + trigger("i", "AFTER INSERT", PUT) + ROW
        + "CREATE TRIGGER off AFTER UPDATE ON settings BEGIN INSERT INTO f(f, rowid) VALUES ('delete', 1); END;"
        "UPDATE settings SET on_disk = 0;",
        f"{WHETHER}: the trigger off of another table decides",
    ),
    "a text that a query makes": (
        NOTES + FTS5 + trigger("i", "AFTER INSERT", PUT.replace("new.body", "(SELECT on_disk FROM settings)"))
        + "INSERT INTO notes VALUES (1, 'a', 'b', 0);",
        "its text was not compared: the trigger i adds a text other than that of the column",
    ),
    "a text that the trigger of another table makes": (
        NOTES + FTS5 + HARD + ROWS
        + "CREATE TRIGGER more AFTER INSERT ON settings BEGIN INSERT INTO f(f, rowid, title, body) SELECT 'delete', id,"
        " title, body FROM notes WHERE id = 1; INSERT INTO f(rowid, title, body) SELECT id, title, body || new.on_disk"
        " FROM notes WHERE id = 1; END; INSERT INTO settings VALUES ('word');",
        "its text was not compared: the trigger more: its SELECT reads more than the row",
    ),
    "a text that the application compresses": (
        "CREATE VIRTUAL TABLE f USING fts4(a, compress=zip, uncompress=unzip);",
        "its text is compressed by zip(), a function of the application",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("sql", "reason"), NOT_TOLD.values(), ids=NOT_TOLD)
@pytest.mark.usefixtures("large")
def test_what_is_not_told_is_listed_as_not_checked(tmp_path: Path, sql: str, reason: str) -> None:
    assert told(build(tmp_path / "x.db", sql)) == ([], [f"{CHECK}: {reason}"])


def test_a_function_that_no_schema_may_call_is_not_called(tmp_path: Path) -> None:
    path = build(
        tmp_path / "x.db",
        NOTES + FTS5 + trigger("i", "AFTER INSERT", PUT, "new.deleted = 0 OR load_extension(new.title)")
        + "DROP TRIGGER i; INSERT INTO notes VALUES (1, 'x', 'y', 1);"
        + trigger("i", "AFTER INSERT", PUT, "new.deleted = 0 OR load_extension(new.title)"),
    )  # fmt: skip
    found, reasons = told(path)
    assert found == []
    assert "load_extension(), which sqlfix never runs for a schema" in reasons[0]


def test_damage_of_the_pages_is_not_taken_for_that_of_an_index(tmp_path: Path) -> None:
    path = build(
        tmp_path / "x.db",
        "CREATE VIRTUAL TABLE f USING fts4(a); INSERT INTO f VALUES ('abc'); UPDATE f_segdir SET root = x'00ff';",
    )
    with contextlib.closing(sqlite3.connect(path)) as connection:
        (page,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'f_segdir'").fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    pages = bytearray(path.read_bytes())
    pages[(page - 1) * size + 7] ^= 0xFF  # how many bytes are free between its cells
    path.write_bytes(pages)
    found, reasons = told(path)
    assert found == []
    assert "the file itself is damaged, in the pages of f_segdir" in reasons[0]
    pages[(page - 1) * size + 8 : (page - 1) * size + 12] = b"\xff\xff\xff\xff"  # where its first cells are
    path.write_bytes(pages)
    assert sqlfix("scan", path, "--select", CHECK).code in (2, 3)  # by version, the module does not even begin


def test_of_a_large_file_the_text_is_listed_as_not_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = build(tmp_path / "x.db", NOTES + FTS5 + SOFT + ROWS)
    monkeypatch.setattr(index_integrity, "MOST_WHOLE", 4096)
    monkeypatch.setattr(index_integrity, "MOST_BYTES", 200)
    with contextlib.closing(sqlite3.connect(path)) as connection:
        report = scan(connection, read_schema(connection), "x", Scope((CHECK,)))
        assert not report.findings
        (entry,) = report.not_checked
        assert (entry.subject, "no more than 64 MB" in entry.reason) == ("f", True)
        assert """INSERT INTO "f"("f", rank) VALUES ('integrity-check', 1)""" in entry.reason
        connection.execute("DELETE FROM f_docsize WHERE id = 3")
        assert scan(connection, read_schema(connection), "x", Scope((CHECK,))).findings


ANEW = {
    "FTS5": (FTS5, SOFT),
    "FTS4": (FTS4, SOFT4),
    "FTS5, another text": (
        FTS5,
        SOFT.replace("new.body", "lower(new.body) || ' of'").replace("old.body", "lower(old.body) || ' of'"),
    ),
}


@pytest.mark.parametrize(("index", "triggers"), ANEW.values(), ids=ANEW)
def test_an_index_made_anew_as_the_hint_says_leaves_out_what_its_triggers_do(
    tmp_path: Path, index: str, triggers: str
) -> None:
    path = build(tmp_path / "x.db", NOTES + index + ROWS + triggers)
    (finding,) = report(path)["findings"]
    assert finding["message"] == "the full-text index f is missing 2 rows of notes"
    assert finding["facts"]["left_out"] == 2
    assert finding["facts"]["rebuild"] in finding["hint"]
    run_script(path, finding["facts"]["rebuild"])
    assert told(path) == ([], [])
    with contextlib.closing(sqlite3.connect(path)) as connection:
        query = "SELECT rowid FROM f WHERE f MATCH 'alpha OR beta OR gamma OR x'"
        assert connection.execute(query).fetchall() == [(1,), (3,)]


def test_where_it_is_not_told_what_a_rebuild_would_put_in_no_statement_is_shown(tmp_path: Path) -> None:
    in_only = trigger("i", "AFTER INSERT", PUT, "new.deleted = 0")
    path = build(
        tmp_path / "x.db",
        NOTES + FTS5 + in_only + "INSERT INTO notes VALUES (1, 'one', 'a', 0), (2, 'two', 'b', 0), (3, 'c', 'c', 1);"
        "UPDATE notes SET deleted = 1 WHERE id = 2; DELETE FROM notes WHERE id = 1;",
    )
    (finding,) = report(path)["findings"]
    assert finding["message"] == "the full-text index f contains 1 row that does not exist in notes"
    assert finding["facts"]["rebuild"] is None
    assert "no statement is shown" in finding["hint"]


def test_rows_are_missing_of_an_index_whose_text_is_not_told(tmp_path: Path) -> None:
    put = PUT.replace("new.body", "(SELECT on_disk FROM settings)")
    path = build(tmp_path / "x.db", NOTES + FTS5 + ROWS + trigger("i", "AFTER INSERT", put))
    (finding,) = report(path)["findings"]
    assert finding["message"] == "the full-text index f is missing 4 rows of notes"
    assert finding["facts"]["rebuild"] is None


def test_rows_of_its_own_are_not_left_out_on_purpose(tmp_path: Path) -> None:
    index = "CREATE VIRTUAL TABLE f USING fts4(a); INSERT INTO f VALUES ('x'), ('y'); DELETE FROM f_docsize"
    (finding,) = report(build(tmp_path / "x.db", index))["findings"]
    assert finding["message"] == "the full-text index f is missing 2 rows of f_content"
    assert finding["hint"].endswith("VALUES ('rebuild')")


def test_triggers_that_read_each_row_again_leave_none_out(tmp_path: Path) -> None:
    path = build(tmp_path / "x.db", SOUND["FTS4 that reads each row again"] + "DELETE FROM f_docsize WHERE docid = 1;")
    (finding,) = report(path)["findings"]
    assert finding["message"] == "the full-text index f is missing 1 row of notes"
    assert finding["hint"].endswith("""INSERT INTO "f"("f") VALUES ('rebuild')""")


def test_an_index_that_no_trigger_fills_may_leave_rows_out(tmp_path: Path) -> None:
    path = build(tmp_path / "x.db", NOTES + FTS5 + ROWS)
    (finding,) = report(path)["findings"]
    assert finding["severity"] == "warning"
    assert "if the application leaves some out on purpose, they are not missing" in finding["hint"]


@settings(max_examples=40)
@given(
    st.sampled_from(
        ["new.deleted = 0", "new.deleted = 0 AND (new.title LIKE '%e%' OR new.body = 'x')", "new.title IS NOT NULL", ""]
    ),
    st.sampled_from(["fts4", "fts5", "fts5, columnsize=0"]),
    st.lists(
        st.tuples(
            st.sampled_from(["insert", "title", "deleted", "delete"]),
            st.integers(1, 5),
            st.sampled_from([None, "one", "e x", "two"]),
            st.booleans(),
        ),
        max_size=25,
    ),
)
def test_what_triggers_kept_in_step_is_in_step_and_what_they_missed_is_found(
    when: str, module: str, changes: list[tuple[str, int, str | None, bool]]
) -> None:
    triggers = SOFT4 if module == "fts4" else SOFT
    for side in ("new", "old"):
        triggers = triggers.replace(
            f"WHEN {side}.deleted = 0", f"WHEN {when.replace('new.', side + '.')}" if when else ""
        )
    index = FTS4 if module == "fts4" else FTS5.replace("='id'", "='id'" + module.removeprefix("fts5"))
    with contextlib.closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.executescript(NOTES + index + triggers)
        for what, number, text, deleted in changes:
            if what == "insert":
                values = (number, text, text, deleted)
                connection.execute("INSERT OR IGNORE INTO notes VALUES (?, ?, ?, ?)", values)
            elif what == "delete":
                connection.execute("DELETE FROM notes WHERE id = ?", (number,))
            else:
                value = text if what == "title" else deleted
                connection.execute(f"UPDATE notes SET {what} = ? WHERE id = ?", (value, number))
        schema = read_schema(connection)
        found = scan(connection, schema, "x", Scope((CHECK,)))
        assert (found.findings, found.not_checked) == ((), ())
        connection.execute("DROP TRIGGER note_in")
        connection.execute("INSERT INTO notes VALUES (9, 'e e', 'new words', 0)")
        found = scan(connection, schema, "x", Scope((CHECK,)))
        assert found.findings or found.not_checked
        assert "columnsize" in module or found.findings[0].facts["missing"] == 1
