"""A view that reads a table under the name that a rename has taken from it, reads it under the one that it has now."""

from __future__ import annotations

from collections.abc import Iterable

from sqlfix.model.findings import Finding
from sqlfix.plan.old_names import rewritten
from sqlfix.plan.schema_repair import SCHEMA_REPAIRS, Answer, SchemaRepair, Task


def repair(task: Task, finding: Finding) -> Iterable[Answer]:
    """The step of one such view."""
    return [rewritten(task, finding, "view", finding.table)]


SCHEMA_REPAIRS.add("broken-views", SchemaRepair(repair))
