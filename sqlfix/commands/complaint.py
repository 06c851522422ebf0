"""How an error is told: by every command for one of several databases, by the command line for all else."""

from __future__ import annotations

import contextlib
import os

import click

from sqlfix.errors import SqlfixError


def complain(error: SqlfixError) -> None:
    """An error in one line on stderr, and its hint in another; nowhere, if stderr cannot be written."""
    from sqlfix.text import shown

    color = False if os.environ.get("NO_COLOR") else None
    with contextlib.suppress(OSError):
        click.secho("error: ", fg="red", bold=True, err=True, nl=False, color=color)
        click.echo(shown(error.message), err=True)
        if error.hint:
            click.echo(f"hint: {shown(error.hint)}", err=True)
