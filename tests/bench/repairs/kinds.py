"""Six kinds of databases, sound, that the recipes damage: each with what tells its rows apart whatever is damaged."""

from __future__ import annotations

import contextlib
import random
import sqlite3
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from bench.repairs import schemas

Rows = list[tuple[object, ...]]


@dataclass(frozen=True)
class Kind:
    """A database of an application.

    ``identity`` are for each table the columns that no recipe damages, and that tell its rows apart: never those of a
    key that others reference. Where there are none, a row is a link and nothing else. ``newer`` are the columns that an
    older copy did not have yet, each with its default, and ``older`` those that only the older copy has.
    """

    name: str
    says: str
    schema: str
    fill: Callable[[sqlite3.Connection, random.Random, int], None]
    identity: dict[str, tuple[str, ...]]
    newer: dict[tuple[str, str], object] = field(default_factory=dict)
    older: tuple[str, ...] = ()


def build(kind: Kind, path: Path, seed: int, size: int) -> None:
    """A sound database of a kind; the largest of its tables have some ``size`` rows."""
    path.unlink(missing_ok=True)
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.executescript(kind.schema)
        kind.fill(connection, random.Random(f"{kind.name} {seed}"), size)
        connection.commit()
        if found := connection.execute("PRAGMA foreign_key_check").fetchall():
            raise ValueError(f"{kind.name} is not sound: {found[:3]}")


def _insert(connection: sqlite3.Connection, table: str, rows: Rows) -> None:
    marks = ", ".join("?" * len(rows[0]))
    connection.executemany(f"INSERT OR IGNORE INTO {table} VALUES ({marks})", rows)


def _day(rng: random.Random) -> str:
    return f"202{rng.randrange(5)}-{rng.randrange(1, 13):02}-{rng.randrange(1, 29):02} 10:{rng.randrange(60):02}:00"


def _guid(rng: random.Random) -> uuid.UUID:
    return uuid.UUID(int=rng.getrandbits(128), version=4)


def _pairs(rng: random.Random, some: int, others: int, number: int) -> list[tuple[int, int]]:
    """Different pairs of numbers from 1 on."""
    return sorted({(rng.randrange(some) + 1, rng.randrange(others) + 1) for _ in range(number)})


def _maybe(rng: random.Random, value: object, share: float = 0.8) -> object:
    return value if rng.random() < share else None


# -- the six ------------------------------------------------------------------------------------------------------


def _django(connection: sqlite3.Connection, rng: random.Random, size: int) -> None:
    users, posts, tags, groups = size // 8, size // 2, size // 20, 12
    one = lambda number: rng.randrange(number) + 1  # noqa: E731
    _insert(connection, "auth_user", [
        (i, f"user{i}", f"user{i}@example.org", i % 9 > 0, _day(rng), ("en", "de", "fr")[i % 3])
        for i in range(1, users + 1)
    ])  # fmt: skip
    _insert(connection, "auth_group", [(i, f"group {chr(64 + i)}") for i in range(1, groups + 1)])
    _insert(connection, "auth_user_groups", [
        (i, a, b) for i, (a, b) in enumerate(_pairs(rng, users, groups, size // 3), 1)
    ])  # fmt: skip
    _insert(connection, "blog_category", [(i, f"category-{i}", f"Category {i}") for i in range(1, 31)])
    _insert(connection, "blog_post", [
        (i, f"Post {i}", "…" * 20, ("draft", "out")[i % 2], _day(rng), one(users), _maybe(rng, one(30)), i % 5)
        for i in range(1, posts + 1)
    ])  # fmt: skip
    _insert(connection, "blog_tag", [(i, f"tag{i}") for i in range(1, tags + 1)])
    _insert(connection, "blog_post_tags", [
        (i, a, b) for i, (a, b) in enumerate(_pairs(rng, posts, tags, size), 1)
    ])  # fmt: skip
    _insert(connection, "blog_comment", [
        (i, f"Comment {i}", one(posts), _maybe(rng, one(users)), one(i - 1) if i > 9 and i % 3 else None)
        for i in range(1, size + 1)
    ])  # fmt: skip
    documents = [_guid(rng).hex for _ in range(size // 6)]
    _insert(connection, "files_document", [(d, f"file {i}.pdf", one(users)) for i, d in enumerate(documents)])
    _insert(connection, "files_share", [(i, rng.choice(documents), f"Share {i}") for i in range(1, size // 2 + 1)])


def _rails(connection: sqlite3.Connection, rng: random.Random, size: int) -> None:
    users, articles, tags = size // 8, size // 2, size // 20
    one = lambda number: rng.randrange(number) + 1  # noqa: E731
    words = ("café", "straße", "übung", "naïve", "piñata", "smörgås", "plain", "word", "Ångström", "garçon")
    topics = [f"{words[i % 10]}-{i // 10 + 10}" for i in range(60)]
    currencies = ("EUR", "USD", "GBP", "CHF", "SEK", "NOK", "DKK", "PLN", "CZK", "HUF", "JPY", "AUD")
    _insert(connection, "users", [
        (i, f"user{i}@example.org", f"User {i}", _day(rng), i % 4) for i in range(1, users + 1)
    ])  # fmt: skip
    _insert(connection, "topics", [(key, f"Topic {i}") for i, key in enumerate(topics)])
    _insert(connection, "currencies", [(key, f"Money of {key}") for key in currencies])
    _insert(connection, "articles", [
        (i, f"Article {i}", one(users), _maybe(rng, one(users)), _maybe(rng, rng.choice(topics)), _day(rng))
        for i in range(1, articles + 1)
    ])  # fmt: skip
    _insert(connection, "comments", [
        (i, f"Comment {i}", one(articles), _maybe(rng, one(users)), _day(rng)) for i in range(1, size + 1)
    ])  # fmt: skip
    _insert(connection, "tags", [(i, f"tag{i}") for i in range(1, tags + 1)])
    _insert(connection, "articles_tags", list(_pairs(rng, articles, tags, size)))
    _insert(connection, "orders", [
        (i, f"R{i:06}", one(users), rng.choice(currencies), i * 7 % 900) for i in range(1, size // 2 + 1)
    ])  # fmt: skip


def _media(connection: sqlite3.Connection, rng: random.Random, size: int) -> None:
    items = [str(_guid(rng)).upper() for _ in range(size)]
    artists = [str(_guid(rng)).upper() for _ in range(size // 10)]
    users = [_guid(rng).bytes for _ in range(max(size // 100, 8))]
    series = max(size // 20, 4)
    _insert(connection, '"BaseItems"', [
        (
            key, items[rng.randrange(series)] if i >= series else None,
            _maybe(rng, items[rng.randrange(series)], 0.5) if i >= series else None, f"Item {i}", _day(rng), i % 3,
        )
        for i, key in enumerate(items)
    ])  # fmt: skip
    _insert(connection, '"Artists"', [(key, f"Artist {i}") for i, key in enumerate(artists)])
    _insert(connection, '"ArtistItems"', [
        (artists[a - 1], items[b - 1]) for a, b in _pairs(rng, len(artists), size, size)
    ])  # fmt: skip
    _insert(connection, '"Users"', [(key, f"viewer{i}", i % 2) for i, key in enumerate(users)])
    _insert(connection, '"UserData"', [
        (f"data {i}", users[a - 1], items[b - 1], i % 40)
        for i, (a, b) in enumerate(_pairs(rng, len(users), size, size // 2))
    ])  # fmt: skip
    _insert(connection, '"Streams"', [
        (f"stream {i} of {n}", items[n], i, ("h264", "aac")[i]) for n in range(size // 2) for i in range(2)
    ])  # fmt: skip
    _insert(connection, '"Playback"', [
        (i, f"play {i}", rng.choice(users), _maybe(rng, rng.choice(items)), _day(rng)) for i in range(1, size + 1)
    ])  # fmt: skip


def _shop(connection: sqlite3.Connection, rng: random.Random, size: int) -> None:
    vendors = [f"V{chr(65 + i % 26)}{i // 26 + 1}-{i + 100}" for i in range(20)]
    products = [(vendors[i % 20], f"SKU-{i + 1000}") for i in range(size // 8)]
    places = [f"Lager {name}" for name in ("Nord", "Süd", "Ost", "West", "Köln", "Malmö", "Zürich", "Graz")]
    customers = [f"{i * 37 + 10000}" for i in range(size // 8)]
    orders = [f"{2020 + i % 5}/{i + 100000}" for i in range(size // 2)]
    _insert(connection, "vendor", [(key, f"Vendor {i}") for i, key in enumerate(vendors)])
    _insert(connection, "product", [(*key, f"Product {i}", i % 50, "new") for i, key in enumerate(products)])
    _insert(connection, "warehouse", [(key, f"Street {i}") for i, key in enumerate(places)])
    _insert(connection, "customer", [(key, f"Customer {i}", _day(rng), i % 3) for i, key in enumerate(customers)])
    _insert(connection, "stock", [
        (f"stock {i}", *products[a - 1], places[b - 1], i % 70)
        for i, (a, b) in enumerate(_pairs(rng, len(products), len(places), size // 2))
    ])  # fmt: skip
    _insert(connection, '"order"', [
        (key, f"Order {i}", rng.choice(customers), _maybe(rng, rng.choice(places)), _day(rng))
        for i, key in enumerate(orders)
    ])  # fmt: skip
    _insert(connection, "order_line", [
        (f"line {i}", orders[i % len(orders)], i // len(orders) + 1, *rng.choice(products), i % 9) for i in range(size)
    ])  # fmt: skip
    _insert(connection, "related", [
        (*products[a - 1], *products[b - 1]) for a, b in _pairs(rng, len(products), len(products), size // 3) if a != b
    ])  # fmt: skip
    _insert(connection, "delivery", [
        (f"delivery {i}", rng.choice(orders), rng.choice(places), i % 5) for i in range(size // 3)
    ])  # fmt: skip


def _csv(connection: sqlite3.Connection, rng: random.Random, size: int) -> None:
    countries = ("DE", "FR", "IT", "ES", "PL", "SE", "NO", "DK", "FI", "NL", "BE", "AT", "CH", "PT", "CZ", "GR")
    roots = ("München", "Orléans", "Málaga", "Łódź", "Göteborg", "Bad Ems", "San Remo", "Århus", "Zürich", "Brünn")
    cities = [f"{roots[i % 10]} {i // 10 + 100}" for i in range(80)]
    customers = [f"{i * 13 + 100:07}" for i in range(size // 6)]
    invoices = [f"{i * 3 + 7000}" for i in range(size // 2)]
    _insert(connection, "country", [(key, f"Land {key}", i) for i, key in enumerate(countries)])
    _insert(connection, "city", [(key, rng.choice(countries), i + 501) for i, key in enumerate(cities)])
    _insert(connection, "customer", [
        (key, f"Firma {i}", rng.choice(cities), _maybe(rng, rng.choice(countries)), "A")
        for i, key in enumerate(customers)
    ])  # fmt: skip
    _insert(connection, "invoice", [
        (key, f"Rechnung {i}", rng.choice(customers), _maybe(rng, rng.choice(cities)), f"{i * 7 % 1000},50")
        for i, key in enumerate(invoices)
    ])  # fmt: skip
    _insert(connection, "item", [
        (i, f"Posten {i}", rng.choice(invoices), f"{i % 90},10") for i in range(1, size + 1)
    ])  # fmt: skip
    _insert(connection, "contact", [
        (f"Kontakt {i}", _maybe(rng, rng.choice(customers)), rng.choice(cities)) for i in range(size // 2)
    ])  # fmt: skip


def _trees(connection: sqlite3.Connection, rng: random.Random, size: int) -> None:
    def above(number: int) -> int:
        return max(number // 4 - rng.randrange(3), 0)

    folders = [str(_guid(rng)) for _ in range(size // 4)]
    _insert(connection, "category", [
        (i, f"Category {i}", (above(i) or None) if i > 4 else None) for i in range(1, size // 4 + 1)
    ])  # fmt: skip
    _insert(connection, "product", [
        (i, f"Product {i}", rng.randrange(size // 4) + 1, i % 7) for i in range(1, size + 1)
    ])  # fmt: skip
    _insert(connection, "employee", [
        (f"E{i + 100}", f"Employee {i}", f"E{above(i) + 100}" if i else None, 1) for i in range(size // 4)
    ])  # fmt: skip
    _insert(connection, "folder", [
        (key, f"Folder {i}", folders[above(i)] if i else key) for i, key in enumerate(folders)
    ])  # fmt: skip
    _insert(connection, "file", [(i, f"File {i}", rng.choice(folders)) for i in range(1, size + 1)])
    _insert(connection, "reachable", [
        (a, b) for a, b in _pairs(rng, size // 4, size // 4, size)
    ])  # fmt: skip


KINDS = (
    Kind(
        "Django", "a Django project: deferred keys, AUTOINCREMENT, many-to-many tables with an id, UUIDs as `char(32)`",
        schemas.DJANGO, _django,
        {
            "auth_user": ("username",), "auth_group": ("name",), "auth_user_groups": ("id",), "blog_tag": ("name",),
            "blog_category": ("title",), "blog_post": ("title",), "blog_post_tags": ("id",), "blog_comment": ("text",),
            "files_document": ("name",), "files_share": ("note",),
        },
        {("auth_user", "language"): "en", ("blog_post", "views"): 0},
        (
            "ALTER TABLE auth_user ADD COLUMN old_id text",
            "ALTER TABLE blog_tag ADD COLUMN color text NOT NULL DEFAULT ''",
        ),
    ),
    Kind(
        "Rails", "a Rails application: named constraints, ON DELETE in part, a join table without an id, slugs",
        schemas.RAILS, _rails,
        {
            "users": ("email",), "topics": ("name",), "currencies": ("name",), "articles": ("title",),
            "comments": ("body",), "tags": ("name",), "articles_tags": (), "orders": ("number",),
        },
        {("users", "role"): 0},
        ("ALTER TABLE users ADD COLUMN encrypted_password varchar",),
    ),
    Kind(
        "media server", "a media server: GUIDs as text, and as BLOBs of 16 bytes",
        schemas.MEDIA, _media,
        {
            "BaseItems": ("Name",), "Artists": ("Name",), "ArtistItems": (), "Users": ("Name",), "UserData": ("Tag",),
            "Streams": ("Tag",), "Playback": ("Tag",),
        },
        {("BaseItems", "Locked"): 0, ("Users", "Hidden"): None},
        ('ALTER TABLE "BaseItems" ADD COLUMN "Path" TEXT',),
    ),
    Kind(
        "shop", "a shop: keys of two columns, tables WITHOUT ROWID",
        schemas.SHOP, _shop,
        {
            "vendor": ("name",), "product": ("title",), "warehouse": ("street",), "customer": ("name",),
            "stock": ("tag",), "order": ("title",), "order_line": ("tag",), "related": (), "delivery": ("tag",),
        },
        {("product", "state"): "new", ("customer", "level"): 0},
        ("ALTER TABLE customer ADD COLUMN fax TEXT",),
    ),
    Kind(
        "CSV import", "tables imported from CSV files: natural keys, all text, numbers with leading zeros",
        schemas.CSV, _csv,
        {
            "country": ("number",), "city": ("number",), "customer": ("name",), "invoice": ("title",),
            "item": ("title",), "contact": ("name",),
        },
        {("customer", "class"): "A"},
        ("ALTER TABLE country ADD COLUMN note TEXT",),
    ),
    Kind(
        "trees", "trees: tables that reference themselves, ON DELETE CASCADE and SET NULL, a table of ancestors",
        schemas.TREES, _trees,
        {
            "category": ("name",), "product": ("name",), "employee": ("name",), "folder": ("name",), "file": ("name",),
            "reachable": (),
        },
        {("employee", "active"): 1},
        ("ALTER TABLE employee ADD COLUMN room TEXT",),
    ),
)  # fmt: skip
