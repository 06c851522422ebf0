"""Which table and which columns of a file a message means: names as SQLite or a framework prints them, unquoted."""

from __future__ import annotations

import re
from collections.abc import Iterable

from sqlfix.leftovers import stem
from sqlfix.message_texts import plain_subject
from sqlfix.model import Schema, Table, folded


def find_table(schema: Schema, name: str | None) -> Table | None:
    """The table of that name, or the one that a migration builds anew under that name (``new__t``); or None."""
    if name is None:
        return None
    plain = name.removeprefix("main.")
    if found := schema.table(name) or schema.table(plain):
        return found
    bare = stem(folded(plain))
    alike = [table for table in schema.tables if table.kind == "table" and stem(folded(table.name)) == bare]
    exact = [table for table in alike if folded(table.name) == bare]
    return next(iter(exact or (alike if len(alike) == 1 else ())), None)


def find_model(schema: Schema, name: str | None) -> Table | None:
    """The table that an application calls by a name of its own: ``OrderItem`` for ``order_items``; or None."""
    if name is None:
        return None
    wanted = _without_marks(name)
    forms = {wanted, f"{wanted}s", f"{wanted}es", re.sub(r"y$", "ies", wanted)}
    fitting = [t for t in schema.tables if t.kind == "table" and _without_marks(t.name) in forms]
    return find_table(schema, name) or (fitting[0] if len(fitting) == 1 else None)


def _without_marks(name: str) -> str:
    return folded(name).replace("_", "")


def find_columns(schema: Schema, subject: str) -> tuple[Table, tuple[str, ...]] | None:
    """The table and the columns that ``t.a, t.b`` means, whatever stands after it; or None.

    Names may hold points and commas, so the schema's own names are looked for. Of a table that a migration was building
    the columns may be new: they are given as they stand.
    """
    for table in sorted(schema.tables, key=lambda table: -len(table.name)):
        if columns := _columns(table, table.name, subject):
            return table, columns
    parts = [part.rpartition(".") for part in plain_subject(subject).split(", ")]
    named = find_table(schema, parts[0][0])
    if named is None or named.kind != "table":
        return None
    return named, _columns(named, parts[0][0], subject) or tuple(name for *_, name in parts)


def _columns(table: Table, called: str, subject: str) -> tuple[str, ...]:
    """The columns of a subject in which the table is called so; none if it does not begin with one."""
    rest, found = subject, []
    known = sorted({*(c.name for c in table.columns), *table.row_id}, key=len, reverse=True)
    while folded(rest).startswith(f"{folded(called)}."):
        rest = rest[len(called) + 1 :]
        column = next((name for name in known if _begins(rest, name)), None)
        if column is None:
            return ()
        found.append(column)
        if not rest[len(column) :].startswith(", "):
            break
        rest = rest[len(column) + 2 :]
    return tuple(found)


def _begins(text: str, name: str) -> bool:
    return folded(text).startswith(folded(name)) and re.match(r"\w", text[len(name) :]) is None


def known_columns(table: Table, names: Iterable[str]) -> tuple[str, ...]:
    """Those of the names that are columns of the table, as they are spelled there."""
    return tuple(column.name for name in names if (column := table.column(name)) is not None)
