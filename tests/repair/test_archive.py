"""The archive: every row that a repair removes or changes stands in the record as it was, and comes back as it was."""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import stat
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from strategies import Case, cases, quoted
from support import build, contents, run_script, sqlfix

from sqlfix.errors import SqlfixError
from sqlfix.model.plans import Fix
from sqlfix.model.values import Applicability, Loss
from sqlfix.repair import archive, stored_rows, sums
from sqlfix.repair import record as record_module
from sqlfix.repair import run as repair_module
from sqlfix.schema.catalogue import read_schema
from sqlfix.sqlite.connect import attach
from tests.laws.test_properties import SLOW
from tests.repair.test_undo import SHOP, meaning, records, repair, rows, the_record
from tests.test_cases import table_info

PARENT = "CREATE TABLE p (id INTEGER PRIMARY KEY); INSERT INTO p VALUES (1);"


def exact(path: Path) -> dict[str, Any]:
    """What a file holds, also the rowids that are no column, and the bytes of each text in the file's own encoding."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.text_factory = bytes
        assert connection.execute("PRAGMA quick_check").fetchone() is not None
        names = [row[0].decode() for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        found: dict[str, Any] = {"schema": contents(path)["schema"]}
        for plain in names:
            name = plain.replace('"', '""')
            columns = [quoted(row[1].decode()) for row in table_info(connection, plain)]
            listed = ", ".join(f"typeof({c}), CAST({c} AS BLOB), {c}" for c in columns)
            try:
                found[plain] = sorted(map(repr, connection.execute(f'SELECT rowid, {listed} FROM "{name}"')))
            except sqlite3.OperationalError:
                found[plain] = sorted(map(repr, connection.execute(f'SELECT {listed} FROM "{name}"')))
        return found


# -- values -------------------------------------------------------------------------------------------------------

VALUES = [
    pytest.param("x''", id="an empty BLOB"),
    pytest.param("x'00ff27220a'", id="a BLOB"),
    pytest.param("zeroblob(100000)", id="a large BLOB"),
    pytest.param("''", id="an empty text"),
    pytest.param("9e999", id="infinity"),
    pytest.param("-9e999", id="minus infinity"),
    pytest.param("5e-324", id="the least real"),
    pytest.param("0.1", id="a real"),
    pytest.param("9007199254740993.0", id="a real without a fraction"),
    pytest.param("9223372036854775807", id="the largest integer"),
    pytest.param("(-9223372036854775807 - 1)", id="the least integer"),
    pytest.param("9007199254740993", id="an integer that no real can hold"),
    pytest.param("NULL", id="NULL"),
    pytest.param("'1'", id="a number as text"),
    pytest.param("'quo''te' || char(10, 13, 9, 34)", id="quotes and line ends"),
    pytest.param("'a' || char(0) || 'b'", id="a NUL"),
    pytest.param("char(128512, 8238, 27)", id="beyond the BMP"),
    pytest.param("CAST(x'ff61fe62' AS TEXT)", id="text that is not UTF-8"),
    pytest.param("char(65279, 97)", id="a byte order mark"),
    pytest.param("CAST(x'feff0061ffff' AS TEXT)", id="no characters in UTF-16"),
    pytest.param("CAST(x'61d862006300' AS TEXT)", id="half a surrogate pair in UTF-16"),
    pytest.param("CAST(x'00d86100' AS TEXT)", id="half a surrogate pair, little end first"),
    pytest.param("CAST(x'd8000061' AS TEXT)", id="half a surrogate pair, big end first"),
]


@pytest.mark.parametrize("encoding", ["UTF-8", "UTF-16le", "UTF-16be"])
@pytest.mark.parametrize("value", VALUES)
def test_a_value_comes_back_as_it_was(value: str, encoding: str, tmp_path: Path) -> None:
    path = build(
        tmp_path / "x.db",
        f"PRAGMA encoding = '{encoding}'; {PARENT}"
        "CREATE TABLE gone (v, p_id NOT NULL REFERENCES p); CREATE TABLE emptied (v, p_id REFERENCES p);"
        f"INSERT INTO gone VALUES ({value}, 7), ('stays', 1); INSERT INTO emptied VALUES ({value}, 7), ('stays', 1);",
    )
    before = exact(path)
    repair(path)
    script = sqlfix("undo", path, "--sql")
    assert script.code == 0, script.err
    after = path.read_bytes()
    assert sqlfix("undo", path, "--yes", "--no-backup").code == 0
    assert exact(path) == before
    other = tmp_path / "other.db"
    other.write_bytes(after)
    run_script(other, script.out)
    assert exact(other) == before


TABLES = [
    pytest.param(
        "CREATE TABLE c (a TEXT, p_id NOT NULL REFERENCES p);"
        "INSERT INTO c (rowid, a, p_id) VALUES (-5, 'x', 7), (9223372036854775807, 'y', 8), (3, 'z', 1);",
        id="rowids that are no column",
    ),
    pytest.param(
        "CREATE TABLE c (rowid TEXT, p_id REFERENCES p); INSERT INTO c VALUES ('x', 7), ('x', 8), ('x', 1);",
        id="a column named rowid",
    ),
    pytest.param(
        "CREATE TABLE c (a TEXT COLLATE NOCASE, b, p_id NOT NULL REFERENCES p, PRIMARY KEY (b, a)) WITHOUT ROWID;"
        "INSERT INTO c VALUES ('x', 1, 7), ('x', '1', 7), ('X', 2.5, 1);",
        id="WITHOUT ROWID, composite",
    ),
    pytest.param(
        "CREATE TABLE c (a, p_id REFERENCES p, PRIMARY KEY (a, p_id));"
        "INSERT INTO c VALUES (NULL, 7), (NULL, 7), (1, 8), (1, 1);",
        id="NULLs in a primary key",
    ),
    pytest.param(
        "CREATE TABLE c (id INTEGER PRIMARY KEY AUTOINCREMENT, p_id NOT NULL REFERENCES p);"
        "INSERT INTO c VALUES (1, 1), (40, 7); DELETE FROM c WHERE id = 99; UPDATE sqlite_sequence SET seq = 70;",
        id="AUTOINCREMENT",
    ),
    pytest.param(
        "CREATE TABLE c (id INTEGER PRIMARY KEY, p_id REFERENCES p, v AS (p_id + 1), s TEXT AS ('<' || p_id) STORED);"
        "INSERT INTO c (id, p_id) VALUES (1, 1), (2, 7);",
        id="generated columns",
    ),
    pytest.param(
        "CREATE TABLE c (id INTEGER PRIMARY KEY, n INTEGER CHECK (n > 0), p_id NOT NULL REFERENCES p);"
        "PRAGMA ignore_check_constraints = ON; INSERT INTO c VALUES (1, -1, 7), (2, -2, 1), (3, 1, 8);",
        id="a deleted row that broke a CHECK",
    ),
    pytest.param(
        "CREATE TABLE c (id INTEGER PRIMARY KEY, n INTEGER CHECK (n > 0), p_id REFERENCES p);"
        "PRAGMA ignore_check_constraints = ON; INSERT INTO c VALUES (1, -1, 7), (2, -2, 1);",
        id="a changed row that broke a CHECK",
    ),
    pytest.param(
        "CREATE TABLE c (id INTEGER PRIMARY KEY, n INTEGER, p_id REFERENCES p);"
        "INSERT INTO c VALUES (1, NULL, 7), (2, 5, 1), (3, 6, 8);"
        "PRAGMA writable_schema = ON; UPDATE sqlite_master SET"
        " sql = 'CREATE TABLE c (id INTEGER PRIMARY KEY, n INTEGER NOT NULL, p_id REFERENCES p)' WHERE name = 'c';"
        "PRAGMA writable_schema = RESET;",
        id="NULL in a NOT NULL column of a changed row",
    ),
    pytest.param(
        "CREATE TABLE c (id INTEGER PRIMARY KEY, old_x, 'new x', 'old x', what, p_id REFERENCES p);"
        "INSERT INTO c VALUES (1, 2, 3, 4, 5, 7), (2, 2, 3, 4, 5, 1);",
        id="columns named as the record's",
    ),
    pytest.param(
        "CREATE TABLE about (key, p_id REFERENCES p); CREATE TABLE tables (p_id NOT NULL REFERENCES p);"
        "CREATE TABLE script (p_id NOT NULL REFERENCES p); CREATE TABLE 'rows of about' (p_id NOT NULL REFERENCES p);"
        "INSERT INTO about VALUES ('x', 7), ('y', 1); INSERT INTO tables VALUES (7), (1);"
        "INSERT INTO script VALUES (8), (1); INSERT INTO 'rows of about' VALUES (9), (1);",
        id="tables named as the record's",
    ),
    pytest.param(
        "CREATE TABLE c (id INTEGER PRIMARY KEY, code INTEGER UNIQUE, p_id REFERENCES p ON DELETE CASCADE);"
        "CREATE TABLE d (id INTEGER PRIMARY KEY, c_code NOT NULL REFERENCES c (code), c_id REFERENCES c);"
        "INSERT INTO c VALUES (1, 10, 1), (2, 20, 7); INSERT INTO d VALUES (1, 20, 1), (2, 10, 2), (3, 20, 2);",
        id="consequences",
    ),
    pytest.param(
        "CREATE TABLE c (id INTEGER PRIMARY KEY, up REFERENCES c, p_id REFERENCES p ON DELETE CASCADE);"
        "INSERT INTO c VALUES (1, NULL, 7), (2, 1, 1), (3, 2, 1), (4, 99, 1);",
        id="a tree",
    ),
]


@pytest.mark.parametrize("sql", TABLES)
def test_the_rows_of_a_table_come_back_as_they_were(sql: str, tmp_path: Path) -> None:
    path = build(tmp_path / "x.db", PARENT + sql)
    before = exact(path)
    repair(path, "--ignore", "not-null-violations", "--ignore", "check-violations")  # some were broken before
    after, raw = exact(path), path.read_bytes()
    assert after != before
    script = sqlfix("undo", path, "--sql").out
    undone = sqlfix("undo", path, "--yes", "--no-backup")
    assert undone.code == 0, undone.out + undone.err
    assert exact(path) == before
    assert sqlfix("undo", path, records(path)[-1]["name"], "--yes", "--no-backup").code == 0
    assert exact(path) == after
    if "CHECK" not in sql:  # the script is held to the CHECKs of the file
        other = tmp_path / "other.db"
        other.write_bytes(raw)
        run_script(other, script)
        assert exact(other) == before


def test_a_deleted_row_with_null_in_a_not_null_column_needs_the_backup(tmp_path: Path) -> None:
    path = build(
        tmp_path / "x.db",
        f"{PARENT} CREATE TABLE c (id INTEGER PRIMARY KEY, n, p_id NOT NULL REFERENCES p);"
        "INSERT INTO c VALUES (1, NULL, 7), (2, 5, 1), (3, 6, 8); PRAGMA writable_schema = ON;"
        "UPDATE sqlite_master SET sql = replace(sql, 'n, p_id', 'n NOT NULL, p_id') WHERE name = 'c';"
        "PRAGMA writable_schema = RESET;",
    )
    before = exact(path)
    assert sqlfix("repair", path, "--yes", "--ignore", "not-null-violations").code == 0
    after = exact(path)
    backup = Path(records(path)[0]["backup"])
    aside = backup.rename(tmp_path / "aside")
    looked = sqlfix("undo", path, "--dry-run")
    assert looked.code == 2
    assert "Conflicts: 1 row" in looked.out and "SQLite refuses it" in looked.out and "NOT NULL" in looked.out
    assert sqlfix("undo", path, "--yes").code == 2
    assert exact(path) == after
    aside.rename(backup)
    assert sqlfix("undo", path, "--yes").code == 0
    assert exact(path) == before


@pytest.mark.parametrize("columns", [989, 990, 1100, 1999])
def test_a_wide_table_comes_back_too(columns: int, tmp_path: Path) -> None:
    listed = ", ".join(f"c{number}" for number in range(columns))
    path = build(
        tmp_path / "x.db",
        f"{PARENT} CREATE TABLE c (p_id NOT NULL REFERENCES p, {listed}); CREATE TABLE d (p_id REFERENCES p, {listed});"
        "INSERT INTO c (p_id, c1) VALUES (7, 5), (1, 6); INSERT INTO d (p_id, c2) VALUES (7, 5), (1, 6);",
    )
    before = contents(path)
    repair(path)
    after, script = path.read_bytes(), sqlfix("undo", path, "--sql").out
    assert sqlfix("undo", path, "--yes", "--no-backup").code == 0
    assert contents(path) == before
    path.write_bytes(after)
    run_script(path, script)
    assert contents(path) == before


# -- what triggers do on the way ----------------------------------------------------------------------------------

CHILD = (
    "CREATE TABLE c (id INTEGER PRIMARY KEY, words TEXT, p_id NOT NULL REFERENCES p);"
    "CREATE TABLE e (id INTEGER PRIMARY KEY, words TEXT, p_id REFERENCES p);"
    "INSERT INTO c VALUES (1, 'a bee', 1), (2, 'two bees', 7), (3, 'a wasp', 8);"
    "INSERT INTO e VALUES (1, 'a bee', 1), (2, 'two bees', 7), (3, 'a wasp', 8);"
)
TRIGGERS = [
    pytest.param(
        "CREATE TABLE log (n INTEGER PRIMARY KEY AUTOINCREMENT, what);"
        "CREATE TRIGGER t1 AFTER DELETE ON c BEGIN INSERT INTO log (what) VALUES ('gone ' || OLD.id); END;"
        "CREATE TRIGGER t2 AFTER UPDATE ON e BEGIN INSERT INTO log (what) VALUES ('new ' || OLD.id); END;",
        id="an audit",
    ),
    pytest.param(
        "CREATE TABLE last (c_id PRIMARY KEY, what); INSERT INTO last VALUES (2, 'first'), (5, 'other');"
        "CREATE TRIGGER t1 AFTER DELETE ON c BEGIN INSERT OR REPLACE INTO last VALUES (OLD.id, 'gone'); END;",
        id="INSERT OR REPLACE",
    ),
    pytest.param(
        "CREATE TABLE sums (id INTEGER PRIMARY KEY, n); INSERT INTO sums VALUES (1, 3);"
        "CREATE TRIGGER t1 AFTER DELETE ON c BEGIN UPDATE sums SET n = n - 1; END;"
        "CREATE TRIGGER t2 AFTER INSERT ON c BEGIN UPDATE sums SET n = n + 1; END;",
        id="a count that is kept",
    ),
    pytest.param(
        "CREATE TABLE detail (c_id, x); INSERT INTO detail VALUES (1, 'a'), (2, x'00'), (3, 9e999);"
        "CREATE TRIGGER t1 AFTER DELETE ON c BEGIN DELETE FROM detail WHERE c_id = OLD.id; END;",
        id="a cascade by hand",
    ),
    pytest.param(
        "CREATE TRIGGER t2 AFTER UPDATE OF p_id ON e BEGIN UPDATE e SET words = 'changed' WHERE id = NEW.id; END;",
        id="a change to the row itself",
    ),
]
SEARCH = [
    pytest.param(
        "fts5",
        "CREATE VIRTUAL TABLE s USING fts5(words, content='c', content_rowid='id');"
        "INSERT INTO s (s) VALUES ('rebuild');"
        "CREATE TRIGGER t1 AFTER DELETE ON c BEGIN"
        " INSERT INTO s (s, rowid, words) VALUES ('delete', OLD.id, OLD.words); END;"
        "CREATE TRIGGER t2 AFTER INSERT ON c BEGIN INSERT INTO s (rowid, words) VALUES (NEW.id, NEW.words); END;",
        "SELECT rowid FROM s WHERE s MATCH 'bees OR wasp'",
        id="FTS5, external content",
    ),
    pytest.param(
        "fts5",
        "CREATE VIRTUAL TABLE s USING fts5(words); INSERT INTO s (rowid, words) SELECT id, words FROM c;"
        "CREATE TRIGGER t1 AFTER DELETE ON c BEGIN DELETE FROM s WHERE rowid = OLD.id; END;"
        "CREATE TRIGGER t2 AFTER INSERT ON c BEGIN INSERT INTO s (rowid, words) VALUES (NEW.id, NEW.words); END;",
        "SELECT rowid FROM s WHERE s MATCH 'bees OR wasp'",
        id="FTS5, its own content",
    ),
    pytest.param(
        "fts5",
        "CREATE VIRTUAL TABLE s USING fts5(words); INSERT INTO s (rowid, words) SELECT id, words FROM c;"
        "CREATE TRIGGER t1 AFTER DELETE ON c BEGIN DELETE FROM s WHERE rowid = OLD.id; END;",
        "SELECT rowid FROM s WHERE s MATCH 'bees OR wasp'",
        id="FTS5, only the DELETE has a trigger",
    ),
    pytest.param(
        "fts4",
        "CREATE VIRTUAL TABLE s USING fts4(words); INSERT INTO s (docid, words) SELECT id, words FROM c;"
        "CREATE TRIGGER t1 AFTER DELETE ON c BEGIN DELETE FROM s WHERE docid = OLD.id; END;"
        "CREATE TRIGGER t2 AFTER INSERT ON c BEGIN INSERT INTO s (docid, words) VALUES (NEW.id, NEW.words); END;",
        "SELECT docid FROM s WHERE s MATCH 'bees OR wasp'",
        id="FTS4",
    ),
    pytest.param(
        "rtree",
        "CREATE VIRTUAL TABLE s USING rtree(id, x0, x1); INSERT INTO s SELECT id, id, id + 0.5 FROM c;"
        "CREATE TRIGGER t1 AFTER DELETE ON c BEGIN DELETE FROM s WHERE id = OLD.id; END;",
        "SELECT id, x0, x1 FROM s WHERE x0 >= 2",
        id="R*Tree",
    ),
]


@pytest.mark.parametrize("backup", ["--backup", "--no-backup"])
@pytest.mark.parametrize("sql", TRIGGERS)
def test_what_triggers_changed_comes_back_too(sql: str, backup: str, tmp_path: Path) -> None:
    path = build(tmp_path / "x.db", PARENT + CHILD + sql)
    before = exact(path)
    assert sqlfix("repair", path, "--yes", backup).code == 0
    after = exact(path)
    run_script(path, "CREATE TABLE since (x)")
    undone = sqlfix("undo", path, "--yes", "--no-backup")
    assert undone.code == 0, undone.out + undone.err
    run_script(path, "DROP TABLE since")
    assert exact(path) == before
    assert sqlfix("undo", path, records(path)[-1]["name"], "--yes", "--no-backup").code == 0
    assert exact(path) == after


@pytest.mark.parametrize(("module", "sql", "query"), SEARCH)
def test_a_search_index_comes_back_too(module: str, sql: str, query: str, tmp_path: Path) -> None:
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        if not connection.execute("SELECT 1 FROM pragma_module_list WHERE name = ?", (module,)).fetchone():
            pytest.skip(f"this SQLite has no {module}")
    path = build(tmp_path / "x.db", PARENT + CHILD + sql)
    before, found = meaning(path), rows(path, query)
    assert len(found) == 2
    assert sqlfix("repair", path, "--yes").code == 0
    assert rows(path, query) == []
    after = meaning(path)
    for expected, hits in ((before, found), (after, [])):
        run_script(path, "CREATE TABLE since (x)")
        undone = sqlfix("undo", path, records(path)[-1]["name"], "--yes", "--no-backup")
        assert undone.code == 0, undone.out + undone.err
        run_script(path, "DROP TABLE since")
        assert rows(path, query) == hits
        assert meaning(path) == expected
        assert rows(path, "PRAGMA integrity_check") == [("ok",)]


# -- the record itself --------------------------------------------------------------------------------------------


def test_the_record_is_a_database_that_anything_can_open(tmp_path: Path) -> None:
    path = build(tmp_path / "app.db", SHOP)
    assert sqlfix("repair", path, "--yes").code == 0
    record = the_record(path)
    assert rows(record, "PRAGMA integrity_check") == [("ok",)]
    about = dict(rows(record, "SELECT key, value FROM about"))
    assert about["kind"] == "repair" and about["state"] == "applied" and about["rows"] == "4"
    assert about["database"] == str(path.resolve())
    assert about["sqlite"] == sqlite3.sqlite_version
    assert Path(about["backup"]).exists()
    assert [step[0] for step in json.loads(about["plan"])] == ["delete-rows", "set-null"]
    script = [statement for (statement,) in rows(record, "SELECT statement FROM script ORDER BY place")]
    assert len(script) == 2 and script[0].startswith("DELETE") and script[1].startswith("UPDATE")
    assert rows(record, "SELECT name, columns, row_id FROM tables ORDER BY number") == [
        ("orders", '["id", "customer_id", "code"]', '["id"]'),
        ("reviews", '["id", "customer_id", "words"]', '["id"]'),
    ]
    assert rows(record, 'SELECT * FROM "rows of orders" ORDER BY 2') == [
        ("delete", 3, 9, "c", None, None, None),
        ("delete", 4, 9, "d", None, None, None),
    ]
    assert rows(record, 'SELECT "old customer_id", "new customer_id" FROM "rows of reviews" ORDER BY "old id"') == [
        (8, None),
        (8, None),
    ]


def test_a_row_that_two_steps_change_stands_there_once(tmp_path: Path) -> None:
    path = build(
        tmp_path / "x.db",
        f"{PARENT} CREATE TABLE c (id INTEGER PRIMARY KEY, a REFERENCES p, b REFERENCES p, d NOT NULL REFERENCES p);"
        "INSERT INTO c VALUES (1, 7, 8, 1), (2, 7, 8, 9), (3, 1, 1, 1);",
    )
    repair(path)
    assert rows(the_record(path), 'SELECT * FROM "rows of c" ORDER BY "old id"') == [
        ("update", 1, 7, 8, 1, 1, None, None, 1),
        ("delete", 2, 7, 8, 9, None, None, None, None),
    ]


# -- how the record is written --------------------------------------------------------------------------------------


def told_in(path: Path) -> dict[str, Any]:
    """What the record of a file says of its rows, with the bytes and types of all values."""
    return {name: held for name, held in exact(the_record(path)).items() if name not in ("about", "schema")}


def value_by_value(patch: pytest.MonkeyPatch) -> list[str]:
    """The tables of rows that are written value by value from now on, though few are worth the other way as well."""
    written: list[str] = []
    original = stored_rows.copy
    patch.setattr(stored_rows, "copy", lambda *asked: written.append(asked[4]) or original(*asked))
    patch.setattr(stored_rows, "AT_ONCE", range(32 << 20))
    return written


NOT_AT_ONCE = [
    pytest.param(lambda patch: patch.setattr(stored_rows, "AT_ONCE", range(4096)), id="too many"),
    pytest.param(lambda patch: patch.setattr(stored_rows, "AT_ONCE", range(1 << 20, 2 << 20)), id="too few"),
    pytest.param(
        lambda patch: patch.setattr(stored_rows, "temporary_folder", failing(SqlfixError("no"))), id="no room"
    ),
    pytest.param(lambda patch: patch.setattr(stored_rows, "ATTACHED", "main"), id="it cannot be attached"),
    pytest.param(lambda patch: patch.setattr(stored_rows, "attach", half_attached), id="it fails half way"),
]


def failing(error: Exception) -> Any:
    def fail(*asked: object) -> None:
        raise error

    return fail


def half_attached(connection: sqlite3.Connection, path: Path, name: str) -> None:
    """Attach a file that has lost one of its tables."""
    with contextlib.closing(sqlite3.connect(path)) as other:
        other.execute("DROP TABLE sqlfix_rows_2")
        other.commit()
    attach(connection, path, name)


@pytest.mark.parametrize("encoding", ["UTF-8", "UTF-16le", "UTF-16be"])
@pytest.mark.parametrize("otherwise", NOT_AT_ONCE)
def test_the_record_is_the_same_whichever_way_it_is_written(
    encoding: str, otherwise: Callable[[pytest.MonkeyPatch], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = ", ".join(f"({param.values[0]}, 7)" for param in VALUES)
    sql = (
        f"PRAGMA encoding = '{encoding}'; {PARENT} CREATE TABLE gone (v, p_id NOT NULL REFERENCES p);"
        "CREATE TABLE emptied (v, p_id REFERENCES p);"
        f"INSERT INTO gone VALUES {values}, (1, 1); INSERT INTO emptied VALUES {values}, (1, 1);"
    )
    (tmp_path / "a").mkdir(), (tmp_path / "b").mkdir()
    one, other = (build(tmp_path / name / "x.db", sql) for name in "ab")
    written = value_by_value(monkeypatch)
    repair(one, "--allow-mass-delete")
    assert written == []
    otherwise(monkeypatch)
    repair(other, "--allow-mass-delete")
    assert written == ['"rows of gone"', '"rows of emptied"']
    assert told_in(one) == told_in(other)
    assert len(told_in(one)["rows of gone"]) == len(VALUES)


@settings(SLOW, max_examples=SLOW.max_examples // 4)
@given(case=cases(nulls=True))
def test_any_record_is_the_same_whichever_way_it_is_written(case: Case) -> None:
    told = []
    for at_once in (True, False):
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name, pytest.MonkeyPatch.context() as patch:
            written, path = value_by_value(patch), case.build(Path(name) / "x.db")
            if not at_once:
                patch.setattr(stored_rows, "AT_ONCE", range(0))
            if sqlfix("repair", path, "--yes", "--allow-mass-delete").code not in (0, 1) or not records(path):
                return
            assert at_once == (not [table for table in written if "rows of" in table])
            told.append(told_in(path))
    assert told[0] == told[1]


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o644])
@pytest.mark.skipif(os.name == "nt", reason="Windows has no modes of this kind")
def test_the_record_is_no_wider_open_than_the_original(mode: int, tmp_path: Path) -> None:
    path = build(tmp_path / "app.db", SHOP)
    path.chmod(mode)
    repair(path)
    assert stat.S_IMODE(the_record(path).stat().st_mode) == mode
    assert sqlfix("undo", path, "--yes", "--no-backup").code == 0
    assert [stat.S_IMODE(Path(found["path"]).stat().st_mode) for found in records(path)] == [mode, mode]


@pytest.mark.parametrize("command", ["repair", "undo"])
def test_the_record_is_on_the_disk_before_the_commit(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = build(tmp_path / "app.db", SHOP)
    if command == "undo":
        repair(path)
    known = {found["path"] for found in records(path)}
    synced: list[tuple[int, int]] = []
    seen: list[bool] = []
    fsync, commit = os.fsync, repair_module.commit

    def note_fsync(descriptor: int) -> None:
        fsync(descriptor)
        status = os.fstat(descriptor)
        synced.append((status.st_dev, status.st_ino))

    def look_first(connection: sqlite3.Connection) -> None:
        (made,) = [p for p in path.parent.glob("app.db.sqlfix-*.sqlite3") if str(p) not in known]
        for file in (made, made.parent):
            assert (file.stat().st_dev, file.stat().st_ino) in synced
        found = record_module.read(made)
        assert (found.state, found.rows) == ("prepared", 4)
        assert rows(made, "PRAGMA integrity_check") == [("ok",)]
        assert connection.in_transaction
        seen.append(True)
        commit(connection)

    monkeypatch.setattr(os, "fsync", note_fsync)
    monkeypatch.setattr(repair_module, "commit", look_first)
    monkeypatch.setattr("sqlfix.repair.undo.commit", look_first)
    assert sqlfix(command, path, "--yes", "--no-backup").code == 0
    assert seen == [True]
    assert records(path)[-1]["state"] == "applied"


def test_a_commit_that_fails_leaves_no_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = build(tmp_path / "app.db", SHOP)
    before = contents(path)

    def fail(connection: sqlite3.Connection) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr(repair_module, "commit", fail)
    assert sqlfix("repair", path, "--yes", "--no-backup").code == 2
    assert contents(path) == before
    assert list(tmp_path.iterdir()) == [path]


# -- any database -------------------------------------------------------------------------------------------------


def can_be_put_back(path: Path) -> bool:
    """False for the one thing that only a backup brings back: a deleted row with NULL in a NOT NULL column."""
    return "breaks a NOT NULL" not in sqlfix("undo", path, "--dry-run").out


@settings(SLOW, max_examples=SLOW.max_examples * 2 // 5)
@given(case=cases(nulls=True))
def test_any_repair_can_be_taken_back(case: Case) -> None:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        path = case.build(Path(name) / "x.db")
        before = exact(path)
        if sqlfix("repair", path, "--yes", "--allow-mass-delete").code not in (0, 1) or not records(path):
            return
        after = exact(path)
        assert sqlfix("undo", path, "--yes", "--no-backup").code == 0
        assert exact(path) == before
        assert sqlfix("repair", path, "--yes", "--allow-mass-delete", "--no-backup").code in (0, 1)
        assert exact(path) == after
        run_script(path, "CREATE TABLE written_since (x); INSERT INTO written_since VALUES (1)")
        if can_be_put_back(path):
            undone = sqlfix("undo", path, "--yes", "--no-backup")
            assert undone.code == 0, undone.out + undone.err
            run_script(path, "DROP TABLE written_since")
            assert exact(path) == before


def test_naming_a_column_does_not_go_through_all_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    columns = tuple(f"c{number}" for number in range(1999))
    rows = archive.Archived(1, "t", columns, ("c0",)).in_record()

    def through_all(archived: archive.Archived) -> int:
        raise AssertionError("2,000 times 2,000 columns are seconds")

    monkeypatch.setattr(archive.Archived, "parts", property(through_all))
    monkeypatch.setattr(archive.Archived, "__hash__", through_all)
    assert [rows.old("c0"), rows.new("c1998")] == ['r."old c0"', 'r2."new c1998"']


def test_gathering_the_rows_does_not_grow_with_their_square(tmp_path: Path) -> None:
    def steps(rows: int) -> int:
        path = build(
            tmp_path / f"{rows}.db",
            f"CREATE TABLE t (id INTEGER PRIMARY KEY, a); INSERT INTO t (a)"
            f" WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < {rows}) SELECT n FROM r;",
        )
        counted = 0

        def count() -> int:
            nonlocal counted
            counted += 1
            return 0

        with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
            schema = read_schema(connection)
            tables = (archive.Archived(1, "t", ("id", "a"), ("id",)),)
            watch = archive.Watch(archive.Archive(connection, schema, tables).prepare())
            connection.set_progress_handler(count, 100)
            for name, value in (("set-null", "NULL"), ("update", "1")):
                statement = f"UPDATE t SET a = {value}"
                fix = Fix(
                    name, "t", ("a",), None, (), (), rows, Applicability.CHOICE, Loss.VALUES, (statement,), "update"
                )
                watch.turn_to(fix)
                connection.execute(statement)
        return counted

    assert steps(4000) < 6 * steps(1000)


def test_only_a_row_that_may_be_gathered_already_is_looked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """To look for each takes a third of the time of an UPDATE; the temporary tables of a fix are no reason for it."""
    path = build(
        tmp_path / "x.db",
        "CREATE TABLE p (code TEXT PRIMARY KEY); INSERT INTO p VALUES ('A'), ('B');"
        "CREATE TABLE c (id INTEGER PRIMARY KEY, a TEXT REFERENCES p, b TEXT REFERENCES p);"
        "INSERT INTO c VALUES (1, 'A ', 'B'), (2, 'b', 'a'), (3, 'A', 'none like it');",
    )
    looks: list[tuple[str, bool]] = []
    trigger_on = archive._trigger_on
    monkeypatch.setattr(
        archive,
        "_trigger_on",
        lambda rows, event, again: looks.append((event, again)) or trigger_on(rows, event, again),
    )
    repair(path)
    assert looks == [("update", False), ("update", True)]  # both columns in turn
    assert rows(path, "SELECT * FROM c") == [(1, "A", "B"), (2, "B", "A"), (3, "A", None)]
    assert rows(the_record(path), 'SELECT * FROM "rows of c" ORDER BY "old id"') == [
        ("update", 1, "A ", "B", 1, "A", "B"),
        ("update", 2, "b", "a", 2, "B", "A"),
        ("update", 3, "A", "none like it", 3, "A", None),
    ]


def test_the_record_knows_the_file_that_the_repair_left(tmp_path: Path) -> None:
    path = build(tmp_path / "x.db", f"{PARENT} CREATE TABLE c (p_id REFERENCES p); INSERT INTO c VALUES (1), (7);")
    before = sums.file_pieces(path).sum
    assert sqlfix("repair", path, "--yes", "--backup-to", tmp_path / "kept").code == 0
    about = record_module.records_beside(path)[0][0].about
    assert (about["backup_sum"], about["after"]) == (
        sums.file_pieces(tmp_path / "kept").sum,
        sums.file_pieces(path).sum,
    )
    assert before != about["after"]
