"""The stage of a plan that makes a row for each parent that is missing, or one row for all that miss one.

It tries everything out on a copy of its own: what SQLite refuses there is not planned, and no half of it is either.
"""

import re
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from sqlfix.checks.check_violations import checks_of, condition_of
from sqlfix.errors import Refused
from sqlfix.model.plans import Change, Fix
from sqlfix.model.schema import ForeignKey, Schema, Table
from sqlfix.model.values import Applicability, Loss, folded, grouped
from sqlfix.plan.apply import table_sizes
from sqlfix.plan.fix import FIXES
from sqlfix.plan.new_keys import CannotMake, NewKeys
from sqlfix.plan.policy import ORPHANS, PLACEHOLDERS, STAND_INS, TOO_MANY_TO_CARRY, Held, Policy, Rule
from sqlfix.plan.rehearsal import private_copy
from sqlfix.plan.shown_rows import SHOWN, new_rows
from sqlfix.plan.stage import Stage
from sqlfix.plan.stand_in_rows import Maker, NewRows, Templates
from sqlfix.scan.near_parents import carried_keys
from sqlfix.scan.orphans import Probe
from sqlfix.scan.run import scan
from sqlfix.scan.scope import Scope
from sqlfix.schema.bookkeeping import is_bookkeeping
from sqlfix.schema.database import Database
from sqlfix.schema.leftovers import CHECK, FINISH, left_alone, parents_elsewhere, why_no_trigger
from sqlfix.schema.names import value_for
from sqlfix.sql.key_spelling import NOTHING_CARRIED
from sqlfix.sql.literals import quote
from sqlfix.sql.missing_keys import fits, missing_keys
from sqlfix.sql.predicates import orphan
from sqlfix.sql.statements import gather
from sqlfix.sqlite.connect import all_or_nothing
from sqlfix.sqlite.deadline import limited
from sqlfix.sqlite.failures import require_refusal
from sqlfix.text import address, plural, typed_address

FOR_ALL, NAME = STAND_INS
MOST_HELD = 500
"""Keys that are held back one by one."""


def wants_stand_ins(policy: Policy) -> bool:
    """True if a policy asks for stand-ins."""
    return policy.on_orphan == NAME or any(choice.fix in (NAME, FOR_ALL) for _, choice in policy.choices)


def stand_ins(database: Database, policy: Policy) -> Stage:
    """The rows to be made for the missing parents of those relationships for which a policy says so.

    Keys that match a parent except for spelling get none, and placeholders only where the relationship was named.

    Raises:
        Refused: for a relationship that was named, where its rows cannot be made.
    """
    rest = replace(
        policy,
        on_orphan=None if policy.on_orphan == NAME else policy.on_orphan,
        choices=tuple(choice for choice in policy.choices if choice[1].fix not in (NAME, FOR_ALL)),
    )
    wanted = [fk for fk in _sound(database.schema) if _word(policy, fk) and policy.scope.has(ORPHANS, fk)]
    if not wanted:
        return Stage(rest)
    if reason := policy.left_out(Applicability.CHOICE):
        return Stage(rest.holding(*(Held(fk.subject, reason) for fk in wanted)))
    with private_copy(database.connection) as copy:
        keys, size = NewKeys(copy, database.schema), sum(table_sizes(copy, database.schema).values())
        work = _Work(copy, database.schema, policy, _templates(database.schema, policy), keys, size, Stage(rest))
        work.hold_unfinished(wanted)
        for fk in wanted:
            if _word(policy, fk) != FOR_ALL:
                work.of_each(fk)
        shared = (fk for fk in wanted if _word(policy, fk) == FOR_ALL)
        for some in grouped(((folded(fk.parent), fk.parent_columns), fk) for fk in shared).values():
            work.of_all(some)
        work.finish()
    return replace(work.stage, fixes=tuple(work.fixes))


def _sound(schema: Schema) -> list[ForeignKey]:
    """The relationships that can be repaired, each once."""
    return [fk for fk in reversed(schema.usable_keys().values()) if not is_bookkeeping(fk.child)]


def _word(policy: Policy, fk: ForeignKey) -> str | None:
    """What was chosen for a relationship, if that is a stand-in."""
    named = policy.named(fk)
    word = named.fix if named else policy.on_orphan
    return word if word in (NAME, FOR_ALL) and not policy.holds(fk) else None


def _templates(schema: Schema, policy: Policy) -> Templates:
    """The values that were given by ``--stand-in``.

    Raises:
        Refused: where one is for no column, or for a computed one, or is not valid text.
    """
    found: dict[tuple[str, str], str] = {}
    for text in policy.stand_in_values:
        table, column, value = value_for(schema, text, "--stand-in", "users.email=deleted-{key}@example.invalid")
        found[folded(table.name), folded(column.name)] = value
    return found


@dataclass(slots=True)
class _Work:
    """What is tried out on the copy, and what came of it; ``size`` is how many rows the copy has."""

    copy: sqlite3.Connection
    schema: Schema
    policy: Policy
    templates: Templates
    new_keys: NewKeys
    size: int
    stage: Stage
    fixes: list[Fix] = field(default_factory=list)
    _unfit: list[ForeignKey] = field(default_factory=list)

    def hold_unfinished(self, wanted: Iterable[ForeignKey]) -> None:
        """Hold back what touches the leftovers of a migration, or may have its parents in them."""
        if CHECK in self.policy.scope.ignore:
            return
        findings = scan(self.copy, self.schema, "", Scope((CHECK,))).findings
        alone, elsewhere = left_alone(self.schema, findings), parents_elsewhere(findings)
        for fk in wanted:
            reasons = [a.reason for name, a in alone.items() if a.holds(name, fk.child, fk.parent, NAME)]
            if fired := why_no_trigger(self.schema, alone, fk.parent, "insert") if alone else None:
                reasons.append(fired)
            if fk.subject in elsewhere:
                reasons.insert(0, f"some of their parents are only in {elsewhere[fk.subject]}")
            if reasons:
                self._hold(fk, reasons[0], FINISH)

    def of_each(self, fk: ForeignKey) -> None:
        """Make one row for each missing key of a relationship."""
        if condition := self._orphans(fk, fits(self.schema, fk)):

            def make(maker: Maker) -> list[Fix]:
                return [self._insert(rows, fk) for rows in maker.rows(fk, self._missing(fk, condition))]

            self._try({fk: condition}, make)

    def of_all(self, some: list[ForeignKey]) -> None:
        """Make one row that is the parent of all orphans of some relationships that have the same parent."""
        if found := {fk: condition for fk in some if (condition := self._orphans(fk))}:
            fk = next(iter(found))
            there = " OR ".join(
                f"EXISTS (SELECT 1 FROM {quote(own.child)} AS c WHERE {which})" for own, which in found.items()
            )

            def make(maker: Maker) -> list[Fix]:
                new, key = maker.one(fk, there)
                return [*(self._insert(rows, fk) for rows in new), *(self._update(*own, key) for own in found.items())]

            self._try(found, make)

    def _try(self, orphans: Mapping[ForeignKey, str], make: Callable[[Maker], list[Fix]]) -> None:
        """Carry out the fixes that give some orphans a parent; none of them where one fails, or a parent is missing.

        Args:
            orphans: SQL for those of each relationship.
        """
        known = tuple(self.new_keys.shared)
        try:
            with all_or_nothing(self.copy, "sqlfix_trial"):
                fixes = make(Maker(self.new_keys, self.templates, self.policy.fleeting.defaults))
                done = [self._run(fix) for fix in self.new_keys.around(fixes)]
                for fk, condition in orphans.items():
                    self._require_parents(fk, condition)
        except CannotMake as why:
            self.new_keys.forget(known)
            for fk in orphans:
                self._give_up(fk, why)
        else:
            self.fixes += done

    def finish(self) -> None:
        """Hold back the rows that could not be given a parent, and have the last fix drop what all share."""
        for fk in self._unfit:
            self._leave_unfit(fk)
        names = [name for _, name in self.new_keys.shared.values() if name is not None]
        if self.fixes and names:
            self.fixes[-1] = self.fixes[-1].between((), [f"DROP TABLE temp.{name}" for name in names])

    # -- which rows -------------------------------------------------------------------------------------------------

    def _orphans(self, fk: ForeignKey, fitting: str = "") -> str | None:
        """SQL for the orphans that get a stand-in; None where there are none, or where they are held back.

        Args:
            fitting: SQL that is true of those whose key the parent can have.
        """
        condition = self._condition(fk)
        if condition is None:
            return None
        rows = self._count(fk, f"{condition}{fitting}")
        if fitting and rows < self._count(fk, condition):
            self._unfit.append(fk)
        return f"{condition}{fitting}" if rows else None

    def _condition(self, fk: ForeignKey) -> str | None:
        """SQL for the orphans that are concerned; None where there are none, or where they are held back."""
        if self.stage.policy.holds(fk):
            return None
        probe, named = Probe(self.copy, self.schema, fk), self.policy.named(fk) is not None
        figures = probe.figures
        if not figures.orphans - figures.misspelled and not (named and figures.placeholders):
            return None
        if probe.doubt:
            self._hold(fk, str(probe.doubt["held_back"]), "run repair again after this one")
            return None
        carried = carried_keys(probe) if figures.misspelled else NOTHING_CARRIED
        if carried is None:
            self._hold(fk, TOO_MANY_TO_CARRY)
            return None
        checks = frozenset({ORPHANS, PLACEHOLDERS} if named else {ORPHANS})
        return Rule(
            fk, checks, NAME, Applicability.CHOICE, split=not named and figures.placeholders > 0,
            spare=figures.misspelled > 0, carried=carried, kept=self.policy.held_keys(fk),
        ).condition(self.schema)  # fmt: skip

    def _leave_unfit(self, fk: ForeignKey) -> None:
        """Hold back those whose key the parent cannot have, unless by now they match a row except for spelling."""
        condition = self._condition(fk)
        if condition is None:
            return
        condition = f"{condition} AND NOT (1{fits(self.schema, fk)})"
        rows, all_rows = self._count(fk, condition), self._count(fk, orphan(self.schema, fk))
        reason = f"{address(fk.parent, fk.parent_columns)} cannot hold these values, so no row can have them as its key"
        hint = f"--set {typed_address(fk.child, fk.child_columns, f'={FOR_ALL}')} gives them all one parent"
        listed = ", ".join(f"+c.{quote(name)} COLLATE BINARY" for name in fk.child_columns)
        query = f"SELECT DISTINCT {listed} FROM {quote(fk.child)} AS c WHERE {condition} LIMIT {MOST_HELD + 1}"
        keys = tuple(self.copy.execute(query).fetchall())
        if rows == all_rows or len(keys) > MOST_HELD:
            self._hold(fk, reason, hint)
        elif rows:
            self.stage = self.stage.holding(Held(fk.subject, reason, keys, hint), rows)

    def _count(self, fk: ForeignKey, condition: str) -> int:
        query = f"SELECT count(*) FROM {quote(fk.child)} AS c WHERE {condition}"
        return int(self.copy.execute(query).fetchone()[0])

    def _missing(self, fk: ForeignKey, condition: str) -> str:
        """A query for the missing keys, which are written down in a temporary table."""
        keys = ", ".join(f"k{place}" for place in range(len(fk.child_columns)))
        name = self.new_keys.temporary("sqlfix_missing")
        self.new_keys.run(gather(name, missing_keys(self.schema, fk, condition), keys))
        return f"SELECT {keys} FROM temp.{name}"

    # -- what is done -----------------------------------------------------------------------------------------------

    def _insert(self, rows: NewRows, chosen: ForeignKey) -> Fix:
        fk = rows.foreign_key
        subject = (self.schema.known_table(fk.parent).name, fk.parent_columns, None, ())
        change = Change("insert", subject[0], "1", rows.values, rows.source)
        examples, in_each = self._shown(change, fk)
        direct = fk.subject == chosen.subject
        return FIXES[NAME].step(
            self.schema, subject, change, checks=(ORPHANS,), decided_by="choice", orphans_of=chosen.subject,
            examples=examples, in_each=in_each,
            why=f"stand-ins for the missing parents of {address(fk.child, fk.child_columns)}"
            if direct else f"parents of the stand-ins in {fk.child}",
        )  # fmt: skip

    def _shown(self, change: Change, fk: ForeignKey) -> tuple[tuple[str, ...], str]:
        """The first of the new rows, for people to see."""
        table = self.schema.known_table(change.table)
        keys = [table.known_column(name).name for name in fk.parent_columns]
        try:
            with limited(self.size, self.copy):
                return new_rows(self.copy, self.schema, [replace(change, where=f"1 LIMIT {SHOWN}")], keys, ())
        except sqlite3.Error as error:
            require_refusal(error)
            raise refused_by_sqlite(table, fk.parent_columns, error) from error

    def _update(self, fk: ForeignKey, condition: str, key: str) -> Fix:
        change = Change("update", fk.child, condition, {fk.child_columns[0]: key})
        return FIXES[NAME].step(
            self.schema, fk.subject, change, checks=(ORPHANS,), decided_by="choice", loss=Loss.VALUES,
            value="the key of the stand-in",
        )  # fmt: skip

    def _run(self, fix: Fix) -> Fix:
        """Carry a fix out on the copy; the fix with the number of its rows.

        Raises:
            CannotMake: where SQLite refuses it.
        """
        try:
            with limited(self.size, self.copy):  # a trigger of the file may be written so as never to end
                rows = sum(max(self.copy.execute(statement).rowcount, 0) for statement in fix.statements)
        except sqlite3.Error as error:
            require_refusal(error)
            raise refused_by_sqlite(self.schema.known_table(fix.table), fix.columns, error) from error
        return replace(fix, rows=rows)

    def _require_parents(self, fk: ForeignKey, condition: str) -> None:
        """Raise CannotMake where some of the orphans have no parent even now."""
        if left := self._count(fk, f"{orphan(self.schema, fk)} AND ({condition})"):
            raise CannotMake(f"{plural(left, 'row')} would still have no parent")

    def _hold(self, fk: ForeignKey, reason: str, hint: str | None = None) -> None:
        self.stage = self.stage.holding(Held(fk.subject, reason, (), hint))

    def _give_up(self, fk: ForeignKey, why: CannotMake) -> None:
        """Hold a relationship back; refuse it where it was named."""
        place = address(fk.child, fk.child_columns)
        open_ones = [each for each in why.places if (folded(each[0]), folded(each[1])) not in self.templates]
        give = "; ".join(
            f"--stand-in {typed_address(table, (column,), '=VALUE')}" for table, column in open_ones or why.places
        )
        hint = f"choose another fix for it: --set {typed_address(fk.child, fk.child_columns, '=keep')}"
        if give:
            hint = f"give {'a' if open_ones else 'another'} value: {give} ({{key}} in it is the key of the row)"
        if self.policy.named(fk):
            raise Refused(f"a stand-in is not possible for {place}: {why}", hint)
        self._hold(fk, f"no stand-in can be made: {why}", hint)


_FAILED = re.compile(r"(?s)(UNIQUE|NOT NULL|CHECK) constraint failed: (.*)")


def refused_by_sqlite(table: Table, key: tuple[str, ...], error: sqlite3.Error) -> CannotMake:
    """What SQLite says of a row that it refuses, with the columns that a value may be given for."""
    match = _FAILED.fullmatch(str(error))
    names: list[str] = []
    if match and match[1] == "CHECK":
        texts = [c.text for c in checks_of(table.sql) if match[2] in (c.name, c.text)]
        names = [name for text in texts for name in condition_of(table, text)[1]]
    elif match:
        names = [part.rpartition(".")[2] for part in match[2].split(", ")]
    known = (column for name in dict.fromkeys(names) if (column := table.column(name)) and name not in key)
    places = tuple((table.name, column.name) for column in known if not column.generated)
    return CannotMake(f"SQLite refuses the row in {table.name}: {error}", *places)
