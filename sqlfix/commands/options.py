"""What the commands share: their common options, finding the database, how the screen looks, and progress."""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from sqlfix.errors import NotADatabase, Refused
from sqlfix.model.plans import Choice
from sqlfix.prose.format import View
from sqlfix.scan.scope import Scope
from sqlfix.sql.typed_values import is_text, parts
from sqlfix.sqlite.odd_files import is_sqlite_file
from sqlfix.text import cells, shown

if TYPE_CHECKING:
    from sqlfix.plan.policy import Policy

Command = TypeVar("Command", bound=Callable[..., Any])
PREFIX = "SQLFIX"


def option(*names: str, **settings: Any) -> Callable[[Command], Command]:
    """A click option that can also come from the environment: ``--fail-on`` from SQLFIX_FAIL_ON."""
    long = next(name for name in names if name.startswith("--")).split("/")[0]
    settings.setdefault("envvar", f"{PREFIX}_{long[2:].replace('-', '_').upper()}")
    return click.option(*names, **settings)


def several(*decorators: Callable[[Command], Command]) -> Callable[[Command], Command]:
    """Decorators in the order in which they are written."""

    def decorate(command: Command) -> Command:
        for decorator in reversed(decorators):
            command = decorator(command)
        return command

    return decorate


database_type = click.Path(readable=False)
"""A path that nothing is asked of yet: the type is there for the completion of file names by the shell."""


def _a_time(context: click.Context, parameter: click.Parameter, value: float) -> float:
    if value != value:  # nan, which no comparison refuses
        raise click.BadParameter("it is not a number of seconds")
    return value


timeout_option: Callable[[Any], Any] = option(
    "--timeout",
    type=click.FloatRange(min=0),
    default=5.0,
    show_default=True,
    metavar="SECONDS",
    callback=_a_time,
    help="How long to wait for another program's lock.",
)
verbose_option: Callable[[Any], Any] = option(
    "-v", "--verbose", count=True, help="Show more: all relationships, and sample rows."
)
quiet_option: Callable[[Any], Any] = option("-q", "--quiet", is_flag=True, help="No progress, no notes, no advice.")

scope_options: Callable[[Any], Any] = several(
    option(
        "--select",
        multiple=True,
        metavar="NAME",
        help="Only this check (orphan-rows), child table or table.column; may be given several times.",
    ),
    option("--ignore", multiple=True, metavar="NAME", help="Not this check, child table or table.column."),
)

choosing_options: Callable[[Any], Any] = several(
    scope_options,
    option(
        "--on-orphan",
        type=click.Choice(["delete", "set-null", "set-default", "keep"]),
        help="One fix for all orphans; what loses its parent by a delete goes as ON DELETE says.",
    ),
    option(
        "--set",
        multiple=True,
        metavar="TABLE.COLUMN=FIX",
        help="The fix for one relationship: delete, set-null, set-default, keep, or update:VALUE.",
    ),
    option(
        "--allow-mass-delete",
        is_flag=True,
        help="Also the fixes that are held back because they look like lost parents, or take most of a table.",
    ),
)


def scope_of(select: Iterable[str], ignore: Iterable[str]) -> Scope:
    """The scope that --select and --ignore name; one value may hold several names, separated by commas."""
    return Scope(tuple(_names(select)), tuple(_names(ignore)))


def _names(values: Iterable[str]) -> Iterator[str]:
    for value in values:
        # a comma also stands between the columns of a composite key: t.a,b
        yield from [value] if "." in value else [name.strip() for name in value.split(",") if name.strip()]


def policy_of(
    select: Iterable[str], ignore: Iterable[str], on_orphan: str | None, choices: Iterable[str], allow_mass_delete: bool
) -> Policy:
    """The policy that the choosing options make up.

    Raises:
        Refused: for a ``--set`` that cannot be understood.
    """
    from sqlfix.plan.policy import Policy

    return Policy(scope_of(select, ignore), on_orphan, tuple(_choice(text) for text in choices), allow_mass_delete)


def _choice(text: str) -> tuple[str, Choice]:
    from sqlfix.plan.policy import FIX_NAMES

    if not is_text(text):
        raise Refused(f"--set {text}: that is no valid text", "bytes that are no text are written as a BLOB: x'…'")
    words = "|".join([*FIX_NAMES, "keep", "value"])
    match = re.fullmatch(rf"(?s)(?P<target>.+?\..+?)=(?P<word>{words})(?::(?P<value>.*))?", text)
    if match is None:
        target, _, fix = text.rpartition("=")
        unknown = f"there is no fix {fix}" if "." in target else "that is not TABLE.COLUMN=FIX"
        raise Refused(
            f"--set {text}: {unknown}",
            "for example --set orders.customer_id=update:42; or =delete, =set-null, =set-default, =keep",
        )
    word, value = match["word"], match["value"]
    word = "update" if word == "value" else word  # of a column that refers to nothing, it says it better
    if (word == "update") != (value is not None):
        raise Refused(
            f"--set {text}: {'update needs the key of a parent' if word == 'update' else f'{word} takes no value'}",
            "for example --set orders.customer_id=update:42",
        )
    return match["target"], Choice(word, tuple(parts(value)) if value is not None else ())


# -- the database -------------------------------------------------------------------------------------------------


def find_databases(given: Iterable[str]) -> list[Path]:
    """The databases that are named, or else $SQLFIX_DATABASE, or else the only SQLite file in this folder.

    Raises:
        NotADatabase: where a name is empty, or none is named and there is none, or more than one, to choose from.
    """
    given = list(given)
    if "" in given:  # another file must not stand in for the one that was meant
        raise NotADatabase("the name of the database is empty", "is a variable unset that should hold it?")
    named = [Path(name) for name in given] or [Path(name) for name in [os.environ.get(f"{PREFIX}_DATABASE")] if name]
    if named:
        return named
    found = sorted(path for path in Path().iterdir() if is_sqlite_file(path) and not _is_backup(path))
    if len(found) == 1:
        click.echo(f"using {_shown(found[0].name)}, the only SQLite file in this folder", err=True)
        return found
    if not found:
        raise NotADatabase("no database was named, and this folder has no SQLite file", "sqlfix COMMAND path/to/file")
    names = ", ".join(_shown(path.name) for path in found[:10]) + (", …" if len(found) > 10 else "")
    raise NotADatabase(f"no database was named, and this folder has {len(found)} SQLite files: {names}", "name one")


def where_files_go(database: Path) -> Path:
    """The path beside which a backup and a record are made: for a link, that of what it leads to."""
    return database.resolve() if database.is_symlink() else database


def _is_backup(path: Path) -> bool:
    """True for a backup or a record that a repair made, while the database that it was made of lies beside it."""
    made = r"(.+)\.(backup-\d{8}T\d{6}Z(-\d+)?|sqlfix-\d{8}T\d{6}Z(-\d+)?\.sqlite3)"
    match = re.fullmatch(made, path.name, re.DOTALL)
    return match is not None and is_sqlite_file(path.with_name(match[1]))


def _shown(text: str) -> str:
    return shown(text)


# -- the screen ---------------------------------------------------------------------------------------------------


def view_of(verbose: int) -> View:
    """How the output is looked at: the terminal's width, or 80 columns; colour only on a terminal without NO_COLOR."""
    import shutil

    terminal = sys.stdout.isatty()
    width = shutil.get_terminal_size((80, 24)).columns if terminal else _columns()
    return View(
        width=max(width, 40),
        colour=terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb",
        unicode=_writes_unicode(),
        verbose=verbose,
    )


def _columns() -> int:
    columns = os.environ.get("COLUMNS", "")
    return int(columns) if columns.isdecimal() else 80


def _writes_unicode() -> bool:
    try:
        "→…".encode(sys.stdout.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def write(pieces: Iterable[str], file: Any = None) -> None:
    """Write text piece by piece to stdout or a file, as it comes."""
    out = file or sys.stdout
    for piece in pieces:
        out.write(piece)
    out.flush()


class Progress:
    """One line on stderr that says what is being worked on; only on a terminal, and only after a second of work."""

    def __init__(self, quiet: bool = False) -> None:
        self.quiet = quiet
        self._on = sys.stderr.isatty() and not quiet
        self._begun = self._stage = time.monotonic()
        self._done = self._last = 0.0
        self._text = ""
        self._shown = False

    def say(self, text: str) -> None:
        """What is being worked on now."""
        self._text = text
        self.sign()

    def part(self, done: float, now: str) -> None:
        """Which part of a stage of a scan is done, and what it does now; the time left is that of the same speed.

        Where less is done than before, another stage has begun.
        """
        clock = time.monotonic()
        if done < self._done:
            self._stage = clock
        self._done = done
        spent = clock - self._stage
        left = f", {spent / done - spent:.0f} s left" if 0.02 < done < 1 else ""
        self._text = f"{100 * done:.0f} %{left}: {now}"

    def sign(self) -> None:
        """Called often while work goes on; draws the line anew a few times a second."""
        now = time.monotonic()
        if not self._on or now - self._begun < 1 or now - self._last < 0.2:
            return
        self._last = now
        self._shown = True
        sys.stderr.write(f"\r\x1b[K{_fitting(self._text, f' … {now - self._begun:.0f} s')}")
        sys.stderr.flush()

    def clear(self) -> None:
        """Take the line away again."""
        if self._shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
            self._shown = False

    def end(self) -> None:
        """Take the line away for good: something else is written to the terminal now."""
        self.clear()
        self._on = False


def _fitting(text: str, rest: str) -> str:
    """As much of a text as stands on one line of the terminal, and what has to follow it."""
    try:
        width = min(os.get_terminal_size(sys.stderr.fileno()).columns or 80, 80)
    except OSError:
        width = 80
    text = shown(text)
    while text and cells(text) + len(rest) >= width:
        text = text[:-1]
    return text + rest
