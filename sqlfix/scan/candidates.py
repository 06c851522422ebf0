"""Which rows of which relationships may be orphans: the fast look at everything that comes before the exact one."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlfix.model.schema import ForeignKey, Index, Schema, Table
from sqlfix.scan import access_paths as ways
from sqlfix.scan import tiny_tables as tiny
from sqlfix.scan.access_paths import Question
from sqlfix.scan.few_orphans import Found, Together
from sqlfix.scan.key_forms import ParentForms
from sqlfix.scan.known_tables import KnownTables
from sqlfix.scan.parents_alike import Parents, ParentsKey, parents_key, parents_of_suspects
from sqlfix.scan.pieces import Piece
from sqlfix.scan.table_pass import Along, Done, Suspects, merging, sweep
from sqlfix.schema.leftovers import Leftover, leftover_of, may_be_left
from sqlfix.sql.literals import quote
from sqlfix.sql.predicates import affinity
from sqlfix.sqlite.deadline import stop_if_interrupted
from sqlfix.sqlite.row_sets import add_ids, unused_name
from sqlfix.sqlite.snapshot import ReaderPool

if TYPE_CHECKING:
    from sqlfix.scan.check import Condition
    from sqlfix.scan.compiling import Bare
    from sqlfix.scan.orphans import Probe

MOST_KEPT, LEAST_LISTED = 1_000_000, 1000
"""Rows that are listed for all questions of a database together, and those that are listed for each in any case."""

Answered = tuple[Table, list[Suspects]]


@dataclass(slots=True, eq=False, repr=False)
class Look:
    """A look at some relationships of one database.

    ``suspects`` are the answers; a relationship that is not among them could not be looked at in this way, and
    nothing is known of its rows. ``tables`` is what is known of the tables, ``forms`` are those of parents' keys;
    ``ways`` says how each relationship was looked at. ``conditions`` and ``clues`` are what checks ask of rows, by the
    table and the check, and ``answers`` those to them. ``done`` is told of the rows that are read again, where there
    are very many suspects.
    ``bare`` is a database without rows that was made to compile triggers in, if any was: see `compiling`. ``measured``
    is the relationship of which temporary tables were made last: they stand, and need not be made again.
    """

    readers: ReaderPool
    schema: Schema
    tables: KnownTables = field(init=False)
    forms: ParentForms = field(init=False)
    suspects: dict[ForeignKey, Suspects] = field(default_factory=dict)
    ways: dict[ForeignKey, str] = field(default_factory=dict)
    answers: dict[Condition, Suspects | sqlite3.DatabaseError] = field(default_factory=dict)
    conditions: dict[str, dict[str, tuple[Condition, ...]]] = field(default_factory=dict)
    clues: dict[str, dict[str, tuple[Condition, ...]]] = field(default_factory=dict)
    done: Done | None = None
    bare: Bare | None = None
    measured: Probe | None = None
    _listed: int = 0
    _lookable: dict[ForeignKey, bool] = field(default_factory=dict)
    _parents: dict[ParentsKey, Parents] | None = None
    _leftovers: tuple[Leftover, ...] | None = None
    _few: Together | None = None
    _kept: dict[tuple[sqlite3.Connection, ForeignKey], str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.tables = KnownTables(self.readers, self.schema)
        self.forms = ParentForms(self.schema)

    @property
    def sizes(self) -> dict[str, int]:
        """The rows of the tables, counted in the tables themselves."""
        return self.tables.sizes

    def count(
        self, foreign_keys: Iterable[ForeignKey], others: Iterable[str] = (), guess: Collection[str] = ()
    ) -> None:
        """Count the rows of all tables at either end, and of others; ``guess`` as of `KnownTables.count`."""
        ends = (name for fk in foreign_keys if self._can_look(fk) for name in (fk.child, fk.parent))
        self.tables.count((*ends, *others), guess)

    def kept(self, connection: sqlite3.Connection, fk: ForeignKey) -> str | None:
        """The temporary table of a connection with the ids of the suspects, where these are many: it is filled once.

        None where they are few, or not listed.
        """
        found = self.suspects.get(fk)
        if found is None or found.rows is None or found.count <= LEAST_LISTED:
            return None
        if (connection, fk) not in self._kept:
            name = unused_name(connection, self.schema, "sqlfix_kept")
            connection.execute(f"CREATE TEMP TABLE {name} (id INTEGER PRIMARY KEY)")
            add_ids(connection, f"temp.{name}", found.rows)
            self._kept[connection, fk] = f"temp.{name}"
        return self._kept[connection, fk]

    def leftovers(self) -> tuple[Leftover, ...]:
        """What migrations left behind beside the tables that they were to change."""
        if self._leftovers is None:
            found = (leftover_of(self.schema, t) for t in self.schema.tables if may_be_left(t.name))
            self._leftovers = tuple(left for left in found if left and left.exists)
        return self._leftovers

    def at_tiny(self, tables: Iterable[tuple[Table, Sequence[ForeignKey], Sequence[Question]]]) -> Iterator[Answered]:
        """Look at those of some tables that are tiny, many together, as `at` does at one.

        Args:
            tables: each with its relationships, and further questions.

        Returns:
            the tables that were looked at, and the answers to the further questions; the others are left to `at`.
        """
        chosen: list[tuple[Table, Sequence[ForeignKey], Sequence[Question]]] = []
        for table, foreign_keys, others in tables:
            some = [fk for fk in foreign_keys if self._is_countable(fk)]
            if 0 < len(some) + len(others) <= tiny.MOST_QUESTIONS and self._is_tiny(table, some):
                chosen.append((table, some, others))
        if len(chosen) < tiny.MANY:
            return
        connection, keyed = self.readers.connections[0], [table for table, some, _ in chosen if some]
        whole = len(keyed) == sum(bool(table.foreign_keys) for table in self.schema.tables)
        orphans = {table.name: found for table, found in tiny.orphans(connection, keyed, whole)}
        left = [(table, others) for table, some, others in chosen if not some or table.name in orphans]
        for table, keys, _ in chosen:
            for fk in keys if table.name in orphans else ():
                found = self.suspects[fk] = orphans[table.name][table.foreign_keys.index(fk)]
                self.ways[fk] = "check"
                self._listed += found.count
        yield from ((table, []) for table, others in left if not others)
        yield from tiny.sweep(connection, [(table, others) for table, others in left if others])

    def _is_tiny(self, table: Table, foreign_keys: Sequence[ForeignKey]) -> bool:
        """True if a table has few rows, and there is nothing to be found out of the parents but whether they are there.

        To believe the rowids of a table, `_question` looks whether its rows stand in order, unless it has many. And
        SQLite's own check looks at all keys of a table, computed ones as well, and at none that is yet to be declared.
        """
        rows = self.sizes.get(table.name)
        return (
            rows is not None
            and rows <= tiny.TINY
            and tiny.can_be_tiny(table)
            and len(table.foreign_keys) == table.keys_declared
            and set(table.foreign_keys).issuperset(foreign_keys)
            and all(
                self.tables.ordered.get(fk.parent)
                or rows * ways.FEW < self.sizes[fk.parent]
                or not ways.refers_to_ids(self.schema, fk)
                for fk in foreign_keys
            )
            and (len(foreign_keys) == len(table.foreign_keys) or all(map(self._can_look, table.foreign_keys)))
        )

    def goes_by_ids(self, fk: ForeignKey) -> bool:
        """True if the ids of very many parents are to be known before the keys are looked at."""
        if not ways.refers_to_ids(self.schema, fk) or not self._is_countable(fk):
            return False
        if not self.tables.has_many_ids(self.schema.known_table(fk.parent)):
            return False
        ids = self.tables.ids_of(fk.parent)
        return ways.choose(self.sizes[fk.child], self.sizes[fk.parent], ids, None, None) == "gaps"

    def _is_countable(self, fk: ForeignKey) -> bool:
        """True if a relationship can be looked at, and the rows at both its ends could be counted."""
        return fk.child in self.sizes and fk.parent in self.sizes and self._can_look(fk)

    def at(
        self, foreign_keys: Sequence[ForeignKey], done: Done | None = None, others: Sequence[Question] = ()
    ) -> list[Suspects | sqlite3.DatabaseError]:
        """Look at relationships of one child table, all in one pass where that can be.

        Args:
            others: further questions about the same table.

        Returns:
            the answers to the further questions, or why SQLite cannot answer them.
        """
        known = [fk for fk in foreign_keys if self._is_countable(fk)]
        answers: dict[ForeignKey | Question, Suspects | sqlite3.DatabaseError] = {}
        subjects: list[ForeignKey | Question] = [*known, *others]
        # by the reading in the table's own order its rows are counted, with which an index is compared
        later: list[ForeignKey | Question] = [
            fk for fk in known if fk.child in self.tables.guessed and self._goes_by_index(fk)
        ]
        first = [one for one in subjects if one not in later]
        for together in (first, later, *([one] for one in subjects)):  # one that fails must not hide the others
            some = [one for one in together if one not in answers]
            if not some:
                continue
            try:
                swept = self._swept(some, done)
                self._listed += sum(len(one.rows) for one in swept if one.rows is not None)
                answers.update(zip(some, swept, strict=True))
            except sqlite3.DatabaseError as error:
                stop_if_interrupted(error)
                self.tables.settle(name := _table_of(some[0]))
                if name not in self.sizes:
                    answers.update(dict.fromkeys(others, error))
                    break
                if len(some) == 1:
                    answers[some[0]] = error
        self.suspects.update((fk, self._found(fk, one)) for fk in known if isinstance(one := answers.get(fk), Suspects))
        self.tables.forget_maps()
        return [answers[question] for question in others]

    def _found(self, fk: ForeignKey, met: Suspects) -> Suspects:
        """The suspects, which are not listed where a damaged table does not find one of them by its rowid."""
        by_index = self.ways[fk] in ("merge", "order")  # one that it alone has is no fault of the table
        found = by_index or not met.rows or self.tables.finds(self.schema.known_table(fk.child), met.rows)
        return met if found else Suspects(met.count, None, met.count)

    def _swept(self, some: Sequence[ForeignKey | Question], done: Done | None) -> list[Suspects]:
        """The answers about some relationships of one table, and to further questions, in as few passes as can be."""
        questions = [self._question(one, n) if isinstance(one, ForeignKey) else one for n, one in enumerate(some)]
        most = max((MOST_KEPT - self._listed) // max(len(some), 1), LEAST_LISTED)
        table = next((question.table for question in questions if not question.index), None)
        ids = self.tables.along(table) if table else None
        swept = sweep(self.readers, questions, self.sizes, Along(ids, done), most)
        sure, ends = ids is not None and self.tables.note(ids), ids.ends if ids else None
        if ids and ends and not (sure and ends[1] - ends[0] + 1 == ids.rows) and self._in_itself(some):
            return self._swept(some, done)  # its keys were looked at as if each id were there, and once
        return swept

    def is_sound(self, fk: ForeignKey) -> bool:
        """True if it has been seen already that no row is an orphan."""
        found = self.suspects.get(fk)
        return found is not None and not found.count and self.is_believed(fk)

    def is_believed(self, fk: ForeignKey) -> bool:
        """False if what SQLite looks the parents of a relationship up by is known not to agree with their table."""
        parent, own = self.schema.known_table(fk.parent), ways.own_index(self.schema, fk)
        if own is None:
            return not self.tables.is_damaged(parent.name)
        return self.tables.agrees_as_far_as_known(parent, own)

    def compare_parents(self) -> None:
        """Compare the indexes by which parents of suspects are looked up with all rows, as a repair will need it."""
        for fk in [fk for fk, suspects in self.suspects.items() if suspects.count]:
            if (own := ways.own_index(self.schema, fk)) and self.is_believed(fk):
                self.tables.note_agreement(self.schema.known_table(fk.parent), own)

    def rows_left(self, fk: ForeignKey) -> int:
        """How many rows are still to be read of a relationship: the suspects, or all if those are not listed."""
        suspects = self.suspects.get(fk)
        if fk.fault or (suspects and (suspects.rows is not None or not suspects.count)):
            return suspects.count if suspects else 0
        return self.sizes.get(fk.child, 0)

    def few(self, connection: sqlite3.Connection, fk: ForeignKey) -> Found | None:
        """The few orphans of one of very many relationships, see `Together.pop`."""
        if connection is not self.readers.connections[0]:  # its temporary tables are its own
            return None
        if self._few is None:
            self._few = Together(connection, self.schema, self.suspects)
        return self._few.pop(fk)

    def forget_orphans(self) -> None:
        """Forget what was gathered of orphans and their parents; how to look it up is known better now."""
        self._few = self._parents = self.measured = None

    def parents(self, fk: ForeignKey) -> Parents:
        """What is known of the parents; for all parents of suspects it is found out together when first asked for."""
        if self._parents is None:
            self._parents = parents_of_suspects(self)
        return self._parents.get(parents_key(fk), Parents())

    def _can_look(self, fk: ForeignKey) -> bool:
        if (known := self._lookable.get(fk)) is None:
            known = self._lookable[fk] = self._is_lookable(fk)
        return known

    def _is_lookable(self, fk: ForeignKey) -> bool:
        """False for what SQLite cannot use, and for keys that an expression of the schema's own computes."""
        if fk.fault:
            return False
        for name, columns in ((fk.child, fk.child_columns), (fk.parent, fk.parent_columns)):
            table = self.schema.table(name)
            if table is None or table.kind not in ("table", "shadow") or table.unreadable:
                return False
            for column in map(table.column, columns):
                if column is None or column.generated:
                    return False
        return True

    def _question(self, fk: ForeignKey, number: int) -> Question:
        child = self.schema.known_table(fk.child)
        ids = self.tables.ids_of(fk.parent) if ways.refers_to_ids(self.schema, fk) else None
        index = ways.index_over_key(self.schema, fk)
        merged = ways.side_by_side(self.schema, fk, index) if index else None
        way = self.ways[fk] = ways.choose(self.sizes[fk.child], self.sizes[fk.parent], ids, index, merged)
        if way == "gaps" and ids is not None:
            # whether each id is there once is found out in the same reading then, see `_swept`
            dense = fk.parent == fk.child and self.tables.is_to_be_ordered(child) and ids.span == ids.count
            return ways.by_gaps(self.schema, fk, ids, None if dense else self.tables.map_of(fk.parent), number)
        if way in ("merge", "order") and index is not None and self._is_trusted(fk, index):
            question = Question(child, "1", index=index, merged=merged)
            if way == "merge" and merged is not None and self._merges(question):
                return question
            self.ways[fk] = "order"
            return ways.by_lookup(self.schema, fk, index, number, self._by_index(fk))
        self.ways[fk] = "ranges"
        return ways.by_lookup(self.schema, fk, None, number, self._by_index(fk))

    def _in_itself(self, some: Sequence[ForeignKey | Question]) -> bool:
        """True if there is a key among them that leads to the same table, and is told by its ids."""
        keys = (one for one in some if isinstance(one, ForeignKey))
        return any(fk.parent == fk.child and self.ways[fk] == "gaps" for fk in keys)

    def _goes_by_index(self, fk: ForeignKey) -> bool:
        """True if the keys are to be looked at in the order of an index, which is compared with the table before."""
        ids = self.tables.ids_of(fk.parent) if ways.refers_to_ids(self.schema, fk) else None
        index = ways.index_over_key(self.schema, fk)
        return ways.choose(self.sizes[fk.child], self.sizes[fk.parent], ids, index, None) == "order"

    def _merges(self, question: Question) -> bool:
        """True if SQLite sorts nothing to read both indexes side by side."""
        plan = self.readers.connections[0].execute(f"EXPLAIN QUERY PLAN {merging(question, Piece(0))}").fetchall()
        steps = [str(step[3]) for step in plan]
        return "MERGE (EXCEPT)" in steps and not any("TEMP B-TREE" in step for step in steps)

    def _by_index(self, fk: ForeignKey) -> bool:
        """True if SQLite answers ``IN`` by just what its own check looks parents up by.

        It may make a list of all parents, or take another index over the same columns, which may know rows that are
        gone. And ``IN`` rounds a whole number for a column of REAL, so that it is equal to another one.
        """
        parent = self.schema.known_table(fk.parent)
        columns = [column for name in fk.parent_columns if (column := parent.column(name))]
        if any(affinity(column, parent.strict) == "REAL" for column in columns):
            return False
        own = ways.own_index(self.schema, fk)
        query = f"SELECT 1 FROM {quote(fk.child)} AS c WHERE {ways.is_in_parents(self.schema, fk)}"
        plan = self.readers.connections[0].execute(f"EXPLAIN QUERY PLAN {query}").fetchall()
        used = f"USING INDEX {own.name}" if own else f"USING ROWID SEARCH ON TABLE {fk.parent}"
        return [str(step[3]) for step in plan[1:]] == [f"{used} FOR IN-OPERATOR"]

    def _is_trusted(self, fk: ForeignKey, index: Index) -> bool:
        """True if an index has as many entries as its table has rows, and knows the rows that it is tried with.

        More could be known only by reading all of both, which `PRAGMA integrity_check` does.
        """
        table = self.schema.known_table(fk.child)
        if len(table.row_id) != 1 or not self.sizes[fk.child]:
            return False
        try:
            return self.tables.agrees(table, index)
        except sqlite3.DatabaseError:
            return False


def _table_of(subject: ForeignKey | Question) -> str:
    return subject.child if isinstance(subject, ForeignKey) else subject.table.name
