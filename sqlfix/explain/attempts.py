"""Trying a delete and each edit for real, on a private copy that is thrown away: SQLite itself is the judge.

Whether a COMMIT would succeed is found out without committing: while another connection reads the copy, SQLite checks
the deferred foreign keys first, and then finds that it cannot have the lock that it needs.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from sqlfix.errors import Refused
from sqlfix.frozen import frozen
from sqlfix.model.schema import Schema, Trigger
from sqlfix.schema.rows import Target
from sqlfix.sql.literals import names, quote
from sqlfix.sqlite.connect import beside
from sqlfix.sqlite.deadline import TOO_LONG, limited, stop_if_interrupted, was_cut_off
from sqlfix.sqlite.failures import error_name, is_of_the_disk
from sqlfix.sqlite.lacking import in_words

MOST_ROWS = 1_000_000
"""For how many rows a statement is given time: see `sqlfix.sqlite.connect.limited`."""
SILENT = "nothing happens, and SQLite reports no error"


@frozen
class Attempt:
    """What became of a statement: ``possible`` is None where it took too long to tell.

    ``code`` is SQLite's name of the error, ``error`` its text, and ``at_commit`` says that only COMMIT failed.
    """

    possible: bool | None
    error: str = ""
    code: str = ""
    at_commit: bool = False


class Trial:
    """A copy on which statements are tried and taken back."""

    def __init__(self, copy: sqlite3.Connection, schema: Schema, target: Target) -> None:
        self._copy = copy
        self._schema = schema
        self._target = target

    def delete(self, enforced: bool, first: str | None = None) -> Attempt:
        """Delete the row, after a further statement if one is given."""
        table = quote(self._target.table.name)
        return self._attempt(f"DELETE FROM {table} AS c WHERE {self._target.condition()}", enforced, True, first)

    def write(self, column: str, enforced: bool) -> Attempt:
        """Write a column with the value that it has."""
        table, name = quote(self._target.table.name), quote(column)
        return self._attempt(f"UPDATE {table} AS c SET {name} = {name} WHERE {self._target.condition()}", enforced)

    def culprits(self, before: Attempt, enforced: bool) -> list[tuple[str, Trigger]]:
        """The triggers without any one of which the delete would fail otherwise, or not at all; and their tables."""
        found = []
        for table in self._schema.tables:
            for trigger in table.triggers:
                now = self.delete(enforced, first=f"DROP TRIGGER main.{quote(trigger.name)}")
                if now.possible or now.error != before.error:
                    found.append((table.name, trigger))
        return found

    def _attempt(self, statement: str, enforced: bool, gone: bool = False, first: str | None = None) -> Attempt:
        self._copy.execute(f"PRAGMA foreign_keys = {'ON' if enforced else 'OFF'}")
        self._copy.execute("BEGIN")
        committing = False
        try:
            if first:
                self._copy.execute(first)
            with limited(MOST_ROWS, self._copy):
                try:
                    rows = self._copy.execute(statement).rowcount
                    if rows < 1 or (gone and self._stands()):
                        return Attempt(False, SILENT, "SQLITE_CONSTRAINT_TRIGGER")
                    committing = True
                    self._copy.execute("COMMIT")
                except sqlite3.Error as error:
                    return self._failure(error, committing)
            return Attempt(True)
        finally:
            if self._copy.in_transaction:
                self._copy.execute("ROLLBACK")

    def _failure(self, error: sqlite3.Error, committing: bool) -> Attempt:
        """The attempt that failed.

        Raises:
            Refused: where it failed because a trigger is set off of whose name Python cannot be told.
        """
        if was_cut_off():
            return Attempt(None, TOO_LONG)
        nameless = (trigger for table in self._schema.tables for trigger in table.triggers if not trigger.sql)
        if str(error) == "not authorized" and (trigger := next(nameless, None)):
            raise Refused(f"the trigger {trigger.name} cannot be tried: its name or its text is not UTF-8")
        stop_if_interrupted(error)
        code = error_name(error)
        if committing and code.startswith("SQLITE_BUSY"):
            return Attempt(True)
        if is_of_the_disk(error):
            raise error
        return Attempt(False, in_words(error), code, committing)

    def _stands(self) -> bool:
        table, row = self._target.table, names(self._target.table.row_id, "c")
        sql = f"SELECT {row} FROM {quote(table.name)} AS c WHERE {self._target.condition()}"
        return self._copy.execute(sql).fetchone() is not None


@contextlib.contextmanager
def trying_on(copy: sqlite3.Connection, schema: Schema, target: Target) -> Iterator[Trial]:
    """A trial on a private copy; afterwards the copy is as it was, with foreign keys off."""
    path = Path(copy.execute("PRAGMA database_list").fetchone()[2])
    copy.execute("PRAGMA journal_mode = DELETE")
    copy.execute("PRAGMA busy_timeout = 0")
    with beside(path) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM sqlite_master").fetchone()
        try:
            yield Trial(copy, schema, target)
        finally:
            copy.execute("PRAGMA foreign_keys = OFF")
