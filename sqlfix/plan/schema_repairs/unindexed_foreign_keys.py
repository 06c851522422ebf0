"""A foreign key of a large table without an index: the index is made."""

from __future__ import annotations

import re
from collections.abc import Iterable

from sqlfix.model.findings import Finding, number_of
from sqlfix.model.schema_plans import SchemaStep
from sqlfix.plan.schema_repair import SCHEMA_REPAIRS, Answer, SchemaRepair, Task, known
from sqlfix.sql.literals import names, quote


def repair(task: Task, finding: Finding) -> Iterable[Answer]:
    """The step of one such key."""
    table = task.draft.schema.table(finding.table)
    if table is None or not known(table):
        return []
    wanted = set(finding.columns)
    if any({c.name for c in index.columns[: len(wanted)]} == wanted for index in table.indexes):
        return []  # it has been made by now
    stem = re.sub(r"\W+", "_", "_".join(("ix", table.name, *finding.columns)))
    name, number = stem, 1
    while task.draft.schema.has(name):
        number += 1
        name = f"{stem}_{number}"
    text = f"CREATE INDEX {quote(name)} ON {quote(table.name)} ({names(finding.columns)})"
    why = f"every delete from {finding.facts['parent']} reads all rows of {table.name}"
    rows = number_of(finding, "rows")
    return [SchemaStep("create", "index", name, text, why=why, checks=(finding.check,), rows=rows)]


SCHEMA_REPAIRS.add("unindexed-foreign-keys", SchemaRepair(repair, of_file=True))
