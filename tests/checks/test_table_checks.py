"""What the checks of tables find, and where they are silent: duplicates, cycles, full-text indexes, declarations."""

from __future__ import annotations

import contextlib
import re
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import build, fingerprint, run_script, sqlfix

from sqlfix.checks.suspicious_declarations import meant
from sqlfix.scan.run import scan
from sqlfix.scan.scope import Scope
from sqlfix.schema.catalogue import read_schema
from sqlfix.sql.create_index import index_text
from sqlfix.sql.tokens import DdlError


def found(path: Path, check: str, *options: str) -> list[dict[str, Any]]:
    """The findings of one check; nothing may be left unchecked, and the file not be touched."""
    before = fingerprint(path)
    ran = sqlfix("scan", path, "--format", "json", "--select", check, *options)
    assert ran.code in (0, 1), ran.err or ran.out
    assert fingerprint(path) == before
    findings: list[dict[str, Any]] = ran.json["findings"]
    return findings


def unchecked(path: Path, *options: str) -> list[dict[str, str]]:
    """What a scan could not check."""
    entries: list[dict[str, str]] = sqlfix("scan", path, "--format", "json", *options).json["not_checked"]
    return entries


def made(connection: sqlite3.Connection, check: str) -> list[Any]:
    """The findings of one check in a database in memory."""
    return [*scan(connection, read_schema(connection), "x", Scope((check,))).findings]


def by_hand(statement: str, name: str) -> str:
    """SQL that gives an index another text and leaves its entries as they are."""
    text = statement.replace("'", "''")
    return (
        "PRAGMA writable_schema = ON;"
        f"UPDATE sqlite_schema SET sql = '{text}' WHERE name = '{name}';"
        "PRAGMA writable_schema = RESET;"
    )


# -- duplicate-keys -----------------------------------------------------------------------------------------------

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


@pytest.mark.usefixtures("soon")
def test_the_expression_of_an_index_need_not_end(tmp_path: Path) -> None:
    slow = "length(replace(hex(zeroblob(1000000 + a)), '0', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'))"
    path = build(
        tmp_path / "x.db",
        f"CREATE TABLE t (a INTEGER); CREATE UNIQUE INDEX i ON t ({slow}) WHERE a < 0;"
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) INSERT INTO t SELECT i FROM n;"
        + by_hand(f"CREATE UNIQUE INDEX i ON t ({slow})", "i"),
    )
    (entry,) = unchecked(path, "--timeout", "0.1", "--select", "duplicate-keys")
    assert "longer than --timeout allows" in entry["reason"]


@pytest.mark.usefixtures("soon")
def test_a_generated_column_need_not_end_either(tmp_path: Path) -> None:
    slow = "length(replace(hex(zeroblob(1000000 + a)), '0', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'))"
    path = build(
        tmp_path / "x.db",
        "CREATE TABLE t (a INTEGER, b AS (a));"
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) INSERT INTO t SELECT i FROM n;"
        + by_hand(f"CREATE TABLE t (a INTEGER, b AS ({slow}))", "t"),
    )
    (entry,) = unchecked(path, "--timeout", "0.1", "--select", "duplicate-keys", "--unique", "t.b")
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


@pytest.mark.parametrize("asked", ["person.emial", "person", "nobody.email", "person.email,", "person.", "", "."])
def test_columns_that_are_not_there(shop: Path, asked: str) -> None:
    ran = sqlfix("scan", shop, "--unique", asked)
    assert (ran.code, ran.out) == (2, "")
    assert "there are no such columns" in ran.err
    assert ("did you mean person.Email" in ran.err) == asked.startswith(("person.em", "nobody.em"))


# -- duplicate-links ----------------------------------------------------------------------------------------------

ENDS = (
    "CREATE TABLE books (id INTEGER PRIMARY KEY); CREATE TABLE authors (id INTEGER PRIMARY KEY);"
    "INSERT INTO books VALUES (1), (2); INSERT INTO authors VALUES (1), (2);"
)


@pytest.mark.parametrize(
    ("columns", "more"),
    [
        ("", ""),
        ("id INTEGER PRIMARY KEY,", ""),
        ("", "CREATE INDEX i ON authors_books (author_id, book_id);"),
        ("", "CREATE UNIQUE INDEX i ON authors_books (author_id, book_id) WHERE author_id > 5;"),
    ],
)
def test_links_that_are_there_twice_and_the_way_out(tmp_path: Path, columns: str, more: str) -> None:
    path = build(
        tmp_path / "x.db",
        f"{ENDS} CREATE TABLE authors_books ({columns} author_id REFERENCES authors, book_id REFERENCES books); {more}"
        "INSERT INTO authors_books (author_id, book_id) VALUES (1, 1), (1, 2), (1, 1), (1, 1), (2, 1),"
        " (NULL, 1), (NULL, 1);",
    )
    (finding,) = found(path, "duplicate-links")
    assert (finding["severity"], finding["count"], finding["distinct"]) == ("warning", 2, 1)
    script = re.search(r"DELETE .*?\)(?=;)", finding["hint"])
    assert script is not None
    run_script(path, script[0])
    assert found(path, "duplicate-links") == []
    with contextlib.closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT author_id, book_id FROM authors_books ORDER BY 1, 2").fetchall()
    assert rows == [(None, 1), (None, 1), (1, 1), (1, 2), (2, 1)]


@pytest.mark.parametrize(
    "table",
    [
        "author_id REFERENCES authors, book_id REFERENCES books, role",
        "author_id REFERENCES authors, book_id REFERENCES books, UNIQUE (book_id, author_id)",
        "author_id REFERENCES authors, book_id REFERENCES books, PRIMARY KEY (book_id, author_id)",
    ],
)
def test_rows_that_may_be_meant_or_cannot_be_there(tmp_path: Path, table: str) -> None:
    path = build(tmp_path / "x.db", f"{ENDS} CREATE TABLE authors_books ({table});")
    rows = "(1, 1, 'x'), (1, 1, 'x')" if "role" in table else "(1, 1), (1, 2)"
    run_script(path, f"INSERT INTO authors_books VALUES {rows}")
    assert found(path, "duplicate-links") == []


# -- cycles -------------------------------------------------------------------------------------------------------


def on_cycles(above: dict[int, int | None]) -> set[int]:
    """The rows that come back to themselves, followed one by one."""
    back = set()
    for start in above:
        at: int | None = above[start]
        for _ in above:
            if at == start:
                back.add(start)
            at = above.get(at) if at is not None else None
    return back


KEYS = {
    "id INTEGER PRIMARY KEY, up INTEGER": str,
    "id INTEGER PRIMARY KEY, up TEXT": str,
    "id TEXT PRIMARY KEY, up TEXT": lambda number: f"'k{number * 7 % 10}'",
    "id TEXT COLLATE NOCASE UNIQUE, up BLOB": lambda number: f"'K{number * 3 % 10}'",
    "id REAL UNIQUE, up": str,
}


@pytest.mark.parametrize("columns", KEYS)
@settings(max_examples=60)
@given(st.lists(st.integers(0, 9) | st.none(), max_size=10))
def test_cycles_are_what_walking_comes_back_to(columns: str, ups: list[int | None]) -> None:
    above = dict(enumerate(ups))
    key = KEYS[columns]
    with contextlib.closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.execute(f"CREATE TABLE t ({columns} REFERENCES t(id))")
        for number, up in above.items():
            value = "NULL" if up is None else key(up).lower() if "NOCASE" in columns else key(up)
            connection.execute(f"INSERT INTO t VALUES ({key(number)}, {value})")
        findings = made(connection, "cycles")
        assert connection.execute("SELECT count(*) FROM sqlite_temp_master").fetchone() == (0,)
    expected = on_cycles(above)
    if None not in ups:  # then it is how a root is marked
        expected -= {number for number, up in above.items() if number == up}
    assert sum(finding.count for finding in findings) == len(expected)


@settings(max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 1), st.integers(0, 4) | st.none()), max_size=10))
def test_cycles_of_a_composite_key(ups: list[tuple[int, int | None]]) -> None:
    places = [(number // 5, number % 5) for number in range(len(ups))]
    above = {n: places.index(up) if up in places else None for n, up in enumerate(ups)}
    with contextlib.closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.execute(
            "CREATE TABLE t (a, b, up_a, up_b, PRIMARY KEY (a, b), FOREIGN KEY (up_a, up_b) REFERENCES t) WITHOUT ROWID"
        )
        connection.executemany(
            "INSERT INTO t VALUES (?, ?, ?, ?)", [(*p, *u) for p, u in zip(places, ups, strict=True)]
        )
        findings = made(connection, "cycles")
    expected = on_cycles(above)
    if all(up is not None for _, up in ups):
        expected -= {number for number, up in above.items() if number == up}
    assert sum(finding.count for finding in findings) == len(expected)


@pytest.mark.parametrize("column", ["spouse_id", "next_id", "PartnerId", "prev", "related_item_id", "translationOf"])
def test_a_reference_that_is_no_tree_by_its_name(tmp_path: Path, column: str) -> None:
    sql = "CREATE TABLE t (id INTEGER PRIMARY KEY, {0} REFERENCES t); INSERT INTO t VALUES (1, 2), (2, 1), (3, NULL);"
    assert found(build(tmp_path / "x.db", sql.format(column)), "cycles") == []
    assert found(build(tmp_path / "y.db", sql.format("parent_id")), "cycles")[0]["count"] == 2


def test_a_long_chain_beneath_a_ring(tmp_path: Path) -> None:
    path = build(
        tmp_path / "x.db",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, up INTEGER REFERENCES t);"
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 30000)"
        " INSERT INTO t SELECT i, i + 1 FROM n; INSERT INTO t VALUES (30001, 30002), (30002, 30003), (30003, 30001);",
    )
    (finding,) = found(path, "cycles")
    assert finding["count"] == 3
    assert [row["key"]["id"] for row in finding["sample"]] == [30001, 30002, 30003]


# -- fts-out-of-step ----------------------------------------------------------------------------------------------


def has_fts5() -> bool:
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        return bool(connection.execute("SELECT 1 FROM pragma_module_list WHERE name = 'fts5'").fetchone())


needs_fts5 = pytest.mark.skipif(not has_fts5(), reason="this SQLite has no fts5")


@needs_fts5
@settings(max_examples=40)
@given(st.sets(st.integers(-3, 8)), st.sets(st.integers(-3, 8)))
def test_an_index_is_out_of_step_where_fts5_itself_says_so(before: set[int], after: set[int]) -> None:
    with contextlib.closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.executescript(
            "CREATE TABLE notes (id INTEGER PRIMARY KEY, body);"
            "CREATE VIRTUAL TABLE f USING fts5 (body, content = notes, content_rowid = id);"
        )
        connection.executemany("INSERT INTO notes VALUES (?, 'word')", [(number,) for number in before])
        connection.execute("INSERT INTO f (f) VALUES ('rebuild')")
        connection.execute("DELETE FROM notes")
        connection.executemany("INSERT INTO notes VALUES (?, 'word')", [(number,) for number in after])
        findings = made(connection, "fts-out-of-step")
        try:
            connection.execute("INSERT INTO f (f, rank) VALUES ('integrity-check', 1)")
        except sqlite3.DatabaseError:
            assert [(f.facts["missing"], f.facts["superfluous"]) for f in findings] == [
                (len(after - before), len(before - after))
            ]
        else:
            assert findings == []
        connection.execute("INSERT INTO f (f) VALUES ('rebuild')")  # as the hint says
        assert made(connection, "fts-out-of-step") == []


@needs_fts5
def test_superfluous_entries_are_errors_and_missing_ones_warnings(tmp_path: Path) -> None:
    path = build(
        tmp_path / "x.db",
        "CREATE TABLE notes (body); INSERT INTO notes VALUES ('a'), ('b');"
        "CREATE VIRTUAL TABLE f USING fts5 (body, content = 'notes'); INSERT INTO f (f) VALUES ('rebuild');"
        "INSERT INTO notes VALUES ('c');",
    )
    (finding,) = found(path, "fts-out-of-step")
    assert (finding["table"], finding["severity"]) == ("f", "warning")
    assert finding["message"] == "the full-text index f is missing 1 row of notes"
    assert """INSERT INTO "f"("f") VALUES ('rebuild')""" in finding["hint"]
    run_script(path, "DELETE FROM notes WHERE rowid <> 1")
    (finding,) = found(path, "fts-out-of-step")
    assert (finding["severity"], finding["message"]) == (
        "error",
        "the full-text index f contains 1 row that does not exist in notes",
    )


@needs_fts5
def test_an_index_with_content_of_its_own(tmp_path: Path) -> None:
    path = build(
        tmp_path / "x.db",
        "CREATE VIRTUAL TABLE f USING fts5 (body); INSERT INTO f VALUES ('one'), ('two'), ('three');"
        "DELETE FROM f WHERE rowid = 1;",
    )
    assert found(path, "fts-out-of-step") == []
    run_script(path, "DELETE FROM f_docsize WHERE id = 2")
    (finding,) = found(path, "fts-out-of-step")
    assert (finding["count"], finding["sample"][0]["key"]) == (1, {"rowid": 2})


@needs_fts5
@pytest.mark.usefixtures("soon")
def test_a_view_that_never_ends_is_not_waited_for(tmp_path: Path) -> None:
    path = build(
        tmp_path / "x.db",
        "CREATE VIEW v AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"
        " SELECT i AS id, 'x' AS body FROM n;"
        "CREATE VIRTUAL TABLE f USING fts5 (body, content = 'v', content_rowid = 'id');",
    )
    (entry,) = unchecked(path, "--timeout", "0.1", "--select", "fts-out-of-step")
    assert (entry["subject"], "longer than --timeout allows" in entry["reason"]) == ("f", True)


@needs_fts5
@pytest.mark.parametrize("content", ["gone", "v", "t", "other_f"])
def test_content_that_cannot_be_compared(tmp_path: Path, content: str) -> None:
    path = build(
        tmp_path / "x.db",
        "CREATE TABLE t (k TEXT PRIMARY KEY, body) WITHOUT ROWID; INSERT INTO t VALUES ('a', 'b');"
        "CREATE VIEW v AS SELECT body FROM t; CREATE VIRTUAL TABLE other_f USING fts5 (body);"
        f"CREATE VIRTUAL TABLE f USING fts5 (body, content = '{content}');",
    )
    (entry,) = unchecked(path, "--select", "fts-out-of-step")
    assert (entry["subject"], f"the table {content} that it indexes" in entry["reason"]) == ("f", True)


@needs_fts5
def test_an_index_without_a_list_of_its_documents_is_checked_by_fts5(tmp_path: Path) -> None:
    path = build(
        tmp_path / "x.db",
        "CREATE TABLE notes (body); INSERT INTO notes VALUES ('a'), ('b');"
        "CREATE VIRTUAL TABLE f /* of USING fts4 */ USING fts5 (body, content = 'notes', columnsize = 0);"
        "INSERT INTO f (f) VALUES ('rebuild');",
    )
    assert found(path, "fts-out-of-step") == []
    run_script(path, "INSERT INTO notes VALUES ('c')")
    (finding,) = found(path, "fts-out-of-step")
    assert finding["message"] == "the full-text index f does not match the text in notes"


@needs_fts5
def test_another_module_is_left_alone_whatever_its_name_says(tmp_path: Path) -> None:
    sql = """CREATE VIRTUAL TABLE "USING fts5" USING fts4 (body); INSERT INTO "USING fts5" VALUES ('a')"""
    path = build(tmp_path / "x.db", sql)
    assert found(path, "fts-out-of-step") == []
    assert unchecked(path) == []


# -- unindexed-foreign-keys ---------------------------------------------------------------------------------------


def many(tmp_path: Path, table: str, more: str = "", rows: int = 1001) -> Path:
    """A child of so many rows."""
    return build(
        tmp_path / "x.db",
        "CREATE TABLE p (id INTEGER PRIMARY KEY, a, b, UNIQUE (a, b)); INSERT INTO p VALUES (1, 1, 1);"
        f"CREATE TABLE c ({table}); {more}"
        f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows})"
        " INSERT INTO c SELECT i, 1, 1 FROM n;",
    )


@pytest.mark.parametrize(
    ("table", "more"),
    [
        ("k, p_id REFERENCES p, x", ""),
        ("k, p_id REFERENCES p, x", "CREATE INDEX i ON c (x, p_id);"),
        ("k PRIMARY KEY, p_id REFERENCES p, x", "CREATE TABLE ix_c_p_id (x); CREATE INDEX IX_C_P_ID_2 ON p (b);"),
        ("k, x, y, FOREIGN KEY (x, y) REFERENCES p (a, b)", "CREATE INDEX i ON c (x, k, y);"),
    ],
)
def test_a_key_without_an_index_and_the_way_out(tmp_path: Path, table: str, more: str) -> None:
    path = many(tmp_path, table, more)
    (finding,) = found(path, "unindexed-foreign-keys")
    assert (finding["severity"], finding["facts"]["rows"]) == ("hint", 1001)
    assert sqlfix("scan", path).code == 0
    assert "1 hint: scan -v shows it." in sqlfix("scan", path).out
    run_script(path, finding["hint"].removesuffix(" makes it fast"))
    assert found(path, "unindexed-foreign-keys") == []


@pytest.mark.parametrize(
    ("table", "more"),
    [
        ("k, p_id REFERENCES p, x", "CREATE INDEX i ON c (p_id, x);"),
        ("k, p_id REFERENCES p, x", "CREATE INDEX i ON c (p_id) WHERE p_id IS NOT NULL;"),
        ("k INTEGER PRIMARY KEY REFERENCES p, x, y", ""),
        ("k, x, y, FOREIGN KEY (x, y) REFERENCES p (a, b)", "CREATE INDEX i ON c (y, x, k);"),
        ("k UNIQUE, x, y, FOREIGN KEY (x, k) REFERENCES p (a, b)", ""),
        ("k, x REFERENCES p, y, PRIMARY KEY (x, k)) WITHOUT ROWID; CREATE TABLE d (x", ""),
    ],
)
def test_a_key_with_an_index_that_serves(tmp_path: Path, table: str, more: str) -> None:
    assert found(many(tmp_path, table, more), "unindexed-foreign-keys") == []


def test_a_small_table_needs_none(tmp_path: Path) -> None:
    assert found(many(tmp_path, "k, p_id REFERENCES p, x", rows=1000), "unindexed-foreign-keys") == []


# -- suspicious-declarations --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("declared", "word", "keyword"),
    [
        ("INTEGER NON", "NON", "NOT"),
        ("INTEGER REFERENCE customers", "REFERENCE", "REFERENCES"),
        ("INTEGER REFRENCES customers", "REFRENCES", "REFERENCES"),
        ("text uniqe", "uniqe", "UNIQUE"),
        ("UNIQUIE", "UNIQUIE", "UNIQUE"),
        ("INTEGER DEFUALT (0)", "DEFUALT", "DEFAULT"),
        ("INTEGER PRIMARYKEY", "PRIMARYKEY", "PRIMARY KEY"),
        ("INTEGER PIRMARY", "PIRMARY", "PRIMARY"),
        ("INTEGER KEY", "KEY", "PRIMARY KEY"),
        ("INTEGER AUTO_INCREMENT", "AUTO_INCREMENT", "AUTOINCREMENT"),
        ("INT (11) UNSIGNED AUTO_INCREMENT", "AUTO_INCREMENT", "AUTOINCREMENT"),
        ("INTEGER AUTOINCREMNT", "AUTOINCREMNT", "AUTOINCREMENT"),
        ("VARCHAR(20) /* a UNIQUE one */ COLATE nocase", "COLATE", "COLLATE"),
        ("INTEGER CASCADE", "CASCADE", "CASCADE"),
    ],
)
def test_a_keyword_that_became_a_part_of_the_type(declared: str, word: str, keyword: str) -> None:
    assert meant(declared) == (word, keyword)


@pytest.mark.parametrize(
    "declared",
    [
        *(
            "",
            "INTEGER",
            "UNSIGNED BIG INT",
            "VARCHAR(255)",
            "DOUBLE PRECISION",
            "NATIVE CHARACTER(70)",
            "DECIMAL(10,5)",
        ),
        *("TIMESTAMP WITH TIME ZONE", "UNIQUEIDENTIFIER", "INTERGER", "REFERENCE", "KEY", "bool", "jsonb", "Checked"),
        *(
            "LONG",
            "MULTILINESTRING",
            "ENUM('UNIQE', 'NON')",
            "TEXT_CI",
            "/* NON */ TEXT",
            "hstore",
            "NULLABLE",
            "citext",
        ),
        *("INTEGER IDENTITY", "MONEY", "unit", "CHARCHAR", "MPH", "Currency", "INT2", "NTEXT", "nullable text", "DATE"),
    ],
)
def test_a_type_without_one(declared: str) -> None:
    assert meant(declared) is None


def test_what_sqlite_swallowed_is_named_with_its_column(tmp_path: Path) -> None:
    path = build(
        tmp_path / "x.db",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER NON NULL); INSERT INTO t VALUES (1, NULL);",
    )
    (finding,) = found(path, "suspicious-declarations")
    assert (finding["severity"], finding["columns"], finding["count"]) == ("warning", ["n"], 0)
    assert (
        finding["message"] == "t.n is declared INTEGER NON: NON looks like NOT, but SQLite reads it as part of the type"
    )


@pytest.mark.parametrize(
    "column",
    [
        *("INTEGER NOT NULL", "INTEGER", "INTEGER PRIMARY KEY", "INT PRIMARY KEY", "INTEGER NOT NULL DEFAULT NULL"),
        *("INTEGER NOT NULL DEFAULT (/* none */ null)", "INTEGER NOT NULL DEFAULT 1", "INTEGER DEFAULT 1"),
    ],
)
@pytest.mark.parametrize("action", ["SET NULL", "SET DEFAULT", "CASCADE", "NO ACTION"])
@pytest.mark.parametrize("event", ["DELETE", "UPDATE"])
@pytest.mark.parametrize("options", ["", "WITHOUT ROWID"])
def test_a_key_that_is_to_become_null_and_may_not_keeps_its_parent(
    tmp_path: Path, column: str, action: str, event: str, options: str
) -> None:
    """Just where SQLite refuses the change of a parent for it."""
    if options and "PRIMARY" not in column:
        column += ", k INT PRIMARY KEY DEFAULT 7"
    declared = f"c {column.replace(',', f' REFERENCES p ON {event} {action},', 1)}"
    declared += "" if "," in column else f" REFERENCES p ON {event} {action}"
    path = build(
        tmp_path / "x.db",
        f"CREATE TABLE p (id INTEGER PRIMARY KEY); INSERT INTO p VALUES (1), (2);"
        f"CREATE TABLE t ({declared}) {options}; INSERT INTO t (c) VALUES (2);",
    )
    facts = [(f["columns"], f["severity"], f["count"]) for f in found(path, "suspicious-declarations")]
    with contextlib.closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA foreign_keys = ON")
        try:
            db.execute("DELETE FROM p WHERE id = 2" if event == "DELETE" else "UPDATE p SET id = 3 WHERE id = 2")
            refused = ""
        except sqlite3.IntegrityError as error:
            refused = str(error)
    assert facts == ([(["c"], "warning", 0)] if re.match("NOT NULL|datatype", refused) else [])


def test_a_contradiction_of_a_composite_key_names_the_column(tmp_path: Path) -> None:
    path = build(
        tmp_path / "x.db",
        "CREATE TABLE p (a, b, PRIMARY KEY (a, b)); CREATE TABLE t (x, y NOT NULL, z NOT NULL, FOREIGN KEY (x, y)"
        " REFERENCES p ON DELETE SET NULL ON UPDATE SET DEFAULT, FOREIGN KEY (x, y) REFERENCES p ON DELETE SET NULL);",
    )
    first, second = found(path, "suspicious-declarations")
    assert first["message"] == "t.x, y is declared ON DELETE SET NULL, but y may not be NULL"
    assert second["message"] == "t.x, y is declared ON UPDATE SET DEFAULT, and y has no DEFAULT, but y may not be NULL"
    assert first["hint"].startswith("no row of p that it references can be deleted while foreign keys are enforced")
    assert second["hint"].startswith("no row of p that it references can be given another key")


# -- all of them --------------------------------------------------------------------------------------------------


def test_names_that_are_odd_in_every_place(tmp_path: Path) -> None:
    path = build(
        tmp_path / "x.db",
        'CREATE TABLE "a ""b\x1b[31m" ("k ""1" INTEGER PRIMARY KEY, "up ""2" REFERENCES "a ""b\x1b[31m", "u,\'3" TEXT);'
        'INSERT INTO "a ""b\x1b[31m" VALUES (1, 2, 5), (2, 1, 5), (3, NULL, 6);'
        'CREATE INDEX "i ""4" ON "a ""b\x1b[31m" ("u,\'3");'
        + by_hand('CREATE UNIQUE INDEX "i ""4" ON "a ""b\x1b[31m" ("u,\'3")', 'i "4'),
    )
    assert found(path, "duplicate-keys")[0]["count"] == 2
    assert found(path, "cycles")[0]["count"] == 2
    assert "\x1b" not in sqlfix("scan", "-v", path).out


def test_an_empty_database_and_empty_tables(tmp_path: Path) -> None:
    path = build(
        tmp_path / "x.db",
        f"{ENDS} DELETE FROM books; CREATE TABLE t (id INTEGER PRIMARY KEY, up REFERENCES t, u UNIQUE);"
        "CREATE TABLE authors_books (author_id REFERENCES authors, book_id REFERENCES books);",
    )
    assert sqlfix("scan", path).code == 0
    assert sqlfix("scan", path, "--unique", "t.up").code == 0


def test_a_text_that_was_changed_behind_the_index_is_noticed(tmp_path: Path) -> None:
    path = build(
        tmp_path / "x.db",
        "CREATE TABLE notes (id INTEGER PRIMARY KEY, body TEXT); INSERT INTO notes VALUES (1, 'one'), (2, 'two');"
        "CREATE VIRTUAL TABLE f USING fts5(body, content='notes', content_rowid='id');"
        "INSERT INTO f(f) VALUES ('rebuild');",
    )
    before = path.read_bytes()
    assert sqlfix("scan", path).code == 0
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE notes SET body = 'three' WHERE id = 2")
        connection.commit()
    changed = path.read_bytes()
    (finding,) = sqlfix("scan", path, "--format", "json").json["findings"]
    assert (finding["check"], finding["severity"], finding["facts"]["stale"]) == ("fts-out-of-step", "error", 1)
    assert "does not match the text in notes" in finding["message"]
    assert path.read_bytes() == changed != before
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("INSERT INTO f(f) VALUES ('rebuild')")
        connection.commit()
    assert sqlfix("scan", path).code == 0
