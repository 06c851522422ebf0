"""The stamp of a file is another one after whatever may have been written to it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from support import build

from sqlfix.schema.database import open_database
from sqlfix.sqlite.stamps import stamp_of

ROWS = "CREATE TABLE t (a); INSERT INTO t VALUES (1), (2);"


def stamp(path: Path) -> str | None:
    with path.open("rb") as file:
        return stamp_of(file, path)


def copy_over(path: Path, other: Path) -> None:
    """Another database of the same size, times and number of commits, copied over this one."""
    had = path.stat()
    shutil.copyfile(other, path)
    os.utime(path, ns=(had.st_atime_ns, had.st_mtime_ns))


def put_in_place(path: Path, other: Path) -> None:
    had = path.stat()
    os.utime(other, ns=(had.st_atime_ns, had.st_mtime_ns))
    other.replace(path)


SINCE: list[Callable[[Path, Path], object]] = [
    lambda path, _: build(path, "UPDATE t SET a = 3 WHERE a = 2"),
    lambda path, _: build(path, "PRAGMA user_version = 7"),
    lambda path, _: build(path, "VACUUM"),
    lambda path, _: build(path, "PRAGMA journal_mode = WAL"),
    lambda path, _: os.truncate(path, path.stat().st_size - 1),
    copy_over,
    put_in_place,
]


@pytest.mark.parametrize("since", SINCE)
def test_what_writes_to_a_file_gives_it_another_stamp(tmp_path: Path, since: Callable[[Path, Path], object]) -> None:
    path = build(tmp_path / "x.db", ROWS)
    other = build(tmp_path / "other.db", ROWS.replace("(2)", "(3)"))
    before = stamp(path)
    assert before
    since(path, other)
    assert stamp(path) != before


def test_what_only_reads_a_file_leaves_its_stamp(tmp_path: Path) -> None:
    path = build(tmp_path / "x.db", ROWS)
    before = stamp(path)
    with open_database(path) as database:
        assert database.stamp == before
        assert database.connection.execute("SELECT count(*) FROM t").fetchone() == (2,)
    path.read_bytes()
    build(path, "SELECT * FROM t; BEGIN IMMEDIATE; ROLLBACK; BEGIN; UPDATE t SET a = 9; ROLLBACK")
    assert stamp(path) == before


def test_there_is_none_of_what_a_commit_leaves_as_it_is(tmp_path: Path) -> None:
    path = build(tmp_path / "x.db", f"PRAGMA journal_mode = WAL; {ROWS}")
    assert stamp(path) is None
    with open_database(path) as database:
        assert database.stamp is None
    (tmp_path / "short").write_bytes(b"SQLite format 3\0")
    assert stamp(tmp_path / "short") is None
    path = build(tmp_path / "y.db", ROWS)
    with path.open("rb") as file:
        path.rename(tmp_path / "z.db")
        assert stamp_of(file, path) is None
        build(path, ROWS)
        assert stamp_of(file, path) is None
