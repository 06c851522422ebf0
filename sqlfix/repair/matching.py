"""Which rows of a record are still as it left them, and where they are now."""

import sqlite3

from sqlfix.frozen import frozen
from sqlfix.model.findings import Row
from sqlfix.model.schema import Schema
from sqlfix.model.values import folded
from sqlfix.repair.archive import MOST_INDEXED, Archive, Archived, Rows, is_value, same_values, stored_columns
from sqlfix.repair.differences import keyed, same_row
from sqlfix.repair.record import Record, holds_parked
from sqlfix.sql.literals import all_of, balanced, literal, quote
from sqlfix.sql.lost_and_found import as_json

RECORD = "sqlfix_record"
"""Under this name the record is attached."""
MOST_CONFLICTS = 20
MOST_SHOWN = 4
"""Columns by which a row without a key is shown."""
LARGEST = 2**63 - 1
HALVES = "sqlfix_halves"
"""The temporary table of the rows that were parked or brought back: their places among those of both tables."""
AS_IT_IS = "= "
"""Before a reason why a row is not put back that is told as it is: SQLite has not said it."""
HELD = "of the other half"
"""Why a row is not put back; that is told in other words."""
GROUPS, KINDS, FOUND, TOTALS = "sqlfix_groups", "sqlfix_kinds", "sqlfix_found", "sqlfix_totals"
"""Temporary tables: of which kind a row of an archive is, the values of a kind, the rows that have them, how many."""
TOTAL = (
    f"SELECT ifnull(max(n.total), 0) FROM temp.{GROUPS} AS g JOIN temp.{TOTALS} AS n USING (kind) WHERE g.number = {{}}"
)
"""A query for how many rows of the table are like a row of the archive."""


@frozen
class Conflict:
    """A row that cannot be put back as it was, and why."""

    table: str
    row: Row
    reason: str


def in_record(archived: Archived) -> Rows:
    """The rows of a table in the record that is attached."""
    return archived.in_record(f"{RECORD}.")


def clean(archived: Archived) -> str:
    """The temporary table of the rows that are as they were left: their ``number`` in the record, and their ``place``.

    That is the rowid of a row, or the one at which it is put back, where the rowid is no column of the table.
    """
    return f"temp.sqlfix_clean_{archived.number}"


def refused(archived: Archived) -> str:
    """The temporary table of the rows that SQLite does not let back, and why, where it says so."""
    return f"temp.sqlfix_refused_{archived.number}"


def rows_of(record: Record) -> list[Archived]:
    """The tables of a record whose rows are put back; the indexes of documents are made anew."""
    return [archived for archived in record.tables if archived.told_by != "documents"]


def is_there(schema: Schema, archived: Archived) -> bool:
    """True if the table still has the columns that the record knows, and they still tell its rows apart."""
    table = schema.table(archived.table)
    if archived.table == "sqlite_sequence" or (table is not None and table.kind == "virtual"):
        return True
    # a view or a shadow table is in no record that a repair has made
    if table is None or table.kind != "table":
        return False
    names = {folded(column.name) for column in table.columns}  # a name of the rowid may have been a column's before
    names |= {name for name in table.row_id if name in archived.row_id}
    return {folded(name) for name in archived.columns} <= {folded(name) for name in names} and (
        archived.told_by == "values" or keyed(schema, archived) is not None
    )


def match(connection: sqlite3.Connection, schema: Schema, record: Record) -> None:
    """Find the rows of a record that are still as it left them, and put down their numbers in temporary tables."""
    for archived in rows_of(record):
        connection.execute(f"CREATE TABLE {clean(archived)} (number INTEGER PRIMARY KEY, place)")
        connection.execute(f"CREATE TABLE {refused(archived)} (number INTEGER PRIMARY KEY, why)")
        if not is_there(schema, archived):
            continue
        if archived.told_by == "rowid":
            _match_by_rowid(connection, archived)
        elif archived.told_by == "values":
            _match_by_values(connection, schema, archived)
        else:
            _match_by_key(connection, schema, archived)
    connection.execute(f"CREATE TEMP TABLE {HALVES} (parked INTEGER, number INTEGER, other INTEGER, is_held INTEGER)")
    if (parked := hold_together(connection, schema, record)) is not None:  # a half that has no other stays parked
        pairs = f"SELECT parked FROM temp.{HALVES}"
        connection.execute(f"DELETE FROM {clean(parked)} WHERE number NOT IN ({pairs})")


def _match_by_key(connection: sqlite3.Connection, schema: Schema, archived: Archived) -> None:
    rows, target = in_record(archived), f"main.{quote(archived.table)} AS t"
    was, is_now = (
        same_row(schema, archived, "t", [side(key) for key in archived.row_id]) for side in (rows.old, rows.new)
    )
    same = same_values((f"t.{quote(name)}", rows.new(name)) for name in archived.columns)
    connection.execute(
        f"INSERT INTO {clean(archived)} SELECT r.rowid, NULL FROM {rows.source} WHERE CASE r.what"
        f" WHEN 'delete' THEN NOT EXISTS (SELECT 1 FROM {target} WHERE {was})"
        f" ELSE EXISTS (SELECT 1 FROM {target} WHERE {is_now} AND {same}) END"
    )


def _match_by_rowid(connection: sqlite3.Connection, archived: Archived) -> None:
    """A row whose rowid is no column may have got another one, by a VACUUM; then its values have to tell it.

    They do where just as many rows have them as the change left: rows of the same values are the same to everybody.
    """
    rows, rowid = in_record(archived), archived.row_id[0]
    same = same_values((f"t.{quote(name)}", rows.new(name)) for name in archived.values)
    connection.execute(
        f"INSERT INTO {clean(archived)} SELECT r.rowid, t.{quote(rowid)} FROM {rows.source}"
        f" CROSS JOIN main.{quote(archived.table)} AS t ON t.{quote(rowid)} = {rows.new(rowid)} AND {same}"
        " WHERE r.what <> 'delete'"
    )
    missing = f"r.what <> 'delete' AND r.rowid NOT IN (SELECT number FROM {clean(archived)})"
    if _any(connection, rows, missing):
        find_alike(connection, rows, "new", missing)
        taken = f"SELECT place FROM {clean(archived)}"
        connection.execute(
            f"INSERT INTO {clean(archived)} SELECT a.number, b.place FROM"
            f" (SELECT g.number, g.kind, row_number() OVER (PARTITION BY g.kind ORDER BY {rows.new(rowid)}) AS turn"
            f" FROM temp.{GROUPS} AS g JOIN {rows.source} ON r.rowid = g.number"
            f" WHERE r.alike = ({TOTAL.format('r.rowid')})) AS a JOIN"
            f" (SELECT kind, place, row_number() OVER (PARTITION BY kind ORDER BY place) AS turn FROM temp.{FOUND}"
            f" WHERE place NOT IN ({taken})) AS b ON b.kind = a.kind AND b.turn = a.turn"
        )
        forget_alike(connection)
    if _any(connection, rows, "r.what = 'delete'"):
        find_alike(connection, rows, "old", "r.what = 'delete'")
        _find_places(connection, rows)
        forget_alike(connection)


def _find_places(connection: sqlite3.Connection, rows: Rows) -> None:
    """Where deleted rows are put back: where they were, or behind all others where another row has that rowid by now.

    One that is there again, by its values, is a conflict.
    """
    archived = rows.archived
    table, rowid = f"main.{quote(archived.table)}", quote(archived.row_id[0])
    gone = f"r.what = 'delete' AND r.alike >= ({TOTAL.format('r.rowid')})"
    is_taken = f"EXISTS (SELECT 1 FROM {table} AS t WHERE t.{rowid} = {rows.old(archived.row_id[0])})"
    connection.execute(
        f"INSERT INTO {clean(archived)} SELECT r.rowid, {rows.old(archived.row_id[0])} FROM {rows.source}"
        f" WHERE {gone} AND NOT {is_taken}"
    )
    moved = f"FROM {rows.source} WHERE {gone} AND {is_taken}"
    (number,) = connection.execute(f"SELECT count(*) {moved}").fetchone()
    last = max(
        connection.execute(f"SELECT max(t.{rowid}) FROM {table} AS t").fetchone()[0] or 0,
        connection.execute(f"SELECT max(place) FROM {clean(archived)}").fetchone()[0] or 0,
    )
    if number and last <= LARGEST - number:
        connection.execute(
            f"INSERT INTO {clean(archived)} SELECT r.rowid, {last} + row_number() OVER (ORDER BY r.rowid) {moved}"
        )


def _match_by_values(connection: sqlite3.Connection, schema: Schema, archived: Archived) -> None:
    """Rows that only their values tell apart: as many as the change left have to have them."""
    rows, table = in_record(archived), schema.table(archived.table)
    # of rows that are the same but for a column which the record does not know, none may be taken for another
    all_known = table is not None and set(stored_columns(table)) == set(archived.columns)
    for side, where, so_many in (("old", "r.what = 'delete'", ">="), ("new", "r.what <> 'delete'", "=")):
        if (side == "old" or all_known) and _any(connection, rows, where):
            find_alike(connection, rows, side, where)
            connection.execute(
                f"INSERT INTO {clean(archived)} SELECT r.rowid, NULL FROM {rows.source}"
                f" WHERE {where} AND r.alike {so_many} ({TOTAL.format('r.rowid')})"
            )
            forget_alike(connection)


def _any(connection: sqlite3.Connection, rows: Rows, where: str) -> bool:
    return connection.execute(f"SELECT 1 FROM {rows.tables[0]} AS r WHERE {where} LIMIT 1").fetchone() is not None


# -- a row that was parked, or brought back: both halves are undone or none, else it would be nowhere, or twice -----


def hold_together(connection: sqlite3.Connection, schema: Schema, record: Record) -> Archived | None:
    """Take the rows of which only one half can be put back out of those that can.

    A row that SQLite has refused to let back is parked again.

    Returns:
        the table of parked rows in the record; None where all rows can be put back, or none is parked.
    """
    parked = next((archived for archived in rows_of(record) if holds_parked(archived)), None)
    if parked is None or not any(_is_any_unlike(connection, archived) for archived in rows_of(record)):
        return None
    others = [archived for archived in rows_of(record) if archived != parked]
    if connection.execute(f"SELECT 1 FROM temp.{HALVES} LIMIT 1").fetchone() is None:
        for archived in others:
            _pair(connection, schema, parked, archived)
    for archived in others:
        half = f"FROM temp.{HALVES} WHERE number = {archived.number}"
        _park_again(connection, parked, f"SELECT parked {half} AND other IN (SELECT number FROM {refused(archived)})")
        alone = f"SELECT parked {half} AND other NOT IN (SELECT number FROM {clean(archived)})"
        connection.execute(f"DELETE FROM {clean(parked)} WHERE number IN ({alone})")
        held = f"SELECT other {half} AND parked IN ({_still_there(parked)})"
        going = f"FROM {clean(archived)} WHERE number IN ({held})"
        connection.execute(f"INSERT OR IGNORE INTO {refused(archived)} SELECT number, ? {going}", (HELD,))
        connection.execute(f"DELETE {going}")
        stays = f"number = {archived.number} AND other NOT IN (SELECT number FROM {clean(archived)})"
        connection.execute(f"UPDATE temp.{HALVES} SET is_held = 1 WHERE {stays}")
    return parked


def _still_there(parked: Archived) -> str:
    """The rows of the record that have to stay parked as they are: a row of which the copy is gone may come back."""
    rows = in_record(parked)
    number = f"CASE r.what WHEN 'delete' THEN {rows.old('id')} ELSE {rows.new('id')} END"
    there = f"EXISTS (SELECT 1 FROM main.{quote(parked.table)} AS t WHERE t.id = {number})"
    return f"SELECT r.rowid FROM {rows.source} WHERE r.rowid NOT IN (SELECT number FROM {clean(parked)}) AND {there}"


def _park_again(connection: sqlite3.Connection, parked: Archived, which: str) -> None:
    """Put rows of the record back that were taken away, so that they are parked as they were."""
    rows = in_record(parked)
    columns, values = ", ".join(map(quote, parked.columns)), ", ".join(map(rows.new, parked.columns))
    where = f"r.what = 'insert' AND r.rowid IN (SELECT number FROM {clean(parked)}) AND r.rowid IN ({which})"
    if _any(connection, rows, where):  # a file that is only looked at takes no INSERT, not even of no row
        into = f"INSERT INTO main.{quote(parked.table)} ({columns})"
        connection.execute(f"{into} SELECT {values} FROM {rows.source} WHERE {where}")


def _is_any_unlike(connection: sqlite3.Connection, archived: Archived) -> bool:
    """True if a row of a table cannot be put back."""
    return _any(connection, in_record(archived), f"r.rowid NOT IN (SELECT number FROM {clean(archived)})")


def _pair(connection: sqlite3.Connection, schema: Schema, parked: Archived, archived: Archived) -> None:
    """Find the halves of the rows of a table: by their key, or else by all of their values, both of which are JSON."""
    table, rows, copies = schema.table(archived.table), in_record(archived), in_record(parked)
    key = table.primary_key if table else archived.row_id if archived.told_by == "key" else ()
    by, columns = ("row_key", key) if key and {*key} <= {*archived.columns} else ("row", archived.values)
    for what, half, copy, of in (("insert", "delete", "new", rows.old), ("delete", "insert", "old", rows.new)):
        row = f"SELECT r.rowid AS number, {as_json({name: of(name) for name in columns})} AS told FROM {rows.source}"
        same = f'p."{copy} {by}" = o.told AND p."{copy} table_name" = {literal(archived.table)}'
        connection.execute(
            f"INSERT INTO temp.{HALVES} SELECT p.rowid, {archived.number}, o.number, 0 FROM"
            f" ({row} WHERE r.what = '{half}') AS o CROSS JOIN {copies.tables[0]} AS p ON p.what = '{what}' AND {same}"
        )


# -- what is in the way -------------------------------------------------------------------------------------------


def conflicts(connection: sqlite3.Connection, schema: Schema, record: Record) -> tuple[int, int, tuple[Conflict, ...]]:
    """How many rows of the record can be put back and how many cannot, and the first of these."""
    able = unable = 0
    listed: list[Conflict] = []
    for archived in rows_of(record):
        if archived.table != "sqlite_sequence":
            number, found = _conflicts(connection, archived, is_there(schema, archived))
            unable += number
            listed += found
        if archived.table != "sqlite_sequence" and not holds_parked(archived):
            able += int(connection.execute(f"SELECT count(*) FROM {clean(archived)}").fetchone()[0])
    return able, unable, tuple(listed[:MOST_CONFLICTS])


def _conflicts(connection: sqlite3.Connection, archived: Archived, there: bool) -> tuple[int, list[Conflict]]:
    rows = in_record(archived)
    rest = f"FROM {rows.source} WHERE r.rowid NOT IN (SELECT number FROM {clean(archived)})"
    if holds_parked(archived):  # it is told of the other half, where that stays as well
        rest = f"{rest} AND r.rowid NOT IN (SELECT parked FROM temp.{HALVES} WHERE is_held)"
    found = int(connection.execute(f"SELECT count(*) {rest}").fetchone()[0])
    shown = archived.row_id or archived.columns[:MOST_SHOWN]
    keys = ", ".join(f"CASE r.what WHEN 'delete' THEN {rows.old(key)} ELSE {rows.new(key)} END" for key in shown)
    refusal = f"(SELECT why FROM {refused(archived)} WHERE number = r.rowid)"
    listed = []
    for what, why, *values in connection.execute(f"SELECT r.what, {refusal}, {keys} {rest} LIMIT {MOST_CONFLICTS}"):
        row = Row(tuple(zip(shown, values, strict=True)), ())
        listed.append(Conflict(archived.table, row, _reason(archived, what, why, there)))
    return found, listed


def _reason(archived: Archived, what: str, why: str | None, there: bool) -> str:
    if not there:
        return "the table is gone, or has other columns now"
    if why and why.startswith(AS_IT_IS):
        return why.removeprefix(AS_IT_IS)
    if why == HELD:
        return "its parked copy was changed since" if what == "delete" else "it cannot be parked as it was"
    if why:
        return f"SQLite refuses it: {why}"
    if why is not None:
        return "SQLite refuses it: another row has its value in a UNIQUE column, or it breaks a NOT NULL"
    if archived.by_value:
        if what == "delete":
            return "a row with the same values is there again"
        return "the row was changed or deleted since, or cannot be told from others with the same values"
    return "a row with this key is there again" if what == "delete" else "the row was changed or deleted since"


# -- how many rows have the same values: what is known of a row that has no key, or whose rowid may change ------------


def note_alike(archive: Archive, state: str = "main") -> None:
    """Note in the archive how many rows have the same values when the change is done.

    Those of a deleted row, or else those that the row has now. By that an undo knows whether it can tell the row.

    Args:
        state: the name of the attached database in which the change is done.
    """
    connection = archive.connection
    for archived in archive.tables:
        if not archived.by_value:
            continue
        rows = archive.rows(archived)
        for side, where in (("old", "r.what = 'delete'"), ("new", "r.what <> 'delete'")):
            if _any(connection, rows, where):
                find_alike(connection, rows, side, where, state)
                total = TOTAL.format("r.rowid")
                connection.execute(f"UPDATE {rows.tables[0]} AS r SET alike = ({total}) WHERE {where}")
                forget_alike(connection)


def find_alike(connection: sqlite3.Connection, rows: Rows, side: str, where: str, state: str = "main") -> None:
    """Gather the rows of a table that have the values of rows of an archive, in temporary tables.

    ``sqlfix_groups`` says of each row of the archive (``number``) of which ``kind`` it is: rows of the same values are
    of one kind. ``sqlfix_found`` has a row for each row of the table, with its ``kind`` and its rowid as ``place``
    (NULL where it has no name). The table is gone through once.

    Args:
        side: ``old`` or ``new``, the values that are meant.
        where: which rows of the archive, under the alias ``r``.
        state: the name of the attached database whose table is looked at.
    """
    archived = rows.archived
    values = [rows.old(name) if side == "old" else rows.new(name) for name in archived.values]
    same = ", ".join([*values, balanced([f"typeof({value})" for value in values], "||")])
    connection.execute(f"CREATE TEMP TABLE {GROUPS} (number INTEGER PRIMARY KEY, kind)")
    connection.execute(
        f"INSERT INTO temp.{GROUPS} SELECT r.rowid, min(r.rowid) OVER (PARTITION BY {same})"
        f" FROM {rows.source} WHERE {where}"
    )
    connection.execute(f"CREATE INDEX temp.{GROUPS}_kind ON {GROUPS} (kind)")
    columns = [f"v{place}" for place in range(len(values))]
    connection.execute(f"CREATE TEMP TABLE {KINDS} (kind INTEGER PRIMARY KEY, {', '.join(columns)})")
    connection.execute(
        f"INSERT INTO temp.{KINDS} SELECT r.rowid, {', '.join(values)} FROM {rows.source}"
        f" WHERE r.rowid IN (SELECT kind FROM temp.{GROUPS})"
    )
    connection.execute(f"CREATE INDEX temp.{KINDS}_values ON {KINDS} ({', '.join(columns[:MOST_INDEXED])})")
    has = all_of([is_value(f"k.{v}", f"t.{quote(c)}") for v, c in zip(columns, archived.values, strict=True)])
    place = f"t.{quote(archived.row_id[0])}" if archived.row_id else "NULL"
    connection.execute(f"CREATE TEMP TABLE {FOUND} (kind, place)")
    connection.execute(
        f"INSERT INTO temp.{FOUND} SELECT k.kind, {place} FROM {state}.{quote(archived.table)} AS t NOT INDEXED"
        f" CROSS JOIN temp.{KINDS} AS k ON {has}"
    )
    connection.execute(f"CREATE TEMP TABLE {TOTALS} (kind INTEGER PRIMARY KEY, total)")
    connection.execute(f"INSERT INTO temp.{TOTALS} SELECT kind, count(*) FROM temp.{FOUND} GROUP BY kind")


def forget_alike(connection: sqlite3.Connection) -> None:
    """Drop the temporary tables."""
    for name in (GROUPS, KINDS, FOUND, TOTALS):
        connection.execute(f"DROP TABLE temp.{name}")
