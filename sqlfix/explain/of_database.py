"""What a person asks about a database that is open: a row by its key, a table by its name, an error by its text."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import replace

from sqlfix.errors import Refused
from sqlfix.explain import row as of_row
from sqlfix.explain import table as of_table
from sqlfix.explain.answers import Explanation, Why
from sqlfix.explain.errors import causes
from sqlfix.explain.errors.message import Recognised
from sqlfix.explain.errors.recognise import UNDERSTOOD, recognise
from sqlfix.schema.database import Database
from sqlfix.schema.names import require_table
from sqlfix.schema.rows import find_row


def explain_row(database: Database, table: str, key: str, plan: bool = False) -> Why:
    """Say why a row cannot be deleted or edited, or that it can.

    Args:
        key: the value of the primary key, or ``a=1,b=2`` for one of several columns.
        plan: the plan that deletes the row is wanted, too, even where it has to be tried out on a copy of a large file.

    Raises:
        Refused: where there is no such table, or not just one such row.
    """
    target = find_row(database.connection, require_table(database.schema_with_text, table), key)
    why = of_row.explain_row(database, target, True if plan else None)
    return replace(why, plan=why.plan and replace(why.plan, schema=database.schema))


def explain_table(database: Database, table: str) -> AbstractContextManager[of_table.BlockedRows]:
    """Say which rows of a table cannot be deleted or edited, while a block lasts.

    Raises:
        Refused: where there is no such table.
    """
    return of_table.explain_table(database, require_table(database.schema_with_text, table))


def recognised_in(text: str) -> Recognised:
    """The error message of SQLite's that a text holds.

    Raises:
        Refused: where it holds none that is known.
    """
    recognised = recognise(text)
    if recognised is None:
        known = "; ".join(UNDERSTOOD)
        raise Refused(
            "that text contains no SQLite error message that sqlfix recognizes",
            f"paste the whole message or traceback. sqlfix understands these, also in the words of frameworks: {known}",
        )
    return recognised


def explain_error(database: Database, error: str | Recognised) -> Explanation:
    """Say what in a database causes an error message.

    Args:
        error: a text that holds the message, such as a traceback; or what was recognised in one.

    Raises:
        Refused: where it holds none that is known.
    """
    recognised = recognised_in(error) if isinstance(error, str) else error
    return causes.explain_error(database, recognised)
