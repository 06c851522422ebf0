"""All that a change of the schema has to leave as it is: for the tests of rebuilds."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path
from typing import Any

from support import contents

KEPT = ("user_version", "application_id", "encoding", "page_size", "auto_vacuum", "journal_mode")
OF_SQLITE = ("sqlite_sequence", "sqlite_stat1", "sqlite_stat4")


def everything(path: Path) -> dict[str, Any]:
    """Texts, rows with their types and rowids, the order of indexes and triggers, and the settings of a file."""
    found = contents(path)
    with contextlib.closing(sqlite3.connect(path)) as db:
        db.text_factory = bytes
        for name in OF_SQLITE:
            if db.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (name,)).fetchone():
                found[name] = db.execute(f"SELECT rowid, * FROM {name} ORDER BY 1").fetchall()
        for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND rootpage").fetchall():
            with contextlib.suppress(sqlite3.Error):  # WITHOUT ROWID
                quoted = name.decode().replace('"', '""')
                found[f"rowids of {quoted}"] = db.execute(f'SELECT rowid FROM "{quoted}" ORDER BY 1').fetchall()
        ordered = "SELECT tbl_name, name FROM sqlite_master WHERE type <> 'table' ORDER BY type, tbl_name, rowid"
        found["order"] = db.execute(ordered).fetchall()
        found["settings"] = [db.execute(f"PRAGMA {name}").fetchone() for name in KEPT]
        with contextlib.suppress(sqlite3.OperationalError):  # a function that only the application has
            found["integrity"] = db.execute("PRAGMA integrity_check").fetchall()
    return found
