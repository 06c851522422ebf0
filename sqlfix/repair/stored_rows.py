"""The rows of an archive as they are stored: read so that no value changes, and written into a record."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, suppress

from sqlfix.errors import SqlfixError
from sqlfix.model.values import NotUtf8, Value
from sqlfix.repair.archive import Archive, Archived
from sqlfix.sql.literals import literal, quote
from sqlfix.sqlite.connect import attach
from sqlfix.sqlite.deadline import overlooking
from sqlfix.sqlite.files import temporary_folder
from sqlfix.sqlite.stored_values import as_stored, in_utf8
from sqlfix.sqlite.trust import all_text_as_str

Wanted = tuple[str, Sequence[str], str]
"""A temporary table, its columns, and the table of a record that has the same ones."""
AT_ONCE = range(1 << 20, 32 << 20)
"""Bytes of temporary tables that are held in memory to be written; fewer are written sooner than a file is made."""
ATTACHED = "sqlfix_archive"


def write(archive: Archive, tables: Iterable[Archived], record: sqlite3.Connection) -> None:
    """Write the rows of some tables of an archive into a record, in the order of ``number``."""
    wanted = []
    for archived in tables:
        sources, targets = archive.rows(archived).tables, archived.in_record().tables
        for place, (source, target) in enumerate(zip(sources, targets, strict=True)):
            columns = archived.part_columns(place)
            kinds = [f"{quote(name)} TEXT" if name == "what" else quote(name) for name in columns]
            record.execute(f"CREATE TABLE {target} ({', '.join(kinds)})")
            wanted.append((source, columns, target))
    if not _write_by_sqlite(archive.connection, record, wanted):
        for source, columns, target in wanted:
            copy(archive.connection, source, columns, record, target)


def _write_by_sqlite(connection: sqlite3.Connection, record: sqlite3.Connection, wanted: Sequence[Wanted]) -> bool:
    """Write all rows without making values of Python of them: that takes three times as long.

    No connection but its own reads what a transaction has put into temporary tables, and a file that it attaches would
    be committed with it. So their pages, as they are at this moment, become a file of our own, which the record reads.

    Returns:
        False where nothing was written: they are too few or too many for that, or SQLite cannot do it.
    """
    pages, size = (connection.execute(f"PRAGMA temp.{name}").fetchone()[0] for name in ("page_count", "page_size"))
    if not wanted or pages * size not in AT_ONCE or not hasattr(connection, "serialize"):
        return False
    with overlooking(sqlite3.DatabaseError), suppress(SqlfixError, OSError), temporary_folder() as folder:
        file = folder / "rows.db"
        file.write_bytes(connection.serialize(name="temp"))
        attach(record, file, ATTACHED)
        for source, columns, target in wanted:
            listed = ", ".join(map(quote, columns))
            record.execute(f"INSERT INTO {target} SELECT {listed} FROM {ATTACHED}.{source} ORDER BY rowid")
        return True
    for _, _, target in wanted:
        record.execute(f"DELETE FROM {target}")
    return False


def copy(
    connection: sqlite3.Connection, source: str, columns: Sequence[str], record: sqlite3.Connection, target: str
) -> None:
    """Copy the rows of a temporary table into a table of a record that has the same columns."""
    plain = f"INSERT INTO {target} VALUES ({', '.join('?' * len(columns))})"
    listed, query = [quote(name) for name in columns], f"FROM {source} ORDER BY rowid"  # parts of a row share theirs
    if in_utf8(connection):
        with overlooking(sqlite3.OperationalError), all_text_as_str(connection):
            record.executemany(plain, connection.execute(f"SELECT {', '.join(listed)} {query}"))
            return
        record.execute(f"DELETE FROM {target}")  # there is a text that is none
    with closing(as_stored(connection, listed, query)) as rows:
        record.executemany(plain, _writable(record, target, rows))


def _writable(
    record: sqlite3.Connection, target: str, rows: Iterator[tuple[Value, ...]]
) -> Iterator[tuple[Value, ...]]:
    """The rows that Python can bind; one with a text that it cannot is written on the way, as bytes cast to text."""
    for row in rows:
        if NotUtf8 not in map(type, row):
            yield row
            continue
        # as a literal: a BLOB that is bound would be taken for UTF-8 by the CAST, whatever the file's encoding
        marks = ", ".join(literal(value) if isinstance(value, NotUtf8) else "?" for value in row)
        values = [value for value in row if not isinstance(value, NotUtf8)]
        record.execute(f"INSERT INTO {target} VALUES ({marks})", values)
