"""The statements that change a schema: a table is made anew, by SQLite's documented procedure, and keeps its rows.

The procedure is that of https://www.sqlite.org/lang_altertable.html#otheralter, the other way round: there the new
table gets its name at the end, and ALTER TABLE writes that into its text in quotes of its own. Here the old one is put
aside first, and the new one is made under its name by the very text that is wanted. With ``legacy_alter_table`` on and
foreign keys off, a RENAME changes no text but those of the table itself, its indexes and its triggers, and these go
with the old table and are made again by their own texts.

Where SQLite refuses to rename the table (its CHECK names it, a collation of another table is missing), its rows are
moved aside instead, which takes twice as long.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field

from sqlfix.frozen import frozen
from sqlfix.model.schema import Table
from sqlfix.model.values import folded
from sqlfix.sql.literals import all_of, literal, names, quote
from sqlfix.sql.predicates import affinity
from sqlfix.sql.type_changes import was_kept

DONE = "sqlfix_done"
"""The temporary table in which each rebuild writes down how many rows it copied."""
NOT_AS_THEY_WERE = "the rows are not as they were: nothing was changed"
AT_FAULT = "rows are at fault: nothing was changed"
NOT_WHOLE = "not every statement was carried out: nothing was changed"
"""The names of the constraints of that table. The last one takes back what a host began that goes on after an error."""
BEFORE = ("PRAGMA foreign_keys = OFF",)
"""What has to stand before the transaction."""
OBJECTS = "SELECT count(*) || ' ' || total(length(sql)) FROM main.sqlite_master"
"""What tells a schema from one in which a statement was not carried out."""


LIGHT = (
    r"PRAGMA |CREATE TEMP TABLE |DROP TABLE (IF EXISTS )?temp\.|(INSERT( OR ROLLBACK)? INTO|DELETE FROM|UPDATE) temp\."
    r"|UPDATE main\.sqlite_master |(CREATE|DROP) VIEW main\."
)
"""How the statements begin that write no row of the file."""


Moved = tuple[str, str | None]
"""The name that an index gets, and its text: none for that of a constraint."""
NONE: Mapping[str, Moved] = {}


def beginning(done: str) -> tuple[str, ...]:
    """What comes first in the transaction; ``done`` is the name of the table of what was done."""
    return (
        "PRAGMA legacy_alter_table = ON",
        f"CREATE TEMP TABLE {done} (place INTEGER PRIMARY KEY, rows INTEGER, met INTEGER, unlike INTEGER,"
        " at_fault INTEGER, is_whole INTEGER,"
        f' CONSTRAINT "{NOT_AS_THEY_WERE}" CHECK (met = rows AND unlike = 0),'
        f' CONSTRAINT "{AT_FAULT}" CHECK (at_fault = 0), CONSTRAINT "{NOT_WHOLE}" CHECK (is_whole))',
    )


def not_taken_back(statements: Sequence[str]) -> str:
    """What can be asked, and is true, as long as the transaction of some statements was not taken back."""
    made = (re.match(r"CREATE TEMP TABLE (\w+)", statement) for statement in statements)
    return next((f"(SELECT count(*) FROM temp.{found[1]}) >= 0" for found in made if found), "")


def end(done: str, places: int, objects: str) -> tuple[str, ...]:
    """What comes last in the transaction.

    Args:
        places: how many rows the table of what was done has, all of them complete.
        objects: the answer to `OBJECTS`.
    """
    complete = f"SELECT count(*) = {places} FROM temp.{done} WHERE met = rows OR at_fault = 0"
    unenforced = "SELECT foreign_keys = 0 FROM temp.pragma_foreign_keys"
    whole = f"({complete}) AND ({OBJECTS}) = {literal(objects)} AND ({unenforced})"
    return (
        f"INSERT OR ROLLBACK INTO temp.{done} (place, is_whole) SELECT 0, {whole}",
        f"DROP TABLE temp.{done}",
        "PRAGMA legacy_alter_table = OFF",
    )


@frozen
class Kept:
    """What SQLite keeps of a table outside of it, and drops with it.

    ``name`` is one that nothing has: the rows of these tables bear it meanwhile. ``done`` is the table of what was
    copied; where it is gone, the transaction was taken back, and none of these statements does anything.
    ``sequences``: the file has those of AUTOINCREMENT. ``statistics`` are the names of the tables that ANALYZE fills.
    """

    name: str
    done: str
    sequences: bool = False
    statistics: tuple[str, ...] = ()

    @property
    def _inside(self) -> str:
        return f"AND (SELECT count(*) FROM temp.{self.done}) >= 0"

    def sequence_aside(self, table: str) -> Iterator[str]:
        """Take the sequence of a table out of the way."""
        if self.sequences:
            where = f"WHERE name = {literal(table)} {self._inside}"
            yield f"UPDATE main.sqlite_sequence SET name = {literal(self.name)} {where}"

    def sequence_back(self, table: str, wanted: bool) -> Iterator[str]:
        """Bring it back as it was: what the copying has made of it goes; or let it go, if it is not wanted any more."""
        if not self.sequences:
            return
        kept = f"WHERE name = {literal(self.name)} {self._inside}"
        if wanted:
            yield f"DELETE FROM main.sqlite_sequence WHERE name = {literal(table)} {self._inside}"
            yield f"UPDATE main.sqlite_sequence SET name = {literal(table)} {kept}"
        else:
            yield f"DELETE FROM main.sqlite_sequence {kept}"

    def statistics_aside(self, column: str, name: str) -> Iterator[str]:
        """Take the statistics of a table, or of an index, out of the way; ``column`` is ``tbl`` or ``idx``."""
        prefix = literal(self.name)
        for each in self.statistics:
            where = f"WHERE {column} = {literal(name)} {self._inside}"
            yield f"UPDATE main.{each} SET tbl = {prefix} || tbl, idx = {prefix} || idx {where}"

    def statistics_back(self) -> Iterator[str]:
        """Bring them back."""
        length, prefix = len(self.name), literal(self.name)
        for each in self.statistics:
            where = f"WHERE substr(tbl, 1, {length}) = {prefix} {self._inside}"
            columns = (f"{column} = substr({column}, {length + 1})" for column in ("tbl", "idx"))
            yield f"UPDATE main.{each} SET {', '.join(columns)} {where}"

    def statistics_renamed(self, column: str, name: str, to: str) -> Iterator[str]:
        """Let those of a table, or of an index, follow its new name."""
        for each in self.statistics:
            where = f"WHERE {column} = {literal(name)} {self._inside}"
            yield f"UPDATE main.{each} SET {column} = {literal(to)} {where}"

    def without_statistics(self, index: str) -> Iterator[str]:
        """Drop those of an index that is another one now."""
        for each in self.statistics:
            yield f"DELETE FROM main.{each} WHERE idx = {literal(index)} {self._inside}"


@frozen
class Copying:
    """How the rows of a table come into another one.

    ``old`` is the table that they stand in, ``new`` the one that they are copied to. ``values`` are SQL over the old
    row ``c``, by the name of the new column. ``checked``: the CHECKs of the new table decide over the rows; otherwise
    those that broke one before are copied as well. ``stored`` are the generated columns that are stored, and are to
    hold what they held.
    """

    old: Table
    new: Table
    values: Mapping[str, str] = field(default_factory=dict)
    checked: bool = False
    stored: frozenset[str] = frozenset()

    def value(self, column: str) -> str | None:
        """What a column of the new table gets; None for its DEFAULT."""
        given = {folded(name): text for name, text in self.values.items()}.get(folded(column))
        if given is not None:
            return given
        had = self.old.column(column)
        return None if had is None else f"c.{quote(had.name)}"

    def is_given(self, column: str) -> bool:
        """True if the plan says what a column gets."""
        return folded(column) in map(folded, self.values)

    @property
    def keeps_rowid(self) -> bool:
        """True if the new table has a rowid that is no column of it, and gets that of the old one."""
        return not self.new.without_rowid and self.new.integer_key is None and bool(self.new.row_id) and self._by_rowid

    @property
    def _by_rowid(self) -> bool:
        return not self.old.without_rowid and bool(self.old.row_id)

    @property
    def source(self) -> str:
        """The old table for a FROM clause, read from itself and not from an index, which may disagree with it."""
        name = f"main.{quote(self.old.name)} AS c"
        if not self.old.without_rowid:
            return f"{name} NOT INDEXED"
        own = next((index.name for index in self.old.indexes if index.origin == "pk"), None)
        return f"{name} INDEXED BY {quote(own)}" if own else name

    def insert(self) -> Iterator[str]:
        """Copy all rows, in the order in which they are stored."""
        pairs = [(c.name, value) for c in self.new.columns if not c.generated and (value := self.value(c.name))]
        if self.keeps_rowid:
            pairs.insert(0, (self.new.row_id[0], f"c.{quote(self.old.row_id[0])}"))
        columns, values = names([name for name, _ in pairs]), ", ".join(value for _, value in pairs)
        order = f" ORDER BY c.{quote(self.old.row_id[0])}" if self._by_rowid else ""
        if not self.checked:
            yield "PRAGMA ignore_check_constraints = ON"
        # whatever an ON CONFLICT clause of the table says, no row is passed over and none replaced
        into = f"INSERT OR ABORT INTO main.{quote(self.new.name)} ({columns})"
        yield f"{into} SELECT {values} FROM {self.source}{order}"
        if not self.checked:
            yield "PRAGMA ignore_check_constraints = OFF"

    def comparison(self) -> str:
        """A query for the number of the old rows, and how many of them are not in the new table as they were."""
        key = self._key()
        if key is None:
            return self._comparison_of_sets()
        new = f"main.{quote(self.new.name)} AS n{'' if self.new.without_rowid else ' NOT INDEXED'}"
        alike = all_of([*self._alike(), f"n.{quote(key[0][0])} IS NOT NULL"])
        on = all_of([f"n.{quote(name)} = {value}" for name, value in key])
        return counted_unlike(alike, f"{self.source} LEFT JOIN {new} ON {on}")

    def _key(self) -> list[tuple[str, str]] | None:
        """By what the new row is found: columns, each with the value over the old row; None where nothing tells."""
        if self.keeps_rowid:
            return [(self.new.row_id[0], f"c.{quote(self.old.row_id[0])}")]
        if self.new.without_rowid:
            found = list(zip(self.new.row_id, self.new.row_collations or [None] * len(self.new.row_id), strict=True))
        else:
            found = [(self.new.integer_key, None)] if self.new.integer_key else []
        known = []
        for name, collation in found:
            column, value = self.new.column(name), self.value(name)
            if column is None or value is None:
                return None
            told = f"({value}) COLLATE {quote(collation or column.collation)}" if self.new.without_rowid else value
            known.append((name, told))
        return known or None

    def _alike(self) -> Iterator[str]:
        """What is true where the new row ``n`` holds what it is to hold, of the same types."""
        for column in self.new.columns:
            value, mine = self.value(column.name), f"n.{quote(column.name)}"
            if value is None or (column.generated and column.name not in self.stored):
                continue
            if self.is_given(column.name):
                yield f"{mine} IS +({was_kept(value)}) COLLATE BINARY"  # the affinity of the new column alone decides
                continue
            yield from alike(mine, value, affinity(column, self.new.strict))

    def _comparison_of_sets(self) -> str:
        """The same where no row of the one can be found by one of the other."""
        pairs = [(c, value) for c in self.new.columns if not c.generated and (value := self.value(c.name))]
        old = ", ".join(f"typeof({value}), +{value} COLLATE BINARY" for _, value in pairs)
        new = ", ".join(f"typeof(n.{quote(c.name)}), +n.{quote(c.name)} COLLATE BINARY" for c, _ in pairs)
        if any(self.is_given(column.name) for column, _ in pairs):
            return f"SELECT count(*), 0 FROM {self.source}"
        there = f"SELECT {new} FROM main.{quote(self.new.name)} AS n"
        unlike = f"SELECT count(*) FROM (SELECT {old} FROM {self.source} EXCEPT {there})"
        return f"SELECT count(*), ({unlike}) FROM {self.source}"


def alike(mine: str, value: str, affinity: str) -> Iterator[str]:
    """What is true of a value of a column of an affinity where it is just another value."""
    yield f"+{mine} IS +{value} COLLATE BINARY"
    # an integer and a REAL may be equal, and a column may have made one of the other
    if affinity in ("INTEGER", "NUMERIC", "REAL"):
        yield f"typeof({mine}) = typeof({value})"


def counted_unlike(alike: str, source: str) -> str:
    """A query for the number of the rows that a FROM clause gives, and for how many of them a condition is not true."""
    # each for itself first, since SQLite takes no more than 2,000 columns into an aggregate
    each = f"SELECT {alike} AS alike FROM {source} LIMIT -1"
    return f"SELECT count(*), count(*) - coalesce(sum(alike), 0) FROM ({each})"


def noted(done: str, place: int, comparison: str) -> Iterator[str]:
    """Write down how many rows the last statement copied, and what a comparison says; or fail by what it says."""
    yield noted_changes(done, place)
    yield compared(done, place, comparison)


def noted_changes(done: str, place: int) -> str:
    """Write down how many rows the last statement wrote."""
    return f"INSERT INTO temp.{done} (place, rows) VALUES ({place}, changes())"


def compared(done: str, place: int, comparison: str) -> str:
    """Write down what a comparison says of them; or fail by that."""
    return f"UPDATE temp.{done} SET (met, unlike) = ({comparison}) WHERE place = {place}"


def writes_no_row(statement: str) -> bool:
    """True of a statement here that writes to temporary tables and to the catalogue alone.

    Those are a few pages, which SQLite keeps to itself until the COMMIT.
    """
    return re.match(LIGHT, statement) is not None


@frozen
class AtFault:
    """Rows of which there must be none.

    ``said`` is what it means that there are some, and ``source`` SQL that finds them, from FROM on. ``known_by`` and
    ``shown`` name what tells a row from others and what is shown of it, and ``selected`` is the SQL of both.
    """

    said: str
    source: str
    selected: str
    known_by: tuple[str, ...]
    shown: tuple[str, ...] = ()

    def none(self, done: str, place: int) -> str:
        """Write down that there are none; or fail."""
        return f"INSERT INTO temp.{done} (place, at_fault) SELECT {place}, count(*) {self.source}"


def noticed(free: str) -> Iterator[str]:
    """Let other connections notice that the text of a table is another one.

    Args:
        free: a name that nothing has, for a view that is made and dropped.
    """
    yield f"CREATE VIEW main.{free} AS SELECT 1"
    yield f"DROP VIEW main.{free}"


def text_for_now(done: str, place: int, table: str, text: str, moved: Mapping[str, Moved] = NONE) -> Iterator[str]:
    """Give a table another text where its rows are stored as that wants it; other connections do not notice it.

    Args:
        moved: indexes that get another name at the same time, and a text or none.
    """
    where = f"type = 'table' AND name = {literal(table)}"
    name, sql = "", literal(text)
    if moved:
        listed = f"type = 'index' AND name IN ({', '.join(map(literal, moved))})"
        where = f"({where} OR {listed}) AND (SELECT count(*) FROM main.sqlite_master WHERE {listed}) = {len(moved)}"
        names_now = " ".join(f"WHEN {literal(one)} THEN {literal(other)}" for one, (other, _) in moved.items())
        texts = " ".join(f"WHEN {literal(one)} THEN {literal(told)}" for one, (_, told) in moved.items())
        name = f"name = CASE WHEN type = 'index' THEN CASE name {names_now} END ELSE name END, "
        sql = f"CASE WHEN type = 'index' THEN CASE name {texts} END ELSE {sql} END"
    yield f"INSERT INTO temp.{done} (place, rows) VALUES ({place}, {1 + len(moved)})"
    yield f"DELETE FROM temp.{done} WHERE 0"  # changes() is not that of the statement before, should the next one fail
    yield "PRAGMA writable_schema = ON"
    inside = f"(SELECT count(*) FROM temp.{done}) > 0"
    yield f"UPDATE main.sqlite_master SET {name}sql = {sql} WHERE {where} AND {inside}"
    yield f"UPDATE temp.{done} SET met = changes(), unlike = 0 WHERE place = {place}"
    yield "PRAGMA writable_schema = RESET"


def made_aside(table: Table, aside: str) -> str:
    """Make a table that has the columns of another one and no types, so that it takes each value as it is."""
    return f"CREATE TABLE main.{quote(aside)} ({names([column.name for column in table.columns])})"


def renamed(table: str, to: str) -> str:
    """Give a table another name, and change no text that is not its own."""
    return f"ALTER TABLE {quote(table)} RENAME TO {quote(to)}"


def dropped(kind: str, name: str) -> str:
    """Drop an object.

    Its name stands alone: a script puts a temporary view of that name before it, which keeps it from being dropped
    outside of the transaction.
    """
    return f"DROP {kind.upper()} {quote(name)}"


def stale_indexes(old: Table, new: Table) -> Sequence[str]:
    """The indexes of constraints of a table that are not those any more that had their names."""
    now = {index.name: index.columns for index in new.indexes}
    return [index.name for index in old.indexes if index.origin != "c" and now.get(index.name) != index.columns]
