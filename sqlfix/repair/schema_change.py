"""Carrying out a change of the schema: backup, one transaction, verified before it is committed, else given back whole.

What is verified: the schema is the one that the empty copy came to, to the letter; each table that was made anew holds
its rows as they were, value for value (the statements see to that themselves, before the old table goes); SQLite finds
it whole; and no row has lost its parent.
"""

import json
import re
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from sqlfix.errors import RolledBack
from sqlfix.frozen import frozen
from sqlfix.model.findings import Row
from sqlfix.model.plans import Expectation, Left, OldOrphans, SchemaPlan, SchemaStep
from sqlfix.model.schema import Column, ForeignKey, Schema, Table
from sqlfix.model.values import Link, folded
from sqlfix.plan.apply import orphans_left
from sqlfix.plan.rehearsal import old_orphans
from sqlfix.plan.schema_changes import Tried, try_steps
from sqlfix.plan.schema_repair import ORPHANS, SEEN_NOW
from sqlfix.repair.archive import Archive
from sqlfix.repair.backup import Making
from sqlfix.repair.change import USUAL, ChangeOptions, changing, commit
from sqlfix.repair.run import AGAIN, WHOLE_FILE, begin, require_same_schema
from sqlfix.schema.fingerprint import differences, fingerprint
from sqlfix.sql.literals import quote
from sqlfix.sql.rebuild_statements import AT_FAULT, NOT_AS_THEY_WERE, AtFault, writes_no_row
from sqlfix.sql.short_rows import noted_rows
from sqlfix.sqlite.deadline import overlooking, stop_if_interrupted
from sqlfix.sqlite.failures import error_name, in_words
from sqlfix.sqlite.integrity import NO_DAMAGE, complaints
from sqlfix.sqlite.snapshot import MOST_MAPPED
from sqlfix.sqlite.trust import changing_schema
from sqlfix.text import plural, row_text

KIND = "schema"
"""The kind of the record of a change of the schema."""
OF_VALUES = r"NULL value in |(non-\w+|NUMERIC|TEXT) value in "
"""What SQLite says of values that it copied as they were, or computes as it did before.

A NULL, and what a STRICT type does not take, would have been refused by the INSERT; but SQLite 3.40 speaks of NULLs in
tables WITHOUT ROWID that hold none.
"""
OF_ROWS = f"{OF_VALUES}|wrong # of entries in index |row \\d+ missing from index |non-unique entry in index "
"""The same where rows stay where they are, of which some are written again: no index that is kept has what changes."""
BESIDE = r"(CREATE (UNIQUE )?INDEX |DROP INDEX |CREATE TABLE |ALTER TABLE [^;]* RENAME TO |INSERT OR ABORT INTO main\.)"
"""How the statements begin that leave each row of the tables there are where it stands, and as it is.

They make a table and copy rows into it, make and drop indexes, and need not wait for a verified backup. Of a file that
turns out to be damaged they are rolled back, and it holds the bytes that it held: SQLite cuts off what they appended,
and writes each other page back from its journal. Of one kind of page alone it keeps nothing there: of those that were
free (https://www.sqlite.org/fileformat2.html#the_freelist), and a damaged file may still use one. So they do wait where
there are any; and where it is not known that the copy holds the same bytes as the file, since this could not be looked
at any more.
"""
SHOWN = 3
"""Rows that are named where they keep a change from being made."""
READY = Making()
BACK = "everything was rolled back"


def change_schema(path: Path, plan: SchemaPlan, options: ChangeOptions = USUAL) -> SchemaPlan:
    """Carry out a plan and give it back as applied.

    Raises:
        SqlfixError: and nothing was changed.
    """
    if not plan.steps:
        return plan
    begin(path, options.timeout)
    with changing(path, options) as change:
        connection, schema = change.connection, require_same_schema(change, plan.schema)
        tried = _tried_again(connection, schema, plan)
        with change.backing_up(schema) as making:
            if options.first:
                making.verified()
                options.first(connection)
            revealed = tuple(carry_out(connection, schema, tried, making))
            told = {part.subject for part in plan.left}
            if not plan.reveals and (new := [part for part in revealed if part.subject not in told]):
                raise RolledBack(f"{_orphans(new[0])}; {BACK}", AGAIN)
        made = making.done()
        about = {"kind": KIND, **told_of(plan.steps, tried)}
        change.commit(Archive(connection, schema, ()), about, plan.statements, made, lambda: commit(connection))
    still = (part for part in plan.left if part.check != ORPHANS)  # those are looked at anew
    backed = str(made.path) if made.path else None
    return replace(
        plan, left=(*still, *revealed), applied=True, backup=backed, unverified=made.unverified,
        record=str(change.record_to),
    )  # fmt: skip


def _tried_again(connection: sqlite3.Connection, schema: Schema, plan: SchemaPlan) -> Tried:
    """What a plan comes to now; raise RolledBack where that is not what was planned."""
    tried = try_steps(connection, schema, plan.steps, plan.in_place)
    if (tried.statements, tried.facts) != (plan.statements, plan.facts):
        raise RolledBack("the schema has changed since the plan was made", AGAIN)
    return tried


def _orphans(left: Left) -> str:
    return f"{left.table}.{','.join(left.columns)} has {left.count:,} orphans"


def told_of(steps: tuple[SchemaStep, ...], tried: Tried) -> dict[str, str | None]:
    """What a record says of the schema: each object that is another one now, with its text before and after."""
    keys = dict.fromkeys((*tried.before.objects, *tried.after.objects))
    objects = [
        [key[0], (after or before).name, *(str(each.text) if each else None for each in (before, after))]  # type: ignore[union-attr]
        for key in keys
        if (before := tried.before.objects.get(key)) != (after := tried.after.objects.get(key))
        if any(each is not None and each.is_own for each in (before, after))
    ]
    done = [[step.deed, step.kind, step.name, step.to, dict(step.values), step.rows] for step in steps]
    return {"steps": json.dumps(done), "objects": json.dumps(objects)}


# -- running and verifying ----------------------------------------------------------------------------------------


def carry_out(connection: sqlite3.Connection, schema: Schema, tried: Tried, making: Making = READY) -> Iterator[Left]:
    """Run the statements inside a transaction, and verify what they led to.

    Args:
        making: the backup; before it is verified, no row that is there is touched.

    Returns:
        the relationships that have orphans and that SQLite could not use before.

    Raises:
        RolledBack: where something is not as it was planned, or SQLite refuses a statement for the sake of the rows.
    """
    watched = list(_watched(connection, schema, tried.schema))
    exactly_back = making.same_bytes and connection.execute("PRAGMA freelist_count").fetchone() == (0,)
    connection.execute(f"PRAGMA mmap_size = {MOST_MAPPED}")
    with changing_schema(connection):
        for statement in tried.statements:
            if not (exactly_back and re.match(BESIDE, statement)) and not _writes_no_row(connection, statement):
                making.verified()
            try:
                connection.execute(statement)
            except sqlite3.Error as error:
                rows = tried.meanings.get(statement) if AT_FAULT in str(error) else None
                raise _failure(error, _told(connection, rows) if rows else None) from error
    _require_as_tried(connection, tried)
    yield from _orphans_now(connection, tried.schema, watched)


def _told(connection: sqlite3.Connection, rows: AtFault) -> str:
    """What rows that there must not be mean, and the first of them after a colon."""
    with overlooking(sqlite3.OperationalError):  # a column of its key may get its name only later
        some = connection.execute(f"SELECT {rows.selected} {rows.source} LIMIT {SHOWN}").fetchall()
        told = "; ".join(row_text(Row.of(rows.known_by, rows.shown, values)) for values in some)
        more = connection.execute(f"SELECT count(*) {rows.source}").fetchone()[0] - len(some)
        return f"{rows.said}: {told}{f'; and {more:,} more' if more else ''}"
    return rows.said


def _writes_no_row(connection: sqlite3.Connection, statement: str) -> bool:
    """True of a statement that writes no row of the file; also of one that writes those of a list which is empty."""
    if writes_no_row(statement):
        return True
    noted = noted_rows(statement)
    return noted is not None and connection.execute(f"SELECT 1 FROM {noted} LIMIT 1").fetchone() is None


def _failure(error: sqlite3.Error, meaning: str | None) -> Exception:
    """What an error of a statement means."""
    stop_if_interrupted(error)
    if error_name(error).startswith(WHOLE_FILE):
        return error
    if NOT_AS_THEY_WERE in str(error):
        return RolledBack(
            f"a table would not hold its values as they are: its columns would take some of them as others; {BACK}",
            AGAIN,
        )
    # the rows have come since the plan was made: a new one lists them
    hint = AGAIN if isinstance(error, sqlite3.IntegrityError) else None
    return RolledBack(f"the schema cannot be changed: {meaning or in_words(error)}; {BACK}", hint)


def _require_as_tried(connection: sqlite3.Connection, tried: Tried) -> None:
    """Raise RolledBack unless the schema is what the copy came to, and SQLite finds the new tables whole."""
    now = fingerprint(connection)
    if now.objects != tried.after.objects or differences(tried.after, now, {}):
        raise RolledBack(f"the schema did not become what it was to become; {BACK}", AGAIN)
    made = {fact.name for fact in tried.facts if fact.kind == "table"} | set(tried.rebuilt)
    for name in made:
        table = tried.schema.table(name)
        if table is None or table.kind != "table":
            continue
        lines: list[str] = []
        with overlooking(sqlite3.OperationalError):  # it calls what only its application has: no row was moved
            lines = complaints(connection, f"quick_check({quote(table.name)})")
        # where no row was moved, an index may disagree with the table as it did before
        made_again = {folded(each): OF_VALUES for each in tried.copied} | {
            folded(each): OF_ROWS for each in tried.written
        }
        no_fault = made_again.get(folded(name), NO_DAMAGE)
        for line in (line for line in lines if not re.match(no_fault, line)):
            raise RolledBack(f"SQLite finds the new table {table.name} damaged ({line}); {BACK}", AGAIN)


# -- orphans ------------------------------------------------------------------------------------------------------


@frozen
class Watched:
    """A relationship whose orphans may be others afterwards.

    ``old`` are those that it has before, None where SQLite could not use it.
    """

    foreign_key: ForeignKey
    before: int = 0
    old: OldOrphans | None = None
    is_new: bool = True


Ends = tuple[object, ...]


def _ends(schema: Schema, fk: ForeignKey) -> Ends:
    """All that decides which rows of a relationship are orphans."""

    def compared(table: str, columns: tuple[str, ...]) -> list[tuple[str, str] | None]:
        found = schema.table(table)
        each: list[Column | None] = [found.column(name) if found else None for name in columns]
        return [(folded(column.type), folded(column.collation)) if column else None for column in each]

    parent = compared(fk.parent, fk.parent_columns)
    return (_link(fk), fk.parent_collations, fk.fault, compared(fk.child, fk.child_columns), parent)


def _link(fk: ForeignKey) -> Link:
    child, parent = (tuple(map(folded, columns)) for columns in (fk.child_columns, fk.parent_columns))
    return (folded(fk.child), child, folded(fk.parent), parent)


def _watched(connection: sqlite3.Connection, before: Schema, after: Schema) -> Iterator[Watched]:
    """The relationships whose orphans may be others afterwards; those that there are now are gathered."""
    same = [_ends(before, fk) for fk in before.foreign_keys]
    worked = {_link(fk): fk for fk in before.foreign_keys if fk.fault is None}
    for number, fk in enumerate(after.foreign_keys):
        if fk.fault is not None or _ends(after, fk) in same:
            continue
        had = worked.get(_link(fk))
        if had is None:
            yield Watched(fk)
            continue
        orphans = orphans_left(connection, before, [Expectation(had, 0, "")])[0].orphans
        if _told_by(before.known_table(had.child)) != _told_by(after.known_table(fk.child)):
            yield Watched(fk, orphans, is_new=False)
            continue
        old = old_orphans(before, had, number, ())
        for statement in old.gather:
            connection.execute(statement)
        yield Watched(fk, orphans, replace(old, broken_sql=old_orphans(after, fk, number, ()).broken_sql), False)


def _told_by(table: Table) -> list[tuple[str, ...]]:
    """What identifies a row of a table, and how that is stored and compared."""
    columns = ((name, table.column(name)) for name in table.row_id)
    return [(name, folded(column.type), folded(column.collation)) if column else (name,) for name, column in columns]


def _orphans_now(connection: sqlite3.Connection, schema: Schema, watched: list[Watched]) -> Iterator[Left]:
    """The orphans that can be seen now; raise RolledBack where a row had a parent before."""
    for each in watched:
        fk = each.foreign_key
        count = broken = 0
        with overlooking(sqlite3.OperationalError):  # a key whose collation is missing
            (now,) = orphans_left(connection, schema, [Expectation(fk, 0, "", each.old)])
            count, broken = now.orphans, now.broken
        if each.is_new and count:
            yield Left(ORPHANS, *fk.subject, count=count, reason=SEEN_NOW)
        elif lost := 0 if each.is_new else broken if each.old else max(count - each.before, 0):
            raise RolledBack(f"{plural(lost, 'row')} of {fk.child} would lose the parent in {fk.parent}; {BACK}", AGAIN)
