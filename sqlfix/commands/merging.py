"""`--merge`, as `repair` and `export-sql` both take it: merging rows that are the same."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from sqlfix.commands.beside import refuse_beside, refuse_typed
from sqlfix.commands.options import Progress, option
from sqlfix.commands.planning import Planned
from sqlfix.database import plain_errors, reading
from sqlfix.display import shown
from sqlfix.errors import Refused
from sqlfix.leftovers import CHECK
from sqlfix.merge import group_of
from sqlfix.merge_plan import merge_plan, require_finished
from sqlfix.schema import read_schema
from sqlfix.wanted import named_columns

NOT_BESIDE = ("select", "ignore", "on_orphan", "set", "allow_mass_delete")


def merging_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--merge`` and ``--keep``."""
    function = option(
        "--keep",
        type=click.Choice(["first", "last", "most-referenced"]),
        default="most-referenced",
        show_default=True,
        help="With --merge: which row of those with the same values stays.",
    )(function)
    return option(
        "--merge",
        metavar="TABLE.COLUMN[,COLUMN]",
        help="Instead of all else: merge the rows that have the same values in these columns.",
    )(function)


def refuse_keep_alone(context: click.Context) -> None:
    """Raise Refused for ``--keep`` without ``--merge``."""
    refuse_typed(context, ["keep"], "means nothing without --merge")


def plan_of_merge(
    context: click.Context, path: Path, text: str, keep: str, backup: bool, timeout: float, progress: Progress
) -> Planned:
    """The plan that merges the rows of a table that are the same in some columns, read only.

    Raises:
        SqlfixError: where they cannot be merged, the file cannot be read, or another option does not go with it.
    """
    finished = context.params["ignore"] == (CHECK,)
    others = [name for name in NOT_BESIDE if name != "ignore" or not finished]
    refuse_beside(context, "--merge", others, "is for all other repairs, and not for --merge")
    progress.say("looking for rows that are the same, and what refers to them")
    try:
        with reading(path, timeout, progress.sign) as opened, plain_errors(path):
            if opened.note:
                click.echo(f"note: {shown(str(path))}: {opened.note}", err=True)
            schema = read_schema(opened.connection)
            table, columns = named_columns(schema, text, "--merge")
            group = group_of(opened.connection, schema, table, columns)
            if group.index and not backup:
                raise Refused(f"without a backup it could not be taken back: {group.index[0]} forbids the rows that go")
            if not finished:
                require_finished(opened.connection, schema, group)
            plan = merge_plan(opened.connection, schema, str(path), group, keep)
    finally:
        progress.clear()
    return Planned(plan, schema)
