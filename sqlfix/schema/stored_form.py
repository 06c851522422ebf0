"""Whether a table is stored in the same way under another text, so that the text alone has to be changed.

SQLite's page on ALTER TABLE tells which declarations say nothing of how rows are stored: CHECK, NOT NULL and FOREIGN
KEY, and with them DEFAULT (https://www.sqlite.org/lang_altertable.html#otheralter). But a row that is older than its
column is shorter than the others, and has the DEFAULT of the text for the rest: see `sqlfix.sql.short_rows`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from sqlfix.model.schema import Column, Table
from sqlfix.schema.texts import text_of
from sqlfix.sql.create_table import read_create_table
from sqlfix.sql.literals import quote
from sqlfix.sql.predicates import affinity
from sqlfix.sql.table_text import TableText
from sqlfix.sql.tokens import DdlError, has_words

Rows = tuple[Any, ...]
"""What `sqlfix.schema.fingerprint` says of a table."""


def is_stored_alike(old: Table, new: Table, before: Rows, after: Rows) -> bool:
    """True if each row, and each entry of an index, stands in the file as the new text wants it.

    That is but for rows that are older than a column which has another DEFAULT: see `other_defaults`.

    Args:
        before, after: what the pragmas say of the two tables, those about indexes as well.
    """
    if len(before) != len(after) or len(before) < 4:
        return False
    texts = [text_of(table.sql) for table in (old, new)]
    kinds = [(table.strict, table.without_rowid, table.integer_key) for table in (old, new)]
    if None in texts or kinds[0] != kinds[1]:
        return False
    if has_words(old.sql, "autoincrement") != has_words(new.sql, "autoincrement"):
        return False
    columns = [[_form(column, table) for column in table.columns] for table in (old, new)]
    hidden = [[(row[1], row[6]) for row in rows[0]] for rows in (before, after)]
    indexes = [[row[1:5] for row in rows[1]] for rows in (before, after)]
    of_indexes = [[[row[:6] for row in rows] for rows in some[3:-1]] for some in (before, after)]
    generated = [_generated(text, table) for text, table in zip(texts, (old, new), strict=True)]
    told = (columns, hidden, indexes, of_indexes, generated)
    return all(one == other for one, other in told)


def other_defaults(old: Table, new: Table) -> tuple[Column, ...]:
    """The columns of a table, as they are, that have another DEFAULT in its new text."""
    pairs = zip(old.columns, new.columns, strict=True)
    return tuple(one for one, other in pairs if one.default != other.default and one.name != old.integer_key)


def _form(column: Column, table: Table) -> tuple[object, ...]:
    kind = column.type if table.strict else affinity(column)
    return (column.name, kind, column.primary_key, column.generated, column.collation)


def _generated(text: TableText | None, table: Table) -> list[str]:
    """The whole text of each generated column: what is stored of it, or of an index over it, is what it computes."""
    return [table.sql[slice(*column.span)] for column in text.columns if column.generated] if text else []


def new_conditions(old: Table, new: Table) -> Sequence[tuple[str, str]]:
    """What rows have to keep to under the new text of a table and had not under the old one.

    Returns:
        what SQLite would say of a row that does not, and SQL that is true of such a row, over the table by its name.
    """
    found = []
    for column in new.columns:
        had = old.column(column.name)
        if column.not_null and not (had and had.not_null):
            said = f"NOT NULL constraint failed: {new.name}.{column.name}"
            found.append((said, f"typeof({quote(new.name)}.{quote(column.name)}) = 'null'"))
    before, text = checks_of(old.sql) or Counter(), text_of(new.sql)
    for check in text.checks if text else ():
        if before[check.text]:
            before[check.text] -= 1
        else:
            said = f"CHECK constraint failed: {check.name or check.text}"
            found.append((said, f"NOT ({check.text}\n)" if "--" in check.text else f"NOT ({check.text})"))
    return found


def checks_of(sql: str) -> Counter[str] | None:
    """The CHECKs of a text; None where they cannot be told."""
    text = text_of(sql)
    return Counter(check.text for check in text.checks) if text else None


def stored_columns(old: str, new: str) -> frozenset[str]:
    """The generated columns that are stored, and computed in both texts alike."""
    try:
        before, now = ({sql[slice(*c.span)]: c for c in read_create_table(sql).columns} for sql in (old, new))
    except DdlError:
        return frozenset()
    same = {text: column.name for text, column in now.items() if column.generated and text in before}
    return frozenset(name for text, name in same.items() if has_words(text, "stored"))
