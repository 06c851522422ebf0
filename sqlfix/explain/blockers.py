"""What keeps a row from being deleted or edited, as values, and what a delete does to others."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import IntEnum

from sqlfix.model.findings import Row
from sqlfix.model.values import Subject

DELETE, EDIT = "delete", "edit"


class Stage(IntEnum):
    """When a blocker takes effect; the earlier, the lower."""

    PREPARE = 0
    BEFORE = 1
    AT_ONCE = 2
    STATEMENT = 3
    AFTER = 4
    COMMIT = 5


@dataclass(frozen=True, slots=True)
class Blocker:
    """One thing that keeps the row from being deleted, edited or both (``blocks``).

    ``kind`` is ``reference``, ``missing-table``, ``mismatch``, ``trigger`` or ``own-orphan``; ``table`` and ``columns``
    are those that refer (of a trigger, the table that has it). ``count`` is the number of rows that refer, and
    ``sample`` the first of them. ``written`` are the columns of the row that cannot be written because of it.
    """

    kind: str
    table: str
    columns: tuple[str, ...]
    parent: str
    parent_columns: tuple[str, ...]
    message: str
    stage: Stage
    blocks: tuple[str, ...]
    count: int = 0
    on_delete: str | None = None
    sample: tuple[Row, ...] = ()
    written: tuple[str, ...] = ()
    name: str | None = None

    @property
    def subject(self) -> Subject:
        """The relationship that it is about."""
        return (self.table, self.columns, self.parent, self.parent_columns)


@dataclass(frozen=True, slots=True)
class Effect:
    """What the delete does to further rows: ``effect`` is ``deleted``, ``set to NULL`` or ``set to default``."""

    table: str
    rows: int
    effect: str
    columns: tuple[str, ...] = ()


@dataclass(slots=True)
class Ruling:
    """What the rules say; ``certain`` is False where only trying it out can tell."""

    blockers: list[Blocker] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)
    certain: bool = True


@dataclass(frozen=True, slots=True)
class ColumnEdit:
    """Whether a column of the row can be written as it is, with foreign keys on and off; None: could not tell."""

    column: str
    enforced: bool | None
    unenforced: bool | None
    message: str = ""


def merged(blockers: Iterable[Blocker]) -> tuple[Blocker, ...]:
    """Blockers in the order in which they block, one for each relationship and kind."""
    found: dict[object, Blocker] = {}
    for blocker in sorted(blockers, key=lambda b: (DELETE not in b.blocks, b.stage)):
        key = (blocker.kind, blocker.subject, blocker.name)
        known = found.get(key)
        if known is None:
            found[key] = blocker
            continue
        both = tuple(word for word in (DELETE, EDIT) if word in known.blocks + blocker.blocks)
        written = known.written or blocker.written
        message = known.message if blocker.kind != "own-orphan" else blocker.message
        found[key] = replace(known, blocks=both, written=written, message=message)
    return tuple(found.values())
