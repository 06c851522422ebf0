"""Frameworks and drivers whose texts hold SQLite's messages as they are.

Of these only the marks are known, the names of errors, and where the parameters of a statement are printed.
"""

from sqlfix.explain.errors.dialect import DIALECTS, Dialect, Listed
from sqlfix.explain.errors.message import Kind
from sqlfix.explain.errors.printed_values import LONGEST, bare_list, python_list

_SEQUELIZE = {"SequelizeForeignKeyConstraintError": Kind.FOREIGN_KEY, "SequelizeUniqueConstraintError": Kind.UNIQUE}
_SQLALCHEMY = Listed(rf"\[parameters: (?P<list>[(\[{{][^\n]{{0,{LONGEST}}})\]", python_list)
_DRIZZLE = Listed(rf"(?m)^params: (?P<list>(?!\[)[^\n]{{1,{LONGEST}}})$", bare_list)
_DART = Listed(rf"(?m), parameters: (?P<list>(?!\[)[^\n]{{1,{LONGEST}}})$", bare_list)  # drift stands on it

for _dialect in (
    Dialect("SQLAlchemy", 20, ("sqlalchemy.", "sqlalche.me", "[SQL: "), parameters=_SQLALCHEMY),
    Dialect("peewee", 30, ("peewee.",)),
    Dialect("Sequelize", 60, ("Sequelize", "sequelize"), codes=_SEQUELIZE),
    Dialect("TypeORM", 70, ("QueryFailedError", "typeorm")),
    Dialect("Drizzle", 80, ("DrizzleQueryError", "drizzle-orm"), parameters=_DRIZZLE),
    Dialect("Dart", 85, ("SqliteException(",), parameters=_DART),
    Dialect("Android", 110, ("android.database.sqlite", "(code 787")),
    Dialect("PHP", 122, ("SQLSTATE[", "SQLite3::", "SQLite3Stmt::")),
    Dialect("JDBC", 130, ("org.sqlite.",)),
    Dialect("sqlx", 140, ("SqliteError {", "sqlx::")),
    Dialect("node", 150, ("SqliteError", "SQLITE_CONSTRAINT: ", "ERR_SQLITE_ERROR")),
    Dialect("Python", 160, ("sqlite3.",)),
):
    DIALECTS.add(_dialect.name, _dialect)
