"""What is computed from a column that gets another type or collation: a dry run says what the change would say."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

import pytest
from schema_digest import everything
from support import build, sqlfix, together, violations

from sqlfix.errors import RolledBack
from sqlfix.plan.alter import plan_alteration
from sqlfix.plan.alter_wish import Wish
from sqlfix.repair.change import ChangeOptions
from sqlfix.repair.schema_change import change_schema
from sqlfix.schema.database import open_database
from tests.repair.test_schema_change import in_the_shell

VALUES = "(id, a) VALUES (1, '12'), (3, '7'), (4, NULL)"
IN_THE_WAY = {
    "a stored value": (
        "g TEXT AS (typeof(a) || a) STORED",
        "",
        "NUMERIC",
        "type-mismatches in t.g, 2 rows: it would be computed as another value, and it is STORED: id=1 (g='text12');",
    ),
    "one that is computed from another one": (
        "v AS (typeof(a)) VIRTUAL, g AS (v || '!') STORED",
        "",
        "NUMERIC",
        "id=1 (g='text!'); id=3 (g='text!')",
    ),
    "a key that would be the same": (
        "g AS (CASE typeof(a) WHEN 'text' THEN a ELSE 1 END) UNIQUE",
        "",
        "NUMERIC",
        "duplicate-keys in t.g, 3 rows: the same as NUMERIC: g=1",
    ),
    "an index of an expression": (
        "n",
        "CREATE UNIQUE INDEX i ON t (CASE typeof(a) WHEN 'text' THEN a ELSE 1 END);",
        "NUMERIC",
        "duplicate-keys in t.a, 3 rows: the same as NUMERIC: a=12",
    ),
    "an index of some rows": (
        "n INT DEFAULT 1",
        "CREATE UNIQUE INDEX i ON t (n) WHERE typeof(a) = 'integer';",
        "NUMERIC",
        "duplicate-keys in t.(a, n), 2 rows: the same as NUMERIC: a=12, n=1",
    ),
    "a CHECK": (
        "g AS (typeof(a)), CHECK (g <> 'integer')",
        "",
        "NUMERIC",
        "CHECK (g <> 'integer') would be false: id=1 (a='12'); id=3 (a='7')",
    ),
    "a reference": (
        "g AS (typeof(a)) REFERENCES p (k)",
        "CREATE TABLE p (k PRIMARY KEY); INSERT INTO p VALUES ('text'), ('null');",
        "NUMERIC",
        "orphan-rows in t.g -> p.k, 2 rows: without its parent as NUMERIC: id=1 (g='text'); id=3 (g='text')",
    ),
}


@together
@pytest.mark.parametrize("name", IN_THE_WAY)
def test_what_is_computed_as_another_value_is_in_the_way(tmp_path: Path, name: str) -> None:
    columns, more, type, said = IN_THE_WAY[name]
    path = build(
        tmp_path / "x.db", f"CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, {columns}); INSERT INTO t {VALUES};{more}"
    )
    before = path.read_bytes()
    ran = [sqlfix("alter", path, "t.a", f"--type={type}", how) for how in ("--dry-run", "--yes")]
    assert said in " ".join(ran[0].out.split()), ran[0].out
    assert (ran[0].code, ran[0].out) == (ran[1].code, ran[1].out) and ran[0].code == 1
    assert path.read_bytes() == before


def test_another_collation_is_computed_with_as_well(tmp_path: Path) -> None:
    path = build(
        tmp_path / "x.db", f"CREATE TABLE t (id, a TEXT, g AS (a = 'X') STORED); INSERT INTO t {VALUES}, (9, 'x');"
    )
    ran = [sqlfix("alter", path, "t.a", "--collate=NOCASE", how) for how in ("--dry-run", "--yes")]
    assert "type-mismatches in t.g, 1 row: it would be computed as another value" in " ".join(ran[0].out.split())
    assert [each.code for each in ran] == [1, 1] and ran[0].out == ran[1].out


def test_what_is_computed_as_it_was_is_in_nobodys_way(tmp_path: Path) -> None:
    columns = "g AS (a || '!') STORED UNIQUE CHECK (g <> ''), h AS (length(a))"
    path = build(
        tmp_path / "x.db", f"CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, {columns}); INSERT INTO t {VALUES};"
    )
    build(path, "CREATE UNIQUE INDEX i ON t (a || h) WHERE h > 0;")
    assert sqlfix("alter", path, "t.a", "--type=NUMERIC", "--dry-run").code == 0
    assert sqlfix("alter", path, "t.a", "--type=NUMERIC", "--yes").code == 0


P = "CREATE TABLE p (i TEXT PRIMARY KEY); INSERT INTO p VALUES ('1'), ('text')"
TYPED, COMPARED = ["--type=INTEGER"], ["--collate=NOCASE"]


@together
@pytest.mark.parametrize(
    ("sql", "options", "said"),
    [
        (
            "t (a, g AS (typeof(a)) UNIQUE); CREATE TABLE k (x REFERENCES t (g)); INSERT INTO t VALUES ('1');"
            "INSERT INTO k VALUES ('text')",
            TYPED,
            "orphan-rows in k.x -> t.g, 1 row: without its parent, if t.a were INTEGER: rowid=1 (x='text')",
        ),
        (
            "t (a, g AS (a = 'x') UNIQUE); CREATE TABLE k (x REFERENCES t (g)); INSERT INTO t VALUES ('X');"
            "INSERT INTO k VALUES (0), (7)",
            COMPARED,
            "orphan-rows in k.x -> t.g, 1 row: without its parent, if t.a compared as NOCASE: rowid=1 (x=0)",
        ),
        (
            "t (a, g AS (a = 'x') REFERENCES p (i)); CREATE TABLE p (i UNIQUE); INSERT INTO p VALUES (0);"
            "INSERT INTO t VALUES ('X'), ('y')",
            COMPARED,
            "orphan-rows in t.g -> p.i, 1 row: without its parent compared as NOCASE: rowid=1 (g=0)",
        ),
        (
            "t (a, g AS (nullif(a, 1)) REFERENCES p (i)); CREATE TABLE p (i); CREATE UNIQUE INDEX u ON p (i);"
            "INSERT INTO t VALUES (1), (NULL), (2); INSERT INTO p VALUES (2), ('2')",
            ["--type=TEXT"],
            "orphan-rows in t.g -> p.i, 1 row: without its parent as TEXT: rowid=1 (g=NULL)",
        ),
        (
            "t (a, g AS (nullif(typeof(a), 'integer')) NOT NULL); INSERT INTO t VALUES ('1'), ('x')",
            TYPED,
            "not-null-violations in t.g, 1 row: it would be computed as NULL: rowid=1 (a='1')",
        ),
        (
            "t (a, b); CREATE UNIQUE INDEX i ON t (a) WHERE b; INSERT INTO t VALUES ('x', 1), ('X', 1), ('x', 0)",
            COMPARED,
            "duplicate-keys in t.(a, b), 2 rows: the same compared as NOCASE: a='x', b=1",
        ),
        (
            "t (a, b); CREATE UNIQUE INDEX i ON t (b, a = 'x'); INSERT INTO t VALUES ('x', 1), ('X', 1)",
            COMPARED,
            "duplicate-keys in t.(a, b), 2 rows: the same compared as NOCASE: a='x', b=1",
        ),
        (
            "t (a, b, UNIQUE (a COLLATE RTRIM, b)); CREATE UNIQUE INDEX i ON t (a COLLATE BINARY) WHERE b;"
            "CREATE UNIQUE INDEX j ON t (b || a); INSERT INTO t VALUES ('x', 1), ('X', 1), (NULL, 1), (NULL, 1)",
            COMPARED,
            "",
        ),
        (
            "t (a); INSERT INTO t VALUES ('1'), (1)",
            [*TYPED, "--unique"],
            "duplicate-keys in t.a, 2 rows: the same as INTEGER: a=1",
        ),
        (
            f"t (a); {P}, ('1.0'); INSERT INTO t VALUES (2.0), (NULL), (1.0)",
            [*TYPED, "--references=p(i)"],
            "orphan-rows in t.a -> p.i, 1 row: without its parent as INTEGER: rowid=1 (a=2.0)",
        ),
        (
            "t (a, g AS (a || '!')); CREATE TABLE k (x INTEGER REFERENCES t (a)); INSERT INTO t VALUES ('5.0'), (6);"
            "INSERT INTO k VALUES (5)",
            ["--type=REAL", "--unique"],
            "",
        ),
        (
            "t (a); CREATE TABLE k (x TEXT REFERENCES t (a)); INSERT INTO t VALUES (2.5); INSERT INTO k VALUES ('2.5')",
            ["--type=REAL", "--unique"],
            "",
        ),
        (
            "t (a); CREATE TABLE k (x REFERENCES t (a)); INSERT INTO t VALUES ('x'); INSERT INTO k VALUES ('X')",
            [*COMPARED, "--unique"],
            "",
        ),
        (f"t (a); {P}; INSERT INTO t VALUES (1.0), (NULL)", [*TYPED, "--references=p(i)"], ""),
    ],
)
def test_a_dry_run_says_what_comes_of_it(tmp_path: Path, sql: str, options: list[str], said: str) -> None:
    path = build(tmp_path / "x.db", f"CREATE TABLE {sql}")
    before, orphans = everything(path), violations(path)
    dry, ran = (sqlfix("alter", path, "t.a", *options, how) for how in ("--dry-run", "--yes"))
    assert said in " ".join(dry.out.split()), dry.out
    assert (dry.code, ran.code) == (bool(said), bool(said)), ran.err
    after = everything(path)
    assert (after["integrity"], violations(path)) == (before["integrity"], orphans)
    assert (after == before) == bool(said)


def test_a_row_that_came_since_the_plan_was_made_and_would_break_a_check_takes_it_all_back(tmp_path: Path) -> None:
    path = build(
        tmp_path / "x.db",
        "CREATE TABLE t (id, a TEXT, CHECK (typeof(a) = 'text' OR a < 9 OR id < 9)); INSERT INTO t VALUES (1, '1');",
    )
    with open_database(path) as database:
        plan = plan_alteration(database, "t.a", Wish(type="NUMERIC"))
    build(path, "INSERT INTO t VALUES (8, '10'), (9, '10'), (10, 'x');")
    before = path.read_bytes()
    with pytest.raises(RolledBack, match=r"would be false: rowid=3 \(a='10'\)"):
        change_schema(path, plan, ChangeOptions(backup=False))
    assert path.read_bytes() == before
    for options in ([], ["-bail"]):  # and in a script that was written before they came
        assert "rows are at fault" in in_the_shell(path, plan, *options)
        assert path.read_bytes() == before
    build(path, "UPDATE t SET a = 'y' WHERE id = 9;")
    assert in_the_shell(path, plan, "-bail") == ""
    with contextlib.closing(sqlite3.connect(path)) as db:
        assert db.execute("SELECT id, typeof(a) FROM t").fetchall() == [
            (1, "integer"),
            (8, "integer"),
            (9, "text"),
            (10, "text"),
        ]
