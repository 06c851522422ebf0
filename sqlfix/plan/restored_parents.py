"""The stage that brings missing parents back from donors, as fixes that carry the rows in their statements.

Which rows come back is found out by adding them to a copy. SQLite is the judge: a row that it refuses there (a key or a
UNIQUE value that another row has by now, a CHECK, a trigger) does not come back, and neither does one that would be
without a parent itself. Their orphans are held back.
"""

import sqlite3
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from sqlfix.model.plans import Change, Fix
from sqlfix.model.schema import ForeignKey, Schema, Table
from sqlfix.model.values import NotUtf8, Value, folded, grouped, name_of_rowid
from sqlfix.plan.added_rows import (
    MOST_ROWS,
    TOO_LARGE,
    TOO_MANY,
    AddedRows,
    Ended,
    Growing,
    Restored,
    ReusedKeys,
    has_one_of,
)
from sqlfix.plan.apply import table_sizes
from sqlfix.plan.fix import FIXES
from sqlfix.plan.missing_parents import Key, Parents, find_children, find_parents, missing_keys
from sqlfix.plan.policy import ORPHANS, STAND_INS, Held, Policy
from sqlfix.plan.rehearsal import private_copy
from sqlfix.plan.stage import Stage
from sqlfix.schema.bookkeeping import is_bookkeeping
from sqlfix.schema.database import Database, Donor
from sqlfix.sql.literals import all_of, free_name, literal, quote
from sqlfix.sql.predicates import orphan
from sqlfix.sqlite.deadline import limited, stop_if_interrupted
from sqlfix.text import plural, shown_name

PIECE_ROWS, PIECE_BYTES = 50_000, 16 << 20
"""How many rows, and how many bytes of text and BLOBs, one statement of a plan carries at most."""
AS_LONG_AS = 100_000
"""To try out what comes back may take as long as so many rows of a database: see `limited`."""


def restore_parents(database: Database, policy: Policy) -> Stage:
    """Bring back the missing parents that the policy's donors have, with all their columns and their own parents."""
    closed: dict[str, str] = {}
    policy = replace(policy, held=tuple(held for held in policy.held if not held.by_donors))  # it may look again
    while True:
        with private_copy(database.connection) as copy:
            copy.execute("BEGIN")
            work = Restoring(copy, database.schema, policy, closed)
            try:
                with limited(AS_LONG_AS + sum(table_sizes(copy, database.schema).values()), copy):
                    grown = work.run()
                    held = list(work.held())
            except Ended as ended:  # each round closes one table more
                closed[folded(ended.table)] = ended.reason
                continue
        stage = Stage(policy, tuple(_fixes(database.schema, grown)))
        for one, rows in held:
            stage = stage.holding(one, rows)
        return stage


def _fixes(schema: Schema, grown: Iterable[Growing]) -> Iterator[Fix]:
    """A fix for each table, donor, set of columns, and key that has a value in each row; several for very many rows."""
    number = 0
    for each in grown:
        kinds = grouped(((row.donor, row.columns, _key_of(each.table, row)), row) for row in each.rows.values())
        for (_, _, key), rows in kinds.items():
            for piece in _in_pieces(rows):
                number += 1
                yield _fix(schema, each.table, key, piece, free_name(schema, f"sqlfix_donor_{number}"))


def _in_pieces(rows: list[Restored]) -> Iterator[list[Restored]]:
    """Some rows at a time, so that no statement is too long for whoever runs it."""
    piece: list[Restored] = []
    size = 0
    for row in rows:
        if len(piece) == PIECE_ROWS or (piece and size + row.size > PIECE_BYTES):
            yield piece
            piece, size = [], 0
        piece.append(row)
        size += row.size
    yield piece


def _key_of(table: Table, row: Restored) -> tuple[str, ...]:
    """The key that tells whether a row is there: one without a NULL, which is equal to nothing; empty without one."""
    given = {name for name, value in zip(row.columns, row.values, strict=True) if value is not None}
    return next((key for key in table.keys if set(key) <= given), ())


def _fix(schema: Schema, table: Table, key: tuple[str, ...], rows: list[Restored], carried: str) -> Fix:
    """The fix that adds the rows of one donor to a table, from a temporary table that it makes of them."""
    donor, columns = rows[0].donor, rows[0].columns
    change = Change(
        "insert",
        table.name,
        where=_is_missing(table, key) if key else _is_alone(table, columns, carried),
        set={name: f"d.{quote(name)}" for name in columns},
        source=f"FROM temp.{carried} AS d",
    )
    fix = FIXES["restore-parents"].step(
        schema,
        (table.name, key or columns, None, ()),
        change,
        checks=(ORPHANS,),
        rows=len(rows),
        written=(),  # no row that was there before
        why=f"from {donor}{_cut(rows)}",
    )
    return fix.between(_carry(carried, columns, rows), (f"DROP TABLE temp.{carried}",))


def _cut(rows: Sequence[Restored]) -> str:
    """What is said of the keys that come back as NULL."""
    columns = sorted({name for row in rows for name in row.cut})
    they = plural(sum(bool(row.cut) for row in rows), "row")
    listed = ", ".join(map(shown_name, columns))
    return f"; {listed} of {they} becomes NULL, since it has no parent" if columns else ""


def _is_missing(table: Table, columns: Sequence[str]) -> str:
    """True where no row ``p`` of the table has the key of a carried row ``d``."""
    wanted = {folded(name) for name in columns}
    by: dict[str, str] = {}
    for index in table.indexes:
        if index.unique and not index.partial and {folded(column.name or "") for column in index.columns} == wanted:
            by = {folded(column.name or ""): f" COLLATE {quote(column.collation)}" for column in index.columns}
    there = all_of([f"p.{quote(name)}{by.get(folded(name), '')} = d.{quote(name)}" for name in columns])
    return f"NOT EXISTS (SELECT 1 FROM {quote(table.name)} AS p WHERE {there})"


def _is_alone(table: Table, columns: Sequence[str], carried: str) -> str:
    """True where no row of the table has all values of a carried row ``d``; the table is read once for all of them."""
    number = name_of_rowid(columns)
    carry = "e" if number else "d"
    # the first comparison can be looked up, by an index that SQLite makes; the second one is exact
    same = [f"p.{quote(name)} IS {carry}.{quote(name)}" for name in columns]
    same += [f"+p.{quote(name)} IS +{carry}.{quote(name)} COLLATE BINARY" for name in columns]
    same += [f"typeof(p.{quote(name)}) = typeof({carry}.{quote(name)})" for name in columns]
    if number is None:
        return f"NOT EXISTS (SELECT 1 FROM {quote(table.name)} AS p WHERE {all_of(same)})"
    found = f"FROM temp.{carried} AS e CROSS JOIN {quote(table.name)} AS p ON {all_of(same)}"
    return f"d.{number} NOT IN (SELECT e.{number} {found})"


def _carry(name: str, columns: Sequence[str], rows: Sequence[Restored]) -> tuple[str, ...]:
    """The statements that write rows down in a temporary table, each value as it is."""
    listed = ", ".join(f"column{place} AS {quote(column)}" for place, column in enumerate(columns, 1))
    values = ",\n  ".join(f"({', '.join(map(_bare, row.values))})" for row in rows)
    return (
        f"DROP TABLE IF EXISTS temp.{name}",
        f"CREATE TEMP TABLE {name} AS SELECT {listed} FROM (VALUES\n  {values}\n)",
    )


def _bare(value: Value) -> str:
    """A value as a literal without an affinity, which would become that of its column."""
    return f"+{literal(value)}" if isinstance(value, NotUtf8) else literal(value)


MOST_HELD = 500
"""Keys of orphans that are held back one by one; where there are more, all of the relationship are."""
MOST_SHOWN = 3
"""Conflicts that are shown of a relationship."""
HINT = "correct what is in the way; or carry this out first, and then decide about these rows with --set"

Troubles = dict[str, list[Key]]
"""The keys of one relationship whose parents a donor has and that do not come back, by the reason."""


class Restoring:
    """Adds rows of donors to a copy of a database, inside one transaction, until there are none that are missing.

    Args:
        copy: a connection that writes to the copy.
        closed: tables to which nothing is added, by their folded names, with the reason.
    """

    def __init__(self, copy: sqlite3.Connection, schema: Schema, policy: Policy, closed: Mapping[str, str]) -> None:
        self.schema = schema
        self._copy = copy
        self._policy = policy
        self._reused = ReusedKeys(copy, schema)
        self._added = AddedRows(copy, schema, closed, policy)
        self._troubles: dict[ForeignKey, Troubles] = {}
        self._asked: dict[ForeignKey, set[Key]] = {}

    def run(self) -> list[Growing]:
        """Add all that can come back; the tables with the rows that do, in the order in which they were found."""
        usable = self.schema.usable_keys().values()
        queue = deque((fk, "") for fk in usable if self._may_restore(fk))
        while queue:
            fk, only = queue.popleft()
            changed = self._restore(fk, only)
            for name in changed:
                added = f" AND {self._added.tables[folded(name)].latest()}"
                queue.extend((up, added) for up in usable if folded(up.child) == folded(name))
        if self._added.take_back_orphans(self._refused):
            self._added.take_back_unwanted()
            self._explain_what_stays()
        return [each for each in self._added.tables.values() if each.rows]

    def _may_restore(self, fk: ForeignKey) -> bool:
        """True if orphans of a relationship are to get their parents back, as nothing else was chosen for them."""
        policy, named = self._policy, self._policy.named(fk)
        if (named and named.fix not in STAND_INS) or policy.holds(fk) or not policy.scope.has(ORPHANS, fk):
            return False
        return not (is_bookkeeping(fk.child) or is_bookkeeping(fk.parent))

    # -- one relationship ---------------------------------------------------------------------------------------------

    def _restore(self, fk: ForeignKey, only: str) -> set[str]:
        """Bring back the missing parents of a relationship; the tables that got rows."""
        try:
            keys = missing_keys(self._copy, self.schema, fk, f"{only} LIMIT {MOST_ROWS + 1}")
        except sqlite3.DatabaseError as error:
            stop_if_interrupted(error)
            return set()
        asked = self._asked.setdefault(fk, set())
        closed = asked.union(self._policy.held_keys(fk))
        open_keys = [key for key in keys if key not in closed]
        asked.update(open_keys)
        if len(keys) > MOST_ROWS:
            self._refuse(fk, TOO_MANY, open_keys[:1])
            return set()
        changed: set[str] = set()
        unread: dict[Key, str] = {}
        for donor in self._policy.donors:
            if not open_keys:
                break
            found = find_parents(donor, self.schema, fk, open_keys)
            if found.rows:
                changed |= self._add_all(donor, fk, open_keys, found)
            there, reason = found.places, f"whether {donor.name} has it, nobody can tell: {found.reason}"
            unread.update((open_keys[place], reason) for place in found.unread)
            open_keys = [key for place, key in enumerate(open_keys) if place not in there]
        for key in open_keys:
            if key in unread:
                self._refuse(fk, unread[key], [key])
        return changed

    def _add_all(self, donor: Donor, fk: ForeignKey, keys: Sequence[Key], found: Parents) -> set[str]:
        """Add the parents that a donor has; the tables that got rows."""
        if reason := self._why_not(donor, fk.parent, found.columns):
            self._refuse(fk, reason, [keys[place] for place in sorted(found.places)])
            return set()
        added: list[Restored] = []
        times = Counter(place for place, _ in found.rows)
        parent = self.schema.known_table(fk.parent)
        rows = [Restored(donor.name, found.columns, values) for _, values in found.rows]
        reused = self._reused.reasons(donor, parent, rows)
        for number, ((place, _), row) in enumerate(zip(found.rows, rows, strict=True)):
            reason = self._why_unsure(donor, row) or reused.get(number, "")
            if times[place] > 1:
                reason = f"{donor.name} has several rows with the same key"
            if reason := reason or self._added.add(parent, row, sought=True):
                self._refuse(fk, reason, [keys[place]])
            else:
                added.append(row)
        changed = {fk.parent} if added else set()
        if added and self._policy.with_children:
            changed |= self._add_children(donor, fk.parent, added)
        return changed

    def _why_unsure(self, donor: Donor, row: Restored) -> str:
        """Why the values of a row are not the same in the database: bytes that are no text mean another one there."""
        if not any(isinstance(value, NotUtf8) for value in row.values):
            return ""
        ours, theirs = (c.execute("PRAGMA encoding").fetchone() for c in (self._copy, donor.database.connection))
        return "" if ours == theirs else f"{donor.name} has it with text that is not valid, and in another encoding"

    def _add_children(self, donor: Donor, parent: str, added: list[Restored]) -> set[str]:
        """Add the rows of a donor that reference rows which came back and that are gone, and so on below."""
        changed: set[str] = set()
        waiting = [(parent, added)]
        while waiting:
            name, rows = waiting.pop()
            for fk in self.schema.references_to(name):
                if fk.fault is not None or is_bookkeeping(fk.child):
                    continue
                columns, found = find_children(donor, self.schema, fk, _keys(rows, fk.parent_columns))
                if not found or self._why_not(donor, fk.child, columns):
                    continue
                table = self.schema.known_table(fk.child)
                children = [Restored(donor.name, columns, values) for values in found]
                children = [child for child in children if not self._why_unsure(donor, child)]
                reused = self._reused.reasons(donor, table, children)
                came = [
                    child
                    for number, child in enumerate(children)
                    if number not in reused and self._added.add_unless_there(table, child)
                ]
                if came:
                    changed.add(fk.child)
                    waiting.append((fk.child, came))
        return changed

    def _why_not(self, donor: Donor, name: str, columns: Sequence[str]) -> str:
        """Why no row of a donor can come back into a table; empty if they can."""
        table = self.schema.known_table(name)
        mine = set(columns)
        for column in table.columns:
            needed = column.not_null and column.default is None and not column.generated
            if needed and column.name not in mine and column.name != table.integer_key:
                place = f"{shown_name(table.name)}.{shown_name(column.name)}"
                return f"{place} is NOT NULL without a DEFAULT, and {donor.name} has no such column"
        return self._added.why_closed(table)

    # -- what does not come back --------------------------------------------------------------------------------------

    def _refuse(self, fk: ForeignKey, reason: str, keys: Sequence[Key]) -> None:
        self._troubles.setdefault(fk, {}).setdefault(reason, []).extend(keys)

    def _refused(self, fk: ForeignKey) -> tuple[Key, ...]:
        """The keys of a relationship whose parents a donor has and that do not come back."""
        return tuple(key for keys in self._troubles.get(fk, {}).values() for key in keys)

    def _explain_what_stays(self) -> None:
        """Note of the orphans whose parents were taken back why they are left."""
        for fk in self.schema.usable_keys().values():
            each = self._added.tables.get(folded(fk.parent))
            if each is None or not each.lacks or not self._may_restore(fk):
                continue
            known = set(self._refused(fk))
            keys = [key for key in missing_keys(self._copy, self.schema, fk) if key not in known]
            for donor in self._policy.donors:
                found = find_parents(donor, self.schema, fk, keys)
                parents = ", ".join(map(shown_name, sorted(each.lacks)))
                reason = f"{donor.name} has it, but no donor has its own parent in {parents}"
                there = found.places
                if there:
                    self._refuse(fk, reason, [keys[place] for place in sorted(there)])
                keys = [key for place, key in enumerate(keys) if place not in there]

    def held(self) -> Iterator[tuple[Held, int]]:
        """What the rest of a plan must not take, with the reasons; of some keys how many rows have them.

        Of a relationship that is held back as a whole the rest of the plan says so.
        """
        for fk, troubles in self._troubles.items():
            keys = tuple(dict.fromkeys(self._refused(fk)))
            more = len(troubles) - MOST_SHOWN
            reason = "; ".join(list(troubles)[:MOST_SHOWN]) + (f"; and {more:,} more like these" if more > 0 else "")
            if TOO_MANY in troubles or TOO_LARGE in troubles or len(keys) > MOST_HELD:
                yield Held(fk.subject, reason, (), HINT, True), 0
            elif count := self._count(fk, keys):
                yield Held(fk.subject, reason, keys, HINT, True), count

    def _count(self, fk: ForeignKey, keys: Sequence[Key]) -> int:
        """How many orphans have some keys."""
        query = (
            f"SELECT count(*) FROM {quote(fk.child)} AS c WHERE {orphan(self.schema, fk)} AND {has_one_of(fk, keys)}"
        )
        return int(self._copy.execute(query).fetchone()[0])


def _keys(rows: Sequence[Restored], columns: Sequence[str]) -> list[Key]:
    """The values of some columns of rows, of those that have them."""
    found = (dict(row.pairs) for row in rows)
    return [tuple(values[name] for name in columns) for values in found if set(columns) <= values.keys()]
