"""Merging rows that are the same: the script is run, and what was true of the references before is true after it."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import build, run_script, sqlfix

from sqlfix.model.findings import SameRows
from sqlfix.plan.merge_rows import KEEP, merge_script
from sqlfix.schema.catalogue import read_schema
from tests.laws.test_properties import folder

pytestmark = pytest.mark.oracle

SCHEMA = """
    CREATE TABLE person (id INTEGER PRIMARY KEY, email TEXT COLLATE NOCASE, boss REFERENCES person (id), code UNIQUE);
    CREATE TABLE club (id INTEGER PRIMARY KEY);
    CREATE TABLE letter (id INTEGER PRIMARY KEY, to_id TEXT REFERENCES person, from_code REFERENCES person (code));
    CREATE TABLE club_person (club_id REFERENCES club, person_id REFERENCES person, UNIQUE (club_id, person_id));
    CREATE TABLE clubs_people (person_id REFERENCES person, club_id REFERENCES club);
    INSERT INTO club VALUES (1), (2);
"""
NUMBERS = st.integers(1, 7)
LINKS = st.sets(st.tuples(st.integers(1, 2), NUMBERS), max_size=8)


def merged(connection: sqlite3.Connection, keep: str) -> None:
    table = read_schema(connection).table("person")
    assert table is not None
    group = SameRows(table, ("email",), ('"email" COLLATE "NOCASE"',))
    for statement in merge_script(read_schema(connection), group, keep):
        connection.execute(statement)


def rows(connection: sqlite3.Connection, query: str) -> list[Any]:
    return connection.execute(query).fetchall()


def told(connection: sqlite3.Connection) -> dict[str, object]:
    """What the references say, with each person by what is the same: the email, or else the id."""
    who = "ifnull(lower(p.email), p.id)"
    letters = f"SELECT l.id, {who} FROM letter l LEFT JOIN person p ON p.{{}} = l.{{}}"
    links = f"SELECT t.club_id, {who} FROM {{}} t LEFT JOIN person p ON p.id = t.person_id"
    return {
        "to": rows(connection, letters.format("id", "to_id")),
        "from": rows(connection, letters.format("code", "from_code")),
        "unique links": set(rows(connection, links.format("club_person"))),
        "links": set(rows(connection, links.format("clubs_people"))),
        "people": set(rows(connection, f"SELECT {who} FROM person p")),
    }


@pytest.mark.parametrize("keep", KEEP)
@settings(max_examples=60)
@given(
    st.lists(st.sampled_from(["a", "A", "b", "c", None]), min_size=7, max_size=7),
    st.lists(st.tuples(NUMBERS, NUMBERS), max_size=6),
    LINKS,
    LINKS,
)
def test_every_reference_says_the_same_afterwards(
    keep: str,
    emails: list[str | None],
    letters: list[tuple[int, int]],
    unique: set[tuple[int, int]],
    links: set[tuple[int, int]],
) -> None:
    with contextlib.closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.executescript(SCHEMA)
        people = [(number, email, None, f"c{number}") for number, email in enumerate(emails, 1)]
        connection.executemany("INSERT INTO person VALUES (?, ?, ?, ?)", people)
        connection.executemany("INSERT INTO letter VALUES (NULL, ?, 'c' || ?)", letters)
        connection.executemany("INSERT INTO club_person VALUES (?, ?)", sorted(unique))
        connection.executemany("INSERT INTO clubs_people (club_id, person_id) VALUES (?, ?)", sorted(links))
        before = told(connection)
        counts = Counter(to for to, _ in letters) + Counter(of for _, of in letters)
        counts += Counter(person for _, person in [*unique, *links])
        merged(connection, keep)
        assert told(connection) == before
        assert rows(connection, "PRAGMA foreign_key_check") == []
        assert rows(connection, "SELECT name FROM sqlite_temp_master") == []
        assert len(rows(connection, "SELECT * FROM clubs_people")) == len(before["links"])  # type: ignore[arg-type]
        connection.execute("CREATE UNIQUE INDEX i ON person (email)")  # as the migration will
        stay = {number for (number,) in rows(connection, "SELECT id FROM person")}
    for same in ("a", "b", "c"):
        ids = [number for number, email in enumerate(emails, 1) if (email or "").lower() == same]
        if ids:
            best = {"first": min(ids), "last": max(ids), "most-referenced": min(ids, key=lambda n: (-counts[n], n))}
            assert stay & set(ids) == {best[keep]}


def test_a_tree_is_led_to_the_row_that_stays() -> None:
    with contextlib.closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.executescript(SCHEMA)
        connection.executescript("INSERT INTO person VALUES (1, 'a', NULL, 1), (2, 'A', NULL, 2), (3, 'b', 2, 3)")
        merged(connection, "first")
        assert rows(connection, "SELECT id, boss FROM person ORDER BY 1") == [(1, None), (3, 1)]


def test_a_row_that_stays_does_not_become_its_own_parent() -> None:
    with contextlib.closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.executescript(SCHEMA)
        connection.executescript(
            "INSERT INTO person VALUES (1, 'a', 2, 1), (2, 'a', 3, 2), (3, 'b', 3, 3), (4, 'b', 1, 4), (5, 'c', 4, 5)"
        )
        merged(connection, "first")
        assert rows(connection, "SELECT id, boss FROM person ORDER BY 1") == [(1, None), (3, 3), (5, 3)]


def test_what_has_to_be_unique_elsewhere_is_not_deleted(tmp_path: Path) -> None:
    """Two profiles of one person: which one is right no script can know, so nothing is changed."""
    path = build(
        tmp_path / "x.db",
        "CREATE TABLE person (id INTEGER PRIMARY KEY, email TEXT); INSERT INTO person VALUES (1, 'a'), (2, 'a');"
        "CREATE TABLE profile (id INTEGER PRIMARY KEY, person_id UNIQUE REFERENCES person, text);"
        "INSERT INTO profile VALUES (1, 1, 'x'), (2, 2, 'y');",
    )
    found = sqlfix("scan", path, "--format", "json", "--unique", "person.email").json["findings"]
    with pytest.raises(sqlite3.IntegrityError, match=r"UNIQUE constraint failed: profile\.person_id"):
        run_script(path, found[0]["facts"]["merge"])
    with contextlib.closing(sqlite3.connect(path)) as connection:
        assert rows(connection, "SELECT count(*) FROM person") == [(2,)]
        assert rows(connection, "SELECT person_id FROM profile") == [(1,), (2,)]


def test_the_script_that_a_scan_shows_mends_what_it_found(tmp_path: Path) -> None:
    path = build(
        tmp_path / "x.db",
        """
        CREATE TABLE "the ""people" (name TEXT, town TEXT);
        CREATE UNIQUE INDEX "by ""name" ON "the ""people" (upper(name), town) WHERE rowid < 2 AND town IS NOT NULL;
        INSERT INTO "the ""people" VALUES ('a', 'U'), ('A', 'U'), ('a', NULL), ('a', NULL), ('b', 'U');
        PRAGMA writable_schema = ON;
        UPDATE sqlite_schema SET sql = replace(sql, 'rowid < 2 AND ', '') WHERE type = 'index';
        PRAGMA writable_schema = RESET;
        """,
    )
    (finding,) = sqlfix("scan", path, "--format", "json").json["findings"]
    assert (finding["check"], finding["count"]) == ("duplicate-keys", 2)
    assert "facts.merge of --format json" in finding["hint"]
    run_script(path, finding["facts"]["merge"])
    assert sqlfix("scan", path).code == 0
    with contextlib.closing(sqlite3.connect(path)) as connection:
        assert rows(connection, 'SELECT rowid FROM "the ""people"') == [(1,), (3,), (4,), (5,)]
        assert rows(connection, "PRAGMA integrity_check") == [("ok",)]


def test_a_repair_that_leaves_rows_which_are_the_same_says_how_they_can_be_merged(tmp_path: Path) -> None:
    path = build(
        tmp_path / "x.db",
        """
        CREATE TABLE person (id INTEGER PRIMARY KEY, email TEXT); CREATE INDEX u ON person (email);
        INSERT INTO person VALUES (1, 'a'), (2, 'a'), (3, 'b');
        PRAGMA writable_schema = ON;
        UPDATE sqlite_schema SET sql = 'CREATE UNIQUE INDEX u ON person (email)' WHERE name = 'u';
        PRAGMA writable_schema = RESET;
        """,
    )
    (finding,) = sqlfix("scan", path, "--format", "json").json["findings"]
    (left,) = sqlfix("repair", "--dry-run", "--format", "json", path).json["left"]
    assert "sqlfix repair with --merge person.email merges them" in left["hint"]
    assert left["hint"] == finding["hint"]


def test_there_is_no_script_for_the_index_of_a_constraint_or_without_rowid(tmp_path: Path) -> None:
    path = build(
        tmp_path / "x.db",
        "CREATE TABLE k (a, b, PRIMARY KEY (a)) WITHOUT ROWID; INSERT INTO k VALUES (1, 5), (2, 5);",
    )
    (finding,) = sqlfix("scan", path, "--format", "json", "--unique", "k.b").json["findings"]
    assert finding["facts"]["merge"] is None
    assert "facts.merge" not in finding["hint"]


PEOPLE = """
CREATE TABLE person (id INTEGER PRIMARY KEY, email TEXT COLLATE NOCASE, name TEXT);
INSERT INTO person VALUES (1, 'ann@x', 'Ann'), (2, 'ANN@x', 'A.'), (3, 'bo@x', 'Bo'), (4, NULL, 'x'), (5, NULL, 'y');
CREATE TABLE pet (id INTEGER PRIMARY KEY, owner INTEGER REFERENCES person (id));
INSERT INTO pet VALUES (1, 1), (2, 2), (3, 2), (4, 3);
"""


@pytest.mark.parametrize(
    ("keep", "people", "owners"),
    [
        ("first", [1, 3, 4, 5], [1, 1, 1, 3]),
        ("last", [2, 3, 4, 5], [2, 2, 2, 3]),
        ("most-referenced", [2, 3, 4, 5], [2, 2, 2, 3]),
    ],
)
def test_export_sql_writes_the_script(tmp_path: Path, keep: str, people: list[int], owners: list[int]) -> None:
    path = build(tmp_path / "x.db", PEOPLE)
    ran = sqlfix("export-sql", "--merge", "Person.EMAIL", "--keep", keep, path)
    assert ran.code == 0
    assert "--   person: 1 of 5 rows deleted" in ran.out
    run_script(path, ran.out)
    with contextlib.closing(sqlite3.connect(path)) as connection:
        assert rows(connection, "SELECT id FROM person") == [(one,) for one in people]
        assert rows(connection, "SELECT owner FROM pet ORDER BY id") == [(one,) for one in owners]
    again = sqlfix("export-sql", "--merge", "person.email", path).out
    assert "-- There is nothing to do." in again
    assert ";" not in "".join(line for line in again.splitlines() if not line.startswith("--"))
    assert sqlfix("scan", "--unique", "person.email", path).code == 0


def test_the_hint_of_a_scan_names_the_command(tmp_path: Path) -> None:
    path = build(tmp_path / "x.db", PEOPLE)
    (finding,) = (
        f for f in sqlfix("scan", "--unique", "person.email", path, "--format", "json").json["findings"]
        if f["check"] == "duplicate-keys"
    )  # fmt: skip
    assert "sqlfix repair with --merge person.email merges them" in finding["hint"]


@pytest.mark.parametrize(
    ("text", "said"),
    [("person.nothing", "there are no such columns"), ("nothing", "there are no such columns"), ("u.a", "declaration"),
     ("w.b", "rowid")],
)  # fmt: skip
def test_what_cannot_be_merged_is_refused(tmp_path: Path, text: str, said: str) -> None:
    more = "CREATE TABLE u (a UNIQUE); CREATE TABLE w (a PRIMARY KEY, b) WITHOUT ROWID; INSERT INTO w VALUES (1, 2);"
    ran = sqlfix("export-sql", "--merge", text, build(tmp_path / "x.db", PEOPLE + more))
    assert ran.code == 2
    assert said in ran.err
    assert ran.out == ""


@pytest.mark.parametrize("option", ["--allow-mass-delete", "--select=t", "--set=t.a=keep"])
def test_options_of_a_repair_do_not_go_with_it(tmp_path: Path, option: str) -> None:
    path = build(tmp_path / "x.db", "CREATE TABLE t(id INTEGER PRIMARY KEY, a); INSERT INTO t VALUES (1, 1), (2, 1);")
    for command in ("export-sql", "repair"):
        ran = sqlfix(command, "--merge", "t.a", option, path)
        assert (ran.code, ran.out) == (2, "")
        assert f"{option.partition('=')[0]} is for other repairs" in ran.err
        assert sqlfix(command, "--keep", "first", path).code == 2


def contents(path: Path) -> dict[str, list[Any]]:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        tables = [name for (name,) in rows(connection, "SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: rows(connection, f"SELECT *, rowid FROM {name} ORDER BY rowid") for name in tables}


@settings(max_examples=25)
@given(
    st.lists(st.sampled_from(["a", "A", "b", None]), min_size=7, max_size=7),
    st.lists(st.tuples(NUMBERS, NUMBERS), max_size=6),
    LINKS,
    LINKS,
    st.sampled_from(KEEP),
)
def test_a_repair_does_what_the_script_does_and_can_be_undone(
    emails: list[str | None],
    letters: list[tuple[int, int]],
    unique: set[tuple[int, int]],
    links: set[tuple[int, int]],
    keep: str,
) -> None:
    with folder() as place:
        path, other = place / "x.db", place / "other.db"
        with contextlib.closing(sqlite3.connect(path)) as connection:
            connection.executescript(SCHEMA)
            people = [(number, email, 8 - number, f"c{number}") for number, email in enumerate(emails, 1)]
            connection.executemany("INSERT INTO person VALUES (?, ?, ?, ?)", people)
            connection.executemany("INSERT INTO letter VALUES (NULL, ?, 'c' || ?)", letters)
            connection.executemany("INSERT INTO club_person VALUES (?, ?)", sorted(unique))
            connection.executemany("INSERT INTO clubs_people (club_id, person_id) VALUES (?, ?)", sorted(links))
            connection.commit()
        shutil.copy(path, other)
        before = contents(path)
        script = sqlfix("export-sql", "--merge", "person.email", "--keep", keep, other)
        run_script(other, script.out)
        ran = sqlfix("repair", "--merge", "person.email", "--keep", keep, "--yes", "--no-backup", "--format=json", path)
        assert (script.code, ran.code) == (0, 0), ran.err
        after = contents(path)
        assert after == contents(other)
        changed = [total["changed"] for total in ran.json["totals"] if total["table"] == "letter"]
        different = len(set(before["letter"]) - set(after["letter"]))
        assert sum(changed) == different, "a letter counts once, also where both of its ends are led"
        assert sqlfix("scan", "--unique", "person.email", "--select", "duplicate-keys", path).code == 0
        again = sqlfix("repair", "--merge", "person.email", "--yes", "--no-backup", path)
        assert (again.code, contents(path)) == (0, after)
        assert "nothing to repair" in again.out
        if before != after:
            assert sqlfix("undo", "--yes", path).code == 0
        assert contents(path) == before


def test_an_index_that_does_not_know_all_rows_is_made_anew_and_taken_back_with_the_backup(tmp_path: Path) -> None:
    path = build(
        tmp_path / "x.db",
        PEOPLE
        + "CREATE INDEX other ON person (name); CREATE UNIQUE INDEX mail ON person (email) WHERE id < 2;"
        + "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, ' WHERE id < 2', '');"
        + "PRAGMA writable_schema = RESET;",
    )
    before = path.read_bytes()
    refused = sqlfix("repair", "--merge", "person.email", "--yes", "--no-backup", path)
    assert (refused.code, path.read_bytes()) == (2, before)
    assert "without a backup it could not be undone" in refused.err
    ran = sqlfix("repair", "--merge", "person.email", "--yes", path)
    assert ran.code == 0, ran.err
    with contextlib.closing(sqlite3.connect(path)) as connection:
        assert rows(connection, "PRAGMA integrity_check") == [("ok",)]
        assert rows(connection, "SELECT count(*) FROM person INDEXED BY mail WHERE email > ''") == [(2,)]
        assert rows(connection, "SELECT owner FROM pet ORDER BY id") == [(2,), (2,), (2,), (3,)]
    assert sqlfix("undo", "--yes", path).code == 0
    assert path.read_bytes()[100:] == before[100:], "but for the header, which counts changes"


def test_a_reference_that_the_row_which_stays_cannot_take_is_not_lost(tmp_path: Path) -> None:
    """The row that stays has no code, by which the other one is referred to."""
    sql = """
        CREATE TABLE person (id INTEGER PRIMARY KEY, email TEXT, code UNIQUE);
        CREATE TABLE letter (id INTEGER PRIMARY KEY, code REFERENCES person (code));
        INSERT INTO person VALUES (1, 'a', NULL), (2, 'a', 'x');
        INSERT INTO letter VALUES (1, 'x');
    """
    path = build(tmp_path / "x.db", sql)
    before = contents(path)
    ran = sqlfix("repair", "--merge", "person.email", "--keep", "first", "--yes", path)
    assert ran.code == 2
    assert "letter would have rows without a parent" in ran.err
    found = sqlfix("scan", path, "--format", "json", "--unique", "person.email").json["findings"]
    assert "CHECK constraint" not in ran.err
    assert contents(path) == before
    assert sqlfix("repair", "--merge", "person.email", "--yes", path).code == 0, "the other one can stay"
    assert contents(path)["letter"] == [(1, "x", 1)]
    assert found


def test_what_has_to_be_unique_elsewhere_stops_the_repair(tmp_path: Path) -> None:
    sql = PEOPLE + "CREATE TABLE profile (person_id UNIQUE REFERENCES person); INSERT INTO profile VALUES (1), (2);"
    path = build(tmp_path / "x.db", sql)
    before = path.read_bytes()
    ran = sqlfix("repair", "--merge", "person.email", "--yes", path)
    assert (ran.code, path.read_bytes()) == (2, before)
    assert "UNIQUE constraint failed: profile.person_id" in ran.err
    assert list(tmp_path.iterdir()) == [path]


def test_a_merge_is_shown_before_it_is_done(tmp_path: Path) -> None:
    path = build(tmp_path / "x.db", PEOPLE)
    ran = sqlfix("repair", "--merge", "person.email", "--dry-run", "--format", "json", path)
    assert ran.code == 0
    fixes = [(fix["name"], fix["table"], fix["rows"]) for fix in ran.json["fixes"]]
    assert fixes == [("update", "pet", 1), ("delete-rows", "person", 1)]


@pytest.mark.usefixtures("soon")
def test_a_computed_column_that_takes_too_long_is_cut_off(tmp_path: Path) -> None:
    path = build(
        tmp_path / "x.db",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, x INTEGER);"
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200)"
        " INSERT INTO t (id, x) SELECT i, i % 5 FROM n;"  # an INSERT computes a column that is there, for minutes
        "ALTER TABLE t ADD COLUMN g AS (length(replace(hex(zeroblob(5000 + x)), '0', hex(zeroblob(1000)))));",
    )
    ran = sqlfix("repair", "--merge", "t.g", "--yes", "--timeout", "0", path)
    assert ran.code == 2
    assert "longer than --timeout allows" in ran.err


@pytest.mark.usefixtures("soon")
def test_a_computed_key_of_another_table_is_cut_off_too(tmp_path: Path) -> None:
    path = build(
        tmp_path / "x.db",
        PEOPLE + "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c (id INTEGER PRIMARY KEY, x INTEGER);"
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200)"
        " INSERT INTO c SELECT i, i % 5 FROM n;"
        "ALTER TABLE c ADD COLUMN g AS (length(replace(hex(zeroblob(5000 + x)), '0', hex(zeroblob(1000)))))"
        " REFERENCES p;",
    )
    before, started = path.read_bytes(), time.monotonic()
    ran = sqlfix("repair", "--merge", "person.email", "--yes", "--timeout", "0", path)
    assert (ran.code, path.read_bytes()) == (2, before)
    assert "longer than --timeout allows" in ran.err
    assert time.monotonic() - started < 60


@pytest.mark.parametrize(
    ("key", "code"),
    [pytest.param("name", 2, id="by another column"), pytest.param("email", 0, id="by the column that is the same")],
)
def test_rows_that_a_key_which_sqlite_cannot_use_refers_to(tmp_path: Path, key: str, code: int) -> None:
    """Nobody can tell what would become of such references, unless the row that stays has the same value."""
    more = f"CREATE TABLE note (id INTEGER PRIMARY KEY, who TEXT REFERENCES person ({key}));"
    more += f"INSERT INTO note SELECT id, {key} FROM person WHERE id < 3;"
    path = build(tmp_path / "x.db", PEOPLE + more)
    before = contents(path)["note"]
    ran = sqlfix("repair", "--merge", "person.email", "--yes", path)
    assert ran.code == code
    if code:
        assert "note.who references them, and SQLite cannot use that foreign key" in ran.err
    assert contents(path)["note"] == before
    assert len(contents(path)["person"]) == (5 if code else 4)
