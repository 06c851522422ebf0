"""A change of very many tables: what is asked for each of its steps, and what is not."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from support import build, sqlfix

from sqlfix.model.schema import Schema
from sqlfix.plan import schema_steps
from sqlfix.schema.catalogue import read_schema


@pytest.mark.parametrize("number", [10, 30])
def test_the_schema_is_not_read_again_for_each_table_that_is_dropped_or_renamed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    read: list[object] = []

    def counted(connection: sqlite3.Connection) -> Schema:
        read.append(connection)
        return read_schema(connection)

    monkeypatch.setattr(schema_steps, "read_schema", counted)
    tables = [f"CREATE TABLE t{place} (id INTEGER PRIMARY KEY, k);" for place in range(number)]
    left = [f"CREATE TABLE new__t{place} (id INTEGER PRIMARY KEY, k);" for place in range(number)]
    rows = [f"INSERT INTO new__t{place} VALUES (1, 1);" for place in range(number)]
    path = build(tmp_path / "x.db", "".join([*tables, *left, *rows]))
    assert f"{2 * number}. rename" in sqlfix("repair-schema", "--dry-run", "--drop-leftovers", path).out
    assert 0 < len(read) <= 2
