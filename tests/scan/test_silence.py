"""Faults that no foreign key tells of, and the sound files in which nothing is to be said: a line for each."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from support import build, fingerprint, sqlfix, together

STRICT = pytest.mark.skipif(sqlite3.sqlite_version_info < (3, 37), reason="this SQLite knows no STRICT")


def scanned(path: Path, *checks: str) -> dict[str, Any]:
    """The report of some checks; the file is not touched."""
    before = fingerprint(path)
    ran = sqlfix("scan", path, "--format", "json", *(word for check in checks for word in ("--select", check)))
    assert ran.code in (0, 1, 3), ran.err or ran.out
    assert fingerprint(path) == before
    report: dict[str, Any] = ran.json
    return report


# -- null-in-primary-key ------------------------------------------------------------------------------------------

NULLS: dict[str, tuple[str, int]] = {
    "a key of text": ("CREATE TABLE t (id TEXT PRIMARY KEY, x); INSERT INTO t VALUES (NULL, 1), (NULL, 2), ('', 3)", 2),
    "INT is not INTEGER": ("CREATE TABLE t (id INT PRIMARY KEY); INSERT INTO t VALUES (NULL), (1)", 1),
    "an INTEGER PRIMARY KEY that goes down": (
        "CREATE TABLE t (id INTEGER PRIMARY KEY DESC, x); INSERT INTO t VALUES (NULL, 1), (2, 2)", 1,
    ),
    "in any column of a composite key": (
        "CREATE TABLE t (a, b, PRIMARY KEY (b, a)); INSERT INTO t VALUES (1, 1), (NULL, 1), (1, NULL), (NULL, NULL)", 3,
    ),
    "only the column that may be": (
        "CREATE TABLE t (a NOT NULL, b, PRIMARY KEY (a, b)); INSERT INTO t VALUES (1, 1), (1, NULL)", 1,
    ),
    "names in quotes": (
        'CREATE TABLE "t""" ("a b", "rowid" TEXT, PRIMARY KEY ("a b")); INSERT INTO "t""" VALUES (NULL, 1)', 1,
    ),
    "no name for the rowid": (
        "CREATE TABLE t (rowid PRIMARY KEY, oid, _rowid_); INSERT INTO t VALUES (NULL, 1, 1), (1, 1, 1)", 1,
    ),
    "silent: the rowid itself": ("CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (NULL)", 0),
    "silent: the rowid as the table's last word": (
        "CREATE TABLE t (x, id integer, PRIMARY KEY (id)); INSERT INTO t VALUES (NULL, NULL)", 0,
    ),
    "silent: WITHOUT ROWID": ("CREATE TABLE t (a PRIMARY KEY, x) WITHOUT ROWID; INSERT INTO t VALUES ('', NULL)", 0),
    "silent: no primary key": ("CREATE TABLE t (a, b, UNIQUE (a, b)); INSERT INTO t VALUES (NULL, NULL)", 0),
    "silent: NULL beside the key": ("CREATE TABLE t (a TEXT PRIMARY KEY, b); INSERT INTO t VALUES ('a', NULL)", 0),
    "silent: no rows": ("CREATE TABLE t (a TEXT PRIMARY KEY)", 0),
    "silent: empty text and zero": ("CREATE TABLE t (a TEXT PRIMARY KEY); INSERT INTO t VALUES (''), (0), (x'')", 0),
}  # fmt: skip


@together
@pytest.mark.parametrize(("sql", "rows"), NULLS.values(), ids=NULLS.keys())
def test_null_in_a_primary_key(tmp_path: Path, sql: str, rows: int) -> None:
    report = scanned(build(tmp_path / "x.db", sql), "null-in-primary-key")
    assert report["not_checked"] == []
    assert sum(finding["count"] for finding in report["findings"]) == rows
    assert len(report["findings"]) == (rows > 0)


@STRICT
def test_the_key_of_a_strict_table_is_never_null(tmp_path: Path) -> None:
    sql = "CREATE TABLE t (a TEXT PRIMARY KEY, x ANY) STRICT; INSERT INTO t VALUES ('', NULL)"
    assert scanned(build(tmp_path / "x.db", sql), "null-in-primary-key")["findings"] == []


def test_rows_without_a_key_are_shown_by_their_rowid(tmp_path: Path) -> None:
    sql = (
        "CREATE TABLE t (a TEXT, b TEXT, PRIMARY KEY (a, b)); INSERT INTO t VALUES ('x', 'y'), (NULL, 'y'), (NULL, 'y')"
    )
    path = build(tmp_path / "x.db", sql)
    (finding,) = scanned(path, "null-in-primary-key")["findings"]
    assert [row["key"] for row in finding["sample"]] == [{"rowid": 2}, {"rowid": 3}]
    assert finding["message"] == "2 rows of t have NULL in the primary key (a, b)"
    assert finding["hint"].endswith('using its rowid: SELECT rowid, * FROM "t" WHERE "a" IS NULL OR "b" IS NULL')
    assert finding["fix"] is None
    before = path.read_bytes()
    sqlfix("repair", path, "--yes")
    assert path.read_bytes() == before, "a row without a key is never changed by itself"


def test_a_key_can_be_chosen_for_one_row_and_not_for_two(tmp_path: Path) -> None:
    sql = "(id TEXT PRIMARY KEY); INSERT INTO"
    path = build(
        tmp_path / "x.db", f"CREATE TABLE u {sql} u VALUES (NULL), ('a'); CREATE TABLE v {sql} v VALUES (NULL), (NULL)"
    )
    chosen = sqlfix(
        "repair", path, "--yes", "--format", "json", "--set", "u.id=update:7", "--set", "v.id=update:7"
    ).json
    assert [(fix["table"], fix["rows"]) for fix in chosen["fixes"]] == [("u", 1)]
    assert [(left["table"], left["count"]) for left in chosen["left"]] == [("v", 2)]


# -- broken-triggers and broken-views -----------------------------------------------------------------------------

T = "CREATE TABLE t (id INTEGER PRIMARY KEY, a, b);"
LOG = "CREATE TABLE log (id INTEGER PRIMARY KEY, x);"
COMPILED: dict[str, tuple[str, list[str]]] = {
    "a table is gone": (
        f"{T}{LOG} CREATE TRIGGER g AFTER INSERT ON t BEGIN INSERT INTO log (x) VALUES (new.a); END; DROP TABLE log;",
        ["t: the trigger g on t needs the table log, which does not exist"],
    ),
    "of three triggers, the one": (
        f"{T}{LOG} CREATE TRIGGER g1 AFTER INSERT ON t BEGIN INSERT INTO log (x) VALUES (new.a); END;"
        "CREATE TRIGGER g2 BEFORE INSERT ON t BEGIN INSERT INTO log (y) VALUES (new.b); END;"
        "CREATE TRIGGER g3 AFTER INSERT ON t BEGIN DELETE FROM log WHERE id = new.id; END;",
        ["t: the trigger g2 on t needs the column log.y, which does not exist"],
    ),
    "a column of NEW is gone": (
        f"{T} CREATE TRIGGER g AFTER UPDATE OF a ON t WHEN new.gone > 0 BEGIN SELECT 1; END;",
        ["t: the trigger g on t needs the column new.gone, which does not exist"],
    ),
    "too many values": (
        f"{T}{LOG} CREATE TRIGGER g AFTER DELETE ON t BEGIN INSERT INTO log VALUES (1, 2, 3); END;",
        ["t: the trigger g on t does not compile: table log has 2 columns but 3 values were supplied"],
    ),
    "one that sets a broken one off is not broken itself": (
        f"{T}{LOG} CREATE TRIGGER first AFTER INSERT ON t BEGIN INSERT INTO log (x) VALUES (1); END;"
        "CREATE TRIGGER second AFTER INSERT ON log BEGIN DELETE FROM gone; END;",
        ["log: the trigger second on log needs the table gone, which does not exist"],
    ),
    "instead of a write to a view": (
        f"{T} CREATE VIEW v AS SELECT id, a FROM t;"
        "CREATE TRIGGER g INSTEAD OF UPDATE OF a ON v BEGIN UPDATE t SET gone = new.a WHERE id = old.id; END;",
        ["v: the trigger g on v needs the column gone, which does not exist"],
    ),
    "a view over a broken view": (
        "CREATE VIEW v AS SELECT gone.x FROM gone; CREATE VIEW w AS SELECT * FROM v;"
        "CREATE TRIGGER g INSTEAD OF DELETE ON w BEGIN SELECT 1; END;",
        [
            "v: the view v needs the table gone, which does not exist",
            "w: the view w needs the table gone, which does not exist",
        ],
    ),
    "a trigger reads from a broken view": (
        f"{T} CREATE VIEW v AS SELECT c FROM t; CREATE TRIGGER g AFTER INSERT ON t BEGIN SELECT count(*) FROM v; END;",
        [
            "t: the trigger g on t needs the column c, which does not exist",
            "v: the view v needs the column c, which does not exist",
        ],
    ),
    "views that are made of each other": (
        "CREATE VIEW v AS SELECT 1 AS x; CREATE VIEW w AS SELECT * FROM v; DROP VIEW v;"
        "CREATE VIEW v AS SELECT * FROM w;",
        [
            "v: the view v does not compile: view v is circularly defined",
            "w: the view w does not compile: view w is circularly defined",
        ],
    ),
    "an UPDATE of a column that is gone": (
        f"{T} CREATE TRIGGER g AFTER UPDATE OF gone ON t BEGIN SELECT 1; END;",
        ["t: the trigger g on t never runs: it is for an UPDATE of gone, but t has no such column"],
    ),
    "names in quotes": (
        'CREATE TABLE "a""b" ("x y"); CREATE TRIGGER "g""" AFTER INSERT ON "a""b" BEGIN DELETE FROM "no\nne"; END;',
        ['a"b: the trigger g" on a"b needs the table no\nne, which does not exist'],
    ),
    "silent: triggers of all kinds that work": (
        f"{T}{LOG} CREATE VIEW v AS SELECT id, a FROM t;"
        "CREATE TRIGGER g1 AFTER INSERT ON t WHEN new.a > 0 BEGIN INSERT INTO log (x) VALUES (new.a) ON CONFLICT (id)"
        " DO UPDATE SET x = 1; END;"
        "CREATE TRIGGER g2 BEFORE UPDATE OF a, gone ON t BEGIN UPDATE log SET x = old.b; END;"
        "CREATE TRIGGER g3 AFTER DELETE ON t BEGIN DELETE FROM log WHERE x IN (SELECT a FROM v); END;"
        "CREATE TRIGGER g4 INSTEAD OF INSERT ON v BEGIN INSERT INTO t (a) VALUES (new.a); END;"
        "CREATE TRIGGER g5 BEFORE INSERT ON log BEGIN SELECT RAISE(ABORT, 'no such table: x') WHERE new.x = 3; END;",
        [],
    ),
    "silent: a trigger that sets itself off": (
        f"{T} CREATE TRIGGER g AFTER INSERT ON t BEGIN INSERT INTO t (a) SELECT 1 WHERE new.a < 3; END;", [],
    ),
    "silent: computed columns and tables that need not be there": (
        "CREATE TABLE t (a, b AS (a + 1), c AS (a || b) STORED); CREATE VIEW v AS SELECT * FROM json_each('[1]');"
        "CREATE TRIGGER g AFTER UPDATE ON t BEGIN SELECT new.b, new.c; END;"
        "CREATE TABLE child (x REFERENCES gone); CREATE TRIGGER h AFTER DELETE ON child BEGIN SELECT 1; END;", [],
    ),
    "silent: nothing but tables": (f"{T}{LOG}", []),
}  # fmt: skip


@together
@pytest.mark.parametrize(("sql", "messages"), COMPILED.values(), ids=COMPILED.keys())
def test_triggers_and_views_that_do_not_compile(tmp_path: Path, sql: str, messages: list[str]) -> None:
    report = scanned(build(tmp_path / "x.db", sql), "broken-triggers", "broken-views")
    assert report["not_checked"] == []
    assert sorted(f"{f['table']}: {f['message']}" for f in report["findings"]) == messages


UNTOLD = {
    "a function": ("CREATE TRIGGER g AFTER INSERT ON t BEGIN SELECT app(1); END", "no such function: app; it belongs"),
    "a function that is run for no schema": (
        "CREATE TRIGGER g AFTER INSERT ON t BEGIN SELECT load_extension('x'); END",
        "load_extension(), which sqlfix never runs",
    ),
    "a collation": (
        "CREATE TRIGGER g AFTER INSERT ON t BEGIN SELECT 1 FROM t WHERE a = 'x' COLLATE app; END", "no such collation",
    ),
    "a view": ("CREATE VIEW v AS SELECT app(a) FROM t", "no such function: app; it belongs to the application"),
    "common table expressions that double": (
        "CREATE VIEW v AS WITH c0 AS (SELECT 1 AS x)"
        + "".join(f", c{n + 1} AS (SELECT p.x FROM c{n} AS p JOIN c{n} AS q JOIN c{n} AS r)" for n in range(40))
        + " SELECT * FROM c40",
        "it is built on too many other views to be compiled",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("sql", "reason"), UNTOLD.values(), ids=UNTOLD.keys())
def test_what_the_application_may_bring_is_not_called_broken(tmp_path: Path, sql: str, reason: str) -> None:
    report = scanned(build(tmp_path / "x.db", f"{T} {sql}"), "broken-triggers", "broken-views")
    assert report["findings"] == []
    assert any(reason in entry["reason"] for entry in report["not_checked"])


def test_whose_a_function_is_that_is_lacking_is_said_once(tmp_path: Path) -> None:
    path = build(
        tmp_path / "x.db",
        f"""
        {T} CREATE VIEW v AS SELECT upper(a) FROM t; CREATE VIEW w AS SELECT lower(a) FROM t;
        CREATE TRIGGER g AFTER DELETE ON t BEGIN SELECT upper(1); END;
        CREATE TRIGGER h AFTER DELETE ON t BEGIN SELECT upper(2); END;
        PRAGMA writable_schema = ON;
        UPDATE sqlite_schema SET sql = replace(replace(sql, 'upper', 'json_pretty'), 'lower', 'app');
        """,
    )
    newer = (
        f"no such function: json_pretty; SQLite has it since version 3.46, and this is SQLite {sqlite3.sqlite_version}"
    )
    report = scanned(path, "broken-triggers", "broken-views")
    if sqlite3.sqlite_version_info < (3, 46):
        assert {(entry["subject"], entry["reason"]) for entry in report["not_checked"]} == {
            ("v", f"broken-views: {newer}"),
            ("w", "broken-views: no such function: app; it belongs to the application"),
            ("t", f"broken-triggers: the trigger g: {newer}; the trigger h: {newer}"),
        }


def test_views_that_double_are_not_compiled_for_ever(tmp_path: Path) -> None:
    doubled = "".join(f"CREATE VIEW v{n + 1} AS SELECT a.x FROM v{n} AS a JOIN v{n} AS b;" for n in range(40))
    report = scanned(build(tmp_path / "x.db", f"CREATE VIEW v0 AS SELECT 1 AS x; {doubled}"), "broken-views")
    assert {entry["reason"] for entry in report["not_checked"]} == {
        "broken-views: it is built on too many other views to be compiled"
    }
    assert len(report["not_checked"]) + len(report["findings"]) < 41


def test_a_function_that_is_lacking_hides_no_broken_trigger(tmp_path: Path) -> None:
    sql = f"{T} CREATE TRIGGER g AFTER INSERT ON t BEGIN SELECT app(new.a), app(new.a, 1); DELETE FROM gone; END"
    report = scanned(build(tmp_path / "x.db", sql), "broken-triggers")
    assert [finding["message"] for finding in report["findings"]] == [
        "the trigger g on t needs the table gone, which does not exist"
    ]
    assert len(report["not_checked"]) == 1


def test_the_hint_names_the_statement_that_fails_and_it_does(tmp_path: Path) -> None:
    sql = f"{T} INSERT INTO t VALUES (1, 2, 3); CREATE TRIGGER g AFTER UPDATE OF b ON t BEGIN DELETE FROM gone; END"
    path = build(tmp_path / "x.db", sql)
    (finding,) = scanned(path, "broken-triggers")["findings"]
    said = "no such table: main.gone"
    assert (
        finding["hint"] == f'every UPDATE of t that sets b fails with: {said}; rewrite it, or drop it: DROP TRIGGER "g"'
    )
    with pytest.raises(sqlite3.OperationalError, match=said):
        build(path, "UPDATE t SET b = b")
    build(path, "UPDATE t SET a = a")
