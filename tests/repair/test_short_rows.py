"""Rows that are older than a column keep their values when the column gets another DEFAULT, and are not copied."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
from collections.abc import Iterable
from pathlib import Path

import pytest
from schema_digest import everything
from support import build, fingerprint, sqlfix, together

from sqlfix.errors import RolledBack
from sqlfix.model.plans import SchemaStep
from sqlfix.repair.change import ChangeOptions
from sqlfix.repair.schema_change import change_schema
from sqlfix.sql.literals import quote
from sqlfix.sql.short_rows import MARK, noted_rows
from sqlfix.sql.table_edits import with_default, without_clause
from tests.repair.test_schema_change import copies, in_the_shell, plan_of

pytestmark = pytest.mark.oracle

ALONE = ChangeOptions(backup=False)
SHAPES = {
    "two columns, one after the other": """
        CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT); INSERT INTO t VALUES (1, 'x'), (2, 'y'); ALTER TABLE t ADD
        COLUMN c TEXT DEFAULT 'old'; INSERT INTO t VALUES (5, 'z', 'new'), (6, 'z', 'old'), (7, 'z', NULL); ALTER TABLE
        t ADD COLUMN d INT DEFAULT 3; INSERT INTO t VALUES (8, 'w', 'old', 3), (9, 'w', 'c', NULL);""",
    "no DEFAULT": """
        CREATE TABLE t (a); INSERT INTO t (rowid, a) VALUES (-4, 1), (9, 2); ALTER TABLE t ADD COLUMN c;
        INSERT INTO t VALUES (3, NULL), (4, 'v');""",
    "indexes over it": """
        CREATE TABLE t (a, b); INSERT INTO t VALUES (1, 1), (2, 2), (3, 3); ALTER TABLE t ADD COLUMN c DEFAULT 'o'
        COLLATE NOCASE; INSERT INTO t VALUES (4, 4, 'O'), (5, 5, NULL); CREATE INDEX i ON t (c, a); CREATE INDEX j ON t
        (a) WHERE c = 'o'; CREATE INDEX k ON t (c || a); CREATE UNIQUE INDEX u ON t (b, c); ANALYZE;""",
    "WITHOUT ROWID": """
        CREATE TABLE t (a TEXT COLLATE NOCASE, b, e, PRIMARY KEY (b DESC, a COLLATE RTRIM)) WITHOUT ROWID; INSERT INTO t
        VALUES ('x', 1, 1), ('X', 1, 2), ('y', 2, x'ff'); ALTER TABLE t ADD COLUMN c TEXT DEFAULT 7; CREATE INDEX i ON t
        (c); INSERT INTO t VALUES ('z', 1, 1, '7'), ('z', 2, 2, 8);""",
    "STRICT": """
        CREATE TABLE t (id INTEGER PRIMARY KEY, a ANY, r REAL NOT NULL) STRICT; INSERT INTO t VALUES (1, '1', 2),
        (2, 1.0, 3); ALTER TABLE t ADD COLUMN c INT NOT NULL DEFAULT 4; INSERT INTO t VALUES (3, 'x', 1, 5);""",
    "triggers": """
        CREATE TABLE log (what); CREATE TABLE t (id INTEGER PRIMARY KEY, a); INSERT INTO t VALUES (1, 1), (2, 2);
        ALTER TABLE t ADD COLUMN c DEFAULT 1.5; INSERT INTO t VALUES (3, 3, 3);
        CREATE TRIGGER g BEFORE UPDATE ON t BEGIN INSERT INTO log VALUES ('g'); END;
        CREATE TRIGGER f AFTER UPDATE OF c ON t WHEN new.c BEGIN UPDATE t SET a = a + 1; SELECT RAISE(IGNORE); END;
        CREATE TRIGGER h AFTER INSERT ON t BEGIN INSERT INTO log VALUES ('h'); END; CREATE INDEX f ON t (a);""",
    "computed from it": """
        CREATE TABLE t (a, s AS (a || '!') STORED); INSERT INTO t (a) VALUES (1), (2); ALTER TABLE t ADD COLUMN c
        DEFAULT 'x'; ALTER TABLE t ADD COLUMN v AS (c || a); CREATE INDEX i ON t (v); INSERT INTO t (a, c) VALUES
        (1, 'y');""",
    "parents and children": """
        CREATE TABLE t (id INTEGER PRIMARY KEY, up REFERENCES t (id) ON UPDATE CASCADE); INSERT INTO t VALUES (1, 1),
        (2, 9); ALTER TABLE t ADD COLUMN c REFERENCES t (id) DEFAULT NULL; INSERT INTO t VALUES (3, 1, 2);""",
    "rows that break its CHECK": """
        CREATE TABLE t (a); INSERT INTO t VALUES (1), (-2); ALTER TABLE t ADD COLUMN c DEFAULT 4; PRAGMA
        writable_schema = ON; UPDATE sqlite_master SET sql = replace(sql, '(a,', '(a CHECK (a > 0),');""",
    "a NULL where none may be": """
        CREATE TABLE t (a); INSERT INTO t VALUES (NULL); ALTER TABLE t ADD COLUMN c DEFAULT 1; PRAGMA writable_schema =
        ON; UPDATE sqlite_master SET sql = replace(sql, '(a,', '(a NOT NULL ON CONFLICT REPLACE DEFAULT 3,');""",
    "values of all kinds": """
        CREATE TABLE t (r REAL, n NUMERIC, i INTEGER, x TEXT, b BLOB, z, "a{0}b"); INSERT INTO t VALUES
        (3, 3.0, 3.5, 'a' || char(0) || 'b', x'0001', 9223372036854775807, 1), (1e300, 'x', -0.0, CAST(x'fffe41' AS
        TEXT), '1', 1.0, 2), (9e999, -9e999, NULL, '', x'', zeroblob(9000), 3); ALTER TABLE t ADD COLUMN c REAL DEFAULT
        5; ALTER TABLE t ADD COLUMN "d'd" BLOB DEFAULT x'00'; CREATE TABLE sqlfix_short (a); CREATE TABLE sqlfix_values
        (a);""",
    "in WAL mode, in UTF-16": """
        PRAGMA encoding = 'UTF-16le'; PRAGMA journal_mode = wal; CREATE TABLE t ("ö"); INSERT INTO t VALUES ('日本'),
        (NULL); ALTER TABLE t ADD COLUMN c DEFAULT 'ü' NOT NULL;""",
    "all names of the rowid but one": """
        CREATE TABLE t (rowid, oid); INSERT INTO t (_rowid_, rowid, oid) VALUES (7, 1, 2), (3, 1, 2); ALTER TABLE t ADD
        COLUMN c DEFAULT 0;""",
    "a row that holds the mark": f"""
        CREATE TABLE t (a); INSERT INTO t VALUES (1), ({MARK}); ALTER TABLE t ADD COLUMN c DEFAULT 0;""",
    "a row that holds it in the column itself": f"""
        CREATE TABLE t (a); INSERT INTO t VALUES (1), (2); ALTER TABLE t ADD COLUMN c DEFAULT 1; INSERT INTO t VALUES
        (3, {MARK}), (4, 1), (5, NULL);""",
}  # fmt: skip
DEFAULTS = ("'new'", "NULL", "1 + 1", "CURRENT_TIMESTAMP", "x'00'", None)


def columns_of(path: Path) -> tuple[str, list[str]]:
    """The text of the table, and the columns that came later."""
    with contextlib.closing(sqlite3.connect(path)) as db:
        (text,) = db.execute("SELECT sql FROM sqlite_master WHERE name = 't'").fetchone()
        names = [row[1] for row in db.execute("PRAGMA table_info(t)")]
    return str(text), [name for name in names if name in ("c", "d", "d'd")]


@together
@pytest.mark.parametrize("shape", SHAPES)
def test_rows_older_than_a_column_keep_its_value_under_another_default(tmp_path: Path, shape: str) -> None:
    original = build(tmp_path / "original.db", SHAPES[shape])
    text, columns = columns_of(original)
    before = everything(original)
    for column in columns:
        for number, default in enumerate(DEFAULTS):
            new = with_default(text, column, default) if default else without_clause(text, column, "default")
            if new == text or (not default and "NOT NULL" in text):
                continue
            path, other = (
                Path(shutil.copy(original, tmp_path / f"{name}{number}{len(column)}.db")) for name in ("x", "y")
            )
            plan = plan_of(path, SchemaStep("rebuild", "table", "t", new))
            assert not copies(plan), (column, default)
            change_schema(path, plan)
            after = everything(path)
            assert {name: after[name] for name in after if name != "schema"} == {
                name: before[name] for name in before if name != "schema"
            }
            assert columns_of(path)[0] == new
            assert in_the_shell(other, plan, "-bail") == ""
            assert everything(other) == after
            assert sqlfix("undo", path, "--yes").code == 0
            assert everything(path) == before


@together
@pytest.mark.parametrize("shape", SHAPES)
def test_none_is_left_short_and_where_one_is_it_is_noticed(tmp_path: Path, shape: str) -> None:
    """The rows that were found are compared, and not all of them looked at once more: that says the same."""
    original = build(tmp_path / "original.db", SHAPES[shape])
    text, columns = columns_of(original)
    for column in columns:
        plan = plan_of(original, SchemaStep("rebuild", "table", "t", with_default(text, column, "'other'")))
        for spoil in (False, True):
            path = Path(shutil.copy(original, tmp_path / f"{len(column)}{spoil}.db"))
            with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as db:
                of_mark = f"SELECT count(*) FROM t WHERE {quote(column)} IS {MARK}"
                (held,) = db.execute(of_mark).fetchone()
                db.execute("BEGIN")
                if spoil:
                    with pytest.raises(sqlite3.IntegrityError, match="not as they were"):
                        run_all(db, plan.statements, of_mark, spoil=True)
                else:
                    assert run_all(db, plan.statements, of_mark, spoil=False) == [held]


def run_all(db: sqlite3.Connection, statements: Iterable[str], of_mark: str, spoil: bool) -> list[int]:
    """Run the statements; how many rows show the mark when they have been compared, under the text that shows it.

    Args:
        spoil: leave the rows as they are, and have it look as if as many were written.
    """
    left = []
    for statement in statements:
        rows = noted_rows(statement)
        if rows is not None:
            assert db.execute(f"SELECT count(*) > 0 FROM {rows}").fetchone() == (1,)
        db.execute(f"UPDATE {rows} SET k0 = k0" if rows and spoil else statement)
        if statement.startswith("UPDATE temp.") and "(met, unlike) =" in statement and "LEFT JOIN" in statement:
            left += db.execute(of_mark).fetchone()
    return left


def test_such_rows_are_written_and_others_are_not(tmp_path: Path) -> None:
    """Where no row is older than its column, nothing is written but the text."""
    rows = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) INSERT INTO t"
    sql = f"CREATE TABLE t (a, c DEFAULT 'old'); {rows} SELECT i, 'old' FROM n"
    path = build(tmp_path / "app.db", sql)
    pages = path.read_bytes()
    change_schema(path, plan_of(path, SchemaStep("rebuild", "table", "t", "CREATE TABLE t (a, c DEFAULT 7)")), ALONE)
    now = path.read_bytes()
    assert len(now) == len(pages)
    assert [
        place for place in range(0, len(now), 4096) if now[place : place + 4096] != pages[place : place + 4096]
    ] == [0]


def test_an_undo_after_other_writes_keeps_them_too(tmp_path: Path) -> None:
    path = build(tmp_path / "app.db", SHAPES["two columns, one after the other"])
    text, _ = columns_of(path)
    assert sqlfix("alter", path, "t.c", "--default", "'now'", "--yes").code == 0
    build(path, "INSERT INTO t (id, d) VALUES (20, 1); UPDATE t SET a = 'changed' WHERE id = 1")
    before = everything(path)
    assert sqlfix("undo", path, "--yes").code == 0
    assert everything(path)["t"] == before["t"]
    assert columns_of(path)[0] == text


REFUSED = {
    "a value that its column would store as another": (
        "CREATE TABLE t (a); INSERT INTO t VALUES ('1'), (2); ALTER TABLE t ADD COLUMN c DEFAULT 1; PRAGMA"
        " writable_schema = ON; UPDATE sqlite_master SET sql = replace(sql, '(a,', '(a INTEGER,');",
        "would not hold its values as they are",
    ),
}


@together
@pytest.mark.parametrize("what", REFUSED)
def test_rows_that_cannot_be_written_as_they_are_take_it_all_back(tmp_path: Path, what: str) -> None:
    sql, said = REFUSED[what]
    path = build(tmp_path / "app.db", sql)
    text, _ = columns_of(path)
    before = fingerprint(path)
    plan = plan_of(path, SchemaStep("rebuild", "table", "t", with_default(text, "c", "7")))
    assert not copies(plan)
    with pytest.raises(RolledBack, match=said):
        change_schema(path, plan, ALONE)
    assert fingerprint(path)[0] == before[0]
    other = Path(shutil.copy(path, tmp_path / "other.db"))
    assert in_the_shell(other, plan) != ""  # also in a host that goes on after an error
    assert everything(other) == everything(path)


def test_where_such_rows_cannot_be_told_all_are_copied(tmp_path: Path) -> None:
    sql = "CREATE TABLE t (rowid, oid, _rowid_); INSERT INTO t VALUES (1, 2, 3);"
    path = build(tmp_path / "app.db", f"{sql} ALTER TABLE t ADD COLUMN c DEFAULT 'old'")
    before, (text, _) = everything(path), columns_of(path)
    plan = plan_of(path, SchemaStep("rebuild", "table", "t", with_default(text, "c", "7")))
    assert copies(plan)
    change_schema(path, plan, ALONE)
    assert everything(path)["t"] == before["t"]
