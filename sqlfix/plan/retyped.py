"""What another type of a column would make of the keys of its table, and of the CHECKs, in a temporary table.

There two keys can become the same, a child can lose its parent, and a CHECK can become false: SQLite itself stores the
values, and is asked.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

from sqlfix.frozen import frozen
from sqlfix.model.findings import Row
from sqlfix.model.schema import Column, ForeignKey, Index, Schema, Table
from sqlfix.model.values import folded
from sqlfix.scan.same_rows import by_twos
from sqlfix.scan.trees import is_computed, terms_of
from sqlfix.schema.fingerprint import expression_of
from sqlfix.schema.stored_form import checks_of, text_of
from sqlfix.sql.literals import all_of, free_of, names, quote
from sqlfix.sql.predicates import affinity, has_values, is_there, match_parent, stored
from sqlfix.sql.rebuild_statements import AtFault, alike
from sqlfix.sql.tokens import known_tokens
from sqlfix.sqlite.deadline import overlooking
from sqlfix.sqlite.row_sets import unused_name

SAMPLES = 5


@frozen
class Retyped:
    """The keys of ``table`` as they would be stored, in the temporary table ``then``, under the names of its columns.

    ``indexes`` are those that keep a key unique which has the column in it, ``keys`` are the foreign keys of other
    tables that reference it.
    """

    connection: sqlite3.Connection
    table: Table
    then: str
    indexes: tuple[Index, ...]
    keys: tuple[ForeignKey, ...]

    def same(self) -> Iterator[tuple[tuple[str, ...], int, tuple[Row, ...]]]:
        """The keys that would be the same: their columns, how many rows have one of them, and a few of the keys."""
        for index in self.indexes:
            terms, where = terms_of(index)
            columns = tuple(c.name for c in self.table.columns if folded(c.name) in _spoken_of(index))
            source = f"{self.then} AS {quote(self.table.name)}{f' WHERE {where}' if where else ''}{by_twos(terms)}"
            twice = f"SELECT count(*) AS n, {names(columns)} FROM {source}"
            rows = int(self.connection.execute(f"SELECT total(n) FROM ({twice})").fetchone()[0])
            if rows:
                some = self.connection.execute(f"{twice} LIMIT {SAMPLES}").fetchall()
                yield columns, rows, tuple(Row.of(columns, (), values[1:]) for values in some)

    def parted(self, fk: ForeignKey) -> str:
        """True of a child row ``c`` of a foreign key to this table that has a parent and would have none."""
        values = [f"+c.{quote(name)}" for name in fk.child_columns]
        now = f"EXISTS (SELECT 1 FROM {quote(fk.parent)} AS p WHERE {match_parent(fk)})"
        return f"{now} AND NOT EXISTS (SELECT 1 FROM {self.then} AS p WHERE {has_values(fk, values)})"


@contextmanager
def retyped(
    connection: sqlite3.Connection, schema: Schema, table: Table, new: Column, then: Iterable[Index]
) -> Iterator[Retyped | None]:
    """Have SQLite store the keys of a table by another type of a column; None where no key has the column in it.

    By another collation alone only what is computed can become the same, or another value.

    Args:
        then: the indexes that the table will have.
    """
    stays = _is_stored_alike(table, new)
    indexes = tuple(
        index
        for index in then
        if index.unique and new.name in _with_sources(table, _spoken_of(index))
        if not (stays and not is_computed(table, index))
    )
    others = (fk for fk in schema.references_to(table.name) if folded(fk.child) != folded(table.name) and not fk.fault)
    keys = tuple(fk for fk in others if _is_concerned(table, new, fk.parent_columns))
    named = {name for index in indexes for name in _spoken_of(index)}
    used = _with_sources(table, named | {name for fk in keys for name in fk.parent_columns})
    if not used:
        yield None
        return
    with stored_anew(connection, schema, table, used, new) as name:
        for number, fk in enumerate(keys):
            of_key = names(fk.parent_columns)
            connection.execute(f"CREATE INDEX temp.{name}_{number} ON {name} ({of_key})")
        yield Retyped(connection, table, f"temp.{name}", indexes, keys)


@contextmanager
def stored_anew(
    connection: sqlite3.Connection, schema: Schema, table: Table, columns: Iterable[str], new: Column
) -> Iterator[str]:
    """A temporary table with columns of another one as they would be stored if one were ``new``; its name."""
    used = [*columns]
    name, listed = unused_name(connection, schema, "sqlfix_retyped"), names(_written(table, used))
    connection.execute(f"CREATE TEMP TABLE {name} ({', '.join(_declared(table, used, {new.name: new}))})")
    connection.execute(f"INSERT INTO temp.{name} ({listed}) SELECT {listed} FROM {stored(table)}")
    yield name
    connection.execute(f"DROP TABLE temp.{name}")


def _declared(table: Table, columns: Iterable[str], new: Mapping[str, Column]) -> Iterator[str]:
    """Columns of a table, of which some are ``new``, declared so that they store, compute and compare as they do."""
    computed = _computed(table)
    for name in columns:
        column = new.get(name, table.known_column(name))
        said = f"{quote(name)} {affinity(column, table.strict)} COLLATE {quote(column.collation)}"
        yield f"{said} AS {computed[folded(name)]} STORED" if folded(name) in computed else said


def _computed(table: Table) -> dict[str, str]:
    """The expressions of the generated columns of a table, by their folded names."""
    text = text_of(table.sql) if any(column.generated for column in table.columns) else None
    columns = text.columns if text else ()
    return {folded(c.name): expression_of(table.sql[slice(*c.span)]) for c in columns if c.generated}


def _with_sources(table: Table, wanted: Iterable[str]) -> tuple[str, ...]:
    """Those columns of a table that have one of some names, and those from which they are computed."""
    computed, found = _computed(table), {*map(folded, wanted)}
    while more := {word for name in found & computed.keys() for word in _words(computed[name])} - found:
        found |= more
    return tuple(column.name for column in table.columns if folded(column.name) in found)


def _written(table: Table, columns: Iterable[str]) -> list[str]:
    """Those of some columns that are not computed."""
    return [name for name in columns if not table.known_column(name).generated]


def _is_stored_alike(table: Table, new: Column) -> bool:
    """True if a column stores its values as before, and only compares in another way."""
    return affinity(table.known_column(new.name), table.strict) == affinity(new, table.strict)


def _is_concerned(table: Table, new: Column, key: Iterable[str]) -> bool:
    """True if a key, of some columns of a table, can hold other values by a new column."""
    names = [*key]
    computed = any(table.known_column(name).generated for name in names)
    return new.name in _with_sources(table, names) and (computed or not _is_stored_alike(table, new))


def _spoken_of(index: Index) -> set[str]:
    """What may be the names of the columns that an index is about, folded."""
    plain = {folded(column.name) for column in index.columns if column.name}
    terms, where = terms_of(index) if index.sql else ((), "")
    return plain.union(*map(_words, (*terms, where)))


def _words(text: str) -> set[str]:
    """The words of an expression, folded: the names of columns are among them."""
    return {folded(word) for token in known_tokens(text) for word in (token.name, token.word) if word}


def newly_broken(
    connection: sqlite3.Connection, schema: Schema, table: Table, new: Mapping[str, Column], checks: Iterable[str]
) -> Iterator[tuple[str, int, tuple[Row, ...]]]:
    """The CHECKs that rows would break which do not now, if columns were ``new``: how many rows, and a few of them.

    None of a CHECK that calls what only the application has.
    """
    for text, then, broken in _at_risk(table, new, checks, unused_name(connection, schema, "sqlfix_checked")):
        with overlooking(sqlite3.OperationalError), then.made(connection, new, broken):
            yield from ((text, *met) for met in then.met(connection, then.newly(broken)))


def _at_risk(
    table: Table, new: Mapping[str, Column], checks: Iterable[str], name: str
) -> Iterator[tuple[str, _Then, str]]:
    """Those of some CHECKs that have columns in them which would be ``new``, each with what is true where it is broken.

    Args:
        name: for the temporary table.
    """
    for text in checks:
        used = _with_sources(table, _words(text))
        if shown := tuple(name for name in new if name in used):
            yield text, _Then(table, name, used, quote(table.name), shown), f"NOT ({text}\n)"


@frozen
class AtRisk:
    """A CHECK that another type or collation may make false, as statements for a script.

    ``made`` store what it speaks of as it will be, in a temporary table, and ``dropped`` drops that; ``broken`` are the
    rows there that break it then and do not now. Others may have broken it before: these are copied as they are.
    """

    made: tuple[str, ...]
    broken: AtFault
    dropped: str


def checks_at_risk(old: Table, new: Table, name: str) -> Iterator[AtRisk]:
    """The CHECKs of the new text of a table that have columns in them which store or compare in another way then.

    Args:
        name: for the temporary table.
    """
    others = {
        one.name: other
        for one in old.columns
        if (other := new.column(one.name)) is not None
        if (affinity(one, old.strict), folded(one.collation)) != (affinity(other, new.strict), folded(other.collation))
    }
    for text, then, broken in _at_risk(old, others, checks_of(new.sql) or () if others else (), name):
        said = f"CHECK ({' '.join(text.split())}) of {new.name} would be false"
        rows = AtFault(said, then.source(then.newly(broken)), ", ".join(then.told), old.known_by, then.shown)
        yield AtRisk(then.statements(others, broken), rows, then.dropped)


def computed_otherwise(
    connection: sqlite3.Connection, schema: Schema, table: Table, new: Column, computed: Iterable[str]
) -> Iterator[tuple[str, int, tuple[Row, ...]]]:
    """The generated columns whose stored values would be others, if a column were ``new``: how many rows, and a few.

    Args:
        computed: those that are looked at.
    """
    for name in computed:
        used, x = _with_sources(table, (name,)), f"c.{quote(name)}"
        then = _Then(table, unused_name(connection, schema, "sqlfix_computed"), used, "c", (name,))
        same = alike(x, then.was, affinity(table.known_column(name), table.strict))
        with then.made(connection, {new.name: new}, x):
            yield from ((name, *met) for met in then.met(connection, f"NOT ({all_of([*same])})"))


def parted_children(
    connection: sqlite3.Connection, schema: Schema, table: Table, new: Column, wanted: ForeignKey | None
) -> Iterator[tuple[ForeignKey, int, tuple[Row, ...]]]:
    """The foreign keys of a table by which rows would become orphans, if a column were ``new``: how many, and a few.

    In a tree the key of the parent is stored as it says, too. By one that is ``wanted`` no row may be without a parent.
    """
    for fk in (*table.foreign_keys, *([wanted] if wanted else [])):
        itself, parent = folded(fk.parent) == folded(table.name), schema.table(fk.parent)
        used = _with_sources(table, (*fk.child_columns, *(fk.parent_columns if itself else ())))
        if fk.fault or parent is None or parent.unreadable or not _is_concerned(table, new, used):
            continue
        then = _Then(table, unused_name(connection, schema, "sqlfix_parted"), used, "c", fk.child_columns)
        now, later = (
            f"EXISTS (SELECT 1 FROM {parents} AS p WHERE {match_parent(fk)})"
            for parents in (quote(fk.parent), f"temp.{then.name}" if itself else quote(fk.parent))
        )
        has_key = all_of([is_there(f"c.{quote(name)}") for name in fk.child_columns])
        with then.made(connection, {new.name: new}, "1" if fk is wanted else f"(NOT ({has_key}) OR {now})"):
            if itself:
                connection.execute(f"CREATE INDEX temp.{then.name}_0 ON {then.name} ({names(fk.parent_columns)})")
            where = f"{then.was} AND {has_key} AND NOT {later}"
            yield from ((fk, *met) for met in then.met(connection, where))


@frozen
class _Then:
    """Some columns of a table as they would be stored, in the temporary table ``name``; its rows have an alias.

    Beside them stands what identifies a row and is ``shown`` of it, and in ``was`` what was said of it under that
    alias, all as it is now.
    """

    table: Table
    name: str
    columns: tuple[str, ...]
    alias: str
    shown: tuple[str, ...]

    @property
    def was(self) -> str:
        """The name of what was said."""
        return free_of("sqlfix_was", self.columns)

    @property
    def told(self) -> tuple[str, ...]:
        """The names of what identifies a row and is shown of it."""
        return tuple(
            free_of(f"sqlfix_{number}", self.columns) for number, _ in enumerate((*self.table.known_by, *self.shown))
        )

    @contextmanager
    def made(self, connection: sqlite3.Connection, new: Mapping[str, Column], said: str) -> Iterator[None]:
        """Make the table for the block."""
        try:
            for statement in self.statements(new, said):
                connection.execute(statement)
            yield
        finally:
            connection.execute(self.dropped)

    def statements(self, new: Mapping[str, Column], said: str) -> tuple[str, str]:
        """What makes the table."""
        declared = (*_declared(self.table, self.columns, new), self.was, *self.told)
        written = names(_written(self.table, self.columns))
        held = ", ".join([written, said, *map(quote, (*self.table.known_by, *self.shown))])
        into = ", ".join([written, self.was, *self.told])
        return (
            f"CREATE TEMP TABLE {self.name} ({', '.join(declared)})",
            f"INSERT INTO temp.{self.name} ({into}) SELECT {held} FROM main.{stored(self.table, self.alias)}",
        )

    @property
    def dropped(self) -> str:
        """What drops it again."""
        return f"DROP TABLE IF EXISTS temp.{self.name}"

    def newly(self, said: str) -> str:
        """True of a row of which something will be true that was said of it before, and was not true then."""
        return f"{said} AND {self.was} IS NOT 1"

    def source(self, where: str) -> str:
        """SQL of the rows that a condition holds for, from FROM on."""
        return f"FROM temp.{self.name} AS {self.alias} WHERE {where}"

    def met(self, connection: sqlite3.Connection, where: str) -> Iterator[tuple[int, tuple[Row, ...]]]:
        """How many rows a condition holds for, and a few; none where it holds for none."""
        source = self.source(where)
        if count := int(connection.execute(f"SELECT count(*) {source}").fetchone()[0]):
            some = connection.execute(f"SELECT {', '.join(self.told)} {source} LIMIT {SAMPLES}").fetchall()
            yield count, tuple(Row.of(self.table.known_by, self.shown, values) for values in some)
