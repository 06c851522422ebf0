"""What a repair does, and what it leaves."""

from collections.abc import Iterable, Mapping
from dataclasses import field, replace
from typing import Literal, Self

from sqlfix.frozen import frozen
from sqlfix.model.schema import ForeignKey, Schema
from sqlfix.model.values import About, Applicability, Loss, Subject, Value


@frozen
class Choice:
    """A fix chosen by name, with the values of ``update:VALUE`` as they were typed, one for each child column.

    ``literals`` is the SQL of what the columns of a database make of them, empty as long as none is open.
    """

    fix: str
    typed: tuple[str, ...] = ()
    literals: tuple[str, ...] = ()


@frozen
class KeyMap:
    """Which keys became which, as a file says it: for each line its number, the old key and the new one, as text.

    ``columns`` are those of the key by name, in the order of the file; of a key of one column, it may be left out.
    """

    columns: tuple[str, ...]
    lines: tuple[tuple[int, tuple[str, ...], tuple[str, ...]], ...]


Kind = Literal["delete", "update", "insert", "reindex"]


@frozen
class Change:
    """One change of a table as data: `sqlfix.sql.statements.statement` writes it.

    ``where`` is SQL that is true of the rows ``c`` that are changed, ``set`` the SQL of the new value of each column
    that is written; with ``source``, which begins with FROM, the values come from the one row that it finds. For rows
    that are added, ``source`` and ``where`` say from what they are made: one row for each that is found.
    """

    kind: Kind
    table: str
    where: str = ""
    set: Mapping[str, str] = field(default_factory=dict)
    source: str = ""


@frozen
class Fix(About):
    """One step of a plan.

    ``checks`` are the findings it mends; empty for a *consequence*: rows that lose their parent through an earlier
    step. ``rows`` is how many rows it deletes, changes or adds, as ``kind`` says, and ``follows`` how many of these
    follow from earlier steps. ``value`` is what is written, as SQL text, for the fixes
    that write one, and ``written`` the columns that change. ``statements`` are complete SQL statements without bound
    parameters. ``decided_by`` says who decided about the rows that are at fault, and ``follows_by`` who about those
    that follow: ``schema`` (the ON DELETE given in ``on_delete``), ``choice`` (an option), ``default``; empty where
    there are no such rows. ``alternatives`` is what to type to lose less, where rows are lost and the schema is silent.
    ``why`` says why where it is not for want of a parent. ``remaining_sql`` counts what has to
    be none afterwards. ``orphans_of`` is the relationship whose orphans get a parent by rows that are added.
    ``examples`` are the first of the rows that are added, in words, and ``in_each`` what stands in each of these rows.
    """

    name: str
    table: str
    columns: tuple[str, ...]
    parent: str | None
    parent_columns: tuple[str, ...]
    checks: tuple[str, ...]
    rows: int
    applicability: Applicability
    loss: Loss
    statements: tuple[str, ...]
    kind: Kind
    value: str | None = None
    written: tuple[str, ...] = ()
    follows: int = 0
    link_rows: bool = False
    carries_data: bool = False
    why: str | None = None
    remaining_sql: str | None = None
    decided_by: str = ""
    follows_by: str = ""
    on_delete: str = ""
    alternatives: tuple[str, ...] = ()
    orphans_of: Subject | None = None
    examples: tuple[str, ...] = ()
    in_each: str = ""

    @property
    def rests_on(self) -> str:
        """What a step of a repair rests on; empty where the deed as a whole was asked for (a merge, a deletion).

        ``lossless``; ``schema``, as the schema says; ``choice``, as was chosen; ``silent``, the schema does not say;
        ``default``, where less is lost than ON DELETE would.
        """
        if self.applicability is Applicability.LOSSLESS:
            return "lossless"
        by = self.decided_by or self.follows_by
        if not by:
            of_values = self.parent is None and self.remaining_sql is not None
            return ("schema" if self.name == "set-default" else "choice") if of_values else ""
        if by == "choice":
            return by
        if by == "schema" or self.applicability is Applicability.DECLARED:
            return "schema"
        return "silent" if self.on_delete in ("NO ACTION", "RESTRICT") else "default"

    @property
    def deeds(self) -> tuple[str, ...]:
        """Its statements without those that make and drop tables and indexes of our own: these change no row."""
        return tuple(each for each in self.statements if not each.startswith(("CREATE", "DROP")))

    def between(self, before: Iterable[str], after: Iterable[str]) -> Self:
        """The fix with further statements that change no row, to be run before its own and after them."""
        return replace(self, statements=(*before, *self.statements, *after))


@frozen
class Left(About):
    """A finding, or a part of one, that the plan does not mend: how many rows, and why.

    ``count_sql`` counts them anew, where other fixes can change how many they are.
    """

    check: str
    table: str
    columns: tuple[str, ...]
    parent: str | None
    parent_columns: tuple[str, ...]
    count: int
    reason: str
    hint: str | None = None
    count_sql: str | None = None


@frozen
class TableTotal:
    """What a plan does to one table in all; ``by_triggers`` is the change in rows that the file's own triggers add."""

    table: str
    before: int
    deleted: int
    changed: int
    by_triggers: int = 0
    added: int = 0


@frozen
class OldOrphans:
    """The orphans of a relationship before a plan runs, which are looked at row by row.

    ``gather`` are the statements that put them into the temporary table ``table``; ``broken_sql`` counts the orphans
    that there are then and that are none of these: rows that have lost their parent.
    """

    table: str
    gather: tuple[str, ...]
    broken_sql: str


@frozen
class Expectation:
    """How many orphans a relationship has after the plan ran; ``orphans_sql`` counts them.

    ``before`` tells them from new ones; None where there are to be none, so that any one is too many. ``was`` is how
    many there were when the plan was made, None where that is not known for certain.
    """

    foreign_key: ForeignKey
    remaining: int
    orphans_sql: str
    before: OldOrphans | None = None
    was: int | None = None


@frozen
class Plan:
    """What a repair will do, in order, and what it leaves.

    ``rehearsed``: it was tried out on a private copy, where it made ``changes`` changes of rows, those that the file's
    own triggers made among them. ``applied``: it was carried out, after the backup ``backup`` if one was made;
    ``unverified`` are the tables of it that SQLite could not check, each with the reason; ``record`` is the file that
    can take it back. ``not_repairable``: how many warnings about a table as a whole
    a repair does not mend by itself; they are not listed.
    ``schema``: that of the file when it was made, without its texts; where it is another one, nothing is carried out.
    ``prepares`` are statements that make tables which the fixes need, to be run before them in the same transaction.
    ``scanned`` is the stamp of the file that it was made for, see `stamps`: while the file has it, all that was seen of
    it then still holds.
    """

    database: str
    fixes: tuple[Fix, ...]
    left: tuple[Left, ...]
    totals: tuple[TableTotal, ...]
    expectations: tuple[Expectation, ...]
    rehearsed: bool = False
    changes: int | None = None
    applied: bool = False
    backup: str | None = None
    unverified: tuple[tuple[str, str], ...] = ()
    record: str | None = None
    not_repairable: int = 0
    schema: Schema | None = field(default=None, compare=False, repr=False)
    prepares: tuple[str, ...] = ()
    scanned: str | None = field(default=None, compare=False, repr=False)


@frozen
class Meant:
    """The one row that a script is about, for it to know again.

    ``there_sql`` counts 1 before, by the row's key; ``by_rowid`` where its table has none, and then by all its values
    as well. ``gone_sql`` counts 0 afterwards.
    """

    table: str
    there_sql: str
    gone_sql: str
    by_rowid: bool


# -- what a plan is not to add, since another step of the same plan would delete or change it -----------------------

LOSES_ITS_PARENT = "it would lose its own parent by this plan"


@frozen
class Fleeting:
    """All that did not last; nothing, as far as is known.

    ``rows`` are those of donors that would lose their own parent by the plan: by their table, and what tells them from
    other rows, the columns in which they come back with NULL, as the plan would leave them; without such columns they
    stay away. ``defaults`` are relationships in which no new row is to refer to the parent that its DEFAULT names.
    """

    rows: Mapping[tuple[str, tuple[Value, ...]], tuple[str, ...]] = field(default_factory=dict)
    defaults: frozenset[Subject] = frozenset()


# -- a change of the schema: what each object is to become, and what becomes different ----------------------------

ObjectKind = Literal["table", "index", "trigger", "view"]
Deed = Literal["rebuild", "rename", "rewrite", "create", "drop"]


@frozen
class SchemaStep:
    """One step of a change of the schema, as data.

    ``deed`` is what is done with the object ``name`` of the kind ``kind``. ``rebuild``: the table gets the text
    ``text`` and keeps its rows; a column has the value that it had, or the SQL in ``values``, which is over the old row
    ``c``. ``rename``: the table gets the name ``to``, and nothing else's text changes, so that what speaks of ``to``
    means this table from then on. ``rewrite``: the index, trigger or view gets the text ``text``. ``create``: it is
    made from ``text``. ``drop``: it goes, a table with its rows.

    ``why`` says in words what is wrong, or what was asked for. ``checks`` are the checks whose findings it mends.
    ``rows`` is how many rows are copied, or go.
    """

    deed: Deed
    kind: ObjectKind
    name: str
    text: str = ""
    to: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    why: str = ""
    checks: tuple[str, ...] = ()
    rows: int = 0


@frozen
class SchemaFact:
    """One fact that a change of the schema changes, as SQLite's own pragmas tell it.

    ``what`` names the fact in words (``not null``, ``foreign key``, ``unique``, ``default``, …), ``place`` are the
    columns it is about, empty for the object as a whole. ``before`` and ``after`` are the fact in words, None where
    there is none.
    """

    kind: ObjectKind
    name: str
    what: str
    place: tuple[str, ...]
    before: str | None
    after: str | None


@frozen
class SchemaPlan:
    """What a change of the schema will do, in order.

    ``facts`` are all that become different, found on an empty copy of the schema. ``statements`` are those that are
    run, complete SQL in one transaction, with foreign keys off. ``left`` are the findings that it does not mend, each
    with the reason and the candidates. ``next`` are the commands to type afterwards. ``applied``, ``backup``,
    ``unverified`` and ``record`` are those of `sqlfix.model.plans.Plan`; ``exported`` is the script that brings back
    what was dropped. With ``reveals``, a foreign key that SQLite could not use before may come to work although it has
    orphans, which are listed then; otherwise that is a reason to roll back. With ``in_place``, a table whose rows can
    stay as they are stored gets its new text alone. ``schema`` is that of the file when it was made, and where it is
    another one, nothing is carried out.
    """

    database: str
    steps: tuple[SchemaStep, ...]
    facts: tuple[SchemaFact, ...] = ()
    statements: tuple[str, ...] = ()
    left: tuple[Left, ...] = ()
    next: tuple[str, ...] = ()
    applied: bool = False
    backup: str | None = None
    unverified: tuple[tuple[str, str], ...] = ()
    record: str | None = None
    exported: str | None = None
    reveals: bool = True
    in_place: bool = True
    schema: Schema | None = field(default=None, compare=False, repr=False)
