"""What `why --error` says of a statement that is given in full is what SQLite does with it.

Nothing stands in its way if and only if SQLite performs it: deletes of several rows that reference one another, and
keys that are written anew, with every action and deferred or not.
"""

from __future__ import annotations

import contextlib
import random
import sqlite3
from pathlib import Path

import pytest
from support import build

from sqlfix.explain.answers import Explanation
from sqlfix.explain.errors import deletes
from sqlfix.explain.errors.causes import explain_error
from sqlfix.schema.database import open_database

pytestmark = pytest.mark.oracle
ACTIONS = ("", "RESTRICT", "RESTRICT", "CASCADE", "SET NULL", "SET DEFAULT", "NO ACTION")
KEYS = {"single": ["id INTEGER PRIMARY KEY"], "composite": ["a INT", "b INT", "PRIMARY KEY (a, b)"]}
SEEDS = range(40)
FAILED = "sqlite3.IntegrityError: FOREIGN KEY constraint failed\n"


def schema(chosen: random.Random) -> tuple[str, dict[str, list[str]], int]:
    """A script, the columns of its tables, and how many of these are the key."""
    keys = KEYS[chosen.choice(["single", "single", "composite"])]
    own = [part.split()[0] for part in keys if not part.startswith("PRIMARY")]
    tables = ["t", "u", "v"][: chosen.randint(1, 3)]
    columns, script = {}, []
    for table in tables:
        body, constraints = [part for part in keys if not part.startswith("PRIMARY")], keys[len(own) :]
        columns[table] = list(own)
        for number in range(chosen.randint(1, 2)):
            names = [f"{word}{number}" for word in "pq"[: len(own)]]
            columns[table] += names
            body += (f"{name} INT{chosen.choice(['', '', ' DEFAULT 1', ' NOT NULL'])}" for name in names)
            does = "".join(
                f" ON {verb} {action}" for verb in ("DELETE", "UPDATE") if (action := chosen.choice(ACTIONS))
            )
            late = chosen.choice(["", "", " DEFERRABLE INITIALLY DEFERRED"])
            parent = f"{chosen.choice(tables)} ({', '.join(own)})"
            constraints.append(f"FOREIGN KEY ({', '.join(names)}) REFERENCES {parent}{does}{late}")
        kind = chosen.choice(["", "", "", " WITHOUT ROWID"])
        script.append(f"CREATE TABLE {table} ({', '.join(body + constraints)}){kind}")
    for table, names in columns.items():
        for number in range(1, chosen.randint(2, 6)):
            key = [chosen.choice([1, 2]), number][-len(own) :]
            row = [*key, *(chosen.choice(["NULL", 1, 1, 2, 2, 3, 4, number, 9]) for _ in names[len(own) :])]
            script.append(f"INSERT OR IGNORE INTO {table} VALUES ({', '.join(map(str, row))})")
    if chosen.random() < 0.1:
        script.append("CREATE TRIGGER tr AFTER DELETE ON t BEGIN DELETE FROM t WHERE p0 = 2; END")
    return ";\n".join(script), columns, len(own)


def condition(chosen: random.Random, columns: list[str]) -> str:
    name, number = chosen.choice(columns), chosen.randint(1, 4)
    return chosen.choice([
        f" WHERE {name} IN ({', '.join(map(str, chosen.sample(range(1, 6), 3)))})",
        f" WHERE {name} = {number}",
        f" WHERE {name} >= {number}",
        f" WHERE {name} = {number} OR {chosen.choice(columns)} = {chosen.randint(1, 4)}",
        "",
    ])  # fmt: skip


def statements(chosen: random.Random, columns: dict[str, list[str]], keys: int) -> list[tuple[str, list[str]]]:
    """Some statements as they are pasted, each with what SQLite is to run."""
    table = chosen.choice(list(columns))
    names = columns[table]
    which, some = condition(chosen, names), chosen.sample(range(1, 5), 3)
    value = chosen.choice([1, 2, 3, 7, "NULL"])
    row = [chosen.choice([1, 2, 6]) if n < keys else chosen.choice([1, 2, 6, "NULL"]) for n in range(len(names))]
    insert = f"REPLACE INTO {table} ({', '.join(names)}) VALUES ({', '.join(map(str, row))})"
    once = [f"DELETE FROM {table}{which}", f"UPDATE {table} SET {chosen.choice(names)} = {value}{which}", insert]
    once.append(f"DROP TABLE {table}")
    found = [(f"{FAILED}[SQL: {one}]", [one]) for one in once]
    for does, left in ((f"DELETE FROM {table}", 1), (f"UPDATE {table} SET {names[0]} = ?", 2)):
        sets = list(zip([chosen.randint(1, 12) for _ in some], some, strict=True))
        given = ", ".join(f"({', '.join(map(str, one[-left:]))},)" for one in sets)
        sql = f"{does} WHERE {names[0]} = ?"
        ran = [f"{does.replace('?', str(new))} WHERE {names[0]} = {old}" for new, old in sets]
        found.append((f"{FAILED}[SQL: {sql}]\n[parameters: [{given}]]", ran))
    return found


def outcome(path: Path, ran: list[str]) -> str:
    """What SQLite says in the end; nothing where it performs all of it."""
    with (
        contextlib.closing(sqlite3.connect(path)) as source,
        contextlib.closing(sqlite3.connect(":memory:", isolation_level=None)) as copy,
    ):
        source.backup(copy)
        copy.execute("PRAGMA foreign_keys = ON")
        copy.execute("BEGIN")
        try:
            for statement in [*ran, "COMMIT"]:
                copy.execute(statement)
        except sqlite3.Error as error:
            return str(error)
        return ""


def explained(path: Path, text: str) -> Explanation:
    with open_database(path) as database:
        return explain_error(database, text)


@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_stands_in_the_way_if_and_only_if_sqlite_performs_it(tmp_path: Path, seed: int) -> None:
    chosen = random.Random(seed)
    script, columns, keys = schema(chosen)
    path = build(tmp_path / "x.db", script)
    for text, ran in statements(chosen, columns, keys):
        said, explanation = outcome(path, ran), explained(path, text)
        beside = (script, text, said, explanation.causes, explanation.not_checked)
        assert (explanation.exit_code == 0) == (said == ""), beside
        assert explanation.exit_code == 1 or said != "FOREIGN KEY constraint failed", beside


@pytest.mark.parametrize("seed", SEEDS)
def test_of_a_large_file_a_delete_is_tried_where_the_rules_cannot_tell(
    tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deletes, "SMALL", 0)
    chosen = random.Random(seed)
    script, columns, keys = schema(chosen)
    path = build(tmp_path / "x.db", script)
    for text, ran in statements(chosen, columns, keys):
        said, explanation = outcome(path, ran), explained(path, text)
        if ran[0].startswith("DELETE"):
            assert (explanation.exit_code == 0) == (said == ""), (script, text, said, explanation.causes)
        elif explanation.exit_code == 0:
            assert said == "", (script, text)
