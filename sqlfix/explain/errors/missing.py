"""What causes a message about something that is not there: a table, a column, an index, a function; read only."""

import re
from collections.abc import Iterator
from dataclasses import replace

from sqlfix.explain.answers import Culprit
from sqlfix.explain.errors.inquiry import Asked, Found, of_finding, trigger_culprit
from sqlfix.explain.errors.names import spoken_of
from sqlfix.model.schema import Schema
from sqlfix.model.values import folded
from sqlfix.scan.check import CHECKS
from sqlfix.schema.leftovers import stem
from sqlfix.sql.tokens import DdlError, names_in
from sqlfix.sqlite.failures import since
from sqlfix.text import address, near_names

_NOBODY = " Nothing in this file's schema mentions it: the statement itself does"


def explain_missing_table(asked: Asked) -> Found:
    """The foreign keys, triggers and views that speak of the table."""
    name = spoken_of(asked.schema, asked.recognised.subject) or asked.recognised.table or ""
    found, table = Found(asked), asked.schema.table(name)
    if table is not None:
        meaning = (
            f"A statement mentions a table that its database does not have. This file has {table.name}, so the"
            " application used another file, or an older state of this one."
        )
        return found.answer(meaning)
    for fk in asked.schema.references_to(name):
        found.culprits += (of_finding(finding) for finding in asked.checked(fk)[1])
    named = folded(asked.recognised.constraint or "")  # error in view v: no such table: t
    found.culprits += sorted(
        _what_is_read_first(asked, broken_by(found, name)),
        key=lambda culprit: not named or f" {named} " not in f" {folded(culprit.message)} ",
    )
    meaning = "A statement, or something in the schema that it uses, mentions a table that does not exist."
    if found.culprits:
        meaning += " The schema is at fault, not the rows."
    elif not found.not_checked:
        meaning += f"{_NOBODY}, or the application used another file."
    if alike := _alike(asked.schema, name):
        meaning += f" This file has {' and '.join(alike)}: perhaps that is meant."
    return found.answer(meaning)


def _alike(schema: Schema, name: str) -> list[str]:
    """Tables of nearly that name: but for what migrations put around it, or for a letter or two."""
    known = [table.name for table in schema.tables if table.kind == "table"]
    return [real for real in known if stem(folded(real)) == stem(folded(name))] or near_names(name, known, 2, 0.85)


def broken_by(found: Found, name: str, kind: str = "table") -> Iterator[Culprit]:
    """The triggers and views that speak of a name and do not compile for want of something of that kind.

    One that compiles is not the cause, whatever its text says. A view that does not makes every rename fail as well.
    """
    for table in found.asked.schema.tables:
        views = [table.name] if table.kind == "view" and _speaks_of(table.sql, name) else []
        triggers = [trigger.name for trigger in table.triggers if _speaks_of(trigger.sql, name)]
        on = "" if table.kind == "view" else f" on {table.name}"
        for what, speaking in (("view", views), ("trigger", triggers)):
            check = f"broken-{what}s"
            with found.asking(f"the {what} {', '.join(speaking)}{on}"):
                for finding in found.asked.findings_of(table, check) if speaking else ():
                    if finding.facts["kind"] == kind and finding.facts.get("trigger", table.name) in speaking:
                        hint = CHECKS[check].hint(finding)
                        command = ("repair-schema",) if kind == "table" and _renamed(found.asked.schema, name) else ()
                        message = CHECKS[check].message(finding)
                        yield Culprit(what, message, table.name, hint=hint, command=command)


def _renamed(schema: Schema, name: str) -> bool:
    """True if a table is called as one that is missing, but for what a migration put around its name."""
    bare = stem(folded(name))
    return bare != folded(name) and any(folded(table.name) == bare for table in schema.tables)


def _what_is_read_first(asked: Asked, culprits: Iterator[Culprit]) -> list[Culprit]:
    """Beside a SELECT, the views that it reads come first, and then other views: a SELECT sets off no trigger."""
    selected = {folded(name) for name in asked.recognised.selected}
    if not selected:
        return list(culprits)
    return sorted(culprits, key=lambda c: (c.kind != "view" or folded(c.table) not in selected, c.kind != "view"))


def using(found: Found, name: str) -> Iterator[Culprit]:
    """All that calls a function or names a module or collation: triggers, views, tables and indexes."""
    asked = found.asked
    for table in asked.schema.tables:
        if table.kind == "view" and _speaks_of(table.sql, name):
            yield Culprit("view", f"the view {table.name} calls {name}", table.name)
        for trigger in table.triggers:
            if _speaks_of(trigger.sql, name):
                yield trigger_culprit(table, trigger, f"calls {name}", "")
        if table.kind in ("table", "virtual") and folded(table.name) != folded(name) and _speaks_of(table.sql, name):
            yield Culprit("declaration", f"the declaration of {table.name} needs {name}", table.name)
    indexes = asked.connection.execute(
        "SELECT name, tbl_name, sql FROM main.sqlite_master WHERE type = 'index' AND typeof(sql) = 'text'"
    )
    for index, table_name, sql in indexes.fetchall():
        if _speaks_of(str(sql), name):
            yield Culprit("declaration", f"the index {index} on {table_name} needs {name}", str(table_name))


def _speaks_of(sql: str, name: str) -> bool:
    """True if a statement holds a name; one that cannot be read is searched as text."""
    try:
        return folded(name) in names_in(sql)
    except DdlError:
        return re.search(rf"(?<!\w){re.escape(folded(name))}(?!\w)", folded(sql)) is not None


def explain_missing_column(asked: Asked) -> Found:
    """The triggers and views that speak of the column; of those, the one that the message names comes first."""
    found = Found(asked)
    plain = asked.recognised.columns[0] if asked.recognised.columns else ""
    name = spoken_of(asked.schema, asked.recognised.subject) or plain
    having = [table.name for table in asked.schema.tables if table.column(name)]
    if dropping := _DROPPING.match(asked.recognised.message):
        found.culprits += _still_using(asked, dropping["what"], asked.recognised.constraint or "", name)
    if found.culprits:
        return found.answer(f"A DROP COLUMN of {name} failed, since something else in the schema uses the column.")
    named = folded(asked.recognised.constraint or "")
    for culprit in _what_is_read_first(asked, broken_by(found, name, "column")):
        if not named or f" {named} " in f" {folded(culprit.message)} ":
            found.culprits.append(culprit)
    meaning = "A statement, or a trigger or view that it uses, mentions a column that does not exist."
    if having:
        meaning += f" There is a column {name} in {', '.join(having[:5])}."
    elif not found.culprits and not found.not_checked:
        meaning += f"{_NOBODY}."
    return found.answer(meaning)


_DROPPING = re.compile(r"error in (?P<what>table|index|view|trigger) [^\n]{1,300}? after drop column: ")


def _still_using(asked: Asked, what: str, name: str, column: str) -> Iterator[Culprit]:
    """What keeps a column from being dropped: the named object, where this file has it and it speaks of the column."""
    table = asked.schema.table(name)
    if what == "table" and table and (own := table.column(column)):
        keys = [fk for fk in table.foreign_keys if folded(own.name) in map(folded, fk.child_columns)]
        for fk in {fk.subject: fk for fk in keys}.values():
            place = address(*fk.subject[:2])
            said, command = f"the foreign key {place} uses {own.name}", ("alter", place, "--no-references")
            yield Culprit("declaration", said, *fk.subject, hint="take the foreign key away first", command=command)
        if not keys:
            said = f"the declaration of {table.name} uses {own.name} elsewhere, in a CHECK or a computed column"
            yield Culprit("declaration", said, table.name, (own.name,), hint="take that away first")
        return
    query = "SELECT tbl_name, sql FROM main.sqlite_master WHERE type = ? AND name = ? COLLATE NOCASE"
    for on, sql in asked.connection.execute(query, (what, name)).fetchall():
        if _speaks_of(str(sql), column):
            kind = "declaration" if what == "index" else what
            yield Culprit(kind, f"the {what} {name} uses {column}", str(on), hint=f"drop the {what} first")


def explain_missing_object(asked: Asked) -> Found:
    """The triggers and views that speak of an index, a trigger or a view which is not there."""
    what = asked.recognised.what
    name = spoken_of(asked.schema, asked.recognised.subject) or (asked.recognised.constraint or "").removeprefix(
        "main."
    )
    found = Found(asked)
    found.culprits += broken_by(found, name, what)
    meaning = f"A statement mentions the {what} {name}, which its database does not have."
    if not found.culprits and not found.not_checked:
        meaning += f"{_NOBODY}, or the application used another file."
    return found.answer(meaning)


def explain_missing_function(asked: Asked) -> Found:
    """The triggers, views, tables and indexes that need something which SQLite may lack."""
    name = (asked.recognised.constraint or "").removesuffix("()")
    found = Found(asked)
    hint, meaning = _whose(name)
    found.culprits = [replace(culprit, hint=hint) for culprit in using(found, name)]
    if not found.culprits:
        meaning += " Nothing in this file's schema needs it: the statement itself does."
    return found.answer(meaning)


_COMPILED_IN = {
    "SQLITE_ENABLE_FTS3 or SQLITE_ENABLE_FTS4": "fts3 fts4 fts4aux fts3tokenize",
    "SQLITE_ENABLE_FTS5": "fts5 fts5vocab",
    "SQLITE_ENABLE_RTREE": "rtree rtree_i32",
    "SQLITE_ENABLE_GEOPOLY": "geopoly",
    "SQLITE_ENABLE_DBSTAT_VTAB": "dbstat",
    "SQLITE_ENABLE_BYTECODE_VTAB": "bytecode tables_used",
    "SQLITE_SOUNDEX": "soundex",
    "SQLITE_ENABLE_MATH_FUNCTIONS": "acos acosh asin asinh atan atan2 atanh ceil ceiling cos cosh degrees exp floor ln"
    " log log10 log2 mod pi pow power radians sin sinh sqrt tan tanh trunc",
    "SQLITE_ENABLE_JSON1 before version 3.38": "json json_array json_array_length json_each json_extract"
    " json_group_array json_group_object json_insert json_object json_patch json_quote json_remove json_replace"
    " json_set json_tree json_type json_valid",
}
"""What is part of SQLite where it was compiled in: https://www.sqlite.org/compile.html and json1.html."""
_OF_THE_SHELL = "generate_series sha3 readfile writefile lsdir fsdir regexp csv zipfile edit"
"""What the sqlite3 shell brings along, and applications that load it do."""


def _whose(name: str) -> tuple[str, str]:
    """What to do where a function, a collation or a module is missing, and whose it is."""
    plain = folded(name)
    if option := next((option for option, known in _COMPILED_IN.items() if plain in known.split()), None):
        meaning = (
            f"{name} is part of SQLite only if SQLite was compiled with it ({option}): the"
            " SQLite that gave the message was not."
        )
        return "work on the file with a SQLite that has it", meaning
    if version := since(plain):
        meaning = f"{name} has been part of SQLite since version {version}: the SQLite that gave the message is older."
        return f"work on the file with SQLite {version} or newer", meaning
    if plain in _OF_THE_SHELL.split():
        meaning = f"{name} is an extension that comes with the sqlite3 shell; an application has to load it."
        return "load the extension, or work on the file with the sqlite3 shell", meaning
    meaning = (
        f"{name} is not a part of SQLite that sqlfix knows: the application that made the file provides it, as an"
        " extension or itself, and other programs do not have it."
    )
    return "work on the file with the application that made it, or drop what needs it", meaning
