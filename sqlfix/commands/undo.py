"""`sqlfix undo`: take a repair back."""

import sys

import click

from sqlfix.commands.carrying_out import (
    WritingOptions,
    backup_options,
    committed,
    require_agreed,
    tell_backup,
    telling_of_what_was_left,
)
from sqlfix.commands.options import (
    FileOptions,
    filling,
    option,
    quiet_option,
    refuse_both,
    refuse_typed,
    timeout_option,
)
from sqlfix.commands.script_output import write_script
from sqlfix.errors import Refused
from sqlfix.prose.format import View, written
from sqlfix.prose.report import relationship
from sqlfix.prose.schema_plan import deed
from sqlfix.repair.index_upkeep import Upkeep
from sqlfix.repair.record import Record, name_of, records_beside
from sqlfix.repair.reversal import Outlook
from sqlfix.repair.schema_undo import changed_by, plan_back
from sqlfix.repair.undo import choose, look, orphans_after, undo
from sqlfix.repair.undo_script import undo_script
from sqlfix.schema.database import open_database
from sqlfix.sql.literals import quote
from sqlfix.sqlite.odd_files import require_database
from sqlfix.text import plural, row_text, shown, shown_name, typed_path, typed_words

_NOT_EXACT = "The file is not byte for byte as it was left, or has no backup"


@click.command("undo")
@click.argument("database", required=False)
@click.argument("record", required=False)
@option("--dry-run", is_flag=True, help="Show what would be done and change nothing.")
@option("-y", "--yes", is_flag=True, help="Do not ask.")
@option("--skip-conflicts", is_flag=True, help="Undo everything except the rows that were changed again since.")
@backup_options
@option("--sql", is_flag=True, help="Write the undo as an SQL script instead, and change nothing.")
@timeout_option
@quiet_option
@filling
def command(
    context: click.Context, file: FileOptions, writing: WritingOptions, record: str | None, skip_conflicts: bool
) -> None:
    """Undo a repair: the newest one, or the one that RECORD names.

    If the file is as the repair left it, the backup's content is restored exactly. If it has changed since, only the
    repair's own changes are reversed, row by row in one transaction, and no trigger of the file runs. Rows that were
    changed again since are conflicts. If there are any, nothing is done unless you give --skip-conflicts. A schema is
    changed back, and all rows stay. An undo is recorded too. To undo it, name its record.

    Exit code: 0 everything was undone; 1 everything except conflicts, or a search index is out of step now; 2 the job
    could not be done, and nothing was changed. A dry run has the exit code that the real run would have.
    """
    refuse_both(context, "dry_run", "sql")
    if writing.sql:
        refuse_typed(context, ["yes", "backup", "backup_to"], "has no effect with --sql, which changes nothing", "sql")
    writing.require_consistent()
    require_database(file.path)
    records, unreadable = records_beside(file.path.resolve())
    chosen = choose(records, record, unreadable)
    for broken in unreadable:
        click.echo(f"note: {shown(broken.problem)}; it is skipped", err=True)
    if writing.sql:
        _write_script(file, chosen, skip_conflicts)
        return
    outlook = look(file.path, chosen, file.timeout)
    _show(chosen, outlook)
    if outlook.conflicting and not skip_conflicts:
        raise Refused("there are conflicts, so nothing was changed", "--skip-conflicts undoes everything except these")
    if writing.dry_run:
        context.exit(_code(outlook))
    if not writing.yes:
        if not (sys.stdin.isatty() and sys.stdout.isatty()):
            raise Refused("an undo asks before it writes, and there is no terminal to ask at", "use --yes or --dry-run")
        require_agreed("Undo it?")
    with telling_of_what_was_left(file):
        done = undo(file.path, chosen, writing.change(file), skip_conflicts)
    with committed("undo"):
        _tell(file, done)
    context.exit(_code(done))


def _write_script(file: FileOptions, chosen: Record, skip_conflicts: bool) -> None:
    """Write the reversal as a script to stdout."""
    if changed_by(chosen):
        with open_database(file.path, file.timeout) as database:
            write_script(written("sql", plan_back(database, chosen), View()))
        return
    names = [name for table in chosen.tables for name in (table.table, *table.columns)]
    orphans = orphans_after(file.path, chosen, skip_conflicts, file.timeout)
    with open_database(file.path, file.timeout) as database:
        lines = undo_script(chosen, database, skip_conflicts, orphans)
        write_script((f"{line}\n" for line in lines), known=map(quote, names))


def _tell(file: FileOptions, done: Outlook) -> None:
    tell_backup(str(done.backup) if done.backup else None, done.unverified)
    click.echo(f"Record:   {shown(str(done.record))}")
    what = "the schema; the rows are as they are now" if done.steps else plural(done.rows, "row")
    parts = [*([] if done.exact and not done.rows else [what]), *(["the file is as it was before"] * done.exact)]
    click.echo(f"Undone:   {', '.join(parts)}.")
    for left in done.revealed:
        click.echo(f"Orphans:  {plural(left.count, 'row')} in {relationship(left.subject)}, which works again")
    for upkeep in done.indexes:
        name, problem, rebuilt = _of_index(upkeep)
        click.echo(f"Index:    {name} {f'is out of step now: {problem}' if problem else f'was {rebuilt}'}")
    name = typed_words([typed_path(file.path)])
    click.echo(f"Redo:     sqlfix undo {name} {typed_words([name_of(done.record)]) if done.record else ''}")
    click.echo(f"Next:     sqlfix scan {name}")


def _of_index(upkeep: Upkeep) -> tuple[str, str, str]:
    """The name of a search index, why it cannot be rebuilt, and what it is rebuilt from."""
    return shown_name(upkeep.index), shown(upkeep.problem), f"rebuilt from {shown_name(upkeep.content)}"


def _show(record: Record, outlook: Outlook) -> None:
    changed = changed_by(record)
    rows = f"{plural(record.rows, 'row')} added, removed or changed" if record.rows or not changed else ""
    what = rows or f"{plural(len(changed), 'object')} of the schema changed"
    click.echo(f"{shown(record.kind)} {shown(record.name)}: {what}")
    if outlook.steps:
        click.echo(f"{_NOT_EXACT}: the schema is changed back, and the rows stay.")
        for place, step in enumerate(outlook.steps, 1):
            click.echo(f"  {place}. {deed(step)}")
        return
    if outlook.exact:
        click.echo("The file has not changed since: the backup's content will be restored exactly.")
        return
    click.echo(f"{_NOT_EXACT}: {plural(outlook.rows, 'row')} can be put back one by one.")
    if outlook.conflicting:
        click.echo(f"\nConflicts: {plural(outlook.conflicting, 'row')} changed again since.")
    for conflict in outlook.conflicts:
        click.echo(f"  {shown_name(conflict.table)}: {row_text(conflict.row)}: {conflict.reason}")
    if outlook.conflicting > len(outlook.conflicts):
        click.echo(f"  … and {outlook.conflicting - len(outlook.conflicts):,} more")
    for upkeep in outlook.indexes:
        name, problem, rebuilt = _of_index(upkeep)
        click.echo(f"The search index {name} will be {f'out of step: {problem}' if problem else rebuilt}.")


def _code(outlook: Outlook) -> int:
    """0 where all is taken back; 1 where rows stay as they are, or a search index does not know all rows."""
    return 1 if outlook.conflicting or any(upkeep.problem for upkeep in outlook.indexes) else 0
