"""The databases of the benchmark, each built in a few seconds."""

from __future__ import annotations

import sqlite3
from functools import partial

from bench.applications import django, forum, guids, links, media
from bench.building import PAD, Shape, fill, guid, some


def composite(connection: sqlite3.Connection, keys: int, seed: int) -> None:
    """A key of two columns, without an index over it in the child."""
    parents = max(keys // 4, 50)
    connection.execute("CREATE TABLE stock (shop INTEGER, item INTEGER, name TEXT, PRIMARY KEY (shop, item))")
    connection.execute(
        "CREATE TABLE sale (id INTEGER PRIMARY KEY, shop INTEGER, item INTEGER, note TEXT,"
        " FOREIGN KEY (shop, item) REFERENCES stock (shop, item))"
    )
    fill(connection, "stock", parents, f"i % 50, i / 50, '{PAD}'")
    chosen = f"({some(parents, seed, 1)} + 1)"
    fill(
        connection,
        "sale",
        keys,
        f"i, CASE WHEN i % 5003 = 1 THEN 50 ELSE {chosen} % 50 END, {chosen} / 50, '{PAD}'",
    )


def many_tables(connection: sqlite3.Connection, keys: int, seed: int) -> None:
    """Two hundred small tables, each with one foreign key to the one before."""
    rows = max(keys // 200, 1)
    for number in range(200):
        parent = f"t{number - 1}" if number else "t199"
        connection.execute(
            f"CREATE TABLE t{number} (id INTEGER PRIMARY KEY, name TEXT, parent_id INTEGER REFERENCES {parent} (id))"
        )
        fill(connection, f"t{number}", rows, f"i, 'name', {some(rows, seed, number)} + 1")
        connection.execute(f"CREATE INDEX t{number}_parent ON t{number} (parent_id)")


def wide(connection: sqlite3.Connection, keys: int, seed: int) -> None:
    """A table of a hundred columns, its foreign key the last of them."""
    columns = ", ".join(f"c{number} TEXT" for number in range(98))
    parents = max(keys // 5, 1)
    connection.execute("CREATE TABLE kind (id INTEGER PRIMARY KEY, name TEXT)")
    connection.execute(f"CREATE TABLE wide (id INTEGER PRIMARY KEY, {columns}, kind_id INTEGER REFERENCES kind (id))")
    fill(connection, "kind", parents, f"i, '{PAD}'")
    key = f"CASE WHEN i % 5003 = 1 THEN {parents} + i ELSE {some(parents, seed, 1)} + 1 END"
    fill(connection, "wide", keys, "i, " + ", ".join(["'abcd'"] * 98) + f", {key}")


def all_orphans(connection: sqlite3.Connection, keys: int, seed: int) -> None:
    """Every row refers to a parent that is not there, each to another."""
    connection.execute("CREATE TABLE parent (id INTEGER PRIMARY KEY, name TEXT)")
    connection.execute("CREATE TABLE child (id INTEGER PRIMARY KEY, parent_id INTEGER REFERENCES parent (id), n TEXT)")
    fill(connection, "parent", max(keys // 10, 1), f"i, '{PAD}'")
    fill(connection, "child", keys, f"i, {keys} + {some(2_000_000_000, seed, 1)}, '{PAD}'")


def all_orphans_text(connection: sqlite3.Connection, keys: int, seed: int) -> None:
    """The same with text keys."""
    connection.execute("CREATE TABLE parent (id TEXT PRIMARY KEY, name TEXT)")
    connection.execute("CREATE TABLE child (id INTEGER PRIMARY KEY, parent_id TEXT REFERENCES parent (id), n TEXT)")
    parents = max(keys // 10, 1)
    fill(connection, "parent", parents, f"{guid('i')}, '{PAD}'")
    fill(connection, "child", keys, f"i, {guid(f'{parents} + 1 + {some(2_000_000_000, seed, 1)}')}, '{PAD}'")


def to_repair(connection: sqlite3.Connection, keys: int, seed: int) -> None:
    """One row in twenty is to be deleted: its key may not be NULL."""
    connection.execute("CREATE TABLE customer (id INTEGER PRIMARY KEY, name TEXT)")
    connection.execute(
        "CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customer (id), n TEXT)"
    )
    fill(connection, "customer", keys // 10, f"i, '{PAD}'")
    key = f"CASE WHEN i % 20 = 7 THEN {keys} + i ELSE {some(keys // 10, seed, 1)} + 1 END"
    fill(connection, "orders", keys, f"i, {key}, '{PAD}'")


REPAIR = Shape("repair", 2_000_000, to_repair, "one row in twenty has no parent, and may not be without")

SHAPES = (
    Shape("forum", 8_000_000, forum, "users, posts, comments, and links of posts with tags; integer keys, not indexed"),
    Shape("forum, indexed", 8_000_000, partial(forum, indexed=True), "the same, each foreign key indexed"),
    Shape("forum, holes", 8_000_000, partial(forum, holes=True), "5 % of the users and 2 % of the posts are gone"),
    Shape("GUIDs", 1_500_000, guids, "char(32) keys of 300,000 parents, not indexed"),
    Shape("GUIDs, indexed", 1_500_000, partial(guids, indexed=True), "the same, indexed"),
    Shape("Django", 4_000_000, django, "two million orders with JSON, dates, decimals, booleans and CHECKs"),
    Shape("media server", 1_600_000, media, "items of 40 columns, five of them GUIDs of other items, and links"),
    Shape("links", 4_400_000, links, "a join table of two million rows, its pairs unique, and one WITHOUT ROWID"),
    Shape(
        "links, not unique", 4_400_000, partial(links, unique=False), "the same, and nothing says that pairs are unique"
    ),
    Shape("composite", 4_000_000, composite, "a key of two columns"),
    Shape("200 tables", 20_000, many_tables, "two hundred small tables"),
    Shape("wide", 100_000, wide, "a hundred columns, the key the last of them"),
    Shape("all orphans", 4_000_000, all_orphans, "not one row has its parent, each key another integer"),
    Shape("all orphans, text", 1_500_000, all_orphans_text, "not one row has its parent, each key another UUID"),
)
