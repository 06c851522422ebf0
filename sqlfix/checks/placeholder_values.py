"""# placeholder-values

**What it finds.** Rows whose foreign key holds a value that means "none" and has no parent: `0`, `-1`, an empty text,
`\\N`, `NULL` or `None` as text, an all-zero GUID. They are kept apart from `orphan-rows` and not counted there. The
finding says what speaks for it: how many of the orphans hold it, whether it is the column's DEFAULT, which keys the
parents have and had, and [when it happened](scan.md#when-it-happened).

**Why it matters.** SQLite treats them as violations like any other, so migrations fail because of them; but no parent
was ever lost. In real files most violating rows are of this kind, and deleting them would empty whole tables.

**Example.** Every row of `items` that has no series holds `series_id` 0.

**How it is repaired and what that loses.** The key is set to NULL (`set-null`), which says the same in SQL's own way.
If it may not be NULL, the rows are left and reported: a person has to choose. They are never deleted unless `--set`
asks for it by name.
"""

from collections.abc import Iterator

from sqlfix.model.findings import Finding, number_of
from sqlfix.model.values import NotUtf8, Severity, Value
from sqlfix.scan.check import CHECKS, Check
from sqlfix.scan.occurrence import when
from sqlfix.scan.orphans import Probe
from sqlfix.text import plural


def orphans(probe: Probe) -> Iterator[Finding]:
    """The rows of one relationship that hold a placeholder, as one finding."""
    fk = probe.foreign_key
    if not (figures := probe.figures).placeholders:
        return
    yield Finding(
        "placeholder-values",
        Severity.ERROR,
        *fk.subject,
        count=figures.placeholders,
        distinct=figures.placeholders_distinct,
        sample=probe.sample("placeholder-values"),
        facts=probe.doubt,
    )


def message(finding: Finding) -> str:
    """How many rows hold which placeholder."""
    rows = f"{plural(finding.count, 'row')} of {finding.table} {'holds' if finding.count == 1 else 'hold'}"
    values = dict.fromkeys(_spoken(value) for row in finding.sample for _, value in row.values)
    shown = f" ({', '.join(list(values)[:3])})" if values else ""
    reason = finding.facts.get("held_back")
    return (
        f'{rows} a value in {", ".join(finding.columns)}{shown} that looks like a placeholder for "none", not like'
        f" a lost link to {finding.parent}{_evidence(finding)}{when(finding.facts)}"
        f"{f'; held back: {reason}' if reason else ''}"
    )


def _evidence(finding: Finding) -> str:
    """What speaks for it, as far as the finding's facts say it."""
    facts, said = finding.facts, ""
    if (every := number_of(finding, "of_orphans")) > finding.count:
        said += f"; they are {finding.count:,} of {every:,} orphans"
    if facts.get("is_default"):
        said += f"; {facts['is_default']} is the column's DEFAULT"
    if facts.get("lowest_key") is not None:
        said += f"; the keys of {finding.parent} are {facts['lowest_key']} to {facts['highest_key']}"
        ever = number_of(finding, "highest_key_ever")
        said += f", and were up to {ever}" if ever > number_of(finding, "highest_key") else ""
    return said


def _spoken(value: Value) -> str:
    match value:
        case bytes():
            return f"x'{value.hex()}'"
        case NotUtf8():
            return f"x'{value.raw.hex()}'"
        case str():
            return f"'{value}'"
        case _:
            return str(value)


def hint(finding: Finding) -> str | None:
    """What to do where the column does not allow NULL."""
    way_out = finding.facts.get("way_out")
    return str(way_out) if way_out else None


CHECKS.add("placeholder-values", Check(Severity.ERROR, __doc__, message, hint, orphans=orphans))
