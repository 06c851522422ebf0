"""Following the delete of one row from table to table, to its end, without writing to the database.

The rows are gathered in temporary tables, a relationship at a time. What follows where is decided by the caller: by
the schema's own ON DELETE, or by what a repair would do.

All tables share a few temporary ones, since SQLite reads through the list of these whenever one is made or dropped.
"""

import sqlite3
from collections.abc import Callable
from contextlib import suppress
from typing import Self

from sqlfix.frozen import frozen
from sqlfix.model.findings import Row
from sqlfix.model.schema import ForeignKey, Schema, Table
from sqlfix.model.values import Pairs, folded, grouped
from sqlfix.schema.rows import Target
from sqlfix.sql.literals import literal, names, quote
from sqlfix.sql.predicates import (
    affinity,
    comparable,
    gathered_keys,
    has_key,
    in_rows,
    is_gathered,
    is_row_of,
    lookup,
    match_parent,
    refers_to_some,
    told_by,
)
from sqlfix.sqlite.failures import require_refusal
from sqlfix.sqlite.row_sets import unused_name

SAMPLES = 5
MOST_LEVELS = 1000
"""How deep SQLite follows a cascade before it gives up: SQLITE_LIMIT_TRIGGER_DEPTH."""


@frozen
class Rows:
    """Several rows of one table from which a walk starts: given an alias, ``condition`` is SQL that is true of them."""

    table: Table
    condition: Callable[[str], str]


@frozen
class _Part:
    """The rows of one number in a temporary table, where those of other numbers stand as well."""

    name: str
    number: int

    @property
    def source(self) -> str:
        """The rows for a FROM clause, where an alias has to follow."""
        return f"(SELECT * FROM temp.{self.name} WHERE t = {self.number})"


class DeleteClosure:
    """The rows that go with one row, or with several.

    Args:
        connection: reads the database; it gets temporary tables, which `close` drops.
        target: the row, or the rows, that go first.
        goes: True for a relationship whose child rows go when their parent row goes.
        as_sqlite: find the child rows as SQLite does when it deletes, else only those whose parent it is: see
            `child_match`.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        schema: Schema,
        target: Target | Rows,
        goes: Callable[[ForeignKey], bool],
        as_sqlite: bool = True,
    ) -> None:
        self.connection = connection
        self.schema = schema
        self.target = target
        self.goes = goes
        self.keys = [
            fk for fk in schema.foreign_keys if fk.fault is None and schema.known_table(fk.child).kind == "table"
        ]
        self._places = {id(fk): place for place, fk in enumerate(self.keys)}
        self._to = grouped((folded(fk.parent), place) for place, fk in enumerate(self.keys))
        self.blind: dict[int, ForeignKey] = {}
        self.levels = 0
        self.as_sqlite = as_sqlite
        self._made: dict[str, str] = {}
        self._gone: dict[str, _Part] = {}
        self._met: dict[int, _Part] = {}
        self._links: dict[int, _Part] = {}
        self._counts: dict[_Part | None, int] = {}

    def run(self, deepest: int | None = None) -> Self:
        """Follow it to the end, or some steps at most."""
        target, part = self.target, self._gone_part(self.target.table)
        if isinstance(target, Target):
            start = f"VALUES ({part.number}, {', '.join(literal(value) for _, value in target.row_id)}, 0)"
        else:
            own = f"{part.number}, {names(told_by(target.table), 'c')}, 0"
            start = f"SELECT {own} FROM {quote(target.table.name)} AS c WHERE {target.condition('c')}"
        self.connection.execute(f"INSERT OR IGNORE INTO temp.{part.name} {start}")
        fresh = {folded(self.target.table.name)}
        while fresh and (deepest is None or self.levels <= deepest):
            fresh = self._wave(fresh)
            self.levels += 1
        for name in self._made.values():
            counted = self.connection.execute(f"SELECT t, count(*) FROM temp.{name} GROUP BY t")
            self._counts.update((_Part(name, number), rows) for number, rows in counted)
        return self

    def close(self) -> None:
        """Drop the temporary tables."""
        for name in self._made.values():
            with suppress(sqlite3.OperationalError):
                self.connection.execute(f"DROP TABLE temp.{name}")
        self._made.clear()

    # -- what it found --------------------------------------------------------------------------------------------

    def gone_tables(self) -> list[str]:
        """The tables that lose rows, the row's own among them, in the order in which they were reached."""
        return [self.schema.known_table(name).name for name in self._gone]

    def first(self) -> int:
        """How many rows the walk began from."""
        part = self._gone[folded(self.target.table.name)]
        return self._count(f"SELECT count(*) FROM {part.source} WHERE level = 0")

    def sees(self, fk: ForeignKey) -> bool:
        """True unless the rows of a relationship could not be looked at, or not told apart."""
        return self._place(fk) not in self.blind

    def reaches(self, table: str) -> bool:
        """True if a table is one of those that may lose rows."""
        return folded(table) in self._gone

    def gone(self, table: str) -> int:
        """How many rows of a table go."""
        return self._counts.get(self._gone.get(folded(table)), 0)

    def met(self, fk: ForeignKey) -> int:
        """How many child rows of a relationship refer to rows that go, whatever becomes of them."""
        return self._counts.get(self._met.get(self._place(fk)), 0)

    def staying(self, fk: ForeignKey) -> int:
        """How many of these stay."""
        if not self.met(fk) or folded(fk.child) not in self._gone:
            return self.met(fk)
        part = self._met[self._place(fk)]
        return self._count(f"SELECT count(*) FROM {part.source} AS m WHERE {self._stays(fk)}")

    def sample(self, fk: ForeignKey, staying: bool = True) -> tuple[Row, ...]:
        """The first of these rows, by the key that people know them by, with the columns that refer."""
        part = self._met.get(self._place(fk))
        if part is None:
            return ()
        child = self.schema.known_table(fk.child)
        key = child.known_by
        where = self._stays(fk) if staying else "1"
        order = ", ".join(comparable(child, name, "c") for name in key)
        rows = self.connection.execute(
            f"SELECT {names([*key, *fk.child_columns], 'c')} FROM {part.source} AS m JOIN {quote(fk.child)} AS c"
            f" ON {is_row_of(child, 'c', 'm')} WHERE {where} ORDER BY {order} LIMIT {SAMPLES}"
        )
        return tuple(Row.of(key, fk.child_columns, row) for row in rows)

    def staying_at_first(self, fk: ForeignKey) -> int:
        """How many of those that stay refer to the very rows from which the walk began."""
        part = self._met.get(self._place(fk))
        stays = f"m.level = 0 AND {self._stays(fk)}"
        return self._count(f"SELECT count(*) FROM {part.source} AS m WHERE {stays}") if part else 0

    def goes_along(self, fk: ForeignKey) -> tuple[int, tuple[Pairs, ...]]:
        """The rows to which those refer that stay, but for the ones from which the walk began: how many, and a few."""
        part, gone = self._met.get(self._place(fk)), self._gone.get(folded(fk.parent))
        if part is None or gone is None:
            return 0, ()
        child, parent = self.schema.known_table(fk.child), self.schema.known_table(fk.parent)
        key = parent.known_by
        rows = (
            f"SELECT DISTINCT {names(key, 'p')} FROM {part.source} AS m"
            f" CROSS JOIN {quote(fk.child)} AS c ON {is_row_of(child, 'c', 'm')}"
            f" CROSS JOIN {quote(fk.parent)} AS p ON {self._match(fk)}"
            f" CROSS JOIN {gone.source} AS g ON {is_gathered(parent, 'g', 'p')}"
            f" WHERE m.level > 0 AND g.level > 0 AND {self._stays(fk)}"
        )
        some = self.connection.execute(f"{rows} LIMIT {SAMPLES}").fetchall()
        total = self._count(f"SELECT count(*) FROM ({rows})")
        return total, tuple(tuple(zip(key, row, strict=True)) for row in some)

    def gone_where(self, table: str, alias: str, along: bool = False) -> str:
        """SQL that is true of a table's rows that go; with ``along``, but for those from which the walk began."""
        part = self._gone.get(folded(table))
        if part is None:
            return "0"
        own, later = self.schema.known_table(table), " AND d.level > 0" if along else ""
        if own.row_id:
            return in_rows(own, alias, f"SELECT {gathered_keys(own, 'd')} FROM {part.source} AS d WHERE 1{later}")
        return f"EXISTS (SELECT 1 FROM {part.source} AS d WHERE {is_gathered(own, 'd', alias)}{later})"

    def alive(self, table: str, alias: str) -> str:
        """SQL, beginning with `` AND``, that is true of a table's rows that do not go."""
        part = self._gone.get(folded(table))
        if part is None:
            return ""
        gone = is_gathered(self.schema.known_table(table), "d", alias)
        return f" AND NOT EXISTS (SELECT 1 FROM {part.source} AS d WHERE {gone})"

    def leaves_hanging(self, fk: ForeignKey) -> bool:
        """True if a child row that stays has the key of a row that goes, by a foreign key that SQLite cannot use.

        Where not even its columns are known, any key may be meant.
        """
        child, parent = self.schema.table(fk.child), self.schema.table(fk.parent)
        gone = self._gone.get(folded(fk.parent))
        if gone is None or child is None or parent is None or child.kind != "table":
            return False
        reached, met = "", ""
        if len(fk.parent_columns) == len(fk.child_columns) and all(parent.column(name) for name in fk.parent_columns):
            reached = (
                f"{gone.source} AS d CROSS JOIN {quote(fk.parent)} AS p ON {is_row_of(parent, 'p', 'd')} CROSS JOIN "
            )
            pairs = zip(fk.parent_columns, fk.child_columns, strict=True)
            met = "".join(f" AND p.{quote(theirs)} = c.{quote(ours)}" for theirs, ours in pairs)
        condition = f"{has_key(child, fk)}{self.alive(fk.child, 'c')}{met}"
        query = f"SELECT 1 FROM {reached}{quote(fk.child)} AS c WHERE {condition} LIMIT 1"
        return self.connection.execute(query).fetchone() is not None

    def refers_back(self) -> list[ForeignKey]:
        """The relationships by which the row itself refers to a row that goes with it, other than itself."""
        found, start = [], self.target
        for fk in self.keys:
            part = self._gone.get(folded(fk.parent))
            if folded(fk.child) != folded(start.table.name) or part is None:
                continue
            parent = self.schema.known_table(fk.parent)
            own = f" AND NOT ({start.condition('p')})" if folded(fk.parent) == folded(fk.child) else ""
            if self._count(
                f"SELECT count(*) FROM {quote(fk.child)} AS c JOIN {quote(fk.parent)} AS p ON {match_parent(fk)}"
                f" JOIN {part.source} AS d ON {is_gathered(parent, 'd', 'p')} WHERE {start.condition('c')}{own}"
            ):
                found.append(fk)
        return found

    # -- the walk -------------------------------------------------------------------------------------------------

    def _wave(self, fresh: set[str]) -> set[str]:
        """One step further from the rows that were reached last; the tables that have new ones."""
        reached: set[str] = set()
        for place in sorted(place for name in fresh for place in self._to.get(name, ())):
            fk = self.keys[place]
            if place in self.blind:
                continue
            if not self.schema.known_table(fk.child).row_id or not self.schema.known_table(fk.parent).row_id:
                self.blind[place] = fk
                continue
            try:
                self._meet(place, fk)
            except sqlite3.OperationalError as error:  # a function or collation that only the application has
                require_refusal(error)
                self.blind[place] = fk
                continue
            if self.goes(fk) and self._take(place, fk):
                reached.add(folded(fk.child))
        return reached

    def _meet(self, place: int, fk: ForeignKey) -> None:
        child, parent = self.schema.known_table(fk.child), self.schema.known_table(fk.parent)
        gone = self._gone[folded(fk.parent)].source
        if place not in self._met:
            self._met[place] = _Part(self._gathering("met", child), place)
            ours = names(child.row_id, "c")
            match = child_match(self.schema, fk) if self.as_sqlite else None
            reached = f"{gone} AS d CROSS JOIN {quote(fk.parent)} AS p ON {is_row_of(parent, 'p', 'd')}"
            rows = f"{reached} CROSS JOIN {quote(fk.child)} AS c ON {match}"
            if match is None:
                refers = refers_to_some(self.schema, fk, f"{reached} AND d.level = {self.levels}")
                # few rows refer to those that were reached: the others need not be joined with anything
                rows = (
                    f"{quote(fk.child)} AS c CROSS JOIN {quote(fk.parent)} AS p ON {refers} AND {match_parent(fk)}"
                    f" CROSS JOIN {gone} AS d ON {is_gathered(parent, 'd', 'p')}"
                )
        else:
            ours = ", ".join(f"l.c{n}" for n in range(len(child.row_id)))
            same = " AND ".join(f"l.p{n} = d.k{n}" for n in range(len(parent.row_id)))
            rows = f"{gone} AS d CROSS JOIN {self._link(place, fk, child, parent).source} AS l ON {same}"
        self.connection.execute(
            f"INSERT OR IGNORE INTO temp.{self._met[place].name} SELECT {place}, {ours}, {self.levels} FROM {rows}"
            f" WHERE d.level = {self.levels}"
        )

    def _link(self, place: int, fk: ForeignKey, child: Table, parent: Table) -> _Part:
        """Which child row refers to which parent row, gathered once where a relationship is gone through again."""
        if place not in self._links:
            ours = ", ".join(f"c{n}" for n in range(len(child.row_id)))
            theirs = ", ".join(f"p{n}" for n in range(len(parent.row_id)))
            name = self._make(f"link_{len(child.row_id)}_{len(parent.row_id)}", f"t, {ours}, {theirs}", f"t, {theirs}")
            self.connection.execute(
                f"INSERT INTO temp.{name} SELECT {place}, {names(child.row_id, 'c')}, {names(parent.row_id, 'p')}"
                f" FROM {quote(fk.child)} AS c CROSS JOIN {quote(fk.parent)} AS p ON {self._match(fk)}"
            )
            self._links[place] = _Part(name, place)
        return self._links[place]

    def _take(self, place: int, fk: ForeignKey) -> bool:
        child, met = self.schema.known_table(fk.child), self._met[place]
        part = self._gone_part(child)
        taken = self.connection.execute(
            f"INSERT OR IGNORE INTO temp.{part.name} SELECT {part.number}, {gathered_keys(child)}, {self.levels + 1}"
            f" FROM {met.source} WHERE level = {self.levels}"
        )
        return taken.rowcount > 0

    def _gone_part(self, table: Table) -> _Part:
        name = folded(table.name)
        if name not in self._gone:
            self._gone[name] = _Part(self._gathering("gone", table), len(self._gone))
        return self._gone[name]

    def _gathering(self, word: str, table: Table) -> str:
        """The temporary table of all tables whose keys have as many columns as that of one."""
        keys = gathered_keys(table)
        # of a long chain each step finds its own rows
        return self._make(f"{word}_{len(told_by(table))}", f"t, {keys}, level, PRIMARY KEY (t, {keys})", "t, level")

    def _make(self, word: str, columns: str, indexed: str) -> str:
        if word not in self._made:
            name = unused_name(self.connection, self.schema, f"sqlfix_{word}")
            self.connection.execute(f"CREATE TEMP TABLE {name} ({columns})")
            self.connection.execute(f"CREATE INDEX temp.{name}_of ON {name} ({indexed})")
            self._made[word] = name
        return self._made[word]

    def _stays(self, fk: ForeignKey) -> str:
        part = self._gone.get(folded(fk.child))
        if part is None:
            return "1"
        child = self.schema.known_table(fk.child)
        same = " AND ".join(f"d.k{n} = m.k{n}" for n in range(len(child.row_id)))
        return f"NOT EXISTS (SELECT 1 FROM {part.source} AS d WHERE {same})"

    def _place(self, fk: ForeignKey) -> int:
        return self._places.get(id(fk), -1)

    def _match(self, fk: ForeignKey) -> str:
        """True where ``c`` is a child of ``p``, as it is asked about here."""
        return (child_match(self.schema, fk) if self.as_sqlite else None) or match_parent(fk)

    def _count(self, sql: str) -> int:
        return int(self.connection.execute(sql).fetchone()[0])


def child_match(schema: Schema, fk: ForeignKey) -> str | None:
    """True where ``c`` is a row that SQLite takes for a child of ``p`` when it deletes ``p``; None: by the usual rule.

    To find the children of a row, SQLite compares as in an ordinary join (fkScanChildren in fkey.c): the child column's
    affinity counts as well, and of the parent the column's own collation. So a delete can fail because of a row that
    PRAGMA foreign_key_check does not take for its child: a TEXT parent '1.0' and an INTEGER child 1.
    """
    child, parent = schema.known_table(fk.child), schema.known_table(fk.parent)
    differs = False
    parts = []
    used = lookup(schema, fk)
    for ours, theirs, collation in zip(fk.child_columns, fk.parent_columns, used, strict=True):
        mine, other = child.column(ours), parent.column(theirs)
        if mine is None or other is None:
            return None
        kind, of_parent = affinity(mine, child.strict), affinity(other, parent.strict)
        numeric = kind not in ("TEXT", "BLOB")
        differs = differs or folded(other.collation) != collation
        differs = differs or (of_parent == "TEXT" and numeric) or (of_parent == "BLOB" and kind != "BLOB")
        parts.append(f"p.{quote(theirs)} = c.{quote(ours)}")
    return " AND ".join(parts) if differs else None
