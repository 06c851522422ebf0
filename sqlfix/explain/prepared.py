"""What SQLite prepares with a DELETE or an UPDATE, and the foreign keys on which that fails whatever the rows hold.

The rules are those of https://www.sqlite.org/foreignkeys.html and of fkey.c.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from sqlfix.model.schema import ForeignKey, Schema
from sqlfix.model.values import folded
from sqlfix.sql.tokens import has_words

ACTING = ("CASCADE", "SET NULL", "SET DEFAULT")

Statement = tuple[str, frozenset[str] | None]
"""A table in lower case, and the columns that an UPDATE writes, or None for a DELETE."""


def prepared(schema: Schema, table: str, written: frozenset[str] | None) -> tuple[list[ForeignKey], list[Statement]]:
    """The foreign keys that a statement fails on, whatever the rows hold, and all that SQLite prepares with it.

    Those are keys that SQLite cannot use, and keys whose action would write a column that is computed.
    A DELETE looks at every key from and to its table. So does an UPDATE that writes a column of any key, but for the
    keys to other tables of which it writes none. What a referential action would run is prepared as well, whether
    there are rows for it or not.
    """
    todo: deque[Statement] = deque([(folded(table), written)])
    seen: dict[Statement, None] = {}
    faulty: dict[ForeignKey, None] = {}
    while todo:
        statement = todo.popleft()
        if statement in seen:
            continue
        seen[statement] = None
        name, columns = statement
        ours, theirs = concerned(schema, name, columns)
        faulty.update((fk, None) for fk in (*ours, *theirs) if fk.fault)
        for fk in theirs:
            action = fk.on_delete if columns is None else fk.on_update
            if fk.fault is None and action in ACTING and (columns is None or _is_written(schema, fk, columns)):
                gone = columns is None and action == "CASCADE"
                if not gone and computed(schema, fk):
                    faulty[fk] = None
                todo.append((folded(fk.child), None if gone else frozenset(map(folded, fk.child_columns))))
    return list(faulty), list(seen)


def concerned(
    schema: Schema, name: str, columns: frozenset[str] | None
) -> tuple[Sequence[ForeignKey], Sequence[ForeignKey]]:
    """The keys from and to a table that a statement has to look at."""
    table = schema.table(name)
    ours = table.foreign_keys if table else ()
    theirs = schema.references_to(name)
    if columns is None:
        return ours, theirs
    written = {id(fk): fk for column in columns for fk in schema.keys_with(name, column)}
    if not written and not any(_is_written(schema, fk, columns) for fk in theirs):
        return (), ()
    written.update((id(fk), fk) for fk in theirs if folded(fk.child) == name)
    return list(written.values()) if len(written) < 2 else [fk for fk in ours if id(fk) in written], theirs


def _is_written(schema: Schema, fk: ForeignKey, columns: frozenset[str]) -> bool:
    """True if an UPDATE of the parent's columns writes the key that is referred to."""
    parent = schema.table(fk.parent)
    key = fk.parent_columns or (parent.primary_key if parent else ())
    return bool(columns & set(map(folded, key)))


def computed(schema: Schema, fk: ForeignKey) -> str | None:
    """The first column of a key that is computed from other columns, and so cannot be written."""
    child = schema.known_table(fk.child)
    return next((name for name in fk.child_columns if (column := child.column(name)) and column.generated), None)


def why_unusable(schema: Schema, fk: ForeignKey) -> tuple[str, str]:
    """The kind of blocker that a foreign key is on which every statement fails, and the reason in words."""
    if fk.fault is None:
        column = computed(schema, fk)
        return "reference", f"would make SQLite write {column}, which is computed from other columns"
    if fk.fault.check == "missing-parent-table":
        guess = f" ({fk.fault.names[0]} looks like the table that is meant)" if fk.fault.names else ""
        return "missing-table", f"references the table {fk.parent}, which does not exist{guess}"
    if fk.fault.check == "missing-parent-column":
        return "mismatch", f"references {fk.parent}.{', '.join(fk.fault.names)}, which does not exist"
    if fk.fault.check == "column-count-mismatch":
        return "mismatch", f"does not have as many columns as the primary key of {fk.parent}"
    if fk.fault.detail in ("view", "virtual"):
        what = "a view" if fk.fault.detail == "view" else "a virtual table"
        return "mismatch", f"references {fk.parent}, which is {what}"
    if fk.fault.detail == "no primary key":
        return "mismatch", f"references the primary key of {fk.parent}, which has none"
    columns = ", ".join(fk.parent_columns)
    return "mismatch", f"references {fk.parent} ({columns}), which has no usable unique index"


def is_uncertain(schema: Schema, statement: Statement) -> bool:
    """True if what a statement does depends on more than foreign keys."""
    table = schema.table(statement[0])
    if table is None or table.unreadable:
        return True
    generated = {folded(column.name) for column in table.columns if column.generated}
    odd = table.triggers or any(
        index.partial or any(c.expression or folded(c.name or "") in generated for c in index.columns)
        for index in table.indexes
    )
    # SQLite 3.40 looks for RESTRICT in the table brackets where the child table is called [brackets]
    odd = odd or any(
        "RESTRICT" in (fk.on_delete, fk.on_update) and fk.child[:1] in tuple("\"'`[")
        for fk in schema.references_to(statement[0])
    )
    if statement[1] is None:
        return bool(odd)
    decides = has_words(table.sql, "check") or has_words(table.sql, "on", "conflict")
    return bool(odd or table.strict or decides or generated)
