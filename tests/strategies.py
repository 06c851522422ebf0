"""Random databases for the property tests: schemas with every odd thing SQLite allows, and rows that half fit them.

A `Case` is a description from which the SQL is written, so that a failing example prints as a script, and so that the
oracle can have the same table written anew with one foreign key only.
"""

from __future__ import annotations

import contextlib
import math
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import strategies as st

Stored = int | float | str | bytes | None
T = TypeVar("T")

TYPES = (
    "INTEGER", "INT", "BIGINT", "TEXT", "VARCHAR(9)", "BLOB", "", "REAL", "DOUBLE", "NUMERIC", "DECIMAL(4,2)",
    "BOOLEAN", "UUID", "DATETIME", "CHARINT", "FLOATING POINT",
)  # fmt: skip
STRICT_TYPES = ("INT", "INTEGER", "REAL", "TEXT", "BLOB", "ANY")
COLLATIONS = (None, None, None, "BINARY", "NOCASE", "RTRIM", "nocase")
ACTIONS = (None, "CASCADE", "SET NULL", "SET DEFAULT", "RESTRICT", "NO ACTION")

VALUES: tuple[Stored, ...] = (
    None, 1, "1", 1.0, "1.0", " 1", "01", b"1", 0, -1, "", b"", "0", 2, "2", 2.5, "2.5", 3, "ANN", "ann", "ann ",
    b"ann", "ann\u00a0", "\tann", "Ä", "ä", "NULL", "\\N", "none", True, 2**53-1, 2**53, 2**53+1, float(2**53),
    2**63-1, -(2**63), float(2**63), str(2**53+1), math.inf, -math.inf, 1e300, 0.1, -0.0, "1e0", "0x1", "+1",
    "9223372036854775807", "9223372036854775808", "a'b", 'a"b', "a\nb", "\U0001f41d", "a\x00b", b"\xff", b"\x00"*16,
    "0"*32, "00000000-0000-0000-0000-000000000000", "{6F9619FF-8B86-D011-B42D-00CF4FC964FF}",
    "6f9619ff8b86d011b42d00cf4fc964ff", bytes.fromhex("6f9619ff8b86d011b42d00cf4fc964ff"), "2024-01-01 00:00:00",
)  # fmt: skip
PLAIN_VALUES: tuple[Stored, ...] = (1, 2, 3, "1", "2", "ann", "ANN", "ann ", None, 0, 7)

TABLE_NAMES = (
    "a", "b", "p", "c", "t", "d", "l", "m", "doomed", "link", "order", "select", "rowid", "sqlite3_log",
    "sqlfix_check", "sqlfix_missing", "sqlfix_suspects", "sqlfix_keys", "sqlfix_doomed_0", "sq.l", "", " ",
    "two words", "quo\"te", "apo'strophe", "ba`ck", "[brackets]", "new\nline", "ta\tb", "semi;colon", "--", "/*",
    "*/", "\U0001f41d", "Straße", "ÄRGER", "ärger", "a,b", "a_b", "main", "temp", "x=1", "p__old", "NULL", "a(b)",
    "%", "\\",
)  # fmt: skip
COLUMN_NAMES = (
    "a", "b", "id", "p", "c", "t", "d", "l", "k0", "ct", "pt", "doomed", "link", "none", "near", "rowid", "oid",
    "_rowid_", "order", "group", "two words", "quo\"te", "apo'strophe", "ba`ck", "[b]", "new\nline", "ta\tb", "",
    "\U0001f41d", "é", "É", "a.b", "a,b", "a_id", "parent_id", "check", "NULL", "*", "collate", "--", "x)",
)  # fmt: skip
PLAIN_NAMES = ("a", "b", "c", "d", "id", "k", "p", "t", "x", "y", "z")


def quoted(name: str) -> str:
    """A name as an SQL identifier, written here once more so that the package's own quoting is not its own judge."""
    return '"' + name.replace('"', '""') + '"'


def in_sql(value: Stored) -> str:
    """A value as SQL, likewise."""
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, int):
        return "(-9223372036854775807 - 1)" if value == -(2**63) else str(value)
    if isinstance(value, float):
        return ("1e999" if value > 0 else "-1e999") if math.isinf(value) else repr(value)
    if isinstance(value, bytes):
        return f"x'{value.hex()}'"
    if "\x00" in value:
        return f"CAST(x'{value.encode().hex()}' AS TEXT)"
    return "'" + value.replace("'", "''") + "'"


def fold(name: str) -> str:
    """A name as SQLite compares it."""
    return "".join(chr(ord(c) + 32) if "A" <= c <= "Z" else c for c in name)


@dataclass(frozen=True)
class Key:
    """A foreign key as it is declared; ``columns`` of the parent are empty where the declaration leaves them out."""

    child_columns: tuple[str, ...]
    parent: str
    columns: tuple[str, ...]
    on_delete: str | None
    inline: bool
    deferred: bool = False
    on_update: str | None = None

    def references(self) -> str:
        """The REFERENCES clause."""
        text = f"REFERENCES {quoted(self.parent)}"
        if self.columns:
            text += f" ({', '.join(quoted(c) for c in self.columns)})"
        if self.on_delete:
            text += f" ON DELETE {self.on_delete}"
        if self.on_update:
            text += f" ON UPDATE {self.on_update}"
        return text + (" DEFERRABLE INITIALLY DEFERRED" if self.deferred else "")

    def constraint(self) -> str:
        """The key as a constraint of the table."""
        return f"FOREIGN KEY ({', '.join(quoted(c) for c in self.child_columns)}) {self.references()}"


@dataclass(frozen=True)
class ColumnSpec:
    """A column and its own constraints; ``constraints`` come before the REFERENCES clauses."""

    name: str
    type: str
    collation: str | None = None
    not_null: bool = False
    default: str | None = None
    generated: str | None = None
    check: str | None = None
    primary_key: str | None = None

    def sql(self, keys: Sequence[Key]) -> str:
        """The column's definition."""
        parts = [quoted(self.name), self.type]
        if self.primary_key:
            parts.append(self.primary_key)
        if self.collation:
            parts.append(f"COLLATE {self.collation}")
        if self.not_null:
            parts.append("NOT NULL")
        if self.default is not None:
            parts.append(f"DEFAULT {self.default}")
        if self.check:
            parts.append(f"CHECK ({self.check})")
        if self.generated:
            parts.append(self.generated)
        parts += [key.references() for key in keys]
        return " ".join(part for part in parts if part)


@dataclass(frozen=True)
class TableSpec:
    """A table; ``keys`` stand in the order of the text: those of the columns, then those of the table."""

    name: str
    columns: tuple[ColumnSpec, ...]
    primary_key: tuple[tuple[str, str | None], ...] = ()
    uniques: tuple[tuple[tuple[str, str | None], ...], ...] = ()
    keys: tuple[Key, ...] = ()
    without_rowid: bool = False
    strict: bool = False
    indexes: tuple[str, ...] = ()
    rows: tuple[tuple[Stored, ...], ...] = ()
    repeat: int = 1

    @property
    def stored(self) -> tuple[str, ...]:
        """The columns that are not computed."""
        return tuple(c.name for c in self.columns if not c.generated)

    def sql(self, keys: Sequence[Key] | None = None, not_null: bool = True) -> str:
        """The CREATE TABLE statement, with all of its foreign keys or with those given."""
        keys = self.keys if keys is None else keys
        parts = []
        for column in self.columns:
            shown = column if not_null else ColumnSpec(**{**column.__dict__, "not_null": False})
            parts.append(shown.sql([k for k in keys if k.inline and k.child_columns == (column.name,)]))
        if self.primary_key:
            parts.append(f"PRIMARY KEY ({indexed(self.primary_key)})")
        parts += [f"UNIQUE ({indexed(unique)})" for unique in self.uniques]
        parts += [key.constraint() for key in keys if not key.inline]
        options = [word for word, on in (("WITHOUT ROWID", self.without_rowid), ("STRICT", self.strict)) if on]
        return f"CREATE TABLE {quoted(self.name)} ({', '.join(parts)}) {', '.join(options)}".rstrip()

    def inserts(self) -> list[str]:
        """One INSERT for each row; those that the table refuses are left out when it is built."""
        into = f"INSERT OR IGNORE INTO {quoted(self.name)} ({', '.join(map(quoted, self.stored))}) VALUES"
        return [f"{into} ({', '.join(map(in_sql, row))})" for row in self.rows] * self.repeat


def indexed(columns: Sequence[tuple[str, str | None]]) -> str:
    """The columns of a key or an index, with their collations."""
    return ", ".join(quoted(name) + (f" COLLATE {collation}" if collation else "") for name, collation in columns)


@dataclass(frozen=True)
class Case:
    """A whole database; ``late`` statements (triggers) come after the rows, so that building it fires none.

    ``null_in_not_null`` builds the tables without their NOT NULLs and writes those into the schema afterwards, as
    files have it whose schema was edited.
    """

    tables: tuple[TableSpec, ...]
    late: tuple[str, ...] = ()
    null_in_not_null: bool = False
    wal: bool = field(default=False, compare=False)

    def __repr__(self) -> str:
        return "a database built by:\n" + ";\n".join(self.statements()) + ";\n"

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(repr(self))

    def statements(self) -> list[str]:
        """All statements, in order."""
        found = ["PRAGMA journal_mode = WAL"] if self.wal else []
        for table in self.tables:
            found += [table.sql(not_null=not self.null_in_not_null), *table.indexes]
        for table in self.tables:
            found += table.inserts()
        if self.null_in_not_null:
            found.append("PRAGMA writable_schema = ON")
            for table in self.tables:
                text = in_sql(table.sql())
                found.append(
                    f"UPDATE sqlite_master SET sql = {text} WHERE type = 'table' AND name = {in_sql(table.name)}"
                )
            found.append("PRAGMA writable_schema = RESET")
        return found + list(self.late)

    def table(self, name: str) -> TableSpec:
        """The table of that name."""
        return next(t for t in self.tables if fold(t.name) == fold(name))

    def build(self, path: Path) -> Path:
        """The database as a file; rows and indexes that SQLite refuses are left out."""
        with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute("PRAGMA synchronous = OFF")
            statements = self.statements()
            if self.wal:
                connection.execute(statements.pop(0))
            connection.execute("BEGIN")
            for statement in statements:
                if statement.startswith(("INSERT", "CREATE UNIQUE INDEX")):
                    with contextlib.suppress(sqlite3.Error):
                        connection.execute(statement)
                else:
                    connection.execute(statement)
            connection.execute("COMMIT")
        return path


# -- strategies ---------------------------------------------------------------------------------------------------


@lru_cache(maxsize=10_000, typed=True)
def among(*options: T) -> st.SearchStrategy[T]:
    """One of these; what has been made once is used again, since hypothesis takes as long to make it as to draw."""
    return st.sampled_from(options)


@cache
def sometimes(chance: int) -> st.SearchStrategy[bool]:
    """True once in ``chance`` times; it shrinks to False."""
    return among(*[False] * (chance - 1), True)


@cache
def some(options: tuple[str, ...], fewest: int, most: int) -> st.SearchStrategy[list[str]]:
    """Some of these, no two of them alike for SQLite."""
    return st.lists(among(*options), min_size=fewest, max_size=most, unique_by=fold)


ENCODABLE = st.characters(exclude_categories=["Cs"])
"""Every character but surrogates; of `st.text` without it, hypothesis tries for seconds what UTF-8 can encode."""


@cache
def values() -> st.SearchStrategy[Stored]:
    """A value to be stored: one of the odd ones, or any at all."""
    return st.one_of(
        among(*VALUES),
        st.integers(-(2**63), 2**63 - 1),
        st.floats(allow_nan=False),
        st.text(ENCODABLE, max_size=6),
        st.binary(max_size=6),
    )


def checks(name: str) -> list[str]:
    """CHECKs of a column; some call functions of SQLite's own, one of which fails for a BLOB."""
    return [
        f"{name} IS NOT 7",
        f"{name} IS NOT NULL",
        f"JSON_VALID({name}) IN (0, 1) OR {name} IS NULL",
        f"json_quote({name}) IS NOT '7'",
        f"length({name}) < 40 OR instr({name}, '-') OR {name} IS NULL",
    ]


def computed(name: str) -> list[str]:
    """Expressions over a column, for a computed one or an index; some fail for a BLOB."""
    return [
        name,
        f"{name} + 0",
        f"upper({name})",
        "1",
        f"json_quote({name})",
        f"json_extract(json_array(hex({name})), '$[0]')",
        f"CASE WHEN json_valid({name}) THEN {name} ->> '$' END",
        f"coalesce(nullif({name}, 0), abs(length({name})))",
    ]


@cache
@st.composite
def column_specs(draw: st.DrawFn, name: str, strict: bool, plain: bool) -> ColumnSpec:
    kind = draw(among(*(STRICT_TYPES if strict else ("INTEGER", "TEXT", "") if plain else TYPES)))
    default = None
    if draw(sometimes(4)):
        default = draw(among("1", "0", "'ann'", "NULL", "-1", '"ann"', "ann", "(1 + 1)", "x'31'", "+2", "'9'"))
    check = draw(among(*checks(quoted(name)))) if draw(sometimes(12)) else None
    return ColumnSpec(
        name, kind, draw(among(*COLLATIONS)), draw(sometimes(4)), default, check=check
    )  # fmt: skip


@cache
@st.composite
def unique_keys(draw: st.DrawFn, columns: tuple[str, ...]) -> tuple[tuple[str, str | None], ...]:
    names = draw(some(columns, 1, 3))
    return tuple((name, draw(among(None, None, None, "BINARY", "NOCASE", "RTRIM"))) for name in names)


@cache
def some_keys(columns: tuple[str, ...]) -> st.SearchStrategy[list[tuple[tuple[str, str | None], ...]]]:
    """A UNIQUE of some of the columns, or none."""
    return st.lists(unique_keys(columns), max_size=1)


@cache
@st.composite
def bare_tables(draw: st.DrawFn, name: str, number: int, plain: bool) -> TableSpec:
    """A table without foreign keys and rows."""
    strict = draw(sometimes(8))
    pool = PLAIN_NAMES if plain else COLUMN_NAMES
    names = draw(some(pool, 1, 5))
    columns = [draw(column_specs(column, strict, plain)) for column in names]
    stored = list(names)
    if len(names) > 1 and draw(sometimes(8)):
        source = quoted(names[0])
        expression = draw(among(*computed(source)))
        kind = draw(among("VIRTUAL", "STORED"))
        last = columns[-1]
        columns[-1] = ColumnSpec(
            last.name, last.type, last.collation, last.not_null, generated=f"GENERATED ALWAYS AS ({expression}) {kind}"
        )
        stored.pop()
    how = draw(among("rowid", "rowid", "inline", "inline desc", "table", "table", "none"))
    primary_key: tuple[tuple[str, str | None], ...] = ()
    if how in ("rowid", "inline", "inline desc"):
        first = columns[0]
        kind = "INTEGER" if how != "inline" else first.type
        words = "PRIMARY KEY DESC" if how == "inline desc" else "PRIMARY KEY"
        columns[0] = ColumnSpec(
            first.name, kind, first.collation, first.not_null, first.default, check=first.check, primary_key=words
        )
    elif how == "table":
        primary_key = draw(unique_keys(tuple(stored)))
    without_rowid = how != "none" and draw(sometimes(4))
    uniques = tuple(draw(some_keys(tuple(names))))
    indexes = []
    for place in range(draw(among(0, 0, 1, 1, 2))):
        key = draw(unique_keys(tuple(names)))
        first, last = quoted(names[0]), quoted(names[-1])
        conditions = [f"{first} IS NOT NULL", f"{last} > 0", f"json_valid({first})", f"typeof({last}) <> 'blob'"]
        where = f" WHERE {draw(among(*conditions))}" if draw(sometimes(3)) else ""
        listed = indexed(key)
        if draw(sometimes(8)):
            listed = draw(among(f"lower({first})", *(f"({text})" for text in computed(first)[1:])))
        indexes.append(f"CREATE UNIQUE INDEX {quoted(f'i{number}{place}')} ON {quoted(name)} ({listed}){where}")
    return TableSpec(
        name, tuple(columns), primary_key, uniques, without_rowid=without_rowid, strict=strict, indexes=tuple(indexes)
    )


def parent_keys(table: TableSpec) -> list[tuple[str, ...]]:
    """The column lists of a table that may serve as a parent key."""
    found = [(c.name,) for c in table.columns if c.primary_key]
    if table.primary_key:
        found.append(tuple(name for name, _ in table.primary_key))
    found += [tuple(name for name, _ in unique) for unique in table.uniques]
    return found


@st.composite
def keys_of(draw: st.DrawFn, table: TableSpec, tables: Sequence[TableSpec]) -> Key:
    """One foreign key of a table, more often a sound one than not."""
    parent = draw(st.sampled_from(tables))
    known = parent_keys(parent)
    every = [c.name for c in parent.columns]
    how = draw(among("key", "key", "key", "key", "implicit", "implicit", "any", "odd"))
    target: tuple[str, ...]
    name = parent.name
    count = 1
    if how == "key" and known:
        target = tuple(draw(st.permutations(draw(st.sampled_from(known)))))
        count = len(target)
    elif how == "implicit":
        target = ()
        count = len(known[0]) if known else 1
        if draw(sometimes(8)):
            count += 1
    elif how == "odd":
        target = draw(among(("no such column",), ("rowid",), ()))
        name = draw(among(parent.name, "no such table", "p", "a"))
    else:
        target = tuple(draw(st.lists(among(*every), min_size=1, max_size=2)))
        count = len(target)
    if len(table.columns) >= count:
        columns = tuple(draw(st.permutations([c.name for c in table.columns])))[:count]
    else:
        columns = tuple(draw(among(*table.columns)).name for _ in range(count))
    if draw(sometimes(12)):
        target = tuple(c.upper() for c in target)
    inline = count == 1 and draw(st.booleans())
    on_delete, on_update = (draw(among(*ACTIONS)) for _ in range(2))
    return Key(columns, name, target, on_delete, inline, draw(sometimes(8)), on_update)


@st.composite
def with_keys(draw: st.DrawFn, table: TableSpec, tables: Sequence[TableSpec]) -> TableSpec:
    keys = draw(st.lists(keys_of(table, tables), max_size=3))
    if keys and draw(sometimes(10)):
        keys.append(keys[0])
    order = [c.name for c in table.columns]
    inline = sorted((k for k in keys if k.inline), key=lambda k: order.index(k.child_columns[0]))
    return TableSpec(**{**table.__dict__, "keys": (*inline, *(k for k in keys if not k.inline))})


@st.composite
def triggers(draw: st.DrawFn, tables: Sequence[TableSpec]) -> tuple[str, ...]:
    """An audit table's trigger, a cascade by hand, or one that forbids."""
    table = draw(st.sampled_from(tables))
    kind = draw(among("audit", "json", "cascade", "forbid", "ignore", "missing"))
    on = quoted(table.name)
    if kind == "json":
        column = quoted(draw(st.sampled_from(table.columns)).name)
        gone = f"json_object('gone', OLD.{column}, 'logged', (SELECT json_array_length(logged) FROM last_of_all))"
        return (
            "CREATE TABLE log_of_all (what)",
            "CREATE VIEW last_of_all AS SELECT json_group_array(json(what)) AS logged FROM log_of_all",
            f"CREATE TRIGGER json_1 AFTER DELETE ON {on} BEGIN INSERT INTO log_of_all VALUES ({gone});"
            " DELETE FROM log_of_all WHERE json_extract(what, '$.logged') < 3; END",
            f"CREATE TRIGGER json_2 AFTER UPDATE ON {on} BEGIN INSERT INTO log_of_all"
            f" SELECT json_quote(value) FROM json_each(json_array(OLD.{column}, NEW.{column})); END",
        )
    if kind == "audit":
        return (
            "CREATE TABLE audit_of_all (what, n INTEGER)",
            f"CREATE TRIGGER audit_1 AFTER DELETE ON {on} BEGIN INSERT INTO audit_of_all VALUES ('gone', 1); END",
            f"CREATE TRIGGER audit_2 AFTER UPDATE ON {on} BEGIN INSERT INTO audit_of_all VALUES ('new', 2); END",
        )
    if kind == "cascade":
        other = draw(st.sampled_from(tables))
        theirs, ours = (
            quoted(draw(st.sampled_from(other.columns)).name),
            quoted(draw(st.sampled_from(table.columns)).name),
        )
        return (
            f"CREATE TRIGGER cascade_1 AFTER DELETE ON {on} BEGIN"
            f" DELETE FROM {quoted(other.name)} WHERE {theirs} = OLD.{ours}; END",
        )
    event = draw(among("DELETE", "UPDATE"))
    if kind == "ignore":
        column = quoted(draw(st.sampled_from(table.columns)).name)
        return (
            f"CREATE TRIGGER ignore_1 BEFORE {event} ON {on} WHEN OLD.{column} > 1 BEGIN SELECT RAISE(IGNORE); END",
        )
    if kind == "missing":
        asked = draw(among("SELECT only_the_application_has_it(1)", "DELETE FROM no_such_log"))
        return (f"CREATE TRIGGER missing_1 AFTER {event} ON {on} BEGIN {asked}; END",)
    how = draw(among("ABORT", "FAIL", "ROLLBACK"))
    return (f"CREATE TRIGGER forbid_1 BEFORE {event} ON {on} BEGIN SELECT RAISE({how}, 'forbidden'); END",)


@cache
def pools(plain: bool) -> st.SearchStrategy[list[Stored]]:
    """The few values of which all rows of a database are made, so that they meet."""
    return st.lists(among(*PLAIN_VALUES) if plain else values(), min_size=2, max_size=6)


@st.composite
def cases(draw: st.DrawFn, with_triggers: bool = True, nulls: bool = False) -> Case:
    """A database of one to five tables.

    Args:
        with_triggers: some of them have triggers.
        nulls: some of them hold a NULL in a NOT NULL column.
    """
    plain = draw(st.booleans())
    names = draw(some(PLAIN_NAMES if plain else TABLE_NAMES, 1, 5))
    bare = [draw(bare_tables(name, number, plain)) for number, name in enumerate(names)]
    value = st.sampled_from(draw(pools(plain)))
    tables = []
    for table in bare:
        full = draw(with_keys(table, bare))
        row = st.tuples(*[value] * len(full.stored))
        rows = draw(st.lists(row, max_size=10))
        repeat = draw(among(*[1] * 15, 40))
        tables.append(TableSpec(**{**full.__dict__, "rows": tuple(rows), "repeat": repeat}))
    late = draw(triggers(tables)) if with_triggers and draw(sometimes(6)) else ()
    return Case(tuple(tables), late, nulls and draw(sometimes(4)), draw(sometimes(6)))
