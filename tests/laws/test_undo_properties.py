"""Any file whose triggers keep a search index and do other things: an undo brings it back, and runs none of them."""

from __future__ import annotations

import contextlib
import sqlite3
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import build, run_script, sqlfix

from tests.laws.test_properties import SLOW
from tests.repair.test_undo import records

pytestmark = pytest.mark.oracle

KEYS = {
    "integer": "id INTEGER PRIMARY KEY, p INT NOT NULL REFERENCES p, q INT REFERENCES p, body TEXT",
    "autoincrement": "id INTEGER PRIMARY KEY AUTOINCREMENT, p INT NOT NULL REFERENCES p, q INT REFERENCES p, body TEXT",
    "text": "id TEXT PRIMARY KEY, p INT NOT NULL REFERENCES p, q INT REFERENCES p, body TEXT COLLATE NOCASE",
    "none": "id, p INT NOT NULL REFERENCES p, q INT REFERENCES p, body TEXT",
    "without rowid": "id TEXT, p INT NOT NULL REFERENCES p, q INT REFERENCES p, body TEXT,"
    " PRIMARY KEY (id COLLATE NOCASE)",
    "no name": "rowid, _rowid_, oid, id, p INT NOT NULL REFERENCES p, q INT REFERENCES p, body TEXT",
}
OWN, OF_TEXT, NO_TEXT = "own", "of the text", "no text"
INDEXES = {
    "fts5": (OWN, "fts5(body)"),
    "fts4": (OWN, "fts4(body)"),
    "rtree": (OWN, "rtree(id, x0, x1)"),
    "fts5 of the text": (OF_TEXT, "fts5(body, content='c', content_rowid='id')"),
    "fts5 without sizes": (OF_TEXT, "fts5(body, content='c', content_rowid='id', columnsize=0)"),
    "fts4 of the text": (OF_TEXT, 'fts4(body, content="c")'),
    "fts5 without text": (NO_TEXT, "fts5(body, content='')"),
    "none": (OWN, ""),
}
EFFECTS = (
    "UPDATE counts SET n = n + 1;",
    "INSERT INTO log (what) VALUES ('{0}');",
    "INSERT OR REPLACE INTO last VALUES ('{0}', (SELECT count(*) FROM c));",
    "DELETE FROM detail WHERE c_id = {1}.id;",
    "INSERT INTO nameless VALUES (1, 1, 1, 1);",
    "UPDATE nameless SET rowid = rowid + 1;",
    "DELETE FROM gone WHERE gone.rowid = (SELECT min(g.rowid) FROM gone AS g);",
)
OTHERS = (
    "CREATE TABLE counts (n); INSERT INTO counts VALUES (0);"
    "CREATE TABLE log (n INTEGER PRIMARY KEY AUTOINCREMENT, what); CREATE TABLE last (what PRIMARY KEY, n);"
    "CREATE TABLE detail (c_id, x); INSERT INTO detail VALUES (2, 'x'), (3, 1.5);"
    "CREATE TABLE nameless (rowid, _rowid_, oid, n); INSERT INTO nameless VALUES (1, 1, 1, 1), (1, 1, 1, 1);"
    "CREATE TABLE gone (x); INSERT INTO gone VALUES ('a'), ('a'), ('b');"
)


@dataclass(frozen=True)
class Searched:
    """A table with a search index, and triggers on it."""

    key: str
    index: str
    sql: str


@st.composite
def searched(draw: st.DrawFn) -> Searched:
    """Any of them; an index of the text in a table needs ids that stay."""
    key = draw(st.sampled_from(sorted(KEYS)))
    index = draw(st.sampled_from(sorted(INDEXES)))
    kind, declared = INDEXES[index]
    if kind == OF_TEXT and key not in ("integer", "autoincrement"):
        key = "integer"
    in_numbers = key in ("integer", "autoincrement")
    name = "{}.id" if in_numbers else "CAST({}.id AS INTEGER)"
    into, out = "", ""
    if index == "rtree":
        into = f"INSERT OR REPLACE INTO f VALUES ({name.format('NEW')}, NEW.p, NEW.p);"
        out = f"DELETE FROM f WHERE id = {name.format('OLD')};"
    elif "fts5" in index and kind != OWN:
        into = f"INSERT INTO f (rowid, body) VALUES ({name.format('NEW')}, NEW.body);"
        out = f"INSERT INTO f (f, rowid, body) VALUES ('delete', {name.format('OLD')}, OLD.body);"
    elif declared:
        into = f"INSERT OR REPLACE INTO f (rowid, body) VALUES ({name.format('NEW')}, NEW.body);"
        out = f"DELETE FROM f WHERE rowid = {name.format('OLD')};"
    parts = ["CREATE TABLE p (id INTEGER PRIMARY KEY); INSERT INTO p VALUES (1);", OTHERS]
    parts.append(f"CREATE TABLE c ({KEYS[key]}){' WITHOUT ROWID' if key == 'without rowid' else ''};")
    if declared:
        parts.append(f"CREATE VIRTUAL TABLE f USING {declared};")
    rows = draw(
        st.lists(st.tuples(st.sampled_from([1, 1, 8, 9]), st.sampled_from([1, None, 7])), min_size=2, max_size=7)
    )
    words = draw(st.lists(st.sampled_from(["bee", "wasp", "two bees", "Bee", ""]), min_size=7, max_size=7))
    for number, ((p, q), body) in enumerate(zip(rows, words, strict=False), 1):
        values = f"{number}, {p}, {'NULL' if q is None else q}, '{body}'"
        parts.append(f"INSERT INTO c VALUES ({'1, 1, 1, ' if key == 'no name' else ''}{values});")
    if kind == OF_TEXT:
        parts.append("INSERT INTO f (f) VALUES ('rebuild');")
    elif declared:
        columns = "id, p, p" if index == "rtree" else "id, body"
        parts.append(f"INSERT INTO f {'' if index == 'rtree' else '(rowid, body)'} SELECT {columns} FROM c;")
    deeds = {"INSERT": (into, "NEW"), "UPDATE": (out + into, "NEW"), "DELETE": (out, "OLD")}
    before = kind == OF_TEXT and "fts4" in index  # it looks for the text of what goes in the table
    for event in draw(st.lists(st.sampled_from(sorted(deeds)), unique=True, min_size=1)):
        keeps, row = deeds[event]
        effects = [e.format(event, row) for e in draw(st.lists(st.sampled_from(EFFECTS), unique=True, max_size=3))]
        body = draw(st.permutations([keeps, *effects])) if draw(st.integers(0, 4)) else effects
        text = "".join(body) or "SELECT 1;"
        when = "BEFORE" if before and event != "INSERT" else draw(st.sampled_from(["AFTER", "BEFORE"]))
        if before and event == "UPDATE":
            text = text.replace(into, "")
            parts.append(f"CREATE TRIGGER again AFTER UPDATE ON c BEGIN {into} END;")
        parts.append(f"CREATE TRIGGER t_{event} {when} {event} ON c BEGIN {text} END;")
    return Searched(key, index, "\n".join(parts))


def ordinary(path: Path) -> dict[str, Any]:
    """What the ordinary tables hold by values and types, the schema, and the rows of an index that has its own."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        kept: dict[str, Any] = {
            "schema": Counter(connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_master"))
        }
        virtual = [
            name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE sql LIKE 'CREATE VIRTUAL%'")
        ]
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            if name in virtual or any(name.startswith(f"{index}_") for index in virtual):
                continue
            columns = [f'"{row[1]}"' for row in connection.execute(f'PRAGMA table_info("{name}")')]
            listed = ", ".join(f"{column}, typeof({column})" for column in columns)
            kept[name] = Counter(connection.execute(f'SELECT {listed} FROM "{name}"'))
        return kept


def terms(path: Path, searched: Searched) -> Any:
    """What the index knows: its rows, or each word with the document that has it."""
    kind, declared = INDEXES[searched.index]
    if not declared:
        return None
    with contextlib.closing(sqlite3.connect(path)) as connection:
        if kind == OWN:
            return sorted(connection.execute("SELECT rowid, * FROM f"), key=repr)
        if "fts5" in searched.index:
            connection.execute("CREATE VIRTUAL TABLE temp.v USING fts5vocab(main, f, instance)")
            return sorted(connection.execute("SELECT * FROM v"))
        words = ("bee", "wasp", "two", "bees")
        return [(w, sorted(connection.execute("SELECT docid FROM f WHERE f MATCH ?", (w,)))) for w in words]


@settings(SLOW, max_examples=SLOW.max_examples // 4)
@given(searched=searched(), vacuum=st.booleans())
def test_an_undo_runs_no_trigger_and_keeps_the_index(searched: Searched, vacuum: bool) -> None:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        path = Path(name) / "x.db"
        try:
            build(path, searched.sql)
        except sqlite3.OperationalError as error:
            if "no such module" in str(error):
                pytest.skip(str(error))
            raise
        before, known = ordinary(path), terms(path, searched)
        ran = sqlfix("repair", path, "--yes", "--no-backup", "--allow-mass-delete")
        if ran.code not in (0, 1) or not records(path):
            return
        after = ordinary(path)
        for expected, in_index in ((before, known), (after, None), (before, known)):
            run_script(path, "CREATE TABLE since (x); " + ("VACUUM" if vacuum else ""))
            wanted = records(path)[-1]["name"]
            looked = sqlfix("undo", path, wanted, "--dry-run")
            undone = sqlfix("undo", path, wanted, "--yes", "--no-backup")
            out_of_step = "out of step" in looked.out
            assert looked.code == undone.code == int(out_of_step), looked.out + undone.out + undone.err
            assert undone.out.startswith(looked.out)
            without_text = INDEXES[searched.index][0] == NO_TEXT  # it does not learn of what comes back
            assert without_text or not out_of_step
            run_script(path, "DROP TABLE since")
            assert ordinary(path) == expected
            if in_index is not None and not without_text:
                assert terms(path, searched) == in_index
