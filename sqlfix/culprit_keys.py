"""What can cause ``FOREIGN KEY constraint failed`` in a file: orphans, sound references that block, keys at fault."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from sqlfix.asked import SAMPLES, Answer, Asked, Found, address, as_row, joined
from sqlfix.conditions import Condition, Pairs, group
from sqlfix.culprit_written import copied_orphans, new_rows
from sqlfix.display import pairs_text, plural
from sqlfix.explanation import Culprit, key_word, where_text
from sqlfix.failed_statement import Part, Statement
from sqlfix.forgotten import signs_of_neglect
from sqlfix.leftovers import built_from
from sqlfix.limits import stop_if_interrupted
from sqlfix.model import Finding, ForeignKey, NotChecked, Row, Table, Trigger, folded
from sqlfix.named import find_table
from sqlfix.registry import rule_of
from sqlfix.scan import check
from sqlfix.sql import (
    default_expression,
    has_key,
    has_values,
    in_rows,
    is_row,
    literal,
    match_parent,
    names,
    quote,
    refers_to_some,
    row_key,
    stored,
)
from sqlfix.statement_rows import names_one, narrowed
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
NO_ROW = (
    "No row that is stored in {} breaks a foreign key, and none holds a delete back. What is left is what only the"
    " statement tells: a row to be written whose parent is missing, or a key to be changed that others refer to."
)
MEANINGS = {
    "DELETE": "The row, or one that would be deleted with it, is still referred to by rows of other tables.",
    "DROP": (
        "Dropping a table deletes its rows first, and rows of other tables still refer to them. These rows are sound:"
        " where a migration builds the table anew, it has to say PRAGMA foreign_keys=OFF before its BEGIN (inside a"
        " transaction that does nothing), and no row has to go."
    ),
    "INSERT": "The row that was written refers to a parent that is not there.",
    "REPLACE": (
        "The row that was written refers to a parent that is not there; or the one that it was to replace is still"
        " referred to, since REPLACE deletes that first."
    ),
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
        for name in asked.recognised.tables or (asked.recognised.table or "",):
            if find_table(asked.schema, name) is None:
                found.unknown(name, "this file has no such table")
        return found.answer(f"{MEANING_OF_ROW} This file has no such foreign key on {what} (any more).")
    statement, table = asked.statement, asked.statement_table
    if statement is None or table is None:
        _everything(found)
        return found.answer(MEANING, closing=NO_ROW)
    own = keys_of(asked, table)
    if statement.source is not None:
        found.culprits += copied_orphans(found, statement)
    elif statement.verb in ("INSERT", "UPDATE"):
        found.culprits += new_rows(found, own)
    if statement.verb == "INSERT":
        copied = statement.source is not None and found.culprits
        found.culprits += _replaced(found, table, statement) if statement.replaces else ()
        found.culprits += _faulty(found, own, ORPHANS) if not copied else ()
    elif statement.verb == "UPDATE":
        found.culprits += _faulty(found, own, ORPHANS)
        found.culprits += _blockers(found, table, statement)
    else:
        found.culprits += _blockers(found, table, statement)
        found.culprits += _beneath(found, table, statement)
    found.culprits += _faulty(found, _around(asked, table), None)
    found.culprits += _triggers(found, table)
    if not found.culprits:
        _everything(found)
    verb = "REPLACE" if statement.replaces else statement.verb
    return found.answer(MEANINGS[verb] + _if_gone(asked, table, statement), closing=NO_ROW)


def keys_of(asked: Asked, table: Table) -> tuple[ForeignKey, ...]:
    """The keys of a table, and where a migration was building it, those of the one that it was built from."""
    origin = built_from(asked.schema, table.name)
    return (*table.foreign_keys, *(origin.foreign_keys if origin else ()))


def _if_gone(asked: Asked, table: Table, statement: Statement) -> str:
    """What is to be said where the row of the statement is not in the file."""
    where = narrowed(statement.where, table, asked.schema)
    if where is None or statement.where is None or statement.source is not None:
        return ""
    try:
        row = asked.connection.execute(f"SELECT 1 FROM {quote(table.name)} WHERE {where.sql} LIMIT 1").fetchone()
    except sqlite3.DatabaseError as error:
        stop_if_interrupted(error)
        return ""
    return "" if row else f" {table.name} has no row with {where_text(statement.where)} now."


def _named(asked: Asked) -> tuple[ForeignKey, ...]:
    """The relationships that the message names: a table with or without a column, a parent, or a list of tables."""
    recognised = asked.recognised
    tables = [table for name in recognised.tables if (table := find_table(asked.schema, name))]
    if recognised.table and (table := find_table(asked.schema, recognised.table)):
        tables.append(table)
    keys = tuple(dict.fromkeys(fk for table in dict.fromkeys(tables) for fk in keys_of(asked, table)))
    parents = {folded(recognised.parent or "")}
    parents |= {folded(t.name) for t in (find_table(asked.schema, recognised.parent),) if t}
    parents |= {folded(t.name) for t in (built_from(asked.schema, recognised.parent or ""),) if t}
    for narrower in (
        tuple(fk for fk in keys if recognised.parent and folded(fk.parent) in parents),
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
    found.culprits += [c for table in found.asked.schema.tables for c in _triggers(found, table)]


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


def _blockers(found: Found, table: Table, statement: Statement) -> list[Culprit]:
    """The references to the rows of a statement that do not let them go, most rows first.

    Of an UPDATE, only references to the columns that it writes count.
    """
    culprits: list[Culprit] = []
    for fk in _to(found.asked, table):
        if statement.verb != "UPDATE" or _changes_key(fk, statement.written):
            culprits += _reference(found, fk, statement)
    return sorted(culprits, key=lambda culprit: -culprit.count)


def _replaced(found: Found, table: Table, statement: Statement) -> list[Culprit]:
    """The references to the rows that a REPLACE deletes, since they have a key that is to be written."""
    uniques = [[column.name or "" for column in index.columns] for index in table.indexes if index.unique]
    uniques += [[table.integer_key]] if table.integer_key else []
    parts = []
    for values in ({folded(name): value for name, value in part.values} for part in statement.parts):
        for columns in uniques:
            if all(values.get(folded(name)) is not None for name in columns):
                same = [Condition(name, "=", (values[folded(name)],)) for name in columns]
                parts.append(Part(group("AND", same)))
    return _blockers(found, table, Statement("DELETE", table.name, tuple(parts))) if parts else []


def _changes_key(fk: ForeignKey, written: Iterable[str]) -> bool:
    """True if one of the columns that change is of the parent's key, or if it is not known which change."""
    names = {folded(name) for name in written}
    return not names or bool(names & {folded(name) for name in fk.parent_columns})


def _reference(found: Found, fk: ForeignKey, statement: Statement | None = None, doomed: str = "") -> list[Culprit]:
    """The child rows of a relationship that hold their parent rows in place.

    Args:
        statement: one that deletes or changes parent rows, or all of these.
        doomed: SQL that is true of the parent rows ``p`` that go, where no statement says so.
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
    rows = narrowed(statement.where, parent, asked.schema, "p") if statement else None
    which = rows.sql if rows else doomed
    condition = f"{has_key(child, fk)} AND {match_parent(fk)} AND ({which or 1}) AND {blocks}"
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


def _beneath(found: Found, table: Table, statement: Statement) -> list[Culprit]:
    """References to the rows that a delete would take with it by ON DELETE CASCADE, however far down."""
    culprits: list[Culprit] = []
    reached = _cascaded(found.asked, table, statement)
    for name, (below, doomed) in reached.items():
        for fk in _to(found.asked, below) if name != folded(table.name) else ():
            if folded(fk.child) in reached:
                continue  # its rows may go as well; `sqlfix why TABLE KEY` follows them one by one
            for held in _reference(found, fk, doomed=doomed):
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


def _doomed(fk: ForeignKey, reached: Mapping[str, tuple[Table, str]]) -> str:
    return f"{quote(fk.parent)} AS p WHERE {reached[folded(fk.parent)][1] or 1}"


# -- triggers -----------------------------------------------------------------------------------------------------


def _triggers(found: Found, table: Table) -> list[Culprit]:
    """The triggers of a table that write to tables with foreign keys: what they write can break one as well."""
    asked, culprits = found.asked, []
    for trigger in table.triggers:
        written = [
            other.name
            for name in _written_by(found, trigger)
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


def _written_by(found: Found, trigger: Trigger) -> list[str]:
    """The tables that a trigger inserts into, updates or deletes from; where its text cannot be read, that is noted."""
    try:
        statements = read_trigger(trigger.sql).statements
    except DdlError as error:
        found.unknown(f"the trigger {trigger.name}", f"its text cannot be read: {error}")
        return []
    return [statement.table for statement in statements if statement.table is not None]
