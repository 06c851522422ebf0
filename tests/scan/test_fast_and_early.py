"""A scan that leaves out the slower checks, and what a scan says before the slower checks are through."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from support import build, json_schema, keep_to, sqlfix

from sqlfix.commands import screen
from sqlfix.scan import table_reader

SOUND = """
CREATE TABLE book (id INTEGER PRIMARY KEY, title VARCHAR(10), up REFERENCES book, isbn UNIQUE, made DATETIME);
CREATE TABLE author (id INTEGER PRIMARY KEY);
CREATE TABLE author_book (author_id REFERENCES author, book_id REFERENCES book);
CREATE TABLE parts (whole REFERENCES book, part REFERENCES book, PRIMARY KEY (whole, part)) WITHOUT ROWID;
CREATE TABLE book__old (id INTEGER PRIMARY KEY, title VARCHAR(10), up, isbn, made DATETIME);
INSERT INTO book SELECT value, 'b', value - 1, value, '2024-01-01 00:00:00' FROM generate_series(1, 20);
INSERT INTO author VALUES (1), (2), (3);
INSERT INTO author_book SELECT author.id, book.id FROM author, book;
INSERT INTO parts SELECT id, id + 1 FROM book WHERE id < 20;
INSERT INTO book__old SELECT * FROM book WHERE id < 5;
CREATE VIRTUAL TABLE found USING fts5(title, content='book', content_rowid='id');
INSERT INTO found (found) VALUES ('rebuild');
UPDATE book SET up = NULL WHERE id = 1;
"""
BY_ONE_READING = """
UPDATE book SET title = 'longer than ten characters' WHERE id = 7;
UPDATE author_book SET book_id = 99 WHERE rowid = 3;
"""
BY_A_SECOND = """
INSERT INTO author_book VALUES (1, 1), (2, 2);
UPDATE book SET up = 20 WHERE id = 1;
INSERT INTO parts VALUES (5, 4);
UPDATE book SET made = 1700000000 WHERE id > 15;
INSERT INTO found (found, rowid, title) VALUES ('delete', 3, 'b');
INSERT INTO book__old VALUES (77, 'x', NULL, NULL, NULL);
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(sql, 'CREATE INDEX', 'CREATE UNIQUE INDEX') WHERE name = 'later';
"""
SERIES = "WITH RECURSIVE n(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n WHERE value < 20) SELECT value"


def database(path: Path, more: str) -> Path:
    sql = SOUND.replace("INSERT INTO book SELECT value,", f"INSERT INTO book {SERIES},").replace(
        "generate_series(1, 20)", "n"
    )
    return build(path, f"{sql} CREATE INDEX later ON parts (part); {more}")


def scanned(*arguments: object) -> dict[str, Any]:
    ran = sqlfix("scan", "--format", "json", *arguments)
    keep_to(json_schema("report"), ran.json)
    return dict(ran.json)


def findings(report: dict[str, Any]) -> list[tuple[str, str]]:
    return [(finding["check"], finding["table"]) for finding in report["findings"] if finding["severity"] != "hint"]


def left_out(report: dict[str, Any]) -> set[tuple[str, str]]:
    return {
        (one["reason"].removesuffix(": left out by --fast"), one["subject"])
        for one in report["not_checked"]
        if one["reason"].endswith(": left out by --fast")
    }


SLOWER = {
    ("cycles", "book"),
    ("cycles", "parts"),
    ("duplicate-keys", "parts"),
    ("duplicate-keys", "book"),
    ("duplicate-links", "author_book"),
    ("fts-out-of-step", "found"),
    ("mixed-formats", "book"),
}


def test_what_is_left_out_is_listed_and_all_else_is_as_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = database(tmp_path / "x.db", BY_ONE_READING + BY_A_SECOND)
    whole = scanned(path)
    assert SLOWER - {("duplicate-keys", "book")} <= set(findings(whole))
    assert scanned("--fast", path) == whole, "of small tables nothing is left out"
    monkeypatch.setattr(table_reader, "SMALL", 3)
    fast = scanned("--fast", path)
    assert left_out(fast) == SLOWER
    assert findings(fast) == [found for found in findings(whole) if found not in SLOWER]
    assert fast["relationships"] == whole["relationships"]
    assert not left_out(scanned(path))


def test_nothing_is_called_sound_that_was_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = database(tmp_path / "x.db", "DROP TABLE book__old")
    assert sqlfix("scan", path).code == 0
    monkeypatch.setattr(table_reader, "SMALL", 3)
    ran = sqlfix("scan", "--fast", path)
    assert ran.code == 3
    assert "duplicate-links: left out by --fast" in ran.out
    assert "5 of 5 relationships checked, nothing found, 5 things could not be checked." in ran.out
    assert ("mixed-formats", "book") not in left_out(scanned("--fast", path)), "the one reading shows that it is sound"


def test_what_an_index_makes_unique_needs_no_look(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_reader, "SMALL", 3)
    path = database(tmp_path / "x.db", "CREATE UNIQUE INDEX pair ON author_book (author_id, book_id)")
    assert ("duplicate-links", "author_book") not in left_out(scanned("--fast", path))


def test_what_unique_asks_for_is_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_reader, "SMALL", 3)
    report = scanned("--fast", "--unique", "book.title", database(tmp_path / "x.db", ""))
    assert ("duplicate-keys", "book") in findings(report)
    assert ("duplicate-keys", "book") in left_out(report)


SAME = ("check", "table", "columns", "count", "distinct", "sample")


@pytest.mark.parametrize("options", [(), ("--fast",), ("--jobs", 1), ("--jobs", 2)], ids=str)
def test_jsonl_has_the_keys_first_and_then_all(tmp_path: Path, options: tuple[object, ...]) -> None:
    paths = [
        database(tmp_path / f"{n}.db", BY_ONE_READING + BY_A_SECOND) for n in range(3 if "--jobs" in options else 1)
    ]
    lines = [json.loads(line) for line in sqlfix("scan", "--format", "jsonl", *options, *paths).out.splitlines()]
    for path in paths:
        early, whole = [line for line in lines if line["database"] == str(path)]
        keep_to(json_schema("report"), early)
        assert (early["complete"], early["clean"], whole["complete"]) == (False, False, True)
        assert early["relationships"] == whole["relationships"]
        assert findings(early) == [("orphan-rows", "author_book")] == findings(whole)[:1]
        assert [f["fix"] for f in early["findings"]] == [None]
        for one, other in zip(early["findings"], whole["findings"], strict=False):
            assert {key: one[key] for key in SAME} == {key: other[key] for key in SAME}
        assert whole == scanned(*(o for o in options if o == "--fast"), path)


def test_of_a_sound_file_nothing_is_called_clean_before_the_end(tmp_path: Path) -> None:
    path = database(tmp_path / "x.db", "DROP TABLE book__old")
    lines = [json.loads(line) for line in sqlfix("scan", "--format", "jsonl", path).out.splitlines()]
    assert [(line["complete"], line["clean"]) for line in lines] == [(False, False), (True, True)]


def test_an_index_that_a_slower_check_finds_damaged_counts_for_the_keys_too(tmp_path: Path) -> None:
    """The keys are judged first, and by what is known then; the end of the report goes by all that is known."""
    path = build(
        tmp_path / "x.db",
        """
        CREATE TABLE p (id INTEGER PRIMARY KEY, name TEXT, code TEXT AS (lower(name)) UNIQUE, alias TEXT);
        CREATE TABLE c (code REFERENCES p (code));
        INSERT INTO p VALUES (1, 'A', 'a'), (2, 'B', 'b'), (3, 'C', 'z');
        INSERT INTO c VALUES ('a'), ('b'), ('z');
        CREATE INDEX other ON p (alias);
        CREATE TABLE pages AS SELECT name, rootpage FROM sqlite_schema;
        PRAGMA writable_schema = ON;
        UPDATE sqlite_schema AS s SET rootpage = (SELECT rootpage FROM pages WHERE pages.name =
            CASE s.name WHEN 'other' THEN 'sqlite_autoindex_p_1' ELSE 'other' END) WHERE tbl_name = 'p'
            AND type = 'index';
        """,
    )
    early, whole = map(json.loads, sqlfix("scan", "--format", "jsonl", path).out.splitlines())
    assert whole == scanned(path)
    assert early["findings"] == [], "z is in the index alone"
    assert ("index-disagrees", "c") in findings(whole)


class Screen:
    """A terminal that keeps what is written to it."""

    def __init__(self) -> None:
        self.text = ""

    def isatty(self) -> bool:
        return True

    def write(self, text: str) -> None:
        self.text += text

    def flush(self) -> None:
        pass

    def fileno(self) -> int:
        raise OSError


def test_a_person_sees_the_keys_only_if_the_rest_takes_long(monkeypatch: pytest.MonkeyPatch) -> None:
    now, shown = [100.0], Screen()
    monkeypatch.setattr(screen.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(screen.sys, "stderr", shown)
    progress = screen.Progress()
    now[0] += 5
    progress.meanwhile(["1 of 2 relationships checked so far", "  c.p → p.id: 3 orphans"])
    for _ in range(4):
        now[0] += 0.2
        progress.sign()
    assert "so far" not in shown.text
    now[0] += 1
    progress.sign()
    progress.sign()
    assert shown.text.count("1 of 2 relationships checked so far\n  c.p → p.id: 3 orphans\n") == 1
    assert shown.text.endswith("the slower checks … 7 s")
