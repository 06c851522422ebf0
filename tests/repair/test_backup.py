"""The backup before a repair, and a repair that fails: the one is whole, the other leaves the file as it was."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from forked import forked
from support import Ran, build, contents, files, fingerprint
from support import sqlfix as run

from sqlfix.errors import RolledBack, SqlfixError
from sqlfix.model.plans import Fix, Plan
from sqlfix.plan.apply import FixFailed
from sqlfix.plan.stages import make_plan
from sqlfix.repair import backup, sums
from sqlfix.repair import run as repair
from sqlfix.repair.backup import make_backup
from sqlfix.repair.change import ChangeOptions
from sqlfix.schema.catalogue import read_schema
from sqlfix.schema.database import open_database
from sqlfix.sqlite import files as own_files
from sqlfix.sqlite import interrupts
from sqlfix.sqlite.files import stamped

FAMILY = """
PRAGMA synchronous = OFF;
CREATE TABLE parent (id INTEGER PRIMARY KEY, name TEXT);
CREATE TABLE child (id INTEGER PRIMARY KEY, parent_id INTEGER REFERENCES parent (id), note BLOB);
CREATE TABLE strict_child (id INTEGER PRIMARY KEY, parent_id INTEGER NOT NULL REFERENCES parent (id));
CREATE VIEW grown AS SELECT * FROM parent;
CREATE INDEX child_parent ON child (parent_id);
INSERT INTO parent VALUES (1, 'Ada'), (2, CAST(x'ff' AS TEXT));
INSERT INTO child VALUES (1, 1, x'00ff'), (2, 2, 1.5), (3, 7, NULL);
INSERT INTO strict_child VALUES (1, 1), (2, 9), (3, 8);
"""
WITHOUT_BACKUP = ChangeOptions(backup=False)
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return build(tmp_path / "x.db", FAMILY)


@pytest.fixture
def umask() -> Iterator[None]:
    """The process's umask, put back afterwards."""
    before = os.umask(0o022)
    yield
    os.umask(before)


def names(folder: Path) -> list[str]:
    return sorted(found.name for found in files(folder))


def planned(path: Path) -> Plan:
    with open_database(path) as database:
        return make_plan(database)


# -- what the backup is -------------------------------------------------------------------------------------------


def test_the_backup_is_what_the_database_was(path: Path) -> None:
    before = contents(path)
    begun = datetime.now(UTC).replace(microsecond=0)
    ran = run("repair", path, "--yes")
    assert ran.code == 0, ran.err
    (name,) = [name for name in names(path.parent) if name != "x.db"]
    match = re.fullmatch(r"x\.db\.backup-(\d{8}T\d{6}Z)", name)
    assert match
    assert begun <= datetime.strptime(match[1], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC) <= datetime.now(UTC)
    made = path.with_name(name)
    assert f"{made} (verified)" in ran.out
    assert contents(made) == before != contents(path)
    with contextlib.closing(sqlite3.connect(made)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert names(path.parent) == ["x.db", name]


@pytest.mark.parametrize("pragmas", ["page_size = 1024", "encoding = 'UTF-16be'", "user_version = 7"])
def test_the_backup_has_the_settings_of_the_file(pragmas: str, tmp_path: Path) -> None:
    path = build(tmp_path / "x.db", f"PRAGMA {pragmas}; {FAMILY}".replace("CAST(x'ff' AS TEXT)", "'Bo'"))
    name = pragmas.split()[0]
    with contextlib.closing(sqlite3.connect(path)) as connection:
        expected = connection.execute(f"PRAGMA {name}").fetchone()
    assert run("repair", path, "--yes", "--backup-to", tmp_path / "kept").code == 0
    for file in (path, tmp_path / "kept"):
        with contextlib.closing(sqlite3.connect(file)) as connection:
            assert connection.execute(f"PRAGMA {name}").fetchone() == expected


def test_the_backup_holds_the_bytes_of_the_file(path: Path) -> None:
    before, kept = path.read_bytes(), path.with_name("kept")
    assert run("repair", path, "--yes", "--backup-to", kept).code == 0
    assert kept.read_bytes() == before != path.read_bytes()


def test_what_stands_behind_the_last_page_is_no_part_of_the_backup(path: Path) -> None:
    before, kept = contents(path), path.with_name("kept")
    size = path.stat().st_size
    with path.open("ab") as file:
        file.write(b"\0" * 5000)
    assert run("repair", path, "--yes", "--backup-to", kept).code == 0
    assert (contents(kept), kept.stat().st_size) == (before, size)


def test_what_stands_in_a_wal_is_in_the_backup(tmp_path: Path) -> None:
    path = build(tmp_path / "x.db", f"PRAGMA journal_mode = WAL; {FAMILY}")
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as application:
        application.execute("PRAGMA wal_autocheckpoint = 0")
        application.execute("INSERT INTO strict_child VALUES (4, 55)")
        assert (tmp_path / "x.db-wal").stat().st_size > 0
        assert run("repair", path, "--yes", "--backup-to", tmp_path / "kept").code == 0
        assert application.execute("SELECT id FROM strict_child").fetchall() == [(1,)]
    with contextlib.closing(sqlite3.connect(tmp_path / "kept")) as connection:
        assert connection.execute("SELECT id FROM strict_child").fetchall() == [(1,), (2,), (3,), (4,)]
    assert names(tmp_path) == ["kept", "x.db"]


def test_put_back_the_backup_is_the_first_database_again(path: Path) -> None:
    before = contents(path)
    assert run("repair", path, "--yes", "--backup-to", path.with_name("kept")).code == 0
    path.with_name("kept").replace(path)
    assert contents(path) == before
    assert run("scan", path).code == 1


# -- its name -----------------------------------------------------------------------------------------------------


def test_the_name_says_when_in_utc(tmp_path: Path) -> None:
    assert stamped(tmp_path / "x.db", ".backup-{}", NOW) == tmp_path / "x.db.backup-20260102T030405Z"


def test_no_backup_overwrites_another_of_the_same_second(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Clock(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
            return NOW

    monkeypatch.setattr(own_files, "datetime", Clock)
    first = contents(path)
    assert run("repair", path, "--yes", "--select", "child").code == 0
    second = contents(path)
    assert run("repair", path, "--yes").code == 0
    assert names(path.parent) == ["x.db", "x.db.backup-20260102T030405Z", "x.db.backup-20260102T030405Z-2"]
    assert contents(path.with_name("x.db.backup-20260102T030405Z")) == first
    assert contents(path.with_name("x.db.backup-20260102T030405Z-2")) == second != first


def test_a_link_planted_at_the_name_is_not_followed(path: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    victim = tmp_path_factory.mktemp("elsewhere") / "victim"
    link = path.with_name(f"x.db.backup-{NOW:%Y%m%dT%H%M%SZ}")
    link.symlink_to(victim)
    assert stamped(path, ".backup-{}", NOW) == path.with_name(f"{link.name}-2")
    with pytest.raises(SqlfixError, match="never overwrites"), contextlib.closing(sqlite3.connect(path)) as connection:
        make_backup(path, link, read_schema(connection))
    assert not victim.exists() and link.is_symlink()


@pytest.mark.parametrize("there", ["file", "link", "broken link"])
def test_what_stands_at_backup_to_is_left_alone(there: str, path: Path) -> None:
    before = fingerprint(path)
    target, other = path.with_name("kept"), path.with_name("other")
    other.write_text("precious")
    if there == "file":
        target.write_text("precious")
    else:
        target.symlink_to(other if there == "link" else path.with_name("nowhere"))
    listed = names(path.parent)
    ran = run("repair", path, "--yes", "--backup-to", target)
    assert ran.code == 2
    assert ran.err.startswith(f"error: {target} exists already, and a backup never overwrites a file\n")
    assert (fingerprint(path), names(path.parent), other.read_text()) == (before, listed, "precious")


def test_a_folder_as_backup_to_takes_the_backup_under_its_usual_name(path: Path) -> None:
    before = contents(path)
    folder = path.with_name("kept")
    folder.mkdir()
    assert run("repair", path, "--yes", "--backup-to", folder).code == 0
    (made,) = folder.iterdir()
    assert re.fullmatch(r"x\.db\.backup-\d{8}T\d{6}Z", made.name)
    assert contents(made) == before
    assert names(path.parent) == ["kept", "x.db"]


def test_the_remains_of_another_backup_are_not_touched(path: Path) -> None:
    before = fingerprint(path)
    path.with_name("kept.partial").write_text("another backup, half done")
    ran = run("repair", path, "--yes", "--backup-to", path.with_name("kept"))
    assert ran.code == 2 and "kept.partial is in the way" in ran.err
    assert path.with_name("kept.partial").read_text() == "another backup, half done"
    assert (fingerprint(path), names(path.parent)) == (before, ["kept.partial", "x.db"])


@pytest.mark.parametrize("step", ["_give_name", "_remove_partial"])
def test_a_signal_as_it_gets_its_name_leaves_no_half_made_one(
    path: Path, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = getattr(own_files, step)

    def disturbed(*given: Path) -> None:
        signal.raise_signal(signal.SIGINT)
        done(*given)

    monkeypatch.setattr(own_files, step, disturbed)
    interrupts.begin()
    with pytest.raises(KeyboardInterrupt), own_files.new_file(path.with_name("kept"), path, "backup") as partial:
        partial.write_text("whole")
    interrupts.begin()
    assert names(path.parent) == ["kept", "x.db"]
    assert path.with_name("kept").read_text() == "whole"


def test_a_link_planted_at_the_partial_name_is_not_followed(path: Path) -> None:
    path.with_name("kept.partial").symlink_to(path.with_name("victim"))
    assert run("repair", path, "--yes", "--backup-to", path.with_name("kept")).code == 2
    assert names(path.parent) == ["kept.partial", "x.db"]


def test_no_backup_if_none_is_wanted(path: Path) -> None:
    ran = run("repair", path, "--yes", "--no-backup")
    assert ran.code == 0 and "Backup" not in ran.out
    assert names(path.parent) == ["x.db"]


def test_no_backup_if_nothing_is_done(tmp_path: Path) -> None:
    path = build(tmp_path / "x.db", "CREATE TABLE t (x);")
    before = fingerprint(path)
    assert run("repair", path, "--yes").code == 0
    assert (fingerprint(path), names(tmp_path)) == (before, ["x.db"])


def test_the_time_of_a_backup_to_another_folder(path: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    target = tmp_path_factory.mktemp("vault") / "x.bak"
    before = contents(path)
    assert run("repair", path, "--yes", "--backup-to", target).code == 0
    assert contents(target) == before
    assert names(target.parent) == ["x.bak"] and names(path.parent) == ["x.db"]


# -- who may read it ----------------------------------------------------------------------------------------------


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
@pytest.mark.parametrize("mask", [0o000, 0o022, 0o077])
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o644, 0o666, 0o700, 0o755])
def test_the_backup_is_no_wider_open_than_the_original(mode: int, mask: int, path: Path, umask: None) -> None:
    path.chmod(mode)
    os.umask(mask)
    assert run("repair", path, "--yes", "--backup-to", path.with_name("kept")).code == 0
    made = stat.S_IMODE(path.with_name("kept").stat().st_mode)
    assert made & ~mode == 0, oct(made)
    assert made & 0o600 == 0o600, oct(made)
    assert stat.S_IMODE(path.stat().st_mode) == mode


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
def test_the_backup_is_closed_to_others_while_it_is_written(
    path: Path, umask: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.umask(0)
    seen: list[int] = []

    def spy(database: Path, partial: Path, *more: Any) -> tuple[backup.Unverified, ...]:
        seen.append(stat.S_IMODE(partial.stat().st_mode))
        return ()

    monkeypatch.setattr(backup, "_verify", spy)
    assert run("repair", path, "--yes").code == 0
    assert seen == [0o600]


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() != 0, reason="only root can give a file away")
def test_the_backup_belongs_to_whom_the_original_belongs(path: Path) -> None:
    os.chown(path, 65534, 65534)
    assert run("repair", path, "--yes", "--backup-to", path.with_name("kept")).code == 0
    status = path.with_name("kept").stat()
    assert (status.st_uid, status.st_gid) == (65534, 65534)


# -- a backup that fails ------------------------------------------------------------------------------------------


def assert_untouched(path: Path, before: tuple[str, int], ran: Ran) -> None:
    assert ran.code == 2, ran
    assert ran.err.startswith("error: ")
    assert fingerprint(path) == before
    assert names(path.parent) == ["x.db"]


@pytest.mark.parametrize(("mode", "said"), [("delete", "not hold the same bytes"), ("wal", "not have as many rows")])
def test_a_copy_that_cannot_be_verified_is_thrown_away(
    path: Path, monkeypatch: pytest.MonkeyPatch, mode: str, said: str
) -> None:
    """The copy holds another byte; or that of a WAL lacks a row, and the number of its rows tells."""
    copy, write = backup.copy_database, sums._Shared.write

    def lossy(database: Path, partial: Path, *more: object) -> None:
        copy(database, partial)
        build(partial, "DELETE FROM parent WHERE id = 1;")

    build(path, f"PRAGMA journal_mode = {mode}")
    if mode == "wal":
        monkeypatch.setattr(backup, "copy_database", lossy)
    else:
        monkeypatch.setattr(sums._Shared, "write", lambda self, at, block: write(self, at, block[:-1] + b"x"))
    before = fingerprint(path)
    ran = run("repair", path, "--yes")
    assert_untouched(path, before, ran)
    assert said in ran.err


def test_a_copy_that_is_damaged_is_thrown_away(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy = backup.copy_database

    def damaging(database: Path, partial: Path, *more: object) -> None:
        copy(database, partial)
        with partial.open("r+b") as file:
            file.seek(4096)
            file.write(b"\xff" * 4096)

    monkeypatch.setattr(backup, "copy_database", damaging)
    before = fingerprint(path)
    assert_untouched(path, before, run("repair", path, "--yes"))


def test_a_disk_that_fails_in_the_last_moment(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(descriptor: int) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(own_files.os, "fsync", failing)
    before = fingerprint(path)
    ran = run("repair", path, "--yes")
    monkeypatch.undo()
    assert_untouched(path, before, ran)
    assert "cannot be written: Input/output error" in ran.err


def test_a_file_that_came_into_being_meanwhile_is_not_replaced(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = path.with_name("kept")
    verify = backup._verify

    def meanwhile(database: Path, partial: Path, *more: Any) -> tuple[backup.Unverified, ...]:
        target.write_text("precious")
        return verify(database, partial, *more)

    monkeypatch.setattr(backup, "_verify", meanwhile)
    before = fingerprint(path)
    ran = run("repair", path, "--yes", "--backup-to", target)
    assert ran.code == 2, ran
    assert (target.read_text(), fingerprint(path)) == ("precious", before)
    assert names(path.parent) == ["kept", "x.db"]


def test_a_file_that_cannot_be_linked_is_renamed(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some file systems (FAT, some network ones) have no hard links."""

    def failing(source: object, target: object) -> None:
        raise OSError(1, "Operation not permitted")

    before = contents(path)
    monkeypatch.setattr(own_files.os, "link", failing)
    assert run("repair", path, "--yes", "--backup-to", path.with_name("kept")).code == 0
    assert contents(path.with_name("kept")) == before
    assert names(path.parent) == ["kept", "x.db"]


def test_a_damaged_database_is_not_repaired(tmp_path: Path) -> None:
    rows = "WITH RECURSIVE n(i) AS (SELECT 10 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)"
    path = build(
        tmp_path / "x.db",
        f"{FAMILY} CREATE TABLE bulk (a, b); {rows} INSERT INTO bulk SELECT i, 'text of some length ' || i FROM n;",
    )
    with contextlib.closing(sqlite3.connect(path)) as connection:
        page = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'bulk'").fetchone()[0]
        size = connection.execute("PRAGMA page_size").fetchone()[0]
    with path.open("r+b") as file:  # a leaf of `bulk`, which no foreign key is concerned with
        file.seek((page + 5) * size)
        file.write(b"\x00" * size)
    for option in ("--backup", "--no-backup"):
        before = fingerprint(path)
        ran = run("repair", path, "--yes", option)
        assert_untouched(path, before, ran)
        assert "damaged" in ran.err or "malformed" in ran.err


# -- a repair that fails ------------------------------------------------------------------------------------------


def test_a_fix_that_fails_takes_all_of_them_back(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first fix has been carried out when the second fails."""
    original = repair.apply_fixes
    done: list[int] = []

    def failing(connection: sqlite3.Connection, fixes: tuple[Fix, ...], *more: object) -> object:
        done.extend(original(connection, fixes[:1]).rows)
        raise FixFailed(1, fixes[1], sqlite3.OperationalError("the disk is on fire"))

    before = contents(path)
    monkeypatch.setattr(repair, "apply_fixes", failing)
    ran = run("repair", path, "--yes")
    assert ran.code == 2
    assert "failed (the disk is on fire); everything was rolled back" in ran.err
    assert sum(done) > 0
    assert contents(path) == before


@pytest.mark.parametrize("failing", [0, 1])
def test_a_statement_that_sqlite_refuses_takes_all_of_them_back(failing: int, path: Path) -> None:
    plan = planned(path)
    assert len(plan.fixes) == 2
    fixes = list(plan.fixes)
    fixes[failing] = replace(fixes[failing], statements=("DELETE FROM no_such_table",))
    before = contents(path)
    with pytest.raises(RolledBack, match="no such table"):
        repair.repair(path, replace(plan, fixes=tuple(fixes)), WITHOUT_BACKUP)
    assert contents(path) == before
    assert names(path.parent) == ["x.db"]


def test_more_rows_than_planned_take_all_of_it_back(path: Path) -> None:
    plan = planned(path)
    build(path, "INSERT INTO strict_child VALUES (50, 60);")
    before = contents(path)
    with pytest.raises(RolledBack, match="3 rows, but 2 were planned"):
        repair.repair(path, plan, WITHOUT_BACKUP)
    assert contents(path) == before


def test_a_schema_that_changed_meanwhile_stops_the_repair_before_the_backup(path: Path) -> None:
    plan = planned(path)
    build(path, "ALTER TABLE child ADD COLUMN more;")
    before = fingerprint(path)
    with pytest.raises(RolledBack, match="schema has changed"):
        repair.repair(path, plan)
    assert (fingerprint(path), names(path.parent)) == (before, ["x.db"])


def test_a_parent_that_was_brought_back_meanwhile_stops_the_repair(path: Path) -> None:
    plan = planned(path)
    build(path, "INSERT INTO parent VALUES (7, 'back again');")
    before = contents(path)
    with pytest.raises(RolledBack, match="0 rows, but 1 were planned"):
        repair.repair(path, plan, WITHOUT_BACKUP)
    assert contents(path) == before


RAISES = """
CREATE TRIGGER guard BEFORE DELETE ON strict_child WHEN OLD.id = 3 BEGIN SELECT RAISE({how}); END;
"""


@pytest.mark.parametrize("how", ["ABORT, 'not this row'", "ROLLBACK, 'not this row'", "FAIL, 'not this row'"])
def test_a_trigger_that_raises_is_met_on_a_copy_first(how: str, path: Path) -> None:
    build(path, RAISES.format(how=how))
    before = contents(path)
    ran = run("repair", path, "--yes", "--format", "json")
    assert ran.code == 1
    assert [left["reason"] for left in ran.json["left"]] == ["SQLite refuses it: not this row"]
    after = contents(path)
    assert after["strict_child"] == before["strict_child"]
    assert [fix["table"] for fix in ran.json["fixes"]] == ["child"]


@pytest.mark.parametrize("how", ["ABORT, 'not this row'", "ROLLBACK, 'not this row'", "FAIL, 'not this row'"])
def test_a_trigger_that_raises_after_all_takes_all_of_it_back(
    how: str, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it looks at has changed since the plan was made: here the plan was made without it."""
    plan = planned(path)
    build(path, RAISES.format(how=how))
    before = contents(path)
    monkeypatch.setattr(repair, "read_schema", lambda _: plan.schema)
    with pytest.raises(RolledBack, match="not this row"):
        repair.repair(path, plan, WITHOUT_BACKUP)
    assert contents(path) == before


def test_a_trigger_that_puts_the_orphan_back_is_noticed(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = planned(path)
    build(
        path,
        "CREATE TRIGGER again AFTER DELETE ON strict_child WHEN OLD.id < 100 BEGIN"
        " INSERT INTO strict_child VALUES (OLD.id + 100, OLD.parent_id); END;",
    )
    before = contents(path)
    monkeypatch.setattr(repair, "read_schema", lambda _: plan.schema)
    with pytest.raises(RolledBack, match="something other than the plan changed rows"):
        repair.repair(path, plan, WITHOUT_BACKUP)
    assert contents(path) == before


TRY_TO_WRITE = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], timeout=0, isolation_level=None)
try:
    connection.execute("BEGIN IMMEDIATE")
    print("written")
except sqlite3.OperationalError as error:
    print(error)
"""


@pytest.mark.parametrize("mode", ["DELETE", "WAL"])
def test_nobody_can_write_between_the_backup_and_the_commit(
    mode: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Closing any other handle of the file would drop the locks that SQLite holds for this process."""
    path = build(tmp_path / "x.db", f"PRAGMA journal_mode = {mode}; {FAMILY}")
    said: list[str] = []

    def attempt() -> None:
        tried = subprocess.run(
            [sys.executable, "-c", TRY_TO_WRITE, str(path)], capture_output=True, text=True, timeout=60
        )
        said.append(tried.stdout.strip())

    def while_verifying(database: Path, partial: Path, *more: Any) -> tuple[backup.Unverified, ...]:
        attempt()
        return verify(database, partial, *more)

    def before_and_after_fixing(*arguments: Any) -> Any:
        attempt()
        applied = apply_fixes(*arguments)
        attempt()
        return applied

    verify, apply_fixes = backup._verify, repair.apply_fixes
    monkeypatch.setattr(backup, "_verify", while_verifying)
    monkeypatch.setattr(repair, "apply_fixes", before_and_after_fixing)
    assert run("repair", path, "--yes").code == 0
    assert said == ["database is locked"] * 3
    attempt()
    assert said[-1] == "written"


def killed_as_it_commits() -> None:
    """Let a repair of this process be killed once its statements have run."""
    original = repair.apply_fixes

    def die(connection: sqlite3.Connection, fixes: Any, *more: Any) -> None:
        original(connection, fixes)
        os.kill(os.getpid(), signal.SIGKILL)

    repair.apply_fixes = die  # type: ignore[assignment]


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL on Windows")
@pytest.mark.parametrize("mode", ["DELETE", "WAL"])
def test_a_repair_that_is_killed_before_it_commits_has_changed_nothing(mode: str, tmp_path: Path) -> None:
    path = build(tmp_path / "x.db", f"PRAGMA journal_mode = {mode}; {FAMILY}")
    before = contents(path)
    killed = forked("repair", "--yes", path, first=killed_as_it_commits, capture_output=True)
    assert killed.returncode == -9
    assert contents(path) == before
    (made,) = [found for found in tmp_path.iterdir() if ".backup-" in found.name]
    assert contents(made) == before


def test_what_a_killed_run_has_left_is_told_of_and_stays(tmp_path: Path) -> None:
    """What a run leaves as it is killed bears the name of its file; others have names that are alike."""
    path = build(tmp_path / "x.db", "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c (p REFERENCES p);")
    build(path, "INSERT INTO p VALUES (1); INSERT INTO c VALUES (1), (1), (7)")
    left = ["x.db.backup-20260102T030405Z.partial", "x.db.sqlfix-20260102T030405Z-2.sqlite3.partial"]
    others = ["y.db.backup-20260102T030405Z.partial", "x.db.partial", "x.db.backup-mine.partial"]
    for name in (*left, *others):
        (tmp_path / name).write_text("half")
    for words in (["repair"], ["undo"], ["repair", "-q"], ["undo", "-q"]):
        ran = run(*words, path, "--yes")
        assert ran.code == 0
        told = [line.split()[1] for line in ran.err.splitlines() if line.startswith("note: ")]
        assert told == ([] if "-q" in words else [str(tmp_path / name) for name in left])
    assert all((tmp_path / name).read_text() == "half" for name in (*left, *others))
