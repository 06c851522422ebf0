"""Running the checks of tables: what is asked of their rows, and what becomes a finding."""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import nullcontext
from dataclasses import replace
from functools import cache

from sqlfix.model.findings import Finding, NotChecked
from sqlfix.model.schema import Schema, Table
from sqlfix.scan.candidates import Look
from sqlfix.scan.check import CHECKS, Check, Condition
from sqlfix.scan.scope import Scope
from sqlfix.scan.table_reader import LeftOut, TableReader
from sqlfix.schema.bookkeeping import is_bookkeeping
from sqlfix.sql.literals import quote
from sqlfix.sqlite.deadline import limited, stop_if_interrupted
from sqlfix.sqlite.failures import in_words, is_of_whole_file

_Asking = list[tuple[str, Callable[[Schema, Table], Iterable[Condition]]]]


def conditions_of(look: Look, scope: Scope) -> dict[str, list[Condition]]:
    """What the checks in scope ask of the rows of each table, clues among it."""
    conditions: dict[str, list[Condition]] = {}
    for table in look.schema.tables:
        if table.kind == "table" and not table.unreadable:
            look.clues[table.name] = _asked_by(_asking()[1], look.schema, table)
            asked = (*_of_table(look, table).items(), *look.clues[table.name].items())
            own = [one for name, some in asked for one in some if scope.has_at(name, table.name, one.columns)]
            if own:
                conditions[table.name] = own
    return conditions


def _of_table(look: Look, table: Table) -> Mapping[str, tuple[Condition, ...]]:
    """What all checks ask of the rows of a table, by the check; made once for a look."""
    if table.name not in look.conditions:
        look.conditions[table.name] = _asked_by(_asking()[0], look.schema, table)
    return look.conditions[table.name]


def _asked_by(asking: _Asking, schema: Schema, table: Table) -> dict[str, tuple[Condition, ...]]:
    return {name: some for name, ask in asking if (some := tuple(ask(schema, table)))}


@cache
def _asking() -> tuple[_Asking, _Asking]:
    """What makes the conditions of all checks, by their names, and what makes the clues."""
    checks = _checks().items()
    return (
        [(name, check.conditions) for name, check in checks if check.conditions],
        [(name, check.clues) for name, check in checks if check.clues],
    )


@cache
def _checks() -> dict[str, Check]:
    """The checks that look at a table by itself; one that looks at relationships as well comes last."""
    of_tables = ((name, check) for name, check in CHECKS.all().items() if check.conditions or check.inspect)
    return dict(sorted(of_tables, key=lambda named: named[1].of_relationships))


@cache
def _steps(kind: str, asked: bool) -> list[tuple[str, Callable[[TableReader], Iterable[Finding]] | None, bool]]:
    """What is done about a table of a kind: the name of each check, its `inspect`, and whether it is always wanted.

    Args:
        asked: something is asked of its single rows.
    """
    # what a check finds out of an index, the relationships go by, whatever is in scope
    every = (
        (name, check.inspect if kind in check.kinds else None, check.of_relationships)
        for name, check in _checks().items()
    )
    return [step for step in every if asked or step[1]]


def check_tables(
    connection: sqlite3.Connection, schema: Schema, scope: Scope, look: Look
) -> tuple[list[Finding], list[NotChecked]]:
    """The findings of the checks of tables in scope, table by table, and what could not be checked."""
    findings: list[Finding] = []
    unchecked: list[NotChecked] = []
    narrow = scope.is_narrow
    for table in schema.tables:
        if table.unreadable:
            continue
        reader = TableReader(connection, schema, table, look, scope.fast)
        conditions = _of_table(look, table) if table.kind == "table" else {}
        for name, inspect, always in _steps(table.kind, bool(conditions)):
            if narrow and not always and not scope.concerns(name, table.name):
                continue
            for condition in conditions.get(name, ()):
                try:
                    if scope.has_at(name, table.name, condition.columns):
                        findings += _met(reader, name, condition)
                except sqlite3.DatabaseError as error:  # one that cannot be asked hides no other
                    place = f"{table.name}.{', '.join(condition.columns)}" if condition.columns else table.name
                    unchecked.append(NotChecked(place, f"{name}: {_why(error)}"))
            try:
                for one in inspect(reader) if inspect else ():
                    if scope.has_at(name, one.table, one.columns):
                        findings.append(one)
            except sqlite3.DatabaseError as error:
                unchecked.append(NotChecked(table.name, f"{name}: {_why(error)}"))
            except LeftOut:
                unchecked.append(NotChecked(table.name, f"{name}: left out by --fast"))
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


def _met(reader: TableReader, name: str, condition: Condition) -> Iterator[Finding]:
    """The finding of one condition, if it holds for any row.

    Raises:
        sqlite3.DatabaseError: where SQLite could not answer.
    """
    found, check = reader.answer(condition), CHECKS[name]
    if isinstance(found, sqlite3.DatabaseError):
        raise found
    if found is None:
        reader.connection.execute(f"SELECT count(*) FROM {quote(reader.table.name)} NOT INDEXED").close()  # says why
        raise sqlite3.DatabaseError("its rows could not be counted")
    if not found.count:
        return
    with limited(reader.size or 0, *reader.look.readers.connections) if condition.untrusted else nullcontext():
        count, sample = reader.count(condition.where, found), reader.sample(condition.columns, condition.where, found)
        more = check.details(reader, condition, found) if check.details else {}
    mend = check.mend(reader.table, condition) if check.mend and len(condition.columns) == 1 else None
    finding = Finding(
        name, condition.severity or check.severity, reader.table.name, condition.columns, None, (),
        count=count, sample=sample, facts={**condition.facts, **more}, where=condition.where, mend=mend,
    )  # fmt: skip
    mended = mend and finding.mendable and not is_bookkeeping(reader.table.name)
    yield replace(finding, fix=mend.fix) if mend and mended else finding
