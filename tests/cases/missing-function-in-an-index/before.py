"""An index and a CHECK call a function that only the application has.

Expected: by_index and by_check: 1 orphan each. SQLite cannot change these tables here, so each is left with that
reason; plain: 1 orphan, emptied all the same. Exit code 1.
"""

import contextlib
import sqlite3
from pathlib import Path


def prepare(connection: sqlite3.Connection) -> None:
    """Bring the application's function along."""
    connection.create_function("app_key", 1, lambda value: value, deterministic=True)


def build(path: Path) -> None:
    """Two tables that need the function, and one that does not."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        prepare(connection)
        connection.executescript("""
            CREATE TABLE books (id INTEGER PRIMARY KEY);
            CREATE TABLE by_index (id INTEGER PRIMARY KEY, book_id INTEGER REFERENCES books (id));
            CREATE INDEX by_index_key ON by_index (app_key(book_id));
            CREATE TABLE by_check (
              id INTEGER PRIMARY KEY, book_id INTEGER REFERENCES books (id), CHECK (app_key(book_id) IS NOT 7)
            );
            CREATE TABLE plain (id INTEGER PRIMARY KEY, book_id INTEGER REFERENCES books (id));
            INSERT INTO books VALUES (1);
            INSERT INTO by_index VALUES (1, 1), (2, 9);
            INSERT INTO by_check VALUES (1, 1), (2, 9);
            INSERT INTO plain VALUES (1, 1), (2, 9);
        """)
