"""The rows that got a parent by rows that a repair added, or by keys that it set right: an undo may leave these without
one, as they were before.

Nothing of such a row changes, so it is in no archive. The record names them by what tells a row from another, and with
the key that they had: a row that was pointed to such a parent since is not to lose it.
"""

import json
import sqlite3
from collections.abc import Iterable

from sqlfix.model.plans import Plan
from sqlfix.model.schema import ForeignKey, Schema
from sqlfix.model.values import folded
from sqlfix.repair import stored_rows
from sqlfix.repair.archive import Adopted, Archive, is_value
from sqlfix.sql.literals import free_name, quote
from sqlfix.sql.predicates import is_row, orphan, stored
from sqlfix.sqlite.failures import require_refusal

LIST = "adopted"
"""The table of a record that lists the relationships."""


def gathered(schema: Schema, adopted: Adopted) -> str:
    """The temporary table that holds them while a repair runs."""
    return "temp." + free_name(schema, f"sqlfix_adopted_{adopted.number}")


def note_orphans(connection: sqlite3.Connection, schema: Schema, plan: Plan) -> tuple[Adopted, ...]:
    """Gather the orphans that may find a parent in what a plan adds or changes, before anything is changed."""
    growing = {folded(total.table) for total in plan.totals if total.added}
    written = {(folded(fix.table), folded(name)) for fix in plan.fixes for name in fix.written}
    sound = {
        fk.subject: fk
        for fk in schema.foreign_keys
        if fk.fault is None
        and (
            folded(fk.parent) in growing
            or any((folded(fk.parent), folded(name)) in written for name in fk.parent_columns)
        )
    }
    found = []
    for number, fk in enumerate(sound.values(), 1):
        child = schema.known_table(fk.child)
        if not child.row_id:
            continue
        adopted = Adopted(number, fk.subject, child.row_id)
        values = [f"+c.{quote(name)} COLLATE BINARY" for name in (*child.row_id, *fk.child_columns)]
        listed = ", ".join(f"{value} AS {name}" for value, name in zip(values, adopted.columns, strict=True))
        query = f"SELECT {listed} FROM {stored(child, 'c')} WHERE {orphan(schema, fk)}"
        try:
            connection.execute(f"CREATE TEMP TABLE {gathered(schema, adopted).removeprefix('temp.')} AS {query}")
        except sqlite3.OperationalError as error:  # a collation that only the application has
            require_refusal(error)
            continue
        found.append(adopted)
    return tuple(found)


def leave_the_adopted(connection: sqlite3.Connection, schema: Schema, some: Iterable[Adopted]) -> None:
    """Of the rows that were gathered forget those that are gone, and those that still have no parent."""
    keys = schema.usable_keys()
    for adopted in some:
        fk, child = keys[adopted.subject], schema.known_table(adopted.subject[0])
        row = is_row(child, "c", [f"a.{key}" for key in adopted.keys])
        there = f"SELECT 1 FROM {quote(child.name)} AS c WHERE {row} AND NOT ({orphan(schema, fk)})"
        connection.execute(f"DELETE FROM {gathered(schema, adopted)} AS a WHERE NOT EXISTS ({there})")


def is_adopted(adopted: Adopted, record: str, fk: ForeignKey) -> str:
    """True where ``c`` is one of these rows in an attached record, with the key that it had."""
    pairs = [*zip(adopted.keys, adopted.row_id, strict=True)]
    pairs += zip(adopted.columns[len(adopted.keys) :], fk.child_columns, strict=True)
    same = " AND ".join(is_value(f"a.{ours}", f"c.{quote(theirs)}") for ours, theirs in pairs)
    return f"EXISTS (SELECT 1 FROM {record}.{adopted.table} AS a WHERE {same})"


# -- in a record ----------------------------------------------------------------------------------------------------


def write_adopted(archive: Archive, record: sqlite3.Connection) -> None:
    """Write into a record which rows got a parent, and of which relationships."""
    if not archive.adopted:
        return
    record.execute(f"CREATE TABLE {LIST} (number INTEGER PRIMARY KEY, relationship TEXT, row_id TEXT)")
    for adopted in archive.adopted:
        told = (adopted.number, json.dumps(adopted.subject), json.dumps(adopted.row_id))
        record.execute(f"INSERT INTO {LIST} VALUES (?, ?, ?)", told)
        columns = ", ".join(adopted.columns)
        record.execute(f"CREATE TABLE {adopted.table} ({columns}, PRIMARY KEY ({', '.join(adopted.keys)}))")
        source = gathered(archive.schema, adopted)
        stored_rows.copy(archive.connection, source, adopted.columns, record, adopted.table)


def read_list(record: sqlite3.Connection) -> tuple[Adopted, ...]:
    """The relationships that a record lists; none of one that has no such list.

    Raises:
        ValueError: where it does not hold together.
    """
    if not record.execute(f"SELECT 1 FROM sqlite_master WHERE name = '{LIST}'").fetchone():
        return ()
    found = []
    for number, relationship, row_id in record.execute(f"SELECT number, relationship, row_id FROM {LIST}"):
        child, columns, parent, parent_columns = json.loads(relationship)
        adopted = Adopted(number, (child, tuple(columns), parent, tuple(parent_columns)), tuple(json.loads(row_id)))
        has = [row[1] for row in record.execute(f"PRAGMA main.table_xinfo({adopted.table})")]
        if has != adopted.columns or not adopted.row_id:
            raise ValueError(f"its rows of {child} have other columns than it says")
        found.append(adopted)
    return tuple(found)
