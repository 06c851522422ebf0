"""The stage that brings missing parents back from donors, as fixes that carry the rows in their statements."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from sqlfix.model.plans import Change, Fix
from sqlfix.model.schema import Schema, Table
from sqlfix.model.values import NotUtf8, Value, folded, name_of_rowid
from sqlfix.plan.added_rows import Ended, Growing, Restored
from sqlfix.plan.apply import table_sizes
from sqlfix.plan.fix import FIXES
from sqlfix.plan.policy import ORPHANS, Policy
from sqlfix.plan.rehearsal import private_copy
from sqlfix.plan.restoring import Restoring
from sqlfix.plan.stage import Stage
from sqlfix.schema.database import Database
from sqlfix.sql.literals import all_of, literal, quote
from sqlfix.sql.own_names import free_name
from sqlfix.sqlite.deadline import limited
from sqlfix.text import plural, shown_name

PIECE_ROWS, PIECE_BYTES = 50_000, 16 << 20
"""How many rows, and how many bytes of text and BLOBs, one statement of a plan carries at most."""
AS_LONG_AS = 100_000
"""To try out what comes back may take as long as so many rows of a database: see `limited`."""


def restore_parents(database: Database, policy: Policy) -> Stage:
    """Bring back the missing parents that the policy's donors have, with all their columns and their own parents."""
    closed: dict[str, str] = {}
    policy = replace(policy, held=tuple(held for held in policy.held if not held.by_donors))  # it may look again
    while True:
        with private_copy(database.connection) as copy:
            copy.execute("BEGIN")
            work = Restoring(copy, database.schema, policy, closed)
            try:
                with limited(AS_LONG_AS + sum(table_sizes(copy, database.schema).values()), copy):
                    grown = work.run()
                    left = list(work.left())
            except Ended as ended:  # each round closes one table more
                closed[folded(ended.table)] = ended.reason
                continue
        fixes = tuple(_fixes(database.schema, grown))
        policy = policy.holding(*(held for _, held in left))
        return Stage(policy, fixes, tuple(part for part, _ in left if part is not None))


def _fixes(schema: Schema, grown: Iterable[Growing]) -> Iterator[Fix]:
    """A fix for each table, donor, set of columns, and key that has a value in each row; several for very many rows."""
    number = 0
    for each in grown:
        kinds: dict[tuple[str, tuple[str, ...], tuple[str, ...]], list[Restored]] = {}
        for row in each.rows.values():
            kinds.setdefault((row.donor, row.columns, _key_of(each.table, row)), []).append(row)
        for (_, _, key), rows in kinds.items():
            for piece in _in_pieces(rows):
                number += 1
                yield _fix(schema, each.table, key, piece, free_name(schema, f"sqlfix_donor_{number}"))


def _in_pieces(rows: list[Restored]) -> Iterator[list[Restored]]:
    """Some rows at a time, so that no statement is too long for whoever runs it."""
    piece: list[Restored] = []
    size = 0
    for row in rows:
        if len(piece) == PIECE_ROWS or (piece and size + row.size > PIECE_BYTES):
            yield piece
            piece, size = [], 0
        piece.append(row)
        size += row.size
    yield piece


def _key_of(table: Table, row: Restored) -> tuple[str, ...]:
    """The key that tells whether a row is there: one without a NULL, which is equal to nothing; empty without one."""
    given = {name for name, value in zip(row.columns, row.values, strict=True) if value is not None}
    return next((key for key in table.keys if set(key) <= given), ())


def _fix(schema: Schema, table: Table, key: tuple[str, ...], rows: list[Restored], carried: str) -> Fix:
    """The fix that adds the rows of one donor to a table, from a temporary table that it makes of them."""
    donor, columns = rows[0].donor, rows[0].columns
    change = Change(
        "insert",
        table.name,
        where=_is_missing(table, key) if key else _is_alone(table, columns, carried),
        set={name: f"d.{quote(name)}" for name in columns},
        source=f"FROM temp.{carried} AS d",
    )
    fix = FIXES["restore-parents"].step(
        schema,
        (table.name, key or columns, None, ()),
        change,
        checks=(ORPHANS,),
        rows=len(rows),
        written=(),  # no row that was there before
        why=f"from {donor}{_cut(table, rows)}",
    )
    return fix.between(_carry(carried, columns, rows), (f"DROP TABLE temp.{carried}",))


def _cut(table: Table, rows: Sequence[Restored]) -> str:
    """What is said of the keys that come back as NULL."""
    columns = sorted({name for row in rows for name in row.cut})
    they = plural(sum(bool(row.cut) for row in rows), "row")
    listed = ", ".join(map(shown_name, columns))
    return f"; {listed} of {they} becomes NULL, since it has no parent" if columns else ""


def _is_missing(table: Table, columns: Sequence[str]) -> str:
    """True where no row ``p`` of the table has the key of a carried row ``d``."""
    wanted = {folded(name) for name in columns}
    by: dict[str, str] = {}
    for index in table.indexes:
        if index.unique and not index.partial and {folded(column.name or "") for column in index.columns} == wanted:
            by = {folded(column.name or ""): f" COLLATE {quote(column.collation)}" for column in index.columns}
    there = all_of([f"p.{quote(name)}{by.get(folded(name), '')} = d.{quote(name)}" for name in columns])
    return f"NOT EXISTS (SELECT 1 FROM {quote(table.name)} AS p WHERE {there})"


def _is_alone(table: Table, columns: Sequence[str], carried: str) -> str:
    """True where no row of the table has all values of a carried row ``d``; the table is read once for all of them."""
    number = name_of_rowid(columns)
    carry = "e" if number else "d"
    # the first comparison can be looked up, by an index that SQLite makes; the second one is exact
    same = [f"p.{quote(name)} IS {carry}.{quote(name)}" for name in columns]
    same += [f"+p.{quote(name)} IS +{carry}.{quote(name)} COLLATE BINARY" for name in columns]
    same += [f"typeof(p.{quote(name)}) = typeof({carry}.{quote(name)})" for name in columns]
    if number is None:
        return f"NOT EXISTS (SELECT 1 FROM {quote(table.name)} AS p WHERE {all_of(same)})"
    found = f"FROM temp.{carried} AS e CROSS JOIN {quote(table.name)} AS p ON {all_of(same)}"
    return f"d.{number} NOT IN (SELECT e.{number} {found})"


def _carry(name: str, columns: Sequence[str], rows: Sequence[Restored]) -> tuple[str, ...]:
    """The statements that write rows down in a temporary table, each value as it is."""
    listed = ", ".join(f"column{place} AS {quote(column)}" for place, column in enumerate(columns, 1))
    values = ",\n  ".join(f"({', '.join(map(_bare, row.values))})" for row in rows)
    return (
        f"DROP TABLE IF EXISTS temp.{name}",
        f"CREATE TEMP TABLE {name} AS SELECT {listed} FROM (VALUES\n  {values}\n)",
    )


def _bare(value: Value) -> str:
    """A value as a literal without an affinity, which would become that of its column."""
    return f"+{literal(value)}" if isinstance(value, NotUtf8) else literal(value)
