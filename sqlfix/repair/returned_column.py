"""A column that was dropped, as ALTER TABLE can add it again: with all that was declared of it, as far as that goes."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterable

from sqlfix.frozen import frozen
from sqlfix.model.schema import Table
from sqlfix.model.values import folded
from sqlfix.sql.create_table import read_create_table
from sqlfix.sql.literals import quote
from sqlfix.sql.table_edits import column_of
from sqlfix.sql.table_text import ColumnText, TableText
from sqlfix.sqlite.connect import empty_database


@frozen
class Returned:
    """How a column comes back: its definition for ADD COLUMN, and the clauses that this does not take."""

    definition: str
    lost: tuple[str, ...] = ()


def returned(table: Table, name: str) -> Returned:
    """How a column of a table can come back, by the text of the table.

    ADD COLUMN takes no UNIQUE, no NOT NULL without a DEFAULT, no DEFAULT that is computed, and no CHECK that the
    DEFAULT does not meet (https://www.sqlite.org/lang_altertable.html): SQLite itself is asked, clause by clause.
    """
    text = read_create_table(table.sql)
    column = column_of(text, name)
    inside = [table.sql[slice(*clause.span)] for clause in column.clauses]
    clauses = [*inside, *_keys_of(table.sql, text, column)]
    whole = table.sql[slice(*column.span)]
    if _takes(table, column.name, definition := " ".join((whole, *clauses[len(inside) :]))):
        return Returned(definition)
    kept: list[str] = []
    base = table.sql[column.span[0] : column.type_span[1]]
    # a NOT NULL needs the DEFAULT
    for clause in sorted(clauses, key=lambda clause: folded(clause).startswith("not null")):
        if _takes(table, column.name, " ".join((base, *kept, clause))):
            kept.append(clause)
    return Returned(" ".join((base, *kept)), tuple(clause for clause in clauses if clause not in kept))


def _keys_of(sql: str, text: TableText, column: ColumnText) -> Iterable[str]:
    """The constraints of the table that are about the column alone, as the column itself can have them."""
    for fk in text.foreign_keys:
        within = column.span[0] <= fk.span[0] < column.span[1]
        if not within and [folded(key) for key in fk.columns] == [folded(column.name)]:
            named = f"CONSTRAINT {quote(fk.constraint)} " if fk.constraint else ""
            yield f"{named}REFERENCES {sql[fk.parent_span[0] : fk.span[1]]}"
    for clause in text.clauses:
        if clause.kind == "unique" and [folded(key) for key in clause.columns] == [folded(column.name)]:
            yield "UNIQUE"


def _takes(table: Table, name: str, definition: str) -> bool:
    """True if a table that has rows takes a column with that definition, and a row more after it."""
    others = (column for column in table.columns if column.name != name)
    listed = ", ".join(f"{quote(column.name)} {column.type if table.strict else ''}" for column in others)
    with contextlib.closing(empty_database()) as empty:
        try:
            empty.execute(f"CREATE TABLE sqlfix_trial ({listed}){' STRICT' if table.strict else ''}")
            empty.execute("INSERT INTO sqlfix_trial DEFAULT VALUES")
            empty.execute(f"ALTER TABLE sqlfix_trial ADD COLUMN {definition}")
            empty.execute("INSERT INTO sqlfix_trial DEFAULT VALUES")
        except sqlite3.Error:
            return False
    return True
