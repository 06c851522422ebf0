"""Carrying a plan out: backup, one transaction, verified before it is committed, else given back whole."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from sqlfix.errors import RolledBack, SqlfixError
from sqlfix.model.plans import Fix, Plan
from sqlfix.model.schema import Schema
from sqlfix.plan.apply import Applied, FixFailed, apply_fixes, orphans_left, table_sizes
from sqlfix.repair import archive, backup, differences
from sqlfix.repair.alike import note_alike
from sqlfix.repair.record import content_sum, file_sum, finish, new_record
from sqlfix.schema.catalogue import read_schema
from sqlfix.schema.database import open_database
from sqlfix.sqlite import interrupts
from sqlfix.sqlite.connect import data_version
from sqlfix.sqlite.deadline import limited
from sqlfix.sqlite.failures import explain
from sqlfix.sqlite.files import temporary_folder
from sqlfix.sqlite.odd_files import require_database
from sqlfix.sqlite.transaction import writing
from sqlfix.text import address

AGAIN = "nothing was changed; run it again"
WRITTEN_SINCE = "another program has written to the file since the plan was made: run it again"
WHOLE_FILE = ("SQLITE_BUSY", "SQLITE_CANTOPEN", "SQLITE_CORRUPT", "SQLITE_FULL", "SQLITE_IOERR", "SQLITE_READONLY")
"""Errors that are no matter of the one fix that met them first."""


@dataclass(frozen=True, slots=True)
class Watcher:
    """Whom to tell of the progress: of the backup's pages, of the fixes, and ten times a second while SQLite works."""

    backup: backup.Progress | None = None
    fix: Callable[[int, Fix], object] | None = None
    sign: Callable[[], object] | None = None


def repair(
    path: Path,
    schema: Schema,
    plan: Plan,
    backup_to: Path | None,
    record_to: Path,
    timeout: float = 5.0,
    watcher: Watcher | None = None,
) -> Plan:
    """Carry out a plan and give it back as applied.

    The write lock is taken first, so that the backup is of the very state that is repaired, and nobody can write in
    between. All that the plan promised is then looked at again inside the transaction. The record is on the disk
    before the transaction is committed.

    Args:
        backup_to: where the verified backup goes, or None to make none.
        record_to: where the record goes.
        timeout: seconds to wait for another program's lock.

    Raises:
        SqlfixError: and nothing was changed.
    """
    interrupts.begin()
    watcher = watcher or Watcher()
    path = path.resolve()
    if not os.access(path, os.W_OK):  # SQLite would notice only at the first change, after the backup
        raise SqlfixError(f"no permission to write {path}", "nothing was changed; check the permissions of the file")
    _look_first(path, timeout)
    with ExitStack() as stack:
        require_database(path)
        raw = stack.enter_context(path.open("rb", buffering=0))  # a buffer would show what stood there before
        connection = stack.enter_context(writing(path, timeout, watcher.sign))
        try:
            if read_schema(connection) != schema:
                raise RolledBack("the schema has changed since the plan was made", AGAIN)
            made: Path | None = None
            unverified: tuple[backup.Unverified, ...] = ()
            if backup_to is not None:
                made, unverified = backup.make_backup(path, backup_to, schema, watcher.backup)
            else:
                backup.require_sound(connection, path)
            before = content_sum(raw, path)  # of the file and its WAL: nobody else can write now
            archived = _run(stack, connection, path, schema, plan, made, watcher)
            about = _about(plan, made, before)
            script = tuple(statement for fix in plan.fixes for statement in fix.statements)
            version = data_version(connection)
            with ExitStack() as late:
                with new_record(connection, schema, archived, path, record_to, about, script):
                    late.enter_context(interrupts.held())
                    commit(connection)
                finish(record_to, sum_after(connection, raw, path, version))
        except FixFailed as failed:
            raise _explain_failure(path, failed) from failed
        except sqlite3.Error as error:
            raise explain(path, error) from error
    backed = str(made) if made else None
    return replace(plan, applied=True, backup=backed, unverified=unverified, record=str(record_to))


def _about(plan: Plan, made: Path | None, before: str) -> dict[str, str | None]:
    """What the record says of a repair, beside its rows."""
    return {
        "kind": "repair",
        "before": before,
        "backup": str(made.resolve()) if made else None,
        "backup_sum": file_sum(made) if made else None,
        "plan": json.dumps([[fix.name, *fix.subject, fix.rows] for fix in plan.fixes]),
    }


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
    if (getattr(failed.error, "sqlite_errorname", None) or "").startswith(WHOLE_FILE):
        return explain(path, failed.error)
    return RolledBack(
        f"{failed.fix.name} on {failed.fix.table} failed ({failed}); all was taken back",
        f"leave it out with --set {address(failed.fix.table, failed.fix.columns)}=keep",
    )


def _run(
    stack: ExitStack,
    connection: sqlite3.Connection,
    path: Path,
    schema: Schema,
    plan: Plan,
    made: Path | None,
    watcher: Watcher,
) -> tuple[archive.Archived, ...]:
    """Apply the fixes while the archive is gathered, and verify what they did."""
    tables = archive.to_archive(connection, schema, plan)
    compared = archive.must_compare(schema, plan, tables)
    archive.prepare(connection, schema, tables)
    watch = None if compared else archive.Watch(connection, schema, tables)
    before_file = (made or _copy_before(stack, path)) if compared else None

    def begin(place: int, fix: Fix) -> None:
        if watch:
            watch.turn_to(fix)
        if watcher.fix:
            watcher.fix(place, fix)

    before = table_sizes(connection, schema) if plan.rehearsed else {}
    statements = len(plan.fixes) + len(plan.expectations)
    with limited(sum(before.values()), connection, statements=statements) if plan.rehearsed else nullcontext():
        applied = apply_fixes(connection, plan.fixes, plan.expectations, begin)
    if watch:
        watch.stop()
    if before_file:
        tables = differences.compare(connection, schema, tables, before_file)
    _verify(connection, schema, plan, applied, compared)
    if plan.rehearsed:
        _verify_sizes(connection, schema, plan, dict(before))
    note_alike(connection, schema, tables)
    return tables


def _copy_before(stack: ExitStack, path: Path) -> Path:
    """A private copy of the state before: without a backup there is none to compare with."""
    target = stack.enter_context(temporary_folder()) / "before.db"
    target.touch(mode=0o600)
    backup.copy_database(path, target)
    return target


def sum_after(connection: sqlite3.Connection, raw: BinaryIO, path: Path, version: int) -> str | None:
    """The content sum of the file as a commit has just left it; None if somebody has written to it since.

    Args:
        raw: the file, opened before the connection.
        version: its data version inside the transaction that was committed.
    """
    try:
        if connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal":
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("BEGIN IMMEDIATE")
        try:
            return content_sum(raw, path) if data_version(connection) == version else None
        finally:
            connection.execute("ROLLBACK")
    except (sqlite3.Error, OSError):
        return None


def commit(connection: sqlite3.Connection) -> None:
    """Commit; from then on a Ctrl-C comes too late, and is not taken for one that stopped it."""
    connection.execute("COMMIT")
    interrupts.note_commit()


def _verify(connection: sqlite3.Connection, schema: Schema, plan: Plan, applied: Applied, compared: bool) -> None:
    """Raise RolledBack if anything is not as it was planned.

    Args:
        compared: no trigger of our own takes part; where those of the file do, the changes are those of the rehearsal.
            Else each row is seen once more by a trigger of our own.
    """
    rows_changed = sum(applied.rows)
    for fix, rows in zip(plan.fixes, applied.rows, strict=True):
        if rows != fix.rows:
            raise RolledBack(
                f"{fix.name} on {fix.table} met {rows:,} rows where {fix.rows:,} were planned; all was taken back",
                WRITTEN_SINCE,
            )
    planned = rows_changed if plan.changes is None else plan.changes
    if applied.changes != (planned if compared else 2 * rows_changed):
        raise RolledBack("something other than the plan changed rows; all was taken back", AGAIN)
    left = orphans_left(connection, schema, plan.expectations)
    for expectation, remaining in zip(plan.expectations, left, strict=True):
        fk = expectation.foreign_key
        where = address(fk.child, fk.child_columns)
        if remaining.broken:
            lost = "1 row" if remaining.broken == 1 else f"{remaining.broken:,} rows"
            raise RolledBack(f"{where}: {lost} lost the parent in {fk.parent}; all was taken back", WRITTEN_SINCE)
        if remaining.orphans != expectation.remaining:
            raise RolledBack(
                f"{where} has {remaining.orphans:,} orphans where {expectation.remaining:,} were expected;"
                " all was taken back",
                WRITTEN_SINCE,
            )


def _verify_sizes(connection: sqlite3.Connection, schema: Schema, plan: Plan, before: dict[str, int]) -> None:
    """With triggers at work, every table of the file has the number of rows that it had on the copy."""
    expected = dict(before)
    for total in plan.totals:
        expected[total.table] += total.by_triggers - total.deleted
    for name, rows in table_sizes(connection, schema).items():
        if rows != expected[name]:
            raise RolledBack(
                f"{name} has {rows:,} rows where {expected[name]:,} were expected (a trigger?); all was taken back",
                AGAIN,
            )
