"""The check duplicate-links: where it finds nothing, what it finds elsewhere, and the way out."""

from __future__ import annotations

import contextlib
import re
import sqlite3
from pathlib import Path

import pytest
from support import build, check_finds, found, run_script, sqlfix

ENDS = (
    "CREATE TABLE books (id INTEGER PRIMARY KEY); CREATE TABLE authors (id INTEGER PRIMARY KEY);"
    "INSERT INTO books VALUES (1), (2); INSERT INTO authors VALUES (1), (2);"
)
LINKS = f"{ENDS} CREATE TABLE authors_books (author_id REFERENCES authors, book_id REFERENCES books"
CLEAN = {
    "rows that may be meant": f"{LINKS}, role); INSERT INTO authors_books VALUES (1, 1, 'x'), (1, 1, 'x')",
    "a unique pair": f"{LINKS}, UNIQUE (book_id, author_id)); INSERT INTO authors_books VALUES (1, 1), (1, 2)",
    "a primary key": f"{LINKS}, PRIMARY KEY (book_id, author_id)); INSERT INTO authors_books VALUES (1, 1), (1, 2)",
}
FOUND = {
    "a link thrice": (f"{LINKS}); INSERT INTO authors_books VALUES (1, 1), (1, 2), (1, 1), (1, 1)",
                      [("authors_books.author_id,book_id", 2, "warning")]),
}  # fmt: skip

test_duplicate_links = check_finds("duplicate-links", CLEAN, FOUND)


def take_the_way_out(path: Path, hint: str, merged: bool) -> None:
    """Do what the hint says, by the commands or by the DELETE."""
    if merged:
        said = re.search(r"repair with (--merge) (\S+) keeps one; then sqlfix alter with (\S+) (--unique)", hint)
        assert said is not None
        option, place, unique_place, unique = said.groups()
        assert sqlfix("repair", option, place, path, "--yes").code == 0
        assert sqlfix("alter", path, unique_place, unique, "--yes").code == 0
    else:
        script = re.search(r"DELETE .*?\)(?=;)", hint)
        assert script is not None
        run_script(path, script[0])


@pytest.mark.parametrize(
    ("columns", "more", "merged"),
    [
        ("", "", True),
        ("id INTEGER PRIMARY KEY,", "", True),
        ("", "CREATE INDEX i ON authors_books (author_id, book_id);", True),
        ("", "CREATE UNIQUE INDEX i ON authors_books (author_id, book_id) WHERE author_id > 5;", False),
    ],
)
def test_links_that_are_there_twice_and_the_way_out(tmp_path: Path, columns: str, more: str, merged: bool) -> None:
    path = build(
        tmp_path / "x.db",
        f"{ENDS} CREATE TABLE authors_books ({columns} author_id REFERENCES authors, book_id REFERENCES books); {more}"
        "INSERT INTO authors_books (author_id, book_id) VALUES (1, 1), (1, 2), (1, 1), (1, 1), (2, 1),"
        " (NULL, 1), (NULL, 1);",
    )
    (finding,) = found(path, "duplicate-links")
    assert (finding["severity"], finding["count"], finding["distinct"]) == ("warning", 2, 1)
    take_the_way_out(path, finding["hint"], merged)
    assert found(path, "duplicate-links") == []
    with contextlib.closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT author_id, book_id FROM authors_books ORDER BY 1, 2").fetchall()
    assert rows == [(None, 1), (None, 1), (1, 1), (1, 2), (2, 1)]
