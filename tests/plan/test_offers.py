"""What a step rests on, and what stands beside one that loses rows about which the schema says nothing."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest
from formats.samples import HOSTILE
from support import build, contents, sqlfix

PARENTS = "CREATE TABLE p(id INTEGER PRIMARY KEY); INSERT INTO p VALUES (1), (2);"


@pytest.mark.parametrize(
    "column, row, rests_on, alternatives",
    [
        ("k NOT NULL REFERENCES p", "9", "silent", ["update:KEY", "keep"]),
        ("k NOT NULL REFERENCES p ON DELETE RESTRICT", "9", "silent", ["update:KEY", "keep"]),
        ("k NOT NULL DEFAULT 2 REFERENCES p", "9", "silent", ["set-default", "update:KEY", "keep"]),
        ("k NOT NULL DEFAULT 7 REFERENCES p", "9", "silent", ["update:KEY", "keep"]),
        ("k NOT NULL UNIQUE REFERENCES p", "9", "silent", ["keep"]),
        ("k REFERENCES p CHECK (k IS NOT NULL)", "9", "silent", ["update:KEY", "keep"]),
        ("k REFERENCES p", "9", "silent", []),
        ("k REFERENCES p ON DELETE CASCADE", "9", "schema", []),
        ("k REFERENCES p ON DELETE CASCADE", "0", "default", []),
        ("k INTEGER REFERENCES p", "' 1'", "lossless", []),
        ("k TEXT REFERENCES p", "'01'", "lossless", []),
    ],
)
def test_what_a_step_rests_on(tmp_path: Path, column: str, row: str, rests_on: str, alternatives: list[str]) -> None:
    path = build(tmp_path / "x.db", f"{PARENTS} CREATE TABLE c({column}); INSERT INTO c VALUES (1), ({row});")
    for fix in sqlfix("repair", "--dry-run", "--format", "json", path).json["fixes"]:
        assert fix["rests_on"] == rests_on
        parents = ["--donor OLDER.db", "--set c.k=stand-in"] if alternatives else []
        assert fix["alternatives"] == [*parents, *(f"--set c.k={word}" for word in alternatives)]
        for typed in fix["alternatives"][1:]:
            words = shlex.split(typed.replace("KEY", "1"))
            (chosen,) = sqlfix("repair", "--dry-run", "--format", "json", *words, path).json["fixes"] or [fix]
            assert chosen["loss"] != "rows" or typed.endswith("=keep")
            assert chosen is fix or chosen["rests_on"] == "choice", typed


@pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE)
def test_what_is_to_be_typed_means_just_that_relationship(tmp_path: Path, name: str) -> None:
    if "\0" in name or (name.isascii() is False and not name.isprintable() and "\udc80" in name):
        pytest.skip("SQLite has no such name")
    table, column = (part.replace('"', '""') for part in (name, name + "."))
    path = build(
        tmp_path / "x.db",
        f'{PARENTS} CREATE TABLE "{table}"("{column}" NOT NULL REFERENCES p); INSERT INTO "{table}" VALUES (1), (9);',
    )
    before = contents(path)
    (fix,) = sqlfix("repair", "--dry-run", "--format", "json", path).json["fixes"]
    keep = fix["alternatives"][-1]
    assert keep.isprintable()
    if "printf" not in keep:
        ran = sqlfix("repair", "--dry-run", "--format", "json", *shlex.split(keep), path)
        assert [left["reason"] for left in ran.json["left"]] == ["kept, as you chose"], ran.err
    shown = sqlfix("repair", "--dry-run", path).out
    assert "to lose less: --donor" in " ".join(shown.split()) and not any(ord(c) < 32 and c != "\n" for c in shown)
    assert contents(path) == before


def test_a_composite_key_takes_as_many_values(tmp_path: Path) -> None:
    path = build(
        tmp_path / "x.db",
        "CREATE TABLE p(a, b, PRIMARY KEY (a, b)); INSERT INTO p VALUES (1, 1);"
        "CREATE TABLE c(a NOT NULL, b NOT NULL, FOREIGN KEY (a, b) REFERENCES p); INSERT INTO c VALUES (1, 1), (9, 9);",
    )
    shown = " ".join(sqlfix("repair", "--dry-run", path).out.split())
    assert "to lose less: --donor OLDER.db, --set c.a,b=stand-in, =update:KEY,KEY or =keep" in shown
    assert "[delete-rows, the schema is silent]" in shown
    assert "[delete-rows, as" not in sqlfix("repair", "--dry-run", "--set", "c.a,b=delete", path).out


def test_an_older_copy_that_was_given_is_not_asked_for_again(tmp_path: Path) -> None:
    older = build(tmp_path / "older.db", f"{PARENTS} INSERT INTO p VALUES (9);")
    path = build(
        tmp_path / "x.db",
        f"{PARENTS} CREATE TABLE c(k INTEGER NOT NULL REFERENCES p); INSERT INTO c VALUES (1), (1), (2), (8), (9);",
    )
    for options, first in (([], ["--donor OLDER.db"]), (["--donor", older], [])):
        *_, fix = sqlfix("repair", "--dry-run", "--format", "json", *options, path).json["fixes"]
        assert fix["name"] == "delete-rows"
        assert fix["alternatives"] == [*first, "--set c.k=stand-in", "--set c.k=update:KEY", "--set c.k=keep"]


def test_where_the_parents_look_lost_another_older_copy_is_asked_for(tmp_path: Path) -> None:
    older = build(tmp_path / "older.db", PARENTS)
    schema = "CREATE TABLE p(id INTEGER PRIMARY KEY); CREATE TABLE c(k INTEGER NOT NULL REFERENCES p);"
    path = build(tmp_path / "x.db", f"{schema} INSERT INTO c VALUES (8), (9);")
    for options, which in (
        ([], "an"),
        (["--donor", older], "another"),
        (["--donor", older, "--set", "c.k=delete"], "an"),
    ):
        (left,) = sqlfix("repair", "--dry-run", "--format", "json", *options, path).json["left"]
        assert left["hint"] == f"are the parents in {which} older copy of the file?"
