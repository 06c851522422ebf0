"""The check suspicious-declarations: keywords read as a part of the type, and keys that contradict their columns."""

from __future__ import annotations

import contextlib
import re
import sqlite3
from pathlib import Path

import pytest
from support import build, found, together

from sqlfix.checks.suspicious_declarations import meant


@together
@pytest.mark.parametrize(
    ("declared", "word", "keyword"),
    [
        ("INTEGER NON", "NON", "NOT"),
        ("INTEGER REFERENCE customers", "REFERENCE", "REFERENCES"),
        ("INTEGER REFRENCES customers", "REFRENCES", "REFERENCES"),
        ("text uniqe", "uniqe", "UNIQUE"),
        ("UNIQUIE", "UNIQUIE", "UNIQUE"),
        ("INTEGER DEFUALT (0)", "DEFUALT", "DEFAULT"),
        ("INTEGER PRIMARYKEY", "PRIMARYKEY", "PRIMARY KEY"),
        ("INTEGER PIRMARY", "PIRMARY", "PRIMARY"),
        ("INTEGER KEY", "KEY", "PRIMARY KEY"),
        ("INTEGER AUTO_INCREMENT", "AUTO_INCREMENT", "AUTOINCREMENT"),
        ("INT (11) UNSIGNED AUTO_INCREMENT", "AUTO_INCREMENT", "AUTOINCREMENT"),
        ("INTEGER AUTOINCREMNT", "AUTOINCREMNT", "AUTOINCREMENT"),
        ("VARCHAR(20) /* a UNIQUE one */ COLATE nocase", "COLATE", "COLLATE"),
        ("INTEGER CASCADE", "CASCADE", "CASCADE"),
    ],
)
def test_a_keyword_that_became_a_part_of_the_type(declared: str, word: str, keyword: str) -> None:
    assert meant(declared) == (word, keyword)


@together
@pytest.mark.parametrize(
    "declared",
    [
        *("", "INTEGER", "UNSIGNED BIG INT", "VARCHAR(255)", "DOUBLE PRECISION", "NATIVE CHARACTER(70)", "jsonb"),
        *("TIMESTAMP WITH TIME ZONE", "UNIQUEIDENTIFIER", "INTERGER", "REFERENCE", "KEY", "bool", "DECIMAL(10,5)"),
        *("LONG", "MULTILINESTRING", "ENUM('UNIQE', 'NON')", "TEXT_CI", "/* NON */ TEXT", "hstore", "NULLABLE"),
        *("INTEGER IDENTITY", "MONEY", "unit", "CHARCHAR", "MPH", "Currency", "INT2", "NTEXT", "nullable text", "DATE"),
        *("citext", "Checked"),
    ],
)
def test_a_type_without_one(declared: str) -> None:
    assert meant(declared) is None


def test_what_sqlite_swallowed_is_named_with_its_column(tmp_path: Path) -> None:
    path = build(
        tmp_path / "x.db",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER NON NULL); INSERT INTO t VALUES (1, NULL);",
    )
    (finding,) = found(path, "suspicious-declarations")
    assert (finding["severity"], finding["columns"], finding["count"]) == ("warning", ["n"], 0)
    assert (
        finding["message"] == "t.n is declared INTEGER NON: NON looks like NOT, but SQLite reads it as part of the type"
    )


@together
@pytest.mark.parametrize(
    "column",
    [
        *("INTEGER NOT NULL", "INTEGER", "INTEGER PRIMARY KEY", "INT PRIMARY KEY", "INTEGER NOT NULL DEFAULT NULL"),
        *("INTEGER NOT NULL DEFAULT (/* none */ null)", "INTEGER NOT NULL DEFAULT 1", "INTEGER DEFAULT 1"),
    ],
)
@pytest.mark.parametrize("action", ["SET NULL", "SET DEFAULT", "CASCADE", "NO ACTION"])
@pytest.mark.parametrize("event", ["DELETE", "UPDATE"])
@pytest.mark.parametrize("options", ["", "WITHOUT ROWID"])
def test_a_key_that_is_to_become_null_and_may_not_keeps_its_parent(
    tmp_path: Path, column: str, action: str, event: str, options: str
) -> None:
    """Just where SQLite refuses the change of a parent for it."""
    if options and "PRIMARY" not in column:
        column += ", k INT PRIMARY KEY DEFAULT 7"
    declared = f"c {column.replace(',', f' REFERENCES p ON {event} {action},', 1)}"
    declared += "" if "," in column else f" REFERENCES p ON {event} {action}"
    path = build(
        tmp_path / "x.db",
        f"CREATE TABLE p (id INTEGER PRIMARY KEY); INSERT INTO p VALUES (1), (2);"
        f"CREATE TABLE t ({declared}) {options}; INSERT INTO t (c) VALUES (2);",
    )
    facts = [(f["columns"], f["severity"], f["count"]) for f in found(path, "suspicious-declarations")]
    with contextlib.closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA foreign_keys = ON")
        try:
            db.execute("DELETE FROM p WHERE id = 2" if event == "DELETE" else "UPDATE p SET id = 3 WHERE id = 2")
            refused = ""
        except sqlite3.IntegrityError as error:
            refused = str(error)
    assert facts == ([(["c"], "warning", 0)] if re.match("NOT NULL|datatype", refused) else [])


def test_a_contradiction_of_a_composite_key_names_the_column(tmp_path: Path) -> None:
    path = build(
        tmp_path / "x.db",
        "CREATE TABLE p (a, b, PRIMARY KEY (a, b)); CREATE TABLE t (x, y NOT NULL, z NOT NULL, FOREIGN KEY (x, y)"
        " REFERENCES p ON DELETE SET NULL ON UPDATE SET DEFAULT, FOREIGN KEY (x, y) REFERENCES p ON DELETE SET NULL);",
    )
    first, second = found(path, "suspicious-declarations")
    assert first["message"] == "t.x, y is declared ON DELETE SET NULL, but y may not be NULL"
    assert second["message"] == "t.x, y is declared ON UPDATE SET DEFAULT, and y has no DEFAULT, but y may not be NULL"
    assert first["hint"].startswith("no row of p that it references can be deleted while foreign keys are enforced")
    assert second["hint"].startswith("no row of p that it references can be given another key")
