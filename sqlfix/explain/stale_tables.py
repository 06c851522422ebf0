"""Signs that the application has forgotten a table: hints, never more."""

from __future__ import annotations

import re
import sqlite3

from sqlfix.model.schema import Schema, Table
from sqlfix.model.values import folded
from sqlfix.schema.bookkeeping import is_bookkeeping
from sqlfix.schema.leftovers import may_be_left
from sqlfix.sql.literals import names, quote

STALE_DAYS = 365
DATES = re.compile(r"DATE|TIMESTAMP", re.IGNORECASE)


def signs_of_neglect(connection: sqlite3.Connection, schema: Schema, name: str, beside: str) -> str | None:
    """Why a table looks forgotten by the application, in words; None if it does not.

    Args:
        name: the table that is asked about.
        beside: a table in use, with whose dates its own are compared.
    """
    table, other = schema.table(name), schema.table(beside)
    if table is None or other is None or folded(name) == folded(beside) or is_bookkeeping(name):
        return None
    signs = []
    if may_be_left(name):
        signs.append("its name is one that a migration leaves behind")
    if _has_no_app(connection, schema, name):
        signs.append("django_migrations knows no app that it belongs to")
    if _is_stale(connection, table, other):
        signs.append("its newest row is more than a year older than those beside it")
    if not signs:
        return None
    if not any(folded(fk.child) != folded(name) for fk in schema.references_to(name)):
        signs.append("no table refers to it")
    return f"the application may have forgotten this table: {'; '.join(signs)}"


def _has_no_app(connection: sqlite3.Connection, schema: Schema, name: str) -> bool:
    """True if the apps that Django has migrations of explain other tables, and not this one."""
    kept = schema.table("django_migrations")
    if kept is None or kept.column("app") is None:
        return False
    rows = connection.execute(f"SELECT DISTINCT app FROM {quote(kept.name)} LIMIT 1000").fetchall()
    apps = [folded(app) for (app,) in rows if isinstance(app, str)]

    def known(table: str) -> bool:
        return any(folded(table).startswith(f"{app}_") for app in apps)

    return bool(apps) and not known(name) and any(known(table.name) for table in schema.tables)


def _is_stale(connection: sqlite3.Connection, table: Table, other: Table) -> bool:
    ours, theirs = _newest(connection, table), _newest(connection, other)
    return ours is not None and theirs is not None and ours < theirs - STALE_DAYS


def _newest(connection: sqlite3.Connection, table: Table) -> float | None:
    """The newest date in a table, as a Julian day; None without any."""
    columns = [column.name for column in table.columns if DATES.search(column.type) and not column.generated]
    if not columns:
        return None
    days = ", ".join(f"max(julianday({names([column], 'c')}))" for column in columns)
    found = connection.execute(f"SELECT {days} FROM {quote(table.name)} AS c").fetchone()
    return max((day for day in found if isinstance(day, float)), default=None)
