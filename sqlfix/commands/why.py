"""`sqlfix why`: why a row cannot be deleted or edited, and the way out."""

from __future__ import annotations

from pathlib import Path

import click

from sqlfix.commands.beside import refuse_beside, refuse_both, refuse_typed
from sqlfix.commands.format_option import format_option
from sqlfix.commands.opening import opened
from sqlfix.commands.options import (
    Progress,
    database_type,
    find_databases,
    option,
    quiet_option,
    timeout_option,
    verbose_option,
    view_of,
    write,
)
from sqlfix.commands.repair import carry_out
from sqlfix.commands.script_output import write_script
from sqlfix.commands.why_error import error_text, explain_error
from sqlfix.errors import Refused
from sqlfix.explain.row import Why, explain_row
from sqlfix.explain.table import explain_table
from sqlfix.model.plans import Plan
from sqlfix.model.schema import Schema
from sqlfix.prose.documents import Answer, KeptRows, Script
from sqlfix.prose.format import View, written
from sqlfix.schema.rows import find_row, find_table
from sqlfix.sqlite.odd_files import require_database
from sqlfix.text import typed_path, typed_words


@click.command("why", short_help="Why can't this row be deleted, or edited?")
@click.argument("database", type=database_type)
@click.argument("table", required=False)
@click.argument("key", required=False)
@option("--error", metavar="TEXT", help="Instead of TABLE and KEY: the error message, or a traceback; - reads stdin.")
@option("--sql", is_flag=True, help="Write the script that deletes the row, and nothing else.")
@option("--delete", is_flag=True, help="Delete the row by that script, after a verified backup.")
@option("--rows", is_flag=True, help="Without KEY: write every row that is kept, one by one, with what keeps it.")
@option("--backup/--no-backup", default=True, show_default=True, help="With --delete: make a verified backup first.")
@option("--backup-to", type=click.Path(path_type=Path), metavar="PATH", help="Where the backup goes.")
@option("-y", "--yes", is_flag=True, help="With --delete: do not ask.")
@format_option(Answer, "How to write it.")
@timeout_option
@verbose_option
@quiet_option
@click.pass_context
def command(
    context: click.Context,
    database: str,
    table: str | None,
    key: str | None,
    error: str | None,
    sql: bool,
    delete: bool,
    rows: bool,
    backup: bool,
    backup_to: Path | None,
    yes: bool,
    format: str,
    timeout: float,
    verbose: int,
    quiet: bool,
) -> None:
    """Say why a row of TABLE cannot be deleted or edited, and what would let it go.

    KEY is the value of the primary key, or a=1,b=2 for one of several columns. All that refers to the row is named, in
    the order in which it blocks, and what a delete would take along. Without KEY, it says which rows of the table
    cannot be deleted, by what keeps them. Nothing is written but by --delete, which shows its plan, asks, makes a
    backup, and can be undone with `sqlfix undo`.

    With --error, or a traceback piped in, it names what causes that message in the file, the likeliest first.

    Exit code: 0 it can be deleted (with --sql: by that script; with --delete: it was), or nothing causes the message
    now; 1 it cannot, or something does; 2 that could not be told, or the job could not be done.
    """
    _refuse_contradictions(context, table, key, error)
    path = find_databases([database])[0]
    text = error_text(error, alone=table is None)
    if text is not None:
        context.exit(explain_error(path, text, format, timeout, Progress(quiet), view_of(verbose)))
    if table is None:
        require_database(path)
        raise Refused("which table?", f"sqlfix why {typed_words([typed_path(database)])} TABLE KEY, or --error MESSAGE")
    if backup_to is not None and not backup:
        raise Refused("--no-backup and --backup-to contradict each other")
    progress, view = Progress(quiet), view_of(verbose)
    if key is None:
        context.exit(_whole_table(path, table, rows, format, timeout, progress, view))
    schema, why = _one_row(path, table, key, timeout, progress, need_plan=sql or delete)
    if sql:
        write_script(written("sql", Script(_plan(why), meant=why.meant), view))
        context.exit(0)
    if delete:
        look = "look at the script with --sql"
        carry_out(path, schema, _plan(why), backup, backup_to, yes, format, timeout, progress, view, look)
        context.exit(0)
    _tell(path, why, format, view, None if quiet else (table, key))
    context.exit({True: 0, False: 1, None: 2}[why.deletable.enforced])


def _refuse_contradictions(context: click.Context, table: str | None, key: str | None, error: str | None) -> None:
    """Raise Refused for options that do not go together, or would be passed over."""
    if table is not None:
        refuse_beside(context, "TABLE", ["error"], "takes neither TABLE nor KEY, nor what is done with a row")
        if key is None:
            refuse_beside(context, "TABLE", ["sql", "delete"], "needs the KEY of one row")
    if error is not None:
        refuse_beside(context, "--error", ["sql", "delete", "rows"], "is about a row or a table, not about an --error")
    if key is not None:
        refuse_beside(context, "KEY", ["rows"], "is for a whole table, without KEY")
    refuse_both(context, "delete", "sql")
    if context.params["sql"]:
        refuse_beside(context, "--sql", ["format"], "says how an answer is written, and --sql writes a script")
    if not context.params["delete"]:
        refuse_typed(context, ["yes", "backup", "backup_to"], "means nothing without --delete")


def _one_row(
    path: Path, table: str, key: str, timeout: float, progress: Progress, need_plan: bool
) -> tuple[Schema, Why]:
    progress.say(f"looking at what refers to {table} {key}")
    with opened(path, timeout, progress) as database:
        target = find_row(database.connection, find_table(database.schema_with_text, table), key)
        return database.schema, explain_row(database, target, True if need_plan else None)


def _tell(path: Path, why: Why, format: str, view: View, advice: tuple[str, str] | None) -> None:
    write(written(format, Answer(str(path), why), view))
    if advice and why.script and format == "table":
        name = typed_path(path)
        # after -- an option would be taken for a word
        dashed = any(word.startswith("-") for word in advice)

        def typed(flag: str) -> str:
            words = [name, flag, "--", *advice] if dashed else [name, *advice, flag]
            return typed_words(["sqlfix", "why", *words])

        click.echo(f"\nnext, to read it as SQL:  {typed('--sql')}")
        click.echo(f"or to carry it out:       {typed('--delete')}")


def _whole_table(
    path: Path, table: str, rows: bool, format: str, timeout: float, progress: Progress, view: View
) -> int:
    progress.say(f"looking at what refers to {table}")
    with (
        opened(path, timeout, progress, noted=False) as database,
        explain_table(database, find_table(database.schema_with_text, table)) as blocked,
    ):
        try:
            why = blocked.explain()
            progress.clear()
            write(written(format, KeptRows(blocked.rows()) if rows else Answer(str(path), why), view))
        finally:
            progress.clear()
    return {True: 0, False: 1, None: 2}[why.deletable]


# -- the way out --------------------------------------------------------------------------------------------------


def _plan(why: Why) -> Plan:
    if why.plan is None or not why.script:
        raise Refused(f"there is no script that deletes the row: {why.no_script}", "sqlfix why says what keeps it")
    return why.plan
