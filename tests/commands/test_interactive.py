"""`repair --interactive`: the questions, at a real terminal and away from it; the answers are ``--set`` options."""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import shutil
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from forked import become
from formats.samples import HOSTILE
from support import Ran, build, contents, files, fingerprint, sqlfix

from sqlfix.cli import run as run_cli

pexpect = pytest.importorskip("pexpect", reason="it has no terminals for Windows")

SHOP = """
CREATE TABLE p(id INTEGER PRIMARY KEY, name TEXT); INSERT INTO p VALUES (1, 'a'), (2, 'b');
CREATE TABLE q(k TEXT PRIMARY KEY); INSERT INTO q VALUES ('ABC'), ('abcd'), ('ABCD');
CREATE TABLE a(id INTEGER PRIMARY KEY, p INTEGER REFERENCES p); INSERT INTO a VALUES (1, 1), (2, 9), (3, 8);
CREATE TABLE b(id INTEGER PRIMARY KEY, p INTEGER NOT NULL REFERENCES p); INSERT INTO b VALUES (1, 1), (2, 9);
CREATE TABLE c(id INTEGER PRIMARY KEY, p INTEGER REFERENCES p); INSERT INTO c VALUES (1, 1), (2, 7);
CREATE TABLE d(id INTEGER PRIMARY KEY, k TEXT REFERENCES q); INSERT INTO d VALUES (1, 'abc'), (2, 'aBcd'), (3, 'ABC'),
  (4, 'x');
CREATE TABLE e(id INTEGER PRIMARY KEY, v BOOLEAN); INSERT INTO e VALUES (1, 'true'), (2, 1), (3, 0), (4, 1);
CREATE TABLE f(b_id INTEGER NOT NULL REFERENCES b); INSERT INTO f VALUES (2);
"""
QUESTION, VALUE, AGREE = r"q, \? \[\d\] $", "to go back: $", r"\[y/N\]: $"


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return build(tmp_path / "x.db", SHOP)


def terminal(*arguments: object) -> Any:
    """A run at a terminal of 80 columns, without colours."""
    env = {**os.environ, "NO_COLOR": "1"}
    words = ["-c", ""]  # never read; without any, the path would be cut at its spaces
    fork = become(arguments, environment=env)
    child = pexpect.spawn(sys.executable, words, dimensions=(40, 80), encoding="utf-8", timeout=20, preexec_fn=fork)
    child.delaybeforesend = None  # each answer is sent when its question has been read
    return child


def ended(child: Any) -> int:
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus is not None, child.before
    return int(child.exitstatus)


def test_a_repair_by_questions_is_the_one_of_the_command_that_it_shows(shop: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.db"
    shutil.copy(shop, other)
    before = fingerprint(shop)
    child = terminal("repair", "-i", shop)
    child.logfile_read = log = io.StringIO()
    typed = (
        "?",
        "x",
        "9",
        "\x1b[A",
        "update",
        "77",
        "",
        "update a",
        "update",
        "2",
        "b",
        "",
        "keep",
        "b",
        "delete",
        "d",
    )
    for said in typed:
        child.expect([QUESTION, VALUE])
        child.sendline(said)
    child.expect(AGREE)
    assert fingerprint(shop) == before and files(tmp_path) == [other, shop]
    child.sendline("y")
    assert ended(child) == 1
    said = log.getvalue()
    assert max(len(line) for line in said.splitlines() if "--set" not in line and "/" not in line) <= 80
    assert set(filter(lambda c: not c.isprintable(), said)) <= {"\n", "\r", "\x1b"}
    (line,) = [line for line in said.splitlines() if line.startswith("sqlfix repair")]
    words = shlex.split(line)[1:]
    assert [word for word in words if "=" in word] == ["a.p=update:2"]
    assert sqlfix(*[other if word == str(shop) else word for word in words], "--yes").code == 1
    assert contents(other) == contents(shop)


@pytest.mark.parametrize(
    "keys, prompt", [((), QUESTION), (("update",), VALUE), (("d",), AGREE)], ids=["answer", "value", "end"]
)
@pytest.mark.parametrize("key", ["\x03", "\x04"], ids=["Ctrl-C", "end of file"])
def test_it_can_be_left_anywhere(shop: Path, keys: tuple[str, ...], prompt: str, key: str) -> None:
    before = fingerprint(shop)
    child = terminal("repair", "-i", shop)
    for said in keys:
        child.expect(QUESTION)
        child.sendline(said)
    child.expect(prompt)
    child.delaybeforesend = 0.05  # as fast as the prompt itself nobody types: Python would not have begun to read
    child.send(key)
    assert ended(child) == 130
    assert "nothing was changed" in child.before
    assert fingerprint(shop) == before and files(shop.parent) == [shop]


# -- away from a terminal, what is typed --------------------------------------------------------------------------


class Screen(io.StringIO):
    """What passes for a terminal; each line that is typed there is taken once it is asked for."""

    def isatty(self) -> bool:
        return True


def asked(monkeypatch: pytest.MonkeyPatch, typed: str, *arguments: object) -> Ran:
    """A dry run in this process."""
    monkeypatch.setattr(sys, "stdin", Screen(typed))
    monkeypatch.setenv("NO_COLOR", "1")
    out, err = Screen(), Screen()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = run_cli(["repair", "-i", "--dry-run", "-q", *map(str, arguments)])
    return Ran(code, out.getvalue(), err.getvalue())


def choices(ran: Ran) -> list[str]:
    """What the command that is shown sets."""
    (line,) = [line for line in ran.err.splitlines() if line.startswith("sqlfix repair")]
    words = shlex.split(line)
    return [word for before, word in pairwise(words) if before == "--set"]


@pytest.mark.parametrize(
    "typed, chosen",
    [
        ("d\n", []),
        ("\n\n\n\n\n\n", []),
        ("keep\nd\n", ["a.p=keep"]),
        ("delete a\nd\n", ["a.p=delete", "c.p=delete"]),  # b is another kind
        ("delete-rowsa\ndelete a\nd\n", ["a.p=delete", "c.p=delete"]),
        ("a\nupdate\n2\nd\n", ["b.p=update:2"]),
        ("delete a\nupdate\n2\nb\nb\nb\nset-null a\nd\n", ["b.p=update:2"]),  # taken back for all, too
        ("update\n\nkeep\nd\n", ["a.p=keep"]),
        ("update\nname=b\nd\n", ["a.p=update:name=b"]),
        ("\nupdate\n1\n\nkeep\nd\n", ["b.p=update:1", "d.k=keep"]),
        ("\nkeep\n\n1\n2\n7\n", ["b.p=keep", "e.v=update:7"]),
        ("update a\nkeep\nd\n", ["a.p=keep"]),
        ("stand-in\nd\n", ["a.p=stand-in"]),
        ("park\nd\n", ["a.p=park"]),
    ],
)
def test_the_answers_are_options(shop: Path, monkeypatch: pytest.MonkeyPatch, typed: str, chosen: list[str]) -> None:
    ran = asked(monkeypatch, typed, shop, "--format", "json")
    assert choices(ran) == chosen, ran.err
    given = [word for choice in chosen for word in ("--set", choice)]
    assert ran.json == sqlfix("repair", "--dry-run", *given, shop, "--format", "json").json


def test_q_changes_nothing(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ran = asked(monkeypatch, "keep\nq\n", shop)
    assert (ran.code, ran.out) == (2, "") and "not carried out; nothing was changed" in ran.err


def test_what_is_asked(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = " ".join(asked(monkeypatch, "\n" * 9, shop).err.split())
    assert "row id=1 (k='abc') nearly matches k='ABC'" in said
    assert "row id=2 (k='aBcd') nearly matches k='ABCD'; k='abcd'" in said or "k='abcd'; k='ABCD'" in said
    assert "as usual: relink 1, set-null (1 held back). Loses 1 value." in said
    assert (
        "delete-rows: Delete the rows that are at fault. Loses 1 row. Rows that reference them are repaired, too."
        in said
    )
    assert "6 questions" not in said and "5 questions; ? shows what you can type" in said
    assert "set-null: Set the key to NULL, and keep the row. Also the 2 that match a parent. Loses 3 values." in said
    # what is chosen by an option is not asked about again, nor is what is not in scope
    assert "3 questions" in asked(monkeypatch, "d\n", shop, "--set", "a.p=keep", "--ignore", "d").err
    assert "there is nothing to decide" in asked(monkeypatch, "", shop, "--select", "f").err


def test_what_is_held_back_is_not_offered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = build(
        tmp_path / "x.db",
        "CREATE TABLE p(id INTEGER PRIMARY KEY); CREATE TABLE c(p INTEGER REFERENCES p);INSERT INTO c VALUES (5), (6);",
    )
    held = asked(monkeypatch, "d\n", path).err
    assert re.search("> [0-9]. keep", held) and "set-null" not in held
    assert re.search("> [0-9]. set-null", asked(monkeypatch, "d\n", path, "--allow-mass-delete").err)


def test_names_and_values_do_nothing_to_the_terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = [name for name in HOSTILE.values() if "\0" not in name and "\udc80" not in name]
    script = ""
    for name in names:
        child, parent, text = (f"{mark}{part.replace(mark, mark * 2)}{mark}" for mark, part in
                               (('"', name), ('"', f"{name}p"), ("'", name)))  # fmt: skip
        script += f"CREATE TABLE {parent}({child} TEXT PRIMARY KEY); INSERT INTO {parent} VALUES ('A');"
        script += f"CREATE TABLE {child}(k TEXT NOT NULL REFERENCES {parent});"
        script += f"INSERT INTO {child} VALUES ('A'), ({text} || 'x');"
    path = build(tmp_path / "x.db", script)
    typed = "".join(f"update\n?{name}\n\n" * (place < 3) + "keep\n" for place, name in enumerate(names))
    ran = asked(monkeypatch, typed, path)
    said = ran.err + ran.out
    assert not [c for c in said if not c.isprintable() and c != "\n"]
    said = " ".join(said.split())
    assert said.count("kept, as you chose") == len(names) and " is the key of no row in " in said


@pytest.mark.parametrize(
    "options, said",
    [
        ((), "--interactive asks, and there is no terminal to ask at"),
        (("--yes",), "contradict each other"),
        (("--on-orphan", "keep"), "contradict each other"),
        (("--only", "declared"), "contradict each other"),
        (("--merge", "p.name"), "contradict each other"),
    ],
)
def test_where_it_cannot_ask_it_is_refused(shop: Path, options: tuple[str, ...], said: str) -> None:
    ran = sqlfix("repair", "--interactive", *options, shop)
    assert (ran.code, ran.out) == (2, "") and said in ran.err


def test_orphans_that_hold_the_name_of_a_parent_are_relinked_as_usual(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = build(
        tmp_path / "x.db",
        "CREATE TABLE u(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE); INSERT INTO u VALUES (1, 'ann');"
        "INSERT INTO u VALUES (2, 'bob');"
        "CREATE TABLE c(u INTEGER REFERENCES u); INSERT INTO c VALUES (1), ('ann'), ('bob'), ('ann'), ('zed'), (0);",
    )
    ran = asked(monkeypatch, "\n", path)
    assert "> 1. as usual: relink 3, set-null. Loses 2 values." in " ".join(ran.err.split())
    assert choices(ran) == [] and "[relink, lossless]" in ran.out
