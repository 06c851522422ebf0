"""# column-count-mismatch

**What it finds.** A foreign key that names no parent columns, and so means the parent's primary key, but has more or
fewer columns than that key.

**Why it matters.** SQLite cannot use the foreign key: every write to the child fails with `foreign key mismatch`, and a
single such key makes `PRAGMA foreign_key_check` fail for the whole database.

**Example.** `item INTEGER REFERENCES stock`, and the primary key of `stock` is `(item, place)`.

**How it is repaired and what that loses.** If the child has columns that are called as those of the key, `sqlfix
repair-schema` declares the foreign key with all of them, and touches no row. Otherwise `sqlfix alter` has it reference
something else. Until then, the rows under it are "not checked".
"""

from collections.abc import Mapping

from sqlfix.model.findings import Finding
from sqlfix.model.schema import KeyFault
from sqlfix.model.values import Fact, Severity
from sqlfix.scan.check import CHECKS, Check
from sqlfix.scan.orphans import Probe
from sqlfix.sql.literals import names, quote


def declared(probe: Probe, fault: KeyFault) -> Mapping[str, Fact]:
    """The declaration that names all of the key, where the child has columns of these names."""
    fk = probe.foreign_key
    columns = [column.name for name in fk.parent_columns if (column := probe.child.column(name))]
    if len(columns) < len(fk.parent_columns) or len(fk.child_columns) > len(columns):
        return {}
    theirs = f"{quote(fk.parent)} ({names(fk.parent_columns)})"
    return {"declaration": f"FOREIGN KEY ({names(columns)}) REFERENCES {theirs}"}


def message(finding: Finding) -> str:
    """How many columns there are on either side."""
    ours, theirs = len(finding.columns), len(finding.parent_columns)
    return (
        f"{finding.table} ({', '.join(finding.columns)}) references the primary key of {finding.parent}"
        f" ({', '.join(finding.parent_columns)}), but has {ours} column{'s' * (ours > 1)} where the key has {theirs}"
    )


def hint(finding: Finding) -> str | None:
    """No row is at fault."""
    if declaration := finding.facts.get("declaration"):
        return (
            "the schema is at fault, not the rows; the foreign key must name all columns of the parent's key, and"
            f" sqlfix repair-schema declares it so: {declaration}; SQLite calls this `foreign key mismatch`"
        )
    return (
        "the schema is at fault, not the rows; SQLite calls this `foreign key mismatch`; sqlfix alter has it reference"
        " something else"
    )


CHECKS.add("column-count-mismatch", Check(Severity.ERROR, __doc__, message, hint, declared=declared))
