"""Reports, plans and rows as JSON objects: the shapes that every format of lines and objects shares."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from sqlfix.model.findings import FaultyRow, Finding, Relationship, Report, Row
from sqlfix.model.plans import Fix, Left, Plan, TableTotal
from sqlfix.model.schema import ForeignKey, JoinTable
from sqlfix.model.values import Value
from sqlfix.scan.check import rule_of
from sqlfix.text import json_value

FORMAT_VERSION = 1
"""Raised when a key changes its meaning or goes away; new keys do not raise it."""


def compact(thing: object) -> str:
    """JSON on one line."""
    return json.dumps(thing, separators=(",", ":"), allow_nan=False)


def report_object(report: Report) -> dict[str, object]:
    """The report as the JSON contract has it."""
    return {
        "format_version": FORMAT_VERSION,
        "database": report.database,
        "clean": report.clean,
        "empty": report.empty,
        "relationships": [_relationship(seen) for seen in report.relationships],
        "join_tables": [_join_table(join) for join in report.join_tables],
        "findings": [_finding(finding) for finding in report.findings],
        "not_checked": [{"subject": entry.subject, "reason": entry.reason} for entry in report.not_checked],
    }


def plan_object(plan: Plan) -> dict[str, object]:
    """The plan as the JSON contract has it."""
    return {
        "format_version": FORMAT_VERSION,
        "database": plan.database,
        "rehearsed": plan.rehearsed,
        "applied": plan.applied,
        "backup": plan.backup,
        "unverified": [{"table": table, "reason": reason} for table, reason in plan.unverified],
        "record": plan.record,
        "fixes": [_fix(fix) for fix in plan.fixes],
        "left": [_left(left) for left in plan.left],
        "totals": [_total(total) for total in plan.totals],
        "unmended": plan.unmended,
    }


def row_object(faulty: FaultyRow) -> dict[str, object]:
    """One faulty row as the JSON contract has it."""
    return {"check": faulty.check, **_ends(*faulty.subject), **_row(faulty.row)}


def values_object(pairs: Iterable[tuple[str, Value]]) -> dict[str, object]:
    """Values by column."""
    return {column: json_value(value) for column, value in pairs}


def _ends(table: str, columns: Iterable[str], parent: str | None, parent_columns: Iterable[str]) -> dict[str, object]:
    return {"table": table, "columns": [*columns], "parent": parent or "", "parent_columns": [*parent_columns]}


def _row(row: Row) -> dict[str, object]:
    return {"key": values_object(row.key), "values": values_object(row.values)}


def _relationship(seen: Relationship) -> dict[str, object]:
    key = seen.foreign_key
    return {
        "child": key.child,
        "child_columns": [*key.child_columns],
        "parent": key.parent,
        "parent_columns": [*key.parent_columns],
        "origin": key.origin,
        "on_delete": key.on_delete,
        "on_update": key.on_update,
        "constraint": key.constraint,
        "deferrable": key.deferrable,
        "checked": seen.checked,
        "reason": seen.reason,
        "rows": seen.rows,
        "orphans": seen.orphans,
    }


def _join_table(join: JoinTable) -> dict[str, object]:
    return {
        "table": join.table,
        "left": _side(join.left),
        "right": _side(join.right),
        "carries_data": join.carries_data,
    }


def _side(key: ForeignKey) -> dict[str, object]:
    return {"columns": [*key.child_columns], "parent": key.parent, "parent_columns": [*key.parent_columns]}


def _finding(finding: Finding) -> dict[str, object]:
    rule = rule_of(finding.check)
    facts: Mapping[str, Value] = finding.facts
    return {
        "check": finding.check,
        "severity": finding.severity.name.lower(),
        **_ends(finding.table, finding.columns, finding.parent, finding.parent_columns),
        "count": finding.count,
        "distinct": finding.distinct,
        "sample": [_row(row) for row in finding.sample],
        "message": rule.message(finding),
        "hint": rule.hint(finding),
        "fix": finding.fix,
        "facts": values_object(facts.items()),
    }


def _fix(fix: Fix) -> dict[str, object]:
    return {
        "name": fix.name,
        **_ends(fix.table, fix.columns, fix.parent, fix.parent_columns),
        "checks": [*fix.checks],
        "rows": fix.rows,
        "follows": fix.follows,
        "decided_by": fix.decided_by or None,
        "follows_decided_by": fix.follows_by or None,
        "applicability": fix.applicability.name.lower(),
        "loss": fix.loss.name.lower(),
        "value": fix.value,
        "written": [*fix.written],
        "link_rows": fix.link_rows,
        "carries_data": fix.carries_data,
        "statements": [*fix.statements],
    }


def _left(left: Left) -> dict[str, object]:
    return {
        "check": left.check,
        **_ends(left.table, left.columns, left.parent, left.parent_columns),
        "count": left.count,
        "reason": left.reason,
        "hint": left.hint,
    }


def _total(total: TableTotal) -> dict[str, object]:
    return {
        "table": total.table,
        "before": total.before,
        "deleted": total.deleted,
        "changed": total.changed,
        "by_triggers": total.by_triggers,
    }
