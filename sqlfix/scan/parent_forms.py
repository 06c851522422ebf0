"""The forms of parents' keys, in temporary tables: made once for all relationships that have the same parents."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, field
from itertools import count

from sqlfix.model.schema import ForeignKey, Schema
from sqlfix.sql.literals import free_name
from sqlfix.sql.parents_nearby import gather_alike, gather_forms

MOST_STANDING = 4
"""Parent tables whose forms stand at a time: each may take as much room as all of its keys."""
_NUMBERS = count()
"""Tell apart the tables of those that share a connection."""

_Parents = tuple[str, tuple[str, ...]]


@dataclass(slots=True, eq=False, repr=False)
class ParentForms:
    """Makes the tables, on whichever connection asks; all that do so see the same state, for as long as this is kept.

    A table has the same name on each connection. What was made longest ago goes first.
    """

    schema: Schema
    _number: int = field(default_factory=lambda: next(_NUMBERS))
    _known: dict[_Parents, str] = field(default_factory=dict)
    _standing: dict[tuple[sqlite3.Connection, _Parents], str | None] = field(default_factory=dict)

    def name(self, fk: ForeignKey) -> str:
        """The name of the table of the forms."""
        place = len(self._known)
        return self._known.setdefault(
            (fk.parent, fk.parent_columns), free_name(self.schema, f"sqlfix_forms_{self._number}_{place}")
        )

    def gather(self, connection: sqlite3.Connection, fk: ForeignKey) -> str | None:
        """Have the tables stand on a connection.

        Returns:
            the table of those parents that are alike but for their spelling; None where there are none.
        """
        parents = (fk.parent, fk.parent_columns)
        if (connection, parents) not in self._standing:
            mine = [key for key in list(self._standing) if key[0] is connection]
            for _, others in mine[: len(mine) - MOST_STANDING + 1]:
                _drop(connection, self._known[others])
                del self._standing[connection, others]
            self._standing[connection, parents] = gather_anew(connection, fk, self.name(fk))
        return self._standing[connection, parents]


def gather_anew(connection: sqlite3.Connection, fk: ForeignKey, forms: str) -> str | None:
    """Make the table of the forms, and that of the parents that are alike, if there are any: its name."""
    _drop(connection, forms)
    for statement in gather_forms(fk, forms):
        connection.execute(statement)
    if connection.execute(f"SELECT 1 FROM temp.{forms} WHERE n > 1 LIMIT 1").fetchone() is None:
        return None
    connection.execute(gather_alike(fk, alike(forms), forms))
    return alike(forms)


def alike(forms: str) -> str:
    """The name of the table of those parents that are alike, beside that of the forms."""
    return f"{forms}_alike"


def _drop(connection: sqlite3.Connection, forms: str) -> None:
    for table in (forms, alike(forms)):
        connection.execute(f"DROP TABLE IF EXISTS temp.{table}")
