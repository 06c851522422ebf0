"""Migrations that were not finished, where rows of one of their tables are to be changed because that was asked for."""

from __future__ import annotations

from collections.abc import Iterable

from sqlfix.model.values import folded
from sqlfix.scan.run import scan
from sqlfix.scan.scope import Scope
from sqlfix.schema.database import Database
from sqlfix.schema.leftovers import CHECK, left_alone, why_no_trigger

Written = tuple[str, str]
"""A table, and what is done to its rows: ``update`` or ``delete``."""


def why_unfinished(database: Database, written: Iterable[Written], deleted: str = "") -> str | None:
    """Why rows are better left alone until a migration is finished, or None.

    Args:
        written: what is done; triggers may do more.
        deleted: the table whose rows go, as that is what is done; those of the others are changed.
    """
    schema, done = database.schema, [(folded(name), event) for name, event in written]
    alone = left_alone(schema, scan(database.connection, schema, "", Scope((CHECK,))).findings)
    found = ((alone[name], name) for name in dict.fromkeys(name for name, _ in done) if name in alone)
    reasons = [spared.reason for spared, name in found if not spared.only_deletes or name == folded(deleted)]
    return next(filter(None, [*reasons, *(why_no_trigger(schema, alone, *each) for each in done)]), None)
