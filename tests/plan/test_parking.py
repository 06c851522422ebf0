"""Orphans that are parked lose nothing: not a byte of a value, and they come back when their parents do."""

from __future__ import annotations

import contextlib
import math
import sqlite3
import struct
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import ENCODABLE
from support import build, contents, json_schema, keep_to, run_script, sqlfix

from sqlfix.repair.record import records_beside
from tests.laws.test_properties import SLOW

ANY = st.one_of(
    st.integers(-(2**63), 2**63 - 1),
    st.integers(0, 2**64 - 1).map(lambda bits: struct.unpack("d", struct.pack("Q", bits))[0]).filter(math.isfinite),
    st.sampled_from(
        [math.inf, -math.inf, 5e-324, 0.1, 1e15, 1e22, None, "", "\x00", "a\x00b", "é\U0001f41d\u2028", '"\\']
    ),
    st.text(ENCODABLE, max_size=12),
    st.binary(max_size=12),
    st.binary(min_size=1, max_size=4).map(lambda raw: ("text", raw)),
)
TABLES = (
    "id INTEGER PRIMARY KEY, p {}, a, b TEXT, c REAL, g AS (a || 'x')",
    'p {}, a, b NUMERIC, "od""d\n\'" BLOB',
    "k TEXT COLLATE NOCASE PRIMARY KEY, p {}, a, b) WITHOUT ROWID",
)


def as_sql(value: Any) -> str:
    if isinstance(value, tuple):
        return f"CAST(x'{value[1].hex()}' AS TEXT)"
    return "?"


def made(path: Path, columns: str, action: str, rows: list[list[Any]]) -> Path:
    """A table of orphans, with one row beneath each, and a sound one."""
    columns = columns.format(f"INT NOT NULL REFERENCES p {action}")
    end = "" if columns.endswith("ROWID") else ")"
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.executescript(
            f"CREATE TABLE p (id INTEGER PRIMARY KEY); INSERT INTO p VALUES (1); CREATE TABLE c ({columns}{end};"
            "CREATE TABLE d (id INTEGER PRIMARY KEY, p INT REFERENCES p ON DELETE SET NULL);"
            "INSERT INTO d VALUES (1, 7), (2, 1);"
        )
        names = [row[1] for row in connection.execute("PRAGMA table_info(c)") if row[1] not in ("id", "p", "k")]
        keyed = ["k"] if columns.startswith("k ") else []
        listed = ", ".join('"' + name.replace('"', '""') + '"' for name in [*keyed, "p", *names])
        for number, row in enumerate(rows):
            values = [*([f"k{number}"] if keyed else []), 1 if number == 0 else 7 + number % 2, *row[: len(names)]]
            plain = [value for value in values if not isinstance(value, tuple)]
            connection.execute(f"INSERT INTO c ({listed}) VALUES ({', '.join(map(as_sql, values))})", plain)
        connection.commit()
    return path


def without_parked(path: Path) -> dict[str, Any]:
    """What a file holds, but for the parked rows and their table."""
    found = contents(path)
    found.pop("lost_and_found", None)
    found["schema"] = [row for row in found["schema"] if row[1] != b"lost_and_found"]
    return found


@settings(parent=SLOW, max_examples=settings.default.max_examples // 6)
@given(
    columns=st.sampled_from(TABLES),
    action=st.sampled_from(["", "ON DELETE CASCADE", "ON DELETE SET NULL"]),
    rows=st.lists(st.lists(ANY, min_size=3, max_size=3), min_size=2, max_size=5),
    encoding=st.sampled_from(["UTF-8", "UTF-16le"]),
)
def test_parked_rows_come_back_as_they_were(columns: str, action: str, rows: Any, encoding: str) -> None:
    with tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as folder:
        path = build(Path(folder) / "x.db", f"PRAGMA encoding = '{encoding}'; CREATE TABLE x (y); DROP TABLE x")
        before = contents(made(path, columns, action, rows))
        chosen = ["--set", "c.p=park", "--select", "c"]
        ran = sqlfix("repair", path, *chosen, "--no-backup", "--yes", "--format", "json")
        assert ran.code in (0, 1), ran.err
        parked = without_parked(path)
        assert len(parked["c"]) == 1
        assert sqlfix("repair", path, *chosen, "--yes", "--format", "json").json["fixes"] == []
        assert sqlfix("undo", path, "--yes", "--no-backup").code == 0
        assert contents(path) == before
        redo = records_beside(path)[0][-1].path  # its name may be of another second than those before
        assert sqlfix("undo", path, redo, "--yes", "--no-backup").code == 0
        assert without_parked(path) == parked
        assert sqlfix("undo", path, "--yes", "--no-backup").code == 0
        assert contents(path) == before
        text = sqlfix("export-sql", path, *chosen).out
        for _ in range(2):
            run_script(path, text)
            assert without_parked(path) == parked
        assert sqlfix("unpark", path, "--yes").code == 1  # there is no parent as yet
        build(path, "INSERT INTO p VALUES (7), (8)")
        assert sqlfix("unpark", path, "--yes", "--no-backup").code == 0
        after = without_parked(path)
        assert {**after, "p": before["p"]} == before
        with contextlib.closing(sqlite3.connect(path)) as connection:
            assert connection.execute("SELECT count(*) FROM lost_and_found").fetchone() == (0,)


def test_rows_beneath_are_parked_too_and_come_back_with_their_parent(tmp_path: Path) -> None:
    path = build(
        tmp_path / "x.db",
        "CREATE TABLE p (id INTEGER PRIMARY KEY);"
        "CREATE TABLE c (id INTEGER PRIMARY KEY, p INT NOT NULL REFERENCES p, up INT REFERENCES c);"
        "CREATE TABLE d (id INTEGER PRIMARY KEY, c INT NOT NULL REFERENCES c ON DELETE CASCADE);"
        "CREATE TABLE e (id INTEGER PRIMARY KEY, d INT REFERENCES d ON DELETE SET NULL);"
        "INSERT INTO c VALUES (1, 8, 1); INSERT INTO d VALUES (1, 1), (2, 1); INSERT INTO e VALUES (1, 1), (2, NULL);",
    )
    before = contents(path)
    assert sqlfix("repair", path, "--on-orphan", "park", "--yes", "--allow-mass-delete").code == 0
    left = contents(path)
    assert (left["c"], left["d"], len(left["lost_and_found"])) == ([], [], 3)
    build(path, "INSERT INTO p VALUES (8)")
    assert sqlfix("unpark", path, "--table", "d", "--yes").code == 1
    ran = sqlfix("unpark", path, "--yes", "--format", "json")
    keep_to(json_schema("plan"), ran.json)
    assert ran.code == 0
    assert (contents(path)["c"], contents(path)["d"]) == (before["c"], before["d"])


@pytest.mark.parametrize(
    ("since", "says"),
    [
        ("INSERT INTO c VALUES (2, 1, 'x')", "UNIQUE constraint failed: c.id"),
        ("ALTER TABLE c RENAME COLUMN a TO b", "there is no column a any more"),
        ("DROP TABLE c", "there is no table c any more"),
        ("UPDATE lost_and_found SET row = '[1]'", "what was parked cannot be read"),
        ('UPDATE lost_and_found SET row = \'{"id": {"blob": "zz"}}\'', "what was parked cannot be read"),
        ("DELETE FROM p", "there is no parent in p (p)"),
    ],
)
def test_what_cannot_come_back_stays_parked(tmp_path: Path, since: str, says: str) -> None:
    path = build(
        tmp_path / "x.db",
        "CREATE TABLE p (id INTEGER PRIMARY KEY); INSERT INTO p VALUES (1);"
        "CREATE TABLE c (id INTEGER PRIMARY KEY, p REFERENCES p, a); INSERT INTO c VALUES (1, 1, 'a'), (2, 8, 'b');",
    )
    assert sqlfix("repair", path, "--on-orphan", "park", "--yes").code == 0
    build(path, f"INSERT INTO p VALUES (8); {since}")
    before = contents(path)
    ran = sqlfix("unpark", path, "--yes")
    assert ran.code == 1
    assert says in " ".join(ran.out.split())
    assert contents(path) == before


def test_a_dry_run_ends_as_the_real_one_would_where_the_file_is_damaged(tmp_path: Path) -> None:
    path = build(
        tmp_path / "x.db",
        "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c (id INTEGER PRIMARY KEY, p INT NOT NULL REFERENCES p);"
        "CREATE TABLE z (a); INSERT INTO z VALUES ('a'); INSERT INTO p VALUES (1); INSERT INTO c VALUES (1, 8);",
    )
    assert sqlfix("repair", path, "--on-orphan", "park", "--yes", "--allow-mass-delete", "--no-backup").code == 0
    build(path, "INSERT INTO p VALUES (8)")
    with contextlib.closing(sqlite3.connect(path)) as connection:
        (page,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'z'").fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    with path.open("r+b") as file:
        file.seek((page - 1) * size + 7)
        file.write(b"\x05")  # its page says that five bytes are left between its cells, and its rows can be read
    for option in ("--dry-run", "--yes"):
        ran = sqlfix("unpark", path, option)
        assert (ran.code, "a damaged file is not repaired" in ran.err) == (2, True), option


def test_a_table_of_another_making_is_left_alone(tmp_path: Path) -> None:
    path = build(
        tmp_path / "x.db",
        "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c (p REFERENCES p); INSERT INTO c VALUES (8);"
        "CREATE TABLE Lost_And_Found (rootpgno, pgno, nfield, id, c0);",
    )
    before = contents(path)
    for command in (["repair", path, "--on-orphan", "park", "--yes"], ["unpark", path, "--yes"]):
        ran = sqlfix(*command)
        assert ran.code == 2
        assert "lost_and_found" in ran.err
    assert contents(path) == before


def test_a_row_that_is_parked_or_comes_back_is_counted_once(tmp_path: Path) -> None:
    path = build(
        tmp_path / "x.db",
        "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c (id INTEGER PRIMARY KEY, p INT NOT NULL REFERENCES p);"
        "CREATE TABLE d (id INTEGER PRIMARY KEY, c INT REFERENCES c ON DELETE CASCADE, p INT REFERENCES p);"
        "INSERT INTO p VALUES (1); INSERT INTO c VALUES (1, 1), (2, 8), (3, 9);"
        "INSERT INTO d VALUES (1, 2, 1), (2, 1, 7);",
    )
    parked = sqlfix("repair", path, "--set", "c.p=park", "--yes").out
    assert "5 fixes, 3 rows parked, 1 row changed, nothing left." in parked
    assert "Repaired: 4 rows in " in parked
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("INSERT INTO p VALUES (8)")
        connection.commit()
    back = sqlfix("unpark", path, "--yes").out
    assert "3 fixes, 2 rows brought back, 1 finding left." in back
    assert "Repaired: 2 rows in 3 steps" in back


PARKED = """CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c (id {key}, p INT REFERENCES p, n UNIQUE);
    INSERT INTO p VALUES (1); INSERT INTO c VALUES (1, 1, 'a'), (2, 8, 'b'), (3, 9, 'c'), (4, 9, 'd'), (5, 9, x'00');"""


def rows(path: Path, query: str) -> list[tuple[Any, ...]]:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        return connection.execute(query).fetchall()


@pytest.mark.parametrize("key", ["INTEGER PRIMARY KEY", "TEXT PRIMARY KEY", "INT"])
def test_an_undo_counts_a_parked_row_once_and_never_takes_its_copy_alone(tmp_path: Path, key: str) -> None:
    """What cannot come back stays parked: without its copy the row would be nowhere."""
    path = build(tmp_path / "x.db", PARKED.format(key=key))
    assert sqlfix("repair", path, "--on-orphan", "park", "--yes", "--no-backup", "--allow-mass-delete").code == 0
    assert "repair, 4 rows" in sqlfix("history", path).out
    assert "4 rows added, removed or changed" in sqlfix("undo", path, "--dry-run").out
    build(path, "INSERT INTO c VALUES (7, 1, 'b'); UPDATE lost_and_found SET why = 'mine' WHERE row LIKE '%\"c\"%';")
    build(path, "DELETE FROM lost_and_found WHERE row LIKE '%\"d\"%'")
    before = path.read_bytes()
    ran = sqlfix("undo", path, "--dry-run")
    assert "2 rows can be put back" in ran.out and "Conflicts: 3 rows" in ran.out, ran.out
    assert "its parked copy was changed since" in ran.out and "another row has its value in a UNIQUE" in ran.out
    assert sqlfix("undo", path, "--yes").code == 2
    script = sqlfix("undo", path, "--sql", "--skip-conflicts")
    assert script.code == 2 and "cannot skip rows that were parked" in script.err and script.out == ""
    assert path.read_bytes() == before
    ran = sqlfix("undo", path, "--yes", "--skip-conflicts")
    assert ran.code == 1 and "Undone:   2 rows." in ran.out
    assert rows(path, "SELECT n FROM c ORDER BY p, n") == [("a",), ("b",), ("d",), (b"\0",)]
    assert rows(path, "SELECT json_extract(row, '$.n') FROM lost_and_found ORDER BY id") == [("b",), ("c",)]
    undone = records_beside(path)[0][-1].name
    assert sqlfix("undo", path, undone, "--yes").code == 0
    assert rows(path, "SELECT n FROM c ORDER BY p, n") == [("a",), ("b",)]


def test_a_row_that_was_brought_back_stays_where_its_place_among_the_parked_is_taken(tmp_path: Path) -> None:
    path = build(tmp_path / "x.db", PARKED.format(key="INTEGER PRIMARY KEY"))
    assert sqlfix("repair", path, "--on-orphan", "park", "--yes", "--no-backup", "--allow-mass-delete").code == 0
    build(path, "INSERT INTO p VALUES (8), (9);")
    assert sqlfix("unpark", path, "--yes", "--no-backup").code == 0
    assert "repair, 4 rows" in sqlfix("history", path).out.splitlines()[-2]
    build(path, "INSERT INTO lost_and_found VALUES (2, 'other', '{}', '{}', '', '');")
    ran = sqlfix("undo", path, "--yes", "--skip-conflicts")
    assert "it cannot be parked as it was" in ran.out and "Undone:   3 rows." in ran.out
    assert rows(path, "SELECT n FROM c") == [("a",), ("c",)]
    assert rows(path, "SELECT id, table_name FROM lost_and_found") == [(1, "c"), (2, "other"), (3, "c"), (4, "c")]


def test_a_row_that_was_brought_back_and_is_needed_by_now_is_not_parked_as_well(tmp_path: Path) -> None:
    path = build(
        tmp_path / "x.db",
        PARKED.format(key="INTEGER PRIMARY KEY") + "CREATE TABLE d (c INT REFERENCES c);",
    )
    assert sqlfix("repair", path, "--on-orphan", "park", "--yes", "--no-backup", "--allow-mass-delete").code == 0
    build(path, "INSERT INTO p VALUES (8), (9);")
    assert sqlfix("unpark", path, "--yes", "--no-backup").code == 0
    build(path, "INSERT INTO d VALUES (2); UPDATE c SET n = 'mine' WHERE id = 3;")
    ran = sqlfix("undo", path, "--yes", "--skip-conflicts")
    assert "Undone:   2 rows." in ran.out, ran
    assert "a row of d that stays as it is references it" in ran.out
    assert rows(path, "SELECT n FROM c") == [("a",), ("b",), ("mine",)]
    assert rows(path, "SELECT json_extract(row, '$.id') FROM lost_and_found") == [(4,), (5,)]
