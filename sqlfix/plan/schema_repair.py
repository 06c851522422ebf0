"""The contract of a repair of the schema: what mends the findings of one check, each as steps or with a reason."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from sqlfix.frozen import frozen
from sqlfix.model.findings import Finding
from sqlfix.model.plans import Left
from sqlfix.model.schema import ForeignKey, Schema, Table
from sqlfix.model.schema_plans import SchemaStep
from sqlfix.model.values import folded
from sqlfix.plan.schema_draft import Draft
from sqlfix.plan.stored_keys import StoredKeys
from sqlfix.registry import Registry
from sqlfix.schema.names import typed_place
from sqlfix.sql.literals import names, quote
from sqlfix.text import command_line


@frozen
class Task:
    """What is given to a repair: the schema as it would be by now, and what the rows of the file say.

    ``drop_leftovers``: tables that a rebuild has left behind, and that are empty, may go.
    """

    database: str
    draft: Draft
    rows: StoredKeys
    drop_leftovers: bool = False

    def command(self, *words: str) -> str:
        """A command for this file, as it is typed."""
        return command_line(words, self.database)

    def refer_to(self, fk: ForeignKey, parent: str = "", columns: Iterable[str] = (), unique: bool = True) -> str:
        """The commands that have a foreign key refer to something else; without a parent, what is to be filled in.

        Args:
            unique: whether the columns of the parent are a key; if not, they become one first.
        """
        key = tuple(columns)
        target = (f"{quote(parent)}({names(key)})" if key else quote(parent)) if parent else "table(key)"
        place = typed_place(self.draft.schema, fk.child, fk.child_columns)
        more = [] if fk.on_delete == "NO ACTION" else ["--on-delete", _typed(fk.on_delete)]
        more += [] if fk.on_update == "NO ACTION" else ["--on-update", _typed(fk.on_update)]
        more += ["--deferrable"] if fk.deferrable else []
        steps = [("alter", place, "--no-references"), ("alter", place, "--references", target, *more)]
        if not unique:
            steps.insert(0, ("alter", typed_place(self.draft.schema, parent, key), "--unique"))
        return " && ".join(self.command(*words) for words in steps)


def _typed(action: str) -> str:
    return folded(action).replace(" ", "-")


Answer = SchemaStep | Left


@frozen
class SchemaRepair:
    """What mends the findings of the check that it is called by.

    ``repair`` gives for a finding the steps that mend it, or says why there are none; nothing of both for what another
    repair mends. ``of_file``: the findings are those of the file, with the figures of its rows; else those of the
    draft, which knows what the steps before have done. ``find`` gives them where no check does; they are no faults, and
    are only looked for where the name is selected.
    """

    repair: Callable[[Task, Finding], Iterable[Answer]]
    of_file: bool = False
    find: Callable[[Schema], Iterable[Finding]] | None = None


SCHEMA_REPAIRS: Registry[SchemaRepair] = Registry("sqlfix.plan.schema_repairs")


def left(finding: Finding, reason: str, hint: str | None = None) -> Left:
    """A finding that is left, and why."""
    return Left(finding.check, *finding.subject, count=finding.count, reason=reason, hint=hint)


def key_of(task: Task, finding: Finding) -> tuple[int, ForeignKey, str] | None:
    """The foreign key that a finding is about, after its place in the text, and before the text.

    None for a table whose text cannot be edited: it does not agree with what SQLite enforces.
    """
    table = task.draft.schema.table(finding.table)
    text = task.draft.table_text(finding.table)
    for place, fk in enumerate(table.foreign_keys if table and text else ()):
        if fk.subject == finding.subject and fk.fault and fk.fault.check == finding.check and fk.text is not None:
            return place, fk, text or ""
    return None


NOT_EDITABLE = "the text of the table cannot be read well enough to be changed"


def rebuild(task: Task, table: str, text: str, why: str, check: str) -> SchemaStep:
    """The step that gives a table another text."""
    rows = task.rows.rows(table) or 0
    return SchemaStep("rebuild", "table", table, text, why=why, checks=(check,), rows=rows)


def as_if(fk: ForeignKey, parent: Table, columns: Iterable[str] | None = None) -> ForeignKey:
    """A foreign key as if it referred to that table; without columns, by those that it names, or the primary key."""
    key = tuple(columns or (() if fk.implicit else fk.parent_columns)) or parent.primary_key
    return replace(fk, parent=parent.name, parent_columns=key, parent_collations=(), fault=None)


def matches(task: Task, fk: ForeignKey) -> tuple[int, int] | None:
    """How many rows of the child have a key, and how many of these no parent; None where that cannot be told."""
    if len(fk.child_columns) != len(fk.parent_columns):
        return None
    return task.rows.references(task.draft.schema, fk)


def holds_nobody(task: Task, fk: ForeignKey) -> bool:
    """True if rows of the child have a key, and not one has its parent there: it is not the table that was meant."""
    found = matches(task, fk)
    return found is not None and found[0] > 0 and found[0] == found[1]


def known(table: Table | None) -> bool:
    """True of an ordinary table that can be read."""
    return table is not None and table.kind == "table" and not table.unreadable
