"""The options that commands share, each group of them with the value that it fills; and which file is meant."""

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import MISSING, dataclass, fields, is_dataclass, replace
from functools import cache, cached_property, wraps
from pathlib import Path
from typing import Any, TypeVar, get_type_hints

import click

from sqlfix.commands.screen import Progress, view_of, write
from sqlfix.errors import NotADatabase, Refused
from sqlfix.prose.format import View, formats_of, writer, written
from sqlfix.scan.scope import Scope
from sqlfix.schema.database import Database, open_database
from sqlfix.sqlite.odd_files import is_sqlite_file
from sqlfix.text import shown

Command = TypeVar("Command", bound=Callable[..., Any])
Filled = TypeVar("Filled")
PREFIX = "SQLFIX"


def option(*names: str, **settings: Any) -> Callable[[Command], Command]:
    """A click option that can also come from the environment: ``--fail-on`` from SQLFIX_FAIL_ON."""
    long = next(name for name in names if name.startswith("--")).split("/")[0]
    settings.setdefault("envvar", f"{PREFIX}_{long[2:].replace('-', '_').upper()}")
    return click.option(*names, cls=click.Option if "flag_value" in settings else _Option, **settings)


class _Option(click.Option):
    """An option whose value is not blank: something else must not stand in for what was meant.

    Of ``--this/--no-this`` not both can be given: neither may win in silence.
    """

    def add_to_parser(self, parser: Any, ctx: click.Context) -> None:
        """Have the parser gather all that is given of a pair."""
        if not self.secondary_opts:
            super().add_to_parser(parser, ctx)
            return
        for names, value in ((self.opts, True), (self.secondary_opts, False)):
            parser.add_option(obj=self, opts=names, dest=self.name, action="append_const", const=value)

    def consume_value(self, ctx: click.Context, opts: Mapping[str, Any]) -> Any:
        """What is given, wherever it comes from, and where that is."""
        given = opts.get(self.name or "")
        if self.secondary_opts and isinstance(given, list):
            if len({*given}) > 1:
                raise Refused(f"{self.opts[0]} and {self.secondary_opts[0]} contradict each other")
            opts = {**opts, str(self.name): given[0]}
        return super().consume_value(ctx, opts)

    def type_cast_value(self, ctx: click.Context, value: Any) -> Any:
        """The value, as the option's type makes it of what was typed."""
        for one in value if isinstance(value, tuple | list) else (value,):
            if isinstance(one, str) and not one.strip(" ,"):
                raise click.BadParameter("it is empty; is a variable unset that should hold it?", ctx, self)
        return super().type_cast_value(ctx, value)


def several(*decorators: Callable[[Command], Command]) -> Callable[[Command], Command]:
    """Decorators in the order in which they are written."""

    def decorate(command: Command) -> Command:
        for decorator in reversed(decorators):
            command = decorator(command)
        return command

    return decorate


def filling(function: Callable[..., None]) -> Callable[..., None]:
    """Hand to a command its ``context`` and what was given, as `filled` does; to be written last, under the options."""

    @wraps(function)
    def command(**given: Any) -> None:
        filled(function, {**given, "context": click.get_current_context()})

    return command


def filled(made: Callable[..., Filled], given: Mapping[str, Any]) -> Filled:
    """What a function gives for options by the names of its parameters, or a dataclass of them, by those of its fields.

    What is no option is a dataclass of further ones.
    """
    usual: set[str] = {"return"}
    if is_dataclass(made):
        usual = {field.name for field in fields(made) if field.default is not MISSING}
    kinds = {name: kind for name, kind in _hints(made).items() if name in given or name not in usual}
    return made(**{name: given[name] if name in given else filled(kind, given) for name, kind in kinds.items()})


_hints = cache(get_type_hints)  # it compiles each annotation anew

# -- what to read, and how it is shown ------------------------------------------------------------------------------

database_type = click.Path(readable=False)
"""A path that nothing is asked of yet: the type is there for the completion of file names by the shell."""


def last_argument(name: str, metavar: str, type: click.Path | None = None) -> Callable[[Command], Command]:
    """A click argument behind DATABASE, which it needs not: given alone, it is what it says, and no database."""

    def given(context: click.Context, parameter: click.Parameter, value: Any) -> Any:
        alone = context.params.get("database")
        if value is None and alone is not None and (type or not is_sqlite_file(Path(alone))):
            context.params["database"] = None
            value = parameter.type_cast_value(context, alone)
        if value is None:
            raise click.MissingParameter(ctx=context, param=parameter)
        return value

    return click.argument(name, metavar=metavar, type=type, required=False, callback=given)


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
quiet_option: Callable[[Any], Any] = option("-q", "--quiet", is_flag=True, help="No progress, no notes, no advice.")


def format_option(kind: type, help: str) -> Callable[[Any], Any]:
    """Add ``--format``: its choices are the formats that can write documents of a kind."""
    return option("--format", type=_FormatOf(kind), default="table", show_default=True, help=help)


def output_options(kind: type, help: str, more: str = "all relationships, and sample rows") -> Callable[[Any], Any]:
    """Add ``--format``, ``--timeout``, ``--verbose``, which shows ``more``, and ``--quiet``."""
    verbose = option("-v", "--verbose", count=True, help=f"Show more: {more}.")
    return several(format_option(kind, help), timeout_option, verbose, quiet_option)


class _FormatOf(click.Choice[str]):
    """The name of a format that can write documents of a kind; without a need, no other format is loaded."""

    def __init__(self, kind: type) -> None:
        self._kind = kind
        self.case_sensitive = True

    @property
    def choices(self) -> tuple[str, ...]:  # type: ignore[override]
        return formats_of(self._kind)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        try:
            writer(value, self._kind)
        except Refused as refused:
            self.fail(refused.message, param, ctx)
        return str(value)


@dataclass(frozen=True, eq=False, repr=False)
class FileOptions:
    """Which file, how many seconds its lock is waited for, and how what is said of it is shown.

    ``database`` is the path as it was typed; without it the file is looked for: see `find_databases`. ``follows`` is
    that of `View`.
    """

    database: str | None = None
    format: str = "table"
    timeout: float = 5.0
    verbose: int = 0
    quiet: bool = False
    follows: bool = False

    @cached_property
    def path(self) -> Path:
        """The path of the file."""
        return find_databases([] if self.database is None else [self.database])[0]

    @cached_property
    def view(self) -> View:
        """How the output is looked at."""
        return replace(view_of(self.verbose), follows=self.follows)

    @cached_property
    def progress(self) -> Progress:
        """The line of progress."""
        return Progress(self.quiet)

    def write(self, document: object) -> None:
        """Write a document to stdout, in the format that was asked for."""
        write(written(self.format, document, self.view))


# -- the scope ------------------------------------------------------------------------------------------------------

scope_options: Callable[[Any], Any] = several(
    option(
        "--select",
        multiple=True,
        metavar="NAME",
        help="Only this check (such as orphan-rows), child table or table.column; can be repeated.",
    ),
    option(
        "--ignore",
        multiple=True,
        metavar="NAME",
        help="Leave out this check, child table or table.column; can be repeated.",
    ),
)


def scope_of(select: Iterable[str], ignore: Iterable[str]) -> Scope:
    """The scope that --select and --ignore name; one value may hold several names, separated by commas."""
    return Scope(tuple(_names(select)), tuple(_names(ignore)))


def _names(values: Iterable[str]) -> Iterator[str]:
    for value in values:
        # a comma also stands between the columns of a composite key: t.a,b
        yield from [value] if "." in value else [name.strip() for name in value.split(",") if name.strip()]


# -- the database ---------------------------------------------------------------------------------------------------


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
        click.echo(f"using {shown(found[0].name)}, the only SQLite file in this folder", err=True)
        return found
    if not found:
        raise NotADatabase("no database was named, and this folder has no SQLite file", "sqlfix COMMAND path/to/file")
    names = ", ".join(shown(path.name) for path in found[:10]) + (", …" if len(found) > 10 else "")
    raise NotADatabase(f"no database was named, and this folder has {len(found)} SQLite files: {names}", "name one")


def _is_backup(path: Path) -> bool:
    """True for a backup or a record that a repair made, while the database that it was made of lies beside it."""
    made = r"(.+)\.(backup-\d{8}T\d{6}Z(-\d+)?|sqlfix-\d{8}T\d{6}Z(-\d+)?\.sqlite3)"
    match = re.fullmatch(made, path.name, re.DOTALL)
    return match is not None and is_sqlite_file(path.with_name(match[1]))


# -- options that mean nothing beside others: what is passed over in silence seems to hold ------------------------
# What comes from the environment stands for many commands. There an option that only says how something is done (where
# a backup goes, say) is passed over where it is not done; one that would make it another thing is refused from there
# too.

COMMAND_LINE = click.core.ParameterSource.COMMANDLINE
ENVIRONMENT = click.core.ParameterSource.ENVIRONMENT


def refuse_beside(context: click.Context, option: str, others: Iterable[str], because: str = "") -> None:
    """Raise Refused for each of some options that is given as well, wherever it comes from.

    Args:
        option: what it is beside, as it is typed.
        others: the names of the parameters.
        because: why, in words that follow the option.
    """
    for name in others:
        source = context.get_parameter_source(name)
        is_default = context.params[name] == _parameter(context, name).get_default(context)
        if source == COMMAND_LINE or (source == ENVIRONMENT and not is_default):
            typed = _typed(context, name)
            said = f"{typed} {because}" if because else f"{typed} and {option} contradict each other"
            raise Refused(said, hint_where_from(context, name))


def refuse_both(context: click.Context, one: str, other: str) -> None:
    """Raise Refused where both of two flags are set; it names the one that comes from the environment first."""
    if context.params[one] and context.params[other]:
        first, second = (one, other) if context.get_parameter_source(one) == ENVIRONMENT else (other, one)
        refuse_beside(context, _typed(context, second), [first])


def refuse_typed(context: click.Context, others: Iterable[str], because: str, beside: str | None = None) -> None:
    """Raise Refused for each of some options that only say how something is done, where they are typed in vain.

    Args:
        others: the names of the parameters.
        because: why, in words that follow the option.
        beside: the parameter that makes it so, if one does.
    """
    for name in others:
        if context.get_parameter_source(name) == COMMAND_LINE:
            raise Refused(f"{_typed(context, name)} {because}", hint_where_from(context, beside) if beside else None)


def hint_where_from(context: click.Context, name: str) -> str | None:
    """What to do about an option that comes from the environment; None of one that was typed."""
    if context.get_parameter_source(name) != ENVIRONMENT:
        return None
    return f"${_parameter(context, name).envvar} in the environment sets {_typed(context, name)}: unset it"


def _parameter(context: click.Context, name: str) -> click.Parameter:
    return next(parameter for parameter in context.command.params if parameter.name == name)


def _typed(context: click.Context, name: str) -> str:
    """The option as it was meant: of --backup/--no-backup the one whose value it has."""
    parameter = _parameter(context, name)
    opposite = parameter.secondary_opts and context.params[name] is False
    spellings = parameter.secondary_opts if opposite else parameter.opts
    return next(spelling for spelling in spellings if spelling.startswith("--"))


# -- opening: with the line of progress, and the note of what was unusual about it --------------------------------


@contextmanager
def opened(file: FileOptions, threads: int | None = None, noted: bool = True) -> Iterator[Database]:
    """A database that is open to be read; the line of progress is taken away at the end, however it ends.

    Args:
        threads: as for `open_database`.
        noted: say on stderr what was unusual about opening it.

    Raises:
        SqlfixError: where the file cannot be read.
    """
    try:
        with open_database(file.path, file.timeout, file.progress.sign, threads) as database:
            if noted:
                tell_note(database.name, database.note)
            yield database
    finally:
        file.progress.clear()


def tell_note(name: str, note: str | None) -> None:
    """Say on stderr what was unusual about opening a file, if anything was."""
    if note:
        click.echo(f"note: {shown(name)}: {note}", err=True)
