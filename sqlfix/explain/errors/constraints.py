"""What can cause the messages that name a column or a constraint: rows that break a NOT NULL, a CHECK or a type."""

import re
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace

from sqlfix.checks.check_violations import checks_of, condition_of
from sqlfix.checks.type_mismatches import REFUSED
from sqlfix.explain.answers import Culprit
from sqlfix.explain.errors.conditions import narrowed
from sqlfix.explain.errors.inquiry import Asked, Found, rows_where
from sqlfix.explain.errors.names import find_table, known_columns, plain_columns, plain_text
from sqlfix.model.schema import Table
from sqlfix.model.values import folded
from sqlfix.schema.leftovers import built_from
from sqlfix.schema.names import typed_place, with_check, with_not_null, with_type
from sqlfix.schema.rows import key_word
from sqlfix.sql.literals import quote
from sqlfix.sql.predicates import affinity, is_there
from sqlfix.sql.table_text import CheckText
from sqlfix.text import address, pairs_text, plural

# -- NOT NULL -----------------------------------------------------------------------------------------------------


def explain_not_null(asked: Asked) -> Found:
    """The rows that hold NULL in the column, and the keys that would write one there."""
    found = Found(asked)
    meaning = f"A NOT NULL column would have got NULL.{_in_places(found, _not_null_in, 'NOT NULL')}"
    return found.answer(meaning, closing="No row in {} breaks it.")


def _in_places(found: Found, look: Callable[[Found, Table, tuple[str, ...]], str], what: str) -> str:
    """Look at the columns that a message names, up to the first place with a cause; what is said more of the meaning.

    Args:
        what: it is about, where the message names no column.
    """
    said, places = "", found.asked.places()
    for table, columns in places:
        said = look(found, table, columns)
        if found.culprits:
            break
    if not places:
        found.unknown(plain_columns(found.asked.recognised.subject)[2] or what, "this file has no such table")
    return said


def _not_null_in(found: Found, table: Table, columns: tuple[str, ...]) -> str:
    """Note what in one table can be the cause; more on the meaning."""
    asked, said = found.asked, ""
    new = tuple(name for name in columns if table.column(name) is None)
    for name in known_columns(table, columns):
        column = table.column(name)
        with found.asking(address(table.name, (name,))):
            found.culprits += _nulls(asked, table, name)
            if column and column.not_null:
                found.culprits += _set_to_null(asked, table, name)
                found.culprits += _cut_off(asked, table, name)
        if column and not column.not_null:
            said += f" {table.name}.{name} may be NULL in this file: a migration was about to make it NOT NULL."
    if new and not set(new) & set(table.row_id):
        none = f"{table.name} has no column {', '.join(new)} yet, so its rows have no value for it"
        hint = "a migration was about to add it: the new column needs a DEFAULT, or must be filled first"
        found.culprits.append(Culprit("declaration", none, table.name, new, hint=hint))
    elif not found.culprits:
        said += (
            f" No row of {table.name} holds NULL there: the row that was written had NULL, or had no value and the"
            " column has no default."
        )
    return said


def _nulls(asked: Asked, table: Table, name: str) -> Iterator[Culprit]:
    column, assumed = table.column(name), with_not_null(table, (name,))
    command: tuple[str, ...] = ()
    hint = "they need a value before the column can be NOT NULL"
    if column and column.not_null:
        command = _scan("not-null-violations", table)
    elif (keys := [fk for fk in asked.schema.keys_with(table.name, name) if not fk.fault]) and len(keys) == 1:
        # where NULL is allowed as yet, a scan would find nothing
        command = ("backfill", typed_place(asked.schema, table.name, keys[0].child_columns))
        hint = "they need a parent before the column can be NOT NULL; backfill makes one for each"
    for found in asked.broken(assumed, "not-null-violations", lambda one: one.columns == (name,)):
        said = f"{plural(found.count, 'row')} of {table.name} {'holds' if found.count == 1 else 'hold'} NULL in {name}"
        yield replace(found, message=said, hint=hint, command=command)


def _scan(check: str, table: Table) -> tuple[str, ...]:
    """The command that finds what a check finds in a table."""
    return ("scan", "--select", check, "--select", table.name)


def _set_to_null(asked: Asked, table: Table, column: str) -> Iterator[Culprit]:
    """The keys whose ON DELETE would write NULL into the column."""
    if asked.statement and asked.statement.verb == "INSERT" and not asked.statement.replaces:
        return
    for fk in table.foreign_keys:
        if column not in fk.child_columns or "SET NULL" not in (fk.on_delete, fk.on_update) or fk.fault:
            continue
        count, sample = rows_where(asked, table, is_there(quote(column)), fk.child_columns)
        said = (
            f"{table.name}.{column} is NOT NULL, but its foreign key says SET NULL: that fails for each row of"
            f" {fk.parent} that a row here references ({plural(count, 'row')})"
        )
        hint = "the schema contradicts itself; delete the rows that reference the parent first"
        if count:
            yield Culprit(
                "references", said, *fk.subject, count, sample, hint, ("scan", "--select", address(*fk.subject[:2]))
            )


def _cut_off(asked: Asked, table: Table, column: str) -> Iterator[Culprit]:
    """The rows that an application was about to part from their parent, as they do before they delete the parent."""
    statement = asked.statement
    if statement is None or statement.verb != "UPDATE" or asked.statement_table is not table:
        return
    emptied = {folded(name) for part in statement.parts for name, value in part.values if value is None}
    where = narrowed(statement.where, table, asked.schema)
    for fk in table.foreign_keys:
        if column not in fk.child_columns or folded(column) not in emptied or where is None or fk.fault:
            continue
        count, sample = rows_where(asked, table, where.sql, fk.child_columns)
        if not count:
            continue
        parent = asked.schema.table(fk.parent)
        values = [dict([*row.key, *row.values]) for row in sample]
        keys = [
            tuple((to, v[name]) for name, to in zip(fk.child_columns, fk.parent_columns, strict=True)) for v in values
        ]
        parents = "; ".join(dict.fromkeys(map(pairs_text, keys))) + (", …" if count > len(sample) else "")
        known = parent is not None and fk.parent_columns == parent.primary_key
        who = f"this row of {table.name} references"
        if count > 1:
            who = f"{plural(count, 'row')} of {table.name} reference"
        by = ", ".join(fk.child_columns)
        said = f"{who} {fk.parent} {parents} through {by}, and the statement was to set {column} to NULL"
        hint = "applications do that before they delete the parent, unless they are told to delete its children"
        command = ("why", fk.parent, key_word(keys[0])) if known else ()
        yield Culprit("references", said, *fk.subject, count, sample, hint, command)


# -- CHECK --------------------------------------------------------------------------------------------------------


def explain_check(asked: Asked) -> Found:
    """The constraint that is meant, and the rows that break it now."""
    found = Found(asked)
    meaning = "A CHECK constraint is an expression that must not be false for any row. For a new row, it was."
    candidates: list[tuple[Table, CheckText]] = []
    for table in asked.schema.tables:
        if table.kind == "table" and "check" in folded(table.sql):
            try:
                candidates += [(table, check) for check in checks_of(table.sql)]
            except sqlite3.DatabaseError as error:
                found.unknown(table.name, str(error))
    meant = _meant(asked, candidates)
    for table, check in meant:
        with found.asking(f"{table.name}: CHECK ({check.text})"):
            found.culprits += _breaking(asked, table, check)
    for table, check in meant if not found.culprits else ():
        with found.asking(f"{table.name}: CHECK ({check.text})"):
            _note_copied(found, table, check)
    if not meant and not found.not_checked:
        reason = "this file has no such constraint: a migration was about to add it, or it is in another file"
        found.unknown(f"CHECK ({plain_text(asked.recognised.subject)})", reason)
        meaning += " This file has no such constraint: a migration was about to add it, or it is in another file."
    elif not found.culprits and len(meant) == 1:
        table, check = meant[0]
        meaning += f" It is CHECK ({check.text}) of {table.name}"
        meaning += "." if found.not_checked else ", and every stored row satisfies it."
    return found.answer(meaning, closing="No row in {} breaks it.")


def _note_copied(found: Found, table: Table, check: CheckText) -> None:
    """Note the rows of the table that a half-built one is filled from which break its constraint."""
    asked, statement = found.asked, found.asked.recognised.statement
    origin = built_from(asked.schema, table.name)
    text, columns, _ = condition_of(table, check.text)
    mapped = {folded(name): name for name in columns}
    if statement and statement.source and folded(statement.table) == folded(table.name):
        origin = asked.schema.table(statement.source) or origin
        if origin and statement.copies_all:
            pairs = zip(table.columns, origin.columns, strict=False)
            mapped = {folded(to.name): column.name for to, column in pairs}
        elif statement.copied:
            mapped = {folded(to): name for to, name in statement.copied}
    sources = [(column, origin.column(mapped.get(folded(column), ""))) for column in columns] if origin else []
    if origin is None or not all(source for _, source in sources):
        return
    names_of = {f"c.{quote(to)}": f"c.{quote(source.name)}" for to, source in sources if source}
    asked_of = re.sub(r'c\."(?:[^"]|"")+"', lambda match: names_of.get(match[0], match[0]), text)
    found.culprits += _breaking(asked, origin, check, asked_of)
    kinds = [
        (affinity(a, table.strict), affinity(b, origin.strict)) for to, b in sources if b and (a := table.column(to))
    ]
    if not found.culprits and any(theirs != ours for ours, theirs in kinds):
        reason = f"{table.name} stores the values of {origin.name} as another type"
        found.unknown(f"{table.name}: CHECK ({check.text})", reason)


def _meant(asked: Asked, candidates: list[tuple[Table, CheckText]]) -> list[tuple[Table, CheckText]]:
    """The checks that a message means: by name, by text, or, as SQLite before 3.33 had it, by their table."""
    subject = _spaced(asked.recognised.subject)
    if not subject:
        mine = [(table, check) for table, check in candidates if table is asked.table]
        return mine or candidates
    named = [(t, c) for t, c in candidates if c.name and _starts(subject, c.name)]
    written = [(t, c) for t, c in candidates if _starts(subject, c.text)]
    own = [(t, c) for t, c in candidates if c.name is None and _starts(subject, t.name)]
    meant = named or written or own
    longest = max((len(_spaced(c.name or c.text)) for _, c in meant), default=0)
    if named or written:  # a > 0 is also the beginning of a > 0 AND b
        meant = [(t, c) for t, c in meant if len(_spaced((c.name if named else c.text) or "")) == longest] or meant
    here = [(t, c) for t, c in meant if t is asked.statement_table]
    return here or meant


def _spaced(text: str) -> str:
    return " ".join(text.split())


def _starts(subject: str, text: str) -> bool:
    """True if a message goes on with this text, and that is not the beginning of a longer word."""
    wanted = _spaced(text)
    rest = subject[len(wanted) :]
    return folded(subject).startswith(folded(wanted)) and not (rest[:1].isalnum() or rest[:1] == "_")


def _breaking(asked: Asked, table: Table, check: CheckText, text: str | None = None) -> Iterator[Culprit]:
    """The rows of a table that break a constraint, or would if it had that; ``text`` is it by the table's own names."""
    wanted = {"constraint": check.name, "text": text or check.text}
    assumed = with_check(table, check.name, text or check.text)
    name = f" {check.name}" if check.name else ""
    hint = "any change of such a row fails, and so does a copy of it to another table"
    for found in asked.broken(assumed, "check-violations", lambda one: one.facts == wanted):
        rows = f"{plural(found.count, 'row')} of {table.name} {'breaks' if found.count == 1 else 'break'}"
        said = f"{rows} the constraint{name} CHECK ({_spaced(check.text)})"
        yield replace(found, message=said, hint=hint, command=_scan("check-violations", table))


# -- types --------------------------------------------------------------------------------------------------------


def explain_strict_type(asked: Asked) -> Found:
    """The rows whose value the type of a STRICT column refuses."""
    found = Found(asked)
    said = _in_places(found, _strict_in, "")
    meaning = f"A column of a STRICT table takes only values of its declared type.{said if found.culprits else ''}"
    if not found.culprits and not found.not_checked:
        meaning += " Every stored value fits: the new value did not."
    return found.answer(meaning, closing="No row in {} breaks it.")


def _strict_in(found: Found, table: Table, columns: tuple[str, ...]) -> str:
    said = ""
    for name in columns:
        if table.column(name) is None:
            found.unknown(address(table.name, (name,)), "this file has no such column")
    for name in known_columns(table, columns):
        column = table.column(name)
        assert column is not None
        kind = (found.asked.recognised.wanted or column.type).upper()
        kind = kind.replace("INTEGER", "INT").replace("INT", "INTEGER")
        if kind not in REFUSED and kind != "ANY":
            found.unknown(
                address(table.name, (name,)), f"sqlfix does not know what a column of the type {kind} refuses"
            )
        if not table.strict:
            said += f" {table.name} is not STRICT in this file: a migration was about to make it STRICT."
        _note_what_cannot_be(found, table, name, kind, "STRICT tables refuse it")
    return said


def _note_what_cannot_be(found: Found, table: Table, column: str, kind: str, why: str) -> None:
    """Note the values of a column that a type refuses."""
    if kind not in REFUSED:
        return
    assumed, command = with_type(table, column, kind), _scan("type-mismatches", table) if table.strict else ()
    with found.asking(address(table.name, (column,))):
        for one in found.asked.broken(assumed, "type-mismatches", lambda one: one.columns == (column,)):
            said = f"{plural(one.count, 'value')} of {table.name}.{column} cannot be {kind}: {why}"
            found.culprits.append(replace(one, message=said, command=command))


def explain_datatype(asked: Asked) -> Found:
    """The keys that could not be those of an INTEGER PRIMARY KEY: all that this message is about."""
    found = Found(asked)
    meaning = (
        "An INTEGER PRIMARY KEY takes only whole numbers, whatever SQLite allows in other columns. It was to get a"
        " text, a fraction or a BLOB. (Or the LIMIT of a query was not a whole number.)"
    )
    tables = [asked.table] if asked.table else [t for t in asked.schema.tables if t.kind == "table"]
    if asked.table and (origin := built_from(asked.schema, asked.table.name)):
        tables.append(origin)
    written = find_table(asked.schema, getattr(asked.statement, "table", None))
    built = built_from(asked.schema, written.name) if written else None
    for table in tables:
        if table.integer_key and asked.statement:
            meaning += f" In {table.name}, that column is {table.integer_key}."
        if table.integer_key or len(table.primary_key) != 1:
            continue
        name = table.primary_key[0]
        column = table.column(name)
        # the affinity of whole numbers, or the very table that was written to
        if column is None or not (affinity(column) == "INTEGER" or table in (written, built)):
            continue
        why = "the column is the primary key, and an INTEGER PRIMARY KEY does not take such a value"
        _note_what_cannot_be(found, table, name, "INTEGER", why)
    return found.answer(meaning, closing="No row in {} breaks it.")
