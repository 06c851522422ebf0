"""`sqlfix diff`: what differs between a database and an older copy, and what the older one could bring back."""

from __future__ import annotations

import contextlib
import random
import shutil
import sqlite3
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from support import build, fingerprint, json_schema, keep_to, sqlfix

SHOP = """
    CREATE TABLE customer(id INTEGER PRIMARY KEY, name TEXT);
    CREATE TABLE orders(id INTEGER PRIMARY KEY, customer_id REFERENCES customer);
    INSERT INTO customer VALUES (1, 'Ann'), (2, 'Bob'), (3, 'Cid');
    INSERT INTO orders VALUES (10, 1), (11, 2), (12, 3);
"""


def compared(path: Path, older: Path) -> Any:
    """The JSON of a comparison, which keeps to its schema."""
    found = sqlfix("diff", path, older, "--format", "json")
    assert found.code in (0, 1, 3), found.err
    keep_to(json_schema("diff"), found.json)
    assert (found.json["differs"], found.json["complete"]) == (found.code == 1, found.code != 3) or found.code == 1
    return found.json


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path]:
    """A database, and a copy of it as it is."""
    path = build(tmp_path / "shop.db", SHOP)
    return path, Path(shutil.copy(path, tmp_path / "older.db"))


def test_copies_are_the_same(pair: tuple[Path, Path]) -> None:
    before = {path: fingerprint(path) for path in pair[0].parent.iterdir()}
    ran = sqlfix("diff", *pair)
    assert ran.code == 0 and "the same rows in 2 tables" in " ".join(ran.out.split())
    assert "the same rows" in " ".join(sqlfix("diff", *pair, "--rows").out.split())
    assert compared(*pair)["parents"] == []
    assert {path: fingerprint(path) for path in pair[0].parent.iterdir()} == before


def test_what_differs_and_what_could_come_back(pair: tuple[Path, Path]) -> None:
    build(pair[0], "DELETE FROM customer WHERE id > 1; INSERT INTO orders VALUES (13, 7), (14, '2');")
    build(pair[0], "UPDATE customer SET name = 1; ALTER TABLE orders ADD COLUMN note; CREATE TABLE extra(a);")
    build(pair[1], "CREATE TABLE gone(a);")
    found = compared(*pair)
    figures = {table["table"]: [table[key] for key in ("added", "removed", "changed")] for table in found["tables"]}
    assert figures == {"customer": [0, 2, 1], "orders": [2, 0, 0]}
    assert (found["only_here"], found["only_older"], found["tables"][1]["only_here"]) == (["extra"], ["gone"], ["note"])
    (lost,) = found["parents"]  # '2' and 2 are two keys of one parent
    assert (lost["missing"], lost["found"]) == (4, 3)
    text = sqlfix("diff", *pair)
    assert text.out.rstrip().endswith(f"bring them back:  sqlfix repair {pair[0]} --dry-run --donor {pair[1]}")
    assert text.code == 1 and "orders.customer_id -> customer.id: 3 of the 4 missing" in text.out
    rows = sqlfix("diff", *pair, "--rows")
    assert "~ id=1: name='Ann' is now name='1'" in rows.out and "- id=3, name='Cid'" in rows.out
    for form in ("csv", "jsonl"):
        assert len(sqlfix("diff", *pair, "--rows", "--format", form).out.splitlines()) == 5 + (form == "csv")


def test_a_record_and_a_dump_can_be_the_older_one(pair: tuple[Path, Path], tmp_path: Path) -> None:
    path, dump = pair[0], tmp_path / "older.sql"
    with contextlib.closing(sqlite3.connect(path)) as source:
        dump.write_text("\n".join(source.iterdump()), encoding="utf-8")
    build(path, "DELETE FROM customer WHERE id = 2; UPDATE orders SET customer_id = 9 WHERE id = 12")
    assert compared(path, dump)["tables"] == compared(*pair)["tables"]
    assert sqlfix("repair", "-y", path, "--on-orphan", "delete", "--allow-mass-delete").code == 0
    (record,) = tmp_path.glob("*.sqlfix-*")
    found = compared(path, record)
    assert (found["kind"], found["only_here"]) == ("record", [])
    assert [[t[key] for key in ("table", "added", "removed")] for t in found["tables"]] == [["orders", None, 2]]


def test_in_a_damaged_one_the_other_tables_are_compared(tmp_path: Path) -> None:
    rows = "INSERT INTO t SELECT value, hex(randomblob(500)) FROM generate_series(1, 50);"
    rows = rows.replace("generate_series(1, 50)", f"({' UNION ALL '.join(f'SELECT {n} AS value' for n in range(50))})")
    path = build(
        tmp_path / "a.db",
        f"CREATE TABLE t(id INTEGER PRIMARY KEY, v); {rows} CREATE TABLE u(a); INSERT INTO u VALUES (1);",
    )
    content = bytearray(path.read_bytes())
    with contextlib.closing(sqlite3.connect(path)) as source:
        (root,) = source.execute("SELECT rootpage FROM sqlite_master WHERE name = 't'").fetchone()
    size = int.from_bytes(content[16:18], "big")
    content[(root - 1) * size : root * size] = bytes(size)
    older = tmp_path / "older.db"
    older.write_bytes(content)
    found = sqlfix("diff", path, older, "--format", "json")
    assert found.code in (1, 3)
    tables = {table["table"]: table for table in found.json["tables"]}
    assert "malformed" in tables["t"]["reason"] and tables["u"]["added"] == 0
    assert "Not compared:" in sqlfix("diff", path, older).out


def test_other_encodings_are_told(tmp_path: Path) -> None:
    path = build(tmp_path / "a.db", SHOP)
    older = build(tmp_path / "b.db", f"PRAGMA encoding = 'UTF-16le'; {SHOP}")
    ran = sqlfix("diff", path, older)
    assert ran.code == 2 and ".dump > older.sql" in ran.err


KEYS = {
    "integer": ("id INTEGER PRIMARY KEY, a, b", True),
    "text": ("id TEXT COLLATE NOCASE PRIMARY KEY, a, b", True),
    "composite": ("id INT, a, b, PRIMARY KEY (a, id)) WITHOUT ROWID --", True),
    "unique": ("id TEXT NOT NULL UNIQUE, a, b", True),
    "none": ("id, a, b", False),
}


@pytest.mark.parametrize("kind", KEYS)
def test_the_figures_are_those_of_a_comparison_row_by_row(kind: str, tmp_path: Path) -> None:
    """Of tables with all sorts of keys, and values that are nearly the same."""
    columns, keyed = KEYS[kind]
    values = [1, 1.0, "1", b"1", "a", "A", "a ", 2**53, None]
    rng = random.Random(kind)
    for number in range(6):
        contents: list[list[tuple[Any, ...]]] = []
        for name in ("here", "older"):
            path = build(
                tmp_path / f"{name}{number}.db", f"CREATE TABLE t({columns}{'' if '--' in columns else ')'}\n;"
            )
            with contextlib.closing(sqlite3.connect(path)) as connection:
                for _ in range(25):
                    row = (rng.choice((rng.randrange(9), "a", "A")), rng.choice(values[:6]), rng.choice(values))
                    with contextlib.suppress(sqlite3.Error):
                        connection.execute("INSERT INTO t VALUES (?, ?, ?)", row)
                connection.commit()
                collated = "id" if kind != "text" else "lower(id)"
                query = f"SELECT typeof(id), typeof(a), typeof(b), id, a, b, {collated}, a FROM t"
                contents.append(connection.execute(query).fetchall())
        (found,) = compared(tmp_path / f"here{number}.db", tmp_path / f"older{number}.db")["tables"]
        here, older = contents
        if keyed:
            width = slice(6, 8) if kind == "composite" else slice(6, 7)
            one, other = ({row[width]: row[:6] for row in rows} for rows in contents)
            both = one.keys() & other.keys()
            changed = sum(one[key] != other[key] for key in both)
            assert [found[w] for w in ("added", "removed", "changed")] == [
                len(one) - len(both),
                len(other) - len(both),
                changed,
            ]
        else:
            more, fewer = (Counter(map(repr, rows)) for rows in (here, older))
            assert [found["added"], found["removed"]] == [(more - fewer).total(), (fewer - more).total()]
