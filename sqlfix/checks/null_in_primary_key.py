"""# null-in-primary-key

**What it finds.** Rows that hold NULL in a column of their PRIMARY KEY, where SQLite allows it: in every table with a
rowid, unless the key is an INTEGER PRIMARY KEY, the column is NOT NULL or the table is STRICT.

**Why it matters.** By the SQL standard a primary key is NOT NULL, so applications take that for granted; SQLite keeps
an old bug of its own for compatibility. No ORM can edit or delete such a row, because it finds rows by their key and
nothing equals NULL. The same row can be stored twice, and other databases refuse it.

**Example.** `users.id` is `TEXT PRIMARY KEY`, and two users have none.

**How it is repaired and what that loses.** It is reported: only you can say which key such a row should have, or
whether it should exist at all, and nothing is ever deleted for it. The rows are shown by their rowid, which an UPDATE
or a DELETE can use. If it is one row and a key of one column, `--set users.id=update:VALUE` writes the key.
"""

from collections.abc import Iterator

from sqlfix.model.findings import Finding
from sqlfix.model.schema import Schema, Table
from sqlfix.model.values import Severity
from sqlfix.scan.check import CHECKS, Check, Condition
from sqlfix.sql.literals import quote
from sqlfix.text import plural


def conditions(schema: Schema, table: Table) -> Iterator[Condition]:
    """One condition for the whole key; a column that is NOT NULL is no matter of this check.

    https://www.sqlite.org/lang_createtable.html, section 3.5. SQLite says that a STRICT table's key is NOT NULL.
    """
    if table.integer_key is not None or table.without_rowid:
        return
    columns = [column for name in table.primary_key if (column := table.column(name)) and not column.not_null]
    if columns:
        condition = " OR ".join(f"c.{quote(column.name)} IS NULL" for column in columns)
        yield Condition(table.primary_key, condition, {"rowid": table.row_id[0] if table.row_id else None})


def message(finding: Finding) -> str:
    """How many rows have no whole key."""
    rows = f"{plural(finding.count, 'row')} of {finding.table} {'has' if finding.count == 1 else 'have'}"
    return f"{rows} NULL in the primary key ({', '.join(finding.columns)})"


def hint(finding: Finding) -> str | None:
    """How to reach the rows."""
    why = "SQLite allows it, but most applications cannot reach such rows, and other databases refuse them"
    rowid = finding.facts.get("rowid")
    if rowid is None:
        return f"{why}; choose a key for each"
    some = " OR ".join(f"{quote(name)} IS NULL" for name in finding.columns)
    query = f"SELECT {rowid}, * FROM {quote(finding.table)} WHERE {some}"
    return f"{why}; give each its own key, using its {rowid}: {query}"


CHECKS.add("null-in-primary-key", Check(Severity.WARNING, __doc__, message, hint, conditions=conditions))
