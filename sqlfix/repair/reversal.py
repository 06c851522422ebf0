"""Taking a repair back row by row: only what it did itself is reversed, and what was written since stays."""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from sqlfix.errors import Refused, RolledBack
from sqlfix.frozen import frozen
from sqlfix.model.plans import Left, SchemaStep
from sqlfix.model.schema import Schema, Trigger
from sqlfix.model.values import folded
from sqlfix.repair.archive import Archived, has_sequences, is_value, same_values
from sqlfix.repair.backup import Unverified
from sqlfix.repair.differences import keyed, same_row
from sqlfix.repair.index_upkeep import Upkeep, indexes_to_keep, keep_in_step, remember_documents
from sqlfix.repair.lost_parents import at_risk, hold_parents, note_orphans, require_no_parent_lost
from sqlfix.repair.matching import (
    FOUND,
    GROUPS,
    KINDS,
    Conflict,
    clean,
    conflicts,
    find_alike,
    forget_alike,
    hold_together,
    in_record,
    is_there,
    match,
    refused,
    rows_of,
)
from sqlfix.repair.record import Record
from sqlfix.sql.literals import all_of, quote
from sqlfix.sql.predicates import in_rows
from sqlfix.sqlite.connect import all_or_nothing
from sqlfix.sqlite.failures import in_words, require_refusal

MOST_GIVEN = 1_990
"""Columns that SQLite gives a query at a time, with some to spare for what a statement adds to them."""


@frozen
class Outlook:
    """What an undo would do, or did.

    ``exact``: the file is as the repair left it, so the backup's content comes back as a whole. Otherwise ``rows`` of
    the record are put back one by one, or the schema is changed back by ``steps``. ``conflicts`` are the first of those
    rows that were changed again since, and ``conflicting`` says how many there are. ``indexes`` are the full-text
    indexes that have to be made anew for it, and ``revealed`` the orphans of foreign keys that work again by it.
    Where it was done, ``record`` tells of it; ``backup`` was made before, if any was, and ``unverified`` are the tables
    of that which SQLite could not check, each with the reason.
    """

    exact: bool
    rows: int
    conflicting: int = 0
    conflicts: tuple[Conflict, ...] = ()
    indexes: tuple[Upkeep, ...] = ()
    backup: Path | None = None
    unverified: tuple[Unverified, ...] = ()
    record: Path | None = None
    steps: tuple[SchemaStep, ...] = ()
    revealed: tuple[Left, ...] = ()


def outlook(connection: sqlite3.Connection, schema: Schema, record: Record) -> Outlook:
    """What a reversal would do, by what can be read."""
    match(connection, schema, record)
    able, unable, listed = conflicts(connection, schema, record)
    if unable:
        hold_parents(connection, schema, record)
        hold_together(connection, schema, record)
        able, unable, listed = conflicts(connection, schema, record)
    if record.state == "prepared" and not able:
        raise Refused(
            f"the {record.kind} {record.name} was cut off before it was committed: there is nothing to undo",
            "nothing was changed; sqlfix history lists the other records",
        )
    for trigger in _triggers(schema, record):  # it could not be made again as it was
        if not trigger.sql or folded(trigger.name).startswith("sqlite_"):
            raise Refused(f"the trigger {trigger.name} cannot be set aside while rows are put back", "use the backup")
    return Outlook(False, able, unable, listed, indexes_to_keep(connection, schema, record))


def may_be_refused(connection: sqlite3.Connection, schema: Schema, record: Record) -> bool:
    """True if SQLite may not let back in a row that is still as it was left: only trying it out can tell."""
    for archived in rows_of(record):
        table = schema.table(archived.table)
        if table is None or not is_there(schema, archived):
            continue
        if table.strict or any(i.unique and not (i.origin == "pk" and table.without_rowid) for i in table.indexes):
            return True
        computed = any(column.generated for column in table.columns)
        if computed or any(column.expression for index in table.indexes for column in index.columns):
            return True
        rows = in_record(archived)
        known = [c.name for c in table.columns if c.not_null and c.name in archived.columns]
        nulls = " OR ".join(f"typeof({rows.old(name)}) = 'null'" for name in known)
        query = f"SELECT 1 FROM {rows.source} WHERE r.what <> 'insert' AND ({nulls}) LIMIT 1"
        if nulls and connection.execute(query).fetchone():
            return True
    return any(at_risk(connection, schema, record))


def reverse(connection: sqlite3.Connection, schema: Schema, record: Record, skip_conflicts: bool) -> Outlook:
    """Put the rows back as they were; rows in conflict stay as they are.

    None of the file's own triggers runs: what they did during the repair is in the record, and is reversed with the
    rest. What SQLite does not let in (a value that has come to stand in a UNIQUE column, say) is a conflict too.
    """
    expected = outlook(connection, schema, record)
    _refuse(expected, skip_conflicts)
    remember_documents(connection, schema, record, expected.indexes)
    connection.execute("PRAGMA ignore_check_constraints = ON")  # a row comes back even if it broke a CHECK before
    noted = note_orphans(connection, schema, record)
    with _without_triggers(connection, schema, record), _sequences_kept(connection):
        for tables in _in_turn(schema, record):
            _reverse(connection, schema, tables)
    # the sequences, now that no INSERT changes them any more
    _reverse(connection, schema, [archived for archived in rows_of(record) if archived.table == "sqlite_sequence"])
    for archived in rows_of(record):
        if is_there(schema, archived) and archived.told_by != "values":
            _drop_what_failed(connection, schema, archived)
    hold_together(connection, schema, record)
    done = Outlook(False, *conflicts(connection, schema, record))
    _refuse(done, skip_conflicts)
    require_no_parent_lost(connection, schema, noted)
    return replace(done, indexes=keep_in_step(connection, schema, expected.indexes))


def _reverse(connection: sqlite3.Connection, schema: Schema, tables: Sequence[Archived]) -> None:
    """Take away what came to some tables, change back what was changed, and put back what went."""
    known = [archived for archived in tables if archived.told_by != "values"]
    for deed, what in ((_take_away, "insert"), (_change_back, "update"), (_put_back, "delete")):
        for archived in known:
            if connection.execute(f"SELECT 1 {_clean_rows(archived)} AND r.what = '{what}' LIMIT 1").fetchone():
                deed(connection, schema, archived)
    for archived in tables:
        if archived.told_by == "values":
            _replace(connection, archived)


def _refuse(found: Outlook, skip_conflicts: bool) -> None:
    if found.conflicting and not skip_conflicts:
        raise Refused(
            f"{found.conflicting:,} of the rows were changed again since, so nothing was changed",
            "see them with --dry-run; --skip-conflicts undoes everything except these",
        )


def _in_turn(schema: Schema, record: Record) -> tuple[list[Archived], list[Archived]]:
    """The tables, then the search indexes."""
    tables: list[Archived] = []
    indexes: list[Archived] = []
    for archived in rows_of(record):
        if archived.table != "sqlite_sequence" and is_there(schema, archived):
            table = schema.table(archived.table)
            (indexes if table is not None and table.kind == "virtual" else tables).append(archived)
    return tables, indexes


# -- what stands aside --------------------------------------------------------------------------------------------


def _triggers(schema: Schema, record: Record) -> list[Trigger]:
    """The triggers of the tables that a record tells of, in their order in the schema."""
    written = {folded(archived.table) for archived in record.tables}
    return [trigger for table in schema.tables if folded(table.name) in written for trigger in table.triggers]


@contextmanager
def _without_triggers(connection: sqlite3.Connection, schema: Schema, record: Record) -> Iterator[None]:
    """Drop the triggers of the tables that are written to, and make them again as they were, in the same order.

    Raises:
        RolledBack: where they are not as they were then.
    """
    triggers = _triggers(schema, record)
    query = "SELECT name, tbl_name, CAST(sql AS BLOB) FROM main.sqlite_master WHERE type = 'trigger' ORDER BY name"
    before = connection.execute(query).fetchall()
    cannot = RolledBack(
        "the triggers of the file cannot be set aside and restored as they were; everything was rolled back",
        "restore the backup instead",
    )
    if not all(trigger.sql for trigger in triggers):
        raise cannot
    for trigger in triggers:
        connection.execute(f"DROP TRIGGER main.{quote(trigger.name)}")
    yield
    for trigger in triggers:
        with suppress(sqlite3.Error):
            connection.execute(trigger.sql)
    if connection.execute(query).fetchall() != before:
        raise cannot


@contextmanager
def _sequences_kept(connection: sqlite3.Connection) -> Iterator[None]:
    """Keep AUTOINCREMENT's sequences as they are: an INSERT changes them, and makes those that are missing."""
    has = has_sequences(connection)
    if has:
        connection.execute("CREATE TEMP TABLE sqlfix_sequences (place INTEGER PRIMARY KEY, name, seq)")
        connection.execute("INSERT INTO temp.sqlfix_sequences SELECT rowid, name, seq FROM main.sqlite_sequence")
    yield
    if has:
        connection.execute("DELETE FROM main.sqlite_sequence")
        connection.execute("INSERT INTO main.sqlite_sequence (rowid, name, seq) SELECT * FROM temp.sqlfix_sequences")


# -- the rows -----------------------------------------------------------------------------------------------------


def _clean_rows(archived: Archived) -> str:
    """The rows of the record that can be put back, as a FROM clause and a condition.

    Of several tables in the FROM of an UPDATE SQLite would make one without any index.
    """
    return f"FROM {in_record(archived).source} WHERE r.rowid IN (SELECT number FROM {clean(archived)})"


def _place(archived: Archived) -> str:
    """The rowid of a row of the table, where it is no column."""
    return f"(SELECT k.place FROM {clean(archived)} AS k WHERE k.number = r.rowid)"


def _is_it(schema: Schema, archived: Archived, side: str) -> str:
    """True where ``t`` is the row of the table that a row of the record is about, by its old or its new key."""
    if archived.told_by == "rowid":
        return f"t.{quote(archived.row_id[0])} = {_place(archived)}"
    rows = in_record(archived)
    return same_row(schema, archived, "t", [rows.old(k) if side == "old" else rows.new(k) for k in archived.row_id])


def _attempt(connection: sqlite3.Connection, archived: Archived, what: str, statement: str) -> None:
    """Run a statement for all rows at once; where SQLite stops at one of them, for each alone.

    OR IGNORE does not pass over every row that SQLite refuses: not over one of a wrong type in a STRICT table, nor one
    of which an index over an expression cannot be made.

    Args:
        statement: it ends in a condition.
    """
    try:
        connection.execute(statement)
        return
    except sqlite3.Error as error:
        require_refusal(error)
    _one_by_one(connection, archived, f"r.what = '{what}'", lambda this: f"{statement} AND {this}")


def _one_by_one(connection: sqlite3.Connection, archived: Archived, which: str, of: Callable[[str], str]) -> None:
    """Run a statement for each of some rows of the record alone, and note why SQLite refuses it.

    Args:
        of: the statement for the row of which a condition is true.
    """
    for (number,) in connection.execute(f"SELECT r.rowid {_clean_rows(archived)} AND {which}").fetchall():
        try:
            connection.execute(of(f"r.rowid = {number}"))
        except sqlite3.Error as error:
            require_refusal(error)
            connection.execute(f"INSERT INTO {refused(archived)} VALUES (?, ?)", (number, in_words(error)))


def _take_away(connection: sqlite3.Connection, schema: Schema, archived: Archived) -> None:
    going = f"{_clean_rows(archived)} AND r.what = 'insert'"
    connection.execute(f"DELETE FROM main.{quote(archived.table)} AS t WHERE {_is_among(schema, archived, going)}")


def _is_among(schema: Schema, archived: Archived, some: str) -> str:
    """True where ``t`` is one of the rows of the table that some rows of the record are about, by their new keys."""
    rows, table = in_record(archived), keyed(schema, archived)
    if table is None:
        raise LookupError(archived.table)
    keys = [_place(archived)] if archived.told_by == "rowid" else [rows.new(key) for key in archived.row_id]
    return in_rows(table, "t", f"SELECT {', '.join(keys)} {some}")


def _change_back(connection: sqlite3.Connection, schema: Schema, archived: Archived) -> None:
    rows, target = in_record(archived), f"UPDATE OR IGNORE main.{quote(archived.table)} AS t SET"
    changed = _changed(connection, archived)
    if len(archived.parts) == 1:
        settings = ", ".join(f"{quote(name)} = {rows.old(name)}" for name in changed)
        condition = f"r.what = 'update' AND {_is_it(schema, archived, 'new')}"
        _attempt(connection, archived, "update", f"{target} {settings} {_clean_rows(archived)} AND {condition}")
        return

    def change(this: str) -> str:
        row = f"{_clean_rows(archived)} AND {this}"
        settings = ", ".join(f"{quote(name)} = (SELECT {rows.old(name)} {row})" for name in changed)
        return f"{target} {settings} WHERE {_is_among(schema, archived, row)}"

    _one_by_one(connection, archived, "r.what = 'update'", change)


def _changed(connection: sqlite3.Connection, archived: Archived) -> list[str]:
    """The columns that differ in any row: one that is written is held to its NOT NULL, so the others are left out."""
    rows, found = in_record(archived), set()
    for part in archived.parts:
        unlike = ", ".join(f"max(NOT ({same_values([(rows.old(name), rows.new(name))])}))" for name in part)
        differ = connection.execute(f"SELECT {unlike} FROM {rows.source} WHERE r.what = 'update'").fetchone()
        found |= {name for name, differs in zip(part, differ, strict=True) if differs}
    return [name for name in archived.values if name in found]


def _put_back(connection: sqlite3.Connection, schema: Schema, archived: Archived) -> None:
    rows, table = in_record(archived), f"main.{quote(archived.table)}"
    columns = ", ".join(map(quote, archived.columns))
    values = [rows.old(name) for name in archived.columns]
    if archived.told_by == "rowid":
        values[0] = _place(archived)
    target = f"INSERT OR IGNORE INTO {table} ({columns})"
    condition = f"r.what = 'delete' AND NOT EXISTS (SELECT 1 FROM {table} AS t WHERE {_is_it(schema, archived, 'old')})"
    if len(values) <= MOST_GIVEN:
        given = f"SELECT {', '.join(values)} {_clean_rows(archived)} AND {condition}"
        _attempt(connection, archived, "delete", f"{target} {given}")
        return

    def put(this: str) -> str:
        row = f"{_clean_rows(archived)} AND {this}"
        return f"{target} VALUES ({', '.join(f'(SELECT {value} {row})' for value in values)})"

    _one_by_one(connection, archived, condition, put)


def _drop_what_failed(connection: sqlite3.Connection, schema: Schema, archived: Archived) -> None:
    """Leave in the table of clean rows only those that are now as they were before the repair."""
    rows, target = in_record(archived), f"main.{quote(archived.table)} AS t"
    same = same_values((f"t.{quote(name)}", rows.old(name)) for name in archived.values)
    connection.execute(
        f"INSERT OR IGNORE INTO {refused(archived)} SELECT r.rowid, '' {_clean_rows(archived)} AND CASE r.what"
        f" WHEN 'insert' THEN EXISTS (SELECT 1 FROM {target} WHERE {_is_it(schema, archived, 'new')})"
        f" ELSE NOT EXISTS (SELECT 1 FROM {target} WHERE {_is_it(schema, archived, 'old')} AND {same}) END"
    )
    connection.execute(f"DELETE FROM {clean(archived)} WHERE number IN (SELECT number FROM {refused(archived)})")


# -- rows that have no name ---------------------------------------------------------------------------------------


def _replace(connection: sqlite3.Connection, archived: Archived) -> None:
    """Put back rows that only their values tell apart; what SQLite refuses is noted."""
    if _replaces(connection, archived, f"r.rowid IN (SELECT number FROM {clean(archived)})"):
        return
    for (number,) in connection.execute(f"SELECT number FROM {clean(archived)}").fetchall():
        if not _replaces(connection, archived, f"r.rowid = {number}"):
            connection.execute(f"INSERT INTO {refused(archived)} VALUES ({number}, '')")
    connection.execute(f"DELETE FROM {clean(archived)} WHERE number IN (SELECT number FROM {refused(archived)})")


def _replaces(connection: sqlite3.Connection, archived: Archived, which: str) -> bool:
    """True if some rows of the record were put back; else none of them."""
    try:
        with all_or_nothing(connection, "sqlfix_rows"):
            _replace_alike(connection, archived, which)
    except sqlite3.Error as error:
        require_refusal(error)
        return False
    return True


def _replace_alike(connection: sqlite3.Connection, archived: Archived, which: str) -> None:
    """No statement can name one of several rows that are the same: all of them go, and all but so many come again."""
    rows, table = in_record(archived), f"main.{quote(archived.table)}"
    columns = ", ".join(map(quote, archived.columns))
    find_alike(connection, rows, "new", f"r.what <> 'delete' AND {which}")
    values = [f"k.v{place}" for place in range(len(archived.columns))]
    alike = all_of([is_value(v, f"t.{quote(c)}") for v, c in zip(values, archived.columns, strict=True)])
    connection.execute(f"DELETE FROM {table} AS t WHERE EXISTS (SELECT 1 FROM temp.{KINDS} AS k WHERE {alike})")
    connection.execute(
        f"INSERT INTO {table} ({columns}) SELECT {', '.join(values)} FROM temp.{KINDS} AS k"
        f" JOIN (SELECT kind, row_number() OVER (PARTITION BY kind) AS turn FROM temp.{FOUND}) AS f USING (kind)"
        f" WHERE f.turn > (SELECT count(*) FROM temp.{GROUPS} AS g WHERE g.kind = k.kind)"
    )
    forget_alike(connection)
    old = ", ".join(rows.old(name) for name in archived.columns)
    connection.execute(
        f"INSERT INTO {table} ({columns}) SELECT {old} FROM {rows.source} WHERE r.what <> 'insert' AND {which}"
    )
