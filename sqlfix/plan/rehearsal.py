"""Trying a plan out on a private copy, where its effect cannot be told from the schema and the data alone.

A trigger may raise, change other tables or need a function that only the application has; a CHECK may forbid a NULL;
a UNIQUE index may collide; REINDEX may meet duplicates. So a plan that could meet one of these runs first on a copy
in a temporary folder. The file itself is not touched, and no lock is taken on it but for reading.
"""

import contextlib
import sqlite3
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from sqlfix.frozen import frozen
from sqlfix.model.plans import Expectation, Fix, Left, OldOrphans, Plan, TableTotal
from sqlfix.model.schema import ForeignKey, Index, Schema, Table
from sqlfix.model.values import folded, grouped
from sqlfix.plan.apply import Applied, FixFailed, Remaining, apply_fixes, carried, orphans_left, table_sizes
from sqlfix.plan.policy import Rule, written_columns
from sqlfix.scan.orphans import Probe
from sqlfix.scan.run import count_rows, look_at
from sqlfix.schema.search_index import documents_of, gone_rows
from sqlfix.sql.create_table import read_create_table
from sqlfix.sql.literals import free_name, quote
from sqlfix.sql.predicates import gathered_keys, is_gathered, orphan
from sqlfix.sql.statements import gather
from sqlfix.sql.tokens import DdlError, expression_columns
from sqlfix.sqlite.connect import open_to_write
from sqlfix.sqlite.deadline import limited, stop_if_interrupted, timeout_of
from sqlfix.sqlite.failures import require_refusal
from sqlfix.sqlite.files import temporary_folder
from sqlfix.sqlite.snapshot import ReaderPool


@frozen
class Rehearsal:
    """What a plan did to the copy.

    ``applied`` is what its fixes did, ``remaining`` the orphans that there are now, ``left`` how many rows there are of
    what was to be left, as far as asked.
    """

    applied: Applied
    remaining: tuple[Remaining, ...]
    before: Mapping[str, int]
    after: Mapping[str, int]
    left: tuple[int | None, ...] = ()


@contextlib.contextmanager
def copied(connection: sqlite3.Connection) -> Iterator[Path]:
    """A copy of the snapshot that ``connection`` reads, in a temporary folder that only this user can look into."""
    with temporary_folder() as folder:
        path = folder / "rehearsal.db"
        path.touch(mode=0o600)
        with contextlib.closing(open_to_write(path, timeout_of(connection))) as copy:
            copy.execute("PRAGMA synchronous = OFF")
            connection.backup(copy)
        yield path


@contextlib.contextmanager
def private_copy(connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """A connection that writes to a copy of the snapshot that ``connection`` reads."""
    with copied(connection) as path, written_at_will(path, timeout_of(connection)) as copy:
        yield copy


@contextlib.contextmanager
def written_at_will(copy: Path, timeout: float) -> Iterator[sqlite3.Connection]:
    """A connection that writes to a copy that nobody needs once the power fails."""
    # opened anew: what the connection trusts depends on the schema
    with contextlib.closing(open_to_write(copy, timeout)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        yield connection


def rehearse(copy: sqlite3.Connection, schema: Schema, plan: Plan) -> Rehearsal:
    """Run the fixes on the copy, look at what they did, and take it back, so that the copy can serve again.

    The rows of what the plan leaves are counted after the fixes, where there is SQL for it.

    Raises:
        FixFailed: at the first statement that SQLite refuses.
    """
    copy.execute("BEGIN IMMEDIATE")
    try:
        before = table_sizes(copy, schema)
        rows = sum(before.values()) + carried(plan.fixes)
        with limited(rows, copy, statements=len(plan.fixes) + len(plan.expectations)):
            applied = apply_fixes(copy, plan.fixes, plan.expectations)
            queries = [part.count_sql for part in plan.left]
            counts = tuple(int(copy.execute(query).fetchone()[0]) if query else None for query in queries)
        remaining = orphans_left(copy, schema, plan.expectations)
        return Rehearsal(applied, remaining, before, table_sizes(copy, schema), counts)
    finally:
        if copy.in_transaction:  # a trigger's RAISE(ROLLBACK) has ended it already
            copy.execute("ROLLBACK")


def plan_changes(
    copy: sqlite3.Connection,
    schema: Schema,
    database: str,
    fixes: tuple[Fix, ...],
    affected: Iterable[ForeignKey] | None = None,
) -> Plan:
    """A plan of fixes that stand already, with the figures of a rehearsal: no row may lose its parent by it.

    Args:
        copy: a private copy of the database; it is left as it was.
        database: its name, for the plan.
        affected: the relationships that the fixes can have an effect on; all if not given.

    Raises:
        FixFailed: at the first statement that SQLite refuses, or the last one if rows lost their parent.
        sqlite3.DatabaseError: where a key is computed, and counting the rows without a parent takes too long.
    """
    found = []
    keys = {fk.subject: fk for fk in affected or schema.foreign_keys if fk.fault is None}.values()
    look = look_at(ReaderPool([copy]), schema, only=keys)
    for fk in keys:
        if look.is_sound(fk):
            found.append((fk, 0, 0))
            continue
        # a column of the key may be a computed one
        with contextlib.suppress(sqlite3.OperationalError), limited(count_rows(copy, fk.child), copy):
            orphans = Probe(copy, schema, fk, look).count_flagged()
            found.append((fk, orphans, orphans))
    emptied = (fix.table for fix in fixes if fix.kind == "delete")
    left = tuple(left_in_indexes(copy, schema, emptied, (fix.table for fix in fixes)))
    plan = Plan(database, fixes, left, (), expect(schema, found, fixes))
    rehearsal = rehearse(copy, schema, plan)
    for expectation, now in zip(plan.expectations, rehearsal.remaining, strict=True):
        if now.broken or now.orphans > expectation.remaining:
            place, name = len(fixes) - 1, expectation.foreign_key.child
            raise FixFailed(place, fixes[place], sqlite3.OperationalError(f"{name} would have rows without a parent"))
    return as_rehearsed(plan, rehearsal)


def affected(schema: Schema, foreign_keys: Iterable[ForeignKey], tables: Iterable[str]) -> list[ForeignKey]:
    """Those of some relationships that changes of some tables could have an effect on, each once."""
    touched = set(map(folded, tables))
    triggers = any(table.triggers for table in schema.tables if folded(table.name) in touched)
    each = {fk.subject: fk for fk in foreign_keys if fk.fault is None}
    return [fk for fk in each.values() if triggers or {folded(fk.child), folded(fk.parent)} & touched]


def expect(
    schema: Schema, orphans: Iterable[tuple[ForeignKey, int | None, int]], fixes: Collection[Fix]
) -> tuple[Expectation, ...]:
    """That relationships have so many orphans after some fixes, which are to be those that were there before.

    Args:
        orphans: for each relationship how many there are before, None where that is not certain, and how many after.
    """
    written: defaultdict[str, set[str]] = defaultdict(set)
    for fix in fixes:
        written[folded(fix.table)].update(fix.written)
    reindexed = {folded(fix.table) for fix in fixes if fix.kind == "reindex"}
    found = []
    for number, (fk, was, rows) in enumerate(orphans):
        count = f"SELECT count(*) FROM {quote(fk.child)} AS c WHERE {orphan(schema, fk)}"
        compared = rows > 0 or folded(fk.parent) in reindexed  # a damaged index may hide some now
        old = old_orphans(schema, fk, number, written[folded(fk.child)]) if compared else None
        found.append(Expectation(fk, max(rows, 0), count, old, was))
    return tuple(found)


def as_rehearsed(plan: Plan, rehearsal: Rehearsal) -> Plan:
    """The plan with the figures of its rehearsal, which counts what triggers do as well.

    What is expected to leave nothing has no rows to be compared.
    """
    done = zip(plan.fixes, rehearsal.applied.rows, strict=True)
    fixes = tuple(replace(fix, rows=rows, follows=min(fix.follows, rows)) for fix, rows in done)
    expectations = tuple(
        replace(expectation, remaining=now.orphans, before=expectation.before if now.orphans else None)
        for expectation, now in zip(plan.expectations, rehearsal.remaining, strict=True)
    )
    counted = zip(plan.left, rehearsal.left, strict=True)
    left = tuple(part if now is None else replace(part, count=now) for part, now in counted if now != 0)
    return replace(
        plan, fixes=fixes, left=left, totals=totals_of(fixes, rehearsal), expectations=expectations,
        rehearsed=True, changes=rehearsal.applied.changes,
    )  # fmt: skip


def totals_of(fixes: tuple[Fix, ...], rehearsal: Rehearsal) -> tuple[TableTotal, ...]:
    """What fixes with the figures of a rehearsal do to each table in all; what they did not do, triggers did."""
    done: dict[tuple[str, str], int] = {}
    for fix in fixes:
        done[fix.table, fix.kind] = done.get((fix.table, fix.kind), 0) + fix.rows
    touched = {table for table, kind in done if kind != "reindex"}
    found = []
    for name, before in rehearsal.before.items():
        deleted, changed, added = (done.get((name, kind), 0) for kind in ("delete", "update", "insert"))
        if name in touched or rehearsal.after[name] != before:
            by_triggers = rehearsal.after[name] - before + deleted - added
            found.append(TableTotal(name, before, deleted, changed, by_triggers, added))
    return tuple(found)


def without_repeats(plan: Plan, done: tuple[Fix, ...], totals: tuple[TableTotal, ...]) -> tuple[TableTotal, ...]:
    """The totals with each row counted once that several fixes change, where these met just the rows of the plan."""
    planned, met = (
        grouped((fix.table, fix.rows) for fix in fixes if fix.kind == "update" and fix.rows)
        for fixes in (plan.fixes, done)
    )
    once = {total.table: total.changed for total in plan.totals}
    return tuple(
        replace(total, changed=once[total.table])
        if total.table in once and planned.get(total.table) == met.get(total.table)
        else total
        for total in totals
    )


def require_possible(connection: sqlite3.Connection, fixes: tuple[Fix, ...]) -> None:
    """Raise FixFailed for the first statement that SQLite cannot even compile.

    A collation or function that is missing has not been met before, if only an index of the table needs it.
    """
    for place, fix in enumerate(fixes):
        for statement in fix.deeds:  # the temporary tables stand here already
            try:
                connection.execute(f"EXPLAIN {statement}").close()
            except sqlite3.OperationalError as error:
                require_refusal(error)
                raise FixFailed(place, fix, error) from error


def is_uncertain(schema: Schema, rule: Rule) -> bool:
    """True if the effect of a rule's fix cannot be told for certain without running it."""
    fk = rule.foreign_key
    table = schema.table(fk.child)
    if table is None or rule.fix == "reindex" or table.triggers or any(_computes(table, i) for i in table.indexes):
        return True
    written = {folded(name) for name in written_columns(schema, rule)}
    if not written:
        return False
    return (
        _checks(table, written)
        or table.strict
        or any(column.generated for column in table.columns)
        or folded(table.integer_key or "") in written  # it has no index of its own, and takes nothing but integers
        or any((column := table.column(name)) is not None and column.not_null for name in written if not rule.relinks)
        or any(_may_collide(index, written, rule) for index in table.indexes if index.unique)
        or any(_is_shared(schema, fk, name) for name in written)
    )


def _computes(table: Table, index: Index) -> bool:
    """True if an index is computed, which may fail for a row: one with other text for JSON than this SQLite reads."""
    return index.calls or any((c := table.column(i.name)) and c.generated for i in index.columns if i.name is not None)


def _checks(table: Table, written: set[str]) -> bool:
    """True if a CHECK speaks of what is written; SQLite evaluates no other one on an UPDATE."""
    if "check" not in table.sql.lower():
        return False
    try:
        return any(written & expression_columns(check.text) for check in read_create_table(table.sql).checks)
    except DdlError:
        return True


def _may_collide(index: Index, written: set[str], rule: Rule) -> bool:
    """NULLs never collide in an ordinary UNIQUE index; in a partial one, or over an expression, they might."""
    if index.partial or any(c.expression for c in index.columns):
        return True
    return rule.fix != "set-null" and any(folded(c.name or "") in written for c in index.columns)


def _is_shared(schema: Schema, fk: ForeignKey, name: str) -> bool:
    """True if a column of a key that is written is part of another foreign key, or is what other rows refer to."""
    others = (other for other in schema.keys_with(fk.child, name) if other.subject != fk.subject)
    return bool(schema.references_to_column(fk.child, name)) or any(others)


# -- the orphans that were there before, told row by row from those that a change makes ---------------------------
# A count does not tell them apart: where one row finds its parent and another one loses its own, it stays the same.

MOST_COLUMNS = 100
"""By how many columns rows are told apart at most, where they have no key that stays."""
MOST_INDEXED = 8


def old_orphans(schema: Schema, fk: ForeignKey, number: int, written: Collection[str], besides: str = "") -> OldOrphans:
    """How to gather the orphans of a relationship, and how to count those that are none of them afterwards.

    A row is known by what tells it from any other. Where the change writes that, or where there is none, it is known by
    the columns that are not written, and of rows that are alike in these there may be no more than before.

    Args:
        number: makes the name of the temporary table one of its own.
        written: the columns of the child that the change writes.
        besides: further SQL, beginning with AND, that is true of the rows ``c`` which count afterwards if not all do.
    """
    child, table = schema.known_table(fk.child), free_name(schema, f"sqlfix_orphans_{number}")
    changed = set(map(folded, written))
    orphans = f"FROM {quote(fk.child)} AS c WHERE {orphan(schema, fk)}"
    if child.row_id and not changed & set(map(folded, child.row_id)):
        return _by_key(child, table, orphans, besides)
    return _by_values(child, table, orphans, changed)


def _by_key(child: Table, table: str, orphans: str, besides: str) -> OldOrphans:
    keys = ", ".join(f"+c.{quote(name)} AS k{place}" for place, name in enumerate(child.row_id))
    return OldOrphans(
        table,
        gather(table, f"SELECT {keys} {orphans}", gathered_keys(child)),
        f"SELECT count(*) {orphans} AND NOT EXISTS (SELECT 1 FROM temp.{table} AS b WHERE"
        f" {is_gathered(child, 'b', 'c')}){besides}",
    )


def _by_values(child: Table, table: str, orphans: str, changed: set[str]) -> OldOrphans:
    stored = [name for name in child.writable if folded(name) not in changed]
    told = [f"+c.{quote(name)} COLLATE BINARY" for name in stored[:MOST_COLUMNS]] or ["1"]
    keys = [f"k{place}" for place in range(len(told))]
    named = ", ".join(f"{term} AS {key}" for term, key in zip(told, keys, strict=True))
    grouped = f"SELECT {named}, count(*) AS n {orphans} GROUP BY {', '.join(keys)}"
    same = " AND ".join(f"b.{key} IS g.{key}" for key in keys)
    before = f"ifnull((SELECT b.n FROM temp.{table} AS b WHERE {same}), 0)"
    return OldOrphans(
        table,
        gather(table, grouped, ", ".join(keys[:MOST_INDEXED])),
        f"SELECT ifnull(sum(n - before), 0) FROM (SELECT g.n AS n, {before} AS before FROM ({grouped}) AS g)"
        " WHERE n > before",
    )


# -- what full-text indexes keep of rows that a plan deletes, where the application takes them out ----------------

CHECK = "fts-out-of-step"
"""The check that finds such an index afterwards."""


def left_in_indexes(
    connection: sqlite3.Connection, schema: Schema, deleted_from: Iterable[str], written_to: Iterable[str]
) -> Iterator[Left]:
    """Each full-text index of the text in one of some tables, as something that a plan may leave out of step.

    Triggers may take the rows out of it as well: what is left in the end its ``count_sql`` counts in a rehearsal, the
    rows aside that the index has without a row before.

    Args:
        deleted_from: the tables of which rows are deleted.
        written_to: these and the others that are changed; if one of them has triggers, they may delete from any table.
    """
    names = {folded(name) for name in deleted_from}
    if any(table.triggers for name in written_to if (table := schema.table(name))):
        names |= {folded(table.name) for table in schema.tables}
    for table in schema.tables:
        index = documents_of(schema, table) if table.kind == "virtual" else None
        query = gone_rows(index, "count(*)") if index and folded(index.content) in names else None
        if index is None or query is None:
            continue
        try:
            before = int(connection.execute(query).fetchone()[0])
        except sqlite3.DatabaseError as error:
            stop_if_interrupted(error)
            continue  # a scan says that the index could not be checked
        name = quote(table.name)
        yield Left(
            CHECK, table.name, (), None, (), 0,
            f"the index still has what is deleted from {index.content}: no trigger removes it",
            f"INSERT INTO {name}({name}) VALUES ('rebuild') rebuilds it from its text, after the repair",
            gone_rows(index, f"max(count(*) - {before}, 0)"),
        )  # fmt: skip
