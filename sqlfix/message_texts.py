"""The texts of error messages, SQLite's own and those that frameworks word anew, and what each of them names. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from sqlfix.message import Kind, Recognised

LONGEST_SUBJECT = 2_000

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


def names_in_list(text: str) -> tuple[str, ...]:
    """The names of a list with commas, without their quotes."""
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
    names = tuple(dict.fromkeys(names_in_list(plain_subject(match["subject"]))))
    return Recognised(Kind.FOREIGN_KEY, "", tables=names, table=names[0] if len(names) == 1 else None)


def _room_violations(match: re.Match[str]) -> Recognised:
    return Recognised(Kind.FOREIGN_KEY, "", table=match["table"], parent=match["parent"])


def _prisma(kind: Kind) -> Callable[[re.Match[str]], Recognised]:
    def read(match: re.Match[str]) -> Recognised:
        named = match["named"] or match["quoted"] or ""
        # of a foreign key it mostly says no more than that it is one
        columns = () if named.strip("`") == "foreign key" else names_in_list(named)
        return Recognised(kind, "", columns=columns)

    return read


def _of_kind(kind: Kind) -> Callable[[re.Match[str]], Recognised]:
    def read(match: re.Match[str]) -> Recognised:
        groups = match.groupdict()
        return Recognised(kind, "", subject=groups.get("subject") or "", table=groups.get("table"))

    return read


def _old_unique(match: re.Match[str]) -> Recognised:
    return Recognised(Kind.UNIQUE, "", columns=names_in_list(match["subject"]))


def _not_null(match: re.Match[str]) -> Recognised:
    return _with_columns(Kind.NOT_NULL, match["subject"])


# -- the messages -------------------------------------------------------------------------------------------------

_LINE = r"(?P<subject>[^\n]{1,1000})"
_WRAPPED = rf"(?P<subject>.{{1,{LONGEST_SUBJECT}}})"
_FIELDS = (
    r"(?: on the (?:\(not available\)|foreign key\b|(?:fields?|constraint): ?\(?(?P<named>[^)\n]{0,500})\)?)"
    r"|: (?P<quoted>`[^`\n]{0,500}`))"
)

MESSAGES: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], Recognised]], ...] = (
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
