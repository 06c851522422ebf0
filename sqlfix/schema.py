"""Reading the catalogue: SQLite's pragmas say what it enforces; the CREATE text adds only what they cannot say."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from sqlfix.database import is_of_the_disk
from sqlfix.index_text import in_parentheses, index_text
from sqlfix.join_tables import find_join_tables
from sqlfix.leftovers import Stems, by_stem, may_have_become
from sqlfix.limits import stop_if_interrupted
from sqlfix.missing import in_words, missing_collation
from sqlfix.model import Column, ForeignKey, Index, IndexColumn, KeyFault, NotUtf8, Schema, Table, Trigger, folded
from sqlfix.own_names import free_of
from sqlfix.sql import literal, quote
from sqlfix.tokens import DdlError, has_words, names_in, tokens
from sqlfix.virtual_text import is_virtual, makes


def read_schema(connection: sqlite3.Connection) -> Schema:
    """The schema of the main database; a table that cannot be read is there, with its reason, and stops no other."""
    catalogue = connection.execute("SELECT type, name, tbl_name, sql FROM main.sqlite_master").fetchall()
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
    tables = {folded(table.name): table for table in _nameless(catalogue, texts)}
    for name, sql in texts.items():
        if name.lower().startswith("sqlite_"):
            continue
        kind = "view" if name in views else "virtual" if folded(name) in virtual else "table"
        table = _read_table(connection, name, kind, sql, tuple(triggers.get(folded(name), ())))
        tables[folded(name)] = replace(table, kind="shadow") if _is_shadow(table, virtual) else table
    is_missing = any(folded(fk.parent) not in tables for table in tables.values() for fk in table.foreign_keys)
    stems = by_stem(tables.values()) if is_missing else {}
    resolved = tuple(
        replace(t, foreign_keys=tuple(_resolve(fk, t, tables, stems) for fk in t.foreign_keys)) if t.foreign_keys else t
        for t in tables.values()
    )
    schema = Schema(resolved)
    return replace(schema, join_tables=find_join_tables(schema))


def _nameless(catalogue: Iterable[tuple[Any, ...]], taken: Iterable[str]) -> Iterator[Table]:
    """The tables and views whose name is not UTF-8, so that no statement can be written with it.

    What they refer to is read from the text alone, in which the bytes that are not UTF-8 do not matter.
    """
    names = set(taken)
    for kind, name, _, sql in catalogue:
        if kind in ("table", "view") and isinstance(name, NotUtf8):
            told = free_of(str(name), names)
            names.add(told)
            text = sql.raw.decode(errors="replace") if isinstance(sql, NotUtf8) else ""
            keys = _keys_of_text(told, text) if kind == "table" else ()
            yield Table(told, kind, "", foreign_keys=keys, unreadable="its name is not UTF-8")


def _keys_of_text(name: str, sql: str) -> tuple[ForeignKey, ...]:
    from sqlfix.ddl import read_create_table

    try:
        keys = read_create_table(sql).foreign_keys
    except DdlError:
        return ()
    return tuple(
        ForeignKey(name, k.columns, k.parent, k.parent_columns, k.on_delete, k.on_update, implicit=not k.parent_columns)
        for k in keys
    )


def _is_shadow(table: Table, virtual: Mapping[str, str]) -> bool:
    """True if a virtual table keeps its content in it. No module declares foreign keys there: what has some is none."""
    if table.kind != "table" or table.foreign_keys:
        return False
    name = folded(table.name)
    cuts = [place for place, character in enumerate(name) if character == "_"] if virtual else []
    return any(name[:cut] in virtual and makes(virtual[name[:cut]], name[cut + 1 :], table.sql) for cut in cuts)


def _read_table(connection: sqlite3.Connection, name: str, kind: str, sql: str, triggers: tuple[Trigger, ...]) -> Table:
    if kind != "table":
        return Table(name, kind, sql, triggers=triggers)
    try:
        columns = _columns(connection, name, sql)
        indexes = _indexes(connection, name)
        foreign_keys = _foreign_keys(connection, name)
        has_rowid, row_id = _row_id(connection, name, columns)
        unreadable = None if has_rowid else _why_unreadable(connection, name, indexes)
    except sqlite3.Error as error:
        stop_if_interrupted(error)
        if is_of_the_disk(error):
            raise
        known = _foreign_keys_known(connection, name)
        return Table(name, kind, sql, foreign_keys=known, triggers=triggers, unreadable=in_words(error))
    key = sorted((c for c in columns if c.primary_key), key=lambda c: c.primary_key)
    primary_key = tuple(c.name for c in key)
    integer_key = None
    # INTEGER PRIMARY KEY is the rowid itself and has no index; INTEGER PRIMARY KEY DESC, by a quirk, is not and has
    if has_rowid and len(key) == 1 and folded(key[0].type) == "integer" and all(i.origin != "pk" for i in indexes):
        integer_key = primary_key[0]
    collations: tuple[str | None, ...] = ()
    if integer_key is not None:
        row_id = (integer_key,)
    elif not has_rowid:
        row_id, collations = _row_key(columns, primary_key, indexes)
    return Table(
        name,
        kind,
        sql,
        columns=columns,
        primary_key=primary_key,
        integer_key=integer_key,
        row_id=row_id,
        row_collations=collations,
        without_rowid=not has_rowid,
        strict=has_words(sql, "strict") and _is_strict(connection, name),
        indexes=indexes,
        foreign_keys=foreign_keys,
        triggers=triggers,
        unreadable=unreadable,
    )


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


def _is_strict(connection: sqlite3.Connection, name: str) -> bool:
    """SQLite is asked, since the word may stand in a comment; versions that know no STRICT know no such pragma."""
    rows = connection.execute(f"PRAGMA main.table_list({quote(name)})").fetchall()
    return any(strict for *_, strict in rows)


def _columns(connection: sqlite3.Connection, name: str, sql: str) -> tuple[Column, ...]:
    rows = connection.execute(f"PRAGMA main.table_xinfo({quote(name)})").fetchall()
    for _, column, _, _, default, *_ in rows:
        _require_utf8("name of its column", column)
        _require_utf8("default of its column", _default(default), column)
    collations: Mapping[str, str] = {}
    if "collate" in sql.lower():
        from sqlfix.ddl import collations as read_collations

        try:
            collations = read_collations(sql)
        except DdlError as error:  # without them, keys would be compared in another way than SQLite does
            raise sqlite3.DataError(f"its declaration cannot be read: {error}") from error
    return tuple(
        Column(
            str(column),
            str(kind),
            bool(not_null),
            _default(default),
            place,
            generated=hidden in (2, 3),
            collation=collations.get(folded(str(column)), "BINARY"),
        )
        for _, column, kind, not_null, default, place, hidden in rows
        if hidden != 1
    )


def _default(stored: Any) -> Any:
    """The DEFAULT of a column; a string whose bytes are not UTF-8 is written by these bytes."""
    if isinstance(stored, NotUtf8) and (quoted := re.fullmatch(rb"'((?:[^']|'')*)'", stored.raw)):
        return literal(NotUtf8(quoted[1].replace(b"''", b"'")))
    return stored


def _indexes(connection: sqlite3.Connection, name: str) -> tuple[Index, ...]:
    found = []
    for _, index, unique, origin, partial in connection.execute(f"PRAGMA main.index_list({quote(name)})").fetchall():
        _require_utf8("name of its index", index)
        columns = tuple(
            IndexColumn(column, str(collation), expression=place == -2)
            for _, place, column, _, collation, key in connection.execute(
                f"PRAGMA main.index_xinfo({quote(index)})"
            ).fetchall()
            if key
        )
        text, expressions = "", any(c.expression for c in columns)
        if expressions or partial:
            row = connection.execute("SELECT sql FROM main.sqlite_master WHERE name = ?", (index,)).fetchone()
            text = str(row[0]) if row else ""
        terms = _terms(text) if expressions else ""
        calls = "(" in text.partition("(")[2] or "->" in text
        found.append(Index(index, bool(unique), origin, bool(partial), columns, terms, calls))
    return tuple(found)


def _terms(sql: str) -> str:
    try:
        return ", ".join(index_text(sql)[0])
    except DdlError:
        return ""


def _foreign_keys(connection: sqlite3.Connection, name: str) -> tuple[ForeignKey, ...]:
    """The declared keys in the order of the text: the pragma's ids descend as the text goes on."""
    rows = _rows_of_keys(connection, name)
    for _, _, parent, _, parent_column, *_ in rows:
        _require_utf8("name of its parent table", parent)
        _require_utf8("name of its parent's column", parent_column)
    return _as_keys(name, rows)


def _foreign_keys_known(connection: sqlite3.Connection, name: str) -> tuple[ForeignKey, ...]:
    """What a table that cannot be read refers to: rows to which it may refer must not be deleted."""
    try:
        rows = _rows_of_keys(connection, name)
    except sqlite3.Error as error:
        stop_if_interrupted(error)
        return ()
    unknown = {number for number, _, parent, _, to, *_ in rows if NotUtf8 in (type(parent), type(to))}
    return _as_keys(name, [row for row in rows if row[0] not in unknown])


def _rows_of_keys(connection: sqlite3.Connection, name: str) -> list[tuple[Any, ...]]:
    return connection.execute(f"PRAGMA main.foreign_key_list({quote(name)})").fetchall()


def _as_keys(name: str, rows: Iterable[tuple[Any, ...]]) -> tuple[ForeignKey, ...]:
    parts: dict[int, list[tuple[str, str, str | None, str, str]]] = {}
    for number, _, parent, child_column, parent_column, on_update, on_delete, _ in rows:
        parts.setdefault(number, []).append((parent, str(child_column), parent_column, on_delete, on_update))
    return tuple(
        ForeignKey(
            child=name,
            child_columns=tuple(child for _, child, _, _, _ in columns),
            parent=columns[0][0],
            parent_columns=tuple(to for _, _, to, _, _ in columns if to is not None),
            on_delete=columns[0][3],
            on_update=columns[0][4],
            implicit=columns[0][2] is None,
        )
        for _, columns in sorted(parts.items(), reverse=True)
    )


def _require_utf8(what: str, text: object, of: object = None) -> None:
    """Raise an error of SQLite's kind for a name, or a default, that is not UTF-8: no statement can be written with it.

    Args:
        of: what the text belongs to, where it is no name.
    """
    if isinstance(text, NotUtf8):
        raise sqlite3.DataError(f"the {what} {of or text} is not UTF-8")


def _row_id(connection: sqlite3.Connection, name: str, columns: tuple[Column, ...]) -> tuple[bool, tuple[str, ...]]:
    """Whether the table has a rowid, and a name for it that no column hides.

    SQLite is asked, since no pragma of the older versions tells: a WITHOUT ROWID table has no such column.
    """
    taken = {folded(c.name) for c in columns}
    free = [word for word in ("rowid", "_rowid_", "oid") if word not in taken]
    if not free:
        query = "SELECT sql FROM main.sqlite_master WHERE type = 'table' AND name = ?"
        cut = tokens(str(connection.execute(query, (name,)).fetchone()[0]))
        _, end = in_parentheses(cut)
        return all(token.word != "without" for token in cut[end:]), ()
    try:
        connection.execute(f"SELECT {free[0]} FROM main.{quote(name)} LIMIT 0")
    except sqlite3.OperationalError as error:
        # where it can read no row, the rows are kept by a key, in a collation that it lacks
        if "no such column" not in str(error) and str(error) != "no query solution":
            raise
        return False, ()
    return True, (free[0],)


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


def _resolve(fk: ForeignKey, child: Table, tables: Mapping[str, Table], stems: Stems) -> ForeignKey:
    """The key with its columns and parent as they are spelled, or with the fault that keeps SQLite from using it.

    The rule is that of sqlite3FkLocateIndex (https://www.sqlite.org/foreignkeys.html, sections 3 and 4.3).
    """
    own = tuple(c.name if (c := child.column(name)) else name for name in fk.child_columns)
    fk = replace(fk, child_columns=own)
    parent = tables.get(folded(fk.parent))
    if parent is None:
        return replace(fk, fault=KeyFault("missing-parent-table", names=may_have_become(fk, stems)))
    fk = replace(fk, parent=parent.name)
    if parent.kind in ("view", "virtual"):
        return replace(fk, fault=KeyFault("parent-key-not-unique", parent.kind))
    if not parent.columns:  # it is unreadable
        return fk
    if fk.implicit:
        return _resolve_implicit(fk, parent)
    missing = tuple(name for name in fk.parent_columns if parent.column(name) is None)
    if missing:
        return replace(fk, fault=KeyFault("missing-parent-column", names=missing))
    fk = replace(fk, parent_columns=tuple(c.name for name in fk.parent_columns if (c := parent.column(name))))
    if parent.integer_key is not None and fk.parent_columns == (parent.integer_key,):
        return replace(fk, parent_collations=(None,))
    return _resolve_index(fk, parent)


def _resolve_implicit(fk: ForeignKey, parent: Table) -> ForeignKey:
    fk = replace(fk, parent_columns=parent.primary_key)
    if not parent.primary_key:
        return replace(fk, fault=KeyFault("parent-key-not-unique", "no primary key"))
    if len(parent.primary_key) != len(fk.child_columns):
        return replace(fk, fault=KeyFault("column-count-mismatch", names=parent.primary_key))
    if parent.integer_key is not None:
        return replace(fk, parent_collations=(None,))
    index = next((i for i in parent.indexes if i.origin == "pk"), None)
    if index is None:
        return replace(fk, parent_collations=(None,) * len(fk.child_columns))
    by_name = {folded(c.name): c.collation for c in index.columns if c.name}
    return replace(fk, parent_collations=tuple(by_name.get(folded(name)) for name in parent.primary_key))


def _resolve_index(fk: ForeignKey, parent: Table) -> ForeignKey:
    """An index serves if it is unique and whole, and has just these columns, each in its column's own collation."""
    wanted = sorted(folded(name) for name in fk.parent_columns)
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
        elif any(_collation(parent, c) != folded(c.collation) for c in index.columns):
            detail, near = "collation", index.name
        else:
            return replace(fk, parent_collations=(None,) * len(fk.parent_columns))
    return replace(fk, fault=KeyFault("parent-key-not-unique", detail, (near,) if near else ()))


def _collation(parent: Table, indexed: IndexColumn) -> str:
    column = parent.column(indexed.name or "")
    return folded(column.collation) if column else ""


def with_text(schema: Schema) -> Schema:
    """The schema with what only the CREATE TABLE texts say: constraint names, DEFERRABLE, MATCH, the exact text.

    It is a step of its own because reading the texts takes longer than all the pragmas together, and a scan of a
    sound database needs none of it.
    """
    from sqlfix.ddl import with_text as read_text

    tables = tuple(read_text(t) if t.foreign_keys and t.sql else t for t in schema.tables)
    fuller = Schema(tables)
    return replace(fuller, join_tables=find_join_tables(fuller))
