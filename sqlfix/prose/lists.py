"""The fixes that a repair knows, the checks of a scan, and the records of repairs, put before a person."""

import re
from collections.abc import Iterator

from sqlfix.model.values import Applicability
from sqlfix.plan.fix import FIXES
from sqlfix.plan.policy import DECLARED
from sqlfix.prose.format import Checks, Fixes, History, View
from sqlfix.prose.page import Page
from sqlfix.scan.check import CHECKS
from sqlfix.text import plural, shown

HEADINGS = ("fix", "promise", "loses", "what it does")


def fixes(fixes: Fixes, view: View) -> Iterator[str]:
    """A line for each fix, the one that is preferred first; or the page of one."""
    page = Page(view)
    if fixes.page:
        (name,) = fixes.names
        page.line(f"# {name}")
        page.line()
        for paragraph in FIXES[name].doc.strip().split("\n\n"):
            page.say(page.shown(" ".join(paragraph.split())))
            page.line()
        page.say(f"It repairs: {', '.join(sorted(FIXES[name].checks))}.")
        page.line(f"Promise: {promise_of(name)}. It loses: {loss_of(name)}.")
    else:
        cells = [HEADINGS, *((name, promise_of(name), loss_of(name), summary_of_fix(name)) for name in fixes.names)]
        widths = [max(len(line[place]) for line in cells) for place in range(3)]
        for *words, summary in cells:
            first = "  ".join(f"{word:<{width}}" for word, width in zip(words, widths, strict=True)) + "  "
            page.say(page.shown(summary), first, " " * len(first))
    yield from page.lines


def promises_of(name: str) -> tuple[Applicability, ...]:
    """What a fix can promise: one that ON DELETE can ask for finishes what the schema says, where it says so."""
    promise = FIXES[name].applicability
    return (Applicability.DECLARED, promise) if name in DECLARED.values() else (promise,)


def promise_of(name: str) -> str:
    """The promise of a fix as it is written."""
    return " or ".join(promise.name.lower() for promise in promises_of(name))


def loss_of(name: str) -> str:
    """What a fix loses as it is written."""
    return FIXES[name].loss.name.lower()


def summary_of_fix(name: str) -> str:
    """What the fix does: the first sentence of its page, without marks."""
    return " ".join(FIXES[name].doc.strip().split("\n\n")[0].split()).replace("`", "")


def checks(checks: Checks, view: View) -> Iterator[str]:
    """A line for each check where there is room for it, or the page of one, broken anew for the screen."""
    page, width = Page(view), max(map(len, checks.names))
    for name in checks.names:
        if not checks.page:
            first = f"{name:<{width}}  {CHECKS[name].severity.name.lower():<7}  "
            page.say(page.shown(summary_of_check(name)), first, " " * len(first))
            continue
        for paragraph in CHECKS[name].doc.strip().split("\n\n"):
            page.say(page.shown(" ".join(paragraph.split())))
            page.line()
        page.line(f"Severity: {CHECKS[name].severity.name.lower()}.")
    yield from page.lines


def summary_of_check(name: str) -> str:
    """What the check finds: the first sentence of its page, without marks."""
    match = re.search(r"\*\*What it finds\.\*\*\s+(.*?)(?:\n\n|\Z)", CHECKS[name].doc, re.DOTALL)
    text = re.sub(r"[`*]", "", " ".join(match[1].split())) if match else ""
    return re.split(r"(?<=[\w)\"])(?:\. |: |\.$|; )", text, maxsplit=1)[0] + "."


def history(history: History, view: View) -> Iterator[str]:
    """Two or three lines for each record, and one for each file that is none."""
    name, total = shown(history.database, view.unicode), len(history.records)
    if not history.records and not history.unreadable:
        yield f"{name}: no records\n"
        return
    yield f"{name}: {plural(total, 'record')}\n\n"
    for record in history.records:
        state = "" if record.state == "applied" else " (cut off: it may not have been committed)"
        undoes = f"undo of {shown(record.undoes or '', view.unicode)}"
        what = {"undo": undoes, "schema": "change of the schema"}.get(record.kind, "repair")
        rows = "" if record.about.get("objects") else f", {plural(record.rows, 'row')}"
        yield f"{shown(record.name, view.unicode)}  {what}{rows}{state}\n"
        yield f"    {shown(record.path.name, view.unicode)}\n"
        if record.backup:
            gone = "" if record.backup.exists() else " (no longer there)"
            yield f"    backup: {shown(record.backup.name, view.unicode)}{gone}\n"
    for broken in history.unreadable:
        yield f"{shown(broken.name, view.unicode)}  unreadable: {shown(broken.problem, view.unicode)}\n"
