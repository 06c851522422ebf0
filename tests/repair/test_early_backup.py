"""A backup that is made while the repair is still being planned: it is that of the state that is changed, or none."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sqlite3
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from forked import forked
from hypothesis import HealthCheck, given, settings
from strategies import Case, cases
from support import build, contents, files, run_script, sqlfix

from sqlfix.commands import carrying_out
from sqlfix.errors import SqlfixError
from sqlfix.plan import alter, backfill, planner, schema_repairing
from sqlfix.repair import backup, sums
from sqlfix.repair import change as change_module
from sqlfix.repair import run as repair_module
from sqlfix.repair.record import records_beside
from sqlfix.schema.database import open_database
from sqlfix.sqlite import interrupts
from tests.laws.test_properties import SLOW, folder
from tests.repair.test_undo import rows

SHOP = """
CREATE TABLE p (code TEXT PRIMARY KEY);
CREATE TABLE c (id INTEGER PRIMARY KEY, p TEXT REFERENCES p (code));
CREATE TABLE log (line TEXT);
INSERT INTO p VALUES ('A'), ('B');
INSERT INTO c VALUES (1, 'A '), (2, 'b'), (3, 'none like it'), (4, 'B');
"""


@contextlib.contextmanager
def all_early() -> Iterator[None]:
    """Files of any size are worth it, on any machine."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(backup, "LARGE", 0)
        patched.setattr(backup, "cores", lambda: 2)
        patched.setattr(sums, "SMALL", 0)
        yield


@pytest.fixture(autouse=True)
def early() -> Iterator[None]:
    with all_early():
        yield


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return build(tmp_path / "x.db", SHOP)


@pytest.fixture
def under_lock(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The backups that are made under the lock."""
    made: list[Path] = []

    def spied(original: Callable[..., Any]) -> Callable[..., Any]:
        return lambda *asked: made.append(asked[1]) or original(*asked)

    for name in ("make_backup", "being_made"):
        monkeypatch.setattr(change_module, name, spied(getattr(change_module, name)))
    return made


def names(folder: Path) -> list[str]:
    return sorted(found.name for found in files(folder))


def before_the_lock(monkeypatch: pytest.MonkeyPatch, deed: Callable[[], object]) -> None:
    """Let another program do something between the plan and the lock."""
    original = carrying_out.WritingOptions.change

    def change(*asked: Any) -> Any:
        deed()
        return original(*asked)

    monkeypatch.setattr(carrying_out.WritingOptions, "change", change)


def test_it_is_taken_whole_and_known(path: Path, under_lock: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    before, kept, there = contents(path), path.with_name("kept"), []
    original = repair_module.apply_fixes

    def apply_fixes(*asked: Any) -> Any:
        there.append(contents(kept))
        return original(*asked)

    monkeypatch.setattr(repair_module, "apply_fixes", apply_fixes)
    ran = sqlfix("repair", path, "--yes", "--backup-to", kept)
    assert (ran.code, ran.err, under_lock) == (0, "", [])
    assert f"{kept} (verified)" in ran.out
    assert there == [before]  # under its name before anything is written
    ((record,), _) = records_beside(path)
    assert (record.backup, record.backup_sum) == (kept.resolve(), sums.file_pieces(kept).sum)
    assert sqlfix("undo", path, "--yes", "--no-backup").code == 0
    assert contents(path) == before


SINCE = [
    pytest.param("INSERT INTO log VALUES ('meanwhile')", id="a row"),
    pytest.param("INSERT INTO log VALUES ('meanwhile'); VACUUM", id="the whole file"),
    pytest.param("INSERT INTO log VALUES ('meanwhile'); PRAGMA journal_mode = WAL", id="in WAL mode since"),
]


@pytest.mark.parametrize("since", SINCE)
def test_of_what_was_written_since_it_is_made_anew(
    path: Path, since: str, under_lock: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    before_the_lock(monkeypatch, lambda: run_script(path, since))
    kept = path.with_name("kept")
    assert sqlfix("repair", path, "--yes", "--backup-to", kept).code == 0
    assert under_lock == [kept]
    assert rows(kept, "SELECT line FROM log") == [("meanwhile",)]
    assert contents(kept)["c"] != contents(path)["c"]
    assert not [name for name in names(path.parent) if name.endswith(".partial")]


def test_of_another_file_in_its_place_it_is_made_anew(
    path: Path, under_lock: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def replace() -> None:
        other = path.with_name("other")
        shutil.copy2(path, other)
        run_script(other, "UPDATE c SET id = 5 WHERE id = 4")
        status = path.stat()
        os.utime(other, ns=(status.st_atime_ns, status.st_mtime_ns))
        other.replace(path)

    before_the_lock(monkeypatch, replace)
    assert sqlfix("repair", path, "--yes", "--backup-to", path.with_name("kept")).code == 0
    assert len(under_lock) == 1
    assert (5, "B") in rows(path.with_name("kept"), "SELECT id, p FROM c")


def test_a_write_that_was_rolled_back_since_is_no_reason_to_trust_it(
    path: Path, under_lock: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may have stood in the file while that was copied: the header is as it was then, the times are not."""

    def spill() -> None:
        with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("PRAGMA cache_size = 1")
            other.execute("BEGIN")
            other.execute(
                "INSERT INTO log WITH n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 99)"
                " SELECT printf('%4000d', i) FROM n"
            )
            other.execute("ROLLBACK")

    before_the_lock(monkeypatch, spill)
    assert sqlfix("repair", path, "--yes").code == 0
    assert len(under_lock) == 1


OTHERWISE = [
    pytest.param("PRAGMA journal_mode = WAL;", ["--yes"], 1, id="in WAL mode no stamp tells the state"),
    pytest.param("DELETE FROM c WHERE id < 4;", ["--yes"], 0, id="nothing to repair"),
    pytest.param("", ["--yes", "--dry-run"], 0, id="a dry run"),
    pytest.param("", [], 0, id="nobody agreed"),
    pytest.param("", ["--yes", "--no-backup"], 0, id="no backup"),
    pytest.param("", ["--yes", "--set", "c.p=keep"], 0, id="nothing that may be done"),
]


@pytest.mark.parametrize(("more", "words", "made"), OTHERWISE)
def test_where_it_is_not_wanted_there_is_none(
    path: Path, more: str, words: list[str], made: int, under_lock: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    run_script(path, more)
    begun = names(path.parent)
    sqlfix("repair", path, *words)
    assert len(under_lock) == made
    left = [name for name in names(path.parent) if name not in begun]
    assert len([name for name in left if ".backup-" in name]) == made
    assert not [name for name in left if name.endswith(".partial")]


@pytest.mark.parametrize("error", [SqlfixError("no"), sqlite3.OperationalError("disk I/O error"), OSError(28, "full")])
@pytest.mark.parametrize("again", [False, True], ids=["once", "always"])
def test_what_goes_wrong_with_it_is_told_only_where_it_goes_wrong_again(
    path: Path, error: Exception, again: bool, under_lock: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    original, before = backup._verify, contents(path)

    def verify(*asked: Any) -> Any:
        if not under_lock or again:
            raise error
        return original(*asked)

    monkeypatch.setattr(backup, "_verify", verify)
    ran = sqlfix("repair", path, "--yes")
    assert (ran.code, len(under_lock)) == (2 if again else 0, 1)
    assert contents(path) == before if again else contents(path) != before
    assert [".backup-" in name for name in names(path.parent) if name != "x.db"] == ([] if again else [True])


def test_a_damaged_file_is_refused_as_ever(path: Path) -> None:
    run_script(path, "INSERT INTO log WITH n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 999)"
                     " SELECT printf('%400d', i) FROM n")  # fmt: skip
    with contextlib.closing(sqlite3.connect(path)) as connection:
        ((page,),) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'log'")
    with path.open("r+b") as file:
        file.seek(4096 * page + 4096)
        file.write(b"\xff" * 64)
    before = path.read_bytes()
    ran = sqlfix("repair", path, "--yes")
    assert (ran.code, "is damaged" in ran.err or "malformed" in ran.err) == (2, True), ran.err
    assert (path.read_bytes(), names(path.parent)) == (before, ["x.db"])


@pytest.mark.parametrize("error", [KeyboardInterrupt, SqlfixError("no plan"), ZeroDivisionError])
def test_a_plan_that_comes_to_no_end_leaves_nothing(path: Path, error: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    there = []

    def plan_for(*asked: object) -> None:
        there.extend(names(path.parent))
        raise error

    monkeypatch.setattr(planner, "plan_for", plan_for)
    assert sqlfix("repair", path, "--yes").code != 0
    assert [name.endswith(".partial") for name in there] == [False, True]
    assert names(path.parent) == ["x.db"]


def test_a_ctrl_c_that_was_overlooked_while_it_planned_stops_it(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite makes another error of what is raised in a callback, and who looks at one relationship overlooks that."""
    original, before = planner.plan_for, contents(path)

    def plan_for(*asked: Any) -> Any:
        interrupts._state.received.append(signal.SIGINT)
        return original(*asked)

    monkeypatch.setattr(planner, "plan_for", plan_for)
    ran = sqlfix("repair", path, "--yes")
    assert (ran.code, ran.err) == (130, "interrupted; nothing was changed\n")
    assert (contents(path), names(path.parent)) == (before, ["x.db"])


@pytest.mark.parametrize("stage", ["copy_database", "_verify", "file_pieces"])
def test_what_takes_long_in_it_ends_as_soon_as_nobody_wants_it(
    path: Path, stage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, original = threading.Event(), getattr(backup, stage)

    def slow(*asked: Any, **more: Any) -> Any:
        begun.set()
        while stage != "copy_database" and not asked[-1]():
            time.sleep(0.01)
        return original(*asked, **more)

    def plan_for(*asked: object) -> None:
        assert begun.wait(20)
        raise KeyboardInterrupt

    monkeypatch.setattr(backup, stage, slow)
    monkeypatch.setattr(planner, "plan_for", plan_for)
    assert sqlfix("repair", path, "--yes").code == 130
    assert names(path.parent) == ["x.db"]


def test_a_file_that_came_into_being_meanwhile_is_not_replaced(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = path.with_name("kept")
    before_the_lock(monkeypatch, lambda: kept.write_text("precious"))
    before = contents(path)
    assert sqlfix("repair", path, "--yes", "--backup-to", kept).code == 2
    assert (kept.read_text(), contents(path), names(path.parent)) == ("precious", before, ["kept", "x.db"])


# -- changes that are no repair ---------------------------------------------------------------------------------------

OFFICE = """
CREATE TABLE room (id INTEGER PRIMARY KEY, name TEXT);
CREATE TABLE desk (id INTEGER PRIMARY KEY, room INTEGER REFERENCES room, label TEXT, width REAL);
CREATE TABLE lamp (id INTEGER PRIMARY KEY, room INTEGER REFERENCES room__old (id));
CREATE TABLE log (line TEXT);
INSERT INTO room VALUES (1, 'north');
INSERT INTO desk VALUES (1, 1, 'a', 1.5), (2, NULL, 'b', 2.5);
INSERT INTO lamp VALUES (1, 1);
"""
WISHES = {
    "alter": ["desk.label", "--not-null"],
    "alter, and an index": ["desk.label", "--unique"],
    "alter, and values": ["desk.width", "--type", "TEXT"],
    "backfill": ["desk.room", "--set", "room.name=of {label}"],
    "repair-schema": [],
}
PLANNED = {
    "alter": (alter, "try_steps"),
    "backfill": (backfill, "plan_changes"),
    "repair-schema": (schema_repairing, "come_to_light"),
}
"""What each of them still has to do once its backup is begun."""
of_each_wish = pytest.mark.parametrize("wish", WISHES)


@pytest.fixture
def office(tmp_path: Path) -> Path:
    return build(tmp_path / "x.db", OFFICE)


def change(path: Path, wish: str, *more: object) -> Any:
    return sqlfix(wish.partition(",")[0], path, *WISHES[wish], *more)


def planning(monkeypatch: pytest.MonkeyPatch, wish: str, deed: Callable[[], object]) -> None:
    """Do something while a change is planned."""
    module, name = PLANNED[wish.partition(",")[0]]
    original = getattr(module, name)
    monkeypatch.setattr(module, name, lambda *asked: (deed() and None) or original(*asked))


@of_each_wish
def test_that_of_another_change_is_begun_while_it_is_planned_and_taken(
    office: Path, wish: str, under_lock: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    before, kept, there = office.read_bytes(), office.with_name("kept"), list[str]()
    planning(monkeypatch, wish, lambda: there.extend(names(office.parent)))
    ran = change(office, wish, "--yes", "--backup-to", kept)
    assert (ran.code, ran.err, under_lock) == (0, "", [])
    assert there == ["kept.partial", "x.db"]
    assert f"{kept} (verified)" in ran.out
    assert kept.read_bytes() == before != office.read_bytes()
    ((record,), _) = records_beside(office)
    assert (record.backup, record.backup_sum) == (kept.resolve(), sums.file_pieces(kept).sum)
    assert sqlfix("undo", office, "--yes", "--no-backup").code == 0
    assert contents(office) == contents(kept)


@of_each_wish
@pytest.mark.parametrize("since", SINCE)
def test_that_of_another_change_is_made_anew_of_what_was_written_since(
    office: Path, wish: str, since: str, under_lock: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    before_the_lock(monkeypatch, lambda: run_script(office, since))
    kept = office.with_name("kept")
    assert change(office, wish, "--yes", "--backup-to", kept).code == 0
    assert under_lock == [kept]
    assert rows(kept, "SELECT line FROM log") == [("meanwhile",)]
    assert not [name for name in names(office.parent) if name.endswith(".partial")]


UNWANTED = [
    pytest.param("alter", "UPDATE desk SET label = NULL;", ["--yes"], 1, True, id="rows are in the way"),
    pytest.param(
        "alter",
        "UPDATE desk SET label = NULL;",
        ["--yes", "--check", "label +"],
        2,
        True,
        id="an expression that is none",
    ),
    pytest.param("alter", "", ["--yes", "--references", "lamp(room)"], 2, True, id="a key that cannot be used"),
    pytest.param(
        "backfill",
        "CREATE TRIGGER no BEFORE INSERT ON room BEGIN SELECT RAISE(ABORT, 'no'); END;",
        ["--yes"],
        2,
        True,
        id="no parent can be made",
    ),
    pytest.param("backfill", "UPDATE desk SET room = 1;", ["--yes"], 0, False, id="every row has a parent"),
    pytest.param("repair-schema", "DROP TABLE lamp;", ["--yes"], 0, False, id="no schema to repair"),
    *(
        pytest.param(wish, "", words, code, False, id=f"{wish} {' '.join(words)}")
        for wish in PLANNED
        for words, code in ((["--dry-run"], 0), (["--sql"], 0), ([], 2), (["--yes", "--no-backup"], 0))
    ),
]


@pytest.mark.parametrize(("wish", "more", "words", "code", "begun"), UNWANTED)
def test_where_a_change_comes_to_nothing_there_is_none(
    office: Path, wish: str, more: str, words: list[str], code: int, begun: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_script(office, more)
    original, made, before = backup.new_file, list[Path](), office.read_bytes()
    monkeypatch.setattr(backup, "new_file", lambda *asked: made.append(asked[0]) or original(*asked))
    assert change(office, wish, *words).code == code
    assert bool(made) is begun
    assert [name for name in names(office.parent) if "sqlfix" not in name] == ["x.db"]
    assert (office.read_bytes() == before) is ("--no-backup" not in words)


def test_of_a_wish_that_is_fulfilled_none_is_begun(office: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run_script(office, "DROP TABLE desk; CREATE TABLE desk (label TEXT NOT NULL)")
    monkeypatch.setattr(backup, "new_file", None)
    assert change(office, "alter", "--yes").code == 0


@of_each_wish
@pytest.mark.parametrize("error", [KeyboardInterrupt, SqlfixError("no plan"), ZeroDivisionError])
def test_a_change_that_is_not_planned_to_its_end_leaves_nothing(
    office: Path, wish: str, error: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    there, before = list[str](), office.read_bytes()

    def fail() -> None:
        there.extend(names(office.parent))
        raise error

    planning(monkeypatch, wish, fail)
    assert change(office, wish, "--yes").code != 0
    assert [name.endswith(".partial") for name in there] == [False, True]
    assert (office.read_bytes(), names(office.parent)) == (before, ["x.db"])


@of_each_wish
@pytest.mark.parametrize("stage", ["copy_database", "new_file"])
@pytest.mark.parametrize("again", [False, True], ids=["once", "always"])
def test_a_full_disk_is_told_only_where_it_is_full_again(
    office: Path, wish: str, stage: str, again: bool, under_lock: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    original, before = getattr(backup, stage), office.read_bytes()

    def full(*asked: Any) -> Any:
        if not under_lock or again:
            raise OSError(28, "full")
        return original(*asked)

    monkeypatch.setattr(backup, stage, full)
    ran = change(office, wish, "--yes")
    assert (ran.code, len(under_lock)) == (2 if again else 0, 1)
    assert (office.read_bytes() == before) is again
    assert len(names(office.parent)) == (1 if again else 2)


@of_each_wish
def test_one_that_proves_bad_takes_the_change_back(office: Path, wish: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is verified while the change is made already, in what SQLite takes back exactly; see `BESIDE`."""
    before, verified = office.read_bytes(), list[Path]()

    def bad(database: Path, made: Path, *rest: Any) -> Any:
        time.sleep(0.1)
        verified.append(made)
        raise SqlfixError("the copy is bad")

    monkeypatch.setattr(backup, "_verify", bad)
    ran = change(office, wish, "--yes")
    assert (ran.code, "the copy is bad" in ran.err, bool(verified)) == (2, True, True)
    assert (office.read_bytes(), names(office.parent)) == (before, ["x.db"])


def test_none_is_begun_of_a_file_that_took_the_place_of_the_one_that_is_read(office: Path) -> None:
    with backup.early(office, None) as begun, open_database(office) as database:
        begun.begin(replace(database, stamp="of another file"))
        assert names(office.parent) == ["x.db"]
        begun.begin(database)
        assert len(names(office.parent)) == 2
    assert names(office.parent) == ["x.db"]


def killed_while_it_plans() -> None:
    """Let a run of this process be killed once it has a backup, and before it has the lock."""
    backup.LARGE, backup.cores, sums.SMALL = 0, lambda: 2, 0

    def die(early: Any, *asked: object) -> None:
        early._begun[-1].done()
        os.kill(os.getpid(), signal.SIGKILL)

    backup.Early.taken = die  # type: ignore[assignment,method-assign]


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL on Windows")
def test_what_a_killed_run_leaves_is_told_of_by_the_next(path: Path) -> None:
    before = contents(path)
    assert forked("repair", "--yes", path, first=killed_while_it_plans, capture_output=True).returncode == -9
    assert contents(path) == before
    (left,) = [name for name in names(path.parent) if name != "x.db"]
    assert left.endswith(".partial")
    ran = sqlfix("repair", path, "--yes")
    assert ran.code == 0
    assert f"note: {path.with_name(left)} is what a run left that was killed, unless" in ran.err
    assert left in names(path.parent)


@settings(SLOW, max_examples=SLOW.max_examples // 4, suppress_health_check=list(HealthCheck))
@given(case=cases(nulls=True))
def test_it_is_the_backup_that_would_be_made_under_the_lock(case: Case) -> None:
    with folder() as where, all_early():
        early, usual = (case.build(where / name) for name in ("early.db", "usual.db"))
        before = contents(early)
        code = sqlfix("repair", early, "--yes", "--allow-mass-delete", "--backup-to", where / "early").code
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(backup, "cores", lambda: 1)
            again = sqlfix("repair", usual, "--yes", "--allow-mass-delete", "--backup-to", where / "usual").code
        assert (code, contents(early)) == (again, contents(usual))
        assert (where / "early").exists() == (where / "usual").exists()
        if (where / "early").exists():
            assert contents(where / "early") == contents(where / "usual") == before
        assert not [name for name in names(where) if name.endswith(".partial")]
