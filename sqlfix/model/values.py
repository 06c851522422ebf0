"""What a column can hold, how names compare, and the scales of what is found and done."""

from collections.abc import Iterable
from enum import IntEnum
from typing import TypeVar

from sqlfix.frozen import frozen

K = TypeVar("K")
V = TypeVar("V")


@frozen
class NotUtf8:
    """A stored TEXT value whose bytes are not UTF-8."""

    raw: bytes

    def __str__(self) -> str:
        return self.raw.decode(errors="backslashreplace")


def decode(raw: bytes, codec: str = "utf-8") -> str | NotUtf8:
    """Text as it is stored: a str, or NotUtf8 where the bytes are none in its encoding."""
    try:
        return raw.decode(codec)
    except UnicodeDecodeError:
        return NotUtf8(raw)


Link = tuple[str, tuple[str, ...], str, tuple[str, ...]]
"""What tells one relationship from another: child, its columns, parent, its columns."""

Subject = tuple[str, tuple[str, ...], str | None, tuple[str, ...]]
"""What something is about: a relationship, or a table alone.

What concerns a table alone has no parent, which is another thing than a parent with an empty name.
"""


class About:
    """What is about a relationship, or a place in one table; the base of the values that say so in four fields."""

    __slots__ = ()
    table: str
    columns: tuple[str, ...]
    parent: str | None
    parent_columns: tuple[str, ...]

    @property
    def subject(self) -> Subject:
        """The relationship or the place."""
        return (self.table, self.columns, self.parent, self.parent_columns)


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


_FOLD = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")


def folded(name: str) -> str:
    """A name as SQLite compares names: only the ASCII letters lose their case."""
    return name.lower() if name.isascii() else name.translate(_FOLD)


ROWID_NAMES = ("rowid", "_rowid_", "oid")
"""The names of a rowid, in lower case; one that a column has is the column's."""


def name_of_rowid(columns: Iterable[str]) -> str | None:
    """A name for the rowid that none of the columns hides; None if they have all of them."""
    taken = {folded(name) for name in columns}
    return next((name for name in ROWID_NAMES if name not in taken), None)


Pairs = tuple[tuple[str, Value], ...]
"""Values by the names of their columns."""


def grouped(pairs: Iterable[tuple[K, V]]) -> dict[K, list[V]]:
    """Values by their keys, both in the order in which they come."""
    found: dict[K, list[V]] = {}
    for key, value in pairs:
        found.setdefault(key, []).append(value)
    return found
