"""Foreign keys that name only a part of their parent's key, and the columns that they lack."""

from __future__ import annotations

from sqlfix.model.schema import ForeignKey, Table
from sqlfix.model.values import folded


def wider_key(child: Table, fk: ForeignKey, parent: Table) -> tuple[tuple[str, ...], tuple[str, ...] | None] | None:
    """The key of the parent of which a foreign key names only a part, and the child's columns for it.

    None for these where the child has none that are called so; None at all where it names no such part.
    """
    named = {folded(name) for name in fk.parent_columns}
    key = next((key for key in parent.keys if named and named < {folded(name) for name in key}), None)
    if key is None:
        return None
    ours = dict(zip(map(folded, fk.parent_columns), fk.child_columns, strict=True))
    alike = [column.name for name in key if (column := child.column(name))]
    if len(alike) == len(key):  # all have the names of the parent's
        return key, tuple(alike)
    rest = [child.column(name) for name in key if folded(name) not in ours]
    free = [column.name for column in rest if column is not None and column.name not in fk.child_columns]
    if len(free) < len(rest):
        return key, None
    missing = {folded(name): name for name in free}
    return key, tuple(ours.get(folded(name)) or missing[folded(name)] for name in key)
