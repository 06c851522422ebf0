"""Names in a schema whose bytes are not UTF-8: no statement can be written with them, and so much is said, and kept.

What cannot be looked at is said to be so, by the name that is at fault; a row to which it may refer is not deleted;
and all other tables are checked and repaired as ever.
"""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

import pytest
from support import build, sqlfix

RAW, SHOWN = b"x\xe4\xffx", "x\\xe4\\xffx"
SCHEMA = """
CREATE TABLE p (id INTEGER PRIMARY KEY);
INSERT INTO p VALUES (1);
CREATE TABLE o (id INTEGER PRIMARY KEY, p NOT NULL REFERENCES p ON DELETE CASCADE);
INSERT INTO o VALUES (1, 4), (2, 1);
CREATE TABLE twice (id INTEGER PRIMARY KEY, v);
INSERT INTO twice VALUES (1, 'a'), (2, 'a');
CREATE TABLE other (id INTEGER PRIMARY KEY, p REFERENCES p);
INSERT INTO other VALUES (1, 7);
"""
"""A row of o has no parent, and would be deleted; and so has one of other, which nothing refers to."""
ROWS = "INSERT INTO c (id, o, t) VALUES (1, 1, 1), (2, 2, 2);"
KEYS = "o REFERENCES o, t REFERENCES twice"
PLACES = {
    "a column": (f"CREATE TABLE c (id INTEGER PRIMARY KEY, QQQQ, {KEYS}); {ROWS}", "the name of its column {} is"),
    "a column of a key": (
        "CREATE TABLE c (id INTEGER PRIMARY KEY, QQQQ REFERENCES o, t REFERENCES twice);"
        " INSERT INTO c VALUES (1, 1, 1);",
        "the name of its column {} is",
    ),
    "a column with an index": (
        f"CREATE TABLE c (id INTEGER PRIMARY KEY, QQQQ UNIQUE, {KEYS}); {ROWS}",
        "the name of its column {} is",
    ),
    "an index": (
        f"CREATE TABLE c (id INTEGER PRIMARY KEY, {KEYS}); CREATE INDEX QQQQ ON c (o); {ROWS}",
        "the name of its index {} is",
    ),
    "a default": (
        f"CREATE TABLE c (id INTEGER PRIMARY KEY, w DEFAULT ('QQQQ' || 1), {KEYS}); {ROWS}",
        "the default of its column w is",
    ),
    "a parent that is not there": (
        f"CREATE TABLE c (id INTEGER PRIMARY KEY, w REFERENCES QQQQ, {KEYS}); {ROWS}",
        "the name of its parent table {} is",
    ),
    "a column of a parent that is not there": (
        f"CREATE TABLE c (id INTEGER PRIMARY KEY, w REFERENCES p (QQQQ), {KEYS}); {ROWS}",
        "the name of its parent's column {} is",
    ),
}


READ = {"o": "id, p", "twice": "id, v", "other": "id, p"}


def held(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """The rows of the ordinary tables; Python can read no others."""
    with contextlib.closing(sqlite3.connect(path)) as db:
        return {name: db.execute(f"SELECT {columns} FROM {name}").fetchall() for name, columns in READ.items()}


def made(folder: Path, sql: str) -> Path:
    path = build(folder / "app.db", SCHEMA + sql)
    path.write_bytes(path.read_bytes().replace(b"QQQQ", RAW))
    return path


@pytest.mark.parametrize("place", PLACES)
def test_a_table_with_such_a_name_is_said_to_be_unread_and_what_it_refers_to_is_kept(
    tmp_path: Path, place: str
) -> None:
    sql, reason = PLACES[place]
    path = made(tmp_path, sql)
    why = f"{reason.format(SHOWN)} not UTF-8"
    ran = sqlfix("scan", path, "--format", "json")
    assert ran.code == 1
    assert {"subject": "c", "reason": f"the table cannot be read: {why}"} in ran.json["not_checked"]
    told = {r["child"]: r["reason"] for r in ran.json["relationships"] if not r["checked"]}
    assert told == {"c": f"c cannot be read: {why}"}
    assert {f["table"] for f in ran.json["findings"]} == {"o", "other"}
    assert sqlfix("scan", path, "--rows").code == 1

    asked = sqlfix("why", path, "c", 1)
    assert (asked.code, asked.err) == (2, f"error: c cannot be read: {why}\n")
    assert sqlfix("why", path, "o", 2, "--delete", "--yes").code == 2
    assert "each of" not in sqlfix("why", path, "o").out

    merged = sqlfix("repair", path, "--merge", "twice.v", "--yes")
    assert (merged.code, merged.out) == (2, "")
    assert f"cannot be merged: c references them and cannot be read: {why}" in merged.err

    before = held(path)
    for options in ([], ["--on-orphan", "delete", "--allow-mass-delete"]):
        ran = sqlfix("repair", path, "--yes", *options)
        assert ran.code == 1, ran.err
        assert "rows of c may reference what it would" in ran.out
        after = held(path)
        assert {name for name in before if before[name] != after[name]} == {"other"}
        assert sqlfix("undo", path, "--yes").code == 0
        assert held(path) == before


def test_a_default_that_is_a_plain_string_is_read_by_its_bytes(tmp_path: Path) -> None:
    path = made(
        tmp_path,
        """CREATE TABLE u (id TEXT PRIMARY KEY); INSERT INTO u VALUES (CAST(x'78e4ff2778' AS TEXT));
        CREATE TABLE c (id INTEGER PRIMARY KEY, u TEXT DEFAULT 'xZZ''x' REFERENCES u ON DELETE SET DEFAULT);
        INSERT INTO c VALUES (1, 'gone');""",
    )
    path.write_bytes(path.read_bytes().replace(b"xZZ''x", b"x\xe4\xff''x"))
    ran = sqlfix("repair", path, "--yes")
    assert "[set-default, as the schema says]" in " ".join(ran.out.split())
    with contextlib.closing(sqlite3.connect(path)) as db:
        assert db.execute("SELECT hex(u) FROM c").fetchall() == [("78E4FF2778",)]
    assert sqlfix("undo", path, "--yes").code == 0


def test_a_table_whose_own_name_is_such_refers_to_what_its_text_says(tmp_path: Path) -> None:
    path = made(tmp_path, f"CREATE TABLE QQQQ (id INTEGER PRIMARY KEY, {KEYS}); {ROWS.replace('INTO c', 'INTO QQQQ')}")
    ran = sqlfix("scan", path)
    assert f"{SHOWN}: the table cannot be read: its name is not UTF-8" in ran.out
    assert "2 of 4 relationships checked" in ran.out
    assert f"{SHOWN} references them and cannot be read" in sqlfix("repair", path, "--merge", "twice.v", "--yes").err
    assert "each of" not in sqlfix("why", path, "o").out
    ran = sqlfix("repair", path, "--yes")
    assert ran.code == 1 and f"rows of {SHOWN} may reference" in ran.out
    assert held(path)["o"] == [(1, 4), (2, 1)]
    deleted = sqlfix("why", path, "p", 1)
    assert (deleted.code, deleted.out) == (2, "")
    assert f"a name in {path} is not UTF-8, so this cannot be done: {SHOWN}.o" in deleted.err


def test_what_refers_to_a_parent_with_such_a_key_is_not_checked(tmp_path: Path) -> None:
    path = made(
        tmp_path,
        """CREATE TABLE q (QQQQ INTEGER PRIMARY KEY); INSERT INTO q VALUES (1);
        CREATE TABLE c (id INTEGER PRIMARY KEY, q REFERENCES q, o REFERENCES o); INSERT INTO c VALUES (1, 9, 1);""",
    )
    why = f"q cannot be read: the name of its column {SHOWN} is not UTF-8"
    ran = sqlfix("scan", path, "--format", "json")
    assert [(r["child"], r["reason"]) for r in ran.json["relationships"] if not r["checked"]] == [("c", why)]
    assert f"it references q, which cannot be read: the name of its column {SHOWN}" in sqlfix("why", path, "c", 1).err
    assert sqlfix("why", path, "c").code == 2
    assert why in sqlfix("why", path, "--error", "FOREIGN KEY constraint failed").out
    assert sqlfix("repair", path, "--yes").code == 1
    with contextlib.closing(sqlite3.connect(path)) as db:
        assert db.execute("SELECT id FROM o").fetchall() == [(2,)]
        assert db.execute("SELECT id, q, o FROM c").fetchall() == [(1, 9, None)]


@pytest.mark.parametrize(
    "trigger", ["QQQQ AFTER DELETE ON o BEGIN SELECT 1", "t AFTER DELETE ON o BEGIN SELECT 'QQQQ'"]
)
def test_a_trigger_with_such_a_name_or_text_is_not_tried(tmp_path: Path, trigger: str) -> None:
    path = made(tmp_path, f"CREATE TRIGGER {trigger}; END;")
    name = SHOWN if trigger.startswith("Q") else "t"
    ran = sqlfix("scan", path)
    assert f"the trigger {name} cannot be read: its name or its" in ran.out
    assert f"the trigger {name} cannot be read: its name or its" in " ".join(sqlfix("why", path, "o").out.split())
    if name == SHOWN:
        assert f"the trigger {SHOWN} cannot be tried" in sqlfix("why", path, "o", 2).err
    before = held(path)
    ran = sqlfix("repair", path, "--yes")
    assert ran.code in (0, 1), ran.err
    assert held(path)["other"] != before["other"]
    assert sqlfix("undo", path, "--yes").code == 0
    assert held(path) == before


def test_a_view_with_such_a_name_is_not_passed_over(tmp_path: Path) -> None:
    path = made(tmp_path, "CREATE VIEW QQQQ AS SELECT 1;")
    assert f"{SHOWN}: the view cannot be read: its name is not UTF-8" in sqlfix("scan", path).out


def test_a_table_is_not_taken_for_one_that_is_called_as_such_a_name_is_shown(tmp_path: Path) -> None:
    path = made(
        tmp_path,
        f'CREATE TABLE QQQQ (id); CREATE TABLE "{SHOWN}" (id, o REFERENCES o); INSERT INTO "{SHOWN}" VALUES (1, 77);',
    )
    ran = sqlfix("scan", path)
    assert f"{SHOWN}_: the table cannot be read: its name is not UTF-8" in ran.out
    assert f"1 row of {SHOWN} references" in sqlfix("scan", path, "-v").out


OTHERS = {
    "t": "table t has a name or a text that is not UTF-8",
    "i": "an index or a trigger of t is not UTF-8",
    "g": "an index or a trigger of t is not UTF-8",
    "v": "",
}


@pytest.mark.parametrize(("name", "said"), OTHERS.items())
def test_a_text_that_is_not_utf8_stops_no_scan_and_nothing_is_dropped_of_which_it_may_speak(
    tmp_path: Path, name: str, said: str
) -> None:
    path = build(
        tmp_path / "a.db",
        """CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE t (a INT, b DEFAULT 'QQQQ', p REFERENCES p);
        INSERT INTO p VALUES (1); INSERT INTO t VALUES (1, 'x', 1), (2, 'y', 7); CREATE TABLE alone (a);
        CREATE INDEX i ON t (a) WHERE b <> 'QQQQ'; CREATE VIEW v AS SELECT 'QQQQ' AS q FROM alone;
        CREATE TRIGGER g AFTER INSERT ON t BEGIN SELECT 'QQQQ' FROM alone; END;""",
    )
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        changed = "CAST(replace(CAST(sql AS BLOB), CAST('QQQQ' AS BLOB), x'e9') AS TEXT)"
        connection.execute(f"UPDATE sqlite_master SET sql = {changed} WHERE name = ?", (name,))
    found = sqlfix("scan", path, "--format", "json")
    assert found.code == 1 and found.json["findings"]
    assert sqlfix("export-sql", path).code in (0, 1)
    altered = sqlfix("alter", path, "t.a", "--not-null", "--yes", "--no-backup")
    assert (altered.code, said in altered.err) == (2 if said else 0, True)
    held = path.read_bytes()
    dropped = sqlfix("repair-schema", path, "--drop-table", "alone", "--yes")
    assert dropped.code == 2 and path.read_bytes() == held
    of_text = "the view v speaks of it" if name not in "igv" else "is not UTF-8, so it may speak of it"
    assert of_text in dropped.err
