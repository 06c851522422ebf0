"""A foreign key to a table that is not there: the table gets its name back, or the key gets the name of the table.

* The one table that can be meant is called as a rebuild or a backup of the missing one is (`x_backup`, and `x` is
  gone): it is given its name back.
* The missing one is called as a rebuild of the one that is there (`x__old`, and there is `x`): the key was dragged
  along by a rename, and refers to `x` again.

Whatever else it may be, it is left, with the candidates.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlfix.model.findings import Finding
from sqlfix.model.schema import ForeignKey, Table
from sqlfix.model.values import folded
from sqlfix.plan.renamed_back import renamed_back
from sqlfix.plan.schema_repair import (
    NOT_EDITABLE,
    SCHEMA_REPAIRS,
    Answer,
    SchemaRepair,
    Task,
    as_if,
    holds_nobody,
    key_of,
    left,
    rebuild,
)
from sqlfix.schema.leftovers import stem, to_be_renamed
from sqlfix.sql.foreign_key_edits import with_parent
from sqlfix.text import plural

EMPTY = '""'
"""How a table with the empty name is spoken of."""


def repair(task: Task, finding: Finding) -> Iterable[Answer]:
    """The steps of one such key."""
    schema, missing = task.draft.schema, finding.parent or ""
    candidates = _candidates(task, finding)
    if back := to_be_renamed(schema, missing, candidates):
        return renamed_back(task, finding, schema.known_table(back), missing)
    if len(candidates) != 1:
        return [_undecided(task, finding, candidates)]
    (table,) = (schema.known_table(name) for name in candidates)
    if stem(folded(missing)) != folded(table.name):
        return [_undecided(task, finding, candidates)]
    if (found := key_of(task, finding)) is None:
        return [left(finding, NOT_EDITABLE)]
    place, fk, text = found
    if holds_nobody(task, as_if(fk, table)):
        having = (task.rows.references(schema, as_if(fk, table)) or (0, 0))[0]
        reason = f"not one of {plural(having, 'row')} has its parent in {table.name}: it may be another table"
        return [left(finding, reason, _ways(task, fk, candidates))]
    why = f"{fk.child}.{', '.join(fk.child_columns)} references {missing}, which is {table.name} by now"
    return [rebuild(task, fk.child, with_parent(text, place, table.name), why, finding.check)]


def _candidates(task: Task, finding: Finding) -> tuple[str, ...]:
    """The tables that it may have been meant for."""
    table = task.draft.schema.table(finding.table)
    faults = [fk.fault for fk in (table.foreign_keys if table else ()) if fk.subject == finding.subject and fk.fault]
    return faults[0].names if faults else ()


def _undecided(task: Task, finding: Finding, candidates: tuple[str, ...]) -> Answer:
    table: Table | None = task.draft.schema.table(finding.table)
    fk = next((fk for fk in table.foreign_keys if fk.subject == finding.subject), None) if table else None
    hint = _ways(task, fk, candidates) if fk else None
    if not candidates:
        called = finding.parent or EMPTY
        reason = f"no table is called nearly like {called}: it may have been lost, or it is in an older copy"
    elif len(candidates) == 1:
        reason = f"it may have been meant for {candidates[0]}, but nothing tells for sure"
    else:
        reason = f"it may have been meant for {', '.join(candidates[:-1])} or {candidates[-1]}"
    return left(finding, reason, hint)


def _ways(task: Task, fk: ForeignKey, candidates: tuple[str, ...]) -> str:
    columns = () if fk.implicit else fk.parent_columns
    return "; or ".join(task.refer_to(fk, name, columns) for name in candidates[:3] or ("",))


SCHEMA_REPAIRS.add("missing-parent-table", SchemaRepair(repair))
