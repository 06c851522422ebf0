"""A table of four rows has one value twice in its TEXT PRIMARY KEY; the index still has what stood there before.

integrity: skip
Expected: duplicate-keys, 1 group of 2 rows, of the constraint that is there. What refers to the table is held back,
also the row that is an orphan, until somebody has decided which of the two rows stays.
"""

import contextlib
import sqlite3
from pathlib import Path


def build(path: Path) -> None:
    """A table whose last row was changed on its page, and in no index."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.executescript("""
            CREATE TABLE vec (id TEXT PRIMARY KEY, v TEXT);
            CREATE TABLE vref (id INTEGER PRIMARY KEY, vec_id TEXT NOT NULL REFERENCES vec (id));
            INSERT INTO vec VALUES ('v1', 'x'), ('v2', 'y'), ('v3', 'z'), ('vX', 'w');
            INSERT INTO vref VALUES (1, 'v1'), (2, 'v2'), (3, 'v3'), (4, 'v9');
        """)
    content = path.read_bytes()
    assert content.count(b"vXw") == 1
    path.write_bytes(content.replace(b"vXw", b"v2w"))
