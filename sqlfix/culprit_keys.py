"""What can cause ``FOREIGN KEY constraint failed`` in a file: orphans, sound references that block, keys at fault."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from sqlfix.asked import SAMPLES, Answer, Asked, Found, address, as_row, equals, joined
from sqlfix.display import pairs_text, plural
from sqlfix.explanation import Culprit, key_word
from sqlfix.failed_statement import Pairs
from sqlfix.forgotten import signs_of_neglect
from sqlfix.limits import stop_if_interrupted
from sqlfix.model import Finding, ForeignKey, NotChecked, Row, Table, Trigger, Value, folded
from sqlfix.named import find_table
from sqlfix.registry import rule_of
from sqlfix.scan import check
from sqlfix.sql import default_expression, has_key, has_values, is_row, literal, match_parent, names, quote, stored
from sqlfix.tokens import DdlError
from sqlfix.trigger_text import read_trigger

BLOCKING = ("NO ACTION", "RESTRICT")
ORPHANS = ("orphan-rows", "placeholder-values", "index-disagrees")

MEANING = (
    "SQLite refused a change that would have left a row without its parent, and does not say which: either the row"
    " that was written refers to a row that is not there, or the row that was deleted or changed is still referred to."
)
MEANING_OF_ROW = (
    "A row refers to a parent that is not there. SQLite let it in while foreign keys were not enforced, and the check"
    " that runs now, mostly at the end of a migration, refuses to go on."
)
MEANINGS = {
    "DELETE": "The row, or one that would be deleted with it, is still referred to by rows of other tables.",
    "DROP": (
        "Dropping a table deletes its rows first, and rows of other tables still refer to them. These rows are sound:"
        " where a migration builds the table anew, it has to say PRAGMA foreign_keys=OFF before its BEGIN (inside a"
        " transaction that does nothing), and no row has to go."
    ),
    "INSERT": "The row that was written refers to a parent that is not there.",
    "UPDATE": "The row as it was to be refers to a parent that is not there, or its old key is still referred to.",
}


def explain_foreign_key(asked: Asked) -> Answer:
    """What can cause a foreign key to fail, the likeliest first."""
    found = Found(asked)
    named = _named(asked)
    if named:
        found.culprits += _faulty(found, named, ORPHANS)
        found.culprits = [_with_the_row(asked, culprit) for culprit in found.culprits]
        found.culprits += _faulty(found, named, None)
        return found.answer(MEANING_OF_ROW)
    if asked.recognised.table or asked.recognised.tables:
        what = asked.recognised.subject or joined(asked.recognised.tables) or asked.recognised.table
        return found.answer(f"{MEANING_OF_ROW} This file has no such foreign key on {what} (any more).")
    statement, table = asked.statement, asked.statement_table
    if statement is None or table is None:
        _everything(found)
        return found.answer(MEANING)
    own = table.foreign_keys
    if statement.verb in ("INSERT", "UPDATE"):
        found.culprits += _new_row(asked, table, statement.values, statement.where)
    if statement.verb == "INSERT":
        found.culprits += _faulty(found, own, ORPHANS)
    elif statement.verb == "UPDATE":
        found.culprits += _faulty(found, own, ORPHANS)
        found.culprits += _blockers(found, table, statement.where, statement.values)
    else:
        found.culprits += _blockers(found, table, statement.where)
        found.culprits += _beneath(found, table)
    found.culprits += _faulty(found, _around(asked, table), None)
    found.culprits += _triggers(asked, table)
    if not found.culprits:
        _everything(found)
    return found.answer(MEANINGS[statement.verb] + _if_gone(asked, table, statement.where))


def _if_gone(asked: Asked, table: Table, where: Pairs) -> str:
    """What is to be said where the row of the statement is not in the file."""
    condition = equals(where, table)
    if condition is None or table.kind != "table":
        return ""
    try:
        row = asked.connection.execute(f"SELECT 1 FROM {quote(table.name)} WHERE {condition} LIMIT 1").fetchone()
    except sqlite3.DatabaseError as error:
        stop_if_interrupted(error)
        return ""
    return "" if row else f" {table.name} has no row with {pairs_text(where)} now."


def _named(asked: Asked) -> tuple[ForeignKey, ...]:
    """The relationships that the message names: a table with or without a column, a parent, or a list of tables."""
    recognised = asked.recognised
    tables = [table for name in recognised.tables if (table := find_table(asked.schema, name))]
    if recognised.table and (table := find_table(asked.schema, recognised.table)):
        tables.append(table)
    keys = tuple(fk for table in dict.fromkeys(tables) for fk in table.foreign_keys)
    for narrower in (
        tuple(fk for fk in keys if recognised.parent and folded(fk.parent) == folded(recognised.parent)),
        tuple(fk for fk in keys if {*map(folded, recognised.columns)} & {*map(folded, fk.child_columns)}),
    ):
        keys = tuple(fk for fk in keys if fk in narrower) or keys
    return keys


def _everything(found: Found) -> None:
    """All that could cause it: rows without a parent, keys that SQLite cannot use, rows that others refer to."""
    keys = found.asked.schema.foreign_keys
    found.culprits += _faulty(found, keys, ORPHANS)
    found.culprits += _faulty(found, keys, None)
    references = [_neglected(found.asked, culprit) for fk in keys for culprit in _reference(found, fk)]
    # an application deletes first what it knows of: what it has forgotten is what is left to be in the way
    found.culprits += sorted(references, key=lambda culprit: (culprit.hint is None, -culprit.count))
    found.culprits += [c for table in found.asked.schema.tables for c in _triggers(found.asked, table)]


# -- what a scan would find ---------------------------------------------------------------------------------------


def _faulty(found: Found, keys: Iterable[ForeignKey], checks: tuple[str, ...] | None) -> list[Culprit]:
    """The findings of the checks for these relationships, most rows first; ``checks`` None: the faults of keys."""
    asked, culprits = found.asked, []
    seen: set[object] = set()
    for fk in keys:
        if (fk.fault is None) != (checks is not None) or fk.subject in seen:
            continue
        seen.add(fk.subject)
        relationship, findings = check(asked.probe(fk), asked.database)
        if not relationship.checked and fk.fault is None:
            found.not_checked.append(
                NotChecked(address(fk.child, fk.child_columns), relationship.reason or "it could not be checked")
            )
        culprits += [of_finding(finding) for finding in findings if checks is None or finding.check in checks]
    return sorted(culprits, key=lambda culprit: -culprit.count)


def of_finding(finding: Finding) -> Culprit:
    """A finding of a scan as the cause of an error."""
    rule = rule_of(finding.check)
    place = address(finding.table, finding.columns) if finding.columns else finding.table
    return Culprit(
        finding.check,
        rule.message(finding),
        finding.table,
        finding.columns,
        finding.parent,
        finding.parent_columns,
        finding.count,
        finding.sample,
        rule.hint(finding),
        ("repair" if finding.fix else "scan", "--select", place),
    )


def _with_the_row(asked: Asked, culprit: Culprit) -> Culprit:
    """The culprit with the row that the message names put first in its sample, if it is at fault still."""
    recognised, table = asked.recognised, asked.schema.table(culprit.table)
    fk = next((fk for fk in asked.schema.foreign_keys if fk.fault is None and _is_about(culprit, fk)), None)
    if recognised.row_key is None or table is None or fk is None or len(table.primary_key) != 1:
        return culprit
    key, shown = table.primary_key, [*table.primary_key, *fk.child_columns]
    probe = asked.probe(fk)
    found = asked.connection.execute(
        f"SELECT {names(shown, 'c')} FROM {quote(table.name)} AS c WHERE {probe.condition}"
        f" AND CAST(c.{quote(key[0])} AS TEXT) = {literal(recognised.row_key)} LIMIT 1"
    ).fetchone()
    if found is None:
        return culprit
    row = as_row(key, fk.child_columns, found)
    rest = tuple(other for other in culprit.sample if other.key != row.key)
    return replace(culprit, sample=(row, *rest)[:SAMPLES])


def _is_about(culprit: Culprit, fk: ForeignKey) -> bool:
    return fk.subject == (culprit.table, culprit.columns, culprit.parent, culprit.parent_columns)


# -- rows that others refer to ------------------------------------------------------------------------------------


def _to(asked: Asked, table: Table) -> Iterator[ForeignKey]:
    """The usable relationships whose parent a table is, each once."""
    seen = set()
    for fk in asked.schema.foreign_keys:
        if folded(fk.parent) == folded(table.name) and fk.fault is None and fk.subject not in seen:
            seen.add(fk.subject)
            yield fk


def _around(asked: Asked, table: Table) -> tuple[ForeignKey, ...]:
    """The relationships on either side of a table, also those that SQLite cannot use."""
    return tuple(fk for fk in asked.schema.foreign_keys if folded(table.name) in (folded(fk.child), folded(fk.parent)))


def _blockers(found: Found, table: Table, where: Pairs, changed: Pairs | None = None) -> list[Culprit]:
    """The references to the rows of a statement that do not let them go, most rows first.

    ``changed`` are the values that an UPDATE writes: only references to these columns count.
    """
    culprits: list[Culprit] = []
    for fk in _to(found.asked, table):
        if changed is None or _changes_key(fk, changed):
            culprits += _reference(found, fk, where, None if changed is None else fk.on_update)
    return sorted(culprits, key=lambda culprit: -culprit.count)


def _changes_key(fk: ForeignKey, changed: Pairs) -> bool:
    """True if one of the columns that change is of the parent's key."""
    return bool({folded(name) for name, _ in changed} & {folded(name) for name in fk.parent_columns})


def _reference(found: Found, fk: ForeignKey, where: Pairs = (), on_update: str | None = None) -> list[Culprit]:
    """The child rows of a relationship that hold their parent rows, or one parent row, in place.

    ``on_update`` is given where it is the key of the parent rows that was to be changed.
    """
    asked, action = found.asked, on_update or fk.on_delete
    child, parent = asked.schema.table(fk.child), asked.schema.table(fk.parent)
    if fk.fault or child is None or parent is None or child.kind != "table":
        return []
    if action == "SET DEFAULT":
        blocks = _default_has_no_parent(child, fk)
    elif action in BLOCKING:
        blocks = "1"
    else:
        return []
    rows = equals(where, parent, "p")
    condition = f"{has_key(child, fk)} AND {match_parent(fk)} AND {rows or 1} AND {blocks}"
    itself = folded(fk.child) == folded(fk.parent)
    if itself and child.row_id and on_update is None:  # a row that refers to itself goes with itself
        condition += f" AND NOT ({is_row(child, 'c', [f'+p.{quote(name)}' for name in child.row_id])})"
    order = f"{quote(fk.parent)} AS p CROSS JOIN {quote(fk.child)} AS c"
    if rows is None:
        order = f"{quote(fk.child)} AS c CROSS JOIN {quote(fk.parent)} AS p"
    key = child.primary_key or child.row_id
    parent_key = parent.primary_key or parent.row_id
    shown = names([*key, *fk.child_columns], "c") + "".join(f", p.{quote(name)}" for name in parent_key)
    try:
        if rows is None and blocks == "1" and not itself:
            # all that refer to anything but those that refer to nothing: no parent has to be looked up for that
            refer = f"SELECT count(*) FROM {stored(child, 'c')} WHERE {has_key(child, fk)}"
            count = int(asked.connection.execute(refer).fetchone()[0]) - asked.probe(fk).count_flagged()
        else:
            count = int(asked.connection.execute(f"SELECT count(*) FROM {order} WHERE {condition}").fetchone()[0])
        if not count:
            return []
        sample = asked.connection.execute(f"SELECT {shown} FROM {order} WHERE {condition} LIMIT {SAMPLES}").fetchall()
    except sqlite3.DatabaseError as error:
        found.refused(address(fk.child, fk.child_columns), error)
        return []
    first = tuple(zip(parent_key, sample[0][len(key) + len(fk.child_columns) :], strict=True))
    return [_held(fk, action, count, tuple(as_row(key, fk.child_columns, r) for r in sample), first, rows is not None)]


def _neglected(asked: Asked, culprit: Culprit) -> Culprit:
    try:
        hint = signs_of_neglect(asked.connection, asked.schema, culprit.table, culprit.parent or "")
    except sqlite3.DatabaseError as error:
        stop_if_interrupted(error)
        return culprit
    return replace(culprit, hint=hint)


def _default_has_no_parent(child: Table, fk: ForeignKey) -> str:
    defaults = [default_expression(column) for name in fk.child_columns if (column := child.column(name))]
    filled = " AND ".join(f"{e} IS NOT NULL" for e in defaults)
    return f"{filled} AND NOT EXISTS (SELECT 1 FROM {quote(fk.parent)} AS d WHERE {has_values(fk, defaults, 'd')})"


def _held(
    fk: ForeignKey, action: str, count: int, sample: tuple[Row, ...], parent_key: Pairs, one_parent: bool
) -> Culprit:
    rows = plural(count, "row")
    refer = "refers" if count == 1 else "refer"
    to = f"{fk.parent} {pairs_text(parent_key)}" if one_parent else f"rows of {fk.parent}"
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


def _beneath(found: Found, table: Table) -> list[Culprit]:
    """References to the rows that a delete would take with it by ON DELETE CASCADE, however far down."""
    reached = {folded(table.name): table}
    todo = [table]
    while todo:
        for fk in _to(found.asked, todo.pop()):
            child = found.asked.schema.table(fk.child)
            if fk.on_delete == "CASCADE" and child and folded(child.name) not in reached:
                reached[folded(child.name)] = child
                todo.append(child)
    culprits: list[Culprit] = []
    for name, below in reached.items():
        for fk in _to(found.asked, below) if name != folded(table.name) else ():
            if folded(fk.child) in reached:
                continue  # its rows may go as well; `sqlfix why TABLE KEY` follows them one by one
            for held in _reference(found, fk):
                said = f"a delete from {table.name} also takes rows of {below.name} (ON DELETE CASCADE); {held.message}"
                culprits.append(replace(held, message=said))
    return culprits


# -- the row that was to be written -------------------------------------------------------------------------------


def _new_row(asked: Asked, table: Table, values: Pairs, where: Pairs) -> list[Culprit]:
    """The keys of the row that was written that have no parent; what an UPDATE leaves alone is as it stands."""
    written = {folded(name): value for name, value in values}
    given = {**_as_it_stands(asked, table, where), **written}
    culprits = []
    for fk in table.foreign_keys:
        key = [given.get(folded(name)) for name in fk.child_columns]
        if fk.fault or any(value is None for value in key) or _refers_to_itself(fk, given):
            continue
        if not written.keys() & {folded(name) for name in fk.child_columns}:
            continue
        there = has_values(fk, [literal(value) for value in key])
        try:
            row = asked.connection.execute(f"SELECT 1 FROM {quote(fk.parent)} AS p WHERE {there} LIMIT 1").fetchone()
        except sqlite3.DatabaseError as error:
            stop_if_interrupted(error)
            continue
        if row is None:
            mine = pairs_text(zip(fk.child_columns, key, strict=True))
            theirs = pairs_text(zip(fk.parent_columns, key, strict=True))
            culprits.append(
                Culprit(
                    "new-row",
                    f"the row that was to be written has {mine}, and {fk.parent} has no row with {theirs}",
                    table.name,
                    fk.child_columns,
                    fk.parent,
                    fk.parent_columns,
                    hint=f"write the row of {fk.parent} first, or another value",
                    command=("scan", "--select", address(table.name, fk.child_columns)),
                )
            )
    return culprits


def _as_it_stands(asked: Asked, table: Table, where: Pairs) -> dict[str, Value]:
    """The values of the one row that an UPDATE was for, by the names of its columns; empty where it is not one."""
    condition = equals(where, table)
    if condition is None or table.kind != "table":
        return {}
    columns = [column.name for column in table.columns]
    query = f"SELECT {names(columns)} FROM {quote(table.name)} WHERE {condition} LIMIT 2"
    try:
        rows = asked.connection.execute(query).fetchall()
    except sqlite3.DatabaseError as error:
        stop_if_interrupted(error)
        return {}
    return dict(zip(map(folded, columns), rows[0], strict=True)) if len(rows) == 1 else {}


def _refers_to_itself(fk: ForeignKey, given: Mapping[str, object]) -> bool:
    return folded(fk.child) == folded(fk.parent) and all(
        given.get(folded(child)) == given.get(folded(parent))
        for child, parent in zip(fk.child_columns, fk.parent_columns, strict=True)
    )


# -- triggers -----------------------------------------------------------------------------------------------------


def _triggers(asked: Asked, table: Table) -> list[Culprit]:
    """The triggers of a table that write to tables with foreign keys: what they write can break one as well."""
    culprits = []
    for trigger in table.triggers:
        written = [
            other.name
            for name in _written_by(trigger)
            if (other := asked.schema.table(name)) and _around(asked, other) and other is not table
        ]
        if written:
            culprits.append(
                Culprit(
                    "trigger",
                    f"the trigger {trigger.name} on {table.name} writes to {joined(dict.fromkeys(written))}, which"
                    f" {'has' if len(set(written)) == 1 else 'have'} foreign keys, or rows that others refer to",
                    table.name,
                    hint="a change of one table can fail on what its trigger does to another",
                )
            )
    return culprits


def _written_by(trigger: Trigger) -> list[str]:
    """The tables that a trigger inserts into, updates or deletes from; none where its text cannot be read."""
    try:
        statements = read_trigger(trigger.sql).statements
    except DdlError:
        return []
    return [statement.table for statement in statements if statement.table is not None]
