"""What the text of a CREATE TABLE statement says, as values; `create_table` reads them."""

from sqlfix.frozen import frozen
from sqlfix.model.values import folded
from sqlfix.sql.tokens import Span


@frozen
class ClauseText:
    """A constraint of a column or of a table, of which the text may hold several that say the same.

    ``kind`` is ``not null``, ``null``, ``primary key``, ``unique``, ``default``, ``collate``, ``check``,
    ``references`` (also of a table's FOREIGN KEY), ``generated`` or, where it stands apart from its foreign key,
    ``deferrable``. ``columns`` are those that it is about, as it spells them; none for a CHECK. ``start`` is where its
    first word stands, and ``span`` the whole of it, with its name (CONSTRAINT x) and its ON CONFLICT.
    """

    kind: str
    columns: tuple[str, ...]
    start: int
    span: Span


@frozen
class ColumnText:
    """A column definition.

    ``type`` and ``default`` are SQL text as ``PRAGMA table_xinfo`` gives it (``type`` in the case of the text), and
    ``collation`` is None without a COLLATE. ``span`` runs from the name to the last of the column's constraints, and
    ``type_span``, which is empty behind the name where there is no type, leaves out a GENERATED ALWAYS.
    """

    name: str
    type: str
    collation: str | None = None
    not_null: bool = False
    default: str | None = None
    generated: bool = False
    span: Span = (0, 0)
    type_span: Span = (0, 0)
    clauses: tuple[ClauseText, ...] = ()


@frozen
class ForeignKeyText:
    """A foreign key clause of a column or of the table.

    ``parent_columns`` is empty where the text leaves them out. ``match`` is the word after MATCH in upper case.
    ``deferrable`` is True only for DEFERRABLE INITIALLY DEFERRED. ``text`` and ``span`` are the clause from FOREIGN
    KEY, or from a column's REFERENCES, to its end: without its name (CONSTRAINT x), and without a DEFERRABLE clause
    that stands further on in the text. ``parent_span`` is the name of the parent, ``key_spans`` those of its columns,
    ``actions`` the ON clauses, each with its event, ``action_end`` where another one could stand, and ``deferrals``
    all DEFERRABLE clauses that it has, each with whether SQLite defers because of it: the last one counts.
    """

    columns: tuple[str, ...]
    parent: str
    parent_columns: tuple[str, ...]
    on_delete: str
    on_update: str
    constraint: str | None
    deferrable: bool
    match: str | None
    text: str
    span: Span
    parent_span: Span = (0, 0)
    key_spans: tuple[Span, ...] = ()
    actions: tuple[tuple[str, Span], ...] = ()
    action_end: int = 0
    deferrals: tuple[tuple[bool, Span], ...] = ()


@frozen
class CheckText:
    """A CHECK clause: its name, the expression between its parentheses, and the place of the whole clause."""

    name: str | None
    text: str
    span: Span


@frozen
class ConflictText:
    """An ON CONFLICT clause: the columns of the NOT NULL, UNIQUE or PRIMARY KEY that it is of, and its word.

    ``unique`` is False for a NOT NULL; ``word`` is in lower case. SQLite makes nothing of such a clause of a CHECK.
    """

    columns: tuple[str, ...]
    unique: bool
    word: str


@frozen
class TableText:
    """What the text of one CREATE TABLE statement says, each kind of clause in the order of the text.

    ``primary_key`` and ``uniques`` name columns as the constraints spell them, which may differ in case. ``clauses``
    are the constraints of the table itself, and ``end`` is where the list of all that closes.
    """

    name: str
    columns: tuple[ColumnText, ...]
    foreign_keys: tuple[ForeignKeyText, ...]
    checks: tuple[CheckText, ...]
    uniques: tuple[tuple[str, ...], ...]
    primary_key: tuple[str, ...]
    without_rowid: bool
    strict: bool
    conflicts: tuple[ConflictText, ...] = ()
    clauses: tuple[ClauseText, ...] = ()
    end: int = 0

    @property
    def collations(self) -> dict[str, str]:
        """The collations that columns are declared with, by the folded name; no entry without a COLLATE."""
        return {folded(c.name): c.collation for c in self.columns if c.collation is not None}
