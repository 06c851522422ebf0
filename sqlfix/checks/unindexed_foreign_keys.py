"""# unindexed-foreign-keys

**What it finds.** Foreign keys in tables with more than 1,000 rows for which no index of the child begins with their
columns. It is a hint: nothing is wrong with the rows.

**Why it matters.** To delete a parent row, or to change its key, SQLite looks for its children. Without an index it
reads the whole child table each time, so deleting a thousand parents reads it a thousand times.

**Example.** `orders.customer_id` references `customers`, and `orders` has no index over it.

**How it is repaired and what that loses.** By an index, which takes space and some time on each write: `sqlfix
repair-schema` makes it, and the hint shows its `CREATE INDEX`. If the application has migrations, put it into one of
those.
"""

from collections.abc import Iterator

from sqlfix.model.findings import Finding
from sqlfix.model.schema import ForeignKey, Table
from sqlfix.model.values import Severity, folded
from sqlfix.scan.check import CHECKS, Check
from sqlfix.scan.table_reader import TableReader
from sqlfix.sql.create_index import free_index_name
from sqlfix.sql.literals import names, quote

FEW_ROWS = 1000


def inspect(reader: TableReader) -> Iterator[Finding]:
    """A finding for each key without an index, if the table is large enough for it to matter."""
    if not reader.table.foreign_keys or (reader.size or 0) <= FEW_ROWS:
        return
    seen: set[tuple[str, ...]] = set()
    for fk in reader.table.foreign_keys:
        if fk.child_columns in seen or fk.fault or _has_index(reader.table, fk):
            continue
        seen.add(fk.child_columns)
        name = free_index_name(reader.schema.has, "_".join(["ix", fk.child, *fk.child_columns]))
        yield Finding(
            "unindexed-foreign-keys", Severity.HINT, reader.table.name, fk.child_columns,
            facts={"parent": fk.parent, "rows": reader.size, "index": name},
        )  # fmt: skip


def _has_index(table: Table, fk: ForeignKey) -> bool:
    """True if an index begins with the columns of the key, in any order, or finds one row by some of them.

    A partial index counts as well: mostly it is over the rows whose key is not NULL, and serves.
    """
    wanted = {folded(name) for name in fk.child_columns}
    if table.integer_key is not None and folded(table.integer_key) in wanted:
        return True
    keys = [([folded(c.name or "") for c in index.columns], index.unique) for index in table.indexes]
    if table.without_rowid:
        keys.append(([folded(name) for name in table.primary_key], True))
    return any(set(key[: len(wanted)]) == wanted or (unique and set(key) <= wanted) for key, unique in keys)


def message(finding: Finding) -> str:
    """Which key has no index, and what SQLite does without."""
    columns = ", ".join(finding.columns)
    rows = finding.facts["rows"]
    return (
        f"no index of {finding.table} begins with ({columns}), so every delete from {finding.facts['parent']} reads all"
        f" {rows:,} rows"
    )


def hint(finding: Finding) -> str | None:
    """The CREATE INDEX."""
    return (
        f"CREATE INDEX {quote(str(finding.facts['index']))} ON {quote(finding.table)} ({names(finding.columns)})"
        " makes it fast"
    )


CHECKS.add("unindexed-foreign-keys", Check(Severity.HINT, __doc__, message, hint, inspect=inspect))
