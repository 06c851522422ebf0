"""The values of ``--set … =update:VALUE``: what the columns that they are written into make of them."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import replace

from sqlfix.errors import Refused
from sqlfix.model.plans import Choice
from sqlfix.model.schema import Column, ForeignKey, Schema, Table
from sqlfix.model.values import Value, folded
from sqlfix.plan.policy import Policy, require_values
from sqlfix.schema.database import Database
from sqlfix.schema.names import require_columns
from sqlfix.sql.literals import literal, quote
from sqlfix.sql.predicates import affinity
from sqlfix.sql.typed_values import NUMERIC, as_sql, is_spelled, number
from sqlfix.sqlite.deadline import overlooking
from sqlfix.sqlite.row_sets import as_child_stores
from sqlfix.text import address

Place = tuple[Table, Column]
"""A column, and the table that has it."""


def with_literals(connection: sqlite3.Connection, schema: Schema, policy: Policy) -> Policy:
    """The policy with the values that were typed as SQL, as the columns of this database take them.

    Raises:
        Refused: for a value that may be a number or a text, where there are parents with either; for a parent that is
            named by another column, where there is none of it or several.
    """
    choices = [(target, _as_sql(connection, schema, target, choice)) for target, choice in policy.choices]
    return replace(policy, choices=tuple(choices))


def _as_sql(connection: sqlite3.Connection, schema: Schema, target: str, choice: Choice) -> Choice:
    if not choice.typed:
        return choice
    table, columns = require_columns(schema, target, "--set")
    keys = [fk for fk in table.foreign_keys if fk.child_columns == columns and fk.fault is None]
    if keys and (key := _key_of_named(connection, schema, target, choice, keys)):
        return replace(choice, literals=key)
    if len(choice.typed) != len(columns):
        require_values(target, columns, choice)
    literals = []
    for at, (text, name) in enumerate(zip(choice.typed, columns, strict=True)):
        parents = [_place(schema, fk.parent, fk.parent_columns[at]) for fk in keys]
        literals.append(_literal(connection, f"--set {target}", text, _place(schema, table.name, name), parents))
    return replace(choice, literals=tuple(literals))


def _key_of_named(
    connection: sqlite3.Connection, schema: Schema, target: str, choice: Choice, keys: Sequence[ForeignKey]
) -> tuple[str, ...]:
    """The key of the one parent that ``column=value`` names, as SQL; empty where a key itself was typed."""
    name, sign, text = choice.typed[0].partition("=")
    parent = schema.known_table(keys[0].parent)
    column = parent.column(name.strip())
    if not sign or column is None or len(choice.typed) > 1:
        return ()
    if len({(folded(fk.parent), fk.parent_columns) for fk in keys}) > 1:
        raise Refused(f"--set {target}: it references more than one table", "give the key itself")
    value = _literal(connection, f"--set {target}", text, (parent, column), ())
    listed = ", ".join(map(quote, keys[0].parent_columns))
    own = " OR ".join(f"{quote(key)} = {literal(choice.typed[0])}" for key in keys[0].parent_columns)
    found = connection.execute(
        f"SELECT {listed} FROM {quote(parent.name)} WHERE {quote(column.name)} = {value} LIMIT 2"
    ).fetchall()
    place = address(parent.name, (column.name,))
    if _there(connection, parent, own):
        raise Refused(
            f"--set {target}: {choice.typed[0]} may be a key of {parent.name}, or name a row by its {column.name}",
            "write the key in quotes",
        )
    if len(found) != 1:
        many = "more than one row has" if found else "no row has"
        raise Refused(f"--set {target}: {many} {place} = {text}", "name the parent by a column that is unique")
    return tuple(map(literal, found[0]))


def stored_keys(
    database: Database, fk: ForeignKey, option: str, keys: Sequence[Sequence[str]], of_parents: bool = False
) -> list[tuple[Value, ...]]:
    """Keys that were typed, as the columns of a child store them.

    Args:
        of_parents: they are those of parents, which says what is meant where a column takes what comes.
    """
    connection, schema = database.connection, database.schema
    places = [_place(schema, fk.child, column) for column in fk.child_columns]
    others = [_place(schema, fk.parent, column) for column in fk.parent_columns]
    rows = []
    for nth, key in enumerate(keys):
        values = [
            _literal(connection, option, text, place, [other] if of_parents else ())
            for text, place, other in zip(key, places, others, strict=True)
        ]
        rows.append(f"({', '.join(values)}, {nth})")
    if not rows:
        return []
    with as_child_stores(connection, schema, fk, f"VALUES {', '.join(rows)}", "id") as stored:
        found = connection.execute(f"SELECT * FROM {stored} ORDER BY id").fetchall()
    return [row[:-1] for row in found]


def _place(schema: Schema, table: str, name: str) -> Place:
    found = schema.table(table)
    column = found.column(name) if found else None
    if found is None or column is None:
        raise LookupError(f"{table}.{name}")
    return found, column


def _literal(connection: sqlite3.Connection, option: str, text: str, place: Place, parents: Sequence[Place]) -> str:
    """A value as SQL. Where the column takes what comes, it is what the parents are, or else its other values."""
    table, column = place
    kind, value = affinity(column, table.strict), number(text)
    if kind != "BLOB" or value is None:
        return as_sql(text, kind)
    kinds = {affinity(column, table.strict) for table, column in parents}
    if "TEXT" in kinds:
        return literal(text)
    if kinds & NUMERIC or text.startswith("+"):
        return literal(value)
    as_text = as_number = False
    for table, column in parents or [place]:
        name = quote(column.name)
        text_there, number_there = f"typeof({name}) = 'text'", f"typeof({name}) IN ('integer', 'real')"
        if parents:
            text_there += f" AND {name} = {literal(text)}"
            number_there += f" AND {name} = {literal(value)}"
        as_text = as_text or _there(connection, table, text_there)
        as_number = as_number or _there(connection, table, number_there)
    if parents and as_text and as_number:
        word = "update:" if option.startswith("--set") else ""
        raise Refused(
            f"{option}: {parents[0][0].name} has both the number {text} and the text '{text}'",
            f"write a text in quotes, and a number with a sign: {word}'{text}' or {word}+{text}",
        )
    if as_text != as_number:
        return literal(text if as_text else value)
    return literal(value if is_spelled(text, value) else text)


def _there(connection: sqlite3.Connection, table: Table, condition: str) -> bool:
    """True if a table has such a row, as far as it can be asked."""
    with overlooking(sqlite3.OperationalError):
        return connection.execute(f"SELECT 1 FROM {quote(table.name)} WHERE {condition} LIMIT 1").fetchone() is not None
    return False
