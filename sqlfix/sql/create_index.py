"""What only the text of a CREATE INDEX statement says: its terms and its condition."""

from __future__ import annotations

from collections.abc import Sequence

from sqlfix.sql.tokens import DdlError, Token, plain, split, tokens


def index_text(sql: str) -> tuple[tuple[str, ...], str]:
    """The terms of a CREATE INDEX statement, each with its COLLATE, and the condition of a partial index or "".

    Neither has comments in it, nor ASC and DESC, so that they can stand in any other SQL.

    Raises:
        DdlError: the text is none of such a statement.
    """
    cut = tokens(sql)
    if cut and cut[-1].word == ";":
        cut.pop()
    terms, end = in_parentheses(cut)
    rest = cut[end:]
    if not all(terms) or (rest and (rest[0].word != "where" or len(rest) == 1)):
        raise DdlError("the text of the index cannot be read")
    texts = tuple(plain(sql, term[:-1] if term[1:] and term[-1].word in ("asc", "desc") else term) for term in terms)
    return texts, plain(sql, rest[1:])


def in_parentheses(cut: Sequence[Token]) -> tuple[list[list[Token]], int]:
    """The tokens in the first pair of parentheses, cut at its commas, and the number of the token that follows it.

    Raises:
        DdlError: there is no such pair.
    """
    depth = begin = 0
    for number, token in enumerate(cut):
        begin = number + 1 if depth == 0 else begin
        depth += (token.word == "(") - (token.word == ")")
        if depth == 0 and token.word == ")":
            return split(cut[begin:number], ","), number + 1
    raise DdlError("there is nothing in parentheses")
