"""Doing the same to several databases at a time, each in a process of its own; what comes of each is a value."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Callable, Generator, Sequence
from functools import partial
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any, Generic, NoReturn, TypeVar

from sqlfix.errors import SqlfixError, internal_error
from sqlfix.frozen import frozen
from sqlfix.sqlite import interrupts

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.context import ForkProcess, SpawnProcess

    Process = ForkProcess | SpawnProcess

LOOK = 0.2
"""Seconds between two calls for progress."""

T = TypeVar("T")
Early = Callable[[T], object]
Job = Callable[[Path, Early[T] | None], T]
"""What is done with each database; it can be handed to another process, and so can what it gives.

It may give something early as well: it calls what it is handed with it, if that is not None.
"""


@frozen
class FileResult(Generic[T]):
    """What came of one database: what was found, or the error that kept it from being found.

    ``whole`` is false of what a job gives early.
    """

    path: Path
    found: T | None = None
    error: SqlfixError | None = None
    whole: bool = True


def attempted(job: Job[T], path: Path, early: Early[T] | None = None) -> FileResult[T]:
    """The result of a job; what keeps it from being done stops no other."""
    try:
        return FileResult(path, job(path, early))
    except SqlfixError as error:
        return FileResult(path, error=error)
    except OSError as error:
        return FileResult(path, error=SqlfixError(f"cannot read {path}: {error.strerror or error}"))


@frozen
class Team:
    """How several are done: how many at a time, whether results are given in the order of the paths, and progress.

    What a job gives early is given only where the order is free. ``sign`` is called some times a second while the
    processes work.
    """

    workers: int
    in_order: bool = True
    sign: Callable[[], object] | None = None


def side_by_side(job: Job[T], paths: Sequence[Path], team: Team) -> Generator[FileResult[T], None, None]:
    """Do a job for every database, so many at a time, and give each result as it comes."""
    from multiprocessing.connection import Connection, wait  # imported here, because most runs are of one file

    waiting, done, following = iter(enumerate(paths)), dict[int, FileResult[T]](), 0
    at_work: dict[Connection, _Worker[T]] = {}
    try:
        for _ in range(min(team.workers, len(paths))):
            _put_to_work(job, team, next(waiting), at_work)
        while at_work:
            if team.sign:
                team.sign()
            for pipe in wait(list(at_work), LOOK if team.sign else None):
                assert isinstance(pipe, Connection)
                worker = at_work[pipe]
                result = worker.result()
                if not result.whole:
                    yield result
                    continue
                done[worker.place] = result
                task = next(waiting, None)
                if task and not worker.has_died:
                    worker.begin(task)
                    continue
                worker.end()
                del at_work[pipe]
                if task:
                    _put_to_work(job, team, task, at_work)
            for place in list(done) if not team.in_order else range(following, len(paths)):
                if place not in done:
                    break
                yield done.pop(place)
                following += 1
    finally:
        for worker in at_work.values():
            worker.end(at_once=True)


class _Worker(Generic[T]):
    """A process that does one job after the other, and the pipe to it."""

    def __init__(self, process: Process, pipe: Connection) -> None:
        self.process = process
        self.pipe = pipe
        self.place = 0
        self.path = Path()
        self.has_died = False

    def begin(self, task: tuple[int, Path]) -> None:
        self.place, self.path = task
        with contextlib.suppress(OSError):  # it is dead already: `result` says so
            self.pipe.send(self.path)

    def result(self) -> FileResult[T]:
        """What came of the job; where the process died over it (a file that is cut short while it is read), that."""
        try:
            found = self.pipe.recv()
            assert isinstance(found, FileResult)
            return found
        except (EOFError, OSError):  # it died before it took the task, while it was at work, or amid its answer
            self.has_died = True
            self.process.join()
            why = f"the process that worked on it died (exit code {self.process.exitcode})"
            return FileResult(self.path, error=SqlfixError(f"{self.path}: {why}"))

    def end(self, at_once: bool = False) -> None:
        """Let it go, or make it stop: again and again, since one signal may come just before it begins to wait."""
        self.pipe.close()
        while self.process.is_alive():
            if at_once:
                self.process.terminate()
            self.process.join(0.1)


def _put_to_work(job: Job[T], team: Team, task: tuple[int, Path], at_work: dict[Connection, _Worker[T]]) -> None:
    import multiprocessing

    forks = "fork" in multiprocessing.get_all_start_methods() and sys.platform != "darwin"
    context = multiprocessing.get_context("fork") if forks else multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    # a forked process has a copy of all ends; as long as it keeps those, nobody learns that the other end was closed
    copies = [ours, *at_work] if forks else []
    process = context.Process(target=_work, args=(job, theirs, copies, not team.in_order), daemon=True)
    process.start()
    theirs.close()
    worker = at_work[ours] = _Worker(process, ours)
    worker.begin(task)


def _work(job: Job[Any], pipe: Connection, copies: list[Connection], early: bool) -> None:
    """What a process does until the other end is closed. What a terminal sends is left to the process that asked."""
    interrupts.ignore()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    for copy in copies:
        copy.close()
    try:
        while True:
            path = pipe.recv()
            pipe.send(_answer(job, path, partial(_send_early, pipe, path) if early else None))
    except (EOFError, OSError):
        os._exit(0)


def _send_early(pipe: Connection, path: Path, found: object) -> None:
    pipe.send(FileResult(path, found, whole=False))


def _answer(job: Job[T], path: Path, early: Early[T] | None) -> FileResult[T]:
    signal.signal(signal.SIGTERM, _stop)
    try:
        return attempted(job, path, early)
    except KeyboardInterrupt:  # all that was opened is closed by now
        os._exit(143)
    except Exception as error:
        return FileResult(path, error=internal_error(error))
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _stop(number: int, frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt
