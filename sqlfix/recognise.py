"""Which error message a pasted text holds: SQLite's own, alone or as a framework words or wraps it. Pure.

Of several messages the last one counts: a traceback ends with what went wrong. What a message names is taken as it
stands there; which table and which columns of a file that is, is for the schema to say.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from sqlfix.failed_statement import Statement, find_statement

MOST_TEXT = 16_000_000
"""Of a longer text only so many of its last characters are read."""
LONGEST_SUBJECT = 2_000
_LONGEST_MESSAGE = 300


class Kind(StrEnum):
    """What sort of error a message is about."""

    FOREIGN_KEY = "foreign-key"
    UNIQUE = "unique"
    PRIMARY_KEY = "primary-key"
    NOT_NULL = "not-null"
    CHECK = "check"
    MISSING_TABLE = "missing-table"
    MISSING_COLUMN = "missing-column"
    MISSING_FUNCTION = "missing-function"
    MISMATCH = "mismatch"
    DATATYPE = "datatype"
    STRICT_TYPE = "strict-type"
    RAISED = "raised"
    """A message that is none of SQLite's own: a trigger may have raised it."""
    MIGRATION = "migration"
    DAMAGED = "damaged"
    OTHER = "other"
    """SQLite's, but no matter of the rows or the schema."""


@dataclass(frozen=True, slots=True)
class Recognised:
    """An error message, as facts.

    ``subject`` is all that stands in the place where the message names something, uncut, since a name may hold
    anything; ``table`` and ``columns`` are what it says if names are plain. ``tables`` are those of a message that
    lists some. ``row_key`` and ``value`` are texts as printed. ``constraint`` is the name of an index, a constraint, a
    trigger or a view. ``model`` is the application's name for the table. ``stored`` and ``wanted`` are the types of a
    value and of its column. ``statement`` is the SQL beside the message.
    """

    kind: Kind
    message: str
    framework: str | None = None
    subject: str = ""
    table: str | None = None
    columns: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()
    parent: str | None = None
    parent_columns: tuple[str, ...] = ()
    row_key: str | None = None
    value: str | None = None
    constraint: str | None = None
    model: str | None = None
    stored: str | None = None
    wanted: str | None = None
    statement: Statement | None = None


UNDERSTOOD = (
    "FOREIGN KEY constraint failed",
    "UNIQUE constraint failed: t.a, t.b",
    "NOT NULL constraint failed: t.a",
    "CHECK constraint failed: name",
    "The row in table 't' with primary key '7' has an invalid foreign key: …",
    "no such table: main.t__old",
    'foreign key mismatch - "c" referencing "p"',
    "datatype mismatch",
    "cannot store TEXT value in INTEGER column t.a",
)
"""Some of the messages, for a hint; they are recognised inside the texts of the frameworks as well."""


def recognise(text: str) -> Recognised | None:
    """The error message that a text holds, or None.

    Args:
        text: a message, a traceback or a log, of any size.

    Where the text holds several messages, the last one counts; an error code counts only where there is no message.
    """
    text = _plain(text)
    found: tuple[int, Recognised] | None = None
    for pattern, read in _MESSAGES:
        for match in pattern.finditer(text):
            # of two that begin at one place, the pattern that stands first in the list says more
            if found is None or match.start() > found[0]:
                found = match.start(), replace(read(match), message=_message(match))
    found = found or _by_code(text) or _raised(text)
    if found is None:
        return None
    at, recognised = found
    statement = find_statement(text, at) or _prisma_call(text, at)
    recognised = replace(recognised, framework=_framework(text), statement=statement)
    if recognised.kind is Kind.UNIQUE and not recognised.subject and statement and statement.verb in ("DELETE", "DROP"):
        recognised = replace(recognised, kind=Kind.FOREIGN_KEY)  # Sequelize calls an ON DELETE RESTRICT so
    return replace(recognised, model=_model(text, at)) if recognised.model is None else recognised


_COLOURS = re.compile(r"\x1b\[[0-9;]{0,20}[A-Za-z]")


def _plain(text: str) -> str:
    """The end of a text, without the colours of a terminal, the carriage returns of Windows, and what is no text."""
    whole = text[-MOST_TEXT:].encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    return _COLOURS.sub("", whole).replace("\r\n", "\n")


def _message(match: re.Match[str]) -> str:
    """The message itself, on one line and without what follows it there."""
    said = match[0]
    if match.groupdict().get("subject") and match.end("subject") >= match.end():
        said = said[: match.start("subject") - match.start()] + plain_subject(match["subject"])
    return _one_line(said)


def _one_line(text: str) -> str:
    return " ".join(text[:_LONGEST_MESSAGE].split())


def _last(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    found = deque(pattern.finditer(text), maxlen=1)
    return found[0] if found else None


# -- what a message names -----------------------------------------------------------------------------------------

_END = re.compile(
    r"\s*\((?:code )?\d{3,4}\b|'\.?(?:\s|$)|'\)|\"\)|\s+\(Connection: |: (?:INSERT|UPDATE|DELETE|REPLACE|COMMIT)\b"
    r"|\\n|\s+\{$|, (?:while compiling|sql|errno|code|detail)\b|\[SQL|\.?\s*$|\)\s*$|['\"`],?\s*$|, \"?$"
)


def plain_subject(subject: str) -> str:
    """The first line of a subject without what a framework put after it."""
    line = subject.partition("\n")[0]
    match = _END.search(line)
    return (line[: match.start()] if match else line).strip()


def _with_columns(kind: Kind, subject: str) -> Recognised:
    """``t.a, t.b``: the table and the columns, where no name holds a point or a comma."""
    parts = [part.rpartition(".") for part in plain_subject(subject).split(", ")]
    columns = tuple(name for *_, name in parts if name)
    return Recognised(kind, "", subject=subject, table=parts[0][0] or None, columns=columns)


def _names(text: str) -> tuple[str, ...]:
    return tuple(name for part in text.split(",") if (name := part.strip(" `'\"")))


def _unique(match: re.Match[str]) -> Recognised:
    if match["index"] is not None:
        return Recognised(Kind.UNIQUE, "", constraint=match["index"].replace("''", "'"), subject=match["index"])
    return _with_columns(Kind.UNIQUE, match["subject"]) if match["subject"] else Recognised(Kind.UNIQUE, "")


def _check(match: re.Match[str]) -> Recognised:
    subject = match["subject"] or ""
    return Recognised(Kind.CHECK, "", subject=subject, constraint=plain_subject(subject) or None)


def _missing_table(match: re.Match[str]) -> Recognised:
    name = plain_subject(match["subject"])
    table = name.removeprefix("main.")
    return Recognised(Kind.MISSING_TABLE, "", subject=name, table=table, constraint=match["name"])


def _missing_column(match: re.Match[str]) -> Recognised:
    name = plain_subject(match["subject"])
    return Recognised(
        Kind.MISSING_COLUMN, "", subject=name, columns=(name.rpartition(".")[2],), constraint=match["name"]
    )


def _missing_function(match: re.Match[str]) -> Recognised:
    return Recognised(Kind.MISSING_FUNCTION, "", subject=match["name"], constraint=match["name"])


def _mismatch(match: re.Match[str]) -> Recognised:
    child, parent = (match[name].replace('""', '"') for name in ("child", "parent"))
    return Recognised(Kind.MISMATCH, "", subject=match[0], table=child, parent=parent)


def _strict(match: re.Match[str]) -> Recognised:
    return replace(_with_columns(Kind.STRICT_TYPE, match["subject"]), stored=match["stored"], wanted=match["wanted"])


def _django_row(match: re.Match[str]) -> Recognised:
    child, parent = match["child"], match["parent"]
    table = match["table"]
    column = child.removeprefix(f"{table}.") if child.startswith(f"{table}.") else child.rpartition(".")[2]
    parent_table, _, parent_column = parent.rpartition(".")
    return Recognised(
        Kind.FOREIGN_KEY,
        "",
        subject=child,
        table=table,
        columns=(column,),
        parent=parent_table,
        parent_columns=(parent_column,),
        row_key=match["key"],
        value=match["value"],
    )


def _rails_tables(match: re.Match[str]) -> Recognised:
    names = tuple(dict.fromkeys(_names(plain_subject(match["subject"]))))
    return Recognised(Kind.FOREIGN_KEY, "", tables=names, table=names[0] if len(names) == 1 else None)


def _room_violations(match: re.Match[str]) -> Recognised:
    return Recognised(Kind.FOREIGN_KEY, "", table=match["table"], parent=match["parent"])


def _prisma(kind: Kind) -> Callable[[re.Match[str]], Recognised]:
    def read(match: re.Match[str]) -> Recognised:
        named = match["named"] or match["quoted"] or ""
        # of a foreign key it mostly says no more than that it is one
        columns = () if named.strip("`") == "foreign key" else _names(named)
        return Recognised(kind, "", columns=columns)

    return read


def _of_kind(kind: Kind) -> Callable[[re.Match[str]], Recognised]:
    def read(match: re.Match[str]) -> Recognised:
        groups = match.groupdict()
        return Recognised(kind, "", subject=groups.get("subject") or "", table=groups.get("table"))

    return read


def _old_unique(match: re.Match[str]) -> Recognised:
    return Recognised(Kind.UNIQUE, "", columns=_names(match["subject"]))


def _not_null(match: re.Match[str]) -> Recognised:
    return _with_columns(Kind.NOT_NULL, match["subject"])


# -- the messages -------------------------------------------------------------------------------------------------

_LINE = r"(?P<subject>[^\n]{1,1000})"
_WRAPPED = rf"(?P<subject>.{{1,{LONGEST_SUBJECT}}})"
_FIELDS = (
    r"(?: on the (?:\(not available\)|foreign key\b|(?:fields?|constraint): ?\(?(?P<named>[^)\n]{0,500})\)?)"
    r"|: (?P<quoted>`[^`\n]{0,500}`))"
)

_MESSAGES: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], Recognised]], ...] = (
    (
        re.compile(
            r"The row in table '(?>(?P<table>[^\n]{0,300}?)' with primary key '(?P<key>[^\n]{0,300}?)' has an invalid "
            r"foreign key: )(?>(?P<child>[^\n]{1,600}?) contains a value '(?P<value>[^\n]{0,1000}?)' that does not )"
            r"have a corresponding value in (?P<parent>[^\n]{1,600}?)\.(?=[\s'\"\\)]|$)"
        ),
        _django_row,
    ),
    (re.compile(rf"Foreign key violations found: {_LINE}"), _rails_tables),
    (
        re.compile(
            r"Foreign key violation\(s\) detected in '(?P<table>[^'\n]{1,300})'"
            r"(?:(?s:.{0,400}?)Parent Table = (?P<parent>[^\n,]{1,300}))?"
        ),
        _room_violations,
    ),
    (re.compile(rf"Foreign key constraint (?:failed|violated){_FIELDS}"), _prisma(Kind.FOREIGN_KEY)),
    (re.compile(rf"Unique constraint failed{_FIELDS}"), _prisma(Kind.UNIQUE)),
    (re.compile(rf"Null constraint violation{_FIELDS}"), _prisma(Kind.NOT_NULL)),
    (re.compile(r"(?:FOREIGN KEY|[Ff]oreign key)\s+constraint\s+failed"), _of_kind(Kind.FOREIGN_KEY)),
    (
        re.compile(
            rf"UNIQUE\s+constraint\s+failed(?::\s+(?:index '(?P<index>(?:[^'\n]|''){{1,500}})'|{_LINE})|(?![:\w]))"
        ),
        _unique,
    ),
    (re.compile(r"\bcolumns? (?P<subject>\w[\w, ]{0,300}?) (?:is|are) not unique\b"), _old_unique),
    (re.compile(r"PRIMARY KEY must be unique"), _of_kind(Kind.PRIMARY_KEY)),
    (re.compile(rf"NOT NULL\s+constraint\s+failed:\s+{_LINE}"), _not_null),
    (re.compile(r"(?<![\w.])(?P<subject>\w{1,300}\.\w{1,300}) may not be NULL"), _not_null),
    (re.compile(rf"CHECK\s+constraint\s+failed(?::\s+(?={_WRAPPED})[^\n]{{1,300}})?", re.DOTALL), _check),
    (
        re.compile(
            r"(?:error in (?:trigger|view|index|table) (?P<name>[^\n:]{1,300}?)(?: after [a-z ]{3,20})?: )?"
            rf"no such table: {_LINE}"
        ),
        _missing_table,
    ),
    (
        re.compile(r"The table `(?P<subject>[^`\n]{1,300})` does not exist in the current(?P<name>)? database"),
        lambda m: replace(_missing_table(m), constraint=None),
    ),
    (
        re.compile(
            r"(?:error in (?:trigger|view|index|table) (?P<name>[^\n:]{1,300}?)(?: after [a-z ]{3,20})?: )?"
            rf"no such column: {_LINE}"
        ),
        _missing_column,
    ),
    (
        re.compile(r"(?:no such (?:function|collation sequence|module)|unknown function): (?P<name>\w{1,200})"),
        _missing_function,
    ),
    (
        re.compile(
            r'foreign key mismatch - \\?"(?P<child>(?:[^"\n\\]|""|\\(?!")){0,300})\\?" referencing'
            r' \\?"(?P<parent>(?:[^"\n\\]|""|\\(?!")){0,300})\\?"'
        ),
        _mismatch,
    ),
    (re.compile(rf"cannot store (?P<stored>\w{{1,10}}) value in (?P<wanted>\w{{1,10}}) column {_LINE}"), _strict),
    (re.compile(r"\bdatatype mismatch\b"), _of_kind(Kind.DATATYPE)),
    (
        re.compile(rf"Migration didn't properly handle:? (?P<table>[^\n(]{{1,300}})(?={_WRAPPED}|\Z)", re.DOTALL),
        _of_kind(Kind.MIGRATION),
    ),
    (re.compile(r"database disk image is malformed|database or disk image is malformed"), _of_kind(Kind.DAMAGED)),
    (
        re.compile(
            r"(?P<subject>database (?:table |schema )?is locked|attempt to write a readonly database|disk I/O error"
            r"|database or disk is full|unable to open database file"
            r"|file is (?:not a database|encrypted or is not a database))"
        ),
        _of_kind(Kind.OTHER),
    ),
)
"""The messages, those that say most first. Every repetition has an end, so that no text can make a search slow."""

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
    return _names(match[1]) if match else ()


_RAISED = re.compile(
    r"(?:IntegrityError|OperationalError|ConstraintException|SqliteError|SQLITE_CONSTRAINT(?:_TRIGGER)?)"
    r"[])]?[:,]? +(?P<subject>[^\n]{1,500})|SQLite Error 19: '(?P<net>[^\n]{1,500}?)'\.?$",
    re.MULTILINE,
)


def _raised(text: str) -> tuple[int, Recognised] | None:
    last = _last(_RAISED, text)
    if last is None:
        return None
    said = plain_subject(last["subject"] or last["net"])
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
