"""Opening a database to repair it: its write lock, one transaction, and files of our own that are attached to it."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

from sqlfix.errors import Refused
from sqlfix.sqlite import interrupts
from sqlfix.sqlite.connect import connect, require_sqlite, when_free
from sqlfix.sqlite.deadline import stop_if_interrupted, watch
from sqlfix.sqlite.failures import error_name, plain_errors
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


def attach_to_read(connection: sqlite3.Connection, other: sqlite3.Connection, name: str) -> None:
    """Attach the file that another connection reads; that one has to stay open for as long.

    Raises:
        Refused: where SQLite cannot read both in one connection.
    """
    file = next(row[2] for row in other.execute("PRAGMA database_list") if row[1] == "main")
    uri = Path(file).as_uri()
    try:
        with _may_attach(connection):
            try:
                connection.execute(f"ATTACH ? AS {name}", (f"{uri}?mode=ro",))
            except sqlite3.OperationalError as error:
                # in a folder that cannot be written to, a file in WAL mode is read as if nobody wrote to it
                if not error_name(error).startswith(("SQLITE_CANTOPEN", "SQLITE_READONLY")):
                    raise
                connection.execute(f"ATTACH ? AS {name}", (f"{uri}?mode=ro&immutable=1",))
    except sqlite3.OperationalError as error:
        stop_if_interrupted(error)
        if "text encoding" not in str(error):
            raise
        hint = "write the older one as SQL, and name that instead: sqlite3 OLDER .dump > older.sql"
        raise Refused(
            "the two files have different text encodings, and SQLite reads only one at a time", hint
        ) from error


def detach(connection: sqlite3.Connection, name: str) -> None:
    """Undo `attach`, outside any transaction."""
    with _may_attach(connection):
        connection.execute(f"DETACH {name}")


@contextlib.contextmanager
def all_or_nothing(connection: sqlite3.Connection, name: str) -> Iterator[None]:
    """Take back all that the block did where an error comes out of it, and nothing else of the transaction.

    Args:
        name: of the savepoint.
    """
    connection.execute(f"SAVEPOINT {name}")
    try:
        yield
    except BaseException:
        if connection.in_transaction:  # a trigger's RAISE(ROLLBACK) has ended it already
            connection.execute(f"ROLLBACK TO {name}")
        raise
    finally:
        if connection.in_transaction:
            connection.execute(f"RELEASE {name}")


@contextlib.contextmanager
def _may_attach(connection: sqlite3.Connection) -> Iterator[None]:
    """Allow ATTACH and DETACH, and nothing else, in the block."""
    connection.set_authorizer(attaching)
    try:
        yield
    finally:
        authorize(connection)
        guard_tables(connection)
