"""The reversal of a repair as an SQL script, from its record: each row with its values, and nothing else."""

import sqlite3
from collections.abc import Iterator, Sequence

from sqlfix.errors import Refused
from sqlfix.model.values import Value, folded
from sqlfix.repair.archive import Archived
from sqlfix.repair.matching import LARGEST, is_there
from sqlfix.repair.record import Record, holds_parked
from sqlfix.schema.database import Database
from sqlfix.sql.literals import all_of, free_of, holds, literal, quote
from sqlfix.sql.script_text import ENFORCED_RULE, OTHER_ROWS, closing, distinct, opening
from sqlfix.sql.statements import can_be_overruled
from sqlfix.sqlite.connect import looking_at
from sqlfix.sqlite.stored_values import as_stored
from sqlfix.text import shown

ORDER = ("insert", "update", "delete")
SEQUENCES = "sqlite_sequence"
LOST = "a row would lose its parent: nothing was changed"
Side = dict[str, Value]


def undo_script(
    record: Record, database: Database, skip_conflicts: bool = False, orphans: Sequence[tuple[str, int]] = ()
) -> Iterator[str]:
    """The script, in lines without their line ends; one row is held at a time.

    It puts every row back, or none where one of them was changed again since; with ``skip_conflicts`` all but those.
    So it is where a value has come to stand in another row: an ON CONFLICT REPLACE of its table would delete that one.
    The file's own triggers fire: where they do more than keeping a search index in step, use ``sqlfix undo`` itself.
    Of rows that only their values tell apart, those that have their like are left alone.

    Args:
        database: its schema says by what keys rows can be named; a deleted one that has none comes behind all others
            where another row has its rowid.
        orphans: queries for the rows without a parent that there are then, each with how many there may be.

    Raises:
        Refused: where rows are to be skipped, of which a script cannot see that they are parked and so in two places.
    """
    _require_no_halves(record, skip_conflicts)
    writer = _Writer(record, database)
    yield f"-- Undo of the {shown(record.kind)} {shown(record.name)}: {record.rows:,} rows. Written by sqlfix."
    yield "-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT"
    yield from writer.warnings()
    changed = [name for name in distinct(table.table for table in record.tables) if name != SEQUENCES]
    yield from opening(changed)
    yield from writer.beginning(bool(orphans))
    documents = [archived for archived in record.tables if archived.told_by == "documents"]
    with looking_at(record.path) as connection:
        for what in ORDER:
            for archived in record.tables:
                if archived.told_by != "documents":
                    yield from writer.reversal(connection, archived, what)
    for archived in documents:
        name = quote(archived.table)
        yield "-- rebuilt from the indexed text, if that is in a table:"
        yield f"INSERT INTO {name} ({name}) VALUES ('rebuild');"
    yield from writer.end(skip_conflicts, orphans)
    yield from closing(changed)


def _require_no_halves(record: Record, skip_conflicts: bool) -> None:
    if skip_conflicts and any(map(holds_parked, record.tables)):
        raise Refused(
            "a script cannot skip rows that were parked or brought back: it could leave one nowhere, or twice",
            "use sqlfix undo --skip-conflicts, without --sql",
        )


class _Writer:
    """Writes the statements, and counts how many rows they are for."""

    def __init__(self, record: Record, database: Database) -> None:
        self.schema, self.file = database.schema, database.connection
        self.last: dict[str, int] = {}
        self.tables = {folded(archived.table): self.schema.table(archived.table) for archived in record.tables}
        self.done = f"temp.{free_of('sqlfix_done', (archived.table for archived in record.tables))}"
        self.planned = 0
        self.by_rowid = [
            archived.table
            for archived in record.tables
            if self._hidden(archived) and archived.table != SEQUENCES and not self._keys(archived)
        ]

    def warnings(self) -> Iterator[str]:
        """The comments that say of which tables the rows have no name of their own."""
        for name in self.by_rowid:
            yield f"-- {shown(name)} has no key, so its rows are named by their rowids. The script works for this file"
            yield "-- only, as it is now: not after rows are added, a VACUUM, nor for a copy loaded from a dump."

    def beginning(self, watches: bool) -> Iterator[str]:
        """What counts the rows that were met: ``total`` tells whether a statement was carried out at all.

        Args:
            watches: it is to be looked whether a row has lost its parent.
        """
        column, rule = (" lost INTEGER,", f', CONSTRAINT "{LOST}" CHECK (lost = 0)') if watches else ("", "")
        yield f"DROP TABLE IF EXISTS {self.done};"
        yield (
            f"CREATE TEMP TABLE {self.done.removeprefix('temp.')} (planned INTEGER, enforced INTEGER, rows INTEGER,"
            f' total INTEGER,{column} CONSTRAINT "{OTHER_ROWS}" CHECK (rows = planned), {ENFORCED_RULE}{rule});'
        )
        yield f"INSERT INTO {self.done} (rows, total) VALUES (0, total_changes() + 1);"

    def end(self, skip_conflicts: bool, orphans: Sequence[tuple[str, int]]) -> Iterator[str]:
        """The check, which takes everything back where other rows were met than those of the record."""
        planned = "rows" if skip_conflicts else str(self.planned)
        lost = f", lost = {' + '.join(f'(({query}) > {most})' for query, most in orphans)}" if orphans else ""
        yield "-- Check: each row was found as the record has it. Otherwise everything is rolled back."
        yield (
            f"UPDATE OR ROLLBACK {self.done} SET planned = {planned},"
            f" enforced = (SELECT foreign_keys FROM temp.pragma_foreign_keys){lost};"
        )
        if skip_conflicts:
            said = f" of {self.planned} rows were not put back: they were changed again since, or are not let in"
            yield f"SELECT ({self.planned} - rows) || '{said}' FROM {self.done} WHERE rows < {self.planned};"
        yield f"DROP TABLE {self.done};"

    def reversal(self, connection: sqlite3.Connection, archived: Archived, what: str) -> Iterator[str]:
        """The statements for the rows of a table to which one thing happened."""
        first = True
        table = self.tables[folded(archived.table)]
        counted = archived.table != SEQUENCES and (table is None or table.kind == "table")
        for old, new in _rows(connection, archived, what):
            if first:
                yield f"-- {shown(archived.table)}: rows that were {shown(what.rstrip('e'))}ed"
                if archived.told_by == "values":
                    yield "-- only their values identify these rows: run this once; rows that are alike are not changed"
            first = False
            if what == "delete" and self._is_taken(archived, old):
                old = old | {archived.row_id[0]: self._next_place(connection, archived)}
            yield self._statement(archived, what, old, new)
            if counted:  # a trigger may have mended a search index before
                self.planned += 1
                yield (
                    f"UPDATE {self.done} SET rows = rows + CASE total_changes() WHEN total THEN 0 ELSE changes() END,"
                    " total = total_changes() + 1;"
                )

    def _hidden(self, archived: Archived) -> tuple[str, ...]:
        """The rowid of a table that is no column of it."""
        table = self.tables[folded(archived.table)]
        if archived.table == SEQUENCES or (table is None and archived.told_by == "rowid"):
            return archived.row_id
        if table is None or table.kind != "table":
            return ()
        return tuple(name for name in archived.row_id if table.column(name) is None)

    def _keys(self, archived: Archived) -> list[tuple[str, ...]]:
        """The declared keys of a table by which the record can name its rows."""
        table = self.tables[folded(archived.table)]
        if archived.table == SEQUENCES:
            return [("name",)]
        return [key for key in table.keys if set(key) <= set(archived.columns)] if table else []

    def _is_taken(self, archived: Archived, old: Side) -> bool:
        """True if a row has no key, and another than the deleted one has its rowid by now."""
        if archived.table not in self.by_rowid or not is_there(self.schema, archived):
            return False
        rowid, *others = archived.columns
        same = all_of([holds(quote(name), old[name]) for name in others])
        query = f"SELECT {same} FROM main.{quote(archived.table)} WHERE {quote(rowid)} = {literal(old[rowid])}"
        return bool(self.file.execute(query).fetchone() == (0,))

    def _next_place(self, connection: sqlite3.Connection, archived: Archived) -> int:
        """A rowid behind those of all rows that the table has, or is to have again."""
        if archived.table not in self.last:
            rows, rowid = archived.in_record(), archived.row_id[0]
            ends = (
                (self.file, f"SELECT max({quote(rowid)}) FROM main.{quote(archived.table)}"),
                (connection, f"SELECT max({rows.old(rowid)}) FROM {rows.source} WHERE r.what = 'delete'"),
            )
            self.last[archived.table] = max(where.execute(query).fetchone()[0] for where, query in ends)
        self.last[archived.table] = min(self.last[archived.table] + 1, LARGEST)
        return self.last[archived.table]

    def _statement(self, archived: Archived, what: str, old: Side, new: Side) -> str:
        table, hidden = quote(archived.table), self._hidden(archived)
        row = old if what == "delete" else new
        key = next((key for key in self._keys(archived) if None not in (row[name] for name in key)), ())
        if what == "delete":
            columns = ", ".join(quote(name) for name in archived.columns)
            values = [literal(old[name]) for name in archived.columns]
            if hidden and key:  # in another file another row may have its rowid
                taken = f"SELECT 1 FROM {table} WHERE {quote(hidden[0])} = {values[0]}"
                values[0] = f"CASE WHEN EXISTS ({taken}) THEN NULL ELSE {values[0]} END"
            return f"INSERT OR IGNORE INTO {table} ({columns}) VALUES ({', '.join(values)});"
        named = key if hidden and key else archived.row_id
        keys = [f"{quote(name)} = {literal(new[name])}" for name in named]  # these find it by an index
        known = [name for name in archived.columns if not (key and name in hidden)]
        still = all_of([*keys, *(holds(quote(name), new[name]) for name in known)])
        if not keys:
            still = f"{still} AND (SELECT count(*) FROM {table} WHERE {still}) = 1"
        if what == "insert":
            return f"DELETE FROM {table} WHERE {still};"
        changed = [name for name in archived.columns if (type(old[name]), old[name]) != (type(new[name]), new[name])]
        settings = ", ".join(f"{quote(name)} = {literal(old[name])}" for name in changed)
        declared = self.tables[folded(archived.table)]
        or_ignore = " OR IGNORE" if declared and can_be_overruled(declared, changed) else ""
        return f"UPDATE{or_ignore} {table} SET {settings} WHERE {still};"


def _rows(connection: sqlite3.Connection, archived: Archived, what: str) -> Iterator[tuple[Side, Side]]:
    """The rows of the record, each as it was and as it became; one is held at a time, also where it is in parts."""
    rows = archived.in_record()
    query = f"FROM {rows.source} WHERE r.what = '{what}' ORDER BY r.rowid"
    columns = ([side(name) for side in (rows.old, rows.new) for name in part] for part in archived.parts)
    parts = [as_stored(connection, some, query) for some in columns]
    for found in zip(*parts, strict=True):
        old: Side = {}
        new: Side = {}
        for names, values in zip(archived.parts, found, strict=True):
            old |= zip(names, values[: len(names)], strict=True)
            new |= zip(names, values[len(names) :], strict=True)
        yield old, new
