"""Trying statements for real, on a private copy that is thrown away: SQLite itself is the judge.

Whether a COMMIT would succeed is found out without committing: while another connection reads the copy, SQLite checks
the deferred foreign keys first, and then finds that it cannot have the lock that it needs.
"""

import contextlib
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from sqlfix.errors import Refused
from sqlfix.frozen import frozen
from sqlfix.model.schema import Schema, Trigger
from sqlfix.schema.rows import Target
from sqlfix.sql.literals import names, quote
from sqlfix.sqlite.connect import beside
from sqlfix.sqlite.deadline import TOO_LONG, limited, stop_if_interrupted, was_cut_off
from sqlfix.sqlite.failures import error_name, in_words, is_of_the_disk

SMALL = 64 * 1024 * 1024
"""Up to this size, in bytes, a file is copied to try it out even where the rules can tell."""
MOST_ROWS = 1_000_000
"""For how many rows a statement is given time: see `sqlfix.sqlite.connect.limited`."""
SILENT = "nothing happens, and SQLite reports no error"


@frozen
class Attempt:
    """What became of statements: ``possible`` is None where it took too long to tell.

    ``code`` is SQLite's name of the error, ``error`` its text, and ``at_commit`` says that only COMMIT failed. ``rows``
    are those that were changed where nothing failed.
    """

    possible: bool | None
    error: str = ""
    code: str = ""
    at_commit: bool = False
    rows: int = 0

    @property
    def is_of_keys(self) -> bool:
        """True if it failed by a foreign key; by RESTRICT, SQLite gives the code of a trigger."""
        return self.error == "FOREIGN KEY constraint failed"


@frozen
class Trial:
    """A copy on which statements are tried and taken back."""

    copy: sqlite3.Connection
    schema: Schema

    def run(
        self, statements: Iterable[str], enforced: bool = True, does: Callable[[int], bool] = lambda rows: True
    ) -> Attempt:
        """Run statements in one transaction, to its COMMIT.

        Args:
            does: given how many rows they changed, true if they did what they are for; else nothing happened.
        """
        self.copy.execute(f"PRAGMA foreign_keys = {'ON' if enforced else 'OFF'}")
        self.copy.execute("BEGIN")
        committing, rows = False, 0
        try:
            with limited(MOST_ROWS, self.copy):
                try:
                    for statement in statements:
                        rows += max(0, self.copy.execute(statement).rowcount)
                    if not does(rows):
                        return Attempt(False, SILENT, "SQLITE_CONSTRAINT_TRIGGER")
                    committing = True
                    self.copy.execute("COMMIT")
                except sqlite3.Error as error:
                    return self._failure(error, committing, rows)
            return Attempt(True, rows=rows)
        finally:
            if self.copy.in_transaction:
                self.copy.execute("ROLLBACK")

    def _failure(self, error: sqlite3.Error, committing: bool, rows: int) -> Attempt:
        """The attempt that failed.

        Raises:
            Refused: where it failed because a trigger is set off of whose name Python cannot be told.
        """
        if was_cut_off():
            return Attempt(None, TOO_LONG)
        nameless = (trigger for table in self.schema.tables for trigger in table.triggers if not trigger.sql)
        if str(error) == "not authorized" and (trigger := next(nameless, None)):
            raise Refused(f"the trigger {trigger.name} cannot be tried: its name or its text is not UTF-8")
        stop_if_interrupted(error)
        code = error_name(error)
        if committing and code.startswith("SQLITE_BUSY"):
            return Attempt(True, rows=rows)
        if is_of_the_disk(error):
            raise error
        return Attempt(False, in_words(error), code, committing)


@frozen
class RowTrial:
    """The same for one row."""

    trial: Trial
    target: Target

    def delete(self, enforced: bool, *first: str) -> Attempt:
        """Delete the row, after further statements if some are given."""
        return self.trial.run([*first, f"DELETE FROM {self._row}"], enforced, lambda rows: rows > 0 and self._is_gone())

    def write(self, column: str, enforced: bool) -> Attempt:
        """Write a column with the value that it has."""
        table, name = quote(self.target.table.name), quote(column)
        update = f"UPDATE {table} AS c SET {name} = {name} WHERE {self.target.condition()}"
        return self.trial.run([update], enforced, lambda rows: rows > 0)

    def culprits(self, before: Attempt, enforced: bool) -> list[tuple[str, Trigger]]:
        """The triggers without any one of which the delete would fail otherwise, or not at all; and their tables."""
        found = []
        for table in self.trial.schema.tables:
            for trigger in table.triggers:
                now = self.delete(enforced, f"DROP TRIGGER main.{quote(trigger.name)}")
                if now.possible or now.error != before.error:
                    found.append((table.name, trigger))
        return found

    @property
    def _row(self) -> str:
        return f"{quote(self.target.table.name)} AS c WHERE {self.target.condition()}"

    def _is_gone(self) -> bool:
        sql = f"SELECT {names(self.target.table.row_id, 'c')} FROM {self._row}"
        return self.trial.copy.execute(sql).fetchone() is None


@contextlib.contextmanager
def trying_on(copy: sqlite3.Connection, schema: Schema) -> Iterator[Trial]:
    """A trial on a private copy; afterwards the copy is as it was, with foreign keys off."""
    path = Path(copy.execute("PRAGMA database_list").fetchone()[2])
    copy.execute("PRAGMA journal_mode = DELETE")
    copy.execute("PRAGMA busy_timeout = 0")
    with beside(path) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM sqlite_master").fetchone()
        try:
            yield Trial(copy, schema)
        finally:
            copy.execute("PRAGMA foreign_keys = OFF")
