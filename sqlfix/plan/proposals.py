"""The fixes for what checks of tables find: an UPDATE of one column each, tried out on a copy before it is planned."""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlfix.model.findings import Finding, Mend, Report
from sqlfix.model.plans import Change, Choice, Fix, Left
from sqlfix.model.schema import Schema
from sqlfix.model.values import Severity, Subject, folded
from sqlfix.plan.fix import FIXES
from sqlfix.plan.policy import Policy, Rule, Seen
from sqlfix.scan.candidates import Look
from sqlfix.scan.check import CHECKS
from sqlfix.scan.run import count_rows
from sqlfix.schema.bookkeeping import is_bookkeeping, owner
from sqlfix.schema.leftovers import Alone
from sqlfix.schema.names import names_columns
from sqlfix.sql.create_virtual_table import module_of
from sqlfix.sql.literals import quote
from sqlfix.sql.predicates import stored
from sqlfix.text import typed_address

NOT_YET = "a repair does not fix this"
BY_HAND = "choose the right value"


@dataclass(frozen=True, slots=True)
class Case:
    """All that a plan is made from.

    Only these change while it is made: ``rules``, of each sound relationship, and ``unmendable`` and ``held``, the
    parents whose REINDEX fails and the findings of tables that are held back, each with the reason.
    """

    connection: sqlite3.Connection
    schema: Schema
    report: Report
    policy: Policy
    seen: Mapping[Subject, Seen]
    look: Look
    rules: dict[Subject, tuple[Rule, ...]] = field(default_factory=dict)
    unmendable: dict[str, str] = field(default_factory=dict)
    held: dict[tuple[str, Subject], str] = field(default_factory=dict)
    guarded: frozenset[Subject] = frozenset()
    """The relationships whose orphans are held back because not one row has its parent."""
    alone: Mapping[str, Alone] = field(default_factory=dict)
    """The tables that are left alone since a migration of them was not finished."""

    def rows_of(self, table: str) -> int:
        """How many rows a table has: as a look has counted them, or counted now."""
        counted = self.look.sizes.get(table)
        return count_rows(self.connection, table) if counted is None else counted

    def asks_for(self, finding: Finding) -> bool:
        """True of a finding that is in scope."""
        return self.policy.scope.has_at(finding.check, finding.table, finding.columns)


def table_fixes(case: Case) -> list[Fix]:
    """The fixes of all findings of tables in scope that can be mended: casts first, else in the order of the findings.

    In a STRICT table SQLite takes no change of a row whose other columns hold a value of the wrong type.
    """
    fixes = [
        _fix(case.schema, finding, mend) for finding in case.report.findings
        if (finding.check, finding.subject) not in case.held and case.asks_for(finding)
        and (mend := _mend(case, finding))
    ]  # fmt: skip
    return sorted(fixes, key=lambda fix: fix.name != "cast")


def left_of_table(case: Case, finding: Finding) -> Left | None:
    """The finding as something that a plan leaves; None where it is mended, or is less than a warning."""
    table = case.schema.table(finding.table)
    reason, advice = case.held.get((finding.check, finding.subject)), CHECKS[finding.check].hint(finding)
    which = "another value" if finding.count == 1 else f"one value for all {finding.count:,} rows"
    other = f"{which} can be chosen: --set {typed_address(finding.table, finding.columns, '=update:VALUE')}"
    if reason is not None and not finding.facts.get("cast"):  # the hint may speak of the very fix that is held back
        advice = other
    choice, mend = _choice(case, finding), _mend(case, finding)
    capped = case.policy.left_out(FIXES[mend.fix].applicability) if mend else None
    if reason is not None and (folded(finding.table) in case.alone or reason == capped):
        advice = None
    if is_bookkeeping(finding.table):
        reason, advice = f"{finding.table} is a framework's own bookkeeping and is never changed", None
    if reason is None and mend:
        if choice is not None or finding.mendable == finding.count:
            return None
        advice = advice if (advice or "").startswith(BY_HAND) else other
    if choice is not None and choice.fix == "keep":
        reason, advice = "kept, as you chose", None
    # of what no condition on single rows tells, nobody knows what the plan leaves of it
    if finding.severity < (Severity.WARNING if finding.where else Severity.ERROR) and reason is None:
        return None
    count = f"SELECT count(*) FROM {stored(table, 'c')} WHERE ({finding.where})" if table and finding.where else None
    if reason is None and finding.where and (advice or "").startswith(BY_HAND):  # with how: there is no more to say
        reason, advice = advice, None
    reason = reason or (BY_HAND if finding.where else NOT_YET)
    return Left(finding.check, *finding.subject, finding.count, reason, advice, count)


def doubts(case: Case) -> dict[tuple[str, Subject], str]:
    """The findings of tables that are held back whatever a rehearsal says, and why.

    Tables that are left alone since a migration of them was not finished are so whatever was chosen; for the rest, what
    was chosen by name is not held back.
    SQLite refuses to write a row back that broke a promise, so without a backup such a fix cannot be undone. And where
    most values of a column are of the wrong type in the same way, that is how the application writes them.
    """
    found = ((finding, _doubt(case, finding)) for finding in case.report.findings)
    return {(finding.check, finding.subject): reason for finding, reason in found if reason}


def _doubt(case: Case, finding: Finding) -> str | None:
    table, mend = case.schema.table(finding.table), _mend(case, finding)
    if table is None or mend is None:
        return None
    if (spared := case.alone.get(folded(table.name))) and not spared.only_deletes:
        return spared.reason
    held = (each.reason for each in case.policy.held if each.subject == finding.subject)
    if reason := case.policy.left_out(FIXES[mend.fix].applicability) or next(held, None):
        return reason
    if _choice(case, finding) is not None:
        return None
    if keeper := owner(case.schema, table):
        return f"the module {module_of(keeper.sql)} of {keeper.name} is not known here, and may have made this table"
    if not case.policy.backup:
        return "without a backup it could not be undone"
    if not table.strict and isinstance(castable := finding.facts.get("lossless"), int):
        column = quote(finding.columns[0])
        values = case.connection.execute(f"SELECT count({column}) FROM {stored(table)}").fetchone()[0]
        if 2 * castable > values:
            return "most values are written like this: the application may rely on it"
    return None


def _choice(case: Case, finding: Finding) -> Choice | None:
    """What was chosen by name for the column; a column of a foreign key is chosen for as such, and not here.

    But where it holds NULL and may not, the value that is chosen for its key is meant for those rows as well.
    """
    table = case.schema.table(finding.table)
    keys = {name for fk in table.foreign_keys for name in fk.child_columns} if table else set()
    chosen = [choice for target, choice in case.policy.choices if names_columns(target, finding.table, finding.columns)]
    if not chosen or (
        keys & set(finding.columns) and (finding.check, chosen[-1].fix) != ("not-null-violations", "update")
    ):
        return None
    return chosen[-1]


def _mend(case: Case, finding: Finding) -> Mend | None:
    """What mends the rows of a finding: the value that was chosen by name for them, or what the check knows."""
    if finding.where is None or is_bookkeeping(finding.table):
        return None
    choice = _choice(case, finding)
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
