"""What all tests share: the profiles of hypothesis, and the switch that rewrites the golden cases."""

from __future__ import annotations

import contextlib
import gc
import itertools
import os
import re
import shutil
import signal
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, TypeVar

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


T = TypeVar("T")
NUMBERS = itertools.count()
PASSED = pytest.StashKey[bool]()
RAM_DISK = "/dev/shm"
ENOUGH = 2 << 30
"""The free bytes of a RAM disk on which the tests put their files: several times what a run needs at once."""


def pytest_configure(config: pytest.Config) -> None:
    """What is compiled is kept, and the files of tests are on a RAM disk where there is one.

    The tests start the command line some hundred times, and half of such a start would be compiling the same modules
    again; half the time of a repair is waiting for the disk. In a fresh clone every process of a run would compile all
    tests: every other one begins at the end, so that each finds half of them compiled.
    """
    if int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:]) % 2 and config.args == config.getini("testpaths"):
        config.args = sorted(map(str, Path(__file__).parent.rglob("test_*.py")), reverse=True)
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
    *(
        "test_alter_corpus",
        "test_damaged_schemas",
        "test_merge",
        "test_relink",
        "test_schema_corpus",
        "test_walkthroughs",
    ),
}
"""Files with tests that take seconds each: they come first, and what is short keeps every process busy to the end."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: (item.path.stem not in LONG, item.path))


def pytest_collection_finish() -> None:
    """Python no longer looks for garbage among the thousands of tests."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


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
def read_once() -> Iterator[None]:
    """Read once which functions and modules SQLite has: in a run every connection begins with the same.

    A repair opens ten connections, and a fifth of its time would be reading these lists. `test_trust`, where
    connections have others, and what runs in a process of its own read them each time.
    """
    with pytest.MonkeyPatch.context() as patch:
        for name in ("_functions", "strange_modules"):
            patch.setattr(trust, name, asked_once(getattr(trust, name)))
        yield


def asked_once(read: Callable[[sqlite3.Connection], T]) -> Callable[[sqlite3.Connection], T]:
    """What is read of the first connection, for all of them."""
    found: list[T] = []

    def known(connection: sqlite3.Connection) -> T:
        if not found:
            found.append(read(connection))
        return found[0]

    return known


@pytest.fixture
def tmp_path(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder of the test's own, which is kept if it fails.

    That of pytest leaves a link for each name of a test, and looks through all of them to make the next folder.
    """
    name = re.sub(r"\W", "_", request.node.name)[:30]
    folder = tmp_path_factory.getbasetemp() / f"{name}{next(NUMBERS)}"
    folder.mkdir(mode=0o700)
    yield folder
    if request.node.stash.get(PASSED, True):
        shutil.rmtree(folder, ignore_errors=True)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    item.stash[PASSED] = item.stash.get(PASSED, True) and not report.failed
    return report


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is cut off after a second in any case is cut off after a tenth of a second of work.

    Work, not time: on a busy machine nothing that is sound takes longer for the others' sake.
    """
    monkeypatch.setattr(deadline, "LEAST", 0.1)
    monkeypatch.setattr(deadline, "TURN", 0.02)
    monkeypatch.setattr(deadline, "time", SimpleNamespace(monotonic=time.process_time))


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
