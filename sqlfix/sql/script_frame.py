"""What stands around the statements of a script: one transaction, nothing outside of it, and all of it or nothing.

A script meets hosts that go on after an error (the sqlite3 shell without ``-bail``), so it must not count on one that
stops: what was begun may have been rolled back, and the statements that follow would then run one by one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from sqlfix.model.values import folded
from sqlfix.sql.literals import quote
from sqlfix.text import words_of

OTHER_ROWS = "not the rows that were planned: nothing was changed"
"""The name of the constraint that fails where a step met other rows than it was to meet."""

ENFORCED_RULE = 'CONSTRAINT "foreign keys are enforced: nothing was changed" CHECK (enforced = 0)'
"""With foreign keys enforced, deletes take other rows along."""


EPONYMOUS = words_of(
    "bytecode completion dbstat fsdir generate_series json_each json_tree jsonb_each jsonb_tree lsdir sqlite_dbdata"
    " sqlite_dbpage sqlite_dbptr sqlite_stmt tables_used zipfile carray csv"
)
"""Names by which SQLite knows a table without its being made, as it does `pragma_x`: it refuses to drop that one."""


def distinct(tables: Iterable[str]) -> list[str]:
    """The tables, each once."""
    return list({folded(name): name for name in tables}.values())


def opening(tables: Sequence[str]) -> Iterator[str]:
    """The lines that begin the transaction, for a script that changes some tables.

    It is begun without taking the lock: if the lock cannot be had, the first statement fails inside it, and the check
    at the end takes everything back. A BEGIN that itself failed would leave the statements after it to run one by one.
    A temporary view of a table's name comes before the table, and nothing can be written through it. The views go
    inside the transaction, so whatever takes that back brings them back as well.
    """
    yield "PRAGMA foreign_keys = OFF;"
    yield "-- If anything rolls the transaction back, these views keep the statements after it from writing to a table."
    for name in tables:
        yield f"CREATE TEMP VIEW IF NOT EXISTS {quote(name)} AS SELECT * FROM main.{quote(name)};"
    yield "BEGIN;"
    for name in tables:
        yield f"DROP VIEW temp.{quote(name)};"


def closing(tables: Sequence[str]) -> Iterator[str]:
    """The lines that end the transaction, and leave nothing of the script in the connection."""
    yield "COMMIT;"
    for name in tables:
        if folded(name).startswith("pragma_") or folded(name) in EPONYMOUS:
            yield f"CREATE TEMP VIEW IF NOT EXISTS {quote(name)} AS SELECT 1;"
        yield f"DROP VIEW IF EXISTS temp.{quote(name)};"
