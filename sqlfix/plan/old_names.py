"""Names that a rebuild or a backup gave: a table gets its own back, where nothing speaks against it.

A view or a trigger that speaks of a table by a name that it had during a rebuild gets the name that it has now; and
what followed a table to the name under which a rebuild put it aside is brought back.
"""

from collections.abc import Iterable, Iterator

from sqlfix.model.findings import Finding, number_of
from sqlfix.model.plans import ObjectKind, SchemaStep
from sqlfix.model.schema import Index, Schema, Table
from sqlfix.model.values import Severity, folded
from sqlfix.plan.schema_draft import Draft, SchemaObject
from sqlfix.plan.schema_repair import NOT_EDITABLE, Answer, Task, as_if, holds_nobody, left, rebuild
from sqlfix.schema.leftovers import OF_OLD, is_of_tool, leftover_of, rename_back, stem, to_be_renamed
from sqlfix.sql.foreign_key_edits import with_parent
from sqlfix.sql.literals import quote
from sqlfix.sql.tokens import DdlError, tokens
from sqlfix.text import address, near_names, plural


def rewritten(task: Task, finding: Finding, kind: ObjectKind, name: str) -> Answer:
    """The step that mends a view or trigger, or why there is none."""
    missing, one = str(finding.facts.get("missing") or ""), task.draft.object(kind, name)
    otherwise = f"rewrite it, or drop it: DROP {kind.upper()} {quote(name)}"
    if finding.facts.get("kind") != "table" or one is None:
        if one is not None and (near := _near_columns(task, one, missing)):
            return left(finding, f"{missing} may be {' or '.join(near)}, but nothing tells for sure", otherwise)
        missing_what = f"nothing tells what has become of {missing}" if missing else "what it needs is not known"
        return left(finding, missing_what, otherwise)
    called = stem(folded(missing))
    readable = (table for table in task.draft.schema.tables if table.kind in ("table", "view"))
    tables = [table for table in readable if stem(folded(table.name)) == called]
    if not tables:
        return left(finding, f"no table is called nearly like {missing}", otherwise)
    if len(tables) > 1:
        return left(finding, f"{missing} may be {' or '.join(t.name for t in tables)}", otherwise)
    if folded(tables[0].name) != called:
        return left(finding, f"{missing} may be {tables[0].name}, but nothing tells for sure", otherwise)
    try:
        text = with_name(one.text, missing, tables[0].name)
    except DdlError:
        return left(finding, f"the text of the {kind} cannot be read", otherwise)
    why = f"the {kind} {one.name} speaks of {missing}, which is {tables[0].name} by now"
    step = SchemaStep("rewrite", kind, one.name, text, why=why, checks=(finding.check,))
    if not _mends(task, step, finding):
        return left(finding, f"with {tables[0].name} in its place it does not compile either", otherwise)
    return step


def _near_columns(task: Task, one: SchemaObject, missing: str) -> list[str]:
    """The columns that are called nearly like a missing one, in the tables that a view or trigger speaks of."""
    tables = [t for t in task.draft.schema.tables if folded(t.name) == folded(one.table) or one.speaks_of(t.name)]
    return near_names(missing.rpartition(".")[2], (c.name for t in tables for c in t.columns if t.name != one.name), 3)


def with_name(text: str, old: str, new: str) -> str:
    """A text with another name of a table wherever that stands."""
    parts: list[str] = []
    end = 0
    cut = tokens(text)
    for before, token in zip([None, *cut], cut, strict=False):
        if token.name is None or folded(token.name) != folded(old) or token.text[:1] == "'":
            continue
        if before is not None and before.word == "." and not _of_main(text[: token.start]):
            continue  # a column that is called so
        parts += [text[end : token.start], quote(new)]
        end = token.end
    return "".join([*parts, text[end:]])


def _of_main(before: str) -> bool:
    return folded(before).rstrip().removesuffix(".").rstrip().endswith(("main", '"main"'))


def _mends(task: Task, step: SchemaStep, finding: Finding) -> bool:
    """True if after a step this is found no more, and nothing new but what the same view or trigger needs besides."""
    with task.draft.after(step) as after:
        if after is None:
            return False
        before, now = (set(map(_told, draft.findings(step.checks))) for draft in (task.draft, after))
    return _told(finding) not in now and all(found[:2] == _told(finding)[:2] for found in now - before)


def _told(finding: Finding) -> tuple[object, ...]:
    return finding.table, finding.facts.get("trigger"), finding.facts.get("missing")


# -- tables -------------------------------------------------------------------------------------------------------


def renamed_back(task: Task, finding: Finding, table: Table, original: str) -> list[Answer]:
    """The step that gives a table its name back, or why it is not done.

    A name that only a migration gives is no name of a table in use. One that people give as well may be: where views,
    triggers or foreign keys speak of it, nobody knows which of the two names is the right one.
    """
    schema = task.draft.schema
    of_tool = is_of_tool(table.name)
    if not of_tool and (speaks := _speaks_of(task, table.name)):
        reason = f"{table.name} may be {original} under another name, but {speaks} speaks of it under this one"
        return [left(finding, reason, f"if it is: {rename_back(schema, table.name, original)}")]
    wanting = [fk for fk in schema.references_to(original) if folded(fk.child) != folded(table.name)]
    if task.rows.rows(table.name) == 0 and (
        lost := sum(task.rows.keys(schema.known_table(fk.child), fk) for fk in wanting)
    ):
        reason = (
            f"{table.name} is empty, and {plural(lost, 'row')} had a parent in {original}: its rows may have been lost"
        )
        return [left(finding, reason, "is the table in an older copy of the file?")]
    others = [other.name for other in schema.tables if other is not table and _claims(schema, other, original)]
    if others:
        return [left(finding, f"{original} may be {table.name} or {', '.join(others)}")]
    why = f"the table {original} is gone, and {table.name} is that table under the name that a rename gave it"
    if not of_tool:
        why = f"the table {original} is gone, and {table.name}, called as a copy of it, stands beside its place"
    rows = task.rows.rows(table.name) or 0
    checks = ["unfinished-migration"] if leftover_of(schema, table) else []
    checks += ["missing-parent-table"] if wanting else []
    return [SchemaStep("rename", "table", table.name, to=original, why=why, checks=tuple(checks), rows=rows)]


def _claims(schema: Schema, other: Table, original: str) -> bool:
    """True if another table may be the missing one as well."""
    own = leftover_of(schema, other)
    if own is not None and folded(own.original) == folded(original):
        return True
    return to_be_renamed(schema, original, [other.name]) is not None and any(
        fk.fault is not None and other.name in fk.fault.names for fk in schema.references_to(original)
    )


def _speaks_of(task: Task, name: str) -> str:
    """What speaks of a table by its name: a foreign key of another one, a view or a trigger; empty if nothing does."""
    schema = task.draft.schema
    for fk in schema.references_to(name):
        if folded(fk.child) != folded(name):
            return address(fk.child, fk.child_columns)
    for one in task.draft.objects:
        if one.kind in ("view", "trigger") and folded(one.table) != folded(name) and one.speaks_of(name, unread=True):
            return f"the {one.kind} {one.name}"
    return ""


# -- what followed a table ----------------------------------------------------------------------------------------

# Only the old name of a table (`x__old`) draws views, triggers and indexes there; what is on a half-built one
# (`new__x`) belongs to that.
COMPILE = ("broken-views", "broken-triggers")


def dragged_along(task: Task, finding: Finding, leftover: Table, original: Table) -> Iterator[SchemaStep]:
    """The steps that bring them back to the table; none for what would not compile there.

    What is on the leftover itself comes back only where the table has nothing of the kind: else it was made anew.
    """
    if not folded(leftover.name).endswith(OF_OLD):
        return
    bare_of_indexes = not any(index.created_by for index in original.indexes)
    for one in task.draft.objects:
        on_it = folded(one.table) == folded(leftover.name)
        if one.kind == "index":
            wanted = on_it and bare_of_indexes and _fits(task, leftover, original, one)
        elif one.kind == "trigger":
            wanted = not (on_it and original.triggers) and one.speaks_of(leftover.name)
        else:
            wanted = one.kind == "view" and one.speaks_of(leftover.name)
        if wanted and (step := _step(task, finding, one, (leftover.name, original.name))):
            yield step


def _fits(task: Task, leftover: Table, original: Table, one: SchemaObject) -> bool:
    """True if the rows of the table keep to an index of plain columns."""
    index: Index | None = next((i for i in leftover.indexes if folded(i.name) == folded(one.name)), None)
    columns = [column.name for column in index.columns] if index else []
    names = [name for name in columns if name is not None and original.column(name)]
    if index is None or index.partial or len(names) < len(columns):
        return False
    return not index.unique or task.rows.duplicates(original, names) == 0


def _step(task: Task, finding: Finding, one: SchemaObject, names: tuple[str, str]) -> SchemaStep | None:
    old, new = names
    why = f"the {one.kind} {one.name} followed {new} to {old} in a rename"
    try:
        text = with_name(one.text, old, new)
    except DdlError:
        return None
    step = SchemaStep("rewrite", one.kind, one.name, text, why=why, checks=(finding.check,))
    with task.draft.after(step) as after:
        return step if after and _broken(after) <= _broken(task.draft) else None


def _broken(draft: Draft) -> set[tuple[object, ...]]:
    """The views and triggers that do not compile."""
    return {(f.check, f.table, f.facts.get("trigger")) for f in draft.findings(COMPILE)}


# -- what a rebuild has left behind -------------------------------------------------------------------------------


def of_leftover(task: Task, finding: Finding) -> Iterable[Answer]:
    """The steps of what a rebuild has left behind, beside the table or in its place.

    * The table is gone, and its leftover is there: that gets the name back.
    * Both are there: what only one of them has decides. Foreign keys, views, triggers and indexes that followed the
      rename to the leftover belong to the table again, if that has all rows. An empty one of the two may be dropped,
      but only where that is asked for.
    """
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
