"""The nouns: frozen values without I/O that the steps hand to one another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum


@dataclass(frozen=True, slots=True)
class NotUtf8:
    """A stored TEXT value whose bytes are not UTF-8."""

    raw: bytes

    def __str__(self) -> str:
        return self.raw.decode(errors="backslashreplace")


Link = tuple[str, tuple[str, ...], str, tuple[str, ...]]
"""What tells one relationship from another: child, its columns, parent, its columns."""

Subject = tuple[str, tuple[str, ...], str | None, tuple[str, ...]]
"""What something is about: a relationship, or a table alone.

What concerns a table alone has no parent, which is another thing than a parent with an empty name.
"""

Fact = int | str | None
"""What a check knows of a finding beyond its numbers."""

Value = int | float | str | bytes | NotUtf8 | None
"""What a column can hold: SQLite's five storage classes, and text that cannot be decoded."""


class Severity(IntEnum):
    """How much a finding matters, by what SQLite enforces."""

    HINT = 1
    WARNING = 2
    ERROR = 3
    """SQLite refuses to write, or the application's own check fails, because of it."""


class Applicability(IntEnum):
    """What a fix promises about the data; the lower, the safer."""

    LOSSLESS = 1
    """No stored information is lost."""
    DECLARED = 2
    """Finishes what the schema's own ON DELETE would have done, or removes a link row with a missing end."""
    CHOICE = 3
    """The schema does not say: NULL it or delete it."""
    MANUAL = 4
    """A person must decide; nothing is applied unless asked for by name."""


class Loss(IntEnum):
    """What a fix takes away; the planner prefers the lesser loss."""

    NOTHING = 1
    VALUES = 2
    ROWS = 3


# -- the schema ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
class IndexColumn:
    """A key column of an index; ``name`` is None for the rowid and for an expression."""

    name: str | None
    collation: str
    expression: bool = False


@dataclass(frozen=True, slots=True)
class Index:
    """An index; ``origin`` is SQLite's: ``c`` (CREATE INDEX), ``u`` (UNIQUE constraint) or ``pk``.

    ``expressions`` are its terms, as the CREATE INDEX statement has them, where one of its columns is an expression.
    ``calls`` is true where an expression or the WHERE may call a function, which may fail for a row.
    """

    name: str
    unique: bool
    origin: str
    partial: bool
    columns: tuple[IndexColumn, ...]
    expressions: str = ""
    calls: bool = False


@dataclass(frozen=True, slots=True)
class Trigger:
    """A trigger on a table; ``sql`` is its CREATE TRIGGER text, or empty where its name or the text is not UTF-8."""

    name: str
    sql: str


@dataclass(frozen=True, slots=True)
class KeyFault:
    """Why SQLite cannot use a foreign key at all.

    ``check`` is the name of the check that reports it; ``detail`` says which case of it (``none``, ``partial``,
    ``expression``, ``collation``, ``view``, ``virtual``); ``names`` are the likely renamed tables, the missing columns
    or the index that nearly fits.
    """

    check: str
    detail: str = ""
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
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

    @property
    def subject(self) -> Link:
        """What tells this relationship from another; two declarations of the same one share it."""
        return (self.child, self.child_columns, self.parent, self.parent_columns)


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the main schema.

    ``kind`` is ``table``, ``virtual``, ``shadow`` or ``view``. ``row_id`` are the column names by which a row is
    addressed in SQL: a name of the rowid that no column hides, else the primary key of a WITHOUT ROWID table; empty
    where a row cannot be addressed. ``row_collations`` are the collations by which SQLite tells these rows apart, those
    of the primary key's own index: one for each column of ``row_id``, None where it is that of the column itself.
    ``integer_key`` is the INTEGER PRIMARY KEY column, which *is* the rowid.
    ``unreadable`` says why the table cannot be read. ``wanted_keys`` are columns that are to become unique,
    as somebody asked about them; the schema itself says nothing of them.
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
    _by_name: dict[str, Column] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_name", {folded(c.name): c for c in reversed(self.columns)})

    def column(self, name: str) -> Column | None:
        """The column of that name as SQLite compares names (ASCII case does not count), or None."""
        return self._by_name.get(folded(name))


@dataclass(frozen=True, slots=True)
class JoinTable:
    """The table of a many-to-many relationship; ``carries_data`` if it has columns beyond its key and the two links."""

    table: str
    left: ForeignKey
    right: ForeignKey
    carries_data: bool


@dataclass(frozen=True, slots=True)
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
    _indexes: frozenset[str] = field(init=False, repr=False, compare=False)
    _joins: dict[str, JoinTable] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        keys = tuple(fk for table in self.tables for fk in table.foreign_keys)
        to: dict[str, list[ForeignKey]] = {}
        having: dict[tuple[str, str], list[ForeignKey]] = {}
        to_column: dict[tuple[str, str], list[ForeignKey]] = {}
        for fk in keys:
            child, parent = folded(fk.child), folded(fk.parent)
            to.setdefault(parent, []).append(fk)
            for name in fk.child_columns:
                having.setdefault((child, folded(name)), []).append(fk)
            for name in fk.parent_columns:
                to_column.setdefault((parent, folded(name)), []).append(fk)
        joins = {folded(join.table): join for join in reversed(self.join_tables)}
        object.__setattr__(self, "foreign_keys", keys)
        object.__setattr__(self, "_by_name", {folded(table.name): table for table in self.tables})
        object.__setattr__(self, "_to", {name: tuple(some) for name, some in to.items()})
        object.__setattr__(self, "_with", having)
        object.__setattr__(self, "_to_column", to_column)
        object.__setattr__(self, "_joins", joins)
        indexes = frozenset(folded(index.name) for table in self.tables for index in table.indexes)
        object.__setattr__(self, "_indexes", indexes)

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
        return self._by_name.get(folded(name))

    def has(self, name: str) -> bool:
        """True if a table or an index has that name."""
        return folded(name) in self._by_name or folded(name) in self._indexes

    def join_table(self, name: str) -> JoinTable | None:
        """The join table of that name, or None."""
        return self._joins.get(folded(name))


_FOLD = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")


def folded(name: str) -> str:
    """A name as SQLite compares names: only the ASCII letters lose their case."""
    return name.lower() if name.isascii() else name.translate(_FOLD)


# -- what a scan finds --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a sample: how to address it, and the values that are at fault."""

    key: tuple[tuple[str, Value], ...]
    values: tuple[tuple[str, Value], ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """A broken promise of the schema, as facts; the check named by ``check`` puts it into words.

    ``count`` is the number of rows (0 for a fault of the schema), ``distinct`` the number of distinct missing keys, or
    None where the rows are too many to tell their keys apart.
    ``fix`` names the fix that repair would choose by default, or is None where a person must decide.
    """

    check: str
    severity: Severity
    table: str
    columns: tuple[str, ...]
    parent: str | None
    parent_columns: tuple[str, ...]
    count: int = 0
    distinct: int | None = 0
    sample: tuple[Row, ...] = ()
    facts: Mapping[str, Fact] = field(default_factory=dict)
    fix: str | None = None

    @property
    def subject(self) -> Subject:
        """The relationship that the finding is about."""
        return (self.table, self.columns, self.parent, self.parent_columns)

    @property
    def indexed(self) -> str:
        """The table whose index a finding about an index is about: the parent, or the only table it knows of."""
        return self.table if self.parent is None else self.parent


@dataclass(frozen=True, slots=True)
class FaultyRow:
    """One faulty row as ``scan --rows`` streams it."""

    check: str
    subject: Subject
    row: Row


@dataclass(frozen=True, slots=True)
class Relationship:
    """What a scan saw of one foreign key: ``rows`` of the child table, ``orphans`` by SQLite's own rule."""

    foreign_key: ForeignKey
    checked: bool
    reason: str | None = None
    rows: int | None = None
    orphans: int | None = None


@dataclass(frozen=True, slots=True)
class NotChecked:
    """Something in scope that could not be checked, and why."""

    subject: str
    reason: str


@dataclass(frozen=True, slots=True)
class Report:
    """What a scan says of one database; ``empty`` if there is no table in it.

    ``beyond`` is how many relationships it has that were not in scope.
    """

    database: str
    relationships: tuple[Relationship, ...]
    join_tables: tuple[JoinTable, ...]
    findings: tuple[Finding, ...]
    not_checked: tuple[NotChecked, ...]
    empty: bool = False
    beyond: int = 0

    @property
    def clean(self) -> bool:
        """True only if everything in scope was checked and nothing but hints was found."""
        return not self.not_checked and all(finding.severity == Severity.HINT for finding in self.findings)


# -- what a repair does -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Choice:
    """A fix chosen by name, with the values of ``update:VALUE`` as they were typed, one for each child column.

    ``literals`` is the SQL of what the columns of a database make of them, empty as long as none is open.
    """

    fix: str
    typed: tuple[str, ...] = ()
    literals: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Fix:
    """One step of a plan.

    ``checks`` are the findings it mends; empty for a *consequence*: rows that lose their parent through an earlier
    step. ``rows`` is how many rows it deletes or changes, and ``follows`` how many of these follow from earlier
    steps. ``value`` is what is written, as SQL text, for the fixes
    that write one, and ``written`` the columns that change. ``statements`` are complete SQL statements without bound
    parameters. ``decided_by`` says who decided about the rows that are at fault, and ``follows_by`` who about those
    that follow: ``schema`` (the ON DELETE given in ``on_delete``), ``choice`` (an option), ``default``; empty where
    there are no such rows. ``why`` says why where it is not for want of a parent. ``remaining_sql`` counts what has to
    be none afterwards.
    """

    name: str
    table: str
    columns: tuple[str, ...]
    parent: str | None
    parent_columns: tuple[str, ...]
    checks: tuple[str, ...]
    rows: int
    applicability: Applicability
    loss: Loss
    statements: tuple[str, ...]
    value: str | None = None
    written: tuple[str, ...] = ()
    follows: int = 0
    link_rows: bool = False
    carries_data: bool = False
    why: str | None = None
    remaining_sql: str | None = None
    decided_by: str = ""
    follows_by: str = ""
    on_delete: str = ""

    @property
    def subject(self) -> Subject:
        """The relationship that it is about."""
        return (self.table, self.columns, self.parent, self.parent_columns)


@dataclass(frozen=True, slots=True)
class Left:
    """A finding, or a part of one, that the plan does not mend: how many rows, and why.

    ``count_sql`` counts them anew, where other fixes can change how many they are.
    """

    check: str
    table: str
    columns: tuple[str, ...]
    parent: str | None
    parent_columns: tuple[str, ...]
    count: int
    reason: str
    hint: str | None = None
    count_sql: str | None = None

    @property
    def subject(self) -> Subject:
        """The relationship that it is about."""
        return (self.table, self.columns, self.parent, self.parent_columns)


@dataclass(frozen=True, slots=True)
class TableTotal:
    """What a plan does to one table in all; ``by_triggers`` is the change in rows that the file's own triggers add."""

    table: str
    before: int
    deleted: int
    changed: int
    by_triggers: int = 0


@dataclass(frozen=True, slots=True)
class OldOrphans:
    """The orphans of a relationship before a plan runs, which are looked at row by row.

    ``gather`` are the statements that put them into the temporary table ``table``; ``broken_sql`` counts the orphans
    that there are then and that are none of these: rows that have lost their parent.
    """

    table: str
    gather: tuple[str, ...]
    broken_sql: str


@dataclass(frozen=True, slots=True)
class Expectation:
    """How many orphans a relationship has after the plan ran; ``orphans_sql`` counts them.

    ``before`` tells them from new ones; None where there are to be none, so that any one is too many.
    """

    foreign_key: ForeignKey
    remaining: int
    orphans_sql: str
    before: OldOrphans | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What a repair will do, in order, and what it leaves.

    ``rehearsed``: it was tried out on a private copy, where it made ``changes`` changes of rows, those that the file's
    own triggers made among them. ``applied``: it was carried out, after the backup ``backup`` if one was made;
    ``unverified`` are the tables of it that SQLite could not check, each with the reason; ``record`` is the file that
    can take it back. ``unmended``: how many warnings about tables as a whole no repair mends; they are not listed.
    """

    database: str
    fixes: tuple[Fix, ...]
    left: tuple[Left, ...]
    totals: tuple[TableTotal, ...]
    expectations: tuple[Expectation, ...]
    rehearsed: bool = False
    changes: int | None = None
    applied: bool = False
    backup: str | None = None
    unverified: tuple[tuple[str, str], ...] = ()
    record: str | None = None
    unmended: int = 0


@dataclass(frozen=True, slots=True)
class Meant:
    """The one row that a script is about, for it to know again.

    ``there_sql`` counts 1 before, by the row's key; ``by_rowid`` where its table has none, and then by all its values
    as well. ``gone_sql`` counts 0 afterwards.
    """

    table: str
    there_sql: str
    gone_sql: str
    by_rowid: bool
