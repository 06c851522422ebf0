"""SQLite's messages about a statement that it does not run as it is written: known as its own, and not explained.

No row of a file and no declaration in it is the cause, or SQLite says itself all that there is to say. The texts are
those of SQLite's source; the asterisk stands for a name or a number.
"""

from __future__ import annotations

import re

NOT_EXPLAINED = (
    # what the statement says
    'near "*": syntax error',
    "incomplete input",
    'unrecognized token: "*"',
    "ambiguous column name: *",
    "wrong number of arguments to function *",
    "misuse of aggregate: *",
    "misuse of aggregate function *",
    "misuse of window function *",
    "misuse of aliased aggregate *",
    "row value misused",
    "no tables specified",
    "no query solution",
    "* values for * columns",
    "table * has * values for * columns",
    "sub-select returns * columns - expected *",
    "SELECTs to the left and right of * do not have the same number of result columns",
    "all VALUES must have the same number of terms",
    "* ORDER BY term does not match any column in the result set",
    "cannot join using column * - column not present in both tables",
    "circular reference: *",
    "view * is circularly defined",
    'too many references to "*": max 65535',
    "cannot INSERT into generated column *",
    "cannot UPDATE generated column *",
    "cannot modify * because it is a view",
    "cannot UPSERT a view",
    "table * may not be modified",
    "table * may not be altered",
    "table * may not be dropped",
    "table * may not be indexed",
    "view * may not be altered",
    "views may not be indexed",
    "virtual tables may not be altered",
    "virtual tables may not be indexed",
    "use DROP TABLE to delete table *",
    "use DROP VIEW to delete view *",
    "index associated with UNIQUE or PRIMARY KEY constraint cannot be dropped",
    "unable to identify the object to be reindexed",
    "object name reserved for internal use: *",
    "no such savepoint: *",
    "no such window: *",
    "no such database: *",
    "no such rowid: *",
    "no such cursor: *",
    "no such vfs: *",
    "no such access mode: *",
    "no such cache mode: *",
    "no such fts5 table: *",
    "unknown database *",
    "RAISE() may only be used within a trigger-program",
    "not authorized",
    "not authorized to use function: *",
    "access to * is prohibited",
    # what a declaration says that is to be made
    "Cannot add a UNIQUE column",
    "Cannot add a PRIMARY KEY column",
    "Cannot add a column to a view",
    "Cannot add a column with non-constant default",
    "Cannot add a NOT NULL column with default value NULL",
    "Cannot add a REFERENCES column with non-NULL default value",
    "cannot add a STORED column",
    'cannot drop column "*": no other columns exist',
    "cannot drop PRIMARY KEY column: *",
    "cannot drop UNIQUE column: *",
    'cannot drop column from view "*"',
    'cannot rename columns of view "*"',
    'table "*" has more than one primary key',
    "PRIMARY KEY missing on table *",
    "AUTOINCREMENT is only allowed on an INTEGER PRIMARY KEY",
    "AUTOINCREMENT not allowed on WITHOUT ROWID tables",
    "foreign key on * should reference only one column of table *",
    "number of columns in foreign key does not match the number of columns in the referenced table",
    "default value of column [*] is not constant",
    "expressions prohibited in PRIMARY KEY and UNIQUE constraints",
    "subqueries prohibited in CHECK constraints",
    "parameters prohibited in CHECK constraints",
    "conflicting ON CONFLICT clauses specified",
    "generated columns cannot be part of the PRIMARY KEY",
    "must have at least one non-generated column",
    'generated column loop on "*"',
    'error in generated column "*"',
    'unknown datatype for *: "*"',
    "missing datatype for *",
    "parameters are not allowed in views",
    "temporary table name must be unqualified",
    "* cannot reference objects in database *",
    "cannot create triggers on virtual tables",
    "cannot create trigger on system table",
    "cannot create * trigger on view: *",
    "cannot create INSTEAD OF trigger on table: *",
    'trigger "*" may not write to shadow table "*"',
    "too many levels of trigger recursion",
    # limits
    "too many columns on *",
    "too many columns in *",
    "too many attached databases - max *",
    "too many SQL variables",
    "at most * tables in a join",
    "Expression tree is too large (maximum depth *)",
    "string or blob too big",
    "out of memory",
    # transactions and connections
    "cannot VACUUM from within a transaction",
    "cannot VACUUM - SQL statements in progress",
    "cannot commit - no transaction is active",
    "cannot start a transaction within a transaction",
    "cannot rollback - no transaction is active",
    "cannot commit transaction - SQL statements in progress",
    "cannot change * wal mode from within a transaction",
    "Safety level may not be changed inside a transaction",
    "abort due to ROLLBACK",
    "bad parameter or other API misuse",
    "database * is already in use",
    "database schema has changed",
    "locking protocol",
    "output file already exists",
    "interrupted",
    # virtual tables
    "vtable constructor failed: *",
    "vtable constructor did not declare schema: *",
    "unable to use function * in the requested context",
    "malformed MATCH expression: *",
    "malformed JSON",
    "fts5: syntax error near *",
    "rtree constraint failed: *",
    "Schema corrupt or not an rtree",
    "recursively defined fts5 content table",
    "invalid fts5 file format (found *, expected *) - run 'rebuild'",
    "virtual table constraint failed",
)
"""Where the asterisk stands last, it stands for the rest of the line."""

_NAME = r"[^\n]{1,200}?"


def _pattern(text: str) -> str:
    """A regular expression for a message: between its words, a name; at its end, what an identifier or quotes hold."""
    body = text.removesuffix("*")
    found = _NAME.join(re.escape(part) for part in body.split("*"))
    found = found + (r"[^\s,;)]{1,200}" if body != text else "")
    return rf"(?<![\w-]){found}" if text[:1] != "*" else rf"(?<=[\s:(\"'])\S{{1,200}}{found.removeprefix(_NAME)}"


_MATCHES = tuple((max(re.split(r"\*", text), key=len), re.compile(_pattern(text))) for text in NOT_EXPLAINED)


def of_a_statement(text: str) -> tuple[int, str] | None:
    """Where in a text the last such message begins, and the message; None where it holds none."""
    last: re.Match[str] | None = None
    for mark, pattern in _MATCHES:
        for match in pattern.finditer(text) if mark in text else ():
            # of two that end at one place, the one that begins first says more
            if last is None or (match.end(), -match.start()) > (last.end(), -last.start()):
                last = match
    return (last.start(), last[0]) if last else None
