"""`sqlfix history`: what it lists, for people and for programs."""

from __future__ import annotations

import contextlib
import re
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jsonschema
import pytest
from support import build, fingerprint, json_schema, keep_to, sqlfix

from sqlfix.repair import record as records
from sqlfix.sqlite import files
from tests.repair.test_undo import SHOP, repair


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A shop that nobody has repaired."""
    return build(tmp_path / "app.db", SHOP)


def test_no_records(shop: Path) -> None:
    before = fingerprint(shop)
    ran = sqlfix("history", shop)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == f"{shop}: no records\n"
    assert sqlfix("history", shop, "--format", "json").json == {
        "format_version": 2,
        "database": str(shop),
        "records": [],
    }
    assert fingerprint(shop) == before
    assert list(shop.parent.iterdir()) == [shop]


def test_a_repair_and_its_undo(shop: Path) -> None:
    assert sqlfix("repair", shop, "--yes").code == 0
    assert sqlfix("undo", shop, "--yes", "--no-backup").code == 0
    found = sqlfix("history", shop, "--format", "json").json
    keep_to(json_schema("history"), found)
    first, second = found["records"]
    assert (first["kind"], first["state"], first["rows"], first["undoes"]) == ("repair", "applied", 4, None)
    assert (second["kind"], second["state"], second["rows"], second["undoes"]) == ("undo", "applied", 4, first["name"])
    assert first["tables"] == second["tables"] == ["orders", "reviews"]
    assert Path(first["backup"]).exists() and second["backup"] is None
    for record in (first, second):
        assert Path(record["path"]).name == f"app.db.sqlfix-{record['name']}.sqlite3"
        assert timedelta(0) <= datetime.now(UTC) - datetime.fromisoformat(record["made"]) < timedelta(minutes=10)
    said = sqlfix("history", shop).out
    assert "2 records" in said
    assert re.search(rf"^{first['name']}  repair, 4 rows$", said, re.MULTILINE)
    assert re.search(rf"^{second['name']}  undo of {first['name']}, 4 rows$", said, re.MULTILINE)
    assert f"backup: {Path(first['backup']).name}\n" in said
    Path(first["backup"]).unlink()
    assert f"backup: {Path(first['backup']).name} (no longer there)" in sqlfix("history", shop).out


def test_many_changes_of_one_second_are_in_their_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Clock(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
            return datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)

    for module in (files, records):
        monkeypatch.setattr(module, "datetime", Clock)
    path = build(tmp_path / "x.db", "CREATE TABLE t (a)")
    for number in range(11):
        assert sqlfix("alter", path, "t.a", "--default", number, "--yes", "--no-backup").code == 0
    first, *others = [each["name"] for each in sqlfix("history", path, "--format", "json").json["records"]]
    assert others == [f"{first}-{number}" for number in range(2, 12)]
    assert f"schema {others[-1]}" in sqlfix("undo", path, "--dry-run").out
    for record in tmp_path.glob(f"*{others[-1]}.sqlite3"):  # begun a second later, and noted in the same one
        record.rename(tmp_path / "x.db.sqlfix-20260102T030406Z.sqlite3")
    assert "schema 20260102T030406Z" in sqlfix("undo", path, "--dry-run").out


def test_the_counters_of_sqlite_are_no_rows(tmp_path: Path) -> None:
    path = build(
        tmp_path / "app.db",
        "CREATE TABLE p (id INTEGER PRIMARY KEY AUTOINCREMENT); INSERT INTO p VALUES (1);"
        "CREATE TABLE c (id INTEGER PRIMARY KEY, p INTEGER REFERENCES p); INSERT INTO c VALUES (1, NULL);",
    )
    assert "Repaired: 2 rows" in sqlfix("backfill", path, "c.p", "--yes").out
    assert ", 2 rows\n" in sqlfix("history", path).out
    build(path, "CREATE TABLE written_since (a)")
    undone = sqlfix("undo", path, "--yes").out
    assert "2 rows can be put back" in undone and "Undone:   2 rows.\n" in undone
    with contextlib.closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT seq FROM sqlite_sequence").fetchall() == [(1,)]


def test_an_exact_undo_of_a_schema_tells_of_no_rows(shop: Path) -> None:
    assert sqlfix("alter", shop, "orders.customer_id", "--default", "1", "--yes").code == 0
    assert "Undone:   the file is as it was before.\n" in sqlfix("undo", shop, "--yes").out


def test_the_schema_tells_what_is_wrong(shop: Path) -> None:
    repair(shop)
    found = sqlfix("history", shop, "--format", "json").json
    found["records"][0]["kind"] = "guess"
    with pytest.raises(jsonschema.ValidationError):
        keep_to(json_schema("history"), found)


def test_records_of_others_are_not_listed(shop: Path) -> None:
    other = build(shop.parent / "app.db2", SHOP)
    repair(other)
    (record,) = shop.parent.glob("app.db2.sqlfix-*")
    record.with_name(f"{record.name}.partial").write_bytes(record.read_bytes())
    (shop.parent / "app.db.sqlfix-20260101T000000Z.sqlite3").write_bytes(b"no database")
    assert sqlfix("history", shop, "--format", "json").json["records"] == []
    assert len(sqlfix("history", other, "--format", "json").json["records"]) == 1


def test_a_link_to_the_database_shows_the_records_of_the_file(shop: Path, tmp_path: Path) -> None:
    repair(shop)
    link = tmp_path / "link.db"
    link.symlink_to(shop)
    assert len(sqlfix("history", link, "--format", "json").json["records"]) == 1


def test_a_database_that_is_not_there(tmp_path: Path) -> None:
    ran = sqlfix("history", tmp_path / "no.db")
    assert ran.code == 2
    assert "does not exist" in ran.err
    assert list(tmp_path.iterdir()) == []
