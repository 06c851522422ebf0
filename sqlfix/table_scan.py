"""Running the checks of tables: what is asked of their rows, and what becomes a finding."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import replace

from sqlfix.database import is_of_whole_file
from sqlfix.limits import limited, stop_if_interrupted
from sqlfix.missing import in_words
from sqlfix.model import FaultyRow, Finding, NotChecked, Schema, Table
from sqlfix.policy import is_bookkeeping
from sqlfix.registry import CHECKS, TABLE_CHECKS, Ask, TableRule
from sqlfix.scope import Scope
from sqlfix.sql import quote
from sqlfix.suspects import Look
from sqlfix.sweep import Suspects
from sqlfix.table_probe import TableProbe


def asks_of(schema: Schema, scope: Scope) -> dict[str, list[tuple[str, Ask]]]:
    """What the checks in scope ask of the rows of each table, with the name of the check."""
    asks: dict[str, list[tuple[str, Ask]]] = {}
    for table in _tables(schema):
        for name, rule in TABLE_CHECKS.all().items():
            for ask in (*rule.ask(schema, table), *rule.clue(schema, table)):
                if scope.has_at(name, table.name, ask.columns):
                    asks.setdefault(table.name, []).append((name, ask))
    return asks


def check_tables(
    connection: sqlite3.Connection, schema: Schema, scope: Scope, look: Look
) -> tuple[list[Finding], list[NotChecked]]:
    """The findings of the checks of tables in scope, table by table, and what could not be checked."""
    findings: list[Finding] = []
    unchecked: list[NotChecked] = []
    for table in schema.tables:
        probe = TableProbe(connection, schema, table, look)
        for name, rule in TABLE_CHECKS.all().items():
            if table.unreadable or not scope.concerns(name, table.name):
                continue
            for ask in rule.ask(schema, table) if table.kind == "table" else ():
                try:
                    if scope.has_at(name, table.name, ask.columns):
                        with limited(probe.size or 0, *look.crew.connections) if ask.computed else nullcontext():
                            findings += _answered(probe, rule, ask)
                except sqlite3.DatabaseError as error:  # one that cannot be asked hides no other
                    place = f"{table.name}.{', '.join(ask.columns)}" if ask.columns else table.name
                    unchecked.append(NotChecked(place, f"{name}: {_why(error)}"))
            try:
                found = rule.inspect(probe) if table.kind in rule.kinds else ()
                findings += (one for one in found if scope.has_at(name, one.table, one.columns))
            except sqlite3.DatabaseError as error:
                unchecked.append(NotChecked(table.name, f"{name}: {_why(error)}"))
        for name, other in CHECKS.all().items() if table.kind == "table" and not table.unreadable else ():
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
        for name, rule in TABLE_CHECKS.all().items():
            for ask in rule.ask(schema, table):
                found = probe.answer(name, ask)
                if scope.has_at(name, table.name, ask.columns) and isinstance(found, Suspects) and found.count:
                    for row in probe.rows(ask):
                        yield FaultyRow(name, (table.name, ask.columns, None, ()), row)
