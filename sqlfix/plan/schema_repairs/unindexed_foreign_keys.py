"""A foreign key of a large table without an index: the index is made."""

from __future__ import annotations

from collections.abc import Iterable

from sqlfix.model.findings import Finding, number_of
from sqlfix.model.schema_plans import SchemaStep
from sqlfix.plan.schema_repair import SCHEMA_REPAIRS, Answer, SchemaRepair, Task, known
from sqlfix.sql.create_index import new_index


def repair(task: Task, finding: Finding) -> Iterable[Answer]:
    """The step of one such key."""
    table = task.draft.schema.table(finding.table)
    if table is None or not known(table):
        return []
    wanted = set(finding.columns)
    if any({c.name for c in index.columns[: len(wanted)]} == wanted for index in table.indexes):
        return []  # it has been made by now
    name, text = new_index(task.draft.schema.has, table.name, finding.columns)
    why = f"every delete from {finding.facts['parent']} reads all rows of {table.name}"
    rows = number_of(finding, "rows")
    return [SchemaStep("create", "index", name, text, why=why, checks=(finding.check,), rows=rows)]


SCHEMA_REPAIRS.add("unindexed-foreign-keys", SchemaRepair(repair, of_file=True))
