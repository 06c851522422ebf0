"""What a database says about its tables, and how they refer to one another."""

from collections.abc import Sequence
from dataclasses import field

from sqlfix.frozen import frozen
from sqlfix.model.values import Link, NotUtf8, Subject, folded, grouped


@frozen
class Column:
    """A column as SQLite's ``PRAGMA table_xinfo`` gives it.

    ``default`` is the DEFAULT clause's SQL text or None. ``primary_key`` is its 1-based place in the primary key, or 0.
    ``collation`` is its declared collation, BINARY without one.
    """

    name: str
    type: str
    not_null: bool
    default: str | None
    primary_key: int
    generated: bool = False
    collation: str = "BINARY"

    def __hash__(self) -> int:
        return hash((self.name, self.type))  # what is known of a column is found by it


@frozen
class IndexColumn:
    """A key column of an index; ``name`` is None for the rowid and for an expression."""

    name: str | None
    collation: str
    expression: bool = False


@frozen
class Index:
    """An index; ``origin`` is SQLite's: ``c`` (CREATE INDEX), ``u`` (UNIQUE constraint) or ``pk``.

    ``sql`` is its CREATE INDEX statement, empty where a constraint made it. ``expressions`` are its terms, as that has
    them, where one of its columns is an expression. ``calls`` is true where an expression or the WHERE may call a
    function, which may fail for a row.
    """

    name: str
    unique: bool
    origin: str
    partial: bool
    columns: tuple[IndexColumn, ...]
    sql: str | NotUtf8 = ""
    expressions: str = ""
    calls: bool = False

    @property
    def created_by(self) -> tuple[str, str] | None:
        """Its name and its CREATE INDEX statement; None for one that is part of the CREATE TABLE."""
        return (self.name, self.sql) if self.sql and isinstance(self.sql, str) else None


@frozen
class Trigger:
    """A trigger on a table; ``sql`` is its CREATE TRIGGER text, or empty where its name or the text is not UTF-8."""

    name: str
    sql: str


@frozen
class KeyFault:
    """Why SQLite cannot use a foreign key at all.

    ``check`` is the name of the check that reports it; ``detail`` says which case of it (``none``, ``partial``,
    ``expression``, ``collation``, ``view``, ``virtual``); ``names`` are the likely renamed tables, the missing columns
    or the index that nearly fits.
    """

    check: str
    detail: str = ""
    names: tuple[str, ...] = ()


@frozen
class ForeignKey:
    """A declared relationship from child columns to parent columns.

    ``parent_columns`` are resolved: where the declaration leaves them out they are the parent's primary key, in the
    order of its declaration. ``parent_collations`` are those by which SQLite looks the key up. ``fault`` is set where
    SQLite could not use the key. ``constraint``, ``deferrable``, ``match`` and ``text`` come from the CREATE TABLE
    text and are None where that was not read, or did not agree with what SQLite enforces; ``deferrable`` is True only
    for what SQLite really defers, DEFERRABLE INITIALLY DEFERRED.
    """

    child: str
    child_columns: tuple[str, ...]
    parent: str
    parent_columns: tuple[str, ...]
    on_delete: str
    on_update: str
    parent_collations: tuple[str | None, ...] = ()
    implicit: bool = False
    fault: KeyFault | None = None
    constraint: str | None = None
    deferrable: bool | None = None
    match: str | None = None
    text: str | None = None
    origin: str = "declared"

    def __hash__(self) -> int:
        return hash((self.child, self.child_columns))  # in a scan these are the keys of most that is known

    @property
    def subject(self) -> Link:
        """What tells this relationship from another; two declarations of the same one share it."""
        return (self.child, self.child_columns, self.parent, self.parent_columns)


@frozen
class Table:
    """A table of the main schema.

    ``kind`` is ``table``, ``virtual``, ``shadow`` or ``view``. ``row_id`` are the column names by which a row is
    addressed in SQL: a name of the rowid that no column hides, else the primary key of a WITHOUT ROWID table; empty
    where a row cannot be addressed. ``row_collations`` are the collations by which SQLite tells these rows apart, those
    of the primary key's own index: one for each column of ``row_id``, None where it is that of the column itself.
    ``integer_key`` is the INTEGER PRIMARY KEY column, which *is* the rowid.
    ``unreadable`` says why the table cannot be read. ``wanted_keys`` are columns that are to become unique,
    ``wanted_checks`` CHECK constraints, by name and text, and ``wanted_types`` columns with their types in a STRICT
    table, all of them yet to be declared: see `sqlfix.schema.names`. ``keys_declared`` is how many foreign keys
    the file declares: where a table has more of them, they are yet to be declared as well.
    """

    name: str
    kind: str
    sql: str
    columns: tuple[Column, ...] = ()
    primary_key: tuple[str, ...] = ()
    integer_key: str | None = None
    row_id: tuple[str, ...] = ()
    row_collations: tuple[str | None, ...] = ()
    without_rowid: bool = False
    strict: bool = False
    indexes: tuple[Index, ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()
    triggers: tuple[Trigger, ...] = ()
    unreadable: str | None = None
    wanted_keys: tuple[tuple[str, ...], ...] = ()
    wanted_checks: tuple[tuple[str | None, str], ...] = ()
    wanted_types: tuple[tuple[str, str], ...] = ()
    keys_declared: int = field(default=0, repr=False, compare=False)
    _by_name: dict[str, Column] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_name: dict[str, Column] = {}
        for column in self.columns:
            # most names are asked for as they are stored, and need not be folded then
            if by_name.setdefault(folded(column.name), column) is column:
                by_name[column.name] = column
        object.__setattr__(self, "_by_name", by_name)

    def column(self, name: str) -> Column | None:
        """The column of that name as SQLite compares names (ASCII case does not count), or None."""
        return self._by_name.get(name) or self._by_name.get(folded(name))

    def known_column(self, name: str) -> Column:
        """The same of a name that is known to be that of a column.

        Raises:
            LookupError: it is none.
        """
        return self._by_name.get(name) or self._by_name[folded(name)]

    @property
    def known_by(self) -> tuple[str, ...]:
        """The columns by which people know a row: the primary key, or the ``row_id`` where there is none."""
        return self.primary_key or self.row_id

    @property
    def writable(self) -> tuple[str, ...]:
        """The columns that a statement can write: all that are not computed from others."""
        return tuple(column.name for column in self.columns if not column.generated)

    @property
    def keys(self) -> tuple[tuple[str, ...], ...]:
        """The columns of each key: the primary key, then those that may not be NULL, then the other unique ones.

        An index over some rows, or over an expression, is none.
        """

        def may_be_null(key: tuple[str, ...]) -> bool:
            return not all((column := self.column(name)) and column.not_null for name in key)

        over_all = (i.columns for i in self.indexes if i.unique and not i.partial and all(c.name for c in i.columns))
        unique = [tuple(column.name or "" for column in columns) for columns in over_all]
        return tuple(dict.fromkeys(filter(None, (self.primary_key, *sorted(unique, key=may_be_null)))))


@frozen
class JoinTable:
    """The table of a many-to-many relationship; ``carries_data`` if it has columns beyond its key and the two links."""

    table: str
    left: ForeignKey
    right: ForeignKey
    carries_data: bool


@frozen
class Schema:
    """All that a database says about its tables and how they refer to one another."""

    tables: tuple[Table, ...]
    join_tables: tuple[JoinTable, ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = field(init=False, repr=False, compare=False)
    """Every declared foreign key, table by table, in the order of the text."""
    _by_name: dict[str, Table] = field(init=False, repr=False, compare=False)
    _to: dict[str, tuple[ForeignKey, ...]] = field(init=False, repr=False, compare=False)
    _with: dict[tuple[str, str], list[ForeignKey]] = field(init=False, repr=False, compare=False)
    _to_column: dict[tuple[str, str], list[ForeignKey]] = field(init=False, repr=False, compare=False)
    _indexes: dict[str, Table] = field(init=False, repr=False, compare=False)
    _joins: dict[str, JoinTable] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        keys = tuple(fk for table in self.tables for fk in table.foreign_keys)
        to = grouped((folded(fk.parent), fk) for fk in keys)
        having = grouped(((folded(fk.child), folded(name)), fk) for fk in keys for name in fk.child_columns)
        to_column = grouped(((folded(fk.parent), folded(name)), fk) for fk in keys for name in fk.parent_columns)
        joins = {folded(join.table): join for join in reversed(self.join_tables)}
        object.__setattr__(self, "foreign_keys", keys)
        by_name = {folded(table.name): table for table in self.tables}
        as_stored = {table.name: table for table in self.tables if by_name[folded(table.name)] is table}
        object.__setattr__(self, "_by_name", by_name | as_stored)
        object.__setattr__(self, "_to", {name: tuple(some) for name, some in to.items()})
        object.__setattr__(self, "_with", having)
        object.__setattr__(self, "_to_column", to_column)
        object.__setattr__(self, "_joins", joins)
        indexes = {folded(index.name): table for table in self.tables for index in table.indexes}
        object.__setattr__(self, "_indexes", indexes)

    def usable_keys(self) -> dict[Subject, ForeignKey]:
        """Each relationship that SQLite can use by what it is about, the last first; of the same ones, the first."""
        return {fk.subject: fk for fk in reversed(self.foreign_keys) if fk.fault is None}

    def references_to(self, table: str) -> tuple[ForeignKey, ...]:
        """The foreign keys of all tables that refer to the table of that name, in the order of `foreign_keys`."""
        return self._to.get(folded(table), ())

    def keys_with(self, table: str, column: str) -> Sequence[ForeignKey]:
        """The foreign keys of a table of which a column is a part."""
        return self._with.get((folded(table), folded(column)), ())

    def references_to_column(self, table: str, column: str) -> Sequence[ForeignKey]:
        """The foreign keys of all tables that refer to a column of a table."""
        return self._to_column.get((folded(table), folded(column)), ())

    def table(self, name: str) -> Table | None:
        """The table of that name as SQLite compares names, or None."""
        return self._by_name.get(name) or self._by_name.get(folded(name))

    def known_table(self, name: str) -> Table:
        """The same of a name that is known to be that of a table.

        Raises:
            LookupError: it is none.
        """
        return self._by_name.get(name) or self._by_name[folded(name)]

    def table_of_index(self, name: str) -> Table | None:
        """The table that has the index of that name, or None."""
        return self._indexes.get(folded(name))

    def has(self, name: str) -> bool:
        """True if a table or an index has that name."""
        return folded(name) in self._by_name or folded(name) in self._indexes

    def join_table(self, name: str) -> JoinTable | None:
        """The join table of that name, or None."""
        return self._joins.get(folded(name))
