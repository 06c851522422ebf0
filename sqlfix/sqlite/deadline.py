"""How long SQLite may work at a time: Ctrl-C stops it at once, and what a schema makes it run has an end."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass

from sqlfix.sqlite import interrupts

TURN = 0.2
"""Seconds that SQLite waits for a lock at a time: Ctrl-C has no effect while it does."""
STEPS_BETWEEN_SIGNS = 200_000
"""Virtual machine steps between two calls of the progress handler: some ten calls a second."""

LEAST = 1.0
"""Seconds that a statement may take in any case, however short a lock is waited for."""
EACH = 0.02
"""Seconds that a statement may take beside those for its rows."""


class Connection(sqlite3.Connection):
    """A connection that knows the ``--timeout`` of its file, in seconds: what `limited` allows beside the rows.

    ``harmless`` are the names of the functions that its schema may call, see `trust`; none before that is known.
    """

    timeout: float = 5.0
    harmless: frozenset[str] = frozenset()


def timeout_of(connection: sqlite3.Connection) -> float:
    """The seconds that were given when a file was opened; for a connection that is not ours, those of the default."""
    return connection.timeout if isinstance(connection, Connection) else Connection.timeout


@dataclass(slots=True, eq=False, repr=False)
class _Limit:
    """When what SQLite does in a block has to end, and whether it was ended; ``outer`` is that of the block around."""

    until: float
    outer: _Limit | None
    ended: bool = False

    def is_due(self) -> bool:
        self.ended = self.ended or time.monotonic() > self.until
        return self.ended or (self.outer is not None and self.outer.is_due())

    def was_ended(self) -> bool:
        return self.ended or (self.outer is not None and self.outer.was_ended())


_in_force: ContextVar[_Limit | None] = ContextVar("the innermost block of `limited` that a thread is in", default=None)


def watch(connection: sqlite3.Connection, sign: Callable[[], object] | None) -> None:
    """Let Python run while SQLite works: that is what makes Ctrl-C take effect at once, and progress move."""

    def handler() -> int:
        if sign is not None:
            sign()
        limit = _in_force.get()  # SQLite calls it in the thread that runs the statement
        return int(limit is not None and limit.is_due())

    connection.set_progress_handler(handler, STEPS_BETWEEN_SIGNS)


def stop_if_interrupted(error: sqlite3.Error) -> None:
    """Raise KeyboardInterrupt for the error that Ctrl-C becomes inside SQLite.

    Python raises KeyboardInterrupt in the progress handler; SQLite hides it behind an error of its own, which is also
    that of a statement that was cut off: see `limited`.
    """
    if interrupts.pending():  # SQLite swallows what is raised in other callbacks, such as the authorizer
        raise KeyboardInterrupt from error
    if was_cut_off():
        return
    if getattr(error, "sqlite_errorname", None) == "SQLITE_INTERRUPT" or str(error) == "interrupted":
        raise KeyboardInterrupt from error


@contextlib.contextmanager
def overlooking(kind: type[sqlite3.Error] = sqlite3.DatabaseError) -> Iterator[None]:
    """Leave the block at an error of SQLite, since what is asked there cannot be told then; Ctrl-C is no such error."""
    try:
        yield
    except kind as error:
        stop_if_interrupted(error)


@contextlib.contextmanager
def limited(rows: int, *connections: sqlite3.Connection, statements: int = 0) -> Iterator[None]:
    """Cut off what SQLite does in the block once it has taken far longer than so many rows can need.

    It is for what a schema can make SQLite run: a trigger or a generated column may be written so as never to end.
    The limit is ``--timeout``, as it was given when the file of the first connection was opened, a millisecond for each
    row, and `EACH` for each of the statements, where they are many: to compile one takes its time on no row at all. It
    holds for this thread, and for those of a `ReaderPool` that work for it; other threads, with other files, have their
    own.
    The statement fails with SQLITE_INTERRUPT, and `was_cut_off` tells it from Ctrl-C; out of the block comes an error
    that says so. A thread sees to it as well as the progress handler: that counts steps, and one step may be a call
    that takes a second.
    """
    allowed = max(timeout_of(connections[0]), LEAST) + rows / 1000 + statements * EACH
    limit = _Limit(time.monotonic() + allowed, _in_force.get())
    lock, over = threading.Lock(), threading.Event()

    def cut() -> None:
        with lock:
            if not over.is_set() and limit.is_due():
                for connection in connections:
                    with contextlib.suppress(sqlite3.ProgrammingError):  # it is closed
                        connection.interrupt()

    _in_force.set(limit)
    try:
        _overseer.oversee(cut)
        yield
    except sqlite3.DatabaseError as error:
        if limit.was_ended():  # whoever catches it outside of the block is not to take it for Ctrl-C
            raise sqlite3.DatabaseError(TOO_LONG) from error
        raise
    finally:
        _overseer.leave(cut)
        with lock:
            over.set()
        _in_force.set(limit.outer)


class _Overseer:
    """The thread that looks at the blocks of `limited`, all of a process: a command may have dozens that last no time.

    It ends when it finds none, and the next block begins another.
    """

    def __init__(self) -> None:
        self._cuts: dict[Callable[[], None], None] = {}
        self._thread: threading.Thread | None = None

    def oversee(self, cut: Callable[[], None]) -> None:
        self._cuts[cut] = None
        thread = self._thread
        if thread is None or not thread.is_alive():  # in a process that was forked it is not
            self._thread = threading.Thread(target=self._look, daemon=True)
            self._thread.start()

    def leave(self, cut: Callable[[], None]) -> None:
        self._cuts.pop(cut, None)

    def _look(self) -> None:
        turn = threading.Event()
        while True:
            turn.wait(TURN)
            for cut in [*self._cuts]:
                cut()
            if not self._cuts:
                self._thread = None  # first, so that a block that comes now begins another one
                if not self._cuts:
                    return


_overseer = _Overseer()


def was_cut_off() -> bool:
    """True inside `limited`, after its time was over."""
    limit = _in_force.get()
    return limit is not None and limit.was_ended()


TOO_LONG = "what the schema itself runs here (a trigger, a generated column) took longer than --timeout allows"
