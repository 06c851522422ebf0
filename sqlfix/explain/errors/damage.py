"""What causes ``database disk image is malformed``: broken pages, or an index that is not in step with its table."""

import re
from collections.abc import Iterator

from sqlfix.explain.answers import Culprit
from sqlfix.explain.errors.inquiry import Asked, Found, of_finding
from sqlfix.scan.check import CHECKS
from sqlfix.scan.run import count_rows
from sqlfix.sql.create_virtual_table import FULL_TEXT, module_of
from sqlfix.sql.literals import quote
from sqlfix.sqlite.deadline import limited
from sqlfix.sqlite.integrity import NO_DAMAGE, complaints

_OF_INDEX = re.compile(
    r"(?:wrong # of entries in index|row \d+ missing from index|row \d+ values differ from index"
    r"|non-unique entry in index|rowid not at end-of-record for row \d+ of index) (?P<name>.+)",
    re.DOTALL,
)


_OF_FULL_TEXT = re.compile(r"(malformed|unable to validate the) inverted index for FTS|fts5: ")
"""What newer versions of SQLite say of a full-text index stands here already; the pages of the file are whole."""


def explain_damage(asked: Asked) -> Found:
    """Search indexes that are out of step, which give the same message, and what SQLite's own check says."""
    found = Found(asked)
    for table in (table for table in asked.schema.tables if table.kind == "virtual"):
        if table.unreadable and module_of(table.sql) in FULL_TEXT:
            found.unknown(table.name, table.unreadable)
        for check in CHECKS.all():
            with found.asking(table.name):
                found.culprits += map(of_finding, asked.findings_of(table, check))
    lines = [line for line in _integrity(found) if not _OF_FULL_TEXT.match(line)]
    of_pages = (line for line in lines if not re.match(NO_DAMAGE, line) and not _OF_INDEX.match(line))
    damage = [Culprit("damage", line, "") for line in of_pages]
    found.culprits = [*damage, *_disagreeing(asked, lines), *found.culprits]
    if damage:
        return found.answer(
            "The file itself is damaged: its pages, not what is written in them. sqlfix does not repair that. Work on"
            " a copy. The sqlite3 shell's .recover saves what is left of the rows; a backup is better."
        )
    if found.culprits:
        return found.answer(
            "SQLite gives this message for a damaged file, for a full-text index that is out of step with its text, and"
            " for an index that disagrees with its table. The pages of this file are whole: an index is out of step."
        )
    meaning = (
        "SQLite gives this message for a damaged file, whose pages are broken, and for a full-text index that is out of"
        " step with its text."
    )
    if not found.not_checked:
        meaning += (
            " This file passes SQLite's integrity check, and none of its full-text indexes was found out of step: the"
            " message came from another file, or from another state of this one."
        )
    return found.answer(meaning, closing="No damage was found in {}.")


def _integrity(found: Found) -> list[str]:
    """What SQLite's integrity check says; where it needs what only the application has, what the quick check says."""
    asked, connection = found.asked, found.asked.connection
    for check in ("integrity_check", "quick_check"):
        with found.asking(f"PRAGMA {check}"):
            rows = sum(count_rows(connection, t.name) for t in asked.schema.tables if t.kind == "table")
            pages = int(connection.execute("PRAGMA main.page_count").fetchone()[0])
            with limited(rows + pages, connection):
                return complaints(connection, f"{check}(100)")
    return []


def _disagreeing(asked: Asked, lines: list[str]) -> Iterator[Culprit]:
    """The indexes that an integrity check speaks of, each once."""
    said: dict[str, list[str]] = {}
    for line in lines:
        if match := _OF_INDEX.match(line):
            said.setdefault(match["name"], []).append(line)
    for name, about in said.items():
        table = asked.schema.table_of_index(name)
        of = f" of {table.name}" if table else ""
        if any(line.startswith("non-unique") for line in about):
            message = f"rows{of} share a value that the unique index {name} allows only once"
            command: tuple[str, ...] = ("scan", "--select", "duplicate-keys", "--select", table.name) if table else ()
            yield Culprit("duplicate-keys", message, table.name if table else "", command=command)
            continue
        hint = f"REINDEX {quote(name)} rebuilds it from the rows; work on a copy first"
        message = f"the index {name}{of} disagrees with the rows of its table: {about[0]}"
        yield Culprit("index-disagrees", message, table.name if table else "", hint=hint)
