"""Which tables are the join tables of a many-to-many relationship.

The rule, from the schema alone. A table is a join table if

1. it has foreign keys to exactly two ends (a second declaration of the same key does not count), over columns that do
   not overlap, and no other table refers to it;
2. neither end alone identifies its rows: that would be a one-to-one extension of the other table; and
3. it is there for the pair. One of these shows that:

   * the two keys together are its primary key or have a UNIQUE index (Django, SQLAlchemy, peewee, Prisma);
   * it has no other column at all and no key (Rails' has_and_belongs_to_many);
   * it has no other column but a surrogate key, and refers to two tables by columns that may not be NULL (a Django
     "through" model of two keys, be it to primary keys or, with ``to_field``, to other unique columns);
   * its name is made of the names of both ends (``role_user``, ``books_authors``), whatever else it holds.

It *carries data* if it has columns beyond the two keys and a surrogate key. An order with a customer and a shipper is
no join table: nothing makes the pair unique, it has columns of its own, and its name is not made of theirs.
"""

import re
from collections.abc import Sequence

from sqlfix.model.schema import ForeignKey, JoinTable, Table
from sqlfix.model.values import folded


def find_join_tables(tables: Sequence[Table]) -> tuple[JoinTable, ...]:
    """The join tables of a schema, in the order of its tables."""
    keys = [(folded(fk.child), folded(fk.parent)) for table in tables for fk in table.foreign_keys]
    referred_to = {parent for child, parent in keys if child != parent}
    found = (
        _join_table(table)
        for table in tables
        if len(table.foreign_keys) > 1 and table.kind == "table" and folded(table.name) not in referred_to
    )
    return tuple(join for join in found if join is not None)


def _join_table(table: Table) -> JoinTable | None:
    ends = list({(fk.child_columns, folded(fk.parent)): fk for fk in reversed(table.foreign_keys)}.values())[::-1]
    if len(ends) != 2 or any(folded(fk.parent) == folded(table.name) for fk in ends):
        return None
    order = {c.name: place for place, c in enumerate(table.columns)}
    left, right = sorted(ends, key=lambda fk: order.get(fk.child_columns[0], 0))
    ours, theirs = frozenset(left.child_columns), frozenset(right.child_columns)
    if ours & theirs:
        return None
    keys = [frozenset(key) for key in table.keys]
    if any(key <= ours or key <= theirs for key in keys):
        return None
    pair = ours | theirs
    surrogate = frozenset(table.primary_key) if len(table.primary_key) == 1 else frozenset()
    others = {c.name for c in table.columns} - pair - surrogate
    apart = folded(left.parent) != folded(right.parent)  # two references to one table may be two roles
    required = {column.name for column in table.columns if column.not_null}
    complete = surrogate and not surrogate & pair and pair <= required
    bare = not others and (not table.primary_key or (apart and complete))
    if pair not in keys and not bare and not named_after_both(table.name, left, right):
        return None
    return JoinTable(table.name, left, right, carries_data=bool(others))


def named_after_both(name: str, left: ForeignKey, right: ForeignKey) -> bool:
    """True for a name made of both parents' names and nothing else but a shared prefix and a word for "link"."""
    words = _words(name)
    for first, second in ((left.parent, right.parent), (right.parent, left.parent)):
        one, two = _words(first), _words(second)
        prefix = 0
        while prefix < min(len(one), len(two)) - 1 and one[prefix] == two[prefix]:
            prefix += 1
        for start in range(prefix + 1):
            made = [*one[:start], *one[prefix:], *two[prefix:]]
            if words == made or (words[:-1] == made and words[-1] in _LINK_WORDS):
                return True
    return False


_LINK_WORDS = {"through", "link", "map", "mapping", "join", "rel", "relation", "xref", "assoc", "association"}


def _words(name: str) -> list[str]:
    """The words of a name in snake_case or CamelCase, in lower case and the singular."""
    parts = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_a-zA-Z]+", name)
    return [_singular(part.lower()) for part in parts]


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "xes", "ches", "shes")):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith("ss") and len(word) > 3 else word
