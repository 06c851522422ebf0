"""What a name means that a user typed: the one rule of all commands for case, quotes, dots and commas.

A table is meant by its name, its columns by ``table.column`` or ``table.column,column``, with or without blanks around
the commas. Names are compared as SQLite compares them: only ASCII letters lose their case. A name may hold dots, commas
and quotes itself, so the schema's own names are looked for in the text. The text may also be written as SQL is, with
names in quotes, and then means what it means there. Where it can mean several things, it is refused, and never guessed.
"""

import contextlib
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache

from sqlfix.errors import Refused
from sqlfix.model.schema import Column, Schema, Table
from sqlfix.model.values import folded
from sqlfix.sql.literals import names as as_list
from sqlfix.sql.literals import quote
from sqlfix.sql.tokens import QUOTES, known_tokens
from sqlfix.sql.typed_values import is_text
from sqlfix.text import address, did_you_mean

Place = tuple[Table, tuple[str, ...]]
"""A table and some columns of it; without columns, the table as a whole."""


def names_table(text: str, table: str) -> bool:
    """True if a text names the table of that name."""
    return folded(text) == folded(table) or _as_sql(text) == (folded(table),)


def names_columns(text: str, table: str, columns: Sequence[str]) -> bool:
    """True if a text names just these columns of a table, in their order."""
    if not columns or not names_within(text, table):
        return False
    rest, written = _after(text, table), folded(",".join(columns))
    return (rest is not None and written in (folded(rest), re.sub(r" *, *", ",", folded(rest.strip(" "))))) or (
        _as_sql(text) == (folded(table), *map(folded, columns))
    )


def names_place(text: str, table: str, columns: Sequence[str]) -> bool:
    """True if a text names a table, or just these columns of it."""
    return names_table(text, table) or names_columns(text, table, columns)


@lru_cache(maxsize=4096)
def tables_within(text: str) -> frozenset[str]:
    """The folded names of all tables that a text can name, or something in them: what stands before one of its dots."""
    whole = folded(text)
    return frozenset((whole, *(whole[:at] for at, mark in enumerate(whole) if mark == "."), *_as_sql(text)[:1]))


def names_within(text: str, table: str) -> bool:
    """True if a text can name a table, or something in it."""
    return folded(table) in tables_within(text)


def place_named(schema: Schema, text: str, option: str) -> Place | None:
    """The table, of any kind, or the columns that a text means which an option got; None if the schema has no such.

    Raises:
        Refused: where it can mean several things: a wrong guess could delete rows.
    """
    return _only((place for table in _tables(schema, text) for place in _places(table, text)), text, option)


def columns_named(schema: Schema, text: str, option: str) -> Place | None:
    """The same for an option that takes columns alone, of a table that has rows of its own."""
    places = (place for table in _tables(schema, text) if table.kind == "table" for place in _places(table, text))
    return _only(((table, columns) for table, columns in places if columns), text, option)


def require_columns(schema: Schema, text: str, option: str) -> Place:
    """The same, each column once; where there are no such columns, Refused is raised too."""
    if place := columns_named(schema, text, option):
        return place[0], tuple(dict.fromkeys(place[1]))
    tables = (table for table in schema.tables if table.kind == "table")
    known = [address(table.name, [column.name]) for table in tables for column in table.columns]
    otherwise = f"for example {option} person.email, or link.book_id,author_id"
    raise Refused(f"{option} {text}: there are no such columns", did_you_mean(text, known, otherwise))


def value_for(schema: Schema, text: str, option: str, example: str) -> tuple[Table, Column, str]:
    """The column that ``table.column=value`` names, and the value, in which anything may stand.

    Args:
        option: as it is typed; ``example`` is a text that it takes.

    Raises:
        Refused: where there is no such column, or it is a computed one, or that is not valid text.
    """
    if not is_text(text):
        raise Refused(f"{option} {text}: that is not valid text", "write bytes that are not text as a BLOB: x'…'")
    cuts = [at for at, character in enumerate(text) if character == "="]
    places = ((columns_named(schema, text[:at], option), text[at + 1 :]) for at in cuts)
    table, columns, value = next(((*place, value) for place, value in places if place), (None, (), ""))
    column = table.column(columns[0]) if table and len(columns) == 1 else None
    if table is None or column is None:
        known = [address(t.name, [each.name]) for t in schema.tables for each in t.columns]
        otherwise = f"for example {option} {example}"
        raise Refused(
            f"{option} {text}: there is no such column", did_you_mean(text.partition("=")[0], known, otherwise)
        )
    if column.generated:
        raise Refused(f"{option} {text}: {column.name} is computed from other columns")
    return table, column, value


def key_named(schema: Schema, text: str, option: str) -> Place:
    """The parent and the columns of its key that ``parent(key)`` names; without columns, those of its primary key.

    Raises:
        Refused: where there are no such columns.
    """
    opened = [at for at, character in enumerate(text) if character == "("] if text.endswith(")") else []
    places = (columns_named(schema, f"{text[:at].rstrip(' ')}.{text[at + 1 : -1]}", option) for at in opened)
    if place := next(filter(None, places), None):
        return place
    table = next((t for t in _tables(schema, text) if t.kind == "table" and names_table(text, t.name)), None)
    if table is not None and table.primary_key:
        return table, table.primary_key
    known = [f"{t.name}({','.join(key)})" for t in schema.tables for key in t.keys]
    raise Refused(
        f"{option} {text}: there is no such key", did_you_mean(text, known, f"for example {option} 'users(id)'")
    )


def typed_place(schema: Schema, table: str, columns: Sequence[str]) -> str:
    """Columns as an option takes them: as plainly as possible, but so that nothing else can be meant."""
    plain = address(table, columns)
    with contextlib.suppress(Refused):
        if (
            table
            and not plain.startswith("-")  # a command line would take it for an option
            and (place := columns_named(schema, plain, ""))
            and (place[0].name, place[1]) == (table, tuple(columns))
        ):
            return plain
    return f"{quote(table)}.{','.join(map(quote, columns))}"


def require_table(schema: Schema, text: str) -> Table:
    """The table that a text names.

    Raises:
        Refused: where there is none, or several, or it is no table whose rows SQLite could be asked about.
    """
    named = _only(((t, ()) for t in _tables(schema, text) if names_table(text, t.name)), text, "the table")
    if named is None:
        known = [t.name for t in schema.tables]
        tables = f"the tables are {', '.join(known[:10])}{', …' if len(known) > 10 else ''}"
        raise Refused(
            f"there is no table called {text}", did_you_mean(text, known, tables if known else "it has no tables")
        )
    table, _ = named
    if table.kind != "table":
        what = {"view": "a view: it has no rows of its own", "virtual": "a virtual table", "shadow": "a shadow table"}
        raise Refused(f"{table.name} is {what[table.kind]}", "ask about the table that holds the rows")
    if table.unreadable:
        raise Refused(f"{table.name} cannot be read: {table.unreadable}")
    if not table.row_id:
        raise Refused(f"the rows of {table.name} cannot be identified: it has columns named rowid, _rowid_ and oid")
    return table


def _tables(schema: Schema, text: str) -> list[Table]:
    """The tables that a text can name, or something in them, in the order of the schema."""
    found = {table.name: table for name in tables_within(text) if (table := schema.table(name))}
    return list(found.values()) if len(found) < 2 else [table for table in schema.tables if table.name in found]


def _after(text: str, table: str) -> str | None:
    """What stands behind the name of a table and a dot; None if the text does not begin with these."""
    return text[len(table) + 1 :] if folded(text).startswith(f"{folded(table)}.") else None


@lru_cache(maxsize=4096)
def _as_sql(text: str) -> tuple[str, ...]:
    """The folded names of a text that has one in quotes, read as SQL; empty if it has none, or is something else."""
    if not any(mark in text for mark in QUOTES):
        return ()
    cut = known_tokens(text)
    found = tuple(folded(token.name) for token in cut[::2] if token.name is not None)
    marks = "".join(token.text for token in cut[1::2])
    return found if len(found) == len(marks) + 1 and marks == ".".ljust(len(marks), ",")[: len(marks)] else ()


def _places(table: Table, text: str) -> Iterator[Place]:
    if names_table(text, table.name):
        yield table, ()
    rest = _after(text, table.name)
    written = [] if rest is None else [[rest], [part.strip(" ") for part in rest.split(",")]]
    if _as_sql(text)[:1] == (folded(table.name),):
        written.append(list(_as_sql(text)[1:]))
    for names in written:
        columns = tuple(column.name for name in names if (column := table.column(name)))
        if columns and len(columns) == len(names):
            yield table, columns
    for fk in table.foreign_keys:  # with commas in the name of one of its columns
        if names_columns(text, table.name, fk.child_columns):
            yield table, fk.child_columns


def _only(places: Iterable[Place], text: str, option: str) -> Place | None:
    found = list({(table.name, columns): (table, columns) for table, columns in places}.values())
    if len(found) > 1:
        meant = (f"{quote(table.name)}{'.' if columns else ''}{as_list(columns)}" for table, columns in found)
        raise Refused(f"{option} {text} can mean {' or '.join(meant)}", "write it like this, in quotes")
    return found[0] if found else None


# -- constraints that are yet to be added: what `scan --unique` asks about, and what an error message speaks of ---
# A table with such a constraint is scanned like any other, and the findings say which rows are in its way.


def with_wanted_keys(schema: Schema, texts: Iterable[str]) -> Schema:
    """The schema with the keys that are named as ``table.column[,column]``.

    Raises:
        Refused: for a text that names no columns of a table; there is nothing to ask then.
    """
    wanted: dict[str, list[tuple[str, ...]]] = {}
    for text in texts:
        table, columns = require_columns(schema, text, "--unique")
        wanted.setdefault(table.name, []).append(columns)
    if not wanted:
        return schema
    tables = tuple(replace(t, wanted_keys=tuple(wanted[t.name])) if t.name in wanted else t for t in schema.tables)
    return replace(schema, tables=tables)


def with_key(table: Table, columns: tuple[str, ...]) -> Table:
    """The table, if these columns of its own were unique."""
    return replace(table, wanted_keys=(*table.wanted_keys, columns))


def with_not_null(table: Table, columns: Collection[str]) -> Table:
    """The table, if these columns of its own were NOT NULL."""
    return replace(table, columns=tuple(replace(c, not_null=c.not_null or c.name in columns) for c in table.columns))


def with_check(table: Table, name: str | None, text: str) -> Table:
    """The table, if it had a CHECK constraint of that name, or of none, with that expression."""
    return replace(table, wanted_checks=(*table.wanted_checks, (name, text)))


def with_type(table: Table, column: str, type: str) -> Table:
    """The table, if it were STRICT and a column of its own had that type: INTEGER, REAL, TEXT, BLOB or ANY."""
    return replace(table, wanted_types=(*table.wanted_types, (column, type)))


def with_table(schema: Schema, table: Table) -> Schema:
    """The schema with this table in the place of its own one of that name."""
    return replace(schema, tables=tuple(table if t.name == table.name else t for t in schema.tables))
