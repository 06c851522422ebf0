"""What causes a recognised error message in one file: each kind of message has its answer; read only."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from sqlfix.asked import Answer, Asked, Found, joined
from sqlfix.culprit_keys import explain_foreign_key, of_finding
from sqlfix.culprit_rows import explain_check, explain_datatype, explain_not_null, explain_strict_type
from sqlfix.culprit_unique import explain_unique
from sqlfix.explanation import Culprit, Explanation
from sqlfix.leftovers import stem
from sqlfix.message import Kind, Recognised
from sqlfix.model import Schema, Table, Trigger, folded
from sqlfix.named import find_columns, find_table
from sqlfix.scan import check
from sqlfix.tokens import DdlError, has_words, names_in, tokens


def culprits(
    connection: sqlite3.Connection, schema: Schema, recognised: Recognised, database: str = "DB"
) -> Explanation:
    """What a message means, and what causes it in this file.

    Args:
        connection: one that only reads; temporary tables are made on it.
        schema: as ``with_text`` gives it, so that keys that are deferred are said to be.
        database: the name of the file, for the commands to go on with.

    Raises:
        SqlfixError: where the file as a whole cannot be read.
    """
    asked = Asked(connection, schema, recognised, database)
    answer = _ANSWERS[recognised.kind](asked)
    meaning = answer.meaning + _if_elsewhere(asked, answer)
    return Explanation(recognised, database, meaning, answer.culprits, answer.not_checked, answer.commands)


_OF_A_TABLE = (Kind.UNIQUE, Kind.PRIMARY_KEY, Kind.NOT_NULL, Kind.STRICT_TYPE, Kind.MISMATCH)


def _if_elsewhere(asked: Asked, answer: Answer) -> str:
    """That the table of the message is none of this file's, where nothing was found for that reason."""
    name = asked.recognised.table
    if name is None or answer.culprits or asked.recognised.kind not in _OF_A_TABLE or find_table(asked.schema, name):
        return ""
    if find_columns(asked.schema, asked.recognised.subject):  # where a name holds a point
        return ""
    return f" This file has no table {name}: the application used another one, or an older state of this one."


# -- what is not there --------------------------------------------------------------------------------------------


def _missing_table(asked: Asked) -> Answer:
    """The foreign keys, triggers and views that speak of the table."""
    name = asked.recognised.table or ""
    table = asked.schema.table(name)
    if table is not None:
        meaning = (
            f"A statement speaks of a table that its database does not have; this file has {table.name}. So the"
            " application used another file, or an older state of this one."
        )
        return Answer(meaning=meaning)
    found = Found(asked)
    for fk in asked.schema.foreign_keys:
        if folded(fk.parent) == folded(name):
            found.culprits += (of_finding(finding) for finding in check(asked.probe(fk), asked.database)[1])
    found.culprits += _speaking_of(asked, name)
    meaning = "A statement, or something in the schema that it sets off, speaks of a table that is not there."
    if found.culprits:
        meaning += " The schema is at fault here, and no row is."
    else:
        meaning += " Nothing in this file's schema speaks of it: the statement itself does, or it used another file."
    if alike := _alike(asked.schema, name):
        meaning += f" There is {joined(alike)}, which it may have been."
    return found.answer(meaning)


def _alike(schema: Schema, name: str) -> list[str]:
    """Tables of nearly that name: but for what migrations put around it, or for a letter or two."""
    import difflib

    known = {folded(table.name): table.name for table in schema.tables if table.kind == "table"}
    near = [real for plain, real in known.items() if stem(plain) == stem(folded(name))]
    return near or [known[plain] for plain in difflib.get_close_matches(folded(name), known, n=2, cutoff=0.85)]


def _speaking_of(asked: Asked, name: str, what: str = "the table") -> Iterator[Culprit]:
    """The triggers and views whose text holds a name; a view that fails makes every rename of a table fail as well."""
    for table in asked.schema.tables:
        if table.kind == "view" and _speaks_of(table.sql, name):
            message = f"the view {table.name} speaks of {what} {name}, which does not exist"
            yield Culprit("view", message, table.name, hint=f"drop the view, or make {name} again")
        for trigger in table.triggers:
            if _speaks_of(trigger.sql, name):
                yield _trigger(
                    table,
                    trigger,
                    f"speaks of {what} {name}, which does not exist",
                    "every statement that sets it off fails; drop the trigger, or write it anew",
                )


def _trigger(table: Table, trigger: Trigger, what: str, hint: str) -> Culprit:
    return Culprit("trigger", f"the trigger {trigger.name} on {table.name} {what}", table.name, hint=hint)


def _speaks_of(sql: str, name: str) -> bool:
    """True if a statement holds a name; one that cannot be read is searched as text."""
    try:
        return folded(name) in names_in(sql)
    except DdlError:
        return re.search(rf"(?<!\w){re.escape(folded(name))}(?!\w)", folded(sql)) is not None


def _missing_column(asked: Asked) -> Answer:
    """The triggers and views that speak of the column; of those, the one that the message names comes first."""
    found = Found(asked)
    name = asked.recognised.columns[0] if asked.recognised.columns else ""
    having = [table.name for table in asked.schema.tables if table.column(name)]
    named = folded(asked.recognised.constraint or "")
    for culprit in _speaking_of(asked, name, "the column"):
        at_fault = f" {named} " in f" {folded(culprit.message)} " if named else not having
        if at_fault:
            found.culprits.append(culprit)
    meaning = "A statement, or a trigger or view that it sets off, speaks of a column that is not there."
    if having:
        meaning += f" There is a column {name} in {joined(having[:5])}."
    elif not found.culprits:
        meaning += " Nothing in this file's schema speaks of it: the statement itself does."
    return found.answer(meaning)


def _missing_function(asked: Asked) -> Answer:
    """The triggers, views, tables and indexes that need something which only the application has."""
    name = asked.recognised.constraint or ""
    found = Found(asked)
    found.culprits += _speaking_of(asked, name, "the function or collation")
    for table in asked.schema.tables:
        if table.kind in ("table", "virtual") and _speaks_of(table.sql, name):
            found.culprits.append(
                Culprit("declaration", f"the declaration of {table.name} needs {name}", table.name, hint=_OWN)
            )
    found.culprits = [culprit if culprit.hint == _OWN else _needing(culprit, name) for culprit in found.culprits]
    meaning = (
        f"{name} is no part of SQLite: the application that made the file brings it along, and others have it not."
    )
    return found.answer(meaning)


_OWN = "work on the file with the application that made it, or drop what needs this"


def _needing(culprit: Culprit, name: str) -> Culprit:
    said = culprit.message.partition(" speaks of ")[0]
    return replace(culprit, message=f"{said} calls {name}", hint=_OWN)


# -- keys that SQLite cannot use ----------------------------------------------------------------------------------


def _mismatch(asked: Asked) -> Answer:
    """Which key it is, and why SQLite cannot use it."""
    recognised = asked.recognised
    child, parent = find_table(asked.schema, recognised.table), find_table(asked.schema, recognised.parent)
    found = Found(asked)
    for fk in child.foreign_keys if child else ():
        if fk.fault and folded(fk.parent) == folded(parent.name if parent else recognised.parent or ""):
            found.culprits += (of_finding(finding) for finding in check(asked.probe(fk), asked.database)[1])
    meaning = (
        "SQLite cannot look up the parent of a foreign key: the columns that it refers to are no primary key and have"
        " no unique index, or differ in number. The schema is at fault, and no row is."
    )
    if child and not found.culprits:
        meaning += f" No foreign key from {recognised.table} to {recognised.parent} is so in this file now."
    return found.answer(meaning)


# -- what others say ----------------------------------------------------------------------------------------------


def _raised(asked: Asked) -> Answer:
    """The triggers that hold the message."""
    said = asked.recognised.subject
    found = Found(asked)
    for table in asked.schema.tables:
        for trigger in table.triggers:
            if has_words(trigger.sql, "raise", "(") and _holds_text(trigger.sql, said):
                found.culprits.append(
                    _trigger(table, trigger, "raises this message", "see its text for when; no constraint is broken")
                )
    if found.culprits:
        return found.answer("This is no message of SQLite's own: a trigger of the file raises it, to refuse a change.")
    return found.answer("This is no message of SQLite's own, and no trigger of this file raises it.")


def _holds_text(sql: str, said: str) -> bool:
    try:
        return any(token.text[:1] in "'\"" and token.name and token.name in said for token in tokens(sql))
    except DdlError:
        return said in sql


_ROOM_COLUMN = re.compile(
    r"\bname ?= ?'(?P<name>[^'\n]{1,200})',\s{0,20}type ?= ?'(?P<type>[^'\n]{0,100})',\s{0,20}affinity ?= ?'\d{1,2}',"
    r"\s{0,20}notNull ?= ?'?(?P<not_null>true|false)'?,\s{0,20}primaryKeyPosition ?= ?'?(?P<place>\d{1,3})"
)


def _migration(asked: Asked) -> Answer:
    """In what the table differs from what Room expects, as far as the message says what that is."""
    meaning = (
        "Room compares a table with what the application's classes say, and they differ after the migration: in the"
        " declaration, not in the rows."
    )
    table = find_table(asked.schema, asked.recognised.table)
    expected = asked.recognised.subject.partition("Expected:")[2].partition("Found:")[0]
    if table is None:
        return Answer(meaning=f"{meaning} This file has no table {asked.recognised.table}.")
    found = Found(asked)
    wanted = {folded(match["name"]): match for match in _ROOM_COLUMN.finditer(expected)}
    for match in wanted.values():
        column = table.column(match["name"])
        if column is None:
            found.culprits.append(_differs(table, match["name"], "is expected and missing"))
            continue
        for what, mine, theirs in (
            ("type", column.type.upper() or "none", match["type"].upper()),
            ("NOT NULL", str(column.not_null).lower(), match["not_null"]),
            ("place in the primary key", str(column.primary_key), match["place"]),
        ):
            if mine != theirs:
                found.culprits.append(_differs(table, column.name, f"{what}: {mine} in the file, {theirs} expected"))
    if wanted and expected.rstrip().endswith("}"):
        extra = [column.name for column in table.columns if folded(column.name) not in wanted]
        found.culprits += (_differs(table, name, "is there and not expected") for name in extra)
    return found.answer(meaning)


def _differs(table: Table, column: str, how: str) -> Culprit:
    return Culprit("declaration", f"{table.name}.{column}: {how}", table.name, (column,))


def _damaged(asked: Asked) -> Answer:
    """What SQLite's own check says of the file; its damage is not mended here."""
    meaning = (
        "The file itself is damaged: its pages, not what is written in them. sqlfix does not mend that. Work on a copy:"
        " the sqlite3 shell's .recover saves what is left of the rows, and a backup is better."
    )
    rows = asked.connection.execute("PRAGMA main.quick_check(5)").fetchall()
    found = Found(asked)
    for (said,) in rows:
        if said != "ok":
            found.culprits.append(Culprit("damage", str(said), ""))
    if not found.culprits:
        meaning += " This file passes SQLite's quick check: it was another one, or an index alone is out of step."
    return found.answer(meaning)


_OTHERS = {
    "locked": "Another program was writing to the file. Nothing is wrong with the rows.",
    "readonly": "The file, or its folder, may not be written to by this user. Nothing is wrong with the rows.",
    "I/O": "The disk failed, or is full. Nothing is said of the rows.",
    "full": "The disk is full. Nothing is wrong with the rows.",
    "open": "The path is wrong, or the folder may not be written to. Nothing is said of the rows.",
    "not a database": "The file is encrypted, damaged, or no SQLite database.",
}


def _other(asked: Asked) -> Answer:
    said = asked.recognised.subject
    return Answer(meaning=next((text for word, text in _OTHERS.items() if word in said), "No row is at fault."))


_ANSWERS: Mapping[Kind, Callable[[Asked], Answer]] = {
    Kind.FOREIGN_KEY: explain_foreign_key,
    Kind.UNIQUE: explain_unique,
    Kind.PRIMARY_KEY: explain_unique,
    Kind.NOT_NULL: explain_not_null,
    Kind.CHECK: explain_check,
    Kind.MISSING_TABLE: _missing_table,
    Kind.MISSING_COLUMN: _missing_column,
    Kind.MISSING_FUNCTION: _missing_function,
    Kind.MISMATCH: _mismatch,
    Kind.DATATYPE: explain_datatype,
    Kind.STRICT_TYPE: explain_strict_type,
    Kind.RAISED: _raised,
    Kind.MIGRATION: _migration,
    Kind.DAMAGED: _damaged,
    Kind.OTHER: _other,
}
