"""A page that stands in the place of another as well as in its own is noticed, though no row is counted beforehand.

By it the rows of the other page are gone: the table is what it would be if they had been deleted, but for the second
place. What is read piece by piece need not come by it.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from support import build

from sqlfix.model.findings import Report
from sqlfix.scan import access_paths, known_tables, pieces, trees
from sqlfix.scan.run import check_all, look_at
from sqlfix.schema.database import open_database
from sqlfix.sqlite import snapshot

PAGE = 512
IDS = {
    "no gap": "i",
    "gaps": "i + i / 30",
    "no two side by side": "3 * i",
    "far apart": "i * 1000000000000 - (1 << 51)",
    "like hashes": "(i * 2654435761 & 4294967295) << 31 | i",
    "in a few parts": "i + (i / 900) * (1 << 60) - (1 << 62)",
}


@pytest.fixture(autouse=True)
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """All tables are taken for large ones, and read in pieces by two connections."""
    monkeypatch.setattr(snapshot, "LARGE", 1)
    monkeypatch.setattr(snapshot, "cores", lambda: 2)
    monkeypatch.setattr(pieces, "PIECE", 200)
    for module in (access_paths, known_tables, trees):
        monkeypatch.setattr(module, "WHOLE", 2)


def places(content: bytes, root: int, level: int = 0) -> Iterator[tuple[int, int]]:
    """Where in a file the pages of a table are led to, in their order, and how far below the first page they stand."""
    start = (root - 1) * PAGE
    if content[start] == 5:
        number = int.from_bytes(content[start + 3 : start + 5], "big")
        cells = [
            int.from_bytes(content[place : place + 2], "big") for place in range(start + 12, start + 12 + 2 * number, 2)
        ]
        for place in (*(start + cell for cell in cells), start + 8):
            yield place, level
            yield from places(content, int.from_bytes(content[place : place + 4], "big"), level + 1)


def looked_at(path: Path) -> tuple[Report, bool]:
    """What a scan finds, and whether each id was found to be there once."""
    with open_database(path) as database:
        look = look_at(database.readers, database.schema)
        return check_all(database.connection, look, ""), look.tables.ordered.get("t", False)


@pytest.mark.parametrize("ids", IDS)
def test_no_page_that_stands_in_the_place_of_another_is_overlooked(tmp_path: Path, ids: str) -> None:
    path = build(
        tmp_path / "x.db",
        f"PRAGMA page_size = {PAGE}; CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT NOT NULL);"
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i <= 3000)"
        f" INSERT INTO t SELECT {IDS[ids]}, 'some text' FROM n; VACUUM",
    )
    with contextlib.closing(sqlite3.connect(path)) as connection:
        ((root,),) = connection.execute("SELECT rootpage FROM sqlite_master").fetchall()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(known_tables, "_count", lambda *_: pytest.fail("the rows are counted beforehand"))
        report, sure = looked_at(path)
    assert sure and not report.findings and not report.not_checked
    sound, tried = path.read_bytes(), 0
    found = list(places(sound, root))
    for level in {level for _, level in found}:
        own = [place for place, each in found if each == level]
        step = len(own) // 4 + 1
        for number in {*range(0, len(own), step), 1, len(own) - 1}:
            for other in {number - 1, (number + 1) % len(own), 0, len(own) - 1, number * 7 % len(own)} - {number, -1}:
                content = bytearray(sound)
                content[own[number] : own[number] + 4] = sound[own[other] : own[other] + 4]
                path.write_bytes(content)
                report, sure = looked_at(path)
                assert not sure and (report.findings or report.not_checked), (level, number, other)
                tried += 1
    assert tried > 20


@pytest.mark.parametrize("own, other", [(-1, 0), (0, -1), (0, 700)])
def test_a_table_whose_last_row_is_its_first_or_comes_before_it_is_read_and_called_damaged(
    tmp_path: Path, own: int, other: int
) -> None:
    """Each row fills a page; one page is led to in the place of another."""
    path = build(
        tmp_path / "x.db",
        f"PRAGMA page_size = {PAGE}; CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT CHECK (json_valid(v)));"
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1200)"
        " INSERT INTO t SELECT i, json_quote(hex(zeroblob(200))) FROM n; PRAGMA ignore_check_constraints = ON;"
        " UPDATE t SET v = replace(v, char(34), '[') WHERE id % 100 = 7; VACUUM",
    )
    with contextlib.closing(sqlite3.connect(path)) as connection:
        ((root,),) = connection.execute("SELECT rootpage FROM sqlite_master").fetchall()
    content = bytearray(path.read_bytes())
    found = list(places(content, root))
    leaves = [place for place, level in found if level == max(level for _, level in found)]
    assert len(leaves) == 1200
    if other > 0:  # the last row is the second
        content[leaves[-1] : leaves[-1] + 4] = content[leaves[1] : leaves[1] + 4]
    content[leaves[own] : leaves[own] + 4] = content[leaves[other] : leaves[other] + 4]
    path.write_bytes(content)
    report, sure = looked_at(path)
    counts = {finding.check: finding.count for finding in report.findings}
    assert not sure and "duplicate-keys" in counts and counts["check-violations"] == 12
