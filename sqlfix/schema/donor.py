"""A donor: an older copy of a database, open to be read, from which rows that are gone can come back."""

from __future__ import annotations

from typing import Literal

from sqlfix.frozen import frozen
from sqlfix.schema.database import Database


@frozen
class Donor:
    """What is open: a database, the deleted rows of a record, or a dump.

    ``name`` is the path as it was given. ``database`` is what is read; for a record or a dump it is a private file with
    their rows. ``notes`` say what was unusual, one sentence each.
    """

    name: str
    kind: Literal["database", "record", "dump"]
    database: Database
    notes: tuple[str, ...] = ()
