"""Scanning a database that is open, or a file, with what a repair does about what is found; nothing is written."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from sqlfix.errors import Refused
from sqlfix.frozen import frozen
from sqlfix.model.findings import FaultyRow, NotChecked, Report
from sqlfix.model.schema import Schema
from sqlfix.plan.defaults import propose
from sqlfix.scan.candidates import Look
from sqlfix.scan.check import DAMAGED
from sqlfix.scan.occurrence import with_occurrence
from sqlfix.scan.run import Listener, Progress, check_all, faulty_rows, look_at
from sqlfix.scan.scope import EVERYTHING, Scope, require_known
from sqlfix.schema.database import Database, open_database
from sqlfix.schema.names import with_wanted_keys
from sqlfix.schema.stored_form import with_text
from sqlfix.sqlite.integrity import is_damaged
from sqlfix.text import address


@frozen
class Asked:
    """What is asked of a file: which checks and relationships are in ``scope``.

    ``unique`` are the columns of constraints that are yet to be added, each as ``table.column[,column]``. ``texts``:
    also what only the CREATE TABLE texts say, such as the names of constraints.
    """

    scope: Scope = EVERYTHING
    unique: tuple[str, ...] = ()
    texts: bool = True


ALL = Asked()


@frozen
class Scan:
    """What a scan found, as long as the database is open."""

    database: Database
    schema: Schema
    look: Look
    report: Report

    def rows(self, unlisted: Callable[[NotChecked], object]) -> Iterator[FaultyRow]:
        """Every row that is at fault by itself, as it comes; ``unlisted`` is called where rows cannot be listed."""
        return faulty_rows(self.database.connection, self.schema, self.report, self.look, unlisted)


def scan(
    database: Database,
    asked: Asked = ALL,
    progress: Progress | None = None,
    early: Callable[[Report], object] | None = None,
) -> Scan:
    """Find what breaks the promises of the schema.

    Args:
        progress: called with the part of a stage that is done, from 0 to 1, and words for what is worked on.
        early: called with a report on the foreign keys, which is not ``complete``, before the slower checks begin; it
            has no fixes yet, since those depend on what else is found.

    Raises:
        SqlfixError: where the file cannot be read, or a name that is asked for is not there.
    """
    require_known(asked.scope, database.schema)
    schema = with_wanted_keys(database.schema, asked.unique)
    for table in schema.tables:
        for columns in table.wanted_keys:
            if not asked.scope.has_at("duplicate-keys", table.name, columns):
                place = address(table.name, columns)
                raise Refused(f"--unique {place}: --select and --ignore leave out the duplicate-keys of these columns")
    schema = with_text(schema) if asked.texts else schema
    look = look_at(database.readers, schema, asked.scope, progress)
    report = check_all(database.connection, look, database.name, asked.scope, Listener(progress, early))
    report = propose(schema, with_occurrence(database.connection, look, report))
    if look.tables.is_any_damaged and is_damaged(database.connection):
        report = _held_for_damage(report)
    return Scan(database, schema, look, report)


def _held_for_damage(report: Report) -> Report:
    """The report of a file that no repair is made of, since a table of it is damaged: nothing is proposed."""
    return replace(
        report,
        findings=tuple(
            # what speaks of the damage itself says what comes first
            f if f.facts.get("own") else replace(f, fix=None, facts={**f.facts, "held_back": DAMAGED, "way_out": None})
            for f in report.findings
        ),
    )


Noted = tuple[Report, str | None]
"""A report, and what was unusual about opening the file."""


def scan_file(path: Path, early: Callable[[Noted], object] | None, asked: Asked, timeout: float, threads: int) -> Noted:
    """Scan a file; ``early`` is called as in `scan`."""
    with open_database(path, timeout, threads=threads) as database:
        tell = (lambda report: early((report, database.note))) if early else None
        return scan(database, asked, early=tell).report, database.note
