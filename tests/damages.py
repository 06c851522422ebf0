"""Damage to a schema as tools have done it: each function does it to one table, through a connection of its own."""

from __future__ import annotations

import sqlite3

from sqlfix.sql.literals import quote


def followed(connection: sqlite3.Connection, table: str) -> None:
    """SQLite 3.25 had all else follow the rename of the old table, and the new one is nobody's."""
    kept = _belongings(connection, table)
    (text,) = connection.execute("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?", (table,)).fetchone()
    connection.execute(f"ALTER TABLE {quote(table)} RENAME TO {quote(f'{table}__old')}")
    for kind, name in _names(connection, f"{table}__old"):
        connection.execute(f"DROP {kind} {quote(name)}")
    connection.execute(text)
    connection.execute(f"INSERT INTO {quote(table)} SELECT * FROM {quote(f'{table}__old')}")
    connection.execute("PRAGMA legacy_alter_table = ON")
    connection.execute(f"DROP TABLE {quote(f'{table}__old')}")
    for text in kept:
        connection.execute(text)


def put_aside(connection: sqlite3.Connection, table: str) -> None:
    """Somebody made room, and nothing came of it."""
    connection.execute("PRAGMA legacy_alter_table = ON")
    connection.execute(f"ALTER TABLE {quote(table)} RENAME TO {quote(f'{table}_backup')}")


def copied(connection: sqlite3.Connection, table: str) -> None:
    """CREATE TABLE AS took all but the constraints."""
    kept = _belongings(connection, table)
    connection.execute("PRAGMA legacy_alter_table = ON")
    connection.execute(f"CREATE TABLE zz_copy AS SELECT * FROM {quote(table)}")
    connection.execute(f"DROP TABLE {quote(table)}")
    connection.execute(f"ALTER TABLE zz_copy RENAME TO {quote(table)}")
    for text in kept:
        connection.execute(text)


def half_built(connection: sqlite3.Connection, table: str) -> None:
    """Alembic died after the DROP TABLE."""
    connection.execute("PRAGMA legacy_alter_table = ON")
    connection.execute(f"ALTER TABLE {quote(table)} RENAME TO {quote(f'_alembic_tmp_{table}')}")


def _belongings(connection: sqlite3.Connection, table: str) -> list[str]:
    query = "SELECT sql FROM sqlite_master WHERE tbl_name = ? AND type IN ('index', 'trigger') AND sql IS NOT NULL"
    return [text for (text,) in connection.execute(query, (table,))]


def _names(connection: sqlite3.Connection, table: str) -> list[tuple[str, str]]:
    query = "SELECT type, name FROM sqlite_master WHERE tbl_name = ? AND type <> 'table' AND sql IS NOT NULL"
    return connection.execute(query, (table,)).fetchall()
