"""Which rows of which relationships may be orphans: the fast look at everything that comes before the exact one."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlfix.frozen import frozen
from sqlfix.model.schema import ForeignKey, Index, Schema, Table
from sqlfix.scan import access_paths as ways
from sqlfix.scan import tiny_tables as tiny
from sqlfix.scan.access_paths import WHOLE, Ids, Question
from sqlfix.scan.few_orphans import Found, Together
from sqlfix.scan.key_forms import Form, first_forms, other_form
from sqlfix.scan.table_pass import (
    BATCH,
    MOST_MARKS_A_PASS,
    Done,
    Piece,
    Suspects,
    merging,
    pieces_of,
    probing,
    sweep,
    unchecked,
)
from sqlfix.scan.trees import (
    Difference,
    agrees,
    all_with_rowid_in_order,
    difference,
    has_all_ids,
    is_computed,
    is_in_order,
)
from sqlfix.schema.leftovers import Leftover, leftover_of, may_be_left
from sqlfix.sql.literals import literal, quote
from sqlfix.sql.predicates import affinity, count_stored, stored
from sqlfix.sqlite.deadline import limited, stop_if_interrupted, was_cut_off
from sqlfix.sqlite.readers import Crew

if TYPE_CHECKING:
    from sqlfix.scan.check import Condition
    from sqlfix.scan.compiling import Bare

MOST_KEPT, LEAST_LISTED = 1_000_000, 1000
"""Rows that are listed for all questions of a database together, and those that are listed for each in any case."""
MOST_VALUES = 1000
"""How many keys are written out in a statement at most."""

_Key = tuple[str, tuple[str, ...], tuple[str | None, ...]]
Answered = tuple[Table, list[Suspects]]


@frozen
class Parents:
    """What all rows of a parent table have in common, as far as it matters to what refers to them.

    ``forms`` are those of the key, see `spelling`; None if they have none in common. ``lack`` is true if no row has, in
    the first column of the key, any of the values that were suspected: so no damaged index can have hidden it.
    """

    forms: tuple[Form, ...] | None = None
    lack: bool = False


@dataclass(slots=True)
class Look:
    """A look at some relationships of one database.

    ``suspects`` are the answers; a relationship that is not among them could not be looked at in this way, and
    nothing is known of its rows. ``sizes`` are the rows of the tables, counted in the tables themselves; ``ways`` says
    how each was looked at. ``conditions`` and ``clues`` are what checks ask of rows, by the table and the check, and
    ``answers`` those to them. ``done`` is told of the rows that are read again, where there are very many suspects.
    ``bare`` is a database without rows that was made to compile triggers in, if any was: see `compiling`.
    """

    crew: Crew
    schema: Schema
    sizes: dict[str, int] = field(default_factory=dict)
    suspects: dict[ForeignKey, Suspects] = field(default_factory=dict)
    ways: dict[ForeignKey, str] = field(default_factory=dict)
    answers: dict[Condition, Suspects | sqlite3.DatabaseError] = field(default_factory=dict)
    conditions: dict[str, dict[str, tuple[Condition, ...]]] = field(default_factory=dict)
    clues: dict[str, dict[str, tuple[Condition, ...]]] = field(default_factory=dict)
    done: Done | None = None
    bare: Bare | None = None
    _listed: int = 0
    _agree: dict[tuple[str, str], bool | sqlite3.DatabaseError] = field(default_factory=dict)
    _ordered: dict[str, bool] = field(default_factory=dict)
    _all_ordered: bool | None = None
    _ids: dict[str, Ids] = field(default_factory=dict)
    _marks: dict[str, bytes | None] = field(default_factory=dict)
    _parents: dict[_Key, Parents] | None = None
    _leftovers: tuple[Leftover, ...] | None = None
    _few: Together | None = None

    def leftovers(self) -> tuple[Leftover, ...]:
        """What migrations left behind beside the tables that they were to change."""
        if self._leftovers is None:
            found = (leftover_of(self.schema, t) for t in self.schema.tables if may_be_left(t.name))
            self._leftovers = tuple(left for left in found if left and left.exists)
        return self._leftovers

    def count(self, foreign_keys: Iterable[ForeignKey], others: Iterable[str] = ()) -> None:
        """Count the rows of all tables at either end, and of others."""
        tables = dict.fromkeys(name for fk in foreign_keys if self._can_look(fk) for name in (fk.child, fk.parent))
        wanted = [
            table
            for name in dict.fromkeys((*tables, *others))
            if (table := self.schema.table(name)) and name not in self.sizes
        ]
        if not wanted:  # then this may be asked from several threads, and a connection belongs to one of them
            return
        with unchecked(self.crew):  # the pass over a child checks it, and what is looked up is checked before
            for table, tiny_ids, in_order in tiny.count(self.crew.connections[0], wanted):
                self.sizes[table.name], self._ids[table.name] = tiny_ids.count, tiny_ids
                if in_order:
                    self._ordered.setdefault(table.name, True)
            wanted = [table for table in wanted if table.name not in self.sizes]
            counted = self.crew.run(_count, wanted)
        for table, ids in zip(wanted, counted, strict=True):
            if ids is not None:
                self.sizes[table.name] = ids.count
                self._ids[table.name] = ids

    def at_tiny(self, tables: Iterable[tuple[Table, Sequence[ForeignKey], Sequence[Question]]]) -> Iterator[Answered]:
        """Look at those of some tables that are tiny, many together, as `at` does at one.

        Args:
            tables: each with its relationships, and further questions.

        Returns:
            the tables that were looked at, and the answers to the further questions; the others are left to `at`.
        """
        known: dict[str, list[ForeignKey]] = {}
        asked: list[tuple[Table, Sequence[Question]]] = []
        for table, foreign_keys, others in tables:
            some = [fk for fk in foreign_keys if self._is_countable(fk)]
            if 0 < len(some) + len(others) <= tiny.MOST_QUESTIONS and self._is_tiny(table, some):
                known[table.name] = some
                asked.append((table, [*(self._tiny_question(fk, number) for number, fk in enumerate(some)), *others]))
        for table, found in tiny.sweep(self.crew.connections[0], asked) if len(asked) >= tiny.MANY else ():
            some = known[table.name]
            self.suspects.update(zip(some, found, strict=False))
            self._listed += sum(one.count for one in found)
            yield table, found[len(some) :]

    def _is_tiny(self, table: Table, foreign_keys: Sequence[ForeignKey]) -> bool:
        """True if a table has few rows, and there is nothing to be found out of the parents but whether they are there.

        To believe the rowids of a table, `_question` looks whether its rows stand in order, unless it has many.
        """
        rows = self.sizes.get(table.name)
        return (
            rows is not None
            and rows <= tiny.TINY
            and tiny.can_be_tiny(table)
            and all(
                self._ordered.get(fk.parent)
                or rows * ways.FEW < self.sizes[fk.parent]
                or not ways.refers_to_ids(self.schema, fk)
                for fk in foreign_keys
            )
        )

    def _tiny_question(self, fk: ForeignKey, number: int) -> Question:
        ids = self._ids[fk.parent]
        if ids.span == ids.count and self._ordered.get(fk.parent) and ways.refers_to_ids(self.schema, fk):
            self.ways[fk] = "gaps"
            return ways.by_gaps(self.schema, fk, ids, None, number)
        self.ways[fk] = "ranges"
        return ways.by_lookup(self.schema, fk, None, number)

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
        for some in (subjects, *([one] for one in subjects)):  # one that fails must not hide the others
            some = [one for one in some if one not in answers]
            try:
                questions = [
                    one if isinstance(one, Question) else self._question(one, number) for number, one in enumerate(some)
                ]
                most = max((MOST_KEPT - self._listed) // max(len(some), 1), LEAST_LISTED)
                swept = sweep(self.crew, questions, self.sizes, done, most)
                self._listed += sum(len(one.rows) for one in swept if one.rows is not None)
                answers.update(zip(some, swept, strict=True))
            except sqlite3.DatabaseError as error:
                stop_if_interrupted(error)
                if len(some) == 1:
                    answers[some[0]] = error
        self.suspects.update((fk, found) for fk in known if isinstance(found := answers[fk], Suspects))
        if sum(len(marks or b"") for marks in self._marks.values()) > MOST_MARKS_A_PASS:
            self._marks.clear()
        return [answers[question] for question in others]

    def agrees(self, table: Table, index: Index, connection: sqlite3.Connection | None = None) -> bool:
        """True if a plain index has an entry for each row of its table and no others, see `trees.agrees`; asked once.

        Args:
            connection: one of the crew; the first if not given.

        Raises:
            sqlite3.DatabaseError: where SQLite cannot use the index.
        """
        place = (table.name, index.name)
        if place not in self._agree:
            self.count((), [table.name])
            try:
                if table.name not in self.sizes:
                    raise sqlite3.DatabaseError("its rows could not be counted")
                asked = connection or self.crew.connections[0]
                self._agree[place] = agrees(asked, table, index, self.sizes[table.name])
            except sqlite3.DatabaseError as error:
                stop_if_interrupted(error)
                self._agree[place] = error
        if isinstance(known := self._agree[place], sqlite3.DatabaseError):
            raise known
        return known

    def note_disagreement(self, table: Table, index: Index) -> None:
        """Take note of an index that does not agree with its table."""
        self._agree[table.name, index.name] = False

    def agrees_as_far_as_known(self, table: Table, index: Index) -> bool:
        """The same of any index; True where it cannot be asked without running expressions of the schema's own."""
        if is_computed(table, index) or (table.without_rowid and index.origin == "pk"):
            return self._agree.get((table.name, index.name), True) is not False
        try:
            return self.agrees(table, index)
        except sqlite3.DatabaseError:
            return True  # it cannot be used at all, and whoever uses it will say why

    def is_known_to_agree(self, table: Table, index: Index) -> bool:
        """True if an index was compared with all rows of its table, each looked up in it, and none was missing."""
        return self._agree.get((table.name, index.name)) is True and self.sizes.get(table.name, WHOLE + 1) <= WHOLE

    def agrees_wholly(self, table: Table, index: Index) -> bool:
        """The same of any index, all rows compared, however many they are and whatever has to be computed for it."""
        place, rows = (table.name, index.name), self.sizes.get(table.name, 0)
        known = self._agree.get(place)
        if known is False or (known is True and rows <= WHOLE) or (table.without_rowid and index.origin == "pk"):
            return known is not False
        try:
            with limited(rows, *self.crew.connections):
                self._agree[place] = agrees(self.crew.connections[0], table, index, rows, whole=True)
        except sqlite3.DatabaseError as error:
            if not was_cut_off():
                stop_if_interrupted(error)
            return True  # it cannot be used at all, and whoever uses it will say why
        return self._agree[place] is True

    def distrusted(self, names: Iterable[str], whole: bool = True, but: str | None = None) -> str | None:
        """Why nothing should be done by what some tables and their indexes say: the first that is damaged.

        Args:
            whole: compare all rows of each table with all its indexes, however many they are.
            but: an index that is not used.
        """
        tables = [table for name in dict.fromkeys(names) if (table := self.schema.table(name))]
        self.count((), [table.name for table in tables])
        for table in tables:
            if whole and not self.is_in_order(table):
                return f"{table.name} is damaged: its rows do not stand in the order of their keys"
            for index in table.indexes:
                agrees = self.agrees_wholly if whole else self.agrees_as_far_as_known
                # by an index that begins with an expression none of our statements finds a row
                if index.name != but and index.columns[0].name is not None and not agrees(table, index):
                    return f"an index of {table.name} disagrees with its table; REINDEX {table.name} comes first"
        return None

    def is_damaged(self, name: str) -> bool:
        """True of a table that is known to hold its rows in a wrong order, or one twice."""
        return self._ordered.get(name) is False

    def difference(self, table: Table, index: Index) -> Difference:
        """How far an index disagrees with its table; nothing is counted where that takes too long."""
        rows = self.sizes[table.name]
        try:
            with limited(rows, *self.crew.connections):
                return difference(self.crew.connections[0], table, index, rows)
        except sqlite3.DatabaseError as error:
            if not was_cut_off():
                stop_if_interrupted(error)
            return Difference(0, 0)

    def is_in_order(self, table: Table) -> bool:
        """True if no row of a table is held twice, as `trees.is_in_order` says; asked once."""
        if table.name not in self._ordered:
            connection, rows = self.crew.connections[0], self.sizes.get(table.name, 0)
            if self._all_ordered is None and rows:
                self._all_ordered = all_with_rowid_in_order(connection, self.schema)
            known = self._all_ordered and not table.without_rowid
            self._ordered[table.name] = known or is_in_order(connection, table, rows)
        return self._ordered[table.name]

    def is_believed(self, fk: ForeignKey) -> bool:
        """False if what SQLite looks the parents of a relationship up by is known not to agree with their table."""
        parent, own = self.schema.table(fk.parent), ways.own_index(self.schema, fk)
        index = next((each for each in parent.indexes if each.name == own), None) if parent else None
        if parent is None:
            return True
        if index is None:
            return self._ordered.get(parent.name, True)
        return self.agrees_as_far_as_known(parent, index)

    def rows_left(self, fk: ForeignKey) -> int:
        """How many rows are still to be read of a relationship: the suspects, or all if those are not listed."""
        suspects = self.suspects.get(fk)
        if fk.fault or (suspects and (suspects.rows is not None or not suspects.count)):
            return suspects.count if suspects else 0
        return self.sizes.get(fk.child, 0)

    def few(self, connection: sqlite3.Connection, fk: ForeignKey) -> Found | None:
        """The few orphans of one of very many relationships, see `Together.pop`."""
        if connection is not self.crew.connections[0]:  # its temporary tables are its own
            return None
        if self._few is None:
            self._few = Together(connection, self.schema, self.suspects)
        return self._few.pop(fk)

    def parents(self, fk: ForeignKey) -> Parents:
        """What is known of the parents; for all parents of suspects it is found out together when first asked for."""
        if self._parents is None:
            groups: dict[_Key, list[ForeignKey]] = {}
            for each, suspects in self.suspects.items():
                if suspects.count:
                    groups.setdefault(_key(each), []).append(each)
            self._parents = {key: self._look_at_parents(some) for key, some in groups.items()}
        return self._parents.get(_key(fk), Parents())

    def _look_at_parents(self, some: list[ForeignKey]) -> Parents:
        fk, connection = some[0], self.crew.connections[0]
        table = self.schema.table(fk.parent)
        assert table is not None
        in_table = fk.parent_columns == (table.integer_key,) or (table.without_rowid and fk.implicit)
        try:
            forms = first_forms(connection, table, fk.parent_columns)
            values = None if in_table else self._values(some)
            conditions = []
            if forms and fk.parent_columns != (table.integer_key,):
                conditions.append(other_form(fk.parent_columns, forms))
            if values is not None:
                collation = fk.parent_collations[0] if fk.parent_collations else None
                column = f"c.{quote(fk.parent_columns[0])}{f' COLLATE {quote(collation)}' if collation else ''}"
                conditions.append(f"{column} IN ({', '.join(values)})")
            found = self._hold(table, conditions)
        except sqlite3.DatabaseError as error:
            stop_if_interrupted(error)
            return Parents()
        lack = values is not None and not found.pop()
        return Parents(None if any(found) else forms, lack)

    def _hold(self, table: Table, conditions: Sequence[str]) -> list[bool]:
        """For each condition whether it holds for any row of a table.

        Two are asked side by side, not of one half of the rows each: what makes a text of its own, such as lower(),
        waits in SQLite for the other threads that do so as well.
        """
        if len(conditions) < 2:
            questions = [Question(table, condition) for condition in conditions]
            return [bool(answer.count) for answer in sweep(self.crew, questions, self.sizes)]
        query = f"SELECT 1 FROM {stored(table, 'c')} WHERE"
        return self.crew.run(
            lambda connection, condition: connection.execute(f"{query} {condition} LIMIT 1").fetchone() is not None,
            conditions,
        )

    def _values(self, some: list[ForeignKey]) -> set[str] | None:
        """The first values of all suspected keys, as SQL; None if they are not known, or too many for a list."""
        values: set[str] = set()
        for fk in some:
            table, rows = self.schema.table(fk.child), self.suspects[fk].rows
            if table is None or rows is None or len(rows) > MOST_VALUES:
                return None
            chosen = ", ".join(map(str, rows))
            query = f"SELECT {quote(fk.child_columns[0])} FROM {quote(fk.child)} NOT INDEXED"
            found = self.crew.connections[0].execute(f"{query} WHERE {quote(table.row_id[0])} IN ({chosen})")
            values.update(literal(value) for (value,) in found if value is not None)
        return values if len(values) <= MOST_VALUES else None

    def _can_look(self, fk: ForeignKey) -> bool:
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
        child, children, parents = self.schema.table(fk.child), self.sizes[fk.child], self.sizes[fk.parent]
        assert child is not None
        ids = self._ids[fk.parent] if ways.refers_to_ids(self.schema, fk) else None
        index = ways.index_over_key(self.schema, fk)
        merged = ways.side_by_side(self.schema, fk, index) if index else None
        way = self.ways[fk] = ways.choose(fk, children, parents, ids, index, merged)
        if way == "gaps" and ids is not None:
            return ways.by_gaps(self.schema, fk, ids, self._map_of(fk.parent, ids), number)
        if way in ("merge", "order") and index is not None and self._is_trusted(fk, index):
            if way == "merge" and merged is not None and self._merges(question := ways.by_merge(child, index, merged)):
                return question
            self.ways[fk] = "order"
            return ways.by_lookup(self.schema, fk, index, number, self._by_index(fk))
        self.ways[fk] = "ranges"
        return ways.by_lookup(self.schema, fk, None, number, self._by_index(fk))

    def _merges(self, question: Question) -> bool:
        """True if SQLite sorts nothing to read both indexes side by side."""
        plan = self.crew.connections[0].execute(f"EXPLAIN QUERY PLAN {merging(question, Piece(0))}").fetchall()
        steps = [str(step[3]) for step in plan]
        return "MERGE (EXCEPT)" in steps and not any("TEMP B-TREE" in step for step in steps)

    def _by_index(self, fk: ForeignKey) -> bool:
        """True if SQLite answers ``IN`` by just what its own check looks parents up by.

        It may make a list of all parents, or take another index over the same columns, which may know rows that are
        gone. And ``IN`` rounds a whole number for a column of REAL, so that it is equal to another one.
        """
        parent = self.schema.table(fk.parent)
        assert parent is not None
        columns = [column for name in fk.parent_columns if (column := parent.column(name))]
        if any(affinity(column, parent.strict) == "REAL" for column in columns):
            return False
        own = ways.own_index(self.schema, fk)
        query = f"SELECT 1 FROM {quote(fk.child)} AS c WHERE {ways.is_in_parents(self.schema, fk)}"
        plan = self.crew.connections[0].execute(f"EXPLAIN QUERY PLAN {query}").fetchall()
        used = f"USING INDEX {own}" if own else f"USING ROWID SEARCH ON TABLE {fk.parent}"
        return [str(step[3]) for step in plan[1:]] == [f"{used} FOR IN-OPERATOR"]

    def _map_of(self, name: str, ids: Ids) -> bytes | None:
        """The map of a table's missing ids; None if none is missing."""
        table = self.schema.table(name)
        assert table is not None
        if ids.span == ids.count:
            if table.name not in self._ordered and ids.count > WHOLE:
                self._ordered[table.name] = has_all_ids(self.crew, table, ids.count)
            if self.is_in_order(table):
                return None
        if name not in self._marks:
            self._marks[name], missing = map_of_gaps(self.crew, table, ids)
            # where an id is held twice, there are fewer ids than rows
            self._ordered[name] = self._ordered.get(name, True) and missing == ids.span - ids.count
        return self._marks[name]

    def _is_trusted(self, fk: ForeignKey, index: Index) -> bool:
        """True if an index has as many entries as its table has rows, and knows the rows that it is tried with.

        More could be known only by reading all of both, which `PRAGMA integrity_check` does.
        """
        table = self.schema.table(fk.child)
        assert table is not None
        if len(table.row_id) != 1 or not self.sizes[fk.child]:
            return False
        try:
            return self.agrees(table, index)
        except sqlite3.DatabaseError:
            return False


def _key(fk: ForeignKey) -> _Key:
    return (fk.parent, fk.parent_columns, fk.parent_collations)


def _count(connection: sqlite3.Connection, table: Table) -> Ids | None:
    """The rows of a table, and the least and the greatest id if it has an INTEGER PRIMARY KEY; None if it fails."""
    name = quote(table.name)
    ends = "NULL, NULL"
    if table.integer_key is not None:
        key = quote(table.integer_key)
        ends = f"(SELECT min({key}) FROM {name} NOT INDEXED), (SELECT max({key}) FROM {name} NOT INDEXED)"
    try:
        return Ids(*connection.execute(f"SELECT {ends}, ({count_stored(table.name)})").fetchone())
    except sqlite3.DatabaseError as error:
        stop_if_interrupted(error)
        return None


def map_of_gaps(crew: Crew, table: Table, ids: Ids) -> tuple[bytes, int]:
    """A byte for each 2 ** `Ids.shift` ids from the least on: 1 if one of them is missing, else 0; and how many are."""
    assert table.integer_key is not None and ids.least is not None
    least, shift = ids.least, ids.shift
    marks = bytearray((ids.span - 1 >> shift) + 1)
    key, name = quote(table.integer_key), quote(table.name)
    query = (
        f"SELECT c.{key} + 1, (SELECT min(n.{key}) FROM {name} AS n NOT INDEXED WHERE n.{key} > c.{key})"
        f" FROM {name} AS c NOT INDEXED LEFT JOIN {name} AS b NOT INDEXED ON b.{key} = c.{key} + 1"
        f" WHERE b.{key} IS NULL AND c.{key} < {ids.greatest}"
    )

    def mark(connection: sqlite3.Connection, piece: Piece) -> int:
        cursor, missing = connection.execute(query + piece.condition, piece.values), 0
        while rows := cursor.fetchmany(BATCH):
            for first, following in rows:
                low, high = (first - least) >> shift, (following - 1 - least) >> shift
                marks[low : high + 1] = b"\x01" * (high - low + 1)
                missing += following - first
        return missing

    with probing(crew, [(table.name, None)], {table.name: ids.count}, table.name):
        missing = sum(crew.run(mark, pieces_of(crew, table, ids.count)))
    return bytes(marks), missing
