"""The rows as they were to be after a statement that failed: its own values, and what it left as it stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlfix.explain.errors.inquiry import Found
from sqlfix.explain.errors.statement_rows import narrowed
from sqlfix.model.schema import Table
from sqlfix.model.values import Value, folded
from sqlfix.sql.literals import names, quote

MOST_ROWS = 1_000
"""Of an UPDATE of more rows, only so many are looked at."""


@dataclass(frozen=True, slots=True)
class WrittenRow:
    """A row that was to be written: its values by column names in lower case, and which of these are new."""

    given: Mapping[str, Value]
    written: frozenset[str]


def rows_to_be(found: Found, table: Table) -> list[WrittenRow]:
    """The rows of an INSERT or an UPDATE, as far as their values are known; what cannot be read is noted."""
    asked, statement = found.asked, found.asked.statement
    rows: list[WrittenRow] = []
    for part in statement.parts if statement and statement.verb in ("INSERT", "UPDATE") else ():
        written = {folded(name): value for name, value in part.values}
        where = narrowed(part.where, table, asked.schema)
        stands = _as_they_stand(found, table, where.sql, MOST_ROWS + 1 - len(rows)) if where else []
        if statement and statement.verb == "UPDATE" and stands:
            rows += (WrittenRow({**row, **written}, frozenset(written)) for row in stands)
        elif written:
            rows.append(WrittenRow(written, frozenset(written)))
    if len(rows) > MOST_ROWS:
        found.unknown("the statement", f"only {MOST_ROWS:,} of the rows that it writes were looked at")
    return rows[:MOST_ROWS]


def _as_they_stand(found: Found, table: Table, condition: str, most: int) -> list[dict[str, Value]]:
    columns = [column.name for column in table.columns]
    query = f"SELECT {names(columns)} FROM {quote(table.name)} WHERE {condition} LIMIT {max(most, 0)}"
    rows: list[tuple[Value, ...]] = []
    with found.asking(table.name):
        rows = found.asked.connection.execute(query).fetchall()
    return [dict(zip(map(folded, columns), row, strict=True)) for row in rows]
