"""A page of a table holds the id 4 twice, in the place of 5: six ids from 1 to 6, as many as if none were missing.

integrity: skip
Expected: duplicate-keys of (id), which says that the table itself is damaged, and the orphan that refers to 5. It is
held back, and nothing is repaired.
"""

import contextlib
import sqlite3
from pathlib import Path


def build(path: Path) -> None:
    """A table with one rowid changed on its page."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.executescript("""
            CREATE TABLE p (id INTEGER PRIMARY KEY, name TEXT);
            CREATE TABLE c (id INTEGER PRIMARY KEY, p_id INTEGER REFERENCES p (id));
            INSERT INTO p VALUES (1, 'one'), (2, 'two'), (3, 'three'), (4, 'four'), (5, 'five'), (6, 'six');
            INSERT INTO c VALUES (1, 1), (2, 4), (3, 5);
        """)
    content = bytearray(path.read_bytes())
    cell = content.index(b"five") - 5  # its length, its rowid, three bytes of its header, then the name
    assert content[cell + 1] == 5
    content[cell + 1] = 4
    path.write_bytes(content)
