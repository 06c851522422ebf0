"""What scan and repair say of the copies beside a file: only where one of them has parents that the file misses."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from support import build, fingerprint, sqlfix

from sqlfix.repair import donors

SHOP = """
    CREATE TABLE customer(id INTEGER PRIMARY KEY);
    CREATE TABLE orders(id INTEGER PRIMARY KEY, customer_id REFERENCES customer);
    INSERT INTO customer VALUES (1), (2), (3);
    INSERT INTO orders VALUES (10, 1), (11, 2), (12, 3);
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A database that misses two parents, and a whole copy in another folder."""
    path = build(tmp_path / "data" / "shop.db", SHOP) if (tmp_path / "data").mkdir() is None else tmp_path
    shutil.copy(path, tmp_path / "whole.db")
    return build(path, "DELETE FROM customer WHERE id > 1")


def beside(shop: Path, name: str) -> Path:
    """The whole copy beside it, under a name."""
    return Path(shutil.copy(shop.parent.parent / "whole.db", shop.with_name(name)))


COPIES = ["shop.db.backup-20260102T030405Z", "shop.db.bak", "shop.bak", "shop.db.backup2", "shop.db~", "shop.db.old",
          "shop.old", "shop.db.1"]  # fmt: skip


@pytest.mark.parametrize("name", COPIES)
def test_a_copy_that_has_missing_parents_is_named_with_the_command(name: str, shop: Path) -> None:
    copy = beside(shop, name)
    build(copy, "DELETE FROM customer WHERE id = 3")
    before = {path: fingerprint(path) for path in shop.parent.iterdir()}
    ran = sqlfix("scan", shop)
    assert f"{name} has 1 of 2 missing parents; to bring them back:" in ran.out
    typed = ran.out.split("bring them back:  sqlfix repair ")[1].strip().replace("'", "").split()
    assert sqlfix("repair", *typed).out.count("add 1 row to customer") == 1
    told = sqlfix("repair", "--dry-run", shop)
    assert f"note: {name} has 1 of 2 missing parents" in told.err
    assert {path: fingerprint(path) for path in shop.parent.iterdir()} == before


def test_a_copy_that_is_still_being_made_is_none(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Such as the backup of this very repair."""
    monkeypatch.setattr(donors, "open_donor", lambda *asked: pytest.fail("it is not to be opened"))
    beside(shop, "shop.db.backup-20260102T030405Z.partial")
    assert "missing parents" not in sqlfix("scan", shop).out
    assert sqlfix("repair", "--dry-run", shop).err == ""


def test_the_one_that_has_most_is_named(shop: Path) -> None:
    build(beside(shop, "shop.db.bak"), "DELETE FROM customer WHERE id = 3")
    beside(shop, "shop.db.old")
    assert "shop.db.old has 2 of 2 missing parents (1 other copy has some, too)" in sqlfix("scan", shop).out


def test_the_record_of_a_repair_is_one(shop: Path) -> None:
    assert sqlfix("repair", "-y", "--no-backup", "--on-orphan", "delete", shop).code == 0
    build(shop, "CREATE TABLE line(orders_id REFERENCES orders); INSERT INTO line VALUES (12)")
    said = " ".join(sqlfix("scan", shop).out.split())
    assert ".sqlite3 has the missing parent; to bring them back: sqlfix repair" in said


SILENT: dict[str, Callable[[Path], object]] = {
    "no copy": lambda shop: None,
    "a copy that misses them too": lambda shop: shutil.copy(shop, shop.with_name("shop.db.bak")),
    "another name": lambda shop: beside(shop, "shopping.db"),
    "another ending": lambda shop: beside(shop, "shop.db.txt"),
    "no database": lambda shop: shop.with_name("shop.db.bak").write_text("CREATE TABLE customer(id);"),
    "a damaged one": lambda shop: shop.with_name("shop.db.bak").write_bytes(shop.read_bytes()[:5000]),
    "a folder": lambda shop: shop.with_name("shop.db.bak").mkdir(),
    "a sound file": lambda shop: (beside(shop, "shop.db.bak"), build(shop, "DELETE FROM orders WHERE id > 10")),
}


@pytest.mark.parametrize("case", SILENT)
def test_nothing_is_said_where_there_is_nothing_to_say(case: str, shop: Path) -> None:
    SILENT[case](shop)
    assert "bring them back" not in sqlfix("scan", shop).out
    ran = sqlfix("repair", "--dry-run", shop)
    assert "bring them back" not in ran.out + ran.err


def test_programs_and_those_who_want_quiet_are_told_nothing(shop: Path) -> None:
    copy = beside(shop, "shop.db.bak")
    quiet = (("scan", "-q"), ("scan", "--format", "json"), ("repair", "-q", "--dry-run"),
             ("repair", "--dry-run", "--donor", copy))  # fmt: skip
    for words in quiet:
        ran = sqlfix(*words, shop)
        assert "bring them back" not in ran.out + ran.err


# -- in the report itself -------------------------------------------------------------------------------------------


def told_of(path: Path, *more: str) -> tuple[str, dict[str, object]]:
    """The last cell of the report's only line as markdown, and the facts as JSON."""
    (line,) = [
        line for line in sqlfix("scan", "--format", "markdown", *more, path).out.split("\n") if "| orders" in line
    ]
    (finding,) = sqlfix("scan", "--format", "json", *more, path).json["findings"]
    return line.split("|")[-2].strip(), finding["facts"]


def test_the_report_says_how_many_parents_would_come_back(shop: Path) -> None:
    copy = beside(shop, "shop.db.backup-20260102T030405Z")
    fix, facts = told_of(shop)
    assert fix == "restore 2 (backup) or set-null"
    assert (facts["restorable"], facts["restorable_of"], facts["restorable_from"]) == (2, 2, copy.name)
    build(shop, "INSERT INTO orders VALUES (77, 99)")
    assert told_of(shop)[0] == "restore 2 (backup) or set-null"
    fix, facts = told_of(shop, "--quiet")
    assert fix == "set-null" and "restorable" not in facts


def test_where_not_all_keys_were_looked_up_there_may_be_more(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    beside(shop, "shop.db.bak")
    monkeypatch.setattr("sqlfix.repair.donors.MOST_KEYS", 1)
    assert told_of(shop)[0] == "restore 1+ (bak) or set-null"


def test_rows_that_are_parked_are_mentioned(shop: Path) -> None:
    assert sqlfix("repair", "-y", "--no-backup", "--on-orphan", "park", shop).code == 0
    said = " ".join(sqlfix("scan", shop).out.split())
    assert (
        "2 rows are parked in lost_and_found; to bring back those whose parents are there again: sqlfix unpark" in said
    )
    assert sqlfix("scan", "--format", "json", shop).json["parked"] == 2
    assert "rows are parked" not in sqlfix("scan", "-q", shop).out
    build(shop, "DELETE FROM lost_and_found")
    assert "rows are parked" not in sqlfix("scan", shop).out
    build(shop, "DROP TABLE lost_and_found; CREATE TABLE lost_and_found(id); INSERT INTO lost_and_found VALUES (1)")
    assert sqlfix("scan", "--format", "json", shop).json["parked"] == 0
