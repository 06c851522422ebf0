"""Whether a table is stored in the same way under another text, so that the text alone has to be changed.

SQLite's page on ALTER TABLE tells which declarations say nothing of how rows are stored: CHECK, NOT NULL and FOREIGN
KEY, and with them DEFAULT (https://www.sqlite.org/lang_altertable.html#otheralter). But a row that is older than its
column is shorter than the others, and has the DEFAULT of the text for the rest: see `sqlfix.sql.short_rows`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from typing import Any

from sqlfix.frozen import frozen
from sqlfix.model.schema import Column, ForeignKey, Schema, Table
from sqlfix.model.values import folded
from sqlfix.schema.join_tables import find_join_tables
from sqlfix.sql.create_table import read_create_table
from sqlfix.sql.literals import any_of, free_of, literal, names, quote
from sqlfix.sql.predicates import affinity
from sqlfix.sql.rebuild_statements import AtFault, Moved, dropped, noticed, text_for_now
from sqlfix.sql.table_text import ForeignKeyText, TableText
from sqlfix.sql.tokens import DdlError, has_words
from sqlfix.sql.type_changes import changed, was_kept

Rows = tuple[Any, ...]
"""What `sqlfix.schema.fingerprint` says of a table."""


NOTHING: Mapping[str, str] = {}


def stored_change(
    old: Table, new: Table, before: Rows, after: Rows, values: Mapping[str, str] = NOTHING
) -> IndexChanges | None:
    """What becomes of the indexes where each row stands in the file as the new text wants it; None where it does not.

    That is but for rows that are older than a column which has another DEFAULT, see `other_defaults`, and for values
    that another type of their column makes others of, see `at_fault_by`.

    Args:
        before, after: what the pragmas say of the two tables, those about indexes as well.
        values: what columns get by the step: the one whose values are written again where they stand.
    """
    if min(len(before), len(after)) < 4:
        return None
    texts = [text_of(table.sql) for table in (old, new)]
    same = [(t.strict, t.without_rowid, t.integer_key, has_words(t.sql, "autoincrement")) for t in (old, new)]
    if None in texts or same[0] != same[1]:
        return None
    columns = [[(c.name, c.primary_key, c.generated) for c in table.columns] for table in (old, new)]
    hidden = [[(row[1], row[6]) for row in rows[0]] for rows in (before, after)]
    generated = [_generated(text, table) for text, table in zip(texts, (old, new), strict=True)]
    if any(one != other for one, other in (columns, hidden, generated)):
        return None
    compared, stored = _otherwise_compared(old, new), _otherwise_stored(old, new)
    # what is computed may be another value then; and a REAL stands in the file as an integer where it is one
    if (compared or stored) and (old.without_rowid or generated[0]):
        return None
    if stored and (old.strict or any(affinity(one) == "REAL" for one in old.columns if one.name in stored)):
        return None
    if values and not _can_be_written(old, new, values):
        return None
    changes = index_changes(old, new, (before, after), bool(compared or stored), next(iter(values), ""))
    return replace(changes, values=values) if changes else None


def _can_be_written(old: Table, new: Table, values: Mapping[str, str]) -> bool:
    """True if a value is written as it is, where it stands, and SQLite stores it by the new type as it would in a copy.

    An integer of a REAL column is another matter, and so is a CHECK that comes with the type. No index of a constraint
    may have the column in it: one that disagrees with its table cannot be dropped before.
    """
    (name, value), *more = values.items()
    types = [affinity(column) for table in (old, new) for column in table.columns if column.name == name]
    indexed = any(index.origin != "c" and name in [c.name for c in index.columns] for index in old.indexes)
    alone = not more and _otherwise_stored(old, new) == [name] and was_kept(value) == f"c.{quote(name)}"
    known = checks_of(old.sql) is not None and checks_of(old.sql) == checks_of(new.sql) and len(old.row_id) == 1
    return alone and known and not indexed and "REAL" not in types


def is_only_a_text(old: Table, new: Table, changes: IndexChanges) -> bool:
    """True if no row is looked at for the change, and no index: then nothing has to be known of how they compare."""
    otherwise = _otherwise_compared(old, new) or _otherwise_stored(old, new)
    of_indexes = changes.made or changes.renamed or changes.gone or changes.again
    return not (of_indexes or otherwise or other_defaults(old, new))


def _otherwise_compared(old: Table, new: Table) -> bool:
    """True if a column has another collation."""
    pairs = zip(old.columns, new.columns, strict=True)
    return any(folded(one.collation) != folded(other.collation) for one, other in pairs)


def _otherwise_stored(old: Table, new: Table) -> list[str]:
    """The columns whose values are stored by another rule."""
    pairs = zip(old.columns, new.columns, strict=True)
    if old.strict:
        return [one.name for one, other in pairs if folded(one.type) != folded(other.type)]
    return [one.name for one, other in pairs if affinity(one) != affinity(other)]


def other_defaults(old: Table, new: Table) -> tuple[Column, ...]:
    """The columns of a table, as they are, whose DEFAULT may be another value by its new text: also by another type."""
    pairs, otherwise = zip(old.columns, new.columns, strict=True), _otherwise_stored(old, new)
    others = (one for one, other in pairs if one.default != other.default or (one.default and one.name in otherwise))
    return tuple(one for one in others if one.name != old.integer_key)


def _generated(text: TableText | None, table: Table) -> list[str]:
    """The whole text of each generated column: what is stored of it, or of an index over it, is what it computes."""
    return [table.sql[slice(*column.span)] for column in text.columns if column.generated] if text else []


def at_fault_by(old: Table, new: Table, values: Mapping[str, str] = NOTHING) -> AtFault | None:
    """The rows that do not keep to what the new text of a table wants and the old one did not; None if it is no more.

    Those of ``values`` are written again. What is said of such rows is what SQLite would say.
    """
    found = []
    for column in new.columns:
        had = old.column(column.name)
        if column.not_null and not (had and had.not_null):
            said = f"NOT NULL constraint failed: {new.name}.{column.name}"
            found.append((said, f"typeof({quote(new.name)}.{quote(column.name)}) = 'null'"))
    for name in (each for each in _otherwise_stored(old, new) if each not in values):
        said = f"a value of {new.name}.{name} would be stored as another one"
        to = next(affinity(column) for column in new.columns if column.name == name)
        found.append((said, changed(f"{quote(new.name)}.{quote(name)}", to)))
    texts = [text_of(table.sql) for table in (old, new)]
    before = [check.text for check in texts[0].checks] if texts[0] else []
    for check in texts[1].checks if texts[1] else ():
        if check.text in before:
            before.remove(check.text)
        else:
            said = f"CHECK constraint failed: {check.name or check.text}"
            found.append((said, f"NOT ({check.text}\n)" if "--" in check.text else f"NOT ({check.text})"))
    where = any_of([f"({condition})" for _, condition in found])
    said, source = ", or ".join(said for said, _ in found), f"FROM main.{quote(old.name)} WHERE {where}"
    return AtFault(said, source, names(old.known_by), old.known_by) if found else None


def checks_of(sql: str) -> Counter[str] | None:
    """The CHECKs of a text; None where they cannot be told."""
    text = text_of(sql)
    return Counter(check.text for check in text.checks) if text else None


def stored_columns(old: str, new: str) -> frozenset[str]:
    """The generated columns that are stored, and computed in both texts alike."""
    try:
        before, now = ({sql[slice(*c.span)]: c for c in read_create_table(sql).columns} for sql in (old, new))
    except DdlError:
        return frozenset()
    same = {text: column.name for text, column in now.items() if column.generated and text in before}
    return frozenset(name for text, name in same.items() if has_words(text, "stored"))


# -- what has to become of the indexes of a table whose rows stay where they are ----------------------------------
# The index of a UNIQUE constraint has no statement of its own: it is known by its name, sqlite_autoindex_TABLE_N, which
# counts the constraints in the order of the text (https://www.sqlite.org/fileformat2.html#intschema). So one that is
# new is made as any index is, and is then given that name and no text; one that goes is given a text, and dropped.

EXPRESSION = -2
"""The place of an expression among the columns of a table, as index_xinfo has it."""


@frozen
class IndexChanges:
    """The indexes of constraints that are made, renamed or go, and those by a statement that are to be made again.

    ``made`` and ``gone`` are the terms of their columns by their names, and ``renamed`` the new names by the old ones.
    ``values`` are those of the step, of a column whose values are written again between the two.
    """

    made: Mapping[str, str]
    renamed: Mapping[str, str]
    gone: Mapping[str, str]
    again: tuple[str, ...]
    values: Mapping[str, str] = field(default_factory=dict)

    def moves(self, table: str, own: Sequence[tuple[str, str]], taken: Sequence[str]) -> IndexMoves:
        """What is done for that.

        Args:
            own: the names and texts of the indexes that statements made, in the order of the schema, which they keep.
            taken: names that something has.
        """
        first = next((place for place, (index, _) in enumerate(own) if index in self.again), len(own))
        return IndexMoves(table, self, own[first:], taken)


@frozen
class _Index:
    """An index as the pragmas tell it: ``rows`` are those of index_xinfo."""

    name: str
    unique: int
    origin: str
    partial: int
    rows: Rows

    @property
    def form(self) -> tuple[object, ...]:
        """All of a constraint's index but its name."""
        return (self.unique, self.origin, self.partial, [row[:6] for row in self.rows])

    @property
    def columns(self) -> tuple[object, ...]:
        """All of another index but how its columns compare."""
        return (self.name, self.unique, self.origin, self.partial, [(*row[:4], row[5]) for row in self.rows])

    @property
    def collations(self) -> list[str]:
        """How its columns compare."""
        return [row[4] for row in self.rows]

    @property
    def is_computed(self) -> bool:
        """True if what it has of a row, and whether it has it, is computed."""
        return bool(self.partial) or any(row[1] == EXPRESSION for row in self.rows)

    def terms(self, table: Table) -> str:
        """Its columns as CREATE INDEX has them; empty where one cannot be named."""
        said = []
        for _, place, name, descending, collation, is_key in (row[:6] for row in self.rows):
            known = table.integer_key if name is None and place == -1 else name
            if is_key and not known:
                return ""
            if is_key:
                said.append(f"{quote(str(known))} COLLATE {quote(collation)}{' DESC' if descending else ''}")
        return ", ".join(said)


def index_changes(
    old: Table, new: Table, pragmas: tuple[Rows, Rows], changed: bool, written: str = ""
) -> IndexChanges | None:
    """What becomes of the indexes; None where that cannot be done without making the table anew.

    Args:
        pragmas: what the pragmas say of the two tables, those about indexes as well.
        changed: some columns compare in another way, or have another affinity.
        written: the column whose values are written again.
    """
    before, after = (_indexes(rows) for rows in pragmas)
    one, other = ([index for index in some if index.origin == "c"] for some in (before, after))
    if [index.columns for index in one] != [index.columns for index in other]:
        return None
    stale = [
        a.name
        for a, b in zip(one, other, strict=True)
        if a.collations != b.collations or (changed and a.is_computed) or written in [row[2] for row in a.rows]
    ]
    gone, rest, renamed = [i for i in before if i.origin != "c"], [i for i in after if i.origin != "c"], {}
    for index in list(rest):
        same = next((each for each in gone if each.form == index.form), None)
        if same is not None:
            renamed[same.name] = index.name
            gone.remove(same)
            rest.remove(index)
    made, went = ({i.name: i.terms(table) for i in some} for some, table in ((rest, new), (gone, old)))
    keys = [sum(index.origin == "pk" for index in some) for some in (gone, rest)]
    if keys[0] != keys[1] or not all((*made.values(), *went.values())):
        return None
    if old.without_rowid and (made or went or renamed != {name: name for name in renamed} or stale):
        return None
    return IndexChanges(made, {a: b for a, b in renamed.items() if a != b}, went, tuple(stale))


def _indexes(pragmas: Rows) -> list[_Index]:
    pairs = zip(pragmas[1], pragmas[3:-1], strict=True)
    return [_Index(name, unique, origin, partial, rows) for (_, name, unique, origin, partial, *_), rows in pairs]


@frozen
class IndexMoves:
    """Indexes of constraints that come, go or get another name with the text of their table; and others made again.

    ``again`` are the names and texts of indexes that are dropped before, and made after the text is another one.
    ``taken`` are names that something has.
    """

    table: str
    changes: IndexChanges
    again: Sequence[tuple[str, str]]
    taken: Sequence[str]

    @property
    def places(self) -> int:
        """How many of the table of what was done `statements` fill."""
        return 2 if self.again else 1

    def statements(self, done: str, place: int, text: str, free: str) -> Iterator[str]:
        """All statements that give the table another text; `again` has those that come at last.

        Args:
            done: the table of what was done, in which they fill places from this one on.
            free: a name that nothing has.
        """
        yield from self._before(done, place)
        yield from text_for_now(done, place + self.places - 1, self.table, text, self._moved)
        yield from noticed(free)
        yield from (dropped("index", aside) for aside in self._asides("go"))

    @property
    def _moved(self) -> Mapping[str, Moved]:
        """What each index becomes in the moment in which the table gets its text."""
        moved: dict[str, Moved] = {
            aside: (name, None) for aside, name in zip(self._asides("come"), self.changes.made, strict=True)
        }
        moved.update({old: (new, None) for old, new in self.changes.renamed.items()})
        for aside, (name, terms) in zip(self._asides("go"), self.changes.gone.items(), strict=True):
            moved[name] = (aside, self._unique(aside, terms))
        return moved

    def _before(self, done: str, place: int) -> Iterator[str]:
        """Under the old text; a place of the table of what was done is filled where some are made again."""
        for aside, terms in zip(self._asides("come"), self.changes.made.values(), strict=True):
            yield self._unique(aside, terms)
        yield from (dropped("index", name) for name, _ in self.again)
        if self.again:
            there = f"type = 'index' AND name IN ({', '.join(literal(name) for name, _ in self.again)})"
            count = f"SELECT {place}, count(*) FROM main.sqlite_master WHERE {there}"
            yield f"INSERT INTO temp.{done} (place, at_fault) {count}"

    def _asides(self, what: str) -> list[str]:
        """The names of the indexes of constraints while they are none: of those that come, or go."""
        number = len(self.changes.made if what == "come" else self.changes.gone)
        return [free_of(f"sqlfix_{what}{place}", self.taken) for place in range(number)]

    def _unique(self, name: str, terms: str) -> str:
        return f"CREATE UNIQUE INDEX {quote(name)} ON {quote(self.table)} ({terms})"


# -- what only the CREATE TABLE texts say of foreign keys ---------------------------------------------------------
# The names of constraints, DEFERRABLE, MATCH, the exact text.


def text_of(sql: object) -> TableText | None:
    """A CREATE TABLE statement, read; None of one that cannot be read, and of what is no text."""
    try:
        return read_create_table(sql) if isinstance(sql, str) else None
    except DdlError:
        return None


def with_text(schema: Schema) -> Schema:
    """The schema with what only the texts say of its foreign keys.

    It is a step of its own because reading the texts takes longer than all the pragmas together, and a scan of a
    sound database needs none of it.
    """
    tables = tuple(map(table_with_text, schema.tables))
    return Schema(tables, find_join_tables(tables))


def table_with_text(table: Table) -> Table:
    """The table with what only its text knows of its foreign keys, if the text agrees with what SQLite enforces.

    ``constraint``, ``deferrable``, ``match`` and ``text`` are filled in if the columns and the foreign keys of the
    text are, in number, order, names and actions, those of ``table``. Otherwise ``table`` comes back as it is.
    """
    text = text_of(table.sql) if table.foreign_keys else None
    if text is None or _folded(c.name for c in text.columns) != _folded(c.name for c in table.columns):
        return table
    if len(text.foreign_keys) != len(table.foreign_keys):
        return table
    pairs = list(zip(table.foreign_keys, text.foreign_keys, strict=True))
    if not all(_agree(fact, said) for fact, said in pairs):
        return table
    return replace(
        table,
        foreign_keys=tuple(
            replace(fact, constraint=said.constraint, deferrable=said.deferrable, match=said.match, text=said.text)
            for fact, said in pairs
        ),
    )


def _folded(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(folded(name) for name in names)


def _agree(fact: ForeignKey, said: ForeignKeyText) -> bool:
    """True if the pragmas and the text tell of the same foreign key."""
    return (
        _folded(fact.child_columns) == _folded(said.columns)
        and folded(fact.parent) == folded(said.parent)
        and _folded(said.parent_columns) == (() if fact.implicit else _folded(fact.parent_columns))
        and fact.implicit == (not said.parent_columns)
        and (fact.on_delete, fact.on_update) == (said.on_delete, said.on_update)
    )
