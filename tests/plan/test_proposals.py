"""What repair does with the findings of checks of tables: DEFAULTs, casts, and values chosen by name."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from pathlib import Path

import pytest
from support import build, contents, run_script, sqlfix

NULLS = """
CREATE TABLE p (id INTEGER PRIMARY KEY); INSERT INTO p VALUES (1);
CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT DEFAULT 'it''s', b INT, c INT DEFAULT 9, d AS (b + 1));
INSERT INTO t (id, a, b, c) VALUES (1, NULL, 2, 3), (2, 'x', NULL, NULL), (3, 'y', 5, 1);
PRAGMA writable_schema = ON;
UPDATE sqlite_master SET sql = 'CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT NOT NULL DEFAULT ''it''''s'','
    || ' b INT NOT NULL, c INT NOT NULL DEFAULT 9{}, d AS (b + 1){})' WHERE name = 't';
PRAGMA writable_schema = RESET;
"""
CASTS = """
CREATE TABLE s (id INTEGER PRIMARY KEY, n, b); 
INSERT INTO s VALUES (1, '12', 1), (2, 'abc', 'true'), (3, 7, 'no'), (4, 1, 1), (5, 2, 0), (6, 3, 0);
PRAGMA writable_schema = ON;
UPDATE sqlite_master SET sql = 'CREATE TABLE s (id INTEGER PRIMARY KEY, n INTEGER, b BOOLEAN{})' WHERE name = 's';
PRAGMA writable_schema = RESET;
"""


def rows(path: Path, query: str) -> list[tuple[object, ...]]:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        return connection.execute(query).fetchall()


def plan_of(path: Path, *options: str) -> dict[str, list[dict[str, object]]]:
    found: dict[str, list[dict[str, object]]] = json.loads(
        sqlfix("repair", "--dry-run", "--format", "json", *options, path).out
    )
    return found


def test_a_default_is_written_where_null_may_not_stand(tmp_path: Path) -> None:
    path = build(tmp_path / "x.db", NULLS.format("", ""))
    before = contents(path)
    ran = sqlfix("repair", "--yes", path)
    assert ran.code == 1, "b has no DEFAULT"
    assert "--set t.b=update:VALUE" in " ".join(ran.out.split())
    assert rows(path, "SELECT id, a, b, c FROM t") == [(1, "it's", 2, 3), (2, "x", None, 9), (3, "y", 5, 1)]
    assert "nothing can be repaired as it stands" in " ".join(sqlfix("repair", "--yes", path).out.split())
    assert sqlfix("undo", "--yes", path).code == 0
    assert contents(path) == before


def null_in(path: Path, declared: str) -> Path:
    """A table t whose row 1 has NULL in x, which is declared so afterwards; the columns are id, x and true."""
    return build(
        path,
        "CREATE TABLE p (id INTEGER PRIMARY KEY); INSERT INTO p VALUES (3);"
        "CREATE TABLE t (id INTEGER PRIMARY KEY, x, true); INSERT INTO t VALUES (1, NULL, 9), (2, 3, 9);"
        "PRAGMA writable_schema = ON; UPDATE sqlite_master SET"
        f" sql = 'CREATE TABLE t (id INTEGER PRIMARY KEY, x NOT NULL {declared}, true)' WHERE name = 't';",
    )


@pytest.mark.parametrize(
    ("default", "written"),
    [
        ("TRUE", 1),
        ("false", 0),
        ("0x1F", 31),
        (".5", 0.5),
        ("((5))", 5),
        ('"q"', "q"),
        ("null", None),
        ("(1 + 1)", None),
    ],
)
def test_only_a_constant_default_is_written(default: str, written: object, tmp_path: Path) -> None:
    path = null_in(tmp_path / "x.db", f"DEFAULT {default}")
    hint = str(sqlfix("scan", path, "--format", "json").json["findings"][0]["hint"])
    assert sqlfix("repair", "--yes", path).code == int(written is None)
    assert rows(path, "SELECT x FROM t WHERE id = 1") == [(written,)]
    said = {"null": "no DEFAULT", "(1 + 1)": "that is not a constant"}
    assert said.get(default, "repair writes") in hint


@pytest.mark.parametrize(
    ("value", "written"), [("it's", "it's"), ("5'", "5'"), ("'a, b'", "a, b"), ("'NULL'", "NULL"), ("", "")]
)
def test_a_value_is_written_as_it_was_typed(value: str, written: str, tmp_path: Path) -> None:
    path = null_in(tmp_path / "x.db", "")
    assert sqlfix("repair", "--yes", "--set", f"t.x=value:{value}", path).code == 0
    assert rows(path, "SELECT x FROM t WHERE id = 1") == [(written,)]


def test_null_can_be_chosen_for_a_value_but_for_no_key(tmp_path: Path) -> None:
    path = build(tmp_path / "x.db", "CREATE TABLE t (d DATE); INSERT INTO t VALUES ('soon'), ('2024-01-01')")
    assert sqlfix("repair", "--yes", "--set", "t.d=value:null", path).code == 0
    assert rows(path, "SELECT d FROM t") == [(None,), ("2024-01-01",)]
    ran = sqlfix("repair", "--yes", "--set", "t.d=value:a, b", path)
    assert (ran.code, "one value is needed" in ran.err) == (2, True)
    key = null_in(tmp_path / "y.db", "REFERENCES p")
    ran = sqlfix("repair", "--yes", "--set", "t.x=update:NULL", key)
    assert (ran.code, "NULL is not the key of a parent" in ran.err) == (2, True)


def test_a_key_that_holds_null_and_may_not_gets_the_chosen_parent(tmp_path: Path) -> None:
    path = null_in(tmp_path / "x.db", "REFERENCES p")
    assert sqlfix("repair", "--yes", "--set", "t.x=delete", path).code == 1
    assert sqlfix("repair", "--yes", "--set", "t.x=update:4", path).code == 1, "no such parent"
    assert rows(path, "SELECT x FROM t") == [(None,), (3,)]
    assert sqlfix("repair", "--yes", "--set", "t.x=update:3", path).code == 0
    assert rows(path, "SELECT x FROM t") == [(3,), (3,)]


@pytest.mark.skipif(sqlite3.sqlite_version_info < (3, 37), reason="this SQLite knows no STRICT")
def test_in_a_strict_table_values_are_cast_before_others_are_written(tmp_path: Path) -> None:
    path = build(
        tmp_path / "x.db",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a, b); INSERT INTO t VALUES (1, NULL, 'x');"
        "PRAGMA writable_schema = ON; UPDATE sqlite_master SET"
        " sql = 'CREATE TABLE t (id INTEGER PRIMARY KEY, a ANY NOT NULL DEFAULT 5, b BLOB) STRICT' WHERE name = 't';",
    )
    before = contents(path)
    assert sqlfix("repair", "--yes", path).code == 0
    assert rows(path, "SELECT a, b FROM t") == [(5, b"x")]
    assert sqlfix("undo", "--yes", path).code == 0
    assert contents(path) == before


def test_what_is_left_is_not_said_to_be_repaired(tmp_path: Path) -> None:
    path = null_in(tmp_path / "x.db", "DEFAULT 0 REFERENCES p")
    (left,) = plan_of(path)["left"]
    assert left["hint"] == "another value can be chosen: --set t.x=update:VALUE"
    path = build(tmp_path / "y.db", CASTS.format("", ""))
    assert all("without loss" not in str(left["hint"]) for left in plan_of(path)["left"])


def test_a_value_chosen_by_name_is_written(tmp_path: Path) -> None:
    path = build(tmp_path / "x.db", NULLS.format("", ""))
    assert sqlfix("repair", "--yes", "--set", "t.b=value:77", "--set", "T.C=keep", path).code == 1
    assert rows(path, "SELECT id, a, b, c FROM t") == [(1, "it's", 2, 3), (2, "x", 77, None), (3, "y", 5, 1)]
    assert "kept, as you chose" in sqlfix("repair", "--dry-run", "--set", "t.c=keep", path).out
    assert sqlfix("repair", "--yes", path).code == 0
    assert sqlfix("scan", path).code == 0


def test_the_script_does_the_same(tmp_path: Path) -> None:
    one, other = (build(tmp_path / name, NULLS.format("", "")) for name in ("a.db", "b.db"))
    script = sqlfix("export-sql", "--set", "t.b=update:77", one).out
    for _ in range(2):
        run_script(one, script)
    assert sqlfix("repair", "--yes", "--set", "t.b=update:77", other).code == 0
    assert contents(one) == contents(other)


def test_a_default_without_a_parent_is_held_back(tmp_path: Path) -> None:
    path = build(tmp_path / "x.db", NULLS.format(" REFERENCES p (id)", "") + "UPDATE t SET c = 1 WHERE id <> 2")
    plan = plan_of(path)
    assert [fix["columns"] for fix in plan["fixes"]] == [["a"]]
    (held,) = (left for left in plan["left"] if left["columns"] == ["c"] and left["check"] == "not-null-violations")
    assert "without a parent" in str(held["reason"])
    sqlfix("repair", "--yes", path)
    assert rows(path, "SELECT c FROM t ORDER BY id") == [(1,), (None,), (1,)]


def test_a_default_that_a_check_refuses_is_held_back_and_the_rest_is_done(tmp_path: Path) -> None:
    path = build(tmp_path / "x.db", NULLS.format("", ", CHECK (c <> 9)"))
    plan = plan_of(path)
    assert [fix["columns"] for fix in plan["fixes"]] == [["a"]]
    (held,) = (left for left in plan["left"] if left["columns"] == ["c"])
    assert "SQLite refuses it" in str(held["reason"])


def test_a_cast_loses_nothing(tmp_path: Path) -> None:
    path = build(tmp_path / "x.db", CASTS.format(""))
    before = contents(path)
    ran = sqlfix("repair", "--yes", path)
    assert ran.code == 1, "what cannot be cast is left"
    assert "write 1 value of s.n as INTEGER: nothing is lost by it [cast, lossless]" in " ".join(ran.out.split())
    found = rows(path, "SELECT id, typeof(n), n, typeof(b), b FROM s WHERE id < 4")
    assert found == [
        (1, "integer", 12, "integer", 1),
        (2, "text", "abc", "integer", 1),
        (3, "integer", 7, "integer", 0),
    ]
    assert sqlfix("undo", "--yes", path).code == 0
    assert contents(path) == before


def test_a_value_that_does_not_mend_it_is_not_written(tmp_path: Path) -> None:
    sql = "CREATE TABLE t (id INTEGER PRIMARY KEY, n INT); INSERT INTO t VALUES (1, 5), (2, 1);"
    sql += "PRAGMA writable_schema = ON; UPDATE sqlite_master SET sql = 'CREATE TABLE t (id INTEGER PRIMARY KEY,"
    path = build(tmp_path / "x.db", f"{sql} n INT CHECK (n < 3))' WHERE name = 't'; PRAGMA writable_schema = RESET")
    assert plan_of(path, "--set", "t.n=update:4")["fixes"] == []
    assert sqlfix("repair", "--yes", "--set", "t.n=update:2", path).code == 0
    assert rows(path, "SELECT n FROM t") == [(2,), (1,)]


def test_out_of_scope_nothing_is_mended(tmp_path: Path) -> None:
    path = build(tmp_path / "x.db", NULLS.format("", ""))
    assert plan_of(path, "--ignore", "not-null-violations")["fixes"] == []
    assert [f["columns"] for f in plan_of(path, "--select", "t.c")["fixes"]] == [["c"]]


@pytest.mark.parametrize("choice", ["t.b=delete", "t.b=set-null", "t.nothing=update:1", "t.b=update:1,2"])
def test_what_cannot_be_chosen_is_refused(tmp_path: Path, choice: str) -> None:
    path = build(tmp_path / "x.db", NULLS.format("", ""))
    ran = sqlfix("repair", "--dry-run", "--set", choice, path)
    assert ran.code == 2
    assert choice.split("=")[0] in ran.err


def test_triggers_of_the_file_are_allowed_for(tmp_path: Path) -> None:
    trigger = "CREATE TABLE log (a); CREATE TRIGGER r AFTER UPDATE ON t BEGIN INSERT INTO log VALUES (new.a); END;"
    path = build(tmp_path / "x.db", NULLS.format("", "") + trigger)
    before = contents(path)
    assert sqlfix("repair", "--yes", path).code == 1
    assert rows(path, "SELECT count(*) FROM log") == [(2,)]
    assert sqlfix("undo", "--yes", path).code == 0
    assert contents(path) == before


def test_what_a_repair_would_do_is_said_by_the_scan(tmp_path: Path) -> None:
    path = build(tmp_path / "x.db", CASTS.format(""))
    found = {(f["check"], *f["columns"]): f["fix"] for f in sqlfix("scan", "--format", "json", path).json["findings"]}
    assert found == {("type-mismatches", "n"): "cast", ("type-mismatches", "b"): "cast"}
    assert "or to carry it out:        sqlfix repair" in sqlfix("scan", path).out


def test_a_value_that_is_no_date_is_left_with_the_option_that_writes_another(tmp_path: Path) -> None:
    path = build(tmp_path / "x.db", "CREATE TABLE d (id INTEGER PRIMARY KEY, a DATE); INSERT INTO d VALUES (1, 'x')")
    ran = sqlfix("repair", "--dry-run", path)
    assert "choose the right value: --set d.a=update:VALUE" in " ".join(ran.out.split())
    assert sqlfix("repair", "--set", "d.a=update:2024-02-29", "--yes", path).code == 0


def test_a_value_that_no_cast_mends_is_left_and_said_to_be(tmp_path: Path) -> None:
    path = build(
        tmp_path / "x.db",
        "CREATE TABLE s (id INTEGER PRIMARY KEY, n); INSERT INTO s VALUES (1, 'abc');"
        "PRAGMA writable_schema = ON; UPDATE sqlite_master SET sql = 'CREATE TABLE s (id INTEGER PRIMARY KEY, n INT)"
        " STRICT' WHERE name = 's';",
    )
    assert sqlfix("scan", "--format", "json", path).json["findings"][0]["fix"] is None
    ran = sqlfix("repair", "--dry-run", path)
    assert ran.code == 1
    assert "type-mismatches in s.n, 1 row: choose the right value: --set s.n=update:VALUE" in " ".join(ran.out.split())
    assert sqlfix("repair", "--set", "s.n=update:7", "--yes", path).code == 0


@pytest.mark.parametrize("options", [[], ["--set", "alembic_version.n=update:7"]], ids=["by itself", "even if asked"])
def test_the_bookkeeping_of_a_framework_is_never_changed(tmp_path: Path, options: list[str]) -> None:
    path = build(
        tmp_path / "x.db",
        "CREATE TABLE alembic_version (version_num VARCHAR(32), n INT DEFAULT 0);"
        "INSERT INTO alembic_version VALUES ('a', NULL); PRAGMA writable_schema = ON; UPDATE sqlite_master SET sql ="
        " 'CREATE TABLE alembic_version (version_num VARCHAR(32), n INT NOT NULL DEFAULT 0)';",
    )
    ran = sqlfix("repair", "--yes", *options, path)
    assert ran.code == 1
    assert "is a framework's own bookkeeping and is never changed" in " ".join(ran.out.split())
    assert rows(path, "SELECT n FROM alembic_version") == [(None,)]


def test_without_a_backup_only_what_was_chosen_by_name_is_written(tmp_path: Path) -> None:
    path = build(tmp_path / "x.db", NULLS.format("", ""))
    plan = plan_of(path, "--no-backup", "--set", "t.b=update:7")
    assert [fix["columns"] for fix in plan["fixes"]] == [["b"]]
    assert {str(left["reason"]) for left in plan["left"]} == {"without a backup it could not be undone"}


def test_a_column_that_is_all_written_so_is_left_alone(tmp_path: Path) -> None:
    """That is how old versions of Rails store a BOOLEAN, and their queries ask for it."""
    path = build(
        tmp_path / "x.db",
        "CREATE TABLE u (id INTEGER PRIMARY KEY, active BOOLEAN);"
        "INSERT INTO u VALUES (1, 't'), (2, 'f'), (3, NULL), (4, 1);",
    )
    plan = plan_of(path)
    assert plan["fixes"] == []
    assert [left["reason"] for left in plan["left"]] == [
        "most values are written like this: the application may rely on it"
    ]
    few = build(
        tmp_path / "few.db",
        "CREATE TABLE u (id INTEGER PRIMARY KEY, active BOOLEAN);"
        "INSERT INTO u VALUES (1, 't'), (2, 0), (3, 1), (4, 1);",
    )
    assert [fix["name"] for fix in plan_of(few)["fixes"]] == ["cast"]


@pytest.mark.parametrize("backup", ["--backup", "--no-backup"])
def test_a_value_that_goes_with_its_row_is_not_left(backup: str, tmp_path: Path) -> None:
    """The row whose value is of the wrong type is an orphan as well, and is deleted: nothing is left."""
    path = build(
        tmp_path / "x.db",
        "CREATE TABLE p (id INTEGER PRIMARY KEY); INSERT INTO p VALUES (1);"
        "CREATE TABLE c (id INTEGER PRIMARY KEY, p_id INTEGER NOT NULL REFERENCES p, age INTEGER);"
        "INSERT INTO c VALUES (1, 1, 3), (2, 1, 4), (3, 9, 'abc');",
    )
    assert plan_of(path)["left"] == []
    assert sqlfix("repair", "--yes", backup, path).code == 0
    assert rows(path, "SELECT id FROM c") == [(1,), (2,)]
    assert sqlfix("scan", path).code == 0


def test_a_key_that_a_check_forbids_to_be_null_only_after_another_delete_is_held_back(tmp_path: Path) -> None:
    """No row is an orphan of `kind` yet: what the CHECK says of those that will be has not been looked at."""
    path = build(
        tmp_path / "x.db",
        "CREATE TABLE shop (id INTEGER PRIMARY KEY); INSERT INTO shop VALUES (1);"
        "CREATE TABLE kind (id INTEGER PRIMARY KEY, shop_id INTEGER NOT NULL REFERENCES shop);"
        "INSERT INTO kind VALUES (1, 1), (2, 9), (3, 1);"
        "CREATE TABLE item (id INTEGER PRIMARY KEY, kind_id INTEGER REFERENCES kind, old, CHECK (old OR kind_id IS NOT"
        " NULL)); INSERT INTO item VALUES (1, 2, 0), (2, 2, 1), (3, 1, 0);",
    )
    before = contents(path)
    assert plan_of(path)["fixes"] == []
    assert sqlfix("repair", "--yes", path).code == 1
    assert contents(path) == before


def test_a_foreign_key_over_the_tables_own_key_is_left_with_the_command_that_removes_it(tmp_path: Path) -> None:
    path = build(
        tmp_path / "x.db",
        "CREATE TABLE kind (id INTEGER PRIMARY KEY); INSERT INTO kind VALUES (1);"
        "CREATE TABLE item (id INTEGER PRIMARY KEY REFERENCES kind);"
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 20) INSERT INTO item SELECT i FROM n;",
    )
    (left,) = plan_of(path)["left"]
    hints = str(left["hint"]), sqlfix("scan", path, "--format", "json").json["findings"][0]["hint"]
    for hint in hints:
        assert "sqlfix alter with item.id --no-references" in hint
    assert sqlfix("alter", path, "item.id", "--no-references", "--yes").code == 0
    assert sqlfix("scan", path).code == 0
