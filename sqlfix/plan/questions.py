"""What a repair asks about, finding by finding: the rows at fault, what can be done with them, and what is usual."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import replace

from sqlfix.errors import Refused
from sqlfix.frozen import frozen
from sqlfix.model.findings import Finding, Row, held_for_spelling, number_of
from sqlfix.model.plans import Choice, Fix
from sqlfix.model.schema import Column, ForeignKey, Schema, Table
from sqlfix.model.values import Loss, Severity, Subject, Value, folded
from sqlfix.plan.defaults import decide
from sqlfix.plan.fix import FIXES, by_preference
from sqlfix.plan.policy import FIX_NAMES, ORPHANS, PARK, PLACEHOLDERS, Policy, require_targets, require_values
from sqlfix.plan.scanning import Scan
from sqlfix.scan.near_parents import Near, nearby_rows
from sqlfix.scan.orphans import Probe
from sqlfix.schema.bookkeeping import is_bookkeeping
from sqlfix.schema.database import Database
from sqlfix.schema.leftovers import FINISH
from sqlfix.schema.names import names_columns, require_columns, typed_place
from sqlfix.schema.writable_keys import default_values
from sqlfix.sql.literals import literal, quote
from sqlfix.sql.predicates import affinity, has_values
from sqlfix.sql.typed_values import NUMERIC, as_sql, is_spelled, number
from sqlfix.sqlite.deadline import overlooking
from sqlfix.sqlite.row_sets import as_child_stores
from sqlfix.text import address, typed_words

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
    keys = scan.schema.usable_keys()
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
    value = Offer("update", Loss.VALUES, "update", _set(f"{place}=update:VALUE"))
    keep = Offer(None, Loss.NOTHING, KEEP, _set(f"{place}={KEEP}"))
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


# -- what can be done with the orphans of a relationship, and what to type for it ---------------------------------

KEEP = "keep"


@frozen
class Offer:
    """One way to treat the orphans of a relationship; ``fix`` None: they are kept as they are.

    ``word`` is that of ``--set``, empty for a fix that another option asks for. ``typed`` is what to type.
    """

    fix: str | None
    loss: Loss
    word: str
    typed: str


def offers(connection: sqlite3.Connection, schema: Schema, fk: ForeignKey, check: str) -> tuple[Offer, ...]:
    """All that can be done with the rows that a check finds in a relationship, the best first; to keep them comes last.

    A fix is among them without further ado: by a word in `FIX_NAMES`, or by an option of its own (`FixRule.option`).
    """
    words = {fix: word for word, fix in FIX_NAMES.items()} | {"stand-in": "stand-in", PARK: PARK}
    place, parent = typed_place(schema, fk.child, fk.child_columns), schema.known_table(fk.parent)
    keys, found = ":" + ",".join(["KEY"] * len(fk.child_columns)), []
    for name in by_preference():
        rule, word = FIXES[name], words.get(name, "")
        if not (word or rule.option) or check not in rule.checks or rule.refusal(schema, fk):
            continue
        if name == "set-default" and not _there(connection, parent, has_values(fk, default_values(schema, fk))):
            continue  # its DEFAULT is the key of no parent; one that is NULL is none
        if name == "update" and _is_unique(schema, fk):
            continue
        option = rule.option or _set(f"{place}={word}{keys if name == 'update' else ''}")
        found.append(Offer(name, rule.loss, word, option))
    return (*found, Offer(None, Loss.NOTHING, KEEP, _set(f"{place}={KEEP}")))


def _set(choice: str) -> str:
    return f"--set {typed_words([choice])}"


def alternatives(
    connection: sqlite3.Connection, schema: Schema, fk: ForeignKey, fix: Fix, asked_donors: bool = False
) -> tuple[str, ...]:
    """What to type to lose less than by a step that deletes rows about which the schema says nothing.

    Args:
        asked_donors: the parents were looked for in older copies, and are in none of them.
    """
    if fix.rests_on != "silent" or fix.loss is not Loss.ROWS:
        return ()
    check = fix.checks[0] if fix.checks else "orphan-rows"
    # where the key can be NULL, the plan would have set it to NULL; and no parent comes back that the plan deletes;
    # to park rows takes them away, too
    unfit = {"set-null", PARK} | (set() if fix.checks else {"restore-parents", "stand-in"})
    unfit |= {"restore-parents"} if asked_donors else set()
    others = (offer for offer in offers(connection, schema, fk, check) if offer.fix not in unfit)
    return tuple(offer.typed for offer in others if offer.loss < fix.loss)


def _is_unique(schema: Schema, fk: ForeignKey) -> bool:
    """True if each parent can have one row only, so that several cannot be pointed at the same one."""
    columns = set(map(folded, fk.child_columns))
    return any({folded(name) for name in key} <= columns for key in schema.known_table(fk.child).keys)


# -- the values of ``--set … =update:VALUE``: what the columns that they are written into make of them ------------

Place = tuple[Table, Column]
"""A column, and the table that has it."""


def with_literals(connection: sqlite3.Connection, schema: Schema, policy: Policy) -> Policy:
    """The policy with the values that were typed as SQL, as the columns of this database take them.

    Raises:
        Refused: for a value that may be a number or a text, where there are parents with either; for a parent that is
            named by another column, where there is none of it or several.
    """
    choices = [(target, _as_sql(connection, schema, target, choice)) for target, choice in policy.choices]
    return replace(policy, choices=tuple(choices))


def _as_sql(connection: sqlite3.Connection, schema: Schema, target: str, choice: Choice) -> Choice:
    if not choice.typed:
        return choice
    table, columns = require_columns(schema, target, "--set")
    keys = [fk for fk in table.foreign_keys if fk.child_columns == columns and fk.fault is None]
    if keys and (key := _key_of_named(connection, schema, target, choice, keys)):
        return replace(choice, literals=key)
    if len(choice.typed) != len(columns):
        require_values(target, columns, choice)
    literals = []
    for at, (text, name) in enumerate(zip(choice.typed, columns, strict=True)):
        parents = [_place(schema, fk.parent, fk.parent_columns[at]) for fk in keys]
        literals.append(_literal(connection, f"--set {target}", text, _place(schema, table.name, name), parents))
    return replace(choice, literals=tuple(literals))


def _key_of_named(
    connection: sqlite3.Connection, schema: Schema, target: str, choice: Choice, keys: Sequence[ForeignKey]
) -> tuple[str, ...]:
    """The key of the one parent that ``column=value`` names, as SQL; empty where a key itself was typed."""
    name, sign, text = choice.typed[0].partition("=")
    parent = schema.known_table(keys[0].parent)
    column = parent.column(name.strip())
    if not sign or column is None or len(choice.typed) > 1:
        return ()
    if len({(folded(fk.parent), fk.parent_columns) for fk in keys}) > 1:
        raise Refused(f"--set {target}: it references more than one table", "give the key itself")
    value = _literal(connection, f"--set {target}", text, (parent, column), ())
    listed = ", ".join(map(quote, keys[0].parent_columns))
    own = " OR ".join(f"{quote(key)} = {literal(choice.typed[0])}" for key in keys[0].parent_columns)
    found = connection.execute(
        f"SELECT {listed} FROM {quote(parent.name)} WHERE {quote(column.name)} = {value} LIMIT 2"
    ).fetchall()
    place = address(parent.name, (column.name,))
    if _there(connection, parent, own):
        raise Refused(
            f"--set {target}: {choice.typed[0]} may be a key of {parent.name}, or name a row by its {column.name}",
            "write the key in quotes",
        )
    if len(found) != 1:
        many = "more than one row has" if found else "no row has"
        raise Refused(f"--set {target}: {many} {place} = {text}", "name the parent by a column that is unique")
    return tuple(map(literal, found[0]))


def stored_keys(
    database: Database, fk: ForeignKey, option: str, keys: Sequence[Sequence[str]], of_parents: bool = False
) -> list[tuple[Value, ...]]:
    """Keys that were typed, as the columns of a child store them.

    Args:
        of_parents: they are those of parents, which says what is meant where a column takes what comes.
    """
    connection, schema = database.connection, database.schema
    places = [_place(schema, fk.child, column) for column in fk.child_columns]
    others = [_place(schema, fk.parent, column) for column in fk.parent_columns]
    rows = []
    for nth, key in enumerate(keys):
        values = [
            _literal(connection, option, text, place, [other] if of_parents else ())
            for text, place, other in zip(key, places, others, strict=True)
        ]
        rows.append(f"({', '.join(values)}, {nth})")
    if not rows:
        return []
    with as_child_stores(connection, schema, fk, f"VALUES {', '.join(rows)}", "id") as stored:
        found = connection.execute(f"SELECT * FROM {stored} ORDER BY id").fetchall()
    return [row[:-1] for row in found]


def _place(schema: Schema, table: str, name: str) -> Place:
    known = schema.known_table(table)
    return known, known.known_column(name)


def _literal(connection: sqlite3.Connection, option: str, text: str, place: Place, parents: Sequence[Place]) -> str:
    """A value as SQL. Where the column takes what comes, it is what the parents are, or else its other values."""
    table, column = place
    kind, value = affinity(column, table.strict), number(text)
    if kind != "BLOB" or value is None:
        return as_sql(text, kind)
    kinds = {affinity(column, table.strict) for table, column in parents}
    if "TEXT" in kinds:
        return literal(text)
    if kinds & NUMERIC or text.startswith("+"):
        return literal(value)
    as_text = as_number = False
    for table, column in parents or [place]:
        name = quote(column.name)
        text_there, number_there = f"typeof({name}) = 'text'", f"typeof({name}) IN ('integer', 'real')"
        if parents:
            text_there += f" AND {name} = {literal(text)}"
            number_there += f" AND {name} = {literal(value)}"
        as_text = as_text or _there(connection, table, text_there)
        as_number = as_number or _there(connection, table, number_there)
    if parents and as_text and as_number:
        word = "update:" if option.startswith("--set") else ""
        raise Refused(
            f"{option}: {parents[0][0].name} has both the number {text} and the text '{text}'",
            f"write a text in quotes, and a number with a sign: {word}'{text}' or {word}+{text}",
        )
    if as_text != as_number:
        return literal(text if as_text else value)
    return literal(value if is_spelled(text, value) else text)


def _there(connection: sqlite3.Connection, table: Table, condition: str) -> bool:
    """True if a table has such a row ``p``, as far as it can be asked."""
    with overlooking(sqlite3.OperationalError):
        return (
            connection.execute(f"SELECT 1 FROM {quote(table.name)} AS p WHERE {condition} LIMIT 1").fetchone()
            is not None
        )
    return False
