"""`sqlfix history`: the repairs of a database that can be taken back."""

import click

from sqlfix.commands.options import FileOptions, filling, format_option
from sqlfix.prose.format import History
from sqlfix.repair.record import records_beside
from sqlfix.sqlite.odd_files import require_database


@click.command("history")
@click.argument("database", required=False)
@format_option(History, "Format of the list.")
@filling
def command(context: click.Context, file: FileOptions) -> None:
    """List the repairs of a database, and the undos.

    Every repair leaves a record beside the database: one SQLite file with each row that was removed or changed. Give
    the name in the first column to `sqlfix undo DATABASE NAME`.

    Exit code: 0; 2 the job could not be done.
    """
    require_database(file.path)
    file.write(History(str(file.path), *records_beside(file.path.resolve())))
