"""Doing the same to several databases at a time, each in a process of its own, and saying what came of all."""

from __future__ import annotations

import contextlib
import io
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import click

from sqlfix.commands.complaint import complain
from sqlfix.errors import SqlfixError

if TYPE_CHECKING:
    from multiprocessing.context import ForkProcess, SpawnProcess

    Process = ForkProcess | SpawnProcess

LOOK = 0.2
"""Seconds between two calls for progress."""

Job = Callable[[Path], int]
"""Writes what it finds of a database to stdout and stderr, and gives the exit code."""


@dataclass(frozen=True, slots=True)
class Done:
    """What came of one database: what was written, and the exit code."""

    path: Path
    out: str
    errors: str
    code: int


def guarded(job: Job, path: Path) -> int:
    """The exit code of a job; what keeps it from being done is said on stderr, and stops no other."""
    try:
        return job(path)
    except SqlfixError as error:
        complain(error)
        return error.exit_code
    except OSError as error:
        complain(SqlfixError(f"cannot read {path}: {error.strerror or error}"))
        return 2


def side_by_side(
    job: Job, paths: Sequence[Path], workers: int, in_order: bool, sign: Callable[[], object] | None = None
) -> Generator[Done, None, None]:
    """Do a job for every database, so many at a time, and give each result as it comes.

    Args:
        job: something that can be handed to another process.
        in_order: give the results in the order of the paths.
        sign: called some times a second while the processes work, for progress.
    """
    waiting, done, following = iter(enumerate(paths)), dict[int, Done](), 0
    team: dict[Connection, _Worker] = {}
    try:
        for _ in range(min(workers, len(paths))):
            _put_to_work(job, next(waiting), team)
        while team:
            if sign:
                sign()
            for pipe in wait(list(team), LOOK if sign else None):
                assert isinstance(pipe, Connection)
                worker = team[pipe]
                done[worker.place] = worker.result()
                if worker.has_died:
                    worker.end()
                    del team[pipe]
                if task := next(waiting, None):
                    if worker.has_died:
                        _put_to_work(job, task, team)
                    else:
                        worker.begin(task)
                elif not worker.has_died:
                    worker.end()
                    del team[pipe]
            for place in list(done) if not in_order else range(following, len(paths)):
                if place not in done:
                    break
                yield done.pop(place)
                following += 1
    finally:
        for worker in team.values():
            worker.end(at_once=True)


class _Worker:
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

    def result(self) -> Done:
        """What came of the job; where the process died over it (a file that is cut short while it is read), that."""
        try:
            found = self.pipe.recv()
            assert isinstance(found, Done)
            return found
        except (EOFError, OSError):  # it died before it took the task, while it was at work, or amid its answer
            self.has_died = True
            self.process.join()
            why = f"the process that worked on it died (exit code {self.process.exitcode})"
            return Done(self.path, "", f"error: {self.path}: {why}\n", 2)

    def end(self, at_once: bool = False) -> None:
        """Let it go, or make it stop: again and again, since one signal may come just before it begins to wait."""
        self.pipe.close()
        while self.process.is_alive():
            if at_once:
                self.process.terminate()
            self.process.join(0.1)


def _put_to_work(job: Job, task: tuple[int, Path], team: dict[Connection, _Worker]) -> None:
    forks = "fork" in multiprocessing.get_all_start_methods() and sys.platform != "darwin"
    context = multiprocessing.get_context("fork") if forks else multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    # a forked process has a copy of all ends; as long as it keeps those, nobody learns that the other end was closed
    copies = [ours, *team] if forks else []
    process = context.Process(target=_work, args=(job, theirs, copies), daemon=True)
    process.start()
    theirs.close()
    worker = team[ours] = _Worker(process, ours)
    worker.begin(task)


def _work(job: Job, pipe: Connection, copies: list[Connection]) -> None:
    """What a process does until the other end is closed. Ctrl-C is left to the process that asked."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _stop)
    for copy in copies:
        copy.close()
    captured = _Captured(job)
    try:
        while True:
            pipe.send(captured(pipe.recv()))
    except (EOFError, OSError):
        os._exit(0)


@dataclass(frozen=True, slots=True)
class _Captured:
    """A job whose output is kept, to be written in one piece by the process that asked for it."""

    job: Job

    def __call__(self, path: Path) -> Done:
        out, errors = io.StringIO(), io.StringIO()
        _state.at_work = True
        try:
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(errors):
                code = self._run(path)
        except KeyboardInterrupt:  # all that was opened is closed by now
            os._exit(143)
        finally:
            _state.at_work = False
        return Done(path, out.getvalue(), errors.getvalue(), code)

    def _run(self, path: Path) -> int:
        try:
            return guarded(self.job, path)
        except Exception as error:
            complain(SqlfixError(f"internal error: {type(error).__name__}: {error}", "SQLFIX_DEBUG=1 shows where"))
            return 2


@dataclass(slots=True)
class _State:
    at_work: bool = False


_state = _State()


def _stop(number: int, frame: FrameType | None) -> None:
    if _state.at_work:
        raise KeyboardInterrupt
    os._exit(143)


def sum_up(codes: Sequence[int]) -> str:
    """One line on what came of all databases."""
    parts = [
        f"{codes.count(code):,} {words}"
        for code, words in ((0, "clean"), (1, "with findings"), (3, "not fully checked"), (2, "could not be scanned"))
        if code in codes
    ]
    return f"{len(codes):,} databases: {', '.join(parts)}."


def show(done: Done) -> None:
    """Write what a job wrote."""
    sys.stdout.write(done.out)
    sys.stdout.flush()
    if done.errors:
        click.echo(done.errors, nl=False, err=True)
