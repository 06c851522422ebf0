"""Signals that arrive while something is cleared away."""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import sqlite3
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from support import build

from sqlfix.model.schema import Schema
from sqlfix.repair.change import ChangeOptions, changing
from sqlfix.repair.donors import Wanted, open_donor
from sqlfix.sqlite import files, interrupts
from sqlfix.sqlite.connect import writing
from sqlfix.sqlite.snapshot import ReaderPool, reading


@pytest.fixture
def unheard(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """What Python could only write to stderr, because nobody was there to catch it."""
    found: list[Any] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda raised: found.append(raised.exc_value))
    interrupts.begin()
    yield found
    interrupts.begin()


def test_a_signal_between_the_opening_and_its_block_is_told_once(tmp_path: Path, unheard: list[Any]) -> None:
    """It raises before the block is entered, so that nobody but the garbage collector leaves it."""
    path = build(tmp_path / "x.db", "CREATE TABLE t (a)")
    opening = writing(path)
    opening.__enter__().execute("INSERT INTO t VALUES (1)")
    with pytest.raises(KeyboardInterrupt):
        interrupts._receive(signal.SIGTERM, None)
    del opening
    gc.collect()
    assert unheard == []
    with contextlib.closing(sqlite3.connect(path, timeout=0)) as connection:  # the lock was given back
        connection.execute("BEGIN IMMEDIATE")
        assert connection.execute("SELECT count(*) FROM t").fetchone() == (0,)


def test_a_signal_that_waits_has_its_way_after_the_block(unheard: list[Any]) -> None:
    with pytest.raises(KeyboardInterrupt), interrupts.held():
        interrupts._receive(signal.SIGTERM, None)


def test_one_that_comes_while_a_generator_is_closed_is_not_lost(unheard: list[Any]) -> None:
    def work() -> Iterator[int]:
        try:
            yield 1
        finally:
            with interrupts.held():
                interrupts._receive(signal.SIGTERM, None)

    working = work()
    next(working)
    with pytest.raises(KeyboardInterrupt):
        working.close()  # type: ignore[attr-defined]


MAKING: dict[str, Callable[[Path], contextlib.AbstractContextManager[object]]] = {
    "a folder": lambda path: files.temporary_folder(),
    "a file": lambda path: files.new_file(path.with_name("y.db"), path, "backup"),
    "a reader": reading,
    "a donor": lambda path: open_donor(path, Wanted(path.with_name("lost.db"), Schema(()), "UTF-8")),
    "a change": lambda path: changing(path, ChangeOptions(backup=False)),
}


@pytest.mark.parametrize("making", MAKING)
def test_nothing_is_left_of_what_is_made_for_a_while_whenever_a_signal_comes(
    tmp_path: Path, unheard: list[Any], monkeypatch: pytest.MonkeyPatch, making: str
) -> None:
    """At each instruction from the moment on when its block is over, but where signals wait; no lock either."""
    path = build(tmp_path / "x.db", "PRAGMA journal_mode = WAL; CREATE TABLE t (a)")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    before = sorted(tmp_path.iterdir())
    stopped, place = 0, 0
    while stopped == place:
        place += 1
        interrupts.begin()
        made = MAKING[making](path)
        _end_with_a_signal(made, place)
        stopped += interrupts.pending()
        del made
        gc.collect(0)
        assert sorted(tmp_path.iterdir()) == before, f"instruction {place}"
        with contextlib.closing(sqlite3.connect(path, timeout=0)) as connection:
            connection.execute("BEGIN EXCLUSIVE")
    assert stopped > 100
    assert unheard == []


def _end_with_a_signal(made: contextlib.AbstractContextManager[object], place: int) -> None:
    """Use something and fail, with a signal at one of the instructions that come then."""
    met = 0

    def trace(frame: FrameType, event: str, value: object) -> Any:
        nonlocal met
        if interrupts._state.held:  # whenever it comes until then, it has its way when the block is over
            return None if event == "call" else trace
        frame.f_trace_opcodes = True
        met += event == "opcode"
        if met == place and not interrupts.pending():
            sys.settrace(None)  # there is to be but one
            interrupts._receive(signal.SIGINT, None)
        return trace

    previous = sys.gettrace()
    with contextlib.suppress(LookupError, KeyboardInterrupt):
        try:
            with made:
                sys.settrace(trace)
                raise LookupError
        finally:
            sys.settrace(previous)


def test_no_thread_is_at_work_any_more_when_ctrl_c_ends_the_reading() -> None:
    connections = [sqlite3.connect(":memory:", check_same_thread=False) for _ in range(2)]
    at_work: list[sqlite3.Connection] = []

    def work(connection: sqlite3.Connection, _: int) -> None:
        at_work.append(connection)
        try:
            connection.execute("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n")
        finally:
            time.sleep(0.5 if connection is connections[0] else 0)
            at_work.remove(connection)

    threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
    with pytest.raises(KeyboardInterrupt):
        ReaderPool(connections).run(work, range(2))
    assert not at_work
    for connection in connections:
        connection.close()
