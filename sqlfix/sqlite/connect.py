"""Opening a database: to read without a trace, or to repair in one transaction. The only caller of sqlite3.connect."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import stat
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from sqlfix.errors import Locked, Malformed, NotADatabase, Refused, SqlfixError
from sqlfix.model.values import NotUtf8
from sqlfix.sql.create_virtual_table import module_of
from sqlfix.sql.key_spelling import register
from sqlfix.sqlite import interrupts as signals
from sqlfix.sqlite.deadline import TURN, Connection, stop_if_interrupted, timeout_of, watch
from sqlfix.sqlite.lacking import UnreadableSchema, in_words, unreadable_schema
from sqlfix.sqlite.odd_files import HEAD, HEADER, cut_short, folder_hint, odd_file
from sqlfix.sqlite.readers import Crew
from sqlfix.sqlite.trust import attaching, authorize, guard, strange_modules

OLDEST_SQLITE = (3, 35, 0)
LOCK_PENDING, LOCK_SHARED_FIRST, LOCK_SHARED_SIZE = 0x40000000, 0x40000002, 510
"""The bytes of a database file that SQLite locks: https://www.sqlite.org/src/file/src/os.h, PENDING_BYTE."""

CACHE_KIB = 16_384
"""A cache that holds the inner pages of large parents."""
LARGE = 4 << 20
"""Bytes from which a file is worth more than one connection."""
TRIES = 5
"""How often several connections try to begin at the same state of a file that is written to all the time."""


def require_sqlite(version: tuple[int, ...] = sqlite3.sqlite_version_info) -> None:
    """Raise SqlfixError where the SQLite library is older than 3.35, the first with materialised CTEs."""
    if version < OLDEST_SQLITE:
        have, need = (".".join(map(str, v)) for v in (version, OLDEST_SQLITE))
        raise SqlfixError(
            f"this Python uses SQLite {have}, and sqlfix needs {need} or newer",
            "use a newer Python, or one that is linked with a newer SQLite",
        )


def decode(raw: bytes) -> object:
    """Text as it is stored: a str, or NotUtf8 where the bytes are not UTF-8."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return NotUtf8(raw)


def is_sqlite_file(path: Path) -> bool:
    """True for a regular file that begins as an SQLite database does."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            return False
        with path.open("rb") as file:
            return file.read(len(HEADER)) == HEADER
    except OSError:
        return False


def require_database(path: Path) -> NotADatabase | None:
    """Raise NotADatabase, in words a person can act on, unless the file can be an SQLite database.

    Returns:
        What is to be said of it should SQLite find that it is malformed: that it is cut short; None if it is not.
    """
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise NotADatabase(f"{path} is a directory, not a database file", folder_hint(path))
        if not stat.S_ISREG(status.st_mode):
            raise NotADatabase(f"{path} is not a regular file")
        with path.open("rb") as file:
            head = file.read(HEAD)
    except FileNotFoundError:
        raise NotADatabase(f"{path} does not exist", "check the path; sqlfix never creates a database") from None
    except PermissionError:
        raise NotADatabase(f"no permission to read {path}") from None
    except OSError as error:
        raise NotADatabase(f"cannot read {path}: {error.strerror or error}") from None
    if odd := odd_file(path, head):
        raise NotADatabase(f"{path} {odd.what}", odd.hint)
    page = int.from_bytes(head[16:18], "big")
    if status.st_size < 512 or (page and status.st_size < (65536 if page == 1 else page)):
        raise NotADatabase(f"{path} is cut short: it ends before its first page does", "restore it from a backup")
    cut = cut_short(path, head, status.st_size)
    return NotADatabase(f"{path} {cut.what}", cut.hint) if cut else None


@contextlib.contextmanager
def plain_errors(path: Path) -> Iterator[None]:
    """Turn SQLite's errors about the file as a whole into errors that say what to do."""
    try:
        yield
    except sqlite3.Error as error:
        raise explain(path, error) from error
    except UnicodeDecodeError as error:  # what SQLite said names something
        if error.object.startswith(b"malformed"):
            raise Malformed(
                f"{path} is malformed: its schema holds text that cannot be read", RECOVER.format(path=path)
            ) from error
        said = str(NotUtf8(bytes(error.object))).removeprefix("access to ").removesuffix(" is prohibited")
        raise Refused(
            f"a name in {path} is not UTF-8, so this cannot be done: {said}",
            "the sqlite3 shell can rename it: ALTER TABLE … RENAME, with the bytes as they are",
        ) from error


RECOVER = "work on a copy; `sqlite3 {path} .recover` can save what is left of the rows"


def explain(path: Path, error: sqlite3.Error) -> SqlfixError:
    """The SqlfixError for an error of SQLite that concerns the whole file."""
    stop_if_interrupted(error)
    if isinstance(error, UnreadableSchema):
        return SqlfixError(f"{path} {error.what}", error.hint)
    text, name = str(error), getattr(error, "sqlite_errorname", None) or ""
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")) or "locked" in text:
        return Locked(
            f"{path} is locked: another program is using it",
            "close the application that uses it, or wait longer with --timeout SECONDS",
        )
    if name.startswith("SQLITE_NOTADB") or "not a database" in text:
        return NotADatabase(f"{path} is not an SQLite database (it may be encrypted, or damaged)")
    if name == "SQLITE_CORRUPT_INDEX":
        return Malformed(
            f"an index of {path} disagrees with its table; nothing was changed",
            f"an index can be built anew without loss: sqlite3 {path} REINDEX",
        )
    if name.startswith("SQLITE_CORRUPT") or text.endswith("disk image is malformed"):
        return Malformed(f"{path} is malformed: {text}", RECOVER.format(path=path))
    if name.startswith("SQLITE_FULL"):
        return SqlfixError(f"no room left on the disk while working on {path}", "free some space; nothing was changed")
    if name.startswith("SQLITE_IOERR"):
        return SqlfixError(f"the disk failed while working on {path}: {text}", "is it full? nothing was changed")
    if name.startswith("SQLITE_READONLY"):
        return SqlfixError(f"{path} cannot be written: {text}", "check the permissions of the file and its folder")
    if name.startswith("SQLITE_CANTOPEN"):
        return SqlfixError(f"{path} cannot be opened: {text}", "check the permissions of the file and its folder")
    return SqlfixError(f"SQLite cannot work with {path}: {in_words(error)}")


def is_of_whole_file(error: sqlite3.Error) -> bool:
    """True for an error that is no matter of the one table or check that met it first."""
    whole = ("SQLITE_BUSY", "SQLITE_CORRUPT", "SQLITE_FULL", "SQLITE_IOERR", "SQLITE_NOTADB")
    return (getattr(error, "sqlite_errorname", None) or "").startswith(whole)


def is_of_the_disk(error: sqlite3.Error) -> bool:
    """True for an error that says nothing of a table or a statement: a full or failing disk, a locked file."""
    name = getattr(error, "sqlite_errorname", None) or ""
    return name.startswith(("SQLITE_BUSY", "SQLITE_CANTOPEN", "SQLITE_FULL", "SQLITE_IOERR", "SQLITE_NOMEM"))


# -- reading ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Reading:
    """A connection that reads one snapshot of a database; ``note`` says what was unusual about opening it.

    ``crew`` are the connections for long reads of that same snapshot; for a small file it is this one alone.
    """

    connection: sqlite3.Connection
    crew: Crew
    note: str | None = None


@contextlib.contextmanager
def reading(
    path: Path, timeout: float = 5.0, sign: Callable[[], object] | None = None, threads: int | None = None
) -> Iterator[Reading]:
    """Open a database to read one snapshot of it, leaving the file, its times and its folder as they were.

    Args:
        path: the database file.
        timeout: seconds to wait for another program's lock.
        sign: called some ten times a second while SQLite works, for progress; it may raise to stop the work.
        threads: how many connections the crew of a large file has; one for each core if not given.

    Raises:
        SqlfixError: where the file cannot be read.
    """
    require_sqlite()
    cut_short = require_database(path)
    real = path.resolve()
    with contextlib.ExitStack() as stack:
        with _said_to_be(cut_short), plain_errors(path):
            (connection, *helpers), note = _open_snapshot(stack, _Wanted(real, timeout, threads or cores()))
            note = note or _without_wal(connection)
            for each in (connection, *helpers):
                watch(each, sign)
        yield Reading(connection, Crew(helpers or [connection], sign, mapped=bool(helpers)), note)


def _without_wal(connection: sqlite3.Connection) -> str | None:
    """What is to be said of a file without any table: of one in WAL mode, all may have stood in the ``-wal``."""
    if connection.execute("SELECT count(*) FROM sqlite_master").fetchone() != (0,):
        return None
    if connection.execute("PRAGMA journal_mode").fetchone() != ("wal",):
        return None
    return "there is no table in it, and it is in WAL mode: was it copied without its -wal?"


@contextlib.contextmanager
def _said_to_be(cut_short: NotADatabase | None) -> Iterator[None]:
    """Say why a file is malformed where that is known; SQLite has the word whether it is."""
    try:
        yield
    except Malformed as error:
        raise cut_short or error from error.__cause__


def cores() -> int:
    """How many threads may run at a time, at most 4: more wait for one another's memory."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(allowed, 4)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What is to be opened: the file, the seconds to wait for a lock, and how many helpers for a large file."""

    path: Path
    timeout: float
    helpers: int


def _open_snapshot(stack: contextlib.ExitStack, wanted: _Wanted) -> tuple[list[sqlite3.Connection], str | None]:
    """The first of the ways to read that leaves no trace.

    A read-only connection to a file in WAL mode makes ``-wal`` and ``-shm`` where they are missing, and leaves them
    behind; so these are tidied away by SQLite's own rule. A rollback journal left by a program that died can only be
    played back by writing: that is done in a private copy.
    """
    path = wanted.path
    wal, shm = (path.with_name(path.name + suffix) for suffix in ("-wal", "-shm"))
    with path.open("rb") as file:
        in_wal_mode = file.read(20)[19:] == b"\x02"  # SQLite goes by the second of the two bytes alone
    if not in_wal_mode:
        try:
            begun = _begin(stack, wanted, "mode=ro")
            stack.enter_context(_unchanged(path))
            return begun, None
        except sqlite3.Error as error:
            if not (getattr(error, "sqlite_errorname", "") or "").startswith("SQLITE_READONLY"):
                raise
        note = (
            "a program died while writing to it; reading a private copy in which that write is taken back. The file is"
            f" as it was: SQLite takes the write back, with {path.name}-journal, as soon as a program that may write"
            " opens it; keep the two together"
        )
        return _begin_copy(stack, wanted), note
    had_wal, had_shm = wal.exists(), shm.exists()
    holds_rows = had_wal and wal.stat().st_size > 0
    if had_wal and had_shm:
        return _begin(stack, wanted, "mode=ro"), None
    if os.access(path, os.W_OK) and os.access(path.parent, os.W_OK):
        stack.callback(_tidy_undisturbed, path, [] if had_wal else [wal], [] if had_shm else [shm])
        return _begin(stack, wanted, "mode=ro"), None
    if not holds_rows:
        stack.enter_context(_unchanged(path))
        return _begin(stack, wanted, "mode=ro&immutable=1"), None
    note = "its -wal file cannot be read where it lies; reading a private copy of both"
    return _begin_copy(stack, wanted), note


@contextlib.contextmanager
def _unchanged(path: Path) -> Iterator[None]:
    """Raise an error if a file was written to that nobody could write to who keeps SQLite's locks.

    Where no lock keeps them off, as in a folder that cannot be written to, that goes for those as well.
    """
    before = path.stat()
    try:
        yield
    except (SqlfixError, sqlite3.Error) as error:
        _require_same(path, before, error)
        raise
    _require_same(path, before)


def _require_same(path: Path, before: os.stat_result, error: Exception | None = None) -> None:
    with contextlib.suppress(OSError):  # what was read is whole, but has another name by now, or none
        now = path.stat()
        same = (now.st_size, now.st_mtime_ns) == (before.st_size, before.st_mtime_ns)
        if os.path.samestat(now, before) and not same:
            raise SqlfixError(f"{path} was written to while it was read, past SQLite's locks", "try again") from error


def _begin(stack: contextlib.ExitStack, wanted: _Wanted, how: str) -> list[sqlite3.Connection]:
    """A connection, and for a large file helpers beside it, all of which read the same snapshot.

    In WAL mode somebody may commit between the first and the last of them. Then the number changes by which a
    connection learns of that (https://www.sqlite.org/pragma.html#pragma_data_version), and all begin anew; after some
    times in vain there are no helpers. Nor are there where another file was put in the place of this one meanwhile.
    """
    file = wanted.path.stat()
    connection = _connect(stack, wanted, how)
    helpers = []
    if wanted.path.stat().st_size >= LARGE:
        helpers = [_connect(stack, wanted, how) for _ in range(wanted.helpers)]
    for _ in range(TRIES if helpers else 0):
        before = data_version(connection)
        for each in (*helpers, connection):
            each.execute("BEGIN")
            _when_free(each, "SELECT count(*) FROM sqlite_master", wanted.timeout)
        if data_version(connection) == before and os.path.samestat(wanted.path.stat(), file):
            for helper in helpers:
                helper.execute(f"PRAGMA mmap_size = {1 << 40}")
            return [connection, *helpers]
        for each in (*helpers, connection):
            each.execute("ROLLBACK")
    connection.execute("BEGIN")
    _when_free(connection, "SELECT count(*) FROM sqlite_master", wanted.timeout)
    return [connection]


def data_version(connection: sqlite3.Connection) -> int:
    """A number that changes with every commit of another connection, and with none of this one."""
    return int(connection.execute("PRAGMA data_version").fetchone()[0])


def _connect(stack: contextlib.ExitStack, wanted: _Wanted, how: str) -> sqlite3.Connection:
    connection = sqlite3.connect(
        f"{wanted.path.as_uri()}?{how}",
        uri=True,
        isolation_level=None,
        timeout=min(wanted.timeout, TURN),
        check_same_thread=False,
        factory=Connection,
    )
    connection.timeout = wanted.timeout
    stack.callback(connection.close)
    _settle(connection, wanted.timeout)
    return connection


def _when_free(connection: sqlite3.Connection, sql: str, timeout: float) -> None:
    """Run what first takes a lock, and wait for it in short turns, between which Ctrl-C takes effect."""
    until = time.monotonic() + timeout
    while True:
        try:
            connection.execute(sql).fetchone()
            return
        except sqlite3.OperationalError as error:
            busy = (getattr(error, "sqlite_errorname", None) or "").startswith("SQLITE_BUSY")
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
        _when_free(connection, f"PRAGMA cache_size = -{CACHE_KIB}", timeout)  # the first that reads the file
    except sqlite3.DatabaseError as error:
        if (unreadable := unreadable_schema(connection, error)) is None:
            raise
        raise unreadable from error
    _guard_tables(connection)


def _guard_tables(connection: sqlite3.Connection) -> None:
    """Keep off virtual tables whose module is not known to be harmless, and off modules that are tables themselves."""
    strange = strange_modules(connection)
    if not strange:
        return
    rows = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'").fetchall()
    declared = {str(name).lower(): module_of(sql) if isinstance(sql, str) else "" for name, sql in rows}
    names = {name for name, module in declared.items() if module in strange}
    authorize(connection, frozenset(names | (strange - declared.keys())))


def _begin_copy(stack: contextlib.ExitStack, wanted: _Wanted) -> list[sqlite3.Connection]:
    path = wanted.path
    from sqlfix.sqlite.files import temporary_folder

    folder = stack.enter_context(temporary_folder())
    for suffix in ("", "-journal", "-wal"):
        source = path.with_name(path.name + suffix)
        if source.exists():
            shutil.copyfile(source, folder / f"copy.db{suffix}")
    return _begin(stack, replace(wanted, path=folder / "copy.db"), "mode=rw")


def _tidy_undisturbed(path: Path, made_wal: list[Path], made_shm: list[Path]) -> None:
    with signals.held():
        _tidy(path, made_wal, made_shm)


def _tidy(path: Path, made_wal: list[Path], made_shm: list[Path]) -> None:
    """Remove the side files that reading made, unless another program has begun to use them.

    SQLite's last connection removes them under an exclusive lock on the database; this does the same. A ``-wal``
    that has content stays.
    """
    if sys.platform == "win32":  # an open file cannot be removed there: that is the lock
        for side in made_shm + made_wal:
            with contextlib.suppress(OSError):
                if side in made_shm or side.stat().st_size == 0:
                    side.unlink()
        return
    import fcntl

    with contextlib.suppress(OSError), path.open("r+b") as file:
        for start, length in ((LOCK_PENDING, 1), (LOCK_SHARED_FIRST, LOCK_SHARED_SIZE)):
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, length, start)
        if any(side.exists() and side.stat().st_size for side in made_wal):
            return
        for side in made_shm + made_wal:
            side.unlink(missing_ok=True)


@contextlib.contextmanager
def beside(path: Path, write: bool = False) -> Iterator[sqlite3.Connection]:
    """A further connection to a file that this process has open already.

    Nothing but SQLite opens the file here: closing a plain file handle would drop every lock that this process holds
    on it (https://www.sqlite.org/howtocorrupt.html, section 2.2).
    """
    how = "mode=rw" if write else "mode=ro"
    with contextlib.closing(
        sqlite3.connect(f"{path.resolve().as_uri()}?{how}", uri=True, isolation_level=None)
    ) as connection:
        _settle(connection)
        watch(connection, None)
        yield connection


@contextlib.contextmanager
def looking_at(path: Path) -> Iterator[sqlite3.Connection]:
    """Read a file of our own that nobody else knows of, without any side file."""
    with contextlib.closing(
        sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True, isolation_level=None)
    ) as connection:
        _settle(connection)
        watch(connection, None)
        yield connection


@contextlib.contextmanager
def memory_copy(connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """A copy of what a connection reads, in memory, for what only a connection that writes can be asked."""
    with contextlib.closing(
        sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False, factory=Connection)
    ) as copy:
        copy.timeout = timeout_of(connection)
        connection.backup(copy)
        _settle(copy)
        watch(copy, None)
        yield copy


def make_virtual(database: sqlite3.Connection, statement: str) -> None:
    """Make a virtual table of one of SQLite's own modules in a database in memory, where no schema may make one."""
    database.set_authorizer(None)
    database.execute(statement)
    authorize(database)
    _guard_tables(database)


def empty_database() -> sqlite3.Connection:
    """A database in memory that has nothing in it yet; whoever asked for it closes it.

    An EXPLAIN that is kept does not notice that the schema has changed, and so no statement is kept.
    """
    empty = sqlite3.connect(":memory:", isolation_level=None, cached_statements=0, check_same_thread=False)
    _settle(empty)
    watch(empty, None)
    return empty


# -- writing ------------------------------------------------------------------------------------------------------


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
            _when_free(connection, "BEGIN IMMEDIATE", timeout)
            connection.execute(f"PRAGMA busy_timeout = {round(min(timeout, 1e6) * 1000)}")  # for the COMMIT
        yield connection
    finally:
        with signals.held():
            connection.set_progress_handler(None, 0)
            with contextlib.suppress(sqlite3.Error):
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
            connection.close()


def open_to_write(path: Path, timeout: float) -> sqlite3.Connection:
    """A connection that writes, with foreign keys off, outside any transaction."""
    connection = sqlite3.connect(
        f"{path.as_uri()}?mode=rw", uri=True, isolation_level=None, timeout=min(timeout, TURN), factory=Connection
    )
    connection.timeout = timeout
    try:
        _settle(connection, timeout)
        watch(connection, None)
    except BaseException:
        connection.close()
        raise
    return connection


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
        _guard_tables(connection)
