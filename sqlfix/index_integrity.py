"""What the module of a full-text index says of it: its own check is a write, and is run on a copy in memory.

FTS5: https://www.sqlite.org/fts5.html#the_integrity_check_command. FTS3 and FTS4:
https://www.sqlite.org/fts3.html#integcheck; of the contents of a table they have but the one check, which compares.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum

from sqlfix.database import memory_copy, terms_of_index
from sqlfix.limits import limited, stop_if_interrupted, was_cut_off
from sqlfix.missing import in_words
from sqlfix.model import Table, folded
from sqlfix.sql import quote
from sqlfix.virtual_text import fts4_options, module_of, read_virtual

MOST_COPIED = 64 << 20
"""Bytes of a file that is copied into memory for the check."""
BYTES_A_ROW = 1000
"""For so much of a file the check is given the time of one row."""
TELLS_DAMAGE = sqlite3.sqlite_version_info >= (3, 40)
"""Older versions of FTS5 may compare the text whatever they are asked for: then what they find may be either."""

_FAULT = re.compile(r"database disk image is malformed|fts5: (corrupt|checksum mismatch|missing row)")
"""What a module says that finds a fault: newer versions of FTS5 say more than older ones."""

_SHADOWS = ("data", "idx", "docsize", "segments", "segdir", "stat")


class Verdict(Enum):
    """What the module says: all is well, the index is that of another text, or it does not hold together itself."""

    SOUND = "sound"
    STALE = "stale"
    DAMAGED = "damaged"


@dataclass(frozen=True, slots=True)
class Part:
    """The rows of a table that are to be in an index, where that is not all of them.

    ``key`` is the column that has the id, as SQL; ``where`` is true of these rows, by the name ``new``. ``texts`` are
    the SQL of what is indexed of a row, by the columns of the index in lower case, where it is not the columns.
    """

    content: Table
    key: str
    where: str
    texts: Mapping[str, str] | None = None


def size_of(connection: sqlite3.Connection) -> int:
    """The bytes of the file that a connection reads."""
    pages, bytes_a_page = (
        int(connection.execute(f"PRAGMA main.{pragma}").fetchone()[0]) for pragma in ("page_count", "page_size")
    )
    return pages * bytes_a_page


def command(index: Table, text: str = "integrity-check", rank: int | None = None) -> str:
    """The statement that has an index do something."""
    name = quote(index.name)
    if rank is None:
        return f"INSERT INTO {name}({name}) VALUES ('{text}')"
    return f"INSERT INTO {name}({name}, rank) VALUES ('{text}', {rank})"


def whole_check(index: Table) -> str:
    """The statement by which the module compares an index with all its text."""
    return command(index, rank=1 if module_of(index.sql) == "fts5" else None)


def holds_together(connection: sqlite3.Connection, index: Table) -> Verdict:
    """What is said of an index that has no text to be compared with.

    Raises:
        sqlite3.DatabaseError: where it cannot be checked, as where the file is too large.
    """
    with _copy(connection, index) as copy:
        if not _is_damaged(copy, index):
            return Verdict.SOUND
        _require_pages(copy, index)
        return Verdict.DAMAGED


def compared(connection: sqlite3.Connection, index: Table, part: Part | None = None) -> Verdict:
    """What is said of an index and its text: that of all rows, or of a part of them.

    Raises:
        sqlite3.DatabaseError: where it cannot be checked, as where the file is too large.
    """
    if module_of(index.sql) == "fts4" and (by := fts4_options(read_virtual(index.sql)).get("compress")):
        raise sqlite3.OperationalError(f"its text is compressed by {by}(), a function of the application")
    with _copy(connection, index) as copy:
        if part is not None:
            _leave_only(copy, index, part)
        if not _fails(copy, whole_check(index), index):
            return Verdict.SOUND
        _require_pages(copy, index)
        return Verdict.DAMAGED if _is_damaged(copy, index) else Verdict.STALE


@contextmanager
def _copy(connection: sqlite3.Connection, index: Table) -> Iterator[sqlite3.Connection]:
    size = size_of(connection)
    if size > MOST_COPIED:
        raise sqlite3.OperationalError(
            "its text is compared only in a file of up to 64 MB; in a copy of this one,"
            f" {whole_check(index)} fails if they differ"
        )
    with memory_copy(connection) as copy, limited(size // BYTES_A_ROW, copy):
        yield copy


def _is_damaged(copy: sqlite3.Connection, index: Table) -> bool:
    """True if an index does not hold together, whatever the text is that it is of."""
    if module_of(index.sql) == "fts5":
        return TELLS_DAMAGE and _fails(copy, command(index, rank=0), index)
    return _fails(copy, f"SELECT count(*) FROM {terms_of_index(copy, index.name)}", index)


def _fails(copy: sqlite3.Connection, statement: str, index: Table) -> bool:
    """True if the module finds a fault.

    Raises:
        sqlite3.DatabaseError: where something else keeps it from the check.
    """
    try:
        copy.execute(statement).fetchall()
    except sqlite3.DatabaseError as error:
        if was_cut_off():
            raise
        stop_if_interrupted(error)
        if _FAULT.match(str(error)):
            return True
        module = module_of(index.sql).upper()
        raise sqlite3.OperationalError(f"{module} cannot check it: {in_words(error)}") from error
    return False


def _require_pages(copy: sqlite3.Connection, index: Table) -> None:
    """Raise DatabaseError where the pages of an index are damaged: then it is not the index that is to be mended."""
    for suffix in _SHADOWS:
        name = f"{index.name}_{suffix}"
        if copy.execute("SELECT 1 FROM main.sqlite_master WHERE name = ? COLLATE NOCASE", (name,)).fetchone():
            (said,) = copy.execute(f"PRAGMA main.quick_check({quote(name)})").fetchone()
            if said != "ok":
                raise sqlite3.DatabaseError(f"the file itself is damaged, in the pages of {name}: {said}")


def _leave_only(copy: sqlite3.Connection, index: Table, part: Part) -> None:
    """Put a table of a part of the rows in the place of the one that an index is of."""
    name, key = quote(part.content.name), part.key
    columns = [column for column in _columns(copy, index) if folded(quote(column)) != folded(key)]
    texts = part.texts or {}
    values = [f"new.{key}", *(texts.get(folded(column), f"new.{quote(column)}") for column in columns)]
    copy.execute(
        f"CREATE TEMP TABLE sqlfix_part AS SELECT {', '.join(values)} FROM main.{name} AS new WHERE {part.where}"
    )
    copy.execute(f"DROP {'VIEW' if part.content.kind == 'view' else 'TABLE'} main.{name}")
    is_rowid = folded(key) in ('"rowid"', '"_rowid_"', '"oid"')
    declared = ([] if is_rowid else [f"{key} INTEGER PRIMARY KEY"]) + [quote(column) for column in columns]
    copy.execute(f"CREATE TABLE main.{name} ({', '.join(declared) or 'nothing'})")
    listed = ", ".join([key, *map(quote, columns)])
    copy.execute(f"INSERT INTO main.{name} ({listed}) SELECT * FROM temp.sqlfix_part")


def _columns(copy: sqlite3.Connection, index: Table) -> list[str]:
    """The columns that an index reads, with that of the language."""
    language = ""
    if module_of(index.sql) == "fts4":
        language = folded(fts4_options(read_virtual(index.sql)).get("languageid", ""))
    described = copy.execute(f"PRAGMA main.table_xinfo({quote(index.name)})").fetchall()
    return [str(row[1]) for row in described if row[6] == 0 or folded(str(row[1])) == language]
