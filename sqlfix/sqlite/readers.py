"""Connections that read one and the same state of a database, each in a thread of its own.

The sqlite3 module lets go of Python's lock while a statement steps, so two statements on two connections run on two
cores.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterable
from contextvars import copy_context
from typing import TypeVar

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
        self._at_work = False

    @property
    def is_at_work(self) -> bool:
        """True while threads use the connections."""
        return self._at_work

    def require_rest(self) -> None:
        """Make sure that no thread is at work: a connection that two threads use can bring both to a standstill.

        Raises:
            RuntimeError: if one is.
        """
        if self._at_work:
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

        def labour(connection: sqlite3.Connection) -> None:
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

        threads = [  # in the context of this thread: a time limit that it is in holds for them
            threading.Thread(target=copy_context().run, args=(labour, one), daemon=True)
            for one in self.connections[: len(todo)]
        ]
        self._watch(threads, stop)
        if failed:
            raise failed[0]
        return [done[place] for place in range(len(todo))]

    def _watch(self, threads: list[threading.Thread], stop: threading.Event) -> None:
        """Let the threads work until they are over; what is raised here stops them first."""
        self._at_work = True
        try:
            for thread in threads:
                thread.start()
            for thread in threads:
                while thread.is_alive() and not stop.is_set():
                    thread.join(LOOK)
                    if self._sign:
                        self._sign()
        except BaseException:
            stop.set()
            raise
        finally:
            self._end(threads, stop)
            self._at_work = False

    def _end(self, threads: list[threading.Thread], stop: threading.Event) -> None:
        """Wait until the threads are over, and see to it if they are to stop.

        A connection that is between two statements does not notice an interruption, so it gets more than one.
        """
        for thread in threads:
            while thread.ident is not None and thread.is_alive():
                if stop.is_set():
                    for connection in self.connections:
                        connection.interrupt()
                thread.join(LOOK / 5)
