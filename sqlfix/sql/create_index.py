"""The text of a CREATE INDEX statement: one that is made, and what only the text says, its terms and its condition."""

import re
from collections.abc import Callable, Sequence
from itertools import count

from sqlfix.sql.literals import names, quote
from sqlfix.sql.tokens import DdlError, Token, plain, split, tokens


def new_index(
    is_taken: Callable[[str], bool], table: str, columns: Sequence[str], unique: bool = False
) -> tuple[str, str]:
    """The name and the text of an index that is to be made; it is called as Rails would call it.

    Args:
        is_taken: true of a name that something in the schema has.
    """
    name = free_index_name(is_taken, f"index_{table}_on_{'_and_'.join(columns)}")
    kind = "UNIQUE INDEX" if unique else "INDEX"
    return name, f"CREATE {kind} {quote(name)} ON {quote(table)} ({names(columns)})"


def free_index_name(is_taken: Callable[[str], bool], text: str) -> str:
    """A name made of a text, with a number behind it where something has that name."""
    stem = re.sub(r"\W+", "_", text)
    numbered = (stem if number == 1 else f"{stem}_{number}" for number in count(1))
    return next(name for name in numbered if not is_taken(name))


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
