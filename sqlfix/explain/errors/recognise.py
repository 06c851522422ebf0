"""Which error message a pasted text holds: SQLite's own, alone or as a framework words or wraps it. Pure.

Of several messages the last one counts: a traceback ends with what went wrong. What a message names is taken as it
stands there; which table and which columns of a file that is, is for the schema to say.
"""

import html
import pkgutil
import re
from dataclasses import replace
from functools import cache

from sqlfix.errors import Refused
from sqlfix.explain.errors.dialect import LONGEST_MESSAGE, Said, last_of, one_line
from sqlfix.explain.errors.frameworks import DIALECTS
from sqlfix.explain.errors.message import Kind, Recognised
from sqlfix.explain.errors.names import plain_text
from sqlfix.explain.errors.printed_values import Printed, listed
from sqlfix.explain.errors.sqlite_messages import CODES, MESSAGES
from sqlfix.explain.errors.statement import find_selected, find_statements

UNDERSTOOD = (
    "FOREIGN KEY constraint failed",
    "UNIQUE constraint failed: t.a, t.b",
    "NOT NULL constraint failed: t.a",
    "CHECK constraint failed: name",
    "The row in table 't' with primary key '7' has an invalid foreign key: …",
    "no such table: main.t__old",
    "table t already exists",
    'foreign key mismatch - "c" referencing "p"',
    "datatype mismatch",
    "cannot store TEXT value in INTEGER column t.a",
    "malformed database schema (x)",
)
"""Some of the messages, for a hint; they are recognised inside the texts of the frameworks as well."""


def recognised_in(text: str) -> Recognised:
    """The error message of SQLite's that a text holds.

    Raises:
        Refused: where it holds none that is known.
    """
    if recognised := recognise(text):
        return recognised
    raise Refused(
        "that text contains no SQLite error message that sqlfix recognizes",
        "paste the whole message or traceback. sqlfix understands these, also in the words of frameworks:"
        f" {'; '.join(UNDERSTOOD)}",
    )


def recognise(text: str) -> Recognised | None:
    """The error message that a text holds, or None.

    Args:
        text: a message, a traceback or a log, of any size.

    Where the text holds several messages, the last one counts; an error code counts only where there is no message.
    """
    text = plain(text)
    found = _last_message(text) or _of_a_statement(text)
    if found is None or found[1].message == _OF_ANY:
        found = _by_code(text) or found or _raised(text)
    if found is None:
        return None
    at, recognised = found
    at_commit = _AT_COMMIT.match(text, at) is not None  # of which statement it comes is not known then
    found_there = () if at_commit else find_statements(text, at, parameters)
    called = (called for dialect in DIALECTS if (called := dialect.called(text, at)))
    statement = None if at_commit else found_there[0] if found_there else next(called, None)
    selected = find_selected(text, at) if statement is None and not at_commit else ()
    framework = next((one.name for one in DIALECTS if any(mark in text for mark in one.marks)), None)
    recognised = replace(
        recognised, framework=framework, statement=statement, others=found_there[1:], selected=selected
    )
    if recognised.kind is Kind.UNIQUE and not recognised.subject and statement and statement.verb in ("DELETE", "DROP"):
        recognised = replace(recognised, kind=Kind.FOREIGN_KEY)  # Sequelize calls an ON DELETE RESTRICT so
    models = (model for dialect in DIALECTS if (model := dialect.model(text, at)))
    return replace(recognised, model=next(models, None))


def parameters(text: str, at: int) -> Printed:
    """The parameters that are printed after a statement which begins at a place, or for some frameworks before it."""
    printed = (one.parameters.find(text, at) for one in DIALECTS if one.parameters)
    return next(filter(None, printed), None) or listed(text, at)


def _last_message(text: str) -> tuple[int, Recognised] | None:
    """The message that begins last; of two that begin at one place, the one that stands first in the list says more."""
    last: tuple[Said, re.Match[str]] | None = None
    for said in (*(said for dialect in DIALECTS for said in dialect.messages), *MESSAGES):
        match = last_of(said.pattern, text) if any(mark in text for mark in said.marks) else None
        if match and (last is None or match.start() > last[1].start()):
            last = said, match
    return (last[1].start(), last[0].read(last[1])) if last else None


_OF_ANY = "constraint failed"
"""What a driver says where it does not ask SQLite for the message: only the code tells which constraint."""


def _by_code(text: str) -> tuple[int, Recognised] | None:
    """What a code stands for; a number is one only where it is called so, or is all of the text."""
    codes = {**CODES, **{code: kind for dialect in DIALECTS for code, kind in dialect.codes.items()}}
    numbers = "|".join(filter(str.isdecimal, codes))
    words = "|".join(code for code in codes if not code.isdecimal())
    last = last_of(
        rf"\b(?P<word>{words})\b"
        rf"|\b(?i:code|errno|errcode|error|sqlite|sqlite_errorcode)\"?[ :=]{{1,3}}(?P<code>{numbers})\b"
        rf"|\b{_OF_ANY} ?[\[(](?P<beside>{numbers})[\])]"
        rf"|\A\s{{0,100}}(?P<alone>{numbers})\s{{0,100}}\Z",
        text,
    )
    if last is None:
        return None
    code, at = last["word"] or last["code"] or last["beside"] or last["alone"], last.start()
    columns = next(filter(None, (dialect.columns(text, at) for dialect in DIALECTS)), ())
    return at, Recognised(codes[code], code, columns=columns)


_AT_COMMIT = re.compile(
    r"FOREIGN KEY constraint failed(?: \(\w{1,20}\))?[^\n]{0,40}?(?:: ?|`)(?:COMMIT|END TRANSACTION)\b", re.IGNORECASE
)
_RAISED = (
    r"(?m)(?:IntegrityError|OperationalError|ConstraintException|SqliteError|SQLITE_CONSTRAINT(?:_TRIGGER)?)"
    r"[])]?[:,]? +(?P<subject>[^\n]{1,500})|SQLite Error 19: '(?P<net>[^\n]{1,500}?)'\.?$"
)


def _raised(text: str) -> tuple[int, Recognised] | None:
    last = last_of(_RAISED, text)
    if last is None:
        return None
    said = plain_text(last["subject"] or last["net"])
    return last.start(), Recognised(Kind.RAISED, one_line(said), subject=said)


# -- messages about a statement that SQLite does not run as it is written: known as its own, and not explained ------
# They are in `not_explained.txt`, a line each, where an asterisk stands for a name or a number.

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


def _of_a_statement(text: str) -> tuple[int, Recognised] | None:
    """Where in a text the last such message begins, and the message; None where it holds none."""
    last: re.Match[str] | None = None
    for message in not_explained():
        mark = max(message.split("*"), key=len)  # a text without its longest piece need not be searched
        for match in re.finditer(_pattern(message), text) if mark in text else ():
            # of two that end at one place, the one that begins first says more
            if last is None or (match.end(), -match.start()) > (last.end(), -last.start()):
                last = match
    if last is None:
        return None
    at = last.start()
    line = text[max(text.rfind("\n", 0, at) + 1, at - LONGEST_MESSAGE) : at] + text[at : at + 500].partition("\n")[0]
    return at, Recognised(Kind.STATEMENT, one_line(last[0]), subject=line)


# -- a pasted text without what its way put on it: colours, tags, escapes, the names of containers --------------------

MOST_TEXT = 1_000_000
"""Of a longer text only so many of its last characters are read."""

_COLOURS = re.compile(r"\x1b\[[0-9;]{0,20}[A-Za-z]")
_CONTAINER = re.compile(r"(?m)^[\w.-]{1,60} {1,20}\| ")  # docker compose
_BOX = re.compile(r"(?m)^ {2}SQLSTATE\[[^\n]*(?:\n {2}[^\n]*\S[^\n]*)+")
_TAG = re.compile(r"</?[A-Za-z][A-Za-z0-9]{0,15}(?:\s[^<>]{0,500})?/?>")
_END_TAG = re.compile(r"</[A-Za-z][A-Za-z0-9]{0,15}>")
_JSON = re.compile(r"\"\s{0,9}:\s{0,9}\"")
_ESCAPE = re.compile(r"(?<!\\)((?:\\\\){0,50})\\(?:(?P<blank>[nrt])|u00(?P<sign>[2-7][0-9A-Fa-f]))")


def plain(text: str) -> str:
    """The end of a text as its author wrote it, without the carriage returns of Windows and what is no text.

    A web page is told by an end tag, and JSON by two texts with a colon between them: only there is an escape one, and
    a ``<`` no sign of SQL's.
    """
    whole = text[-MOST_TEXT:].encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    whole = _CONTAINER.sub("", _COLOURS.sub("", whole).replace("\r\n", "\n"))
    whole = _BOX.sub(lambda box: _as_one_line(box[0]), whole)
    if _JSON.search(whole):
        whole = _ESCAPE.sub(lambda m: m[1] + ("\n" if m["blank"] else chr(int(m["sign"], 16))), whole)
    if _END_TAG.search(whole):
        whole = html.unescape(_TAG.sub("\n", whole))
    return whole


_IN_VALUES = re.compile(r"(?i)\(SQL: .*? (?:values|set|select|where)\b|, SQL: .*? (?:values|set|select|where)\b")


def _as_one_line(box: str) -> str:
    """A message that Symfony's console has cut at its width, within words as well; a shorter line ends where it ends.

    Each line had two blanks at its end. Where these were lost, others may have been: what follows a cut among the
    values of a statement is left out then.
    """
    lines = [line[2:] for line in box.split("\n")]
    padded = lines[0].endswith("  ")
    lines = [line[:-2] for line in lines] if padded else lines
    width, whole = max(map(len, lines)), "  "
    for line, cut in zip(lines, (*lines[1:], None), strict=True):
        whole += line if cut is None else f"{line}\n" if len(line) < width - 2 else line.ljust(width)
        if len(line) < width - 2:
            continue
        if cut is not None and not padded and _IN_VALUES.search(whole):
            break
    return whole
