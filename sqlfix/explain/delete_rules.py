"""What keeps a row from being deleted, by the rules of SQLite's foreign keys.

The rules are those of https://www.sqlite.org/foreignkeys.html and of fkey.c, in the order in which they take effect:
what fails when the statement is prepared (a key that SQLite cannot use, for any row), what fails at once (RESTRICT, a
NULL where there may be none), at the end of the statement (NO ACTION), and at COMMIT (DEFERRABLE INITIALLY DEFERRED).
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, field, replace

from sqlfix.explain.answers import DELETE, Blocker, Effect, Stage
from sqlfix.explain.prepared import is_uncertain, prepared, why_unusable
from sqlfix.model.schema import ForeignKey, Schema
from sqlfix.model.values import folded
from sqlfix.plan.delete_closure import MOST_LEVELS, DeleteClosure, child_match
from sqlfix.plan.on_delete import by_cascade, on_delete
from sqlfix.schema.database import Database
from sqlfix.schema.rows import Target
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
    ruling.blockers += [_unusable(schema, fk) for fk in faulty]
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


def _unusable(schema: Schema, fk: ForeignKey) -> Blocker:
    kind, reason = why_unusable(schema, fk)
    return Blocker(
        kind, *fk.subject, f"this foreign key {reason}, so SQLite refuses every such DELETE; no row is at fault",
        Stage.PREPARE, (DELETE,), 0, fk.on_delete,
    )  # fmt: skip


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
