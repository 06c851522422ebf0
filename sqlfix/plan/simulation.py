"""Working out, without writing to the database, what a set of rules does: how many rows, in which order, and beneath.

The rows that would be deleted are gathered in temporary tables by their keys, in the order of the plan: parents
before children. So the figures of a plan are those of its statements, for orphans of orphans to any depth.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace

from sqlfix.model.graph import parents_first
from sqlfix.model.schema import ForeignKey, Schema, Table
from sqlfix.model.values import Subject, folded
from sqlfix.plan.defaults import choose_for
from sqlfix.plan.policy import Rule, Seen, written_columns
from sqlfix.scan.candidates import Look
from sqlfix.scan.run import count_rows
from sqlfix.sql.key_spelling import misspelled
from sqlfix.sql.literals import any_of, names, quote
from sqlfix.sql.own_names import free_name
from sqlfix.sql.predicates import (
    ALL_ALIVE,
    affinity,
    beneath,
    cycle_tables,
    gather_beneath,
    gathered_keys,
    has_key,
    in_doomed,
    in_rows,
    is_gathered,
    is_row_of,
    match_parent,
    orphan,
    refers_to_some,
    stored,
    told_by,
)

Rules = Mapping[Subject, tuple[Rule, ...]]
"""The rules of each sound relationship, by its subject."""


_Delete = tuple[ForeignKey, Rule]

MOST_ANEW = 12
"""Of how many relationships a cycle may be for its rows to be looked for anew by the statement of each table."""
MOST_TOLD_APART = 40
"""How many keys of a table may be changed for its rows to be told apart by one query; SQLite compiles one for each."""
MOST_ROUNDS = 20
"""How often the tables of a cycle are gone through for rows that were spared; more than two are hardly ever needed."""


@dataclass(frozen=True, slots=True)
class Step:
    """A rule that has something to do: on how many rows, and the condition that picks them.

    ``rows`` is counted at the step's turn, so rows that an earlier step deleted are not in it. ``follows`` says
    how many of them were no orphans before: they lose their parent through an earlier step. ``before`` and ``after``
    are statements that change no row, to be run before its own and after it.
    """

    rule: Rule
    rows: int
    condition: str
    follows: int
    covers: tuple[ForeignKey, ...]
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Conflict:
    """A rule that would leave rows behind without a parent: what is to be held back instead, and why.

    ``only`` is the name of the fix where the other fixes of the relationship are not concerned.
    """

    subject: Subject
    reason: str
    hint: str | None = None
    only: str | None = None


@dataclass(slots=True)
class Outcome:
    """What a simulation saw.

    ``changed`` says of a table that several steps change how many rows these are: one row may lose several keys. Where
    these are more than `MOST_TOLD_APART` it is not said.
    """

    steps: list[Step] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)
    deleted: dict[str, int] = field(default_factory=dict)
    changed: dict[str, int] = field(default_factory=dict)
    remaining: dict[Subject, int] = field(default_factory=dict)


class Simulation:
    """The temporary tables of one run over one read-only connection."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        schema: Schema,
        rules: Rules,
        seen: Mapping[Subject, Seen],
        look: Look | None = None,
    ) -> None:
        """Take note of what is to be simulated.

        Args:
            seen: what a scan saw of each relationship that has orphans.
            look: the look that it took first, which spares reading rows that cannot be orphans.
        """
        self.connection = connection
        self.schema = schema
        self.rules = rules
        self.seen = seen
        self.look = look
        self.doomed: dict[str, str] = {}
        self.suspects: dict[ForeignKey, str] = {}
        self.outcome = Outcome()
        self.keys: dict[Subject, ForeignKey] = {}  # of several declarations of the same key the first one counts
        for fk in schema.foreign_keys:
            if fk.subject in rules and fk.fault is None:
                self.keys.setdefault(fk.subject, fk)
        self._of_child: dict[str, list[ForeignKey]] = {}
        for fk in self.keys.values():
            self._of_child.setdefault(fk.child, []).append(fk)
        self._places: dict[str, list[int]] = {}
        self._changes: dict[str, list[tuple[ForeignKey, Rule]]] = {}

    def run(self) -> Outcome:
        """Deletes first, parents before children; then the changes, to the rows that still stand.

        Before all else goes what is deleted for having no parent now, where what loses its parent is not deleted.
        """
        deletes = [(fk, rule) for fk in self._in_order() for rule in self._rules(fk) if rule.fix == "delete-rows"]
        now = [(fk, rule) for fk, rule in deletes if rule.when == "now" and rule.rows(self._seen(fk))]
        for component, some in reversed(self._by_component(now)):
            self._delete_now(some, component)
        for component, some in self._by_component([(fk, rule) for fk, rule in deletes if rule.when != "now"]):
            self._delete(component, some)
        for fk in self._in_order():
            self._change(fk)
        for table, emptied in self._changes.items():
            if 1 < len(emptied) <= MOST_TOLD_APART:
                met = (f"{rule.condition(self.schema, self.alive)}{self._possible(fk)}" for fk, rule in emptied)
                one_of_them = any_of([f"({condition})" for condition in met])
                self.outcome.changed[table] = self._count(table, f"({one_of_them}){self.alive(table, 'c')}")
        for fk in self._in_order():
            self._settle(fk)
            self._settle_spared(fk)
        for fk in self.schema.foreign_keys:
            self._settle_faulty(fk)
        return self.outcome

    def close(self) -> None:
        """Drop the temporary tables."""
        for name in (*self.doomed.values(), *self.suspects.values()):
            with suppress(sqlite3.OperationalError):  # after another error, which must not be hidden by this one
                self.connection.execute(f"DROP TABLE {name}")
        self.doomed.clear()
        self.suspects.clear()

    def _possible(self, fk: ForeignKey) -> str:
        """SQL that is true of all rows that can be orphans now, and is quicker than the rule; beginning with AND.

        They are those that a look suspected, and the children of rows that are to be deleted.
        """
        table, suspects = self.schema.table(fk.child), self.look.suspects.get(fk) if self.look else None
        if suspects is None or suspects.rows is None or table is None:
            return ""
        if fk not in self.suspects:
            name = self.suspects[fk] = "temp." + free_name(self.schema, f"sqlfix_suspects_{len(self.suspects)}")
            self.connection.execute(f"DROP TABLE IF EXISTS {name}")
            self.connection.execute(f"CREATE TEMP TABLE {name.split('.')[1]} (id INTEGER PRIMARY KEY)")
            self.connection.executemany(f"INSERT OR IGNORE INTO {name} VALUES (?)", ((row,) for row in suspects.rows))
        suspected = f"c.{quote(table.row_id[0])} IN (SELECT id FROM {self.suspects[fk]})"
        doomed = self.doomed.get(folded(fk.parent))
        if doomed is None:
            return f" AND {suspected}"
        same = is_row_of(self._table(fk.parent), "p", "d")
        orphaned = refers_to_some(self.schema, fk, f"{doomed} AS d CROSS JOIN {quote(fk.parent)} AS p ON {same}")
        return f" AND ({suspected} OR {orphaned})"

    def alive(self, table: str, alias: str) -> str:
        """SQL that is true of a table's rows that are not to be deleted."""
        name = self.doomed.get(folded(table))
        if name is None:
            return ""
        # not NOT IN: for a key of two columns SQLite would read all of its list for each row
        return f" AND NOT EXISTS (SELECT 1 FROM {name} AS d WHERE {is_gathered(self._table(table), 'd', alias)})"

    def _by_component(self, deletes: list[_Delete]) -> list[tuple[tuple[str, ...], list[_Delete]]]:
        """The deletes of the tables that refer to one another by them together, parents before children."""
        parents: dict[str, list[str]] = {}
        for fk, _ in deletes:
            parents.setdefault(fk.child, []).append(fk.parent)
        tables = [table.name for table in self.schema.tables if table.kind == "table"]
        components = parents_first(tables, parents)
        place = {name: number for number, component in enumerate(components) for name in component}
        some: dict[int, list[_Delete]] = {}
        for fk, rule in deletes:
            some.setdefault(place[fk.child], []).append((fk, rule))
        return [(components[number], some[number]) for number in sorted(some)]

    # -- deleting -------------------------------------------------------------------------------------------------

    def _delete_now(self, deletes: list[tuple[ForeignKey, Rule]], component: tuple[str, ...]) -> None:
        """Orphans whose like, where they lose their parent by the plan, are not deleted: children before parents.

        So each finds the parents of its rows as they were. Of relationships that form a cycle only one can be the
        first: the orphans of the others are written down before.
        """
        inside = [pair for pair in deletes if pair[0].parent in component]
        first = len(self.outcome.steps)
        for fk, rule in [*inside, *(pair for pair in deletes if pair[0].parent not in component)]:
            table = self._table(fk.child)
            condition = rule.condition(self.schema)
            chosen = f"{condition}{self.alive(fk.child, 'c')}{self._possible(fk)}"
            keys = names(told_by(table), "c")
            rows = self._doom(fk.child, f"SELECT {keys} FROM {quote(fk.child)} AS c WHERE {chosen}")
            self._step(rule, rows, condition, (fk,), None)
        own = {id(rule) for _, rule in inside}
        ring = [place for place in range(first, len(self.outcome.steps)) if id(self.outcome.steps[place].rule) in own]
        if len(ring) > 1:
            self._write_down(ring)

    def _write_down(self, places: list[int]) -> None:
        """Have the first of some steps write down which rows the others take, and the last forget them."""
        steps, before, after = self.outcome.steps, [], []
        for place in places[1:]:
            table, condition = self._table(steps[place].rule.foreign_key.child), steps[place].condition
            name = free_name(self.schema, f"sqlfix_now_{place}")
            keys = ", ".join(f"c.{quote(column)} AS k{number}" for number, column in enumerate(told_by(table)))
            before += [
                f"DROP TABLE IF EXISTS temp.{name}",
                f"CREATE TEMP TABLE {name} AS SELECT {keys} FROM {quote(table.name)} AS c WHERE {condition}",
                f"CREATE INDEX temp.{name}_key ON {name} ({gathered_keys(table)})",
            ]
            after.append(f"DROP TABLE temp.{name}")
            listed = f"EXISTS (SELECT 1 FROM temp.{name} AS d WHERE {is_gathered(table, 'd', 'c')})"
            steps[place] = replace(steps[place], condition=listed)
        steps[places[0]] = replace(steps[places[0]], before=tuple(before))
        steps[places[-1]] = replace(steps[places[-1]], after=tuple(after))

    def _delete(self, component: tuple[str, ...], deletes: list[tuple[ForeignKey, Rule]]) -> None:
        inside = [(fk, rule) for fk, rule in deletes if fk.parent in component]
        for fk, rule in deletes:
            if fk.parent in component or not self._concerned(fk):
                continue
            condition = rule.condition(self.schema, self.alive) + self.alive(fk.child, "c") + self._possible(fk)
            columns = names(told_by(self._table(fk.child)), "c")
            direct = self._direct([(fk, rule)])
            rows = self._doom(fk.child, f"SELECT {columns} FROM {self._stored(fk.child)} WHERE {condition}")
            self._step(rule, rows, rule.condition(self.schema), (fk,), direct)
        if inside and any(self._concerned(fk) for fk, _ in inside):
            self._delete_cycle(inside)

    def _delete_cycle(self, inside: list[tuple[ForeignKey, Rule]]) -> None:
        """Orphans of relationships that form a cycle (a self-reference is the shortest), and all rows beneath."""
        if unaddressable := [fk for fk, _ in inside if not self._table(fk.child).row_id]:
            for fk in unaddressable:
                self._unaddressable(fk)
            return
        # a row that was spared because a parent is spelled like it loses that parent, too, if it is among the deleted
        again = any(rule.spare or rule.split for _, rule in inside)
        for _ in range(MOST_ROUNDS if again else 1):
            if not self._delete_round(inside):
                break

    def _delete_round(self, inside: list[tuple[ForeignKey, Rule]]) -> int:
        """One statement for each table of a cycle; the number of rows that they delete."""
        found = 0
        then = [(fk, rule.condition(self.schema)) for fk, rule in inside]
        order = cycle_tables([fk for fk, _ in inside])
        if len(inside) > MOST_ANEW:
            return self._delete_at_once(inside)
        for table in dict.fromkeys(fk.child for fk, _ in inside):
            # looked at anew for each table, as its statement will: rows whose parents an earlier one took are orphans
            now = [(fk, rule.condition(self.schema, self.alive) + self.alive(fk.child, "c")) for fk, rule in inside]
            keys = gathered_keys(self._table(table))
            direct = self._direct([(fk, rule) for fk, rule in inside if fk.child == table])
            rows = self._doom(
                table,
                f"{beneath(self.schema, now, self.alive)} SELECT {keys}"
                f" FROM {free_name(self.schema, 'doomed')} WHERE t = {order.index(table)}",
            )
            covers = tuple(fk for fk, _ in inside if fk.child == table)
            rule = next(rule for fk, rule in inside if fk.child == table)
            self._step(rule, rows, in_doomed(self.schema, table, then), covers, direct)
            found += rows
        return found

    def _delete_at_once(self, inside: list[_Delete]) -> int:
        """The same for a cycle of many relationships, of which the first statement writes all rows down."""
        name = free_name(self.schema, "sqlfix_beneath")
        now = [(fk, rule.condition(self.schema, self.alive) + self.alive(fk.child, "c")) for fk, rule in inside]
        for statement in gather_beneath(self.schema, name, now, self.alive):
            self.connection.execute(statement)
        of_table: dict[str, list[_Delete]] = {}
        for fk, rule in inside:
            of_table.setdefault(fk.child, []).append((fk, rule))
        places = {table: place for place, table in enumerate(cycle_tables([fk for fk, _ in inside]))}
        first, found = len(self.outcome.steps), 0
        for table, some in of_table.items():
            own = self._table(table)
            gathered = f"SELECT {gathered_keys(own)} FROM temp.{name} WHERE t = {places[table]}"
            direct = self._direct(some)
            rows = self._doom(table, gathered)
            self._step(some[0][1], rows, in_rows(own, "c", gathered), tuple(fk for fk, _ in some), direct)
            found += rows
        self.connection.execute(f"DROP TABLE temp.{name}")
        steps = self.outcome.steps
        if len(steps) > first:
            then = [(fk, rule.condition(self.schema)) for fk, rule in inside]
            steps[first] = replace(steps[first], before=tuple(gather_beneath(self.schema, name, then)))
            steps[-1] = replace(steps[-1], after=(f"DROP TABLE temp.{name}",))
        return found

    def _direct(self, rules: list[tuple[ForeignKey, Rule]]) -> int | None:
        """How many rows of the rules were orphans before; None where all of them were."""
        child = rules[0][0].child
        if not any(folded(fk.parent) in self.doomed or folded(fk.parent) == folded(child) for fk, _ in rules):
            return None
        conditions = any_of([f"({rule.condition(self.schema)}{self._possible(fk)})" for fk, rule in rules])
        return self._count(child, f"({conditions}){self.alive(child, 'c')}")

    def _unaddressable(self, fk: ForeignKey) -> None:
        reason = f"the rows of {fk.child} cannot be followed: it has columns named rowid, _rowid_ and oid"
        self.outcome.conflicts.append(Conflict(fk.subject, reason, only="delete-rows"))

    def _doom(self, table: str, select: str) -> int:
        name = self.doomed.get(folded(table))
        if name is None:
            name = "temp." + free_name(self.schema, f"sqlfix_doomed_{len(self.doomed)}")
            keys = gathered_keys(self._table(table))
            # without a key each of the rows that are alike stands there
            unique = f", PRIMARY KEY ({keys})" if self._table(table).row_id else ""
            self.connection.execute(f"DROP TABLE IF EXISTS {name}")
            self.connection.execute(f"CREATE TEMP TABLE {name.split('.')[1]} ({keys}{unique})")
            self.doomed[folded(table)] = name
        rows = self.connection.execute(f"INSERT OR IGNORE INTO {name} {select}").rowcount
        self.outcome.deleted[table] = self.outcome.deleted.get(table, 0) + rows
        return rows

    # -- changing -------------------------------------------------------------------------------------------------

    def _change(self, fk: ForeignKey) -> None:
        if not self._concerned(fk):
            return
        for rule in self._rules(fk):
            if rule.fix in (None, "delete-rows") or (rule.when == "later" and folded(fk.parent) not in self.doomed):
                continue
            direct = None
            if self._disturbed(fk):
                condition = rule.condition(self.schema, self.alive) + self.alive(fk.child, "c") + self._possible(fk)
                rows, direct = self._count(fk.child, condition), self._direct([(fk, rule)])
            else:
                rows = rule.rows(self.seen[fk.subject])
            if rows and rule.values and not self._has_parent(fk, rule.values):
                what = "its DEFAULT " if rule.fix == "set-default" else ""
                reason = f"{what}{', '.join(rule.values)} has no parent in {fk.parent}"
                self.outcome.conflicts.append(Conflict(fk.subject, reason, choose_for(self.schema, fk), rule.fix))
            self._step(rule, rows, rule.condition(self.schema), (fk,), direct)
            if rows:
                self._changes.setdefault(fk.child, []).append((fk, rule))

    def _has_parent(self, fk: ForeignKey, values: tuple[str, ...]) -> bool:
        """True if the values written have a parent that still stands; a NULL among them promises nothing.

        They are asked about as the child's columns will store them: a column of numbers makes 7 of '007'.
        """
        table = self.schema.table(fk.child)
        assert table is not None
        written = dict(zip(fk.child_columns, values, strict=True))  # FOREIGN KEY (a, a) is legal
        kinds = [affinity(column, table.strict) for name in written if (column := table.column(name))]
        stored = "temp." + free_name(self.schema, "sqlfix_written")
        columns = ", ".join(f"{quote(name)} {kind}" for name, kind in zip(written, kinds, strict=True))
        self.connection.execute(f"DROP TABLE IF EXISTS {stored}")
        self.connection.execute(f"CREATE TEMP TABLE {stored.split('.')[1]} ({columns})")
        self.connection.execute(f"INSERT INTO {stored} VALUES ({', '.join(written.values())})")
        nothing = any_of([f"c.{quote(name)} IS NULL" for name in fk.child_columns])
        return bool(
            self.connection.execute(
                f"SELECT {nothing} OR EXISTS (SELECT 1 FROM {quote(fk.parent)} AS p"
                f" WHERE {match_parent(fk)}{self.alive(fk.parent, 'p')}) FROM {stored} AS c"
            ).fetchone()[0]
        )

    # -- what is left ---------------------------------------------------------------------------------------------

    def _settle(self, fk: ForeignKey) -> None:
        """How many orphans a relationship has in the end; rows that lose their parent and stay are a conflict."""
        if not self._concerned(fk):
            return
        standing = self.alive(fk.child, "c")
        if not self._disturbed(fk):
            seen = self.seen[fk.subject]
            fixed = sum(rule.rows(seen) for rule in self._rules(fk) if rule.fix)
            self.outcome.remaining[fk.subject] = seen.orphans + seen.placeholders - fixed
            return
        if self._deleted_alone(fk):
            seen = self.seen[fk.subject]
            done = sum(step.rows for step in self._steps_of(fk.child) if fk in step.covers)
            self.outcome.remaining[fk.subject] = seen.orphans + seen.placeholders - done
            return
        changed = sum(
            step.rows for step in self._steps_of(fk.child) if fk in step.covers and step.rule.fix != "delete-rows"
        )
        orphans = self._count(fk.child, orphan(self.schema, fk, self.alive) + standing + self._possible(fk))
        self.outcome.remaining[fk.subject] = orphans - changed
        if folded(fk.parent) not in self.doomed or orphans == changed:
            return
        covered = "".join(
            f" AND NOT ({rule.condition(self.schema, self.alive)})"
            for rule in self._rules(fk)
            if rule.fix not in (None, "delete-rows")
        )
        covered += self._emptied(fk)
        fresh = f"NOT ({orphan(self.schema, fk)})"
        if spared := next((rule for rule in self._rules(fk) if rule.spare and rule.when == "now"), None):
            near, near_still = (misspelled(self.schema, fk, a, spared.carried) for a in (ALL_ALIVE, self.alive))
            fresh = f"({fresh} OR {near} AND NOT {near_still})"
        new = self._count(
            fk.child,
            f"{orphan(self.schema, fk, self.alive)} AND {fresh}{covered}{standing}{self._possible(fk)}",
        )
        if new:
            self._blame(fk, new)

    def _settle_spared(self, fk: ForeignKey) -> None:
        """What writes to the keys that spared rows resemble is a conflict: they would be orphans like others."""
        spared = next((rule for rule in self._rules(fk) if rule.spare), None)
        writing = [
            step
            for step in self._steps_of(fk.parent)
            if {*map(folded, written_columns(self.schema, step.rule))} & {*map(folded, fk.parent_columns)}
            and not (step.rule.chosen and step.rule.values)  # a value that was named for it
        ]
        if spared is None or not writing:
            return
        near = misspelled(self.schema, fk, self.alive, spared.carried)
        condition = f"{orphan(self.schema, fk, self.alive)} AND {near}{self.alive(fk.child, 'c')}{self._possible(fk)}"
        if not (rows := self._count(fk.child, condition)):
            return
        match = "1 row matches" if rows == 1 else f"{rows:,} rows match"
        place = f"{fk.child}.{', '.join(fk.child_columns)}"
        reason = f"it would change keys of {fk.parent} that {match} by {place} but for the spelling; that comes first"
        for step in writing:
            self.outcome.conflicts.extend(Conflict(key.subject, reason, only=step.rule.fix) for key in step.covers)

    def _emptied(self, fk: ForeignKey) -> str:
        """SQL that leaves out the rows that will refer to nothing: a fix of another key empties a shared column."""
        return "".join(
            f" AND NOT ({rule.condition(self.schema, self.alive)})"
            for other in self._of_child.get(fk.child, ())
            if other.subject != fk.subject
            for rule in self._rules(other)
            if rule.fix == "set-null" and set(written_columns(self.schema, rule)) & set(fk.child_columns)
        )

    def _settle_faulty(self, fk: ForeignKey) -> None:
        """Rows to be deleted while others may refer to them by a key that SQLite cannot use are a conflict."""
        child = self.schema.table(fk.child)
        if fk.fault is None or child is None or folded(fk.parent) not in self.doomed:
            return
        if rows := self._count(fk.child, has_key(child, fk) + self._emptied(fk) + self.alive(fk.child, "c")):
            self._blame(fk, rows, "a key that SQLite cannot use, so that nobody can check it")

    def _blame(self, fk: ForeignKey, rows: int, why: str = "") -> None:
        """The deletes of the parent's rows have to be held back: rows that stay refer to them."""
        why = why or next((rule.reason for rule in self._rules(fk) if rule.fix is None and rule.reason), "")
        refer = "1 row refers" if rows == 1 else f"{rows:,} rows refer"
        reason = f"it would delete rows of {fk.parent} to which {refer} by {fk.child}.{', '.join(fk.child_columns)}"
        reason += f" ({why})" if why else ""
        for step in self._steps_of(fk.parent):
            if step.rule.fix == "delete-rows":
                self.outcome.conflicts.extend(Conflict(key.subject, reason, only="delete-rows") for key in step.covers)

    # -- small questions ------------------------------------------------------------------------------------------

    def _in_order(self) -> list[ForeignKey]:
        return list(self.keys.values())

    def _rules(self, fk: ForeignKey) -> tuple[Rule, ...]:
        return self.rules.get(fk.subject, ())

    def _seen(self, fk: ForeignKey) -> Seen:
        return self.seen.get(fk.subject, Seen())

    def _concerned(self, fk: ForeignKey) -> bool:
        return fk.subject in self.seen or folded(fk.parent) in self.doomed

    def _disturbed(self, fk: ForeignKey) -> bool:
        """True if deletes have touched either end: else what the scan has counted still holds."""
        return folded(fk.child) in self.doomed or folded(fk.parent) in self.doomed

    def _deleted_alone(self, fk: ForeignKey) -> bool:
        """True if no rows were deleted at either end but orphans of this relationship, so that they need no count."""
        deletes = [step for step in self._steps_of(fk.child) if step.rule.fix == "delete-rows"]
        return (
            folded(fk.parent) not in self.doomed
            and fk.subject in self.seen
            and all(step.covers == (fk,) and not step.follows for step in deletes)
        )

    def _steps_of(self, table: str) -> list[Step]:
        """The steps that delete or change rows of a table."""
        return [self.outcome.steps[place] for place in self._places.get(folded(table), ())]

    def _table(self, name: str) -> Table:
        table = self.schema.table(name)
        assert table is not None
        return table

    def _count(self, table: str, condition: str) -> int:
        query = f"SELECT count(*) FROM {self._stored(table)} WHERE {condition}"
        return int(self.connection.execute(query).fetchone()[0])

    def _stored(self, name: str) -> str:
        """A table as ``c`` for a FROM clause, read from itself: what an index lacks must not vanish from a plan."""
        table = self.schema.table(name)
        return stored(table, "c") if table else f"{quote(name)} AS c"

    def _step(self, rule: Rule, rows: int, condition: str, covers: tuple[ForeignKey, ...], direct: int | None) -> None:
        if rows:
            follows = 0 if direct is None else max(rows - direct, 0)
            self._places.setdefault(folded(rule.foreign_key.child), []).append(len(self.outcome.steps))
            self.outcome.steps.append(Step(rule, rows, condition, follows, covers))


def half_of_table(connection: sqlite3.Connection, table: str, deleted: int) -> int | None:
    """The number of rows of a table of 100 rows or more of which more than half would go; None if it is not so."""
    before = count_rows(connection, table)
    return before if before >= 100 and deleted > before / 2 else None
