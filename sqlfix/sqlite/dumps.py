"""An SQL dump, as ``sqlite3 FILE .dump`` writes it, read into an empty database of our own.

A dump is a stranger's program. Of it only CREATE TABLE and INSERT … VALUES are run, under an authorizer of their own
that lets them read no table, write to no other file and call nothing but what a dump needs to spell its values.
"""

import codecs
import re
import sqlite3
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from sqlfix.errors import Refused
from sqlfix.model.values import NotUtf8
from sqlfix.sql.literals import literal
from sqlfix.sqlite.deadline import limited, stop_if_interrupted
from sqlfix.sqlite.trust import DENY, OK, authorize
from sqlfix.text import plural

CHUNK = 1 << 20
LONGEST = 64 << 20
"""Characters of one statement; a text in which a quote is not closed would be one statement to its end."""
BYTES_A_ROW = 20
"""How many bytes of a dump are taken for a row where the time is limited that it may take: a millisecond a row."""
_FUNCTIONS = frozenset(("replace", "char", "unistr", "hex", "unhex", "zeroblob", "json", "jsonb"))
"""With the first three .dump spells text with control characters; the others only work on what they are given."""
_CLOSERS = {"'": "'", '"': '"', "`": "`", "[": "]", "--": "\n", "/*": "*/"}
_MARK = re.compile(r"['\"`\[;]|--|/\*")
_NOTHING = re.compile(r"(?:\s+|--[^\n]*(?:\n|$)|/\*.*?\*/)*", re.DOTALL)
_NAME = r"(?:\"(?:[^\"]|\"\")*\"|`(?:[^`]|``)*`|\[[^\]]*\]|'(?:[^']|'')*'|[^\s(.;\"'`\[]+)"
_CREATE = re.compile(r"CREATE\s+TABLE\b", re.I)
_INSERT = re.compile(
    rf"(?:INSERT(?:\s+OR\s+\w+)?|REPLACE)\s+INTO\s*(?P<name>{_NAME}(?:\s*\.\s*{_NAME})?)"
    rf"\s*(?:\((?:[^()'\"`\[]|{_NAME})*\))?\s*VALUES\b",
    re.I,
)
_TRIGGER = re.compile(r"CREATE\s+(?:TEMP\s+|TEMPORARY\s+)?TRIGGER\b", re.I)
_TO_OWN_TABLES = re.compile(r"(?:main\s*\.\s*)?[\"'`\[]?sqlite_", re.I)
_HARMLESS = frozenset(
    {"BEGIN", "COMMIT", "END", "PRAGMA", "ANALYZE", "SAVEPOINT", "RELEASE"}
    | {"CREATE INDEX", "CREATE VIEW", "CREATE TRIGGER"}
)
"""Statements of a dump that hold no rows: nothing is said of it that they are not run."""
_UNDECODED = re.compile("'(?:[^']|'')*[\udc80-\udcff](?:[^']|'')*'")


def load_dump(path: Path, database: sqlite3.Connection) -> tuple[str, ...]:
    """Read a dump into an empty database of our own, in one transaction; what is to be known of it, a sentence each.

    Raises:
        Refused: where the text makes no table.
        OSError: where it cannot be read.
    """
    counted: Counter[str] = Counter()
    first, mode = "", [""]
    database.execute("PRAGMA ignore_check_constraints = ON")
    database.set_authorizer(lambda action, one, two, *_: _may(mode[0], action, one or "", two or ""))
    try:
        with limited(path.stat().st_size // BYTES_A_ROW, database), _opened(path) as file:
            _run(database, mode, "transaction", "BEGIN")
            for verb, text in _read(file):
                if verb not in ("CREATE TABLE", "INSERT"):
                    counted[f"- {verb}"] += 1
                    continue
                try:
                    _run(database, mode, verb, text)
                    counted[verb] += 1
                except (sqlite3.Error, sqlite3.Warning, ValueError) as error:
                    if isinstance(error, sqlite3.Error):
                        stop_if_interrupted(error)
                    counted["failed"] += 1
                    first = first or str(error)
            _run(database, mode, "transaction", "COMMIT")
    finally:
        authorize(database)
    if not counted["CREATE TABLE"]:
        raise Refused(f"{path} is an SQL script that creates no table", "is it the dump of a database?")
    return tuple(_notes(counted, first))


def _notes(counted: Counter[str], first: str) -> Iterator[str]:
    """What is said of the statements that failed, with the first error, and of those that were left out."""
    if failed := counted["failed"]:
        yield f"{plural(failed, 'statement')} of the dump could not be run ({first})"
    left_out = {verb: number for key, number in sorted(counted.items()) if (verb := key.removeprefix("- ")) != key}
    rolled_back = left_out.pop("ROLLBACK", 0)
    if listed := ", ".join(f"{number:,} {verb}" for verb, number in left_out.items() if verb not in _HARMLESS):
        yield f"only CREATE TABLE and INSERT … VALUES of a dump are run; left out: {listed}"
    if rolled_back:  # as .dump writes it for a damaged file
        yield "the dump ends with ROLLBACK: it was made from a damaged file, and may not hold all rows"


def _run(database: sqlite3.Connection, mode: list[str], verb: str, text: str) -> None:
    mode[0] = verb
    database.execute(text)


def _may(mode: str, action: int, one: str, two: str) -> int:
    """What the authorizer says: `mode` is the kind of statement that is compiled."""
    creates, own = mode == "CREATE TABLE", one.lower().startswith("sqlite_")
    allowed = {
        sqlite3.SQLITE_TRANSACTION: mode == "transaction",
        sqlite3.SQLITE_FUNCTION: creates or two.lower() in _FUNCTIONS,  # a CHECK or DEFAULT is not run here
        sqlite3.SQLITE_INSERT: own == creates,
        sqlite3.SQLITE_CREATE_TABLE: creates,
        sqlite3.SQLITE_CREATE_INDEX: creates,
        sqlite3.SQLITE_READ: creates,  # what a CHECK names; a SELECT is not allowed there
        sqlite3.SQLITE_UPDATE: own and creates,
        sqlite3.SQLITE_SELECT: mode == "INSERT",  # so are many rows of VALUES compiled
    }
    return OK if allowed.get(action) else DENY


# -- the text -----------------------------------------------------------------------------------------------------


def _opened(path: Path) -> TextIO:
    """A dump as text; bytes that are not UTF-8 come as surrogates."""
    with path.open("rb") as file:
        head = file.read(4)
    utf16 = head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return path.open(encoding="utf-16" if utf16 else "utf-8-sig", errors="surrogateescape", newline="")


def _read(file: TextIO) -> Iterator[tuple[str, str]]:
    """Each statement with what it is: its first word, or ``CREATE TABLE``, ``CREATE INDEX``, and so on."""
    trigger = ""
    for text in statements(file):
        trigger += text if trigger else ""
        text = text[_NOTHING.match(text).end() :]  # type: ignore[union-attr]
        if not trigger and _TRIGGER.match(text):
            trigger = text
        if trigger:
            if sqlite3.complete_statement(trigger) or len(trigger) > CHUNK:
                trigger = ""
                yield "CREATE TRIGGER", ""
            continue
        if text.strip(" \t\r\n;"):
            yield _verb(text), _UNDECODED.sub(_as_bytes, text)


def _verb(text: str) -> str:
    if _CREATE.match(text):
        return "CREATE TABLE"
    if inserted := _INSERT.match(text):
        # rows of SQLite's own tables: sequences, statistics, and in sqlite_schema what .dump writes of virtual tables
        if not _TO_OWN_TABLES.match(inserted["name"]):
            return "INSERT"
        return "CREATE VIRTUAL" if re.search("sqlite_(?:schema|master)", inserted["name"], re.I) else "ANALYZE"
    words: list[str] = [word.upper() for word in re.findall(r"[A-Za-z_]+", text[:60])]
    if words[:1] == ["DELETE"] and "sqlite_sequence" in text[:60].lower():
        return "ANALYZE"
    if words[:1] == ["CREATE"]:
        kind = next((word for word in words[1:] if word in ("INDEX", "VIEW", "VIRTUAL", "TABLE", "TRIGGER")), "…")
        return f"CREATE {'TEMP ' if kind == 'TABLE' else ''}{kind}"
    if words[:1] in (["INSERT"], ["REPLACE"]):
        return "INSERT without VALUES"
    return words[0] if words else "what is no statement"


def _as_bytes(found: re.Match[str]) -> str:
    """A text with bytes that are not UTF-8 as an expression that says so."""
    text: str = found[0][1:-1].replace("''", "'")
    return literal(NotUtf8(text.encode("utf-8", "surrogateescape")))


def statements(file: TextIO) -> Iterator[str]:
    """The statements of a text, each to its semicolon; a part at a time, however long the text is.

    Raises:
        Refused: for a statement that does not end.
    """
    text, begin, at, closer = "", 0, 0, ""
    while True:
        if closer:
            found = text.find(closer, at)
            if found >= 0:
                at, closer = found + len(closer), ""
                continue
        elif mark := _MARK.search(text, at):
            at = mark.end()
            if mark[0] == ";":
                yield text[begin:at]
                begin = at
            else:
                closer = _CLOSERS[mark[0]]
            continue
        more = file.read(CHUNK)
        if not more:
            yield text[begin:]
            return
        kept = text[begin:]
        if len(kept) > LONGEST:
            raise Refused(f"{file.name}: a statement of the dump does not end", "is a quote in it not closed?")
        # the last character may be the first of two that belong together
        at = max(at - begin, len(kept) - 1, 0)
        text, begin = kept + more, 0
