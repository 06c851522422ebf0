"""A collation that only the application has: keys of that table cannot be compared here.

Expected: words.name is not checked, with the reason, and left; notes: 1 orphan, emptied all the same. Exit code 1.
"""

import contextlib
import sqlite3
from pathlib import Path


def prepare(connection: sqlite3.Connection) -> None:
    """Bring the application's collation along."""
    connection.create_collation("backwards", lambda a, b: (a[::-1] > b[::-1]) - (a[::-1] < b[::-1]))


def build(path: Path) -> None:
    """A table keyed by that collation, and an ordinary one."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        prepare(connection)
        connection.executescript("""
            CREATE TABLE names (name TEXT COLLATE backwards PRIMARY KEY);
            CREATE TABLE words (id INTEGER PRIMARY KEY, name TEXT REFERENCES names (name));
            CREATE TABLE notes (id INTEGER PRIMARY KEY, word_id INTEGER REFERENCES words (id));
            INSERT INTO names VALUES ('ann'), ('ben');
            INSERT INTO words VALUES (1, 'ann'), (2, 'gone');
            INSERT INTO notes VALUES (1, 1), (2, 9);
        """)
