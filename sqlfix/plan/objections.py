"""What is objected to once a plan was simulated or rehearsed: the rules that a trial speaks against are held back.

A rule that is held back stays so. Each round of planning holds back at least one more, so it ends.
"""

import re
import sqlite3
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from sqlfix.errors import Refused
from sqlfix.model.plans import Fix, Plan
from sqlfix.model.schema import ForeignKey, Schema, Table
from sqlfix.model.values import Applicability, Subject, folded
from sqlfix.plan.apply import FixFailed, apply_fixes, carried, table_sizes
from sqlfix.plan.guards import MASS, hold
from sqlfix.plan.policy import PLACEHOLDERS, Held, Policy, Seen, make_rules
from sqlfix.plan.proposals import Case
from sqlfix.plan.rehearsal import Rehearsal, private_copy
from sqlfix.plan.simulation import Conflict, Outcome
from sqlfix.scan.check import CHECKS
from sqlfix.scan.suspicion import MANY
from sqlfix.schema.database import Database
from sqlfix.schema.leftovers import FINISH, why_no_trigger
from sqlfix.schema.names import with_not_null, with_table
from sqlfix.schema.writable_keys import columns_to_null
from sqlfix.sql.create_trigger import read_trigger, set_off
from sqlfix.sql.literals import free_name, literal, quote
from sqlfix.sql.predicates import orphan
from sqlfix.sql.statements import can_be_overruled
from sqlfix.sql.tokens import DdlError, has_words
from sqlfix.sqlite.deadline import limited, overlooking
from sqlfix.sqlite.failures import is_lacking
from sqlfix.text import address, plural, shown_name, typed_address

_NOT_THERE = re.compile(r"no such (?:table|column|index|view|module)\b|error in ")
"""What SQLite says of a trigger that does not compile."""


def object_to_simulation(case: Case, outcome: Outcome) -> bool:
    """Hold back the rules that a simulation speaks against; True if there were any."""
    held = False
    for conflict in outcome.conflicts:
        _refuse_named(case, conflict)
        held |= hold(case, conflict.subject, conflict.reason, conflict.hint, conflict.only)
    if held or case.policy.allow_mass_delete:
        return held
    for subject, reason in _too_few_left(case, outcome.remaining):
        held |= _hold_deletes(case, outcome, subject[0], reason)
    for table, deleted in outcome.deleted.items():
        before = case.rows_of(table)
        if before < 100 or deleted <= before / 2:
            continue
        reason = f"it would delete {deleted:,} of the {before:,} rows of {table}; held back {MASS}"
        held |= _hold_deletes(case, outcome, table, reason)
    return held


def _hold_deletes(case: Case, outcome: Outcome, table: str, reason: str) -> bool:
    """Hold back what deletes rows of a table; False if there was nothing."""
    steps = [step for step in outcome.steps if folded(step.rule.foreign_key.child) == folded(table)]
    covered = [fk for step in steps if step.rule.fix == "delete-rows" for fk in step.covers]
    held = [hold(case, fk.subject, reason, only="delete-rows") for fk in covered]
    return any(held)


def _refuse_named(case: Case, conflict: Conflict) -> None:
    """A value given by name that has no parent is an error of the command, not a doubt about the data."""
    for rule in case.rules.get(conflict.subject, ()):
        fk = rule.foreign_key
        if rule.values and rule.chosen and (rule.fix == "update" or case.policy.named(fk)):
            raise Refused(
                f"--set {address(fk.child, fk.child_columns)}={rule.fix}: {conflict.reason}", "name a row that exists"
            )


def hold_failed(case: Case, failed: FixFailed) -> None:
    """Hold back the fix that SQLite refused on the copy."""
    fix = failed.fix
    reason = f"SQLite refuses it: {failed}{_by_whose_rule(case, fix)}"
    if fix.parent is None:
        case.held[fix.checks[0], fix.subject] = reason
        return
    if fix.kind == "reindex":
        case.unmendable[fix.parent] = f"REINDEX {fix.parent} fails: {failed}"
        return
    hint = _why_refused(case, fix, failed.error)
    if fix.name == "set-null" and str(failed).startswith("CHECK ") and _treat_as_not_null(case, fix, reason):
        return
    if not hold(case, fix.subject, reason, hint, only=fix.name):
        raise failed.error


def _treat_as_not_null(case: Case, fix: Fix, reason: str) -> bool:
    """Give a relationship whose key a CHECK forbids to be NULL the fix of one that is NOT NULL; True if that is one.

    Not where somebody chose NULL, where the schema itself says SET NULL, or where some of the orphans may have a NULL.
    """
    before = case.rules[fix.subject]
    fk = before[0].foreign_key
    chosen = case.policy.named(fk) or case.policy.on_orphan or fk.on_delete == "SET NULL"
    if chosen or fix.follows or any(rule.fix != "set-null" for rule in before if not rule.relinks):
        return False  # what loses its parent only later has not been looked at
    if not checks_forbid_null(case.connection, case.schema, fk):
        return False
    # as if the columns had been declared NOT NULL
    declared = with_not_null(case.schema.known_table(fk.child), columns_to_null(case.schema, fk))
    anew = make_rules(with_table(case.schema, declared), fk, case.seen.get(fk.subject, Seen()), case.policy)
    of_others = [rule if rule.fix else replace(rule, reason=reason) for rule in anew if not rule.relinks]
    case.rules[fix.subject] = (*of_others, *(rule for rule in before if rule.relinks))
    return any(rule.fix for rule in of_others)


def _by_whose_rule(case: Case, fix: Fix) -> str:
    """Says so where the fix overrules what the triggers of its table say of their own collisions."""
    table = case.schema.table(fix.table)
    if table is None or not fix.written or not can_be_overruled(table, fix.written, fix.name == "set-null"):
        return ""
    if not any(_decides(case.schema, trigger.sql) for trigger in table.triggers):
        return ""
    return (
        f" (an ON CONFLICT clause of {table.name} could delete or skip rows, so the step is an UPDATE OR ABORT;"
        " and that overrules the conflict clauses of its triggers)"
    )


def _decides(schema: Schema, trigger_sql: str) -> bool:
    """True if a trigger, or a table that it writes to, says what becomes of a collision."""
    try:
        statements = read_trigger(trigger_sql).statements
    except DdlError:
        return False
    written = [table for statement in statements if (table := schema.table(statement.table or ""))]
    return any(statement.conflict for statement in statements) or any(
        has_words(table.sql, "on", "conflict") for table in written
    )


def _why_refused(case: Case, fix: Fix, error: sqlite3.Error) -> str:
    if is_lacking(error):
        return "what is missing belongs to the application; run the repair there"
    if isinstance(error, sqlite3.OperationalError) and _NOT_THERE.match(str(error)):
        broken = [
            f for f in case.report.findings if f.check == "broken-triggers" and folded(f.table) == folded(fix.table)
        ]
        drops = "; ".join(f"DROP TRIGGER {quote(str(finding.facts['trigger']))}" for finding in broken)
        if drops:
            return f"a trigger of {fix.table} does not compile; correct it, or drop it: {drops}"
    return f"choose another fix for it, such as --set {typed_address(fix.table, fix.columns, '=delete')}"


def object_to_rehearsal(case: Case, plan: Plan, rehearsal: Rehearsal) -> bool:
    """Hold back what did not work out on the copy: links broken anew, or more rows gone than a plan may take."""
    held = False
    reindexed = {folded(fix.table) for fix in plan.fixes if fix.kind == "reindex"}
    for expectation, remaining in zip(plan.expectations, rehearsal.remaining, strict=True):
        fk, now = expectation.foreign_key, remaining.broken or remaining.orphans
        seen = case.seen.get(fk.subject, Seen())
        most = min(expectation.remaining, seen.orphans + seen.placeholders)  # no row that has a parent may lose it
        if not remaining.broken and (now <= most or folded(fk.parent) in reindexed):
            continue
        rows = f"{plural(now, 'row')} of {fk.child}"
        reason = (
            f"on a copy {rows} lost {'its' if now == 1 else 'their'} parent in {fk.parent}"
            if remaining.broken
            else f"on a copy it left {rows} without a parent in {fk.parent} instead of {most:,}"
        )
        reason += " (a trigger, or a column shared with another key)"
        tables, columns = {folded(fk.child), folded(fk.parent)}, (*fk.child_columns, *fk.parent_columns)
        held |= _hold_those_at(case, plan, tables, reason, columns)
    held |= _hold_if_others_are_met(case, plan, rehearsal)
    held |= _hold_what_triggers_bring_to_leftovers(case, plan)
    if held or case.policy.allow_mass_delete:
        return held
    left = zip(plan.expectations, rehearsal.remaining, strict=True)
    for subject, reason in _too_few_left(case, {e.foreign_key.subject: now.orphans for e, now in left}):
        held |= _hold_those_at(case, plan, {folded(subject[0])}, reason)
    for table, before in rehearsal.before.items():
        lost = before - rehearsal.after[table]
        if before >= 100 and lost > before / 2:
            reason = f"with the file's own triggers it would delete {lost:,} of {before:,} rows of {table}"
            held |= _hold_those_at(case, plan, {folded(t.name) for t in case.schema.tables if t.triggers}, reason)
    return held


def _hold_if_others_are_met(case: Case, plan: Plan, rehearsal: Rehearsal) -> bool:
    """Hold back each fix that met rows that were not planned.

    An UPDATE of a key that the table itself refers to can make new orphans while it is still looking for them; so can a
    trigger. Fewer rows are met where an earlier fix has done it already, or a trigger; of what is deleted first, the
    figures are exact.
    """
    held = False
    quiet = not any(table.triggers for table in case.schema.tables)
    for fix, rows in zip(plan.fixes, rehearsal.applied.rows, strict=True):
        if rows > fix.rows or (rows < fix.rows and quiet and fix.parent is not None and fix.kind == "delete"):
            did = "deleted" if fix.kind == "delete" else "changed"
            reason = f"on a copy it {did} {plural(rows, 'row')} instead of {fix.rows:,}"
            held |= _hold_fix(case, fix, reason)
    return held


def _hold_what_triggers_bring_to_leftovers(case: Case, plan: Plan) -> bool:
    """Hold back each fix that sets off a trigger which writes to what a half-finished migration left."""
    held = False
    for fix in plan.fixes if case.alone else ():
        event = "delete" if fix.kind == "delete" else "update"
        if fix.kind != "reindex" and (reason := why_no_trigger(case.schema, case.alone, fix.table, event)):
            held |= _hold_fix(case, fix, reason, FINISH)
    return held


def _hold_fix(case: Case, fix: Fix, reason: str, hint: str | None = None) -> bool:
    """Hold back the relationship that a fix is for, or the fix alone if it is for none; False if there was nothing."""
    if fix.parent is not None:
        return hold(case, fix.subject, reason, hint)
    case.held[fix.checks[0], fix.subject] = reason
    return True


def _hold_those_at(case: Case, plan: Plan, tables: set[str], reason: str, columns: Collection[str] = ()) -> bool:
    """Hold back the fixes of some tables, the changes before the deletes; all fixes if none of them is to blame.

    First those that are for no relationship, and of these the ones that write one of some columns: they are what the
    simulation does not know of.
    """
    own = [fix for fix in plan.fixes if fix.parent is None and folded(fix.table) in tables]
    own = [fix for fix in own if set(fix.written) & set(columns)] or own
    if own:
        case.held.update({(fix.checks[0], fix.subject): reason for fix in own})
        return True
    for chosen in (
        [fix for fix in plan.fixes if folded(fix.table) in tables and fix.kind != "delete"],
        [fix for fix in plan.fixes if folded(fix.table) in tables],
        list(plan.fixes),
    ):
        held = [hold(case, fix.subject, reason) for fix in chosen]
        if any(held):
            return True
    return False


def _too_few_left(case: Case, remaining: Mapping[Subject, int]) -> list[tuple[Subject, str]]:
    """Guarded relationships of which so few orphans would be left that the next run would guard them no longer."""
    found = []
    for subject in case.guarded:
        seen = case.seen[subject]
        stay = any(PLACEHOLDERS in rule.checks and rule.fix is None for rule in case.rules[subject])
        orphans = remaining.get(subject, 0) - (seen.placeholders if stay else 0)
        if 0 < orphans < min(MANY, seen.orphans):
            child, columns, parent, _ = subject
            reason = f"it would leave too few rows that show that {child} has lost its parents in {parent}"
            found.append((subject, f"{reason} ({', '.join(columns)}); held back {MASS}"))
    return found


# -- a key that is NOT NULL by a CHECK ----------------------------------------------------------------------------


def checks_forbid_null(connection: sqlite3.Connection, schema: Schema, fk: ForeignKey) -> bool:
    """True if a relationship has orphans, and none whose key could be NULL for the CHECKs of its table.

    False as well where that cannot be told: an expression needs the rowid, a computed column, or what only the
    application has; and where a CHECK speaks of another foreign key as well (``a IS NOT NULL OR b IS NOT NULL``): if
    that one was emptied by a repair, the next repair would delete what the first one held back.
    """
    table = schema.table(fk.child)
    conditions = CHECKS["check-violations"].conditions
    if table is None or conditions is None or any(column.generated for column in table.columns):
        return False
    written = {folded(name) for name in columns_to_null(schema, fk)}
    about = [asked for asked in conditions(schema, table) if written & {folded(name) for name in asked.columns}]
    others = {name for asked in about for name in asked.columns if folded(name) not in written}
    if not about or any(schema.keys_with(fk.child, name) for name in others):
        return False
    broken = [asked.where for asked in about]
    columns = ", ".join(
        f"NULL AS {quote(column.name)}" if folded(column.name) in written else f"c.{quote(column.name)}"
        for column in table.columns
    )
    emptied = f"(SELECT {columns} FROM {quote(fk.child)} AS c WHERE {orphan(schema, fk)}) AS c"
    allowed = " AND ".join(f"NOT ifnull({condition}, 0)" for condition in broken)
    with overlooking(sqlite3.OperationalError):
        # 0 if none may have a NULL, 1 if one may, and NULL if there is none
        return bool(connection.execute(f"SELECT max({allowed}) = 0 FROM {emptied}").fetchone()[0])
    return False


# -- `--only lossless`: what the file's own triggers would delete or change along with fixes that lose nothing ----
# A row that comes back sets off the INSERT triggers of its table, a key that is set right those of an UPDATE. What they
# do is found out by running the fixes on a copy, where temporary triggers count. Rows that they only add lose nothing.

EVENTS = ("INSERT", "UPDATE", "DELETE")


def without_losses(database: Database, plan: Plan, policy: Policy) -> Policy:
    """The policy that also holds back what triggers make a loss of; the same if there is nothing, or it is no matter.

    Raises:
        FixFailed: at the first statement that SQLite refuses.
    """
    if policy.left_out(Applicability.DECLARED) is None or not any(
        _may_lose(database.schema, fix) for fix in plan.fixes
    ):
        return policy
    known = {(held.subject, held.only) for held in policy.held if not held.keys}
    with private_copy(database.connection) as copy:
        # where the place is all that there is, all of it is held back, and not that fix alone
        found = [
            ((fix.subject, "relink" if fix.parent is not None else ""), said)
            for fix, said in _losses(copy, database.schema, plan)
        ]
    reasons = {at: f"left out by --only {policy.only}: {said}" for at, said in reversed(found) if at not in known}
    return policy.holding(*(Held(subject, reason, only=only) for (subject, only), reason in reasons.items()))


def _may_lose(schema: Schema, fix: Fix) -> bool:
    """True if triggers that a fix sets off may delete or change rows."""
    if fix.kind == "reindex":
        return False
    statements = set_off(schema, fix.table, fix.kind)
    return any(each.verb in ("update", "delete") or each.conflict == "replace" for each in statements)


def _losses(copy: sqlite3.Connection, schema: Schema, plan: Plan) -> Iterator[tuple[Fix, str]]:
    """The fixes with which triggers delete or change rows, and what they do, in words."""
    copy.execute("BEGIN")
    sizes = table_sizes(copy, schema)
    tables = [schema.known_table(name) for name in sizes]
    log = free_name(schema, "sqlfix_met")
    with limited(sum(sizes.values()) + carried(plan.fixes), copy, statements=len(plan.fixes)):
        for statement in plan.prepares:
            copy.execute(statement)
        _count_all(copy, tables, log)
        for fix in plan.fixes:
            copy.execute(f"DELETE FROM temp.{log}")
            own = sum(apply_fixes(copy, [fix]).rows)
            after = table_sizes(copy, schema)
            met = {(name, what): rows for name, what, rows in copy.execute(
                f"SELECT name, what, count(*) FROM temp.{log} GROUP BY 1, 2")}  # fmt: skip
            if said := _said(fix, own, met, {name: after[name] - rows for name, rows in sizes.items()}):
                yield fix, said
            sizes = after
    copy.execute("ROLLBACK")


def _count_all(copy: sqlite3.Connection, tables: list[Table], log: str) -> None:
    """Have each row that is written counted in a temporary table."""
    copy.execute(f"CREATE TEMP TABLE {log} (name, what)")
    for place, table in enumerate(tables):
        for event in EVENTS:
            copy.execute(
                f"CREATE TEMP TRIGGER {log}_{place}_{event} AFTER {event} ON main.{quote(table.name)}"
                f" BEGIN INSERT INTO {log} VALUES ({literal(table.name)}, {literal(event)}); END"
            )


def _said(fix: Fix, own: int, met: dict[tuple[str, str], int], grown: dict[str, int]) -> str:
    """What triggers delete and change beside what a fix does itself; a row that is replaced is deleted unseen."""
    parts = []
    for name, more in grown.items():
        mine = own if folded(name) == folded(fix.table) else 0
        deleted = met.get((name, "DELETE"), 0) - (mine if fix.kind == "delete" else 0)
        changed = met.get((name, "UPDATE"), 0) - (mine if fix.kind == "update" else 0)
        deleted += max(met.get((name, "INSERT"), 0) - met.get((name, "DELETE"), 0) - more, 0)
        for rows, verb in ((deleted, "delete"), (changed, "change")):
            if rows > 0:
                parts.append(f"{verb} {plural(rows, 'row')} of {shown_name(name)}")
    return f"the triggers that it sets off would {' and '.join(parts)}" if parts else ""
