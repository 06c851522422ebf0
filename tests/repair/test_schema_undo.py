"""Taking a change of the schema back where the file was written to since: the texts of before, and the rows of now."""

from __future__ import annotations

import contextlib
import json
import re
import sqlite3
import subprocess
from pathlib import Path
from typing import Any

import pytest
from schema_digest import everything
from support import build, fingerprint, sqlfix, together

from sqlfix.model.plans import SchemaStep
from sqlfix.plan.schema_changes import plan_schema_change
from sqlfix.repair import change
from sqlfix.repair.change import ChangeOptions
from sqlfix.repair.schema_change import change_schema
from sqlfix.schema.database import open_database

T = "CREATE TABLE t (id INTEGER PRIMARY KEY, a INT, p_id INT REFERENCES p (id))"
DATA = f"""
    CREATE TABLE p (id INTEGER PRIMARY KEY, n TEXT); INSERT INTO p VALUES (1, 'x'), (2, 'y');
    {T}; INSERT INTO t VALUES (1, 10, 1), (2, 20, NULL); CREATE TABLE e (x);
    CREATE TABLE u__old (id INTEGER PRIMARY KEY, a UNIQUE); INSERT INTO u__old VALUES (3, 'u');
    CREATE INDEX i ON t (a); CREATE INDEX ui ON u__old (a DESC); CREATE VIEW v AS SELECT a FROM t;
    CREATE TRIGGER g AFTER INSERT ON t BEGIN SELECT 1; END; CREATE TRIGGER h AFTER INSERT ON t BEGIN SELECT 2; END;
    CREATE TRIGGER w INSTEAD OF INSERT ON v BEGIN SELECT 3; END; CREATE TRIGGER ug AFTER DELETE ON u__old BEGIN
    SELECT 4; END;
"""


def changed(path: Path, *steps: SchemaStep) -> None:
    """Change the schema of a file, without a backup."""
    with open_database(path) as database:
        plan = plan_schema_change(database, steps)
    change_schema(path, plan, ChangeOptions(backup=False))


def rebuild(old: str, new: str, **values: str) -> SchemaStep:
    """A rebuild of t with an edited text."""
    return SchemaStep("rebuild", "table", "t", T.replace(old, new), values=values)


CHANGES: dict[str, list[SchemaStep]] = {
    "not null": [rebuild("a INT", "a INT NOT NULL")],
    "unique, which is copied": [rebuild("a INT", "a INT UNIQUE")],
    "an action": [rebuild("p (id)", "p (id) ON DELETE CASCADE")],
    "another type": [rebuild("a INT", "a TEXT", a='c."a"')],
    "a column that gets another name": [
        SchemaStep("drop", "index", "i"),
        rebuild("a INT", "b INT", b='c."a"'),
        SchemaStep("create", "index", "i", "CREATE INDEX i ON t (b)"),
        SchemaStep("rewrite", "view", "v", "CREATE VIEW v AS SELECT b FROM t"),
    ],
    "a rename": [SchemaStep("rename", "table", "u__old", to="u")],
    "an index more": [SchemaStep("create", "index", "j", "CREATE UNIQUE INDEX j ON t (p_id)")],
    "an index less": [SchemaStep("drop", "index", "i")],
    "an index that is another one": [SchemaStep("rewrite", "index", "i", "CREATE INDEX i ON t (a, id)")],
    "triggers and views": [
        SchemaStep("rewrite", "trigger", "g", "CREATE TRIGGER g AFTER DELETE ON t BEGIN SELECT 5; END"),
        SchemaStep("drop", "trigger", "h"),
        SchemaStep("rewrite", "view", "v", "CREATE VIEW v AS SELECT id FROM t"),
        SchemaStep("create", "view", "z", "CREATE VIEW z AS SELECT * FROM v"),
    ],
    "tables": [SchemaStep("create", "table", "n", "CREATE TABLE n (x UNIQUE)"), SchemaStep("drop", "table", "e")],
}


@together
@pytest.mark.parametrize("steps", CHANGES.values(), ids=CHANGES)
def test_the_schema_comes_back_and_new_rows_stay(tmp_path: Path, steps: list[SchemaStep]) -> None:
    path = build(tmp_path / "app.db", DATA)
    changed(path, *steps)
    build(path, "INSERT INTO p VALUES (9, 'since')")
    after = everything(path)
    before = everything(build(tmp_path / "before.db", DATA + "INSERT INTO p VALUES (9, 'since');"))
    assert after != before
    script = sqlfix("undo", path, "--sql")
    assert (script.code, script.err) == (0, "")
    assert sqlfix("undo", path, "--dry-run").code == 0
    assert everything(path) == after
    ran = sqlfix("undo", path, "--no-backup", "--yes")
    assert (ran.code, "rows are as they are now" in ran.out) == (0, True), ran.err
    back = everything(path)
    assert but_order(back) == but_order(before)
    record = sqlfix("history", path, "--format", "json").json["records"][-1]
    again = sqlfix("undo", path, record["name"], "--no-backup", "--yes")
    assert again.code == 0, again.err
    assert but_order(everything(path)) == but_order(after)
    other = tmp_path / "other.db"
    with contextlib.closing(sqlite3.connect(path)) as one, contextlib.closing(sqlite3.connect(other)) as two:
        one.backup(two)
    assert subprocess.run(["sqlite3", "-bail", other], input=script.out, text=True, capture_output=True).stderr == ""
    assert but_order(everything(other)) == but_order(back)


def but_order(found: dict[str, Any]) -> dict[str, Any]:
    """What a file holds, but for the order of the indexes and triggers of a table."""
    return {name: value for name, value in found.items() if name != "order"}


REFUSED: dict[str, tuple[list[SchemaStep], str, str]] = {
    "a NULL where none may be again": (
        [SchemaStep("rebuild", "table", "t", T)], "INSERT INTO t VALUES (4, NULL, NULL)",
        "NOT NULL constraint failed: t.a"
    ),
    "a duplicate where none may be again": (
        [SchemaStep("rebuild", "table", "p", "CREATE TABLE p (id INTEGER PRIMARY KEY, n TEXT)")],
        "INSERT INTO p VALUES (4, 'x')", "UNIQUE constraint failed: p.n",
    ),
    "changed again": (
        [SchemaStep("rebuild", "table", "t", T)], "ALTER TABLE t ADD COLUMN z", "table t was changed again since"
    ),
    "a table with rows": (
        [SchemaStep("create", "table", "n", "CREATE TABLE n (x)")], "INSERT INTO n VALUES (1)", "has rows by now"
    ),
    "rows that are gone": (
        [SchemaStep("drop", "table", "p")], "", "the rows of table p are in the backup alone"
    ),
    "values that are gone": (
        [SchemaStep("rebuild", "table", "t", T.replace(", p_id INT REFERENCES p (id)", ""))], "",
        r"values of column t\.p_id are in the backup alone",
    ),
    "values that were computed": (
        [SchemaStep("rebuild", "table", "t", T, values={"a": "c.a + 1"})], "",
        "values of column a before are in the backup"
    ),
    "a column that is new": (
        [SchemaStep("rebuild", "table", "t", T.replace("a INT", "a INT, z"))], "",
        r"column t\.z would go, with the values"
    ),
}  # fmt: skip


@together
@pytest.mark.parametrize(("steps", "deed", "said"), REFUSED.values(), ids=REFUSED)
def test_what_does_not_fit_is_refused_and_nothing_changed(
    tmp_path: Path, steps: list[SchemaStep], deed: str, said: str
) -> None:
    data = DATA.replace("a INT", "a INT NOT NULL").replace("n TEXT", "n TEXT UNIQUE")
    path = build(tmp_path / "app.db", data)
    changed(path, *steps)
    build(path, f"{deed}; PRAGMA user_version = 5")
    before = fingerprint(path)
    for options in (("--dry-run",), ("--yes",)):
        ran = sqlfix("undo", path, *options)
        assert ran.code == 2
        assert re.search(said, ran.err), ran.err
    assert fingerprint(path)[0] == before[0]


def test_a_record_that_does_not_hold_together_is_refused(tmp_path: Path) -> None:
    path = build(tmp_path / "app.db", DATA)
    changed(path, SchemaStep("drop", "trigger", "h"))
    build(path, "PRAGMA user_version = 5")
    record = next(file for file in tmp_path.iterdir() if ".sqlfix-" in file.name)
    smuggled = ([["trigger", "h", 5, None]], [["trigger", "h", "DROP TABLE t", None]], [["trigger", "h", "x"]])
    for value in ("[1]", "{", *map(json.dumps, smuggled)):
        with contextlib.closing(sqlite3.connect(record)) as db:
            db.execute("UPDATE about SET value = ? WHERE key = 'objects'", (value,))
            db.commit()
        before = fingerprint(path)
        ran = sqlfix("undo", path, "--yes")
        assert ran.code == 2
        assert ran.err.startswith("error: ")
        assert "internal" not in ran.err
        assert fingerprint(path)[0] == before[0]


def test_orphans_that_come_with_a_foreign_key_are_told(tmp_path: Path) -> None:
    path = build(tmp_path / "app.db", DATA)
    changed(path, rebuild(" REFERENCES p (id)", ""))
    build(path, "INSERT INTO t VALUES (5, 1, 77)")
    ran = sqlfix("undo", path, "--yes")
    assert ran.code == 0, ran.err
    assert "1 row in t.p_id" in ran.out


TYPES = {
    "INT → TEXT": ("INT", "TEXT", "1, 2.5, 'x', x'35', NULL", "(7), ('8'), ('y')", "7, 8, 'y'"),
    "INT → REAL": ("INT", "REAL", "1, 2.5", "(7), (7.5)", "7, 7.5"),
    "NUMERIC → TEXT": ("NUMERIC", "TEXT", "1, 2.5, 'x'", "(7.5)", "7.5"),
    "REAL → TEXT": ("REAL", "TEXT", "1, 2.5, 0.1, 'x'", "(7)", "7.0"),
    "REAL → INT": ("REAL", "INT", "1, 2.5", "(7)", "7.0"),
    "TEXT → NUMERIC": ("TEXT", "NUMERIC", "'1', '2.5'", "(7), (7.5)", "'7', '7.5'"),
    "TEXT → INT": ("TEXT", "INT", "'1'", "(7), ('y')", "'7', 'y'"),
    "a number that may be written in several ways": ("NUMERIC", "TEXT", "1e30", "(1)", None),
    "what would lose something": ("INT", "TEXT", "1", "('007')", None),
    "a spelling that nobody knows any more": ("TEXT", "REAL", "'5'", "(7)", None),
    "types that nobody knows any more": ("BLOB", "TEXT", "5, '5'", "('x')", None),
}


@together
@pytest.mark.parametrize(("before", "now", "values", "since", "then"), TYPES.values(), ids=TYPES)
def test_another_type_is_taken_back_where_each_value_can_be(
    tmp_path: Path, before: str, now: str, values: str, since: str, then: str | None
) -> None:
    rows = ", ".join(f"({value.strip()})" for value in values.split(","))
    path = build(tmp_path / "app.db", f"CREATE TABLE t (a {before} /* so */); INSERT INTO t VALUES {rows};")
    text, stored = everything(path)["schema"], typed(path)
    assert sqlfix("alter", path, "t.a", "--type", now, "--yes").code == 0
    build(path, f"INSERT INTO t VALUES {since}")
    held = fingerprint(path)[0]
    ran = sqlfix("undo", path, "--yes")
    if then is None:
        assert ran.code == 2 and "the backup has the file as it was before" in ran.err
        assert fingerprint(path)[0] == held
        return
    assert ran.code == 0, ran.err
    assert everything(path)["schema"] == text
    more = [value.strip().strip("'") for value in then.split(",")]
    assert typed(path)[: len(stored)] == stored
    assert [str(value) for _, value in typed(path)[len(stored) :]] == more
    (again,) = re.findall(r"Redo: +sqlfix undo \S+ (\S+)", ran.out + ran.err)
    assert sqlfix("undo", path, again, "--yes").code == 0


def typed(path: Path) -> list[tuple[str, object]]:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        return connection.execute("SELECT typeof(a), a FROM t ORDER BY rowid").fetchall()


CUT_OFF = ("alter", "spelled.x", "--type", "REAL", "--yes")
KEPT = """
    CREATE TABLE spelled (x TEXT); INSERT INTO spelled VALUES ('5');
    CREATE TABLE k (a TEXT, b REAL, PRIMARY KEY (a)) WITHOUT ROWID; INSERT INTO k VALUES ('x', 1.0);
    CREATE VIRTUAL TABLE found USING fts5 (words); INSERT INTO found VALUES ('some words');
    CREATE TABLE counted (id INTEGER PRIMARY KEY AUTOINCREMENT, x); INSERT INTO counted (x) VALUES (1); ANALYZE;
"""
SINCE = {
    "nothing": "",
    "a row more": "INSERT INTO k VALUES ('y', 2)",
    "a row less": "DELETE FROM p WHERE id = 2",
    "another value": "UPDATE t SET p_id = 2 WHERE id = 1",
    "a value of another type": "UPDATE counted SET x = '1'",
    "another rowid": "UPDATE e SET rowid = 5",
    "a counter": "UPDATE sqlite_sequence SET seq = 7",
    "words in an index": "INSERT INTO found VALUES ('other words')",
    "a version": "PRAGMA user_version = 3",
    "a view": "CREATE VIEW more AS SELECT 1",
}


@together
@pytest.mark.parametrize("since", SINCE, ids=SINCE)
def test_a_change_whose_record_was_cut_off_is_undone_exactly_where_nobody_wrote_since(
    tmp_path: Path, since: str
) -> None:
    path = build(tmp_path / "app.db", f"{DATA}{KEPT} INSERT INTO e VALUES (1);")
    before = everything(path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(change, "finish", lambda *_: None)
        assert sqlfix(CUT_OFF[0], path, *CUT_OFF[1:]).code == 0
    if SINCE[since]:
        build(path, SINCE[since])
        after = fingerprint(path)[0]
        for how in ("--dry-run", "--yes"):
            ran = sqlfix("undo", path, how)
            assert (ran.code, "in the backup alone" in ran.err) == (2, True), ran.out
        assert fingerprint(path)[0] == after
        return
    assert "restored exactly" in sqlfix("undo", path, "--dry-run").out
    ran = sqlfix("undo", path, "--yes")
    assert (ran.code, "the file is as it was before" in ran.out) == (0, True), ran.err
    assert everything(path) == before


def test_rowids_that_a_key_has_given_stay_and_that_is_said(tmp_path: Path) -> None:
    path = build(
        tmp_path / "app.db",
        "CREATE TABLE p (id BIGINT, n); INSERT INTO p VALUES (7, 'a'), (5, 'b');"
        "CREATE TABLE c (p_id INTEGER REFERENCES p); INSERT INTO c VALUES (7);",
    )
    before = everything(path)
    assert sqlfix("repair-schema", path, "--yes").code == 0
    build(path, "INSERT INTO c VALUES (5)")
    for how in ("--dry-run", "--yes"):
        ran = sqlfix("undo", path, how)
        assert (ran.code, "but each row keeps the rowid that id gave it" in " ".join(ran.out.split())) == (0, True)
    with contextlib.closing(sqlite3.connect(path)) as db:
        assert db.execute("SELECT rowid, id FROM p ORDER BY rowid").fetchall() == [(5, 5), (7, 7)]
    assert everything(path) != before


SINCE_FALSE = {
    "a CHECK that the type makes false": (
        "a TEXT, CHECK (typeof(a) <> 'text' OR length(a) < 3)",
        ["--type=NUMERIC"],
        "(3, 12345)",
        "CHECK (typeof(a) <> 'text' OR length(a) < 3) of t would be false: id=3 (a=12345)",
    ),
    "a CHECK that the collation makes false": (
        "a TEXT COLLATE NOCASE CHECK (a <> 'X')",
        ["--no-collate"],
        "(3, 'x')",
        "CHECK (a <> 'X') of t would be false: id=3 (a='x')",
    ),
    "a CHECK of what is computed": (
        "a TEXT, g AS (typeof(a)), CHECK (g <> 'text' OR id < 3)",
        ["--type=NUMERIC"],
        "(3, 4)",
        "CHECK (g <> 'text' OR id < 3) of t would be false",
    ),
    "NOT NULL": ("a NOT NULL", ["--no-not-null"], "(3, NULL)", "NOT NULL constraint failed: t.a: id=3;"),
    "a CHECK that is there again": (
        "a INT CHECK (a < 9)",
        ["--no-check"],
        "(3, 9), (4, 10)",
        "failed: a < 9: id=3; id=4;",
    ),
}


@together
@pytest.mark.parametrize("name", SINCE_FALSE)
def test_rows_that_came_since_and_break_the_schema_of_before_keep_it_from_coming_back(
    tmp_path: Path, name: str
) -> None:
    columns, options, row, said = SINCE_FALSE[name]
    path = build(
        tmp_path / "x.db", f"CREATE TABLE t (id INTEGER PRIMARY KEY, {columns}); INSERT INTO t (id, a) VALUES (1, '1');"
    )
    assert sqlfix("alter", path, "t.a", *options, "--yes").code == 0
    build(path, f"INSERT INTO t (id, a) VALUES {row};")
    before = path.read_bytes()
    for how in ("--dry-run", "--yes"):
        ran = sqlfix("undo", path, how)
        assert (ran.code, path.read_bytes()) == (2, before), ran
        assert said in ran.err and "change the rows that came since" in ran.err
    script = sqlfix("undo", path, "--sql").out
    for bail in ([], ["-bail"]):
        assert subprocess.run(["sqlite3", *bail, path], input=script, text=True, capture_output=True).stderr
        assert path.read_bytes() == before
    build(path, "DELETE FROM t WHERE id > 2;")
    assert sqlfix("undo", path, "--yes").code == 0


SINCE_THE_SAME = {
    "UNIQUE": (
        "a UNIQUE",
        ["--no-unique"],
        "(3, '1'), (4, 'x'), (5, NULL), (6, NULL)",
        "UNIQUE constraint failed: t.a; 2 rows of t.a: 1 value more than once: id=1 (a='1'); id=3 (a='1'); everything",
        "repair {path} --merge t.a",
    ),
    "a unique index": (
        "a); CREATE UNIQUE INDEX i ON t (a",
        ["--no-unique"],
        "(3, '1')",
        "2 rows of t.a: 1 value more than once: id=1 (a='1'); id=3 (a='1')",
        "repair {path} --merge t.a",
    ),
    "UNIQUE of two columns": (
        "b DEFAULT 5, a, UNIQUE (a, b)",
        ["--no-unique"],
        "(3, '1')",
        "2 rows of t.a,b: 1 value more than once: id=1 (a='1', b=5); id=3 (a='1', b=5)",
        "repair {path} --merge t.a,b",
    ),
    "a value that means none": (
        "a UNIQUE",
        ["--no-unique"],
        "(3, '-'), (4, '-')",
        "2 rows of t.a: 1 value more than once: id=3 (a='-'); id=4 (a='-')",
        "",
    ),
    "a collation": (
        "a COLLATE NOCASE UNIQUE",
        ["--no-collate", "--no-unique"],
        "(3, 'x'), (4, 'X'), (5, 'X')",
        "t.a; 3 rows of t.a: the same, compared as NOCASE: id=3 (a='x'); id=5 (a='X'), …; everything",
        "",
    ),
    "what is computed from another type": (
        "a TEXT, g AS (CASE typeof(a) WHEN 'text' THEN 1 ELSE a END) UNIQUE",
        ["--type=NUMERIC"],
        "(3, 4), (5, 6)",
        "UNIQUE constraint failed: t.g; 3 rows of t.g: the same as TEXT: g=1, …; everything",
        "",
    ),
}


@together
@pytest.mark.parametrize("name", SINCE_THE_SAME)
def test_rows_that_came_since_and_share_what_was_unique_are_named_with_the_next_command(
    tmp_path: Path, name: str
) -> None:
    columns, options, rows, said, command = SINCE_THE_SAME[name]
    create = f"CREATE TABLE t (id INTEGER PRIMARY KEY, {columns}); INSERT INTO t (id, a) VALUES (1, '1');"
    path = build(tmp_path / "x.db", create)
    place = "t.a,b" if "b" in columns else "t.a"
    assert sqlfix("alter", path, place, *options, "--yes").code == 0
    build(path, f"INSERT INTO t (id, a) VALUES {rows};")
    before = path.read_bytes()
    for how in ("--dry-run", "--yes"):
        ran = sqlfix("undo", path, how)
        assert (ran.code, path.read_bytes()) == (2, before), ran
        assert said in ran.err
    *merge, undo = re.findall(r"sqlfix ([^;\n]*)", ran.err)
    assert merge == ([command.format(path=path)] if command else [])
    if merge:
        assert sqlfix(*merge[0].split(), "--yes").code == 0
    else:
        assert "give them another value" in ran.err
        build(path, "DELETE FROM t WHERE id > 2;")
    assert sqlfix(*undo.split(), "--yes").code == 0
    with contextlib.closing(sqlite3.connect(path)) as db:
        assert db.execute("SELECT sql FROM sqlite_master").fetchone()[0] == create.split(";")[0]
