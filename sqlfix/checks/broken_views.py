"""# broken-views

**What it finds.** Views that SQLite can no longer compile, and what is missing: a table, a column or another view that
was dropped or renamed. sqlfix compiles each view and reads none. A view that needs a function, a collation or a module
that only the application provides is not called broken but listed as not checked.

**Why it matters.** Nobody can read such a view any more. And SQLite compiles all views when a table or a column is
renamed, so every `ALTER TABLE … RENAME` in the file fails, whatever the table: a migration stops with `error in view`.

**Example.** The view `active_jobs` reads `job_events_legacy`, which was dropped.

**How it is repaired and what that loses.** If it reads a table by the name that a rename has taken from it, `sqlfix
repair-schema` writes the one that it has now. Otherwise by hand: drop the view, or rewrite it. A view has no rows of
its own, so nothing is lost.
"""

import sqlite3
from collections.abc import Iterator

from sqlfix.model.findings import Finding
from sqlfix.model.values import Severity
from sqlfix.scan.check import CHECKS, Check
from sqlfix.scan.compiling import MOST_PARTS, failure, is_told, missing_of, needs, parts_of, reading_of
from sqlfix.scan.table_reader import TableReader
from sqlfix.sql.literals import quote


def inspect(reader: TableReader) -> Iterator[Finding]:
    """The finding of a view that does not compile.

    Raises:
        sqlite3.DatabaseError: where that cannot be told here.
    """
    if parts_of(reader.schema, reader.table.sql) > MOST_PARTS:
        raise sqlite3.OperationalError("it is built on too many other views to be compiled")
    error = failure(reader.connection, reading_of(reader.table))
    if error is None:
        return
    if not is_told(error):
        raise error
    yield Finding("broken-views", Severity.WARNING, reader.table.name, facts=missing_of(error))


def message(finding: Finding) -> str:
    """What the view needs."""
    return f"the view {finding.table} {needs(finding.facts)}"


def hint(finding: Finding) -> str | None:
    """What can be done."""
    return (
        "nothing can read it, and every ALTER TABLE … RENAME in this file fails; rewrite it, or drop it:"
        f" DROP VIEW {quote(finding.table)}"
    )


CHECKS.add("broken-views", Check(Severity.WARNING, __doc__, message, hint, inspect=inspect, kinds=("view",)))
