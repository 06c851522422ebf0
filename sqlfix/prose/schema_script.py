"""A change of the schema as an SQL script: the same statements that are run, with words around them."""

from __future__ import annotations

from collections.abc import Iterator

from sqlfix.model.schema_plans import SchemaPlan
from sqlfix.prose.format import View
from sqlfix.prose.schema_plan import deed, fact_in_words
from sqlfix.sql.rebuild_statements import not_taken_back
from sqlfix.sql.script_frame import closing, distinct, opening
from sqlfix.sql.script_text import carried, how_to_run
from sqlfix.text import shown


def script(plan: SchemaPlan, view: View) -> Iterator[str]:
    """The script, line by line; it is the same for whoever looks at it."""
    yield from (f"{line}\n" for line in _lines(plan))


def _lines(plan: SchemaPlan) -> Iterator[str]:
    yield _comment(f"Change of the schema of {plan.database}, written by sqlfix.")
    if plan.steps:
        inside = not_taken_back(plan.statements)
        lines = [line for statement in plan.statements for line in carried(statement, inside)]
        yield _comment(f"Make a backup first, then: {how_to_run(lines)}")
        yield from (_comment(f"{place}. {deed(step)}") for place, step in enumerate(plan.steps, 1))
        yield from (_comment(f"   {fact_in_words(fact)}") for fact in plan.facts)
        # what is made by the script itself has no name outside of its transaction
        tables = distinct(step.name for step in plan.steps if step.kind in ("table", "view") and step.deed != "create")
        yield ""
        yield from opening(tables)
        yield ""
        yield from lines
        yield ""
        yield from closing(tables)
    elif not plan.left:
        yield _comment("There is nothing to change.")
    for place, left in enumerate(plan.left):
        if not place:
            yield _comment("Left unchanged:")
        where = f"{left.table} ({', '.join(left.columns)})" if left.columns else left.table
        yield _comment(f"  {left.check}: {where}: {left.reason}")


def _comment(text: str) -> str:
    """A comment of one line: a name that holds a line break cannot end it and go on as SQL."""
    return f"-- {shown(text)}"
