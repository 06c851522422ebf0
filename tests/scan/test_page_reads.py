"""How often a scan with all checks reads the pages of a sound table from the file; counted, and not timed.

A table is counted, its order is checked, and one reading serves the keys and all checks of single rows.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from page_reads import counted_reads, library
from support import build

from sqlfix.scan import known_tables
from sqlfix.scan.run import check_all, look_at
from sqlfix.schema.database import open_database
from sqlfix.sqlite import connect, snapshot

NUMBERS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40000)"
PARENTS = f"CREATE TABLE p (id INTEGER PRIMARY KEY, name TEXT); {NUMBERS} INSERT INTO p SELECT i, 'name ' || i FROM n;"
CHILD = "CREATE TABLE t (id INTEGER PRIMARY KEY, p_id INTEGER NOT NULL REFERENCES p, b VARCHAR(30));"
KINDS = {
    "a plain table": f"CREATE TABLE t (a INTEGER NOT NULL, b TEXT); {NUMBERS} INSERT INTO t SELECT i, 'b ' || i FROM n",
    "children": f"{PARENTS}{CHILD} {NUMBERS} INSERT INTO t SELECT i, i, 'text ' || i FROM n",
}


@pytest.mark.skipif(library() is None, reason="the SQLite library cannot be reached from Python")
@pytest.mark.parametrize("kind", KINDS)
def test_no_page_of_a_sound_table_is_read_more_often_than_said(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = build(tmp_path / "x.db", KINDS[kind])
    monkeypatch.setattr(connect, "CACHE_KIB", 128)  # none of the tables fits in
    monkeypatch.setattr(known_tables, "WHOLE", 2)  # all are taken for large ones
    monkeypatch.setattr(snapshot, "LARGE", 1 << 40)
    with counted_reads() as reads, open_database(path) as database:
        report = check_all(database.connection, look_at(database.readers, database.schema), "")
    assert {finding.check for finding in report.findings} <= {"unindexed-foreign-keys"}
    pages = path.stat().st_size // 4096
    assert pages - 5 <= len(reads) <= pages, "each page is read"
    assert reads.total() <= 3.1 * pages
    assert max(reads.values()) <= 5
