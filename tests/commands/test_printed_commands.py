"""Printed commands are run by a shell, for file names that a shell or a terminal acts upon."""

from __future__ import annotations

import contextlib
import shlex
import sqlite3
import subprocess
from pathlib import Path

import pytest
from support import build, sqlfix

from sqlfix.sql.literals import quote

NAMES = [
    "-y.db",
    "a b $HOME `id` it's.db",
    'q"\nb\\.db',
    "\x1b[1m%d\t\u202eü.db",
]
SQL = (
    "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c (id INTEGER PRIMARY KEY, p INT REFERENCES p);"
    "INSERT INTO p VALUES (1); INSERT INTO c VALUES (1, 5), (2, 1);"
)


def run(folder: Path, printed: str) -> int:
    """The exit code of a printed command, whose words are those that a shell makes of it."""
    assert printed.isprintable()
    script = f"sqlfix() {{ printf '%s\\0' \"$@\"; }}\n{printed}"
    shell = subprocess.run(["sh", "-c", script], cwd=folder, capture_output=True, text=True, check=True)
    assert shell.stderr == ""
    return sqlfix(*shell.stdout.split("\0")[:-1]).code


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_a_printed_command_is_right_for_any_file_name(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build(tmp_path / name, SQL)
    monkeypatch.chdir(tmp_path)
    scanned = sqlfix("scan", f"./{name}" if name.startswith("-") else name)
    (export,) = [line.split(":  ")[1] for line in scanned.out.splitlines() if line.startswith("next, to read")]
    assert run(tmp_path, export.strip()) == 0
    repaired = sqlfix("repair", "--yes", f"./{name}" if name.startswith("-") else name)
    (undo,) = [line.split(":")[1].strip() for line in repaired.out.splitlines() if line.startswith("Undo:")]
    assert run(tmp_path, f"{undo} --yes") == 0


ROWS = """
CREATE TABLE "a b's" (id TEXT PRIMARY KEY, v);
INSERT INTO "a b's" VALUES ('-q', 1), ('x y', 2), (' ', 3), ('$HOME', 4), ('a"b', 5), ('id=1', 6), ('a,b', 7);
CREATE TABLE "--" (id INTEGER PRIMARY KEY, of TEXT REFERENCES "a b's");
INSERT INTO "--" SELECT v, id FROM "a b's";
"""


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_the_commands_that_why_prints_are_right_for_any_file_name(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build(tmp_path / name, SQL)
    monkeypatch.chdir(tmp_path)
    asked = sqlfix("why", f"./{name}" if name.startswith("-") else name, "p", "1")
    sql, delete = after(asked.out)
    assert run(tmp_path, f"{delete} --yes") == 0
    assert in_process(sql) == 2  # the row is not there any more


@pytest.mark.parametrize("key", ["-q", "x y", " ", "$HOME", 'a"b', "id=id=1", "a,b"])
def test_the_commands_that_why_prints_are_right_for_any_table_and_key(
    key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = build(tmp_path / "-v.db", ROWS)
    monkeypatch.chdir(tmp_path)
    asked = sqlfix("why", "./-v.db", "--", "a b's", key)
    assert asked.code == 1, asked.err
    sql, delete = after(asked.out)
    assert in_process(sql) == 0
    assert in_process(delete.replace(" -- ", " --yes -- ") if " -- " in delete else f"{delete} --yes") == 0
    with contextlib.closing(sqlite3.connect(path)) as db:
        left = {row[0] for row in db.execute('SELECT id FROM "a b\'s"')}
    assert len(left) == 6 and key.removeprefix("id=") not in left


def in_process(printed: str) -> int:
    """The same as `run` without a shell of its own."""
    name, *words = shlex.split(printed)
    assert name == "sqlfix"
    return sqlfix(*words).code


def after(said: str) -> list[str]:
    """The commands at the end of an answer."""
    lines = [line for line in said.splitlines() if line.startswith(("next, to read it as SQL:", "or to carry it out:"))]
    return [line.split(":", 1)[1].strip() for line in lines]


PLACES = ["Order Details", "it's", "a.b", "a,b", 'q"', "x=y", "-v", "$HOME", "[x]", "(q)", "a\nb", " "]


@pytest.mark.parametrize("name", PLACES, ids=ascii)
def test_an_option_that_a_hint_names_is_right_for_any_table_and_column(name: str, tmp_path: Path) -> None:
    """Of a scan, of a choice that cannot be, and of a backfill."""
    place, parent = quote(name), quote(f"{name} 2")
    path = build(
        tmp_path / "x.db",
        f"CREATE TABLE {parent} (id INTEGER PRIMARY KEY, {place} POINT NOT NULL); INSERT INTO {parent} VALUES (1, 'x');"
        f"CREATE TABLE {place} (id INTEGER PRIMARY KEY, {place} INT REFERENCES {parent}, {parent} DATE, k INT NOT NULL"
        f" REFERENCES {parent}); INSERT INTO {place} VALUES (1, 1, '2024-02-31', 1), (2, NULL, NULL, 5);",
    )
    (finding,) = sqlfix("scan", path, "--select", "invalid-dates", "--format", "json").json["findings"]
    refused = sqlfix("repair", path, "--set", f"{place}.k=set-null", "--dry-run")
    given = [option(finding["hint"]).replace(":VALUE", ":NULL"), option(refused.err).replace("=delete", "=keep")]
    mended = sqlfix(
        "repair", path, "--dry-run", *(word for one in given for word in ("--set", one)), "--format", "json"
    )
    assert [fix["rows"] for fix in mended.json["fixes"]] == [1], mended.err
    assert [left["reason"] for left in mended.json["left"]] == ["kept, as you chose"]
    refused = sqlfix("backfill", path, f"{place}.{place}", "--dry-run")
    assert refused.code == 2
    assert sqlfix("backfill", path, f"{place}.{place}", "--set", option(refused.err), "--dry-run").code == 0


@pytest.mark.parametrize("name", PLACES, ids=ascii)
def test_what_else_is_to_be_dropped_is_named_right_for_any_table_and_column(name: str, tmp_path: Path) -> None:
    path = build(
        tmp_path / "x.db",
        f"CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE {quote(name)} (id INTEGER PRIMARY KEY, {quote(name)}"
        " INT REFERENCES p);",
    )
    refused = sqlfix("repair-schema", path, "--drop-table", "p", "--dry-run")
    column = option(refused.err, "--drop-column")
    assert sqlfix("repair-schema", path, "--drop-table", "p", "--drop-column", column, "--dry-run").code == 0


def option(hint: str, name: str = "--set") -> str:
    """The value of the option that a hint names, as a shell understands it."""
    typed = hint.partition(f"{name} ")[2].rstrip("\n").removesuffix(" or =keep")
    assert typed.isprintable()
    script = f"said() {{ printf '%s' \"$1\"; }}\nsaid {typed}"
    return subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True).stdout
