"""A view that reads a table under the name that a rename has taken from it, reads it under the one that it has now."""

from __future__ import annotations

from collections.abc import Iterable

from sqlfix.model.findings import Finding
from sqlfix.plan.old_names import rewritten
from sqlfix.plan.schema_repair import SCHEMA_REPAIRS, Answer, SchemaRepair, Task
from sqlfix.sql.literals import quote


def repair(task: Task, finding: Finding) -> Iterable[Answer]:
    """The step of one such view."""
    drop = f"rewrite it, or drop it: DROP VIEW {quote(finding.table)}"
    return [rewritten(task, finding, ("view", finding.table), drop)]


SCHEMA_REPAIRS.add("broken-views", SchemaRepair(repair))
