"""What a scan finds."""

from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Self

from sqlfix.frozen import frozen
from sqlfix.model.schema import ForeignKey, JoinTable, Table
from sqlfix.model.values import About, Fact, Severity, Subject, Value


@frozen
class Row:
    """One row of a sample: how to address it, and the values that are at fault."""

    key: tuple[tuple[str, Value], ...]
    values: tuple[tuple[str, Value], ...]

    @classmethod
    def of(cls, key: Sequence[str], columns: Sequence[str], values: Sequence[Value]) -> Self:
        """A row by the names of its key and of some columns, and the values of all of these."""
        pairs = tuple(zip((*key, *columns), values, strict=True))
        return cls(pairs[: len(key)], pairs[len(key) :])


@frozen
class Mend:
    """What mends the rows of a finding: the name of a fix, which rows it takes, and what it writes into the one column.

    ``where`` and ``expression`` are SQL over the row ``c``; ``value`` says what is written, ``why`` says why.
    ``counted`` is the fact of the finding that says how many of its rows are taken; without one it is all of them.
    """

    fix: str
    where: str
    expression: str
    value: str
    why: str
    counted: str | None = None


@frozen
class SameRows:
    """What makes rows of a table the same: equal ``terms`` (SQL), none of them NULL, where ``where`` holds.

    ``columns`` are those of the terms that are plain columns. ``index`` is the CREATE statement of the index that does
    not know all rows, by its name: it is dropped before a merge, and made anew at the end. ``by_value`` says that the
    one value was asked for by name, so that it does not matter what it may stand for.
    """

    table: Table
    columns: tuple[str, ...]
    terms: tuple[str, ...]
    where: str = ""
    index: tuple[str, str] | None = None
    by_value: bool = False


@frozen
class Finding(About):
    """A broken promise of the schema, as facts; the check named by ``check`` puts it into words.

    ``count`` is the number of rows (0 for a fault of the schema), ``distinct`` the number of distinct missing keys, or
    None where the rows are too many to tell their keys apart.
    ``fix`` names the fix that repair would choose by default, or is None where a person must decide; of orphans the
    check does not know it: see `sqlfix.plan.defaults.propose`.
    ``where`` is the condition that the finding is of, SQL over the rows ``c`` of the table: it holds just for the rows
    at fault. It is None where no condition on single rows of one table tells. ``mend`` is what the check itself knows
    to write into them. ``same`` are the rows of it that can be merged.
    """

    check: str
    severity: Severity
    table: str
    columns: tuple[str, ...] = ()
    parent: str | None = None
    parent_columns: tuple[str, ...] = ()
    count: int = 0
    distinct: int | None = 0
    sample: tuple[Row, ...] = ()
    facts: Mapping[str, Fact] = field(default_factory=dict)
    fix: str | None = None
    where: str | None = field(default=None, compare=False)
    mend: Mend | None = field(default=None, compare=False)
    same: SameRows | None = field(default=None, compare=False)

    @property
    def mendable(self) -> int:
        """How many of the rows ``mend`` takes."""
        if self.mend is None or self.mend.counted is None:
            return self.count if self.mend else 0
        return int(self.facts.get(self.mend.counted) or 0)

    @property
    def indexed(self) -> str:
        """The table whose index a finding about an index is about: the parent, or the only table it knows of."""
        return self.table if self.parent is None else self.parent


@frozen
class FaultyRow:
    """One faulty row as ``scan --rows`` streams it."""

    check: str
    subject: Subject
    row: Row


@frozen
class Relationship:
    """What a scan saw of one foreign key: ``rows`` of the child table, ``orphans`` by SQLite's own rule."""

    foreign_key: ForeignKey
    checked: bool
    reason: str | None = None
    rows: int | None = None
    orphans: int | None = None


@frozen
class NotChecked:
    """Something in scope that could not be checked, and why."""

    subject: str
    reason: str


@frozen
class Report:
    """What a scan says of one database; ``empty`` if there is no table in it.

    ``beyond`` is how many relationships it has that were not in scope. ``complete`` is false of what is told
    of the foreign keys before the slower checks are through. ``parked`` is how many rows repairs have parked in it: see
    `sqlfix.plan.planner`.
    """

    database: str
    relationships: tuple[Relationship, ...]
    join_tables: tuple[JoinTable, ...]
    findings: tuple[Finding, ...]
    not_checked: tuple[NotChecked, ...]
    empty: bool = False
    beyond: int = 0
    complete: bool = True
    parked: int = 0

    @property
    def clean(self) -> bool:
        """True only if everything in scope was checked and nothing but hints was found."""
        sound = all(finding.severity == Severity.HINT for finding in self.findings)
        return self.complete and not self.not_checked and sound


def held_for_spelling(finding: Finding) -> int:
    """How many orphans of a finding match a parent, or several, but for their spelling."""
    return number_of(finding, "spelling_matches") + number_of(finding, "spelling_matches_several")


def number_of(finding: Finding, fact: str) -> int:
    """A fact that is a number; 0 where it is not there."""
    number = finding.facts.get(fact)
    return number if isinstance(number, int) else 0
