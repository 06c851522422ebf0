"""`sqlfix unpark`: bring parked rows back."""

import click

from sqlfix.commands import options
from sqlfix.commands.carrying_out import WritingOptions, carried_out
from sqlfix.commands.options import FileOptions, filling, opened, option
from sqlfix.model.plans import Plan
from sqlfix.plan.unparking import unpark
from sqlfix.repair.run import repair


@click.command("unpark", short_help="Bring back parked rows whose parents are there again.")
@click.argument("database", required=False, type=options.database_type)
@option("--table", metavar="NAME", help="Only rows of this table.")
@option("--backup/--no-backup", default=True, show_default=True, help="Make a verified backup first.")
@option("--dry-run", is_flag=True, help="Show what would be done and change nothing.")
@option("-y", "--yes", is_flag=True, help="Do not ask.")
@options.output_options(Plan, "Format of the plan.", "what each step promises about the data")
@filling
def command(context: click.Context, file: FileOptions, writing: WritingOptions, table: str | None) -> None:
    """Bring back the rows that a repair parked in the table lost_and_found, if their parents are there again.

    Each row comes back whole and where it stood, in one transaction, after a verified backup. A row whose parent is
    parked too comes back with it. What cannot come back stays parked, and is listed with the reason. `sqlfix undo`
    takes it back.

    Exit code: 0 all of them are back; 1 some stay parked (and are listed); 2 the job could not be done, and nothing was
    changed.
    """
    writing.require_consistent()
    with opened(file) as database:
        plan = unpark(database, table)
    plan = carried_out(file, plan, writing, repair)
    context.exit(1 if plan.left else 0)
