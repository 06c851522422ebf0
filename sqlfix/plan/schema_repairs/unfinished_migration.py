"""What a rebuild has left behind, beside the table or in its place.

* The table is gone, and its leftover is there: that gets the name back.
* Both are there: what only one of them has decides. Foreign keys, views, triggers and indexes that followed the rename
  to the leftover belong to the table again, if that has all rows. An empty one of the two may be dropped, but only
  where that is asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sqlfix.model.findings import Finding, number_of
from sqlfix.model.schema import Schema, Table
from sqlfix.model.schema_plans import SchemaStep
from sqlfix.model.values import Severity, folded
from sqlfix.plan.dragged_along import dragged_along
from sqlfix.plan.renamed_back import renamed_back
from sqlfix.plan.schema_repair import (
    NOT_EDITABLE,
    SCHEMA_REPAIRS,
    Answer,
    SchemaRepair,
    Task,
    as_if,
    holds_nobody,
    left,
    rebuild,
)
from sqlfix.schema.leftovers import leftover_of
from sqlfix.sql.foreign_key_edits import with_parent
from sqlfix.text import plural


def repair(task: Task, finding: Finding) -> Iterable[Answer]:
    """The steps of one leftover."""
    if finding.parent is not None:
        return _orphans(task, finding, str(finding.facts["leftover"]))
    table = task.draft.schema.table(finding.table)
    leftover = leftover_of(task.draft.schema, table) if table else None
    if table is None or leftover is None:
        return []  # it has its name back by now
    if not leftover.original:
        return [left(finding, "nobody knows which table it was")]
    if not leftover.exists:
        return renamed_back(task, finding, table, leftover.original)
    original = task.draft.schema.known_table(leftover.original)
    return _both(task, finding, table, original)


def _orphans(task: Task, finding: Finding, name: str) -> list[Answer]:
    """The answer for orphans that have their parents in a leftover, as long as it is one."""
    table = task.draft.schema.table(name)
    if table is None or leftover_of(task.draft.schema, table) is None:
        return []
    return [left(finding, f"their parents are only in {name}, and no row is moved here")]


def _both(task: Task, finding: Finding, table: Table, original: Table) -> list[Answer]:
    """The answers where the table and its leftover are there."""
    only_here, only_there = number_of(finding, "only_here"), number_of(finding, "only_there")
    rows, there = number_of(finding, "rows"), number_of(finding, "rows_of_original")
    if only_here and there and finding.severity == Severity.HINT:
        return []  # somebody keeps a copy, in which rows that were deleted since are bound to be
    if only_here and there:
        only = f"{_are(only_here)} only in {table.name}"
        only += f", {_are(only_there)} only in {original.name}" if only_there else ""
        return [left(finding, f"{only}: bring them together in one table first")]
    if rows and not there:
        return _in_its_place(task, finding, table, original)
    followed = [*_followed(task, finding, table, original), *dragged_along(task, finding, table, original)]
    if followed:
        return followed
    if rows == 0 and task.drop_leftovers:
        why = f"{table.name}, left behind by a rebuild of {original.name}, is empty"
        return [SchemaStep("drop", "table", table.name, why=why, checks=(finding.check,))]
    if finding.severity != Severity.ERROR:
        return []  # it does no harm, and what drops it is said with what to type next
    option = ("--drop-leftovers",) if not rows else ("--drop-table", table.name)
    reason = "it is empty" if not rows else f"{original.name} has all of its rows"
    return [left(finding, f"{reason}, and may go", task.command("repair-schema", *option))]


def _in_its_place(task: Task, finding: Finding, table: Table, original: Table) -> list[Answer]:
    """The answers where the table is empty and its leftover has the rows."""
    same_columns = {folded(c.name) for c in table.columns} == {folded(c.name) for c in original.columns}
    held = f"{original.name} is empty, and {table.name} has the rows"
    if not same_columns:
        return [left(finding, f"{held}, but not the same columns: finish the migration")]
    lost = [index.name for index in original.indexes if index.sql] + [trigger.name for trigger in original.triggers]
    if lost:
        return [left(finding, f"{held}, but {original.name} has {lost[0]}: finish the migration")]
    if not task.drop_leftovers:
        return [left(finding, held, f"to drop the empty one: {task.command('repair-schema', '--drop-leftovers')}")]
    checks = (finding.check,)
    why = f"{original.name} is empty, and its rows are in {table.name}, which a rebuild left behind"
    rename = SchemaStep(
        "rename", "table", table.name, to=original.name, why=f"{table.name} has the rows of {original.name}",
        checks=checks, rows=number_of(finding, "rows"),
    )  # fmt: skip
    return [SchemaStep("drop", "table", original.name, why=why, checks=checks), rename]


def _followed(task: Task, finding: Finding, table: Table, original: Table) -> Iterator[Answer]:
    """The steps for the foreign keys of other tables that followed a rename to the leftover."""
    schema = task.draft.schema
    for child in _children(schema, table.name):
        text, why = task.draft.table_text(child.name), ""
        for place, fk in enumerate(child.foreign_keys):
            if folded(fk.parent) != folded(table.name):
                continue
            if text is None or fk.text is None:
                yield left(finding, f"{child.name} references it; {NOT_EDITABLE}")
                break
            if any(original.column(name) is None for name in fk.parent_columns) or holds_nobody(
                task, as_if(fk, original)
            ):
                columns = ", ".join(fk.child_columns)
                hint = task.refer_to(fk, original.name, () if fk.implicit else fk.parent_columns)
                yield left(finding, f"{child.name}.{columns} references it, and may be meant to", hint)
                continue
            text = with_parent(text, place, original.name)
            why = f"{child.name}.{', '.join(fk.child_columns)} followed {original.name} to {table.name} in a rename"
        if why and text is not None:
            yield rebuild(task, child.name, text, why, finding.check)


def _children(schema: Schema, name: str) -> list[Table]:
    """The other tables that refer to a leftover, but for leftovers: those are left as they are."""
    found = {folded(fk.child): schema.known_table(fk.child) for fk in schema.references_to(name)}
    return [t for key, t in found.items() if key != folded(name) and leftover_of(schema, t) is None]


def _are(number: int) -> str:
    return f"{plural(number, 'row')} {'is' if number == 1 else 'are'}"


SCHEMA_REPAIRS.add("unfinished-migration", SchemaRepair(repair, of_file=True))
