"""A foreign key that names a part of its parent's key gets the other columns as well."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlfix.model.findings import Finding
from sqlfix.model.schema import ForeignKey
from sqlfix.model.values import folded
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
    text = without_foreign_key(text, place)
    why = f"{fk.child}.{', '.join(fk.child_columns)} names only a part of the key of {parent.name} ({', '.join(key)})"
    if any(_same_ends(other, wider) for other in task.draft.schema.known_table(fk.child).foreign_keys):
        return rebuild(task, fk.child, text, f"{why}, and another foreign key names all of it", finding.check)
    reference = Reference(parent.name, tuple(key), fk.on_delete, fk.on_update, bool(fk.deferrable))
    return rebuild(task, fk.child, with_foreign_key(text, columns, reference), why, finding.check)


def _same_ends(one: ForeignKey, other: ForeignKey) -> bool:
    """True if two foreign keys refer from the same columns to the same columns, in whatever order."""
    pairs = (zip(fk.child_columns, fk.parent_columns, strict=False) for fk in (one, other))
    ours, theirs = ({(folded(a), folded(b)) for a, b in some} for some in pairs)
    return not one.fault and folded(one.parent) == folded(other.parent) and ours == theirs
