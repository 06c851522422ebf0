"""Which row is which: told by the primary key's own index, never by how a column compares; nothing else is touched."""

from __future__ import annotations

import contextlib
import itertools
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from support import build, contents, run_script, sqlfix

from sqlfix.schema import read_schema

COLLATIONS = ("BINARY", "NOCASE", "RTRIM")
SPELLINGS = ("a", "A", "a ", "A ")
PAIRS = [pytest.param(own, key, id=f"column {own}, key {key}") for own, key in itertools.product(COLLATIONS, repeat=2)]


def tree(own: str, key: str, more: str = "") -> str:
    """A tree in a WITHOUT ROWID table, with as many spellings of one key as its primary key tells apart.

    The first of them is beneath ``top``, the others beneath ``root``.
    """
    rows = "".join(
        f"INSERT OR IGNORE INTO n VALUES ('{k}', 7, '{'top' if place == 0 else 'root'}', 7, 'v{place}');"
        for place, k in enumerate(SPELLINGS)
    )
    return f"""
        CREATE TABLE n (k TEXT COLLATE {own}, m INT, up TEXT COLLATE BINARY, um INT, v, PRIMARY KEY
            (m DESC, k COLLATE {key}), FOREIGN KEY (um, up) REFERENCES n ON DELETE CASCADE) WITHOUT ROWID;
        INSERT INTO n VALUES ('root', 7, NULL, NULL, 'r'), ('top', 7, NULL, NULL, 't');
        {rows}{more}
    """


def rows(path: Path, query: str = "SELECT v FROM n ORDER BY v") -> list[Any]:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        return [row[0] for row in connection.execute(query)]


def as_sqlite_deletes(path: Path, statement: str) -> dict[str, Any]:
    """What a file holds after a delete with foreign keys enforced."""
    copy = path.with_name("copy.db")
    copy.write_bytes(path.read_bytes())
    with contextlib.closing(sqlite3.connect(copy)) as connection:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute(statement)
        connection.commit()
    return contents(copy)


@pytest.mark.parametrize(("own", "key"), PAIRS)
def test_why_deletes_what_sqlite_would(tmp_path: Path, own: str, key: str) -> None:
    path = build(tmp_path / "x.db", tree(own, key))
    expected = as_sqlite_deletes(path, "DELETE FROM n WHERE k = 'top'")
    script = sqlfix("why", path, "n", "k=top,m=7", "--sql")
    copy = path.with_name("script.db")
    copy.write_bytes(path.read_bytes())
    ran = sqlfix("why", path, "n", "k=top,m=7", "--delete", "--yes")
    assert ran.code == 0, ran.err
    assert contents(path) == expected
    if script.code == 0:
        run_script(copy, script.out)
        assert contents(copy) == expected


@pytest.mark.parametrize(("own", "key"), PAIRS)
def test_a_repair_takes_what_is_beneath_an_orphan_and_an_undo_brings_just_that_back(
    tmp_path: Path, own: str, key: str
) -> None:
    path = build(tmp_path / "x.db", tree(own, key, "DELETE FROM n WHERE v = 't';"))
    first = rows(path, "SELECT v FROM n WHERE up = 'top'")
    before, whole = rows(path), contents(path)
    assert first == ["v0"]
    script = sqlfix("export-sql", path, "--on-orphan", "delete").out
    copy = path.with_name("copy.db")
    copy.write_bytes(path.read_bytes())
    run_script(copy, script)
    ran = sqlfix("repair", path, "--yes", "--on-orphan", "delete")
    assert ran.code == 0, ran.err
    assert rows(path) == rows(copy) == [v for v in before if v != "v0"]
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE since (x)")
    assert sqlfix("undo", path, "--yes").code == 0
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("DROP TABLE since")
    assert contents(path) == whole


@pytest.mark.parametrize("watched", [True, False], ids=["by our own triggers", "by comparing, beside the file's own"])
@pytest.mark.parametrize(("own", "key"), PAIRS)
def test_an_undo_changes_only_the_row_that_the_repair_changed(
    tmp_path: Path, own: str, key: str, watched: bool
) -> None:
    trigger = "CREATE TRIGGER log AFTER UPDATE ON n BEGIN SELECT 1; END;"
    path = build(
        tmp_path / "x.db",
        f"""
        CREATE TABLE p (id INTEGER PRIMARY KEY);
        CREATE TABLE n (k TEXT COLLATE {own}, up INT REFERENCES p, v, PRIMARY KEY (k COLLATE {key})) WITHOUT ROWID;
        INSERT INTO p VALUES (1);
        {"".join(f"INSERT OR IGNORE INTO n VALUES ('{k}', {99 if k == 'a' else 1}, 'v{k}');" for k in SPELLINGS)}
        {"" if watched else trigger}
        """,
    )
    whole = contents(path)
    assert sqlfix("repair", path, "--yes").code == 0
    assert rows(path, "SELECT v FROM n WHERE up IS NULL") == ["va"]
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE since (x)")
    ran = sqlfix("undo", path, "--yes")
    assert (ran.code, "1 row" in ran.out) == (0, True), ran.err
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("DROP TABLE since")
    assert contents(path) == whole


def test_a_key_that_holds_one_column_in_two_collations() -> None:
    """The coarser of the two says nothing that the finer does not; SQLite keeps both."""
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("CREATE TABLE n (k TEXT, v, PRIMARY KEY (k COLLATE NOCASE, k COLLATE BINARY)) WITHOUT ROWID")
        connection.execute("INSERT INTO n VALUES ('a', 1), ('A', 2)")
        table = read_schema(connection).table("n")
    assert table is not None
    assert (table.row_id, table.row_collations, table.primary_key) == (("k", "k"), ("NOCASE", None), ("k",))


def test_rows_under_a_key_in_two_collations_are_repaired_and_brought_back(tmp_path: Path) -> None:
    path = build(
        tmp_path / "x.db",
        """
        CREATE TABLE n (k TEXT COLLATE RTRIM, up, v, PRIMARY KEY (k COLLATE NOCASE, k COLLATE BINARY),
            FOREIGN KEY (up) REFERENCES p ON DELETE CASCADE) WITHOUT ROWID;
        CREATE TABLE p (id INTEGER PRIMARY KEY);
        INSERT INTO p VALUES (1);
        INSERT INTO n VALUES ('a', 9, 'orphan'), ('A', 1, 'sound'), ('a ', 1, 'sound');
        CREATE TRIGGER log AFTER DELETE ON n BEGIN SELECT 1; END;
        """,
    )
    whole = contents(path)
    assert sqlfix("repair", path, "--yes", "--on-orphan", "delete").code == 0
    assert rows(path) == ["sound", "sound"]
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE since (x)")
    assert sqlfix("undo", path, "--yes").code == 0
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("DROP TABLE since")
    assert contents(path) == whole


def test_a_record_whose_key_tells_rows_apart_no_longer_is_a_conflict(tmp_path: Path) -> None:
    """The table was written anew since, and what was its key is an ordinary column now."""
    path = build(
        tmp_path / "x.db",
        """
        CREATE TABLE p (id INTEGER PRIMARY KEY);
        CREATE TABLE n (k TEXT, up INT REFERENCES p, PRIMARY KEY (k)) WITHOUT ROWID;
        INSERT INTO n VALUES ('a', 9);
        INSERT INTO p VALUES (1);
        """,
    )
    assert sqlfix("repair", path, "--yes", "--allow-mass-delete").code == 0
    build(path, "DROP TABLE n; CREATE TABLE n (k TEXT, up INT); INSERT INTO n VALUES ('a', NULL), ('a', NULL)")
    after = contents(path)
    ran = sqlfix("undo", path, "--yes")
    assert (ran.code, contents(path)) == (2, after)
    assert "has other columns now" in ran.out


# -- the keys of two tables ---------------------------------------------------------------------------------------

LINKS = """
    CREATE TABLE person (id INTEGER PRIMARY KEY, email TEXT);
    CREATE TABLE tag (name TEXT COLLATE {parent} PRIMARY KEY);
    CREATE TABLE person_tag (person_id INT REFERENCES person, tag TEXT COLLATE {child} REFERENCES tag);
    INSERT INTO person VALUES (1, 'x'), (2, 'x');
    INSERT OR IGNORE INTO tag VALUES ('a'), ('A');
    INSERT INTO person_tag VALUES (1, 'a'), (2, 'A');
"""


@pytest.mark.parametrize(
    ("parent", "child", "left"),
    [
        pytest.param("BINARY", "NOCASE", ["A", "a"], id="two tags, one to the column"),
        pytest.param("NOCASE", "BINARY", ["a"], id="one tag, two to the column"),
        pytest.param("BINARY", "BINARY", ["A", "a"], id="two tags"),
        pytest.param("NOCASE", "NOCASE", ["a"], id="one tag"),
    ],
)
def test_links_are_the_same_where_they_lead_to_the_same_row(
    tmp_path: Path, parent: str, child: str, left: list[str]
) -> None:
    path = build(tmp_path / "x.db", LINKS.format(parent=parent, child=child))
    ran = sqlfix("repair", path, "--yes", "--merge", "person.email", "--keep", "first")
    assert ran.code == 0, ran.err
    assert rows(path, "SELECT tag FROM person_tag ORDER BY tag COLLATE BINARY") == left
    assert rows(path, "SELECT DISTINCT person_id FROM person_tag") == [1]


@pytest.mark.parametrize(
    ("parent", "child", "index", "found"),
    [
        pytest.param("BINARY", "NOCASE", "", 0, id="two tags, one to the column"),
        pytest.param("NOCASE", "BINARY", "", 1, id="one tag, two to the column"),
        pytest.param("NOCASE", "BINARY", "person_id, tag", 1, id="an index that takes them for two"),
        pytest.param("NOCASE", "BINARY", "person_id, tag COLLATE NOCASE", 0, id="an index that forbids them"),
    ],
)
def test_duplicate_links_are_told_by_the_parents_key(
    tmp_path: Path, parent: str, child: str, index: str, found: int
) -> None:
    sql = LINKS.format(parent=parent, child=child) + "UPDATE person_tag SET person_id = 1 WHERE tag = 'a';"
    if index:
        sql = sql.replace("INSERT INTO person_tag", f"CREATE UNIQUE INDEX u ON person_tag ({index});"
                          " INSERT OR IGNORE INTO person_tag")  # fmt: skip
    path = build(tmp_path / "x.db", sql + "UPDATE OR IGNORE person_tag SET person_id = 1;")
    report = sqlfix("scan", path, "--format", "json").json
    links = [f for f in report["findings"] if f["check"] == "duplicate-links"]
    assert sum(f["count"] for f in links) == found
    for finding in links:  # the hint does what it says
        statement = finding["hint"].partition(": ")[2].partition(";")[0]
        build(path, statement)
        assert rows(path, "SELECT count(*) FROM person_tag") == [1]
