"""Edits of the foreign keys of a CREATE TABLE text: put in, taken away, or changed in one thing.

A foreign key is named by its number, its place among those of the text, which is that in ``Table.foreign_keys`` too.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from sqlfix.frozen import frozen
from sqlfix.sql.create_table import read_create_table
from sqlfix.sql.literals import names, quote
from sqlfix.sql.table_edits import (
    Splice,
    clause_at_end,
    clause_in_column,
    clause_removal,
    clauses,
    column_of,
    edited,
    removal,
)
from sqlfix.sql.table_text import ColumnText, ForeignKeyText, TableText
from sqlfix.sql.tokens import DdlError, Span

NO_ACTION = "NO ACTION"


@frozen
class Reference:
    """What a foreign key that is yet to be declared refers to, and how; without columns, to the primary key."""

    parent: str
    parent_columns: tuple[str, ...] = ()
    on_delete: str = NO_ACTION
    on_update: str = NO_ACTION
    deferrable: bool = False


def with_foreign_key(sql: str, columns: Sequence[str], reference: Reference) -> str:
    """The text with a foreign key: on the column if it is one, else of the table.

    Raises:
        DdlError: the text cannot be read, or has no such column. All of these functions raise that.
    """
    table = read_create_table(sql)
    own = [column_of(table, name) for name in columns]
    words = f"REFERENCES {_words(reference)}"
    if len(own) == 1:
        before = [key for key in table.foreign_keys if key.span[0] < own[0].span[1]]
        try:
            edits = [clause_in_column(own[0], words)]
            return _with(sql, table, edits, [*before, _new(own, reference), *table.foreign_keys[len(before) :]])
        except DdlError:  # a DEFERRABLE further on is of the key before this one, and would become that of this one
            pass
    clause = f"FOREIGN KEY ({names([column.name for column in own])}) {words}"
    return _with(sql, table, clause_at_end(sql, table, clause), [*table.foreign_keys, _new(own, reference)])


def _new(own: Sequence[ColumnText], of: Reference) -> ForeignKeyText:
    columns = tuple(column.name for column in own)
    actions = of.on_delete, of.on_update
    return ForeignKeyText(columns, of.parent, of.parent_columns, *actions, None, of.deferrable, None, "", (0, 0))


def without_foreign_key(sql: str, number: int) -> str:
    """The text without one of its foreign keys, and without a DEFERRABLE of it that stands elsewhere."""
    table = read_create_table(sql)
    key = table.foreign_keys[number]
    clause = next(one for one in clauses(table) if one.start == key.span[0])
    edits = clause_removal(sql, table, clause)
    edits += [removal(sql, _whole(table, span)) for _, span in key.deferrals if span[0] >= clause.span[1]]
    return _with(sql, table, edits, [*table.foreign_keys[:number], *table.foreign_keys[number + 1 :]])


def with_actions(sql: str, number: int, on_delete: str | None = None, on_update: str | None = None) -> str:
    """The text with another ON DELETE or ON UPDATE of one of its foreign keys; None leaves what there is."""
    table = read_create_table(sql)
    key = table.foreign_keys[number]
    edits: list[Splice] = []
    added: list[str] = []
    wanted = {"delete": on_delete or key.on_delete, "update": on_update or key.on_update}
    for event, now in (("delete", key.on_delete), ("update", key.on_update)):
        clause, there = f"ON {event.upper()} {wanted[event]}", [span for word, span in key.actions if word == event]
        if wanted[event] == now:
            continue
        if there:
            edits += [removal(sql, span) for span in there[:-1]]  # SQLite goes by the last
            edits.append(Splice(there[-1], clause))
        else:
            added.append(clause)
    if added:
        edits.append(Splice((key.action_end, key.action_end), " ".join(added)))
    return _with_key(sql, table, edits, number, replace(key, on_delete=wanted["delete"], on_update=wanted["update"]))


def with_deferrable(sql: str, number: int, deferrable: bool) -> str:
    """The text with one of its foreign keys DEFERRABLE INITIALLY DEFERRED, or no longer so."""
    table = read_create_table(sql)
    key = table.foreign_keys[number]
    edits: list[Splice] = []
    if not deferrable:
        edits = [removal(sql, _whole(table, span)) for defers, span in key.deferrals if defers]
    elif key.deferrals and not key.deferrable:
        edits = [Splice(key.deferrals[-1][1], _DEFERRED)]
    elif not key.deferrable:
        edits = [Splice((key.action_end, key.action_end), _DEFERRED)]
    return _with_key(sql, table, edits, number, replace(key, deferrable=deferrable))


def with_parent(sql: str, number: int, parent: str | None = None, parent_columns: Sequence[str] | None = None) -> str:
    """The text with another parent of one of its foreign keys, or other columns of it; None leaves what there is."""
    table = read_create_table(sql)
    key = table.foreign_keys[number]
    edits: list[Splice] = []
    parent = key.parent if parent is None else parent
    columns = key.parent_columns if parent_columns is None else tuple(parent_columns)
    if parent != key.parent:
        edits.append(_renamed(sql, key.parent_span, parent))
    if columns != key.parent_columns and not key.key_spans:
        edits.append(Splice((key.parent_span[1], key.parent_span[1]), f" ({names(columns)})"))
    elif columns != key.parent_columns:
        if len(columns) != len(key.parent_columns):
            raise DdlError("a foreign key has as many columns as its parent key")
        named = zip(key.key_spans, key.parent_columns, columns, strict=True)
        edits += [_renamed(sql, span, new) for span, old, new in named if old != new]
    return _with_key(sql, table, edits, number, replace(key, parent=parent, parent_columns=columns))


# -- what they share --------------------------------------------------------------------------------------------------

_DEFERRED = "DEFERRABLE INITIALLY DEFERRED"


def _with_key(sql: str, table: TableText, edits: Iterable[Splice], number: int, key: ForeignKeyText) -> str:
    """The text with these edits, which are to make this of one of its foreign keys."""
    return _with(sql, table, edits, [*table.foreign_keys[:number], key, *table.foreign_keys[number + 1 :]])


def _with(sql: str, table: TableText, edits: Iterable[Splice], keys: Iterable[ForeignKeyText]) -> str:
    """The text with these edits, which are to leave just these foreign keys."""
    return edited(sql, replace(table, foreign_keys=tuple(keys)), edits)


def _words(reference: Reference) -> str:
    key = f" ({names(reference.parent_columns)})" if reference.parent_columns else ""
    actions = "".join(
        f" ON {event} {action}"
        for event, action in (("DELETE", reference.on_delete), ("UPDATE", reference.on_update))
        if action != NO_ACTION
    )
    return f"{quote(reference.parent)}{key}{actions}{f' {_DEFERRED}' if reference.deferrable else ''}"


def _whole(table: TableText, span: Span) -> Span:
    """A DEFERRABLE clause with the name that it may have where it stands apart."""
    return next((one.span for one in clauses(table) if one.kind == "deferrable" and one.start == span[0]), span)


def _renamed(sql: str, span: Span, name: str) -> Splice:
    """Another name in the place of one, in the same quotes where these can hold it."""
    mark = sql[span[0]]
    if mark == "`":
        return Splice(span, "`" + name.replace("`", "``") + "`")
    return Splice(span, f"[{name}]" if mark == "[" and "]" not in name else quote(name))
