"""That no row loses its parent by an undo, but those that it brings back as they were, or that had none before.

A row that was written since the repair may refer to what the repair made, or to a key that it gave a row.
"""

import sqlite3
from collections.abc import Iterable

from sqlfix.errors import Refused
from sqlfix.model.plans import OldOrphans
from sqlfix.model.schema import ForeignKey, Schema
from sqlfix.model.values import folded
from sqlfix.plan.rehearsal import old_orphans
from sqlfix.repair.adopted import is_adopted
from sqlfix.repair.archive import Archived, same_values
from sqlfix.repair.differences import keyed
from sqlfix.repair.matching import RECORD, clean, in_record, is_there, rows_of
from sqlfix.repair.record import Record
from sqlfix.sql.predicates import in_rows
from sqlfix.sqlite.failures import require_refusal


def note_orphans(
    connection: sqlite3.Connection, schema: Schema, record: Record
) -> tuple[tuple[ForeignKey, OldOrphans], ...]:
    """Gather the orphans of the relationships at risk, before anything is reversed.

    Those whose keys SQLite cannot compare here are left out.
    """
    records = {folded(archived.table): archived for archived in rows_of(record)}
    noted = []
    for number, fk in enumerate(list(at_risk(connection, schema, record))):
        child = records.get(folded(fk.child))
        if child is not None and child.told_by == "values":
            continue  # those that come back cannot be told from others that are alike
        back = _does_not_come_back(schema, child) if child is not None and is_there(schema, child) else ""
        back += "".join(
            f" AND CASE WHEN {is_adopted(adopted, RECORD, fk)} THEN 0 ELSE 1 END"
            for adopted in record.adopted
            if adopted.subject == fk.subject and adopted.row_id == schema.known_table(fk.child).row_id
        )
        orphans = old_orphans(schema, fk, number, (), back)
        try:
            for statement in orphans.gather:
                connection.execute(statement)
        except sqlite3.OperationalError as error:
            require_refusal(error)
            continue
        noted.append((fk, orphans))
    return tuple(noted)


def require_no_parent_lost(connection: sqlite3.Connection, noted: Iterable[tuple[ForeignKey, OldOrphans]]) -> None:
    """Compare the orphans that `note_orphans` gathered with those after a reversal, row by row.

    Raises:
        Refused: where a row has lost its parent.
    """
    for fk, orphans in noted:
        lost = int(connection.execute(orphans.broken_sql).fetchone()[0])
        connection.execute(f"DROP TABLE temp.{orphans.table}")
        if lost:
            rows, they = ("1 row", "it references") if lost == 1 else (f"{lost:,} rows", "they reference")
            raise Refused(
                f"{rows} of {fk.child} would lose the parent in {fk.parent}: by {', '.join(fk.child_columns)} {they}"
                " what the undo removes",
                "nothing was changed; point them to other rows first, or delete them",
            )


def at_risk(connection: sqlite3.Connection, schema: Schema, record: Record) -> Iterable[ForeignKey]:
    """The relationships into tables of which an undo takes rows away, or changes what is referred to.

    Whether a row loses its parent by that, only trying it out can tell.
    """
    records = {folded(archived.table): archived for archived in rows_of(record) if is_there(schema, archived)}
    sound = {fk.subject: fk for fk in schema.foreign_keys if fk.fault is None and folded(fk.parent) in records}
    return (fk for fk in sound.values() if _goes(connection, records[folded(fk.parent)], fk.parent_columns))


def _goes(connection: sqlite3.Connection, archived: Archived, columns: tuple[str, ...]) -> bool:
    """True if any row is taken away, or has other values in these columns again."""
    rows = in_record(archived)
    stored = set(archived.columns)
    same = same_values((rows.old(name), rows.new(name)) for name in columns if name in stored)
    changed = f"r.what = 'update' AND NOT ({same})" if stored.issuperset(columns) else "r.what = 'update'"
    query = (
        f"SELECT 1 FROM {rows.source} CROSS JOIN {clean(archived)} AS k ON k.number = r.rowid"
        f" WHERE r.what = 'insert' OR {changed} LIMIT 1"
    )
    return connection.execute(query).fetchone() is not None


def _does_not_come_back(schema: Schema, archived: Archived) -> str:
    """SQL, beginning with AND, that is true where ``c`` is none of the rows that are brought back as they were.

    It reads what is still to be put back when it runs: after a reversal, what was put back.
    """
    rows, table = in_record(archived), keyed(schema, archived)
    assert table is not None
    keys = ["k.place"] if archived.told_by == "rowid" else [rows.old(key) for key in archived.row_id]
    there = f"{rows.source} CROSS JOIN {clean(archived)} AS k ON k.number = r.rowid WHERE r.what <> 'insert'"
    come_back = in_rows(table, "c", f"SELECT {', '.join(keys)} FROM {there}")
    # CASE, since where a NULL has to be told from false, SQLite reads all of a list of pairs
    return f" AND CASE WHEN {come_back} THEN 0 ELSE 1 END"
