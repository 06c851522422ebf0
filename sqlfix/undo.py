"""Taking a repair back: exactly, where the file is as the repair left it; else row by row, leaving the rest alone."""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from sqlfix import archive, backup, signals
from sqlfix.apply import table_sizes
from sqlfix.archive import Archived, keyed, same_row, same_values
from sqlfix.database import (
    attach,
    beside,
    data_version,
    detach,
    explain,
    looking_at,
    reading,
    require_database,
    writing,
)
from sqlfix.errors import Locked, Refused, RolledBack
from sqlfix.model import Row, Schema, Trigger, folded
from sqlfix.record import Record, content_sum, file_sum, finish, new_record, read
from sqlfix.rehearsal import private_copy
from sqlfix.repair import Watcher, commit, sum_after
from sqlfix.schema import read_schema
from sqlfix.sql import in_rows, quote

RECORD = "sqlfix_record"
"""Under this name the record is attached."""
MOST_CONFLICTS = 20
CHANGE_COUNTER = 24
"""Where it stands in the file: https://www.sqlite.org/fileformat2.html, section 1.3."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """A row that cannot be put back as it was, and why."""

    table: str
    row: Row
    reason: str


@dataclass(frozen=True, slots=True)
class Outlook:
    """What an undo would do, or did.

    ``exact``: the file is as the repair left it, so the backup's content comes back as a whole. Otherwise ``rows`` of
    the record are put back one by one; ``conflicts`` are the first of those that were changed again since, and
    ``conflicting`` says how many there are. ``unverified`` are the tables of the backup made before that SQLite could
    not check, each with the reason.
    """

    exact: bool
    rows: int
    conflicting: int = 0
    conflicts: tuple[Conflict, ...] = ()
    unverified: tuple[backup.Unverified, ...] = ()


def look(path: Path, record: Record, timeout: float = 5.0) -> Outlook:
    """What an undo would do, read only."""
    if _whole_backup(record):
        with path.resolve().open("rb") as raw:
            if record.after is not None and content_sum(raw, path.resolve()) == record.after:
                return Outlook(True, record.rows)
    with reading(path, timeout) as opened:
        try:
            schema = read_schema(opened.connection)
            attach(opened.connection, record.path, RECORD)
            outlook = _compare(opened.connection, schema, record)
            if not _may_be_refused(opened.connection, schema, record):
                return outlook
            with private_copy(opened.connection) as copy:
                attach(copy, record.path, RECORD)
                copy.execute("BEGIN")
                return _reverse(copy, schema, record, skip_conflicts=True)
        except sqlite3.Error as error:
            raise explain(path, error) from error


def undo(
    path: Path,
    record: Record,
    backup_to: Path | None,
    record_to: Path,
    skip_conflicts: bool = False,
    timeout: float = 5.0,
    watcher: Watcher | None = None,
) -> Outlook:
    """Take back what a record tells of, and record that in turn.

    Where the file is, byte for byte, as the repair left it, the backup's content comes back through SQLite's backup
    API. Otherwise only the repair's own changes are reversed, in one transaction; a row that was changed again since
    is a conflict.

    Raises:
        Refused: where there are conflicts, unless they are to be skipped; nothing was changed.
        SqlfixError: and nothing was changed.
    """
    signals.begin()
    watcher = watcher or Watcher()
    path = path.resolve()
    with ExitStack() as stack:
        require_database(path)
        raw = stack.enter_context(path.open("rb", buffering=0))  # a buffer would show what stood there before
        connection = stack.enter_context(writing(path, timeout, watcher.sign))
        try:
            schema = read_schema(connection)
            whole_backup = _whole_backup(record)
            exact = whole_backup is not None and record.after == content_sum(raw, path)
            made: Path | None = None
            unverified: tuple[backup.Unverified, ...] = ()
            if backup_to:
                made, unverified = backup.make_backup(path, backup_to, schema, watcher.backup)
            about = {
                "kind": "undo",
                "undoes": record.name,
                "backup": str(made.resolve()) if made else None,
                "backup_sum": file_sum(made) if made else None,
            }
            attach(connection, record.path, RECORD)
            whole = Outlook(True, record.rows)
            outlook = whole if exact else _reverse(connection, schema, record, skip_conflicts)
            tables = _reversed_archive(connection, schema, record, exact)
            version = data_version(connection)
            with ExitStack() as late:
                with new_record(connection, schema, tables, path, record_to, about, ()):
                    late.enter_context(signals.held())
                    if exact and whole_backup is not None:
                        _bring_back(connection, whole_backup, raw, path, timeout)
                    else:
                        commit(connection)
                finish(record_to, sum_after(connection, raw, path, version))
        except sqlite3.Error as error:
            raise explain(path, error) from error
    return replace(outlook, unverified=unverified)


def _whole_backup(record: Record) -> Path | None:
    """The backup, if it is there and is what the repair made."""
    if record.backup is None or record.backup_sum is None:
        return None
    beside_record = record.path.with_name(record.backup.name)  # both may have been moved together
    places = (record.backup, beside_record)
    return next((path for path in places if path.is_file() and file_sum(path) == record.backup_sum), None)


def _bring_back(connection: sqlite3.Connection, whole_backup: Path, raw: BinaryIO, path: Path, timeout: float) -> None:
    """The backup's content into the live file, in one transaction of SQLite's own.

    For that the lock has to be let go for a moment. The first page is copied alone: with it the lock is held again,
    and if somebody has written in between, it is noticed then, and all is taken back.
    """
    until = time.monotonic() + timeout
    with beside(path) as monitor, looking_at(whole_backup) as source:
        in_wal_mode = monitor.execute("PRAGMA journal_mode").fetchone()[0] == "wal"

        def version() -> object:
            # outside WAL mode each commit changes the file's change counter, and no connection can read it now
            raw.seek(CHANGE_COUNTER)
            return data_version(monitor) if in_wal_mode else raw.read(4)

        before = version()
        connection.execute("ROLLBACK")
        detach(connection, RECORD)
        first = True

        def step(status: int, remaining: int, total: int) -> None:
            nonlocal first
            if status == sqlite3.SQLITE_DONE:
                signals.note_commit()
                return
            if signals.pending():
                raise KeyboardInterrupt
            if status in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                if time.monotonic() > until:
                    raise Locked(f"{path} is locked: another program is using it", "close it, then undo once more")
            elif first:
                first = False
                if version() != before:
                    raise RolledBack("another program has just written to the file", "nothing was changed; try again")

        pages = int(source.execute("PRAGMA page_count").fetchone()[0])
        source.backup(connection, pages=1 if pages < 4096 else 256, progress=step, sleep=0.05)


# -- row by row ---------------------------------------------------------------------------------------------------


def _rows(archived: Archived) -> str:
    return f"{RECORD}.{quote(archived.rows)} AS r"


def _key(schema: Schema, archived: Archived, alias: str, prefix: str) -> str:
    return same_row(schema, archived, alias, [f"r.{quote(f'{prefix} {key}')}" for key in archived.row_id])


def _clean(archived: Archived) -> str:
    return f"temp.sqlfix_clean_{archived.number}"


def _refused(archived: Archived) -> str:
    return f"temp.sqlfix_refused_{archived.number}"


def _is_there(schema: Schema, archived: Archived) -> bool:
    """True if the table still has the columns that the record knows, and they still tell its rows apart."""
    table = schema.table(archived.table)
    if archived.table == "sqlite_sequence" or (table is not None and table.kind == "virtual"):
        return True
    # a view or a shadow table is in no record that a repair has made
    return (
        table is not None
        and table.kind == "table"
        and all(table.column(c) or c in table.row_id for c in archived.columns)
        and keyed(schema, archived) is not None
    )


def _may_be_refused(connection: sqlite3.Connection, schema: Schema, record: Record) -> bool:
    """True if SQLite may not let back in a row that is still as it was left: only trying it out can tell."""
    for archived in record.tables:
        table = schema.table(archived.table)
        if table is None or not _is_there(schema, archived):
            continue
        if any(index.unique and not (index.origin == "pk" and table.without_rowid) for index in table.indexes):
            return True
        columns = [c.name for c in table.columns if c.not_null and c.name in archived.columns]
        nulls = " OR ".join(f"typeof(r.{quote(f'old {name}')}) = 'null'" for name in columns)
        rows = f"FROM {_rows(archived)} WHERE r.what <> 'insert'"
        if nulls and connection.execute(f"SELECT 1 {rows} AND ({nulls}) LIMIT 1").fetchone():
            return True
    return False


def _compare(connection: sqlite3.Connection, schema: Schema, record: Record) -> Outlook:
    """Which rows of the record are still as the repair left them: their numbers, in a temporary table each."""
    conflicts: list[Conflict] = []
    total = clean = 0
    for archived in record.tables:
        for name in (_clean(archived), _refused(archived)):
            connection.execute(f"CREATE TEMP TABLE {name.split('.')[1]} (number INTEGER PRIMARY KEY)")
        there = _is_there(schema, archived)
        if there:
            target = f"main.{quote(archived.table)} AS t"
            alike = f"{_key(schema, archived, 't', 'new')} AND {same_values(archived, 't', 'r', '', 'new ')}"
            connection.execute(
                f"INSERT INTO {_clean(archived)} SELECT r.rowid FROM {_rows(archived)} WHERE CASE r.what"
                f" WHEN 'delete' THEN NOT EXISTS (SELECT 1 FROM {target} WHERE {_key(schema, archived, 't', 'old')})"
                f" ELSE EXISTS (SELECT 1 FROM {target} WHERE {alike}) END"
            )
        found, listed = _conflicts(connection, archived, there)
        if archived.table != "sqlite_sequence":
            total += found
            conflicts += listed
            clean += int(connection.execute(f"SELECT count(*) FROM {_clean(archived)}").fetchone()[0])
    if record.state == "prepared" and not clean:
        raise Refused(
            f"the {record.kind} {record.name} was cut off before it was committed: there is nothing to take back",
            "nothing was changed; sqlfix history lists what else there is",
        )
    return Outlook(False, record.rows - total, total, tuple(conflicts[:MOST_CONFLICTS]))


def _conflicts(connection: sqlite3.Connection, archived: Archived, there: bool) -> tuple[int, list[Conflict]]:
    """How many rows are not clean, and the first of them."""
    rest = f"FROM {_rows(archived)} WHERE r.rowid NOT IN (SELECT number FROM {_clean(archived)})"
    found = int(connection.execute(f"SELECT count(*) {rest}").fetchone()[0])
    keys = ", ".join(
        f"CASE r.what WHEN 'delete' THEN r.{quote(f'old {key}')} ELSE r.{quote(f'new {key}')} END"
        for key in archived.row_id
    )
    listed = []
    refused = f"r.rowid IN (SELECT number FROM {_refused(archived)})"
    for what, refuses, *values in connection.execute(f"SELECT r.what, {refused}, {keys} {rest} LIMIT {MOST_CONFLICTS}"):
        reason = "a row with this key is there again" if what == "delete" else "the row was changed or deleted since"
        if refuses:
            reason = "SQLite refuses it: another row has its value in a UNIQUE column, or it breaks a NOT NULL"
        if not there:
            reason = "the table is gone, or has other columns now"
        row = Row(tuple(zip(archived.row_id, values, strict=True)), ())
        listed.append(Conflict(archived.table, row, reason))
    return found, listed


def _reverse(connection: sqlite3.Connection, schema: Schema, record: Record, skip_conflicts: bool) -> Outlook:
    """Put the rows back as they were; rows in conflict stay as they are.

    The file's own triggers stand aside, but for those that keep a search index in step. What OR IGNORE leaves out (a
    value that has come to stand in a UNIQUE column, say) is a conflict too.
    """
    _refuse(_compare(connection, schema, record), skip_conflicts)
    aside = _triggers(schema, record, search=False)
    before = table_sizes(connection, schema) if _triggers(schema, record, search=True) else None
    for trigger in aside:
        connection.execute(f"DROP TRIGGER main.{quote(trigger.name)}")
    connection.execute("PRAGMA ignore_check_constraints = ON")  # a row comes back even if it broke a CHECK before
    for turn in _in_turn(schema, record):
        tables = [archived for archived in turn if _is_there(schema, archived)]
        for deed in (_take_away, _change_back, _put_back):
            for archived in tables:
                deed(connection, schema, archived)
    for trigger in aside:
        connection.execute(trigger.sql)
    for archived in record.tables:
        if _is_there(schema, archived):
            _drop_what_failed(connection, schema, archived)
    outlook = _after(connection, schema, record)
    _refuse(outlook, skip_conflicts)
    if before is not None:
        _require_sizes(connection, schema, record, dict(before))
    return outlook


def _in_turn(schema: Schema, record: Record) -> list[list[Archived]]:
    """The tables first; then the search indexes, which their triggers may have mended already; last the sequence."""
    turns: list[list[Archived]] = [[], [], []]
    for archived in record.tables:
        table = schema.table(archived.table)
        virtual = table is not None and table.kind == "virtual"
        turns[2 if archived.table == "sqlite_sequence" else int(virtual)].append(archived)
    return turns


def _refuse(outlook: Outlook, skip_conflicts: bool) -> None:
    if outlook.conflicting and not skip_conflicts:
        raise Refused(
            f"{outlook.conflicting:,} of the rows were changed again since, so nothing was changed",
            "look at them with --dry-run; --skip-conflicts takes back all but these",
        )


def _triggers(schema: Schema, record: Record, search: bool) -> list[Trigger]:
    """The triggers on the tables of a record that speak of a virtual table (``search``), or that do not."""
    virtual = [folded(table.name) for table in schema.tables if table.kind == "virtual"]
    found = []
    for archived in record.tables:
        table = schema.table(archived.table)
        for trigger in table.triggers if table else ():
            words = set(re.findall(r"\w+", folded(trigger.sql)))
            if any(set(re.findall(r"\w+", name)) <= words for name in virtual) == search:
                found.append(trigger)
    return found


def _has(connection: sqlite3.Connection, archived: Archived, what: str) -> bool:
    """True if there is anything to do: even an INSERT of no rows leaves its trace in sqlite_sequence."""
    return (
        connection.execute(
            f"SELECT 1 FROM {_rows(archived)} WHERE r.what = '{what}'"
            f" AND r.rowid IN (SELECT number FROM {_clean(archived)}) LIMIT 1"
        ).fetchone()
        is not None
    )


def _take_away(connection: sqlite3.Connection, schema: Schema, archived: Archived) -> None:
    if not _has(connection, archived, "insert"):
        return
    table = keyed(schema, archived)
    assert table is not None
    new = ", ".join(f"r.{quote(f'new {key}')}" for key in archived.row_id)
    going = (
        f"SELECT {new} FROM {_rows(archived)} WHERE r.what = 'insert'"
        f" AND r.rowid IN (SELECT number FROM {_clean(archived)})"
    )
    connection.execute(f"DELETE FROM main.{quote(archived.table)} AS t WHERE {in_rows(table, 't', going)}")


def _change_back(connection: sqlite3.Connection, schema: Schema, archived: Archived) -> None:
    if not _has(connection, archived, "update"):
        return
    # a column that is written is held to its NOT NULL, so those that nobody changed are left out
    unlike = ", ".join(f"max(NOT ({_same_value(name)}))" for name in archived.columns)
    differ = connection.execute(f"SELECT {unlike} FROM {_rows(archived)} WHERE r.what = 'update'").fetchone()
    changed = [name for name, differs in zip(archived.columns, differ, strict=True) if differs]
    settings = ", ".join(f"{quote(name)} = r.{quote(f'old {name}')}" for name in changed)
    connection.execute(
        f"UPDATE OR IGNORE main.{quote(archived.table)} AS t SET {settings} FROM {_rows(archived)}"
        f" WHERE r.what = 'update' AND r.rowid IN (SELECT number FROM {_clean(archived)})"
        f" AND {_key(schema, archived, 't', 'new')}"
    )


def _same_value(name: str) -> str:
    old, new = f"r.{quote(f'old {name}')}", f"r.{quote(f'new {name}')}"
    return f"{old} IS {new} AND typeof({old}) = typeof({new})"


def _put_back(connection: sqlite3.Connection, schema: Schema, archived: Archived) -> None:
    if not _has(connection, archived, "delete"):
        return
    columns = ", ".join(quote(name) for name in archived.columns)
    connection.execute(
        f"INSERT OR IGNORE INTO main.{quote(archived.table)} ({columns}) SELECT {archived.old('r')}"
        f" FROM {_rows(archived)} WHERE r.what = 'delete' AND r.rowid IN (SELECT number FROM {_clean(archived)})"
        f" AND NOT EXISTS (SELECT 1 FROM main.{quote(archived.table)} AS t WHERE {_key(schema, archived, 't', 'old')})"
    )


def _drop_what_failed(connection: sqlite3.Connection, schema: Schema, archived: Archived) -> None:
    """Leave in the table of clean rows only those that are now as they were before the repair."""
    target = f"main.{quote(archived.table)} AS t"
    connection.execute(
        f"INSERT INTO {_refused(archived)} SELECT r.rowid FROM {_rows(archived)}"
        f" WHERE r.rowid IN (SELECT number FROM {_clean(archived)}) AND CASE r.what"
        f" WHEN 'insert' THEN EXISTS (SELECT 1 FROM {target} WHERE {_key(schema, archived, 't', 'new')})"
        f" ELSE NOT EXISTS (SELECT 1 FROM {target} WHERE {_key(schema, archived, 't', 'old')}"
        f" AND {same_values(archived, 't', 'r', '', 'old ')}) END"
    )
    connection.execute(f"DELETE FROM {_clean(archived)} WHERE number IN (SELECT number FROM {_refused(archived)})")


def _after(connection: sqlite3.Connection, schema: Schema, record: Record) -> Outlook:
    conflicts: list[Conflict] = []
    total = 0
    for archived in record.tables:
        if archived.table != "sqlite_sequence":
            found, listed = _conflicts(connection, archived, _is_there(schema, archived))
            total += found
            conflicts += listed
    return Outlook(False, record.rows - total, total, tuple(conflicts[:MOST_CONFLICTS]))


def _require_sizes(connection: sqlite3.Connection, schema: Schema, record: Record, expected: dict[str, int]) -> None:
    """A trigger that keeps a search index may do more than that; then the rows alone are not enough."""
    for archived in record.tables:
        counts = dict(
            connection.execute(
                f"SELECT r.what, count(*) FROM {_rows(archived)}"
                f" WHERE r.rowid IN (SELECT number FROM {_clean(archived)}) GROUP BY 1"
            )
        )
        if archived.table in expected:
            expected[archived.table] += counts.get("delete", 0) - counts.get("insert", 0)
    for name, rows in table_sizes(connection, schema).items():
        if rows != expected[name]:
            raise RolledBack(
                f"a trigger of the file changed {name} on the way; all was taken back", "restore the backup instead"
            )


def _reversed_archive(
    connection: sqlite3.Connection, schema: Schema, record: Record, exact: bool
) -> tuple[Archived, ...]:
    """The archive of the undo itself: that of the repair, the other way round."""
    archive.prepare(connection, schema, record.tables)
    for archived in record.tables:
        only = "" if exact else f" WHERE r.rowid IN (SELECT number FROM {_clean(archived)})"
        connection.execute(
            f"INSERT INTO {archive.temporary(schema, archived)}"
            f" SELECT CASE r.what WHEN 'delete' THEN 'insert' WHEN 'insert' THEN 'delete' ELSE r.what END,"
            f" {archived.new('r')}, {archived.old('r')} FROM {_rows(archived)}{only}"
        )
    return record.tables


def choose(records: Iterable[Record], wanted: str | None) -> Record:
    """The record that is named (by its time, its file name or its path), else the newest repair that is in force.

    A record may lie anywhere: what it does not fit, it does not change.

    Raises:
        Refused: where there is none.
    """
    records = list(records)
    if wanted is not None:
        for record in records:
            if wanted in (record.name, record.path.name, str(record.path)):
                return record
        if Path(wanted).is_file():
            return read(Path(wanted).resolve())
        known = ", ".join(record.name for record in records[-5:]) or "none"
        raise Refused(f"there is no record {wanted} beside the database", f"there are: {known}")
    undone: set[str | None] = set()
    for record in reversed(records):  # an undo that was taken back itself has undone nothing
        if record.kind == "undo" and record.state == "applied" and record.name not in undone:
            undone.add(record.undoes)
    left = [record for record in records if record.kind == "repair" and record.name not in undone]
    if not left:
        raise Refused("there is no repair to take back", "sqlfix history lists the records beside the database")
    return left[-1]
