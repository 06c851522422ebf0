"""A view or a trigger that speaks of a table by a name that it had during a rebuild gets the name that it has now."""

from __future__ import annotations

from sqlfix.model.findings import Finding
from sqlfix.model.schema_plans import ObjectKind, SchemaStep
from sqlfix.model.values import folded
from sqlfix.plan.schema_draft import SchemaObject
from sqlfix.plan.schema_repair import Answer, Task, left
from sqlfix.schema.leftovers import stem
from sqlfix.sql.literals import quote
from sqlfix.sql.tokens import DdlError, tokens
from sqlfix.text import near_names


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
