"""The rows of an archive as they are stored: read so that no value changes, and written into a record."""

from __future__ import annotations

import sqlite3
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing

from sqlfix.archive import Archived, temporary
from sqlfix.model import NotUtf8, Schema, Value
from sqlfix.sql import balanced, literal, quote


def write(
    connection: sqlite3.Connection, schema: Schema, tables: Iterable[Archived], record: sqlite3.Connection
) -> None:
    """Write the archive into a record: the tables of each table that has changes, in the order of ``number``."""
    for archived in tables:
        sources, targets = temporary(schema, archived).tables, archived.in_record().tables
        for place, (source, target) in enumerate(zip(sources, targets, strict=True)):
            columns = archived.part_columns(place)
            kinds = [f"{quote(name)} TEXT" if name == "what" else quote(name) for name in columns]
            record.execute(f"CREATE TABLE {target} ({', '.join(kinds)})")
            plain = f"INSERT INTO {target} VALUES ({', '.join('?' * len(columns))})"
            query = f"FROM {source} ORDER BY rowid"  # the parts of a row share their rowid
            with closing(as_stored(connection, [quote(name) for name in columns], query)) as rows:
                record.executemany(plain, _writable(record, target, rows))


def as_stored(
    connection: sqlite3.Connection, columns: Sequence[str], query: str
) -> Generator[tuple[Value, ...], None, None]:
    """The rows of a query, given without its columns.

    A text that Python cannot hold comes as NotUtf8 with its bytes in the encoding of the file. From a file in UTF-16
    SQLite would hand it over as other characters without a word, so there every text is read as bytes.
    """
    codec = {"utf-16le": "utf-16-le", "utf-16be": "utf-16-be"}.get(
        str(connection.execute("PRAGMA encoding").fetchone()[0]).lower()
    )
    if codec is None:
        yield from connection.execute(f"SELECT {', '.join(columns)} {query}")
        return
    listed = ", ".join(f"CASE typeof({c}) WHEN 'text' THEN CAST({c} AS BLOB) ELSE {c} END" for c in columns)
    kinds = balanced([f"substr(typeof({c}), 1, 1)" for c in columns], "||")
    for *row, letters in connection.execute(f"SELECT {listed}, {kinds} {query}"):
        yield tuple(
            _decoded(value, codec) if letter == "t" else value for value, letter in zip(row, letters, strict=True)
        )


def _decoded(raw: bytes, codec: str) -> str | NotUtf8:
    try:
        text = raw.decode(codec)
    except UnicodeDecodeError:
        return NotUtf8(raw)
    # SQLite makes U+FFFD of these two when it reads them in UTF-8, as it would get them from Python
    return NotUtf8(raw) if "\ufffe" in text or "\uffff" in text else text


def _writable(
    record: sqlite3.Connection, target: str, rows: Iterator[tuple[Value, ...]]
) -> Iterator[tuple[Value, ...]]:
    """The rows that Python can bind; one with a text that it cannot is written on the way, as bytes cast to text."""
    for row in rows:
        if not any(isinstance(value, NotUtf8) for value in row):
            yield row
            continue
        # as a literal: a BLOB that is bound would be taken for UTF-8 by the CAST, whatever the file's encoding
        marks = ", ".join(literal(value) if isinstance(value, NotUtf8) else "?" for value in row)
        values = [value for value in row if not isinstance(value, NotUtf8)]
        record.execute(f"INSERT INTO {target} VALUES ({marks})", values)
