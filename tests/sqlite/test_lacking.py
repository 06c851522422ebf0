"""What only the application has (a collation, a function, a module): it excludes what needs it, and nothing else."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

import pytest
from support import Ran, contents, sqlfix

BESIDE = """
CREATE TABLE p (id INTEGER PRIMARY KEY);
CREATE TABLE plain (id INTEGER PRIMARY KEY, p_id INTEGER REFERENCES p (id));
INSERT INTO p VALUES (1), (2), (3); INSERT INTO plain VALUES (1, 1), (2, 9);
"""
ROWS = "INSERT INTO item (id, p_id, a) VALUES (1, 1, 'x'), (2, 9, 'y'), (3, 1, 'z');"
KEY = "id INTEGER PRIMARY KEY, p_id INTEGER REFERENCES p (id)"
ITEM = f"CREATE TABLE item ({KEY}, a TEXT);"
HAND = "PRAGMA writable_schema = ON; UPDATE sqlite_master SET"

LACKING: dict[str, tuple[str, tuple[str, ...] | None]] = {
    "a column": (f"CREATE TABLE item ({KEY}, a TEXT COLLATE house);{ROWS}", ()),
    "an index": (f"{ITEM} CREATE INDEX i ON item (a COLLATE house);{ROWS}", ("item",)),
    "a unique column": (f"CREATE TABLE item ({KEY}, a TEXT COLLATE house UNIQUE);{ROWS}", ("item",)),
    "a partial index": (f"{ITEM} CREATE INDEX i ON item (p_id) WHERE a > 'x' COLLATE house;{ROWS}", None),
    "a primary key": (
        f"CREATE TABLE item (id, p_id INTEGER REFERENCES p (id), a TEXT COLLATE house PRIMARY KEY);{ROWS}",
        ("item",),
    ),
    "the key of the rows": (
        f"CREATE TABLE item (id, p_id REFERENCES p (id), a TEXT COLLATE house PRIMARY KEY) WITHOUT ROWID;{ROWS}",
        ("item",),
    ),
    "a part of the key of the rows": (
        "CREATE TABLE item (id, p_id REFERENCES p (id), a TEXT, PRIMARY KEY (id, a COLLATE house)) WITHOUT ROWID;"
        f"{ROWS}",
        ("item",),
    ),
    "an index beside the key of the rows": (
        f"CREATE TABLE item ({KEY}, a TEXT) WITHOUT ROWID; CREATE INDEX i ON item (a COLLATE house);{ROWS}",
        ("item",),
    ),
    "a CHECK": (f"CREATE TABLE item ({KEY}, a TEXT CHECK (a > 'a' COLLATE house OR house(1)));{ROWS}", ()),
    "a computed column": (f"CREATE TABLE item ({KEY}, a TEXT, g AS (a > 'a' COLLATE house));{ROWS}", ()),
    "a computed column that is NOT NULL": (
        f"CREATE TABLE item ({KEY}, a TEXT, g NOT NULL AS (house(a)));{ROWS}",
        ("item",),
    ),
    "a DEFAULT": (f"CREATE TABLE item ({KEY}, a TEXT, d DEFAULT (house(1)));{ROWS}", ()),
    "the expression of an index": (f"{ITEM} CREATE UNIQUE INDEX i ON item (house(a));{ROWS}", None),
    "a trigger": (
        f"{ITEM}{ROWS} CREATE TRIGGER t AFTER UPDATE ON item BEGIN DELETE FROM plain WHERE 'b' = NEW.a COLLATE house;"
        " END; CREATE TRIGGER u AFTER DELETE ON item BEGIN SELECT house(OLD.a); END;",
        (),
    ),
    "a view": (f"{ITEM}{ROWS} CREATE VIEW v AS SELECT house(a) FROM item ORDER BY a COLLATE house;", ()),
    "a key that is referred to": (
        f"CREATE TABLE item ({KEY}, a TEXT COLLATE house UNIQUE); CREATE TABLE sub (a REFERENCES item (a),"
        f" i REFERENCES item (id));{ROWS} INSERT INTO sub VALUES ('x', 2), ('none', 77);",
        ("item",),
    ),
    "a key that refers": (
        f"{ITEM}{ROWS} CREATE TABLE q (k TEXT PRIMARY KEY); CREATE TABLE sub (k TEXT COLLATE house REFERENCES q (k));"
        "INSERT INTO q VALUES ('x'); INSERT INTO sub VALUES ('x'), ('none');",
        (),
    ),
    "a module": (
        f"{ITEM}{ROWS} PRAGMA writable_schema = ON;"
        "INSERT INTO sqlite_master VALUES ('table', 'm', 'm', 0, 'CREATE VIRTUAL TABLE m USING house (x)');",
        (),
    ),
    "a module that a trigger needs": (
        f"{ITEM}{ROWS} CREATE TRIGGER t AFTER UPDATE ON item BEGIN INSERT INTO m VALUES (NEW.a); END;"
        "PRAGMA writable_schema = ON;"
        "INSERT INTO sqlite_master VALUES ('table', 'm', 'm', 0, 'CREATE VIRTUAL TABLE m USING house (x)');",
        (),
    ),
    "a tokenizer": (
        f"{ITEM} CREATE VIRTUAL TABLE ft USING fts5 (a, content=item, content_rowid=id, tokenize=unicode61);{ROWS}"
        "CREATE TRIGGER t AFTER UPDATE ON item BEGIN INSERT INTO ft (rowid, a) VALUES (NEW.id, NEW.a); END;"
        f"{HAND} sql = replace(sql, 'unicode61', 'house') WHERE name = 'ft';",
        (),
    ),
}
"""Where something is needed that is not there; and the tables that cannot be verified without it.

Whether a quick_check computes the expressions of an index depends on SQLite's version.
"""


def make(path: Path, sql: str) -> None:
    """The file as its application wrote it."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.create_collation("house", lambda a, b: (a > b) - (a < b))
        connection.create_function("house", 1, lambda value: value, deterministic=True)
        connection.executescript(BESIDE + sql)
        connection.commit()


def items(text: str, heading: str) -> list[str]:
    """The entries of a list in the output, each on one line."""
    lines: list[str] = []
    for line in text.partition(heading)[2].strip("\n").split("\n\n")[0].splitlines():
        if line.startswith("    ") and lines:
            lines[-1] += " " + line.strip()
        else:
            lines.append(line)
    return lines


def said_once_and_plainly(ran: Ran) -> None:
    """Nothing is printed twice, and every reason is one that a person understands."""
    text = ran.out + ran.err
    for word in ("no query solution", "could not be counted", "malformed", "internal error", ".recover"):
        assert word not in text, ran
    for heading in ("Not checked:", "Left unchanged:"):
        listed = items(ran.out, heading)
        assert len(listed) == len(set(listed)), listed


@pytest.mark.parametrize("what", LACKING)
def test_it_excludes_only_what_needs_it(what: str, tmp_path: Path) -> None:
    sql, unverified = LACKING[what]
    path = tmp_path / "a.db"
    make(path, sql)
    before = rows(path)
    scanned = sqlfix("scan", path)
    said_once_and_plainly(scanned)
    assert scanned.code == 1
    for arguments, codes in (
        (("scan", path, "--rows"), (1,)),
        (("export-sql", path), (0, 1)),
        (("why", path, "p", "2"), (0, 1)),
        (("why", path, "p", "1"), (1,)),
        (("why", path, "plain", "1"), (0,)),
        (("why", path, "p"), (1,)),
        (("why", path, "item"), (0, 1, 2)),
        (("why", path, "item", "y" if "primary" in what else "2"), (0, 1, 2)),
        (("why", path, "--error", "FOREIGN KEY constraint failed"), (1,)),
    ):
        ran = sqlfix(*arguments)
        said_once_and_plainly(ran)
        assert ran.code in codes, ran
    assert rows(path) == before
    dry = sqlfix("repair", path, "--dry-run")
    done = sqlfix("repair", path, "--yes", "--format", "json")
    said_once_and_plainly(dry)
    said_once_and_plainly(done)
    assert (done.code, done.code) == (dry.code, 1 if done.json["left"] else 0), done
    assert "plain" in [fix["table"] for fix in done.json["fixes"]]
    named = tuple(entry["table"] for entry in done.json["unverified"])
    assert named == unverified or (unverified is None and named in ((), ("item",)))
    assert all("house" in entry["reason"] for entry in done.json["unverified"])
    assert rows(path)["plain"] == [(1, 1), (2, None)]
    said_once_and_plainly(sqlfix("scan", path))
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("INSERT INTO p VALUES (50)")  # so that it is undone row by row
        connection.commit()
    undone = sqlfix("undo", path, "--yes")
    said_once_and_plainly(undone)
    assert undone.code == 0, undone
    assert ("verified, except for" in undone.out) == bool(named)
    assert {**rows(path), "p": before["p"]} == before


def rows(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """The rows of the ordinary tables, as the application sees them."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.create_collation("house", lambda a, b: (a > b) - (a < b))
        connection.create_function("house", 1, lambda value: value, deterministic=True)
        names = ["p", "plain", "item"]
        return {name: connection.execute(f"SELECT * FROM {name} ORDER BY id").fetchall() for name in names}


def test_the_backup_says_what_could_not_be_verified(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    make(path, LACKING["an index"][0])
    done = sqlfix("repair", path, "--yes")
    assert "(verified, except for what is listed below)" in done.out
    assert "not verified: item: no such collation sequence: house; it belongs to the application" in done.out
    marked = sqlfix("repair", path, "--yes", "--format", "markdown")
    assert marked.code == 0


def test_a_backup_without_a_doubt_is_verified(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    make(path, ITEM + ROWS)
    done = sqlfix("repair", path, "--yes")
    assert "(verified)\n" in done.out
    assert "not verified" not in done.out


@pytest.mark.parametrize("way", ["--dry-run", "--yes"])
def test_a_damaged_file_is_refused_by_a_dry_run_as_well(way: str, tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    make(path, ITEM + ROWS + f"CREATE TABLE lost (x);{HAND} rootpage = 3 WHERE name = 'lost';")
    before = contents(path)
    ran = sqlfix("repair", path, way)
    assert ran.code == 2, ran
    assert "is damaged (" in ran.err
    assert contents(path) == before


def test_rows_that_cannot_be_listed_are_said_to_be_so(tmp_path: Path) -> None:
    """The rows of a finding need the collation of the child to be told apart, and its count does not."""
    path = tmp_path / "x.db"
    make(path, LACKING["a key that refers"][0])
    found = sqlfix("scan", "--select", "sub.k", "--format", "json", path).json["findings"]
    ran = sqlfix("scan", "--select", "sub.k", "--rows", "--format", "jsonl", path)
    assert [finding["count"] for finding in found] == [1]
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith("note: not all rows of sub.k could be listed: no such collation sequence: house")
