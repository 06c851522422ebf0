"""The child has an index in a collation that only the application has; its foreign key is an ordinary one.

Expected: words: 1 orphan. SQLite cannot delete from that table here, so it is left with the reason; the note, which is
an orphan too, is deleted all the same. Exit code 1.
"""

import contextlib
import sqlite3
from pathlib import Path


def prepare(connection: sqlite3.Connection) -> None:
    """Bring the application's collation along."""
    connection.create_collation("backwards", lambda a, b: (a[::-1] > b[::-1]) - (a[::-1] < b[::-1]))


def build(path: Path) -> None:
    """A child with such an index, and one without."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        prepare(connection)
        connection.executescript("""
            CREATE TABLE books (id INTEGER PRIMARY KEY);
            CREATE TABLE words (
              id INTEGER PRIMARY KEY, label TEXT COLLATE backwards UNIQUE,
              book_id INTEGER NOT NULL REFERENCES books (id)
            );
            CREATE TABLE notes (id INTEGER PRIMARY KEY, book_id INTEGER NOT NULL REFERENCES books (id));
            INSERT INTO books VALUES (1);
            INSERT INTO words VALUES (1, 'ann', 1), (2, 'ben', 9);
            INSERT INTO notes VALUES (1, 1), (2, 9);
        """)
