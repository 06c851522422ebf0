"""A misspelled keyword in a declared type: it is written as it was meant, if SQLite and the rows take it so."""

from __future__ import annotations

from collections.abc import Iterable

from sqlfix.model.findings import Finding
from sqlfix.model.schema import Column, Schema, Table
from sqlfix.plan.schema_repair import NOT_EDITABLE, SCHEMA_REPAIRS, Answer, SchemaRepair, Task, left, matches, rebuild
from sqlfix.schema.names import typed_place
from sqlfix.sql.create_table import read_create_table
from sqlfix.sql.predicates import affinity
from sqlfix.sql.tokens import DdlError, tokens
from sqlfix.text import plural


def repair(task: Task, finding: Finding) -> Iterable[Answer]:
    """The step of one such column."""
    place = typed_place(task.draft.schema, finding.table, finding.columns)
    if "action" in finding.facts:
        event = "--on-delete" if " DELETE " in str(finding.facts["action"]) else "--on-update"
        barred = typed_place(task.draft.schema, finding.table, [str(finding.facts["barred"])])
        ways = (task.command("alter", place, event, "cascade"), task.command("alter", barred, "--no-not-null"))
        return [left(finding, "one of the two has to give way, and only you know which", "; or ".join(ways))]
    table = task.draft.schema.known_table(finding.table)
    name = finding.columns[0]
    text = task.draft.table_text(finding.table)
    try:
        text = _corrected(text or "", name, str(finding.facts["word"]), str(finding.facts["meant"]))
    except DdlError:
        return [left(finding, NOT_EDITABLE)]
    why = f"{finding.table}.{name} is declared {finding.facts['type']}: {finding.facts['word']} is no keyword"
    step = rebuild(task, finding.table, text, why, finding.check)
    with task.draft.after(step) as draft:
        after = draft.schema if draft else None
    if after is None or (new := after.known_table(table.name).column(name)) is None:
        return [left(finding, f"SQLite does not take it with {finding.facts['meant']} in its place")]
    reason, hint = _in_the_way(task, table, after, new) or ("", None)
    return [left(finding, reason, hint)] if reason else [step]


def _corrected(text: str, column: str, word: str, meant: str) -> str:
    """The text of a table with another word in the declaration of a column.

    Raises:
        DdlError: it cannot be read.
    """
    found = next((c for c in read_create_table(text).columns if c.name == column), None)
    span = (found.span[0] + 1, found.span[1]) if found else (0, 0)  # past the name
    cut = [t for t in tokens(text) if span[0] <= t.start < span[1] and t.text == word]
    if not cut:
        raise DdlError("the word is not there")
    return text[: cut[0].start] + meant + text[cut[0].end :]


def _in_the_way(task: Task, table: Table, after: Schema, new: Column) -> tuple[str, str | None] | None:
    """What rows would break, or what would be another column than it was."""
    old, changed = table.column(new.name), after.known_table(table.name)
    if old is None or affinity(old, table.strict) != affinity(new, table.strict):
        return "its type would then be another one, and so would be its values", None
    if new.name == changed.integer_key != table.integer_key:
        return "it would become the primary key, and number the rows: only you know whether it is", None
    place = typed_place(task.draft.schema, table.name, [new.name])
    if new.not_null and not old.not_null and (nulls := task.rows.nulls(table, [new.name])):
        stand = "holds" if nulls == 1 else "hold"
        return f"{plural(nulls, 'row')} {stand} NULL there", task.command("alter", place, "--not-null")
    if [key for key in changed.keys if key not in table.keys] and task.rows.duplicates(table, [new.name]):
        return "some of its values stand there more than once", task.command("repair", "--merge", place)
    declared = [fk for fk in changed.foreign_keys if fk.subject not in {old.subject for old in table.foreign_keys}]
    for fk in declared:
        if fk.fault:
            return f"then it references {fk.parent} ({', '.join(fk.parent_columns)}), which SQLite cannot use", None
        found = matches(task, fk)
        if found and found[0] and found[0] == found[1]:
            return f"then it references {fk.parent}, where not one of its rows has a parent", None
    return None


SCHEMA_REPAIRS.add("suspicious-declarations", SchemaRepair(repair))
