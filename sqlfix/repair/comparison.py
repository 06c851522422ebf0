"""Comparing a database with an older copy of it, table by table, in SQL, so that memory stays flat."""

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from sqlfix.frozen import frozen
from sqlfix.model.differences import Difference, DifferentRow, LostParents, TableDifference
from sqlfix.model.schema import Schema, Table
from sqlfix.model.values import Value, folded
from sqlfix.plan.missing_parents import common_columns, find_parents, missing_keys
from sqlfix.repair.archive import differing, same_values
from sqlfix.repair.donors import Wanted, open_donor
from sqlfix.schema.database import Database, Donor, open_database
from sqlfix.sql.literals import all_of, names, quote
from sqlfix.sqlite.connect import attach_to_read
from sqlfix.sqlite.deadline import stop_if_interrupted
from sqlfix.sqlite.failures import error_name, in_words
from sqlfix.sqlite.stored_values import as_stored

OLDER = "sqlfix_older"
"""Under this name the older copy is attached."""
MOST_KEYS = 100_000
"""How many missing keys of a relationship are looked up at most."""


@frozen
class _Pair:
    """A table of both: its key, and the columns that both store, each as either spells it."""

    here: Table
    older: Table
    key: tuple[str, ...]
    columns: tuple[tuple[str, str], ...]
    only_removed: bool

    @property
    def kinds(self) -> tuple[str, ...]:
        """What can have become of a row."""
        return ("removed",) if self.only_removed else ("added", "removed", *(["changed"] if self.key else []))

    def theirs(self, name: str) -> str:
        """A column as the older one spells it."""
        return next(older for here, older in self.columns if here == name)


def compare(path: Path, older: Path, timeout: float = 5.0) -> Difference:
    """Compare a file with an older copy of it: a database, a backup, a record of a repair or an SQL dump.

    Raises:
        SqlfixError: where one of them cannot be read.
    """
    with open_database(path, timeout) as database:
        wanted = Wanted.of(path, database, timeout)
    # the database's connection attaches the older one: it is closed first, so that nothing is left beside either
    with open_donor(older, wanted) as donor, open_database(path, timeout) as database:
        return compare_copies(database, donor)


def compare_copies(database: Database, donor: Donor) -> Difference:
    """Compare a database with an older copy of it; the older copy stays attached to the connection.

    Raises:
        Refused: where SQLite cannot read both at a time.
    """
    attach_to_read(database.connection, donor.database.connection, OLDER)
    here, older = _names(database.schema), _names(donor.database.schema)
    tables = tuple(_compare(database.connection, pair) for pair in _pairs(database.schema, donor))
    whole = donor.kind != "record"
    return Difference(
        database.name,
        donor.name,
        donor.kind,
        tables,
        tuple(name for key, name in here.items() if key not in older) if whole else (),
        tuple(name for key, name in older.items() if key not in here),
        tuple(_lost_parents(database, donor)),
        donor.notes,
    )


def different_rows(database: Database, donor: Donor, difference: Difference) -> Iterator[DifferentRow]:
    """Every row that `compare_copies` counted, as it comes."""
    counted = {table.table for table in difference.tables if not table.reason}
    for pair in _pairs(database.schema, donor):
        for what in pair.kinds if pair.here.name in counted else ():
            yield from _rows(database.connection, pair, what)


def _names(schema: Schema) -> dict[str, str]:
    return {folded(table.name): table.name for table in schema.tables if table.kind == "table"}


def _pairs(schema: Schema, donor: Donor) -> Iterator[_Pair]:
    for table in schema.tables:
        older = donor.database.schema.table(table.name)
        if table.kind == "table" and older is not None and older.kind == "table":
            columns = common_columns(table, older)
            yield _Pair(table, older, _key(table, older, donor), columns, donor.kind == "record")


def _key(table: Table, older: Table, donor: Donor) -> tuple[str, ...]:
    """The columns by which rows are found again: a key of both that is never NULL here; none where there is none."""
    theirs = [{folded(name) for name in key} for key in older.keys]
    for key in table.keys:
        wanted = {folded(name) for name in key}
        columns = [table.column(name) for name in key]
        sure = key == table.primary_key or all(column and column.not_null for column in columns)
        stored = all(column and not column.generated for column in columns)
        if sure and stored and (wanted in theirs or donor.kind == "record"):
            known = {folded(column.name) for column in older.columns}
            return key if wanted <= known else ()
    return ()


# -- the rows -----------------------------------------------------------------------------------------------------


def _compare(connection: sqlite3.Connection, pair: _Pair) -> TableDifference:
    here = {folded(column.name) for column in pair.here.columns}
    older = {folded(column.name) for column in pair.older.columns}
    found = TableDifference(pair.here.name, pair.key)
    if not pair.only_removed:
        only_here = tuple(c.name for c in pair.here.columns if folded(c.name) not in older)
        only_older = tuple(c.name for c in pair.older.columns if folded(c.name) not in here)
        found = replace(found, only_here=only_here, only_older=only_older)
    unreadable = pair.here.unreadable or pair.older.unreadable
    if unreadable or not pair.columns:
        return replace(found, reason=unreadable or "they have no column in common")
    try:
        counted = {
            what: int(connection.execute(f"SELECT count(*) {_source(pair, what)}").fetchone()[0]) for what in pair.kinds
        }
    except sqlite3.DatabaseError as error:
        stop_if_interrupted(error)
        if error_name(error).startswith(("SQLITE_FULL", "SQLITE_IOERR")):
            raise
        return replace(found, reason=in_words(error))
    return replace(found, added=counted.get("added"), removed=counted.get("removed"), changed=counted.get("changed"))


def _source(pair: _Pair, what: str) -> str:
    """FROM and WHERE of the rows to which something happened: ``n`` is the row here, ``o`` in the older copy."""
    now, then = f"main.{quote(pair.here.name)} AS n", f"{OLDER}.{quote(pair.older.name)} AS o"
    if not pair.key:
        return f"FROM ({_by_values(pair, what)})"
    match = _same_key(pair)
    if what == "changed":
        same = same_values((f"o.{quote(older)}", f"n.{quote(here)}") for here, older in pair.columns)
        return f"FROM {then} CROSS JOIN {now} ON {match} WHERE NOT ({same})"
    one, other = (now, then) if what == "added" else (then, now)
    return f"FROM {one} WHERE NOT EXISTS (SELECT 1 FROM {other} WHERE {match})"


def _same_key(pair: _Pair) -> str:
    """True where a row of the older copy has the key of a row, as the table itself tells its keys apart."""
    by = {folded(name): "BINARY" for name in pair.key}
    for index in pair.here.indexes:
        if index.unique and {folded(column.name or "") for column in index.columns} == by.keys():
            by = {folded(column.name or ""): column.collation for column in index.columns}
            break
    terms = []
    for name in pair.key:
        column = pair.here.column(name)
        sure = (column is not None and column.not_null) or name == pair.here.integer_key
        # IS, since SQLite lets a primary key be NULL
        compare = "=" if sure else "IS"
        terms.append(f"n.{quote(name)} COLLATE {quote(by[folded(name)])} {compare} o.{quote(pair.theirs(name))}")
    return all_of(terms)


def _by_values(pair: _Pair, what: str) -> str:
    """Rows that nothing but their values tells apart: of each kind as many as there are more on one side."""
    now = (f"main.{quote(pair.here.name)}", [here for here, _ in pair.columns])
    then = (f"{OLDER}.{quote(pair.older.name)}", [older for _, older in pair.columns])
    places = names([f"v{place}" for place in range(len(pair.columns))])
    return f"{differing(*((now, then) if what == 'added' else (then, now)))} SELECT {places} FROM differ"


def _rows(connection: sqlite3.Connection, pair: _Pair, what: str) -> Iterator[DifferentRow]:
    source, here = _source(pair, what), [name for name, _ in pair.columns]
    if not pair.key:
        columns = [f"v{place}" for place in range(len(here))]
    elif what == "changed":
        columns = [f"n.{quote(name)}" for name in here] + [f"o.{quote(name)}" for _, name in pair.columns]
    else:
        columns = [f"n.{quote(one)}" if what == "added" else f"o.{quote(other)}" for one, other in pair.columns]
    for row in as_stored(connection, columns, source):
        yield _row(pair, what, here, row)


def _row(pair: _Pair, what: str, here: list[str], row: tuple[Value, ...]) -> DifferentRow:
    values = tuple(zip(here, row, strict=False))
    key = tuple((name, value) for name, value in values if name in pair.key)
    table = pair.here.name
    if what == "added":
        return DifferentRow(table, "added", key, values, ())
    if what == "removed":
        return DifferentRow(table, "removed", key, (), values)
    older = tuple(zip(here, row[len(here) :], strict=True))
    pairs = zip(values, older, strict=True)
    differ = [(now, then) for now, then in pairs if (type(now[1]), now[1]) != (type(then[1]), then[1])]
    return DifferentRow(table, "changed", key, tuple(one for one, _ in differ), tuple(other for _, other in differ))


# -- what could come back -----------------------------------------------------------------------------------------


def _lost_parents(database: Database, donor: Donor) -> Iterator[LostParents]:
    for fk in {fk.subject: fk for fk in database.schema.foreign_keys if fk.fault is None}.values():
        try:
            keys = missing_keys(database.connection, database.schema, fk, f" LIMIT {MOST_KEYS + 1}")
        except sqlite3.DatabaseError as error:
            stop_if_interrupted(error)
            yield LostParents(fk, 0, 0, reason=in_words(error))
            continue
        if keys:
            capped, keys = len(keys) > MOST_KEYS, keys[:MOST_KEYS]
            found = find_parents(donor, database.schema, fk, keys)
            yield LostParents(fk, len(keys), len(found.places), capped, found.reason or None)
