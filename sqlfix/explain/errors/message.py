"""An error message, as facts: what sort it is of, and what it names. Pure."""

from enum import StrEnum

from sqlfix.explain.errors.statement import Statement
from sqlfix.frozen import frozen


class Kind(StrEnum):
    """What sort of error a message is about."""

    FOREIGN_KEY = "foreign-key"
    UNIQUE = "unique"
    PRIMARY_KEY = "primary-key"
    NOT_NULL = "not-null"
    CHECK = "check"
    MISSING_TABLE = "missing-table"
    MISSING_COLUMN = "missing-column"
    MISSING_FUNCTION = "missing-function"
    """A function, a collation, a tokenizer or a module."""
    MISSING_OBJECT = "missing-object"
    """An index, a trigger or a view."""
    MISMATCH = "mismatch"
    DATATYPE = "datatype"
    STRICT_TYPE = "strict-type"
    EXISTS = "already-exists"
    """A table, an index, a view, a trigger or a column that is there already."""
    CONFLICT_TARGET = "no-conflict-target"
    COLUMN_COUNT = "column-count"
    SCHEMA = "malformed-schema"
    """A declaration that SQLite cannot read or does not trust."""
    NOT_UTF8 = "not-utf8"
    RAISED = "raised"
    """A message that is not known: a trigger may have raised it."""
    MIGRATION = "migration"
    OWN_RULE = "rule-of-the-application"
    """A refusal to delete a row, or to part it from its parent, that comes before SQLite is asked."""
    DAMAGED = "damaged"
    OTHER = "other"
    """SQLite's, but no matter of the rows or the schema."""
    STATEMENT = "statement"
    """SQLite's, of a statement that it does not run as it is written; it is not explained."""


@frozen
class Recognised:
    """An error message, as facts.

    ``subject`` is all that stands in the place where the message names something, uncut, since a name may hold
    anything; ``table`` and ``columns`` are what it says if names are plain. ``tables`` are those of a message that
    lists some. ``row_key`` and ``value`` are texts as printed. ``constraint`` is the name of an index, a constraint, a
    trigger or a view, and ``what`` the word for what is named where a message has one: ``index``. ``model`` is the
    application's name for the table. ``stored`` and ``wanted`` are the types of a value and of its column.
    ``statement`` is the SQL beside the message, ``others`` are further statements around it, and ``selected`` the
    tables and views that a SELECT beside it reads, where there is no other statement.
    """

    kind: Kind
    message: str
    framework: str | None = None
    subject: str = ""
    table: str | None = None
    columns: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()
    parent: str | None = None
    parent_columns: tuple[str, ...] = ()
    row_key: str | None = None
    value: str | None = None
    constraint: str | None = None
    what: str = ""
    model: str | None = None
    stored: str | None = None
    wanted: str | None = None
    statement: Statement | None = None
    others: tuple[Statement, ...] = ()
    selected: tuple[str, ...] = ()
