"""Printed commands are run by a shell, for file names that a shell or a terminal acts upon."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from support import build, sqlfix

NAMES = [
    "-y.db",
    "a b $HOME `id` it's.db",
    'q"\nb\\.db',
    "\x1b[1m%d\t\u202eü.db",
]
SQL = (
    "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c (id INTEGER PRIMARY KEY, p INT REFERENCES p);"
    "INSERT INTO p VALUES (1); INSERT INTO c VALUES (1, 5), (2, 1);"
)


def run(folder: Path, printed: str) -> int:
    """The exit code of a printed command in a shell."""
    assert printed.isprintable()
    command = printed.replace("sqlfix ", f"{shlex.quote(sys.executable)} -m sqlfix ", 1)
    return subprocess.run(["sh", "-c", command], cwd=folder, capture_output=True, input="", text=True).returncode


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_a_printed_command_is_right_for_any_file_name(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build(tmp_path / name, SQL)
    monkeypatch.chdir(tmp_path)
    scanned = sqlfix("scan", f"./{name}" if name.startswith("-") else name)
    (export,) = [line.split(":  ")[1] for line in scanned.out.splitlines() if line.startswith("next, to read")]
    assert run(tmp_path, export.strip()) == 0
    repaired = sqlfix("repair", "--yes", f"./{name}" if name.startswith("-") else name)
    (undo,) = [line.split(":")[1].strip() for line in repaired.out.splitlines() if line.startswith("Undo:")]
    assert run(tmp_path, f"{undo} --yes") == 0
