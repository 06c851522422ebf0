"""The fixes that a repair knows, put before a person, in the order of preference."""

from __future__ import annotations

from collections.abc import Iterator

from sqlfix.model.values import Applicability
from sqlfix.plan.fix import FIXES
from sqlfix.plan.policy import DECLARED
from sqlfix.prose.documents import Fixes
from sqlfix.prose.format import View
from sqlfix.prose.page import Page

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
        cells = [HEADINGS, *((name, promise_of(name), loss_of(name), summary_of(name)) for name in fixes.names)]
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


def summary_of(name: str) -> str:
    """What the fix does: the first sentence of its page, without marks."""
    return " ".join(FIXES[name].doc.strip().split("\n\n")[0].split()).replace("`", "")
