"""What full-text indexes keep of rows that a plan deletes, where it is the application that takes them out."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator

from sqlfix.model.plans import Left
from sqlfix.model.schema import Schema
from sqlfix.model.values import folded
from sqlfix.schema.search_index import documents_of, gone_rows
from sqlfix.sql.literals import quote
from sqlfix.sqlite.deadline import stop_if_interrupted

CHECK = "fts-out-of-step"
"""The check that finds such an index afterwards."""


def left_in_indexes(
    connection: sqlite3.Connection, schema: Schema, deleted_from: Iterable[str], written_to: Iterable[str]
) -> Iterator[Left]:
    """Each full-text index of the text in one of some tables, as something that a plan may leave out of step.

    Triggers may take the rows out of it as well: what is left in the end its ``count_sql`` counts in a rehearsal, the
    rows aside that the index has without a row before.

    Args:
        deleted_from: the tables of which rows are deleted.
        written_to: these and the others that are changed; if one of them has triggers, they may delete from any table.
    """
    names = {folded(name) for name in deleted_from}
    if any(table.triggers for name in written_to if (table := schema.table(name))):
        names |= {folded(table.name) for table in schema.tables}
    for table in schema.tables:
        index = documents_of(schema, table) if table.kind == "virtual" else None
        query = gone_rows(index, "count(*)") if index and folded(index.content) in names else None
        if index is None or query is None:
            continue
        try:
            before = int(connection.execute(query).fetchone()[0])
        except sqlite3.DatabaseError as error:
            stop_if_interrupted(error)
            continue  # a scan says that the index could not be checked
        name = quote(table.name)
        yield Left(
            CHECK, table.name, (), None, (), 0,
            f"the index still has what is deleted from {index.content}: no trigger removes it",
            f"INSERT INTO {name}({name}) VALUES ('rebuild') rebuilds it from its text, after the repair",
            gone_rows(index, f"max(count(*) - {before}, 0)"),
        )  # fmt: skip
