"""How the answers of `sqlfix why` about a row, a table and an error message are put before a person."""

from collections.abc import Iterator

from sqlfix.explain.answers import DELETE, Blocker, Culprit, Effect, Explanation, Group, Verdict, Why, WhyTable
from sqlfix.explain.errors.conditions import MOST_SHOWN, where_text
from sqlfix.explain.errors.statement import Statement
from sqlfix.explain.errors.statement_reader import PARAMETERS, WHERE
from sqlfix.prose.format import Answer, KeptRows, View
from sqlfix.prose.page import Page
from sqlfix.prose.plan import deed
from sqlfix.prose.report import relationship
from sqlfix.text import command_line, dots, pairs_text, plural


def answer(document: Answer, view: View) -> Iterator[str]:
    """What is answered, in lines that fit the screen."""
    page = Page(view)
    if isinstance(document.of, Why):
        _row(page, document.of, document.database)
    elif isinstance(document.of, WhyTable):
        _table(page, document.of, document.database)
    else:
        _error(page, document.of)
    yield from page.lines


def kept_rows(document: KeptRows, view: View) -> Iterator[str]:
    """A line for each row of a table that cannot be deleted or edited, with what keeps it."""
    page = Page(view)
    for group, row in document.rows:
        place = page.place(group.table, group.columns)
        yield f"{pairs_text(row.key, view.unicode)}  {group.blocks}: {group.kind} {place}\n"


# -- a row --------------------------------------------------------------------------------------------------------


def _row(page: Page, why: Why, database: str) -> None:
    key = pairs_text(why.key, page.view.unicode)
    page.say(f"{page.shown(database)}: {page.name(why.table)} {key}", whole=True)
    page.say(f"delete: {_can(why.deletable)}", "  ", "          ")
    page.say(f"edit:   {_can(why.editable)}", "  ", "          ")
    if why.schema_at_fault:
        page.say("The schema is at fault, not the rows.")
    stopping = [b for b in why.blockers if DELETE in b.blocks]
    if stopping:
        page.heading("What blocks the delete, first to last:")
    for place, blocker in enumerate(stopping, 1):
        _blocker(page, place, blocker)
    page.items("What makes an edit fail:", _edits(page, why))
    effects = (_effect(page, effect) for effect in why.cascade)
    page.items("What a delete does to other rows, by the schema's own ON DELETE:", effects)
    _references(page, why, database)
    page.notes(why.notes)
    _way_out(page, why)


def _can(verdict: Verdict) -> str:
    words = {True: "yes", False: "no", None: "could not tell"}
    on, off = words[verdict.enforced], words[verdict.unenforced]
    if on == off:
        return f"{on}, with foreign keys enforced or not"
    return f"{on} while foreign keys are enforced, {off} while they are not"


def _blocker(page: Page, place: int, blocker: Blocker) -> None:
    page.numbered(
        place, relationship(blocker.subject, page.view.unicode) if blocker.columns else page.name(blocker.table)
    )
    page.beneath(page.shown(blocker.message))
    if blocker.sample:
        more = blocker.count - len(blocker.sample)
        rows = page.rows(blocker.sample, len(blocker.sample))
        page.beneath(rows + (f", and {more:,} more" if more > 0 else ""))


def _edits(page: Page, why: Why) -> Iterator[str]:
    """What makes an edit fail; keys that rows refer to are told where there is more, or all is asked for."""
    fixed = [r.foreign_key for r in why.references if r.count and r.foreign_key.on_update in ("NO ACTION", "RESTRICT")]
    for fk in fixed if why.columns or page.view.verbose else ():
        key, child = page.place(why.table, fk.parent_columns), page.place(fk.child, fk.child_columns)
        yield f"{key} cannot be given another value: {child} references it"
    for column in why.columns:
        only = "" if column.unenforced is False or column.enforced is None else ", only while they are enforced"
        yield f"{page.place(why.table, (column.column,))}{only}: {page.shown(column.message)}"


def _effect(page: Page, effect: Effect) -> str:
    rows = plural(effect.rows, "row")
    if effect.effect == "deleted":
        return f"{rows} of {page.name(effect.table)} deleted"
    return f"{rows}: {page.place(effect.table, effect.columns)} {effect.effect}"


def _references(page: Page, why: Why, database: str) -> None:
    named = {(b.table, b.columns) for b in why.blockers}
    others = [
        r
        for r in why.references
        if page.view.verbose or r.hint or (r.count and (r.foreign_key.child, r.foreign_key.child_columns) not in named)
    ]
    if others:
        page.heading("More about what references it:")
    for reference in others:
        fk = reference.foreign_key
        kind = " (join table)" if reference.join_table else ""
        place = page.place(fk.child, fk.child_columns)
        page.item(f"{place}{kind}: {plural(reference.count, 'row')}, ON DELETE {fk.on_delete}")
        if reference.hint:
            page.say(f"hint: {page.shown(reference.hint)}", "    ", "    ")
        for what, words in reference.ways:
            page.line(f"    {what}: {page.shown(command_line(words, database))}")


def _way_out(page: Page, why: Why) -> None:
    if why.no_script:
        page.heading(f"There is no script that deletes it: {page.shown(why.no_script)}")
        return
    fixes = why.plan.fixes if why.plan else ()
    if not fixes and why.script and why.deletable.enforced is not True:
        page.heading(f"The way out takes {plural(len(why.script), 'statement')}.")
    if fixes and (why.deletable.enforced is not True or page.view.verbose):
        page.heading("The way out:")
        for place, fix in enumerate(fixes, 1):
            page.numbered(place, deed(fix, unicode=page.view.unicode))


# -- a table ------------------------------------------------------------------------------------------------------


def _table(page: Page, why: WhyTable, database: str) -> None:
    rows = plural(why.rows, "row")
    if why.kept:
        said = f"{why.kept:,} of {rows} cannot be deleted while foreign keys are enforced"
    elif why.notes:
        said = f"found nothing that blocks deleting its {rows}, but not everything could be checked"
    else:
        said = f"{'each of its' if why.rows != 1 else 'its'} {rows} can be deleted"
    page.say(f"{page.shown(database)}: {page.name(why.table)}: {said}", whole=True)
    for heading, blocks in (("What blocks the delete:", "delete"), ("What makes an edit fail:", "edit")):
        groups = [group for group in why.groups if group.blocks == blocks]
        if groups:
            page.heading(heading)
        for place, group in enumerate(groups, 1):
            _group(page, place, group)
    page.notes(why.notes)


def _group(page: Page, place: int, group: Group) -> None:
    page.numbered(place, f"{plural(group.count, 'row')}: {page.shown(group.message)}")
    if not group.certain:
        page.beneath("(deleting some of them may also delete the rows that block them)")
    if group.sample:
        page.beneath(page.rows(group.sample, group.count, lambda row, unicode: pairs_text(row.key, unicode)))


# -- an error -----------------------------------------------------------------------------------------------------


def _error(page: Page, explanation: Explanation) -> None:
    recognised, causes = explanation.recognised, explanation.causes
    whose = f" ({recognised.framework})" if recognised.framework else ""
    page.say(page.shown(recognised.message) + whose)
    if recognised.statement is not None:
        page.line(f"in: {_statement(page, recognised.statement)}")
    page.heading(page.shown(explanation.meaning))
    page.line()
    name = page.shown(explanation.database)
    if not causes:
        some = f"Found nothing in {name} that causes it, but not everything could be checked."
        page.line(some if explanation.not_checked else explanation.closing.replace("{}", name))
    elif len(causes) == 1:
        page.line(f"What causes it in {name}:")
    else:
        page.line(f"What can cause it in {name}, the likeliest first:")
    for place, cause in enumerate(causes[:MOST_SHOWN], 1):
        _cause(page, place, cause, explanation.database)
    if len(causes) > MOST_SHOWN:
        page.line()
        page.line(f"  and {len(causes) - MOST_SHOWN:,} more; --format json has them all")
    missed = (f"{page.name(entry.subject)}: {page.shown(entry.reason)}" for entry in explanation.not_checked)
    page.items("Not checked:", missed)


def _statement(page: Page, statement: Statement) -> str:
    verb = {"DELETE": "DELETE FROM", "INSERT": "INSERT INTO", "DROP": "DROP TABLE"}.get(statement.verb, statement.verb)
    said = f"{verb} {page.name(statement.table)}"
    if statement.source:
        return f"{said} from {page.name(statement.source)}"
    if not statement.where:
        return said
    more = f" AND {dots(page.view.unicode)}" if {WHERE, PARAMETERS} & set(statement.unread) else ""
    return f"{said} WHERE {where_text(statement.where, page.view.unicode)}{more}"


def _cause(page: Page, place: int, cause: Culprit, database: str) -> None:
    page.line()
    page.numbered(place, page.shown(cause.message))
    if cause.sample:
        page.beneath(page.rows(cause.sample, cause.count), "rows")
    if cause.hint:
        page.beneath(page.shown(cause.hint), "hint")
    if cause.command:
        page.line(f"     next: {page.shown(command_line(cause.command, database))}")
