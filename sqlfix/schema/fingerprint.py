"""What SQLite makes of a schema, as facts that can be compared: what a change of it changes, and that it is no more.

The facts are those of the pragmas, which tell what SQLite enforces; the texts add what no pragma says (what is
deferred, CHECKs, ON CONFLICT, AUTOINCREMENT, the expressions of generated columns).
"""

import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise, zip_longest
from typing import Any

from sqlfix.frozen import frozen
from sqlfix.model.plans import ObjectKind, SchemaFact
from sqlfix.model.values import NotUtf8, folded
from sqlfix.schema.pragmas import FEW, Pragmas, declared_keys
from sqlfix.schema.stored_form import text_of
from sqlfix.sql.create_index import in_parentheses
from sqlfix.sql.create_virtual_table import is_virtual
from sqlfix.sql.table_text import TableText
from sqlfix.sql.tokens import DdlError, expression_columns, has_words, tokens
from sqlfix.sqlite.failures import require_refusal

Key = tuple[str, str]
"""The kind of an object, and its name in lower case."""
Place = tuple[str, ...]
Told = tuple[str, Place, str]
"""What a fact is about, the columns it is about, and the fact in words."""


@frozen
class Object:
    """An object of the schema: ``table`` is the one that it belongs to, ``text`` is None for what a constraint made."""

    kind: ObjectKind
    name: str
    table: str
    text: str | NotUtf8 | None

    @property
    def is_own(self) -> bool:
        """True of what a statement of the application made: neither a constraint nor SQLite for itself."""
        return self.text is not None and not folded(self.name).startswith("sqlite_")


@frozen
class Fingerprint:
    """All objects of a schema, and what SQLite says of each.

    ``pragmas`` are the rows of the pragmas about tables and indexes, as they come.
    """

    objects: Mapping[Key, Object]
    pragmas: Mapping[Key, tuple[Any, ...]]


def fingerprint(connection: sqlite3.Connection) -> Fingerprint:
    """The fingerprint of the main schema."""
    rows = connection.execute("SELECT type, name, tbl_name, sql FROM main.sqlite_master ORDER BY rowid").fetchall()
    objects = {(kind, folded(str(name))): Object(kind, str(name), str(table), sql) for kind, name, table, sql in rows}
    pragmas = Pragmas(connection, {}, at_once=len(objects) > FEW)
    known: dict[Key, tuple[Any, ...]] = {}
    for key, each in objects.items():
        if each.kind == "table" and isinstance(each.text, str) and not is_virtual(each.text):
            known[key] = _of_table(pragmas, each.name)
    return Fingerprint(objects, known)


def pragmas_of(connection: sqlite3.Connection, table: str) -> tuple[Any, ...]:
    """What the pragmas say of one table, without what stands behind their own columns."""
    return _of_table(Pragmas(connection, {}, at_once=False), table)


def _of_table(pragmas: Pragmas, name: str) -> tuple[Any, ...]:
    """The rows of all pragmas about a table; what cannot be told of it stands there as the error."""
    try:
        indexes = pragmas.indexes(name)
        asked = [pragmas.columns(name), indexes, pragmas.foreign_keys(name)]
        asked.extend(pragmas.index_columns(index[1]) for index in indexes)
        return (*(tuple(tuple(row) for row in rows) for rows in asked), "strict" if name in pragmas.strict else "")
    except sqlite3.Error as error:
        require_refusal(error)
        return (str(error),)


# -- comparing ----------------------------------------------------------------------------------------------------


def differences(before: Fingerprint, after: Fingerprint, renames: Mapping[str, str]) -> tuple[SchemaFact, ...]:
    """What is different, object by object in the order of the schema; none where nothing is.

    Args:
        renames: the tables that have another name, by the one that they had, in lower case.
    """
    facts: list[SchemaFact] = []
    met: set[Key] = set()
    for key, old in before.objects.items():
        to = renames.get(key[1]) if old.kind == "table" else None
        now = (old.kind, folded(to)) if to else key
        new = after.objects.get(now)
        met.add(now)
        if to and new:
            facts.append(SchemaFact(old.kind, old.name, "name", (), old.name, new.name))
        if new is None:
            if old.is_own:
                facts.append(SchemaFact(old.kind, old.name, old.kind, (), str(old.text), None))
        elif old.text != new.text or before.pragmas.get(key) != after.pragmas.get(now):
            told = list(_compared(old, new, before.pragmas.get(key), after.pragmas.get(now)))
            if not told and not to and old.text != new.text:
                told = [SchemaFact(old.kind, old.name, "text", (), str(old.text), str(new.text))]
            facts += told
    made = (new for key, new in after.objects.items() if key not in met and new.is_own)
    facts += (SchemaFact(new.kind, new.name, new.kind, (), None, str(new.text)) for new in made)
    return tuple(facts)


def _compared(
    old: Object, new: Object, before: tuple[Any, ...] | None, after: tuple[Any, ...] | None
) -> Iterator[SchemaFact]:
    """The facts of one object that differ; none where only its text does."""
    if before is None or after is None or len(before) < 4 or len(after) < 4:
        return
    had, has = _columns(before), _columns(after)
    gone, added = set(had) - set(has), set(has) - set(had)
    for name, row in had.items():
        if name in gone:
            yield SchemaFact("table", old.name, "column", (row[1],), _definition(old, row), None)
    for name, row in has.items():
        if name in added:
            yield SchemaFact("table", old.name, "column", (row[1],), None, _definition(new, row))
    order = [[row[1] for name, row in some.items() if name in had and name in has] for some in (had, has)]
    if list(map(folded, order[0])) != list(map(folded, order[1])):
        yield SchemaFact("table", old.name, "order of the columns", (), *(", ".join(some) for some in order))
    facts = [
        Counter(t for t in _told(o, rows) if not {*map(folded, t[1])} & (gone | added))
        for o, rows in ((old, before), (new, after))
    ]
    yield from _pairs(old.name, facts[0], facts[1])


def _pairs(table: str, before: Counter[Told], after: Counter[Told]) -> Iterator[SchemaFact]:
    """What only one side says, each with what the other says of the same."""
    lost, won = before - after, after - before
    for what, place in dict.fromkeys((what, tuple(place)) for what, place, _ in (*before, *after)):
        was = [words for w, p, words in lost.elements() if (w, p) == (what, place)]
        now = [words for w, p, words in won.elements() if (w, p) == (what, place)]
        for one, other in zip_longest(was, now):
            yield SchemaFact("table", table, what, place, one, other)


def _columns(rows: tuple[Any, ...]) -> dict[str, tuple[Any, ...]]:
    """The columns of a table by their folded names."""
    return {folded(str(row[1])): row for row in rows[0] if row[6] != 1}


def _definition(each: Object, row: tuple[Any, ...]) -> str:
    """A column as the text has it; by its name and type where that cannot be read."""
    text = text_of(each.text)
    if text is not None and isinstance(each.text, str):
        for column in text.columns:
            if folded(column.name) == folded(str(row[1])):
                return each.text[slice(*column.span)]
    return " ".join(filter(None, (str(row[1]), str(row[2]))))


# -- what is told of a table --------------------------------------------------------------------------------------


def _told(each: Object, rows: tuple[Any, ...]) -> Iterator[Told]:
    """All facts about one table."""
    columns, indexes, keys, *index_columns, strict = rows
    text, sql = text_of(each.text), each.text if isinstance(each.text, str) else ""
    for row in columns:
        if row[6] != 1:
            yield from _of_column(row)
    if text is not None:
        yield from _of_text(text, sql)
    yield from _of_indexes(indexes, index_columns)
    yield from _of_foreign_keys(keys, text)
    if strict:
        yield "STRICT", (), "STRICT"
    if has_words(sql, "autoincrement"):
        yield "AUTOINCREMENT", tuple(str(row[1]) for row in columns if row[5]), "AUTOINCREMENT"
    primary = sorted((row for row in columns if row[5]), key=lambda row: int(row[5]))
    if primary:
        yield "primary key", tuple(str(row[1]) for row in primary), "PRIMARY KEY"


def _of_column(row: tuple[Any, ...]) -> Iterator[Told]:
    _, name, kind, not_null, default, _, hidden, *_ = row
    place = (str(name),)
    yield "type", place, str(kind)
    if not_null:
        yield "not null", place, "NOT NULL"
    if default is not None:
        yield "default", place, str(default)
    if hidden:
        yield "generated", place, {2: "VIRTUAL", 3: "STORED"}.get(hidden, "hidden")


def _of_text(text: TableText, sql: str) -> Iterator[Told]:
    """What no pragma says."""
    if text.without_rowid:
        yield "WITHOUT ROWID", (), "WITHOUT ROWID"
    for column in text.columns:
        if column.collation:
            yield "collation", (column.name,), column.collation
        if column.generated:
            yield "expression", (column.name,), expression_of(sql[slice(*column.span)])
    for check in text.checks:
        name = f"CONSTRAINT {check.name} " if check.name else ""
        yield "check", _spoken_of(check.text, text), f"{name}CHECK ({check.text})"
    for conflict in text.conflicts:
        yield "on conflict", conflict.columns, f"ON CONFLICT {conflict.word.upper()}"


def expression_of(column: str) -> str:
    """The expression of a generated column, with its parentheses, from its definition."""
    cut = tokens(column)
    for before, token in pairwise(range(len(cut))):
        if cut[before].word == "as" and cut[token].word == "(":
            return column[cut[token].start : cut[before + in_parentheses(cut[token:])[1]].end]
    return column


def _spoken_of(check: str, text: TableText) -> Place:
    """The columns that a CHECK is about."""
    try:
        spoken = expression_columns(check)
    except DdlError:
        return ()
    return tuple(column.name for column in text.columns if folded(column.name) in spoken)


def _of_indexes(indexes: Iterable[Any], columns: Iterable[Any]) -> Iterator[Told]:
    """The UNIQUE constraints, and how an index of the key compares; what CREATE INDEX made has a text of its own."""
    for (_, _, _, origin, *_), rows in zip(indexes, columns, strict=True):
        if origin == "c":
            continue
        key = [row for row in rows if row[5]]
        place = tuple(str(row[2]) for row in key)
        kinds = " ".join(f"{row[4]}{' DESC' if row[3] else ''}" for row in key if row[3] or folded(row[4]) != "binary")
        told = "UNIQUE" if origin == "u" else "PRIMARY KEY"
        if origin == "u" or kinds:
            yield ("unique" if origin == "u" else "order of the key"), place, " ".join(filter(None, (told, kinds)))


def _of_foreign_keys(rows: Iterable[Any], text: TableText | None) -> Iterator[Told]:
    keys = declared_keys(list(rows))
    said = text.foreign_keys if text is not None and len(text.foreign_keys) == len(keys) else ()
    for place, key in enumerate(keys):
        to = ", ".join(map(str, key.parent_columns))
        words = [f"REFERENCES {key.parent}{f'({to})' if to else ''}"]
        words += [f"ON DELETE {key.on_delete}"] * (key.on_delete != "NO ACTION")
        words += [f"ON UPDATE {key.on_update}"] * (key.on_update != "NO ACTION")
        words += ["DEFERRABLE INITIALLY DEFERRED"] * (bool(said) and said[place].deferrable)
        yield "foreign key", key.columns, " ".join(words)
