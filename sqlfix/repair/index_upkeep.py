"""Full-text indexes of the text in other tables, when rows of these are put back: they are made anew from the text.

No trigger runs in an undo, and what such an index holds is in no record but for the ids of its documents. Those that
the application had left out of it on purpose are taken out again.
"""

import sqlite3
from collections.abc import Iterable
from dataclasses import replace

from sqlfix.frozen import frozen
from sqlfix.model.schema import Schema
from sqlfix.model.values import ROWID_NAMES, folded
from sqlfix.plan.apply import table_sizes
from sqlfix.repair.archive import Archive, Archived, same_values
from sqlfix.repair.differences import gather_ids
from sqlfix.repair.matching import clean, in_record, is_there
from sqlfix.repair.record import Record
from sqlfix.schema.search_index import Documents, documents_of, text_columns
from sqlfix.sql.literals import names, quote
from sqlfix.sqlite.connect import all_or_nothing
from sqlfix.sqlite.deadline import limited, stop_if_interrupted
from sqlfix.sqlite.failures import in_words, require_refusal

NO_TEXT = "it keeps no text from which it could be rebuilt"


@frozen
class Upkeep:
    """An index that an undo makes anew from the text in ``content``; ``problem`` says why it cannot be."""

    index: str
    content: str
    problem: str = ""


def indexes_to_keep(connection: sqlite3.Connection, schema: Schema, record: Record) -> tuple[Upkeep, ...]:
    """The indexes that are out of step when the rows of a record are put back; these have been matched already.

    They are those that the change itself brought out of what they were, and those that do not know the rows.
    """
    found = []
    for table in schema.tables:
        index = documents_of(schema, table) if table.kind == "virtual" else None
        if index is not None and _is_concerned(connection, schema, record, index):
            found.append(Upkeep(table.name, index.content, _problem(connection, index)))
    return tuple(found)


def _is_concerned(connection: sqlite3.Connection, schema: Schema, record: Record, index: Documents) -> bool:
    if _entry(record, index):
        return True
    content = _content(schema, record, index)
    if content is None:
        return False
    if record.old_format:  # it does not say which indexes the triggers changed
        table = schema.table(content.table)
        return table is not None and bool(table.triggers)
    return _does_not_know(connection, content, index)


def _entry(record: Record, index: Documents) -> Archived | None:
    """What the record says of the documents of an index."""
    wanted = folded(index.table.name)
    return next((t for t in record.tables if t.told_by == "documents" and folded(t.table) == wanted), None)


def _content(schema: Schema, record: Record, index: Documents) -> Archived | None:
    """What the record says of the rows that hold the text, if they can be put back."""
    named = (t for t in record.tables if t.told_by != "documents" and folded(t.table) == folded(index.content))
    content = next(named, None)
    return content if content is not None and is_there(schema, content) else None


def _does_not_know(connection: sqlite3.Connection, content: Archived, index: Documents) -> bool:
    """True if an index that the change left alone has no entry of a row that comes back, or one of text that changes.

    As it was left it has them still. It has not where somebody has made it anew since.
    """
    rows = in_record(content)
    clean_rows = f"FROM {rows.source} JOIN {clean(content)} AS k ON k.number = r.rowid"
    texts = [name for name in text_columns(connection, index) if name in content.columns]
    same = same_values((rows.old(name), rows.new(name)) for name in texts)
    ids = f"({index.ids()})" if index.listed else "()"
    key = _key(content, index)
    if key is None:
        return True
    query = (
        f"SELECT 1 {clean_rows} WHERE CASE r.what WHEN 'update' THEN NOT ({same})"
        f" WHEN 'delete' THEN {rows.old(key)} NOT IN {ids} ELSE {rows.new(key)} IN {ids} END LIMIT 1"
    )
    return connection.execute(query).fetchone() is not None


def _key(content: Archived, index: Documents) -> str | None:
    """The column of the record that is the id of a document."""
    by_name = {folded(name): name for name in content.columns}
    if folded(index.key) in by_name:
        return by_name[folded(index.key)]
    is_rowid = folded(index.key) in ROWID_NAMES and len(content.row_id) == 1
    return content.row_id[0] if is_rowid else None


def _problem(connection: sqlite3.Connection, index: Documents) -> str:
    """Why an index cannot be made anew; empty if it can."""
    if not index.content:
        return NO_TEXT
    try:
        columns = names((index.key, *text_columns(connection, index)), "t")  # a bare name might be taken for a text
        connection.execute(f"SELECT {columns} FROM main.{quote(index.content)} AS t LIMIT 0")
        connection.execute(f"SELECT 1 FROM main.{quote(index.table.name)} LIMIT 0")
    except sqlite3.Error as error:
        stop_if_interrupted(error)
        return in_words(error)
    return ""


# -- doing it -----------------------------------------------------------------------------------------------------


def remember_documents(
    connection: sqlite3.Connection, schema: Schema, record: Record, indexes: Iterable[Upkeep]
) -> None:
    """Note the documents that each index has, and those that it is to have in the end, before a row is put back."""
    for place, upkeep in enumerate(indexes):
        index = _index(schema, upkeep.index)
        entry, content = _entry(record, index), _content(schema, record, index)
        if upkeep.problem or index.listed is None:
            continue
        connection.execute(f"CREATE TEMP TABLE {_had(place)} (id INTEGER PRIMARY KEY)")
        connection.execute(f"INSERT INTO temp.{_had(place)} {index.ids()}")
        if record.old_format or (content is not None and content.told_by != "key"):
            continue  # a row may get another rowid: then the ids of the documents are not known
        name = f"temp.{_documents(place)}"
        connection.execute(f"CREATE TEMP TABLE {_documents(place)} (id INTEGER PRIMARY KEY)")
        connection.execute(f"INSERT INTO {name} {index.ids()}")
        if entry is not None:
            rows = in_record(entry)
            new, old = rows.new("rowid"), rows.old("rowid")
            connection.execute(
                f"DELETE FROM {name} WHERE id IN (SELECT {new} FROM {rows.source} WHERE r.what = 'insert')"
            )
            connection.execute(f"INSERT OR IGNORE INTO {name} SELECT {old} FROM {rows.source} WHERE r.what = 'delete'")
        elif content is not None and (key := _key(content, index)):
            rows = in_record(content)
            connection.execute(
                f"INSERT OR IGNORE INTO {name} SELECT {rows.old(key)} FROM {rows.source}"
                f" JOIN {clean(content)} AS k ON k.number = r.rowid WHERE r.what = 'delete'"
            )


def _documents(place: int) -> str:
    return f"sqlfix_documents_{place}"


def _had(place: int) -> str:
    return f"sqlfix_had_{place}"


def note_documents(archive: Archive, archived: Archived, place: int) -> None:
    """Gather which documents an index has lost and got when it, the one in that place, was made anew."""
    index = _index(archive.schema, archived.table)
    if index.listed is not None:
        rows = archive.rows(archived)
        gather_ids(archive.connection, rows, f"SELECT id FROM temp.{_had(place)}", index.ids())


def _index(schema: Schema, name: str) -> Documents:
    index = documents_of(schema, schema.known_table(name))
    if index is None:
        raise LookupError(name)
    return index


def keep_in_step(connection: sqlite3.Connection, schema: Schema, indexes: Iterable[Upkeep]) -> tuple[Upkeep, ...]:
    """Make the indexes anew; one that cannot be is left as it is, and says why."""
    done = []
    for place, upkeep in enumerate(indexes):
        if not upkeep.problem:
            try:
                rows = sum(table_sizes(connection, schema).values())
                with all_or_nothing(connection, "sqlfix_index"), limited(rows, connection):  # the text may be a view's
                    _make_anew(connection, _index(schema, upkeep.index), _documents(place))
            except sqlite3.Error as error:
                require_refusal(error)
                upkeep = replace(upkeep, problem=in_words(error))
        done.append(upkeep)
    return tuple(done)


def _make_anew(connection: sqlite3.Connection, index: Documents, documents: str) -> None:
    name = f"main.{quote(index.table.name)}"
    connection.execute(f"INSERT INTO {name} ({quote(index.table.name)}) VALUES ('rebuild')")
    known = connection.execute("SELECT 1 FROM temp.sqlite_master WHERE name = ?", (documents,)).fetchone()
    if known and index.listed is not None:
        left_out = f"{index.ids()} EXCEPT SELECT id FROM temp.{documents}"
        connection.execute(f"DELETE FROM {name} WHERE rowid IN ({left_out})")
