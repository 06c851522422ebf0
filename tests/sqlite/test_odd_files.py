"""What people take for an SQLite database and is none: one clear line, what to do about it, and nothing touched."""

from __future__ import annotations

import bz2
import contextlib
import gzip
import hashlib
import io
import lzma
import re
import shlex
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
import zipfile
from pathlib import Path

import pytest
from support import Ran, build, sqlfix, together

from sqlfix.sqlite.odd_files import HEAD, is_sqlite_file, odd_file

SCHEMA = """
CREATE TABLE p (id INTEGER PRIMARY KEY);
CREATE TABLE q (id INTEGER PRIMARY KEY, p_id INTEGER REFERENCES p (id));
INSERT INTO p VALUES (1);
INSERT INTO q VALUES (1, 1), (2, 5);
"""
DUMP = f"PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;{SCHEMA}COMMIT;\n"
NOISE = b"".join(hashlib.sha256(bytes([n % 256, n // 256])).digest() for n in range(256))


def database() -> bytes:
    """The bytes of a sound database."""
    with tempfile.TemporaryDirectory() as folder:
        return build(Path(folder) / "x.db", SCHEMA).read_bytes()


def zipped(data: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("app.db", data)
    return out.getvalue()


def tarred(data: bytes) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        entry = tarfile.TarInfo("app.db")
        entry.size = len(data)
        archive.addfile(entry, io.BytesIO(data))
    return out.getvalue()


def partly_encrypted(data: bytes) -> bytes:
    """As SEE and wxSQLite3 encrypt a file: all but the bytes 16 to 23."""
    return NOISE[:16] + data[16:24] + NOISE[24:4096]


FILES = [
    pytest.param(gzip.compress(database()), "is packed (gzip)", "gunzip -c < ", id="gzip"),
    pytest.param(zipped(database()), "is packed (zip)", "unzip ", id="zip"),
    pytest.param(lzma.compress(database()), "is packed (xz)", "xz -dc < ", id="xz"),
    pytest.param(bz2.compress(database()), "is packed (bzip2)", "bzip2 -dc < ", id="bzip2"),
    pytest.param(b"\x28\xb5\x2f\xfd" + NOISE, "is packed (zstd)", "zstd -dc", id="zstd"),
    pytest.param(tarred(database()), "is an archive (tar)", "tar -xf ", id="tar"),
    pytest.param(DUMP.encode(), "is an SQL script", "sqlite3 new.db < ", id="a dump"),
    pytest.param(b"\xef\xbb\xbf" + DUMP.encode(), "is an SQL script", "sqlite3 new.db < ", id="a dump with a BOM"),
    pytest.param(f"-- made by x\n/* and\n y */ \n{DUMP}".encode(), "is an SQL script", "new.db", id="comments first"),
    pytest.param(b"create table if not exists a(b);", "is an SQL script", "sqlite3 new.db < ", id="one statement"),
    pytest.param(b"INSERT INTO a VALUES('caf\xe9');\n", "is an SQL script", "new.db < ", id="a dump in Latin-1"),
    pytest.param(b"\xff\xfe" + DUMP.encode("utf-16-le"), "in UTF-16", "iconv -f UTF-16", id="as PowerShell writes it"),
    pytest.param(b"-- MySQL dump 10.13\n--\nCREATE TABLE `a` (b int);", "is a MySQL dump", "MySQL", id="mysqldump"),
    pytest.param(b"/*!40101 SET NAMES utf8 */;\nCREATE TABLE `a` (b int);", "MySQL dump", "MySQL", id="mysql hints"),
    pytest.param(b"CREATE TABLE `a` (b int) ENGINE=InnoDB;", "is a MySQL dump", "MySQL", id="an engine of MySQL"),
    pytest.param(b"--\n-- PostgreSQL database dump\n--\nSET x = 0;", "PostgreSQL dump", "psql", id="pg_dump"),
    pytest.param(b"PGDMP\x01\x0e\x00", "is a PostgreSQL dump", "pg_restore", id="pg_dump in its own format"),
    pytest.param(b"\x00\x01\x00\x00Standard Jet DB\x00", "Microsoft Access", "SQLite only", id="an mdb"),
    pytest.param(b"\x00\x01\x00\x00Standard ACE DB\x00", "Microsoft Access", "SQLite only", id="an accdb"),
    pytest.param(b"** This file contains an SQLite 2.1 database **\x00", "SQLite 2", ".dump", id="SQLite 2"),
    pytest.param(b"id,name\n1,Ada\n2,\"Bo, jr\"\n", "CSV", ".import --csv", id="a CSV file"),
    pytest.param(b"id\tname\n1\tAda\n", "CSV", ".import --csv", id="tab-separated values"),
    pytest.param(b'{"a": [1, 2]}', "is a JSON file", "SQLite only", id="a JSON object"),
    pytest.param(b' [{"a": 1},\n {"a": 2}]', "is a JSON file", "SQLite only", id="a JSON array"),
    pytest.param(b"<!DOCTYPE html>\n<html><title>Sign in</title>", "is a web page", "login", id="a web page"),
    pytest.param(b'<?xml version="1.0"?><a/>', "is an XML file", "SQLite only", id="XML"),
    pytest.param(
        b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 8192\n", "Git LFS", "git lfs pull", id="LFS"
    ),
    pytest.param(b"/annex/objects/SHA256E-s8192--00.db\n", "git-annex", "git annex get ", id="git-annex"),
    pytest.param(b"Some words of a person.\n", "is a text file", "application", id="a text"),
    pytest.param(b"%PDF-1.7\n\x00", "is a PDF", "SQLite only", id="a PDF"),
    pytest.param(b"age-encryption.org/v1\n-> X25519 x\n", "is encrypted (age)", "age -d", id="age"),
    pytest.param(NOISE, "encrypted: its bytes look random", "SQLCipher", id="SQLCipher"),
    pytest.param(partly_encrypted(database()), "first bytes were overwritten", "decrypt it first", id="SEE"),
    pytest.param(bytes(8192), "begins with zeros", "copy it again", id="zeros"),
    pytest.param(b"\x7fELF\x02\x01\x01\x00" + bytes(64), "is not an SQLite database", "application", id="a program"),
    pytest.param(b"\x01\x02", "is not an SQLite database", "application", id="two bytes"),
]  # fmt: skip


def refused(ran: Ran, *said: str) -> None:
    lines = ran.err.splitlines()
    assert (ran.code, ran.out) == (2, ""), ran
    assert [line.split(": ")[0] for line in lines] == ["error", "hint"], ran.err
    for words in said:
        assert words in ran.err, ran.err


def state(folder: Path) -> dict[str, tuple[int, bytes]]:
    return {p.name: (p.stat().st_mtime_ns, p.read_bytes()) for p in folder.iterdir() if p.is_file()}


@together
@pytest.mark.parametrize(("data", "what", "hint"), FILES)
def test_what_is_no_database_is_told_by_what_it_is(data: bytes, what: str, hint: str, tmp_path: Path) -> None:
    path = tmp_path / "app.db"
    path.write_bytes(data)
    before = state(tmp_path)
    ran = sqlfix("scan", path)
    refused(ran, what, hint)
    assert "{" not in ran.err
    assert state(tmp_path) == before


@together
@pytest.mark.parametrize("command", [("scan",), ("repair", "-y"), ("export-sql",), ("why",), ("undo",), ("history",)])
def test_each_command_says_it(command: tuple[str, ...], tmp_path: Path) -> None:
    path = tmp_path / "export.db"
    path.write_text(DUMP)
    refused(sqlfix(*command, path), "export.db is an SQL script, not an SQLite database", f"sqlite3 new.db < {path}")


def test_a_database_with_a_readable_beginning_is_none_of_these() -> None:
    assert odd_file(Path("app.db"), database()[:HEAD]) is None


@pytest.mark.parametrize("name", ["x y.sql", "it's.sql", "-y.sql", "a;b.sql"])
@pytest.mark.skipif(shutil.which("sqlite3") is None, reason="there is no sqlite3 shell")
def test_the_hint_can_be_copied_for_every_file_name(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path(name).write_text(DUMP)
    hint = sqlfix("scan", "--", name).err.splitlines()[1]
    typed = re.search(r"(sqlite3 new.db < .*), then: (sqlfix scan new.db)", hint)
    assert typed is not None
    subprocess.run(["sh", "-c", typed[1]], check=True)
    assert sqlfix(*shlex.split(typed[2])[1:]).code == 1  # one orphan


# -- beside other files -------------------------------------------------------------------------------------------


@pytest.fixture
def in_wal(tmp_path: Path) -> Path:
    """A database in WAL mode of which all that it holds stands in the -wal."""
    path = tmp_path / "work" / "w.db"
    path.parent.mkdir()
    connection = sqlite3.connect(path)
    connection.executescript("PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0;" + SCHEMA)
    for name in ("w.db", "w.db-wal", "w.db-shm"):
        shutil.copyfile(path.with_name(name), tmp_path / name)
    connection.close()
    shutil.rmtree(path.parent)
    return tmp_path / "w.db"


@pytest.mark.parametrize("command", [("scan",), ("repair", "-y"), ("why", "--error", "no such table: p")])
@pytest.mark.parametrize("suffix", ["-wal", "-journal"])
def test_an_empty_file_whose_rows_stand_beside_it_is_not_opened(
    command: tuple[str, ...], suffix: str, in_wal: Path
) -> None:
    in_wal.write_bytes(b"")
    side = in_wal.with_name(f"w.db{suffix}")
    in_wal.with_name("w.db-wal").rename(side)
    before = state(in_wal.parent)
    size = f"{side.stat().st_size:,} bytes"
    refused(sqlfix(command[0], in_wal, *command[1:]), "is empty", f"w.db{suffix} of {size}", "copied", "deletes")
    assert state(in_wal.parent) == before
    with contextlib.closing(sqlite3.connect(in_wal)) as connection:  # that SQLite really does so
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    assert not side.exists()


def test_a_file_copied_without_its_wal_is_not_called_sound(in_wal: Path) -> None:
    in_wal.with_name("w.db-wal").unlink()
    in_wal.with_name("w.db-shm").unlink()
    ran = sqlfix("scan", in_wal)
    assert "there is no table in it, and it is in WAL mode: was it copied without its -wal?" in ran.err
    assert "no table" in ran.out and "no faults" not in ran.out


def test_a_database_in_wal_mode_with_tables_needs_no_words(tmp_path: Path) -> None:
    assert sqlfix("scan", build(tmp_path / "x.db", f"PRAGMA journal_mode = WAL; {SCHEMA}")).err == ""


def test_an_empty_database_without_a_wal_is_only_said_to_be_so(tmp_path: Path) -> None:
    path = build(tmp_path / "x.db", "CREATE TABLE a (b); DROP TABLE a;")
    ran = sqlfix("scan", path)
    assert (ran.code, ran.err) == (0, "")
    assert "there are no tables in it, so there is nothing to check" in " ".join(ran.out.split())
    assert "no faults" not in ran.out


@pytest.mark.parametrize("suffix", ["-wal", "-shm"])
def test_a_side_file_given_itself(suffix: str, in_wal: Path) -> None:
    before = state(in_wal.parent)
    refused(sqlfix("scan", f"{in_wal}{suffix}"), f"is the {suffix} of a database", "name the database itself")
    assert state(in_wal.parent) == before


def test_an_empty_side_file_given_itself(tmp_path: Path) -> None:
    path = build(tmp_path / "x.db", SCHEMA)
    (tmp_path / "x.db-wal").touch()
    refused(sqlfix("scan", f"{path}-wal"), "is the -wal of", "name the database itself")


def test_a_journal_given_itself(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.executescript("PRAGMA journal_mode = PERSIST;" + SCHEMA + "BEGIN; UPDATE q SET p_id = 1;")
        connection.execute("PRAGMA cache_spill = 1")
        journal = tmp_path / "x.db-journal"
        data = b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7" + journal.read_bytes()[8:]
    (tmp_path / "copy.db-journal").write_bytes(data)
    refused(sqlfix("scan", tmp_path / "copy.db-journal"), "is the rollback journal", "name the database itself")


def test_a_folder_names_the_databases_in_it(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("x")
    assert sqlfix("scan", tmp_path).err.splitlines() == [f"error: {tmp_path} is a directory, not a database file"]
    one = build(tmp_path / "one.db", SCHEMA)
    refused(sqlfix("scan", tmp_path), "is a directory", f"there is {one} in it")
    build(tmp_path / "two.db", SCHEMA)
    refused(sqlfix("scan", tmp_path), "name one file in it", "one.db, ", "two.db")


# -- cut off ------------------------------------------------------------------------------------------------------


def big(path: Path) -> Path:
    rows = "WITH RECURSIVE n(i) AS (SELECT 10 UNION ALL SELECT i + 1 FROM n WHERE i < 500)"
    return build(path, f"{SCHEMA} {rows} INSERT INTO p SELECT i FROM n; {rows} INSERT INTO q SELECT i, i FROM n;")


@pytest.mark.parametrize("missing", [1, 100, 4096, 9000])
def test_a_copy_that_stopped_short_says_how_much_there_should_be(missing: int, tmp_path: Path) -> None:
    data = big(tmp_path / "whole.db").read_bytes()
    cut = tmp_path / "cut.db"
    cut.write_bytes(data[:-missing])
    before = state(tmp_path)
    ran = sqlfix("scan", cut)
    assert state(tmp_path) == before
    with contextlib.closing(sqlite3.connect(cut)) as connection:
        try:
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        except sqlite3.DatabaseError:
            size, whole = f"{len(data) - missing:,} bytes", f"{len(data):,}"
            refused(ran, "is cut short", size, f"its header says {whole}", "copy it again", ".recover")
        else:
            assert "cut short" not in ran.err


def test_a_file_that_says_nothing_of_its_size_is_not_called_cut_short(tmp_path: Path) -> None:
    path = big(tmp_path / "x.db")
    data = bytearray(path.read_bytes())
    data[28:32] = (len(data)).to_bytes(4, "big")  # many more pages than there are
    data[92:96] = b"\x00\x00\x00\x00"  # by this SQLite knows that the number is not to be trusted
    path.write_bytes(data)
    assert is_sqlite_file(path)
    assert sqlfix("scan", path).code == 1
