"""`sqlfix repair`: mend it, after a backup, in one transaction."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from sqlfix.commands import options
from sqlfix.commands.carrying_out import WritingOptions, carry_out
from sqlfix.commands.donors import advice_beside_plan
from sqlfix.commands.interactive import with_answers
from sqlfix.commands.options import FileOptions, filling, option
from sqlfix.commands.planning import PlanOptions, plan_options, planned
from sqlfix.frozen import frozen
from sqlfix.model.plans import Plan
from sqlfix.repair.backup import early
from sqlfix.repair.run import require_repairable


@frozen
class RepairOptions:
    """All that `repair` takes."""

    file: FileOptions
    chosen: PlanOptions
    writing: WritingOptions
    dry_run: bool
    interactive: bool


@click.command("repair", short_help="Repair what scan finds, after a verified backup.")
@click.argument("database", required=False, type=options.database_type)
@option("--backup/--no-backup", default=True, show_default=True, help="Make a verified backup first.")
@option("--backup-to", type=click.Path(path_type=Path), metavar="PATH", help="Where to put the backup.")
@option("--dry-run", is_flag=True, help="Show the plan and change nothing.")
@option("-i", "--interactive", is_flag=True, help="Ask about each finding what to do with it, then show the plan.")
@option("-y", "--yes", is_flag=True, help="Do not ask.")
@plan_options
@options.format_option(Plan, "Format of the plan.")
@options.timeout_option
@option("-v", "--verbose", count=True, help="Show more: what each step promises about the data.")
@options.quiet_option
@filling(RepairOptions)
def command(context: click.Context, asked: RepairOptions) -> None:
    """Repair the rows that scan finds, after a verified backup, in one transaction.

    By default it does what the schema's own ON DELETE would have done. Without an ON DELETE, it deletes link rows of
    join tables, sets keys that may be NULL to NULL, and deletes rows whose key is NOT NULL. It shows the plan and asks
    before it writes anything. If anything differs from the plan, everything is rolled back.

    With --merge it merges duplicates instead: it keeps one row of each group, moves all references from the others to
    it, and deletes the others. A column that nobody needs any more becomes NULL in every row with --empty.

    Exit code: 0 everything is done and nothing is left; 1 something is left (and listed); 2 the job could not be done,
    and nothing was changed. A dry run has the exit code that the real run would have.
    """
    file, writing, chosen = asked.file, asked.writing, asked.chosen
    path = file.path
    policy = chosen.policy(writing.backup)
    writing.require_consistent()
    if asked.interactive:
        chosen = with_answers(context, file, chosen)
        policy = chosen.policy(writing.backup)
    with early(path, writing.backup_to) as backup:
        certain = writing.yes and writing.backup and not asked.dry_run
        plan = planned(context, file, chosen, policy, backup.begin if certain else None)
        told = asked.interactive or chosen.donor or chosen.merge or chosen.empty or file.quiet
        if not told and (advice := advice_beside_plan(plan)):
            click.echo(f"note: {advice}", err=True)
        if plan.fixes and not asked.dry_run:
            plan = carry_out(file, plan, replace(writing, early=backup))
        else:
            if plan.fixes:
                require_repairable(path, file.timeout)
            file.write(plan)
    context.exit(1 if plan.left else 0)
