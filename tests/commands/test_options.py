"""No option is accepted and passed over: with each it does something else, or is refused, or there is a reason.

Every command is run in every one of its modes, with every one of its options on the command line and from the
environment. An option that is new, or that a mode stops to listen to, fails here.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import pytest
from support import build, contents, files, sqlfix

from sqlfix.cli import COMMANDS, Commands

SAMPLES: dict[str, list[str]] = {
    "format": ["--format", "json"],
    "jobs": ["--jobs", "2"],
    "select": ["--select", "c.q"],
    "ignore": ["--ignore", "c.p"],
    "unique": ["--unique", "c.v"],
    "fail_on": ["--fail-on", "never"],
    "on_orphan": ["--on-orphan", "delete"],
    "set": ["--set", "c.p=delete"],
    "map": ["--map", "c.p=ids.csv"],
    "table": ["--table", "c"],
    "stand_in": ["--stand-in", "c.v=1"],
    "donor": ["--donor", "older.db"],
    "only": ["--only", "declared"],
    "merge": ["--merge", "c.v"],
    "keep": ["--keep", "last"],
    "empty": ["--empty", "c.v"],
    "backup": ["--no-backup"],
    "backup_to": ["--backup-to", "elsewhere.db"],
    "output": ["--output", "script.sql"],
    "error": ["--error", "UNIQUE constraint failed: c.id"],
    "delete": ["--delete", "--yes"],
    "values": ["--set", "p.id=1{id}"],
    "group_by": ["--group-by", "v"],
    "references": ["--references", "p(id)"],
    "on_delete": ["--on-delete", "cascade"],
    "on_update": ["--on-update", "cascade"],
    "check": ["--check", "p>0"],
    "type": ["--type", "TEXT"],
    "default": ["--default", "1"],
    "collate": ["--collate", "nocase"],
    "tables": ["--drop-table", "d"],
    "columns": ["--drop-column", "c.v"],
}
"""An option as it is typed, where it is more than its name."""

HOW = {"timeout", "quiet", "verbose"}
"""How long to wait, how much to say: they may be without effect anywhere."""


@dataclass(frozen=True)
class Mode:
    """A command as it is run; ``refused`` options are refused there, ``silent`` ones change nothing that shows.

    Of the refused, ``from_environment`` are refused also where they come from there.
    """

    command: str
    arguments: tuple[str, ...]
    refused: frozenset[str] = frozenset()
    from_environment: frozenset[str] = frozenset()
    silent: frozenset[str] = frozenset()

    def __str__(self) -> str:
        return " ".join((self.command, *self.arguments)).replace("app.db ", "")


def mode(command: str, *arguments: str, refused: str = "", environment: str = "", silent: str = "") -> Mode:
    """A mode, with its sets of options in one text each."""
    of = frozenset(environment.split())
    return Mode(command, ("app.db", *arguments), frozenset(refused.split()) | of, of, frozenset(silent.split()))


CHOOSING = "select ignore on_orphan set map stand_in only allow_mass_delete donor with_children"
ERROR = "FOREIGN KEY constraint failed"
AS_IT_IS = "references no_collate no_check"  # what is wished is so already
MODES = [
    mode("scan", silent="jobs fast"),  # of one small database: how many at a time, and how fast, says nothing
    mode("scan", "--rows", refused="jobs", environment="unique", silent="fast"),
    # what would be done stays the same where the backup goes elsewhere, and a preview is of the whole command line
    mode(
        "repair",
        "--dry-run",
        refused="keep stand_in with_children",
        environment="interactive",
        silent="backup backup_to yes",
    ),
    mode("repair", "--yes", refused="keep stand_in with_children", environment="interactive"),
    mode(
        "repair",
        "--dry-run",
        "--merge",
        "c.v",
        environment=f"{CHOOSING} interactive empty",
        silent="backup backup_to yes",
    ),
    mode(
        "repair",
        "--dry-run",
        "--empty",
        "c.v",
        refused="keep",
        environment=f"{CHOOSING} interactive merge",
        silent="backup backup_to yes",
    ),
    mode("export-sql", refused="keep stand_in with_children"),
    mode("export-sql", "--merge", "c.v", environment=f"{CHOOSING} empty"),
    mode("why", "p", "1", refused="yes backup backup_to", environment="rows error"),
    mode("why", "p", "1", "--sql", refused="yes backup backup_to", environment="rows error delete format"),
    mode("why", "p", "1", "--delete", "--yes", environment="rows error sql"),
    mode("why", "p", refused="yes backup backup_to", environment="error sql delete"),
    mode("why", "p", "--rows", refused="yes backup backup_to", environment="error sql delete"),
    mode("why", "--error", ERROR, refused="yes backup backup_to", environment="sql delete rows"),
    mode("undo", "--dry-run", silent="yes backup backup_to skip_conflicts", environment="sql"),
    mode("undo", "--sql", refused="yes backup backup_to", environment="dry_run"),
    mode("undo", "--yes", environment="sql", silent="skip_conflicts"),  # there are no conflicts
    mode("history"),
    mode("diff", "older.db"),
    # of a sound schema there is nothing to drop, to mend or to back up; a table is no check of a schema
    mode("repair-schema", "--dry-run", environment="select", silent="backup backup_to yes drop_leftovers"),
    mode("repair-schema", "--yes", environment="select sql", silent="backup backup_to dry_run drop_leftovers"),
    mode(
        "repair-schema",
        "--sql",
        refused="yes backup backup_to format",
        environment="select",
        silent="dry_run drop_leftovers",
    ),
    mode("unpark", "--dry-run", silent="backup yes"),
    mode("unpark", "--yes"),
    # what the schema says already changes nothing
    mode("backfill", "c.w", "--dry-run", environment="match sql", silent="backup backup_to yes references"),
    mode("backfill", "c.w", "--yes", environment="match sql", silent="references"),
    mode(
        "backfill",
        "c.w",
        "--sql",
        refused="yes backup backup_to",
        environment="match dry_run format",
        silent="references",
    ),
    mode(
        "alter",
        "c.p",
        "--default",
        "1",
        "--dry-run",
        environment="no_default sql",
        silent=f"backup backup_to yes {AS_IT_IS}",
    ),
    mode("alter", "c.p", "--default", "1", "--yes", environment="no_default sql", silent=AS_IT_IS),
    mode(
        "alter",
        "c.p",
        "--default",
        "1",
        "--sql",
        refused="yes backup backup_to",
        environment="no_default dry_run format",
        silent=AS_IT_IS,
    ),
]


def options_of(command: str) -> Iterator[click.Option]:
    group = Commands()
    found = group.get_command(click.Context(group), command)
    assert found is not None
    yield from (parameter for parameter in found.params if isinstance(parameter, click.Option))


def typed(option: click.Option) -> list[str]:
    name = str(option.name)
    return SAMPLES.get(name) or [next(text for text in option.opts if text.startswith("--"))]


CASES = [
    pytest.param(each, option, id=f"{each}: {option.name}")
    for each in MODES
    for option in options_of(each.command)
    if option.name not in HOW and typed(option)[0] not in each.arguments
]


ORIGINALS = "originals"


@pytest.fixture(scope="session")
def originals(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the runs find: made once, and copied for each of them."""
    base = tmp_path_factory.getbasetemp() / ORIGINALS  # beside the folder of each test
    base.mkdir()
    (place := base / "nothing").mkdir()
    build(place / "older.db", "CREATE TABLE p (id INTEGER PRIMARY KEY); INSERT INTO p VALUES (5);")
    (place / "ids.csv").write_text("old,new\n5,1\n")
    build(
        place / "app.db",
        """
        CREATE TABLE p (id INTEGER PRIMARY KEY);
        CREATE TABLE c (id INTEGER PRIMARY KEY, p INT REFERENCES p, q INT NOT NULL REFERENCES p, v, w REFERENCES p);
        INSERT INTO p VALUES (1), (2);
        INSERT INTO c VALUES (1, 5, 1, 'x', NULL), (2, 1, 2, 'x', NULL), (3, 1, 7, 'y', 7), (4, 1, 8, 'z', 8);
        INSERT INTO c SELECT id + 4, 1, 2, id, NULL FROM c;
        CREATE TABLE d (id INTEGER PRIMARY KEY, c REFERENCES c);
        INSERT INTO d VALUES (1, 1);
        CREATE TABLE lost (id INTEGER PRIMARY KEY, p NOT NULL REFERENCES p);
        INSERT INTO lost SELECT id, 100 + id FROM c UNION ALL SELECT id + 100, 200 + id FROM c;
        """,
    )
    return base


@pytest.fixture
def folder(originals: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TZ", "UTC")
    shutil.copy(originals / "nothing" / "app.db", tmp_path / "original.db")
    return tmp_path


def begun(command: str, base: Path) -> Path:
    """What a command finds, made once and copied for each run: an undo finds a repair, for example."""
    before = {"unpark": "park", "undo": "repair", "history": "repair"}.get(command, "nothing")
    place = base / before
    if not place.exists():
        made = shutil.copytree(base / "nothing", base / f"{before} being made")
        if before == "park":
            assert sqlfix("repair", made / "app.db", "--yes", "--no-backup", "--on-orphan", "park").code == 1
            build(made / "app.db", "INSERT INTO p VALUES (5); UPDATE lost_and_found SET parked_at = 'then'")
        else:
            assert sqlfix("repair", made / "app.db", "--yes").code == 1  # what is held back is left
        made.rename(place)
    return place


def outcome(
    folder: Path, monkeypatch: pytest.MonkeyPatch, mode: Mode, *more: str, environment: dict[str, str] | None = None
) -> tuple[Any, ...]:
    """All that a run leaves: what it says, the file, and what lies beside it."""
    place = folder / "run"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    monkeypatch.chdir(place)
    shutil.copytree(begun(mode.command, folder.parent / ORIGINALS), place, dirs_exist_ok=True)
    with monkeypatch.context() as patched:
        for name, value in (environment or {}).items():
            patched.setenv(name, value)
        ran = sqlfix(mode.command, *mode.arguments, *more)
    sizes = sorted(len(path.name.split(".")[0]) for path in files(place))
    return ran.code, stamped(ran.out), stamped(ran.err), contents(Path("app.db")), sizes


def plainly(mode: Mode, folder: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Any, ...]:
    """What it leaves without any further option; tried once, since nothing in it tells of the folder."""
    if mode not in PLAIN:
        PLAIN[mode] = outcome(folder, monkeypatch, mode)
    return PLAIN[mode]


PLAIN: dict[Mode, tuple[Any, ...]] = {}


def stamped(text: str) -> str:
    """A text without the times that stand in it."""
    import re

    return re.sub(r"\d{8}T\d{6}Z(-\d+)?|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\S*", "NOW", text)


@pytest.mark.parametrize("mode, option", CASES)
def test_no_option_is_passed_over(
    mode: Mode, option: click.Option, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = plainly(mode, folder, monkeypatch)
    assert plain[0] in (0, 1), plain[2]
    found = outcome(folder, monkeypatch, mode, *typed(option))
    if option.name in mode.refused:
        assert (found[0], found[1]) == (2, "")
        idle = Mode("history", ("app.db",)) if mode.command == "undo" else Mode("checks", ())
        assert found[3:] == plainly(idle, folder, monkeypatch)[3:], "nothing was done"
    else:
        assert found[0] in (0, 1), found[2]
        assert (found == plain) == (option.name in mode.silent)


@pytest.mark.parametrize("mode, option", [case for case in CASES if case.values[1].envvar])
def test_no_option_of_the_environment_is_passed_over(
    mode: Mode, option: click.Option, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """But for those that say how something is done, where it is not done."""
    plain = plainly(mode, folder, monkeypatch)
    words = typed(option)
    value = (
        words[1] if str(option.name) in SAMPLES and not option.is_flag else "0" if words[0] == "--no-backup" else "1"
    )
    environment = {str(option.envvar): value} | ({"SQLFIX_YES": "1"} if option.name == "delete" else {})
    found = outcome(folder, monkeypatch, mode, environment=environment)
    if option.name in mode.from_environment:
        assert (found[0], found[1]) == (2, "")
        assert f"${option.envvar}" in found[2]
    else:
        assert found[0] in (0, 1), found[2]
        assert (found == plain) == (option.name in mode.silent | mode.refused)


TAKES_A_VALUE = [
    pytest.param(command, option, id=f"{command}: {option.name}")
    for command in sorted({mode.command for mode in MODES})
    for option in options_of(command)
    if not option.is_flag and option.flag_value is None and option.nargs == 1
]


@pytest.mark.parametrize("command, option", TAKES_A_VALUE)
def test_an_empty_value_is_refused(
    command: str, option: click.Option, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is what an unset variable leaves: --select with nothing must not mean all."""
    monkeypatch.chdir(folder)
    mode = next(mode for mode in MODES if mode.command == command)
    for value in ("", " ", ","):
        ran = sqlfix(command, "original.db", *mode.arguments[1:], typed(option)[0], value)
        assert (ran.code, ran.out) == (2, ""), value
        assert "Invalid value" in ran.err, value
    ran = sqlfix("scan", "original.db", "--format", "json")
    with monkeypatch.context() as patched:
        patched.setenv("SQLFIX_SELECT", "")  # as if it were not set
        assert sqlfix("scan", "original.db", "--format", "json").out == ran.out


def test_every_command_and_every_mode_is_tried() -> None:
    assert {mode.command for mode in MODES} | {"checks", "fixes"} == set(COMMANDS)


@pytest.mark.parametrize(
    "arguments, said",
    [
        (["scan", "--select", "c.p", "--ignore", "C.P"], "--select and --ignore both name c.p"),
        (["scan", "--unique", "c.v", "--select", "orphan-rows"], "--select and --ignore leave out the duplicate-keys"),
        (["scan", "--unique", "c.v", "--ignore", "c"], "--select and --ignore leave out the duplicate-keys"),
        (["repair", "--dry-run", "--set", "c.p=delete", "--ignore", "c.p"], "--set c.p: --select and --ignore leave"),
        (["repair", "--dry-run", "--set", "c.v=update:1", "--select", "c.p"], "--set c.v: --select and --ignore leave"),
        (["repair", "--dry-run", "--map", "c.p=ids.csv", "--ignore", "c.p"], "--map c.p: --select and --ignore leave"),
        (
            ["repair", "--dry-run", "--map", "c.p=ids.csv", "--select", "cycles"],
            "--map c.p: --select and --ignore leave",
        ),
        (["repair", "--dry-run", "--map", "c.p=ids.csv", "--map", "C.P=ids.csv"], "--map C.P is given twice"),
        (["export-sql", "--set", "c.p=delete", "--set", "C.p=keep"], "--set C.p is given twice"),
        (["why", "p", "1", "--sql", "--delete"], "--sql and --delete contradict each other"),
        (["why", "p", "1", "--no-backup"], "--no-backup has no effect without --delete"),
    ],
)
def test_options_that_leave_one_another_nothing_are_refused(
    arguments: list[str], said: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    (folder / "ids.csv").write_text("old,new\n5,1\n")
    ran = sqlfix(arguments[0], "original.db", *arguments[1:])
    assert ran.code == 2
    assert said in ran.err


@pytest.mark.parametrize(
    "arguments", [("repair", "a.db"), ("repair", "a.db", "--merge", "c.v"), ("why", "a.db", "p", "2", "--delete")]
)
def test_where_nobody_can_be_asked_the_plan_is_shown_and_nothing_is_done(
    arguments: tuple[str, ...], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    shutil.copy("original.db", "a.db")
    before = contents(Path("a.db"))
    ran = sqlfix(*arguments)
    assert ran.code == 2 and "no terminal to ask at" in ran.err
    assert "planned" in ran.out and "[" in ran.out
    assert sqlfix(*arguments, "--format", "json").out == ""
    assert contents(Path("a.db")) == before


def test_a_choice_that_meets_nothing_is_not_passed_over(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    said = "note: --set {}: there is nothing that it could repair\n"
    for target, choice in (("d.c", "delete"), ("c.v", "update:7"), ("c.id", "update:7")):
        for command in (("repair", "original.db", "--dry-run"), ("export-sql", "original.db")):
            ran = sqlfix(*command, "--set", f"{target}={choice}")
            assert (ran.code, ran.err) == (1, said.format(target))
            assert sqlfix(*command, "--set", f"{target}={choice}", "-q").err == ""
            assert sqlfix(*command, "--set", f"{target}=keep").err == ""
    ran = sqlfix("repair", "original.db", "--dry-run", "--set", "c.p=delete", "--set", "lost.p=delete")
    assert (ran.code, ran.err) == (1, "")  # lost.p is listed as left


def test_the_line_that_says_how_to_undo_can_be_typed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    shutil.copy("original.db", "./-y db.db")
    before = contents(Path("./-y db.db"))
    said = sqlfix("repair", "--yes", "./-y db.db").out
    line = next(line for line in said.splitlines() if line.startswith("Undo:"))
    import shlex

    words = shlex.split(line.removeprefix("Undo:"))
    assert words == ["sqlfix", "undo", "./-y db.db"]
    assert sqlfix(*words[1:], "--yes").code == 0
    assert contents(Path("./-y db.db")) == before
