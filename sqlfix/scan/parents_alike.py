"""What the parents of suspects have in common, which is found out of all of them together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sqlfix.frozen import frozen
from sqlfix.model.schema import ForeignKey, Table
from sqlfix.scan.access_paths import Question
from sqlfix.scan.key_forms import Form, first_forms, may_be_one_of, other_form
from sqlfix.scan.table_pass import sweep
from sqlfix.sql.literals import literal, quote
from sqlfix.sql.predicates import stored
from sqlfix.sqlite.deadline import overlooking

if TYPE_CHECKING:
    from sqlfix.scan.candidates import Look

MOST_VALUES = 1000
"""How many keys are written out in a statement at most."""
ParentsKey = tuple[str, tuple[str, ...], tuple[str | None, ...]]


@frozen
class Parents:
    """What all rows of a parent table have in common, as far as it matters to what refers to them.

    ``forms`` are those of the key, see `key_forms`; None if they have none in common. Those parents are left out of
    account that are surely not the same key as any of the values that were suspected. ``lack`` is true if no row has,
    in the first column of the key, any of these values: so no damaged index can have hidden it.
    """

    forms: tuple[Form, ...] | None = None
    lack: bool = False


def parents_key(fk: ForeignKey) -> ParentsKey:
    """What relationships have in common that lead to the same parents by the same key."""
    return (fk.parent, fk.parent_columns, fk.parent_collations)


def parents_of_suspects(look: Look) -> dict[ParentsKey, Parents]:
    """What is known of the parents of all suspects, by `parents_key`."""
    groups: dict[ParentsKey, list[ForeignKey]] = {}
    for each, suspects in look.suspects.items():
        if suspects.count:
            groups.setdefault(parents_key(each), []).append(each)
    return {key: _parents(look, some) for key, some in groups.items()}


def _parents(look: Look, some: list[ForeignKey]) -> Parents:
    fk, connection = some[0], look.readers.connections[0]
    table = look.schema.known_table(fk.parent)
    in_table = fk.parent_columns == (table.integer_key,) or (table.without_rowid and fk.implicit)
    with overlooking():
        forms = first_forms(connection, table, fk.parent_columns)
        values = None if in_table else _values(look, some)
        if forms and values and len(forms) == 1:
            doubt = may_be_one_of(forms[0], f"c.{quote(fk.parent_columns[0])}", values)
            if doubt and not _hold(look, table, [doubt], texts=False)[0]:
                return Parents(forms, lack=True)  # none is the same key as a suspect, whatever its form
        conditions = []
        if forms and fk.parent_columns != (table.integer_key,):
            conditions.append(other_form(fk.parent_columns, forms))
        if values is not None:
            collation = fk.parent_collations[0] if fk.parent_collations else None
            column = f"c.{quote(fk.parent_columns[0])}{f' COLLATE {quote(collation)}' if collation else ''}"
            conditions.append(f"{column} IN ({', '.join(values)})")
        found = _hold(look, table, conditions, any(form.surely for form in forms or ()))
        lack = values is not None and not found.pop()
        return Parents(None if any(found) else forms, lack)
    return Parents()


def _hold(look: Look, table: Table, conditions: Sequence[str], texts: bool) -> list[bool]:
    """For each condition whether it holds for any row of a table; ``texts`` says that they make texts.

    Then two are asked side by side, not of one half of the rows each: what makes a text of its own, such as
    lower(), waits in SQLite for the other threads that do so as well.
    """
    if len(conditions) < 2 or not texts:
        questions = [Question(table, condition) for condition in conditions]
        return [bool(answer.count) for answer in sweep(look.readers, questions, look.sizes, most=1)]
    query = f"SELECT 1 FROM {stored(table, 'c')} WHERE"
    return look.readers.run(
        lambda connection, condition: connection.execute(f"{query} {condition} LIMIT 1").fetchone() is not None,
        conditions,
    )


def _values(look: Look, some: list[ForeignKey]) -> set[str] | None:
    """The first values of all suspected keys, as SQL; None if they are not known, or too many for a list."""
    values: set[str] = set()
    for fk in some:
        table, rows = look.schema.table(fk.child), look.suspects[fk].rows
        if table is None or rows is None or len(rows) > MOST_VALUES:
            return None
        chosen = ", ".join(map(str, rows))
        query = f"SELECT {quote(fk.child_columns[0])} FROM {quote(fk.child)} NOT INDEXED"
        found = look.readers.connections[0].execute(f"{query} WHERE {quote(table.row_id[0])} IN ({chosen})")
        values.update(literal(value) for (value,) in found if value is not None)
    return values if len(values) <= MOST_VALUES else None
