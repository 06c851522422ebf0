"""`sqlfix export-sql`: the repair as a script to read first."""

from __future__ import annotations

from pathlib import Path

import click

from sqlfix.commands.merging import merging_options, plan_of_merge, refuse_keep_alone
from sqlfix.commands.options import (
    Progress,
    choosing_options,
    database_type,
    find_databases,
    option,
    policy_of,
    quiet_option,
    timeout_option,
)
from sqlfix.commands.planning import plan_of
from sqlfix.commands.script_output import write_script
from sqlfix.errors import Refused
from sqlfix.prose.documents import Script
from sqlfix.prose.format import View, written
from sqlfix.sqlite.odd_files import is_sqlite_file
from sqlfix.text import plural, shown


@click.command("export-sql")
@click.argument("database", required=False, type=database_type)
@option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Write to FILE.")
@choosing_options
@merging_options
@option("--no-transaction", is_flag=True, help="Without BEGIN and COMMIT, for a host that adds its own.")
@timeout_option
@quiet_option
@click.pass_context
def command(
    context: click.Context,
    database: str | None,
    output: Path | None,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    on_orphan: str | None,
    set: tuple[str, ...],
    allow_mass_delete: bool,
    merge: str | None,
    keep: str,
    no_transaction: bool,
    timeout: float,
    quiet: bool,
) -> None:
    """Write the repair as an SQL script, to read or to run. Never writes to the database.

    The script holds the very statements that `sqlfix repair` would run, in one transaction, with a check at its end
    that takes all of it back if more rows without a parent remain than are listed as left. Make a backup, then run
    it with `sqlite3 -bail DATABASE < FILE`; it can be run twice.

    With --merge it is about duplicates instead: one row of each group stays, all references to the others are led to
    it, and the others go.

    Exit code: 0 the script mends everything; 1 something is left (listed in it); 2 the job could not be done.
    """
    path = find_databases([] if database is None else [database])[0]
    policy = policy_of(select, ignore, on_orphan, set, allow_mass_delete)
    if output and output.exists() and path.exists() and output.samefile(path):
        raise Refused(f"{output} is the database itself", "write the script to another file")
    if output and is_sqlite_file(output):
        raise Refused(f"{output} is a database, and a script never overwrites one", "write it to another file")
    progress = Progress(quiet)
    if merge is None:
        refuse_keep_alone(context)
        planned = plan_of(path, policy, timeout, progress)
    else:
        planned = plan_of_merge(context, path, merge, keep, True, timeout, progress)
    write_script(written("sql", Script(planned.plan, not no_transaction), View()), output)
    if output is not None and not quiet:
        left = f", {plural(len(planned.plan.left), 'finding')} left" if planned.plan.left else ""
        click.echo(f"wrote {shown(str(output))}: {plural(len(planned.plan.fixes), 'fix', 'fixes')}{left}", err=True)
    context.exit(1 if planned.plan.left else 0)
