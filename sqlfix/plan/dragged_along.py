"""Views, triggers and indexes that followed a table to the name under which a rebuild put it aside.

Only the old name of a table (`x__old`) draws them there; what is on a half-built one (`new__x`) belongs to that.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlfix.model.findings import Finding
from sqlfix.model.schema import Index, Table
from sqlfix.model.schema_plans import SchemaStep
from sqlfix.model.values import folded
from sqlfix.plan.old_names import with_name
from sqlfix.plan.schema_draft import Draft, SchemaObject
from sqlfix.plan.schema_repair import Task
from sqlfix.schema.leftovers import OF_OLD
from sqlfix.sql.tokens import DdlError

COMPILE = ("broken-views", "broken-triggers")


def dragged_along(task: Task, finding: Finding, leftover: Table, original: Table) -> Iterator[SchemaStep]:
    """The steps that bring them back to the table; none for what would not compile there.

    What is on the leftover itself comes back only where the table has nothing of the kind: else it was made anew.
    """
    if not folded(leftover.name).endswith(OF_OLD):
        return
    bare_of_indexes = not any(index.created_by for index in original.indexes)
    for one in task.draft.objects:
        on_it = folded(one.table) == folded(leftover.name)
        if one.kind == "index":
            wanted = on_it and bare_of_indexes and _fits(task, leftover, original, one)
        elif one.kind == "trigger":
            wanted = not (on_it and original.triggers) and one.speaks_of(leftover.name)
        else:
            wanted = one.kind == "view" and one.speaks_of(leftover.name)
        if wanted and (step := _step(task, finding, one, (leftover.name, original.name))):
            yield step


def _fits(task: Task, leftover: Table, original: Table, one: SchemaObject) -> bool:
    """True if the rows of the table keep to an index of plain columns."""
    index: Index | None = next((i for i in leftover.indexes if folded(i.name) == folded(one.name)), None)
    columns = [column.name for column in index.columns] if index else []
    names = [name for name in columns if name is not None and original.column(name)]
    if index is None or index.partial or len(names) < len(columns):
        return False
    return not index.unique or task.rows.duplicates(original, names) == 0


def _step(task: Task, finding: Finding, one: SchemaObject, names: tuple[str, str]) -> SchemaStep | None:
    old, new = names
    why = f"the {one.kind} {one.name} followed {new} to {old} in a rename"
    try:
        text = with_name(one.text, old, new)
    except DdlError:
        return None
    step = SchemaStep("rewrite", one.kind, one.name, text, why=why, checks=(finding.check,))
    with task.draft.after(step) as after:
        return step if after and _broken(after) <= _broken(task.draft) else None


def _broken(draft: Draft) -> set[tuple[object, ...]]:
    """The views and triggers that do not compile."""
    return {(f.check, f.table, f.facts.get("trigger")) for f in draft.findings(COMPILE)}
