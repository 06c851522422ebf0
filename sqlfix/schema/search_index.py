"""What a virtual table that serves a search keeps: rows of its own, or an index of the text in another table.

The options are those of https://www.sqlite.org/fts5.html (section 4), https://www.sqlite.org/fts3.html (section 6.2)
and https://www.sqlite.org/rtree.html.
"""

import sqlite3

from sqlfix.frozen import frozen
from sqlfix.model.schema import Schema, Table
from sqlfix.model.values import folded
from sqlfix.sql.create_virtual_table import keeps_rows, module_of, read_virtual
from sqlfix.sql.literals import quote

_DOCUMENTS = {"fts4": "docid", "fts5": "id"}
"""The column of the shadow table ``x_docsize`` that is the id of a document."""
_CONTENT = {"fts4": ("_segdir", "root"), "fts5": ("_data", "block")}
"""A shadow table that every change of an index changes, and a column of it in which that is seen."""


@frozen
class Documents:
    """A full-text index that has no text of its own.

    ``content`` is the table or view that has it, or empty where nothing has; ``key`` its column that is the id of a
    document. ``listed`` is the shadow table with a list of the documents that the index has, or None where it has none.
    """

    table: Table
    module: str
    content: str
    key: str
    listed: str | None

    def ids(self, schema: str = "main") -> str:
        """A query for the ids of the documents that are listed, in the file or in one that is attached."""
        assert self.listed is not None
        return f"SELECT {_DOCUMENTS[self.module]} FROM {schema}.{quote(self.listed)}"


def documents_of(schema: Schema, table: Table) -> Documents | None:
    """The index, where it is one that has no text of its own."""
    module = module_of(table.sql)
    given = read_virtual(table.sql).options
    if module not in _DOCUMENTS or "content" not in given:
        return None
    docsize = schema.table(f"{table.name}_docsize")
    listed = docsize.name if docsize is not None and docsize.kind == "shadow" else None
    key = given.get("content_rowid", "rowid") if module == "fts5" else "rowid"
    return Documents(table, module, given["content"], key, listed)


def gone_rows(index: Documents, selected: str) -> str | None:
    """A query over the documents of an index whose row is gone.

    None where the index has no list of its documents, or no text to compare them with.
    """
    if index.listed is None or not index.content:
        return None
    there = f"SELECT k.{quote(index.key)} FROM main.{quote(index.content)} AS k"
    return f"SELECT {selected} FROM ({index.ids()} EXCEPT {there})"


def text_columns(connection: sqlite3.Connection, index: Documents) -> tuple[str, ...]:
    """The columns of the text that an index is of."""
    described = connection.execute(f"PRAGMA main.table_xinfo({quote(index.table.name)})").fetchall()
    return tuple(str(row[1]) for row in described if row[6] == 0)


def own_columns(connection: sqlite3.Connection, table: Table) -> tuple[str, ...]:
    """The columns of a search index that has rows of its own, the first of which tells one from another."""
    if not keeps_rows(table.sql):
        return ()
    columns = columns_with_language(connection, table)
    return columns if module_of(table.sql).startswith("rtree") else ("rowid", *columns)


def columns_with_language(connection: sqlite3.Connection, table: Table) -> tuple[str, ...]:
    """The columns of a search index, with the hidden one that has the language, which is stored as well."""
    language = folded(read_virtual(table.sql).options.get("languageid", ""))
    described = connection.execute(f"PRAGMA main.table_xinfo({quote(table.name)})").fetchall()
    return tuple(str(row[1]) for row in described if row[6] == 0 or folded(str(row[1])) == language)


def has_changed(connection: sqlite3.Connection, index: Documents, before: str) -> bool:
    """True if an index is another one than in an attached copy of the file.

    What has just been written to it may be in memory yet: a savepoint makes the module write it down.
    """
    connection.execute("SAVEPOINT sqlfix_flush")
    connection.execute("RELEASE sqlfix_flush")
    suffix, column = _CONTENT[index.module]
    name = quote(index.table.name + suffix)
    return any(
        connection.execute(
            f"SELECT 1 FROM {one}.{name} AS a LEFT JOIN {other}.{name} AS b ON b.rowid = a.rowid"
            f" WHERE a.{column} IS NOT b.{column} LIMIT 1"
        ).fetchone()
        for one, other in (("main", before), (before, "main"))
    )
