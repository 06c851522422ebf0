"""Whether a key that a row of a donor refers to names another row by now: a parent that went, and whose key came again.

A row that comes back with such a key would be linked to a parent that was never meant. Two rows with one key are taken
for different ones where they have nothing else in common: a name that was corrected may look like that, so the row is
held back, and the reason shows both.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence

from sqlfix.model.schema import ForeignKey, Schema, Table
from sqlfix.model.values import Value, folded
from sqlfix.plan.added_rows import MOST_COLUMNS, Restored
from sqlfix.plan.missing_parents import Key, Parents, find_parents
from sqlfix.schema.database import Donor
from sqlfix.sql.declared_types import TRUTH, kind_of
from sqlfix.sql.literals import literal, quote
from sqlfix.sql.predicates import has_values
from sqlfix.text import pairs_text, shown_name


class ReusedKeys:
    """Compares the parents that rows of a donor had there with those that they would have in a copy of a database."""

    def __init__(self, copy: sqlite3.Connection, schema: Schema) -> None:
        self._copy = copy
        self._schema = schema

    def reasons(self, donor: Donor, table: Table, rows: Sequence[Restored]) -> dict[int, str]:
        """Why some rows cannot come back into a table, by their places: a parent of theirs is another row by now."""
        found: dict[int, str] = {}
        for fk in {fk.subject: fk for fk in table.foreign_keys if fk.fault is None}.values():
            places: dict[Key, list[int]] = {}
            for place, row in enumerate(rows):
                values = dict(row.pairs)
                key = tuple(values.get(name) for name in fk.child_columns)
                if None not in key:
                    places.setdefault(key, []).append(place)
            for key, reason in self._others(donor, fk, list(places)):
                found.update(dict.fromkeys(places[key], reason))
        return found

    def _others(self, donor: Donor, fk: ForeignKey, keys: Sequence[Key]) -> Iterator[tuple[Key, str]]:
        """The keys that name another row here than in the donor."""
        keys = [key for key in keys if self._parent(fk, key, ["1"])]
        there = find_parents(donor, self._schema, fk, keys) if keys else Parents()
        table = self._schema.known_table(fk.parent)
        telling = _telling(table, fk, there.columns)
        for row in there.rows if telling else ():
            key = keys[row.place]
            theirs = dict(zip(there.columns, row.values, strict=True))
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
