"""Tables and columns that the application has forgotten, and that are dropped where that is asked for by name."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlfix.errors import Refused
from sqlfix.model.schema import Schema, Table
from sqlfix.model.schema_plans import SchemaStep
from sqlfix.model.values import folded
from sqlfix.plan.schema_draft import Draft
from sqlfix.schema.bookkeeping import is_bookkeeping
from sqlfix.schema.names import place_named, require_columns, typed_place
from sqlfix.sql.column_removal import without_column
from sqlfix.sql.create_virtual_table import is_virtual
from sqlfix.sql.tokens import DdlError
from sqlfix.text import did_you_mean

ASKED = "it was asked for by name"


def drops(draft: Draft, tables: Sequence[str], columns: Sequence[str]) -> tuple[SchemaStep, ...]:
    """The steps that drop tables and columns, by their names as they were typed.

    Args:
        draft: the schema as it is.

    Raises:
        Refused: one of them is not there, or something else speaks of it.
    """
    schema = draft.schema
    doomed = [_table(schema, text) for text in dict.fromkeys(tables)]
    names = {folded(table.name) for table in doomed}
    places = [require_columns(schema, text, "--drop-column") for text in dict.fromkeys(columns)]
    gone = {(folded(table.name), folded(name)) for table, own in places for name in own}
    for table in doomed:
        _require_unreferenced(schema, table, names, gone)
        _require_unspoken(draft, table.name, [table.name], names)
    steps: list[SchemaStep] = []
    texts: dict[str, tuple[str, list[str]]] = {}
    for table, own in places:
        if folded(table.name) in names:
            continue
        for name in own:
            steps += _indexes_over(draft, table, name)
            text, dropped = texts.get(table.name, (table.sql, []))
            texts[table.name] = (_without(schema, table, text, name), [*dropped, name])
    for name, (text, dropped) in texts.items():
        why = f"{', '.join(f'{name}.{column}' for column in dropped)} goes: {ASKED}"
        steps.append(SchemaStep("rebuild", "table", name, text, why=why))
    ordered = sorted(doomed, key=lambda t: sum(folded(fk.child) in names for fk in schema.references_to(t.name)))
    return (*steps, *(SchemaStep("drop", "table", table.name, why=ASKED) for table in ordered))


def _table(schema: Schema, text: str) -> Table:
    place = place_named(schema, text, "--drop-table")
    if place is None or place[1]:
        known = [table.name for table in schema.tables if table.kind == "table"]
        raise Refused(
            f"--drop-table {text}: there is no such table", did_you_mean(text, known, "sqlfix scan lists them")
        )
    table = place[0]
    if table.kind != "table" or table.unreadable:
        what = {"view": "a view", "virtual": "a virtual table", "shadow": "a part of a virtual table"}
        raise Refused(f"--drop-table {text}: {table.name} is {what.get(table.kind, 'a table that cannot be read')}")
    if is_bookkeeping(table.name):
        raise Refused(f"--drop-table {text}: a framework keeps account of its own doings in {table.name}")
    return table


def _require_unreferenced(schema: Schema, table: Table, names: set[str], gone: set[tuple[str, str]]) -> None:
    """Raise Refused where a foreign key would refer to a table that is gone."""
    for fk in schema.references_to(table.name):
        child = folded(fk.child)
        if child not in names and not any((child, folded(name)) in gone for name in fk.child_columns):
            place = typed_place(schema, fk.child, fk.child_columns)
            raise Refused(
                f"{table.name} cannot be dropped: {place} references it",
                f"drop that as well: --drop-column {place}" if len(fk.child_columns) == 1 else None,
            )


def _require_unspoken(draft: Draft, what: str, words: Sequence[str], going: Collection[str] = ()) -> None:
    """Raise Refused where a view, a trigger or a full-text index has all of some words; none of a table that goes."""
    for name in draft.unread:
        raise Refused(f"{what} cannot be dropped: the text of {name} is not UTF-8, so it may speak of it")
    for one in draft.objects:
        virtual = one.kind == "table" and is_virtual(one.text)
        if (
            (virtual or one.kind in ("view", "trigger"))
            and folded(one.table) not in going
            and one.speaks_of(*words, unread=True)
        ):
            kind = "virtual table" if virtual else one.kind
            raise Refused(f"{what} cannot be dropped: the {kind} {one.name} speaks of it")


def _without(schema: Schema, table: Table, text: str, name: str) -> str:
    place = typed_place(schema, table.name, [name])
    for fk in schema.references_to_column(table.name, name):
        raise Refused(f"{place} cannot be dropped: {fk.child}.{', '.join(fk.child_columns)} references it")
    try:
        return without_column(text, name)
    except DdlError as error:
        raise Refused(f"{place} cannot be dropped: {error}") from error


def _indexes_over(draft: Draft, table: Table, name: str) -> list[SchemaStep]:
    """The steps that drop the indexes over just that column.

    Raises:
        Refused: another index, a view, a trigger or a virtual table speaks of it.
    """
    found: list[SchemaStep] = []
    for index in table.indexes:
        if index.created_by is None:
            continue
        if [folded(column.name or "") for column in index.columns] == [folded(name)] and not index.partial:
            found.append(SchemaStep("drop", "index", index.name, why=f"it is over {table.name}.{name} alone"))
        elif any(folded(column.name or "") == folded(name) for column in index.columns) or (
            (one := draft.object("index", index.name)) and one.speaks_of(name, unread=True)
        ):
            raise Refused(f"{table.name}.{name} cannot be dropped: the index {index.name} speaks of it")
    _require_unspoken(draft, f"{table.name}.{name}", [table.name, name])
    return found
