"""Taking repairs back: every golden case, exactly and row by row; conflicts; the record itself."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support import Ran, contents, sqlfix
from test_cases import CASES, NAMES, Case, read_case

ALL_ALLOWED = "--allow-mass-delete"


@pytest.fixture(params=NAMES)
def case(request: pytest.FixtureRequest) -> Case:
    """Each golden case."""
    found = read_case(CASES / request.param)
    for need in found.all("needs"):
        pytest.importorskip("sqlite3")
        with contextlib.closing(sqlite3.connect(":memory:")) as connection:
            options = {row[0] for row in connection.execute("PRAGMA compile_options")}
            if not need.startswith("sqlite") and f"ENABLE_{need.upper()}" not in options:
                pytest.skip(f"this SQLite has no {need}")
    return found


def repaired(case: Case, folder: Path, *options: str) -> tuple[Path, dict[str, Any], Ran]:
    """The case's file after a repair, what it held before, and what the repair said."""
    path = case.database(folder)
    before = contents(path)
    ran = sqlfix("repair", path, "--yes", *case.options, *options)
    assert ran.code in (0, 1), ran.err
    return path, before, ran


def records(path: Path) -> list[dict[str, Any]]:
    """What history lists."""
    found: list[dict[str, Any]] = sqlfix("history", path, "--format", "json").json["records"]
    return found


def meaning(path: Path) -> dict[str, Any]:
    """What a file holds, with a search index as what is found by it: how it is laid out may differ."""
    found = contents(path)
    with contextlib.closing(sqlite3.connect(path)) as connection:
        virtual = connection.execute("SELECT name, sql FROM sqlite_master WHERE sql LIKE 'CREATE VIRTUAL TABLE%'")
        for name, sql in virtual.fetchall():
            for table in [t for t in found if t.startswith(f"{name}_")]:
                del found[table]
            if "fts5" in sql.lower():
                connection.execute(f'INSERT INTO "{name}" ("{name}") VALUES (\'integrity-check\')')
                connection.execute(f"CREATE VIRTUAL TABLE temp.v_{name} USING fts5vocab(main, {name}, instance)")
                found[f"terms of {name}"] = sorted(connection.execute(f"SELECT * FROM v_{name}").fetchall())
            elif "rtree" in sql.lower():
                found[f"rows of {name}"] = sorted(connection.execute(f'SELECT * FROM "{name}"').fetchall())
    return found


@contextlib.contextmanager
def changed_by_somebody(path: Path) -> Iterator[None]:
    """A write that has nothing to do with the repair, so that the backup cannot simply come back."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE written_since (x)")
    yield
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("DROP TABLE written_since")


def test_an_undo_brings_the_file_back_exactly(case: Case, tmp_path: Path) -> None:
    path, before, ran = repaired(case, tmp_path / "a")
    if not records(path):
        assert "Record:" not in ran.out
        return
    after = contents(path)
    undone = sqlfix("undo", path, "--yes")
    assert (undone.code, undone.err) == (0, "")
    assert "the file is as it was before" in undone.out
    assert contents(path) == before
    again = sqlfix("undo", path, records(path)[-1]["name"], "--yes")
    assert again.code == 0, again.err
    assert contents(path) == after


@pytest.mark.parametrize("backup", ["--backup", "--no-backup"])
def test_an_undo_row_by_row_brings_every_row_back(case: Case, tmp_path: Path, backup: str) -> None:
    path = case.database(tmp_path / "a")
    before = meaning(path)
    assert sqlfix("repair", path, "--yes", backup, *case.options).code in (0, 1)
    if not records(path):
        return
    after = meaning(path)
    with changed_by_somebody(path):
        undone = sqlfix("undo", path, "--yes", "--no-backup")
        assert (undone.code, undone.err) == (0, ""), undone.out
    assert "the file is as it was before" not in undone.out
    assert meaning(path) == before
    with changed_by_somebody(path):
        again = sqlfix("undo", path, records(path)[-1]["name"], "--yes", "--no-backup")
        assert (again.code, again.err) == (0, "")
    assert meaning(path) == after
