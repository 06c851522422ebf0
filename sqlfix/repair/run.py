"""Carrying a plan out: backup, one transaction, verified before it is committed, else given back whole."""

import json
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

from sqlfix.errors import RolledBack
from sqlfix.frozen import frozen
from sqlfix.model.plans import Expectation, Fix, Plan
from sqlfix.model.schema import ForeignKey, Schema
from sqlfix.model.values import folded
from sqlfix.plan.apply import Applied, FixFailed, Remaining, apply_fixes, carried, orphans_left, table_sizes
from sqlfix.repair import backup, differences
from sqlfix.repair.adopted import leave_the_adopted, note_orphans
from sqlfix.repair.archive import Archive, Rows, Watch, must_compare, to_archive
from sqlfix.repair.change import USUAL, Change, ChangeOptions, begin_to_write, changing, commit
from sqlfix.repair.matching import note_alike
from sqlfix.repair.record import told_of_parked
from sqlfix.schema.catalogue import read_schema
from sqlfix.schema.database import open_database
from sqlfix.sql.literals import quote
from sqlfix.sql.predicates import orphan
from sqlfix.sqlite.deadline import limited
from sqlfix.sqlite.failures import error_name
from sqlfix.sqlite.files import temporary_folder
from sqlfix.text import address, typed_address

AGAIN = "nothing was changed; run it again"
WRITTEN_SINCE = "another program has written to the file since the plan was made: run it again"
WHOLE_FILE = ("SQLITE_BUSY", "SQLITE_CANTOPEN", "SQLITE_CORRUPT", "SQLITE_FULL", "SQLITE_IOERR", "SQLITE_READONLY")
"""Errors that are no matter of the one fix that met them first."""


def repair(path: Path, plan: Plan, options: ChangeOptions = USUAL) -> Plan:
    """Carry out a plan and give it back as applied.

    All that the plan promised is looked at again inside the transaction, before anything is committed.

    Raises:
        SqlfixError: and nothing was changed.
    """
    begin(path, options.timeout)
    with changing(path, options) as change:
        stamp, schema = change.stamp(), require_same_schema(change, plan.schema)
        made = change.back_up(schema)
        if made.path is None:
            backup.require_sound(change.connection, change.path)
        with made.summed() as backed_up:
            for statement in plan.prepares:
                change.connection.execute(statement)
            plan = replace(plan, schema=read_schema(change.connection)) if plan.prepares else plan
            try:
                archive = _run(change, plan, made.path, stamp)
            except FixFailed as failed:
                if error_name(failed.error).startswith(WHOLE_FILE):
                    raise failed.error from failed
                keep = typed_address(failed.fix.table, failed.fix.columns, "=keep")
                problem = f"{failed.fix.name} on {failed.fix.table} failed ({failed})"
                raise _rolled_back(problem, f"leave it out with --set {keep}") from failed
            done = json.dumps([[fix.name, *fix.subject, fix.rows] for fix in plan.fixes])
            about = {"kind": "repair", **told_of_parked(plan), "plan": done}
            made = backed_up()
        script = (*plan.prepares, *(statement for fix in plan.fixes for statement in fix.statements))
        change.commit(archive, about, script, made, lambda: commit(change.connection))
    backed = str(made.path) if made.path else None
    return replace(plan, applied=True, backup=backed, unverified=made.unverified, record=str(change.record_to))


def begin(path: Path, timeout: float) -> None:
    """Begin a job that writes: raise SqlfixError where it is known already that it could not be done.

    A damaged file that has a WAL is refused before it is opened to write. Afterwards it is too late to leave it as it
    was: SQLite folds the WAL into the file when the last connection that may write is closed.
    """
    begin_to_write(path)
    wal = path.resolve().with_name(path.resolve().name + "-wal")
    if wal.exists() and wal.stat().st_size:
        require_repairable(path.resolve(), timeout)


def require_same_schema(change: Change, planned: Schema | None) -> Schema:
    """The schema of a file that is locked; raise RolledBack where it is not the one that a plan was made for."""
    schema = read_schema(change.connection)
    if schema != planned:
        raise RolledBack("the schema has changed since the plan was made", AGAIN)
    return schema


def require_repairable(path: Path, timeout: float) -> None:
    """Raise Malformed for a file that no repair would be made of since its structure is damaged; it is only read."""
    with open_database(path, timeout) as database:
        backup.require_sound(database.connection, path)


def _run(change: Change, plan: Plan, made: Path | None, stamp: str | None) -> Archive:
    """Apply the fixes while the archive is gathered, and verify what they did.

    Args:
        made: the backup.
        stamp: that of the file before.
    """
    assert plan.schema is not None
    connection, schema = change.connection, plan.schema
    tables = to_archive(connection, schema, plan)
    compared = must_compare(schema, plan, tables)
    wanted = to_verify(plan, compared, stamp)
    archive = Archive(connection, schema, tables).prepare()
    watch = None if compared else Watch(archive)
    before_file = (made or _copy_before(change)) if compared else None
    tell = change.options.watcher.fix

    def begin(place: int, fix: Fix) -> None:
        if watch:
            watch.turn_to(fix)
        if tell:
            tell(place, fix)

    adopted = note_orphans(connection, schema, plan)
    before = table_sizes(connection, schema) if plan.rehearsed else {}
    statements = len(plan.fixes) + len(wanted.whole)
    rows = sum(before.values()) + carried(plan.fixes)
    with limited(rows, connection, statements=statements) if plan.rehearsed else nullcontext():
        applied = apply_fixes(connection, plan.fixes, wanted.whole, begin)
    if watch:
        watch.stop()
    if before_file:
        archive = differences.compare(archive, before_file)
    verify(archive, wanted, applied)
    if plan.rehearsed:
        verify_sizes(archive, plan, before)
    note_alike(archive)
    leave_the_adopted(connection, schema, adopted)
    return replace(archive, adopted=adopted)


def _copy_before(change: Change) -> Path:
    """A private copy of the state before: without a backup there is none to compare with."""
    target = change.stack.enter_context(temporary_folder()) / "before.db"
    target.touch(mode=0o600)
    backup.copy_database(change.path, target)
    return target


# -- what a repair did, verified inside its transaction against what its plan promised -----------------------------


@frozen
class ToVerify:
    """How each expectation of a plan is verified: by the rows that were ``changed``, or by a look at ``whole`` tables.

    ``compared``: no trigger of our own takes part; where those of the file do, the changes are those of the rehearsal.
    Else each row is seen once more by a trigger of our own.
    """

    plan: Plan
    compared: bool
    changed: tuple[Expectation, ...] = ()

    @property
    def whole(self) -> tuple[Expectation, ...]:
        """The expectations for which all rows of both tables are looked at."""
        changed = {e.foreign_key.subject for e in self.changed}
        return tuple(e for e in self.plan.expectations if e.foreign_key.subject not in changed)


def to_verify(plan: Plan, compared: bool, stamp: str | None) -> ToVerify:
    """How a plan is to be verified.

    By the rows that were changed where nobody has written to the file since the plan was made: then the number of
    orphans that the scan found is that before the change. Our own trigger gathers each row that is changed,
    and the number of changes that SQLite counts proves that there was no other one; see `told_by_changes` for what
    follows from that.

    Args:
        stamp: that of the file, which is locked.
    """
    assert plan.schema is not None
    same = plan.scanned is not None and plan.scanned == stamp
    return ToVerify(plan, compared, told_by_changes(plan.schema, plan) if same and not compared else ())


def verify(archive: Archive, wanted: ToVerify, applied: Applied) -> None:
    """Raise RolledBack if anything is not as it was planned."""
    plan, rows_changed = wanted.plan, sum(applied.rows)
    for fix, rows in zip(plan.fixes, applied.rows, strict=True):
        if rows != fix.rows:
            raise _rolled_back(f"{fix.name} on {fix.table} met {rows:,} rows, but {fix.rows:,} were planned")
    planned = rows_changed if plan.changes is None else plan.changes
    if applied.changes != (planned if wanted.compared else 2 * rows_changed):
        raise _rolled_back("something other than the plan changed rows", AGAIN)
    for expectation in wanted.changed:
        _require(expectation, by_changes(archive, expectation))
    left = orphans_left(archive.connection, archive.schema, wanted.whole) if wanted.whole else ()
    for expectation, remaining in zip(wanted.whole, left, strict=True):
        _require(expectation, remaining)


def _rolled_back(problem: str, hint: str = WRITTEN_SINCE) -> RolledBack:
    return RolledBack(f"{problem}; everything was rolled back", hint)


def _require(expectation: Expectation, remaining: Remaining) -> None:
    fk = expectation.foreign_key
    where = address(fk.child, fk.child_columns)
    if remaining.broken:
        lost = "1 row" if remaining.broken == 1 else f"{remaining.broken:,} rows"
        raise _rolled_back(f"{where}: {lost} lost the parent in {fk.parent}")
    if remaining.orphans != expectation.remaining:
        raise _rolled_back(f"{where} has {remaining.orphans:,} orphans, but {expectation.remaining:,} were expected")


def by_changes(archive: Archive, expectation: Expectation) -> Remaining:
    """How many orphans a relationship has now, by the rows of its child that changed."""
    fk, was = expectation.foreign_key, expectation.was
    assert was is not None
    changed = next((archive.rows(a) for a in archive.tables if folded(a.table) == folded(fk.child)), None)
    if changed is None:
        return Remaining(was)
    is_orphan, run = orphan(archive.schema, fk), archive.connection.execute
    gone, now = (f"(SELECT {is_orphan} FROM (SELECT {_key(changed, fk, side)}) AS c)" for side in ("old", "new"))
    pairs = f"SELECT n, {gone} AS gone, {now} AS now FROM {_pairs_of_keys(changed, fk)} LIMIT -1"
    told = "total(n) FILTER (WHERE gone), total(n) FILTER (WHERE now), total(n) FILTER (WHERE now AND NOT gone)"
    less, more, broken = map(int, run(f"SELECT {told} FROM ({pairs})").fetchone())
    deletions = f"(SELECT {_key(changed, fk, 'old')} FROM {changed.source} WHERE what = 'delete') AS c"
    (deleted,) = run(f"SELECT count(*) FROM {deletions} WHERE {is_orphan}").fetchone()
    return Remaining(was - less - deleted + more, broken)


def _key(changed: Rows, fk: ForeignKey, side: str) -> str:
    """The key of a row of the archive as it was, or as it became, in the columns of the child."""
    column = changed.old if side == "old" else changed.new
    return ", ".join(f"{column(name)} AS {quote(name)}" for name in dict.fromkeys(fk.child_columns))


def _pairs_of_keys(changed: Rows, fk: ForeignKey) -> str:
    """A FROM clause for the keys of updated rows, each as it was and as it became, once; ``n`` rows have it.

    Whether a row is an orphan depends on nothing but its key, as it is stored: so a parent is looked up for each pair,
    and not for each row. The keys of deleted rows are mostly different ones.
    """
    names = dict.fromkeys(fk.child_columns)
    columns = [column(name) for column in (changed.old, changed.new) for name in names]
    by_value = ", ".join(f"{column} COLLATE BINARY, typeof({column})" for column in columns)
    listed = ", ".join(columns)
    return f"(SELECT {listed}, count(*) AS n FROM {changed.source} WHERE what = 'update' GROUP BY {by_value}) AS r"


def verify_sizes(archive: Archive, plan: Plan, before: Mapping[str, int]) -> None:
    """With triggers at work, every table of the file has the number of rows that it had on the copy.

    Raises:
        RolledBack: if one has not.
    """
    expected = dict(before)
    for total in plan.totals:
        expected[total.table] += total.by_triggers + total.added - total.deleted
    for name, rows in table_sizes(archive.connection, archive.schema).items():
        if rows != expected[name]:
            raise _rolled_back(f"{name} has {rows:,} rows, but {expected[name]:,} were expected (a trigger?)", AGAIN)


# -- for which relationships the rows that are changed are all that has to be looked at ---------------------------


def told_by_changes(schema: Schema, plan: Plan) -> tuple[Expectation, ...]:
    """The expectations of a plan that can be verified by the rows that it changed, if it changed no others.

    Whether a row of the child is an orphan depends on its own key, and on which keys the parents have. Where no step
    deletes, adds or rekeys a parent, the keys of the parents stay. So a row that stays as it was stays what it was, and
    the number of orphans afterwards is what it was before, less the changed rows that were orphans, and the changed
    rows that are some now. All of these are looked up among the parents as they are afterwards, which are the same as
    before.

    None can be where a trigger may change further rows, where rows are added, or where REINDEX may show what a damaged
    index hid.
    """
    changed = {folded(total.table) for total in plan.totals} | {folded(fix.table) for fix in plan.fixes}
    triggers = any(table.triggers for table in schema.tables if folded(table.name) in changed)
    if triggers or any(fix.kind not in ("delete", "update") for fix in plan.fixes) or any(t.added for t in plan.totals):
        return ()
    return tuple(e for e in plan.expectations if e.was is not None and _keeps_parents(schema, plan, e.foreign_key))


def _keeps_parents(schema: Schema, plan: Plan, fk: ForeignKey) -> bool:
    """True if the parents of a relationship have the same keys after a plan, and none of its columns is computed."""
    child, parent = schema.table(fk.child), schema.table(fk.parent)
    if fk.fault or child is None or parent is None:
        return False
    ends = [*map(child.column, fk.child_columns), *map(parent.column, fk.parent_columns)]
    if any(column is None or column.generated for column in ends):
        return False
    key = {folded(name) for name in fk.parent_columns}
    steps = [fix for fix in plan.fixes if folded(fix.table) == folded(fk.parent)]
    return all(fix.kind == "update" and key.isdisjoint(map(folded, fix.written)) for fix in steps)
