"""SQLite's own checks of a file: asking them, and what they say that is no damage."""

import contextlib
import re
import sqlite3
from collections.abc import Iterator

NO_DAMAGE = (
    r"NULL value in |CHECK constraint failed in |(non-\w+|NUMERIC|TEXT) value in "
    r"|wrong # of entries in index |row \d+ missing from index |non-unique entry in index "
)
"""What quick_check says of a file whose structure is whole.

Rows that break a NOT NULL, a CHECK or a STRICT type are a fault of their own; and so is an index that disagrees with
its table, of which quick_check speaks since SQLite 3.42: REINDEX mends it.
"""


@contextlib.contextmanager
def without_constraints(connection: sqlite3.Connection) -> Iterator[None]:
    """Leave CHECKs aside in the block: they say nothing of the file, may never end, or call what only its owner has."""
    connection.execute("PRAGMA ignore_check_constraints = ON")
    try:
        yield
    finally:
        connection.execute("PRAGMA ignore_check_constraints = OFF")


def complaints(connection: sqlite3.Connection, check: str) -> list[str]:
    """The lines of a check that SQLite makes, ``quick_check(t)`` say; none where it finds nothing."""
    with without_constraints(connection):
        return [str(line) for (line,) in connection.execute(f"PRAGMA main.{check}") if line != "ok"]


def is_damaged(connection: sqlite3.Connection, table: str = "100") -> bool:
    """True if the structure of a file, or of a table of it whose name is given in quotes, is not whole."""
    return not all(re.match(NO_DAMAGE, line) for line in complaints(connection, f"quick_check({table})"))


def bytes_of(connection: sqlite3.Connection) -> int:
    """The size of the file that a connection reads."""
    query = "SELECT page_count * page_size FROM temp.pragma_page_count, temp.pragma_page_size"
    return int(connection.execute(query).fetchone()[0])
