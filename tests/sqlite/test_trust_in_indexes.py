"""An index that lacks rows is not believed, however few they are; nor is the number of rows for what they are."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from support import build, by_hand, sqlfix, together, violations

from sqlfix.scan import access_paths, known_tables, parents_in_table, pieces, trees
from sqlfix.scan.ids_read import ids_once, read_ids
from sqlfix.scan.run import look_at, scan
from sqlfix.scan.scope import Scope
from sqlfix.schema.catalogue import read_schema
from sqlfix.schema.database import Database, open_database
from sqlfix.sql.predicates import count_stored, stored
from sqlfix.sqlite.snapshot import reading

pytestmark = pytest.mark.oracle

PARENTS = """
CREATE TABLE p (k TEXT PRIMARY KEY);
CREATE TABLE c (id INTEGER PRIMARY KEY, k TEXT REFERENCES p (k));
CREATE INDEX c_k ON c (k) WHERE id <> 4321;
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 6000)
  INSERT INTO p SELECT 'k' || i FROM n;
INSERT INTO c SELECT rowid, k FROM p;
"""
WHOLE_INDEX = """
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = 'CREATE INDEX c_k ON c (k)' WHERE name = 'c_k';
PRAGMA writable_schema = RESET;
"""


@pytest.fixture(params=["compared row by row", "large", "of long rows"])
def size(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """With all tables taken for large ones, too, and for such whose rows are too long to be read as a whole."""
    if request.param != "compared row by row":
        for module in (trees, known_tables):
            monkeypatch.setattr(module, "WHOLE", 2)
    if request.param == "of long rows":
        monkeypatch.setattr(trees, "LONG_ROW", 0)
    return str(request.param)


def test_orphans_that_the_index_of_the_child_does_not_know_are_found(tmp_path: Path) -> None:
    path = build(tmp_path / "x.db", f"{PARENTS}UPDATE c SET k = 'gone' WHERE id = 4321;{WHOLE_INDEX}")
    assert violations(path) == {("c", 0): 1}
    assert sqlfix("scan", path, "--format", "json").json["relationships"][0]["orphans"] == 1


@pytest.mark.parametrize("key", ["gone", "k1"])
def test_a_row_that_only_the_index_of_the_child_has_is_no_damage_of_the_table(
    tmp_path: Path, size: str, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    monkeypatch.setattr(access_paths, "WHOLE", 2)
    path = build(
        tmp_path / "x.db",
        f"{PARENTS.replace('id <> 4321', '1')} DELETE FROM c WHERE id = 3050;"
        f"INSERT INTO c VALUES (7001, '{key}'), (7002, 'k1'); {WHOLE_INDEX.replace('(k)', '(k) WHERE 0')}"
        f"DELETE FROM c WHERE id = 7001; INSERT INTO c VALUES (3050, 'k5'); {WHOLE_INDEX}",
    )
    ran = sqlfix("scan", path, "--format", "json")
    assert ([r["orphans"] for r in ran.json["relationships"]], ran.json["not_checked"]) == ([0], [])


def test_before_rows_are_deleted_the_index_is_compared_with_all_of_a_large_table(tmp_path: Path, size: str) -> None:
    """As many entries as rows: one says of row 4321 that it refers to no parent, and it refers to one."""
    path = build(
        tmp_path / "x.db",
        f"{PARENTS.replace('WHERE id <> 4321', '')}UPDATE c SET k = 'gone' WHERE id IN (4321, 17);"
        f"{WHOLE_INDEX.replace('(k)', '(k) WHERE 0')}UPDATE c SET k = 'k1' WHERE id = 4321;{WHOLE_INDEX}",
    )
    options = ("--on-orphan", "delete", "--yes")
    first, second = sqlfix("repair", path, *options), sqlfix("repair", path, *options)
    assert "rebuild the indexes of c" in first.out
    assert "an index of c disagrees with its table" in " ".join(first.out.split())
    assert (first.code, second.code) == (1, 0)
    with contextlib.closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT count(*), min(k) FROM c WHERE id IN (17, 4321)").fetchall() == [(1, "k1")]


def test_an_index_of_a_large_table_is_compared_with_all_its_rows_once(
    tmp_path: Path, size: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = build(tmp_path / "x.db", f"{PARENTS}UPDATE c SET k = 'gone' WHERE id = 17;")
    compared: list[str] = []
    agrees = known_tables.agrees

    def counted(connection: sqlite3.Connection, *asked: Any, whole: bool = False) -> bool:
        compared.extend([asked[1].name] * (whole or size == "compared row by row"))
        return agrees(connection, *asked, whole=whole)

    monkeypatch.setattr(known_tables, "agrees", counted)
    assert sqlfix("repair", path, "--dry-run").code == 0
    assert sorted(compared) == ["c_k", "sqlite_autoindex_p_1"]


def test_what_a_repair_compares_in_any_case_is_not_asked_before(
    tmp_path: Path, size: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With very many missing keys it would be asked of all parents whether their index misses one of those."""
    path = build(tmp_path / "x.db", f"{PARENTS}UPDATE c SET k = 'gone ' || k WHERE id % 3 = 0;")
    asked: list[object] = []
    has_flagged = parents_in_table._has_flagged
    monkeypatch.setattr(parents_in_table, "_has_flagged", lambda probe: asked.append(probe) or has_flagged(probe))
    assert sqlfix("scan", path).code == 1
    assert bool(asked) == (size != "compared row by row")
    asked.clear()
    assert sqlfix("repair", path, "--dry-run").code == 0
    assert asked == []


# -- a key that a table itself holds twice ------------------------------------------------------------------------


def with_rowid(path: Path, number: int, built: str = "") -> Path:
    """Six parents, of which the fifth has another rowid on its page; the children refer to the fourth and the fifth."""
    build(
        path,
        built
        or "CREATE TABLE p (id INTEGER PRIMARY KEY, name TEXT NOT NULL); CREATE TABLE c (p_id INTEGER REFERENCES p);"
        "INSERT INTO p VALUES (1, 'one'), (2, 'two'), (3, 'three'), (4, 'four'), (5, 'five'), (6, 'six');"
        "INSERT INTO c VALUES (4), (5)",
    )
    content = bytearray(path.read_bytes())
    cell = content.index(b"five") - 5 - bool(built)  # its length, its rowid, its header, then the name
    assert content[cell + 1] == 5
    content[cell + 1] = number
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("number", [pytest.param(4, id="side by side"), pytest.param(2, id="apart")])
@pytest.mark.usefixtures("size")
def test_a_rowid_that_is_there_twice_hides_no_orphan(tmp_path: Path, number: int) -> None:
    path = with_rowid(tmp_path / "x.db", number)
    ran = sqlfix("scan", path, "--format", "json")
    assert [r["orphans"] for r in ran.json["relationships"]] == [1]
    (twice,) = (f for f in ran.json["findings"] if f["check"] == "duplicate-keys")
    assert (twice["table"], twice["columns"], twice["count"]) == ("p", ["id"], 2)
    assert "the table itself is damaged" in twice["hint"]
    assert sqlfix("repair", path, "--dry-run", "--format", "json").json["fixes"] == []


def are_distinct(database: Database, rows: int, counted: bool) -> bool:
    """Whether the ids of a table seem to be there once each, where its rows were ``counted`` before, or were not."""
    ids = ids_once(database.readers, database.schema.known_table("p"), rows if counted else None)
    read_ids(database.readers, ids, rows)
    return ids.is_sure()


@together
@pytest.mark.parametrize("number", range(1, 12))
@pytest.mark.parametrize("counted", [False, True])
def test_ids_are_told_to_be_distinct_only_where_they_are(tmp_path: Path, number: int, counted: bool) -> None:
    """5 is what it was; with 9 the rows stand in a wrong order, though no two have one id."""
    with open_database(with_rowid(tmp_path / "x.db", number)) as database:
        assert are_distinct(database, 6, counted) is (number == 5)


@together
@pytest.mark.parametrize("number", range(1, 8))
@pytest.mark.parametrize("up", [4, 5, 6, 7])
def test_a_table_that_refers_to_itself_is_looked_at_again_where_a_rowid_is_there_twice(
    tmp_path: Path, number: int, up: int
) -> None:
    path = tmp_path / "x.db"
    rows = "(1, 'one'), (2, 'two'), (3, 'three'), (4, 'four'), (5, 'five'), (6, 'six')"
    with_rowid(path, number, f"CREATE TABLE p (id INTEGER PRIMARY KEY, name TEXT, up INTEGER NOT NULL REFERENCES p);"
               f"INSERT INTO p SELECT column1, column2, {up} FROM (VALUES {rows})")  # fmt: skip
    with pytest.MonkeyPatch.context() as patch, open_database(path) as database:
        patch.setattr(known_tables, "WHOLE", 2)
        patch.setattr(pieces, "PIECE", 2)
        (relationship,) = scan(database.connection, database.schema, "", Scope(select=("orphan-rows",))).relationships
    assert relationship.orphans == (0 if up in (1, 2, 3, 4, 6, number) else 6)


@together
@pytest.mark.parametrize("number", range(1, 12))
@pytest.mark.parametrize("piece", [1, 3, 100])
def test_ids_that_are_read_along_with_the_rows_are_believed_only_where_they_are_there_once(
    tmp_path: Path, number: int, piece: int
) -> None:
    path = with_rowid(tmp_path / "x.db", number)
    with pytest.MonkeyPatch.context() as patch, open_database(path) as database:
        patch.setattr(known_tables, "WHOLE", 2)
        patch.setattr(pieces, "PIECE", piece)
        known = look_at(database.readers, database.schema).tables
        assert known.ordered.get("p", False) is (number == 5)
        assert known.is_in_order(database.schema.known_table("p")) is (number == 5)


@together
@pytest.mark.parametrize("gone", [(), (3,), (2, 3), (2, 5), (1, 6), (2, 4)])
@pytest.mark.parametrize("last", [7, 20, 2**53 + 7, 2**63 - 1])
@pytest.mark.parametrize("first", [0, 1 - 2**63, -(2**63)])
@pytest.mark.parametrize("counted", [False, True])
def test_ids_with_gaps_are_distinct(
    tmp_path: Path, gone: tuple[int, ...], last: int, first: int, counted: bool
) -> None:
    path = with_rowid(tmp_path / "x.db", 5)
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(f"DELETE FROM p WHERE id IN ({', '.join(map(str, gone))})")
        connection.execute(f"INSERT INTO p VALUES ({last}, 'last'), ({first}, 'first')")
    with open_database(path) as database:
        rows = database.connection.execute("SELECT count(*) FROM p").fetchone()[0]
        gaps = last - first + 1 - rows  # together, as many as an INTEGER can tell
        assert are_distinct(database, rows, counted) is (gaps < 2**63)


@pytest.mark.parametrize("bit", [0x01, 0x10, 0x40])
def test_no_map_is_made_up_to_an_id_that_a_damaged_page_puts_past_the_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bit: int
) -> None:
    """One id is so far away from all others that a map up to there would take more memory than there is."""
    for module in (trees, known_tables):
        monkeypatch.setattr(module, "WHOLE", 2)
    path = build(
        tmp_path / "x.db",
        "CREATE TABLE p (id INTEGER PRIMARY KEY, name TEXT); CREATE TABLE c (p_id INTEGER REFERENCES p);"
        "INSERT INTO p SELECT 1000000000000000 + value, 'name' FROM json_each('[1, 2, 4, 5, 6, 8]');"
        "INSERT INTO c SELECT id FROM p WHERE id % 10 <> 5",
    )
    content = bytearray(path.read_bytes())
    content[content.index(bytes.fromhex("81e3afeaa69a8005"))] ^= bit  # the first byte of the rowid that ends with 5
    path.write_bytes(content)
    ran = sqlfix("scan", path, "--format", "json")
    assert (ran.code, [r["orphans"] for r in ran.json["relationships"]]) == (3, [0])
    assert [missed["subject"] for missed in ran.json["not_checked"]] == ["p"]


@pytest.mark.parametrize("key", ["k", "k DESC", "k COLLATE NOCASE", "k, a DESC", "a, k"])
@pytest.mark.parametrize("name", [pytest.param(b"d", id="side by side"), pytest.param(b"b", id="apart"), b"e"])
@pytest.mark.usefixtures("size")
def test_a_key_that_a_table_without_rowid_holds_twice(tmp_path: Path, key: str, name: bytes) -> None:
    """One key is overwritten on its page: by that of another row, or by itself, which is no damage."""
    path = build(
        tmp_path / "x.db",
        f"CREATE TABLE t (k TEXT, a INTEGER, n TEXT, PRIMARY KEY ({key})) WITHOUT ROWID;"
        'INSERT INTO t SELECT value || value || value, 1, \'n\' FROM json_each(\'["a","b","c","d","e","f"]\')',
    )
    content = bytearray(path.read_bytes())
    place = content.index(b"eee")
    content[place : place + 3] = name * 3
    path.write_bytes(content)
    ran = sqlfix("scan", path, "--format", "json")
    found = [(f["check"], f["table"], f["count"]) for f in ran.json["findings"]]
    assert found == ([] if name == b"e" else [("duplicate-keys", "t", 2)])


@pytest.mark.usefixtures("size")
def test_a_key_whose_name_reads_like_a_collation(tmp_path: Path) -> None:
    path = build(
        tmp_path / "x.db",
        'CREATE TABLE t ("k COLLATE a" TEXT PRIMARY KEY) WITHOUT ROWID; INSERT INTO t VALUES (1), (3), (5)',
    )
    ran = sqlfix("scan", path, "--format", "json")
    assert (ran.code, ran.json["findings"], ran.json["not_checked"]) == (0, [], [])


def test_rows_in_a_wrong_order_are_not_called_clean(tmp_path: Path) -> None:
    ran = sqlfix("scan", with_rowid(tmp_path / "x.db", 9), "--format", "json")
    assert ran.code != 0
    assert any("wrong order" in item["reason"] for item in ran.json["not_checked"])


@pytest.mark.parametrize("key", ["a", "b"])
@pytest.mark.usefixtures("size")
def test_a_key_past_the_index_is_seen_where_it_was_written_last(tmp_path: Path, key: str) -> None:
    """There are as many entries as rows; the last row has the key of another, and the index what stood there before."""
    path = build(
        tmp_path / "x.db",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT UNIQUE, b TEXT UNIQUE);"
        "WITH RECURSIVE n(i) AS (SELECT 100 UNION ALL SELECT i + 1 FROM n WHERE i < 400)"
        "INSERT INTO t SELECT i, 'a' || i, 'b' || i FROM n",
    )
    content = path.read_bytes()
    assert content.count(b"a400b400") == 1
    path.write_bytes(content.replace(b"a400b400", b"a200b400" if key == "a" else b"a400b200"))
    (found,) = sqlfix("scan", path, "--format", "json").json["findings"]
    assert (found["check"], found["columns"], found["count"]) == ("duplicate-keys", [key], 2)
    (same,) = sqlfix("scan", path, "--format", "json", "--unique", f"t.{key}").json["findings"]
    assert same == found  # of the constraint that is there already, which cannot be merged either


@together
@pytest.mark.parametrize("key", ["PRIMARY KEY (k, n)", "UNIQUE (k, n)", "PRIMARY KEY (k)", "UNIQUE (k)"])
@pytest.mark.parametrize("twice", ["NULL, NULL", "'A', 'a'"])
@pytest.mark.parametrize("stale", [0, 1])
def test_an_index_that_holds_a_key_twice_is_not_said_to_lack_it(
    tmp_path: Path, key: str, twice: str, stale: int
) -> None:
    """SQLite meets the first of them, and takes it for the only one."""
    texts = [f"CREATE TABLE t (k TEXT{of}, n NOT NULL DEFAULT 1, {key})" for of in ("", " COLLATE NOCASE NOT NULL")]
    values = ", ".join(f"({value})" for value in f"{twice}, 'b', 'dddd'".split(", "))
    sql = f"{texts[0]}; INSERT INTO t (k) VALUES {values};{by_hand(texts[1], 't')}"
    path = build(tmp_path / "x.db", sql)
    content = path.read_bytes()
    assert content.count(b"dddd") == 2, "in the table, and then in the index"
    path.write_bytes(content.replace(b"dddd", b"cccc", stale))
    with open_database(path) as database:
        connection, table = database.connection, database.schema.known_table("t")
        (index,) = table.indexes
        assert trees.difference(connection, table, index, 4) == trees.Difference(stale, stale)
        assert trees.agrees(connection, table, index, 4) is not bool(stale)


# -- the text that reads a table itself ---------------------------------------------------------------------------


@together
@pytest.mark.parametrize(
    "declaration",
    [
        "CREATE TABLE t (a TEXT, b INTEGER, c TEXT, PRIMARY KEY (a, b)) WITHOUT ROWID",
        "CREATE TABLE t (c TEXT UNIQUE, b INTEGER, a TEXT, PRIMARY KEY (b)) WITHOUT ROWID",
        "CREATE TABLE t (a TEXT COLLATE NOCASE, b INTEGER, c TEXT, PRIMARY KEY (b, a COLLATE RTRIM)) WITHOUT ROWID",
        "CREATE TABLE t (a TEXT PRIMARY KEY, b INTEGER, c TEXT)",
        "CREATE TABLE t (a TEXT, b INTEGER PRIMARY KEY, c TEXT)",
    ],
)
@pytest.mark.parametrize("columns", ["a", "b", "c", "a, b, c", "count(*)", "count(c)", "max(c)"])
def test_a_table_is_read_from_itself(tmp_path: Path, declaration: str, columns: str) -> None:
    indexes = {"t_c": "t (c)", "t_cb": "t (c, b)", "t_ca": "t (c, a)"}
    path = build(
        tmp_path / "x.db",
        f"{declaration}; {''.join(f'CREATE INDEX {name} ON {text} WHERE 0;' for name, text in indexes.items())}"
        "INSERT INTO t (a, b, c) VALUES ('x', 1, 'y'), ('z', 2, 'u'); PRAGMA writable_schema = ON;"
        + "".join(
            f"UPDATE sqlite_schema SET sql = 'CREATE INDEX {name} ON {text}' WHERE name = '{name}';"
            for name, text in indexes.items()
        ),
    )
    with reading(path) as opened:
        table = read_schema(opened.connection).table("t")
        assert table is not None
        rows = opened.connection.execute(
            f"SELECT {columns} FROM {stored(table, 'c')} WHERE c.c IN ('y', 'u') AND c.b > 0"
        ).fetchall()
        assert len(rows) == (1 if "(" in columns else 2)
        assert rows[0] not in [(0,), (None,)]
        assert opened.connection.execute(count_stored("t")).fetchone() == (2,)
