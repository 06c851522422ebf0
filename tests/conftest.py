"""What all tests share: the profiles of hypothesis, and the switch that rewrites the golden cases."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sqlite3
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from support import FIGURES

from sqlfix.sqlite import deadline, trust

# a run in the background of a shell ignores Ctrl-C from the start, and the tests of Ctrl-C would meet nothing
with contextlib.suppress(ValueError):
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)

# the same examples in every run, so that a change is judged by what it changed; `make fuzz` looks further
hypothesis.settings.register_profile("default", max_examples=60, deadline=None, derandomize=True)
hypothesis.settings.register_profile("fuzz", max_examples=5000, deadline=None)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


RAM_DISK = "/dev/shm"
ENOUGH = 2 << 30
"""The free bytes of a RAM disk on which the tests put their files: several times what a run needs at once."""


def pytest_configure() -> None:
    """What is compiled is kept, and the files of tests are on a RAM disk where there is one.

    The tests start the command line some hundred times, and half of such a start would be compiling the same modules
    again; half the time of a repair is waiting for the disk.
    """
    sys.dont_write_bytecode = False
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    with contextlib.suppress(OSError):
        if "TMPDIR" not in os.environ and os.access(RAM_DISK, os.W_OK) and shutil.disk_usage(RAM_DISK).free > ENOUGH:
            os.environ["TMPDIR"] = RAM_DISK  # what the tests start inherits it, and so do the workers of a run
            tempfile.tempdir = None


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--rewrite-goldens", action="store_true", help="write anew what is expected")


LONG = {"test_properties", "test_why_oracle", "test_identity", "test_stale_indexes", "test_undo_properties"} | {
    *("test_bench", "test_corrupt", "test_faults", "test_frameworks", "test_hostile_files", "test_two_files"),
}
"""Files with tests that take seconds each: they come first, and what is short keeps every process busy to the end."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.path.stem not in LONG)


@pytest.fixture(autouse=True, scope="session")
def plain_environment() -> Iterator[None]:
    """No test depends on who runs it: no SQLFIX_ variable, no colour, 80 columns."""
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.startswith("SQLFIX_") and name != "SQLFIX_SHARED":
                patch.delenv(name)
        patch.setenv("COLUMNS", "80")
        yield


@pytest.fixture(autouse=True, scope="session")
def functions_read_once() -> Iterator[None]:
    """Read once which functions SQLite has: in a run every connection begins with the same.

    A repair opens ten connections, and a fifth of its time would be reading that list. `test_trust`, where connections
    have others, and what runs in a process of its own read it each time.
    """
    functions: list[tuple[trust.Function, ...]] = []
    read = trust._functions

    def known(connection: sqlite3.Connection) -> tuple[trust.Function, ...]:
        if not functions:
            functions.append(read(connection))
        return functions[0]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trust, "_functions", known)
        yield


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is cut off after a second in any case is cut off sooner."""
    monkeypatch.setattr(deadline, "LEAST", 0.4)


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all processes of a run share."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "shared"
    folder.mkdir(exist_ok=True)
    return folder


# -- figures of tests over many files, also where several processes share them -------------------------------------


def pytest_sessionfinish(session: pytest.Session) -> None:
    if (output := getattr(session.config, "workeroutput", None)) is not None:
        output["figures"] = dict(FIGURES)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    FIGURES.update(Counter(getattr(node, "workeroutput", {}).get("figures", {})))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    if FIGURES:
        terminalreporter.section("figures of the corpus")
        for name, number in FIGURES.items():
            terminalreporter.line(f"{number:>9,}  {name}")
