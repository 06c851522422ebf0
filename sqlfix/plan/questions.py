"""What a repair asks about, finding by finding: the rows at fault, what can be done with them, and what is usual."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import replace

from sqlfix.errors import Refused
from sqlfix.frozen import frozen
from sqlfix.model.findings import Finding, Row, held_for_spelling, number_of
from sqlfix.model.plans import Choice
from sqlfix.model.schema import ForeignKey
from sqlfix.model.values import Loss, Severity, Subject
from sqlfix.plan.defaults import decide
from sqlfix.plan.fix import FIXES
from sqlfix.plan.offers import KEEP, Offer, offers
from sqlfix.plan.policy import ORPHANS, PLACEHOLDERS, Policy, require_targets
from sqlfix.plan.scanning import Scan
from sqlfix.plan.typed_choices import with_literals
from sqlfix.scan.near_parents import Near, nearby_rows
from sqlfix.scan.orphans import Probe
from sqlfix.schema.bookkeeping import is_bookkeeping
from sqlfix.schema.database import Database
from sqlfix.schema.leftovers import FINISH
from sqlfix.schema.names import names_columns, require_columns, typed_place
from sqlfix.sql.literals import quote
from sqlfix.sql.predicates import has_values
from sqlfix.sqlite.deadline import overlooking

MOST_ROWS = 3
USUAL = ""
"""The word of the offer to do what is usual; nothing has to be typed for that."""


@frozen
class Question:
    """The rows of one relationship that have no parent, or the values that a check finds in one column.

    ``place`` is as ``--set`` takes it, ``usual`` the place among the offers of what is done when nobody says otherwise.
    ``sample`` are some of the rows, ``near`` some that match parents except for spelling, with these. ``of_key``: a
    value that is given has to be the key of a parent. ``link``: they are link rows. ``referenced``: other rows can
    reference them.
    """

    place: str
    findings: tuple[Finding, ...]
    offers: tuple[Offer, ...]
    usual: int
    sample: tuple[Row, ...]
    near: tuple[Near, ...] = ()
    on_delete: str = ""
    of_key: bool = False
    link: bool = False
    referenced: bool = False

    @property
    def rows(self) -> int:
        """How many rows it is about."""
        return sum(finding.count for finding in self.findings)

    @property
    def known(self) -> int:
        """How many of them match a parent, or several, except for spelling, or hold the name of one."""
        return sum(map(_known, self.findings))

    @property
    def kind(self) -> object:
        """What is the same for all questions that are alike, so that one answer can be meant for all of them."""
        found = tuple((finding.check, finding.fix) for finding in self.findings)
        return found, bool(self.known), tuple(offer.word for offer in self.offers), self.usual


def questions(scan: Scan, policy: Policy) -> tuple[Question, ...]:
    """The questions about what a scan found, in its order; none about what is chosen already or no choice changes."""
    keys: dict[Subject, ForeignKey] = {fk.subject: fk for fk in reversed(scan.schema.foreign_keys) if not fk.fault}
    about: dict[Subject | int, list[Finding]] = {}
    for place, finding in enumerate(scan.report.findings):
        if finding.check in (ORPHANS, PLACEHOLDERS) and finding.subject in keys:
            about.setdefault(finding.subject, []).append(finding)
        elif finding.parent is None and finding.where is not None and finding.severity > Severity.HINT:
            about[place] = [finding]
    found = []
    for some in about.values():
        if any(names_columns(target, some[0].table, some[0].columns) for target, _ in policy.choices):
            continue
        if is_bookkeeping(some[0].table) or not any(map(_can_choose, some)):
            continue
        fk = keys.get(some[0].subject) if some[0].parent is not None else None
        question = _of_key(scan, fk, tuple(some), policy) if fk else _of_column(scan, some[0])
        found += [question] if question else []
    return tuple(found)


def _known(finding: Finding) -> int:
    return held_for_spelling(finding) + number_of(finding, "named_rows")


def _can_choose(finding: Finding) -> bool:
    """True where a choice has an effect: not where a damaged index or an unfinished migration comes first."""
    return "held_back" not in finding.facts or finding.facts.get("way_out") not in (None, FINISH)


def _of_key(scan: Scan, fk: ForeignKey, findings: tuple[Finding, ...], policy: Policy) -> Question:
    connection = scan.database.connection
    if policy.allow_mass_delete:  # then what looks like lost parents is not held back
        findings = tuple(replace(f, fix=f.fix or decide(scan.schema, fk, f.check).fix) for f in findings)
    found = {o.typed: o for f in findings for o in offers(connection, scan.schema, fk, f.check) if o.word}
    kept = [offer for offer in found.values() if offer.word == KEEP]
    some = [offer for offer in found.values() if offer.word != KEEP]
    if any(f.facts.get("suspicion") for f in findings) and not policy.allow_mass_delete:
        some = [offer for offer in some if offer.fix in ("update", "stand-in")]  # all else would be held back
    fixes = {finding.fix for finding in findings}
    near = any(map(held_for_spelling, findings))
    known = any(map(_known, findings))
    every = (*some, *kept)
    usual = next((n for n, offer in enumerate(every) if fixes == {offer.fix} and not known), None)
    if usual is None:
        every, usual = (_as_usual(findings), *every), 0
    return Question(
        typed_place(scan.schema, fk.child, fk.child_columns), findings, every, usual,
        tuple(row for finding in findings for row in finding.sample[:MOST_ROWS]),
        tuple(_near(scan, fk)) if near else (), fk.on_delete, True,
        scan.schema.join_table(fk.child) is not None, bool(scan.schema.references_to(fk.child)),
    )  # fmt: skip


def _near(scan: Scan, fk: ForeignKey) -> Iterator[Near]:
    with overlooking(sqlite3.DatabaseError):
        yield from nearby_rows(Probe(scan.database.connection, scan.schema, fk, scan.look), MOST_ROWS)


def _as_usual(findings: tuple[Finding, ...]) -> Offer:
    """To do what is done when nobody says otherwise, which no other offer is."""
    losses = [FIXES[finding.fix].loss for finding in findings if finding.fix]
    return Offer(None, max(losses, default=Loss.NOTHING), USUAL, "")


def _of_column(scan: Scan, finding: Finding) -> Question | None:
    """The question about values; None where ``--set`` cannot name the column, since it is part of a key."""
    table = scan.schema.known_table(finding.table)
    if len(finding.columns) != 1 or any(finding.columns[0] in fk.child_columns for fk in table.foreign_keys):
        return None
    place = typed_place(scan.schema, finding.table, finding.columns)
    value = Offer("update", Loss.VALUES, "update", f"--set {place}=update:VALUE")
    keep = Offer(None, Loss.NOTHING, KEEP, f"--set {place}=keep")
    every: tuple[Offer, ...] = (value, keep)
    usual = 1
    if finding.mend:
        every, usual = (Offer(finding.mend.fix, FIXES[finding.mend.fix].loss, USUAL, ""), *every), 0
    return Question(place, (finding,), every, usual, finding.sample[:MOST_ROWS])


def require_usable(database: Database, choice: tuple[str, Choice]) -> None:
    """Raise Refused for a value that cannot be written, or that is the key of no parent."""
    connection, schema = database.connection, database.schema
    policy = Policy(choices=(choice,))
    require_targets(schema, policy)
    ((target, chosen),) = with_literals(connection, schema, policy).choices
    table, columns = require_columns(schema, target, "--set")
    for fk in table.foreign_keys:
        if fk.child_columns == columns and fk.fault is None and chosen.literals:
            there = f"SELECT 1 FROM {quote(fk.parent)} AS p WHERE {has_values(fk, chosen.literals)} LIMIT 1"
            if connection.execute(there).fetchone() is None:
                raise Refused(f"{', '.join(chosen.literals)} is the key of no row in {fk.parent}")
