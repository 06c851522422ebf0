"""How long SQLite may work at a time: Ctrl-C stops it at once, and what a schema makes it run has an end."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sqlfix.sqlite import interrupts as signals

TURN = 0.2
"""Seconds that SQLite waits for a lock at a time: Ctrl-C has no effect while it does."""
STEPS_BETWEEN_SIGNS = 200_000
"""Virtual machine steps between two calls of the progress handler: some ten calls a second."""

EACH = 0.02
"""Seconds that a statement may take beside those for its rows."""


def watch(connection: sqlite3.Connection, sign: Callable[[], object] | None) -> None:
    """Let Python run while SQLite works: that is what makes Ctrl-C take effect at once, and progress move."""

    def handler() -> int:
        if sign is not None:
            sign()
        return int(_cut_off.is_due())

    connection.set_progress_handler(handler, STEPS_BETWEEN_SIGNS)


def stop_if_interrupted(error: sqlite3.Error) -> None:
    """Raise KeyboardInterrupt for the error that Ctrl-C becomes inside SQLite.

    Python raises KeyboardInterrupt in the progress handler; SQLite hides it behind an error of its own, which is also
    that of a statement that was cut off: see `limited`.
    """
    if signals.pending():  # SQLite swallows what is raised in other callbacks, such as the authorizer
        raise KeyboardInterrupt from error
    if _cut_off.expired:
        return
    if getattr(error, "sqlite_errorname", None) == "SQLITE_INTERRUPT" or str(error) == "interrupted":
        raise KeyboardInterrupt from error


@dataclass(slots=True)
class _CutOff:
    """When what SQLite does now has to end, and whether it was ended."""

    timeout: float = 5.0
    until: float | None = None
    expired: bool = False

    def is_due(self) -> bool:
        self.expired = self.expired or (self.until is not None and time.monotonic() > self.until)
        return self.expired


_cut_off = _CutOff()


@contextlib.contextmanager
def limited(rows: int, *connections: sqlite3.Connection, statements: int = 0) -> Iterator[None]:
    """Cut off what SQLite does in the block once it has taken far longer than so many rows can need.

    It is for what a schema can make SQLite run: a trigger or a generated column may be written so as never to end.
    The limit is ``--timeout``, as it was given when the file was opened, a millisecond for each row, and `EACH` for
    each of the statements, where they are many: to compile one takes its time on no row at all. The
    statement fails with SQLITE_INTERRUPT, and `was_cut_off` tells it from Ctrl-C; out of the block comes an error that
    says so. A thread sees to it as well as the progress handler: that counts steps, and one step may be a call that
    takes a second.
    """
    _cut_off.until = time.monotonic() + max(_cut_off.timeout, 1.0) + rows / 1000 + statements * EACH
    _cut_off.expired = False
    over = threading.Event()

    def cut() -> None:
        while not over.wait(TURN):
            with lock:
                if not over.is_set() and _cut_off.is_due():
                    for connection in connections:
                        connection.interrupt()

    lock = threading.Lock()
    thread = threading.Thread(target=cut, daemon=True)
    thread.start()
    try:
        yield
    except sqlite3.DatabaseError as error:
        if _cut_off.expired:  # whoever catches it outside of the block is not to take it for Ctrl-C
            raise sqlite3.DatabaseError(TOO_LONG) from error
        raise
    finally:
        with lock:
            over.set()
        _cut_off.until = None
        _cut_off.expired = False


def allow(timeout: float) -> None:
    """Set the seconds that `limited` allows beside those for the rows."""
    _cut_off.timeout = timeout


def was_cut_off() -> bool:
    """True inside `limited`, after its time was over."""
    return _cut_off.expired


TOO_LONG = "what the schema itself runs here (a trigger, a generated column) took longer than --timeout allows"
