"""What `sqlfix why` answers about a row, a table and an error message, as values."""

from enum import IntEnum

from sqlfix.explain.errors.message import Recognised
from sqlfix.frozen import frozen
from sqlfix.model.findings import NotChecked, Row
from sqlfix.model.plans import Meant, Plan
from sqlfix.model.schema import ForeignKey
from sqlfix.model.values import About, Pairs

# -- a row --------------------------------------------------------------------------------------------------------

DELETE, EDIT = "delete", "edit"


class Stage(IntEnum):
    """When a blocker takes effect; the earlier, the lower."""

    PREPARE = 0
    BEFORE = 1
    AT_ONCE = 2
    STATEMENT = 3
    AFTER = 4
    COMMIT = 5


@frozen
class Blocker(About):
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


@frozen
class Effect:
    """What the delete does to further rows: ``effect`` is ``deleted``, ``set to NULL`` or ``set to default``."""

    table: str
    rows: int
    effect: str
    columns: tuple[str, ...] = ()


@frozen
class ColumnEdit:
    """Whether a column of the row can be written as it is, with foreign keys on and off; None: could not tell."""

    column: str
    enforced: bool | None
    unenforced: bool | None
    message: str = ""


@frozen
class Verdict:
    """Whether something can be done with foreign keys enforced, and without; None: could not tell."""

    enforced: bool | None
    unenforced: bool | None


@frozen
class Reference:
    """A relationship into the row's table, with the rows that refer to this row; ``hint`` is never more than one.

    ``ways`` are those out of it where the application has forgotten the child: what each is for, and the words of the
    command, without the database.
    """

    foreign_key: ForeignKey
    count: int
    sample: tuple[Row, ...]
    join_table: bool = False
    hint: str | None = None
    ways: tuple[tuple[str, tuple[str, ...]], ...] = ()


@frozen
class Why:
    """All that is to be said of one row.

    ``columns`` are those that cannot be written. ``script`` deletes the row; without one, ``no_script`` says why.
    ``tried`` says that SQLite itself decided, on a copy. ``plan`` is the script as a repair carries it out,
    and ``meant`` how it knows the row again.
    """

    table: str
    key: Pairs
    deletable: Verdict
    editable: Verdict
    columns: tuple[ColumnEdit, ...]
    blockers: tuple[Blocker, ...]
    cascade: tuple[Effect, ...]
    references: tuple[Reference, ...]
    script: tuple[str, ...]
    no_script: str = ""
    notes: tuple[str, ...] = ()
    tried: bool = False
    plan: Plan | None = None
    meant: Meant | None = None

    @property
    def schema_at_fault(self) -> bool:
        """True if nothing but the schema keeps the row: no row is at fault."""
        stopping = [b for b in self.blockers if DELETE in b.blocks]
        return bool(stopping) and all(
            (b.kind != "trigger" and b.stage is Stage.PREPARE) or "circle" in b.message for b in stopping
        )


# -- a table ------------------------------------------------------------------------------------------------------


@frozen
class Group:
    """Rows of the table that one thing keeps from being deleted, or edited (``blocks``).

    ``kind`` is as for a blocker of one row. ``whole`` says that it keeps all rows, whatever they hold; ``certain`` is
    False where a delete might also take what is in its way.
    """

    kind: str
    table: str
    columns: tuple[str, ...]
    parent: str
    parent_columns: tuple[str, ...]
    blocks: str
    count: int
    message: str
    on_delete: str | None = None
    sample: tuple[Row, ...] = ()
    whole: bool = False
    certain: bool = True


@frozen
class WhyTable:
    """What keeps the rows of a table; ``deletable`` is True if each can be deleted, None if that could not be told."""

    table: str
    rows: int
    kept: int
    groups: tuple[Group, ...]
    notes: tuple[str, ...]

    @property
    def deletable(self) -> bool | None:
        """True if every row can be deleted, None if it could not be told, by the rules of foreign keys."""
        return False if self.kept else None if self.notes else True


# -- an error message ---------------------------------------------------------------------------------------------

NOTHING = "Nothing in {} causes it."
"""What is said where all was looked at that could cause a message, and nothing does; {} is the name of the file."""


@frozen
class Culprit(About):
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


@frozen
class Explanation:
    """An error message, what it means, and what causes it in this file: the likeliest cause first.

    ``closing`` is what is said where there is no cause; {} stands for the name of the file.
    """

    recognised: Recognised
    database: str
    meaning: str
    causes: tuple[Culprit, ...] = ()
    not_checked: tuple[NotChecked, ...] = ()
    closing: str = NOTHING

    @property
    def exit_code(self) -> int:
        """0 where nothing in the file causes the message now, 1 where something does, 2 where that is not known."""
        return 1 if self.causes else 2 if self.not_checked else 0
