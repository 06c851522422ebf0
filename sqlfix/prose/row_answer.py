"""How the answers of `sqlfix why` are put: as plain words for a screen, and as JSON for programs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sqlfix.explain.row import Verdict, Why
from sqlfix.explain.rules import DELETE, Blocker
from sqlfix.explain.table import Group, WhyTable
from sqlfix.model.findings import Row
from sqlfix.prose.format import View
from sqlfix.prose.plan import deed
from sqlfix.prose.report import columns_of, relationship
from sqlfix.text import json_value, pairs_text, plural, row_text, shown, wrapped
from sqlfix.text import shown_name as name_shown

FORMAT_VERSION = 1


# -- JSON ---------------------------------------------------------------------------------------------------------


def why_object(why: Why, database: str) -> dict[str, object]:
    """The answer about one row as the JSON contract has it."""
    return {
        "format_version": FORMAT_VERSION,
        "database": database,
        "table": why.table,
        "key": _pairs(why.key),
        "deletable": _verdict(why.deletable),
        "editable": {
            **_verdict(why.editable),
            "columns": [
                {"column": c.column, "enforced": c.enforced, "unenforced": c.unenforced, "message": c.message}
                for c in why.columns
            ],
        },
        "schema_at_fault": why.schema_at_fault,
        "blockers": [_blocker(blocker) for blocker in why.blockers],
        "cascade": [
            {"table": e.table, "rows": e.rows, "effect": e.effect, "columns": list(e.columns)} for e in why.cascade
        ],
        "references": [
            {
                "table": r.foreign_key.child,
                "columns": list(r.foreign_key.child_columns),
                "parent_columns": list(r.foreign_key.parent_columns),
                "count": r.count,
                "on_delete": r.foreign_key.on_delete,
                "on_update": r.foreign_key.on_update,
                "deferred": bool(r.foreign_key.deferrable),
                "join_table": r.join_table,
                "sample": _sample(r.sample),
                "hint": r.hint,
            }
            for r in why.references
        ],
        "script": list(why.script),
        "no_script": why.no_script or None,
        "notes": list(why.notes),
        "tried": why.tried,
    }


def table_object(why: WhyTable, database: str) -> dict[str, object]:
    """The answer about a table as the JSON contract has it."""
    return {
        "format_version": FORMAT_VERSION,
        "database": database,
        "table": why.table,
        "key": None,
        "rows": why.rows,
        "kept": why.kept,
        "deletable": {"enforced": why.deletable},
        "groups": [group_object(group) for group in why.groups],
        "notes": list(why.notes),
    }


def group_object(group: Group) -> dict[str, object]:
    """A group of rows as JSON."""
    return {
        "kind": group.kind,
        "table": group.table,
        "columns": list(group.columns),
        "parent": group.parent,
        "parent_columns": list(group.parent_columns),
        "blocks": group.blocks,
        "count": group.count,
        "on_delete": group.on_delete,
        "whole": group.whole,
        "certain": group.certain,
        "sample": [_pairs(row.key) for row in group.sample],
        "message": group.message,
    }


def row_object(group: Group, row: Row) -> dict[str, object]:
    """One row that cannot be deleted or edited, with what keeps it."""
    return {
        "key": _pairs(row.key),
        "kind": group.kind,
        "blocks": group.blocks,
        "table": group.table,
        "columns": list(group.columns),
    }


def _blocker(blocker: Blocker) -> dict[str, object]:
    return {
        "kind": blocker.kind,
        "table": blocker.table,
        "columns": list(blocker.columns),
        "parent": blocker.parent,
        "parent_columns": list(blocker.parent_columns),
        "name": blocker.name,
        "blocks": list(blocker.blocks),
        "stage": blocker.stage.name.lower().replace("_", " "),
        "count": blocker.count,
        "on_delete": blocker.on_delete,
        "written": list(blocker.written),
        "sample": _sample(blocker.sample),
        "message": blocker.message,
    }


def _sample(rows: Iterable[Row]) -> list[dict[str, object]]:
    return [{"key": _pairs(row.key), "values": _pairs(row.values)} for row in rows]


def _pairs(pairs: Iterable[tuple[str, object]]) -> dict[str, object]:
    return {name: json_value(value) for name, value in pairs}  # type: ignore[arg-type]


def _verdict(verdict: Verdict) -> dict[str, object]:
    return {"enforced": verdict.enforced, "unenforced": verdict.unenforced}


# -- words --------------------------------------------------------------------------------------------------------


def why_lines(why: Why, database: str, view: View) -> Iterator[str]:
    """The answer about one row, in lines that fit the screen."""
    yield from _wrap(f"{shown(database, view.unicode)}: {_row(why, view)}", view, whole=True)
    yield from _wrap(f"delete: {_can(why.deletable)}", view, "  ", "          ")
    yield from _wrap(f"edit:   {_can(why.editable)}", view, "  ", "          ")
    if why.schema_at_fault:
        yield from _wrap("The schema is at fault here, and no row is.", view)
    stopping = [b for b in why.blockers if DELETE in b.blocks]
    if stopping:
        yield from _heading("What keeps it from being deleted, in the order in which it blocks:", view)
        for place, blocker in enumerate(stopping, 1):
            yield from _blocker_lines(place, blocker, view)
    yield from _edit_lines(why, view)
    yield from _cascade_lines(why, view)
    yield from _reference_lines(why, view)
    for note in why.notes:
        yield from _wrap(f"note: {shown(note, view.unicode)}", view)
    yield from _way_lines(why, view)


def _row(why: Why, view: View) -> str:
    return f"{name_shown(why.table, view.unicode)} {pairs_text(why.key, view.unicode)}"


def _can(verdict: Verdict) -> str:
    words = {True: "yes", False: "no", None: "could not tell"}
    on, off = words[verdict.enforced], words[verdict.unenforced]
    if on == off:
        return f"{on}, with foreign keys enforced or not"
    return f"{on} while foreign keys are enforced, {off} while they are not"


def _blocker_lines(place: int, blocker: Blocker, view: View) -> Iterator[str]:
    if blocker.columns:
        where = relationship(
            blocker.table, blocker.columns, blocker.parent, blocker.parent_columns, unicode=view.unicode
        )
    else:
        where = name_shown(blocker.table, view.unicode)
    yield from _wrap(where, view, f"{place:>3}. ", "     ")
    yield from _wrap(shown(blocker.message, view.unicode), view, "     ", "     ")
    if blocker.sample:
        yield from _wrap(_rows(blocker.sample, blocker.count, view), view, "     ", "     ")


def _rows(sample: tuple[Row, ...], count: int, view: View) -> str:
    more = f", and {count - len(sample):,} more" if count > len(sample) else ""
    return "; ".join(row_text(row, view.unicode) for row in sample) + more


def _edit_lines(why: Why, view: View) -> Iterator[str]:
    fixed = [r for r in why.references if r.count and r.foreign_key.on_update in ("NO ACTION", "RESTRICT")]
    if not why.columns and not (fixed and view.verbose):
        return
    yield from _heading("What makes an edit fail:", view)
    for reference in fixed:
        fk = reference.foreign_key
        key, child = (
            columns_of(table, columns, view.unicode)
            for table, columns in ((why.table, fk.parent_columns), (fk.child, fk.child_columns))
        )
        yield from _wrap(f"{key} cannot be given another value: {child} refers to it", view, "  ", "    ")
    for column in why.columns:
        only = "" if column.unenforced is False or column.enforced is None else ", only while they are enforced"
        name = columns_of(why.table, (column.column,), view.unicode)
        yield from _wrap(f"{name}{only}: {shown(column.message, view.unicode)}", view, "  ", "    ")


def _cascade_lines(why: Why, view: View) -> Iterator[str]:
    if not why.cascade:
        return
    yield from _heading("What a delete does to other rows, by the schema's own ON DELETE:", view)
    for effect in why.cascade:
        table = name_shown(effect.table, view.unicode)
        if effect.effect == "deleted":
            said = f"{plural(effect.rows, 'row')} of {table} deleted"
        else:
            where = columns_of(effect.table, effect.columns, view.unicode)
            said = f"{plural(effect.rows, 'row')}: {where} {effect.effect}"
        yield from _wrap(said, view, "  ", "    ")


def _reference_lines(why: Why, view: View) -> Iterator[str]:
    named = {(b.table, b.columns) for b in why.blockers}
    others = [
        r
        for r in why.references
        if view.verbose or r.hint or (r.count and (r.foreign_key.child, r.foreign_key.child_columns) not in named)
    ]
    if not others:
        return
    yield from _heading("What else is to be known of what refers to it:", view)
    for reference in others:
        fk = reference.foreign_key
        kind = " (join table)" if reference.join_table else ""
        said = f"{columns_of(fk.child, fk.child_columns, view.unicode)}{kind}: {plural(reference.count, 'row')}"
        yield from _wrap(f"{said}, ON DELETE {fk.on_delete}", view, "  ", "    ")
        if reference.hint:
            yield from _wrap(f"hint: {shown(reference.hint, view.unicode)}", view, "    ", "    ")


def _way_lines(why: Why, view: View) -> Iterator[str]:
    if why.no_script:
        yield "\n"
        yield from _wrap(f"There is no script that deletes it: {shown(why.no_script, view.unicode)}", view)
        return
    fixes = why.plan.fixes if why.plan else ()
    if not fixes and why.script and why.deletable.enforced is not True:
        yield f"\nThe way out takes {plural(len(why.script), 'statement')}.\n"
    if fixes and (why.deletable.enforced is not True or view.verbose):
        yield "\nThe way out:\n"
        for place, fix in enumerate(fixes, 1):
            yield from _wrap(deed(fix, unicode=view.unicode), view, f"{place:>3}. ", "     ")


def table_lines(why: WhyTable, database: str, view: View) -> Iterator[str]:
    """The answer about a table, in lines that fit the screen."""
    name = f"{shown(database, view.unicode)}: {name_shown(why.table, view.unicode)}"
    if why.kept:
        said = f"{why.kept:,} of {plural(why.rows, 'row')} cannot be deleted while foreign keys are enforced"
    elif why.notes:
        said = f"nothing was found that keeps its {plural(why.rows, 'row')}, but not all could be looked at"
    else:
        said = f"each of its {plural(why.rows, 'row')} can be deleted"
    yield from _wrap(f"{name}: {said}", view, whole=True)
    for heading, blocks in (("What keeps them:", "delete"), ("What makes an edit fail:", "edit")):
        groups = [group for group in why.groups if group.blocks == blocks]
        if not groups:
            continue
        yield f"\n{heading}\n"
        for place, group in enumerate(groups, 1):
            yield from _wrap(
                f"{plural(group.count, 'row')}: {shown(group.message, view.unicode)}", view, f"{place:>3}. ", "     "
            )
            if not group.certain:
                yield from _wrap("(some of them may go together with what refers to them)", view, "     ", "     ")
            if group.sample:
                keys = "; ".join(pairs_text(row.key, view.unicode) for row in group.sample)
                more = ", …" if view.unicode else ", ..."
                yield from _wrap(keys + (more if group.count > len(group.sample) else ""), view, "     ", "     ")
    for note in why.notes:
        yield from _wrap(f"note: {shown(note, view.unicode)}", view)


def row_line(group: Group, row: Row, view: View) -> str:
    """One row of a table, and what keeps it."""
    what = columns_of(group.table, group.columns, view.unicode)
    return f"{pairs_text(row.key, view.unicode)}  {group.blocks}: {group.kind} {what}\n"


def _heading(text: str, view: View) -> Iterator[str]:
    yield "\n"
    yield from _wrap(text, view)


def _wrap(text: str, view: View, first: str = "", rest: str = "", whole: bool = False) -> Iterator[str]:
    for line in wrapped(text, view.width, first, rest, whole):
        yield f"{line}\n"
