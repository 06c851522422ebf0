"""What repairs a schema: for each kind of fault the cases that are mended, and those that are left with a reason."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest
from support import build, together

from sqlfix.model.plans import SchemaPlan, SchemaStep
from sqlfix.plan.schema_repair import SEEN_NOW
from sqlfix.plan.schema_repairing import Wanted, merged, plan_schema_repair
from sqlfix.schema.database import open_database

MANY = "WITH RECURSIVE n(x) AS (SELECT 1 UNION SELECT x + 1 FROM n WHERE x < 1500) SELECT NULL FROM n"

MENDED: dict[str, tuple[str, list[str]]] = {
    "a reference that a rename dragged along": (
        "CREATE TABLE u(id INTEGER PRIMARY KEY); INSERT INTO u VALUES(1);"
        'CREATE TABLE c(u REFERENCES "u__old" ("id") ON DELETE CASCADE /* kept */); INSERT INTO c VALUES(1), (9);',
        ['rebuild c: CREATE TABLE c(u REFERENCES "u" ("id") ON DELETE CASCADE /* kept */)'],
    ),
    "a table that is called like a leftover itself": (
        "CREATE TABLE u_old(id INTEGER PRIMARY KEY); CREATE TABLE c(u REFERENCES u_old__old(id));"
        "INSERT INTO u_old VALUES (1); INSERT INTO c VALUES (1);",
        ['rebuild c: CREATE TABLE c(u REFERENCES "u_old"(id))'],
    ),
    "two of them in one table, and what else speaks of it": (
        "CREATE TABLE u(id INTEGER PRIMARY KEY, n); CREATE TABLE c(a REFERENCES u__old, b REFERENCES u_old(id));"
        "CREATE VIEW v AS SELECT n FROM u__old AS o WHERE o.n = 'u__old';"
        'CREATE TRIGGER t AFTER INSERT ON c BEGIN UPDATE "u__old" SET n = 1; DELETE FROM u__old; END;',
        [
            'rebuild c: CREATE TABLE c(a REFERENCES "u", b REFERENCES "u"(id))',
            """rewrite v: CREATE VIEW v AS SELECT n FROM "u" AS o WHERE o.n = 'u__old'""",
            'rewrite t: CREATE TRIGGER t AFTER INSERT ON c BEGIN UPDATE "u" SET n = 1; DELETE FROM "u"; END',
        ],
    ),
    "a table that is gone while its copy stands beside it, and has lost its key": (
        "CREATE TABLE Users_backup(id INT, name TEXT); INSERT INTO Users_backup VALUES(1, 'a');"
        "CREATE TABLE posts(id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES Users); INSERT INTO posts VALUES(1, 1);",
        ["rename Users_backup → Users", 'rebuild Users: CREATE TABLE "Users"(id INTEGER PRIMARY KEY, name TEXT)'],
    ),
    "a key by which a full-text index would find other rows": (
        "CREATE TABLE p(id INTEGER, t); INSERT INTO p(rowid, id, t) VALUES(1, 10, 'x');"
        "CREATE VIRTUAL TABLE f USING fts5(t, content='p'); CREATE TABLE c(p REFERENCES p(id));",
        ['create index_p_on_id: CREATE UNIQUE INDEX "index_p_on_id" ON "p" ("id")'],
    ),
    "a key that is the rowid by which a full-text index finds rows": (
        "CREATE TABLE p(id INT, t); INSERT INTO p(rowid, id, t) VALUES(10, 10, 'x');"
        "CREATE VIRTUAL TABLE f USING fts5(t, content='p'); CREATE TABLE c(p REFERENCES p(id));",
        ["rebuild p: CREATE TABLE p(id INTEGER PRIMARY KEY, t)"],
    ),
    "a key by which a view would show other rowids": (
        "CREATE TABLE p(id INT, t); INSERT INTO p(rowid, id, t) VALUES(1, 10, 'x');"
        "CREATE VIEW v AS SELECT oid, t FROM p; CREATE TABLE c(p REFERENCES p(id));",
        ['create index_p_on_id: CREATE UNIQUE INDEX "index_p_on_id" ON "p" ("id")'],
    ),
    "a primary key that is called as those of other tables": (
        "CREATE TABLE p(T_Id INT, n); INSERT INTO p VALUES(1, 2), (5, 3); CREATE TABLE c(T_Id INTEGER PRIMARY KEY, p "
        "REFERENCES p); CREATE TABLE d(t_id INTEGER PRIMARY KEY); INSERT INTO c VALUES(1, 5);",
        ["rebuild p: CREATE TABLE p(T_Id INTEGER PRIMARY KEY, n)"],
    ),
    "a migration that died after it had dropped the table": (
        "CREATE TABLE _alembic_tmp_x(id INTEGER PRIMARY KEY, up REFERENCES _alembic_tmp_x(id));"
        "CREATE INDEX i ON _alembic_tmp_x(up); INSERT INTO _alembic_tmp_x VALUES(1, NULL);",
        [
            "rename _alembic_tmp_x → x",
            'rebuild x: CREATE TABLE "x"(id INTEGER PRIMARY KEY, up REFERENCES "x"(id))',
        ],
    ),
    "references that followed the leftover, which is no longer needed": (
        "CREATE TABLE x__old(id INTEGER PRIMARY KEY); INSERT INTO x__old VALUES(1);"
        "CREATE TABLE x(id INTEGER PRIMARY KEY); INSERT INTO x VALUES(1), (2);"
        "CREATE TABLE c(x REFERENCES x__old(id)); INSERT INTO c VALUES(1);",
        ['rebuild c: CREATE TABLE c(x REFERENCES "x"(id))'],
    ),
    "all that followed a table to its old name, where the new one has all rows": (
        "CREATE TABLE x__old(id INTEGER PRIMARY KEY, v UNIQUE); INSERT INTO x__old VALUES(1, 1);"
        "CREATE TABLE x(id INTEGER PRIMARY KEY, v UNIQUE); INSERT INTO x VALUES(1, 1), (2, 2);"
        "CREATE TABLE other(a); CREATE VIEW w AS SELECT 'x__old', v FROM x__old;"
        "CREATE TRIGGER t AFTER INSERT ON other BEGIN DELETE FROM x__old WHERE id = new.a; END;"
        "CREATE TRIGGER own AFTER UPDATE OF v ON x__old BEGIN SELECT 1; END; CREATE INDEX i ON x__old(v, id);",
        [
            """rewrite w: CREATE VIEW w AS SELECT 'x__old', v FROM "x\"""",
            'rewrite t: CREATE TRIGGER t AFTER INSERT ON other BEGIN DELETE FROM "x" WHERE id = new.a; END',
            'rewrite own: CREATE TRIGGER own AFTER UPDATE OF v ON "x" BEGIN SELECT 1; END',
            'rewrite i: CREATE INDEX i ON "x"(v, id)',
        ],
    ),
    "a primary key that pandas has lost, of which one reference needs it and another names it": (
        "CREATE TABLE p(\"index\" BIGINT, id BIGINT, n TEXT); INSERT INTO p VALUES(0, 7, 'a'), (1, 8, 'b');"
        "CREATE TABLE c(p REFERENCES p(id)); CREATE TABLE d(p REFERENCES p);",
        ['rebuild p: CREATE TABLE p("index" BIGINT, id INTEGER PRIMARY KEY, n TEXT)'],
    ),
    "a lost key whose values are texts": (
        "CREATE TABLE p(id VARCHAR(9)); INSERT INTO p VALUES('a'), ('b'); CREATE TABLE c(p REFERENCES p);",
        ["rebuild p: CREATE TABLE p(id VARCHAR(9) PRIMARY KEY)"],
    ),
    "the key that the rows refer to, of two that it may have been": (
        "CREATE TABLE p(id TEXT, uuid TEXT); INSERT INTO p VALUES('1', 'a'), ('2', 'b');"
        "CREATE TABLE c(p REFERENCES p); INSERT INTO c VALUES('b');",
        ["rebuild p: CREATE TABLE p(id TEXT, uuid TEXT PRIMARY KEY)"],
    ),
    "a lost UNIQUE": (
        "CREATE TABLE p(id INTEGER PRIMARY KEY, code TEXT); INSERT INTO p VALUES(1, 'a'), (2, NULL), (3, NULL);"
        "CREATE TABLE c(p REFERENCES p(code)); CREATE TABLE index_p_on_code(a);",
        ['create index_p_on_code_2: CREATE UNIQUE INDEX "index_p_on_code_2" ON "p" ("code")'],
    ),
    "an index that leaves out nothing but NULL": (
        "CREATE TABLE p(id INTEGER PRIMARY KEY, code TEXT); CREATE TABLE c(p REFERENCES p(code));"
        "CREATE UNIQUE INDEX i ON p(code) WHERE code IS NOT NULL;",
        ['create index_p_on_code: CREATE UNIQUE INDEX "index_p_on_code" ON "p" ("code")'],
    ),
    "a parent column that has another name by now": (
        "CREATE TABLE p(id INTEGER PRIMARY KEY, code TEXT UNIQUE); INSERT INTO p VALUES(1, 'x'), (2, 'y');"
        "CREATE TABLE c(p REFERENCES p(user_id)); INSERT INTO c VALUES(2);"
        "CREATE TABLE d(p REFERENCES p(kode)); INSERT INTO d VALUES('x'); CREATE TABLE e(p REFERENCES p(rowid));",
        [
            'rebuild c: CREATE TABLE c(p REFERENCES p("id"))',
            'rebuild d: CREATE TABLE d(p REFERENCES p("code"))',
            'rebuild e: CREATE TABLE e(p REFERENCES p("id"))',
        ],
    ),
    "keys that name a part of a composite key": (
        "CREATE TABLE p(a, b, PRIMARY KEY(a, b)); CREATE TABLE c(x, a REFERENCES p(a) ON DELETE CASCADE, b);"
        "CREATE TABLE d(a REFERENCES p, b);",
        [
            'rebuild d: CREATE TABLE d(a, b, FOREIGN KEY ("a", "b") REFERENCES "p" ("a", "b"))',
            'rebuild c: CREATE TABLE c(x, a, b, FOREIGN KEY ("a", "b") REFERENCES "p" ("a", "b") ON DELETE CASCADE)',
        ],
    ),
    "misspelled keywords": (
        "CREATE TABLE p(id INTEGER PRIMARY KEY);"
        "CREATE TABLE c(a INTEGER NON NULL, p INTEGER REFERENCE p, q TEXT UNIQE); INSERT INTO c VALUES(1, NULL, 'a');",
        ["rebuild c: CREATE TABLE c(a INTEGER NOT NULL, p INTEGER REFERENCES p, q TEXT UNIQUE)"],
    ),
    "a large table without an index": (
        f"CREATE TABLE p(id INTEGER PRIMARY KEY); CREATE TABLE c(p REFERENCES p); INSERT INTO c {MANY};",
        ['create index_c_on_p: CREATE INDEX "index_c_on_p" ON "c" ("p")'],
    ),
}

KEPT: dict[str, tuple[str, list[str]]] = {
    "nothing is wrong": ("CREATE TABLE p(id INTEGER PRIMARY KEY); CREATE TABLE c(p REFERENCES p);", []),
    "no row has its parent there": (
        "CREATE TABLE u(id INTEGER PRIMARY KEY); INSERT INTO u VALUES(1);"
        "CREATE TABLE c(u REFERENCES u__old(id)); INSERT INTO c VALUES(7), (8);",
        ["missing-parent-table c: not one of 2 rows has its parent in u: it may be another table"],
    ),
    "no table is called so": (
        "CREATE TABLE c(u REFERENCES u(id));",
        ["missing-parent-table c: no table is called nearly like u: it may have been lost, or it is in an older copy"],
    ),
    "two tables may be it": (
        "CREATE TABLE x_backup(id PRIMARY KEY); CREATE TABLE x_bak(id PRIMARY KEY); CREATE TABLE c(x REFERENCES x(id));"
        "INSERT INTO x_backup VALUES(1); INSERT INTO x_bak VALUES(1); INSERT INTO c VALUES(1);",
        [
            "unfinished-migration x_backup: x may be x_backup or x_bak",
            "unfinished-migration x_bak: x may be x_bak or x_backup",
            "missing-parent-table c: it may have been meant for x_backup or x_bak",
        ],
    ),
    "the copy is empty, and rows refer to it": (
        "CREATE TABLE x_backup(id PRIMARY KEY); CREATE TABLE c(x REFERENCES x(id)); INSERT INTO c VALUES(1);",
        2 * ["… x_backup is empty, and 1 row had a parent in x: its rows may have been lost"],
    ),
    "the copy is in use under its own name": (
        "CREATE TABLE x_new(id PRIMARY KEY); CREATE TABLE c(x REFERENCES x(id)); INSERT INTO x_new VALUES(1);"
        "CREATE TABLE d(x REFERENCES x_new(id));",
        2 * ["… x_new may be x under another name, but d.x speaks of it under this one"],
    ),
    "the copy is in use, by a table that is not the first to refer to it": (
        "CREATE TABLE x_new(id PRIMARY KEY, above REFERENCES x_new(id)); CREATE TABLE c(x REFERENCES x(id));"
        "INSERT INTO x_new VALUES(1, 1); CREATE TABLE d(other REFERENCES x_new(id));",
        2 * ["… x_new may be x under another name, but d.other speaks of it under this one"],
    ),
    "what is on a half-built table, or would not do for the other one": (
        "CREATE TABLE x(id INTEGER PRIMARY KEY, a); INSERT INTO x VALUES(1, 1), (2, 1); CREATE INDEX kept ON x(a);"
        "CREATE TABLE x__old(id INTEGER PRIMARY KEY, a, b); CREATE INDEX i ON x__old(b);"
        "INSERT INTO x__old VALUES(1, 1, 1);"
        "CREATE VIEW v AS SELECT b FROM x__old; CREATE TABLE y(id INTEGER PRIMARY KEY); INSERT INTO y VALUES(1);"
        "CREATE TABLE new__y(id INTEGER PRIMARY KEY); INSERT INTO new__y VALUES(1); CREATE INDEX j ON new__y(id);"
        "CREATE VIEW w AS SELECT * FROM new__y;",
        [],
    ),
    "both have rows that the other lacks": (
        "CREATE TABLE x__old(id INTEGER PRIMARY KEY); CREATE TABLE x(id INTEGER PRIMARY KEY);"
        "INSERT INTO x__old VALUES(1), (2); INSERT INTO x VALUES(2), (3), (4);",
        [
            "unfinished-migration x__old: 1 row is only in x__old, 2 rows are only in x:"
            " bring them together in one table first"
        ],
    ),
    "values stand there twice": (
        "CREATE TABLE p(id INTEGER); INSERT INTO p VALUES(1), (1), (2), (2);"
        "CREATE TABLE c(p REFERENCES p(id)); CREATE TABLE d(p REFERENCES p);",
        [f"parent-key-not-unique {child}: 2 values stand in p (id) more than once" for child in "cd"],
    ),
    "a NULL in what was the primary key": (
        "CREATE TABLE p(id TEXT); INSERT INTO p VALUES('a'), (NULL); CREATE TABLE c(p REFERENCES p(id));",
        ["parent-key-not-unique c: 1 row of p (id) has NULL there"],
    ),
    "a text in what was the primary key": (
        "CREATE TABLE p(id INTEGER); INSERT INTO p VALUES(1), ('x'); CREATE TABLE c(p REFERENCES p);",
        ["parent-key-not-unique c: 1 value of p (id) is no whole number"],
    ),
    "rowids that would be others, by which a trigger goes": (
        "CREATE TABLE p(id INT); INSERT INTO p(rowid, id) VALUES(1, 10); CREATE TABLE c(p REFERENCES p);"
        "CREATE TRIGGER t AFTER UPDATE ON p BEGIN DELETE FROM c WHERE p = new.rowid; END;",
        [
            "parent-key-not-unique c: with (id) as its primary key, rows of p would get another rowid,"
            " and the trigger t finds them by it"
        ],
    ),
    "nothing tells which was the primary key": (
        "CREATE TABLE p(id TEXT, uuid TEXT); INSERT INTO p VALUES('1', 'a'); CREATE TABLE c(p REFERENCES p);",
        ["parent-key-not-unique c: p has lost its primary key, and it may have been (id) or (uuid)"],
    ),
    "a unique index over some rows on purpose": (
        "CREATE TABLE p(id INTEGER PRIMARY KEY, code TEXT, gone); CREATE TABLE c(p REFERENCES p(code));"
        "CREATE UNIQUE INDEX i ON p(code) WHERE gone IS NOT NULL;",
        ["parent-key-not-unique c: the unique index i is over some rows on purpose: one over all forbids more"],
    ),
    "a view as the parent": (
        "CREATE TABLE t(id INTEGER PRIMARY KEY); CREATE VIEW p AS SELECT id FROM t;CREATE TABLE c(p REFERENCES p(id));",
        ["parent-key-not-unique c: p is a view, which has no key"],
    ),
    "rows that would have no parent by the column that it may be": (
        "CREATE TABLE p(id INTEGER PRIMARY KEY); INSERT INTO p VALUES(1); CREATE TABLE c(p REFERENCES p(code));"
        "INSERT INTO c VALUES(1), (2);",
        ["missing-parent-column c: it may be (id), but 1 of 2 rows would have no parent"],
    ),
    "two columns that it may be": (
        "CREATE TABLE p(id INTEGER PRIMARY KEY, no INTEGER UNIQUE); INSERT INTO p VALUES(1, 1);"
        "CREATE TABLE c(p REFERENCES p(code)); INSERT INTO c VALUES(1);",
        ["missing-parent-column c: it may be (id) or (no), and the rows do not tell which"],
    ),
    "a part of a key, and no columns for the rest": (
        "CREATE TABLE p(a, b, PRIMARY KEY(a, b)); CREATE TABLE c(a REFERENCES p(a)); CREATE TABLE d(a REFERENCES p);",
        [
            "column-count-mismatch d: d has no columns for the key of p (a, b)",
            "parent-key-not-unique c: it names a part of the key (a, b), and c has no columns for the rest",
        ],
    ),
    "misspelled keywords that the rows or SQLite do not take": (
        "CREATE TABLE c(a INTEGER NON NULL); INSERT INTO c VALUES(NULL);"
        "CREATE TABLE d(a TEXT UNIQE); INSERT INTO d VALUES('a'), ('a');"
        "CREATE TABLE e(id INTEGER AUTO_INCREMENT PRIMARY KEY); CREATE TABLE f(p TEXT REFERENCE points);",
        [
            "suspicious-declarations c: 1 row holds NULL there",
            "suspicious-declarations d: some of its values stand there more than once",
            "suspicious-declarations e: SQLite does not take it with AUTOINCREMENT in its place",
            "suspicious-declarations f: its type would then be another one, and so would be its values",
        ],
    ),
    "an action that contradicts its column": (
        "CREATE TABLE p(id INTEGER PRIMARY KEY); CREATE TABLE c(p NOT NULL REFERENCES p ON DELETE SET NULL);",
        ["suspicious-declarations c: one of the two has to give way, and only you know which"],
    ),
    "a view and a trigger that speak of a column that may have got another name": (
        "CREATE TABLE p(id INTEGER PRIMARY KEY, name, fullname); CREATE TABLE q(full); CREATE VIEW v AS SELECT "
        "full_name FROM p; CREATE TRIGGER g AFTER INSERT ON q BEGIN UPDATE p SET id = new.full1; END;",
        [
            "broken-views v: full_name may be fullname or name, but nothing tells for sure",
            "broken-triggers q: new.full1 may be full or fullname, but nothing tells for sure",
        ],
    ),
    "a view and a trigger of which nothing tells what they meant": (
        "CREATE TABLE t(a); CREATE VIEW v AS SELECT * FROM gone; CREATE VIEW w AS SELECT b FROM t;"
        "CREATE TRIGGER x AFTER INSERT ON t BEGIN DELETE FROM lost; END;",
        [
            "broken-views v: no table is called nearly like gone",
            "broken-views w: nothing tells what has become of b",
            "broken-triggers t: no table is called nearly like lost",
        ],
    ),
}


ALL = Wanted()


def planned(path: Path, wanted: Wanted = ALL) -> SchemaPlan:
    """The plan without the orphans that come to light by it: what is left of the schema itself."""
    with open_database(path) as database:
        plan = plan_schema_repair(database, wanted)
    return replace(plan, left=tuple(part for part in plan.left if part.reason != SEEN_NOW))


def told(step: SchemaStep) -> str:
    what = f"{step.deed} {step.name}"
    return f"{what} → {step.to}" if step.to else f"{what}: {step.text}" if step.text else what


@together
@pytest.mark.parametrize(("words", "case"), MENDED.items())
def test_what_is_mended(tmp_path: Path, words: str, case: tuple[str, list[str]]) -> None:
    found = planned(build(tmp_path / "x.db", case[0]))
    assert [told(step) for step in found.steps] == case[1]
    assert not found.left
    assert all(step.why and step.checks for step in found.steps)


@together
@pytest.mark.parametrize(("words", "case"), KEPT.items())
def test_what_is_left(tmp_path: Path, words: str, case: tuple[str, list[str]]) -> None:
    found = planned(build(tmp_path / "x.db", case[0]))
    assert not found.steps
    said = [f"{part.check} {part.table}: {part.reason}" for part in found.left]
    assert len(said) == len(case[1])
    for text, wanted in zip(said, case[1], strict=True):
        assert text.endswith(wanted.removeprefix("… ")) if wanted.startswith("…") else text == wanted


def test_an_empty_table_is_dropped_only_where_that_is_asked_for(tmp_path: Path) -> None:
    """The leftover, or the table in whose place it stands; never one with a row."""
    path = build(
        tmp_path / "x.db",
        "CREATE TABLE x(id INTEGER PRIMARY KEY, a); INSERT INTO x VALUES(1, 1);"
        "CREATE TABLE new__x(id INTEGER PRIMARY KEY, a); CREATE TABLE y(id INTEGER PRIMARY KEY, a);"
        "CREATE TABLE y__old(id INTEGER PRIMARY KEY, a); INSERT INTO y__old VALUES(1, 1);"
        "CREATE TABLE c(y REFERENCES y); INSERT INTO c VALUES(1);"
        "CREATE TABLE z(id INTEGER PRIMARY KEY, a); INSERT INTO z VALUES(1, 1);"
        "CREATE TABLE new__z AS SELECT * FROM z;",
    )
    kept, found = planned(path), planned(path, Wanted(drop_leftovers=True))
    assert not kept.steps
    assert {part.table for part in kept.left} == {"y__old", "c"}
    assert [told(step) for step in found.steps] == ["drop new__x", "drop y", "rename y__old → y"]
    assert not found.left


def test_only_what_is_selected_is_mended_and_cycles_only_so(tmp_path: Path) -> None:
    path = build(
        tmp_path / "x.db",
        "CREATE TABLE a(id INTEGER PRIMARY KEY, b REFERENCES b); CREATE TABLE b(id INTEGER PRIMARY KEY, a REFERENCES a,"
        " up REFERENCES b, d REFERENCES a DEFERRABLE INITIALLY DEFERRED, gone REFERENCES a__old);",
    )
    assert [step.name for step in planned(path).steps] == ["b"]
    assert not planned(path, Wanted(("broken-views",))).steps
    deferred = planned(path, Wanted(("cycles",))).steps
    assert [told(step) for step in deferred] == [
        "rebuild a: CREATE TABLE a(id INTEGER PRIMARY KEY, b REFERENCES b DEFERRABLE INITIALLY DEFERRED)",
        "rebuild b: CREATE TABLE b(id INTEGER PRIMARY KEY, a REFERENCES a DEFERRABLE INITIALLY DEFERRED,"
        " up REFERENCES b, d REFERENCES a DEFERRABLE INITIALLY DEFERRED, gone REFERENCES a__old)",
    ]


def test_a_table_beside_what_cannot_be_made_here_is_repaired_all_the_same(tmp_path: Path) -> None:
    """A collation and a function of the application; nothing is said of what refers to that table."""
    path = tmp_path / "x.db"
    connection = sqlite3.connect(path)
    connection.create_collation("ours", lambda a, b: (a > b) - (a < b))
    connection.executescript(
        "CREATE TABLE k(id TEXT COLLATE ours PRIMARY KEY); CREATE TABLE ck(k REFERENCES k);"
        "CREATE VIEW v AS SELECT * FROM k; CREATE TRIGGER t AFTER INSERT ON ck BEGIN DELETE FROM k; END;"
        "CREATE TABLE u(id INTEGER PRIMARY KEY); CREATE TABLE c(u REFERENCES u__old(id));"
    )
    connection.close()
    found = planned(path)
    assert [told(step) for step in found.steps] == ['rebuild c: CREATE TABLE c(u REFERENCES "u"(id))']
    assert not found.left


def test_steps_on_one_object_become_one() -> None:
    steps = [
        SchemaStep("rebuild", "table", "a", "1", why="one", checks=("x",)),
        SchemaStep("rebuild", "table", "b", "1", why="b"),
        SchemaStep("rebuild", "table", "A", "2", why="two", checks=("x", "y"), values={"v": "1"}),
        SchemaStep("create", "index", "a", "3", why="i"),
    ]
    assert [(s.name, s.text, s.why, s.checks) for s in merged(steps)] == [
        ("b", "1", "b", ()),
        ("A", "2", "one; two", ("x", "y")),
        ("a", "3", "i", ()),
    ]
