"""Nothing breaks half way: kills, signals, full disks, locks, writers, and a failure at every single step.

A short form runs with the rest of the tests. `make faults` sets SQLFIX_FAULTS to the number of kills of its long form,
and prints for each kind how many faults were tried and what was lost.
"""

from __future__ import annotations

import contextlib
import errno
import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from faults.stages import HOOKS
from faults.trial import KILLS, SEED, Tell, arguments_of, every, stages_of, start, strikes
from faults.world import Digest, Lost, World, check, check_told, connect, digest, repair_world, undo_world
from support import Ran, sqlfix

from sqlfix.commands import repair as repair_command
from sqlfix.commands import undo as undo_command
from sqlfix.repair import record
from sqlfix.repair import run as repair
from sqlfix.sqlite import files as own_files
from sqlfix.sqlite.deadline import Connection

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals, limits and mounts of a Unix")


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, World]]:
    """Small databases to repair, and small repairs to undo, with both kinds of journal."""
    base = tmp_path_factory.mktemp("worlds")
    yield {
        "repair": repair_world(base / "repair", 0.2),
        "repair in WAL mode with triggers": repair_world(base / "repair-wal", 0.2, "wal", True),
        "undo": undo_world(base / "undo", 0.2),
        "undo in WAL mode": undo_world(base / "undo-wal", 0.2, "wal"),
        "undo row by row": undo_world(base / "undo-rows", 0.2, "delete", True, exact=False),
        "undo row by row in WAL mode": undo_world(base / "undo-rows-wal", 0.2, "wal", False, exact=False),
    }
    shutil.rmtree(base)


NAMES = (
    "repair",
    "repair in WAL mode with triggers",
    "undo",
    "undo in WAL mode",
    "undo row by row",
    "undo row by row in WAL mode",
)


@pytest.fixture(params=NAMES)
def world(worlds: dict[str, World], request: pytest.FixtureRequest) -> World:
    """Each of them."""
    return worlds[request.param]


# -- killed, interrupted, terminated ------------------------------------------------------------------------------


def test_killed_at_random_moments(worlds: dict[str, World], tell: Tell) -> None:
    counts, lost = strikes(list(worlds.values()), signal.SIGKILL, KILLS * 7 // 10 or len(worlds), SEED)
    tell(f"kill -9, 0.2 MB {counts}", sum(counts.values()) + len(lost), lost)


@pytest.mark.skipif(not KILLS, reason="only in the long form")
@pytest.mark.parametrize(("megabytes", "share"), [(1, 0.15), (10, 0.1), (100, 0.05)])
def test_killed_while_working_on_a_large_file(megabytes: int, share: float, tell: Tell) -> None:
    with tempfile.TemporaryDirectory(prefix="faults-") as name:
        base = Path(name)
        large = [
            repair_world(base / "repair", megabytes),
            repair_world(base / "repair-wal", megabytes, "wal", True),
            undo_world(base / "undo", megabytes),
            undo_world(base / "undo-wal", megabytes, "wal"),
        ]
        counts, lost = strikes(large, signal.SIGKILL, max(4, round(KILLS * share)), SEED)
    tell(f"kill -9, {megabytes} MB {counts}", sum(counts.values()) + len(lost), lost)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
def test_interrupted_at_random_moments(number: signal.Signals, worlds: dict[str, World], tell: Tell) -> None:
    looked_at = worlds["repair"]
    looking = World(looked_at.folder, ("scan",), looked_at.before, looked_at.before)
    counts, lost = strikes([*worlds.values(), looking], number, KILLS // 3 or len(worlds) + 1, SEED)
    tell(f"{number.name} {counts}", sum(counts.values()) + len(lost), lost)


def none_lost_to_signals(worlds: list[World], about: str, tell: Tell) -> None:
    """Kill and interrupt some commands at random moments."""
    for number, times in ((signal.SIGKILL, KILLS or 2 * len(worlds)), (signal.SIGINT, KILLS // 2 or len(worlds))):
        counts, lost = strikes(worlds, number, times, SEED)
        tell(f"{about}: {number.name} {counts}", sum(counts.values()) + len(lost), lost)


# -- a failure at every step --------------------------------------------------------------------------------------


class Fault:
    """Counts what is done, and fails at one place of it."""

    def __init__(self, place: int, fail: Callable[[], None]) -> None:
        self.place = place
        self.fail = fail
        self.done = 0

    def step(self) -> None:
        """One more thing is about to be done."""
        self.done += 1
        if self.done == self.place + 1:
            self.fail()


def at_statements(fault: Fault, after: bool) -> Any:
    """A kind of connection whose statements are steps of a fault."""

    class Failing(Connection):  # as the package's own are: it asks for that kind by name
        def execute(self, *arguments: Any) -> sqlite3.Cursor:
            if not after:
                fault.step()
            cursor = super().execute(*arguments)
            if after:
                fault.step()
            return cursor

        def executemany(self, *arguments: Any) -> sqlite3.Cursor:
            fault.step()
            return super().executemany(*arguments)

        def backup(self, *arguments: Any, **options: Any) -> None:
            fault.step()
            super().backup(*arguments, **options)

    def opened(*arguments: Any, **options: Any) -> sqlite3.Connection:
        fault.step()
        return connect(*arguments, **{**options, "factory": Failing})

    return opened


def at_statements_of_a_change(fault: Fault) -> Any:
    """A kind of connection whose statements are steps of a fault once a transaction of it has changed rows."""

    class Failing(Connection):
        begun: int | None = None

        def execute(self, *arguments: Any) -> sqlite3.Cursor:
            if self.begun is not None and self.total_changes > self.begun:
                fault.step()
            elif arguments[0] == "BEGIN IMMEDIATE":
                self.begun = self.total_changes
            return super().execute(*arguments)

    def opened(*arguments: Any, **options: Any) -> sqlite3.Connection:
        return connect(*arguments, **{**options, "factory": Failing})

    return opened


class FailingOs:
    """The module `os`, each call of which is a step of a fault."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault

    def __getattr__(self, name: str) -> Any:
        found = getattr(os, name)
        if name not in ("open", "fsync", "fchmod", "link", "fstat"):
            return found

        def called(*arguments: Any, **options: Any) -> Any:
            self.fault.step()
            return found(*arguments, **options)

        return called


def fail_as_disk() -> None:
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorname = "SQLITE_IOERR_WRITE"  # type: ignore[misc]
    raise error


def fail_as_full_disk() -> None:
    error = sqlite3.OperationalError("database or disk is full")
    error.sqlite_errorname = "SQLITE_FULL"  # type: ignore[misc]
    raise error


def fail_as_system() -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def interrupt() -> None:
    signal.raise_signal(signal.SIGINT)


def run_with(world: World, folder: Path, fault: Fault, put: Callable[[pytest.MonkeyPatch], None]) -> tuple[Path, Ran]:
    """Run a world's command on a copy with a fault in it."""
    path = world.copy(folder)
    with pytest.MonkeyPatch.context() as patch:
        put(patch)
        return path, sqlfix(*arguments_of(world, path))


def try_every(
    world: World,
    folder: Path,
    most: int,
    fail: Callable[[], None],
    put: Callable[[pytest.MonkeyPatch, Fault], None],
    codes: tuple[int, ...] = (2,),
) -> tuple[int, list[str]]:
    """Count the steps of a run, then fail at each (or at as many as ``most``, spread evenly)."""
    counting = Fault(-1, fail)
    path, ran = run_with(world, folder / "count", counting, lambda patch: put(patch, counting))
    assert (ran.code, digest(path)) == (world.code, world.after), f"a run without a fault: {ran.err}"
    lost = []
    places = list(every(counting.done, most))
    for place in places:
        fault = Fault(place, fail)
        trial = folder / f"at-{place}"
        try:
            path, ran = run_with(world, trial, fault, lambda patch, fault=fault: put(patch, fault))  # type: ignore[misc]
            check_told(world, path, ran, codes)
        except Lost as error:
            lost.append(f"{error} [{fail.__name__} at step {place} of {counting.done}, {world.command}]")
        shutil.rmtree(trial)
    return len(places), lost


@pytest.mark.parametrize("fail", [fail_as_disk, fail_as_full_disk])
def test_a_statement_that_fails(world: World, fail: Callable[[], None], tmp_path: Path, tell: Tell) -> None:
    def put(patch: pytest.MonkeyPatch, fault: Fault) -> None:
        patch.setattr(sqlite3, "connect", at_statements(fault, after=False))

    tried, lost = try_every(world, tmp_path, 400 if KILLS else 25, fail, put)
    tell(f"{fail.__name__} at a statement of {world.folder.name}", tried, lost)


def test_a_statement_that_fails_once_rows_were_changed(world: World, tmp_path: Path, tell: Tell) -> None:
    """All of a change is one transaction: a failure after the first fix, and before the next, gives that back too."""

    def put(patch: pytest.MonkeyPatch, fault: Fault) -> None:
        patch.setattr(sqlite3, "connect", at_statements_of_a_change(fault))

    tried, lost = try_every(world, tmp_path, 400 if KILLS else 15, fail_as_disk, put)
    tell(f"a statement that fails inside the change of {world.folder.name}", tried, lost)


def test_ctrl_c_after_every_statement(world: World, tmp_path: Path, tell: Tell) -> None:
    def put(patch: pytest.MonkeyPatch, fault: Fault) -> None:
        patch.setattr(sqlite3, "connect", at_statements(fault, after=True))

    tried, lost = try_every(world, tmp_path, 400 if KILLS else 25, interrupt, put, (130,))
    tell(f"Ctrl-C after a statement of {world.folder.name}", tried, lost)


@pytest.mark.parametrize("fail", [fail_as_system, interrupt])
def test_a_system_call_that_fails(world: World, fail: Callable[[], None], tmp_path: Path, tell: Tell) -> None:
    """Every fsync, link, open and change of mode on the way to a backup's and a record's name."""

    def put(patch: pytest.MonkeyPatch, fault: Fault) -> None:
        patch.setattr(own_files, "os", FailingOs(fault))

    tried, lost = try_every(world, tmp_path, 100, fail, put, (2, 130))
    tell(f"{fail.__name__} at a system call of {world.folder.name}", tried, lost)
    assert tried >= 10, "two files, each opened, statted, closed to others, fsynced and linked"


@pytest.mark.parametrize("fail", [fail_as_full_disk, interrupt])
def test_a_failure_as_each_stage_begins(world: World, fail: Callable[[], None], tmp_path: Path, tell: Tell) -> None:
    """Up to the commit the file stays as it was; a Ctrl-C at the commit itself comes too late."""
    met, lost = set(), []
    for module, name, stage in HOOKS:
        if stage in "sfe":  # before anything is opened, after the commit, and what only looking has: signals meet these
            continue
        fault = Fault(0, fail)
        original = getattr(module, name)

        def failing(*arguments: Any, fault: Fault = fault, original: Any = original, **options: Any) -> Any:
            fault.step()
            return original(*arguments, **options)

        place = tmp_path / f"{stage}-{module.__name__}-{name}"
        path, ran = run_with(world, place, fault, lambda patch, m=module, n=name, f=failing: patch.setattr(m, n, f))  # type: ignore[misc]
        if not fault.done:
            continue
        met.add(stage)
        too_late = stage == "k" and fail is interrupt
        try:
            now = check_told(world, path, ran, (130,) if fail is interrupt else (2,))
            if now != ("after" if too_late else "before"):
                raise Lost(f"the file is as {now}: {ran.err}")
        except Lost as error:
            lost.append(f"{error} [{fail.__name__} at {name}, {world.command}, {world.folder.name}]")
    tell(f"{fail.__name__} at a stage of {world.folder.name}", len(met), lost)
    assert met == stages_of(world) - set("sf")


def test_a_fault_after_the_commit_is_told_as_what_it_is(worlds: dict[str, World], tmp_path: Path) -> None:
    world = worlds["repair"]
    path = world.copy(tmp_path / "a")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(record, "beside", broken := _breaks_on_update())
        ran = sqlfix(*arguments_of(world, path))
    assert broken.met
    assert ran.code == 0, ran.err
    now, (made,) = check(world, path)
    assert (now, made.state) == ("after", "prepared")
    assert "cut off" in sqlfix("history", path).out
    undone = sqlfix("undo", path, "--yes")
    assert undone.code == 0, undone.err
    assert digest(path) == world.before


class _breaks_on_update:
    """A record that cannot be written any more once its repair has been committed."""

    def __init__(self) -> None:
        self.met = False
        self.original = record.beside

    @contextlib.contextmanager
    def __call__(self, path: Path, write: bool = False) -> Iterator[Any]:
        with self.original(path, write) as connection:
            if not path.name.endswith(".partial"):
                self.met = True
                fail_as_disk()
            yield connection


# -- no room ------------------------------------------------------------------------------------------------------


def run_limited(world: World, folder: Path, limit: int) -> str:
    """Run a world's command in a child whose files may not grow beyond a limit; the verdict."""
    path = world.copy(folder / "app")
    temporary = folder / "tmp"
    temporary.mkdir()
    child = start(arguments_of(world, path), temporary, lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit,) * 2))
    child.until(None)
    ran = child.end()
    now = check_told(world, path, ran)
    if left := list(temporary.iterdir()):
        raise Lost(f"left in the temporary folder: {left}")
    shutil.rmtree(folder)
    return now


def test_files_that_may_not_grow(worlds: dict[str, World], tmp_path: Path, tell: Tell) -> None:
    tried, lost, counts = 0, [], dict[str, int]()
    chosen = list(worlds.values()) if KILLS else [worlds["repair in WAL mode with triggers"], worlds["undo row by row"]]
    for world in chosen:
        size = (world.folder / "app.db").stat().st_size
        steps = 8 if KILLS else 4
        limits = [0, 512, 4096, 8192, *(size * (n + 1) // steps for n in range(2 * steps))]
        for limit in limits if KILLS else limits[::3]:
            tried += 1
            try:
                now = run_limited(world, tmp_path / f"{tried}", limit)
                counts[now] = counts.get(now, 0) + 1
            except Lost as error:
                lost.append(f"{error} [limit {limit} of {size}, {world.folder.name}]")
    tell(f"files that may not grow {counts}", tried, lost)
    assert counts.get("before"), "no limit was small enough to be met"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Callable[[int], Path]]:
    """A disk of so many kilobytes, made anew for each call."""
    place = tmp_path / "disk"
    place.mkdir()

    def mounted(kilobytes: int) -> Path:
        subprocess.run(["umount", str(place)], capture_output=True, check=False)
        command = ["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", str(place)]
        try:
            made = subprocess.run(command, capture_output=True, text=True, check=False)
        except FileNotFoundError:
            pytest.skip("there is no mount here")
        if made.returncode:
            pytest.skip(f"a file system cannot be mounted here: {made.stderr.strip()}")
        return place

    yield mounted
    with contextlib.suppress(FileNotFoundError):
        subprocess.run(["umount", str(place)], capture_output=True, check=False)


def test_a_full_disk(worlds: dict[str, World], small_disk: Callable[[int], Path], tmp_path: Path, tell: Tell) -> None:
    """From a disk that holds the file and nothing else to one with room for everything; temporary files on it too."""
    tried, lost, counts = 0, [], dict[str, int]()
    chosen = list(worlds.values()) if KILLS else [worlds["repair"], worlds["undo in WAL mode"]]
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    for world in chosen:
        size = sum(file.stat().st_size for file in world.folder.iterdir()) // 1024
        steps = 10 if KILLS else 5
        for room in [8 + n * size * 3 // steps for n in range(steps)]:
            for here in (True, False) if KILLS else (True,):
                disk = small_disk(size + room)
                path = world.copy(disk / "app")
                before = sorted(file.name for file in path.parent.iterdir())
                place = disk / "tmp" if here else temporary
                place.mkdir(exist_ok=True)
                tried += 1
                try:
                    child = start(arguments_of(world, path), place)
                    child.until(None)
                    ran = child.end()
                    aside = tmp_path / f"aside-{tried}"  # looking at a WAL needs room as well
                    shutil.copytree(path.parent, aside)
                    now = check_told(world, aside / "app.db", ran)
                    shutil.rmtree(aside)
                    counts[now] = counts.get(now, 0) + 1
                    if left := list(place.iterdir()):
                        raise Lost(f"left in the temporary folder: {left}")
                    # a verified backup stays; and SQLite itself keeps a WAL that it has no room to tidy away
                    stays = (*before, "app.db-wal", "app.db-shm")
                    new = [f.name for f in path.parent.iterdir() if f.name not in stays and "backup" not in f.name]
                    if now == "before" and new:
                        raise Lost(f"left behind: {new}")
                except Lost as error:
                    lost.append(f"{error} [{room} KB of room, {world.folder.name}]")
    tell(f"full disk {counts}", tried, lost)
    assert counts.get("before"), "every disk was large enough"
    assert counts.get("after"), "no disk was large enough"


def test_a_folder_that_cannot_be_written(worlds: dict[str, World], tmp_path: Path) -> None:
    world = worlds["repair"]
    path = world.copy(tmp_path / "a")
    path.parent.chmod(0o555)
    try:
        if os.access(path.parent, os.W_OK):
            pytest.skip("whoever runs this may write everywhere")
        for options in ((), ("--no-backup",)):
            ran = sqlfix(*arguments_of(world, path), *options)
            assert ran.code == 2
            assert [file.name for file in path.parent.iterdir()] == ["app.db"]
    finally:
        path.parent.chmod(0o755)
    assert check_told(world, path, ran) == "before"


# -- other programs -----------------------------------------------------------------------------------------------


def between_plan_and_lock(world: World, patch: pytest.MonkeyPatch, deed: Callable[[], None]) -> None:
    """Let another program do something when the plan was made and the lock is not yet taken."""
    module: Any = repair_command if world.command[0] == "repair" else undo_command
    original = getattr(module, world.command[0])

    def late(*arguments: Any, **options: Any) -> Any:
        deed()
        return original(*arguments, **options)

    patch.setattr(module, world.command[0], late)


def test_locked_from_the_start(world: World, tmp_path: Path) -> None:
    path = world.copy(tmp_path / "a")
    with contextlib.closing(connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        ran = sqlfix(*arguments_of(world, path), "--timeout", "0.1")
        other.execute("ROLLBACK")
    assert ran.code == 2
    assert "locked" in ran.err
    assert check_told(world, path, ran) == "before"
    assert sorted(f.name for f in path.parent.iterdir()) == sorted(f.name for f in world.folder.iterdir())


def test_locked_half_way(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = world.copy(tmp_path / "a")
    with contextlib.closing(connect(path, isolation_level=None)) as other:
        between_plan_and_lock(world, monkeypatch, lambda: other.execute("BEGIN IMMEDIATE") and None)
        ran = sqlfix(*arguments_of(world, path), "--timeout", "0.1")
        other.execute("ROLLBACK")
    assert ran.code == 2
    assert "locked" in ran.err
    assert check_told(world, path, ran) == "before"


WRITES = {
    "one more orphan": "INSERT INTO orders (customer_id, note) VALUES (7000, 'new')",
    "one orphan less": "DELETE FROM orders WHERE id = 10",
    "the parent is back": "INSERT INTO customer VALUES (7000, 'back')",
    "another table": "CREATE TABLE written_meanwhile (x)",
}


@pytest.mark.parametrize("mode", ["delete", "wal"])
@pytest.mark.parametrize("what", WRITES)
def test_written_to_between_the_plan_and_the_repair(
    what: str, mode: str, worlds: dict[str, World], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = worlds["repair" if mode == "delete" else "repair in WAL mode with triggers"]
    path = world.copy(tmp_path / "a")
    meanwhile: list[Digest] = []

    def write() -> None:
        with contextlib.closing(connect(path)) as other:
            other.execute(WRITES[what])
            other.commit()
        meanwhile.append(digest(path))

    between_plan_and_lock(world, monkeypatch, write)
    ran = sqlfix(*arguments_of(world, path))
    assert ran.code == 2, ran.out
    assert "run it again" in ran.err
    assert digest(path) == meanwhile[0]
    assert not list(path.parent.glob("*.sqlfix-*")), "the record of what was never done"


def test_written_to_between_look_and_undo(worlds: dict[str, World], tmp_path: Path, monkeypatch: Any) -> None:
    """What was to come back exactly is taken back row by row, and what was written since stays."""
    for name in ("undo", "undo in WAL mode"):
        world = worlds[name]
        path = world.copy(tmp_path / name)

        def write(path: Path = path) -> None:
            with contextlib.closing(connect(path)) as other:
                other.execute("INSERT INTO customer VALUES (5000, 'new')")
                other.commit()

        with pytest.MonkeyPatch.context() as patch:
            between_plan_and_lock(world, patch, write)
            ran = sqlfix(*arguments_of(world, path))
        assert ran.code == 0, ran.err
        with contextlib.closing(connect(path)) as db:
            assert db.execute("DELETE FROM customer WHERE id = 5000").rowcount == 1
            db.commit()
        assert {k: v for k, v in digest(path).items() if k != "sqlite_sequence"} == {
            k: v for k, v in world.after.items() if k != "sqlite_sequence"
        }


def test_a_reader_keeps_its_snapshot(world: World, tmp_path: Path) -> None:
    path = world.copy(tmp_path / "a")
    with contextlib.closing(connect(path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        seen = reader.execute("SELECT count(*), sum(id) FROM orders").fetchone()
        ran = sqlfix(*arguments_of(world, path), "--timeout", "0.3")
        assert reader.execute("SELECT count(*), sum(id) FROM orders").fetchone() == seen
        reader.execute("COMMIT")
        now = check_told(world, path, ran)
        wal = reader.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
    if wal:
        assert (ran.code, now) == (0, "after"), ran.err
    else:
        assert (ran.code, now) == (2, "before")
        assert "locked" in ran.err


@pytest.mark.parametrize("mode", ["delete", "wal"])
def test_a_scan_reports_one_snapshot(mode: str, tmp_path: Path, tell: Tell) -> None:
    """A program adds an orphan to each of two tables in one transaction: a report never counts them apart."""
    path = tmp_path / "busy.db"
    with contextlib.closing(connect(path)) as db:
        db.execute(f"PRAGMA journal_mode = {mode}")
        db.executescript(
            "CREATE TABLE parent (id INTEGER PRIMARY KEY);"
            "CREATE TABLE one (id INTEGER PRIMARY KEY, parent_id INTEGER REFERENCES parent);"
            "CREATE TABLE two (id INTEGER PRIMARY KEY, parent_id INTEGER REFERENCES parent);"
            "INSERT INTO parent VALUES (1);"
        )
    stop = threading.Event()
    written = [0]

    def write() -> None:
        with contextlib.closing(connect(path, isolation_level=None, timeout=30)) as db:
            while not stop.is_set():
                db.execute("BEGIN IMMEDIATE")
                for table in ("one", "two"):
                    db.execute(f"INSERT INTO {table} (parent_id) VALUES (77)")
                db.execute("COMMIT")
                written[0] += 1
                time.sleep(0.001)

    writer = threading.Thread(target=write)
    writer.start()
    lost: list[str] = []
    seen = set()
    tried = 40 if KILLS else 8
    try:
        while written[0] == 0:
            time.sleep(0.01)
        for _ in range(tried):
            report = sqlfix("scan", path, "--format", "json", "--timeout", "30").json
            one, two = ((r["rows"], r["orphans"]) for r in report["relationships"])
            seen.add(one)
            if one != two or one[0] != one[1]:
                lost.append(f"counted apart: {one} and {two}")
    finally:
        stop.set()
        writer.join()
    tell(f"scans beside a writer ({mode})", tried, lost)
    assert len(seen) > 1, "the writer did not write while the scans ran"


def test_nothing_is_left_of_the_worlds(worlds: dict[str, World]) -> None:
    """The faults were tried on copies: what they were copied from is as it was."""
    for world in worlds.values():
        assert digest(world.folder / "app.db") == world.before


def test_the_commit_is_the_last_chance(worlds: dict[str, World], tmp_path: Path, monkeypatch: Any) -> None:
    """A signal during the COMMIT comes too late: the repair stands, has its record, and ends as it would have."""
    world = worlds["repair"]
    path = world.copy(tmp_path / "a")
    commit = repair.commit

    def interrupted(connection: sqlite3.Connection) -> None:
        signal.raise_signal(signal.SIGINT)
        commit(connection)

    monkeypatch.setattr(repair, "commit", interrupted)
    ran = sqlfix(*arguments_of(world, path))
    now, (made,) = check(world, path)
    assert (ran.code, now, made.state) == (0, "after", "applied")
