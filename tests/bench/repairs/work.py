"""The tools of the recipes: a sound database, its copy that gets damaged, and the truth that is written down aside."""

from __future__ import annotations

import contextlib
import random
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from bench.repairs.kinds import Kind, build
from bench.repairs.scoring import Truth
from bench.repairs.states import ForeignKey, LinkName, Raw, address_of, foreign_keys, quoted, read

Key = tuple[object, ...]
Form = Callable[[object, random.Random], object]
"""A part of a key as it is written by mistake; None where this mistake cannot be made with it."""
FEWEST = 12
"""Rows that a recipe damages in a relationship, if there are so many."""


@dataclass
class Work:
    """Two databases that are the same at first, and what became of the second one."""

    kind: Kind
    folder: Path
    rng: random.Random
    sound: sqlite3.Connection
    damaged: sqlite3.Connection
    keys: tuple[ForeignKey, ...]
    answer: str = "file"
    was: dict[str, dict[Raw, Raw]] = field(default_factory=dict)
    holding: list[tuple[ForeignKey, Key, str]] = field(default_factory=list)
    unknown: dict[tuple[str, str], object] = field(default_factory=dict)
    donors: list[Path] = field(default_factory=list)
    maps: dict[str, Path] = field(default_factory=dict)

    # -- reading --------------------------------------------------------------------------------------------------

    def rows(self, fk: ForeignKey, where: str = "1") -> list[tuple[Raw, Key]]:
        """The address and the key of each row that has a key, in a random order that the seed decides."""
        address = _listed(address_of(self.damaged, fk.child))
        there = " AND ".join(f"{quoted(name)} IS NOT NULL" for name in fk.columns)
        width = len(address_of(self.damaged, fk.child))
        found = self.damaged.execute(
            f"SELECT {address}, {_listed(fk.columns)} FROM {quoted(fk.child)} WHERE {there} AND ({where})"
            f" ORDER BY {address}"
        ).fetchall()
        self.rng.shuffle(found)
        return [(row[:width], row[width:]) for row in found]

    def some(self, fk: ForeignKey, share: float) -> Iterator[tuple[Raw, Key]]:
        """A share of the rows, or a few at least, but not a half of a small table."""
        rows = self.rows(fk)
        number = min(max(round(len(rows) * share), FEWEST), max(len(rows) // 3, 1)) if share < 1 else len(rows)
        yield from rows[:number]

    def has_parent(self, fk: ForeignKey, address: Raw) -> bool:
        """Whether a row has its parent, by SQLite's own rule."""
        found = " AND ".join(
            f"p.{quoted(theirs)} = +c.{quoted(ours)}"
            for ours, theirs in zip(fk.columns, fk.parent_columns, strict=True)
        )
        query = f"SELECT 1 FROM {quoted(fk.child)} AS c JOIN {quoted(fk.parent)} AS p ON {found} WHERE "
        names = address_of(self.damaged, fk.child)
        which = " AND ".join(f"c.{quoted(n) if n != 'rowid' else n} IS ?" for n in names)
        return self.damaged.execute(f"{query}{which} LIMIT 1", address).fetchone() is not None

    def is_key_too(self, fk: ForeignKey) -> bool:
        """Whether a column of a foreign key is part of a key that others reference."""
        return any(o.parent == fk.child and set(o.parent_columns) & set(fk.columns) for o in self.keys)

    # -- damaging -------------------------------------------------------------------------------------------------

    def rewrite(self, fk: ForeignKey, address: Raw, key: Key) -> bool:
        """Give a row another key, if the database takes it and the row is then without a parent."""
        names = address_of(self.damaged, fk.child)
        before = self._row(fk.child, names, address)
        given = ", ".join(f"{quoted(name)} = ?" for name in fk.columns)
        self.damaged.execute("SAVEPOINT one")
        moved = tuple(
            key[fk.columns.index(name)] if name in fk.columns else value
            for name, value in zip(names, address, strict=True)
        )
        try:
            self.damaged.execute(f"UPDATE {quoted(fk.child)} SET {given} WHERE {_which(names)}", (*key, *address))
            stored = self._row(fk.child, names, moved)
            is_orphan = stored is not None and not self.has_parent(fk, moved)
        except sqlite3.IntegrityError:
            is_orphan = False
        if not is_orphan or before is None:
            self.damaged.execute("ROLLBACK TO one")
            self.damaged.execute("RELEASE one")
            return False
        self.damaged.execute("RELEASE one")
        if not self.kind.identity[fk.child]:
            known = self.was.setdefault(fk.child, {})
            known[stored or ()] = known.pop(before, before)
        return True

    def respell(self, fk: ForeignKey, form: Form, share: float = 0.03, hold: str = "") -> int:
        """Write some keys of a relationship in another form; the number of rows that lost their parent by it."""
        done = 0
        for address, key in self.some(fk, share):
            new = tuple(part if (other := form(part, self.rng)) is None else other for part in key)
            if new != key and self.rewrite(fk, address, new):
                done += 1
                if hold:
                    self.holding.append((fk, new, hold))
        return done

    def delete(self, table: str, address: Raw, on: sqlite3.Connection | None = None) -> None:
        """Delete a row, and nothing else."""
        where = _which(address_of(self.damaged, table))
        (on or self.damaged).execute(f"DELETE FROM {quoted(table)} WHERE {where}", address)

    def both(self, statement: str, values: Raw = ()) -> None:
        """Change the sound database and the copy alike, as the application would have."""
        for connection in (self.sound, self.damaged):
            connection.execute(statement, values)

    def older_copy(self, name: str) -> sqlite3.Connection:
        """A copy of the sound database as it is now, which a repair may be given."""
        path = self.folder / name
        connection = sqlite3.connect(path, isolation_level=None)
        self.sound.execute("COMMIT")  # SQLite copies nothing while its writer is at work
        self.sound.backup(connection)
        self.sound.execute("BEGIN")
        self.donors.append(path)
        return connection

    def _row(self, table: str, names: tuple[str, ...], address: Raw) -> Raw | None:
        found = self.damaged.execute(f"SELECT * FROM {quoted(table)} WHERE {_which(names)}", address).fetchone()
        return None if found is None else tuple(found)


def _which(names: tuple[str, ...]) -> str:
    return " AND ".join(f"{quoted(n) if n != 'rowid' else n} IS ?" for n in names)


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(quoted(name) if name != "rowid" else name for name in names)


# -- a case -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """A damaged database, what a repair may be given with it, and the truth."""

    path: Path
    truth: Truth
    donors: tuple[Path, ...]
    maps: dict[str, Path]
    sound: Path


def damaged(kind: Kind, folder: Path, seed: int, size: int, recipe: tuple[str, Callable[[Work], None]]) -> Case | None:
    """Build a database, and damage a copy; None where a recipe finds nothing that it could damage."""
    sound, path, name = folder / "sound.db", folder / "app.db", recipe[0]
    build(kind, sound, seed, size)
    shutil.copyfile(sound, path)
    with (
        contextlib.closing(sqlite3.connect(sound, isolation_level=None)) as ours,
        contextlib.closing(sqlite3.connect(path, isolation_level=None)) as theirs,
    ):
        for connection in (ours, theirs):
            connection.execute("PRAGMA synchronous = OFF")
            connection.execute("BEGIN")
        work = Work(kind, folder, random.Random(f"{kind.name} {name} {seed}"), ours, theirs, foreign_keys(ours))
        recipe[1](work)
        for connection in (ours, theirs):
            connection.execute("COMMIT")
    states = read(kind, sound), read(kind, path, work.was)
    bare = frozenset(table for table, columns in kind.identity.items() if not columns)
    truth = Truth(*states, work.was, work.answer, bare, unknown=work.unknown)
    truth = replace(truth, holds=_holds(work, truth))
    if not truth.broken() and not truth.surplus():
        return None
    return Case(path, truth, tuple(work.donors), work.maps, sound)


def _holds(work: Work, truth: Truth) -> dict[LinkName, str]:
    """Where the answers to those links are that were noted by their keys, as they are now."""
    noted = {(fk.child, fk.columns, key): hold for fk, key, hold in work.holding}
    found = {}
    for table, raw, columns in truth.broken():
        values = truth.damaged.rows[table, raw]
        if hold := noted.get((table, columns, tuple(values[name] for name in columns))):
            found[table, raw, columns] = hold
    return found
