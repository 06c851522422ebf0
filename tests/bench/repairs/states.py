"""What a database holds, row by row and link by link, told by what the rows are and not by their keys."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bench.repairs.kinds import Kind

Raw = tuple[object, ...]
RowName = tuple[str, Raw]
"""A table, and what tells a row of it from all others."""
LinkName = tuple[str, Raw, tuple[str, ...]]
"""A row, and the columns of one of its foreign keys."""
ORPHAN: RowName = ("", ("no parent",))


@dataclass(frozen=True)
class ForeignKey:
    """A foreign key of the schema."""

    child: str
    columns: tuple[str, ...]
    parent: str
    parent_columns: tuple[str, ...]
    on_delete: str
    optional: bool


@dataclass
class State:
    """All rows, each with its values by column, and of each link the row that it leads to: None for NULL."""

    rows: dict[RowName, dict[str, object]] = field(default_factory=dict)
    links: dict[LinkName, RowName | None] = field(default_factory=dict)
    keys: tuple[ForeignKey, ...] = ()


def quoted(name: str) -> str:
    """A name as SQL."""
    return '"' + name.replace('"', '""') + '"'


def foreign_keys(connection: sqlite3.Connection) -> tuple[ForeignKey, ...]:
    """All foreign keys, in the order of the tables; one without names of parent columns has those of the key."""
    found: list[ForeignKey] = []
    for (table,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY rowid").fetchall():
        parts: dict[int, list[tuple[object, ...]]] = {}
        for row in connection.execute(f"PRAGMA foreign_key_list({quoted(table)})").fetchall():
            parts.setdefault(row[0], []).append(row)
        empty = {
            row[1] for row in connection.execute(f"PRAGMA table_info({quoted(table)})") if not row[3] and not row[5]
        }
        for rows in parts.values():
            parent = next(
                name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
                if name.lower() == str(rows[0][2]).lower()
            )  # fmt: skip
            columns = tuple(str(row[3]) for row in rows)
            theirs = tuple(str(row[4]) for row in rows if row[4]) or primary_key(connection, parent)
            found.append(ForeignKey(table, columns, parent, theirs, str(rows[0][6]), set(columns) <= empty))
    return tuple(found)


def primary_key(connection: sqlite3.Connection, table: str) -> tuple[str, ...]:
    """The columns of the primary key."""
    rows = connection.execute(f"PRAGMA table_info({quoted(table)})").fetchall()
    return tuple(row[1] for row in sorted(rows, key=lambda row: row[5]) if row[5])


def address_of(connection: sqlite3.Connection, table: str) -> tuple[str, ...]:
    """The columns that say which row to write to: the rowid, or the primary key of a table without one."""
    try:
        connection.execute(f"SELECT rowid FROM {quoted(table)} LIMIT 0")
    except sqlite3.OperationalError:
        return primary_key(connection, table)
    return ("rowid",)


def read(kind: Kind, path: Path, was: Mapping[str, Mapping[Raw, Raw]] | None = None) -> State:
    """The rows and links of a database.

    Args:
        was: for the tables of rows that are links and nothing else, what each row was before it was damaged, all its
            values by all its values: so it is known again.
    """
    state = State()
    with contextlib.closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
        state.keys = foreign_keys(connection)
        at: dict[str, dict[Raw, RowName]] = {}
        for table in kind.identity:
            at[table] = _read_rows(connection, kind, table, (was or {}).get(table, {}), state)
        for fk in state.keys:
            _read_links(connection, fk, at, state)
    return state


def _read_rows(
    connection: sqlite3.Connection, kind: Kind, table: str, was: Mapping[Raw, Raw], state: State
) -> dict[Raw, RowName]:
    """Read the rows of a table into the state; each row's name by its address."""
    address = address_of(connection, table)
    listed = ", ".join(quoted(name) if name != "rowid" else name for name in address)
    cursor = connection.execute(f"SELECT {listed}, * FROM {quoted(table)} ORDER BY {listed}")
    columns = [column[0] for column in cursor.description][len(address) :]
    names: dict[Raw, RowName] = {}
    for row in cursor:
        values = dict(zip(columns, row[len(address) :], strict=True))
        raw: Raw = tuple(values[name] for name in kind.identity[table]) or tuple(values.values())
        name = (table, was.get(raw, raw))
        while name in state.rows:
            name = (table, (*name[1], "again"))
        state.rows[name] = values
        names[row[: len(address)]] = name
    return names


def _read_links(
    connection: sqlite3.Connection, fk: ForeignKey, at: Mapping[str, Mapping[Raw, RowName]], state: State
) -> None:
    """Read where the links of a foreign key lead, by SQLite's own rule: as the parent's column compares."""
    ours, theirs = address_of(connection, fk.child), address_of(connection, fk.parent)
    listed = [f"c.{quoted(n) if n != 'rowid' else n}" for n in ours] + [
        f"p.{quoted(n) if n != 'rowid' else n}" for n in theirs
    ]
    found = " AND ".join(
        f"p.{quoted(theirs)} = +c.{quoted(ours)}" for ours, theirs in zip(fk.columns, fk.parent_columns, strict=True)
    )
    empty = " OR ".join(f"c.{quoted(name)} IS NULL" for name in fk.columns)
    tables = f"{quoted(fk.child)} AS c LEFT JOIN {quoted(fk.parent)} AS p"
    query = f"SELECT {empty}, {', '.join(listed)} FROM {tables} ON {found}"
    for is_empty, *row in connection.execute(query):
        child, parent = tuple(row[: len(ours)]), tuple(row[len(ours) :])
        name = at[fk.child][child]
        if is_empty:
            state.links[*name, fk.columns] = None
        else:
            state.links[*name, fk.columns] = ORPHAN if parent[0] is None else at[fk.parent][parent]
