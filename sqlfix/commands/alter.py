"""`sqlfix alter`: constraints of columns put in, changed or taken away."""

import click

from sqlfix.commands import options
from sqlfix.commands.carrying_out import WritingOptions, backup_options, carried_out
from sqlfix.commands.options import FileOptions, filling, opened, option, refuse_beside, refuse_both, refuse_typed
from sqlfix.model.plans import SchemaPlan
from sqlfix.plan.alter import plan_alteration
from sqlfix.plan.alter_wish import Wish
from sqlfix.repair.schema_change import change_schema


@click.command("alter", short_help="Add, change or remove constraints of columns.")
@click.argument("database", required=False, type=options.database_type)
@options.last_argument("place", "TABLE.COLUMN[,COLUMN]")
@option("--not-null/--no-not-null", default=None, help="The columns may not, or may, be NULL.")
@option("--unique/--no-unique", "is_unique", default=None, help="The columns are unique together, or need not be.")
@option("--unique-index", is_flag=True, help="The same by a unique index, not by a constraint of the table.")
@option("--references", metavar="PARENT(KEY)", help="The columns are a foreign key to this one.")
@option("--no-references", is_flag=True, help="They are a foreign key no longer.")
@option("--on-delete", metavar="ACTION", help="cascade, set-null, set-default, restrict or no-action.")
@option("--on-update", metavar="ACTION", help="The same for an update of the parent's key.")
@option("--deferrable/--no-deferrable", default=None, help="The foreign key is checked at COMMIT, or at once.")
@option("--check", multiple=True, metavar="EXPR", help="An expression that must not be false; can be repeated.")
@option(
    "--no-check",
    is_flag=False,
    flag_value="",
    metavar="[NAME|EXPR]",
    envvar=None,  # without a value, a variable could say nothing
    help="Remove a CHECK; say which where there are several: --no-check=NAME.",
)
@option("--type", metavar="TYPE", help="The declared type.")
@option("--default", metavar="EXPR", help="The DEFAULT of new rows, as SQL; stored values stay as they are.")
@option("--no-default", is_flag=True, help="No DEFAULT.")
@option("--collate", metavar="NAME", help="The collation.")
@option("--no-collate", is_flag=True, help="The collation that SQLite uses without one, BINARY.")
@backup_options
@option("--dry-run", is_flag=True, help="Show the plan and change nothing.")
@option("--sql", is_flag=True, help="Write the change as an SQL script instead; the same as --format sql.")
@option("-y", "--yes", is_flag=True, help="Do not ask.")
@options.output_options(
    SchemaPlan, "Format of the plan; sql writes a script and changes nothing.", "the new text of each object"
)
@filling
def command(context: click.Context, file: FileOptions, place: str, wish: Wish, writing: WritingOptions) -> None:
    """Add, change or remove constraints of the columns of a table, which SQLite itself cannot do.

    The table is made anew from its own text, in which only the constraint is edited, and keeps its rows, indexes,
    triggers and views. First it is tried on an empty copy: nothing else may become different. What is so already is
    left as it is. It shows the plan and asks before it writes anything. `sqlfix undo` takes it back.

    Rows that are in the way are listed, with the command that repairs them; nothing is changed then.

    Exit code: 0 it is done, or is so already; 1 rows are in the way, or it is done and rows without a parent can be
    seen now (they are listed); 2 the job could not be done, and nothing was changed.
    """
    refuse_both(context, "dry_run", "sql")
    for one, other in (("default", "no_default"), ("collate", "no_collate"), ("references", "no_references")):
        if context.params[one] is not None:
            refuse_beside(context, f"--{one}", [other])
    if writing.sql:
        refuse_beside(context, "--sql", ["format"], "is the format of a plan, and --sql writes a script")
    if writing.as_script(file):
        refuse_typed(
            context, ["yes", "backup", "backup_to"], "has no effect with a script, which changes nothing", "sql"
        )
    writing.require_consistent()
    file.progress.say("looking for rows that are in the way")
    with writing.beginning(file) as begun:
        with opened(file) as database:
            plan = plan_alteration(database, place, wish, begun.begin)
        plan = carried_out(file, plan, begun, change_schema)
    context.exit(1 if plan.left else 0)
