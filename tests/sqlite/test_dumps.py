"""An SQL dump as a donor: what is read of it, and that nothing else of it runs."""

from __future__ import annotations

import contextlib
import io
import sqlite3
from pathlib import Path

import pytest

from sqlfix.errors import Refused
from sqlfix.sqlite.connect import empty_database
from sqlfix.sqlite.dumps import load_dump, statements

TABLE = "CREATE TABLE t(id INTEGER PRIMARY KEY, v);"


def loaded(tmp_path: Path, text: str | bytes) -> tuple[tuple[str, ...], list[tuple[object, ...]]]:
    """What is said of a dump, and the rows of its table t."""
    path = tmp_path / "dump.sql"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    with contextlib.closing(empty_database()) as database:
        notes = load_dump(path, database)
        return notes, database.execute("SELECT * FROM t ORDER BY id").fetchall()


def test_what_dump_writes_is_read_whole(tmp_path: Path) -> None:
    with contextlib.closing(sqlite3.connect(":memory:")) as source:
        source.executescript(
            "CREATE TABLE t(id INTEGER PRIMARY KEY, v CHECK (length(v) > 0), w DEFAULT (abs(-1)));"
            "CREATE TABLE a(id INTEGER PRIMARY KEY AUTOINCREMENT); INSERT INTO a DEFAULT VALUES;"
            "CREATE INDEX i ON t(v); CREATE VIEW s AS SELECT 1;"
            "CREATE TRIGGER g AFTER INSERT ON t BEGIN DELETE FROM t WHERE v = ';'; INSERT INTO t VALUES (9, 9, 9); END;"
        )
        values = ["it's; -- no /* comment */", 'a "b" [c] `d`', "two\nlines\r\x00"[:-1], b"\x00\xff", 1.5, -(2**63)]
        source.execute("DROP TRIGGER g")
        source.executemany("INSERT INTO t(v) VALUES (?)", [(value,) for value in values])
        source.execute("CREATE TRIGGER g AFTER INSERT ON t BEGIN DELETE FROM t; INSERT INTO t VALUES (9, 9, 9); END")
        text = "\n".join(source.iterdump())
        notes, rows = loaded(tmp_path, text)
    assert [row[1] for row in rows] == values and notes == ()


@pytest.mark.parametrize(
    ("smuggled", "left_out"),
    {
        "attach": ("ATTACH 'x.db' AS x", "1 ATTACH"),
        "vacuum into": ("VACUUM INTO 'x.db'", "1 VACUUM"),
        "virtual table": ("CREATE VIRTUAL TABLE f USING fts5(a)", "1 CREATE VIRTUAL"),
        "by the schema": ("INSERT INTO sqlite_schema VALUES ('table','f','f',0,'CREATE VIRTUAL …')", "CREATE VIRTUAL"),
        "update": ("UPDATE t SET v = 'no'", "1 UPDATE"),
        "delete": ("/* x */ DELETE FROM t", "1 DELETE"),
        "rows of a query": ("INSERT INTO t SELECT 7, 7", "1 INSERT without VALUES"),
        "with": ("WITH n(i) AS (SELECT 1) INSERT INTO t SELECT 7, i FROM n", "1 WITH"),
        "temporary": ("CREATE TEMP TABLE x(a)", "1 CREATE TEMP TABLE"),
        "a pragma": ("PRAGMA journal_mode = WAL", ""),
        "a function": ("INSERT INTO t VALUES (7, load_extension('x'))", "1 statement of the dump could not be run"),
        "another row": ("INSERT INTO t VALUES (7, (SELECT v FROM t))", "1 statement of the dump could not be run"),
        "without end": (
            "INSERT INTO t VALUES (7, (WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT 1 FROM n) SELECT 1 FROM n))",
            "1 statement of the dump could not be run",
        ),
        "a table from a query": ("CREATE TABLE u AS SELECT v FROM t", "1 statement of the dump could not be run"),
    }.values(),
)
def test_nothing_else_runs(tmp_path: Path, smuggled: str, left_out: str) -> None:
    notes, rows = loaded(tmp_path, f"{TABLE}\nINSERT INTO t VALUES(1,'a');\n{smuggled};\nINSERT INTO t VALUES(2,'b');")
    assert rows == [(1, "a"), (2, "b")]
    assert left_out in " ".join(notes) and bool(left_out) == bool(notes)
    assert [path.name for path in tmp_path.iterdir()] == ["dump.sql"]


def test_texts_in_other_encodings(tmp_path: Path) -> None:
    utf16 = loaded(tmp_path, f"{TABLE} INSERT INTO t VALUES(1,'Zoë');".encode("utf-16"))
    assert utf16[1] == [(1, "Zoë")]
    _, rows = loaded(tmp_path, TABLE.encode() + b" INSERT INTO t VALUES(1,'Zo\xeb''s');")
    assert [str(value) for _, value in rows] == ["Zo\\xeb's"]


def test_a_damaged_source_and_bad_statements_are_told(tmp_path: Path) -> None:
    notes, rows = loaded(tmp_path, f"BEGIN; {TABLE} INSERT INTO t VALUES(1,2); INSERT INTO gone VALUES (1); ROLLBACK;")
    assert rows == [(1, 2)] and "ROLLBACK" in notes[1] and "no such table: gone" in notes[0]


def test_a_script_without_a_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="creates no table"):
        loaded(tmp_path, "UPDATE t SET a = 1;")


def test_statements_are_parted_whatever_the_chunks() -> None:
    parts = ['CREATE TABLE "a;b"([c;d], `e;f`);', "-- x; y\nINSERT INTO t VALUES('it''s;', 1 - -1);", " /* ; ' */ END;"]

    class Slow(io.StringIO):
        name = "slow.sql"

        def read(self, size: int | None = -1) -> str:
            return super().read(1)

    assert list(statements(Slow("".join(parts)))) == [*parts, ""]
