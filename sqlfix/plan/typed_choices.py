"""The values of ``--set … =update:VALUE``: what the columns that they are written into make of them."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import replace

from sqlfix.errors import Refused
from sqlfix.model.plans import Choice
from sqlfix.model.schema import Column, Schema, Table
from sqlfix.plan.policy import Policy
from sqlfix.schema.names import require_columns
from sqlfix.sql.literals import literal, quote
from sqlfix.sql.predicates import affinity
from sqlfix.sql.typed_values import NUMERIC, as_sql, is_spelled, number
from sqlfix.sqlite.deadline import overlooking

Place = tuple[Table, Column]
"""A column, and the table that has it."""


def with_literals(connection: sqlite3.Connection, schema: Schema, policy: Policy) -> Policy:
    """The policy with the values that were typed as SQL, as the columns of this database take them.

    Raises:
        Refused: for a value that may be a number or a text, where there are parents with either.
    """
    choices = [(target, _as_sql(connection, schema, target, choice)) for target, choice in policy.choices]
    return replace(policy, choices=tuple(choices))


def _as_sql(connection: sqlite3.Connection, schema: Schema, target: str, choice: Choice) -> Choice:
    if not choice.typed:
        return choice
    table, columns = require_columns(schema, target, "--set")
    keys = [fk for fk in table.foreign_keys if fk.child_columns == columns and fk.fault is None]
    literals = []
    for at, (text, name) in enumerate(zip(choice.typed, columns, strict=True)):
        parents = [_place(schema, fk.parent, fk.parent_columns[at]) for fk in keys]
        literals.append(_literal(connection, target, text, _place(schema, table.name, name), parents))
    return replace(choice, literals=tuple(literals))


def _place(schema: Schema, table: str, name: str) -> Place:
    found = schema.table(table)
    column = found.column(name) if found else None
    if found is None or column is None:
        raise LookupError(f"{table}.{name}")
    return found, column


def _literal(connection: sqlite3.Connection, target: str, text: str, place: Place, parents: Sequence[Place]) -> str:
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
        raise Refused(
            f"--set {target}: {parents[0][0].name} has both the number {text} and the text '{text}'",
            f"write a text in quotes, and a number with a sign: update:'{text}' or update:+{text}",
        )
    if as_text != as_number:
        return literal(text if as_text else value)
    return literal(value if is_spelled(text, value) else text)


def _there(connection: sqlite3.Connection, table: Table, condition: str) -> bool:
    """True if a table has such a row, as far as it can be asked."""
    with overlooking(sqlite3.OperationalError):
        return connection.execute(f"SELECT 1 FROM {quote(table.name)} WHERE {condition} LIMIT 1").fetchone() is not None
    return False
