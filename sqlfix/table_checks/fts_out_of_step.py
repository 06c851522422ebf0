"""# fts-out-of-step

**What it finds.** FTS5 full-text indexes that do not hold the same documents as the table which they are of: rows that
were never indexed, entries whose row is gone, and text that was changed behind the index's back. The ids are compared;
then, in files of up to 64 MB, FTS5's own integrity check is run on a copy in memory. An index without content
(`content=''`) has nothing to be compared with; one that keeps no list of its documents (`columnsize=0`) is only checked
by FTS5, and of a larger file it is listed as not checked.

**Why it matters.** Rows that are not in the index are found by no search, and an entry without its row makes a search
die with `database disk image is malformed`, although `PRAGMA integrity_check` says ok. Mostly the triggers that keep
the index in step were lost when a table was rebuilt.

**Example.** `notes_fts` lacks 12 rows of `notes`, and still has 3 that were deleted.

**How it is repaired and what that loses.** By `INSERT INTO notes_fts(notes_fts) VALUES('rebuild')`, which makes the
index anew and loses nothing; this version of sqlfix shows the statement. Where the application indexes only some of the
rows on purpose, missing ones are no fault, and a rebuild would add them: ignore the check there.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from sqlfix.database import memory_copy
from sqlfix.limits import limited, stop_if_interrupted, was_cut_off
from sqlfix.model import Finding, Row, Severity, Table, folded
from sqlfix.registry import TABLE_CHECKS, TableRule
from sqlfix.sql import quote
from sqlfix.table_probe import SAMPLE_ROWS, TableProbe
from sqlfix.virtual_text import fts5_options, module_of, read_virtual

MOST_COPIED = 64 << 20
"""Bytes of a file that is copied into memory for FTS5's own check."""


def inspect(probe: TableProbe) -> Iterator[Finding]:
    """The documents that are missing or too many, and whether the text is another one.

    The module itself is never asked in the file: its check is a write.
    """
    index = probe.table
    found = _content(probe) if module_of(index.sql) == "fts5" else None
    if found is None:
        return
    content, key = found
    docsize = probe.schema.table(f"{index.name}_docsize")
    if docsize is None or docsize.kind != "shadow":  # an index with columnsize=0 keeps no list of its documents
        if _is_stale(probe, must=True):
            yield _finding(index, content, stale=True)
        return
    documents = f"{quote(docsize.name)} AS d"
    query = f"SELECT count(*) FROM {documents} LEFT JOIN {quote(content.name)} AS c ON c.{key} = d.id"
    (held,) = probe.connection.execute(f"SELECT count(*) FROM {documents}").fetchone()
    with limited(held, probe.connection):  # the content may be a view, and a view need not end
        (superfluous,) = probe.connection.execute(f"{query} WHERE c.{key} IS NULL").fetchone()
        (rows,) = probe.connection.execute(f"SELECT count(*) FROM {quote(content.name)}").fetchone()
        missing = 0
        if rows != held - superfluous:
            (missing,) = probe.connection.execute(
                f"SELECT count(*) FROM ({_missing(content, key, docsize)})"
            ).fetchone()
        stale = not missing and not superfluous and _is_stale(probe)
        if not missing and not superfluous and not stale:
            return
        sample = () if stale else _sample(probe, content, key, docsize, missing > 0)
    yield _finding(index, content, missing, superfluous, stale, sample)


def _finding(
    index: Table,
    content: Table,
    missing: int = 0,
    superfluous: int = 0,
    stale: bool = False,
    sample: tuple[Row, ...] = (),
) -> Finding:
    return Finding(
        "fts-out-of-step", Severity.ERROR if superfluous or stale else Severity.WARNING, index.name, (), None, (),
        count=missing + superfluous, sample=sample,
        facts={"content": content.name, "missing": missing, "superfluous": superfluous, "stale": int(stale)},
    )  # fmt: skip


def _is_stale(probe: TableProbe, must: bool = False) -> bool:
    """True if FTS5's own check says that the index is not that of the text; it is run on a copy in memory.

    False where the file is too large for that: then the ids have to do.

    Raises:
        sqlite3.DatabaseError: where it cannot be run; also where the file is too large, if it ``must``.
    """
    size = 1
    for pragma in ("page_count", "page_size"):
        size *= int(probe.connection.execute(f"PRAGMA main.{pragma}").fetchone()[0])
    if size > MOST_COPIED:
        if must:
            raise sqlite3.DatabaseError("an index with columnsize=0 is only compared in files of up to 64 MB")
        return False
    name = quote(probe.table.name)
    with memory_copy(probe.connection) as copy, limited(0, copy):
        try:
            copy.execute(f"INSERT INTO {name}({name}, rank) VALUES ('integrity-check', 1)")
        except sqlite3.DatabaseError as error:
            if was_cut_off():
                raise
            stop_if_interrupted(error)
            if "malformed" in str(error):
                return True
            raise sqlite3.OperationalError(f"FTS5 cannot check it: {error}") from error
    return False


def _content(probe: TableProbe) -> tuple[Table, str] | None:
    """What the index is of, and the column that is the id of a document there, as SQL; None where there is none.

    Raises:
        sqlite3.DatabaseError: where what it is of is not there, or cannot be read here.
    """
    index = probe.table
    options = fts5_options(read_virtual(index.sql))
    named = options.get("content")
    if named is None and (own := probe.schema.table(f"{index.name}_content")):
        return own, "id"
    if not named:
        return None
    content = probe.schema.table(named)
    if content is None or content.kind == "virtual" or content.unreadable:
        why = "is not there" if content is None else content.unreadable or "is a virtual table"
        raise sqlite3.DatabaseError(f"the table {named}, which it is of: {why}")
    key = options.get("content_rowid", "rowid")
    columns = probe.connection.execute(f"PRAGMA main.table_info({quote(content.name)})")
    if folded(key) in {folded(str(row[1])) for row in columns}:
        return content, quote(key)
    # a view has no rowid, though SQLite lets one ask for it
    of_rowid = content.kind == "table" and not content.without_rowid and folded(key) in ("rowid", "_rowid_", "oid")
    if not of_rowid:
        raise sqlite3.DatabaseError(f"the table {named}, which it is of, has no column {key}")
    return content, quote(key)


def _missing(content: Table, key: str, docsize: Table) -> str:
    """A query for the ids of the rows that are not in the index."""
    known = f"SELECT 1 FROM {quote(docsize.name)} AS d WHERE d.id = c.{key}"
    return f"SELECT c.{key} FROM {quote(content.name)} AS c WHERE NOT EXISTS ({known})"


def _sample(probe: TableProbe, content: Table, key: str, docsize: Table, missing: bool) -> tuple[Row, ...]:
    """The ids of some documents that are missing, or else of some that are too many."""
    known = f"SELECT 1 FROM {quote(content.name)} AS c WHERE c.{key} = d.id"
    superfluous = f"SELECT d.id FROM {quote(docsize.name)} AS d WHERE NOT EXISTS ({known})"
    query = _missing(content, key, docsize) if missing else superfluous
    ids = probe.connection.execute(f"{query} LIMIT {SAMPLE_ROWS}").fetchall()
    return tuple(Row((("rowid", number),), ()) for (number,) in ids)


def message(finding: Finding) -> str:
    """How many documents are missing, and how many are too many."""
    facts = finding.facts
    missing, superfluous = int(facts["missing"] or 0), int(facts["superfluous"] or 0)
    if facts["stale"]:
        return f"the full-text index {finding.table} is not that of the text in {facts['content']}"
    parts = []
    if missing:
        parts.append(f"lacks {'1 row' if missing == 1 else f'{missing:,} rows'} of {facts['content']}")
    if superfluous:
        parts.append(f"holds {superfluous:,} that {'is' if superfluous == 1 else 'are'} not there")
    text = f"the full-text index {finding.table} {' and '.join(parts)}"
    return text if missing else f"{text} in {facts['content']}"


def hint(finding: Finding) -> str | None:
    """The statement that makes the index anew."""
    name = quote(finding.table)
    return f"it can be made anew from its table: INSERT INTO {name}({name}) VALUES ('rebuild')"


TABLE_CHECKS.add(
    "fts-out-of-step",
    TableRule("fts-out-of-step", Severity.ERROR, message, hint, __doc__, inspect=inspect, kinds=frozenset({"virtual"})),
)
