"""What only the text of a CREATE INDEX statement says: its terms and its condition; read without the SQL parser.

The scan of a sound database must not load that; and of this statement no more has to be understood than where its
parentheses and commas are.
"""

from __future__ import annotations

import re

_PIECE = re.compile(
    r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\]|--[^\n]*|/\*.*?(?:\*/|\Z)|[(),]|.""", re.DOTALL
)
_ORDER = re.compile(r"\s+(?:ASC|DESC)\s*\Z", re.IGNORECASE)
_WHERE = re.compile(r"\s*WHERE\b(.*)\Z", re.IGNORECASE | re.DOTALL)


def index_text(sql: str) -> tuple[tuple[str, ...], str]:
    """The terms of a CREATE INDEX statement, each with its COLLATE, and the condition of a partial index or "".

    Raises:
        ValueError: the text is none of such a statement.
    """
    terms: list[str] = []
    term, rest, depth = "", "", 0
    for piece in _PIECE.findall(sql):
        text = " " if piece.startswith(("--", "/*")) else piece
        if depth == 0 and terms:
            rest += text
            continue
        depth += (text == "(") - (text == ")")
        if (depth == 0 and text == ")") or (depth == 1 and text == ","):
            terms.append(_ORDER.sub("", term.strip()))
            term = ""
        elif depth and (depth > 1 or text != "("):
            term += text
    condition = _WHERE.match(rest)
    if depth or not all(terms) or not terms or (rest.strip(" \t\r\n\f;") and not condition):
        raise ValueError("the text of the index cannot be read")
    return tuple(terms), condition[1].strip().rstrip(";") if condition else ""


def split_arguments(text: str) -> list[str]:
    """The arguments in the outermost parentheses of a CREATE VIRTUAL TABLE statement, without comments."""
    try:
        terms, _ = index_text(text)
    except ValueError:
        return []
    return list(terms)
