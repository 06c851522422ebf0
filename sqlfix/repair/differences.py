"""The archive by comparing the state before with the one after: where the file's own triggers take part.

What triggers do is not always seen by other triggers: INSERT OR REPLACE in one removes a row without a word.
"""

import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from sqlfix.model.schema import Schema, Table
from sqlfix.repair.archive import Archive, Archived, Rows, differing, same_values
from sqlfix.schema.search_index import documents_of, has_changed
from sqlfix.sql.literals import quote
from sqlfix.sql.predicates import is_row
from sqlfix.sqlite.connect import attach

BEFORE = "sqlfix_before"
"""Under this name the state before the repair is attached."""


WAS_THERE = f"SELECT 1 FROM {BEFORE}.sqlite_master WHERE type = 'table' AND lower(name) = lower(?)"


def compare(archive: Archive, before: Path) -> Archive:
    """Gather every row that differs from the copy that was made before.

    Returns:
        the archive, without the search indexes that are as they were.
    """
    attach(archive.connection, before, BEFORE)
    changed = tuple(archived for archived in archive.tables if _compare(archive, archived))
    return replace(archive, tables=changed)


def _compare(archive: Archive, archived: Archived) -> bool:
    connection, schema, rows = archive.connection, archive.schema, archive.rows(archived)
    if archived.told_by == "documents":
        return _compare_documents(connection, schema, rows)
    if archived.told_by == "values":
        _compare_values(connection, rows)
    else:
        _compare_rows(connection, schema, rows)
    return True


def _compare_rows(connection: sqlite3.Connection, schema: Schema, rows: Rows) -> None:
    archived = rows.archived
    now, then = f"main.{quote(archived.table)} AS n", f"{BEFORE}.{quote(archived.table)} AS o"
    if archived.told_by == "key" and not connection.execute(WAS_THERE, (archived.table,)).fetchone():
        then = f"(SELECT * FROM main.{quote(archived.table)} WHERE 0) AS o"  # the repair has made the table
    match = same_row(schema, archived, "n", [f"o.{quote(key)}" for key in archived.row_id])
    first = quote(archived.row_id[0])
    same = same_values((f"o.{quote(name)}", f"n.{quote(name)}") for name in archived.columns)
    for what, where in (
        ("delete", f"FROM {then} LEFT JOIN {now} ON {match} WHERE n.{first} IS NULL"),
        ("update", f"FROM {then} JOIN {now} ON {match} WHERE NOT ({same})"),
        ("insert", f"FROM {now} LEFT JOIN {then} ON {match} WHERE o.{first} IS NULL"),
    ):
        connection.execute(f"INSERT INTO {rows.tables[0]} SELECT {_listed(archived, 0, what)} {where}")
    ours, theirs = ([side(key) for key in archived.row_id] for side in (rows.old, rows.new))
    both = (
        f"FROM {rows.tables[0]} AS r LEFT JOIN {then} ON {same_row(schema, archived, 'o', ours)}"
        f" LEFT JOIN {now} ON {same_row(schema, archived, 'n', theirs)}"
    )
    for place, name in list(enumerate(rows.tables))[1:]:
        columns = ", ".join(map(quote, ("rowid", *archived.part_columns(place))))
        connection.execute(
            f"INSERT INTO {name} ({columns}) SELECT r.rowid, {_listed(archived, place, 'update')} {both}"
        )


def _listed(archived: Archived, place: int, what: str) -> str:
    """The columns of one part as a list for SQL: ``o`` is the row before, ``n`` the row now."""
    columns = [f"'{what}'", *(["NULL"] if archived.by_value else [])] if place == 0 else []
    for alias, missing in (("o", "insert"), ("n", "delete")):
        columns += ["NULL" if what == missing else f"{alias}.{quote(name)}" for name in archived.parts[place]]
    return ", ".join(columns)


def _compare_values(connection: sqlite3.Connection, rows: Rows) -> None:
    """Rows that nothing tells apart but their values: of each kind, how many there are more or fewer than before.

    So a row that was changed is one that is gone and another that is new.
    """
    columns, table = rows.archived.columns, quote(rows.archived.table)
    nulls, places = ", ".join("NULL" for _ in columns), [f"v{number}" for number in range(len(columns))]
    for what, more, fewer in (("delete", BEFORE, "main"), ("insert", "main", BEFORE)):
        listed = [*places, nulls] if what == "delete" else [nulls, *places]
        connection.execute(
            f"{differing((f'{more}.{table}', columns), (f'{fewer}.{table}', columns))}"
            f" INSERT INTO {rows.tables[0]} SELECT '{what}', NULL, {', '.join(listed)} FROM differ"
        )


def _compare_documents(connection: sqlite3.Connection, schema: Schema, rows: Rows) -> bool:
    """The ids of the documents that an index has lost and got, where it has a list; False if nothing changed."""
    table = schema.table(rows.archived.table)
    index = documents_of(schema, table) if table else None
    if index is None or not has_changed(connection, index, BEFORE):
        return False
    if index.listed is not None:
        gather_ids(connection, rows, index.ids(BEFORE), index.ids())
    return True


def gather_ids(connection: sqlite3.Connection, rows: Rows, then: str, now: str) -> None:
    """Gather the ids of the documents that an index has lost and got; ``then`` and ``now`` are queries for all ids."""
    lost, got = f"{then} EXCEPT {now}", f"{now} EXCEPT {then}"
    for side, query in (("'delete', id, NULL", lost), ("'insert', NULL, id", got)):
        connection.execute(f"WITH ids(id) AS ({query}) INSERT INTO {rows.tables[0]} SELECT {side} FROM ids")


# -- the key of a row ---------------------------------------------------------------------------------------------


def keyed(schema: Schema, archived: Archived) -> Table | None:
    """The table with its rows told apart by the columns that the archive knows; None where these do so no longer.

    They do where they are its own key, or where a unique index is over just these columns.
    """
    table = schema.table(archived.table)
    if table is None or table.kind != "table":  # sqlite_sequence, or a search index
        return Table(archived.table, "table", "", row_id=archived.row_id)
    if table.row_id == archived.row_id:
        return table
    for index in table.indexes:
        by_name = {column.name: column.collation for column in index.columns if not column.expression}
        if index.unique and not index.partial and by_name.keys() == set(archived.row_id):
            collations = tuple(by_name[name] for name in archived.row_id)
            return replace(table, row_id=archived.row_id, row_collations=collations)
    return None


def same_row(schema: Schema, archived: Archived, alias: str, keys: Sequence[str]) -> str:
    """True of the row of a table whose key has these values, as the table itself tells its rows apart."""
    table = keyed(schema, archived)
    return is_row(table, alias, keys) if table else "0"
