"""Two stages that give orphans another key, pair by pair: by a mapping from a file, and by the names of parents."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from sqlfix.errors import Refused
from sqlfix.model.plans import KeyMap, Left
from sqlfix.model.schema import ForeignKey
from sqlfix.model.values import Subject, Value, folded
from sqlfix.plan.doomed import Doomed
from sqlfix.plan.fix import FIXES
from sqlfix.plan.leaving import WOULD_BE_THE_SAME
from sqlfix.plan.planner import fix_of
from sqlfix.plan.policy import ORPHANS, PLACEHOLDERS, Held, Policy, Rule, Seen, column_target, may_relink
from sqlfix.plan.simulation import Simulation
from sqlfix.plan.stage import Stage
from sqlfix.plan.typed_choices import stored_keys
from sqlfix.scan.near_parents import by_query, paired, that_fit
from sqlfix.scan.orphans import Probe
from sqlfix.scan.run import look_at
from sqlfix.schema.database import Database
from sqlfix.sql.key_spelling import MOST_CARRIED
from sqlfix.sql.literals import literal, rows_of_literals
from sqlfix.sql.predicates import as_stored
from sqlfix.sql.relinking import Pair, Relinks, is_bare_link, new_values, query_by_name
from sqlfix.text import address

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
        fk = probe.foreign_key
        if not (found := probe.named):
            continue
        both = query_by_name(schema, fk, found.column, doubtful=True)
        old = tuple((key,) for key, _ in probe.connection.execute(f"{both} LIMIT {MOST_CARRIED + 1}"))
        query = query_by_name(schema, fk, found.column)
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
        return replace(stage, policy=stage.policy.holding(Held(fk.subject, reason)))
    if not rows:
        which = f"{probe.condition} AND ({as_stored(fk)}) IN (VALUES {rows_of_literals(keys)})"
        rows = int(probe.number(f"SELECT count(*) FROM {probe.children} WHERE {which}"))
    left = Left(
        ORPHANS, *fk.subject, rows, reason, f"to give them up: --set {address(fk.child, fk.child_columns)}=delete"
    )
    return replace(stage, policy=stage.policy.holding(Held(fk.subject, reason, tuple(keys))), left=(*stage.left, left))
