"""What causes a message about the schema as it is: what exists already, and what cannot be read."""

import re
import sqlite3
from collections.abc import Iterator

from sqlfix.explain.answers import Culprit
from sqlfix.explain.errors.inquiry import SAMPLES, Asked, Found, of_finding, statements_of, trigger_culprit
from sqlfix.explain.errors.missing import using
from sqlfix.explain.errors.names import find_table, known_columns, names_in_list
from sqlfix.model.findings import Row
from sqlfix.model.schema import Table
from sqlfix.model.values import NotUtf8, folded
from sqlfix.scan.run import count_rows
from sqlfix.schema.leftovers import leftover_of
from sqlfix.sql.literals import quote
from sqlfix.sql.predicates import stored
from sqlfix.sqlite.deadline import limited, overlooking
from sqlfix.sqlite.stored_values import as_stored
from sqlfix.text import address

# -- what exists already ------------------------------------------------------------------------------------------


def explain_existing(asked: Asked) -> Found:
    """The table, the index or the column that is there; a table that a migration left is told from others."""
    name = (asked.recognised.constraint or "").removeprefix("main.")
    found = Found(asked)
    if asked.recognised.what == "column":
        return _existing_column(found, name)
    for what, called, table, kind in _declared(asked):
        if folded(called) == folded(name):
            there = Culprit(kind, f"{what} already exists", table.name, hint=_AGAIN)
            found.culprits.append(_existing_table(asked, table) if kind == table.kind else there)
    meaning = f"A statement was to create {name}, but something of that name already exists."
    if not found.culprits:
        meaning += (
            " Nothing in this file has that name: the message came from another file, or from another state of this"
            " one."
        )
    return found.answer(meaning)


_AGAIN = (
    "a migration that runs a second time, or that stopped halfway, meets what it created; compare the declarations"
    " before you drop anything"
)


def _existing_table(asked: Asked, table: Table) -> Culprit:
    """The table as a cause; what a migration left is explained by the check that knows such tables."""
    with overlooking():
        for finding in asked.findings_of(table, "unfinished-migration"):
            return of_finding(finding)
    left = leftover_of(asked.schema, table)
    if left is None:
        return Culprit("declaration", f"the {table.kind} {table.name} already exists", table.name, hint=_AGAIN)
    of = f" of {left.original}" if left.original else ""
    message = f"the table {table.name} already exists: a rebuild{of} that was not finished left it behind"
    hint = "a scan says which of the two has the rows; once this one is out of the way, the migration creates it again"
    command = ("scan", "--select", "unfinished-migration")
    return Culprit("unfinished-migration", message, table.name, hint=hint, command=command)


def _existing_column(found: Found, name: str) -> Found:
    asked = found.asked
    having = [table for table in asked.schema.tables if table.kind == "table" and table.column(name)]
    if asked.table in having:
        having = [asked.table]
    hint = _AGAIN if len(having) == 1 else "if this is the table that was to get the column, it already has it"
    for table in having:
        said = f"{table.name} has a column {name}"
        found.culprits.append(Culprit("declaration", said, table.name, (name,), hint=hint))
    meaning = (
        f"A table was to get a column {name} that it already has, for example because a migration that ran in part runs"
        " again. Or a CREATE TABLE names it twice."
    )
    return found.answer(meaning)


# -- what the statement wants of the schema -----------------------------------------------------------------------


def explain_conflict_target(asked: Asked) -> Found:
    """Which columns of the table are unique, if the statement says which table it is."""
    meaning = (
        "INSERT … ON CONFLICT (columns) needs a PRIMARY KEY or a UNIQUE constraint or index over exactly these"
        " columns, and for a partial index its WHERE as well."
    )
    found = Found(asked)
    table = asked.table
    if table is None:
        found.unknown("ON CONFLICT", "the message names no table; paste it with the statement that failed")
        return found.answer(meaning)
    target = known_columns(table, asked.statement.target if asked.statement else ())
    whole = (index.columns for index in table.indexes if index.unique and not index.partial)
    unique = [", ".join(column.name or "an expression" for column in columns) for columns in whole]
    unique += [table.integer_key] if table.integer_key else []
    some = f"only ({'), ('.join(dict.fromkeys(unique))})" if unique else "no columns"
    wanted = f"; the statement names ({', '.join(target)})" if target else ""
    over = sorted(map(folded, target))
    some_rows = (index for index in table.indexes if index.unique and index.partial)
    partial = [index.name for index in some_rows if sorted(folded(c.name or "") for c in index.columns) == over]
    hint = "create the unique index that the statement needs; --unique says first whether the rows allow it"
    if partial:
        hint = f"{', '.join(partial)} covers these columns for some rows only: the statement must repeat its WHERE"
    said = f"{table.name}: an ON CONFLICT without a WHERE can name {some}{wanted}"
    command = ("scan", "--unique", address(table.name, target)) if target and not partial else ()
    found.culprits.append(Culprit("declaration", said, table.name, target, hint=hint, command=command))
    return found.answer(meaning)


def explain_column_count(asked: Asked) -> Found:
    """The triggers that insert into the table without naming the columns."""
    name = asked.recognised.table or ""
    table = find_table(asked.schema, name)
    found = Found(asked)
    for other in asked.schema.tables:
        for trigger in other.triggers:
            statements = statements_of(found, trigger)
            if any(s.verb == "insert" and folded(s.table or "") == folded(name) for s in statements):
                hint = "if it names no columns, a column that was added later makes it fail: rewrite it"
                found.culprits.append(trigger_culprit(other, trigger, f"inserts into {name}", hint))
    meaning = "An INSERT that names no columns must give a value for each column of the table."
    if table is not None:
        meaning += f" {table.name} has {len(table.columns)} columns in this file."
    if not found.culprits and not found.not_checked:
        meaning += " No trigger in this file inserts into it: the statement itself does."
    return found.answer(meaning)


def explain_schema(asked: Asked) -> Found:
    """The object whose declaration is not read, or not trusted."""
    recognised = asked.recognised
    name = (recognised.constraint or "").removesuffix("()")
    found = Found(asked)
    if recognised.what == "unsafe":
        found.culprits += using(found, name)
        return found.answer(
            "With PRAGMA trusted_schema=OFF, or if SQLite was built that way, no trigger and no view may use"
            f" {name}, because what a file's own schema runs could do harm. The rows are not at fault. The application"
            " can trust the schema of a file that it knows."
        )
    meaning = f"SQLite could not read the declaration of {name or 'something'}"
    meaning += f": {recognised.subject}." if recognised.subject else "."
    meaning += " Until that is corrected, every statement on the file fails."
    for what, called, table, _ in _declared(asked):
        if folded(name) in (folded(called), folded(table.name)):
            message = f"{what} is in this file, and the SQLite used here ({sqlite3.sqlite_version}) reads it"
            hint = "use a SQLite that is as new as the one that made it, or rewrite the declaration"
            found.culprits.append(Culprit("declaration", message, table.name, hint=hint))
    if not name:
        found.unknown("the schema", "the message does not say which declaration is meant")
    elif not found.culprits:
        meaning += f" This file has no {name}: the message came from another file, or from another state of this one."
    return found.answer(meaning)


def _declared(asked: Asked) -> Iterator[tuple[str, str, Table, str]]:
    """Whatever has a name in the schema: in words, by its name, with its table, and as what a cause of it is."""
    for table in asked.schema.tables:
        yield f"the {table.kind} {table.name}", table.name, table, table.kind
        yield from ((f"the index {i.name} on {table.name}", i.name, table, "declaration") for i in table.indexes)
        yield from ((f"the trigger {t.name} on {table.name}", t.name, table, "trigger") for t in table.triggers)


# -- text that is none --------------------------------------------------------------------------------------------


def explain_not_utf8(asked: Asked) -> Found:
    """The rows whose text in the column is not UTF-8."""
    name = asked.recognised.columns[0] if asked.recognised.columns else ""
    found = Found(asked)
    having = [table for table in asked.schema.tables if table.kind == "table" and table.column(name)]
    for table in [asked.table] if asked.table in having and asked.table else having:
        with found.asking(address(table.name, (name,))):
            found.culprits += _not_utf8(asked, table, name)
    meaning = "Text in SQLite should be UTF-8, and the text that was read is not. Usually, bytes were stored as text."
    if not having:
        found.unknown(name, "no table of this file has such a column: the name comes from the statement")
    return found.answer(meaning)


def _not_utf8(asked: Asked, table: Table, name: str) -> Iterator[Culprit]:
    column = table.column(name)
    assert column is not None
    key = table.known_by
    shown = [quote(part) for part in (*key, column.name)]
    count, sample = 0, list[Row]()
    with limited(count_rows(asked.connection, table.name), asked.connection):
        query = f"FROM {stored(table)} WHERE typeof({quote(column.name)}) = 'text'"
        for row in as_stored(asked.connection, shown, query):
            if isinstance(row[-1], NotUtf8):
                count += 1
                sample += [Row.of(key, (column.name,), row)] if len(sample) < SAMPLES else []
    if count:
        rows = f"{count} {f'row of {table.name} holds' if count == 1 else f'rows of {table.name} hold'}"
        said = f"{rows} text in {column.name} that is not UTF-8"
        hint = "CAST the column to BLOB to read what is there; then rewrite it as UTF-8 or as a BLOB"
        yield Culprit("not-utf8", said, table.name, (column.name,), None, (), count, tuple(sample), hint)


# -- in what a table differs from what Room, of Android, expects after a migration, as far as its message says that ----

_COLUMN = re.compile(
    r"\bname ?= ?'(?P<name>[^'\n]{1,200})',\s{0,20}type ?= ?'(?P<type>[^'\n]{0,100})',\s{0,20}affinity ?= ?'\d{1,2}',"
    r"\s{0,20}notNull ?= ?'?(?P<not_null>true|false)'?,\s{0,20}primaryKeyPosition ?= ?'?(?P<place>\d{1,3})"
)
_KEY = re.compile(
    r"\breferenceTable ?= ?'(?P<parent>[^'\n]{1,200})',\s{0,20}onDelete ?= ?'(?P<delete>[A-Z ]{1,20})(?: \+)?',"
    r"\s{0,20}onUpdate ?= ?'(?P<update>[A-Z ]{1,20})',\s{0,20}columnNames ?= ?[\[{](?P<columns>[^]}]{0,500})[]}],"
    r"\s{0,20}referenceColumnNames ?= ?[\[{](?P<to>[^]}]{0,500})[]}]"
)
_INDEX = re.compile(
    r"\bname ?= ?'(?P<name>[^'\n]{1,200})',\s{0,20}unique ?= ?'?(?P<unique>true|false)'?,"
    r"\s{0,20}columns ?= ?[\[{](?P<columns>[^]}]{0,500})[]}]"
)


def explain_migration(asked: Asked) -> Found:
    """In what the table differs from what Room expects."""
    meaning = (
        "Room compares a table with what the application's classes say. After the migration they differ: in the"
        " declaration, not in the rows."
    )
    found, table = Found(asked), find_table(asked.schema, asked.recognised.table)
    if table is None:
        found.unknown(asked.recognised.table or "the table", "this file has no such table")
        return found.answer(f"{meaning} This file has no table {asked.recognised.table}.")
    expected, is_whole, _ = asked.recognised.subject.partition("Expected:")[2].partition("Found:")
    found.culprits += _columns(table, expected, bool(is_whole))
    if is_whole:
        found.culprits += _keys(table, expected)
        found.culprits += _indexes(table, expected)
    if not found.culprits:
        reason = "its columns, foreign keys and indexes are now as Room expects them; default values were not compared"
        found.unknown(table.name, reason if is_whole else "the message does not say in full what Room expects")
    return found.answer(meaning)


def _columns(table: Table, expected: str, is_whole: bool) -> Iterator[Culprit]:
    wanted = {folded(match["name"]): match for match in _COLUMN.finditer(expected)}
    for match in wanted.values():
        column = table.column(match["name"])
        if column is None:
            yield _differs(table, match["name"], "is expected but missing")
            continue
        for what, mine, theirs in (
            ("type", column.type.upper() or "none", match["type"].upper()),
            ("NOT NULL", str(column.not_null).lower(), match["not_null"]),
            ("place in the primary key", str(column.primary_key), match["place"]),
        ):
            if mine != theirs:
                yield _differs(table, column.name, f"{what}: {mine} in the file, {theirs} expected")
    if wanted and is_whole:
        extra = [column.name for column in table.columns if folded(column.name) not in wanted]
        yield from (_differs(table, name, "is there but not expected") for name in extra)


def _keys(table: Table, expected: str) -> Iterator[Culprit]:
    wanted = {
        _key(names_in_list(m["columns"]), m["parent"], names_in_list(m["to"]), m["delete"].strip(), m["update"].strip())
        for m in _KEY.finditer(expected)
    }
    there = {
        _key(fk.child_columns, fk.parent, fk.parent_columns, fk.on_delete, fk.on_update) for fk in table.foreign_keys
    }
    yield from _compared(table, wanted, there)


def _key(columns: tuple[str, ...], parent: str, to: tuple[str, ...], delete: str, update: str) -> str:
    of, at = ", ".join(map(folded, columns)), ", ".join(map(folded, to))
    return f"the foreign key ({of}) to {folded(parent)} ({at}) ON DELETE {delete} ON UPDATE {update}"


def _indexes(table: Table, expected: str) -> Iterator[Culprit]:
    wanted = {_index(m["name"], m["unique"] == "true", names_in_list(m["columns"])) for m in _INDEX.finditer(expected)}
    made = [index for index in table.indexes if index.origin == "c"]
    there = {_index(i.name, i.unique, tuple(column.name or "" for column in i.columns)) for i in made}
    yield from _compared(table, wanted, there)


def _index(name: str, unique: bool, columns: tuple[str, ...]) -> str:
    return f"the {'unique ' if unique else ''}index {folded(name)} over ({', '.join(map(folded, columns))})"


def _compared(table: Table, wanted: set[str], there: set[str]) -> Iterator[Culprit]:
    differing = [f"{what} is expected but missing" for what in sorted(wanted - there)]
    differing += (f"{what} is there but not expected" for what in sorted(there - wanted))
    yield from (Culprit("declaration", f"{table.name}: {how}", table.name) for how in differing)


def _differs(table: Table, column: str, how: str) -> Culprit:
    return Culprit("declaration", f"{table.name}.{column}: {how}", table.name, (column,))
