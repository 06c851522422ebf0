"""The plan as an SQL script: the same statements that a repair runs, with words around them."""

from __future__ import annotations

from collections.abc import Iterator

from sqlfix.display import deed, shown
from sqlfix.model import Expectation, Fix, Left, Plan, folded
from sqlfix.sql import literal

CHECK_TABLE = "sqlfix_check"


def script(plan: Plan, transaction: bool = True) -> Iterator[str]:
    """The script, in lines without their line ends.

    It can be run twice: the statements pick their rows by the rule, not by a list, so the second time they find none.
    At its end it counts what is left without a parent, and an unexpected row makes it fail and roll back. With
    ``transaction`` False it neither begins nor ends one, for a host that does so itself.

    The transaction is begun without taking the lock: if the lock cannot be had, the first statement fails inside it,
    and the check at the end takes everything back. A BEGIN that itself failed would leave the statements after it to
    run one by one.
    """
    yield from _head(plan, transaction)
    if not plan.fixes:
        yield "-- Nothing is done; see below." if plan.left else "-- Nothing is to be done."
    else:
        if transaction:
            yield "PRAGMA foreign_keys = OFF;"
            yield "BEGIN;"
        for place, fix in enumerate(plan.fixes, 1):
            yield ""
            yield from comment(f"{place}. {deed(fix)} [{fix.name}]")
            for statement in fix.statements:
                yield f"{statement};"
        yield ""
        yield from _assertion(plan, transaction)
        if transaction:
            yield "COMMIT;"
    if plan.left:
        yield ""
        yield from comment("Left as it is:")
        for left in plan.left:
            yield from comment(f"  {left_in_words(left)}")


def _head(plan: Plan, transaction: bool) -> Iterator[str]:
    yield from comment(f"Repair of {plan.database}, written by sqlfix.")
    if transaction:
        yield from comment("Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT")
    else:
        yield from comment("To be run inside a transaction, with foreign keys OFF since before it began.")
    for total in plan.totals:
        parts = []
        if total.deleted:
            parts.append(f"{total.deleted:,} of {total.before:,} rows deleted")
        if total.changed:
            parts.append(f"{total.changed:,} of {total.before:,} rows changed")
        if total.by_triggers:
            parts.append(f"{total.by_triggers:+,} rows by the file's own triggers")
        yield from comment(f"  {total.table}: {', '.join(parts)}")


def _assertion(plan: Plan, transaction: bool) -> Iterator[str]:
    otherwise = "ROLLBACK" if transaction else "ABORT"
    yield from comment("No more may be at fault than is listed as left: else all of it is taken back.")
    table = CHECK_TABLE
    used = {folded(fix.table) for fix in plan.fixes}
    used |= {folded(name) for e in plan.expectations for name in (e.foreign_key.child, e.foreign_key.parent)}
    while table in used:
        table += "_"  # it would hide a table of the file that is called so
    yield f"DROP TABLE IF EXISTS temp.{table};"
    yield (
        f"CREATE TEMP TABLE {table} (what TEXT, rows INTEGER, expected INTEGER,"
        ' CONSTRAINT "faults remain: nothing was changed" CHECK (rows <= expected));'
    )
    for expectation in plan.expectations:
        yield (
            f"INSERT OR {otherwise} INTO temp.{table} VALUES ({literal(_name(expectation))},"
            f" ({expectation.orphans_sql}), {expectation.remaining});"
        )
    for fix in plan.fixes:
        if fix.remaining_sql:
            yield f"INSERT OR {otherwise} INTO temp.{table} VALUES ({literal(_place(fix))}, ({fix.remaining_sql}), 0);"
    yield f"DROP TABLE temp.{table};"


def _place(fix: Fix) -> str:
    return shown(f"{fix.checks[0]}: {fix.table}.{','.join(fix.columns)}")


def _name(expectation: Expectation) -> str:
    return shown(f"{expectation.foreign_key.child}.{','.join(expectation.foreign_key.child_columns)}")


def left_in_words(left: Left) -> str:
    """What is left and why."""
    where = f"{left.table} ({', '.join(left.columns)})" if left.columns else left.table
    rows = f"{left.count:,} {'row' if left.count == 1 else 'rows'} of " if left.count else ""
    return f"{left.check}: {rows}{where}: {left.reason}"


def comment(text: str) -> Iterator[str]:
    """A comment of one line: a name that holds a line break cannot end it and go on as SQL."""
    yield f"-- {shown(text)}"
