"""A parent that is named by another column than its key: ``--set orders.customer_id=update:email=ann@example.org``."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from support import build, sqlfix

SHOP = """
CREATE TABLE customer (id INTEGER PRIMARY KEY, email TEXT UNIQUE COLLATE NOCASE, born, city TEXT);
CREATE TABLE invoice (id INTEGER PRIMARY KEY, customer INTEGER NOT NULL REFERENCES customer);
CREATE TABLE place (country TEXT, number INTEGER, name TEXT, PRIMARY KEY (country, number));
CREATE TABLE stock (id INTEGER PRIMARY KEY, country TEXT NOT NULL, number INTEGER,
  FOREIGN KEY (country, number) REFERENCES place);
CREATE TABLE tag (word TEXT PRIMARY KEY, kind TEXT);
CREATE TABLE tagged (id INTEGER PRIMARY KEY, tag TEXT NOT NULL REFERENCES tag);
INSERT INTO customer VALUES (7, 'ann@example.org', 1970, 'Bern'), (8, 'bob=b@example.org', 1971, 'Bern');
INSERT INTO invoice VALUES (1, 99), (2, 7);
INSERT INTO place VALUES ('NO', 7, 'cellar, left'), ('CH', 1, 'attic');
INSERT INTO stock VALUES (1, 'DE', 5);
INSERT INTO tag VALUES ('kind=x', 'a'), ('y', 'x'), ('z', 'b');
INSERT INTO tagged VALUES (1, 'gone');
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return build(tmp_path / "shop.db", SHOP)


def after(path: Path, choice: str, query: str) -> Any:
    ran = sqlfix("repair", "--yes", "--no-backup", "--set", choice, path)
    assert ran.code in (0, 1), ran.err
    with contextlib.closing(sqlite3.connect(path)) as connection:
        return connection.execute(query).fetchone()


@pytest.mark.parametrize(
    "named", ["email=ann@example.org", "Email=ANN@EXAMPLE.ORG", "email =ann@example.org", "born=1970", "7"]
)
def test_the_parent_is_found(shop: Path, named: str) -> None:
    assert after(shop, f"invoice.customer=update:{named}", "SELECT customer FROM invoice WHERE id = 1") == (7,)


def test_a_value_may_hold_the_sign_itself(shop: Path) -> None:
    choice = "invoice.customer=update:email=bob=b@example.org"
    assert after(shop, choice, "SELECT customer FROM invoice WHERE id = 1") == (8,)


@pytest.mark.parametrize("named", ["name=attic", "NO,7"])
def test_a_composite_key_is_named_as_a_whole(shop: Path, named: str) -> None:
    expected = ("CH", 1) if "=" in named else ("NO", 7)
    assert after(shop, f"stock.country,number=update:{named}", "SELECT country, number FROM stock") == expected


@pytest.mark.parametrize(
    ("choice", "said"),
    [
        ("invoice.customer=update:email=nobody", "no row has customer.email = nobody"),
        ("invoice.customer=update:city=Bern", "more than one row has customer.city = Bern"),
        ("invoice.customer=update:nothing=1", "has no parent"),
        ("stock.country,number=update:nothing=1", "2 values are needed"),
        ("stock.country,number=update:name=attic,7", "has no parent"),
        ("tagged.tag=update:kind=x", "may be a key of tag, or name a row by its kind"),
    ],
)
def test_what_names_no_parent_or_several_is_refused(shop: Path, choice: str, said: str) -> None:
    before = shop.read_bytes()
    ran = sqlfix("repair", "--yes", "--set", choice, shop)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err
    assert shop.read_bytes() == before


def test_in_quotes_it_is_the_key_itself(shop: Path) -> None:
    assert after(shop, "tagged.tag=update:'kind=x'", "SELECT tag FROM tagged") == ("kind=x",)
