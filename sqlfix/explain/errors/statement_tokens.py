"""The pieces of a statement that stands in a text. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

_MOST_TOKENS = 4_000

_TOKEN = re.compile(
    r"""(?:(?P<name>"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^]]*\])|(?P<text>'(?:[^']|'')*')|(?P<number>-?\d+(?:\.\d+)?(?!\w))"""
    r"""|(?P<hole>%s|%\(\w+\)s|\?\d*|[:@$]\w+)|(?P<word>[^\W\d]\w*)|(?P<sign><=|>=|<>|!=|==|\|\||[(),.=;<>*+/%&|~…-])"""
    r"""|(?P<other>\S))"""
)
_BLANK = re.compile(r"(?:\s|/\*(?:[^*]|\*(?!/)){0,2000}\*/|--[^\n]{0,2000})*")


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a statement, where it begins, and how many holes for parameters stand before it.

    ``kind`` is ``name`` (in quotes), ``text``, ``number``, ``hole``, ``word``, ``sign``, ``other`` or ``end``.
    """

    kind: str
    text: str
    begin: int = 0
    holes: int = 0

    @property
    def word(self) -> str:
        """A keyword or a sign in lower case; empty for anything else."""
        return self.text.lower() if self.kind in ("word", "sign") else ""


END = Token("end", "")
"""What stands behind the last."""


def tokens_of(sql: str, bare: bool = False) -> list[Token]:
    """The pieces of a statement, up to what can be none.

    Args:
        bare: that values stand in it without quotes, so that anything can be a piece of one.
    """
    return list(islice(_tokens(sql, bare), _MOST_TOKENS))


def _tokens(sql: str, bare: bool) -> Iterator[Token]:
    at = holes = 0
    while True:
        blank = _BLANK.match(sql, at)
        match = _TOKEN.match(sql, blank.end() if blank else at)
        if match is None or (match.lastgroup == "other" and not bare):
            return
        kind = match.lastgroup or ""
        yield Token(kind, match[kind], match.start(kind), holes)
        at, holes = match.end(), holes + (kind == "hole")
