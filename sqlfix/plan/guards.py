"""What a plan holds back from the start, since it is in doubt before anything is tried; and what it leaves, and why."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from sqlfix.model.findings import Finding
from sqlfix.model.plans import Left, Plan
from sqlfix.model.values import Severity, Subject, folded
from sqlfix.plan.defaults import AMBIGUOUS, is_ambiguous
from sqlfix.plan.policy import ORPHANS, PLACEHOLDERS, Rule, Seen
from sqlfix.plan.proposals import Case, doubts, left_of_table, table_fixes
from sqlfix.plan.simulation import Outcome
from sqlfix.schema.leftovers import CHECK, FINISH, parents_elsewhere
from sqlfix.text import typed_address

MASS = "unless you give --allow-mass-delete"
OF_ORPHANS = (ORPHANS, PLACEHOLDERS)
"""The checks that find rows without a parent."""


def hold(case: Case, subject: Subject, reason: str, hint: str | None = None, only: str | None = None) -> bool:
    """Hold back every fix of a relationship, or only those of one name; False if there was none.

    Where rows stay that have no parent now, they could not be told from those that lose it later: then these stay, too.
    """
    before = case.rules.get(subject, ())
    stays = any(rule.when == "now" and (rule.fix is None or only in (None, rule.fix)) for rule in before)
    case.rules[subject] = tuple(
        rule.held(reason, hint)
        if rule.fix and (only in (None, *rule.steps) or (stays and rule.when == "later"))
        else rule
        for rule in before
    )
    return case.rules[subject] != before


def hold_back(case: Case) -> Case:
    """Hold back all that is in doubt; the case with the relationships that look like lost parents."""
    _hold_unchecked(case)
    for fk in case.schema.foreign_keys:  # one that is declared twice may be looked up by two collations
        if fk.fault is None and is_ambiguous(case.schema, fk):
            hold(case, fk.subject, AMBIGUOUS)
    hold_damaged(case)
    case.held.update(doubts(case))
    _hold_unfinished(case)
    return case if case.policy.allow_mass_delete else replace(case, guarded=_guard_relationships(case))


def _hold_unchecked(case: Case) -> None:
    """Hold back what could not be checked, and the deletes of rows to which unchecked ones may refer."""
    for relationship in case.report.relationships:
        fk = relationship.foreign_key
        if relationship.checked or fk.fault is not None:
            continue
        hold(case, fk.subject, f"it could not be checked: {relationship.reason}")
        reason = f"rows of {fk.child} may reference what it would delete, and they could not be checked"
        parent = case.schema.table(fk.parent)
        for above in parent.foreign_keys if parent else ():
            hold(case, above.subject, f"{reason}: {relationship.reason}", only="delete-rows")


def hold_damaged(case: Case) -> None:
    """Where an index disagrees with its table nothing is believed of that table until after the REINDEX."""
    damaged: dict[str, tuple[str, str]] = {}
    spoilt: list[Finding] = []
    for finding in case.report.findings:
        name = finding.indexed
        if finding.check == "index-disagrees":
            reason = f"an index of {name} disagrees with its table: REINDEX comes first"
            damaged[folded(name)] = (reason, "run repair again after this one")
        elif finding.check == "duplicate-keys" and finding.facts.get("disagrees"):
            spoilt.append(finding)
    for table in case.schema.tables:
        if case.look.tables.is_damaged(table.name):
            reason = f"{table.name} is damaged: its rows are not in the order of their keys"
            damaged[folded(table.name)] = (reason, "work on a copy, and save its rows with sqlite3's .recover")
    for fk in case.schema.foreign_keys:
        for name, columns in ((fk.parent, fk.parent_columns), (fk.child, fk.child_columns)):
            if why := damaged.get(folded(name)) or _spoilt(case, spoilt, name, columns):
                hold(case, fk.subject, *why)
    for fix in table_fixes(case):
        if why := damaged.get(folded(fix.table)) or _spoilt(case, spoilt, fix.table, fix.columns):
            case.held[fix.checks[0], fix.subject] = why[0]


def _spoilt(case: Case, spoilt: list[Finding], name: str, columns: tuple[str, ...]) -> tuple[str, str] | None:
    """Why nothing is done by some columns of a table, if an index of them cannot be built anew for its duplicates."""
    table = case.schema.table(name)
    wanted = {folded(column) for column in columns}
    for finding in spoilt:
        known = (*finding.columns, *(table.primary_key if table and table.without_rowid else ()))
        if folded(finding.table) == folded(name) and wanted & {folded(column) for column in known}:
            reason = f"an index of {name} disagrees with its table, and REINDEX fails: its rows are not unique"
            return reason, "fix its duplicate keys first"
    return None


def _hold_unfinished(case: Case) -> None:
    """Hold back what touches the leftovers of a migration, and tables of which one may hold the only copy of rows."""
    if case.alone:
        for subject, leftover in parents_elsewhere(case.report.findings).items():
            hold(case, subject, f"some of their parents are only in {leftover}", FINISH)
    for name, table in case.alone.items():
        for subject, some in list(case.rules.items()):
            for rule in some:
                if rule.fix and table.holds(name, subject[0], subject[2], rule.fix):
                    hold(case, subject, table.reason, FINISH, only=rule.fix)


def _guard_relationships(case: Case) -> frozenset[Subject]:
    """Hold back what looks like lost parents rather than like stray children; the wholly orphaned ones of them."""
    guarded = set()
    for finding in case.report.findings:
        if not (suspicion := finding.facts.get("suspicion")):
            continue
        before = case.rules[finding.subject]
        # where a fix was chosen by name, the copies that were given are not asked
        asked = case.policy.donors and not any(case.policy.named(rule.foreign_key) for rule in before)
        hint = f"are the parents in an{'other' if asked else ''} older copy of the file?"
        if suspicion == "parent-empty":
            reason = f"{finding.parent} is empty: its rows may have been lost"
        elif suspicion == "own-key":
            reason = f"most rows of {finding.table} would be deleted because of a reference that is the table's own key"
            place = typed_address(finding.table, finding.columns)
            hint = f"the foreign key looks wrong; sqlfix alter with {place} --no-references removes it"
        else:
            reason = f"not one row of {finding.table} has its parent in {finding.parent}"
        reason = f"{reason}; held back {MASS}"
        case.rules[finding.subject] = tuple(
            held
            for rule in before
            for held in (
                (rule,) if rule.fix == "update" else _without_orphans(rule, case.seen[finding.subject], reason, hint)
            )
        )
        if suspicion == "wholly-orphaned" and case.rules[finding.subject] != before:
            guarded.add(finding.subject)
    return frozenset(guarded)


def _without_orphans(rule: Rule, seen: Seen, reason: str, hint: str) -> tuple[Rule, ...]:
    """The rule without its orphans, which are held back; a placeholder stands for "none" whatever became of parents."""
    if rule.fix is None or ORPHANS not in rule.checks:
        return (rule,)
    if PLACEHOLDERS not in rule.checks or not seen.placeholders:
        return (rule.held(reason, hint),)
    orphans = replace(rule, checks=frozenset({ORPHANS}), split=True).held(reason, hint)
    return (orphans, replace(rule, checks=frozenset({PLACEHOLDERS}), split=True, spare=False))


# -- what a plan leaves, and why ----------------------------------------------------------------------------------

MATCH_ONE = "they match a parent except for spelling, so it would be wrong to delete them or to set them to NULL"
MATCH_SEVERAL = "they match several parents except for spelling, and sqlfix cannot tell which one is meant"
DIFFER = (
    "they match one parent or several except for spelling, but many keys of parents differ in nothing else ({}), so"
    " sqlfix cannot tell which one is meant"
)
WOULD_BE_THE_SAME = "with the key of the parent they match, they would be the same as another row, which UNIQUE forbids"
PARENT_GOES = "the parent that they match is deleted by this plan, and they match another one except for spelling, too"
AGAIN = "run repair again after this one"
CANNOT_HOLD = "they match a parent except for spelling, and their column cannot hold the key as it is spelled there"


def left_of(case: Case, outcome: Outcome) -> tuple[Left, ...]:
    """All that a plan leaves, as far as it is known before anything is tried."""
    left = [
        part for finding in case.report.findings if case.asks_for(finding) for part in _left_of(case, finding, outcome)
    ]
    left += [
        Left("not-checked", *r.foreign_key.subject, 0, r.reason or "it could not be checked")
        for r in case.report.relationships
        if not r.checked and r.foreign_key.fault is None and case.policy.scope.covers(r.foreign_key)
    ]
    tables = {table.name for table in case.schema.tables if table.unreadable}
    left += [
        Left("not-checked", item.subject, (), None, (), 0, item.reason)
        for item in case.report.not_checked
        if item.subject in tables
    ]
    return tuple(left)


def _left_of(case: Case, finding: Finding, outcome: Outcome) -> list[Left]:
    subject = finding.subject
    if finding.check == "index-disagrees":
        why = case.unmendable.get(finding.indexed)
        hint = "its rows are not unique; fix them first"
        return [Left(finding.check, *subject, finding.count, why, hint)] if why else []
    if finding.parent is None:
        left = left_of_table(case, finding)
        return [left] if left else []
    if finding.check == CHECK:
        reason = f"their parents are only in {finding.facts['leftover']}; bring them back first"
        return [Left(finding.check, *subject, finding.count, reason)]
    rules = [rule for rule in case.rules.get(subject, ()) if finding.check in rule.checks]
    rule = next((rule for rule in rules if not rule.relinks), None)
    if rule is None:
        reason = "the schema is at fault, not the rows; sqlfix repair-schema corrects it, or says what is in the way"
        return [Left(finding.check, *subject, finding.count, reason)]
    relink = next((rule for rule in rules if rule.relinks), None)
    same = outcome.same.get(subject, 0)
    if rule.fix is None:
        apart = relink if relink and not relink.fix and relink.reason != rule.reason else None
        certain = apart.relinks.rows if apart and apart.relinks else 0
        rows = finding.count - certain - (_restored(outcome, subject) if relink else 0)
        parts = [Left(ORPHANS, *subject, certain, apart.reason, apart.hint)] if apart and certain else []
        return [*parts, *([Left(finding.check, *subject, rows, rule.reason, rule.hint)] if rows > 0 else [])]
    if rule.spare and finding.check == ORPHANS:
        parts = list(_spared(case.seen[subject], finding, relink, same))
        if relink and relink.relinks and relink.fix:
            # in the end no more are listed than there are: none of those that other fixes delete or mend
            gone = relink.relinks.rows - same - _restored(outcome, subject)
            parts += [Left(ORPHANS, *subject, gone, PARENT_GOES, AGAIN)] if gone > 0 else []
        return parts
    return []


def _restored(outcome: Outcome, subject: Subject) -> int:
    """How many orphans of a relationship get the key of their parent."""
    steps = [step for step in outcome.steps if step.rule.relinks and not step.rule.surplus]
    return sum(step.rows for step in steps if step.rule.foreign_key.subject == subject)


def _spared(seen: Seen, finding: Finding, relink: Rule | None, same: int) -> Iterator[Left]:
    """The rows that match a parent except for spelling and do not get its key."""
    certain = seen.misspelled - seen.ambiguous
    give_up = f"to give them up: --set {typed_address(finding.table, finding.columns, '=delete')}"
    by_hand = f"an UPDATE to the parent's own spelling restores them; {give_up}"
    parts: list[tuple[int, str, str | None]] = []
    if seen.relinks:
        parts.append((seen.relinks.unfit, CANNOT_HOLD, f"the type of the column has to change first; {give_up}"))
        certain -= seen.relinks.unfit
    if seen.relinks and relink:
        which = WOULD_BE_THE_SAME, f"decide which row stays; {give_up}"
        parts.append((same, *which) if relink.fix else (seen.relinks.rows, relink.reason, relink.hint))
        certain -= seen.relinks.rows
    spelling = finding.facts.get("parents_differ_in")
    several = DIFFER.format(spelling) if spelling else MATCH_SEVERAL
    parts = [(certain, MATCH_ONE, by_hand), *parts, (seen.ambiguous, several, by_hand)]
    yield from (Left(ORPHANS, *finding.subject, rows, reason, hint) for rows, reason, hint in parts if rows > 0)


def not_repairable(case: Case, plan: Plan) -> int:
    """How many warnings about tables as a whole there are that the plan neither mends nor lists."""
    told = {(part.check, part.table, part.columns) for part in plan.left}
    told |= {(check, fix.table, fix.columns) for fix in plan.fixes for check in fix.checks}
    return sum(
        finding.parent is None
        and finding.severity == Severity.WARNING
        and (finding.check, finding.table, finding.columns) not in told
        and finding.check != "index-disagrees"
        and finding.where is None
        for finding in case.report.findings
        if case.asks_for(finding)
    )


def no_more_than(room: Mapping[Subject, int], parts: Iterable[Left]) -> Iterator[Left]:
    """What is left, of orphans no more than so many rows of a relationship; those that come first are told."""
    room = dict(room)
    for part in parts:
        if part.check in OF_ORPHANS and part.subject in room:
            part = replace(part, count=min(part.count, max(room[part.subject], 0)))
            room[part.subject] -= part.count
            if not part.count:
                continue
        yield part
