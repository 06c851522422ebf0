"""Opening a database for a command: with the line of progress, and the note of what was unusual about it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click

from sqlfix.commands.options import FileOptions
from sqlfix.schema.database import Database, open_database
from sqlfix.text import shown


@contextmanager
def opened(file: FileOptions, threads: int | None = None, noted: bool = True) -> Iterator[Database]:
    """A database that is open to be read; the line of progress is taken away at the end, however it ends.

    Args:
        threads: as for `open_database`.
        noted: say on stderr what was unusual about opening it.

    Raises:
        SqlfixError: where the file cannot be read.
    """
    try:
        with open_database(file.path, file.timeout, file.progress.sign, threads) as database:
            if noted:
                tell_note(database.name, database.note)
            yield database
    finally:
        file.progress.clear()


def tell_note(name: str, note: str | None) -> None:
    """Say on stderr what was unusual about opening a file, if anything was."""
    if note:
        click.echo(f"note: {shown(name)}: {note}", err=True)
