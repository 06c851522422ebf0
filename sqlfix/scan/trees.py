"""Whether the b-trees of a table agree: its own is in order, and an index has an entry for each of its rows.

SQLite believes an index, and ``PRAGMA quick_check`` does not compare it with its table: a key that the index lacks is
missing for every query that uses it, and a key that only the index has is there.
"""

import re
import sqlite3
from collections.abc import Sequence

from sqlfix.frozen import frozen
from sqlfix.model.schema import Index, Schema, Table
from sqlfix.scan.access_paths import WHOLE
from sqlfix.scan.keys_read import steps_back
from sqlfix.scan.pieces import count_entries, shared_out
from sqlfix.sql.create_index import index_text
from sqlfix.sql.literals import free_column, quote
from sqlfix.sql.predicates import stored
from sqlfix.sql.tokens import DdlError
from sqlfix.sqlite.deadline import overlooking
from sqlfix.sqlite.integrity import NO_DAMAGE, bytes_of, complaints

SAMPLES = 64
"""Of a larger table, how many rows are looked for in an index before it is believed."""
LONG_ROW = 2000
"""Bytes of the file for each row of a table from which on rows may be too long to be read as a whole."""
SMALL_TABLE = 32_768
"""Bytes of the file for each of its tables up to which they are small."""
MOST_LINES = 100
"""After as many lines SQLite's checks say no more."""


def terms_of(index: Index) -> tuple[tuple[str, ...], str]:
    """What an index holds, as SQL over the columns of its table, and of which rows; "" if of all.

    Raises:
        sqlite3.DataError: where the text of the CREATE INDEX statement cannot be read.
    """
    plain = tuple(f"{quote(c.name or '')} COLLATE {quote(c.collation)}" for c in index.columns)
    if not index.partial and not any(c.expression for c in index.columns):
        return plain, ""
    try:
        texts, where = index_text(str(index.sql))
        if len(texts) != len(index.columns):
            raise DdlError("its text has a different number of columns")
    except DdlError as error:
        raise sqlite3.DataError(f"{index.name}: {error}") from error
    named = zip(texts, index.columns, plain, strict=True)
    return tuple(term if column.name else text for text, column, term in named), where


def is_computed(table: Table, index: Index) -> bool:
    """True if an expression of the schema's own is run for an index, or decides which rows are in it."""
    own = [table.column(column.name) if column.name else None for column in index.columns]
    return index.partial or any(column is None or column.generated for column in own)


def agrees(connection: sqlite3.Connection, table: Table, index: Index, rows: int, whole: bool = False) -> bool:
    """True if an index has an entry for each row of its table, and no others.

    Of a table of more than `WHOLE` rows no more is known than that it has as many entries as there are rows, and finds
    those that it is tried with.

    Args:
        rows: how many rows the table has.
        whole: compare all rows, however many they are.
    """
    # an index whose collation is missing gives "no query solution", which tells nobody anything
    connection.execute("SELECT " + ", ".join(f"'' < '' COLLATE {quote(c.collation)}" for c in index.columns))
    condition, rows, entries = _counted(connection, table, index, rows)
    if entries != rows or not rows:
        return entries == rows
    few = ""
    if not whole and rows > WHOLE:
        condition, few = _samples(connection, table, condition)
    return not _lacking(connection, table, index, f"{condition}{few}", " LIMIT 1")


def _counted(connection: sqlite3.Connection, table: Table, index: Index, rows: int) -> tuple[str, int, int]:
    """Which rows an index is of, as SQL, how many there are of ``rows`` in all, and how many entries it has."""
    where = terms_of(index)[1]
    if where:
        (rows,) = connection.execute(f"SELECT count(*) FROM {stored(table)} WHERE {where}").fetchone()
    return f"({where})" if where else "1", rows, count_entries(connection, table, index, where and f" WHERE {where}")


@frozen
class Difference:
    """How far an index disagrees with its table: ``rows`` that it lacks, ``entries`` of rows that are not there."""

    rows: int
    entries: int


def difference(connection: sqlite3.Connection, table: Table, index: Index, rows: int) -> Difference:
    """How far an index disagrees with its table, all rows compared."""
    condition, rows, entries = _counted(connection, table, index, rows)
    lacking = _lacking(connection, table, index, condition)
    return Difference(lacking, max(entries - (rows - lacking), 0))


def _samples(connection: sqlite3.Connection, table: Table, condition: str) -> tuple[str, str]:
    """A condition that is true of some rows from all parts of a table, and what limits them; of the first, without ids.

    The last row is among them: what was written past an index was often written last.
    """
    if table.without_rowid or len(table.row_id) != 1:
        return condition, f" LIMIT {SAMPLES}"
    rowid = quote(table.row_id[0])
    places = ", ".join(f"({place})" for place in shared_out(connection, table, SAMPLES))
    one = f"SELECT min(c.{rowid}) FROM {quote(table.name)} AS c NOT INDEXED WHERE c.{rowid} >= v.column1"
    return f"{condition} AND {rowid} IN (SELECT ({one}) FROM (VALUES {places}) AS v)", ""


def _lacking(connection: sqlite3.Connection, table: Table, index: Index, those: str, most: str = "") -> int:
    """How many of those rows for which a condition holds an index has no entry of.

    In the index of a PRIMARY KEY SQLite meets no more than the first of several rows that have the same key, or NULL in
    a column that is NOT NULL: what it does not find there is held against all entries.

    Args:
        those: the condition.
        most: "", or a LIMIT, after which there are some or none.
    """
    terms, where = terms_of(index)
    ids = [f"{quote(name)} COLLATE BINARY" for name in table.primary_key] if table.without_rowid else []
    ids = ids or [quote(name) for name in table.row_id]
    own = [(value, free_column(table, f"sqlfix_{place}")) for place, value in enumerate((*ids, *terms))]
    shown = ", ".join(f"{value} AS {name}" for value, name in own)
    same = [f"{value} IS c.{name}" for value, name in own]
    there = " AND ".join([*([f"({where})"] if where else []), *same])
    entries = f"{quote(table.name)} INDEXED BY {quote(index.name)} WHERE"
    query = (
        f"SELECT * FROM (SELECT {shown} FROM {stored(table)} WHERE {those}) AS c"
        f" WHERE NOT EXISTS (SELECT 1 FROM {entries} {there})"
    )
    (missed,) = connection.execute(f"SELECT count(*) FROM ({query}{most})").fetchone()
    if missed and index.origin == "pk" and not table.without_rowid:
        query += f" EXCEPT SELECT {shown} FROM {entries} 1"
        (missed,) = connection.execute(f"SELECT count(*) FROM ({query})").fetchone()
    return int(missed)


def distinct_in_order(terms: Sequence[str], source: str) -> str:
    """A query for the keys that come in order, each once, by comparing it with the one before; conditions can follow.

    It is twice as fast as GROUP BY. Of one table alone SQLite would believe that they are unique, and not compare.

    Args:
        terms: the keys, as SQL over the columns of ``c``.
        source: the table as ``c`` in a FROM clause.
    """
    return (
        f"SELECT DISTINCT {', '.join(terms)} FROM sqlite_master AS s CROSS JOIN {source}"
        " WHERE s.rowid = (SELECT min(rowid) FROM sqlite_master)"
    )


def is_in_order(connection: sqlite3.Connection, table: Table, rows: int) -> bool:
    """True if each row of a table comes after the one before it, so that no two have the same rowid or primary key.

    A damaged page can hold one twice. SQLite's own checks say so quickest, and whatever else is wrong with the pages;
    but they read all of each row as well, and what computed columns call: where that is much, only the keys are read.
    """
    if not rows or not table.row_id:
        return True
    long = rows > WHOLE and bytes_of(connection) > rows * LONG_ROW
    if long or any(column.generated for column in table.columns):
        return not steps_back(connection, table)
    lines: list[str] = []
    with overlooking(sqlite3.OperationalError):
        check = "integrity_check" if table.without_rowid else "quick_check"  # nothing less looks at the order of these
        lines = complaints(connection, f"{check}({quote(table.name)})")
    # of a page that is there in two places, or of another depth, it says only that, and not which rows are hidden
    damaged = any(not re.match(NO_DAMAGE, line) for line in lines)
    return not damaged and (len(lines) < MOST_LINES or not steps_back(connection, table))


def all_with_rowid_in_order(connection: sqlite3.Connection, schema: Schema) -> bool:
    """True if SQLite's check of the whole file shows that `is_in_order` is true of all tables but those WITHOUT ROWID.

    It is asked only where the tables are small: to find one, SQLite goes through all, which takes long for thousands.
    """
    tables = schema.tables
    modules = any(table.kind == "virtual" for table in tables)  # newer versions ask them as well
    computed = any(column.generated for table in tables for column in table.columns)
    computed = computed or any(is_computed(table, index) for table in tables for index in table.indexes)
    if modules or computed or bytes_of(connection) > SMALL_TABLE * len(tables):
        return False
    with overlooking():
        return not complaints(connection, "quick_check")
    return False
