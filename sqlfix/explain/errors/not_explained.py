"""SQLite's messages about a statement that it does not run as it is written: known as its own, and not explained.

They are in `not_explained.txt`, a line each, where an asterisk stands for a name or a number.
"""

from __future__ import annotations

import pkgutil
import re
from functools import cache

_NAME = r"[^\n]{1,200}?"
_ALONE = ("constraint failed",)
"""What is no message of its own after another word."""


def _pattern(text: str) -> str:
    """A regular expression for a message: between its words, a name; at its end, what an identifier or quotes hold."""
    body = text.removesuffix("*")
    found = _NAME.join(re.escape(part) for part in body.split("*"))
    found = found + (r"[^\s,;)]{1,200}" if body != text else "")
    if text in _ALONE:
        return rf"(?<![\w-])(?<!\w ){found}"
    return rf"(?<![\w-]){found}" if text[:1] != "*" else rf"(?:(?<=[\s:(\"'])|\A)\S{{1,200}}{found.removeprefix(_NAME)}"


@cache
def not_explained() -> tuple[str, ...]:
    """The messages."""
    lines = (pkgutil.get_data("sqlfix.explain.errors", "not_explained.txt") or b"").decode().splitlines()
    return tuple(line for line in lines if line and not line.startswith("#"))


def of_a_statement(text: str) -> tuple[int, str] | None:
    """Where in a text the last such message begins, and the message; None where it holds none."""
    last: re.Match[str] | None = None
    for message in not_explained():
        mark = max(message.split("*"), key=len)  # a text without its longest piece need not be searched
        for match in re.finditer(_pattern(message), text) if mark in text else ():
            # of two that end at one place, the one that begins first says more
            if last is None or (match.end(), -match.start()) > (last.end(), -last.start()):
                last = match
    return (last.start(), last[0]) if last else None
