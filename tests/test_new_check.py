"""`make new-check`: what it writes is a check that works, with a test that runs; and which names it refuses."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """As much of the project as a new check needs."""
    for name in ("sqlfix", "tools", "tests/checks"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "tests/conftest.py", "tests/support.py", "tests/test_contract.py"):
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def ran(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A run of Python in the copy, which imports what stands there."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )


def new_check(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return ran(folder, "tools/new_check.py", *arguments)


def test_the_makefile_runs_it() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert "\nnew-check: $(DEV) ## " in makefile
    assert 'python tools/new_check.py "$(NAME)"\n' in makefile


def test_what_it_writes_works_as_it_stands(copy: Path) -> None:
    made = new_check(copy, "my-check")
    assert (made.returncode, made.stderr) == (0, "")
    written = ["sqlfix/checks/my_check.py", "tests/checks/test_my_check.py"]
    assert made.stdout.splitlines()[:2] == written
    asked = ["-k", "my or point_down or docstring or too_long"]
    tested = ran(copy, "-m", "pytest", "-q", "-p", "no:cacheprovider", written[1], "tests/test_contract.py", *asked)
    assert tested.returncode == 0, tested.stdout
    assert "5 passed" in tested.stdout, "one of its own, and four of what holds of each check and each file"
    for check in (["format", "--check"], ["check"]):
        tidy = ran(copy, "-m", "ruff", *check, *written)
        assert tidy.returncode == 0, tidy.stdout


@pytest.mark.parametrize("name", ["", "My-Check", "my_check", "-my", "my-", "my--check", "../my", "7-seas", "my check"])
def test_a_name_that_is_none(copy: Path, name: str) -> None:
    before = sorted(copy.rglob("*"))
    made = new_check(copy, *([name] if name else []))
    assert made.returncode == 1
    assert "no name of a check" in made.stderr
    assert sorted(copy.rglob("*")) == before


@pytest.mark.parametrize("there", ["sqlfix/checks/my_check.py", "tests/checks/test_my_check.py"])
def test_what_is_there_is_not_written_over(copy: Path, there: str) -> None:
    (copy / there).write_text("mine", encoding="utf-8")
    before = sorted(copy.rglob("*.py"))
    made = new_check(copy, "my-check")
    assert (made.returncode, made.stderr) == (1, f"error: {there} is there already\n")
    assert (copy / there).read_text(encoding="utf-8") == "mine"
    assert sorted(copy.rglob("*.py")) == before
