"""What `sqlfix why` says is tried for real: SQLite deletes the row and writes each column, enforcing keys and not.

The databases come from `strategies.cases`. The number of examples is that of the hypothesis profile.
"""

from __future__ import annotations

import contextlib
import sqlite3
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, event, given, settings
from hypothesis import strategies as st
from strategies import Case, Key, cases, fold, quoted

from sqlfix.explain.answers import DELETE, Why, WhyTable
from sqlfix.explain.row import explain_target
from sqlfix.explain.table import explain_table
from sqlfix.schema.database import open_database
from sqlfix.schema.rows import Target

pytestmark = pytest.mark.oracle

SLOW = settings(
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    phases=[phase for phase in Phase if phase is not Phase.explain],
)
MORE = settings(SLOW, max_examples=max(100, settings.default.max_examples if settings.default else 0))
MOST_ROWS = 3


@contextlib.contextmanager
def folder() -> Iterator[Path]:
    """A folder for one example."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        yield Path(name)


# -- what SQLite does ---------------------------------------------------------------------------------------------


@contextlib.contextmanager
def copy_of(path: Path, enforced: bool = False) -> Iterator[sqlite3.Connection]:
    """A copy in memory, on which anything can be tried."""
    with (
        contextlib.closing(sqlite3.connect(path)) as source,
        contextlib.closing(sqlite3.connect(":memory:", isolation_level=None)) as copy,
    ):
        source.backup(copy)
        copy.execute(f"PRAGMA foreign_keys = {'ON' if enforced else 'OFF'}")
        yield copy


def happens(path: Path, statement: str, row: str, enforced: bool) -> bool:
    """True if a statement and its COMMIT succeed, and the statement does something."""
    with copy_of(path, enforced) as copy:
        try:
            copy.execute("BEGIN")
            if copy.execute(statement).rowcount < 1:
                return False
            if statement.startswith("DELETE") and copy.execute(f"SELECT count(*) FROM {row}").fetchone()[0]:
                return False
            copy.execute("COMMIT")
        except sqlite3.Error:
            return False
        return True


def violations(connection: sqlite3.Connection, table: str) -> dict[int, int] | None:
    """How many rows of a table violate each of its keys; None where SQLite cannot say."""
    found: dict[int, int] = {}
    try:
        for _, _, _, number in connection.execute(f"PRAGMA foreign_key_check({quoted(table)})"):
            found[number] = found.get(number, 0) + 1
    except sqlite3.OperationalError:
        return None
    return found


def referring(path: Path, case: Case, target: Target) -> tuple[set[str], set[str]]:
    """The tables that SQLite finds to have more violations once the row alone is gone; and those it could look at."""
    found, looked_at = set(), set()
    with copy_of(path) as copy:
        for (name,) in copy.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            copy.execute(f"DROP TRIGGER {quoted(name)}")
        before = {table.name: violations(copy, table.name) for table in case.tables}
        itself = violations_of_itself(copy, target)
        copy.execute(f"DELETE FROM {quoted(target.table.name)} AS c WHERE {target.condition()}")
        for table in case.tables:
            was, now = before[table.name], violations(copy, table.name)
            if was is None or now is None:
                continue
            looked_at.add(table.name)
            lost = itself if fold(table.name) == fold(target.table.name) else {}
            if any(now.get(n, 0) > was.get(n, 0) - lost.get(n, 0) for n in {*was, *now}):
                found.add(table.name)
    return found, looked_at


def violations_of_itself(copy: sqlite3.Connection, target: Target) -> dict[int, int]:
    """How many violations the row itself has, which go with it."""
    table = quoted(target.table.name)
    found: dict[int, int] = {}
    listed = (
        copy.execute(f"PRAGMA foreign_key_check({table})").fetchall() if violations(copy, target.table.name) else []
    )
    if not target.table.without_rowid:
        mine = copy.execute(
            f"SELECT {quoted(target.row_id[0][0])} FROM {table} AS c WHERE {target.condition()}"
        ).fetchone()[0]
        for _, rowid, _, number in listed:
            if rowid == mine:
                found[number] = found.get(number, 0) + 1
    return found


# -- what is asked ------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def asked(path: Path, pick: int) -> Iterator[list[tuple[Target, Why, Why]]]:
    """Some rows, and what is said of each: with a trial on a copy, and by the rules alone."""
    answers = []
    with open_database(path) as database:
        for target in targets(database.connection, database.schema_with_text, pick):
            tried = explain_target(database, target)
            ruled = explain_target(database, target, try_it=False)
            answers.append((target, tried, ruled))
    yield answers


def targets(connection: sqlite3.Connection, schema: object, pick: int) -> Iterator[Target]:
    """A few rows from all tables that have some."""
    every = []
    for table in schema.tables:  # type: ignore[attr-defined]
        if table.kind != "table" or not table.row_id or table.unreadable:
            continue
        listed = ", ".join(map(quoted, table.row_id))
        rows = connection.execute(f"SELECT {listed} FROM {quoted(table.name)} LIMIT 30").fetchall()
        every += [(table, tuple(zip(table.row_id, row, strict=True))) for row in rows]
    for place in range(min(MOST_ROWS, len(every))):
        table, row_id = every[(pick + place * 7) % len(every)]
        yield Target(table, row_id, row_id)


def without(case: Case, why: Why) -> Case:
    """The same database without the keys and triggers that are named as what keeps the row."""
    named = [blocker for blocker in why.blockers if DELETE in blocker.blocks]

    def stays(table: str, key: Key) -> bool:
        return not any(
            fold(b.table) == fold(table)
            and b.columns == key_columns(case, table, key)
            and fold(b.parent) == fold(key.parent)
            for b in named
        )

    tables = tuple(replace(t, keys=tuple(k for k in t.keys if stays(t.name, k))) for t in case.tables)
    gone = {b.name for b in named if b.name}
    late = tuple(s for s in case.late if not any(s.startswith(f"CREATE TRIGGER {name} ") for name in gone))
    return replace(case, tables=tables, late=late)


def key_columns(case: Case, table: str, key: Key) -> tuple[str, ...]:
    """The columns of a key as the table spells them."""
    spelled = {fold(c.name): c.name for c in case.table(table).columns}
    return tuple(spelled.get(fold(name), name) for name in key.child_columns)


def differ_in_type(case: Case, child: str, parent: str) -> bool:
    """True if a key of one table may be of another type, or another collation, than what it refers to."""
    columns = [(c.type, c.collation) for table in (case.table(child), case.table(parent)) for c in table.columns]
    return len(set(columns)) > 1


# -- they agree ---------------------------------------------------------------------------------------------------


@MORE
@given(case=cases(nulls=True), pick=st.integers(0, 999))
def test_what_is_possible_which_tables_are_named_and_the_way_out(case: Case, pick: int) -> None:
    with folder() as place:
        path = case.build(place / "x.db")
        with asked(path, pick) as answers:
            if not case.null_in_not_null:  # such rows no script can write again
                the_tables_are_named_and_the_way_out_leads_out(case, path, answers)
            for target, tried, ruled in answers:
                table = quoted(target.table.name)
                row = f"{table} AS c WHERE {target.condition()}"
                delete = [happens(path, f"DELETE FROM {row}", row, enforced) for enforced in (True, False)]
                event(f"deletable: {delete}")
                assert [tried.deletable.enforced, tried.deletable.unenforced] == delete, (target.key, tried.blockers)
                assert tried.deletable.enforced or any(DELETE in b.blocks for b in tried.blockers)
                if ruled.deletable.enforced is not None:
                    event(f"certain by the rules: {ruled.deletable.enforced}")
                    assert [ruled.deletable.enforced, ruled.deletable.unenforced] == delete, (
                        target.key,
                        ruled.blockers,
                    )
                barred = {c.column: (c.enforced, c.unenforced) for c in tried.columns}
                for column in target.table.columns:
                    if column.generated:
                        continue
                    name = quoted(column.name)
                    update = f"UPDATE {table} AS c SET {name} = {name} WHERE {target.condition()}"
                    real = tuple(happens(path, update, row, enforced) for enforced in (True, False))
                    assert barred.get(column.name, (True, True)) == real, (target.key, column.name)
                    if ruled.editable.enforced is not None:
                        rules = {c.column: (c.enforced, c.unenforced) for c in ruled.columns}
                        assert rules.get(column.name, (True, True)) == real, (target.key, column.name)


def the_tables_are_named_and_the_way_out_leads_out(
    case: Case, path: Path, answers: list[tuple[Target, Why, Why]]
) -> None:
    for target, why, _ in answers:
        the_way_out_leads_out(case, path, target, why)
        real, looked_at = referring(path, case, target)
        own = target.table.name
        named = {r.foreign_key.child for r in why.references if r.count} & looked_at
        assert named - {own} >= real - {own}, target.key
        # what a delete takes for a child need not be one where the types differ: see `child_match`
        assert {n for n in named - real - {own} if not differ_in_type(case, n, own)} == set(), target.key
        if why.deletable.enforced is False:
            take_away(case, path.parent, target, why)


def take_away(case: Case, place: Path, target: Target, why: Why) -> None:
    """Without all that is named the delete succeeds; or what it hid is named, and so on until it does."""
    for depth in range(9):
        if not all(b.columns or b.name for b in why.blockers if DELETE in b.blocks):
            event("no more than SQLite's own words")
            return
        before, case = case, without(case, why)
        assert case != before, why.blockers
        path = case.build(place / f"{len(list(place.iterdir()))}.db")
        row = f"{quoted(target.table.name)} AS c WHERE {target.condition()}"
        real = happens(path, f"DELETE FROM {row}", row, True)
        with open_database(path) as database:
            table = database.schema_with_text.table(target.table.name)
            assert table is not None
            why = explain_target(database, replace(target, table=table))
        assert why.deletable.enforced is real
        if real:
            event(f"blocked {depth + 1} deep")
            return
    raise AssertionError("it never ends")


def the_way_out_leads_out(case: Case, path: Path, target: Target, why: Why) -> None:
    if not why.script:
        event("no script")
        return
    event(f"script of {len(why.script)}")
    with copy_of(path) as copy:
        before = {table.name: violations(copy, table.name) for table in case.tables}
        for _ in range(2):  # the second time there is nothing left to do
            changes = copy.total_changes
            for statement in why.script:
                copy.execute(statement)
        if not case.late:
            rows = why.plan.fixes if why.plan else ()
            assert sum(fix.rows for fix in rows) >= 1 and copy.total_changes >= changes
        row = f"{quoted(target.table.name)} AS c WHERE {target.condition()}"
        assert copy.execute(f"SELECT count(*) FROM {row}").fetchone()[0] == 0
        for table in case.tables:
            was, now = before[table.name], violations(copy, table.name)
            assert all((was or {}).get(n, 0) >= count for n, count in (now or {}).items()), table.name


@SLOW
@given(case=cases(with_triggers=False), pick=st.integers(0, 999))
def test_the_rows_of_a_table_that_are_kept(case: Case, pick: int) -> None:
    with folder() as place:
        path = case.build(place / "x.db")
        with open_database(path) as opened:
            schema = opened.schema_with_text
            tables = [t for t in schema.tables if t.kind == "table" and t.row_id and not t.unreadable]
            table = tables[pick % len(tables)]
            with explain_table(opened, table.name) as blocked:
                why: WhyTable = blocked.explain()
                kept = {row.key for group, row in blocked.rows() if group.blocks == DELETE}
            if why.notes or any(not group.certain for group in why.groups):
                return
            key = table.known_by
            columns = ", ".join(map(quoted, (*table.row_id, *key)))
            rows = opened.connection.execute(f"SELECT {columns} FROM {quoted(table.name)} LIMIT 12").fetchall()
        whole = any(group.whole for group in why.groups)
        for row in rows:
            target = Target(table, (), tuple(zip(table.row_id, row[: len(table.row_id)], strict=True)))
            text = f"{quoted(table.name)} AS c WHERE {target.condition()}"
            listed = tuple(zip(key, row[len(table.row_id) :], strict=True))
            real = happens(path, f"DELETE FROM {text}", text, True)
            event(f"kept: {not real}")
            assert (whole or listed in kept) == (not real), listed
