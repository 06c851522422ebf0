"""# check-violations

**What it finds.** Rows for which a CHECK constraint of their table is false, one finding per constraint, with its name
and its text. A constraint that gives NULL for a row counts as met, as it does in SQLite.

**Why it matters.** Every later change to such a row fails with `CHECK constraint failed`, even a change to another
column, and so does a migration that copies the table. Such rows come from an import with `PRAGMA
ignore_check_constraints`, from a constraint that was added to the schema later, or from a function that meant something
else when the row was written.

**Example.** `item` has `CONSTRAINT price_positive CHECK (price > 0)`, and row 7 has the price -1.

**How it is repaired and what that loses.** It is reported: only you can say which value is right. If a constraint
mentions one column, `--set item.price=value:VALUE` writes a value into all rows that break it. A constraint that needs
a function that only the application has is listed as not checked.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise

from sqlfix.model.findings import Finding
from sqlfix.model.schema import Schema, Table
from sqlfix.model.values import ROWID_NAMES, Severity, folded
from sqlfix.scan.check import CHECKS, Check, Condition
from sqlfix.scan.table_reader import TableReader
from sqlfix.sql.create_table import read_create_table
from sqlfix.sql.literals import literal, quote
from sqlfix.sql.table_text import CheckText
from sqlfix.sql.tokens import EXPRESSION_WORDS, DdlError, Token, expression, tokens
from sqlfix.text import plural, words_of

QUICK = words_of(
    "abs coalesce date datetime ifnull iif json_valid julianday length lower max min nullif round sign substr substring"
    " time trim typeof unicode upper"
)
"""Functions that take no longer than reading what they are given: a CHECK with no others is asked with the rest."""
ALLOCATING = words_of("json_valid lower max min nullif typeof upper")
"""Those of them for which SQLite allocates memory at each row; typeof where its result is put where a text was."""
NAMES_TOO = frozenset(("cast", "end", "false", "glob", "like", "match", "regexp", "true"))
"""Words that name a column where an operand is to come, if there is such a column."""
BEFORE_OPERANDS = words_of(
    "( , = == <> != < <= > >= + - * / % || & | << >> ~ -> ->> and or not is like glob regexp match between escape"
    " case when then else distinct from"
)
FORBIDDEN = frozenset(("select", "values", "?", ":", "@", "$", "#"))
SLOW_WORDS = frozenset(("like", "glob", "regexp", "match", "->", "->>"))
"""A pattern can be made to take as long as one likes, and JSON that is none ends the statement."""
MOST_OF_PATTERN = 40
"""Characters of a text that is written out, up to which LIKE and GLOB take no longer by it than a few functions."""
AFTER_PATTERN = frozenset(("", ")", ",", "and", "or", "escape", "then", "else", "when", "end"))
"""What may follow such a text: nothing that makes it a part of another one."""
LONGEST_TOGETHER = 2000


def conditions(schema: Schema, table: Table) -> Iterator[Condition]:
    """A condition for each CHECK, also for one that is yet to be added: that it is false."""
    try:
        checks = [(check.name, check.text) for check in checks_of(table.sql)]
    except sqlite3.DatabaseError:  # `inspect` says so
        checks = []
    for name, text in dict.fromkeys((*checks, *table.wanted_checks)):
        holds, columns, slow = condition_of(table, text)
        facts, allocates = {"constraint": name, "text": text}, not ALLOCATING.isdisjoint(_called(_tokens(text)))
        yield Condition(columns, f"NOT ({holds}\n)", facts, untrusted=slow, allocates=allocates)


def inspect(reader: TableReader) -> Iterator[Finding]:
    """Nothing, but for a declaration that cannot be read.

    Raises:
        sqlite3.DatabaseError: which makes it a thing that was not checked.
    """
    checks_of(reader.table.sql)
    yield from ()


def checks_of(sql: str) -> tuple[CheckText, ...]:
    """The CHECK constraints of a table; the text is read, and what reads it is loaded, only where it holds the word.

    Raises:
        sqlite3.DatabaseError: it cannot be read, or holds what SQLite forbids there. Of a file that is opened to read
            SQLite does not look at the constraints, and a query in one need not end.
    """
    return _read(sql) if "check" in folded(sql) else ()


@lru_cache(maxsize=512)
def _read(sql: str) -> tuple[CheckText, ...]:
    try:
        checks = read_create_table(sql).checks
        for check in checks:
            words = [token.word for token in _tokens(check.text)]
            if not FORBIDDEN.isdisjoint(words) or any(a == "in" and b != "(" for a, b in pairwise([*words, ""])):
                raise DdlError(
                    "SQLite allows neither a query nor a parameter in a CHECK, and treats the file as malformed"
                )
    except DdlError as error:
        raise sqlite3.DatabaseError(f"the declaration cannot be read: {error}") from error
    return checks


@lru_cache(maxsize=512)
def _tokens(text: str) -> Sequence[Token]:
    """The tokens of an expression, as they stand in parentheses: there no word begins another statement (SHOW)."""
    return tokens(f"({text}\n)")[1:-1]


@lru_cache(maxsize=512)
def condition_of(table: Table, text: str) -> tuple[str, tuple[str, ...], bool]:
    """The expression of a CHECK over the alias ``c``, its columns, and whether it has to be asked apart.

    Names are written with the alias, so that no table that is joined in the same reading can take them; and text in
    double quotes that is no column of the table is written as the string that SQLite takes it for.
    """
    cut = _tokens(text)
    parts: list[str] = []
    columns: dict[str, None] = {}
    end = at = 0
    operand = True  # is one to come?
    while at < len(cut):
        token = cut[at]
        parts.append(text[end : token.start - 1])
        dotted = False
        while token.name is not None and _word(cut, at + 1) == "." and at + 2 < len(cut):
            at += 2  # what stands before the point names this very table
            token, dotted = cut[at], True
        a_name = dotted or token.word not in EXPRESSION_WORDS or (operand and token.word in NAMES_TOO)
        name = _column(table, token, _word(cut, at - 1), _word(cut, at + 1), dotted) if a_name else None
        operand = name is None and (operand if token.word == "not" else token.word in BEFORE_OPERANDS)
        if name is not None:
            columns.update(dict.fromkeys([name] if table.column(name) else ()))
            parts.append(f"c.{quote(name)}")
        elif token.text[0] == '"' and _word(cut, at + 1) != "(" and _word(cut, at - 1) not in ("collate", "as"):
            parts.append(literal(token.name))
        else:
            parts.append(token.text)
        end = token.end - 1
        at += 1
    named = tuple(column.name for column in table.columns if column.name in columns)
    generated = any(column.generated for column in table.columns if column.name in columns)
    slow = generated or len(text) > LONGEST_TOGETHER or not QUICK.issuperset(_called(cut))
    slow = slow or any(_is_slow(cut, place) for place in range(len(cut)))
    return "".join(parts), named, slow


def _column(table: Table, token: Token, before: str, after: str, dotted: bool) -> str | None:
    """The column, or the rowid, that a token names."""
    if token.name is None or after == "(" or before in ("collate", "as"):
        return None
    if not dotted and token.text[0] == "'":
        return None
    column = table.column(token.name)
    if column is not None:
        return column.name
    return token.name if dotted or (folded(token.name) in ROWID_NAMES and not table.without_rowid) else None


def _word(cut: Sequence[Token], at: int) -> str:
    return cut[at].word if 0 <= at < len(cut) else ""


def _is_slow(cut: Sequence[Token], at: int) -> bool:
    """True of a word of `SLOW_WORDS`, but for LIKE and GLOB with a short text alone as the pattern."""
    token = cut[at]
    if token.word not in ("like", "glob") or at + 1 == len(cut):
        return not SLOW_WORDS.isdisjoint((token.word, token.text))
    pattern = cut[at + 1].text
    return pattern[0] != "'" or len(pattern) > MOST_OF_PATTERN or _word(cut, at + 2) not in AFTER_PATTERN


def _called(cut: Sequence[Token]) -> set[str]:
    """The functions that an expression calls."""
    pairs = ((token, _word(cut, at + 1)) for at, token in enumerate(cut) if token.name is not None)
    return {folded(token.name or "") for token, after in pairs if after == "(" and token.word not in EXPRESSION_WORDS}


def message(finding: Finding) -> str:
    """How many rows break which constraint."""
    rows = f"{plural(finding.count, 'row')} of {finding.table} {'breaks' if finding.count == 1 else 'break'}"
    name = f" {finding.facts['constraint']}" if finding.facts.get("constraint") is not None else ""
    return f"{rows} the constraint{name} CHECK ({' '.join(expression(str(finding.facts.get('text'))).split())})"


def hint(finding: Finding) -> str | None:
    """What becomes of such a row."""
    return "every change to such a row, and every copy of it to another table, fails until the value is corrected"


CHECKS.add("check-violations", Check(Severity.ERROR, __doc__, message, hint, conditions=conditions, inspect=inspect))
