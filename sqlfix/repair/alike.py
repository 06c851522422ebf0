"""How many rows of a table have the same values: what is known of a row that has no key, or whose rowid may change."""

from __future__ import annotations

import sqlite3

from sqlfix.repair.archive import MOST_INDEXED, Archive, Rows, is_value
from sqlfix.sql.literals import all_of, balanced, quote

GROUPS, KINDS, FOUND, TOTALS = "sqlfix_groups", "sqlfix_kinds", "sqlfix_found", "sqlfix_totals"
"""Temporary tables: of which kind a row of an archive is, the values of a kind, the rows that have them, how many."""
TOTAL = (
    f"SELECT ifnull(max(n.total), 0) FROM temp.{GROUPS} AS g JOIN temp.{TOTALS} AS n USING (kind) WHERE g.number = {{}}"
)
"""A query for how many rows of the table are like a row of the archive."""


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
        for side, where in (("old", "what = 'delete'"), ("new", "what <> 'delete'")):
            if not connection.execute(f"SELECT 1 FROM {rows.tables[0]} WHERE {where} LIMIT 1").fetchone():
                continue
            find_alike(connection, rows, side, f"r.{where}", state)
            connection.execute(f"UPDATE {rows.tables[0]} AS r SET alike = ({TOTAL.format('r.rowid')}) WHERE {where}")
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
