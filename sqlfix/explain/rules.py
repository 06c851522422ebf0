"""What keeps a row from being deleted or edited, by the rules of SQLite's foreign keys.

The rules are those of https://www.sqlite.org/foreignkeys.html and of fkey.c, in the order in which they take effect:
what fails when the statement is prepared (a key that SQLite cannot use, for any row), what fails at once (RESTRICT, a
NULL where there may be none), at the end of the statement (NO ACTION), and at COMMIT (DEFERRABLE INITIALLY DEFERRED).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import IntEnum

from sqlfix.errors import Refused
from sqlfix.model.findings import Row
from sqlfix.model.schema import ForeignKey, IndexColumn, Schema, Table
from sqlfix.model.values import folded
from sqlfix.plan.delete_closure import MOST_LEVELS, Walk, child_match
from sqlfix.plan.on_delete import by_cascade, on_delete
from sqlfix.schema.rows import Target, people_key
from sqlfix.sql.literals import any_of, names, quote
from sqlfix.sql.predicates import match_parent, orphan
from sqlfix.sql.tokens import has_words
from sqlfix.text import pairs_text

ACTING = ("CASCADE", "SET NULL", "SET DEFAULT")
DELETE, EDIT = "delete", "edit"


class Stage(IntEnum):
    """When a blocker takes effect; the earlier, the lower."""

    PREPARE = 0
    BEFORE = 1
    AT_ONCE = 2
    STATEMENT = 3
    AFTER = 4
    COMMIT = 5


@dataclass(frozen=True, slots=True)
class Blocker:
    """One thing that keeps the row from being deleted, edited or both (``blocks``).

    ``kind`` is ``reference``, ``missing-table``, ``mismatch``, ``trigger`` or ``own-orphan``; ``table`` and ``columns``
    are those that refer (of a trigger, the table that has it). ``count`` is the number of rows that refer, and
    ``sample`` the first of them. ``written`` are the columns of the row that cannot be written because of it.
    """

    kind: str
    table: str
    columns: tuple[str, ...]
    parent: str
    parent_columns: tuple[str, ...]
    message: str
    stage: Stage
    blocks: tuple[str, ...]
    count: int = 0
    on_delete: str | None = None
    sample: tuple[Row, ...] = ()
    written: tuple[str, ...] = ()
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Effect:
    """What the delete does to further rows: ``effect`` is ``deleted``, ``set to NULL`` or ``set to default``."""

    table: str
    rows: int
    effect: str
    columns: tuple[str, ...] = ()


@dataclass(slots=True)
class Ruling:
    """What the rules say; ``certain`` is False where only trying it out can tell."""

    blockers: list[Blocker] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)
    certain: bool = True


# -- what is prepared ---------------------------------------------------------------------------------------------

Statement = tuple[str, frozenset[str] | None]
"""A table in lower case, and the columns that an UPDATE writes, or None for a DELETE."""


def prepared(schema: Schema, table: str, written: frozenset[str] | None) -> tuple[list[ForeignKey], list[Statement]]:
    """The foreign keys that a statement fails on, whatever the rows hold, and all that SQLite prepares with it.

    Those are keys that SQLite cannot use, and keys whose action would write a column that is computed.
    A DELETE looks at every key from and to its table. So does an UPDATE that writes a column of any key, but for the
    keys to other tables of which it writes none. What a referential action would run is prepared as well, whether
    there are rows for it or not.
    """
    todo: list[Statement] = [(folded(table), written)]
    seen: list[Statement] = []
    faulty: list[ForeignKey] = []
    while todo:
        statement = todo.pop(0)
        if statement in seen:
            continue
        seen.append(statement)
        name, columns = statement
        ours, theirs = _concerned(schema, name, columns)
        faulty += [fk for fk in (*ours, *theirs) if fk.fault and fk not in faulty]
        for fk in theirs:
            action = fk.on_delete if columns is None else fk.on_update
            if fk.fault is None and action in ACTING and (columns is None or _is_written(schema, fk, columns)):
                gone = columns is None and action == "CASCADE"
                if not gone and computed(schema, fk) and fk not in faulty:
                    faulty.append(fk)
                todo.append((folded(fk.child), None if gone else frozenset(map(folded, fk.child_columns))))
    return faulty, seen


def _concerned(schema: Schema, name: str, columns: frozenset[str] | None) -> tuple[list[ForeignKey], list[ForeignKey]]:
    """The keys from and to a table that a statement has to look at."""
    table = schema.table(name)
    ours = list(table.foreign_keys) if table else []
    theirs = list(schema.references_to(name))
    if columns is None:
        return ours, theirs
    written = {id(fk) for fk in ours if columns & set(map(folded, fk.child_columns))}
    if not written and not any(_is_written(schema, fk, columns) for fk in theirs):
        return [], []
    return [fk for fk in ours if id(fk) in written or folded(fk.parent) == name], theirs


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
        return "reference", f"would have SQLite write {column}, which is computed from other columns"
    if fk.fault.check == "missing-parent-table":
        guess = f"; {fk.fault.names[0]} looks like what has become of it" if fk.fault.names else ""
        return "missing-table", f"refers to the table {fk.parent}, which does not exist{guess}"
    if fk.fault.check == "missing-parent-column":
        return "mismatch", f"refers to {fk.parent}.{', '.join(fk.fault.names)}, which does not exist"
    if fk.fault.check == "column-count-mismatch":
        return "mismatch", f"does not have as many columns as the primary key of {fk.parent}"
    if fk.fault.detail in ("view", "virtual"):
        what = "a view" if fk.fault.detail == "view" else "a virtual table"
        return "mismatch", f"refers to {fk.parent}, which is {what}"
    if fk.fault.detail == "no primary key":
        return "mismatch", f"refers to the primary key of {fk.parent}, which has none"
    columns = ", ".join(fk.parent_columns)
    return "mismatch", f"refers to {fk.parent} ({columns}), over which there is no usable unique index"


# -- deleting -----------------------------------------------------------------------------------------------------


def rule_on_delete(connection: sqlite3.Connection, schema: Schema, target: Target) -> Ruling:
    """What the rules say of deleting a row with foreign keys enforced."""
    walk = Walk(connection, schema, target, by_cascade)
    try:
        ruling = rule_on_walk(schema, walk.run())
        note_circle(connection, schema, target, ruling)
    finally:
        walk.close()
    ruling.blockers.sort(key=lambda blocker: blocker.stage)
    return ruling


def rule_on_walk(schema: Schema, walk: Walk) -> Ruling:
    """What the rules say of deleting the rows from which a walk `by_cascade` has begun, with foreign keys enforced."""
    ruling = Ruling()
    started = folded(walk.target.table.name)
    faulty, statements = prepared(schema, started, None)
    ruling.blockers += [_unusable(schema, fk) for fk in faulty]
    ruling.certain = not any(_is_uncertain(schema, statement) for statement in statements)
    for name in walk.gone_tables():
        rows = walk.gone(name) - (walk.first() if folded(name) == started else 0)
        if rows:
            ruling.effects.append(Effect(name, rows, "deleted"))
    for fk in walk.keys:
        if fk.on_delete != "CASCADE" and fk not in faulty and walk.met(fk):
            _rule_on(schema, walk, fk, ruling)
    if walk.blind or walk.levels >= MOST_LEVELS:
        ruling.certain = False
    if len(ruling.effects) and ruling.blockers:
        # SQLite counts violations, and a row that goes and was an orphan itself takes one from the count
        ruling.certain = False
    return ruling


def _rule_on(schema: Schema, walk: Walk, fk: ForeignKey, ruling: Ruling) -> None:
    """What becomes of the rows that refer by one relationship."""
    met, staying = walk.met(fk), walk.staying(fk)
    if folded(fk.child) == folded(fk.parent) and child_match(schema, fk):
        ruling.certain = False  # a row that refers to itself by another type: SQLite's two comparisons may disagree
    if fk.on_delete == "RESTRICT":
        ruling.certain = ruling.certain and staying == met  # what goes as well may be met before it goes, or after
    if not staying:
        ruling.certain = ruling.certain and fk.on_delete not in ("SET NULL", "SET DEFAULT")
        return
    does = on_delete(schema, fk, walk.alive(fk.parent, "q"))
    if does.sets:
        kept = does.keeps and walk.connection.execute(f"SELECT {does.keeps}").fetchone()[0]
        if not kept:
            effect = "set to NULL" if fk.on_delete == "SET NULL" else "set to default"
            ruling.effects.append(Effect(fk.child, staying, effect, fk.child_columns))
            ruling.certain = ruling.certain and fk.on_delete == "SET NULL" and not _is_shared(schema, fk)
            return
        ruling.certain = False
    ruling.blockers.append(_reference(walk, fk, staying, does.reason))


def sets_for_certain(schema: Schema, fk: ForeignKey) -> bool:
    """True if the rules can tell what SET NULL or SET DEFAULT does to the child rows of a relationship."""
    child = schema.known_table(fk.child)
    columns = frozenset(map(folded, fk.child_columns))
    keys = [
        index for index in child.indexes if index.unique and columns & {folded(c.name or "") for c in index.columns}
    ]
    collides = fk.on_delete == "SET DEFAULT" and (keys or columns & set(map(folded, child.primary_key)))
    return not (collides or _is_shared(schema, fk) or _is_uncertain(schema, (folded(child.name), columns)))


def _is_shared(schema: Schema, fk: ForeignKey) -> bool:
    """True if columns of the key serve another relationship too, or the table has what an UPDATE could break."""
    ours = set(map(folded, fk.child_columns))
    child = schema.known_table(fk.child)
    others = [other for other in child.foreign_keys if other is not fk and ours & set(map(folded, other.child_columns))]
    into = [other for other in schema.references_to(fk.child) if ours & set(map(folded, other.parent_columns))]
    return bool(others or into)


def _is_uncertain(schema: Schema, statement: Statement) -> bool:
    """True if what a statement does depends on more than foreign keys."""
    table = schema.table(statement[0])
    if table is None or table.unreadable:
        return True
    odd = table.triggers or any(
        index.partial or any(c.expression or _is_computed(table, c) for c in index.columns) for index in table.indexes
    )
    # SQLite 3.40 looks for RESTRICT in the table brackets where the child table is called [brackets]
    odd = odd or any(
        "RESTRICT" in (fk.on_delete, fk.on_update) and fk.child[:1] in tuple("\"'`[")
        for fk in schema.references_to(statement[0])
    )
    if statement[1] is None:
        return bool(odd)
    decides = has_words(table.sql, "check") or has_words(table.sql, "on", "conflict")
    return bool(odd) or table.strict or decides or _computes(table)


def _is_computed(table: Table, indexed: IndexColumn) -> bool:
    column = table.column(indexed.name) if indexed.name is not None else None
    return column is not None and column.generated


def _computes(table: Table) -> bool:
    return any(column.generated for column in table.columns)


def _reference(walk: Walk, fk: ForeignKey, rows: int, reason: str) -> Blocker:
    deferred = bool(fk.deferrable) and fk.on_delete == "NO ACTION"
    stage = Stage.COMMIT if deferred else Stage.STATEMENT if fk.on_delete == "NO ACTION" else Stage.AT_ONCE
    refer = "1 row refers" if rows == 1 else f"{rows:,} rows refer"
    message = f"{refer} to {_referred_to(walk, fk, rows)}, ON DELETE {fk.on_delete}"
    return Blocker(
        "reference", *fk.subject, f"{message}: {reason}" if reason else message, stage, (DELETE,), rows,
        fk.on_delete, walk.sample(fk),
    )  # fmt: skip


def _referred_to(walk: Walk, fk: ForeignKey, rows: int) -> str:
    """What the rows of a relationship that stay refer to: ``it``, or what goes along with it by CASCADE, or both."""
    target, first = walk.target, walk.staying_at_first(fk)
    it = "it" if isinstance(target, Target) else "them"
    if first == rows:
        return it
    total, some = walk.goes_along(fk)
    if total == 1 and not first and isinstance(target, Target):
        itself = f"{target.table.name} {pairs_text(target.key)}"
        return f"{fk.parent} {pairs_text(some[0])}, which goes along with {itself}"
    keys = "; ".join(map(pairs_text, some)) + (", …" if total > len(some) else "")
    along = f"rows of {fk.parent} that would go along with {it}" + (f" ({keys})" if keys else "")
    return f"{it}, or to {along}" if first else along


def _unusable(schema: Schema, fk: ForeignKey) -> Blocker:
    kind, reason = why_unusable(schema, fk)
    return Blocker(
        kind, *fk.subject, f"it {reason}, so SQLite refuses every such statement; no row is at fault", Stage.PREPARE,
        (DELETE,), 0, fk.on_delete,
    )  # fmt: skip


def note_circle(connection: sqlite3.Connection, schema: Schema, target: Target, ruling: Ruling) -> None:
    """Say so where the rows that would have to go first refer to the row and it to them, and nothing is deferred."""
    immediate = {"NO ACTION", "RESTRICT"}
    if not any(blocker.stage in (Stage.AT_ONCE, Stage.STATEMENT) for blocker in ruling.blockers):
        return
    circle = Walk(
        connection,
        schema,
        target,
        lambda fk: fk.on_delete in immediate and not fk.deferrable,
        word="why_circle",
        deepest=MOST_LEVELS,
    )
    try:
        circle.run()
        back = [fk for fk in circle.refers_back() if fk.on_delete in immediate and not fk.deferrable]
    finally:
        circle.close()
    if not back:
        return
    note = (
        f"; {target.table.name} refers back by {', '.join(back[0].child_columns)}: a circle of keys that are not"
        " deferrable, in which none can go first; no row is at fault"
    )
    ruling.blockers = [
        replace(b, message=b.message + note) if b.stage in (Stage.AT_ONCE, Stage.STATEMENT) else b
        for b in ruling.blockers
    ]


# -- editing ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ColumnEdit:
    """Whether a column of the row can be written as it is, with foreign keys on and off; None: could not tell."""

    column: str
    enforced: bool | None
    unenforced: bool | None
    message: str = ""


def rule_on_edit(connection: sqlite3.Connection, schema: Schema, target: Target) -> tuple[list[Blocker], bool]:
    """What keeps the columns of a row from being written, though they keep their values, and whether that is all."""
    found: dict[int, tuple[ForeignKey, list[str]]] = {}
    certain = True
    table = target.table
    own = table.foreign_keys
    orphaned = [fk for fk in own if fk.fault is None and _is_orphan(connection, schema, target, fk)]
    lost: dict[int, list[str]] = {}
    theirs = {id(fk) for fk in orphaned}
    for column in writable(table):
        written = frozenset({folded(column)})
        faulty, statements = prepared(schema, table.name, written)
        certain = certain and not any(_is_uncertain(schema, statement) for statement in statements)
        for fk in faulty:
            found.setdefault(id(fk), (fk, []))[1].append(column)
        for fk in _concerned(schema, folded(table.name), written)[0] if orphaned else ():
            if id(fk) in theirs:
                lost.setdefault(id(fk), []).append(column)
    blockers = []
    for fk, columns in found.values():
        kind, reason = why_unusable(schema, fk)
        message = f"it {reason}, so {', '.join(columns)} cannot be written in any row; no row is at fault"
        blockers.append(
            Blocker(kind, *fk.subject, message, Stage.PREPARE, (EDIT,), 0, fk.on_delete, written=tuple(columns))
        )
    for fk in orphaned:
        blockers.append(_own_orphan(connection, schema, target, fk, tuple(lost.get(id(fk), fk.child_columns))))
    odd = any(fk.fault is None and folded(fk.parent) == folded(fk.child) and child_match(schema, fk) for fk in own)
    return blockers, certain and not odd and not _lacks_a_value(connection, target)


def _lacks_a_value(connection: sqlite3.Connection, target: Target) -> bool:
    """True if a column of the row that may not be NULL is: then no rule of foreign keys is what matters."""
    columns = [column.name for column in target.table.columns if column.not_null]
    if not columns:
        return False
    lacking = any_of([f"typeof(c.{quote(name)}) = 'null'" for name in columns])
    sql = f"SELECT {lacking} FROM {quote(target.table.name)} AS c WHERE {target.condition('c')}"
    return bool(connection.execute(sql).fetchone()[0])


def writable(table: Table) -> tuple[str, ...]:
    """The columns of a table that an UPDATE can name."""
    return tuple(column.name for column in table.columns if not column.generated)


def _is_orphan(connection: sqlite3.Connection, schema: Schema, target: Target, fk: ForeignKey) -> bool:
    """True if the row has no parent.

    Raises:
        Refused: where the parents cannot be read.
    """
    parent = schema.known_table(fk.parent)
    if parent.unreadable:
        raise Refused(f"it refers to {parent.name}, which cannot be read: {parent.unreadable}")
    sql = f"SELECT count(*) FROM {quote(fk.child)} AS c WHERE {target.condition('c')} AND {orphan(schema, fk)}"
    return bool(connection.execute(sql).fetchone()[0])


def _own_orphan(
    connection: sqlite3.Connection, schema: Schema, target: Target, fk: ForeignKey, written: tuple[str, ...]
) -> Blocker:
    row = connection.execute(
        f"SELECT {names(fk.child_columns, 'c')} FROM {quote(fk.child)} AS c WHERE {target.condition('c')}"
    ).fetchone()
    message = f"the row itself has no parent in {fk.parent}"
    if other := _meant(connection, schema, fk):
        message += f"; every row without one has it in {other}: the key refers to the wrong table, no row is at fault"
    return Blocker(
        "own-orphan", *fk.subject, f"{message}; writing {', '.join(written)} fails even with the value it has",
        Stage.COMMIT if fk.deferrable else Stage.STATEMENT, (EDIT,), 1, fk.on_delete,
        (Row(target.key, tuple(zip(fk.child_columns, row, strict=True))),), written,
    )  # fmt: skip


def _meant(connection: sqlite3.Connection, schema: Schema, fk: ForeignKey) -> str | None:
    """Another table of a like name in which all orphans of a relationship have a parent."""
    if len(fk.child_columns) != 1:
        return None
    for table in schema.tables:
        key = people_key(table) if table.kind == "table" else ()
        if folded(table.name) == folded(fk.parent) or len(key) != 1 or not table.primary_key:
            continue
        if folded(table.name).rsplit("_")[-1] != folded(fk.parent).rsplit("_")[-1]:
            continue
        other = ForeignKey(fk.child, fk.child_columns, table.name, key, "NO ACTION", "NO ACTION", (None,))
        sql = (
            f"SELECT count(*) FROM {quote(fk.child)} AS c WHERE {orphan(schema, fk)} AND NOT EXISTS"
            f" (SELECT 1 FROM {quote(table.name)} AS p WHERE {match_parent(other)})"
        )
        if not connection.execute(sql).fetchone()[0]:
            return table.name
    return None


def merged(blockers: Iterable[Blocker]) -> tuple[Blocker, ...]:
    """Blockers in the order in which they block, one for each relationship and kind."""
    found: dict[object, Blocker] = {}
    for blocker in sorted(blockers, key=lambda b: (DELETE not in b.blocks, b.stage)):
        key = (blocker.kind, blocker.table, blocker.columns, blocker.parent, blocker.parent_columns, blocker.name)
        known = found.get(key)
        if known is None:
            found[key] = blocker
            continue
        both = tuple(word for word in (DELETE, EDIT) if word in known.blocks + blocker.blocks)
        written = known.written or blocker.written
        message = known.message if blocker.kind != "own-orphan" else blocker.message
        found[key] = replace(known, blocks=both, written=written, message=message)
    return tuple(found.values())
