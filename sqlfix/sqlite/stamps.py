"""The state of a file, told without reading it: whether anybody has written to it since it was looked at."""

import os
from pathlib import Path
from typing import BinaryIO

HEADER = 100
"""Bytes of a database's header, https://www.sqlite.org/fileformat2.html#the_database_header."""


def stamp_of(file: BinaryIO, path: Path) -> str | None:
    """What is another one as soon as a database in a rollback mode holds anything else.

    It has the header, in which SQLite counts the commits: by that alone it knows itself whether what it has read of a
    file still holds. Whoever writes over the file in another way, or puts another one in its place, cannot keep the
    number, the size and the times of the file as they are: the time of its last change is set by nobody.

    Args:
        file: the database, open to be read. To close it drops the locks that this process holds on it.
        path: where it is.

    Returns:
        None in WAL mode, where a commit leaves the file as it is, and where another file has that name by now.
    """
    file.seek(0)
    header = file.read(HEADER)
    now = os.fstat(file.fileno())
    try:
        same = os.path.samestat(path.stat(), now)
    except OSError:
        return None
    if not same or len(header) < HEADER or is_in_wal_mode(header):
        return None
    return ":".join([*map(str, (now.st_dev, now.st_ino, now.st_size, now.st_mtime_ns, now.st_ctime_ns)), header.hex()])


def is_in_wal_mode(header: bytes) -> bool:
    """True of the first bytes of a file in WAL mode: SQLite goes by the second of its two bytes alone."""
    return header[19:20] == b"\x02"
