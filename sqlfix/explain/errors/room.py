"""In what a table differs from what Room, of Android, expects after a migration: as far as its message says that."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sqlfix.explain.answers import Culprit
from sqlfix.explain.errors.inquiry import Asked, Found
from sqlfix.explain.errors.message_names import names_in_list
from sqlfix.explain.errors.names import find_table
from sqlfix.model.schema import Table
from sqlfix.model.values import folded

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
