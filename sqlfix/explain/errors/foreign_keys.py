"""What can cause ``FOREIGN KEY constraint failed`` in a file: orphans, sound references that block, keys at fault."""

from collections.abc import Iterable
from dataclasses import replace

from sqlfix.explain.answers import Culprit
from sqlfix.explain.attempts import Attempt
from sqlfix.explain.errors.conditions import narrowed, where_text
from sqlfix.explain.errors.deletes import FREE, holding, replaced, tried
from sqlfix.explain.errors.inquiry import SAMPLES, Asked, Found, of_finding, statements_of, trigger_culprit
from sqlfix.explain.errors.names import find_table
from sqlfix.explain.errors.references import blockers, reference
from sqlfix.explain.errors.statement import Statement
from sqlfix.explain.errors.written import copied_orphans, new_rows
from sqlfix.explain.stale_tables import StaleTables
from sqlfix.model.findings import Finding, Row
from sqlfix.model.schema import ForeignKey, Table
from sqlfix.model.values import Link, folded
from sqlfix.schema.leftovers import CHECK as UNFINISHED
from sqlfix.schema.leftovers import built_from, left_alone, leftover_of
from sqlfix.sql.literals import literal, names, quote
from sqlfix.sqlite.deadline import overlooking
from sqlfix.text import address

ORPHANS = ("orphan-rows", "placeholder-values", "index-disagrees")

MEANING = (
    "SQLite refused a change that would have left a row without its parent, and does not say which. Either the row"
    " that was written references a row that does not exist, or the row that was deleted or changed is still"
    " referenced."
)
MEANING_OF_ROW = (
    "A row references a parent that does not exist. SQLite let it in while foreign keys were not enforced. The check"
    " that runs now, usually at the end of a migration, refuses to continue."
)
NO_ROW = (
    "No row stored in {} breaks a foreign key, and none blocks a delete. Only the statement can tell what is left: a"
    " row to be written whose parent is missing, or a key to be changed that other rows reference."
)
LET_THROUGH = (
    "Nothing stored in {} stands in the way of that statement now: the rows have changed since, or another statement of"
    " the same transaction failed."
)
REFUSED = "SQLite refuses the statement on a copy of this file; which row is in the way could not be told"
MEANINGS = {
    "DELETE": "Other rows still reference the row, or one that would be deleted with it.",
    "DROP": (
        "Dropping a table deletes its rows first, and rows of other tables still reference them. These rows are sound."
        " If a migration rebuilds the table, it must run PRAGMA foreign_keys=OFF before its BEGIN (inside a transaction"
        " that does nothing). Then no row has to be deleted."
    ),
    "INSERT": "The row that was written references a parent that does not exist.",
    "REPLACE": (
        "The row that was written references a parent that does not exist; or the row that it was to replace is still"
        " referenced, since REPLACE deletes that row first."
    ),
    "UPDATE": "The changed row references a parent that does not exist, or its old key is still referenced.",
}


def explain_foreign_key(asked: Asked) -> Found:
    """What can cause a foreign key to fail, the likeliest first."""
    found = Found(asked)
    named = _named(asked)
    if named:
        found.culprits += _faulty(found, named, ORPHANS)
        found.culprits = [_with_the_row(asked, culprit) for culprit in found.culprits]
        found.culprits += _faulty(found, named, None)
        return found.answer(MEANING_OF_ROW)
    if asked.recognised.table or asked.recognised.tables:
        what = asked.recognised.subject or ", ".join(asked.recognised.tables) or asked.recognised.table
        for name in asked.recognised.tables or (asked.recognised.table or "",):
            if find_table(asked.schema, name) is None:
                found.unknown(name, "this file has no such table")
        return found.answer(f"{MEANING_OF_ROW} This file has no such foreign key on {what} (any more).")
    statement, table = asked.statement, asked.statement_table
    if statement is None or table is None:
        _everything(found)
        written = asked.recognised.statement
        if written is not None and written.verb == "INSERT" and not found.culprits:
            found.note_half_built(written.table)
        return found.answer(MEANING, closing=NO_ROW)
    return _of_statement(found, statement, table)


def _of_statement(found: Found, statement: Statement, table: Table) -> Found:
    """What can have made a statement fail."""
    attempt = tried(found.asked, table, statement)
    if not (attempt and attempt.possible):
        look = holding if statement.verb in ("DELETE", "DROP") else _writing
        culprits, attempt = look(found, table, statement, attempt)
        found.culprits += culprits
    if attempt and attempt.possible:
        found.culprits.clear()
        found.not_checked.clear()
        free = statement.verb == "DELETE" and attempt.rows > 0
        return found.answer(_meaning(found.asked, table, statement), closing=FREE if free else LET_THROUGH)
    found.culprits += _faulty(found, _around(found.asked, table), None)
    found.culprits += _triggers(found, table)
    if attempt and attempt.is_of_keys and not found.culprits:
        found.culprits.append(Culprit("references", REFUSED, table.name))
    elif attempt and not attempt.is_of_keys:
        found.unknown("the statement", f"tried on a copy, SQLite gives another message: {attempt.error}")
    if statement.verb == "INSERT" and found.asked.schema.table(statement.table) is None and not found.culprits:
        found.note_half_built(statement.table)
    return found.answer(_meaning(found.asked, table, statement), closing=LET_THROUGH)


def _writing(
    found: Found, table: Table, statement: Statement, attempt: Attempt | None
) -> tuple[list[Culprit], Attempt | None]:
    """What can have made an INSERT or an UPDATE fail: the rows that it writes, or what it takes from others.

    It is given and returns what `holding` does.
    """
    own, copies = keys_of(found.asked, table), statement.source is not None
    culprits = copied_orphans(found, statement) if copies else new_rows(found, own)
    if attempt is None and not culprits:
        attempt = tried(found.asked, table, statement, anyway=True)
    copied = copies and culprits
    culprits += replaced(found, table, statement) if statement.replaces else ()
    culprits += _faulty(found, own, ORPHANS) if not copied else ()
    culprits += blockers(found, table, statement) if statement.verb == "UPDATE" else ()
    return culprits, attempt


def keys_of(asked: Asked, table: Table) -> tuple[ForeignKey, ...]:
    """The keys of a table, and where a migration was building it, those of the one that it was built from."""
    origin = built_from(asked.schema, table.name)
    return (*table.foreign_keys, *(origin.foreign_keys if origin else ()))


def _meaning(asked: Asked, table: Table, statement: Statement) -> str:
    """What the message means of a statement, and that the row of it is not in the file, where that is so."""
    meaning = MEANINGS["REPLACE" if statement.replaces else statement.verb]
    where = narrowed(statement.where, table, asked.schema)
    if where is None or statement.where is None or statement.source is not None:
        return meaning
    with overlooking():
        if not asked.connection.execute(f"SELECT 1 FROM {quote(table.name)} WHERE {where.sql} LIMIT 1").fetchone():
            return f"{meaning} {table.name} has no row with {where_text(statement.where)} (any more)."
    return meaning


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
    keys, stale = found.asked.schema.foreign_keys, StaleTables(found.asked.of)
    found.asked.look_at(keys)
    found.culprits += _faulty(found, keys, ORPHANS)
    found.culprits += _faulty(found, keys, None)
    references = [culprit for fk in keys for culprit in reference(found, fk)]
    for place, culprit in enumerate(references):
        with overlooking():
            references[place] = replace(culprit, hint=stale.signs(culprit.table, culprit.parent or ""))
    # an application deletes first what it knows of: what it has forgotten is what is left to be in the way
    found.culprits += sorted(references, key=lambda culprit: (culprit.hint is None, -culprit.count))
    found.culprits += [c for table in found.asked.schema.tables for c in _triggers(found, table)]


# -- what a scan would find ---------------------------------------------------------------------------------------


def _faulty(found: Found, keys: Iterable[ForeignKey], checks: tuple[str, ...] | None) -> list[Culprit]:
    """The findings of the checks for these relationships, most rows first; ``checks`` None: the faults of keys."""
    asked, culprits = found.asked, []
    declared: dict[Link, ForeignKey] = {}
    for fk in keys:
        if (fk.fault is None) == (checks is not None):
            declared.setdefault(fk.subject, fk)
    asked.look_at(declared.values())
    for fk in declared.values():
        relationship, findings = asked.checked(fk)
        if not relationship.checked and fk.fault is None:
            found.unknown(address(*fk.subject[:2]), relationship.reason or "it could not be checked")
        culprits += [of_finding(finding) for finding in findings if checks is None or finding.check in checks]
    culprits = [_unless_left_alone(asked, culprit) for culprit in culprits]
    return sorted(culprits, key=lambda culprit: -culprit.count)


def _unless_left_alone(asked: Asked, culprit: Culprit) -> Culprit:
    """The culprit, without a repair that would hold its rows back since a migration of their table was not finished."""
    if culprit.command[:1] != ("repair",) or not any(leftover_of(asked.schema, table) for table in asked.schema.tables):
        return culprit
    found: list[Finding] = []
    for table in asked.schema.tables:
        with overlooking():  # one that cannot be looked at may hold the only copy of rows
            found += asked.findings_of(table, UNFINISHED)
    spared = left_alone(asked.schema, found)
    alone = spared.get(folded(culprit.table)) or spared.get(folded(culprit.parent or ""))
    if alone is None or alone.only_deletes:
        return culprit
    return replace(culprit, hint=alone.reason, command=("scan", "--select", UNFINISHED))


def _with_the_row(asked: Asked, culprit: Culprit) -> Culprit:
    """The culprit with the row that the message names put first in its sample, if it is at fault still."""
    recognised, table = asked.recognised, asked.schema.table(culprit.table)
    fk = next((fk for fk in asked.schema.foreign_keys if fk.fault is None and fk.subject == culprit.subject), None)
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
    row = Row.of(key, fk.child_columns, found)
    rest = tuple(other for other in culprit.sample if other.key != row.key)
    return replace(culprit, sample=(row, *rest)[:SAMPLES])


def _around(asked: Asked, table: Table) -> tuple[ForeignKey, ...]:
    """The relationships on either side of a table, also those that SQLite cannot use."""
    return tuple(fk for fk in asked.schema.foreign_keys if folded(table.name) in (folded(fk.child), folded(fk.parent)))


# -- triggers -----------------------------------------------------------------------------------------------------


def _triggers(found: Found, table: Table) -> list[Culprit]:
    """The triggers of a table that write to tables with foreign keys: what they write can break one as well."""
    asked, culprits = found.asked, []
    hint = "a change of one table can fail because of what its trigger does to another"
    for trigger in table.triggers:
        written = [
            other.name
            for statement in statements_of(found, trigger)
            if (other := asked.schema.table(statement.table or "")) and _around(asked, other) and other is not table
        ]
        if written:
            to, has = ", ".join(dict.fromkeys(written)), "has" if len(set(written)) == 1 else "have"
            what = f"writes to {to}, which {has} foreign keys, or rows that others reference"
            culprits.append(trigger_culprit(table, trigger, what, hint))
    return culprits
