"""The contract of a check: what it asks, and how its findings are put into words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlfix.model.findings import Finding
from sqlfix.model.schema import Schema, Table
from sqlfix.model.values import Fact, Severity

if TYPE_CHECKING:
    from sqlfix.scan.orphans import Probe
    from sqlfix.scan.table_reader import TableProbe
from sqlfix.registry import Registry


def _nothing(*_: object) -> tuple[()]:
    return ()


@dataclass(frozen=True, slots=True)
class CheckRule:
    """A check: how its findings are found, and how one is put into words.

    ``find`` reads one relationship through the probe. ``message`` makes one sentence from a finding's facts, with the
    names as they are stored (a format makes them harmless); ``hint`` says what to do, or is None. ``inspect`` finds the
    same fault in a table that no relationship needs to have anything to do with.
    """

    name: str
    severity: Severity
    find: Callable[[Probe], Iterable[Finding]]
    message: Callable[[Finding], str]
    hint: Callable[[Finding], str | None]
    doc: str
    inspect: Callable[[TableProbe], Iterable[Finding]] = _nothing

    @property
    def inspects(self) -> bool:
        """True if it has an ``inspect`` of its own."""
        return self.inspect is not _nothing


@dataclass(frozen=True, slots=True)
class Ask:
    """A condition over the rows ``c`` of one table, which holds just for the rows at fault.

    ``facts`` are for the finding's words. ``severity`` is set where it is not that of the check. ``computed`` says
    that the condition runs expressions of the schema's own, which need not end.
    """

    columns: tuple[str, ...]
    condition: str
    facts: Mapping[str, Fact] = field(default_factory=dict)
    severity: Severity | None = None
    computed: bool = False
    fix: str | None = None


@dataclass(frozen=True, slots=True)
class Mend:
    """What mends the rows of an ask: the name of a fix, which rows it takes, and what it writes into the one column.

    ``condition`` and ``expression`` are SQL over the row ``c``; ``value`` says what is written, ``why`` says why.
    """

    fix: str
    condition: str
    expression: str
    value: str
    why: str


@dataclass(frozen=True, slots=True)
class TableRule:
    """A check of what one table promises by itself, apart from its foreign keys.

    ``ask`` gives conditions; those of all checks are asked in one reading of the table, and each that holds for a row
    becomes a finding. ``inspect`` finds what no condition over single rows can say. ``more`` adds facts to the finding
    of an ask, and is called only where there is one. ``kinds`` are those of the tables which ``inspect`` is called for.
    ``clue`` gives conditions for ``inspect``, asked in the same reading; where no row meets them, it finds nothing.
    ``mend`` says how the rows of an ask can be mended, where the schema leaves no doubt.
    """

    name: str
    severity: Severity
    message: Callable[[Finding], str]
    hint: Callable[[Finding], str | None]
    doc: str
    ask: Callable[[Schema, Table], Iterable[Ask]] = _nothing
    clue: Callable[[Schema, Table], Iterable[Ask]] = _nothing
    inspect: Callable[[TableProbe], Iterable[Finding]] = _nothing
    more: Callable[[TableProbe, Ask], Mapping[str, Fact]] | None = None
    kinds: frozenset[str] = frozenset({"table"})
    mend: Callable[[Table, Ask], Mend | None] | None = None

    @property
    def asks_rows(self) -> bool:
        """True if it has an ``ask`` of its own."""
        return self.ask is not _nothing

    @property
    def asks_for_clues(self) -> bool:
        """True if it has a ``clue`` of its own."""
        return self.clue is not _nothing

    @property
    def inspects(self) -> bool:
        """True if it has an ``inspect`` of its own."""
        return self.inspect is not _nothing

    def mendable(self, facts: Mapping[str, Fact], count: int) -> int:
        """How many of the rows of a finding ``mend`` takes: all, unless ``more`` is there to say which of them."""
        return int(facts.get("lossless", count if self.more is None else 0) or 0)


CHECKS: Registry[CheckRule] = Registry("sqlfix.checks")
TABLE_CHECKS: Registry[TableRule] = Registry("sqlfix.table_checks")


def check_names() -> tuple[str, ...]:
    """The names of all checks, of relationships and of tables, in alphabetical order."""
    return tuple(sorted((*CHECKS.names(), *TABLE_CHECKS.names())))


def rule_of(check: str) -> CheckRule | TableRule:
    """The check of that name.

    Raises:
        KeyError: where there is none.
    """
    return CHECKS[check] if check in CHECKS.names() else TABLE_CHECKS[check]
