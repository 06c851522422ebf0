"""A damaged database of any size, what it holds before and after its repair, and the verdict on what a fault left."""

from __future__ import annotations

import contextlib
import hashlib
import marshal
import shutil
import sqlite3
import threading
from dataclasses import dataclass
from pathlib import Path

from support import Ran, sqlfix

from sqlfix.repair.record import Record, read, records_beside

connect = sqlite3.connect  # the true one, whatever a test puts in its place

SCHEMA = """
CREATE TABLE customer (id INTEGER PRIMARY KEY, name TEXT);
CREATE TABLE orders (id INTEGER PRIMARY KEY AUTOINCREMENT, customer_id INTEGER NOT NULL REFERENCES customer, note BLOB);
CREATE TABLE item (id INTEGER PRIMARY KEY, order_id INTEGER REFERENCES orders, amount REAL, label);
CREATE TABLE tag (order_id INTEGER NOT NULL REFERENCES orders ON DELETE CASCADE, word TEXT NOT NULL,
    PRIMARY KEY (order_id, word)) WITHOUT ROWID;
CREATE INDEX item_order ON item (order_id);
"""
AUDITED = """
CREATE TABLE audit (id INTEGER PRIMARY KEY, gone INTEGER);
CREATE TRIGGER audit_orders AFTER DELETE ON orders BEGIN INSERT INTO audit (gone) VALUES (OLD.id); END;
"""
PAYLOAD = 1000
"""Bytes of an order's note; an order with its items and words takes some 1,200."""

Digest = dict[str, tuple[int, int] | str]


class Lost(AssertionError):
    """A fault left something that must never be."""


def build(path: Path, megabytes: float, mode: str, audited: bool) -> None:
    """A database in which every tenth order has lost its customer, and every eleventh item its order."""
    orders = int(megabytes * 1_000_000 / 1200)
    with contextlib.closing(connect(path)) as db:
        db.execute(f"PRAGMA journal_mode = {mode}")
        db.executescript(SCHEMA + (AUDITED if audited else ""))
        db.executemany("INSERT INTO customer VALUES (?, ?)", ((n, f"name {n}") for n in range(100)))
        notes = ((n, 7000 if n % 10 == 0 else n % 100, (b"%08d" % n) * (PAYLOAD // 8)) for n in range(1, orders + 1))
        db.executemany("INSERT INTO orders VALUES (?, ?, ?)", notes)
        labels = (None, 1, 1.0, "1", b"1", float("inf"), 2**62)
        items = ((n, n + 10**7 if n % 11 == 0 else n, n / 3, labels[n % 7]) for n in range(1, orders + 1))
        db.executemany("INSERT INTO item VALUES (?, ?, ?, ?)", items)
        words = ((n + 10**7 if n % 13 == 0 else n, f"w{n % 5}") for n in range(1, orders + 1))
        db.executemany("INSERT INTO tag VALUES (?, ?)", words)
        db.commit()


def digest(path: Path) -> Digest:
    """What a file holds: the schema, and for each table how many rows, and a sum over them with their types."""
    found: Digest = {}
    with contextlib.closing(connect(path)) as db:
        if (said := db.execute("PRAGMA integrity_check").fetchall()) != [("ok",)]:
            raise Lost(f"integrity_check of {path.name}: {said[:3]}")
        schema = db.execute("SELECT type, name, sql FROM sqlite_master ORDER BY 1, 2").fetchall()
        found["schema"] = repr(schema)
        for kind, name, _ in schema:
            if kind == "table":
                rows, total = 0, 0
                for row in db.execute(f'SELECT * FROM "{name}"'):
                    rows += 1
                    total += int.from_bytes(hashlib.blake2b(marshal.dumps(row, 2), digest_size=16).digest(), "big")
                found[name] = (rows, total % 2**128)
    return found


_known: dict[bytes, Digest] = {}


def digest_at_rest(path: Path) -> Digest:
    """`digest` of a file that nobody has open: the same bytes hold the same, and most faults leave those of before."""
    if any(path.with_name(path.name + side).exists() for side in ("-journal", "-wal")):
        return digest(path)
    held = hashlib.blake2b(path.read_bytes()).digest()
    if held not in _known:
        _known[held] = digest(path)
    return _known[held]


@dataclass(frozen=True)
class World:
    """A folder to copy for each trial, the command to run in it, and what the file holds before and after it."""

    folder: Path
    command: tuple[str, ...]
    before: Digest
    after: Digest
    by_rows: bool = False
    """An undo that puts the rows back one by one, and not the backup as a whole."""
    code: int = 0
    """The exit code of the command where nothing is in its way."""

    def copy(self, into: Path) -> Path:
        """A fresh copy of it; the path of its database."""
        shutil.copytree(self.folder, into)
        return into / "app.db"


def repair_world(folder: Path, megabytes: float, mode: str = "delete", audited: bool = False) -> World:
    """A damaged database, and its repair."""
    folder.mkdir(parents=True)
    build(folder / "app.db", megabytes, mode, audited)
    return _tried(folder, ("repair", "--yes"))


def undo_world(
    folder: Path, megabytes: float, mode: str = "delete", audited: bool = False, exact: bool = True
) -> World:
    """A repaired database, and the undo of that; row by row, if it was written to since."""
    folder.mkdir(parents=True)
    build(folder / "app.db", megabytes, mode, audited)
    ran = sqlfix("repair", folder / "app.db", "--yes")
    assert ran.code == 0, ran.err
    if not exact:
        with contextlib.closing(connect(folder / "app.db")) as db:
            db.execute("CREATE TABLE written_since (x)")
    return _tried(folder, ("undo", "--yes"), by_rows=not exact)


NOT_NULL = ("alter", "orders.note", "--not-null", "--yes")
DEFAULT = ("alter", "item.late", "--default", "x'00'", "--yes")
UNIQUE = ("alter", "item.label,id", "--unique", "--yes")
TYPE = ("alter", "item.order_id", "--type", "TEXT", "--yes")
"""Changes of the schema: of a text alone; with rows that are older than a column; with an index; and of the values."""
LATER = "ALTER TABLE item ADD COLUMN late TEXT DEFAULT 'then'"
"""Then all rows are older than this column."""


def schema_world(folder: Path, megabytes: float, command: tuple[str, ...], mode: str = "delete") -> World:
    """A database, and a change of its schema."""
    folder.mkdir(parents=True)
    build(folder / "app.db", megabytes, mode, audited=True)
    with contextlib.closing(connect(folder / "app.db")) as db:
        db.execute(LATER)
    return _tried(folder, command)


def schema_undo_world(folder: Path, megabytes: float, command: tuple[str, ...], mode: str = "delete") -> World:
    """A database whose schema was changed, and that was written to since; and the undo of the change."""
    folder.mkdir(parents=True)
    build(folder / "app.db", megabytes, mode, audited=True)
    with contextlib.closing(connect(folder / "app.db")) as db:
        db.execute(LATER)
    ran = sqlfix(command[0], folder / "app.db", *command[1:])
    assert ran.code == 0, ran.err
    with contextlib.closing(connect(folder / "app.db")) as db:
        db.execute("INSERT INTO customer VALUES (5000, 'since')")
        db.commit()
    return _tried(folder, ("undo", "--yes"), by_rows=True)


BACKFILL = ("backfill", "item.order_id", "--set", "orders.customer_id=1", "--yes")
DROP = ("repair-schema", "--drop-table", "tag", "--drop-column", "item.label", "--yes")


def backfill_world(folder: Path, megabytes: float, mode: str = "delete") -> World:
    """A database in which some rows have no parent, and a parent made for each."""
    folder.mkdir(parents=True)
    build(folder / "app.db", megabytes, mode, audited=False)
    with contextlib.closing(connect(folder / "app.db")) as db:
        db.execute("UPDATE item SET order_id = NULL WHERE id % 5 = 0")
        db.commit()
    return _tried(folder, BACKFILL)


def unpark_world(folder: Path, megabytes: float, mode: str = "delete") -> World:
    """A database with parked rows whose parents have come, and the rows brought back."""
    folder.mkdir(parents=True)
    build(folder / "app.db", megabytes, mode, audited=False)
    ran = sqlfix("repair", folder / "app.db", "--on-orphan", "park", "--no-backup", "--yes")
    assert ran.code == 0, ran.err
    for record in folder.glob("app.db.sqlfix-*"):  # an undo is to be of the command, and of nothing before it
        record.unlink()
    with contextlib.closing(connect(folder / "app.db")) as db:
        db.execute("INSERT INTO customer VALUES (7000, 'late')")
        db.commit()
    return _tried(folder, ("unpark", "--yes"), code=1)


def _tried(folder: Path, command: tuple[str, ...], by_rows: bool = False, code: int = 0) -> World:
    """The world, after its command was tried on a copy."""
    before = digest(folder / "app.db")
    trial = folder.with_name(folder.name + "-tried")
    shutil.copytree(folder, trial)
    ran = sqlfix(command[0], trial / "app.db", *command[1:])
    assert ran.code == code, ran.err
    after = digest(trial / "app.db")
    shutil.rmtree(trial)
    assert before != after
    return World(folder, command, before, after, by_rows, code)


# -- the verdict --------------------------------------------------------------------------------------------------


def state(world: World, path: Path) -> str:
    """``before`` or ``after``; nothing else may be."""
    now = digest_at_rest(path)
    if now == world.before:
        return "before"
    if now == world.after:
        return "after"
    differs = [name for name in world.before if now.get(name) != world.before[name]]
    raise Lost(f"the file is neither as before nor as after: {differs}")


def new_records(world: World, path: Path) -> list[Record]:
    """The records that the command has left, each of them whole."""
    old = {name.name for name in world.folder.iterdir()}
    found = []
    for file in path.parent.glob("app.db.sqlfix-*.sqlite3"):
        if file.name not in old:
            with contextlib.closing(connect(file)) as db:
                if db.execute("PRAGMA quick_check").fetchall() != [("ok",)]:
                    raise Lost(f"the record {file.name} is not whole")
            record = read(file)
            with contextlib.closing(connect(file)) as db:
                # counters are no rows, and what was parked or brought back stands there for its own table as well
                tables = [t for t in record.tables if t.table not in ("sqlite_sequence", "lost_and_found")]
                held = sum(db.execute(f'SELECT count(*) FROM "{t.rows}"').fetchone()[0] for t in tables)
            if not (held or record.about.get("objects")) or held != record.rows:
                raise Lost(f"the record {file.name} holds {held} rows of {record.rows}")
            found.append(record)
    return found


def check(world: World, path: Path) -> tuple[str, list[Record]]:
    """The state of the file and the command's record, once all that there is has been found whole."""
    now = state(world, path)
    old = {name.name for name in world.folder.iterdir()}
    for file in path.parent.glob("app.db.backup-*Z*"):
        if file.name not in old and ".partial" not in file.name:
            if file.name.endswith(("-journal", "-wal", "-shm")):
                raise Lost(f"{file.name} was left beside a backup")
            if digest_at_rest(file) != world.before:
                raise Lost(f"the backup {file.name} is not what the file was")
    records = new_records(world, path)
    if now == "after" and not records:
        raise Lost("it was carried out, and there is no record of it")
    if now == "before" and any(record.state == "applied" for record in records):
        raise Lost("a record says of something that it was done, and it was not")
    if world.command == DROP and now == "after" and not any(map(is_whole, exports(path))):
        raise Lost("something was dropped, and there is no whole script of it")
    return now, records


def exports(path: Path) -> list[Path]:
    """The scripts of what was dropped."""
    return list(path.parent.glob("app.db.dropped-*.sql"))


def is_whole(script: Path) -> bool:
    """True of a script that was written to its end."""
    return "\nCOMMIT;\n" in script.read_text()


def check_told(world: World, path: Path, ran: Ran, code_if_not_done: tuple[int, ...] = (2,)) -> str:
    """The verdict on a command that ended by itself: besides, what it said must be true, and nothing half made left."""
    now, _ = check(world, path)
    if "Traceback" in ran.err or "internal error" in ran.err or "Exception ignored" in ran.err:
        raise Lost(f"it did not end in good order: {ran.err}")
    denied = "nothing was changed" in ran.err or "rolled back" in ran.err
    if now == "after" and denied:
        raise Lost(f"it says that nothing was changed, and it was: {ran.err}")
    if now == "before" and ran.code not in code_if_not_done:
        raise Lost(f"exit code {ran.code}, and nothing was done: {ran.out}{ran.err}")
    if now == "before" and not ran.err.strip():
        raise Lost("it failed without a word")
    told = [line for line in ran.err.strip().splitlines() if not line.startswith(("hint: ", "note: "))]
    if len(told) > 1:
        raise Lost(f"more than one line: {ran.err}")
    strays = [file.name for file in path.parent.iterdir() if ".partial" in file.name]
    if now == "before":
        strays += [file.name for file in exports(path)]
    if strays:
        raise Lost(f"left behind: {strays}")
    return now


one_at_a_time = threading.Lock()
"""Held by a thread that uses SQLite, or that forks: the command line writes to the process's own stdout, so two threads
cannot run it at the same time, and a process that is forked meanwhile would have SQLite's locks for ever."""


def check_way_back(world: World, path: Path, now: str, records: list[Record]) -> None:
    """After a repair or an undo that was cut off: history tells of it, and undo never harms."""
    history = sqlfix("history", path)
    if history.code != 0:
        raise Lost(f"history: {history.err}")
    if any(record.state == "prepared" for record in records) and "cut off" not in history.out:
        raise Lost(f"history does not say that it was cut off: {history.out}")
    first = "after" if world.command[0] == "undo" else "before"
    ran = sqlfix("undo", path, "--yes", "--no-backup")
    after = state(world, path)
    repaired_still = now != first
    if repaired_still and (ran.code != 0 or after != first):
        raise Lost(f"undo did not bring the first state back: {ran.code} {ran.err}")
    if not repaired_still and (ran.code != 2 or after != first):
        raise Lost(f"undo of what was not there: {ran.code} {ran.out} {ran.err}")
    if not repaired_still and records and world.command[0] != "undo" and "cut off before" not in ran.err:
        raise Lost(f"undo does not say that the repair was cut off: {ran.err}")
    if not repaired_still and records:
        skipping = sqlfix("undo", path, "--yes", "--no-backup", "--skip-conflicts")
        if state(world, path) != first:
            raise Lost(f"undo --skip-conflicts of what was not there did harm: {skipping.out}")


def known_records(path: Path) -> tuple[Record, ...]:
    """All records beside a database."""
    return records_beside(path)[0]
