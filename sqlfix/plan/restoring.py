"""The stage that brings missing parents back from donors: which rows come back is found out by adding them to a copy.

SQLite is the judge: a row that it refuses there (a key or a UNIQUE value that another row has by now, a CHECK, a
trigger) does not come back, and neither does one that would be without a parent itself. Their orphans are held back.
"""

from __future__ import annotations

import re
import sqlite3
from collections import Counter, deque
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sqlfix.frozen import frozen
from sqlfix.model.plans import Left
from sqlfix.model.schema import ForeignKey, Schema, Table
from sqlfix.model.values import NotUtf8, Value, folded
from sqlfix.plan.missing_parents import Key, Parents, find_children, find_parents, missing_keys
from sqlfix.plan.policy import ORPHANS, Held, Policy
from sqlfix.schema.bookkeeping import is_bookkeeping
from sqlfix.schema.donor import Donor
from sqlfix.sql.literals import all_of, any_of, holds, literal, names, quote
from sqlfix.sql.predicates import is_row, match_parent, orphan
from sqlfix.sqlite.deadline import stop_if_interrupted
from sqlfix.sqlite.failures import is_of_the_disk
from sqlfix.sqlite.integrity import complaints
from sqlfix.sqlite.lacking import in_words
from sqlfix.sqlite.row_sets import RowSet, unused_name
from sqlfix.text import pairs_text, shown_name

MOST_ROWS = 50_000
"""How many rows of donors a plan brings back at most: its script carries each of them."""
MOST_HELD = 500
"""Keys of orphans that are held back one by one; where there are more, all of the relationship are."""
MOST_SHOWN = 3
"""Conflicts that are shown of a relationship."""
MOST_COLUMNS = 6
"""Columns that are shown of a row."""
HINT = "choose what becomes of them with --set, or correct the row that is in the way, and repair again"
NO_DAMAGE = re.compile(r"NULL value in |CHECK constraint failed in |(non-\w+|NUMERIC|TEXT) value in ")
"""What SQLite says of a table whose rows break its constraints, and whose indexes are whole."""
MOST_BYTES = 32 << 20
"""How many bytes of text and BLOBs these rows hold at most."""
TOO_MANY = f"more than {MOST_ROWS:,} rows would have to come back, and a script carries at most so many"
TOO_LARGE = (
    f"the rows that would have to come back hold more than {MOST_BYTES >> 20} MB, the most that a script carries"
)


@frozen
class Restored:
    """A row of a donor that comes back: the columns that are written, and their values."""

    donor: str
    columns: tuple[str, ...]
    values: tuple[Value, ...]


@frozen
class Returning:
    """All rows that come back into one table, in the order in which they were found."""

    table: Table
    rows: tuple[Restored, ...]


class Ended(Exception):
    """A trigger of a table ended the transaction when a row was added."""

    def __init__(self, table: str) -> None:
        super().__init__(table)
        self.table = table


@dataclass
class _Table:
    """A table while rows are added to it, by the values of its ``row_id``.

    ``sought`` are those that somebody misses; the others came along with their parents. ``lacks`` are the tables in
    which rows that were taken back had no parent.
    """

    table: Table
    added: RowSet
    rows: dict[tuple[Value, ...], Restored] = field(default_factory=dict)
    sought: set[tuple[Value, ...]] = field(default_factory=set)
    lacks: set[str] = field(default_factory=set)


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
        self._tables: dict[str, _Table] = {}
        self._closed = dict(closed)
        self._bytes = 0
        self._troubles: dict[ForeignKey, Troubles] = {}
        self._asked: dict[ForeignKey, set[Key]] = {}

    def run(self) -> tuple[Returning, ...]:
        """Add all that can come back; what comes back, table by table."""
        queue = deque((fk, "") for fk in _sound(self.schema) if self._may_restore(fk))
        while queue:
            fk, only = queue.popleft()
            changed = self._restore(fk, only)
            for name in changed:
                table = self._tables[folded(name)]
                added = f" AND {table.added.holds('c')}"
                queue.extend((up, added) for up in _sound(self.schema) if folded(up.child) == folded(name))
        if self._take_back_orphans():
            self._take_back_unwanted()
            self._explain_what_stays()
        return tuple(Returning(each.table, tuple(each.rows.values())) for each in self._tables.values() if each.rows)

    def _may_restore(self, fk: ForeignKey) -> bool:
        """True if orphans of a relationship are to get their parents back, as nothing else was chosen for them."""
        policy = self._policy
        if policy.named(fk) or policy.holds(fk) or is_bookkeeping(fk.child) or is_bookkeeping(fk.parent):
            return False
        return policy.scope.has(ORPHANS, fk)

    # -- one relationship ---------------------------------------------------------------------------------------------

    def _restore(self, fk: ForeignKey, only: str) -> set[str]:
        """Bring back the missing parents of a relationship; the tables that got rows."""
        try:
            keys = missing_keys(self._copy, self.schema, fk, f"{only} LIMIT {MOST_ROWS + 1}")
        except sqlite3.DatabaseError as error:
            stop_if_interrupted(error)
            return set()
        asked = self._asked.setdefault(fk, set())
        open_keys = [key for key in keys if key not in asked and key not in self._policy.held_keys(fk)]
        asked.update(open_keys)
        if len(keys) > MOST_ROWS:
            self._refuse(fk, TOO_MANY, open_keys[:1])
            return set()
        changed: set[str] = set()
        for donor in self._policy.donors:
            if not open_keys:
                break
            found = find_parents(donor, self.schema, fk, open_keys)
            if found.rows:
                changed |= self._add_all(donor, fk, open_keys, found)
            open_keys = [key for place, key in enumerate(open_keys) if place not in found.places]
        return changed

    def _add_all(self, donor: Donor, fk: ForeignKey, keys: Sequence[Key], found: Parents) -> set[str]:
        """Add the parents that a donor has; the tables that got rows."""
        if reason := self._why_not(donor, fk.parent, found.columns):
            self._refuse(fk, reason, [keys[place] for place in sorted(found.places)])
            return set()
        added: list[Restored] = []
        times = Counter(row.place for row in found.rows)
        for found_row in found.rows:
            row, key = Restored(donor.name, found.columns, found_row.values), keys[found_row.place]
            several = f"{donor.name} has several rows with the same key" if times[found_row.place] > 1 else ""
            if reason := several or self._add(self.schema.known_table(fk.parent), row, sought=True):
                self._refuse(fk, reason, [key])
            else:
                added.append(row)
        changed = {fk.parent} if added else set()
        if added and self._policy.with_children:
            changed |= self._add_children(donor, fk.parent, added)
        return changed

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
                children = [Restored(donor.name, columns, values) for values in found]
                came = [child for child in children if self._add_child(self.schema.known_table(fk.child), child)]
                if came:
                    changed.add(fk.child)
                    waiting.append((fk.child, came))
        return changed

    def _add_child(self, table: Table, row: Restored) -> bool:
        """Add a row that references one which came back, unless it is there; False if it was not added."""
        key = table.primary_key if set(table.primary_key) <= set(row.columns) else ()
        pairs = [(quote(name), value) for name, value in _pairs(row) if not key or name in key]
        # a value of the key as SQLite compares it; without a key all values have to be the same
        same = all_of([f"{name} = {literal(value)}" if key else holds(name, value) for name, value in pairs])
        if self._copy.execute(f"SELECT 1 FROM {quote(table.name)} WHERE {same} LIMIT 1").fetchone():
            return False
        return not self._add(table, row)

    # -- one row ------------------------------------------------------------------------------------------------------

    def _why_not(self, donor: Donor, name: str, columns: Sequence[str]) -> str:
        """Why no row of a donor can come back into a table; empty if they can."""
        table = self.schema.known_table(name)
        mine = set(columns)
        for column in table.columns:
            needed = column.not_null and column.default is None and not column.generated
            if needed and column.name not in mine and column.name != table.integer_key:
                place = f"{shown_name(table.name)}.{shown_name(column.name)}"
                return f"{place} is NOT NULL without a DEFAULT, and {donor.name} has no such column"
        if folded(name) not in self._closed:
            self._closed[folded(name)] = self._why_closed(table)
        return self._closed[folded(name)]

    def _why_closed(self, table: Table) -> str:
        """Why no row is added to a table at all; empty if rows can be added."""
        for held in self._policy.held:  # what was refused of this stage before
            if held.subject[0] == table.name and held.subject[2] is None:
                return held.reason
        if table.kind != "table" or not table.row_id:
            return f"{shown_name(table.name)} is no table whose rows can be told apart"
        try:
            lines = complaints(self._copy, f"integrity_check({quote(table.name)})")
        except sqlite3.DatabaseError as error:
            stop_if_interrupted(error)
            return f"SQLite cannot check {shown_name(table.name)}: {in_words(error)}"
        if any(not NO_DAMAGE.match(line) for line in lines):
            return f"{shown_name(table.name)} or an index of it is damaged, and that comes first"
        return ""

    def _add(self, table: Table, row: Restored, sought: bool = False) -> str:
        """Add a row to the copy; what keeps it out, or nothing."""
        if sum(len(each.rows) for each in self._tables.values()) >= MOST_ROWS:
            return TOO_MANY
        self._bytes += sum(len(value) for value in row.values if isinstance(value, (str, bytes)))
        if self._bytes > MOST_BYTES:
            return TOO_LARGE
        marks = ", ".join(literal(value) if isinstance(value, NotUtf8) else "?" for value in row.values)
        plain = [value for value in row.values if not isinstance(value, NotUtf8)]
        insert = f"INSERT OR ABORT INTO {quote(table.name)} ({names(row.columns)}) VALUES ({marks})"
        try:
            made = self._copy.execute(f"{insert} RETURNING {names(table.row_id)}", plain).fetchall()
        except sqlite3.DatabaseError as error:
            stop_if_interrupted(error)
            if is_of_the_disk(error):
                raise
            if not self._copy.in_transaction:
                raise Ended(table.name) from error
            return self._conflict(table, row) or f"{row.donor} has it, but SQLite refuses the row: {in_words(error)}"
        if not made:
            return f"{row.donor} has it, but a trigger of {shown_name(table.name)} keeps the row out"
        state = self._state(table)
        state.rows[made[0]] = row
        if sought:
            state.sought.add(made[0])
        state.added.add(f"VALUES ({', '.join(map(literal, made[0]))})")
        return ""

    def _state(self, table: Table) -> _Table:
        if folded(table.name) not in self._tables:
            name = unused_name(self._copy, self.schema, "sqlfix_restored")
            self._tables[folded(table.name)] = _Table(table, RowSet(self._copy, table, name))
        return self._tables[folded(table.name)]

    def _conflict(self, table: Table, row: Restored) -> str:
        """The row that has a key or a UNIQUE value of one that was to come back, beside it; empty if there is none."""
        values = dict(_pairs(row))
        for key in table.keys:
            given = [values.get(name) for name in key]
            if None in given:
                continue
            same = " AND ".join(f"{quote(n)} = {literal(v)}" for n, v in zip(key, given, strict=True))
            query = f"SELECT {names(row.columns)} FROM {quote(table.name)} WHERE {same} LIMIT 1"
            if other := self._copy.execute(query).fetchone():
                shown = list(dict.fromkeys([*key, *table.known_by, *row.columns]))[:MOST_COLUMNS]
                here = dict(zip(row.columns, other, strict=True))
                theirs, ours = (pairs_text((n, v[n]) for n in shown if n in v) for v in (values, here))
                by = ", ".join(map(shown_name, key))
                return f"another row has the same {by} now: {row.donor} has {theirs}; here is {ours}"
        return ""

    # -- what does not come back --------------------------------------------------------------------------------------

    def _refuse(self, fk: ForeignKey, reason: str, keys: Sequence[Key]) -> None:
        self._troubles.setdefault(fk, {}).setdefault(reason, []).extend(keys)

    def _take_back_orphans(self) -> bool:
        """Take rows back that would be without a parent, and those that need them; False if there is none."""
        any_of_all, again = False, True
        while again:
            again = False
            for each in self._tables.values():
                for fk in each.table.foreign_keys:
                    if fk.fault is None and each.rows and self._take_back(each, orphan(self.schema, fk)):
                        each.lacks.add(fk.parent)
                        any_of_all = again = True
        return any_of_all

    def _take_back_unwanted(self) -> None:
        """Take rows back that came for the sake of those that were taken back, and that no row references."""
        again = True
        while again:
            again = False
            for each in self._tables.values():
                uses = [
                    f"EXISTS (SELECT 1 FROM {quote(fk.child)} AS c WHERE {match_parent(fk)})"
                    for fk in self.schema.references_to(each.table.name)
                    if fk.fault is None
                ]
                if each.rows and uses:
                    again |= self._take_back(each, f"NOT ({any_of(uses)})", "p", each.sought)

    def _take_back(
        self, each: _Table, condition: str, alias: str = "c", among: Container[tuple[Value, ...]] | None = None
    ) -> bool:
        """Take back the rows that were added to a table and of which a condition is true; False if there is none."""
        name, row_id = quote(each.table.name), names(each.table.row_id, alias)
        query = f"SELECT {row_id} FROM {name} AS {alias} WHERE {each.added.holds(alias)} AND {condition}"
        found = [key for key in self._copy.execute(query).fetchall() if among is None or key in among]
        for key in found:
            del each.rows[key]
            self._copy.execute(f"DELETE FROM {name} AS c WHERE {is_row(each.table, 'c', list(map(literal, key)))}")
        return bool(found)

    def _explain_what_stays(self) -> None:
        """Note of the orphans whose parents were taken back why they are left."""
        for fk in _sound(self.schema):
            each = self._tables.get(folded(fk.parent))
            if each is None or not each.lacks or not self._may_restore(fk):
                continue
            known = {key for keys in self._troubles.get(fk, {}).values() for key in keys}
            keys = [key for key in missing_keys(self._copy, self.schema, fk) if key not in known]
            for donor in self._policy.donors:
                found = find_parents(donor, self.schema, fk, keys)
                parents = ", ".join(map(shown_name, sorted(each.lacks)))
                reason = f"{donor.name} has it, but no donor has its own parent in {parents}"
                if found.places:
                    self._refuse(fk, reason, [keys[place] for place in sorted(found.places)])
                keys = [key for place, key in enumerate(keys) if place not in found.places]

    def left(self) -> Iterator[tuple[Left | None, Held]]:
        """What is left of some keys of each relationship, with the reasons, and what the rest of a plan must not take.

        Of a relationship that is held back as a whole the rest of the plan says so.
        """
        for fk, troubles in self._troubles.items():
            keys = tuple(dict.fromkeys(key for some in troubles.values() for key in some))
            more = len(troubles) - MOST_SHOWN
            reason = "; ".join(list(troubles)[:MOST_SHOWN]) + (f"; and {more:,} more like these" if more > 0 else "")
            if TOO_MANY in troubles or TOO_LARGE in troubles or len(keys) > MOST_HELD:
                yield None, Held(fk.subject, reason, (), HINT)
            elif count := self._count(fk, keys):
                yield Left(ORPHANS, *fk.subject, count, reason, HINT), Held(fk.subject, reason, keys, HINT)

    def _count(self, fk: ForeignKey, keys: Sequence[Key]) -> int:
        """How many orphans have some keys."""
        ours = ", ".join(f"+c.{quote(name)} COLLATE BINARY" for name in fk.child_columns)
        listed = ", ".join(f"({_listed(key)})" for key in keys)
        query = f"SELECT count(*) FROM {quote(fk.child)} AS c WHERE {orphan(self.schema, fk)}"
        return int(self._copy.execute(f"{query} AND ({ours}) IN (VALUES {listed})").fetchone()[0])


def _listed(key: Key) -> str:
    return ", ".join(map(literal, key))


def _sound(schema: Schema) -> list[ForeignKey]:
    """Each relationship that SQLite can use, once."""
    return list({fk.subject: fk for fk in reversed(schema.foreign_keys) if fk.fault is None}.values())


def _pairs(row: Restored) -> Iterator[tuple[str, Value]]:
    return zip(row.columns, row.values, strict=True)


def _keys(rows: Sequence[Restored], columns: Sequence[str]) -> list[Key]:
    """The values of some columns of rows, of those that have them."""
    found = (dict(_pairs(row)) for row in rows)
    return [tuple(values[name] for name in columns) for values in found if set(columns) <= values.keys()]
