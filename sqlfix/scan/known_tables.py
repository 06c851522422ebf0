"""What is known of the tables of a database: their sizes and ids, and whether what SQLite goes by can be believed."""

import sqlite3
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace

from sqlfix.model.schema import Index, Schema, Table
from sqlfix.scan import tiny_tables as tiny
from sqlfix.scan.access_paths import FEW, WHOLE, Ids
from sqlfix.scan.ids_read import Gaps, IdsOnce, ids_once, map_of_gaps, read_ids
from sqlfix.scan.keys_read import KeysOnce, keys_once
from sqlfix.scan.pieces import Piece, are_ends, ends_of, rows_about
from sqlfix.scan.table_pass import MOST_MARKS_A_PASS, probing, unchecked
from sqlfix.scan.trees import (
    Difference,
    agrees,
    all_with_rowid_in_order,
    difference,
    is_computed,
    is_in_order,
)
from sqlfix.sql.literals import quote
from sqlfix.sql.predicates import count_stored, stored
from sqlfix.sqlite.deadline import limited, overlooking, stop_if_interrupted
from sqlfix.sqlite.snapshot import ReaderPool

MOST_CHOSEN = 1000
"""Rows that are named one by one in a statement at most."""


@dataclass(slots=True, eq=False, repr=False)
class KnownTables:
    """What is asked of a table, or of an index, only once.

    ``sizes`` are the rows of the tables, counted in the tables themselves, but for those of ``guessed``, which are
    counted when they are read. ``ordered`` says whether no row is held twice.
    ``wanted_ids`` are the tables of which that is still to be found out, while they are read, and whether as well which
    ids are missing. ``found`` is how many rows were found by their ids, where all were looked for.
    """

    readers: ReaderPool
    schema: Schema
    sizes: dict[str, int] = field(default_factory=dict)
    guessed: set[str] = field(default_factory=set)
    ordered: dict[str, bool] = field(default_factory=dict)
    wanted_ids: dict[str, bool] = field(default_factory=dict)
    found: dict[str, int] = field(default_factory=dict)
    _ids: dict[str, Ids] = field(default_factory=dict)
    _all_ordered: bool | None = None
    _agree: dict[tuple[str, str], bool | sqlite3.DatabaseError] = field(default_factory=dict)
    _wholly: set[tuple[str, str]] = field(default_factory=set)
    _marks: dict[str, bytes | None] = field(default_factory=dict)

    def count(self, names: Iterable[str], guess: Collection[str] = ()) -> None:
        """Count the rows of some tables.

        Args:
            guess: those of them of which it does for now to know how many there are about, if they are many.
        """
        wanted = [
            table
            for name in dict.fromkeys(names)
            if name not in self.sizes and (table := self.schema.table(name)) is not None
        ]
        if not wanted:  # then this may be asked from several threads, and a connection belongs to one of them
            return
        with unchecked(self.readers):  # the pass over a child checks it, and what is looked up is checked before
            if len(wanted) >= tiny.MANY:
                self._count_many(wanted)
                wanted = [table for table in wanted if table.name not in self.sizes]
            unsure = {t.name for t in wanted if t.name in guess and (self._is_keyed_child(t) or not t.without_rowid)}
            guesses = self.readers.run(lambda each, t: _guess(each, t) if t.name in unsure else None, wanted)
            left = [table for table, ids in zip(wanted, guesses, strict=True) if ids is None]
            counted = dict(zip((table.name for table in left), self.readers.run(_count, left), strict=True))
        for table, guessed in zip(wanted, guesses, strict=True):
            if ids := guessed or counted[table.name]:
                self.sizes[table.name], self._ids[table.name] = ids.count, ids
                self.guessed.update([table.name] if guessed else [])
        for table in wanted:
            if table.without_rowid and table.name in self.guessed and not self._is_enough_known(table):
                self.settle(table.name)

    def _is_enough_known(self, table: Table) -> bool:
        """True if for nothing it matters how many more rows a table has than `WHOLE`."""
        parents = [self._ids[fk.parent] for fk in table.foreign_keys if fk.parent in self._ids]
        return all(ids.count <= FEW * WHOLE and min(ids.span - ids.count, ids.count) <= WHOLE // 4 for ids in parents)

    def settle(self, name: str) -> None:
        """Count the rows of a table of which it is only known how many there are about."""
        if name in self.guessed:
            self.guessed.discard(name)
            del self.sizes[name], self._ids[name]
            self.count([name])

    def settle_all(self) -> None:
        """Read the ids of all tables that are still guessed, and count their rows by that."""
        for name in sorted(self.guessed):
            self.is_in_order(self.schema.known_table(name))
            self.settle(name)

    def _count_many(self, wanted: Sequence[Table]) -> None:
        connection = self.readers.connections[0]
        if self._are_all_in_order():
            for table, rows in tiny.count(connection, wanted):
                self.sizes[table.name] = rows
                if not table.without_rowid:
                    self.ordered.setdefault(table.name, True)
            return
        for table, ids, in_order in tiny.look_for_ids(connection, wanted):
            self.sizes[table.name], self._ids[table.name] = ids.count, ids
            if in_order:
                self.ordered.setdefault(table.name, True)

    def ids_of(self, name: str) -> Ids:
        """Those of a table that is counted, or guessed; their ends are known in any case.

        Raises:
            sqlite3.DatabaseError: where SQLite cannot tell.
        """
        if name not in self._ids:
            ids = _count(self.readers.connections[0], self.schema.known_table(name))
            if ids is None:
                raise sqlite3.DatabaseError("its rows could not be counted")
            self._ids[name] = ids
        return self._ids[name]

    def agrees(self, table: Table, index: Index, connection: sqlite3.Connection | None = None) -> bool:
        """True if a plain index has an entry for each row of its table and no others, see `trees.agrees`; asked once.

        Args:
            connection: one of those of the readers; the first if not given.

        Raises:
            sqlite3.DatabaseError: where SQLite cannot use the index.
        """
        place = (table.name, index.name)
        if place not in self._agree:
            self.settle(table.name)
            self.count([table.name])
            try:
                if table.name not in self.sizes:
                    raise sqlite3.DatabaseError("its rows could not be counted")
                asked = connection or self.readers.connections[0]
                self._agree[place] = agrees(asked, table, index, self.sizes[table.name])
            except sqlite3.DatabaseError as error:
                stop_if_interrupted(error)
                self._agree[place] = error
        if isinstance(known := self._agree[place], sqlite3.DatabaseError):
            raise known
        return known

    def note_disagreement(self, table: Table, index: Index) -> None:
        """Take note of an index that does not agree with its table."""
        self._agree[table.name, index.name] = False

    def agrees_as_far_as_known(self, table: Table, index: Index) -> bool:
        """The same of any index; True where it cannot be asked without running expressions of the schema's own."""
        if is_computed(table, index) or (table.without_rowid and index.origin == "pk"):
            return self._agree.get((table.name, index.name), True) is not False
        try:
            return self.agrees(table, index)
        except sqlite3.DatabaseError:
            return True  # it cannot be used at all, and whoever uses it will say why

    def is_known_to_agree(self, table: Table, index: Index) -> bool:
        """True if an index was compared with all rows of its table, each looked up in it, and none was missing."""
        place = (table.name, index.name)
        whole = place in self._wholly or self.sizes.get(table.name, WHOLE + 1) <= WHOLE
        return whole and self._agree.get(place) is True

    def agrees_wholly(self, table: Table, index: Index) -> bool:
        """The same of any index, all rows compared, however many they are and whatever has to be computed for it."""
        place = (table.name, index.name)
        known = self._agree.get(place)
        if known is False or self.is_known_to_agree(table, index) or (table.without_rowid and index.origin == "pk"):
            return known is not False
        if (agree := self._compared(table, index)) is None:
            return True  # it cannot be used at all, and whoever uses it will say why
        self._wholly.add(place)
        self._agree[place] = agree
        return agree

    def note_agreement(self, table: Table, index: Index) -> None:
        """Compare all rows already, where `agrees_wholly` will be asked in any case: it is not done twice then.

        Nothing is noted of an index that does not agree: how that is told depends on who notices it first.
        """
        place = (table.name, index.name)
        if self._agree.get(place) is True and not self.is_known_to_agree(table, index) and self._compared(table, index):
            self._wholly.add(place)

    def _compared(self, table: Table, index: Index) -> bool | None:
        """Whether an index agrees with its table, all rows compared; None where SQLite cannot tell."""
        place, rows = (table.name, index.name), self.sizes.get(table.name, 0)
        probed = probing(self.readers, [place], self.sizes, table.name)
        with overlooking(), limited(rows, *self.readers.connections), probed:
            return agrees(self.readers.connections[0], table, index, rows, whole=True)
        return None

    def distrusted(self, names: Iterable[str], whole: bool = True, but: str | None = None) -> str | None:
        """Why nothing should be done by what some tables and their indexes say: the first that is damaged.

        Args:
            whole: compare all rows of each table with all its indexes, however many they are.
            but: an index that is not used.
        """
        tables = [table for name in dict.fromkeys(names) if (table := self.schema.table(name))]
        self.count([table.name for table in tables])
        for table in tables:
            if whole and not self.is_in_order(table):
                return f"{table.name} is damaged: its rows are not in the order of their keys"
            for index in table.indexes:
                agrees = self.agrees_wholly if whole else self.agrees_as_far_as_known
                # by an index that begins with an expression none of our statements finds a row
                if index.name != but and index.columns[0].name is not None and not agrees(table, index):
                    return f"an index of {table.name} disagrees with its table; REINDEX {table.name} comes first"
        return None

    @property
    def known_damage(self) -> frozenset[object]:
        """The tables that are known to be out of order, and the indexes that are known to disagree with theirs."""
        indexes = (place for place, agrees in self._agree.items() if agrees is False)
        return frozenset((*indexes, *(name for name, ordered in self.ordered.items() if not ordered)))

    def finds(self, table: Table, rowids: Sequence[int]) -> bool:
        """True if a table finds rows, which were met in it, by their rowids; of very many, some from all parts."""
        if not self.is_only_walked(table):
            return True
        some, key = set(rowids[:: len(rowids) // MOST_CHOSEN + 1]), quote(table.row_id[0])
        query = f"SELECT count(*) FROM {quote(table.name)} NOT INDEXED WHERE {key} IN ({', '.join(map(str, some))})"
        if self.readers.connections[0].execute(query).fetchone() == (len(some),):
            return True
        self.ordered[table.name] = False
        return False

    def is_damaged(self, name: str) -> bool:
        """True of a table that is known to hold its rows in a wrong order, or one twice."""
        return self.ordered.get(name) is False

    @property
    def is_any_damaged(self) -> bool:
        """True if that is known of any table."""
        return False in self.ordered.values()

    def difference(self, table: Table, index: Index) -> Difference:
        """How far an index disagrees with its table; nothing is counted where that takes too long."""
        rows = self.sizes[table.name]
        with overlooking(), limited(rows, *self.readers.connections):
            return difference(self.readers.connections[0], table, index, rows)
        return Difference(0, 0)

    def is_in_order(self, table: Table) -> bool:
        """True if no row of a table is held twice, as `trees.is_in_order` says; asked once."""
        if table.name not in self.ordered:
            self.ordered[table.name] = (
                (self.sizes.get(table.name, 0) > 0 and not table.without_rowid and self._are_all_in_order())
                or self._has_distinct_ids(table)
                or is_in_order(self.readers.connections[0], table, self.sizes.get(table.name, 0))
            )
        return self.ordered[table.name]

    def _are_all_in_order(self) -> bool:
        if self._all_ordered is None:
            self._all_ordered = all_with_rowid_in_order(self.readers.connections[0], self.schema)
        return self._all_ordered

    def has_many_ids(self, table: Table) -> bool:
        """True of a large table with rowids."""
        return self.sizes.get(table.name, 0) > WHOLE and not table.without_rowid and len(table.row_id) == 1

    def is_only_walked(self, table: Table) -> bool:
        """True of a table with rowids of which `is_in_order` does not say whether they lead to its rows."""
        computes = any(column.generated for column in table.columns)
        return self.has_many_ids(table) or (computes and not table.without_rowid and len(table.row_id) == 1)

    def is_to_be_ordered(self, table: Table) -> bool:
        """True if whether each id is there once is still to be found out of a large table while its rows are read."""
        return table.name in self.wanted_ids and table.name not in self.ordered and self._is_large(table)

    def _is_large(self, table: Table) -> bool:
        return self.has_many_ids(table) or (self.sizes.get(table.name, 0) > WHOLE and self._is_keyed_child(table))

    def _is_keyed_child(self, table: Table) -> bool:
        """True of a table without rowids in which no parents are looked up: of those SQLite's own check says more."""
        return table.without_rowid and all(fk.parent != table.name for fk in self.schema.foreign_keys)

    def _has_distinct_ids(self, table: Table) -> bool:
        with overlooking():
            if self._is_large(table) and (asked := self._once(table)):
                if isinstance(asked, KeysOnce):
                    asked.read(self.readers.connections[0], Piece(self.sizes[table.name]))
                else:
                    read_ids(self.readers, asked, self.sizes[table.name])
                return self.note(asked) and self._is_large(table)
        self.settle(table.name)
        return False

    def _once(self, table: Table) -> IdsOnce | KeysOnce | None:
        """Whether each row of a large table is there once, to be asked while they are read."""
        if table.without_rowid:
            return keys_once(self.readers.connections[0], table, self._known(table.name))
        return ids_once(self.readers, table, self._known(table.name))

    def _known(self, name: str) -> int | None:
        """How many rows a table has; None if that is only guessed."""
        return None if name in self.guessed else self.sizes[name]

    def map_of(self, name: str) -> bytes | None:
        """The map of a table's missing ids; None if none is missing."""
        table = self.schema.known_table(name)
        ids = self.ids_of(name)
        if ids.span == ids.count and self.is_in_order(table):
            ids = self.ids_of(name)  # now they are counted
        if name in self.guessed:
            self.note(map_of_gaps(self.readers, table, ids, None))
            ids = self.ids_of(name)
        if ids.span == ids.count and self.is_in_order(table):
            return None
        if name not in self._marks:
            self.note(map_of_gaps(self.readers, table, ids, ids.count))
        return self._marks[name]

    def along(self, table: Table) -> Gaps | IdsOnce | KeysOnce | None:
        """What is to be asked of the ids of a large table while its rows are read; None if nothing is; tried once."""
        once = self.is_to_be_ordered(table)
        mapped = self.wanted_ids.pop(table.name, False)
        if not self._is_large(table):
            return None
        if mapped and table.name not in self._marks and (ids := self.ids_of(table.name)).span != ids.count:
            return Gaps(table, ids, self._known(table.name))
        return self._once(table) if once else None

    def note(self, asked: Gaps | IdsOnce | KeysOnce) -> bool:
        """Take note of what was asked of all pieces of a table; true if each id, or key, is surely there once."""
        name, ends = asked.table.name, asked.ends
        sure = asked.is_sure() and (ends is None or are_ends(self.readers.connections[0], asked.table, *ends))
        if sure and name in self.guessed:
            self.guessed.discard(name)
            self.sizes[name], self._ids[name] = asked.rows, replace(self._ids[name], count=asked.rows)
        self.settle(name)
        if isinstance(asked, Gaps):
            self._marks[name] = bytes(asked.marks)
            if not sure:
                self.ordered[name] = False
        if sure and self._is_large(asked.table):  # of a small one SQLite's own check says more
            self.ordered.setdefault(name, True)
        return sure

    def forget_maps(self) -> None:
        """Make room for other maps, where there are more than one reading of a table takes."""
        if sum(len(marks or b"") for marks in self._marks.values()) > MOST_MARKS_A_PASS:
            self._marks.clear()


def _guess(connection: sqlite3.Connection, table: Table) -> Ids | None:
    """About how many rows a large table has, and its ends as `_count` gives them; None where they are to be counted."""
    if not table.without_rowid and len(table.row_id) != 1:
        return None
    with overlooking():
        if table.without_rowid:
            many = f"SELECT 1 FROM {stored(table)} LIMIT 1 OFFSET {WHOLE}"
            known = keys_once(connection, table) and connection.execute(many).fetchone()
            return Ids(None, None, WHOLE + 1) if known else None
        least, greatest = ends_of(connection, table)
        if least is not None and greatest - least >= WHOLE and (rows := rows_about(connection, table)) > WHOLE:
            return Ids(least, greatest, rows) if table.integer_key is not None else Ids(None, None, rows)
    return None


def _count(connection: sqlite3.Connection, table: Table) -> Ids | None:
    """The rows of a table, and the least and the greatest id if it has an INTEGER PRIMARY KEY; None if it fails."""
    name = quote(table.name)
    ends = "NULL, NULL"
    if table.integer_key is not None:
        key = quote(table.integer_key)
        ends = f"(SELECT min({key}) FROM {name} NOT INDEXED), (SELECT max({key}) FROM {name} NOT INDEXED)"
    with overlooking():
        return Ids(*connection.execute(f"SELECT {ends}, ({count_stored(table.name)})").fetchone())
    return None
