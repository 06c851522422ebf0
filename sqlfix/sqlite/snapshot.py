"""Opening a database to read one snapshot of it, without a trace: no side file, no new time, nothing written."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextvars import copy_context
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from sqlfix.errors import Malformed, NotADatabase, SqlfixError
from sqlfix.frozen import frozen
from sqlfix.sqlite import interrupts
from sqlfix.sqlite.connect import connect, data_version, require_sqlite, when_free
from sqlfix.sqlite.deadline import watch
from sqlfix.sqlite.failures import error_name, plain_errors
from sqlfix.sqlite.files import temporary_folder
from sqlfix.sqlite.odd_files import require_database
from sqlfix.sqlite.stamps import is_in_wal_mode, stamp_of

LOCK_PENDING, LOCK_SHARED_FIRST, LOCK_SHARED_SIZE = 0x40000000, 0x40000002, 510
"""The bytes of a database file that SQLite locks: https://www.sqlite.org/src/file/src/os.h, PENDING_BYTE."""

LARGE = 4 << 20
"""Bytes from which a file is worth more than one connection."""
MOST_OBJECTS = 512
"""So many tables and indexes it may have for that many bytes: each connection has to read what is said of all."""
MOST_MAPPED = 1 << 40
"""Bytes of a file that SQLite maps into memory, where it reads much: that is faster than to copy each page of it."""
COUNT = "SELECT count(*) FROM sqlite_master"
TRIES = 5
"""How often several connections try to begin at the same state of a file that is written to all the time."""


@frozen
class Reading:
    """A connection that reads one snapshot of a database; ``note`` says what was unusual about opening it.

    ``readers`` are the connections for long reads of that same snapshot; for a small file it is this one alone.
    ``stamp`` is that of the file before, see `stamps`: None where what is read cannot be told by it.
    """

    connection: sqlite3.Connection
    readers: ReaderPool
    note: str | None = None
    stamp: str | None = None


@contextlib.contextmanager
def reading(
    path: Path, timeout: float = 5.0, sign: Callable[[], object] | None = None, threads: int | None = None
) -> Iterator[Reading]:
    """Open a database to read one snapshot of it, leaving the file, its times and its folder as they were.

    Args:
        path: the database file.
        timeout: seconds to wait for another program's lock.
        sign: called some ten times a second while SQLite works, for progress; it may raise to stop the work.
        threads: how many connections read a large file; one for each core if not given.

    Raises:
        SqlfixError: where the file cannot be read.
    """
    require_sqlite()
    cut_short = require_database(path)
    real = path.resolve()
    with interrupts.giving_back() as stack:
        with _said_to_be(cut_short), plain_errors(path):
            begun = _open_snapshot(stack, _Wanted(real, timeout, threads or cores()))
            connection, *helpers = begun.connections
            note = begun.note or _without_wal(connection)
            for each in begun.connections:
                watch(each, sign)
        yield Reading(connection, ReaderPool(helpers or [connection], sign, mapped=bool(helpers)), note, begun.stamp)


def _without_wal(connection: sqlite3.Connection) -> str | None:
    """What is to be said of a file without any table: of one in WAL mode, all may have stood in the ``-wal``."""
    if connection.execute(COUNT).fetchone() != (0,):
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


@frozen
class _Wanted:
    """What is to be opened: the file, the seconds to wait for a lock, and how many helpers for a large file."""

    path: Path
    timeout: float
    helpers: int


@frozen
class _Begun:
    """Connections that read one snapshot, what is to be said of it, and the stamp of the file before they did."""

    connections: list[sqlite3.Connection]
    note: str | None = None
    stamp: str | None = None


def _open_snapshot(stack: contextlib.ExitStack, wanted: _Wanted) -> _Begun:
    """The first of the ways to read that leaves no trace.

    A read-only connection to a file in WAL mode makes ``-wal`` and ``-shm`` where they are missing, and leaves them
    behind; so these are tidied away by SQLite's own rule. A rollback journal left by a program that died can only be
    played back by writing: that is done in a private copy.
    """
    path = wanted.path
    wal, shm, journal = (path.with_name(path.name + suffix) for suffix in ("-wal", "-shm", "-journal"))
    with path.open("rb") as file:
        stamp = stamp_of(file, path)
        file.seek(0)
        in_wal_mode = is_in_wal_mode(file.read(20))
    had_wal, had_shm = wal.exists(), shm.exists()
    holds_rows = had_wal and wal.stat().st_size > 0
    # SQLite reads a -wal that is there in any mode, but a journal first
    if not in_wal_mode and (not holds_rows or journal.exists()):
        if holds_rows and not had_shm:
            stack.callback(_tidy, path, [], [shm])
        return _with_journal(stack, wanted, stamp)
    if had_wal and had_shm:
        return _Begun(_begin(stack, wanted, "mode=ro"))
    if os.access(path, os.W_OK) and os.access(path.parent, os.W_OK):
        stack.callback(_tidy, path, [] if had_wal else [wal], [] if had_shm else [shm])
        return _Begun(_begin(stack, wanted, "mode=ro"))
    if not holds_rows:
        stack.enter_context(_unchanged(path))
        return _Begun(_begin(stack, wanted, "mode=ro&immutable=1"))
    note = "its -wal file cannot be read where it is; reading a private copy of both"
    return _Begun(_begin_copy(stack, wanted), note)


def _with_journal(stack: contextlib.ExitStack, wanted: _Wanted, stamp: str | None) -> _Begun:
    try:
        begun = _begin(stack, wanted, "mode=ro")
        stack.enter_context(_unchanged(wanted.path))
        return _Begun(begun, stamp=stamp)
    except sqlite3.Error as error:
        if not error_name(error).startswith("SQLITE_READONLY"):
            raise
    note = (
        "a program died while writing to it; reading a private copy in which that write is rolled back. The file is"
        f" unchanged: SQLite rolls the write back, using {wanted.path.name}-journal, as soon as a program that may"
        " write opens it; keep the two together"
    )
    return _Begun(_begin_copy(stack, wanted), note)


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
            raise SqlfixError(
                f"{path} was written to while it was read, in spite of SQLite's locks", "try again"
            ) from error


def _begin(stack: contextlib.ExitStack, wanted: _Wanted, how: str) -> list[sqlite3.Connection]:
    """A connection, and for a large file helpers beside it, all of which read the same snapshot.

    In WAL mode somebody may commit between the first and the last of them. Then the number changes by which a
    connection learns of that (https://www.sqlite.org/pragma.html#pragma_data_version), and all begin anew; after some
    times in vain there are no helpers. Nor are there where another file was put in the place of this one meanwhile.
    """
    file = wanted.path.stat()
    connection = _connect(stack, wanted, how)
    connection.execute("BEGIN")
    when_free(connection, COUNT, wanted.timeout)
    if not _is_worth_helpers(connection, wanted.path):
        return [connection]
    helpers = [_connect(stack, wanted, how) for _ in range(wanted.helpers)]
    for _ in range(TRIES):
        connection.execute("ROLLBACK")
        before = data_version(connection)
        for each in (*helpers, connection):
            each.execute("BEGIN")
            when_free(each, COUNT, wanted.timeout)
        if data_version(connection) == before and os.path.samestat(wanted.path.stat(), file):
            for helper in helpers:
                helper.execute(f"PRAGMA mmap_size = {MOST_MAPPED}")
            return [connection, *helpers]
        for helper in helpers:
            helper.execute("ROLLBACK")
    return [connection]


def _is_worth_helpers(connection: sqlite3.Connection, path: Path) -> bool:
    """True of a large file that is not made up of very many small tables."""
    size = path.stat().st_size
    if size < LARGE:
        return False
    (objects,) = connection.execute(COUNT).fetchone()
    return bool(size >= LARGE // MOST_OBJECTS * objects)


def _connect(stack: contextlib.ExitStack, wanted: _Wanted, how: str) -> sqlite3.Connection:
    connection = connect(wanted.path, how, wanted.timeout)
    stack.callback(connection.close)
    return connection


def _begin_copy(stack: contextlib.ExitStack, wanted: _Wanted) -> list[sqlite3.Connection]:
    import shutil  # it loads what it can compress with

    path = wanted.path
    folder = stack.enter_context(temporary_folder())
    for suffix in ("", "-journal", "-wal"):
        source = path.with_name(path.name + suffix)
        if source.exists():
            shutil.copyfile(source, folder / f"copy.db{suffix}")
    return _begin(stack, replace(wanted, path=folder / "copy.db"), "mode=rw")


@interrupts.held()
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


# -- connections that read one and the same state of a database, each in a thread of its own ----------------------
# The sqlite3 module lets go of Python's lock while a statement steps, so two statements on two connections run on two
# cores.

T = TypeVar("T")
R = TypeVar("R")

LOOK = 0.05
"""Seconds between two looks of the main thread at what the others do: Ctrl-C takes effect within them."""


class ReaderPool:
    """One connection or several, all in a read transaction that began at the same state."""

    def __init__(
        self, connections: Iterable[sqlite3.Connection], sign: Callable[[], object] | None = None, mapped: bool = False
    ) -> None:
        """Take over the connections.

        Args:
            sign: called some times a second by the main thread while the others work; it may raise to stop.
            mapped: whether the connections map the file into memory.
        """
        self.connections = tuple(connections)
        self.mapped = mapped
        self._sign = sign
        self.is_at_work = False
        """True while threads use the connections."""

    @cached_property
    def share_memory(self) -> bool:
        """True if threads wait for one another where SQLite allocates little: it has none put by for each connection.

        See https://www.sqlite.org/malloc.html, section 3.2.
        """
        return ("OMIT_LOOKASIDE",) in self.connections[0].execute("PRAGMA compile_options").fetchall()

    def require_rest(self) -> None:
        """Make sure that no thread is at work: a connection that two threads use can bring both to a standstill.

        Raises:
            RuntimeError: if one is.
        """
        if self.is_at_work:
            raise RuntimeError("other threads are using the connections")

    def run(self, work: Callable[[sqlite3.Connection, T], R], items: Iterable[T]) -> list[R]:
        """Do the work for every item, on whichever connection is free; the results in the order of the items.

        With one connection or one item no thread is made.

        Raises:
            RuntimeError: if it is called by the work itself.
            Exception: the first that the work raised; all the rest is stopped then, as it is by Ctrl-C.
        """
        self.require_rest()
        todo = list(items)
        if len(self.connections) == 1 or len(todo) < 2:
            return [work(self.connections[0], item) for item in todo]
        done: dict[int, R] = {}
        failed: list[BaseException] = []
        stop, lock, waiting = threading.Event(), threading.Lock(), iter(enumerate(todo))

        def labour(connection: sqlite3.Connection, over: threading.Event) -> None:
            try:
                while not stop.is_set():
                    with lock:
                        following = next(waiting, None)
                    if following is None:
                        return
                    done[following[0]] = work(connection, following[1])
            except BaseException as error:  # the main thread raises it
                failed.append(error)
                stop.set()
            finally:
                over.set()

        threads = {}
        for one in self.connections[: len(todo)]:  # in the context of this thread: its time limit holds for them
            over = threading.Event()
            threads[over] = threading.Thread(target=copy_context().run, args=(labour, one, over), daemon=True)
        self._watch(threads, stop)
        if failed:
            raise failed[0]
        return [done[place] for place in range(len(todo))]

    def _watch(self, threads: dict[threading.Event, threading.Thread], stop: threading.Event) -> None:
        """Let the threads work until they are over; what is raised here stops them first.

        Each says itself that it is over: of a thread whose join() or start() Ctrl-C cuts short, Python may say so while
        it works (https://bugs.python.org/issue45274), and its connection would be closed under it.
        """
        self.is_at_work, started = True, []
        try:
            with interrupts.held():
                for over, thread in threads.items():
                    thread.start()
                    started.append(over)
            for over in started:
                while not over.is_set() and not stop.is_set():
                    over.wait(LOOK)
                    if self._sign:
                        self._sign()
        except BaseException:
            stop.set()
            raise
        finally:
            self._end(started, stop)
            self.is_at_work = False

    def _end(self, started: list[threading.Event], stop: threading.Event) -> None:
        """Wait until the threads are over, and see to it if they are to stop.

        A connection that is between two statements does not notice an interruption, so it gets more than one.
        """
        for over in started:
            while not over.is_set():
                if stop.is_set():
                    for connection in self.connections:
                        connection.interrupt()
                over.wait(LOOK / 5)
