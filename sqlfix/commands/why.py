"""`sqlfix why`: why a row cannot be deleted or edited, and the way out."""

from __future__ import annotations

from pathlib import Path

import click

from sqlfix.commands import options
from sqlfix.commands.beside import refuse_beside, refuse_both, refuse_typed
from sqlfix.commands.carrying_out import WritingOptions, carry_out
from sqlfix.commands.opening import opened
from sqlfix.commands.options import FileOptions, filling, option
from sqlfix.commands.script_output import write_script
from sqlfix.commands.why_error import answer_error, error_text
from sqlfix.errors import Refused
from sqlfix.explain.answers import Why
from sqlfix.explain.row import explain_row
from sqlfix.explain.table import explain_table
from sqlfix.frozen import frozen
from sqlfix.model.plans import Plan
from sqlfix.prose.documents import Answer, KeptRows, Script
from sqlfix.prose.format import written
from sqlfix.sqlite.odd_files import require_database
from sqlfix.text import typed_path, typed_words


@frozen
class WhyOptions:
    """All that `why` takes."""

    file: FileOptions
    writing: WritingOptions
    table: str | None
    key: str | None
    error: str | None
    sql: bool
    delete: bool
    rows: bool


@click.command("why", short_help="Why can't this row be deleted, or edited?")
@click.argument("database", type=options.database_type)
@click.argument("table", required=False)
@click.argument("key", required=False)
@option("--error", metavar="TEXT", help="Instead of TABLE and KEY: the error message, or a traceback; - reads stdin.")
@option("--sql", is_flag=True, help="Write the script that deletes the row, and nothing else.")
@option("--delete", is_flag=True, help="Delete the row with that script, after a verified backup.")
@option("--rows", is_flag=True, help="Without KEY: list every row that cannot be deleted, and what blocks it.")
@option("--backup/--no-backup", default=True, show_default=True, help="With --delete: make a verified backup first.")
@option("--backup-to", type=click.Path(path_type=Path), metavar="PATH", help="Where to put the backup.")
@option("-y", "--yes", is_flag=True, help="With --delete: do not ask.")
@options.format_option(Answer, "Format of the answer.")
@options.timeout_option
@options.verbose_option
@options.quiet_option
@filling(WhyOptions)
def command(context: click.Context, asked: WhyOptions) -> None:
    """Say why a row of TABLE cannot be deleted or edited, and what would make it possible.

    KEY is the value of the primary key, or a=1,b=2 if the key has several columns. It names everything that references
    the row, in the order in which it blocks, and what else a delete would delete or change. Without KEY, it says which
    rows of the table cannot be deleted, and what blocks them. It writes only with --delete: then it shows its plan,
    asks, makes a backup, and `sqlfix undo` can undo it.

    With --error, or a traceback piped in, it names what causes that message in the file, the most likely cause first.

    Exit code: 0 the row can be deleted (by that script with --sql), or it was (with --delete), or nothing in the file
    causes the message; 1 it cannot be deleted, or something causes the message; 2 sqlfix cannot tell, or the job could
    not be done.
    """
    _refuse_contradictions(context, asked)
    file, table = asked.file, asked.table
    path = file.path
    text = error_text(asked.error, alone=table is None)
    if text is not None:
        context.exit(answer_error(file, text))
    if table is None:
        require_database(path)
        name = typed_words([typed_path(str(file.database))])
        raise Refused("which table?", f"sqlfix why {name} TABLE KEY, or --error MESSAGE")
    asked.writing.require_consistent()
    if asked.key is None:
        context.exit(_whole_table(file, table, asked.rows))
    file.progress.say(f"checking what references {table} {asked.key}")
    with opened(file) as database:
        why = explain_row(database, table, asked.key, plan=asked.sql or asked.delete)
    if asked.sql:
        write_script(written("sql", Script(_plan(why), meant=why.meant), file.view))
    elif asked.delete:
        carry_out(file, _plan(why), asked.writing, "read the script with --sql")
    else:
        file.write(Answer(str(path), why))
        if why.script and file.format == "table" and not file.quiet:
            _advise(path, table, asked.key)
        context.exit({True: 0, False: 1, None: 2}[why.deletable.enforced])


def _refuse_contradictions(context: click.Context, asked: WhyOptions) -> None:
    """Raise Refused for options that do not go together, or would be passed over."""
    if asked.table is not None:
        refuse_beside(context, "TABLE", ["error"], "cannot be used with TABLE or KEY")
        if asked.key is None:
            refuse_beside(context, "TABLE", ["sql", "delete"], "needs the KEY of one row")
    if asked.error is not None:
        refuse_beside(context, "--error", ["sql", "delete", "rows"], "is about a row or a table, not about an --error")
    if asked.key is not None:
        refuse_beside(context, "KEY", ["rows"], "is for a whole table, without KEY")
    refuse_both(context, "delete", "sql")
    if asked.sql:
        refuse_beside(context, "--sql", ["format"], "is the format of an answer, and --sql writes a script")
    if not asked.delete:
        refuse_typed(context, ["yes", "backup", "backup_to"], "has no effect without --delete")


def _advise(path: Path, table: str, key: str) -> None:
    """The next commands to type."""
    name, words = typed_path(path), (table, key)
    # after -- an option would be taken for a word
    dashed = any(word.startswith("-") for word in words)

    def typed(flag: str) -> str:
        return typed_words(["sqlfix", "why", *([name, flag, "--", *words] if dashed else [name, *words, flag])])

    click.echo(f"\nnext, to read it as SQL:  {typed('--sql')}")
    click.echo(f"or to carry it out:       {typed('--delete')}")


def _whole_table(file: FileOptions, table: str, rows: bool) -> int:
    file.progress.say(f"checking what references {table}")
    with opened(file, noted=False) as database, explain_table(database, table) as blocked:
        why = blocked.explain()
        file.progress.clear()
        file.write(KeptRows(blocked.rows()) if rows else Answer(str(file.path), why))
    return {True: 0, False: 1, None: 2}[why.deletable]


def _plan(why: Why) -> Plan:
    if why.plan is None or not why.script:
        raise Refused(f"there is no script that deletes the row: {why.no_script}", "sqlfix why says what blocks it")
    return why.plan
