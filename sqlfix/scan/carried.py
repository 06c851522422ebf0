"""The keys that a script has to carry, for SQL alone cannot say how they are nearly the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlfix.sql.key_spelling import MOST_CARRIED, Carried, misspelled, spelled, spelled_otherwise
from sqlfix.sql.literals import literal, quote

if TYPE_CHECKING:
    from sqlfix.scan.orphans import Probe


def carried_keys(probe: Probe) -> Carried | None:
    """The keys that are nearly the same in a way that a script cannot tell; None if they are too many to carry."""
    schema, fk = probe.asked
    ours, theirs = ([f"{alias}.{quote(n)}" for n in some] for alias, some in (
        ("c", fk.child_columns), ("p", fk.parent_columns)))  # fmt: skip
    read = ", ".join((*ours, *map(spelled, ours), *spelled_otherwise(ours)))
    source, condition = probe.children, probe.condition
    if not probe.counted:
        source, condition = f"{probe.keys} AS c", "1"
    children = probe.connection.execute(
        f"SELECT DISTINCT {read} FROM {source} WHERE {condition} AND {probe.near}"
        f" AND NOT {misspelled(schema, fk)} LIMIT {MOST_CARRIED + 1}"
    ).fetchall()
    width = len(ours)
    numbers: dict[tuple[str, ...], int] = {}
    for row in children:
        for form in (row[width : 2 * width], row[2 * width :]):
            numbers.setdefault(form, len(numbers))
    if not children:
        return Carried()
    forms = ", ".join(f"({', '.join(map(literal, form))})" for form in numbers)
    key = ", ".join(map(spelled, theirs))
    parents = probe.connection.execute(
        f"SELECT {', '.join(theirs)}, {key} FROM {quote(fk.parent)} AS p WHERE ({key}) IN (VALUES {forms})"
        f" LIMIT {MOST_CARRIED + 1}"
    ).fetchall()
    if max(len(children), len(parents)) > MOST_CARRIED:
        return None
    return Carried(
        tuple(
            (row[:width], numbers[form])
            for row in children
            for form in dict.fromkeys((row[width : 2 * width], row[2 * width :]))
        ),
        tuple((row[:width], numbers[row[width:]]) for row in parents),
    )
