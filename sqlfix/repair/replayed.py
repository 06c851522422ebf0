"""Whether a file is as a change of its schema left it, where the record of that was never finished.

It was cut off between its commit and the note of the file's sum. Whether anybody has written since can still be told:
the same statements, run on a private copy of the backup, come to what the file holds, or they do not.
"""

from __future__ import annotations

import sqlite3
from itertools import zip_longest
from pathlib import Path

from sqlfix.model.schema import Schema, Table
from sqlfix.plan.rehearsal import private_copy
from sqlfix.repair.record import Record, script_of
from sqlfix.repair.schema_undo import changed_by, stands
from sqlfix.schema.fingerprint import fingerprint
from sqlfix.sql.literals import quote
from sqlfix.sql.predicates import stored
from sqlfix.sqlite.connect import looking_at
from sqlfix.sqlite.deadline import stop_if_interrupted
from sqlfix.sqlite.stored_values import as_stored
from sqlfix.sqlite.trust import changing_schema

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
