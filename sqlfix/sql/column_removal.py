"""Takes a column out of a CREATE TABLE text, with the constraints that are about it alone."""

from __future__ import annotations

from sqlfix.model.values import folded
from sqlfix.sql.create_table import read_create_table
from sqlfix.sql.splices import Splice, clause_removal, spliced
from sqlfix.sql.table_edits import column_of
from sqlfix.sql.table_text import ColumnText, TableText
from sqlfix.sql.tokens import DdlError, Span, names_in, tokens


def without_column(sql: str, name: str) -> str:
    """The text without one of its columns.

    Raises:
        DdlError: the text cannot be read, has no such column or no other one, or says more of it than goes with it.
    """
    table = read_create_table(sql)
    column = column_of(table, name)
    if len(table.columns) == 1:
        raise DdlError("it is the only column")
    if any(folded(key) == folded(name) for key in table.primary_key):
        raise DdlError("it is a part of the primary key")
    _require_unspoken(sql, table, column)
    edits = [Splice(_with_comma(sql, table, column))]
    for clause in table.clauses:
        if not any(folded(named) == folded(name) for named in clause.columns):
            continue
        if len(clause.columns) > 1:
            raise DdlError(f"{' '.join(sql[slice(*clause.span)].split())} is about other columns as well")
        edits += clause_removal(sql, table, clause)
    changed = spliced(sql, edits)
    _require_rest(table, read_create_table(changed), column)
    return changed


def _with_comma(sql: str, table: TableText, column: ColumnText) -> Span:
    """Where a column stands, with the comma before it or, of the first one, the one behind it."""
    cut = tokens(sql)
    if column is not table.columns[0]:
        comma = next(token for token in reversed(cut) if token.end <= column.span[0] and token.word == ",")
        return comma.start, column.span[1]
    return column.span[0], table.columns[1].span[0]


def _require_unspoken(sql: str, table: TableText, column: ColumnText) -> None:
    """Raise DdlError where a CHECK or a computed column speaks of it; in double quotes it would become a text."""
    own, name = column.span, folded(column.name)
    for check in table.checks:
        if not own[0] <= check.span[0] < own[1] and name in names_in(check.text):
            raise DdlError(f"CHECK ({check.text}) speaks of it")
    for other in table.columns:
        for clause in other.clauses if other is not column else ():
            if clause.kind == "generated" and name in names_in(sql[slice(*clause.span)]):
                raise DdlError(f"{other.name} is computed from it")


def _require_rest(before: TableText, after: TableText, column: ColumnText) -> None:
    """Raise DdlError unless all else is as it was: a DEFERRABLE may be of the key of a column that went before it."""
    name = folded(column.name)
    columns = [(c.name, c.type, c.not_null, c.default, c.collation) for c in before.columns if folded(c.name) != name]
    keys = [
        (k.columns, k.parent, k.parent_columns, k.on_delete, k.on_update, k.deferrable)
        for k in before.foreign_keys
        if name not in map(folded, k.columns)
    ]
    now = [(c.name, c.type, c.not_null, c.default, c.collation) for c in after.columns]
    kept = [(k.columns, k.parent, k.parent_columns, k.on_delete, k.on_update, k.deferrable) for k in after.foreign_keys]
    options = (before.primary_key, before.without_rowid, before.strict)
    if (columns, keys, options) != (now, kept, (after.primary_key, after.without_rowid, after.strict)):
        raise DdlError("the text cannot be changed without changing something else")
