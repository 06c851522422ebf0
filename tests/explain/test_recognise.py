"""Which message is recognised in what users paste: SQLite's own, and those of the frameworks around it."""

from __future__ import annotations

import re
import sqlite3
import time
from pathlib import Path
from typing import Any

import pytest
from support import together

from sqlfix.explain.errors.message import Kind, Recognised
from sqlfix.explain.errors.names import plain_columns
from sqlfix.explain.errors.recognise import MOST_TEXT, not_explained, recognise
from tests.explain.test_failed_statement import HIDDEN, as_read

GUID = "5b10ceb8-0000-4000-8000-00000000000a"


def known(text: str) -> Recognised:
    found = recognise(text)
    assert found is not None, text
    return found


# -- made by SQLite itself ----------------------------------------------------------------------------------------

CHILD = "CREATE TABLE p(id INTEGER PRIMARY KEY); CREATE TABLE c(id INTEGER PRIMARY KEY, p REFERENCES p);"

MADE = {
    "foreign key": (CHILD, "INSERT INTO c VALUES (1, 7)", {"kind": Kind.FOREIGN_KEY}),
    "restrict": (
        "CREATE TABLE p(id INTEGER PRIMARY KEY); CREATE TABLE c(p REFERENCES p ON DELETE RESTRICT);"
        "INSERT INTO p VALUES (1); INSERT INTO c VALUES (1);",
        "DELETE FROM p",
        {"kind": Kind.FOREIGN_KEY},
    ),
    "unique of two columns": (
        "CREATE TABLE t(a, b, UNIQUE(a, b)); INSERT INTO t VALUES (1, 2);",
        "INSERT INTO t VALUES (1, 2)",
        {"kind": Kind.UNIQUE, "table": "t", "columns": ("a", "b")},
    ),
    "unique index on an expression": (
        """CREATE TABLE t(a); CREATE UNIQUE INDEX "it's" ON t(lower(a)); INSERT INTO t VALUES ('x');""",
        "INSERT INTO t VALUES ('X')",
        {"kind": Kind.UNIQUE, "constraint": "it's", "table": None},
    ),
    "primary key": (
        "CREATE TABLE t(id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1);",
        "INSERT INTO t VALUES (1)",
        {"kind": Kind.UNIQUE, "table": "t", "columns": ("id",)},
    ),
    "not null": (
        "CREATE TABLE t(a NOT NULL);",
        "INSERT INTO t VALUES (NULL)",
        {"kind": Kind.NOT_NULL, "table": "t", "columns": ("a",)},
    ),
    "check with a name": (
        "CREATE TABLE t(a CONSTRAINT positive CHECK (a > 0));",
        "INSERT INTO t VALUES (-1)",
        {"kind": Kind.CHECK, "constraint": "positive"},
    ),
    "check over two lines": (
        "CREATE TABLE t(a INTEGER, CHECK (a > 0 AND\n a < 9));",
        "INSERT INTO t VALUES (-1)",
        {"kind": Kind.CHECK, "constraint": "a > 0 AND", "table": None},
    ),
    "a stale reference": (
        "CREATE TABLE p(id INTEGER PRIMARY KEY); CREATE TABLE c(p REFERENCES p__old);",
        "INSERT INTO c VALUES (1)",
        {"kind": Kind.MISSING_TABLE, "table": "p__old"},
    ),
    "a view of a table that is gone": (
        "CREATE TABLE o(x); CREATE TABLE p(x); CREATE VIEW v AS SELECT * FROM o; DROP TABLE o;",
        "ALTER TABLE p RENAME TO q",
        {"kind": Kind.MISSING_TABLE, "table": "o", "constraint": "v"},
    ),
    "a trigger that names a table that is gone": (
        "CREATE TABLE p(x); CREATE TRIGGER tr AFTER INSERT ON p BEGIN INSERT INTO o VALUES (1); END;",
        "ALTER TABLE p RENAME TO q",
        {"kind": Kind.MISSING_TABLE, "table": "o", "constraint": "tr"},
    ),
    "mismatch": (
        'CREATE TABLE p(id); CREATE TABLE "c ""x"""(p REFERENCES p(id));',
        'INSERT INTO "c ""x""" VALUES (1)',
        {"kind": Kind.MISMATCH, "table": 'c "x"', "parent": "p"},
    ),
    "datatype": ("CREATE TABLE t(id INTEGER PRIMARY KEY);", "INSERT INTO t VALUES ('x')", {"kind": Kind.DATATYPE}),
    "strict": (
        "CREATE TABLE t(a INTEGER) STRICT;",
        "INSERT INTO t VALUES ('x')",
        {"kind": Kind.STRICT_TYPE, "table": "t", "columns": ("a",), "stored": "TEXT", "wanted": "INTEGER"},
    ),
    "a missing function": (
        "CREATE TABLE t(a); CREATE TRIGGER tr AFTER INSERT ON t BEGIN SELECT our_own(1); END;",
        "INSERT INTO t VALUES (1)",
        {"kind": Kind.MISSING_FUNCTION, "constraint": "our_own"},
    ),
}


def expect(found: Recognised, facts: dict[str, Any]) -> None:
    mine = {name: getattr(found, name) for name in facts}
    if "statement" in facts:
        mine["statement"] = as_read(found.statement)
    assert mine == facts


@together
@pytest.mark.parametrize(("setup", "statement", "facts"), MADE.values(), ids=MADE)
def test_a_message_that_sqlite_makes(setup: str, statement: str, facts: dict[str, Any]) -> None:
    if "STRICT" in setup and sqlite3.sqlite_version_info < (3, 37):
        pytest.skip("this SQLite has no STRICT tables")
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.executescript(setup)
    connection.execute("PRAGMA foreign_keys = ON")
    with pytest.raises(sqlite3.Error) as caught:
        connection.execute(statement)
    connection.close()
    said = str(caught.value)
    for text in (
        said,
        f"Traceback (most recent call last):\n  File x\nsqlite3.IntegrityError: {said}\n",
        f"{said}\r\n",
    ):
        expect(known(text), facts)


# -- as others word or wrap it ------------------------------------------------------------------------------------

USERS_7 = "DELETE users WHERE id=7"

WORDED: dict[str, tuple[str, dict[str, Any]]] = {
    "Django's check": (
        "django.db.utils.IntegrityError: The row in table 'a_b' with primary key '7' has an invalid foreign key: "
        "a_b.c_id contains a value '5' that does not have a corresponding value in p.id.",
        {
            "kind": Kind.FOREIGN_KEY,
            "framework": "Django",
            "table": "a_b",
            "columns": ("c_id",),
            "row_key": "7",
            "value": "5",
            "parent": "p",
            "parent_columns": ("id",),
        },
    ),
    "Django's check, with names that hold anything": (
        "The row in table 'it's' with primary key 'a'b' has an invalid foreign key: it's.x.y contains a value 'don't' "
        "that does not have a corresponding value in p.q.id.",
        {"table": "it's", "row_key": "a'b", "columns": ("x.y",), "value": "don't", "parent": "p.q"},
    ),
    "SQLAlchemy": (
        "sqlalchemy.exc.IntegrityError: (sqlite3.IntegrityError) FOREIGN KEY constraint failed\n"
        "[SQL: DELETE FROM users WHERE users.id = ?]\n[parameters: (7,)]\n"
        "(Background on this error at: https://sqlalche.me/e/20/gkpj)",
        {"kind": Kind.FOREIGN_KEY, "framework": "SQLAlchemy", "statement": USERS_7},
    ),
    "Rails before 6": (
        "ActiveRecord::InvalidForeignKey: SQLite3::ConstraintException: FOREIGN KEY constraint failed:"
        ' DELETE FROM "users" WHERE "users"."id" = ?',
        {"kind": Kind.FOREIGN_KEY, "framework": "Rails", "statement": f"DELETE users{HIDDEN}"},
    ),
    "Rails, in its log": (
        '  User Destroy (0.3ms)  DELETE FROM "users" WHERE "users"."id" = ?  [["id", 7]]\n'
        "ActiveRecord::InvalidForeignKey (SQLite3::ConstraintException: FOREIGN KEY constraint failed):\n",
        {"kind": Kind.FOREIGN_KEY, "framework": "Rails", "statement": USERS_7},
    ),
    "Rails, a table that is dropped": (
        'SQLite3::ConstraintException: FOREIGN KEY constraint failed: DROP TABLE "tags"',
        {"kind": Kind.FOREIGN_KEY, "statement": "DROP tags"},
    ),
    "Rails, not unique": (
        "ActiveRecord::RecordNotUnique: SQLite3::ConstraintException: UNIQUE constraint failed: users.email:"
        ' INSERT INTO "users" ("email") VALUES (?)',
        {"kind": Kind.UNIQUE, "framework": "Rails", "table": "users", "columns": ("email",)},
    ),
    "Rails' fixtures": (
        "Error from database: Foreign key violations found: comments, posts, comments",
        {"kind": Kind.FOREIGN_KEY, "framework": "Rails", "tables": ("comments", "posts")},
    ),
    "Prisma before 6": (
        "PrismaClientKnownRequestError: \nInvalid `prisma.authUser.delete()` invocation:\n\n\n"
        "Foreign key constraint failed on the field: `foreign key`",
        {"kind": Kind.FOREIGN_KEY, "framework": "Prisma", "columns": (), "statement": f"DELETE authUser{HIDDEN}"},
    ),
    "Prisma since": (
        "Invalid `prisma.user.create()` invocation:\nForeign key constraint violated on the foreign key\n"
        "{ code: 'P2003', meta: { modelName: 'User' } }",
        {"kind": Kind.FOREIGN_KEY, "model": "User", "statement": f"INSERT user{HIDDEN}"},
    ),
    "Prisma, through rusqlite": (
        "ConnectorError(ConnectorError { user_facing_error: None, kind: QueryError(SqliteFailure(Error { code: "
        'ConstraintViolation, extended_code: 1811 }, Some("FOREIGN KEY constraint failed"))) })',
        {"kind": Kind.FOREIGN_KEY},
    ),
    "Prisma, not unique": (
        "Unique constraint failed on the fields: (`email`,`name`)",
        {"kind": Kind.UNIQUE, "columns": ("email", "name")},
    ),
    "Prisma, null": (
        "Null constraint violation on the fields: (`name`)",
        {"kind": Kind.NOT_NULL, "columns": ("name",)},
    ),
    "Prisma, by its code alone": (
        "{ code: 'P2002', clientVersion: '5.1.0', meta: { modelName: 'User', target: [ 'email' ] } }",
        {"kind": Kind.UNIQUE, "columns": ("email",), "model": "User"},
    ),
    "Prisma, a table": (
        "The table `main.User` does not exist in the current database.",
        {"kind": Kind.MISSING_TABLE, "table": "User"},
    ),
    "Sequelize": (
        "Executing (default): DELETE FROM `users` WHERE `id` = 7\n"
        "Unhandled rejection SequelizeForeignKeyConstraintError: SQLITE_CONSTRAINT: FOREIGN KEY constraint failed",
        {"kind": Kind.FOREIGN_KEY, "framework": "Sequelize", "statement": USERS_7},
    ),
    "Sequelize, by rowid": (
        "DELETE FROM `users` WHERE rowid IN (SELECT rowid FROM `users` WHERE `id` = 7 LIMIT 1)\n"
        "SequelizeForeignKeyConstraintError: SQLITE_CONSTRAINT: FOREIGN KEY constraint failed",
        {"statement": "DELETE users WHERE rowid IN (SELECT rowid FROM users WHERE id=7)"},
    ),
    "Sequelize, not unique": (
        "SequelizeUniqueConstraintError: Validation error {\n  parent: Error: SQLITE_CONSTRAINT: UNIQUE"
        " constraint failed: users.email {\n    errno: 19,\n"
        "    sql: 'INSERT INTO `users` (`id`,`email`) VALUES (NULL,$1);'",
        {"kind": Kind.UNIQUE, "framework": "Sequelize", "table": "users", "columns": ("email",)},
    ),
    "Sequelize, which calls a RESTRICT not unique": (
        '"name": "SequelizeUniqueConstraintError",\n"message": "Validation error",\n'
        '"sql": "DELETE FROM `users` WHERE `id` = 7"',
        {"kind": Kind.FOREIGN_KEY, "statement": USERS_7},
    ),
    "EF Core": (
        "Failed executing DbCommand (1ms) [Parameters=[@p0='7' (DbType = Int32)], CommandType='Text', "
        "CommandTimeout='30']\n"
        '      DELETE FROM "users"\n      WHERE "id" = @p0\n      RETURNING 1;\n'
        "Microsoft.EntityFrameworkCore.DbUpdateException: An error occurred while saving the entity changes.\n"
        " ---> Microsoft.Data.Sqlite.SqliteException (0x80004005): SQLite Error 19: 'FOREIGN KEY constraint failed'.\n"
        "   at Microsoft.Data.Sqlite.SqliteException.ThrowExceptionForRC(Int32 rc, sqlite3 db)",
        {"kind": Kind.FOREIGN_KEY, "framework": "EF Core", "statement": USERS_7},
    ),
    "EF Core, a Guid and a text that looks like one": (
        f"Failed executing DbCommand [Parameters=[@p0='{GUID}', @p1='{GUID}' (Nullable = false) (Size = 36)],"
        " CommandType='Text']\nDELETE FROM users WHERE id = @p0 AND a = @p1\n"
        "SQLite Error 19: 'FOREIGN KEY constraint failed'.",
        {"statement": f"DELETE users WHERE id='{GUID.upper()}', a='{GUID}'"},
    ),
    "EF Core, which keeps the values secret": (
        "[Parameters=[@p0='?' (DbType = Int32)], CommandType='Text', CommandTimeout='30']\n"
        'DELETE FROM "users" WHERE "id" = @p0;\nSQLite Error 19: \'FOREIGN KEY constraint failed\'.',
        {"statement": f"DELETE users{HIDDEN}"},
    ),
    "EF Core, not unique": (
        "SQLite Error 19: 'UNIQUE constraint failed: Users.Email'.\n   at X",
        {"kind": Kind.UNIQUE, "table": "Users", "columns": ("Email",), "framework": "EF Core"},
    ),
    "EF Core, a table": ("SQLite Error 1: 'no such table: Blogs'.", {"kind": Kind.MISSING_TABLE, "table": "Blogs"}),
    "EF Core, a trigger": ("SQLite Error 19: 'not on Sundays'.", {"kind": Kind.RAISED, "subject": "not on Sundays"}),
    "Android": (
        "android.database.sqlite.SQLiteConstraintException: FOREIGN KEY constraint failed (code 787"
        " SQLITE_CONSTRAINT_FOREIGNKEY)\n\tat android.database.sqlite.SQLiteConnection.nativeExecute(Native Method)",
        {"kind": Kind.FOREIGN_KEY, "framework": "Android"},
    ),
    "Android, not unique": (
        "SQLiteConstraintException: UNIQUE constraint failed: user.email (code 2067 SQLITE_CONSTRAINT_UNIQUE)",
        {"kind": Kind.UNIQUE, "table": "user", "columns": ("email",)},
    ),
    "Room": (
        "java.lang.IllegalStateException: Migration didn't properly handle: users(com.example.User).\n Expected:\n"
        "TableInfo{",
        {"kind": Kind.MIGRATION, "framework": "Room", "table": "users"},
    ),
    "Room, of old": (
        "Migration didn't properly handle seasons(com.x.SgSeason).",
        {"kind": Kind.MIGRATION, "table": "seasons"},
    ),
    "Room's check": (
        "android.database.SQLException: Foreign key violation(s) detected in 'song'.\nNumber of different violations"
        " discovered: 1\nNumber of rows in violation: 2\nViolation(s) detected in the following constraint(s):\n"
        "\tParent Table = album, Foreign Key Constraint Index = 0",
        {"kind": Kind.FOREIGN_KEY, "table": "song", "parent": "album"},
    ),
    "peewee": (
        "peewee.IntegrityError: NOT NULL constraint failed: band.name",
        {"kind": Kind.NOT_NULL, "framework": "peewee"},
    ),
    "better-sqlite3": (
        "SqliteError: FOREIGN KEY constraint failed\n    at x.js:1 {\n  code: 'SQLITE_CONSTRAINT_FOREIGNKEY'\n}",
        {"kind": Kind.FOREIGN_KEY, "framework": "node"},
    ),
    "node:sqlite": (
        "Error: UNIQUE constraint failed: t.a\n  code: 'ERR_SQLITE_ERROR',\n  errcode: 2067,\n"
        "  errstr: 'constraint failed'",
        {"kind": Kind.UNIQUE, "table": "t", "columns": ("a",), "framework": "node"},
    ),
    "Knex": (
        "delete from `users` where `id` = 7 - FOREIGN KEY constraint failed",
        {"kind": Kind.FOREIGN_KEY, "statement": USERS_7},
    ),
    "TypeORM": (
        "QueryFailedError: SQLITE_CONSTRAINT: FOREIGN KEY constraint failed\n"
        '  query: \'DELETE FROM "users" WHERE "id" = ?\',\n  parameters: [ 7 ],',
        {"framework": "TypeORM", "statement": USERS_7},
    ),
    "Drizzle": (
        'DrizzleQueryError: Failed query: delete from "users" where "users"."id" = ?\nparams: 7\n'
        "cause: SqliteError: FOREIGN KEY constraint failed",
        {"framework": "Drizzle", "statement": USERS_7},
    ),
    "Laravel": (
        "SQLSTATE[23000]: Integrity constraint violation: 19 NOT NULL constraint failed: users.name (Connection:"
        ' sqlite, SQL: insert into "users" ("email") values (a@x))',
        {"kind": Kind.NOT_NULL, "framework": "Laravel", "table": "users", "columns": ("name",)},
    ),
    "JDBC": (
        "org.sqlite.SQLiteException: [SQLITE_CONSTRAINT_UNIQUE] A UNIQUE constraint failed (UNIQUE constraint"
        " failed: t.a)",
        {"kind": Kind.UNIQUE, "table": "t", "columns": ("a",), "framework": "JDBC"},
    ),
    "Go": ("constraint failed: UNIQUE constraint failed: t.a (2067)", {"kind": Kind.UNIQUE, "columns": ("a",)}),
    "Rust": ("error returned from database: (code: 787) FOREIGN KEY constraint failed", {"kind": Kind.FOREIGN_KEY}),
    "Rust, quoted again": (
        r'Some("foreign key mismatch - \"c\" referencing \"p\"")',
        {"kind": Kind.MISMATCH, "table": "c", "parent": "p"},
    ),
    "SQLite before 3.8": (
        "columns a, b are not unique",
        {"kind": Kind.UNIQUE, "table": None, "columns": ("a", "b")},
    ),
    "SQLite before 3.8, a key": ("PRIMARY KEY must be unique", {"kind": Kind.PRIMARY_KEY}),
    "SQLite before 3.8, NULL": ("t.c may not be NULL", {"kind": Kind.NOT_NULL, "table": "t", "columns": ("c",)}),
    "broken by the width of a terminal": ("FOREIGN KEY constraint\nfailed", {"kind": Kind.FOREIGN_KEY}),
    "in the colours of a terminal": (
        "\x1b[31mError: \x1b[1mFOREIGN KEY\x1b[0m constraint failed",
        {"kind": Kind.FOREIGN_KEY},
    ),
    "a damaged file": ("sqlite3.DatabaseError: database disk image is malformed", {"kind": Kind.DAMAGED}),
    "a locked one": ("sqlite3.OperationalError: database is locked", {"kind": Kind.OTHER}),
    "a trigger": ("sqlite3.IntegrityError: orders are never deleted", {"kind": Kind.RAISED}),
}


@together
@pytest.mark.parametrize(("text", "facts"), WORDED.values(), ids=WORDED)
def test_a_message_as_others_word_it(text: str, facts: dict[str, Any]) -> None:
    expect(known(text), facts)


@together
@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("787", Kind.FOREIGN_KEY),
        ("errno: 787", Kind.FOREIGN_KEY),
        ("code 1299", Kind.NOT_NULL),
        ("errcode: 2067,", Kind.UNIQUE),
        ("error 1555", Kind.PRIMARY_KEY),
        ("code=275", Kind.CHECK),
        ("sqlite_errorcode: 3091", Kind.STRICT_TYPE),
        ("code: 'SQLITE_CONSTRAINT_NOTNULL'", Kind.NOT_NULL),
        ("P2011", Kind.NOT_NULL),
        ("ActiveRecord::InvalidForeignKey", Kind.FOREIGN_KEY),
    ],
)
def test_a_code_stands_for_its_message(code: str, kind: Kind) -> None:
    assert known(code).kind is kind


def test_a_message_goes_before_a_code_that_follows_it() -> None:
    assert known("NOT NULL constraint failed: t.a\ncode: 'SQLITE_CONSTRAINT_FOREIGNKEY'").kind is Kind.NOT_NULL


@together
@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n\t",
        "\x00",
        "it does not work",
        "at line 787 of views.py",
        "Traceback (most recent call last):\nKeyError: 'x'",
        "the customer table is not unique in that",
        "There is a constraint on failed logins",
        "https://example.org/item/1555",
    ],
)
def test_what_is_no_message_is_not_recognised(text: str) -> None:
    assert recognise(text) is None


# -- the tables of docs/errors.md ---------------------------------------------------------------------------------

DOCS = (Path(__file__).parents[2] / "docs" / "errors.md").read_text(encoding="utf-8")
CELL = re.compile(r"``\s?(.+?)\s?``(?!`)|`([^`]+)`")


def rows_of(heading: str) -> list[list[str]]:
    """The rows of the table under a line: the code in its cells, or else their text."""
    lines = DOCS.partition(heading)[2].splitlines()
    start = next(place for place, line in enumerate(lines) if line.startswith("| ---")) + 1
    rows = []
    for line in lines[start:]:
        if not line.startswith("|"):
            break
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        rows.append([(m[1] or m[2]) if (m := CELL.fullmatch(cell)) else cell for cell in cells])
    return rows


MESSAGES = [row[0] for row in rows_of("## Messages of SQLite")]
PASTED = rows_of("| who | as it is pasted |")


@together
@pytest.mark.parametrize("message", MESSAGES)
def test_a_message_of_the_docs_is_recognised(message: str) -> None:
    found = known(message)
    assert found.kind not in (Kind.RAISED, Kind.STATEMENT)
    assert found.message == message
    quoted = known(f"sqlite3.OperationalError: {message} (1)\n  at x")
    assert (found.kind, found.message) == (quoted.kind, quoted.message)


@together
@pytest.mark.parametrize(("pasted", "read"), [row[1:] for row in PASTED], ids=[row[0] for row in PASTED])
def test_what_is_put_around_a_message_is_no_part_of_it(pasted: str, read: str) -> None:
    found = known(pasted)
    assert found.message == read
    assert found.kind == known(read).kind
    assert (found.table, found.columns, found.constraint) == (
        known(read).table,
        known(read).columns,
        known(read).constraint,
    )


@together
@pytest.mark.parametrize("text", not_explained())
def test_what_is_not_explained_is_known_as_such(text: str) -> None:
    assert f"* `{text}`\n" in DOCS
    said = text.replace("*", "x")
    found = known(f"sqlite3.OperationalError: {said}")
    assert (found.kind, found.message) == (Kind.STATEMENT, said)


def test_a_name_that_is_no_identifier_is_left_to_the_schema() -> None:
    found = known("UNIQUE constraint failed: order items.first name (19)")
    assert found.subject == "order items.first name (19)"
    assert (found.table, found.message) == ("order items", "UNIQUE constraint failed: order items.first")


# -- which of several ---------------------------------------------------------------------------------------------


def test_the_last_of_several_counts() -> None:
    first, last = "UNIQUE constraint failed: a.x", "NOT NULL constraint failed: b.y"
    chain = "\n\nDuring handling of the above exception, another exception occurred:\n\n"
    assert known(first + chain + last).table == "b"
    assert known(last + chain + first).table == "a"
    assert known("CHECK constraint failed: one\nCHECK constraint failed: two").constraint == "two"


def test_the_statement_nearest_to_the_message_counts() -> None:
    log = "DELETE FROM a WHERE id = 1\n" + "x" * 500 + "\nDELETE FROM b WHERE id = 2\nFOREIGN KEY constraint failed\n"
    assert as_read(known(log).statement) == "DELETE b WHERE id=2"


@pytest.mark.parametrize(
    "text",
    [
        "FOREIGN KEY constraint failed: COMMIT TRANSACTION",
        "FOREIGN KEY constraint failed [SQL: COMMIT]",
        "(787) FOREIGN KEY constraint failed - while executing `COMMIT TRANSACTION`",
    ],
)
def test_what_fails_at_a_commit_is_not_laid_on_the_statement_before_it(text: str) -> None:
    log = f"INSERT INTO a (id) VALUES (1)\n{text}\nDELETE FROM b WHERE id = 1"
    assert known(log).statement is None


def test_a_statement_far_away_is_not_taken_for_it() -> None:
    assert known("DELETE FROM a WHERE id = 1" + "x" * 20_000 + " FOREIGN KEY constraint failed").statement is None


# -- hostile text -------------------------------------------------------------------------------------------------

HOSTILE = {
    "nothing of note": "x",
    "blanks": " ",
    "lines": "\n",
    "the start of Django's message": "The row in table '",
    "half of Django's message": (
        "The row in table 'a' with primary key 'b' has an invalid foreign key: c contains a value '"
    ),
    "the start of a trigger's": "error in trigger ",
    "unique": "UNIQUE constraint failed: ",
    "check": "CHECK constraint failed: ",
    "mismatch": 'foreign key mismatch - "',
    "colours": "\x1b[",
    "brackets": "[[(({",
    "old wordings": "columns a, ",
    "statements": "DELETE FROM t WHERE ",
    "parameters": "[parameters: (",
    "Room": "Migration didn't properly handle: ",
    "Room's check": "Foreign key violation(s) detected in 'a'",
    "trigger messages": "IntegrityError: ",
    "bound parameters": "DELETE FROM t WHERE a = ?\nbinding parameter [1",
    "bound parameters, whole": "DELETE FROM t WHERE a = ?\nbinding parameter [1] as [INTEGER] - [7]\n",
    "tags": "</p><a ",
    "escapes": '":"\\n\\\\',
    "containers": "app               | x\n",
    "changesets": "constraint error when attempting to insert struct: * ",
    "violations": 'ForeignKeyConstraintViolation { constraint: Fields(["a"',
    "bindings": "(SQL: delete from t where a = ?) (Bindings: array (0 => 1, ",
}


STATEMENTS = {
    "parentheses": "DELETE FROM t WHERE {(}",
    "queries": "DELETE FROM t WHERE {id IN (SELECT id FROM t WHERE }",
    "alternatives": "DELETE FROM t WHERE {(a = 1 OR }",
    "ranges": "DELETE FROM t WHERE {x + 1 BETWEEN }",
    "cases": "DELETE FROM t WHERE {CASE WHEN }",
    "comments": "DELETE FROM t WHERE id = 7 {/* }",
    "points": 'DELETE FROM t WHERE {"a".}',
    "rows": "INSERT INTO t (a, b) VALUES {(1, 2), }",
    "rows without quotes": '(SQL: insert into "t" ("a", "b") values ({x, }',
    "assignments": "UPDATE t SET {a = b + 1, }",
    "sets of values": "[SQL: DELETE FROM t WHERE a = ?]\n[parameters: [{(1,), }]]",
    "a list in lists": "[SQL: DELETE FROM t WHERE a = ?]\n[parameters: {[}]]",
}


@pytest.mark.parametrize("form", STATEMENTS.values(), ids=STATEMENTS)
def test_a_statement_of_any_form_is_read_in_a_moment(form: str) -> None:
    before, _, rest = form.partition("{")
    piece, _, after = rest.partition("}")
    started = time.monotonic()
    text = f"{before}{piece * (7_500 // len(piece))}{after}"
    assert known(f"FOREIGN KEY constraint failed\n{text}").kind is Kind.FOREIGN_KEY
    assert known(f"{text * 8}\nFOREIGN KEY constraint failed").kind is Kind.FOREIGN_KEY
    assert time.monotonic() - started < 10


@pytest.mark.parametrize("piece", HOSTILE.values(), ids=HOSTILE)
def test_megabytes_of_it_are_read_in_a_moment(piece: str) -> None:
    started = time.monotonic()
    recognise(piece * (400_000 // len(piece)))
    found = known(piece * (200_000 // len(piece)) + "\nFOREIGN KEY constraint failed")
    assert found.kind is Kind.FOREIGN_KEY
    assert time.monotonic() - started < 10


def test_of_a_text_beyond_all_bounds_the_end_is_read() -> None:
    text = "UNIQUE constraint failed: t.a\n" + "x" * MOST_TEXT
    assert recognise(text) is None
    assert known(text + "\nNOT NULL constraint failed: t.b").columns == ("b",)


def test_what_is_kept_of_a_message_is_short() -> None:
    found = known("UNIQUE constraint failed: t." + "a" * 900_000)
    assert len(found.message) <= 300
    assert len(found.subject) <= 2_000


def test_what_is_no_text_is_replaced() -> None:
    found = known(r"FOREIGN KEY constraint failed [SQL: DELETE FROM t WHERE a = ?] [parameters: ('\ud800',)]")
    assert as_read(found.statement) == "DELETE t (the values of its parameters are not printed)"
    found = known("NOT NULL constraint failed: t.\udcff\ud800a\x00")
    assert found.subject.encode("utf-8").startswith(b"t.")


@pytest.mark.filterwarnings("error")
def test_parameters_are_read_without_a_warning_and_never_run() -> None:
    text = "FOREIGN KEY constraint failed [SQL: DELETE FROM t WHERE a = ? AND b = ?] [parameters: ({}, 1)]"
    assert as_read(known(text.format(r"'\d'")).statement) == r"DELETE t WHERE a='\d', b=1"
    assert as_read(known(text.format("True")).statement) == "DELETE t WHERE a=1, b=1"
    for parameter in ("__import__('os')", "[1, 2]", "9" * 5000, "(" * 500, "1j"):
        statement = as_read(known(text.format(parameter)).statement)
        assert statement == f"DELETE t{' WHERE b=1' if parameter[0] != '(' else ''}{HIDDEN}"


def test_control_characters_and_quotes_in_names_stay_what_they_are() -> None:
    assert known("NOT NULL constraint failed: a\x07b.c'd\"e").subject == "a\x07b.c'd\"e"
    assert known("CHECK constraint failed: \x1b]0;owned\x07").constraint == "\x1b]0;owned\x07"


@together
@pytest.mark.parametrize(
    ("subject", "plain"),
    [
        ("t.a", "t.a"),
        ("t.a'.", "t.a"),
        ("t.a')", "t.a"),
        ("t.a (code 2067 SQLITE_CONSTRAINT_UNIQUE[2067])", "t.a"),
        ("t.a (2067)", "t.a"),
        ("t.a: INSERT INTO x", "t.a"),
        ("t.a, t.b {", "t.a, t.b"),
        ("t.a, while compiling: INSERT", "t.a"),
        ("t.a\nmore", "t.a"),
    ],
)
def test_what_follows_a_name_is_cut_off(subject: str, plain: str) -> None:
    assert plain_columns(subject)[2] == plain


WAYS = {
    "a web page": (
        "<li>SQLite Error 19: &#39;CHECK constraint failed: a&gt;0&#39;.</li>",
        "CHECK constraint failed: a>0",
    ),
    "a page of Django's": (
        '<title>x</title>\n<pre class="exception_value">no such table: main.t</pre>',
        "no such table: main.t",
    ),
    "JSON of .NET": (r'{"error":"CHECK constraint failed: a\u003e0\u0027."}', "CHECK constraint failed: a>0"),
    "no page": ("CHECK constraint failed: a<b AND b>c", "CHECK constraint failed: a<b AND b>c"),
    "no JSON": (r"CHECK constraint failed: a GLOB 'C:\tmp'", r"CHECK constraint failed: a GLOB 'C:\tmp'"),
}


@together
@pytest.mark.parametrize(("text", "message"), WAYS.values(), ids=WAYS)
def test_what_the_way_to_the_clipboard_put_on_a_message(text: str, message: str) -> None:
    assert known(text).message == message


PASTED_SQL = {
    "a web page": "<p>FOREIGN KEY constraint failed</p><pre>DELETE FROM &quot;t&quot; WHERE id &lt; 7</pre>",
    "JSON": r'{"message":"FOREIGN KEY constraint failed","sql":"DELETE FROM t\n\tWHERE id < 7"}',
    "JSON, its quotes": r'{"sql":"DELETE FROM \"t\"\n WHERE id < 7","msg":"FOREIGN KEY constraint failed"}',
    "docker compose": "app-1  | FOREIGN KEY constraint failed\napp-1  | DELETE FROM t\napp-1  | WHERE id < 7",
}


@together
@pytest.mark.parametrize("text", PASTED_SQL.values(), ids=PASTED_SQL)
def test_what_the_way_to_the_clipboard_put_on_a_statement(text: str) -> None:
    found = known(text).statement
    assert found is not None and (found.table, found.condition, found.unread) == ("t", "id < 7", ())


@together
@pytest.mark.parametrize(
    "rest", ["\n# by someone\nWHERE id = 7", " WHERE id > 7 LIMIT 1", " WHERE id > 7 ORDER BY id LIMIT 1", " LIMIT 1"]
)
def test_what_says_which_rows_are_meant_is_never_passed_over(rest: str) -> None:
    found = known(f"FOREIGN KEY constraint failed [SQL: DELETE FROM t{rest}]").statement
    assert found is not None and found.unread
