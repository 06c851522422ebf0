"""Why a row cannot be deleted or edited: what refers to it, what would go with it, and the way out. Read only.

The rules of foreign keys are worked out on the file itself. Where they cannot tell (triggers, CHECKs, functions that
only the application has), and wherever the file is small, the delete and each edit are tried on a private copy.
"""

import re
from collections.abc import Iterable
from contextlib import closing
from dataclasses import replace

from sqlfix.explain.answers import DELETE, EDIT, Blocker, ColumnEdit, Reference, Stage, Verdict, Why
from sqlfix.explain.attempts import SMALL, Attempt, RowTrial, trying_on
from sqlfix.explain.rules import Ruling, rule_on_delete, rule_on_edit
from sqlfix.explain.stale_tables import StaleTables, ways_out
from sqlfix.model.schema import Schema, Trigger
from sqlfix.model.values import folded
from sqlfix.plan.apply import FixFailed
from sqlfix.plan.delete_closure import DeleteClosure
from sqlfix.plan.rehearsal import private_copy
from sqlfix.plan.row_deletion import WayOut, find_way_out, plan_of_way_out
from sqlfix.scan.known_tables import KnownTables
from sqlfix.schema.database import Database
from sqlfix.schema.names import require_table
from sqlfix.schema.rows import Target, find_row, meant
from sqlfix.sql.create_trigger import read_trigger
from sqlfix.sql.tokens import DdlError
from sqlfix.sqlite.integrity import bytes_of
from sqlfix.sqlite.snapshot import ReaderPool


def explain_row(database: Database, table: str, key: str, plan: bool = False) -> Why:
    """Say why a row cannot be deleted or edited, or that it can.

    Args:
        key: the value of the primary key, or ``a=1,b=2`` for one of several columns.
        plan: the plan that deletes the row is wanted, too, even where it has to be tried out on a copy of a large file.

    Raises:
        Refused: where there is no such table, or not just one such row.
    """
    schema = database.schema_with_text
    target = find_row(database.connection, schema, require_table(schema, table), key)
    why = explain_target(database, target, True if plan else None)
    return replace(why, plan=why.plan and replace(why.plan, schema=database.schema))


def explain_target(database: Database, target: Target, try_it: bool | None = None) -> Why:
    """The same of a row that is known already.

    Args:
        try_it: True to try it on a copy, False not to; None does so where it is needed or cheap.
    """
    connection, schema = database.connection, database.schema_with_text
    ruling, (on_edit, edit_is_certain) = rule_on_delete(database, target), rule_on_edit(database, target)
    if try_it is None:
        try_it = not (ruling.certain and edit_is_certain) or bytes_of(connection) <= SMALL
    way = _if_trusted(database, target, find_way_out(connection, schema, target), try_it)
    plan, reason, notes = None, way.reason, tuple[str, ...]()
    if try_it:
        with private_copy(connection) as copy:
            if way.fixes:
                try:
                    plan = plan_of_way_out(copy, database.schema, database.name, way)
                except FixFailed as failed:
                    reason = f"{failed.fix.table}: {failed}"
            with trying_on(copy, schema) as tried:
                trial = RowTrial(tried, target)
                deletable, notes = _try_delete(schema, target, trial, ruling)
                columns = _try_edits(target, trial, on_edit)
    else:
        blocked = any(DELETE in blocker.blocks for blocker in ruling.blockers)
        deletable = Verdict(not blocked, True) if ruling.certain else Verdict(None, None)
        columns = _ruled_edits(target, on_edit if edit_is_certain else None)
    return Why(
        target.table.name, target.key, deletable,
        Verdict(_all(c.enforced for c in columns), _all(c.unenforced for c in columns)),
        tuple(c for c in columns if not (c.enforced and c.unenforced)),
        _merged([*ruling.blockers, *_that_hold(on_edit, columns)]), tuple(ruling.effects),
        references_to(database, target), () if reason else way.statements, reason, notes, try_it, plan,
        meant(connection, target) if plan else None,
    )  # fmt: skip


def _if_trusted(database: Database, target: Target, way: WayOut, whole: bool) -> WayOut:
    """The way out, unless an index by which it was found or would be gone does not agree with its table.

    Of a large file that is not copied, the indexes are not compared with all rows.
    """
    gone = {folded(target.table.name), *(folded(fix.table) for fix in way.fixes if fix.kind == "delete")}
    schema = database.schema_with_text
    refer = [fk.child for fk in schema.foreign_keys if folded(fk.parent) in gone]
    if not way.fixes:
        return way
    reason = KnownTables(ReaderPool([database.connection]), schema).distrusted([target.table.name, *refer], whole)
    return WayOut(reason=reason) if reason else way


def _all(answers: Iterable[bool | None]) -> bool | None:
    """False if one is, else None if one is, else True."""
    found = list(answers)
    return False if False in found else None if None in found else True


# -- what refers to the row ---------------------------------------------------------------------------------------


def references_to(database: Database, target: Target) -> tuple[Reference, ...]:
    """Every usable relationship into the row's table, those with rows that refer to the row first."""
    schema, stale = database.schema_with_text, StaleTables(database)
    found = []
    with closing(DeleteClosure(database.connection, schema, target, lambda fk: False)) as walk:
        for fk in walk.run().keys:
            if folded(fk.parent) == folded(target.table.name) and walk.sees(fk):
                hint, is_join = stale.signs(fk.child, target.table.name), schema.join_table(fk.child) is not None
                ways = ways_out(schema, fk) if hint else ()
                found.append(Reference(fk, walk.met(fk), walk.sample(fk, staying=False), is_join, hint, ways))
    return tuple(sorted(found, key=lambda reference: not reference.count))


# -- trying it ----------------------------------------------------------------------------------------------------


def _try_delete(schema: Schema, target: Target, trial: RowTrial, ruling: Ruling) -> tuple[Verdict, tuple[str, ...]]:
    """SQLite's own verdict on the delete; the ruling's blockers are brought into line with it."""
    enforced, unenforced = trial.delete(enforced=True), trial.delete(enforced=False)
    notes = []
    ruling.blockers += _triggers(target, trial, enforced, unenforced, bool(ruling.blockers))
    known = any(DELETE in blocker.blocks for blocker in ruling.blockers)
    if enforced.possible:
        if known:
            notes.append("SQLite deletes it, although rows that reference it are left without a parent")
        ruling.blockers = []
    elif enforced.possible is False and not known:
        ruling.blockers.append(_unexplained(schema, target, enforced))
    if re.match("no such function|unknown function|no such collation", enforced.error):
        notes.append(f"only an application that provides what is missing here can delete it ({enforced.error})")
    if enforced.possible is None or unenforced.possible is None:
        notes.append(enforced.error or unenforced.error)
    ruling.blockers.sort(key=lambda blocker: blocker.stage)
    return Verdict(enforced.possible, unenforced.possible), tuple(notes)


def _triggers(target: Target, trial: RowTrial, enforced: Attempt, unenforced: Attempt, blocked: bool) -> list[Blocker]:
    """The triggers without which the delete would not fail, or not so."""
    found: dict[str, Blocker] = {}
    for attempt, on in ((enforced, True), (unenforced, False)):
        # within a cascade RAISE(FAIL) comes out as a failure of the foreign key
        known = attempt.code == "SQLITE_CONSTRAINT_FOREIGNKEY" and blocked
        if attempt.possible is not False or known:
            continue
        for table, trigger in trial.culprits(attempt, on):
            first = attempt.code == "SQLITE_ERROR"
            after = _runs_after(trigger)
            found.setdefault(
                trigger.name,
                Blocker(
                    "trigger", table, (), target.table.name, (),
                    f"the trigger {trigger.name} stops the delete: {attempt.error}",
                    Stage.PREPARE if first else Stage.AFTER if after else Stage.BEFORE, (DELETE,), name=trigger.name,
                ),
            )  # fmt: skip
    return list(found.values())


def _runs_after(trigger: Trigger) -> bool:
    try:
        return read_trigger(trigger.sql).timing == "after"
    except DdlError:
        return False


def _unexplained(schema: Schema, target: Target, attempt: Attempt) -> Blocker:
    """What SQLite says, where the rules have no word for it: the table that its message names, or the row's own."""
    named = re.search(r"constraint failed: (.+)\.[^.]+$", attempt.error)
    table = schema.table(named[1]) if named else None
    name = table.name if table else target.table.name
    kind = "trigger" if attempt.code == "SQLITE_CONSTRAINT_TRIGGER" else "reference"
    stage = Stage.COMMIT if attempt.at_commit else Stage.STATEMENT
    return Blocker(kind, name, (), target.table.name, (), f"SQLite says: {attempt.error}", stage, (DELETE,))


def _try_edits(target: Target, trial: RowTrial, rules: list[Blocker]) -> tuple[ColumnEdit, ...]:
    found = []
    for column in target.table.writable:
        enforced, unenforced = trial.write(column, enforced=True), trial.write(column, enforced=False)
        failed = enforced if not enforced.possible else unenforced
        known = next((b for b in rules if column in b.written), None)
        message = ""
        if not failed.possible:
            message = failed.error + (" (at COMMIT)" if failed.at_commit else "")
            if known and failed is enforced and unenforced.possible:
                message = f"{message}: {known.message}" if "FOREIGN KEY" in message else message
        found.append(ColumnEdit(column, enforced.possible, unenforced.possible, message))
    return tuple(found)


def _ruled_edits(target: Target, rules: list[Blocker] | None) -> tuple[ColumnEdit, ...]:
    """What the rules say of each column; without rules, that it could not be told."""
    found = []
    for column in target.table.writable:
        blocker = next((b for b in rules or () if column in b.written), None)
        told = ColumnEdit(column, blocker is None, True, blocker.message if blocker else "")
        found.append(told if rules is not None else ColumnEdit(column, None, None))
    return tuple(found)


def _that_hold(rules: list[Blocker], columns: tuple[ColumnEdit, ...]) -> list[Blocker]:
    """The blockers of edits whose columns could indeed not be written."""
    barred = {c.column for c in columns if c.enforced is not True}
    return [
        replace(rule, written=written)
        for rule in rules
        if (written := tuple(column for column in rule.written if column in barred)) and EDIT in rule.blocks
    ]


def _merged(blockers: Iterable[Blocker]) -> tuple[Blocker, ...]:
    """Blockers in the order in which they block, one for each relationship and kind."""
    found: dict[object, Blocker] = {}
    for blocker in sorted(blockers, key=lambda b: (DELETE not in b.blocks, b.stage)):
        key = (blocker.kind, blocker.subject, blocker.name)
        known = found.get(key)
        if known is None:
            found[key] = blocker
            continue
        both = tuple(word for word in (DELETE, EDIT) if word in known.blocks + blocker.blocks)
        written = known.written or blocker.written
        message = known.message if blocker.kind != "own-orphan" else blocker.message
        found[key] = replace(known, blocks=both, written=written, message=message)
    return tuple(found.values())
