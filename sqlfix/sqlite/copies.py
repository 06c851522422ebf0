"""The copies that lie beside a database, by their names."""

from __future__ import annotations

import contextlib
import re
from itertools import islice
from pathlib import Path

from sqlfix.sqlite.odd_files import MOST_NAMES, is_sqlite_file

MOST_COPIES = 5
ENDINGS = r"(?i)\.backup[^/]*|\.bak[^/]*|~|\.old|\.\d{1,3}|\.orig|\.sqlfix-\d{8}T\d{6}Z(-\d+)?\.sqlite3"
"""What follows the name of a database, with or without its extension, in that of a copy."""
UNFINISHED = ".partial"
"""The end of the name of a file that is still being made, or that was never finished."""


def copies_beside(database: Path) -> tuple[Path, ...]:
    """The files beside a database that are named as its copies are, and are databases: a few, the newest first."""
    found = []
    with contextlib.suppress(OSError):
        for path in islice(database.parent.iterdir(), MOST_NAMES):
            for name in (database.name, database.stem):
                called_so = path.name.startswith(name) and re.fullmatch(ENDINGS, path.name[len(name) :])
                if called_so and path.suffix != UNFINISHED and is_sqlite_file(path):
                    found.append((path.stat().st_mtime, path))
                    break
    return tuple(path for _, path in sorted(found, reverse=True) if path != database)[:MOST_COPIES]
