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
from sqlfix.model.values import folded
from sqlfix.schema.index_changes import IndexChanges, index_changes
from sqlfix.schema.texts import text_of
from sqlfix.sql.create_table import read_create_table
from sqlfix.sql.literals import quote
from sqlfix.sql.predicates import affinity
from sqlfix.sql.table_text import TableText
from sqlfix.sql.tokens import DdlError, has_words
from sqlfix.sql.type_changes import changed

Rows = tuple[Any, ...]
"""What `sqlfix.schema.fingerprint` says of a table."""


def stored_change(old: Table, new: Table, before: Rows, after: Rows) -> IndexChanges | None:
    """What becomes of the indexes where each row stands in the file as the new text wants it; None where it does not.

    That is but for rows that are older than a column which has another DEFAULT, see `other_defaults`, and for values
    that another type of their column makes others of, see `new_conditions`.

    Args:
        before, after: what the pragmas say of the two tables, those about indexes as well.
    """
    if min(len(before), len(after)) < 4:
        return None
    texts = [text_of(table.sql) for table in (old, new)]
    same = [(t.strict, t.without_rowid, t.integer_key, has_words(t.sql, "autoincrement")) for t in (old, new)]
    if None in texts or same[0] != same[1]:
        return None
    columns = [[(c.name, c.primary_key, c.generated) for c in table.columns] for table in (old, new)]
    hidden = [[(row[1], row[6]) for row in rows[0]] for rows in (before, after)]
    generated = [_generated(text, table) for text, table in zip(texts, (old, new), strict=True)]
    if any(one != other for one, other in (columns, hidden, generated)):
        return None
    compared, stored = _otherwise_compared(old, new), _otherwise_stored(old, new)
    # what is computed may be another value then; and a REAL stands in the file as an integer where it is one
    if (compared or stored) and (old.without_rowid or generated[0]):
        return None
    if stored and (old.strict or any(affinity(one) == "REAL" for one in old.columns if one.name in stored)):
        return None
    return index_changes(old, new, (before, after), bool(compared or stored))


def is_only_a_text(old: Table, new: Table, changes: IndexChanges) -> bool:
    """True if no row is looked at for the change, and no index: then nothing has to be known of how they compare."""
    otherwise = _otherwise_compared(old, new) or _otherwise_stored(old, new)
    return changes.are_none and not otherwise and not other_defaults(old, new)


def _otherwise_compared(old: Table, new: Table) -> bool:
    """True if a column has another collation."""
    pairs = zip(old.columns, new.columns, strict=True)
    return any(folded(one.collation) != folded(other.collation) for one, other in pairs)


def _otherwise_stored(old: Table, new: Table) -> list[str]:
    """The columns whose values are stored by another rule."""
    pairs = zip(old.columns, new.columns, strict=True)
    if old.strict:
        return [one.name for one, other in pairs if folded(one.type) != folded(other.type)]
    return [one.name for one, other in pairs if affinity(one) != affinity(other)]


def other_defaults(old: Table, new: Table) -> tuple[Column, ...]:
    """The columns of a table, as they are, that have another DEFAULT in its new text."""
    pairs = zip(old.columns, new.columns, strict=True)
    return tuple(one for one, other in pairs if one.default != other.default and one.name != old.integer_key)


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
    for name in _otherwise_stored(old, new):
        said = f"a value of {new.name}.{name} would be stored as another one"
        to = next(affinity(column) for column in new.columns if column.name == name)
        found.append((said, changed(f"{quote(new.name)}.{quote(name)}", to)))
    texts = [text_of(table.sql) for table in (old, new)]
    before = [check.text for check in texts[0].checks] if texts[0] else []
    for check in texts[1].checks if texts[1] else ():
        if check.text in before:
            before.remove(check.text)
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
