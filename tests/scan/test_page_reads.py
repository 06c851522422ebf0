"""How often a scan with all checks reads the pages of a sound table from the file; counted, and not timed.

A large file is mapped into memory by two readers, and what the system keeps of it is far less than the file here: so a
page counts once more where it is met again after many others. A table is read once: for the keys, all checks of single
rows, how many rows there are, and whether each id is there once, which are asked in one statement. What compares rows
with others reads them again, each time for one purpose.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from page_reads import counted_reads, library, trees_of
from support import build

from sqlfix.model.findings import Report
from sqlfix.scan import access_paths, known_tables, pieces, trees
from sqlfix.scan.run import check_all, look_at
from sqlfix.schema.database import open_database
from sqlfix.sqlite import snapshot

pytestmark = pytest.mark.skipif(library() is None, reason="the SQLite library cannot be reached from Python")

NUMBERS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40000)"
GUID = "substr('00000000' || (i * 7919 % 40009), -8) || '-0000-4000-8000-000000000000'"
PARENTS = f"CREATE TABLE p (id INTEGER PRIMARY KEY, name TEXT); {NUMBERS} INSERT INTO p SELECT i, 'name ' || i FROM n;"
CHILD = "CREATE TABLE t (id INTEGER PRIMARY KEY, p_id INTEGER NOT NULL REFERENCES p, b VARCHAR(30));"
CHILDREN = f"{PARENTS}{CHILD} {NUMBERS} INSERT INTO t SELECT i, i, 'text ' || i FROM n;"
OF_GUIDS = f"""
CREATE TABLE p (id CHAR(36) PRIMARY KEY, name TEXT); {NUMBERS} INSERT INTO p SELECT {GUID}, 'name ' || i FROM n;
CREATE TABLE t (id INTEGER PRIMARY KEY, p_id CHAR(36) REFERENCES p); {NUMBERS} INSERT INTO t SELECT i, {GUID} FROM n;
"""
KINDS: dict[str, tuple[str, dict[str, float]]] = {
    "a plain table": (
        f"CREATE TABLE t (a INTEGER NOT NULL, b TEXT); {NUMBERS} INSERT INTO t SELECT i, 'b ' || i FROM n", {"t": 1}
    ),
    "children": (CHILDREN, {"p": 1, "t": 1}),
    "an index": (f"{CHILDREN} CREATE INDEX t_p ON t (p_id)", {"p": 1, "t": 1, "t_p": 0}),
    # which ids are missing is known only if it is looked for, and each page is checked before rows are looked up
    "gaps": (f"{CHILDREN} DELETE FROM t WHERE id % 20 = 7; DELETE FROM p WHERE id % 20 = 7", {"p": 2, "t": 1}),
    "gaps in what is checked itself": (
        f"{CHILDREN} CREATE TABLE g (id INTEGER PRIMARY KEY, t_id INTEGER REFERENCES t);"
        " DELETE FROM t WHERE id % 20 = 7; INSERT INTO g SELECT id, id FROM t", {"p": 1, "t": 1, "g": 1}
    ),
    "ids in a few parts far apart": (
        f"{CHILDREN} UPDATE t SET id = id + (id / 15000) * 100000000000", {"p": 1, "t": 1}
    ),
    "one id far from all others": (f"{CHILDREN} UPDATE t SET id = 1 << 62 WHERE id = 40000", {"p": 1, "t": 1}),
    "ids like hashes": (
        f"{CHILDREN} UPDATE t SET id = (id * 2654435761 & 4294967295) << 31 | id", {"p": 1, "t": 1}
    ),
    # whether each leads to a lesser one is read apart
    "a table that refers to itself": (
        "CREATE TABLE t (id INTEGER PRIMARY KEY, t_id INTEGER REFERENCES t, b VARCHAR(30));"
        f"{NUMBERS} INSERT INTO t SELECT i, nullif(i / 2, 0), 'text ' || i FROM n", {"t": 2}
    ),
    "long rows": (
        "CREATE TABLE t (id INTEGER PRIMARY KEY, b VARCHAR(30), c TEXT, d TEXT NOT NULL);"
        f"{NUMBERS} INSERT INTO t SELECT i, 'text ' || i, hex(zeroblob(5000)), 'd' FROM n WHERE i < 2000", {"t": 1}
    ),
    # what SQLite allocates memory for is asked apart, of each piece right after the rest
    "a CHECK of JSON": (
        f"{PARENTS} CREATE TABLE t (id INTEGER PRIMARY KEY, p_id INTEGER REFERENCES p, b TEXT CHECK (json_valid(b)));"
        f"{NUMBERS} INSERT INTO t SELECT i, i, json_array(i, 'text') FROM n", {"p": 1, "t": 1}
    ),
    # an index is counted, and its keys are compared; 64 rows from all parts of the table are looked up in it
    "a unique column": (
        "CREATE TABLE t (id INTEGER PRIMARY KEY, b VARCHAR(30) UNIQUE);"
        f"{NUMBERS} INSERT INTO t SELECT i, 'text ' || i FROM n", {"t": 1.8, "sqlite_autoindex_t_1": 2.3}
    ),
    "a table without rowids": (
        "CREATE TABLE t (a TEXT, b INTEGER, c VARCHAR(9), PRIMARY KEY (a COLLATE NOCASE, b DESC)) WITHOUT ROWID;"
        f"{NUMBERS} INSERT INTO t SELECT 'text ' || (i / 5), i, 'c' FROM n", {"t": 1}
    ),
    # where parents are looked up, SQLite itself is asked for their order, which reads all, but knows more of damage
    "parents without rowids": (
        "CREATE TABLE t (a TEXT, b INTEGER, PRIMARY KEY (a, b)) WITHOUT ROWID;"
        f"{NUMBERS} INSERT INTO t SELECT 'text ' || (i / 5), i FROM n;"
        "CREATE TABLE c (a TEXT, b INTEGER, FOREIGN KEY (a, b) REFERENCES t)", {"t": 3.3}
    ),
    # where less is kept than the index of the parents, which are looked up at random, each look may read a page
    "GUIDs": (OF_GUIDS, {"t": 1}),
    "GUIDs, indexed": (
        f"{OF_GUIDS} CREATE INDEX t_p ON t (p_id)", {"p": 1.3, "t": 1.4, "t_p": 2.1, "sqlite_autoindex_p_1": 3.1}
    ),
    # how often a pair is there is counted in a reading of its own
    "links": (
        f"{PARENTS} CREATE TABLE q (id INTEGER PRIMARY KEY, name TEXT); INSERT INTO q SELECT * FROM p;"
        "CREATE TABLE t (p_id INTEGER NOT NULL REFERENCES p, q_id INTEGER NOT NULL REFERENCES q);"
        f"{NUMBERS} INSERT INTO t SELECT i, 40001 - i FROM n", {"p": 1, "q": 1, "t": 2}
    ),
}  # fmt: skip
"""What is built, and how often each table or index is read, seeks aside."""
KEPT = {"long rows": 150, "GUIDs": 650, "a CHECK of JSON": 150}
"""Pages that are kept in memory: those of a piece for each reader, and what is looked up for its rows."""
PIECES = {"long rows": 250, "a CHECK of JSON": 2500}
"""Rows that are read at a time."""


def looked_at(path: Path) -> Report:
    """What all checks find."""
    with open_database(path) as database:
        return check_all(database.connection, look_at(database.readers, database.schema), "")


@pytest.mark.parametrize("kind", KINDS)
def test_no_page_of_a_sound_table_is_read_more_often_than_said(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    built, times = KINDS[kind]
    path = build(tmp_path / "x.db", f"{built}; VACUUM")
    monkeypatch.setattr(snapshot, "LARGE", 1)
    monkeypatch.setattr(snapshot, "cores", lambda: 2)
    monkeypatch.setattr(pieces, "PIECE", PIECES.get(kind, 5000))
    monkeypatch.setattr(pieces, "PLACES", 4)
    for module in (access_paths, known_tables, trees):
        monkeypatch.setattr(module, "WHOLE", 2)  # all are taken for large ones
    found = trees_of(path)
    with counted_reads(KEPT.get(kind, 60)) as reads:
        report = looked_at(path)
    assert {finding.check for finding in report.findings} <= {"unindexed-foreign-keys"}
    counted = {name: sum(reads[page] for page in found[name]) / len(found[name]) for name in times}
    assert counted == pytest.approx(times, abs=0.15)


def test_no_page_of_a_small_file_is_read_twice(tmp_path: Path) -> None:
    path = build(tmp_path / "x.db", f"{CHILDREN} CREATE INDEX t_p ON t (p_id)")
    with counted_reads() as reads:
        looked_at(path)
    assert max(reads.values()) == 1
