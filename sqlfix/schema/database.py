"""A database that is open to be read: one snapshot of a file, and what its schema says. The one way to open a file."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

from sqlfix.frozen import frozen
from sqlfix.model.schema import Schema
from sqlfix.schema.catalogue import read_schema
from sqlfix.schema.stored_form import with_text
from sqlfix.sqlite.failures import plain_errors
from sqlfix.sqlite.snapshot import ReaderPool, reading


@dataclass(frozen=True, eq=False, repr=False)
class Database:
    """One snapshot of a file, for as long as it is open; the time limit of the file belongs to its connections.

    ``name`` is the path as it was given. ``readers`` are the connections for long reads. ``note`` says what was unusual
    about opening it. ``stamp`` is that of the file as it was before, see `Reading`.
    """

    name: str
    connection: sqlite3.Connection
    readers: ReaderPool
    note: str | None = None
    stamp: str | None = None

    @cached_property
    def schema(self) -> Schema:
        """What the catalogue says; it is read when it is first asked for."""
        return read_schema(self.connection)

    @cached_property
    def schema_with_text(self) -> Schema:
        """The same with what only the CREATE TABLE texts say: the names of constraints, what is deferred, MATCH."""
        return with_text(self.schema)


Met = Callable[[Database], object]
"""Called as soon as it is known that something may have to be changed, so that what that will need can be begun."""


@frozen
class Donor:
    """An older copy of a database, open to be read, from which rows that are gone can come back.

    ``name`` is the path as it was given. ``database`` is what is read; for a record, of which only the deleted rows
    are there, or a dump it is a private file with its rows. ``notes`` say what was unusual, one sentence each.
    """

    name: str
    kind: Literal["database", "record", "dump"]
    database: Database
    notes: tuple[str, ...] = ()


@contextmanager
def open_database(
    path: Path,
    timeout: float = 5.0,
    sign: Callable[[], object] | None = None,
    threads: int | None = None,
    name: str | None = None,
) -> Iterator[Database]:
    """Open a file to read it, and tell in the block what SQLite's errors about the file as a whole mean.

    Args:
        path: the database file.
        timeout: seconds to wait for another program's lock, and those that what the schema itself runs may take.
        sign: called some ten times a second while SQLite works, for progress; it may raise to stop the work.
        threads: how many connections read a large file; one for each core if not given.
        name: what the file is called to the user, where it is a private copy.

    Raises:
        SqlfixError: where the file cannot be read.
    """
    told = name or str(path)
    with reading(path, timeout, sign, threads) as opened, plain_errors(Path(told)):
        yield Database(told, opened.connection, opened.readers, opened.note, opened.stamp)
