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
from sqlfix.model.schema import ForeignKey
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
    keys = schema.known_table(finding.table).foreign_keys
    meant = next(fk for fk in keys if fk.subject == finding.subject and fk.fault)
    candidates = meant.fault.names if meant.fault else ()
    if back := to_be_renamed(schema, missing, candidates):
        return renamed_back(task, finding, schema.known_table(back), missing)
    if len(candidates) != 1 or stem(folded(missing)) != folded(candidates[0]):
        return [left(finding, _undecided(missing, candidates), _ways(task, meant, candidates))]
    table = schema.known_table(candidates[0])
    if (found := key_of(task, finding)) is None:
        return [left(finding, NOT_EDITABLE)]
    place, fk, text = found
    if holds_nobody(task, as_if(fk, table)):
        having = (task.rows.references(schema, as_if(fk, table)) or (0, 0))[0]
        reason = f"not one of {plural(having, 'row')} has its parent in {table.name}: it may be another table"
        return [left(finding, reason, _ways(task, fk, candidates))]
    why = f"{fk.child}.{', '.join(fk.child_columns)} references {missing}, which is {table.name} by now"
    return [rebuild(task, fk.child, with_parent(text, place, table.name), why, finding.check)]


def _undecided(missing: str, candidates: tuple[str, ...]) -> str:
    """Why it cannot be told which table is meant."""
    if not candidates:
        return f"no table is called nearly like {missing or EMPTY}: it may have been lost, or it is in an older copy"
    if len(candidates) == 1:
        return f"it may have been meant for {candidates[0]}, but nothing tells for sure"
    return f"it may have been meant for {', '.join(candidates[:-1])} or {candidates[-1]}"


def _ways(task: Task, fk: ForeignKey, candidates: tuple[str, ...]) -> str:
    columns = () if fk.implicit else fk.parent_columns
    return "; or ".join(task.refer_to(fk, name, columns) for name in candidates[:3] or ("",))


SCHEMA_REPAIRS.add("missing-parent-table", SchemaRepair(repair))
