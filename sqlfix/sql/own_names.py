"""The names of what sqlfix makes for itself, in a connection or in a script: none is a name of the file.

A temporary table, or a common table expression, hides a table of the file that is called so. A column of ours that
stands beside columns of the file would be taken for one of them. What can do neither has a fixed name: the aliases of
tables, since every column is written behind one, and the columns of our own tables that hold nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlfix.model.schema import Schema, Table
from sqlfix.model.values import folded


def free_of(word: str, names: Iterable[str]) -> str:
    """The word, with as many underscores after it as make it none of some names."""
    used = {folded(name) for name in names}
    while folded(word) in used:
        word += "_"
    return word


def free_name(schema: Schema, word: str) -> str:
    """The word, with as many underscores after it as make it the name of no table."""
    while schema.table(word):
        word += "_"
    return word


def free_column(table: Table, word: str) -> str:
    """The word, with as many underscores after it as make it the name of no column of a table."""
    return free_of(word, (column.name for column in table.columns))
