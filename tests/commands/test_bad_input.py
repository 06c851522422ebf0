"""Bad input: one clear line on stderr, at most one hint, exit code 2, and nothing created or changed."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sqlite3
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from forked import become_nobody, forked
from support import NOBODY, Ran, build, contents, files, open_folder, sqlfix, together

ROOT = Path(__file__).parents[2]
SHOP = """
PRAGMA synchronous = OFF;
CREATE TABLE customer (id INTEGER PRIMARY KEY, name TEXT);
CREATE TABLE coupon (id INTEGER PRIMARY KEY);
CREATE TABLE orders (
    id INTEGER PRIMARY KEY,
    customer_id INTEGER NOT NULL REFERENCES customer (id),
    coupon_id INTEGER REFERENCES coupon (id)
);
CREATE TABLE site (country TEXT, number INTEGER, PRIMARY KEY (country, number));
CREATE TABLE stock (
    id INTEGER PRIMARY KEY, country TEXT, number INTEGER,
    FOREIGN KEY (country, number) REFERENCES site (country, number)
);
INSERT INTO customer VALUES (1, 'Ada'), (2, 'Bo');
INSERT INTO coupon VALUES (1);
INSERT INTO site VALUES ('NO', 1);
INSERT INTO orders VALUES (1, 1, 1), (2, 2, NULL), (3, 9, NULL), (4, 1, 8);
INSERT INTO stock VALUES (1, 'NO', 1), (2, 'NO', 7);
"""
COMMANDS = [
    pytest.param(("scan",), id="scan"),
    pytest.param(("repair", "--yes"), id="repair"),
    pytest.param(("export-sql",), id="export-sql"),
]


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A database with one orphan in each of three relationships, in a folder of its own."""
    folder = tmp_path / "shop"
    folder.mkdir()
    return build(folder / "shop.db", SHOP)


def listing(folder: Path) -> dict[str, object]:
    """Everything in a folder: names, kinds, contents and times."""
    found: dict[str, object] = {}
    for path in sorted(folder.rglob("*")):
        status = path.lstat()
        content = path.read_bytes() if stat.S_ISREG(status.st_mode) and os.access(path, os.R_OK) else None
        found[str(path.relative_to(folder))] = (status.st_mode, status.st_mtime_ns, content)
    return found


def assert_refused(ran: Ran, *said: str) -> None:
    """Exit code 2, nothing on stdout, one line of error, at most one of advice, and these words in them."""
    lines = ran.err.splitlines()
    assert ran.code == 2, ran
    assert ran.out == ""
    assert lines and lines[0].startswith("error: "), ran.err
    assert len(lines) == 1 or (len(lines) == 2 and lines[1].startswith("hint: ")), ran.err
    for words in said:
        assert words in ran.err, ran.err


# -- what is no database ------------------------------------------------------------------------------------------


def no_such_path(folder: Path) -> Path:
    return folder / "missing.db"


def no_such_folder(folder: Path) -> Path:
    return folder / "missing" / "missing.db"


def a_directory(folder: Path) -> Path:
    (folder / "dir.db").mkdir()
    return folder / "dir.db"


def an_empty_file(folder: Path) -> Path:
    (folder / "empty.db").touch()
    return folder / "empty.db"


def a_text_file(folder: Path) -> Path:
    (folder / "text.db").write_text("id,name\n1,Ada\n" * 100)
    return folder / "text.db"


def a_short_text_file(folder: Path) -> Path:
    (folder / "text.db").write_text("SQLite")
    return folder / "text.db"


def an_sql_dump(folder: Path) -> Path:
    (folder / "dump.sql").write_text(SHOP)
    return folder / "dump.sql"


def random_bytes(folder: Path) -> Path:
    # an encrypted database has no header; what looks like noise is all that can be known of it
    (folder / "secret.db").write_bytes(bytes((n * n * 31 + n * 7 + 113) % 251 for n in range(8192)))
    return folder / "secret.db"


def a_header_alone(folder: Path) -> Path:
    whole = build(folder / "whole.db", SHOP)
    (folder / "cut.db").write_bytes(whole.read_bytes()[:100])
    return folder / "cut.db"


def the_magic_words_alone(folder: Path) -> Path:
    (folder / "cut.db").write_bytes(b"SQLite format 3\x00")
    return folder / "cut.db"


def half_a_page(folder: Path) -> Path:
    whole = build(folder / "whole.db", SHOP)
    (folder / "cut.db").write_bytes(whole.read_bytes()[:2048])
    return folder / "cut.db"


def a_broken_link(folder: Path) -> Path:
    (folder / "link.db").symlink_to(folder / "nowhere.db")
    return folder / "link.db"


def a_link_to_itself(folder: Path) -> Path:
    (folder / "link.db").symlink_to(folder / "link.db")
    return folder / "link.db"


def a_path_below_a_file(folder: Path) -> Path:
    return build(folder / "whole.db", SHOP) / "x.db"


def a_name_that_is_too_long(folder: Path) -> Path:
    return folder / ("x" * 5000)


NO_DATABASES = [
    pytest.param(no_such_path, "does not exist", id="a path that does not exist"),
    pytest.param(no_such_folder, "does not exist", id="a folder that does not exist"),
    pytest.param(a_directory, "is a directory", id="a directory"),
    pytest.param(an_empty_file, "is empty", id="an empty file"),
    pytest.param(a_text_file, "not an SQLite database", id="a text file"),
    pytest.param(a_short_text_file, "not an SQLite database", id="a short text file"),
    pytest.param(an_sql_dump, "not an SQLite database", id="an SQL dump"),
    pytest.param(random_bytes, "it may be encrypted", id="what looks encrypted"),
    pytest.param(a_header_alone, "is cut short", id="a header alone"),
    pytest.param(the_magic_words_alone, "is cut short", id="the magic words alone"),
    pytest.param(half_a_page, "is cut short", id="half a page"),
    pytest.param(a_broken_link, "does not exist", id="a broken link"),
    pytest.param(a_link_to_itself, "cannot read", id="a link to itself"),
    pytest.param(a_path_below_a_file, "cannot read", id="a path below a file"),
    pytest.param(a_name_that_is_too_long, "cannot read", id="a name that is too long"),
]


@together
@pytest.mark.parametrize(("make", "said"), NO_DATABASES)
@pytest.mark.parametrize("command", COMMANDS)
def test_what_is_no_database_is_refused(command: tuple[str, ...], make: object, said: str, tmp_path: Path) -> None:
    path = make(tmp_path)  # type: ignore[operator]
    before = listing(tmp_path)
    assert_refused(sqlfix(*command, path), said)
    assert listing(tmp_path) == before


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("pages", [1, 2, 5, 60])
def test_a_file_cut_in_the_middle_is_malformed(command: tuple[str, ...], pages: int, tmp_path: Path) -> None:
    rows = "WITH RECURSIVE n(i) AS (SELECT 10 UNION ALL SELECT i + 1 FROM n WHERE i < 9999)"
    whole = build(
        tmp_path / "whole.db",
        f"{SHOP} {rows} INSERT INTO customer SELECT i, 'a name of some length ' || i FROM n;"
        f"{rows} INSERT INTO orders SELECT i, i, NULL FROM n;",
    )
    cut = tmp_path / "cut.db"
    cut.write_bytes(whole.read_bytes()[: pages * 4096])
    assert cut.stat().st_size < whole.stat().st_size
    before = listing(tmp_path)
    ran = sqlfix(*command, cut)
    assert_refused(ran, "cut.db", "malformed", ".recover")
    assert listing(tmp_path) == before


def test_a_fifo_does_not_hang(tmp_path: Path) -> None:
    if not hasattr(os, "mkfifo"):
        pytest.skip("this system has no FIFOs")
    os.mkfifo(tmp_path / "pipe.db")
    ran = child("scan", "pipe.db", cwd=tmp_path)
    assert_refused(ran, "is not a regular file")
    ran = child("scan", cwd=tmp_path)  # nor does looking for a database beside one
    assert_refused(ran, "no SQLite file")


def test_a_device_does_not_hang() -> None:
    if not Path("/dev/zero").exists():
        pytest.skip("this system has no /dev/zero")
    assert_refused(sqlfix("scan", "/dev/zero"), "is not a regular file")


# -- what may not be read or written ------------------------------------------------------------------------------


def child(*arguments: object, cwd: Path, largest_file: int = 0, user: int = 0, **environment: str) -> Ran:
    """Run the command line in a process of its own: as an ordinary user, or with a limit to the size of files."""

    def first() -> None:
        if largest_file:
            import resource  # which Windows has not

            resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file, largest_file))
        if user:
            become_nobody()

    ran = forked(
        *arguments,
        first=first,
        cwd=cwd,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    return Ran(ran.returncode, ran.stdout, ran.stderr)


@pytest.fixture
def nobodys() -> Iterator[Path]:
    """A folder that an ordinary user can reach and owns, with a damaged database in it.

    The folders that pytest makes are closed to everybody but their owner, and a test run as root has to step down to
    meet a permission at all.
    """
    if not hasattr(os, "setuid"):
        pytest.skip("this system does not know users in the POSIX way")
    with open_folder() as folder:
        path = build(folder / "shop.db", SHOP)
        if os.getuid() == 0:
            os.chown(folder, NOBODY, NOBODY)
            os.chown(path, NOBODY, NOBODY)
        yield folder


@pytest.mark.parametrize("command", COMMANDS)
def test_a_file_without_permission(command: tuple[str, ...], nobodys: Path) -> None:
    (nobodys / "shop.db").chmod(0)
    before = listing(nobodys)
    ran = child(*command, "shop.db", cwd=nobodys, user=NOBODY)
    assert_refused(ran, "no permission to read shop.db")
    assert listing(nobodys) == before


def test_a_folder_without_permission(nobodys: Path) -> None:
    closed = nobodys / "closed"
    closed.mkdir()
    shutil.move(nobodys / "shop.db", closed / "shop.db")
    closed.chmod(0)
    try:
        assert_refused(child("scan", "closed/shop.db", cwd=nobodys, user=NOBODY), "no permission")
    finally:
        closed.chmod(0o700)


def test_a_file_that_may_only_be_read_is_scanned_but_not_repaired(nobodys: Path) -> None:
    (nobodys / "shop.db").chmod(0o444)
    before = listing(nobodys)
    assert child("scan", "shop.db", cwd=nobodys, user=NOBODY).code == 1
    for backup in ("--backup", "--no-backup"):
        ran = child("repair", "--yes", backup, "--format", "json", "shop.db", cwd=nobodys, user=NOBODY)
        assert_refused(ran, "no permission to write", "shop.db", "nothing was changed")
    assert listing(nobodys) == before


def test_a_folder_in_which_no_backup_can_be_made(nobodys: Path) -> None:
    before = contents(nobodys / "shop.db")
    nobodys.chmod(0o555)
    there = listing(nobodys)
    ran = child("repair", "--yes", "--format", "json", "shop.db", cwd=nobodys, user=NOBODY)
    assert_refused(ran, "the backup cannot be written to", "Permission denied", "nothing was changed", "--backup-to")
    ran = child("repair", "--yes", "--format", "json", "--no-backup", "shop.db", cwd=nobodys, user=NOBODY)
    assert_refused(ran, "shop.db cannot be", "check the permissions of the file and its folder")  # no journal either
    assert listing(nobodys) == there
    nobodys.chmod(0o755)
    assert contents(nobodys / "shop.db") == before


def test_a_place_for_the_backup_that_may_not_be_written(nobodys: Path) -> None:
    closed = nobodys / "closed"
    closed.mkdir(mode=0o555)
    before = listing(nobodys)
    ran = child(
        "repair", "--yes", "--format", "json", "shop.db", "--backup-to", "closed/b.db", cwd=nobodys, user=NOBODY
    )
    assert_refused(ran, "the backup cannot be written to closed", "Permission denied", "or name another place")
    assert "--backup-to" not in ran.err  # which is what was typed
    assert listing(nobodys) == before


def test_a_place_for_the_backup_that_does_not_exist(shop: Path) -> None:
    before = listing(shop.parent)
    ran = sqlfix("repair", shop, "--yes", "--format", "json", "--backup-to", shop.parent / "no" / "b.db")
    assert_refused(ran, "the backup cannot be written to", "No such file or directory", "make that folder first")
    assert "--backup-to" not in ran.err
    assert listing(shop.parent) == before


def test_no_room_for_the_backup(tmp_path: Path) -> None:
    if not hasattr(os, "setuid"):
        pytest.skip("this system has no limit to the size of a file")
    path = build(tmp_path / "big.db", f"{SHOP} CREATE TABLE filler (x); INSERT INTO filler VALUES (zeroblob(3000000));")
    before = listing(tmp_path)
    ran = child("repair", "--yes", "--format", "json", path, cwd=tmp_path, largest_file=1_000_000)
    assert_refused(ran, "the backup", "cannot be written", "nothing was changed", "elsewhere with --backup-to PATH")
    more = ["--backup-to", "b.db"]
    ran = child("repair", "--yes", "--format", "json", path, *more, cwd=tmp_path, largest_file=1_000_000)
    assert_refused(ran, "the backup b.db cannot be written", "free some space, or name another place for the backup")
    assert "--backup-to" not in ran.err
    assert listing(tmp_path) == before


@pytest.mark.parametrize("mode", ["DELETE", "WAL"])
def test_no_room_for_the_journal_of_the_repair(mode: str, tmp_path: Path) -> None:
    """Every page is changed, so the journal, or the -wal, becomes as large as the file, which is more than there is."""
    if not hasattr(os, "setuid"):
        pytest.skip("this system has no limit to the size of a file")
    rows = "WITH RECURSIVE n(i) AS (SELECT 10 UNION ALL SELECT i + 1 FROM n WHERE i < 40000)"
    path = build(
        tmp_path / "big.db",
        f"PRAGMA journal_mode = {mode}; {SHOP} {rows}"
        " INSERT INTO orders SELECT i, 1, CASE WHEN i % 2 THEN 1 ELSE i END FROM n;",
    )
    before = contents(path)
    half = path.stat().st_size // 2
    ran = child("repair", "--yes", "--no-backup", "--format", "json", path, cwd=tmp_path, largest_file=half)
    assert_refused(ran, "big.db", "nothing was changed")
    assert contents(path) == before
    assert [found.name for found in tmp_path.iterdir()] == ["big.db"]


def test_no_room_for_what_triggers_add(tmp_path: Path) -> None:
    """The file has to grow, and cannot: on the copy that the plan is tried on first, or in the end itself."""
    if not hasattr(os, "setuid"):
        pytest.skip("this system has no limit to the size of a file")
    rows = "WITH RECURSIVE n(i) AS (SELECT 10 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)"
    path = build(
        tmp_path / "big.db",
        f"{SHOP} {rows} INSERT INTO customer SELECT i, NULL FROM n;"
        f"{rows} INSERT INTO orders SELECT i, i, i + 10000 FROM n;"
        "CREATE TABLE diary (x);"
        "CREATE TRIGGER log AFTER UPDATE ON orders BEGIN INSERT INTO diary VALUES (zeroblob(2000)); END;"
        "INSERT INTO coupon VALUES (9); UPDATE orders SET coupon_id = 9 WHERE id % 100 = 0;",
    )
    before = contents(path)
    size = path.stat().st_size
    ran = child("repair", "--yes", "--no-backup", "--format", "json", path, cwd=tmp_path, largest_file=size + 1_000_000)
    assert_refused(ran)
    assert contents(path) == before
    assert [found.name for found in tmp_path.iterdir()] == ["big.db"]


# -- locks --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", COMMANDS)
def test_a_database_that_another_program_keeps_locked(command: tuple[str, ...], shop: Path) -> None:
    with contextlib.closing(sqlite3.connect(shop, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        begun = time.monotonic()
        ran = sqlfix(*command, shop, "--timeout", "0.3")
        waited = time.monotonic() - begun
        assert_refused(ran, "shop.db is locked: another program is using it", "--timeout")
        other.execute("ROLLBACK")
    assert 0.25 <= waited < 3
    assert [path.name for path in shop.parent.iterdir()] == ["shop.db"]


def test_a_lock_that_is_given_up_in_time_is_waited_for(shop: Path) -> None:
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sqlite3, sys, time\n"
            "c = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
            "c.execute('BEGIN EXCLUSIVE'); print('held', flush=True); time.sleep(0.4); c.execute('ROLLBACK')",
            str(shop),
        ],
        stdout=subprocess.PIPE,
        text=True,
    )
    with holder:
        assert holder.stdout is not None and holder.stdout.readline() == "held\n"
        assert sqlfix("scan", shop, "--timeout", "20").code == 1


@pytest.mark.parametrize("timeout", ["0", "1e12", "inf"])
def test_any_time_out_will_do_where_nothing_is_locked(timeout: str, shop: Path) -> None:
    assert sqlfix("scan", shop, "--timeout", timeout).code == 1
    assert sqlfix("repair", shop, "--yes", "--timeout", timeout).code == 0


def test_a_reader_that_stays_keeps_a_repair_from_committing(shop: Path) -> None:
    """In rollback mode a COMMIT needs the file for itself: the repair waits, and is given back whole."""
    before = contents(shop)
    with contextlib.closing(sqlite3.connect(shop, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM orders").fetchone()
        ran = sqlfix("repair", shop, "--yes", "--no-backup", "--format", "json", "--timeout", "0.3")
        assert_refused(ran, "is locked", "another program")
    assert contents(shop) == before


# -- usage --------------------------------------------------------------------------------------------------------

USAGE = [
    pytest.param(("frobnicate",), "there is no command frobnicate", id="an unknown command"),
    pytest.param(("scan", "DB", "--frobnicate"), "No such option", id="an unknown option"),
    pytest.param(("--frobnicate", "scan", "DB"), "No such option", id="an unknown option before the command"),
    pytest.param(("scan", "DB", "--format", "xml"), "'xml' is not one of", id="an unknown format"),
    pytest.param(("scan", "DB", "--fail-on", "sometimes"), "'sometimes' is not one of", id="an unknown severity"),
    pytest.param(("scan", "DB", "--timeout", "-1"), "-1", id="a time-out below nothing"),
    pytest.param(("scan", "DB", "--timeout", "soon"), "soon", id="a time-out that is no number"),
    pytest.param(("scan", "DB", "--select", "odrers"), "did you mean orders", id="an unknown name to select"),
    pytest.param(("scan", "DB", "--ignore", "orphan-row"), "did you mean orphan-rows", id="an unknown name to ignore"),
    pytest.param(("scan", "DB", "--select", "orders.name"), "orders.name", id="a column without a foreign key"),
    pytest.param(("repair", "DB", "--yes", "--select", "nix"), "called nix", id="an unknown name to repair"),
    pytest.param(("export-sql", "DB", "--select", "nix"), "called nix", id="an unknown name to export"),
    pytest.param(("repair", "DB", "DB", "--yes"), "unexpected extra argument", id="two databases to repair"),
    pytest.param(("repair", "DB", "--on-orphan", "drop"), "'drop' is not one of", id="an unknown fix for all"),
    pytest.param(("repair", "DB", "--no-backup", "--backup-to", "x", "-y"), "contradict", id="a backup and none"),
    pytest.param(("repair", "DB", "--yes", "--backup-to", "DB"), "exists already", id="the database as its backup"),
    pytest.param(("export-sql", "DB", "-o", "DB"), "is the database itself", id="the database as the script"),
    pytest.param(("export-sql", "DB", "-o", "no/x.sql"), "cannot write", id="a script to a folder that is not there"),
]

CHOICES = [
    pytest.param("orders=delete", "is not TABLE.COLUMN=FIX", id="no dot"),
    pytest.param("orders.customer_id", "is not TABLE.COLUMN=FIX", id="no fix"),
    pytest.param("orders.customer_id=", "there is no fix", id="an empty fix"),
    pytest.param("=delete", "is not TABLE.COLUMN=FIX", id="no target"),
    pytest.param("orders.customer_id=drop", "there is no fix drop", id="an unknown fix"),
    pytest.param("", "it is empty", id="nothing at all"),
    pytest.param("orders.custmer_id=delete", "did you mean orders.customer_id", id="an unknown column"),
    pytest.param("order.customer_id=delete", "did you mean orders.customer_id", id="an unknown table"),
    pytest.param("customer.name=delete", "no such foreign key", id="a column without a foreign key"),
    pytest.param("orders.customer_id=update:42", "42", id="a parent that is not there"),
    pytest.param("orders.customer_id=update:Ada", "Ada", id="a parent of another type"),
    pytest.param("orders.customer_id=update", "needs the key of a parent", id="an update without a value"),
    pytest.param("orders.customer_id=delete:1", "takes no value", id="a delete with a value"),
    pytest.param("orders.customer_id=update:1,2", "1 values are needed", id="more values than columns"),
    pytest.param("stock.country,number=update:NO", "2 values are needed", id="fewer values than columns"),
    pytest.param("stock.country=update:NO", "no such foreign key", id="one column of a composite key"),
    pytest.param("stock.country,number=update:NO,7", "7", id="a composite parent that is not there"),
    pytest.param("orders.customer_id=set-null", "NOT NULL", id="NULL into NOT NULL"),
    pytest.param("orders.customer_id=set-default", "default", id="a default where there is none"),
]


@pytest.mark.parametrize(("arguments", "said"), USAGE)
def test_bad_usage_is_refused(
    arguments: tuple[str, ...], said: str, shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(shop.parent)
    before = listing(shop.parent)
    ran = sqlfix(*(str(shop) if word == "DB" else word for word in arguments))
    if "--yes" in arguments and "--backup-to" in arguments:
        ran = Ran(ran.code, "", ran.err)  # the plan is shown before the backup is tried
    assert_refused(ran, said)
    assert listing(shop.parent) == before


@pytest.mark.parametrize(("choice", "said"), CHOICES)
@pytest.mark.parametrize("command", [("repair", "--yes"), ("repair", "--dry-run"), ("export-sql",)], ids=" ".join)
def test_an_impossible_choice_is_refused(command: tuple[str, ...], choice: str, said: str, shop: Path) -> None:
    before = listing(shop.parent)
    assert_refused(sqlfix(*command, shop, "--set", choice), said)
    assert listing(shop.parent) == before


def test_null_for_all_orphans_is_refused_where_a_column_forbids_it(shop: Path) -> None:
    before = listing(shop.parent)
    ran = sqlfix("repair", shop, "--yes", "--on-orphan", "set-null")
    assert_refused(ran, "orders.customer_id", "NOT NULL", "--set orders.customer_id=")
    assert listing(shop.parent) == before


def test_without_arguments_the_help_is_shown() -> None:
    ran = sqlfix()
    assert ran.code == 2
    assert "scan" in ran.out and "repair" in ran.out and "export-sql" in ran.out


# -- the database left out ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", COMMANDS)
def test_no_database_in_the_folder(command: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "notes.db").write_text("a name does not make a database")
    monkeypatch.chdir(tmp_path)
    assert_refused(sqlfix(*command), "this folder has no SQLite file")


@pytest.mark.parametrize("command", COMMANDS)
def test_two_databases_in_the_folder(command: tuple[str, ...], shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build(shop.parent / "other.bin", SHOP)
    monkeypatch.chdir(shop.parent)
    before = listing(shop.parent)
    assert_refused(sqlfix(*command), "2 SQLite files: other.bin, shop.db")
    assert listing(shop.parent) == before


def test_the_only_database_is_taken_and_named(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.rename(shop.with_name("data"))  # by its header, not its name
    (shop.parent / "fake.db").write_text("text")
    monkeypatch.chdir(shop.parent)
    for command, code in (("scan", 1), ("export-sql", 0)):
        ran = sqlfix(command)
        assert ran.code == code
        assert ran.err.splitlines()[0] == "using data, the only SQLite file in this folder"
    assert sqlfix("repair", "--backup", "--yes").code == 0
    with contextlib.closing(sqlite3.connect("data")) as connection:
        assert connection.execute("SELECT * FROM orders").fetchall() == [(1, 1, 1), (2, 2, None), (4, 1, None)]


def test_a_repaired_database_is_still_the_only_one_beside_its_backup(
    shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(shop.parent)
    assert sqlfix("repair", "--yes").code == 0
    assert sqlfix("repair", "--yes").code == 0  # nothing to do, and no backup for it
    assert len(list(files(shop.parent))) == 2
    ran = sqlfix("scan")
    assert (ran.code, ran.err) == (0, "using shop.db, the only SQLite file in this folder\n")


def test_a_backup_without_its_database_is_a_database(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(shop.parent)
    shop.rename(shop.with_name("shop.db.backup-20260102T030405Z"))
    assert "using shop.db.backup-20260102T030405Z" in sqlfix("scan").err


def test_the_database_from_the_environment(shop: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    other = build(tmp_path / "other.db", "CREATE TABLE t (x);")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SQLFIX_DATABASE", str(shop))
    ran = sqlfix("scan", "--format", "json")
    assert (ran.code, ran.json["database"]) == (1, str(shop))
    assert sqlfix("export-sql").code == 0
    assert sqlfix("scan", other).code == 0  # what is named comes before the environment
    monkeypatch.setenv("SQLFIX_DATABASE", str(tmp_path / "gone.db"))
    assert_refused(sqlfix("scan"), "gone.db does not exist")


WITHOUT_ITS_NAME = [
    ["repair-schema", "--dry-run"],
    ["backfill", "orders.customer_id", "--dry-run"],
    ["alter", "orders.id", "--default=1", "--dry-run"],
    ["history"],
    ["unpark", "--dry-run"],
    ["diff", "other.db"],
    ["why", "--error", "FOREIGN KEY constraint failed"],
]


@pytest.mark.parametrize("words", WITHOUT_ITS_NAME, ids=lambda words: words[0])
def test_each_command_takes_the_database_from_the_environment(
    shop: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, words: list[str]
) -> None:
    build(tmp_path / "other.db", "CREATE TABLE t (x);")
    monkeypatch.chdir(tmp_path)
    named = sqlfix(words[0], shop, *words[1:])
    assert named.code < 2 or words[0] == "unpark", named
    monkeypatch.setenv("SQLFIX_DATABASE", str(shop))
    assert sqlfix(*words) == named
    monkeypatch.setenv("SQLFIX_DATABASE", str(tmp_path / "gone.db"))
    assert_refused(sqlfix(*words), "gone.db does not exist")


@pytest.mark.parametrize("words", [["alter", "--unique"], ["backfill"], ["diff"]], ids=lambda words: words[0])
def test_a_database_alone_is_not_taken_for_what_to_do_with_another_one(
    shop: Path, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    monkeypatch.setenv("SQLFIX_DATABASE", str(shop))
    assert_refused(sqlfix(words[0], *words[1:]), "Missing argument")
    assert_refused(sqlfix(words[0], shop, *words[1:]), "itself" if words == ["diff"] else "Missing argument")


ENVIRONMENT = [
    pytest.param("scan", "SQLFIX_FORMAT", "json", ["--format", "json"], id="format"),
    pytest.param("scan", "SQLFIX_FAIL_ON", "never", ["--fail-on", "never"], id="fail-on"),
    pytest.param("scan", "SQLFIX_SELECT", "orders", ["--select", "orders"], id="select"),
    pytest.param("scan", "SQLFIX_IGNORE", "orders", ["--ignore", "orders"], id="ignore"),
    pytest.param("scan", "SQLFIX_ROWS", "1", ["--rows"], id="rows"),
    pytest.param("scan", "SQLFIX_VERBOSE", "1", ["-v"], id="verbose"),
    pytest.param("scan", "SQLFIX_QUIET", "1", ["-q"], id="quiet"),
    pytest.param("repair", "SQLFIX_DRY_RUN", "1", ["--dry-run"], id="dry-run"),
    pytest.param("export-sql", "SQLFIX_ON_ORPHAN", "delete", ["--on-orphan", "delete"], id="on-orphan"),
    pytest.param("export-sql", "SQLFIX_SET", "orders.coupon_id=keep", ["--set", "orders.coupon_id=keep"], id="set"),
    pytest.param("export-sql", "SQLFIX_NO_TRANSACTION", "1", ["--no-transaction"], id="no-transaction"),
    pytest.param("scan", "SQLFIX_SELECT", "stock coupon", ["--select", "stock", "--select", "coupon"], id="several"),
]


@pytest.mark.parametrize(("command", "variable", "value", "options"), ENVIRONMENT)
def test_an_option_from_the_environment_is_the_option(
    command: str, variable: str, value: str, options: list[str], shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = sqlfix(command, shop)
    given = sqlfix(command, shop, *options)
    monkeypatch.setenv(variable, value)
    assert sqlfix(command, shop) == given
    assert given != plain or variable == "SQLFIX_QUIET"


def test_the_choices_of_a_repair_from_the_environment(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SQLFIX_YES", "1")
    monkeypatch.setenv("SQLFIX_BACKUP_TO", str(shop.with_name("kept")))
    monkeypatch.setenv("SQLFIX_FORMAT", "json")
    monkeypatch.setenv("SQLFIX_SET", "orders.customer_id=update:2")
    ran = sqlfix("repair", shop)
    assert ran.code == 0
    assert Path(json.loads(ran.out)["backup"]) == shop.with_name("kept")
    with contextlib.closing(sqlite3.connect(shop)) as connection:
        assert connection.execute("SELECT customer_id FROM orders WHERE id = 3").fetchone() == (2,)


def test_no_backup_and_a_time_out_from_the_environment(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SQLFIX_BACKUP", "0")
    assert sqlfix("repair", shop, "--yes").code == 0
    assert [path.name for path in files(shop.parent)] == ["shop.db"]
    monkeypatch.setenv("SQLFIX_TIMEOUT", "never")
    assert_refused(sqlfix("scan", shop), "never")


def test_mass_deletion_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = build(
        tmp_path / "x.db",
        "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c (p_id INTEGER NOT NULL REFERENCES p);"
        "INSERT INTO c VALUES (5);",
    )
    assert sqlfix("repair", path, "--yes").code == 1  # the parent table is empty
    monkeypatch.setenv("SQLFIX_ALLOW_MASS_DELETE", "1")
    assert sqlfix("repair", path, "--yes").code == 0


def test_the_output_of_a_script_from_the_environment(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = sqlfix("export-sql", shop).out
    monkeypatch.setenv("SQLFIX_OUTPUT", str(shop.with_name("fix.sql")))
    assert sqlfix("export-sql", shop).out == ""
    assert shop.with_name("fix.sql").read_text(encoding="utf-8") == expected


@pytest.mark.parametrize("command", [("scan",), ("repair", "--yes"), ("export-sql",), ("history",), ("undo", "--yes")])
def test_an_empty_name_means_no_other_file(
    command: tuple[str, ...], shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As from a variable that is unset: the only SQLite file of the folder was not named by that."""
    monkeypatch.chdir(shop.parent)
    before = listing(shop.parent)
    assert_refused(sqlfix(*command, ""), "the name of the database is empty")
    assert listing(shop.parent) == before
