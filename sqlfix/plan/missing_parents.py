"""Which parents are missing in a database, and which of them stand in a donor.

Whether a row of a donor is the parent of an orphan is for the rule of the database to say: the donor's value is stored
with the affinity of the parent's column there, and compared by the collation of the foreign key.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing

from sqlfix.frozen import frozen
from sqlfix.model.schema import ForeignKey, Schema, Table
from sqlfix.model.values import NotUtf8, Value, folded
from sqlfix.schema.database import Donor
from sqlfix.sql.literals import free_name, literal, names, quote
from sqlfix.sql.predicates import key_types, lookup, orphan
from sqlfix.sqlite.connect import empty_database
from sqlfix.sqlite.deadline import stop_if_interrupted
from sqlfix.sqlite.failures import in_words
from sqlfix.sqlite.stored_values import as_stored

Key = tuple[Value, ...]


@frozen
class Parents:
    """The missing parents that a donor has; ``columns`` are those of each, in the database's spelling.

    ``rows`` are the values of each, with the place of its key among those that were asked for. ``unread`` are the
    places of keys of which nobody can tell whether the donor has their parents. ``reason`` says why some, or all, were
    not found.
    """

    columns: tuple[str, ...] = ()
    rows: tuple[tuple[int, tuple[Value, ...]], ...] = ()
    unread: frozenset[int] = frozenset()
    reason: str = ""

    @property
    def places(self) -> frozenset[int]:
        """The keys that have a parent in the donor, by their places."""
        return frozenset(place for place, _ in self.rows)


def missing_keys(connection: sqlite3.Connection, schema: Schema, fk: ForeignKey, more: str = "") -> tuple[Key, ...]:
    """The distinct keys of a relationship that have no parent, as its children hold them.

    Args:
        more: SQL that follows: a further condition on ``c``, beginning with AND, or a LIMIT.

    Raises:
        sqlite3.Error: where they cannot be read.
    """
    columns = [f"k{place}" for place in range(len(fk.child_columns))]
    own = ", ".join(
        f"+c.{quote(name)} COLLATE BINARY AS {k}" for name, k in zip(fk.child_columns, columns, strict=True)
    )
    query = f"FROM (SELECT DISTINCT {own} FROM {quote(fk.child)} AS c WHERE {orphan(schema, fk)}{more})"
    return tuple(as_stored(connection, columns, query))


def common_columns(table: Table, donors: Table) -> tuple[tuple[str, str], ...]:
    """The columns that a table and that of a donor both store, each as either spells it."""
    pairs = ((column, donors.column(column.name)) for column in table.columns if not column.generated)
    return tuple((ours.name, theirs.name) for ours, theirs in pairs if theirs is not None)


def why_not_read(donor: Donor, name: str, columns: Iterable[str] = ()) -> str:
    """Why the rows of a table cannot be taken from a donor; empty if they can."""
    table = donor.database.schema.table(name)
    if table is None or table.kind != "table":
        return f"it has no table {name}"
    if table.unreadable:
        return f"its table {name} cannot be read: {table.unreadable}"
    missing = [column for column in columns if table.column(column) is None]
    return f"its table {name} has no column {missing[0]}" if missing else ""


def find_parents(donor: Donor, schema: Schema, fk: ForeignKey, keys: Sequence[Key]) -> Parents:
    """The rows of a donor that are the parents which some keys of a relationship of a database miss."""
    if reason := why_not_read(donor, fk.parent, fk.parent_columns):
        closed = donor.database.schema.table(fk.parent)
        places = range(len(keys)) if closed is not None and closed.unreadable else ()
        return Parents(reason=reason, unread=frozenset(places))
    table = donor.database.schema.known_table(fk.parent)
    pairs = common_columns(schema.known_table(fk.parent), table)
    columns = tuple(ours for ours, _ in pairs)
    stored = [folded(name) for name in columns]
    if computed := [name for name in fk.parent_columns if folded(name) not in stored]:
        return Parents(reason=f"{computed[0]} is computed from other columns")
    by = tuple(zip(fk.parent_columns, lookup(schema, fk), strict=True))
    at = [stored.index(folded(name)) for name in fk.parent_columns]
    with closing(empty_database()) as scratch:
        spelled = _as_stored_there(scratch, schema, fk, keys)
        candidates, failed, problem = _look_up(
            donor, fk.parent, by, [theirs for _, theirs in pairs], [key for key, _ in spelled]
        )
        offered = [tuple(row[place] for place in at) for row in candidates]
        found = _matching(scratch, key_types(schema, fk), keys, offered)
    rows = tuple((place, candidates[number]) for place, number in found)
    unread = [spelled[place][1] for place in failed]
    odd = [place for place, key in enumerate(keys) if NotUtf8 in map(type, key)]
    certain = {place for place, _ in rows}
    problem = problem or ("keys that are not UTF-8 cannot be looked up" if odd else "")
    return Parents(columns, rows, frozenset([*unread, *odd]) - certain, problem)


def find_children(
    donor: Donor, schema: Schema, fk: ForeignKey, parents: Sequence[Key]
) -> tuple[tuple[str, ...], tuple[tuple[Value, ...], ...]]:
    """The columns, and the rows of a donor that reference some parents by a relationship of a database.

    What cannot be read in the donor is passed over: nobody misses these rows.
    """
    if not parents or why_not_read(donor, fk.child, fk.child_columns):
        return (), ()
    pairs = common_columns(schema.known_table(fk.child), donor.database.schema.known_table(fk.child))
    by = tuple(zip(fk.child_columns, lookup(schema, fk), strict=True))
    rows, _, _ = _look_up(donor, fk.child, by, [theirs for _, theirs in pairs], parents)
    return tuple(ours for ours, _ in pairs), tuple(rows)


def _look_up(
    donor: Donor, table: str, by: Sequence[tuple[str, str]], columns: Sequence[str], keys: Sequence[Key]
) -> tuple[list[tuple[Value, ...]], list[int], str]:
    """Columns of the rows of a donor that may be meant, the places of keys that could not be looked up, and why.

    Each key is looked up by the donor's own index, or by one that SQLite makes for the one statement. In a donor that
    is damaged they are looked up one by one: what can be read is used.

    Args:
        by: the columns by which rows are looked up, each with the collation by which it is compared.
    """
    connection, places = donor.database.connection, range(len(by))
    wanted = free_name(donor.database.schema, "sqlfix_wanted")
    match = " AND ".join(f"p.{quote(n)} COLLATE {quote(how)} = w.k{place}" for place, (n, how) in enumerate(by))
    found, joined = [f"p.{quote(name)}" for name in columns], f"CROSS JOIN {quote(table)} AS p ON {match}"
    plain = [(place, key) for place, key in enumerate(keys) if NotUtf8 not in map(type, key)]
    try:
        connection.execute(f"DROP TABLE IF EXISTS temp.{wanted}")
        connection.execute(f"CREATE TEMP TABLE {wanted} (place INTEGER PRIMARY KEY, {_listed('k', places)})")
        marks = ", ".join("?" * (1 + len(places)))
        connection.executemany(f"INSERT INTO temp.{wanted} VALUES ({marks})", ((place, *key) for place, key in plain))
        return _each_once(as_stored(connection, found, f"FROM temp.{wanted} AS w {joined}")), [], ""
    except sqlite3.DatabaseError as error:  # once it met damage, SQLite writes to no temporary table either
        stop_if_interrupted(error)
        problem = in_words(error)
    rows: list[tuple[Value, ...]] = []
    unread = [place for place, key in enumerate(keys) if NotUtf8 in map(type, key)]
    for place, key in plain:
        values = ", ".join(f"{literal(value)} AS k{number}" for number, value in enumerate(key))
        try:
            rows += as_stored(connection, found, f"FROM (SELECT {values}) AS w {joined}")
        except sqlite3.DatabaseError as error:
            stop_if_interrupted(error)
            unread.append(place)
    return _each_once(rows), unread, problem


def _each_once(rows: Iterable[tuple[Value, ...]]) -> list[tuple[Value, ...]]:
    """Rows that were found by several keys, each once; by the types, too: to Python 1 and 1.0 are the same."""
    return list({tuple((type(value), value) for value in row): row for row in rows}.values())


def _as_stored_there(
    scratch: sqlite3.Connection, schema: Schema, fk: ForeignKey, keys: Sequence[Key]
) -> list[tuple[Key, int]]:
    """Some keys as they are, as the parents' columns would store them, and as text, each with the place of the key.

    A donor may have columns of other types.
    """
    places, types = range(len(fk.parent_columns)), key_types(schema, fk)
    typed = ", ".join(f"k{place} {kind}" for place, (kind, _) in zip(places, types, strict=True))
    texts = ", ".join(f"CAST(k{place} AS TEXT)" for place in places)
    scratch.execute(f"CREATE TABLE s ({typed})")
    plain = [(key, place) for place, key in enumerate(keys) if NotUtf8 not in map(type, key)]
    scratch.executemany(f"INSERT INTO s VALUES ({', '.join('?' * len(places))})", (key for key, _ in plain))
    query = f"SELECT {_listed('k', places)}, {texts} FROM s ORDER BY rowid"
    both = [(row[: len(places)], row[len(places) :]) for row in scratch.execute(query)]
    numeric = any(kind in ("INTEGER", "REAL", "NUMERIC") for kind, _ in types)
    found = [*plain, *((key, place) for (key, _), (_, place) in zip(both, plain, strict=True))]
    found += [(text, place) for (_, text), (_, place) in zip(both, plain, strict=True) if numeric]
    # by their types, too: to Python 1 and 1.0 are the same
    by_type = {tuple((type(value), value) for value in key): (key, place) for key, place in reversed(found)}
    return list(by_type.values())


def _matching(
    scratch: sqlite3.Connection, types: Sequence[tuple[str, str]], wanted: Sequence[Key], offered: Sequence[Key]
) -> tuple[tuple[int, int], ...]:
    """Which keys, by their places, have which of the offered ones as their parent's, stored as the database would."""
    if not offered:
        return ()
    places = range(len(types))
    marks = ", ".join("?" * (1 + len(places)))
    typed = ", ".join(f"k{place} {kind} COLLATE {quote(by)}" for place, (kind, by) in zip(places, types, strict=True))
    same = " AND ".join(f"p.k{place} = w.k{place}" for place in places)
    scratch.execute(f"CREATE TABLE w (place INTEGER PRIMARY KEY, {_listed('k', places)})")
    scratch.execute(f"CREATE TABLE p (place INTEGER PRIMARY KEY, {typed})")
    for table, keys in (("w", wanted), ("p", offered)):
        plain = ((place, *key) for place, key in enumerate(keys) if NotUtf8 not in map(type, key))
        scratch.executemany(f"INSERT INTO {table} VALUES ({marks})", plain)
    scratch.execute(f"CREATE INDEX i ON p ({_listed('k', places)})")
    query = f"SELECT w.place, p.place FROM w CROSS JOIN p ON {same} ORDER BY 1, 2"
    return tuple((int(one), int(other)) for one, other in scratch.execute(query))


def _listed(prefix: str, places: Iterable[int]) -> str:
    return names([f"{prefix}{place}" for place in places])
