"""Working out, without writing to the database, what a set of rules does: how many rows, in which order, and beneath.

The rows that would be deleted are gathered in temporary tables by their keys, in the order of the plan: parents
before children. So the figures of a plan are those of its statements, for orphans of orphans to any depth.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from sqlfix.frozen import frozen
from sqlfix.model.graph import parents_first
from sqlfix.model.schema import ForeignKey
from sqlfix.model.values import Subject, folded, grouped
from sqlfix.plan.defaults import choose_for
from sqlfix.plan.doomed import Doomed
from sqlfix.plan.policy import Rule, Seen
from sqlfix.sql.literals import any_of, free_name, names, quote
from sqlfix.sql.predicates import (
    ALL_ALIVE,
    Alive,
    beneath,
    cycle_tables,
    gather_beneath,
    gathered_keys,
    has_values,
    in_doomed,
    in_rows,
    is_gathered,
    stored,
    told_by,
)
from sqlfix.sql.relinking import gather_pairs, gather_taken, is_taken
from sqlfix.sql.statements import gather
from sqlfix.sqlite.row_sets import as_child_stores

Rules = Mapping[Subject, tuple[Rule, ...]]
"""The rules of each sound relationship, by its subject."""


_Ruled = tuple[ForeignKey, Rule]

MOST_ANEW = 12
"""Of how many relationships a cycle may be for its rows to be looked for anew by the statement of each table."""
MOST_TOLD_APART = 40
"""How many keys of a table may be changed for its rows to be told apart by one query; SQLite compiles one for each."""
MOST_ROUNDS = 20
"""How often the tables of a cycle are gone through for rows that were spared; more than two are hardly ever needed."""


@frozen
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


@frozen
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
    these are more than `MOST_TOLD_APART` it is not said. ``same`` is how many orphans of a relationship do not get the
    key of their parent because the row would become the same as another one.
    """

    steps: list[Step] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)
    deleted: dict[str, int] = field(default_factory=dict)
    changed: dict[str, int] = field(default_factory=dict)
    remaining: dict[Subject, int] = field(default_factory=dict)
    same: dict[Subject, int] = field(default_factory=dict)


class Simulation:
    """One run of a set of rules.

    Args:
        doomed: none as yet; it tells which rows still stand, and has to be closed afterwards.
        seen: what a scan saw of each relationship that has orphans.
    """

    def __init__(self, doomed: Doomed, rules: Rules, seen: Mapping[Subject, Seen]) -> None:
        self.connection = doomed.connection
        self.schema = schema = doomed.schema
        self.rules = rules
        self.seen = seen
        self.doomed = doomed
        self.outcome = Outcome()
        self.keys: dict[Subject, ForeignKey] = {}  # of several declarations of the same key the first one counts
        for fk in schema.foreign_keys:
            if fk.subject in rules and fk.fault is None:
                self.keys.setdefault(fk.subject, fk)
        self.of_child = grouped((fk.child, fk) for fk in self.keys.values())
        self._places: dict[str, list[int]] = {}
        self._changes: dict[str, list[_Ruled]] = {}

    def run(self) -> None:
        """Deletes first, parents before children; then the changes, to the rows that still stand.

        Before all else goes what is deleted for having no parent now, where what loses its parent is not deleted.
        """
        deletes = [(fk, rule) for fk in self.keys.values() for rule in self.rules_of(fk) if rule.fix == "delete-rows"]
        now = [
            (fk, rule) for fk, rule in deletes if rule.when == "now" and rule.rows(self.seen.get(fk.subject, Seen()))
        ]
        for component, some in reversed(self._by_component(now)):
            self._delete_now(some, component)
        for component, some in self._by_component([(fk, rule) for fk, rule in deletes if rule.when != "now"]):
            self._delete(component, some)
        self._relink()
        for fk in self.keys.values():
            self._change(fk)
        for table, emptied in self._changes.items():
            if 1 < len(emptied) <= MOST_TOLD_APART:
                self.outcome.changed[table] = self._count_any(emptied, self.doomed.alive)

    # -- small questions ------------------------------------------------------------------------------------------

    def rules_of(self, fk: ForeignKey) -> tuple[Rule, ...]:
        """The rules of a relationship, if it is a sound one."""
        return self.rules.get(fk.subject, ())

    def steps_of(self, table: str) -> list[Step]:
        """The steps that delete or change rows of a table."""
        return [self.outcome.steps[place] for place in self._places.get(folded(table), ())]

    def is_concerned(self, fk: ForeignKey) -> bool:
        """True if a relationship has orphans, or may get some."""
        return fk.subject in self.seen or fk.parent in self.doomed

    def is_disturbed(self, fk: ForeignKey) -> bool:
        """True if deletes have touched either end: else what the scan has counted still holds."""
        return fk.child in self.doomed or fk.parent in self.doomed

    def _by_component(self, deletes: list[_Ruled]) -> list[tuple[tuple[str, ...], list[_Ruled]]]:
        """The deletes of the tables that refer to one another by them together, parents before children."""
        parents = grouped((fk.child, fk.parent) for fk, _ in deletes)
        tables = [table.name for table in self.schema.tables if table.kind == "table"]
        components = parents_first(tables, parents)
        place = {name: number for number, component in enumerate(components) for name in component}
        some = grouped((place[fk.child], (fk, rule)) for fk, rule in deletes)
        return [(components[number], some[number]) for number in sorted(some)]

    # -- deleting -------------------------------------------------------------------------------------------------

    def _delete_now(self, deletes: list[_Ruled], component: tuple[str, ...]) -> None:
        """Orphans whose like, where they lose their parent by the plan, are not deleted: children before parents.

        So each finds the parents of its rows as they were. Of relationships that form a cycle only one can be the
        first: the orphans of the others are written down before.
        """
        inside = [pair for pair in deletes if pair[0].parent in component]
        first = len(self.outcome.steps)
        for fk, rule in [*inside, *(pair for pair in deletes if pair[0].parent not in component)]:
            keys = names(told_by(self.schema.known_table(fk.child)), "c")
            condition = rule.condition(self.schema)
            chosen = f"{condition}{self.doomed.alive(fk.child, 'c')}{self.doomed.possible(fk)}"
            rows = self._doom(fk.child, f"SELECT {keys} FROM {quote(fk.child)} AS c WHERE {chosen}")
            self._step(rule, rows, condition, (fk,), None)
        own = {id(rule) for _, rule in inside}
        ring = [place for place in range(first, len(self.outcome.steps)) if id(self.outcome.steps[place].rule) in own]
        if len(ring) > 1:
            self._write_down(ring)

    def _write_down(self, places: list[int]) -> None:
        """Have the first of some steps write down which rows the others take, and the last forget them."""
        steps = self.outcome.steps
        before: list[str] = []
        after: list[str] = []
        for place in places[1:]:
            table, condition = self.schema.known_table(steps[place].rule.foreign_key.child), steps[place].condition
            name = free_name(self.schema, f"sqlfix_now_{place}")
            keys = ", ".join(f"c.{quote(column)} AS k{number}" for number, column in enumerate(told_by(table)))
            rows = f"SELECT {keys} FROM {quote(table.name)} AS c WHERE {condition}"
            before += gather(name, rows, gathered_keys(table))
            after.append(f"DROP TABLE temp.{name}")
            listed = f"EXISTS (SELECT 1 FROM temp.{name} AS d WHERE {is_gathered(table, 'd', 'c')})"
            steps[place] = replace(steps[place], condition=listed)
        self._around(places[0], places[-1], before, after)

    def _delete(self, component: tuple[str, ...], deletes: list[_Ruled]) -> None:
        inside = [(fk, rule) for fk, rule in deletes if fk.parent in component]
        for fk, rule in deletes:
            if fk.parent in component or not self.is_concerned(fk):
                continue
            if not self.is_disturbed(fk) and not rule.rows(self.seen.get(fk.subject, Seen())):
                continue  # all that the scan saw is relinked or left
            table, condition = self.schema.known_table(fk.child), self._now(fk, rule) + self.doomed.possible(fk)
            direct = self._direct([(fk, rule)])
            keys = names(told_by(table), "c")
            rows = self._doom(fk.child, f"SELECT {keys} FROM {stored(table, 'c')} WHERE {condition}")
            self._step(rule, rows, rule.condition(self.schema), (fk,), direct)
        if inside and any(self.is_concerned(fk) for fk, _ in inside):
            self._delete_cycle(inside)

    def _delete_cycle(self, inside: list[_Ruled]) -> None:
        """Orphans of relationships that form a cycle (a self-reference is the shortest), and all rows beneath."""
        if unaddressable := [fk for fk, _ in inside if not self.schema.known_table(fk.child).row_id]:
            for fk in unaddressable:
                reason = f"the rows of {fk.child} cannot be identified: it has columns named rowid, _rowid_ and oid"
                self.outcome.conflicts.append(Conflict(fk.subject, reason, only="delete-rows"))
            return
        # a row that was spared because a parent is spelled like it loses that parent, too, if it is among the deleted
        again = any(rule.spare or rule.split for _, rule in inside)
        for _ in range(MOST_ROUNDS if again else 1):
            if not self._delete_round(inside):
                break

    def _delete_round(self, inside: list[_Ruled]) -> int:
        """One statement for each table of a cycle; the number of rows that they delete.

        Of a cycle of many relationships the first statement writes all rows down.
        """
        places = {table: place for place, table in enumerate(cycle_tables([fk for fk, _ in inside]))}
        then = [(fk, rule.condition(self.schema)) for fk, rule in inside]
        written_down = free_name(self.schema, "sqlfix_beneath") if len(inside) > MOST_ANEW else ""
        if written_down:
            now = [(fk, self._now(fk, rule)) for fk, rule in inside]
            self._run_now(gather_beneath(self.schema, written_down, now, self.doomed.alive))
        first, found = len(self.outcome.steps), 0
        of_table = grouped((fk.child, (fk, rule)) for fk, rule in inside)
        for name, some in of_table.items():
            table = self.schema.known_table(name)
            keys, its = f"SELECT {gathered_keys(table)} FROM", f"WHERE t = {places[name]}"
            if written_down:
                query = f"{keys} temp.{written_down} {its}"
                condition = in_rows(table, "c", query)
            else:  # looked at anew, as the statement will: rows whose parents an earlier one took are orphans
                now = [(fk, self._now(fk, rule)) for fk, rule in inside]
                doomed = free_name(self.schema, "doomed")
                query = f"{beneath(self.schema, now, self.doomed.alive)} {keys} {doomed} {its}"
                condition = in_doomed(self.schema, name, then)
            direct = self._direct(some)
            rows = self._doom(name, query)
            self._step(some[0][1], rows, condition, tuple(fk for fk, _ in some), direct)
            found += rows
        if written_down:
            forget = f"DROP TABLE temp.{written_down}"
            self._run_now([forget])
            self._around(first, -1, gather_beneath(self.schema, written_down, then), [forget])
        return found

    def _around(self, first: int, last: int, before: Iterable[str], after: Iterable[str]) -> None:
        """Have some steps, if there are any from the first on, prepared by statements, and followed by others."""
        steps = self.outcome.steps
        if len(steps) > first:
            steps[first] = replace(steps[first], before=tuple(before))
            steps[last] = replace(steps[last], after=tuple(after))

    def _now(self, fk: ForeignKey, rule: Rule) -> str:
        """SQL that is true of the rows that are a rule's now, and still stand."""
        return rule.condition(self.schema, self.doomed.alive) + self.doomed.alive(fk.child, "c")

    def _run_now(self, statements: Iterable[str]) -> None:
        """Run statements that make and drop temporary tables."""
        for statement in statements:
            self.connection.execute(statement)

    def _direct(self, rules: list[_Ruled]) -> int | None:
        """How many rows of the rules were orphans before; None where all of them were."""
        child = rules[0][0].child
        if not any(fk.parent in self.doomed or folded(fk.parent) == folded(child) for fk, _ in rules):
            return None
        return self._count_any(rules)

    def _count_any(self, rules: list[_Ruled], alive: Alive = ALL_ALIVE) -> int:
        """How many rows of a table still stand which are those of one of some rules."""
        conditions = (f"({rule.condition(self.schema, alive)}{self.doomed.possible(fk)})" for fk, rule in rules)
        child = rules[0][0].child
        return self.doomed.count(child, f"({any_of(list(conditions))}){self.doomed.alive(child, 'c')}")

    def _doom(self, table: str, query: str) -> int:
        """Note that the rows of a table whose keys a query gives are deleted; how many stood until now."""
        rows = self.doomed.add(table, query)
        self.outcome.deleted[table] = self.outcome.deleted.get(table, 0) + rows
        return rows

    # -- changing -------------------------------------------------------------------------------------------------

    def _relink(self) -> None:
        """Add the steps that give orphans the keys of their parents, table by table.

        A row that would become the same as another one is left. But of rows that are links and nothing else one is
        enough: those that would become the same are deleted first.
        """
        ruled = ((fk, rule) for fk in self.keys.values() for rule in self.rules_of(fk) if rule.fix and rule.relinks)
        of_table = grouped((fk.child, (fk, rule)) for fk, rule in ruled)
        for number, some in enumerate(of_table.values()):
            self._relink_table(some, free_name(self.schema, f"sqlfix_taken_{number}"))

    def _relink_table(self, some: list[_Ruled], taken: str) -> None:
        pairs = [(fk, rule.relinks) for fk, rule in some if rule.relinks]
        gather_same = gather_taken(self.schema, pairs, taken)
        self._run_now(gather_taken(self.schema, pairs, taken, self.doomed.alive))
        if gather_same:
            some = [(fk, replace(rule, taken=taken)) for fk, rule in some]
        first, table = len(self.outcome.steps), self.schema.known_table(some[0][0].child)
        if gather_same and some[0][1].collapses:
            same = is_taken(table, taken)
            query = f"SELECT {names(told_by(table), 'c')} FROM {quote(table.name)} AS c WHERE {same}"
            rule = replace(some[0][1], fix="delete-rows", surplus=True)
            rows = self._doom(table.name, f"{query}{self.doomed.alive(table.name, 'c')}")
            self._step(rule, rows, same, tuple(fk for fk, _ in some), None)
        for fk, rule in some:
            now = self._now(fk, rule) + self.doomed.possible(fk)
            as_scanned = not (rule.taken or rule.kept or self.is_disturbed(fk))
            rows = rule.rows(self.seen[fk.subject]) if as_scanned else self.doomed.count(fk.child, now)
            self._step(rule, rows, rule.condition(self.schema), (fk,), None)
            if rule.taken and not rule.collapses:
                any_of_it = self._now(fk, replace(rule, taken="")) + self.doomed.possible(fk)
                self.outcome.same[fk.subject] = self.doomed.count(fk.child, any_of_it) - rows
            self._note_change(fk, rule, rows)
        before = (*(statement for _, relinks in pairs for statement in gather_pairs(relinks)), *gather_same)
        made = [relinks.pairs for _, relinks in pairs] + ([taken] if gather_same else [])
        self._around(first, -1, before, (f"DROP TABLE temp.{name}" for name in made))

    def _change(self, fk: ForeignKey) -> None:
        if not self.is_concerned(fk):
            return
        for rule in self.rules_of(fk):
            if (
                rule.fix in (None, "delete-rows")
                or rule.relinks
                or (rule.when == "later" and fk.parent not in self.doomed)
            ):
                continue
            direct = None
            if self.is_disturbed(fk) or rule.kept:
                rows = self.doomed.count(fk.child, self._now(fk, rule) + self.doomed.possible(fk))
                direct = self._direct([(fk, rule)])
            else:
                rows = rule.rows(self.seen[fk.subject])
            if rows and rule.values and not self._has_parent(fk, rule.values):
                what = "its DEFAULT " if rule.fix == "set-default" else ""
                reason = f"{what}{', '.join(rule.values)} has no parent in {fk.parent}"
                self.outcome.conflicts.append(Conflict(fk.subject, reason, choose_for(self.schema, fk), rule.fix))
            self._step(rule, rows, rule.condition(self.schema), (fk,), direct)
            self._note_change(fk, rule, rows)

    def _note_change(self, fk: ForeignKey, rule: Rule, rows: int) -> None:
        """Note that a rule changes rows, which other rules may change as well."""
        if rows:
            self._changes.setdefault(fk.child, []).append((fk, rule))

    def _has_parent(self, fk: ForeignKey, values: tuple[str, ...]) -> bool:
        """True if the values written have a parent that still stands; a NULL among them promises nothing.

        They are asked about as the child's columns will store them: a column of numbers makes 7 of '007'.
        """
        key = [f"c.k{place}" for place in range(len(values))]
        nothing = any_of([f"{part} IS NULL" for part in key])
        found = has_values(fk, [f"+{part}" for part in key])
        there = f"EXISTS (SELECT 1 FROM {quote(fk.parent)} AS p WHERE {found}{self.doomed.alive(fk.parent, 'p')})"
        with as_child_stores(self.connection, self.schema, fk, f"VALUES ({', '.join(values)})") as stored:
            return bool(self.connection.execute(f"SELECT {nothing} OR {there} FROM {stored} AS c").fetchone()[0])

    def _step(self, rule: Rule, rows: int, condition: str, covers: tuple[ForeignKey, ...], direct: int | None) -> None:
        """Add a step, if there are rows for it; ``direct`` is how many were orphans before, None for all."""
        if rows:
            follows = 0 if direct is None else max(rows - direct, 0)
            self._places.setdefault(folded(rule.foreign_key.child), []).append(len(self.outcome.steps))
            self.outcome.steps.append(Step(rule, rows, condition, follows, covers))
