"""How names, values and the sentences about them are put before a person: pure functions, one line each.

Whatever a database holds can end up in a terminal, so nothing leaves this module that a terminal would act upon.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path

from sqlfix.model import (
    Finding,
    Fix,
    JoinTable,
    Loss,
    NotChecked,
    NotUtf8,
    Plan,
    Relationship,
    Report,
    Row,
    Severity,
    Subject,
    Value,
)

HEADINGS = ("relationship", "orphans", "of rows", "keys", "ON DELETE", "fix")
"""The columns that ``summary`` gives."""
TOTAL_HEADINGS = ("table", "before", "after", "deleted", "changed", "by triggers")
"""The columns that ``totals`` gives."""

# Characters that str.isprintable lets pass although they leave no mark: two names could differ by them alone.
_INVISIBLE = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]")
_SHORT = {"\n": r"\n", "\r": r"\r", "\t": r"\t", "\\": "\\\\"}
_LONGEST_TEXT = 40
_LONGEST_BLOB = 16


# -- names and values ---------------------------------------------------------------------------------------------


def shown(text: str, unicode: bool = True) -> str:
    """``text`` on one line, with visible escapes (``\\n``, ``\\x1b``, ``\\u202e``) for what does not print.

    A backslash is escaped only next to another escape, so that plain names stay plain. Without ``unicode`` all that is
    not ASCII is escaped too.
    """
    if all(_plain(character, unicode) for character in text):
        return text
    return "".join(c if _plain(c, unicode) and c != "\\" else _escape(c) for c in text)


def typed_path(path: Path | str) -> str:
    """The path as it can be typed on a command line, where one that begins with - would be an option."""
    return f"./{path}" if str(path).startswith("-") else str(path)


def typed_words(words: Iterable[str]) -> str:
    """Words as they are typed into a shell, without a character that a terminal would act upon.

    What does not print is given by printf, which every POSIX shell has. A line break at the end of a word is lost.
    """
    import os
    import shlex

    def typed(word: str) -> str:
        if shown(word) == word:
            return shlex.quote(word)
        plain = (
            chr(b) if (chr(b).isalnum() and b < 0x80) or chr(b) in " -_./=," else f"\\{b:03o}"
            for b in os.fsencode(word)
        )
        return f"\"$(printf '{''.join(plain)}')\""

    return " ".join(map(typed, words))


def _plain(character: str, unicode: bool) -> bool:
    if character.isascii() or not unicode:
        return " " <= character <= "~"
    return character.isprintable() and not _INVISIBLE.match(character)


def _escape(character: str) -> str:
    code = ord(character)
    if character in _SHORT:
        return _SHORT[character]
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def shown_name(name: str, unicode: bool = True) -> str:
    """A table or column name; in double quotes where it would otherwise be lost from sight."""
    text = shown(name, unicode)
    return text if text and text == text.strip(" ") else f'"{text}"'


def shown_value(value: Value, unicode: bool = True) -> str:
    """A stored value the way SQL writes it, long ones cut short with an ellipsis after the closing quote."""
    more = "…" if unicode else "..."
    if value is None:
        return "NULL"
    if isinstance(value, str):
        text = shown(value[:_LONGEST_TEXT], unicode).replace("'", "''")
        return f"'{text}'{more if len(value) > _LONGEST_TEXT else ''}"
    if isinstance(value, bytes):
        return f"x'{value[:_LONGEST_BLOB].hex()}'{more if len(value) > _LONGEST_BLOB else ''}"
    if isinstance(value, NotUtf8):
        return f"{shown_value(value.raw, unicode)} (text, not UTF-8)"
    return repr(value)


def json_value(value: Value) -> object:
    """A stored value for JSON; what JSON has no word for becomes an object with one key that says what it is."""
    if isinstance(value, bytes):
        return {"blob": value.hex()}
    if isinstance(value, NotUtf8):
        return {"text_hex": value.raw.hex()}
    if isinstance(value, float) and not math.isfinite(value):
        return {"real": repr(value)}
    return value


def columns_of(table: str, columns: tuple[str, ...], unicode: bool = True) -> str:
    """``orders.customer_id``, ``t.(a, b)``, or the table alone where no columns are known."""
    names = [shown_name(column, unicode) for column in columns]
    if not names:
        return shown_name(table, unicode)
    listed = names[0] if len(names) == 1 else f"({', '.join(names)})"
    return f"{shown_name(table, unicode)}.{listed}"


def relationship(
    child: str,
    child_columns: tuple[str, ...],
    parent: str | None,
    parent_columns: tuple[str, ...],
    unicode: bool = True,
) -> str:
    """``orders.customer_id → customers.id``; without a parent the place in the one table."""
    if parent is None:
        return columns_of(child, child_columns, unicode) if child_columns else shown_name(child, unicode)
    arrow = "→" if unicode else "->"
    return f"{columns_of(child, child_columns, unicode)} {arrow} {columns_of(parent, parent_columns, unicode)}"


def row_text(row: Row, unicode: bool = True) -> str:
    """``id=7 (customer_id=12)``: how to address a row, and the values at fault."""
    key, values = pairs_text(row.key, unicode), pairs_text(row.values, unicode)
    return f"{key} ({values})" if key and values else key or f"({values})"


def pairs_text(pairs: Iterable[tuple[str, Value]], unicode: bool = True) -> str:
    """``a=1, b='x'``."""
    return ", ".join(f"{shown_name(column, unicode)}={shown_value(value, unicode)}" for column, value in pairs)


def count(number: int) -> str:
    """A number with thousands separators."""
    return f"{number:,}"


def plural(number: int, noun: str, many: str | None = None) -> str:
    """``1 row``, ``204,927 rows``; ``many`` where the plural takes more than an s."""
    return f"{count(number)} {noun if number == 1 else many or f'{noun}s'}"


# -- the width of a screen ----------------------------------------------------------------------------------------


def cells(text: str) -> int:
    """How many columns of a terminal ``text`` takes at most: a combining mark counts as one."""
    return len(text) if text.isascii() else sum(1 + wide(character) for character in text)


def wide(character: str) -> bool:
    """Whether a terminal gives the character two columns."""
    return unicodedata.east_asian_width(character) in "WF"


def wrapped(text: str, width: int, first: str = "", rest: str = "", whole: bool = False) -> Iterator[str]:
    """``text`` in lines of at most ``width`` columns, broken at blanks, and inside a word only if it must be.

    Args:
        first: what the first line begins with.
        rest: what the others begin with.
        whole: never inside a word: what has a path in it, which is there to be copied.
    """
    prefix, line = first, ""
    for part in text.split(" "):
        word = part
        if line and cells(prefix) + cells(line) + 1 + cells(word) <= width:
            line += f" {word}"
            continue
        if line:
            yield prefix + line
            prefix = rest
        while not whole and cells(prefix) + cells(word) > width:
            head = _head(word, max(width - cells(prefix), 2))
            if len(head) == len(word):
                break
            yield prefix + head
            prefix, word = rest, word[len(head) :]
        line = word
    yield prefix + line


def _head(word: str, room: int) -> str:
    """The beginning of ``word`` that fits, up to a joint between two parts of a name where one is near."""
    end = taken = 0
    while end < len(word) and (taken := taken + 1 + wide(word[end])) <= room:
        end += 1
    joint = max(word.rfind(mark, 0, end) for mark in "._-,(/") + 1
    return word[: joint if end < len(word) and joint > end // 2 else end]


# -- the sentences of a report ------------------------------------------------------------------------------------


def headline(report: Report, unicode: bool = True) -> str:
    """What is to be known about a database before anything else."""
    total = len(report.relationships)
    subjects = {finding.subject for finding in report.findings}
    broken = sum(seen.foreign_key.subject in subjects for seen in report.relationships)
    others = sum(finding.parent is None and finding.severity > Severity.HINT for finding in report.findings)
    if broken and others:
        are = "is" if broken == 1 else "are"
        inside = f"{plural(others, 'fault')} within tables"
        said = f"{count(broken)} of {plural(total, 'relationship')} {are} broken, {inside}"
    elif broken:
        said = f"{count(broken)} of {plural(total, 'relationship')} {'is' if broken == 1 else 'are'} broken"
    elif faults := [finding for finding in report.findings if finding.severity > Severity.HINT]:
        said = f"{plural(len(faults), 'fault')} found"
    elif unchecked(report):
        said = "no faults found in what could be checked"
    elif any(seen.orphans for seen in report.relationships):
        # Orphans are counted even where the checks that report them were not asked for.
        said = "the chosen checks found nothing"
    elif report.empty:
        said = "there is no table in it, and so nothing to check"
    else:
        none = "no foreign keys are in scope" if report.beyond else "there are no foreign keys to check"
        said = "no faults found" if total else f"no faults found; {none}"
    return f"{shown(report.database, unicode)}: {said}"


def closing(report: Report) -> str:
    """What was checked and found, in numbers."""
    total, missed = len(report.relationships), _missed(report)
    checked = sum(seen.checked for seen in report.relationships)
    none = "No foreign keys in scope" if report.beyond else "No foreign keys to check"
    first = f"{count(checked)} of {plural(total, 'relationship')} checked" if total else none
    parts = [first, _found(report) if total or report.findings else "", missed]
    return ", ".join(part for part in parts if part) + "."


def _found(report: Report) -> str:
    # What the chosen checks found, not all that is there; a relationship declared twice is found once.
    counted = ("orphan-rows", "placeholder-values")
    found = [finding for finding in report.findings if finding.check in counted]
    orphans = sum(finding.count for finding in found)
    said = []
    if orphans:
        broken = len({finding.subject for finding in found})
        where = "it" if len(report.relationships) == 1 else f"{count(broken)} of them"
        said.append(f"{plural(orphans, 'orphan')} in {where}")
    others = sum(finding.check not in counted and finding.severity > Severity.HINT for finding in report.findings)
    if others:
        said.append(plural(others, "other fault") if orphans else f"{plural(others, 'fault')} found")
    return ", ".join(said) or ("no faults found" if report.findings else "nothing found")


def _missed(report: Report) -> str:
    things = len(unchecked(report))
    relationships = sum(not seen.checked for seen in report.relationships)
    if things <= relationships:
        return f"{count(relationships)} could not be checked" if relationships else ""
    return f"{plural(things, 'thing')} could not be checked"


def unchecked(report: Report) -> tuple[NotChecked, ...]:
    """All that was not checked, with the relationships of which only their own entry says so."""
    reasons = {entry.reason for entry in report.not_checked}
    explained = {finding.subject for finding in report.findings}
    alone = (
        NotChecked(relationship(*seen.foreign_key.subject), seen.reason or "no reason was recorded")
        for seen in report.relationships
        if not seen.checked and seen.reason not in reasons and seen.foreign_key.subject not in explained
    )
    return (*report.not_checked, *alone)


def needs_words(finding: Finding) -> bool:
    """Whether a finding says more than its line in the table: all do but plain orphans."""
    reasons = (held_for_spelling(finding), finding.facts.get("suspicion"), finding.facts.get("held_back"))
    return finding.check != "orphan-rows" or any(reasons)


def held_for_spelling(finding: Finding) -> int:
    """How many orphans of a finding match a parent, or several, but for their spelling."""
    facts = (finding.facts.get(name) for name in ("spelling_matches", "spelling_matches_several"))
    return sum(number for number in facts if isinstance(number, int))


def summary(report: Report, everything: bool, unicode: bool = True) -> Iterator[tuple[str, ...]]:
    """A line for each relationship with findings, its cells as in HEADINGS; with ``everything`` for the sound ones too.

    ``everything`` also names the constraints. A finding that belongs to no relationship of the report has a line.
    """
    found: dict[Subject, list[Finding]] = {}
    for finding in report.findings:
        found.setdefault(finding.subject, []).append(finding)
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
        relationship(*subject, unicode=unicode) + mark,
        _number(seen.orphans if seen else sum(finding.count for finding in findings)),
        _number(seen.rows if seen else None),
        distinct,
        shown(seen.foreign_key.on_delete, unicode) if seen else "-",
        _fixes(findings),
    )


def _fixes(findings: list[Finding]) -> str:
    # Until the index is sound, nothing can be said about the other findings of its relationship.
    sound = all(finding.check != "index-disagrees" for finding in findings)
    names = (_proposed(finding) or "by hand" if sound else finding.fix for finding in findings)
    return ", ".join(dict.fromkeys(name for name in names if name)) or "-"


def _proposed(finding: Finding) -> str | None:
    """The fix, with how many rows of the finding it leaves out."""
    if finding.fix and (near := held_for_spelling(finding)):
        return f"{finding.fix} ({count(near)} held back)"
    return finding.fix or ("held back" if finding.count and finding.check != "index-disagrees" else None)


def _number(number: int | None) -> str:
    return "-" if number is None else count(number)


def join_table(join: JoinTable, unicode: bool = True) -> str:
    """``a_b joins a and b, carries data``."""
    left, right = (shown_name(side.parent, unicode) for side in (join.left, join.right))
    data = ", carries data" if join.carries_data else ""
    return f"{shown_name(join.table, unicode)} joins {left} and {right}{data}"


# -- the sentences of a plan --------------------------------------------------------------------------------------


def deed(fix: Fix, done: bool = False, unicode: bool = True) -> str:
    """What one step of a plan does, or did, in words."""
    if fix.loss is Loss.ROWS:
        said = _deletion(fix, done, unicode)
    elif fix.loss is Loss.VALUES:
        where = columns_of(fix.table, fix.written or fix.columns, unicode)
        # Only the fixes whose name says it all give no value.
        value = fix.value if fix.value is not None else "NULL"
        none = fix.checks == ("placeholder-values",)
        they = "it stands" if fix.rows == 1 else "they stand"
        why = f'{they} for "none"' if none else f"no parent in {shown_name(fix.parent or '', unicode)}"
        why = shown(fix.why, unicode) if fix.why else why
        said = f"set {plural(fix.rows, 'value')} of {where} to {shown(value, unicode)}: {why}"
    elif fix.name == "cast":
        where = columns_of(fix.table, fix.columns, unicode)
        kind, why = shown(fix.value or "", unicode), shown(fix.why or "", unicode)
        said = f"{'wrote' if done else 'write'} {plural(fix.rows, 'value')} of {where} as {kind}: {why}"
    elif fix.name == "reindex":
        said = f"{'built' if done else 'build'} the indexes of {shown_name(fix.parent or '', unicode)} anew"
    else:
        link = relationship(fix.table, fix.columns, fix.parent, fix.parent_columns, unicode)
        said = f"{fix.name} {plural(fix.rows, 'row')} of {link}" if fix.rows else f"{fix.name} for {link}"
    follows_by = _decided(fix.follows_by, fix.on_delete)
    if not fix.checks and not fix.why:
        return f"{said}; follows from the above{follows_by}"
    if fix.decided_by == "choice":  # that it is the schema's own way, or the usual one, needs no words
        said += _decided(fix.decided_by)
        follows_by = follows_by if fix.follows_by == "schema" else ""
    lose = "loses" if fix.follows == 1 else "lose"
    return f"{said}; {count(fix.follows)} of them {lose} it by this plan{follows_by}" if fix.follows else said


def _decided(by: str, on_delete: str = "") -> str:
    return {"choice": ", as you chose", "schema": f", as ON DELETE {on_delete} says"}.get(by, "")


def _parent(fix: Fix, unicode: bool) -> str:
    return shown_name(fix.parent or "", unicode)


def _deletion(fix: Fix, done: bool, unicode: bool) -> str:
    rows = plural(fix.rows, "link row" if fix.link_rows else "row")
    columns = ", ".join(shown_name(column, unicode) for column in fix.columns)
    data = "; carries data beyond the link" if fix.carries_data else ""
    if fix.why:
        what = f"{'deleted' if done else 'delete'} {rows} of {shown_name(fix.table, unicode)}"
        return f"{what}: {shown(fix.why, unicode)}{data}"
    return (
        f"{'deleted' if done else 'delete'} {rows} of {shown_name(fix.table, unicode)}:"
        f" no parent in {shown_name(fix.parent or '', unicode)} ({columns}){data}"
    )


def plan_headline(plan: Plan, unicode: bool = True) -> str:
    """What a plan is about to do, or did, before its steps."""
    if plan.fixes:
        stage = "applied" if plan.applied else "planned, rehearsed on a copy" if plan.rehearsed else "planned"
        said = f"{plural(len(plan.fixes), 'fix', 'fixes')} {stage}"
    else:
        said = "nothing can be repaired as it stands" if plan.left else "nothing to repair"
    return f"{shown(plan.database, unicode)}: {said}"


def totals(plan: Plan, unicode: bool = True) -> Iterator[tuple[str, ...]]:
    """A line for each table that a plan touches, its cells as in TOTAL_HEADINGS."""
    for total in plan.totals:
        after = total.before - total.deleted + total.by_triggers
        numbers = map(count, (total.before, after, total.deleted, total.changed))
        yield (shown_name(total.table, unicode), *numbers, f"{total.by_triggers:+,}" if total.by_triggers else "-")


def plan_beyond(plan: Plan) -> str:
    """How many warnings are not listed, since no repair mends them, and what shows them; empty without any."""
    if not plan.unmended:
        return ""
    them = "it is" if plan.unmended == 1 else "they are"
    seen = f"sqlfix scan {typed_words([typed_path(plan.database)])}"
    return f"{plural(plan.unmended, 'warning')} that no repair mends; {them} shown by: {seen}"


def plan_closing(plan: Plan) -> str:
    """What a plan does and leaves, in numbers."""
    deleted, changed = sum(total.deleted for total in plan.totals), sum(total.changed for total in plan.totals)
    added = sum(max(total.by_triggers, 0) for total in plan.totals)
    removed = -sum(min(total.by_triggers, 0) for total in plan.totals)
    parts = [plural(len(plan.fixes), "fix", "fixes") if plan.fixes else "nothing planned"]
    for number, what in (
        (deleted, "deleted"),
        (changed, "changed"),
        (added, "added by the file's own triggers"),
        (removed, "removed by the file's own triggers"),
    ):
        if number:
            parts.append(f"{plural(number, 'row')} {what}")
    parts.append(f"{plural(len(plan.left), 'finding')} left" if plan.left else "nothing left")
    said = ", ".join(parts)
    return f"{said[0].upper()}{said[1:]}."
