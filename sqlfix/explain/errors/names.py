"""Which table and which columns of a file a message means: names as SQLite or a framework prints them, unquoted."""

from __future__ import annotations

import re
from collections.abc import Iterable

from sqlfix.explain.errors.message_names import plain_columns
from sqlfix.model.schema import Schema, Table
from sqlfix.model.values import folded
from sqlfix.schema.leftovers import built_from
from sqlfix.sql.tokens import DdlError, names_in


def find_table(schema: Schema, name: str | None) -> Table | None:
    """The table of that name, or the one that a migration builds anew under that name (``new__t``); or None."""
    if name is None:
        return None
    plain = name.removeprefix("main.")
    if found := schema.table(name) or schema.table(plain):
        return found
    return built_from(schema, plain)


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
    called, columns, _ = plain_columns(subject)
    named = find_table(schema, called)
    if called is None or named is None or named.kind != "table":
        return None
    return named, _columns(named, called, subject) or columns


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


def named_in(schema: Schema, subject: str) -> str:
    """The beginning of a subject that names columns of a table which the file has, as long as these names are."""
    found = find_columns(schema, subject)
    if found is None or not folded(subject).startswith(f"{folded(found[0].name)}."):
        return ""
    return ", ".join(f"{found[0].name}.{name}" for name in found[1])


def spoken_of(schema: Schema, subject: str) -> str | None:
    """The longest name with which a subject begins of all that the schema speaks of, whether it is there or not.

    A message does not say where a name ends that is no identifier: ``no such table: order items (code 1)``.
    """
    plain = subject.removeprefix("main.")
    known = {fk.parent for fk in schema.foreign_keys}
    for table in schema.tables:
        known.add(table.name)
        for sql in (table.sql if table.kind == "view" else "", *(trigger.sql for trigger in table.triggers)):
            try:
                known |= names_in(sql) if sql else set()
            except DdlError:
                continue
    fitting = [name for name in known if name and _begins(plain, name) and not plain.startswith(".", len(name))]
    longest = max(fitting, key=len, default=None)
    return plain[: len(longest)] if longest is not None else None


def _begins(text: str, name: str) -> bool:
    return folded(text).startswith(folded(name)) and re.match(r"\w", text[len(name) :]) is None


def known_columns(table: Table, names: Iterable[str]) -> tuple[str, ...]:
    """Those of the names that are columns of the table, as they are spelled there."""
    return tuple(column.name for name in names if (column := table.column(name)) is not None)
