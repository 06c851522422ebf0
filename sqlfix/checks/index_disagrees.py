"""# index-disagrees

**What it finds.** A parent key that stands in the parent table but is not found by the table's own index: SQLite then
takes sound rows for orphans. It is looked for wherever a scan finds orphans.

**Why it matters.** `PRAGMA foreign_key_check` lists such rows and `PRAGMA quick_check` says ok; whoever trusts the
list deletes good data.

**Example.** 127 violations were listed, and 1 was left after `REINDEX`.

**How it is repaired and what that loses.** By `REINDEX` (`reindex`) of the parent table, which loses nothing. Nothing
else is proposed for the relationship: scan again afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlfix.measure import Probe
from sqlfix.model import Finding, Severity
from sqlfix.registry import CHECKS, CheckRule


def find(probe: Probe) -> Iterator[Finding]:
    """The disagreement of one relationship's parent with its index, if any."""
    fk = probe.foreign_key
    if fk.fault or not (figures := probe.figures).disagreeing:
        return
    yield Finding("index-disagrees", Severity.ERROR, *fk.subject, count=figures.disagreeing, fix="reindex")


def message(finding: Finding) -> str:
    """How many rows have a parent that the index does not find."""
    rows = "1 row has its parent" if finding.count == 1 else f"{finding.count:,} rows have their parent"
    return f"the index of {finding.parent} disagrees with its table: {rows} there, but the index does not find it"


def hint(finding: Finding) -> str | None:
    """What to do: the index first, then look again."""
    return f"REINDEX {finding.parent} first (repair does), then scan again; until then nothing else is changed there"


CHECKS.add("index-disagrees", CheckRule("index-disagrees", Severity.ERROR, find, message, hint, __doc__))
