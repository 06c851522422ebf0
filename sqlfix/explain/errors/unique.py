"""What can cause ``UNIQUE constraint failed`` in a file: rows that collide already, or the one that is there."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

from sqlfix.explain.answers import Culprit
from sqlfix.explain.errors.inquiry import SAMPLES, Answer, Asked, Found, address, as_row, equals, joined, rows_where
from sqlfix.explain.errors.message import Kind
from sqlfix.explain.errors.message_names import plain_columns
from sqlfix.explain.errors.names import known_columns
from sqlfix.explain.errors.statement_rows import narrowed
from sqlfix.explain.errors.written_rows import rows_to_be
from sqlfix.model.schema import Index, Table
from sqlfix.model.values import Value, folded
from sqlfix.scan.run import count_rows
from sqlfix.scan.trees import terms_of
from sqlfix.schema.rows import key_word
from sqlfix.sql.literals import any_of, quote
from sqlfix.sql.own_names import free_column
from sqlfix.sql.predicates import in_turn, is_there, stored
from sqlfix.sqlite.deadline import limited
from sqlfix.text import pairs_text, plural


@dataclass(frozen=True, slots=True)
class _Unique:
    """What has to be unique: SQL of each term with its collation, and which rows count.

    ``known`` says that the file has such a constraint; where it has none, a migration was about to make it.
    """

    table: Table
    terms: tuple[str, ...]
    labels: tuple[str, ...]
    where: str = ""
    index: str | None = None
    known: bool = True

    @property
    def is_plain(self) -> bool:
        """True if it is over columns, and over all rows: then the values written tell what collides."""
        return not self.where and all(self.table.column(label) for label in self.labels)


def explain_unique(asked: Asked) -> Answer:
    """The rows that collide already, or the row that has what was to be written."""
    found = Found(asked)
    try:
        uniques = _uniques(asked)
    except sqlite3.DatabaseError as error:
        found.refused("UNIQUE", error)
        uniques = []
    for unique in uniques:
        try:
            found.culprits += _duplicates(asked, unique)
        except sqlite3.DatabaseError as error:
            found.refused(address(unique.table.name, unique.labels), error)
    for unique in uniques if not found.culprits else ():
        try:
            found.culprits += _already_there(found, unique)
        except sqlite3.DatabaseError as error:
            found.refused(address(unique.table.name, unique.labels), error)
    meaning = _meaning_of_unique(asked, uniques, bool(found.culprits or found.not_checked))
    if not uniques and not found.not_checked:
        found.unknown(plain_columns(asked.recognised.subject)[2] or "UNIQUE", "this file has no such columns")
    return found.answer(meaning, closing="No two rows of {} collide now.")


def _meaning_of_unique(asked: Asked, uniques: list[_Unique], found: bool) -> str:
    what = "PRIMARY KEY" if asked.recognised.kind is Kind.PRIMARY_KEY else "UNIQUE constraint"
    text = f"A {what} says that no two rows have the same value, and a change would have made two that do."
    if uniques and not all(unique.known for unique in uniques):
        text += " The file has no such constraint: a migration was about to add it."
    table = asked.table
    new = (
        [c for c in asked.recognised.columns if table.column(c) is None] if table and not asked.recognised.model else []
    )
    if table and new and not uniques:
        text += f" {table.name} has no column {joined(new)} in this file: a migration was about to add it."
    if uniques and not found and table is None and len(uniques) > 1:
        text += " The message names no table, and no rows of the file break any: a new row has the value of another."
    elif uniques and not found:
        text += (
            f" No two rows of {uniques[0].table.name} have the same ({joined(uniques[0].labels)}) now: it is the"
            " new row that had the value of a row which is there. Look for that value in the table."
        )
    return text


def _uniques(asked: Asked) -> list[_Unique]:
    recognised = asked.recognised
    if recognised.constraint:
        return [
            _of_index(asked, table, index)
            for table in asked.schema.tables
            for index in table.indexes
            if folded(index.name) == folded(recognised.constraint)
        ]
    places = asked.places() if recognised.subject else []
    if places:
        return [unique for place in places for unique in _of_columns(asked, *place)]
    if recognised.columns:  # Prisma and SQLite before 3.8 name the columns alone
        tables = [asked.table] if asked.table else [t for t in asked.schema.tables if t.kind == "table"]
        found = ((table, known_columns(table, recognised.columns)) for table in tables)
        fitting = [(t, columns) for t, columns in found if len(columns) == len(recognised.columns)]
        return [u for t, columns in fitting for u in _of_columns(asked, t, columns) if u.known or len(fitting) == 1]
    tables = [asked.table] if asked.table else [t for t in asked.schema.tables if t.kind == "table"]
    return [u for table in tables for u in _all_of(asked, table)]


def _all_of(asked: Asked, table: Table) -> Iterator[_Unique]:
    """Every unique constraint of a table, or its primary key alone where the message says that it is that."""
    for index in table.indexes:
        if index.unique and (index.origin == "pk" or asked.recognised.kind is not Kind.PRIMARY_KEY):
            yield _of_index(asked, table, index)
    if table.integer_key:
        yield _Unique(table, (quote(table.integer_key),), (table.integer_key,))


def _of_columns(asked: Asked, table: Table, columns: tuple[str, ...]) -> list[_Unique]:
    """The constraints over just these columns; without one, the columns as they compare by themselves."""
    wanted = sorted(map(folded, columns))
    fitting = [
        _of_index(asked, table, index)
        for index in table.indexes
        if index.unique and sorted(folded(c.name or "") for c in index.columns) == wanted
    ]
    present = known_columns(table, columns)
    if fitting or len(present) < len(columns):
        return fitting
    terms = tuple(f"{quote(name)} COLLATE {quote(_collation(table, name))}" for name in present)
    return [_Unique(table, terms, present, known=present in ((table.integer_key,), table.row_id))]


def _collation(table: Table, name: str) -> str:
    column = table.column(name)
    return column.collation if column else "BINARY"


def _of_index(asked: Asked, table: Table, index: Index) -> _Unique:
    terms = tuple(f"{quote(c.name or '')} COLLATE {quote(c.collation)}" for c in index.columns)
    labels = tuple(c.name or "" for c in index.columns)
    if not index.partial and not any(c.expression for c in index.columns):
        return _Unique(table, terms, labels, index=index.name)
    terms, where = terms_of(asked.connection, index)
    if any(c.expression for c in index.columns):
        labels = tuple(term if c.name is None else c.name for term, c in zip(terms, index.columns, strict=True))
        terms = tuple(f"({term})" if c.name is None else term for term, c in zip(terms, index.columns, strict=True))
    return _Unique(table, terms, labels, where, index.name)


def _duplicates(asked: Asked, unique: _Unique) -> Iterator[Culprit]:
    """The rows that share their value with another one; NULLs never do."""
    table = unique.table
    if unique.known and unique.index is None:  # the rowid itself, of which there cannot be two
        return
    there = " AND ".join([*map(is_there, unique.terms), asked.of_source(table)])
    condition = f"({unique.where}) AND {there}" if unique.where else there
    # beside those of the table in one query, where its own stand without an alias
    number = free_column(table, "sqlfix_n")
    named = [free_column(table, f"sqlfix_k{place}") for place in range(len(unique.terms))]
    keys = ", ".join(f"{term} AS {name}" for term, name in zip(unique.terms, named, strict=True))
    grouped = (
        f"SELECT {keys}, count(*) AS {number} FROM {stored(table)} WHERE {condition}"
        f" GROUP BY {', '.join(unique.terms)} HAVING count(*) > 1"
    )
    key = table.primary_key or table.row_id
    same = " AND ".join(f"{term} = g.{name}" for term, name in zip(unique.terms, named, strict=True))
    shown = ", ".join([*(f"{quote(table.name)}.{quote(name)}" for name in key), *unique.terms])
    with limited(count_rows(asked.connection, table.name), asked.connection):
        groups, rows = asked.connection.execute(f"SELECT count(*), total({number}) FROM ({grouped})").fetchone()
        if not groups:
            return
        sample = asked.connection.execute(
            f"SELECT {shown} FROM ({grouped} LIMIT 2) AS g CROSS JOIN {stored(table)}"
            f" WHERE {condition} AND {same} LIMIT {SAMPLES}"
        ).fetchall()
    what = joined(unique.labels)
    values = f"{plural(groups, 'value')} of ({what})"
    said = f"{plural(int(rows), 'row')} of {table.name} share {values}, which the constraint allows once each"
    if unique.index and not unique.index.startswith("sqlite_autoindex"):
        said += f" (index {unique.index})"
    command: tuple[str, ...] = ("scan", "--select", "duplicate-keys", "--select", table.name)
    if not unique.known:
        command = ("scan", "--unique", address(table.name, unique.labels))
    yield Culprit(
        "duplicate-keys",
        said,
        table.name,
        unique.labels,
        count=int(rows),
        sample=tuple(as_row(key, unique.labels, row) for row in sample),
        command=command,
    )


def _already_there(noted: Found, unique: _Unique) -> list[Culprit]:
    """The rows that hold what the statement was to write, and what it was to write more than once."""
    asked, table = noted.asked, unique.table
    statement = asked.statement
    if statement is None or asked.statement_table is not table or statement.source is not None:
        return []
    labels = [folded(label) for label in unique.labels]
    keys = []
    for row in rows_to_be(noted, table):
        key = tuple(row.given.get(label) for label in labels)
        if None not in key and row.written & set(labels):
            keys.append(key)
    found = _held_already(asked, unique, list(dict.fromkeys(keys)))
    twice = [key for key in dict.fromkeys(keys) if keys.count(key) > 1]
    if twice and unique.known:
        what = "; ".join(pairs_text(zip(unique.labels, key, strict=True)) for key in twice[:SAMPLES])
        said = f"the statement itself was to write more than one row of {table.name} with {what}"
        found.append(Culprit("new-row", said, table.name, unique.labels, hint="all but one need another value"))
    if not found and not unique.is_plain:
        noted.unknown(
            address(table.name, unique.labels),
            "it is over an expression, or over a part of the rows: what the statement writes was not compared with it",
        )
    return found


def _held_already(asked: Asked, unique: _Unique, keys: list[tuple[Value, ...]]) -> list[Culprit]:
    """The rows of a table that have one of some keys, but for those that an UPDATE gives these keys."""
    table, statement = unique.table, asked.statement
    some = [equals(tuple(zip(unique.labels, key, strict=True)), table) for key in keys]
    conditions = [f"({condition})" for condition in some if condition is not None]
    if not conditions:
        return []
    where = narrowed(statement.where, table, asked.schema) if statement and statement.verb == "UPDATE" else None
    but = f" AND ({where.sql}) IS NOT TRUE" if where and where.whole else ""
    order = in_turn(conditions)
    count, sample = rows_where(asked, table, f"({any_of(conditions)}){but}", unique.labels, order=order)
    if not count:
        return []
    command = ("why", table.name, key_word(sample[0].key)) if sample[0].key else ()
    if len(keys) == 1:
        with_ = pairs_text(zip(unique.labels, keys[0], strict=True))
        said = f"{table.name} already has a row with {with_}, the value that was to be written"
    else:
        rows = plural(count, "row")
        said = f"{table.name} already has {rows} with values of ({joined(unique.labels)}) that were to be written"
    return [Culprit("new-row", said, table.name, unique.labels, count=count, sample=sample, command=command)]
