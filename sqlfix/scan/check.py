"""The contract of a check: where it looks for faults, and how its findings are put into words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import field
from typing import TYPE_CHECKING

from sqlfix.frozen import frozen
from sqlfix.model.findings import Finding, Mend
from sqlfix.model.schema import KeyFault, Schema, Table
from sqlfix.model.values import Fact, Severity
from sqlfix.registry import Registry
from sqlfix.sql.dates import AsFirst

if TYPE_CHECKING:
    from sqlfix.scan.orphans import Probe
    from sqlfix.scan.table_pass import Suspects
    from sqlfix.scan.table_reader import TableReader


@frozen
class Condition:
    """A condition over the rows ``c`` of one table, as SQL, which holds just for the rows at fault.

    ``unless`` is SQL that is true of most sound rows and quickly found out, and of no row at fault; those that
    have it in common are not asked of such rows at all. ``facts`` are for the finding's words. ``severity`` is set
    where it is not that of the check. ``untrusted`` says that the condition runs expressions of the schema's own, which
    need not end; ``allocates`` is that of `Question`. Each is made once in a scan, and is what its answer is found by.
    """

    columns: tuple[str, ...]
    where: str
    facts: Mapping[str, Fact] = field(default_factory=dict)
    severity: Severity | None = None
    untrusted: bool = False
    allocates: bool = False
    unless: str | AsFirst = ""

    __eq__, __hash__ = object.__eq__, object.__hash__


@frozen
class Check:
    """A check: its page, its words, and one or more of the ways to look for faults; a way that it has not is None.

    ``message`` makes one sentence from a finding's facts, with the names as they are stored (a format makes them
    harmless); ``hint`` says what to do, or is None.

    ``conditions`` are conditions on the single rows of a table; those of all checks are asked in one reading of it, and
    each that holds for a row becomes a finding. ``details`` adds facts to such a finding, and is called only where
    there is one. ``mend`` says how its rows can be mended, where the schema leaves no doubt.
    ``inspect`` finds in a table what no condition on single rows can say; ``kinds`` are those of the tables that it is
    called for. ``clues`` are conditions for it, asked in the same reading; where no row meets them, it finds nothing.
    ``orphans`` finds rows of one relationship. ``declared`` is for a foreign key whose declaration has the fault that
    the check is called by, and gives the facts of the finding.
    """

    severity: Severity
    doc: str
    message: Callable[[Finding], str]
    hint: Callable[[Finding], str | None]
    conditions: Callable[[Schema, Table], Iterable[Condition]] | None = None
    details: Callable[[TableReader, Condition, Suspects], Mapping[str, Fact]] | None = None
    mend: Callable[[Table, Condition], Mend | None] | None = None
    inspect: Callable[[TableReader], Iterable[Finding]] | None = None
    kinds: tuple[str, ...] = ("table",)
    clues: Callable[[Schema, Table], Iterable[Condition]] | None = None
    orphans: Callable[[Probe], Iterable[Finding]] | None = None
    declared: Callable[[Probe, KeyFault], Mapping[str, Fact]] | None = None

    def advice(self, finding: Finding) -> str | None:
        """The hint; none where the file is damaged, since a repair would be refused then: it has to be saved first."""
        return None if is_held_for_damage(finding) else self.hint(finding)

    @property
    def of_relationships(self) -> bool:
        """True if it is about foreign keys, one by one."""
        return self.orphans is not None or self.declared is not None


DAMAGED = "the file is damaged, and is not repaired"
"""Why a finding is held back where a table is known to be damaged, its own or another one: its fact ``held_back``."""


def is_held_for_damage(finding: Finding) -> bool:
    """True of a finding that is held back since the file is damaged."""
    return finding.facts.get("held_back") == DAMAGED


CHECKS: Registry[Check] = Registry("sqlfix.checks")
