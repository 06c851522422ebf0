"""The statements that write rows where they stand: those older than a column of their table, and those of another type.

ALTER TABLE … ADD COLUMN writes to no row (https://www.sqlite.org/lang_altertable.html#altertabaddcol): what was there
before is shorter than the others, and for the rest of it SQLite reads the DEFAULT of the text. Nothing in SQL tells
such a row from one that holds the same value. But where the text says another DEFAULT, just these rows change; so for
a moment, inside the transaction, it is given one that no row holds.
"""

import re
from collections.abc import Iterator, Sequence

from sqlfix.frozen import frozen
from sqlfix.model.schema import Column, Table
from sqlfix.sql.literals import all_of, any_of, names, quote
from sqlfix.sql.predicates import affinity, stored
from sqlfix.sql.rebuild_statements import compared, counted_unlike, dropped, noted_changes, text_for_now
from sqlfix.sql.table_edits import with_default
from sqlfix.sql.tokens import DdlError
from sqlfix.sql.type_changes import changed, is_odd, lost, was_kept

MARK = "x'8c1f62d5a07e4b93b6e2f4d0917a3c58'"
"""A DEFAULT that no row holds. It is a BLOB, of which no type of a column makes another value."""
PLACES = 4
"""How many of the table of what was done they fill."""


@frozen
class ShortRows:
    """The rows of a table that are shorter than some of its columns.

    ``columns`` are to get another DEFAULT, and ``computed`` those generated columns that are stored. ``keys`` and
    ``values`` are names of temporary tables: for what tells the rows from others, and for what they held.
    """

    table: Table
    columns: tuple[Column, ...]
    computed: frozenset[str]
    keys: str
    values: str

    @property
    def marked(self) -> str:
        """The text of the table with a DEFAULT that no row holds.

        Raises:
            DdlError: it cannot be edited like this.
        """
        text = self.table.sql
        for column in self.columns:
            text = with_default(text, column.name, MARK)
        return text

    def statements(self, done: str, place: int, triggers: Sequence[tuple[str, str]]) -> Iterator[str]:
        """All statements, for the transaction in which the text gets its other DEFAULT.

        Args:
            done: the table of what was done, in which they fill `PLACES` places from this one on.
            triggers: the names and texts of the table's triggers, which are not to run.

        Raises:
            DdlError: the rows cannot be told from others, or the text cannot be edited.
        """
        # else an index, which has other entries, might answer for the table
        if not self.table.row_id or (self.table.without_rowid and "INDEXED BY" not in self._source):
            raise DdlError("the rows cannot be told from others")
        name, marked = self.table.name, self.marked
        yield from text_for_now(done, place, name, marked)
        yield from self._found()
        yield from text_for_now(done, place + 1, name, self.table.sql)
        yield from (dropped("trigger", trigger) for trigger, _ in triggers)
        yield from self._written(done, place + 2)
        yield from (text for _, text in triggers)
        yield from text_for_now(done, place + 3, name, marked)
        yield compared(done, place + 2, self._comparison(self._kept))
        yield f"DROP TABLE temp.{self.values}"
        yield f"DROP TABLE temp.{self.keys}"

    @property
    def _source(self) -> str:
        return f"main.{stored(self.table, 'c')}"

    def _found(self) -> Iterator[str]:
        """Under the marked text: note which rows they are."""
        listed = names(_numbered("k", self.table.row_id))
        yield f"CREATE TEMP TABLE {self.keys} ({listed})"
        keys = names(self.table.row_id, "c")
        are_short = any_of([f"c.{quote(column.name)} IS {MARK}" for column in self.columns])
        yield f"INSERT INTO temp.{self.keys} ({listed}) SELECT {keys} FROM {self._source} WHERE {are_short}"

    def _written(self, done: str, place: int) -> Iterator[str]:
        """Under the text as it is: write them with the values that they have, which are kept to be compared.

        SQLite writes a row whole, and each value as its column would store it now. No trigger may be there.
        """
        kept, keys = self._kept, self.table.row_id
        columns = [*_numbered("k", keys), *_numbered("v", kept)]
        yield f"CREATE TEMP TABLE {self.values} ({names(columns)})"
        those = f"({names(keys, 'c')}) IN (SELECT {names(_numbered('k', keys))} FROM temp.{self.keys})"
        held = f"SELECT {names([*keys, *kept], 'c')} FROM {self._source} WHERE {those}"
        yield f"INSERT INTO temp.{self.values} ({names(columns)}) {held}"
        yield "PRAGMA ignore_check_constraints = ON"
        yield f"DELETE FROM temp.{done} WHERE 0"  # changes() is not that of the statement before, should the next fail
        same = ", ".join(f"{quote(column.name)} = c.{quote(column.name)}" for column in self.columns)
        yield f"UPDATE OR ABORT main.{quote(self.table.name)} AS c SET {same} WHERE {those}"
        yield "PRAGMA ignore_check_constraints = OFF"  # what is noted has to keep to its own
        yield noted_changes(done, place)

    @property
    def _kept(self) -> Sequence[str]:
        """The columns that are stored."""
        return [c.name for c in self.table.columns if not c.generated or c.name in self.computed]

    def _comparison(self, kept: Sequence[str]) -> str:
        """Under the marked text: a query for the number of these rows, and how many do not hold what they held.

        One that is still short does not. And there is none beside them: all that were short were found, by the same
        text, in the same transaction, and nothing has been written since but these.
        """
        row_id = self.table.row_id
        collations = [f" COLLATE {quote(by)}" if by else "" for by in self.table.row_collations] or [""] * len(row_id)
        pairs = zip(row_id, _numbered("k", row_id), collations, strict=True)
        on = all_of([f"n.{quote(name)} = v.{key}{collation}" for name, key, collation in pairs])
        same = []
        for name, value in zip(kept, _numbered("v", kept), strict=True):
            now, was = f"n.{quote(name)}", f"v.{quote(value)}"
            same.append(f"(+{now} IS +{was} COLLATE BINARY AND typeof({now}) = typeof({was}))")
        alike = all_of([*same, f"n.{quote(row_id[0])} IS NOT NULL"])
        return counted_unlike(alike, f"temp.{self.values} AS v LEFT JOIN main.{stored(self.table, 'n')} ON {on}")


@frozen
class OtherValues:
    """The values that another type makes others of, in a table whose rows stay where they are.

    Each is written as it is under the new text, so that SQLite stores it as that wants it: just what it does with a row
    that is copied. ``column`` is that of the new text, and ``value`` SQL over the row ``c`` as a copy would have it.
    ``kept`` is the name of a temporary table for the rows and what they held. No trigger may be there.
    """

    table: Table
    column: Column
    value: str
    kept: str

    def noted(self, done: str, place: int) -> Iterator[str]:
        """Under the old text: keep what is to change, and make sure that nothing else does.

        A row is written whole. One with a value that its own column would now store as another is none to be written.
        """
        yield f"CREATE TEMP TABLE {self.kept} (k INTEGER PRIMARY KEY, v, other)"
        others = [c for c in self.table.columns if c.name not in (self.column.name, self.table.integer_key)]
        other = any_of([is_odd(f"c.{quote(c.name)}", affinity(c)) for c in others]) or "0"
        own = f"c.{quote(self.table.row_id[0])}, c.{quote(self.column.name)}"
        yield f"INSERT INTO temp.{self.kept} SELECT {own}, {other} FROM {self._source('c')} WHERE {self._changes('c')}"
        count = f"SELECT {place}, 0, 0, coalesce(sum(other), 0) FROM temp.{self.kept}"
        yield f"INSERT INTO temp.{done} (place, rows, met, unlike) {count}"

    def written(self, done: str, place: int, triggers: Sequence[tuple[str, str]]) -> Iterator[str]:
        """Under the new text: write them, and compare each with what its column makes of what was kept.

        Args:
            done: the table of what was done, of which they fill a place. Where it is gone, the transaction was taken
                back, and no row is written.
            triggers: the names and texts of the table's triggers, which are not to run.
        """
        x, key = f"c.{quote(self.column.name)}", quote(self.table.row_id[0])
        yield from (dropped("trigger", trigger) for trigger, _ in triggers)
        yield "PRAGMA ignore_check_constraints = ON"
        # a query in the condition would have SQLite gather all the rows first
        inside = f"coalesce({x}, (SELECT NULL FROM temp.{done}))"
        into = f"UPDATE OR ABORT {self._source('c')} SET {quote(self.column.name)} = {inside}"
        yield f"{into} WHERE {self._changes('c')}"
        yield "PRAGMA ignore_check_constraints = OFF"  # what is noted has to keep to its own
        yield from (text for _, text in triggers)
        yield f"INSERT INTO temp.{done} (place, rows) SELECT {place}, count(*) FROM temp.{self.kept}"
        joined = f"temp.{self.kept} AS v LEFT JOIN {self._source('n')} ON n.{key} = v.k"
        alike = all_of([*self._alike(), f"n.{key} IS NOT NULL"])
        yield compared(done, place, counted_unlike(alike, joined))
        yield f"DROP TABLE temp.{self.kept}"

    def _alike(self) -> Iterator[str]:
        """What is true where a row ``n`` holds what its column makes of the value ``v.v``, of which nothing is lost."""
        now = f"n.{quote(self.column.name)}"
        yield f"{now} IS +v.v COLLATE BINARY"  # the affinity of the column decides
        yield f"NOT {self._changes('n')}"
        if was_kept(self.value) != self.value:
            yield f"NOT {lost('v.v', now, affinity(self.column))}"

    def _source(self, alias: str) -> str:
        return f"main.{stored(self.table, alias)}"

    def _changes(self, alias: str) -> str:
        return changed(f"{alias}.{quote(self.column.name)}", affinity(self.column))


def noted_rows(statement: str) -> str | None:
    """The temporary table of the rows that a statement here writes, all of them; None of one that names none."""
    found = re.match(r"UPDATE OR ABORT main\..* FROM (temp\.\w+)\)\Z", statement, re.DOTALL)
    return found[1] if found else None


def _numbered(letter: str, each: Sequence[str]) -> list[str]:
    return [f"{letter}{place}" for place in range(len(each))]
