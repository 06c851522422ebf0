"""A change of the schema in words: its steps and why, what becomes different, what is left, and how to go on."""

from collections.abc import Iterator

from sqlfix.model.plans import SchemaFact, SchemaPlan, SchemaStep
from sqlfix.prose.format import View
from sqlfix.prose.page import BOLD, GREEN, Page
from sqlfix.prose.report import columns_of
from sqlfix.sql.rebuild_statements import not_taken_back
from sqlfix.sql.script_text import carried, closing, comment, distinct, how_to_run, opening
from sqlfix.text import plural, shown, shown_name

_WITHOUT = {
    "not null": "may be NULL",
    "type": "no type",
    "collation": "BINARY",
    "unique": "not unique",
    "order of the key": "PRIMARY KEY",
}
"""What is said of a fact that is not there; of any other, that there is none."""


def plan(plan: SchemaPlan, view: View) -> Iterator[str]:
    """What will be done in order, what becomes different, and what is left."""
    page = Page(view)
    page.title(headline(plan, view.unicode), BOLD if plan.steps or plan.left else GREEN)
    if plan.steps:
        page.line()
    for place, step in enumerate(plan.steps, 1):
        page.numbered(place, deed(step, plan.applied, view.unicode))
        if view.verbose and step.text:
            page.beneath(page.shown(step.text))
    page.items("What becomes different:", (fact_in_words(fact, view.unicode) for fact in plan.facts))
    page.left(plan.left)
    if plan.next:
        page.heading("Next:")
    for command in plan.next:
        page.line(f"  {page.shown(command)}")
    yield from page.lines


def headline(plan: SchemaPlan, unicode: bool = True) -> str:
    """What is about to be done, or was done, before the steps of it."""
    if plan.steps:
        said = f"{plural(len(plan.steps), 'step')} {'applied' if plan.applied else 'planned'}"
    else:
        said = "the schema cannot be changed like this yet" if plan.left else "there is nothing to change"
    return f"{shown(plan.database, unicode)}: {said}"


def deed(step: SchemaStep, done: bool = False, unicode: bool = True) -> str:
    """What one step does, or did, and why."""
    name, rows = shown_name(step.name, unicode), plural(step.rows, "row")
    what = f"{step.kind} {name}"
    if step.deed == "rebuild":
        said = f"{'rebuilt' if done else 'rebuild'} {what}, which keeps its {rows}"
        said = said if step.rows else f"{'rebuilt' if done else 'rebuild'} {what}, whose rows stay where they are"
    elif step.deed == "rename":
        said = f"{'renamed' if done else 'rename'} {what} to {shown_name(step.to, unicode)}"
    elif step.deed == "rewrite":
        said = f"{'made' if done else 'make'} {what} anew"
    elif step.deed == "create":
        said = f"{'created' if done else 'create'} {what}"
    else:
        said = f"{'dropped' if done else 'drop'} {what}{f' and its {rows}' if step.rows else ''}"
    return f"{said}: {shown(step.why, unicode)}" if step.why else said


def fact_in_words(fact: SchemaFact, unicode: bool = True) -> str:
    """What was before, and what is afterwards."""
    arrow, name = "→" if unicode else "->", shown_name(fact.name, unicode)
    if fact.what == fact.kind:
        return f"{fact.kind} {name} is {'new' if fact.before is None else 'gone'}"
    if fact.what == "text":
        return f"{fact.kind} {name} has another text"
    none = _WITHOUT.get(fact.what, f"no {fact.what.upper() if fact.what in _CLAUSES else fact.what}")
    before, after = (none if not said else shown(said, unicode) for said in (fact.before, fact.after))
    where = columns_of(fact.name, fact.place, unicode)
    # a DEFAULT or a type is a value and does not say what it is one of
    what = "" if fact.what not in ("default", "type", "collation", "name") else f" {fact.what}:"
    return f"{where}:{what or ''} {before} {arrow} {after}"


_CLAUSES = ("default", "check", "primary key", "generated")


def outcome(plan: SchemaPlan) -> str:
    """What was done, in one line."""
    rows = sum(step.rows for step in plan.steps if step.deed == "rebuild")
    copied = f"; {plural(rows, 'row')} copied" if rows else ""
    return f"{plural(len(plan.steps), 'step')}, verified and committed{copied}."


def script(plan: SchemaPlan, view: View) -> Iterator[str]:
    """The script, line by line; it is the same for whoever looks at it."""
    yield from (f"{line}\n" for line in _lines(plan))


def _lines(plan: SchemaPlan) -> Iterator[str]:
    yield comment(f"Change of the schema of {plan.database}, written by sqlfix.")
    if plan.steps:
        inside = not_taken_back(plan.statements)
        lines = [line for statement in plan.statements for line in carried(statement, inside)]
        yield comment(f"Make a backup first, then: {how_to_run(lines)}")
        yield from (comment(f"{place}. {deed(step)}") for place, step in enumerate(plan.steps, 1))
        yield from (comment(f"   {fact_in_words(fact)}") for fact in plan.facts)
        # what is made by the script itself has no name outside of its transaction
        tables = distinct(step.name for step in plan.steps if step.kind in ("table", "view") and step.deed != "create")
        yield ""
        yield from opening(tables)
        yield ""
        yield from lines
        yield ""
        yield from closing(tables)
    elif not plan.left:
        yield comment("There is nothing to change.")
    for place, left in enumerate(plan.left):
        if not place:
            yield comment("Left unchanged:")
        where = f"{left.table} ({', '.join(left.columns)})" if left.columns else left.table
        yield comment(f"  {left.check}: {where}: {left.reason}")
