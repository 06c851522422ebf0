"""`sqlfix repair-schema`: repair a schema that is itself at fault; its rows stay but for what is to be dropped."""

from collections.abc import Iterable
from dataclasses import replace

import click

from sqlfix.commands import options
from sqlfix.commands.carrying_out import WritingOptions, backup_options, carried_out
from sqlfix.commands.options import FileOptions, filling, hint_where_from, opened, option, refuse_typed
from sqlfix.errors import Refused
from sqlfix.model.plans import SchemaPlan
from sqlfix.plan.repaired_checks import REPAIRED, WHEN_ASKED
from sqlfix.plan.schema_repairing import Wanted, plan_schema_repair
from sqlfix.repair.dropped import change_with_export
from sqlfix.text import did_you_mean


@click.command("repair-schema", short_help="Repair a schema that is itself at fault; its rows stay.")
@click.argument("database", required=False, type=options.database_type)
@option("--select", multiple=True, metavar="CHECK", help="Only what this check finds; can be repeated.")
@option("--drop-leftovers", is_flag=True, help="Also drop empty tables that a rebuild has left behind.")
@option(
    "--drop-table",
    "tables",
    multiple=True,
    metavar="TABLE",
    help="Instead: drop this table, after its rows are exported.",
)
@option(
    "--drop-column", "columns", multiple=True, metavar="TABLE.COLUMN", help="Instead: drop this column in the same way."
)
@backup_options
@option("--dry-run", is_flag=True, help="Show the plan and change nothing.")
@option("--sql", is_flag=True, help="Write the plan as an SQL script, and change nothing.")
@option("-y", "--yes", is_flag=True, help="Do not ask.")
@options.output_options(
    SchemaPlan, "Format of the plan; sql writes a script and changes nothing.", "the new text of each table"
)
@filling
def command(context: click.Context, file: FileOptions, writing: WritingOptions, wanted: Wanted) -> None:
    """Repair what scan finds wrong with the schema, after a verified backup, in one transaction.

    No row is touched, except by --drop-table and --drop-column.

    A table that a rename left under another name gets its own name back, and what references it, views and triggers
    too. A parent that has lost its PRIMARY KEY or UNIQUE gets it back if its rows allow it. Foreign keys get the
    parent, the columns and the index that they were meant to have. Where several things can be meant, nothing is
    guessed: it is left, with the command for each.

    Foreign keys in a cycle become deferrable only with --select cycles.

    With --drop-table and --drop-column, it does nothing but drop what the application has forgotten. All rows of it
    are first written to an SQL file beside the backup.

    Exit code: 0 everything is done and nothing is left; 1 something is left, or rows without a parent can be seen now;
    2 the job could not be done, and nothing was changed. A dry run has the exit code that the real run would have.
    """
    writing.require_consistent()
    if writing.sql:
        refuse_typed(context, ["format", "yes", "backup", "backup_to", "verbose"], "has no effect beside --sql", "sql")
    elif file.format == "sql":
        no_effect = "has no effect with a script, which changes nothing"
        refuse_typed(context, ["yes", "backup", "backup_to", "verbose"], no_effect, "format")
    if not writing.backup and (wanted.tables or wanted.columns):
        raise Refused("--no-backup: nothing is dropped without a backup", hint_where_from(context, "backup"))
    wanted = replace(wanted, select=tuple(_checks(context, wanted.select)))
    file.progress.say("looking for what is wrong with the schema")
    with writing.beginning(file) as begun:
        with opened(file, noted=not file.quiet) as database:
            plan = plan_schema_repair(database, wanted, begun.begin)
        plan = carried_out(file, plan, begun, change_with_export)
    context.exit(1 if plan.left else 0)


def _checks(context: click.Context, select: Iterable[str]) -> Iterable[str]:
    """The checks that are named.

    Raises:
        Refused: a name is none, or of a check whose findings are none of the schema.
    """
    known = (*REPAIRED, *WHEN_ASKED)
    for name in (name.strip() for value in select for name in value.split(",")):
        if name not in known:
            otherwise = f"the checks of a schema are {', '.join(known)}"
            hint = hint_where_from(context, "select") or did_you_mean(name, known, otherwise)
            raise Refused(f"--select {name}: there is no such check of a schema", hint)
        yield name
