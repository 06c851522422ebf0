"""What a repair did, verified inside its transaction against what its plan promised."""

from __future__ import annotations

from collections.abc import Mapping

from sqlfix.errors import RolledBack
from sqlfix.frozen import frozen
from sqlfix.model.plans import Expectation, Plan
from sqlfix.model.schema import ForeignKey, Schema
from sqlfix.model.values import folded
from sqlfix.plan.apply import Applied, Remaining, orphans_left, table_sizes
from sqlfix.repair.archive import Archive, Rows
from sqlfix.sql.literals import quote
from sqlfix.sql.predicates import orphan
from sqlfix.text import address

AGAIN = "nothing was changed; run it again"
WRITTEN_SINCE = "another program has written to the file since the plan was made: run it again"


@frozen
class ToVerify:
    """How each expectation of a plan is verified: by the rows that were ``changed``, or by a look at ``whole`` tables.

    ``compared``: no trigger of our own takes part; where those of the file do, the changes are those of the rehearsal.
    Else each row is seen once more by a trigger of our own.
    """

    plan: Plan
    compared: bool
    changed: tuple[Expectation, ...] = ()

    @property
    def whole(self) -> tuple[Expectation, ...]:
        """The expectations for which all rows of both tables are looked at."""
        changed = {e.foreign_key.subject for e in self.changed}
        return tuple(e for e in self.plan.expectations if e.foreign_key.subject not in changed)


def to_verify(plan: Plan, compared: bool, stamp: str | None) -> ToVerify:
    """How a plan is to be verified.

    By the rows that were changed where nobody has written to the file since the plan was made: then the number of
    orphans that the scan found is that before the change. Our own trigger gathers each row that is changed,
    and the number of changes that SQLite counts proves that there was no other one; see `told_by_changes` for what
    follows from that.

    Args:
        stamp: that of the file, which is locked.
    """
    assert plan.schema is not None
    same = plan.scanned is not None and plan.scanned == stamp
    return ToVerify(plan, compared, told_by_changes(plan.schema, plan) if same and not compared else ())


def verify(archive: Archive, wanted: ToVerify, applied: Applied) -> None:
    """Raise RolledBack if anything is not as it was planned."""
    plan, rows_changed = wanted.plan, sum(applied.rows)
    for fix, rows in zip(plan.fixes, applied.rows, strict=True):
        if rows != fix.rows:
            raise RolledBack(
                f"{fix.name} on {fix.table} met {rows:,} rows, but {fix.rows:,} were planned;"
                " everything was rolled back",
                WRITTEN_SINCE,
            )
    planned = rows_changed if plan.changes is None else plan.changes
    if applied.changes != (planned if wanted.compared else 2 * rows_changed):
        raise RolledBack("something other than the plan changed rows; everything was rolled back", AGAIN)
    for expectation in wanted.changed:
        _require(expectation, by_changes(archive, expectation))
    left = orphans_left(archive.connection, archive.schema, wanted.whole) if wanted.whole else ()
    for expectation, remaining in zip(wanted.whole, left, strict=True):
        _require(expectation, remaining)


def _require(expectation: Expectation, remaining: Remaining) -> None:
    fk = expectation.foreign_key
    where = address(fk.child, fk.child_columns)
    if remaining.broken:
        lost = "1 row" if remaining.broken == 1 else f"{remaining.broken:,} rows"
        raise RolledBack(f"{where}: {lost} lost the parent in {fk.parent}; everything was rolled back", WRITTEN_SINCE)
    if remaining.orphans != expectation.remaining:
        raise RolledBack(
            f"{where} has {remaining.orphans:,} orphans, but {expectation.remaining:,} were expected;"
            " everything was rolled back",
            WRITTEN_SINCE,
        )


def by_changes(archive: Archive, expectation: Expectation) -> Remaining:
    """How many orphans a relationship has now, by the rows of its child that changed."""
    fk, was = expectation.foreign_key, expectation.was
    assert was is not None
    changed = next((archive.rows(a) for a in archive.tables if folded(a.table) == folded(fk.child)), None)
    if changed is None:
        return Remaining(was)
    is_orphan, run = orphan(archive.schema, fk), archive.connection.execute
    gone, now = (f"(SELECT {is_orphan} FROM (SELECT {_key(changed, fk, side)}) AS c)" for side in ("old", "new"))
    pairs = f"SELECT n, {gone} AS gone, {now} AS now FROM {_pairs_of_keys(changed, fk)} LIMIT -1"
    told = "total(n) FILTER (WHERE gone), total(n) FILTER (WHERE now), total(n) FILTER (WHERE now AND NOT gone)"
    less, more, broken = map(int, run(f"SELECT {told} FROM ({pairs})").fetchone())
    deletions = f"(SELECT {_key(changed, fk, 'old')} FROM {changed.source} WHERE what = 'delete') AS c"
    (deleted,) = run(f"SELECT count(*) FROM {deletions} WHERE {is_orphan}").fetchone()
    return Remaining(was - less - deleted + more, broken)


def _key(changed: Rows, fk: ForeignKey, side: str) -> str:
    """The key of a row of the archive as it was, or as it became, in the columns of the child."""
    column = changed.old if side == "old" else changed.new
    return ", ".join(f"{column(name)} AS {quote(name)}" for name in dict.fromkeys(fk.child_columns))


def _pairs_of_keys(changed: Rows, fk: ForeignKey) -> str:
    """A FROM clause for the keys of updated rows, each as it was and as it became, once; ``n`` rows have it.

    Whether a row is an orphan depends on nothing but its key, as it is stored: so a parent is looked up for each pair,
    and not for each row. The keys of deleted rows are mostly different ones.
    """
    names = dict.fromkeys(fk.child_columns)
    columns = [column(name) for column in (changed.old, changed.new) for name in names]
    by_value = ", ".join(f"{column} COLLATE BINARY, typeof({column})" for column in columns)
    listed = ", ".join(columns)
    return f"(SELECT {listed}, count(*) AS n FROM {changed.source} WHERE what = 'update' GROUP BY {by_value}) AS r"


def verify_sizes(archive: Archive, plan: Plan, before: Mapping[str, int]) -> None:
    """With triggers at work, every table of the file has the number of rows that it had on the copy.

    Raises:
        RolledBack: if one has not.
    """
    expected = dict(before)
    for total in plan.totals:
        expected[total.table] += total.by_triggers + total.added - total.deleted
    for name, rows in table_sizes(archive.connection, archive.schema).items():
        if rows != expected[name]:
            raise RolledBack(
                f"{name} has {rows:,} rows, but {expected[name]:,} were expected (a trigger?);"
                " everything was rolled back",
                AGAIN,
            )


# -- for which relationships the rows that are changed are all that has to be looked at ---------------------------


def told_by_changes(schema: Schema, plan: Plan) -> tuple[Expectation, ...]:
    """The expectations of a plan that can be verified by the rows that it changed, if it changed no others.

    Whether a row of the child is an orphan depends on its own key, and on which keys the parents have. Where no step
    deletes, adds or rekeys a parent, the keys of the parents stay. So a row that stays as it was stays what it was, and
    the number of orphans afterwards is what it was before, less the changed rows that were orphans, and the changed
    rows that are some now. All of these are looked up among the parents as they are afterwards, which are the same as
    before.

    None can be where a trigger may change further rows, where rows are added, or where REINDEX may show what a damaged
    index hid.
    """
    changed = {folded(total.table) for total in plan.totals} | {folded(fix.table) for fix in plan.fixes}
    triggers = any(table.triggers for table in schema.tables if folded(table.name) in changed)
    if triggers or any(fix.kind not in ("delete", "update") for fix in plan.fixes) or any(t.added for t in plan.totals):
        return ()
    return tuple(e for e in plan.expectations if e.was is not None and _keeps_parents(schema, plan, e.foreign_key))


def _keeps_parents(schema: Schema, plan: Plan, fk: ForeignKey) -> bool:
    """True if the parents of a relationship have the same keys after a plan, and none of its columns is computed."""
    child, parent = schema.table(fk.child), schema.table(fk.parent)
    if fk.fault or child is None or parent is None:
        return False
    ends = [*map(child.column, fk.child_columns), *map(parent.column, fk.parent_columns)]
    if any(column is None or column.generated for column in ends):
        return False
    key = {folded(name) for name in fk.parent_columns}
    steps = [fix for fix in plan.fixes if folded(fix.table) == folded(fk.parent)]
    return all(fix.kind == "update" and key.isdisjoint(map(folded, fix.written)) for fix in steps)
