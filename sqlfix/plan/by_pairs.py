"""Stages that give orphans another key, pair by pair: by a mapping, by the names of parents, and by their spelling."""

from __future__ import annotations

import contextlib
import itertools
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace

from sqlfix.errors import Refused
from sqlfix.model.graph import parents_first
from sqlfix.model.plans import KeyMap
from sqlfix.model.schema import ForeignKey, Schema
from sqlfix.model.values import Subject, Value, folded, grouped
from sqlfix.plan.apply import FixFailed, apply_fixes, table_sizes
from sqlfix.plan.doomed import Doomed
from sqlfix.plan.fix import FIXES
from sqlfix.plan.guards import WOULD_BE_THE_SAME
from sqlfix.plan.missing_parents import find_parents
from sqlfix.plan.planner import fix_of
from sqlfix.plan.policy import ORPHANS, PLACEHOLDERS, Held, Policy, Rule, Seen, column_target, may_relink
from sqlfix.plan.questions import stored_keys
from sqlfix.plan.rehearsal import private_copy
from sqlfix.plan.simulation import Simulation
from sqlfix.plan.stage import Stage
from sqlfix.plan.stand_ins import wants_stand_ins
from sqlfix.scan.near_parents import MOST_PAIRS, by_query, paired, relinks_of, that_fit
from sqlfix.scan.orphans import Probe
from sqlfix.scan.run import look_at
from sqlfix.schema.database import Database
from sqlfix.sql.key_spelling import MOST_CARRIED
from sqlfix.sql.literals import free_name, literal, quote, rows_of_literals
from sqlfix.sql.predicates import as_stored, key_types, orphan
from sqlfix.sql.relinking import Pair, Relinks, is_bare_link, new_values, query_by_name
from sqlfix.sqlite.connect import all_or_nothing
from sqlfix.sqlite.deadline import limited
from sqlfix.text import typed_address

BOTH = "their key is the name of one parent, and matches the key of another one except for spelling"


def mapped(database: Database, policy: Policy) -> Stage:
    """The stage that gives orphans the keys that a mapping says.

    Raises:
        Refused: for a mapping of what is no foreign key, or is left out, or a new key that no parent has.
    """
    stage = Stage(policy)
    wanted = [(target, _of_map(database, target), keys) for target, keys in policy.maps]
    for place, (target, fk, _) in enumerate(wanted):
        if not policy.scope.has(ORPHANS, fk):
            raise Refused(f"--map {target}: --select and --ignore leave it out")
        if any(fk.subject == other.subject for _, other, _ in wanted[:place]):
            raise Refused(f"--map {target} is given twice", "put all its keys into one file")
    if reason := policy.left_out(FIXES["update"].applicability):
        return Stage(policy.holding(*(Held(fk.subject, reason) for _, fk, _ in wanted)))
    number = itertools.count()
    for target, fk, keys in wanted:
        for probe in () if policy.holds(fk) else _probes(database, [fk]):
            relinks = paired(probe, next(number), _pairs(database, probe, target, keys))
            stage = with_new_keys(stage, probe, relinks, "update")
    return stage


def named(database: Database, policy: Policy) -> Stage:
    """The stage that gives orphans which hold the name of a parent that parent's key."""
    stage, schema = Stage(policy), database.schema
    keys = {
        fk.subject: fk
        for fk in reversed(schema.foreign_keys)
        if fk.fault is None and may_relink(schema, fk, policy) and not policy.holds(fk, "relink")
    }
    for number, probe in enumerate(_probes(database, keys.values())):
        if not probe.named:
            continue
        fk, (column, _) = probe.foreign_key, probe.named
        both = query_by_name(schema, fk, column, doubtful=True)
        old = tuple((key,) for key, _ in probe.connection.execute(f"{both} LIMIT {MOST_CARRIED + 1}"))
        query = query_by_name(schema, fk, column)
        if held := policy.held_keys(fk):  # a donor may have had a parent whose key it is
            query = f"SELECT o0, n0 FROM ({query}) WHERE o0 NOT IN ({', '.join(literal(key) for (key,) in held)})"
        stage = with_new_keys(stage, probe, by_query(probe, number, query), "relink")
        stage = _holding(stage, probe, old, BOTH)
    return stage


def _probes(database: Database, foreign_keys: Iterable[ForeignKey]) -> Iterator[Probe]:
    """What can be asked of some relationships; those aside whose parents cannot be looked up for a damaged index."""
    some = list(foreign_keys)
    look = look_at(database.readers, database.schema, only=some)
    probes = (Probe(database.connection, database.schema, fk, look) for fk in some)
    return (probe for probe in probes if not probe.doubt)


def _of_map(database: Database, target: str) -> ForeignKey:
    """The one relationship that a mapping is for."""
    table, columns = column_target(database.schema, target, "--map")
    found = {fk.subject: fk for fk in reversed(table.foreign_keys) if fk.child_columns == columns and fk.fault is None}
    if len(found) != 1:
        why = "it references more than one table" if found else "there is no such foreign key"
        raise Refused(f"--map {target}: {why}")
    (fk,) = found.values()
    if reason := FIXES["update"].refusal(database.schema, fk):
        raise Refused(f"--map {target}: {reason}")
    if not table.row_id:
        raise Refused(f"--map {target}: the rows of {table.name} cannot be identified")
    return fk


def _pairs(database: Database, probe: Probe, target: str, keys: KeyMap) -> list[Pair]:
    """The keys of a mapping as the child's columns store them.

    Raises:
        Refused: for a new key that no parent has.
    """
    fk, option = probe.foreign_key, f"--map {target}"
    order = [folded(name) for name in keys.columns or fk.child_columns]
    if sorted(order) != sorted(map(folded, fk.child_columns)):
        wanted = ",".join(f"{side}_{name}" for side in ("old", "new") for name in fk.child_columns)
        hint = "old,new" if len(fk.child_columns) == 1 else wanted
        raise Refused(f"{option}: its columns are not those of the key", f"its first line has to be {hint}")
    places = [order.index(folded(name)) for name in fk.child_columns]
    texts = [[[key[place] for place in places] for key in line[1:]] for line in keys.lines]
    old = stored_keys(database, fk, option, [key for key, _ in texts])
    new = stored_keys(database, fk, option, [key for _, key in texts], of_parents=True)
    pairs = list(zip(old, new, strict=True))
    fit = set(map(repr, that_fit(probe, pairs))) if pairs else set()
    for (number, _, text), pair in zip(keys.lines, pairs, strict=True):
        if repr(pair) not in fit:
            parents = f"{fk.parent} ({', '.join(fk.parent_columns)})"
            raise Refused(f"{option}: line {number:,}: there is no {', '.join(text)} in {parents}")
    return pairs


def with_new_keys(stage: Stage, probe: Probe, relinks: Relinks, fix: str) -> Stage:
    """The stage with the fixes that give the orphans of a relationship other keys, and what of it is left."""
    if not relinks.rows:
        return stage
    schema, fk = probe.schema, probe.foreign_key
    promise = FIXES[fix].applicability
    values, link = new_values(fk, relinks), is_bare_link(schema, probe.child)
    rule = Rule(fk, frozenset({ORPHANS, PLACEHOLDERS}), fix, promise, values, relinks=relinks, collapses=link)
    rule = replace(rule, chosen=fix == "update")
    figures = probe.figures
    seen: dict[Subject, Seen] = {fk.subject: Seen(figures.orphans, figures.placeholders, relinks=relinks)}
    with contextlib.closing(Doomed(probe.connection, schema, probe.look)) as doomed:
        simulation = Simulation(doomed, {fk.subject: (rule,)}, seen)
        simulation.run()
    fixes = tuple(fix_of(schema, seen, step) for step in simulation.outcome.steps)
    stage = replace(stage, fixes=stage.fixes + fixes)
    if same := simulation.outcome.same.get(fk.subject, 0):
        old = ", ".join(f"o{place}" for place in range(len(fk.child_columns)))
        keys = probe.connection.execute(f"SELECT {old} FROM temp.{relinks.pairs} LIMIT {MOST_CARRIED + 1}").fetchall()
        stage = _holding(stage, probe, keys, WOULD_BE_THE_SAME, same)
    return stage


def _holding(stage: Stage, probe: Probe, keys: Sequence[tuple[Value, ...]], reason: str, rows: int = 0) -> Stage:
    """The stage that leaves the orphans of some keys; so many rows, or as many as have the keys."""
    if not keys:
        return stage
    fk = probe.foreign_key
    if len(keys) > MOST_CARRIED:
        return stage.holding(Held(fk.subject, reason))
    if not rows:
        which = f"{probe.condition} AND ({as_stored(fk)}) IN (VALUES {rows_of_literals(keys)})"
        rows = int(probe.number(f"SELECT count(*) FROM {probe.children} WHERE {which}"))
    hint = f"to give them up: --set {typed_address(fk.child, fk.child_columns, '=delete')}"
    return stage.holding(Held(fk.subject, reason, tuple(keys), hint), rows)


# -- keys are respelled before all else, those which other rows reference, and those rows taken along ---------------
# A key that differs from its parent's only in spelling may be part of what its own row is known by: product.vendor of
# PRIMARY KEY (vendor, sku). Then rows that reference the product are orphans for that, or are linked to the
# misspelling. So its key is set right before theirs: the former find their parent again, and the latter get its new key
# in a step of their own, as ON UPDATE CASCADE would have done.

MOST_BELOW = 10
"""How many tables may have to follow one another."""


def goes_first(schema: Schema, fk: ForeignKey, policy: Policy) -> bool:
    """True if a key is (part of) what other rows reference in its own table, or stand-ins are to be made.

    The keys of stand-ins may differ from one another in nothing but their spelling: then it would mean something in
    their table, and nobody could tell any more which parent a misspelled key means.
    """
    return wants_stand_ins(policy) or any(_rows_that_follow(schema, fk.child, fk.child_columns))


def respelled(database: Database, policy: Policy) -> Stage:
    """The stage that gives such keys the spelling of their parents, and the rows that reference them the new key."""
    schema, stage = database.schema, Stage(policy)
    with private_copy(database.connection) as copy:
        size = sum(table_sizes(copy, schema).values())
        copy.execute("BEGIN")
        for fk in _highest_first(schema):
            if goes_first(schema, fk, policy) and _may_relink(schema, fk, stage.policy):
                with limited(size, copy):
                    stage = _Attempt(copy, schema, stage.policy).made(fk, stage)
    return stage


def _may_relink(schema: Schema, fk: ForeignKey, policy: Policy) -> bool:
    return may_relink(schema, fk, policy) and not policy.holds(fk, "relink")


def _highest_first(schema: Schema) -> list[ForeignKey]:
    """Each relationship that SQLite can use, once, those of a table after those of its parents."""
    sound = schema.usable_keys()
    parents = grouped((folded(fk.child), folded(fk.parent)) for fk in sound.values())
    tables = [folded(table.name) for table in schema.tables]
    order = [name for component in parents_first(tables, parents) for name in component]
    return sorted(sound.values(), key=lambda fk: order.index(folded(fk.child)))


def _rows_that_follow(schema: Schema, table: str, columns: Iterable[str]) -> Iterable[ForeignKey]:
    """The relationships by which rows reference some columns of a table, or a key that these are part of."""
    written = set(map(folded, columns))
    return {
        fk.subject: fk
        for fk in schema.references_to(table)
        if fk.fault is None and written & set(map(folded, fk.parent_columns))
    }.values()


class _CannotFollow(Exception):
    """Some rows cannot get the new key of their parent."""

    def __init__(self, fk: ForeignKey) -> None:
        super().__init__(
            f"rows of {fk.child} that reference it by {', '.join(fk.child_columns)} cannot get its new key"
        )


@dataclass
class _Attempt:
    """One key that is respelled on a copy, with all that follows; it is taken back as a whole where that fails."""

    copy: sqlite3.Connection
    schema: Schema
    policy: Policy
    path: list[Subject] = field(default_factory=list)
    made_tables: int = 0

    def made(self, fk: ForeignKey, stage: Stage) -> Stage:
        """A stage with the steps for one relationship as well; the orphans are held back where they cannot be made."""
        try:
            with all_or_nothing(self.copy, "sqlfix_respelled"):
                probe = Probe(self.copy, self.schema, fk)
                if probe.figures.misspelled <= probe.figures.ambiguous or probe.doubt:
                    return stage
                relinks = self._of_no_donor(probe, relinks_of(probe, self._number(stage)), stage)
                if relinks is None or relinks.query:
                    return stage
                return self._carried_out(fk, with_new_keys(stage, probe, relinks, "relink"), stage)
        except (_CannotFollow, FixFailed) as error:
            hint = f"to give up the link: --set {typed_address(fk.child, fk.child_columns, '=delete')}"
            return stage.holding(Held(fk.subject, str(error), (), hint))

    def _of_no_donor(self, probe: Probe, relinks: Relinks | None, stage: Stage) -> Relinks | None:
        """Without the keys that are those of a parent which a donor has: that one comes back instead."""
        if relinks is None or relinks.query:
            return relinks
        keys = list(relinks.keys)
        for donor in self.policy.donors:
            there = find_parents(donor, self.schema, probe.foreign_key, [old for old, _ in keys]).places
            keys = [pair for place, pair in enumerate(keys) if place not in there]
        return paired(probe, self._number(stage), keys) if len(keys) < len(relinks.keys) else relinks

    def _number(self, stage: Stage) -> int:
        """One that makes the names of temporary tables of their own."""
        self.made_tables += 1
        return len(stage.fixes) * 100 + self.made_tables

    def _carried_out(self, fk: ForeignKey, wanted: Stage, before: Stage) -> Stage:
        """The stage, once the fixes that it has more than before were carried out, and those that follow from them."""
        new = wanted.fixes[len(before.fixes) :]
        if not new:
            return wanted
        self.path.append(fk.subject)
        written = {name for fix in new for name in fix.written}
        below = list(_rows_that_follow(self.schema, fk.child, written))
        with closing(_Changed(self.copy, self.schema, below, len(self.path))) as changed:
            apply_fixes(self.copy, new)
            changed.stop()
            for follower in below:
                wanted = self._follow(follower, changed, wanted)
        self.path.pop()
        return wanted

    def _follow(self, fk: ForeignKey, changed: _Changed, stage: Stage) -> Stage:
        """The stage with the steps that give the children of changed rows the new key.

        Raises:
            _CannotFollow: where they cannot get it, or something else was chosen for them.
        """
        pairs = changed.pairs(fk)
        if not pairs:
            return stage
        if fk.subject in self.path or len(self.path) > MOST_BELOW or len(pairs) > MOST_PAIRS:
            raise _CannotFollow(fk)
        if not _may_relink(self.schema, fk, self.policy):
            raise _CannotFollow(fk)
        probe = Probe(self.copy, self.schema, fk)
        relinks = paired(probe, self._number(stage), pairs)
        wanted = with_new_keys(stage, probe, relinks, "relink")
        new = tuple(  # their rows lose their parent by an earlier step
            replace(fix, checks=(), follows=fix.rows, decided_by="", follows_by="default")
            for fix in wanted.fixes[len(stage.fixes) :]
        )
        wanted = self._carried_out(fk, replace(wanted, fixes=(*stage.fixes, *new)), stage)
        if changed.pairs(fk):
            raise _CannotFollow(fk)
        return wanted


class _Changed:
    """The keys of rows that change from now on, as they were and as they become, for each relationship to their table.

    As they were they are stored and compared as the parent's columns are, so that they find the same children.
    """

    def __init__(self, copy: sqlite3.Connection, schema: Schema, below: Sequence[ForeignKey], depth: int) -> None:
        self._copy = copy
        self._schema = schema
        self._names = {
            fk.subject: free_name(schema, f"sqlfix_changed_{depth}_{place}") for place, fk in enumerate(below)
        }
        for fk in below:
            name, places = self._names[fk.subject], range(len(fk.parent_columns))
            typed = zip(places, key_types(schema, fk), strict=True)
            columns = [f"k{place} {kind} COLLATE {quote(by)}" for place, (kind, by) in typed]
            columns += [f"n{place}" for place in places]
            copy.execute(f"CREATE TEMP TABLE {name} ({', '.join(columns)})")
            copy.execute(f"CREATE INDEX temp.{name}_by ON {name} ({', '.join(f'k{place}' for place in places)})")
            values = ", ".join(f"{side}.{quote(c)}" for side in ("OLD", "NEW") for c in fk.parent_columns)
            copy.execute(
                f"CREATE TEMP TRIGGER {name}_up AFTER UPDATE ON main.{quote(fk.parent)}"
                f" BEGIN INSERT INTO {name} VALUES ({values}); END"
            )

    def stop(self) -> None:
        """Note no further changes."""
        for name in self._names.values():
            self._copy.execute(f"DROP TRIGGER temp.{name}_up")

    def pairs(self, fk: ForeignKey) -> list[Pair]:
        """The keys of rows that have lost their parent by the changes, each with the new key of that parent."""
        places, name = range(len(fk.child_columns)), self._names[fk.subject]
        same = " AND ".join(f"g.k{place} = +c.{quote(own)}" for place, own in enumerate(fk.child_columns))
        query = (
            f"SELECT DISTINCT {as_stored(fk)}, {', '.join(f'g.n{place}' for place in places)}"
            f" FROM {quote(fk.child)} AS c CROSS JOIN temp.{name} AS g ON {same}"
            f" WHERE {orphan(self._schema, fk)} LIMIT {MOST_PAIRS + 1}"
        )
        width = len(fk.child_columns)
        return [(row[:width], row[width:]) for row in self._copy.execute(query).fetchall()]

    def close(self) -> None:
        """Forget all."""
        if self._copy.in_transaction:
            for name in self._names.values():
                self._copy.execute(f"DROP TRIGGER IF EXISTS temp.{name}_up")
                self._copy.execute(f"DROP TABLE IF EXISTS temp.{name}")
