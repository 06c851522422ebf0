"""A parent that lost its PRIMARY KEY or UNIQUE: it gets it back, if its rows keep to it.

`REFERENCES p` wants the PRIMARY KEY, by a rebuild. `p(id)` gets it too where the table has none, since programs that
insert a row count on it, and else a unique index. Nothing is forced: where values stand there twice, or a NULL in what
is to be the primary key, these rows come first.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlfix.model.findings import Finding
from sqlfix.model.schema import ForeignKey, Table
from sqlfix.plan.lost_keys import counts_on_rowids, likely_keys, obstacle, primary_key_back, unique_index
from sqlfix.plan.schema_repair import (
    NOT_EDITABLE,
    SCHEMA_REPAIRS,
    Answer,
    SchemaRepair,
    Task,
    as_if,
    key_of,
    known,
    left,
    matches,
)
from sqlfix.plan.wider_keys import widened
from sqlfix.schema.leftovers import leftover_of
from sqlfix.schema.wider_keys import wider_key
from sqlfix.sql.create_index import index_text
from sqlfix.sql.tokens import tokens


def repair(task: Task, finding: Finding) -> Iterable[Answer]:
    """The step of one such key; the parent's key that several need is mended once."""
    schema = task.draft.schema
    child, parent = schema.known_table(finding.table), schema.known_table(finding.parent or "")
    keys = [fk for fk in child.foreign_keys if fk.subject == finding.subject and fk.fault]
    if not known(parent) or not keys:
        what = "a view" if parent.kind == "view" else "a virtual table"
        return [left(finding, f"{parent.name} is {what}, which has no key", task.refer_to(keys[0]) if keys else None)]
    leftover = leftover_of(schema, parent)
    if leftover is not None and leftover.exists:
        return [left(finding, f"{parent.name} was left behind by a rebuild of {leftover.original}: that comes first")]
    fk, columns = keys[0], finding.parent_columns
    if not columns:
        return _without_columns(task, finding, fk, parent)
    if found := wider_key(child, fk, parent):
        return [_widened(task, finding, *found)]
    if fk.fault and fk.fault.detail == "partial" and not _leaves_out_nulls(parent, fk.fault.names[0], columns):
        reason = f"the unique index {fk.fault.names[0]} is over some rows on purpose: one over all forbids more"
        return [left(finding, reason, f"if that is meant: {unique_index(task, finding, parent, columns).text}")]
    as_primary = not parent.primary_key and _is_first(task, parent, fk)
    if in_the_way := obstacle(task, parent, columns, as_primary):
        return [left(finding, *in_the_way)]
    counting = counts_on_rowids(task, parent, columns) if as_primary else None
    if as_primary and not counting and (step := primary_key_back(task, finding, parent, columns)):
        return [step]
    return [unique_index(task, finding, parent, columns)]


def _widened(task: Task, finding: Finding, key: tuple[str, ...], columns: tuple[str, ...] | None) -> Answer:
    if columns is None:
        reason = f"it names a part of the key ({', '.join(key)}), and {finding.table} has no columns for the rest"
        return left(finding, reason)
    found = key_of(task, finding)
    return widened(task, finding, found, columns, key) if found else left(finding, NOT_EDITABLE)


def _without_columns(task: Task, finding: Finding, fk: ForeignKey, parent: Table) -> list[Answer]:
    """The answers for a key that relies on the primary key of a table that has none."""
    candidates = [key for key in likely_keys(task.draft.schema, parent) if len(key) == len(finding.columns)]
    possible = [key for key in candidates if not obstacle(task, parent, key, True)]
    if len(possible) > 1:  # the one that the rows refer to
        known = {key: matches(task, as_if(fk, parent, key)) for key in possible}
        whole = [key for key, found in known.items() if found and found[0] and not found[1]]
        possible = whole if len(whole) == 1 else possible
    if len(possible) == 1:
        if counting := counts_on_rowids(task, parent, possible[0]):
            key = ", ".join(possible[0])
            reason = f"with ({key}) as its primary key, rows of {parent.name} would get another rowid"
            return [left(finding, f"{reason}, and {counting} finds them by it")]
        step = primary_key_back(task, finding, parent, possible[0])
        return [step or left(finding, f"{parent.name}: {NOT_EDITABLE}")]
    if not candidates:
        reason = f"{parent.name} has no primary key, and no column that is called like one"
        return [left(finding, reason, task.refer_to(fk))]
    if not possible:
        reason, hint = obstacle(task, parent, candidates[0], True) or ("", None)
        return [left(finding, reason, hint)]
    keys = " or ".join(f"({', '.join(key)})" for key in possible)
    hint = "; or ".join(task.refer_to(fk, parent.name, key, unique=False) for key in possible[:3])
    return [left(finding, f"{parent.name} has lost its primary key, and it may have been {keys}", hint)]


def _is_first(task: Task, parent: Table, fk: ForeignKey) -> bool:
    """True if the columns of a key are what was the primary key of a table that has none, and no other are likelier."""
    likely = likely_keys(task.draft.schema, parent, referred=False)
    return bool(likely) and set(likely[0]) == set(fk.parent_columns)


def _leaves_out_nulls(parent: Table, index: str, columns: tuple[str, ...]) -> bool:
    """True if a partial index leaves out no more rows than those with a NULL, which a whole one takes for different."""
    text = next((one.sql for one in parent.indexes if one.name == index), "")
    if not isinstance(text, str) or not text:
        return False
    cut = tokens(index_text(text)[1])
    words = [token.word for token in cut[1:]]
    column = parent.column(cut[0].name or "") if cut else None
    return words in (["is", "not", "null"], ["notnull"]) and column is not None and column.name in columns


SCHEMA_REPAIRS.add("parent-key-not-unique", SchemaRepair(repair))
