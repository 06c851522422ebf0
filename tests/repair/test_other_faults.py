"""Nothing breaks half way where parents are made, tables and columns are dropped, or parked rows are brought back."""

from __future__ import annotations

import shutil
import sqlite3
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from faults.trial import KILLS, Tell
from faults.world import DROP, World, backfill_world, schema_world, unpark_world

from sqlfix.sqlite import files as own_files
from tests.repair.test_faults import (
    FailingOs,
    Fault,
    at_statements,
    at_statements_of_a_change,
    fail_as_disk,
    fail_as_full_disk,
    fail_as_system,
    interrupt,
    none_lost_to_signals,
    try_every,
)

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of a Unix")


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[World]]:
    """Small databases with what each command is for."""
    base = tmp_path_factory.mktemp("worlds")
    yield [
        backfill_world(base / "backfill", 0.05),
        schema_world(base / "drop", 0.05, DROP, "wal"),
        unpark_world(base / "unpark", 0.05),
        *([schema_world(base / "drop, delete", 0.5, DROP), backfill_world(base / "wal", 0.5, "wal")] if KILLS else []),
    ]
    shutil.rmtree(base)


def test_signals_at_random_moments(worlds: list[World], tell: Tell) -> None:
    none_lost_to_signals(worlds, "backfill, drop, unpark", tell)


Put = Callable[[pytest.MonkeyPatch, Fault], object]
KINDS: dict[str, Put] = {
    "a statement": lambda patch, fault: patch.setattr(
        sqlite3, "connect", at_statements(fault, fault.fail is interrupt)
    ),
    "a statement of the change": lambda patch, fault: patch.setattr(
        sqlite3, "connect", at_statements_of_a_change(fault)
    ),
    "a system call": lambda patch, fault: patch.setattr(own_files, "os", FailingOs(fault)),
}


@pytest.mark.parametrize(
    ("kind", "fail"),
    [
        ("a statement", fail_as_disk),
        ("a statement", fail_as_full_disk),
        ("a statement", interrupt),
        ("a statement of the change", fail_as_disk),
        ("a system call", fail_as_system),
    ],
)
def test_a_failure_at_every_step(
    worlds: list[World], kind: str, fail: Callable[[], None], tmp_path: Path, tell: Tell
) -> None:
    tried, lost = 0, []
    codes = (130,) if fail is interrupt else (2,)
    for number, world in enumerate(worlds):
        some, wrong = try_every(world, tmp_path / str(number), 300 if KILLS else 8, fail, KINDS[kind], codes)
        tried, lost = tried + some, lost + wrong
    tell(f"backfill, drop, unpark: {fail.__name__} at {kind}", tried, lost)
