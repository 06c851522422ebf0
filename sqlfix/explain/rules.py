"""What keeps a row from being deleted or edited, by the rules of SQLite's foreign keys.

The rules are those of https://www.sqlite.org/foreignkeys.html and of fkey.c, in the order in which they take effect:
what fails when the statement is prepared (a key that SQLite cannot use, for any row), what fails at once (RESTRICT, a
NULL where there may be none), at the end of the statement (NO ACTION), and at COMMIT (DEFERRABLE INITIALLY DEFERRED).
"""

from collections import deque
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace

from sqlfix.errors import Refused
from sqlfix.explain.answers import DELETE, EDIT, Blocker, Effect, Stage
from sqlfix.model.findings import Row
from sqlfix.model.schema import ForeignKey, Schema, Table
from sqlfix.model.values import Value, folded
from sqlfix.plan.delete_closure import MOST_LEVELS, DeleteClosure, child_match
from sqlfix.plan.row_deletion import by_cascade, on_delete
from sqlfix.schema.database import Database
from sqlfix.schema.rows import Target
from sqlfix.schema.writable_keys import computed
from sqlfix.sql.literals import any_of, names, quote
from sqlfix.sql.predicates import match_parent, orphan
from sqlfix.sql.tokens import has_words
from sqlfix.text import pairs_text, plural


@dataclass(slots=True)
class Ruling:
    """What the rules say; ``certain`` is False where only trying it out can tell."""

    blockers: list[Blocker] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)
    certain: bool = True


def rule_on_delete(database: Database, target: Target) -> Ruling:
    """What the rules say of deleting a row with foreign keys enforced."""
    with closing(DeleteClosure(database.connection, database.schema_with_text, target, by_cascade)) as walk:
        ruling = rule_on_walk(database.schema_with_text, walk.run())
        _note_circle(database, target, ruling)
    ruling.blockers.sort(key=lambda blocker: blocker.stage)
    return ruling


def rule_on_walk(schema: Schema, walk: DeleteClosure) -> Ruling:
    """What the rules say of deleting the rows from which a walk `by_cascade` has begun, with foreign keys enforced."""
    ruling = Ruling()
    started = folded(walk.target.table.name)
    faulty, statements = prepared(schema, started, None)
    ruling.blockers += [_unusable(schema, fk, DELETE, "SQLite refuses every such DELETE") for fk in faulty]
    ruling.certain = not any(is_uncertain(schema, statement) for statement in statements)
    for name in walk.gone_tables():
        rows = walk.gone(name) - (walk.first() if folded(name) == started else 0)
        if rows:
            ruling.effects.append(Effect(name, rows, "deleted"))
    for fk in walk.keys:
        if fk.on_delete != "CASCADE" and fk not in faulty and walk.met(fk):
            _rule_on(schema, walk, fk, ruling)
    if walk.blind or walk.levels >= MOST_LEVELS:
        ruling.certain = False
    if (ruling.effects or walk.first() > 1) and ruling.blockers:
        # SQLite counts violations, and a row that goes later and was an orphan itself takes one from the count
        ruling.certain = False
    return ruling


def _rule_on(schema: Schema, walk: DeleteClosure, fk: ForeignKey, ruling: Ruling) -> None:
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
    return not (collides or _is_shared(schema, fk) or is_uncertain(schema, (folded(child.name), columns)))


def _is_shared(schema: Schema, fk: ForeignKey) -> bool:
    """True if columns of the key serve another relationship too, or the table has what an UPDATE could break."""
    ours = set(map(folded, fk.child_columns))
    child = schema.known_table(fk.child)
    others = [other for other in child.foreign_keys if other is not fk and ours & set(map(folded, other.child_columns))]
    into = [other for other in schema.references_to(fk.child) if ours & set(map(folded, other.parent_columns))]
    return bool(others or into)


def _reference(walk: DeleteClosure, fk: ForeignKey, rows: int, reason: str) -> Blocker:
    deferred = bool(fk.deferrable) and fk.on_delete == "NO ACTION"
    stage = Stage.COMMIT if deferred else Stage.STATEMENT if fk.on_delete == "NO ACTION" else Stage.AT_ONCE
    who = plural(rows, "row references", "rows reference")
    message = f"{who} {_referred_to(walk, fk, rows)}, ON DELETE {fk.on_delete}"
    return Blocker(
        "reference", *fk.subject, f"{message}: {reason}" if reason else message, stage, (DELETE,), rows,
        fk.on_delete, walk.sample(fk),
    )  # fmt: skip


def _referred_to(walk: DeleteClosure, fk: ForeignKey, rows: int) -> str:
    """What the rows of a relationship that stay refer to: ``it``, or what goes along with it by CASCADE, or both."""
    target, first = walk.target, walk.staying_at_first(fk)
    it = "it" if isinstance(target, Target) else "them"
    if first == rows:
        return it
    total, some = walk.goes_along(fk)
    if total == 1 and not first and isinstance(target, Target):
        itself = f"{target.table.name} {pairs_text(target.key)}"
        return f"{fk.parent} {pairs_text(some[0])}, which would be deleted with {itself}"
    keys = "; ".join(map(pairs_text, some)) + (", …" if total > len(some) else "")
    along = f"rows of {fk.parent} that would be deleted with {it}" + (f" ({keys})" if keys else "")
    return f"{it}, or {along}" if first else along


def _unusable(schema: Schema, fk: ForeignKey, blocks: str, so: str, written: tuple[str, ...] = ()) -> Blocker:
    kind, reason = why_unusable(schema, fk)
    message = f"this foreign key {reason}, so {so}; no row is at fault"
    return Blocker(kind, *fk.subject, message, Stage.PREPARE, (blocks,), 0, fk.on_delete, written=written)


def _note_circle(database: Database, target: Target, ruling: Ruling) -> None:
    """Say so where the rows that would have to go first refer to the row and it to them, and nothing is deferred."""
    if not any(blocker.stage in (Stage.AT_ONCE, Stage.STATEMENT) for blocker in ruling.blockers):
        return

    def at_once(fk: ForeignKey) -> bool:
        return fk.on_delete in ("NO ACTION", "RESTRICT") and not fk.deferrable

    with closing(DeleteClosure(database.connection, database.schema_with_text, target, at_once)) as circle:
        back = [fk for fk in circle.run(MOST_LEVELS).refers_back() if at_once(fk)]
    if not back:
        return
    note = (
        f"; {target.table.name}.{', '.join(back[0].child_columns)} references back: the foreign keys form a circle and"
        " are not deferrable, so no row can be deleted first; no row is at fault"
    )
    ruling.blockers = [
        replace(b, message=b.message + note) if b.stage in (Stage.AT_ONCE, Stage.STATEMENT) else b
        for b in ruling.blockers
    ]


# -- what SQLite prepares with a statement, and the keys on which that fails whatever the rows hold ---------------

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


# -- what keeps a row from being edited ---------------------------------------------------------------------------


def rule_on_edit(database: Database, target: Target) -> tuple[list[Blocker], bool]:
    """What keeps the columns of a row from being written, though they keep their values, and whether that is all."""
    schema, table, certain = database.schema_with_text, target.table, True
    found: dict[ForeignKey, list[str]] = {}
    orphaned = [fk for fk in table.foreign_keys if fk.fault is None and _is_orphan(database, target, fk)]
    for column in table.writable:
        faulty, statements = prepared(schema, table.name, frozenset({folded(column)}))
        certain = certain and not any(is_uncertain(schema, statement) for statement in statements)
        for fk in faulty:
            found.setdefault(fk, []).append(column)
    blockers = [
        _unusable(schema, fk, EDIT, f"{', '.join(columns)} cannot be written in any row", tuple(columns))
        for fk, columns in found.items()
    ]
    touching = _touching(database, table) if orphaned else {}
    blockers += (_own_orphan(database, target, fk, tuple(touching.get(fk, fk.child_columns))) for fk in orphaned)
    odd = any(
        fk.fault is None and folded(fk.parent) == folded(fk.child) and child_match(schema, fk)
        for fk in table.foreign_keys
    )
    return blockers, certain and not odd and not _lacks_a_value(database, target)


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
    for column in table.writable:
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
