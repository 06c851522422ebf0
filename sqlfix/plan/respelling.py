"""The stage that respells keys before all else, those which other rows reference, and takes those rows along.

A key that differs from its parent's only in spelling may be part of what its own row is known by: product.vendor of
PRIMARY KEY (vendor, sku). Then rows that reference the product are orphans for that, or are linked to the misspelling.
So its key is set right before theirs: the former find their parent again, and the latter get its new key in a step of
their own, as ON UPDATE CASCADE would have done.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace

from sqlfix.model.graph import parents_first
from sqlfix.model.schema import ForeignKey, Schema
from sqlfix.model.values import Subject, folded
from sqlfix.plan.apply import FixFailed, apply_fixes, table_sizes
from sqlfix.plan.by_pairs import with_new_keys
from sqlfix.plan.missing_parents import find_parents
from sqlfix.plan.policy import Held, Policy, may_relink
from sqlfix.plan.rehearsal import private_copy
from sqlfix.plan.stage import Stage
from sqlfix.plan.stand_ins import wants_stand_ins
from sqlfix.scan.near_parents import MOST_PAIRS, paired, relinks_of
from sqlfix.scan.orphans import Probe
from sqlfix.schema.database import Database
from sqlfix.sql.literals import quote
from sqlfix.sql.own_names import free_name
from sqlfix.sql.predicates import as_stored, key_types, orphan
from sqlfix.sql.relinking import Pair, Relinks
from sqlfix.sqlite.deadline import limited
from sqlfix.sqlite.failures import is_of_the_disk
from sqlfix.sqlite.transaction import all_or_nothing
from sqlfix.text import address

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
    sound = {fk.subject: fk for fk in reversed(schema.foreign_keys) if fk.fault is None}
    parents: dict[str, list[str]] = {}
    for fk in sound.values():
        parents.setdefault(folded(fk.child), []).append(folded(fk.parent))
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
            if isinstance(error, FixFailed) and is_of_the_disk(error.error):
                raise error.error from error
            hint = f"to give up the link: --set {address(fk.child, fk.child_columns)}=delete"
            return replace(stage, policy=stage.policy.holding(Held(fk.subject, str(error), (), hint)))

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
