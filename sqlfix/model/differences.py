"""How a database differs from an older copy of it, and what the older one could bring back."""

from typing import Literal

from sqlfix.frozen import frozen
from sqlfix.model.schema import ForeignKey
from sqlfix.model.values import Pairs


@frozen
class TableDifference:
    """How the rows of a table differ, or why they could not be compared.

    ``key`` are the columns by which a row is found again; empty where rows are told apart by all their values, and then
    none is ``changed``. The figures are None where nobody knows: of a record, which holds deleted rows alone, only
    ``removed`` is known. ``only_here`` and ``only_older`` are columns that only one of the two has.
    """

    table: str
    key: tuple[str, ...] = ()
    added: int | None = None
    removed: int | None = None
    changed: int | None = None
    only_here: tuple[str, ...] = ()
    only_older: tuple[str, ...] = ()
    reason: str | None = None

    @property
    def differs(self) -> bool:
        """True if a row or a column is not the same."""
        return bool(self.added or self.removed or self.changed or self.only_here or self.only_older)


@frozen
class LostParents:
    """The ``missing`` parents of a relationship, by their distinct keys, and how many of them a donor ``found``.

    ``capped``: there are more, which were not looked up. ``reason`` says why some or all could not be looked up.
    """

    foreign_key: ForeignKey
    missing: int
    found: int
    capped: bool = False
    reason: str | None = None


@frozen
class Difference:
    """A database beside an older copy: table by table, and the parents that the older one could bring back.

    ``kind`` is what the older one is: ``database``, ``record`` or ``dump``. ``only_here`` and ``only_older`` are tables
    that only one of the two has. ``notes`` say what was unusual about the older one.
    """

    database: str
    older: str
    kind: str
    tables: tuple[TableDifference, ...]
    only_here: tuple[str, ...]
    only_older: tuple[str, ...]
    parents: tuple[LostParents, ...]
    notes: tuple[str, ...] = ()

    @property
    def differs(self) -> bool:
        """True if a table, a column or a row is not the same in both."""
        return bool(self.only_here or self.only_older) or any(table.differs for table in self.tables)

    @property
    def complete(self) -> bool:
        """True if all could be compared."""
        return not any([*(table.reason for table in self.tables), *(lost.reason for lost in self.parents)])


@frozen
class DifferentRow:
    """A row that was ``added``, ``removed`` or ``changed``: its key, and its values here and in the older copy.

    Of a changed row the values are those that differ; of the others all, on the side where the row is.
    """

    table: str
    what: Literal["added", "removed", "changed"]
    key: Pairs
    here: Pairs
    older: Pairs
