"""The way out: the smallest ordered script that deletes one row and leaves nothing hanging.

What becomes of the rows that refer to it is decided as in a repair: the schema's own ON DELETE first, then the policy
of `sqlfix.plan.defaults`. Rows that stay are set free first, then rows go, those that refer before those that are
referred to, and the row itself last. The statements are those of a plan, so they run through the same machinery as a
repair.
"""

import sqlite3
from contextlib import closing
from dataclasses import dataclass

from sqlfix.frozen import frozen
from sqlfix.model.graph import parents_first
from sqlfix.model.plans import Change, Fix, Plan
from sqlfix.model.schema import ForeignKey, Schema
from sqlfix.model.values import Applicability, folded, grouped
from sqlfix.plan.apply import FixFailed
from sqlfix.plan.defaults import Decision, decide
from sqlfix.plan.delete_closure import DeleteClosure
from sqlfix.plan.fix import FIXES
from sqlfix.plan.rehearsal import plan_changes
from sqlfix.scan.run import scan
from sqlfix.scan.scope import Scope
from sqlfix.schema.bookkeeping import is_bookkeeping
from sqlfix.schema.leftovers import CHECK, left_alone, leftover_of, why_no_trigger
from sqlfix.schema.rows import Target
from sqlfix.schema.writable_keys import default_values
from sqlfix.sql.literals import free_name, names, quote
from sqlfix.sql.predicates import cycle_tables, gather_beneath, gathered_keys, has_values, in_rows, match_parent

MOST_PATHS = 6
"""How many ways may lead from the row to a table before its rows are gathered in a temporary table instead."""
MOST_DEEP = 12
"""How many tables may stand between the row and another one, likewise: each is a query within a query."""


@frozen
class WayOut:
    """The fixes that delete a row, in order; without any, ``reason`` says why there is no way."""

    fixes: tuple[Fix, ...] = ()
    reason: str = ""

    @property
    def statements(self) -> tuple[str, ...]:
        """All statements, in order."""
        return tuple(statement for fix in self.fixes for statement in fix.statements)


def find_way_out(connection: sqlite3.Connection, schema: Schema, target: Target) -> WayOut:
    """Decide what becomes of every row that refers to one, to the end, and write the statements."""
    if is_bookkeeping(target.table.name):
        return WayOut(reason=f"{target.table.name} is a framework's own bookkeeping and is never changed")
    chosen = {id(fk): _choose(schema, fk) for fk in schema.foreign_keys if fk.fault is None}
    closure = DeleteClosure(connection, schema, target, lambda fk: chosen[id(fk)].fix == "delete-rows", False)
    with closing(closure) as walk:
        walk.run()
        for fk in (fk for fk in walk.keys if walk.staying(fk) and chosen[id(fk)].fix is None):
            return WayOut(reason=f"{fk.child}.{', '.join(fk.child_columns)} references it: {chosen[id(fk)].reason}")
        for fk in walk.blind.values():
            return WayOut(reason=f"the rows of {fk.child} cannot be checked or identified")
        for fk in (fk for fk in schema.foreign_keys if fk.fault is not None and walk.leaves_hanging(fk)):
            known = f"{fk.child}.{', '.join(fk.child_columns)} references it, or may"
            return WayOut(reason=f"{known}, by a key that SQLite cannot use: sqlfix repair-schema comes first")
        fixes = tuple(_Writer(schema, target, walk, chosen).fixes())
    reason = _why_unfinished(connection, schema, fixes)
    return WayOut(reason=reason) if reason else WayOut(fixes)


def _why_unfinished(connection: sqlite3.Connection, schema: Schema, fixes: tuple[Fix, ...]) -> str:
    """Why some fix may not be: a migration was not finished, and it would change what that left; or empty.

    The row that was asked about may be one of the table that is rebuilt, but of no leftover.
    """
    leftovers = {folded(table.name) for table in schema.tables if leftover_of(schema, table)}
    if not leftovers:
        return ""
    alone = left_alone(schema, scan(connection, schema, "", Scope((CHECK,))).findings)
    for fix in fixes:
        name, deletes = folded(fix.table), fix.kind == "delete"
        spared = alone.get(name) if name in leftovers or fix is not fixes[-1] else None
        if spared and (deletes or not spared.only_deletes):
            return spared.reason
        if reason := why_no_trigger(schema, alone, fix.table, "delete" if deletes else "update"):
            return reason
    return ""


def _choose(schema: Schema, fk: ForeignKey) -> Decision:
    if by_cascade(fk) and not is_bookkeeping(fk.child):
        return Decision("delete-rows", Applicability.DECLARED)
    return decide(schema, fk, "orphan-rows")


class _Writer:
    """Writes the statements for what a walk has found."""

    def __init__(self, schema: Schema, target: Target, walk: DeleteClosure, chosen: dict[int, Decision]) -> None:
        self.schema = schema
        self.target = target
        self.walk = walk
        self.chosen = chosen
        met = [fk for fk in walk.keys if walk.met(fk)]
        self.going = [fk for fk in met if chosen[id(fk)].fix == "delete-rows"]
        self.staying = [fk for fk in met if chosen[id(fk)].fix != "delete-rows" and walk.staying(fk)]
        self.parents = grouped((fk.child, fk.parent) for fk in self.going)
        # the tables that lose rows beside the row itself, those that refer before those that are referred to
        components = parents_first(list(self.parents), self.parents)
        self.order = [name for component in reversed(components) for name in component]
        self.gathered = free_name(schema, "sqlfix_going") if self._is_tangled() else None

    def fixes(self) -> list[Fix]:
        """Those that set free, then those that delete, then the row itself."""
        found = [self._set_free(fk) for fk in self.staying]
        found += [self._delete(name) for name in self.order]
        found.append(self._delete_target())
        if self.gathered:  # the keys of all rows that go, the row itself excepted
            inside = [(fk, self._refers_to_row(fk)) for fk in self.going]
            found[0] = found[0].between(gather_beneath(self.schema, self.gathered, inside), ())
            found[-1] = found[-1].between((), [f"DROP TABLE temp.{self.gathered}"])
        return found

    # -- in which order -------------------------------------------------------------------------------------------

    def _is_tangled(self) -> bool:
        """True if a table is reached in a circle or in many ways: then no condition on paths is short or right."""
        root = self.target.table.name
        if any(folded(fk.child) == folded(root) for fk in self.going):
            return True
        components = parents_first([root, *self.order], self.parents)
        if any(len(component) > 1 for component in components) or any(fk.child == fk.parent for fk in self.going):
            return True
        paths, depth = {root: 1}, {root: 0}
        for name in reversed(self.order):
            paths[name] = sum(paths.get(parent, 0) for parent in self.parents[name])
            depth[name] = max(depth.get(parent, 0) for parent in self.parents[name]) + 1
        return max(paths.values()) > MOST_PATHS or max(depth.values()) > MOST_DEEP

    # -- which rows -----------------------------------------------------------------------------------------------

    def _refers_to_row(self, fk: ForeignKey) -> str:
        """True of the first rows: those that refer to the row itself."""
        if folded(fk.parent) != folded(self.target.table.name):
            return "0"
        return (
            f"EXISTS (SELECT 1 FROM {quote(fk.parent)} AS p WHERE {match_parent(fk)} AND {self.target.condition('p')})"
        )

    def _goes(self, name: str, alias: str = "c") -> str:
        """True of the rows of a table that go, the row itself among them."""
        table = self.schema.known_table(name)
        itself = self.target.condition(alias) if folded(name) == folded(self.target.table.name) else ""
        if self.gathered and name in self.order:
            goes = self._is_gathered(name, alias)
            return f"({itself} OR {goes})" if itself else goes
        if itself:
            return itself
        ways = [self._refers(fk) for fk in self.going if fk.child == name]
        inner = ways[0] if len(ways) == 1 else " OR ".join(f"({way})" for way in ways)
        if alias == "c":
            return f"({inner})" if len(ways) > 1 else inner
        return in_rows(table, alias, f"SELECT {names(table.row_id, 'c')} FROM {quote(name)} AS c WHERE {inner}")

    def _is_gathered(self, name: str, alias: str) -> str:
        table = self.schema.known_table(name)
        place = cycle_tables(self.going).index(name)
        return in_rows(table, alias, f"SELECT {gathered_keys(table)} FROM temp.{self.gathered} WHERE t = {place}")

    def _refers(self, fk: ForeignKey) -> str:
        """True of the child rows that refer to a row that goes."""
        goes = self._goes(fk.parent, "p")
        return f"EXISTS (SELECT 1 FROM {quote(fk.parent)} AS p WHERE {match_parent(fk)} AND {goes})"

    # -- the fixes ------------------------------------------------------------------------------------------------

    def _set_free(self, fk: ForeignKey) -> Fix:
        decision = self.chosen[id(fk)]
        rule = FIXES[decision.fix or ""]
        values = default_values(self.schema, fk) if rule.name == "set-default" else ()
        condition = self._refers(fk)
        goes = {folded(name) for name in (self.target.table.name, *self.order)}
        if folded(fk.child) in goes:
            condition += f" AND NOT ({self._goes(fk.child)})"
        return rule.step(
            self.schema,
            fk.subject,
            rule.change(self.schema, fk, condition, values),
            rows=self.walk.staying(fk),
            applicability=decision.applicability,
            value=", ".join(values) or None,
            why=self._because(fk),
        )

    def _because(self, fk: ForeignKey) -> str:
        if folded(fk.parent) == folded(self.target.table.name):
            return "the referenced row is to be deleted"
        return f"the referenced rows of {fk.parent} are deleted as well"

    def _delete(self, name: str) -> Fix:
        keys = [fk for fk in self.going if fk.child == name]
        link = self.schema.join_table(name)
        own = folded(name) == folded(self.target.table.name)
        condition = self._goes(name)
        if own:
            condition = f"{self._is_gathered(name, 'c')} AND NOT ({self.target.condition()})"
        rows = self.walk.gone(name) - own
        return FIXES["delete-rows"].step(
            self.schema,
            keys[0].subject,
            Change("delete", name, condition),
            rows=rows,
            applicability=max(self.chosen[id(fk)].applicability for fk in keys),
            link_rows=link is not None,
            carries_data=link is not None and link.carries_data,
            why=f"{'it references' if rows == 1 else 'they reference'} what is deleted"
            f" ({', '.join(', '.join(fk.child_columns) for fk in keys)})",
        )

    def _delete_target(self) -> Fix:
        name, key = self.target.table.name, tuple(column for column, _ in self.target.key)
        return FIXES["delete-rows"].step(
            self.schema,
            (name, key, name, key),
            Change("delete", name, self.target.condition()),
            rows=1,
            why="it is the row that was asked about",
        )


# -- the plan -----------------------------------------------------------------------------------------------------


def plan_of_way_out(copy: sqlite3.Connection, schema: Schema, database: str, way: WayOut) -> Plan:
    """The plan that a repair carries out, with the figures of a rehearsal on a private copy.

    Raises:
        FixFailed: at the first statement that SQLite refuses.
    """
    plan = plan_changes(copy, schema, database, way.fixes)
    for place, (meant, done) in enumerate(zip(way.fixes, plan.fixes, strict=True)):
        if done.rows > meant.rows:
            problem = f"it would affect {done.rows:,} rows, but {meant.rows:,} were found"
            raise FixFailed(place, meant, sqlite3.OperationalError(problem))
    if plan.fixes[-1].rows != 1:
        raise FixFailed(len(plan.fixes) - 1, way.fixes[-1], sqlite3.OperationalError("a trigger prevents the delete"))
    return plan


# -- what ON DELETE of a relationship does to the rows that refer to a row that goes ------------------------------
# The rules are those of https://www.sqlite.org/foreignkeys.html#fk_actions.


@dataclass(frozen=True, slots=True)
class OnDelete:
    """What becomes of the child rows.

    ``cascades`` says that they go as well; ``sets`` are the values, as SQL, that their key is set to. ``keeps`` is SQL
    that is true where they keep the parent row from going: ``1`` always, "" never; ``reason`` says why, and is empty
    where the action alone does. ``forbids_null`` says that the key would become NULL and may not: then SQLite's error
    is that of NOT NULL.
    """

    cascades: bool = False
    sets: tuple[str, ...] = ()
    keeps: str = ""
    reason: str = ""
    forbids_null: bool = False


def on_delete(schema: Schema, fk: ForeignKey, alive: str = "") -> OnDelete:
    """What ON DELETE of a relationship does.

    Args:
        alive: SQL, beginning with `` AND``, that is true of parent rows ``q`` that do not go; without it, none goes.
    """
    if by_cascade(fk):
        return OnDelete(cascades=True)
    if fk.on_delete not in ("SET NULL", "SET DEFAULT"):
        deferred = fk.deferrable and fk.on_delete == "NO ACTION"
        return OnDelete(keeps="1", reason="SQLite complains only at COMMIT" if deferred else "")
    values = default_values(schema, fk) if fk.on_delete == "SET DEFAULT" else ("NULL",) * len(fk.child_columns)
    if barred := _barred_from_null(schema, fk, values):
        return OnDelete(sets=values, keeps="1", reason=f"{barred} may not be NULL", forbids_null=True)
    if any(map(_is_null, values)):
        return OnDelete(sets=values)
    filled = " AND ".join(f"{value} IS NOT NULL" for value in values)
    none = f"NOT EXISTS (SELECT 1 FROM {quote(fk.parent)} AS q WHERE {has_values(fk, values, 'q')}{alive})"
    reason = f"the default {', '.join(values)} has no row in {fk.parent}"
    return OnDelete(sets=values, keeps=f"({filled} AND {none})", reason=reason)


def by_cascade(fk: ForeignKey) -> bool:
    """True for a relationship whose child rows SQLite itself deletes with their parent row."""
    return fk.on_delete == "CASCADE"


def _is_null(value: str) -> bool:
    """True for the SQL of a default that is NULL."""
    return value.strip("() ").upper() == "NULL"


def _barred_from_null(schema: Schema, fk: ForeignKey, values: tuple[str, ...]) -> str | None:
    """The first column of a key that would become NULL and may not."""
    child = schema.known_table(fk.child)
    for name, value in zip(fk.child_columns, values, strict=True):
        column = child.column(name)
        if column and _is_null(value) and (column.not_null or folded(name) == folded(child.integer_key or "")):
            return name
    return None
