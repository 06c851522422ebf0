"""`sqlfix history`: the repairs of a database that can be taken back."""

from __future__ import annotations

import click

from sqlfix.commands.format_option import format_option
from sqlfix.commands.options import find_databases, view_of, write
from sqlfix.prose.documents import History
from sqlfix.prose.format import written
from sqlfix.repair.record import records_beside
from sqlfix.sqlite.odd_files import require_database


@click.command("history")
@click.argument("database", required=False)
@format_option(History, "How to write the list.")
def command(database: str | None, format: str) -> None:
    """List the repairs of a database, and what took them back.

    Every repair leaves a record beside the database: one SQLite file, with each row that was removed or changed. The
    name in the first column is what `sqlfix undo DATABASE NAME` takes.

    Exit code: 0; 2 the job could not be done.
    """
    path = find_databases([] if database is None else [database])[0]
    require_database(path)
    records, unreadable = records_beside(path.resolve())
    write(written(format, History(str(path), records, unreadable), view_of(0)))
