"""What `--on-orphan delete` does with rows that lose their parent: just what SQLite itself does on those deletes.

SQLite is the oracle. It is given the same rows and schema, but that what the schema is silent about (NO ACTION and
RESTRICT, where the option decides) is CASCADE. Its enforcement is switched on, the orphans are deleted one by one, and
the rows that are left then are those which a repair has to leave. NOT NULL is asked about at the end: SQLite empties a
row that goes the next moment, and would fail.
"""

from __future__ import annotations

import contextlib
import sqlite3
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from support import build, contents, run_script, sqlfix, violations

pytestmark = pytest.mark.oracle

ACTIONS = ("CASCADE", "SET NULL", "SET NULL", "SET DEFAULT", "NO ACTION", "RESTRICT", None)
SILENT = ("NO ACTION", "RESTRICT", None)


@dataclass(frozen=True)
class Link:
    """A foreign key of one column."""

    parent: int
    action: str | None
    not_null: bool
    default: int | None

    def sql(self, place: int, silent: str | None) -> str:
        """The column; with ``silent`` for an action that says nothing, it is that of the oracle, and may hold NULL."""
        action = self.action if silent is None or self.action not in SILENT else silent
        parts = [f"f{place} INTEGER"]
        parts += ["NOT NULL"] if self.not_null and silent is None else []
        parts += [f"DEFAULT {self.default}"] if self.default is not None else []
        parts += [f"REFERENCES t{self.parent} (id)"]
        parts += [f"ON DELETE {action}"] if action else []
        return " ".join(parts)


@dataclass(frozen=True)
class File:
    """Tables of an id and some links, and their rows."""

    tables: tuple[tuple[Link, ...], ...]
    rows: tuple[tuple[tuple[int | None, ...], ...], ...]

    def sql(self, silent: str | None = None) -> str:
        """The script that builds it."""
        lines = []
        for number, links in enumerate(self.tables):
            columns = ["id INTEGER PRIMARY KEY", *(link.sql(place, silent) for place, link in enumerate(links))]
            lines.append(f"CREATE TABLE t{number} ({', '.join(columns)});")
        for number, rows in enumerate(self.rows):
            for key, row in enumerate(rows, 1):
                values = ", ".join("NULL" if value is None else str(value) for value in (key, *row))
                lines.append(f"INSERT OR IGNORE INTO t{number} VALUES ({values});")
        return "\n".join(lines)


@st.composite
def files(draw: st.DrawFn) -> File:
    """A few tables that refer to one another in any way; no key of a row looks like "none", or like another key."""
    size = draw(st.integers(2, 4))
    link = st.builds(
        Link,
        st.integers(0, size - 1),
        st.sampled_from(ACTIONS),
        st.sampled_from((False, False, True)),
        st.sampled_from((None, None, 1, 2, 7)),
    )
    tables = tuple(tuple(draw(st.lists(link, min_size=number > 0, max_size=2))) for number in range(size))
    keys = (1, 1, 2, 2, 3, 4, 8)
    value, perhaps = st.sampled_from(keys), st.sampled_from((*keys, None))

    def row(links: tuple[Link, ...]) -> st.SearchStrategy[tuple[int | None, ...]]:
        return st.tuples(*(value if link.not_null else perhaps for link in links))

    rows = tuple(tuple(draw(st.lists(row(links), max_size=5))) for links in tables)
    return File(tables, rows)


def what_sqlite_does(file: File) -> sqlite3.Connection | None:
    """The database after SQLite has deleted its orphans with all that follows; None where it cannot."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.executescript(file.sql(silent="CASCADE"))
    doomed = {(table, rowid) for table, rowid, *_ in connection.execute("PRAGMA foreign_key_check")}
    for table, rowid in doomed:
        # they go in any case; and SQLite would refuse to change them meanwhile, or to set them to what is gone by then
        for column in {row[3] for row in connection.execute(f"PRAGMA foreign_key_list({table})")}:
            connection.execute(f"UPDATE {table} SET {column} = NULL WHERE id = {rowid}")
    connection.execute("PRAGMA foreign_keys = ON")
    again = True
    while doomed and again:  # what one delete would break may be gone by another
        again = False
        for table, rowid in sorted(doomed):
            with contextlib.suppress(sqlite3.IntegrityError):
                connection.execute(f"DELETE FROM {table} WHERE id = {rowid}")
                doomed.remove((table, rowid))
                again = True
    empty = any(
        connection.execute(f"SELECT 1 FROM t{number} WHERE f{place} IS NULL").fetchone()
        for number, links in enumerate(file.tables)
        for place, link in enumerate(links)
        if link.not_null
    )
    if doomed or empty or connection.execute("PRAGMA foreign_key_check").fetchone():
        connection.close()
        return None
    return connection


def rows_of(connection: sqlite3.Connection, file: File) -> list[list[tuple[int | None, ...]]]:
    return [connection.execute(f"SELECT * FROM t{number} ORDER BY id").fetchall() for number in range(len(file.tables))]


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(file=files())
def test_on_orphan_delete_does_what_sqlite_does(file: File) -> None:
    expected = what_sqlite_does(file)
    with tempfile.TemporaryDirectory() as folder:
        path = build(Path(folder) / "x.db", file.sql())
        before, broken = contents(path), violations(path)
        ran = sqlfix("repair", path, "--yes", "--no-backup", "--on-orphan", "delete", "--format", "json",
                     "--allow-mass-delete")  # fmt: skip
        if ran.code == 2:
            assert "is not possible for" in ran.err
            return
        left = ran.json["left"]
        event("something left" if left else "a repair" if ran.json["fixes"] else "nothing to do")
        if not left:
            assert expected is not None, "the repair went through, and SQLite's own deletes do not"
            with contextlib.closing(sqlite3.connect(path)) as connection:
                assert rows_of(connection, file) == rows_of(expected, file)
        else:
            assert expected is None, left
            now = violations(path)
            assert all(now[key] <= broken.get(key, 0) for key in now), "rows lost their parent"
            assert ran.json["fixes"] or contents(path) == before
        again = sqlfix("repair", path, "--dry-run", "--on-orphan", "delete", "--format", "json", "--allow-mass-delete")
        assert again.json["fixes"] == []


CHAIN = """
CREATE TABLE customers (id INTEGER PRIMARY KEY);
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers (id));
CREATE TABLE notes (id INTEGER PRIMARY KEY, order_id INTEGER {not_null} {default} REFERENCES orders (id) {action});
INSERT INTO customers VALUES (1);
INSERT INTO orders VALUES (1, 1), (2, 5);
INSERT INTO notes VALUES (1, 1), (2, 2), (3, 99);
"""
STAYS = [(1, 1), (2, None)]
RING = """
CREATE TABLE p (id INTEGER PRIMARY KEY);
CREATE TABLE a (id INTEGER PRIMARY KEY, b INTEGER REFERENCES b (id) ON DELETE SET NULL, p INTEGER REFERENCES p (id));
CREATE TABLE b (id INTEGER PRIMARY KEY, a INTEGER REFERENCES a (id) ON DELETE SET NULL,
                other INTEGER REFERENCES b (id) ON DELETE SET NULL, more INTEGER REFERENCES b (id) ON DELETE SET NULL);
INSERT INTO p VALUES (1);
INSERT INTO a VALUES (1, 1, 1), (2, 99, 1), (3, 2, 1), (4, 1, 77), (5, 4, NULL);
INSERT INTO b VALUES (1, 1, 1, 1), (2, 98, 1, 1), (3, 2, 2, 1), (4, 4, NULL, 97), (5, 1, 96, 1), (6, NULL, 5, 4);
"""


def chain(action: str, not_null: str = "", default: str = "") -> str:
    return CHAIN.format(action=action, not_null=not_null, default=default)


@pytest.mark.parametrize(
    ("sql", "options", "rows", "decided"),
    [
        pytest.param(chain("ON DELETE SET NULL"), ["--on-orphan", "delete"], STAYS,
                     [("choice", None), ("choice", None), (None, "schema")], id="emptied, as the schema says"),
        pytest.param(chain("ON DELETE CASCADE"), ["--on-orphan", "delete"], [(1, 1)],
                     [("choice", None), ("choice", "schema")], id="deleted, as the schema says"),
        pytest.param(chain("ON DELETE SET DEFAULT", default="DEFAULT 1"), ["--on-orphan", "delete"], [(1, 1), (2, 1)],
                     [("choice", None), ("choice", None), (None, "schema")], id="set, as the schema says"),
        pytest.param(chain(""), ["--on-orphan", "delete"], [(1, 1)],
                     [("choice", None), ("choice", "choice")], id="deleted, as the schema is silent"),
        pytest.param(chain("ON DELETE RESTRICT"), ["--on-orphan", "delete"], [(1, 1)],
                     [("choice", None), ("choice", "choice")], id="RESTRICT is silence as well"),
        pytest.param(chain("ON DELETE SET NULL"), ["--set", "notes.order_id=delete"], STAYS,
                     [("choice", None), ("default", None), (None, "schema")], id="a choice to delete by name"),
        pytest.param(chain("ON DELETE CASCADE"), ["--set", "notes.order_id=set-null"], [(1, 1), (2, None), (3, None)],
                     [("default", None), ("choice", "choice")], id="a choice by name that keeps rows keeps them all"),
        pytest.param(chain("ON DELETE CASCADE"), ["--set", "notes.order_id=keep"], [(1, 1), (2, 2), (3, 99)],
                     [], id="rows that are to be kept keep their parent"),
        pytest.param(chain(""), [], [(1, 1), (2, None), (3, None)],
                     [("default", None), ("default", "default")], id="nothing chosen and nothing declared"),
        pytest.param(chain("ON DELETE SET NULL", not_null="NOT NULL"), ["--on-orphan", "delete"], [(1, 1), (2, 2)],
                     [("choice", None)], id="held back where the schema contradicts itself"),
        pytest.param(chain("ON DELETE SET DEFAULT", default="DEFAULT 77"), ["--on-orphan", "delete"], [(1, 1), (2, 2)],
                     [("choice", None)], id="held back where the default has no parent"),
        pytest.param(chain("ON DELETE SET DEFAULT", default="DEFAULT 2"), ["--on-orphan", "delete"], [(1, 1), (2, 2)],
                     [("choice", None)], id="held back where the default goes as well"),
    ],
)  # fmt: skip
def test_who_decides(
    tmp_path: Path, sql: str, options: list[str], rows: list[tuple[int, int]], decided: list[tuple[str, str]]
) -> None:
    path = build(tmp_path / "x.db", sql)
    ran = sqlfix("repair", path, "--yes", "--format", "json", *options)
    assert [(fix["decided_by"], fix["follows_decided_by"]) for fix in ran.json["fixes"]] == decided
    with contextlib.closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT * FROM notes ORDER BY id").fetchall() == rows
    assert ran.code == (1 if ran.json["left"] else 0)


def test_orphans_of_tables_that_refer_to_one_another_are_told_from_what_follows(tmp_path: Path) -> None:
    path, copy = build(tmp_path / "x.db", RING), build(tmp_path / "copy.db", RING)
    script = sqlfix("export-sql", copy, "--on-orphan", "delete", "--allow-mass-delete").out
    ran = sqlfix("repair", path, "--yes", "--on-orphan", "delete", "--allow-mass-delete", "--format", "json")
    assert ran.json["left"] == []
    with contextlib.closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT * FROM a ORDER BY id").fetchall() == [
            (1, 1, 1),
            (3, None, 1),
            (5, None, None),
        ]
        assert connection.execute("SELECT * FROM b ORDER BY id").fetchall() == [
            (1, 1, 1, 1), (3, None, None, 1), (6, None, None, None)
        ]  # fmt: skip
    for _ in range(2):
        run_script(copy, script)
        assert contents(copy) == contents(path)
    before = build(tmp_path / "before.db", RING)
    assert sqlfix("undo", path, "--yes").code == 0
    assert contents(path) == contents(before)


def test_a_default_without_a_parent_is_no_mistake_of_the_choice(tmp_path: Path) -> None:
    path = build(tmp_path / "x.db", chain("ON DELETE SET DEFAULT", default="DEFAULT 77"))
    ran = sqlfix("repair", path, "--dry-run", "--format", "json", "--set", "notes.order_id=delete")
    assert ran.code == 1, ran.err
    assert [part["table"] for part in ran.json["left"]] == ["orders"]
    assert "its DEFAULT (77) has no parent" in ran.json["left"][0]["reason"]


def test_the_plan_says_who_decided(tmp_path: Path) -> None:
    path = build(tmp_path / "x.db", chain("ON DELETE SET NULL"))
    said = " ".join(sqlfix("repair", path, "--dry-run", "--on-orphan", "delete").out.split())
    assert "delete 1 row of notes: no parent in orders (order_id), as you chose [delete-rows]" in said
    assert "follows from the above, as ON DELETE SET NULL says [set-null]" in said
    script = sqlfix("export-sql", path, "--on-orphan", "delete").out
    assert "no parent in orders (order_id), as you chose [delete-rows]" in script
    assert "follows from the above, as ON DELETE SET NULL says [set-null]" in script


def test_a_second_run_does_not_delete_what_a_check_of_two_keys_held_back(tmp_path: Path) -> None:
    path = build(
        tmp_path / "x.db",
        """
        CREATE TABLE q (id INTEGER PRIMARY KEY);
        CREATE TABLE item (id INTEGER PRIMARY KEY, a INT REFERENCES q (id), b INT REFERENCES q (id),
                           CHECK (a IS NOT NULL OR b IS NOT NULL));
        INSERT INTO q VALUES (1); INSERT INTO item VALUES (1, 8, 9), (2, 8, 9);
        """,
    )
    assert sqlfix("repair", path, "--yes").code == 1
    after = contents(path)
    assert sqlfix("repair", path, "--yes").code == 1
    assert contents(path) == after


def test_what_is_held_back_for_the_orphans_holds_no_placeholder_back(tmp_path: Path) -> None:
    path = build(
        tmp_path / "x.db",
        """
        CREATE TABLE g (id INTEGER PRIMARY KEY);
        CREATE TABLE p (k TEXT PRIMARY KEY, g INTEGER NOT NULL REFERENCES g (id));
        CREATE TABLE c (id INTEGER PRIMARY KEY, p TEXT DEFAULT 'b' REFERENCES p (k) ON DELETE SET DEFAULT);
        INSERT INTO g VALUES (1);
        INSERT INTO p VALUES ('a', 1), ('b', 9);
        INSERT INTO c VALUES (1, 'a'), (2, 'gone'), (3, 'NULL');
        """,
    )
    first = sqlfix("repair", path, "--yes", "--format", "json").json
    assert [(fix["name"], fix["table"], fix["rows"]) for fix in first["fixes"]] == [
        ("delete-rows", "p", 1),
        ("set-null", "c", 1),
    ]
    assert [(left["check"], left["count"]) for left in first["left"]] == [("orphan-rows", 1)]
    assert sqlfix("repair", path, "--yes", "--format", "json").json["fixes"] == []
