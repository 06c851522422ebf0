"""A table that a rebuild or a backup has renamed gets its name back, where nothing speaks against it."""

from __future__ import annotations

from sqlfix.model.findings import Finding
from sqlfix.model.schema import Schema, Table
from sqlfix.model.schema_plans import SchemaStep
from sqlfix.model.values import folded
from sqlfix.plan.schema_repair import Answer, Task, left
from sqlfix.schema.leftovers import is_of_tool, leftover_of, rename_back, to_be_renamed
from sqlfix.text import address, plural


def renamed_back(task: Task, finding: Finding, table: Table, original: str) -> list[Answer]:
    """The step that gives a table its name back, or why it is not done.

    A name that only a migration gives is no name of a table in use. One that people give as well may be: where views,
    triggers or foreign keys speak of it, nobody knows which of the two names is the right one.
    """
    schema = task.draft.schema
    of_tool = is_of_tool(table.name)
    if not of_tool and (speaks := _speaks_of(task, table.name)):
        reason = f"{table.name} may be {original} under another name, but {speaks} speaks of it under this one"
        return [left(finding, reason, f"if it is: {rename_back(schema, table.name, original)}")]
    wanting = [fk for fk in schema.references_to(original) if folded(fk.child) != folded(table.name)]
    if task.rows.rows(table.name) == 0 and (
        lost := sum(task.rows.keys(schema.known_table(fk.child), fk) for fk in wanting)
    ):
        reason = (
            f"{table.name} is empty, and {plural(lost, 'row')} had a parent in {original}: its rows may have been lost"
        )
        return [left(finding, reason, "is the table in an older copy of the file?")]
    others = [other.name for other in schema.tables if other is not table and _claims(schema, other, original)]
    if others:
        return [left(finding, f"{original} may be {table.name} or {', '.join(others)}")]
    why = f"the table {original} is gone, and {table.name} is that table under the name that a rename gave it"
    if not of_tool:
        why = f"the table {original} is gone, and {table.name}, called as a copy of it, stands beside its place"
    rows = task.rows.rows(table.name) or 0
    checks = ["unfinished-migration"] if leftover_of(schema, table) else []
    checks += ["missing-parent-table"] if wanting else []
    return [SchemaStep("rename", "table", table.name, to=original, why=why, checks=tuple(checks), rows=rows)]


def _claims(schema: Schema, other: Table, original: str) -> bool:
    """True if another table may be the missing one as well."""
    own = leftover_of(schema, other)
    if own is not None and folded(own.original) == folded(original):
        return True
    return to_be_renamed(schema, original, [other.name]) is not None and any(
        fk.fault is not None and other.name in fk.fault.names for fk in schema.references_to(original)
    )


def _speaks_of(task: Task, name: str) -> str:
    """What speaks of a table by its name: a foreign key of another one, a view or a trigger; empty if nothing does."""
    schema = task.draft.schema
    for fk in schema.references_to(name):
        if folded(fk.child) != folded(name):
            return address(fk.child, fk.child_columns)
    for one in task.draft.objects:
        if one.kind in ("view", "trigger") and folded(one.table) != folded(name) and one.speaks_of(name, unread=True):
            return f"the {one.kind} {one.name}"
    return ""
