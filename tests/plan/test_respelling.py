"""A misspelled key that others reference is set right first, and the rows that reference it follow it."""

from __future__ import annotations

import contextlib
import random
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from support import build, contents, sqlfix, together, violations

SHOP = """
    CREATE TABLE vendor(code TEXT PRIMARY KEY);
    CREATE TABLE product(vendor TEXT NOT NULL REFERENCES vendor, sku TEXT, PRIMARY KEY (vendor, sku));
    CREATE TABLE stock(vendor TEXT, sku TEXT, place TEXT, n, PRIMARY KEY (vendor, sku, place),
      FOREIGN KEY (vendor, sku) REFERENCES product ON DELETE CASCADE) WITHOUT ROWID;
    CREATE TABLE mark(id INTEGER PRIMARY KEY, v TEXT, s TEXT, p TEXT, FOREIGN KEY (v, s, p) REFERENCES stock);
    INSERT INTO vendor VALUES ('ACME'), ('Bolt');
    INSERT INTO product VALUES ('acme', '1'), ('ACME', '2'), ('Bolt', '1');
"""
GOOD = {
    "its children are right": "INSERT INTO stock VALUES ('ACME', '1', 'x', 7), ('ACME', '2', 'x', 7)",
    "its children have its spelling": "INSERT INTO stock VALUES ('acme', '1', 'x', 7), ('Bolt', '1', 'x', 7)",
    "some have the one, some the other": "INSERT INTO stock VALUES ('acme', '1', 'x', 7), ('ACME', '1', 'y', 7)",
    "and theirs follow, too": (
        "INSERT INTO stock VALUES ('acme', '1', 'x', 7), ('ACME', '1', 'y', 7);"
        "INSERT INTO mark VALUES (1, 'acme', '1', 'x'), (2, 'ACME', '1', 'y'), (3, NULL, '1', 'x')"
    ),
    "theirs are right, and they are not": (
        "INSERT INTO stock VALUES ('acme', '1', 'x', 7); INSERT INTO mark VALUES (1, 'ACME', '1', 'x')"
    ),
}


def rows(path: Path, query: str) -> list[tuple[Any, ...]]:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        return connection.execute(query).fetchall()


@together
@pytest.mark.parametrize("case", GOOD)
def test_it_is_set_right_first_and_what_references_it_follows(case: str, tmp_path: Path) -> None:
    path = build(tmp_path / "a.db", f"{SHOP} {GOOD[case]};")
    script = sqlfix("export-sql", path).out
    other, before = Path(shutil.copy(path, tmp_path / "b.db")), contents(path)
    ran = sqlfix("repair", "-y", path)
    assert ran.code == 0, ran.out
    assert not violations(path) and rows(path, "SELECT DISTINCT vendor FROM stock WHERE vendor = 'acme'") == []
    for table in ("stock", "mark", "product"):
        assert len(rows(path, f"SELECT 1 FROM {table}")) == len(before[table])
    for _ in range(2):
        build(other, script)
        assert contents(other) == contents(path)
    for backup in tmp_path.glob("*.backup-*"):
        backup.unlink()  # so that it is undone row by row
    undone = sqlfix("undo", "-y", path)
    assert (undone.code, undone.err) == (0, "") and contents(path) == before


def test_a_step_says_which_rows_only_follow(tmp_path: Path) -> None:
    path = build(tmp_path / "a.db", SHOP + "INSERT INTO stock VALUES ('acme', '1', 'x', 7);")
    first, second = sqlfix("repair", "--dry-run", "--format", "json", path).json["fixes"]
    assert (first["table"], first["checks"], first["follows"]) == ("product", ["orphan-rows"], 0)
    assert (second["table"], second["checks"], second["follows"]) == ("stock", [], 1)


HELD = {
    "a row would be the same as another one": (
        (), "INSERT INTO stock VALUES ('acme', '1', 'x', 7), ('ACME', '1', 'x', 8)", "cannot get its new key",
    ),
    "its children are to be kept": (
        ("--set", "stock.vendor,sku=keep"), "INSERT INTO stock VALUES ('acme', '1', 'x', 7)", "cannot get its new key",
    ),
    "a trigger refuses it": (
        (), "INSERT INTO stock VALUES ('acme', '1', 'x', 7);"
        "CREATE TRIGGER t BEFORE UPDATE ON stock BEGIN SELECT RAISE(ABORT, 'not now'); END", "not now",
    ),
    "the right key is taken": ((), "INSERT INTO product VALUES ('ACME', '1')", "which UNIQUE forbids"),
}  # fmt: skip


@together
@pytest.mark.parametrize("case", HELD)
def test_where_they_cannot_follow_it_is_left_with_the_reason(case: str, tmp_path: Path) -> None:
    options, more, reason = HELD[case]
    path = build(tmp_path / "a.db", f"{SHOP} {more};")
    plan = sqlfix("repair", "--dry-run", "--format", "json", *options, path).json
    assert plan["fixes"] == [] and {left["table"] for left in plan["left"]} >= {"product"}
    assert any(reason in left["reason"] for left in plan["left"]), plan["left"]


def test_a_parent_that_a_donor_has_comes_back_instead(tmp_path: Path) -> None:
    path = build(tmp_path / "a.db", SHOP + "INSERT INTO stock VALUES ('acme', '1', 'x', 7);")
    older = build(Path(shutil.copy(path, tmp_path / "older.db")), "INSERT INTO vendor VALUES ('acme')")
    assert sqlfix("repair", "-y", "--donor", older, path).code == 0
    assert rows(path, "SELECT code FROM vendor ORDER BY 1") == [("ACME",), ("Bolt",), ("acme",)]
    assert rows(path, "SELECT vendor FROM stock") == [("acme",)]


FORMS = (str.upper, str.lower, lambda text: text + " ", lambda text: f'"{text}"', lambda text: "\u00a0" + text)


@together
@pytest.mark.parametrize("seed", range(6))
def test_no_row_gets_another_parent_than_it_had_or_meant(seed: int, tmp_path: Path) -> None:
    r = random.Random(seed)
    collation = r.choice(["", "", " COLLATE NOCASE"])
    without = r.choice(["", " WITHOUT ROWID"])
    path = build(
        tmp_path / "a.db",
        f"CREATE TABLE a(k TEXT{collation} PRIMARY KEY, tag);"
        "CREATE TABLE b(k TEXT NOT NULL REFERENCES a, n INT, tag, of, PRIMARY KEY (k, n))" + without + ";"
        "CREATE TABLE c(k TEXT NOT NULL, n INT, m INT, tag, of, PRIMARY KEY (k, n, m),"
        " FOREIGN KEY (k, n) REFERENCES b);"
        "CREATE TABLE d(id INTEGER PRIMARY KEY, k TEXT, n INT, m INT, of, FOREIGN KEY (k, n, m) REFERENCES c);",
    )
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        run = connection.execute
        for word in r.sample(["Ann", "ann", "Bob", "Cid", "Dora", "Dor", "Eve", "Fay"], 6):
            run("INSERT OR IGNORE INTO a VALUES (?, ?)", (word, word))

        def spelled(word: str) -> str:
            return r.choice(FORMS)(word) if r.random() < 0.3 else word

        for word, tag in run("SELECT k, tag FROM a").fetchall():
            for n in range(r.randint(1, 3)):
                run("INSERT OR IGNORE INTO b VALUES (?, ?, ?, ?)", (spelled(word), n, f"{tag}/{n}", tag))
        for table, parent, width in (("c", "b", 2), ("d", "c", 3)):
            for *key, tag in run(f"SELECT {'k, n, m'[: 3 * width - 2]}, tag FROM {parent}").fetchall():
                right = tag.split("/")[0]
                for m in range(r.randint(0, 3)):
                    word = r.choice([key[0], right, right])
                    more = (m, f"{tag}/{m}") if table == "c" else ()
                    first = () if table == "c" else (None,)
                    values = (*first, word, *key[1:], *more, tag)
                    run(f"INSERT OR IGNORE INTO {table} VALUES ({', '.join('?' * len(values))})", values)
    ends = {
        "b": ("a", "k = p.k"),
        "c": ("b", "k = p.k AND c.n = p.n"),
        "d": ("c", "k = p.k AND c.n = p.n AND c.m = p.m"),
    }

    def links() -> dict[str, set[tuple[Any, ...]]]:
        return {
            name: set(
                rows(
                    path,
                    f"SELECT {'c.id' if name == 'd' else 'c.tag'}, c.of, p.tag FROM {name} c JOIN {up} p ON c.{on}",
                )
            )
            for name, (up, on) in ends.items()
        }

    before = links()
    held = contents(path)
    assert sqlfix("repair", "-y", "--only", "lossless", path).code in (0, 1)
    after = links()
    for name in ends:
        assert before[name] <= after[name], name
        assert all(of == tag for _, of, tag in after[name] - before[name]), name
    for backup in tmp_path.glob("*.backup-*") if seed % 2 else ():
        backup.unlink()
    assert contents(path) == held or (sqlfix("undo", "-y", path).code, contents(path)) == (0, held)
