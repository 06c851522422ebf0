"""Every table of real databases, and every text of the collection of hand-written ones, survives a rebuild."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from faults.trial import every
from schema_digest import everything
from support import FIGURES

from sqlfix.errors import Refused, RolledBack, SqlfixError
from sqlfix.model.plans import SchemaStep
from sqlfix.plan.schema_changes import plan_schema_change
from sqlfix.repair.change import ChangeOptions
from sqlfix.repair.schema_change import change_schema
from sqlfix.schema.database import open_database

pytestmark = [pytest.mark.corpus, pytest.mark.oracle]

SHARED = Path(os.environ["SQLFIX_SHARED"]) if os.environ.get("SQLFIX_SHARED") else None
FILES = sorted((SHARED / "corpus" / "db").glob("*.sqlite")) if SHARED else []
ALL = os.environ.get("SQLFIX_CORPUS") == "all"
"""Whether every table and every text is rebuilt, as `make corpus` does it (some minutes), or some of them."""
MOST = 10**9 if ALL else 3
ALONE = ChangeOptions(backup=False)
SETUP = (
    "CREATE TABLE p (id INTEGER PRIMARY KEY, a, b); CREATE TABLE q (x, y); CREATE TABLE t0 (a, b, c, j);"
    "CREATE VIEW v0 AS SELECT a, b FROM t0;"
    "INSERT INTO p VALUES (1, 2, 3); INSERT INTO q VALUES ('x', NULL); INSERT INTO t0 VALUES (1, 2.5, x'00', '{}');"
)


def survives(path: Path, before: dict[str, Any], in_place: bool, most: int = 10**9) -> int:
    """Rebuild tables of a file to the same text, and hold the file against what it was; how many tables.

    Args:
        most: so many tables, spread evenly over those that there are.
    """
    with open_database(path) as database:
        tables = [table for table in database.schema.tables if table.kind == "table" and not table.unreadable]
        chosen = [tables[place] for place in every(len(tables), most)]
        steps = [SchemaStep("rebuild", "table", table.name, table.sql) for table in chosen]
        plan = plan_schema_change(database, steps, in_place)
    assert plan.facts == ()
    change_schema(path, plan, ALONE)
    assert everything(path) == before
    return len(steps)


@pytest.mark.parametrize("original", FILES or [pytest.param(None, marks=pytest.mark.skip)], ids=lambda p: p and p.name)
def test_every_table_of_a_real_database(original: Path, tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    shutil.copyfile(original, path)
    try:
        with open_database(path) as database:
            assert database.schema
        before = everything(path)
    except (SqlfixError, sqlite3.DatabaseError) as error:
        pytest.skip(str(error))
    for in_place in (False, True):
        FIGURES[f"tables rebuilt{' in place' * in_place}"] += survives(path, before, in_place, MOST)


@pytest.mark.skipif(not SHARED, reason="SQLFIX_SHARED names no folder with ddl_cases.sql in it")
@pytest.mark.parametrize("in_place", [False, True])
def test_every_text_of_the_collection(in_place: bool, tmp_path: Path) -> None:
    assert SHARED
    refused: dict[str, str] = {}
    for number, case in enumerate((SHARED / "ddl_cases.sql").read_text(encoding="utf-8").split("\n--@ ")[1:]):
        name, _, statement = case.partition("\n")
        if number % 8 and not ALL and "REGEXP" not in statement:
            continue
        path = tmp_path / f"{number}.db"
        with contextlib.closing(sqlite3.connect(path)) as connection:
            connection.create_function("regexp", 2, lambda pattern, value: True, deterministic=True)
            connection.executescript(SETUP + statement)
            for (table,) in connection.execute("SELECT name FROM pragma_table_list WHERE type = 'table'").fetchall():
                with contextlib.suppress(sqlite3.Error):  # one row of nothing but DEFAULTs, where that is allowed
                    connection.execute('INSERT INTO "{}" DEFAULT VALUES'.format(table.replace('"', '""')))
            connection.commit()
        try:
            FIGURES[f"texts rebuilt{' in place' * in_place}"] += survives(path, everything(path), in_place)
        except (Refused, RolledBack) as error:
            refused[name] = error.message
    assert all(
        message.endswith("no such function: REGEXP; it belongs to the application") for message in refused.values()
    )
    assert len(refused) == (0 if in_place else 2)
