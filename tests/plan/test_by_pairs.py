"""Links that come back pair by pair: the name of a parent in place of its key, and keys that a mapping says."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import build, sqlfix

USERS = "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, email TEXT);"
POSTS = "CREATE TABLE posts (id INTEGER PRIMARY KEY, user_id INTEGER NOT NULL REFERENCES users (id));"
THREE = "INSERT INTO users VALUES (1, 'ann', 'a'), (2, 'bob', 'b'), (3, 'cy', 'c');"


def keys(path: Path, query: str = "SELECT user_id FROM posts ORDER BY id") -> list[Any]:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        return [row[0] if len(row) == 1 else row for row in connection.execute(query)]


def repaired(path: Path, *options: object) -> list[Any]:
    """The keys after a repair, which its script makes as well, and which undo takes back."""
    before = keys(path)
    script = sqlfix("export-sql", path, *options)
    copy = path.with_name("by_script.db")
    copy.write_bytes(path.read_bytes())
    ran = sqlfix("repair", "--yes", path, *options)
    assert ran.code in (0, 1) and script.code == ran.code, (ran, script.err)
    after = keys(path)
    with contextlib.closing(sqlite3.connect(copy)) as connection:
        connection.executescript(script.out)
        connection.executescript(script.out)
    assert keys(copy) == after
    if "Record:" in ran.out:
        assert sqlfix("undo", "--yes", path).code == 0
        assert keys(path) == before
    return after


NAMED = [
    ("names", f"{USERS}{POSTS}{THREE} INSERT INTO posts VALUES (1, 'bob'), (2, 'ann'), (3, 2)", [2, 1, 2]),
    (
        "a stray one beside them",
        f"{USERS}{POSTS}{THREE} INSERT INTO posts VALUES (1, 'bob'), (2, 'ann'), (3, 9)",
        [2, 1],
    ),
    ("most are none", f"{USERS}{POSTS}{THREE} INSERT INTO posts VALUES (1, 'bob'), (2, 'x'), (3, 'y')", []),
    ("letter case counts", f"{USERS}{POSTS}{THREE} INSERT INTO posts VALUES (1, 'Bob'), (2, 'ANN')", []),
    ("not unique", f"{USERS.replace(' UNIQUE', '')}{POSTS}{THREE} INSERT INTO posts VALUES (1, 'bob')", []),
    ("may be NULL", f"{USERS.replace(' NOT NULL', '')}{POSTS}{THREE} INSERT INTO posts VALUES (1, 'bob')", []),
    (
        "a number is no name",
        f"{USERS.replace('name TEXT', 'name INTEGER')}{POSTS}"
        "INSERT INTO users VALUES (1, 70, ''), (2, 80, ''); INSERT INTO posts VALUES (1, 70), (2, 80), (3, 80)",
        [],
    ),
    (
        "two columns say different things",
        f"{USERS.replace('email TEXT', 'email TEXT NOT NULL UNIQUE')}{POSTS}"
        "INSERT INTO users VALUES (1, 'x', 'y'), (2, 'y', 'x'); INSERT INTO posts VALUES (1, 'x'), (2, 'y')",
        [],
    ),
    (
        "a name that stands for none",
        f"{USERS}{POSTS} INSERT INTO users VALUES (1, 'N/A', ''), (2, 'b', ''); INSERT INTO posts VALUES (1, 'N/A')",
        ["N/A"],
    ),
]


@pytest.mark.parametrize("sql, expected", [pytest.param(sql, after, id=name) for name, sql, after in NAMED])
def test_the_name_of_a_parent(tmp_path: Path, sql: str, expected: list[Any]) -> None:
    path = build(tmp_path / "x.db", sql)
    named = "hold the name of a parent" in " ".join(sqlfix("scan", path).out.split())
    assert named == (bool(expected) and expected != ["N/A"])
    assert repaired(path) == expected


def test_a_name_that_is_nearly_the_key_of_another_parent_is_left(tmp_path: Path) -> None:
    more = """INSERT INTO users VALUES (7, 'gus', ''), (8, '"7"', '');
    INSERT INTO posts VALUES (1, 'bob'), (2, '"7"'), (3, 'cy')"""
    path = build(tmp_path / "x.db", f"{USERS}{POSTS}{THREE}{more}")
    assert "is the name of one parent" in " ".join(sqlfix("repair", "--dry-run", path).out.split())
    assert repaired(path) == [2, '"7"', 3]


@pytest.mark.parametrize("names", [2, 3])
def test_text_keys_need_several_names(tmp_path: Path, names: int) -> None:
    sql = "CREATE TABLE land (code TEXT PRIMARY KEY, short TEXT NOT NULL UNIQUE); INSERT INTO land VALUES"
    sql += " ('DEU', 'DE'), ('FRA', 'FR'), ('ITA', 'IT');"
    sql += " CREATE TABLE posts (id INTEGER PRIMARY KEY, user_id TEXT NOT NULL REFERENCES land);"
    sql += "".join(f"INSERT INTO posts (user_id) VALUES ('{code}');" for code in ("DE", "FR", "IT")[:names])
    assert repaired(build(tmp_path / "x.db", sql)) == (["DEU", "FRA", "ITA"] if names == 3 else [])


LINKS = f"""{USERS}{THREE} CREATE TABLE tag (id INTEGER PRIMARY KEY); INSERT INTO tag VALUES (1), (2);
CREATE TABLE posts (id INTEGER PRIMARY KEY, user_id REFERENCES users (id), tag_id REFERENCES tag,
  UNIQUE (user_id, tag_id));
INSERT INTO posts VALUES (1, 'ann', 1), (2, 1, 1), (3, 'bob', 2)"""


def test_links_that_become_the_same_are_one(tmp_path: Path) -> None:
    assert repaired(build(tmp_path / "x.db", LINKS)) == [1, 2]


def test_rows_that_carry_data_and_would_collide_are_left(tmp_path: Path) -> None:
    path = build(
        tmp_path / "x.db",
        LINKS.replace("UNIQUE (user_id", "at TEXT, UNIQUE (user_id")
        .replace(", 1)", ", 1, 'x')")
        .replace(", 2)", ", 2, 'y')", 2)
        .replace("(1), (2, 'y')", "(1), (2)"),
    )
    assert sorted(map(str, repaired(path))) == ["1", "2", "ann"]


def test_a_fix_of_something_else_may_stay(tmp_path: Path) -> None:
    path = build(tmp_path / "x.db", f"{USERS}{POSTS}{THREE} INSERT INTO posts VALUES (1, 'bob'), (2, 'ann'), (3, 9)")
    assert repaired(path, "--only", "lossless") == [2, 1, 9]
    assert repaired(path, "--set", "posts.user_id=keep") == ["bob", "ann", 9]
    assert repaired(path, "--ignore", "posts") == ["bob", "ann", 9]


# -- a mapping ------------------------------------------------------------------------------------------------------

RE_KEYED = f"{USERS}{POSTS}{THREE} INSERT INTO posts VALUES (1, 11), (2, 12), (3, 12), (4, 3), (5, 99)"


def mapping(path: Path, text: str | bytes) -> str:
    file = path.with_name("map.csv")
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return f"posts.user_id={file}"


@pytest.mark.parametrize(
    "text",
    ["old,new\n11,1\n12,2\n", "\ufeffnew,old\r\n1,11\r\n2,12\r\n", 'old_user_id,new_user_id\n"11","1"\n12,2\n\n'],
)
def test_orphans_get_the_keys_that_a_mapping_says(tmp_path: Path, text: str) -> None:
    path = build(tmp_path / "x.db", RE_KEYED)
    assert repaired(path, "--map", mapping(path, text), "--set", "posts.user_id=keep") == [1, 2, 2, 3, 99]
    assert repaired(path, "--map", mapping(path, text)) == [1, 2, 2, 3]


def test_a_key_that_has_its_parent_is_not_changed(tmp_path: Path) -> None:
    path = build(tmp_path / "x.db", RE_KEYED)
    assert repaired(path, "--map", mapping(path, "old,new\n3,1\n11,2\n")) == [2, 3]


@pytest.mark.parametrize(
    "text, said",
    [
        ("old,new\n11,1\n12,5\n", "line 3: there is no 5 in users (id)"),
        ("old,new\n11,1,2\n", "line 2 has 3 values"),
        ("old,new\n11,\n", "line 2 has an empty value"),
        ("old,new\n11,1\n11,2\n", "lines 2 and 3 give 11 different new keys"),
        ("from,to\n11,1\n", "its first line does not say"),
        ("", "its first line does not say"),
        ('old,new\n"11,1\n', "line 2 is no CSV"),
        (b"old,new\n11,\xff\n", "line 2 is not UTF-8"),
        ("old_x,new_x\n11,1\n", "its columns are not those of the key"),
    ],
)
def test_a_mapping_that_cannot_be_followed_is_refused(tmp_path: Path, text: str | bytes, said: str) -> None:
    path = build(tmp_path / "x.db", RE_KEYED)
    ran = sqlfix("repair", "--yes", path, "--map", mapping(path, text))
    assert ran.code == 2 and said in ran.err and ran.err.startswith("error: ")
    assert keys(path) == [11, 12, 12, 3, 99]


@pytest.mark.parametrize("option", ["posts.user_id", "posts.user_id=nowhere.csv", "posts.id={}", "posts.x={}", "=x"])
def test_a_mapping_of_nothing_is_refused(tmp_path: Path, option: str) -> None:
    path = build(tmp_path / "x.db", RE_KEYED)
    file = mapping(path, "old,new\n11,1\n").partition("=")[2]
    ran = sqlfix("repair", "--yes", path, "--map", option.format(file))
    assert ran.code == 2 and ran.err.startswith("error: --map") and "Traceback" not in ran.err


@pytest.mark.parametrize("less", ["--ignore=posts", "--select=users"])
def test_a_mapping_of_what_is_left_out_is_refused(tmp_path: Path, less: str) -> None:
    path = build(tmp_path / "x.db", RE_KEYED)
    ran = sqlfix("repair", "--dry-run", less, path, "--map", mapping(path, "old,new\n11,2\n"))
    assert (ran.code, "--select and --ignore leave it out" in ran.err) == (2, True)


@pytest.mark.parametrize("less", ["--only=lossless", "--only=declared"])
def test_a_mapping_does_nothing_beyond_what_is_selected(tmp_path: Path, less: str) -> None:
    path = build(tmp_path / "x.db", RE_KEYED)
    plan = sqlfix("repair", "--dry-run", "--format=json", less, path, "--map", mapping(path, "old,new\n11,2\n")).json
    assert not [fix for fix in plan["fixes"] if fix["name"] == "update"]


def test_an_orphan_that_a_trigger_keeps_from_its_new_key_is_not_deleted(tmp_path: Path) -> None:
    path = build(
        tmp_path / "x.db",
        f"{RE_KEYED}; CREATE TRIGGER t BEFORE UPDATE ON posts BEGIN SELECT RAISE(IGNORE) WHERE NEW.id = 1; END;",
    )
    plan = sqlfix("repair", "--dry-run", "--format=json", path, "--map", mapping(path, "old,new\n11,2\n12,1\n")).json
    assert not plan["fixes"]
    reasons = {left["reason"] for left in plan["left"] if left["check"] == "orphan-rows"}
    assert reasons == {"update failed: a trigger keeps 1 row as it is"}


def test_a_composite_key_is_mapped_as_a_whole(tmp_path: Path) -> None:
    sql = """CREATE TABLE users (a INTEGER, b TEXT, PRIMARY KEY (a, b)); INSERT INTO users VALUES (1, 'x'), (2, 'y');
    CREATE TABLE posts (id INTEGER PRIMARY KEY, a INTEGER, b TEXT, user_id AS (a || b),
      FOREIGN KEY (a, b) REFERENCES users);
    INSERT INTO posts (a, b) VALUES (7, 'x'), (7, 'y'), (1, 'x')"""
    path = build(tmp_path / "x.db", sql)
    option = mapping(path, "old_b,old_a,new_a,new_b\nx,7,1,x\ny,7,2,y\n").replace("user_id", "a,b")
    assert repaired(path, "--map", option) == ["1x", "2y", "1x"]


# -- the law ----------------------------------------------------------------------------------------------------------

VALUES = st.sampled_from([1, 2, 3, "1", "01", "ann", "Ann", "bob ", "bob", "2", "", "none", b"ann", 2.0])


@given(
    parents=st.lists(st.tuples(st.sampled_from([1, 2, "x", "3"]), st.sampled_from(["ann", "bob", "1", "02", "Ann"]))),
    children=st.lists(VALUES, max_size=6),
    affinity=st.sampled_from(["INT", "TEXT", "", "REAL"]),
)
def test_no_orphan_gets_another_parent_than_the_one_it_names(
    tmp_path_factory: pytest.TempPathFactory, parents: list[tuple[Any, str]], children: list[Any], affinity: str
) -> None:
    path = tmp_path_factory.mktemp("law") / "x.db"
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(
            f"CREATE TABLE users (id {affinity or 'BLOB'} PRIMARY KEY NOT NULL, name TEXT NOT NULL UNIQUE)"
        )
        connection.execute(f"CREATE TABLE posts (id INTEGER PRIMARY KEY, user_id {affinity} REFERENCES users)")
        connection.executemany("INSERT OR IGNORE INTO users VALUES (?, ?)", parents)
        connection.executemany("INSERT INTO posts (user_id) VALUES (?)", [(child,) for child in children])
        orphans = {row[1] for row in connection.execute("PRAGMA foreign_key_check")}
        names = dict(connection.execute("SELECT CAST(name AS BLOB), id FROM users"))
        before = dict(connection.execute("SELECT id, user_id FROM posts"))
    ran = sqlfix("repair", "--yes", "--only", "lossless", path)
    assert ran.code in (0, 1), ran.err
    with contextlib.closing(sqlite3.connect(path)) as connection:
        after = dict(connection.execute("SELECT id, user_id FROM posts"))
        still = {row[1] for row in connection.execute("PRAGMA foreign_key_check")}
    assert after.keys() == before.keys() and still <= orphans
    for row, key in after.items():
        if repr(key) == repr(before[row]):
            continue
        old = before[row]
        assert row in orphans and row not in still
        by_name = isinstance(old, str) and names.get(old.encode()) == key
        assert by_name or str(old).strip().strip("0").rstrip(".").lower() == str(key).strip("0").rstrip(".").lower()
    assert sqlfix("repair", "--dry-run", "--only", "lossless", path, "--format", "json").json["fixes"] == []


def test_a_name_that_is_the_key_of_a_parent_in_a_donor_is_none(tmp_path: Path) -> None:
    tables = """CREATE TABLE u(id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, mail TEXT UNIQUE);
        CREATE TABLE posts(id INTEGER PRIMARY KEY, user_id TEXT NOT NULL REFERENCES u);
        INSERT INTO posts VALUES (1, 'ann'), (2, 'bob'), (3, 'cid'), (4, 'dee');"""
    users = "INSERT INTO u VALUES ('1', 'ann', 'm1'), ('2', 'bob', 'm2'), ('3', 'cid', 'm3'), ('4', 'dee', 'm4')"
    older = build(tmp_path / "older.db", f"{tables} INSERT INTO u VALUES ('ann', 'x', 'm1'), ('dee', 'y', 'm4')")
    assert repaired(build(tmp_path / "x.db", tables + users), "--donor", older) == ["ann", "2", "3", "dee"]
