"""`sqlfix fixes`: what a repair can do, in the order of preference."""

import click

from sqlfix.commands.options import FileOptions, format_option
from sqlfix.errors import Refused
from sqlfix.plan.fix import FIXES, by_preference
from sqlfix.prose.format import Fixes
from sqlfix.text import did_you_mean


@click.command("fixes")
@click.argument("name", required=False)
@format_option(Fixes, "Format of the list or the page.")
def command(name: str | None, format: str) -> None:
    """List the fixes of a repair, or print the page of one.

    They are listed in the order of preference: first those that are lossless, then those that lose the least. The
    schema's own ON DELETE or your choice decides which one is used; `sqlfix repair --only lossless` leaves out all that
    lose something.

    Exit code: 0; 2 there is no fix of that name.
    """
    if name is not None and name not in FIXES.names():
        known = did_you_mean(name, FIXES.names(), f"the fixes are {', '.join(FIXES.names())}")
        raise Refused(f"there is no fix called {name}", known)
    FileOptions(format=format).write(Fixes((name,), True) if name else Fixes(by_preference()))
