"""Edits of a text at places of its tokens: what is put in or taken out, and the blanks and commas around it.

All else of the text stays to the letter, every comment too.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable

from sqlfix.frozen import frozen
from sqlfix.sql.table_text import ClauseText, ColumnText, TableText
from sqlfix.sql.tokens import SPACE, DdlError, Span, Token, plain, tokens


@frozen
class Splice:
    """One edit: ``text`` in the place of what stands at ``span``, which is empty for what is put in."""

    span: Span
    text: str = ""


def spliced(sql: str, edits: Iterable[Splice]) -> str:
    """The text with these edits, which do not overlap; a blank is added where two words would become one."""
    for edit in sorted(edits, key=lambda edit: edit.span, reverse=True):
        before, after, text = sql[: edit.span[0]], sql[edit.span[1] :], edit.text
        middle = f"{_blank(before, text)}{text}{_blank(text, after)}" if text else _blank(before, after)
        sql = f"{before}{middle}{after}"
    return sql


def _blank(left: str, right: str) -> str:
    """The blank that two neighbours need between them."""
    return "" if not left or not right or left[-1] in f"{SPACE}(," or right[0] in f"{SPACE}(),;" else " "


def removal(sql: str, span: Span) -> Splice:
    """Take out some tokens, and the white space before them unless a comment stands in it."""
    end = _before(tokens(sql), span[0]).end
    return Splice((span[0] if sql[end : span[0]].strip(SPACE) else end, span[1]))


def clause_removal(sql: str, table: TableText, clause: ClauseText) -> list[Splice]:
    """Take out a constraint; of a table, with the comma that it does not leave behind."""
    edits = [removal(sql, clause.span)]
    cut = tokens(sql)
    before, after = _before(cut, clause.span[0]), _after(cut, clause.span[1])
    # without a comma behind it, the one before it is that of the next constraint: SQLite asks for none between two
    if clause in table.clauses and before.word == "," and after.word in (",", ")"):
        edits.append(removal(sql, (before.start, before.end)))
    return edits


def clause_at_end(sql: str, table: TableText, clause: str) -> list[Splice]:
    """Put in a constraint of the table behind all that is there, on a line of its own where the others have one."""
    last = _before(tokens(sql), table.end)
    first = (table.clauses[-1] if table.clauses else table.columns[-1]).span[0]
    line = sql.rfind("\n", 0, first) + 1
    indent = sql[line:first]
    newline = "\r\n" if line > 1 and sql[line - 2] == "\r" else "\n"
    alone = f"{newline}{indent}" if line and not indent.strip(SPACE) else ""
    gap = sql[last.end : table.end]
    if not gap.strip(SPACE):
        return [Splice((last.end, last.end), f",{alone or ' '}{clause}")]
    # a comment about the last definition stays with it
    at = last.end + len(gap.rstrip(SPACE))
    return [Splice((last.end, last.end), ","), Splice((at, at), f"{alone or newline}{clause}")]


def clause_in_column(column: ColumnText, clause: str, *, early: bool = False) -> Splice:
    """Put in a constraint of a column, behind its others; ``early``: behind its type, and NOT NULL and the keys."""
    at = column.span[1]
    if early:
        at = column.type_span[1]
        for other in column.clauses:
            if other.kind not in ("not null", "null", "primary key"):
                break
            at = other.span[1]
    return Splice((at, at), clause)


def require_expression(text: str) -> str:
    """An expression as it can stand in parentheses: without comments, and closing none that it has not opened.

    Raises:
        DdlError: it is none.
    """
    depth, cut = 0, tokens(text)
    for token in cut:
        depth += (token.word == "(") - (token.word == ")")
        if depth < 0 or token.word == ";" or (token.word == "," and not depth):
            raise DdlError("this is not one expression")
    if depth or not cut or "\0" in text:
        raise DdlError("this is not one expression")
    return plain(text, cut)


def _before(cut: list[Token], at: int) -> Token:
    return cut[bisect_right(cut, at, key=lambda token: token.end) - 1]


def _after(cut: list[Token], at: int) -> Token:
    return cut[bisect_left(cut, at, key=lambda token: token.start)]
