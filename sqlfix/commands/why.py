"""`sqlfix why`: why a row cannot be deleted or edited, and the way out."""

import os
import stat
import sys
from pathlib import Path

import click

from sqlfix.commands import options
from sqlfix.commands.carrying_out import WritingOptions, carry_out
from sqlfix.commands.options import FileOptions, filling, opened, option, refuse_beside, refuse_both, refuse_typed
from sqlfix.commands.script_output import write_script
from sqlfix.errors import Refused
from sqlfix.explain.answers import Why
from sqlfix.explain.errors.causes import explain_error
from sqlfix.explain.errors.recognise import MOST_TEXT, recognised_in
from sqlfix.explain.row import explain_row
from sqlfix.explain.table import explain_table
from sqlfix.frozen import frozen
from sqlfix.model.plans import Plan
from sqlfix.prose.format import Answer, KeptRows, Script, written
from sqlfix.repair.run import repair, require_repairable
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
@click.argument("database", required=False, type=options.database_type)
@click.argument("table", required=False)
@click.argument("key", required=False)
@option("--error", metavar="TEXT", help="Instead of TABLE and KEY: the error message, or a traceback; - reads stdin.")
@option("--sql", is_flag=True, help="Write the script that deletes the row, and nothing else.")
@option("--delete", is_flag=True, help="Delete the row with that script, after a verified backup.")
@option("--rows", is_flag=True, help="Without KEY: list every row that cannot be deleted, and what blocks it.")
@option("--backup/--no-backup", default=True, show_default=True, help="With --delete: make a verified backup first.")
@option("--backup-to", type=click.Path(path_type=Path), metavar="PATH", help="Where to put the backup.")
@option("-y", "--yes", is_flag=True, help="With --delete: do not ask.")
@options.output_options(Answer, "Format of the answer.")
@filling
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
        name = typed_words([typed_path(path)])
        raise Refused("which table?", f"sqlfix why {name} TABLE KEY, or --error MESSAGE")
    asked.writing.require_consistent()
    if asked.key is None:
        context.exit(_whole_table(file, table, asked.rows))
    file.progress.say(f"checking what references {table} {asked.key}")
    with opened(file) as database:
        why = explain_row(database, table, asked.key, plan=asked.sql or asked.delete)
    if asked.sql:
        require_repairable(path, file.timeout)
        write_script(written("sql", Script(_plan(why), meant=why.meant), file.view))
    elif asked.delete:
        carry_out(file, _plan(why), asked.writing, repair, "read the script with --sql")
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


# -- from an error message instead of a row -----------------------------------------------------------------------

STDIN = "-"


def error_text(given: str | None, alone: bool) -> str | None:
    """The text of ``--error``, or what stdin holds for ``-``; None where nothing is asked about an error.

    Args:
        given: the option, or None without it.
        alone: that no table is given either: then what is piped in counts, if it is anything at all.
    """
    if given is None:
        return (_stdin().strip() or None) if alone and _piped() else None
    if given == STDIN and sys.stdin.isatty():
        click.echo("paste the message, and end it with Ctrl-D on a line of its own", err=True)
    return _stdin() if given == STDIN else given


def _piped() -> bool:
    """True where something is piped or redirected into this program; a terminal and /dev/null are neither."""
    try:
        mode = os.fstat(sys.stdin.fileno()).st_mode
    except (OSError, ValueError, AttributeError):
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISREG(mode)


def _stdin() -> str:
    """What comes from stdin: of that, the end, which is more than is read of it, so that the rest is told from none."""
    raw = getattr(sys.stdin, "buffer", None)
    if raw is None:
        return sys.stdin.read()
    tail = b""
    while piece := raw.read(1 << 20):
        tail = (tail + piece)[-4 * (MOST_TEXT + 1) :]
    return bytes(tail).decode("utf-8", "replace")


def answer_error(file: FileOptions, text: str) -> int:
    """Say what causes an error message in a database; the exit code.

    Raises:
        Refused: where the text holds no message that is known.
    """
    if len(text) > MOST_TEXT:
        click.echo(f"note: only the last {MOST_TEXT:,} characters of that text are read", err=True)
    recognised = recognised_in(text)
    file.progress.say(f"looking for what causes: {recognised.message}")
    with opened(file) as database:
        explanation = explain_error(database, recognised)
    file.write(Answer(str(file.path), explanation))
    return explanation.exit_code
