"""`sqlfix export-sql`: the repair as a script to read first."""

from pathlib import Path

import click

from sqlfix.commands.options import FileOptions, database_type, filling, option, quiet_option, timeout_option
from sqlfix.commands.planning import PlanOptions, plan_options, planned
from sqlfix.commands.script_output import write_script
from sqlfix.errors import Refused
from sqlfix.prose.format import Script, View, written
from sqlfix.repair.run import require_repairable
from sqlfix.sqlite.odd_files import is_sqlite_file
from sqlfix.text import plural, shown


@click.command("export-sql")
@click.argument("database", required=False, type=database_type)
@option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Write to FILE.")
@plan_options
@option("--no-transaction", is_flag=True, help="Leave out BEGIN and COMMIT, for a host that adds its own.")
@timeout_option
@quiet_option
@filling
def command(
    context: click.Context, file: FileOptions, chosen: PlanOptions, output: Path | None, no_transaction: bool
) -> None:
    """Write the repair as an SQL script, to read or to run. Never writes to the database.

    The script contains exactly the statements that `sqlfix repair` would run, in one transaction. A check at its end
    rolls everything back if more rows without a parent remain than are listed as left. Make a backup, then run the
    script with `sqlite3 -bail DATABASE < FILE`. You can run it twice.

    With --merge it merges duplicates instead: it keeps one row of each group, moves all references from the others to
    it, and deletes the others. A column that nobody needs any more becomes NULL in every row with --empty.

    Exit code: 0 the script repairs everything; 1 something is left (and listed in it); 2 the job could not be done.
    """
    path, policy = file.path, chosen.policy()
    if output and output.exists() and path.exists() and output.samefile(path):
        raise Refused(f"{output} is the database itself", "write the script to another file")
    if output and is_sqlite_file(output):
        raise Refused(f"{output} is a database, and a script never overwrites one", "write it to another file")
    plan = planned(context, file, chosen, policy)
    if plan.fixes:
        require_repairable(path, file.timeout)  # what a damaged page hides is not missing
    write_script(written("sql", Script(plan, not no_transaction), View()), output)
    if output is not None and not file.quiet:
        left = f", {plural(len(plan.left), 'finding')} left" if plan.left else ""
        click.echo(f"wrote {shown(str(output))}: {plural(len(plan.fixes), 'fix', 'fixes')}{left}", err=True)
    context.exit(1 if plan.left else 0)
