"""How the rows of a relationship that may be orphans are found fast: the ways, and the one place that chooses.

Each way makes a question: a condition over the rows of the child table that holds for every orphan by SQLite's own
rule, and perhaps for some sound rows. Whoever asks looks at the few that it holds for again, by the rule itself.

=========  ==================================================  ==================================================
way        how a key is looked at                              where it is the best
=========  ==================================================  ==================================================
gaps       against the least and the greatest id of the        parents with an INTEGER PRIMARY KEY, and at least a
           parents, and a map of the ids that are missing      tenth as many rows in the child: no parent is looked
           between them; no parent is looked up                up at all
merge      an index of the child and that of the parents are   keys of text, where the child has an index over them:
           read side by side                                   no parent is looked up
order      in the order of an index of the child, so that the  any other key, where the child has an index over it
           parents are met in their own order
ranges     in the order of the rows, each parent looked up     all else
=========  ==================================================  ==================================================

What a key costs, all measured in one run on 8 million integer keys in 470 MB, and 1.5 million UUIDs in 270 MB, two
threads, SQLite 3.40. Integers: gaps 59 ns, with 5 % of the ids missing 205 ns (the map included); order 108 ns; ranges
715 ns; SQLite's own check 2,235 ns. UUIDs: merge 192 ns; order 335 ns; ranges 980 ns; SQLite's own check 2,249 ns.
"""

from dataclasses import field

from sqlfix.frozen import frozen
from sqlfix.model.schema import ForeignKey, Index, Schema, Table
from sqlfix.model.values import folded
from sqlfix.sql.literals import names, quote
from sqlfix.sql.predicates import COLLATIONS, affinity, child_key, lookup, match_parent

MOST_MARKS = 4 << 20
"""Bytes of a map of missing ids: it is looked into for every key, so it has to stay in the processor's cache."""
LEAST = -(2**63)
MOST_EXACT = 2**53
"""Up to here every whole number is a REAL too."""
FEW = 10
"""A child with so many times fewer rows than its parent is not worth a look at all the parents."""
WHOLE = 100_000
"""Up to how many rows a table is compared with an index row by row before that is believed; half a microsecond each."""


@frozen
class Merged:
    """The keys of a parent table in the order of its own index, which is also that of an index of the child."""

    parent: str
    index: str
    columns: tuple[str, ...]
    texts: tuple[bool, ...]
    """Of each column, whether it makes text of numbers."""

    def keys(self, condition: str) -> str:
        """The query for the keys ``c`` for which a condition holds (beginning with AND), in no order of its own.

        A number that stands in a column of text was not written there as one. SQLite would make text of a child's
        equal number, and not find it; so it is left out. The plus keeps SQLite from making text of it here as well, and
        from beginning to read there instead of where the condition does.
        """
        text = "".join(
            f" AND +c.{quote(n)} >= ''" for n, is_text in zip(self.columns, self.texts, strict=True) if is_text
        )
        return (
            f"SELECT {names(self.columns, 'c')} FROM {quote(self.parent)} AS c INDEXED BY {quote(self.index)}"
            f" WHERE 1{text}{condition}"
        )


@frozen
class Question:
    """A condition over the rows ``c`` of a table, to be asked in one pass together with others over that table.

    Args:
        join: a LEFT JOIN that the condition needs, which gives at most one row for each ``c``.
        marks: bytes that the condition names as ``:marks_N``, by that name.
        index: the index of the table in whose order the rows are to be read; None for the order of the table.
        merged: what the index is read side by side with; then there is no condition.
        unless: what is true of most rows, quickly found out, and of none for which the condition holds; it stands
            before all conditions that have it in common. "" if there is no such thing.
        probes: tables with the indexes by which they are looked up at random, so that each page of them is read often.
        allocates: SQLite allocates memory for each row to answer it, for which threads wait for one another.
    """

    table: Table
    condition: str
    join: str = ""
    marks: dict[str, bytes] = field(default_factory=dict)
    index: Index | None = None
    merged: Merged | None = None
    unless: str = ""
    probes: tuple[tuple[str, str | None], ...] = ()
    allocates: bool = False

    __eq__, __hash__ = object.__eq__, object.__hash__


@frozen
class Ids:
    """The ids of a table with an INTEGER PRIMARY KEY: the least, the greatest, and how many there are."""

    least: int | None
    greatest: int | None
    count: int

    @property
    def span(self) -> int:
        """How many ids there are from the least to the greatest."""
        return 0 if self.least is None or self.greatest is None else self.greatest - self.least + 1

    @property
    def shift(self) -> int:
        """Of how many ids a byte of the map speaks, as a power of two."""
        return max((self.span - 1) // MOST_MARKS, 0).bit_length()

    def can_be_mapped(self, children: int) -> bool:
        """True if a map says of most ids that they are there, and the gaps are fewer than what it saves."""
        missing = self.span - self.count
        if missing <= 0:  # in a damaged table the last id may even be less than the first
            return missing == 0
        if min(missing, self.count) > max(children // 4, 1000):
            return False
        in_doubt = 1 - (1 - missing / self.span) ** (1 << self.shift)
        return self.shift == 0 or in_doubt < 0.5


def choose(children: int, parents: int, ids: Ids | None, index: Index | None, merged: Merged | None) -> str:
    """The way to look at a relationship: ``gaps``, ``merge``, ``order`` or ``ranges``.

    Args:
        children: rows of the child table.
        parents: rows of the parent table.
        ids: the parents' ids, if the key is their INTEGER PRIMARY KEY.
        index: an index of the child over the key, if it has one.
        merged: what it can be read side by side with, if it can be.
    """
    if children * FEW < parents:
        return "ranges"
    if ids is not None and ids.can_be_mapped(children):
        return "gaps"
    if index is None or children <= WHOLE:  # to compare the index with its table would take longer than it saves
        return "ranges"
    return "merge" if merged is not None and parents < 3 * children else "order"


def refers_to_ids(schema: Schema, fk: ForeignKey) -> bool:
    """True if the key is the parent's INTEGER PRIMARY KEY."""
    parent = schema.table(fk.parent)
    return parent is not None and parent.integer_key is not None and fk.parent_columns == (parent.integer_key,)


def index_over_key(schema: Schema, fk: ForeignKey) -> Index | None:
    """An index of the child that begins with the columns of the key, whole and in their own collations."""
    child = schema.known_table(fk.child)
    wanted = sorted(folded(name) for name in fk.child_columns)
    for index in () if child.without_rowid else child.indexes:
        first = index.columns[: len(wanted)]
        if index.partial or any(column.name is None for column in first):
            continue
        if sorted(folded(column.name or "") for column in first) == wanted and all(
            (own := child.column(column.name or "")) is not None and folded(own.collation) == folded(column.collation)
            for column in first
        ):
            return index
    return None


def side_by_side(schema: Schema, fk: ForeignKey, index: Index) -> Merged | None:
    """What an index of the child can be read side by side with; None if the keys are not told apart alike.

    Two keys that are stored alike are one by SQLite's own rule as well, unless the parent's column makes another kind
    of value of the child's; so none but columns are taken that leave text as it is.
    """
    child, parent, found = schema.known_table(fk.child), schema.known_table(fk.parent), own_index(schema, fk)
    if found is None:
        return None
    mates = {folded(ours): theirs for ours, theirs in zip(fk.child_columns, fk.parent_columns, strict=True)}
    ours = [c for each in index.columns[: len(mates)] if (c := child.column(each.name or "")) is not None]
    theirs = [c for each in found.columns if (c := parent.column(each.name or "")) is not None]
    if [folded(mates.get(folded(c.name), "")) for c in ours] != [folded(c.name) for c in theirs]:
        return None
    kinds = [affinity(c, t.strict) for t, some in ((child, ours), (parent, theirs)) for c in some]
    alike = [folded(c.collation) for c in ours] == [folded(each.collation) for each in found.columns]
    if not alike or not {"TEXT", "BLOB"}.issuperset(kinds):
        return None
    texts = tuple(affinity(c, parent.strict) == "TEXT" for c in theirs)
    return Merged(parent.name, found.name, tuple(c.name for c in theirs), texts)


# -- the questions ------------------------------------------------------------------------------------------------


def by_gaps(schema: Schema, fk: ForeignKey, ids: Ids, marks: bytes | None, number: int) -> Question:
    """The question that tells a key by the parents' ids; ``marks`` as `Ids.shift` says, or None if none is missing.

    Only an INTEGER that is there is no suspect, or a REAL that is equal to one: text is greater than any number, and a
    REAL with a fraction is not equal to itself without one. The plus takes the column's affinity away, which would
    compare numbers as text. The least INTEGER there can be is always a suspect: SQLite does not find it by its REAL.
    Among ids beyond `MOST_EXACT` the difference of a REAL and an id is not exact; that of its INTEGER is.
    """
    child = schema.known_table(fk.child)
    key = f"+c.{quote(fk.child_columns[0])}"
    if ids.least is None:
        return Question(child, f"{key} IS NOT NULL")
    least = max(ids.least, LEAST + 1)
    condition = f"{key} NOT BETWEEN {least} AND {ids.greatest} OR {key} & -1 <> {key}"
    if marks is None:
        return Question(child, condition)
    name = f"marks_{number}"
    whole = f"({key} & -1)" if max(-least, ids.greatest or 0) > MOST_EXACT else key
    place = f"({whole} - ({ids.least}) >> {ids.shift}) + 1" if ids.shift else f"{whole} - ({ids.least}) + 1"
    marked = f"substr(:{name}, {place}, 1) = x'01'"
    if not ids.shift:
        return Question(child, f"{condition} OR {marked}", marks={name: marks})
    there = f"SELECT 1 FROM {quote(fk.parent)} AS p NOT INDEXED WHERE {match_parent(fk)}"
    return Question(
        child, f"{condition} OR {marked} AND NOT EXISTS ({there})", marks={name: marks}, probes=((fk.parent, None),)
    )


def is_in_parents(schema: Schema, fk: ForeignKey) -> str:
    """True where ``c`` has a parent, by SQLite's own rule; with the parent's index a fifth faster than a join.

    The columns stand in the order of that index: in any other, SQLite takes the affinity of one for that of another.
    """
    own = own_index(schema, fk)
    places = list(range(len(fk.parent_columns)))
    if own:
        order = [folded(column.name or "") for column in own.columns]
        places.sort(key=lambda place: order.index(folded(fk.parent_columns[place])))
    ours = child_key(schema, fk)
    keys = ", ".join(ours[place] for place in places)
    theirs = names([fk.parent_columns[place] for place in places])
    return f"({keys}) IN (SELECT {theirs} FROM {quote(fk.parent)})"


def by_lookup(schema: Schema, fk: ForeignKey, index: Index | None, number: int, by_index: bool = False) -> Question:
    """The question that looks each parent up, by SQLite's own rule, in the order of the table or of an index.

    Args:
        index: an index of the child, in whose order the rows are read.
        by_index: SQLite can answer `is_in_parents` by the parent's own index.
    """
    child, alias = schema.known_table(fk.child), f"p{number}"
    join, condition = outer_join(schema, fk, alias)
    there = " AND ".join(f"c.{quote(name)} IS NOT NULL" for name in dict.fromkeys(fk.child_columns))
    if by_index:
        # CASE, since where a NULL has to be told from false, SQLite reads all of a list
        condition = f"CASE WHEN {is_in_parents(schema, fk)} THEN 0 ELSE {there} END"
        return Question(child, condition, index=index, probes=lookups(schema, fk))
    return Question(child, f"{condition} AND {there}", join, index=index, probes=lookups(schema, fk))


def lookups(schema: Schema, fk: ForeignKey) -> tuple[tuple[str, str | None], ...]:
    """The parent table with each index by which SQLite may look a parent up; with None, by the table itself."""
    if refers_to_ids(schema, fk):
        return ((fk.parent, None),)
    wanted, parent = sorted(folded(name) for name in fk.parent_columns), schema.known_table(fk.parent)
    uses = [
        index.name for index in parent.indexes
        if index.unique and not index.partial
        and sorted(folded(column.name or "") for column in index.columns) == wanted
    ]  # fmt: skip
    if (parent.without_rowid and fk.implicit) or not uses:
        return ((fk.parent, None),)
    return tuple((fk.parent, name) for name in uses)


def own_index(schema: Schema, fk: ForeignKey) -> Index | None:
    """The index by which SQLite's own check looks parents up; None where that is the table itself.

    Another index may stand beside it over the same columns, and be damaged: SQLite's check never reads it.
    """
    parent = schema.known_table(fk.parent)
    if not parent.indexes or refers_to_ids(schema, fk):
        return None
    wanted = dict(zip(map(folded, fk.parent_columns), lookup(schema, fk), strict=True))
    found = [
        index for index in parent.indexes
        if index.unique and not index.partial and len(index.columns) == len(wanted)
        and {folded(column.name or ""): folded(column.collation) for column in index.columns} == wanted
    ]  # fmt: skip
    if not found or not COLLATIONS.issuperset(wanted.values()):
        return None  # with a collation that only the application has, SQLite could not use the index
    return next((index for index in found if fk.implicit and index.origin == "pk"), found[0])


def outer_join(schema: Schema, fk: ForeignKey, alias: str = "p") -> tuple[str, str]:
    """A LEFT JOIN with the parents, and the condition that there is none; three times as fast as NOT EXISTS."""
    return (
        f"LEFT JOIN {looked_up(schema, fk, alias)} ON {match_parent(fk, alias)}",
        f"{alias}.{quote(fk.parent_columns[0])} IS NULL",
    )


def looked_up(schema: Schema, fk: ForeignKey, alias: str) -> str:
    """The parent table for a FROM clause, with the index by which SQLite's own check looks parents up."""
    own = own_index(schema, fk)
    how = f" INDEXED BY {quote(own.name)}" if own else " NOT INDEXED" if refers_to_ids(schema, fk) else ""
    return f"{quote(fk.parent)} AS {alias}{how}"
