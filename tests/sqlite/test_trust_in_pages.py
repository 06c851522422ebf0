"""Pages that lead to the wrong rows: what is found by them is not believed, and what is not found is not missing.

In a table with rowids the pages above the rows say up to which id those of each page go. Where they say something else,
all rows are still met one after the other, but some are not found by their ids.
"""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

import pytest
from support import build, found, sqlfix, unchecked, violations

from sqlfix.scan import known_tables, table_pass, trees
from sqlfix.scan.pieces import sample_rows
from sqlfix.schema.database import open_database
from sqlfix.sqlite.integrity import complaints

PAGE = 512


class Above:
    """The page above the rows of a table: for each page of rows, where it says which that is, and up to which id."""

    def __init__(self, path: Path, table: str) -> None:
        with contextlib.closing(sqlite3.connect(path)) as connection:
            query = "SELECT rootpage FROM sqlite_master WHERE name = ?"
            ((root,),) = connection.execute(query, (table,)).fetchall()
        self.path, self.content = path, bytearray(path.read_bytes())
        start = (root - 1) * PAGE
        assert self.content[start] == 5
        number = int.from_bytes(self.content[start + 3 : start + 5], "big")
        places = range(start + 12, start + 12 + 2 * number, 2)
        self.cells = [start + int.from_bytes(self.content[place : place + 2], "big") for place in places]
        self.last = start + 8

    def up_to(self, cell: int, less: int) -> int:
        """Have it say that the rows of a page go up to a lesser id; which it was."""
        place = self.cells[cell] + 4
        high, low = self.content[place : place + 2]
        assert high >= 128 > low
        was = (high - 128) * 128 + low
        self.content[place : place + 2] = 128 + (was - less) // 128, (was - less) % 128
        self.path.write_bytes(self.content)
        return was

    def lead(self, one: int, other: int) -> None:
        """Have it lead to one page of rows where it led to another."""
        self.content[one : one + 4] = self.content[other : other + 4]
        self.path.write_bytes(self.content)

    def swap(self, one: int, other: int) -> None:
        """Have it lead to two pages of rows in the place of each other."""
        first = self.content[one : one + 4]
        self.lead(one, other)
        self.content[other : other + 4] = first
        self.path.write_bytes(self.content)


@pytest.fixture(params=["large", "computing"])
def size(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Tables of which SQLite's own check is not asked: all are taken for large ones, or they have a computed column."""
    if request.param == "large":
        for module in (trees, known_tables):
            monkeypatch.setattr(module, "WHOLE", 2)
    return str(request.param)


def tables(path: Path, size: str, parents: int, children: str) -> Path:
    """So many parents, and children that are selected as an id and the id of a parent."""
    computed = ", g AS (v + 1)" if size == "computing" else ""
    return build(
        path,
        f"PRAGMA page_size = {PAGE}; CREATE TABLE p (id INTEGER PRIMARY KEY, v INTEGER{computed});"
        f"CREATE TABLE c (id INTEGER PRIMARY KEY, p_id INTEGER NOT NULL REFERENCES p{computed.replace('v', 'p_id')});"
        "CREATE TEMP TABLE n AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)"
        f" SELECT i FROM n; INSERT INTO p SELECT i, 1 FROM n WHERE i <= {parents}; INSERT INTO c {children}",
    )


@pytest.mark.parametrize("most", [0, 100_000])
def test_a_parent_that_is_not_found_by_its_id_is_not_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: str, most: int
) -> None:
    monkeypatch.setattr(table_pass, "MOST_LISTED", most)
    path = tables(tmp_path / "x.db", size, 1000, "SELECT i, i * 13 FROM n WHERE i <= 75")
    last = Above(path, "p").up_to(3, 30)
    with contextlib.closing(sqlite3.connect(path)) as connection:
        hidden = {key for _, key, _, _ in connection.execute("PRAGMA foreign_key_check")}
        assert hidden and all(last - 30 < 13 * key <= last for key in hidden)
    ran = sqlfix("scan", path, "--format", "json")
    assert (ran.code, [r["orphans"] for r in ran.json["relationships"]]) == (3, [0])
    assert [missed["subject"] for missed in ran.json["not_checked"]] == ["p"]
    assert "DELETE" not in sqlfix("export-sql", path).out


@pytest.mark.parametrize("most", [0, 100_000])
def test_a_number_that_only_equals_an_id_is_no_sign_of_damage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: str, most: int
) -> None:
    """By the REAL that is equal to it SQLite does not find the least integer there can be."""
    monkeypatch.setattr(table_pass, "MOST_LISTED", most)
    path = tables(tmp_path / "x.db", size, 1000, "SELECT i, -9223372036854775808.0 FROM n WHERE i <= 70")
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.executescript(f"INSERT INTO p (id) VALUES ({-(2**63)}), ({-(2**63) + 2}), ({2**63 - 1})")
        assert len(connection.execute("PRAGMA foreign_key_check").fetchall()) == 70
    ran = sqlfix("scan", path, "--format", "json")
    assert [r["orphans"] for r in ran.json["relationships"]] == [70]
    assert ran.json["not_checked"] == []


def test_gaps_between_the_ids_of_a_small_table_do_not_say_that_they_are_found(tmp_path: Path) -> None:
    path = tables(tmp_path / "x.db", "", 1000, "SELECT i, i FROM n WHERE i <> 700 AND i <= 1000")
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("DELETE FROM p WHERE id = 700")
        connection.commit()
    Above(path, "p").up_to(3, 30)
    ran = sqlfix("scan", path, "--format", "json")
    assert (ran.code, [r["orphans"] for r in ran.json["relationships"]]) == (3, [0])
    assert [missed["subject"] for missed in ran.json["not_checked"]] == ["p"]


def test_an_orphan_that_is_not_found_by_its_rowid_is_counted(tmp_path: Path, size: str) -> None:
    path = tables(tmp_path / "x.db", size, 10, "SELECT i, 1 + i % 10 FROM n WHERE i <= 1000")
    last = Above(path, "c").up_to(3, 30)
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute(f"UPDATE c SET p_id = 99 WHERE +id = {last - 10}")  # all rows are met
        connection.commit()
        assert connection.execute("PRAGMA foreign_key_check").fetchall()
        assert not connection.execute("SELECT 1 FROM c WHERE id = ?", (last - 10,)).fetchall()
    ran = sqlfix("scan", path, "--format", "json")
    assert (ran.code, [r["orphans"] for r in ran.json["relationships"]]) == (1, [1])
    assert ran.json["findings"][0]["fix"] is None
    assert [missed["subject"] for missed in ran.json["not_checked"]] == ["c"]


@pytest.mark.parametrize("whole", [2, 100_000])
def test_rows_of_a_page_that_is_led_to_twice_are_there_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, whole: int
) -> None:
    for module in (trees, known_tables):
        monkeypatch.setattr(module, "WHOLE", whole)
    path = tables(tmp_path / "x.db", "", 1000, "VALUES (1, 1)")
    above = Above(path, "p")
    above.lead(above.cells[1], above.cells[3])
    with contextlib.closing(sqlite3.connect(path)) as connection:
        (line,) = complaints(connection, "quick_check(p)")
        assert "out of order" not in line
    (found,) = sqlfix("scan", path, "--format", "json").json["findings"]
    assert (found["check"], found["table"], found["columns"]) == ("duplicate-keys", "p", ["id"])


def test_a_table_whose_last_id_is_less_than_its_first_is_damaged(tmp_path: Path, size: str) -> None:
    path = tables(tmp_path / "x.db", size, 1000, "SELECT i, i FROM n WHERE i <= 1000")
    above = Above(path, "p")
    above.swap(above.cells[0], above.last)
    ran = sqlfix("scan", path, "--format", "json")
    assert (ran.code, [r["orphans"] for r in ran.json["relationships"]]) == (3, [0])
    assert [missed["subject"] for missed in ran.json["not_checked"]] == ["p"]
    with open_database(path) as database:
        sampled = sample_rows(database.connection, database.schema.known_table("p"), ("v",), 50)
    assert len(sampled) < 50  # some are not found


@pytest.mark.parametrize("kind", ["", "computing"])
def test_no_script_deletes_what_a_page_in_the_place_of_many_hides(tmp_path: Path, kind: str) -> None:
    path = tables(tmp_path / "x.db", kind, 5000, "SELECT i, i * 5 FROM n WHERE i <= 1000")
    content = bytearray(path.read_bytes())

    def page(number: int) -> slice:
        return slice((number - 1) * PAGE, number * PAGE)

    place = Above(path, "p").cells[0]
    above = int.from_bytes(content[place : place + 4], "big")
    assert content[page(above)][0] == 5, "it leads to a page that leads to pages of rows"
    first = int.from_bytes(content[page(above)][12:14], "big")
    content[page(above)] = content[page(int.from_bytes(content[page(above)][first : first + 4], "big"))]
    path.write_bytes(content)
    assert violations(path)
    for command in (("export-sql", path, "--allow-mass-delete"), ("why", path, "p", 5000, "--sql")):
        ran = sqlfix(*command)
        assert ("DELETE" in ran.out, ran.code) == (False, 2 if command[0] == "why" or kind else 1)
    if not kind:  # what is computed is not read only for SQLite's own check of a table
        ran = sqlfix("scan", path, "--format", "json")
        assert [missed["subject"] for missed in ran.json["not_checked"]] == ["p"]
        assert ran.json["findings"][0]["fix"] is None


@pytest.mark.parametrize("orphan", [5, -(2**63), "5.0", "'x'", "NULL"])
def test_an_empty_table_that_computes_columns_has_no_parent(tmp_path: Path, orphan: object) -> None:
    path = build(
        tmp_path / "x.db",
        "CREATE TABLE p (id INTEGER PRIMARY KEY, twice AS (id * 2)); CREATE TABLE c (p REFERENCES p);"
        f"INSERT INTO c VALUES ({orphan});",
    )
    assert [finding["count"] for finding in found(path, "orphan-rows")] == list(violations(path).values())
    assert unchecked(path) == []
