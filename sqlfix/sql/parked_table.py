"""The table in which repairs park rows, told from others of that name: known to a scan, which parks nothing."""

from sqlfix.model.schema import Table
from sqlfix.model.values import folded

NAME = "lost_and_found"
COLUMNS = ("id", "table_name", "row_key", "row", "parked_at", "why")


def is_ours(table: Table) -> bool:
    """True of a table that has the columns of ours: the sqlite3 shell's .recover makes another one of that name."""
    return table.kind == "table" and tuple(folded(column.name) for column in table.columns) == COLUMNS
