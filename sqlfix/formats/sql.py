"""The plan as an SQL script: the same statements that a repair runs, with words around them."""

from collections.abc import Iterator

from sqlfix.model.plans import Expectation, Left, Meant, OldOrphans, Plan, SchemaPlan
from sqlfix.prose.format import FORMATS, Script, View, later
from sqlfix.prose.plan import alternatives, deed, preview, step_name
from sqlfix.sql.literals import free_of, literal
from sqlfix.sql.script_text import OTHER_ROWS, carried, closing, comment, distinct, opening
from sqlfix.text import address, plural, shown

CHANGES = ("DELETE", "INSERT", "UPDATE")
"""How a statement begins that changes rows.

After each of them the script writes down changes(), how many rows it was. Where SQLite could not even read the
statement, that is still the number of the one before: the other checks see what it has left.
"""

ENFORCED = "PRAGMA foreign_keys"
"""What the check at the end asks first: with foreign keys enforced, the deletes have taken other rows along."""


def script(document: Script, view: View) -> Iterator[str]:
    """The script, line by line; it is the same for whoever looks at it.

    At its end it looks at what it did: each step met as many rows as were planned, and no more is at fault than is
    listed as left; else it fails and rolls back. It can be run twice: the statements pick their rows by the rule, not
    by a list, so the second time they find none, and that is right as well.
    """
    for line in _lines(*document):
        if line.endswith(";") and not line.startswith("--"):
            yield from (f"{each}\n" for each in carried(line.removesuffix(";")))
        else:
            yield f"{line}\n"


def _lines(plan: Plan, transaction: bool, meant: Meant | None) -> Iterator[str]:
    yield from _head(plan, transaction, meant)
    if not plan.fixes:
        yield "-- Nothing is done; see below." if plan.left else "-- There is nothing to do."
    else:
        yield from _body(plan, transaction, meant)
    if plan.left:
        yield ""
        yield comment("Left unchanged:")
        for left in plan.left:
            yield comment(f"  {left_in_words(left)}")


def _head(plan: Plan, transaction: bool, meant: Meant | None) -> Iterator[str]:
    what = f"Deletion of one row of {meant.table} in" if meant else "Repair of"
    yield comment(f"{what} {plan.database}, written by sqlfix.")
    if transaction:
        yield comment("Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT")
    else:
        yield comment("Run this inside a transaction, with foreign keys OFF since before it began.")
    if meant is not None and meant.by_rowid:
        yield comment(f"{meant.table} has no key, so the row is named by its rowid. The script works for this file")
        yield comment("only: not after a VACUUM, nor for a dump or a copy loaded from one.")
    for total in plan.totals:
        parts = (
            (total.deleted, f"{total.deleted:,} of {total.before:,} rows deleted"),
            (total.changed, f"{total.changed:,} of {total.before:,} rows changed"),
            (total.added, f"{plural(total.added, 'row')} added to {total.before:,}"),
            (total.by_triggers, f"{total.by_triggers:+,} rows by the file's own triggers"),
        )
        yield comment(f"  {total.table}: {', '.join(said for rows, said in parts if rows)}")


def _body(plan: Plan, transaction: bool, meant: Meant | None) -> Iterator[str]:
    """The statements, and what stands around them."""
    changed = distinct(fix.table for fix in plan.fixes)
    named = [*changed, *(name for e in plan.expectations for name in (e.foreign_key.child, e.foreign_key.parent))]
    done, check = free_of("sqlfix_done", named), free_of("sqlfix_check", named)
    if transaction:
        yield from opening(changed)
    yield from (f"{statement};" for statement in plan.prepares)
    yield f"DROP TABLE IF EXISTS temp.{done};"
    yield f"CREATE TEMP TABLE {done} (step INTEGER, planned INTEGER, rows INTEGER);"
    if meant is not None:
        yield "-- Check: the row to delete is there."
        yield f"INSERT INTO temp.{done} VALUES (0, 1, ({meant.there_sql}));"
    first = next((place for place, fix in enumerate(plan.fixes, 1) if fix.kind != "reindex"), None)
    for place, fix in enumerate(plan.fixes, 1):
        yield ""
        if place == first:
            yield from _old_orphans(plan)
        yield comment(f"{place}. {deed(fix)} [{step_name(fix)}]")
        if other := alternatives(fix):
            yield comment(other)
        for example in preview(fix):
            yield comment(f"   {example}")
        for statement in fix.statements:
            yield f"{statement};"
            if statement.startswith(CHANGES):
                yield f"INSERT INTO temp.{done} VALUES ({place}, {fix.rows}, changes());"
    yield ""
    yield from _assertion(plan, f"INSERT OR {'ROLLBACK' if transaction else 'ABORT'} INTO", done, check, meant)
    if transaction:
        yield from closing(changed)


def _compared(plan: Plan) -> list[tuple[str, OldOrphans]]:
    """The relationships of which orphans are left, by their names, and how these are told row by row from new ones."""
    writes = any(fix.kind != "reindex" for fix in plan.fixes)
    return [(_name(each), each.before) for each in plan.expectations if each.before is not None and writes]


def _old_orphans(plan: Plan) -> Iterator[str]:
    """Note the rows that have no parent now: at the end none may be without one that is not among them."""
    for name, before in _compared(plan):
        yield comment(f"{name}: note the rows that have no parent now. No other row may lose its parent.")
        yield from (f"{statement};" for statement in before.gather)
        yield ""


def _assertion(plan: Plan, insert: str, done: str, check: str, meant: Meant | None) -> Iterator[str]:
    """The check at the end; a row that it inserts and that breaks a CHECK takes everything back."""
    again = "" if meant else " (or no rows at all: a second run)"
    yield comment(f"Check: each step met as many rows as it says{again}, and nothing more is at fault")
    yield comment("than is listed as left. Otherwise everything is rolled back.")
    yield f"DROP TABLE IF EXISTS temp.{check};"
    yield (
        f"CREATE TEMP TABLE {check} (what TEXT, rows INTEGER, planned INTEGER, most INTEGER,"
        ' CONSTRAINT "faults remain: nothing was changed" CHECK (rows <= most),'
        f' CONSTRAINT "{OTHER_ROWS}" CHECK (rows = planned),'
        f" CONSTRAINT \"foreign keys are enforced: nothing was changed\" CHECK (what <> '{ENFORCED}' OR rows = 0));"
    )
    asked = list(_asked(plan, meant))
    for what, rows, most in asked:
        yield f"{insert} temp.{check} (what, rows, most) VALUES ({literal(what)}, ({rows}), {most});"
    # one that SQLite could not even read has left no row
    yield f"{insert} temp.{check} (what, rows, planned) SELECT 'checks', count(*), {len(asked)} FROM temp.{check};"
    once_more = "" if meant else f" WHERE (SELECT sum(rows) FROM temp.{done}) <> 0"
    yield (
        f"{insert} temp.{check} (what, rows, planned) SELECT 'step ' || step, sum(rows), planned"
        f" FROM temp.{done}{once_more} GROUP BY step;"
    )
    yield f"DROP TABLE temp.{check};"
    yield f"DROP TABLE temp.{done};"
    yield from (f"DROP TABLE temp.{before.table};" for _, before in _compared(plan))


def _asked(plan: Plan, meant: Meant | None) -> Iterator[tuple[str, str, int]]:
    """What must not be more than so many at the end: in words, as a query, and the number."""
    yield ENFORCED, "SELECT foreign_keys FROM temp.pragma_foreign_keys", 1
    if meant is not None:
        yield "the row to delete is still there", meant.gone_sql, 0
    for expectation in plan.expectations:
        yield _name(expectation), expectation.orphans_sql, expectation.remaining
    for name, before in _compared(plan):
        yield f"{name}: rows that have lost their parent", before.broken_sql, 0
    for fix in plan.fixes:
        if fix.remaining_sql:
            yield shown(f"{(*fix.checks, fix.name)[0]}: {address(fix.table, fix.columns)}"), fix.remaining_sql, 0


def _name(expectation: Expectation) -> str:
    return shown(address(expectation.foreign_key.child, expectation.foreign_key.child_columns))


def left_in_words(left: Left) -> str:
    """What is left and why."""
    where = f"{left.table} ({', '.join(left.columns)})" if left.columns else left.table
    rows = f"{left.count:,} {'row' if left.count == 1 else 'rows'} of " if left.count else ""
    return f"{left.check}: {rows}{where}: {left.reason}"


FORMATS.add("sql", {Script: script, SchemaPlan: later("schema_plan", "script")})
