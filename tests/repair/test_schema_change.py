"""Changes of the schema: what is to stay stays to the letter, what is to change changes, and nothing half."""

from __future__ import annotations

import contextlib
import re
import shutil
import sqlite3
import subprocess
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from schema_digest import everything
from support import build, by_hand, fingerprint, sqlfix, stored_as, together

from sqlfix.errors import Refused, RolledBack, SqlfixError
from sqlfix.model.plans import SchemaPlan, SchemaStep
from sqlfix.plan.schema_changes import plan_schema_change, try_steps
from sqlfix.prose.format import View
from sqlfix.prose.schema_plan import script
from sqlfix.repair import backup, schema_change
from sqlfix.repair.backup import Making
from sqlfix.repair.change import ChangeOptions
from sqlfix.repair.schema_change import change_schema
from sqlfix.schema.catalogue import read_schema
from sqlfix.schema.database import open_database
from sqlfix.sqlite import connect
from sqlfix.sqlite.connect import writing

ALONE = ChangeOptions(backup=False)


def plan_of(path: Path, *steps: SchemaStep, in_place: bool = True) -> SchemaPlan:
    """The plan of some steps."""
    with open_database(path) as database:
        return plan_schema_change(database, steps, in_place)


def copies(plan: SchemaPlan) -> bool:
    """True if a plan copies rows."""
    return any(statement.startswith("INSERT OR ABORT INTO main.") for statement in plan.statements)


def rebuilds(path: Path, edit: Callable[[str, str], str] = lambda name, text: text) -> list[SchemaStep]:
    """A step for each ordinary table, with its text edited."""
    with open_database(path) as database:
        tables = [table for table in database.schema.tables if table.kind == "table"]
    return [SchemaStep("rebuild", "table", table.name, edit(table.name, table.sql)) for table in tables]


def in_the_shell(path: Path, plan: SchemaPlan, *options: str) -> str:
    """Run the script of a plan in the plain shell; what it says on stderr."""
    shell = shutil.which("sqlite3")
    if shell is None:
        pytest.skip("there is no sqlite3 shell here")
    lines = "".join(script(plan, View()))
    return subprocess.run([shell, *options, str(path)], input=lines, capture_output=True, text=True).stderr


SURVIVE = {
    "comments, quotes and space": """
        CREATE TABLE [p] ( id INTEGER PRIMARY KEY -- the key
        , n /* a "name" */ VARCHAR( 10 ) NOT NULL DEFAULT 'x' COLLATE NOCASE, `b` decimal(10,2) CHECK (b > 0) );
        INSERT INTO p VALUES (1, 'a', 1.5), (7, 'b', 2);
        CREATE INDEX 'i' ON p (n COLLATE RTRIM DESC, b + 1) WHERE n <> '' -- why
        ;CREATE VIEW v AS SELECT * FROM p -- all of it""",
    "rowids that no column shows": """
        CREATE TABLE t (a, b TEXT); INSERT INTO t (rowid, a, b) VALUES (-5, 1, 'x'), (3, 2.0, 'y'), (90, x'00', NULL);
        CREATE TABLE r (rowid TEXT, a); INSERT INTO r (_rowid_, rowid, a) VALUES (7, 'r', 1), (2, 's', 2);
        CREATE TABLE q (rowid, oid INTEGER PRIMARY KEY, _rowid_); INSERT INTO q VALUES (1, 9, 2);""",
    "all names of the rowid taken": """
        CREATE TABLE t (rowid, oid, _rowid_); INSERT INTO t VALUES (3, 1, 'x'), (2, 1.0, 'y'), (3, 1, 'x');""",
    "AUTOINCREMENT": """
        CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, a); INSERT INTO t (a) VALUES (1), (2), (3); DELETE FROM t;
        CREATE TABLE e (id INTEGER PRIMARY KEY AUTOINCREMENT);
        CREATE TABLE f (id INTEGER PRIMARY KEY AUTOINCREMENT); INSERT INTO f VALUES (4); DELETE FROM sqlite_sequence
        WHERE name = 'f'; INSERT INTO sqlite_sequence VALUES ('gone', 9);""",
    "statistics": """
        CREATE TABLE t (a UNIQUE, b, c, PRIMARY KEY (b, c)); CREATE INDEX i ON t (c); CREATE INDEX j ON t (b) WHERE b;
        INSERT INTO t VALUES (1, 2, 3), (4, 5, 6); ANALYZE; INSERT INTO sqlite_stat1 VALUES ('t', 'gone', '1');""",
    "WITHOUT ROWID": """
        CREATE TABLE t (a TEXT COLLATE NOCASE, b INT, c, PRIMARY KEY (b DESC, a COLLATE RTRIM), UNIQUE (c))
        WITHOUT ROWID; INSERT INTO t VALUES ('x', 1, 2), ('X', 1, 3), ('y', 2, x'ff');""",
    "generated columns": """
        CREATE TABLE t (a INTEGER PRIMARY KEY, s TEXT AS (b || '!') STORED UNIQUE, b TEXT, v INT GENERATED ALWAYS AS
        (a * 2) VIRTUAL NOT NULL, c DEFAULT 3); INSERT INTO t (b) VALUES ('x'), ('y'); CREATE INDEX i ON t (v);""",
    "rows older than a column": """
        CREATE TABLE t (id INTEGER PRIMARY KEY, a); INSERT INTO t VALUES (1, 'x'), (2, 'y');
        ALTER TABLE t ADD COLUMN b TEXT DEFAULT 'old'; ALTER TABLE t ADD COLUMN c REAL NOT NULL DEFAULT 5;""",
    "ON CONFLICT": """
        CREATE TABLE t (a PRIMARY KEY ON CONFLICT REPLACE, b UNIQUE ON CONFLICT IGNORE, c NOT NULL ON CONFLICT
        ROLLBACK); INSERT INTO t VALUES (1, 1, 1), (2, 2, 2), (NULL, NULL, 3), (NULL, NULL, 3);""",
    "values of all kinds": """
        CREATE TABLE t (r REAL, n NUMERIC, i INTEGER, x TEXT, b BLOB, z);
        INSERT INTO t VALUES (3, 3.0, 3.5, 'a' || char(0) || 'b', x'0001', 9223372036854775807),
        (1e300, 'x', -0.0, CAST(x'fffe41' AS TEXT), '1', 1.0), (9e999, -9e999, NULL, '', x'', zeroblob(5000));""",
    "UTF-16": """
        PRAGMA encoding = 'UTF-16be'; CREATE TABLE "ä" ("ö" TEXT DEFAULT 'ü', b); INSERT INTO "ä" VALUES ('日本', 1),
        (CAST(x'41' AS TEXT), CAST(x'd8000041' AS TEXT)); CREATE INDEX i ON "ä" ("ö");""",
    "triggers": """
        CREATE TABLE t (id INTEGER PRIMARY KEY, a); CREATE TABLE log (what); INSERT INTO t VALUES (1, 1), (2, 2);
        CREATE TRIGGER b AFTER INSERT ON t BEGIN INSERT INTO log VALUES ('b' || new.id); END;
        CREATE TRIGGER a AFTER INSERT ON t WHEN new.a BEGIN INSERT INTO log SELECT 'a' || count(*) FROM t; END;
        CREATE TRIGGER d BEFORE DELETE ON t BEGIN SELECT RAISE(ABORT, 'never'); END;
        CREATE TRIGGER o AFTER INSERT ON log BEGIN UPDATE t SET a = a + 1 WHERE id = 1; END;
        CREATE VIEW v AS SELECT t.a, log.what FROM t, log;
        CREATE TRIGGER i INSTEAD OF INSERT ON v BEGIN INSERT INTO t (a) VALUES (new.a); END;""",
    "references all around": """
        CREATE TABLE p (id INTEGER PRIMARY KEY, up REFERENCES p (id) ON DELETE CASCADE, c_id REFERENCES c DEFERRABLE
        INITIALLY DEFERRED); CREATE TABLE c (id PRIMARY KEY, p_id INT REFERENCES "P", FOREIGN KEY (id) REFERENCES gone);
        INSERT INTO p VALUES (1, 1, NULL), (2, 1, 'x'), (3, 99, NULL); INSERT INTO c VALUES ('x', 2), ('y', 77);""",
    "views that are broken": """
        CREATE TABLE t (a); INSERT INTO t VALUES (1); CREATE VIEW w AS SELECT * FROM nowhere; CREATE VIEW u AS SELECT
        nofunction(a) FROM t; CREATE TRIGGER x AFTER UPDATE ON t BEGIN INSERT INTO nowhere VALUES
        (nofunction(1)); END;""",
    "its own name in a CHECK and in an index": """
        CREATE TABLE t (id INTEGER PRIMARY KEY, a, CHECK (t.a <> 3), UNIQUE (a)); INSERT INTO t VALUES (1, 1), (9, 2);
        CREATE TABLE w (a COLLATE NOCASE PRIMARY KEY, b) WITHOUT ROWID; INSERT INTO w VALUES ('a', 1), ('b', 2);
        CREATE INDEX k ON w (b) WHERE w.b > 0; CREATE INDEX i ON t (a) WHERE t.a > 0; ANALYZE;
        CREATE TABLE n (rowid, a, CHECK (n.a)); INSERT INTO n (_rowid_, rowid, a) VALUES (8, 1, 1), (4, 2, 2);
        CREATE TABLE o (rowid, oid, _rowid_, CHECK (o.oid)); INSERT INTO o VALUES (1, 2, 3), (1, 2, 3);
        CREATE TABLE s (id INTEGER PRIMARY KEY AUTOINCREMENT, CHECK (s.id)); INSERT INTO s VALUES (3), (8);""",
    "names that are ours, or SQLite's, or strange": """
        CREATE TABLE sqlfix_old (a); CREATE TABLE sqlfix_copied (b); CREATE TABLE "SQLFIX_KEPT" (c UNIQUE);
        CREATE TABLE "new
line.dot""x" ("a'b" INTEGER PRIMARY KEY, "[c]", "select" UNIQUE); INSERT INTO "new
line.dot""x" VALUES (1, 2, 3); CREATE TABLE temp_x (temp, main); CREATE TABLE main (main); CREATE TABLE temp (a);
        CREATE TABLE "pragma_table_list" (a); INSERT INTO main VALUES (1); INSERT INTO sqlfix_copied VALUES (8);
        CREATE TABLE "table" ("index" PRIMARY KEY); CREATE TABLE c (c, n, "new.x"); INSERT INTO c VALUES (1, 2, 3);""",
    "rows that break a CHECK": """
        CREATE TABLE t (a CHECK (a > 0)); PRAGMA ignore_check_constraints = ON; INSERT INTO t VALUES (-1), (2);""",
    "full-text search": """
        CREATE TABLE t (id INTEGER PRIMARY KEY, x TEXT);
        CREATE VIRTUAL TABLE f USING fts5(x, content=t, content_rowid=id);
        CREATE TRIGGER i AFTER INSERT ON t BEGIN INSERT INTO f (rowid, x) VALUES (new.id, new.x); END;
        INSERT INTO t (x) VALUES ('one'), ('two'); CREATE VIRTUAL TABLE g USING fts4(a); INSERT INTO g VALUES ('b');""",
    "settings": """
        PRAGMA auto_vacuum = 1; PRAGMA page_size = 1024; PRAGMA user_version = 7; PRAGMA application_id = 8;
        PRAGMA journal_mode = wal; CREATE TABLE t (a, b); INSERT INTO t VALUES (1, zeroblob(9000)), (2, 'x');""",
    "texts that SQLite shortens": """
        CREATE TABLE main.t (a); CREATE INDEX IF NOT EXISTS main.i ON T (A);
        CREATE TABLE IF NOT EXISTS u AS SELECT 1 AS x;
        CREATE TRIGGER IF NOT EXISTS main.g AFTER INSERT ON T BEGIN SELECT 1; END; CREATE TABLE c (a) /* c */ ;
        CREATE TABLE w (a PRIMARY KEY) WITHOUT ROWID -- end
        ; INSERT INTO w VALUES (1)""",
    "keys at the end of what there is": """
        CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT); INSERT INTO t VALUES (9223372036854775807);
        CREATE TABLE s (a); INSERT INTO s (rowid, a) VALUES (9223372036854775807, 1), (-9223372036854775808, 2);
        CREATE TABLE d (id INTEGER PRIMARY KEY DESC, a); INSERT INTO d VALUES (NULL, 1), (NULL, 2);
        CREATE TABLE k (a, b, PRIMARY KEY (a, a COLLATE NOCASE)) WITHOUT ROWID; INSERT INTO k VALUES ('a', 1), ('A', 2);
        CREATE TABLE g (g AS (a), a, h AS (g) STORED, UNIQUE (h)); INSERT INTO g (a) VALUES ('x'), ('y');""",
    "STRICT": """
        CREATE TABLE t (id INTEGER PRIMARY KEY, a ANY, b TEXT NOT NULL, c REAL, d BLOB) STRICT; INSERT INTO t VALUES
        (1, 1.0, 'x', 2, x'00'), (2, '1', 'y', 1.5, NULL); CREATE TABLE w (a INT PRIMARY KEY) STRICT, WITHOUT
        ROWID;""",
    "1,999 columns": f"CREATE TABLE t ({', '.join(map('c{}'.format, range(1999)))}); INSERT INTO t (c0) VALUES (1);",
    "a module that is missing": """
        CREATE TABLE t (a); INSERT INTO t VALUES (1); PRAGMA writable_schema = ON; INSERT INTO sqlite_master VALUES
        ('table', 'm', 'm', 0, 'CREATE VIRTUAL TABLE m USING nomodule(a)'); PRAGMA writable_schema = RESET;""",
}


@together
@pytest.mark.parametrize("sql", SURVIVE.values(), ids=SURVIVE)
@pytest.mark.parametrize("in_place", [False, True])
def test_a_rebuild_to_the_same_text_changes_nothing(tmp_path: Path, sql: str, in_place: bool) -> None:
    path = build(tmp_path / "app.db", sql)
    before = everything(path)
    plan = plan_of(path, *rebuilds(path), in_place=in_place)
    assert plan.facts == ()
    assert copies(plan) is not in_place
    other = Path(shutil.copy(path, tmp_path / "other.db"))
    done = change_schema(path, plan, ALONE)
    assert done.applied
    assert done.record
    assert everything(path) == before
    assert {file.name for file in tmp_path.iterdir()} == {"app.db", "other.db", Path(done.record).name}
    if not in_place and "\n" not in "".join(step.name for step in plan.steps):
        assert in_the_shell(other, plan, "-bail") == ""
        assert everything(other) == before


T = "CREATE TABLE t (id INTEGER PRIMARY KEY, a INT, p_id INT REFERENCES p (id))"
DATA = f"""
    CREATE TABLE p (id INTEGER PRIMARY KEY, n TEXT); INSERT INTO p VALUES (1, 'x'), (2, 'y');
    {T}; INSERT INTO t VALUES (1, 10, 1), (2, 20, NULL);
    CREATE INDEX i ON t (a); CREATE VIEW v AS SELECT a FROM t;
    CREATE TRIGGER g AFTER INSERT ON t BEGIN SELECT 1; END; CREATE TRIGGER h AFTER INSERT ON t BEGIN SELECT 2; END;
"""
EDITS: dict[str, tuple[SchemaStep, set[tuple[Any, ...]]]] = {}


def of_table(old: str, new: str, *facts: tuple[Any, ...], **values: str) -> tuple[SchemaStep, set[tuple[Any, ...]]]:
    """A rebuild of t with an edited text, and the facts that it changes."""
    return SchemaStep("rebuild", "table", "t", T.replace(old, new), values=values), {("table", "t", *f) for f in facts}


EDITS = {
    "not null": of_table("a INT", "a INT NOT NULL", ("not null", ("a",), None, "NOT NULL")),
    "default": of_table("a INT", "a INT DEFAULT (1 + 1)", ("default", ("a",), None, "1 + 1")),
    "unique": of_table("a INT", "a INT UNIQUE", ("unique", ("a",), None, "UNIQUE")),
    "check": of_table("a INT", "a INT CHECK (a > 0)", ("check", ("a",), None, "CHECK (a > 0)")),
    "collation": of_table("a INT", "a INT COLLATE NOCASE", ("collation", ("a",), None, "NOCASE")),
    "type": of_table("a INT", "a BIGINT", ("type", ("a",), "INT", "BIGINT")),
    "action": of_table(
        "p (id)", "p (id) ON DELETE CASCADE",
        ("foreign key", ("p_id",), "REFERENCES p(id)", "REFERENCES p(id) ON DELETE CASCADE"),
    ),
    "no foreign key": of_table(
        " REFERENCES p (id)", "", ("foreign key", ("p_id",), "REFERENCES p(id)", None)
    ),
    "deferred": of_table(
        "p (id)", "p (id) DEFERRABLE INITIALLY DEFERRED",
        ("foreign key", ("p_id",), "REFERENCES p(id)", "REFERENCES p(id) DEFERRABLE INITIALLY DEFERRED"),
    ),
    "autoincrement": of_table(
        "PRIMARY KEY", "PRIMARY KEY AUTOINCREMENT", ("AUTOINCREMENT", ("id",), None, "AUTOINCREMENT")
    ),
    "a comment": of_table("a INT", "a INT /* x */", ("text", (), T, T.replace("a INT", "a INT /* x */"))),
    "a column more": of_table("a INT", "a INT, z DEFAULT 3", ("column", ("z",), None, "z DEFAULT 3")),
    "a column less": of_table(
        ", p_id INT REFERENCES p (id)", "", ("column", ("p_id",), "p_id INT REFERENCES p (id)", None)
    ),
    "a new value": of_table("a INT", "a TEXT", ("type", ("a",), "INT", "TEXT"), a='c."a" || \'!\''),
    "a type that is given": of_table("a INT", "a TEXT", ("type", ("a",), "INT", "TEXT"), a='c."a"'),
    "a table that is made": (
        SchemaStep("create", "table", "n", "CREATE TABLE n (x)"),
        {("table", "n", "table", (), None, "CREATE TABLE n (x)")},
    ),
    "an index that is made": (
        SchemaStep("create", "index", "j", "create  index j on t (p_id)"),
        {("index", "j", "index", (), None, "CREATE INDEX j on t (p_id)")},
    ),
    "an index that is made anew": (
        SchemaStep("rewrite", "index", "i", "CREATE UNIQUE INDEX i ON t (a, id)"),
        {("index", "i", "text", (), "CREATE INDEX i ON t (a)", "CREATE UNIQUE INDEX i ON t (a, id)")},
    ),
    "a trigger that is made anew": (
        SchemaStep("rewrite", "trigger", "g", "CREATE TRIGGER g AFTER DELETE ON t BEGIN SELECT 3; END"),
        {("trigger", "g", "text", (), "CREATE TRIGGER g AFTER INSERT ON t BEGIN SELECT 1; END",
          "CREATE TRIGGER g AFTER DELETE ON t BEGIN SELECT 3; END")},
    ),
    "a view that is made anew": (
        SchemaStep("rewrite", "view", "v", "CREATE VIEW v AS SELECT id FROM t"),
        {("view", "v", "text", (), "CREATE VIEW v AS SELECT a FROM t", "CREATE VIEW v AS SELECT id FROM t")},
    ),
    "a trigger that goes": (
        SchemaStep("drop", "trigger", "h"),
        {("trigger", "h", "trigger", (), "CREATE TRIGGER h AFTER INSERT ON t BEGIN SELECT 2; END", None)},
    ),
}  # fmt: skip


IN_PLACE = {"not null", "check", "type", "default", "action", "no foreign key", "deferred", "a comment"}
IN_PLACE |= {"unique", "collation", "a type that is given"}


@together
@pytest.mark.parametrize("what", EDITS)
@pytest.mark.parametrize("in_place", [False, True])
def test_a_step_changes_what_it_is_about_and_nothing_else(tmp_path: Path, what: str, in_place: bool) -> None:
    step, facts = EDITS[what]
    path = build(tmp_path / "app.db", DATA)
    before = everything(path)
    plan = plan_of(path, step, in_place=in_place)
    assert copies(plan) is (step.deed == "rebuild" and not (in_place and what in IN_PLACE))
    assert plan.steps[0].rows == 2 * copies(plan)
    assert {(f.kind, f.name, f.what, f.place, f.before, f.after) for f in plan.facts} >= facts
    assert {(f.kind, f.name) for f in plan.facts} == {(fact[0], fact[1]) for fact in facts}
    other = Path(shutil.copy(path, tmp_path / "other.db"))
    change_schema(path, plan, ALONE)
    after = everything(path)
    assert in_the_shell(other, plan, "-bail") == ""
    assert everything(other) == after
    assert after["integrity"] == [(b"ok",)]
    for name in before:
        if name not in ("schema", "order", "t", "rowids of n", "sqlite_sequence"):
            assert after[name] == before[name]
    texts, new = ({(row[0], row[1]): row[3] for row in some["schema"]} for some in (before, after))
    key = (step.kind.encode(), step.name.encode())
    for each in texts.keys() | new.keys():
        assert texts.get(each) == new.get(each) or each == key or each[1].startswith(b"sqlite_")
    if step.deed == "rebuild":
        assert new[key].decode() == step.text


def test_a_rename_changes_no_other_text(tmp_path: Path) -> None:
    path = build(
        tmp_path / "app.db",
        "CREATE TABLE u__old (id INTEGER PRIMARY KEY AUTOINCREMENT, a UNIQUE); INSERT INTO u__old VALUES (5, 'x');"
        "CREATE INDEX i ON u__old (a DESC); CREATE TABLE c (u_id REFERENCES u (id)); INSERT INTO c VALUES (5), (6);"
        "CREATE VIEW v AS SELECT a FROM u; ANALYZE;",
    )
    plan = plan_of(path, SchemaStep("rename", "table", "u__old", to="u"))
    assert [(f.kind, f.name, f.what, f.before, f.after) for f in plan.facts] == [
        ("table", "u__old", "name", "u__old", "u"),
        ("index", "i", "text", "CREATE INDEX i ON u__old (a DESC)", 'CREATE INDEX i ON "u" (a DESC)'),
    ]
    done = change_schema(path, plan, ALONE)
    assert [(left.table, left.columns, left.parent, left.count) for left in done.left] == [("c", ("u_id",), "u", 1)]
    with contextlib.closing(sqlite3.connect(path)) as db:
        assert db.execute("SELECT sql FROM sqlite_master WHERE name IN ('c', 'v')").fetchall() == [
            ("CREATE TABLE c (u_id REFERENCES u (id))",),
            ("CREATE VIEW v AS SELECT a FROM u",),
        ]
        assert db.execute("SELECT * FROM v").fetchall() == [("x",)]
        assert db.execute("SELECT name, seq FROM sqlite_sequence").fetchall() == [("u", 5)]
        stats = db.execute("SELECT tbl, idx FROM sqlite_stat1 WHERE tbl <> 'c' ORDER BY idx").fetchall()
        assert stats == [("u", "i"), ("u", "sqlite_autoindex_u_1")]
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_a_table_that_refers_to_itself_goes_on_to(tmp_path: Path) -> None:
    sql = "CREATE TABLE u__old (id INTEGER PRIMARY KEY, up REFERENCES 'u__old' (id), x /* REFERENCES u__old */)"
    path = build(tmp_path / "app.db", f"{sql}; INSERT INTO u__old VALUES (1, 1, 2)")
    change_schema(path, plan_of(path, SchemaStep("rename", "table", "u__old", to="u")), ALONE)
    with contextlib.closing(sqlite3.connect(path)) as db:
        assert db.execute("SELECT sql FROM sqlite_master").fetchall() == [
            ('CREATE TABLE "u" (id INTEGER PRIMARY KEY, up REFERENCES "u" (id), x /* REFERENCES u__old */)',)
        ]
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []


def test_rows_are_read_from_the_table_and_not_from_an_index_that_disagrees(tmp_path: Path) -> None:
    sql = "CREATE TABLE t (id INTEGER PRIMARY KEY, a); INSERT INTO t VALUES (1, 'x'), (2, 'y'), (3, 'z');"
    path = build(
        tmp_path / "app.db", sql + "CREATE INDEX i ON t (a);" + by_hand("CREATE INDEX i ON t (a) WHERE 0", "i")
    )
    with contextlib.closing(sqlite3.connect(path)) as db:
        db.executescript("DELETE FROM t WHERE id = 2;" + by_hand("CREATE INDEX i ON t (a)", "i"))
        assert db.execute("PRAGMA integrity_check").fetchall() != [("ok",)]
    change_schema(path, plan_of(path, *rebuilds(path)), ALONE)  # the text alone, and the index stays as it is
    done = change_schema(path, plan_of(path, *rebuilds(path), in_place=False))
    assert done.steps[0].rows == 2
    with contextlib.closing(sqlite3.connect(path)) as db:
        assert db.execute("SELECT * FROM t").fetchall() == [(1, "x"), (3, "z")]
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


REFUSED = {
    "a virtual table": ("CREATE VIRTUAL TABLE t USING fts5(a)", "t", None, "virtual table"),
    "a shadow table": ("CREATE VIRTUAL TABLE t USING fts5(a)", "t_data", None, "shadow table"),
    "no such table": ("CREATE TABLE t (a)", "u", "CREATE TABLE u (a)", "there is no table u"),
    "the text of another table": ("CREATE TABLE t (a)", "t", "CREATE TABLE u (a)", "another one"),
    "no text of a table": ("CREATE TABLE t (a)", "t", "DROP TABLE t", "no CREATE TABLE"),
    "a temporary table": ("CREATE TABLE t (a)", "t", "CREATE TEMP TABLE t (a)", "no CREATE TABLE"),
    "not SQL": ("CREATE TABLE t (a)", "t", "CREATE TABLE t (a,)", "syntax error"),
    "a function that is missing": ("CREATE TABLE t (a)", "t", "CREATE TABLE t (a CHECK (f(a)))", "no such function: f"),
    "a trigger that names a column that goes": (
        "CREATE TABLE t (a, b); CREATE INDEX i ON t (b)", "t", "CREATE TABLE t (a)",
        "no such column|has no column named b",
    ),
    "more columns than SQLite lets through beside a rowid": (
        f"CREATE TABLE t ({', '.join(map('c{}'.format, range(2000)))})",
        "t",
        f"CREATE TABLE t ({', '.join(map('c{}'.format, range(2000)))})",
        "too many columns",
    ),
    "other words than SQLite would store": ("CREATE TABLE t (a)", "t", "create table t (a)", "another text"),
}  # fmt: skip


@together
@pytest.mark.parametrize(("sql", "name", "text", "said"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_done_is_refused_with_the_reason(
    tmp_path: Path, sql: str, name: str, text: str | None, said: str
) -> None:
    path = build(tmp_path / "app.db", sql)
    before = fingerprint(path)
    with pytest.raises(Refused, match=said):
        plan_of(path, SchemaStep("rebuild", "table", name, text or f"CREATE TABLE {name} (a)"))
    assert fingerprint(path) == before


BACK = {
    "a NULL": (T.replace("a INT", "a INT NOT NULL"), "UPDATE t SET a = NULL WHERE id = 2", "NOT NULL constraint"),
    "a duplicate": (T.replace("a INT", "a INT UNIQUE"), "UPDATE t SET a = 10", "UNIQUE constraint failed: t.a"),
    "a duplicate that would be replaced": (
        T.replace("a INT", "a INT UNIQUE ON CONFLICT REPLACE"), "UPDATE t SET a = 10", "UNIQUE constraint failed: t.a"
    ),
    "a CHECK": (T.replace("a INT", "a INT CHECK (a < 20)"), "", "CHECK constraint failed"),
    "another type": (T.replace("a INT", "a TEXT"), "", "its values as they are|would be stored as another one"),
    "a REAL of integers": (T.replace("a INT", "a REAL"), "", "its values as they are|would be stored as another one"),
    "a key that would be made up": (
        "CREATE TABLE t (id, a INT, p_id INTEGER PRIMARY KEY)", "", "would not hold its values as they are"
    ),
    "an orphan that was none": (
        T.replace("p_id INT ", "p_id INT COLLATE NOCASE "),  # what is compared is the parent's column: nothing changes
        "", None,
    ),
}  # fmt: skip


@together
@pytest.mark.parametrize(("text", "deed", "said"), BACK.values(), ids=BACK)
@pytest.mark.parametrize("in_place", [False, True])
def test_what_the_rows_do_not_allow_is_rolled_back_whole(
    tmp_path: Path, text: str, deed: str, said: str | None, in_place: bool
) -> None:
    path = build(tmp_path / "app.db", DATA + deed)
    before = fingerprint(path)
    plan = plan_of(path, SchemaStep("rebuild", "table", "t", text), in_place=in_place)
    if said:  # the script as well, also in a host that goes on after an error
        other = Path(shutil.copy(path, tmp_path / "other.db"))
        assert in_the_shell(other, plan) != ""
        assert everything(other) == everything(path)
        other.unlink()
    if said is None:
        change_schema(path, plan, ALONE)
        return
    with pytest.raises(RolledBack, match=said):
        change_schema(path, plan, ALONE)
    assert fingerprint(path)[0] == before[0]
    assert [file.name for file in tmp_path.iterdir()] == ["app.db"]


def test_values_that_the_column_would_not_take_as_they_are(tmp_path: Path) -> None:
    """A text in an INTEGER column, put there while it had no type: a copy would make a number of it."""
    path = build(tmp_path / "app.db", stored_as("CREATE TABLE t (a INTEGER)", ("1",), (2,)))
    before = fingerprint(path)
    with pytest.raises(RolledBack, match="would not hold its values as they are"):
        change_schema(path, plan_of(path, *rebuilds(path), in_place=False), ALONE)
    assert fingerprint(path)[0] == before[0]


def test_a_table_that_calls_what_only_its_application_has(tmp_path: Path) -> None:
    """It cannot be made here, but its text can be changed where its rows stay as they are."""
    path = tmp_path / "app.db"
    with contextlib.closing(sqlite3.connect(path)) as db:
        db.create_function("f", 1, lambda value: value, deterministic=True)
        db.create_collation("c", lambda a, b: (a > b) - (a < b))
        db.execute("CREATE TABLE t (a INT CHECK (f(a)), b TEXT COLLATE c, g AS (f(a)))")
        db.execute("CREATE INDEX i ON t (f(a), b)")
        db.execute("INSERT INTO t VALUES (1, 'x'), (2, NULL)")
        db.execute("CREATE TABLE u (a)")
        db.commit()
    old = "CREATE TABLE t (a INT CHECK (f(a)), b TEXT COLLATE c, g AS (f(a)))"
    new = old.replace("a INT", "a INT NOT NULL").replace("b TEXT", "b TEXT REFERENCES u")
    change_schema(path, plan_of(path, SchemaStep("rebuild", "table", "t", new), *rebuilds(path)[1:]), ALONE)
    with contextlib.closing(sqlite3.connect(path)) as db:
        assert db.execute("SELECT sql FROM sqlite_master WHERE name = 't'").fetchone() == (new,)
    before = fingerprint(path)
    refused = {
        "NOT NULL constraint failed: t.b": new.replace("b TEXT", "b TEXT NOT NULL"),
        "no such function: h": new.replace("CHECK", "CHECK (h(a)) CHECK"),
        "it belongs to the application": new.replace("b TEXT", "b INT"),
        "to the application": new.replace("CREATE TABLE", "create table"),
    }
    for said, text in refused.items():
        with pytest.raises((Refused, RolledBack), match=said):
            change_schema(path, plan_of(path, SchemaStep("rebuild", "table", "t", text)), ALONE)
    assert fingerprint(path)[0] == before[0]


def test_a_text_written_by_hand_stays_or_is_refused(tmp_path: Path) -> None:
    path = build(
        tmp_path / "app.db", "CREATE TABLE t (a); CREATE INDEX i ON t (a);" + by_hand("create index i on t(a)", "i")
    )
    with pytest.raises(Refused, match="text of index i would not stay as it is"):
        plan_of(path, *rebuilds(path), in_place=False)


def test_the_schema_has_to_be_the_one_of_the_plan(tmp_path: Path) -> None:
    path = build(tmp_path / "app.db", DATA)
    plan = plan_of(path, SchemaStep("drop", "trigger", "h"))
    build(path, "CREATE TABLE meanwhile (a)")
    with pytest.raises(RolledBack, match="schema has changed since"):
        change_schema(path, plan, ALONE)


def test_a_key_that_comes_to_work_shows_its_orphans(tmp_path: Path) -> None:
    sql = "CREATE TABLE p (id INT); INSERT INTO p VALUES (1), (2); CREATE TABLE c (p_id REFERENCES p (id));"
    path = build(tmp_path / "app.db", sql + "INSERT INTO c VALUES (1), (3), (4), (NULL)")
    plan = plan_of(path, SchemaStep("rebuild", "table", "p", "CREATE TABLE p (id INT UNIQUE)"))
    before = fingerprint(path)
    with pytest.raises(RolledBack, match=r"c\.p_id has 2 orphans"):
        change_schema(path, replace(plan, reveals=False), ALONE)
    assert fingerprint(path)[0] == before[0]
    done = change_schema(path, plan)
    assert [(left.check, left.table, left.count) for left in done.left] == [("orphan-rows", "c", 2)]
    assert done.backup


def test_a_row_that_would_lose_its_parent(tmp_path: Path) -> None:
    """Another collation of the parent's key lets it find others than before."""
    sql = "CREATE TABLE p (id TEXT COLLATE NOCASE UNIQUE); INSERT INTO p VALUES ('a');"
    sql += "CREATE TABLE c (p_id REFERENCES p (id));"
    path = build(tmp_path / "app.db", sql + "INSERT INTO c VALUES ('A'), ('b')")
    before = fingerprint(path)
    with pytest.raises(RolledBack, match="1 row of c would lose the parent in p"):
        change_schema(
            path, plan_of(path, SchemaStep("rebuild", "table", "p", "CREATE TABLE p (id TEXT UNIQUE)")), ALONE
        )
    assert fingerprint(path)[0] == before[0]


def test_undo_brings_back_the_file_as_it_was(tmp_path: Path) -> None:
    path = build(tmp_path / "app.db", DATA)
    before = everything(path)
    change_schema(path, plan_of(path, SchemaStep("drop", "trigger", "h"), EDITS["not null"][0]))
    changed = everything(path)
    assert changed != before
    listed = sqlfix("history", path)
    assert "change of the schema" in listed.out
    assert sqlfix("undo", path, "--yes").code == 0
    assert everything(path) == before
    undone = sqlfix("history", path, "--format", "json").json["records"][-1]
    assert sqlfix("undo", path, undone["name"], "--yes").code == 0
    assert everything(path) == changed


def _not_null(path: Path) -> SchemaPlan:
    return plan_of(path, EDITS["not null"][0])


def _one_more_index(path: Path) -> SchemaPlan:
    return plan_of(path, EDITS["an index that is made"][0])


@pytest.mark.parametrize("planned", [_not_null, _one_more_index])
def test_a_backup_that_proves_bad_while_the_change_is_made_takes_it_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, planned: Callable[[Path], SchemaPlan]
) -> None:
    path = build(tmp_path / "app.db", DATA)
    plan, before, running = planned(path), path.read_bytes(), threading.Event()

    def bad(database: Path, *rest: Any) -> tuple[()]:
        running.wait(5)
        assert database.read_bytes() == before
        raise SqlfixError("the copy is bad")

    def carried(*given: Any) -> Any:
        running.set()
        yield from carry_out(*given)

    carry_out = schema_change.carry_out
    monkeypatch.setattr(backup, "_verify", bad)
    monkeypatch.setattr(schema_change, "carry_out", carried)
    with pytest.raises(SqlfixError, match="the copy is bad"):
        change_schema(path, plan)
    assert running.is_set()
    assert (path.read_bytes(), [file.name for file in tmp_path.iterdir()]) == (before, ["app.db"])


def test_what_the_change_meets_in_a_bad_file_is_said_as_the_backup_says_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = build(tmp_path / "app.db", DATA)
    plan = _not_null(path)

    def bad(*rest: Any) -> tuple[()]:
        raise SqlfixError("the copy is bad")

    def failing(*rest: Any) -> Any:
        raise RolledBack("nothing here is as it was")

    monkeypatch.setattr(backup, "_verify", bad)
    monkeypatch.setattr(schema_change, "carry_out", failing)
    with pytest.raises(SqlfixError, match="the copy is bad"):
        change_schema(path, plan)


@together
@pytest.mark.parametrize("what", EDITS)
@pytest.mark.parametrize("in_place", [False, True])
@pytest.mark.parametrize(("same_bytes", "free"), [(False, False), (True, False), (True, True)])
def test_no_row_is_written_before_the_backup_is_verified(
    tmp_path: Path, what: str, in_place: bool, same_bytes: bool, free: bool
) -> None:
    """But beside those that there are: without free pages SQLite takes it back exactly, see `schema_change.BESIDE`."""
    path = build(tmp_path / "app.db", f"{DATA} {'CREATE TABLE gone (a); DROP TABLE gone;' if free else ''}")
    plan = plan_of(path, EDITS[what][0], in_place=in_place)
    waited: list[int] = []
    with writing(path) as connection:
        assert (connection.execute("PRAGMA freelist_count").fetchone() != (0,)) is free
        schema = read_schema(connection)
        tried = try_steps(connection, schema, plan.steps, in_place)
        ran: list[str] = []
        connection.set_trace_callback(ran.append)
        making = Making(lambda: waited.append(len(ran)) or (), same_bytes=same_bytes)  # type: ignore[func-returns-value]
        list(schema_change.carry_out(connection, schema, tried, making))
    harmless = r"UPDATE main\.sqlite_master |(CREATE|DROP) VIEW main\.sqlfix_new\b"
    if same_bytes and not free:
        harmless += (
            r"|(CREATE (UNIQUE )?|DROP )INDEX\b|CREATE TABLE\b|ALTER TABLE .* RENAME TO|INSERT OR ABORT INTO main\."
        )
    changing = [
        place
        for place, statement in enumerate(ran)
        if re.match(r"(INSERT|UPDATE|DELETE|CREATE|DROP|ALTER)\b", statement, re.IGNORECASE)
        and not re.match(rf"[A-Z ]+ (TEMP TABLE|temp\.)|{harmless}", statement)
    ]
    assert bool(waited) is bool(changing)
    if copies(plan):
        assert any(re.match("DROP TABLE", ran[place]) for place in changing), "the old table goes once it is verified"
    if not same_bytes:
        assert bool(waited) is not (
            in_place and what in IN_PLACE - {"default", "unique", "collation", "a type that is given"}
        )
    assert not waited or waited[0] <= changing[0]


@pytest.mark.parametrize("free", [False, True])
def test_an_index_that_is_built_in_a_damaged_file_leaves_no_trace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: bool
) -> None:
    """It is built while the backup is verified, and larger than what SQLite keeps in memory."""
    rows = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) INSERT INTO"
    gone = "CREATE TABLE gone (a); DROP TABLE gone;" if free else ""
    path = build(
        tmp_path / "app.db",
        f"CREATE TABLE t (a TEXT); {rows} t SELECT 'a text of some length ' || i FROM n; CREATE TABLE o (a TEXT);"
        f"{rows} o SELECT i FROM n; CREATE INDEX i ON t (a); {gone}",
    )
    with contextlib.closing(sqlite3.connect(path)) as connection:
        (page,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'o'").fetchone()
    with path.open("r+b") as file:  # the first leaf or so of another table
        file.seek((page + 4) * 4096)
        file.write(b"\0" * 4096)
    plan = plan_of(path, SchemaStep("rebuild", "table", "t", "CREATE TABLE t (a TEXT COLLATE NOCASE UNIQUE)"))
    assert not copies(plan)
    before, sizes, built = path.read_bytes(), list[int](), threading.Event()

    def late(*given: Any) -> Any:
        built.wait(2 if free else 20)
        sizes.append(path.stat().st_size)
        return verify(*given)

    def checked(connection: sqlite3.Connection, *given: Any) -> None:
        built.set()
        check(connection, *given)

    verify, check = backup._verify, schema_change._require_as_tried
    monkeypatch.setattr(connect, "CACHE_KIB", 64)
    monkeypatch.setattr(backup, "_verify", late)
    monkeypatch.setattr(schema_change, "_require_as_tried", checked)
    with pytest.raises(SqlfixError, match="malformed"):
        change_schema(path, plan)
    assert built.is_set() is not free
    assert (sizes[0] > len(before)) is not free, "where there are free pages, it waits"
    assert (path.read_bytes(), [file.name for file in tmp_path.iterdir()]) == (before, ["app.db"])
