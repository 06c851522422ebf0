"""What is to be done with each class of a relationship's orphans: the defaults, and the choices made by name."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Literal, Self

from sqlfix.errors import Refused
from sqlfix.model.plans import Choice, Fleeting, KeyMap, Plan
from sqlfix.model.schema import ForeignKey, Schema
from sqlfix.model.values import Applicability, Subject, Value
from sqlfix.plan.defaults import decide
from sqlfix.plan.fix import FIXES
from sqlfix.scan.check import CHECKS
from sqlfix.scan.scope import EVERYTHING, Scope
from sqlfix.schema.bookkeeping import is_bookkeeping
from sqlfix.schema.database import Donor
from sqlfix.schema.names import Place, columns_named, names_columns
from sqlfix.schema.writable_keys import columns_to_null, default_values
from sqlfix.sql.key_spelling import NOTHING_CARRIED, Carried, misspelled, placeholder
from sqlfix.sql.literals import rows_of_literals
from sqlfix.sql.predicates import ALL_ALIVE, Alive, as_stored, orphan
from sqlfix.sql.relinking import Relinks, is_bare_link, is_taken, new_values, relinked
from sqlfix.text import address, did_you_mean, typed_address

ORPHANS, PLACEHOLDERS = "orphan-rows", "placeholder-values"
TOO_MANY_TO_CARRY = (
    "very many keys match a parent except for accents, case beyond ASCII or invisible characters, and SQL alone"
    " cannot tell them from the others"
)
FIX_NAMES = {"delete": "delete-rows", "set-null": "set-null", "set-default": "set-default", "update": "update"}
"""The words of --on-orphan and --set, and the fixes they mean; ``keep`` means none."""
STAND_INS = ("stand-in:one", "stand-in")
"""The words of --set for rows that are made: one for all that miss a parent, and one for each missing key."""
PARK = "park"
"""The word for rows that are kept in another table, and deleted where they stand."""
When = Literal["any", "now", "later"]
"""Which rows a rule is for: those without a parent now, those that lose it by the plan, or both."""
DECLARED = {"CASCADE": "delete-rows", "SET NULL": "set-null", "SET DEFAULT": "set-default"}
"""What an ON DELETE does, where it does anything."""


@dataclass(frozen=True, slots=True)
class Held:
    """Orphans of one relationship that an earlier stage of a plan holds back: those of some keys, or without keys all.

    That stage says of those of some keys why they are left; of all of them ``reason`` says it. With ``by_donors`` their
    parents, which a donor has, could not come back as yet. With ``only`` it is just that fix which is held back.
    """

    subject: Subject
    reason: str
    keys: tuple[tuple[Value, ...], ...] = ()
    hint: str | None = None
    by_donors: bool = False
    only: str = ""


@dataclass(frozen=True, slots=True)
class Policy:
    """The choices of one run: scope, ``--on-orphan``, ``--set`` by relationship, ``--allow-mass-delete``, a backup.

    ``only`` is ``lossless`` or ``declared``, where fixes that promise less than that are left out. ``held`` are orphans
    that are left, whatever is chosen; ``maps`` says by relationship which keys became which. ``donors`` are open: the
    first that has a missing parent gives it back, and with ``with_children`` also the rows that referenced it and are
    gone. ``stand_in_values`` are those of ``--stand-in``, as typed. ``fleeting`` is what another step would undo.
    """

    scope: Scope = EVERYTHING
    on_orphan: str | None = None
    choices: tuple[tuple[str, Choice], ...] = ()
    allow_mass_delete: bool = False
    backup: bool = True
    only: str | None = None
    held: tuple[Held, ...] = ()
    maps: tuple[tuple[str, KeyMap], ...] = ()
    donors: tuple[Donor, ...] = ()
    with_children: bool = False
    stand_in_values: tuple[str, ...] = ()
    fleeting: Fleeting = field(default_factory=Fleeting)

    @property
    def parks(self) -> bool:
        """True where some rows are to be parked."""
        return self.on_orphan == PARK or any(choice.fix == PARK for _, choice in self.choices)

    def left_out(self, promise: Applicability) -> str | None:
        """Why a fix with such a promise is left out, where ``--only`` leaves it out."""
        beyond = self.only is not None and promise > Applicability[self.only.upper()]
        return f"left out by --only {self.only}" if beyond else None

    def holding(self, *more: Held) -> Self:
        """The policy with further orphans that are left."""
        return replace(self, held=(*self.held, *more))

    def holds(self, fk: ForeignKey, only: str = "") -> Held | None:
        """Why all orphans of a relationship are held back, if they are; or those that one fix alone is for."""
        found = (held for held in self.held if held.subject == fk.subject and not held.keys)
        return next((held for held in found if held.only == only), None)

    def held_keys(self, fk: ForeignKey) -> tuple[tuple[Value, ...], ...]:
        """The keys of those orphans of a relationship that are held back."""
        return tuple(key for held in self.held if held.subject == fk.subject for key in held.keys)

    def named(self, fk: ForeignKey) -> Choice | None:
        """What was chosen by name for a relationship, the last of it."""
        place = (fk.child, fk.child_columns)
        return next((choice for target, choice in reversed(self.choices) if names_columns(target, *place)), None)


@dataclass(frozen=True, slots=True)
class Seen:
    """What a scan saw of one relationship, as far as rules depend on it.

    ``misspelled`` are the orphans that match a parent but for their spelling, ``ambiguous`` those of them that match
    several. ``carried`` are the keys of which SQL alone cannot tell that; None if they are too many for a script.
    ``relinks`` are those whose parent is certain.
    """

    orphans: int = 0
    placeholders: int = 0
    misspelled: int = 0
    ambiguous: int = 0
    carried: Carried | None = NOTHING_CARRIED
    relinks: Relinks | None = None

    def count(self, check: str) -> int:
        """How many rows one of the two checks has found."""
        return self.orphans if check == ORPHANS else self.placeholders


@dataclass(frozen=True, slots=True)
class Rule:
    """What is done with the rows of some classes of one relationship; ``fix`` None: they are left, for ``reason``.

    ``values`` is the SQL of what is written. ``split`` says that the relationship has rows of the other class too,
    so that the condition has to tell them apart. ``spare`` holds back the keys that match but for their spelling;
    ``carried`` are those of them of which SQL alone cannot tell it.
    ``relinks`` has the rule for the orphans whose parent is certain. The temporary table ``taken`` has those that would
    become the same as another row; where rows are nothing but links it ``collapses`` them, which is the rule with
    ``surplus``. ``chosen`` says that an option chose the fix. ``kept`` are keys of orphans that are left: see `Held`.
    ``parks`` says that what it deletes is parked first.

    Of a relationship with a rule for now and another one for later, the
    rows of the first are dealt with before anything is deleted that others refer to: the condition is the same.
    """

    foreign_key: ForeignKey
    checks: frozenset[str]
    fix: str | None
    applicability: Applicability
    values: tuple[str, ...] = ()
    split: bool = False
    spare: bool = False
    carried: Carried = NOTHING_CARRIED
    reason: str = ""
    hint: str | None = None
    chosen: bool = False
    when: When = "any"
    relinks: Relinks | None = None
    collapses: bool = False
    taken: str = ""
    surplus: bool = False
    parks: bool = False
    kept: tuple[tuple[Value, ...], ...] = ()

    def condition(self, schema: Schema, alive: Alive = ALL_ALIVE) -> str:
        """The SQL condition that picks the rule's rows."""
        fk = self.foreign_key
        condition = orphan(schema, fk, alive)
        if self.kept:
            condition += f" AND NOT (({as_stored(fk)}) IN (VALUES {rows_of_literals(self.kept)}))"
        if self.relinks:
            same = is_taken(schema.known_table(fk.child), self.taken) if self.taken else ""
            # first, as it is true of few rows, and quicker than to look each parent up
            condition = f"{relinked(fk, self.relinks, alive)} AND {condition}" + (f" AND NOT {same}" if same else "")
            return same if self.surplus else condition
        if self.split:
            none = placeholder(schema, fk, alive, carried=self.carried)
            condition += f" AND {'' if PLACEHOLDERS in self.checks else 'NOT '}{none}"
        if self.spare:
            condition += f" AND NOT /* a parent but for its spelling: */ {misspelled(schema, fk, alive, self.carried)}"
        return condition

    @property
    def steps(self) -> tuple[str | None, ...]:
        """The fixes that it may take."""
        return (self.fix, "delete-rows") if self.collapses else (self.fix,)

    def rows(self, seen: Seen) -> int:
        """How many of the rows that a scan saw are the rule's."""
        if self.when == "later":
            return 0
        if self.relinks:
            return self.relinks.rows
        return sum(self.meets(check, seen) for check in self.checks)

    def meets(self, check: str, seen: Seen) -> int:
        """How many of the rows that a scan saw by one of its checks are not spared."""
        return seen.count(check) - (seen.misspelled if self.spare and check == ORPHANS else 0)

    def decided_by(self, later: bool) -> str:
        """Who decided what is done with its rows: ``schema`` (its ON DELETE), ``choice`` (an option), or ``default``.

        Args:
            later: of the rows that lose their parent by the plan; for those a choice only fills in for the schema.
        """
        declared = DECLARED.get(self.foreign_key.on_delete) == self.fix
        if self.chosen and not (declared and later):
            return "choice"
        return "schema" if declared else "default"

    def held(self, reason: str, hint: str | None = None) -> Self:
        """The same rows, left for a reason."""
        return replace(
            self, fix=None, values=(), applicability=Applicability.MANUAL, reason=reason, hint=hint or self.hint
        )


def written_columns(schema: Schema, rule: Rule) -> tuple[str, ...]:
    """The columns that a rule's fix writes to; none if it deletes."""
    if rule.fix == "set-null":
        return columns_to_null(schema, rule.foreign_key)
    return () if rule.fix in (None, "delete-rows") else rule.foreign_key.child_columns


def make_rules(schema: Schema, fk: ForeignKey, seen: Seen, policy: Policy) -> tuple[Rule, ...]:
    """The rules of one relationship: one for both classes where they are treated alike, else one for each.

    A choice to delete is for the rows that have no parent now. What is done with those that lose it by the plan is for
    the schema to say, if its ON DELETE says anything; where that is not to delete, a rule of their own comes last.

    Raises:
        Refused: for a choice that cannot be carried out, if there is a row that it would concern.
    """
    rules = [_capped(schema, _rule(schema, fk, check, seen, policy), policy) for check in (ORPHANS, PLACEHOLDERS)]
    if held := policy.holds(fk):
        rules = [rule.held(held.reason, held.hint) if rule.fix else rule for rule in rules]
    if keys := policy.held_keys(fk):
        rules = [replace(rule, kept=keys) for rule in rules]
    if seen.carried is None and policy.named(fk) is None:
        rules = [rule.held(TOO_MANY_TO_CARRY) if rule.fix else rule for rule in rules]
    elif seen.carried:
        rules = [replace(rule, carried=seen.carried) for rule in rules]
    return (*_of_classes(schema, fk, seen, rules), *_relink_rule(schema, fk, seen, policy))


def _relink_rule(schema: Schema, fk: ForeignKey, seen: Seen, policy: Policy) -> Iterator[Rule]:
    """The rule for the orphans whose parent is certain."""
    if seen.relinks and seen.relinks.rows and may_relink(schema, fk, policy):
        values, link = new_values(fk, seen.relinks), is_bare_link(schema, schema.known_table(fk.child))
        rule = Rule(
            fk, frozenset({ORPHANS}), "relink", Applicability.LOSSLESS, values, relinks=seen.relinks, collapses=link,
            kept=policy.held_keys(fk),
        )  # fmt: skip
        held = policy.holds(fk, "relink")
        yield rule.held(held.reason, held.hint) if held else rule


def may_relink(schema: Schema, fk: ForeignKey, policy: Policy) -> bool:
    """True if orphans of a relationship may get the key of another parent, as nothing else was chosen for them."""
    if policy.named(fk) or policy.on_orphan == "keep" or policy.holds(fk) or is_bookkeeping(fk.child):
        return False
    return policy.scope.has(ORPHANS, fk) and FIXES["relink"].refusal(schema, fk) is None


def _of_classes(schema: Schema, fk: ForeignKey, seen: Seen, rules: list[Rule]) -> tuple[Rule, ...]:
    first, second = rules
    alike = (first.fix, first.values, first.reason) == (second.fix, second.values, second.reason)
    found: tuple[Rule, ...]
    if alike and not (first.kept and seen.placeholders):  # of what is left then, nobody knows which are orphans
        found = (replace(first, checks=frozenset({ORPHANS, PLACEHOLDERS})),)
    elif seen.placeholders:
        found = tuple(replace(rule, split=True) for rule in rules)
    else:
        found = (first,)
    if not (first.chosen and first.fix == "delete-rows" and fk.on_delete in ("SET NULL", "SET DEFAULT")):
        return found
    later = _default_rule(schema, fk, ORPHANS, spare=False)
    later = replace(
        later,
        checks=found[0].checks,
        split=found[0].split,
        spare=first.spare,
        carried=first.carried,
        kept=first.kept,
        when="later",
    )
    return (*(replace(rule, when="now") if rule.fix == "delete-rows" else rule for rule in found), later)


def _rule(schema: Schema, fk: ForeignKey, check: str, seen: Seen, policy: Policy) -> Rule:
    named = policy.named(fk)
    spare = check == ORPHANS and seen.misspelled > 0 and named is None
    if not policy.scope.has(check, fk):
        return Rule(fk, frozenset({check}), None, Applicability.MANUAL, reason="not selected")
    if is_bookkeeping(fk.child):
        return _default_rule(schema, fk, check, spare)
    word = named.fix if named else policy.on_orphan
    # a placeholder is never deleted by a choice that was made for all orphans at once, only by one made by name
    if word is None or (named is None and check == PLACEHOLDERS and word in ("delete", PARK)):
        return _default_rule(schema, fk, check, spare)
    if word == "keep":
        return Rule(fk, frozenset({check}), None, Applicability.MANUAL, reason="kept, as you chose")
    fix = "delete-rows" if word == PARK else FIX_NAMES[word]
    reason = FIXES[fix].refusal(schema, fk)
    if reason and not seen.count(check) and not named:
        return _default_rule(schema, fk, check, spare)  # only rows that lose their parent on the way could be concerned
    if reason:
        raise Refused(
            f"{word} is not possible for {address(fk.child, fk.child_columns)}: {reason}",
            f"choose another fix for it: --set {typed_address(fk.child, fk.child_columns, '=delete')} or =keep",
        )
    values = named.literals if named and word == "update" else ()
    if word == "set-default":
        values = default_values(schema, fk)
    parks = word == PARK
    return Rule(fk, frozenset({check}), fix, Applicability.CHOICE, values, spare=spare, chosen=True, parks=parks)


def _capped(schema: Schema, rule: Rule, policy: Policy) -> Rule:
    """A rule for one check, left out where ``--only`` leaves it out; what the schema says as well is no mere choice."""
    (check,) = rule.checks
    usual = _default_rule(schema, rule.foreign_key, check, rule.spare)
    if policy.only and rule.fix == usual.fix:
        rule = usual
    reason = policy.left_out(rule.applicability)
    return rule.held(reason) if rule.fix and reason else rule


def _default_rule(schema: Schema, fk: ForeignKey, check: str, spare: bool) -> Rule:
    default = decide(schema, fk, check)
    return Rule(
        fk,
        frozenset({check}),
        default.fix,
        default.applicability,
        default_values(schema, fk) if default.fix == "set-default" else (),
        spare=spare and default.fix is not None,
        reason=default.reason,
        hint=default.hint,
    )


def idle_choices(policy: Policy, plan: Plan) -> list[str]:
    """What a ``--set`` names, where the plan neither mends anything there nor says why it does not."""
    told = [(fix.table, fix.columns) for fix in plan.fixes] + [(left.table, left.columns) for left in plan.left]
    told += [fix.orphans_of[:2] for fix in plan.fixes if fix.orphans_of]
    return [
        target
        for target, choice in policy.choices
        if choice.fix != "keep" and not any(names_columns(target, *place) for place in told)
    ]


def require_targets(schema: Schema, policy: Policy) -> None:
    """Raise Refused for a ``--set`` that names no relationship, or gives more or fewer values than its columns."""
    chosen: dict[tuple[str, tuple[str, ...]], Choice] = {}
    for target, choice in policy.choices:
        table, columns = column_target(schema, target)
        if chosen.setdefault((table.name, columns), choice) != choice:
            raise Refused(f"--set {target} is given twice with different fixes", "leave one of them out")
        if not any(policy.scope.has_at(check, table.name, columns) for check in CHECKS.names()):
            raise Refused(f"--set {target}: --select and --ignore leave it out")
        if any(fk.child_columns == columns for fk in table.foreign_keys):
            _require_values_of_key(target, columns, choice)
        elif len(choice.typed) > 1:
            raise Refused(f"--set {target}: one value is needed", f"put quotes around it: --set {target}=update:'a, b'")
        elif choice.fix not in ("update", "keep"):
            raise Refused(
                f"--set {target}: there is no such foreign key", "for any other column choose update:VALUE or keep"
            )


def column_target(schema: Schema, target: str, option: str = "--set") -> Place:
    """The columns of a foreign key, or the column that is part of none, which an option names."""
    if place := columns_named(schema, target, option):
        keys = [fk.child_columns for fk in place[0].foreign_keys]
        if place[1] in keys or (len(place[1]) == 1 and not any(place[1][0] in key for key in keys)):
            return place
    known = [address(fk.child, fk.child_columns) for fk in schema.foreign_keys]
    raise Refused(
        f"{option} {target}: there is no such foreign key, and no such column",
        did_you_mean(target, known, "write it as table.column (a composite one: t.a,b)"),
    )


def _require_values_of_key(target: str, columns: tuple[str, ...], choice: Choice) -> None:
    if any(text.upper() == "NULL" for text in choice.typed):
        raise Refused(f"--set {target}: NULL is not the key of a parent", "choose set-null; write the text as 'NULL'")
    if choice.fix == "update" and not (len(choice.typed) == 1 and "=" in choice.typed[0]):  # the parent may be named
        require_values(target, columns, choice)


def require_values(target: str, columns: tuple[str, ...], choice: Choice) -> None:
    """Raise Refused where a key has more or fewer values than columns."""
    if len(choice.typed) != len(columns):
        raise Refused(f"--set {target}: {len(columns)} values are needed, one for each of {', '.join(columns)}")
