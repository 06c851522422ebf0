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
from dataclasses import dataclass
from pathlib import Path

COPIED = "import sqlite3, sys; sqlite3.connect(sys.argv[1]).execute('VACUUM INTO ?', (sys.argv[1] + '.copy',))"
BY_HAND = """
import contextlib, sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
with contextlib.closing(sqlite3.connect(sys.argv[1] + ".copy")) as copy:
    connection.backup(copy)
key = "REFERENCES customer (id)"
others = "status TEXT, amount TEXT, placed DATETIME, note TEXT, data BLOB, late TEXT DEFAULT 'then'"
for statement in f'''
    PRAGMA foreign_keys = OFF; BEGIN; CREATE TABLE new (id INTEGER PRIMARY KEY, customer_id INTEGER {key}, {others});
    INSERT INTO new SELECT * FROM orders; DROP TABLE orders; ALTER TABLE new RENAME TO orders;
    CREATE INDEX by_customer ON orders (customer_id); CREATE INDEX by_day ON orders (placed, status);
    PRAGMA foreign_key_check; COMMIT'''.split(";"):
    connection.execute(statement).fetchall()
"""
"""A backup, and what SQLite's page on ALTER TABLE says: the rows copied, with nothing compared and no record."""
WAYS = {
    "the text: NOT NULL": ["orders.status", "--not-null"],
    "the text: DEFAULT": ["orders.note", "--default", "''"],
    "the text: DEFAULT, and a tenth of the rows is older than the column": ["orders.late", "--default", "''"],
    "the text: a type that changes no value": ["orders.placed", "--type", "TEXT"],
    "the text and an index: UNIQUE": ["orders.amount", "--unique"],
    "the text and an index: COLLATE": ["orders.status", "--collate", "NOCASE"],
    "the text, and every row written: a type that changes every value": ["orders.amount", "--type", "TEXT"],
}
PROGRAMS = {"VACUUM INTO": COPIED, "by hand: a backup, and the rows copied with that type": BY_HAND}


def build(path: Path, megabytes: int) -> None:
    """Orders of customers, with two indexes; a row of theirs takes some 290 bytes with its entries."""
    counted = "WITH RECURSIVE n (i) AS (SELECT {} UNION ALL SELECT i + 1 FROM n WHERE i < {}) INSERT INTO"
    rows = megabytes * 1_000_000 // 290
    values = (
        "SELECT i, i % 10000 + 1, 'status ' || (i % 7), i / 100.0, '2026-01-01 10:00:00', hex(randomblob(60)),"
        " randomblob(60)"
    )
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.executescript(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;"
            "CREATE TABLE customer (id INTEGER PRIMARY KEY, name TEXT);"
            "CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customer (id), status TEXT,"
            " amount DECIMAL(10,2), placed DATETIME, note TEXT, data BLOB);"
            f"{counted.format(1, 10_000)} customer SELECT i, 'name ' || i FROM n;"
            f"{counted.format(1, rows // 10)} orders {values} FROM n;"
            "ALTER TABLE orders ADD COLUMN late TEXT DEFAULT 'then';"
            f"{counted.format(rows // 10 + 1, rows)} orders {values}, NULL FROM n;"
            "CREATE INDEX by_customer ON orders (customer_id); CREATE INDEX by_day ON orders (placed, status);"
        )


@dataclass(frozen=True)
class Used:
    """What a command took: seconds, those of its CPU, and the most private memory in MB."""

    seconds: float
    cpu: float
    memory: float


def measured(command: list[str]) -> Used:
    """Run a command.

    Raises:
        ValueError: where it fails.
    """
    os.sync()  # what was copied stands on the disk, as an old file does: else the first flush has to write all of it
    begun, memory = time.perf_counter(), 0.0
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    while True:
        memory = max(memory, private(process.pid))
        pid, status, used = os.wait4(process.pid, os.WNOHANG)
        if pid:
            break
        time.sleep(0.01)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise ValueError(f"{command} ended with {process.returncode}")
    return Used(time.perf_counter() - begun, used.ru_utime + used.ru_stime, memory)


def private(pid: int) -> float:
    """The memory that a process shares with nobody and with no file, in MB; 0 where the system does not tell."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("RssAnon:"):
                return int(line.split()[1]) / 1000
    return 0.0


def main() -> int:
    """Print a table: each way on a copy of its own, with its backup, checks and record."""
    print("| MB | what | s | times VACUUM INTO | CPU s | times VACUUM INTO | MB of memory | file grows by MB |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for megabytes in map(int, sys.argv[1:] or ["100"]):
        with tempfile.TemporaryDirectory() as folder:
            original = Path(folder) / "app.db"
            build(original, megabytes)
            size, least = original.stat().st_size / 1e6, None
            # the first one also has to get the memory in which the system keeps files: the second counts
            for what in ("VACUUM INTO", *PROGRAMS, *WAYS):
                place = Path(folder) / "trial"
                place.mkdir()
                path = shutil.copy(original, place / "app.db")
                altered = ["-m", "sqlfix", "alter", str(path), *WAYS.get(what, ()), "--yes", "--quiet"]
                used = measured([sys.executable, *(["-c", PROGRAMS[what], str(path)] if what in PROGRAMS else altered)])
                least = used if least is None or what == "VACUUM INTO" else least
                grown = path.stat().st_size / 1e6 - size
                figures = (
                    f"{used.seconds:.1f} | {used.seconds / least.seconds:.1f} | {used.cpu:.1f}"
                    f" | {used.cpu / least.cpu:.1f} | {used.memory:.0f} | {grown:.0f}"
                )
                print(f"| {size:.0f} | {what} | {figures} |", flush=True)
                shutil.rmtree(place)
    return 0


if __name__ == "__main__":
    sys.exit(main())
