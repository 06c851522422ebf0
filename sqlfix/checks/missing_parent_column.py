"""# missing-parent-column

**What it finds.** A foreign key that references a column that its parent table does not have (`REFERENCES p(rowid)` is
one example).

**Why it matters.** SQLite cannot use the foreign key: every write to the child fails with `foreign key mismatch`, and a
single such key makes `PRAGMA foreign_key_check` fail for the whole database.

**Example.** `FOREIGN KEY (city) REFERENCES cities (code)`, and `cities` has no column `code`.

**How it is repaired and what that loses.** `sqlfix repair-schema` has it reference the key of the parent in which all
rows find their parents, if there is just one, and touches no row. Otherwise `sqlfix alter` has it reference what you
choose. Until then, the rows under it are "not checked".
"""

from collections.abc import Mapping

from sqlfix.model.findings import Finding
from sqlfix.model.schema import KeyFault
from sqlfix.model.values import Fact, Severity
from sqlfix.scan.check import CHECKS, Check
from sqlfix.scan.orphans import Probe


def declared(probe: Probe, fault: KeyFault) -> Mapping[str, Fact]:
    """The columns that are missing."""
    return {"missing": ", ".join(fault.names)}


def message(finding: Finding) -> str:
    """Which column is missing."""
    return (
        f"{finding.table}.{', '.join(finding.columns)} references {finding.parent} ({finding.facts['missing']}),"
        " but there is no such column"
    )


def hint(finding: Finding) -> str | None:
    """No row is at fault."""
    return (
        "the schema is at fault, not the rows; SQLite calls this `foreign key mismatch`; sqlfix repair-schema says"
        " which key of the parent can be meant"
    )


CHECKS.add("missing-parent-column", Check(Severity.ERROR, __doc__, message, hint, declared=declared))
