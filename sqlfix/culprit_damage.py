"""What causes ``database disk image is malformed``: broken pages, or an index that is not in step with its table."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator

from sqlfix.asked import Answer, Asked, Found, rows_where
from sqlfix.culprit_keys import of_finding
from sqlfix.culprit_schema import findings_of
from sqlfix.display import plural
from sqlfix.explanation import Culprit
from sqlfix.limits import limited
from sqlfix.model import Table, folded
from sqlfix.registry import TABLE_CHECKS
from sqlfix.scan import count_rows
from sqlfix.search_index import documents_of
from sqlfix.sql import quote

_OF_VALUES = re.compile(r"NULL value in |CHECK constraint failed in |(non-\w+|NUMERIC|TEXT) value in ")
"""What an integrity check says of the rows, and not of the file."""
_OF_INDEX = re.compile(
    r"(?:wrong # of entries in index|row \d+ missing from index|row \d+ values differ from index"
    r"|non-unique entry in index|rowid not at end-of-record for row \d+ of index) (?P<name>.+)",
    re.DOTALL,
)


def explain_damage(asked: Asked) -> Answer:
    """Search indexes that are out of step, which give the same message, and what SQLite's own check says."""
    found = Found(asked)
    for table in asked.schema.tables:
        if table.kind == "virtual":
            _of_virtual(found, table)
    lines = [line for line in _integrity(found) if not _OF_VALUES.match(line)]
    damage = [Culprit("damage", line, "") for line in lines if not _OF_INDEX.match(line)]
    found.culprits = [*damage, *_disagreeing(asked, lines), *found.culprits]
    if damage:
        return found.answer(
            "The file itself is damaged: its pages, not what is written in them. sqlfix does not mend that. Work on a"
            " copy: the sqlite3 shell's .recover saves what is left of the rows, and a backup is better."
        )
    if found.culprits:
        return found.answer(
            "SQLite says so of a damaged file, and so do full-text indexes that are not in step with their text, and"
            " indexes that disagree with their table. The pages of this file are whole: the index is to be made anew."
        )
    meaning = (
        "SQLite says so of a damaged file, whose pages are broken, and so do full-text indexes that are not in step"
        " with their text."
    )
    if not found.not_checked:
        meaning += (
            " This file passes SQLite's integrity check, and no full-text index of it was found out of step: it was"
            " another file, or another state of this one."
        )
    return found.answer(meaning, closing="No damage was found in {}.")


def _of_virtual(found: Found, table: Table) -> None:
    """Note what the checks find of a virtual table, or that they cannot tell."""
    for check in TABLE_CHECKS.all():
        try:
            found.culprits += (of_finding(finding) for finding in findings_of(found.asked, table, check))
        except sqlite3.DatabaseError as error:
            found.refused(table.name, error)
    if not found.culprits:
        found.culprits += _not_indexed(found, table)


def _not_indexed(found: Found, table: Table) -> Iterator[Culprit]:
    """Rows that a full-text index leaves out, on purpose or not: a trigger that takes them out of it again fails."""
    asked, index = found.asked, documents_of(found.asked.schema, table)
    content = asked.schema.table(index.content) if index else None
    if index is None or index.ids is None or content is None or content.kind != "table":
        return
    try:
        count, sample = rows_where(asked, content, f"{quote(index.key)} NOT IN ({index.ids.format('main')})", ())
    except sqlite3.DatabaseError as error:
        found.refused(table.name, error)
        return
    if count:
        yield Culprit(
            "fts-out-of-step",
            f"{plural(count, 'row')} of {content.name} {'is' if count == 1 else 'are'} not in the full-text index"
            f" {table.name}, and a trigger that takes such a row out of it fails with this message",
            table.name,
            count=count,
            sample=sample,
            hint="a trigger's WHEN has to leave out the same rows for a delete as for an insert; the index is made anew"
            f" by INSERT INTO {quote(table.name)}({quote(table.name)}) VALUES ('rebuild')",
        )


def _integrity(found: Found) -> list[str]:
    """What SQLite's integrity check says; where it needs what only the application has, what the quick check says."""
    asked, connection = found.asked, found.asked.connection
    connection.execute("PRAGMA ignore_check_constraints = ON")  # they say nothing of the file, and may never end
    try:
        for check in ("integrity_check", "quick_check"):
            try:
                rows = sum(count_rows(connection, t.name) for t in asked.schema.tables if t.kind == "table")
                with limited(rows, connection):
                    said = connection.execute(f"PRAGMA main.{check}(100)").fetchall()
                return [str(line) for (line,) in said if line != "ok"]
            except sqlite3.DatabaseError as error:
                found.refused(f"PRAGMA {check}", error)
        return []
    finally:
        connection.execute("PRAGMA ignore_check_constraints = OFF")


def _disagreeing(asked: Asked, lines: list[str]) -> Iterator[Culprit]:
    """The indexes that an integrity check speaks of, each once."""
    said: dict[str, list[str]] = {}
    for line in lines:
        if match := _OF_INDEX.match(line):
            said.setdefault(match["name"], []).append(line)
    for name, about in said.items():
        table = next((t for t in asked.schema.tables if any(folded(i.name) == folded(name) for i in t.indexes)), None)
        of = f" of {table.name}" if table else ""
        if any(line.startswith("non-unique") for line in about):
            message = f"rows{of} share a value that the unique index {name} allows once"
            command: tuple[str, ...] = ("scan", "--select", "duplicate-keys", "--select", table.name) if table else ()
            yield Culprit("duplicate-keys", message, table.name if table else "", command=command)
            continue
        hint = f"REINDEX {quote(name)} makes it anew from the rows; work on a copy first"
        message = f"the index {name}{of} disagrees with the rows of its table: {about[0]}"
        yield Culprit("index-disagrees", message, table.name if table else "", hint=hint)
