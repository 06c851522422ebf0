"""Carrying a plan out: backup, one transaction, verified before it is committed, else given back whole."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from sqlfix import backup
from sqlfix.apply import Applied, FixFailed, apply_fixes, orphans_left, table_sizes
from sqlfix.database import explain, writing
from sqlfix.errors import RolledBack, SqlfixError
from sqlfix.model import Fix, Plan, Schema
from sqlfix.schema import read_schema

AGAIN = "nothing was changed; run it again"
WHOLE_FILE = ("SQLITE_BUSY", "SQLITE_CANTOPEN", "SQLITE_CORRUPT", "SQLITE_FULL", "SQLITE_IOERR", "SQLITE_READONLY")
"""Errors that are no matter of the one fix that met them first."""


@dataclass(frozen=True, slots=True)
class Watcher:
    """Whom to tell of the progress: of the backup's pages, of the fixes, and ten times a second while SQLite works."""

    backup: backup.Progress | None = None
    fix: Callable[[int, Fix], object] | None = None
    sign: Callable[[], object] | None = None


def repair(
    path: Path, schema: Schema, plan: Plan, backup_to: Path | None, timeout: float = 5.0, watcher: Watcher | None = None
) -> Plan:
    """Carry out a plan and give it back as applied.

    The write lock is taken first, so that the backup is of the very state that is repaired, and nobody can write in
    between. All that the plan promised is then looked at again inside the transaction.

    Args:
        backup_to: where the verified backup goes, or None to make none.
        timeout: seconds to wait for another program's lock.

    Raises:
        SqlfixError: and nothing was changed.
    """
    watcher = watcher or Watcher()
    path = path.resolve()
    if not os.access(path, os.W_OK):  # SQLite would notice only at the first change, after the backup
        raise SqlfixError(f"no permission to write {path}", "nothing was changed; check the permissions of the file")
    with writing(path, timeout, watcher.sign) as connection:
        try:
            if read_schema(connection) != schema:
                raise RolledBack("the schema has changed since the plan was made", AGAIN)
            made = None
            if backup_to is not None:
                made = backup.make_backup(path, backup_to, schema, watcher.backup)
            else:
                backup.require_sound(connection, path)
            before = table_sizes(connection, schema) if plan.rehearsed else {}
            applied = apply_fixes(connection, plan.fixes, watcher.fix)
            _verify(connection, schema, plan, applied)
            if plan.rehearsed:
                _verify_sizes(connection, schema, plan, dict(before))
            _commit(connection)
        except FixFailed as failed:
            if (getattr(failed.error, "sqlite_errorname", None) or "").startswith(WHOLE_FILE):
                raise explain(path, failed.error) from failed
            raise RolledBack(
                f"{failed.fix.name} on {failed.fix.table} failed ({failed}); all was taken back",
                f"leave it out with --set {failed.fix.table}.{','.join(failed.fix.columns)}=keep",
            ) from failed
        except sqlite3.Error as error:
            raise explain(path, error) from error
    return replace(plan, applied=True, backup=str(made) if made else None)


def _commit(connection: sqlite3.Connection) -> None:
    """Commit; a Ctrl-C that comes too late to stop it is not taken for one that did."""
    try:
        connection.execute("COMMIT")
    except KeyboardInterrupt:
        if connection.in_transaction:
            raise


def _verify(connection: sqlite3.Connection, schema: Schema, plan: Plan, applied: Applied) -> None:
    for fix, rows in zip(plan.fixes, applied.rows, strict=True):
        if rows != fix.rows:
            raise RolledBack(
                f"{fix.name} on {fix.table} met {rows:,} rows where {fix.rows:,} were planned; all was taken back",
                "another program has written to the file since the plan was made: run it again",
            )
    if applied.by_triggers and not plan.rehearsed:
        raise RolledBack("something other than the plan changed rows; all was taken back", AGAIN)
    for expectation, remaining in zip(plan.expectations, orphans_left(connection, plan.expectations), strict=True):
        if remaining != expectation.remaining:
            fk = expectation.foreign_key
            raise RolledBack(
                f"{fk.child}.{','.join(fk.child_columns)} has {remaining:,} orphans where {expectation.remaining:,}"
                " were expected; all was taken back",
                "another program has written to the file since the plan was made: run it again",
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
