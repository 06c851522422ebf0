"""The check duplicate-keys: found where REINDEX fails and nowhere else, and asked about with --unique."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import build, by_hand, found, made, run_script, sqlfix, together, unchecked

from sqlfix.sql.create_index import index_text
from sqlfix.sql.tokens import DdlError

VALUES = ("NULL", "1", "'1'", "'a'", "'A'", "'b'", "x'61'", "1.0")
INDEXES = (
    "(a)",
    "(a COLLATE NOCASE)",
    "(a, b)",
    "(b DESC, a COLLATE NOCASE)",
    "(a) WHERE b IS NOT NULL",
    "(upper(a), b)",
    "(a, ifnull(b, ',)')) WHERE a <> 'b' /* ) */",
)


@pytest.mark.parametrize(
    "declared", ["a, b", "a TEXT NOT NULL DEFAULT '', b INTEGER", "a INTEGER, b TEXT COLLATE NOCASE"]
)
@pytest.mark.parametrize("index", INDEXES)
@settings(max_examples=25)
@given(st.lists(st.tuples(st.sampled_from(VALUES), st.sampled_from(VALUES)), max_size=7), st.integers(0, 8))
def test_duplicates_are_found_where_reindex_fails_and_nowhere_else(
    declared: str, index: str, rows: list[tuple[str, str]], known: int
) -> None:
    with contextlib.closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.executescript(f"CREATE TABLE t ({declared})")
        # the index knows the first rows, all of them, or none
        how = f"{index} {'AND' if 'WHERE' in index else 'WHERE'} rowid <= {known}" if known < 8 else index
        with contextlib.suppress(sqlite3.OperationalError):
            connection.execute(f"CREATE INDEX i ON t {how}")
        for a, b in rows:
            connection.execute(f"INSERT INTO t SELECT {a if 'NOT NULL' not in declared else f'ifnull({a}, 7)'}, {b}")
        connection.executescript(by_hand(f"CREATE UNIQUE INDEX i ON t {index}", "i"))
        findings = made(connection, "duplicate-keys")
        try:
            connection.execute("REINDEX i")
        except sqlite3.IntegrityError:
            assert len(findings) == 1
            assert findings[0].count >= 2 * findings[0].distinct > 0
        else:
            assert findings == []


def people(tmp_path: Path, rows: str, index: str) -> Path:
    """A table whose plain index was made unique by hand."""
    return build(
        tmp_path / "x.db",
        "CREATE TABLE people (id INTEGER PRIMARY KEY, email TEXT, name TEXT, town TEXT, gone INTEGER);"
        f"CREATE INDEX people_key ON people {index}; INSERT INTO people VALUES {rows};"
        + by_hand(f"CREATE UNIQUE INDEX people_key ON people {index}", "people_key"),
    )


def test_groups_rows_and_the_columns_in_which_they_differ(tmp_path: Path) -> None:
    rows = "(1, 'a', 'A', 'U', 0), (2, 'a', 'A', 'V', 0), (3, 'b', 'B', NULL, 0), (4, 'b', 'B', 'U', 0)"
    (finding,) = found(people(tmp_path, rows, "(email)"), "duplicate-keys")
    assert (finding["count"], finding["distinct"], finding["facts"]["differ"]) == (4, 2, "town")
    assert [row["key"]["id"] for row in finding["sample"]] == [1, 2, 3, 4]
    assert finding["message"] == "4 rows of people are not unique in (email): 2 groups; they differ in town"
    assert "REINDEX of people_key fails" in finding["hint"]


def test_rows_that_are_the_same_but_for_their_key(tmp_path: Path) -> None:
    rows = "(1, 'a', 'A', NULL, 0), (2, 'a', 'A', NULL, 0)"
    (finding,) = found(people(tmp_path, rows, "(email)"), "duplicate-keys")
    assert finding["facts"]["differ"] is None
    assert finding["message"].endswith("they differ in nothing else")


def test_a_partial_index_says_which_rows_count(tmp_path: Path) -> None:
    rows = "(1, 'a', 'A', 'U', NULL), (2, 'a', 'A', 'V', 1), (3, 'b', 'B', 'U', NULL), (4, 'b', 'B', 'U', NULL)"
    (finding,) = found(people(tmp_path, rows, "(email) WHERE gone IS NULL"), "duplicate-keys")
    assert (finding["count"], finding["distinct"]) == (2, 1)
    assert "of the rows where gone IS NULL" in finding["message"]


def test_an_index_that_has_entries_enough_but_of_other_values(tmp_path: Path) -> None:
    rows = "(1, 'a', 'A', 'U', 0), (2, 'b', 'B', 'V', 0), (3, 'c', 'C', 'W', 0)"
    path = people(tmp_path, rows, "(email)")
    assert found(path, "duplicate-keys") == []
    run_script(
        path,
        by_hand("CREATE INDEX people_key ON people (town)", "people_key")
        + "UPDATE people SET email = 'c' WHERE id = 2;"
        + by_hand("CREATE UNIQUE INDEX people_key ON people (email)", "people_key"),
    )
    (finding,) = found(path, "duplicate-keys")
    assert [row["key"]["id"] for row in finding["sample"]] == [2, 3]


def test_a_missing_collation_hides_no_other_key_of_the_table(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.create_collation("own", lambda a, b: (a > b) - (a < b))
        connection.executescript(
            "CREATE TABLE t (a TEXT COLLATE own UNIQUE, b TEXT); CREATE INDEX tb ON t (b);"
            "INSERT INTO t VALUES ('x', 'same'), ('y', 'same');" + by_hand("CREATE UNIQUE INDEX tb ON t (b)", "tb")
        )
    ran = sqlfix("scan", path, "--format", "json", "--select", "duplicate-keys").json
    assert [finding["columns"] for finding in ran["findings"]] == [["b"]]
    assert [entry["subject"] for entry in ran["not_checked"]] == ["t"]
    assert "duplicate-keys: no such collation sequence: own" in ran["not_checked"][0]["reason"]


def test_a_check_that_was_not_asked_for_is_not_reported_as_not_run(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.create_function("own", 1, lambda value: value, deterministic=True)
        connection.executescript(
            "CREATE TABLE t (a); CREATE UNIQUE INDEX i ON t (own(a)); INSERT INTO t VALUES (1), (2);"
        )
        connection.executescript("CREATE TABLE u (a)")
    assert [entry["subject"] for entry in unchecked(path)] == ["t"]
    assert unchecked(path, "--select", "orphan-rows") == []
    assert unchecked(path, "--ignore", "duplicate-keys") == []
    assert unchecked(path, "--ignore", "t") == []
    assert unchecked(path, "--select", "u") == []
    assert len(unchecked(path, "--select", "t.a")) == 1


SLOW = "length(replace(hex(zeroblob(1000000 + a)), '0', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'))"
MANY = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100) INSERT INTO t SELECT i FROM n;"
ENDLESS = {
    "the expression of an index": (
        f"CREATE TABLE t (a INTEGER); CREATE UNIQUE INDEX i ON t ({SLOW}) WHERE a < 0; {MANY}"
        + by_hand(f"CREATE UNIQUE INDEX i ON t ({SLOW})", "i"),
        (),
    ),
    "a generated column": (
        f"CREATE TABLE t (a INTEGER, b AS (a)); {MANY}" + by_hand(f"CREATE TABLE t (a INTEGER, b AS ({SLOW}))", "t"),
        ("--unique", "t.b"),
    ),
}


@pytest.mark.usefixtures("soon")
@pytest.mark.parametrize(("sql", "options"), ENDLESS.values(), ids=ENDLESS)
def test_what_is_computed_need_not_end(tmp_path: Path, sql: str, options: tuple[str, ...]) -> None:
    (entry,) = unchecked(build(tmp_path / "x.db", sql), "--timeout", "0.1", "--select", "duplicate-keys", *options)
    assert "longer than --timeout allows" in entry["reason"]


def test_a_key_without_rowid_has_one_row_of_each_group_in_the_sample(tmp_path: Path) -> None:
    path = build(
        tmp_path / "x.db",
        "CREATE TABLE t (a, b, c, PRIMARY KEY (a, b)) WITHOUT ROWID; CREATE INDEX i ON t (c);"
        "INSERT INTO t VALUES (1, 1, 5), (1, 2, 5), (2, 1, 6);" + by_hand("CREATE UNIQUE INDEX i ON t (c)", "i"),
    )
    (finding,) = found(path, "duplicate-keys")
    assert (finding["count"], len(finding["sample"])) == (2, 1)
    assert finding["sample"][0]["values"] == {"c": 5}


@together
@pytest.mark.parametrize(
    ("sql", "terms", "where"),
    [
        ("CREATE INDEX i ON t(a)", ("a",), ""),
        ('CREATE UNIQUE INDEX "i(" ON "t)"("a,b" DESC, [c)] ASC) WHERE x > \')\'', ('"a,b"', "[c)]"), "x > ')'"),
        ("CREATE INDEX i ON t(f(a, b) COLLATE nocase desc /* , */, c -- ) \n)", ("f(a, b) COLLATE nocase", "c"), ""),
        ("CREATE INDEX i ON t(a)\nWhere\n(b) /* x */ AND c;", ("a",), "(b) AND c"),
        ("CREATE UNIQUE INDEX i ON t( desc DESC, asc)WHERE(b)", ("desc", "asc"), "(b)"),
    ],
)
def test_the_text_of_an_index(sql: str, terms: tuple[str, ...], where: str) -> None:
    assert index_text(sql) == (terms, where)


@together
@pytest.mark.parametrize(
    "sql", ["", "CREATE INDEX i ON t", "CREATE INDEX i ON t(a", "CREATE INDEX i ON t(a,)", "x (a) y"]
)
def test_what_is_no_text_of_an_index(sql: str) -> None:
    with pytest.raises(DdlError):
        index_text(sql)


# -- scan --unique ------------------------------------------------------------------------------------------------


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """Rows that a constraint to come would forbid, or not."""
    return build(
        tmp_path / "shop.db",
        'CREATE TABLE "a.b" (x TEXT, y); INSERT INTO "a.b" VALUES (1, 1), (1, 2), (2, 2), (NULL, 1), (NULL, 1);'
        "CREATE TABLE person (id INTEGER PRIMARY KEY, Email TEXT COLLATE NOCASE, town TEXT, name TEXT);"
        "INSERT INTO person VALUES (1, 'a', 'U', 'x'), (2, 'A', 'U', 'y'), (3, 'b', 'V', 'z'), (4, NULL, 'V', 'z');",
    )


@pytest.mark.parametrize(
    ("asked", "columns", "rows"),
    [
        ("person.email", ["Email"], 2),
        ("PERSON.EMAIL, TOWN", ["Email", "town"], 2),
        ("person.town", ["town"], 4),
        ("a.b.x", ["x"], 2),
        ("a.b.x,y", ["x", "y"], 0),
        ("person.email,name", ["Email", "name"], 0),
        ("person.id", ["id"], 0),
    ],
)
def test_a_constraint_that_is_yet_to_be_added(shop: Path, asked: str, columns: list[str], rows: int) -> None:
    findings = found(shop, "duplicate-keys", "--unique", asked)
    assert [(f["columns"], f["count"], f["facts"]["exists"]) for f in findings] == (
        [(columns, rows, 0)] if rows else []
    )
    assert all("no such constraint exists yet" in f["message"] for f in findings)
    with contextlib.closing(sqlite3.connect(shop)) as connection:  # SQLite itself is asked
        table = "a.b" if asked.startswith("a.b") else "person"
        make = f'CREATE UNIQUE INDEX i ON "{table}" ({", ".join(columns)})'
        with pytest.raises(sqlite3.IntegrityError) if rows else contextlib.nullcontext():
            connection.execute(make)


def test_several_at_once_and_the_exit_code(shop: Path) -> None:
    assert len(found(shop, "duplicate-keys", "--unique", "person.email", "--unique", "person.town")) == 2
    assert sqlfix("scan", shop).code == 0
    assert sqlfix("scan", shop, "--unique", "person.town").code == 1


@pytest.mark.parametrize("asked", ["person.emial", "person", "nobody.email", "person.email,", "person.", "."])
def test_columns_that_are_not_there(shop: Path, asked: str) -> None:
    ran = sqlfix("scan", shop, "--unique", asked)
    assert (ran.code, ran.out) == (2, "")
    assert "there are no such columns" in ran.err
    assert ("did you mean person.Email" in ran.err) == asked.startswith(("person.em", "nobody.em"))
