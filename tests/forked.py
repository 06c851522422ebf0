"""The command line in a process of its own, forked off that of the tests, where everything is imported already.

It is a true process, with its pipes, signals, working directory, environment and exit code. To start Python and to
import the package takes three times as long as most commands take. What a test has to say about the start
itself, about the encoding of the streams, or about streams that are closed, is said of Python started anew.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import io
import os
import pkgutil
import runpy
import signal
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from support import NOBODY

import sqlfix
from sqlfix.cli import main
from sqlfix.plan.fix import FIXES
from sqlfix.prose.format import FORMATS
from sqlfix.scan.check import CHECKS

HIGHEST = 4096
"""The first descriptor that no test opens."""


def forked(*arguments: object, **options: Any) -> subprocess.CompletedProcess[Any]:
    """Run the command line as `subprocess.run` runs a program; the options are those of it, and those of `fork`."""
    given = options.pop("input", None)
    timeout = options.pop("timeout", 60)
    if options.pop("capture_output", False):
        options.update(stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if given is not None:
        options["stdin"] = subprocess.PIPE
    with fork(*arguments, **options) as process:
        try:
            out, errors = process.communicate(given, timeout=timeout)
        except BaseException:
            process.kill()
            raise
    return subprocess.CompletedProcess(process.args, process.returncode, out, errors)


def forked_python(*arguments: object, imported: Iterable[str], **options: Any) -> subprocess.CompletedProcess[Any]:
    """Run ``python`` with such arguments (``-m``, ``-c`` or a file) in the same way.

    Args:
        imported: the modules that take long to import, which these processes then have already.
    """
    for name in imported:
        importlib.import_module(name)
    return forked(*arguments, program=interpret, **options)


def interpret() -> None:
    """What Python does with its arguments."""
    how, *words = sys.argv[1:]
    sys.dont_write_bytecode = bool(os.environ.get("PYTHONDONTWRITEBYTECODE"))
    sys.path[:0] = [str(Path.cwd()), *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    sys.argv = words if how == "-m" else [how, *words[how == "-c" :]]
    if how == "-c":
        exec(compile(words[0], "<string>", "exec"), {"__name__": "__main__"})
    elif how == "-m":
        runpy.run_module(words[0], run_name="__main__", alter_sys=True)
    else:
        runpy.run_path(how, run_name="__main__")
    sys.exit()


def fork(
    *arguments: object,
    first: Callable[[], object] | None = None,
    program: Callable[[], object] = main,
    **options: Any,
) -> subprocess.Popen[Any]:
    """Begin what `forked` runs.

    No other thread may be inside SQLite meanwhile, since the new process would wait for its locks for ever, and nothing
    here may have the database open: the new process would take the locks of that for its own.

    Args:
        first: what is called in the new process before the command line is.
        program: what it runs, if it is not the command line.
        options: those of `subprocess.Popen`; streams that are not given are those of the tests.
    """
    begin = become(arguments, first, options.get("env"), options.get("pass_fds", ()), options.get("cwd"), program)
    return subprocess.Popen([sys.executable, "-m", "sqlfix", *map(str, arguments)], preexec_fn=begin, **options)


def become(
    arguments: Iterable[object],
    first: Callable[[], object] | None = None,
    environment: dict[str, str] | None = None,
    kept: Iterable[int] = (),
    cwd: Path | None = None,
    run: Callable[[], object] = main,
) -> Callable[[], None]:
    """What a process that has just been forked calls instead of executing a program; it does not return."""
    import_all()
    words, environment, kept = list(map(str, arguments)), dict(environment or os.environ), sorted(kept)
    named = {Path(cwd or ".", word).resolve() for word in words}
    assert not named & set(_open_files()), "it is open in this process"

    def program() -> None:
        code = 1  # of what nobody has caught
        try:
            _begin(words, environment, kept)
            if first:
                first()
            run()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(end.code is not None)
        except KeyboardInterrupt:
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            os.kill(os.getpid(), signal.SIGINT)
        except BaseException:
            traceback.print_exc()
        os._exit(_end(code))

    return program


def become_nobody() -> None:
    """Root becomes an ordinary user; everybody else stays who they are."""
    if os.getuid() == 0:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)


@cache
def import_all() -> None:
    """Import the whole package, and what it imports in functions: not all of it may be readable to whom it becomes."""
    for found in pkgutil.walk_packages(sqlfix.__path__, "sqlfix."):
        if found.name != "sqlfix.__main__":
            importlib.import_module(found.name)
    for name in ("difflib", "shlex", "shutil", "tempfile", "sqlglot", "tabulate"):
        importlib.import_module(name)
    for registry in (CHECKS, FIXES, FORMATS):  # these look into their folders when first asked
        registry.all()


def _open_files() -> Iterator[Path]:
    """The files that this process has open, where the system tells."""
    folder = Path("/proc/self/fd")
    for descriptor in folder.iterdir() if folder.is_dir() else ():
        with contextlib.suppress(OSError):  # that of the folder itself is closed by now
            yield descriptor.readlink()


def _begin(words: list[str], environment: dict[str, str], kept: Iterable[int]) -> None:
    """What Python itself does before a program begins."""
    gc.disable()  # what the tests hold stays where it is
    before = 3
    for descriptor in (*kept, HIGHEST):  # one of them tells whoever has forked that the program has begun
        os.closerange(before, descriptor)
        before = descriptor + 1
    for number, action in (
        *((number, signal.SIG_DFL) for number in (signal.SIGTERM, signal.SIGALRM, signal.SIGHUP)),
        *((number, signal.SIG_IGN) for number in (signal.SIGPIPE, signal.SIGXFSZ)),
        (signal.SIGINT, signal.default_int_handler),
    ):
        signal.signal(number, action)
    os.environ.clear()
    os.environ.update(environment)
    tempfile.tempdir = None
    sys.argv = ["sqlfix", *words]
    encoding = environment.get("PYTHONIOENCODING", "utf-8")
    sys.stdin = sys.__stdin__ = open(0, encoding=encoding)  # type: ignore[misc] # noqa: SIM115
    sys.stdout = sys.__stdout__ = _stream(1, encoding, "strict")  # type: ignore[misc]
    sys.stderr = sys.__stderr__ = _stream(2, encoding, "backslashreplace")  # type: ignore[misc]


def _stream(descriptor: int, encoding: str, errors: str) -> io.TextIOWrapper:
    """A stream as Python opens it: by lines at a terminal, and for what goes wrong."""
    by_lines = descriptor == 2 or os.isatty(descriptor)
    return io.TextIOWrapper(open(descriptor, "wb"), encoding, errors, line_buffering=by_lines)


def _end(code: int) -> int:
    """What Python does when a program has ended; the exit code."""
    try:
        sys.stdout.flush()
    except Exception as error:
        print(f"Exception ignored in: {sys.stdout!r}\n{type(error).__name__}: {error}", file=sys.stderr)
        code = 120
    try:
        sys.stderr.flush()
    except OSError:
        code = 120
    return code
