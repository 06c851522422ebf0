"""What the deletes and changes of a simulation leave: orphans, and rows that would be left hanging."""

from collections.abc import Sequence

from sqlfix.model.schema import ForeignKey
from sqlfix.model.values import folded, grouped
from sqlfix.plan.policy import written_columns
from sqlfix.plan.simulation import Conflict, Simulation, Step
from sqlfix.sql.key_spelling import misspelled
from sqlfix.sql.predicates import ALL_ALIVE, has_key, orphan


def settle(simulation: Simulation) -> None:
    """Add to the outcome of a simulation what remains, and the rules that would leave rows behind without a parent."""
    children = dict.fromkeys(folded(fk.child) for fk in simulation.keys.values())
    steps = ((child, step) for child in children for step in simulation.steps_of(child))
    covering = grouped(
        (fk, step) for child, step in steps for fk in dict.fromkeys(step.covers) if folded(fk.child) == child
    )
    for fk in simulation.keys.values():
        _settle(simulation, fk, covering.get(fk, []))
        _settle_spared(simulation, fk)
    for fk in simulation.schema.foreign_keys:
        _settle_faulty(simulation, fk)


def _settle(simulation: Simulation, fk: ForeignKey, steps: Sequence[Step]) -> None:
    """How many orphans a relationship has in the end; rows that lose their parent and stay are a conflict.

    Args:
        steps: those of its child that cover it.
    """
    schema, doomed = simulation.schema, simulation.doomed
    if not simulation.is_concerned(fk):
        return
    if _deleted_alone(simulation, fk):
        seen = simulation.seen[fk.subject]
        simulation.outcome.remaining[fk.subject] = seen.orphans + seen.placeholders - sum(step.rows for step in steps)
        return
    standing = doomed.alive(fk.child, "c") + doomed.possible(fk)
    orphans = doomed.count(fk.child, orphan(schema, fk, doomed.alive) + standing)
    changed = sum(step.rows for step in steps if step.rule.fix != "delete-rows")
    simulation.outcome.remaining[fk.subject] = orphans - changed
    if fk.parent not in doomed or orphans == changed:
        return
    covered = "".join(
        f" AND NOT ({rule.condition(schema, doomed.alive)})"
        for rule in simulation.rules_of(fk)
        if rule.fix not in (None, "delete-rows")
    )
    covered += _emptied(simulation, fk)
    fresh = f"NOT ({orphan(schema, fk)})"
    if spared := next((rule for rule in simulation.rules_of(fk) if rule.spare and rule.when == "now"), None):
        near, near_still = (misspelled(schema, fk, a, spared.carried) for a in (ALL_ALIVE, doomed.alive))
        fresh = f"({fresh} OR {near} AND NOT {near_still})"
    condition = f"{orphan(schema, fk, doomed.alive)} AND {fresh}{covered}{standing}"
    if new := doomed.count(fk.child, condition):
        _blame(simulation, fk, new)


def _settle_spared(simulation: Simulation, fk: ForeignKey) -> None:
    """What takes from spared rows a key that they resemble is a conflict.

    Where it is written to, they would be orphans like others. Where it goes and they resemble another one beside it,
    that would be the only one, and the next repair would take it for the one that they mean.
    """
    schema, doomed = simulation.schema, simulation.doomed
    spared = next((rule for rule in simulation.rules_of(fk) if rule.spare), None)
    if spared is None:
        return
    key, steps = {*map(folded, fk.parent_columns)}, simulation.steps_of(fk.parent)
    writing = [
        step
        for step in steps
        if {*map(folded, written_columns(schema, step.rule))} & key
        and not (step.rule.chosen and step.rule.values)  # a value that was named for it
    ]
    near = misspelled(schema, fk, doomed.alive, spared.carried)
    condition = f"{orphan(schema, fk, doomed.alive)} AND {near}{doomed.alive(fk.child, 'c')}{doomed.possible(fk)}"
    if writing:
        _blame_spared(simulation, fk, writing, "change keys", condition)
    if deleting := [step for step in steps if step.rule.fix == "delete-rows"]:
        condition += f" AND {misspelled(schema, fk, doomed.gone, spared.carried)}"
        for rule in (rule for rule in simulation.rules_of(fk) if rule.relinks and rule.fix):  # of these it is certain
            condition += f" AND NOT ({rule.condition(schema)})"
        _blame_spared(simulation, fk, deleting, "delete rows", condition)


def _blame_spared(simulation: Simulation, fk: ForeignKey, steps: Sequence[Step], what: str, condition: str) -> None:
    """Some steps of the parent have to be held back where a condition holds for spared rows."""
    if not (rows := simulation.doomed.count(fk.child, condition)):
        return
    match = "1 row matches" if rows == 1 else f"{rows:,} rows match"
    reason = f"it would {what} of {fk.parent} that {match} by {fk.child}.{', '.join(fk.child_columns)}"
    reason += ", except for spelling; decide about those rows first"
    for step in steps:
        simulation.outcome.conflicts.extend(Conflict(key.subject, reason, only=step.rule.fix) for key in step.covers)


def _emptied(simulation: Simulation, fk: ForeignKey) -> str:
    """SQL that leaves out the rows that will refer to nothing: a fix of another key empties a shared column."""
    schema, doomed = simulation.schema, simulation.doomed
    return "".join(
        f" AND NOT ({rule.condition(schema, doomed.alive)})"
        for other in simulation.of_child.get(fk.child, ())
        if other.subject != fk.subject
        for rule in simulation.rules_of(other)
        if rule.fix == "set-null" and set(written_columns(schema, rule)) & set(fk.child_columns)
    )


def _settle_faulty(simulation: Simulation, fk: ForeignKey) -> None:
    """Rows to be deleted while others may refer to them by a key that SQLite cannot use are a conflict."""
    schema, doomed = simulation.schema, simulation.doomed
    child = schema.table(fk.child)
    if fk.fault is None or child is None or fk.parent not in doomed:
        return
    if rows := doomed.count(fk.child, has_key(child, fk) + _emptied(simulation, fk) + doomed.alive(fk.child, "c")):
        _blame(simulation, fk, rows, "SQLite cannot use this foreign key, so nobody can check it")


def _blame(simulation: Simulation, fk: ForeignKey, rows: int, why: str = "") -> None:
    """The deletes of the parent's rows have to be held back: rows that stay refer to them."""
    why = why or next((rule.reason for rule in simulation.rules_of(fk) if rule.fix is None and rule.reason), "")
    those = "1 row references" if rows == 1 else f"{rows:,} rows reference"
    reason = f"it would delete rows of {fk.parent} that {those} by {fk.child}.{', '.join(fk.child_columns)}"
    reason += f" ({why})" if why else ""
    for step in simulation.steps_of(fk.parent):
        if step.rule.fix == "delete-rows":
            simulation.outcome.conflicts.extend(
                Conflict(key.subject, reason, only="delete-rows") for key in step.covers
            )


def _deleted_alone(simulation: Simulation, fk: ForeignKey) -> bool:
    """True if no rows were deleted at either end but orphans of this relationship, so that what a scan saw holds."""
    deletes = [step for step in simulation.steps_of(fk.child) if step.rule.fix == "delete-rows"]
    return (
        fk.parent not in simulation.doomed
        and fk.subject in simulation.seen
        and all(step.covers == (fk,) and not step.follows for step in deletes)
    )
