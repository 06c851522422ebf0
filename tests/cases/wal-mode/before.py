"""A file in WAL mode, as most applications leave it; nobody has it open.

Expected: 1 orphan, emptied. Neither scanning nor exporting leaves a -wal or -shm behind, and repairing leaves the mode.
"""

import contextlib
import sqlite3
from pathlib import Path


def build(path: Path) -> None:
    """Written in WAL mode and closed in good order."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.executescript("""
            PRAGMA journal_mode = WAL;
            CREATE TABLE customers (id INTEGER PRIMARY KEY);
            CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers (id));
            INSERT INTO customers VALUES (1);
            INSERT INTO orders VALUES (1, 1), (2, 9);
        """)
