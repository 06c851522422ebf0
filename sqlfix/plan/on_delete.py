"""What ON DELETE of one relationship does to the rows that refer to a row that goes, for a row, a table and an error.

The rules are those of https://www.sqlite.org/foreignkeys.html#fk_actions.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlfix.model.schema import ForeignKey, Schema
from sqlfix.model.values import folded
from sqlfix.schema.writable_keys import default_values
from sqlfix.sql.literals import quote
from sqlfix.sql.predicates import has_values


@dataclass(frozen=True, slots=True)
class OnDelete:
    """What becomes of the child rows.

    ``cascades`` says that they go as well; ``sets`` are the values, as SQL, that their key is set to. ``keeps`` is SQL
    that is true where they keep the parent row from going: ``1`` always, "" never; ``reason`` says why, and is empty
    where the action alone does. ``forbids_null`` says that the key would become NULL and may not: then SQLite's error
    is that of NOT NULL.
    """

    cascades: bool = False
    sets: tuple[str, ...] = ()
    keeps: str = ""
    reason: str = ""
    forbids_null: bool = False


def on_delete(schema: Schema, fk: ForeignKey, alive: str = "") -> OnDelete:
    """What ON DELETE of a relationship does.

    Args:
        alive: SQL, beginning with `` AND``, that is true of parent rows ``q`` that do not go; without it, none goes.
    """
    if by_cascade(fk):
        return OnDelete(cascades=True)
    if fk.on_delete not in ("SET NULL", "SET DEFAULT"):
        deferred = fk.deferrable and fk.on_delete == "NO ACTION"
        return OnDelete(keeps="1", reason="SQLite complains only at COMMIT" if deferred else "")
    values = default_values(schema, fk) if fk.on_delete == "SET DEFAULT" else ("NULL",) * len(fk.child_columns)
    if barred := _barred_from_null(schema, fk, values):
        return OnDelete(sets=values, keeps="1", reason=f"{barred} may not be NULL", forbids_null=True)
    if any(map(_is_null, values)):
        return OnDelete(sets=values)
    filled = " AND ".join(f"{value} IS NOT NULL" for value in values)
    none = f"NOT EXISTS (SELECT 1 FROM {quote(fk.parent)} AS q WHERE {has_values(fk, values, 'q')}{alive})"
    reason = f"the default {', '.join(values)} has no row in {fk.parent}"
    return OnDelete(sets=values, keeps=f"({filled} AND {none})", reason=reason)


def by_cascade(fk: ForeignKey) -> bool:
    """True for a relationship whose child rows SQLite itself deletes with their parent row."""
    return fk.on_delete == "CASCADE"


def _is_null(value: str) -> bool:
    """True for the SQL of a default that is NULL."""
    return value.strip("() ").upper() == "NULL"


def _barred_from_null(schema: Schema, fk: ForeignKey, values: tuple[str, ...]) -> str | None:
    """The first column of a key that would become NULL and may not."""
    child = schema.known_table(fk.child)
    for name, value in zip(fk.child_columns, values, strict=True):
        column = child.column(name)
        if column and _is_null(value) and (column.not_null or folded(name) == folded(child.integer_key or "")):
            return name
    return None
