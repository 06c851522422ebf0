"""The statement beside a message narrows the answer down to its rows: told by deleting them, and by SQLite itself."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from support import build, together

from sqlfix.explain.errors.recognise import recognise
from tests.explain.test_causes import SHOP, error_of, explain, keys, told

FK = "FOREIGN KEY constraint failed"


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return build(tmp_path / "shop.db", SHOP)


def alchemy(message: str, sql: str, parameters: str) -> str:
    return f"(sqlite3.IntegrityError) {message}\n[SQL: {sql}]\n[parameters: {parameters}]"


DELETES = {
    "IN": (("DELETE FROM person WHERE id IN (1, 3)",), [10, 11], ""),
    "IN, two that are held": (("DELETE FROM person WHERE id IN (1, 2)",), [10, 11, 12], ""),
    "a range": (("DELETE FROM person WHERE id BETWEEN 2 AND 9",), [12], ""),
    "an open range": (("DELETE FROM person WHERE id >= 2",), [12], ""),
    "less than": (("DELETE FROM person WHERE id < 2",), [10, 11], ""),
    "executemany": (("DELETE FROM person WHERE person.id = ?", "[(2,), (3,)]"), [12], ""),
    "executemany by name": (("DELETE FROM person WHERE id = :id", "[{'id': 2}, {'id': 3}]"), [12], ""),
    "another column": (("DELETE FROM person WHERE email = 'ANN@x'",), [10, 11], ""),
    "a query": (("DELETE FROM person WHERE id IN (SELECT person_id FROM orders WHERE total > 6)",), [12], ""),
    "Laravel": (('(Connection: sqlite, SQL: delete from "person" where "email" = bob@x)',), [12], ""),
    "every row": (("DELETE FROM person",), [10, 11, 12], ""),
    "half understood": (("DELETE FROM person WHERE id = 2 AND lower(name) = 'bob'",), [12], "is understood"),
    "not understood": (("DELETE FROM person WHERE lower(name) = 'bob'",), [10, 11, 12], "is understood"),
    "a column that is not there": (("DELETE FROM person WHERE nick = 'bob'",), [10, 11, 12], "is understood"),
    "not printed": (("DELETE FROM person WHERE id = ?",), [10, 11, 12], "are not printed"),
    "some printed": (
        ("DELETE FROM person WHERE id = ?", "[(2,)  ... displaying 2 of 300 total bound parameter sets ...  (3,)]"),
        [10, 11, 12],
        "only 2 of its 300 sets of values are printed",
    ),
}


@pytest.mark.parametrize(("statement", "rows", "unread"), DELETES.values(), ids=DELETES)
def test_a_delete_is_held_back_by_what_refers_to_its_rows(
    shop: Path, statement: tuple[str, ...], rows: list[int], unread: str
) -> None:
    text = alchemy(FK, *statement) if len(statement) > 1 else f"{FK}: {statement[0]}"
    explanation = explain(shop, text)
    assert told(explanation) == [("references", "orders", ("person_id",), rows)]
    assert unread in explanation.meaning
    assert ("About the statement: " in explanation.meaning) == bool(unread)


def test_the_rows_that_are_referred_to_are_named(shop: Path) -> None:
    (culprit,) = explain(shop, f"{FK}: DELETE FROM person WHERE id IN (1, 2, 3)").causes
    assert culprit.message == "3 rows of orders reference 2 rows of person (id=1; id=2) through person_id (NO ACTION)"
    (culprit,) = explain(shop, f"{FK}: DELETE FROM person WHERE id IN (1, 3)").causes
    assert culprit.message == "2 rows of orders reference person id=1 through person_id (NO ACTION)"


def test_a_delete_names_what_is_beneath_its_own_rows_only(shop: Path) -> None:
    build(shop, "INSERT INTO line VALUES (101, 10); INSERT INTO parcel VALUES (7, 100), (8, 101);")
    explanation = explain(shop, f"{FK}: DELETE FROM orders WHERE id IN (12, 11)")
    assert told(explanation) == [("references", "parcel", ("line_id",), [7])]
    assert told(explain(shop, f"{FK}: DELETE FROM orders"))[0][3] == [7, 8]


def test_rows_of_a_tree_that_go_together_hold_nothing_back(tmp_path: Path) -> None:
    path = build(
        tmp_path / "x.db",
        "CREATE TABLE tree(id INTEGER PRIMARY KEY, up REFERENCES tree);"
        "INSERT INTO tree VALUES (1, NULL), (2, 1), (3, 2), (4, 2);",
    )
    statement = "DELETE FROM tree WHERE id IN (2, 3)"
    assert told(explain(path, f"{error_of(path, statement)}: {statement}")) == [("references", "tree", ("up",), [4])]
    explanation = explain(path, f"{FK}: DROP TABLE tree")
    assert [c for c in explanation.causes if "DROP" in c.message] == []


INSERTS = {
    "several rows": ("INSERT INTO orders (id, person_id) VALUES (20, 1), (21, 8), (22, 9)", "[8, 9]"),
    "parameters": (("INSERT INTO orders (id, person_id) VALUES (?, ?), (?, ?)", "(20, 1, 21, 9)"), "[9]"),
    "without names": ("INSERT INTO orders VALUES (20, 1, 5), (21, 8, 6)", "[8]"),
    "executemany": (("INSERT INTO orders (id, person_id) VALUES (?, ?)", "[(20, 1), (21, 8), (22, 9)]"), "[8, 9]"),
    "by name": (
        ("INSERT INTO orders (id, person_id) VALUES (:a, :b)", "[{'a': 20, 'b': 9}, {'a': 21, 'b': 1}]"),
        "[9]",
    ),
    "some printed": (
        (
            "INSERT INTO orders (id, person_id) VALUES (?, ?)",
            "[(20, 1), (21, 8)  ... displaying 3 of 30 total bound parameter sets ...  (22, 9)]",
        ),
        "[8, 9]",
    ),
    "an update": ("UPDATE orders SET person_id = 9 WHERE id IN (10, 11)", "[9]"),
    "many updates": (("UPDATE orders SET person_id = ? WHERE id = ?", "[(1, 10), (9, 11)]"), "[9]"),
}


@pytest.mark.parametrize(("statement", "missing"), INSERTS.values(), ids=INSERTS)
def test_the_rows_that_were_to_be_written_without_a_parent(shop: Path, statement: Any, missing: str) -> None:
    text = f"{FK}: {statement}" if isinstance(statement, str) else alchemy(FK, *statement)
    culprit = explain(shop, text).causes[0]
    assert (culprit.kind, culprit.table, culprit.columns) == ("new-row", "orders", ("person_id",))
    for key in missing.strip("[]").split(", "):
        assert f"person_id={key}" in culprit.message
    assert "person_id=1" not in culprit.message


@pytest.mark.parametrize("verb", ["REPLACE INTO", "INSERT OR REPLACE INTO", "insert  or  replace into"])
def test_a_replace_is_held_back_by_what_refers_to_the_row_that_it_replaces(shop: Path, verb: str) -> None:
    statement = f"{verb} person (id, email, name) VALUES (9, 'BOB@x', 'b'), (8, 'new@x', 'n')"
    explanation = explain(shop, f"{error_of(shop, statement)}: {statement}")
    assert told(explanation) == [("references", "orders", ("person_id",), [12])]
    assert "REPLACE deletes that row first" in explanation.meaning


def test_a_row_whose_parent_is_written_with_it_has_one(tmp_path: Path) -> None:
    path = build(tmp_path / "x.db", "CREATE TABLE tree(id INTEGER PRIMARY KEY, up REFERENCES tree)")
    explanation = explain(path, f"{FK}: INSERT INTO tree (id, up) VALUES (1, 2), (2, '2'), (3, 9)")
    assert [c.message for c in explanation.causes] == [
        "1 of the 3 rows that were to be written has up=9, and tree has no row with id=9"
    ]


UNIQUE = {
    "several rows": ("INSERT INTO person (id, email) VALUES (7, 'dan@x'), (8, 'BOB@x')", "already has", [2]),
    "twice in one": ("INSERT INTO person (id, email) VALUES (7, 'dan@x'), (8, 'dan@x')", "more than one row", []),
    "an update of several": ("UPDATE person SET email = 'dan@x' WHERE id IN (1, 2)", "more than one row", []),
    "an update": ("UPDATE person SET email = 'ann@x' WHERE id = 2", "already has", [1]),
    "Laravel": (
        '(Connection: sqlite, SQL: insert into "person" ("email", "name") values (ann@x, Ann Onym))',
        "already has",
        [1],
    ),
    "Laravel's update": ('(SQL: update "person" set "email" = ann@x where "id" = 3)', "already has", [1]),
}


@pytest.mark.parametrize(("statement", "said", "rows"), UNIQUE.values(), ids=UNIQUE)
def test_what_was_to_be_written_twice(shop: Path, statement: str, said: str, rows: list[int]) -> None:
    explanation = explain(shop, f"UNIQUE constraint failed: person.email {statement}")
    assert [(keys(c), said in c.message) for c in explanation.causes] == [(rows, True)]


def test_an_update_of_a_row_to_its_own_value_collides_with_nothing(shop: Path) -> None:
    explanation = explain(
        shop, "UNIQUE constraint failed: person.email: UPDATE person SET email = 'ann@x' WHERE id = 1"
    )
    assert explanation.causes == ()


def test_values_that_are_not_known_are_said_not_to_be(shop: Path) -> None:
    explanation = explain(shop, "UNIQUE constraint failed: person.email: INSERT INTO person (email) VALUES (?)")
    assert explanation.exit_code == 2
    assert [entry.reason for entry in explanation.not_checked] == ["not all of the values that it writes are known"]


def test_a_new_row_whose_values_are_not_known_is_not_held_back_by_references(shop: Path) -> None:
    explanation = explain(shop, f"{FK}: INSERT INTO orders (id, person_id) VALUES (?, ?)")
    assert (explanation.causes, explanation.exit_code) == ((), 2)
    explanation = explain(shop, f"{FK}: INSERT INTO orders VALUES (99, 7)")  # another number of columns
    assert (explanation.causes, explanation.exit_code) == ((), 2)
    explanation = explain(shop, f"{FK}: INSERT INTO orders (id, person_id) VALUES (99, 1)")
    assert (explanation.causes, explanation.exit_code) == ((), 0)  # no reference holds a new row back


# -- a rebuild ----------------------------------------------------------------------------------------------------

REBUILD = """
CREATE TABLE p(id INTEGER PRIMARY KEY); INSERT INTO p VALUES (1), (2);
CREATE TABLE t(id INTEGER PRIMARY KEY, old, a);
INSERT INTO t VALUES (1, 1, 'x'), (5, 9, 'y'), (6, 8, NULL), (7, 2, 'x');
"""
HALF = "CREATE TABLE new__t(id INTEGER PRIMARY KEY, p INTEGER REFERENCES p, a TEXT NOT NULL UNIQUE);"
COPIES = {
    "all": ('INSERT INTO "new__t" ("id", "p", "a") SELECT "id", "old", "a" FROM "t"', [5, 6], [6], [1, 7]),
    "some": ("INSERT INTO new__t (id, p, a) SELECT id, old, a FROM t WHERE id > 5", [6], [6], []),
    "by place": ("INSERT INTO new__t SELECT * FROM t", [5, 6], [6], [1, 7]),
    "an expression": (
        "INSERT INTO new__t (id, p, a) SELECT id, nullif(old, 9), coalesce(a, id) FROM t",
        None,
        None,
        None,
    ),
}


@pytest.mark.parametrize(("statement", "orphans", "nulls", "twice"), COPIES.values(), ids=COPIES)
def test_a_copy_of_a_rebuild_leads_to_the_rows_that_it_copies(
    tmp_path: Path, statement: str, orphans: Any, nulls: Any, twice: Any
) -> None:
    path = build(tmp_path / "x.db", REBUILD + HALF)
    for message, kind, rows in (
        (FK, "orphan-rows", orphans),
        ("NOT NULL constraint failed: new__t.a", "not-null-violations", nulls),
        ("UNIQUE constraint failed: new__t.a", "duplicate-keys", twice),
    ):
        explanation = explain(path, f"{message}: {statement}")
        assert [(c.kind, c.table, keys(c)) for c in explanation.causes] == ([(kind, "t", rows)] if rows else [])
        if rows is None:
            assert explanation.exit_code == 2
            assert "with an expression" in str(explanation.not_checked)


# -- tables that a migration was building -------------------------------------------------------------------------

TEMPORARY = (
    "new__line",
    "_alembic_tmp_line",
    "__new_line",
    "_new_line",
    "ef_temp_line",
    "temporary_line",
    "line__temp",
)


@pytest.mark.parametrize("half_built", [False, True])
@pytest.mark.parametrize("name", TEMPORARY)
def test_a_key_of_a_half_built_table_leads_to_that_of_the_real_one(shop: Path, name: str, half_built: bool) -> None:
    build(shop, "INSERT INTO line VALUES (55, 99);")
    if half_built:
        build(shop, f"CREATE TABLE {name}(id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL REFERENCES orders(id))")
    wanted = [("orphan-rows", "line", ("order_id",), [55])]
    for text in (
        f"The row in table '{name}' with primary key '55' has an invalid foreign key: {name}.order_id contains a value"
        " '99' that does not have a corresponding value in orders.id.",
        f"Foreign key violations found: {name}",
        f"Foreign key violation(s) detected in '{name}'.\nParent Table = orders, Foreign Key",
        f"{FK}: INSERT INTO {name} (id, order_id) SELECT id, order_id FROM line",
    ):
        assert told(explain(shop, text)) == wanted, text


def test_a_mismatch_of_a_half_built_table_leads_to_the_real_one(tmp_path: Path) -> None:
    path = build(
        tmp_path / "x.db",
        "CREATE TABLE p(a, b); CREATE TABLE c(id INTEGER PRIMARY KEY, a REFERENCES p(a), n);"
        "CREATE TABLE new__c(id INTEGER PRIMARY KEY, a, n);",
    )
    explanation = explain(path, 'foreign key mismatch - "new__c" referencing "p"')
    assert [(c.kind, c.table) for c in explanation.causes] == [("parent-key-not-unique", "c")]


# -- the rows that are named are those in the way -----------------------------------------------------------------


@pytest.mark.parametrize("where", ["id IN (1, 2)", "id > 1", "id BETWEEN 1 AND 3 AND name <> 'bob'", "email > 'b'"])
def test_without_the_rows_that_are_named_a_delete_succeeds(shop: Path, where: str) -> None:
    statement = f"DELETE FROM person WHERE {where}"
    explanation = explain(shop, f"{error_of(shop, statement)}: {statement}")
    with contextlib.closing(sqlite3.connect(shop, isolation_level=None)) as connection:
        held = [key for culprit in explanation.causes for key in keys(culprit)]
        for key in held:
            connection.execute("DELETE FROM line WHERE order_id = ?", (key,))
            connection.execute("DELETE FROM orders WHERE id = ?", (key,))
        connection.execute("PRAGMA foreign_keys = ON")
        assert connection.execute(statement).rowcount > 0


DELETED, WRITTEN = "DELETE FROM t WHERE id = ?", "INSERT INTO t (id, a) VALUES (?, ?)"
PRINTED = {
    "drift": (
        "SqliteException(787): while executing statement, FOREIGN KEY constraint failed, constraint failed (code 787)\n"
        f"  Causing statement: {WRITTEN}, parameters: 7, it is",
        (("id", 7), ("a", "it is")),
    ),
    "drift, a comma in a value": (
        f"SqliteException(787): FOREIGN KEY constraint failed\n  Causing statement: {WRITTEN}, parameters: 7, a, b",
        (),
    ),
    "drift, an UPDATE or DELETE": (
        f"SqliteException(787): FOREIGN KEY constraint failed\n  Causing statement: {DELETED};, parameters: 7",
        "id=7",
    ),
    "Ecto": (f"[debug] QUERY ERROR\n{DELETED} [7]\n** (Exqlite.Error) FOREIGN KEY constraint failed", "id=7"),
    "Ecto, of another statement": (
        f"[debug] QUERY ERROR\n{DELETED}\n** (Exqlite.Error) FOREIGN KEY constraint failed\nSELECT 1 [7]",
        None,
    ),
    "Hibernate": (
        f"Hibernate: {WRITTEN}\nbinding parameter (1:INTEGER) <- [7]\nbinding parameter (2:VARCHAR) <- [x]\n"
        "FOREIGN KEY constraint failed",
        (("id", 7), ("a", "x")),
    ),
    "Hibernate to 5": (
        f"Hibernate: {WRITTEN}\n10:00 TRACE BasicBinder - binding parameter [1] as [BIGINT] - [7]\n"
        "10:00 TRACE BasicBinder - binding parameter [2] as [VARCHAR] - [null]\nFOREIGN KEY constraint failed",
        (("id", 7), ("a", None)),
    ),
    "Laravel 4": (
        "SQLSTATE[23000]: 19 FOREIGN KEY constraint failed (SQL: delete from `t` where `id` = ?)"
        " (Bindings: array ( 0 => 7, ))",
        "id=7",
    ),
    "DB Browser": (
        'FOREIGN KEY constraint failed (DELETE FROM "main"."t" WHERE "_rowid_" IN (\'7\'))',
        "_rowid_ IN ('7')",
    ),
}


@together
@pytest.mark.parametrize(("text", "read"), PRINTED.values(), ids=PRINTED)
def test_values_as_they_are_printed(text: str, read: object) -> None:
    found = recognise(text)
    assert found is not None and found.statement is not None
    if isinstance(read, tuple):
        assert found.statement.values == read
    else:
        assert found.statement.condition == read


def test_an_update_that_leaves_the_key_as_it_is_is_held_by_nothing(shop: Path) -> None:
    assert explain(shop, f"{FK}: UPDATE person SET id = 1, name = 'x' WHERE id = 1").exit_code == 0
    assert explain(shop, f"{FK}: UPDATE person SET id = 77 WHERE id = 1").exit_code == 1


def test_a_replace_that_empties_what_may_not_be_empty(tmp_path: Path) -> None:
    path = build(
        tmp_path / "x.db",
        "CREATE TABLE p (id INTEGER PRIMARY KEY, name UNIQUE);"
        "CREATE TABLE c (id INTEGER PRIMARY KEY, p NOT NULL REFERENCES p (id) ON DELETE SET NULL);"
        "INSERT INTO p VALUES (1, 'a'); INSERT INTO c VALUES (7, 1);",
    )
    statement = "REPLACE INTO p (id, name) VALUES (2, 'a')"
    explanation = explain(path, f"{error_of(path, statement)} [SQL: {statement}]")
    assert told(explanation) == [("references", "c", ("p",), [7])]


def test_a_key_that_a_copy_does_not_fill_refers_to_nothing(tmp_path: Path) -> None:
    path = build(
        tmp_path / "x.db",
        "CREATE TABLE p (id INTEGER PRIMARY KEY);"
        "CREATE TABLE c (id INTEGER PRIMARY KEY, p REFERENCES p (id), q REFERENCES p (id),"
        " r DEFAULT 9 REFERENCES p (id));"
        "INSERT INTO c VALUES (1, 5, 5, 5);",
    )
    explanation = explain(path, f"{FK} [SQL: INSERT INTO new_c (id, p, r) SELECT id, p, r FROM c]")
    assert [culprit.columns for culprit in explanation.causes] == [("p",), ("r",)]
    explanation = explain(path, f"{FK} [SQL: INSERT INTO new_c (id, q) SELECT id, q FROM c]")
    assert [culprit.columns for culprit in explanation.causes] == [("q",)]
    assert [part.subject for part in explanation.not_checked] == ["c.r"]  # its default


COPIED = {
    "a CHECK over a column that is called otherwise": (
        "CREATE TABLE new_t (id INTEGER PRIMARY KEY, num INTEGER CHECK (num > 0))",
        "INSERT INTO new_t (id, num) SELECT t.id, t.n FROM t",
        [2],
    ),
    "a CHECK, by place": (
        "CREATE TABLE other (id INTEGER PRIMARY KEY, a, num INTEGER CHECK (num > 0), p)",
        "INSERT INTO other SELECT * FROM t",
        [2],
    ),
    "a CHECK, of some rows": (
        "CREATE TABLE new_t (id INTEGER PRIMARY KEY, num INTEGER CHECK (num > 0))",
        "INSERT INTO new_t (id, num) SELECT id, n FROM t WHERE id > 1",
        [2],
    ),
    "a UNIQUE that minds the case less": (
        "CREATE TABLE new_t (id INTEGER PRIMARY KEY, a COLLATE NOCASE UNIQUE)",
        "INSERT INTO new_t (id, a) SELECT id, a FROM t",
        [1, 3],
    ),
}


@together
@pytest.mark.parametrize(("half_built", "statement", "rows"), COPIED.values(), ids=COPIED)
def test_a_constraint_of_the_half_built_table_is_asked_of_what_is_copied(
    tmp_path: Path, half_built: str, statement: str, rows: list[int]
) -> None:
    path = build(
        tmp_path / "x.db",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a, n INTEGER, p INTEGER);"
        f"INSERT INTO t VALUES (1, 'x', 1, 1), (2, 'y', -1, 1), (3, 'X', 2, 9); {half_built};",
    )
    explanation = explain(path, f"{error_of(path, statement)} [SQL: {statement}]")
    assert [row.key[0][1] for culprit in explanation.causes for row in culprit.sample] == rows


@together
@pytest.mark.parametrize("message", [FK, "UNIQUE constraint failed: {}.a"])
@pytest.mark.parametrize("name", ["new_t", "tmp_t", "x517"])
def test_constraints_of_a_table_that_is_gone_are_not_said_to_hold(tmp_path: Path, message: str, name: str) -> None:
    path = build(
        tmp_path / "x.db", "CREATE TABLE t (id INTEGER PRIMARY KEY, a); INSERT INTO t VALUES (1, 'x'), (2, 'X');"
    )
    explanation = explain(path, f"{message.format(name)} [SQL: INSERT INTO {name} (id, a) SELECT id, a FROM t]")
    assert (explanation.causes, explanation.exit_code) == ((), 2)
