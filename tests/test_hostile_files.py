"""Strangers' files: hostile names and values in every output, schemas that are traps, records that are planted.

The records of `sqlfix history` are strangers' files too: what stands beside a database need not come from a repair.
"""

from __future__ import annotations

import contextlib
import csv
import io
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import time
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support import Ran, build, contents, fingerprint, run_script, sqlfix

from sqlfix.record import APPLICATION_ID
from sqlfix.sql import literal, quote

ROOT = Path(__file__).parents[1]
HOSTILE = {
    "quotes": 'it\'s "quoted" `so` [and so]',
    "newlines": "one\ntwo\r\nthree\rfour",
    "shell commands": "x\n.quit\n.shell touch was-here\n.output was-here\n",
    "terminal escapes": "\x1b[31mred\x1b]0;title\x07\x1b[2J\x9b1m",
    "right to left": "abc\u202egnp.exe\u2066\u200f",
    "line separators": "a\u2028b\u2029c\x85d\x0be",
    "Markdown": "| a | [x](javascript:y) **b** `c` # d ![e](f)",
    "HTML": "<script>alert(1)</script>&amp;<img src=x onerror=y>",
    "a formula": '=HYPERLINK("http://x","y")',
    "another formula": "@SUM(1+9)*cmd|' /C calc'!A0",
    "the end of a comment": "*/ -- ; DROP TABLE safe; --",
    "backspaces": "harmless\x08\x08\x08\x08evil\x7f\t",
    "a percent and braces": "%s %n {0} {x!r} \\x1b \\n \\",
    "invisible": "\ufeffa\u200bb\u00adc\u2063",
}


def schema(name: str) -> str:
    """Tables whose every name and value is hostile, with orphans that are deleted, nulled and left."""
    p, c, link, key, fk, note = (quote(f"{prefix}{name}") for prefix in ("p ", "c ", "", "id", "=fk", "note "))
    value, gone = literal(name), literal(f"gone {name}")
    return f"""
    CREATE TABLE safe (x); INSERT INTO safe VALUES (1);
    CREATE TABLE {p} ({key} TEXT PRIMARY KEY, {note});
    CREATE TABLE {c} ({key} TEXT PRIMARY KEY, {fk} CONSTRAINT {quote(name)} REFERENCES {p}, {note} DEFAULT ({value}));
    CREATE TABLE {link} ({key} TEXT PRIMARY KEY, {fk} TEXT NOT NULL REFERENCES {c} ON DELETE CASCADE, {note});
    CREATE TABLE lost ({key} INTEGER PRIMARY KEY, {fk} REFERENCES {quote("missing " + name)} ({key}));
    CREATE INDEX {quote("i" + name)} ON {link} ({note});
    CREATE VIEW {quote("v" + name)} AS SELECT {note} FROM {link};
    INSERT INTO {p} VALUES ({value}, {value});
    INSERT INTO {c} VALUES ({value}, {value}, {value}), ({literal("2" + name)}, {gone}, {value});
    INSERT INTO {link} VALUES ({value}, {value}, {value}), ({literal("2" + name)}, {gone}, {value} || char(0) || 'x');
    INSERT INTO lost VALUES (1, {value});
    """


def harmless(text: str) -> None:
    """Nothing in it that a terminal would act upon or that could hide something."""
    bad = {c for c in text if c != "\n" and unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")}
    assert not bad, (bad, text)


def harmless_script(script: str, name: str) -> None:
    """As `harmless`; but an identifier can be spelled in one way only."""
    assert "\x00" not in script
    inside = re.sub(r'"(?:[^"]|"")*"', "", script)
    if "\u200b" not in name:
        harmless(inside)
    for line in re.sub(r"'(?:[^']|'')*'", "", inside).splitlines():
        assert not line.startswith("."), line


def through_the_shell(path: Path, script: str) -> bool:
    """Run a script as it says that it should be run. False where there is no such program."""
    program = shutil.which("sqlite3")
    if program is None or "\r" in script:  # the shell drops CR before a line's end, even in an identifier
        return False
    done = subprocess.run(
        [program, "-bail", "-init", os.devnull, path], input=script.encode(), capture_output=True, cwd=path.parent
    )
    assert done.returncode == 0, done.stderr
    assert not (path.parent / "was-here").exists()
    return True


@pytest.fixture(params=[pytest.param(name, id=what) for what, name in HOSTILE.items()])
def name(request: pytest.FixtureRequest) -> str:
    """Each hostile text."""
    found: str = request.param
    return found


@pytest.fixture(params=["UTF-8", "UTF-16le"])
def path(name: str, tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """A database full of it, in a folder and under a name that are hostile too."""
    folder = tmp_path / "x"
    folder.mkdir()
    odd = "a.db" if sys.platform == "win32" else re.sub(r"[/\x00]", "_", name)[:60] + ".db"
    return build(folder / odd, f"PRAGMA encoding = '{request.param}';" + schema(name))


FORMATS = ["table", "json", "jsonl", "csv", "markdown"]


def check_format(form: str, out: str, name: str) -> None:
    """What a program or a page would make of it."""
    if form == "json":
        json.loads(out)
    if form == "jsonl":
        for line in out.splitlines():
            json.loads(line)
    if form == "csv":
        for row in csv.reader(io.StringIO(out)):
            assert not [cell for cell in row if cell.startswith(("=", "+", "@", "\t", "\r"))]
    if form == "markdown":
        assert "<script" not in out
        assert "<img" not in out


def test_every_command_shows_it_harmlessly(name: str, path: Path) -> None:
    before = fingerprint(path)

    def ran(*arguments: object, codes: tuple[int, ...] = (0, 1, 3)) -> Ran:
        done = sqlfix(*arguments)
        assert done.code in codes, (arguments, done)
        assert "internal error" not in done.err
        harmless(done.err)
        return done

    for form in FORMATS:
        for options in ((), ("-v",), ("-vv",), ("--rows",)):
            done = ran("scan", path, "--format", form, *options)
            harmless(done.out)
            check_format(form, done.out, name)
        done = ran("repair", path, "--dry-run", "--format", form)
        harmless(done.out)
        check_format(form, done.out, name)
    for wrong in (f"{name}.x=keep", f"p {name}.id{name}=keep", name, f"c {name}.=fk{name}=update:nowhere {name}"):
        harmless(ran("repair", path, "--yes", "--set", wrong, codes=(2,)).out)
    harmless(ran("scan", path, "--select", name, codes=(0, 1, 2, 3)).out)
    harmless(ran("undo", path, name, codes=(2,)).out)
    assert fingerprint(path) == before
    harmless(ran("repair", path, "--yes", "-v").out)
    for form in ("table", "json"):
        harmless(ran("history", path, "--format", form).out)
    harmless(ran("undo", path, "--dry-run").out)
    link, note = quote(name), quote("note " + name)
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute(
            f"INSERT INTO {link} SELECT {literal('2' + name)}, {quote('=fk' + name)}, 'since' FROM {link}"
        )
        connection.execute(f"UPDATE {quote('c ' + name)} SET {note} = 'since'")
        connection.commit()
    listed = ran("undo", path, "--dry-run", codes=(1,))
    harmless(listed.out)
    assert "Conflicts: 2 rows" in listed.out
    harmless(ran("undo", path, "--yes", codes=(2,)).out)
    harmless(ran("undo", path, "--yes", "--skip-conflicts", codes=(1,)).out)


def test_the_scripts_do_what_repair_and_undo_do(name: str, path: Path, tmp_path: Path) -> None:
    def copy(number: int) -> Path:
        return Path(shutil.copyfile(path, tmp_path / f"{number}.db"))

    original = contents(path)
    script = sqlfix("export-sql", path)
    assert script.code in (0, 1), script.err
    harmless_script(script.out, name)
    by_script, by_shell = copy(1), copy(2)
    assert sqlfix("repair", path, "--yes", "--no-backup").code == 1, "the missing parent is left"
    repaired = contents(path)
    assert repaired != original
    run_script(by_script, script.out)
    assert contents(by_script) == repaired
    if through_the_shell(by_shell, script.out):
        assert contents(by_shell) == repaired
    reversal = sqlfix("undo", path, "--sql")
    assert reversal.code == 0, reversal.err
    harmless_script(reversal.out, name)
    by_script, by_shell = copy(3), copy(4)
    undone = sqlfix("undo", path, "--yes", "--no-backup")
    assert undone.code == 0, undone.err
    assert contents(path) == original
    run_script(by_script, reversal.out)
    assert contents(by_script) == original
    if through_the_shell(by_shell, reversal.out):
        assert contents(by_shell) == original
