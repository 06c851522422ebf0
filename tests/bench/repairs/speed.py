"""How long it takes to relink very many rows, against an UPDATE written by hand after a backup."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.repairs.contestants import SQLFIX

ROWS, DAMAGED, PARENTS = 2_000_000, 100_000, 200_000
BY_HAND = """
import sqlite3, sys
database = sqlite3.connect(sys.argv[1], isolation_level=None)
backup = sqlite3.connect(sys.argv[1] + ".backup")
database.backup(backup)
backup.close()
database.execute("BEGIN IMMEDIATE")
database.execute(
    "UPDATE orders SET customer = upper(trim(customer)) WHERE customer IS NOT NULL"
    " AND NOT EXISTS (SELECT 1 FROM customer AS p WHERE p.code = orders.customer)"
)
database.execute("COMMIT")
"""


def build(path: Path, scale: float) -> int:
    """Orders of customers, of which a part is spelled with a blank or in small letters; how many these are."""
    rows, parents, every = round(ROWS * scale), max(round(PARENTS * scale), 10), ROWS // DAMAGED
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.executescript(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;"
            "CREATE TABLE customer (code TEXT PRIMARY KEY, name TEXT);"
            "CREATE TABLE orders (id INTEGER PRIMARY KEY, customer TEXT REFERENCES customer (code), total INTEGER);"
        )
        counted = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {}) INSERT INTO"
        connection.execute(f"{counted.format(parents)} customer SELECT printf('C-%07d', i), 'Customer ' || i FROM n")
        key = f"printf('C-%07d', i * 37 % {parents} + 1)"
        spelled = (
            f"CASE WHEN i % {2 * every} = 0 THEN lower({key}) WHEN i % {every} = 0 THEN {key} || ' ' ELSE {key} END"
        )
        connection.execute(f"{counted.format(rows)} orders SELECT i, {spelled}, i % 500 FROM n")
        connection.commit()
    return rows // every


def measured(scale: float, runs: int) -> list[list[str]]:
    """Rows of the page: both sides in turn, each run on a file of its own, in seconds of CPU and of a clock.

    What sums and scans do on several cores takes less time than CPU; the clock counts only on a quiet machine.

    Raises:
        ValueError: where a side leaves an orphan.
    """
    spent: tuple[list[tuple[float, float]], list[tuple[float, float]]] = ([], [])
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "app.db"
        for _ in range(runs):
            for side, command in zip(
                spent, ([*SQLFIX, "repair", "--yes"], [sys.executable, "-c", BY_HAND]), strict=True
            ):
                for old in path.parent.iterdir():
                    old.unlink()
                damaged = build(path, scale)
                side.append(_spent([*command, str(path)]))
                with contextlib.closing(sqlite3.connect(path)) as connection:
                    if connection.execute("PRAGMA foreign_key_check").fetchone():
                        raise ValueError(f"{command} left orphans")
    what, rows = f"{damaged:,} of {round(ROWS * scale):,} rows relinked", []
    for place, seconds in enumerate(("CPU s", "wall s")):
        ours, theirs = (statistics.median(run[place] for run in side) for side in spent)
        rows.append([what, seconds, f"{ours:.1f}", f"{theirs:.1f}", f"{ours / theirs:.2f}"])
    return rows


def _spent(command: list[str]) -> tuple[float, float]:
    """The seconds of CPU that a process takes, and those from its beginning to its end."""
    begun = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise ValueError(f"{command} ended with {process.returncode}")
    return used.ru_utime + used.ru_stime, time.monotonic() - begun
