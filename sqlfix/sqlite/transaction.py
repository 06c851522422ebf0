"""Opening a database to repair it: its write lock, one transaction, and files of our own that are attached to it."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

from sqlfix.sqlite import interrupts
from sqlfix.sqlite.connect import connect, require_sqlite, when_free
from sqlfix.sqlite.deadline import watch
from sqlfix.sqlite.failures import plain_errors
from sqlfix.sqlite.odd_files import require_database
from sqlfix.sqlite.trust import attaching, authorize, guard_tables


@contextlib.contextmanager
def writing(path: Path, timeout: float = 5.0, sign: Callable[[], object] | None = None) -> Iterator[sqlite3.Connection]:
    """Open a database to repair it and hold its write lock: one transaction, given back unless it is committed.

    Foreign keys are off before the transaction begins: with enforcement on, deleting an orphan would cascade into
    sound rows, and inside a transaction the setting cannot change.

    Raises:
        SqlfixError: where the file cannot be written, or another program keeps it locked.
    """
    require_sqlite()
    require_database(path)
    with plain_errors(path):
        connection = open_to_write(path.resolve(), timeout)
    try:
        watch(connection, sign)
        with plain_errors(path):
            when_free(connection, "BEGIN IMMEDIATE", timeout)
            connection.execute(f"PRAGMA busy_timeout = {round(min(timeout, 1e6) * 1000)}")  # for the COMMIT
        yield connection
    finally:
        with interrupts.held():
            connection.set_progress_handler(None, 0)
            with contextlib.suppress(sqlite3.Error):
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
            connection.close()


def open_to_write(path: Path, timeout: float) -> sqlite3.Connection:
    """A connection that writes, with foreign keys off, outside any transaction."""
    return connect(path, "mode=rw", timeout)


def attach(connection: sqlite3.Connection, path: Path, name: str) -> None:
    """Attach a file of our own to a connection, to read it; inside a transaction it stays until the connection ends."""
    with _may_attach(connection):
        connection.execute(f"ATTACH ? AS {name}", (f"{path.resolve().as_uri()}?mode=ro&immutable=1",))


def detach(connection: sqlite3.Connection, name: str) -> None:
    """Undo `attach`, outside any transaction."""
    with _may_attach(connection):
        connection.execute(f"DETACH {name}")


@contextlib.contextmanager
def _may_attach(connection: sqlite3.Connection) -> Iterator[None]:
    """Allow ATTACH and DETACH, and nothing else, in the block."""
    connection.set_authorizer(attaching)
    try:
        yield
    finally:
        authorize(connection)
        guard_tables(connection)
