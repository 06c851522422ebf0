"""The rows of a query as they are stored, whatever the encoding of the file."""

import sqlite3
from collections.abc import Generator, Sequence

from sqlfix.model.values import NotUtf8, Value, decode
from sqlfix.sql.literals import balanced


def as_stored(
    connection: sqlite3.Connection, columns: Sequence[str], query: str
) -> Generator[tuple[Value, ...], None, None]:
    """The rows of a query, given without its columns.

    A text that Python cannot hold comes as NotUtf8 with its bytes in the encoding of the file. From a file in UTF-16
    SQLite would hand it over as other characters without a word, so there every text is read as bytes.
    """
    codec = _codec(connection)
    if codec is None:
        yield from connection.execute(f"SELECT {', '.join(columns)} {query}")
        return
    listed = ", ".join(f"CASE typeof({c}) WHEN 'text' THEN CAST({c} AS BLOB) ELSE {c} END" for c in columns)
    kinds = balanced([f"substr(typeof({c}), 1, 1)" for c in columns], "||")
    for *row, letters in connection.execute(f"SELECT {listed}, {kinds} {query}"):
        yield tuple(
            _decoded(value, codec) if letter == "t" else value for value, letter in zip(row, letters, strict=True)
        )


def in_utf8(connection: sqlite3.Connection) -> bool:
    """True of a file whose encoding is UTF-8."""
    return _codec(connection) is None


def _codec(connection: sqlite3.Connection) -> str | None:
    """Python's name of the encoding of a file; None for UTF-8."""
    encoding = str(connection.execute("PRAGMA encoding").fetchone()[0]).lower()
    return {"utf-16le": "utf-16-le", "utf-16be": "utf-16-be"}.get(encoding)


def _decoded(raw: bytes, codec: str) -> str | NotUtf8:
    text = decode(raw, codec)
    # SQLite makes U+FFFD of these two when it reads them in UTF-8, as it would get them from Python
    return NotUtf8(raw) if isinstance(text, str) and ("\ufffe" in text or "\uffff" in text) else text
