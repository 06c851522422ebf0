"""The texts of error messages, SQLite's own and those that frameworks word anew, and what each of them names. Pure.

`MESSAGES` is the one list. SQLite's texts are those of its source; the names in them end as `message_names` says.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from sqlfix.explain.errors.message import Kind, Recognised
from sqlfix.explain.errors.message_names import LONGEST_SUBJECT, names_in_list, plain_columns, plain_name, plain_text
from sqlfix.sqlite.lacking import NO_COLUMN_NAMED, NOT_THERE

_Match = re.Match[str]


@dataclass(frozen=True, slots=True)
class Said:
    """A text by which a message is known.

    ``marks`` are words of which one is in every text that the pattern fits: without them nothing is searched.
    ``read`` says what is named, with an empty message; ``said`` what of the match is the message.
    """

    marks: tuple[str, ...]
    pattern: re.Pattern[str]
    read: Callable[[_Match], Recognised]
    said: Callable[[_Match], str] = lambda match: match[0]


# -- what a match names -------------------------------------------------------------------------------------------


def _to_subject(ends: Callable[[str], str]) -> Callable[[_Match], str]:
    """The match up to its subject, and of that what is the subject's own."""

    def said(match: _Match) -> str:
        if not match["subject"]:
            return match[0]
        return match[0][: match.start("subject") - match.start()] + ends(match["subject"])

    return said


def _columns_said(subject: str) -> str:
    return plain_columns(subject)[2]


def _name_said(subject: str) -> str:
    """A name as it is printed, with the quotes that SQLite puts around it."""
    name = plain_name(subject)
    return f'"{name}"' if subject.startswith(('"', '\\"')) else name


def _of_columns(kind: Kind) -> Callable[[_Match], Recognised]:
    """``t.a, t.b``: the table and the columns."""

    def read(match: _Match) -> Recognised:
        groups = match.groupdict()
        table, columns, _ = plain_columns(match["subject"] or "")
        return Recognised(
            kind,
            "",
            subject=match["subject"] or "",
            table=table,
            columns=columns,
            stored=groups.get("stored"),
            wanted=groups.get("wanted"),
        )

    return read


def _of_name(kind: Kind, as_table: bool = False) -> Callable[[_Match], Recognised]:
    """One name; ``constraint`` is the object that SQLite names beside it, or else the name itself."""

    def read(match: _Match) -> Recognised:
        groups = match.groupdict()
        name = plain_name(match["subject"] or "")
        what = (groups.get("what") or "").lower()
        table = name.removeprefix("main.") if as_table or what == "table" else groups.get("table")
        own = None if as_table else name
        return Recognised(
            kind, "", subject=match["subject"] or "", table=table, constraint=groups.get("name") or own, what=what
        )

    return read


def _of_kind(kind: Kind, what: str = "") -> Callable[[_Match], Recognised]:
    def read(match: _Match) -> Recognised:
        groups = match.groupdict()
        return Recognised(kind, "", subject=groups.get("subject") or "", table=groups.get("table"), what=what)

    return read


def _unique(match: _Match) -> Recognised:
    if match["index"] is not None:
        return Recognised(Kind.UNIQUE, "", constraint=match["index"].replace("''", "'"), subject=match["index"])
    return _of_columns(Kind.UNIQUE)(match) if match["subject"] else Recognised(Kind.UNIQUE, "")


def _unique_said(match: _Match) -> str:
    return match[0] if match["index"] is not None else _to_subject(_columns_said)(match)


def _check(match: _Match) -> Recognised:
    subject = match["subject"] or ""
    return Recognised(Kind.CHECK, "", subject=subject, constraint=plain_text(subject) or None)


def _missing_column(match: _Match) -> Recognised:
    name = plain_name(match["subject"])
    groups = match.groupdict()
    return Recognised(
        Kind.MISSING_COLUMN,
        "",
        subject=match["subject"],
        table=groups.get("table"),
        columns=(name.rpartition(".")[2],),
        constraint=groups.get("name"),
    )


def _mismatch(match: _Match) -> Recognised:
    child, parent = (match[name].replace('""', '"') for name in ("child", "parent"))
    return Recognised(Kind.MISMATCH, "", subject=match[0], table=child, parent=parent)


def _schema(match: _Match) -> Recognised:
    groups = match.groupdict()
    return Recognised(
        Kind.SCHEMA, "", subject=plain_text(groups.get("reason") or ""), constraint=groups.get("name"), what="malformed"
    )


def _unsafe(match: _Match) -> Recognised:
    return Recognised(Kind.SCHEMA, "", subject=match[0], constraint=plain_name(match["subject"]), what="unsafe")


def _not_utf8(match: _Match) -> Recognised:
    return Recognised(Kind.NOT_UTF8, "", subject=match["subject"], columns=(match["subject"],), value=match["text"])


def _django_row(match: _Match) -> Recognised:
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


def _rails_tables(match: _Match) -> Recognised:
    names = tuple(dict.fromkeys(names_in_list(plain_text(match["subject"]))))
    return Recognised(Kind.FOREIGN_KEY, "", tables=names, table=names[0] if len(names) == 1 else None)


def _room_violations(match: _Match) -> Recognised:
    return Recognised(Kind.FOREIGN_KEY, "", table=match["table"], parent=match["parent"])


def _prisma(kind: Kind) -> Callable[[_Match], Recognised]:
    def read(match: _Match) -> Recognised:
        named = match["named"] or match["quoted"] or ""
        # of a foreign key it mostly says no more than that it is one
        columns = () if named.strip("`") == "foreign key" else names_in_list(named)
        return Recognised(kind, "", columns=columns)

    return read


def _old_unique(match: _Match) -> Recognised:
    return Recognised(Kind.UNIQUE, "", columns=names_in_list(match["subject"]))


# -- the messages -------------------------------------------------------------------------------------------------

_LINE = r"(?P<subject>[^\n]{1,1000})"
_WRAPPED = rf"(?P<subject>.{{1,{LONGEST_SUBJECT}}})"
_OBJECT = r"(?:error in (?:trigger|view|index|table) (?P<name>[^\n:]{1,300}?)(?: after [a-z ]{3,20})?: )?"
_ANY_NAME = r"(?P<subject>\\?(?:\"[^\"\n]{1,300}\"|`[^`\n]{1,300}`|\[[^]\n]{1,300}\]|[^\n:\"'`]{1,300}?))"
_FIELDS = (
    r"(?: on the (?:\(not available\)|foreign key\b|(?:fields?|constraint): ?\(?(?P<named>[^)\n]{0,500})\)?)"
    r"|: (?P<quoted>`[^`\n]{0,500}`))"
)
_ROW_OF_DJANGO = (
    r"The row in table '(?>(?P<table>[^\n]{0,300}?)' with primary key '(?P<key>[^\n]{0,300}?)' has an invalid "
    r"foreign key: )(?>(?P<child>[^\n]{1,600}?) contains a value '(?P<value>[^\n]{0,1000}?)' that does not )"
    r"have a corresponding value in (?P<parent>[^\n]{1,600}?)\.(?=[\s'\"\\)]|$)"
)
_ROOM = (
    r"Foreign key violation\(s\) detected in '(?P<table>[^'\n]{1,300})'"
    r"(?:(?s:.{0,400}?)Parent Table = (?P<parent>[^\n,]{1,300}))?"
)
_MISMATCHED = (
    r'foreign key mismatch - \\?"(?P<child>(?:[^"\n\\]|""|\\(?!")){0,300})\\?" referencing'
    r' \\?"(?P<parent>(?:[^"\n\\]|""|\\(?!")){0,300})\\?"'
)
_UNIQUE = rf"UNIQUE\s+constraint\s+failed(?::\s+(?:index '(?P<index>(?:[^'\n]|''){{1,500}})'|{_LINE})|(?![:\w]))"
_CONSTRAINT = ("constraint",)


def _c(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


_NAMED = _to_subject(_name_said)
_COLUMNS = _to_subject(_columns_said)
_TEXT = _to_subject(plain_text)


def _plain(match: _Match) -> str:
    """What a framework or a tool put behind a message that names nothing which is looked for is no part of it."""
    return plain_text(match[0])


MESSAGES: tuple[Said, ...] = (
    Said(("have a corresponding value in",), _c(_ROW_OF_DJANGO), _django_row),
    Said(("violations found",), _c(rf"Foreign key violations found: {_LINE}"), _rails_tables, _TEXT),
    Said(("violation(s)",), _c(_ROOM), _room_violations),
    Said(_CONSTRAINT, _c(rf"Foreign key constraint (?:failed|violated){_FIELDS}"), _prisma(Kind.FOREIGN_KEY)),
    Said(_CONSTRAINT, _c(rf"Unique constraint failed{_FIELDS}"), _prisma(Kind.UNIQUE)),
    Said(_CONSTRAINT, _c(rf"Null constraint violation{_FIELDS}"), _prisma(Kind.NOT_NULL)),
    Said(_CONSTRAINT, _c(r"(?:FOREIGN KEY|[Ff]oreign key)\s+constraint\s+failed"), _of_kind(Kind.FOREIGN_KEY)),
    Said(_CONSTRAINT, _c(_UNIQUE), _unique, _unique_said),
    Said(("not unique",), _c(r"\bcolumns? (?P<subject>\w[\w, ]{0,300}?) (?:is|are) not unique\b"), _old_unique),
    Said(("must be unique",), _c(r"PRIMARY KEY must be unique"), _of_kind(Kind.PRIMARY_KEY)),
    Said(_CONSTRAINT, _c(rf"NOT NULL\s+constraint\s+failed:\s+{_LINE}"), _of_columns(Kind.NOT_NULL), _COLUMNS),
    Said(("NULL value in",), _c(rf"(?<![\w-])NULL value in {_LINE}"), _of_columns(Kind.NOT_NULL), _COLUMNS),
    Said(
        ("may not be NULL",),
        _c(r"(?<![\w.])(?P<subject>\w{1,300}\.\w{1,300}) may not be NULL"),
        _of_columns(Kind.NOT_NULL),
    ),
    Said(
        ("constraint failed in",),
        _c(r"CHECK constraint failed in (?P<table>[^\n:\"'`]{1,300})"),
        lambda match: Recognised(Kind.CHECK, "", table=plain_text(match["table"])),
        _plain,
    ),
    Said(
        _CONSTRAINT,
        re.compile(rf"CHECK\s+constraint\s+failed(?::\s+(?={_WRAPPED})[^\n]{{1,300}})?", re.DOTALL),
        _check,
        _TEXT,
    ),
    Said(
        ("no such table",),
        _c(rf"{_OBJECT}(?:{NOT_THERE['table']}|no such table column: ){_LINE}"),
        _of_name(Kind.MISSING_TABLE, as_table=True),
        _NAMED,
    ),
    Said(
        ("does not exist in the current",),
        _c(r"The table `(?P<subject>[^`\n]{1,300})` does not exist in the current database"),
        _of_name(Kind.MISSING_TABLE, as_table=True),
    ),
    Said(("no such column",), _c(rf"{_OBJECT}{NOT_THERE['column']}{_LINE}"), _missing_column, _NAMED),
    Said(
        ("has no column named",),
        _c(rf"{_OBJECT}table (?P<table>[^\n]{{1,300}}?){NO_COLUMN_NAMED}{_LINE}"),
        _missing_column,
        _NAMED,
    ),
    Said(
        ("in foreign key definition",),
        _c(r'unknown column \\?"(?P<subject>[^"\n]{1,300}?)\\?" in foreign key definition'),
        _missing_column,
    ),
    Said(
        ("no such ", "unknown "),
        _c(
            r"(?P<what>no such (?:function|collation sequence|module|tokenizer)|unknown (?:function|tokenizer)):"
            r" (?P<subject>[^\n]{1,300})"
        ),
        _of_name(Kind.MISSING_FUNCTION),
        _NAMED,
    ),
    *(
        Said(
            (NOT_THERE[what],),
            _c(rf"{_OBJECT}no such (?P<what>{what}): {_LINE}"),
            _of_name(Kind.MISSING_OBJECT),
            _NAMED,
        )
        for what in ("index", "trigger", "view")
    ),
    Said(("foreign key mismatch",), _c(_MISMATCHED), _mismatch),
    Said(
        ("cannot store",),
        _c(rf"cannot store (?P<stored>\w{{1,10}}) value in (?P<wanted>\w{{1,10}}) column {_LINE}"),
        _of_columns(Kind.STRICT_TYPE),
        _COLUMNS,
    ),
    Said(
        ("value in",),
        _c(rf"(?<![\w-])non-(?P<wanted>\w{{1,10}}) value in {_LINE}"),
        _of_columns(Kind.STRICT_TYPE),
        _COLUMNS,
    ),
    Said(("datatype mismatch",), _c(r"\bdatatype mismatch\b"), _of_kind(Kind.DATATYPE)),
    Said(
        ("already exists",),
        _c(rf"\b(?P<what>table|index|view|trigger) {_ANY_NAME} already exists\b"),
        _of_name(Kind.EXISTS),
    ),
    Said(
        ("there is already a",),
        _c(
            rf"there is already (?:another (?:table or index) with this name:|a (?P<what>table) named|an index named)"
            rf" {_LINE}"
        ),
        _of_name(Kind.EXISTS),
        _NAMED,
    ),
    Said(
        ("duplicate column name",),
        _c(rf"duplicate (?P<what>column) name: {_LINE}"),
        _of_name(Kind.EXISTS),
        _NAMED,
    ),
    Said(
        ("clause does not match any",),
        _c(r"ON CONFLICT clause does not match any PRIMARY KEY or UNIQUE constraint"),
        _of_kind(Kind.CONFLICT_TARGET),
    ),
    Said(
        ("columns but",),
        _c(r"\btable (?P<subject>[^\n]{1,300}?) has (?P<name>\d{1,5}) columns but \d{1,5} values were supplied"),
        _of_name(Kind.COLUMN_COUNT, as_table=True),
    ),
    Said(
        ("malformed database schema",),
        _c(
            r"malformed database schema(?: \((?P<name>[^\n]{0,300}?)\)(?= - |[^\w)]|$))?"
            r"(?: - (?P<reason>[^\n]{1,500}))?"
        ),
        _schema,
        _plain,
    ),
    Said(
        ("unsafe use of",),
        _c(r"unsafe use of (?:virtual table )?(?P<subject>\\?\"[^\"\n]{1,300}\"|[\w$]{1,300}(?:\(\))?)"),
        _unsafe,
    ),
    Said(
        ("Could not decode to UTF-8",),
        _c(
            r"Could not decode to UTF-8 column '?(?P<subject>[^'\n]{1,300}?)"
            r"(?:' with text '(?P<text>[^\n]{0,500})'|'|(?=[\s,)\"\\]|$))"
        ),
        _not_utf8,
    ),
    Said(
        ("properly handle",),
        re.compile(rf"Migration didn't properly handle:? (?P<table>[^\n(]{{1,300}})(?={_WRAPPED}|\Z)", re.DOTALL),
        _of_kind(Kind.MIGRATION),
    ),
    Said(
        ("is malformed", "corrupt"),
        _c(
            r"database (?:or )?disk image is malformed|\b(?:index|database|free space) corruption\b"
            r"|database is corrupt\b|\bcorrupt (?:database|schema)\b"
        ),
        _of_kind(Kind.DAMAGED),
    ),
    Said(
        ("fts5: ",), _c(r"fts5: (?:corrupt|checksum mismatch|missing row)[^\n]{0,200}"), _of_kind(Kind.DAMAGED), _plain
    ),
    Said(
        ("inverted index",),
        _c(r"(?:malformed|unable to validate the) inverted index for FTS\d{1,2} table [^\n]{1,300}"),
        _of_kind(Kind.DAMAGED),
        _plain,
    ),
    Said(
        ("index", "end-of-record", "KEY order", "*** in database"),
        _c(
            r"(?:row \d{1,20} (?:missing from index|values differ from index)|wrong # of entries in index"
            r"|non-unique entry in index|row not in PRIMARY KEY order for"
            r"|rowid not at end-of-record for row \d{1,20} of index) [^\n]{1,300}"
            r"|\*\*\* in database [^\n]{1,200} \*\*\*"
        ),
        _of_kind(Kind.DAMAGED),
        _plain,
    ),
    Said(
        ("database", "disk I/O"),
        _c(
            r"(?P<subject>database (?:table |schema )?is (?:locked|deadlocked)|attempt to write a readonly database"
            r"|disk I/O error|database or disk is full|unable to open database file"
            r"|file is (?:not a database|encrypted or is not a database))"
        ),
        _of_kind(Kind.OTHER),
    ),
)
"""The messages, those that say most first. Every repetition has an end, so that no text can make a search slow."""
