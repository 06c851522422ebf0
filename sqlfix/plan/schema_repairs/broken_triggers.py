"""A trigger that speaks of a table by the name that a rename has taken from it, speaks of it by the one it has now."""

from __future__ import annotations

from collections.abc import Iterable

from sqlfix.model.findings import Finding
from sqlfix.plan.old_names import rewritten
from sqlfix.plan.schema_repair import SCHEMA_REPAIRS, Answer, SchemaRepair, Task


def repair(task: Task, finding: Finding) -> Iterable[Answer]:
    """The step of one such trigger."""
    return [rewritten(task, finding, "trigger", str(finding.facts["trigger"]))]


SCHEMA_REPAIRS.add("broken-triggers", SchemaRepair(repair))
