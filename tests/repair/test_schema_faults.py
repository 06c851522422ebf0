"""Nothing breaks half way in a change of the schema, or in the undo of one: kills, signals, a failure at every step."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from faults.trial import KILLS, Tell, every, kill_at
from faults.world import DEFAULT, NOT_NULL, TYPE, UNIQUE, World, digest, schema_undo_world, schema_world

from tests.repair.test_faults import (
    Fault,
    at_statements,
    at_statements_of_a_change,
    fail_as_disk,
    fail_as_full_disk,
    interrupt,
    none_lost_to_signals,
    run_with,
    try_every,
)

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of a Unix")


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[World]]:
    """Small databases whose schema is changed, in each of the ways that there are, and changed back."""
    base = tmp_path_factory.mktemp("worlds")
    yield [
        schema_world(base / "in place", 0.1, NOT_NULL),
        schema_world(base / "older rows", 0.1, DEFAULT, "wal"),
        schema_world(base / "an index", 0.1, UNIQUE),
        schema_world(base / "another type", 0.1, TYPE),
        schema_undo_world(base / "back in place", 0.1, NOT_NULL, "wal"),
        schema_undo_world(base / "an index goes", 0.1, UNIQUE),
    ]
    shutil.rmtree(base)


def test_signals_at_random_moments(worlds: list[World], tell: Tell) -> None:
    none_lost_to_signals(worlds, "changes of the schema", tell)


@pytest.mark.parametrize("fail", [fail_as_disk, fail_as_full_disk, interrupt])
def test_a_failure_at_every_statement(worlds: list[World], fail: object, tmp_path: object, tell: Tell) -> None:
    tried, lost = 0, []
    for number, world in enumerate(worlds):
        for kind in (at_statements, at_statements_of_a_change) if fail is fail_as_disk else (at_statements,):

            def put(patch: pytest.MonkeyPatch, fault: Fault, kind: object = kind) -> None:
                after = fail is interrupt
                made = (
                    at_statements_of_a_change(fault)
                    if kind is at_statements_of_a_change
                    else at_statements(fault, after)
                )
                patch.setattr(sqlite3, "connect", made)

            codes = (130,) if fail is interrupt else (2,)
            folder = tmp_path / f"{number}-{kind.__name__}"  # type: ignore[operator]
            some, wrong = try_every(world, folder, 150 if KILLS else 12, fail, put, codes)  # type: ignore[arg-type]
            # while it looks for rows in the way: that they could not be counted is why it holds back, and says so
            tried, lost = (
                tried + some,
                lost + [told for told in wrong if "could not be counted" not in " ".join(told.split())],
            )
    tell("changes of the schema: a failure at a statement", tried, lost)


@pytest.mark.parametrize("mode", ["delete", "wal"])
def test_killed_at_every_statement(tmp_path: Path, mode: str, tell: Tell) -> None:
    """After the commit too, before the record says so: the values of before are in the backup alone."""
    world = schema_world(tmp_path / "world", 0.01, TYPE, mode)
    counting = Fault(-1, die)
    path, ran = run_with(world, tmp_path / "count", counting, lambda patch: at(counting, patch.setattr))
    assert (ran.code, digest(path)) == (0, world.after), ran.err
    last = range(counting.done - 12, counting.done)
    places = sorted({*every(counting.done, counting.done if KILLS else 6), *last})
    lost = kill_at(world, tmp_path / "killed", places, lambda place: at(Fault(place, die), setattr))
    tell(f"another type, {mode}: killed at statements of {counting.done}", len(places), lost)


def at(fault: Fault, put: Callable[[object, str, object], object]) -> None:
    """Put a fault into the statements of all connections."""
    put(sqlite3, "connect", at_statements(fault, after=False))


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)
