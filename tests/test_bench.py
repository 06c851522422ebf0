"""The benchmark itself, at a scale at which it takes seconds: both sides find the same orphans on every shape."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from bench.shapes import SHAPES, build

RUN = Path(__file__).parent / "bench" / "run.py"


def test_it_runs_and_writes_its_page(tmp_path: Path) -> None:
    to = tmp_path / "benchmark.md"
    ran = subprocess.run(
        [sys.executable, str(RUN), "--scale", "0.001", "--runs", "1", "--only", "scans", "--to", str(to)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    text = to.read_text(encoding="utf-8")
    for shape in SHAPES:
        assert f"\n| {shape.name} |" in text
    assert "check / keys" in text


def test_it_fails_where_the_answers_differ(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from bench import run

    shape = next(shape for shape in SHAPES if shape.name == "integer")
    build(shape, tmp_path / "x.db", 0.01, 1)
    assert run.require_same_answer(tmp_path / "x.db") > 0
    monkeypatch.setattr(run, "CHECK", "SELECT 'line', 1, 'orders', 1")
    with pytest.raises(run.Differ):
        run.require_same_answer(tmp_path / "x.db")


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
def test_a_seed_gives_the_same_database(shape: object, tmp_path: Path) -> None:
    one, other, third = (tmp_path / name for name in "abc")
    build(shape, one, 0.01, 1)
    build(shape, other, 0.01, 1)
    build(shape, third, 0.01, 2)
    assert one.read_bytes() == other.read_bytes() != third.read_bytes()
