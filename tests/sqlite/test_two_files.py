"""Two files in two threads of one process: what is about the one is not about the other."""

from __future__ import annotations

import threading
import time
from pathlib import Path

from support import build

from sqlfix.model.findings import Report
from sqlfix.scan.run import scan
from sqlfix.schema.catalogue import read_schema
from sqlfix.sqlite.snapshot import reading

LONG = 8.0
"""Seconds by which a file is given up whose limit is one second, and of which SQLite reads a piece at a time."""
NUMBERS = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows})"


def endless(path: Path) -> Path:
    """A file of which one relationship takes many seconds to read, since a column of its key is computed."""
    slow = "length(hex(hex(hex(zeroblob(1000000 + x)))))"
    return build(
        path,
        f"CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c (id INTEGER PRIMARY KEY, x, k AS ({slow})"
        f" REFERENCES p); {NUMBERS.format(rows=200)} INSERT INTO c SELECT i, i FROM n;",
    )


def sound(path: Path) -> Path:
    """A file in which nothing is wrong, with enough rows for SQLite to be stopped in the middle of them."""
    numbers = NUMBERS.format(rows=100_000)
    return build(
        path,
        "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c (id INTEGER PRIMARY KEY, x CHECK (x > 0),"
        f" k AS (x + 0) REFERENCES p); {numbers} INSERT INTO p SELECT i FROM n;"
        f" {numbers} INSERT INTO c SELECT i, i FROM n;",
    )


def scanned(path: Path, timeout: float) -> Report:
    with reading(path, timeout) as opened:
        return scan(opened.connection, read_schema(opened.connection), str(path))


def test_the_time_limit_of_one_file_is_not_that_of_another(tmp_path: Path) -> None:
    slow, other = endless(tmp_path / "slow.db"), sound(tmp_path / "sound.db")
    cut_off: list[Report] = []
    thread = threading.Thread(target=lambda: cut_off.append(scanned(slow, 0.0)), daemon=True)
    thread.start()
    reports = []
    until = time.monotonic() + LONG
    while not reports or (thread.is_alive() and time.monotonic() < until):
        reports.append(scanned(other, 60.0))
    assert [entry.reason for report in reports for entry in report.not_checked] == []
    assert {sum(relationship.checked for relationship in report.relationships) for report in reports} == {1}
    assert ["longer than --timeout" in entry.reason for report in cut_off for entry in report.not_checked] == [True]
