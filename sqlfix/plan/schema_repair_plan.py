"""The plan that repairs a schema: its steps as they can be carried out, what is left, and what rows come to light."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from sqlfix.errors import Refused
from sqlfix.model.plans import Left
from sqlfix.model.schema import ForeignKey
from sqlfix.model.schema_plans import SchemaPlan, SchemaStep
from sqlfix.model.values import folded
from sqlfix.plan.schema_changes import plan_schema_change
from sqlfix.plan.schema_repairing import Repairs, Wanted, repairs
from sqlfix.plan.stored_keys import StoredKeys
from sqlfix.schema.database import Database
from sqlfix.text import command_line

ORPHANS = "orphan-rows"
SEEN_NOW = "SQLite could not use this foreign key before; its orphans can be seen now"


def without_orphans(plan: SchemaPlan) -> SchemaPlan:
    """The plan without the rows that come to light: when it is carried out, they are looked at anew."""
    return replace(plan, left=tuple(left for left in plan.left if left.check != ORPHANS))


def plan_schema_repair(database: Database, wanted: Wanted) -> SchemaPlan:
    """Plan what repairs the schema of a database.

    Raises:
        Refused: what was asked for by name cannot be carried out.
    """
    found = repairs(database, wanted)
    plan, refused = _planned(database, found.steps, found.asked)
    if refused:
        found = replace(found, left=(*found.left, *refused))
        orphans: list[Left] = []  # the schema is not the one that was worked out
    else:
        orphans = list(_come_to_light(database, found))
    commands = [command_line(("repair",), database.name)] if orphans else []
    return replace(plan, left=(*found.left, *orphans), next=tuple(commands))


def _planned(database: Database, steps: Sequence[SchemaStep], asked: int) -> tuple[SchemaPlan, list[Left]]:
    """The plan of those steps that can be carried out, and the others, each with the reason."""
    try:
        return plan_schema_change(database, steps), []
    except Refused:
        if len(steps) <= asked:
            raise
    kept, refused = list(steps[:asked]), list[Left]()
    for step in steps[asked:]:
        try:
            plan_schema_change(database, [*kept, step])
        except Refused as error:
            refused.append(Left(step.checks[0], step.name, (), None, (), 0, error.message, error.hint))
        else:
            kept.append(step)
    return plan_schema_change(database, kept), refused


def _come_to_light(database: Database, found: Repairs) -> Iterator[Left]:
    """The orphans of relationships that SQLite could not use before, or that refer to something else by now."""
    was = dict(found.was)
    rows = StoredKeys(database.connection, lambda name: was.get(folded(name), name))
    for fk in _new(found.schema.foreign_keys, database.schema.foreign_keys):
        lost = (rows.references(found.schema, fk) or (0, 0))[1]
        if lost:
            yield Left(ORPHANS, *fk.subject, count=lost, reason=SEEN_NOW)


def _new(after: Iterable[ForeignKey], before: Iterable[ForeignKey]) -> Iterator[ForeignKey]:
    known = {fk.subject for fk in before if not fk.fault}
    seen: set[object] = set()
    for fk in after:
        if not fk.fault and fk.subject not in known and fk.subject not in seen:
            seen.add(fk.subject)
            yield fk
