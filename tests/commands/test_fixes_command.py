"""`sqlfix fixes`: the order of preference, the page of a fix; and ``--only``, which leaves out what promises less."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import build, sqlfix

from sqlfix.model.values import Applicability, Loss
from sqlfix.plan.fix import FIXES, by_preference


def test_the_fixes_are_listed_in_the_order_of_preference() -> None:
    ran = sqlfix("fixes")
    assert (ran.code, ran.err) == (0, "")
    first = [line.split() for line in ran.out.splitlines() if not line.startswith(" ")]
    assert first[0][:3] == ["fix", "promise", "loses"]
    assert [words[0] for words in first[1:]] == list(by_preference())
    assert max(map(len, ran.out.splitlines())) <= 80
    fixes = sqlfix("fixes", "--format", "json").json["fixes"]
    assert [fix["name"] for fix in fixes] == list(by_preference())
    for fix in fixes:
        rule = FIXES[fix["name"]]
        assert fix["promises"][-1] == rule.applicability.name.lower() and fix["loss"] == rule.loss.name.lower()
    places = [(fix["promises"] != ["lossless"], Loss[fix["loss"].upper()]) for fix in fixes]
    assert places == sorted(places)


@pytest.mark.parametrize("name", FIXES.names())
def test_the_page_of_a_fix(name: str) -> None:
    ran = sqlfix("fixes", name)
    assert ran.code == 0 and ran.out.startswith(f"# {name}\n\n")
    assert max(map(len, ran.out.splitlines())) <= 80
    assert sqlfix("fixes", name, "--format", "json").json["fix"]["page"] == FIXES[name].doc.strip()


@pytest.mark.parametrize("name", ["relinks", "\x1b[31m", ""])
def test_a_name_that_no_fix_has(name: str) -> None:
    ran = sqlfix("fixes", "--", name)
    assert (ran.code, ran.out) == (2, "")
    assert "there is no fix called" in ran.err and "\x1b" not in ran.err


EVERYTHING = """
CREATE TABLE p(id TEXT PRIMARY KEY); INSERT INTO p VALUES ('A'), ('B');
CREATE TABLE silent(id INTEGER PRIMARY KEY, p_id TEXT REFERENCES p);
INSERT INTO silent VALUES (1, 'A'), (2, 'x'), (3, ' a'), (4, '0');
CREATE TABLE told(id INTEGER PRIMARY KEY, p_id TEXT REFERENCES p ON DELETE CASCADE);
INSERT INTO told VALUES (1, 'A'), (2, 'x');
CREATE TABLE beneath(id INTEGER PRIMARY KEY, silent_id INTEGER REFERENCES silent, d INTEGER DEFAULT 7, b BOOLEAN);
INSERT INTO beneath VALUES (1, 1, 1, 1), (2, 1, NULL, 'true'), (3, 1, 1, 0);
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(sql, 'd INTEGER', 'd INTEGER NOT NULL') WHERE name = 'beneath';
"""


@pytest.mark.parametrize("only", ["lossless", "declared"])
@pytest.mark.parametrize("more", [(), ("--on-orphan", "delete"), ("--set", "silent.p_id=delete")], ids=" ".join)
def test_only_what_promises_enough_is_done(tmp_path: Path, only: str, more: tuple[str, ...]) -> None:
    path = build(tmp_path / "x.db", EVERYTHING)
    plan = sqlfix("repair", "--dry-run", "--only", only, *more, path, "--format", "json").json
    promises = {Applicability[fix["applicability"].upper()] for fix in plan["fixes"]}
    assert promises and max(promises) <= Applicability[only.upper()]
    kinds = {fix["name"] for fix in plan["fixes"]}
    assert kinds == {"cast"} | ({"delete-rows"} if only == "declared" else set()) | (
        {"relink"} if "--set" not in more else set()
    )
    assert [left["reason"] for left in plan["left"] if left["columns"] == ["d"]] == [f"left out by --only {only}"]
    silent = [left for left in plan["left"] if left["table"] == "silent"]
    assert silent and {left["reason"] for left in silent} == {f"left out by --only {only}"}
    rows = sum(left["count"] for left in silent)
    assert rows == (3 if "--set" in more else 2)  # what a --set names is not relinked
    assert sqlfix("repair", "--yes", "--only", only, *more, path).code == 1
    again = sqlfix("repair", "--dry-run", "--only", only, *more, path, "--format", "json").json
    assert again["fixes"] == [] and again["left"] == plan["left"]


def test_what_follows_from_a_delete_is_capped_too(tmp_path: Path) -> None:
    path = build(
        tmp_path / "x.db",
        "CREATE TABLE p(id INTEGER PRIMARY KEY); INSERT INTO p VALUES (1);"
        "CREATE TABLE c(id INTEGER PRIMARY KEY, p_id INTEGER REFERENCES p ON DELETE CASCADE);"
        "INSERT INTO c VALUES (1, 1), (2, 9);"
        "CREATE TABLE g(id INTEGER PRIMARY KEY, c_id INTEGER REFERENCES c); INSERT INTO g VALUES (1, 1), (2, 2);",
    )
    assert len(sqlfix("repair", "--dry-run", path, "--format", "json").json["fixes"]) == 2
    plan = sqlfix("repair", "--dry-run", "--only", "declared", path, "--format", "json").json
    assert plan["fixes"] == [] and plan["left"][0]["count"] == 1  # else the row of g would lose its parent


def test_a_merge_is_not_capped(tmp_path: Path) -> None:
    path = build(tmp_path / "x.db", "CREATE TABLE p(id INTEGER PRIMARY KEY, e TEXT);")
    assert "--only" in sqlfix("repair", "--only", "declared", "--merge", "p.e", path).err
