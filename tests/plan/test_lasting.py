"""What a plan adds lasts: no row is added that another step of the same plan deletes or changes."""

from __future__ import annotations

import contextlib
import random
import shutil
import sqlite3
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from support import build, contents, sqlfix, together

from sqlfix.commands.planning import choice_of
from sqlfix.errors import SqlfixError
from sqlfix.model.plans import Plan
from sqlfix.plan.policy import Policy
from sqlfix.plan.stages import make_plan
from sqlfix.repair.donors import Wanted, open_donor
from sqlfix.schema.database import open_database

CHAIN = """
    CREATE TABLE root(id INTEGER PRIMARY KEY);
    CREATE TABLE g(id INTEGER PRIMARY KEY, root NOT NULL REFERENCES root ON DELETE CASCADE);
    CREATE TABLE p(id INTEGER PRIMARY KEY, g {} REFERENCES g {});
    CREATE TABLE c(id INTEGER PRIMARY KEY, p REFERENCES p ON DELETE CASCADE);
    INSERT INTO root VALUES (1); INSERT INTO g VALUES (1, 99), (2, 1); INSERT INTO p VALUES (5, 1), (6, 2);
    INSERT INTO c VALUES (10, 5), (11, 6);
"""
"""Of an older copy: g 1 has no parent there either. The database has lost both rows of p."""
LOSES = "it would lose its own parent by this plan"


def chain(folder: Path, of_p: tuple[str, str]) -> tuple[Path, Path]:
    older = build(folder / "older.db", CHAIN.format(*of_p))
    return build(Path(shutil.copy(older, folder / "a.db")), "DELETE FROM p"), older


def planned(path: Path, *more: object) -> Any:
    ran = sqlfix("repair", "--dry-run", "--format", "json", *more, path)
    assert ran.code in (0, 1), ran.err
    return ran.json


def rows(path: Path, query: str) -> list[tuple[Any, ...]]:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        return connection.execute(query).fetchall()


def test_a_parent_whose_own_parent_goes_stays_away_and_its_orphans_are_left(tmp_path: Path) -> None:
    path, older = chain(tmp_path, ("NOT NULL", "ON DELETE CASCADE"))
    (left,) = planned(path, "--donor", older)["left"]
    assert (left["table"], left["count"]) == ("c", 1) and LOSES in left["reason"]
    before = contents(path)
    assert sqlfix("repair", "-y", "--donor", older, path).code == 1
    assert rows(path, "SELECT * FROM g") == [(2, 1)] and rows(path, "SELECT * FROM p") == [(6, 2)]
    assert rows(path, "SELECT id FROM c") == [(10,), (11,)]
    assert planned(path, "--donor", older)["fixes"] == []
    assert sqlfix("undo", "-y", path).code == 0 and contents(path) == before


def test_where_its_key_would_be_emptied_it_comes_back_without_one(tmp_path: Path) -> None:
    path, older = chain(tmp_path, ("", "ON DELETE SET NULL"))
    plan = planned(path, "--donor", older)
    assert plan["left"] == [] and [fix["name"] for fix in plan["fixes"]] == ["restore-parents", "delete-rows"]
    assert (
        "g of 1 row becomes NULL, since it has no parent" in sqlfix("repair", "--dry-run", "--donor", older, path).out
    )
    assert sqlfix("repair", "-y", "--donor", older, path).code == 0
    assert rows(path, "SELECT * FROM p") == [(5, None), (6, 2)] and len(rows(path, "SELECT * FROM c")) == 2


def test_a_stand_in_has_no_parent_that_goes(tmp_path: Path) -> None:
    path = build(tmp_path / "a.db", CHAIN.format("NOT NULL DEFAULT 1", "ON DELETE CASCADE") + "DELETE FROM p;")
    assert planned(path, "--set", "c.p=stand-in")["left"] == []
    assert sqlfix("repair", "-y", "--set", "c.p=stand-in", path).code == 0
    assert len(rows(path, "SELECT 1 FROM p JOIN g ON g.id = p.g JOIN root ON root.id = g.root")) == 2
    assert not rows(path, "SELECT 1 FROM g WHERE id = 1")  # which its DEFAULT names
    assert planned(path, "--set", "c.p=stand-in")["fixes"] == []


def test_what_stands_in_the_place_of_a_row_of_a_donor_is_not_deleted(tmp_path: Path) -> None:
    schema = (
        "CREATE TABLE g(id INTEGER PRIMARY KEY);"
        "CREATE TABLE p(id INTEGER PRIMARY KEY, n UNIQUE, g REFERENCES g ON DELETE CASCADE);"
        "CREATE TABLE c(id INTEGER PRIMARY KEY, p REFERENCES p ON DELETE CASCADE); INSERT INTO g VALUES (1);"
    )
    older = build(tmp_path / "older.db", schema + "INSERT INTO p VALUES (5, 'x', 1)")
    path = build(tmp_path / "a.db", schema + "INSERT INTO p VALUES (6, 'x', 9); INSERT INTO c VALUES (1, 5)")
    plan = planned(path, "--donor", older)
    assert plan["fixes"] == [] and {left["table"] for left in plan["left"]} == {"p", "c"}
    assert "of an older copy could come back" in plan["left"][1]["reason"]


# -- the kind, not the example ------------------------------------------------------------------------------------

ON_DELETE = ("CASCADE", "SET NULL", "SET DEFAULT", "NO ACTION", "RESTRICT")
Keys = list[list[tuple[str, str]]]


def random_schema(r: random.Random) -> tuple[list[str], list[str], Keys]:
    """Three to six tables in chains and rings: their names, the statements that make them, their keys."""
    names = [f"t{number}" for number in range(r.randint(3, 6))]
    made, keys = [], []
    for place, name in enumerate(names):
        columns, mine = ["id INTEGER PRIMARY KEY", "v"], []
        for number in range(r.choice([0, 1, 1, 1, 2, 2])):
            parent = names[place - 1] if place and r.random() < 0.5 else r.choice([name, *names])
            declared = "NOT NULL" if r.random() < 0.4 else "DEFAULT 1" if r.random() < 0.2 else ""
            columns.append(f"f{number} INTEGER {declared} REFERENCES {parent} ON DELETE {r.choice(ON_DELETE)}")
            mine.append((f"f{number}", parent))
        made.append(f"CREATE TABLE {name}({', '.join(columns)}{', u UNIQUE' if r.random() < 0.1 else ''})")
        keys.append(mine)
    return names, made, keys


def fill(r: random.Random, connection: sqlite3.Connection, names: list[str], keys: Keys, sound: float) -> None:
    """Rows in each table; most of them have their parents."""
    for name, mine in zip(names, keys, strict=True):
        for key in r.sample(range(1, 14), r.randint(2, 9)):
            values = [key, r.choice("abc"), *(r.randint(1, 13) if r.random() < 0.85 else None for _ in mine)]
            columns, marks = "".join(f", {column}" for column, _ in mine), ", ".join("?" * len(values))
            connection.execute(f"INSERT OR IGNORE INTO {name} (id, v{columns}) VALUES ({marks})", values)
    for name, mine in zip(names, keys, strict=True):
        for column, parent in mine:
            orphans = f"SELECT id FROM {name} WHERE {column} NOT IN (SELECT id FROM {parent})"
            for (key,) in connection.execute(orphans).fetchall():
                if r.random() < sound:
                    there = f"SELECT id FROM {parent} ORDER BY (id * {r.randint(1, 13)}) % 14 LIMIT 1"
                    connection.execute(f"UPDATE OR IGNORE {name} SET {column} = ({there}) WHERE id = ?", (key,))


def damaged(r: random.Random, folder: Path) -> tuple[Path, Path, list[str], list[str]]:
    """A database that has lost rows, an older copy of it, the names of its tables, and options of a repair."""
    names, made, keys = random_schema(r)
    older, path = folder / "older.db", folder / "a.db"
    with contextlib.closing(sqlite3.connect(older, isolation_level=None)) as connection:
        for statement in made:
            connection.execute(statement)
        fill(r, connection, names, keys, r.choice([0.7, 0.9, 1]))
    shutil.copy(older, path)
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for name in names:
            for (key,) in connection.execute(f"SELECT id FROM {name}").fetchall():
                if (chance := r.random()) < 0.3:
                    what = f"DELETE FROM {name}" if chance < 0.2 else f"UPDATE {name} SET v = 'z'"
                    connection.execute(f"{what} WHERE id = ?", (key,))
        if r.random() < 0.5:
            fill(r, connection, names, keys, 0)
    every = [f"{name}.{column}" for name, mine in zip(names, keys, strict=True) for column, _ in mine]
    fixes = ("stand-in", "stand-in:one", "delete", "keep")
    more = [f"{place}={r.choice(fixes)}" for place in every if r.random() < 0.15]
    return path, older, names, more


def plan_of(path: Path, older: Path | None, policy: Policy) -> Plan:
    with open_database(path) as database, contextlib.ExitStack() as stack:
        donors = [stack.enter_context(open_donor(older, Wanted.of(path, database)))] if older else []
        return make_plan(database, replace(policy, donors=tuple(donors)))


def undone_by(path: Path, plan: Plan, names: list[str]) -> list[tuple[object, ...]]:
    """The rows that one fix of a plan adds and a later one deletes or changes."""
    found, added = [], {}
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("BEGIN")
        for statement in plan.prepares:
            connection.execute(statement)
        for fix in plan.fixes:
            before = rows_by_key(connection, names)
            for statement in fix.statements:
                connection.execute(statement)
            after = rows_by_key(connection, names)
            found += [(fix.name, row) for at, row in before.items() if at in added and after.get(at) != row]
            added.update({at: row for at, row in after.items() if at not in before})
    return found


def rows_by_key(connection: sqlite3.Connection, names: list[str]) -> dict[tuple[str, int], tuple[object, ...]]:
    return {(name, row[0]): row for name in names for row in connection.execute(f"SELECT * FROM {name}")}


SEEDS = (55, 155, 201, 229)


@together
@pytest.mark.parametrize("seed", SEEDS)
def test_no_row_that_a_plan_adds_is_undone_by_it_and_a_second_plan_adds_none(seed: int, tmp_path: Path) -> None:
    r = random.Random(seed)
    path, older, names, chosen = damaged(r, tmp_path)
    donor, children = (older if r.random() < 0.75 else None), r.random() < 0.4
    on_orphan = r.choice([None, None, "stand-in", "stand-in", "delete", "park"])
    policy = Policy(
        on_orphan=on_orphan, choices=tuple(map(choice_of, chosen)), allow_mass_delete=True, with_children=children
    )
    try:
        plan = plan_of(path, donor, policy)
    except SqlfixError:  # what cannot be carried out is refused
        return
    assert undone_by(path, plan, names) == []
    options = ["--allow-mass-delete", *(word for each in chosen for word in ("--set", each))]
    options += ["--on-orphan", on_orphan] if on_orphan else []
    before = contents(path)
    donors = ["--donor", donor, *(["--with-children"] if children else [])] if donor else []
    assert sqlfix("repair", "-y", *options, *donors, path).code in (0, 1)
    assert plan_of(path, donor, policy).fixes == ()
    assert not plan.fixes or (sqlfix("undo", "-y", path).code, contents(path)) == (0, before)
