"""What a repair did is verified by the rows that it changed, where these are all that can have changed the figures."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import Case, cases
from support import build, contents, sqlfix

from sqlfix.errors import RolledBack
from sqlfix.model.plans import Change, Expectation, Fix, Plan, TableTotal
from sqlfix.model.schema import Schema
from sqlfix.model.values import Applicability, Loss
from sqlfix.plan.apply import FixFailed, apply_fixes, orphans_left
from sqlfix.plan.rehearsal import expect
from sqlfix.plan.stages import make_plan
from sqlfix.repair import run as repairing
from sqlfix.repair.archive import Archive, Watch, must_compare, to_archive
from sqlfix.repair.change import ChangeOptions
from sqlfix.repair.run import by_changes, repair, to_verify, told_by_changes
from sqlfix.schema.catalogue import read_schema
from sqlfix.schema.database import open_database
from sqlfix.sql.literals import quote
from sqlfix.sql.statements import statement
from tests.laws.test_properties import SLOW, folder

SHOP = """
CREATE TABLE p (code TEXT PRIMARY KEY, boss TEXT REFERENCES p (code));
CREATE TABLE c (id INTEGER PRIMARY KEY, p TEXT NOT NULL REFERENCES p (code) ON DELETE CASCADE);
CREATE TABLE n (id INTEGER PRIMARY KEY, c_id INTEGER REFERENCES c (id) ON DELETE SET NULL, p TEXT REFERENCES p (code));
INSERT INTO p VALUES ('A', NULL), ('B', 'A'), ('C', 'B');
INSERT INTO c VALUES (1, 'a'), (2, 'B'), (3, 'gone'), (4, 'C'), (5, 'a ');
INSERT INTO n VALUES (1, 3, 'A'), (2, 2, 'b'), (3, 4, 'C');
"""
BARE = ChangeOptions(backup=False)


def planned(path: Path) -> Plan:
    with open_database(path) as database:
        plan = make_plan(database)
        return replace(plan, schema=database.schema)


def told(plan: Plan) -> list[str]:
    assert plan.schema is not None
    return sorted(f"{e.foreign_key.child}.{e.foreign_key.child_columns[0]}" for e in told_by_changes(plan.schema, plan))


# -- which relationships -------------------------------------------------------------------------------------------

LINK = "DELETE FROM c WHERE id = 3; DELETE FROM n WHERE id = 1;"
WHICH = [
    pytest.param("", ["c.p", "n.p"], id="the parents of those that lose their parent go"),
    pytest.param(LINK, ["c.p", "n.c_id", "n.p"], id="keys are written that nobody refers to"),
    pytest.param("UPDATE p SET boss = 'b' WHERE code = 'C';" + LINK, ["c.p", "n.c_id", "n.p", "p.boss"], id="a tree"),
    pytest.param("CREATE TRIGGER t AFTER UPDATE ON n BEGIN SELECT 1; END;" + LINK, [], id="a trigger"),
]


@pytest.mark.parametrize(("more", "expected"), WHICH)
def test_what_the_changed_rows_tell(tmp_path: Path, more: str, expected: list[str]) -> None:
    plan = planned(build(tmp_path / "x.db", SHOP + more))
    assert plan.fixes
    assert told(plan) == expected


def test_a_key_of_parents_that_is_written_is_looked_at_as_a_whole(tmp_path: Path) -> None:
    plan = planned(build(tmp_path / "x.db", SHOP + LINK))
    fix = replace(plan.fixes[0], table="p", written=("CODE",), kind="update")
    assert told(replace(plan, fixes=(*plan.fixes, fix))) == ["n.c_id"]
    assert told(replace(plan, fixes=(*plan.fixes, replace(fix, written=("boss",))))) == ["c.p", "n.c_id", "n.p"]
    assert told(replace(plan, fixes=(*plan.fixes, replace(fix, kind="insert")))) == []
    assert told(replace(plan, fixes=(*plan.fixes, replace(fix, kind="reindex")))) == []
    unsure = tuple(replace(e, was=None) for e in plan.expectations)
    assert told(replace(plan, expectations=unsure)) == []


# -- only of the file that was scanned -----------------------------------------------------------------------------


def test_another_file_than_the_one_that_was_scanned_is_looked_at_as_a_whole(tmp_path: Path) -> None:
    path = build(tmp_path / "x.db", SHOP + LINK)
    plan = planned(path)
    assert plan.scanned
    assert len(to_verify(plan, False, plan.scanned).changed) == 3
    assert to_verify(plan, True, plan.scanned).changed == ()
    assert to_verify(plan, False, "another").changed == ()
    assert to_verify(replace(plan, scanned=None), False, None).changed == ()


SINCE = [
    pytest.param("INSERT INTO c VALUES (6, 'elsewhere');", id="an orphan more"),
    pytest.param("DELETE FROM p WHERE code = 'C';", id="a parent less"),
]


@pytest.mark.parametrize("since", SINCE)
def test_what_another_program_did_since_takes_all_back(tmp_path: Path, since: str) -> None:
    path = build(tmp_path / "x.db", SHOP + LINK)
    plan = planned(path)
    before = contents(build(path, since))
    with pytest.raises(RolledBack, match="orphans, but 0 were expected"):
        repair(path, plan, BARE)
    assert contents(path) == before


@pytest.mark.parametrize("mode", ["wal", "delete"])
def test_a_file_in_wal_mode_is_looked_at_as_a_whole(tmp_path: Path, mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A commit leaves the file itself as it was then."""
    path = build(tmp_path / "x.db", f"{SHOP}{LINK} PRAGMA journal_mode = {mode};")
    plan, whole = planned(path), []
    monkeypatch.setattr(repairing, "orphans_left", lambda *asked: whole.extend(asked[2]) or orphans_left(*asked))
    assert (plan.scanned is None) == (mode == "wal")
    repair(path, plan, BARE)
    assert len(whole) == (len(plan.expectations) if mode == "wal" else 0)
    assert sqlfix("undo", path, "--yes").code == 0


# -- what is not as it was planned ---------------------------------------------------------------------------------

SABOTAGE = [
    pytest.param("UPDATE c SET p = 'Z' WHERE id IN (1, 5)", "c.p has 2 orphans", id="a key that nobody has"),
    pytest.param("UPDATE c SET p = 'A' WHERE id IN (1, 2)", "c.p has 1 orphans", id="a row that was sound"),
    pytest.param("UPDATE c SET p = 'z' WHERE id IN (1, 4)", "lost the parent|c.p has 3 orphans", id="a row breaks"),
    pytest.param("DELETE FROM c WHERE id IN (1, 4)", "c.p has 1 orphans", id="a sound row goes"),
    pytest.param("UPDATE p SET code = code || 'x' WHERE code IN ('A', 'C')", "something other", id="parents change"),
]


@pytest.mark.parametrize("scanned", [True, False], ids=["by the changed rows", "as a whole"])
@pytest.mark.parametrize(("instead", "message"), SABOTAGE)
def test_a_step_that_does_something_else_is_taken_back(
    tmp_path: Path, instead: str, message: str, scanned: bool
) -> None:
    path = build(tmp_path / "x.db", SHOP + LINK)
    plan = planned(path)
    before = contents(path)
    kind: Any = "delete" if instead.startswith("DELETE") else "update"
    other = {"statements": (instead,), "kind": kind, "rows": 2}
    fixes = tuple(replace(fix, **other) for fix in plan.fixes if fix.table == "c")
    assert len(fixes) == 1
    with pytest.raises(RolledBack, match=message):
        repair(path, replace(plan, fixes=fixes, scanned=plan.scanned if scanned else None), BARE)
    assert contents(path) == before


# -- the law -------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def changing(path: Path) -> Iterator[sqlite3.Connection]:
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("BEGIN")
        yield connection


@st.composite
def changes(draw: st.DrawFn, schema: Schema) -> Change:
    """A change of some rows of a table: they are deleted, or columns get the values that others have."""
    tables = [table for table in schema.tables if table.kind == "table" and any(not c.generated for c in table.columns)]
    table = draw(st.sampled_from(tables))
    names = [column.name for column in table.columns if not column.generated]
    which = (
        f"{quote(draw(st.sampled_from(names)))} {draw(st.sampled_from(['IS NULL', '> 1', 'IN (2, 3)', 'IS NOT NULL']))}"
    )
    if draw(st.booleans()):
        return Change("delete", table.name, f"c.{which}")
    written = draw(st.lists(st.sampled_from(names), min_size=1, max_size=2, unique=True))
    values = st.sampled_from(["NULL", "1", "2", "'a'", "'A'", "1.0", "'1'", "x'61'", quote(names[0]), quote(names[-1])])
    return Change("update", table.name, f"c.{which}", {name: draw(values) for name in written})


def as_fix(schema: Schema, change: Change) -> Fix:
    of = ("x", change.table, (), None, (), ())
    made = (statement(schema, change),)
    return Fix(*of, 0, Applicability.CHOICE, Loss.ROWS, made, change.kind, written=tuple(change.set))


@SLOW
@given(case=cases(with_triggers=False), data=st.data())
def test_the_changed_rows_tell_what_a_look_at_all_rows_tells(case: Case, data: st.DataObject) -> None:
    with folder() as place:
        path = case.build(place / "x.db")
        with changing(path) as connection:
            schema = read_schema(connection)
            drawn = [data.draw(changes(schema)) for _ in range(data.draw(st.integers(1, 3)))]
            fixes = tuple(as_fix(schema, change) for change in drawn)
            try:
                agree(connection, schema, fixes)
            except (sqlite3.Error, FixFailed):
                return  # a constraint forbids it, or nobody can ask


def agree(connection: sqlite3.Connection, schema: Schema, fixes: tuple[Fix, ...]) -> None:
    sound = {fk.subject: fk for fk in schema.foreign_keys if fk.fault is None}.values()
    counts = [orphans_left(connection, schema, [Expectation(fk, 0, "")])[0].orphans for fk in sound]
    expected = expect(schema, [(fk, n, n) for fk, n in zip(sound, counts, strict=True)], fixes)
    totals = tuple(TableTotal(fix.table, 0, 0, 0) for fix in fixes)
    plan = Plan("x", fixes, (), totals, expected)
    tables = to_archive(connection, schema, plan)
    if must_compare(schema, plan, tables):
        return
    archive = Archive(connection, schema, tables).prepare()
    watch = Watch(archive)
    apply_fixes(connection, fixes, expected, lambda _, fix: watch.turn_to(fix))
    watch.stop()
    by_rows = told_by_changes(schema, plan)
    short = [by_changes(archive, one) for one in by_rows]
    whole = orphans_left(connection, schema, by_rows)
    assert [one.orphans for one in short] == [one.orphans for one in whole]
    for expectation, mine, its in zip(by_rows, short, whole, strict=True):
        keys = set(schema.known_table(expectation.foreign_key.child).row_id)
        if expectation.before and keys and all(keys.isdisjoint(fix.written) for fix in fixes):
            assert mine.broken == its.broken  # else the look at all rows tells them by their values
