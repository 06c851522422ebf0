"""Databases at the limits: very many tiny tables, and keys that are slow to look up."""

from __future__ import annotations

import sqlite3

from bench.building import Shape, fill


def typeless(connection: sqlite3.Connection, rows: int, declared: str) -> None:
    """A parent key that changes no value, and children in a column of text; one in twenty has no parent."""
    connection.execute(f"CREATE TABLE parent (k {declared} PRIMARY KEY)")
    connection.execute("CREATE TABLE child (id INTEGER PRIMARY KEY, k TEXT REFERENCES parent (k))")
    fill(connection, "parent", rows, "CAST(i AS TEXT)")
    fill(connection, "child", rows, "i, CASE WHEN i % 20 = 7 THEN 'x' || i ELSE i END")


def without_type(connection: sqlite3.Connection, rows: int, seed: int) -> None:
    typeless(connection, rows, "")


def of_blob(connection: sqlite3.Connection, rows: int, seed: int) -> None:
    typeless(connection, rows, "BLOB")


def all_as_text(connection: sqlite3.Connection, rows: int, seed: int) -> None:
    """The parents' keys are numbers and the children's the same as text, which such a key never matches."""
    typeless(connection, rows, "")
    connection.execute("DELETE FROM parent")
    fill(connection, "parent", rows, "i")


def references(connection: sqlite3.Connection, number: int, seed: int, orphan: bool = False) -> None:
    """Many tables refer to one."""
    connection.execute("CREATE TABLE parent (id INTEGER PRIMARY KEY)")
    fill(connection, "parent", 3, "i")
    for place in range(number):
        connection.execute(f"CREATE TABLE c{place} (id INTEGER PRIMARY KEY, k INTEGER REFERENCES parent)")
        connection.execute(f"INSERT INTO c{place} VALUES (1, 1), (2, 2), (3, {99 if orphan else 3})")


def references_broken(connection: sqlite3.Connection, number: int, seed: int) -> None:
    references(connection, number, seed, orphan=True)


def one_table(connection: sqlite3.Connection, number: int, seed: int) -> None:
    """One table refers to another by many columns; the last of three rows is an orphan by each."""
    connection.execute("CREATE TABLE parent (id INTEGER PRIMARY KEY)")
    fill(connection, "parent", 3, "i")
    columns = ", ".join(f"k{place} INTEGER REFERENCES parent" for place in range(number))
    connection.execute(f"CREATE TABLE child ({columns})")
    for key in (1, 2, 99):
        connection.execute(f"INSERT INTO child VALUES ({', '.join([str(key)] * number)})")


def chained(connection: sqlite3.Connection, number: int, around: bool, orphan: bool = False) -> None:
    """Each table refers to the one before it, and the first to the last, if it goes around."""
    for place in range(number):
        parent = f"REFERENCES t{(place - 1) % number}" if place or around else ""
        connection.execute(f"CREATE TABLE t{place} (id INTEGER PRIMARY KEY, k INTEGER {parent})")
        connection.execute(f"INSERT INTO t{place} VALUES (1, 1), (2, 2), (3, {99 if orphan else 3})")


def ring(connection: sqlite3.Connection, number: int, seed: int) -> None:
    chained(connection, number, around=True)


def ring_broken(connection: sqlite3.Connection, number: int, seed: int) -> None:
    chained(connection, number, around=True, orphan=True)


def chain(connection: sqlite3.Connection, number: int, seed: int) -> None:
    chained(connection, number, around=False)


LIMITS = (
    Shape("parent key without a type", 100_000, without_type, "100,000 rows, one in twenty an orphan", 20),
    Shape("parent key BLOB", 100_000, of_blob, "the same where it is declared BLOB", 20),
    Shape("numbers against text", 100_000, all_as_text, "the same, and not one key is found: all are orphans", 20),
    Shape("references", 600, references, "600 tables refer to one", 3),
    Shape("references, broken", 600, references_broken, "the same, with an orphan in each", 3),
    Shape("references of one table", 600, one_table, "one table has 600 foreign keys, and an orphan in each", 3),
    Shape("ring", 600, ring, "600 tables, each of which refers to the next, around", 3),
    Shape("ring, broken", 600, ring_broken, "the same, with an orphan in each", 3),
    Shape("chain", 1000, chain, "1,000 tables, each of which refers to the one before it", 3),
    Shape("tables", 3000, chain, "the same with 3,000 tables", 3),
)
