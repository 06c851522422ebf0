"""How names, values and the sentences about them are put before a person: pure functions, one line each.

Whatever a database holds can end up in a terminal, so nothing leaves this module that a terminal would act upon.
"""

import re
from collections.abc import Iterator

from sqlfix.model.findings import Finding, NotChecked, Relationship, Report, held_for_spelling, number_of
from sqlfix.model.schema import JoinTable
from sqlfix.model.values import Severity, Subject, grouped
from sqlfix.plan.repaired_checks import REPAIRED
from sqlfix.scan.check import is_held_for_damage
from sqlfix.text import plural, shown, shown_name

HEADINGS = ("relationship", "orphans", "of rows", "keys", "ON DELETE", "fix")
"""The columns that ``summary`` gives."""
ORPHANS = ("orphan-rows", "placeholder-values")
"""The checks that find rows without a parent."""
END_OF_COPY = r"(?i)(~|\d{1,3}|backup|bak|old|orig|sqlfix)[^.~]*(?:\.sqlite3)?$"
"""What the name of a copy says of it, in a table that has little room; a line below has the whole name."""


def columns_of(table: str, columns: tuple[str, ...], unicode: bool = True) -> str:
    """``orders.customer_id``, ``t.(a, b)``, or the table alone where no columns are known."""
    names = [shown_name(column, unicode) for column in columns]
    if not names:
        return shown_name(table, unicode)
    listed = names[0] if len(names) == 1 else f"({', '.join(names)})"
    return f"{shown_name(table, unicode)}.{listed}"


def relationship(subject: Subject, unicode: bool = True) -> str:
    """``orders.customer_id → customers.id``; without a parent the place in the one table."""
    child, columns, parent, parent_columns = subject
    place, arrow = columns_of(child, columns, unicode), "→" if unicode else "->"
    return place if parent is None else f"{place} {arrow} {columns_of(parent, parent_columns, unicode)}"


# -- the sentences of a report ------------------------------------------------------------------------------------


def headline(report: Report, unicode: bool = True) -> str:
    """What is to be known about a database before anything else."""
    total = len(report.relationships)
    subjects = {finding.subject for finding in report.findings}
    broken = sum(seen.foreign_key.subject in subjects for seen in report.relationships)
    others = sum(finding.parent is None and finding.severity > Severity.HINT for finding in report.findings)
    if broken:
        said = f"{broken:,} of {plural(total, 'relationship')} {'is' if broken == 1 else 'are'} broken"
        said += f", {plural(others, 'fault')} within tables" if others else ""
    elif faults := [finding for finding in report.findings if finding.severity > Severity.HINT]:
        said = f"{plural(len(faults), 'fault')} found"
    elif unchecked(report):
        said = "no faults found in what could be checked"
    elif any(seen.orphans for seen in report.relationships):
        # Orphans are counted even where the checks that report them were not asked for.
        said = "the chosen checks found nothing"
    elif report.empty:
        said = "there are no tables in it, so there is nothing to check"
    else:
        none = "no foreign keys are in scope" if report.beyond else "there are no foreign keys to check"
        said = "no faults found" if total else f"no faults found; {none}"
    return f"{shown(report.database, unicode)}: {said}"


def closing(report: Report) -> str:
    """What was checked and found, in numbers."""
    total, missed = len(report.relationships), _missed(report)
    checked = sum(seen.checked for seen in report.relationships)
    none = "No foreign keys in scope" if report.beyond else "No foreign keys to check"
    first = f"{checked:,} of {plural(total, 'relationship')} checked" if total else none
    parts = [first, _found(report) if total or report.findings else "", missed]
    return ", ".join(part for part in parts if part) + "."


def _found(report: Report) -> str:
    # What the chosen checks found, not all that is there; a relationship declared twice is found once.
    found = [finding for finding in report.findings if finding.check in ORPHANS]
    orphans = sum(finding.count for finding in found)
    said = []
    if orphans:
        broken = len({finding.subject for finding in found})
        where = "it" if len(report.relationships) == 1 else f"{broken:,} of them"
        said.append(f"{plural(orphans, 'orphan')} in {where}")
    others = sum(finding.check not in ORPHANS and finding.severity > Severity.HINT for finding in report.findings)
    if others:
        said.append(plural(others, "other fault") if orphans else f"{plural(others, 'fault')} found")
    return ", ".join(said) or ("no faults found" if report.findings else "nothing found")


def _missed(report: Report) -> str:
    things = len(unchecked(report))
    relationships = sum(not seen.checked for seen in report.relationships)
    if things <= relationships:
        return f"{relationships:,} could not be checked" if relationships else ""
    return f"{plural(things, 'thing')} could not be checked"


def unchecked(report: Report) -> tuple[NotChecked, ...]:
    """All that was not checked, with the relationships of which only their own entry says so."""
    reasons = {entry.reason for entry in report.not_checked}
    explained = {finding.subject for finding in report.findings}
    alone = (
        NotChecked(relationship(seen.foreign_key.subject), seen.reason or "no reason was recorded")
        for seen in report.relationships
        if not seen.checked and seen.reason not in reasons and seen.foreign_key.subject not in explained
    )
    return (*report.not_checked, *alone)


def needs_words(finding: Finding) -> bool:
    """Whether a finding says more than its line in the table: all do but plain orphans."""
    reasons = map(finding.facts.get, ("named_by", "dated_by", "suspicion", "held_back"))
    return finding.check != "orphan-rows" or held_for_spelling(finding) > 0 or any(reasons)


def summary(report: Report, everything: bool, unicode: bool = True) -> Iterator[tuple[str, ...]]:
    """A line for each relationship with findings, its cells as in HEADINGS; with ``everything`` for the sound ones too.

    ``everything`` also names the constraints. A finding that belongs to no relationship of the report has a line.
    """
    found = grouped((finding.subject, finding) for finding in report.findings)
    links = {side.subject: join for join in report.join_tables for side in (join.left, join.right)}
    for seen in report.relationships:
        findings = found.get(seen.foreign_key.subject, [])
        if findings or everything:
            mark = _link_mark(links.get(seen.foreign_key.subject))
            if everything and seen.foreign_key.constraint is not None:
                mark += f" constraint {shown_name(seen.foreign_key.constraint, unicode)}"
            yield _summary_line(seen.foreign_key.subject, mark, findings, seen, unicode)
    known = {seen.foreign_key.subject for seen in report.relationships}
    for subject, findings in found.items():
        if subject not in known and subject[2] is not None:  # what concerns a table alone has words of its own
            yield _summary_line(subject, "", findings, None, unicode)


def _link_mark(join: JoinTable | None) -> str:
    if join is None:
        return ""
    return " (join table, carries data)" if join.carries_data else " (join table)"


def _summary_line(
    subject: Subject, mark: str, findings: list[Finding], seen: Relationship | None, unicode: bool
) -> tuple[str, ...]:
    keys = [finding.distinct for finding in findings]
    distinct = "many" if None in keys else _number(sum(number or 0 for number in keys) or None)
    return (
        relationship(subject, unicode) + mark,
        _number(seen.orphans if seen else sum(finding.count for finding in findings)),
        _number(seen.rows if seen else None),
        distinct,
        shown(seen.foreign_key.on_delete, unicode) if seen else "-",
        _fixes(findings),
    )


def _fixes(findings: list[Finding]) -> str:
    # Until the index is sound, nothing can be said about the other findings of its relationship.
    sound = all(finding.check != "index-disagrees" for finding in findings)
    otherwise = ("repair-schema" if finding.check in REPAIRED else "by hand" for finding in findings)
    names = (proposed(f) or other if sound else f.fix for f, other in zip(findings, otherwise, strict=True))
    return ", ".join(dict.fromkeys(", ".join(name for name in names if name).split(", "))) or "-"


def proposed(finding: Finding) -> str | None:
    """The fix, with how many rows are relinked, how many parents could come back from a copy, and how many are held."""
    if is_held_for_damage(finding):
        return "held back"
    near, named = held_for_spelling(finding), number_of(finding, "named_rows")
    restored = _restored(finding)
    if finding.fix and (near or named):
        held = number_of(finding, "spelling_matches_several")
        some = near + named - held
        parts = [f"relink {some:,}"] if some else []
        others = finding.fix if finding.fix != "relink" else ""
        parts += list(filter(None, [" or ".join(filter(None, (restored, others)))]))
        return ", ".join(parts) + (f" ({held:,} held back)" if held else "")
    if restored and finding.fix is None and number_of(finding, "restorable") == finding.distinct:
        return restored
    usual = finding.fix or ("held back" if finding.count and finding.check != "index-disagrees" else None)
    return f"{restored} or {usual}" if restored and usual else usual


def _restored(finding: Finding) -> str:
    """How many missing parents an older copy has, and of which kind it is by its name; empty where there is none."""
    found, asked = number_of(finding, "restorable"), number_of(finding, "restorable_of")
    if not found:
        return ""
    end = re.search(END_OF_COPY, str(finding.facts["restorable_from"]))
    least = "" if asked == finding.distinct else "+"  # there may be more, as not all keys were looked up
    return f"restore {found:,}{least} ({end[1] if end else 'older copy'})"


def _number(number: int | None) -> str:
    return "-" if number is None else f"{number:,}"


MOST_SO_FAR = 8
"""Relationships that are named before a scan is through."""


def so_far(report: Report, unicode: bool = True) -> Iterator[str]:
    """Lines on the keys of a database whose other checks are not through."""
    found = [finding for finding in report.findings if finding.check in ORPHANS]
    checked = sum(seen.checked for seen in report.relationships)
    yield f"{checked:,} of {plural(len(report.relationships), 'relationship')} checked so far, {_found(report)}"
    for finding in found[:MOST_SO_FAR]:
        yield f"  {relationship(finding.subject, unicode)}: {plural(finding.count, 'orphan')}"
    if len(found) > MOST_SO_FAR:
        yield f"  … and {len(found) - MOST_SO_FAR:,} more"


def join_table(join: JoinTable, unicode: bool = True) -> str:
    """``a_b joins a and b, carries data``."""
    left, right = (shown_name(side.parent, unicode) for side in (join.left, join.right))
    data = ", carries data" if join.carries_data else ""
    return f"{shown_name(join.table, unicode)} joins {left} and {right}{data}"
