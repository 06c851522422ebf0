"""Opening a database for a command: with the line of progress, and the note of what was unusual about it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from sqlfix.commands.options import Progress
from sqlfix.schema.database import Database, open_database
from sqlfix.text import shown


@contextmanager
def opened(
    path: Path, timeout: float, progress: Progress, threads: int | None = None, noted: bool = True
) -> Iterator[Database]:
    """A database that is open to be read; the line of progress is taken away at the end, however it ends.

    Args:
        threads: as for `open_database`.
        noted: say on stderr what was unusual about opening it.

    Raises:
        SqlfixError: where the file cannot be read.
    """
    try:
        with open_database(path, timeout, progress.sign, threads) as database:
            if database.note and noted:
                click.echo(f"note: {shown(database.name)}: {database.note}", err=True)
            yield database
    finally:
        progress.clear()
