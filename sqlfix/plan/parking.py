"""Rows that are parked rather than deleted: the table that holds them, and the step that puts them there."""

from __future__ import annotations

from dataclasses import replace

from sqlfix.errors import Refused
from sqlfix.model.plans import Change, Fix
from sqlfix.model.schema import ForeignKey, Schema
from sqlfix.model.values import Applicability
from sqlfix.plan.fix import FIXES
from sqlfix.plan.policy import ORPHANS, PARK, Policy
from sqlfix.plan.simulation import Step
from sqlfix.sql.literals import quote
from sqlfix.sql.lost_and_found import CREATE, conflict, parked
from sqlfix.sql.parked_table import NAME
from sqlfix.text import address


def preparation(schema: Schema, policy: Policy) -> tuple[str, ...]:
    """The statements that make the table for parked rows; none where it is there, or nothing is parked.

    Raises:
        Refused: where another table has its name.
    """
    if not policy.parks:
        return ()
    if reason := conflict(schema):
        raise Refused(f"rows cannot be parked: {reason}", f"rename the table {NAME}, or choose another fix")
    return () if schema.table(NAME) else (CREATE.replace("CREATE TABLE", "CREATE TABLE IF NOT EXISTS", 1),)


def parking(schema: Schema, fk: ForeignKey, deletion: Fix, step: Step) -> tuple[Fix, ...]:
    """The step that parks some rows, and the one that deletes them where they stand."""
    table = schema.known_table(fk.child)
    place, keys = address(fk.child, fk.child_columns), ", ".join(fk.child_columns)
    why = f"no parent in {fk.parent} ({keys})"
    source = f"FROM {quote(table.name)} AS c"
    change = Change("insert", NAME, step.condition, parked(table, why), source)
    kept = FIXES[PARK].step(
        schema, (NAME, ("row",), None, ()), change, checks=(ORPHANS,), rows=step.rows,
        applicability=Applicability.CHOICE, decided_by="choice", orphans_of=fk.subject,
        why=f"the rows of {place} that have no parent in {fk.parent}",
    )  # fmt: skip
    own = deletion.statements[len(step.before) : len(deletion.statements) - len(step.after)]
    return kept.between(step.before, ()), replace(deletion, statements=own).between((), step.after)
