"""Bringing parked rows back: those whose parents are there again, each whole and where it stood."""

import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import groupby

from sqlfix.errors import Refused
from sqlfix.frozen import frozen
from sqlfix.model.plans import Change, Fix, Left, Plan
from sqlfix.model.schema import Schema, Table
from sqlfix.model.values import Applicability, Loss, Value, folded
from sqlfix.plan.apply import FixFailed, table_sizes
from sqlfix.plan.policy import ORPHANS
from sqlfix.plan.rehearsal import plan_changes, private_copy
from sqlfix.schema.database import Database
from sqlfix.schema.names import require_table
from sqlfix.sql.literals import literal, names, quote, rows_of_literals
from sqlfix.sql.lost_and_found import read_row
from sqlfix.sql.parked_table import NAME, is_ours
from sqlfix.sql.predicates import is_row, orphan
from sqlfix.sql.statements import statement
from sqlfix.sql.tokens import has_words
from sqlfix.sqlite.deadline import limited
from sqlfix.sqlite.failures import in_words, require_refusal

AT_A_TIME = 200
"""Rows of one statement."""


@frozen
class Parked:
    """A parked row: its number, its table and its values."""

    number: int
    table: Table
    values: Mapping[str, Value]


def unpark(database: Database, table: str | None = None) -> Plan:
    """The plan that brings parked rows back, with the figures of a rehearsal; read only.

    A row whose parent is parked as well comes back with it. What cannot come back is left, with the reason.

    Args:
        table: only rows of this table.

    Raises:
        Refused: where there is no table of parked rows, or no table of that name.
    """
    schema = database.schema
    own = schema.table(NAME)
    if own is None or not is_ours(own):
        raise Refused(f"{database.name} has no parked rows: there is no table {NAME} that sqlfix made")
    only = folded(require_table(schema, table).name) if table is not None else None
    with private_copy(database.connection) as copy:
        copy.execute("BEGIN")
        left: Counter[tuple[str, str]] = Counter()
        rows = list(_read(copy, schema, only, left))
        size = sum(table_sizes(copy, schema).values())
        with limited(size, copy, statements=len(rows)):  # a trigger of the file may be written so as never to end
            back = list(_bring_back(copy, schema, rows, left))
        copy.execute("ROLLBACK")
        parts = tuple(
            Left(ORPHANS, name, (), None, (), count, reason) for (name, reason), count in sorted(left.items())
        )
        fixes = (*_inserts(back), *_forget(schema, back))
        if not fixes:
            return Plan(database.name, (), parts, (), (), schema=schema)
        try:
            plan = plan_changes(copy, schema, database.name, fixes)
        except FixFailed as failed:
            raise Refused(
                f"the rows cannot be brought back: {failed.fix.table}: {failed}", "nothing was changed"
            ) from failed
    return replace(plan, left=(*parts, *plan.left), schema=schema)


def _read(
    copy: sqlite3.Connection, schema: Schema, only: str | None, left: Counter[tuple[str, str]]
) -> Iterator[Parked]:
    """The rows that can be read, in the order in which they were parked; of the others why not."""
    encoding = str(copy.execute("PRAGMA encoding").fetchone()[0])
    for number, name, text in copy.execute(f"SELECT id, table_name, row FROM {NAME} ORDER BY id").fetchall():
        if only not in (None, folded(str(name))):
            continue
        table = schema.table(str(name))
        reason = f"there is no table {name} any more"
        if table is not None and table.kind == "table":
            try:
                values = read_row(text, encoding)
            except (ValueError, TypeError):
                reason = "what was parked cannot be read"
            else:
                gone = [key for key in values if not ((column := table.column(key)) and not column.generated)]
                if not gone:
                    yield Parked(number, table, values)
                    continue
                reason = f"there is no column {gone[0]} any more"
        left[str(name), reason] += 1


def _bring_back(
    copy: sqlite3.Connection, schema: Schema, rows: list[Parked], left: Counter[tuple[str, str]]
) -> Iterator[Parked]:
    """The rows that can come back, in an order in which each has its parents; they are put into the copy."""
    while rows:
        reasons = []
        for row in rows:
            if reason := _why_not(copy, schema, row):
                reasons.append((row, reason))
            else:
                yield row
        if len(reasons) == len(rows):
            left.update((row.table.name, reason) for row, reason in reasons)
            return
        rows = [row for row, _ in reasons]


def _why_not(copy: sqlite3.Connection, schema: Schema, row: Parked) -> str | None:
    """Put a row into the copy; or why it cannot be there."""
    copy.execute("SAVEPOINT sqlfix_row")
    try:
        number = copy.execute(_insert([row])).lastrowid
        reason = _parent_missing(copy, schema, row, number)
    except sqlite3.Error as error:
        require_refusal(error)
        reason = f"SQLite refuses it: {in_words(error)}"
    if copy.in_transaction:  # a trigger's RAISE(ROLLBACK) would have ended it
        copy.execute(f"{'ROLLBACK TO' if reason else 'RELEASE'} sqlfix_row")
    else:
        raise Refused(f"the rows cannot be brought back: {reason}", "nothing was changed")
    return reason


def _parent_missing(copy: sqlite3.Connection, schema: Schema, row: Parked, number: int | None) -> str | None:
    table = row.table
    if not table.row_id:
        return "its rows cannot be identified: the table has columns named rowid, _rowid_ and oid"
    keys = [literal(row.values.get(name)) for name in table.row_id] if table.without_rowid else [str(number)]
    here = f"FROM {quote(table.name)} AS c WHERE {is_row(table, 'c', keys)}"
    if not copy.execute(f"SELECT 1 {here}").fetchone():
        return "a trigger of the file keeps it out"
    for fk in {fk.subject: fk for fk in table.foreign_keys if fk.fault is None}.values():
        if copy.execute(f"SELECT 1 {here} AND {orphan(schema, fk)}").fetchone():
            return f"there is no parent in {fk.parent} ({', '.join(fk.child_columns)})"
    return None


def _insert(rows: list[Parked]) -> str:
    table, columns = rows[0].table, tuple(rows[0].values)
    or_abort = " OR ABORT" if has_words(table.sql, "on", "conflict") else ""
    listed = rows_of_literals(row.values.values() for row in rows)
    return f"INSERT{or_abort} INTO {quote(table.name)} ({names(columns)}) VALUES {listed}"


def _inserts(back: Iterable[Parked]) -> Iterator[Fix]:
    """The steps that put rows back, each for some that stood in one table."""
    for _, some in groupby(back, key=lambda row: (row.table.name, tuple(row.values))):
        rows = list(some)
        table = rows[0].table
        yield Fix(
            "unpark", table.name, tuple(rows[0].values), None, (), (ORPHANS,), len(rows), Applicability.LOSSLESS,
            Loss.NOTHING, tuple(_insert(rows[at : at + AT_A_TIME]) for at in range(0, len(rows), AT_A_TIME)),
            "insert", why="rows that were parked, and whose parents are there",
        )  # fmt: skip


def _forget(schema: Schema, back: list[Parked]) -> Iterator[Fix]:
    """The step that takes those rows out of the table of parked rows."""
    if not back:
        return
    listed = [str(row.number) for row in back]
    changes = (
        Change("delete", NAME, f"c.id IN ({', '.join(listed[at : at + AT_A_TIME])})")
        for at in range(0, len(listed), AT_A_TIME)
    )
    yield Fix(
        "unpark", NAME, ("row",), None, (), (ORPHANS,), len(back), Applicability.LOSSLESS, Loss.ROWS,
        tuple(statement(schema, change) for change in changes), "delete", why="they are back in their tables",
    )  # fmt: skip
