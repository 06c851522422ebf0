"""Build the database of a web shop, and damage it as its keepers did by hand over the years.

Usage: python docs/demo/build.py PATH

The schema is as Django writes it. The data is made up, and the same on every run.
"""
# ruff: noqa: E501, SIM905  (a statement is one line, as Django writes it; a list of words is one string)

from __future__ import annotations

import hashlib
import random
import sqlite3
import sys
from collections.abc import Iterable
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

SCHEMA = """
CREATE TABLE "django_migrations" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "app" varchar(255) NOT NULL, "name" varchar(255) NOT NULL, "applied" datetime NOT NULL);
CREATE TABLE "auth_user" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "password" varchar(128) NOT NULL, "last_login" datetime NULL, "is_superuser" bool NOT NULL, "username" varchar(30) NOT NULL UNIQUE, "email" varchar(254) NOT NULL, "is_active" bool NOT NULL, "date_joined" datetime NOT NULL);
CREATE TABLE "shop_category" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "name" varchar(80) NOT NULL, "parent_id" bigint NULL REFERENCES "shop_category" ("id") DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE "shop_supplier" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "name" varchar(80) NOT NULL, "city" varchar(80) NOT NULL);
CREATE TABLE "shop_product" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "sku" varchar(12) NOT NULL UNIQUE, "name" varchar(120) NOT NULL, "price" decimal NOT NULL, "category_id" bigint NOT NULL REFERENCES "shop_category" ("id") DEFERRABLE INITIALLY DEFERRED, "supplier_id" bigint NULL REFERENCES "shop_supplier" ("id") DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE "shop_tag" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "name" varchar(40) NOT NULL UNIQUE);
CREATE TABLE "shop_product_tags" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "product_id" bigint NOT NULL REFERENCES "shop_product" ("id") DEFERRABLE INITIALLY DEFERRED, "tag_id" bigint NOT NULL REFERENCES "shop_tag" ("id") DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE "shop_customer" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "name" varchar(120) NOT NULL, "email" varchar(254) NOT NULL UNIQUE, "joined" datetime NOT NULL);
CREATE TABLE "shop_coupon" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "code" varchar(20) NOT NULL UNIQUE, "percent" smallint unsigned NOT NULL CHECK ("percent" >= 0));
CREATE TABLE "shop_order" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "placed" datetime NOT NULL, "status" varchar(10) NOT NULL, "coupon_id" bigint NULL REFERENCES "shop_coupon" ("id") DEFERRABLE INITIALLY DEFERRED, "customer_id" bigint NOT NULL REFERENCES "shop_customer" ("id") DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE "shop_orderline" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "quantity" smallint unsigned NOT NULL CHECK ("quantity" >= 0), "price" decimal NOT NULL, "order_id" bigint NOT NULL REFERENCES "shop_order" ("id") DEFERRABLE INITIALLY DEFERRED, "product_id" bigint NOT NULL REFERENCES "shop_product" ("id") DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE "shop_review" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "stars" smallint NOT NULL, "text" text NOT NULL, "product_id" bigint NOT NULL REFERENCES "shop_product" ("id") DEFERRABLE INITIALLY DEFERRED, "user_id" integer NOT NULL REFERENCES "auth_user" ("id") DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE "shop_warehouse" ("uuid" char(32) NOT NULL PRIMARY KEY, "name" varchar(80) NOT NULL);
CREATE TABLE "shop_stock" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "quantity" integer NOT NULL, "product_id" bigint NOT NULL REFERENCES "shop_product" ("id") DEFERRABLE INITIALLY DEFERRED, "warehouse_id" char(32) NOT NULL REFERENCES "shop_warehouse" ("uuid") DEFERRABLE INITIALLY DEFERRED);
CREATE UNIQUE INDEX "shop_product_tags_product_id_tag_id_6d2c4c36_uniq" ON "shop_product_tags" ("product_id", "tag_id");
"""

DAMAGE = """
-- The three products that never sold were taken off the shelves with a DELETE by hand, which left their tags.
DELETE FROM shop_product WHERE id > 237;
-- A customer asked to be forgotten; the orders were not. Another account was thought to be a test.
DELETE FROM shop_customer WHERE id IN (41, 166);
-- Two suppliers went out of business.
DELETE FROM shop_supplier WHERE id IN (4, 11);
-- A category was cut out of the middle of the tree.
DELETE FROM shop_category WHERE id = 4;
-- The orders taken over from the old shop say 0 where they mean "no coupon".
UPDATE shop_order SET coupon_id = 0 WHERE id <= 60;
-- Some stock was imported from a spreadsheet, which spelt the key of the warehouse in its own way.
UPDATE shop_stock SET warehouse_id = upper(warehouse_id) WHERE id IN (25, 26, 27);
UPDATE shop_stock SET warehouse_id =
    substr(warehouse_id, 1, 8) || '-' || substr(warehouse_id, 9, 4) || '-' || substr(warehouse_id, 13, 4) || '-' ||
    substr(warehouse_id, 17, 4) || '-' || substr(warehouse_id, 21)
WHERE id IN (140, 141, 142, 143);
-- The user table was rebuilt by a script, as old migrations did it. Whoever referred to it went along with the rename,
-- and refers to auth_user__old since.
ALTER TABLE auth_user RENAME TO auth_user__old;
CREATE TABLE "auth_user" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "password" varchar(128) NOT NULL, "last_login" datetime NULL, "is_superuser" bool NOT NULL, "username" varchar(150) NOT NULL UNIQUE, "email" varchar(254) NOT NULL, "is_active" bool NOT NULL, "date_joined" datetime NOT NULL);
INSERT INTO auth_user SELECT * FROM auth_user__old;
DROP TABLE auth_user__old;
"""

FIRST_NAMES = "Ada Anton Aylin Carla Chidi Dilan Emil Farah Femi Hanna Ines Jonas Kofi Lena Malik Mei Nils Priya Rosa Yuki".split()
LAST_NAMES = "Abbasi Berg Castro Dahl Fischer Haas Ito Jensen Kovac Larsen Mensah Moreau Nowak Okafor Petrov Rossi Silva Tanaka Toth Weber".split()
CITIES = "Aarhus Bergen Cork Dresden Ghent Graz Lyon Porto Tartu Turin Utrecht".split()
CATEGORIES = (
    "Kitchen Garden Office Kitchen/Baking Garden/Tools Garden/Pots Office/Paper Office/Lamps Baking/Tins Baking/Scales "
    "Baking/Moulds Tools/Shears Tools/Spades Pots/Terracotta Pots/Enamel"
).split()
MATERIALS = "Beech Brass Copper Cork Enamel Glass Linen Oak Slate Steel Terracotta Walnut".split()
THINGS = (
    "basket board bowl box brush can holder hook jar lamp ladle pot rack scale shears spade stand tin tray vase".split()
)
TAGS = "bargain bestseller bundle classic compact discontinued eco fragile gift handmade heavy import limited local new outdoor recycled rustic sale seasonal".split()
REVIEWS = ["Does what it should.", "Arrived in one piece.", "Smaller than it looks.", "Would buy again.", "A gift."]


def build(path: Path) -> None:
    """Write the damaged database to ``path``, in place of what was there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    for suffix in ("", "-journal", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as db:
        db.executescript("PRAGMA foreign_keys = OFF; PRAGMA legacy_alter_table = OFF;")
        db.executescript(SCHEMA)
        index_foreign_keys(db)
        rng = random.Random(1999)
        fill_people(db, rng)
        fill_catalogue(db, rng)
        fill_trade(db, rng)
        db.commit()
        db.executescript(DAMAGE)


def index_foreign_keys(db: sqlite3.Connection) -> None:
    """Give every foreign key the index that Django gives it."""
    keys = db.execute(
        """SELECT t.name, k."from" FROM sqlite_master AS t, pragma_foreign_key_list(t.name) AS k
        WHERE t.type = 'table' ORDER BY t.name, k.id"""
    ).fetchall()
    for table, column in keys:
        digest = hashlib.sha256(f"{table}.{column}".encode()).hexdigest()[:8]
        db.execute(f'CREATE INDEX "{table}_{column}_{digest}" ON "{table}" ("{column}")')


def fill_people(db: sqlite3.Connection, rng: random.Random) -> None:
    """320 customers and, on the staff's side of the shop, 60 users."""
    apps = {"contenttypes": 2, "auth": 12, "shop": 9}
    steps = [
        (app, f"{n:04}_{'auto' if n > 1 else 'initial'}") for app, last in apps.items() for n in range(1, last + 1)
    ]
    insert(db, "django_migrations", ((app, name, moment(rng, 0)) for app, name in steps))
    names = [f"{first} {last}" for first in FIRST_NAMES for last in LAST_NAMES]
    rng.shuffle(names)
    customers, users = names[:320], names[320:380]
    insert(db, "shop_customer", ((name, address(name), moment(rng, rng.randrange(1200))) for name in customers))
    insert(
        db,
        "auth_user",
        (
            (
                "!",
                moment(rng, 1500),
                name == users[0],
                address(name).split("@")[0],
                address(name),
                True,
                moment(rng, 300),
            )
            for name in users
        ),
    )


def fill_catalogue(db: sqlite3.Connection, rng: random.Random) -> None:
    """A tree of categories, and 240 products with their suppliers and tags."""
    paths = [path.rpartition("/") for path in CATEGORIES]
    ids = {name: number for number, (_, _, name) in enumerate(paths, 1)}
    insert(db, "shop_category", ((name, ids.get(parent)) for parent, _, name in paths))
    leaves = sorted(ids[name] for name in ids.keys() - {parent for parent, _, _ in paths})

    suppliers = rng.sample(LAST_NAMES, 14)
    insert(db, "shop_supplier", ((f"{name} & {rng.choice(['Sons', 'Co.'])}", rng.choice(CITIES)) for name in suppliers))
    names = [f"{material} {thing}" for material in MATERIALS for thing in THINGS]
    rng.shuffle(names)
    insert(
        db,
        "shop_product",
        (
            (
                f"HW-{4000 + 7 * n}",
                name,
                rng.randrange(300, 9000, 5) / 100,
                rng.choice(leaves),
                rng.choice([None, *range(1, 15)]),
            )
            for n, name in enumerate(names)
        ),
    )
    insert(db, "shop_tag", ((tag,) for tag in TAGS))
    tags = range(1, len(TAGS) + 1)
    insert(
        db,
        "shop_product_tags",
        ((product, tag) for product in range(1, 241) for tag in rng.sample(tags, rng.randint(2, 5))),
    )


def fill_trade(db: sqlite3.Connection, rng: random.Random) -> None:
    """1,100 orders with their lines, reviews, and what is in stock; the last three products have no part in it."""
    sold = range(1, 238)
    coupons = [(f"{season}{year}", 10) for year in range(19, 25) for season in ("SPRING", "AUTUMN")]
    insert(db, "shop_coupon", coupons)
    insert(
        db,
        "shop_order",
        (
            (
                moment(rng, 2 * n),
                rng.choice(["paid", "sent", "sent", "returned"]),
                rng.choice([None, None, rng.randint(1, len(coupons))]) if n >= 60 else None,
                rng.randint(1, 320),
            )
            for n in range(1100)
        ),
    )
    prices = dict(db.execute("SELECT id, price FROM shop_product"))
    insert(
        db,
        "shop_orderline",
        (
            (rng.choice([1, 1, 1, 2, 6]), prices[product], order, product)
            for order in range(1, 1101)
            for product in rng.sample(sold, rng.randint(1, 4))
        ),
    )
    insert(
        db,
        "shop_review",
        ((rng.randint(2, 5), rng.choice(REVIEWS), rng.choice(sold), rng.randint(1, 60)) for _ in range(420)),
    )
    warehouses = [(f"{rng.getrandbits(128):032x}", name) for name in ("Harbour", "Station", "Old mill")]
    db.executemany("INSERT INTO shop_warehouse VALUES (?, ?)", warehouses)
    insert(db, "shop_stock", ((rng.randint(0, 80), product, rng.choice(warehouses)[0]) for product in sold))


def insert(db: sqlite3.Connection, table: str, rows: Iterable[tuple[object, ...]]) -> None:
    """Insert rows, numbered from 1."""
    for number, row in enumerate(rows, 1):
        db.execute(f'INSERT INTO "{table}" VALUES (?{", ?" * len(row)})', (number, *row))


def moment(rng: random.Random, day: int) -> str:
    """A time of that day since the shop opened."""
    return str(datetime(2019, 3, 4, 9) + timedelta(days=day, seconds=rng.randrange(12 * 3600)))


def address(name: str) -> str:
    """A mail address that is nobody's."""
    return name.lower().replace(" ", ".") + "@example.com"


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python docs/demo/build.py PATH")
    build(Path(sys.argv[1]))
    print(f"built {sys.argv[1]}: the database of a web shop, with some damage")
