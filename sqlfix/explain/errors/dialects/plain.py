"""Frameworks and drivers whose texts hold SQLite's messages as they are: of these only the marks are known."""

from __future__ import annotations

from sqlfix.explain.errors.dialect import DIALECTS, Dialect

for _dialect in (
    Dialect("peewee", 30, ("peewee.",)),
    Dialect("TypeORM", 70, ("QueryFailedError", "typeorm")),
    Dialect("Android", 110, ("android.database.sqlite", "(code 787")),
    Dialect("JDBC", 130, ("org.sqlite.",)),
    Dialect("sqlx", 140, ("SqliteError {", "sqlx::")),
    Dialect("node", 150, ("SqliteError", "SQLITE_CONSTRAINT: ", "ERR_SQLITE_ERROR")),
    Dialect("Python", 160, ("sqlite3.",)),
):
    DIALECTS.add(_dialect.name, _dialect)
