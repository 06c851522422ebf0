"""Schemas that are damaged as tools have damaged them: repaired, scanned again, and taken back.

Each kind of damage is done to a sound schema, and what comes back is compared with that; with SQLFIX_SHARED in the
environment, also to the tables of real databases.
"""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import test_corpus
from damages import copied, followed, half_built, put_aside
from support import build, contents, sqlfix, together

from sqlfix.plan.repaired_checks import REPAIRED
from sqlfix.sql.literals import quote

SHOP = """
CREATE TABLE auth_user (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, "name" TEXT NOT NULL /* kept */, boss INTEGER
  REFERENCES auth_user (id) DEFERRABLE INITIALLY DEFERRED);
CREATE INDEX auth_user_name ON auth_user (name);
CREATE TRIGGER auth_user_t AFTER UPDATE OF name ON auth_user BEGIN SELECT 1; END;
CREATE TABLE orders (id INTEGER PRIMARY KEY, user_id INTEGER NOT NULL REFERENCES auth_user (id) ON DELETE CASCADE,
  second INTEGER CONSTRAINT fk_second REFERENCES auth_user ON UPDATE SET NULL, CHECK (id > 0));
CREATE INDEX orders_user ON orders (user_id);
CREATE VIEW names AS SELECT u.name, o.id FROM auth_user AS u JOIN orders AS o ON o.user_id = u.id;
CREATE TRIGGER orders_t AFTER INSERT ON orders BEGIN UPDATE auth_user SET name = name WHERE id = new.user_id; END;
CREATE TABLE tag (k TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE order_tag (o REFERENCES orders, t TEXT REFERENCES tag (k), PRIMARY KEY (o, t));
INSERT INTO auth_user VALUES (1, 'ann', NULL), (2, 'bob', 1), (5, 'cy', 1);
INSERT INTO orders VALUES (1, 1, 2), (2, 2, NULL), (3, 5, 1);
INSERT INTO tag VALUES ('x'), ('y');
INSERT INTO order_tag VALUES (1, 'x'), (2, 'y');
"""


ALL = os.environ.get("SQLFIX_CORPUS") == "all"
"""Whether a real file is damaged in each way, as `make corpus` does it (some minutes), or a third of them in one."""
DAMAGES: list[Callable[[sqlite3.Connection, str], None]] = [followed, put_aside, copied, half_built]


def found(path: Path) -> set[tuple[str, str, tuple[str, ...], str | None]]:
    findings = sqlfix("scan", path, "--format", "json").json["findings"]
    return {(f["check"], f["table"], tuple(f["columns"]), f["parent"]) for f in findings if f["check"] in REPAIRED}


def keys(path: Path) -> dict[str, list[Any]]:
    """The foreign keys of each table as SQLite has them."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: connection.execute(f"PRAGMA foreign_key_list({quote(name)})").fetchall() for name in names}


def rows(path: Path, renamed: dict[str, str]) -> dict[str, Any]:
    """The rows of each table, under the name that it had before."""
    aside = ("schema", "sqlite_sequence", "sqlite_stat1", "sqlite_stat4")
    return {renamed.get(name, name): some for name, some in contents(path).items() if name not in aside}


def look_at(path: Path, base: set[tuple[str, str, tuple[str, ...], str | None]]) -> set[Any]:
    """All that must hold of a repair of any schema; what is found afterwards and was not there at first."""
    before, was = contents(path), found(path)
    ran = sqlfix("repair-schema", path, "--yes", "--format", "json")
    assert ran.code in (0, 1), ran.err
    left = {(part["check"], part["table"], tuple(part["columns"]), part["parent"]) for part in ran.json["left"]}
    now = found(path)
    assert now <= was | base
    assert {one for one in now if one[0] != "unfinished-migration"} <= left
    assert not sqlfix("repair-schema", path, "--dry-run", "--format", "json").json["steps"]
    renamed = {step["to"]: step["name"] for step in ran.json["steps"] if step["deed"] == "rename"}
    aside = ("schema", "sqlite_sequence", "sqlite_stat1", "sqlite_stat4")
    assert rows(path, renamed) == {name: some for name, some in before.items() if name not in aside}
    if ran.json["applied"]:
        undone = path.with_name("undone.db")
        shutil.copy(path, undone)
        for record in path.parent.glob(f"{path.name}.sqlfix-*"):
            shutil.copy(record, record.with_name(record.name.replace(path.name, undone.name)))
        assert sqlfix("undo", undone, "--yes").code == 0
        assert contents(undone) == before
    return now - base


@together
@pytest.mark.parametrize("table", ["auth_user", "orders", "tag"])
@pytest.mark.parametrize("damage", DAMAGES)
def test_a_sound_schema_comes_back(
    tmp_path: Path, damage: Callable[[sqlite3.Connection, str], None], table: str
) -> None:
    """Each foreign key refers to what it referred to; views and triggers compile; nothing is wrong any more."""
    path = build(tmp_path / "x.db", SHOP)
    whole = keys(path)
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        damage(connection, table)
    assert found(path)
    assert not look_at(path, set())
    assert sqlfix("scan", path).code == 0
    if (damage, table) == (copied, "tag"):  # there a unique index is enough, since nothing tells of a primary key
        return
    lost = {"auth_user", "orders"} if damage is copied else set()  # CREATE TABLE AS took their own foreign keys
    now = keys(path)
    for name, some in whole.items():
        if name != table or name not in lost:
            assert [row[2:] for row in now[name]] == [row[2:] for row in some]


@pytest.mark.corpus
def test_real_tables_that_are_damaged(original: Path, tmp_path: Path) -> None:
    base: set[Any] = set()
    with contextlib.suppress(sqlite3.Error):
        for number, (damage, table) in enumerate(_chosen(original)):
            folder = tmp_path / str(number)
            folder.mkdir()
            path = Path(shutil.copyfile(original, folder / "x.db"))
            base = base or found(path)
            with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
                try:
                    damage(connection, table)
                except sqlite3.Error:  # such as a view that speaks of it and no longer compiles
                    continue
            look_at(path, base)


def _chosen(original: Path) -> Iterator[tuple[Callable[[sqlite3.Connection, str], None], str]]:
    # without `immutable`, reading a file in WAL mode leaves two more files beside it
    with contextlib.closing(sqlite3.connect(f"file:{original}?mode=ro&immutable=1", uri=True)) as connection:
        query = "SELECT DISTINCT f.'table' FROM sqlite_master AS t, pragma_foreign_key_list(t.name) AS f"
        query = f"SELECT name FROM sqlite_master WHERE type = 'table' AND name IN ({query}) ORDER BY name"
        parents = [name for (name,) in connection.execute(query)]
    one = sum(original.name.encode()) % (3 * len(DAMAGES))
    for damage in DAMAGES if ALL else DAMAGES[one : one + 1]:
        yield from ((damage, table) for table in random.Random(original.name).sample(parents, min(1, len(parents))))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    test_corpus.pytest_generate_tests(metafunc)
