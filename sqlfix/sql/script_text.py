"""Statements as a script carries them, and what stands around them: one transaction, and all of it or nothing.

A script meets hosts that go on after an error (the sqlite3 shell without ``-bail``), so it must not count on one that
stops: what was begun may have been rolled back, and the statements that follow would then run one by one.

The shell reads lines, and reads some of them as SQLite does not. It takes the CR from each CR LF, in the middle of a
text as well, and for the end of a statement a line that holds nothing but ``/`` or ``go``. And a comment that ends a
statement would hide the semicolon behind it.
"""

import re
from collections.abc import Container, Iterable, Iterator, Sequence

from sqlfix.model.values import folded
from sqlfix.sql.literals import literal, quote
from sqlfix.sql.tokens import Token, known_tokens
from sqlfix.text import shown, words_of

_READ_OTHERWISE = re.compile(r"\r\n|^[ \t\v\f\r]*(?:/|go)(?:[ \t\v\f\r]|--|/\*|$)", re.IGNORECASE | re.MULTILINE)
_UNUSUAL = re.compile(rf"--|/\*|{_READ_OTHERWISE.pattern}", re.IGNORECASE | re.MULTILINE)
_LINE_END = re.compile(r"\r+\n")
_WRITES_CATALOGUE = "PRAGMA writable_schema = ON"


def comment(text: str) -> str:
    """A comment of one line: a name that holds a line break cannot end it and go on as SQL."""
    return f"-- {shown(text)}"


def carried(statement: str, inside: str = "") -> Iterator[str]:
    """A statement with its semicolon, so that the shell does what SQLite does when it is given the statement itself.

    What makes an object of the file is followed by statements that give it the very text, where the shell would read
    another one. In a statement of any other kind, a string is written as an expression then. There is no other way to
    write a name, so one that holds CR LF stays as it is.

    Args:
        inside: what can be asked, and is true, as long as the transaction was not taken back.
    """
    cut = known_tokens(statement) if _UNUSUAL.search(statement) else []
    if not _needs_care(statement, cut):
        yield f"{statement};"
        return
    made = re.match(r"CREATE (?:UNIQUE )?(TABLE|INDEX|VIEW|TRIGGER) ", statement)
    kind = made[1].lower() if made else ""
    yield f"{_on_plain_lines(cut, as_expressions=kind in ('', 'index'))};"
    if kind:
        name = cut[3 if cut[1].word == "unique" else 2].name or ""
        yield from _given_text(kind, name, literal(statement), inside)


def _needs_care(text: str, cut: list[Token]) -> bool:
    """True if a text, of these tokens, would be read as another one, or hide the semicolon behind it."""
    rest = text[cut[-1].end :] if cut else ""
    return bool(cut) and ("--" in rest or "/*" in rest or _READ_OTHERWISE.search(text) is not None)


def _given_text(kind: str, name: str, text: str, inside: str) -> Iterator[str]:
    """Give an object a text; ``text`` is SQL over the one that it has."""
    where = f"type = '{kind}' AND name = {literal(name)}{f' AND {inside}' if inside else ''}"
    yield f"{_WRITES_CATALOGUE};"
    yield f"UPDATE main.sqlite_master SET sql = {text} WHERE {where};"
    yield "PRAGMA writable_schema = RESET;"


def carried_column(table: str, definition: str, inside: str) -> Iterator[str]:
    """Add a column to a table by its definition, which then stands in the text of the table to the letter.

    Args:
        inside: what can be asked, and is true, as long as the transaction was not taken back.
    """
    cut = known_tokens(definition)
    plain = _on_plain_lines(cut, as_expressions=False) if _needs_care(definition, cut) else definition
    yield f"ALTER TABLE {quote(table)} ADD COLUMN {plain};"
    if plain != definition:
        sql = f"replace(sql, {literal(plain)}, {literal(definition)})"
        yield from _given_text("table", table, sql, inside)


def _on_plain_lines(cut: list[Token], as_expressions: bool) -> str:
    """The same text with a blank for whatever stands between two tokens.

    Args:
        as_expressions: a string that the shell would read otherwise may be any expression; else it loses what it loses.
    """
    parts, end = [], 0
    for token in cut:
        text = token.text
        if text[0] == "'" and _LINE_END.search(text):
            text = literal(token.name) if as_expressions else _LINE_END.sub("\n", text)
        parts.append(f"{' ' if token.start > end else ''}{text}")
        end = token.end
    return "".join(parts)


def how_to_run(lines: Container[str]) -> str:
    """The command that runs a script of some lines in the sqlite3 shell, which by now lets none write the catalogue.

    https://www.sqlite.org/c3ref/c_dbconfig_defensive.html
    """
    told = '-cmd ".dbconfig defensive off" ' if f"{_WRITES_CATALOGUE};" in lines else ""
    return f"sqlite3 -bail {told}FILE < THIS_SCRIPT"


# -- what stands around the statements ----------------------------------------------------------------------------

OTHER_ROWS = "not the rows that were planned: nothing was changed"
"""The name of the constraint that fails where a step met other rows than it was to meet."""

ENFORCED_RULE = 'CONSTRAINT "foreign keys are enforced: nothing was changed" CHECK (enforced = 0)'
"""With foreign keys enforced, deletes take other rows along."""


EPONYMOUS = words_of(
    "bytecode completion dbstat fsdir generate_series json_each json_tree jsonb_each jsonb_tree lsdir sqlite_dbdata"
    " sqlite_dbpage sqlite_dbptr sqlite_stmt tables_used zipfile carray csv"
)
"""Names by which SQLite knows a table without its being made, as it does `pragma_x`: it refuses to drop that one."""


def distinct(tables: Iterable[str]) -> list[str]:
    """The tables, each once."""
    return list({folded(name): name for name in tables}.values())


def opening(tables: Sequence[str]) -> Iterator[str]:
    """The lines that begin the transaction, for a script that changes some tables.

    It is begun without taking the lock: if the lock cannot be had, the first statement fails inside it, and the check
    at the end takes everything back. A BEGIN that itself failed would leave the statements after it to run one by one.
    A temporary view of a table's name comes before the table, and nothing can be written through it. The views go
    inside the transaction, so whatever takes that back brings them back as well.
    """
    yield "PRAGMA foreign_keys = OFF;"
    yield "-- If anything rolls the transaction back, these views keep the statements after it from writing to a table."
    for name in tables:
        yield f"CREATE TEMP VIEW IF NOT EXISTS {quote(name)} AS SELECT * FROM main.{quote(name)};"
    yield "BEGIN;"
    for name in tables:
        yield f"DROP VIEW temp.{quote(name)};"


def closing(tables: Sequence[str]) -> Iterator[str]:
    """The lines that end the transaction, and leave nothing of the script in the connection."""
    yield "COMMIT;"
    for name in tables:
        if folded(name).startswith("pragma_") or folded(name) in EPONYMOUS:
            yield f"CREATE TEMP VIEW IF NOT EXISTS {quote(name)} AS SELECT 1;"
        yield f"DROP VIEW IF EXISTS temp.{quote(name)};"
