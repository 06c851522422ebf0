"""Connections to databases, set up alike whatever they are for. The only caller of sqlite3.connect."""

import contextlib
import sqlite3
import time
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any

from sqlfix.errors import Refused, SqlfixError
from sqlfix.model.values import NotUtf8, decode
from sqlfix.sql.key_spelling import register
from sqlfix.sql.literals import literal
from sqlfix.sqlite import interrupts
from sqlfix.sqlite.deadline import TURN, Connection, stop_if_interrupted, timeout_of, watch
from sqlfix.sqlite.failures import error_name, plain_errors, unreadable_schema
from sqlfix.sqlite.odd_files import require_database
from sqlfix.sqlite.trust import all_text_as_str, attaching, authorize, guard, guard_tables

OLDEST_SQLITE = (3, 35, 0)
CACHE_KIB = 16_384
"""A cache that holds the inner pages of large parents."""

KEPT = 128
"""Statements that Python keeps compiled for a connection, those that were used last."""


def require_sqlite(version: tuple[int, ...] = sqlite3.sqlite_version_info) -> None:
    """Raise SqlfixError where the SQLite library is older than 3.35, the first with materialised CTEs."""
    if version < OLDEST_SQLITE:
        have, need = (".".join(map(str, v)) for v in (version, OLDEST_SQLITE))
        raise SqlfixError(
            f"this Python uses SQLite {have}, and sqlfix needs {need} or newer",
            "use a newer Python, or one that is linked with a newer SQLite",
        )


def rows_of(connection: sqlite3.Connection, query: str) -> list[tuple[Any, ...]]:
    """All rows of a query; where all text is UTF-8, as it mostly is, it is made a str without a call for each."""
    with contextlib.suppress(sqlite3.OperationalError), all_text_as_str(connection):
        return connection.execute(query).fetchall()
    return connection.execute(query).fetchall()


def connect(path: Path, how: str, timeout: float = 5.0, turn: float = TURN) -> Connection:
    """A connection to a file, outside of any transaction and with foreign keys off; whoever asked for it closes it.

    Args:
        how: the parameters of SQLite's URI, https://www.sqlite.org/uri.html, such as ``mode=ro``.
        timeout: seconds to wait for another program's lock, and what `limited` allows beside the rows.
        turn: how many of these SQLite waits at a time.
    """
    connection = sqlite3.connect(
        f"{path.as_uri()}?{how}",
        uri=True,
        isolation_level=None,
        timeout=min(timeout, turn),
        check_same_thread=False,
        cached_statements=KEPT,
        factory=Connection,
    )
    try:
        connection.timeout = timeout
        _settle(connection, timeout)
    except BaseException:
        connection.close()
        raise
    return connection


def forget_statements(connection: sqlite3.Connection) -> None:
    """Let go of the statements that are kept compiled: hundreds of conditions take tens of megabytes."""
    for number in range(KEPT):
        connection.execute(f"SELECT {number}").close()


def data_version(connection: sqlite3.Connection) -> int:
    """A number that changes with every commit of another connection, and with none of this one."""
    return int(connection.execute("PRAGMA data_version").fetchone()[0])


def when_free(connection: sqlite3.Connection, sql: str, timeout: float) -> None:
    """Run what first takes a lock, and wait for it in short turns, between which Ctrl-C takes effect."""
    until = time.monotonic() + timeout
    while True:
        try:
            connection.execute(sql).fetchone()
            return
        except sqlite3.OperationalError as error:
            busy = error_name(error).startswith("SQLITE_BUSY")
            if not busy or time.monotonic() >= until:
                raise
            time.sleep(0.02)  # SQLite does not always wait itself


def _settle(connection: sqlite3.Connection, timeout: float = 0.0) -> None:
    """What every connection to a stranger's file has: see `trust` for what its schema may make SQLite run."""
    connection.text_factory = decode
    register(connection)
    guard(connection)
    connection.execute("PRAGMA cell_size_check = ON")
    connection.execute("PRAGMA foreign_keys = OFF")
    try:
        when_free(connection, f"PRAGMA cache_size = -{CACHE_KIB}", timeout)  # the first that reads the file
    except sqlite3.DatabaseError as error:
        if (unreadable := unreadable_schema(connection, error)) is None:
            raise
        raise unreadable from error
    guard_tables(connection)
    watch(connection, None)


def beside(path: Path, write: bool = False) -> contextlib.closing[Connection]:
    """A further connection to a file that this process has open already.

    Nothing but SQLite opens the file here: closing a plain file handle would drop every lock that this process holds
    on it (https://www.sqlite.org/howtocorrupt.html, section 2.2).
    """
    return contextlib.closing(connect(path.resolve(), "mode=rw" if write else "mode=ro", turn=5.0))


def looking_at(path: Path) -> contextlib.closing[Connection]:
    """Read a file of our own that nobody else knows of, without any side file."""
    return contextlib.closing(connect(path.resolve(), "mode=ro&immutable=1"))


@contextlib.contextmanager
def memory_copy(connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """A copy of what a connection reads, in memory, for what only a connection that writes can be asked."""
    with contextlib.closing(_in_memory()) as copy:
        copy.timeout = timeout_of(connection)
        connection.backup(copy)
        _settle(copy)
        yield copy


@contextlib.contextmanager
def schema_copy(connection: sqlite3.Connection, keyed: Collection[str]) -> Iterator[sqlite3.Connection]:
    """A database in memory that has the schema of another one, each text to the letter, and no row of it.

    The catalogue is written as it stands there, not made anew by its statements: so it has what SQLite lets nobody
    make here as well, such as a virtual table whose module is missing.

    Args:
        keyed: the names of its WITHOUT ROWID tables, which are stored as an index is.
    """
    with contextlib.closing(_in_memory()) as written, contextlib.closing(_in_memory(cached_statements=0)) as copy:
        written.execute(f"PRAGMA encoding = '{connection.execute('PRAGMA encoding').fetchone()[0]}'")
        query = "SELECT type, name, tbl_name, rootpage, sql FROM main.sqlite_master ORDER BY rowid"
        rows = connection.execute(query).fetchall()
        roots = [(row[0] == "index" or row[1] in keyed) if row[3] else None for row in rows]
        for place, is_index in enumerate(roots):
            if is_index is not None:
                written.execute(f"CREATE TABLE t{place} (a)")
                if is_index:
                    written.execute(f"CREATE INDEX i{place} ON t{place} (a)")
        pages = dict(written.execute("SELECT name, rootpage FROM sqlite_master"))
        written.execute("PRAGMA writable_schema = ON")
        written.execute("DELETE FROM sqlite_master")
        for place, (is_index, (kind, name, table, _, sql)) in enumerate(zip(roots, rows, strict=True)):
            page = 0 if is_index is None else pages[f"{'i' if is_index else 't'}{place}"]
            values = (kind, name, table, page, sql)
            marks = ", ".join(literal(value) if isinstance(value, NotUtf8) else "?" for value in values)
            bound = [value for value in values if not isinstance(value, NotUtf8)]
            written.execute(f"INSERT INTO sqlite_master VALUES ({marks})", bound)
        written.backup(copy)
        copy.timeout = timeout_of(connection)
        _settle(copy)
        yield copy


def empty_database() -> sqlite3.Connection:
    """A database in memory that has nothing in it yet; whoever asked for it closes it.

    An EXPLAIN that is kept does not notice that the schema has changed, and so no statement is kept.
    """
    empty = _in_memory(cached_statements=0)
    _settle(empty)
    return empty


def _in_memory(cached_statements: int = KEPT) -> Connection:
    return sqlite3.connect(
        ":memory:",
        isolation_level=None,
        cached_statements=cached_statements,
        check_same_thread=False,
        factory=Connection,
    )


def make_virtual(database: sqlite3.Connection, statement: str) -> None:
    """Make a virtual table of one of SQLite's own modules in a database in memory, where no schema may make one."""
    database.set_authorizer(None)
    database.execute(statement)
    authorize(database)
    guard_tables(database)


# -- to repair a database: its write lock, one transaction, and files of our own that are attached to it ----------


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
