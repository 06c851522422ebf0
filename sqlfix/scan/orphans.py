"""What a scan measures of one relationship; every check of it reads these figures, and none is taken twice."""

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

from sqlfix.model.findings import Row
from sqlfix.model.schema import ForeignKey, Schema, Table
from sqlfix.model.values import Fact, Value
from sqlfix.scan.access_paths import lookups, outer_join
from sqlfix.scan.candidates import Look
from sqlfix.scan.few_orphans import MOST_FEW, WIDEST, FewKey, Figures, Found, figures_of, gather, tell_apart
from sqlfix.scan.key_forms import gather_anew, near
from sqlfix.scan.parents_in_table import disagreeing, misses_parents, with_parents_copied
from sqlfix.scan.pieces import Piece, pieces_of
from sqlfix.scan.suspicion import names_of_parents, suspicion_of
from sqlfix.scan.table_pass import probing
from sqlfix.sql.key_spelling import SPELLINGS, in_words, looks_empty, placeholder
from sqlfix.sql.literals import free_column, free_name, literal, names, quote
from sqlfix.sql.parents_nearby import Spellings, accidental, parents_nearby
from sqlfix.sql.predicates import has_key, in_rows, orphan, stored
from sqlfix.sqlite.row_sets import add_ids
from sqlfix.sqlite.snapshot import ReaderPool

SAMPLE_ROWS = 5
END = "LIMIT -1) LIMIT -1"


class Probe:
    """One relationship of one database, measured when asked and only once."""

    def __init__(
        self, connection: sqlite3.Connection, schema: Schema, foreign_key: ForeignKey, look: Look | None = None
    ) -> None:
        """``look`` is a look that was taken at all relationships before, which spares reading what is sound."""
        self.connection = connection
        self.schema = schema
        self.foreign_key = foreign_key
        self.look = look or Look(ReaderPool([connection]), schema)
        self.suspects = self.look.suspects.get(foreign_key)
        self._alike: dict[int, str | None] = {}
        self._shares = look is not None

    @cached_property
    def child(self) -> Table:
        """The child table."""
        return self.schema.known_table(self.foreign_key.child)

    @cached_property
    def parent(self) -> Table:
        """The parent table."""
        return self.schema.known_table(self.foreign_key.parent)

    @property
    def doubt(self) -> dict[str, Fact]:
        """A fact for a finding: that a damaged table or index has to be mended before these rows are; or none."""
        tables = self.look.tables
        if tables.is_damaged(self.child.name) or tables.is_damaged(self.parent.name) or not self.by_index:
            return {"held_back": "a table, or an index of it, is damaged, and that comes first"}
        return {}

    @cached_property
    def asked(self) -> tuple[Schema, ForeignKey]:
        """The relationship as it is asked about in SQL.

        An index can be damaged so that a key is not found by it, or found that no row has, while ``quick_check`` says
        ok. Then what stands for the parents is a temporary table of their keys, read from their table itself.
        """
        if self.look.is_believed(self.foreign_key) and not misses_parents(self):
            return self.schema, self.foreign_key
        return with_parents_copied(self)

    @property
    def by_index(self) -> bool:
        """True if the index by which SQLite looks parents up can be believed."""
        return self.asked[1] is self.foreign_key

    @cached_property
    def _suspected(self) -> str:
        """The rows that may be orphans by SQLite's own rule, for a FROM clause: the suspects if known, else all."""
        if self.suspects is None or self.suspects.rows is None:
            return stored(self.child, "c")  # the child's own index is not trusted to know all of its rows
        table = self.look.kept(self.connection, self.foreign_key)
        if table is None:
            table = f"temp.{self.temporary('suspects', 'id INTEGER PRIMARY KEY')}"
            add_ids(self.connection, table, self.suspects.rows)
        return f"{table} AS s CROSS JOIN {stored(self.child, 'c')} ON c.{quote(self.child.row_id[0])} = s.id"

    @property
    def children(self) -> str:
        """The rows to look at, for a FROM clause."""
        return self._suspected if self.by_index else stored(self.child, "c")

    @property
    def near(self) -> str:
        """SQL for how many parents an orphan's key matches but for its spelling, see `parents_nearby`."""
        self._gather_forms(self.connection)
        return self._near

    @cached_property
    def _near(self) -> str:
        (schema, fk), forms = self.asked, self.look.parents(self.foreign_key).forms
        if forms:
            return in_words(schema, fk, near(fk, forms))
        return parents_nearby(schema, fk, self._forms, self._gather_forms(self.connection), self.accidental)

    @cached_property
    def accidental(self) -> Spellings:
        """The spellings by which no keys of parents are told apart: see `accidental`."""
        if self.look.parents(self.foreign_key).forms:
            return SPELLINGS
        alike = self._gather_forms(self.connection)
        return accidental(self.connection, self.asked[1], self._forms, alike)

    @cached_property
    def _forms(self) -> str:
        """The table of the forms of all parents' keys."""
        return self.look.forms.name(self.foreign_key) if self._is_shared else self._name("forms")

    @property
    def _is_shared(self) -> bool:
        """True if the relationships that have the same parents can have their forms in common."""
        return self._shares and self.by_index

    def _gather_forms(self, connection: sqlite3.Connection) -> str | None:
        """Give a connection the forms of all parents' keys, unless it has them or they are not needed.

        Returns:
            the table of those parents that are alike but for their spelling; None where there are none.
        """
        if self.look.parents(self.foreign_key).forms:
            return None
        if self._is_shared:
            return self.look.forms.gather(connection, self.foreign_key)
        if id(connection) not in self._alike:
            self._alike[id(connection)] = gather_anew(connection, self.asked[1], self._forms)
        return self._alike[id(connection)]

    def _classed(self, what: str, source: str) -> str:
        """The beginning of a query for rows told apart: ``what``, ``near``, and ``none``; a condition and END follow.

        Each costly expression is evaluated once: LIMIT, in END, keeps SQLite from putting it in wherever its value is
        used.
        """
        looks = looks_empty(*self.asked, quick=True)
        return (
            f"SELECT *, looks AND NOT near AS none FROM (SELECT {what}, {looks} AS looks, {self.near} AS near"
            f" FROM {source} WHERE "
        )

    @cached_property
    def _none(self) -> str:
        """SQL that is true of an orphan whose key stands for "none"."""
        return placeholder(*self.asked, near=self.near)

    @cached_property
    def flagged_keys(self) -> str:
        """The temporary table of the distinct keys that SQLite's own rule takes for missing, see `_gather_missing`."""
        return self._gather_missing("flagged", self.schema, self.foreign_key, self._suspected)

    @cached_property
    def rows_of_key(self) -> str:
        """The column of the tables of missing keys that says how many rows have a key."""
        return free_column(self.child, "sqlfix_n")

    @cached_property
    def lowest(self) -> str:
        """The column of these tables that says the lowest of the rowids of the rows that have a key."""
        return free_column(self.child, "sqlfix_first")

    @cached_property
    def keys(self) -> str:
        """The temporary table of the distinct keys that are missing, see `_gather_missing`."""
        return self.flagged_keys if self.by_index else self._gather_missing("keys", *self.asked, self.children)

    def _gather_missing(self, name: str, schema: Schema, fk: ForeignKey, children: str) -> str:
        """Fill a temporary table with the distinct keys that are missing, in one pass over the child table.

        All figures come from it: beside the key columns it has `rows_of_key`, the number of rows with that key, and
        `lowest`, the lowest rowid among them. Keys are told apart by what is stored, whatever the collation. Whether a
        parent is there depends on nothing but the key: so of listed suspects it is looked up once for each key, and
        not for each row; else that would sort all rows.
        """
        once = tuple(dict.fromkeys(fk.child_columns))  # FOREIGN KEY (a, a) is legal
        first = f"min({names(self.child.row_id, 'c')})" if len(self.child.row_id) == 1 else "NULL"
        by_key = "GROUP BY " + ", ".join(f"c.{quote(n)} COLLATE BINARY, typeof(c.{quote(n)})" for n in once)
        told = f"{names(once, 'c')}, count(*) AS {self.rows_of_key}, {first} AS {self.lowest}"
        table = self.temporary(name, f"{names(once)}, {self.rows_of_key}, {self.lowest}")
        (join, missing), there = outer_join(schema, fk), has_key(self.child, fk)
        if self.suspects and self.suspects.rows is not None and children == self._suspected:
            keys = f"(SELECT {told} FROM {children} WHERE {there} {by_key}) AS c"
            query = f"SELECT c.* FROM {keys} {join} WHERE {missing}"
        else:
            query = f"SELECT {told} FROM {children} {join} WHERE {missing} AND {there} {by_key}"
        self.connection.execute(f"INSERT INTO temp.{table} {query}")
        return f"temp.{table}"

    @cached_property
    def _few(self) -> Found | None:
        """The distinct keys that SQLite's own rule takes for missing, where no more than a few rows are suspected."""
        suspects, fk = self.suspects, self.foreign_key
        if suspects is None or suspects.count > MOST_FEW or len(fk.child_columns) > WIDEST:
            return None
        return self.look.few(self.connection, fk) or gather(self.connection, self.schema, fk, suspects)

    @cached_property
    def few_keys(self) -> list[FewKey] | None:
        """The missing keys told apart, where they are few and the parents' index is believed."""
        if not self.by_index or not (found := self._few) or not self.suspects:
            return None
        if (keys := tell_apart(self, found)) is None:
            keys = tell_apart(self, gather(self.connection, self.schema, self.foreign_key, self.suspects))
        return keys

    @cached_property
    def flagged(self) -> int:
        """Rows that SQLite's own rule, by way of the parent's index, takes for orphans."""
        if self._few:
            return self._few.rows
        return int(self.number(f"SELECT total({self.rows_of_key}) FROM {self.flagged_keys}"))

    def count_flagged(self) -> int:
        """The same as `flagged`, by a way that is short where the keys are not asked for as well."""
        if self.suspects and not self.suspects.count:
            return 0
        fk, (join, missing) = self.foreign_key, outer_join(self.schema, self.foreign_key)
        return int(
            self.number(f"SELECT count(*) FROM {self._suspected} {join} WHERE {missing} AND {has_key(self.child, fk)}")
        )

    @cached_property
    def condition(self) -> str:
        """What a confirmed orphan of this relationship is, in SQL."""
        return orphan(*self.asked)

    @cached_property
    def figures(self) -> Figures:
        """The rows that are orphans, told apart."""
        if self.by_index and self.suspects and (not self.suspects.count or self.counted):
            return self.counted[0] if self.counted else Figures()
        if self.by_index and not self.flagged:
            return Figures()
        if self.few_keys is not None:
            return figures_of(self.few_keys)
        found = self.connection.execute(
            "SELECT total(n) FILTER (WHERE NOT none), count(*) FILTER (WHERE NOT none),"
            " total(n) FILTER (WHERE none), count(*) FILTER (WHERE none), total(n) FILTER (WHERE NOT none AND near),"
            " total(n) FILTER (WHERE NOT none AND near > 1), total(n) FILTER (WHERE NOT none AND near > 2)"
            f" FROM ({self._classed(f'c.{self.rows_of_key} AS n', f'{self.keys} AS c')} 1 {END})"
        ).fetchone()
        unseen, hidden = (0, 0) if self.by_index else disagreeing(self)
        return replace(Figures(*map(int, found)), disagreeing=unseen + hidden, hidden=hidden)

    @cached_property
    def counted(self) -> tuple[Figures, dict[str, list[int]]] | None:
        """The figures where there are too many suspects to tell their keys apart, and rowids of some of each class.

        All is counted in one pass then. None where there are not so many, or where the parents' index is damaged, so
        that the missing keys have to be gathered after all.
        """
        if self.suspects is None or not self.suspects.many or not self.by_index:
            return None
        fk, child = self.foreign_key, self.child
        join, missing = outer_join(self.schema, fk)
        condition = f"{missing} AND {has_key(child, fk)}"
        rowid = f"c.{quote(child.row_id[0])}" if len(child.row_id) == 1 and not child.without_rowid else "NULL"
        source = f"{stored(child, 'c')} {join}"
        query = (
            "SELECT total(NOT none), total(none), total(NOT none AND near), total(NOT none AND near > 1),"
            " total(NOT none AND near > 2), min(id) FILTER (WHERE NOT none), min(id) FILTER (WHERE none)"
            f" FROM ({self._classed(f'{rowid} AS id', source)} {condition}"
        )
        rows = self.look.sizes[child.name]

        def count(connection: sqlite3.Connection, piece: Piece) -> tuple[Any, ...]:
            self._gather_forms(connection)
            found: tuple[Any, ...] = connection.execute(f"{query}{piece.condition} {END})", piece.values).fetchone()
            if self.look.done:
                self.look.done(piece.rows)
            return found

        with probing(self.look.readers, lookups(self.schema, fk), self.look.sizes, child.name):
            parts = self.look.readers.run(count, pieces_of(self.look.readers, child, rows))
        orphans, none, near, ambiguous, differing = (int(sum(part[place] for part in parts)) for place in range(5))
        firsts = [sorted(part[place] for part in parts if part[place] is not None) for place in (5, 6)]
        figures = Figures(orphans, None if orphans else 0, none, None if none else 0, near, ambiguous, differing)
        return figures, {"orphan-rows": firsts[0], "placeholder-values": firsts[1]}

    @cached_property
    def named(self) -> tuple[str, int] | None:
        """The column of the parents that most of the orphans hold a value of, and how many: see `names_of_parents`."""
        return names_of_parents(self) if self.figures.orphans else None

    def sample(self, check: str) -> tuple[Row, ...]:
        """A few rows of a class, each with another key where the rows can be found by their rowid."""
        if self.counted and (ids := self.counted[1][check]):
            chosen = ", ".join(map(str, ids))
            by_key = {row.values: row for row in self._rows(in_rows(self.child, "c", chosen))}
            return tuple(by_key.values())[:SAMPLE_ROWS]
        if self.counted or len(self.child.row_id) != 1:
            return tuple(self.rows(check, SAMPLE_ROWS))
        if self.few_keys is not None:
            none = check == "placeholder-values"
            some = [key for key in self.few_keys if key.none is none][:SAMPLE_ROWS]
            child = self.child
            if not child.without_rowid and child.primary_key in ((), (child.integer_key,)):
                # its rows are shown by their rowid: a missing key says all there is to show of its first row
                return tuple(self._row((key.first, *key.of(self.foreign_key))) for key in some)
            chosen = ", ".join(literal(key.first) for key in some)
            return tuple(self._rows(in_rows(self.child, "c", chosen), stored(self.child, "c")))
        first = self.connection.execute(
            f"SELECT c.{self.lowest} FROM {self.keys} AS c WHERE {self.of_class(check)} ORDER BY 1 LIMIT {SAMPLE_ROWS}"
        ).fetchall()
        chosen = ", ".join(literal(row[0]) for row in first)
        return tuple(self._rows(in_rows(self.child, "c", chosen)))

    def rows(self, check: str, limit: int = -1) -> Iterator[Row]:
        """Every row of a class (``orphan-rows`` or ``placeholder-values``), one at a time."""
        yield from self._rows(f"{self.condition} AND {self.of_class(check)} LIMIT {limit}")

    def _rows(self, condition: str, source: str | None = None) -> Iterator[Row]:
        shown = names((*self.child.known_by, *self.foreign_key.child_columns), "c")
        yield from map(
            self._row, self.connection.execute(f"SELECT {shown} FROM {source or self.children} WHERE {condition}")
        )

    def _row(self, values: Sequence[Value]) -> Row:
        """A row of the child table by the values of its own key, and those of the foreign key."""
        return Row.of(self.child.known_by, self.foreign_key.child_columns, values)

    @cached_property
    def suspicion(self) -> str | None:
        """Why these look like no stray children, see `suspicion_of`."""
        return suspicion_of(self)

    # -- how ------------------------------------------------------------------------------------------------------

    def number(self, query: str) -> int | float:
        """The one number that a query gives."""
        value: int | float = self.connection.execute(query).fetchone()[0]
        return value

    def temporary(self, name: str, columns: str) -> str:
        """A new temporary table; one relationship is measured at a time, so the names serve again."""
        table, self.look.measured = self._name(name), self
        self.connection.execute(f"DROP TABLE IF EXISTS temp.{table}")
        self.connection.execute(f"CREATE TEMP TABLE {table} ({columns})")
        return table

    def _name(self, name: str) -> str:
        return free_name(self.schema, f"sqlfix_{name}")  # it would hide a table of the file that is called so

    def of_class(self, check: str) -> str:
        """True of the orphans of a class."""
        self._gather_forms(self.connection)  # those of other parents may stand in their place
        return self._none if check == "placeholder-values" else f"NOT {self._none}"


def measured_again(connection: sqlite3.Connection, look: Look, fk: ForeignKey) -> Probe:
    """A relationship that a look was taken at; where it was the last to be measured, with what was found of it."""
    known = look.measured
    if known is not None and known.connection is connection and known.foreign_key == fk:
        return known
    return Probe(connection, look.schema, fk, look)
