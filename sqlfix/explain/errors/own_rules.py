"""What an application refuses by a rule of its own, before SQLite is asked: the rows that the rule is about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from sqlfix.explain.answers import Culprit
from sqlfix.explain.errors.inquiry import Asked, Found
from sqlfix.explain.errors.names import find_models
from sqlfix.explain.errors.references import reference
from sqlfix.model.schema import ForeignKey, Schema
from sqlfix.model.values import folded
from sqlfix.text import address

_DJANGO = (
    "Django refuses to delete the row before SQLite is asked: rows still reference it, and the model says on_delete={}."
    " So these rows have to go first, or reference another one; no row is at fault."
)
MEANINGS: Mapping[str, str] = {
    "protected": _DJANGO.format("PROTECT"),
    "restricted": _DJANGO.format("RESTRICT"),
    "dependent": (
        "Rails refuses to delete the row before SQLite is asked: other rows belong to it, and its model says dependent:"
        " :restrict_with_exception or :restrict_with_error. So these rows have to go first, or belong to another one;"
        " no row is at fault."
    ),
    "blank-out": (
        "SQLAlchemy wanted to part rows from their parent, which is deleted or has given them up. They reference it by"
        " a column of their own primary key, which cannot be NULL. So they have to be deleted as well: by hand first,"
        " or by cascade='all, delete-orphan' of the relationship; no row is at fault."
    ),
    "severed": (
        "EF Core wanted to part rows from their parent, which is deleted or has given them up, and they may not be"
        " without one. So they have to be deleted as well, or get another parent: by hand first, or by"
        " OnDelete(DeleteBehavior.Cascade) of the relationship; no row is at fault."
    ),
    "required": (
        "Prisma refuses the change before SQLite is asked: it would part rows from a parent that its schema requires."
        " So these rows have to go first, or reference another one; no row is at fault."
    ),
}
"""What is meant, by the word that the message is known by."""
NOTHING_LEFT = "No row stored in {} references another one there: the rows have changed since."


def explain_own_rule(asked: Asked) -> Found:
    """The rows that keep others by such a rule: those of the relationships that the message names."""
    found, recognised = Found(asked), asked.recognised
    keys = _meant(asked.schema, recognised.parent, recognised.tables, recognised.columns)
    for fk in keys:
        if fk.fault is not None:
            found.unknown(address(*fk.subject[:2]), "SQLite cannot use this foreign key; sqlfix scan says why")
        # whatever SQLite itself would do, the application has not let it
        found.culprits += map(_without_its_action, reference(found, replace(fk, on_delete="NO ACTION")))
    if not keys:
        said = " or ".join((*recognised.tables, *filter(None, [recognised.parent])))
        found.unknown(
            said, "no foreign key that this file declares is known by that name: the models say what it means"
        )
    found.culprits.sort(key=lambda culprit: -culprit.count)
    return found.answer(MEANINGS[recognised.what], closing=NOTHING_LEFT)


def _meant(
    schema: Schema, parent: str | None, children: tuple[str, ...], columns: tuple[str, ...]
) -> tuple[ForeignKey, ...]:
    """The relationships between tables that the application calls so, narrowed as far as the file has any of them."""
    tables = {folded(table.name) for name in children for table in find_models(schema, name)}
    parents = {folded(table.name) for table in find_models(schema, parent)} if parent else set()
    named = {form for name in columns for form in (folded(name), f"{folded(name)}_id")}
    keys = tuple({fk.subject: fk for fk in schema.foreign_keys}.values())
    if not any(folded(fk.child) in tables or folded(fk.parent) in parents for fk in keys):
        return ()
    for narrower in (
        [fk for fk in keys if folded(fk.child) in tables],
        [fk for fk in keys if folded(fk.parent) in parents],
        [fk for fk in keys if named & {*map(folded, fk.child_columns)}],
    ):
        keys = tuple(fk for fk in keys if fk in narrower) or keys
    return keys


def _without_its_action(culprit: Culprit) -> Culprit:
    return replace(culprit, message=culprit.message.rpartition(" (")[0])
