"""`sqlfix checks`: what a scan looks for."""

import click

from sqlfix.commands.options import FileOptions, format_option
from sqlfix.errors import Refused
from sqlfix.prose.format import Checks
from sqlfix.scan.check import CHECKS
from sqlfix.text import did_you_mean


@click.command("checks")
@click.argument("name", required=False)
@format_option(Checks, "Format of the list or the page.")
def command(name: str | None, format: str) -> None:
    """List the checks of a scan, or print the page of one.

    The page of a check says what it finds, why that matters, how it is repaired and what a repair loses. Use
    the names with --select and --ignore.

    Exit code: 0; 2 there is no check of that name.
    """
    if name is not None and name not in CHECKS.names():
        known = did_you_mean(name, CHECKS.names(), f"the checks are {', '.join(CHECKS.names())}")
        raise Refused(f"there is no check called {name}", known)
    FileOptions(format=format).write(Checks((name,), True) if name else Checks(CHECKS.names()))
