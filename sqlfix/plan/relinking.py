"""The steps that point orphans at the one parent that they match except for spelling, and what these leave."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlfix.model.schema import ForeignKey
from sqlfix.plan.policy import Rule
from sqlfix.sql.literals import free_name, names, quote
from sqlfix.sql.predicates import told_by
from sqlfix.sql.relinking import gather_pairs, gather_taken, is_taken

if TYPE_CHECKING:
    from sqlfix.plan.simulation import Simulation


def relink(simulation: Simulation) -> None:
    """Add the steps that give orphans the keys of their parents, table by table.

    A row that would become the same as another one is left. But of rows that are links and nothing else one is enough:
    those that would become the same are deleted first.
    """
    of_table: dict[str, list[tuple[ForeignKey, Rule]]] = {}
    for fk in simulation.keys.values():
        for rule in simulation.rules_of(fk):
            if rule.fix and rule.relinks:
                of_table.setdefault(fk.child, []).append((fk, rule))
    for number, some in enumerate(of_table.values()):
        _relink_table(simulation, some, free_name(simulation.schema, f"sqlfix_taken_{number}"))


def _relink_table(simulation: Simulation, some: list[tuple[ForeignKey, Rule]], taken: str) -> None:
    schema, doomed = simulation.schema, simulation.doomed
    pairs = [(fk, rule.relinks) for fk, rule in some if rule.relinks]
    gather_same = gather_taken(schema, pairs, taken)
    simulation.run_now(gather_taken(schema, pairs, taken, doomed.alive))
    if gather_same:
        some = [(fk, replace(rule, taken=taken)) for fk, rule in some]
    first, table = len(simulation.outcome.steps), schema.known_table(some[0][0].child)
    if gather_same and some[0][1].collapses:
        same = is_taken(table, taken)
        query = f"SELECT {names(told_by(table), 'c')} FROM {quote(table.name)} AS c WHERE {same}"
        rule = replace(some[0][1], fix="delete-rows", surplus=True)
        rows = simulation.doom(table.name, f"{query}{doomed.alive(table.name, 'c')}")
        simulation.step(rule, rows, same, tuple(fk for fk, _ in some), None)
    for fk, rule in some:
        now = rule.condition(schema, doomed.alive) + doomed.alive(fk.child, "c") + doomed.possible(fk)
        as_scanned = not (rule.taken or rule.kept or simulation.is_disturbed(fk))
        rows = rule.rows(simulation.seen[fk.subject]) if as_scanned else doomed.count(fk.child, now)
        simulation.step(rule, rows, rule.condition(schema), (fk,), None)
        if rule.taken and not rule.collapses:
            any_of_it = replace(rule, taken="").condition(schema, doomed.alive) + doomed.alive(fk.child, "c")
            simulation.outcome.same[fk.subject] = doomed.count(fk.child, any_of_it + doomed.possible(fk)) - rows
        simulation.note_change(fk, rule, rows)
    before = (*(statement for _, relinks in pairs for statement in gather_pairs(relinks)), *gather_same)
    made = [relinks.pairs for _, relinks in pairs] + ([taken] if gather_same else [])
    simulation.around(first, -1, before, (f"DROP TABLE temp.{name}" for name in made))
