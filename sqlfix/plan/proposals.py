"""The fixes for what checks of tables find: an UPDATE of one column each, tried out on a copy before it is planned."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from functools import lru_cache

from sqlfix.model.findings import Finding
from sqlfix.model.plans import Choice, Fix, Left
from sqlfix.model.schema import Schema, Table
from sqlfix.model.values import Severity, Subject, folded
from sqlfix.plan.fix import FIXES
from sqlfix.plan.policy import Policy
from sqlfix.scan.check import CHECKS, Condition, Mend
from sqlfix.scan.scope import names_place
from sqlfix.schema.bookkeeping import is_bookkeeping, owner
from sqlfix.schema.leftovers import Alone
from sqlfix.sql.create_virtual_table import module_of
from sqlfix.sql.literals import quote
from sqlfix.sql.predicates import stored
from sqlfix.sql.statements import update

Held = Mapping[tuple[str, Subject], str]
"""Which findings of tables are held back, by the check and the place, and why."""

NOT_YET = "repair does not mend this"
BY_HAND = "what is to stand there has to be decided"


def table_fixes(schema: Schema, findings: tuple[Finding, ...], policy: Policy, held: Held) -> list[Fix]:
    """The fixes of all findings of tables in scope that can be mended: casts first, else in the order of the findings.

    In a STRICT table SQLite takes no change of a row whose other columns hold a value of the wrong type.
    """
    fixes = []
    for finding in findings:
        table = None if finding.parent is not None else schema.table(finding.table)
        if table is None or (finding.check, finding.subject) in held:
            continue
        if policy.scope.has_at(finding.check, finding.table, finding.columns):
            fixes += [
                _fix(table, finding, mend) for ask in _asks(schema, table, finding)
                if (mend := _mend(schema, table, finding, ask, policy)) is not None
            ]  # fmt: skip
    return sorted(fixes, key=lambda fix: fix.name != "cast")


def left_of_table(
    schema: Schema, finding: Finding, policy: Policy, held: Held, alone: Mapping[str, Alone]
) -> Left | None:
    """The finding as something that a plan leaves; None where it is mended, or is less than a warning."""
    table = schema.table(finding.table)
    reason, advice = held.get((finding.check, finding.subject)), CHECKS[finding.check].hint(finding)
    which = "another value" if finding.count == 1 else f"one value for all {finding.count:,} rows"
    other = f"{which} can be chosen: --set {finding.table}.{','.join(finding.columns)}=update:VALUE"
    if reason is not None and not finding.facts.get("cast"):  # the hint may speak of the very fix that is held back
        advice = other
    if reason is not None and folded(finding.table) in alone:
        advice = None
    if is_bookkeeping(finding.table):
        reason, advice = f"{finding.table} is a framework's own bookkeeping and is never changed", None
    choice = _choice(schema, finding, policy)
    if reason is None and table is not None:
        mends = [_mend(schema, table, finding, ask, policy) for ask in _asks(schema, table, finding)]
        mended = CHECKS[finding.check].mendable(finding.facts, finding.count) if any(mends) else 0
        if any(mends) and (choice is not None or mended == finding.count):
            return None
        advice = other if any(mends) else advice
    if choice is not None and choice.fix == "keep":
        reason, advice = "kept, as you chose", None
    asks = _asks(schema, table, finding) if table is not None else []
    # of what no condition on single rows tells, nobody knows what the plan leaves of it
    least = Severity.WARNING if asks else Severity.ERROR
    if finding.severity < least and reason is None:
        return None
    some = " OR ".join(f"({ask.where})" for ask in asks)
    count = f"SELECT count(*) FROM {stored(table, 'c')} WHERE {some}" if some and table else None
    advice = None if advice == BY_HAND else advice
    return Left(finding.check, *finding.subject, finding.count, reason or (BY_HAND if asks else NOT_YET), advice, count)


def is_mendable(schema: Schema, finding: Finding) -> bool:
    """True of a finding whose rows a condition on each tells: for those there is a fix, or they are listed as left."""
    table = schema.table(finding.table)
    return table is not None and bool(_asks(schema, table, finding))


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
        table = None if finding.parent is not None else schema.table(finding.table)
        if table is None or not any(
            _mend(schema, table, finding, ask, policy) for ask in _asks(schema, table, finding)
        ):
            continue
        if (spared := alone.get(folded(table.name))) and not spared.only_deletes:
            held[finding.check, finding.subject] = spared.reason
        elif _choice(schema, finding, policy) is not None:
            continue
        elif keeper := owner(schema, table):
            held[finding.check, finding.subject] = (
                f"the module {module_of(keeper.sql)} of {keeper.name}, which is not known here, may have made it"
            )
        elif not policy.backup:
            held[finding.check, finding.subject] = "without a backup it could not be taken back"
        elif not table.strict and isinstance(castable := finding.facts.get("lossless"), int):
            column = quote(finding.columns[0])
            values = connection.execute(f"SELECT count({column}) FROM {stored(table)}").fetchone()[0]
            if 2 * castable > values:
                held[finding.check, finding.subject] = "most values are written so: the application may count on it"
    return held


def _asks(schema: Schema, table: Table, finding: Finding) -> list[Condition]:
    """The conditions that a finding is of."""
    asks = _asked_of(_Of(schema, table), finding.check).get(finding.columns, [])
    fitting = [a for a in asks if a.facts.items() <= finding.facts.items()]
    closest = max((len(ask.facts) for ask in fitting), default=0)  # of two conditions one may say more than the other
    return [ask for ask in fitting if len(ask.facts) == closest]


class _Of:
    """A table of a schema as the key of a cache: the very object, since to compare many columns takes long."""

    __slots__ = ("schema", "table")

    def __init__(self, schema: Schema, table: Table) -> None:
        self.schema, self.table = schema, table

    def __hash__(self) -> int:
        return hash((id(self.schema), id(self.table)))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Of) and self.schema is other.schema and self.table is other.table


@lru_cache(maxsize=32)
def _asked_of(of: _Of, check: str) -> Mapping[tuple[str, ...], list[Condition]]:
    """What a check asks of a table, by the columns: a table of many columns has as many findings."""
    found: dict[tuple[str, ...], list[Condition]] = {}
    conditions = CHECKS[check].conditions
    for ask in conditions(of.schema, of.table) if conditions else ():
        found.setdefault(ask.columns, []).append(ask)
    return found


def _choice(schema: Schema, finding: Finding, policy: Policy) -> Choice | None:
    """What was chosen by name for the column; a column of a foreign key is chosen for as such, and not here.

    But where it holds NULL and may not, the value that is chosen for its key is meant for those rows as well.
    """
    table = schema.table(finding.table)
    keys = {name for fk in table.foreign_keys for name in fk.child_columns} if table else set()
    chosen = [choice for target, choice in policy.choices if names_place(target, finding.table, finding.columns)]
    if not chosen or (
        keys & set(finding.columns) and (finding.check, chosen[-1].fix) != ("not-null-violations", "update")
    ):
        return None
    return chosen[-1]


def _mend(schema: Schema, table: Table, finding: Finding, ask: Condition, policy: Policy) -> Mend | None:
    if is_bookkeeping(table.name):
        return None
    choice = _choice(schema, finding, policy)
    rule = CHECKS[finding.check]
    if choice is None:
        return rule.mend(table, ask) if rule.mend and len(ask.columns) == 1 else None
    if choice.fix != "update" or len(ask.columns) != 1:
        return None
    (value,) = choice.literals
    return Mend("update", ask.where, value, value, f"{finding.check}, as you chose")


def _fix(table: Table, finding: Finding, mend: Mend) -> Fix:
    return FIXES[mend.fix].step(
        finding.subject,
        update(table, {finding.columns[0]: mend.expression}, mend.condition),
        checks=(finding.check,),
        rows=finding.count,
        value=mend.value,
        written=finding.columns,
        why=mend.why,
        remaining_sql=f"SELECT count(*) FROM {stored(table, 'c')} WHERE {mend.condition}",
    )
