"""A primary key or unique index that a table has lost: which columns it was, what is in its way, how it comes back."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from sqlfix.model.findings import Finding
from sqlfix.model.plans import SchemaStep
from sqlfix.model.schema import ForeignKey, Schema, Table
from sqlfix.model.values import ROWID_NAMES, folded
from sqlfix.plan.schema_repair import NOT_EDITABLE, Answer, Task, as_if, key_of, known, left, matches, rebuild
from sqlfix.plan.schema_repairs import widened
from sqlfix.schema.leftovers import leftover_of
from sqlfix.schema.names import typed_place
from sqlfix.schema.search_index import documents_of
from sqlfix.schema.writable_keys import wider_key
from sqlfix.sql.create_index import index_text, new_index
from sqlfix.sql.create_virtual_table import is_virtual
from sqlfix.sql.predicates import affinity
from sqlfix.sql.table_edits import with_primary_key, with_type
from sqlfix.sql.tokens import DdlError, known_tokens, tokens
from sqlfix.text import plural


def likely_keys(schema: Schema, table: Table, referred: bool = True) -> list[tuple[str, ...]]:
    """The columns that may have been the primary key of a table that has none, the likeliest first.

    The copy of the table that a rebuild left may still have it, and nothing else counts then. Else they are columns
    that are called as primary keys are; and with ``referred`` those that other tables refer to by name.
    """
    for other in schema.tables:
        left = leftover_of(schema, other) if other.primary_key else None
        if left is not None and folded(left.original) == folded(table.name):
            return [key] if (key := _own(table, other.primary_key)) else []
    found: list[tuple[str, ...]] = [(name,) for name in _called_so(schema, table)]
    for fk in schema.references_to(table.name) if referred else ():
        key = _own(table, fk.parent_columns)
        if key and not fk.implicit and set(key) not in map(set, found):
            found.append(key)
    return found


def _own(table: Table, key: Sequence[str]) -> tuple[str, ...]:
    """The columns of a table that are called as those of a key; empty where it lacks one."""
    columns = tuple(column.name for name in key if (column := table.column(name)))
    return columns if len(columns) == len(key) else ()


def _called_so(schema: Schema, table: Table) -> list[str]:
    """The names of its columns that are those of a primary key: id, and its own name with id or pk.

    Where it has none of these, what the primary keys of other tables of the file are called, of two at least.
    """
    own = _bare(table.name)
    wanted = {"id", "pk", "uuid", "guid", f"{own}id", f"{own}pk", f"{own.removesuffix('s')}id"}
    if found := [column.name for column in table.columns if _bare(column.name) in wanted]:
        return found
    keys = Counter(_bare(other.primary_key[0]) for other in schema.tables if len(other.primary_key) == 1)
    return [column.name for column in table.columns if keys[_bare(column.name)] > 1]


def _bare(name: str) -> str:
    return re.sub(r"\W|_", "", folded(name))


def obstacle(task: Task, table: Table, columns: Sequence[str], as_primary: bool) -> tuple[str, str | None] | None:
    """Why rows of a table do not keep to a key, and the command that helps; None if nothing is in the way."""
    place = typed_place(task.draft.schema, table.name, columns)
    listed = f"{table.name} ({', '.join(columns)})"
    duplicates = task.rows.duplicates(table, columns)
    if duplicates is None:
        return f"whether the values of {listed} are unique cannot be told here", None
    if duplicates:
        values = "1 value stands" if duplicates == 1 else f"{duplicates:,} values stand"
        return f"{values} in {listed} more than once", task.command("repair", "--merge", place)
    if not as_primary:
        return None
    nulls = task.rows.nulls(table, columns)
    if nulls:
        return f"{plural(nulls, 'row')} of {listed} {'has' if nulls == 1 else 'have'} NULL there", task.command(
            "scan", "--unique", place
        )
    column = table.column(columns[0])
    is_number = len(columns) == 1 and column is not None and folded(column.type) == "integer"
    if is_number and (others := task.rows.others_than(table, columns[0], "integer")):
        return f"{plural(others, 'value')} of {listed} {'is' if others == 1 else 'are'} no whole number", None
    return None


def primary_key_back(task: Task, finding: Finding, table: Table, columns: Sequence[str]) -> SchemaStep | None:
    """The step that gives a table its primary key back; None if its text cannot be edited.

    One column of whole numbers becomes an INTEGER PRIMARY KEY: only by that type does SQLite number new rows by itself,
    and CREATE TABLE AS, or pandas, writes another word for it.
    """
    text = task.draft.table_text(table.name)
    if text is None:
        return None
    try:
        if len(columns) == 1 and _is_number(task, table, columns[0]):
            text = with_type(text, columns[0], "INTEGER")
        text = with_primary_key(text, columns)
    except DdlError:
        return None
    why = f"{table.name} has lost its primary key ({', '.join(columns)}), and {finding.table} references it"
    return rebuild(task, table.name, text, why, finding.check)


def _is_number(task: Task, table: Table, name: str) -> bool:
    column = table.column(name)
    if column is None or table.without_rowid or folded(column.type) == "integer":
        return False
    if affinity(column, table.strict) != "INTEGER" or table.strict:
        return False
    return task.rows.others_than(table, name, "integer") == 0


def counts_on_rowids(task: Task, table: Table, columns: Sequence[str]) -> str | None:
    """What finds its rows by their rowid, and would find others: an index of their text, a view, a trigger.

    None where there is nothing like that, or the rowids stay as they are, with these columns as the primary key.
    """
    if len(columns) != 1 or table.without_rowid:
        return None
    column = table.column(columns[0])
    is_number = column is not None and folded(column.type) == "integer"
    if not (is_number or _is_number(task, table, columns[0])) or task.rows.other_rowids(table, columns[0]) == 0:
        return None
    for one in task.draft.objects:
        virtual = task.draft.schema.table(one.name) if one.kind == "table" and is_virtual(one.text) else None
        index = documents_of(task.draft.schema, virtual) if virtual else None
        if index and folded(index.content) == folded(table.name) and folded(index.key) in ROWID_NAMES:
            return f"the full-text index {index.table.name}"
        if one.kind in ("view", "trigger"):
            words = {folded(token.name) for token in known_tokens(one.text) if token.name}
            if folded(table.name) in words and words.intersection(ROWID_NAMES):
                return f"the {one.kind} {one.name}"
    return None


def unique_index(task: Task, finding: Finding, table: Table, columns: Sequence[str]) -> SchemaStep:
    """The step that makes the unique index which a foreign key wants."""
    name, text = new_index(task.draft.schema.has, table.name, columns, unique=True)
    why = f"{finding.table} references {table.name} ({', '.join(columns)}), which no unique index covers"
    rows = task.rows.rows(table.name) or 0
    return SchemaStep("create", "index", name, text, why=why, checks=(finding.check,), rows=rows)


def repaired_key(task: Task, finding: Finding) -> Iterable[Answer]:
    """The step for one foreign key; the parent's key that several need is mended once.

    `REFERENCES p` wants the PRIMARY KEY, by a rebuild. `p(id)` gets it too where the table has none, since programs
    that insert a row count on it, and else a unique index. Nothing is forced: where values stand there twice, or a NULL
    in what is to be the primary key, these rows come first.
    """
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
