"""That no row loses its parent by an undo, but those that it brings back as they were, or that had none before.

A row that was written since the repair may refer to what the repair made, or to a key that it gave a row.
"""

import sqlite3
from collections.abc import Iterable

from sqlfix.errors import Refused
from sqlfix.model.findings import Row
from sqlfix.model.plans import OldOrphans
from sqlfix.model.schema import ForeignKey, Schema, Table
from sqlfix.model.values import folded
from sqlfix.plan.rehearsal import old_orphans
from sqlfix.repair.adopted import is_adopted
from sqlfix.repair.archive import Archived, same_values
from sqlfix.repair.differences import keyed
from sqlfix.repair.matching import AS_IT_IS, RECORD, clean, in_record, is_there, refused, rows_of
from sqlfix.repair.record import Record
from sqlfix.sql.literals import names, quote
from sqlfix.sql.predicates import in_rows, match_parent
from sqlfix.sqlite.failures import require_refusal
from sqlfix.text import row_text

SHOWN = 3


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
        back += _but_adopted(schema, record, fk)
        orphans = old_orphans(schema, fk, number, (), back)
        try:
            for statement in orphans.gather:
                connection.execute(statement)
        except sqlite3.OperationalError as error:
            require_refusal(error)
            continue
        noted.append((fk, orphans))
    return tuple(noted)


def require_no_parent_lost(
    connection: sqlite3.Connection, schema: Schema, noted: Iterable[tuple[ForeignKey, OldOrphans]]
) -> None:
    """Compare the orphans that `note_orphans` gathered with those after a reversal, row by row.

    Raises:
        Refused: where a row has lost its parent.
    """
    for fk, orphans in noted:
        if lost := int(connection.execute(orphans.broken_sql).fetchone()[0]):
            which = _some_of(connection, schema.known_table(fk.child), fk, orphans)
            rows, they = ("1 row", "it references") if lost == 1 else (f"{lost:,} rows", "they reference")
            change = f"UPDATE {quote(fk.child)} SET {', '.join(f'{quote(name)} = …' for name in fk.child_columns)}"
            raise Refused(
                f"{rows} of {fk.child} would lose the parent in {fk.parent}: by {', '.join(fk.child_columns)} {they}"
                f" what the undo removes{which}",
                f"nothing was changed; give {'it' if lost == 1 else 'them'} another parent first ({change} WHERE …),"
                " or delete what needs none any more; then undo again",
            )
        connection.execute(f"DROP TABLE temp.{orphans.table}")


def _some_of(connection: sqlite3.Connection, child: Table, fk: ForeignKey, orphans: OldOrphans) -> str:
    """The first of the rows that have lost their parent, after a colon; empty where they cannot be told one by one."""
    counted = "SELECT count(*) FROM"
    if not orphans.broken_sql.startswith(counted):
        return ""
    columns = names((*child.known_by, *fk.child_columns), "c")
    some = connection.execute(f"SELECT {columns} FROM{orphans.broken_sql.removeprefix(counted)} LIMIT {SHOWN}")
    return f": {'; '.join(row_text(Row.of(child.known_by, fk.child_columns, values)) for values in some)}"


# -- where some rows stay as they are, what these reference stays as well ------------------------------------------


def hold_parents(connection: sqlite3.Connection, schema: Schema, record: Record) -> None:
    """Take the rows out of those to be put back which the repair added, or gave a key, and that rows which stay need.

    A row that was changed again since is left as it is; so it still references what was made for it.
    """
    keys = list(at_risk(connection, schema, record))
    while any(_is_held(connection, schema, record, fk) for fk in keys):
        pass  # one that stays now may reference another one


def _is_held(connection: sqlite3.Connection, schema: Schema, record: Record, fk: ForeignKey) -> bool:
    """Hold the parents of one relationship; True if there were any."""
    records = {folded(archived.table): archived for archived in rows_of(record)}
    parent, child = records[folded(fk.parent)], records.get(folded(fk.child))
    if "values" in (parent.told_by, child.told_by if child else ""):
        return False
    rows, going = in_record(parent), ""
    if child is not None and is_there(schema, child) and (table := keyed(schema, child)):
        now = f"SELECT {_keys_now(child)} {_clean_rows(child)} WHERE r.what <> 'delete'"
        going = f" AND CASE WHEN {in_rows(table, 'c', now)} THEN 0 ELSE 1 END"
    staying = f"{match_parent(fk)}{going}{_but_adopted(schema, record, fk)}"
    found = f"FROM main.{quote(fk.child)} AS c CROSS JOIN main.{quote(fk.parent)} AS p WHERE {staying}"
    which = f"({_keys_now(parent)}) IN (SELECT {names(parent.row_id, 'p')} {found})"
    held = f"SELECT r.rowid {_clean_rows(parent)} WHERE ({_moves(parent, fk.parent_columns)}) AND {which}"
    why = f"{AS_IT_IS}a row of {fk.child} that stays as it is references it ({', '.join(fk.child_columns)})"
    connection.execute(f"INSERT OR IGNORE INTO {refused(parent)} SELECT r.rowid, ? FROM {rows.tables[0]} AS r WHERE"
                       f" r.rowid IN ({held})", (why,))  # fmt: skip
    gone = f"SELECT number FROM {refused(parent)}"
    return connection.execute(f"DELETE FROM {clean(parent)} WHERE number IN ({gone})").rowcount > 0


def _keys_now(archived: Archived) -> str:
    """What tells a row of the record in the file, as the repair left it."""
    return "k.place" if archived.told_by == "rowid" else ", ".join(map(in_record(archived).new, archived.row_id))


def _clean_rows(archived: Archived) -> str:
    return f"FROM {in_record(archived).source} CROSS JOIN {clean(archived)} AS k ON k.number = r.rowid"


def _but_adopted(schema: Schema, record: Record, fk: ForeignKey) -> str:
    """SQL, beginning with AND, that is true where ``c`` is none of the rows that had no parent before the repair."""
    return "".join(
        f" AND CASE WHEN {is_adopted(adopted, RECORD, fk)} THEN 0 ELSE 1 END"
        for adopted in record.adopted
        if adopted.subject == fk.subject and adopted.row_id == schema.known_table(fk.child).row_id
    )


def _moves(archived: Archived, columns: tuple[str, ...]) -> str:
    """True of a row ``r`` of the record that is taken away, or gets other values in some columns again."""
    rows, stored = in_record(archived), set(archived.columns)
    same = same_values((rows.old(name), rows.new(name)) for name in columns if name in stored)
    changed = f"r.what = 'update' AND NOT ({same})" if stored.issuperset(columns) else "r.what = 'update'"
    return f"r.what = 'insert' OR {changed}"


def at_risk(connection: sqlite3.Connection, schema: Schema, record: Record) -> Iterable[ForeignKey]:
    """The relationships into tables of which an undo takes rows away, or changes what is referred to.

    Whether a row loses its parent by that, only trying it out can tell.
    """
    records = {folded(archived.table): archived for archived in rows_of(record) if is_there(schema, archived)}
    sound = {fk.subject: fk for fk in schema.foreign_keys if fk.fault is None and folded(fk.parent) in records}
    return (fk for fk in sound.values() if _goes(connection, records[folded(fk.parent)], fk.parent_columns))


def _goes(connection: sqlite3.Connection, archived: Archived, columns: tuple[str, ...]) -> bool:
    """True if any row is taken away, or has other values in these columns again."""
    query = f"SELECT 1 {_clean_rows(archived)} WHERE {_moves(archived, columns)} LIMIT 1"
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
