"""How long a change of the schema takes against a VACUUM INTO of the file: ``python tests/bench/alter.py 100 1000``."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SQLFIX = [sys.executable, "-m", "sqlfix"]
COPIED = "import sqlite3, sys; sqlite3.connect(sys.argv[1]).execute('VACUUM INTO ?', (sys.argv[1] + '.copy',))"
WAYS = {
    "VACUUM INTO": [sys.executable, "-c", COPIED, "{}"],
    "a text alone (NOT NULL)": [*SQLFIX, "alter", "{}", "orders.status", "--not-null", "--yes", "--quiet"],
    "the rows copied (DEFAULT)": [*SQLFIX, "alter", "{}", "orders.note", "--default", "''", "--yes", "--quiet"],
}


def build(path: Path, megabytes: int) -> None:
    """Orders of customers, with two indexes; a row of theirs takes some 290 bytes with its entries."""
    counted = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {}) INSERT INTO"
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.executescript(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;"
            "CREATE TABLE customer (id INTEGER PRIMARY KEY, name TEXT);"
            "CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customer (id), status TEXT,"
            " amount DECIMAL(10,2), placed DATETIME, note TEXT, data BLOB);"
            f"{counted.format(10_000)} customer SELECT i, 'name ' || i FROM n;"
            f"{counted.format(megabytes * 1_000_000 // 290)} orders SELECT i, i % 10000 + 1, 'status ' || (i % 7),"
            " i / 100.0, '2026-01-01 10:00:00', hex(randomblob(60)), randomblob(60) FROM n;"
            "CREATE INDEX by_customer ON orders (customer_id); CREATE INDEX by_day ON orders (placed, status);"
        )


def measured(command: list[str]) -> tuple[float, float]:
    """The seconds of a command by the clock, and those of its CPU.

    Raises:
        ValueError: where it fails.
    """
    begun = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise ValueError(f"{command} ended with {process.returncode}")
    return time.perf_counter() - begun, used.ru_utime + used.ru_stime


def main() -> int:
    """Print a table: each way on a copy of its own, with its backup, checks and record."""
    print("| MB | what | s | CPU s | times VACUUM INTO, by CPU |\n| --- | --- | --- | --- | --- |")
    for megabytes in map(int, sys.argv[1:] or ["100"]):
        with tempfile.TemporaryDirectory() as folder:
            original, least = Path(folder) / "app.db", 0.0
            build(original, megabytes)
            for what, command in WAYS.items():
                place = Path(folder) / "trial"
                place.mkdir()
                path = shutil.copy(original, place / "app.db")
                seconds, cpu = measured([word.replace("{}", str(path)) for word in command])
                least = least or cpu
                figures = f"{seconds:.1f} | {cpu:.1f} | {cpu / least:.1f}"
                print(f"| {path.stat().st_size / 1e6:.0f} | {what} | {figures} |", flush=True)
                shutil.rmtree(place)
    return 0


if __name__ == "__main__":
    sys.exit(main())
