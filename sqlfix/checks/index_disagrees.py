"""# index-disagrees

**What it finds.** A unique index that does not agree with its table: rows are missing from it, or it has entries for
rows that are gone. SQLite believes the index. So it takes rows for orphans whose parent is in the table, and misses
orphans whose parent is only in the index; sqlfix reads both from the table itself. In a table of more than 100,000 rows
a scan compares only the number of entries, some rows from all parts of the table, and whatever it meets while it finds
orphans. Before a repair changes a table, the table is compared with all of its indexes, and with those of its parents,
row by row.

**Why it matters.** `PRAGMA foreign_key_check` lists such rows and `PRAGMA quick_check` says ok; whoever trusts the list
deletes good data.

**Example.** 127 violations were listed, and 1 was left after `REINDEX`.

**How it is repaired and what that loses.** By `REINDEX` (`reindex`) of the table, which loses nothing. Nothing else is
proposed for the relationships of that table: scan again afterwards. `REINDEX` fails if rows of the table have the same
key; `duplicate-keys` then says which.
"""

from collections.abc import Iterator

from sqlfix.model.findings import Finding, number_of
from sqlfix.model.schema import Index, Table
from sqlfix.model.values import Fact, Severity
from sqlfix.scan.access_paths import own_index
from sqlfix.scan.check import CHECKS, Check
from sqlfix.scan.orphans import Probe
from sqlfix.scan.table_reader import TableReader
from sqlfix.scan.trees import Difference, is_computed
from sqlfix.text import plural


def orphans(probe: Probe) -> Iterator[Finding]:
    """The disagreement of one relationship's parent with its index, if any."""
    fk = probe.foreign_key
    if not (figures := probe.figures).disagreeing or probe.look.tables.is_damaged(fk.parent):
        return  # of a table that is damaged itself, `duplicate-keys` speaks
    own = own_index(probe.schema, fk)
    facts: dict[str, Fact] = {"index": own.name if own else None, "hidden": figures.hidden}
    yield Finding("index-disagrees", Severity.ERROR, *fk.subject, count=figures.disagreeing, facts=facts, fix="reindex")


def inspect(reader: TableReader) -> Iterator[Finding]:
    """The unique indexes of a table that do not agree with it, a finding each."""
    table = reader.table
    tables = reader.look.tables
    for index in table.indexes:
        # for one that is computed, expressions of the schema's own would have to be run: `duplicate-keys` does
        if index.unique and not is_computed(table, index) and not tables.agrees_as_far_as_known(table, index):
            yield of_index(table, index, tables.difference(table, index))


def of_index(table: Table, index: Index, difference: Difference) -> Finding:
    """The finding of an index that does not agree with its table."""
    columns = tuple(column.name for column in index.columns if column.name)
    facts: dict[str, Fact] = {"index": index.name, "hidden": difference.entries}
    return Finding(
        "index-disagrees", Severity.ERROR, table.name, columns, count=difference.rows, facts=facts, fix="reindex"
    )


def message(finding: Finding) -> str:
    """How many rows the index does not find, and how many it alone has."""
    hidden = number_of(finding, "hidden")
    if finding.parent is None:
        parts = [f"is missing {plural(finding.count, 'row')}"] if finding.count else []
        parts += [f"has {plural(hidden, 'entry', 'entries')} for rows that do not exist"] if hidden else []
        text = f"the index {finding.facts['index']} disagrees with its table {finding.table}"
        return f"{text}: it {' and '.join(parts)}" if parts else text
    unseen, parts = finding.count - hidden, []
    if unseen or not hidden:
        rows = plural(unseen, "row has its parent", "rows have their parent")
        parts.append(f"{rows} in the table, but the index does not find it")
    if hidden:
        parts.append(f"{plural(hidden, 'row references', 'rows reference')} a parent that only the index has")
    return f"the index of {finding.parent} disagrees with its table: {', and '.join(parts)}"


def hint(finding: Finding) -> str | None:
    """What to do: the index first, then look again."""
    name = finding.indexed
    return f"REINDEX {name} first (repair does it), then scan again; until then repair changes nothing else there"


CHECKS.add("index-disagrees", Check(Severity.ERROR, __doc__, message, hint, orphans=orphans, inspect=inspect))
