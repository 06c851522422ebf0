"""What can be done with the orphans of a relationship, and what to type for it: alternatives to what a plan does."""

from __future__ import annotations

import sqlite3

from sqlfix.frozen import frozen
from sqlfix.model.plans import Fix
from sqlfix.model.schema import ForeignKey, Schema
from sqlfix.model.values import Loss, folded
from sqlfix.plan.fix import FIXES, by_preference
from sqlfix.plan.policy import FIX_NAMES, PARK
from sqlfix.schema.names import typed_place
from sqlfix.schema.writable_keys import default_values
from sqlfix.sql.literals import quote
from sqlfix.sql.predicates import has_values
from sqlfix.sqlite.deadline import overlooking
from sqlfix.text import typed_words

KEEP = "keep"


@frozen
class Offer:
    """One way to treat the orphans of a relationship; ``fix`` None: they are kept as they are.

    ``word`` is that of ``--set``, empty for a fix that another option asks for. ``typed`` is what to type.
    """

    fix: str | None
    loss: Loss
    word: str
    typed: str


def offers(connection: sqlite3.Connection, schema: Schema, fk: ForeignKey, check: str) -> tuple[Offer, ...]:
    """All that can be done with the rows that a check finds in a relationship, the best first; to keep them comes last.

    A fix is among them without further ado: by a word in `FIX_NAMES`, or by an option of its own (`FixRule.option`).
    """
    words = {fix: word for word, fix in FIX_NAMES.items()} | {"stand-in": "stand-in", PARK: PARK}
    place = typed_place(schema, fk.child, fk.child_columns)
    keys, found = ":" + ",".join(["KEY"] * len(fk.child_columns)), []
    for name in by_preference():
        rule, word = FIXES[name], words.get(name, "")
        if not (word or rule.option) or check not in rule.checks or rule.refusal(schema, fk):
            continue
        if (name == "set-default" and not _default_has_parent(connection, schema, fk)) or (
            name == "update" and _is_unique(schema, fk)
        ):
            continue
        option = rule.option or _set(f"{place}={word}{keys if name == 'update' else ''}")
        found.append(Offer(name, rule.loss, word, option))
    return (*found, Offer(None, Loss.NOTHING, KEEP, _set(f"{place}={KEEP}")))


def _set(choice: str) -> str:
    return f"--set {typed_words([choice])}"


def alternatives(connection: sqlite3.Connection, schema: Schema, fk: ForeignKey, fix: Fix) -> tuple[str, ...]:
    """What to type to lose less than by a step that deletes rows about which the schema says nothing."""
    if fix.rests_on != "silent" or fix.loss is not Loss.ROWS:
        return ()
    check = fix.checks[0] if fix.checks else "orphan-rows"
    # where the key can be NULL, the plan would have set it to NULL; and no parent comes back that the plan deletes;
    # to park rows takes them away, too
    unfit = {"set-null", PARK} | (set() if fix.checks else {"restore-parents", "stand-in"})
    others = (offer for offer in offers(connection, schema, fk, check) if offer.fix not in unfit)
    return tuple(offer.typed for offer in others if offer.loss < fix.loss)


def _is_unique(schema: Schema, fk: ForeignKey) -> bool:
    """True if each parent can have one row only, so that several cannot be pointed at the same one."""
    columns = set(map(folded, fk.child_columns))
    return any({folded(name) for name in key} <= columns for key in schema.known_table(fk.child).keys)


def _default_has_parent(connection: sqlite3.Connection, schema: Schema, fk: ForeignKey) -> bool:
    """True if the DEFAULT of a key is the key of a parent; one that is NULL is none."""
    values = default_values(schema, fk)
    with overlooking(sqlite3.OperationalError):
        parent = f"SELECT 1 FROM {quote(fk.parent)} AS p WHERE {has_values(fk, values)} LIMIT 1"
        return connection.execute(parent).fetchone() is not None
    return False
