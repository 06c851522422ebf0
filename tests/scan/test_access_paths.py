"""Every fast way to look at a relationship finds what SQLite's own rule does, whichever is chosen and in any pieces."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from array import array
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from strategies import Case, cases
from support import build, together

from sqlfix.model.schema import ForeignKey, Index, Schema
from sqlfix.scan import access_paths as ways
from sqlfix.scan import known_tables, pieces
from sqlfix.scan import orphans as measure
from sqlfix.scan import table_pass as sweep
from sqlfix.scan import tiny_tables as tiny
from sqlfix.scan.access_paths import Ids, Merged
from sqlfix.scan.orphans import Figures, Probe
from sqlfix.scan.run import Listener, check_all, look_at
from sqlfix.schema.catalogue import read_schema
from sqlfix.sql.key_spelling import placeholder
from sqlfix.sql.literals import quote
from sqlfix.sql.parents_nearby import gather_alike, gather_forms, parents_nearby
from sqlfix.sql.predicates import orphan
from sqlfix.sqlite import snapshot
from sqlfix.sqlite.snapshot import ReaderPool, reading
from tests.laws.test_properties import SLOW, asking, folder, has_table, paired

pytestmark = pytest.mark.oracle

WAYS = ("gaps", "merge", "order", "ranges")


@contextlib.contextmanager
def forced(
    way: str, piece: int = 1, listed: int = 100_000, marks: int = 4 << 20, few: int | None = None
) -> Iterator[None]:
    """Small limits, several connections even for a small file, and one way wherever it can be gone."""

    def choose(children: int, parents: int, ids: Ids | None, index: Index | None, merged: Merged | None) -> str:
        small = ids is not None and ids.span <= 1_000_000
        usable = {"gaps": small, "merge": merged is not None, "order": index is not None}
        return way if usable.get(way) else "ranges"

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ways, "choose", choose)
        patch.setattr(ways, "MOST_MARKS", marks)
        patch.setattr(pieces, "PIECE", piece)
        patch.setattr(sweep, "MOST_LISTED", listed)
        patch.setattr(sweep, "BATCH", 1)
        patch.setattr(snapshot, "LARGE", 0)
        if way == "tiny":
            patch.setattr(tiny, "MANY", 1)
        if few is not None:
            patch.setattr(measure, "MOST_FEW", few)
        yield


def slow_figures(connection: sqlite3.Connection, schema: Schema, fk: ForeignKey) -> tuple[int, int, int]:
    """Orphans, placeholders and misspelled ones, each row asked with the predicates that fixes use."""
    for table in ("forms", "alike"):
        connection.execute(f"DROP TABLE IF EXISTS temp.slow_{table}")
    for statement in (*gather_forms(fk, "slow_forms"), gather_alike(fk, "slow_alike", "slow_forms")):
        connection.execute(statement)
    near = parents_nearby(schema, fk, "slow_forms", "slow_alike")
    none = placeholder(schema, fk, near=near)
    return connection.execute(
        f"SELECT total(NOT none), total(none), total(NOT none AND near) FROM (SELECT {none} AS none, {near} AS near"
        f" FROM {quote(fk.child)} AS c NOT INDEXED WHERE {orphan(schema, fk)} LIMIT -1)"
    ).fetchone()


@settings(SLOW, max_examples=SLOW.max_examples // 2)  # each in many pieces
@given(
    case=cases(nulls=True),
    way=st.sampled_from([*WAYS, "tiny"]),
    listed=st.sampled_from([0, 1, 2, 100_000]),
    marks=st.sampled_from([1, 3, 4 << 20]),
    few=st.sampled_from([1000, 2, -1]),
)
def test_every_way_finds_what_sqlite_finds(case: Case, way: str, listed: int, marks: int, few: int) -> None:
    with folder() as place, forced(way, listed=listed, marks=marks, few=few):
        path = case.build(place / "x.db")
        with reading(path) as opened, asking(path) as oracle:
            schema = read_schema(opened.connection)
            look = look_at(opened.readers, schema)
            report = check_all(opened.connection, look, "x")
            seen = {id(r.foreign_key): r for r in report.relationships}
            for fk, table, key in paired(case, schema):
                if fk.fault is None and has_table(case, key.parent):
                    assert seen[id(fk)].orphans == oracle.violations(table, key), look.ways.get(fk)
                    figures = Probe(opened.connection, schema, fk, look).figures
                    counted = (figures.orphans, figures.placeholders, figures.misspelled)
                    assert counted == slow_figures(opened.connection, schema, fk)


MIXED = """
CREATE TABLE num (id INTEGER PRIMARY KEY, n TEXT);
WITH RECURSIVE i(i) AS (SELECT -40 UNION ALL SELECT i + 1 FROM i WHERE i < 2000)
INSERT INTO num SELECT i, 'x' FROM i WHERE i % 7 <> 3 AND i NOT BETWEEN 500 AND 900;
CREATE TABLE txt (id TEXT PRIMARY KEY COLLATE NOCASE, n TEXT);
INSERT INTO txt SELECT printf('k%05d', id), n FROM num;
CREATE TABLE guid (id TEXT PRIMARY KEY);
INSERT INTO guid SELECT printf('%08x-0000-4000-8000-%012x', id * 7919 & 4294967295, id + 100) FROM num;
CREATE TABLE pair (a INTEGER, b TEXT, PRIMARY KEY (a, b)) WITHOUT ROWID;
INSERT INTO pair SELECT id / 10, id % 10 FROM num;
CREATE TABLE child (
    id INTEGER PRIMARY KEY, num_id INTEGER REFERENCES num, as_text TEXT REFERENCES num, bare REFERENCES num,
    txt_id TEXT REFERENCES txt (id), guid_id TEXT REFERENCES guid (id), a INTEGER, b TEXT,
    FOREIGN KEY (a, b) REFERENCES pair
);
WITH RECURSIVE i(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM i WHERE i < 5000)
INSERT INTO child SELECT i * 3, i * 31 % 2060 - 50, i * 17 % 2060 - 50,
    CASE i % 97 WHEN 0 THEN i % 50 + 0.5 WHEN 1 THEN i % 50 + 0.0 WHEN 2 THEN 'x' WHEN 3 THEN NULL ELSE i % 490 END,
    printf(CASE i % 3 WHEN 0 THEN 'K%05d' ELSE 'k%05d' END, i % 499),
    CASE i % 89 WHEN 0 THEN '' WHEN 1 THEN upper((SELECT id FROM guid WHERE rowid = i % 300 + 1))
        ELSE (SELECT id FROM guid WHERE rowid = i % 300 + 1) END,
    i % 49, CASE i % 83 WHEN 0 THEN 'z' ELSE i % 10 END
    FROM i;
CREATE INDEX child_txt ON child (txt_id);
CREATE INDEX child_guid ON child (guid_id, id);
CREATE INDEX child_num ON child (num_id);
"""


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database of all kinds of keys, which is only read."""
    return build(tmp_path_factory.mktemp("mixed") / "x.db", MIXED)


@cache
def expected_of(path: Path) -> dict[tuple[str, int], int]:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        found: dict[tuple[str, int], int] = {}
        for table, _, _, number in connection.execute("PRAGMA foreign_key_check"):
            found[table, number] = found.get((table, number), 0) + 1
        return found


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("listed", [5, 1_000_000])
@pytest.mark.parametrize("marks", [100, 4 << 20])
def test_a_database_of_all_kinds_of_keys_in_many_pieces(mixed: Path, way: str, listed: int, marks: int) -> None:
    path, expected = mixed, expected_of(mixed)
    assert sum(expected.values()) > 500
    with forced(way, piece=100, listed=listed, marks=marks), reading(path) as opened:
        assert len(opened.readers.connections) >= 1
        schema = read_schema(opened.connection)
        report = check_all(opened.connection, look_at(opened.readers, schema), "x")
        keys = list(reversed(schema.table("child").foreign_keys))  # SQLite numbers them from the last
        found = {("child", number): r.orphans for number, fk in enumerate(keys) for r in report.relationships
                 if r.foreign_key == fk and r.orphans}  # fmt: skip
        assert found == expected


@pytest.mark.parametrize("start", [2**60 + 100, 2**63 - 1500, -(2**63) + 2])
@pytest.mark.parametrize("marks", [100, 4 << 20])
def test_a_key_that_is_stored_as_real_finds_its_place_among_very_great_ids(
    tmp_path: Path, start: int, marks: int
) -> None:
    path = build(
        tmp_path / "x.db",
        f"""
        CREATE TABLE num (id INTEGER PRIMARY KEY); CREATE TABLE child (id INTEGER PRIMARY KEY, a REAL REFERENCES num,
            b REFERENCES num, c INTEGER REFERENCES num);
        WITH RECURSIVE i(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM i WHERE i < 1400)
          INSERT INTO child SELECT i, v, CAST(v AS REAL), v FROM (SELECT i, {start} + i AS v FROM i);
        INSERT INTO num SELECT c FROM child WHERE id % 9 <> 2 AND c <> CAST(CAST(c AS REAL) AS INTEGER) OR id % 700 = 0;
        """,
    )
    expected = expected_of(path)
    assert sum(expected.values()) > 100
    with forced("gaps", piece=100, marks=marks), reading(path) as opened:
        schema = read_schema(opened.connection)
        look = look_at(opened.readers, schema)
        report = check_all(opened.connection, look, "x")
    keys = list(reversed(schema.table("child").foreign_keys))
    found = {("child", keys.index(r.foreign_key)): r.orphans for r in report.relationships if r.orphans}
    assert set(look.ways.values()) == {"gaps"} and found == expected


def test_the_figures_of_many_are_those_of_few(tmp_path: Path) -> None:
    path = build(tmp_path / "x.db", MIXED)
    figures: list[list[Figures]] = []
    for listed in (0, 1_000_000):
        with forced("ranges", piece=100, listed=listed), reading(path) as opened:
            schema = read_schema(opened.connection)
            look = look_at(opened.readers, schema)
            figures.append([Probe(opened.connection, schema, fk, look).figures for fk in schema.foreign_keys])
    many, few = figures
    assert [f.orphans_distinct for f in many] == [None if f.orphans else 0 for f in few]
    for one, other in zip(many, few, strict=True):
        assert (one.orphans, one.placeholders, one.misspelled) == (other.orphans, other.placeholders, other.misspelled)
    assert any(f.misspelled for f in few)
    assert any(f.placeholders for f in few)


def test_an_index_of_the_child_that_misses_rows_is_not_believed(tmp_path: Path) -> None:
    path = build(
        tmp_path / "x.db",
        "CREATE TABLE p (id TEXT PRIMARY KEY); INSERT INTO p VALUES ('a');"
        "CREATE TABLE c (id INTEGER PRIMARY KEY, p_id TEXT REFERENCES p (id), other TEXT);"
        "INSERT INTO c VALUES (1, 'a', 'a'), (2, 'b', 'a'), (3, 'a', 'a');"
        "CREATE INDEX c_p ON c (other); PRAGMA writable_schema = ON;"
        "UPDATE sqlite_master SET sql = 'CREATE INDEX c_p ON c (p_id)' WHERE name = 'c_p'",
    )
    with forced("order"), reading(path) as opened:
        schema = read_schema(opened.connection)
        look = look_at(opened.readers, schema)
        assert look.ways[schema.foreign_keys[0]] == "ranges"
        assert [r.orphans for r in check_all(opened.connection, look, "x").relationships] == [1]


VALUES = st.sampled_from(
    ["NULL", "1", "1.0", "2.5", "'1'", "'1.0'", "'a'", "'A'", "'a '", "''", "x''", "x'61'", "x'31'", "' a'", "'b'"]
)
KINDS = st.sampled_from(["TEXT", "TEXT", "BLOB", "", "INT", "REAL"])
COLLATED = st.sampled_from(["BINARY", "BINARY", "NOCASE", "RTRIM"])


@SLOW
@given(
    parents=st.lists(st.tuples(VALUES, VALUES), max_size=9, unique=True),
    children=st.lists(st.tuples(VALUES, VALUES), max_size=12),
    kinds=st.tuples(KINDS, KINDS),
    declared=st.tuples(KINDS, KINDS) | st.none(),
    collation=st.tuples(COLLATED, COLLATED) | COLLATED.map(lambda one: (one, one)),
    pair=st.booleans(),
    without_rowid=st.booleans(),
    listed=st.sampled_from([0, 1, 2, 100_000]),
)
@example(
    parents=[("'1'", "1")], children=[("NULL", "NULL"), ("'1'", "1")], kinds=("TEXT", "TEXT"),
    declared=("BLOB", "BLOB"), collation=("BINARY", "BINARY"), pair=True, without_rowid=False, listed=0,
)  # fmt: skip
def test_two_indexes_read_side_by_side_hide_no_orphan(
    parents: list[tuple[str, str]],
    children: list[tuple[str, str]],
    kinds: tuple[str, str],
    declared: tuple[str, str] | None,
    collation: tuple[str, str],
    pair: bool,
    without_rowid: bool,
    listed: int,
) -> None:
    """Also where columns were declared otherwise when their values were written, so that these are of another type."""
    key = "k, l" if pair else "k"
    (ours, theirs), (mine, yours) = kinds, collation
    ending = " WITHOUT ROWID" if without_rowid else ""

    def tables(ours: str, theirs: str) -> list[str]:
        return [
            f"CREATE TABLE p (k {theirs} COLLATE {yours}, l {theirs} COLLATE {yours}, PRIMARY KEY ({key})){ending}",
            f"CREATE TABLE c (k {ours} COLLATE {mine}, l {ours} COLLATE {mine}, FOREIGN KEY ({key}) REFERENCES p)",
        ]

    first = tables(*(declared or kinds))
    statements = [*first, f"CREATE INDEX i ON c ({key})"]
    statements += [f"INSERT OR IGNORE INTO p VALUES ({one}, {other})" for one, other in parents if one != "NULL"]
    statements += [f"INSERT INTO c VALUES ({one}, {other})" for one, other in children]
    statements.append("PRAGMA writable_schema = ON")
    for old, new in zip(first, tables(ours, theirs), strict=True):
        statements.append(f"UPDATE sqlite_master SET sql = '{new}' WHERE sql = '{old}'")
    with folder() as place, forced("merge", listed=listed):
        path = place / "x.db"
        with contextlib.closing(sqlite3.connect(path)) as connection:
            for statement in statements:
                with contextlib.suppress(sqlite3.IntegrityError):  # NULL in a key WITHOUT ROWID
                    connection.execute(statement)
            connection.commit()
        expected = sum(expected_of(path).values())
        with reading(path) as opened:
            schema = read_schema(opened.connection)
            look = look_at(opened.readers, schema)
            figures = Probe(opened.connection, schema, schema.foreign_keys[0], look).figures
            # a parent whose value is not as its column says stands in the table, and yet SQLite's check misses it
            assert figures.orphans + figures.placeholders + figures.disagreeing == expected, look.ways
            assert declared or not figures.disagreeing
            way = look.ways[schema.foreign_keys[0]]
            if mine == yours and {"TEXT", "BLOB", ""}.issuperset(kinds) and children and declared is None:
                assert way == "merge"
            elif mine != yours or not {"TEXT", "BLOB", ""}.issuperset(kinds):
                assert way != "merge"


def test_an_index_of_the_child_out_of_its_order_hides_nothing(tmp_path: Path) -> None:
    """Its keys are read from it, and not found in it: then the rows are looked at one by one."""
    path = build(
        tmp_path / "x.db",
        "CREATE TABLE p (id TEXT PRIMARY KEY); INSERT INTO p VALUES ('a'), ('B');"
        "CREATE TABLE c (id INTEGER PRIMARY KEY, p_id TEXT REFERENCES p (id));"
        "INSERT INTO c VALUES (1, 'a'), (2, 'Z'), (3, 'c'), (4, 'B'), (5, 'D'), (6, 'a'), (7, 'e');"
        "CREATE INDEX i ON c (p_id COLLATE NOCASE); PRAGMA writable_schema = ON;"
        "UPDATE sqlite_master SET sql = 'CREATE INDEX i ON c (p_id)' WHERE name = 'i'",
    )
    with pytest.MonkeyPatch.context() as patch, forced("merge", piece=100), reading(path) as opened:
        patch.setattr(known_tables, "agrees", lambda *_: True)
        schema = read_schema(opened.connection)
        look = look_at(opened.readers, schema)
        assert look.ways[schema.foreign_keys[0]] == "merge"
        assert look.suspects == {}, "the index was believed"
        assert [r.orphans for r in check_all(opened.connection, look, "x").relationships] == [4]


ONE_TO_200 = "WITH RECURSIVE i(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM i WHERE i < 200)"


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("tables", "index", "change"),
    [
        pytest.param(
            "CREATE TABLE p (id INTEGER PRIMARY KEY, n TEXT); CREATE TABLE c (p_id INTEGER REFERENCES p (id));"
            f"{ONE_TO_200} INSERT INTO p SELECT i, 'n' || i FROM i; INSERT INTO c SELECT id FROM p;",
            "CREATE INDEX x ON p (id)",
            "DELETE FROM p WHERE id IN (50, 51)",
            id="over the parents' ids",
        ),
        pytest.param(
            "CREATE TABLE p (id INTEGER PRIMARY KEY, code TEXT UNIQUE, n); CREATE TABLE c (p_code REFERENCES p (code));"
            f"{ONE_TO_200} INSERT INTO p SELECT i, 'n' || i, i FROM i; INSERT INTO c SELECT code FROM p;",
            "CREATE INDEX x ON p (code)",
            "DELETE FROM p WHERE id IN (50, 51)",
            id="beside the unique one",
        ),
        pytest.param(
            "CREATE TABLE p (a INT, b TEXT, n, PRIMARY KEY (a, b));"
            "CREATE TABLE c (a, b, FOREIGN KEY (a, b) REFERENCES p);"
            f"{ONE_TO_200} INSERT INTO p SELECT i / 10, i % 10, i FROM i; INSERT INTO c SELECT a, b FROM p;",
            "CREATE INDEX x ON p (b, a); ANALYZE",
            "DELETE FROM p WHERE a = 5 AND b IN ('0', '1')",
            id="beside the unique one of two columns",
        ),
        pytest.param(
            "CREATE TABLE p (id INTEGER PRIMARY KEY);"
            "CREATE TABLE c (a, b INTEGER REFERENCES p, PRIMARY KEY (a, b)) WITHOUT ROWID;"
            f"{ONE_TO_200} INSERT INTO p SELECT i FROM i; INSERT INTO c SELECT id, id FROM p;",
            "CREATE INDEX x ON c (b)",
            "INSERT INTO c VALUES (1, 900), (2, 900)",
            id="of a child without rowids",
        ),
    ],
)
def test_a_damaged_index_that_sqlites_check_does_not_read_hides_nothing(
    tmp_path: Path, way: str, tables: str, index: str, change: str
) -> None:
    path = build(tmp_path / "x.db", f"{tables}{index}")
    with contextlib.closing(sqlite3.connect(path)) as connection:
        row = connection.execute("SELECT * FROM sqlite_master WHERE name = 'x'").fetchone()
    for statements in ("DELETE FROM sqlite_master WHERE name = 'x'", change):  # a connection each: the schema is cached
        with contextlib.closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA writable_schema = ON")
            connection.execute(statements)
            connection.commit()
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("INSERT INTO sqlite_master VALUES (?, ?, ?, ?, ?)", row)
        connection.commit()
    assert sum(expected_of(path).values()) == 2
    with forced(way), reading(path) as opened:
        schema = read_schema(opened.connection)
        look = look_at(opened.readers, schema)
        assert [r.orphans for r in check_all(opened.connection, look, "x").relationships] == [2]


@pytest.mark.parametrize("listed", [0, 100_000])
def test_a_partial_index_beside_the_key_of_the_parents(tmp_path: Path, listed: int) -> None:
    path = build(
        tmp_path / "x.db",
        "CREATE TABLE p (id INTEGER PRIMARY KEY, code TEXT UNIQUE, gone INT); INSERT INTO p VALUES (1, 'a', 0);"
        "CREATE UNIQUE INDEX living ON p (code) WHERE gone = 0; CREATE TABLE c (p_code TEXT REFERENCES p (code));"
        "INSERT INTO c VALUES ('a'), ('b')",
    )
    with forced("ranges", listed=listed), reading(path) as opened:
        schema = read_schema(opened.connection)
        look = look_at(opened.readers, schema)
        assert list(look.suspects) == list(schema.foreign_keys)
        assert [(r.checked, r.orphans) for r in check_all(opened.connection, look, "x").relationships] == [(True, 1)]


def test_a_key_whose_columns_stand_in_another_order_in_the_index_of_the_parents(tmp_path: Path) -> None:
    """In ``(a, b) IN (SELECT …)`` SQLite would give each the affinity of the other."""
    path = build(
        tmp_path / "x.db",
        "CREATE TABLE p (a TEXT, b BLOB, UNIQUE (b, a)); INSERT INTO p VALUES ('x', '18'), ('7', 7);"
        "CREATE TABLE c (a, b, FOREIGN KEY (a, b) REFERENCES p (a, b)); INSERT INTO c VALUES ('x', 18), (7, 7)",
    )
    assert expected_of(path) == {("c", 0): 1}
    with forced("ranges"), reading(path) as opened:
        schema = read_schema(opened.connection)
        (fk,) = schema.foreign_keys
        look = look_at(opened.readers, schema)
        assert look.suspects[fk] == sweep.Suspects(1, array("q", [1]))
        assert [r.orphans for r in check_all(opened.connection, look, "x").relationships] == [1]


@together
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", ["REAL", "INTEGER"])
def test_numbers_that_a_real_cannot_hold(tmp_path: Path, way: str, kind: str) -> None:
    path = build(
        tmp_path / "x.db",
        f"CREATE TABLE p (id {kind} PRIMARY KEY); CREATE TABLE c (p_id REFERENCES p (id)); CREATE INDEX i ON c (p_id);"
        "INSERT INTO p VALUES (9223372036854775807), (9007199254740993), (-9223372036854775807 - 1), (5);"
        "INSERT INTO c VALUES (9223372036854775804), (9223372036854775807), (9007199254740993), (9007199254740992),"
        " (-9223372036854775808.0), (9223372036854775807.0), (-9223372036854775807 - 1), (5), (5.0)",
    )
    with forced(way), reading(path) as opened:
        schema = read_schema(opened.connection)
        look = look_at(opened.readers, schema)
        found = [r.orphans for r in check_all(opened.connection, look, "x").relationships]
        assert found == [sum(expected_of(path).values())]


@pytest.mark.parametrize("way", WAYS)
def test_the_least_of_all_ids_is_not_found_by_its_real(tmp_path: Path, way: str) -> None:
    path = build(
        tmp_path / "x.db",
        "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c (p_id REFERENCES p (id));"
        "INSERT INTO p VALUES (-9223372036854775807 - 1), (-9223372036854775807), (-9223372036854775805);"
        "INSERT INTO c VALUES (-9223372036854775807 - 1), (-9223372036854775808.0), (-9223372036854775806)",
    )
    assert sum(expected_of(path).values()) == 2
    with forced(way), reading(path) as opened:
        schema = read_schema(opened.connection)
        look = look_at(opened.readers, schema)
        assert [r.orphans for r in check_all(opened.connection, look, "x").relationships] == [2]


def test_a_number_may_be_the_spelling_of_a_text_beside_an_integer_key(tmp_path: Path) -> None:
    path = build(
        tmp_path / "x.db",
        "CREATE TABLE p (id INTEGER PRIMARY KEY, code TEXT UNIQUE); INSERT INTO p VALUES (1, '7'), (2, '8');"
        "CREATE TABLE c (p_code BLOB REFERENCES p (code), p_id BLOB REFERENCES p (id));"
        "INSERT INTO c VALUES (7.0, -9223372036854775808.0), (8, 2)",
    )
    with reading(path) as opened:
        schema = read_schema(opened.connection)
        look = look_at(opened.readers, schema)
        figures = [Probe(opened.connection, schema, fk, look).figures for fk in schema.foreign_keys]
        assert [(f.orphans, f.placeholders, f.misspelled) for f in figures] == [
            slow_figures(opened.connection, schema, fk) for fk in schema.foreign_keys
        ]
        assert sorted(f.misspelled for f in figures) == [0, 1]


# -- the choice ---------------------------------------------------------------------------------------------------


def test_the_choice() -> None:
    index = Index("i", False, "c", False, ())
    dense, sparse = Ids(1, 1000, 1000), Ids(1, 1 << 60, 1000)
    merged = Merged("p", "i", ("id",), (True,))
    many = 1_000_000
    assert ways.choose(1000, 1000, dense, index, None) == "gaps"
    assert ways.choose(many, 1000, sparse, index, None) == "order"
    assert ways.choose(many, 1000, sparse, None, None) == "ranges"
    assert ways.choose(many, many, None, index, merged) == "merge"
    assert ways.choose(many, 5 * many, None, index, merged) == "order", "reading all parents would take longer"
    assert ways.choose(1000, 1000, None, index, merged) == "ranges", "the index would have to be compared first"
    assert ways.choose(10, 1000, dense, index, None) == "ranges", "so few children are looked up one by one"


@together
@pytest.mark.parametrize(
    ("ids", "children", "expected"),
    [
        (Ids(1, 1000, 1000), 1, True),
        (Ids(-(2**63), 2**63 - 1, 2**64), 1, True),
        (Ids(1, 4 << 20, 4_000_000), 8_000_000, True),
        (Ids(1, 40 << 20, 41_940_000), 8_000_000, True),
        (Ids(1, 400 << 20, 380 << 20), 1 << 30, False),
        (Ids(1, 1 << 20, 1 << 19), 1000, False),
    ],
)
def test_when_a_map_is_worth_making(ids: Ids, children: int, expected: bool) -> None:
    assert ids.can_be_mapped(children) is expected


# -- the pool of readers ------------------------------------------------------------------------------------------


def test_a_pool_shares_out_and_keeps_the_order() -> None:
    connections = [sqlite3.connect(":memory:", check_same_thread=False) for _ in range(3)]
    seen: set[int] = set()

    def work(connection: sqlite3.Connection, item: int) -> int:
        seen.add(threading.get_ident())
        return connection.execute("SELECT ? * ?", (item, item)).fetchone()[0]

    assert ReaderPool(connections).run(work, range(500)) == [n * n for n in range(500)]
    assert threading.get_ident() not in seen
    assert ReaderPool(connections[:1]).run(work, range(5)) == [0, 1, 4, 9, 16]
    assert threading.get_ident() in seen
    for connection in connections:
        connection.close()


def test_a_pool_raises_the_first_error_and_stops() -> None:
    connections = [sqlite3.connect(":memory:", check_same_thread=False) for _ in range(2)]
    done: list[int] = []

    def work(connection: sqlite3.Connection, item: int) -> None:
        if item == 3:
            connection.execute("SELECT missing_one")
        done.append(item)

    with pytest.raises(sqlite3.OperationalError, match="no such column: missing_one"):
        ReaderPool(connections).run(work, range(100_000))
    assert len(done) < 100_000
    for connection in connections:
        connection.close()


def test_what_stops_the_main_thread_stops_a_statement_that_would_never_end() -> None:
    connections = [sqlite3.connect(":memory:", check_same_thread=False) for _ in range(2)]
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"

    def sign() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ReaderPool(connections, sign).run(lambda connection, item: connection.execute(endless).fetchone(), range(2))
    for connection in connections:
        connection.close()


# -- one snapshot -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["delete", "wal"])
def test_all_connections_see_the_state_of_the_first(tmp_path: Path, mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody commits whenever one of the connections has begun: then they begin anew, or there is only one."""
    path = build(tmp_path / "x.db", f"PRAGMA journal_mode = {mode}; CREATE TABLE t (a); INSERT INTO t VALUES (1)")
    monkeypatch.setattr(snapshot, "LARGE", 0)
    begun = snapshot.when_free
    writes = []

    def meddle(connection: sqlite3.Connection, sql: str, timeout: float) -> None:
        begun(connection, sql, timeout)
        if "sqlite_master" in sql and len(writes) < 40:
            with contextlib.closing(sqlite3.connect(path, timeout=0)) as other, contextlib.suppress(sqlite3.Error):
                other.execute("INSERT INTO t VALUES (1)")
                other.commit()
                writes.append(1)

    monkeypatch.setattr(snapshot, "when_free", meddle)
    with reading(path, threads=3) as opened:
        seen = {
            c.execute("SELECT count(*) FROM t").fetchone()[0] for c in (opened.connection, *opened.readers.connections)
        }
        assert len(seen) == 1
        assert len(opened.readers.connections) == (1 if mode == "wal" else 3)
    assert bool(writes) == (mode == "wal")


def test_a_writer_between_two_tries_does_not_cost_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = build(tmp_path / "x.db", "PRAGMA journal_mode = wal; CREATE TABLE t (a); INSERT INTO t VALUES (1)")
    monkeypatch.setattr(snapshot, "LARGE", 0)
    begun, writes = snapshot.when_free, []

    def meddle(connection: sqlite3.Connection, sql: str, timeout: float) -> None:
        begun(connection, sql, timeout)
        if "sqlite_master" in sql and len(writes) < 2:  # once when the first begins, to see how large it is
            writes.append(1)
            with contextlib.closing(sqlite3.connect(path)) as other:
                other.execute("INSERT INTO t VALUES (2)")
                other.commit()

    monkeypatch.setattr(snapshot, "when_free", meddle)
    with reading(path, threads=2) as opened:
        counts = [c.execute("SELECT count(*) FROM t").fetchone()[0] for c in opened.readers.connections]
        assert counts == [3, 3]


def test_progress_tells_the_part_that_is_done_and_each_relationship(tmp_path: Path) -> None:
    path = build(tmp_path / "x.db", MIXED)
    told: list[tuple[float, str]] = []
    with forced("ranges", piece=100), reading(path) as opened:
        look_at(opened.readers, read_schema(opened.connection), progress=lambda part, now: told.append((part, now)))
    parts = [part for part, _ in told]
    assert parts[0] == 0.0
    assert parts[-1] == 1.0
    assert parts == sorted(parts)
    assert len(set(parts)) > 10
    words = "0 of 6 relationships done, now child.num_id, as_text, bare, txt_id, guid_id, a, b"
    assert words in [now for _, now in told]


def test_progress_goes_on_while_very_many_orphans_are_counted(tmp_path: Path) -> None:
    path = build(tmp_path / "x.db", MIXED)
    told: list[tuple[float, str]] = []
    with forced("ranges", piece=100, listed=5), reading(path) as opened:
        schema = read_schema(opened.connection)
        look = look_at(opened.readers, schema)
        check_all(opened.connection, look, "x", listener=Listener(lambda part, now: told.append((part, now))))
    parts = [part for part, _ in told]
    assert parts[0] == 0.0
    assert parts[-1] > 0.99
    assert parts == sorted(parts)
    assert len(set(parts)) > 10
    assert "counting orphans: 0 of 6 relationships done, now child.num_id" in [now for _, now in told]


def test_no_two_threads_use_one_connection(tmp_path: Path) -> None:
    """Both came to a standstill where one asked of all connections, among them that on which the other was at work."""
    path = build(tmp_path / "x.db", MIXED)
    with forced("ranges"), reading(path) as opened:
        readers = opened.readers
        if len(readers.connections) < 2:
            pytest.skip("one core alone makes no threads")
        with pytest.raises(RuntimeError, match="other threads are using"):
            readers.run(lambda connection, item: readers.run(lambda *_: None, [item]), [1, 2])
        assert readers.run(lambda connection, item: item, [1, 2]) == [1, 2], "it is at rest again"
