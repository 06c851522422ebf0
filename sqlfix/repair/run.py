"""Carrying a plan out: backup, one transaction, verified before it is committed, else given back whole."""

from __future__ import annotations

import json
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

from sqlfix.errors import RolledBack, SqlfixError
from sqlfix.model.plans import Fix, Plan
from sqlfix.model.schema import Schema
from sqlfix.plan.apply import FixFailed, apply_fixes, carried, table_sizes
from sqlfix.repair import backup, differences
from sqlfix.repair.adopted import leave_the_adopted, note_orphans
from sqlfix.repair.archive import Archive, Watch, must_compare, to_archive
from sqlfix.repair.change import USUAL, Change, ChangeOptions, begin_to_write, changing, commit
from sqlfix.repair.matching import note_alike
from sqlfix.repair.record import told_of_parked
from sqlfix.repair.verification import AGAIN, to_verify, verify, verify_sizes
from sqlfix.schema.catalogue import read_schema
from sqlfix.schema.database import open_database
from sqlfix.sqlite.deadline import limited
from sqlfix.sqlite.failures import error_name, explain
from sqlfix.sqlite.files import temporary_folder
from sqlfix.text import address

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
                raise _explain_failure(change.path, failed) from failed
            done = json.dumps([[fix.name, *fix.subject, fix.rows] for fix in plan.fixes])
            about = {"kind": "repair", **told_of_parked(plan), "plan": done}
            made = backed_up()
        script = (*plan.prepares, *(statement for fix in plan.fixes for statement in fix.statements))
        change.commit(archive, about, script, made, lambda: commit(change.connection))
    backed = str(made.path) if made.path else None
    return replace(plan, applied=True, backup=backed, unverified=made.unverified, record=str(change.record_to))


def begin(path: Path, timeout: float) -> None:
    """Begin a job that writes: raise SqlfixError where it is known already that it could not be done."""
    begin_to_write(path)
    _look_first(path.resolve(), timeout)


def require_same_schema(change: Change, planned: Schema | None) -> Schema:
    """The schema of a file that is locked; raise RolledBack where it is not the one that a plan was made for."""
    schema = read_schema(change.connection)
    if schema != planned:
        raise RolledBack("the schema has changed since the plan was made", AGAIN)
    return schema


def _look_first(path: Path, timeout: float) -> None:
    """Refuse a damaged file that has a WAL before it is opened to write.

    Afterwards it is too late to leave it as it was: SQLite folds the WAL into the file when the last connection that
    may write is closed.
    """
    wal = path.with_name(path.name + "-wal")
    if wal.exists() and wal.stat().st_size:
        require_repairable(path, timeout)


def require_repairable(path: Path, timeout: float) -> None:
    """Raise Malformed for a file that no repair would be made of since its structure is damaged; it is only read."""
    with open_database(path, timeout) as database:
        backup.require_sound(database.connection, path)


def _explain_failure(path: Path, failed: FixFailed) -> SqlfixError:
    if error_name(failed.error).startswith(WHOLE_FILE):
        return explain(path, failed.error)
    return RolledBack(
        f"{failed.fix.name} on {failed.fix.table} failed ({failed}); everything was rolled back",
        f"leave it out with --set {address(failed.fix.table, failed.fix.columns)}=keep",
    )


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
