"""What a review by experiment found: each of these went wrong once."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from support import build, contents, fingerprint, sqlfix, together, violations

from sqlfix.schema import database
from sqlfix.schema.names import names_place
from sqlfix.sql.create_virtual_table import module_of
from sqlfix.sqlite.snapshot import Reading, reading
from sqlfix.text import shown

PARENT = "CREATE TABLE p (id INTEGER PRIMARY KEY); INSERT INTO p VALUES (1);"
CHILD = """CREATE TABLE c (id INTEGER PRIMARY KEY, p_id INTEGER NOT NULL REFERENCES p);
INSERT INTO c VALUES (1, 1), (2, 7);"""


def rows(path: Path, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(query).fetchall()


# -- names --------------------------------------------------------------------------------------------------------


@together
@pytest.mark.parametrize(
    ("name", "child", "columns", "same"),
    [
        pytest.param("order items.p_id", "order items", ("p_id",), True, id="with its blank"),
        pytest.param("order items.p_id", "orderitems", ("p_id",), False, id="another table without the blank"),
        pytest.param("orderitems", "order items", ("p_id",), False, id="the other way round"),
        pytest.param("t.a, b", "t", ("a", "b"), True, id="a blank after the comma"),
        pytest.param("T.A,B", "t", ("a", "b"), True, id="upper case"),
        pytest.param("t.ab", "t", ("a", "b"), False, id="no comma"),
    ],
)
def test_a_blank_tells_two_tables_apart(name: str, child: str, columns: tuple[str, ...], same: bool) -> None:
    assert names_place(name, child, columns) is same


def test_a_choice_for_one_table_is_no_choice_for_another(tmp_path: Path) -> None:
    both = "".join(
        f'CREATE TABLE "{name}" (id INTEGER PRIMARY KEY, p_id REFERENCES p);INSERT INTO "{name}" VALUES (1, 1), (2, 7);'
        for name in ("order items", "orderitems")
    )
    path = build(tmp_path / "a.db", PARENT + both)
    assert sqlfix("repair", "--yes", "--no-backup", path, "--set", "order items.p_id=delete").code == 0
    assert rows(path, 'SELECT id, p_id FROM "order items"') == [(1, 1)]
    assert rows(path, "SELECT id, p_id FROM orderitems") == [(1, 1), (2, None)]


@pytest.mark.parametrize("command", [("scan",), ("repair", "--dry-run"), ("export-sql",)], ids=lambda c: c[0])
def test_the_note_shows_no_control_character(
    tmp_path: Path, command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = build(tmp_path / "a\x07b.db", PARENT + CHILD)

    @contextmanager
    def noted(*arguments: Any) -> Iterator[Reading]:
        with reading(*arguments) as opened:
            yield replace(opened, note="a program died")

    monkeypatch.setattr(database, "reading", noted)
    ran = sqlfix(*command, path)
    assert f"note: {shown(str(path))}: a program died" in ran.err
    assert "\x07" not in ran.err + ran.out


# -- virtual tables -----------------------------------------------------------------------------------------------


@together
@pytest.mark.parametrize(
    ("sql", "module"),
    [
        ("CREATE VIRTUAL TABLE f USING fts5(t)", "fts5"),
        ("CREATE VIRTUAL TABLE f\nUSING FTS5 (t)", "fts5"),
        ('CREATE VIRTUAL TABLE "a using b"using\t"fts4"', "fts4"),
        ("CREATE VIRTUAL TABLE [x USING fts5(] USING evil(y)", "evil"),
        ("CREATE VIRTUAL TABLE f /* USING fts5 */ USING evil", "evil"),
    ],
)
def test_the_module_of_a_virtual_table(sql: str, module: str) -> None:
    assert module_of(sql) == module


def test_a_search_index_that_is_declared_over_two_lines_is_kept_in_step(tmp_path: Path) -> None:
    path = build(
        tmp_path / "a.db",
        PARENT
        + """CREATE TABLE c (id INTEGER PRIMARY KEY, p_id NOT NULL REFERENCES p, t TEXT);
        INSERT INTO c VALUES (1, 1, 'apple'), (2, 7, 'pear');
        CREATE VIRTUAL TABLE f
USING fts5 (t, content='c', content_rowid='id'); INSERT INTO f (f) VALUES ('rebuild');
        CREATE TRIGGER gone AFTER DELETE ON c
        BEGIN INSERT INTO f (f, rowid, t) VALUES ('delete', old.id, old.t); END;""",
    )
    assert sqlfix("repair", "--yes", "--no-backup", path).code == 0
    assert rows(path, "SELECT rowid FROM f WHERE f MATCH 'pear'") == []
    assert rows(path, "SELECT rowid FROM f WHERE f MATCH 'apple'") == [(1,)]


@pytest.mark.parametrize("module", ["fts4(x)", "fts5(x)", "rtree(i, a, b)"])
def test_a_table_beside_a_virtual_one_is_checked_unless_the_module_made_it(tmp_path: Path, module: str) -> None:
    path = build(
        tmp_path / "a.db",
        PARENT
        + f"""CREATE VIRTUAL TABLE docs USING {module};
        CREATE TABLE docs_info (id INTEGER PRIMARY KEY, p_id NOT NULL REFERENCES p);
        INSERT INTO docs_info VALUES (1, 1), (2, 7);
        CREATE TABLE z (id INTEGER PRIMARY KEY, d REFERENCES docs_info (id)); INSERT INTO z VALUES (1, 1), (2, 9);""",
    )
    ran = sqlfix("scan", "--format", "json", path)
    assert {(r["child"], r["checked"], r["orphans"]) for r in ran.json["relationships"]} == {
        ("docs_info", True, 1),
        ("z", True, 1),
    }
    assert sum(violations(path).values()) == 2


# -- values that are written --------------------------------------------------------------------------------------


def test_a_default_is_asked_about_as_the_column_will_store_it(tmp_path: Path) -> None:
    path = build(
        tmp_path / "a.db",
        """CREATE TABLE p (id TEXT PRIMARY KEY); INSERT INTO p VALUES ('007'), ('x');
        CREATE TABLE c (id INTEGER PRIMARY KEY, p_id INTEGER DEFAULT '007' REFERENCES p ON DELETE SET DEFAULT);
        INSERT INTO c VALUES (1, 5), (2, 'x');""",
    )
    before = contents(path)
    ran = sqlfix("repair", "--yes", "--no-backup", path)
    assert ran.code == 1
    assert "has no parent in p" in ran.out.replace("\n    ", " ")
    assert contents(path) == before
    assert sqlfix("export-sql", path).code == 1


def test_a_choice_is_refused_if_the_column_would_store_another_value(tmp_path: Path) -> None:
    path = build(
        tmp_path / "a.db",
        """CREATE TABLE p (id TEXT PRIMARY KEY); INSERT INTO p VALUES ('007'), ('x');
        CREATE TABLE c (id INTEGER PRIMARY KEY, p_id INTEGER REFERENCES p); INSERT INTO c VALUES (1, 5), (2, 'x');""",
    )
    before = fingerprint(path)
    for command in (("repair", "--yes"), ("repair", "--dry-run"), ("export-sql",)):
        ran = sqlfix(*command, path, "--set", "c.p_id=update:'007'")
        assert (ran.code, ran.out) == (2, "")
        assert "has no parent in p" in ran.err
    assert fingerprint(path) == before
    assert sqlfix("repair", "--yes", "--no-backup", path, "--set", "c.p_id=update:x").code == 0


def test_a_bare_default_with_a_dollar_sign_is_a_string(tmp_path: Path) -> None:
    path = build(
        tmp_path / "a.db",
        """CREATE TABLE p (id TEXT PRIMARY KEY); INSERT INTO p VALUES ('a$b');
        CREATE TABLE c (id INTEGER PRIMARY KEY, p_id TEXT DEFAULT a$b REFERENCES p ON DELETE SET DEFAULT);
        INSERT INTO c VALUES (1, 'a$b'), (2, 'q');""",
    )
    assert sqlfix("repair", "--yes", "--no-backup", path).code == 0
    assert rows(path, "SELECT p_id FROM c") == [("a$b",), ("a$b",)]


def test_a_number_with_a_point_matches_but_for_its_spelling(tmp_path: Path) -> None:
    path = build(
        tmp_path / "a.db",
        """CREATE TABLE p (id TEXT PRIMARY KEY); INSERT INTO p VALUES ('7'), ('8');
        CREATE TABLE c (id INTEGER PRIMARY KEY, p_id REAL NOT NULL REFERENCES p);
        INSERT INTO c VALUES (1, 7.0), (2, 9.0), (3, 7.5), (4, 1e300);""",
    )
    assert sqlfix("repair", "--yes", "--no-backup", path).code == 1
    assert rows(path, "SELECT id, p_id FROM c") == [(1, 7.0)]


# -- the guard ----------------------------------------------------------------------------------------------------

TWELVE = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 12) INSERT INTO c SELECT"


@pytest.mark.parametrize(
    "sql",
    [
        pytest.param(
            "CREATE TABLE c (id INTEGER PRIMARY KEY, a_id NOT NULL REFERENCES a, b_id NOT NULL REFERENCES b);"
            f"{TWELVE} i, 100 + i, CASE WHEN i <= 5 THEN 99 ELSE 1 END FROM n;",
            id="rows deleted for another key",
        ),
        pytest.param(
            "CREATE TABLE c (id INTEGER PRIMARY KEY, x REFERENCES a, FOREIGN KEY (x) REFERENCES b);"
            f"{TWELVE} i, CASE WHEN i <= 5 THEN 99 ELSE 1000 + i END FROM n; "
            "INSERT INTO b SELECT x FROM c WHERE x > 99;",
            id="a column that two keys share",
        ),
    ],
)
def test_a_repair_does_not_hide_from_the_next_one_that_the_parents_are_lost(tmp_path: Path, sql: str) -> None:
    tables = "".join(f"CREATE TABLE {t} (id INTEGER PRIMARY KEY); INSERT INTO {t} VALUES (1);" for t in "ab")
    path = build(tmp_path / "a.db", tables.replace("INTO a VALUES (1)", "INTO a VALUES (2)") + sql)
    assert sqlfix("repair", "--yes", "--no-backup", path).code == 1
    again = sqlfix("repair", "--dry-run", "--format", "json", path)
    assert again.json["fixes"] == []
    assert again.code == 1
    assert sqlfix("repair", "--yes", "--no-backup", path, "--allow-mass-delete").code == 0
    assert violations(path) == {}


# -- the backup ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", ["-journal", "-wal", "-shm"])
def test_a_backup_does_not_take_a_name_that_sqlite_uses(tmp_path: Path, suffix: str) -> None:
    path = build(tmp_path / "a.db", PARENT + CHILD)
    before = contents(path)
    ran = sqlfix("repair", "--yes", path, "--backup-to", tmp_path / f"a.db{suffix}")
    assert ran.code == 2
    assert "a name that SQLite itself uses" in ran.err
    assert contents(path) == before
    assert [file.name for file in tmp_path.iterdir()] == ["a.db"]


@pytest.mark.parametrize("suffix", ["-journal", "-wal"])
def test_a_backup_is_not_put_beside_a_stale_side_file(tmp_path: Path, suffix: str) -> None:
    path = build(tmp_path / "a.db", PARENT + CHILD)
    stale = tmp_path / f"kept.db{suffix}"
    stale.write_bytes(b"of a database that is gone")
    before = fingerprint(path)
    ran = sqlfix("repair", "--yes", path, "--backup-to", tmp_path / "kept.db")
    assert ran.code == 2
    assert f"kept.db{suffix} is in the way" in ran.err
    assert fingerprint(path) == before
    assert stale.read_bytes() == b"of a database that is gone"
    assert sorted(file.name for file in tmp_path.iterdir()) == ["a.db", stale.name]


# -- held back, and then not any more -----------------------------------------------------------------------------


def test_a_row_spared_for_a_parent_that_a_cycle_deletes_goes_with_it(tmp_path: Path) -> None:
    path = build(
        tmp_path / "a.db",
        """CREATE TABLE t (id TEXT PRIMARY KEY, up TEXT NOT NULL REFERENCES t ON DELETE CASCADE);
        INSERT INTO t VALUES ('root', 'root'), ('kept', ' ROOT'), ('b', 'nowhere'), ('c', 'B '), ('d', ' C'),
        ('e', 'd');""",
    )
    assert sqlfix("repair", "--yes", "--no-backup", path).code == 0
    assert rows(path, "SELECT id, up FROM t ORDER BY 1") == [("kept", "root"), ("root", "root")]
    again = sqlfix("repair", "--dry-run", "--format", "json", path)
    assert (again.code, again.json["fixes"]) == (0, [])


# -- rows are addressed by what is stored -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "gone", "kept"),
    [
        pytest.param("INTEGER PRIMARY KEY", "007", ["7", "7.0", "ok"], id="text that looks like a number"),
        pytest.param("TEXT COLLATE NOCASE PRIMARY KEY", "X", ["ok", "x"], id="text of another case"),
    ],
)
def test_a_cycle_deletes_no_row_whose_key_is_merely_like_that_of_an_orphan(
    tmp_path: Path, first: str, gone: str, kept: list[str]
) -> None:
    sound = "".join(f"INSERT INTO b VALUES ('{key}', 1);" for key in kept)
    sql = f"""CREATE TABLE a (id {first}, b TEXT NOT NULL REFERENCES b ON DELETE CASCADE);
        CREATE TABLE b (k TEXT PRIMARY KEY, a NOT NULL REFERENCES a ON DELETE CASCADE) WITHOUT ROWID;
        {sound} INSERT INTO a VALUES (1, 'ok'); INSERT INTO b VALUES ('{gone}', 99);"""
    path, other = build(tmp_path / "a.db", sql), build(tmp_path / "b.db", sql)
    script = sqlfix("export-sql", other).out
    assert sqlfix("repair", "--yes", "--no-backup", path).code == 0
    assert rows(path, "SELECT k FROM b ORDER BY k") == [(key,) for key in kept]
    with closing(sqlite3.connect(other)) as connection:
        connection.executescript(script)
    assert contents(other) == contents(path)


def test_an_orphan_that_only_a_trigger_removes_is_not_said_to_be_done(tmp_path: Path) -> None:
    path = build(
        tmp_path / "a.db",
        PARENT
        + """CREATE TABLE c (id INTEGER PRIMARY KEY, p_id REFERENCES p); INSERT INTO c VALUES (1, 1), (2, 7);
        CREATE TRIGGER t BEFORE UPDATE ON c BEGIN DELETE FROM c WHERE id = old.id; END;""",
    )
    assert sqlfix("repair", "--yes", "--no-backup", path).code == 0
    assert violations(path) == {}
    assert rows(path, "SELECT id FROM c") == [(1,)]


def test_composite_keys_are_checked_without_reading_all_parents_for_each_orphan(tmp_path: Path) -> None:
    number = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)"
    path = build(
        tmp_path / "a.db",
        f"""CREATE TABLE p (a INTEGER, b INTEGER, PRIMARY KEY (a, b)); {number} INSERT INTO p SELECT i, i FROM n;
        CREATE TABLE c (a INTEGER NOT NULL, b INTEGER, FOREIGN KEY (a, b) REFERENCES p);
        {number} INSERT INTO c SELECT i, CASE i % 3 WHEN 0 THEN i WHEN 1 THEN -1 ELSE i + 1 END FROM n;""",
    )
    begun = time.monotonic()
    ran = sqlfix("scan", "--format", "json", "--ignore", "unindexed-foreign-keys", path)
    counts = {finding["check"]: finding["count"] for finding in ran.json["findings"]}
    assert counts == {"orphan-rows": 6667, "placeholder-values": 6667}
    assert time.monotonic() - begun < 15  # it took a minute


@pytest.mark.parametrize("collation", ["BINARY", "NOCASE"])
@pytest.mark.parametrize(
    ("parent", "check"), [("NULL", "orphan-rows"), ("null ", "orphan-rows"), ("x", "placeholder-values")]
)
def test_a_part_of_a_key_is_a_placeholder_only_if_no_parent_has_it_however_it_is_spelled(
    tmp_path: Path, collation: str, parent: str, check: str
) -> None:
    path = build(
        tmp_path / "a.db",
        f"""CREATE TABLE p (a INTEGER, b TEXT COLLATE {collation}, PRIMARY KEY (a, b));
        INSERT INTO p VALUES (1, '{parent}');
        CREATE TABLE c (a INTEGER NOT NULL, b TEXT, FOREIGN KEY (a, b) REFERENCES p);
        INSERT INTO c VALUES (2, 'null');""",
    )
    found = [finding["check"] for finding in sqlfix("scan", "--format", "json", path).json["findings"]]
    assert found == [check]


def test_consequences_of_composite_keys_are_looked_up_as_well(tmp_path: Path) -> None:
    number = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 30000)"
    path = build(
        tmp_path / "a.db",
        PARENT
        + f"""CREATE TABLE m (a INTEGER, b INTEGER, p INTEGER NOT NULL REFERENCES p, PRIMARY KEY (a, b)) WITHOUT ROWID;
        {number} INSERT INTO m SELECT i, i, CASE i % 3 WHEN 0 THEN 9 ELSE 1 END FROM n;
        CREATE TABLE c (a INTEGER, b INTEGER, FOREIGN KEY (a, b) REFERENCES m ON DELETE CASCADE);
        {number} INSERT INTO c SELECT i, i FROM n;""",
    )
    begun = time.monotonic()
    plan = sqlfix("repair", "--dry-run", "--format", "json", path).json
    assert [(fix["table"], fix["rows"]) for fix in plan["fixes"]] == [("m", 10000), ("c", 10000)]
    assert time.monotonic() - begun < 15  # it took a minute


def test_a_key_that_no_fix_empties_in_the_end_keeps_its_parent(tmp_path: Path) -> None:
    """The delete would leave t (d, looks) without its parent: t (d, below), which would be emptied, is so already."""
    sql = """
        CREATE TABLE p (id INTEGER PRIMARY KEY);
        CREATE TABLE q (code TEXT PRIMARY KEY);
        CREATE TABLE c (s INTEGER NOT NULL REFERENCES p ON DELETE CASCADE, k TEXT, PRIMARY KEY (s, k));
        CREATE TABLE t (
            id INTEGER PRIMARY KEY, d INTEGER, looks TEXT, below TEXT REFERENCES q ON DELETE SET NULL,
            FOREIGN KEY (d, below) REFERENCES c ON DELETE SET NULL, FOREIGN KEY (d, looks) REFERENCES c
        );
        INSERT INTO p VALUES (1);
        INSERT INTO q VALUES ('y');
        INSERT INTO c VALUES (1, 'y'), (9, 'x');
        INSERT INTO t VALUES (1, 1, 'y', 'y'), (2, 9, 'x', 'x');
    """
    path = build(tmp_path / "x.db", sql)
    before = violations(path)
    ran = sqlfix("repair", path, "--yes", "--no-backup", "--set", "t.d,looks=keep", "--format", "json")
    after = violations(path)
    assert all(after[key] <= before.get(key, 0) for key in after), "a row lost the parent that it had"
    assert sum(part["count"] for part in ran.json["left"]) == sum(after.values())
