"""The rows of a large table without rowids are counted, and their order is looked at, in the reading for all else."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

import pytest
from support import build, together, violations

from sqlfix.model.findings import Report
from sqlfix.scan import access_paths, keys_read, known_tables, trees
from sqlfix.scan.run import check_all, look_at
from sqlfix.schema.database import open_database
from sqlfix.sqlite import snapshot

pytestmark = pytest.mark.oracle

PAGE = 512
KEYS = {
    "a": "i",
    "a DESC": "i",
    "b, a": "i % 40",
    "a COLLATE NOCASE": "'KEY ' || i",
    "b DESC, a COLLATE RTRIM DESC": "printf('%5d  ', i)",
}
"""The key of a table, and what stands in its column ``a``."""


@pytest.fixture(autouse=True)
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """All tables are taken for large ones, and no row is counted beforehand."""
    monkeypatch.setattr(snapshot, "LARGE", 1)
    monkeypatch.setattr(snapshot, "cores", lambda: 2)
    for module in (access_paths, known_tables, trees):
        monkeypatch.setattr(module, "WHOLE", 2)


def keyed(path: Path, key: str) -> Path:
    """A table with such a key, some of whose rows have no parent."""
    return build(
        path,
        f"PRAGMA page_size = {PAGE}; CREATE TABLE p (id INTEGER PRIMARY KEY); INSERT INTO p VALUES (0), (1), (2);"
        f"CREATE TABLE t (p INTEGER REFERENCES p, a, b NOT NULL, v VARCHAR(9), PRIMARY KEY ({key})) WITHOUT ROWID;"
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)"
        f" INSERT INTO t SELECT i % 3 + (i % 500 = 7) * 4, {KEYS[key]}, i / 40, 'some text' FROM n; VACUUM",
    )


def looked_at(path: Path) -> tuple[Report, bool | None]:
    """What a scan finds, and whether each key is there once."""
    with open_database(path) as database:
        look = look_at(database.readers, database.schema)
        return check_all(database.connection, look, ""), look.tables.ordered.get("t")


def cells(content: bytes, page: int) -> tuple[int, int, bool]:
    """Where a page says where its cells are, how many it has, and whether it stands above others."""
    start = (page - 1) * PAGE
    above = content[start] == 2
    return start + (12 if above else 8), int.from_bytes(content[start + 3 : start + 5], "big"), above


def pages(content: bytes, page: int) -> list[int]:
    """The pages of a table without rowids, each before those that it leads to."""
    first, number, above = cells(content, page)
    if not above:
        return [page]
    start = (page - 1) * PAGE
    places = [start + int.from_bytes(content[at : at + 2], "big") for at in range(first, first + 2 * number, 2)]
    below = [int.from_bytes(content[place : place + 4], "big") for place in (*places, start + 8)]
    return [page, *(one for each in below for one in pages(content, each))]


def root(path: Path) -> int:
    """The first page of the table."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 't'").fetchone()[0])


@pytest.mark.parametrize("key", KEYS)
def test_the_rows_are_counted_in_the_reading_for_their_keys(
    tmp_path: Path, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = keyed(tmp_path / "x.db", key)
    count = known_tables._count
    monkeypatch.setattr(known_tables, "_count", lambda c, t: count(c, t) if t.name == "p" else pytest.fail("counted"))
    monkeypatch.setattr(known_tables, "is_in_order", lambda *_: pytest.fail("SQLite's own check is asked"))
    report, in_order = looked_at(path)
    assert in_order and not report.not_checked
    (relationship,) = report.relationships
    assert (relationship.rows, relationship.orphans) == (2000, sum(violations(path).values()))


@together
@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("damage", ["page for page", "pages swapped", "cell for cell", "cells swapped"])
def test_no_page_or_cell_in_the_place_of_another_is_overlooked(tmp_path: Path, key: str, damage: str) -> None:
    path = keyed(tmp_path / "x.db", key)
    sound, tried = path.read_bytes(), 0
    for level in (True, False):
        some = [page for page in pages(sound, root(path))[1:] if cells(sound, page)[2] is level]
        for number in range(0, len(some), len(some) // 3 + 1):
            content = bytearray(sound)
            if damage.startswith("page"):
                places = [(page - 1) * PAGE for page in (some[number], some[number - 1])]
                length = PAGE
            else:
                first, cell, _ = cells(sound, some[number])
                places, length = [first + 2 * (cell // 2), first + 2 * (cell // 2) + 2 * (-1) ** tried], 2
            one, other = places
            content[one : one + length] = sound[other : other + length]
            if "swapped" in damage:
                content[other : other + length] = sound[one : one + length]
            if content == sound:
                continue
            path.write_bytes(content)
            report, in_order = looked_at(path)
            assert in_order is False and (report.findings or report.not_checked), (level, number)
            tried += 1
    assert tried > 3


def test_a_query_whose_rows_are_sorted_says_nothing_of_their_order(tmp_path: Path) -> None:
    path = keyed(tmp_path / "x.db", "a")
    with open_database(path) as database:
        connection, table = database.connection, database.schema.known_table("t")
        asked = keys_read.keys_once(connection, table, None)
        assert asked and asked.can_ask(connection, asked.asking("c.v > 1", "", ""), {})
        other = keys_read.KeysOnce(table, None, "c.v", "1")
        assert not other.can_ask(connection, other.asking("c.v > 1", "", ""), {})


@pytest.mark.parametrize("name", ["v", "V", "c", "sum"])
@pytest.mark.parametrize("first", [1, 1 << 62])
@pytest.mark.parametrize("key", ["INTEGER, PRIMARY KEY ({}, a)) WITHOUT ROWID", "INTEGER PRIMARY KEY)"])
def test_a_key_may_have_the_name_of_what_is_added_up(tmp_path: Path, name: str, first: int, key: str) -> None:
    path = build(
        tmp_path / "x.db",
        f"PRAGMA ignore_check_constraints = ON; CREATE TABLE t (a CHECK (a > 0), v_, {name} {key.format(name)};"
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500)"
        f" INSERT INTO t (a, {name}) SELECT i - 3, {first} + i FROM n;",
    )
    report, sure = looked_at(path)
    assert sure and not report.not_checked
    assert [(finding.check, finding.count) for finding in report.findings] == [("check-violations", 3)]
    with open_database(path) as database:
        assert not keys_read.steps_back(database.connection, database.schema.known_table("t"))
