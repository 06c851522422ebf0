"""The sound rows that hold others in place: those that refer to what a statement deletes or changes."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType

from sqlfix.asked import SAMPLES, Asked, Found, address, as_row, joined
from sqlfix.conditions import Condition, Pairs, group
from sqlfix.display import pairs_text, plural
from sqlfix.explanation import Culprit, key_word
from sqlfix.failed_statement import Part, Statement
from sqlfix.model import ForeignKey, Row, Table, folded
from sqlfix.sql import (
    default_expression,
    has_key,
    has_values,
    in_rows,
    is_row,
    match_parent,
    names,
    quote,
    refers_to_some,
    row_key,
    stored,
)
from sqlfix.statement_rows import names_one, narrowed

BLOCKING = ("NO ACTION", "RESTRICT")


def _to(asked: Asked, table: Table) -> Iterator[ForeignKey]:
    """The usable relationships whose parent a table is, each once."""
    seen = set()
    for fk in asked.schema.foreign_keys:
        if folded(fk.parent) == folded(table.name) and fk.fault is None and fk.subject not in seen:
            seen.add(fk.subject)
            yield fk


_Reached = Mapping[str, tuple[Table, str]]
"""The tables from which a delete takes rows, by their names in lower case; see `_cascaded`."""


def holding(found: Found, table: Table, statement: Statement) -> list[Culprit]:
    """What holds the rows of a DELETE in place, or those that it would take with it."""
    reached = _cascaded(found.asked, table, statement)
    return [*blockers(found, table, statement, reached), *_beneath(found, table, reached)]


def blockers(found: Found, table: Table, statement: Statement, gone: _Reached = MappingProxyType({})) -> list[Culprit]:
    """The references to the rows of a statement that do not let them go, most rows first.

    Of an UPDATE, only references to the columns that it writes count.

    Args:
        gone: what a DELETE takes along.
    """
    culprits: list[Culprit] = []
    for fk in _to(found.asked, table):
        if statement.verb != "UPDATE" or _changes_key(fk, statement.written):
            child, which = gone.get(folded(fk.child), (None, ""))
            # a row that goes along by another of its keys holds nothing in place, but for RESTRICT, which does not wait
            along = which if child is not None and child is not table and fk.on_delete != "RESTRICT" else ""
            culprits += reference(found, fk, statement, but_for=along)
    return sorted(culprits, key=lambda culprit: -culprit.count)


def replaced(found: Found, table: Table, statement: Statement) -> list[Culprit]:
    """The references to the rows that a REPLACE deletes, since they have a key that is to be written."""
    uniques = [[column.name or "" for column in index.columns] for index in table.indexes if index.unique]
    uniques += [[table.integer_key]] if table.integer_key else []
    parts = []
    for values in ({folded(name): value for name, value in part.values} for part in statement.parts):
        for columns in uniques:
            if all(values.get(folded(name)) is not None for name in columns):
                same = [Condition(name, "=", (values[folded(name)],)) for name in columns]
                parts.append(Part(group("AND", same)))
    delete = Statement("DELETE", table.name, tuple(parts))
    return blockers(found, table, delete, _cascaded(found.asked, table, delete)) if parts else []


def _changes_key(fk: ForeignKey, written: Iterable[str]) -> bool:
    """True if one of the columns that change is of the parent's key, or if it is not known which change."""
    names = {folded(name) for name in written}
    return not names or bool(names & {folded(name) for name in fk.parent_columns})


def reference(
    found: Found, fk: ForeignKey, statement: Statement | None = None, doomed: str = "", but_for: str = ""
) -> list[Culprit]:
    """The child rows of a relationship that hold their parent rows in place.

    Args:
        statement: one that deletes or changes parent rows, or all of these.
        doomed: SQL that is true of the parent rows ``p`` that go, where no statement says so.
        but_for: SQL that is true of those rows of the child, there as ``p``, that go as well.
    """
    asked = found.asked
    action = fk.on_update if statement and statement.verb == "UPDATE" else fk.on_delete
    child, parent = asked.schema.table(fk.child), asked.schema.table(fk.parent)
    if fk.fault or child is None or parent is None or child.kind != "table":
        return []
    if action == "SET DEFAULT":
        blocks = _default_has_no_parent(child, fk)
    elif action in BLOCKING:
        blocks = "1"
    else:
        return []
    if unread := parent.unreadable or child.unreadable:
        found.refused(address(fk.child, fk.child_columns), sqlite3.DataError(unread))
        return []
    rows = narrowed(statement.where, parent, asked.schema, "p") if statement else None
    which = rows.sql if rows else doomed
    condition = f"{has_key(child, fk)} AND {match_parent(fk)} AND ({which or 1}) AND {blocks}"
    if but_for:
        itself = is_row(child, "p", [f"+c.{quote(name)}" for name in child.row_id])
        condition += f" AND NOT EXISTS (SELECT 1 FROM {quote(child.name)} AS p WHERE {itself} AND ({but_for}))"
    if folded(fk.child) == folded(fk.parent):
        condition += _but_for_those_that_go(asked, fk, child, action, statement)
    one = statement is not None and names_one(statement.where) and rows is not None
    order = [f"{quote(fk.child)} AS c", f"{quote(fk.parent)} AS p"]
    source = " CROSS JOIN ".join(reversed(order) if one else order)
    plain = not which and blocks == "1" and folded(fk.child) != folded(fk.parent)
    try:
        return _held_rows(found, fk, action, f"{source} WHERE {condition}", plain, bool(which))
    except sqlite3.DatabaseError as error:
        found.refused(address(fk.child, fk.child_columns), error)
        return []


def _but_for_those_that_go(asked: Asked, fk: ForeignKey, child: Table, action: str, statement: Statement | None) -> str:
    """Of a table that refers to itself: rows that go with the statement hold nothing in place, but for RESTRICT."""
    if statement is not None and statement.verb == "UPDATE":
        return ""
    itself = f" AND NOT ({is_row(child, 'c', [f'+p.{quote(name)}' for name in child.row_id])})" if child.row_id else ""
    if statement is None or action == "RESTRICT":
        return itself
    if statement.where is None:
        return itself if statement.unread else " AND 0"
    rows = narrowed(statement.where, child, asked.schema, "c")
    return f"{itself} AND ({rows.sql}) IS NOT TRUE" if rows and rows.whole else itself


def _held_rows(
    found: Found, fk: ForeignKey, action: str, rows: str, all_that_refer: bool, these_parents: bool
) -> list[Culprit]:
    """The culprit for the pairs of a child ``c`` and a parent ``p`` that some SQL gives; none where there are none."""
    asked = found.asked
    child, parent = asked.schema.table(fk.child), asked.schema.table(fk.parent)
    assert child is not None and parent is not None
    ask = asked.connection.execute
    key, parent_key = child.primary_key or child.row_id, parent.primary_key or parent.row_id
    shown = names([*key, *fk.child_columns], "c")
    of_parent = names(parent_key, "p") or "NULL"
    if all_that_refer:
        # all that refer to anything but those that refer to nothing: no parent has to be looked up for that
        refer = f"SELECT count(*) FROM {stored(child, 'c')} WHERE {has_key(child, fk)}"
        count = int(ask(refer).fetchone()[0]) - asked.probe(fk).count_flagged()
    else:
        count = int(ask(f"SELECT count(*) FROM {rows}").fetchone()[0])
    if not count:
        return []
    sample = ask(f"SELECT {shown}, {of_parent} FROM {rows} LIMIT {SAMPLES}").fetchall()
    first = tuple(zip(parent_key, sample[0][len(key) + len(fk.child_columns) :], strict=False))
    to = f"rows of {fk.parent}"
    if these_parents and parent_key:
        some = ask(f"SELECT DISTINCT {of_parent} FROM {rows} LIMIT {SAMPLES}").fetchall()
        number = int(ask(f"SELECT count(*) FROM (SELECT DISTINCT {of_parent} FROM {rows})").fetchone()[0])
        listed = [pairs_text(zip(parent_key, one, strict=True)) for one in some]
        more = ", …" if number > len(some) else ""
        to = (
            f"{fk.parent} {listed[0]}"
            if number == 1
            else f"{plural(number, 'row')} of {fk.parent} ({'; '.join(listed)}{more})"
        )
    return [_held(fk, action, count, tuple(as_row(key, fk.child_columns, row) for row in sample), first, to)]


def _default_has_no_parent(child: Table, fk: ForeignKey) -> str:
    defaults = [default_expression(column) for name in fk.child_columns if (column := child.column(name))]
    filled = " AND ".join(f"{e} IS NOT NULL" for e in defaults)
    return f"{filled} AND NOT EXISTS (SELECT 1 FROM {quote(fk.parent)} AS d WHERE {has_values(fk, defaults, 'd')})"


def _held(fk: ForeignKey, action: str, count: int, sample: tuple[Row, ...], parent_key: Pairs, to: str) -> Culprit:
    rows = plural(count, "row")
    refer = "refers" if count == 1 else "refer"
    how = f"{action}, deferred: it fails only at COMMIT" if fk.deferrable else action
    return Culprit(
        "references",
        f"{rows} of {fk.child} {refer} by {joined(fk.child_columns)} to {to} ({how})",
        fk.child,
        fk.child_columns,
        fk.parent,
        fk.parent_columns,
        count,
        sample,
        command=("why", fk.parent, key_word(parent_key)) if parent_key else (),
    )


def _beneath(found: Found, table: Table, reached: _Reached) -> list[Culprit]:
    """References to the rows that a delete would take with it by ON DELETE CASCADE, however far down."""
    culprits: list[Culprit] = []
    for name, (below, doomed) in reached.items():
        for fk in _to(found.asked, below) if name != folded(table.name) else ():
            if folded(fk.child) in reached:
                continue  # its rows may go as well; `sqlfix why TABLE KEY` follows them one by one
            for held in reference(found, fk, doomed=doomed):
                said = f"a delete from {table.name} also takes rows of {below.name} (ON DELETE CASCADE); {held.message}"
                culprits.append(replace(held, message=said))
    return culprits


def _cascaded(asked: Asked, table: Table, statement: Statement) -> dict[str, tuple[Table, str]]:
    """The tables from which a delete takes rows, with SQL that is true of those, as ``p``; empty for all of them."""
    where = narrowed(statement.where, table, asked.schema, "p")
    reached = {folded(table.name): (table, where.sql if where else "")}
    todo, steps = [table], list[ForeignKey]()
    while todo:
        for fk in _to(asked, todo.pop()):
            child = asked.schema.table(fk.child)
            if fk.on_delete == "CASCADE" and child:
                steps.append(fk)
                if folded(child.name) not in reached:
                    reached[folded(child.name)] = (child, "")
                    todo.append(child)
    by_child: dict[str, list[ForeignKey]] = {}
    for fk in steps:
        by_child.setdefault(folded(fk.child), []).append(fk)
    done = {folded(table.name)} if where and folded(table.name) not in by_child else set()
    while ready := [n for n in by_child.keys() - done if all(folded(fk.parent) in done for fk in by_child[n])]:
        for name in sorted(ready):  # those in a ring are never ready: all of their rows may go
            child = reached[name][0]
            refers = [refers_to_some(asked.schema, fk, _doomed(fk, reached)) for fk in by_child[name]]
            keys = f"SELECT {', '.join(row_key(child, 'c'))} FROM {quote(child.name)} AS c WHERE {' OR '.join(refers)}"
            reached[name] = (child, in_rows(child, "p", keys) if child.row_id else "")
            done.add(name)
    return reached


def _doomed(fk: ForeignKey, reached: _Reached) -> str:
    return f"{quote(fk.parent)} AS p WHERE {reached[folded(fk.parent)][1] or 1}"
