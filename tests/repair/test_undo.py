"""Taking repairs back: every golden case, exactly and row by row; conflicts; the record itself."""

from __future__ import annotations

import contextlib
import hashlib
import io
import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from support import Ran, build, contents, fingerprint, run_script, sqlfix

from sqlfix.repair import undo as undo_module
from tests.commands.test_cli import Terminal, needs_pty
from tests.test_cases import CASES, NAMES, Case, read_case, repaired_once


@pytest.fixture(params=NAMES)
def case(request: pytest.FixtureRequest) -> Case:
    """Each golden case."""
    found = read_case(CASES / request.param)
    for need in found.all("needs"):
        pytest.importorskip("sqlite3")
        with contextlib.closing(sqlite3.connect(":memory:")) as connection:
            options = {row[0] for row in connection.execute("PRAGMA compile_options")}
            if not need.startswith("sqlite") and f"ENABLE_{need.upper()}" not in options:
                pytest.skip(f"this SQLite has no {need}")
    return found


def records(path: Path) -> list[dict[str, Any]]:
    """What history lists."""
    found: list[dict[str, Any]] = sqlfix("history", path, "--format", "json").json["records"]
    return found


def meaning(path: Path) -> dict[str, Any]:
    """What a file holds, with a search index as what is found by it: how it is laid out may differ."""
    found = contents(path)
    with contextlib.closing(sqlite3.connect(path)) as connection:
        virtual = connection.execute("SELECT name, sql FROM sqlite_master WHERE sql LIKE 'CREATE VIRTUAL TABLE%'")
        for name, sql in virtual.fetchall():
            for table in [t for t in found if t.startswith(f"{name}_")]:
                del found[table]
            if "fts5" in sql.lower():
                connection.execute(f'INSERT INTO "{name}" ("{name}") VALUES (\'integrity-check\')')
                connection.execute(f"CREATE VIRTUAL TABLE temp.v_{name} USING fts5vocab(main, {name}, instance)")
                found[f"terms of {name}"] = sorted(connection.execute(f"SELECT * FROM v_{name}").fetchall())
            elif "rtree" in sql.lower():
                found[f"rows of {name}"] = sorted(connection.execute(f'SELECT * FROM "{name}"').fetchall())
    return found


@contextlib.contextmanager
def changed_by_somebody(path: Path) -> Iterator[None]:
    """A write that has nothing to do with the repair, so that the backup cannot simply come back."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE written_since (x)")
    yield
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("DROP TABLE written_since")


def newest(path: Path) -> Path:
    """The record that was written last."""
    return max(path.parent.glob(f"{path.name}.sqlfix-*.sqlite3"), key=lambda record: record.stat().st_mtime_ns)


def test_an_undo_brings_the_file_back_exactly(case: Case, tmp_path: Path, shared: Path) -> None:
    before = contents(case.database(tmp_path / "before"))
    path, ran = repaired_once(case, tmp_path / "a", shared)
    assert bool(records(path)) == ran.json["applied"] == bool(ran.json["record"])
    if not ran.json["applied"]:
        return
    after = contents(path)
    undone = sqlfix("undo", path, "--yes")
    assert (undone.code, undone.err) == (0, "")
    assert "the file is as it was before" in undone.out
    assert contents(path) == before
    again = sqlfix("undo", path, newest(path), "--yes")
    assert again.code == 0, again.err
    assert contents(path) == after


def test_an_undo_row_by_row_brings_every_row_back(case: Case, tmp_path: Path, shared: Path) -> None:
    """A repair without a backup writes the same rows and the same record: what brings back the one, brings the other.

    Where it does less, since what SQLite refuses to write back comes back by the backup alone, both are brought back.
    """
    bare = case.database(tmp_path / "before")
    before = meaning(bare)
    path, ran = repaired_once(case, tmp_path / "a", shared)
    without = sqlfix("repair", bare, "--yes", "--no-backup", "--format", "json", *case.options)
    assert without.code in (0, 1)
    by_record = [(path, ran)]
    if any("without a backup it could not be undone" in left["reason"] for left in without.json["left"]):
        by_record.append((bare, without))
    else:
        assert contents(bare) == contents(path)
        assert without.json["applied"] == ran.json["applied"]
        if ran.json["applied"]:
            assert what_is_recorded(bare, without) == what_is_recorded(path, ran)
    refused = [
        "strict" in case.folder.name or "not-null-violations" in str(made.json["fixes"]) for _, made in by_record
    ]
    if all(refused):
        pytest.skip("SQLite itself refuses to write such rows back; the backup has them")
    for (repaired, made), not_written in zip(by_record, refused, strict=True):
        if made.json["applied"] and not not_written:
            comes_back_row_by_row(repaired, before)


def comes_back_row_by_row(path: Path, before: dict[str, Any]) -> None:
    """A file that was written to since its repair: all that was there comes back, and goes again."""
    after = meaning(path)
    with changed_by_somebody(path):
        undone = sqlfix("undo", path, "--yes", "--no-backup")
        assert (undone.code, undone.err) == (0, ""), undone.out
    assert "the file is as it was before" not in undone.out
    assert meaning(path) == before
    with changed_by_somebody(path):
        again = sqlfix("undo", path, newest(path), "--yes", "--no-backup")
        assert (again.code, again.err) == (0, "")
    assert meaning(path) == after


def what_is_recorded(path: Path, ran: Ran) -> dict[str, Any]:
    """All that the record of a repair holds, but for the time, the paths and the backup."""
    found = contents(path.parent / Path(ran.json["record"]).name)
    of_its_own = ("made", "database", "after", "backup", "backup_sum")
    found["about"] = [row for row in found["about"] if not any(f"b'{key}')" in row for key in of_its_own)]
    return found


# -- a file small enough to reason about --------------------------------------------------------------------------

SHOP = """
CREATE TABLE customers (id INTEGER PRIMARY KEY);
CREATE TABLE orders (
  id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers ON DELETE CASCADE, code TEXT UNIQUE);
CREATE TABLE reviews (
  id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers ON DELETE SET NULL, words TEXT);
INSERT INTO customers VALUES (1);
INSERT INTO orders VALUES (1, 1, 'a'), (2, 1, 'b'), (3, 9, 'c'), (4, 9, 'd');
INSERT INTO reviews VALUES (1, 1, 'good'), (2, 8, 'bad'), (3, 8, 'ugly');
"""
"""A repair deletes the orders 3 and 4, and sets the customer of the reviews 2 and 3 to NULL: four rows."""
UNRELATED = "INSERT INTO customers VALUES (100)"


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """The shop in a folder of its own, not yet repaired."""
    folder = tmp_path / "shop"
    folder.mkdir()
    return build(folder / "app.db", SHOP)


def repair(path: Path, *options: object) -> Ran:
    """A repair that does all that it planned."""
    ran = sqlfix("repair", path, "--yes", "--no-backup", *options)
    assert ran.code == 0 or "nothing left" not in ran.out, ran.err
    assert ran.code in (0, 1), ran.err
    return ran


def rows(path: Path, sql: str) -> list[tuple[Any, ...]]:
    """What a SELECT gives."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        return connection.execute(sql).fetchall()


def without(found: dict[str, Any], *names: str) -> dict[str, Any]:
    """What a file holds, but for some tables and for the schema."""
    return {name: rows for name, rows in found.items() if name not in (*names, "schema")}


def test_a_repair_and_what_it_changes_here(shop: Path) -> None:
    repair(shop)
    assert rows(shop, "SELECT id FROM orders") == [(1,), (2,)]
    assert rows(shop, "SELECT id, customer_id FROM reviews") == [(1, 1), (2, None), (3, None)]
    (record,) = records(shop)
    assert record["rows"] == 4
    assert record["tables"] == ["orders", "reviews"]


# -- conflicts ----------------------------------------------------------------------------------------------------

CONFLICTS = [
    pytest.param("UPDATE reviews SET words = 'sorry' WHERE id = 2", "reviews", ["2"], 1, id="a row changed again"),
    pytest.param("UPDATE reviews SET customer_id = 1 WHERE id = 3", "reviews", ["3"], 1, id="the same value changed"),
    pytest.param("UPDATE reviews SET words = x'626164' WHERE id = 2", "reviews", ["2"], 1, id="only its type changed"),
    pytest.param("DELETE FROM reviews WHERE id = 2", "reviews", ["2"], 1, id="a row deleted since"),
    pytest.param("INSERT INTO orders VALUES (3, 1, 'new')", "orders", ["3"], 1, id="its key taken by a new row"),
    pytest.param("INSERT INTO orders VALUES (7, 1, 'd')", "orders", ["4"], 1, id="its UNIQUE value taken"),
    pytest.param("DROP TABLE reviews", "reviews", ["2", "3"], 2, id="the table dropped"),
    pytest.param("ALTER TABLE orders RENAME TO o", "orders", ["3", "4"], 2, id="the table renamed"),
    pytest.param("ALTER TABLE reviews RENAME words TO w", "reviews", ["2", "3"], 2, id="a column renamed"),
    pytest.param("ALTER TABLE reviews DROP COLUMN words", "reviews", ["2", "3"], 2, id="a column dropped"),
]


@pytest.mark.parametrize(("since", "table", "keys", "number"), CONFLICTS)
def test_conflicts_are_listed_and_nothing_is_done(
    since: str, table: str, keys: list[str], number: int, shop: Path
) -> None:
    repair(shop)
    run_script(shop, since)
    before, files = fingerprint(shop), sorted(shop.parent.iterdir())
    assert sqlfix("undo", shop, "--dry-run", "--skip-conflicts").code == 1
    looked, refused = (sqlfix("undo", shop, how) for how in ("--dry-run", "--yes"))
    for ran in (looked, refused):
        assert ran.code == 2
        assert "nothing was changed" in ran.err and "--skip-conflicts" in ran.err
        assert f"Conflicts: {number} row" in ran.out
        listed = [line.strip() for line in ran.out.splitlines() if line.startswith(f"  {table}: ")]
        assert len(listed) == number
        for key, line in zip(keys, listed, strict=True):
            assert re.match(rf"{table}: \S*{key}\b", line), line
    assert fingerprint(shop) == before
    assert sorted(shop.parent.iterdir()) == files


@pytest.mark.parametrize(("since", "table", "keys", "number"), CONFLICTS)
def test_skipping_conflicts_takes_back_the_rest(
    since: str, table: str, keys: list[str], number: int, shop: Path
) -> None:
    original = contents(shop)
    repair(shop)
    run_script(shop, since)
    between = contents(shop)
    undone = sqlfix("undo", shop, "--yes", "--skip-conflicts")
    assert undone.code == 1
    assert f"Undone:   {4 - number} row" in undone.out
    after = contents(shop)
    other = "orders" if table == "reviews" else "reviews"
    assert after[other] == original[other]
    assert after["customers"] == original["customers"]
    assert after["schema"] == between["schema"]
    if number == 2:  # all of the table's rows are in conflict: it is left alone
        assert after.get(table) == between.get(table)
        return
    (key,) = keys
    mine = f"SELECT * FROM {table} WHERE id = {key}"
    with contextlib.closing(sqlite3.connect(build(shop.parent / "fresh", SHOP))) as fresh:
        rest = fresh.execute(f"SELECT * FROM {table} WHERE id <> {key} ORDER BY id").fetchall()
    assert rows(shop, f"SELECT * FROM {table} WHERE id <> {key} AND id < 5 ORDER BY id") == rest
    assert bool(rows(shop, mine)) == (not since.startswith("DELETE") and "'d'" not in since)
    # the undo's own record holds only what it did: undone in turn, the file is as it was before the undo
    assert sqlfix("undo", shop, records(shop)[-1]["name"], "--yes").code == 0
    assert contents(shop) == between


def test_a_column_added_since_is_no_conflict(shop: Path) -> None:
    repair(shop)
    run_script(shop, "ALTER TABLE orders ADD COLUMN paid INTEGER DEFAULT 1")
    assert sqlfix("undo", shop, "--yes").code == 0
    assert rows(shop, "SELECT id, customer_id, code, paid FROM orders WHERE id > 2") == [(3, 9, "c", 1), (4, 9, "d", 1)]


def test_more_conflicts_than_are_listed(tmp_path: Path) -> None:
    path = build(
        tmp_path / "app.db",
        "CREATE TABLE p (id INTEGER PRIMARY KEY); INSERT INTO p VALUES (1);"
        "CREATE TABLE c (id INTEGER PRIMARY KEY, p_id REFERENCES p ON DELETE SET NULL, x);"
        "INSERT INTO c SELECT value, CASE value % 2 WHEN 0 THEN 1 ELSE 7 END, 0"
        " FROM (WITH RECURSIVE n(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n LIMIT 3000) SELECT * FROM n);",
    )
    repair(path)
    run_script(path, "UPDATE c SET x = 1")
    ran = sqlfix("undo", path, "--dry-run")
    assert ran.code == 2
    assert "Conflicts: 1,500 rows" in ran.out
    assert len([line for line in ran.out.splitlines() if line.startswith("  c: ")]) == 20
    assert "and 1,480 more" in ran.out


# -- looking, asking ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("exact", [True, False], ids=["exactly", "row by row"])
@pytest.mark.parametrize("mode", ["DELETE", "WAL"])
def test_a_dry_run_changes_nothing_and_takes_no_lock(exact: bool, mode: str, tmp_path: Path) -> None:
    path = build(tmp_path / "app.db", f"PRAGMA journal_mode = {mode}; {SHOP}")
    assert sqlfix("repair", path, "--yes").code == 0
    if not exact:
        run_script(path, UNRELATED)
    before = {entry.name: fingerprint(entry) for entry in tmp_path.iterdir()}
    ran = sqlfix("undo", path, "--dry-run")
    assert ran.code == 0
    assert ("will be restored exactly" in ran.out) == exact
    assert "4 rows" in ran.out
    assert {entry.name: fingerprint(entry) for entry in tmp_path.iterdir()} == before
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("INSERT INTO customers VALUES (200)")
        assert sqlfix("undo", path, "--dry-run", "--timeout", "0.1").code == 0
        writer.execute("COMMIT")
    assert rows(path, "SELECT count(*) FROM customers WHERE id = 200") == [(1,)]


@needs_pty
@pytest.mark.parametrize("answer", ["n\n", "\n"])
def test_a_no_leaves_the_file(answer: str, shop: Path) -> None:
    repair(shop)
    before, files = fingerprint(shop), sorted(shop.parent.iterdir())
    terminal = Terminal("undo", shop)
    asked = terminal.read("Undo it? [y/N]")
    assert "4 rows" in asked  # what will be done comes first
    terminal.type(answer)
    assert terminal.end() == 2
    assert "nothing was changed" in terminal.text
    assert fingerprint(shop) == before
    assert sorted(shop.parent.iterdir()) == files


@needs_pty
def test_a_yes_takes_it_back(shop: Path) -> None:
    before = contents(shop)
    repair(shop)
    terminal = Terminal("undo", shop)
    terminal.read("Undo it? [y/N]")
    terminal.type("y\n")
    assert terminal.end() == 0
    assert contents(shop) == before


def test_off_a_terminal_it_refuses_without_yes(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repair(shop)
    before = fingerprint(shop)
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
    ran = sqlfix("undo", shop)
    assert ran.code == 2
    assert "--yes" in ran.err
    assert fingerprint(shop) == before


def test_nothing_to_take_back(shop: Path) -> None:
    ran = sqlfix("undo", shop, "--yes")
    assert (ran.code, ran.out) == (2, "")
    assert "no repair to undo" in ran.err
    assert sorted(shop.parent.iterdir()) == [shop]


def test_a_record_that_is_not_there(shop: Path) -> None:
    repair(shop)
    ran = sqlfix("undo", shop, "20200101T000000Z", "--yes")
    assert ran.code == 2
    assert "20200101T000000Z" in ran.err and records(shop)[0]["name"] in ran.err


# -- several repairs, and undos of undos --------------------------------------------------------------------------


@pytest.mark.parametrize("backup", ["--backup", "--no-backup"])
def test_back_and_forth(backup: str, shop: Path) -> None:
    original = contents(shop)
    assert sqlfix("repair", shop, "--yes", backup).code == 0
    repaired = contents(shop)
    for expected in (original, repaired, original, repaired):
        name = records(shop)[-1]["name"]
        assert sqlfix("undo", shop, name, "--yes", backup).code == 0
        assert contents(shop) == expected
    assert [record["kind"] for record in records(shop)] == ["repair", "undo", "undo", "undo", "undo"]
    names = [record["name"] for record in records(shop)]
    assert [record["undoes"] for record in records(shop)] == [None, *names[:-1]]


def test_a_repair_that_was_brought_back_can_be_taken_back_without_its_name(shop: Path) -> None:
    original = contents(shop)
    repair(shop)
    assert sqlfix("undo", shop, "--yes").code == 0
    refused = sqlfix("undo", shop, "--yes")
    assert refused.code == 2 and "no repair to undo" in refused.err
    assert sqlfix("undo", shop, records(shop)[-1]["name"], "--yes").code == 0  # the repair is in force again
    assert contents(shop) != original
    assert sqlfix("undo", shop, "--yes").code == 0
    assert contents(shop) == original


@pytest.fixture
def twice(shop: Path) -> tuple[Path, list[dict[str, Any]]]:
    """Two repairs, of the orders and of the reviews; and what the file held before, between and after."""
    states = [contents(shop)]
    for table in ("orders", "reviews"):
        assert sqlfix("repair", shop, "--yes", "--select", table).code == 0
        states.append(contents(shop))
    return shop, states


def test_the_newer_of_two_repairs_first(twice: tuple[Path, list[dict[str, Any]]]) -> None:
    path, (before, between, _) = twice
    for expected in (between, before):
        ran = sqlfix("undo", path, "--yes")
        assert ran.code == 0, ran.err
        assert contents(path) == expected
    assert sqlfix("undo", path, "--yes").code == 2


def test_the_older_of_two_repairs_alone(twice: tuple[Path, list[dict[str, Any]]]) -> None:
    path, (before, _, after) = twice
    older, newer = (record["name"] for record in records(path))
    assert sqlfix("undo", path, older, "--yes").code == 0
    found = contents(path)
    assert found["orders"] == before["orders"]
    assert found["reviews"] == after["reviews"]
    assert sqlfix("undo", path, "--yes").code == 0  # the one that is left
    assert contents(path) == before
    assert records(path)[-1]["undoes"] == newer


def test_the_older_of_two_repairs_of_one_row_is_a_conflict(shop: Path) -> None:
    assert sqlfix("repair", shop, "--yes", "--select", "reviews", "--set", "reviews.customer_id=update:1").code == 0
    run_script(shop, "DELETE FROM customers WHERE id = 1; INSERT INTO customers VALUES (5)")
    assert sqlfix("repair", shop, "--yes", "--select", "reviews", "--allow-mass-delete").code == 0
    before = contents(shop)
    older = records(shop)[0]["name"]
    assert sqlfix("undo", shop, older, "--yes").code == 2
    assert contents(shop) == before


def test_a_repair_is_not_taken_back_twice(shop: Path) -> None:
    repair(shop)
    name = records(shop)[0]["name"]
    assert sqlfix("undo", shop, name, "--yes").code == 0
    before = contents(shop)
    again = sqlfix("undo", shop, name, "--yes")
    assert again.code == 2
    assert "Conflicts: 4 rows" in again.out
    assert contents(shop) == before


# -- the backup and the record, elsewhere or not at all -----------------------------------------------------------


def the_backup(path: Path) -> Path:
    """The one backup beside a database."""
    (found,) = path.parent.glob(f"{path.name}.backup-*")
    return found


def the_record(path: Path) -> Path:
    """The one record beside a database."""
    (found,) = path.parent.glob(f"{path.name}.sqlfix-*.sqlite3")
    return found


def alter_a_byte(path: Path) -> None:
    """Change the file's last byte."""
    raw = bytearray(path.read_bytes())
    raw[-1] ^= 1
    path.write_bytes(raw)


@pytest.mark.parametrize("spoil", [Path.unlink, alter_a_byte], ids=["deleted", "altered"])
def test_without_its_backup_the_archive_is_enough(spoil: Callable[[Path], None], shop: Path) -> None:
    before = contents(shop)
    assert sqlfix("repair", shop, "--yes").code == 0
    spoil(the_backup(shop))
    ran = sqlfix("undo", shop, "--yes", "--no-backup")
    assert ran.code == 0, ran.err
    assert "as it is before" not in ran.out and "4 rows" in ran.out
    assert contents(shop) == before


def test_a_record_with_the_sums_of_an_older_sqlfix(shop: Path) -> None:
    before = contents(shop)
    assert sqlfix("repair", shop, "--yes").code == 0
    told = {"after": shop, "backup_sum": the_backup(shop)}
    with contextlib.closing(sqlite3.connect(the_record(shop), isolation_level=None)) as connection:
        for key, path in told.items():
            older = hashlib.blake2b(path.read_bytes(), digest_size=32).hexdigest()
            connection.execute("UPDATE about SET value = ? WHERE key = ?", (older, key))
    ran = sqlfix("undo", shop, "--yes")
    assert "the file is as it was before" in ran.out
    assert contents(shop) == before


def test_an_altered_backup_does_not_hide_the_sound_one_beside_the_record(shop: Path, tmp_path: Path) -> None:
    before = contents(shop)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    assert sqlfix("repair", shop, "--yes", "--backup-to", elsewhere).code == 0
    (made,) = elsewhere.iterdir()
    shutil.copy(made, shop.parent)
    alter_a_byte(made)
    ran = sqlfix("undo", shop, "--yes")
    assert "the file is as it was before" in ran.out
    assert contents(shop) == before


def test_a_folder_moved_as_a_whole(shop: Path, tmp_path: Path) -> None:
    before = contents(shop)
    assert sqlfix("repair", shop, "--yes").code == 0
    moved = tmp_path / "moved here"
    shop.parent.rename(moved)
    ran = sqlfix("undo", moved / "app.db", "--yes")
    assert ran.code == 0
    assert "the file is as it was before" in ran.out
    assert contents(moved / "app.db") == before


@pytest.mark.parametrize("changed", [False, True], ids=["as the repair left it", "changed since"])
def test_a_database_under_another_name_takes_the_path_of_its_record(changed: bool, shop: Path, tmp_path: Path) -> None:
    before = contents(shop)
    assert sqlfix("repair", shop, "--yes").code == 0
    renamed = shop.rename(tmp_path / "renamed.sqlite")
    if changed:
        run_script(renamed, UNRELATED)
    assert "no repair to undo" in sqlfix("undo", renamed, "--yes").err
    ran = sqlfix("undo", renamed, the_record(shop), "--yes")
    assert ran.code == 0, ran.err
    assert ("the file is as it was before" in ran.out) == (not changed)
    assert without(contents(renamed), "customers") == without(before, "customers")
    assert [record["kind"] for record in records(renamed)] == ["undo"]


def test_the_record_of_another_database_does_nothing_here(shop: Path, tmp_path: Path) -> None:
    repair(shop)
    other = build(tmp_path / "other.db", "CREATE TABLE t (x); INSERT INTO t VALUES (1)")
    before = fingerprint(other)
    assert "no record lies there" in sqlfix("undo", other, "nowhere", "--yes").err
    assert "the newest are 2" in sqlfix("undo", shop, "nowhere", "--yes").err
    assert sqlfix("undo", other, the_record(shop), "--yes").code == 2
    assert sqlfix("undo", other, other, "--yes").code == 2  # it is a database, but no record
    assert fingerprint(other) == before


# -- beside others ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("exact", [True, False], ids=["exactly", "row by row"])
def test_beside_an_open_connection_in_wal_mode(exact: bool, shop: Path) -> None:
    run_script(shop, "PRAGMA journal_mode = WAL")
    before = contents(shop)
    with contextlib.closing(sqlite3.connect(shop, isolation_level=None)) as other:
        assert other.execute("SELECT count(*) FROM orders").fetchone() == (4,)
        assert sqlfix("repair", shop, "--yes").code == 0
        assert other.execute("SELECT count(*) FROM orders").fetchone() == (2,)
        if not exact:
            other.execute(UNRELATED)
        ran = sqlfix("undo", shop, "--yes")
        assert ran.code == 0, ran.err
        assert ("the file is as it was before" in ran.out) == exact
        assert other.execute("SELECT count(*) FROM orders").fetchone() == (4,)
        assert other.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert without(contents(shop), "customers") == without(before, "customers")


def test_beside_a_reader_that_keeps_its_snapshot(shop: Path) -> None:
    run_script(shop, "PRAGMA journal_mode = WAL")
    before = contents(shop)
    assert sqlfix("repair", shop, "--yes").code == 0
    with contextlib.closing(sqlite3.connect(shop, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        assert reader.execute("SELECT count(*) FROM orders").fetchone() == (2,)
        ran = sqlfix("undo", shop, "--yes", "--timeout", "0.5")
        assert ran.code == 0, ran.err
        assert reader.execute("SELECT count(*) FROM orders").fetchone() == (2,)  # the snapshot stands
        reader.execute("COMMIT")
        assert reader.execute("SELECT count(*) FROM orders").fetchone() == (4,)
        assert reader.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert contents(shop) == before


@pytest.mark.parametrize("mode", ["DELETE", "WAL"])
def test_a_file_that_is_locked_is_left_alone(mode: str, shop: Path) -> None:
    run_script(shop, f"PRAGMA journal_mode = {mode}")
    assert sqlfix("repair", shop, "--yes").code == 0
    files = sorted(entry.name for entry in shop.parent.iterdir())
    with contextlib.closing(sqlite3.connect(shop, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        ran = sqlfix("undo", shop, "--yes", "--timeout", "0.2")
        assert ran.code == 2
        assert "locked" in ran.err
        writer.execute("ROLLBACK")
    assert sorted(entry.name for entry in shop.parent.iterdir()) == files
    assert rows(shop, "SELECT count(*) FROM orders") == [(2,)]


@pytest.mark.parametrize("mode", ["DELETE", "WAL"])
def test_a_write_in_the_moment_between_is_noticed(mode: str, shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The lock is let go for a moment before the backup comes back: who writes then must not lose it."""
    run_script(shop, f"PRAGMA journal_mode = {mode}")
    assert sqlfix("repair", shop, "--yes").code == 0
    detach = undo_module.detach

    def write_first(connection: sqlite3.Connection, name: str) -> None:
        detach(connection, name)
        run_script(shop, UNRELATED)

    monkeypatch.setattr(undo_module, "detach", write_first)
    ran = sqlfix("undo", shop, "--yes")
    assert ran.code == 2
    assert "another program" in ran.err
    assert rows(shop, "SELECT id FROM customers ORDER BY id") == [(1,), (100,)]
    assert rows(shop, "SELECT count(*) FROM orders") == [(2,)]
    assert rows(shop, "PRAGMA integrity_check") == [("ok",)]
    assert [record["kind"] for record in records(shop)] == ["repair"]
    monkeypatch.undo()
    assert sqlfix("undo", shop, "--yes").code == 0
    assert rows(shop, "SELECT id FROM customers ORDER BY id") == [(1,), (100,)]
    assert rows(shop, "SELECT count(*) FROM orders") == [(4,)]


# -- what is promised ---------------------------------------------------------------------------------------------


def test_every_promise_names_tests_that_exist() -> None:
    root = Path(__file__).parents[2]
    text = (root / "docs" / "promises.md").read_text(encoding="utf-8")
    promises = re.split(r"^\* ", text.split("\n## A scan")[1], flags=re.MULTILINE)[1:-1]  # the last is about layout
    assert len(promises) > 15
    for promise in promises:
        named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", promise)
        assert named, promise
        for file, test in named:
            assert re.search(rf"^def {test}\(", (root / file).read_text(encoding="utf-8"), re.MULTILINE), test


@pytest.mark.parametrize("mode", ["DELETE", "WAL"])
def test_each_undo_of_a_chain_is_exact_until_somebody_writes(mode: str, tmp_path: Path) -> None:
    path = build(
        tmp_path / "app.db",
        f"PRAGMA journal_mode = {mode}; CREATE TABLE p (id INTEGER PRIMARY KEY); INSERT INTO p VALUES (1);"
        "CREATE TABLE c (a INT REFERENCES p, b INT REFERENCES p, d INT); INSERT INTO c VALUES (1, 8, 3), (9, 1, 4);",
    )
    changes = [
        ["repair", path, "--select", "c.a"],
        ["alter", path, "c.d", "--default", "5"],
        ["repair", path, "--select", "c.b"],
        ["repair", path, "--empty", "c.d"],
    ]
    states = []
    for change in changes:
        states.append(contents(path))
        assert sqlfix(*change, "--yes").code == 0
    for state in reversed(states):
        assert "restored exactly" in sqlfix("undo", path, "--dry-run").out
        assert "the file is as it was before" in sqlfix("undo", path, "--yes").out
        assert contents(path) == state
    assert sqlfix(*changes[0], "--yes").code == sqlfix(*changes[2], "--yes").code == 0
    assert "the file is as it was before" in sqlfix("undo", path, "--yes").out
    run_script(path, "INSERT INTO p VALUES (2)")
    assert "will be restored exactly" not in sqlfix("undo", path, "--dry-run").out
