"""Taking a repair back: exactly, where the file is as the repair left it; else row by row, leaving the rest alone."""

import sqlite3
import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial
from itertools import zip_longest
from pathlib import Path

from sqlfix.errors import Locked, Refused, RolledBack, SqlfixError
from sqlfix.model.schema import Schema, Table
from sqlfix.model.values import folded
from sqlfix.plan.rehearsal import private_copy
from sqlfix.repair.archive import Archive, Archived
from sqlfix.repair.change import USUAL, Change, ChangeOptions, begin_to_write, changing, commit
from sqlfix.repair.index_upkeep import Upkeep, note_documents
from sqlfix.repair.lost_parents import at_risk
from sqlfix.repair.matching import RECORD, clean, in_record, note_alike, rows_of
from sqlfix.repair.record import Record, Unreadable, drop_if_empty, is_missing, read, script_of
from sqlfix.repair.reversal import Outlook, may_be_refused, outlook, reverse
from sqlfix.repair.schema_change import KIND
from sqlfix.repair.schema_undo import change_back, changed_by, naming_rows, stands, steps_back, told_of_exact
from sqlfix.repair.sums import has_content, is_file
from sqlfix.schema.catalogue import read_schema
from sqlfix.schema.database import open_database
from sqlfix.schema.fingerprint import fingerprint
from sqlfix.sql.literals import quote
from sqlfix.sql.lost_and_found import CREATE
from sqlfix.sql.predicates import orphan, stored
from sqlfix.sqlite import interrupts
from sqlfix.sqlite.connect import attach, beside, data_version, detach, looking_at
from sqlfix.sqlite.deadline import stop_if_interrupted
from sqlfix.sqlite.stored_values import as_stored
from sqlfix.sqlite.trust import changing_schema

BACKUP = "sqlfix_backup"
"""Under this name the backup is attached that comes back as a whole."""
CHANGE_COUNTER = 24
"""Where it stands in the file: https://www.sqlite.org/fileformat2.html, section 1.3."""


def look(path: Path, record: Record, timeout: float = 5.0) -> Outlook:
    """What an undo would do, read only."""
    whole_backup = _whole_backup(record)
    if whole_backup and record.after is not None:
        with path.resolve().open("rb") as raw:
            if has_content(raw, path.resolve(), record.after):
                return Outlook(True, record.rows)
    with open_database(path, timeout) as database:
        connection, schema = database.connection, database.schema
        if whole_backup and _was_cut_off(record) and is_as_left(connection, schema, record, whole_backup):
            return Outlook(True, record.rows)
        if changed_by(record):
            steps_back(connection, record)  # what can be told without a copy
            with private_copy(connection) as copy:
                copy.execute("BEGIN")
                try:
                    steps, revealed, _ = change_back(copy, schema, record)
                except RolledBack as error:
                    raise naming_rows(error, database, record) from error
                return Outlook(False, 0, steps=steps, revealed=revealed)
        missing = is_missing(schema, record)
        if not missing:
            attach(connection, record.path, RECORD)
            expected = outlook(connection, schema, record)
            if not may_be_refused(connection, schema, record):
                return expected
        with private_copy(connection) as copy:
            if missing:
                copy.execute(CREATE)
            attach(copy, record.path, RECORD)
            copy.execute("BEGIN")
            return reverse(copy, read_schema(copy) if missing else schema, record, skip_conflicts=True)


def orphans_after(path: Path, record: Record, skip_conflicts: bool, timeout: float) -> tuple[tuple[str, int], ...]:
    """How many rows have no parent after an undo, by queries: tried on a copy, where it could take parents away.

    Empty where some rows could not be put back; then a script that does not skip them does nothing.

    Raises:
        Refused: where a row would lose its parent, or a script could let it, as it cannot skip its parent.
    """
    with open_database(path, timeout) as database:
        schema, tables = database.schema, {folded(archived.table) for archived in record.tables}
        if is_missing(schema, record) or not any(folded(fk.parent) in tables for fk in schema.foreign_keys):
            return ()
        with private_copy(database.connection) as copy:
            attach(copy, record.path, RECORD)
            copy.execute("BEGIN")
            done, keys = reverse(copy, schema, record, skip_conflicts=True), tuple(at_risk(copy, schema, record))
            queries = [f"SELECT count(*) FROM {quote(fk.child)} AS c WHERE {orphan(schema, fk)}" for fk in keys]
            counts = [int(copy.execute(query).fetchone()[0]) for query in queries]
    if skip_conflicts and done.conflicting and queries:
        raise Refused(
            "a script cannot tell which parents the rows need that it skips",
            "use sqlfix undo --skip-conflicts, without --sql",
        )
    return () if done.conflicting else tuple(zip(queries, counts, strict=True))


def undo(path: Path, record: Record, options: ChangeOptions = USUAL, skip_conflicts: bool = False) -> Outlook:
    """Take back what a record tells of, and record that in turn.

    Where the file is, byte for byte, as the repair left it, the backup's content comes back through SQLite's backup
    API. Otherwise only the repair's own changes are reversed, in one transaction; a row that was changed again since
    is a conflict.

    Raises:
        Refused: where there are conflicts, unless they are to be skipped; nothing was changed.
        SqlfixError: and nothing was changed.
    """
    begin_to_write(path)
    with changing(path, options) as change:
        connection = change.connection
        schema = read_schema(connection)
        whole_backup = _whole_backup(record)
        if whole_backup is not None and not _is_as_left(change, schema, record, whole_backup):
            whole_backup = None  # somebody has written to the file since
        made = change.back_up(schema)
        with made.summed() as backed_up:
            if whole_backup is not None:
                attach(connection, record.path, RECORD)
                done, told = Outlook(True, record.rows), told_of_exact(record)
                archive = _archive_of_all(connection, schema, record, whole_backup)
            elif changed_by(record):
                steps, revealed, told = change_back(connection, schema, record)
                done, archive = Outlook(False, 0, steps=steps, revealed=revealed), Archive(connection, schema, ())
            else:
                attach(connection, record.path, RECORD)
                done, archive, told = _row_by_row(connection, schema, record, skip_conflicts)
            made = backed_up()
        deed = partial(commit, connection) if whole_backup is None else partial(_bring_back, change, whole_backup)
        change.commit(archive, {"kind": "undo", "undoes": record.name, **told}, (), made, deed)
    return replace(done, backup=made.path, unverified=made.unverified, record=change.record_to)


def _row_by_row(
    connection: sqlite3.Connection, schema: Schema, record: Record, skip_conflicts: bool
) -> tuple[Outlook, Archive, dict[str, str | None]]:
    """Reverse what a record tells of; what was done, its archive, and what the record of it says of a table."""
    if is_missing(schema, record):
        connection.execute(CREATE)
        schema = read_schema(connection)
    done = reverse(connection, schema, record, skip_conflicts)
    archive = _archive_of_rows(connection, schema, record, done.indexes)
    return done, archive, drop_if_empty(connection, schema, record)


def _whole_backup(record: Record) -> Path | None:
    """The backup, if it is there and is what the repair made."""
    if record.backup is None or record.backup_sum is None:
        return None
    beside_record = record.path.with_name(record.backup.name)  # both may have been moved together
    places = (record.backup, beside_record)
    return next((path for path in places if path.is_file() and is_file(path, record.backup_sum)), None)


def _is_as_left(change: Change, schema: Schema, record: Record, whole_backup: Path) -> bool:
    """True if a file is as a change left it."""
    if _was_cut_off(record):
        return is_as_left(change.connection, schema, record, whole_backup)
    return has_content(change.raw, change.path, record.after)


def _was_cut_off(record: Record) -> bool:
    """True of a change of the schema after which nobody noted what the file was like; of rows the record tells all."""
    return record.after is None and bool(changed_by(record))


def _bring_back(change: Change, whole_backup: Path) -> None:
    """The backup's content into the live file, in one transaction of SQLite's own.

    For that the lock has to be let go for a moment. The first page is copied alone: with it the lock is held again,
    and if somebody has written in between, it is noticed then, and all is taken back.
    """
    path, connection, raw = change.path, change.connection, change.raw
    until = time.monotonic() + change.options.timeout
    with beside(path) as monitor, looking_at(whole_backup) as source:
        in_wal_mode = monitor.execute("PRAGMA journal_mode").fetchone()[0] == "wal"

        def version() -> object:
            # outside WAL mode each commit changes the file's change counter, and no connection can read it now
            raw.seek(CHANGE_COUNTER)
            return data_version(monitor) if in_wal_mode else raw.read(4)

        before = version()
        connection.execute("ROLLBACK")
        detach(connection, RECORD)
        if any(name == BACKUP for _, name, _ in connection.execute("PRAGMA database_list")):
            detach(connection, BACKUP)
        first = True

        def step(status: int, remaining: int, total: int) -> None:
            nonlocal first
            if status == sqlite3.SQLITE_DONE:
                interrupts.note_commit()
                return
            if interrupts.pending():
                raise KeyboardInterrupt
            if status in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                if time.monotonic() > until:
                    raise Locked(f"{path} is locked: another program is using it", "close it, then run the undo again")
            elif first:
                first = False
                if version() != before:
                    raise RolledBack("another program has just written to the file", "nothing was changed; try again")

        pages = int(source.execute("PRAGMA page_count").fetchone()[0])
        source.backup(connection, pages=1 if pages < 4096 else 256, progress=step, sleep=0.05)


def _archive_of_all(connection: sqlite3.Connection, schema: Schema, record: Record, whole_backup: Path) -> Archive:
    """The archive of an undo by which the backup comes back as a whole: that of the repair, the other way round."""
    archive = Archive(connection, schema, record.tables).prepare()
    for archived in archive.tables:
        _reverse_rows(archive, archived, whole=True)
    if any(archived.by_value for archived in archive.tables):
        attach(connection, whole_backup, BACKUP)
        note_alike(archive, BACKUP)
    return archive


def _archive_of_rows(
    connection: sqlite3.Connection, schema: Schema, record: Record, indexes: Sequence[Upkeep]
) -> Archive:
    """The archive of an undo that has put rows back one by one.

    Args:
        indexes: those that were made anew, also those that the record does not name.
    """
    rows = Archive(connection, schema, tuple(rows_of(record))).prepare()
    first = max((archived.number for archived in record.tables), default=0) + 1
    made = {
        place: Archived(first + place, upkeep.index, ("rowid",), ("rowid",), "documents")
        for place, upkeep in enumerate(indexes)
        if not upkeep.problem
    }
    documents = Archive(connection, schema, tuple(made.values())).prepare()
    for place, archived in made.items():
        note_documents(documents, archived, place)
    for archived in rows.tables:
        _reverse_rows(rows, archived, whole=False)
    note_alike(rows)
    return replace(rows, tables=rows.tables + documents.tables)


def _reverse_rows(archive: Archive, archived: Archived, whole: bool) -> None:
    rows = in_record(archived)
    source, what = rows.source, "CASE r.what WHEN 'delete' THEN 'insert' WHEN 'insert' THEN 'delete' ELSE r.what END"
    if not whole:
        source += f" CROSS JOIN {clean(archived)} AS k ON k.number = r.rowid"
    moved = archived.row_id[0] if archived.told_by == "rowid" and not whole else None
    for place, name in enumerate(archive.rows(archived).tables):
        columns = [what, *(["NULL"] if archived.by_value else [])] if place == 0 else []
        for side, none in ((rows.new, "delete"), (rows.old, "insert")):
            columns += [
                f"CASE r.what WHEN '{none}' THEN NULL ELSE k.place END" if column == moved else side(column)
                for column in archived.parts[place]
            ]
        listed = ", ".join(map(quote, ("rowid", *archived.part_columns(place))))
        archive.connection.execute(f"INSERT INTO {name} ({listed}) SELECT r.rowid, {', '.join(columns)} FROM {source}")


def choose(records: Iterable[Record], wanted: str | None, unreadable: Iterable[Unreadable] = ()) -> Record:
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
        for broken in unreadable:
            if wanted in (broken.name, broken.path.name, str(broken.path)):
                raise SqlfixError(broken.problem)
        if Path(wanted).is_file():
            return read(Path(wanted).resolve())
        known = ", ".join(record.name for record in records[-5:])
        hint = f"the newest are {known}" if known else "no record lies there; one that was moved is named by its path"
        raise Refused(f"there is no record {wanted} beside the database", hint)
    undone: set[str | None] = set()
    for record in reversed(records):  # an undo that was taken back itself has undone nothing
        if record.kind == "undo" and record.state == "applied" and record.name not in undone:
            undone.add(record.undoes)
    left = [record for record in records if record.kind in ("repair", KIND) and record.name not in undone]
    if not left:
        raise Refused("there is no repair to undo", "sqlfix history lists the records beside the database")
    return left[-1]


# -- whether a file is as a change of its schema left it, where the record of that was never finished -------------
# It was cut off between its commit and the note of the file's sum. Whether anybody has written since can still be told:
# the same statements, run on a private copy of the backup, come to what the file holds, or they do not.

HEADER = ("user_version", "application_id", "encoding")
WITH_ROWS = "SELECT name FROM main.sqlite_master WHERE type = 'table' AND rootpage > 0"
"""All tables but the virtual ones: what these hold stands in tables of their own."""


def is_as_left(connection: sqlite3.Connection, schema: Schema, record: Record, backup: Path) -> bool:
    """True if a file holds just what the change of a record made of its backup, to the type of each value.

    Args:
        connection: reads the file, whose ``schema`` it is; all rows are read once.
        backup: that of the record, and known to be whole.
    """
    script = script_of(record)
    if not script or not stands(fingerprint(connection), changed_by(record)):
        return False
    with looking_at(backup) as before, private_copy(before) as copy:
        copy.execute("BEGIN")
        try:
            with changing_schema(copy):
                for statement in script:
                    copy.execute(statement)
        except sqlite3.Error as error:
            stop_if_interrupted(error)
            return False
        return _are_alike(connection, copy, schema)


def _are_alike(one: sqlite3.Connection, other: sqlite3.Connection, schema: Schema) -> bool:
    """True if two databases hold the same: all texts of the schema, what programs keep in the header, all rows."""
    headers = [[side.execute(f"PRAGMA main.{name}").fetchone()[0] for name in HEADER] for side in (one, other)]
    if headers[0] != headers[1] or fingerprint(one).objects != fingerprint(other).objects:
        return False
    if any(table.unreadable for table in schema.tables if table.kind in ("table", "shadow")):
        return False
    names = [str(name) for (name,) in one.execute(WITH_ROWS).fetchall()]
    return all(_rows_are_alike(one, other, name, schema.table(name)) for name in names)


def _rows_are_alike(one: sqlite3.Connection, other: sqlite3.Connection, name: str, table: Table | None) -> bool:
    """True if a table has the same rows in both, with their rowids; each side is read in the order of its own b-tree.

    Args:
        table: None for a table that SQLite keeps for itself.
    """
    columns = [str(row[1]) for row in one.execute(f"PRAGMA main.table_xinfo({quote(name)})") if row[6] == 0]
    key = list(table.row_id[:1]) if table and not table.without_rowid else [] if table else ["rowid"]
    wanted = [quote(column) for column in (*key, *columns)]
    source = f"FROM main.{quote(name)} NOT INDEXED" if table is None else f"FROM {stored(table)}"
    pairs = zip_longest(as_stored(one, wanted, source), as_stored(other, wanted, source))
    return all(a is not None and a == b and list(map(type, a)) == list(map(type, b)) for a, b in pairs)
