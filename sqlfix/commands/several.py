"""Doing the same to several databases at a time, each in a process of its own, and saying what came of all."""

from __future__ import annotations

import contextlib
import io
import os
import signal
import sys
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import click

from sqlfix.commands.complaint import complain
from sqlfix.errors import SqlfixError

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


def side_by_side(job: Job, paths: Sequence[Path], workers: int, in_order: bool) -> Generator[Done, None, None]:
    """Do a job for every database, so many at a time, and give each result as it comes.

    Args:
        job: something that can be handed to another process.
        in_order: give the results in the order of the paths.
    """
    import multiprocessing

    method = "fork" if "fork" in multiprocessing.get_all_start_methods() and sys.platform != "darwin" else "spawn"
    with multiprocessing.get_context(method).Pool(min(workers, len(paths)), _begin) as pool:
        results = pool.imap if in_order else pool.imap_unordered
        yield from results(_Captured(job), paths)


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


def _begin() -> None:
    """Leave Ctrl-C to the process that asked; it ends the others with SIGTERM, and they tidy up."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _stop)


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
