"""The databases of the benchmark: seeded, of any scale, each built by set-based SQL in a few seconds."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

PAD = "x" * 70
"""What stands beside the keys in a row, so that some 16 of them fit a page."""


@dataclass(frozen=True, slots=True)
class Shape:
    """One database to measure: ``keys`` non-NULL foreign key values are in it, all told, at scale 1.

    Of a shape at a limit ``keys`` are the relationships or rows of which it has so many; ``least`` are the fewest.
    """

    name: str
    keys: int
    build: Callable[[sqlite3.Connection, int, int], None]
    about: str
    least: int = 2000


def build(shape: Shape, path: Path, scale: float, seed: int) -> None:
    """Make the database of a shape anew."""
    path.unlink(missing_ok=True)
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = OFF")
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("PRAGMA cache_size = -400000")
    connection.execute("BEGIN")
    shape.build(connection, max(round(shape.keys * scale), shape.least), seed)
    connection.execute("COMMIT")
    connection.close()
    os.sync()  # what the system still writes later would slow down what is measured


def some(number: int, seed: int, salt: int) -> str:
    """SQL for a number below ``number`` that depends on ``i`` as if by chance."""
    return f"((i * 48271 + {seed * 7919 + salt}) % 2147483647 * 16807 % 2147483647) % {number}"


def fill(connection: sqlite3.Connection, table: str, rows: int, values: str, where: str = "1") -> None:
    """Insert a row for each ``i`` from 1 to ``rows`` for which ``where`` holds."""
    connection.execute(
        f"WITH RECURSIVE counter(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM counter WHERE i < {rows})"
        f" INSERT INTO {table} SELECT {values} FROM counter WHERE {where}"
    )


def guid(number: str) -> str:
    """SQL for a UUID as text, made from a number; the numbers' order is not that of the texts."""
    mixed = f"(({number}) * 2654435761 % 4294967296)"
    return f"printf('%08x-%04x-4%03x-8%03x-%012x', {mixed}, {mixed} % 65521, {mixed} % 4093, {mixed} % 4091, {number})"


def shop(connection: sqlite3.Connection, keys: int, seed: int, indexed: bool, holes: bool) -> None:
    """Seven foreign keys over integer primary keys; a few rows of each are orphans."""
    customers, products, orders = keys // 20, keys // 50, keys // 8
    lines, events = keys // 4, keys // 12
    stays = f"{some(20, seed, 5)} <> 0" if holes else "1"
    connection.execute("CREATE TABLE customer (id INTEGER PRIMARY KEY, name TEXT)")
    connection.execute("CREATE TABLE product (id INTEGER PRIMARY KEY, name TEXT)")
    connection.execute(
        "CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customer (id),"
        " payer_id INTEGER REFERENCES customer (id), note TEXT)"
    )
    connection.execute(
        "CREATE TABLE line (id INTEGER PRIMARY KEY, order_id INTEGER REFERENCES orders (id),"
        " product_id INTEGER REFERENCES product (id), note TEXT)"
    )
    connection.execute(
        "CREATE TABLE event (id INTEGER PRIMARY KEY, order_id INTEGER REFERENCES orders (id),"
        " customer_id INTEGER REFERENCES customer (id), product_id INTEGER REFERENCES product (id), note TEXT)"
    )
    fill(connection, "customer", customers, f"i, '{PAD}'", stays)
    fill(connection, "product", products, f"i, '{PAD}'", stays)

    def key(parents: int, salt: int) -> str:
        chosen = f"{some(parents, seed, salt)} + 1"
        if holes:  # a child of a row that is not there goes to a neighbour that is
            chosen = f"(SELECT id FROM {{parent}} WHERE id >= {chosen} ORDER BY id LIMIT 1)"
        return f"CASE WHEN i % 50021 = {salt} THEN {parents} + i ELSE {chosen} END"

    def of(parent: str, parents: int, salt: int) -> str:
        return key(parents, salt).replace("{parent}", parent)

    fill(
        connection,
        "orders",
        orders,
        f"i, {of('customer', customers, 1)}, {of('customer', customers, 2)}, '{PAD}'",
        stays,
    )
    fill(connection, "line", lines, f"i, {of('orders', orders, 3)}, {of('product', products, 4)}, '{PAD}'")
    fill(
        connection,
        "event",
        events,
        f"i, {of('orders', orders, 6)}, {of('customer', customers, 7)}, {of('product', products, 8)}, '{PAD}'",
    )
    if indexed:
        for table, columns in (
            ("orders", ("customer_id", "payer_id")),
            ("line", ("order_id", "product_id")),
            ("event", ("order_id", "customer_id", "product_id")),
        ):
            for column in columns:
                connection.execute(f"CREATE INDEX {table}_{column} ON {table} ({column})")


def shop_plain(connection: sqlite3.Connection, keys: int, seed: int) -> None:
    shop(connection, keys, seed, indexed=False, holes=False)


def shop_indexed(connection: sqlite3.Connection, keys: int, seed: int) -> None:
    shop(connection, keys, seed, indexed=True, holes=False)


def shop_holes(connection: sqlite3.Connection, keys: int, seed: int) -> None:
    shop(connection, keys, seed, indexed=False, holes=True)


def shop_holes_indexed(connection: sqlite3.Connection, keys: int, seed: int) -> None:
    shop(connection, keys, seed, indexed=True, holes=True)


def uuid(connection: sqlite3.Connection, keys: int, seed: int, indexed: bool) -> None:
    """Text keys; each child has its own, and every 5,003rd has one that is not there."""
    parents = max(keys // 3, 1)
    connection.execute("CREATE TABLE account (id TEXT PRIMARY KEY, name TEXT)")
    connection.execute(
        "CREATE TABLE entry (id INTEGER PRIMARY KEY, account_id TEXT REFERENCES account (id),"
        " other_id TEXT REFERENCES account (id), note TEXT)"
    )
    fill(connection, "account", parents, f"{guid('i')}, '{PAD}'")
    one = guid(f"CASE WHEN i % 5003 = 1 THEN {parents} + i ELSE {some(parents, seed, 1)} + 1 END")
    other = guid(f"CASE WHEN i % 5003 = 2 THEN {parents} + i ELSE {some(parents, seed, 2)} + 1 END")
    fill(connection, "entry", keys // 2, f"i, {one}, {other}, '{PAD}'")
    if indexed:
        connection.execute("CREATE INDEX entry_account ON entry (account_id)")
        connection.execute("CREATE INDEX entry_other ON entry (other_id)")


def uuid_plain(connection: sqlite3.Connection, keys: int, seed: int) -> None:
    uuid(connection, keys, seed, indexed=False)


def uuid_indexed(connection: sqlite3.Connection, keys: int, seed: int) -> None:
    uuid(connection, keys, seed, indexed=True)


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


def join_table(connection: sqlite3.Connection, keys: int, seed: int) -> None:
    """A join table of many rows, unique over its two keys and WITHOUT ROWID in a second copy of a tenth the size."""
    songs, lists = max(keys // 20, 100), max(keys // 100, 1)
    connection.execute("CREATE TABLE song (id INTEGER PRIMARY KEY, name TEXT)")
    connection.execute("CREATE TABLE playlist (id INTEGER PRIMARY KEY, name TEXT)")
    connection.execute(
        "CREATE TABLE playlist_song (id INTEGER PRIMARY KEY, playlist_id INTEGER NOT NULL REFERENCES playlist (id),"
        " song_id INTEGER NOT NULL REFERENCES song (id), UNIQUE (playlist_id, song_id))"
    )
    connection.execute(
        "CREATE TABLE favourite (playlist_id INTEGER REFERENCES playlist (id), song_id INTEGER REFERENCES song (id),"
        " PRIMARY KEY (playlist_id, song_id)) WITHOUT ROWID"
    )
    fill(connection, "song", songs, f"i, '{PAD}'")
    fill(connection, "playlist", lists, f"i, '{PAD}'")
    other = f"(i / {lists} + (i % {lists} + {seed}) * 7919) % {songs} + 1"  # no song twice in a list
    song = f"CASE WHEN i % 5003 = 1 THEN {songs} + i ELSE {other} END"
    fill(connection, "playlist_song", keys * 10 // 22, f"i, i % {lists} + 1, {song}")
    fill(connection, "favourite", keys // 22, f"i % {lists} + 1, {song}")


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


# -- at the limits ------------------------------------------------------------------------------------------------


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


REPAIR = Shape("repair", 2_000_000, to_repair, "one row in twenty has no parent, and may not be without")

SHAPES = (
    Shape("integer", 8_000_000, shop_plain, "integer keys, dense parents, foreign keys not indexed"),
    Shape("integer, indexed", 8_000_000, shop_indexed, "the same, each foreign key indexed"),
    Shape("holes", 8_000_000, shop_holes, "5 % of the parents' ids are not there, foreign keys not indexed"),
    Shape("holes, indexed", 8_000_000, shop_holes_indexed, "the same, each foreign key indexed"),
    Shape("uuid", 1_500_000, uuid_plain, "UUIDs as text, foreign keys not indexed"),
    Shape("uuid, indexed", 1_500_000, uuid_indexed, "the same, each foreign key indexed"),
    Shape("composite", 4_000_000, composite, "a key of two columns"),
    Shape("join table", 4_400_000, join_table, "a join table of two million rows, and one WITHOUT ROWID"),
    Shape("200 tables", 20_000, many_tables, "two hundred small tables"),
    Shape("wide", 100_000, wide, "a hundred columns, the key the last of them"),
    Shape("all orphans", 4_000_000, all_orphans, "not one row has its parent, each key another integer"),
    Shape("all orphans, text", 1_500_000, all_orphans_text, "not one row has its parent, each key another UUID"),
)
