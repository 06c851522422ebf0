"""A key that is NOT NULL by a CHECK: the declaration of the column allows NULL, and a constraint of the table does not.

A CHECK may say so of all rows (``CHECK (customer_id IS NOT NULL)``) or of some (a bookmark needs its place, a folder
does not). What it says of the orphans counts.
"""

from __future__ import annotations

import sqlite3

from sqlfix.model.schema import ForeignKey, Schema
from sqlfix.model.values import folded
from sqlfix.scan.check import CHECKS
from sqlfix.schema.assumptions import with_not_null, with_table
from sqlfix.schema.writable_keys import columns_to_null
from sqlfix.sql.literals import quote
from sqlfix.sql.predicates import orphan
from sqlfix.sqlite.deadline import overlooking


def checks_forbid_null(connection: sqlite3.Connection, schema: Schema, fk: ForeignKey) -> bool:
    """True if a relationship has orphans, and none whose key could be NULL for the CHECKs of its table.

    False as well where that cannot be told: an expression needs the rowid, a computed column, or what only the
    application has; and where a CHECK speaks of another foreign key as well (``a IS NOT NULL OR b IS NOT NULL``): if
    that one was emptied by a repair, the next repair would delete what the first one held back.
    """
    table = schema.table(fk.child)
    conditions = CHECKS["check-violations"].conditions
    if table is None or conditions is None or any(column.generated for column in table.columns):
        return False
    written = {folded(name) for name in columns_to_null(schema, fk)}
    about = [asked for asked in conditions(schema, table) if written & {folded(name) for name in asked.columns}]
    others = {name for asked in about for name in asked.columns if folded(name) not in written}
    if not about or any(schema.keys_with(fk.child, name) for name in others):
        return False
    broken = [asked.where for asked in about]
    columns = ", ".join(
        f"NULL AS {quote(column.name)}" if folded(column.name) in written else f"c.{quote(column.name)}"
        for column in table.columns
    )
    emptied = f"(SELECT {columns} FROM {quote(fk.child)} AS c WHERE {orphan(schema, fk)}) AS c"
    allowed = " AND ".join(f"NOT ifnull({condition}, 0)" for condition in broken)
    with overlooking(sqlite3.OperationalError):
        # 0 if none may have a NULL, 1 if one may, and NULL if there is none
        return bool(connection.execute(f"SELECT max({allowed}) = 0 FROM {emptied}").fetchone()[0])
    return False


def without_null(schema: Schema, fk: ForeignKey) -> Schema:
    """The schema as if the columns of a key that could be set to NULL had been declared NOT NULL."""
    return with_table(schema, with_not_null(schema.known_table(fk.child), columns_to_null(schema, fk)))
