"""Which error message a pasted text holds: SQLite's own, alone or as a framework words or wraps it. Pure.

Of several messages the last one counts: a traceback ends with what went wrong. What a message names is taken as it
stands there; which table and which columns of a file that is, is for the schema to say.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Mapping
from dataclasses import replace

from sqlfix.explain.errors.message import Kind, Recognised
from sqlfix.explain.errors.message_names import names_in_list, plain_text
from sqlfix.explain.errors.message_statements import of_a_statement
from sqlfix.explain.errors.message_texts import MESSAGES, Said
from sqlfix.explain.errors.statement import Statement, find_selected, find_statements

MOST_TEXT = 1_000_000
"""Of a longer text only so many of its last characters are read."""
_LONGEST_MESSAGE = 300


UNDERSTOOD = (
    "FOREIGN KEY constraint failed",
    "UNIQUE constraint failed: t.a, t.b",
    "NOT NULL constraint failed: t.a",
    "CHECK constraint failed: name",
    "The row in table 't' with primary key '7' has an invalid foreign key: …",
    "no such table: main.t__old",
    "table t already exists",
    'foreign key mismatch - "c" referencing "p"',
    "datatype mismatch",
    "cannot store TEXT value in INTEGER column t.a",
    "malformed database schema (x)",
)
"""Some of the messages, for a hint; they are recognised inside the texts of the frameworks as well."""


def recognise(text: str) -> Recognised | None:
    """The error message that a text holds, or None.

    Args:
        text: a message, a traceback or a log, of any size.

    Where the text holds several messages, the last one counts; an error code counts only where there is no message.
    """
    text = _plain(text)
    found = _last_message(text) or _of_a_statement(text) or _by_code(text) or _raised(text)
    if found is None:
        return None
    at, recognised = found
    at_commit = _AT_COMMIT.match(text, at) is not None  # of which statement it comes is not known then
    found_there = () if at_commit else find_statements(text, at)
    statement = None if at_commit else found_there[0] if found_there else _prisma_call(text, at)
    selected = find_selected(text, at) if statement is None and not at_commit else ()
    recognised = replace(
        recognised, framework=_framework(text), statement=statement, others=found_there[1:], selected=selected
    )
    if recognised.kind is Kind.UNIQUE and not recognised.subject and statement and statement.verb in ("DELETE", "DROP"):
        recognised = replace(recognised, kind=Kind.FOREIGN_KEY)  # Sequelize calls an ON DELETE RESTRICT so
    return replace(recognised, model=_model(text, at)) if recognised.model is None else recognised


def _last_message(text: str) -> tuple[int, Recognised] | None:
    """The message that begins last; of two that begin at one place, the one that stands first in the list says more."""
    last: tuple[int, Said, re.Match[str]] | None = None
    for said in MESSAGES:
        if not any(mark in text for mark in said.marks):
            continue
        match = _last(said.pattern, text)
        if match and (last is None or match.start() > last[0]):
            last = match.start(), said, match
    if last is None:
        return None
    at, said, match = last
    return at, replace(said.read(match), message=_one_line(said.said(match)))


def _of_a_statement(text: str) -> tuple[int, Recognised] | None:
    found = of_a_statement(text)
    if found is None:
        return None
    at, said = found
    line = text[max(text.rfind("\n", 0, at) + 1, at - _LONGEST_MESSAGE) : at] + text[at : at + 500].partition("\n")[0]
    return at, Recognised(Kind.STATEMENT, _one_line(said), subject=line)


_COLOURS = re.compile(r"\x1b\[[0-9;]{0,20}[A-Za-z]")


def _plain(text: str) -> str:
    """The end of a text, without the colours of a terminal, the carriage returns of Windows, and what is no text."""
    whole = text[-MOST_TEXT:].encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    return _COLOURS.sub("", whole).replace("\r\n", "\n")


def _one_line(text: str) -> str:
    return " ".join(text[:_LONGEST_MESSAGE].split())


def _last(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    found = deque(pattern.finditer(text), maxlen=1)
    return found[0] if found else None


_CODES: Mapping[str, Kind] = {
    "SQLITE_CONSTRAINT_FOREIGNKEY": Kind.FOREIGN_KEY,
    "787": Kind.FOREIGN_KEY,
    "P2003": Kind.FOREIGN_KEY,
    "SequelizeForeignKeyConstraintError": Kind.FOREIGN_KEY,
    "ActiveRecord::InvalidForeignKey": Kind.FOREIGN_KEY,
    "SQLITE_CONSTRAINT_NOTNULL": Kind.NOT_NULL,
    "1299": Kind.NOT_NULL,
    "P2011": Kind.NOT_NULL,
    "ActiveRecord::NotNullViolation": Kind.NOT_NULL,
    "SQLITE_CONSTRAINT_UNIQUE": Kind.UNIQUE,
    "2067": Kind.UNIQUE,
    "P2002": Kind.UNIQUE,
    "SequelizeUniqueConstraintError": Kind.UNIQUE,
    "ActiveRecord::RecordNotUnique": Kind.UNIQUE,
    "SQLITE_CONSTRAINT_PRIMARYKEY": Kind.PRIMARY_KEY,
    "1555": Kind.PRIMARY_KEY,
    "SQLITE_CONSTRAINT_ROWID": Kind.PRIMARY_KEY,
    "2579": Kind.PRIMARY_KEY,
    "SQLITE_CONSTRAINT_CHECK": Kind.CHECK,
    "275": Kind.CHECK,
    "SQLITE_CONSTRAINT_DATATYPE": Kind.STRICT_TYPE,
    "3091": Kind.STRICT_TYPE,
    "SQLITE_MISMATCH": Kind.DATATYPE,
    "SQLITE_CORRUPT": Kind.DAMAGED,
}
"""What stands for a message where there is none: SQLite's extended codes, and the names that frameworks give."""

_CODE = re.compile(
    r"(?:\b(?P<word>SQLITE_(?:CONSTRAINT_(?:FOREIGNKEY|NOTNULL|UNIQUE|PRIMARYKEY|ROWID|CHECK|DATATYPE)|MISMATCH|CORRUPT)"
    r"|P20(?:02|03|11)|Sequelize(?:ForeignKey|Unique)ConstraintError"
    r"|ActiveRecord::(?:InvalidForeignKey|NotNullViolation|RecordNotUnique))\b"
    r"|\b(?i:code|errno|errcode|error|sqlite|sqlite_errorcode)\"?[ :=]{1,3}(?P<code>787|1299|2067|1555|2579|275|3091)\b"
    r"|\A\s{0,100}(?P<alone>787|1299|2067|1555|2579|275|3091)\s{0,100}\Z)"
)


def _by_code(text: str) -> tuple[int, Recognised] | None:
    last = _last(_CODE, text)
    if last is None:
        return None
    code = last["word"] or last["code"] or last["alone"]
    return last.start(), Recognised(_CODES[code], code, columns=_target(text, last.start()))


def _target(text: str, at: int) -> tuple[str, ...]:
    """The fields that Prisma names beside its code."""
    match = re.compile(r"\btarget: ?\[([^]\n]{0,300})\]").search(text, max(0, at - 300), at + 600)
    return names_in_list(match[1]) if match else ()


_AT_COMMIT = re.compile(
    r"FOREIGN KEY constraint failed(?: \(\w{1,20}\))?[^\n]{0,40}?(?:: ?|`)(?:COMMIT|END TRANSACTION)\b", re.IGNORECASE
)
_RAISED = re.compile(
    r"(?:IntegrityError|OperationalError|ConstraintException|SqliteError|SQLITE_CONSTRAINT(?:_TRIGGER)?)"
    r"[])]?[:,]? +(?P<subject>[^\n]{1,500})|SQLite Error 19: '(?P<net>[^\n]{1,500}?)'\.?$",
    re.MULTILINE,
)


def _raised(text: str) -> tuple[int, Recognised] | None:
    last = _last(_RAISED, text)
    if last is None:
        return None
    said = plain_text(last["subject"] or last["net"])
    return last.start(), Recognised(Kind.RAISED, _one_line(said), subject=said)


# -- who says it --------------------------------------------------------------------------------------------------

_FRAMEWORKS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Django", ("django.db", "/django/", "has an invalid foreign key: ")),
    ("SQLAlchemy", ("sqlalchemy.", "sqlalche.me", "[SQL: ")),
    ("peewee", ("peewee.",)),
    ("Rails", ("ActiveRecord::", "SQLite3::", "activerecord", "Foreign key violations found: ")),
    ("Prisma", ("PrismaClient", "prisma.", "Prisma")),
    ("Sequelize", ("Sequelize", "sequelize")),
    ("TypeORM", ("QueryFailedError", "typeorm")),
    ("Drizzle", ("DrizzleQueryError", "drizzle-orm")),
    ("EF Core", ("Microsoft.EntityFrameworkCore", "Microsoft.Data.Sqlite", "SQLite Error ")),
    ("Room", ("androidx.room", "Migration didn't properly handle", "Foreign key violation(s) detected in '")),
    ("Android", ("android.database.sqlite", "SQLITE_CONSTRAINT_FOREIGNKEY)", "(code 787")),
    ("Laravel", ("Illuminate\\", "SQLSTATE[")),
    ("JDBC", ("org.sqlite.",)),
    ("sqlx", ("SqliteError {", "sqlx::")),
    ("node", ("SqliteError", "SQLITE_CONSTRAINT: ", "ERR_SQLITE_ERROR")),
    ("Python", ("sqlite3.",)),
)
"""By what each is told from the others; those that stand on another one come before it."""


def _framework(text: str) -> str | None:
    return next((name for name, marks in _FRAMEWORKS if any(mark in text for mark in marks)), None)


_MODEL = re.compile(r"\bmodelName\"?: ?['\"](?P<model>\w{1,200})['\"]")
_CALL = re.compile(r"\bprisma\.(?P<model>[^\W\d]\w{0,200})\.(?P<method>create|update|delete)(?:Many)?(?:AndReturn)?\(")
_VERBS = {"create": "INSERT", "update": "UPDATE", "delete": "DELETE"}
_NEAR = 4_000


def _model(text: str, at: int) -> str | None:
    """The application's name for the table: Prisma's, which prints no SQL."""
    match = _MODEL.search(text, max(0, at - _NEAR), at + _NEAR)
    return match["model"] if match else None


def _prisma_call(text: str, at: int) -> Statement | None:
    """The call of Prisma's that failed, as far as it says what a statement would."""
    calls = deque(_CALL.finditer(text, max(0, at - _NEAR), at), maxlen=1)
    return Statement(_VERBS[calls[0]["method"]], calls[0]["model"]) if calls else None
