"""Indexes of constraints come and go with the text of their table, and no row is copied for that."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
from collections.abc import Callable
from functools import reduce
from pathlib import Path
from typing import Any

import pytest
from schema_digest import everything
from support import build, sqlfix, together

from sqlfix.errors import RolledBack
from sqlfix.model.plans import SchemaStep
from sqlfix.repair.change import ChangeOptions
from sqlfix.repair.schema_change import change_schema
from sqlfix.sql.table_edits import with_collation, with_default, with_type, with_unique, without_unique
from tests.repair.test_schema_change import copies, in_the_shell, plan_of

pytestmark = pytest.mark.oracle

ALONE = ChangeOptions(backup=False)
ROWS = "INSERT INTO t VALUES (1, 'x', 'p', 1.5), (2, 'y', 'Q', 2), (3, NULL, 'r', x'00'), (7, 'X', 'P ', 'a');"
SHAPES = {
    "no index": f"CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b TEXT, c); {ROWS}",
    "constraints before and behind": f"""
        CREATE TABLE t (id INT UNIQUE, a TEXT, b TEXT UNIQUE, c, UNIQUE (c, a), UNIQUE (b DESC)); {ROWS}
        CREATE INDEX i ON t (b, c); CREATE INDEX j ON t (a) WHERE a = 'X'; ANALYZE;""",
    "indexes that are computed": f"""
        CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b TEXT, c); {ROWS} CREATE INDEX p ON t (c) WHERE b = 'q';
        CREATE INDEX i ON t (c); CREATE INDEX e ON t (b = 'q'); CREATE INDEX q ON t (c) WHERE c = '2';""",
    "a key of its own, and triggers": f"""
        CREATE TABLE t (id INT, a TEXT, b TEXT, c, PRIMARY KEY (b, id)); {ROWS} CREATE TABLE log (x);
        CREATE UNIQUE INDEX u ON t (c); CREATE INDEX i ON t (a || b); CREATE INDEX j ON t (a COLLATE NOCASE, b DESC);
        CREATE TRIGGER g AFTER INSERT ON t BEGIN INSERT INTO log VALUES (1); END; CREATE INDEX k ON t (b);""",
    "AUTOINCREMENT, and names that are taken": f"""
        CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT, b TEXT UNIQUE, c); {ROWS}
        CREATE TABLE sqlfix_come0 (a); CREATE INDEX sqlfix_go0 ON t (c); CREATE VIEW v AS SELECT a FROM t;
        INSERT INTO t VALUES (90, 'z', 'z', 'z'); DELETE FROM t WHERE id = 90;""",
    "auto_vacuum and small pages": f"""
        PRAGMA auto_vacuum = 1; PRAGMA page_size = 512; CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b TEXT UNIQUE, c
        UNIQUE); {ROWS} CREATE TABLE o (a UNIQUE, b UNIQUE); INSERT INTO o VALUES (1, zeroblob(2000));
        WITH RECURSIVE n (i) AS (SELECT 10 UNION ALL SELECT i + 1 FROM n WHERE i < 300) INSERT INTO t SELECT i,
        'a' || i, 'b' || i, 'c' || i FROM n;""",
    "children": f"""
        CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT REFERENCES t (b), b TEXT UNIQUE, c); {ROWS}
        CREATE TABLE k (t_b REFERENCES t (b), t_id REFERENCES t (id)); INSERT INTO k VALUES ('p', 1), ('r', 9);""",
    "STRICT": """
        CREATE TABLE t (id INT, a TEXT, b TEXT UNIQUE, c ANY) STRICT; INSERT INTO t VALUES (1, 'x', 'p', 1), (2, 'y',
        'q', x'00');""",
    "WITHOUT ROWID": """
        CREATE TABLE t (id INT, a TEXT, b TEXT, c UNIQUE, PRIMARY KEY (b, id)) WITHOUT ROWID; INSERT INTO t VALUES
        (1, 'x', 'p', 1), (2, 'y', 'q', x'00'); CREATE INDEX i ON t (a);""",
}  # fmt: skip
Edit = Callable[[str], str]
EDITS: dict[str, list[Edit]] = {
    "unique, first": [lambda text: with_unique(text, ["id"])],
    "unique, in the middle": [lambda text: with_unique(text, ["a"])],
    "unique, two more": [lambda text: with_unique(text, ["a"]), lambda text: with_unique(text, ["c"])],
    "unique together": [lambda text: with_unique(text, ["c", "b"])],
    "unique with the rowid": [lambda text: with_unique(text, ["id", "c"])],
    "unique, with a conflict clause": [lambda text: text.replace("a TEXT", "a TEXT UNIQUE ON CONFLICT REPLACE")],
    "not unique any more": [lambda text: without_unique(text, ["b"])],
    "another one is unique": [lambda text: without_unique(text, ["b"]), lambda text: with_unique(text, ["a"])],
    "another collation": [lambda text: with_collation(text, "b", "NOCASE")],
    "another collation, and unique": [
        lambda text: with_collation(text, "a", "RTRIM"), lambda text: with_unique(text, ["a"])
    ],
    "another type": [lambda text: with_type(text, "a", "DATETIME")],
    "no type": [lambda text: with_type(text, "b", "")],
    "a type of one that has none": [lambda text: with_type(text, "c", "TEXT")],
    "a REAL": [lambda text: with_type(text, "b", "REAL")],
    "all at once": [
        lambda text: with_type(text, "a", "NUMERIC"), lambda text: with_collation(text, "a", "NOCASE"),
        lambda text: with_default(text, "a", "'d'"), lambda text: with_unique(text, ["c", "a"]),
    ],
}  # fmt: skip
OF_OTHERS = {"another type", "no type", "all at once"}
"""What STRICT does not take."""


def text_of(path: Path) -> str:
    """The text of the table."""
    with contextlib.closing(sqlite3.connect(path)) as db:
        return str(db.execute("SELECT sql FROM sqlite_master WHERE name = 't'").fetchone()[0])


def indexes_of(path: Path) -> list[Any]:
    """All that SQLite says of the indexes of the table, in its own order."""
    with contextlib.closing(sqlite3.connect(path)) as db:
        listed = db.execute("PRAGMA index_list(t)").fetchall()
        rows = [db.execute("SELECT * FROM pragma_index_xinfo(?)", (row[1],)).fetchall() for row in listed]
        found = [db.execute(f'SELECT count(*) FROM t INDEXED BY "{row[1]}"').fetchone() for row in listed if not row[4]]
    return [listed, rows, found]


def as_by_copying(original: Path, step: SchemaStep, *, copying: bool) -> dict[str, Any] | None:
    """Carry out a step in place, by copying the rows, and by a script: the same in all of them, and undone exactly.

    Args:
        copying: the rows are copied in any case.

    Returns:
        all that stands in the file then; None where it was refused, by all alike.
    """
    before = everything(original)
    path, copied, other = (Path(shutil.copy(original, original.with_name(name))) for name in ("x.db", "y.db", "z.db"))
    outcome: list[str] = []
    for place, in_place in ((path, True), (copied, False)):
        plan = plan_of(place, step, in_place=in_place)
        if in_place:
            assert copies(plan) is copying, plan.statements
        try:
            change_schema(place, plan)
            outcome.append("done")
        except RolledBack as error:
            assert everything(place) == before
            assert in_the_shell(other, plan) != ""  # also in a host that goes on after an error
            assert everything(other) == before
            outcome.append("UNIQUE" if "UNIQUE" in str(error) else "CHECK" if "CHECK" in str(error) else "other")
    assert outcome[0] == outcome[1]
    if outcome[0] != "done":
        return None
    after, wanted = everything(path), everything(copied)
    after.pop("order"), wanted.pop("order")
    assert after == wanted
    assert (indexes_of(path), text_of(path)) == (indexes_of(copied), step.text)
    plan = plan_of(other, step)
    assert in_the_shell(other, plan, "-bail") == ""
    assert everything(other) == everything(path)
    for place in (path, copied):
        assert sqlfix("undo", place, "--yes").code == 0
        assert everything(place) == before
    return after


@together
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("edit", EDITS)
def test_the_same_as_by_copying_the_rows(tmp_path: Path, shape: str, edit: str) -> None:
    original = build(tmp_path / "original.db", SHAPES[shape])
    text = reduce(lambda text, edit: edit(text), EDITS[edit], text_of(original))
    if text == text_of(original) or ("STRICT" in shape and edit in OF_OTHERS):
        return
    strict = "STRICT" in shape and ("type" in edit or "REAL" in edit)
    step = SchemaStep("rebuild", "table", "t", text)
    after = as_by_copying(original, step, copying=strict or "WITHOUT" in shape)
    assert after is None or after["integrity"] == [(b"ok",)]


def test_an_index_that_is_made_for_a_constraint_is_used_and_kept_up(tmp_path: Path) -> None:
    path = build(tmp_path / "app.db", SHAPES["constraints before and behind"])
    assert sqlfix("alter", path, "t.a", "--unique", "--yes").code == 0
    with contextlib.closing(sqlite3.connect(path)) as db:
        assert "sqlite_autoindex_t_" in str(db.execute("EXPLAIN QUERY PLAN SELECT * FROM t WHERE a = 'x'").fetchall())
        db.execute("INSERT INTO t VALUES (20, 'new', 'new', 'new')")
        with pytest.raises(sqlite3.IntegrityError, match=r"UNIQUE constraint failed: t\.a"):
            db.execute("INSERT INTO t VALUES (21, 'new', 'other', 'other')")
        db.commit()
        db.execute("VACUUM")
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert sqlfix("undo", path, "--yes").code == 0  # with the row that came since
    with contextlib.closing(sqlite3.connect(path)) as db:
        db.execute("INSERT INTO t VALUES (21, 'new', 'other', 'other')")
        assert db.execute("SELECT count(*) FROM t WHERE a = 'new'").fetchone() == (2,)
        db.commit()
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
