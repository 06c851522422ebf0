"""The checks of a scan, put before a person."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sqlfix.prose.documents import Checks
from sqlfix.prose.format import View
from sqlfix.prose.page import Page
from sqlfix.scan.check import CHECKS


def checks(checks: Checks, view: View) -> Iterator[str]:
    """A line for each check where there is room for it, or the page of one, broken anew for the screen."""
    page, width = Page(view), max(map(len, checks.names))
    for name in checks.names:
        if not checks.page:
            first = f"{name:<{width}}  {severity_of(name):<7}  "
            page.say(page.shown(summary_of(name)), first, " " * len(first))
            continue
        for paragraph in CHECKS[name].doc.strip().split("\n\n"):
            page.say(page.shown(" ".join(paragraph.split())))
            page.line()
        page.line(f"Severity: {severity_of(name)}.")
    yield from page.lines


def severity_of(name: str) -> str:
    """The severity of a check as it is written."""
    return CHECKS[name].severity.name.lower()


def summary_of(name: str) -> str:
    """What the check finds: the first sentence of its page, without marks."""
    match = re.search(r"\*\*What it finds\.\*\*\s+(.*?)(?:\n\n|\Z)", CHECKS[name].doc, re.DOTALL)
    text = re.sub(r"[`*]", "", " ".join(match[1].split())) if match else ""
    return re.split(r"(?<=[\w)\"])(?:\. |: |\.$|; )", text, maxsplit=1)[0] + "."
