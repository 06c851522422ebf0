"""Opening a donor, whatever it is: what is read of it, and that nothing is left beside it."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
from pathlib import Path

import pytest
from support import build, fingerprint, sqlfix

from sqlfix.errors import SqlfixError
from sqlfix.repair.donors import Wanted, open_donor
from sqlfix.repair.record import records_beside
from sqlfix.schema.database import open_database

SHOP = """
    CREATE TABLE customer(id INTEGER PRIMARY KEY, name TEXT COLLATE NOCASE);
    CREATE TABLE orders(id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customer ON DELETE CASCADE);
    INSERT INTO customer VALUES (1, 'Ann'), (2, 'Bob');
    INSERT INTO orders VALUES (10, 1), (11, 2);
"""


def read(donor: Path, database: Path) -> tuple[str, tuple[str, ...], dict[str, list[tuple[object, ...]]]]:
    """The kind of a donor, what is said of it, and its rows."""
    with open_database(database) as ours, open_donor(donor, Wanted.of(database, ours)) as opened:
        connection, tables = opened.database.connection, opened.database.schema.tables
        rows = {table.name: connection.execute(f'SELECT * FROM "{table.name}"').fetchall() for table in tables}
        return opened.kind, opened.notes, rows


ALL = {"customer": [(1, "Ann"), (2, "Bob")], "orders": [(10, 1), (11, 2)]}


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return build(tmp_path / "shop.db", SHOP)


def test_a_copy_with_a_wal_in_a_folder_that_cannot_be_written(shop: Path, tmp_path: Path) -> None:
    folder = tmp_path / "old"
    folder.mkdir()
    with contextlib.closing(sqlite3.connect(tmp_path / "live.db")) as live:
        live.executescript(f"PRAGMA journal_mode = WAL; {SHOP}")
        for suffix in ("", "-wal"):
            shutil.copy(tmp_path / f"live.db{suffix}", folder / f"live.db{suffix}")
    before = {path: fingerprint(path) for path in folder.iterdir()}
    folder.chmod(0o555)
    try:
        assert read(folder / "live.db", shop)[::2] == ("database", ALL)
        assert {path: fingerprint(path) for path in folder.iterdir()} == before
    finally:
        folder.chmod(0o755)


def test_a_backup_and_a_record_of_a_repair(shop: Path) -> None:
    build(shop, "DELETE FROM customer WHERE id = 2")
    assert sqlfix("repair", "-y", shop).code == 0
    (record,), _ = records_beside(shop)
    assert record.backup is not None
    before = {path: fingerprint(path) for path in shop.parent.iterdir()}
    assert read(record.path, shop) == ("record", (), {"orders": [(11, 2)]})
    assert read(record.backup, shop) == ("database", (), {**ALL, "customer": [(1, "Ann")]})
    assert {path: fingerprint(path) for path in shop.parent.iterdir()} == before


def test_a_dump(shop: Path, tmp_path: Path) -> None:
    dump = tmp_path / "old.sql"
    with contextlib.closing(sqlite3.connect(shop)) as source:
        dump.write_text("\n".join(source.iterdump()), encoding="utf-8")
    assert read(dump, shop) == ("dump", (), ALL)


@pytest.mark.parametrize("what", ["itself", "is not there", "is no database", "is damaged"])
def test_what_is_no_donor(shop: Path, tmp_path: Path, what: str) -> None:
    path = {"itself": shop}.get(what, tmp_path / "old")
    if what == "is no database":
        path.write_text("hello")
    if what == "is damaged":
        content = bytearray(shop.read_bytes())
        content[100:200] = bytes(100)
        path.write_bytes(content)
    with pytest.raises(SqlfixError) as raised:
        read(path, shop)
    told = {"itself": "is the database itself", "is not there": "does not exist", "is no database": "is a text file"}
    assert told.get(what, "malformed") in raised.value.message
    assert ("old .recover > saved.sql" in (raised.value.hint or "")) == (what == "is damaged")
