"""The table for parked rows, where a repair made it: an undo that empties it drops it, and a redo makes it again."""

from __future__ import annotations

import sqlite3

from sqlfix.model.plans import Plan
from sqlfix.model.schema import Schema
from sqlfix.repair.record import Record
from sqlfix.sql.lost_and_found import CREATE
from sqlfix.sql.parked_table import NAME, is_ours

MAKES, DROPS = "makes", "drops"
"""What a record says of the table."""


def told_of(plan: Plan) -> dict[str, str | None]:
    """What the record of a plan says of it."""
    return {MAKES: NAME if plan.prepares else None}


def is_missing(schema: Schema, record: Record) -> bool:
    """True if what a record tells of dropped the table, and it has to be there for that to be taken back."""
    return record.about.get(DROPS) == NAME and not schema.has(NAME)


def make(connection: sqlite3.Connection) -> None:
    """Make the table, empty."""
    connection.execute(CREATE)


def drop_if_empty(connection: sqlite3.Connection, schema: Schema, record: Record) -> dict[str, str | None]:
    """Drop the table that a repair made, if nobody has put anything into it or onto it; what a record says of that."""
    table = schema.table(NAME)
    made = record.about.get(MAKES) == NAME or record.about.get(DROPS) == NAME
    if not made or table is None or not is_ours(table) or table.indexes or table.triggers:
        return {}
    if connection.execute(f"SELECT 1 FROM main.{NAME} LIMIT 1").fetchone():
        return {}
    connection.execute(f"DROP TABLE main.{NAME}")
    return {DROPS: NAME}
