"""A foreign key that names a part of its parent's key gets the other columns as well."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlfix.model.findings import Finding
from sqlfix.model.schema import ForeignKey
from sqlfix.plan.schema_repair import Answer, Task, as_if, holds_nobody, left, rebuild
from sqlfix.sql.foreign_key_edits import Reference, with_foreign_key, without_foreign_key


def widened(
    task: Task, finding: Finding, found: tuple[int, ForeignKey, str], columns: Sequence[str], key: Sequence[str]
) -> Answer:
    """The step that has a foreign key name all columns of its parent's key, or why it is not done.

    Args:
        found: its place in the text of the child, it itself, and the text.
        columns: those of the child.
        key: those of the parent.
    """
    place, fk, text = found
    parent = task.draft.schema.known_table(fk.parent)
    wider = replace(as_if(fk, parent, key), child_columns=tuple(columns))
    if holds_nobody(task, wider):
        reason = f"by ({', '.join(columns)}) not one of its rows has a parent in {parent.name}"
        return left(finding, reason, task.refer_to(fk))
    reference = Reference(parent.name, tuple(key), fk.on_delete, fk.on_update, bool(fk.deferrable))
    text = with_foreign_key(without_foreign_key(text, place), columns, reference)
    why = f"{fk.child}.{', '.join(fk.child_columns)} names only a part of the key of {parent.name} ({', '.join(key)})"
    return rebuild(task, fk.child, text, why, finding.check)
