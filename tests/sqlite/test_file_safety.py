"""A scan leaves no trace: not in the file, not in its times, not beside it; whatever state a program left it in."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from forked import become_nobody, forked
from support import Ran, build, contents, files, fingerprint, open_folder, sqlfix, together

from sqlfix.errors import SqlfixError
from sqlfix.sqlite import snapshot
from sqlfix.sqlite.snapshot import reading

ROOT = Path(__file__).parents[2]
FAMILY = """
PRAGMA synchronous = OFF;
CREATE TABLE parent (id INTEGER PRIMARY KEY, name TEXT);
CREATE TABLE child (id INTEGER PRIMARY KEY, parent_id INTEGER REFERENCES parent (id));
CREATE TABLE other (id INTEGER PRIMARY KEY, parent_id INTEGER REFERENCES parent (id));
INSERT INTO parent VALUES (1, 'Ada'), (2, 'Bo');
INSERT INTO child VALUES (1, 1), (2, 2), (3, 7);
"""
LOOKING = [
    pytest.param(("scan",), id="scan"),
    pytest.param(("scan", "--rows"), id="rows"),
    pytest.param(("export-sql",), id="export-sql"),
    pytest.param(("repair", "--dry-run"), id="dry run"),
]


def state(folder: Path) -> dict[str, tuple[str, int]]:
    """The content and the time of every file of a folder."""
    return {path.name: fingerprint(path) for path in sorted(folder.iterdir()) if path.is_file()}


def counts(ran: Ran) -> dict[str, tuple[int, int]]:
    """Rows and orphans of each child table, from a report as JSON."""
    assert ran.code in (0, 1), ran.err
    return {r["child"]: (r["rows"], r["orphans"]) for r in ran.json["relationships"]}


def python(code: str, *arguments: object) -> subprocess.Popen[str]:
    """Another program."""
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def runs(code: str, *arguments: object) -> None:
    """Run another program to its end, which may be a violent one."""
    with python(code, *arguments) as process:
        _, errors = process.communicate(timeout=60)
    assert not errors, errors


# -- an ordinary file ---------------------------------------------------------------------------------------------


@together
@pytest.mark.parametrize("command", LOOKING)
@pytest.mark.parametrize("mode", ["DELETE", "TRUNCATE", "PERSIST", "WAL"])
def test_looking_leaves_no_trace(command: tuple[str, ...], mode: str, tmp_path: Path) -> None:
    path = build(tmp_path / "x.db", f"PRAGMA journal_mode = {mode}; {FAMILY}")
    os.utime(path, ns=(1_600_000_000_123_456_789, 1_600_000_000_123_456_789))
    before = state(tmp_path)
    if mode in ("DELETE", "WAL"):
        assert list(before) == ["x.db"]
    assert sqlfix(*command, path).code in (0, 1)
    assert state(tmp_path) == before


def test_the_mode_of_the_file_is_left_alone(tmp_path: Path) -> None:
    path = build(tmp_path / "x.db", f"PRAGMA journal_mode = WAL; {FAMILY}")
    path.chmod(0o640)
    sqlfix("scan", path)
    assert path.stat().st_mode & 0o777 == 0o640
    with contextlib.closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


@pytest.mark.parametrize("mode", ["DELETE", "WAL"])
def test_a_repair_leaves_only_the_file_and_its_backup(mode: str, tmp_path: Path) -> None:
    path = build(tmp_path / "x.db", f"PRAGMA journal_mode = {mode}; {FAMILY}")
    assert sqlfix("repair", path, "--yes", "--backup-to", tmp_path / "kept").code == 0
    assert sorted(found.name for found in files(tmp_path)) == ["kept", "x.db"]
    with contextlib.closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == (mode.lower(),)


def test_a_file_in_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    for mode in ("DELETE", "WAL"):
        folder = tmp_path / mode
        folder.mkdir()
        path = build(folder / "x.db", f"PRAGMA journal_mode = {mode}; {FAMILY}")
        path.chmod(0o444)
        folder.chmod(0o555)
        before = state(folder)
        try:
            assert counts(sqlfix("scan", path, "--format", "json")) == {"child": (3, 1), "other": (0, 0)}
        finally:
            folder.chmod(0o755)
        assert state(folder) == before


def test_a_transaction_that_another_program_has_not_committed_is_not_seen(tmp_path: Path) -> None:
    code = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
connection.execute("DELETE FROM parent")
print("deleted", flush=True)
sys.stdin.readline()
connection.execute("COMMIT")
print("committed", flush=True)
"""
    path = build(tmp_path / "x.db", FAMILY)
    with python(code, path) as writer:
        assert writer.stdin and writer.stdout and writer.stderr
        assert writer.stdout.readline() == "deleted\n"
        before = state(tmp_path)
        assert list(before) == ["x.db", "x.db-journal"]
        assert counts(sqlfix("scan", path, "--format", "json"))["child"] == (3, 1)
        assert state(tmp_path) == before
        writer.stdin.write("go on\n")
        writer.stdin.close()
        assert writer.stdout.readline() == "committed\n", writer.stderr.read()
    assert counts(sqlfix("scan", path, "--format", "json"))["child"] == (3, 3)


def test_a_file_that_is_written_over_while_it_is_read(tmp_path: Path) -> None:
    path = build(tmp_path / "x.db", FAMILY)
    with pytest.raises(SqlfixError, match="was written to while it was read"), reading(path):
        path.write_bytes(path.read_bytes() + b"\x00" * 4096)
    build(tmp_path / "x.db", "INSERT INTO parent VALUES (3, 'Cy')")
    with reading(path) as opened, contextlib.closing(sqlite3.connect(path, timeout=0)) as other:
        with pytest.raises(sqlite3.OperationalError, match="locked"):  # whoever keeps the locks has to wait
            other.executescript("BEGIN; INSERT INTO parent VALUES (4, 'Di'); COMMIT")
        assert opened.connection.execute("SELECT count(*) FROM parent").fetchone() == (3,)


def test_a_file_that_is_replaced_while_it_is_opened_is_read_by_one_connection(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = build(tmp_path / "x.db", FAMILY)
    newer = build(tmp_path / "newer.db", FAMILY + "INSERT INTO parent VALUES (3, 'Cy')")
    monkeypatch.setattr(snapshot, "LARGE", 0)
    connect = snapshot._connect
    opened: list[str] = []

    def replacing(stack: contextlib.ExitStack, wanted: snapshot._Wanted, how: str) -> sqlite3.Connection:
        connection = connect(stack, wanted, how)
        if not opened:
            newer.rename(path)
        opened.append(how)
        return connection

    monkeypatch.setattr(snapshot, "_connect", replacing)
    with reading(path, threads=2) as both:
        assert both.readers.connections == (both.connection,)
        assert both.connection.execute("SELECT count(*) FROM parent").fetchone() == (2,)
    assert len(opened) == 3


def test_a_file_of_very_many_small_tables_is_read_by_one_connection(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = build(tmp_path / "x.db", "".join(f"CREATE TABLE t{number} (id);" for number in range(60)))
    monkeypatch.setattr(snapshot, "LARGE", path.stat().st_size)
    for most, expected in ((60, 2), (59, 1)):
        monkeypatch.setattr(snapshot, "MOST_OBJECTS", most)
        with reading(path, threads=2) as opened:
            assert len(opened.readers.connections) == expected


# -- WAL ----------------------------------------------------------------------------------------------------------

WRITER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=30)
connection.execute("PRAGMA journal_mode = WAL")
connection.execute("PRAGMA synchronous = OFF")
connection.execute("PRAGMA wal_autocheckpoint = 20")
written = 0
import select
while not select.select([sys.stdin], [], [], 0.0005)[0]:  # many times while one scan reads
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("INSERT INTO child (parent_id) VALUES (99)")
    connection.execute("INSERT INTO other (parent_id) VALUES (99)")
    connection.execute("COMMIT")
    written += 1
    if written == 1:
        print("begun", flush=True)
print(written, flush=True)
print(connection.execute("PRAGMA integrity_check").fetchone()[0], flush=True)
sys.stdin.readline()
sys.stdin.readline()
"""


def test_a_scan_beside_a_program_that_keeps_writing(tmp_path: Path) -> None:
    """Each report is of one moment: whatever is added in one transaction is seen in both tables, or in none."""
    path = build(tmp_path / "x.db", f"PRAGMA journal_mode = WAL; {FAMILY}")
    with python(WRITER, path) as writer:
        assert writer.stdin and writer.stdout and writer.stderr
        assert writer.stdout.readline() == "begun\n"
        seen = []
        for _ in range(12):
            found = counts(sqlfix("scan", path, "--format", "json"))
            assert found["child"][0] - 3 == found["other"][0]
            assert found["child"][1] - 1 == found["other"][1] == found["other"][0]
            seen.append(found["other"][0])
        writer.stdin.write("stop\n")
        writer.stdin.flush()
        written = int(writer.stdout.readline())
        assert writer.stdout.readline() == "ok\n"
        sides = sorted(found.name for found in tmp_path.iterdir())
        assert sqlfix("scan", path).code == 1
        assert sorted(found.name for found in tmp_path.iterdir()) == sides == ["x.db", "x.db-shm", "x.db-wal"]
        writer.stdin.write("end\nend\n")
        writer.stdin.close()
        assert writer.wait(timeout=60) == 0, writer.stderr.read()
    assert seen == sorted(seen) and seen[0] < seen[-1] <= written
    assert counts(sqlfix("scan", path, "--format", "json"))["other"] == (written, written)


LATE_WRITER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute(sys.argv[2]).fetchall()
print("begun", flush=True)
sys.stdin.readline()
connection.execute("INSERT INTO other VALUES (2, 2)")
print("written", flush=True)
sys.stdin.readline()
"""


@pytest.mark.parametrize(
    ("first", "rows"),
    [
        pytest.param("INSERT INTO other VALUES (1, 1)", 1, id="to write"),
        pytest.param("SELECT * FROM other", 0, id="to read"),  # the -wal is empty, and will be written to
    ],
)
def test_side_files_stay_if_another_program_begins_while_a_scan_reads(first: str, rows: int, tmp_path: Path) -> None:
    path = build(tmp_path / "x.db", f"PRAGMA journal_mode = WAL; {FAMILY}")
    with contextlib.ExitStack() as stack:
        with reading(path) as opened:
            writer = stack.enter_context(python(LATE_WRITER, path, first))
            assert writer.stdin and writer.stdout and writer.stderr
            assert writer.stdout.readline() == "begun\n"
            assert opened.connection.execute("SELECT count(*) FROM other").fetchone() == (0,)
        assert (tmp_path / "x.db-wal").exists() and (tmp_path / "x.db-shm").exists()
        writer.stdin.write("go on\n")
        writer.stdin.flush()
        assert writer.stdout.readline() == "written\n"
        assert counts(sqlfix("scan", path, "--format", "json"))["other"] == (rows + 1, 0)
        writer.stdin.write("end\n")
        writer.stdin.close()
        assert writer.wait(timeout=60) == 0, writer.stderr.read()
    assert sorted(found.name for found in files(tmp_path)) == ["x.db"]
    with contextlib.closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT count(*) FROM other").fetchone() == (rows + 1,)
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


CRASH = """
import os, sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA wal_autocheckpoint = 0")
connection.execute("INSERT INTO other VALUES (1, 55), (2, 1)")
os._exit(0)
"""


@pytest.fixture
def crashed(tmp_path: Path) -> Path:
    """A database in WAL mode whose last program died: two rows, one an orphan, stand in its -wal alone."""
    path = build(tmp_path / "x.db", f"PRAGMA journal_mode = WAL; {FAMILY}")
    runs(CRASH, path)
    assert sorted(found.name for found in tmp_path.iterdir()) == ["x.db", "x.db-shm", "x.db-wal"]
    assert (tmp_path / "x.db-wal").stat().st_size > 0
    return path


@pytest.mark.parametrize("command", LOOKING)
def test_a_wal_whose_program_died(command: tuple[str, ...], crashed: Path) -> None:
    before = state(crashed.parent)
    assert counts(sqlfix("scan", crashed, "--format", "json")) == {"child": (3, 1), "other": (2, 1)}
    sqlfix(*command, crashed)
    after = state(crashed.parent)
    assert list(after) == list(before)
    for name in ("x.db", "x.db-wal"):  # the -shm is an index that every reader may write to
        assert after[name] == before[name]


@pytest.mark.parametrize("command", LOOKING)
def test_a_wal_without_its_shm(command: tuple[str, ...], crashed: Path) -> None:
    crashed.with_name("x.db-shm").unlink()
    before = state(crashed.parent)
    assert counts(sqlfix("scan", crashed, "--format", "json")) == {"child": (3, 1), "other": (2, 1)}
    sqlfix(*command, crashed)
    assert state(crashed.parent) == before


@pytest.mark.parametrize("schema", ["sound", "malformed"])
def test_a_header_of_which_only_the_reading_half_says_wal(schema: str, tmp_path: Path) -> None:
    """SQLite then makes a -wal and a -shm as well; the second byte of the two is what it goes by."""
    path = build(tmp_path / "x.db", f"PRAGMA journal_mode = WAL; {FAMILY}")
    if schema == "malformed":
        broken = "UPDATE sqlite_master SET sql = 'CREATE TALBE child' WHERE name = 'child';"
        build(path, f"PRAGMA writable_schema = ON; {broken}")
    with path.open("r+b") as file:
        file.seek(18)
        file.write(b"\x01\x02")
    before = state(tmp_path)
    ran = sqlfix("scan", path)
    assert ran.code == (1 if schema == "sound" else 2), ran.err
    assert state(tmp_path) == before


@pytest.mark.parametrize("journal", [b"", b"\0" * 512])
def test_a_wal_beside_a_file_in_another_mode(journal: bytes, tmp_path: Path) -> None:
    """SQLite reads what is called so in any mode, and makes a -shm for it."""
    path = build(tmp_path / "x.db", FAMILY)
    path.with_name("x.db-wal").write_bytes(b"no frames of a -wal" * 20)
    if journal:
        path.with_name("x.db-journal").write_bytes(journal)
    before = state(tmp_path)
    assert sqlfix("scan", path).code == 1
    assert state(tmp_path) == before


def test_an_shm_without_its_wal(crashed: Path) -> None:
    crashed.with_name("x.db-wal").unlink()
    before = state(crashed.parent)
    assert counts(sqlfix("scan", crashed, "--format", "json")) == {"child": (3, 1), "other": (0, 0)}
    after = state(crashed.parent)
    assert list(after) == list(before)
    assert after["x.db"] == before["x.db"]


def test_an_empty_wal(crashed: Path) -> None:
    crashed.with_name("x.db-wal").write_bytes(b"")
    crashed.with_name("x.db-shm").unlink()
    before = state(crashed.parent)
    assert counts(sqlfix("scan", crashed, "--format", "json")) == {"child": (3, 1), "other": (0, 0)}
    assert state(crashed.parent) == before


def test_the_repair_of_a_crashed_wal_works_on_all_rows(crashed: Path) -> None:
    backup = crashed.parent / "kept"
    assert sqlfix("repair", crashed, "--yes", "--backup-to", backup).code == 0
    with contextlib.closing(sqlite3.connect(crashed)) as connection:
        assert connection.execute("SELECT * FROM other").fetchall() == [(1, None), (2, 1)]
    with contextlib.closing(sqlite3.connect(backup)) as connection:
        assert connection.execute("SELECT * FROM other").fetchall() == [(1, 55), (2, 1)]


@pytest.fixture
def readable_only() -> Iterator[Path]:
    """A folder that anybody may look into; what is put there is closed for writing before it is read."""
    if not hasattr(os, "setuid"):
        pytest.skip("this system does not know users in the POSIX way")
    with open_folder() as folder:
        yield folder


def scanned_by_nobody(path: Path) -> Ran:
    for found in path.parent.iterdir():
        found.chmod(0o444)
    path.parent.chmod(0o555)

    def first() -> None:
        become_nobody()
        assert not os.access(path.parent, os.W_OK)

    ran = forked("scan", "--format", "json", path, first=first, capture_output=True, text=True)
    return Ran(ran.returncode, ran.stdout, ran.stderr)


def test_a_wal_that_may_only_be_read(readable_only: Path, crashed: Path) -> None:
    for name in ("x.db", "x.db-wal"):
        shutil.copyfile(crashed.with_name(name), readable_only / name)
    before = state(readable_only)
    ran = scanned_by_nobody(readable_only / "x.db")
    assert counts(ran) == {"child": (3, 1), "other": (2, 1)}
    assert "private copy" in ran.err
    assert state(readable_only) == before


def test_a_wal_and_its_shm_that_may_only_be_read(readable_only: Path, crashed: Path) -> None:
    for name in ("x.db", "x.db-wal", "x.db-shm"):
        shutil.copyfile(crashed.with_name(name), readable_only / name)
    before = state(readable_only)
    assert counts(scanned_by_nobody(readable_only / "x.db")) == {"child": (3, 1), "other": (2, 1)}
    assert state(readable_only) == before


@pytest.mark.parametrize("mode", ["DELETE", "WAL"])
def test_a_sound_file_that_may_only_be_read(mode: str, readable_only: Path) -> None:
    path = build(readable_only / "x.db", f"PRAGMA journal_mode = {mode}; {FAMILY}")
    before = state(readable_only)
    assert counts(scanned_by_nobody(path)) == {"child": (3, 1), "other": (0, 0)}
    assert state(readable_only) == before


# -- a hot journal ------------------------------------------------------------------------------------------------

DIE_IN_MID_TRANSACTION = """
import os, signal, sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA cache_size = 5")  # so that changed pages go to the file before the COMMIT
connection.execute("BEGIN IMMEDIATE")
connection.execute("DELETE FROM parent")
connection.execute("UPDATE child SET parent_id = 77")
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def hot(tmp_path: Path) -> Path:
    """A database that a program died in the midst of changing: its rollback journal has yet to be played back."""
    if sys.platform == "win32":
        pytest.skip("no SIGKILL on Windows")
    rows = "WITH RECURSIVE n(i) AS (SELECT 10 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)"
    path = build(
        tmp_path / "x.db",
        f"{FAMILY} {rows} INSERT INTO parent SELECT i, 'a name of some length ' || i FROM n;"
        f"{rows} INSERT INTO child SELECT i, i FROM n;",
    )
    before = path.read_bytes()
    runs(DIE_IN_MID_TRANSACTION, path)
    assert sorted(found.name for found in tmp_path.iterdir()) == ["x.db", "x.db-journal"]
    assert path.read_bytes() != before  # the file itself is half changed
    return path


@pytest.mark.parametrize("command", LOOKING)
def test_a_hot_journal_is_neither_ignored_nor_played_back(command: tuple[str, ...], hot: Path) -> None:
    before = state(hot.parent)
    ran = sqlfix("scan", hot, "--format", "json")
    assert counts(ran) == {"child": (2994, 1), "other": (0, 0)}  # as it was before the program that died
    assert ran.err == (
        f"note: {hot}: a program died while writing to it; reading a private copy in which that write is rolled back"
        ". The file is unchanged: SQLite rolls the write back, using x.db-journal, as soon as a program that may write"
        " opens it; keep the two together\n"
    )
    assert sqlfix(*command, hot).code in (0, 1)
    assert state(hot.parent) == before


def test_the_repair_of_a_file_with_a_hot_journal_begins_where_sqlite_would(hot: Path) -> None:
    twin = hot.parent / "twin"
    twin.mkdir()
    for name in ("x.db", "x.db-journal"):
        shutil.copyfile(hot.with_name(name), twin / name)
    expected = contents(twin / "x.db")  # SQLite plays the journal back
    assert sqlfix("repair", hot, "--yes", "--backup-to", hot.parent / "kept").code == 0
    assert contents(hot.parent / "kept") == expected
    with contextlib.closing(sqlite3.connect(hot)) as connection:
        assert connection.execute("SELECT id FROM child WHERE parent_id IS NULL").fetchall() == [(3,)]
        assert connection.execute("SELECT count(*) FROM parent").fetchone() == (2993,)


def test_a_hot_journal_that_may_only_be_read(readable_only: Path, hot: Path) -> None:
    for name in ("x.db", "x.db-journal"):
        shutil.copyfile(hot.with_name(name), readable_only / name)
    before = state(readable_only)
    ran = scanned_by_nobody(readable_only / "x.db")
    assert counts(ran) == {"child": (2994, 1), "other": (0, 0)}
    assert "private copy" in ran.err
    assert state(readable_only) == before


# -- names --------------------------------------------------------------------------------------------------------

NAMES = [
    "with space.db",
    "why?.db",
    "x.db?mode=memory",
    "one#two.db",
    "100%.db",
    "%41.db",
    "größe-数据-🙂.db",
    "file:x.db",
    "file:x.db?mode=memory&cache=shared",
    ":memory:",
    "-x.db",
    "--help",
    "it's.db",
    'a "quoted" one.db',
    "back\\slash.db",
    "line\nbreak.db",
    "a;DROP TABLE x.db",
    ".hidden",
    "no-extension",
]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows forbids most of these names")
@pytest.mark.parametrize("mode", ["DELETE", "WAL"])
@pytest.mark.parametrize("name", NAMES)
def test_odd_names(name: str, mode: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = build(tmp_path / "plain.db", f"PRAGMA journal_mode = {mode}; {FAMILY}")
    made.rename(tmp_path / name)
    monkeypatch.chdir(tmp_path)
    before = state(tmp_path)
    for given in (tmp_path / name, f"./{name}"):
        ran = sqlfix("scan", given, "--format", "json")
        assert counts(ran) == {"child": (3, 1), "other": (0, 0)}
        assert ran.json["database"] == str(Path(given))
    assert counts(sqlfix("scan", "--format", "json", "--", name)) == {"child": (3, 1), "other": (0, 0)}
    assert state(tmp_path) == before
    ran = sqlfix("repair", "--yes", "--", name)
    assert ran.code == 0, ran.err
    assert sqlfix("scan", "--", name).code == 0
    others = [path.name for path in files(tmp_path) if path.name != name]
    assert len(others) == 1 and others[0].startswith(f"{name}.backup-")


def test_a_name_that_is_not_utf8(tmp_path: Path) -> None:
    name = os.fsdecode(b"caf\xe9.db")
    made = build(tmp_path / "plain.db", FAMILY)
    try:
        made.rename(tmp_path / name)
    except OSError:
        pytest.skip("this file system has no such names")
    ran = sqlfix("scan", tmp_path / name)
    assert ran.code == 1 and "child.parent_id" in ran.out
    assert sqlfix("repair", tmp_path / name, "--yes").code == 0
    assert sqlfix("scan", tmp_path / name).code == 0


def test_a_link_to_a_database(tmp_path: Path) -> None:
    """The file that is meant is repaired, and stays where it is; the backup lies beside that file."""
    (tmp_path / "data").mkdir()
    (tmp_path / "links").mkdir()
    path = build(tmp_path / "data" / "real.db", f"PRAGMA journal_mode = WAL; {FAMILY}")
    runs(CRASH, path)
    link = tmp_path / "links" / "link.db"
    link.symlink_to(path)
    before = {name: made for name, made in state(path.parent).items() if not name.endswith("-shm")}
    assert counts(sqlfix("scan", link, "--format", "json")) == {"child": (3, 1), "other": (2, 1)}
    assert {name: made for name, made in state(path.parent).items() if not name.endswith("-shm")} == before
    assert list(link.parent.iterdir()) == [link]
    assert sqlfix("repair", link, "--yes").code == 0
    assert link.is_symlink() and list(link.parent.iterdir()) == [link]
    assert sorted(found.name[:15] for found in files(path.parent)) == ["real.db", "real.db.backup-"]
    assert counts(sqlfix("scan", path, "--format", "json")) == {"child": (3, 0), "other": (2, 0)}


def test_a_second_hard_link_sees_the_repair(tmp_path: Path) -> None:
    path = build(tmp_path / "x.db", FAMILY)
    other = tmp_path / "other.db"
    other.hardlink_to(path)
    assert sqlfix("repair", path, "--yes", "--no-backup").code == 0
    assert sqlfix("scan", other).code == 0


# -- several databases --------------------------------------------------------------------------------------------


@pytest.fixture
def several(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to work in, with a sound database, a broken one, and a file that is none."""
    build(tmp_path / "sound.db", "CREATE TABLE t (x);")
    build(tmp_path / "broken.db", FAMILY)
    (tmp_path / "bad.db").write_text("no database")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_several_databases_have_a_report_each(several: Path) -> None:
    before = state(several)
    ran = sqlfix("scan", "sound.db", "bad.db", "broken.db", "sound.db")
    assert ran.code == 2
    assert ran.out.count("sound.db: ") == 2 and ran.out.count("broken.db: ") == 1
    assert [line for line in ran.err.splitlines() if line.startswith("error: ")] == [
        "error: bad.db is a text file, not an SQLite database"
    ]
    assert state(several) == before


@pytest.mark.parametrize(
    ("names", "code"),
    [
        (["sound", "sound"], 0),
        (["sound", "broken"], 1),
        (["broken", "sound"], 1),
        (["bad", "broken"], 2),
        (["sound", "bad"], 2),
    ],
)
def test_the_worst_exit_code_counts(names: list[str], code: int, several: Path) -> None:
    assert sqlfix("scan", *(f"{name}.db" for name in names)).code == code


def test_several_reports_as_lines_of_json(several: Path) -> None:
    ran = sqlfix("scan", "--format", "jsonl", "sound.db", "broken.db", "bad.db")
    reports = [json.loads(line) for line in ran.out.splitlines()]
    whole = {(r["database"], r["clean"]) for r in reports if r["complete"]}  # as they come
    assert whole == {("sound.db", True), ("broken.db", False)}
    assert [r["clean"] for r in reports if not r["complete"]] == [False, False], "nothing is clean before the end"


def test_a_locked_database_does_not_stop_the_rest(several: Path) -> None:
    with contextlib.closing(sqlite3.connect("sound.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        begun = time.monotonic()
        ran = sqlfix("scan", "--timeout", "0.2", "sound.db", "broken.db")
        assert time.monotonic() - begun < 3
        other.execute("ROLLBACK")
    assert ran.code == 2
    assert "sound.db is locked" in ran.err and "broken.db: 1 of 2" in ran.out
