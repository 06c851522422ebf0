"""Two files in two threads of one process: what is about the one is not about the other."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
import time
from pathlib import Path

import pytest
from support import build

from sqlfix.model.findings import Report
from sqlfix.scan.run import scan
from sqlfix.schema.catalogue import read_schema
from sqlfix.sqlite.connect import empty_database
from sqlfix.sqlite.deadline import limited, was_cut_off
from sqlfix.sqlite.snapshot import reading

LONG = 8.0
"""Seconds in which the file that takes so long has been given up: its limit is little more than none."""
NUMBERS = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows})"


def endless(path: Path) -> Path:
    """A file of which one relationship takes many seconds to read, since a column of its key is computed."""
    slow = "length(hex(hex(hex(zeroblob(1000000 + x)))))"
    return build(
        path,
        "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c (id INTEGER PRIMARY KEY, x);"
        f"{NUMBERS.format(rows=200)} INSERT INTO c SELECT i, i FROM n;"
        f"ALTER TABLE c ADD COLUMN k AS ({slow}) REFERENCES p",
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


@pytest.mark.usefixtures("soon")
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


@pytest.mark.usefixtures("soon")
def test_the_limit_of_a_block_holds_in_the_blocks_that_are_in_it() -> None:
    with contextlib.closing(empty_database()) as one, contextlib.closing(empty_database()) as other:
        one.timeout = other.timeout = 0.0  # type: ignore[attr-defined]
        with pytest.raises(sqlite3.DatabaseError, match="longer than --timeout"), limited(0, one):
            with limited(0, other):
                other.execute("SELECT 1")
            one.execute(f"{NUMBERS.format(rows=10**12)} SELECT max(i) FROM n")
        assert not was_cut_off()
        assert other.execute("SELECT 1").fetchone() == (1,)


@pytest.mark.usefixtures("soon")
def test_blocks_share_a_thread_and_what_begins_after_it_has_ended_is_cut_off_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begun: list[None] = []
    start = threading.Thread.start
    monkeypatch.setattr(threading.Thread, "start", lambda thread: (begun.append(None), start(thread)))
    with contextlib.closing(sqlite3.connect(":memory:")) as plain, contextlib.closing(empty_database()) as timed:
        timed.timeout = 0.0  # type: ignore[attr-defined]
        before = threading.active_count()
        with limited(10**6, plain):
            for _ in range(300):
                with limited(0, plain):
                    pass
        assert len(begun) <= 1
        until = time.monotonic() + LONG
        while threading.active_count() > before and time.monotonic() < until:
            time.sleep(0.01)
        assert threading.active_count() <= before, "it does not wait for blocks that may never come"
        with pytest.raises(sqlite3.DatabaseError, match="longer than --timeout"), limited(0, timed, plain):
            plain.execute(f"{NUMBERS.format(rows=10**12)} SELECT max(i) FROM n")  # only the thread can end this
