"""Options that mean nothing beside others: they are refused, since what is passed over in silence seems to hold.

What comes from the environment stands for many commands. There an option that only says how something is done (where a
backup goes, say) is passed over where it is not done; one that would make it another thing is refused from there too.
"""

from __future__ import annotations

from collections.abc import Iterable

import click

from sqlfix.errors import Refused

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
            raise Refused(said, _where_from(context, name) if source == ENVIRONMENT else None)


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
            theirs = beside is not None and context.get_parameter_source(beside) == ENVIRONMENT
            raise Refused(
                f"{_typed(context, name)} {because}", _where_from(context, beside) if beside and theirs else None
            )


def hint_where_from(context: click.Context, name: str) -> str | None:
    """What to do about an option that comes from the environment; None of one that was typed."""
    return _where_from(context, name) if context.get_parameter_source(name) == ENVIRONMENT else None


def _where_from(context: click.Context, name: str) -> str:
    return f"${_parameter(context, name).envvar} in the environment sets {_typed(context, name)}: unset it"


def _parameter(context: click.Context, name: str) -> click.Parameter:
    return next(parameter for parameter in context.command.params if parameter.name == name)


def _typed(context: click.Context, name: str) -> str:
    """The option as it was meant: of --backup/--no-backup the one whose value it has."""
    parameter = _parameter(context, name)
    opposite = parameter.secondary_opts and context.params[name] is False
    spellings = parameter.secondary_opts if opposite else parameter.opts
    return next(spelling for spelling in spellings if spelling.startswith("--"))
