"""`sqlfix repair`: mend it, after a backup, in one transaction."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import click

from sqlfix.commands.backed_up import backup_lines
from sqlfix.commands.format_option import format_option
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
    view_of,
    where_files_go,
    write,
)
from sqlfix.commands.planning import plan_of
from sqlfix.errors import Refused
from sqlfix.model.plans import Fix, Plan
from sqlfix.model.schema import Schema
from sqlfix.prose.format import View, written
from sqlfix.repair.backup import backup_path
from sqlfix.repair.record import record_path
from sqlfix.repair.run import Watcher, repair, require_repairable
from sqlfix.text import plural, shown, typed_path, typed_words


@click.command("repair", short_help="Mend what scan finds, after a verified backup.")
@click.argument("database", required=False, type=database_type)
@option("--backup/--no-backup", default=True, show_default=True, help="Make a verified backup first.")
@option("--backup-to", type=click.Path(path_type=Path), metavar="PATH", help="Where the backup goes.")
@option("--dry-run", is_flag=True, help="Show the plan and change nothing.")
@option("-y", "--yes", is_flag=True, help="Do not ask.")
@choosing_options
@merging_options
@format_option(Plan, "How to write the plan.")
@timeout_option
@option("-v", "--verbose", count=True, help="Show more: what each step promises about the data.")
@quiet_option
@click.pass_context
def command(
    context: click.Context,
    database: str | None,
    backup: bool,
    backup_to: Path | None,
    dry_run: bool,
    yes: bool,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    on_orphan: str | None,
    set: tuple[str, ...],
    allow_mass_delete: bool,
    merge: str | None,
    keep: str,
    format: str,
    timeout: float,
    verbose: int,
    quiet: bool,
) -> None:
    """Mend the rows that scan finds, after a verified backup, in one transaction.

    By default it finishes what the schema's own ON DELETE would have done. Without one, a link row of a join table is
    deleted, a key that may be NULL is set to NULL, and a row whose key is NOT NULL is deleted. The plan is shown, and
    asked about, before anything is written. If anything goes otherwise than planned, all of it is taken back.

    With --merge it is about duplicates instead: one row of each group stays, all references to the others are led to
    it, and the others go.

    Exit code: 0 all is done and nothing is left; 1 something is left (listed); 2 the job could not be done, and
    nothing was changed. A dry run has the exit code that the real one would have.
    """
    path = find_databases([] if database is None else [database])[0]
    policy = replace(policy_of(select, ignore, on_orphan, set, allow_mass_delete), backup=backup)
    if backup_to is not None and not backup:
        raise Refused("--no-backup and --backup-to contradict each other")
    progress = Progress(quiet)
    if merge is None:
        refuse_keep_alone(context)
        planned = plan_of(path, policy, timeout, progress)
    else:
        planned = plan_of_merge(context, path, merge, keep, backup, timeout, progress)
    plan, view = planned.plan, view_of(verbose)
    if plan.fixes and not dry_run:
        plan = carry_out(path, planned.schema, plan, backup, backup_to, yes, format, timeout, progress, view)
    else:
        if plan.fixes:
            require_repairable(path, timeout)
        write(written(format, plan, view))
    context.exit(1 if plan.left else 0)


def carry_out(
    path: Path,
    schema: Schema,
    plan: Plan,
    backup: bool,
    backup_to: Path | None,
    yes: bool,
    format: str,
    timeout: float,
    progress: Progress,
    view: View,
    look: str = "look with --dry-run",
) -> Plan:
    """Show a plan, ask, carry it out after a backup, and say so; the plan as applied.

    Args:
        schema: the schema that the plan was made for, without its text.
        look: what to do instead where there is nobody to ask.

    Raises:
        SqlfixError: and nothing was changed.
    """
    can_ask = yes or _can_ask(format)
    if format == "table":
        write(written(format, plan, view))
    if not can_ask:
        raise Refused("a repair asks before it writes, and there is no terminal to ask at", f"say --yes, or {look}")
    if format != "table" and not yes:
        write(written("table", plan, view), sys.stderr)
    if not yes and not click.confirm(f"\nCarry this out{', after a backup' if backup else ''}?", err=True):
        raise Refused("not carried out; nothing was changed")
    target = _target(path, backup_to) if backup else None
    try:
        made = record_path(where_files_go(path))
        plan = repair(path, schema, plan, target, made, timeout, _watcher(progress))
    finally:
        progress.clear()
    try:
        if format == "table":
            _tell(plan)
        else:
            write(written(format, plan, view))
    except KeyboardInterrupt:
        click.echo("interrupted, but only after the repair was committed", err=True)
    return plan


def _target(database: Path, backup_to: Path | None) -> Path:
    """Where the backup goes: a folder that is named gets the usual name in it; a link, beside what it leads to."""
    usual = backup_path(where_files_go(database))
    if backup_to is None:
        return usual
    return backup_to / usual.name if backup_to.is_dir() else backup_to


def _can_ask(format: str) -> bool:
    """True at a terminal; where the plan goes elsewhere, nobody would know what the question is about."""
    return sys.stdin.isatty() and (sys.stdout if format == "table" else sys.stderr).isatty()


def _watcher(progress: Progress) -> Watcher:
    def copied(remaining: int, total: int) -> None:
        done = 100 * (total - remaining) // max(total, 1)
        progress.say(f"backup: {done} %")

    def fixing(place: int, fix: Fix) -> None:
        progress.say(f"fix {place + 1}: {fix.name} on {fix.table}")

    return Watcher(copied, fixing, progress.sign)


def _tell(plan: Plan) -> None:
    rows = sum(total.deleted + total.changed for total in plan.totals)
    click.echo()
    if plan.backup:
        for line in backup_lines(plan.backup, plan.unverified):
            click.echo(line)  # what the output cannot spell, it replaces
    click.echo(f"Record:   {shown(plan.record or '')}")
    click.echo(f"Repaired: {plural(rows, 'row')} in {plural(len(plan.fixes), 'step')}, verified and committed.")
    left = sum(part.count for part in plan.left)
    if plan.left:
        rows_left = f" ({plural(left, 'row')})" if left else ""
        click.echo(f"Left:     {plural(len(plan.left), 'finding')}{rows_left}, listed above.")
    click.echo(f"Undo:     sqlfix undo {typed_words([typed_path(plan.database)])}")
