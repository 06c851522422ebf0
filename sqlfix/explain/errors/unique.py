"""What can cause ``UNIQUE constraint failed`` in a file: rows that collide already, or the one that is there."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from sqlfix.checks.check_violations import condition_of
from sqlfix.checks.duplicate_keys import UniqueKey, groups, own_key, unique_keys
from sqlfix.explain.answers import Culprit
from sqlfix.explain.errors.conditions import column_of, narrowed
from sqlfix.explain.errors.inquiry import SAMPLES, Asked, Found, rows_where, sample_where
from sqlfix.explain.errors.message import Kind
from sqlfix.explain.errors.names import known_columns, plain_columns
from sqlfix.explain.errors.written import WrittenRow, rows_to_be
from sqlfix.model.schema import Column, Table
from sqlfix.model.values import Value, folded
from sqlfix.scan.run import count_rows
from sqlfix.schema.names import with_key
from sqlfix.schema.rows import key_word
from sqlfix.sql.literals import any_of, free_column, literal, names, quote
from sqlfix.sql.predicates import affinity, in_turn
from sqlfix.sqlite.deadline import limited
from sqlfix.sqlite.row_sets import unused_name
from sqlfix.text import address, pairs_text, plural


def explain_unique(asked: Asked) -> Found:
    """The rows that collide already, or the row that has what was to be written."""
    found = Found(asked)
    uniques: list[UniqueKey] = []
    with found.asking("UNIQUE"):
        uniques = _uniques(asked)
    for what_collides in (_duplicates, _already_there):
        for unique in uniques if not found.culprits else ():
            with found.asking(address(unique.table.name, unique.labels)):
                found.culprits += what_collides(found, unique)
    if asked.recognised.table and not found.culprits:
        found.note_half_built(asked.recognised.table)
    meaning = _meaning_of_unique(asked, uniques, bool(found.culprits or found.not_checked))
    if not uniques and not found.not_checked:
        found.unknown(plain_columns(asked.recognised.subject)[2] or "UNIQUE", "this file has no such columns")
    return found.answer(meaning, closing="No two rows in {} collide.")


def _meaning_of_unique(asked: Asked, uniques: list[UniqueKey], found: bool) -> str:
    what = "PRIMARY KEY" if asked.recognised.kind is Kind.PRIMARY_KEY else "UNIQUE constraint"
    text = f"A {what} allows no two rows with the same value, and a change would have made two."
    if uniques and not all(unique.exists for unique in uniques):
        text += " This file has no such constraint: a migration was about to add it."
    table = asked.table
    new = (
        [c for c in asked.recognised.columns if table.column(c) is None] if table and not asked.recognised.model else []
    )
    if table and new and not uniques:
        text += f" {table.name} has no column {', '.join(new)} in this file: a migration was about to add it."
    if uniques and not found and table is None and len(uniques) > 1:
        text += " The message names no table, and no two rows in the file collide: a new row has the value of another."
    elif uniques and not found:
        text += (
            f" No two rows of {uniques[0].table.name} have the same ({', '.join(uniques[0].labels)}): the new row"
            " had the value of a row that already exists. Look for that value in the table."
        )
    return text


def _uniques(asked: Asked) -> list[UniqueKey]:
    recognised = asked.recognised
    if name := folded(recognised.constraint or ""):
        having = asked.schema.table_of_index(name)
        return [u for u in _all_of(having) if u.index and folded(u.index.name) == name] if having else []
    places = asked.places() if recognised.subject else []
    if places:
        of_each = [_of_columns(*place) for place in places]
        return [*of_each[0], *(key for keys in of_each[1:] for key in _as_built(of_each[0], keys))]
    tables = [asked.table] if asked.table else [t for t in asked.schema.tables if t.kind == "table"]
    if recognised.columns:  # Prisma and SQLite before 3.8 name the columns alone
        found = ((table, known_columns(table, recognised.columns)) for table in tables)
        fitting = [(t, columns) for t, columns in found if len(columns) == len(recognised.columns)]
        return [u for t, columns in fitting for u in _of_columns(t, columns) if u.exists or len(fitting) == 1]
    every = [unique for table in tables for unique in _all_of(table)]
    if recognised.kind is Kind.PRIMARY_KEY:
        return [u for u in every if u.own or (u.index and u.index.origin == "pk")]
    return every


def _all_of(table: Table) -> Iterator[UniqueKey]:
    """Every unique constraint of a table, at last the key by which it is ordered itself."""
    yield from unique_keys(table)
    if table.integer_key or table.without_rowid:
        yield own_key(table)


def _as_built(built: list[UniqueKey], keys: list[UniqueKey]) -> Iterator[UniqueKey]:
    """Keys of the table that one is built from, as they are, and as the new index compares them."""
    for key in keys:
        yield key
        for one in built:
            columns = one.index.columns if one.index and not one.where else ()
            if len(columns) != len(key.columns) or not all(column.name for column in columns):
                continue
            pairs = zip(key.columns, columns, strict=True)
            terms = tuple(f"{quote(name)} COLLATE {quote(column.collation)}" for name, column in pairs)
            if terms != key.terms:
                yield replace(key, terms=terms, index=None)


def _of_columns(table: Table, columns: tuple[str, ...]) -> list[UniqueKey]:
    """The constraints over just these columns; without one, the columns as they compare by themselves."""
    wanted = sorted(map(folded, columns))
    fitting = [unique for unique in _all_of(table) if sorted(map(folded, unique.labels)) == wanted]
    present = known_columns(table, columns)
    if fitting or len(present) < len(columns):
        return fitting
    return [replace(key, table=table) for key in unique_keys(with_key(table, present)) if key.index is None]


def _duplicates(noted: Found, key: UniqueKey) -> Iterable[Culprit]:
    """The rows that share their value with another one; NULLs never do."""
    asked, table = noted.asked, key.table
    if key.own and not table.without_rowid:  # the rowid itself, of which there cannot be two
        return
    there = " AND ".join(filter(None, (f"({key.where})" if key.where else "", asked.of_source(table))))
    shared, terms = groups(replace(key, where=there)), ", ".join(f"({term})" for term in key.terms)
    with limited(count_rows(asked.connection, table.name), asked.connection):
        number, rows = asked.connection.execute(
            f"SELECT count(*), total(n) FROM (SELECT count(*) AS n{shared})"
        ).fetchone()
        if not number:
            return
        some = f"{there} AND ({terms}) IN (SELECT {', '.join(key.terms)}{shared} LIMIT 2)"
        sample = sample_where(asked, table, some, zip(key.labels, key.terms, strict=True), order=terms)
    values = f"{plural(number, 'value')} of ({', '.join(key.labels)})"
    said = f"{plural(int(rows), 'row')} of {table.name} share {values}, and the constraint allows each value only once"
    if key.index and not key.index.name.startswith("sqlite_autoindex"):
        said += f" (index {key.index.name})"
    command: tuple[str, ...] = ("scan", "--select", "duplicate-keys", "--select", table.name)
    if not key.exists:
        command = ("scan", "--unique", address(table.name, key.labels))
    yield Culprit("duplicate-keys", said, table.name, key.labels, None, (), int(rows), sample, None, command)


def _already_there(noted: Found, unique: UniqueKey) -> Iterable[Culprit]:
    """The rows that hold what the statement was to write, and what it was to write more than once."""
    asked, table = noted.asked, unique.table
    statement = asked.statement
    if statement is None or asked.statement_table is not table or statement.source is not None:
        return []
    rows = rows_to_be(noted, table)
    if unique.where or not all(table.column(label) for label in unique.labels):
        keys = _computed_keys(noted, unique, rows)
    else:
        columns = [folded(label) for label in unique.labels]
        keys = [tuple(map(row.given.get, columns)) for row in rows if not row.written.isdisjoint(columns)]
    keys = [key for key in keys if None not in key]
    found = _held_already(asked, unique, list(dict.fromkeys(keys)))
    twice = [key for key in dict.fromkeys(keys) if keys.count(key) > 1]
    if twice and unique.exists:
        what = "; ".join(pairs_text(zip(unique.labels, key, strict=True)) for key in twice[:SAMPLES])
        said = f"the statement itself was to write more than one row of {table.name} with {what}"
        found.append(Culprit("new-row", said, table.name, unique.labels, hint="all except one need another value"))
    return found


def _computed_keys(noted: Found, unique: UniqueKey, rows: list[WrittenRow]) -> list[tuple[Value, ...]]:
    """What an index over expressions, or over some rows, holds of rows that were to be written.

    SQLite stores each row in a table with the same types and collations, and tells; a row of which a value is not known
    that it needs is noted.
    """
    asked, table = noted.asked, unique.table
    read = [condition_of(table, text) for text in (*unique.terms, unique.where or "1")]
    needed = [column for column in table.columns if any(column.name in columns for _, columns, _ in read)]
    name, key = unused_name(asked.connection, asked.schema, "sqlfix_written"), free_column(table, "sqlfix_key")
    declared = [f"{quote(c.name)} {affinity(c, table.strict)} COLLATE {quote(c.collation)}" for c in needed]
    # without a rowid, so that an expression over that of the table fails, and is noted
    shape = ", ".join([*declared, f"{key} INTEGER PRIMARY KEY"])
    asked.connection.execute(f"CREATE TEMP TABLE {name} ({shape}) WITHOUT ROWID")
    place = address(table.name, unique.labels)
    for number, row in enumerate(rows):
        values = [_value_of(row, column, table) for column in needed]
        if None in values:
            noted.unknown(place, "what the statement writes there depends on columns whose values are not printed")
            continue
        listed = ", ".join([*(value or "" for value in values), str(number)])
        asked.connection.execute(f"INSERT INTO temp.{name} VALUES ({listed})")
    *terms, where = (text for text, _, _ in read)
    with limited(len(rows), asked.connection):
        query = f"SELECT {', '.join(terms)} FROM temp.{name} AS c WHERE {where}"
        keys: list[tuple[Value, ...]] = asked.connection.execute(query).fetchall()
    asked.connection.execute(f"DROP TABLE temp.{name}")
    return keys


def _value_of(row: WrittenRow, column: Column, table: Table) -> str | None:
    """What a row holds in a column, as SQL; None where that is not known."""
    if folded(column.name) in row.given:
        return literal(row.given[folded(column.name)])
    if column.generated or column.default is not None or column.name == table.integer_key:
        return None
    return "NULL"


def _held_already(asked: Asked, unique: UniqueKey, keys: list[tuple[Value, ...]]) -> list[Culprit]:
    """The rows of a table that have one of some keys, but for those that an UPDATE gives these keys."""
    table, statement = unique.table, asked.statement
    if not keys:
        return []
    columns = [column_of(table, label) for label in unique.labels]
    # by the collation of the index; the terms of a table's own key have lost their column's affinity
    terms = [names([column]) for column in columns if column] if unique.own else unique.terms
    conditions = [" AND ".join(f"({t}) IS {literal(v)}" for t, v in zip(terms, key, strict=True)) for key in keys]
    there = f" AND ({unique.where})" if unique.where else ""
    conditions = [f"({condition}{there})" for condition in conditions]
    where = narrowed(statement.where, table, asked.schema) if statement and statement.verb == "UPDATE" else None
    but = f" AND ({where.sql}) IS NOT TRUE" if where and where.whole else ""
    order = in_turn(conditions)
    shown = [label for label, column in zip(unique.labels, columns, strict=True) if column]
    count, sample = rows_where(asked, table, f"({any_of(conditions)}){but}", shown, order=order)
    if not count:
        return []
    command = ("why", table.name, key_word(sample[0].key)) if sample[0].key else ()
    if len(keys) == 1:
        with_ = pairs_text(zip(unique.labels, keys[0], strict=True))
        said = f"{table.name} already has a row with {with_}, the value that was to be written"
    else:
        rows = plural(count, "row")
        said = f"{table.name} already has {rows} with values of ({', '.join(unique.labels)}) that were to be written"
    return [Culprit("new-row", said, table.name, unique.labels, count=count, sample=sample, command=command)]
