"""What keeps a row from being edited, by the rules of SQLite's foreign keys: see `delete_rules`."""

from __future__ import annotations

from sqlfix.errors import Refused
from sqlfix.explain.answers import EDIT, Blocker, Stage
from sqlfix.explain.prepared import concerned, is_uncertain, prepared, why_unusable
from sqlfix.model.findings import Row
from sqlfix.model.schema import ForeignKey, Table
from sqlfix.model.values import Value, folded
from sqlfix.plan.delete_closure import child_match
from sqlfix.schema.database import Database
from sqlfix.schema.rows import Target
from sqlfix.sql.literals import any_of, names, quote
from sqlfix.sql.predicates import match_parent, orphan


def rule_on_edit(database: Database, target: Target) -> tuple[list[Blocker], bool]:
    """What keeps the columns of a row from being written, though they keep their values, and whether that is all."""
    schema, table, certain = database.schema_with_text, target.table, True
    found: dict[ForeignKey, list[str]] = {}
    orphaned = [fk for fk in table.foreign_keys if fk.fault is None and _is_orphan(database, target, fk)]
    for column in writable(table):
        faulty, statements = prepared(schema, table.name, frozenset({folded(column)}))
        certain = certain and not any(is_uncertain(schema, statement) for statement in statements)
        for fk in faulty:
            found.setdefault(fk, []).append(column)
    blockers = []
    for fk, columns in found.items():
        kind, reason = why_unusable(schema, fk)
        message = f"this foreign key {reason}, so {', '.join(columns)} cannot be written in any row; no row is at fault"
        blockers.append(
            Blocker(kind, *fk.subject, message, Stage.PREPARE, (EDIT,), 0, fk.on_delete, written=tuple(columns))
        )
    touching = _touching(database, table) if orphaned else {}
    blockers += (_own_orphan(database, target, fk, tuple(touching.get(fk, fk.child_columns))) for fk in orphaned)
    odd = any(
        fk.fault is None and folded(fk.parent) == folded(fk.child) and child_match(schema, fk)
        for fk in table.foreign_keys
    )
    return blockers, certain and not odd and not _lacks_a_value(database, target)


def writable(table: Table) -> tuple[str, ...]:
    """The columns of a table that an UPDATE can name."""
    return tuple(column.name for column in table.columns if not column.generated)


def _of_the_row(database: Database, target: Target, terms: str) -> tuple[Value, ...]:
    """The values of some SQL for the row, which stands there as ``c``."""
    sql = f"SELECT {terms} FROM {quote(target.table.name)} AS c WHERE {target.condition('c')}"
    return tuple(database.connection.execute(sql).fetchone())


def _lacks_a_value(database: Database, target: Target) -> bool:
    """True if a column of the row that may not be NULL is: then no rule of foreign keys is what matters."""
    columns = [column.name for column in target.table.columns if column.not_null]
    lacking = any_of([f"typeof(c.{quote(name)}) = 'null'" for name in columns])
    return bool(columns) and bool(_of_the_row(database, target, lacking)[0])


def _is_orphan(database: Database, target: Target, fk: ForeignKey) -> bool:
    """True if the row has no parent.

    Raises:
        Refused: where the parents cannot be read.
    """
    parent = database.schema_with_text.known_table(fk.parent)
    if parent.unreadable:
        raise Refused(f"it references {parent.name}, which cannot be read: {parent.unreadable}")
    return bool(_of_the_row(database, target, orphan(database.schema_with_text, fk))[0])


def _touching(database: Database, table: Table) -> dict[ForeignKey, list[str]]:
    """The columns by whose writing SQLite looks at each of the foreign keys of a table."""
    touching: dict[ForeignKey, list[str]] = {}
    for column in writable(table):
        keys, _ = concerned(database.schema_with_text, folded(table.name), frozenset({folded(column)}))
        for fk in dict.fromkeys(keys):
            touching.setdefault(fk, []).append(column)
    return touching


def _own_orphan(database: Database, target: Target, fk: ForeignKey, written: tuple[str, ...]) -> Blocker:
    """That the row has no parent itself, and the columns that cannot be written because of that."""
    row = _of_the_row(database, target, names(fk.child_columns, "c"))
    message = f"the row itself has no parent in {fk.parent}"
    if other := _meant(database, fk):
        message += (
            f"; every row without one has its parent in {other}: the foreign key references the wrong table, and no row"
            " is at fault"
        )
    return Blocker(
        "own-orphan", *fk.subject, f"{message}; writing {', '.join(written)} fails even if the value stays the same",
        Stage.COMMIT if fk.deferrable else Stage.STATEMENT, (EDIT,), 1, fk.on_delete,
        (Row(target.key, tuple(zip(fk.child_columns, row, strict=True))),), written,
    )  # fmt: skip


def _meant(database: Database, fk: ForeignKey) -> str | None:
    """Another table of a like name in which all orphans of a relationship have a parent."""
    schema = database.schema_with_text
    for table in schema.tables if len(fk.child_columns) == 1 else ():
        key = table.known_by if table.kind == "table" else ()
        if folded(table.name) == folded(fk.parent) or len(key) != 1 or not table.primary_key:
            continue
        if folded(table.name).rsplit("_")[-1] != folded(fk.parent).rsplit("_")[-1]:
            continue
        other = ForeignKey(fk.child, fk.child_columns, table.name, key, "NO ACTION", "NO ACTION", (None,))
        sql = (
            f"SELECT count(*) FROM {quote(fk.child)} AS c WHERE {orphan(schema, fk)} AND NOT EXISTS"
            f" (SELECT 1 FROM {quote(table.name)} AS p WHERE {match_parent(other)})"
        )
        if not database.connection.execute(sql).fetchone()[0]:
            return table.name
    return None
