"""The checks of tables together: odd names, and tables without rows."""

from __future__ import annotations

from pathlib import Path

from support import build, by_hand, found, sqlfix


def test_names_that_are_odd_in_every_place(tmp_path: Path) -> None:
    path = build(
        tmp_path / "x.db",
        'CREATE TABLE "a ""b\x1b[31m" ("k ""1" INTEGER PRIMARY KEY, "up ""2" REFERENCES "a ""b\x1b[31m", "u,\'3" TEXT);'
        'INSERT INTO "a ""b\x1b[31m" VALUES (1, 2, 5), (2, 1, 5), (3, NULL, 6);'
        'CREATE INDEX "i ""4" ON "a ""b\x1b[31m" ("u,\'3");'
        + by_hand('CREATE UNIQUE INDEX "i ""4" ON "a ""b\x1b[31m" ("u,\'3")', 'i "4'),
    )
    assert found(path, "duplicate-keys")[0]["count"] == 2
    assert found(path, "cycles")[0]["count"] == 2
    assert "\x1b" not in sqlfix("scan", "-v", path).out


def test_an_empty_database_and_empty_tables(tmp_path: Path) -> None:
    path = build(
        tmp_path / "x.db",
        "CREATE TABLE books (id INTEGER PRIMARY KEY); CREATE TABLE authors (id INTEGER PRIMARY KEY);"
        "INSERT INTO authors VALUES (1), (2); CREATE TABLE t (id INTEGER PRIMARY KEY, up REFERENCES t, u UNIQUE);"
        "CREATE TABLE authors_books (author_id REFERENCES authors, book_id REFERENCES books);",
    )
    assert sqlfix("scan", path).code == 0
    assert sqlfix("scan", path, "--unique", "t.up").code == 0
