"""The orphans that were there before: told row by row from those that a change makes.

A count does not tell them apart: where one row finds its parent and another one loses its own, it stays the same.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlfix.model.plans import OldOrphans
from sqlfix.model.schema import ForeignKey, Schema, Table
from sqlfix.model.values import folded
from sqlfix.sql.literals import quote
from sqlfix.sql.own_names import free_name
from sqlfix.sql.predicates import gathered_keys, is_gathered, orphan
from sqlfix.sql.statements import gather

MOST_COLUMNS = 100
"""By how many columns rows are told apart at most, where they have no key that stays."""
MOST_INDEXED = 8


def old_orphans(schema: Schema, fk: ForeignKey, number: int, written: Collection[str], besides: str = "") -> OldOrphans:
    """How to gather the orphans of a relationship, and how to count those that are none of them afterwards.

    A row is known by what tells it from any other. Where the change writes that, or where there is none, it is known by
    the columns that are not written, and of rows that are alike in these there may be no more than before.

    Args:
        number: makes the name of the temporary table one of its own.
        written: the columns of the child that the change writes.
        besides: further SQL, beginning with AND, that is true of the rows ``c`` which count afterwards if not all do.
    """
    child, table = schema.known_table(fk.child), free_name(schema, f"sqlfix_orphans_{number}")
    changed = set(map(folded, written))
    orphans = f"FROM {quote(fk.child)} AS c WHERE {orphan(schema, fk)}"
    if child.row_id and not changed & set(map(folded, child.row_id)):
        return _by_key(child, table, orphans, besides)
    return _by_values(child, table, orphans, changed)


def _by_key(child: Table, table: str, orphans: str, besides: str) -> OldOrphans:
    keys = ", ".join(f"+c.{quote(name)} AS k{place}" for place, name in enumerate(child.row_id))
    return OldOrphans(
        table,
        gather(table, f"SELECT {keys} {orphans}", gathered_keys(child)),
        f"SELECT count(*) {orphans} AND NOT EXISTS (SELECT 1 FROM temp.{table} AS b WHERE"
        f" {is_gathered(child, 'b', 'c')}){besides}",
    )


def _by_values(child: Table, table: str, orphans: str, changed: set[str]) -> OldOrphans:
    stored = [column.name for column in child.columns if not column.generated and folded(column.name) not in changed]
    told = [f"+c.{quote(name)} COLLATE BINARY" for name in stored[:MOST_COLUMNS]] or ["1"]
    keys = [f"k{place}" for place in range(len(told))]
    named = ", ".join(f"{term} AS {key}" for term, key in zip(told, keys, strict=True))
    grouped = f"SELECT {named}, count(*) AS n {orphans} GROUP BY {', '.join(keys)}"
    same = " AND ".join(f"b.{key} IS g.{key}" for key in keys)
    before = f"ifnull((SELECT b.n FROM temp.{table} AS b WHERE {same}), 0)"
    return OldOrphans(
        table,
        gather(table, grouped, ", ".join(keys[:MOST_INDEXED])),
        f"SELECT ifnull(sum(n - before), 0) FROM (SELECT g.n AS n, {before} AS before FROM ({grouped}) AS g)"
        " WHERE n > before",
    )
