"""Corrupt files: bits flipped, bytes overwritten, ends cut off. No traceback, no hang, no crash, and nothing written.

`make test` tries some 100 variants; SQLFIX_CORRUPT=2000 (`make corrupt`) names another number. Each variant is made
anew from a number, so a failure's name is enough to see it again.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import json
import os
import random
import selectors
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
VARIANTS = int(os.environ.get("SQLFIX_CORRUPT") or 100)
MOST_SECONDS = 60
"""A command that takes longer on a file of a few pages has hung."""
SIDES = ("-wal", "-shm", "-journal")


# -- the databases ------------------------------------------------------------------------------------------------

PLAIN = """
CREATE TABLE author (id INTEGER PRIMARY KEY, name TEXT NOT NULL, born REAL);
CREATE TABLE shelf (room TEXT, place INTEGER, note, PRIMARY KEY (room, place)) WITHOUT ROWID;
CREATE TABLE book (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    title TEXT NOT NULL CHECK (length(title) > 0),
    author_id INTEGER REFERENCES author (id) ON DELETE CASCADE,
    editor_id INTEGER REFERENCES author,
    room TEXT, place INTEGER,
    sequel_to INTEGER REFERENCES book (id) ON DELETE SET NULL,
    cover BLOB,
    shout TEXT GENERATED ALWAYS AS (upper(title)) VIRTUAL,
    FOREIGN KEY (room, place) REFERENCES shelf (room, place)
);
CREATE TABLE loan (
    book_id INTEGER NOT NULL REFERENCES book (id), reader TEXT NOT NULL, since TEXT, PRIMARY KEY (book_id, reader)
) WITHOUT ROWID;
CREATE INDEX book_by_author ON book (author_id);
CREATE INDEX book_by_title ON book (title COLLATE NOCASE) WHERE author_id IS NOT NULL;
CREATE VIEW shelved AS SELECT title, room FROM book WHERE room IS NOT NULL;
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60)
INSERT INTO author SELECT i, 'author ' || i, i * 1.5 FROM n;
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20)
INSERT INTO shelf SELECT 'room ' || (i % 4), i, zeroblob(i) FROM n;
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 150)
INSERT INTO book (title, author_id, editor_id, room, place, sequel_to, cover)
SELECT 'title ' || i, i % 62 + 1, nullif(i % 61, 0), 'room ' || (i % 4), i % 21 + 1, nullif(i % 160, 0),
       CASE WHEN i % 50 = 0 THEN zeroblob(9000) END FROM n;
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100)
INSERT INTO loan SELECT i * 2, 'reader ' || (i % 9), '2024-01-01' FROM n;
"""
TRIGGERS = """
CREATE TABLE log (id INTEGER PRIMARY KEY, what TEXT);
CREATE TRIGGER book_gone AFTER DELETE ON book BEGIN INSERT INTO log (what) VALUES ('gone: ' || OLD.title); END;
CREATE TRIGGER book_changed AFTER UPDATE ON book BEGIN INSERT INTO log (what) VALUES ('changed: ' || NEW.title); END;
"""
FTS = """
CREATE VIRTUAL TABLE search USING fts5(title, content='book', content_rowid='id');
INSERT INTO search (rowid, title) SELECT id, title FROM book;
CREATE TRIGGER search_gone AFTER DELETE ON book BEGIN
    INSERT INTO search (search, rowid, title) VALUES ('delete', OLD.id, OLD.title);
END;
CREATE VIRTUAL TABLE notes USING fts5(body);
INSERT INTO notes SELECT 'a note on ' || title FROM book;
"""
RTREE = """
CREATE VIRTUAL TABLE spot USING rtree(id, x0, x1, y0, y1);
INSERT INTO spot SELECT id, id, id + 1, id, id + 2 FROM book;
CREATE TRIGGER spot_gone AFTER DELETE ON book BEGIN DELETE FROM spot WHERE id = OLD.id; END;
"""


def _script(sql: str) -> Callable[[Path], None]:
    def make(path: Path) -> None:
        with contextlib.closing(sqlite3.connect(path)) as connection:
            connection.executescript(sql)

    return make


def _shop(path: Path) -> None:
    """The web shop of `make demo`."""
    spec = importlib.util.spec_from_file_location("demo_build", ROOT / "docs" / "demo" / "build.py")
    assert spec is not None and spec.loader is not None
    demo = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(demo)
    demo.build(path)


def _with_a_wal(path: Path) -> None:
    """A file whose last rows stand in its WAL alone."""
    first = path.with_name(f"first of {path.name}")
    _script("PRAGMA journal_mode = WAL;" + PLAIN)(first)
    with contextlib.closing(sqlite3.connect(first)) as connection:
        connection.execute("PRAGMA wal_autocheckpoint = 0")
        connection.execute("DELETE FROM author WHERE id % 7 = 0")
        connection.execute("UPDATE book SET editor_id = 900 WHERE id % 5 = 0")
        connection.commit()
        shutil.copyfile(first, path)
        shutil.copyfile(f"{first}-wal", f"{path}-wal")


DATABASES: dict[str, Callable[[Path], None]] = {
    "the shop": _shop,
    "pages of 512 bytes": _script("PRAGMA page_size = 512;" + PLAIN),
    "pages of 64 KiB": _script("PRAGMA page_size = 65536;" + PLAIN),
    "UTF-16": _script("PRAGMA encoding = 'UTF-16le'; PRAGMA page_size = 1024;" + PLAIN),
    "triggers": _script("PRAGMA page_size = 1024;" + PLAIN + TRIGGERS),
    "full-text search": _script("PRAGMA page_size = 1024;" + PLAIN + FTS),
    "R*Tree": _script("PRAGMA page_size = 2048;" + PLAIN + RTREE),
    "auto_vacuum": _script("PRAGMA auto_vacuum = FULL; PRAGMA page_size = 1024;" + PLAIN + TRIGGERS),
    "a WAL header": _script("PRAGMA page_size = 1024; PRAGMA journal_mode = WAL;" + PLAIN),
    "a WAL": _with_a_wal,
}


# -- the damage ---------------------------------------------------------------------------------------------------


def _flip(data: bytearray, chance: random.Random, first: int, last: int) -> None:
    data[chance.randrange(first, min(last, len(data)))] ^= 1 << chance.randrange(8)


def _one_bit(data: bytearray, chance: random.Random, page: int) -> None:
    _flip(data, chance, 0, len(data))


def _a_bit_of_the_header(data: bytearray, chance: random.Random, page: int) -> None:
    _flip(data, chance, 16, 100)


def _bits_of_the_schema(data: bytearray, chance: random.Random, page: int) -> None:
    for _ in range(chance.randint(1, 4)):
        _flip(data, chance, 100, page)


def _a_bit_of_a_page_head(data: bytearray, chance: random.Random, page: int) -> None:
    """Its kind, how many cells it has, where they stand."""
    start = chance.randrange(max(len(data) // page, 1)) * page
    _flip(data, chance, start, start + 30)


def _many_bits(data: bytearray, chance: random.Random, page: int) -> None:
    for _ in range(chance.randint(2, 200)):
        _flip(data, chance, 16, len(data))


def _bytes_overwritten(data: bytearray, chance: random.Random, page: int) -> None:
    start, length = chance.randrange(16, len(data)), chance.randint(1, 300)
    end = min(start + length, len(data))
    fill = chance.choice([b"\x00", b"\xff", None])
    data[start:end] = fill * (end - start) if fill else chance.randbytes(end - start)


def _a_page_emptied(data: bytearray, chance: random.Random, page: int) -> None:
    start = chance.randrange(max(len(data) // page, 1)) * page
    data[start : start + page] = bytes(len(data[start : start + page]))


def _two_pages_swapped(data: bytearray, chance: random.Random, page: int) -> None:
    one, other = (chance.randrange(max(len(data) // page, 1)) * page for _ in range(2))
    data[one : one + page], data[other : other + page] = data[other : other + page], data[one : one + page]


def _cut_anywhere(data: bytearray, chance: random.Random, page: int) -> None:
    del data[chance.randrange(len(data)) :]


def _cut_between_pages(data: bytearray, chance: random.Random, page: int) -> None:
    del data[chance.randint(0, len(data) // page) * page :]


DAMAGES = [
    _one_bit,
    _a_bit_of_the_header,
    _bits_of_the_schema,
    _a_bit_of_a_page_head,
    _many_bits,
    _bytes_overwritten,
    _a_page_emptied,
    _two_pages_swapped,
    _cut_anywhere,
    _cut_between_pages,
]


def damage(path: Path, name: str, number: int) -> str:
    """Damage a file, or its WAL, in a way that the number decides; which way that is."""
    chance = random.Random(f"{name} {number}")
    how = DAMAGES[number % len(DAMAGES)]
    wal = path.with_name(path.name + "-wal")
    target = wal if wal.exists() and (number + number // len(DAMAGES)) % 2 == 0 else path
    data = bytearray(target.read_bytes())
    size = int.from_bytes(path.read_bytes()[16:18], "big")
    how(data, chance, 65536 if size == 1 else size)
    target.write_bytes(data)
    return how.__name__.strip("_") + " (WAL)" * (target == wal)


# -- the child process --------------------------------------------------------------------------------------------

CHILD = r'''
import contextlib, io, json, re, sqlite3, sys
with contextlib.suppress(ImportError):
    import resource
    resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
from sqlfix.repair.backup import NO_DAMAGE
from sqlfix.cli import run

def look(path):
    """What SQLite itself says of a file: does quick_check pass, and how many rows break a foreign key."""
    try:
        with contextlib.closing(sqlite3.connect(f"file:{path}?mode=rw", uri=True)) as connection:
            connection.text_factory = bytes
            lines = [row[0].decode(errors="replace") for row in connection.execute("PRAGMA quick_check(1000000)")]
            sound = all(line == "ok" or re.match(NO_DAMAGE, line) for line in lines)
            return {"sound": sound, "violations": len(connection.execute("PRAGMA foreign_key_check").fetchall())}
    except (sqlite3.Error, UnicodeDecodeError) as error:  # the other is for the words of the first
        return {"sound": False, "violations": None, "error": str(error)}

answers = sys.stdout
for line in sys.stdin:
    arguments = json.loads(line)
    if arguments[0] == "look":
        answer = look(arguments[1])
    else:
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = run(arguments)
        answer = {"code": code, "out": out.getvalue(), "err": err.getvalue()}
    print(json.dumps(answer), file=answers, flush=True)
'''


class Lost(Exception):
    """The child process crashed, or took too long."""


@dataclass
class Child:
    """A process that runs one command after another; a new one where the last has died."""

    process: subprocess.Popen[str] | None = None

    def ask(self, *arguments: object) -> dict[str, Any]:
        """Run a command; its exit code and what it wrote."""
        if self.process is None:
            self.process = subprocess.Popen(
                [sys.executable, "-X", "faulthandler", "-c", CHILD],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                encoding="utf-8",
                env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"},
            )
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(json.dumps([str(a) for a in arguments]) + "\n")
        self.process.stdin.flush()
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ)
            if not selector.select(MOST_SECONDS):
                self.end()
                raise Lost(f"no answer within {MOST_SECONDS} seconds: {arguments}")
        line = self.process.stdout.readline()
        if not line:
            code = self.process.wait()
            self.end()
            raise Lost(f"died with {code}: {arguments}")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def end(self) -> None:
        """End the process."""
        if self.process is not None:
            self.process.kill()
            self.process.communicate()
            self.process = None


@pytest.fixture(scope="module")
def child() -> Iterator[Child]:
    """The child process, one for all variants."""
    found = Child()
    yield found
    found.end()


@pytest.fixture(scope="module")
def originals(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the sound databases are built when they are needed."""
    return tmp_path_factory.mktemp("originals")


# -- the tests ----------------------------------------------------------------------------------------------------


def state(folder: Path) -> dict[str, str]:
    """The files of a folder and their contents."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def put(original: Path, folder: Path) -> Path:
    """A fresh copy of a database and its WAL in an empty folder."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for side in ("", "-wal"):
        if (source := original.with_name(original.name + side)).exists():
            shutil.copyfile(source, folder / f"a.db{side}")
    return folder / "a.db"


def require_honest(answer: dict[str, Any]) -> None:
    """Exit code 0 to 3 with a report, or one clear error."""
    assert answer["code"] in (0, 1, 2, 3), answer
    for word in ("Traceback", "internal error"):
        assert word not in answer["err"] + answer["out"], answer
    if answer["code"] == 2:
        assert answer["err"].startswith("error: "), answer
        assert len(answer["err"].splitlines()) <= 2, answer
    if "malformed" in answer["err"] or "is damaged (" in answer["err"]:
        assert ".recover" in answer["err"], answer


def try_variant(child: Child, path: Path) -> str:
    """Run the commands on a damaged file; what came of it."""
    folder = path.parent
    before = state(folder)
    scanned = child.ask("scan", path)
    require_honest(scanned)
    assert state(folder) == before, "scan changed something"
    exported = child.ask("export-sql", path)
    require_honest(exported)
    assert state(folder) == before, "export-sql changed something"
    private = path.with_name("looked-at.db")
    for side in ("", "-wal"):
        if (source := path.with_name(path.name + side)).exists():
            shutil.copyfile(source, private.with_name(private.name + side))
    truth = child.ask("look", private)
    for side in ("", *SIDES):
        private.with_name(private.name + side).unlink(missing_ok=True)
    if scanned["code"] == 0 and truth["violations"] is not None:
        assert truth["violations"] == 0, "scan says clean"
    repaired = child.ask("repair", path, "--yes")
    require_honest(repaired)
    if "Record:" not in repaired["out"]:
        now = state(folder)
        if repaired["code"] == 2 and truth["sound"]:  # refused half way: the backup, which was whole, stays
            now = {name: found for name, found in now.items() if ".backup-" not in name}
        if repaired["code"] == 2 and truth["sound"] and "a.db-wal" in before and "a.db-wal" not in now:
            # refused half way as well: the last connection to close folds the WAL into the file; what SQLite reads from
            # it is the same
            assert child.ask("look", path) == truth
            return "refused, and the WAL folded in"
        assert now == before, f"repair changed something: {repaired}"
        return "refused" if repaired["code"] == 2 else "nothing to do"
    assert truth["sound"], f"a damaged file was repaired: {truth}"
    assert child.ask("look", path)["sound"]
    assert sorted(n for n in state(folder) if ".backup-" in n or ".sqlfix-" in n) == sorted(
        set(state(folder)) - {path.name + side for side in ("", *SIDES)}
    )
    undone = child.ask("undo", path, "--yes", "--no-backup")
    assert undone["code"] == 0, undone
    again = child.ask("look", path)
    assert again == truth
    return "repaired"


def test_the_databases_are_sound_and_have_orphans(originals: Path, child: Child, tmp_path: Path) -> None:
    for name, make in DATABASES.items():
        original = originals / f"check {list(DATABASES).index(name)}.db"
        make(original)
        path = put(original, tmp_path / "work")
        assert child.ask("scan", path)["code"] == 1, name
        assert try_variant(child, path) == "repaired", name


@pytest.mark.parametrize("name", DATABASES)
def test_no_damage_is_too_much(name: str, originals: Path, child: Child, tmp_path: Path) -> None:
    original = originals / f"{list(DATABASES).index(name)}.db"
    DATABASES[name](original)
    came: dict[str, int] = {}
    lost = []
    tried = VARIANTS // len(DATABASES)
    for number in range(tried):
        path = put(original, tmp_path / "work")
        how = damage(path, name, number)
        try:
            result = try_variant(child, path)
        except (AssertionError, Lost) as error:
            lost.append(f"{name}, variant {number}, {how}: {error}")
            continue
        came[result] = came.get(result, 0) + 1
    print(f"{name}: {tried} tried, {len(lost)} lost; {came}")
    assert not lost, f"{len(lost)} of {tried} lost:\n" + "\n".join(lost[:10])
    assert came.get("refused"), "no variant was damaged at all"
