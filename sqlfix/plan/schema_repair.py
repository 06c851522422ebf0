"""The contract of a repair of the schema: what mends the findings of one check, each as steps or with a reason."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlfix.frozen import frozen
from sqlfix.model.findings import Finding
from sqlfix.model.plans import Left, SchemaStep
from sqlfix.model.schema import ForeignKey, Schema, Table
from sqlfix.model.values import folded
from sqlfix.plan.schema_draft import Draft
from sqlfix.schema.names import typed_place
from sqlfix.sql.literals import names, quote
from sqlfix.sql.predicates import count_stored, has_key, is_there, match_parent, stored
from sqlfix.sqlite.deadline import limited, overlooking
from sqlfix.text import command_line

ORPHANS, SEEN_NOW = "orphan-rows", "SQLite could not use this foreign key before; its orphans can be seen now"


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


# -- what the rows of a file say about a key that is yet to be declared: whether it is one, and who refers to it ---


@dataclass(frozen=True)
class StoredKeys:
    """Asks one file; ``was`` says what a table of the draft is called there, as that of `Draft`.

    None as an answer: SQLite cannot tell here, for want of a collation or a function, or it took too long.
    """

    connection: sqlite3.Connection
    was: Mapping[str, str] = field(default_factory=dict)

    def name(self, table: str) -> str:
        """What a table is called in the file."""
        return self.was.get(folded(table), table)

    def rows(self, table: str) -> int | None:
        """How many rows a table has."""
        return self._number(count_stored(self.name(table)), 0)

    def keys(self, child: Table, fk: ForeignKey) -> int:
        """How many rows of a child have a key; 0 where that cannot be told."""
        query = f"SELECT count(*) FROM {quote(self.name(child.name))} AS c WHERE {has_key(child, fk)}"
        return self._of_rows(child, query) or 0

    def nulls(self, table: Table, columns: Sequence[str]) -> int | None:
        """How many rows have a NULL in some of these columns."""
        condition = " OR ".join(f"NOT {is_there(quote(name))}" for name in columns)
        return self._of_rows(table, f"SELECT count(*) FROM {self._stored(table)} WHERE {condition}")

    def duplicates(self, table: Table, columns: Sequence[str]) -> int | None:
        """How many values of these columns stand there more than once, as the columns' own collations compare them."""
        there = " AND ".join(is_there(quote(name)) for name in columns)
        query = f"SELECT 1 FROM {self._stored(table)} WHERE {there} GROUP BY {names(columns)} HAVING count(*) > 1"
        return self._of_rows(table, f"SELECT count(*) FROM ({query})")

    def others_than(self, table: Table, column: str, kind: str) -> int | None:
        """How many values of a column are not of a storage class."""
        query = f"SELECT count(*) FROM {self._stored(table)} WHERE typeof({quote(column)}) <> '{kind}'"
        return self._of_rows(table, query)

    def other_rowids(self, table: Table, column: str) -> int | None:
        """How many rows have another rowid than what stands in a column."""
        if not table.row_id:
            return None
        query = f"SELECT count(*) FROM {self._stored(table)} WHERE {quote(table.row_id[0])} IS NOT {quote(column)}"
        return self._of_rows(table, query)

    def references(self, schema: Schema, fk: ForeignKey) -> tuple[int, int] | None:
        """How many rows of the child have a key, and how many of these no parent, as if the key could be used.

        By a join and not by NOT EXISTS: where the parent has no index, SQLite makes one of its own for it.
        """
        child = schema.known_table(fk.child)
        parent = schema.table(fk.parent)
        if parent is None or any(parent.column(name) is None for name in fk.parent_columns):
            return None
        query = (
            f"SELECT count(*), total(+p.{quote(fk.parent_columns[0])} IS NULL)"
            f" FROM {quote(self.name(fk.child))} AS c LEFT JOIN {quote(self.name(fk.parent))} AS p"
            f" ON {match_parent(fk)} WHERE {has_key(child, fk)}"
        )
        with overlooking(sqlite3.OperationalError):
            rows = (self.rows(fk.child) or 0) + (self.rows(fk.parent) or 0)
            with limited(rows, self.connection):
                having, lost = self.connection.execute(query).fetchone()
            return int(having), int(lost)
        return None

    def _stored(self, table: Table) -> str:
        return stored(replace(table, name=self.name(table.name)))

    def _of_rows(self, table: Table, query: str) -> int | None:
        return self._number(query, self.rows(table.name) or 0)

    def _number(self, query: str, rows: int) -> int | None:
        with overlooking(sqlite3.OperationalError), limited(rows, self.connection):
            return int(self.connection.execute(query).fetchone()[0])
        return None


def come_to_light(rows: StoredKeys, before: Schema, after: Schema) -> Iterator[Left]:
    """The orphans of relationships that SQLite could not use before, or that refer to something else by now."""
    known = {fk.subject for fk in before.foreign_keys if not fk.fault}
    new = {fk.subject: fk for fk in after.foreign_keys if not fk.fault and fk.subject not in known}
    for fk in new.values():
        if lost := (rows.references(after, fk) or (0, 0))[1]:
            yield Left(ORPHANS, *fk.subject, count=lost, reason=SEEN_NOW)
