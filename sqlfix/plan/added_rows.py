"""Rows that are added to a copy of a database to see whether they can come back: SQLite is the judge."""

import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Self

from sqlfix.frozen import frozen
from sqlfix.model.plans import LOSES_ITS_PARENT
from sqlfix.model.schema import ForeignKey, Schema, Table
from sqlfix.model.values import NotUtf8, Value, folded, grouped
from sqlfix.plan.defaults import decide
from sqlfix.plan.missing_parents import Key, Parents, find_parents
from sqlfix.plan.policy import ORPHANS, STAND_INS, Policy
from sqlfix.schema.database import Donor
from sqlfix.schema.writable_keys import columns_to_null
from sqlfix.sql.declared_types import TRUTH, kind_of
from sqlfix.sql.literals import all_of, free_name, holds, literal, names, quote, rows_of_literals
from sqlfix.sql.predicates import COLLATIONS, as_stored, has_values, is_row, match_parent, orphan
from sqlfix.sqlite.deadline import TOO_LONG, overlooking, stop_if_interrupted, was_cut_off
from sqlfix.sqlite.failures import in_words, require_refusal
from sqlfix.sqlite.integrity import complaints
from sqlfix.sqlite.row_sets import RowSet, unused_name
from sqlfix.text import pairs_text, shown_name

MOST_ROWS = 500_000
"""How many rows of donors a plan brings back at most: it carries each of them, in its script and in memory."""
MOST_COLUMNS = 6
"""Columns that are shown of a row."""
NO_DAMAGE = re.compile(r"NULL value in |CHECK constraint failed in |(non-\w+|NUMERIC|TEXT) value in ")
"""What SQLite says of a table whose rows break its constraints, and whose indexes are whole."""
MOST_BYTES = 128 << 20
"""How many bytes of text and BLOBs these rows hold at most."""
TOO_MANY = f"more than {MOST_ROWS:,} rows would have to come back, and a plan carries at most so many"
TOO_LARGE = f"the rows that would have to come back hold more than {MOST_BYTES >> 20} MB, the most that a plan carries"


@frozen
class Restored:
    """A row of a donor that comes back: the columns that are written, and their values.

    Those of ``cut`` were the key of a parent that is nowhere, and come back as NULL.
    """

    donor: str
    columns: tuple[str, ...]
    values: tuple[Value, ...]
    cut: tuple[str, ...] = ()

    @property
    def pairs(self) -> Iterator[tuple[str, Value]]:
        """The values by their columns."""
        return zip(self.columns, self.values, strict=True)

    @property
    def size(self) -> int:
        """About how many bytes its texts and BLOBs have."""
        return sum(len(value) for value in self.values if isinstance(value, (str, bytes)))

    def without(self, names: Iterable[str]) -> Self:
        """The same row with NULL in some columns."""
        gone = set(names)
        values = tuple(None if name in gone else value for name, value in self.pairs)
        return replace(self, values=values, cut=tuple(sorted(gone.union(self.cut))))


class Ended(Exception):
    """The transaction ended when a row was added to a table: by a trigger, or since that took too long."""

    def __init__(self, table: str) -> None:
        super().__init__(table)
        self.table = table
        self.reason = TOO_LONG if was_cut_off() else f"a trigger of {shown_name(table)} ends the transaction"


@dataclass
class Growing:
    """A table while rows are added to it, by the values of its ``row_id``.

    ``sought`` are those that somebody misses; the others came along with their parents. ``lacks`` are the tables in
    which rows that were taken back had no parent.
    """

    table: Table
    added: RowSet
    rows: dict[tuple[Value, ...], Restored] = field(default_factory=dict)
    sought: set[tuple[Value, ...]] = field(default_factory=set)
    lacks: set[str] = field(default_factory=set)
    looked_at: int = 0

    def latest(self) -> str:
        """SQL that is true of the rows ``c`` that were added since it was asked before."""
        before, self.looked_at = self.looked_at, self.added.mark()
        return self.added.holds_since("c", before)


class AddedRows:
    """The rows that are added to a copy, table by table.

    Args:
        copy: a connection that writes to the copy, in a transaction.
        closed: tables to which nothing is added, by their folded names, with the reason.
        policy: what it holds back, and which rows would not last, is not added.
    """

    def __init__(self, copy: sqlite3.Connection, schema: Schema, closed: Mapping[str, str], policy: Policy) -> None:
        self.tables: dict[str, Growing] = {}
        self._copy = copy
        self._schema = schema
        self._closed = dict(closed)
        self._policy = policy
        self._bytes = 0
        self._indexed: set[str] = set()

    def why_closed(self, table: Table) -> str:
        """Why no row is added to a table at all; empty if rows can be added."""
        name = folded(table.name)
        if name not in self._closed:
            self._closed[name] = self._why_closed(table)
        return self._closed[name]

    def _why_closed(self, table: Table) -> str:
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
        if any(not re.match(NO_DAMAGE, line) for line in lines):
            return f"{shown_name(table.name)} or an index of it is damaged, and that comes first"
        return ""

    def add(self, table: Table, row: Restored, sought: bool = False) -> str:
        """Add a row to the copy; what keeps it out, or nothing."""
        if sum(len(each.rows) for each in self.tables.values()) >= MOST_ROWS:
            return TOO_MANY
        self._bytes += row.size
        if self._bytes > MOST_BYTES:
            return TOO_LARGE
        marks = ", ".join(literal(value) if isinstance(value, NotUtf8) else "?" for value in row.values)
        plain = [value for value in row.values if not isinstance(value, NotUtf8)]
        insert = f"INSERT OR ABORT INTO {quote(table.name)} ({names(row.columns)}) VALUES ({marks})"
        try:
            made = self._copy.execute(f"{insert} RETURNING {names(table.row_id)}", plain).fetchall()
        except sqlite3.DatabaseError as error:
            require_refusal(error)
            if not self._copy.in_transaction:
                raise Ended(table.name) from error
            return self._conflict(table, row) or f"{row.donor} has it, but SQLite refuses the row: {in_words(error)}"
        if not made or (table.triggers and not self._stands(table, made[0])):
            return f"{row.donor} has it, but a trigger of {shown_name(table.name)} keeps the row out"
        cut = self._policy.fleeting.rows.get((table.name, made[0]))
        if cut is not None and not (cut and set(cut) <= set(row.cut)):
            self._copy.execute(f"DELETE FROM {quote(table.name)} AS c WHERE {_is(table, made[0])}")
            return self.add(table, row.without(cut), sought) if cut else f"{row.donor} has it, but {LOSES_ITS_PARENT}"
        state = self._state(table)
        state.rows[made[0]] = row
        if sought:
            state.sought.add(made[0])
        state.added.add(f"VALUES ({', '.join(map(literal, made[0]))})")
        return ""

    def _stands(self, table: Table, key: tuple[Value, ...]) -> bool:
        """True if a row is still there, and no trigger took it away again."""
        query = f"SELECT 1 FROM {quote(table.name)} AS c WHERE {_is(table, key)}"
        return self._copy.execute(query).fetchone() is not None

    def add_unless_there(self, table: Table, row: Restored) -> bool:
        """Add a row unless it is there; False if it was not added."""
        key = table.primary_key if set(table.primary_key) <= set(row.columns) else ()
        pairs = [(quote(name), value) for name, value in row.pairs if not key or name in key]
        # a value of the key as SQLite compares it; without a key all values have to be the same
        terms = [f"{name} = {literal(value)}" if key else holds(name, value) for name, value in pairs]
        same = all_of([*terms, *([] if key else self._looked_up(table, row))])
        if self._copy.execute(f"SELECT 1 FROM {quote(table.name)} WHERE {same} LIMIT 1").fetchone():
            return False
        return not self.add(table, row)

    def _looked_up(self, table: Table, row: Restored) -> list[str]:
        """What is true of all rows that hold the values of one, and can be looked up by an index of the copy alone.

        Of a table without a key all rows would have to be read for each that is added.
        """
        plain = {c.name for c in table.columns if folded(c.collation) in COLLATIONS}
        values = [(name, v) for name, v in row.pairs if name in plain and not isinstance(v, NotUtf8)][:MOST_COLUMNS]
        if folded(table.name) not in self._indexed and values:
            name = free_name(self._schema, f"sqlfix_all_{len(self._indexed)}")
            self._copy.execute(f"CREATE INDEX main.{name} ON {quote(table.name)} ({names([n for n, _ in values])})")
        self._indexed.add(folded(table.name))
        return [f"{quote(name)} IS {literal(value)}" for name, value in values]

    def _state(self, table: Table) -> Growing:
        if folded(table.name) not in self.tables:
            name = unused_name(self._copy, self._schema, "sqlfix_restored")
            self.tables[folded(table.name)] = Growing(table, RowSet(self._copy, table, name))
        return self.tables[folded(table.name)]

    def _conflict(self, table: Table, row: Restored) -> str:
        """The row that has a key or a UNIQUE value of one that was to come back, beside it; empty if there is none."""
        values = dict(row.pairs)
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

    def take_back_orphans(self, refused: Callable[[ForeignKey], Sequence[Key]]) -> bool:
        """Take rows back that would be without a parent, and those that need them; False if there is none.

        A key that a repair would set to NULL where it has no parent is set to NULL, and its row stays; but not where a
        donor has the parent: ``refused`` gives such keys of a relationship.
        """
        any_of_all, again = False, True
        while again:
            again = False
            for each in self.tables.values():
                for fk in each.table.foreign_keys:
                    if fk.fault is None and each.rows:
                        self._cut(each, fk, refused(fk))
                        if self._take_away(each, self._found(each, orphan(self._schema, fk))):
                            each.lacks.add(fk.parent)
                            any_of_all = again = True
        return any_of_all

    def _cut(self, each: Growing, fk: ForeignKey, refused: Sequence[Key]) -> None:
        """Set the keys of rows that were added and would be without a parent to NULL, where a repair would."""
        columns = columns_to_null(self._schema, fk)
        parent = self.tables.get(folded(fk.parent))
        if not columns or (parent and parent.lacks) or not self._would_empty(fk):
            return
        besides = f" AND NOT {has_one_of(fk, refused)}" if refused else ""
        for key in self._found(each, orphan(self._schema, fk) + besides):
            row = each.rows[key].without(columns)
            nulls = ", ".join(f"{quote(name)} = NULL" for name in columns)
            with overlooking():  # what SQLite refuses is taken back
                self._copy.execute(
                    f"UPDATE OR ABORT {quote(each.table.name)} AS c SET {nulls} WHERE {_is(each.table, key)}"
                )
                each.rows[key] = row

    def _would_empty(self, fk: ForeignKey) -> bool:
        """True if a repair sets the keys of a relationship that have no parent to NULL, by choice or by default."""
        named = self._policy.named(fk)
        word = named.fix if named else self._policy.on_orphan
        if word is None or word == "keep" or word in STAND_INS:
            return decide(self._schema, fk, ORPHANS).fix == "set-null"
        return word == "set-null"

    def take_back_unwanted(self) -> None:
        """Take rows back that came for the sake of those that were taken back, and that no row references."""
        again = True
        while again:
            again = False
            for each in self.tables.values():
                mine = [fk for fk in self._schema.references_to(each.table.name) if fk.fault is None]
                if each.rows and mine:
                    used = {key for fk in mine for key in self._referenced(each, fk)}
                    again |= self._take_away(each, [key for key in each.rows if key in each.sought and key not in used])

    def _referenced(self, each: Growing, fk: ForeignKey) -> Iterator[tuple[Value, ...]]:
        """The rows that were added to a table and that are parents in a relationship: its children are read once."""
        query = (
            f"SELECT {names(each.table.row_id, 'p')} FROM {quote(fk.child)} AS c"
            f" CROSS JOIN {quote(fk.parent)} AS p ON {match_parent(fk)} WHERE {each.added.holds('p')}"
        )
        yield from self._copy.execute(query)

    def _take_away(self, each: Growing, keys: Sequence[tuple[Value, ...]]) -> bool:
        """Take back rows that were added to a table; False if there is none."""
        for key in keys:
            del each.rows[key]
            self._copy.execute(f"DELETE FROM {quote(each.table.name)} AS c WHERE {_is(each.table, key)}")
        return bool(keys)

    def _found(self, each: Growing, condition: str) -> list[tuple[Value, ...]]:
        """The keys of the rows ``c`` that were added to a table and of which a condition is true."""
        named = f"{quote(each.table.name)} AS c"
        query = f"SELECT {names(each.table.row_id, 'c')} FROM {named} WHERE {each.added.holds('c')} AND {condition}"
        return self._copy.execute(query).fetchall()


def has_one_of(fk: ForeignKey, keys: Sequence[Key]) -> str:
    """SQL that is true of the rows ``c`` of a relationship that have one of some keys, as they are stored."""
    return f"(({as_stored(fk)}) IN (VALUES {rows_of_literals(keys)}))"


def _is(table: Table, key: tuple[Value, ...]) -> str:
    return is_row(table, "c", list(map(literal, key)))


# -- whether a key that a row refers to names another row by now --------------------------------------------------
# A parent went, and its key came again: a row that comes back with it would be linked to a parent that was never meant.
# Two rows with one key are taken for different ones where they have nothing else in common: a name that was corrected
# may look like that, so the row is held back, and the reason shows both.


@frozen
class ReusedKeys:
    """Compares the parents that rows of a donor had there with those that they would have in a copy of a database."""

    _copy: sqlite3.Connection
    _schema: Schema

    def reasons(self, donor: Donor, table: Table, rows: Sequence[Restored]) -> dict[int, str]:
        """Why some rows cannot come back into a table, by their places: a parent of theirs is another row by now."""
        found: dict[int, str] = {}
        for fk in {fk.subject: fk for fk in table.foreign_keys if fk.fault is None}.values():
            keys = (tuple(map(dict(row.pairs).get, fk.child_columns)) for row in rows)
            places = grouped((key, place) for place, key in enumerate(keys) if None not in key)
            for key, reason in self._others(donor, fk, list(places)):
                found.update(dict.fromkeys(places[key], reason))
        return found

    def _others(self, donor: Donor, fk: ForeignKey, keys: Sequence[Key]) -> Iterator[tuple[Key, str]]:
        """The keys that name another row here than in the donor."""
        keys = [key for key in keys if self._parent(fk, key, ["1"])]
        there = find_parents(donor, self._schema, fk, keys) if keys else Parents()
        table = self._schema.known_table(fk.parent)
        telling = _telling(table, fk, there.columns)
        for place, values in there.rows if telling else ():
            key, theirs = keys[place], dict(zip(there.columns, values, strict=True))
            here = self._parent(fk, key, map(quote, telling))
            pairs = [
                (name, ours, theirs[name])
                for name, ours in zip(telling, here or (), strict=False)
                if ours is not None and theirs[name] is not None
            ]
            if pairs and not any(_same(ours, other) for _, ours, other in pairs):
                theirs_said = pairs_text((name, other) for name, _, other in pairs[:MOST_COLUMNS])
                ours_said = pairs_text((name, ours) for name, ours, _ in pairs[:MOST_COLUMNS])
                which = f"its parent in {shown_name(table.name)} is another row now"
                yield key, f"{donor.name} has it, but {which}: {donor.name} has {theirs_said}; here is {ours_said}"

    def _parent(self, fk: ForeignKey, key: Key, columns: Iterable[str]) -> tuple[Value, ...] | None:
        """Some columns, as SQL, of the parent that a key has in the copy."""
        own = has_values(fk, [f"+({literal(value)})" for value in key])
        query = f"SELECT {', '.join(columns)} FROM {quote(fk.parent)} AS p WHERE {own} LIMIT 1"
        found: tuple[Value, ...] | None = self._copy.execute(query).fetchone()
        return found


def _telling(table: Table, fk: ForeignKey, columns: Sequence[str]) -> list[str]:
    """The columns by which two rows with the same key are told apart: no key, and no mere yes or no."""
    keys = {folded(name) for name in (*fk.parent_columns, *table.primary_key)}
    of_keys = {folded(name) for own in table.foreign_keys for name in own.child_columns}
    return [
        name
        for name in columns
        if folded(name) not in keys | of_keys and (c := table.column(name)) is not None and kind_of(c) is not TRUTH
    ]


def _same(one: Value, other: Value) -> bool:
    """True where two values are the same, whatever the type and the case: a donor may have other types."""
    return one == other or folded(str(one)).strip() == folded(str(other)).strip()
