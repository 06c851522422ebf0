"""A foreign key with fewer columns than the primary key that it refers to: it gets the columns that it lacks.

They are those of the child that are called as the parent's are.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlfix.model.findings import Finding
from sqlfix.plan.schema_repair import NOT_EDITABLE, SCHEMA_REPAIRS, Answer, SchemaRepair, Task, key_of, left
from sqlfix.plan.wider_keys import widened


def repair(task: Task, finding: Finding) -> Iterable[Answer]:
    """The step of one such key."""
    if (found := key_of(task, finding)) is None:
        return [left(finding, NOT_EDITABLE)]
    _, fk, _ = found
    child, parent = task.draft.schema.known_table(fk.child), task.draft.schema.known_table(fk.parent)
    columns = [column.name for name in parent.primary_key if (column := child.column(name))]
    if len(columns) < len(parent.primary_key) or len(fk.child_columns) > len(columns):
        reason = f"{child.name} has no columns for the key of {parent.name} ({', '.join(parent.primary_key)})"
        return [left(finding, reason, task.refer_to(fk))]
    return [widened(task, finding, found, columns, parent.primary_key)]


SCHEMA_REPAIRS.add("column-count-mismatch", SchemaRepair(repair))
