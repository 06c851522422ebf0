"""The archive of a repair: every row that it removes or changes, with all its columns, as it was and as it became.

While a repair runs, the archive stands in temporary tables, one for each table of the file: ``what`` happened to a
row (``delete``, ``update``, ``insert``), its columns before as ``old …``, and after as ``new …``. A row that two steps
change stands there once, with its first and its last state. The record that is written from them looks the same.

SQLite allows a table 2,000 columns, so a table of many columns has its rows in several tables side by side, which
share their rowids: its parts.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import field

from sqlfix.errors import Refused
from sqlfix.frozen import frozen
from sqlfix.model.plans import Fix, Plan
from sqlfix.model.schema import Schema, Table
from sqlfix.model.values import Link, folded
from sqlfix.schema.search_index import documents_of, own_columns
from sqlfix.sql.literals import all_of, balanced, free_name, quote

ONE_PART = 990
"""Columns of a table that stand twice, beside what happened, in one table of at most 2,000."""
PART = 900
MOST_INDEXED = 20
"""Columns of an index that finds a row by its values: those after them are compared one by one."""
TRIGGER = "sqlfix_gather"
"""The temporary trigger that gathers what a fix does."""


@frozen
class Archived:
    """A table whose changes are archived.

    ``columns`` are those that are stored (generated ones are not); in front of them stands the rowid where it is no
    column itself. ``row_id`` tells one row from another. ``told_by`` says what that is: its ``key``; a ``rowid`` that
    is no column, and changes with a VACUUM; its ``values``, where every name of the rowid is that of a column; or the
    ids of the ``documents`` of a search index that has no text of its own.
    """

    number: int
    table: str
    columns: tuple[str, ...]
    row_id: tuple[str, ...]
    told_by: str = "key"

    @property
    def rows(self) -> str:
        """The name of the table of the record that holds its rows."""
        return f"rows of {self.table}"

    @property
    def by_value(self) -> bool:
        """True if its rows may have to be found by their values."""
        return self.told_by in ("rowid", "values")

    @property
    def values(self) -> tuple[str, ...]:
        """The columns without a rowid that is none of them."""
        return self.columns[1:] if self.told_by == "rowid" else self.columns

    @property
    def parts(self) -> tuple[tuple[str, ...], ...]:
        """The columns of each table that holds its rows; the first has those of ``row_id``."""
        if len(self.columns) <= ONE_PART:
            return (self.columns,)
        ordered = (*self.row_id, *(name for name in self.columns if name not in self.row_id))
        return tuple(ordered[at : at + PART] for at in range(0, len(ordered), PART))

    def part_columns(self, place: int) -> tuple[str, ...]:
        """The columns of one of the tables that hold its rows.

        ``alike`` says how many rows of the table had the same values when the change was done: those of a deleted row,
        or else those that the row has now.
        """
        first = ("what", "alike") if self.by_value else ("what",)
        both = (f"{side} {name}" for side in ("old", "new") for name in self.parts[place])
        return (*first, *both) if place == 0 else tuple(both)

    def in_record(self, schema: str = "") -> Rows:
        """Its rows in a record."""
        names = (self.rows, *(f"part {place + 1} of {self.rows}" for place in range(1, len(self.parts))))
        return Rows(self, tuple(f"{schema}{quote(name)}" for name in names))


@frozen
class Rows:
    """Where the rows of an archived table stand; ``tables`` are its parts as SQL, under the aliases ``r``, ``r1``, …"""

    archived: Archived
    tables: tuple[str, ...]
    _places: dict[str, int] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        places = {name: place for place, part in enumerate(self.archived.parts) for name in part}
        object.__setattr__(self, "_places", places)

    @property
    def source(self) -> str:
        """A FROM clause for them."""
        first, *more = self.tables
        others = (f" CROSS JOIN {name} AS r{place} ON r{place}.rowid = r.rowid" for place, name in enumerate(more, 1))
        return f"{first} AS r{''.join(others)}"

    def old(self, name: str) -> str:
        """A column as it was."""
        return self._column("old", name)

    def new(self, name: str) -> str:
        """A column as it became."""
        return self._column("new", name)

    def _column(self, side: str, name: str) -> str:
        place = self._places[name]
        return f"r{place or ''}.{quote(f'{side} {name}')}"


@frozen
class Adopted:
    """Rows of one relationship that a repair gave a parent: see `sqlfix.repair.adopted`.

    ``row_id`` are the columns that tell them apart.
    """

    number: int
    subject: Link
    row_id: tuple[str, ...]

    @property
    def table(self) -> str:
        """The table of the record that holds them: ``k0, …`` tell the row, ``v0, …`` are its key."""
        return quote(f"adopted {self.number}")

    @property
    def keys(self) -> list[str]:
        """The columns of that table that tell a row."""
        return [f"k{place}" for place in range(len(self.row_id))]

    @property
    def columns(self) -> list[str]:
        """All columns of that table."""
        return [*self.keys, *(f"v{place}" for place in range(len(self.subject[1])))]


def to_archive(connection: sqlite3.Connection, schema: Schema, plan: Plan) -> tuple[Archived, ...]:
    """The tables that a plan can change: those of its steps, or every one where the file's own triggers take part.

    A search index is among these by its rows, or by the ids of its documents where it has no text of its own.

    Raises:
        Refused: where a table cannot be recorded.
    """
    names = {folded(total.table) for total in plan.totals}
    everything, adds = has_triggers(schema, plan), any(total.added for total in plan.totals)
    found: list[Archived] = []
    for table in schema.tables:
        if table.kind == "table" and table.columns and (everything or folded(table.name) in names):
            found.append(_archived(len(found) + 1, table))
    for table in schema.tables if everything else ():
        if table.kind == "virtual" and (columns := own_columns(connection, table)):
            found.append(Archived(len(found) + 1, table.name, columns, columns[:1]))
        elif table.kind == "virtual" and documents_of(schema, table):
            found.append(Archived(len(found) + 1, table.name, ("rowid",), ("rowid",), "documents"))
    if (everything or adds) and has_sequences(connection):
        found.append(Archived(len(found) + 1, "sqlite_sequence", ("rowid", "name", "seq"), ("rowid",)))
    return tuple(found)


def _archived(number: int, table: Table) -> Archived:
    columns = stored_columns(table)
    told_by = "key" if table.without_rowid or table.integer_key is not None else "rowid" if table.row_id else "values"
    if (len(columns) > ONE_PART and told_by == "values") or len(table.row_id) > PART:
        raise Refused(
            f"cannot record the rows of {table.name}: it has {len(columns):,} columns, and no name for its rowid",
            "nothing was changed; leave this table out",
        )
    if len(columns) > ONE_PART and told_by == "rowid":
        told_by = "key"  # that many values are not compared to find a row again: it has to be where it was
    return Archived(number, table.name, columns, table.row_id, told_by)


def stored_columns(table: Table) -> tuple[str, ...]:
    """The columns that are stored, with the rowid in front of them where it is none of them."""
    return (*(name for name in table.row_id if table.column(name) is None), *table.writable)


def has_sequences(connection: sqlite3.Connection) -> bool:
    """True if the file has a table of AUTOINCREMENT's sequences; without one there is none to read."""
    query = "SELECT 1 FROM main.sqlite_master WHERE name = 'sqlite_sequence'"
    return connection.execute(query).fetchone() is not None


def has_triggers(schema: Schema, plan: Plan) -> bool:
    """True if a table that a plan changes has triggers, so that others may change with it."""
    return any((table := schema.table(total.table)) is not None and bool(table.triggers) for total in plan.totals)


def must_compare(schema: Schema, plan: Plan, tables: Iterable[Archived]) -> bool:
    """True if the state before and after have to be compared: for triggers, for rows in parts, and for added rows.

    A row that is added may be changed by a later step, and deleted by another one.
    """
    parts = any(len(archived.parts) > 1 for archived in tables)
    return parts or has_triggers(schema, plan) or any(total.added for total in plan.totals)


@frozen
class Archive:
    """What happens to the rows of some tables, as it is gathered in temporary tables of the connection that does it.

    ``adopted`` are the rows that got a parent by it, in temporary tables of their own.
    """

    connection: sqlite3.Connection
    schema: Schema
    tables: tuple[Archived, ...]
    adopted: tuple[Adopted, ...] = ()

    def prepare(self) -> Archive:
        """Make the temporary tables, empty."""
        for archived in self.tables:
            for place, name in enumerate(self.rows(archived).tables):
                columns = ", ".join(map(quote, archived.part_columns(place)))
                self.connection.execute(f"CREATE TEMP TABLE {name} ({columns})")
        return self

    def rows(self, archived: Archived) -> Rows:
        """The temporary tables that gather the rows of a table."""
        numbers = (str(archived.number), *(f"{archived.number}_{place}" for place in range(1, len(archived.parts))))
        return Rows(archived, tuple(free_name(self.schema, f"sqlfix_rows_{number}") for number in numbers))

    def count(self, archived: Archived) -> int:
        """How many rows are gathered of a table; the documents of an index are no rows of their own."""
        if archived.told_by == "documents":
            return 0
        query = f"SELECT count(*) FROM {self.rows(archived).tables[0]}"
        return int(self.connection.execute(query).fetchone()[0])


# -- by a trigger of our own: where the file has none that take part ------------------------------------------------


class Watch:
    """Gathers every row that is deleted or changed.

    A temporary trigger sees each row as SQLite does. Each makes exactly one change of its own for a row, which is how
    a change that nobody planned would be noticed: see `Applied`. There is one at a time: SQLite reads through the list
    of all that is temporary whenever it makes or drops a trigger, and through all triggers for every statement.
    """

    def __init__(self, archive: Archive) -> None:
        self._connection = archive.connection
        self._rows = {folded(archived.table): archive.rows(archived) for archived in archive.tables}
        self._met: set[str] = set()
        self._indexed: set[str] = set()
        self._now: tuple[str, str, bool] | None = None

    def turn_to(self, fix: Fix) -> None:
        """Gather from now on what a fix deletes or changes, and nothing else."""
        name = folded(fix.table)
        again = name in self._met or len(fix.deeds) > 1  # one statement changes no row twice
        now = (name, "delete" if fix.kind == "delete" else "update", again)
        if now == self._now:
            return
        self.stop()
        if rows := self._rows.get(name):
            if again and name not in self._indexed:
                self._indexed.add(name)
                self._connection.execute(_index_of(rows))
            self._met.add(name)
            self._connection.execute(_trigger_on(rows, now[1], again))
            self._now = now

    def stop(self) -> None:
        """Take the trigger away."""
        if self._now:
            self._connection.execute(f"DROP TRIGGER temp.{TRIGGER}")
        self._now = None


def _index_of(rows: Rows) -> str:
    """An index that finds a row that is gathered by what it was changed into."""
    archived, (name,) = rows.archived, rows.tables
    keys = ", ".join(quote(f"new {key}") for key in archived.row_id or archived.columns[:MOST_INDEXED])
    return f"CREATE INDEX temp.sqlfix_key_{archived.number} ON {name} ({keys})"


def _trigger_on(rows: Rows, event: str, again: bool) -> str:
    """The trigger that gathers each row that is deleted, or each that is updated.

    Args:
        again: a row may be gathered already; else each is a new one.
    """
    archived, (name,) = rows.archived, rows.tables
    old, new = ([f"{side}.{quote(column)}" for column in archived.columns] for side in ("OLD", "NEW"))
    after = new if event == "update" else ["NULL"] * len(new)
    values = ", ".join([f"'{event}'", *(["NULL"] if archived.by_value else []), *old, *after])
    steps = f"INSERT INTO {name} VALUES ({values})"
    if again:
        pairs = zip(archived.columns, after, strict=True)
        settings = [f"what = '{event}'", *(f"{quote(f'new {column}')} = {value}" for column, value in pairs)]
        update = f"UPDATE {name} SET {', '.join(settings)} WHERE {_is_gathered(archived, name)}"
        steps = f"{update}; INSERT INTO {name} SELECT {values} WHERE changes() = 0"
    return f"CREATE TEMP TRIGGER {TRIGGER} AFTER {event.upper()} ON main.{quote(archived.table)} BEGIN {steps}; END"


def _is_gathered(archived: Archived, name: str) -> str:
    """True of the row of the archive that a row of the table was changed into before.

    Where a row has no name, that is any one that has the same values now: nobody can tell them apart.
    """
    if archived.row_id:
        return " AND ".join(f"{quote('new ' + key)} = +OLD.{quote(key)}" for key in archived.row_id)
    alike = all_of([f"{is_value('a.' + quote('new ' + c), 'OLD.' + quote(c))}" for c in archived.columns])
    return f"rowid = (SELECT a.rowid FROM {name} AS a WHERE a.what = 'update' AND {alike} LIMIT 1)"


# -- comparing ----------------------------------------------------------------------------------------------------


def is_value(ours: str, theirs: str) -> str:
    """True where a column of a table of ours, which is looked up by its index, holds the value of another column."""
    return f"{ours} IS +{theirs} AND typeof({ours}) = typeof({theirs})"


def same_values(pairs: Iterable[tuple[str, str]]) -> str:
    """True where each two columns hold the same value of the same type, whatever their collation and affinity."""
    return all_of(
        [f"+{one} IS +{other} COLLATE BINARY AND typeof({one}) = typeof({other})" for one, other in pairs] or ["1"]
    )


def differing(more: tuple[str, Sequence[str]], fewer: tuple[str, Sequence[str]]) -> str:
    """A WITH clause whose ``differ`` has the rows of which one table has more than another: of each kind, so many.

    Args:
        more: the table, as SQL, and its columns; nothing but their values tells the rows apart.
        fewer: the other one, with the columns in the same order.

    Returns:
        the clause; the values are ``v0, …``.
    """

    def counted(table: str, columns: Sequence[str]) -> str:
        values = [f"+{quote(name)} COLLATE BINARY" for name in columns]
        kinds = balanced([f"typeof({quote(name)})" for name in columns], "||")
        listed = ", ".join((*values, f"({kinds})"))
        return f"SELECT {listed}, row_number() OVER (PARTITION BY {listed}) FROM {table} NOT INDEXED"

    places = ", ".join(f"v{place}" for place in range(len(more[1])))
    return f"WITH differ({places}, kinds, place) AS ({counted(*more)} EXCEPT {counted(*fewer)})"
