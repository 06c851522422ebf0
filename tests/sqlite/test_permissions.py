"""Backups, records and temporary files: never more readable than the original, never in another's way, never left.

What test_backup.py says of the backup alone is here said of the record as well, and of an interrupted run.
"""

from __future__ import annotations

import os
import re
import sqlite3
import stat
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from forked import become_nobody, forked
from support import build, contents, sqlfix

from sqlfix.plan import rehearsal
from sqlfix.repair import change
from sqlfix.repair import run as repair
from sqlfix.sqlite import files as own_files

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes, and no such links")

SHOP = """
CREATE TABLE p (id INTEGER PRIMARY KEY);
CREATE TABLE c (id INTEGER PRIMARY KEY, p_id INTEGER NOT NULL REFERENCES p, secret TEXT);
CREATE TABLE log (x);
INSERT INTO p VALUES (1); INSERT INTO c VALUES (1, 1, 'a'), (2, 9, 'b');
"""
TRIGGER = "CREATE TRIGGER gone AFTER DELETE ON c BEGIN INSERT INTO log VALUES (OLD.secret); END;"
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
BACKUP, RECORD = "a.db.backup-20260102T030405Z", "a.db.sqlfix-20260102T030405Z.sqlite3"


@pytest.fixture(params=["", TRIGGER], ids=["plain", "with a trigger"])
def path(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """A database with an orphan, in a folder of its own; with a trigger, a repair is tried on a copy first."""
    folder = tmp_path / "x"
    folder.mkdir()
    return build(folder / "a.db", SHOP + request.param)


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for temporary files that nothing else uses."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture
def always_now(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock stands still, so that names can be foreseen: so can whoever plants a link."""

    class Still(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
            return NOW

    monkeypatch.setattr(own_files, "datetime", Still)


@pytest.fixture
def umask() -> Iterator[None]:
    """The mask is put back afterwards."""
    before = os.umask(0o022)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    """The permissions of a file."""
    return stat.S_IMODE(path.lstat().st_mode)


def made(path: Path) -> list[Path]:
    """What stands beside the database."""
    return sorted(other for other in path.parent.iterdir() if other != path)


# -- permissions --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mask", [0o000, 0o022, 0o077])
@pytest.mark.parametrize("wanted", [0o600, 0o640, 0o644, 0o660, 0o666])
def test_nothing_is_more_readable_than_the_original(wanted: int, mask: int, path: Path, umask: None) -> None:
    path.chmod(wanted)
    os.umask(mask)
    assert sqlfix("repair", path, "--yes").code == 0
    assert sqlfix("undo", path, "--yes").code == 0
    assert len(made(path)) == 4, "a backup and a record of each"
    for other in made(path):
        assert mode(other) & ~wanted == 0, other
        assert mode(other) & 0o600 == 0o600, other
    assert mode(path) == wanted


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() != 0, reason="only root can give a file away")
@pytest.mark.parametrize("wanted", [0o600, 0o640, 0o660])
def test_all_belongs_to_whom_the_original_belongs(wanted: int, path: Path) -> None:
    os.chown(path, 12345, 23456)
    path.chmod(wanted)
    assert sqlfix("repair", path, "--yes").code == 0
    assert len(made(path)) == 2
    for other in made(path):
        assert (other.stat().st_uid, other.stat().st_gid, mode(other)) == (12345, 23456, wanted)


def test_a_group_that_cannot_be_given_gets_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path.chmod(0o664)
    other_group = path.stat().st_gid + 1
    real = os.fstat

    def fstat(descriptor: int) -> os.stat_result:
        found = list(real(descriptor))
        found[5] = other_group
        return os.stat_result(found)

    def refuse(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "fchown", refuse)
    monkeypatch.setattr(own_files.os, "fstat", fstat)
    ran = sqlfix("repair", path, "--yes")
    monkeypatch.undo()
    assert ran.code == 0, ran
    assert len(made(path)) == 2
    for other in made(path):
        assert mode(other) & 0o070 == 0, other


def test_all_is_private_while_it_is_written(path: Path, temporary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path.chmod(0o644)
    path.parent.chmod(0o755)
    seen: dict[str, int] = {}
    real = sqlite3.connect

    def connect(*arguments: object, **options: object) -> sqlite3.Connection:
        for other in [*made(path), *temporary.rglob("*")]:
            if other.name.endswith(".partial") or temporary in other.parents:
                seen[other.name] = seen.get(other.name, 0) | mode(other)
        return real(*arguments, **options)  # type: ignore[call-overload, no-any-return]

    monkeypatch.setattr(sqlite3, "connect", connect)
    assert sqlfix("repair", path, "--yes").code == 0
    monkeypatch.undo()
    assert any(name.endswith(".partial") and ".backup-" in name for name in seen)
    assert any(name.endswith(".partial") and ".sqlfix-" in name for name in seen)
    folders = [found for name, found in seen.items() if name.startswith("sqlfix-")]
    assert all(found & 0o077 == 0 for found in folders), seen
    assert all(found & 0o077 == 0 for name, found in seen.items() if name.endswith(".partial")), seen
    assert list(temporary.iterdir()) == []


# -- links that were planted --------------------------------------------------------------------------------------

PLANTED = [BACKUP, RECORD, BACKUP + ".partial", RECORD + ".partial"]


@pytest.mark.parametrize("name", PLANTED)
@pytest.mark.parametrize("there", ["file", "nothing"], ids=["to a file", "to nothing"])
def test_a_planted_link_is_neither_followed_nor_replaced(name: str, there: str, path: Path, always_now: None) -> None:
    victim = path.parent.parent / "victim"
    if there == "file":
        victim.write_text("precious")
    link = path.with_name(name)
    link.symlink_to(victim)
    before = contents(path)
    ran = sqlfix("repair", path, "--yes")
    assert link.is_symlink()
    assert victim.read_text() == "precious" if there == "file" else not victim.exists()
    assert ran.code == 0, ran
    assert contents(path) != before
    assert path.with_name(name.removesuffix(".partial").replace("05Z", "05Z-2")).is_file(), "it takes another name"


@pytest.mark.parametrize("name", PLANTED)
def test_a_file_that_is_there_is_never_overwritten(name: str, path: Path, always_now: None) -> None:
    path.with_name(name).write_text("precious")
    assert sqlfix("repair", path, "--yes").code == 0
    assert path.with_name(name).read_text() == "precious"
    named = sqlfix("repair", build(path.with_name("b.db"), SHOP), "--yes", "--backup-to", path.with_name(name))
    assert named.code == 2, named
    assert path.with_name(name).read_text() == "precious"


@pytest.mark.parametrize("side", ["-journal", "-wal", "-shm"])
@pytest.mark.parametrize("name", [BACKUP, RECORD])
def test_a_link_at_a_side_file_is_not_followed(name: str, side: str, path: Path, always_now: None) -> None:
    victim = path.parent.parent / "victim"
    victim.write_text("precious")
    for what in (name + side, f"{name}.partial{side}"):
        path.with_name(what).symlink_to(victim)
    before = contents(path)
    ran = sqlfix("repair", path, "--yes")
    assert victim.read_text() == "precious"
    assert ran.code == 0 or contents(path) == before


# -- an end in the middle -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("at", ["verify", "apply_fixes", "new_record"])
def test_an_interrupted_repair_leaves_nothing_half_made(
    at: str, path: Path, temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    before = contents(path)
    monkeypatch.setattr(change if at == "new_record" else repair, at, interrupt)
    ran = sqlfix("repair", path, "--yes")
    monkeypatch.undo()
    assert ran.code == 130, ran
    assert contents(path) == before
    assert list(temporary.iterdir()) == []
    assert [other.name for other in made(path) if ".backup-" not in other.name] == []


def test_an_interrupted_rehearsal_leaves_no_copy(
    tmp_path: Path, temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = build(tmp_path / "a.db", SHOP + TRIGGER)
    found: list[Path] = []

    def interrupt(*_: object) -> None:
        found.extend(other for other in temporary.rglob("*") if other.is_file())
        raise KeyboardInterrupt

    monkeypatch.setattr(rehearsal, "apply_fixes", interrupt)
    ran = sqlfix("export-sql", path)
    monkeypatch.undo()
    assert ran.code == 130, ran
    assert found, "there was a copy"
    assert list(temporary.iterdir()) == []


# -- as somebody who may not write --------------------------------------------------------------------------------

COMMANDS = {
    "repair": ("repair",),
    "empty": ("repair", "--empty", "c.note"),
    "alter": ("alter", "c.secret", "--default", "'x'"),
    "alter the text": ("alter", "c.secret", "--check", "secret <> 'n'"),
    "backfill": ("backfill", "c.q_id"),
    "drop": ("repair-schema", "--drop-table", "log"),
    "no backup": ("alter", "c.secret", "--default", "'x'", "--no-backup"),
    "undo": ("undo",),
}


@pytest.mark.parametrize("who", ["nobody may write to the file", "nobody may make files beside it"])
def test_who_may_not_write_gets_one_line_and_nothing_is_lost(tmp_path: Path, who: str) -> None:
    (folder := tmp_path / "x").mkdir()
    path = build(
        folder / "a.db",
        SHOP + "ALTER TABLE c ADD COLUMN q_id INTEGER REFERENCES p; ALTER TABLE c ADD COLUMN note TEXT;"
        "UPDATE c SET note = 'x'; CREATE TABLE d (p_id INTEGER REFERENCES p); INSERT INTO d VALUES (1), (1), (8);",
    )
    assert sqlfix("repair", path, "--select", "d", "--yes").code == 0
    path.chmod(0o644 if "to the file" in who else 0o666)
    for each in (*tmp_path.parents, tmp_path):  # pytest's own folders are closed to others
        if any(part.startswith("pytest-") for part in each.parts):
            each.chmod(each.stat().st_mode | 0o055)
    folder.chmod(0o555)
    try:
        before, there = path.read_bytes(), sorted(folder.iterdir())
        for name, (command, *words) in COMMANDS.items():
            ran = forked(command, path, *words, "--yes", first=become_nobody, capture_output=True, text=True)
            told = ran.stderr.strip().splitlines()
            assert (ran.returncode, len(told)) == (2, 2 if told[-1].startswith("hint: ") else 1), (name, ran)
            said = "no permission to write" if "to the file" in who else r"the backup cannot be written|readonly"
            assert re.match(f"error: .*({said})", told[0]), (name, told)
            assert (path.read_bytes(), sorted(folder.iterdir())) == (before, there), name
    finally:
        folder.chmod(0o755)
