"""Which rows `--merge` names, and the plan that merges them; nothing is written."""

from __future__ import annotations

from dataclasses import replace

from sqlfix.errors import Refused
from sqlfix.model.findings import SameRows
from sqlfix.model.plans import Plan
from sqlfix.model.schema import Schema
from sqlfix.plan.merge_plan import merge_plan, require_finished
from sqlfix.plan.merge_rows import group_of
from sqlfix.scan.same_rows import only_part, where_too
from sqlfix.schema.database import Database
from sqlfix.schema.names import Place, columns_named, require_columns
from sqlfix.sql.literals import quote
from sqlfix.sql.predicates import affinity
from sqlfix.sql.typed_values import as_sql, parts


def merge(
    database: Database, text: str, keep: str = "most-referenced", finished: bool = False, backup: bool = True
) -> Plan:
    """Plan to merge the rows of a table that are the same in some columns.

    Args:
        text: ``table.column[,column]``, or ``table.column[,column]=value[,value]`` for those with just these values.
        keep: which row of each group stays: ``first``, ``last`` or ``most-referenced``.
        finished: the table is known not to be left over from a migration that was cut off.
        backup: one will be made; without it, what could not be taken back is refused.

    Raises:
        SqlfixError: where they cannot be merged, or the file cannot be read.
    """
    group = _named_group(database, text)
    if group.index and not backup:
        raise Refused(
            f"without a backup it could not be undone: {group.index[0]} forbids the rows that would be deleted"
        )
    if not finished:
        require_finished(database, group)
    return replace(merge_plan(database, group, keep), schema=database.schema)


def _named_group(database: Database, text: str) -> SameRows:
    """The rows that ``table.column[,column]`` means, or ``table.column[,column]=value[,value]``.

    Raises:
        Refused: where there are no such columns, or rows with the same values there are not the same.
    """
    (table, names), values = _columns_and_values(database.schema, text)
    group = group_of(table, names)
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
        raise Refused(f"--merge {text}: rows with NULL are never the same", "write the text as 'NULL'")
    terms = [next(term for term in group.terms if term.startswith(f"{quote(name)} COLLATE ")) for name in names]
    equal = (f"{term} = {value}" for term, value in zip(terms, wanted, strict=True))
    return replace(where_too(group, f"({' AND '.join(equal)})"), by_value=True)


def _columns_and_values(schema: Schema, text: str) -> tuple[Place, list[str] | None]:
    """What stands before an equals sign and after it; a name may hold one as well."""
    if "=" not in text or columns_named(schema, text, "--merge"):
        return require_columns(schema, text, "--merge"), None
    cuts = (at for at, character in enumerate(text) if character == "=" and columns_named(schema, text[:at], "--merge"))
    place = next(cuts, len(text))
    columns = require_columns(schema, text[:place], "--merge")
    values = parts(text[place + 1 :])
    if len(values) != len(columns[1]):
        needed = "a value is" if len(columns[1]) == 1 else f"{len(columns[1])} values are"
        raise Refused(f"--merge {text}: {needed} needed for {', '.join(columns[1])}")
    return columns, values
