"""What stands in the tables decides, whatever their indexes say: against SQLite, on the same data built soundly.

The parents are tables WITHOUT ROWID and with rowids. Some indexes, of parents and children, are away while rows are
written, deleted and changed, and come back as they were: they lack rows, and have entries of rows that are gone.
"""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import build, run_script, sqlfix

from tests.laws.test_properties import SLOW, folder
from tests.scan.test_access_paths import WAYS, forced

pytestmark = pytest.mark.oracle

KINDS = {
    "without rowid": ("CREATE TABLE p (k TEXT, n INTEGER, u TEXT, v, PRIMARY KEY (k, n)) WITHOUT ROWID", "k, n"),
    "without rowid, key last": (
        "CREATE TABLE p (v, u TEXT, n INTEGER, k TEXT, PRIMARY KEY (k, n)) WITHOUT ROWID",
        "k, n",
    ),
    "with rowids": ("CREATE TABLE p (k TEXT, n INTEGER PRIMARY KEY, u TEXT, v)", "n"),
    "with a key of its own": ("CREATE TABLE p (k TEXT, n INTEGER, u TEXT, v, PRIMARY KEY (k, n))", "k, n"),
}
INDEXES = {
    "p_u": "CREATE UNIQUE INDEX p_u ON p (u)",
    "p_ku": "CREATE INDEX p_ku ON p (k, u)",
    "p_nk": "CREATE INDEX p_nk ON p (n, k)",
    "c_u": "CREATE INDEX c_u ON c (u)",
    "c_nk": "CREATE INDEX c_nk ON c (n, k, id)",
}
CHILD = {
    "with rowids": "CREATE TABLE c (id INTEGER PRIMARY KEY, u TEXT REFERENCES p (u), k TEXT, n INTEGER{key})",
    "without rowid": "CREATE TABLE c (id INT PRIMARY KEY, u TEXT REFERENCES p (u), k TEXT, n INT{key}) WITHOUT ROWID",
}
NUMBERS = st.integers(1, 6)
ROW = st.tuples(NUMBERS, NUMBERS, st.integers(1, 9))


@dataclass(frozen=True)
class Damaged:
    """A database some of whose indexes are stale."""

    parent: str
    child: str
    away: frozenset[str]
    before: tuple[tuple[int, int, int], ...]
    after: tuple[tuple[int, int, int], ...]
    gone: frozenset[int]
    changed: frozenset[int]
    children: tuple[tuple[int, int, int], ...]

    @property
    def schema(self) -> list[str]:
        """The tables and their indexes."""
        declaration, key = KINDS[self.parent]
        refers = f", FOREIGN KEY ({key}) REFERENCES p ({key})" if key != "n" else ", FOREIGN KEY (n) REFERENCES p"
        return [declaration, CHILD[self.child].format(key=refers), *INDEXES.values()]

    def build(self, path: Path) -> Path:
        """Write the file."""
        with contextlib.closing(sqlite3.connect(path)) as connection:
            for statement in self.schema:
                connection.execute(statement)
            self._insert(connection, self.before)
            halves = len(self.children) // 2
            self._refer(connection, self.children[:halves], 0)
            connection.commit()
            rows = connection.execute("SELECT * FROM sqlite_master WHERE type = 'index'").fetchall()
            kept = [row for row in rows if row[1] in self.away]
        self._catalogue(path, [("DELETE FROM sqlite_master WHERE name = ?", (row[1],)) for row in kept])
        with contextlib.closing(sqlite3.connect(path)) as connection:
            self._insert(connection, self.after)
            gone, changed = (", ".join(map(str, sorted(some))) for some in (self.gone, self.changed))
            connection.execute(f"DELETE FROM p WHERE n IN ({gone})")
            connection.execute(f"UPDATE OR IGNORE p SET u = u || 'x' WHERE n IN ({changed})")
            self._refer(connection, self.children[halves:], halves)
            connection.execute(f"DELETE FROM c WHERE id IN ({changed})")
            connection.commit()
        self._catalogue(path, [("INSERT INTO sqlite_master VALUES (?, ?, ?, ?, ?)", row) for row in kept])
        return path

    def _insert(self, connection: sqlite3.Connection, rows: tuple[tuple[int, int, int], ...]) -> None:
        """Rows of the parent; without an index to say so, a key is there once all the same."""
        for k, n, u in rows:
            same = f"OR n = {n}" if self.parent == "with rowids" else f"OR n = {n} AND k = 'k{k}'"
            there = f"SELECT 1 FROM {self._stored('p')} WHERE u = 'u{u}' {same}"
            if connection.execute(there).fetchone() is None:
                connection.execute(f"INSERT OR IGNORE INTO p (k, n, u, v) VALUES ('k{k}', {n}, 'u{u}', 'v')")

    def _refer(self, connection: sqlite3.Connection, rows: tuple[tuple[int, int, int], ...], first: int) -> None:
        for place, (k, n, u) in enumerate(rows):
            x = "x" if u % 4 == 0 else ""
            connection.execute(
                "INSERT INTO c (id, u, k, n) VALUES (?, ?, ?, ?)", (first + place, f"u{u}{x}", f"k{k}", n)
            )

    def _catalogue(self, path: Path, statements: list[tuple[str, tuple[Any, ...]]]) -> None:
        with contextlib.closing(sqlite3.connect(path)) as connection:  # one of its own: the schema is cached
            connection.execute("PRAGMA writable_schema = ON")
            for statement, values in statements:
                connection.execute(statement, values)
            connection.commit()

    def _stored(self, name: str) -> str:
        """A table that is read from its own b-tree; none of these has another constraint than its primary key."""
        without = {"p": KINDS[self.parent][0], "c": CHILD[self.child]}[name].endswith("WITHOUT ROWID")
        return f"{name} INDEXED BY sqlite_autoindex_{name}_1" if without else f"{name} NOT INDEXED"

    def stored(self, path: Path, name: str) -> list[tuple[Any, ...]]:
        """The rows of a table, read from the table itself."""
        with contextlib.closing(sqlite3.connect(path)) as connection:
            return connection.execute(f"SELECT * FROM {self._stored(name)}").fetchall()

    def sound(self, path: Path, place: Path) -> Counter[int]:
        """How many orphans each foreign key has in the same rows, built soundly, by SQLite's own check."""
        with contextlib.closing(sqlite3.connect(place)) as connection:
            for statement in self.schema:
                connection.execute(statement)
            for name in "pc":
                for row in self.stored(path, name):
                    connection.execute(f"INSERT OR IGNORE INTO {name} VALUES ({', '.join('?' * len(row))})", row)
            connection.commit()
            return Counter(number for *_, number in connection.execute("PRAGMA foreign_key_check"))

    def keep(self, path: Path, place: Path) -> set[int]:
        """The ids of the children that have both parents."""
        self.sound(path, place)
        with contextlib.closing(sqlite3.connect(place)) as connection:
            key = KINDS[self.parent][1].split(", ")
            same = " AND ".join(f"p.{name} = c.{name}" for name in key)
            query = f"SELECT id FROM c WHERE u IN (SELECT u FROM p) AND EXISTS (SELECT 1 FROM p WHERE {same})"
            return {row[0] for row in connection.execute(query)}


@st.composite
def damaged(draw: st.DrawFn) -> Damaged:
    rows = st.lists(ROW, max_size=6).map(tuple)
    some = st.frozensets(NUMBERS, max_size=3)
    return Damaged(
        draw(st.sampled_from(sorted(KINDS))), draw(st.sampled_from(sorted(CHILD))),
        draw(st.frozensets(st.sampled_from(sorted(INDEXES)), min_size=1)),
        draw(rows), draw(rows), draw(some), draw(some), draw(st.lists(ROW, max_size=10).map(tuple)),
    )  # fmt: skip


@contextlib.contextmanager
def built(case: Damaged) -> Iterator[tuple[Path, Counter[int], set[int]]]:
    """The file, the orphans of each key, and the children that must stay."""
    with folder() as place:
        path = case.build(place / "x.db")
        yield path, case.sound(path, place / "sound.db"), case.keep(path, place / "keep.db")


@SLOW
@given(case=damaged(), way=st.sampled_from([None, *WAYS]))
def test_orphans_are_those_of_the_same_rows_built_soundly(case: Damaged, way: str | None) -> None:
    with built(case) as (path, expected, _), forced(way) if way else contextlib.nullcontext():
        relationships = sqlfix("scan", path, "--format", "json").json["relationships"]
        found = Counter({place: r["orphans"] for place, r in enumerate(reversed(relationships)) if r["orphans"]})
        assert found == expected


@settings(SLOW, max_examples=SLOW.max_examples // 5)
@given(case=damaged())
@pytest.mark.parametrize("doing", ["repair", "script"])
def test_no_row_goes_whose_parents_are_there_and_all_others_do(case: Damaged, doing: str) -> None:
    options = ("--on-orphan", "delete", "--allow-mass-delete")
    with built(case) as (path, _, keep):
        for turn in range(4):
            planned = sqlfix("repair", "--dry-run", path, *options, "--format", "json").json["fixes"]
            if not planned:
                break
            copy = shutil.copy(path, path.with_name(f"before-{turn}.db"))
            if doing == "repair":
                assert sqlfix("repair", "--yes", path, *options).code in (0, 1), copy
            else:
                run_script(path, sqlfix("export-sql", path, *options).out)
            assert keep <= {row[0] for row in case.stored(path, "c")}
        assert keep == {row[0] for row in case.stored(path, "c")}
        assert sqlfix("scan", path).code == 0


# -- one row, and rows that are the same --------------------------------------------------------------------------

PAST_ITS_INDEX = """
CREATE TABLE p (id INTEGER PRIMARY KEY, name TEXT);
CREATE TABLE c (id INTEGER PRIMARY KEY, p_id INTEGER NOT NULL REFERENCES p (id));
CREATE INDEX c_p ON c (p_id);
INSERT INTO p VALUES (1, 'ann'), (2, 'ann'), (3, 'ben');
INSERT INTO c VALUES (1, 1), (2, 1), (3, 2);
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = 'CREATE INDEX c_p ON c (p_id) WHERE 0' WHERE name = 'c_p';
PRAGMA writable_schema = RESET;
UPDATE c SET p_id = 3 WHERE id = 2;
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = 'CREATE INDEX c_p ON c (p_id)' WHERE name = 'c_p';
PRAGMA writable_schema = RESET;
"""
"""By the index the second child refers to the first parent, and by the table to the third."""


def test_no_row_is_deleted_by_what_a_stale_index_says_refers_to_it(tmp_path: Path) -> None:
    path = build(tmp_path / "x.db", PAST_ITS_INDEX)
    for options in (["--sql"], ["--delete", "--yes"]):
        refused = sqlfix("why", path, "p", "1", *options)
        assert refused.code == 2
        assert "an index of c disagrees with its table; REINDEX c comes first" in " ".join(refused.err.split())
    run_script(path, "REINDEX c")
    script = sqlfix("why", path, "p", "1", "--sql")
    assert script.code == 0
    run_script(path, script.out)
    assert rows_of(path, "SELECT * FROM c") == [(2, 3), (3, 2)]


def test_rows_are_not_merged_by_what_a_stale_index_says_refers_to_them(tmp_path: Path) -> None:
    path = build(tmp_path / "x.db", PAST_ITS_INDEX)
    refused = sqlfix("repair", path, "--merge", "p.name", "--yes")
    assert refused.code == 2
    assert "an index of c disagrees with its table; REINDEX c comes first" in " ".join(refused.err.split())
    run_script(path, "REINDEX c")
    assert sqlfix("repair", path, "--merge", "p.name", "--keep", "last", "--yes").code == 0
    assert rows_of(path, "SELECT * FROM c") == [(1, 2), (2, 3), (3, 2)]


def rows_of(path: Path, query: str) -> list[tuple[Any, ...]]:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        return connection.execute(query).fetchall()
