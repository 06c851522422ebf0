"""Another type that makes other values of some writes those where they stand, and copies no row for that."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

import pytest
from schema_digest import everything
from support import build, together

from sqlfix.errors import RolledBack
from sqlfix.model.plans import SchemaStep
from sqlfix.model.schema import Column
from sqlfix.repair.schema_change import change_schema
from sqlfix.sql.predicates import affinity
from sqlfix.sql.table_edits import with_collation, with_default, with_type, with_unique
from sqlfix.sql.type_changes import kept
from tests.repair.test_index_moves import ALONE, as_by_copying, text_of
from tests.repair.test_schema_change import copies, plan_of

pytestmark = pytest.mark.oracle

VALUES = "(1, 5, 'p', 1.5), (2, '5x', 'Q', '2'), (3, NULL, 'r', x'00'), (7, '12', 'P ', 'a'), (8, -3, NULL, 4)"
SHAPES = {
    "no type": f"CREATE TABLE t (id INTEGER PRIMARY KEY, a, b TEXT, c); INSERT INTO t VALUES {VALUES};",
    "numbers": f"CREATE TABLE t (id INT, a NUMERIC, b TEXT, c REAL); INSERT INTO t VALUES {VALUES};",
    "text": f"CREATE TABLE t (id INTEGER PRIMARY KEY, a VARCHAR(9), b TEXT, c INT); INSERT INTO t VALUES {VALUES};",
    "indexes": f"""CREATE TABLE t (id INT, a TEXT, b TEXT UNIQUE, c, UNIQUE (c, id)); INSERT INTO t VALUES {VALUES};
        CREATE INDEX i ON t (b, c); CREATE INDEX j ON t (a DESC, b); CREATE INDEX k ON t (c) WHERE a > '1';
        CREATE INDEX l ON t (a || b); CREATE UNIQUE INDEX m ON t (a); ANALYZE;""",
    "triggers and a view": f"""CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, a, b TEXT, c); CREATE TABLE o (x);
        INSERT INTO t VALUES {VALUES}; INSERT INTO t VALUES (90, 1, 1, 1); DELETE FROM t WHERE id = 90;
        CREATE TRIGGER g AFTER UPDATE ON t BEGIN INSERT INTO o VALUES (1); END; CREATE VIEW v AS SELECT a FROM t;
        CREATE TRIGGER h BEFORE UPDATE OF a ON t BEGIN SELECT raise(ABORT, 'no'); END; CREATE INDEX i ON t (a);""",
    "rows that are older": """CREATE TABLE t (id INTEGER PRIMARY KEY, x); INSERT INTO t VALUES (1, 1), (2, 2);
        ALTER TABLE t ADD COLUMN a DEFAULT 7; ALTER TABLE t ADD COLUMN b TEXT DEFAULT 5; ALTER TABLE t ADD COLUMN c
        NUMERIC DEFAULT '8'; INSERT INTO t (id, a) VALUES (3, 7), (4, '7'), (5, 8);""",
    "older rows with a DEFAULT that the type makes text of": """CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t
        VALUES (1), (2); ALTER TABLE t ADD COLUMN a TEXT DEFAULT 5; ALTER TABLE t ADD COLUMN b; ALTER TABLE t ADD COLUMN
        c; INSERT INTO t (id, a) VALUES (3, 7), (4, 'x');""",
    "and a number": """CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1), (2); ALTER TABLE t ADD COLUMN
        a INT DEFAULT '8' NOT NULL; ALTER TABLE t ADD COLUMN b; ALTER TABLE t ADD COLUMN c; CREATE INDEX i ON t (a);
        INSERT INTO t (id) VALUES (3);""",
    "names": f"""CREATE TABLE t (rowid TEXT, a INT, b, c, k, v, n); INSERT INTO t (rowid, a, b, c) VALUES {VALUES};
        CREATE TABLE sqlfix_values (a); UPDATE t SET k = a, v = b, n = c;""",
    "CHECKs that are broken": f"""CREATE TABLE t (id INTEGER PRIMARY KEY, a CHECK (a <> 5), b TEXT CHECK (b <> 'p'), c);
        PRAGMA ignore_check_constraints = ON; INSERT INTO t VALUES {VALUES};""",
    "a CHECK of the type": f"""CREATE TABLE t (id INTEGER PRIMARY KEY, a CHECK (typeof(a) <> 'text' OR a < 'A'), b, c
        CHECK (typeof(a) <> 'integer' OR id < 9)); INSERT INTO t VALUES {VALUES};""",
    "a CHECK that breaks": """CREATE TABLE t (id INTEGER PRIMARY KEY, a CHECK (typeof(a) = 'integer'), b, c);
        INSERT INTO t VALUES (1, 5, 5, 5);""",
    "a key": f"CREATE TABLE t (id INT, a PRIMARY KEY, b, c); INSERT INTO t VALUES {VALUES};",
    "the same afterwards": """CREATE TABLE t (id INTEGER PRIMARY KEY, a, b, c); INSERT INTO t VALUES (1, 5, 1, 1),
        (2, '5', 1, 1); CREATE UNIQUE INDEX i ON t (a);""",
    "children": """CREATE TABLE t (id INTEGER PRIMARY KEY, a, b, c); INSERT INTO t VALUES (1, 5, 1, 1), (2, '6', 1, 1);
        CREATE UNIQUE INDEX i ON t (a); CREATE TABLE k (x TEXT REFERENCES t (a)); INSERT INTO k VALUES (6), ('9');""",
    "STRICT": "CREATE TABLE t (id INT, a ANY, b TEXT, c ANY) STRICT; INSERT INTO t VALUES (1, 5, 5, 5);",
    "WITHOUT ROWID": "CREATE TABLE t (id PRIMARY KEY, a, b, c) WITHOUT ROWID; INSERT INTO t VALUES (1, 5, 5, 5);",
    "generated": """CREATE TABLE t (id INTEGER PRIMARY KEY, a, b, c AS (a + 1) STORED); INSERT INTO t VALUES (1, 5, 5),
        (2, '5', 5);""",
    "auto_vacuum and small pages": """PRAGMA auto_vacuum = 1; PRAGMA page_size = 512; CREATE TABLE t (id INTEGER PRIMARY
        KEY, a, b, c); WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 900) INSERT INTO t
        SELECT i, i * 1234567, CASE WHEN i % 9 THEN i ELSE zeroblob(900) END, 1 FROM n; CREATE INDEX i ON t (a, b);
        DELETE FROM t WHERE id % 5 = 1;""",
}  # fmt: skip
COPIED = {"a key", "STRICT", "WITHOUT ROWID", "generated"}
TYPES = ("TEXT", "INTEGER", "NUMERIC", "DATETIME", "REAL")


def column(type: str) -> Column:
    """A column of a type."""
    return Column("a", type, False, None, 0)


def to_be(path: Path, type: str, more: str = "") -> SchemaStep:
    """The step that gives the column a another type."""
    text = with_type(text_of(path), "a", type)
    if more == "a collation, and unique":
        text = with_unique(with_collation(text, "a", "NOCASE"), ["b"])
    elif more == "a default":
        text = with_default(text, "a", "9")
    values = (
        {"a": kept('c."a"', affinity(column(type), "STRICT" in text))} if type != "BLOB" else {}
    )  # of which no value changes
    return SchemaStep("rebuild", "table", "t", text, values=values)


@together
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("type", TYPES)
@pytest.mark.parametrize("more", ["", "a collation, and unique", "a default"])
def test_the_same_as_by_copying_the_rows(tmp_path: Path, shape: str, type: str, more: str) -> None:
    original = build(tmp_path / "original.db", SHAPES[shape])
    if "STRICT" in shape and type in ("NUMERIC", "DATETIME"):
        return
    with contextlib.closing(sqlite3.connect(original)) as db:
        had = db.execute("SELECT type FROM pragma_table_info('t') WHERE name = 'a'").fetchone()[0]
    other_form = affinity(column(had)) != affinity(column(type))
    copying = shape in COPIED or type == "REAL" or not other_form
    as_by_copying(original, to_be(original, type, more), copying=copying)


@together
@pytest.mark.parametrize("shape", ["older rows with a DEFAULT that the type makes text of", "and a number"])
@pytest.mark.parametrize("more", ["", "a collation, and unique", "a default"])
def test_a_default_that_the_type_made_another_value_of_stays_that_without_it(
    tmp_path: Path, shape: str, more: str
) -> None:
    original = build(tmp_path / "original.db", SHAPES[shape])
    as_by_copying(original, to_be(original, "BLOB", more), copying=False)


ODD = {"b TEXT": "5", "b INTEGER": "'5'", "b NUMERIC": "'5.5 '", "b DATETIME": "2.0", "b REAL": "'5'"}


@together
@pytest.mark.parametrize("column", ODD)
@pytest.mark.parametrize("beside", [True, False])
def test_a_value_that_its_own_column_would_not_keep_is_not_written(tmp_path: Path, column: str, beside: bool) -> None:
    """In a row that is written; other rows stay as they are, whatever they hold."""
    path = build(
        tmp_path / "x.db",
        f"CREATE TABLE t (id INTEGER PRIMARY KEY, a, b); INSERT INTO t VALUES (1, 5, NULL), (2, {5 if beside else 0},"
        f" {ODD[column]}); {'' if beside else 'UPDATE t SET a = NULL WHERE id = 2;'} PRAGMA writable_schema = ON;"
        f" UPDATE sqlite_master SET sql = 'CREATE TABLE t (id INTEGER PRIMARY KEY, a, {column})'",
    )
    before, plan = everything(path), plan_of(path, to_be(path, "TEXT"))
    assert not copies(plan)
    with contextlib.nullcontext() if not beside else pytest.raises(RolledBack, match="would not hold its values"):
        change_schema(path, plan, ALONE)
    after = everything(path)
    assert (after == before) is beside
    with contextlib.closing(sqlite3.connect(path)) as db:
        assert db.execute("SELECT typeof(a) FROM t WHERE id = 1").fetchone() == ("integer" if beside else "text",)
        assert db.execute("SELECT +b FROM t WHERE id = 2").fetchone()[0] is not None


def test_what_would_lose_something_by_now_is_not_written(tmp_path: Path) -> None:
    with contextlib.closing(sqlite3.connect(":memory:")) as alone:
        query = "SELECT CAST(CAST(0.1 + 0.2 AS TEXT) AS REAL) = 0.1 + 0.2"
        if alone.execute(query).fetchone() == (1,):
            pytest.skip("this SQLite writes a REAL with as many digits as it takes to read it back")
    path = build(tmp_path / "x.db", "CREATE TABLE t (id INTEGER PRIMARY KEY, a NUMERIC); INSERT INTO t VALUES (1, 0.5)")
    plan = plan_of(path, to_be(path, "TEXT"))
    build(path, "UPDATE t SET a = 0.1 + 0.2")
    before = everything(path)
    with pytest.raises(RolledBack, match="would not hold its values"):
        change_schema(path, plan, ALONE)
    assert everything(path) == before
