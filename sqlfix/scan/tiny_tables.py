"""Asking about very many tiny tables, many in one statement: what a statement costs by itself is more than their rows.

What SQLite cannot answer in this way is left out, and hides nothing of the others: whoever asks does so again, one by
one, and hears why.
"""

import sqlite3
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar

from sqlfix.model.schema import Table
from sqlfix.scan.access_paths import Ids, Question
from sqlfix.scan.table_pass import Suspects
from sqlfix.sql.literals import literal, quote
from sqlfix.sql.predicates import count_stored, stored
from sqlfix.sqlite.deadline import stop_if_interrupted

T = TypeVar("T")
R = TypeVar("R")

TINY = 100
"""Rows that a tiny table has at most."""
MANY = 20
"""Of so many tables at least it is worth while."""
TOGETHER, MOST_TEXT = 50, 200_000
"""Queries in one statement, and their text: SQLite takes 500 of them and a million bytes, some builds fewer."""
MOST_QUESTIONS = 20
"""Asked of one table; each may join another table, and SQLite joins no more than 64."""

AT_ONCE = 500
"""Tables that SQLite's own check looks at before Ctrl-C takes effect."""
NOBODY = Suspects(0, array("q"))
_CHECK = "SELECT x.* FROM (VALUES {}) AS t CROSS JOIN temp.pragma_foreign_key_check(t.column1, 'main') AS x"


def can_be_tiny(table: Table) -> bool:
    """True of a table whose rows have a rowid to be told by."""
    return table.kind in ("table", "shadow") and not table.without_rowid and len(table.row_id) == 1


def count(connection: sqlite3.Connection, tables: Sequence[Table]) -> Iterator[tuple[Table, int]]:
    """How many rows tables have, be they tiny or not."""
    queries = [(table, count_stored(table.name).removeprefix("SELECT ")) for table in tables]
    for table, ((rows,),) in _answers(connection, queries):
        yield table, int(rows)


def look_for_ids(connection: sqlite3.Connection, tables: Sequence[Table]) -> Iterator[tuple[Table, Ids, bool]]:
    """Those of some tables that are tiny: their rows, and whether each comes after the one before, found by its rowid.

    The ids are those of an INTEGER PRIMARY KEY, as in `Ids`.
    """
    asked = [table for table in tables if can_be_tiny(table)]
    for table, rows in _answers(connection, [(table, _of_rows(table)) for table in asked]):
        if len(rows) <= TINY:
            rowids = [row[0] for row in rows]
            in_order = rowids == sorted(set(rowids)) == [row[1] for row in rows]
            has_ids = bool(rows) and table.integer_key is not None
            least, greatest = (rowids[0], rowids[-1]) if has_ids else (None, None)
            yield table, Ids(least, greatest, len(rows)), in_order


def _of_rows(table: Table) -> str:
    name, rowid = quote(table.name), quote(table.row_id[0])
    some = f"SELECT {rowid} AS i FROM {name} NOT INDEXED LIMIT {TINY + 1}"
    return f"c.i, b.{rowid} FROM ({some}) AS c LEFT JOIN {name} AS b NOT INDEXED ON b.{rowid} = c.i"


def orphans(
    connection: sqlite3.Connection, tables: Sequence[Table], whole: bool
) -> Iterator[tuple[Table, list[Suspects]]]:
    """The orphans in some tables, which are tiny, by each of their foreign keys, as SQLite's own check finds them.

    Args:
        whole: these are all tables of the database that have foreign keys.
    """

    def of(some: Sequence[Table]) -> list[list[Suspects]]:
        named = ", ".join(f"({literal(table.name)})" for table in some)
        query = "PRAGMA main.foreign_key_check" if whole and len(some) == len(tables) else _CHECK.format(named)
        found: dict[tuple[str, int], array[int]] = {}
        for name, rowid, _, number in connection.execute(query):
            found.setdefault((name, number), array("q")).append(rowid)
        # SQLite's numbers of the keys descend as the text goes on
        keys = [[(table.name, number) for number in reversed(range(len(table.foreign_keys)))] for table in some]
        return [
            [Suspects(len(rows), rows, exact=True) if (rows := found.get(key)) else NOBODY for key in each]
            for each in keys
        ]

    step = len(tables) if whole else AT_ONCE
    for place in range(0, len(tables), max(step, 1)):
        yield from in_halves(of, tables[place : place + step])


def sweep(
    connection: sqlite3.Connection, asked: Sequence[tuple[Table, Sequence[Question]]]
) -> Iterator[tuple[Table, list[Suspects]]]:
    """The answers to the questions about some tables, which are tiny; they are those of `table_pass.sweep`."""
    numbers = {table.name: len(questions) for table, questions in asked}
    for table, rows in _answers(connection, [(table, _of_questions(table, some)) for table, some in asked]):
        found = [array("q") for _ in range(numbers[table.name])]
        for rowid, flags in rows:
            for place, some in enumerate(found):
                if flags >> place & 1:
                    some.append(rowid)
        yield table, [Suspects(len(some), some) for some in found]


def _of_questions(table: Table, questions: Sequence[Question]) -> str:
    """The rows for which one of the questions holds, and a number that has a bit for each that does."""
    rowid, source = quote(table.row_id[0]), f"{stored(table, 'c')} {' '.join(question.join for question in questions)}"
    if len(questions) == 1:
        return f"c.{rowid}, 1 FROM {source} WHERE {questions[0].condition}"
    flags = " + ".join(
        f"CASE WHEN {question.condition} THEN {1 << place} ELSE 0 END" for place, question in enumerate(questions)
    )
    # LIMIT keeps SQLite from working all of it out once more for the WHERE
    return f"i, flags FROM (SELECT c.{rowid} AS i, {flags} AS flags FROM {source} LIMIT -1) WHERE flags"


def _answers(
    connection: sqlite3.Connection, queries: Sequence[tuple[Table, str]]
) -> Iterator[tuple[Table, list[tuple[Any, ...]]]]:
    """The rows of the queries of some tables, all with as many columns; what fails is cut in two and asked again."""
    some: list[tuple[Table, str]] = []
    length = 0
    for query in queries:
        length += len(query[1])
        if some and (len(some) == TOGETHER or length > MOST_TEXT):
            yield from _ask(connection, some)
            some, length = [], len(query[1])
        some.append(query)
    if some:
        yield from _ask(connection, some)


def _ask(
    connection: sqlite3.Connection, queries: Sequence[tuple[Table, str]]
) -> Iterator[tuple[Table, list[tuple[Any, ...]]]]:
    def rows_of(some: Sequence[tuple[Table, str]]) -> list[list[tuple[Any, ...]]]:
        statement = " UNION ALL ".join(f"SELECT {place}, {text}" for place, (_, text) in enumerate(some))
        return by_place(connection.execute(statement), len(some))

    for (table, _), rows in in_halves(rows_of, queries):
        yield table, rows


def by_place(rows: Iterable[tuple[Any, ...]], places: int) -> list[list[tuple[Any, ...]]]:
    """Rows that begin with the number of a place, without it, for each of so many places."""
    found: list[list[tuple[Any, ...]]] = [[] for _ in range(places)]
    for row in rows:
        found[row[0]].append(row[1:])
    return found


def in_halves(ask: Callable[[Sequence[T]], Sequence[R]], things: Sequence[T]) -> Iterator[tuple[T, R]]:
    """Ask about some things in one statement, and where SQLite cannot answer that, about half of them at a time.

    Args:
        ask: gives an answer for each of the things that it is given.

    Returns:
        the things with their answers; one that SQLite cannot answer alone is left out, and hides no other.
    """
    try:
        answers = ask(things)
    except sqlite3.DatabaseError as error:
        stop_if_interrupted(error)
        if half := len(things) // 2:
            yield from in_halves(ask, things[:half])
            yield from in_halves(ask, things[half:])
        return
    yield from zip(things, answers, strict=True)
