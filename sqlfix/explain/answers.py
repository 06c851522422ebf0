"""What explains an error message for one file, as values."""

from __future__ import annotations

from dataclasses import dataclass

from sqlfix.explain.errors.message import Recognised
from sqlfix.model.findings import NotChecked, Row
from sqlfix.model.values import Subject

NOTHING = "Nothing in {} causes it now."
"""What is said where all was looked at that could cause a message, and nothing does; {} is the name of the file."""


@dataclass(frozen=True, slots=True)
class Culprit:
    """Something in the file that causes an error, or can.

    ``kind`` names the defect as a check does (``orphan-rows``, ``duplicate-keys``, …), or is ``references`` (sound
    rows that others refer to), ``new-row`` (what was to be written), ``trigger`` or ``view``. ``message`` is one
    sentence with the names as they are stored. ``count`` is the number of rows, 0 where none is at fault; ``sample``
    are up to five of them. ``command`` are the words of the command to go on with, without the database.
    """

    kind: str
    message: str
    table: str
    columns: tuple[str, ...] = ()
    parent: str | None = None
    parent_columns: tuple[str, ...] = ()
    count: int = 0
    sample: tuple[Row, ...] = ()
    hint: str | None = None
    command: tuple[str, ...] = ()

    @property
    def subject(self) -> Subject:
        """The place or the relationship that it is about."""
        return (self.table, self.columns, self.parent, self.parent_columns)


@dataclass(frozen=True, slots=True)
class Explanation:
    """An error message, what it means, and what causes it in this file: the likeliest cause first.

    ``closing`` is what is said where there is no cause; {} stands for the name of the file.
    """

    recognised: Recognised
    database: str
    meaning: str
    culprits: tuple[Culprit, ...] = ()
    not_checked: tuple[NotChecked, ...] = ()
    closing: str = NOTHING

    @property
    def exit_code(self) -> int:
        """0 where nothing in the file causes the message now, 1 where something does, 2 where that is not known."""
        return 1 if self.culprits else 2 if self.not_checked else 0
