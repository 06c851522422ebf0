"""The fixes for what checks of tables find: an UPDATE of one column each, tried out on a copy before it is planned."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping

from sqlfix.model.findings import Finding, Mend
from sqlfix.model.plans import Change, Choice, Fix, Left
from sqlfix.model.schema import Schema
from sqlfix.model.values import Severity, Subject, folded
from sqlfix.plan.fix import FIXES
from sqlfix.plan.policy import Policy
from sqlfix.scan.check import CHECKS
from sqlfix.schema.bookkeeping import is_bookkeeping, owner
from sqlfix.schema.leftovers import Alone
from sqlfix.schema.names import names_columns
from sqlfix.sql.create_virtual_table import module_of
from sqlfix.sql.literals import quote
from sqlfix.sql.predicates import stored
from sqlfix.text import address

Held = Mapping[tuple[str, Subject], str]
"""Which findings of tables are held back, by the check and the place, and why."""

NOT_YET = "a repair does not fix this"
BY_HAND = "choose the right value"


def table_fixes(schema: Schema, findings: tuple[Finding, ...], policy: Policy, held: Held) -> list[Fix]:
    """The fixes of all findings of tables in scope that can be mended: casts first, else in the order of the findings.

    In a STRICT table SQLite takes no change of a row whose other columns hold a value of the wrong type.
    """
    fixes = [
        _fix(schema, finding, mend) for finding in findings
        if (finding.check, finding.subject) not in held
        and policy.scope.has_at(finding.check, finding.table, finding.columns)
        and (mend := _mend(schema, finding, policy))
    ]  # fmt: skip
    return sorted(fixes, key=lambda fix: fix.name != "cast")


def left_of_table(
    schema: Schema, finding: Finding, policy: Policy, held: Held, alone: Mapping[str, Alone]
) -> Left | None:
    """The finding as something that a plan leaves; None where it is mended, or is less than a warning."""
    table = schema.table(finding.table)
    reason, advice = held.get((finding.check, finding.subject)), CHECKS[finding.check].hint(finding)
    which = "another value" if finding.count == 1 else f"one value for all {finding.count:,} rows"
    other = f"{which} can be chosen: --set {address(finding.table, finding.columns)}=update:VALUE"
    if reason is not None and not finding.facts.get("cast"):  # the hint may speak of the very fix that is held back
        advice = other
    choice, mend = _choice(schema, finding, policy), _mend(schema, finding, policy)
    capped = policy.left_out(FIXES[mend.fix].applicability) if mend else None
    if reason is not None and (folded(finding.table) in alone or reason == capped):
        advice = None
    if is_bookkeeping(finding.table):
        reason, advice = f"{finding.table} is a framework's own bookkeeping and is never changed", None
    if reason is None and mend:
        if choice is not None or finding.mendable == finding.count:
            return None
        advice = other
    if choice is not None and choice.fix == "keep":
        reason, advice = "kept, as you chose", None
    # of what no condition on single rows tells, nobody knows what the plan leaves of it
    if finding.severity < (Severity.WARNING if finding.where else Severity.ERROR) and reason is None:
        return None
    count = f"SELECT count(*) FROM {stored(table, 'c')} WHERE ({finding.where})" if table and finding.where else None
    reason = reason or (BY_HAND if finding.where else NOT_YET)
    return Left(finding.check, *finding.subject, finding.count, reason, None if advice == BY_HAND else advice, count)


def doubts(
    connection: sqlite3.Connection,
    schema: Schema,
    findings: tuple[Finding, ...],
    policy: Policy,
    alone: Mapping[str, Alone],
) -> dict[tuple[str, Subject], str]:
    """The findings of tables that are held back whatever a rehearsal says, and why.

    Tables that are left alone since a migration of them was not finished are so whatever was chosen; for the rest, what
    was chosen by name is not held back.
    SQLite refuses to write a row back that broke a promise, so without a backup such a fix cannot be undone. And where
    most values of a column are of the wrong type in the same way, that is how the application writes them.
    """
    held = {}
    for finding in findings:
        table = schema.table(finding.table)
        mend = _mend(schema, finding, policy)
        if table is None or mend is None:
            continue
        if (spared := alone.get(folded(table.name))) and not spared.only_deletes:
            held[finding.check, finding.subject] = spared.reason
        elif reason := _held_by(policy, finding, mend):
            held[finding.check, finding.subject] = reason
        elif _choice(schema, finding, policy) is not None:
            continue
        elif keeper := owner(schema, table):
            held[finding.check, finding.subject] = (
                f"the module {module_of(keeper.sql)} of {keeper.name} is not known here, and may have made this table"
            )
        elif not policy.backup:
            held[finding.check, finding.subject] = "without a backup it could not be undone"
        elif not table.strict and isinstance(castable := finding.facts.get("lossless"), int):
            column = quote(finding.columns[0])
            values = connection.execute(f"SELECT count({column}) FROM {stored(table)}").fetchone()[0]
            if 2 * castable > values:
                held[finding.check, finding.subject] = (
                    "most values are written like this: the application may rely on it"
                )
    return held


def _held_by(policy: Policy, finding: Finding, mend: Mend) -> str | None:
    """Why a policy holds a finding of a table back, if it does."""
    held = (each.reason for each in policy.held if each.subject == finding.subject)
    return policy.left_out(FIXES[mend.fix].applicability) or next(held, None)


def _choice(schema: Schema, finding: Finding, policy: Policy) -> Choice | None:
    """What was chosen by name for the column; a column of a foreign key is chosen for as such, and not here.

    But where it holds NULL and may not, the value that is chosen for its key is meant for those rows as well.
    """
    table = schema.table(finding.table)
    keys = {name for fk in table.foreign_keys for name in fk.child_columns} if table else set()
    chosen = [choice for target, choice in policy.choices if names_columns(target, finding.table, finding.columns)]
    if not chosen or (
        keys & set(finding.columns) and (finding.check, chosen[-1].fix) != ("not-null-violations", "update")
    ):
        return None
    return chosen[-1]


def _mend(schema: Schema, finding: Finding, policy: Policy) -> Mend | None:
    """What mends the rows of a finding: the value that was chosen by name for them, or what the check knows."""
    if finding.where is None or is_bookkeeping(finding.table):
        return None
    choice = _choice(schema, finding, policy)
    if choice is None:
        return finding.mend
    if choice.fix != "update" or len(finding.columns) != 1:
        return None
    (value,) = choice.literals
    return Mend("update", finding.where, value, value, f"{finding.check}, as you chose")


def _fix(schema: Schema, finding: Finding, mend: Mend) -> Fix:
    table = schema.known_table(finding.table)
    return FIXES[mend.fix].step(
        schema,
        finding.subject,
        Change("update", table.name, mend.where, {finding.columns[0]: mend.expression}),
        checks=(finding.check,),
        rows=finding.count,
        value=mend.value,
        why=mend.why,
        remaining_sql=f"SELECT count(*) FROM {stored(table, 'c')} WHERE {mend.where}",
    )
