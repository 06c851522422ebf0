"""Which references make a hierarchy: a row beneath another one of the same table, and never beneath itself.

A schema does not say so, but names do. In a table that refers to itself any reference is one, but for names such as
``spouse_id``. A table of links, with two foreign keys to one and the same table, is one where its columns tell above
from below: ``parent_id`` and ``child_id``, ``group_id`` and ``subgroup_id``, ``assembly`` and ``component``; Django's
``from_group_id`` and ``to_group_id`` do not, unless the table is called ``group_parents`` or the like. A table of
ancestors and descendants, which holds the ways of any length, is none: it follows from another one.
"""

import re

from sqlfix.frozen import frozen
from sqlfix.model.schema import ForeignKey, Schema, Table
from sqlfix.model.values import folded
from sqlfix.text import words_of

NOT_A_TREE = words_of(
    "spouse partner husband wife friend twin sibling mate buddy peer pair paired opposite inverse reverse counterpart"
    " mirror match matched rival next prev previous successor predecessor following related relation link linked"
    " alternate alternative equivalent translation transfer counter complement"
)
"""Words in the name of a column whose rows may well refer to each other."""
NOT_A_HIERARCHY = NOT_A_TREE | words_of(
    "friends friendship follow follower followers follows links relations siblings contact contacts connection"
    " connections edge edges graph network similar reference references citation citations redirect redirects"
    " dependency dependencies transition transitions route routes path paths neighbor neighbour version history log"
    " audit event events merge merges copy copies fork forks"
)
"""The same, and words in the name of a table whose links may well go round."""
ABOVE = words_of(
    "parent super superior container assembly whole composite broader upper inherits inherited extends extended"
)
BELOW = words_of(
    "child children sub subordinate component part constituent ingredient contained nested narrower lower included"
    " includes"
)
GROUPS = frozenset(("group", "role", "team", "set", "collection", "unit", "organization", "organisation", "department"))
IN_THE_NAME = words_of(
    "parent parents child children hierarchy tree bom component components subordinates part parts broader narrower"
)
"""Words in the name of a table whose links go from above to below, or from below to above."""
PARTS = words_of(
    "type kind relation relationship relationtype role valid start started begin end ended until since from to"
    " deleted removed active archived version revision scenario tree hierarchy site tenant scheme taxonomy status"
    " state depth distance length level hops generation generations enabled disabled expires expired expiry effective"
    " language lang locale"
)
"""Words in the names of further columns by which links may not all be of one hierarchy, one time or one step."""


@frozen
class Links:
    """A table of links: what each leads from, and what is beneath that."""

    above: ForeignKey
    below: ForeignKey

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of both, each once."""
        return tuple(dict.fromkeys((*self.above.child_columns, *self.below.child_columns)))


def is_tree(table: Table, fk: ForeignKey) -> bool:
    """True of a reference of a table to itself that goes from below to above."""
    if set(fk.child_columns) & set(fk.parent_columns) == set(fk.child_columns):
        return False
    columns = [table.column(name) for name in (*fk.child_columns, *fk.parent_columns)]
    return not _words(*fk.child_columns) & NOT_A_TREE and not any(c is None or c.generated for c in columns)


def links_of(schema: Schema, table: Table) -> Links | None:
    """The links of a table, if its two foreign keys to one table make a hierarchy and all links are of the same one."""
    if len(table.foreign_keys) < 2:
        return None
    ends = list({fk.child_columns: fk for fk in reversed(table.foreign_keys)}.values())[::-1]
    if len(ends) != 2 or any(fk.fault or folded(fk.parent) == folded(table.name) for fk in ends):
        return None
    one, other = ends
    if (folded(one.parent), one.parent_columns, one.parent_collations) != (
        folded(other.parent), other.parent_columns, other.parent_collations,
    ):  # fmt: skip
        return None
    parent = schema.table(one.parent)
    columns = [table.column(name) for fk in ends for name in fk.child_columns]
    columns += [parent.column(name) for name in one.parent_columns] if parent else [None]
    if any(column is None or column.generated for column in columns) or _in_parts(table, one, other):
        return None
    if (above := _above(table, one, other)) is None:
        return None
    return Links(above, other if above is one else one)


def _in_parts(table: Table, one: ForeignKey, other: ForeignKey) -> bool:
    """True if a further column may tell the links of one hierarchy, or of one time, from those of another."""
    pair = {*one.child_columns, *other.child_columns}
    keys = [{column.name or "" for column in index.columns} for index in table.indexes if index.unique]
    if any(key & pair and not key <= pair for key in [*keys, set(table.primary_key)]):
        return True
    return bool(_words(*(column.name for column in table.columns if column.name not in pair)) & PARTS)


def _above(table: Table, one: ForeignKey, other: ForeignKey) -> ForeignKey | None:
    """Which of two foreign keys is the end above, by the words in which the names of their columns differ."""
    ours, theirs = _words(*one.child_columns), _words(*other.child_columns)
    name = _words(table.name)
    if (ours | theirs | name) & NOT_A_HIERARCHY:
        return None
    mine, yours = ours - theirs, theirs - ours
    if _is_beneath(yours, mine, _words(one.parent)):
        return None if _is_beneath(mine, yours, _words(one.parent)) else one
    if _is_beneath(mine, yours, _words(one.parent)):
        return other
    ways = {"from" in mine and "to" in yours: one, "from" in yours and "to" in mine: other}
    hierarchical = name & IN_THE_NAME or any(word.startswith(("sub", "super")) for word in name)
    return ways.get(True) if hierarchical else None  # which of them is above makes no difference to a cycle


def _is_beneath(lower: frozenset[str], upper: frozenset[str], parent: frozenset[str]) -> bool:
    """True if the words of one column say that it is beneath the other, or those of the other that it is above."""
    below = lower & BELOW or ("member" in lower and {word.removesuffix("s") for word in parent} & GROUPS)
    if (below and not upper & BELOW) or (upper & ABOVE and not lower & ABOVE):
        return True
    return any(f"sub{word}" in lower or f"child{word}" in lower for word in upper) or any(
        f"super{word}" in upper or f"parent{word}" in upper for word in lower
    )


def _words(*names: str) -> frozenset[str]:
    """The words of names in snake_case or CamelCase, in lower case, also without ``id`` at their end."""
    found = [word.lower() for name in names for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)]
    return frozenset((*found, *(word.removesuffix("id") for word in found if len(word) > 4))) - {"id", "fk", "key"}
