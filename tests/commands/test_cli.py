"""The command line from outside: exit codes, help, pipes, terminals, Ctrl-C."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import pytest
from forked import fork, forked
from support import build, contents, files, fingerprint, json_schema, keep_to, run_script, sqlfix, together

from sqlfix import __version__
from sqlfix.cli import COMMANDS
from sqlfix.commands import carrying_out
from sqlfix.commands import scan as scan_command
from sqlfix.commands import undo as undo_command
from sqlfix.commands.options import FileOptions
from sqlfix.commands.screen import Progress
from sqlfix.errors import SqlfixError
from sqlfix.repair import backup
from sqlfix.sqlite.connect import require_sqlite
from sqlfix.text import cells

ROOT = Path(__file__).parents[2]
PYTHONPATH = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
FAMILY = """
PRAGMA synchronous = OFF;
CREATE TABLE parent (id INTEGER PRIMARY KEY, name TEXT);
CREATE TABLE child (id INTEGER PRIMARY KEY, parent_id INTEGER REFERENCES parent (id));
INSERT INTO parent VALUES (1, 'Ada'), (2, 'Bo');
INSERT INTO child VALUES (1, 1), (2, 2);
"""
SOUND = FAMILY
ORPHAN = FAMILY + "INSERT INTO child VALUES (3, 7);"
PLACEHOLDER = FAMILY + (
    "CREATE TABLE strict_child (parent_id INTEGER NOT NULL REFERENCES parent (id));INSERT INTO strict_child VALUES (0);"
)
FAULT = FAMILY + "CREATE TABLE lost (id INTEGER PRIMARY KEY, x INTEGER REFERENCES gone (id));"
UNCHECKABLE = (
    FAMILY + "CREATE TABLE odd (k TEXT); CREATE TABLE odd_child (k TEXT REFERENCES odd (k));"
    "CREATE UNIQUE INDEX odd_k ON odd (k COLLATE NOCASE); PRAGMA writable_schema = ON;"
    "UPDATE sqlite_master SET sql = 'CREATE TABLE odd (k TEXT COLLATE ghostly)' WHERE name = 'odd';"
    "UPDATE sqlite_master SET sql = 'CREATE UNIQUE INDEX odd_k ON odd (k)' WHERE name = 'odd_k';"
)
HELD = (
    FAMILY
    + "CREATE TABLE empty (id INTEGER PRIMARY KEY); CREATE TABLE c (x REFERENCES empty (id));"
    + ("INSERT INTO c VALUES (5);")
)


@pytest.fixture
def orphan(tmp_path: Path) -> Path:
    return build(tmp_path / "x.db", ORPHAN)


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "sqlfix", *map(str, arguments)]


def environment(**more: str) -> dict[str, str]:
    # PYTHONUNBUFFERED would write each piece at once, and hide what happens when the last of them is flushed
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    return {**inherited, "PYTHONPATH": PYTHONPATH, **more}


# -- exit codes ---------------------------------------------------------------------------------------------------

EXITS = [
    pytest.param(SOUND, (), 0, id="sound"),
    pytest.param("CREATE TABLE t (x);", (), 0, id="no foreign keys"),
    pytest.param("PRAGMA user_version = 1;", (), 0, id="no tables"),
    pytest.param(ORPHAN, (), 1, id="an orphan"),
    pytest.param(ORPHAN, ("--fail-on", "error"), 1, id="an orphan is an error"),
    pytest.param(ORPHAN, ("--fail-on", "never"), 0, id="never fail"),
    pytest.param(ORPHAN, ("--ignore", "child"), 0, id="an orphan that is ignored"),
    pytest.param(ORPHAN, ("--select", "placeholder-values"), 0, id="an orphan that is not selected"),
    pytest.param(ORPHAN, ("--select", "child.parent_id"), 1, id="an orphan that is selected"),
    pytest.param(ORPHAN, ("--rows",), 1, id="rows"),
    pytest.param(SOUND, ("--rows",), 0, id="no rows"),
    pytest.param(PLACEHOLDER, (), 1, id="a placeholder"),
    pytest.param(FAULT, (), 1, id="a fault of the schema"),
    pytest.param(FAULT, ("--ignore", "lost"), 0, id="a fault that is ignored"),
    pytest.param(UNCHECKABLE, (), 3, id="something that cannot be checked"),
    pytest.param(UNCHECKABLE, ("--ignore", "odd_child"), 0, id="something unchecked that is ignored"),
    pytest.param(UNCHECKABLE + "INSERT INTO child VALUES (3, 7);", (), 1, id="an orphan beside what is unchecked"),
    pytest.param("not SQL", (), 2, id="no database"),
]


def made(folder: Path, sql: str) -> Path:
    path = folder / "x.db"
    if sql == "not SQL":
        path.write_text(sql)
        return path
    return build(path, sql)


def test_a_fault_of_our_own_is_one_line_and_shows_where_if_that_is_wanted(
    orphan: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*given: object) -> NoReturn:
        raise LookupError("no such thing")

    monkeypatch.setattr(scan_command, "scan", fail)
    ran = sqlfix("scan", orphan)
    assert ran.code == 2
    assert ran.err == "error: internal error: LookupError: no such thing\nhint: SQLFIX_DEBUG=1 shows where\n"
    monkeypatch.setenv("SQLFIX_DEBUG", "1")
    with pytest.raises(LookupError, match="no such thing"):
        sqlfix("scan", orphan)


@together
@pytest.mark.parametrize("form", ["table", "json", "jsonl", "csv", "markdown"])
@pytest.mark.parametrize(("sql", "options", "code"), EXITS)
def test_the_exit_code_of_a_scan(sql: str, options: tuple[str, ...], code: int, form: str, tmp_path: Path) -> None:
    ran = sqlfix("scan", made(tmp_path, sql), "--format", form, *options)
    assert ran.code == code, ran
    assert "Traceback" not in ran.err and "internal error" not in ran.err


MENDING = [
    pytest.param(SOUND, (), 0, id="sound"),
    pytest.param(ORPHAN, (), 0, id="an orphan"),
    pytest.param(ORPHAN, ("--ignore", "child"), 0, id="an orphan that is ignored"),
    pytest.param(ORPHAN, ("--on-orphan", "keep"), 1, id="an orphan that is kept"),
    pytest.param(PLACEHOLDER, (), 1, id="a placeholder that may not be NULL"),
    pytest.param(PLACEHOLDER, ("--set", "strict_child.parent_id=update:2"), 0, id="a placeholder with a choice"),
    pytest.param(FAULT, (), 1, id="a fault of the schema"),
    pytest.param(HELD, (), 1, id="held back"),
    pytest.param(HELD, ("--allow-mass-delete",), 0, id="held back no more"),
    pytest.param(UNCHECKABLE, (), 1, id="something that cannot be checked"),
    pytest.param("not SQL", (), 2, id="no database"),
    pytest.param(ORPHAN, ("--set", "child.parent_id=update:42"), 2, id="an impossible choice"),
]


@pytest.mark.parametrize(("sql", "options", "code"), MENDING)
def test_the_exit_code_of_a_repair_a_dry_run_and_a_script(
    sql: str, options: tuple[str, ...], code: int, tmp_path: Path
) -> None:
    path = made(tmp_path, sql)
    before = fingerprint(path)
    assert sqlfix("export-sql", path, *options).code == code
    assert sqlfix("repair", path, "--dry-run", *options).code == code
    assert fingerprint(path) == before and len(list(tmp_path.iterdir())) == 1
    assert sqlfix("repair", path, "--yes", *options).code == code
    if code == 0:
        assert sqlfix("scan", path, *(options if "--ignore" in options else ())).code == 0


# -- options ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("order", ["before", "after"])
def test_backup_is_a_plain_flag(order: str, orphan: Path) -> None:
    words = ["--backup", orphan] if order == "before" else [orphan, "--backup"]
    assert sqlfix("repair", *words, "--yes").code == 0
    assert sorted(path.name[:12] for path in files(orphan.parent)) == ["x.db", "x.db.backup-"]


@pytest.mark.parametrize("options", [("--dry-run",), ("--dry-run", "--yes"), ("--dry-run", "--format", "json")])
def test_a_dry_run_shows_the_plan_and_changes_nothing(options: tuple[str, ...], orphan: Path) -> None:
    before = fingerprint(orphan)
    ran = sqlfix("repair", orphan, *options)
    assert (ran.code, ran.err) == (0, "")
    assert "child" in ran.out and "set-null" in ran.out and "Repaired" not in ran.out
    assert fingerprint(orphan) == before
    assert list(orphan.parent.iterdir()) == [orphan]


def test_the_script_of_a_file_is_that_of_a_stream(orphan: Path) -> None:
    target = orphan.with_name("fix.sql")
    printed = sqlfix("export-sql", orphan)
    written = sqlfix("export-sql", orphan, "-o", target)
    assert (printed.code, written.code, written.out) == (0, 0, "")
    assert target.read_text(encoding="utf-8") == printed.out
    assert str(target) in written.err
    run_script(orphan, printed.out)
    assert sqlfix("scan", orphan).code == 0


@pytest.mark.parametrize("name", ["other.db", "x.db.backup-20260102T030405Z"])
def test_a_script_is_never_written_over_a_database(name: str, orphan: Path) -> None:
    other = build(orphan.with_name(name), SOUND)
    before = fingerprint(other)
    ran = sqlfix("export-sql", orphan, "-o", other)
    assert ran.code == 2 and ran.out == ""
    assert "is a database" in ran.err
    assert fingerprint(other) == before


@together
@pytest.mark.parametrize("words", [("-h",), ("--help",), *((c, h) for c in COMMANDS for h in ("-h", "--help"))])
def test_everything_has_help(words: tuple[str, ...]) -> None:
    ran = sqlfix(*words)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("Usage: sqlfix")
    if len(words) == 2:
        assert "Exit code:" in ran.out
        options = re.findall(r"^ +(?:-\w, )?(--[\w-]+)", ran.out, re.MULTILINE)
        assert ("--timeout" in options) == (words[0] not in ("history", "checks", "fixes"))
        assert len(options) == len(set(options))


def test_the_help_names_every_command() -> None:
    listed = re.findall(r"^  (\S+)  ", sqlfix("-h").out.split("Commands:")[1], re.MULTILINE)
    assert listed == [*COMMANDS]


@pytest.mark.parametrize("words", [("--version",), ("-V",)])
def test_the_version(words: tuple[str, ...]) -> None:
    ran = sqlfix(*words)
    assert (ran.code, ran.out) == (0, f"sqlfix {__version__}\n")


def test_python_dash_m(orphan: Path) -> None:
    plain = environment(PYTHONIOENCODING="ascii")
    ran = subprocess.run(command("scan", orphan), env=plain, capture_output=True, text=True, timeout=60)
    assert (ran.returncode, ran.stdout) == (1, sqlfix("scan", orphan).out)
    ran = subprocess.run(command("--version"), env=environment(), capture_output=True, text=True, timeout=60)
    assert ran.stdout == f"sqlfix {__version__}\n"


@pytest.mark.parametrize("version", [(3, 34, 1), (3, 8, 7, 4)])
def test_an_old_sqlite_is_refused(version: tuple[int, ...]) -> None:
    with pytest.raises(SqlfixError) as refused:
        require_sqlite(version)
    assert ".".join(map(str, version)) in refused.value.message and "3.35" in refused.value.message
    assert refused.value.exit_code == 2


@pytest.mark.parametrize("version", [(3, 35, 0), (3, 40, 1), (4, 0, 0)])
def test_a_newer_sqlite_is_not(version: tuple[int, ...]) -> None:
    require_sqlite(version)


# -- JSON ---------------------------------------------------------------------------------------------------------


DATABASES = [
    pytest.param(sql, id=name)
    for name, sql in [
        ("sound", SOUND),
        ("orphan", ORPHAN),
        ("placeholder", PLACEHOLDER),
        ("fault", FAULT),
        ("unchecked", UNCHECKABLE),
        ("held", HELD),
        ("nothing", "PRAGMA user_version = 1;"),
        (
            "odd values",
            "CREATE TABLE p (id PRIMARY KEY); CREATE TABLE c (k PRIMARY KEY, p REFERENCES p) WITHOUT ROWID;"
            "INSERT INTO p VALUES (1); INSERT INTO c VALUES (x'00ff', 9e999), (1.5, CAST(x'ff41' AS TEXT)),"
            " ('é\u202e', -9e999), (9223372036854775807, x''), (2, 1);",
        ),
    ]
]


@pytest.mark.parametrize("sql", DATABASES)
def test_json_keeps_its_contract(sql: str, tmp_path: Path) -> None:
    path = build(tmp_path / "x.db", sql)
    report, plan = json_schema("report"), json_schema("plan")
    keep_to(report, sqlfix("scan", path, "--format", "json").json)
    for line in sqlfix("scan", path, "--format", "jsonl").out.splitlines():
        keep_to(report, json.loads(line))
    keep_to(rows_of(report), sqlfix("scan", path, "--rows", "--format", "json").json)
    keep_to(plan, sqlfix("repair", path, "--dry-run", "--format", "json").json)
    applied = sqlfix("repair", path, "--yes", "--format", "json").json
    keep_to(plan, applied)
    assert applied["applied"] is bool(applied["fixes"])


def rows_of(report: dict[str, object]) -> dict[str, object]:
    """The schema of what ``scan --rows`` writes, which stands among the definitions of the report's."""
    return {"$schema": report["$schema"], "$defs": report["$defs"], "$ref": "#/$defs/rows"}


def test_one_line_of_json_for_each_row(tmp_path: Path) -> None:
    path = build(tmp_path / "x.db", ORPHAN + "INSERT INTO child VALUES (4, 8), (5, 0);")
    line = {**rows_of(json_schema("report")), "$ref": "#/$defs/faulty_row_line"}
    found = [json.loads(text) for text in sqlfix("scan", path, "--rows", "--format", "jsonl").out.splitlines()]
    for row in found:
        keep_to(line, row)
    assert [(row["check"], row["key"], row["values"]) for row in found] == [
        ("orphan-rows", {"id": 3}, {"parent_id": 7}),
        ("orphan-rows", {"id": 4}, {"parent_id": 8}),
        ("placeholder-values", {"id": 5}, {"parent_id": 0}),
    ]


# -- pipes and colours --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", [("scan",), ("scan", "-v"), ("repair", "--dry-run"), ("export-sql",)])
def test_a_pipe_has_no_colour(words: tuple[str, ...], orphan: Path) -> None:
    ran = forked(*words, orphan, env=environment(TERM="xterm-256color"), capture_output=True)
    assert b"\x1b" not in ran.stdout + ran.stderr


HELP: tuple[tuple[str, ...], ...] = ((), ("-h",), ("--version",))
STARTED = (("scan", "--rows"), ("scan",), *HELP)
"""Run by Python started anew, with what that does at the end of a program; the others are forked."""


def started(*arguments: object, **options: Any) -> subprocess.Popen[bytes]:
    return subprocess.Popen(command(*arguments), **options)


@pytest.mark.skipif(sys.platform == "win32", reason="pipes break in another way on Windows")
@pytest.mark.parametrize(
    "words",
    [
        ("scan", "--rows"),
        ("scan", "--rows", "--format", "json"),
        ("scan", "--rows", "--format", "jsonl"),
        ("scan", "--rows", "--format", "csv"),
        ("scan", "--rows", "--format", "markdown"),
        ("export-sql",),
        ("scan",),
        ("repair", "--yes"),
        *HELP,
    ],
)
def test_a_reader_who_leaves_early_is_no_error(words: tuple[str, ...], tmp_path: Path) -> None:
    many = "WITH RECURSIVE n(i) AS (SELECT 10 UNION ALL SELECT i + 1 FROM n WHERE i < 9999)"
    path = build(tmp_path / "x.db", f"{ORPHAN} {many} INSERT INTO child SELECT i, i FROM n;")
    arguments = words if words in HELP else (*words, path)
    begin = started if words in STARTED else fork
    with begin(*arguments, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout and process.stderr
        process.stdout.close()  # before anything is written
        errors = process.stderr.read()
        process.wait(timeout=60)
    assert b"Traceback" not in errors and b"BrokenPipe" not in errors and b"Exception" not in errors, errors
    assert not [line for line in errors.splitlines() if line.startswith(b"error")]
    assert process.returncode == 141
    assert list(tmp_path.iterdir()) == [path]  # not even the repair has begun: its plan could not be shown


@pytest.mark.skipif(shutil.which("head") is None, reason="there is no head")
def test_the_first_line_of_many(tmp_path: Path) -> None:
    many = "WITH RECURSIVE n(i) AS (SELECT 10 UNION ALL SELECT i + 1 FROM n WHERE i < 30000)"
    path = build(tmp_path / "x.db", f"{ORPHAN} {many} INSERT INTO child SELECT i, i FROM n;")
    with subprocess.Popen(
        command("scan", "--rows", "--format", "jsonl", path),
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        head = subprocess.run(["head", "-1"], stdin=process.stdout, capture_output=True, timeout=60)
        assert process.stdout and process.stderr
        process.stdout.close()
        errors = process.stderr.read()
    assert json.loads(head.stdout)["key"] == {"id": 3}
    assert errors == b""


@pytest.mark.skipif(shutil.which("sh") is None, reason="there is no shell")
@pytest.mark.parametrize(
    ("words", "closed", "code"),
    [
        (("scan",), "<&-", 1),
        (("scan",), ">&-", 1),
        (("scan",), "2>&-", 1),
        (("scan",), "<&- >&- 2>&-", 1),
        (("export-sql",), ">&-", 0),
        (("repair",), "<&-", 2),  # nobody to ask
        (("repair", "--yes"), "<&- >&- 2>&-", 0),
    ],
    ids=str,
)
def test_a_program_may_be_started_with_a_stream_closed(
    words: tuple[str, ...], closed: str, code: int, orphan: Path
) -> None:
    before = fingerprint(orphan)
    ran = subprocess.run(
        ["sh", "-c", f'"$@" {closed}', "sh", *command(*words, orphan)],
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ran.returncode == code, ran.stderr
    assert "internal error" not in ran.stderr and "Traceback" not in ran.stderr
    if "--yes" in words:
        assert sqlfix("scan", orphan).code == 0
    else:
        assert fingerprint(orphan) == before


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
def test_an_output_that_is_full_is_an_error(orphan: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        ran = forked("export-sql", orphan, env=environment(), stdout=full, stderr=subprocess.PIPE)
    assert ran.returncode == 2
    assert ran.stderr.count(b"\n") <= 2 and ran.stderr.startswith(b"error: ") and b"space" in ran.stderr, ran.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
@pytest.mark.parametrize("words", [("scan", "x.db"), ("scan", "missing.db"), ("--help",), ()], ids=" ".join)
def test_an_error_that_cannot_be_told_is_no_finding(orphan: Path, words: tuple[str, ...]) -> None:
    with Path("/dev/full").open("wb") as full:
        ran = started(*words, env=environment(), stdout=full, stderr=full, cwd=orphan.parent)
    assert ran.wait(timeout=60) == 2


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_names_that_the_output_cannot_spell(encoding: str, tmp_path: Path) -> None:
    path = build(
        tmp_path / "größe.db",
        "CREATE TABLE größe (id INTEGER PRIMARY KEY); CREATE TABLE 数据 (x REFERENCES größe);"
        "INSERT INTO 数据 VALUES ('é'); INSERT INTO größe VALUES (1);",
    )
    commands = (("scan", "-v"), ("scan", "--rows"), ("repair", "--dry-run"), ("export-sql",), ("repair", "--yes"))
    every = [[*words, str(path)] for words in commands] + [["history", str(path)], ["checks", "cycles"]]
    code = (
        "import json, sys, sqlfix.cli\n"
        "for words in json.loads(sys.argv[1]):\n"
        "    print(sqlfix.cli.run(words), *words[:1], file=sys.stderr)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code, json.dumps(every)],
        env=environment(PYTHONIOENCODING=encoding, PYTHONUTF8="0"),
        capture_output=True,
    )
    told = [line for line in ran.stderr.decode(encoding).splitlines() if re.fullmatch(r"\d \S+", line)]
    assert told == ["1 scan", "1 scan", "0 repair", "0 export-sql", "0 repair", "0 history", "0 checks"], ran.stderr
    assert b"Traceback" not in ran.stderr and b"internal error" not in ran.stderr
    assert '"数据"' in ran.stdout.decode("utf-8", "replace")  # a script is always UTF-8
    assert sqlfix("scan", path).code == 0


# -- a terminal ---------------------------------------------------------------------------------------------------


class Terminal:
    """A program at a terminal of its own, with what it has written so far."""

    def __init__(self, *arguments: object, first: Callable[[], object] | None = None, **more: str) -> None:
        import pty

        self.master, slave = pty.openpty()
        streams = {"stdin": slave, "stdout": slave, "stderr": slave}
        self.process = fork(*arguments, first=first, env=environment(**more), **streams, start_new_session=True)
        os.close(slave)
        self.text = ""

    def read(self, until: str | None = None) -> str:
        """Read up to some words, or to the end."""
        import select

        deadline = time.monotonic() + 60
        while until is None or until not in self.text:
            assert time.monotonic() < deadline, self.text
            if not select.select([self.master], [], [], 0.1)[0]:
                continue
            try:
                data = os.read(self.master, 65536)
            except OSError:  # Linux's way to say that the other end is closed
                break
            if not data:
                break
            self.text += data.decode()
        return self.text

    def type(self, text: str) -> None:
        os.write(self.master, text.encode())

    def end(self) -> int:
        self.read()
        os.close(self.master)
        return self.process.wait(timeout=60)


needs_pty = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals of this kind")


@needs_pty
@pytest.mark.parametrize("answer", ["n\n", "\n", "no\n"])
def test_a_no_leaves_the_file(answer: str, orphan: Path) -> None:
    before = fingerprint(orphan)
    terminal = Terminal("repair", orphan)
    asked = terminal.read("Carry this out, after a backup? [y/N]")
    assert "child" in asked and "set-null" in asked  # the plan comes first
    terminal.type(answer)
    assert terminal.end() == 2
    assert "nothing was changed" in terminal.text
    assert fingerprint(orphan) == before
    assert list(orphan.parent.iterdir()) == [orphan]


@pytest.mark.parametrize("columns", [40, 79, 200])
def test_the_progress_stays_on_one_line_of_the_terminal(columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    class Screen(io.StringIO):
        def isatty(self) -> bool:
            return True

        def fileno(self) -> int:
            return 2

    screen = Screen()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setattr(os, "get_terminal_size", lambda number: os.terminal_size((columns, 24)))
    progress = Progress()
    monkeypatch.setattr(progress, "_begun", time.monotonic() - 100)
    progress.say("表" * 20 + "name\n" * 40)
    (line,) = screen.getvalue().split("\r\x1b[K")[1:]
    assert "\n" not in line
    assert line.endswith(" … 100 s")
    assert min(columns, 80) - 4 < cells(line) < min(columns, 80)
    assert "\n" not in Progress(quiet=True)._text
    progress.end()
    progress.say("more")
    assert screen.getvalue().endswith(" … 100 s\r\x1b[K")


@pytest.mark.parametrize("quiet", [True, False])
def test_no_progress_but_at_a_terminal(
    quiet: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: quiet)
    progress = Progress(quiet)
    monkeypatch.setattr(progress, "_begun", time.monotonic() - 100)
    progress.say("working")
    progress.clear()
    assert capsys.readouterr().err == ""


def test_the_time_left_is_that_of_the_stage(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = 100.0
    monkeypatch.setattr(time, "monotonic", lambda: clock)
    progress = Progress()
    clock = 110.0
    progress.part(0.5, "one")
    assert progress._text == "50 %, 10 s left: one"
    clock = 120.0
    progress.part(1.0, "one")
    progress.part(0.0, "two")
    clock = 121.0
    progress.part(0.25, "two")
    assert progress._text == "25 %, 3 s left: two"


@needs_pty
def test_a_yes_repairs(orphan: Path) -> None:
    before = contents(orphan)
    terminal = Terminal("repair", orphan)
    terminal.read("Carry this out, after a backup? [y/N]")
    terminal.type("y\n")
    assert terminal.end() == 0, terminal.text
    assert "Repaired: 1 row" in terminal.text and "Traceback" not in terminal.text
    assert sqlfix("scan", orphan).code == 0
    (backup,) = [path for path in files(orphan.parent) if path != orphan]
    assert contents(backup) == before


@needs_pty
@pytest.mark.parametrize("key", ["\x03", "\x04"], ids=["Ctrl-C", "Ctrl-D"])
def test_to_break_off_at_the_question_leaves_the_file(key: str, orphan: Path) -> None:
    before = fingerprint(orphan)
    terminal = Terminal("repair", orphan)
    terminal.read("Carry this out, after a backup? [y/N]")
    if key == "\x03":  # the terminal is not this session's controlling one, so the signal is sent by hand
        time.sleep(0.3)  # until it waits for a key: a signal just before that is lost in Python's own input()
        terminal.process.send_signal(signal.SIGINT)
    else:
        terminal.type(key)
    assert terminal.end() == 130
    assert "interrupted; nothing was changed" in terminal.text and "Traceback" not in terminal.text
    assert fingerprint(orphan) == before


@needs_pty
def test_yes_does_not_ask(orphan: Path) -> None:
    terminal = Terminal("repair", "--yes", orphan)
    assert terminal.end() == 0
    assert "Carry this out" not in terminal.text


@needs_pty
def test_a_repair_with_nothing_to_do_does_not_ask(tmp_path: Path) -> None:
    terminal = Terminal("repair", build(tmp_path / "x.db", SOUND))
    assert terminal.end() == 0
    assert "Carry this out" not in terminal.text


@needs_pty
def test_colour_on_a_terminal_unless_it_is_not_wanted(orphan: Path) -> None:
    def shown(**more: str) -> str:
        terminal = Terminal("scan", orphan, **more)
        assert terminal.end() == 1
        return terminal.text

    assert "\x1b[" in shown(TERM="xterm")
    assert "\x1b" not in shown(TERM="xterm", NO_COLOR="1")
    assert "\x1b" not in shown(TERM="dumb")


@needs_pty
def test_an_error_has_no_colour_where_none_is_wanted(tmp_path: Path) -> None:
    terminal = Terminal("scan", tmp_path / "missing.db", NO_COLOR="1")
    assert terminal.end() == 2
    assert terminal.text.startswith("error: ")


# -- Ctrl-C -------------------------------------------------------------------------------------------------------

LONG_WORK = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
INTERRUPTED = {
    "the backup": """
import sqlfix.repair.backup
def hang(database, partial, schema):
    with sqlfix.repair.backup.looking_at(partial) as copy:
        print("working", flush=True)
        copy.execute(LONG_WORK).fetchone()
sqlfix.repair.backup._verify = hang
""",
    "the fixes": """
import sqlfix.repair.run
original = sqlfix.repair.run.apply_fixes
def hang(connection, fixes, *more):
    applied = original(connection, fixes, *more)
    print("working", flush=True)
    connection.execute(LONG_WORK).fetchone()
    return applied
sqlfix.repair.run.apply_fixes = hang
""",
    "the planning": """
import sqlfix.plan.planner
original = sqlfix.plan.planner.look_at
def hang(readers, *arguments, **named):
    print("working", flush=True)
    readers.connections[0].execute(LONG_WORK).fetchone()
sqlfix.plan.planner.look_at = hang
""",
}


def assert_interrupted(code: int, errors: str) -> None:
    assert code == 130, errors
    assert errors == "interrupted; nothing was changed\n", errors


@pytest.mark.skipif(sys.platform == "win32", reason="signals work in another way on Windows")
@pytest.mark.parametrize("mode", ["DELETE", "WAL"])
@pytest.mark.parametrize("where", list(INTERRUPTED))
def test_ctrl_c_during_a_repair_takes_all_of_it_back(where: str, mode: str, tmp_path: Path) -> None:
    """SQLite is kept at work without end at some point of the repair; the signal comes then."""
    path = build(tmp_path / "x.db", f"PRAGMA journal_mode = {mode}; {ORPHAN}")
    before = contents(path)
    with fork(
        *("repair", "--yes", "--format", "json", path),
        first=lambda: exec(INTERRUPTED[where], {"LONG_WORK": LONG_WORK}),
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout and process.stdout.readline() == "working\n"
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    assert_interrupted(process.returncode, errors)
    assert contents(path) == before
    assert_left_behind(path, where)


def assert_left_behind(path: Path, where: str) -> None:
    others = [found.name for found in files(path.parent) if found != path]
    if where == "the fixes":  # then the backup was whole already, and backups are never removed
        assert len(others) == 1 and re.fullmatch(r"x\.db\.backup-\d{8}T\d{6}Z", others[0])
    else:
        assert others == []


@needs_pty
@pytest.mark.parametrize("where", list(INTERRUPTED))
def test_a_terminal_that_is_closed_during_a_repair_takes_all_of_it_back(where: str, tmp_path: Path) -> None:
    path = build(tmp_path / "x.db", ORPHAN)
    before = contents(path)
    terminal = Terminal("repair", "--yes", path, first=lambda: exec(INTERRUPTED[where], {"LONG_WORK": LONG_WORK}))
    terminal.read("working")
    os.close(terminal.master)
    terminal.process.send_signal(signal.SIGHUP)
    assert terminal.process.wait(timeout=60) == 128 + signal.SIGHUP
    assert contents(path) == before
    assert_left_behind(path, where)


@pytest.mark.skipif(sys.platform == "win32", reason="signals work in another way on Windows")
def test_under_nohup_a_closed_terminal_ends_nothing(orphan: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def first() -> None:
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        monkeypatch.setattr(backup, "_verify", lambda *_: os.kill(os.getpid(), signal.SIGHUP) or ())

    assert forked("repair", "--yes", orphan, first=first, env=environment()).returncode == 0
    assert sqlfix("scan", orphan).code == 0


@pytest.mark.skipif(sys.platform == "win32", reason="signals work in another way on Windows")
def test_ctrl_c_during_a_scan_leaves_no_trace(tmp_path: Path) -> None:
    many = "WITH RECURSIVE n(i) AS (SELECT 10 UNION ALL SELECT i + 1 FROM n WHERE i < 400000)"
    path = build(
        tmp_path / "x.db",
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; BEGIN;"
        "CREATE TABLE parent (id TEXT PRIMARY KEY); CREATE TABLE child (parent_id TEXT REFERENCES parent);"
        f"INSERT INTO parent VALUES ('x'); {many} INSERT INTO child SELECT 'key ' || i FROM n; COMMIT;",
    )
    before = fingerprint(path)
    with fork("scan", path, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        deadline = time.monotonic() + 30
        while not (tmp_path / "x.db-shm").exists():  # that is how one sees from outside that it reads
            assert process.poll() is None and time.monotonic() < deadline
            time.sleep(0.005)
        process.send_signal(signal.SIGINT)
        begun = time.monotonic()
        out, errors = process.communicate(timeout=60)
    assert_interrupted(process.returncode, errors)
    assert time.monotonic() - begun < 2
    assert out == ""
    assert fingerprint(path) == before
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("kind", ["exec", "eval"])
def test_ctrl_c_while_a_module_is_imported_ends_with_130(kind: str, tmp_path: Path) -> None:
    """A dataclass or a namedtuple runs a text; Python would end with SIGINT for an interrupt in it, though caught."""
    text = {"exec": "raise KeyboardInterrupt", "eval": "(_ for _ in ()).throw(KeyboardInterrupt)"}[kind]
    (tmp_path / "begins.py").write_text(
        f"import sqlfix.cli\nsqlfix.cli.group.main = lambda *_, **__: {kind}({text!r})\nsqlfix.cli.main(['scan'])\n"
    )
    ran = subprocess.run(
        [sys.executable, "-m", "begins"], cwd=tmp_path, env=environment(), capture_output=True, text=True, timeout=60
    )
    assert_interrupted(ran.returncode, ran.stderr)


@pytest.mark.skipif(sys.platform == "win32", reason="signals work in another way on Windows")
@pytest.mark.parametrize("words", [("scan",), ("repair", "--yes")], ids=" ".join)
def test_ctrl_c_while_waiting_for_a_lock(words: tuple[str, ...], orphan: Path) -> None:
    code = (
        "import sys, sqlfix.cli, sqlfix.commands.scan, sqlfix.commands.repair\n"
        "print('ready', flush=True)\nsqlfix.cli.main(sys.argv[1:])"
    )
    with contextlib.closing(sqlite3.connect(orphan, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with subprocess.Popen(
            [sys.executable, "-c", code, *words, "--timeout", "30", str(orphan)],
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stdout and process.stdout.readline() == "ready\n"
            time.sleep(0.5)
            begun = time.monotonic()
            process.send_signal(signal.SIGINT)
            _, errors = process.communicate(timeout=60)
        assert_interrupted(process.returncode, errors)
        assert time.monotonic() - begun < 5
        other.execute("ROLLBACK")


def test_a_database_that_is_used_meanwhile_can_be_used_by_its_application_afterwards(orphan: Path) -> None:
    """An application that has the file open all the time, in rollback mode, sees the repair."""
    with contextlib.closing(sqlite3.connect(orphan, isolation_level=None)) as application:
        application.execute("PRAGMA foreign_keys = ON")
        assert application.execute("SELECT count(*) FROM child WHERE parent_id = 7").fetchone() == (1,)
        assert sqlfix("repair", orphan, "--yes").code == 0
        assert application.execute("SELECT count(*) FROM child WHERE parent_id = 7").fetchone() == (0,)
        application.execute("UPDATE child SET parent_id = parent_id")
        application.execute("DELETE FROM child")


@pytest.mark.parametrize("form", ["table", "json"])
def test_what_is_done_and_cannot_be_told_was_done(orphan: Path, form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk of the output is full by then, or the terminal was closed: 2 would say that nothing was done."""
    before = contents(orphan)

    def full(*_: object) -> NoReturn:
        raise OSError(28, "No space left on device")

    for module in (carrying_out, undo_command):
        monkeypatch.setattr(module, "tell_backup", full)
    monkeypatch.setattr(FileOptions, "write", full) if form == "json" else None
    ran = sqlfix("repair", orphan, "--yes", "--format", form)
    said = "the output cannot be written: No space left on device; the {} had already been committed"
    assert (ran.code, ran.err) == (0, f"error: {said.format('repair')}\n")
    assert contents(orphan) != before
    ran = sqlfix("undo", orphan, "--yes")
    assert (ran.code, ran.err) == (0, f"error: {said.format('undo')}\n")
    assert contents(orphan) == before
