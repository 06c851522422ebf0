"""The benchmark itself, at a scale at which it takes seconds: both sides find the same orphans on every shape."""

from __future__ import annotations

import contextlib
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from bench.building import Shape, build
from bench.limits import LIMITS
from bench.shapes import SHAPES
from support import sqlfix, together

RUN = Path(__file__).parent / "bench" / "run.py"


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is not measured runs in this process, where sqlfix is loaded; the memory is still that of a process."""
    from bench import run

    outside = run.run

    def run_here(command: run.Command, output: int = subprocess.DEVNULL) -> tuple[float, str]:
        if command[: len(run.SQLFIX)] != run.SQLFIX:
            return outside(command, output)
        ran = sqlfix(*command[len(run.SQLFIX) :])
        assert ran.code in (0, 1, 3), ran.err
        return 0.01, ran.out

    monkeypatch.setattr(run, "run", run_here)


@pytest.mark.usefixtures("here")
def test_it_runs_and_writes_its_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A shape of each kind, and one at the limits, which stands on its own; other tests build all, and ask them."""
    from bench import run

    monkeypatch.setattr(run, "LEAST_BY_CHECK", 1000.0)  # on a busy machine every check would be measured
    to = tmp_path / "benchmark.md"
    chosen = [word for name in ("forum", "GUIDs", "messages", LIMITS[0].name) for word in ("--only", name)]
    monkeypatch.setattr(sys, "argv", [str(RUN), "--scale", "0.001", "--runs", "1", *chosen, "--to", str(to)])
    assert run.main() == 0
    text = to.read_text(encoding="utf-8")
    for name in ("forum", "GUIDs", LIMITS[0].name):
        assert f"\n| {name} |" in text
    assert "check / keys" in text
    assert "`sqlfix why --error -`" in text


def test_a_scan_at_a_limit_is_held_against_both_readings_of_the_aim(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bench import run

    monkeypatch.setattr(run, "require_same_answer", lambda path: 5)
    monkeypatch.setattr(run, "in_turn", lambda commands, runs: [0.1, 0.3, 0.6, 1.2])
    (row,) = run.limits(tmp_path, LIMITS[:1], 0.001, 1, 1)
    assert row[1:] == ["5", "0.10", "0.30", "0.60", "1.20", "9.0", "0.50", "1.00", "1.00", "2.00"]
    assert "| keys / 3 (check + start) | scan / 3 (check + start) | keys / (3 check + start) |" in run._at_limits([row])


def test_a_check_that_takes_a_tenth_of_a_scan_is_measured_by_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bench import run

    def taken(command: run.Command) -> float:
        return 10.0 + 3.0 * ("duplicate-keys" in command) + 1.0 * ("invalid-dates" in command)

    monkeypatch.setattr(run, "run", lambda command: (taken(command), ""))
    monkeypatch.setattr(run, "in_turn", lambda commands, runs: list(map(taken, commands)))
    found = run.slow_checks(SHAPES[0], tmp_path / "x.db", 25.0, 10.0, 1)
    assert found == [[SHAPES[0].name, "duplicate-keys", "13.00", "10.00", "25.00"]]
    assert run.slow_checks(SHAPES[0], tmp_path / "x.db", 10.1, 10.0, 1) == []


@together
@pytest.mark.parametrize("shape", LIMITS, ids=lambda shape: shape.name)
def test_both_sides_agree_at_the_limits(shape: Shape, tmp_path: Path) -> None:
    from bench import run

    build(shape, tmp_path / "x.db", 0.01, 1)
    with contextlib.closing(sqlite3.connect(tmp_path / "x.db")) as connection:
        expected = len(connection.execute(run.CHECK).fetchall())
    ran = sqlfix("scan", "--format", "json", tmp_path / "x.db")
    assert sum(r["orphans"] for r in ran.json["relationships"]) == expected
    assert bool(expected) is (shape.name not in ("references", "ring", "chain", "tables"))


def test_an_older_one_is_measured_against_this_one(tmp_path: Path) -> None:
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv" / "bin").symlink_to(Path(sys.executable).parent)
    before = [sys.executable, str(RUN.with_name("before.py")), str(tmp_path), "--scale", "0.001", "--runs", "1"]
    ran = subprocess.run([*before, "--only", "wide"], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    rows = [line.split(" | ") for line in ran.stdout.splitlines() if line.startswith("| `sqlfix")]
    assert [row[0] for row in rows] == ["| `sqlfix scan`"]
    assert all(float(row[2]) > 0 and float(row[3]) > 0 for row in rows)


@pytest.mark.usefixtures("here")
def test_it_fails_where_the_answers_differ(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from bench import run

    shape = next(shape for shape in SHAPES if shape.name == "forum")
    build(shape, tmp_path / "x.db", 0.01, 1)
    assert run.require_same_answer(tmp_path / "x.db") > 0
    monkeypatch.setattr(run, "CHECK", "SELECT 'posts', 1, 'users', 1")
    with pytest.raises(run.Differ):
        run.require_same_answer(tmp_path / "x.db")


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
def test_both_sides_agree(shape: Shape, tmp_path: Path) -> None:
    from bench import run

    build(shape, tmp_path / "x.db", 0.001, 1)
    assert run.require_same_answer(tmp_path / "x.db") >= 0


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
def test_a_seed_gives_the_same_database(shape: object, tmp_path: Path) -> None:
    one, other, third = (tmp_path / name for name in "abc")
    build(shape, one, 0.001, 1)
    build(shape, other, 0.001, 1)
    build(shape, third, 0.001, 2)
    assert one.read_bytes() == other.read_bytes() != third.read_bytes()


def test_a_backfill_is_measured(tmp_path: Path) -> None:
    from bench import backfill

    backfill.build(tmp_path / "x.db", 40)
    seconds, memory = backfill.measured(tmp_path / "x.db", [*backfill.NAME, "--match"])
    assert seconds > 0 and memory > 0
    with contextlib.closing(sqlite3.connect(tmp_path / "x.db")) as connection:
        made, names = connection.execute("SELECT count(*), count(DISTINCT name) FROM auth_group").fetchone()
        assert made == names > 4
