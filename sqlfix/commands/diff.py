"""`sqlfix diff`: how a database differs from an older copy, and what that could bring back."""

from pathlib import Path

import click

from sqlfix.commands import options
from sqlfix.commands.options import FileOptions, filling, opened, option
from sqlfix.model.differences import Difference
from sqlfix.prose.format import DifferentRows
from sqlfix.repair.comparison import compare_copies, different_rows
from sqlfix.repair.donors import Wanted, open_donor
from sqlfix.text import command_line, typed_path


@click.command("diff")
@click.argument("database", required=False, type=options.database_type)
@options.last_argument("older", "OLDER", click.Path(readable=False, path_type=Path))
@option("--rows", is_flag=True, help="List every row that differs instead of the numbers.")
@options.format_option(Difference, "Format of the answer.")
@options.timeout_option
@options.quiet_option
@filling
def command(context: click.Context, file: FileOptions, older: Path, rows: bool) -> None:
    """Compare DATABASE with an OLDER copy of it. Never writes.

    It says for each table how many rows were added, removed and changed since, and how many of the parents that
    DATABASE misses OLDER has. Rows are found again by their primary key, or by another key that both have; without one
    they are told apart by all their values. OLDER can be a database, a backup, a record of a repair, or an SQL dump.

    Exit code: 0 they are the same; 1 they differ; 2 the job could not be done; 3 nothing differs, but something could
    not be compared.
    """
    file.progress.say(f"comparing with {older.name}")
    with opened(file) as database:
        wanted = Wanted.of(file.path, database, file.timeout, file.progress.sign)
    # the database's connection attaches the older one: it is closed first, so that nothing is left beside either
    with open_donor(older, wanted) as donor, opened(file, noted=False) as database:
        found = compare_copies(database, donor)
        file.progress.clear()
        if rows:
            file.write(DifferentRows(found.database, found.older, different_rows(database, donor, found)))
        else:
            file.write(found)
            if file.format == "table" and not file.quiet and any(lost.found for lost in found.parents):
                words = ("repair", "--dry-run", "--donor", typed_path(older))
                click.echo(f"\nto bring them back:  {command_line(words, str(file.path))}")
    context.exit(1 if found.differs else 0 if found.complete else 3)
