"""Running the fixes of a plan inside a transaction that is already open, and looking at what they did."""

import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlfix.model.plans import Expectation, Fix
from sqlfix.model.schema import Schema
from sqlfix.scan.orphans import Probe
from sqlfix.scan.run import count_rows, look_at
from sqlfix.sqlite.deadline import TOO_LONG, was_cut_off
from sqlfix.sqlite.failures import in_words, is_lacking, require_refusal
from sqlfix.sqlite.snapshot import ReaderPool

BYTES_OF_A_ROW = 4096
"""So many bytes of a statement may take as long as a row of a table."""


class FixFailed(Exception):
    """SQLite refused a statement of a fix; ``place`` is the fix's place in the plan."""

    def __init__(self, place: int, fix: Fix, error: sqlite3.Error) -> None:
        super().__init__(TOO_LONG if was_cut_off() else in_words(error))
        self.place = place
        self.fix = fix
        self.error = error


@dataclass(frozen=True, slots=True)
class Applied:
    """What the fixes did: rows for each fix, and how many changes SQLite counted in all, those of triggers too.

    ``idle`` says for each fix that neither it nor a trigger that it set off changed any row.
    """

    rows: tuple[int, ...]
    changes: int
    idle: tuple[bool, ...]


def apply_fixes(
    connection: sqlite3.Connection,
    fixes: Sequence[Fix],
    expectations: Iterable[Expectation] = (),
    progress: Callable[[int, Fix], object] | None = None,
) -> Applied:
    """Run every statement of every fix, in order.

    Args:
        expectations: of these the orphans that are there before are gathered: after each REINDEX, since a damaged index
            hides some, and before all else.

    Raises:
        FixFailed: at the first statement that SQLite refuses.
        sqlite3.Error: where the disk is full, or fails.
    """
    before = connection.total_changes
    rows, idle = [], []
    first = next((place for place, fix in enumerate(fixes) if fix.kind != "reindex"), None)
    for place, fix in enumerate(fixes):
        if place == first:
            _gather_orphans(connection, expectations)
        if progress:
            progress(place, fix)
        changes = connection.total_changes
        try:
            rows.append(sum(max(connection.execute(statement).rowcount, 0) for statement in fix.statements))
            if fix.remaining_sql and (left := int(connection.execute(fix.remaining_sql).fetchone()[0])):
                raise sqlite3.IntegrityError(f"{left:,} row{'s' * (left != 1)} would still be at fault")
        except sqlite3.Error as error:
            require_refusal(error)  # a full disk is no fault of the fix: it is not to be left out for that
            raise FixFailed(place, fix, error) from error
        idle.append(connection.total_changes == changes)
    if first is None:
        _gather_orphans(connection, expectations)
    return Applied(tuple(rows), connection.total_changes - before, tuple(idle))


def _gather_orphans(connection: sqlite3.Connection, expectations: Iterable[Expectation]) -> None:
    for expectation in expectations:
        for statement in expectation.before.gather if expectation.before else ():
            connection.execute(statement)


@dataclass(frozen=True, slots=True)
class Remaining:
    """How many orphans a relationship has now, and how many of these rows were none before."""

    orphans: int
    broken: int = 0


def orphans_left(
    connection: sqlite3.Connection, schema: Schema, expectations: Iterable[Expectation]
) -> tuple[Remaining, ...]:
    """How many orphans each relationship has now; the rows are compared with those that `apply_fixes` gathered."""
    wanted = list(expectations)
    look = look_at(ReaderPool([connection]), schema, only=[e.foreign_key for e in wanted])
    found = []
    for expectation in wanted:
        orphans, broken = Probe(connection, schema, expectation.foreign_key, look).count_flagged(), 0
        if expectation.before is not None:
            if orphans:
                broken = int(connection.execute(expectation.before.broken_sql).fetchone()[0])
            connection.execute(f"DROP TABLE temp.{expectation.before.table}")
        found.append(Remaining(orphans, broken))
    return tuple(found)


def carried(fixes: Iterable[Fix]) -> int:
    """About how many rows take the time that fixes need to write what their statements carry: for `limited`."""
    return sum(fix.rows + sum(map(len, fix.statements)) // BYTES_OF_A_ROW for fix in fixes if fix.kind == "insert")


def table_sizes(connection: sqlite3.Connection, schema: Schema) -> Mapping[str, int]:
    """The number of rows of every ordinary table that can be read."""
    sizes = {}
    for table in schema.tables:
        if table.kind == "table" and not table.unreadable:
            try:
                sizes[table.name] = count_rows(connection, table.name)
            except sqlite3.OperationalError as error:
                if not is_lacking(error):
                    raise
    return sizes
