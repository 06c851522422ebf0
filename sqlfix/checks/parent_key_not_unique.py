"""# parent-key-not-unique

**What it finds.** A foreign key whose parent columns are neither the primary key nor covered by a unique index that
SQLite accepts. There is no such index, or it is partial, over an expression, or in another collation than the column's
own. A view or a virtual table as the parent is such a case too.

**Why it matters.** SQLite cannot use the foreign key: every write to the child, and every delete in the parent, fails
with `foreign key mismatch`, and a single such key makes `PRAGMA foreign_key_check` fail for the whole database.

**Example.** A table was rebuilt from a spreadsheet and lost its primary key; everything that references it fails.

**How it is repaired and what that loses.** By `sqlfix repair-schema`, which touches no row: a table that has lost its
primary key gets it back, and another one the missing `CREATE UNIQUE INDEX`, which the report shows. Nothing is forced:
where values occur twice, they come first. A foreign key that names only a part of the parent's key gets the other
columns as well: an index over the part would forbid sound rows. If the parent is empty and its rows are in what a
migration left, or if the parent is such a leftover itself, deal with that first. Until then, the rows under it are "not
checked".
"""

import sqlite3
from collections.abc import Mapping

from sqlfix.model.findings import Finding
from sqlfix.model.schema import ForeignKey, KeyFault, Table
from sqlfix.model.values import Fact, Severity, folded
from sqlfix.scan.check import CHECKS, Check
from sqlfix.scan.orphans import Probe
from sqlfix.schema.leftovers import leftover_of
from sqlfix.schema.writable_keys import wider_key
from sqlfix.sql.literals import names, quote
from sqlfix.sql.predicates import is_there, stored
from sqlfix.sqlite.deadline import overlooking

REASONS = {
    "none": "no primary key or unique index covers exactly these columns",
    "no primary key": "the declaration relies on a primary key, and the table has none",
    "partial": "the unique index {index} is partial, which SQLite does not accept",
    "expression": "the unique index {index} is over an expression, which SQLite does not accept",
    "collation": "the unique index {index} has another collation than the column, which SQLite does not accept",
    "view": "it is a view, and a view has no key",
    "virtual": "it is a virtual table, which has no key",
}

NO_INDEX_HELPS = ("view", "virtual", "no primary key")


def declared(probe: Probe, fault: KeyFault) -> Mapping[str, Fact]:
    """Why SQLite cannot look a parent up, and what stands in the way of an index."""
    facts: dict[str, Fact] = {"reason": fault.detail, "index": fault.names[0] if fault.names else None}
    if fault.detail not in NO_INDEX_HELPS:
        facts["duplicates"] = _duplicate_parents(probe)
    return {**facts, **(_beside(probe) or _wider(probe.child, probe.foreign_key, probe.parent))}


def _beside(probe: Probe) -> dict[str, Fact]:
    """What a migration has to do with it: the parent is a leftover itself, or its rows stand in one alone."""
    parent = probe.parent
    own = leftover_of(probe.schema, parent)
    if own is not None and own.exists:
        return {"stale": own.original}
    tables = [left.table for left in probe.look.leftovers() if folded(left.original) == folded(parent.name)]
    if parent.kind != "table" or not tables or _has_rows(probe, parent):
        return {}
    return next(({"leftover": table.name} for table in tables if _has_rows(probe, table)), {})


def _has_rows(probe: Probe, table: Table) -> bool:
    return probe.connection.execute(f"SELECT 1 FROM {stored(table)} LIMIT 1").fetchone() is not None


def _wider(child: Table, fk: ForeignKey, parent: Table) -> dict[str, Fact]:
    """The key of the parent of which the foreign key names only a part, and the declaration that names all of it."""
    found = wider_key(child, fk, parent)
    if found is None:
        return {}
    key, columns = found
    named = {folded(name) for name in fk.parent_columns}
    facts: dict[str, Fact] = {"key": ", ".join(key)}
    facts["other"] = ", ".join(name for name in key if folded(name) not in named)
    if columns is not None:
        facts["declaration"] = f"FOREIGN KEY ({names(columns)}) REFERENCES {quote(parent.name)} ({names(key)})"
    return facts


def _duplicate_parents(probe: Probe) -> int | None:
    """How many values of the parent columns stand there more than once; None where SQLite cannot tell."""
    fk = probe.foreign_key
    there = " AND ".join(is_there(quote(name)) for name in fk.parent_columns)
    query = (
        f"SELECT 1 FROM {stored(probe.parent)} WHERE {there} GROUP BY {names(fk.parent_columns)} HAVING count(*) > 1"
    )
    with overlooking(sqlite3.OperationalError):
        return int(probe.number(f"SELECT count(*) FROM ({query})"))
    return None


def message(finding: Finding) -> str:
    """Why SQLite cannot look a parent up."""
    reason = REASONS[str(finding.facts["reason"])].replace("{index}", str(finding.facts["index"]))
    if key := finding.facts.get("key"):
        reason = f"that is only a part of its key ({key})"
    columns = f" ({', '.join(finding.parent_columns)})" if finding.parent_columns else ""
    return f"{finding.table}.{', '.join(finding.columns)} references {finding.parent}{columns}: {reason}"


def hint(finding: Finding) -> str | None:
    """What is missing: the rest of the key, the end of a migration, or an index."""
    called = "SQLite calls this `foreign key mismatch`"
    if mended := _without_index(finding):
        return f"{mended}; {called}"
    if finding.facts["reason"] in NO_INDEX_HELPS:
        back = "; sqlfix repair-schema gives the table its primary key back" * (
            finding.facts["reason"] == "no primary key"
        )
        return f"the schema is at fault, not the rows; {called}{back}"
    columns = ", ".join(quote(name) for name in finding.parent_columns)
    index = f"CREATE UNIQUE INDEX {quote('_'.join((finding.indexed, *finding.parent_columns)))}"
    statement = f"{index} ON {quote(finding.indexed)} ({columns})"
    match finding.facts.get("duplicates"):
        case 0:
            return f"the values are unique, so sqlfix repair-schema, or this, fixes it: {statement}; {called}"
        case int(many):
            values = "1 value occurs" if many == 1 else f"{many:,} values occur"
            return f"{values} there more than once; once that is corrected: {statement}; {called}"
        case _:
            return f"if the values are unique, this fixes it: {statement}; {called}"


def _without_index(finding: Finding) -> str | None:
    """How it is mended where a unique index over the columns would be the wrong way."""
    facts, parent = finding.facts, finding.parent
    if original := facts.get("stale"):
        return (
            f"a rebuild of {original} left {parent} behind, and the foreign key followed it: it was meant for"
            f" {original}, so sqlfix repair-schema has it reference {original} again"
        )
    if leftover := facts.get("leftover"):
        return (
            f"{parent} is empty, and its rows are in {leftover}, which a rebuild left behind: finish the migration"
            " first, and leave the rows alone"
        )
    if declaration := facts.get("declaration"):
        return (
            "the rows are not at fault: a foreign key to it must name all columns of its key, and sqlfix repair-schema"
            f" declares it so: {declaration}"
        )
    if facts.get("key"):
        return (
            "the rows are not at fault: a foreign key to it must name all columns of its key, and"
            f" {finding.table} has none for {facts['other']}"
        )
    return None


CHECKS.add("parent-key-not-unique", Check(Severity.ERROR, __doc__, message, hint, declared=declared))
