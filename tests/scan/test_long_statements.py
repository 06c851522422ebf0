"""What hundreds of conditions are asked by is not kept compiled once it is answered: it takes tens of megabytes."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from support import build

from sqlfix.scan import table_pass
from sqlfix.scan.run import look_at
from sqlfix.schema.database import open_database

COLUMNS = 80
HAS_STATEMENTS = "SELECT 1 FROM pragma_module_list WHERE name = 'sqlite_stmt'"


@pytest.mark.skipif(
    not sqlite3.connect(":memory:").execute(HAS_STATEMENTS).fetchone(), reason="SQLite does not list its statements"
)
@pytest.mark.parametrize("most", [table_pass.MOST_LISTED, 1], ids=["all-listed", "too-many"])
def test_no_long_statement_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    """With ``too-many``, one column after the other is asked no more, and each time the statement is another one."""
    monkeypatch.setattr(table_pass, "MOST_LISTED", most)
    monkeypatch.setattr(table_pass, "BATCH", 1)
    names = [f"d{place}" for place in range(COLUMNS)]
    declared = ", ".join(f"{name} DATE" for name in names)
    rows = ", ".join(
        f"({', '.join(repr('x' if place < 2 * row else '') for place in range(COLUMNS))})" for row in range(5)
    )
    path = build(tmp_path / "x.db", f"CREATE TABLE t ({declared}); INSERT INTO t VALUES {rows};")
    kept: list[int] = []
    forget = table_pass.forget_statements

    def long_ones(connection: sqlite3.Connection) -> list[int]:
        found = connection.execute("SELECT length(sql) FROM sqlite_stmt").fetchall()
        return [length for (length,) in found if length > table_pass.LONG]

    def counted(connection: sqlite3.Connection) -> None:
        kept.append(len(long_ones(connection)))
        forget(connection)

    monkeypatch.setattr(table_pass, "forget_statements", counted)
    with open_database(path) as database:
        look_at(database.readers, database.schema)
        assert not long_ones(database.connection)
    assert max(kept) == 1
    assert len(kept) > (4 if most == 1 else 1)
