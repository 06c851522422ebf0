"""How many of its missing parents the copies that lie beside a database have.

It is asked only of a file that has orphans, and costs little: few copies, few keys, and a limit of time.
"""

from __future__ import annotations

import contextlib
import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from sqlfix.errors import SqlfixError
from sqlfix.frozen import frozen
from sqlfix.model.schema import ForeignKey
from sqlfix.model.values import Subject
from sqlfix.plan.missing_parents import Key, find_parents, missing_keys
from sqlfix.repair.donors import Wanted, open_donor
from sqlfix.schema.database import Database, open_database
from sqlfix.sqlite.copies import copies_beside
from sqlfix.sqlite.deadline import overlooking

MOST_KEYS = 1000
MOST_SECONDS = 2.0
"""After this much time no further copy is looked into."""


Missed = Mapping[Subject, tuple[Key, ...]]
"""The relationships that have orphans, each with the keys to look up; without keys they are read from the file."""


@frozen
class Copy:
    """A copy, and how many of the missing parents it has: ``found`` of those that were ``asked`` for.

    ``parents`` says the same of each relationship of which it has some.
    """

    path: Path
    found: int
    asked: int
    parents: Mapping[Subject, tuple[int, int]]


def copies_with_parents(path: Path, missed: Missed) -> tuple[Copy, ...]:
    """The copies beside a database that have some of its missing parents, the one with most of them first."""
    if not missed or not (copies := copies_beside(path.resolve())):
        return ()
    until = time.monotonic() + MOST_SECONDS
    try:
        with open_database(path, threads=1) as database:
            wanted, keys = Wanted.of(path, database), dict(_keys(database, missed))
        found = tuple(_looked_into(copies, wanted, keys, until))
    except SqlfixError:  # it was read a moment ago: this is only advice
        return ()
    return tuple(sorted(found, key=lambda copy: -copy.found))


def _keys(database: Database, missed: Missed) -> Iterator[tuple[ForeignKey, tuple[Key, ...]]]:
    """The keys to look up of each relationship."""
    for fk in {fk.subject: fk for fk in database.schema.foreign_keys if fk.fault is None}.values():
        if fk.subject in missed:
            with overlooking(sqlite3.DatabaseError):
                known = missed[fk.subject]
                more = f" LIMIT {MOST_KEYS}"
                yield fk, known or missing_keys(database.connection, database.schema, fk, more)


def _looked_into(
    copies: Sequence[Path], wanted: Wanted, keys: Mapping[ForeignKey, tuple[Key, ...]], until: float
) -> Iterator[Copy]:
    for copy in copies:
        if time.monotonic() > until:
            return
        with contextlib.suppress(SqlfixError, sqlite3.DatabaseError), open_donor(copy, wanted) as donor:
            found = {fk.subject: len(find_parents(donor, wanted.schema, fk, some).places) for fk, some in keys.items()}
            parents: dict[Subject, tuple[int, int]]
            parents = {fk.subject: (found[fk.subject], len(some)) for fk, some in keys.items() if found[fk.subject]}
            if parents:
                yield Copy(copy, sum(found.values()), sum(map(len, keys.values())), parents)
