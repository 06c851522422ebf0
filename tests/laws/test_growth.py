"""Twice the tables are twice the work, not four times: counted in steps, not in seconds."""

from __future__ import annotations

import contextlib
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from sqlfix.explain.table import explain_table
from sqlfix.model.plans import Fix
from sqlfix.model.schema import Schema
from sqlfix.model.values import Applicability, Loss
from sqlfix.plan.delete_closure import DeleteClosure
from sqlfix.plan.scanning import scan
from sqlfix.prose.format import View, written
from sqlfix.repair.archive import Archive, Archived, Watch
from sqlfix.schema.catalogue import read_schema
from sqlfix.schema.database import Database, open_database
from sqlfix.schema.names import require_table
from sqlfix.schema.rows import find_row
from sqlfix.sqlite.snapshot import ReaderPool

PARENTS = {
    "a chain": lambda number, tables: number - 1,
    "a ring": lambda number, tables: (number - 1) % tables,
    "a star": lambda number, tables: 0,
}


def database(shape: str, tables: int) -> sqlite3.Connection:
    """Tables of two rows each, the first of which refer to the first of another table."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.execute("BEGIN")
    for number in range(tables):
        parent = PARENTS[shape](number, tables)
        refers = f"REFERENCES t{parent} ON DELETE CASCADE" if parent >= 0 else ""
        connection.execute(f"CREATE TABLE t{number} (id INTEGER PRIMARY KEY, p INTEGER {refers})")
        connection.execute(f"INSERT INTO t{number} VALUES (1, 1), (2, NULL)")
    connection.execute("COMMIT")
    return connection


def steps(shape: str, tables: int, work: Callable[[sqlite3.Connection, Schema], object]) -> int:
    """How many instructions SQLite carries out, in tens."""
    taken = 0

    def one() -> int:
        nonlocal taken
        taken += 1
        return 0

    with contextlib.closing(database(shape, tables)) as connection:
        schema = read_schema(connection)
        connection.set_progress_handler(one, 10)
        work(connection, schema)
    return taken


def walk(connection: sqlite3.Connection, schema: Schema) -> None:
    target = find_row(connection, schema, require_table(schema, "t0"), "1")
    followed = DeleteClosure(connection, schema, target, lambda fk: fk.on_delete == "CASCADE")
    followed.run()
    assert sum(followed.gone(table.name) for table in schema.tables) == len(schema.tables)
    assert sum(map(followed.met, followed.keys)) == len(followed.keys)
    followed.close()


@pytest.mark.parametrize("shape", PARENTS)
def test_following_a_row_is_as_much_work_as_there_are_tables(shape: str) -> None:
    less, more = steps(shape, 60, walk), steps(shape, 120, walk)
    assert more < 2.3 * less


def fix_of(table: str, name: str, statement: str) -> Fix:
    kind = "delete" if name == "delete-rows" else "update"
    return Fix(name, table, ("p",), None, (), (), 1, Applicability.CHOICE, Loss.ROWS, (statement,), kind)


def test_a_repair_has_one_trigger_of_its_own_at_a_time_however_many_tables_it_changes() -> None:
    """SQLite goes through all temporary triggers for each statement, and reads their list to make or drop one."""
    with contextlib.closing(database("a chain", 30)) as connection:
        schema = read_schema(connection)
        tables = [Archived(place, table.name, ("id", "p"), ("id",)) for place, table in enumerate(schema.tables, 1)]
        watch = Watch(Archive(connection, schema, tuple(tables)).prepare())
        ours = "SELECT count(*) FROM sqlite_temp_master WHERE type IN ('trigger', 'index')"
        fixes = [fix_of(table.name, "delete-rows", f"DELETE FROM {table.name} WHERE id = 1") for table in schema.tables]
        for fix in fixes:
            watch.turn_to(fix)
            connection.execute(fix.statements[0])
            assert connection.execute(ours).fetchone() == (1,)
        for name, what in (("set-null", "p = 7"), ("set-default", "p = 8")):
            fix = fix_of("t5", name, f"UPDATE t5 SET {what} WHERE id = 2")
            watch.turn_to(fix)
            connection.execute(fix.statements[0])
        watch.turn_to(fix_of("t5", "delete-rows", "DELETE FROM t5"))
        connection.execute("DELETE FROM t5")
        watch.stop()
        assert connection.execute(ours).fetchone() == (1,), "the index of the table that was changed again"
        found = [connection.execute(f"SELECT * FROM sqlfix_rows_{table.number}").fetchall() for table in tables]
        assert found[5] == [("delete", 1, 1, None, None), ("delete", 2, None, None, None)]
        assert all(rows[1:] == [] and rows[0][0] == "delete" for place, rows in enumerate(found) if place != 5)


def test_of_a_table_the_lists_in_between_are_made_once_however_many_tables_hold_its_rows() -> None:
    def made(tables: int) -> int:
        with contextlib.closing(database("a chain", tables)) as connection:
            for number in range(1, tables):
                connection.execute(f"CREATE TABLE x{number} (p INTEGER REFERENCES t{number})")
                connection.execute(f"INSERT INTO x{number} VALUES (1)")
            opened = Database("x.db", connection, ReaderPool([connection]))
            statements: list[str] = []
            connection.set_trace_callback(statements.append)
            with explain_table(opened, "t0") as blocked:
                found = blocked.explain()
        assert (found.kept, len(found.groups)) == (1, tables - 1)
        return sum(statement.startswith("CREATE TEMP TABLE") for statement in statements)

    assert made(20) < 2.3 * made(10)


# -- a scan -------------------------------------------------------------------------------------------------------


def refer_to_one(connection: sqlite3.Connection, number: int) -> None:
    connection.execute("CREATE TABLE parent (id INTEGER PRIMARY KEY)")
    for place in range(number):
        connection.execute(f"CREATE TABLE c{place} (id INTEGER PRIMARY KEY, at DATE, k INTEGER REFERENCES parent)")
        connection.execute(f"INSERT INTO c{place} VALUES (1, '2024-01-01', 1), (2, '2024-01-02', 2)")


def refer_from_one(connection: sqlite3.Connection, number: int) -> None:
    connection.execute("CREATE TABLE parent (id INTEGER PRIMARY KEY)")
    columns = [f"k{place} INTEGER REFERENCES parent" for place in range(number)]
    connection.execute(f"CREATE TABLE c (at DATE, {', '.join(columns)})")
    connection.execute(f"INSERT INTO c VALUES ('2024-01-01'{', 1' * number}), ('2024-01-02'{', 2' * number})")


def refer_around(connection: sqlite3.Connection, number: int) -> None:
    for place in range(number):
        parent = (place - 1) % number
        connection.execute(f"CREATE TABLE t{place} (id INTEGER PRIMARY KEY, at DATE, k REFERENCES t{parent})")
        connection.execute(f"INSERT INTO t{place} VALUES (1, '2024-01-01', 1), (2, '2024-01-02', 9)")


BROKEN = {"many to one": refer_to_one, "one to many": refer_from_one, "a ring": refer_around}


def calls(path: Path, make: Callable[[sqlite3.Connection, int], None], number: int) -> int:
    """How many functions of Python a scan calls that finds orphans in each of so many relationships."""
    path.unlink(missing_ok=True)
    with contextlib.closing(sqlite3.connect(path)) as connection:
        make(connection, number)
        connection.commit()
    counted = 0

    def count(frame: object, event: str, argument: object) -> None:
        nonlocal counted
        counted += event in ("call", "c_call")

    with open_database(path) as database:
        sys.setprofile(count)
        try:
            found = scan(database).report
            "".join(written("table", found, View()))
        finally:
            sys.setprofile(None)
    assert sum(finding.check == "orphan-rows" for finding in found.findings) == number
    return counted


@pytest.mark.parametrize("shape", BROKEN)
def test_a_scan_of_twice_the_broken_relationships_is_twice_the_work(shape: str, tmp_path: Path) -> None:
    calls(tmp_path / "x.db", BROKEN[shape], 25)  # what is made once is made now
    less, more, most = (calls(tmp_path / "x.db", BROKEN[shape], number) for number in (25, 50, 100))
    assert (most - more) / (more - less) < 2.1
