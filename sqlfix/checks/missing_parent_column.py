"""# missing-parent-column

**What it finds.** A foreign key that refers to a column which its parent table does not have (`REFERENCES p(rowid)`
is such a one).

**Why it matters.** SQLite cannot use the key: each write to the child dies with `foreign key mismatch`, and one such
key makes `PRAGMA foreign_key_check` fail for the whole database.

**Example.** `FOREIGN KEY (city) REFERENCES cities (code)`, and `cities` has no column `code`.

**How it is repaired and what that loses.** The declaration or the parent table has to be mended; this version of
sqlfix only reports it. The rows under it are "not checked".
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlfix.model.findings import Finding
from sqlfix.model.values import Severity
from sqlfix.scan.check import CHECKS, CheckRule
from sqlfix.scan.orphans import Probe


def find(probe: Probe) -> Iterator[Finding]:
    """The fault of one foreign key's declaration, if it is this one."""
    fault = probe.foreign_key.fault
    if fault and fault.check == "missing-parent-column":
        yield Finding(
            fault.check, Severity.ERROR, *probe.foreign_key.subject, facts={"missing": ", ".join(fault.names)}
        )


def message(finding: Finding) -> str:
    """Which column is missing."""
    return (
        f"{finding.table}.{', '.join(finding.columns)} refers to {finding.parent} ({finding.facts['missing']}),"
        " and there is no such column"
    )


def hint(finding: Finding) -> str | None:
    """No row is at fault."""
    return "the schema is at fault, not the rows; SQLite calls this `foreign key mismatch`"


CHECKS.add("missing-parent-column", CheckRule("missing-parent-column", Severity.ERROR, find, message, hint, __doc__))
