"""What has to become of a table's indexes where its text is changed and its rows stay where they are.

The index of a UNIQUE constraint has no statement of its own: it is known by its name, sqlite_autoindex_TABLE_N, which
counts the constraints in the order of the text (https://www.sqlite.org/fileformat2.html#intschema). So one that is new
is made as any index is, and is then given that name and no text; one that goes is given a text, and dropped.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlfix.frozen import frozen
from sqlfix.model.schema import Table
from sqlfix.sql.index_moves import IndexMoves
from sqlfix.sql.literals import quote

Rows = tuple[Any, ...]
EXPRESSION = -2
"""The place of an expression among the columns of a table, as index_xinfo has it."""


@frozen
class IndexChanges:
    """The indexes of constraints that are made, renamed or go, and those by a statement that are to be made again.

    ``made`` and ``gone`` are the terms of their columns by their names, and ``renamed`` the new names by the old ones.
    """

    made: Mapping[str, str]
    renamed: Mapping[str, str]
    gone: Mapping[str, str]
    again: tuple[str, ...]

    @property
    def are_none(self) -> bool:
        """True if every index stays just as it is."""
        return not (self.made or self.renamed or self.gone or self.again)

    def moves(self, table: str, own: Sequence[tuple[str, str]], taken: Sequence[str]) -> IndexMoves:
        """What is done for that.

        Args:
            own: the names and texts of the indexes that statements made, in the order of the schema, which they keep.
            taken: names that something has.
        """
        first = next((place for place, (index, _) in enumerate(own) if index in self.again), len(own))
        return IndexMoves(table, self.made, self.renamed, self.gone, own[first:], taken)


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


def index_changes(old: Table, new: Table, pragmas: tuple[Rows, Rows], changed: bool) -> IndexChanges | None:
    """What becomes of the indexes; None where that cannot be done without making the table anew.

    Args:
        pragmas: what the pragmas say of the two tables, those about indexes as well.
        changed: some columns compare in another way, or have another affinity.
    """
    before, after = (_indexes(rows) for rows in pragmas)
    one, other = ([index for index in some if index.origin == "c"] for some in (before, after))
    if [index.columns for index in one] != [index.columns for index in other]:
        return None
    stale = [
        a.name for a, b in zip(one, other, strict=True) if a.collations != b.collations or (changed and a.is_computed)
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
