"""A foreign key to a column that its parent does not have: it refers to the key that its rows have their parents in.

The parent has one key of so many columns, or the rows have all of their parents by just one of several. That is the
column under its new name. `rowid` is the INTEGER PRIMARY KEY, under which it can be referred to.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlfix.model.findings import Finding
from sqlfix.model.schema import ForeignKey, Table
from sqlfix.model.values import ROWID_NAMES, folded
from sqlfix.plan.schema_repair import (
    NOT_EDITABLE,
    SCHEMA_REPAIRS,
    Answer,
    SchemaRepair,
    Task,
    as_if,
    key_of,
    left,
    matches,
    rebuild,
)
from sqlfix.sql.foreign_key_edits import with_parent
from sqlfix.sql.predicates import affinity
from sqlfix.text import plural


def repair(task: Task, finding: Finding) -> Iterable[Answer]:
    """The step of one such key."""
    if (found := key_of(task, finding)) is None:
        return [left(finding, NOT_EDITABLE)]
    place, fk, text = found
    parent = task.draft.schema.known_table(fk.parent)
    candidates = _of_its_kind(task.draft.schema.known_table(fk.child), fk, parent, _candidates(fk, parent))
    if not candidates:
        reason = f"{parent.name} has no key of {plural(len(fk.child_columns), 'column')} that it may be by now"
        return [left(finding, reason, task.refer_to(fk))]
    chosen, reason = _chosen(task, fk, parent, candidates)
    if chosen is None:
        hint = "; or ".join(task.refer_to(fk, parent.name, key) for key in candidates[:3])
        return [left(finding, reason, hint)]
    why = f"{parent.name} has no column {finding.facts['missing']}; its key is ({', '.join(chosen)})"
    return [rebuild(task, fk.child, with_parent(text, place, parent_columns=chosen), why, finding.check)]


def _candidates(fk: ForeignKey, parent: Table) -> list[tuple[str, ...]]:
    """The keys of the parent that the columns may be by now: those with as many, and with those that are there."""
    there = {folded(name) for name in fk.parent_columns if parent.column(name)}
    if parent.integer_key and all(folded(name) in ROWID_NAMES for name in fk.parent_columns):
        return [(parent.integer_key,)]
    keys = [key for key in parent.keys if len(key) == len(fk.child_columns) and there <= set(map(folded, key))]
    return [_in_order(fk, key, parent) for key in keys]


def _of_its_kind(child: Table, fk: ForeignKey, parent: Table, keys: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Of several keys those that hold values of the kind that the foreign key holds, if there are such."""

    def kinds(table: Table, names: Iterable[str]) -> list[str]:
        return [affinity(column, table.strict) for name in names if (column := table.column(name))]

    alike = [key for key in keys if kinds(parent, key) == kinds(child, fk.child_columns)]
    return alike or keys


def _in_order(fk: ForeignKey, key: tuple[str, ...], parent: Table) -> tuple[str, ...]:
    """The columns of a key in the order of the foreign key: those that are there stay where they are."""
    named = {folded(name) for name in fk.parent_columns if parent.column(name)}
    rest = iter([name for name in key if folded(name) not in named])
    return tuple(name if folded(name) in named else next(rest) for name in fk.parent_columns)


def _chosen(
    task: Task, fk: ForeignKey, parent: Table, candidates: list[tuple[str, ...]]
) -> tuple[tuple[str, ...] | None, str]:
    """The one key that it is, or why that cannot be told."""
    if (
        len(set(map(folded, fk.parent_columns)).intersection(ROWID_NAMES)) == len(fk.parent_columns)
        and parent.integer_key
    ):
        return candidates[0], ""
    found = [(key, matches(task, as_if(fk, parent, key))) for key in candidates]
    if any(known is None for _, known in found):
        return None, "whether its rows have their parents there cannot be told here"
    rows = max(known[0] for _, known in found if known)
    if not rows:
        only = candidates[0] if len(candidates) == 1 else None
        return only, f"it may be {_listed(candidates)}, and no row tells which"
    whole = [key for key, known in found if known and not known[1]]
    if len(whole) == 1:
        return whole[0], ""
    if whole:
        return None, f"it may be {_listed(whole)}, and the rows do not tell which"
    lost = min(known[1] for _, known in found if known)
    return None, f"it may be {_listed(candidates)}, but {lost:,} of {plural(rows, 'row')} would have no parent"


def _listed(keys: Iterable[tuple[str, ...]]) -> str:
    return " or ".join(f"({', '.join(key)})" for key in keys)


SCHEMA_REPAIRS.add("missing-parent-column", SchemaRepair(repair))
