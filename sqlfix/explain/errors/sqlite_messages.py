"""SQLite's own messages, of all versions, and what each of them names: the texts are those of its source. Pure."""

from collections.abc import Mapping
from typing import Any

from sqlfix.explain.errors.dialect import Named, Said, columns_named, columns_said, name_said, object_named, table_named
from sqlfix.explain.errors.message import Kind
from sqlfix.explain.errors.names import LONGEST_SUBJECT, names_in_list, plain_name, plain_text
from sqlfix.sqlite.failures import NO_COLUMN_NAMED, NOT_THERE

_LINE = r"(?P<subject>[^\n]{1,1000})"
_OBJECT = r"(?:error in (?:trigger|view|index|table) (?P<constraint>[^\n:]{1,300}?)(?: after [a-z ]{3,20})?: )?"
_ANY_NAME = r"(?P<subject>\\?(?:\"[^\"\n]{1,300}\"|`[^`\n]{1,300}`|\[[^]\n]{1,300}\]|[^\n:\"'`]{1,300}?))"
_QUOTED = r'\\?"(?P<{}>(?:[^"\n\\]|""|\\(?!")){{0,300}})\\?"'


def _unique(groups: Mapping[str, str]) -> Mapping[str, Any]:
    if index := groups.get("_index"):
        return {"constraint": index.replace("''", "'"), "subject": index}
    return columns_named(groups) if "subject" in groups else {}


def _column(groups: Mapping[str, str]) -> Mapping[str, Any]:
    return {"columns": (plain_name(groups["subject"]).rpartition(".")[2],)}


def _columns(kind: Kind, mark: str, pattern: str) -> Said:
    """A message that ends with columns: ``t.a, t.b``."""
    return Said(kind, (mark,), pattern + _LINE, columns_named, columns_said)


def _names(kind: Kind, mark: str, pattern: str, named: Named = object_named) -> Said:
    """A message that ends with a name."""
    return Said(kind, (mark,), pattern + _LINE, named, name_said)


_CONSTRAINT = ("constraint",)
_UNIQUE = rf"(?i:UNIQUE)\s+constraint\s+failed(?::\s+(?:index '(?P<_index>(?:[^'\n]|''){{1,500}})'|{_LINE})|(?![:\w]))"
_NOT_UNIQUE = r"\bcolumns? (?P<_columns>\w[\w, ]{0,300}?) (?:is|are) not unique\b"
_MAY_NOT = r"(?<![\w.])(?P<subject>\w{1,300}\.\w{1,300}) may not be NULL"
_CHECK = rf"(?i:CHECK)\s+constraint\s+failed(?::\s+(?=(?P<subject>(?s:.{{1,{LONGEST_SUBJECT}}})))[^\n]{{1,300}})?"
_LACKING = r"(?P<what>no such (?:function|collation sequence|module|tokenizer)|unknown (?:function|tokenizer)): "
_MISMATCH = rf"(?P<subject>foreign key mismatch - {_QUOTED.format('table')} referencing {_QUOTED.format('parent')})"
_THERE_IS = r"there is already (?:another (?:table or index) with this name:|a (?P<what>table) named|an index named) "
_IN_KEY = _OBJECT + r'unknown column \\?"(?P<subject>[^"\n]{1,300}?)\\?" in foreign key definition'
_COUNT = r"\btable (?P<subject>[^\n]{1,300}?) has (?P<constraint>\d{1,5}) columns but \d{1,5} values were supplied"
_UNSAFE = r"(?P<subject>unsafe use of (?:virtual table )?(?P<_name>\\?\"[^\"\n]{1,300}\"|[\w$]{1,300}(?:\(\))?))"
_NO_TARGET = r"ON CONFLICT clause does not match any PRIMARY KEY or UNIQUE constraint"

MESSAGES: tuple[Said, ...] = (
    # constraints
    Said(Kind.FOREIGN_KEY, _CONSTRAINT, r"(?:FOREIGN KEY|[Ff]oreign key)\s+constraint\s+failed"),
    Said(Kind.UNIQUE, _CONSTRAINT, _UNIQUE, _unique, columns_said),
    Said(Kind.UNIQUE, ("not unique",), _NOT_UNIQUE, lambda groups: {"columns": names_in_list(groups["_columns"])}),
    Said(Kind.PRIMARY_KEY, ("must be unique",), r"PRIMARY KEY must be unique"),
    _columns(Kind.NOT_NULL, "constraint", r"(?i:NOT NULL)\s+constraint\s+failed:\s+"),
    _columns(Kind.NOT_NULL, "NULL value in", r"(?<![\w-])NULL value in "),
    Said(Kind.NOT_NULL, ("may not be NULL",), _MAY_NOT, columns_named),
    Said(
        Kind.CHECK,
        ("constraint failed in",),
        r"CHECK constraint failed in (?P<table>[^\n:\"'`]{1,300})",
        lambda groups: {"table": plain_text(groups["table"])},
        plain_text,
    ),
    Said(
        Kind.CHECK,
        _CONSTRAINT,
        _CHECK,
        lambda groups: {"constraint": plain_text(groups.get("subject", "")) or None},
        plain_text,
    ),
    # what is not there
    _names(
        Kind.MISSING_TABLE, "no such table", rf"{_OBJECT}(?:{NOT_THERE['table']}|no such table column: )", table_named
    ),
    _names(Kind.MISSING_COLUMN, "no such column", _OBJECT + NOT_THERE["column"], _column),
    _names(
        Kind.MISSING_COLUMN,
        "has no column named",
        rf"{_OBJECT}table (?P<table>[^\n]{{1,300}}?){NO_COLUMN_NAMED}",
        _column,
    ),
    Said(Kind.MISSING_COLUMN, ("in foreign key definition",), _IN_KEY, _column),
    Said(
        Kind.MISSING_FUNCTION,
        ("no such ", "unknown "),
        _LACKING + r"(?P<subject>[^\n]{1,300})",
        object_named,
        name_said,
    ),
    *(
        _names(Kind.MISSING_OBJECT, NOT_THERE[what], rf"{_OBJECT}no such (?P<what>{what}): ")
        for what in ("index", "trigger", "view")
    ),
    # keys and types
    Said(
        Kind.MISMATCH,
        ("foreign key mismatch",),
        _MISMATCH,
        lambda groups: {name: groups[name].replace('""', '"') for name in ("table", "parent")},
    ),
    _columns(
        Kind.STRICT_TYPE, "cannot store", r"cannot store (?P<stored>\w{1,10}) value in (?P<wanted>\w{1,10}) column "
    ),
    _columns(Kind.STRICT_TYPE, "value in", r"(?<![\w-])non-(?P<wanted>\w{1,10}) value in "),
    Said(Kind.DATATYPE, ("datatype mismatch",), r"\bdatatype mismatch\b"),
    # what is there already, and what a statement asks of the schema
    Said(
        Kind.EXISTS,
        ("already exists",),
        rf"\b(?P<what>table|index|view|trigger) {_ANY_NAME} already exists\b",
        object_named,
    ),
    _names(Kind.EXISTS, "there is already a", _THERE_IS),
    _names(Kind.EXISTS, "duplicate column name", r"duplicate (?P<what>column) name: "),
    Said(Kind.CONFLICT_TARGET, ("clause does not match any",), _NO_TARGET),
    Said(Kind.COLUMN_COUNT, ("columns but",), _COUNT, table_named),
    # the schema and the file
    Said(
        Kind.SCHEMA,
        ("malformed database schema",),
        r"malformed database schema(?: \((?P<constraint>[^\n]{0,300}?)\)(?= - |[^\w)]|$))?"
        r"(?: - (?P<_reason>[^\n]{1,500}))?",
        lambda groups: {"subject": plain_text(groups.get("_reason", "")), "what": "malformed"},
        plain_text,
    ),
    Said(
        Kind.SCHEMA,
        ("unsafe use of",),
        _UNSAFE,
        lambda groups: {"constraint": plain_name(groups["_name"]), "what": "unsafe"},
    ),
    Said(
        Kind.NOT_UTF8,
        ("Could not decode to UTF-8",),
        r"Could not decode to UTF-8 column '?(?P<subject>[^'\n]{1,300}?)"
        r"(?:' with text '(?P<value>[^\n]{0,500})'|'|(?=[\s,)\"\\]|$))",
        lambda groups: {"columns": (groups["subject"],)},
    ),
    Said(
        Kind.DAMAGED,
        ("is malformed", "corrupt"),
        r"database (?:or )?disk image is malformed|\b(?:index|database|free space) corruption\b"
        r"|database is corrupt\b|\bcorrupt (?:database|schema)\b",
    ),
    Said(
        Kind.DAMAGED,
        ("fts5: ", "inverted index"),
        r"fts5: (?:corrupt|checksum mismatch|missing row)[^\n]{0,200}"
        r"|(?:malformed|unable to validate the) inverted index for FTS\d{1,2} table [^\n]{1,300}",
        ends=plain_text,
    ),
    Said(
        Kind.DAMAGED,
        ("index", "end-of-record", "KEY order", "*** in database"),
        r"(?:row \d{1,20} (?:missing from index|values differ from index)|wrong # of entries in index"
        r"|non-unique entry in index|row not in PRIMARY KEY order for"
        r"|rowid not at end-of-record for row \d{1,20} of index) [^\n]{1,300}"
        r"|\*\*\* in database [^\n]{1,200} \*\*\*",
        ends=plain_text,
    ),
    Said(
        Kind.OTHER,
        ("database", "disk I/O"),
        r"(?P<subject>database (?:table |schema )?is (?:locked|deadlocked)|attempt to write a readonly database"
        r"|disk I/O error|database or disk is full|unable to open database file"
        r"|file is (?:not a database|encrypted or is not a database))",
    ),
)
"""The messages, those that say most first."""

CODES: Mapping[str, Kind] = {
    **dict.fromkeys(("SQLITE_CONSTRAINT_FOREIGNKEY", "787"), Kind.FOREIGN_KEY),
    **dict.fromkeys(("SQLITE_CONSTRAINT_NOTNULL", "1299"), Kind.NOT_NULL),
    **dict.fromkeys(("SQLITE_CONSTRAINT_UNIQUE", "2067"), Kind.UNIQUE),
    **dict.fromkeys(("SQLITE_CONSTRAINT_PRIMARYKEY", "1555"), Kind.PRIMARY_KEY),
    **dict.fromkeys(("SQLITE_CONSTRAINT_ROWID", "2579"), Kind.PRIMARY_KEY),
    **dict.fromkeys(("SQLITE_CONSTRAINT_CHECK", "275"), Kind.CHECK),
    **dict.fromkeys(("SQLITE_CONSTRAINT_DATATYPE", "3091"), Kind.STRICT_TYPE),
    "SQLITE_MISMATCH": Kind.DATATYPE,
    "SQLITE_CORRUPT": Kind.DAMAGED,
}
"""SQLite's extended codes, which stand for a message where there is none."""
