"""Where checks, fixes and formats are found by name: a dict each, filled by a decorator."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from sqlfix.model import (
    Applicability,
    Fact,
    FaultyRow,
    Finding,
    ForeignKey,
    Loss,
    Plan,
    Report,
    Schema,
    Severity,
    Table,
)

if TYPE_CHECKING:
    from sqlfix.measure import Probe
    from sqlfix.table_probe import TableProbe

T = TypeVar("T")


class Registry(Generic[T]):
    """Named things from the modules of one folder, which are imported when first asked for."""

    def __init__(self, package: str) -> None:
        self._package = package
        self._things: dict[str, T] = {}
        self._loaded = False
        self._names: tuple[str, ...] | None = None

    def add(self, name: str, thing: T) -> T:
        """File ``thing`` under ``name`` and return it; a name is given once."""
        if name in self._things:
            raise ValueError(f"{name} is registered twice")
        self._things[name] = thing
        return thing

    def all(self) -> dict[str, T]:
        """Everything registered, by name, in the alphabetical order of the names."""
        if not self._loaded:
            for name in self.names():
                importlib.import_module(f"{self._package}.{name.replace('-', '_')}")
            self._loaded = True
            self._things = dict(sorted(self._things.items()))
        return self._things

    def names(self) -> tuple[str, ...]:
        """The names of all that there is, in alphabetical order, without importing any of it."""
        if self._names is None:
            package = importlib.import_module(self._package)
            found = (module.name.replace("_", "-") for module in pkgutil.iter_modules(package.__path__))
            self._names = tuple(sorted(found))
        return self._names

    def __getitem__(self, name: str) -> T:
        if name not in self._things:  # a thing is in the module of its name, and the others are not needed for it
            if name not in self.names():
                raise KeyError(name)
            importlib.import_module(f"{self._package}.{name.replace('-', '_')}")
        return self._things[name]


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


@dataclass(frozen=True, slots=True)
class FixRule:
    """A fix: which checks it mends, what it promises, when it cannot be used, and its statement.

    ``refusal`` gives the reason why the fix cannot be applied to a relationship, or None. ``statement`` takes the
    schema, the relationship, the SQL condition that picks the rows (the child table stands under the alias ``c``) and
    the SQL text of the values to write, and gives one complete statement.
    """

    name: str
    checks: frozenset[str]
    applicability: Applicability
    loss: Loss
    refusal: Callable[[Schema, ForeignKey], str | None]
    statement: Callable[[Schema, ForeignKey, str, tuple[str, ...]], str]
    doc: str


@dataclass(frozen=True, slots=True)
class View:
    """How a person looks at the output: columns of the screen, colour, characters beyond ASCII, and how much detail."""

    width: int = 80
    colour: bool = False
    unicode: bool = True
    verbose: int = 0


class Format(Protocol):
    """A way to write a report, a stream of rows, or a plan; each gives the text in pieces."""

    def report(self, report: Report, view: View) -> Iterator[str]:
        """The report of one database."""
        ...

    def rows(self, database: str, rows: Iterable[FaultyRow], view: View) -> Iterator[str]:
        """Every faulty row, as it comes; nothing is held back but the one row."""
        ...

    def plan(self, plan: Plan, view: View) -> Iterator[str]:
        """The plan of a repair."""
        ...


CHECKS: Registry[CheckRule] = Registry("sqlfix.checks")
TABLE_CHECKS: Registry[TableRule] = Registry("sqlfix.table_checks")
FIXES: Registry[FixRule] = Registry("sqlfix.fixes")
FORMATS: Registry[Format] = Registry("sqlfix.formats")


def check_names() -> tuple[str, ...]:
    """The names of all checks, of relationships and of tables, in alphabetical order."""
    return tuple(sorted((*CHECKS.names(), *TABLE_CHECKS.names())))


def rule_of(check: str) -> CheckRule | TableRule:
    """The check of that name.

    Raises:
        KeyError: where there is none.
    """
    return CHECKS[check] if check in CHECKS.names() else TABLE_CHECKS[check]
