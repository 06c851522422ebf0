"""How far a scan has come, and what it has found so far, told while it goes on."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlfix.frozen import frozen
from sqlfix.model.findings import Report

Progress = Callable[[float, str], object]
"""Called while a scan goes on with the part of all that is done, from 0 to 1, and words for what is worked on."""


@frozen
class Listener:
    """What is told of a scan while it goes on.

    ``early`` is called once the keys are checked, with a report that is not ``complete``: the slower checks follow.
    """

    progress: Progress | None = None
    early: Callable[[Report], object] | None = None


class RowsRead:
    """How many of the rows that are to be read have been: of ``total``; the threads that read say so as they go."""

    def __init__(self, total: int, progress: Progress | None) -> None:
        self._total, self._progress = total or 1, progress
        self._read = 0
        self._lock = threading.Lock()

    @contextmanager
    def reading(self, rows: int, now: str) -> Iterator[Callable[[int], object]]:
        """While so many of the rows are read, about; gives what is to be called with the numbers as they are."""
        before = self._read

        def done(some: int) -> None:
            with self._lock:  # the part must not go back
                self._read += some
                if self._progress:
                    self._progress(min(self._read / self._total, 1.0), now)

        done(0)
        yield done
        done(before + rows - self._read)  # pieces are counted in round numbers
