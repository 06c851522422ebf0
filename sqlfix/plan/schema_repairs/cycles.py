"""Foreign keys in a cycle of tables that are not deferrable: they become DEFERRABLE INITIALLY DEFERRED, where asked.

Nothing is wrong with such keys, but no program can delete the rows of such a cycle one by one. The rows that the check
of this name finds are another matter: which link of theirs is to be cut, only a person knows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sqlfix.model.findings import Finding
from sqlfix.model.graph import parents_first
from sqlfix.model.schema import ForeignKey, Schema
from sqlfix.model.values import Severity
from sqlfix.plan.schema_repair import NOT_EDITABLE, SCHEMA_REPAIRS, Answer, SchemaRepair, Task, left, rebuild
from sqlfix.sql.foreign_key_edits import with_deferrable


def find(schema: Schema) -> Iterator[Finding]:
    """One for each table with such a key; a table that references itself is no such cycle."""
    usable = [fk for fk in schema.foreign_keys if not fk.fault and fk.child != fk.parent]
    parents: dict[str, list[str]] = {}
    for fk in usable:
        parents.setdefault(fk.child, []).append(fk.parent)
    for component in parents_first([table.name for table in schema.tables], parents):
        for name in component if len(component) > 1 else ():
            if any(_is_meant(fk, component) for fk in schema.known_table(name).foreign_keys):
                yield Finding("cycles", Severity.HINT, name, facts={"with": "\0".join(component)})


def _is_meant(fk: ForeignKey, component: Iterable[str]) -> bool:
    return not fk.deferrable and not fk.fault and fk.parent in component and fk.child != fk.parent


def repair(task: Task, finding: Finding) -> Iterable[Answer]:
    """The step of one table."""
    table, component = task.draft.schema.known_table(finding.table), str(finding.facts["with"]).split("\0")
    text = task.draft.table_text(table.name)
    keys = [(place, fk) for place, fk in enumerate(table.foreign_keys) if _is_meant(fk, component)]
    if text is None or any(fk.text is None for _, fk in keys):
        return [left(finding, NOT_EDITABLE)]
    for place, _ in keys:
        text = with_deferrable(text, place, True)
    columns = "; ".join(", ".join(fk.child_columns) for _, fk in keys)
    others = ", ".join(dict.fromkeys(fk.parent for _, fk in keys))
    why = f"{table.name} and {others} reference one another, and {table.name}.{columns} is not deferrable"
    return [rebuild(task, table.name, text, why, finding.check)]


SCHEMA_REPAIRS.add("cycles", SchemaRepair(repair, find=find))
