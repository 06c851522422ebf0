"""`sqlfix alter`: what it makes of a table, what it refuses, what it leaves, and that undo is exact."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
import subprocess
from pathlib import Path

import pytest
from schema_digest import everything
from support import Ran, build, fingerprint, json_schema, keep_to, sqlfix, together

from sqlfix.errors import RolledBack
from sqlfix.plan.alter import plan_alteration
from sqlfix.plan.alter_wish import Wish
from sqlfix.repair.change import ChangeOptions
from sqlfix.repair.schema_change import change_schema
from sqlfix.schema.database import open_database

SHOP = """
    CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT UNIQUE, code TEXT, city TEXT COLLATE NOCASE);
    INSERT INTO customers VALUES (1, 'Ann', 'a', 'Ulm'), (2, 'Bob', 'b', 'ulm'), (3, 'Cid', 'b', NULL);
    CREATE TABLE orders (
      id INTEGER PRIMARY KEY, -- the key
      customer_id INTEGER REFERENCES customers (id),
      place INTEGER NOT NULL,
      qty TEXT DEFAULT '1' CHECK (qty <> ''),
      other INT -- of another one
    );
    INSERT INTO orders VALUES (1, 1, 1, '5', 1), (2, 2, 2, '7', 1), (5, 3, 3, NULL, 9), (9, 1, 4, '12', NULL);
    CREATE INDEX by_place ON orders (place); CREATE VIEW big AS SELECT * FROM orders WHERE qty > 5;
    CREATE TRIGGER t AFTER INSERT ON orders BEGIN UPDATE orders SET place = 1 WHERE id = new.id; END;
    CREATE TABLE lines (order_id REFERENCES orders (id), n, PRIMARY KEY (order_id, n)) WITHOUT ROWID;
    INSERT INTO lines VALUES (1, 1), (5, 2);
"""


def shop(tmp_path: Path, more: str = "") -> Path:
    return build(tmp_path / "shop.db", SHOP + more)


def text_of(path: Path, table: str = "orders") -> str:
    with contextlib.closing(sqlite3.connect(path)) as db:
        (text,) = db.execute("SELECT sql FROM sqlite_master WHERE name = ?", (table,)).fetchone()
        return str(text)


def alter(path: Path, place: str, *options: str) -> Ran:
    return sqlfix("alter", path, place, *options)


DONE = {
    "not null": ("orders.customer_id", ["--not-null"], "customer_id INTEGER NOT NULL REFERENCES customers (id),"),
    "may be null": ("orders.place", ["--no-not-null"], "place INTEGER,"),
    "unique": ("orders.place", ["--unique"], "place INTEGER NOT NULL UNIQUE,"),
    "unique together": (
        "orders.customer_id,place",
        ["--unique"],
        'other INT, -- of another one\n      UNIQUE ("customer_id", "place")\n    )',
    ),
    "references": ("orders.place", ["--references", "orders(id)", "--on-delete", "cascade"], None),
    "an action": (
        "orders.customer_id",
        ["--on-delete", "SET NULL", "--on-update=cascade"],
        "REFERENCES customers (id) ON DELETE SET NULL ON UPDATE CASCADE,",
    ),
    "deferrable": (
        "orders.customer_id",
        ["--deferrable"],
        "REFERENCES customers (id) DEFERRABLE INITIALLY DEFERRED,",
    ),
    "no references": ("orders.customer_id", ["--no-references"], "customer_id INTEGER,"),
    "check": ("orders.place", ["--check", "place > 0 -- so"], "place INTEGER NOT NULL CHECK (place > 0),"),
    "check of two": ("orders.id,place", ["--check", "id >= place"], "\n      CHECK (id >= place)\n    )"),
    "no check": ("orders.qty", ["--no-check"], "qty TEXT DEFAULT '1',"),
    "no check by its expression": ("orders.qty", ["--no-check= qty<>'' "], "qty TEXT DEFAULT '1',"),
    "default": ("orders.other", ["--default", "1+1"], "other INT DEFAULT (1+1) --"),
    "no default": ("orders.qty", ["--no-default"], "qty TEXT CHECK"),
    "collate": ("orders.qty", ["--collate", "nocase"], "COLLATE nocase"),
    "no collate": ("customers.city", ["--no-collate"], None),
    "type": ("orders.qty", ["--type", "INTEGER"], "qty INTEGER DEFAULT '1'"),
    "several": (
        "orders.customer_id",
        ["--not-null", "--on-delete=cascade", "--deferrable", "--default=1", "--check", "customer_id>0"],
        "customer_id INTEGER NOT NULL DEFAULT 1 REFERENCES customers (id) ON DELETE CASCADE DEFERRABLE INITIALLY"
        " DEFERRED CHECK (customer_id>0),",
    ),
}


@together
@pytest.mark.parametrize("name", DONE)
def test_what_is_wished_is_done_and_undone_exactly(tmp_path: Path, name: str) -> None:
    place, options, expected = DONE[name]
    path = shop(tmp_path, "UPDATE orders SET place = (SELECT id FROM customers LIMIT 1);" * (name == "references"))
    before = everything(path)
    table = place.partition(".")[0]
    ran = alter(path, place, "--yes", *options)
    assert (ran.code, ran.err) == (0, "")
    assert "verified and committed" in ran.out
    if expected is not None:
        assert expected in text_of(path, table)
    after = everything(path)
    of_text = {"order"} if "--unique" in options else {table} if "--type" in options else set()
    for what in before.keys() - of_text - {"schema"}:
        assert after[what] == before[what], what
    again = fingerprint(path)
    ran = alter(path, place, "--yes", *(o for o in options if not o.startswith("--no-check")), "--quiet")
    if not name.startswith("no check"):
        assert (ran.code, ran.err) == (0, "")
        assert "there is nothing to change" in " ".join(ran.out.split())
    assert fingerprint(path) == again
    assert sqlfix("undo", path, "--yes").code == 0
    assert everything(path) == before


def test_a_foreign_key_that_sqlite_cannot_use_comes_first(tmp_path: Path) -> None:
    sql = "CREATE TABLE p (id INT); CREATE TABLE c (p REFERENCES p (id)); INSERT INTO c VALUES (NULL)"
    path = build(tmp_path / "x.db", sql)
    ran = alter(path, "c.p", "--not-null", "--yes")
    assert ran.code == 1 and f"Next:\n  sqlfix repair-schema {path}" in ran.out
    assert sqlfix("repair-schema", path, "--yes").code == 0
    assert "backfill" in alter(path, "c.p", "--not-null", "--yes").out


def test_nobody_is_told_to_make_parents_in_a_tree_that_would_lack_one_themselves(tmp_path: Path) -> None:
    path = build(
        tmp_path / "x.db",
        """CREATE TABLE t (a INT, b INT, up_a INT, up_b INT, PRIMARY KEY (a, b), FOREIGN KEY (up_a, up_b) REFERENCES T);
        INSERT INTO t VALUES (1, 2, NULL, NULL), (3, 4, 1, 2);""",
    )
    ran = alter(path, "t.up_a,up_b", "--not-null", "--yes")
    assert ran.code == 1 and "backfill" not in ran.out
    said = " ".join(ran.out.split())
    update = 'UPDATE "t" SET "up_a" = "a", "up_b" = "b" WHERE "up_a" IS NULL'
    assert f"what stands at the top can only reference itself: {update}" in said
    build(path, update)
    assert alter(path, "t.up_a,up_b", "--not-null", "--yes").code == 0


NOT_READY = {
    "NULLs": ("orders.other", ["--not-null"], "not-null-violations", 1, "id=9"),
    "NULLs of a key": ("orders.customer_id", ["--not-null"], "not-null-violations", 1, "backfill"),
    "duplicates": ("orders.other", ["--unique"], "duplicate-keys", 2, "--merge orders.other"),
    "duplicates for an index": ("customers.code", ["--unique-index"], "duplicate-keys", 2, "code='b'"),
    "duplicates in the collation of the column": ("customers.city", ["--unique"], "duplicate-keys", 2, "'ulm'"),
    "rows that another collation makes the same": (
        "customers.name",
        ["--collate=nocase"],
        "duplicate-keys",
        2,
        "'ANN'",
    ),
    "keys that another collation makes the same": ("tags.name", ["--collate=nocase"], "duplicate-keys", 2, "'X'"),
    "children that another collation parts from their parents": (
        "tags.name",
        ["--no-collate"],
        "orphan-rows",
        1,
        "without its parent, if tags.name compared as BINARY",
    ),
    "children that another type parts from their parents": (
        "tagged.tag",
        ["--type=TEXT"],
        "orphan-rows",
        1,
        "without its parent as TEXT: rowid=1 (tag=1.0)",
    ),
    "keys that another type makes the same": (
        "tags.name",
        ["--type=NUMERIC"],
        "duplicate-keys",
        2,
        "the same as NUMERIC: name=1",
    ),
    "children of keys that another type changes": (
        "tags.name",
        ["--type=BLOB"],
        "orphan-rows",
        1,
        "without its parent, if tags.name were BLOB: rowid=1 (tag='1.5')",
    ),
    "children of several columns that another type parts": (
        "pairs.b",
        ["--type=TEXT"],
        "orphan-rows",
        1,
        "without its parent as TEXT: rowid=1 (a=1, b=2.0)",
    ),
    "children in a tree that another type parts": (
        "tree.id",
        ["--type=TEXT"],
        "orphan-rows",
        1,
        "without its parent as TEXT: id=2 (up='1.0')",
    ),
    "orphans": ("orders.other", ["--references", "customers(id)"], "orphan-rows", 1, "--replace-orphans"),
    "rows that fail a CHECK": ("orders.other", ["--check", "other < 5"], "check-violations", 1, "other=9"),
    "values that would lose something": ("customers.name", ["--type=INTEGER"], "type-mismatches", 1, "'007'"),
    "values of another type": ("customers.code", ["--type=INTEGER"], "type-mismatches", 3, "'a'"),
    "a CHECK that other values break": (
        "k.a",
        ["--type=TEXT"],
        "check-violations",
        1,
        "would be false: rowid=2 (a=6)",
    ),
    "a CHECK that another type compares in another way": (
        "k.c",
        ["--type=INTEGER"],
        "check-violations",
        1,
        "CHECK (k.c <> '6') would be false: rowid=2 (c=6)",
    ),
    "a CHECK that another collation compares in another way": (
        "k.b",
        ["--collate=NOCASE"],
        "check-violations",
        2,
        "CHECK (b <> 'X') would be false: rowid=1 (b='x'); rowid=3 (b='x')",
    ),
    "a CHECK that comes with the type": (
        "m.c",
        ["--type=TEXT", "--check=typeof(c) = 'integer'"],
        "check-violations",
        2,
        "CHECK (typeof(c) = 'integer') would be false",
    ),
}
OF_CHECKS = """CREATE TABLE k (a, b TEXT CHECK (b <> 'X'), c CHECK (k.c <> '6'), CHECK (a IS NOT '6'), CHECK (length(b)
    < 9)); CREATE TABLE m (c); INSERT INTO m VALUES (1), (2); PRAGMA ignore_check_constraints = ON;
    INSERT INTO k VALUES ('5', 'x', 5), (6, 'y', 6), ('6', 'x', NULL), (NULL, 'X', 7);"""


@together
@pytest.mark.parametrize("name", NOT_READY)
def test_rows_in_the_way_are_listed_and_nothing_is_changed(tmp_path: Path, name: str) -> None:
    place, options, check, count, said = NOT_READY[name]
    more = {
        "rows that another collation makes the same": "UPDATE customers SET name = 'ANN' WHERE id = 3;",
        "keys that another collation makes the same": "CREATE TABLE tags (name TEXT PRIMARY KEY, n) WITHOUT ROWID;"
        "INSERT INTO tags VALUES ('x', 1), ('X', 2);",
        "children that another collation parts from their parents": "CREATE TABLE tags (name TEXT COLLATE NOCASE"
        " PRIMARY KEY); INSERT INTO tags VALUES ('x'); CREATE TABLE tagged (tag REFERENCES tags, n REFERENCES tags);"
        "INSERT INTO tagged VALUES ('X', 'x'), ('x', NULL), ('gone', 'x');",
        "children that another type parts from their parents": "CREATE TABLE tags (name PRIMARY KEY);"
        "INSERT INTO tags VALUES (1.0), ('2'), (NULL); CREATE TABLE tagged (tag REAL REFERENCES tags);"
        "INSERT INTO tagged VALUES (1.0), (7.5), (NULL);",
        "keys that another type makes the same": "CREATE TABLE tags (name BLOB PRIMARY KEY);"
        "INSERT INTO tags VALUES (1.0), ('1'), (2), (NULL), (NULL);",
        "children of keys that another type changes": "CREATE TABLE tags (name NUMERIC PRIMARY KEY);"
        "INSERT INTO tags VALUES (1.5), (7); CREATE TABLE tagged (tag REFERENCES tags);"
        "INSERT INTO tagged VALUES ('1.5'), (1.5), (NULL), ('99');",
        "children of several columns that another type parts": "CREATE TABLE both (a, b, UNIQUE (a, b));"
        "CREATE TABLE pairs (a, b REAL, FOREIGN KEY (a, b) REFERENCES both (a, b)); INSERT INTO both VALUES (1, 2),"
        " (1, '3'); INSERT INTO pairs VALUES (1, 2), (1, NULL), (1, 9);",
        "children in a tree that another type parts": "CREATE TABLE tree (id NUMERIC PRIMARY KEY, up TEXT REFERENCES"
        " tree); INSERT INTO tree VALUES (1, NULL), (2, '1.0'), (3, '2'), (4, '7');",
        "NULLs of a key": "UPDATE orders SET customer_id = NULL WHERE id = 9;",
        "values that would lose something": "UPDATE customers SET name = '00' || (id + 6) WHERE id = 1;"
        "UPDATE customers SET name = id WHERE id > 1;",
    }.get(name, OF_CHECKS if "CHECK that" in name else "")
    path = shop(tmp_path, more)
    before = fingerprint(path)
    ran = alter(path, place, "--yes", "--format", "json", *options)
    assert (ran.code, ran.err) == (1, "")
    keep_to(json_schema("schema_plan"), ran.json)
    assert [(left["check"], left["count"]) for left in ran.json["left"]] == [(check, count)]
    assert (ran.json["steps"], ran.json["applied"]) == ([], False)
    ran = alter(path, place, "--yes", *options)
    assert ran.code == 1
    assert said in " ".join(ran.out.split())
    assert fingerprint(path) == before
    assert sorted(p.name for p in path.parent.iterdir()) == ["shop.db"]


REFUSED = {
    "no wish": ("orders.place", [], "nothing says what to change"),
    "a misspelt column": ("orders.plce", ["--unique"], "there are no such columns: orders.plce"),
    "a table alone": ("orders", ["--unique"], "orders is a table, not a column"),
    "a view": ("big.qty", ["--unique"], "big is a view: its columns cannot be altered"),
    "a virtual table": ("docs.title", ["--unique"], "docs is a virtual table: its columns cannot be altered"),
    "a shadow table": ("docs_content.c0", ["--unique"], "docs_content is a table of a virtual table"),
    "a table of SQLite": ("sqlite_stat1.tbl", ["--unique"], "sqlite_stat1.tbl belongs to SQLite"),
    "a table of a framework": ("django_migrations.name", ["--unique"], "django_migrations belongs to the migrations"),
    "a second foreign key": ("orders.customer_id", ["--references=orders(id)"], "references customers.id already"),
    "a parent that is not unique": ("orders.place", ["--references=customers(code)"], "neither a primary key nor"),
    "a parent without a key": ("orders.place", ["--references=nokey(a)"], "nokey.a is neither a primary key nor"),
    "a parent that is a view": ("orders.place", ["--references=big(id)"], "big is a view, and cannot be a parent"),
    "a parent that has no primary key": ("orders.place", ["--references=nokey"], "nokey has no primary key"),
    "a parent that is not there": ("orders.place", ["--references=custmers(id)"], "there is no such key"),
    "a key of two columns": ("orders.place", ["--references=lines(order_id,n)"], "that key has 2 columns"),
    "an action that is none": ("orders.customer_id", ["--on-delete=explode"], "that is no action"),
    "an action without a key": ("orders.place", ["--on-delete=cascade"], "orders.place references nothing"),
    "SET NULL of NOT NULL": (
        "orders.place",
        ["--references=customers(id)", "--on-delete=set-null"],
        "SET NULL of what",
    ),
    "SET DEFAULT without one": (
        "orders.place",
        ["--references=customers(id)", "--on-delete=set-default"],
        "without a DEFAULT would make",
    ),
    "a parent column twice": ("orders.id,place", ["--references=customers(id,id)"], "names a column twice"),
    "no such check": ("orders.place", ["--no-check=x"], "has no such CHECK"),
    "another check": ("orders.qty", ["--no-check=other"], "say which: '--no-check=qty <> '"),
    "a check that goes on": ("orders.place", ["--check", "1), x INT CHECK (1"], "this is not one expression"),
    "a check of no column": ("orders.place", ["--check", "plce > 1"], "no such column: plce"),
    "a check that asks": ("orders.place", ["--check", "place IN (SELECT 1)"], "subqueries prohibited"),
    "a type that goes on": ("orders.place", ["--type", "INT UNIQUE"], "cannot be changed like this"),
    "the type of the rowid": ("orders.id", ["--type", "TEXT"], "is the rowid of its table"),
    "a default that is a name": ("orders.place", ["--default", "foo"], "default value of column [place]"),
    "a collation that is not there": ("orders.qty", ["--collate", "nowhere"], "no such collation"),
    "no longer unique, but referenced": ("customers.name", ["--no-unique"], "which has to stay as it is"),
    "no longer unique, but the key": ("lines.order_id,n", ["--no-unique"], "is the primary key of lines"),
    "not null that stays": ("lines.n", ["--no-not-null"], "SQLite keeps it NOT NULL"),
    "two types": ("orders.id,place", ["--type=INT"], "--type is for one column"),
    "both": ("orders.qty", ["--default=1", "--no-default"], "contradict each other"),
    "a check and none": ("orders.qty", ["--check=qty < 9", "--no-check=qty  <  9"], "contradict each other"),
    "null and not": ("orders.qty", ["--not-null", "--no-not-null"], "--not-null and --no-not-null contradict"),
    "unique and not": ("orders.qty", ["--no-unique", "--unique"], "--unique and --no-unique contradict"),
    "an index and not": ("orders.qty", ["--no-unique", "--unique-index"], "contradict each other"),
    "both collations": ("orders.qty", ["--collate=nocase", "--no-collate"], "contradict each other"),
    "a key and none": ("orders.qty", ["--references=customers(id)", "--no-references"], "contradict each other"),
    "an action of none": ("orders.qty", ["--on-delete=cascade", "--no-references"], "takes the foreign key away"),
    "now and later": ("orders.qty", ["--deferrable", "--no-deferrable"], "contradict each other"),
    "a backup and none": ("orders.qty", ["--unique", "--backup", "--no-backup"], "--backup and --no-backup contradict"),
    "a dry run as a script": ("orders.place", ["--dry-run", "--sql"], "contradict each other"),
    "a backup that is none": ("orders.place", ["--unique", "--no-backup", "--backup-to=x"], "contradict each other"),
}
MORE = """
    CREATE VIRTUAL TABLE docs USING fts4(title); CREATE TABLE django_migrations (id INTEGER PRIMARY KEY, name TEXT);
    CREATE TABLE nokey (a, b); CREATE TABLE member (name REFERENCES customers (name)); ANALYZE;
"""


@together
@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_is_refused_with_one_line(tmp_path: Path, name: str) -> None:
    place, options, said = REFUSED[name]
    path = shop(tmp_path, MORE)
    before = fingerprint(path)
    ran = alter(path, place, *options)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err
    assert ran.err.startswith("error: ") and ran.err.count("\nhint: ") <= 1 and "Traceback" not in ran.err
    assert fingerprint(path) == before


def test_a_dry_run_and_a_script_change_nothing_and_the_script_does_the_same(tmp_path: Path) -> None:
    path = shop(tmp_path)
    before = fingerprint(path)
    options = ("orders.customer_id", "--not-null", "--on-delete=cascade")
    ran = alter(path, *options, "--dry-run")
    assert (ran.code, ran.err) == (0, "")
    said = " ".join(ran.out.split())
    assert "orders.customer_id: may be NULL -> NOT NULL" in said
    assert "REFERENCES customers(id) -> REFERENCES customers(id) ON DELETE CASCADE" in said
    script = alter(path, *options, "--sql")
    assert script.code == 0
    assert script.out == alter(path, *options, "--format", "sql").out
    assert fingerprint(path) == before
    shell = shutil.which("sqlite3")
    if shell is None:
        pytest.skip("there is no sqlite3 shell here")
    twin = tmp_path / "twin.db"
    twin.write_bytes(path.read_bytes())
    done = subprocess.run([shell, "-bail", twin], input=script.out, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert alter(path, *options, "--yes").code == 0
    assert everything(twin) == everything(path)


def test_names_are_quoted_as_in_sql(tmp_path: Path) -> None:
    path = build(
        tmp_path / "odd.db",
        'CREATE TABLE "a.b" ("c,d" INT, "e""f" INT); CREATE TABLE "x(y)" ("k)" INTEGER PRIMARY KEY);'
        'INSERT INTO "x(y)" VALUES (1); INSERT INTO "a.b" VALUES (1, 1);',
    )
    ran = alter(path, '"a.b"."c,d"', "--references", '"x(y)"("k)")', "--not-null", "--yes")
    assert (ran.code, ran.err) == (0, "")
    assert text_of(path, "a.b") == 'CREATE TABLE "a.b" ("c,d" INT NOT NULL REFERENCES "x(y)" ("k)"), "e""f" INT)'
    ran = alter(path, '"a.b"."c,d","e""f"', "--unique", "--yes")
    assert (ran.code, ran.err) == (0, "")
    assert text_of(path, "a.b").endswith(', UNIQUE ("c,d", "e""f"))')


def test_a_unique_index_stands_beside_the_table_and_goes_again(tmp_path: Path) -> None:
    """The index that the column has becomes unique; one of other letters or of some rows does not say the same."""
    path = shop(tmp_path)
    before = text_of(path)
    assert alter(path, "orders.place", "--unique-index", "--yes").code == 0
    assert text_of(path) == before
    assert text_of(path, "by_place") == "CREATE UNIQUE INDEX by_place ON orders (place)"
    assert "nothing to change" in " ".join(alter(path, "orders.place", "--unique", "--yes").out.split())
    assert alter(path, "orders.place", "--no-unique", "--yes").code == 0
    assert text_of(path, "by_place") == "CREATE INDEX by_place ON orders (place)"
    build(
        path,
        "DROP INDEX by_place; CREATE INDEX by_place ON orders (place COLLATE NOCASE);"
        "CREATE INDEX some ON orders (place) WHERE place > 1;",
    )
    assert alter(path, "orders.place", "--unique-index", "--yes").code == 0
    assert text_of(path, "index_orders_on_place").startswith('CREATE UNIQUE INDEX "index_orders_on_place"')
    assert alter(path, "orders.place", "--no-unique", "--yes").code == 0
    assert text_of(path, "index_orders_on_place").startswith('CREATE INDEX "index_orders_on_place"')


def test_a_default_leaves_rows_as_they_are_also_those_older_than_their_column(tmp_path: Path) -> None:
    path = shop(tmp_path, "ALTER TABLE orders ADD COLUMN late TEXT DEFAULT 'then';")
    before = everything(path)
    assert alter(path, "orders.late", "--default", "'now'", "--yes").code == 0
    assert everything(path)["orders"] == before["orders"]


def test_another_type_says_which_values_become_others(tmp_path: Path) -> None:
    path = shop(tmp_path)
    ran = alter(path, "orders.qty", "--type=INTEGER", "--yes")
    assert ran.code == 0
    assert "3 values are stored as another: id=1 (qty='5'); id=2 (qty='7'); id=9 (qty='12')" in " ".join(
        ran.out.split()
    )
    with contextlib.closing(sqlite3.connect(path)) as db:
        found = db.execute("SELECT id, qty, typeof(qty) FROM orders").fetchall()
    assert found == [(1, 5, "integer"), (2, 7, "integer"), (5, None, "null"), (9, 12, "integer")]


def test_rows_that_were_at_fault_before_are_named_with_their_repair(tmp_path: Path) -> None:
    path = shop(
        tmp_path,
        "PRAGMA writable_schema = ON; UPDATE sqlite_master SET sql = replace(sql, 'other INT', 'other INT NOT NULL')"
        " WHERE name = 'orders'; PRAGMA writable_schema = OFF;",
    )
    ran = alter(path, "orders.customer_id", "--on-delete=cascade", "--yes")
    assert ran.code == 1
    assert "repair" in ran.out and "not-null-violations" in ran.out


@pytest.mark.parametrize("options", [["--unique"], ["--unique-index"], ["--unique", "--references", "customers(id)"]])
def test_orphans_that_can_be_seen_by_it_are_in_the_plan(tmp_path: Path, options: list[str]) -> None:
    """SQLite could not use the foreign key of another table as long as its parent key was not unique."""
    more = """INSERT INTO customers (id) VALUES (4); CREATE TABLE notes (id INTEGER PRIMARY KEY, place INT REFERENCES
        orders (place)); INSERT INTO notes VALUES (1, 4), (2, 5), (3, NULL);"""
    path = shop(tmp_path, more)
    before = everything(path)
    planned = alter(path, "orders.place", *options, "--dry-run", "--format", "json")
    assert everything(path) == before
    script = alter(path, "orders.place", *options, "--sql")
    done = alter(path, "orders.place", *options, "--yes", "--format", "json")
    assert [ran.code for ran in (planned, script, done)] == [1, 1, 1], done.err
    (left,) = planned.json["left"]
    assert (left["table"], left["columns"], left["count"]) == ("notes", ["place"], 1)
    assert (done.json["left"], done.json["next"]) == (planned.json["left"], [f"sqlfix repair {path}"])
    assert everything(path) != before
    assert alter(path, "orders.place", options[0]).code == 0
    assert sqlfix("undo", path, "--yes").code == 0
    assert everything(path) == before


@pytest.mark.parametrize("more", [", PRIMARY KEY (id)) WITHOUT ROWID", ", rowid, oid, _rowid_)"])
def test_nobody_is_told_to_merge_rows_that_cannot_be_merged(tmp_path: Path, more: str) -> None:
    path = build(tmp_path / "x.db", f"CREATE TABLE t (id, a{more}; INSERT INTO t (id, a) VALUES (1, 1), (2, 1);")
    ran = alter(path, "t.a", "--unique", "--format", "json")
    assert (ran.code, ran.json["next"]) == (1, [])
    assert ran.json["left"][0]["hint"] == 'give them another value: UPDATE "t" SET "a" = … WHERE …'


def test_old_orphans_are_no_new_ones_where_their_key_is_stored_as_another_value(tmp_path: Path) -> None:
    """The rows of a table WITHOUT ROWID are told by their key."""
    path = build(
        tmp_path / "x.db",
        "CREATE TABLE t (id TEXT PRIMARY KEY, up REFERENCES t (id)) WITHOUT ROWID; INSERT INTO t VALUES ('1', NULL),"
        " ('2', '1'), ('3', 'gone'), ('4', '5.5')",
    )
    before = everything(path)
    ran = alter(path, "t.id", "--type", "BIGINT", "--yes")
    assert (ran.code, ran.err) == (0, "")
    assert sqlfix("undo", path, "--yes").code == 0
    assert everything(path) == before


def test_without_a_terminal_it_asks_for_yes(tmp_path: Path) -> None:
    path = shop(tmp_path)
    before = fingerprint(path)
    ran = alter(path, "orders.place", "--unique")
    assert ran.code == 2
    assert "no terminal to ask at" in ran.err
    assert fingerprint(path) == before


SOUND = {
    "SQLite 3.40 speaks of NULLs that are not there": (
        "CREATE TABLE t (c TEXT NOT NULL, b REAL, e, PRIMARY KEY (e, c)) WITHOUT ROWID;"
        "INSERT INTO t VALUES ('2', 1.0, 0), ('3', 2.5, 0)",
        ("t.b", ["--not-null"]),
        [("2", 1.0, 0), ("3", 2.5, 0)],
    ),
    "a computed column that its STRICT type would not take": (
        "CREATE TABLE t (a INTEGER, b BLOB AS (a || 1) VIRTUAL) STRICT; INSERT INTO t VALUES (1)",
        ("t.a", ["--not-null"]),
        [(1, "11")],
    ),
    "no type becomes TEXT": (
        "CREATE TABLE t (a, b); INSERT INTO t VALUES (48, 1), ('x', 48)",
        ("t.a", ["--type", "TEXT"]),
        [("48", 1), ("x", 48)],
    ),
    "BLOB becomes TEXT": (
        "CREATE TABLE t (k INTEGER PRIMARY KEY, a BLOB); INSERT INTO t VALUES (1, 48), (2, 1.5), (3, x'00')",
        ("t.a", ["--type", "TEXT"]),
        [(1, "48"), (2, "1.5"), (3, b"\x00")],
    ),
}


@together
@pytest.mark.parametrize(("sql", "wish", "rows"), SOUND.values(), ids=SOUND)
def test_a_sound_new_table_is_taken_as_such(
    tmp_path: Path, sql: str, wish: tuple[str, list[str]], rows: list[tuple[object, ...]]
) -> None:
    path = build(tmp_path / "x.db", sql)
    ran = alter(path, wish[0], *wish[1], "--yes")
    assert ran.code == 0, ran.err
    with contextlib.closing(sqlite3.connect(path)) as db:
        assert db.execute("SELECT * FROM t").fetchall() == rows


LATE = {
    "a NULL": (Wish(not_null=True), "other", "NOT NULL constraint failed"),
    "a duplicate": (Wish(unique_index=True), "qty", "UNIQUE constraint failed"),
    "a row that breaks the CHECK": (Wish(check=("place < 9",)), "place", "CHECK constraint failed"),
    "an orphan": (Wish(references="customers(id)"), "place", "orphan"),
    "a value that would lose something": (Wish(type="INTEGER"), "qty", "would not hold its values"),
}


@together
@pytest.mark.parametrize("name", LATE)
def test_a_row_that_came_since_the_plan_was_made_takes_it_all_back(tmp_path: Path, name: str) -> None:
    wish, column, said = LATE[name]
    path = shop(tmp_path, "UPDATE orders SET place = customer_id; UPDATE orders SET other = 1;")
    with open_database(path) as database:
        plan = plan_alteration(database, f"orders.{column}", wish)
    assert plan.steps and not plan.left
    build(
        path,
        "INSERT INTO orders VALUES (20, 1, 99, '007', NULL), (21, 1, 1, '007', 1); DELETE FROM lines;"
        "UPDATE orders SET place = 99 WHERE id = 20",
    )
    before = everything(path)
    with pytest.raises(RolledBack, match=said) as refused:
        change_schema(path, plan, ChangeOptions(backup=False))
    assert refused.value.hint == "nothing was changed; run it again"  # a scan knows nothing of what was wished
    assert everything(path) == before


@pytest.mark.parametrize("options", [["--dry-run"], ["--yes"]])
def test_of_a_damaged_file_it_is_said_that_it_is_damaged(tmp_path: Path, options: list[str]) -> None:
    """And not that one of the checks could not be made."""
    path = build(
        tmp_path / "d.db",
        "CREATE TABLE c (id INTEGER PRIMARY KEY, p_id INTEGER, t TEXT); WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1"
        " FROM n LIMIT 3000) INSERT INTO c SELECT i, i, hex(zeroblob(40)) FROM n;",
    )
    with contextlib.closing(sqlite3.connect(path)) as db:
        (size,) = db.execute("PRAGMA page_size").fetchone()
    pages = bytearray(path.read_bytes())
    leaf = [at for at in range(size, len(pages), size) if pages[at] == 13][30]
    pages[leaf + 8 : leaf + 40] = b"\xff" * 32  # where its cells are
    path.write_bytes(pages)
    ran = alter(path, "c.p_id", "--not-null", *options)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith(f"error: {path} is malformed")
    assert path.read_bytes() == pages
