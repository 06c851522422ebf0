"""The command line; the one place that turns errors into text and exit codes."""

import contextlib
import gc
import importlib
import os
import signal
import sys
from collections.abc import Iterator
from typing import Any

import click

from sqlfix import __version__
from sqlfix.commands.complaint import complain, if_it_can_be_told
from sqlfix.errors import SqlfixError, internal_error
from sqlfix.sqlite import interrupts

COMMANDS = (
    *("scan", "why", "export-sql", "repair", "repair-schema", "history", "undo", "unpark", "backfill", "alter", "diff"),
    *("checks", "fixes"),
)
"""The commands, in the order in which they are used; the module of each is imported when needed."""


class Commands(click.Group):
    """The group whose commands are imported only when they are used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in their order."""
        return list(COMMANDS)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that is meant; where there is none of that name, say which might be."""
        name = args[0]
        if name not in COMMANDS and not name.startswith("-"):
            from pathlib import Path  # `--version` is answered without what it loads

            from sqlfix.sqlite.odd_files import is_sqlite_file
            from sqlfix.text import near_names, typed_words

            close = near_names(name, COMMANDS, 1)
            guess = f"scan {typed_words([name])}" if is_sqlite_file(Path(name)) else close[0] if close else None
            hint = f"did you mean: sqlfix {guess}" if guess else f"the commands are {', '.join(COMMANDS)}"
            raise SqlfixError(f"there is no command {name}", hint)
        return super().resolve_command(ctx, args)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name."""
        if cmd_name not in COMMANDS:
            return None
        name = f"sqlfix.commands.{cmd_name.replace('-', '_')}"
        is_new = name not in sys.modules
        module = importlib.import_module(name)
        if is_new:
            gc.freeze()  # as in `main`
        found: click.Command = module.command
        return found

    def make_context(self, *arguments: Any, **more: Any) -> click.Context:
        """Read the command line; --help and --version are answered here."""
        with _not_as_click():
            return super().make_context(*arguments, **more)

    def invoke(self, ctx: click.Context) -> object:
        """Run a command."""
        with _not_as_click():
            return super().invoke(ctx)


class ReaderLeft(OSError):
    """Whoever read the output has had enough of it."""


@contextlib.contextmanager
def _not_as_click() -> Iterator[None]:
    """click itself ends with 1 when a pipe is broken, which here means findings; on Ctrl-C it writes an empty line."""
    try:
        yield
    except BrokenPipeError as error:
        raise ReaderLeft from error
    except KeyboardInterrupt as error:
        raise click.Abort from error


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "auto_envvar_prefix": "SQLFIX", "max_content_width": 100},
)
@click.version_option(__version__, "-V", "--version", prog_name="sqlfix", message="%(prog)s %(version)s")
def group() -> None:
    """Find, explain and repair the rows of an SQLite file that break the promises of its schema.

    \b
    sqlfix scan db.sqlite3          what is wrong? (never writes)
    sqlfix export-sql db.sqlite3    the repair as SQL, to read first
    sqlfix repair db.sqlite3        the repair itself, after a verified backup

    Every option can also come from the environment: SQLFIX_FAIL_ON sets --fail-on, SQLFIX_DATABASE the database.
    """


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit."""
    gc.set_threshold(50_000, 20, 100)  # values are made in masses, and hardly any of them in circles to be looked for
    gc.freeze()  # as Python ends it looks for circles in all that is left, and the modules stay to the end in any case
    _open_what_is_closed()
    try:
        interrupts.listen()
        code = run(arguments)
        interrupts.ignore()
    except KeyboardInterrupt:  # before the job began, or when all but its exit code was out
        interrupts.ignore()
        code = _interrupted()
    # Python remembers that a KeyboardInterrupt left the text of an exec(), as dataclasses and namedtuples call it when
    # a module is imported, though it was caught further up; at the end of `python -m` it then kills itself by SIGINT.
    # The next text that is run makes it forget.
    exec("")
    gc.freeze()  # as above, for what the run has left
    sys.exit(code)


def _interrupted() -> int:
    """Say what became of the job; the exit code."""
    how = "the change had already been committed" if interrupts.was_committed() else "nothing was changed"
    number = interrupts.ended_by()
    after_ctrl_c = "\n" if sys.stderr.isatty() else ""  # a terminal shows the key where the cursor stands
    with if_it_can_be_told():
        click.echo(f"{after_ctrl_c}{'interrupted' if number == signal.SIGINT else 'terminated'}; {how}", err=True)
    return 128 + number


def _open_what_is_closed() -> None:
    """Give a program that was started without stdin, stdout or stderr (``2>&-``, a daemon) an empty one.

    Also so that no file which is opened later gets the descriptor of one of them, and with it what is meant for it.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115, PTH123


def run(arguments: list[str] | None = None) -> int:
    """Run the command line; the exit code."""
    interrupts.begin()
    try:
        code = _run(arguments)
        sys.stdout.flush()
    except OSError as error:
        return _without_output(error)
    return code


def _without_output(error: OSError) -> int:
    """The exit code where the output could not be written; what Python would still write at exit must not fail."""
    sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123
    if isinstance(error, (ReaderLeft, BrokenPipeError)):  # whoever read the output has had enough
        return 141
    what = f"{error.filename} cannot be used" if error.filename else "the output cannot be written"
    complain(SqlfixError(f"{what}: {error.strerror or error}"))
    return 2


def _run(arguments: list[str] | None) -> int:
    try:
        result = group.main(arguments, prog_name="sqlfix", standalone_mode=False)
        return int(result or 0)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message())
        return 2
    except click.ClickException as error:
        complain(SqlfixError(error.format_message().rstrip("."), _usage_hint(error)))
        return 2
    except click.exceptions.Exit as error:
        return error.exit_code
    except SqlfixError as error:
        complain(error)
        return error.exit_code
    except (KeyboardInterrupt, click.Abort):
        return _interrupted()
    except OSError as error:
        return _without_output(error)
    except Exception as error:
        complain(internal_error(error))
        return 2


def _usage_hint(error: click.ClickException) -> str | None:
    context = getattr(error, "ctx", None)
    if context and context.info_name == "why" and isinstance(error, click.NoSuchOption):
        return f"put a key that begins with - after --: {context.command_path} DATABASE -- TABLE KEY"
    return f"{context.command_path} --help" if context else None
