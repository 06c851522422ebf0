"""An undo that goes row by row: without the file's triggers, with its search indexes, with rows that have no key."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from support import build, contents, run_script, sqlfix

from sqlfix.repair import record as record_module
from sqlfix.repair.matching import RECORD
from sqlfix.repair.reversal import reverse
from sqlfix.schema.catalogue import read_schema
from tests.repair.test_archive import exact
from tests.repair.test_undo import meaning, records, repair, rows, the_record

PARENT = "CREATE TABLE p (id INTEGER PRIMARY KEY); INSERT INTO p VALUES (1);"
SINCE = "INSERT INTO p VALUES (100)"


def needs(module: str) -> None:
    """Skip the test where SQLite lacks a module."""
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        if not connection.execute("SELECT 1 FROM pragma_module_list WHERE name = ?", (module,)).fetchone():
            pytest.skip(f"this SQLite has no {module}")


def undone(path: Path, *options: object) -> str:
    """What an undo says that takes all back; a look before has said the same."""
    looked = sqlfix("undo", path, "--dry-run")
    ran = sqlfix("undo", path, "--yes", "--no-backup", *options)
    assert (looked.code, ran.code) == (0, 0), looked.out + ran.out + ran.err
    assert ran.out.startswith(looked.out)
    assert "one by one" in ran.out
    return ran.out


def schema_of(path: Path) -> tuple[list[Any], dict[str, list[str]]]:
    """All that the schema holds, and the triggers of each table in the order in which SQLite knows them."""
    found = rows(path, "SELECT type, name, tbl_name, sql FROM sqlite_master")
    order: dict[str, list[str]] = {}
    for kind, name, table, _ in found:
        if kind == "trigger":
            order.setdefault(table, []).append(name)
    return sorted(map(repr, found)), order


# -- triggers -----------------------------------------------------------------------------------------------------

AUTHORS = (
    f"{PARENT} CREATE TABLE author (id INTEGER PRIMARY KEY, published INT); INSERT INTO author VALUES (1, 0);"
    "CREATE TABLE log (id INTEGER PRIMARY KEY AUTOINCREMENT, what);"
    "CREATE TABLE doc (id INTEGER PRIMARY KEY, author INT, p INT NOT NULL REFERENCES p, q INT REFERENCES p, body TEXT);"
)
DOCS = "INSERT INTO doc VALUES (1, 1, 1, 1, 'hello'), (2, 1, 9, 1, 'world'), (3, 1, 9, 1, 'foo'), (4, 1, 1, 8, 'bar');"
INDEXED = "CREATE VIRTUAL TABLE f USING fts5(body, content='doc', content_rowid='id');"
GOES_IN = "INSERT INTO f (rowid, body) VALUES (new.id, new.body);"
GOES_OUT = "INSERT INTO f (f, rowid, body) VALUES ('delete', old.id, old.body);"
UP = "UPDATE author SET published = published + 1 WHERE id = new.author;"
DOWN = "UPDATE author SET published = published - 1 WHERE id = old.author;"
LOG = "INSERT INTO log (what) VALUES ('f');"
SIDE_EFFECTS = [
    pytest.param(
        f"{INDEXED} CREATE TRIGGER i AFTER INSERT ON doc BEGIN {GOES_IN} {UP} END;"
        f"CREATE TRIGGER d AFTER DELETE ON doc BEGIN {GOES_OUT} END;",
        id="a count beside the index, on INSERT",
    ),
    pytest.param(
        f"{INDEXED} CREATE TRIGGER i AFTER INSERT ON doc BEGIN {GOES_IN} {UP} END;"
        f"CREATE TRIGGER d AFTER DELETE ON doc BEGIN {GOES_OUT} {DOWN} END;",
        id="a count beside the index, both ways",
    ),
    pytest.param(
        f"{INDEXED} CREATE TRIGGER i AFTER INSERT ON doc BEGIN {GOES_IN} {LOG} END;"
        f"CREATE TRIGGER u AFTER UPDATE ON doc BEGIN {GOES_OUT} {GOES_IN} {LOG} END;"
        f"CREATE TRIGGER d BEFORE DELETE ON doc BEGIN {GOES_OUT} {LOG} END;",
        id="a log beside the index",
    ),
    pytest.param(
        "CREATE VIRTUAL TABLE f USING fts5(body);"
        f"CREATE TRIGGER i AFTER INSERT ON doc BEGIN {GOES_IN} {UP} END;"
        f"CREATE TRIGGER d AFTER DELETE ON doc BEGIN DELETE FROM f WHERE rowid = old.id; {LOG} END;",
        id="an index with its own text",
    ),
    pytest.param(
        "CREATE VIRTUAL TABLE f USING rtree(id, x0, x1);"
        f"CREATE TRIGGER i AFTER INSERT ON doc BEGIN INSERT INTO f VALUES (new.id, new.p, new.p); {UP} END;"
        f"CREATE TRIGGER d AFTER DELETE ON doc BEGIN DELETE FROM f WHERE id = old.id; {LOG} END;",
        id="an R*Tree",
    ),
    pytest.param(
        f"CREATE TRIGGER i AFTER INSERT ON doc BEGIN {UP} END;"
        f"CREATE TRIGGER d AFTER DELETE ON doc BEGIN DELETE FROM author; {LOG} END;",
        id="no index at all",
    ),
    pytest.param(
        f"{INDEXED} CREATE TRIGGER i AFTER INSERT ON doc BEGIN {GOES_IN}"
        " SELECT RAISE(ABORT, 'no new documents') WHERE (SELECT count(*) FROM doc) > 4; END;"
        f"CREATE TRIGGER d AFTER DELETE ON doc BEGIN {GOES_OUT} {LOG} END;"
        "CREATE TRIGGER b BEFORE UPDATE ON author BEGIN SELECT RAISE(IGNORE); END;",
        id="triggers that refuse",
    ),
]


@pytest.mark.parametrize("sql", SIDE_EFFECTS)
def test_no_trigger_of_the_file_runs_in_an_undo(sql: str, tmp_path: Path) -> None:
    for module in ("fts5", "rtree"):
        needs(module)
    path = build(tmp_path / "x.db", AUTHORS + sql + DOCS)
    before, schema = meaning(path), schema_of(path)
    assert sqlfix("repair", path, "--yes").code == 0
    after = meaning(path)
    for expected in (before, after, before):
        run_script(path, "CREATE TABLE since (x)")
        ran = sqlfix("undo", path, records(path)[-1]["name"], "--yes", "--no-backup")
        assert ran.code == 0, ran.out + ran.err
        run_script(path, "DROP TABLE since")
        assert meaning(path) == expected
        assert schema_of(path) == schema


def test_a_look_says_what_the_undo_does(tmp_path: Path) -> None:
    needs("fts5")
    path = build(tmp_path / "x.db", AUTHORS + SIDE_EFFECTS[1].values[0] + DOCS)  # type: ignore[operator]
    repair(path)
    run_script(path, SINCE)
    said = undone(path)
    assert "The search index f will be rebuilt from doc." in said
    assert "Index:    f was rebuilt from doc" in said


def test_triggers_come_back_letter_by_letter_and_in_their_order(tmp_path: Path) -> None:
    path = build(
        tmp_path / "x.db",
        f"{PARENT} CREATE TABLE C (id INTEGER PRIMARY KEY, p NOT NULL REFERENCES p, n);"
        'CREATE TRIGGER "z ""q""" AFTER INSERT ON c BEGIN /* ; END */ UPDATE c SET n = \'z\' WHERE id = new.id; END;'
        "CREATE TRIGGER [a\nb] AFTER INSERT ON C BEGIN -- END;\n UPDATE C SET n = 'a' WHERE id = NEW.id; END;"
        "CREATE TRIGGER main.`m` BEFORE DELETE ON c WHEN old.n = 'x' BEGIN SELECT RAISE(IGNORE); END;"
        "CREATE TRIGGER other AFTER INSERT ON p BEGIN SELECT 1; END;"
        "INSERT INTO c VALUES (1, 1, 0), (2, 9, 0); UPDATE c SET n = 'kept';",
    )
    before, schema = exact(path), schema_of(path)
    repair(path)
    run_script(path, "CREATE TABLE since (x)")
    undone(path)
    run_script(path, "DROP TABLE since")
    assert schema_of(path) == schema
    assert exact(path) == before
    run_script(path, "INSERT INTO c VALUES (5, 1, 0)")  # of two triggers the last made fires first, as it did
    fresh = build(tmp_path / "fresh.db", "")
    with contextlib.closing(sqlite3.connect(path)) as one, contextlib.closing(sqlite3.connect(fresh)) as other:
        for (sql,) in one.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite%'"):
            other.execute(sql)
        other.execute("INSERT INTO c VALUES (5, 1, 0)")
        query = "SELECT n FROM c WHERE id = 5"
        assert one.execute(query).fetchall() == other.execute(query).fetchall()


def test_a_trigger_that_cannot_be_read_stops_the_undo_before_it_begins(tmp_path: Path) -> None:
    path = build(
        tmp_path / "x.db",
        f"{PARENT} CREATE TABLE c (id INTEGER PRIMARY KEY, p NOT NULL REFERENCES p);"
        "INSERT INTO c VALUES (1, 1), (2, 9);",
    )
    repair(path)
    run_script(
        path,
        "CREATE TRIGGER t AFTER INSERT ON c BEGIN SELECT 'x'; END; PRAGMA writable_schema = ON; UPDATE sqlite_master"
        " SET sql = CAST(replace(sql, '''x''', '''') || CAST(x'ff' AS TEXT) || '''; END' AS TEXT) WHERE name = 't';",
    )
    before = path.read_bytes()
    for options in (["--dry-run"], ["--yes"]):
        ran = sqlfix("undo", path, "--no-backup", *options)
        assert ran.code == 2 and ran.err.count("\n") <= 2, ran.err
        assert "Traceback" not in ran.err
    assert path.read_bytes() == before


# -- search indexes -----------------------------------------------------------------------------------------------


def found(path: Path, query: str = "hello OR world OR foo OR bar OR baz") -> list[int]:
    """The documents that a search finds."""
    return [number for (number,) in rows(path, f"SELECT rowid FROM f WHERE f MATCH '{query}' ORDER BY 1")]


KEPT = [
    pytest.param(
        f"{INDEXED} CREATE TRIGGER d AFTER DELETE ON doc BEGIN {GOES_OUT} END;",
        "INSERT INTO f (f) VALUES ('rebuild')",
        [1, 2, 3, 4],
        id="only DELETE has a trigger",
    ),
    pytest.param(
        f"{INDEXED} CREATE TRIGGER i AFTER INSERT ON doc BEGIN {GOES_IN} END;",
        "INSERT INTO f (f) VALUES ('integrity-check')",
        [1, 2, 3, 4],
        id="only INSERT has a trigger",
    ),
    pytest.param(
        f"{INDEXED} CREATE TRIGGER i AFTER INSERT ON doc WHEN new.id IN (1, 2) BEGIN {GOES_IN} END;"
        f"CREATE TRIGGER d AFTER DELETE ON doc WHEN old.id IN (1, 2) BEGIN {GOES_OUT} END;",
        "SELECT 1",
        [1, 2],
        id="some rows are left out on purpose",
    ),
    pytest.param(
        "CREATE VIEW shown AS SELECT id AS n, body FROM doc WHERE id <> 3;"
        "CREATE VIRTUAL TABLE f USING fts5(body, content='shown', content_rowid='n');"
        f"CREATE TRIGGER d AFTER DELETE ON doc WHEN old.id <> 3 BEGIN {GOES_OUT} END;",
        "INSERT INTO f (f) VALUES ('rebuild')",
        [1, 2, 4],
        id="the text is that of a view",
    ),
    pytest.param(
        "CREATE VIRTUAL TABLE f USING fts5(body, con = 'doc', content_rowid='id', columnsize=0);"
        f"CREATE TRIGGER d AFTER DELETE ON doc BEGIN {GOES_OUT} END;",
        "INSERT INTO f (f) VALUES ('rebuild')",
        [1, 2, 3, 4],
        id="no list of documents, and an option cut short",
    ),
    pytest.param(
        'CREATE VIRTUAL TABLE f USING fts4(body, content="doc");'
        "CREATE TRIGGER i AFTER INSERT ON doc BEGIN INSERT INTO f (docid, body) VALUES (new.id, new.body); END;"
        f"CREATE TRIGGER d BEFORE DELETE ON doc BEGIN DELETE FROM f WHERE docid = old.id; {LOG} END;",
        "SELECT 1",
        [1, 2, 3, 4],
        id="FTS4",
    ),
    pytest.param(
        "CREATE VIRTUAL TABLE f USING fts4(body, languageid='tongue');"
        "CREATE TRIGGER i AFTER INSERT ON doc BEGIN INSERT INTO f (docid, body, tongue) VALUES (new.id, new.body, 0);"
        " END; CREATE TRIGGER d BEFORE DELETE ON doc BEGIN DELETE FROM f WHERE docid = old.id; END;",
        "INSERT INTO f (docid, body, tongue) VALUES (9, 'baz', 7)",
        [1, 2, 3, 4],
        id="FTS4 with languages",
    ),
]


@pytest.mark.parametrize(("sql", "first", "hits"), KEPT)
def test_a_search_index_finds_after_an_undo_what_it_found_before(
    sql: str, first: str, hits: list[int], tmp_path: Path
) -> None:
    for module in ("fts4", "fts5"):
        needs(module)
    path = build(tmp_path / "x.db", AUTHORS + sql + DOCS)
    run_script(path, first)
    assert found(path) == hits
    before = meaning(path)
    repair(path)
    after = meaning(path)
    if found(path) != [1, 4]:  # the file itself does not keep it; undone and done again it is in step all the same
        after["terms of f"] = [term for term in after["terms of f"] if term[1] in (1, 4)]
    for expected in (before, after):
        run_script(path, "CREATE TABLE since (x)")
        assert sqlfix("undo", path, records(path)[-1]["name"], "--yes", "--no-backup").code == 0
        run_script(path, "DROP TABLE since")
        assert meaning(path) == expected
    assert rows(path, "PRAGMA integrity_check") == [("ok",)]


def test_a_language_is_put_back_with_its_document(tmp_path: Path) -> None:
    needs("fts4")
    path = build(
        tmp_path / "x.db",
        f"{AUTHORS} CREATE VIRTUAL TABLE f USING fts4(body, languageid=tongue);"
        "CREATE TRIGGER d BEFORE DELETE ON doc BEGIN DELETE FROM f WHERE docid = old.id; END;"
        f"{DOCS} INSERT INTO f (docid, body, tongue) SELECT id, body, 7 FROM doc;",
    )
    query = "SELECT docid, tongue FROM f WHERE tongue = 7 AND f MATCH 'world'"
    assert rows(path, query) == [(2, 7)]
    repair(path)
    assert rows(path, query) == []
    run_script(path, SINCE)
    undone(path)
    assert rows(path, query) == [(2, 7)]


def test_an_index_made_anew_since_the_repair_learns_of_the_rows_that_come_back(tmp_path: Path) -> None:
    needs("fts5")
    path = build(tmp_path / "x.db", f"{AUTHORS} {INDEXED} {DOCS} INSERT INTO f (f) VALUES ('rebuild')")
    repair(path)  # nothing keeps the index: it has the entries of the deleted rows still
    run_script(path, "INSERT INTO f (f) VALUES ('rebuild')")
    assert found(path) == [1, 4]
    assert "Index:    f was rebuilt from doc" in undone(path)
    assert found(path) == [1, 2, 3, 4]


def test_an_index_that_the_repair_left_alone_is_left_alone(tmp_path: Path) -> None:
    needs("fts5")
    path = build(tmp_path / "x.db", f"{AUTHORS} {INDEXED} {DOCS} INSERT INTO f (f) VALUES ('rebuild')")
    before = contents(path)
    repair(path)
    run_script(path, "CREATE TABLE since (x)")
    assert "f was rebuilt" not in undone(path)
    run_script(path, "DROP TABLE since")
    assert contents(path) == before


@pytest.mark.parametrize(
    ("index", "spoil", "reason"),
    [
        pytest.param("content=''", "SELECT 1", "it keeps no text", id="no text"),
        pytest.param(
            "content='text', content_rowid='id'", "ALTER TABLE text RENAME TO gone", "no such table", id="its text gone"
        ),
        pytest.param(
            "content='text', content_rowid='id'",
            "ALTER TABLE text RENAME COLUMN body TO b",
            "no such column",
            id="another column",
        ),
    ],
)
def test_an_index_that_cannot_be_made_anew_is_said_to_be_out_of_step(
    index: str, spoil: str, reason: str, tmp_path: Path
) -> None:
    needs("fts5")
    path = build(
        tmp_path / "x.db",
        f"{AUTHORS} CREATE TABLE text (id INTEGER PRIMARY KEY, body); CREATE VIRTUAL TABLE f USING fts5(body, {index});"
        f"CREATE TRIGGER i AFTER INSERT ON doc BEGIN {GOES_IN} END;"
        f"CREATE TRIGGER d AFTER DELETE ON doc BEGIN {GOES_OUT} END; {DOCS}",
    )
    repair(path)
    run_script(path, f"PRAGMA legacy_alter_table = ON; {spoil}; {SINCE}")
    looked = sqlfix("undo", path, "--dry-run")
    assert looked.code == 1
    assert f"The search index f will be out of step: {reason}" in looked.out
    ran = sqlfix("undo", path, "--yes", "--no-backup")
    assert (ran.code, ran.err) == (1, "")
    assert f"Index:    f is out of step now: {reason}" in ran.out
    assert rows(path, "SELECT count(*) FROM doc") == [(4,)]


# -- rows whose rowid is no column, after a VACUUM ----------------------------------------------------------------

LINKS = (
    f"{PARENT} CREATE TABLE c (a TEXT, q INT REFERENCES p, p INT NOT NULL REFERENCES p);"
    "INSERT INTO c (rowid, a, q, p) VALUES (5, 'v', 1, 1), (10, 'w', 7, 1), (20, 'x', 1, 8), (30, 'y', 9, 1),"
    " (40, 'z', 1, 1);"
)
"""A repair deletes the row at 20, and empties the q of those at 10 and 30."""


def as_values(path: Path, table: str = "c") -> Counter[tuple[Any, ...]]:
    """The rows of a table by their values and types, however they lie."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        names = [f'"{row[1]}"' for row in connection.execute(f"PRAGMA table_info({table})")]
        listed = ", ".join(f"{name}, typeof({name})" for name in names)
        return Counter(connection.execute(f"SELECT {listed} FROM {table}").fetchall())


RENUMBERED = [
    pytest.param("VACUUM", id="VACUUM"),
    pytest.param("INSERT INTO c (rowid, a, q, p) VALUES (20, 'new', 1, 1)", id="the rowid of a deleted row taken"),
    pytest.param("DELETE FROM c WHERE a = 'v'; VACUUM", id="a row gone, and VACUUM"),
    pytest.param("INSERT INTO c VALUES ('w', 1, 1), ('y', 1, 1); VACUUM", id="rows added, and VACUUM"),
    pytest.param("UPDATE c SET rowid = 100 - rowid", id="turned over"),
    pytest.param("UPDATE c SET rowid = rowid + 10 WHERE rowid < 20", id="one at the place of another"),
    pytest.param("ALTER TABLE c ADD COLUMN more DEFAULT 3; VACUUM", id="a column added, and VACUUM"),
]


@pytest.mark.parametrize("since", RENUMBERED)
def test_a_row_is_found_by_its_values_where_its_rowid_is_another(since: str, tmp_path: Path) -> None:
    path = build(tmp_path / "x.db", LINKS)
    before = as_values(path)
    repair(path)
    after = as_values(path)
    run_script(path, since)
    touched = as_values(path)
    undone(path)
    if "ADD COLUMN" in since:
        assert Counter({row[:6]: number for row, number in as_values(path).items()}) == before
    else:
        assert as_values(path) == before + (touched - after) - (after - touched)
    again = sqlfix("undo", path, records(path)[0]["name"], "--yes", "--no-backup")  # not twice
    assert (again.code, "Conflicts: 3 rows" in again.out) == (2, True)
    run_script(path, "VACUUM")
    again = sqlfix("undo", path, records(path)[0]["name"], "--yes", "--no-backup")
    assert (again.code, "Conflicts: 3 rows" in again.out) == (2, True)
    assert sqlfix("undo", path, records(path)[-1]["name"], "--yes", "--no-backup").code == 0
    assert as_values(path) == touched


ALIKE = (
    f"{PARENT} CREATE TABLE c (a TEXT, q INT REFERENCES p);"
    "INSERT INTO c (rowid, a, q) VALUES (10, 'x', 7), (20, 'x', 8), (30, 'x', NULL), (40, 'y', 9);"
)
"""A repair empties the q of three rows; then three rows have the same values, two of which it changed."""


def test_rows_that_are_alike_are_found_together(tmp_path: Path) -> None:
    path = build(tmp_path / "x.db", ALIKE)
    before = as_values(path)
    repair(path)
    run_script(path, "VACUUM")
    undone(path)
    assert as_values(path) == before


@pytest.mark.parametrize(
    "since",
    [
        pytest.param("DELETE FROM c WHERE rowid = 20; VACUUM", id="one of them gone"),
        pytest.param("UPDATE c SET a = 'other' WHERE rowid = 30; VACUUM", id="one of them changed"),
        pytest.param("INSERT INTO c VALUES ('x', NULL); UPDATE c SET rowid = rowid + 100", id="one more like them"),
    ],
)
def test_of_rows_that_are_alike_none_is_taken_for_another(since: str, tmp_path: Path) -> None:
    path = build(tmp_path / "x.db", ALIKE)
    repair(path)
    run_script(path, since)
    before = as_values(path)
    looked = sqlfix("undo", path, "--dry-run")
    refused = sqlfix("undo", path, "--yes", "--no-backup")
    assert (looked.code, refused.code) == (2, 2)
    assert "cannot be told from others" in looked.out
    assert as_values(path) == before
    skipped = sqlfix("undo", path, "--yes", "--no-backup", "--skip-conflicts")
    assert skipped.code == 1
    assert as_values(path)[("y", "text", 9, "integer")] == 1
    assert sum(as_values(path).values()) == sum(before.values())


def test_a_deleted_row_whose_like_stayed_comes_back(tmp_path: Path) -> None:
    """A repeated link goes by its rowid; its twin stays, and is not taken for it."""
    path = build(
        tmp_path / "x.db",
        "CREATE TABLE a (id INTEGER PRIMARY KEY); CREATE TABLE b (id INTEGER PRIMARY KEY);"
        "CREATE TABLE a_b (a INT NOT NULL REFERENCES a, b INT NOT NULL REFERENCES b);"
        "CREATE TABLE log (what); CREATE TRIGGER t AFTER DELETE ON a_b BEGIN"
        " DELETE FROM a_b WHERE rowid = (SELECT max(rowid) FROM a_b WHERE a = 1); END;"
        "INSERT INTO a VALUES (1); INSERT INTO b VALUES (1); INSERT INTO a_b VALUES (1, 1), (1, 1), (1, 9), (1, 1);",
    )
    before = as_values(path, "a_b")
    repair(path)
    assert as_values(path, "a_b")[(1, "integer", 1, "integer")] == 2
    run_script(path, "CREATE TABLE since (x); VACUUM")
    undone(path)
    assert as_values(path, "a_b") == before
    run_script(path, "VACUUM")
    assert sqlfix("undo", path, records(path)[0]["name"], "--yes", "--no-backup").code == 2
    assert as_values(path, "a_b") == before


# -- rows that have no name at all --------------------------------------------------------------------------------

NAMELESS = (
    f"{PARENT} CREATE TABLE c (rowid, _rowid_, oid, q INT REFERENCES p);"
    "CREATE TABLE d (rowid, _rowid_, oid, p INT NOT NULL REFERENCES p, v AS (rowid) STORED);"
    "INSERT INTO c VALUES (1, 'a', NULL, 7), (1, 'a', NULL, 8), (1, 'a', NULL, NULL);"
    "INSERT INTO c VALUES (x'00', '1', 1.0, 7), (1, 1, 1, 1);"
    "INSERT INTO d VALUES (1, 1, 1, 9), (1, 1, 1, 9), ('1', 1, 1, 9), (1, 1, 1, 1);"
)


@pytest.mark.parametrize(
    "since", [SINCE, "VACUUM", "INSERT INTO c VALUES (0, 0, 0, 1); INSERT INTO d VALUES (0, 0, 0, 1)"]
)
def test_rows_without_any_name_come_back_by_their_values(since: str, tmp_path: Path) -> None:
    path = build(tmp_path / "x.db", NAMELESS)
    before = [as_values(path, name) for name in "cd"]
    repair(path, "--no-backup")
    after = [as_values(path, name) for name in "cd"]
    assert sum(after[1].values()) == 1
    assert len(rows(the_record(path), 'SELECT * FROM "rows of d"')) == 3
    run_script(path, since)
    now = [as_values(path, name) for name in "cd"]
    undone(path)
    for name, then, left, touched in zip("cd", before, after, now, strict=True):
        assert as_values(path, name) == then + (touched - left)
    again = sqlfix("undo", path, records(path)[0]["name"], "--yes", "--no-backup")
    assert (again.code, "Conflicts: 6 rows" in again.out) == (2, True)
    assert sqlfix("undo", path, records(path)[-1]["name"], "--yes", "--no-backup").code == 0
    assert [as_values(path, name) for name in "cd"] == now


@pytest.mark.parametrize(
    ("since", "conflicts"),
    [
        pytest.param("DELETE FROM c WHERE oid IS 1.0 AND typeof(oid) = 'real'", 1, id="a changed row is gone"),
        pytest.param("UPDATE c SET oid = 5 WHERE _rowid_ = 'a'", 2, id="changed rows were changed again"),
        pytest.param("INSERT INTO c VALUES (1, 'a', NULL, NULL)", 2, id="there is one more like them"),
        pytest.param("INSERT INTO d VALUES ('1', 1, 1, 9)", 1, id="a deleted row is there again"),
        pytest.param("ALTER TABLE c ADD COLUMN x", 3, id="a column is new, so that alike may not be alike"),
        pytest.param("ALTER TABLE d DROP COLUMN v; ALTER TABLE d DROP COLUMN oid", 3, id="a column is gone"),
        pytest.param("CREATE UNIQUE INDEX u ON d (rowid) WHERE p = 9", 1, id="SQLite refuses one"),
    ],
)
def test_conflicts_of_rows_without_any_name(since: str, conflicts: int, tmp_path: Path) -> None:
    path = build(tmp_path / "x.db", NAMELESS)
    repair(path, "--no-backup")
    try:
        run_script(path, since)
    except sqlite3.OperationalError as error:
        pytest.skip(f"this SQLite cannot do that: {error}")
    before = contents(path)
    looked = sqlfix("undo", path, "--dry-run")
    refused = sqlfix("undo", path, "--yes", "--no-backup")
    assert (looked.code, refused.code) == (2, 2), looked.out
    assert contents(path) == before
    skipped = sqlfix("undo", path, "--yes", "--no-backup", "--skip-conflicts")
    assert skipped.code == 1
    assert "Undone:   " + str(6 - conflicts) in skipped.out
    for ran in (looked, refused):
        assert f"Conflicts: {conflicts} row" in ran.out


def test_what_a_trigger_does_to_rows_without_any_name_comes_back(tmp_path: Path) -> None:
    path = build(
        tmp_path / "x.db",
        f"{PARENT} CREATE TABLE n (rowid, _rowid_, oid, n);"
        "INSERT INTO n VALUES (1, 1, 1, 2), (1, 1, 1, 2), (2, 1, 1, 2);"
        "CREATE TABLE c (id INTEGER PRIMARY KEY, p NOT NULL REFERENCES p); INSERT INTO c VALUES (1, 1), (2, 9), (3, 9);"
        "CREATE TRIGGER t AFTER DELETE ON c BEGIN UPDATE n SET n = n - 1 WHERE rowid = 1;"
        " INSERT INTO n VALUES (old.id, 0, 0, 0); DELETE FROM n WHERE rowid = old.id AND oid = 1; END;",
    )
    before = as_values(path, "n")
    repair(path)
    after = as_values(path, "n")
    assert after != before
    run_script(path, SINCE)
    undone(path)
    assert as_values(path, "n") == before
    assert sqlfix("undo", path, records(path)[-1]["name"], "--yes", "--no-backup").code == 0
    assert as_values(path, "n") == after


# -- sequences ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "trigger", ["", "CREATE TRIGGER t AFTER DELETE ON c BEGIN INSERT INTO log (x) VALUES (1); END;"]
)
@pytest.mark.parametrize(
    "sequences",
    [
        pytest.param("DELETE FROM sqlite_sequence", id="missing"),
        pytest.param("UPDATE sqlite_sequence SET seq = 1", id="behind"),
        pytest.param("UPDATE sqlite_sequence SET seq = 'x'", id="no number"),
        pytest.param("INSERT INTO sqlite_sequence VALUES ('c', 3), (NULL, NULL)", id="twice"),
        pytest.param("SELECT 1", id="as SQLite keeps it"),
    ],
)
def test_a_sequence_is_after_an_undo_what_it_was(sequences: str, trigger: str, tmp_path: Path) -> None:
    path = build(
        tmp_path / "x.db",
        f"{PARENT} CREATE TABLE c (id INTEGER PRIMARY KEY AUTOINCREMENT, p NOT NULL REFERENCES p);"
        "CREATE TABLE log (id INTEGER PRIMARY KEY AUTOINCREMENT, x);"
        f"INSERT INTO c VALUES (1, 1), (7, 9), (9, 8); {sequences}; {trigger}",
    )
    before = exact(path)
    repair(path)
    after = exact(path)
    assert trigger or after["sqlite_sequence"] == before["sqlite_sequence"]
    run_script(path, "CREATE TABLE since (x)")
    undone(path)
    run_script(path, "DROP TABLE since")
    assert exact(path) == before
    assert sqlfix("undo", path, records(path)[-1]["name"], "--yes", "--no-backup").code == 0
    assert exact(path) == after


def test_autoincrement_in_a_comment_makes_no_sequence(tmp_path: Path) -> None:
    path = build(
        tmp_path / "x.db",
        f"{PARENT} CREATE TABLE c (id INTEGER PRIMARY KEY /* no AUTOINCREMENT */, p NOT NULL REFERENCES p, log);"
        "CREATE TABLE log ('autoincrement'); CREATE TRIGGER t AFTER DELETE ON c BEGIN INSERT INTO log VALUES (1); END;"
        "INSERT INTO c VALUES (1, 1, 0), (2, 9, 0);",
    )
    before = exact(path)
    repair(path)
    run_script(path, "CREATE TABLE since (x)")
    undone(path)
    run_script(path, "DROP TABLE since")
    assert exact(path) == before


# -- what SQLite refuses ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("since", "reason"),
    [
        pytest.param("CREATE INDEX i ON c (abs(n))", "integer overflow", id="an index that cannot be made of it"),
        pytest.param(
            "CREATE UNIQUE INDEX i ON c (n % 2) WHERE n > -5", "UNIQUE", id="a UNIQUE index over an expression"
        ),
        pytest.param("ALTER TABLE c ADD COLUMN v AS (abs(n)) NOT NULL", "integer overflow", id="a computed column"),
    ],
)
def test_a_row_that_sqlite_refuses_is_a_conflict_in_the_look_as_well(since: str, reason: str, tmp_path: Path) -> None:
    path = build(
        tmp_path / "x.db",
        f"{PARENT} CREATE TABLE c (id INTEGER PRIMARY KEY, n, p NOT NULL REFERENCES p);"
        "INSERT INTO c VALUES (1, 2, 1), (2, -9223372036854775807 - 1, 9), (3, 7, 9);",
    )
    repair(path)
    if "UNIQUE" in since:
        run_script(path, "INSERT INTO c VALUES (5, 9, 1)")
    run_script(path, since)
    looked = sqlfix("undo", path, "--dry-run")
    assert looked.code == 2, looked.out + looked.err
    assert "1 row changed again since" in looked.out and reason in looked.out
    assert sqlfix("undo", path, "--yes", "--no-backup").code == 2
    assert sqlfix("undo", path, "--yes", "--no-backup", "--skip-conflicts").code == 1
    assert len(rows(path, "SELECT id FROM c WHERE id IN (2, 3)")) == 1


# -- records that cannot be read ----------------------------------------------------------------------------------


def zeroed(path: Path) -> None:
    """Overwrite all but the first page of a file."""
    raw = path.read_bytes()
    path.write_bytes(raw[:4096] + bytes(len(raw) - 4096))


def to_nothing(path: Path) -> None:
    """Cut a file off."""
    path.write_bytes(b"")


def to_a_newer_format(path: Path) -> None:
    """Say that a newer sqlfix wrote it."""
    run_script(path, "UPDATE about SET value = '99' WHERE key = 'format'")


def to_another_table(path: Path) -> None:
    """Name another key than there is."""
    run_script(path, "UPDATE tables SET row_id = '[\"nothing\"]'")


def to_a_folder(path: Path) -> None:
    """Put a folder in its place."""
    path.unlink()
    path.mkdir()


BROKEN = [zeroed, to_nothing, to_a_newer_format, to_another_table, to_a_folder]


@pytest.mark.parametrize("stamp", ["20250101T000000Z", "20990101T000000Z"], ids=["older", "newer"])
@pytest.mark.parametrize("spoil", BROKEN, ids=lambda spoil: spoil.__name__)
def test_one_broken_record_stops_no_other(spoil: Any, stamp: str, tmp_path: Path) -> None:
    path = build(
        tmp_path / "x.db",
        f"{PARENT} CREATE TABLE c (id INTEGER PRIMARY KEY, p REFERENCES p); INSERT INTO c VALUES (1, 5);",
    )
    before = contents(path)
    repair(path)
    whole = the_record(path)
    broken = whole.with_name(f"x.db.sqlfix-{stamp}.sqlite3")
    broken.write_bytes(whole.read_bytes())
    spoil(broken)
    listed = sqlfix("history", path)
    assert (listed.code, listed.err) == (0, "")
    assert f"{stamp}  unreadable: " in listed.out
    assert "repair, 1 row" in listed.out
    as_json = sqlfix("history", path, "--format", "json").json
    assert [entry["path"] for entry in as_json["unreadable"]] == [str(broken)]
    assert len(as_json["records"]) == 1
    named = sqlfix("undo", path, stamp, "--yes")
    assert named.code == 2 and stamp in named.err and named.out == ""
    ran = sqlfix("undo", path, "--yes", "--no-backup")
    assert ran.code == 0, ran.err
    assert broken.name in ran.err and "skipped" in ran.err
    assert contents(path) == before


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root reads everything")
def test_a_record_that_may_not_be_read_stops_no_other(tmp_path: Path) -> None:
    path = build(
        tmp_path / "x.db",
        f"{PARENT} CREATE TABLE c (id INTEGER PRIMARY KEY, p REFERENCES p); INSERT INTO c VALUES (1, 5);",
    )
    repair(path)
    closed = the_record(path).with_name("x.db.sqlfix-20250101T000000Z.sqlite3")
    closed.write_bytes(b"x")
    closed.chmod(0)
    assert "unreadable" in sqlfix("history", path).out
    assert sqlfix("undo", path, "--yes", "--no-backup").code == 0


# -- records of older versions ------------------------------------------------------------------------------------


def made_old(path: Path) -> None:
    """Rewrite a record as version 1 of the format has it."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        for table, told_by in connection.execute("SELECT name, told_by FROM tables").fetchall():
            if told_by == "documents":
                connection.execute(f'DROP TABLE "rows of {table}"')
            elif told_by in ("rowid", "values"):
                connection.execute(f'ALTER TABLE "rows of {table}" DROP COLUMN alike')
        connection.execute("DELETE FROM tables WHERE told_by = 'documents'")
        connection.execute("ALTER TABLE tables DROP COLUMN told_by")
        connection.execute("UPDATE about SET value = '1' WHERE key = 'format'")
        connection.commit()


@pytest.mark.parametrize("since", [SINCE, "CREATE TABLE s (x)"])
def test_a_record_of_the_first_format_is_taken_back(since: str, tmp_path: Path) -> None:
    needs("fts5")
    if sqlite3.sqlite_version_info < (3, 35):
        pytest.skip("this SQLite cannot drop a column")
    sql = SIDE_EFFECTS[1].values[0]
    path = build(tmp_path / "x.db", AUTHORS + str(sql) + DOCS + LINKS.removeprefix(PARENT))
    before = meaning(path)
    repair(path)
    made_old(the_record(path))
    run_script(path, since)
    said = undone(path)
    assert "Index:    f was rebuilt from doc" in said
    after = meaning(path)
    for name in ("doc", "author", "c", "terms of f"):
        assert after[name] == before[name]
    assert sqlfix("undo", path, records(path)[-1]["name"], "--yes", "--no-backup").code == 0
    assert found(path) == [1, 4]


def test_a_row_of_a_record_of_the_first_format_is_not_looked_for_elsewhere(tmp_path: Path) -> None:
    path = build(tmp_path / "x.db", LINKS)
    repair(path)
    made_old(the_record(path))
    run_script(path, "VACUUM")
    before = contents(path)
    ran = sqlfix("undo", path, "--yes", "--no-backup")
    assert ran.code == 2
    assert "Conflicts:" in ran.out
    assert contents(path) == before


# -- how long it takes --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["id INTEGER PRIMARY KEY)", "id INT)", "id TEXT PRIMARY KEY) WITHOUT ROWID"])
@pytest.mark.parametrize("since", ["SELECT 1", "VACUUM"])
def test_an_undo_does_not_grow_with_the_square_of_the_rows(key: str, since: str, tmp_path: Path) -> None:
    def steps(number: int) -> int:
        path = build(
            tmp_path / f"{number}.db",
            f"{PARENT} CREATE TABLE c (p INT NOT NULL REFERENCES p, q INT REFERENCES p, {key};"
            "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < {number})"
            " INSERT INTO c (p, q, id) SELECT CASE n % 5 WHEN 0 THEN 7 ELSE 1 END,"
            " CASE n % 3 WHEN 0 THEN 7 ELSE 1 END, n FROM r;".replace("{number}", str(number)),
        )
        repair(path, "--allow-mass-delete")
        run_script(path, since)
        counted = 0

        def count() -> int:
            nonlocal counted
            counted += 1
            return 0

        record = record_module.records_beside(path)[0][0]
        with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute(f"ATTACH '{record.path}' AS {RECORD}")
            connection.set_progress_handler(count, 100)
            connection.execute("BEGIN")
            done = reverse(connection, read_schema(connection), record, skip_conflicts=False)
        assert done.rows == record.rows > number / 3
        return counted

    assert steps(4000) < 6 * steps(1000)
