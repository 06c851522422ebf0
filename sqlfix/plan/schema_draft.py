"""The schema of a database as a change would leave it: an empty copy in memory, to which steps are applied one by one.

What a first step brings to light (a table that has its name back, but no primary key) is seen in the copy, and so all
of it can be planned at once. No row is ever in it: `sqlfix.plan.schema_repair` asks the file about rows.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from functools import cached_property

from sqlfix.errors import Refused
from sqlfix.frozen import frozen
from sqlfix.model.findings import Finding
from sqlfix.model.plans import Deed, ObjectKind, SchemaStep
from sqlfix.model.schema import Schema, Table
from sqlfix.model.values import folded
from sqlfix.scan.compiling import made
from sqlfix.scan.run import scan
from sqlfix.scan.scope import Scope
from sqlfix.schema.catalogue import read_schema
from sqlfix.schema.stored_form import with_text
from sqlfix.sql.create_virtual_table import is_virtual
from sqlfix.sql.literals import quote
from sqlfix.sql.tokens import DdlError, known_tokens, names_in, tokens
from sqlfix.sqlite.connect import empty_database
from sqlfix.sqlite.trust import authorize

DEEDS: dict[Deed, str] = {
    "rebuild": "rebuilt",
    "rename": "renamed",
    "rewrite": "made anew",
    "create": "created",
    "drop": "dropped",
}
_ORDER: tuple[ObjectKind, ...] = ("table", "index", "view", "trigger")


@frozen
class SchemaObject:
    """A table, index, view or trigger: its name, the table it is on, and its CREATE statement."""

    kind: ObjectKind
    name: str
    table: str
    text: str

    def speaks_of(self, *words: str, unread: bool = False) -> bool:
        """True if all of some names stand in its text; ``unread`` where that cannot be read."""
        try:
            return names_in(self.text).issuperset(map(folded, words))
        except DdlError:
            return unread


@dataclass(frozen=True)
class Draft:
    """An empty copy of a schema.

    ``lacking`` are the names, in lower case, of what could not be made in it: what needs a module or a collation that
    only the application has. ``was`` says what a table of it is called in the file, where that is another name; both
    in lower case. ``unread`` are the indexes, views and triggers of the file whose text is not UTF-8: nobody knows
    of what they speak, and they are not in the copy.
    """

    connection: sqlite3.Connection
    objects: tuple[SchemaObject, ...]
    lacking: frozenset[str] = frozenset()
    was: Mapping[str, str] = field(default_factory=dict)
    unread: tuple[str, ...] = ()

    @cached_property
    def schema(self) -> Schema:
        """What the catalogue of the copy says, with what only the texts say of its foreign keys."""
        return with_text(read_schema(self.connection))

    def findings(self, checks: Iterable[str]) -> tuple[Finding, ...]:
        """What some checks find in it; no figure in these is of the file."""
        return scan(self.connection, self.schema, "", Scope(tuple(checks))).findings

    def lacks(self, finding: Finding) -> bool:
        """True if a finding is of something that could not be made here, and so need not be one in the file."""
        names = (finding.table, finding.parent, finding.facts.get("missing"))
        return any(folded(str(name)) in self.lacking for name in names if name is not None)

    def object(self, kind: ObjectKind, name: str) -> SchemaObject | None:
        """The object of that kind and name."""
        return next((o for o in self.objects if o.kind == kind and folded(o.name) == folded(name)), None)

    def table_text(self, name: str) -> str | None:
        """The CREATE TABLE statement of an ordinary table that is in the copy; None where there is none such."""
        table = self.schema.table(name)
        known = table is not None and table.kind == "table" and not table.unreadable and bool(table.sql)
        return table.sql if table is not None and known else None

    @contextmanager
    def after(self, step: SchemaStep) -> Iterator[Draft | None]:
        """The copy of the schema after a step; None if SQLite does not take it."""
        try:
            after: Draft | None = self.with_steps([step])
        except (sqlite3.Error, DdlError):
            after = None
        with closing(after.connection) if after else nullcontext():
            yield after

    def is_changed_by(self, step: SchemaStep) -> bool:
        """False for a step that gives an object the text that it has."""
        if step.deed not in ("rebuild", "rewrite"):
            return True
        one = self.object(step.kind, step.name)
        return one is None or one.text != step.text

    def takes(self, step: SchemaStep) -> bool:
        """True if SQLite makes a table of the text of a step; tried alone, since a whole copy takes its time."""
        one = SchemaObject("table", step.name, step.name, step.text)
        with closing(empty_database()) as alone:
            return made(alone, one.kind, one.text)

    def with_steps(self, steps: Sequence[SchemaStep]) -> Draft:
        """The copy of the schema after these steps; whoever asked for it closes its connection.

        Raises:
            sqlite3.Error: SQLite does not take one of them.
            DdlError: nor can it be read.
        """
        objects, was = self.objects, dict(self.was)
        for step in steps:
            if step.deed == "rename":
                objects = _renamed(objects, step.name, step.to)
                was[folded(step.to)] = was.pop(folded(step.name), step.name)
            else:
                objects = _changed(objects, step)
        after = _copied(objects, was)
        if lost := after.lacking - self.lacking:
            after.connection.close()
            raise sqlite3.OperationalError(f"{min(lost)} cannot be made any more")
        return after


def draft_of(connection: sqlite3.Connection) -> Draft:
    """The copy of the schema of a database; whoever asked for it closes its connection."""
    rows = connection.execute("SELECT type, name, tbl_name, sql FROM main.sqlite_master ORDER BY rowid").fetchall()
    objects = [
        SchemaObject(kind, name, table, text)
        for kind, name, table, text in rows
        if all(isinstance(part, str) for part in (name, table, text)) and not folded(name).startswith("sqlite_")
    ]
    others = (row for row in rows if row[0] != "table" and not isinstance(row[3], str | None))
    unread = [f"{kind} {name}" for kind, name, *_ in others]
    return replace(_copied(tuple(objects), {}), unread=tuple(unread))


def require_text(step: SchemaStep) -> None:
    """Raise Refused for a text that does not make an object of the step's kind in the file."""
    words = [token.word for token in known_tokens(step.text)[:3]]
    if words[:1] != ["create"] or step.kind not in words[1 : 3 if words[1:2] == ["unique"] else 2]:
        raise Refused(f"the text of {step.kind} {step.name} is no CREATE {step.kind.upper()}", "nothing was changed")


def require_ordinary(table: Table, step: SchemaStep) -> None:
    """Raise Refused for a table that belongs to SQLite or to a module, which alone know how to change it."""
    if table.kind != "table":
        raise Refused(f"{table.name} is a {table.kind} table: it is not {DEEDS[step.deed]}", "nothing was changed")
    if not table.sql:
        raise Refused(f"table {table.name} has a name or a text that is not UTF-8", "nothing was changed")


def _changed(objects: tuple[SchemaObject, ...], step: SchemaStep) -> tuple[SchemaObject, ...]:
    if step.deed == "create":
        table = _table_of(step.text) if step.kind == "index" else step.name
        return (*objects, SchemaObject(step.kind, step.name, table, step.text))
    name = folded(step.name)
    if step.deed == "drop":
        gone = [o for o in objects if o.kind == step.kind and folded(o.name) == name]
        return tuple(o for o in objects if o not in gone and not (step.kind == "table" and folded(o.table) == name))
    return tuple(replace(o, text=step.text) if o.kind == step.kind and folded(o.name) == name else o for o in objects)


def _table_of(index_text: str) -> str:
    cut = tokens(index_text)
    return next((cut[place + 1].name or "" for place, token in enumerate(cut[:-1]) if token.word == "on"), "")


def _renamed(objects: tuple[SchemaObject, ...], name: str, to: str) -> tuple[SchemaObject, ...]:
    """The objects after a rename as SQLite did it before 3.25: only what is on the table changes with it.

    Raises:
        sqlite3.Error: the name is taken, or the table cannot be made here.
    """
    if any(folded(o.name) == folded(to) and o.kind != "trigger" for o in objects):
        raise sqlite3.OperationalError(f"there is already another table or index with this name: {to}")
    own = [o for o in objects if folded(o.table) == folded(name)]
    with closing(empty_database()) as alone:
        for one in sorted(own, key=lambda one: _ORDER.index(one.kind)):
            alone.execute(one.text)
        alone.set_authorizer(None)
        alone.execute("PRAGMA legacy_alter_table = ON")
        alone.execute(f"ALTER TABLE {quote(name)} RENAME TO {quote(to)}")
        rows = alone.execute("SELECT type, name, sql FROM main.sqlite_master WHERE sql IS NOT NULL").fetchall()
    texts = {(kind, named): text for kind, named, text in rows}
    now = {o: to if o.kind == "table" else o.name for o in own}
    return tuple(SchemaObject(o.kind, now[o], to, texts[o.kind, now[o]]) if o in now else o for o in objects)


def _copied(objects: tuple[SchemaObject, ...], was: Mapping[str, str]) -> Draft:
    """An empty database with these objects; what the tables of virtual ones need comes with these."""
    empty = empty_database()
    lacking = set()
    virtual = {folded(o.name) for o in objects if o.kind == "table" and is_virtual(o.text)}
    try:
        # a virtual table makes the tables that it needs, and fails where they are there
        for one in sorted(objects, key=lambda one: (_ORDER.index(one.kind), folded(one.name) not in virtual)):
            if not made(empty, one.kind, one.text):
                lacking.add(folded(one.name))
        authorize(empty)
    except BaseException:
        empty.close()
        raise
    shadows = tuple(f"{name}_" for name in virtual)
    return Draft(empty, objects, frozenset(name for name in lacking if not name.startswith(shadows)), was)
