"""Asking many questions about the rows of many tables, each table read once, its rows shared out among threads."""

from __future__ import annotations

import sqlite3
import threading
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Any, Protocol

from sqlfix.frozen import frozen
from sqlfix.model.schema import Table
from sqlfix.scan.access_paths import FEW, Question
from sqlfix.scan.pieces import MOST_PIECES, Piece, between, pieces_of
from sqlfix.sql.literals import quote
from sqlfix.sql.predicates import is_there, stored
from sqlfix.sqlite.connect import forget_statements
from sqlfix.sqlite.deadline import stop_if_interrupted
from sqlfix.sqlite.snapshot import ReaderPool

MOST_LISTED = 100_000
"""Rows that are listed for one question; where there are more, they are only counted."""
MOST_MARKS_A_PASS = 12 << 20
MOST_JOINS = 30
MOST_QUESTIONS = 300
"""Asked in one statement: SQLite reads no expression that is deeper than 1,000, and no more than 2,000 results."""
LONG = 100_000
"""Characters from which on a statement is not kept for others to come."""
BATCH = 1000
MOST_SINGLE = 20
"""Rows of a piece that are asked about one by one at most, once something is known to hold for them."""
Done = Callable[[int], object]
"""Called with the number of rows that were just read."""


class Counts(Protocol):
    """What is counted in all rows of a table, piece by piece, while other things are asked of them."""

    def asking(self, condition: str, joins: str, where: str, /) -> str:
        """A query that counts it; the last of its results are the rowids of those for which a condition holds, as text.

        Where a table has none, it is only true if there are any.

        Args:
            condition: SQL over the rows ``c``.
            joins: LEFT JOINs that the condition needs.
            where: which rows are read, beginning with AND.
        """

    def can_ask(self, connection: sqlite3.Connection, query: str, values: dict[str, object], /) -> bool:
        """False where such a query would not be answered as it is meant."""

    def note(self, counts: Sequence[Any], /) -> None:
        """Take note of what was counted in one piece."""

    def read(self, connection: sqlite3.Connection, piece: Piece, /) -> None:
        """Count it in one piece, and take note of it."""


@frozen
class Along:
    """What goes along with the pieces of a table's rows: what is counted in each, and who is told that one is done."""

    counts: Counts | None = None
    done: Done | None = None


ALONE = Along()


@frozen
class Suspects:
    """The rows for which a condition holds: ``rows`` are their rowids, in no order.

    ``rows`` is None where they have none, or are more than ``most``; then there are at least ``count``. ``exact`` says
    that they are the orphans by SQLite's own rule, and need not be looked at again.
    """

    count: int
    rows: array[int] | None = None
    most: int = field(default=MOST_LISTED, compare=False)
    exact: bool = field(default=False, compare=False)

    @property
    def many(self) -> bool:
        """True where they are too many to be listed."""
        return self.rows is None and self.count > self.most


def sweep(
    readers: ReaderPool,
    questions: Sequence[Question],
    sizes: dict[str, int],
    along: Along = ALONE,
    most: int = MOST_LISTED,
) -> list[Suspects]:
    """The answers to all questions, in their order.

    Args:
        sizes: the number of rows of each table.
        along: what goes along with the reading of a table; its ``counts`` with the first that is in its own order.
        most: how many rows are listed for one question, if that is less than `MOST_LISTED`.

    Raises:
        sqlite3.Error: where SQLite cannot answer one of them.
    """
    answers: dict[int, Suspects] = {}
    for places in _passes(questions):
        parts = _apart(readers, questions, places)
        passes = [_Pass(readers, [questions[place] for place in part], min(most, MOST_LISTED)) for part in parts]
        if not questions[places[0]].index:
            passes[0].along, along = along.counts, Along(done=along.done)
        for part, found in zip(parts, _read(readers, passes, sizes, along.done), strict=True):
            answers.update(zip(part, found, strict=True))
    return [answers[place] for place in range(len(questions))]


def _apart(readers: ReaderPool, questions: Sequence[Question], places: list[int]) -> list[list[int]]:
    """The questions of one reading, those apart that are asked by one connection at a time, see `Question.allocates`.

    Of each piece of the table they are asked right after the others, while its pages are still at hand.
    """
    if len(readers.connections) == 1:
        return [places]
    parts = [[place for place in places if questions[place].allocates is apart] for apart in (False, True)]
    return [part for part in parts if part]


def _passes(questions: Sequence[Question]) -> Iterator[list[int]]:
    """The questions that are asked together, as places in the list."""
    groups: dict[object, list[int]] = {}
    for place, question in enumerate(questions):
        alone = place if question.index else None
        groups.setdefault((question.table.name, alone), []).append(place)
    for places in groups.values():
        some: list[int] = []
        marks = joins = 0
        for place in places:
            more, joined = sum(map(len, questions[place].marks.values())), bool(questions[place].join)
            too_many = joins + joined > MOST_JOINS or len(some) == MOST_QUESTIONS
            if some and (marks + more > MOST_MARKS_A_PASS or too_many):
                yield some
                some, marks, joins = [], 0, 0
            some.append(place)
            marks, joins = marks + more, joins + joined
        yield some


def _read(readers: ReaderPool, passes: list[_Pass], sizes: dict[str, int], done: Done | None) -> list[list[Suspects]]:
    """The answers to the questions of each pass, all about one table, whose pieces are read by all of them in turn."""
    table, gate = passes[0].table, threading.Lock()
    few = MOST_PIECES if len(passes) == 1 else sizes[table.name]  # the smaller a piece, the surer its pages are kept
    pieces = pieces_of(readers, table, sizes[table.name], passes[0].questions[0], few)

    def ask(connection: sqlite3.Connection, piece: Piece) -> list[dict[int, array[int]]]:
        found = []
        for each in passes:
            with gate if each.questions[0].allocates else nullcontext():
                found.append(each.ask(connection, piece))
        if done:
            done(piece.rows)
        return found

    probes = [probe for each in passes for question in each.questions for probe in question.probes]
    with probing(readers, probes, sizes, table.name):
        parts = readers.run(ask, pieces)
    return [each.answers([part[number] for part in parts]) for number, each in enumerate(passes)]


@dataclass(slots=True, eq=False, repr=False)
class _Pass:
    """One reading of one table for some questions; ``along`` is what is counted by the way."""

    readers: ReaderPool
    questions: list[Question]
    most: int
    along: Counts | None = None
    counts: dict[int, int] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)
    long: dict[sqlite3.Connection, str] = field(default_factory=dict)
    alone: bool = False
    """Whether what goes along is counted by itself."""

    @property
    def table(self) -> Table:
        return self.questions[0].table

    def __post_init__(self) -> None:
        self.counts = dict.fromkeys(range(len(self.questions)), 0)

    def answers(self, parts: list[dict[int, array[int]]]) -> list[Suspects]:
        """The answers to the questions, by what was found in each piece."""
        for connection in self.long:
            forget_statements(connection)
        listed = len(self.table.row_id) == 1 and not self.table.without_rowid
        answers = []
        for number, count in self.counts.items():
            rows: array[int] | None = None
            if listed and count <= self.most:
                rows = array("q")
                for part in parts:
                    rows.extend(part.get(number, ()))
            answers.append(Suspects(count, rows, self.most))
        return answers

    def ask(self, connection: sqlite3.Connection, piece: Piece) -> dict[int, array[int]]:
        """The rowids of one piece for each question; those that have found too many already are not asked."""
        met = self._count(self.along, connection, piece) if self.along else None
        found = None if met is None else self._find_again(connection, met)
        while found is None:
            live = self._live()
            found = self._find(connection, piece, live) if live else {}
        return found

    def _live(self) -> list[int]:
        return [number for number, count in self.counts.items() if count <= self.most]

    def _count(self, counts: Counts, connection: sqlite3.Connection, piece: Piece) -> list[int] | None:
        """Count what is counted in a piece; the rowids of what meets a condition, or None where it is to be read.

        That is where many do: they are not looked for twice in the pieces to come.
        """
        chosen = [self.questions[number] for number in self._live()]
        query = counts.asking(_any_of(chosen), " ".join(question.join for question in chosen), piece.condition)
        values = _values(chosen, piece)
        if self.alone or not chosen or len(query) > LONG or not counts.can_ask(connection, query, values):
            counts.read(connection, piece)
            return None
        try:
            *counted, listed = connection.execute(query, values).fetchone()
        except sqlite3.DatabaseError as error:  # it may be in the ids alone
            stop_if_interrupted(error)
            counts.read(connection, piece)
            return None
        counts.note(counted)
        if listed and self.table.without_rowid:
            return None
        rows = listed.split(",", MOST_SINGLE) if listed else []
        self.alone = self.alone or len(rows) > MOST_SINGLE
        return [int(row) for row in rows] if len(rows) <= MOST_SINGLE else None

    def _find_again(self, connection: sqlite3.Connection, rows: list[int]) -> dict[int, array[int]] | None:
        """The rowids for each question out of a few; None where one is not found by it, as in a damaged table."""
        found: dict[int, array[int]] = {}
        for row in rows:
            live = self._live()
            some = self._find(connection, between(self.table, row, row, 1), live) if live else None
            for number, ids in (some or {}).items():
                found.setdefault(number, array("q")).extend(ids)
        seen = [row for ids in found.values() for row in ids]
        if len(set(rows)) == len(rows) and set(seen) == set(rows):
            return found
        with self.lock:
            for number, ids in found.items():
                self.counts[number] -= len(ids)
        return None

    def _find(self, connection: sqlite3.Connection, piece: Piece, live: list[int]) -> dict[int, array[int]] | None:
        """None if one question found too many while it was asked, and the piece has to be read anew without it."""
        found = {number: array("q") for number in live}
        statement, values = self._statement(piece, live)
        if len(statement) > LONG and self.long.get(connection) != statement:
            forget_statements(connection)
            self.long[connection] = statement
        cursor = connection.execute(statement, values)
        while rows := cursor.fetchmany(BATCH):
            if len(live) == 1:
                if any(row[0] is None for row in rows):
                    raise sqlite3.DatabaseError("an index does not find what it holds")
                found[live[0]].extend(row[0] for row in rows)
            else:
                for place, number in enumerate(live, 1):
                    found[number].extend([row[0] for row in rows if row[place]])
            if any(self.counts[number] + len(found[number]) > self.most for number in live):
                cursor.close()
                break
        with self.lock:
            over = [number for number in live if self.counts[number] + len(found[number]) > self.most]
            for number in over or live:
                self.counts[number] += len(found[number])
        return None if over else found

    def _statement(self, piece: Piece, live: list[int]) -> tuple[str, dict[str, object]]:
        if self.questions[live[0]].merged:
            return merging(self.questions[live[0]], piece), piece.values
        chosen = [self.questions[number] for number in live]
        flags = "".join(f", ({question.condition})" for question in chosen) if len(chosen) > 1 else ""
        name = quote(self.table.row_id[0]) if len(self.table.row_id) == 1 and not self.table.without_rowid else None
        joins = " ".join(question.join for question in chosen)
        return (
            f"SELECT {f'c.{name}' if name else '0'}{flags} FROM {_in_order(chosen[0])} {joins}"
            f" WHERE ({_any_of(chosen)}){piece.condition}",
            _values(chosen, piece),
        )


def _values(questions: Sequence[Question], piece: Piece) -> dict[str, object]:
    """What the conditions and the piece name as ``:name``."""
    values: dict[str, object] = {n: mark for question in questions for n, mark in question.marks.items()}
    return {**values, **piece.values}


def _any_of(questions: Sequence[Question]) -> str:
    """True where one of the conditions holds."""
    groups: dict[str, list[str]] = {}
    for question in questions:
        groups.setdefault(question.unless, []).append(f"({question.condition})")
    return " OR ".join(
        f"(({unless}) IS NOT TRUE AND ({' OR '.join(some)}))" if unless else " OR ".join(some)
        for unless, some in groups.items()
    )


def _in_order(question: Question) -> str:
    # the table's own order, unless asked for otherwise: its indexes are not trusted to know all of its rows
    name = quote(question.table.name)
    return f"{name} AS c INDEXED BY {quote(question.index.name)}" if question.index else stored(question.table, "c")


def merging(question: Question, piece: Piece) -> str:
    """The statement for the rows whose keys are not among the parents', found by reading two indexes side by side.

    EXCEPT with an ORDER BY is such a reading, if both sides come in that order; without LIMIT SQLite would leave the
    ORDER BY out. A key whose row is not found comes as NULL.
    """
    index, merged, table = question.index, question.merged, question.table
    assert index is not None and merged is not None
    keys = [column.name or "" for column in index.columns[: len(merged.columns)]]
    there = " AND ".join(f"c.{quote(name)} IS NOT NULL" for name in keys)
    child = f"{quote(table.name)} AS c INDEXED BY {quote(index.name)}"
    named = ", ".join(f"c.{quote(name)} AS k{place}" for place, name in enumerate(keys))
    order = ", ".join(str(place + 1) for place in range(len(keys)))
    same = " AND ".join(f"c.{quote(name)} = v.k{place}" for place, name in enumerate(keys))
    null_free = " AND ".join(is_there(f"v.k{place}") for place in range(len(keys)))  # also where NOT NULL
    return (
        f"SELECT c.{quote(table.row_id[0])} FROM (SELECT {named} FROM {child} WHERE {there}{piece.condition}"
        f" EXCEPT {merged.keys(piece.of_parents)} ORDER BY {order} LIMIT -1) AS v LEFT JOIN {child} ON {same}"
        f" WHERE {null_free}"
    )


@contextmanager
def probing(
    readers: ReaderPool, probes: Iterable[tuple[str, str | None]], sizes: dict[str, int], child: str
) -> Iterator[None]:
    """Make looking up at random fast on connections that map the file into memory.

    SQLite checks the cells of a page (``cell_size_check``) when it reads it; a mapped page it reads each time that it
    comes to it. So all pages of what is looked up are read, and checked, once before, and not again then.
    """
    walked = list(dict.fromkeys(probes))
    if not readers.mapped or not walked or any(sizes.get(table, 0) > FEW * sizes[child] for table, _ in walked):
        yield
        return
    readers.run(_walk, walked)
    with unchecked(readers):
        yield


def _walk(connection: sqlite3.Connection, probe: tuple[str, str | None]) -> None:
    table, index = probe
    how = f"INDEXED BY {quote(index)}" if index else "NOT INDEXED"
    # count(*) by itself is answered from the smallest index there is, whatever INDEXED BY says
    connection.execute(f"SELECT count(*){', 1' if index else ''} FROM {quote(table)} {how}").fetchone()


@contextmanager
def unchecked(readers: ReaderPool) -> Iterator[None]:
    """Leave the cells of pages unchecked that are checked before or after, where the file is mapped into memory."""
    readers.require_rest()
    if not readers.mapped:
        yield
        return
    for connection in readers.connections:
        connection.execute("PRAGMA cell_size_check = OFF")
    try:
        yield
    finally:
        for connection in readers.connections:
            connection.execute("PRAGMA cell_size_check = ON")
