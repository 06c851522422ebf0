"""Merging rows that are the same: one of each group stays, what refers to the others is led to it, and they go."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlfix.errors import Refused
from sqlfix.model import ForeignKey, Schema, Table, folded
from sqlfix.sql import match_parent, names, quote

KEEP = ("first", "last", "most-referenced")
"""Which row of a group stays: that with the least rowid, the greatest, or the one that most rows refer to (of several
the first)."""
_ROWS, _MERGE, _CHECK = "sqlfix_rows", "sqlfix_merge", "sqlfix_check"


@dataclass(frozen=True, slots=True)
class Group:
    """What makes rows of a table the same: equal ``terms`` (SQL), none of them NULL, where ``where`` holds.

    ``columns`` are those of the terms that are plain columns. ``index`` is the CREATE statement of the index that does
    not know all rows, by its name: it is dropped before, and made anew at the end.
    """

    table: Table
    columns: tuple[str, ...]
    terms: tuple[str, ...]
    where: str = ""
    index: tuple[str, str] | None = None


def merge_script(schema: Schema, group: Group, keep: str) -> tuple[str, ...]:
    """The statements, to be run in order by one connection; none where the rows cannot be told apart by a rowid.

    Nothing is taken away but the rows that go, those links of join tables without data of their own that the row which
    stays has already, and its link to a row that goes: it would lead to itself. Where a reference to a row that goes
    cannot be led to the one that stays, because something else has to be unique there, its UPDATE fails, and whoever
    runs the script has to roll back (``sqlite3 -bail``).

    Args:
        keep: one of `KEEP`.
    """
    table = group.table
    hidden = any(schema.table(name) for name in (_ROWS, _MERGE, _CHECK))  # a temporary table would stand before it
    if len(table.row_id) != 1 or table.without_rowid or hidden:
        return ()
    references = [fk for fk in _references(schema, table) if not _is_kept(fk, group)]
    return (
        "PRAGMA foreign_keys = OFF",
        "BEGIN",
        *([f"DROP INDEX {quote(group.index[0])}"] if group.index else []),
        *_survivors(group, keep, _references(schema, table)),
        *(statement for fk in references for statement in _lead(schema, table, fk)),
        f"DELETE FROM {quote(table.name)} WHERE {quote(table.row_id[0])} IN (SELECT loser FROM temp.{_MERGE})",
        *_assertions(group),
        *(f"DROP TABLE temp.{name}" for name in (_ROWS, _MERGE, _CHECK)),
        *([group.index[1]] if group.index else []),
        "COMMIT",
    )


def group_of(connection: sqlite3.Connection, schema: Schema, table: Table, columns: tuple[str, ...]) -> Group:
    """Rows that have the same values in some columns, compared as the unique index over them does, if there is one.

    Raises:
        Refused: where the script could not be run: the index is part of the CREATE TABLE, or the rows have no rowid.
    """
    if len(table.row_id) != 1 or table.without_rowid:
        raise Refused(f"the rows of {table.name} cannot be told apart by a rowid, so no script can merge them")
    wanted = sorted(folded(name) for name in columns)
    over = [i for i in table.indexes if i.unique and sorted(folded(c.name or "") for c in i.columns) == wanted]
    index = next((i for i in over if not i.partial), None)
    if index is None:
        own = [column for name in columns if (column := table.column(name))]
        return Group(table, columns, tuple(f"{quote(c.name)} COLLATE {quote(c.collation)}" for c in own))
    row = connection.execute(
        "SELECT sql FROM main.sqlite_master WHERE type = 'index' AND name = ?", (index.name,)
    ).fetchone()
    if not row or not isinstance(row[0], str):
        raise Refused(
            f"the constraint over {', '.join(columns)} is part of the declaration of {table.name}",
            "its index cannot be dropped for the time of the merge; merge the rows by hand",
        )
    terms = tuple(f"{quote(c.name or '')} COLLATE {quote(c.collation)}" for c in index.columns)
    return Group(table, columns, terms, index=(index.name, row[0]))


def count_groups(connection: sqlite3.Connection, group: Group) -> tuple[int, int]:
    """How many groups of rows that are the same there are, and how many rows are in them."""
    there = " AND ".join(f"typeof({term}) <> 'null'" for term in group.terms)
    query = f"SELECT count(*) AS n FROM {quote(group.table.name)} NOT INDEXED WHERE {there}"
    groups, rows = connection.execute(
        f"SELECT count(*), ifnull(sum(n), 0) FROM ({query} GROUP BY {', '.join(group.terms)} HAVING count(*) > 1)"
    ).fetchone()
    return int(groups), int(rows)


def _references(schema: Schema, table: Table) -> list[ForeignKey]:
    """Every usable foreign key that refers to the table; two declarations of one are one."""
    found = {fk.subject: fk for fk in schema.foreign_keys if folded(fk.parent) == folded(table.name) and not fk.fault}
    return list(found.values())


def _is_kept(fk: ForeignKey, group: Group) -> bool:
    """True of a reference by the very columns that are the same: it holds as well for the row that stays."""
    return len(group.columns) == len(group.terms) and set(fk.parent_columns) <= set(group.columns)


def _survivors(group: Group, keep: str, references: Sequence[ForeignKey]) -> Iterator[str]:
    """Statements that write down which rows go, and for which others."""
    name, rowid = quote(group.table.name), quote(group.table.row_id[0])
    yield from (f"DROP TABLE IF EXISTS temp.{table}" for table in (_ROWS, _MERGE, _CHECK))
    there = " AND ".join(
        [*([f"({group.where})"] if group.where else []), *(f"typeof({t}) <> 'null'" for t in group.terms)]
    )
    terms = ", ".join(group.terms)
    yield (
        f"CREATE TEMP TABLE {_ROWS} AS SELECT id, place, 0 AS n FROM (SELECT {rowid} AS id, dense_rank() OVER (ORDER BY"
        f" {terms}) AS place, count(*) OVER (PARTITION BY {terms}) AS many FROM {name} NOT INDEXED WHERE {there})"
        " WHERE many > 1"
    )
    if keep == "most-referenced":
        for fk in references:
            count = f"SELECT count(*) FROM {quote(fk.child)} AS c WHERE {match_parent(fk)}"
            yield (
                f"UPDATE temp.{_ROWS} SET n = n + (SELECT ({count}) FROM {name} AS p NOT INDEXED"
                f" WHERE p.{rowid} = {_ROWS}.id)"
            )
    order = {"first": "id", "last": "id DESC", "most-referenced": "n DESC, id"}[keep]
    yield f"CREATE TEMP TABLE {_MERGE} (loser INTEGER PRIMARY KEY, survivor INTEGER)"
    yield (
        f"INSERT INTO temp.{_MERGE} SELECT id, stays FROM (SELECT id, first_value(id) OVER (PARTITION BY place ORDER BY"
        f" {order}) AS stays FROM temp.{_ROWS}) WHERE id <> stays"
    )


def _lead(schema: Schema, table: Table, fk: ForeignKey) -> Iterator[str]:
    """Statements that lead the references by one foreign key to the rows that stay."""
    name, rowid, child = quote(table.name), quote(table.row_id[0]), quote(fk.child)
    yield from _merge_links(schema, table, fk)
    loser = f"FROM {name} AS p JOIN temp.{_MERGE} AS m ON m.loser = p.{rowid}"
    if folded(fk.child) == folded(table.name):  # it would become its own parent
        nothing = ", ".join(f"{quote(name)} = NULL" for name in fk.child_columns)
        itself = f"SELECT m.survivor {loser} WHERE {match_parent(fk)}"
        yield f"UPDATE {child} AS c SET {nothing} WHERE c.{rowid} IN ({itself})"
    key = names(fk.parent_columns, "s")
    yield (
        f"UPDATE {child} AS c SET ({names(fk.child_columns)}) = (SELECT {key} {loser}"
        f" JOIN {name} AS s ON s.{rowid} = m.survivor WHERE {match_parent(fk)})"
        f" WHERE EXISTS (SELECT 1 {loser} WHERE {match_parent(fk)})"
    )


def _merge_links(schema: Schema, table: Table, fk: ForeignKey) -> Iterator[str]:
    """A statement that takes away the links to rows that go which those that stay have already, in a join table."""
    join, child = schema.join_table(fk.child), schema.table(fk.child)
    if join is None or join.carries_data or child is None or not child.row_id:
        return
    other = join.right if fk.child_columns == join.left.child_columns else join.left
    rowid, goal = quote(table.row_id[0]), f"ifnull(m.survivor, p.{quote(table.row_id[0])})"
    there = " AND ".join(f"c.{quote(column)} IS NOT NULL" for column in other.child_columns)
    ids = ", ".join(f"c.{quote(column)} AS i{place}" for place, column in enumerate(child.row_id))
    chosen = ", ".join(f"i{place}" for place in range(len(child.row_id)))
    yield (
        f"DELETE FROM {quote(child.name)} WHERE ({names(child.row_id)}) IN (SELECT {chosen} FROM (SELECT {ids},"
        f" m.loser AS gone, row_number() OVER (PARTITION BY {goal}, {names(other.child_columns, 'c')}"
        f" ORDER BY m.loser IS NOT NULL, {names(child.row_id, 'c')}) AS place FROM {quote(child.name)} AS c"
        f" JOIN {quote(table.name)} AS p ON {match_parent(fk)} LEFT JOIN temp.{_MERGE} AS m ON m.loser = p.{rowid}"
        f" WHERE {goal} IN (SELECT survivor FROM temp.{_MERGE}) AND {there}) WHERE place > 1 AND gone IS NOT NULL)"
    )


def _assertions(group: Group) -> Iterator[str]:
    """Statements that fail, and take everything back, where rows are still the same."""
    where = f" WHERE {group.where}" if group.where else ""
    there = " AND ".join(f"typeof({term}) <> 'null'" for term in group.terms)
    same = (
        f"SELECT 1 FROM {quote(group.table.name)} NOT INDEXED{where} GROUP BY {', '.join(group.terms)}"
        f" HAVING count(*) > 1 AND {there}"
    )
    rule = 'CONSTRAINT "rows are still the same: nothing was changed" CHECK (n = 0)'
    yield f"CREATE TEMP TABLE {_CHECK} (n INTEGER, {rule})"
    yield f"INSERT OR ROLLBACK INTO temp.{_CHECK} SELECT count(*) FROM ({same})"
