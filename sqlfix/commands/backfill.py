"""`sqlfix backfill`: a parent for each row that has none."""

import click

from sqlfix.commands import options
from sqlfix.commands.carrying_out import WritingOptions, backup_options, carried_out
from sqlfix.commands.options import FileOptions, filling, opened, option, refuse_beside, refuse_both, refuse_typed
from sqlfix.model.plans import Plan
from sqlfix.plan.backfill import backfill, may_be_required
from sqlfix.plan.backfill_wish import Backfill
from sqlfix.repair.run import repair
from sqlfix.text import command_line


@click.command("backfill", short_help="Make a parent for each row that has none.")
@click.argument("database", required=False, type=options.database_type)
@options.last_argument("place", "TABLE.COLUMN")
@option(
    "--set",
    "values",
    multiple=True,
    metavar="PARENT.COLUMN=TEXT",
    help="What stands in a column of the new parents; {column} in it is that column of the child row.",
)
@option("--group-by", multiple=True, metavar="COLUMN", help="One parent for all rows with the same value there.")
@option("--one", is_flag=True, help="One parent for all rows.")
@option("--match", is_flag=True, help="Link a row to the parent that --set names, if there is exactly one.")
@option("--replace-orphans", is_flag=True, help="Also give rows a new parent whose own one is missing.")
@option("--references", metavar="PARENT(KEY)", help="What the column references, if the schema does not say.")
@backup_options
@option("--dry-run", is_flag=True, help="Show the plan and the first new rows, and change nothing.")
@option("--sql", is_flag=True, help="Write the backfill as an SQL script instead, and change nothing.")
@option("-y", "--yes", is_flag=True, help="Do not ask.")
@options.output_options(Plan, "Format of the plan.", "what each step promises about the data")
@filling
def command(context: click.Context, file: FileOptions, asked: Backfill, writing: WritingOptions) -> None:
    """Make a new parent for each row whose TABLE.COLUMN is NULL, and link the two.

    It is the step before a reference becomes NOT NULL. Placeholders such as 0 count as NULL. The new parents get the
    next keys, the values of --set, and what their DEFAULTs and types say. If a name has to be unique, the row with the
    lowest key gets the plain name, and the others get a number: Widget Admin, Widget 1 Admin, Widget 2 Admin. It shows
    the plan and asks before it writes anything. `sqlfix undo` removes the new parents and makes the references NULL
    again.

    Exit code: 0 every row has a parent; 1 some rows are left (and are listed); 2 the job could not be done, and nothing
    was changed.
    """
    refuse_both(context, "one", "group_by")
    refuse_both(context, "dry_run", "sql")
    if not asked.values:
        refuse_beside(context, "--match", ["match"], "looks for what --set says, and nothing is --set")
    if writing.sql:
        refuse_typed(context, ["yes", "backup", "backup_to"], "has no effect with --sql, which changes nothing", "sql")
        refuse_beside(context, "--sql", ["format"], "is the format of a plan, and --sql writes a script")
    writing.require_consistent()
    file.progress.say("working out the new parents")
    with writing.beginning(file) as begun:
        with opened(file) as database:
            plan = backfill(database, asked, begun.begin)
            required = may_be_required(database.schema, asked)
        plan = carried_out(file, plan, begun, repair)
    if plan.applied and required and not plan.left and file.format == "table":
        click.echo(f"Next:     {command_line(('alter', asked.place, '--not-null'), plan.database)}")
    context.exit(1 if plan.left else 0)
