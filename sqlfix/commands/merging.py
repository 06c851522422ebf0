"""`--merge`, as `repair` and `export-sql` both take it: merging rows that are the same."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from sqlfix.commands.beside import refuse_beside, refuse_typed
from sqlfix.commands.opening import opened
from sqlfix.commands.options import Progress, option
from sqlfix.commands.planning import Planned
from sqlfix.errors import Refused
from sqlfix.model.schema import Schema, Table
from sqlfix.plan.merge_plan import merge_plan, require_finished
from sqlfix.plan.merge_rows import Group, group_of, only_part
from sqlfix.schema.assumptions import named_columns
from sqlfix.schema.leftovers import CHECK
from sqlfix.sql.literals import quote
from sqlfix.sql.predicates import affinity
from sqlfix.sql.typed_values import as_sql, parts

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
        metavar="TABLE.COLUMN[,COLUMN][=VALUE]",
        help="Instead of all else: merge the rows that have the same values in these columns, or just this value.",
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
    with opened(path, timeout, progress) as database:
        connection, schema = database.connection, database.schema
        group = _named_group(connection, schema, text)
        if group.index and not backup:
            raise Refused(f"without a backup it could not be taken back: {group.index[0]} forbids the rows that go")
        if not finished:
            require_finished(connection, schema, group)
        return Planned(merge_plan(connection, schema, database.name, group, keep), schema)


def _named_group(connection: sqlite3.Connection, schema: Schema, text: str) -> Group:
    """The rows that ``table.column[,column]`` means, or ``table.column[,column]=value[,value]``.

    Raises:
        Refused: where there are no such columns, or rows with the same values there are not the same.
    """
    columns, values = _columns_and_values(schema, text)
    group = group_of(connection, schema, *columns)
    table, names = columns
    if reason := only_part(table, names):
        raise Refused(
            f"--merge {text}: {reason}: rows with the same {', '.join(names)} are not the same",
            "name all columns that make rows the same",
        )
    if values is None:
        return group
    kinds = [affinity(column, table.strict) for name in names if (column := table.column(name))]
    wanted = [as_sql(value, kind) for value, kind in zip(values, kinds, strict=True)]
    if "NULL" in wanted:
        raise Refused(f"--merge {text}: rows with NULL are never the same", "the text is written 'NULL'")
    terms = [next(term for term in group.terms if term.startswith(f"{quote(name)} COLLATE ")) for name in names]
    equal = (f"{term} = {value}" for term, value in zip(terms, wanted, strict=True))
    return replace(group.where_too(f"({' AND '.join(equal)})"), by_value=True)


def _columns_and_values(schema: Schema, text: str) -> tuple[tuple[Table, tuple[str, ...]], list[str] | None]:
    """What stands before an equals sign and after it; a name may hold one as well."""
    try:
        return named_columns(schema, text, "--merge"), None
    except Refused as refused:
        for place in (place for place, character in enumerate(text) if character == "="):
            with contextlib.suppress(Refused):
                columns = named_columns(schema, text[:place], "--merge")
                break
        else:
            raise refused
    values = parts(text[place + 1 :])
    if len(values) != len(columns[1]):
        needed = "a value is" if len(columns[1]) == 1 else f"{len(columns[1])} values are"
        raise Refused(f"--merge {text}: {needed} needed for {', '.join(columns[1])}")
    return columns, values
