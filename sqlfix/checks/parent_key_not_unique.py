"""# parent-key-not-unique

**What it finds.** A foreign key whose parent columns are neither the primary key nor covered by a unique index that
SQLite accepts: there is none, or it is a partial one, one over an expression, or one in another collation than the
column's own. A view or a virtual table as the parent is such a case too.

**Why it matters.** SQLite cannot use the key: each write to the child, and each delete in the parent, dies with
`foreign key mismatch`, and one such key makes `PRAGMA foreign_key_check` fail for the whole database.

**Example.** A table was rebuilt from a spreadsheet and lost its primary key; everything that refers to it fails.

**How it is repaired and what that loses.** By the missing `CREATE UNIQUE INDEX`, which the report shows, if the data is
unique; this version of sqlfix only reports it. The rows under it are "not checked".
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlfix.measure import Probe
from sqlfix.model import Fact, Finding, Severity
from sqlfix.registry import CHECKS, CheckRule
from sqlfix.sql import quote

REASONS = {
    "none": "no primary key and no unique index covers just that",
    "no primary key": "the table has no primary key, which the declaration counts on",
    "partial": "the unique index {index} is partial, and SQLite does not accept that",
    "expression": "the unique index {index} is over an expression, and SQLite does not accept that",
    "collation": "the unique index {index} has another collation than the column, and SQLite does not accept that",
    "view": "it is a view, and a view has no key",
    "virtual": "it is a virtual table, which has no key",
}

NO_INDEX_HELPS = ("view", "virtual", "no primary key")


def find(probe: Probe) -> Iterator[Finding]:
    """The fault of one foreign key's declaration, if it is this one."""
    fault = probe.foreign_key.fault
    if fault and fault.check == "parent-key-not-unique":
        facts: dict[str, Fact] = {"reason": fault.detail, "index": fault.names[0] if fault.names else None}
        if fault.detail not in NO_INDEX_HELPS:
            facts["duplicates"] = probe.duplicate_parents()
        yield Finding(fault.check, Severity.ERROR, *probe.foreign_key.subject, facts=facts)


def message(finding: Finding) -> str:
    """Why SQLite cannot look a parent up."""
    reason = REASONS[str(finding.facts["reason"])].replace("{index}", str(finding.facts["index"]))
    columns = f" ({', '.join(finding.parent_columns)})" if finding.parent_columns else ""
    return f"{finding.table}.{', '.join(finding.columns)} refers to {finding.parent}{columns}: {reason}"


def hint(finding: Finding) -> str | None:
    """The index that is missing."""
    called = "SQLite calls this `foreign key mismatch`"
    if finding.facts["reason"] in NO_INDEX_HELPS:
        return f"the schema is at fault, not the rows; {called}"
    columns = ", ".join(quote(name) for name in finding.parent_columns)
    index = f"CREATE UNIQUE INDEX {quote('_'.join((finding.indexed, *finding.parent_columns)))}"
    statement = f"{index} ON {quote(finding.indexed)} ({columns})"
    match finding.facts.get("duplicates"):
        case 0:
            return f"the values are unique, so this mends it: {statement}; {called}"
        case int(many):
            values = "1 value stands" if many == 1 else f"{many:,} values stand"
            return f"{values} there more than once; once that is mended: {statement}; {called}"
        case _:
            return f"if the values are unique, this mends it: {statement}; {called}"


CHECKS.add("parent-key-not-unique", CheckRule("parent-key-not-unique", Severity.ERROR, find, message, hint, __doc__))
