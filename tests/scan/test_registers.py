"""Connections in several threads do not wait for one another's memory: SQLite allocates none for each row.

It does where typeof(), which gives the memory of its result's register back, shares that with a text. So the registers
of the statement that reads a table are looked at, as EXPLAIN shows them.
"""

from __future__ import annotations

import sqlite3
from itertools import pairwise
from pathlib import Path

import pytest
from support import build

from sqlfix.scan import access_paths, known_tables, pieces
from sqlfix.scan.run import check_all, look_at
from sqlfix.schema.database import open_database

NUMBERS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 400)"
COLUMNS = ["id", "p_id", "title", "body", "created", "note"]
TEXTS = ("title", "body", "note")
BUILT = f"""
CREATE TABLE p (id INTEGER PRIMARY KEY); {NUMBERS} INSERT INTO p SELECT i FROM n WHERE i % 20 <> 7;
CREATE TABLE t (id INTEGER PRIMARY KEY, p_id INTEGER NOT NULL REFERENCES p, title TEXT NOT NULL, body TEXT NOT NULL,
    created DATETIME NOT NULL, note TEXT NOT NULL CHECK (length(note) > 0));
{NUMBERS} INSERT INTO t SELECT i, i + (i % 20 = 7), 'title ' || i, hex(zeroblob(100)), datetime(i, 'unixepoch'), 'n'
    FROM n;
"""


def test_no_text_shares_a_register_with_the_type_of_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = build(tmp_path / "x.db", BUILT)
    monkeypatch.setattr(pieces, "PLACES", 4)
    for module in (access_paths, known_tables):
        monkeypatch.setattr(module, "WHOLE", 2)  # all are taken for large ones
    run: list[str] = []
    with open_database(path) as database:
        database.connection.set_trace_callback(run.append)
        report = check_all(database.connection, look_at(database.readers, database.schema), "")
        database.connection.set_trace_callback(None)
    assert {finding.check for finding in report.findings} <= {"unindexed-foreign-keys"}
    statements = [text for text in run if 'FROM "t" AS c' in text and "datetime(" in text and text.startswith("SELECT")]
    assert len(statements) == 1  # one reading
    with sqlite3.connect(path) as connection:
        program = connection.execute(f"EXPLAIN {statements[0]}").fetchall()
    connection.close()
    types, texts = types_and_texts(program)
    assert set(types) == set(TEXTS)
    assert not {register for some in types.values() for register in some} & texts


def types_and_texts(program: list[tuple[object, ...]]) -> tuple[dict[str, set[object]], set[object]]:
    """The registers of the types of the columns of ``t``, and those into which something else of a row is put."""
    opened = {row[2]: row[3] for row in program if row[1] == "OpenRead"}
    roots = [*opened.values()]
    of_rows = {cursor for cursor, root in opened.items() if roots.count(root) > 1}  # the row, and the one before it
    types: dict[str, set[object]] = {}
    texts: set[object] = set()
    for before, row in pairwise(program):
        if row[1] == "Column" and row[2] in of_rows:
            texts.add(row[4])
        elif row[1] == "Function" and before[1] == "Column" and before[2] in of_rows and row[5] == "typeof(1)":
            column = COLUMNS[int(str(before[3]))]
            if column in TEXTS:
                types.setdefault(column, set()).add(row[4])
        elif row[1] in ("Function", "PureFunc"):
            texts.add(row[4])
    return types, texts
