"""What nearly all values of a column look like, found out at once: then nothing else has to be asked of them.

Checks that ask something of the same column name it as what is true of no row at fault (`Condition.unless`), and it
stands once before all that they ask.
"""

from __future__ import annotations

from sqlfix.model.schema import Column, Table
from sqlfix.sql.dates import dated_as_first
from sqlfix.sql.declared_types import WHOLE, is_date_column, kind_of, most_characters
from sqlfix.sql.literals import quote


def usual(table: Table, column: Column) -> str:
    """SQL over ``c`` that is true only of values that are not NULL and what the type declares; "" if there is none.

    An INTEGER in a column of whole numbers, a text of no more characters than its column has, a date in a column of
    dates.
    """
    name = f"c.{quote(column.name)}"
    if column.generated:
        return ""
    if is_date_column(column):
        return dated_as_first(table, column.name)
    if kind_of(column) is WHOLE:
        return f"+{name} & -1 = +{name}"
    most = most_characters(column)
    return "" if most is None else f"length({name}) <= {most}"
