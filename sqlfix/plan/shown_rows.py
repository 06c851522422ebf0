"""The first of the rows that a step is to add, as SQLite will store them, for a person to see before agreeing."""

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any

from sqlfix.model.plans import Change
from sqlfix.model.schema import Schema
from sqlfix.sql.literals import computed_default, names
from sqlfix.sql.statements import statement
from sqlfix.text import pairs_text, shown_name

SHOWN = 5
"""How many new rows are shown before they are made."""


def new_rows(
    copy: sqlite3.Connection, schema: Schema, changes: Sequence[Change], first: Sequence[str], random: Iterable[str]
) -> tuple[tuple[str, ...], str]:
    """Put rows into a private copy, see what they are, and take them out again.

    Args:
        changes: each adds some of the rows; what is not the same in all of them is SQL over a row ``k``.
        first: the columns that are shown of each row, before others in which the rows differ.
        random: those of which nobody knows yet what they will hold.

    Returns:
        what differs from row to row, of each; and what all of them get.

    Raises:
        sqlite3.Error: where SQLite refuses one of them.
    """
    table, given = schema.known_table(changes[0].table), changes[0].set
    columns = [column.name for column in table.columns if not column.generated]
    late = dict.fromkeys(random, "(random)")
    late |= {c.name: text for c in table.columns if c.name not in given and (text := computed_default(c))}
    differ = [*first, *(name for name in columns if "k." in given.get(name, ""))]
    differ = [name for name in dict.fromkeys(differ) if name not in late]
    found: list[tuple[Any, ...]] = []
    copy.execute("SAVEPOINT sqlfix_shown")
    try:
        for change in changes:
            found += copy.execute(f"{statement(schema, change)} RETURNING {names(columns)}").fetchall()
    finally:
        if copy.in_transaction:  # a trigger's RAISE(ROLLBACK) has ended it already
            copy.execute("ROLLBACK TO sqlfix_shown")
            copy.execute("RELEASE sqlfix_shown")
    rows = [dict(zip(columns, row, strict=True)) for row in found]
    same = {name: value for name, value in rows[0].items() if value is not None} if rows else {}
    told = [f"{shown_name(name)}={text}" for name, text in late.items()]
    told = [pairs_text((n, v) for n, v in same.items() if n not in differ and n not in late), *told]
    each = tuple(pairs_text((name, row[name]) for name in differ) for row in rows)
    return each, ", ".join(filter(None, told))
