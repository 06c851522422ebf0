"""Running the checks of tables: what is asked of their rows, and what becomes a finding."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import replace
from functools import cache

from sqlfix.model.findings import FaultyRow, Finding, NotChecked
from sqlfix.model.schema import Schema, Table
from sqlfix.scan.candidates import Look
from sqlfix.scan.check import CHECKS, TABLE_CHECKS, Ask, TableRule
from sqlfix.scan.scope import Scope
from sqlfix.scan.table_pass import Suspects
from sqlfix.scan.table_reader import TableProbe
from sqlfix.schema.bookkeeping import is_bookkeeping
from sqlfix.sql.literals import quote
from sqlfix.sqlite.connect import is_of_whole_file
from sqlfix.sqlite.deadline import limited, stop_if_interrupted
from sqlfix.sqlite.lacking import in_words

Asks = dict[str, tuple[Ask, ...]]
"""Conditions over the rows of one table, by the check that asks them."""


def asks_of(look: Look, scope: Scope) -> dict[str, list[tuple[str, Ask]]]:
    """What the checks in scope ask of the rows of each table, with the name of the check."""
    with_clues = [(name, rule) for name, rule in TABLE_CHECKS.all().items() if rule.asks_for_clues]
    asks: dict[str, list[tuple[str, Ask]]] = {}
    for table in _tables(look.schema):
        own = [(name, ask) for name, some in _asked(look, table).items() for ask in some]
        own += ((name, ask) for name, rule in with_clues for ask in rule.clue(look.schema, table))
        own = [(name, ask) for name, ask in own if scope.has_at(name, table.name, ask.columns)]
        if own:
            asks[table.name] = own
    return asks


def _asked(look: Look, table: Table) -> Asks:
    """What all checks ask of the rows of a table, clues aside; made once for a look."""
    if table.name not in look.asks:
        look.asks[table.name] = {
            name: asks for name, rule in _asking() if (asks := tuple(rule.ask(look.schema, table)))
        }
    return look.asks[table.name]


@cache
def _asking() -> list[tuple[str, TableRule]]:
    return [(name, rule) for name, rule in TABLE_CHECKS.all().items() if rule.asks_rows]


@cache
def _inspecting(kind: str) -> frozenset[str]:
    """The checks that inspect tables of a kind."""
    return frozenset(name for name, rule in TABLE_CHECKS.all().items() if rule.inspects and kind in rule.kinds)


def check_tables(
    connection: sqlite3.Connection, schema: Schema, scope: Scope, look: Look
) -> tuple[list[Finding], list[NotChecked]]:
    """The findings of the checks of tables in scope, table by table, and what could not be checked."""
    findings: list[Finding] = []
    unchecked: list[NotChecked] = []
    rules = TABLE_CHECKS.all()
    others = [(name, other) for name, other in CHECKS.all().items() if other.inspects]
    for table in schema.tables:
        if table.unreadable:
            continue
        probe = TableProbe(connection, schema, table, look)
        asks = _asked(look, table) if table.kind == "table" else {}
        inspecting = _inspecting(table.kind)
        for name, rule in rules.items():
            if not (name in inspecting or name in asks) or not scope.concerns(name, table.name):
                continue
            for ask in asks.get(name, ()):
                try:
                    if scope.has_at(name, table.name, ask.columns):
                        with limited(probe.size or 0, *look.crew.connections) if ask.computed else nullcontext():
                            findings += _answered(probe, rule, ask)
                except sqlite3.DatabaseError as error:  # one that cannot be asked hides no other
                    place = f"{table.name}.{', '.join(ask.columns)}" if ask.columns else table.name
                    unchecked.append(NotChecked(place, f"{name}: {_why(error)}"))
            try:
                found = rule.inspect(probe) if name in inspecting else ()
                findings += (one for one in found if scope.has_at(name, one.table, one.columns))
            except sqlite3.DatabaseError as error:
                unchecked.append(NotChecked(table.name, f"{name}: {_why(error)}"))
        for name, other in others if table.kind == "table" else ():
            findings += (one for one in other.inspect(probe) if scope.has_at(name, one.table, one.columns))
    if look.bare is not None:
        look.bare.connection.close()
        look.bare = None
    return findings, list(dict.fromkeys(unchecked))


def _why(error: sqlite3.DatabaseError) -> str:
    """Why something could not be checked; an error that concerns the whole file is raised instead."""
    stop_if_interrupted(error)
    if is_of_whole_file(error):
        raise error
    return in_words(error)


def _tables(schema: Schema) -> Iterator[Table]:
    return (table for table in schema.tables if table.kind == "table" and not table.unreadable)


def _answered(probe: TableProbe, rule: TableRule, ask: Ask) -> Iterator[Finding]:
    """The finding of one condition, if it holds for any row.

    Raises:
        sqlite3.DatabaseError: where SQLite could not answer.
    """
    found = probe.answer(rule.name, ask)
    if isinstance(found, sqlite3.DatabaseError):
        raise found
    if found is None:
        probe.connection.execute(f"SELECT count(*) FROM {quote(probe.table.name)} NOT INDEXED").close()  # says why
        raise sqlite3.DatabaseError("its rows could not be counted")
    if not found.count:
        return
    finding = Finding(
        rule.name, ask.severity or rule.severity, probe.table.name, ask.columns, None, (),
        count=probe.count(ask, found), sample=probe.sample(ask, found), facts=ask.facts, fix=ask.fix,
    )  # fmt: skip
    facts = {**ask.facts, **rule.more(probe, ask)} if rule.more else ask.facts
    mend = rule.mend(probe.table, ask) if rule.mend and len(ask.columns) == 1 else None
    if mend and rule.mendable(facts, finding.count) and not is_bookkeeping(probe.table.name):
        finding = replace(finding, fix=mend.fix)
    yield replace(finding, facts=facts)


def faulty_rows_of_tables(
    connection: sqlite3.Connection, schema: Schema, scope: Scope, look: Look
) -> Iterator[FaultyRow]:
    """Every row that a condition of a check in scope holds for, one at a time."""
    for table in _tables(schema):
        probe = TableProbe(connection, schema, table, look)
        for name, asks in _asked(look, table).items():
            for ask in asks:
                found = probe.answer(name, ask)
                if scope.has_at(name, table.name, ask.columns) and isinstance(found, Suspects) and found.count:
                    for row in probe.rows(ask):
                        yield FaultyRow(name, (table.name, ask.columns, None, ()), row)
