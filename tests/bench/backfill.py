"""How long a backfill takes, and how much memory: ``python tests/bench/backfill.py 100000 1000000``."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

SQLFIX = [sys.executable, "-m", "sqlfix"]
NAME = ["--set", "auth_group.name={name} Admin"]
MODES = {
    "one for each row, a quarter of the names alike": NAME,
    "one for each row, or the one of that name": [*NAME, "--match"],
    "one for each of 1,000 groups": ["--set", "auth_group.name=Of {city}", "--group-by", "city"],
}


def build(path: Path, rows: int) -> None:
    """Widgets without a group, of which some have the same name, and groups that have some of the names already."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.executescript(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;"
            "CREATE TABLE auth_group (id INTEGER PRIMARY KEY AUTOINCREMENT, name VARCHAR(80) NOT NULL UNIQUE);"
            "CREATE TABLE widget (id INTEGER PRIMARY KEY, name VARCHAR(80), city TEXT,"
            " group_id INT REFERENCES auth_group (id));"
        )
        counted = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {}) INSERT INTO"
        alike = max(rows * 3 // 4, 1)
        connection.execute(
            f"{counted.format(rows)} widget (name, city)"
            f" SELECT 'Widget ' || (i * 7919 % {alike}), 'city ' || (i % 1000) FROM n"
        )
        connection.execute(
            f"{counted.format(max(rows // 10, 1))} auth_group (name) SELECT 'Widget ' || i || ' Admin' FROM n"
        )
        connection.commit()


def measured(path: Path, options: list[str]) -> tuple[float, int]:
    """The CPU seconds of a backfill, its backup and its record, and its peak of memory in MB.

    Raises:
        ValueError: where it fails, or a row is left without a parent.
    """
    command = [*SQLFIX, "backfill", str(path), "widget.group_id", *options, "--yes", "--quiet"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    with contextlib.closing(sqlite3.connect(path)) as connection:
        left = connection.execute("SELECT count(*) FROM widget WHERE group_id IS NULL").fetchone()[0]
    if process.returncode or left:
        raise ValueError(f"{command} ended with {process.returncode} and left {left} rows")
    return used.ru_utime + used.ru_stime, used.ru_maxrss // 1024


def main() -> int:
    """Print a table."""
    print("| rows | what | CPU s | memory MB |\n| --- | --- | --- | --- |")
    for rows in map(int, sys.argv[1:] or ["100000"]):
        for what, options in MODES.items():
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "app.db"
                build(path, rows)
                seconds, memory = measured(path, options)
                print(f"| {rows:,} | {what} | {seconds:.1f} | {memory} |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
