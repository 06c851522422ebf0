"""`sqlfix undo`: take a repair back."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from sqlfix.commands.backed_up import backup_lines
from sqlfix.commands.beside import refuse_both, refuse_typed
from sqlfix.commands.options import Progress, find_databases, option, quiet_option, timeout_option, where_files_go
from sqlfix.commands.script_output import write_script
from sqlfix.errors import Refused
from sqlfix.repair.backup import backup_path
from sqlfix.repair.record import Record, name_of, record_path, records_beside
from sqlfix.repair.reversal import Outlook
from sqlfix.repair.run import Watcher
from sqlfix.repair.undo import choose, look, undo
from sqlfix.repair.undo_script import undo_script
from sqlfix.schema.database import open_database
from sqlfix.sql.literals import quote
from sqlfix.sqlite.odd_files import require_database
from sqlfix.text import plural, row_text, shown, shown_name, typed_path, typed_words


@click.command("undo")
@click.argument("database", required=False)
@click.argument("record", required=False)
@option("--dry-run", is_flag=True, help="Show what would be done and change nothing.")
@option("-y", "--yes", is_flag=True, help="Do not ask.")
@option("--skip-conflicts", is_flag=True, help="Take back all but the rows that were changed again since.")
@option("--backup/--no-backup", default=True, show_default=True, help="Make a verified backup first.")
@option("--sql", is_flag=True, help="Write the reversal as an SQL script instead, and change nothing.")
@timeout_option
@quiet_option
@click.pass_context
def command(
    context: click.Context,
    database: str | None,
    record: str | None,
    dry_run: bool,
    yes: bool,
    skip_conflicts: bool,
    backup: bool,
    sql: bool,
    timeout: float,
    quiet: bool,
) -> None:
    """Take a repair back: the newest one, or the RECORD that is named.

    Where the file is as the repair left it, the backup's content comes back exactly. Where it has changed since, only
    the repair's own changes are reversed, row by row in one transaction, and no trigger of the file runs; rows that
    were changed again since are conflicts, and with any of them nothing is done unless --skip-conflicts is given. An
    undo is recorded, and can be undone by naming its record.

    Exit code: 0 all was taken back; 1 but for conflicts, or for a search index that is out of step now; 2 the job could
    not be done, and nothing was changed.
    """
    refuse_both(context, "dry_run", "sql")
    if sql:
        refuse_typed(context, ["yes", "backup"], "means nothing with --sql, which changes nothing", "sql")
    path = find_databases([] if database is None else [database])[0]
    require_database(path)
    records, unreadable = records_beside(path.resolve())
    chosen = choose(records, record, unreadable)
    for broken in unreadable:
        click.echo(f"note: {shown(broken.problem)}; it is passed over", err=True)
    if sql:
        names = [name for table in chosen.tables for name in (table.table, *table.columns)]
        with open_database(path, timeout) as opened:
            schema = opened.schema
        script = (f"{line}\n" for line in undo_script(chosen, schema, skip_conflicts))
        write_script(script, known=map(quote, names))
        return
    outlook = look(path, chosen, timeout)
    _show(chosen, outlook)
    if dry_run:
        context.exit(_code(outlook))
    if outlook.conflicting and not skip_conflicts:
        raise Refused("there are conflicts, so nothing was changed", "--skip-conflicts takes back all but these")
    if not yes:
        _ask()
    progress = Progress(quiet)
    target = backup_path(where_files_go(path)) if backup else None
    made = record_path(where_files_go(path))
    try:
        done = undo(path, chosen, target, made, skip_conflicts, timeout, Watcher(sign=progress.sign))
    finally:
        progress.clear()
    _tell(path, done, target, made)
    context.exit(_code(done))


def _ask() -> None:
    """Raise Refused unless it is agreed to at a terminal."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise Refused("an undo asks before it writes, and there is no terminal to ask at", "say --yes, or --dry-run")
    if not click.confirm("\nTake it back?", err=True):
        raise Refused("not carried out; nothing was changed")


def _tell(path: Path, done: Outlook, backup: Path | None, record: Path) -> None:
    click.echo()
    if backup:
        for line in backup_lines(str(backup), done.unverified):
            click.echo(line)  # what the output cannot spell, it replaces
    click.echo(f"Record:   {shown(str(record))}")
    click.echo(f"Undone:   {plural(done.rows, 'row')}" + (", the file is as it was before." if done.exact else "."))
    for upkeep in done.indexes:
        if upkeep.problem:
            click.echo(f"Index:    {shown_name(upkeep.index)} is out of step now: {shown(upkeep.problem)}")
        else:
            click.echo(f"Index:    {shown_name(upkeep.index)} was made anew from {shown_name(upkeep.content)}")
    name = typed_words([typed_path(path)])
    click.echo(f"Again:    sqlfix undo {name} {typed_words([name_of(record)])}")
    click.echo(f"Next:     sqlfix scan {name}")


def _show(record: Record, outlook: Outlook) -> None:
    click.echo(f"{shown(record.kind)} {shown(record.name)}: {plural(record.rows, 'row')} removed or changed")
    if outlook.exact:
        click.echo("The file is as it was left: the backup's content comes back exactly.")
        return
    click.echo(
        f"The file has changed since, or has no backup: {plural(outlook.rows, 'row')} can be put back one by one."
    )
    if outlook.conflicting:
        click.echo(f"\nConflicts: {plural(outlook.conflicting, 'row')} changed again since.")
    for conflict in outlook.conflicts:
        click.echo(f"  {shown_name(conflict.table)}: {row_text(conflict.row)}: {conflict.reason}")
    if outlook.conflicting > len(outlook.conflicts):
        click.echo(f"  … and {outlook.conflicting - len(outlook.conflicts):,} more")
    for upkeep in outlook.indexes:
        if upkeep.problem:
            click.echo(f"The search index {shown_name(upkeep.index)} will be out of step: {shown(upkeep.problem)}.")
        else:
            name, content = shown_name(upkeep.index), shown_name(upkeep.content)
            click.echo(f"The search index {name} will be made anew from {content}.")


def _code(outlook: Outlook) -> int:
    """0 where all is taken back; 1 where rows stay as they are, or a search index does not know all rows."""
    return 1 if outlook.conflicting or any(upkeep.problem for upkeep in outlook.indexes) else 0
