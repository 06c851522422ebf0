"""The archive of a repair: every row that it removes or changes, with all its columns, as it was and as it became.

While a repair runs, the archive stands in temporary tables, one for each table of the file: ``what`` happened to a
row (``delete``, ``update``, ``insert``), its columns before as ``old …``, and after as ``new …``. A row that two steps
change stands there once, with its first and its last state. The record that is written from them looks the same.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from sqlfix.database import attach
from sqlfix.model import NotUtf8, Plan, Schema, Table, Value, folded
from sqlfix.sql import free_name, is_row, literal, quote
from sqlfix.tokens import has_words
from sqlfix.virtual_text import keeps_rows, module_of

BEFORE = "sqlfix_before"
"""Under this name the state before the repair is attached."""


@dataclass(frozen=True, slots=True)
class Archived:
    """A table whose changes are archived.

    ``columns`` are those that are stored (generated ones are not); in front of them stands the rowid where it is no
    column itself. ``row_id`` tells one row from another.
    """

    number: int
    table: str
    columns: tuple[str, ...]
    row_id: tuple[str, ...]

    @property
    def rows(self) -> str:
        """The name of the table of the record that holds its rows."""
        return f"rows of {self.table}"

    def old(self, alias: str = "") -> str:
        """The columns before, as a list for SQL."""
        return _list(self.columns, "old ", alias)

    def new(self, alias: str = "") -> str:
        """The columns after, as a list for SQL."""
        return _list(self.columns, "new ", alias)

    def list(self, alias: str) -> str:
        """The columns of the table itself, as a list for SQL."""
        return _list(self.columns, "", alias)


def _list(columns: Iterable[str], prefix: str, alias: str) -> str:
    return ", ".join((f"{alias}." if alias else "") + quote(prefix + name) for name in columns)


def to_archive(connection: sqlite3.Connection, schema: Schema, plan: Plan) -> tuple[Archived, ...]:
    """The tables that a plan can change: those of its steps, or every one where the file's own triggers take part.

    A search index is among these by its rows, unless it has none of its own (FTS with ``content=``): then it is kept
    in step by the file's triggers, here as there.
    """
    names = {folded(total.table) for total in plan.totals}
    everything = has_triggers(schema, plan)
    tables = [t for t in schema.tables if t.kind == "table" and t.row_id and (everything or folded(t.name) in names)]
    found = [Archived(number, table.name, _stored(table), table.row_id) for number, table in enumerate(tables, 1)]
    if everything:
        for table in schema.tables:
            if table.kind == "virtual" and (columns := _indexed(connection, table)):
                found.append(Archived(len(found) + 1, table.name, columns, columns[:1]))
    if everything and any(has_words(table.sql, "autoincrement") for table in schema.tables):
        found.append(Archived(len(found) + 1, "sqlite_sequence", ("rowid", "name", "seq"), ("rowid",)))
    return tuple(found)


def _stored(table: Table) -> tuple[str, ...]:
    columns = tuple(column.name for column in table.columns if not column.generated)
    hidden = tuple(name for name in table.row_id if table.column(name) is None)
    return hidden + columns


def _indexed(connection: sqlite3.Connection, table: Table) -> tuple[str, ...]:
    """The columns of a search index that has rows of its own, the first of which tells one from another."""
    if not keeps_rows(table.sql):
        return ()
    module = module_of(table.sql)
    described = connection.execute(f"PRAGMA main.table_xinfo({quote(table.name)})").fetchall()
    columns = tuple(str(row[1]) for row in described if row[6] == 0)
    return columns if module.startswith("rtree") else ("rowid", *columns) if module.startswith("fts") else ()


def has_triggers(schema: Schema, plan: Plan) -> bool:
    """True if a table that a plan changes has triggers, so that others may change with it."""
    return any((table := schema.table(total.table)) is not None and bool(table.triggers) for total in plan.totals)


def temporary(schema: Schema, archived: Archived) -> str:
    """The name of the temporary table that gathers the rows of a table."""
    return free_name(schema, f"sqlfix_rows_{archived.number}")


def prepare(connection: sqlite3.Connection, schema: Schema, tables: Iterable[Archived]) -> None:
    """Make the temporary tables, empty."""
    for archived in tables:
        connection.execute(
            f"CREATE TEMP TABLE {temporary(schema, archived)} (what, {archived.old()}, {archived.new()})"
        )


# -- by triggers of our own: where the file has none that take part ------------------------------------------------


def watch(connection: sqlite3.Connection, schema: Schema, tables: Iterable[Archived]) -> None:
    """Gather every row that is deleted or changed from now on.

    A temporary trigger sees each row as SQLite does. Each makes exactly one change of its own for a row, which is how
    a change that nobody planned would be noticed: see `changes_seen`.
    """
    for archived in tables:
        name, number, table = temporary(schema, archived), archived.number, quote(archived.table)
        connection.execute(f"CREATE INDEX temp.sqlfix_key_{number} ON {name} ({_list(archived.row_id, 'new ', '')})")
        same = " AND ".join(f"{quote('new ' + key)} = +OLD.{quote(key)}" for key in archived.row_id)
        settings = ", ".join(f"{quote('new ' + c)} = NEW.{quote(c)}" for c in archived.columns)
        nothing = ", ".join(f"{quote('new ' + c)} = NULL" for c in archived.columns)
        nulls = ", ".join("NULL" for _ in archived.columns)
        old, new = archived.list("OLD"), archived.list("NEW")
        connection.execute(
            f"CREATE TEMP TRIGGER sqlfix_update_{number} AFTER UPDATE ON main.{table} BEGIN"
            f" UPDATE {name} SET {settings} WHERE {same};"
            f" INSERT INTO {name} SELECT 'update', {old}, {new} WHERE changes() = 0; END"
        )
        connection.execute(
            f"CREATE TEMP TRIGGER sqlfix_delete_{number} AFTER DELETE ON main.{table} BEGIN"
            f" UPDATE {name} SET what = 'delete', {nothing} WHERE {same};"
            f" INSERT INTO {name} SELECT 'delete', {old}, {nulls} WHERE changes() = 0; END"
        )


def stop_watching(connection: sqlite3.Connection, tables: Iterable[Archived]) -> None:
    """Take the temporary triggers away."""
    for archived in tables:
        connection.execute(f"DROP TRIGGER temp.sqlfix_update_{archived.number}")
        connection.execute(f"DROP TRIGGER temp.sqlfix_delete_{archived.number}")


# -- by comparing: where the file's own triggers take part ---------------------------------------------------------


def compare(connection: sqlite3.Connection, schema: Schema, tables: Iterable[Archived], before: Path) -> None:
    """Gather every row that differs from the copy that was made before.

    What triggers do is not always seen by other triggers: INSERT OR REPLACE in one removes a row without a word. So
    the two states are compared, table by table.
    """
    attach(connection, before, BEFORE)
    for archived in tables:
        name = temporary(schema, archived)
        now, then = f"main.{quote(archived.table)} AS n", f"{BEFORE}.{quote(archived.table)} AS o"
        match = same_row(schema, archived, "n", [f"o.{quote(key)}" for key in archived.row_id])
        missing_now = f"n.{quote(archived.row_id[0])} IS NULL"
        missing_then = f"o.{quote(archived.row_id[0])} IS NULL"
        nulls = ", ".join("NULL" for _ in archived.columns)
        connection.execute(
            f"INSERT INTO {name} SELECT 'delete', {archived.list('o')}, {nulls}"
            f" FROM {then} LEFT JOIN {now} ON {match} WHERE {missing_now}"
        )
        connection.execute(
            f"INSERT INTO {name} SELECT 'update', {archived.list('o')}, {archived.list('n')}"
            f" FROM {then} JOIN {now} ON {match} WHERE NOT ({same_values(archived, 'o', 'n')})"
        )
        connection.execute(
            f"INSERT INTO {name} SELECT 'insert', {nulls}, {archived.list('n')}"
            f" FROM {now} LEFT JOIN {then} ON {match} WHERE {missing_then}"
        )


def keyed(schema: Schema, archived: Archived) -> Table | None:
    """The table with its rows told apart by the columns that the archive knows; None where these do so no longer.

    They do where they are its own key, or where a unique index is over just these columns.
    """
    table = schema.table(archived.table)
    if table is None or table.kind != "table":  # sqlite_sequence, or a search index
        return Table(archived.table, "table", "", row_id=archived.row_id)
    if table.row_id == archived.row_id:
        return table
    for index in table.indexes:
        by_name = {column.name: column.collation for column in index.columns if not column.expression}
        if index.unique and not index.partial and by_name.keys() == set(archived.row_id):
            collations = tuple(by_name[name] for name in archived.row_id)
            return replace(table, row_id=archived.row_id, row_collations=collations)
    return None


def same_row(schema: Schema, archived: Archived, alias: str, keys: Sequence[str]) -> str:
    """True of the row of a table whose key has these values, as the table itself tells its rows apart."""
    table = keyed(schema, archived)
    return is_row(table, alias, keys) if table else "0"


def same_values(archived: Archived, one: str, other: str, prefix: str = "", other_prefix: str = "") -> str:
    """True where two rows hold the same values of the same types, whatever the columns' collation and affinity."""
    return all_of(
        [
            f"+{one}.{quote(prefix + name)} IS +{other}.{quote(other_prefix + name)} COLLATE BINARY"
            f" AND typeof({one}.{quote(prefix + name)}) = typeof({other}.{quote(other_prefix + name)})"
            for name in archived.columns
        ]
    )


def all_of(terms: Sequence[str]) -> str:
    """Terms joined by AND; halved into parentheses, since SQLite allows an expression a depth of 1,000 and no more."""
    if len(terms) <= 20:
        return " AND ".join(terms)
    half = len(terms) // 2
    return f"({all_of(terms[:half])}) AND ({all_of(terms[half:])})"


# -- into the record ----------------------------------------------------------------------------------------------


def count(connection: sqlite3.Connection, schema: Schema, tables: Iterable[Archived]) -> int:
    """How many rows the archive holds."""
    return sum(
        int(connection.execute(f"SELECT count(*) FROM {temporary(schema, archived)}").fetchone()[0])
        for archived in tables
    )


def write(
    connection: sqlite3.Connection, schema: Schema, tables: Iterable[Archived], record: sqlite3.Connection
) -> None:
    """Write the archive into a record: a table for each table that has changes, in the order of ``number``."""
    for archived in tables:
        name = quote(archived.rows)
        record.execute(f"CREATE TABLE {name} (what TEXT, {archived.old()}, {archived.new()})")
        width = 1 + 2 * len(archived.columns)
        plain = f"INSERT INTO {name} VALUES ({', '.join('?' * width)})"
        with closing(rows_as_stored(connection, temporary(schema, archived), archived)) as rows:
            record.executemany(plain, _writable(record, name, rows))


def rows_as_stored(
    connection: sqlite3.Connection, source: str, archived: Archived, where: str = "TRUE"
) -> Generator[tuple[Value, ...], None, None]:
    """The rows of an archive, with what happened to each in front.

    A text that Python cannot hold comes as NotUtf8 with its bytes in the encoding of the file. From a file in UTF-16
    SQLite would hand it over as other characters without a word, so there every text is read as bytes.
    """
    columns = ["what", *(quote(f"old {c}") for c in archived.columns), *(quote(f"new {c}") for c in archived.columns)]
    codec = {"utf-16le": "utf-16-le", "utf-16be": "utf-16-be"}.get(
        str(connection.execute("PRAGMA encoding").fetchone()[0]).lower()
    )
    if codec is None:
        yield from connection.execute(f"SELECT {', '.join(columns)} FROM {source} WHERE {where}")
        return
    listed = ", ".join(f"CASE typeof({c}) WHEN 'text' THEN CAST({c} AS BLOB) ELSE {c} END" for c in columns)
    kinds = ", ".join(f"typeof({c}) = 'text'" for c in columns)
    for row in connection.execute(f"SELECT {listed}, {kinds} FROM {source} WHERE {where}"):
        pairs = zip(row[: len(columns)], row[len(columns) :], strict=True)
        yield tuple(_decoded(value, codec) if is_text else value for value, is_text in pairs)


def _decoded(raw: bytes, codec: str) -> str | NotUtf8:
    try:
        text = raw.decode(codec)
    except UnicodeDecodeError:
        return NotUtf8(raw)
    # SQLite makes U+FFFD of these two when it reads them in UTF-8, as it would get them from Python
    return NotUtf8(raw) if "\ufffe" in text or "\uffff" in text else text


def _writable(record: sqlite3.Connection, name: str, rows: Iterator[tuple[Value, ...]]) -> Iterator[tuple[Value, ...]]:
    """The rows that Python can bind; one with a text that it cannot is written on the way, as bytes cast to text."""
    for row in rows:
        if not any(isinstance(value, NotUtf8) for value in row):
            yield row
            continue
        # as a literal: a BLOB that is bound would be taken for UTF-8 by the CAST, whatever the file's encoding
        marks = ", ".join(literal(value) if isinstance(value, NotUtf8) else "?" for value in row)
        values = [value for value in row if not isinstance(value, NotUtf8)]
        record.execute(f"INSERT INTO {name} VALUES ({marks})", values)
