"""Repairs of declarations: one function for what each check finds in a foreign key or a column.

Each gives the steps that mend a finding, or says why there are none.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from sqlfix.model.findings import Finding, number_of
from sqlfix.model.graph import parents_first
from sqlfix.model.plans import SchemaStep
from sqlfix.model.schema import Column, ForeignKey, Schema, Table
from sqlfix.model.values import ROWID_NAMES, Severity, folded
from sqlfix.plan.old_names import renamed_back
from sqlfix.plan.schema_repair import (
    NOT_EDITABLE,
    Answer,
    Task,
    as_if,
    holds_nobody,
    key_of,
    known,
    left,
    matches,
    rebuild,
)
from sqlfix.schema.leftovers import stem, to_be_renamed
from sqlfix.schema.names import typed_place
from sqlfix.sql.create_index import new_index
from sqlfix.sql.create_table import read_create_table
from sqlfix.sql.foreign_key_edits import Reference, with_deferrable, with_foreign_key, with_parent, without_foreign_key
from sqlfix.sql.predicates import affinity
from sqlfix.sql.tokens import DdlError, tokens
from sqlfix.text import plural

EMPTY = '""'
"""How a table with the empty name is spoken of."""


def of_missing_table(task: Task, finding: Finding) -> Iterable[Answer]:
    """A foreign key to a table that is not there: the table gets its name back, or the key gets the name of the table.

    * The one table that can be meant is called as a rebuild or a backup of the missing one is (`x_backup`, and `x` is
      gone): it is given its name back.
    * The missing one is called as a rebuild of the one that is there (`x__old`, and there is `x`): the key was dragged
      along by a rename, and refers to `x` again.

    Whatever else it may be, it is left, with the candidates.
    """
    schema, missing = task.draft.schema, finding.parent or ""
    keys = schema.known_table(finding.table).foreign_keys
    meant = next(fk for fk in keys if fk.subject == finding.subject and fk.fault)
    candidates = meant.fault.names if meant.fault else ()
    if back := to_be_renamed(schema, missing, candidates):
        return renamed_back(task, finding, schema.known_table(back), missing)
    if len(candidates) != 1 or stem(folded(missing)) != folded(candidates[0]):
        return [left(finding, _undecided(missing, candidates), _ways_to(task, meant, candidates))]
    table = schema.known_table(candidates[0])
    if (found := key_of(task, finding)) is None:
        return [left(finding, NOT_EDITABLE)]
    place, fk, text = found
    if holds_nobody(task, as_if(fk, table)):
        having = (task.rows.references(schema, as_if(fk, table)) or (0, 0))[0]
        reason = f"not one of {plural(having, 'row')} has its parent in {table.name}: it may be another table"
        return [left(finding, reason, _ways_to(task, fk, candidates))]
    why = f"{fk.child}.{', '.join(fk.child_columns)} references {missing}, which is {table.name} by now"
    return [rebuild(task, fk.child, with_parent(text, place, table.name), why, finding.check)]


def _undecided(missing: str, candidates: tuple[str, ...]) -> str:
    """Why it cannot be told which table is meant."""
    if not candidates:
        return f"no table is called nearly like {missing or EMPTY}: it may have been lost, or it is in an older copy"
    if len(candidates) == 1:
        return f"it may have been meant for {candidates[0]}, but nothing tells for sure"
    return f"it may have been meant for {', '.join(candidates[:-1])} or {candidates[-1]}"


def _ways_to(task: Task, fk: ForeignKey, candidates: tuple[str, ...]) -> str:
    columns = () if fk.implicit else fk.parent_columns
    return "; or ".join(task.refer_to(fk, name, columns) for name in candidates[:3] or ("",))


def of_missing_column(task: Task, finding: Finding) -> Iterable[Answer]:
    """A foreign key to a column that its parent lacks: it refers to the key that its rows have their parents in.

    The parent has one key of so many columns, or the rows have all of their parents by just one of several. That is the
    column under its new name. `rowid` is the INTEGER PRIMARY KEY, under which it can be referred to.
    """
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


def of_too_few_columns(task: Task, finding: Finding) -> Iterable[Answer]:
    """A foreign key with fewer columns than the primary key that it refers to: it gets the columns that it lacks.

    They are those of the child that are called as the parent's are.
    """
    if (found := key_of(task, finding)) is None:
        return [left(finding, NOT_EDITABLE)]
    _, fk, _ = found
    child, parent = task.draft.schema.known_table(fk.child), task.draft.schema.known_table(fk.parent)
    columns = [column.name for name in parent.primary_key if (column := child.column(name))]
    if len(columns) < len(parent.primary_key) or len(fk.child_columns) > len(columns):
        reason = f"{child.name} has no columns for the key of {parent.name} ({', '.join(parent.primary_key)})"
        return [left(finding, reason, task.refer_to(fk))]
    return [widened(task, finding, found, columns, parent.primary_key)]


def widened(
    task: Task, finding: Finding, found: tuple[int, ForeignKey, str], columns: Sequence[str], key: Sequence[str]
) -> Answer:
    """The step that has a foreign key name all columns of its parent's key, or why it is not done.

    Args:
        found: its place in the text of the child, it itself, and the text.
        columns: those of the child.
        key: those of the parent.
    """
    place, fk, text = found
    parent = task.draft.schema.known_table(fk.parent)
    wider = replace(as_if(fk, parent, key), child_columns=tuple(columns))
    if holds_nobody(task, wider):
        reason = f"by ({', '.join(columns)}) not one of its rows has a parent in {parent.name}"
        return left(finding, reason, task.refer_to(fk))
    text = without_foreign_key(text, place)
    why = f"{fk.child}.{', '.join(fk.child_columns)} names only a part of the key of {parent.name} ({', '.join(key)})"
    if any(_same_ends(other, wider) for other in task.draft.schema.known_table(fk.child).foreign_keys):
        return rebuild(task, fk.child, text, f"{why}, and another foreign key names all of it", finding.check)
    reference = Reference(parent.name, tuple(key), fk.on_delete, fk.on_update, bool(fk.deferrable))
    return rebuild(task, fk.child, with_foreign_key(text, columns, reference), why, finding.check)


def _same_ends(one: ForeignKey, other: ForeignKey) -> bool:
    """True if two foreign keys refer from the same columns to the same columns, in whatever order."""
    pairs = (zip(fk.child_columns, fk.parent_columns, strict=False) for fk in (one, other))
    ours, theirs = ({(folded(a), folded(b)) for a, b in some} for some in pairs)
    return not one.fault and folded(one.parent) == folded(other.parent) and ours == theirs


def of_unindexed_key(task: Task, finding: Finding) -> Iterable[Answer]:
    """A foreign key of a large table without an index: the index is made."""
    table = task.draft.schema.table(finding.table)
    if table is None or not known(table):
        return []
    wanted = set(finding.columns)
    if any({c.name for c in index.columns[: len(wanted)]} == wanted for index in table.indexes):
        return []  # it has been made by now
    name, text = new_index(task.draft.schema.has, table.name, finding.columns)
    why = f"every delete from {finding.facts['parent']} reads all rows of {table.name}"
    rows = number_of(finding, "rows")
    return [SchemaStep("create", "index", name, text, why=why, checks=(finding.check,), rows=rows)]


def keys_in_cycles(schema: Schema) -> Iterator[Finding]:
    """One for each table with a key in a cycle of tables that is not deferrable; itself is no such cycle.

    Nothing is wrong with such keys, but no program can delete the rows of such a cycle one by one. The rows that the
    check `cycles` finds are another matter: which link of theirs is to be cut, only a person knows.
    """
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


def of_cycle(task: Task, finding: Finding) -> Iterable[Answer]:
    """The step that makes such keys of a table DEFERRABLE INITIALLY DEFERRED."""
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


def of_misspelled_type(task: Task, finding: Finding) -> Iterable[Answer]:
    """A misspelled keyword in a declared type: it is written as it was meant, if SQLite and the rows take it so."""
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
