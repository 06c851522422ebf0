"""Reading the catalogue: SQLite's pragmas say what it enforces; the CREATE text adds only what they cannot say."""

import re
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from sqlfix.model.schema import Column, ForeignKey, Index, IndexColumn, KeyFault, Schema, Table, Trigger
from sqlfix.model.values import NotUtf8, folded, name_of_rowid
from sqlfix.schema.join_tables import find_join_tables
from sqlfix.schema.leftovers import Stems, by_stem, may_have_become
from sqlfix.schema.pragmas import FEW, ROWID, DeclaredKey, Pragmas, declared_keys
from sqlfix.schema.stored_form import text_of
from sqlfix.sql.create_index import index_text
from sqlfix.sql.create_table import read_create_table
from sqlfix.sql.create_virtual_table import is_virtual, makes
from sqlfix.sql.literals import free_of, literal, quote
from sqlfix.sql.tokens import DdlError, names_in
from sqlfix.sqlite.connect import rows_of
from sqlfix.sqlite.deadline import overlooking
from sqlfix.sqlite.failures import in_words, missing_collation, require_refusal

HIDDEN = 1
"""What table_xinfo says of a column that only a module knows."""


def read_schema(connection: sqlite3.Connection) -> Schema:
    """The schema of the main database; a table that cannot be read is there, with its reason, and stops no other."""
    catalogue = rows_of(connection, "SELECT type, name, tbl_name, sql FROM main.sqlite_master")
    texts = {
        name: sql if isinstance(sql, str) else ""
        for kind, name, _, sql in catalogue
        if kind in ("table", "view") and isinstance(name, str)
    }
    views = {name for kind, name, _, _ in catalogue if kind == "view"}
    virtual = {folded(name): sql for name, sql in texts.items() if is_virtual(sql)}
    triggers: dict[str, list[Trigger]] = {}
    for kind, name, on, sql in catalogue:
        if kind == "trigger" and isinstance(on, str):
            triggers.setdefault(folded(on), []).append(Trigger(str(name), sql if isinstance(sql, str) else ""))
    tables: dict[str, Table] = {}
    declared: dict[str, Sequence[DeclaredKey]] = {}
    for table, keys in _nameless(catalogue, texts):
        tables[folded(table.name)], declared[folded(table.name)] = table, keys
    created = [row for row in catalogue if row[0] == "index" and row[3] is not None]
    index_texts, indexed = {row[1]: row[3] for row in created}, {row[2] for row in created}
    pragmas = Pragmas(connection, index_texts, texts, indexed, at_once=len(texts) > FEW)
    for name, sql in texts.items():
        if name.lower().startswith("sqlite_"):
            continue
        place = folded(name)
        kind = "view" if name in views else "virtual" if place in virtual else "table"
        table, keys = _read_table(pragmas, name, kind, sql, tuple(triggers.get(place, ())))
        if virtual and not keys and _is_shadow(table, virtual):
            table = replace(table, kind="shadow")
        tables[place], declared[place] = table, keys
    _resolve_all(declared, tables)
    made = tuple(tables.values())
    return Schema(made, find_join_tables(made))


def read_table(connection: sqlite3.Connection, name: str) -> Table | None:
    """One ordinary table, without its triggers and foreign keys; it may be one that has just been made."""
    query = "SELECT name, sql FROM main.sqlite_master WHERE type = 'table' AND name = ? COLLATE NOCASE"
    row = connection.execute(query, (name,)).fetchone()
    if row is None or not isinstance(row[1], str):
        return None
    return _read_table(Pragmas(connection, {}, at_once=False), row[0], "table", row[1], ())[0]


def _nameless(
    catalogue: Iterable[tuple[Any, ...]], taken: Iterable[str]
) -> Iterator[tuple[Table, Sequence[DeclaredKey]]]:
    """The tables and views whose name is not UTF-8, so that no statement can be written with it.

    What they refer to is read from the text alone, in which the bytes that are not UTF-8 do not matter.
    """
    names = set(taken)
    for kind, name, _, sql in catalogue:
        if kind in ("table", "view") and isinstance(name, NotUtf8):
            told = free_of(str(name), names)
            names.add(told)
            text = text_of(sql.raw.decode(errors="replace")) if isinstance(sql, NotUtf8) and kind == "table" else None
            keys = text.foreign_keys if text else ()
            yield (
                Table(told, kind, "", unreadable="its name is not UTF-8"),
                [DeclaredKey(k.columns, k.parent, k.parent_columns, k.on_delete, k.on_update) for k in keys],
            )


def _is_shadow(table: Table, virtual: Mapping[str, str]) -> bool:
    """True if a virtual table keeps its content in it. No module declares foreign keys there: what has some is none."""
    if table.kind != "table":
        return False
    name = folded(table.name)
    cuts = [place for place, character in enumerate(name) if character == "_"]
    return any(name[:cut] in virtual and makes(virtual[name[:cut]], name[cut + 1 :], table.sql) for cut in cuts)


def _read_table(
    pragmas: Pragmas, name: str, kind: str, sql: str, triggers: tuple[Trigger, ...]
) -> tuple[Table, Sequence[DeclaredKey]]:
    """A table without its foreign keys, for they can be resolved only when all tables are known; and these."""
    if kind != "table":
        return Table(name, kind, sql, triggers=triggers), ()
    try:
        columns = _columns(pragmas, name, sql)
        indexes = _indexes(pragmas, name)
        keys = _keys(pragmas, name)
        has_rowid = _has_rowid(pragmas, indexes)
        unreadable = None if has_rowid else _why_unreadable(pragmas.connection, name, indexes)
    except sqlite3.Error as error:
        require_refusal(error)
        return Table(name, kind, sql, triggers=triggers, unreadable=in_words(error)), _keys_known(pragmas, name)
    of_key = [column for column in columns if column.primary_key]
    if len(of_key) > 1:
        of_key.sort(key=lambda column: column.primary_key)
    primary_key = tuple([column.name for column in of_key])
    # an INTEGER PRIMARY KEY is the rowid itself and has no index; one that is DESC, by a quirk, is not and has
    alone = has_rowid and len(of_key) == 1 and all(index.origin != "pk" for index in indexes)
    integer_key = of_key[0].name if alone and folded(of_key[0].type) == "integer" else None
    collations: tuple[str | None, ...] = ()
    if integer_key is not None:
        row_id: tuple[str, ...] = (integer_key,)
    elif has_rowid:
        name_of_it = name_of_rowid(column.name for column in columns)
        row_id = (name_of_it,) if name_of_it else ()
    else:
        row_id, collations = _row_key(columns, primary_key, indexes)
    strict = "strict" in sql.lower() and name in pragmas.strict
    table = Table(
        name, kind, sql, columns, primary_key, integer_key, row_id, collations, without_rowid=not has_rowid,
        strict=strict, indexes=indexes, triggers=triggers, unreadable=unreadable,
    )  # fmt: skip
    return table, keys


def _why_unreadable(connection: sqlite3.Connection, name: str, indexes: tuple[Index, ...]) -> str | None:
    """Why no row of a WITHOUT ROWID table can be read: its primary key is in a collation that SQLite lacks."""
    try:
        connection.execute(f"SELECT 1 FROM main.{quote(name)} LIMIT 0")
    except sqlite3.OperationalError:
        key = [column.collation for index in indexes if index.origin == "pk" for column in index.columns]
        if (lacking := missing_collation(connection, key)) is None:
            raise
        return in_words(lacking)
    return None


def _columns(pragmas: Pragmas, name: str, sql: str) -> tuple[Column, ...]:
    columns = tuple([_column(row[1:7]) for row in pragmas.columns(name) if row[6] != HIDDEN])
    collations: Mapping[str, str] = {}
    if "collate" in sql.lower():
        try:
            collations = read_create_table(sql).collations
        except DdlError as error:  # without them, keys would be compared in another way than SQLite does
            raise sqlite3.DataError(f"its declaration cannot be read: {error}") from error
    if not collations:
        return columns
    return tuple(replace(column, collation=collations.get(folded(column.name), "BINARY")) for column in columns)


@lru_cache(maxsize=4096)
def _column(row: tuple[Any, ...]) -> Column:
    """A column by what table_xinfo says of it. The tables of a schema have many in common, such as their keys."""
    name, kind, not_null, stored, place, hidden = row
    _require_utf8("name of its column", name)
    default = _default(stored)
    _require_utf8("default of its column", default, name)
    return Column(name, str(kind), bool(not_null), default, place, hidden in (2, 3))


def _default(stored: Any) -> Any:
    """The DEFAULT of a column; a string whose bytes are not UTF-8 is written by these bytes."""
    if isinstance(stored, NotUtf8) and (quoted := re.fullmatch(rb"'((?:[^']|'')*)'", stored.raw)):
        return literal(NotUtf8(quoted[1].replace(b"''", b"'")))
    return stored


def _indexes(pragmas: Pragmas, name: str) -> tuple[Index, ...]:
    found = []
    for _, index, unique, origin, partial, *_ in pragmas.indexes(name):
        _require_utf8("name of its index", index)
        columns = tuple(
            IndexColumn(column, str(collation), expression=place == -2)
            for _, place, column, _, collation, key, *_ in pragmas.index_columns(index)
            if key
        )
        sql, expressions = pragmas.index_texts.get(index, ""), any(c.expression for c in columns)
        text = str(sql) if expressions or partial else ""
        terms = _terms(text) if expressions else ""
        calls = "(" in text.partition("(")[2] or "->" in text
        found.append(Index(index, bool(unique), origin, bool(partial), columns, sql, terms, calls))
    return tuple(found)


def _terms(sql: str) -> str:
    try:
        return ", ".join(index_text(sql)[0])
    except DdlError:
        return ""


def _keys(pragmas: Pragmas, name: str) -> list[DeclaredKey]:
    """The declared keys in the order of the text."""
    rows = pragmas.foreign_keys(name)
    for row in rows:
        _require_utf8("name of its parent table", row[2])
        _require_utf8("name of its parent's column", row[4])
    return declared_keys(rows)


def _keys_known(pragmas: Pragmas, name: str) -> list[DeclaredKey]:
    """What a table that cannot be read refers to: rows to which it may refer must not be deleted."""
    rows: list[tuple[Any, ...]] = []
    with overlooking(sqlite3.Error):
        rows = pragmas.foreign_keys(name)
    unknown = {number for number, _, parent, _, to, *_ in rows if NotUtf8 in (type(parent), type(to))}
    return declared_keys([row for row in rows if row[0] not in unknown])


def _require_utf8(what: str, text: object, of: object = None) -> None:
    """Raise an error of SQLite's kind for a name, or a default, that is not UTF-8: no statement can be written with it.

    Args:
        of: what the text belongs to, where it is no name.
    """
    if isinstance(text, NotUtf8):
        raise sqlite3.DataError(f"the {what} {of or text} is not UTF-8")


def _has_rowid(pragmas: Pragmas, indexes: tuple[Index, ...]) -> bool:
    """False for a WITHOUT ROWID table: its primary key has an index, and that holds no rowid, as any other does."""
    return not any(
        index.origin == "pk" and all(place != ROWID for _, place, *_ in pragmas.index_columns(index.name))
        for index in indexes
    )


def _row_key(
    columns: tuple[Column, ...], primary_key: tuple[str, ...], indexes: tuple[Index, ...]
) -> tuple[tuple[str, ...], tuple[str | None, ...]]:
    """The columns and collations by which the rows of a WITHOUT ROWID table are told apart.

    They are those of its primary key's own index, which is the table itself. One column may stand in it twice, in two
    collations.
    """
    own = {folded(column.name): folded(column.collation) for column in columns}
    key = next((index.columns for index in indexes if index.origin == "pk"), ())
    if not key or any(column.name is None for column in key):
        return primary_key, ()
    named = [(column.name or "", column.collation) for column in key]
    return (
        tuple(name for name, _ in named),
        tuple(None if folded(collation) == own.get(folded(name)) else collation for name, collation in named),
    )


# -- what a foreign key refers to ---------------------------------------------------------------------------------


def _resolve_all(declared: Mapping[str, Sequence[DeclaredKey]], tables: Mapping[str, Table]) -> None:
    """Give the tables their foreign keys; nobody else has seen them so far, so it makes no difference that they change.

    Args:
        declared: the keys of each table, by its name in lower case, as ``tables`` are.
    """
    is_missing = any(folded(key.parent) not in tables for keys in declared.values() for key in keys)
    stems = by_stem(tables.values()) if is_missing else {}
    for name, keys in declared.items():
        if keys:
            resolved = tuple(_resolve(key, tables[name], tables, stems) for key in keys)
            object.__setattr__(tables[name], "foreign_keys", resolved)
            object.__setattr__(tables[name], "keys_declared", len(resolved))


_Collations = tuple[str | None, ...]


def _resolve(key: DeclaredKey, child: Table, tables: Mapping[str, Table], stems: Stems) -> ForeignKey:
    """The key with its columns and parent as they are spelled, or with the fault that keeps SQLite from using it.

    The rule is that of sqlite3FkLocateIndex (https://www.sqlite.org/foreignkeys.html, sections 3 and 4.3).
    """
    own = tuple(column.name if (column := child.column(name)) else name for name in key.columns)
    implicit = not key.parent_columns
    parent = tables.get(folded(key.parent))
    if parent is None:
        fk = ForeignKey(child.name, own, key.parent, key.parent_columns, key.on_delete, key.on_update, (), implicit)
        return replace(fk, fault=KeyFault("missing-parent-table", names=may_have_become(fk, stems)))
    columns, found = _referred_to(key, parent)
    fault, collations = (found, ()) if isinstance(found, KeyFault) else (None, found)
    return ForeignKey(
        child.name, own, parent.name, columns, key.on_delete, key.on_update, collations, implicit, fault
    )  # fmt: skip


def _referred_to(key: DeclaredKey, parent: Table) -> tuple[tuple[str, ...], _Collations | KeyFault]:
    """The columns of the parent that a key refers to, and the collations by which it is looked up there."""
    columns = key.parent_columns
    if parent.kind in ("view", "virtual"):
        return columns, KeyFault("parent-key-not-unique", parent.kind)
    if not parent.columns:  # it is unreadable
        return columns, ()
    if not columns:
        return parent.primary_key, _by_primary_key(key, parent)
    missing = tuple(name for name in columns if parent.column(name) is None)
    if missing:
        return columns, KeyFault("missing-parent-column", names=missing)
    columns = tuple(column.name for name in columns if (column := parent.column(name)))
    if parent.integer_key is not None and columns == (parent.integer_key,):
        return columns, (None,)
    return columns, _by_index(columns, parent)


def _by_primary_key(key: DeclaredKey, parent: Table) -> _Collations | KeyFault:
    if not parent.primary_key:
        return KeyFault("parent-key-not-unique", "no primary key")
    if len(parent.primary_key) != len(key.columns):
        return KeyFault("column-count-mismatch", names=parent.primary_key)
    if parent.integer_key is not None:
        return (None,)
    index = next((i for i in parent.indexes if i.origin == "pk"), None)
    if index is None:
        return (None,) * len(key.columns)
    by_name = {folded(c.name): c.collation for c in index.columns if c.name}
    return tuple(by_name.get(folded(name)) for name in parent.primary_key)


def _by_index(columns: tuple[str, ...], parent: Table) -> _Collations | KeyFault:
    """An index serves if it is unique and whole, and has just these columns, each in its column's own collation."""
    wanted = sorted(folded(name) for name in columns)
    detail, near = "none", ""
    for index in parent.indexes:
        if not index.unique:
            continue
        if any(c.expression for c in index.columns):
            if len(index.columns) == len(wanted) and set(wanted) <= names_in(index.expressions):
                detail, near = ("expression", index.name) if detail == "none" else (detail, near)
            continue
        if sorted(folded(c.name or "") for c in index.columns) != wanted:
            continue
        if index.partial:
            detail, near = "partial", index.name
        elif any(
            not (own := parent.column(c.name or "")) or folded(own.collation) != folded(c.collation)
            for c in index.columns
        ):
            detail, near = "collation", index.name
        else:
            return (None,) * len(columns)
    return KeyFault("parent-key-not-unique", detail, (near,) if near else ())
