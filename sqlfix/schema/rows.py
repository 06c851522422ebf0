"""Finding the one row that is asked about, by its key as a person types it."""

import sqlite3
from collections.abc import Mapping

from sqlfix.errors import Refused
from sqlfix.frozen import frozen
from sqlfix.model.plans import Meant
from sqlfix.model.schema import Schema, Table
from sqlfix.model.values import NotUtf8, Pairs, Value, folded
from sqlfix.sql.literals import all_of, holds, literal, names, quote
from sqlfix.sql.predicates import affinity, comparable, is_row, is_there, orphan
from sqlfix.sql.typed_values import in_quotes, is_blob, is_text, number, parts
from sqlfix.sqlite.deadline import overlooking
from sqlfix.text import plural, typed_address


def key_word(key: Pairs) -> str:
    """A row's key as ``sqlfix why`` takes it: the value alone, or ``a=1,b=2``."""
    if len(key) == 1:
        return _word(key[0][1])
    return ",".join(f"{name}={_quoted(value)}" for name, value in key)


def _word(value: Value) -> str:
    if isinstance(value, NotUtf8):
        return _word(value.raw)
    return f"x'{value.hex()}'" if isinstance(value, bytes) else "" if value is None else str(value)


def _quoted(value: Value) -> str:
    word = _word(value)
    if isinstance(value, str) and ("," in word or "'" in word):
        return "'" + word.replace("'", "''") + "'"
    return word


MOST_SHOWN = 3
LONGEST_COMPARED = 1000
"""A value that takes more characters as SQL is left out where a script compares all values of a row."""


@frozen
class Target:
    """A row: its table, the key that people know it by, and the values of the table's ``row_id``.

    ``lasting`` are the values of a key that the table declares: a rowid that is no key is another one after VACUUM, or
    in a copy that was loaded from a dump. It is empty where no such key tells the row from every other.
    """

    table: Table
    key: Pairs
    row_id: Pairs
    lasting: Pairs = ()

    def condition(self, alias: str = "c") -> str:
        """True of this row, and of no other, where it stands under an alias."""
        return by_key(self.lasting, alias) if self.lasting else by_row_id(self.table, self.row_id, alias)


def by_row_id(table: Table, row_id: Pairs, alias: str) -> str:
    """True of the row with these values of the ``row_id`` of its table."""
    return is_row(table, alias, [literal(value) for _, value in row_id])


def by_key(key: Pairs, alias: str) -> str:
    """True of the row with these values of a key, byte for byte, whatever the collations of its columns."""
    parts = []
    for name, value in key:
        column = f"{alias}.{quote(name)}"
        parts.append(f"{column} = {literal(value)}")  # by an index, if there is one
        if not isinstance(value, int):
            parts.append(f"+{column} = {literal(value)} COLLATE BINARY")
    return " AND ".join(parts)


def lasting_key(connection: sqlite3.Connection, table: Table, row_id: Pairs) -> Pairs:
    """The values of the first declared key that tells a row from every other; none where there is no such key.

    None are needed either where the ``row_id`` is a key that the table declares.
    The primary key comes first, then UNIQUE keys, those that may not be NULL before others; one that holds a NULL in
    this row is none, nor one that does not lead back to this row: its index is damaged, or its collation is missing.
    """
    if _lasts(table):
        return ()
    for columns in table.keys:
        source = f"FROM {quote(table.name)} AS c"
        with overlooking(sqlite3.OperationalError):
            query = f"SELECT {names(columns, 'c')} {source} NOT INDEXED WHERE {by_row_id(table, row_id, 'c')}"
            values = connection.execute(query).fetchone()
            if values is None or None in values:
                continue
            found = tuple(zip(columns, values, strict=True))
            query = f"SELECT {names(table.row_id, 'c')} {source} WHERE {by_key(found, 'c')} LIMIT 2"
            if connection.execute(query).fetchall() == [tuple(value for _, value in row_id)]:
                return found
    return ()


def _lasts(table: Table) -> bool:
    """True where the ``row_id`` of a table is a key that it declares: the rowid has no column of its own."""
    return all(table.column(name) for name in table.row_id)


def find_row(connection: sqlite3.Connection, schema: Schema, table: Table, text: str) -> Target:
    """The row with a key as it was typed: the value of the primary key, or ``a=1,b=2``.

    Raises:
        Refused: for a key that cannot be understood, or that fits no row or more than one.
    """
    if not is_text(text):
        raise Refused(f"{text}: that is not valid text", "write a key that contains other bytes as x'…'")
    pairs = read_key(table, text)
    condition = " AND ".join(f"({_equals(table, name, value)})" for name, value in pairs)
    shown = table.known_by
    query = f"SELECT {names(table.row_id, 'c')}, {names(shown, 'c')} FROM {quote(table.name)} AS c WHERE {condition}"
    found = connection.execute(f"{query} LIMIT {MOST_SHOWN}").fetchall()
    if not found:
        hint = _orphans_of(connection, schema, table, dict(pairs)) or _examples(connection, table)
        raise Refused(f"{table.name} has no row with {_typed(pairs)}", hint)
    width = len(table.row_id)
    if len(found) > 1:
        exactly = " AND ".join(_is_written(name, value) for name, value in pairs)
        keys = [tuple(zip(table.row_id, row[:width], strict=True)) for row in found]
        found = connection.execute(f"{query} AND {exactly} LIMIT 2").fetchall()
        if len(found) != 1:
            problem = f"more than one row of {table.name} has {_typed(pairs)}"
            raise Refused(problem, _how_to_tell_apart({name for name, _ in pairs}, keys))
    row_id = tuple(zip(table.row_id, found[0][:width], strict=True))
    key = tuple(zip(shown, found[0][width:], strict=True))
    return Target(table, key, row_id, lasting_key(connection, table, row_id))


def meant(connection: sqlite3.Connection, target: Target) -> Meant:
    """How a script knows the row again; where it is named by its rowid, by all its values as well."""
    table = target.table
    row = f"SELECT count(*) FROM {quote(table.name)} AS c WHERE {target.condition()}"
    if target.lasting or _lasts(table):
        return Meant(table.name, row, row, by_rowid=False)
    query = f"SELECT {names(table.writable, 'c')} FROM {quote(table.name)} AS c WHERE {target.condition()}"
    values = zip(table.writable, connection.execute(query).fetchone(), strict=True)
    alike = [holds(f"c.{quote(name)}", value) for name, value in values if len(literal(value)) <= LONGEST_COMPARED]
    there = f"{row} AND {all_of(alike)}" if alike else row
    return Meant(table.name, there, row, by_rowid=True)


def read_key(table: Table, text: str) -> tuple[tuple[str, str], ...]:
    """The columns and values of a key as it was typed.

    Raises:
        Refused: where it cannot be understood.
    """
    key = table.known_by
    known = {folded(name): name for name in (*(c.name for c in table.columns), *table.row_id)}
    pairs = [part.partition("=") for part in parts(text)]
    if all(mark and folded(name.strip()) in known for name, mark, _ in pairs):
        return tuple((known[folded(name.strip())], value.strip()) for name, _, value in pairs)
    if len(key) == 1:
        return ((key[0], text),)
    values = parts(text)
    if len(values) == len(key) and not any(mark and name.strip().isidentifier() for name, mark, _ in pairs):
        return tuple(zip(key, (value.strip() for value in values), strict=True))
    wanted = ",".join(f"{name}=…" for name in key)
    unknown = [name.strip() for name, mark, _ in pairs if mark and folded(name.strip()) not in known]
    problem = f"{table.name} has no column {unknown[0]}" if unknown else "that is not a key of this table"
    raise Refused(f"{text}: {problem}", f"write the key of {table.name} as {wanted}")


def _equals(table: Table, name: str, text: str) -> str:
    """True where a column holds the value that was typed: as text, or as the number or BLOB that it may stand for.

    A column that keeps texts holds no number: there 07 is not 7.
    """
    column = table.column(name)
    kind = affinity(column, table.strict) if column else "INTEGER"
    literals = [literal(form) for form in _texts(text)]
    if kind != "TEXT" and (value := number(text, kind)) is not None:
        literals.append(literal(value))
    elif is_blob(text):
        literals.append(text.lower())
        if not is_text(bytes.fromhex(text[2:-1]).decode("utf-8", "surrogateescape")):
            literals.append(f"CAST({text} AS TEXT)")  # a text whose bytes are none
    return " OR ".join(f"{comparable(table, name, 'c')} = {form}" for form in literals)


def _is_written(name: str, text: str) -> str:
    """True where the value of a column is written exactly as it was typed: of the texts 1 and 01, 01 is one."""
    forms = ", ".join(literal(form) for form in _texts(text))
    return f"CAST(+c.{quote(name)} AS TEXT) COLLATE BINARY IN ({forms})"


def _texts(text: str) -> list[str]:
    """What was typed, and what it is without its quotes."""
    quoted = in_quotes(text)
    return [text] if quoted is None else [text, quoted]


def _how_to_tell_apart(named: set[str], keys: list[Pairs]) -> str:
    """How rows that share what was typed can be named."""
    if named >= {name for name, _ in keys[0]}:
        return "write a text in quotes, and a number with a sign"
    written = (",".join(f"{name}={_word(value)}" for name, value in key) for key in keys)
    return f"name one by {' or '.join(written)}"


def _typed(pairs: tuple[tuple[str, str], ...]) -> str:
    return ", ".join(f"{name}={value}" for name, value in pairs)


def _orphans_of(connection: sqlite3.Connection, schema: Schema, table: Table, typed: Mapping[str, str]) -> str:
    """In words which rows reference a row that is not there, and what lists them; empty where there are none."""
    rows, places, total = [], [], 0
    for fk in schema.references_to(table.name):
        if fk.fault or {*fk.parent_columns} != {*typed}:
            continue
        ends = zip(fk.child_columns, fk.parent_columns, strict=True)
        child = schema.known_table(fk.child)
        condition = " AND ".join(f"({_equals(child, column, typed[parent])})" for column, parent in ends)
        query = f"SELECT count(*) FROM {quote(child.name)} AS c WHERE {condition} AND {orphan(schema, fk)}"
        with overlooking(sqlite3.OperationalError):
            if number := connection.execute(query).fetchone()[0]:
                total += number
                rows.append(f"{plural(number, 'row')} of {child.name}")
                places.append(f" --select {typed_address(child.name, fk.child_columns)}")
    if not rows:
        return ""
    verb = "references" if total == 1 else "reference"
    return f"{' and '.join(rows)} {verb} it; sqlfix scan with --rows{''.join(places)} lists them"


def _examples(connection: sqlite3.Connection, table: Table) -> str:
    key = table.known_by
    query = f"SELECT {names(key, 'c')} FROM {quote(table.name)} AS c"
    known = " AND ".join(is_there(f"c.{quote(name)}") for name in key)
    first = f"ORDER BY {names(table.row_id, 'c')} LIMIT {MOST_SHOWN}"
    rows = connection.execute(f"{query} WHERE {known} {first}").fetchall()
    if not rows:
        is_empty = connection.execute(f"{query} LIMIT 1").fetchone() is None
        return f"{table.name} is empty" if is_empty else f"no row has a key: name a row by {table.row_id[0]}=…"
    shown = [key_word(tuple(zip(key, row, strict=True))) for row in rows]
    return f"keys of {table.name} ({', '.join(key)}) look like this: {'; '.join(shown)}"
