"""Which relationships have another number of orphans after a plan only by the rows of their child that it changes.

For these the rows that are changed are all that has to be looked at, and all others keep what the scan found.
"""

from __future__ import annotations

from sqlfix.model.plans import Expectation, Plan
from sqlfix.model.schema import ForeignKey, Schema
from sqlfix.model.values import folded


def told_by_changes(schema: Schema, plan: Plan) -> tuple[Expectation, ...]:
    """The expectations of a plan that can be verified by the rows that it changed, if it changed no others.

    Whether a row of the child is an orphan depends on its own key, and on which keys the parents have. Where no step
    deletes, adds or rekeys a parent, the keys of the parents stay. So a row that stays as it was stays what it was, and
    the number of orphans afterwards is what it was before, less the changed rows that were orphans, and the changed
    rows that are some now. All of these are looked up among the parents as they are afterwards, which are the same as
    before.

    None can be where a trigger may change further rows, where rows are added, or where REINDEX may show what a damaged
    index hid.
    """
    changed = {folded(total.table) for total in plan.totals} | {folded(fix.table) for fix in plan.fixes}
    triggers = any(table.triggers for table in schema.tables if folded(table.name) in changed)
    if triggers or any(fix.kind not in ("delete", "update") for fix in plan.fixes) or any(t.added for t in plan.totals):
        return ()
    return tuple(e for e in plan.expectations if e.was is not None and _keeps_parents(schema, plan, e.foreign_key))


def _keeps_parents(schema: Schema, plan: Plan, fk: ForeignKey) -> bool:
    """True if the parents of a relationship have the same keys after a plan, and none of its columns is computed."""
    child, parent = schema.table(fk.child), schema.table(fk.parent)
    if fk.fault or child is None or parent is None:
        return False
    ends = [*map(child.column, fk.child_columns), *map(parent.column, fk.parent_columns)]
    if any(column is None or column.generated for column in ends):
        return False
    key = {folded(name) for name in fk.parent_columns}
    steps = [fix for fix in plan.fixes if folded(fix.table) == folded(fk.parent)]
    return all(fix.kind == "update" and key.isdisjoint(map(folded, fix.written)) for fix in steps)
