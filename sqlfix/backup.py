"""The backup that every repair makes first: whole, verified, on the disk, and never in the way of another file."""

from __future__ import annotations

import contextlib
import os
import re
import sqlite3
import stat
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from sqlfix.apply import table_sizes
from sqlfix.database import beside, looking_at, stop_if_interrupted
from sqlfix.errors import Malformed, SqlfixError
from sqlfix.model import Schema
from sqlfix.sql import quote

PAGES_A_STEP = 4096
"""16 MB with the usual page size: large enough to copy at the disk's speed, small enough for progress to move."""

Progress = Callable[[int, int], object]
"""Called with how many pages are still to be copied, and how many there are."""


def backup_path(database: Path, now: datetime | None = None) -> Path:
    """Where the backup of a database goes: beside it, with the time in UTC; one that is not there yet."""
    stamp = (now or datetime.now(UTC)).strftime("%Y%m%dT%H%M%SZ")
    path = database.with_name(f"{database.name}.backup-{stamp}")
    number = 1
    while os.path.lexists(path):
        number += 1
        path = database.with_name(f"{database.name}.backup-{stamp}-{number}")
    return path


def make_backup(database: Path, target: Path, schema: Schema, progress: Progress | None = None) -> Path:
    """Copy a database, verify the copy, and only then give it its name.

    It goes through SQLite's backup API, so what stands in a WAL is in it. The caller holds the write lock, so nobody
    can write between the backup and the repair. The file under the final name is always whole; it is readable by
    nobody who could not read the original, and an existing file is never overwritten.

    Raises:
        SqlfixError: where the copy cannot be written, or is not what it should be; nothing is left of it then.
    """
    partial = target.with_name(target.name + ".partial")
    _create(database, partial, target)
    try:
        try:
            _copy(database, partial, progress)
            _verify(database, partial, schema)
        except sqlite3.Error as error:
            stop_if_interrupted(error)
            if "full" in str(error) or "disk I/O" in str(error):
                raise SqlfixError(f"the backup {target} cannot be written: {error}", NO_ROOM) from error
            raise SqlfixError(f"the backup {target} failed: {error}; nothing was changed") from error
        _give_name(database, partial, target)
    except OSError as error:
        raise SqlfixError(f"the backup {target} cannot be written: {error.strerror or error}", NO_ROOM) from error
    finally:
        for suffix in ("", "-journal", "-wal", "-shm"):
            with contextlib.suppress(OSError):
                partial.with_name(partial.name + suffix).unlink()
    return target


NO_ROOM = "nothing was changed; free some space, or put the backup elsewhere with --backup-to PATH"


def _create(database: Path, partial: Path, target: Path) -> None:
    for suffix in ("-journal", "-wal", "-shm"):
        if target.parent.resolve() / target.name == database.with_name(database.name + suffix):
            raise SqlfixError(f"{target} is a name that SQLite itself uses beside the database", "name another path")
        stray = target.with_name(target.name + suffix)  # SQLite would take it for the backup's own
        if os.path.lexists(stray):
            raise SqlfixError(f"{stray} is in the way: it is of another database", "name another path")
    if os.path.lexists(target):
        raise SqlfixError(f"{target} exists already, and a backup never overwrites a file", "name another path")
    try:
        os.close(os.open(partial, os.O_CREAT | os.O_EXCL | os.O_RDWR | getattr(os, "O_NOFOLLOW", 0), 0o600))
    except FileExistsError:
        raise SqlfixError(f"{partial} is in the way: another backup runs, or one was cut off", "remove it") from None
    except OSError as error:
        raise SqlfixError(
            f"the backup cannot be written to {target.parent}: {error.strerror or error}",
            "nothing was changed; put the backup elsewhere with --backup-to PATH",
        ) from None


def _copy(database: Path, partial: Path, progress: Progress | None) -> None:
    def step(status: int, remaining: int, total: int) -> None:
        if progress:
            progress(remaining, total)

    with beside(database) as source, beside(partial, write=True) as copy:
        copy.execute("PRAGMA synchronous = OFF")  # it is fsynced once, below
        copy.execute("PRAGMA journal_mode = OFF")
        source.backup(copy, pages=PAGES_A_STEP, progress=step)


def _verify(database: Path, partial: Path, schema: Schema) -> None:
    with looking_at(partial) as copy, beside(database) as source:
        require_sound(copy, database)
        if table_sizes(copy, schema) != table_sizes(source, schema):
            raise SqlfixError("the backup does not have as many rows as the database; nothing was changed")


COMPLAINTS_OF_ROWS = re.compile(r"NULL value in |CHECK constraint failed in |(non-\w+|NUMERIC|TEXT) value in ")
"""What quick_check says of rows that break a NOT NULL, a CHECK or a STRICT type: a fault, but the file is whole."""


def require_sound(connection: sqlite3.Connection, path: Path) -> None:
    """Raise Malformed if the file's structure is damaged; ``path`` is what it is called."""
    try:
        damage = _damage(connection, "1000000000")
    except sqlite3.OperationalError as error:
        if not str(error).startswith(("no such", "unknown function")):
            raise
        # a collation or function that only the application has makes the whole check fail: so it goes table by table
        tables = connection.execute("SELECT name FROM main.sqlite_master WHERE type = 'table'").fetchall()
        damage = None
        for (name,) in tables:
            try:
                damage = damage or _damage(connection, quote(name))
            except sqlite3.OperationalError as error:
                stop_if_interrupted(error)
    if damage:
        raise Malformed(
            f"{path} is damaged ({damage.splitlines()[0]}): a damaged file is not repaired",
            f"work on a copy; `sqlite3 {path} .recover` can save what is left of the rows",
        )


def _damage(connection: sqlite3.Connection, what: str) -> str | None:
    lines = (str(row[0]) for row in connection.execute(f"PRAGMA quick_check({what})"))
    return next((line for line in lines if line != "ok" and not COMPLAINTS_OF_ROWS.match(line)), None)


def _give_name(database: Path, partial: Path, target: Path) -> None:
    status = database.stat()
    descriptor = os.open(partial, os.O_RDWR)
    try:
        if hasattr(os, "fchmod"):
            if hasattr(os, "fchown"):
                with contextlib.suppress(OSError):
                    os.fchown(descriptor, status.st_uid, status.st_gid)
            os.fchmod(descriptor, stat.S_IMODE(status.st_mode) & 0o666)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    try:
        os.link(partial, target)  # unlike a rename, it never replaces a file that came into being meanwhile
    except FileExistsError:
        raise
    except OSError:
        if os.path.lexists(target):
            raise
        partial.rename(target)
    sync_folder(target.parent)


def sync_folder(folder: Path) -> None:
    """Make sure that a new name in a folder is on the disk, where the system knows such a thing."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
