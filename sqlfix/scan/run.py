"""Running the checks over every relationship of a database; read only."""

import sqlite3
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path

from sqlfix.frozen import frozen
from sqlfix.model.findings import FaultyRow, Finding, NotChecked, Relationship, Report
from sqlfix.model.graph import parents_first
from sqlfix.model.schema import ForeignKey, Schema
from sqlfix.scan.access_paths import Question
from sqlfix.scan.candidates import Look
from sqlfix.scan.check import CHECKS, Condition
from sqlfix.scan.orphans import Probe
from sqlfix.scan.scope import EVERYTHING, Scope
from sqlfix.scan.table_reader import TableReader
from sqlfix.scan.tables import check_tables, conditions_of
from sqlfix.sql.parked_table import NAME, is_ours
from sqlfix.sql.predicates import count_stored, lookup
from sqlfix.sqlite.deadline import TOO_LONG, limited, overlooking, stop_if_interrupted, was_cut_off
from sqlfix.sqlite.failures import explain, in_words, is_of_whole_file
from sqlfix.sqlite.snapshot import ReaderPool

Progress = Callable[[float, str], object]
"""Called while a scan goes on with the part of all that is done, from 0 to 1, and words for what is worked on."""


@frozen
class Listener:
    """What is told of a scan while it goes on.

    ``early`` is called once the keys are checked, with a report that is not ``complete``: the slower checks follow.
    """

    progress: Progress | None = None
    early: Callable[[Report], object] | None = None


class RowsRead:
    """How many of the rows that are to be read have been: of ``total``; the threads that read say so as they go."""

    def __init__(self, total: int, progress: Progress | None) -> None:
        self._total, self._progress = total or 1, progress
        self._read = 0
        self._lock = threading.Lock()

    @contextmanager
    def reading(self, rows: int, now: str) -> Iterator[Callable[[int], object]]:
        """While so many of the rows are read, about; gives what is to be called with the numbers as they are."""
        before = self._read

        def done(some: int) -> None:
            with self._lock:  # the part must not go back
                self._read += some
                if self._progress:
                    self._progress(min(self._read / self._total, 1.0), now)

        done(0)
        yield done
        done(before + rows - self._read)  # pieces are counted in round numbers


NOBODY = Listener()
FEW_ROWS, MANY = 1000, 100
"""How many rows are not worth to be told of at once, unless it is of so many relationships that they are the rows."""


def scan(connection: sqlite3.Connection, schema: Schema, database: str, scope: Scope = EVERYTHING) -> Report:
    """Look at all relationships and tables in scope by one connection alone, and check them: see `check_all`."""
    return check_all(connection, look_at(ReaderPool([connection]), schema, scope), database, scope)


def check_all(
    connection: sqlite3.Connection, look: Look, database: str, scope: Scope = EVERYTHING, listener: Listener = NOBODY
) -> Report:
    """Check every relationship in scope, each on its own, so that one that cannot be checked hides no other.

    What a repair does about the findings is not in them: see `sqlfix.plan.defaults.propose`.

    Args:
        look: what `look_at` has seen of the same state.
        listener: told of what comes after that look.

    Raises:
        Malformed: where the file itself is damaged; that is no matter of one relationship.
    """
    damage = look.tables.known_damage
    relationships, findings = _of_relationships(connection, look, database, scope, listener.progress)
    if listener.early:
        early = _report(look.schema, database, relationships, findings)
        listener.early(replace(early, not_checked=_missed(look.schema, relationships, scope), complete=False))
    in_tables, unasked = check_tables(connection, look.schema, scope, look)
    if look.tables.known_damage != damage:  # what is found out of an index, the relationships go by
        look.forget_orphans()
        relationships, findings = _of_relationships(connection, look, database, scope, listener.progress)
    findings = (*findings, *_unsaid(in_tables, findings))
    missed = (*_missed(look.schema, relationships, scope), *unasked)
    report = _report(look.schema, database, relationships, findings)
    return replace(report, not_checked=missed, parked=_parked(connection, look.schema))


def _parked(connection: sqlite3.Connection, schema: Schema) -> int:
    """How many rows repairs have parked."""
    table = schema.table(NAME)
    if table is None or table.unreadable or not is_ours(table):
        return 0
    with overlooking(sqlite3.DatabaseError):
        return count_rows(connection, NAME)
    return 0


def _report(
    schema: Schema, database: str, relationships: tuple[Relationship, ...], findings: tuple[Finding, ...]
) -> Report:
    empty, beyond = not schema.tables, len(schema.foreign_keys) - len(relationships)
    return Report(database, relationships, schema.join_tables, findings, (), empty=empty, beyond=beyond)


def _missed(schema: Schema, relationships: tuple[Relationship, ...], scope: Scope) -> tuple[NotChecked, ...]:
    """The tables that cannot be read, and the relationships that could not be checked."""
    return (
        *(NotChecked(t.name, f"the {t.kind} cannot be read: {t.unreadable}") for t in schema.tables if t.unreadable),
        *(
            NotChecked(_place(r.foreign_key), r.reason or "it could not be checked")
            for r in relationships
            if not r.checked and (r.foreign_key.fault is None or scope.has(r.foreign_key.fault.check, r.foreign_key))
        ),
    )


def _of_relationships(
    connection: sqlite3.Connection, look: Look, database: str, scope: Scope, progress: Progress | None
) -> tuple[tuple[Relationship, ...], tuple[Finding, ...]]:
    """All relationships in scope, and what is found of them."""
    relationships: list[Relationship] = []
    findings: list[Finding] = []
    seen: set[object] = set()
    in_scope = [fk for fk in look.schema.foreign_keys if scope.covers(fk)]
    for fk in _telling(look, in_scope, progress) if progress else in_scope:
        if look.is_sound(fk):
            relationships.append(_sound(look, fk))
            continue
        relationship, found = check(Probe(connection, look.schema, fk, look), database, scope)
        relationships.append(relationship)
        if found:
            # of two declarations of one relationship SQLite may be able to use the one and not the other
            declared = (fk.subject, None if fk.fault else lookup(look.schema, fk))
            findings.extend(found if declared not in seen else ())
            seen.add(declared)
    return tuple(relationships), tuple(findings)


def _unsaid(in_tables: list[Finding], findings: tuple[Finding, ...]) -> Iterator[Finding]:
    """The findings of tables but for an index of which a relationship speaks, or which its table's duplicates spoil."""
    said = {(f.parent, f.facts.get("index")) for f in findings if f.check == "index-disagrees"}
    said |= {(f.table, f.facts.get("index")) for f in in_tables if f.check == "duplicate-keys"}
    for finding in in_tables:
        if finding.check != "index-disagrees" or (finding.table, finding.facts.get("index")) not in said:
            yield finding


def _telling(look: Look, foreign_keys: list[ForeignKey], progress: Progress) -> Iterator[ForeignKey]:
    """The relationships one after the other, and how far it is with those that the look has not shown to be sound."""
    left = [look.rows_left(fk) for fk in foreign_keys]
    rows, untold = RowsRead(sum(left), progress), 0
    for judged, fk in enumerate(foreign_keys):
        untold += left[judged]
        if not left[judged] or (untold < FEW_ROWS and judged % MANY):
            yield fk
            continue
        now = f"counting orphans: {judged} of {len(foreign_keys)} relationships done, now {_place(fk)}"
        with rows.reading(untold, now) as look.done:
            yield fk
        look.done, untold = None, 0


def look_at(
    readers: ReaderPool,
    schema: Schema,
    scope: Scope = EVERYTHING,
    progress: Progress | None = None,
    only: Collection[ForeignKey] | None = None,
) -> Look:
    """Take the fast look at all relationships in scope, or only at some, table by table."""
    look = Look(readers, schema)
    foreign_keys = [fk for fk in (schema.foreign_keys if only is None else only) if scope.covers(fk)]
    asks = conditions_of(look, scope) if only is None else {}
    look.count(
        foreign_keys, asks, {t.name for t in schema.tables if only is None and scope.concerns("duplicate-keys", t.name)}
    )
    tables: dict[str, list[ForeignKey]] = {name: [] for name in asks}
    for fk in dict.fromkeys(foreign_keys):
        tables.setdefault(fk.child, []).append(fk)
    finished = sum(len(tables.pop(name)) for name in look_at_tiny(look, tables, asks))
    rows = RowsRead(sum(look.sizes.get(name, 0) for name in tables), progress)
    for name, some in _in_turn(look, tables, scope):
        columns = ", ".join(", ".join(fk.child_columns) for fk in some)
        where = f"{name}.{columns}" if some else name
        now = f"{finished} of {len(foreign_keys)} relationships done, now {where}"
        with rows.reading(look.sizes.get(name, 0), now) as done:
            look_at_table(look, name, some, asks.get(name, []), done)
        finished += len(some)
    look.tables.settle_all()
    return look


def _in_turn(
    look: Look, tables: Mapping[str, list[ForeignKey]], scope: Scope
) -> Iterator[tuple[str, list[ForeignKey]]]:
    """The tables with their relationships, first those whose ids are to be known for others."""
    parents = {name: [fk.parent for fk in some if look.goes_by_ids(fk)] for name, some in tables.items()}
    look.tables.wanted_ids = {name: False for name in tables if scope.concerns("duplicate-keys", name)}
    look.tables.wanted_ids |= {name: True for some in parents.values() for name in some}
    for together in parents_first(tables, parents):
        yield from ((name, tables[name]) for name in together)


def look_at_tiny(look: Look, tables: Mapping[str, list[ForeignKey]], asks: Mapping[str, list[Condition]]) -> list[str]:
    """Ask all there is to ask of those tables that are tiny, many of them together; their names."""
    asked = []
    for name, foreign_keys in tables.items():
        table, own = look.schema.table(name), asks.get(name, ())
        if table is not None and not any(ask.untrusted for ask in own):
            asked.append((table, foreign_keys, [Question(table, ask.where) for ask in own]))
    looked_at = []
    for table, answers in look.at_tiny(asked):
        looked_at.append(table.name)
        look.answers.update(zip(asks.get(table.name, ()), answers, strict=True))
    return looked_at


def look_at_table(
    look: Look, name: str, foreign_keys: list[ForeignKey], asks: list[Condition], done: Callable[[int], object]
) -> None:
    """Ask all there is to ask of a table in one reading; what the schema itself computes is asked apart."""
    table = look.schema.known_table(name)
    plain = [ask for ask in asks if not ask.untrusted] if name in look.sizes else []
    questions = [
        Question(table, ask.where, unless=unless, allocates=ask.allocates)
        for ask, unless in zip(plain, _usual(look, plain), strict=True)
    ]
    answers = look.at(foreign_keys, done, questions)
    if name in look.sizes:  # a damaged table may turn out to be one whose rows cannot be counted
        look.answers.update(zip(plain, answers, strict=True))
    for ask in asks:
        if ask.untrusted and name in look.sizes:
            with limited(look.sizes[name], *look.readers.connections):
                (answer,) = look.at([], None, [Question(table, ask.where)])
                if isinstance(answer, sqlite3.DatabaseError) and was_cut_off():
                    answer = sqlite3.DatabaseError(TOO_LONG)
            look.answers[ask] = answer


def _usual(look: Look, asks: list[Condition]) -> Iterator[str]:
    """What the sound rows of each condition have in common, as SQL."""
    known: dict[str, str] = {}
    for ask in asks:
        if isinstance(ask.unless, str):
            yield ask.unless
            continue
        if ask.unless.asked not in known:
            known[ask.unless.asked] = ""
            with overlooking(sqlite3.DatabaseError):  # where it cannot be read, the reading of the table says so
                (pattern,) = look.readers.connections[0].execute(ask.unless.asked).fetchone()
                known[ask.unless.asked] = ask.unless.sql(pattern)
        yield known[ask.unless.asked]


def check(probe: Probe, database: str, scope: Scope = EVERYTHING) -> tuple[Relationship, tuple[Finding, ...]]:
    """What the checks in scope find of one relationship."""
    fk = probe.foreign_key
    rows = None if fk.fault else probe.look.sizes.get(fk.child)
    unread = next((table for table in (probe.child, probe.parent) if table.unreadable), None) if not fk.fault else None
    if unread is not None:
        return Relationship(fk, checked=False, reason=f"{unread.name} cannot be read: {unread.unreadable}"), ()
    if probe.look.is_sound(fk):
        return _sound(probe.look, fk), ()
    with ExitStack() as stack:
        try:
            if rows is None and not fk.fault:
                rows = count_rows(probe.connection, fk.child)
            if _computes(probe):
                stack.enter_context(limited(rows or 0, probe.connection))
            found = tuple(_faults(probe, scope) if fk.fault else _orphans(probe, scope))
            orphans = None if fk.fault else probe.figures.orphans + probe.figures.placeholders
        except sqlite3.DatabaseError as error:
            return Relationship(fk, checked=False, reason=why_not(error, database)), ()
    if fk.fault:
        return Relationship(fk, checked=False, reason=f"the schema is at fault: {fk.fault.check}"), found
    return Relationship(fk, checked=True, rows=rows, orphans=orphans), found


def _sound(look: Look, fk: ForeignKey) -> Relationship:
    """A relationship in which there is nothing that a check could find."""
    return Relationship(fk, checked=True, rows=look.sizes.get(fk.child), orphans=0)


def _faults(probe: Probe, scope: Scope) -> Iterator[Finding]:
    """What is wrong with the declaration of the relationship, which SQLite cannot use."""
    fk = probe.foreign_key
    check = CHECKS[fk.fault.check] if fk.fault and scope.has(fk.fault.check, fk) else None
    if fk.fault and check and check.declared:
        yield Finding(fk.fault.check, check.severity, *fk.subject, facts=check.declared(probe, fk.fault))


def _orphans(probe: Probe, scope: Scope) -> Iterator[Finding]:
    """What the checks in scope find among the rows of the relationship."""
    for name, orphans in _of_orphans():
        if scope.has(name, probe.foreign_key):
            yield from orphans(probe)


@cache
def _of_orphans() -> list[tuple[str, Callable[[Probe], Iterable[Finding]]]]:
    return [(name, check.orphans) for name, check in CHECKS.all().items() if check.orphans]


def _computes(probe: Probe) -> bool:
    """True if a column of the key is computed when it is read, by an expression of the schema's own."""
    fk = probe.foreign_key
    return not fk.fault and any(
        (column := table.column(name)) is not None and column.generated
        for table, columns in ((probe.child, fk.child_columns), (probe.parent, fk.parent_columns))
        for name in columns
    )


def why_not(error: sqlite3.DatabaseError, database: str) -> str:
    """Why one relationship could not be checked; an error that concerns the whole file is raised instead."""
    stop_if_interrupted(error)
    if was_cut_off():
        return TOO_LONG
    if is_of_whole_file(error):
        raise explain(Path(database), error) from error
    text = in_words(error)
    return f"{text}, and without it keys cannot be compared" if text.startswith("no such collation") else text


def count_rows(connection: sqlite3.Connection, table: str) -> int:
    """How many rows a table has, counted in the table itself."""
    return int(connection.execute(count_stored(table)).fetchone()[0])


def _place(fk: ForeignKey) -> str:
    return f"{fk.child}.{', '.join(fk.child_columns)}"


def faulty_rows(
    connection: sqlite3.Connection, schema: Schema, report: Report, look: Look, unlisted: Callable[[NotChecked], object]
) -> Iterator[FaultyRow]:
    """Every row of the findings of a report, one at a time, as far as single rows are at fault.

    Args:
        look: what the scan went by.
        unlisted: called with a finding whose rows cannot be listed, and why.
    """
    keys = schema.usable_keys()
    told: set[object] = set()
    for finding in report.findings:
        about, table = (finding.check, finding.subject), schema.table(finding.table)
        if table and finding.where is not None:
            rows = TableReader(connection, schema, table, look).rows(finding.columns, finding.where)
            yield from (FaultyRow(*about, row) for row in rows)
        elif finding.check in ("orphan-rows", "placeholder-values") and about not in told:
            told.add(about)
            fk = keys[finding.subject]
            try:
                for row in Probe(connection, schema, fk, look).rows(finding.check):
                    yield FaultyRow(*about, row)
            except sqlite3.DatabaseError as error:  # a key may be told from others where it cannot be compared
                unlisted(NotChecked(_place(fk), why_not(error, report.database)))
