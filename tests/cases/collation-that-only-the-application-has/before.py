"""Two of four tables need a collation that only the application has, one of them for the very key of its rows.

Expected: cards.nid: 1 orphan, deleted; cards.did: 1 orphan, emptied. cards.tag is not checked, nor are the rows of tags
and the unique key of decks, each with that reason. Exit code 1.
"""

import contextlib
import sqlite3
from pathlib import Path


def prepare(connection: sqlite3.Connection) -> None:
    """Bring the application's collation along."""
    connection.create_collation("unicase", lambda a, b: (a.lower() > b.lower()) - (a.lower() < b.lower()))


def build(path: Path) -> None:
    """Cards, which refer to tables with that collation and without."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        prepare(connection)
        connection.executescript("""
            CREATE TABLE notes (id INTEGER PRIMARY KEY, mid INTEGER NOT NULL, flds TEXT);
            CREATE TABLE decks (id INTEGER PRIMARY KEY NOT NULL, name TEXT NOT NULL COLLATE unicase);
            CREATE UNIQUE INDEX idx_decks_name ON decks (name);
            CREATE TABLE tags (tag TEXT NOT NULL PRIMARY KEY COLLATE unicase, usn INTEGER) WITHOUT ROWID;
            CREATE TABLE cards (
              id INTEGER PRIMARY KEY, nid INTEGER NOT NULL REFERENCES notes (id),
              did INTEGER REFERENCES decks (id), tag TEXT REFERENCES tags (tag)
            );
            INSERT INTO notes VALUES (1, 1, 'f'), (2, 1, 'g');
            INSERT INTO decks VALUES (1, 'Default'), (2, 'Other');
            INSERT INTO tags VALUES ('Verb', 0), ('noun', 0);
            INSERT INTO cards VALUES (1, 1, 1, 'verb'), (2, 9, 1, 'noun'), (3, 2, 7, NULL);
        """)
