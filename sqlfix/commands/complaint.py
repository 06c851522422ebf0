"""How an error is told: by every command for one of several databases, by the command line for all else."""

import contextlib
import os
import sys
from collections.abc import Iterator

import click

from sqlfix.errors import SqlfixError


def complain(error: SqlfixError) -> None:
    """An error in one line on stderr, and its hint in another."""
    from sqlfix.text import shown

    color = False if os.environ.get("NO_COLOR") else None
    with if_it_can_be_told():
        click.secho("error: ", fg="red", bold=True, err=True, nl=False, color=color)
        click.echo(shown(error.message), err=True)
        if error.hint:
            click.echo(f"hint: {shown(error.hint)}", err=True)


@contextlib.contextmanager
def if_it_can_be_told() -> Iterator[None]:
    """What is written to stderr meanwhile is lost if that cannot be done: at a closed terminal, on a full disk.

    The exit code says it then; Python would end with another one if it could not write what is left at the end.
    """
    try:
        yield
    except OSError:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123
