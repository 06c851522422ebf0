"""What an explanation is made from, and the two ways in which rows are counted and shown for it; read only."""

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Self

from sqlfix.explain.answers import NOTHING, Culprit
from sqlfix.explain.attempts import Trial, trying_on
from sqlfix.explain.errors.conditions import narrowed
from sqlfix.explain.errors.message import Recognised
from sqlfix.explain.errors.names import find_columns, find_model, find_table
from sqlfix.explain.errors.statement import Statement
from sqlfix.explain.errors.statement_reader import PARAMETERS, WHERE
from sqlfix.frozen import frozen
from sqlfix.model.findings import Finding, NotChecked, Relationship, Row
from sqlfix.model.schema import ForeignKey, Schema, Table, Trigger
from sqlfix.model.values import folded
from sqlfix.plan.defaults import proposed
from sqlfix.plan.rehearsal import private_copy
from sqlfix.plan.repaired_checks import REPAIRED
from sqlfix.scan.candidates import Look
from sqlfix.scan.check import CHECKS, Condition
from sqlfix.scan.orphans import Probe
from sqlfix.scan.run import check, count_rows, look_at, why_not
from sqlfix.scan.table_reader import TableReader
from sqlfix.schema.database import Database
from sqlfix.schema.leftovers import built_from
from sqlfix.sql.create_trigger import TriggerStatement, read_trigger
from sqlfix.sql.literals import quote
from sqlfix.sql.predicates import stored
from sqlfix.sql.tokens import DdlError
from sqlfix.sqlite.deadline import limited
from sqlfix.sqlite.snapshot import ReaderPool
from sqlfix.text import address

SAMPLES = 5
Checked = tuple[Relationship, tuple[Finding, ...]]


@frozen
class Asked:
    """A recognised message, and the file that is asked what causes it."""

    of: Database
    recognised: Recognised
    _looks: dict[ForeignKey | None, Look] = field(default_factory=dict, compare=False)
    _checked: dict[ForeignKey, Checked] = field(default_factory=dict, compare=False)
    _trials: list[Trial] = field(default_factory=list, compare=False)
    _ended: ExitStack = field(default_factory=ExitStack, compare=False)

    @property
    def connection(self) -> sqlite3.Connection:
        """One that only reads; temporary tables are made on it."""
        return self.of.connection

    @property
    def schema(self) -> Schema:
        """The schema with its text, so that keys that are deferred are said to be."""
        return self.of.schema_with_text

    @property
    def database(self) -> str:
        """The name of the file, for the commands to go on with."""
        return self.of.name

    def look_at(self, keys: Iterable[ForeignKey]) -> None:
        """Take one look at the rows of those of some relationships that were not looked at yet."""
        if fresh := [fk for fk in dict.fromkeys(keys) if fk not in self._looks]:
            self._looks.update(dict.fromkeys(fresh, look_at(ReaderPool([self.connection]), self.schema, only=fresh)))

    def probe(self, fk: ForeignKey) -> Probe:
        """A new probe of a relationship; the one before it, of whichever, is good no longer."""
        self.look_at([fk])
        return Probe(self.connection, self.schema, fk, self._looks[fk])

    def checked(self, fk: ForeignKey) -> Checked:
        """What the checks say of a relationship; they are asked once."""
        if fk not in self._checked:
            relationship, found = check(self.probe(fk), self.database)
            self._checked[fk] = relationship, tuple(proposed(self.schema, fk, finding) for finding in found)
        return self._checked[fk]

    def trial(self) -> Trial:
        """A private copy on which statements are tried; it is made once, and is there until `close`."""
        if not self._trials:
            copy = self._ended.enter_context(private_copy(self.connection))
            self._trials.append(self._ended.enter_context(trying_on(copy, self.schema)))
        return self._trials[0]

    def close(self) -> None:
        """Throw the private copy away, if there is one."""
        self._ended.close()

    def findings_of(self, table: Table, check: str) -> Iterator[Finding]:
        """What one check of tables finds of a table; nothing of one that it is not for.

        Raises:
            sqlite3.DatabaseError: where it cannot tell.
        """
        rule = CHECKS.all().get(check)
        if rule is None or rule.inspect is None or table.unreadable or table.kind not in rule.kinds:
            return
        look = self._looks.setdefault(None, Look(ReaderPool([self.connection]), self.schema))
        for finding in rule.inspect(TableReader(self.connection, self.schema, table, look)):
            yield proposed(self.schema, None, finding)

    def broken(self, table: Table, check: str, meant: Callable[[Condition], bool]) -> Iterator[Culprit]:
        """What a scan of a table finds by some conditions of a check, one for each that holds for rows, without words.

        Of a table that the statement copies from, only the rows that it takes count.

        Args:
            table: the file's own, or the same under an assumption: see `sqlfix.schema.names`.

        Raises:
            sqlite3.DatabaseError: where SQLite cannot tell.
        """
        conditions = CHECKS[check].conditions
        for condition in filter(meant, conditions(self.schema, table) if conditions else ()):
            where = f"({condition.where}) AND {self.of_source(table)}"
            count, sample = rows_where(self, table, where, condition.columns)
            if count:
                yield Culprit(check, "", table.name, condition.columns, count=count, sample=sample)

    @property
    def statement(self) -> Statement | None:
        """The statement that failed, if it is known and its table is one of the file."""
        table = self.statement_table
        if table is None or self.recognised.statement is None:
            return None
        return self.recognised.statement.with_columns(table.writable)

    @property
    def statement_table(self) -> Table | None:
        """The table of the statement that failed, or that the application's model stands for."""
        named = self.recognised.statement
        return (find_model(self.schema, named.table) if named else None) or find_model(
            self.schema, self.recognised.model
        )

    @property
    def table(self) -> Table | None:
        """The table that the message names, or else that of the statement; one that has rows of its own."""
        found = find_table(self.schema, self.recognised.table) or self.statement_table
        return found if found and found.kind == "table" else None

    def places(self) -> list[tuple[Table, tuple[str, ...]]]:
        """The columns that the message names, and then those from which a migration was about to fill them.

        A table that is built anew is mostly empty or half full: the rows that stand in the way are in the one that it
        is built from.
        """
        recognised, copied, filled = self.recognised, dict[str, str](), set[str]()
        named = find_columns(self.schema, recognised.subject)
        if named is None and self.table:
            named = self.table, recognised.columns
        origin = built_from(self.schema, recognised.table or "", recognised.columns)
        columns = named[1] if named else recognised.columns
        if named is not None and (left := built_from(self.schema, named[0].name)):
            origin = left
        statement = recognised.statement
        if statement and statement.source and folded(statement.table) == folded(recognised.table or ""):
            copied = {folded(to): column for to, column in statement.copied}
            filled = {folded(name) for name in statement.written} - copied.keys() if copied else set()
            origin = self.schema.table(statement.source) or origin
        places = [named] if named else []
        if origin is not None and origin.kind == "table" and not filled & {folded(name) for name in columns}:
            from_there = (origin, tuple(copied.get(folded(name), name) for name in columns))
            if named is not None and named[0] is origin and copied:
                return [from_there]
            places += [from_there] if from_there not in places else []
        return places

    def of_source(self, table: Table) -> str:
        """SQL that is true of the rows which an INSERT … SELECT takes from a table; of another one, of all rows."""
        statement = self.recognised.statement
        if statement is None or folded(statement.source or "") != folded(table.name):
            return "1"
        found = narrowed(statement.where, table, self.schema)
        return f"({found.sql})" if found else "1"

    def not_read(self) -> tuple[str, ...]:
        """What of the statement is not known, in words; empty also where there is none."""
        statement, table = self.statement, self.statement_table
        if statement is None or table is None:
            return ()
        reasons = list(statement.unread)
        of = self.schema.table(statement.source) if statement.source else table
        found = narrowed(statement.where, of, self.schema) if of else None
        if statement.where is not None and not (found and found.whole) and not {WHERE, PARAMETERS} & set(reasons):
            reasons.append(WHERE)
        return tuple(reasons)


@dataclass(slots=True)
class Found:
    """What is found of one kind of message: causes, what could not be checked, and what is said of it all.

    ``closing`` is what is said where there is no cause; {} stands for the name of the file.
    """

    asked: Asked
    culprits: list[Culprit] = field(default_factory=list)
    not_checked: list[NotChecked] = field(default_factory=list)
    meaning: str = ""
    closing: str = NOTHING

    @contextmanager
    def asking(self, subject: str) -> Iterator[None]:
        """Note what SQLite cannot tell in the block; an error that concerns the whole file is raised instead."""
        try:
            yield
        except sqlite3.DatabaseError as error:
            self.unknown(subject, why_not(error, self.asked.database))

    def unknown(self, subject: str, reason: str) -> None:
        """Note what could not be looked for."""
        self.not_checked.append(NotChecked(subject, reason))

    def note_half_built(self, name: str) -> None:
        """Note that a table which a migration was building is not in the file, so that only it knew its constraints."""
        schema = self.asked.schema
        if schema.table(name) is None and (built_from(schema, name) or find_model(schema, name) is None):
            self.unknown(name, "this file does not have that table, and so not its constraints")

    def answer(self, meaning: str, closing: str = NOTHING) -> Self:
        """This, with what is to be said."""
        self.meaning, self.closing = meaning, closing
        return self


def rows_where(
    asked: Asked, table: Table, condition: str, shown: Iterable[str], order: str = ""
) -> tuple[int, tuple[Row, ...]]:
    """How many rows of a table a condition is true of, and a few of them.

    The columns stand in the condition by their bare names, or with the alias ``c``. Indexes are left aside: they may be
    what is wrong. A condition may hold an expression of the schema's own, so that it gets only as much time as the rows
    can need.

    Args:
        shown: the columns to be shown of a row beside its key.
        order: SQL by which the first of the rows are found; without it, as they stand.
    """
    key = table.known_by
    with limited(count_rows(asked.connection, table.name), asked.connection):
        counted = f"SELECT count(*) FROM {stored(table, 'c')} WHERE {condition}"
        total = int(asked.connection.execute(counted).fetchone()[0])
        labelled = [(name, quote(name)) for name in shown if name not in key]
        return total, sample_where(asked, table, condition, labelled, order) if total else ()


def sample_where(
    asked: Asked, table: Table, condition: str, shown: Iterable[tuple[str, str]], order: str = ""
) -> tuple[Row, ...]:
    """A few of the rows that a condition is true of, by their key.

    Args:
        shown: what is to be shown beside it: what it is called, and its SQL.
    """
    key, shown = table.known_by, [*shown]
    columns, by = [*map(quote, key), *(sql for _, sql in shown)], f" ORDER BY {order}" if order else ""
    source = f"{stored(table, 'c')} WHERE {condition}{by} LIMIT {SAMPLES}"
    rows = asked.connection.execute(f"SELECT {', '.join(columns or ['NULL'])} FROM {source}").fetchall()
    return tuple(Row.of(key, [label for label, _ in shown], values[: len(columns)]) for values in rows)


def of_finding(finding: Finding) -> Culprit:
    """A finding of a scan as the cause of an error."""
    rule = CHECKS[finding.check]
    place = address(finding.table, finding.columns) if finding.columns else finding.table
    command: tuple[str, ...] = ("repair" if finding.fix else "scan", "--select", place)
    if finding.check in REPAIRED:
        command = ("repair-schema",)  # one step of it can bring another to light
    return Culprit(
        finding.check, rule.message(finding), *finding.subject, finding.count, finding.sample, rule.hint(finding),
        command,
    )  # fmt: skip


def trigger_culprit(table: Table, trigger: Trigger, what: str, hint: str) -> Culprit:
    """A trigger as the cause of a message."""
    return Culprit("trigger", f"the trigger {trigger.name} on {table.name} {what}", table.name, hint=hint or None)


def statements_of(found: Found, trigger: Trigger) -> tuple[TriggerStatement, ...]:
    """What a trigger runs; where its text cannot be read, that is noted."""
    try:
        return tuple(read_trigger(trigger.sql).statements)
    except DdlError as error:
        found.unknown(f"the trigger {trigger.name}", f"its text cannot be read: {error}")
        return ()
